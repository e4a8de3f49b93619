//! The tables beside the report.

use std::io::Write;

use csv::Writer;

use super::case::Case;
use super::report::Report;

type Result = csv::Result<()>;

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |v| format!("{v:.4}"))
}

/// `per_topic.csv`: one row a label. An undefined score is an empty cell.
pub fn write_per_topic(report: &Report, out: impl Write) -> Result {
    let mut table = Writer::from_writer(out);
    table.write_record([
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
        table.write_record([
            name.clone(),
            t.support.to_string(),
            t.predicted.to_string(),
            number(t.precision),
            number(t.low.precision),
            number(t.high.precision),
            number(t.recall),
            number(t.low.recall),
            number(t.high.recall),
            number(t.f1),
            number(t.low.f1),
            number(t.high.f1),
            number(Some(t.threshold)),
            number(t.ece),
            number(t.average_precision),
        ])?;
    }
    Ok(table.flush()?)
}

/// `confusion.csv`: rows by true label, columns by predicted label, `other` last.
pub fn write_confusion(report: &Report, out: impl Write) -> Result {
    let mut table = Writer::from_writer(out);
    let names = || report.labels.iter().map(String::as_str).chain(["other"]);
    table.write_record(["true"].into_iter().chain(names()))?;
    for (name, row) in names().zip(report.confusion.rows()) {
        table.write_record([name.to_owned()].into_iter().chain(row.iter().map(u64::to_string)))?;
    }
    Ok(table.flush()?)
}

/// `predictions.csv`: every article, in input order.
pub fn write_predictions(report: &Report, out: impl Write) -> Result {
    let mut table = Writer::from_writer(out);
    let mut header = vec!["id", "title"].into_iter().map(str::to_owned).collect();
    judgement_header(report, &mut header);
    table.write_record(&header)?;
    for case in &report.cases {
        let mut row = vec![case.id.clone(), case.title.clone()];
        judgement(report, case, &mut row);
        table.write_record(&row)?;
    }
    Ok(table.flush()?)
}

/// `errors.csv`: the wrong articles with their text, the most confident error first. A label written into
/// `corrected_labels` takes the place of `labels` when the file is read again as training data.
pub fn write_errors(report: &Report, out: impl Write) -> Result {
    let mut table = Writer::from_writer(out);
    table.write_record(review_header(report))?;
    for case in report.errors() {
        let mut row = review_row(report, case);
        row.push(case.text.clone());
        table.write_record(&row)?;
    }
    Ok(table.flush()?)
}

/// The columns of `errors.csv`, the text last.
pub(super) fn review_header(report: &Report) -> Vec<String> {
    let mut header = ["id", "title", "corrected_labels"].map(str::to_owned).to_vec();
    judgement_header(report, &mut header);
    header.push("text".to_owned());
    header
}

/// An article's cells in these columns, all but the text.
pub(super) fn review_row(report: &Report, case: &Case) -> Vec<String> {
    let mut row = vec![case.id.clone(), case.title.clone(), String::new()];
    judgement(report, case, &mut row);
    row
}

fn judgement_header(report: &Report, header: &mut Vec<String>) {
    header.extend(["labels", "predicted", "correct", "confidence"].map(str::to_owned));
    header.extend(report.labels.iter().map(|name| format!("p_{name}")));
    header.extend(["decision", "status", "possible"].map(str::to_owned));
}

fn judgement(report: &Report, case: &Case, row: &mut Vec<String>) {
    row.push(case.truth_cell());
    row.push(case.given_cell());
    row.push(if case.exact { "yes" } else { "no" }.to_owned());
    row.push(number(case.confidence));
    for label in 0..report.labels.len() {
        row.push(number(case.probabilities.get(label).copied()));
    }
    row.push(case.decision.name().to_owned());
    row.push(case.status.name().to_owned());
    row.push(case.possible.join(";"));
}
