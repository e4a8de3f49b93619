//! Articles from CSV and TSV.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder};

use super::article::Article;
use super::csv_records::{Outcome, Records};
use super::encoding::{decode, decode_noting};
use super::reader::{ColumnNames, Parts, ReadOptions};
use crate::error::{Error, Place, Result};

/// The delimiters that are looked for, best first where two fit alike.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// Reads one CSV stream.
pub(super) struct CsvArticles {
    records: Records,
    delimiter: u8,
    path: PathBuf,
    columns: Vec<String>,
    parts: Parts,
    record: ByteRecord,
    /// The first record, where it is no header but an article.
    first: Option<ByteRecord>,
    count: u64,
}

impl CsvArticles {
    pub(super) fn open(
        mut stream: BufReader<Box<dyn Read + Send>>,
        path: &Path,
        delimiter: Option<u8>,
        options: &ReadOptions,
    ) -> Result<Self> {
        let delimiter = match delimiter {
            Some(delimiter) => delimiter,
            None => sniff_delimiter(stream.fill_buf().map_err(|e| Error::io(path, e))?),
        };
        let mut records = Records::new(stream, delimiter);
        let mut record = ByteRecord::new();
        let found = records.read(&mut record).map_err(|e| Error::io(path, e))?;
        if found.is_none() {
            return Err(Error::input(
                Place::file(path),
                "the file is empty",
                "a file whose first line names the columns",
            ));
        }
        let cells: Vec<String> = record.iter().map(|cell| decode(cell.to_vec())).collect();
        records.set_width(cells.len());
        let place = Place::record(path, 0, Some(1));
        let columns = named(&cells);
        let mut first = None;
        let (columns, parts) = match Parts::find(&columns, options, &place) {
            Ok(parts) => (columns, parts),
            Err(error) => {
                let text = Some(text_without_header(&cells, options).ok_or(error)?);
                first = Some(std::mem::take(&mut record));
                (named(&vec![String::new(); cells.len()]), Parts { text, ..Parts::default() })
            }
        };
        let path = path.to_owned();
        Ok(Self { records, delimiter, path, columns, parts, record, first, count: 0 })
    }

    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Whether the record is the header once more, as where files were put together.
    fn repeats_header(&self) -> bool {
        self.record.len() == self.columns.len()
            && self.record.iter().zip(&self.columns).all(|(cell, name)| cell == name.as_bytes())
    }
}

/// Takes off the apostrophe that keeps a spreadsheet from computing the cell.
fn without_apostrophe(cell: &mut String) {
    if cell.starts_with('\'') && cell[1..].starts_with(['=', '+', '-', '@', '\t', '\r']) {
        cell.remove(0);
    }
}

/// The header's names; columns without one are called by their number.
fn named(cells: &[String]) -> Vec<String> {
    let name = |(at, cell): (usize, &String)| {
        if cell.trim().is_empty() { format!("column_{}", at + 1) } else { cell.replace('\0', "") }
    };
    cells.iter().enumerate().map(name).collect()
}

/// Where the text stands in a first record that is no header: its longest cell, if that is prose.
fn text_without_header(cells: &[String], options: &ReadOptions) -> Option<usize> {
    const LEAST_WORDS: usize = 12;
    let text = (0..cells.len()).max_by_key(|&at| cells[at].len())?;
    let is_prose = cells[text].split_whitespace().count() >= LEAST_WORDS;
    (is_prose && options.columns == ColumnNames::default() && !options.need_labels).then_some(text)
}

impl Iterator for CsvArticles {
    type Item = Result<Article>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut mended = None;
        let (line, outcome) = match self.first.take() {
            Some(first) => {
                self.record = first;
                let text = self.parts.text.map_or("", |at| self.columns[at].as_str());
                mended =
                    Some(format!("is the first line and no header; {text} is taken for the text"));
                (1, Outcome::Whole)
            }
            None => match self.records.read(&mut self.record) {
                Ok(None) => return None,
                Ok(Some(read)) => read,
                Err(error) => return Some(Err(Error::io(&self.path, error))),
            },
        };
        self.count += 1;
        let place = Place::record(&self.path, self.count, Some(line));
        let wanted = self.columns.len();
        let mut problem = None;
        match outcome {
            Outcome::Whole => {}
            Outcome::StrayQuotes => mended = Some("has quotes that are not doubled".to_owned()),
            Outcome::Unclosed => mended = Some("has a quote that is never closed".to_owned()),
            Outcome::TooLong => problem = Some("is longer than 16 MB".to_owned()),
        }
        let mut encoding = None;
        let decoded = self.record.iter().map(|cell| decode_noting(cell.to_vec(), &mut encoding));
        let mut cells: Vec<String> = decoded.collect();
        if self.record.as_slice().contains(&0) {
            cells.iter_mut().for_each(|cell| cell.retain(|c| c != '\0'));
            mended = Some("holds NUL bytes".to_owned());
        }
        if self.delimiter == b';' {
            cells.iter_mut().for_each(without_apostrophe);
        }
        // Spreadsheets write delimiters behind the last cell.
        if cells.len() > wanted && cells[wanted..].iter().all(|cell| cell.trim().is_empty()) {
            cells.truncate(wanted);
        }
        if problem.is_none() && cells.len() != wanted {
            problem = Some(format!("has {} cells where the header has {wanted}", cells.len()));
        }
        if problem.is_none() && self.repeats_header() {
            problem = Some("is the header once more".to_owned());
        }
        cells.resize(wanted, String::new());
        Some(Ok(Article { problem, mended, encoding, ..self.parts.article(cells, place) }))
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
