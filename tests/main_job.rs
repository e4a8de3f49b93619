//! The README's first command: the sample articles, the ready model, the result a newcomer sees.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

const LABELS: [&str; 3] = ["diplomacy", "money_laundering", "terrorism"];

fn rows(path: &Path) -> (Vec<String>, Vec<BTreeMap<String, String>>) {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.deserialize().map(Result::unwrap).collect();
    (header, rows)
}

fn set(cell: &str) -> BTreeSet<&str> {
    cell.split(';').filter(|t| !t.is_empty() && *t != "other").collect()
}

/// Checks the file named by RUBRIQUE_CHECK_OUTPUT, or runs the command itself.
#[test]
fn sample_articles_get_their_topics() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let output = match std::env::var_os("RUBRIQUE_CHECK_OUTPUT") {
        Some(path) => root.join(path),
        None => {
            let output = folder.path().join("topics.csv");
            let status = Command::new(env!("CARGO_BIN_EXE_rubrique"))
                .args(["classify", "data/articles.csv", "--quiet", "--output"])
                .arg(&output)
                .current_dir(root)
                .status()
                .unwrap();
            assert!(status.success());
            output
        }
    };
    let (_, articles) = rows(&root.join("data/articles.csv"));
    let (header, found) = rows(&output);
    let expected = "id,date,source,title,topics,topic,confidence,p_diplomacy,p_money_laundering,\
                    p_terrorism,decision,status,possible";
    assert_eq!(header.join(","), expected);
    let ids = |rows: &[BTreeMap<String, String>]| -> Vec<String> {
        rows.iter().map(|r| r["id"].clone()).collect()
    };
    assert_eq!(ids(&found), ids(&articles));
    for row in &found {
        let topics = set(&row["topics"]);
        assert!(topics.iter().all(|t| LABELS.contains(t)), "{row:?}");
        assert_eq!(
            row["topic"],
            row["topics"].split(';').find(|t| !t.is_empty()).unwrap_or("other")
        );
        assert!(["accept", "review"].contains(&row["decision"].as_str()), "{row:?}");
        assert_eq!(row["status"], "ok");
        for label in LABELS {
            let p: f64 = row[&format!("p_{label}")].parse().unwrap();
            assert!((0.0..=1.0).contains(&p), "{row:?}");
        }
    }
    // The labels their writers meant; the articles are in no training set.
    let (_, truth) = rows(&root.join("tests/golden/articles-labels.csv"));
    let right =
        found.iter().zip(&truth).filter(|(f, t)| set(&f["topics"]) == set(&t["labels"])).count();
    assert!(right >= 20, "only {right} of {} articles got the labels meant", found.len());
}
