//! `audit.html`: what is wrong with a corpus, or how new articles differ, as a page of tables.

use std::io::{self, Write};

use askama::Template;

use super::audit_wording::{AuditWording, kind_words};
use super::base::Base;
use super::language::Language;
use super::pen::{Pen, cut};
use crate::corpus::LabelSet;
use crate::pipeline::{Audit, Drift, DriftRow, Finding, FindingKind, Measure};

/// Findings of a kind that are shown; all of them are in the table beside the page.
const MOST: usize = 150;
/// Groups of a drift that are shown of each kind.
const MOST_GROUPS: usize = 60;
const EXCERPT: usize = 220;

/// How a page came about.
#[derive(Clone, Debug, Default)]
pub struct AuditSetup {
    /// The command line.
    pub command: String,
    /// Version of rubrique.
    pub version: String,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Page {
    base: Base,
    title: &'static str,
    contents: &'static str,
    grade: &'static str,
    headline: String,
    sentences: Vec<String>,
    keys: Vec<(String, String)>,
    tables: Vec<Table>,
    version: String,
    command: String,
}

struct Table {
    id: &'static str,
    title: String,
    note: String,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

struct Column {
    name: &'static str,
    is_number: bool,
}

#[derive(Default)]
struct Cell {
    text: String,
    soft: String,
    is_number: bool,
    is_strong: bool,
}

impl Cell {
    fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    fn number(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_number: true, ..Self::default() }
    }
}

/// Writes the findings of an audit. Everything is in the one file; text of articles is escaped.
pub fn write_audit_html(
    audit: &Audit,
    setup: &AuditSetup,
    language: Language,
    out: impl Write,
) -> io::Result<()> {
    let (pen, w) = (Pen::new(language), AuditWording::of(language));
    let counts = audit.counts();
    let found: Vec<(FindingKind, usize)> = counts.into_iter().filter(|(_, n)| *n > 0).collect();
    let findings = pen.count(audit.findings.len());
    let articles = pen.count(audit.articles.len());
    let mut sentences = vec![match &audit.labels_checked {
        Ok(checked) => pen.say(w.checked, &[&pen.count(*checked)]),
        Err(why) => pen.say(w.not_checked, &[why]),
    }];
    if audit.near_duplicates.clusters > 0 {
        let counts = audit.near_duplicates;
        let [articles, clusters] =
            [counts.articles, counts.clusters].map(|n| pen.count(n as usize));
        sentences.push(pen.say(w.clusters, &[&articles, &clusters]));
    }
    sentences.push(w.correct.to_owned());
    let keys =
        found.iter().map(|(kind, n)| (kind_words(*kind, language).0.to_owned(), pen.count(*n)));
    let page = Page {
        title: w.title,
        grade: if found.is_empty() { "good" } else { "fair" },
        headline: if found.is_empty() {
            pen.say(w.nothing, &[&articles])
        } else {
            pen.say(w.headline, &[&findings, &articles])
        },
        sentences,
        keys: keys.collect(),
        tables: found.iter().map(|(kind, n)| kind_table(audit, *kind, *n, pen, w)).collect(),
        ..Page::new(setup, language, w)
    };
    page.write(out)
}

/// Writes how new articles differ from a baseline.
pub fn write_drift_html(
    drift: &Drift,
    setup: &AuditSetup,
    language: Language,
    out: impl Write,
) -> io::Result<()> {
    let (pen, w) = (Pen::new(language), AuditWording::of(language));
    let shifts = drift.shifts();
    let [articles, baseline] = [drift.articles, drift.baseline as usize].map(|n| pen.count(n));
    let told = |row: &&DriftRow| format!("{} {}", row.measure.name(), pen.plain(row.value));
    let told: Vec<String> = shifts.iter().map(told).collect();
    let groups = [("all", w.all), ("month", w.month), ("source", w.source)];
    let page = Page {
        title: w.drift_title,
        grade: if shifts.is_empty() { "good" } else { "poor" },
        headline: if shifts.is_empty() {
            pen.say(w.no_shift, &[&articles, &baseline])
        } else {
            pen.say(w.shift, &[&articles, &baseline, &told.join(", ")])
        },
        sentences: vec![w.drift_note.to_owned()],
        keys: drift
            .rows
            .iter()
            .filter(|row| row.group == "all" && row.label.is_empty())
            .map(|row| (row.measure.name().to_owned(), pen.plain(row.value)))
            .collect(),
        tables: groups
            .into_iter()
            .filter_map(|(group, title)| drift_table(drift, group, title, pen, w))
            .collect(),
        ..Page::new(setup, language, w)
    };
    page.write(out)
}

impl Page {
    fn new(setup: &AuditSetup, language: Language, w: &AuditWording) -> Self {
        Self {
            base: Base::new(language),
            title: w.title,
            contents: w.contents,
            grade: "good",
            headline: String::new(),
            sentences: Vec::new(),
            keys: Vec::new(),
            tables: Vec::new(),
            version: setup.version.clone(),
            command: setup.command.clone(),
        }
    }

