//! Rows of a batch run, gathered by many threads and written by one.

use std::io;

use anyhow::Result;
use rubrique::Article;
use rubrique::corpus::{Batch, Reader};
use rubrique::pipeline::Classified;
#[cfg(feature = "arrow")]
use rubrique::report::{ArrowOutput, ArrowPredictionFile, ArrowPredictionRows, ArrowPredictions};
use rubrique::report::{PredictionFormat, PredictionOptions, PredictionWriter};

use super::args::OutputFormatName;

/// What rows are written as.
pub(super) enum RowFormat {
    Lines(PredictionFormat),
    #[cfg(feature = "arrow")]
    Columns(ArrowPredictions),
}

impl RowFormat {
    /// Fails where this build does not write the format.
    pub(super) fn new(
        name: OutputFormatName,
        reader: &Reader,
        labels: &[String],
        options: PredictionOptions,
    ) -> Result<Self> {
        let (columns, text) = (reader.columns(), reader.text_column());
        if !name.is_columnar() {
            return Ok(Self::Lines(PredictionFormat::new(columns, text, labels, options)));
        }
        #[cfg(feature = "arrow")]
        {
            let output = match name {
                OutputFormatName::Arrow => ArrowOutput::File,
                OutputFormatName::Arrows => ArrowOutput::Stream,
                _ => ArrowOutput::Parquet,
            };
            let fields = reader.arrow_fields();
            let format = ArrowPredictions::new(output, columns, fields, text, labels, options);
            Ok(Self::Columns(format))
        }
        #[cfg(not(feature = "arrow"))]
        anyhow::bail!(
            "the results are to be Parquet or Arrow, which this build of rubrique does not write; try: --output-format csv or jsonl, or \
             a build with the feature arrow: cargo install --path ."
        )
    }

    /// Begins the rows of a batch.
    pub(super) fn rows(&self, _batch: &Batch) -> Gathered<'_> {
        match self {
            Self::Lines(format) => Gathered::Lines(format.writer(Vec::new())),
            #[cfg(feature = "arrow")]
            Self::Columns(format) => Gathered::Columns(Box::new(format.rows(_batch))),
        }
    }

    /// Begins what is written.
    pub(super) fn begin(&self) -> io::Result<Bytes<'_>> {
        Ok(match self {
            Self::Lines(format) => Bytes::Lines(format),
            #[cfg(feature = "arrow")]
            Self::Columns(format) => Bytes::Columns(Box::new(format.file()?)),
        })
    }
}

/// The rows of one batch.
pub(super) enum Gathered<'f> {
    Lines(PredictionWriter<'f, Vec<u8>>),
    #[cfg(feature = "arrow")]
    Columns(Box<ArrowPredictionRows<'f>>),
}

impl Gathered<'_> {
    pub(super) fn add(&mut self, article: &Article, classified: &Classified, why: &str) {
        match self {
            Self::Lines(writer) => {
                let written = writer.write(article, classified, why);
                written.expect("memory takes all that is written");
            }
            #[cfg(feature = "arrow")]
            Self::Columns(rows) => rows.add(article, classified, why),
        }
    }
}

/// What is written, batch after batch.
pub(super) enum Bytes<'f> {
    Lines(&'f PredictionFormat),
    #[cfg(feature = "arrow")]
    Columns(Box<ArrowPredictionFile>),
}

impl Bytes<'_> {
    /// What stands before the rows.
    pub(super) fn start(&mut self) -> io::Result<Vec<u8>> {
        match self {
            Self::Lines(format) => {
                let mut header = Vec::new();
                format.write_header(&mut header)?;
                Ok(header)
            }
            #[cfg(feature = "arrow")]
            Self::Columns(file) => Ok(file.start()),
        }
    }

    /// The rows of the next batch, as far as they are ready.
    pub(super) fn add(&mut self, rows: Gathered<'_>) -> io::Result<Vec<u8>> {
        match (self, rows) {
            (_, Gathered::Lines(writer)) => writer.finish(),
            #[cfg(feature = "arrow")]
            (Self::Columns(file), Gathered::Columns(rows)) => file.add(&rows.finish()?),
            #[cfg(feature = "arrow")]
            (Self::Lines(_), Gathered::Columns(_)) => unreachable!("both are of one format"),
        }
    }

    /// What stands behind the rows.
    pub(super) fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Lines(_) => Ok(Vec::new()),
            #[cfg(feature = "arrow")]
            Self::Columns(file) => file.finish(),
        }
    }
}
