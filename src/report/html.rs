//! `report.html`: one file for the person who decides.

use std::io::{self, Write};

use askama::Template;

use super::base::Base;
use super::curve_views::Curves;
use super::detail_views::{
    Cards, CleaningView, ComparisonView, SliceTable, TermsRow, slice_tables, terms_rows,
};
use super::language::Language;
use super::matrix_view::Matrix;
use super::pen::Pen;
use super::report::Report;
use super::review_view::{Review, reviewed};
use super::summary_view::Summary;
use super::wording::Wording;

/// A report is never larger than this, however many articles there are.
const MOST_BYTES: usize = 1_450_000;

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    base: Base,
    w: &'static Wording,
    sections: Vec<(&'static str, &'static str)>,
    summary: Summary,
    matrix: Matrix,
    curves: Curves,
    slices: Vec<SliceTable>,
    comparison: Option<ComparisonView>,
    terms: Vec<TermsRow>,
    terms_note: String,
    review: Review,
    cleaning: CleaningView,
    cards: Cards,
}

/// Writes the report. Everything is in the one file, of less than 1.5 MB: where there are very many errors, excerpts are shorter and the
/// least telling articles left out. Text of articles is escaped.
pub fn write_html(report: &Report, language: Language, mut out: impl Write) -> io::Result<()> {
    let pen = Pen::new(language);
    // The page without its table of articles says how much room that has; links to rows make it a little larger.
    let bare = page(report, pen, Review::new(report, pen, 0)).render().map_err(io::Error::other)?;
    let room = MOST_BYTES.saturating_sub(bare.len());
    let review = Review::new(report, pen, room);
    let html = page(report, pen, review).render().map_err(io::Error::other)?;
    out.write_all(html.as_bytes())
}

fn page(report: &Report, pen: Pen, review: Review) -> Page {
    let w = pen.words;
    let reviewed = reviewed(report);
    let rows: std::collections::BTreeSet<usize> =
        reviewed.iter().take(review.shown).map(|reviewed| reviewed.number).collect();
    let has_row = |number: usize| rows.contains(&number);
    let curves = Curves::new(report, pen);
    let comparison = ComparisonView::new(report, pen, &has_row);
    let mut sections = vec![
        ("scores", w.scores),
        ("confusion", w.confusion),
        ("curves", w.curves),
        ("calibration", w.calibration),
        ("coverage", w.coverage),
    ];
    sections.extend((!curves.learning_rows.is_empty()).then_some(("learning", w.learning)));
    sections.push(("slices", w.slices));
    sections.extend(comparison.as_ref().map(|_| ("comparison", w.comparison)));
    sections.extend([
        ("terms", w.terms),
        ("review", w.review),
        ("cleaning", w.cleaning),
        ("cards", w.cards),
        ("made", w.made),
    ]);
    let folds = report.models.len();
    Page {
        base: Base::new(pen.language),
        w,
        sections,
        summary: Summary::new(report, pen),
        matrix: Matrix::new(report, pen, &has_row),
        curves,
        slices: slice_tables(report, pen),
        comparison,
        terms: terms_rows(report, pen),
        terms_note: if folds > 1 {
            pen.say(w.terms_folds, &[&pen.count(folds)])
        } else {
            String::new()
        },
        review,
        cleaning: CleaningView::new(report, pen),
        cards: Cards::new(report, pen),
    }
}
