//! How numbers stand in a report: in the reader's language, with a reason where there is none.

use super::language::Language;
use super::wording::{Wording, fill};

/// Writes numbers and words in one language.
#[derive(Clone, Copy)]
pub(super) struct Pen {
    pub language: Language,
    pub words: &'static Wording,
}

impl Pen {
    pub(super) fn new(language: Language) -> Self {
        Self { language, words: Wording::of(language) }
    }

    /// A score with three decimals; where it is undefined, a dash that says why. HTML.
    pub(super) fn score(self, value: Option<f64>, why: &str) -> String {
        value.map_or_else(|| dash(why), |v| self.language.number(v, 3))
    }

    /// A share as a percentage; where it is undefined, a dash that says why. HTML.
    pub(super) fn share(self, value: Option<f64>, why: &str) -> String {
        value.map_or_else(|| dash(why), |v| self.percent(v))
    }

    /// A score within a sentence.
    pub(super) fn plain(self, value: Option<f64>) -> String {
        value.map_or_else(|| "–".to_owned(), |v| self.language.number(v, 3))
    }

    pub(super) fn percent(self, share: f64) -> String {
        self.language.percent(share, 1)
    }

    pub(super) fn count(self, count: usize) -> String {
        self.language.count(count as u64)
    }

    /// An interval of scores in brackets; nothing where it is undefined.
    pub(super) fn range(self, low: Option<f64>, high: Option<f64>) -> String {
        self.range_of(low, high, |v| self.language.number(v, 3))
    }

    /// An interval of shares.
    pub(super) fn share_range(self, low: Option<f64>, high: Option<f64>) -> String {
        self.range_of(low, high, |v| self.percent(v))
    }

    fn range_of(
        self,
        low: Option<f64>,
        high: Option<f64>,
        write: impl Fn(f64) -> String,
    ) -> String {
        match (low, high) {
            (Some(low), Some(high)) => format!("[{} – {}]", write(low), write(high)),
            _ => String::new(),
        }
    }

    /// A score between 0 and 1 with its interval, as a picture beside the numbers that say the same.
    pub(super) fn bar(self, value: Option<f64>, low: Option<f64>, high: Option<f64>) -> String {
        let Some(value) = value else { return String::new() };
        let (low, high) = (low.unwrap_or(value), high.unwrap_or(value));
        let width = (high - low).max(0.0);
        format!(
            "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" y=\"3\" width=\"100\" height=\"4\"/>\
             <rect class=\"range\" x=\"{:.1}\" y=\"2\" width=\"{:.1}\" height=\"6\"/><rect class=\"value\" x=\"{:.1}\" width=\"1\" height=\"10\"/></svg>",
            low * 100.0,
            width * 100.0,
            (value * 100.0 - 0.5).clamp(0.0, 99.0)
        )
    }

    /// A sentence of the wording with its places filled.
    pub(super) fn say(self, sentence: &str, parts: &[&str]) -> String {
        fill(sentence, parts)
    }
}

/// What stands for an undefined number. The reason is one of the wording's own sentences.
fn dash(why: &str) -> String {
    format!("<abbr title=\"{why}\">–</abbr>")
}

/// The start of a text, at most `most` characters, cut between words where one ends near.
pub(super) fn cut(text: &str, most: usize) -> String {
    let Some((at, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let start = &text[..at];
    let word = start.char_indices().rev().take(25).find(|(_, c)| c.is_whitespace());
    format!("{}…", word.map_or(start, |(space, _)| &start[..space]).trim_end())
}
