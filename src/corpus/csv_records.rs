//! The records of a CSV stream, read on behind what breaks them.
//!
//! Records are read by the rules first. Where the quotes of one do not add up, it is read again by what was meant: a quote
//! ends a cell only before a delimiter or a line end, and a cell whose quote is never closed ends where a line begins that
//! is a whole record by itself. Memory stays bounded, however long a cell is.

use std::io::{self, BufReader, Read};

use csv::{ByteRecord, ReaderBuilder};
use memchr::{memchr, memchr_iter, memchr2};

/// Longer records, in bytes, are passed over.
const LONGEST_RECORD: usize = 16 << 20;
/// What has been read is let go in pieces of this size.
const LET_GO: usize = 1 << 20;
const BUFFER: usize = 1 << 16;

/// How a record was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// By the rules.
    Whole,
    /// Quotes inside of a cell were not doubled, or something stood behind a closing quote.
    StrayQuotes,
    /// A quote was never closed; the record ends where the next one begins.
    Unclosed,
    /// Longer than may be; the record holds its first cells alone.
    TooLong,
}

pub(super) struct Records {
    reader: Option<csv::Reader<Kept>>,
    delimiter: u8,
    /// Cells of a whole record, once the header has told.
    width: usize,
    /// Where in what is kept the next record begins, and what the reader calls that place.
    start: usize,
    offset: u64,
    /// Lines before the next record, and whether a carriage return ended the last of them.
    lines: u64,
    after_return: bool,
}

/// A stream that keeps what it has handed out since the current record began.
struct Kept {
    stream: BufReader<Box<dyn Read + Send>>,
    bytes: Vec<u8>,
    handed_out: usize,
    /// Where the current record begins in `bytes`.
    record: usize,
    at_limit: bool,
}

