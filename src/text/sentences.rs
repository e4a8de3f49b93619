//! Where sentences end.

use super::token::TokenKind;
use super::tokenizer::tokenize;

/// The sentences of a text as byte ranges, in order; white space between them belongs to none.
///
/// A sentence ends at a line break, or at `.`, `!`, `?`, `…` when what follows begins like a new
/// sentence. The dots of `M.`, `art.` and `O.N.U.` end none. Scraped texts often lose the space after the full
/// stop (`Loire.Alors`): a capital there is enough.
///
/// ```
/// use rubrique::text::sentences;
/// let text = "M. Kone a signé. « Enfin ! » dit-il.Le texte suit.";
/// let all: Vec<&str> = sentences(text).into_iter().map(|r| &text[r]).collect();
/// assert_eq!(all, ["M. Kone a signé.", "« Enfin ! » dit-il.", "Le texte suit."]);
/// ```
pub fn sentences(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut out = Vec::new();
    for line in lines(text) {
        let line_text = &text[line.clone()];
        let mut start = 0;
        let mut closing = None;
        for token in tokenize(line_text) {
            let surface = token.surface(line_text);
            let is_mark = token.kind == TokenKind::Mark;
            if is_mark && matches!(surface, "." | "!" | "?" | "…") {
                closing = Some(token.end);
                continue;
            }
            if let Some(end) = closing {
                if is_mark && matches!(surface, "»" | "”" | ")" | "\"") {
                    closing = Some(token.end);
                    continue;
                }
                let begins =
                    surface.chars().next().is_some_and(|c| c.is_uppercase() || c.is_numeric())
                        || matches!(surface, "«" | "“" | "—" | "–" | "-");
                if begins {
                    push_trimmed(text, line.start + start..line.start + end, &mut out);
                    start = end;
                }
                closing = None;
            }
        }
        push_trimmed(text, line.start + start..line.end, &mut out);
    }
    out
}

fn lines(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let range = start..start + line.len();
        start += line.len();
        range
    })
}

fn push_trimmed(text: &str, range: std::ops::Range<usize>, out: &mut Vec<std::ops::Range<usize>>) {
    let piece = &text[range.clone()];
    let trimmed = piece.trim();
    if !trimmed.is_empty() {
        let start = range.start + (piece.len() - piece.trim_start().len());
        out.push(start..start + trimmed.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_of_abbreviations_end_no_sentence() {
        let rows: [&[&str]; 5] = [
            &["M. Kone et Mme Ba voient Mgr. Sarr.", "L’art. 421-1 suit."],
            &["L’O.N.U. a voté.", "Le no. 5 paraît à 20h45."],
            &["Il part !", "« Elle reste ? »", "Nul ne sait…", "Fin"],
            &["Cela coûte 3.5 euros.", "2016 commence."],
            &["Le p. 12 du n° 5, c.-à-d. la fin."],
        ];
        for row in rows {
            let text = row.join(" ");
            let found: Vec<&str> = sentences(&text).into_iter().map(|r| &text[r]).collect();
            assert_eq!(found, row);
        }
    }
}
