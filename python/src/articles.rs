//! Rows as articles: which columns hold what, and whole articles for training.

use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Schema};
use pyo3::prelude::*;
use pyo3::types::PyString;
use rubrique::corpus::{Article, ColumnNames, LabelSet, Parts, ReadOptions};
use rubrique::pipeline::Stop;
use rubrique::{Error, Place};

use crate::data::{Data, Table, columns, reader, refuse_single};
use crate::error::{arrow, raised, refused};
use crate::strings::Strings;

/// What a table is called where an error says where.
const TABLE: &str = "table";

/// The columns that somebody named; the others go by their usual names.
#[derive(Clone, Default)]
pub struct Named {
    pub id: Option<String>,
    pub title: Option<String>,
    pub text: Option<String>,
    pub label: Option<String>,
    pub date: Option<String>,
    pub source: Option<String>,
    pub html: Option<String>,
}

impl Named {
    /// Where the parts of an article stand.
    pub fn find(&self, schema: &Schema, need_labels: bool) -> PyResult<Parts> {
        let columns = columns(schema);
        let named = [
            ("id", &self.id),
            ("title", &self.title),
            ("text", &self.text),
            ("label", &self.label),
            ("date", &self.date),
            ("source", &self.source),
            ("html", &self.html),
        ];
        for (argument, name) in named {
            if let Some(name) = name
                && !columns.contains(name)
            {
                let what = format!("there is no column \"{name}\"");
                return Err(refused(what, format!("{argument}= one of {}", columns.join(", "))));
            }
        }
        let names = ColumnNames {
            id: self.id.clone(),
            title: self.title.clone(),
            text: self.text.clone(),
            labels: self.label.clone(),
            date: self.date.clone(),
            source: self.source.clone(),
            html: self.html.clone(),
        };
        let options = ReadOptions { columns: names, need_labels, ..ReadOptions::default() };
        Parts::find(&columns, &options, &Place::file(TABLE)).map_err(|_| {
            let what = if need_labels {
                "the articles' text or their labels"
            } else {
                "the articles' text"
            };
            let arguments = if need_labels { "text=NAME, label=NAME" } else { "text=NAME" };
            refused(format!("no column with {what} among {}", columns.join(", ")), arguments)
        })
    }
}

/// The labels of articles, given beside them.
pub fn label_sets(labels: &Bound<'_, PyAny>) -> PyResult<Vec<LabelSet>> {
    let Some(reader) = reader(labels)? else {
        refuse_single(labels, "[label]")?;
        return labels.try_iter()?.map(|labels| label_set(&labels?)).collect();
    };
    let mut sets = Vec::new();
    for chunk in reader {
        let chunk = chunk.map_err(arrow)?;
        let cells = Strings::of(&chunk).map_err(arrow)?;
        for row in 0..chunk.len() {
            let cell =
                cells.get(row).map_err(|_| refused("a label is no UTF-8", "labels as text"))?;
            sets.push(LabelSet::parse(cell));
        }
    }
    Ok(sets)
}

/// A string is read as a cell (topics separated by `;`, `other` for none of them), anything else as the names themselves.
fn label_set(labels: &Bound<'_, PyAny>) -> PyResult<LabelSet> {
    if labels.is_none() || labels.extract::<f64>().is_ok_and(f64::is_nan) {
        return Ok(LabelSet::default());
    }
    if let Ok(cell) = labels.cast::<PyString>() {
        return Ok(LabelSet::parse(cell.to_str()?));
    }
    let names = labels.try_iter()?.map(|name| name?.extract::<String>());
    Ok(LabelSet::new(names.collect::<PyResult<Vec<String>>>()?))
}

