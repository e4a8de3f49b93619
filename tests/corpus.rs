//! The articles written for this project: how many, how long, how different from each other, and that none of
//! their sentences was taken from elsewhere.

mod common;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

struct Row {
    id: String,
    date: String,
    source: String,
    title: String,
    text: String,
    labels: Vec<String>,
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}

fn read(name: &str, header: &[&str]) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(data(name)).unwrap();
    assert_eq!(reader.headers().unwrap(), header);
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let cell = |i: usize| record.get(i).unwrap_or_default().to_owned();
            let labels = cell(5)
                .split(';')
                .filter(|l| !l.is_empty() && *l != "other")
                .map(str::to_owned)
                .collect();
            Row {
                id: cell(0),
                date: cell(1),
                source: cell(2),
                title: cell(3),
                text: cell(4),
                labels,
            }
        })
        .collect()
}

fn corpus() -> Vec<Row> {
    read("corpus.csv", &["id", "date", "source", "title", "text", "labels"])
}

fn articles() -> Vec<Row> {
    read("articles.csv", &["id", "date", "source", "title", "text"])
}

/// Runs of letters and digits, in lower case.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    words.map(str::to_owned).collect()
}

fn runs(text: &str, length: usize) -> HashSet<String> {
    words(text).windows(length).map(|w| w.join(" ")).collect()
}

fn is_date(date: &str) -> bool {
    let parts: Vec<Option<u32>> = date.split('-').map(|p| p.parse().ok()).collect();
    let &[Some(year), Some(month @ 1..=12), Some(day)] = parts.as_slice() else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    date.len() == 10
        && (1900..2100).contains(&year)
        && (1..=days[month as usize - 1]).contains(&day)
}

#[test]
fn every_topic_has_its_articles() {
    let corpus = corpus();
    let with = |wanted: &[&str]| corpus.iter().filter(|r| r.labels == wanted).count();
    let known = BTreeSet::from(["diplomacy", "money_laundering", "terrorism"]);
    for row in &corpus {
        for label in &row.labels {
            assert!(known.contains(label.as_str()), "{}: {label}", row.id);
        }
        let distinct: BTreeSet<&String> = row.labels.iter().collect();
        assert_eq!(distinct.len(), row.labels.len(), "{}: a label twice", row.id);
    }
    assert!(with(&["money_laundering"]) >= 80);
    assert!(with(&["terrorism"]) >= 40);
    assert!(with(&["diplomacy"]) >= 40);
    assert!(with(&[]) >= 80);
    let pairs: Vec<&Row> = corpus.iter().filter(|r| r.labels.len() == 2).collect();
    assert!(pairs.len() >= 40);
    let kinds: BTreeSet<Vec<&String>> = pairs
        .iter()
        .map(|r| {
            let mut labels: Vec<&String> = r.labels.iter().collect();
            labels.sort();
            labels
        })
        .collect();
    assert_eq!(kinds.len(), 3, "every pair of topics occurs");
}

#[test]
fn articles_are_whole_and_dated() {
    let (corpus, articles) = (corpus(), articles());
    assert_eq!(articles.len(), 30);
    let mut ids = BTreeSet::new();
    for row in corpus.iter().chain(&articles) {
        assert!(ids.insert(&row.id), "{} twice", row.id);
        assert!(!row.id.is_empty() && !row.source.trim().is_empty(), "{}", row.id);
        assert!(is_date(&row.date), "{}: {}", row.id, row.date);
        assert!(row.title.trim().chars().count() >= 10, "{}: {}", row.id, row.title);
        // Words as a writer counts them, between white space.
        let length =
            row.text.split_whitespace().filter(|w| w.contains(char::is_alphanumeric)).count();
        assert!((100..=250).contains(&length), "{} has {length} words", row.id);
    }
    let years: BTreeSet<&str> = corpus.iter().map(|r| &r.date[..4]).collect();
    assert!(years.len() >= 10, "many years: {years:?}");
    let sources: BTreeSet<&String> = corpus.iter().map(|r| &r.source).collect();
    assert!(sources.len() >= 10, "many sources");
}

/// Each is written for itself: any two share under 15 % of the 5-word runs of the shorter one.
#[test]
fn no_two_articles_are_cut_from_one_cloth() {
    let (corpus, articles) = (corpus(), articles());
    let all: Vec<&Row> = corpus.iter().chain(&articles).collect();
    let runs: Vec<HashSet<String>> = all.iter().map(|r| runs(&r.text, 5)).collect();
    let mut holders: HashMap<&str, Vec<usize>> = HashMap::new();
    for (i, set) in runs.iter().enumerate() {
        for run in set {
            holders.entry(run).or_default().push(i);
        }
    }
    let mut shared: HashMap<(usize, usize), usize> = HashMap::new();
    for list in holders.values() {
        for (at, &a) in list.iter().enumerate() {
            for &b in &list[at + 1..] {
                *shared.entry((a, b)).or_default() += 1;
            }
        }
    }
    for ((a, b), count) in shared {
        let share = count as f64 / runs[a].len().min(runs[b].len()) as f64;
        assert!(share < 0.15, "{} and {} share {share:.2}", all[a].id, all[b].id);
    }
    let mut titles = BTreeMap::new();
    for row in &all {
        let title = words(&row.title).join(" ");
        if let Some(other) = titles.insert(title, &row.id) {
            panic!("{} and {other} have one title", row.id);
        }
    }
}

