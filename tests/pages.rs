//! Scraped pages: what is kept and what is dropped, on pages written for this, and that clean articles lose nothing.

mod common;

use std::path::{Path, PathBuf};

use rubrique::Classifier;
use rubrique::corpus::{Article, HtmlPage, Page, ReadOptions, Reader, Reason};
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

/// A page of `data/pages` with what its article says, and what stands around that.
#[derive(serde::Deserialize)]
struct Key {
    page: String,
    layout: String,
    title: String,
    date: Option<String>,
    author: Option<String>,
    kept: Vec<String>,
    dropped: Vec<String>,
}

/// How many of the wanted and unwanted segments there are, and how many came out right.
#[derive(Clone, Copy, Default)]
struct Tally {
    wanted: [usize; 2],
    unwanted: [usize; 2],
}

impl Tally {
    fn count(&mut self, key: &Key, body: &str, name: &str) {
        let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let lines: Vec<String> = body.lines().map(spaced).collect();
        let body = spaced(body);
        for sentence in &key.kept {
            let is_right = body.contains(&spaced(sentence));
            self.wanted[0] += usize::from(is_right);
            self.wanted[1] += 1;
            if !is_right {
                println!("{name} {}: lost: {sentence}", key.page);
            }
        }
        for segment in &key.dropped {
            let segment = spaced(segment);
            // A short one may well be a word of the article.
            let is_kept =
                if segment.len() < 15 { lines.contains(&segment) } else { body.contains(&segment) };
            self.unwanted[0] += usize::from(!is_kept);
            self.unwanted[1] += 1;
            if is_kept {
                println!("{name} {}: kept: {segment}", key.page);
            }
        }
    }

    fn shares(&self) -> (f64, f64) {
        let share = |[right, all]: [usize; 2]| right as f64 / all.max(1) as f64;
        (share(self.wanted), share(self.unwanted))
    }
}

