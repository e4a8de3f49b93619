//! Many articles through `classify` in bounded memory, with kills at random moments and resumes, checked row by row.
//!
//! A small form runs always. The large one is asked for by its number of articles:
//!
//!     RUBRIQUE_SOAK=5000000 RUBRIQUE_SOAK_KILLS=12 cargo test --release --test soak -- --nocapture
#![cfg(unix)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Instant;

use common::interrupted::{
    Dice, beside, generate, json, kill_and_resume, length, rubrique, sample,
};
use common::{rows, write};
use tempfile::TempDir;

/// Memory that no run may use more of, however many articles there are, in bytes.
const MOST_MEMORY: u64 = 512 << 20;
const SEED: u64 = 20_261_128;

fn asked(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |value| value.parse().expect(name))
}

/// Different articles, good and bad, as rows without their ids.
fn pool() -> (String, Vec<String>) {
    let (header, mut pool) = sample();
    for row in rows(60, true) {
        pool.push(format!("2026-03-01,Le Journal,\"{}\",\"{}\"", row.title, row.text));
    }
    // Empty, not French, too short, too few cells, and quotes that do not add up.
    pool.push("2026-03-02,Le Journal,,".to_owned());
    pool.push(format!(
        "2026-03-02,The Paper,News,\"{}\"",
        "The court has ruled on the case. ".repeat(9)
    ));
    pool.push("2026-03-02,Le Journal,Oui,Non.".to_owned());
    pool.push("2026-03-02,Le Journal".to_owned());
    pool.push(
        "2026-03-02,Le Journal,Un \"titre\" \"cité,\"Le \"parquet\" a parlé, dit-on.\"".to_owned(),
    );
    (header, pool)
}

/// The rows that `classify` writes, without the id.
fn written(output: &Path) -> impl Iterator<Item = (String, String)> {
    BufReader::with_capacity(1 << 20, fs::File::open(output).unwrap()).lines().skip(1).map(|line| {
        let line = line.unwrap();
        let (id, rest) = line.split_once(',').unwrap();
        (id.to_owned(), rest.to_owned())
    })
}

#[test]
fn many_articles_pass_in_bounded_memory_whatever_happens() {
    let articles = asked("RUBRIQUE_SOAK", 60_000);
    let kills = asked("RUBRIQUE_SOAK_KILLS", 3);
    // The files are large: not where memory may be the disk.
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (header, pool) = pool();

    // Each article once, and what comes of it.
    let each: String = (0..pool.len()).map(|n| format!("p{n},{}\n", pool[n])).collect();
    let each = write(folder.path(), "each.csv", format!("{header}\n{each}"));
    let known = folder.path().join("known.csv");
    let mut command = rubrique();
    command.args(["classify", "--quiet"]).arg(&each).arg("--output").arg(&known);
    assert_eq!(command.output().unwrap().status.code(), Some(1), "some rows are bad");
    let expected: Vec<String> = written(&known).map(|(_, row)| row).collect();
    assert_eq!(expected.len(), pool.len());
    let per_row = length(&known) / pool.len() as u64;

    let input = folder.path().join("in.csv");
    let output = folder.path().join("topics.csv");
    generate(&input, &header, &pool, articles, SEED);
    let mut command = rubrique();
    command.args(["classify", "--quiet", "--resume"]).arg(&input).arg("--output").arg(&output);
    let began = Instant::now();
    let mut dice = Dice(SEED + 1);
    let killed = kill_and_resume(&mut command, &output, articles * per_row, kills, &mut dice);
    let seconds = began.elapsed().as_secs_f64();
    assert_eq!(killed.status.code(), Some(1), "{}", killed.stderr);
    assert_eq!(killed.kills, kills);

    let mut dice = Dice(SEED);
    let mut statuses: BTreeMap<String, u64> = BTreeMap::new();
    let status = header_place(&known, "status");
    let mut count = 0;
    let header = fs::read_to_string(&known).unwrap();
    let mut bytes = blake3::Hasher::new();
    bytes.update(format!("{}\n", header.lines().next().unwrap()).as_bytes());
    for (id, row) in written(&output) {
        let at = dice.roll(pool.len() as u64) as usize;
        assert_eq!(id, format!("a{count}"));
        assert_eq!(row, expected[at], "row {count}");
        bytes.update(format!("{id},{row}\n").as_bytes());
        // The last columns hold no delimiter.
        let status = row.rsplit(',').nth(status).unwrap();
        *statuses.entry(status.to_owned()).or_insert(0) += 1;
        count += 1;
    }
    assert_eq!(count, articles);
    let manifest = json(&beside(&output, ".manifest.json"));
    assert_eq!(manifest["rows"], articles);
    // Not a byte more or less than these rows, and what the manifest says.
    assert_eq!(manifest["outputs"][0]["bytes"], length(&output));
    assert_eq!(manifest["outputs"][0]["blake3"], bytes.finalize().to_hex().as_str());
    let whole =
        blake3::Hasher::new().update_reader(fs::File::open(&output).unwrap()).unwrap().finalize();
    assert_eq!(whole, bytes.finalize());
    assert_eq!(manifest["counts"]["statuses"], serde_json::to_value(&statuses).unwrap());
    assert!(statuses.len() >= 4, "{statuses:?}");
    assert!(killed.peak > 1 << 20 && killed.peak < MOST_MEMORY, "{} bytes", killed.peak);
    println!(
        "{articles} articles, {} MB, {} kills that took effect, {} of them resumed from a checkpoint, {seconds:.1} s, at most {} MB of memory",
        length(&input) >> 20,
        killed.kills,
        killed.resumed,
        killed.peak >> 20
    );
}

/// Where a column stands, counted from the last.
fn header_place(output: &Path, name: &str) -> usize {
    let text = fs::read_to_string(output).unwrap();
    text.lines().next().unwrap().rsplit(',').position(|column| column == name).unwrap()
}
