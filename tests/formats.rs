//! What other programs and other releases rely on: models and counts of every released version are read for good, and columns and keys
//! stay what they are called.
//!
//! `RUBRIQUE_WRITE_GOLDEN=1` writes golden files that are missing: those of a new version of a file, which then stay as they are.

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use common::{csv, records, rows, write};
use rubrique::Classifier;
use rubrique::pipeline::{CountedCorpus, MODEL_VERSION, SHARD_VERSION};
use rubrique::text::View;
use serde_json::Value;
use tempfile::TempDir;

/// The versions of the first release.
const FIRST_MODEL: u32 = 2;
const FIRST_SHARD: u32 = 3;

/// What models can hold: refined topics with targets and topic terms, one label in several views, a Gaussian model.
const KINDS: [&str; 3] = ["topics", "one-label", "gaussian"];

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/formats").join(name)
}

fn may_write(path: &Path) -> bool {
    !path.exists() && std::env::var("RUBRIQUE_WRITE_GOLDEN").is_ok_and(|v| v == "1")
}

fn rubrique() -> Command {
    Command::cargo_bin("rubrique").unwrap()
}

fn stdout(command: &mut Command) -> String {
    String::from_utf8(command.assert().get_output().stdout.clone()).unwrap()
}

fn train_golden(kind: &str, model: &Path) {
    let folder = TempDir::new().unwrap();
    let several = kind != "one-label";
    let corpus = write(folder.path(), "corpus.csv", csv(&rows(12, several)));
    let terms = write(
        folder.path(),
        "topics.csv",
        "topic,term,weight\ncycling,peloton,2\ncycling,maillot jaune,1\n",
    );
    let mut command = rubrique();
    command.args(["train", "--quiet", "--model"]).args([model, &corpus]);
    match kind {
        "topics" => command.args(["--target", "terrorism:recall=0.9", "--topic-terms"]).arg(terms),
        "one-label" => command.args(["--no-tune", "--views", "words,characters,classes"]),
        _ => command.args(["--no-tune", "--algorithm", "gaussian", "--gaussian-columns", "40"]),
    };
    command.assert().code(0);
}

fn classified(model: &Path) -> String {
    stdout(
        rubrique().args(["classify", "--quiet", "--model"]).arg(model).arg(golden("articles.csv")),
    )
}

#[test]
fn models_of_every_version_give_what_they_gave() {
    for version in FIRST_MODEL..=MODEL_VERSION {
        for kind in KINDS {
            let model = golden(&format!("model-{version}-{kind}.rubrique"));
            let expected = model.with_extension("csv");
            if version == MODEL_VERSION && may_write(&model) {
                train_golden(kind, &model);
                std::fs::write(&expected, classified(&model)).unwrap();
            }
            let bytes = std::fs::read(&model).unwrap();
            assert_eq!(bytes[8..12], version.to_le_bytes(), "{}", model.display());
            let expected = records(&std::fs::read_to_string(&expected).unwrap());
            assert!(expected.len() > 5 && expected[0].contains(&"p_terrorism".to_owned()));
            // A later release may have more columns.
            let found = records(&classified(&model));
            for name in &expected[0] {
                let [expected, found] = [&expected, &found].map(|r| common::column(r, name));
                assert_eq!(expected, found, "{}, column {name}", model.display());
            }
            if version == MODEL_VERSION {
                // What was read is written again as it was.
                assert!(Classifier::load(&model).unwrap().to_bytes().unwrap() == bytes);
            }
        }
    }
}

/// Labels and words of each article of a shard.
fn articles_of(counts: &CountedCorpus) -> String {
    let mut out = String::new();
    for i in 0..counts.articles() {
        let labels: Vec<&str> = counts.members[i].iter().map(|&l| &*counts.labels[l]).collect();
        let _ = write!(out, "{:016x} {}:", counts.keys[i], labels.join(";"));
        for (term, count) in counts.matrix.row(i).iter() {
            let term = &counts.terms[term.index()];
            if View::of(term) == View::Words {
                let _ = write!(out, " {term} {count}");
            }
        }
        for (form, _) in counts.spellings.matrix.row(i).iter() {
            let (form, term) = &counts.spellings.forms[form.index()];
            let _ = write!(out, " {form}={}", counts.terms[*term as usize]);
        }
        out.push('\n');
    }
    out
}

