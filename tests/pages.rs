//! Scraped pages: what is kept and what is dropped, on pages written for this, and that clean articles lose nothing.

mod common;

use std::path::{Path, PathBuf};

use rubrique::Classifier;
use rubrique::corpus::{Article, Page, ReadOptions, Reader, Reason};
use rubrique::text::sentences;

/// What stands in the articles of the corpus that are written as scraped pages, furniture and all.
const SCRAPED: [&str; 3] = [
    "Partager : texte – courriel",
    "Partager cet article : Courriel",
    "Partagez sur vos réseaux |",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A path beside the project, where it is; demanded where the environment says so.
fn shared(path: &str) -> Option<PathBuf> {
    let path = root().join("../shared").join(path);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("RUBRIQUE_REQUIRE_SHARED").is_none(), "{} is missing", path.display());
    eprintln!("skipped: {} is not here", path.display());
    None
}

/// How many sentences of clean articles there are, and which are lost.
fn lost(articles: impl Iterator<Item = (String, String)>) -> (usize, Vec<String>) {
    let mut all = 0;
    let mut lost = Vec::new();
    for (title, text) in articles {
        let page = Page::segment(&title, &text);
        for line in text.lines() {
            let kept = page.dropped.iter().all(|dropped| dropped.text != line.trim());
            for span in sentences(line) {
                all += 1;
                if !kept {
                    lost.push(line[span].to_owned());
                }
            }
        }
    }
    (all, lost)
}

fn read(path: PathBuf) -> impl Iterator<Item = (String, String)> {
    let reader = Reader::open(&[path], &ReadOptions::default()).unwrap();
    reader.map(|article| article.map(|a| (a.title, a.text)).unwrap())
}

fn assert_nothing_is_lost(name: &str, articles: impl Iterator<Item = (String, String)>) {
    let (all, lost) = lost(articles);
    let share = 1.0 - lost.len() as f64 / all as f64;
    println!("{name}: {all} sentences, {} lost ({:.3} % kept)", lost.len(), share * 100.0);
    for sentence in lost.iter().take(40) {
        println!("  - {sentence}");
    }
    assert!(share >= 0.999, "{name}: {share}");
}

#[test]
fn clean_articles_of_the_corpus_lose_nothing() {
    let articles =
        read(root().join("data/corpus.csv")).chain(read(root().join("data/articles.csv")));
    // Three articles were written with the furniture of their sites.
    let clean = articles.filter(|(_, text)| !SCRAPED.iter().any(|cue| text.contains(cue)));
    assert_nothing_is_lost("data", clean);
}

/// Each sentence a paragraph of its own, as much the layout's prey as a text can be.
fn by_sentence(
    articles: impl Iterator<Item = (String, String)>,
) -> impl Iterator<Item = (String, String)> {
    articles.map(|(title, text)| {
        let lines: Vec<&str> = sentences(&text).into_iter().map(|span| &text[span]).collect();
        let text = lines.join("\n");
        (title, text)
    })
}

#[test]
fn clean_articles_of_a_newspaper_lose_nothing() {
    for name in ["data/press-fr/labelled.csv", "data/press-fr/unlabelled.jsonl.gz"] {
        let Some(path) = shared(name) else { return };
        assert_nothing_is_lost(name, read(path.clone()));
        assert_nothing_is_lost(&format!("{name}, by sentence"), by_sentence(read(path)));
    }
}

#[test]
fn the_seed_page_is_taken_apart() {
    let Some(path) = shared("seed/bladi-maroc-belgique.txt") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let page = Page::segment("", &text);
    assert_eq!(page.title, text.lines().next().unwrap());
    assert_eq!(page.date.as_deref(), Some("2016-04-23"));
    assert_eq!((page.place, page.author), (Some("Belgique"), Some("Bladi.net")));
    assert_eq!(page.tags, ["Belgique", "Bruxelles", "Terrorisme"]);
    let paragraphs: Vec<&str> = page.body.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(paragraphs.len(), 5, "{paragraphs:#?}");
    assert!(paragraphs[0].starts_with("Un mémorandum") && paragraphs[4].contains("par la Map"));
    let count = |reason| page.dropped.iter().filter(|dropped| dropped.reason == reason).count();
    let teasers = ["Aller plus loin", "Ces articles devraient vous intéresser :"];
    for heading in teasers {
        assert!(page.dropped.iter().any(|d| d.text == heading && d.reason == Reason::Teaser));
    }
    assert_eq!(count(Reason::Teaser), 2 + 2 * 3 + 2 * 5, "both blocks, title by title");
    assert_eq!((count(Reason::Share), count(Reason::Tags), count(Reason::Dateline)), (2, 1, 1));

    let classifier = Classifier::press().unwrap();
    let whole = classifier.classify(&Article::new("", &text));
    let alone = classifier.classify(&Article::new(page.title, paragraphs.join("\n")));
    assert_eq!(whole.prediction.unwrap().labels, alone.prediction.unwrap().labels);
}
