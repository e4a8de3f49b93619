//! Where French words lose their vowel, and which words keep their apostrophe or hyphen inside.

/// What an elided word is before its apostrophe. `quelqu` and `presqu` are missing on purpose: they
/// elide only inside `quelqu'un` and `presqu'île`, which stay whole.
const ELIDED: [&str; 15] =
    ["c", "d", "j", "l", "m", "n", "s", "t", "z", "ç", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"];

/// Pronouns that follow their verb behind a hyphen.
const CLITICS: [&str; 19] = [
    "je", "tu", "il", "elle", "on", "nous", "vous", "ils", "elles", "ce", "moi", "toi", "le", "la",
    "les", "lui", "leur", "y", "en",
];

/// Compounds that end like a verb with its pronoun and are none.
const WHOLE_COMPOUNDS: [&str; 7] = [
    "rendez-vous",
    "garde-à-vous",
    "garde-a-vous",
    "chez-moi",
    "chez-nous",
    "on-dit",
    "sauve-qui-peut",
];

/// Whether `word`, which stands before an apostrophe, is elided: `l`, `qu`, `Jusqu`.
pub(super) fn is_elided(word: &str) -> bool {
    word.len() <= 6 && ELIDED.iter().any(|e| eq_ignore_case(word, e))
}

/// Whether `word` is a pronoun that may follow its verb behind a hyphen.
pub(super) fn is_clitic(word: &str) -> bool {
    word.len() <= 5 && CLITICS.iter().any(|c| word.eq_ignore_ascii_case(c))
}

/// Whether the compound stays whole although it ends in a pronoun.
pub(super) fn is_whole_compound(word: &str) -> bool {
    WHOLE_COMPOUNDS.iter().any(|w| eq_ignore_case(word, w))
}

/// Compares a word with a lower-case pattern, letter by letter, ignoring case.
pub(super) fn eq_ignore_case(word: &str, lower: &str) -> bool {
    word.eq_ignore_ascii_case(lower) || word.chars().flat_map(char::to_lowercase).eq(lower.chars())
}
