//! Numbers and dates: which class a number is of, and when a month dates an article.

use super::normalizer::{fold_without_accents, plain_letter};
use super::token::Token;
use super::tokenizer::is_combining;

const SPACES: [char; 4] = [' ', '\u{A0}', '\u{202F}', '\u{2009}'];

/// Whether the word is the month in `23 avril 2016`: it dates an article and says nothing of its topic.
pub(super) fn is_month_of_date(text: &str, word: &Token) -> bool {
    follows_day(text, word.start) && is_month(word.surface(text))
}

/// Whether a space stands before `at` and behind what may be a day: 23, 1er.
#[inline]
pub(super) fn follows_day(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches(SPACES);
    before.len() < at && {
        let day = before.strip_suffix("er").unwrap_or(before);
        day.ends_with(|c: char| c.is_ascii_digit())
    }
}

/// Bytes of a month however it is written: letters of full width have three.
const LONGEST_MONTH: usize = 4 * "septembre".len();

/// The months, folded and without accents.
pub(crate) const MONTHS: [&str; 12] = [
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
];

pub(super) fn is_month(word: &str) -> bool {
    // Asked of every new form: most are told by how they begin.
    let mut letters = word.chars().map(plain_letter);
    let begins_as_one = match (letters.next().flatten(), letters.next().flatten()) {
        (Some(first), Some(second)) => matches!(
            (first, second),
            ('j', 'a' | 'u')
                | ('f' | 's' | 'd', 'e')
                | ('m', 'a')
                | ('a', 'v' | 'o')
                | ('o', 'c')
                | ('n', 'o')
        ),
        _ => true,
    };
    if !begins_as_one || word.len() > LONGEST_MONTH {
        return false;
    }
    let mut folded = String::new();
    fold_without_accents(word, &mut folded);
    MONTHS.contains(&folded.as_str())
}

/// The class of a number, from what stands around it; `None` for the minutes of an hour, which is classed
/// by its first number.
pub(super) fn number_class(text: &str, number: &Token) -> Option<&'static str> {
    let surface = number.surface(text);
    let before = text[..number.start].trim_end_matches(SPACES);
    let hour = before.strip_suffix(['h', 'H']).map(|hour| hour.trim_end_matches(SPACES));
    if hour.is_some_and(|hour| hour.ends_with(|c: char| c.is_ascii_digit())) {
        return None;
    }
    Some(class_by_what_follows(text, number, surface))
}

/// `25/12/2015`, `25.12.15`.
fn is_date(surface: &str) -> bool {
    let groups: Vec<usize> = surface.split(['/', '.']).map(str::len).collect();
    matches!(groups[..], [1..=2, 1..=2, 2 | 4])
}

fn class_by_what_follows(text: &str, number: &Token, surface: &str) -> &'static str {
    let after = text[number.end..].trim_start_matches(SPACES);
    let next: String =
        after.chars().take_while(|&c| c.is_alphanumeric() || is_combining(c)).collect();
    let is_money = |word: &str| {
        let word = word.trim_end_matches('s');
        matches!(
            word,
            "euro"
                | "dollar"
                | "franc"
                | "dirham"
                | "dinar"
                | "livre"
                | "FCFA"
                | "CFA"
                | "EUR"
                | "USD"
        )
    };
    if after.starts_with('%') || next == "pour" && after.starts_with("pour cent") {
        return "<pourcentage>";
    }
    let scaled = ["million", "millions", "milliard", "milliards", "M", "Md", "Mds", "k", "K"];
    let unit = match next.as_str() {
        word if scaled.contains(&word) => after[word.len()..]
            .trim_start()
            .trim_start_matches("de ")
            .trim_start_matches("d'")
            .trim_start_matches("d’"),
        _ => after,
    };
    let unit_word: String = unit.chars().take_while(|c| c.is_alphanumeric()).collect();
    if unit.starts_with(['€', '$', '£']) || is_money(&unit_word) {
        return "<montant>";
    }
    if (next.starts_with('h') && next[1..].bytes().all(|b| b.is_ascii_digit()))
        || next.starts_with("heure")
    {
        return "<heure>";
    }
    let is_day = after.len() < text.len() - number.end && is_month(&next);
    if is_day || is_date(surface) {
        return "<date>";
    }
    let year = surface.len() == 4 && (surface.starts_with("19") || surface.starts_with("20"));
    if year && surface.bytes().all(|b| b.is_ascii_digit()) { "<année>" } else { "<nombre>" }
}

#[cfg(test)]
mod tests {
    use super::super::normalizer::{fold, strip_accents};
    use super::*;

    #[test]
    fn months_are_told_by_their_folded_form() {
        let is_folded_to_one = |word: &str| {
            let mut folded = String::new();
            fold(word, &mut folded);
            MONTHS.contains(&&*strip_accents(&folded))
        };
        let written =
            ["février", "août", "décembre", "Août", "DÉCEMBRE", "Âoût", "de\u{301}cembre"];
        for word in written.into_iter().chain(MONTHS) {
            assert!(is_month(word) && is_folded_to_one(word), "{word}");
            // Any character in place of each, and before it.
            for (at, own) in word.char_indices() {
                for c in ('\0'..='\u{36F}').chain(['\u{200B}', '\u{FF4D}', '\u{1EBF}', 'ﬁ']) {
                    for length in [0, own.len_utf8()] {
                        let other = format!("{}{c}{}", &word[..at], &word[at + length..]);
                        assert_eq!(is_month(&other), is_folded_to_one(&other), "{other:?}");
                    }
                }
            }
        }
    }
}