fn keys() -> Vec<Key> {
    let text = std::fs::read_to_string(root().join("data/pages/key.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The layouts whose pages were written after the rules.
const HELD_BACK: std::ops::RangeInclusive<u32> = 13..=16;
/// Those that somebody else wrote, without a look at the rules, which then learned from them.
const UNSEEN: std::ops::RangeInclusive<u32> = 17..=26;
/// Those that were written likewise, and counted with the rules as they are.
const UNTOUCHED: std::ops::RangeInclusive<u32> = 27..=31;

#[test]
fn pages_of_many_layouts_are_taken_apart() {
    let keys = keys();
    let layouts: std::collections::BTreeSet<&str> =
        keys.iter().map(|k| k.layout.as_str()).collect();
    assert!(layouts.len() >= 12);
    let [mut known, mut held_back, mut unseen, mut untouched, mut html, mut smoothie] =
        [Tally::default(); 6];
    let mut metadata = [0; 4];
    for key in &keys {
        let content = std::fs::read_to_string(root().join("data/pages").join(&key.page)).unwrap();
        let is_html = key.page.ends_with(".html");
        let read = if is_html {
            HtmlPage::read(&content)
        } else {
            HtmlPage { text: content.clone(), ..HtmlPage::default() }
        };
        let page = Page::segment(&read.title, &read.text);
        let layout = key.layout.parse().unwrap();
        let tally = if HELD_BACK.contains(&layout) {
            &mut held_back
        } else if UNSEEN.contains(&layout) {
            &mut unseen
        } else if UNTOUCHED.contains(&layout) {
            &mut untouched
        } else {
            &mut known
        };
        tally.count(key, &page.body, "rubrique");
        let date = read.date.as_deref().or(page.date.as_deref());
        let author = read.author.as_deref().or(page.author);
        metadata[0] += usize::from(page.title == key.title);
        metadata[1] += usize::from(date == key.date.as_deref());
        metadata[2] += usize::from(key.author.is_some() && author == key.author.as_deref());
        metadata[3] += usize::from(key.author.is_some());
        if page.title != key.title || date != key.date.as_deref() {
            println!(
                "{}: {:?} for {:?}, {date:?} for {:?}",
                key.page, page.title, key.title, key.date
            );
        }
        if is_html {
            html.count(key, &page.body, "");
            let config = dom_smoothie::Config {
                text_mode: dom_smoothie::TextMode::Formatted,
                ..Default::default()
            };
            let article = dom_smoothie::Readability::new(content.as_str(), None, Some(config))
                .unwrap()
                .parse();
            let text = article.map_or_else(|_| String::new(), |a| a.text_content.to_string());
            smoothie.count(key, &text, "");
        }
    }
    for (name, tally) in [
        ("known", known),
        ("held back", held_back),
        ("unseen", unseen),
        ("untouched", untouched),
        ("HTML alone", html),
        ("dom_smoothie", smoothie),
    ] {
        let (wanted, unwanted) = tally.shares();
        println!(
            "{name}: wanted {:.1} % of {}, unwanted {:.1} % of {}",
            wanted * 100.0,
            tally.wanted[1],
            unwanted * 100.0,
            tally.unwanted[1]
        );
    }
    println!(
        "titles {} and dates {} of {}, authors {} of {}",
        metadata[0],
        metadata[1],
        keys.len(),
        metadata[2],
        metadata[3]
    );
    for (name, tally, least) in [
        ("known", known, [0.95, 0.95]),
        ("held back", held_back, [0.95, 0.95]),
        ("unseen", unseen, [0.95, 0.95]),
        ("untouched", untouched, [0.97, 0.93]),
    ] {
        let (wanted, unwanted) = tally.shares();
        assert!(wanted >= least[0] && unwanted >= least[1], "{name}: {wanted}, {unwanted}");
    }
}

/// An article as a page that ends in teasers of others.
fn with_teasers(text: &str, others: &[&(String, String)]) -> String {
    let mut page = format!("{text}\n\nÀ lire aussi : {}\n\nSur le même sujet\n", others[0].0);
    for (title, text) in others {
        let cut: String = text.chars().take(160).collect();
        page += &format!("\n{title}\n\n{}…\n", cut.trim_end_matches('.'));
    }
    page
}

/// The labels that `classifier` gives to a page as it is, or cleaned.
fn labels(classifier: &Classifier, title: &str, text: &str, cleaned: bool) -> Vec<String> {
    let page = if cleaned { Page::segment(title, text) } else { Page::uncleaned(title, text) };
    let article = Article::new(page.title, page.body);
    let classified = classifier.classify(&article);
    classifier.topics(&classified).into_iter().map(str::to_owned).collect()
}

/// Teasers of articles about other things, planted below every article of the corpus. What the press model says of the cleaned page
/// is what it says of the article: of its labels at most one in a hundred may change.
#[test]
fn planted_teasers_change_no_labels() {
    let articles: Vec<(String, String)> = read(root().join("data/corpus.csv")).collect();
    let classifier = Classifier::press().unwrap();
    let mut changed = [0, 0];
    for (at, (title, text)) in articles.iter().enumerate() {
        let others: Vec<_> = (1..=3).map(|n| &articles[(at + n * 389) % articles.len()]).collect();
        let page = with_teasers(text, &others);
        let alone = labels(&classifier, title, text, true);
        for (n, cleaned) in [(0, true), (1, false)] {
            // What `uncleaned` hands on must not be cleaned behind its back: furniture is told by whole lines.
            let given =
                if cleaned { page.clone() } else { page.replace("\n\n", " ").replace('\n', " ") };
            changed[n] += usize::from(labels(&classifier, title, &given, cleaned) != alone);
        }
    }
    let share = changed.map(|n| n as f64 / articles.len() as f64);
    println!(
        "planted teasers change {:.2} % of {} labels with cleaning on, {:.1} % with cleaning off",
        share[0] * 100.0,
        articles.len(),
        share[1] * 100.0
    );
    assert!(share[0] <= 0.01, "{changed:?}");
    assert!(share[1] > share[0], "teasers that change nothing would show nothing");
}
