//! The model.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use rubrique::model::Task;
use rubrique::pipeline::{Classified, Stop, explain_article};
use rubrique::{Article, Classifier};

use crate::articles::{Named, library};
use crate::classifying::{Plan, Worker, names, possible_names};
use crate::data::{Data, fields, reader};
use crate::error::{arrow, refused};
use crate::results::{Prediction, Results, Stream};
use crate::{pool, settings};

/// A trained model. It never changes, and threads may share it.
#[pyclass(frozen, module = "rubrique", weakref)]
pub struct Model(pub Arc<Worker>);

impl Model {
    pub fn new(classifier: Classifier) -> Self {
        Self(Arc::new(Worker::new(classifier)))
    }

    pub fn classifier(&self) -> &Classifier {
        &self.0.classifier
    }

    fn prediction(&self, classified: Classified) -> Prediction {
        let labels = self.classifier().labels();
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let prediction = classified.prediction.as_ref();
        let topics = owned(names(prediction, labels));
        Prediction {
            topic: topics.first().map_or("other", String::as_str).to_owned(),
            topics,
            confidence: prediction.map(|p| p.confidence),
            probabilities: prediction
                .map(|p| labels.iter().cloned().zip(p.probabilities.iter().copied()).collect()),
            decision: classified.decision().name(),
            status: classified.status.name(),
            possible: prediction.map(|p| owned(possible_names(p, labels))),
        }
    }
}

#[pymethods]
impl Model {
    /// The ready model for French press: terrorism, money laundering, diplomacy.
    #[staticmethod]
    fn press(py: Python<'_>) -> PyResult<Self> {
        library(py.detach(Classifier::press)).map(Self::new)
    }

    /// Reads a model file, as the command line writes it.
    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        library(py.detach(|| Classifier::load(&path))).map(Self::new)
    }

    /// Reads a model from the bytes of its file; bytes that were altered are refused.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, data: &[u8]) -> PyResult<Self> {
        let path = PathBuf::from("bytes");
        library(py.detach(|| Classifier::from_bytes(data, &path))).map(Self::new)
    }

    /// The bytes of the model's file: the same for the same articles and settings.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = library(py.detach(|| self.classifier().to_bytes()))?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Writes the model file.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let bytes = library(py.detach(|| self.classifier().to_bytes()))?;
        Ok(py.detach(|| std::fs::write(path, bytes))?)
    }

    /// The labels, in order.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.classifier().labels().to_vec()
    }

    /// The SHA-256 digest of the model's file.
    #[getter]
    fn digest(&self) -> PyResult<String> {
        Ok(library(self.classifier().digest())?.to_string())
    }

    /// `one_label` where each article has one, `any_labels` where it may have any number.
    #[getter]
    fn task(&self) -> &'static str {
        match self.classifier().task() {
            Task::OneLabel => "one_label",
            Task::AnyLabels => "any_labels",
        }
    }

    /// What it was trained with.
    #[getter]
    fn settings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        settings::to_python(py, self.classifier().settings())
    }

    /// What is known of its training articles and of its quality.
    #[getter]
    fn card<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        settings::loads(py, self.classifier().card())
    }

    /// Labels articles.
    #[pyo3(signature = (data, *, title=None, text=None, html=None, keep_text=false, explain=None))]
    #[expect(clippy::too_many_arguments, reason = "keywords")]
    fn classify<'py>(
        &self,
        py: Python<'py>,
        data: &Bound<'py, PyAny>,
        title: Option<String>,
        text: Option<String>,
        html: Option<String>,
        keep_text: bool,
        explain: Option<usize>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let named = Named { title, text, html, ..Named::default() };
        let (worker, stop) = (self.0.clone(), Stop::default());
        let (plan, batches) = match Data::read(data)? {
            Data::List(texts) => {
                let stopped = stop.clone();
                let classified = pool::run(py, &stop, move || {
                    let text = |row: usize| texts[row].as_deref().unwrap_or("");
                    worker.classify(texts.len(), text, &stopped)
                })?;
                let predictions = classified.into_iter().map(|c| self.prediction(c));
                let predictions: Vec<Prediction> = predictions.collect();
                return predictions.into_pyobject(py);
            }
            Data::Table(table) => {
                let plan = Plan::of_table(worker, &table.schema, &named, keep_text, explain)?;
                (plan, table.batches)
            }
            Data::Column(chunks) => {
                let kind = chunks.first().map_or(&arrow_schema::DataType::Utf8, |c| c.data_type());
                let plan = Plan::of_texts(worker, kind, explain);
                (plan, chunks.iter().map(text_batch).collect::<PyResult<_>>()?)
            }
        };
        let (schema, stopped) = (plan.schema().clone(), stop.clone());
        let classified = pool::run(py, &stop, move || plan.classify(&batches, &stopped))?;
        let results = Results { schema, batches: classified.map_err(arrow)? };
        Ok(Bound::new(py, results)?.into_any())
    }

    /// Labels the articles of a stream batch by batch, as somebody reads the results.
    #[pyo3(signature = (stream, *, title=None, text=None, html=None, keep_text=false, explain=None))]
    fn classify_stream(
        &self,
        stream: &Bound<'_, PyAny>,
        title: Option<String>,
        text: Option<String>,
        html: Option<String>,
        keep_text: bool,
        explain: Option<usize>,
    ) -> PyResult<Stream> {
        let named = Named { title, text, html, ..Named::default() };
        let reader = reader(stream)?;
        let columns = reader.and_then(|reader| Some((fields(&reader.field())?, reader)));
        let Some((schema, reader)) = columns else {
            return Err(refused(
                "this is no table or stream of record batches",
                "a table of Arrow's",
            ));
        };
        let plan = Plan::of_table(self.0.clone(), &schema, &named, keep_text, explain)?;
        Stream::new(plan, schema, reader, pool::of_this_process()?)
    }

    /// Tells why an article has its topics.
    #[pyo3(signature = (text, *, title=""))]
    fn explain<'py>(
        &self,
        py: Python<'py>,
        text: &str,
        title: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let article = Article::new(title, text);
        let explained = py.detach(|| explain_article(self.classifier(), &article));
        let explanation = PyDict::new(py);
        let status = explained.as_ref().err().map_or("ok", |status| status.name());
        explanation.set_item("status", status)?;
        let topics = explained.unwrap_or_default();
        explanation.set_item("topics", settings::loads(py, &topics)?)?;
        Ok(explanation.into_any())
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let read = py.get_type::<Self>().getattr("from_bytes")?;
        Ok((read, (self.to_bytes(py)?,)))
    }

    fn __repr__(&self) -> String {
        let labels = self.classifier().labels().join(", ");
        format!("Model({}: {labels})", self.task())
    }
}

/// Texts as the only column of a batch.
fn text_batch(texts: &arrow_array::ArrayRef) -> PyResult<arrow_array::RecordBatch> {
    arrow_array::RecordBatch::try_from_iter([("text", texts.clone())]).map_err(arrow)
}
