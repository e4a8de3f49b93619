//! What `audit` writes: one row for every finding, the most useful first.

use std::io::{self, Write};

use crate::corpus::{Article, LabelSet};
use crate::pipeline::{Audit, Drift};

use super::table::{Cell, Table};

/// Characters of a text that are shown.
const EXCERPT: usize = 300;

/// Writes the findings as CSV. Labels written into `corrected_labels` go to the articles of the same id and title when the file is given back to
/// `train`, `evaluate` or `audit` beside the corpus. What does not apply is an empty cell.
pub fn write_audit(audit: &Audit, table: &mut Table<impl Write>) -> io::Result<()> {
    table.row([
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
    let number = |value: Option<u64>| value.map_or_else(|| "".into(), Cell::from);
    let labels = |set: Option<&LabelSet>| set.map_or_else(String::new, LabelSet::or_other);
    for finding in &audit.findings {
        let article = &audit.articles[finding.article];
        table.cells([
            finding.kind.name().into(),
            finding.rank.to_string().into(),
            finding.severity.into(),
            article.place.file.display().to_string().into(),
            number(article.place.record),
            number(article.place.line),
            article.id.as_str().into(),
            article.title.as_str().into(),
            labels(article.labels.as_ref()).into(),
            labels(finding.suggested.as_ref()).into(),
            "".into(),
            number(audit.clusters[finding.article].map(|cluster| cluster as u64)),
            finding.detail.as_str().into(),
            excerpt(article).into(),
        ])?;
    }
    Ok(())
}

/// Writes how new articles differ from a baseline as CSV, one row a number. What is not known is an empty cell.
pub fn write_drift(drift: &Drift, table: &mut Table<impl Write>) -> io::Result<()> {
    table.row([
        "group", "name", "articles", "measure", "label", "baseline", "value", "low", "high",
    ])?;
    for row in &drift.rows {
        table.cells([
            row.group.into(),
            row.name.as_str().into(),
            row.articles.to_string().into(),
            row.measure.name().into(),
            row.label.as_str().into(),
            row.baseline.into(),
            row.value.into(),
            row.low.into(),
            row.high.into(),
        ])?;
    }
    Ok(())
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
