//! The records of a CSV stream, read on behind what breaks them.
//!
//! Records are cut by the rules first, many at a time and without copying: quotes and delimiters are all that is looked for. Where the
//! quotes of one do not add up, it is read again by what was meant: a quote ends a cell only before a delimiter or a line
//! end, and a cell whose quote is never closed ends where a line begins that is a whole record by itself. Memory stays
//! bounded, however long a cell is. By the rules means: as the crate csv reads (`tests` compare).

use std::borrow::Cow;
use std::io::{self, BufReader, Read};
use std::iter;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use memchr::{memchr, memchr_iter, memchr2, memchr3, memchr3_iter};

use crate::text::{WIDTH, classed};

/// Bytes that are read for a block, as long as its records are shorter: it is taken apart while it is in the processor's cache. So many at
/// a time, so that what is read stays in step with what a digest takes at once.
const BLOCK: usize = 256 << 10;
/// A record that is longer is read in steps of at most so many bytes.
const LONGEST_STEP: usize = 1 << 20;

/// How a record was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// By the rules.
    Whole,
    /// Quotes inside of a cell were not doubled, or something stood behind a closing quote.
    StrayQuotes,
    /// A quote was never closed; the record ends where the next one begins.
    Unclosed,
    /// Longer than it may be; the record holds nothing.
    TooLong,
}

/// Some records with the bytes that they are made of.
#[derive(Debug, Default)]
pub(super) struct Block {
    memory: Memory,
    /// How many bytes are the block's.
    end: usize,
    /// Where its memory goes then.
    spare: Spare,
}

/// What a block is made in.
#[derive(Debug, Default)]
struct Memory {
    /// As they were read; behind them the cells that were mended. What is behind the block's end was another's.
    bytes: Vec<u8>,
    cells: Vec<Cell>,
    /// Where two quotes stand for one.
    doubled: Vec<u32>,
    records: Vec<Record>,
}

impl Memory {
    /// Forgets all cells but so many.
    fn forget(&mut self, known: usize) {
        self.cells.truncate(known);
        let doubled = self.cells.last().map_or(0, |last| last.doubled);
        self.doubled.truncate(doubled as usize);
    }
}

/// Memory of blocks that are done. It is used again while the processor's cache still holds it.
type Spare = Arc<Mutex<Vec<Memory>>>;

impl Drop for Block {
    fn drop(&mut self) {
        let mut memory = std::mem::take(&mut self.memory);
        if memory.bytes.len() <= 2 * BLOCK {
            memory.cells.clear();
            memory.doubled.clear();
            memory.records.clear();
            self.spare.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    start: u32,
    end: u32,
    /// How many doubled quotes the block has up to its end.
    doubled: u32,
}

/// Where a cell stands in the bytes of its block.
pub(super) struct Stand<'b> {
    range: Range<usize>,
    doubled: &'b [u32],
}

impl Stand<'_> {
    /// The parts that together are what is meant: each but the last ends with the first of two quotes.
    pub(super) fn parts(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let quotes = || self.doubled.iter().map(|quote| *quote as usize);
        let starts = iter::once(self.range.start).chain(quotes().map(|quote| quote + 2));
        let ends = quotes().map(|quote| quote + 1).chain([self.range.end]);
        starts.zip(ends).map(|(start, end)| start..end)
    }
}

#[derive(Clone, Copy, Debug)]
struct Record {
    /// Behind its last cell.
    end: u32,
    /// The line on which it begins, counted from 1.
    line: u64,
    outcome: Outcome,
}

