//! Where a chunk must be read in its place. Nearly all chunks are tokenized alike wherever they stand; this file
//! knows what looks beyond its chunk, and must change with the scanner's rules (`tests/text_properties.rs` compares
//! both on arbitrary texts).

use super::chunks::may_end_sentence;
use super::numbers::{follows_day, is_month};
use super::token::{Token, TokenKind};
use super::tokenizer::{LONGEST_ABBREVIATION, is_numbered, keeps_dot};

/// What around a chunk changes the terms it gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Context {
    /// Nothing does.
    #[default]
    Free,
    /// It ends in a number, which a comma or blank and more digits go on with: `3,5`, `1 000 000`.
    NumberEnd,
    /// Its last word is an abbreviation if a number follows: `al. 2`.
    NumberFollows,
    /// It ends in an apostrophe, which elides or not by what follows: `d' "urgence"`.
    ApostropheEnd,
    /// Its first word is a month, which behind a day dates the article: `23 avril`.
    Month,
    /// Its last word is an abbreviation if a dot follows that would end a sentence: `art.`
    DotFollows,
    /// It must always be read where it stands.
    Bound,
    /// It was not met before.
    Unknown,
}

impl Context {
    /// What matters to a chunk of these tokens.
    pub(super) fn of(chunk: &str, tokens: &[Token]) -> Self {
        let Some(first) = tokens.first() else { return Self::Free };
        let bytes = chunk.as_bytes();
        let has_words = tokens.iter().any(|token| token.kind.is_lexical());
        let second = bytes.get(1).copied().unwrap_or(b' ');
        let is_bound =
            // No-break spaces and invisible characters before the first token hide what it follows.
            first.start > 0
            // An address goes on over marks that part chunks.
            || tokens.iter().any(|token| token.kind == TokenKind::Url)
            // `h30` behind `20`.
            || matches!(bytes[0], b'h' | b'H') && matches!(second, b'0'..=b'9' | b'-' | 0xE2)
            // `-3D`: one token, but not behind a mark.
            || bytes[0] == b'-' && second.is_ascii_digit() && has_words
            // `ami(e)s`: the bracket that closes is beyond the chunk.
            || bytes[1..].contains(&b'(');
        if is_bound {
            return Self::Bound;
        }
        let mut found = Self::Free;
        let last = &tokens[tokens.len() - 1];
        for (holds, context) in [
            (last.kind == TokenKind::Number && last.end == chunk.len(), Self::NumberEnd),
            (ends_in_numbered(chunk, tokens), Self::NumberFollows),
            (chunk.ends_with(['\'', '’', '\u{2BC}', '\u{FF07}']), Self::ApostropheEnd),
            (is_month(first.surface(chunk)), Self::Month),
            (may_end_sentence(bytes) && keeps_dot(last.surface(chunk)), Self::DotFollows),
        ] {
            if holds {
                found = if found == Self::Free { context } else { Self::Bound };
            }
        }
        found
    }

    /// The same for a chunk that is one word of letters, none of which combines with another.
    pub(super) fn of_letters(word: &str) -> Self {
        let may_keep_dot = word.len() <= LONGEST_ABBREVIATION && may_end_sentence(word.as_bytes());
        match (is_month(word), may_keep_dot && keeps_dot(word)) {
            (false, false) => Self::Free,
            (true, false) => Self::Month,
            (false, true) => Self::DotFollows,
            (true, true) => Self::Bound,
        }
    }

    /// Whether what stands around the chunk at `start..end` changes its terms, or may.
    pub(super) fn is_met(self, text: &str, start: usize, end: usize) -> bool {
        let rest = &text.as_bytes()[end..];
        match self {
            Self::Free => false,
            Self::NumberEnd => matches!(rest, [b',' | b' ', b'0'..=b'9', ..]),
            Self::NumberFollows => {
                text[end..].trim_start().starts_with(|c: char| c.is_ascii_digit())
            }
            Self::ApostropheEnd => !matches!(rest, [] | [b'\t'..=b'\r' | b' ', ..]),
            Self::Month => follows_day(text, start),
            Self::DotFollows => rest.first() == Some(&b'.'),
            Self::Bound | Self::Unknown => true,
        }
    }
}

fn ends_in_numbered(chunk: &str, tokens: &[Token]) -> bool {
    let [.., word, dot] = tokens else { return false };
    // Behind the dot only spaces beyond ASCII may follow.
    dot.surface(chunk) == "." && word.end == dot.start && is_numbered(word.surface(chunk))
}
