//! In how many texts something occurs, however often each was printed.

use super::counted_corpus::CountedCorpus;
use crate::features::DocumentTermMatrix;

impl CountedCorpus {
    /// For each column of one of the corpus's matrices, in how many texts it occurs; and how many texts there are. Articles with the same key, which
    /// near-duplicates have once their keys are joined, are one text: what stands in one dispatch alone does not count twice because two
    /// papers printed it.
    pub(super) fn text_frequencies(&self, matrix: &DocumentTermMatrix) -> (Vec<u64>, usize) {
        let mut order: Vec<usize> = (0..self.articles()).collect();
        order.sort_by_key(|&i| self.keys[i]);
        let mut frequencies = vec![0; matrix.columns()];
        let mut last_text = vec![usize::MAX; matrix.columns()];
        let mut texts = 0;
        for same in order.chunk_by(|&a, &b| self.keys[a] == self.keys[b]) {
            for &column in same.iter().flat_map(|&i| matrix.row(i).terms) {
                let column = column as usize;
                if last_text[column] != texts {
                    last_text[column] = texts;
                    frequencies[column] += 1;
                }
            }
            texts += 1;
        }
        (frequencies, texts)
    }
}
