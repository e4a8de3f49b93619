//! The verdict in words, the key figures and the scores by label.

use super::pen::{Pen, cut};
use super::report::Report;
use super::topic_report::TopicReport;
use crate::model::Task;
use crate::pipeline::Split;

/// Topics with fewer articles than this are flagged: their scores may be far off.
pub(super) const SMALL: usize = 30;
/// Labels shown in tables and matrices; those with the most articles where there are more.
pub(super) const MOST_LABELS: usize = 40;
/// Mean micro F1 and accuracy from which the words are kind.
const GOOD: f64 = 0.9;
const FAIR: f64 = 0.7;
/// Calibration error that is called small.
const CALIBRATED: f64 = 0.05;

pub(super) struct Summary {
    /// `good`, `fair` or `poor`.
    pub grade: &'static str,
    pub headline: &'static str,
    pub sentences: Vec<String>,
    pub how: String,
    pub keys: Vec<Key>,
    pub topics: Vec<TopicRow>,
    pub has_thresholds: bool,
    pub left_out: String,
}

/// A key figure; its value is HTML.
pub(super) struct Key {
    pub name: &'static str,
    pub value: String,
    pub range: String,
}

/// Scores are HTML.
pub(super) struct TopicRow {
    pub name: String,
    pub small: String,
    pub support: String,
    pub given: String,
    pub precision: String,
    pub precision_range: String,
    pub recall: String,
    pub recall_range: String,
    pub f1: String,
    pub f1_range: String,
    pub bar: String,
    pub threshold: String,
    pub average_precision: String,
    pub ece: String,
}

/// The labels that are shown, by number, in the model's order.
pub(super) fn shown_labels(report: &Report) -> Vec<usize> {
    let mut labels: Vec<usize> = (0..report.labels.len()).collect();
    labels.sort_by_key(|&l| std::cmp::Reverse(report.topics[&report.labels[l]].support));
    labels.truncate(MOST_LABELS);
    labels.sort_unstable();
    labels
}

/// A label's name, cut where it is very long.
pub(super) fn name(label: &str) -> String {
    cut(label, 60)
}

impl Summary {
    pub(super) fn new(report: &Report, pen: Pen) -> Self {
        let w = pen.words;
        let undefined = w.undefined_all;
        let low = report.accuracy.zip(report.micro_f1).map(|(a, b)| a.min(b));
        let (grade, headline) = match low {
            Some(least) if least >= GOOD => ("good", w.verdict_good),
            Some(least) if least >= FAIR => ("fair", w.verdict_fair),
            Some(_) => ("poor", w.verdict_poor),
            None => ("poor", w.verdict_none),
        };
        let (l, h) = (&report.low, &report.high);
        let keys = vec![
            Key {
                name: w.key_exact,
                value: pen.share(report.accuracy, undefined),
                range: pen.share_range(l.accuracy, h.accuracy),
            },
            Key {
                name: w.key_micro,
                value: pen.score(report.micro_f1, undefined),
                range: pen.range(l.micro_f1, h.micro_f1),
            },
            Key {
                name: w.key_macro,
                value: pen.score(report.macro_f1, undefined),
                range: pen.range(l.macro_f1, h.macro_f1),
            },
            Key {
                name: w.key_coverage,
                value: pen.share(report.coverage, undefined),
                range: String::new(),
            },
            Key {
                name: w.key_accepted,
                value: pen.share(report.accuracy_at_coverage, undefined),
                range: String::new(),
            },
            Key {
                name: w.key_ece,
                value: pen.score(report.calibration.ece, undefined),
                range: String::new(),
            },
        ];
        let shown = shown_labels(report);
        let left_out = report.labels.len() - shown.len();
        Self {
            grade,
            headline,
            sentences: sentences(report, pen),
            how: match (report.setup.split, report.setup.folds) {
                (Some(Split::TimeBlocks(blocks)), _) => {
                    pen.say(w.time_blocks, &[&pen.count(blocks)])
                }
                (Some(Split::NewestFifth), _) => w.newest_fifth.to_owned(),
                (Some(Split::RandomFifth), _) => w.random_fifth.to_owned(),
                (_, Some(folds)) => pen.say(w.cross_validated, &[&pen.count(folds)]),
                (_, None) => w.finished_model.to_owned(),
            },
            keys,
            topics: shown.iter().map(|&label| topic_row(report, label, pen)).collect(),
            has_thresholds: report.task == Task::AnyLabels,
            left_out: if left_out > 0 {
                pen.say(w.labels_left_out, &[&pen.count(left_out), "per_topic.csv"])
            } else {
                String::new()
            },
        }
    }
}

