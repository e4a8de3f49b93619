//! The confusion matrix, the labels that meet, and the articles of each cell.

use std::collections::BTreeMap;

use super::case::Case;
use super::pen::{Pen, cut};
use super::report::Report;
use super::summary_view::{name, shown_labels};
use crate::metrics::ConfusionMatrix;
use crate::model::Task;

/// Articles listed under one cell, and under all cells together.
const MOST_OF_CELL: usize = 12;
const MOST_OF_ALL: usize = 900;
/// Pairs of labels shown.
const MOST_PAIRS: usize = 60;
const TITLE: usize = 90;
/// Columns from which on their names stand upright.
const WIDE: usize = 9;

pub(super) struct Matrix {
    /// Whether names of columns stand upright, to save room.
    pub is_wide: bool,
    pub names: Vec<String>,
    pub rows: Vec<MatrixRow>,
    /// Whether articles have several labels.
    pub several: bool,
    pub pairs: Vec<Pair>,
    pub lists: Vec<CaseList>,
}

pub(super) struct MatrixRow {
    pub name: String,
    pub cells: Vec<Cell>,
}

pub(super) struct Cell {
    pub count: String,
    pub class: String,
    /// Of the list of its articles; empty where there is none.
    pub id: String,
}

pub(super) struct Pair {
    pub first: String,
    pub second: String,
    pub truly: String,
    pub given: String,
    pub id: String,
}

/// The articles of a cell, most doubtful first.
pub(super) struct CaseList {
    pub id: String,
    pub title: String,
    pub count: String,
    pub items: Vec<CaseLink>,
    /// How many are left out, in words.
    pub more: String,
}

pub(super) struct CaseLink {
    pub title: String,
    pub id: String,
    /// Its row in the table of articles, or empty.
    pub href: String,
}

/// The cells of the confusion matrix and the pairs of labels that an article belongs to.
pub(super) fn cells_of(case: &Case, labels: usize) -> Vec<String> {
    let confusion = ConfusionMatrix::cells(&case.outcome, labels);
    let mut cells: Vec<String> = confusion.into_iter().map(|(t, p)| cell_id(t, p)).collect();
    for list in [&case.outcome.truth, &case.outcome.predicted] {
        for (i, &a) in list.iter().enumerate() {
            let others = list[i + 1..].iter().filter(|&&b| a.max(b) < labels);
            cells.extend(others.map(|&b| pair_id(a.min(b), a.max(b))));
        }
    }
    cells.sort();
    cells.dedup();
    cells
}

fn cell_id(truth: usize, given: usize) -> String {
    format!("c{truth}-{given}")
}

fn pair_id(first: usize, second: usize) -> String {
    format!("k{first}-{second}")
}

impl Matrix {
    /// `shown` are the numbers of the articles that the table below has rows for.
    pub(super) fn new(report: &Report, pen: Pen, has_row: &dyn Fn(usize) -> bool) -> Self {
        let labels = report.labels.len();
        let mut shown = shown_labels(report);
        let rows = report.confusion.rows();
        if report.task == Task::AnyLabels
            || rows.iter().any(|r| r[labels] > 0)
            || rows[labels].iter().any(|&n| n > 0)
        {
            shown.push(labels);
        }
        let label = |l: usize| report.labels.get(l).map_or_else(|| "other".to_owned(), |l| name(l));
        let members = members(report);
        let mut lists = Lists { report, pen, has_row, left: MOST_OF_ALL, lists: Vec::new() };
        let rows = shown.iter().map(|&truth| {
            let row = &report.confusion.rows()[truth];
            let sum = row.iter().sum::<u64>().max(1);
            let cells = shown.iter().map(|&given| {
                let count = row[given];
                let tint = if truth == given { 'g' } else { 'b' };
                let shade = (count * 4).div_ceil(sum);
                let id = cell_id(truth, given);
                let title = if truth == given {
                    pen.say(pen.words.cell_right, &[&label(truth)])
                } else {
                    pen.say(pen.words.cell_title, &[&label(truth), &label(given)])
                };
                Cell {
                    count: pen.language.count(count),
                    class: if count > 0 { format!("{tint}{shade}") } else { "soft".to_owned() },
                    id: lists.add(id, title, &members),
                }
            });
            MatrixRow { name: label(truth), cells: cells.collect() }
        });
        let rows = rows.collect();
        let mut pairs = report.co_occurrence.pairs.clone();
        pairs.sort_by_key(|&(_, _, truly, given)| std::cmp::Reverse(truly + given));
        let pairs = pairs.into_iter().take(MOST_PAIRS).map(|(a, b, truly, given)| {
            let title = pen.say(pen.words.cell_pair, &[&label(a), &label(b)]);
            Pair {
                first: label(a),
                second: label(b),
                truly: pen.language.count(truly),
                given: pen.language.count(given),
                id: lists.add(pair_id(a, b), title, &members),
            }
        });
        let pairs = pairs.collect();
        Self {
            is_wide: shown.len() > WIDE,
            names: shown.iter().map(|&l| label(l)).collect(),
            rows,
            several: report.data.with_several > 0,
            pairs,
            lists: lists.lists,
        }
    }
}

