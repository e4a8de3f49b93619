//! How good the models are, and what each ingredient is worth: every row of `ACCURACY.md`, by cross-validation.
//!
//! `cargo bench --bench accuracy [WORD]...` prints Markdown tables; words choose among the sets. Everything is redone in each
//! of five folds. Differences are paired: the same articles are drawn for both models (Efron and Tibshirani 1993, chapter
//! 13), so that an interval without 0 tells an ingredient that has earned its place from luck.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rubrique::Article;
use rubrique::corpus::{ReadOptions, Reader};
use rubrique::features::Zones;
use rubrique::metrics::{Interval, Outcome, Scores, bootstrap, expected_calibration_error};
use rubrique::model::Task;
use rubrique::pipeline::{Algorithm, CrossValidated, TrainSettings, Weighting, cross_validate};
use rubrique::text::{Stemming, StopList, View};

const FOLDS: usize = 5;
const DRAWS: usize = 1000;
const SEED: u64 = 42;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|w| name.contains(w));
    for (name, files) in sets() {
        if !is_wanted(name) {
            continue;
        }
        let articles = read(&files);
        if articles.is_empty() {
            println!("{name}: not at hand\n");
            continue;
        }
        println!("### {name}: {} articles\n", articles.len());
        if name == "learning curve" {
            learning_curve(&articles);
        } else {
            ablation(&articles);
        }
    }
}

/// The sets, those that are not at hand empty.
fn sets() -> Vec<(&'static str, Vec<PathBuf>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = |paths: &[&str]| {
        let paths: Vec<PathBuf> = paths.iter().map(|path| root.join(path)).collect();
        if paths.iter().all(|path| path.exists()) { paths } else { Vec::new() }
    };
    let press = "../shared/data/press-fr/labelled.csv";
    let masakhanews = "../shared/data/masakhanews-fra";
    let sib = "../shared/data/sib200-fra";
    vec![
        (
            "masakhanews",
            files(&[&format!("{masakhanews}/train.tsv"), &format!("{masakhanews}/dev.tsv")]),
        ),
        ("sib200", files(&[&format!("{sib}/train.tsv"), &format!("{sib}/dev.tsv")])),
        ("press", files(&[press])),
        ("own", files(&["data/corpus.csv"])),
        ("both", files(&["data/corpus.csv", press])),
        ("learning curve", files(&["data/corpus.csv", press])),
    ]
}

fn read(files: &[PathBuf]) -> Vec<Article> {
    if files.is_empty() {
        return Vec::new();
    }
    let rows = Reader::open(files, &ReadOptions::default()).expect("a corpus");
    rows.map(|row| row.expect("an article")).collect()
}

