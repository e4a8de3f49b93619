//! What `classify` writes as Parquet or Arrow IPC: the input's columns with their types, then ours.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::builder::{Float64Builder, ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, new_null_array};
use arrow_cast::cast;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::predictions::{
    PredictionOptions, given_names, make_unique, own_columns, possible_names,
};
use super::topic_mapping::TopicMapping;
use crate::corpus::{Article, Batch};
use crate::pipeline::Classified;

/// A row group of Parquet ends at about so many bytes, as they are written, or at so many rows; until then it is in memory.
const ROW_GROUP_BYTES: usize = 64 << 20;
const ROW_GROUP_ROWS: usize = 1 << 20;

/// How columns are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrowOutput {
    /// Parquet, compressed by zstd.
    Parquet,
    /// An Arrow IPC file (Feather, version 2), uncompressed so that it can be mapped into memory. It holds one dictionary for a
    /// column at most, so columns of dictionaries come out as columns of their values.
    File,
    /// An Arrow IPC stream, for pipes.
    Stream,
}

/// What predictions are written as in columns. Those of the input pass through (the text only on request) with the types that they have in
/// Parquet or Arrow, as text where the input has no types; then come the columns of a [`PredictionFormat`](super::PredictionFormat): `topics`, `possible` and the
/// schemes of a mapping are lists of strings, `confidence` and `p_<topic>` are float64 and not rounded, the others are strings. Where nothing was said of an article,
/// its numbers and `possible` are null.
///
/// An input column that is called like one of these becomes `input_…`.
pub struct ArrowPredictions {
    output: ArrowOutput,
    schema: SchemaRef,
    passed: Vec<Passed>,
    text_column: Option<usize>,
    labels: Vec<String>,
    options: PredictionOptions,
}

/// An input column that is written.
struct Passed {
    /// Which one it is.
    at: usize,
    /// Its type; `None` where it is written as text.
    kind: Option<DataType>,
}

impl ArrowPredictions {
    /// The format of articles with these columns, of which `fields` are the types ([`Reader::arrow_fields`](crate::corpus::Reader::arrow_fields)); `text_column` says which of them
    /// holds the text. `labels` are the model's.
    pub fn new(
        output: ArrowOutput,
        columns: &[String],
        fields: &[Option<FieldRef>],
        text_column: Option<usize>,
        labels: &[String],
        options: PredictionOptions,
    ) -> Self {
        let own = own_columns(labels, &options);
        let mut names = columns.to_vec();
        make_unique(&mut names, &own);
        let mut schema: Vec<Field> = Vec::new();
        let mut passed = Vec::new();
        for (at, name) in names.iter().enumerate() {
            if Some(at) == text_column && !options.keep_text {
                continue;
            }
            let field = fields.get(at).cloned().flatten();
            let kind = field.as_ref().map(|field| match output {
                ArrowOutput::File => without_dictionaries(field.data_type()),
                ArrowOutput::Parquet | ArrowOutput::Stream => field.data_type().clone(),
            });
            schema.push(match (field, &kind) {
                // Another input may be without it.
                (Some(field), Some(kind)) => {
                    let field = Field::clone(&field).with_nullable(true);
                    field.with_name(name).with_data_type(kind.clone())
                }
                _ => Field::new(name, DataType::Utf8, true),
            });
            passed.push(Passed { at, kind });
        }
        let kinds = own_kinds(labels.len(), options.why);
        let own = own.iter().zip(kinds);
        schema.extend(own.map(|(name, (kind, nullable))| Field::new(name, kind, nullable)));
        let schema = Arc::new(Schema::new(schema));
        Self { output, schema, passed, text_column, labels: labels.to_vec(), options }
    }

