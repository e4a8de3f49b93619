//! What classifying gives back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::{ArrayRef, RecordBatch, StructArray};
use arrow_schema::{ArrowError, DataType, Field, SchemaRef};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use pyo3_arrow::error::PyArrowError;
use pyo3_arrow::ffi::{ArrayIterator, ArrayReader, to_schema_pycapsule, to_stream_pycapsule};
use rayon::ThreadPool;
use rubrique::pipeline::Stop;

use crate::classifying::Plan;
use crate::data::{batch, columns};
use crate::error::refused;

/// What the model says of one text.
#[pyclass(frozen, get_all, eq, module = "rubrique")]
#[derive(Clone, PartialEq)]
pub struct Prediction {
    /// The topics, most probable first.
    pub topics: Vec<String>,
    /// The first of them, or `other`.
    pub topic: String,
    /// The probability that exactly these topics are right; `None` where nothing was said.
    pub confidence: Option<f64>,
    /// The calibrated probability of each label; `None` where nothing was said.
    pub probabilities: Option<BTreeMap<String, f64>>,
    /// `accept`, or `review` where a person should look.
    pub decision: &'static str,
    /// `ok`, or why nothing was said.
    pub status: &'static str,
    /// What cannot be ruled out; `None` where nothing was said.
    pub possible: Option<Vec<String>>,
}

#[pymethods]
impl Prediction {
    fn __repr__(&self) -> String {
        let confidence = self.confidence.map_or("None".to_owned(), |c| format!("{c:.4}"));
        format!(
            "Prediction(topics={:?}, confidence={confidence}, decision={:?}, status={:?})",
            self.topics, self.decision, self.status
        )
    }
}

/// Results as a table, which everything that reads Arrow can read.
#[pyclass(frozen, module = "rubrique")]
pub struct Results {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
}

#[pymethods]
impl Results {
    /// The names of the columns.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        columns(&self.schema)
    }

    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    fn __arrow_c_schema__<'py>(
        &self,
        py: Python<'py>,
    ) -> Result<Bound<'py, PyCapsule>, PyArrowError> {
        to_schema_pycapsule(py, &*self.schema)
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> Result<Bound<'py, PyCapsule>, PyArrowError> {
        let arrays: Vec<_> = self.batches.iter().map(|batch| Ok(rows(batch.clone()))).collect();
        let reader = ArrayIterator::new(arrays, row_field(&self.schema));
        to_stream_pycapsule(py, Box::new(reader), requested_schema)
    }

    /// As a table of pyarrow's.
    fn to_pyarrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("pyarrow")?.call_method1("table", (slf,))
    }

    /// As a data frame of pandas', by way of pyarrow.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::to_pyarrow(slf)?.call_method0("to_pandas")
    }

    /// As a data frame of Polars'.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("polars")?.call_method1("DataFrame", (slf,))
    }

    fn __repr__(&self) -> String {
        format!("Results({} rows: {})", self.__len__(), self.column_names().join(", "))
    }
}

/// Results that are worked out as they are read, once.
#[pyclass(frozen, module = "rubrique")]
pub struct Stream {
    schema: SchemaRef,
    reader: Mutex<Option<Box<dyn ArrayReader + Send>>>,
}

impl Stream {
    pub fn new(
        plan: Plan,
        input: SchemaRef,
        batches: Box<dyn ArrayReader + Send>,
        pool: Arc<ThreadPool>,
    ) -> PyResult<Self> {
        let schema = plan.schema().clone();
        let mut waiting: std::vec::IntoIter<RecordBatch> = Vec::new().into_iter();
        // Reading stays on the thread that asks, which may hold the interpreter's lock; the pool never wants it.
        let mut batches = batches;
        let stop = Stop::default();
        let mut next = move || -> Result<Option<RecordBatch>, ArrowError> {
            loop {
                if let Some(batch) = waiting.next() {
                    return Ok(Some(batch));
                }
                let Some(read) = batches.next() else { return Ok(None) };
                let read = batch(&read?, &input)?;
                waiting = pool.install(|| plan.classify(&[read], &stop))?.into_iter();
            }
        };
        let results = std::iter::from_fn(move || next().transpose().map(|batch| batch.map(rows)));
        let reader = ArrayIterator::new(results, row_field(&schema));
        Ok(Self { schema, reader: Mutex::new(Some(Box::new(reader))) })
    }
}

#[pymethods]
impl Stream {
    /// The names of the columns.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        columns(&self.schema)
    }

    fn __arrow_c_schema__<'py>(
        &self,
        py: Python<'py>,
    ) -> Result<Bound<'py, PyCapsule>, PyArrowError> {
        to_schema_pycapsule(py, &*self.schema)
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner).take();
        let reader = reader
            .ok_or_else(|| refused("the stream was read already", "classify_stream again"))?;
        Ok(to_stream_pycapsule(py, reader, requested_schema)?)
    }

    fn __repr__(&self) -> String {
        format!("Stream({})", self.column_names().join(", "))
    }
}

fn rows(batch: RecordBatch) -> ArrayRef {
    Arc::new(StructArray::from(batch))
}

fn row_field(schema: &SchemaRef) -> Arc<Field> {
    let rows = DataType::Struct(schema.fields().clone());
    Arc::new(Field::new("", rows, false).with_metadata(schema.metadata().clone()))
}