/// A name and what it changes in the settings of the row before it, or in the finished ones where it stands alone.
type Ingredient = (&'static str, fn(&mut TrainSettings));

/// From the simple multinomial model to what `auto` makes, an ingredient a row.
const ONE_LABEL: [Ingredient; 6] = [
    ("multinomial, alpha 1, flat zones, scores as they are", |s| {
        s.algorithm = Algorithm::Multinomial;
        s.alpha = Some(1.0);
        s.length_power = Some(0.0);
        s.zones = Zones::FLAT;
        s.views = Some(vec![View::Words]);
    }),
    ("+ scores over a power of the length", |s| s.length_power = None),
    ("+ tuned alpha", |s| s.alpha = None),
    ("+ zones 2-2-1", |s| s.zones = Zones::default()),
    ("+ multinomial, complement or both", |s| s.algorithm = Algorithm::Auto),
    ("+ characters and word classes where they help (`auto`)", |s| s.views = None),
];

const TOPICS: [Ingredient; 6] = [
    ("multinomial against the rest, alpha 1, flat zones, scores as they are", |s| {
        s.algorithm = Algorithm::Multinomial;
        s.alpha = Some(1.0);
        s.length_power = Some(0.0);
        s.zones = Zones::FLAT;
        s.reliability = Some(false);
        s.refine = Some(false);
    }),
    ("+ scores over a power of the length", |s| s.length_power = None),
    ("+ tuned alpha", |s| s.alpha = None),
    ("+ zones 2-2-1", |s| s.zones = Zones::default()),
    ("+ weights by reliability", |s| s.reliability = None),
    ("+ second round, corrected weights (`auto`)", |s| {
        s.refine = None;
        s.algorithm = Algorithm::Auto;
    }),
];

/// Changes to `auto`, each alone; the last one for one label an article.
const ALONE: [Ingredient; 7] = [
    ("zones 5-3-1", |s| s.zones = Zones { title: 5, lead: 3, ..Zones::default() }),
    ("word pairs too", |s| s.analyzer.word_ngrams = 2),
    ("words as they are, no stems", |s| s.analyzer.stemming = Stemming::None),
    ("no accents", |s| s.analyzer.accents = false),
    ("stop words kept", |s| s.analyzer.stop_words = StopList::None),
    ("TF-IDF", |s| s.weighting = Weighting::TfIdf),
    ("characters and word classes, whatever tuning says", |s| s.views = Some(View::ALL.to_vec())),
];

fn ablation(articles: &[Article]) {
    let finished = judged(articles, &TrainSettings::default());
    let steps = match finished.task {
        Task::OneLabel => &ONE_LABEL,
        Task::AnyLabels => &TOPICS,
    };
    println!("| settings | exact | micro F1 | macro F1 | gain in macro F1 (95 %) | ECE | s |");
    println!("|---|---|---|---|---|---|---|");
    let mut settings = TrainSettings::default();
    let mut before: Option<Judged> = None;
    for (i, (name, change)) in steps.iter().enumerate() {
        change(&mut settings);
        let now = if i + 1 == steps.len() { finished.clone() } else { judged(articles, &settings) };
        now.print(name, before.as_ref());
        before = Some(now);
    }
    println!("| *`auto` but for:* | | | | *against `auto`* | | |");
    let alone = if finished.task == Task::OneLabel { &ALONE[..] } else { &ALONE[..6] };
    for (name, change) in alone {
        let mut settings = TrainSettings::default();
        change(&mut settings);
        judged(articles, &settings).print(name, Some(&finished));
    }
    println!("\nErrors of calibration (ECE, 10 bins) by label:");
    for (label, error) in &finished.calibration {
        println!("{label} {error:.3}");
    }
    println!();
}

fn learning_curve(articles: &[Article]) {
    println!("| articles | micro F1 | macro F1 |");
    println!("|---|---|---|");
    for step in [8, 4, 2, 1] {
        let part: Vec<Article> = articles.iter().step_by(step).cloned().collect();
        let scores = judged(&part, &TrainSettings::default()).scores();
        let (micro, macro_) = (scores.micro_f1().unwrap(), scores.macro_f1().unwrap());
        println!("| {} | {micro:.3} | {macro_:.3} |", part.len() * (FOLDS - 1) / FOLDS);
    }
    println!();
}

/// What came out of one cross-validation.
#[derive(Clone)]
struct Judged {
    task: Task,
    labels: usize,
    outcomes: Vec<Outcome>,
    /// Calibration error by label.
    calibration: BTreeMap<String, f64>,
    seconds: f64,
}

fn judged(articles: &[Article], settings: &TrainSettings) -> Judged {
    let start = Instant::now();
    let settings = TrainSettings { seed: SEED, ..settings.clone() };
    let CrossValidated { labels, task, articles, .. } =
        cross_validate(articles.to_vec(), &settings, FOLDS, false, &|_| {})
            .expect("a cross-validation");
    let mut outcomes = Vec::new();
    let mut by_label = vec![Vec::new(); labels.len()];
    for evaluated in &articles {
        let names = evaluated.article.labels.clone().unwrap_or_default();
        let truth: Vec<usize> =
            names.names().iter().map(|name| labels.binary_search(name).expect("a label")).collect();
        let prediction = evaluated.classified.prediction.as_ref();
        let mut predicted: Vec<usize> =
            prediction.iter().flat_map(|p| &p.labels).map(|label| label.index()).collect();
        predicted.sort_unstable();
        for (c, pairs) in by_label.iter_mut().enumerate() {
            if let Some(p) = prediction {
                pairs.push((p.probabilities[c], truth.contains(&c)));
            }
        }
        outcomes.push(Outcome { truth, predicted });
    }
    let error = |pairs: &Vec<(f64, bool)>| expected_calibration_error(pairs).unwrap_or(f64::NAN);
    let calibration = labels.iter().cloned().zip(by_label.iter().map(error)).collect();
    let seconds = start.elapsed().as_secs_f64();
    Judged { task, labels: labels.len(), outcomes, calibration, seconds }
}

impl Judged {
    fn scores(&self) -> Scores {
        Scores::new(self.outcomes.iter(), self.labels)
    }

    fn print(&self, name: &str, other: Option<&Self>) {
        let scores = self.scores();
        let number =
            |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"));
        let gain = other.map_or_else(
            || "–".to_owned(),
            |other| {
                let (gain, Interval { low, high }) = self.gain(other);
                format!("{gain:+.3} ({low:+.3} to {high:+.3})")
            },
        );
        let worst = self.calibration.values().copied().fold(0.0, f64::max);
        println!(
            "| {name} | {} | {} | {} | {gain} | {worst:.3} | {:.0} |",
            number(scores.accuracy()),
            number(scores.micro_f1()),
            number(scores.macro_f1()),
            self.seconds
        );
    }

    /// The gain in macro F1 over `other` on the same articles.
    fn gain(&self, other: &Self) -> (f64, Interval) {
        let pairs: Vec<(&Outcome, &Outcome)> = self.outcomes.iter().zip(&other.outcomes).collect();
        let difference = |pairs: &[&(&Outcome, &Outcome)]| {
            let mine = Scores::new(pairs.iter().map(|pair| pair.0), self.labels).macro_f1();
            let theirs = Scores::new(pairs.iter().map(|pair| pair.1), self.labels).macro_f1();
            vec![mine.zip(theirs).map(|(mine, theirs)| mine - theirs)]
        };
        let all: Vec<&(&Outcome, &Outcome)> = pairs.iter().collect();
        let gain = difference(&all)[0].expect("a score");
        let interval = bootstrap(&pairs, DRAWS, SEED, difference)[0].expect("an interval");
        (gain, interval)
    }
}