impl Kept {
    /// Reads more from the stream; false at its end or at the limit.
    fn fill(&mut self, bytes: usize) -> io::Result<bool> {
        if self.bytes.len() - self.record >= LONGEST_RECORD {
            self.at_limit = true;
            return Ok(false);
        }
        let before = self.bytes.len();
        self.bytes.resize(before + bytes, 0);
        let read = loop {
            match self.stream.read(&mut self.bytes[before..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.bytes.truncate(before + *read.as_ref().unwrap_or(&0));
        Ok(read? > 0)
    }
}

impl Read for Kept {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.handed_out == self.bytes.len() && !self.fill(BUFFER)? {
            return Ok(0);
        }
        let from = &self.bytes[self.handed_out..];
        let count = from.len().min(buffer.len());
        buffer[..count].copy_from_slice(&from[..count]);
        self.handed_out += count;
        Ok(count)
    }
}

impl Records {
    pub(super) fn new(stream: BufReader<Box<dyn Read + Send>>, delimiter: u8) -> Self {
        let kept = Kept { stream, bytes: Vec::new(), handed_out: 0, record: 0, at_limit: false };
        let reader = Some(reader(kept, delimiter));
        Self { reader, delimiter, width: 0, start: 0, offset: 0, lines: 0, after_return: false }
    }

    /// What whole records look like from now on.
    pub(super) fn set_width(&mut self, width: usize) {
        self.width = width;
    }

    /// Reads the next record and says on which line it begins; `None` at the end.
    pub(super) fn read(&mut self, record: &mut ByteRecord) -> io::Result<Option<(u64, Outcome)>> {
        let Some(reader) = &mut self.reader else { return Ok(None) };
        if self.start >= LET_GO {
            let kept = reader.get_mut();
            kept.bytes.drain(..self.start);
            kept.handed_out -= self.start;
            self.offset += self.start as u64;
            self.start = 0;
        }
        reader.get_mut().record = self.start;
        let found = reader.read_byte_record(record).map_err(into_io)?;
        if !found {
            return Ok(None);
        }
        let end = (reader.position().byte() - self.offset) as usize;
        let kept = reader.get_ref();
        let raw = &kept.bytes[self.start..end.min(kept.bytes.len())];
        // csv itself counts no blank lines.
        let line = self.lines + 1 + line_ends(&raw[..blank(raw)], self.after_return);
        if !kept.at_limit && is_sound(raw, self.delimiter) {
            self.lines += line_ends(raw, self.after_return);
            self.after_return = raw.ends_with(b"\r");
            self.start = end;
            return Ok(Some((line, Outcome::Whole)));
        }
        self.mend(record).map(|outcome| Some((line, outcome)))
    }

    /// Reads the record at `start` once more, by what was meant.
    fn mend(&mut self, record: &mut ByteRecord) -> io::Result<Outcome> {
        let Some(reader) = self.reader.take() else { return Ok(Outcome::Whole) };
        let mut kept = reader.into_inner();
        kept.at_limit = false;
        let mut more = BUFFER;
        let (cells, length, outcome) = loop {
            let at_end = kept.at_limit;
            let bytes = &kept.bytes[self.start..];
            match meant(bytes, self.delimiter, self.width, at_end) {
                Some(read) if !(at_end && read.2 == Outcome::TooLong) => break read,
                Some(_) => {
                    let (length, lines) = pass_over(&mut kept, self.start)?;
                    self.lines += lines;
                    break (Vec::new(), length, Outcome::TooLong);
                }
                None => {
                    if !kept.fill(more)? {
                        // At the end of the file an open cell ends; at the limit it is given up.
                        if kept.at_limit {
                            let (length, lines) = pass_over(&mut kept, self.start)?;
                            self.lines += lines;
                            break (Vec::new(), length, Outcome::TooLong);
                        }
                        let bytes = &kept.bytes[self.start..];
                        break meant(bytes, self.delimiter, self.width, true).unwrap_or((
                            Vec::new(),
                            bytes.len(),
                            Outcome::Unclosed,
                        ));
                    }
                    more = (more * 2).min(LET_GO);
                }
            }
        };
        record.clear();
        cells.iter().for_each(|cell| record.push_field(cell));
        let read = &kept.bytes[self.start..self.start + length];
        self.lines += line_ends(read, self.after_return);
        self.after_return = read.ends_with(b"\r");
        kept.bytes.drain(..self.start + length);
        kept.handed_out = 0;
        kept.at_limit = false;
        (self.start, self.offset) = (0, 0);
        self.reader = Some(self::reader(kept, self.delimiter));
        Ok(outcome)
    }
}

fn reader(kept: Kept, delimiter: u8) -> csv::Reader<Kept> {
    ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(BUFFER)
        .from_reader(kept)
}

/// How many line ends there are, whichever way they are written; a line feed at the start belongs to the carriage return
/// before it, if there was one.
fn line_ends(bytes: &[u8], after_return: bool) -> u64 {
    let feeds = memchr_iter(b'\n', bytes).count();
    let alone = |&at: &usize| bytes.get(at + 1) != Some(&b'\n');
    let returns = memchr_iter(b'\r', bytes).filter(alone).count();
    let counted = usize::from(after_return && bytes.first() == Some(&b'\n'));
    (feeds + returns - counted) as u64
}

/// The length of the blank lines at the start.
fn blank(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| **b == b'\n' || **b == b'\r').count()
}

fn into_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        kind => io::Error::other(format!("{kind:?}")),
    }
}

/// Whether every quote that opens a cell is closed before a delimiter or the record's end.
fn is_sound(raw: &[u8], delimiter: u8) -> bool {
    let ends = |byte: Option<&u8>| byte.is_none_or(|&b| b == delimiter || b == b'\n' || b == b'\r');
    let mut at = 0;
    while let Some(quote) = memchr(b'"', &raw[at..]) {
        let quote = at + quote;
        let opens = quote == 0 || ends(raw.get(quote - 1));
        at = quote + 1;
        if !opens {
            continue;
        }
        loop {
            let Some(close) = memchr(b'"', &raw[at..]) else { return false };
            at += close + 1;
            if raw.get(at) == Some(&b'"') {
                at += 1;
            } else if ends(raw.get(at)) {
                break;
            } else {
                return false;
            }
        }
    }
    true
}

/// Cells, length in bytes, how they were read.
type Meant = (Vec<Vec<u8>>, usize, Outcome);

