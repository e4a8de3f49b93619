//! What says that a model is the one it is taken for: its digest and its signature.

mod common;

use std::path::Path;

use assert_cmd::Command;
use common::{csv, rows, write};
use rubrique::Classifier;
use rubrique::pipeline::{Digest, TrainSettings, count_loaded, train};
use tempfile::TempDir;

fn rubrique() -> Command {
    Command::cargo_bin("rubrique").unwrap()
}

fn stdout(command: &mut Command, code: i32) -> String {
    String::from_utf8(command.assert().code(code).get_output().stdout.clone()).unwrap()
}

/// A model of several topics, trained fast.
fn model(folder: &Path) -> std::path::PathBuf {
    let corpus = write(folder, "corpus.csv", csv(&rows(12, true)));
    let model = folder.join("m.rubrique");
    rubrique()
        .args(["train", "--no-tune", "--quiet", "--model"])
        .args([&model, &corpus])
        .assert()
        .code(0);
    model
}

#[test]
fn the_digest_is_that_of_the_file() {
    let folder = TempDir::new().unwrap();
    let model = model(folder.path());
    let digest = Digest::of(&std::fs::read(&model).unwrap()).to_string();
    assert_eq!(digest.len(), 64);
    let shown = stdout(rubrique().arg("inspect").arg(&model), 0);
    assert!(shown.starts_with(&format!("SHA-256 of the file: {digest}\n")), "{shown}");
    let json = stdout(rubrique().args(["inspect", "--json"]).arg(&model), 0);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["digest"], digest);
    assert_eq!(json["format_version"], 1);
    assert_eq!(Classifier::load(&model).unwrap().digest().unwrap().to_string(), digest);
}

#[test]
fn the_card_of_the_press_model_says_which_file_it_is_of() {
    let card = std::fs::read_to_string("models/README.md").unwrap();
    let digest = Classifier::press().unwrap().digest().unwrap().to_string();
    assert!(card.contains(&format!("SHA-256 `{digest}`")), "it is {digest}");
}

#[test]
fn a_model_that_was_just_trained_has_the_digest_of_its_file() {
    let settings = TrainSettings { tune: false, ..TrainSettings::default() };
    let articles = common::articles(&rows(12, true));
    let corpus = count_loaded(&articles, &settings.analyzer, settings.zones).unwrap();
    let trained = train(corpus, &settings).unwrap();
    let bytes = trained.to_bytes().unwrap();
    assert_eq!(trained.digest().unwrap(), Digest::of(&bytes));
    let read = Classifier::from_bytes(&bytes, Path::new("m.rubrique")).unwrap();
    assert_eq!(read.digest().unwrap(), Digest::of(&bytes));
}

/// Keys and a signature that the minisign tool (0.11) made of a golden model.
fn made_by_minisign(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/minisign").join(name)
}

fn golden_model() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/formats/model-2-topics.rubrique")
}

/// `rubrique model`, its exit status and what it says on both streams.
fn run_model(args: &[&std::ffi::OsStr]) -> (i32, String) {
    let output = rubrique().arg("model").args(args).write_stdin("").output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

macro_rules! model {
    ($($arg:expr),+ $(,)?) => { run_model(&[$($arg.as_ref()),+]) };
}

#[test]
fn signatures_of_minisign_are_good() {
    let (model, key, signature) =
        (golden_model(), made_by_minisign("tool.pub"), made_by_minisign("tool.minisig"));
    let (code, said) = model!("verify", model, "--key", key, "--signature", signature);
    assert_eq!(code, 0, "{said}");
    let digest = Digest::of(&std::fs::read(&model).unwrap()).to_string();
    assert!(said.contains("good signature") && said.contains(&digest), "{said}");
    assert!(said.contains("for the tests"), "the signed comment: {said}");
    // The key itself in place of its file.
    let line = std::fs::read_to_string(&key).unwrap().lines().nth(1).unwrap().to_owned();
    assert_eq!(model!("verify", model, "--key", line, "--signature", signature).0, 0);
}

#[test]
fn keys_of_minisign_sign() {
    let folder = TempDir::new().unwrap();
    let signature = folder.path().join("m.minisig");
    let model = golden_model();
    let passphrase = write(folder.path(), "passphrase", "rubrique\n");
    let wrong = write(folder.path(), "wrong", "rubriques\n");
    for (name, more) in [("tool", None), ("locked", Some(&passphrase))] {
        let mut command = rubrique();
        command.args(["model", "sign"]).arg(&model).arg("--signature").arg(&signature);
        command.arg("--key").arg(made_by_minisign(&format!("{name}.key")));
        if let Some(file) = more {
            command.arg("--passphrase-file").arg(file);
        }
        command.assert().code(0).stdout("");
        let public = made_by_minisign(&format!("{name}.pub"));
        let (code, said) = model!("verify", model, "--key", public, "--signature", signature);
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("file:model-2-topics.rubrique sha256:"), "{said}");
    }
    let key = made_by_minisign("locked.key");
    let (code, said) =
        model!("sign", model, "--key", key, "--passphrase-file", wrong, "--signature", signature);
    assert!(code == 2 && said.contains("Wrong password") && said.contains("try: "), "{said}");
}