impl Block {
    /// All bytes: what cells stand in.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.memory.bytes[..self.end]
    }

    /// Number of records.
    pub(super) fn len(&self) -> usize {
        self.memory.records.len()
    }

    /// The line on which a record begins, and how it was read.
    pub(super) fn outcome(&self, record: usize) -> (u64, Outcome) {
        let Record { line, outcome, .. } = self.memory.records[record];
        (line, outcome)
    }

    /// Where the cells of a record stand.
    pub(super) fn cells(&self, record: usize) -> impl ExactSizeIterator<Item = Stand<'_>> {
        let Memory { cells, doubled, records, .. } = &self.memory;
        let start = record.checked_sub(1).map_or(0, |before| records[before].end as usize);
        (start..records[record].end as usize).map(move |at| {
            let Cell { start, end, doubled: quotes } = cells[at];
            let before = at.checked_sub(1).map_or(0, |before| cells[before].doubled);
            let doubled = &doubled[before as usize..quotes as usize];
            Stand { range: start as usize..end as usize, doubled }
        })
    }

    /// The cells of a record as they are meant.
    pub(super) fn contents(&self, record: usize) -> impl Iterator<Item = Cow<'_, [u8]>> {
        let bytes = self.bytes();
        self.cells(record).map(|cell| match cell.doubled {
            [] => Cow::Borrowed(&bytes[cell.range]),
            _ => Cow::Owned(cell.parts().flat_map(|part| &bytes[part]).copied().collect()),
        })
    }

    fn push(&mut self, line: u64, outcome: Outcome) {
        let Memory { cells, records, .. } = &mut self.memory;
        records.push(Record { end: cells.len() as u32, line, outcome });
    }

    /// Adds a record whose cells were mended, behind the bytes that they were made of.
    fn add_record(&mut self, contents: Vec<Vec<u8>>, line: u64, outcome: Outcome) {
        let Memory { bytes, cells, doubled, .. } = &mut self.memory;
        let doubled = doubled.len() as u32;
        bytes.truncate(self.end);
        for content in contents {
            let start = bytes.len() as u32;
            bytes.extend_from_slice(&content);
            cells.push(Cell { start, end: bytes.len() as u32, doubled });
        }
        self.end = bytes.len();
        self.push(line, outcome);
    }
}

pub(super) struct Records {
    stream: BufReader<Box<dyn Read + Send>>,
    delimiter: u8,
    /// Longer records, in bytes, are passed over.
    longest: usize,
    /// Cells of a whole record, once the header has told.
    width: usize,
    /// Begins with what was read and is in no block yet; what is behind that means nothing.
    buffer: Vec<u8>,
    /// How many bytes that is.
    read: usize,
    spare: Spare,
    at_end: bool,
    /// What ended the reading, until all records before it are handed out.
    failed: Option<io::Error>,
    lines: Lines,
}

/// Lines that lie behind.
#[derive(Clone, Copy, Debug, Default)]
struct Lines {
    count: u64,
    /// Whether a carriage return ended the last of them: a line feed that follows belongs to it.
    after_return: bool,
}

impl Lines {
    fn pass(&mut self, bytes: &[u8]) {
        self.count += line_ends(bytes, self.after_return);
        self.after_return = bytes.last().map_or(self.after_return, |byte| *byte == b'\r');
    }
}

impl Records {
    pub(super) fn new(
        stream: BufReader<Box<dyn Read + Send>>,
        delimiter: u8,
        longest: usize,
    ) -> Self {
        Self {
            stream,
            delimiter,
            longest,
            width: 0,
            buffer: Vec::new(),
            read: 0,
            spare: Spare::default(),
            at_end: false,
            failed: None,
            lines: Lines::default(),
        }
    }

    /// What whole records look like from now on.
    pub(super) fn set_width(&mut self, width: usize) {
        self.width = width;
    }

    /// The next records, at least one and at most `most`; `None` at the end.
    pub(super) fn next_block(&mut self, most: usize) -> io::Result<Option<Block>> {
        let mut filled = match self.failed.take() {
            Some(error) => Err(error),
            None if self.read < BLOCK => self.fill(BLOCK),
            None => Ok(()),
        };
        let mut block = self.block();
        let mut step = BLOCK;
        loop {
            let cut = self.cut(&mut block, most);
            if block.len() > 0 {
                self.hand_out(cut.end, &mut block);
                self.lines = cut.lines;
                self.failed = filled.err();
                return Ok(Some(block));
            }
            filled?;
            if !cut.is_sound || self.read - blank(self.rest()) > self.longest {
                self.mend(&mut block)?;
                return Ok(Some(block));
            }
            if self.at_end {
                // Blank lines may be left.
                return Ok(None);
            }
            filled = self.fill(step);
            step = (2 * step).min(LONGEST_STEP);
        }
    }