#[test]
fn counts_of_every_version_are_read() {
    for version in FIRST_SHARD..=SHARD_VERSION {
        let shard = golden(&format!("shard-{version}.counts"));
        let expected = shard.with_extension("txt");
        if version == SHARD_VERSION && may_write(&shard) {
            let folder = TempDir::new().unwrap();
            let corpus = write(folder.path(), "corpus.csv", csv(&rows(2, true)));
            let mut command = rubrique();
            command.args(["train", "--quiet", "--counts"]).args([&shard, &corpus]).assert().code(0);
            std::fs::write(&expected, articles_of(&CountedCorpus::load(&shard).unwrap())).unwrap();
        }
        let bytes = std::fs::read(&shard).unwrap();
        assert_eq!(bytes[8..12], version.to_le_bytes());
        let counts = CountedCorpus::load(&shard).unwrap();
        assert_eq!(articles_of(&counts), std::fs::read_to_string(&expected).unwrap());
        if version == SHARD_VERSION {
            assert!(counts.to_bytes().unwrap() == bytes);
        }
    }
}

/// The keys of an object and of the objects in it, in their order; of a list those of its first element. Objects whose keys are names
/// (topics, labels, terms) are told by their first.
fn keys(value: &Value, path: &str, out: &mut String) {
    match value {
        Value::Object(object) => {
            let named = [
                "topics",
                "low.topics",
                "top_terms",
                "telling_terms",
                "statuses",
                "by_topic",
                "encodings",
            ];
            let is_named = named.iter().any(|name| path.ends_with(name));
            for (key, inner) in object.iter().take(if is_named { 1 } else { usize::MAX }) {
                let key = if is_named { "<name>" } else { key };
                let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                let _ = writeln!(out, "  {path}");
                keys(inner, &path, out);
            }
        }
        Value::Array(list) => {
            if let Some(first) = list.first().filter(|first| first.is_object()) {
                keys(first, &format!("{path}[]"), out);
            }
        }
        _ => {}
    }
}

#[test]
fn columns_and_keys_stay() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let model = golden(&format!("model-{MODEL_VERSION}-topics.rubrique"));
    let articles = golden("articles.csv");
    let labelled = write(folder, "labelled.csv", csv(&rows(6, true)));
    let mut found = String::new();
    let mut header = |name: &str, table: &str| {
        let _ = writeln!(found, "{name}\n  {}", table.lines().next().unwrap());
    };
    let with_model = |command: &str, more: &[&str], input: &Path| {
        stdout(rubrique().arg(command).arg(input).arg("--model").arg(&model).args(more))
    };
    let all = ["--explain", "2", "--keep-text", "--mapping", "default", "--quiet"];
    header("classify", &with_model("classify", &all, &articles));
    header("audit", &stdout(rubrique().args(["audit", "--quiet", "--no-tune"]).arg(&labelled)));
    let drift = ["--quiet", "--drift", labelled.to_str().unwrap()];
    header("audit --drift", &with_model("audit", &drift, &articles));
    let report = folder.join("report");
    with_model("evaluate", &["--quiet", "--report", report.to_str().unwrap()], &labelled);
    for name in ["per_topic.csv", "confusion.csv", "predictions.csv", "errors.csv"] {
        header(name, &std::fs::read_to_string(report.join(name)).unwrap());
    }
    let mut object = |name: &str, text: &str| {
        let _ = writeln!(found, "{name}");
        keys(&serde_json::from_str(text).unwrap(), "", &mut found);
    };
    let first = |lines: String| lines.lines().next().unwrap().to_owned();
    let jsonl = [&all[..], &["--output-format", "jsonl"]].concat();
    object("classify --output-format jsonl", &first(with_model("classify", &jsonl, &articles)));
    object("metrics.json", &std::fs::read_to_string(report.join("metrics.json")).unwrap());
    object("inspect --json", &stdout(rubrique().args(["inspect", "--json"]).arg(&model)));
    let topics = folder.join("topics.csv");
    with_model("classify", &["--quiet", "--output", topics.to_str().unwrap()], &articles);
    let manifest = std::fs::read_to_string(folder.join("topics.csv.manifest.json")).unwrap();
    object("manifest of classify", &manifest);
    object("explain --json", &first(with_model("explain", &["--json"], &articles)));
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/pages/p13.txt");
    object("clean", &first(stdout(rubrique().arg("clean").arg(page))));
    let mut tokenize = rubrique();
    tokenize.args(["tokenize", "-"]).write_stdin("L'accord a été signé.");
    object("tokenize", &first(stdout(&mut tokenize)));
    let expected = golden("columns.txt");
    if may_write(&expected) {
        std::fs::write(&expected, &found).unwrap();
    }
    let expected = std::fs::read_to_string(expected).unwrap();
    assert!(
        found == expected,
        "columns or keys have changed (ARCHITECTURE.md, Formats, says what may); now:\n{found}"
    );
}
