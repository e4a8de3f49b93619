//! Detached signatures in the format of minisign: who vouches for a file.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use base64::prelude::{BASE64_STANDARD, Engine};
use minisign::{KeyPair, PublicKey, PublicKeyBox, SecretKey, SecretKeyBox, SignatureBox};
use rubrique::pipeline::Digest;

/// Where the signature of a file is looked for if nobody says where: beside it, as minisign does.
pub(crate) fn path_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".minisig");
    name.into()
}

/// What a signature says of a file.
pub(crate) enum Verdict {
    /// The key's owner signed these bytes, and this comment.
    Good { comment: String },
    /// The file, the signature or the comment is not what was signed, or somebody else signed.
    Bad { why: String },
}

/// Checks the bytes of a file. An error where that cannot be done: no signature, or something that is none.
pub(crate) fn verify(bytes: &[u8], signature: &Path, key: &PublicKey) -> Result<Verdict> {
    let hint = "rubrique model sign, or --signature FILE";
    let text = read(signature, "there is no signature here", hint)?;
    let signature = SignatureBox::from_string(&text).map_err(|error| {
        anyhow!("{}: this is no signature of minisign ({error}); try: {hint}", signature.display())
    })?;
    Ok(match minisign::verify(key, &signature, Cursor::new(bytes), true, false, true) {
        Ok(()) => Verdict::Good { comment: signature.trusted_comment().unwrap_or_default() },
        Err(error) => Verdict::Bad { why: error.to_string() },
    })
}

/// The signature of the bytes of a file. What it says of the file beside is signed too: its name and its digest.
pub(crate) fn sign(bytes: &[u8], file: &Path, key: &SecretKey) -> Result<String> {
    let name = file.file_name().map_or_else(Default::default, |name| name.to_string_lossy());
    let comment = format!("file:{name}\tsha256:{}", Digest::of(bytes));
    let public = PublicKey::from_secret_key(key)?;
    let beside = "signature of a model of rubrique";
    let signature =
        minisign::sign(Some(&public), key, Cursor::new(bytes), Some(&comment), Some(beside))?;
    Ok(signature.into_string())
}

/// A public key: a file that holds one, or the key itself.
pub(crate) fn public_key(key: &Path) -> Result<PublicKey> {
    if let Some(Ok(key)) = key.to_str().filter(|_| !key.exists()).map(PublicKey::from_base64) {
        return Ok(key);
    }
    let hint = "the file of a public key (rubrique model keygen, minisign -G), or the key itself";
    let text = read(key, "there is no such file, and this is no key", hint)?;
    let parsed = PublicKeyBox::from_string(&text).and_then(PublicKeyBox::into_public_key);
    parsed
        .map_err(|error| anyhow!("{}: this is no public key ({error}); try: {hint}", key.display()))
}

/// A secret key, unlocked by its passphrase where it has one.
pub(crate) fn secret_key(key: &Path, passphrase: Option<&Path>) -> Result<SecretKey> {
    let hint = "the file of a secret key (rubrique model keygen, minisign -G)";
    let text = read(key, "there is no such file", hint)?;
    let refuse = |error: minisign::PError| anyhow!("{}: {error}; try: {hint}", key.display());
    if let Some(key) = without_passphrase(&text) {
        return SecretKey::from_bytes(&key).map_err(refuse);
    }
    let locked = SecretKeyBox::from_string(&text).map_err(refuse)?;
    let passphrase = self::passphrase(passphrase, "Passphrase of the secret key: ")?;
    locked.into_secret_key(Some(passphrase)).map_err(|error| {
        anyhow!("{}: {error}; try: the passphrase it was made with, or {hint}", key.display())
    })
}

/// The bytes of a secret key that no passphrase locks. The minisign tool leaves the checksum of such a key empty, which the crate's own
/// reading refuses; signing tells whether both halves of the key belong together.
fn without_passphrase(text: &str) -> Option<Vec<u8>> {
    let bytes = BASE64_STANDARD.decode(text.lines().nth(1)?.trim()).ok()?;
    // Two bytes of the signature algorithm, two of the key derivation: none.
    (bytes.get(2..4)? == [0, 0]).then_some(bytes)
}

/// A new pair of keys as the contents of their files, the secret one locked by a passphrase or, if that is wanted, not at all.
pub(crate) fn new_keys(passphrase: Option<String>) -> Result<(String, String)> {
    let KeyPair { pk, sk } = match passphrase {
        Some(passphrase) => KeyPair::generate_encrypted_keypair(Some(passphrase))?,
        None => KeyPair::generate_unencrypted_keypair()?,
    };
    Ok((pk.to_box()?.into_string(), sk.to_box(Some("secret key of rubrique"))?.into_string()))
}

/// The first line of a file, or what is typed at the terminal.
pub(crate) fn passphrase(file: Option<&Path>, prompt: &str) -> Result<String> {
    let Some(file) = file else {
        return rpassword::prompt_password(prompt)
            .context("no passphrase can be asked for here; try: --passphrase-file FILE");
    };
    let text = read(file, "there is no such file", "a file whose first line is the passphrase")?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => bail!("{}: the first line is empty; try: the passphrase in it", file.display()),
    }
}

fn read(path: &Path, missing: &str, hint: &str) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => anyhow!("{}: {missing}; try: {hint}", path.display()),
        _ => anyhow!("{}: {error}; try: {hint}", path.display()),
    })
}