/// The result in words.
fn sentences(report: &Report, pen: Pen) -> Vec<String> {
    let w = pen.words;
    let percent = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |v| pen.percent(v));
    let interval = |low: Option<f64>, high: Option<f64>| match (low, high) {
        (Some(low), Some(high)) => {
            let number = |v| pen.language.number(v, 3);
            pen.say(w.verdict_interval, &[&number(low), &number(high)])
        }
        _ => String::new(),
    };
    let (l, h) = (&report.low, &report.high);
    let mut out = vec![
        pen.say(w.verdict_exact, &[&pen.count(report.articles), &percent(report.accuracy)]),
        pen.say(
            w.verdict_f1,
            &[
                &pen.plain(report.micro_f1),
                &interval(l.micro_f1, h.micro_f1),
                &pen.plain(report.macro_f1),
                &interval(l.macro_f1, h.macro_f1),
            ],
        ),
    ];
    out.push(match report.accuracy_at_coverage {
        Some(right) => pen.say(w.verdict_review, &[&percent(report.coverage), &pen.percent(right)]),
        None => w.verdict_review_none.to_owned(),
    });
    let mut by_f1: Vec<(&String, f64)> =
        report.topics.iter().filter_map(|(name, t)| Some((name, t.f1?))).collect();
    by_f1.sort_by(|a, b| b.1.total_cmp(&a.1));
    if let [best, .., worst] = &by_f1[..]
        && best.1 > worst.1
    {
        let f1 = |topic: &(&String, f64)| pen.language.number(topic.1, 3);
        let parts = [&name(best.0), &f1(best), &name(worst.0), &f1(worst)];
        out.push(pen.say(w.verdict_best, &parts.map(String::as_str)));
    }
    out.extend(worst_confusion(report, pen));
    if let Some(ece) = report.calibration.ece {
        let sentence =
            if ece <= CALIBRATED { w.verdict_calibrated } else { w.verdict_uncalibrated };
        out.push(pen.say(sentence, &[&pen.language.number(ece * 100.0, 1)]));
    }
    let small = report.topics.iter().filter(|(_, topic)| (topic.support as usize) < SMALL);
    out.extend(small.take(5).map(|(label, topic)| {
        pen.say(w.verdict_small, &[&name(label), &pen.count(topic.support as usize)])
    }));
    out.extend(
        report
            .unknown_labels
            .iter()
            .take(10)
            .map(|(label, count)| pen.say(w.verdict_unknown, &[&pen.count(*count), &name(label)])),
    );
    let unclassified = report.cases.iter().filter(|case| case.confidence.is_none()).count();
    if unclassified > 0 {
        out.push(pen.say(w.verdict_unclassified, &[&pen.count(unclassified)]));
    }
    out
}

fn worst_confusion(report: &Report, pen: Pen) -> Option<String> {
    let rows = report.confusion.rows();
    let cells = rows.iter().enumerate().flat_map(|(t, row)| {
        row.iter().enumerate().filter(move |(p, _)| *p != t).map(move |(p, &n)| (n, t, p))
    });
    // The first of equals, in label order.
    let (count, truth, given) = cells.max_by_key(|&(n, t, p)| (n, std::cmp::Reverse((t, p))))?;
    let label = |l: usize| report.labels.get(l).map_or_else(|| "other".to_owned(), |l| name(l));
    (count > 0).then(|| {
        let parts = [&pen.count(count as usize), &label(truth), &label(given)];
        pen.say(pen.words.verdict_confusion, &parts.map(String::as_str))
    })
}

fn topic_row(report: &Report, label: usize, pen: Pen) -> TopicRow {
    let w = pen.words;
    let topic: &TopicReport = &report.topics[&report.labels[label]];
    let (l, h) = (&topic.low, &topic.high);
    TopicRow {
        name: name(&report.labels[label]),
        small: small(topic.support as usize, pen),
        support: pen.count(topic.support as usize),
        given: pen.count(topic.predicted as usize),
        precision: pen.score(topic.precision, w.undefined_precision),
        precision_range: pen.range(l.precision, h.precision),
        recall: pen.score(topic.recall, w.undefined_recall),
        recall_range: pen.range(l.recall, h.recall),
        f1: pen.score(topic.f1, w.undefined_f1),
        f1_range: pen.range(l.f1, h.f1),
        bar: pen.bar(topic.f1, l.f1, h.f1),
        threshold: pen.language.number(topic.threshold, 3),
        average_precision: pen.score(topic.average_precision, w.undefined_recall),
        ece: pen.score(topic.ece, w.undefined_all),
    }
}

/// The warning for few articles; empty where there are enough.
pub(super) fn small(articles: usize, pen: Pen) -> String {
    let warning = || pen.say(pen.words.few_title, &[&pen.count(SMALL)]);
    if articles < SMALL { warning() } else { String::new() }
}