#[test]
fn what_was_not_signed_is_not_good() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let model = folder.join("m.rubrique");
    std::fs::copy(golden_model(), &model).unwrap();
    let (key, public) = (folder.join("team.key"), folder.join("team.pub"));
    let keygen = || model!("keygen", "--key", key, "--public-key", public, "--no-passphrase");
    assert_eq!(keygen().0, 0);
    let (code, said) = keygen();
    assert!(code == 2 && said.contains("there is a file already"), "{said}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let verify = |by: &Path| model!("verify", model, "--key", by);
    let (code, said) = verify(&public);
    assert!(code == 2 && said.contains("there is no signature here"), "{said}");
    assert_eq!(model!("sign", model, "--key", key).0, 0);
    assert_eq!(verify(&public).0, 0);
    // Somebody else's key.
    let (code, said) = verify(&made_by_minisign("tool.pub"));
    assert!(code == 1 && said.contains("bad signature"), "{said}");
    // No key at all.
    assert_eq!(verify(&golden_model()).0, 2);
    assert_eq!(verify(Path::new("nowhere.pub")).0, 2);
    // A comment that was changed.
    let signature = folder.join("m.rubrique.minisig");
    let good = std::fs::read_to_string(&signature).unwrap();
    std::fs::write(&signature, good.replace("file:m.", "file:n.")).unwrap();
    assert_eq!(verify(&public).0, 1);
    std::fs::write(&signature, &good[..good.len() / 2]).unwrap();
    assert_eq!(verify(&public).0, 2);
    std::fs::write(&signature, &good).unwrap();
    // A model that was changed, by one bit anywhere.
    let bytes = std::fs::read(&model).unwrap();
    for at in [0, 60, bytes.len() - 1] {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        std::fs::write(&model, altered).unwrap();
        let (code, said) = verify(&public);
        assert!(code == 1 && said.contains("bad signature"), "byte {at}: {said}");
    }
    // What is no model is not signed.
    let (code, said) = model!("sign", public, "--key", key);
    assert!(code == 2 && said.contains("try: "), "{said}");
}

#[test]
fn classify_can_ask_for_a_signature() {
    let folder = TempDir::new().unwrap();
    let model = folder.path().join("m.rubrique");
    std::fs::copy(golden_model(), &model).unwrap();
    let classify = |key: &str, code: i32| {
        let mut command = rubrique();
        command
            .args(["classify", "tests/golden/formats/articles.csv", "--quiet", "--model"])
            .arg(&model);
        command.arg("--verify-key").arg(made_by_minisign(key));
        let output = command.assert().code(code).get_output().clone();
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (table, said) = classify("tool.pub", 2);
    assert!(table.is_empty() && said.contains("there is no signature here"), "{said}");
    std::fs::copy(made_by_minisign("tool.minisig"), folder.path().join("m.rubrique.minisig"))
        .unwrap();
    // One of the articles is too short to be classified.
    assert_eq!(classify("tool.pub", 1).0.lines().count(), 9);
    let (table, said) = classify("locked.pub", 2);
    assert!(table.is_empty() && said.contains("its signature is bad"), "{said}");
}
