//! Whether a text is French.

/// Languages are judged on the first bytes, and only where there are enough of them.
const MOST: usize = 2048;
const LEAST: usize = 120;

/// From this share of function words on a text is French, whatever else it is. About half of the words of French
/// prose are function words; a text in a neighbouring language shares some of them by spelling (`de`, `la`, `en`, `se`).
const SURELY_FRENCH: f64 = 0.4;

/// The language of a text of so many words, of which so many are function words of French, as an ISO 639-3 code; `None` if it
/// is French, or too short to say. Where the function words do not tell, its [`language`] is asked.
pub(crate) fn foreign_language(
    text: &str,
    words: usize,
    function_words: usize,
) -> Option<&'static str> {
    let is_french = function_words as f64 >= SURELY_FRENCH * words as f64;
    if is_french { None } else { language(text).filter(|code| *code != "fra") }
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

#[cfg(test)]
mod tests {
    use super::super::analyzer::{Analyzer, AnalyzerSettings};
    use super::super::lexicon::Lexicon;
    use super::*;

    /// The share of function words of French, and whether the text passes for French.
    fn judge(text: &str) -> (f64, bool) {
        let analyzer = Analyzer::new(AnalyzerSettings::default()).unwrap();
        let found = analyzer.analyze(text, &mut Lexicon::default(), 0, &mut Vec::new());
        let share = found.function_words as f64 / found.words as f64;
        (share, foreign_language(text, found.words, found.function_words).is_none())
    }

    #[test]
    fn function_words_tell_french_from_its_neighbours() {
        let french = "Le ministre a reconnu que les négociations avec les deux pays voisins ne sont pas finies, et qu’il faudra encore du temps pour que le traité soit signé.";
        let (share, is_french) = judge(french);
        assert!(is_french && share > SURELY_FRENCH, "{share}");
        for text in [
            "El ministro reconoció que las negociaciones con los dos países vecinos no han terminado y que se necesita más tiempo para que el tratado sea firmado en la capital.",
            "Il ministro ha riconosciuto che i negoziati con i due paesi vicini non sono finiti e che servirà ancora del tempo perché il trattato sia firmato nella capitale.",
            "O ministro reconheceu que as negociações com os dois países vizinhos não terminaram e que será preciso mais tempo para que o tratado seja assinado na capital.",
            "The minister admitted that talks with the two neighbouring countries are not over, and that more time will be needed before the treaty is signed in the capital.",
            "Der Minister räumte ein, dass die Verhandlungen mit den beiden Nachbarländern nicht abgeschlossen sind und dass der Vertrag erst später unterzeichnet wird.",
        ] {
            let (share, is_french) = judge(text);
            assert!(!is_french && share < 0.75 * SURELY_FRENCH, "{share}: {text}");
        }
        // The detector knows no Catalan and no Romanian.
        for text in [
            "El ministre ha reconegut que les negociacions amb els dos països veïns no s'han acabat i que caldrà més temps perquè el tractat se signi a la capital.",
            "Ministrul a recunoscut că negocierile cu cele două țări vecine nu s-au încheiat și că este nevoie de mai mult timp pentru ca tratatul să fie semnat în capitală.",
        ] {
            assert!(judge(text).0 < 0.75 * SURELY_FRENCH, "{text}");
        }
    }
}