    fn write(&self, mut out: impl Write) -> io::Result<()> {
        out.write_all(self.render().map_err(io::Error::other)?.as_bytes())
    }
}

fn kind_table(audit: &Audit, kind: FindingKind, all: usize, pen: Pen, w: &AuditWording) -> Table {
    let (title, note) = kind_words(kind, pen.language);
    let note = if all > MOST {
        format!("{note} {}", pen.say(w.shown, &[&pen.count(MOST), &pen.count(all)]))
    } else {
        note.to_owned()
    };
    let has_labels = matches!(kind, FindingKind::LikelyWrongLabel | FindingKind::LabelConflict);
    let has_cluster = matches!(kind, FindingKind::NearDuplicate | FindingKind::LabelConflict);
    let column = |name, is_number| Column { name, is_number };
    let mut columns = vec![column(w.rank, true), column(w.article, false)];
    columns.extend(has_labels.then(|| column(w.labels, false)));
    columns.extend(has_labels.then(|| column(w.suggested, false)));
    columns.extend(has_cluster.then(|| column(w.cluster, true)));
    columns.extend([column(w.severity, true), column(w.detail, false)]);
    let row = |finding: &Finding| -> Vec<Cell> {
        let article = &audit.articles[finding.article];
        let labels =
            |set: Option<&LabelSet>| Cell::text(set.map(LabelSet::or_other).unwrap_or_default());
        let words: Vec<&str> = article.text.split_whitespace().take(60).collect();
        let title = if article.title.is_empty() { &article.id } else { &article.title };
        let mut cells = vec![
            Cell::number(finding.rank.to_string()),
            Cell {
                text: cut(title, 200),
                soft: format!(
                    "{} · {} · {}",
                    cut(&article.id, 80),
                    article.place,
                    cut(&words.join(" "), EXCERPT)
                ),
                is_strong: true,
                ..Cell::default()
            },
        ];
        cells.extend(has_labels.then(|| labels(article.labels.as_ref())));
        cells.extend(has_labels.then(|| labels(finding.suggested.as_ref())));
        let cluster = audit.clusters[finding.article].map(|n| n.to_string()).unwrap_or_default();
        cells.extend(has_cluster.then(|| Cell::number(cluster)));
        let severity = finding.severity.map(|s| pen.language.number(s, 3)).unwrap_or_default();
        cells.extend([Cell::number(severity), Cell::text(finding.detail.clone())]);
        cells
    };
    let findings = audit.findings.iter().filter(|finding| finding.kind == kind).take(MOST);
    Table {
        id: kind.name(),
        title: title.to_owned(),
        note,
        columns,
        rows: findings.map(row).collect(),
    }
}

/// One row a number of all articles; of months and sources one row a group with the numbers that matter side by side.
fn drift_table(
    drift: &Drift,
    group: &'static str,
    title: &'static str,
    pen: Pen,
    w: &AuditWording,
) -> Option<Table> {
    let of_group: Vec<&DriftRow> = drift.rows.iter().filter(|row| row.group == group).collect();
    if of_group.is_empty() {
        return None;
    }
    let column = |name, is_number| Column { name, is_number };
    let value = |row: &DriftRow| Cell {
        soft: pen.range(row.low, row.high),
        ..Cell::number(pen.plain(row.value))
    };
    let (columns, rows) = if group == "all" {
        let row = |row: &&DriftRow| {
            let name = format!("{} {}", row.measure.name(), row.label);
            vec![Cell::text(name), Cell::number(pen.plain(row.baseline)), value(row)]
        };
        let columns = vec![column(w.measure, false), column(w.baseline, true), column(w.now, true)];
        (columns, of_group.iter().map(row).collect::<Vec<_>>())
    } else {
        let shown = [Measure::UnknownTerms, Measure::Review, Measure::StabilityIndex];
        let row = |rows: &[&DriftRow]| {
            let name = if rows[0].name.is_empty() { "–" } else { &rows[0].name };
            let mut cells = vec![
                Cell { is_strong: true, ..Cell::text(cut(name, 80)) },
                Cell::number(pen.count(rows[0].articles)),
            ];
            for measure in shown {
                let found = rows.iter().find(|row| row.measure == measure);
                cells.push(found.map_or_else(Cell::default, |row| value(row)));
            }
            cells
        };
        let mut columns = vec![column(title, false), column(w.articles, true)];
        columns.extend(shown.map(|measure| column(measure.name(), true)));
        let rows = of_group.chunk_by(|a, b| a.name == b.name).take(MOST_GROUPS).map(row);
        (columns, rows.collect())
    };
    Some(Table { id: group, title: title.to_owned(), note: w.intervals.to_owned(), columns, rows })
}
