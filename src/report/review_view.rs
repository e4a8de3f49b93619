//! The table of errors and doubtful articles, as many as fit.

use askama::Template;
use serde_json::json;

use super::case::Case;
use super::csv::{review_header, review_row};
use super::excerpt::Excerpt;
use super::matrix_view::{cells_of, title_of};
use super::pen::{Pen, cut};
use super::report::Report;
use super::table::Cell;
use super::wording::Wording;
use crate::model::Decision;
use crate::pipeline::ExplainedTopic;

/// Lengths of excerpts in characters, the best first: the longest at which all articles fit is taken.
const EXCERPTS: [usize; 4] = [560, 400, 280, 180];
const TITLE: usize = 240;
/// Terms shown for a topic and against it.
const TERMS: usize = 5;

/// The table and what it leaves out.
pub(super) struct Review {
    pub how_many: String,
    pub shown: usize,
    /// Rows, as HTML.
    pub rows: String,
    /// What the script needs, as JSON that may stand in a page.
    pub data: String,
}

/// An article of the table by its number in the report.
pub(super) struct ReviewedCase<'r> {
    pub number: usize,
    pub case: &'r Case,
}

/// Errors, the most confident first, then doubtful articles, the least confident first.
pub(super) fn reviewed(report: &Report) -> Vec<ReviewedCase<'_>> {
    let mut numbers: Vec<usize> = (0..report.cases.len())
        .filter(|&i| !report.cases[i].exact || report.cases[i].decision == Decision::Review)
        .collect();
    let confidence = |i: usize| report.cases[i].confidence.unwrap_or(0.0);
    numbers.sort_by(|&a, &b| {
        let (x, y) = (report.cases[a].exact, report.cases[b].exact);
        let by_confidence = confidence(a).total_cmp(&confidence(b));
        x.cmp(&y).then(if x { by_confidence } else { by_confidence.reverse() })
    });
    numbers.into_iter().map(|number| ReviewedCase { number, case: &report.cases[number] }).collect()
}

impl Review {
    /// As many of the articles as take at most `budget` bytes, in their order, with the longest excerpts at which all of them fit.
    pub(super) fn new(report: &Report, pen: Pen, budget: usize) -> Self {
        let reviewed = reviewed(report);
        let mut best = Vec::new();
        for most in EXCERPTS {
            let mut left = budget;
            let mut pieces = Vec::new();
            for reviewed in &reviewed {
                let piece = Piece::new(report, reviewed, pen, most);
                let Some(rest) = left.checked_sub(piece.row.len() + piece.record.len() + 1) else {
                    break;
                };
                left = rest;
                pieces.push(piece);
            }
            // Shorter excerpts make room for more articles.
            best = pieces;
            if best.len() == reviewed.len() {
                break;
            }
        }
        let shown = best.len();
        let errors = reviewed.iter().filter(|r| !r.case.exact).count();
        let shown_errors = reviewed[..shown].iter().filter(|r| !r.case.exact).count();
        let parts = [shown_errors, errors, shown - shown_errors, reviewed.len() - errors];
        let parts = parts.map(|n| pen.count(n));
        let [shown_errors, errors, shown_doubtful, doubtful] = &parts;
        let w = pen.words;
        Self {
            how_many: if reviewed.is_empty() {
                w.review_none.to_owned()
            } else if shown == reviewed.len() {
                pen.say(w.review_all, &[errors, doubtful])
            } else {
                pen.say(w.review_left_out, &[shown_errors, errors, shown_doubtful, doubtful])
            },
            shown,
            data: data(report, &best, pen),
            rows: best.into_iter().map(|piece| piece.row).collect(),
        }
    }
}

/// One article: its row of the table, and of the corrections.
struct Piece {
    row: String,
    record: String,
}

impl Piece {
    fn new(report: &Report, reviewed: &ReviewedCase<'_>, pen: Pen, most: usize) -> Self {
        let &ReviewedCase { number, case } = reviewed;
        let row = CaseRow::new(report, number, case, pen, most);
        Self {
            // A template that is written into a string cannot fail.
            row: row.render().unwrap_or_default(),
            record: in_page(
                &json!(review_row(report, case).into_iter().map(Cell::plain).collect::<Vec<_>>())
                    .to_string(),
            ),
        }
    }
}