    /// Gathers the rows of a batch.
    pub fn rows(&self, batch: &Batch) -> ArrowPredictionRows<'_> {
        let strings = || ListBuilder::new(StringBuilder::new());
        let schemes = self.options.mapping.iter().flat_map(TopicMapping::schemes);
        ArrowPredictionRows {
            format: self,
            read: batch.arrow_columns(),
            count: 0,
            cells: self.passed.iter().map(|_| StringBuilder::new()).collect(),
            holds_pages: false,
            topics: strings(),
            topic: StringBuilder::new(),
            confidence: Float64Builder::new(),
            probabilities: self.labels.iter().map(|_| Float64Builder::new()).collect(),
            decision: StringBuilder::new(),
            status: StringBuilder::new(),
            possible: strings(),
            why: StringBuilder::new(),
            schemes: schemes.map(|_| strings()).collect(),
        }
    }

    /// Begins the bytes of a file or stream.
    ///
    /// Fails where the format cannot hold a column of the input.
    pub fn file(&self) -> io::Result<ArrowPredictionFile> {
        let bytes = Bytes::default();
        let schema = self.schema.clone();
        let writer = match self.output {
            ArrowOutput::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::default()))
                    .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
                    .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
                    .build();
                let writer = ArrowWriter::try_new(bytes.clone(), schema, Some(properties));
                Writer::Parquet(Box::new(writer.map_err(io::Error::other)?))
            }
            ArrowOutput::File => {
                let writer = FileWriter::try_new(bytes.clone(), &schema);
                Writer::File(Box::new(writer.map_err(io::Error::other)?))
            }
            ArrowOutput::Stream => {
                let writer = StreamWriter::try_new(bytes.clone(), &schema);
                Writer::Stream(Box::new(writer.map_err(io::Error::other)?))
            }
        };
        Ok(ArrowPredictionFile { writer, bytes })
    }
}

/// The rows of one batch, as columns that grow.
pub struct ArrowPredictionRows<'f> {
    format: &'f ArrowPredictions,
    /// The columns as they were read, where they were read as columns.
    read: Option<Vec<Option<ArrayRef>>>,
    count: usize,
    /// Of each column that is passed, its text, where that is what is written.
    cells: Vec<StringBuilder>,
    /// Whether a text was an HTML page.
    holds_pages: bool,
    topics: ListBuilder<StringBuilder>,
    topic: StringBuilder,
    confidence: Float64Builder,
    probabilities: Vec<Float64Builder>,
    decision: StringBuilder,
    status: StringBuilder,
    possible: ListBuilder<StringBuilder>,
    why: StringBuilder,
    schemes: Vec<ListBuilder<StringBuilder>>,
}

impl ArrowPredictionRows<'_> {
    /// Adds the next row of the batch.
    pub fn add(&mut self, article: &Article, classified: &Classified, why: &str) {
        let format = self.format;
        self.count += 1;
        self.holds_pages |= article.extracted.is_some();
        for (passed, cells) in format.passed.iter().zip(&mut self.cells) {
            if Some(passed.at) == format.text_column {
                cells.append_value(&article.text);
            } else if passed.kind.is_none() {
                cells.append_value(article.cells.get(passed.at).map_or("", String::as_str));
            }
        }
        let prediction = classified.prediction.as_ref();
        let names = given_names(prediction, &format.labels);
        self.topics.append_value(names.iter().map(Some));
        self.topic.append_value(names.first().copied().unwrap_or("other"));
        self.confidence.append_option(prediction.map(|p| p.confidence));
        for (label, column) in self.probabilities.iter_mut().enumerate() {
            column.append_option(prediction.map(|p| p.probabilities[label]));
        }
        self.decision.append_value(classified.decision().name());
        self.status.append_value(classified.status.name());
        let possible = prediction.map(|p| possible_names(p, &format.labels));
        self.possible.append_option(possible.map(|names| names.into_iter().map(Some)));
        self.why.append_value(why);
        if let Some(mapping) = &format.options.mapping {
            for (scheme, column) in mapping.schemes().into_iter().zip(&mut self.schemes) {
                column.append_value(mapping.codes(scheme, &names).into_iter().map(Some));
            }
        }
    }

    /// The rows as a record batch.
    ///
    /// Fails where a column cannot be written as the type that it should have.
    pub fn finish(mut self) -> io::Result<RecordBatch> {
        let passed = self.passed().map_err(io::Error::other)?;
        let mut columns: Vec<ArrayRef> = passed;
        columns.push(Arc::new(self.topics.finish()));
        columns.push(Arc::new(self.topic.finish()));
        columns.push(Arc::new(self.confidence.finish()));
        columns.extend(self.probabilities.iter_mut().map(|p| Arc::new(p.finish()) as ArrayRef));
        columns.push(Arc::new(self.decision.finish()));
        columns.push(Arc::new(self.status.finish()));
        columns.push(Arc::new(self.possible.finish()));
        if self.format.options.why {
            columns.push(Arc::new(self.why.finish()));
        }
        columns.extend(self.schemes.iter_mut().map(|codes| Arc::new(codes.finish()) as ArrayRef));
        RecordBatch::try_new(self.format.schema.clone(), columns).map_err(io::Error::other)
    }

    fn passed(&mut self) -> Result<Vec<ArrayRef>, ArrowError> {
        let format = self.format;
        let columns = format.passed.iter().zip(&mut self.cells).map(|(passed, cells)| {
            let mut cells = || -> ArrayRef { Arc::new(cells.finish()) };
            let Some(kind) = &passed.kind else { return Ok(cells()) };
            let read = self.read.as_ref().and_then(|read| read[passed.at].as_ref());
            Ok(match read {
                _ if Some(passed.at) == format.text_column && self.holds_pages => {
                    cast(&cells(), kind)?
                }
                // Reading may have ended with an error before the batch did.
                Some(read) => {
                    let read = read.slice(0, self.count);
                    let read = if read.data_type() == kind { read } else { cast(&read, kind)? };
                    compact(read)
                }
                None => new_null_array(kind, self.count),
            })
        });
        columns.collect()
    }
}

