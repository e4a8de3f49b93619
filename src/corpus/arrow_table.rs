//! Articles from Parquet and Arrow IPC: columns stay columns until somebody asks for an article.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::FieldRef;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Compression;

use super::arrow_stream::ArrowStream;
use super::arrow_text::TextColumn;
use super::article::Article;
use super::reader::{ArticleBytes, Parts, ReadOptions};
use crate::error::{Error, Place, Result};

/// Rows are handed out in batches of about so many bytes, and of so many rows at most.
const BATCH_BYTES: u64 = 1 << 19;
const BATCH_ROWS: u64 = 1024;

/// What all rows of one file have in common.
struct Table {
    path: PathBuf,
    columns: Vec<String>,
    fields: Vec<FieldRef>,
    parts: Parts,
    most: ArticleBytes,
}

/// Reads one file, a row group or record batch at a time.
pub(super) struct ArrowArticles {
    batches: Batches,
    table: Arc<Table>,
    count: u64,
}

enum Batches {
    Parquet(RowGroups),
    Stream {
        stream: Box<ArrowStream>,
        /// What is left of a record batch, and how many of its rows are handed out at once.
        rest: Option<(RecordBatch, usize)>,
    },
}

/// Rows that were read together, still as columns.
pub(super) struct ArrowRows {
    batch: RecordBatch,
    table: Arc<Table>,
    /// Records before them.
    before: u64,
}

impl ArrowArticles {
    /// Opens a Parquet file, whose footer says where everything is.
    pub(super) fn open_parquet(path: &Path, options: &ReadOptions) -> Result<Self> {
        let file = File::open(path).map_err(|e| Error::io(path, e))?;
        let read = guarded(|| {
            ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|e| e.to_string())
        });
        let metadata = read.map_err(|what| {
            let what = format!("this is no Parquet file, or is cut off or damaged ({what})");
            Error::input(Place::file(path), what, "writing or copying it anew")
        })?;
        // Its pages may unpack to any size, whatever they claim.
        let mut columns = metadata.metadata().row_groups().iter().flat_map(|g| g.columns());
        if columns.any(|column| matches!(column.compression(), Compression::BROTLI(_))) {
            let what = "it is compressed by Brotli, which is not read";
            let hint = "writing it with Zstandard, gzip, Snappy or LZ4";
            return Err(Error::input(Place::file(path), what, hint));
        }
        let fields = metadata.schema().fields().to_vec();
        let groups = RowGroups { file, metadata, next: 0, reader: None };
        Self::new(Batches::Parquet(groups), fields, path, options)
    }

    /// Opens Arrow IPC, a stream or a file, which is a stream with a frame around it.
    pub(super) fn open_stream(
        stream: BufReader<Box<dyn Read + Send>>,
        path: &Path,
        options: &ReadOptions,
    ) -> Result<Self> {
        let opened = guarded(|| ArrowStream::open(stream));
        let (stream, schema) = opened.map_err(|what| {
            let what = format!("this is no Arrow IPC file, or is cut off or damaged ({what})");
            Error::input(Place::file(path), what, "writing or copying it anew")
        })?;
        let batches = Batches::Stream { stream: Box::new(stream), rest: None };
        Self::new(batches, schema.fields().to_vec(), path, options)
    }

    fn new(
        batches: Batches,
        fields: Vec<FieldRef>,
        path: &Path,
        options: &ReadOptions,
    ) -> Result<Self> {
        let columns: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
        let parts = Parts::find(&columns, options, &Place::file(path))?;
        let most = options.max_article_bytes;
        let table = Arc::new(Table { path: path.to_owned(), columns, fields, parts, most });
        Ok(Self { batches, table, count: 0 })
    }

    pub(super) fn columns(&self) -> &[String] {
        &self.table.columns
    }

    pub(super) fn fields(&self) -> &[FieldRef] {
        &self.table.fields
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.table.parts
    }

    /// The next rows; `None` at the end.
    pub(super) fn next_rows(&mut self) -> Result<Option<ArrowRows>> {
        let place = || Place::file(&self.table.path);
        let batch = match &mut self.batches {
            Batches::Parquet(groups) => {
                let read = guarded(|| groups.next_batch());
                read.map_err(|what| {
                    let (group, groups) = (groups.next, groups.count());
                    let what = format!("row group {group} of {groups} cannot be read ({what})");
                    Error::input(place(), what, "writing or copying the file anew")
                })?
            }
            Batches::Stream { stream, rest } => {
                if rest.is_none() {
                    let read = guarded(|| stream.next_batch());
                    let read = read.map_err(|what| {
                        let number = stream.batches() + 1;
                        let what = format!("record batch {number} cannot be read ({what})");
                        Error::input(place(), what, "writing or copying the file anew")
                    })?;
                    *rest = read.map(|(batch, bytes)| {
                        let rows = rows_at_once(bytes, batch.num_rows() as u64);
                        (batch, rows)
                    });
                }
                rest.take().map(|(batch, rows)| {
                    let now = rows.min(batch.num_rows());
                    if now < batch.num_rows() {
                        let behind = batch.slice(now, batch.num_rows() - now);
                        *rest = Some((behind, rows));
                    }
                    batch.slice(0, now)
                })
            }
        };
        let Some(batch) = batch else { return Ok(None) };
        let before = self.count;
        self.count += batch.num_rows() as u64;
        Ok(Some(ArrowRows { batch, table: self.table.clone(), before }))
    }
}

