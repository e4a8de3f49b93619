//! `report.html`: one file for the person who decides.

use std::io::{self, Write};

use askama::Template;

use super::case::Case;
use super::report::Report;
use super::topic_report::TopicReport;

/// Topics with fewer articles than this are flagged: their scores may be far off.
const SMALL: u64 = 30;
/// Errors shown; all of them are in `errors.csv`.
const MOST_ERRORS: usize = 200;
const EXCERPT: usize = 300;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'r> {
    report: &'r Report,
    verdict: Vec<String>,
    topics: Vec<TopicRow<'r>>,
    confusion: Vec<ConfusionRow<'r>>,
    columns: Vec<&'r str>,
    bins: Vec<BinRow>,
    errors: Vec<ErrorRow<'r>>,
    all_errors: usize,
}

struct TopicRow<'r> {
    name: &'r str,
    support: u64,
    is_small: bool,
    precision: String,
    recall: String,
    f1: String,
    interval: String,
    low: f64,
    width: f64,
    point: f64,
    threshold: String,
    ece: String,
}

struct ConfusionRow<'r> {
    name: &'r str,
    cells: Vec<ConfusionCell>,
}

struct ConfusionCell {
    count: u64,
    /// Share of the row, for the shade, in percent.
    share: u64,
    is_right: bool,
}

struct BinRow {
    range: String,
    count: u64,
    mean: String,
    observed: String,
}

struct ErrorRow<'r> {
    id: &'r str,
    title: &'r str,
    excerpt: String,
    truth: String,
    given: String,
    confidence: String,
    decision: &'static str,
}

/// Writes the report. Everything is in the one file; text of articles is escaped.
pub fn write_html(report: &Report, mut out: impl Write) -> io::Result<()> {
    let names = || report.labels.iter().map(String::as_str).chain(["other"]);
    let errors = report.errors();
    let page = Page {
        report,
        verdict: verdict(report),
        topics: report.labels.iter().map(|n| topic_row(n, &report.topics[n])).collect(),
        confusion: names()
            .zip(report.confusion.rows())
            .enumerate()
            .map(|(i, (name, row))| confusion_row(i, name, row))
            .collect(),
        columns: names().collect(),
        bins: report
            .calibration
            .bins
            .iter()
            .map(|b| BinRow {
                range: format!("{:.0}–{:.0} %", b.from * 100.0, b.from * 100.0 + 10.0),
                count: b.count,
                mean: percent(b.mean_probability),
                observed: percent(b.observed),
            })
            .collect(),
        all_errors: errors.len(),
        errors: errors.into_iter().take(MOST_ERRORS).map(error_row).collect(),
    };
    let html = page.render().map_err(io::Error::other)?;
    out.write_all(html.as_bytes())
}

fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{:.1} %", v * 100.0))
}

fn plain(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"))
}

/// The result in words, before any table.
fn verdict(report: &Report) -> Vec<String> {
    let mut out = Vec::new();
    let range = |low: Option<f64>, high: Option<f64>| match (low, high) {
        (Some(low), Some(high)) => format!(" (95 % interval {low:.3} to {high:.3})"),
        _ => String::new(),
    };
    out.push(format!(
        "Of {} articles, {} were given exactly the right labels. Micro F1 is {}{}, macro F1 {}{}.",
        report.articles,
        percent(report.accuracy),
        plain(report.micro_f1),
        range(report.low.micro_f1, report.high.micro_f1),
        plain(report.macro_f1),
        range(report.low.macro_f1, report.high.macro_f1),
    ));
    out.push(format!(
        "{} of the articles are accepted without review; of those, {} are right.",
        percent(report.coverage),
        percent(report.accuracy_at_coverage),
    ));
    let defined = report.topics.iter().filter_map(|(name, t)| Some((name, t.f1?)));
    let mut by_f1: Vec<(&String, f64)> = defined.collect();
    by_f1.sort_by(|a, b| b.1.total_cmp(&a.1));
    if let (Some(best), Some(worst)) = (by_f1.first(), by_f1.last())
        && by_f1.len() > 1
    {
        out.push(format!(
            "Best label: {} (F1 {:.3}); weakest: {} (F1 {:.3}).",
            best.0, best.1, worst.0, worst.1
        ));
    }
    for (name, topic) in &report.topics {
        if topic.support < SMALL {
            out.push(format!(
                "{name} has only {} articles here: its scores are uncertain.",
                topic.support
            ));
        }
    }
    for (name, count) in &report.unknown_labels {
        out.push(format!(
            "{count} articles have the label {name}, which the model does not know; they count as wrong."
        ));
    }
    out
}

fn topic_row<'r>(name: &'r str, topic: &TopicReport) -> TopicRow<'r> {
    let (low, high) = (topic.low.f1, topic.high.f1);
    TopicRow {
        name,
        support: topic.support,
        is_small: topic.support < SMALL,
        precision: plain(topic.precision),
        recall: plain(topic.recall),
        f1: plain(topic.f1),
        interval: match (low, high) {
            (Some(low), Some(high)) => format!("{low:.3} – {high:.3}"),
            _ => "–".to_owned(),
        },
        low: low.unwrap_or(0.0) * 100.0,
        width: (high.unwrap_or(0.0) - low.unwrap_or(0.0)) * 100.0,
        point: topic.f1.unwrap_or(0.0) * 100.0,
        threshold: format!("{:.3}", topic.threshold),
        ece: plain(topic.ece),
    }
}

fn confusion_row<'r>(at: usize, name: &'r str, row: &[u64]) -> ConfusionRow<'r> {
    let sum: u64 = row.iter().sum::<u64>().max(1);
    let cell = |(i, &count): (usize, &u64)| ConfusionCell {
        count,
        share: count * 100 / sum,
        is_right: i == at,
    };
    ConfusionRow { name, cells: row.iter().enumerate().map(cell).collect() }
}

fn error_row(case: &Case) -> ErrorRow<'_> {
    let or_other = |cell: String| if cell.is_empty() { "other".to_owned() } else { cell };
    let mut excerpt: String = case.text.chars().take(EXCERPT).collect();
    if excerpt.len() < case.text.len() {
        excerpt.push('…');
    }
    ErrorRow {
        id: &case.id,
        title: &case.title,
        excerpt,
        truth: or_other(case.truth.to_cell()),
        given: match case.confidence {
            Some(_) => or_other(case.topics.join(";")),
            None => case.status.name().to_owned(),
        },
        confidence: percent(case.confidence),
        decision: case.decision.name(),
    }
}