/// By cell: its articles, those that a person should see first: errors by confidence, then by doubt.
fn members(report: &Report) -> BTreeMap<String, Vec<usize>> {
    let mut order: Vec<usize> = (0..report.cases.len()).collect();
    let confidence = |i: usize| report.cases[i].confidence.unwrap_or(0.0);
    order.sort_by(|&a, &b| {
        let (x, y) = (&report.cases[a], &report.cases[b]);
        x.exact.cmp(&y.exact).then_with(|| {
            let (a, b) = (confidence(a), confidence(b));
            if x.exact { a.total_cmp(&b) } else { b.total_cmp(&a) }
        })
    });
    let mut members: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for i in order {
        for cell in cells_of(&report.cases[i], report.labels.len()) {
            members.entry(cell).or_default().push(i);
        }
    }
    members
}

struct Lists<'r> {
    report: &'r Report,
    pen: Pen,
    has_row: &'r dyn Fn(usize) -> bool,
    left: usize,
    lists: Vec<CaseList>,
}

impl Lists<'_> {
    /// Adds a cell's list and gives its id, or nothing where the cell is empty.
    fn add(&mut self, id: String, title: String, members: &BTreeMap<String, Vec<usize>>) -> String {
        let Some(of_cell) = members.get(&id) else { return String::new() };
        let most = MOST_OF_CELL.min(self.left);
        self.left -= most.min(of_cell.len());
        let list = CaseList {
            id: id.clone(),
            ..case_list(self.report, self.pen, title, of_cell, most, self.has_row)
        };
        self.lists.push(list);
        id
    }
}

/// A list of articles, the first `most` of them.
pub(super) fn case_list(
    report: &Report,
    pen: Pen,
    title: String,
    members: &[usize],
    most: usize,
    has_row: &dyn Fn(usize) -> bool,
) -> CaseList {
    let link = |&i: &usize| {
        let case = &report.cases[i];
        CaseLink {
            title: title_of(case, pen, TITLE),
            id: cut(&case.id, TITLE),
            href: if has_row(i) { format!("a{i}") } else { String::new() },
        }
    };
    let more = members.len().saturating_sub(most);
    CaseList {
        id: String::new(),
        title,
        count: pen.count(members.len()),
        items: members.iter().take(most).map(link).collect(),
        more: if more > 0 {
            pen.say(pen.words.cell_more, &[&pen.count(more)])
        } else {
            String::new()
        },
    }
}

/// An article's title, or the start of its text where it has none.
pub(super) fn title_of(case: &Case, pen: Pen, most: usize) -> String {
    let first = [case.title.trim(), case.text.trim()].into_iter().find(|s| !s.is_empty());
    first.map_or_else(|| pen.words.untitled.to_owned(), |text| cut(text, most))
}
