//! Articles from CSV and TSV.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use csv::ReaderBuilder;
use memchr::memchr;

use super::article::Article;
use super::csv_records::{Block, Outcome, Records};
use super::encoding::{decode, decode_noting};
use super::reader::{ArticleBytes, ColumnNames, Parts, ReadOptions};
use crate::error::{Error, Place, Result};

/// The delimiters that are looked for, best first where two fit alike.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// What all rows of one CSV stream have in common.
pub(super) struct Table {
    path: PathBuf,
    delimiter: u8,
    columns: Vec<String>,
    parts: Parts,
    most: ArticleBytes,
}

/// Reads one CSV stream.
pub(super) struct CsvArticles {
    records: Records,
    table: Arc<Table>,
    /// The first record, where it is no header but an article.
    first: Option<Block>,
    count: u64,
}

/// Rows that were read together and are not yet taken apart.
pub(super) struct CsvRows {
    block: Block,
    table: Arc<Table>,
    /// Records before them.
    before: u64,
    /// How many of them are left out.
    left_out: usize,
    /// Whether the first of them is the first line of the file, which has no header.
    is_headless: bool,
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
        let mut records = Records::new(stream, delimiter, options.max_article_bytes.get());
        let Some(block) = records.next_block(1).map_err(|e| Error::io(path, e))? else {
            return Err(Error::input(
                Place::file(path),
                "the file is empty",
                "a file whose first line names the columns",
            ));
        };
        let cells: Vec<String> = block.contents(0).map(|cell| decode(cell.into_owned())).collect();
        records.set_width(cells.len());
        let place = Place::record(path, 0, Some(1));
        let columns = named(&cells);
        let mut first = None;
        let (columns, parts) = match Parts::find(&columns, options, &place) {
            Ok(parts) => (columns, parts),
            Err(error) => {
                let text = Some(text_without_header(&cells, options).ok_or(error)?);
                first = Some(block);
                (named(&vec![String::new(); cells.len()]), Parts { text, ..Parts::default() })
            }
        };
        let most = options.max_article_bytes;
        let table = Arc::new(Table { path: path.to_owned(), delimiter, columns, parts, most });
        Ok(Self { records, table, first, count: 0 })
    }

    pub(super) fn columns(&self) -> &[String] {
        &self.table.columns
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.table.parts
    }

    /// The next rows; `None` at the end.
    pub(super) fn next_rows(&mut self) -> Result<Option<CsvRows>> {
        let first = self.first.take();
        let is_headless = first.is_some();
        let block = match first {
            Some(block) => Some(block),
            None => {
                let read = self.records.next_block(usize::MAX);
                read.map_err(|e| Error::io(&self.table.path, e))?
            }
        };
        let before = self.count;
        self.count += block.as_ref().map_or(0, |block| block.len() as u64);
        let table = self.table.clone();
        Ok(block.map(|block| CsvRows { block, table, before, left_out: 0, is_headless }))
    }
}

impl CsvRows {
    /// Leaves out the first rows, at most so many; says how many that was.
    pub(super) fn leave_out(&mut self, most: u64) -> u64 {
        let left = self.block.len() - self.left_out;
        let left_out = usize::try_from(most).map_or(left, |most| left.min(most));
        self.left_out += left_out;
        left_out as u64
    }

    pub(super) fn is_empty(&self) -> bool {
        self.left_out == self.block.len()
    }

    /// Takes the rows apart, one after the other, until `each` fails. All of them are read into one article, whose memory is used again.
    pub(super) fn try_for_each(
        &self,
        mut each: impl FnMut(&mut Article) -> Result<()>,
    ) -> Result<()> {
        let bytes = self.block.bytes();
        let text = simdutf8::basic::from_utf8(bytes).ok();
        let holds_nul = memchr(0, bytes).is_some();
        let mut article = Article::default();
        for record in self.left_out..self.block.len() {
            article.extracted = None;
            self.locate(record, &mut article);
            self.read_cells(record, text, &mut article);
            if holds_nul && article.cells.iter().any(|cell| cell.contains('\0')) {
                article.cells.iter_mut().for_each(|cell| cell.retain(|c| c != '\0'));
                article.mended = Some("holds NUL bytes".to_owned());
            }
            if self.table.delimiter == b';' {
                article.cells.iter_mut().for_each(without_apostrophe);
            }
            self.fit_to_header(&mut article);
            self.table.parts.fill(&mut article);
            each(&mut article)?;
        }
        Ok(())
    }

    /// Says where a record stands and what is to be said of its quotes.
    fn locate(&self, record: usize, article: &mut Article) {
        let Table { path, columns, parts, .. } = &*self.table;
        let (line, outcome) = self.block.outcome(record);
        // Whoever took the article before took its path along.
        if article.place.file.as_os_str().is_empty() {
            article.place.file.clone_from(path);
        }
        article.place.record = Some(self.before + record as u64 + 1);
        article.place.line = Some(line);
        article.mended = match outcome {
            _ if self.is_headless => {
                let text = parts.text.map_or("", |at| columns[at].as_str());
                Some(format!("is the first line and no header; {text} is taken for the text"))
            }
            Outcome::Whole | Outcome::TooLong => None,
            Outcome::StrayQuotes => Some("has quotes that are not doubled".to_owned()),
            Outcome::Unclosed => Some("has a quote that is never closed".to_owned()),
        };
        let is_too_long = outcome == Outcome::TooLong;
        article.problem = is_too_long.then(|| self.table.most.exceeded());
    }

    /// Reads the cells of a record, as many as it has; `text` is the block where it is UTF-8.
    fn read_cells(&self, record: usize, text: Option<&str>, article: &mut Article) {
        let Article { cells, encoding, .. } = article;
        *encoding = None;
        let Some(text) = text else {
            let contents = self.block.contents(record);
            *cells = contents.map(|cell| decode_noting(cell.into_owned(), encoding)).collect();
            return;
        };
        let stands = self.block.cells(record);
        cells.resize_with(stands.len(), String::new);
        for (cell, stand) in cells.iter_mut().zip(stands) {
            cell.clear();
            stand.parts().for_each(|part| cell.push_str(&text[part]));
        }
    }

    /// Makes the row as wide as the header, and says what is wrong with it where it is not.
    fn fit_to_header(&self, article: &mut Article) {
        let columns = &self.table.columns;
        let wanted = columns.len();
        let Article { cells, problem, .. } = article;
        // Spreadsheets write delimiters behind the last cell.
        if cells.len() > wanted && cells[wanted..].iter().all(|cell| cell.trim().is_empty()) {
            cells.truncate(wanted);
        }
        if problem.is_none() && cells.len() != wanted {
            *problem = Some(format!("has {} cells where the header has {wanted}", cells.len()));
        }
        if problem.is_none() && cells == columns {
            *problem = Some("is the header once more".to_owned());
        }
        cells.resize_with(wanted, String::new);
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