/// One record at the start of `bytes` with its length; `None` where it takes more bytes to say, and there may be more.
fn meant(bytes: &[u8], delimiter: u8, width: usize, at_end: bool) -> Option<Meant> {
    let is_break = |b: u8| b == b'\n' || b == b'\r';
    let mut at = blank(bytes);
    let mut cells: Vec<Vec<u8>> = Vec::new();
    loop {
        let mut cell = Vec::new();
        if bytes.get(at) == Some(&b'"') {
            at += 1;
            loop {
                let Some(next) = memchr2(b'"', b'\n', &bytes[at..]) else {
                    if !at_end {
                        return None;
                    }
                    cell.extend_from_slice(&bytes[at..]);
                    cells.push(trimmed(cell));
                    return Some((cells, bytes.len(), Outcome::Unclosed));
                };
                cell.extend_from_slice(&bytes[at..at + next]);
                at += next;
                if bytes[at] == b'\n' {
                    let id = cells.first().map_or(&[][..], Vec::as_slice);
                    match begins_a_record(&bytes[at + 1..], id, delimiter, width, at_end) {
                        None => return None,
                        Some(true) => {
                            cells.push(trimmed(cell));
                            return Some((cells, at + 1, Outcome::Unclosed));
                        }
                        Some(false) => {
                            cell.push(b'\n');
                            at += 1;
                        }
                    }
                    continue;
                }
                match bytes.get(at + 1) {
                    None if !at_end => return None,
                    Some(b'"') => {
                        cell.push(b'"');
                        at += 2;
                    }
                    Some(&b) if b != delimiter && !is_break(b) => {
                        // Spaces may stand between the quote and the delimiter.
                        let blanks = bytes[at + 1..].iter().take_while(|b| **b == b' ').count();
                        let behind = bytes.get(at + 1 + blanks);
                        if blanks > 0 && behind.is_some_and(|&b| b == delimiter || is_break(b)) {
                            at += 1 + blanks;
                            break;
                        }
                        cell.push(b'"');
                        at += 1;
                    }
                    _ => {
                        at += 1;
                        break;
                    }
                }
            }
        } else {
            let end = bytes[at..].iter().position(|&b| b == delimiter || is_break(b));
            match end {
                None if !at_end => return None,
                end => {
                    let end = end.map_or(bytes.len(), |end| at + end);
                    cell.extend_from_slice(&bytes[at..end]);
                    at = end;
                }
            }
        }
        cells.push(cell);
        match bytes.get(at) {
            Some(&b) if b == delimiter => at += 1,
            Some(b'\r') if bytes.get(at + 1).is_none() && !at_end => return None,
            Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => {
                return Some((cells, at + 2, Outcome::StrayQuotes));
            }
            Some(_) => return Some((cells, at + 1, Outcome::StrayQuotes)),
            None if at_end => return Some((cells, at, Outcome::StrayQuotes)),
            None => return None,
        }
    }
}

fn trimmed(mut cell: Vec<u8>) -> Vec<u8> {
    while cell.last().is_some_and(|b| *b == b'\n' || *b == b'\r') {
        cell.pop();
    }
    cell
}

/// Whether the line at the start of `bytes` is a whole record by itself: as wide as the header, with a first cell that looks like
/// an identifier, with a digit where `id`, that of the record before, has one. `None` where its end is not there yet.
fn begins_a_record(
    bytes: &[u8],
    id: &[u8],
    delimiter: u8,
    width: usize,
    at_end: bool,
) -> Option<bool> {
    const LONGEST_ID: usize = 64;
    if width < 2 {
        return Some(false);
    }
    let end = match memchr(b'\n', bytes) {
        Some(end) => end,
        None if !at_end && bytes.len() < LET_GO => return None,
        None => bytes.len(),
    };
    let line = &bytes[..end];
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let first = memchr(delimiter, line).map_or(line, |end| &line[..end]);
    let is_id = !first.is_empty() && first.len() <= LONGEST_ID && memchr(b' ', first).is_none();
    let has_digit = |id: &[u8]| id.iter().any(u8::is_ascii_digit);
    if !is_id || (has_digit(id) && !has_digit(first)) {
        return Some(false);
    }
    let mut cells = 1;
    let mut quoted = false;
    let mut previous = delimiter;
    for &byte in line {
        match byte {
            b'"' if quoted || previous == delimiter => quoted = !quoted,
            b if b == delimiter && !quoted => cells += 1,
            _ => {}
        }
        previous = byte;
    }
    // The last cell may go on in the next lines.
    Some(cells == width)
}

