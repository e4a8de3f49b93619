//! Rows to rows: what the command line does to a file, done to Arrow's batches.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::builder::{Float64Builder, ListBuilder, StringBuilder};
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef};
use pyo3::prelude::*;
use rayon::prelude::*;
use rubrique::corpus::{HtmlPage, Parts, Status};
use rubrique::ids::LabelId;
use rubrique::model::Prediction;
use rubrique::pipeline::{Classified, ClassifierScratch, Stop, why};
use rubrique::report::{OutputFormat, PredictionFormat, PredictionOptions};
use rubrique::{Article, Classifier};

use crate::articles::Named;
use crate::data::columns;
use crate::strings::Strings;

/// Rows of a batch that are made into one batch of results.
const ROWS: usize = 4096;
/// Rows that a thread takes at a time.
const FEW: usize = 32;

/// A model at work: what its threads remember of one text serves the next.
pub struct Worker {
    pub classifier: Classifier,
    scratches: Mutex<Vec<ClassifierScratch>>,
}

/// What is to be made of rows.
pub struct Plan {
    worker: Arc<Worker>,
    parts: Parts,
    /// Input columns that pass through.
    passed: Vec<usize>,
    schema: SchemaRef,
    /// Terms told of each article.
    explain: Option<usize>,
}

/// What became of one row.
struct Outcome {
    classified: Classified,
    why: String,
    /// What was read from the text, where it was a page.
    page: Option<String>,
}

impl Outcome {
    fn unread() -> Self {
        let classified = Classified { status: Status::Unreadable, prediction: None };
        Self { classified, why: String::new(), page: None }
    }
}

impl Worker {
    pub fn new(classifier: Classifier) -> Self {
        Self { classifier, scratches: Mutex::default() }
    }