    /// A block without records.
    fn block(&self) -> Block {
        let memory = self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Block { memory: memory.unwrap_or_default(), end: 0, spare: self.spare.clone() }
    }

    /// What was read and is in no block yet.
    fn rest(&self) -> &[u8] {
        &self.buffer[..self.read]
    }

    /// Cuts as many records from what was read as there are.
    fn cut(&self, block: &mut Block, most: usize) -> Cut {
        let rest = self.rest();
        let mut cut = Cut { end: 0, lines: self.lines, is_sound: true };
        while block.len() < most {
            let start = cut.end + blank(&rest[cut.end..]);
            let mut lines = cut.lines;
            lines.pass(&rest[cut.end..start]);
            let known = block.memory.cells.len();
            match scan(rest, start, self.delimiter, self.at_end, &mut block.memory) {
                Scan::Whole { end, line_ends } if end - start <= self.longest => {
                    block.push(lines.count + 1, Outcome::Whole);
                    lines.count += line_ends;
                    lines.after_return = rest[end - 1] == b'\r';
                    (cut.end, cut.lines) = (end, lines);
                }
                // What is too long may be rows that a stray quote holds together.
                unfinished => {
                    block.memory.forget(known);
                    cut.is_sound = matches!(unfinished, Scan::Open);
                    break;
                }
            }
        }
        cut
    }

    /// Gives the first bytes of what was read to the block; what is behind them moves to the memory that the block had.
    fn hand_out(&mut self, end: usize, block: &mut Block) {
        let Block { memory: Memory { bytes, .. }, .. } = block;
        let behind = &self.buffer[end..self.read];
        if bytes.len() < behind.len() {
            bytes.resize(behind.len(), 0);
        }
        bytes[..behind.len()].copy_from_slice(behind);
        self.read -= end;
        std::mem::swap(bytes, &mut self.buffer);
        block.end = end;
    }

    /// Reads the first record once more, by what was meant. As much is looked at as may take to say so, and no more, so that what becomes
    /// of it does not depend on how much happens to be read.
    fn mend(&mut self, block: &mut Block) -> io::Result<()> {
        let blank = blank(self.rest());
        let line = self.lines.count + 1 + line_ends(&self.rest()[..blank], self.lines.after_return);
        let most = blank + self.longest + LONGEST_STEP;
        let mut step = BLOCK;
        let (cells, length, outcome) = loop {
            let is_all = self.at_end && self.read <= most;
            let seen = &self.rest()[..self.read.min(most)];
            match meant(seen, self.delimiter, self.width, is_all) {
                Some((_, length, _)) if length - blank > self.longest => {}
                Some(meant) => break meant,
                // At the end an open cell ends.
                None if is_all => break (Vec::new(), self.read, Outcome::Unclosed),
                None if self.read < most => {
                    self.fill(step)?;
                    step = (2 * step).min(LONGEST_STEP);
                    continue;
                }
                None => {}
            }
            self.pass_over(blank)?;
            block.push(line, Outcome::TooLong);
            return Ok(());
        };
        self.hand_out(length, block);
        self.lines.pass(block.bytes());
        block.add_record(cells, line, outcome);
        Ok(())
    }

    /// Lets go of a record that is too long and begins at `start`, up to the line end outside of its quotes.
    fn pass_over(&mut self, mut start: usize) -> io::Result<()> {
        let mut is_quoted = false;
        loop {
            let rest = self.rest();
            let mut end = None;
            for at in memchr3_iter(b'"', b'\n', b'\r', &rest[start..]).map(|at| start + at) {
                if rest[at] == b'"' {
                    is_quoted = !is_quoted;
                } else if !is_quoted {
                    end = Some(at + 1);
                    break;
                }
            }
            let passed = end.unwrap_or(self.read);
            self.lines.pass(&self.buffer[..passed]);
            self.buffer.copy_within(passed..self.read, 0);
            self.read -= passed;
            start = 0;
            if end.is_some() || self.at_end {
                return Ok(());
            }
            self.fill(LONGEST_STEP)?;
        }
    }