/// Record batches on their way to bytes. Bytes come out as soon as nothing that follows can change them: of Parquet, a row group at a time.
pub struct ArrowPredictionFile {
    writer: Writer,
    bytes: Bytes,
}

enum Writer {
    Parquet(Box<ArrowWriter<Bytes>>),
    File(Box<FileWriter<Bytes>>),
    Stream(Box<StreamWriter<Bytes>>),
}

impl ArrowPredictionFile {
    /// What stands before all rows.
    pub fn start(&mut self) -> Vec<u8> {
        self.bytes.take()
    }

    /// Adds rows, and gives the bytes that are ready.
    pub fn add(&mut self, rows: &RecordBatch) -> io::Result<Vec<u8>> {
        match &mut self.writer {
            Writer::Parquet(writer) => writer.write(rows).map_err(io::Error::other)?,
            Writer::File(writer) => writer.write(rows).map_err(io::Error::other)?,
            Writer::Stream(writer) => writer.write(rows).map_err(io::Error::other)?,
        }
        Ok(self.bytes.take())
    }

    /// Ends it, and gives the last bytes.
    pub fn finish(mut self) -> io::Result<Vec<u8>> {
        match self.writer {
            Writer::Parquet(writer) => drop(writer.close().map_err(io::Error::other)?),
            Writer::File(mut writer) => writer.finish().map_err(io::Error::other)?,
            Writer::Stream(mut writer) => writer.finish().map_err(io::Error::other)?,
        }
        Ok(self.bytes.take())
    }
}

/// Memory that a writer fills and its owner empties.
#[derive(Clone, Default)]
struct Bytes(Arc<Mutex<Vec<u8>>>);

impl Bytes {
    fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The types of the columns behind the input's, and whether a value may be missing.
fn own_kinds(labels: usize, why: bool) -> impl Iterator<Item = (DataType, bool)> {
    let (text, number) = ((DataType::Utf8, false), (DataType::Float64, true));
    let list = DataType::List(Field::new_list_field(DataType::Utf8, true).into());
    let mut kinds = vec![(list.clone(), false), text.clone(), number.clone()];
    kinds.extend(std::iter::repeat_n(number, labels));
    kinds.extend([text.clone(), text.clone(), (list.clone(), true)]);
    kinds.extend(why.then_some(text));
    // The schemes of a mapping.
    kinds.into_iter().chain(std::iter::repeat((list, false)))
}

/// The type with the values of dictionaries in their place.
fn without_dictionaries(kind: &DataType) -> DataType {
    let inner = |field: &FieldRef| {
        let kind = without_dictionaries(field.data_type());
        Arc::new(Field::clone(field).with_data_type(kind))
    };
    match kind {
        DataType::Dictionary(_, values) => without_dictionaries(values),
        DataType::List(field) => DataType::List(inner(field)),
        DataType::LargeList(field) => DataType::LargeList(inner(field)),
        DataType::FixedSizeList(field, size) => DataType::FixedSizeList(inner(field), *size),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(inner).collect()),
        kind => kind.clone(),
    }
}

/// A view keeps all that it was cut from, and would be written with it.
fn compact(array: ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Utf8View => Arc::new(array.as_string_view().gc()),
        DataType::BinaryView => Arc::new(array.as_binary_view().gc()),
        _ => array,
    }
}
