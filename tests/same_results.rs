//! `classify` gives the same bytes at any number of threads, and each article the same row wherever it stands in the input.

mod common;

use std::path::Path;

use assert_cmd::Command;
use common::{Dice, records, write};
use tempfile::TempDir;

/// Articles of the project, with rows among them that come out as something else than classified.
fn rows() -> Vec<Vec<String>> {
    let mut rows = records(&std::fs::read_to_string("data/corpus.csv").unwrap());
    let width = rows[0].len();
    let at = |name: &str| rows[0].iter().position(|column| column == name).unwrap();
    let (id, text) = (at("id"), at("text"));
    let odd = [
        ("empty", ""),
        ("english", "The ministers of both countries met on Monday and signed the treaty at last."),
        ("short", "Oui"),
        ("unknown", "zzz yyy xxx www vvv"),
        (
            "page",
            "<html><title>Un traité</title><p>Les deux ministres ont signé le traité de paix hier soir.</p></html>",
        ),
        ("quotes", "Il a dit \"oui\" ;\nà la ligne, les \"deux\" ministres ont signé le traité."),
    ];
    for (number, (name, content)) in odd.iter().cycle().take(60).enumerate() {
        let mut row = vec![String::new(); width];
        row[id] = format!("{name}-{number}");
        row[text] = (*content).to_owned();
        // Some are too wide or too narrow for their header.
        match number % 10 {
            7 => row.push("more".to_owned()),
            8 => row.truncate(text + 1),
            _ => {}
        }
        let place = 1 + number * 11;
        rows.insert(place, row);
    }
    rows
}

fn table<'r>(rows: impl IntoIterator<Item = &'r Vec<String>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    rows.into_iter().for_each(|row| writer.write_record(row).unwrap());
    writer.into_inner().unwrap()
}

fn classify(input: &Path, threads: usize, options: &[&str]) -> String {
    let mut command = Command::cargo_bin("rubrique").unwrap();
    command.args(["classify", "--quiet", "--threads", &threads.to_string()]).args(options);
    let output =
        command.args(["--output", "-"]).arg(input).assert().code(1).get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}

#[test]
fn threads_change_nothing() {
    let folder = TempDir::new().unwrap();
    let input = write(folder.path(), "articles.csv", table(&rows()));
    for options in [
        &["--explain", "3"][..],
        &["--output-format", "jsonl", "--keep-text"],
        &["--find-repeated", "--mapping", "default"],
    ] {
        let one = classify(&input, 1, options);
        assert!(one.lines().count() >= rows().len() - 1);
        for threads in [2, 8, 64] {
            assert!(classify(&input, threads, options) == one, "{threads} threads, {options:?}");
        }
    }
}

#[test]
fn order_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let rows = rows();
    let input = write(folder.path(), "articles.csv", table(&rows));
    for (seed, options) in [(1, &["--explain", "3"][..]), (2, &["--find-repeated"])] {
        let expected = records(&classify(&input, 2, options));
        assert_eq!(expected.len(), rows.len());
        // Drawn without replacement: the row that comes at each place.
        let mut dice = Dice(seed);
        let mut left: Vec<usize> = (1..rows.len()).collect();
        let order: Vec<usize> =
            (1..rows.len()).map(|_| left.swap_remove(dice.roll(left.len()))).collect();
        assert!(!order.is_sorted());
        let shuffled = table([0].iter().chain(&order).map(|&at| &rows[at]));
        let shuffled = write(folder.path(), "shuffled.csv", shuffled);
        let found = records(&classify(&shuffled, 8, options));
        assert_eq!(found[0], expected[0]);
        for (row, &at) in found[1..].iter().zip(&order) {
            assert_eq!(row, &expected[at]);
        }
        assert_eq!(found.len(), expected.len());
    }
}
