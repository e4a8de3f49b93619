//! The part of an article that a reviewer needs to see.

use super::case::Case;
use super::pen::cut;

/// An article's passage that says most for a topic, with what stands around it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Excerpt {
    /// Text before the passage.
    pub before: String,
    /// The passage in pieces, and whether each is a telling word.
    pub passage: Vec<(String, bool)>,
    /// Text behind it.
    pub after: String,
}

impl Excerpt {
    /// At most about `most` characters of an article: the passage first, then as much around it as is left.
    pub(super) fn new(case: &Case, most: usize) -> Self {
        let sentences = case.reasons.iter().flat_map(|reason| &reason.sentences);
        let best = sentences.max_by(|a, b| a.value.total_cmp(&b.value));
        let Some(best) = best else {
            return Self { before: cut(case.text.trim(), most), ..Self::default() };
        };
        let mut excerpt = Self::default();
        let (mut at, mut left) = (0, most);
        let mut add = |piece: &str, marked: bool| {
            let piece = cut(piece, left);
            left = left.saturating_sub(piece.chars().count());
            if !piece.is_empty() && piece != "…" {
                excerpt.passage.push((piece, marked));
            }
        };
        for mark in &best.marks {
            if let (Some(plain), Some(word)) =
                (best.text.get(at..mark.start), best.text.get(mark.clone()))
            {
                add(plain, false);
                add(word, true);
                at = mark.end;
            }
        }
        add(best.text.get(at..).unwrap_or_default(), false);
        match case.text.find(&best.text) {
            Some(start) => {
                let end = start + best.text.len();
                excerpt.before = end_of(&case.text[..start], left / 3);
                excerpt.after = start_of(&case.text[end..], left - left / 3);
            }
            // The passage is the title, or was mended: it stands before the text.
            None => excerpt.after = start_of(&case.text, left),
        }
        excerpt
    }

    pub(super) fn is_empty(&self) -> bool {
        self.before.is_empty() && self.passage.is_empty() && self.after.is_empty()
    }
}

/// The last `most` characters, begun at a word.
fn end_of(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let at = text.char_indices().nth(count - most).map_or(text.len(), |(at, _)| at);
    let word = text[at..].find(char::is_whitespace).map_or(text.len(), |space| at + space);
    let rest = text[word..].trim();
    if rest.is_empty() { "… ".to_owned() } else { format!("… {rest} ") }
}

fn start_of(text: &str, most: usize) -> String {
    let start = text.trim();
    if start.is_empty() || most < 20 {
        return String::new();
    }
    format!(" {}", cut(start, most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Article;
    use crate::pipeline::{Classified, Evaluated, ExplainedSentence, ExplainedTopic};

    #[test]
    fn the_passage_stands_in_its_text_with_its_words_marked() {
        let passage = "L’attaque a été déjouée.";
        let text =
            format!("{} {passage} Fin du texte qui suit le passage.", "Début long. ".repeat(20));
        let sentence = ExplainedSentence {
            text: passage.to_owned(),
            value: 1.0,
            marks: std::iter::once(4..11).collect(),
        };
        let reason = ExplainedTopic {
            topic: "t".to_owned(),
            probability: 0.5,
            given: true,
            score: 0.0,
            offset: 0.0,
            terms: Vec::new(),
            sentences: vec![sentence],
        };
        let classified = Classified { status: crate::corpus::Status::Ok, prediction: None };
        let mut evaluated = Evaluated::new(Article::new("", &text), classified);
        evaluated.reasons = vec![reason];
        let case = Case::new(&evaluated, &["t".to_owned()]);
        let excerpt = Excerpt::new(&case, 120);
        let pieces: Vec<(&str, bool)> =
            excerpt.passage.iter().map(|(piece, marked)| (&piece[..], *marked)).collect();
        assert_eq!(pieces, [("L’", false), ("attaque", true), (" a été déjouée.", false)]);
        assert!(excerpt.before.starts_with("… ") && excerpt.before.ends_with("long. "));
        assert_eq!(excerpt.after, " Fin du texte qui suit le passage.");
    }
}
