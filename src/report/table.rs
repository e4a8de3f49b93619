//! CSV as it is written: by RFC 4180, without loss, or so that a French Excel opens it by a double click.

use std::io::{self, Write};

use csv::{Terminator, Writer, WriterBuilder};

/// How CSV is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableProfile {
    /// What separates cells.
    pub delimiter: u8,
    /// For Excel: byte order mark, CRLF, decimal commas, and no cell that would run as a formula.
    pub excel: bool,
}

impl Default for TableProfile {
    fn default() -> Self {
        Self { delimiter: b',', excel: false }
    }
}

impl TableProfile {
    /// What Excel with French settings opens: cells separated by `;`.
    ///
    /// Scraped cells that begin with `=`, `+`, `-`, `@`, tab or carriage return would run as formulas; they get an apostrophe
    /// in front, unless they are numbers. Reading CSV that is separated by `;` takes it off again.
    pub const fn excel() -> Self {
        Self { delimiter: b';', excel: true }
    }
}

/// A cell of a [`Table`].
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text, and counts.
    Text(String),
    /// A number with four decimals; `None` where it is undefined.
    Number(Option<f64>),
}

impl Cell {
    /// The cell as a table in the default profile has it.
    pub fn plain(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => four_decimals(number),
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Self::Text(count.to_string())
    }
}

impl From<Option<f64>> for Cell {
    fn from(number: Option<f64>) -> Self {
        Self::Number(number)
    }
}

/// More would be noise, and equal results look equal. What is undefined is empty.
fn four_decimals(number: Option<f64>) -> String {
    number.map_or_else(String::new, |number| format!("{number:.4}"))
}

/// The four decimals of a number from 0 to 1 without the long way of formatting, where rounding leaves no doubt.
fn short_decimals(number: f64) -> Option<[u8; 6]> {
    if !(0.0..=1.0).contains(&number) || number.is_sign_negative() {
        return None;
    }
    let scaled = number * 1e4;
    let down = scaled as u32;
    let rest = scaled - f64::from(down);
    // The product is off by far less than this.
    if (rest - 0.5).abs() < 1e-6 {
        return None;
    }
    let rounded = down + u32::from(rest > 0.5);
    let digit = |unit: u32| b'0' + (rounded / unit % 10) as u8;
    Some([digit(10_000), b'.', digit(1000), digit(100), digit(10), digit(1)])
}

/// Writes one table, cell by cell.
///
/// ```
/// use rubrique::report::{Table, TableProfile};
/// let mut table = Table::new(Vec::new(), TableProfile::excel())?;
/// table.text("=1+1")?;
/// table.number(Some(0.5))?;
/// table.end_row()?;
/// assert_eq!(table.finish()?, "\u{FEFF}'=1+1;0,5000\r\n".as_bytes());
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Table<W: Write> {
    writer: Writer<W>,
    excel: bool,
}

impl<W: Write> Table<W> {
    /// Starts a table.
    pub fn new(mut out: W, profile: TableProfile) -> io::Result<Self> {
        if profile.excel {
            out.write_all("\u{FEFF}".as_bytes())?;
        }
        Ok(Self::without_mark(out, profile))
    }

    /// Goes on with a table: no byte order mark comes before its rows.
    pub fn without_mark(out: W, profile: TableProfile) -> Self {
        let terminator = if profile.excel { Terminator::CRLF } else { Terminator::Any(b'\n') };
        let mut builder = WriterBuilder::new();
        let writer = builder.delimiter(profile.delimiter).terminator(terminator).from_writer(out);
        Self { writer, excel: profile.excel }
    }

    /// Writes a whole table.
    pub fn write(
        out: W,
        profile: TableProfile,
        fill: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut table = Self::new(out, profile)?;
        fill(&mut table)?;
        table.flush()
    }

    /// A cell of text.
    pub fn text(&mut self, cell: &str) -> io::Result<()> {
        if self.excel && runs_as_formula(cell) {
            return self.writer.write_field(format!("'{cell}")).map_err(into_io);
        }
        self.writer.write_field(cell).map_err(into_io)
    }

