//! How accented words are written where accents are left out, and which term they give all the same.
//!
//! Counting takes a spelling for a feature of the word, beside its term: so it is known which articles had it.

use super::normalizer::strip_accents;

/// What spellings begin with, so that none is taken for a word.
const MARK: char = '´';
/// What stands between the form and its term; no word holds it.
const ARROW: char = '→';

/// The feature of a folded form that has accents: `´mediation→médiat`.
pub(super) fn spelling(folded: &str, term: &str) -> Option<String> {
    let unaccented = strip_accents(folded);
    (unaccented != folded).then(|| spelling_feature(&unaccented, term))
}

/// The feature of a form without accents and its term.
pub(crate) fn spelling_feature(form: &str, term: &str) -> String {
    format!("{MARK}{form}{ARROW}{term}")
}

/// The form without accents and the term, if a feature is a spelling.
pub(crate) fn parse_spelling(feature: &str) -> Option<(&str, &str)> {
    feature.strip_prefix(MARK)?.split_once(ARROW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_read_as_they_are_written() {
        let feature = spelling("médiation", "médiat").unwrap();
        assert_eq!(parse_spelling(&feature), Some(("mediation", "médiat")));
        assert_eq!(spelling("accord", "accord"), None);
        for term in ["accord", "~acc", "≈32.1", "<date>"] {
            assert_eq!(parse_spelling(term), None);
        }
    }
}