    /// Reads so many bytes more, fewer at the end.
    fn fill(&mut self, bytes: usize) -> io::Result<()> {
        let wanted = self.read + bytes;
        if self.buffer.len() < wanted {
            // With room for the beginning of a record, which the next block may be filled behind.
            self.buffer.resize(wanted + BLOCK / 4, 0);
        }
        while self.read < wanted && !self.at_end {
            let room = &mut self.buffer[self.read..wanted];
            // What the stream has at hand, for it was looked at before; then past its buffer, without a copy.
            let read = match self.stream.buffer() {
                [] => self.stream.get_mut().read(room),
                _ => self.stream.read(room),
            };
            match read {
                Ok(read) => {
                    self.read += read;
                    self.at_end = read == 0;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// How far records were cut.
struct Cut {
    /// Behind the last of them.
    end: usize,
    lines: Lines,
    /// Whether what follows may still be read by the rules.
    is_sound: bool,
}

/// What was found of a record.
enum Scan {
    /// Where it ends, and how many line ends that takes.
    Whole { end: usize, line_ends: u64 },
    /// It goes on in what is not read yet.
    Open,
    /// Its quotes do not add up.
    Unsound,
}

/// Finds the cells of the record that begins at `at`, by the rules.
fn scan(bytes: &[u8], mut at: usize, delimiter: u8, at_end: bool, memory: &mut Memory) -> Scan {
    if at == bytes.len() {
        return Scan::Open;
    }
    let Memory { cells, doubled, .. } = memory;
    let mut push = |start: usize, end: usize, doubled: &[u32]| {
        let doubled = doubled.len() as u32;
        cells.push(Cell { start: start as u32, end: end as u32, doubled });
    };
    let mut line_ends = 0;
    loop {
        let end = if bytes.get(at) == Some(&b'"') {
            let start = at + 1;
            let mut marks = Marks::of(bytes, start);
            let quote = loop {
                let Some(mark) = marks.next() else {
                    return if at_end { Scan::Unsound } else { Scan::Open };
                };
                if bytes[mark] != b'"' {
                    let is_second = bytes[mark - 1..=mark] == *b"\r\n";
                    line_ends += u64::from(!is_second);
                    continue;
                }
                match bytes.get(mark + 1) {
                    Some(b'"') => {
                        doubled.push(mark as u32);
                        marks.next();
                    }
                    None if !at_end => return Scan::Open,
                    Some(&byte) if byte != delimiter && byte != b'\n' && byte != b'\r' => {
                        return Scan::Unsound;
                    }
                    _ => break mark,
                }
            };
            push(start, quote, doubled);
            quote + 1
        } else {
            let end = match memchr3(delimiter, b'\n', b'\r', &bytes[at..]) {
                Some(length) => at + length,
                None if at_end => bytes.len(),
                None => return Scan::Open,
            };
            push(at, end, doubled);
            end
        };
        let length = match bytes.get(end) {
            Some(&byte) if byte == delimiter => {
                at = end + 1;
                continue;
            }
            Some(b'\r') => match bytes.get(end + 1) {
                Some(b'\n') => 2,
                None if !at_end => return Scan::Open,
                _ => 1,
            },
            Some(_) => 1,
            None => 0,
        };
        line_ends += u64::from(length > 0);
        return Scan::Whole { end: end + length, line_ends };
    }
}

/// Where quotes and line ends stand in some bytes from a place on.
struct Marks<'b> {
    bytes: &'b [u8],
    /// Behind the window that was looked at.
    behind: usize,
    /// What of it is still to come, one bit a byte.
    mask: u64,
}

impl<'b> Marks<'b> {
    fn of(bytes: &'b [u8], start: usize) -> Self {
        Self { bytes, behind: start, mask: 0 }
    }
}

impl Iterator for Marks<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            let rest = self.bytes.get(self.behind..).filter(|rest| !rest.is_empty())?;
            let marks = |window| classed(window, |bytes| [bytes.any(b"\"\n\r")]);
            [self.mask] = match rest.first_chunk() {
                Some(window) => marks(window),
                None => {
                    let mut window = [0; WIDTH];
                    window[..rest.len()].copy_from_slice(rest);
                    marks(&window)
                }
            };
            self.behind += WIDTH;
        }
        let at = self.behind - WIDTH + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(at)
    }
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
                        if behind.is_none() && !at_end {
                            return None;
                        }
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
    let seen = &bytes[..bytes.len().min(LONGEST_STEP)];
    let line = match memchr(b'\n', seen) {
        Some(end) => &seen[..end],
        None if !at_end && seen.len() < LONGEST_STEP => return None,
        None => seen,
    };
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

#[cfg(test)]
mod tests {
    use csv::{QuoteStyle, ReaderBuilder, WriterBuilder};
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const LONGEST: usize = 10 << 20;

    fn read_by(text: &str, width: usize, most: usize) -> Vec<(Vec<String>, u64, Outcome)> {
        read_within(text, width, most, LONGEST)
    }

    fn read_within(
        text: &str,
        width: usize,
        most: usize,
        longest: usize,
    ) -> Vec<(Vec<String>, u64, Outcome)> {
        let stream: Box<dyn Read + Send> = Box::new(io::Cursor::new(text.as_bytes().to_vec()));
        let mut records = Records::new(BufReader::new(stream), b',', longest);
        records.set_width(width);
        let mut out = Vec::new();
        while let Some(block) = records.next_block(most).unwrap() {
            assert!((1..=most).contains(&block.len()));
            for record in 0..block.len() {
                let (line, outcome) = block.outcome(record);
                let cells = block.contents(record);
                let cells = cells.map(|cell| String::from_utf8_lossy(&cell).into_owned());
                out.push((cells.collect(), line, outcome));
            }
        }
        out
    }

    fn read(text: &str, width: usize) -> Vec<(Vec<String>, u64, Outcome)> {
        let rows = read_by(text, width, usize::MAX);
        assert_eq!(read_by(text, width, 1), rows, "one by one");
        rows
    }

    proptest! {
        /// What is sound is read as the crate csv reads it.
        #[test]
        fn sound_records_are_those_of_csv(
            rows in vec(vec("[a,é\"\r\n ]{0,6}|[aé]{50,80}[a,é\"\r\n ]{0,40}", 1..4), 0..6),
            quoted in any::<bool>(),
            end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
            blanks in 0..3_usize,
        ) {
            let style = if quoted { QuoteStyle::Always } else { QuoteStyle::Necessary };
            let mut text = String::new();
            for row in rows {
                let mut writer = WriterBuilder::new().quote_style(style).from_writer(Vec::new());
                writer.write_record(&row).unwrap();
                let line = String::from_utf8(writer.into_inner().unwrap()).unwrap();
                text.push_str(line.strip_suffix('\n').unwrap());
                text.push_str(&end.repeat(1 + blanks));
            }
            let last_line = 1 + line_ends(text.as_bytes(), false);
            text.push_str("fin");
            let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let expected: Vec<Vec<String>> =
                reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
            let found = read(&text, 2);
            prop_assert!(found.iter().all(|row| row.2 == Outcome::Whole));
            prop_assert_eq!(found.last().unwrap().1, last_line);
            prop_assert_eq!(found.into_iter().map(|row| row.0).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn marks_stand_where_they_are_found_one_by_one(
            text in "[aé]{0,70}[a\"\r\n]{0,70}[aé]{0,70}[a\"\r\n]{0,70}",
            start in 0..300_usize,
        ) {
            let bytes = text.as_bytes();
            let start = start.min(bytes.len());
            let found: Vec<usize> = Marks::of(bytes, start).collect();
            let expected = memchr3_iter(b'"', b'\n', b'\r', &bytes[start..]);
            prop_assert_eq!(found, expected.map(|at| start + at).collect::<Vec<_>>());
        }

        /// No byte sequence breaks the reading, and where a block ends does not matter.
        #[test]
        fn any_bytes_are_read(text in "[a,\"\r\n1]{0,40}", width in 0..4_usize) {
            read(&text, width);
        }
    }

    /// Hands out what it has and fails then.
    struct Failing(io::Cursor<Vec<u8>>);

    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::Error::other("unplugged")),
                read => Ok(read),
            }
        }
    }