/// Whole articles, one after the other; `labels` go before those of a column. They end with an error once `stop` is set.
pub fn articles(
    data: Data,
    labels: Option<Vec<LabelSet>>,
    named: &Named,
    need_labels: bool,
    stop: &Stop,
) -> PyResult<impl Iterator<Item = Result<Article, Error>> + Send + use<>> {
    let all = data.len();
    if let Some(labels) = &labels
        && labels.len() != all
    {
        let what = format!("there are {all} articles and {} labels", labels.len());
        return Err(refused(what, "as many labels as articles"));
    }
    if need_labels && labels.is_none() && !matches!(data, Data::Table(_)) {
        return Err(refused("texts alone have no labels", "labels=…, one for each text"));
    }
    let place = |at: u64| Place::record(Path::new(TABLE), at + 1, None);
    let plain = move |at: usize, text: String| {
        let place = place(at as u64);
        Ok(Article { id: (at + 1).to_string(), place, ..Article::new("", text) })
    };
    let articles: Box<dyn Iterator<Item = Result<Article, Error>> + Send> = match data {
        Data::Table(Table { schema, batches }) => {
            let parts = named.find(&schema, need_labels && labels.is_none())?;
            let mut before = 0;
            Box::new(batches.into_iter().flat_map(move |batch| {
                let first = before;
                before += batch.num_rows() as u64;
                let rows = Rows::of(&batch, &parts);
                let rows = rows.map_err(|e| Error::Data {
                    what: e.to_string(),
                    hint: "columns of strings".into(),
                });
                let parts = parts.clone();
                let (rows, failed) = match rows {
                    Ok(rows) => (Some(rows), None),
                    Err(error) => (None, Some(Err(error))),
                };
                let count = rows.as_ref().map_or(0, |_| batch.num_rows());
                let read = (0..count).filter_map(move |row| {
                    Some(Ok(rows.as_ref()?.article(row, &parts, place(first + row as u64))))
                });
                failed.into_iter().chain(read)
            }))
        }
        Data::Column(chunks) => {
            let strings: Result<Vec<(Strings, usize)>, ArrowError> =
                chunks.iter().map(|chunk| Ok((Strings::of(chunk)?, chunk.len()))).collect();
            let texts = strings.map_err(arrow)?.into_iter().flat_map(|(strings, rows)| {
                (0..rows).map(move |row| strings.get(row).map(str::to_owned))
            });
            Box::new(texts.enumerate().map(move |(at, text)| match text {
                Ok(text) => plain(at, text),
                Err(_) => plain(at, String::new()).map(unreadable),
            }))
        }
        Data::List(texts) => Box::new(texts.into_iter().enumerate().map(move |(at, text)| {
            plain(at, text.map_or_else(String::new, |text| (*text).to_owned()))
        })),
    };
    let mut labels = labels.map(Vec::into_iter);
    let stop = stop.clone();
    Ok(articles.map(move |article| {
        stop.check()?;
        let mut article = article?;
        if let Some(labels) = &mut labels {
            article.labels = labels.next();
        }
        Ok(article)
    }))
}

fn unreadable(article: Article) -> Article {
    Article { problem: Some("is no UTF-8".to_owned()), ..article }
}

/// The columns of a batch that an article is made of; those of no concern are `None`.
struct Rows(Vec<Option<Strings>>);

impl Rows {
    fn of(batch: &RecordBatch, parts: &Parts) -> Result<Self, ArrowError> {
        let Parts { id, title, text, labels, corrected, date, source, .. } = parts;
        let wanted = [id, title, text, labels, corrected, date, source];
        let column = |at: usize| {
            let is_wanted = wanted.iter().any(|part| **part == Some(at));
            is_wanted.then(|| Strings::of(batch.column(at))).transpose()
        };
        Ok(Self((0..batch.num_columns()).map(column).collect::<Result<_, _>>()?))
    }

    fn article(&self, row: usize, parts: &Parts, place: Place) -> Article {
        let mut is_readable = true;
        let cells = self.0.iter().map(|column| match column.as_ref().map(|c| c.get(row)) {
            Some(Ok(cell)) => cell.to_owned(),
            Some(Err(_)) => {
                is_readable = false;
                String::new()
            }
            None => String::new(),
        });
        let cells = cells.collect();
        let article = parts.article(cells, place);
        if is_readable { article } else { unreadable(article) }
    }
}

/// The error that an article's own module gives.
pub fn library<T>(result: Result<T, Error>) -> PyResult<T> {
    result.map_err(|error| raised(&error))
}
