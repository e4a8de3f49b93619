//! Whether a text is French.

/// Languages are judged on the first bytes, and only where there are enough of them.
const MOST: usize = 2048;
const LEAST: usize = 120;

/// From this share of function words on a text is French, whatever else it is. About half of the words of French
/// prose are function words; a text in a neighbouring language shares some of them by spelling (`de`, `la`, `en`, `se`).
const SURELY_FRENCH: f64 = 0.4;

/// Whether a text of so many words, of which so many are function words of French, is French, or too short to say. Where
/// the function words do not tell, its [`language`] is asked.
pub(crate) fn is_french(text: &str, words: usize, function_words: usize) -> bool {
    function_words as f64 >= SURELY_FRENCH * words as f64
        || language(text).is_none_or(|code| code == "fra")
}

/// The language of a text as an ISO 639-3 code, or `None` where it is too short to say.
///
/// ```
/// use rubrique::text::language;
/// let text = "Les ministres des deux pays se sont rencontrés jeudi à Rabat pour signer un accord de coopération \
///             judiciaire, selon un communiqué publié en fin de journée.";
/// assert_eq!(language(text), Some("fra"));
/// assert_eq!(language("OK"), None);
/// ```
pub fn language(text: &str) -> Option<&'static str> {
    if text.len() < LEAST {
        return None;
    }
    let mut end = text.len().min(MOST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Some(whichlang::detect_language(&text[..end]).three_letter_code())
}
