//! Whether a text is French.

/// Languages are judged on the first bytes, and only where there are enough of them.
const MOST: usize = 2048;
const LEAST: usize = 120;

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
