//! Word n-grams: neighbouring terms as terms of their own.

use crate::text::{Lexicon, TermNumber};

/// Appends to `out` the n-grams of 2 to `longest` terms that `sequence` holds; none goes over a break.
pub(super) fn push_ngrams(
    sequence: &[TermNumber],
    longest: usize,
    sentence_break: TermNumber,
    lexicon: &mut Lexicon,
    out: &mut Vec<TermNumber>,
) {
    for sentence in sequence.split(|&number| number == sentence_break) {
        for start in 0..sentence.len() {
            let mut gram = sentence[start];
            for &next in sentence[start + 1..].iter().take(longest - 1) {
                gram = lexicon.ngram(gram, next);
                out.push(gram);
            }
        }
    }
}
