//! One article, as it was read.

use serde::{Deserialize, Serialize};

use super::labels::LabelSet;
use super::page::Reason;
use crate::error::Place;

/// An article and the row it came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Article {
    /// The id column, or the record's number, or the file's path.
    pub id: String,
    /// The title, empty where there is none.
    pub title: String,
    /// The text as it stood in the input.
    pub text: String,
    /// Its topics, where a label column or folder says so.
    pub labels: Option<LabelSet>,
    /// When it appeared, as its column has it; `None` without one, or where the cell is empty.
    pub date: Option<String>,
    /// Where it appeared, as its column has it; `None` without one, or where the cell is empty.
    pub source: Option<String>,
    /// Every cell of its row, in the order of [`Reader::columns`](super::Reader::columns); the text's own cell is
    /// empty, since the text is above.
    pub cells: Vec<String>,
    /// Where it was read.
    pub place: Place,
    /// The encoding that its bytes were taken for, where they were no UTF-8.
    pub encoding: Option<&'static str>,
    /// Why it could not be read, where it could not.
    pub problem: Option<String>,
    /// What had to be mended so that it could be read, where something had.
    pub mended: Option<String>,
    /// What its page said of it, where it was read from HTML.
    pub extracted: Option<Box<Extracted>>,
}

/// What an HTML page says of its article beside title, date and text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extracted {
    /// Who wrote it.
    pub author: Option<String>,
    /// The section of the site.
    pub section: Option<String>,
    /// The site's keywords.
    pub tags: Vec<String>,
    /// What was left out of the text, and why.
    pub dropped: Vec<(String, Reason)>,
}

impl Article {
    /// An article from a title and a text, for use as a library.
    pub fn new(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self { title: title.into(), text: text.into(), ..Self::default() }
    }
}

/// What became of an article: a topic is only ever given to those that are [`Ok`](Status::Ok).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Classified.
    #[default]
    Ok,
    /// Neither title nor text.
    Empty,
    /// None of its words is in the vocabulary.
    NoKnownTerms,
    /// Written in another language.
    NotFrench,
    /// Too few words to judge.
    TooShort,
    /// The row could not be read.
    Unreadable,
}

impl Status {
    /// The name in output files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Empty => "empty",
            Self::NoKnownTerms => "no_known_terms",
            Self::NotFrench => "not_french",
            Self::TooShort => "too_short",
            Self::Unreadable => "unreadable",
        }
    }
}
