//! What Python hands over: tables and columns of Arrow's, or plain lists.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, StructArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyDict, PyString};
use pyo3_arrow::ffi::ArrayReader;
use pyo3_arrow::input::AnyArray;

use crate::error::arrow;

/// Articles from Python.
pub enum Data {
    /// Rows with columns.
    Table(Table),
    /// Texts alone.
    Column(Vec<ArrayRef>),
    /// Texts alone, in a list of Python's; they are borrowed too.
    List(Vec<Option<PyBackedStr>>),
}

/// The batches of an Arrow table.
#[derive(Clone)]
pub struct Table {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
}

impl Data {
    /// Reads everything that speaks Arrow's PyCapsule interface, and otherwise what can be iterated over.
    pub fn read(data: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Some(reader) = reader(data)? {
            let field = reader.field();
            let chunks: Result<Vec<ArrayRef>, ArrowError> = data.py().detach(|| reader.collect());
            let chunks = chunks.map_err(arrow)?;
            return Ok(match fields(&field) {
                Some(schema) => {
                    let batches = chunks.iter().map(|chunk| batch(chunk, &schema));
                    let batches = batches.collect::<Result<_, _>>().map_err(arrow)?;
                    Self::Table(Table { schema, batches })
                }
                None => Self::Column(chunks),
            });
        }
        refuse_single(data, "[text]")?;
        let texts = data.try_iter()?.map(|text| optional_text(&text?));
        Ok(Self::List(texts.collect::<PyResult<_>>()?))
    }

    /// How many articles there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Table(table) => table.rows(),
            Self::Column(chunks) => chunks.iter().map(|chunk| chunk.len()).sum(),
            Self::List(texts) => texts.len(),
        }
    }
}

impl Table {
    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }
}

/// Refuses what can be iterated over and yet is no list: a single string, whose items are characters, and what has columns but does not speak
/// Arrow, whose items are their names.
pub fn refuse_single(data: &Bound<'_, PyAny>, hint: &str) -> PyResult<()> {
    if data.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err(format!(
            "a single string where several are expected; try: {hint}"
        )));
    }
    if data.is_instance_of::<PyDict>() || data.hasattr("columns")? {
        let kind = data.get_type().name()?;
        let what = format!(
            "a {kind} is neither a list nor a table of Arrow's; try: pyarrow.table(…), or pandas 2.2 or newer"
        );
        return Err(PyTypeError::new_err(what));
    }
    Ok(())
}

/// The names of the columns.
pub fn columns(schema: &Schema) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

/// What speaks Arrow, as arrays one after the other; `None` of what does not.
pub fn reader(data: &Bound<'_, PyAny>) -> PyResult<Option<Box<dyn ArrayReader + Send>>> {
    let speaks = data.hasattr("__arrow_c_stream__")? || data.hasattr("__arrow_c_array__")?;
    speaks.then(|| data.extract::<AnyArray>()?.into_reader()).transpose()
}

/// The columns, where each value is a row.
pub fn fields(field: &Field) -> Option<SchemaRef> {
    match field.data_type() {
        DataType::Struct(fields) => {
            Some(Arc::new(Schema::new_with_metadata(fields.clone(), field.metadata().clone())))
        }
        _ => None,
    }
}

/// An array of rows as a batch.
pub fn batch(rows: &ArrayRef, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let rows: &StructArray = rows
        .as_any()
        .downcast_ref()
        .filter(|rows: &&StructArray| rows.null_count() == 0)
        .ok_or_else(|| ArrowError::InvalidArgumentError("a row of the table is null".into()))?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(schema.clone(), rows.columns().to_vec(), &options)
}

/// A text of a list; `None`, and the NaN by which pandas says the same, is a missing one.
fn optional_text(text: &Bound<'_, PyAny>) -> PyResult<Option<PyBackedStr>> {
    if let Ok(text) = text.cast::<PyString>() {
        return Ok(Some(text.clone().try_into()?));
    }
    if text.is_none() || text.extract::<f64>().is_ok_and(f64::is_nan) {
        return Ok(None);
    }
    let kind = text.get_type().name()?;
    Err(PyTypeError::new_err(format!("a text is a {kind}; try: str, or None for a missing one")))
}