/// JSON for the script: the columns of `errors.csv`, the rows in the table's order without the text, and the words of the controls.
fn data(report: &Report, pieces: &[Piece], pen: Pen) -> String {
    let w = pen.words;
    let words = json!({
        "search": w.search,
        "filter_kind": w.filter_kind,
        "filter_truth": w.filter_truth,
        "filter_given": w.filter_given,
        "all": w.all,
        "errors_and_doubtful": w.errors_and_doubtful,
        "only_errors": w.only_errors,
        "only_doubtful": w.only_doubtful,
        "reset": w.reset,
        "shown": w.shown,
        "cell_filter": w.cell_filter,
        "correct_label": w.correct_label,
        "download": w.download,
        "sort_by": w.sort_by,
    });
    let records: Vec<&str> = pieces.iter().map(|piece| &piece.record[..]).collect();
    format!(
        "{{\"file\":\"corrections.csv\",\"header\":{},\"labels\":{},\"words\":{},\"rows\":[{}]}}",
        in_page(&json!(review_header(report)).to_string()),
        in_page(&json!(report.labels).to_string()),
        in_page(&words.to_string()),
        records.join(","),
    )
}

/// JSON that no parser of HTML can take for the end of the script that it stands in.
fn in_page(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

#[derive(Template)]
#[template(path = "report/case.html")]
struct CaseRow<'r> {
    w: &'static Wording,
    number: usize,
    cells: String,
    title: String,
    id: String,
    when: String,
    excerpt: Excerpt,
    reasons: Vec<ReasonRow>,
    truth: String,
    given: String,
    second: String,
    colon: &'static str,
    confidence: String,
    is_error: bool,
    decision: &'r str,
}

struct ReasonRow {
    pro_title: String,
    pro: String,
    contra_title: String,
    contra: String,
}

impl<'r> CaseRow<'r> {
    fn new(report: &Report, number: usize, case: &'r Case, pen: Pen, most: usize) -> Self {
        let w = pen.words;
        let when = [&case.date, &case.source].into_iter().flatten().map(|part| cut(part, 40));
        let second = report.comparison.as_ref().map(|comparison| &comparison.given[number]);
        Self {
            w,
            number,
            cells: cells_of(case, report.labels.len()).join(" "),
            title: title_of(case, pen, TITLE),
            id: cut(&case.id, TITLE),
            when: when.collect::<Vec<_>>().join(" · "),
            excerpt: Excerpt::new(case, most),
            reasons: case.reasons.iter().map(|reason| reason_row(reason, pen)).collect(),
            truth: cut(&case.truth_cell().replace(';', "; "), TITLE),
            given: match case.confidence {
                Some(_) => case.given_cell().replace(';', "; "),
                None => pen.say(w.not_classified, &[case.status.name()]),
            },
            second: second.filter(|given| **given != case.topics).map_or_else(String::new, |g| {
                if g.is_empty() { w.other.to_owned() } else { g.join("; ") }
            }),
            colon: pen.language.colon(),
            confidence: pen.share(case.confidence, w.undefined_all),
            is_error: !case.exact,
            decision: match case.decision {
                Decision::Accept => w.accept,
                Decision::Review => w.to_review,
            },
        }
    }
}

fn reason_row(reason: &ExplainedTopic, pen: Pen) -> ReasonRow {
    let side = |is_for: bool| {
        let terms = reason.terms.iter().filter(|term| (term.value > 0.0) == is_for).take(TERMS);
        let term = terms.map(|term| {
            let form = cut(term.forms.first().unwrap_or(&term.term), 40);
            format!("{form} {}", pen.language.signed(term.value, 2))
        });
        term.collect::<Vec<_>>().join(", ")
    };
    let topic = cut(&reason.topic, 60);
    ReasonRow {
        pro_title: pen.say(pen.words.term_for, &[&topic]),
        pro: side(true),
        contra_title: pen.say(pen.words.term_against, &[&topic]),
        contra: side(false),
    }
}