    #[test]
    fn records_before_an_error_are_handed_out() {
        for most in [1, usize::MAX] {
            let stream = Failing(io::Cursor::new(b"1,a\n2,\"b\"\n3,\"c".to_vec()));
            let mut records = Records::new(BufReader::new(Box::new(stream)), b',', LONGEST);
            let mut count = 0;
            let error = loop {
                match records.next_block(most) {
                    Ok(block) => count += block.expect("an error comes first").len(),
                    Err(error) => break error,
                }
            };
            assert_eq!((count, error.to_string()), (2, "unplugged".to_owned()));
        }
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

    /// More than a block, in memory that is used again, with one block kept meanwhile.
    #[test]
    fn blocks_that_follow_hold_their_own_records() {
        let row = |at: usize| format!("{at},\"il dit \"\"oui\"\"\n{}\"\r\n", "é".repeat(at % 977));
        let text: String = (0..2000).map(row).collect();
        assert!(text.len() > 4 * BLOCK);
        let stream: Box<dyn Read + Send> = Box::new(io::Cursor::new(text.into_bytes()));
        let mut records = Records::new(BufReader::new(stream), b',', LONGEST);
        let (mut kept, mut count) = (None, 0);
        while let Some(block) = records.next_block(usize::MAX).unwrap() {
            for record in 0..block.len() {
                let [id, said] = block.contents(record).collect::<Vec<_>>().try_into().unwrap();
                assert_eq!(id, count.to_string().as_bytes());
                assert_eq!(said, format!("il dit \"oui\"\n{}", "é".repeat(count % 977)).as_bytes());
                assert_eq!(block.outcome(record), (2 * count as u64 + 1, Outcome::Whole));
                count += 1;
            }
            kept.get_or_insert(block);
        }
        assert_eq!(count, 2000);
        assert_eq!(kept.unwrap().contents(0).next().unwrap(), &b"0"[..]);
    }

    /// What becomes of a record around the limit does not depend on where blocks end: an unclosed quote takes no row along, and one
    /// record is passed over however lines end and however many blank ones stand before it.
    #[test]
    fn what_is_too_long_is_so_wherever_blocks_end() {
        const LIMIT: usize = 2000;
        let rows: String = (0..3000).map(|n| format!("n{n},texte\n")).collect();
        let unclosed = format!("N,\"jamais fermé\n{rows}M,un tube de 5\"\nz9,fin\n");
        let mut outcomes = vec![Outcome::Unclosed];
        outcomes.extend([Outcome::Whole; 3002]);
        let long = "x".repeat(LIMIT + 1);
        let passed = [Outcome::Whole, Outcome::TooLong, Outcome::Whole];
        let texts = [
            (unclosed, outcomes),
            (format!("a1,un\rb2,{long}\rc3,fin\r"), passed.to_vec()),
            (format!("a1,un\r\nb2,\"{long}\n\"\r\nc3,fin\r\n"), passed.to_vec()),
            (format!("a1,un\n\n\r\n\nb2,{long}\nc3,fin\n"), passed.to_vec()),
        ];
        let row = "p7,ce qui vient avant\n";
        for (text, expected) in texts {
            let lines = line_ends(text.as_bytes(), false);
            for before in (0..600_000).step_by(40_000).map(|bytes| bytes / row.len()) {
                let text = format!("{}{text}", row.repeat(before));
                for most in [usize::MAX, 7] {
                    let read = read_within(&text, 2, most, LIMIT);
                    let found: Vec<Outcome> = read[before..].iter().map(|row| row.2).collect();
                    assert_eq!(found, expected, "behind {before} rows");
                    let (cells, line, _) = read.last().unwrap();
                    assert_eq!((&*cells[1], *line), ("fin", before as u64 + lines));
                }
            }
        }
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