#[test]
fn openings_differ() {
    let (corpus, articles) = (corpus(), articles());
    let mut openings = BTreeMap::new();
    for row in corpus.iter().chain(&articles) {
        // Beyond a dateline of two or three words, six words are a writer's own.
        let opening = words(&row.text)[..6].join(" ");
        if let Some(other) = openings.insert(opening.clone(), &row.id) {
            panic!("{} and {other} both begin « {opening} »", row.id);
        }
    }
}

/// Sentences of a template would come back word for word.
#[test]
fn no_sentence_stands_twice() {
    let (corpus, articles) = (corpus(), articles());
    let mut sentences = BTreeMap::new();
    for row in corpus.iter().chain(&articles) {
        for sentence in row.text.split(['.', '!', '?', '\n']) {
            let words = words(sentence);
            if words.len() >= 7
                && let Some(other) = sentences.insert(words.join(" "), &row.id)
            {
                panic!("{} and {other}: « {} »", row.id, sentence.trim());
            }
        }
    }
}

#[test]
fn dates_are_read_as_they_are() {
    assert!(is_date("2024-02-29") && is_date("1999-12-31"));
    for wrong in ["2023-02-29", "2024-13-01", "2024-1-01", "2024-04-31", "24-01-01", "hier", ""] {
        assert!(!is_date(wrong), "{wrong}");
    }
}

/// No run of 9 words of data/ stands in the reference material.
#[test]
fn nothing_is_copied() {
    const RUN: usize = 9;
    let Some(shared) = common::shared() else { return };
    let mut own: HashMap<u64, String> = HashMap::new();
    for entry in walkdir::WalkDir::new(data("")) {
        let path = entry.unwrap().into_path();
        let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        if ["csv", "tsv", "jsonl", "txt", "md", "html"].contains(&extension.as_str()) {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            each_run(&text, RUN, |hash, run| {
                own.entry(hash).or_insert_with(|| format!("{name}: {}", run.join(" ")));
            });
        }
    }
    assert!(own.len() > 10_000);
    let mut repeated = Vec::new();
    let mut compared = 0;
    each_shared_text(&shared, |name, text| {
        compared += 1;
        each_run(text, RUN, |hash, _| {
            if let Some(run) = own.get(&hash) {
                repeated.push(format!("{run} (also in {name})"));
            }
        });
    });
    assert!(compared > 28_000, "{compared} texts compared: the unlabelled articles are among them");
    assert!(
        repeated.is_empty(),
        "{} repeated runs, first: {:?}",
        repeated.len(),
        &repeated[..repeated.len().min(5)]
    );
}

/// Calls `each` with every run of `length` words and a hash of it, which is the same for the same words.
fn each_run(text: &str, length: usize, mut each: impl FnMut(u64, &[&str])) {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    for run in words.windows(length) {
        let mut hasher = DefaultHasher::new();
        run.hash(&mut hasher);
        each(hasher.finish(), run);
    }
}

/// Calls `each` with the name and content of all articles of the reference material.
fn each_shared_text(shared: &Path, mut each: impl FnMut(&str, &str)) {
    for entry in walkdir::WalkDir::new(shared.join("data")).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".csv") || name.ends_with(".tsv") {
            let delimiter = if name.ends_with(".tsv") { b'\t' } else { b',' };
            let reader = csv::ReaderBuilder::new()
                .delimiter(delimiter)
                .flexible(true)
                .has_headers(false)
                .from_path(&path);
            for record in reader.unwrap().records() {
                each(&name, &record.unwrap().iter().collect::<Vec<_>>().join(" "));
            }
        } else if name.ends_with(".jsonl.gz") {
            let file = flate2::read::MultiGzDecoder::new(File::open(&path).unwrap());
            for line in BufReader::new(file).lines() {
                let article: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
                let part = |key: &str| article[key].as_str().unwrap_or_default().to_owned();
                each(&name, &format!("{} {}", part("title"), part("text")));
            }
        }
    }
    for entry in fs::read_dir(shared.join("seed")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "txt") {
            each(&path.to_string_lossy(), &fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn runs_are_compared_word_for_word() {
    let mut own = HashSet::new();
    each_run("Le juge, hier, a dit non.", 3, |hash, _| {
        own.insert(hash);
    });
    let mut hits = Vec::new();
    each_run("« Hier a dit » le JUGE hier", 3, |hash, run| {
        if own.contains(&hash) {
            hits.push(run.join(" "));
        }
    });
    assert_eq!(hits, ["hier a dit", "le juge hier"]);
}