/// Lets go of a record that is too long, up to the line end outside of its quotes. Returns its length as far as it is
/// still kept, and the line ends of what is not.
fn pass_over(kept: &mut Kept, start: usize) -> io::Result<(usize, u64)> {
    let mut lines = 0;
    let mut quoted = false;
    let mut from = start;
    loop {
        for at in from..kept.bytes.len() {
            match kept.bytes[at] {
                b'"' => quoted = !quoted,
                b'\n' if !quoted => return Ok((at + 1 - start, lines)),
                _ => {}
            }
        }
        lines += line_ends(&kept.bytes[start..], false);
        kept.bytes.truncate(start);
        kept.record = start;
        from = start;
        if !kept.fill(LET_GO)? {
            return Ok((0, lines));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, width: usize) -> Vec<(Vec<String>, u64, Outcome)> {
        let stream: Box<dyn Read + Send> = Box::new(io::Cursor::new(text.as_bytes().to_vec()));
        let mut records = Records::new(BufReader::new(stream), b',');
        records.set_width(width);
        let mut record = ByteRecord::new();
        let mut out = Vec::new();
        while let Some((line, outcome)) = records.read(&mut record).unwrap() {
            let cells = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned());
            out.push((cells.collect(), line, outcome));
        }
        out
    }

    fn cells(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn sound_records_are_read_by_the_rules() {
        let rows = read("id,t\n1,\"a, \"\"b\"\"\nc\"\n\n2,5\" de pluie\r\n3,x", 2);
        let expected = [
            (cells(&["id", "t"]), 1, Outcome::Whole),
            (cells(&["1", "a, \"b\"\nc"]), 2, Outcome::Whole),
            (cells(&["2", "5\" de pluie"]), 5, Outcome::Whole),
            (cells(&["3", "x"]), 6, Outcome::Whole),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn lines_are_counted_whichever_way_they_end() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["id,t", "1,\"a", "b\"", "", "2,c", "3,\"d \"e\" f\"", "4,g"].join(end);
            let lines: Vec<u64> = read(&text, 2).iter().map(|row| row.1).collect();
            assert_eq!(lines, [1, 2, 5, 6, 7], "{end:?}");
        }
    }

    #[test]
    fn an_unclosed_quote_swallows_no_other_row() {
        let rows = read("1,\"jamais fermé\nsuite, du texte\n2,b\n3,\"c\"\n4,d\n", 2);
        let expected = [
            (cells(&["1", "jamais fermé\nsuite, du texte"]), 1, Outcome::Unclosed),
            (cells(&["2", "b"]), 3, Outcome::Whole),
            (cells(&["3", "c"]), 4, Outcome::Whole),
            (cells(&["4", "d"]), 5, Outcome::Whole),
        ];
        assert_eq!(rows, expected);
        let rows = read("1,\"fin", 2);
        assert_eq!(rows, [(cells(&["1", "fin"]), 1, Outcome::Unclosed)]);
    }

    #[test]
    fn quotes_that_were_not_doubled_stay_in_their_cell() {
        let rows = read("1,\"il dit \"oui\" et\nsort\",x\n2,\"b\" ,y\n3,c,z\n", 3);
        let expected = [
            (cells(&["1", "il dit \"oui\" et\nsort", "x"]), 1, Outcome::StrayQuotes),
            (cells(&["2", "b", "y"]), 3, Outcome::StrayQuotes),
            (cells(&["3", "c", "z"]), 4, Outcome::Whole),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_cell_of_fifty_megabytes_is_passed_over() {
        let text = format!("1,a\n2,\"{}\"\n3,c\n", "mot et mot\n".repeat(5_000_000));
        let rows = read(&text, 2);
        let outcomes: Vec<Outcome> = rows.iter().map(|row| row.2).collect();
        assert_eq!(outcomes, [Outcome::Whole, Outcome::TooLong, Outcome::Whole]);
        assert_eq!((&rows[2].0, rows[2].1), (&cells(&["3", "c"]), 5_000_003));
    }
}
