//! `model`: keys, signatures, and whether a model is the one that was signed.

use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};
use rubrique::Classifier;
use rubrique::pipeline::Digest;

use super::Ending;
use super::args::{Keygen, Model, Shared, Sign, Verify};
use super::output::write_file;
use super::signature::{self, Verdict};

pub(super) fn run(command: Model, shared: &Shared) -> Result<Ending> {
    match command {
        Model::Keygen(args) => keygen(&args, shared),
        Model::Sign(args) => sign(&args, shared),
        Model::Verify(args) => verify(&args),
    }
}

fn keygen(args: &Keygen, shared: &Shared) -> Result<Ending> {
    for path in [&args.key, &args.public_key] {
        if path.exists() {
            bail!(
                "{}: there is a file already, which might be a key; try: another name",
                path.display()
            );
        }
    }
    let passphrase = match args.no_passphrase {
        true => None,
        false => Some(new_passphrase(args.passphrase_file.as_deref())?),
    };
    let (public, secret) = signature::new_keys(passphrase)?;
    write_secret(&args.key, &secret)?;
    write_file(&args.public_key, public.as_bytes())?;
    if !shared.quiet {
        eprintln!("secret key written to {}: keep it", args.key.display());
        eprintln!("public key written to {}: give it away", args.public_key.display());
    }
    Ok(Ending::Done)
}

/// A passphrase that was typed is typed twice: a typo would lock the key for good.
fn new_passphrase(file: Option<&Path>) -> Result<String> {
    let first = signature::passphrase(file, "Passphrase of the new secret key: ")?;
    if first.is_empty() {
        bail!("the passphrase is empty; try: --no-passphrase for a key without one");
    }
    if file.is_none() && signature::passphrase(None, "Once more: ")? != first {
        bail!("the two passphrases differ; try: again");
    }
    Ok(first)
}

/// Only its owner may read it.
fn write_secret(path: &Path, secret: &str) -> Result<()> {
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(secret.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| anyhow::anyhow!("{}: {error}; try: another --key", path.display()))
}

fn sign(args: &Sign, shared: &Shared) -> Result<Ending> {
    let bytes = read(&args.model)?;
    // Who mistypes a name should not sign something else.
    Classifier::from_bytes(&bytes, &args.model)?;
    let target = args.signature.clone().unwrap_or_else(|| signature::path_of(&args.model));
    let key = signature::secret_key(&args.key, args.passphrase_file.as_deref())?;
    let text = signature::sign(&bytes, &args.model, &key)?;
    write_file(&target, text.as_bytes())?;
    if !shared.quiet {
        eprintln!("signature written to {}", target.display());
    }
    Ok(Ending::Done)
}

fn verify(args: &Verify) -> Result<Ending> {
    let key = signature::public_key(&args.key)?;
    let bytes = read(&args.model)?;
    let path = args.signature.clone().unwrap_or_else(|| signature::path_of(&args.model));
    let name = args.model.display();
    match signature::verify(&bytes, &path, &key)? {
        Verdict::Good { comment } => {
            let mut out = std::io::stdout().lock();
            writeln!(out, "{name}: good signature by the key {}", key.to_base64())?;
            writeln!(out, "SHA-256 of the file: {}", Digest::of(&bytes))?;
            writeln!(out, "signed with it: {}", comment.replace('\t', " "))?;
            out.flush()?;
            Ok(Ending::Done)
        }
        Verdict::Bad { why } => {
            eprintln!("{name}: bad signature: {why}");
            Ok(Ending::Findings)
        }
    }
}

/// A model that the owner of a public key signed. Only what was signed is taken apart.
pub(super) fn load_signed(path: &Path, key: &Path) -> Result<Classifier> {
    let key = signature::public_key(key)?;
    let bytes = read(path)?;
    match signature::verify(&bytes, &signature::path_of(path), &key)? {
        Verdict::Good { .. } => Ok(Classifier::from_bytes(&bytes, path)?),
        Verdict::Bad { why } => bail!(
            "{}: the model is not used, its signature is bad: {why}; try: the model as it was signed, or the key of who signed it",
            path.display()
        ),
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path)
        .map_err(|error| anyhow::anyhow!("{}: {error}; try: another path", path.display()))
}