    /// A number with four decimals. An undefined one is an empty cell.
    pub fn number(&mut self, number: Option<f64>) -> io::Result<()> {
        if let (Some(cell), false) = (number.and_then(short_decimals), self.excel) {
            return self.writer.write_field(cell).map_err(into_io);
        }
        let mut cell = four_decimals(number);
        if self.excel {
            cell = cell.replace('.', ",");
        }
        self.writer.write_field(cell).map_err(into_io)
    }

    /// Ends a row.
    pub fn end_row(&mut self) -> io::Result<()> {
        self.writer.write_record(None::<&[u8]>).map_err(into_io)
    }

    /// A row of text.
    pub fn row<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) -> io::Result<()> {
        cells.into_iter().try_for_each(|cell| self.text(cell.as_ref()))?;
        self.end_row()
    }

    /// A row of text and numbers.
    pub fn cells(&mut self, cells: impl IntoIterator<Item = Cell>) -> io::Result<()> {
        for cell in cells {
            match cell {
                Cell::Text(text) => self.text(&text)?,
                Cell::Number(number) => self.number(number)?,
            }
        }
        self.end_row()
    }

    /// Hands on what is buffered.
    pub fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }

    /// Ends the table and returns what it was written to.
    pub fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(|error| error.into_error())
    }
}

/// Whether a spreadsheet would compute the cell. A number such as `-1,5` begins like a formula and is none.
fn runs_as_formula(cell: &str) -> bool {
    let is_number = || cell.bytes().skip(1).all(|b| b.is_ascii_digit() || b".,".contains(&b));
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
        && !(cell.len() > 1 && cell.starts_with(['+', '-']) && is_number())
}

/// csv wraps the system's errors: a broken pipe must still be known as one.
fn into_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(profile: TableProfile, cells: &[&str]) -> String {
        let mut table = Table::new(Vec::new(), profile).unwrap();
        table.row(cells).unwrap();
        String::from_utf8(table.finish().unwrap()).unwrap()
    }

    #[test]
    fn short_decimals_are_those_of_formatting() {
        let steps = (0..=200_000).map(|n| f64::from(n) / 200_000.0);
        let near = steps.flat_map(|n| [n, n.next_up(), n.next_down(), (n - 0.5).exp() / 3.0]);
        for number in near.filter(|n| (0.0..=1.0).contains(n)) {
            if let Some(short) = short_decimals(number) {
                assert_eq!(short, *format!("{number:.4}").as_bytes(), "{number:e}");
            }
        }
        assert_eq!(short_decimals(0.912_345), Some(*b"0.9123"));
        assert_eq!(short_decimals(-0.0), None);
    }

    #[test]
    fn the_plain_profile_changes_nothing() {
        let cells = ["=1+1", "a;b", "c,d", "dit \"oui\"\nou non", "@x"];
        let text = written(TableProfile::default(), &cells);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let record = reader.records().next().unwrap().unwrap();
        assert_eq!(record.iter().collect::<Vec<_>>(), cells);
    }

    #[test]
    fn excel_computes_no_cell() {
        let rows = [
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("+33 1", "'+33 1"),
            ("-12,5", "-12,5"),
            ("- un tiret", "'- un tiret"),
            ("@nom", "'@nom"),
            ("\tx", "'\tx"),
            ("-", "'-"),
            ("L’été à 3 €", "L’été à 3 €"),
        ];
        for (cell, expected) in rows {
            let text = written(TableProfile::excel(), &[cell, "fin"]);
            assert_eq!(text, format!("\u{FEFF}{expected};fin\r\n"));
        }
        let quoted = written(TableProfile::excel(), &["a;\"b\"", "c\nd"]);
        assert_eq!(quoted, "\u{FEFF}\"a;\"\"b\"\"\";\"c\nd\"\r\n");
        assert!(!quoted.contains("sep="));
    }
}