    /// Classifies texts in parallel and in order. Once `stop` is set, what is left is not read.
    pub fn classify<'t>(
        &self,
        rows: usize,
        text: impl Fn(usize) -> &'t str + Sync,
        stop: &Stop,
    ) -> Vec<Classified> {
        let read = |row| match stop.is_set() {
            false => self.outcome("", text(row), false, None).classified,
            true => Outcome::unread().classified,
        };
        (0..rows).into_par_iter().with_min_len(FEW).map(read).collect()
    }

    fn outcome(&self, title: &str, text: &str, html: bool, explain: Option<usize>) -> Outcome {
        let page = (html || HtmlPage::is_page(text)).then(|| HtmlPage::read(text));
        let (title, text) = match &page {
            Some(page) if title.trim().is_empty() => (&*page.title, &*page.text),
            Some(page) => (title, &*page.text),
            None => (title, text),
        };
        let scratch = self.lock().pop();
        let mut scratch = scratch.unwrap_or_default();
        let classified = self.classifier.classify_text(title, text, &mut scratch);
        self.lock().push(scratch);
        let why = explain.map_or_else(String::new, |most| {
            why(&self.classifier, &Article::new(title, text), most)
        });
        Outcome { classified, why, page: page.map(|page| page.text) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<ClassifierScratch>> {
        self.scratches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plan {
    /// For rows with these columns.
    pub fn of_table(
        worker: Arc<Worker>,
        schema: &SchemaRef,
        named: &Named,
        keep_text: bool,
        explain: Option<usize>,
    ) -> PyResult<Self> {
        let parts = named.find(schema, false)?;
        Ok(Self::new(worker, schema, parts, keep_text, explain))
    }

    /// For texts without other columns.
    pub fn of_texts(worker: Arc<Worker>, kind: &DataType, explain: Option<usize>) -> Self {
        let schema = Arc::new(Schema::new(vec![Field::new("text", kind.clone(), true)]));
        let parts = Parts { text: Some(0), ..Parts::default() };
        Self::new(worker, &schema, parts, false, explain)
    }

    fn new(
        worker: Arc<Worker>,
        schema: &SchemaRef,
        parts: Parts,
        keep_text: bool,
        explain: Option<usize>,
    ) -> Self {
        // Names can stand only once, as in JSON lines.
        let options = PredictionOptions {
            format: OutputFormat::Jsonl,
            keep_text,
            why: explain.is_some(),
            ..PredictionOptions::default()
        };
        let labels = worker.classifier.labels();
        let names = PredictionFormat::new(&columns(schema), parts.text, labels, options).columns();
        let is_passed = |at: &usize| keep_text || Some(*at) != parts.text;
        let passed: Vec<usize> = (0..schema.fields().len()).filter(is_passed).collect();
        let passed_fields = passed.iter().map(|&at| schema.field(at).clone());
        let own = own_fields(labels.len(), explain.is_some());
        let fields = passed_fields.chain(own).zip(names).map(|(field, name)| field.with_name(name));
        let fields: Fields = fields.collect();
        let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        Self { worker, parts, passed, schema, explain }
    }

    /// The columns of the results.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The results of batches, in their order; in parallel, and the same whatever the batches are. Once `stop` is set, what is left is not read.
    pub fn classify(
        &self,
        batches: &[RecordBatch],
        stop: &Stop,
    ) -> Result<Vec<RecordBatch>, ArrowError> {
        let slices = batches.iter().flat_map(|batch| {
            let slice = |at| batch.slice(at, ROWS.min(batch.num_rows() - at));
            (0..batch.num_rows()).step_by(ROWS).map(slice)
        });
        let slices: Vec<RecordBatch> = slices.collect();
        slices.par_iter().map(|slice| self.classify_batch(slice, stop)).collect()
    }

    fn classify_batch(&self, batch: &RecordBatch, stop: &Stop) -> Result<RecordBatch, ArrowError> {
        let strings = |at: Option<usize>| at.map(|at| Strings::of(batch.column(at))).transpose();
        let (title, text) = (strings(self.parts.title)?, strings(self.parts.text)?);
        let outcome = |row: usize| {
            let title = title.as_ref().map_or(Ok(""), |strings| strings.get(row));
            let text = text.as_ref().map_or(Ok(""), |strings| strings.get(row));
            match (title, text) {
                (Ok(title), Ok(text)) if !stop.is_set() => {
                    self.worker.outcome(title, text, self.parts.html, self.explain)
                }
                _ => Outcome::unread(),
            }
        };
        let rows = (0..batch.num_rows()).into_par_iter().with_min_len(FEW);
        let outcomes: Vec<Outcome> = rows.map(outcome).collect();
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        for &at in &self.passed {
            let column = batch.column(at);
            let holds_pages =
                Some(at) == self.parts.text && outcomes.iter().any(|o| o.page.is_some());
            columns.push(match &text {
                Some(text) if holds_pages => with_pages(column.data_type(), text, &outcomes)?,
                _ => column.clone(),
            });
        }
        columns.extend(self.own_columns(&outcomes));
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)
    }

    fn own_columns(&self, outcomes: &[Outcome]) -> Vec<ArrayRef> {
        let labels = self.worker.classifier.labels();
        let mut topics = ListBuilder::new(StringBuilder::new());
        let mut possible = ListBuilder::new(StringBuilder::new());
        let [mut topic, mut decision, mut status, mut reason] =
            std::array::from_fn(|_| StringBuilder::new());
        let mut confidence = Float64Builder::with_capacity(outcomes.len());
        let mut probabilities: Vec<Float64Builder> =
            labels.iter().map(|_| Float64Builder::with_capacity(outcomes.len())).collect();
        for Outcome { classified, why, .. } in outcomes {
            let prediction = classified.prediction.as_ref();
            let given = names(prediction, labels);
            topic.append_value(given.first().copied().unwrap_or("other"));
            topics.append_value(given.into_iter().map(Some));
            confidence.append_option(prediction.map(|p| p.confidence));
            for (label, column) in probabilities.iter_mut().enumerate() {
                column.append_option(prediction.map(|p| p.probabilities[label]));
            }
            decision.append_value(classified.decision().name());
            status.append_value(classified.status.name());
            possible
                .append_option(prediction.map(|p| possible_names(p, labels).into_iter().map(Some)));
            reason.append_value(why);
        }
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(topics.finish()),
            Arc::new(topic.finish()),
            Arc::new(confidence.finish()),
        ];
        columns.extend(probabilities.iter_mut().map(|p| Arc::new(p.finish()) as ArrayRef));
        columns.push(Arc::new(decision.finish()));
        columns.push(Arc::new(status.finish()));
        columns.push(Arc::new(possible.finish()));
        if self.explain.is_some() {
            columns.push(Arc::new(reason.finish()));
        }
        columns
    }
}

/// The columns behind the input's: as in JSON lines, lists where there may be several.
fn own_fields(labels: usize, why: bool) -> Vec<Field> {
    let text = |name: &str| Field::new(name, DataType::Utf8, false);
    let names = |name: &str, nullable| {
        let item = Arc::new(Field::new_list_field(DataType::Utf8, true));
        Field::new(name, DataType::List(item), nullable)
    };
    let number = |name: &str| Field::new(name, DataType::Float64, true);
    let mut fields = vec![names("topics", false), text("topic"), number("confidence")];
    fields.extend((0..labels).map(|_| number("p")));
    fields.extend([text("decision"), text("status"), names("possible", true)]);
    fields.extend(why.then(|| text("why")));
    fields
}

/// The names of the labels given, most probable first.
pub fn names<'l>(prediction: Option<&Prediction>, labels: &'l [String]) -> Vec<&'l str> {
    let given = prediction.iter().flat_map(|p| &p.labels);
    given.map(|LabelId(label)| labels[*label as usize].as_str()).collect()
}

/// What cannot be ruled out, most probable first, `other` where it may be none of the labels.
pub fn possible_names<'l>(prediction: &Prediction, labels: &'l [String]) -> Vec<&'l str> {
    let possible = &prediction.possible;
    let names = possible.labels.iter().map(|LabelId(label)| labels[*label as usize].as_str());
    names.chain(possible.none.then_some("other")).collect()
}

/// The texts, pages as what was read from them.
fn with_pages(
    kind: &DataType,
    text: &Strings,
    outcomes: &[Outcome],
) -> Result<ArrayRef, ArrowError> {
    let mut column = StringBuilder::new();
    for (row, outcome) in outcomes.iter().enumerate() {
        column.append_value(match &outcome.page {
            Some(page) => page,
            None => text.get(row).unwrap_or(""),
        });
    }
    cast(&column.finish(), kind)
}
