//! Articles from CSV and TSV.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder};

use super::article::Article;
use super::encoding::{decode, decode_noting};
use super::reader::{Parts, ReadOptions};
use crate::error::{Error, Place, Result};

/// The delimiters that are looked for, best first where two fit alike.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// Reads one CSV stream.
pub(super) struct CsvArticles {
    reader: csv::Reader<BufReader<Box<dyn Read + Send>>>,
    path: PathBuf,
    columns: Vec<String>,
    parts: Parts,
    record: ByteRecord,
    count: u64,
    lines_behind: u64,
}

impl CsvArticles {
    pub(super) fn open(
        mut stream: BufReader<Box<dyn Read + Send>>,
        path: &Path,
        delimiter: Option<u8>,
        options: &ReadOptions,
    ) -> Result<Self> {
        let sample = stream.fill_buf().map_err(|e| Error::io(path, e))?;
        let delimiter = delimiter.unwrap_or_else(|| sniff_delimiter(sample));
        // The csv crate ends a record at the carriage return and begins the next before the line feed, on the line before its own.
        let feed = memchr::memchr(b'\n', sample).filter(|&at| at > 0);
        let lines_behind = u64::from(feed.is_some_and(|at| sample[at - 1] == b'\r'));
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(stream);
        let mut record = ByteRecord::new();
        let found = reader.read_byte_record(&mut record).map_err(|e| csv_error(path, e))?;
        if !found {
            return Err(Error::input(
                Place::file(path),
                "the file is empty",
                "a file whose first line names the columns",
            ));
        }
        let columns: Vec<String> = record.iter().map(|cell| decode(cell.to_vec())).collect();
        let parts = Parts::find(&columns, options, &Place::record(path, 0, Some(1)))?;
        let path = path.to_owned();
        Ok(Self { reader, path, columns, parts, record, count: 0, lines_behind })
    }

    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.parts
    }
}

impl Iterator for CsvArticles {
    type Item = Result<Article>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.reader.read_byte_record(&mut self.record) {
            Ok(false) => return None,
            Ok(true) => {}
            Err(error) => return Some(Err(csv_error(&self.path, error))),
        }
        self.count += 1;
        let line = self.record.position().map(|at| at.line() + self.lines_behind);
        let place = Place::record(&self.path, self.count, line);
        let mut encoding = None;
        let decoded = self.record.iter().map(|cell| decode_noting(cell.to_vec(), &mut encoding));
        let mut cells: Vec<String> = decoded.collect();
        if cells.len() == self.columns.len() {
            return Some(Ok(Article { encoding, ..self.parts.article(cells, place) }));
        }
        let problem =
            format!("has {} cells where the header has {}", cells.len(), self.columns.len());
        cells.resize(self.columns.len(), String::new());
        Some(Ok(Article { problem: Some(problem), ..self.parts.article(cells, place) }))
    }
}

fn csv_error(path: &Path, error: csv::Error) -> Error {
    let line = error.position().map(csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::Io(error) => Error::io(path, error),
        kind => Error::input(
            Place { line, ..Place::file(path) },
            format!("{kind:?}"),
            "--delimiter, or a file that is CSV",
        ),
    }
}

/// The delimiter under which the first records have the same number of columns, and more than one.
pub(super) fn sniff_delimiter(sample: &[u8]) -> u8 {
    let score = |delimiter: u8| {
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(sample);
        let widths: Vec<usize> =
            reader.byte_records().take(50).map_while(|r| r.ok()).map(|r| r.len()).collect();
        // The last record of the sample may be cut.
        let whole = if widths.len() > 2 { &widths[..widths.len() - 1] } else { &widths[..] };
        let header = whole.first().copied().unwrap_or(1);
        let alike = whole.iter().filter(|&&w| w == header).count();
        if header < 2 { (0, 0) } else { (alike * 100 / whole.len(), header) }
    };
    let mut best = (b',', (0, 0));
    for delimiter in DELIMITERS {
        let score = score(delimiter);
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::sniff_delimiter;

    #[test]
    fn the_delimiter_is_found() {
        assert_eq!(sniff_delimiter(b"id,texte\n1,\"a;b;c\"\n2,d\n"), b',');
        assert_eq!(sniff_delimiter(b"id;texte\n1;un, deux, trois\n2;quatre, cinq\n"), b';');
        assert_eq!(sniff_delimiter(b"id\ttitle\ttext\n1\ta, b\tc\n"), b'\t');
        assert_eq!(sniff_delimiter(b"id|texte\n1|a\n"), b'|');
        assert_eq!(sniff_delimiter(b"texte\nune seule colonne\n"), b',');
    }
}