/// A Parquet file, group by group, so that what is wrong with one can be told.
struct RowGroups {
    file: File,
    metadata: ArrowReaderMetadata,
    /// How many were begun.
    next: usize,
    reader: Option<ParquetRecordBatchReader>,
}

impl RowGroups {
    fn count(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    fn next_batch(&mut self) -> std::result::Result<Option<RecordBatch>, String> {
        loop {
            if let Some(batch) = self.reader.as_mut().and_then(Iterator::next) {
                return batch.map(Some).map_err(|e| e.to_string());
            }
            if self.next == self.count() {
                self.reader = None;
                return Ok(None);
            }
            let group = self.metadata.metadata().row_group(self.next);
            let size = |number: i64| u64::try_from(number).unwrap_or_default();
            let rows = rows_at_once(size(group.total_byte_size()), size(group.num_rows()));
            let this = self.next;
            self.next += 1;
            let file = self.file.try_clone().map_err(|e| e.to_string())?;
            let builder =
                ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
            let reader = builder.with_row_groups(vec![this]).with_batch_size(rows).build();
            self.reader = Some(reader.map_err(|e| e.to_string())?);
        }
    }
}

/// How many rows make a batch, where so many of them are so many bytes.
fn rows_at_once(bytes: u64, rows: u64) -> usize {
    let fit = BATCH_BYTES.saturating_mul(rows) / bytes.max(1);
    fit.clamp(1, BATCH_ROWS) as usize
}

/// A damaged file may lead the decoders to a panic, which is one more way of saying that it cannot be read.
fn guarded<T>(
    read: impl FnOnce() -> std::result::Result<T, String>,
) -> std::result::Result<T, String> {
    let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(read));
    read.unwrap_or_else(|_| Err("its parts contradict each other".to_owned()))
}

impl ArrowRows {
    /// Leaves out the first rows, at most so many; says how many that was.
    pub(super) fn leave_out(&mut self, most: u64) -> u64 {
        let rows = self.batch.num_rows();
        let left_out = usize::try_from(most).map_or(rows, |most| rows.min(most));
        self.batch = self.batch.slice(left_out, rows - left_out);
        self.before += left_out as u64;
        left_out as u64
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batch.num_rows() == 0
    }

    /// The columns as they were read.
    pub(super) fn columns(&self) -> &[ArrayRef] {
        self.batch.columns()
    }

    /// Makes articles of the rows, one after the other, until `each` fails. All of them are read into one article, whose memory is used again.
    pub(super) fn try_for_each(
        &self,
        mut each: impl FnMut(&mut Article) -> Result<()>,
    ) -> Result<()> {
        let Table { path, columns, parts, most, .. } = &*self.table;
        let texts = self.batch.columns().iter().zip(columns).map(|(array, name)| {
            TextColumn::of(array).map_err(|error| {
                let place = Place { column: Some(name.clone()), ..Place::file(path) };
                Error::input(place, format!("it cannot be read as text ({error})"), "another type")
            })
        });
        let texts = texts.collect::<Result<Vec<_>>>()?;
        let mut article = Article::default();
        for row in 0..self.batch.num_rows() {
            // Whoever took the article before took its path along.
            if article.place.file.as_os_str().is_empty() {
                article.place.file.clone_from(path);
            }
            article.place.record = Some(self.before + row as u64 + 1);
            (article.extracted, article.encoding, article.problem) = (None, None, None);
            let Article { cells, encoding, problem, .. } = &mut article;
            cells.resize_with(columns.len(), String::new);
            let mut room = most.get();
            for (cell, text) in cells.iter_mut().zip(&texts) {
                cell.clear();
                text.write(row, room, cell, encoding);
                match room.checked_sub(cell.len()) {
                    Some(left) => room = left,
                    None => {
                        *problem = Some(most.exceeded());
                        break;
                    }
                }
            }
            if problem.is_some() {
                cells.iter_mut().for_each(String::clear);
            }
            parts.fill(&mut article);
            each(&mut article)?;
        }
        Ok(())
    }
}

/// The types of the columns of several inputs together.
#[derive(Default)]
pub(super) struct ColumnTypes(Vec<ColumnType>);

#[derive(Clone, Default)]
enum ColumnType {
    #[default]
    Unknown,
    Arrow(FieldRef),
    /// Of an input that has no types, or not the same in all.
    Text,
}

impl ColumnTypes {
    /// The columns of one more input go to these places; `fields` are theirs where it has types.
    pub(super) fn add(&mut self, places: &[usize], fields: Option<&[FieldRef]>) {
        let width = places.iter().map(|place| place + 1).max().unwrap_or_default();
        if self.0.len() < width {
            self.0.resize(width, ColumnType::Unknown);
        }
        for (at, &place) in places.iter().enumerate() {
            let known = &mut self.0[place];
            *known = match (fields.map(|fields| &fields[at]), &*known) {
                (Some(new), ColumnType::Unknown) => ColumnType::Arrow(new.clone()),
                (Some(new), ColumnType::Arrow(old)) if new.data_type() == old.data_type() => {
                    continue;
                }
                _ => ColumnType::Text,
            };
        }
    }

    /// Of each column its type; `None` for text.
    pub(super) fn into_fields(self) -> Vec<Option<FieldRef>> {
        let field = |known| match known {
            ColumnType::Arrow(field) => Some(field),
            ColumnType::Unknown | ColumnType::Text => None,
        };
        self.0.into_iter().map(field).collect()
    }
}
