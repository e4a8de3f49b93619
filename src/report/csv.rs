//! The tables beside the report.

use std::io::{self, Write};

use super::case::Case;
use super::report::Report;
use super::table::{Cell, Table};

/// `per_topic.csv`: one row a label. An undefined score is an empty cell.
pub fn write_per_topic(report: &Report, table: &mut Table<impl Write>) -> io::Result<()> {
    table.row([
        "topic",
        "support",
        "predicted",
        "precision",
        "precision_low",
        "precision_high",
        "recall",
        "recall_low",
        "recall_high",
        "f1",
        "f1_low",
        "f1_high",
        "threshold",
        "ece",
        "average_precision",
    ])?;
    for name in &report.labels {
        let t = &report.topics[name];
        let counts = [name.as_str().into(), t.support.into(), t.predicted.into()];
        let scores = [
            t.precision,
            t.low.precision,
            t.high.precision,
            t.recall,
            t.low.recall,
            t.high.recall,
            t.f1,
            t.low.f1,
            t.high.f1,
            Some(t.threshold),
            t.ece,
            t.average_precision,
        ];
        table.cells(counts.into_iter().chain(scores.map(Cell::Number)))?;
    }
    Ok(())
}

/// `confusion.csv`: rows by true label, columns by predicted label, `other` last.
pub fn write_confusion(report: &Report, table: &mut Table<impl Write>) -> io::Result<()> {
    let names = || report.labels.iter().map(String::as_str).chain(["other"]);
    table.row(["true"].into_iter().chain(names()))?;
    for (name, row) in names().zip(report.confusion.rows()) {
        table.cells([Cell::from(name)].into_iter().chain(row.iter().map(|&n| n.into())))?;
    }
    Ok(())
}

/// `predictions.csv`: every article, in input order.
pub fn write_predictions(report: &Report, table: &mut Table<impl Write>) -> io::Result<()> {
    let mut header = ["id", "title"].map(str::to_owned).to_vec();
    judgement_header(report, &mut header);
    table.row(header)?;
    for case in &report.cases {
        let mut row = vec![case.id.as_str().into(), case.title.as_str().into()];
        judgement(report, case, &mut row);
        table.cells(row)?;
    }
    Ok(())
}

/// `errors.csv`: the wrong articles with their text, the most confident error first. A label written into
/// `corrected_labels` takes the place of `labels` when the file is read again as training data.
pub fn write_errors(report: &Report, table: &mut Table<impl Write>) -> io::Result<()> {
    table.row(review_header(report))?;
    for case in report.errors() {
        let mut row = review_row(report, case);
        row.push(case.text.as_str().into());
        table.cells(row)?;
    }
    Ok(())
}

/// The columns of `errors.csv`, the text last.
pub(super) fn review_header(report: &Report) -> Vec<String> {
    let mut header = ["id", "title", "corrected_labels"].map(str::to_owned).to_vec();
    judgement_header(report, &mut header);
    header.push("text".to_owned());
    header
}

/// An article's cells in these columns, all but the text.
pub(super) fn review_row(report: &Report, case: &Case) -> Vec<Cell> {
    let mut row = vec![case.id.as_str().into(), case.title.as_str().into(), "".into()];
    judgement(report, case, &mut row);
    row
}

fn judgement_header(report: &Report, header: &mut Vec<String>) {
    header.extend(["labels", "predicted", "correct", "confidence"].map(str::to_owned));
    header.extend(report.labels.iter().map(|name| format!("p_{name}")));
    header.extend(["decision", "status", "possible"].map(str::to_owned));
}

fn judgement(report: &Report, case: &Case, row: &mut Vec<Cell>) {
    row.push(case.truth_cell().into());
    row.push(case.given_cell().into());
    row.push(if case.exact { "yes" } else { "no" }.into());
    row.push(case.confidence.into());
    for label in 0..report.labels.len() {
        row.push(case.probabilities.get(label).copied().into());
    }
    row.push(case.decision.name().into());
    row.push(case.status.name().into());
    row.push(case.possible.join(";").into());
}
