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
