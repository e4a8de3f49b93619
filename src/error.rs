//! What can go wrong, said so that somebody can act on it: where, what, what to try.

use std::fmt;
use std::path::{Path, PathBuf};

/// The result of everything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Where in the input something was found.
///
/// `Display` writes the parts that are known: `articles.csv, record 12, line 14, column "text"`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file; `-` is standard input.
    pub file: PathBuf,
    /// The record, counted from 1 without the header.
    pub record: Option<u64>,
    /// The line of the file, counted from 1.
    pub line: Option<u64>,
    /// The column, by name.
    pub column: Option<String>,
}

impl Place {
    /// A whole file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { file: path.into(), ..Self::default() }
    }

    /// One record of a file.
    pub fn record(path: &Path, record: u64, line: Option<u64>) -> Self {
        Self { file: path.to_owned(), record: Some(record), line, column: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.file == Path::new("-") {
            f.write_str("standard input")?;
        } else {
            write!(f, "{}", self.file.display())?;
        }
        if let Some(record) = self.record {
            write!(f, ", record {record}")?;
        }
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column \"{column}\"")?;
        }
        Ok(())
    }
}

/// Everything that stops a run. What is wrong with a single article is no error: it travels with
/// the article as its [`Status`](crate::corpus::Status).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be opened, read or written.
    #[error("{place}: {source}")]
    Io {
        /// Where.
        place: Box<Place>,
        /// What the system said.
        source: std::io::Error,
    },
    /// The input is not what it should be.
    #[error("{place}: {what}; try: {hint}")]
    Input {
        /// Where.
        place: Box<Place>,
        /// What is wrong.
        what: String,
        /// What to try.
        hint: String,
    },
    /// A model or shard file cannot be used.
    #[error("{place}: {what}; try: {hint}")]
    Model {
        /// Where.
        place: Box<Place>,
        /// What is wrong.
        what: String,
        /// What to try.
        hint: String,
    },
    /// A setting is out of its range.
    #[error("{name} is {value}; it must be {range}")]
    Setting {
        /// The setting's name.
        name: &'static str,
        /// The value that was given.
        value: String,
        /// The values that are allowed.
        range: &'static str,
    },
    /// The articles do not allow what was asked, such as training on a single label.
    #[error("{what}; try: {hint}")]
    Data {
        /// What is wrong.
        what: String,
        /// What to try.
        hint: String,
    },
    /// linfa, or linfa-bayes' dense estimators, refused.
    #[error("linfa: {0}")]
    Linfa(String),
}

impl Error {
    pub(crate) fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io { place: Place::file(path).into(), source }
    }

    pub(crate) fn input(place: Place, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Input { place: place.into(), what: what.into(), hint: hint.into() }
    }

    pub(crate) fn model(path: &Path, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Model { place: Place::file(path).into(), what: what.into(), hint: hint.into() }
    }

    pub(crate) fn data(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Data { what: what.into(), hint: hint.into() }
    }

    pub(crate) fn setting(name: &'static str, value: impl ToString, range: &'static str) -> Self {
        Self::Setting { name, value: value.to_string(), range }
    }
}

impl From<linfa::Error> for Error {
    fn from(error: linfa::Error) -> Self {
        Self::Linfa(error.to_string())
    }
}

impl From<linfa_bayes::NaiveBayesError> for Error {
    fn from(error: linfa_bayes::NaiveBayesError) -> Self {
        Self::Linfa(error.to_string())
    }
}
