//! What `audit` writes: one row for every finding, the most useful first.

use std::io::Write;

use csv::Writer;

use crate::corpus::{Article, LabelSet};
use crate::pipeline::{Audit, Drift};

/// Characters of a text that are shown.
const EXCERPT: usize = 300;

/// Writes the findings as CSV. Labels written into `corrected_labels` go to the articles of the same id and title when the file is given back to
/// `train`, `evaluate` or `audit` beside the corpus. What does not apply is an empty cell.
pub fn write_audit(audit: &Audit, out: impl Write) -> csv::Result<()> {
    let mut table = Writer::from_writer(out);
    table.write_record([
        "kind",
        "rank",
        "severity",
        "file",
        "record",
        "line",
        "id",
        "title",
        "labels",
        "suggested_labels",
        "corrected_labels",
        "cluster",
        "detail",
        "excerpt",
    ])?;
    let number = |value: Option<u64>| value.map_or_else(String::new, |n| n.to_string());
    let labels = |set: Option<&LabelSet>| set.map_or_else(String::new, LabelSet::or_other);
    for finding in &audit.findings {
        let article = &audit.articles[finding.article];
        table.write_record([
            finding.kind.name().to_owned(),
            finding.rank.to_string(),
            finding.severity.map_or_else(String::new, |s| format!("{s:.4}")),
            article.place.file.display().to_string(),
            number(article.place.record),
            number(article.place.line),
            article.id.clone(),
            article.title.clone(),
            labels(article.labels.as_ref()),
            labels(finding.suggested.as_ref()),
            String::new(),
            number(audit.clusters[finding.article].map(|cluster| cluster as u64)),
            finding.detail.clone(),
            excerpt(article),
        ])?;
    }
    Ok(table.flush()?)
}

/// Writes how new articles differ from a baseline as CSV, one row a number. What is not known is an empty cell.
pub fn write_drift(drift: &Drift, out: impl Write) -> csv::Result<()> {
    let mut table = Writer::from_writer(out);
    table.write_record([
        "group", "name", "articles", "measure", "label", "baseline", "value", "low", "high",
    ])?;
    let number = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.4}"));
    for row in &drift.rows {
        table.write_record([
            row.group.to_owned(),
            row.name.clone(),
            row.articles.to_string(),
            row.measure.name().to_owned(),
            row.label.clone(),
            number(row.baseline),
            number(row.value),
            number(row.low),
            number(row.high),
        ])?;
    }
    Ok(table.flush()?)
}

/// The beginning of a text on one line.
fn excerpt(article: &Article) -> String {
    let mut out = String::new();
    for word in article.text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
        if out.chars().count() > EXCERPT {
            return out.chars().take(EXCERPT).chain(['…']).collect();
        }
    }
    out
}
