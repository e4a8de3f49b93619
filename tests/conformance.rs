//! The French oracles that stand beside the repository: gold tokens of three Universal Dependencies
//! treebanks, and the Snowball project's vocabulary with its stems. A checkout without them passes by
//! these tests, each saying so; with `RUBRIQUE_REQUIRE_SHARED=1`, as in CI, their absence is a failure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rubrique::text::{Stemmer, Stemming, tokenize};
use serde::Deserialize;

/// Where an oracle stands, or `None`, after saying that `test` is skipped.
fn oracle(test: &str, path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path);
    if path.exists() {
        return Some(path);
    }
    let required = std::env::var("RUBRIQUE_REQUIRE_SHARED").is_ok_and(|value| value == "1");
    assert!(!required, "{test}: {} is missing", path.display());
    eprintln!("skipped {test}: {} is missing", path.display());
    None
}

#[derive(Deserialize)]
struct Sentence {
    text: String,
    spans: Vec<(usize, usize)>,
}

/// Tokens that hold a letter or a digit: in the treebank, in ours, with the same span in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Agreement {
    gold: usize,
    system: usize,
    correct: usize,
}

impl Agreement {
    /// Harmonic mean of precision and recall, in percent.
    fn f1(self) -> f64 {
        200.0 * self.correct as f64 / (self.gold + self.system) as f64
    }
}

/// Compares spans in code points, as the treebanks count them.
fn agreement(path: &Path) -> Agreement {
    let file = std::fs::read_to_string(path).unwrap();
    let mut sum = Agreement::default();
    for line in file.lines().filter(|line| !line.is_empty()) {
        let sentence: Sentence = serde_json::from_str(line).unwrap();
        let chars: Vec<char> = sentence.text.chars().collect();
        let counts =
            |&(start, end): &(usize, usize)| chars[start..end].iter().any(|c| c.is_alphanumeric());
        let point_at: BTreeMap<usize, usize> = sentence
            .text
            .char_indices()
            .map(|(byte, _)| byte)
            .chain([sentence.text.len()])
            .enumerate()
            .map(|(point, byte)| (byte, point))
            .collect();
        let gold: Vec<_> = sentence.spans.iter().copied().filter(counts).collect();
        let system: Vec<_> = tokenize(&sentence.text)
            .map(|token| (point_at[&token.start], point_at[&token.end]))
            .filter(counts)
            .collect();
        sum.gold += gold.len();
        sum.system += system.len();
        sum.correct += system.iter().filter(|span| gold.contains(span)).count();
    }
    sum
}

/// Holds a treebank to its least F1, and to the same agreement where the press's own apostrophes
/// (U+2019) and spaces (U+00A0, U+202F) are printed.
fn assert_treebank(treebank: &str, least_f1: f64) {
    let plain = oracle(treebank, &format!("ud-french/{treebank}.jsonl"));
    let typographic = oracle(treebank, &format!("ud-french/{treebank}-typographic.jsonl"));
    let (Some(plain), Some(typographic)) = (plain, typographic) else { return };
    let plain = agreement(&plain);
    println!("{treebank}: F1 {:.3}, {plain:?}", plain.f1());
    assert!(plain.f1() >= least_f1, "{treebank}: F1 {:.3}, {plain:?}", plain.f1());
    assert_eq!(agreement(&typographic), plain, "{treebank}: typographic text differs");
}

#[test]
fn ud_french_gsd() {
    assert_treebank("gsd-dev", 99.5);
}

#[test]
fn ud_french_sequoia() {
    assert_treebank("sequoia-dev", 99.5);
}

#[test]
fn ud_french_parisstories() {
    assert_treebank("parisstories-dev", 99.4);
}

/// Through [`Stemmer`] as the analyzer uses it: its protected words hold none of this vocabulary.
#[test]
fn snowball_french() {
    let test = "snowball_french";
    let words = oracle(test, "snowball-french/voc.txt");
    let stems = oracle(test, "snowball-french/output.txt");
    let (Some(words), Some(stems)) = (words, stems) else { return };
    let words = std::fs::read_to_string(words).unwrap();
    let stems = std::fs::read_to_string(stems).unwrap();
    let stemmer = Stemmer::new(Stemming::Stem);
    let differing: Vec<_> = words
        .lines()
        .zip(stems.lines())
        .filter(|&(word, stem)| stemmer.stem(word) != stem)
        .map(|(word, stem)| format!("{word}: {} for {stem}", stemmer.stem(word)))
        .collect();
    assert_eq!(words.lines().count(), 21_655);
    assert_eq!(stems.lines().count(), 21_655);
    assert!(differing.is_empty(), "{differing:#?}");
}
