//! The terms that a model knows.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

use crate::error::{Error, Result};
use crate::ids::TermId;

/// Which terms enter a vocabulary, by the number of documents they occur in.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DocumentLimits {
    /// Least number of documents, from 1.
    pub min_df: u64,
    /// Largest share of the documents, above 0 and up to 1.
    pub max_df: f64,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self { min_df: 2, max_df: 1.0 }
    }
}

impl DocumentLimits {
    /// Checks the ranges.
    pub fn check(&self) -> Result<()> {
        if self.min_df == 0 {
            return Err(Error::setting("min_df", self.min_df, "1 or more"));
        }
        if !(self.max_df > 0.0 && self.max_df <= 1.0) {
            return Err(Error::setting("max_df", self.max_df, "above 0 and at most 1"));
        }
        Ok(())
    }

    /// The terms that are within the limits, given each one's document frequency.
    pub fn select(&self, document_frequencies: &[u64], documents: usize) -> Vec<TermId> {
        let most = (self.max_df * documents as f64).floor() as u64;
        (0..document_frequencies.len() as u32)
            .map(TermId)
            .filter(|t| {
                let df = document_frequencies[t.index()];
                df >= self.min_df && df <= most
            })
            .collect()
    }
}

/// Sorted terms; a term's place is its [`TermId`].
///
/// ```
/// use rubrique::features::Vocabulary;
/// let vocabulary = Vocabulary::new(vec!["accord", "banqu"]);
/// assert_eq!(vocabulary.get("banqu").map(|id| id.0), Some(1));
/// assert_eq!(vocabulary.get("zone"), None);
/// ```
#[derive(Clone)]
pub struct Vocabulary {
    /// All terms behind one another: a term is looked up with few steps from one place of memory to another.
    text: String,
    /// Where each ends in it.
    ends: Vec<usize>,
    index: HashTable<u32>,
    hasher: FixedState,
}

impl Vocabulary {
    /// A vocabulary of these terms. They are sorted, each kept once.
    pub fn new<T: AsRef<str> + Ord>(mut terms: Vec<T>) -> Self {
        if !terms.is_sorted() {
            terms.sort_unstable();
        }
        terms.dedup();
        let mut text = String::new();
        let mut ends = Vec::with_capacity(terms.len());
        for term in &terms {
            text.push_str(term.as_ref());
            ends.push(text.len());
        }
        let hasher = FixedState::default();
        let mut index = HashTable::with_capacity(terms.len());
        for (id, term) in terms.iter().enumerate() {
            index.insert_unique(hasher.hash_one(term.as_ref()), id as u32, |&i| {
                hasher.hash_one(terms[i as usize].as_ref())
            });
        }
        Self { text, ends, index, hasher }
    }

    /// The union of two vocabularies.
    pub fn merge(&self, other: &Self) -> Self {
        Self::new(self.terms().chain(other.terms()).collect())
    }

    /// The id of a term, where it is known.
    #[inline]
    pub fn get(&self, term: &str) -> Option<TermId> {
        let hash = self.hasher.hash_one(term);
        self.index.find(hash, |&i| self.term(TermId(i)) == term).map(|&i| TermId(i))
    }

    /// The term of an id.
    #[inline]
    pub fn term(&self, id: TermId) -> &str {
        let start = id.index().checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[id.index()]]
    }

    /// All terms in order.
    pub fn terms(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).map(|id| self.term(TermId(id)))
    }

    /// Number of terms.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

impl std::fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vocabulary({} terms)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_is_the_union_in_order() {
        let a = Vocabulary::new(vec!["b", "a"]);
        let b = Vocabulary::new(vec!["c", "b"]);
        let merged = a.merge(&b);
        assert!(merged.terms().eq(b.merge(&a).terms()));
        assert_eq!(merged.terms().collect::<Vec<_>>(), ["a", "b", "c"]);
        let ids = ["a", "b", "c", "d"].map(|term| merged.get(term).map(|id| id.0));
        assert_eq!(ids, [Some(0), Some(1), Some(2), None]);
    }

    #[test]
    fn limits_are_inclusive() {
        let limits = DocumentLimits { min_df: 2, max_df: 0.5 };
        let kept = limits.select(&[1, 2, 5, 6], 10);
        assert_eq!(kept, [TermId(1), TermId(2)]);
    }
}
