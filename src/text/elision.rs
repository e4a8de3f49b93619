//! Where French words lose their vowel, and which words keep their apostrophe or hyphen inside.

/// Compounds that end like a verb with its pronoun and are none.
const WHOLE_COMPOUNDS: [&str; 8] = [
    "rendez-vous",
    "garde-à-vous",
    "garde-a\u{300}-vous",
    "garde-a-vous",
    "chez-moi",
    "chez-nous",
    "on-dit",
    "sauve-qui-peut",
];

/// Whether `word`, which stands before an apostrophe, is elided: `l`, `qu`, `Jusqu`. `quelqu` and `presqu`
/// are missing on purpose: they elide only inside `quelqu'un` and `presqu'île`, which stay whole.
pub(super) fn is_elided(word: &str) -> bool {
    match *word.as_bytes() {
        [letter] => matches!(
            letter.to_ascii_lowercase(),
            b'c' | b'd' | b'j' | b'l' | b'm' | b'n' | b's' | b't' | b'z'
        ),
        [b'q' | b'Q', b'u' | b'U'] => true,
        _ => {
            matches!(word, "ç" | "Ç" | "c\u{327}" | "C\u{327}")
                || ["jusqu", "lorsqu", "puisqu", "quoiqu"]
                    .iter()
                    .any(|long| word.eq_ignore_ascii_case(long))
        }
    }
}

/// Whether `word` is a pronoun that may follow its verb behind a hyphen.
pub(super) fn is_clitic(word: &str) -> bool {
    let mut buffer = [0; 8];
    matches!(
        ascii_lower(word, &mut buffer),
        b"je"
            | b"tu"
            | b"il"
            | b"elle"
            | b"on"
            | b"nous"
            | b"vous"
            | b"ils"
            | b"elles"
            | b"ce"
            | b"moi"
            | b"toi"
            | b"le"
            | b"la"
            | b"les"
            | b"lui"
            | b"leur"
            | b"y"
            | b"en"
    )
}

/// The word in lower case as far as it is ASCII; empty where it is longer than the words asked for.
fn ascii_lower<'b>(word: &str, buffer: &'b mut [u8; 8]) -> &'b [u8] {
    let Some(lower) = buffer.get_mut(..word.len()) else { return &[] };
    for (to, from) in lower.iter_mut().zip(word.bytes()) {
        *to = from.to_ascii_lowercase();
    }
    lower
}

/// Whether the compound stays whole although it ends in a pronoun.
pub(super) fn is_whole_compound(word: &str) -> bool {
    WHOLE_COMPOUNDS.iter().any(|w| eq_ignore_case(word, w))
}

/// Compares a word with a lower-case pattern, letter by letter, ignoring case.
pub(super) fn eq_ignore_case(word: &str, lower: &str) -> bool {
    if word.is_ascii() {
        return word.eq_ignore_ascii_case(lower);
    }
    word.chars().flat_map(char::to_lowercase).eq(lower.chars())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elided_words_in_any_case() {
        for word in "c d j l m n s t z ç qu jusqu lorsqu puisqu quoiqu L Qu QU JUSQU Ç".split(' ')
        {
            assert!(is_elided(word), "{word}");
        }
        for word in ["", "o", "aujourd", "quelqu", "presqu", "grand", "entr", "prud", "lorsquee"] {
            assert!(!is_elided(word), "{word}");
        }
    }

    #[test]
    fn case_is_ignored_beyond_ascii() {
        assert!(eq_ignore_case("-À-DIRE", "-à-dire"));
        assert!(eq_ignore_case("ÈME", "ème"));
        assert!(!eq_ignore_case("eme", "ème"));
    }
}
