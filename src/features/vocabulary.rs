//! The terms that a model knows.

use super::numbered::Numbered;
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
    terms: Numbered,
}

impl Vocabulary {
    /// A vocabulary of these terms. They are sorted, each kept once.
    pub fn new<T: AsRef<str> + Ord>(mut terms: Vec<T>) -> Self {
        if !terms.is_sorted() {
            terms.sort_unstable();
        }
        let mut numbered = Numbered::default();
        for term in &terms {
            numbered.number(term.as_ref());
        }
        Self { terms: numbered }
    }

    /// The union of two vocabularies.
    pub fn merge(&self, other: &Self) -> Self {
        Self::new(self.terms().chain(other.terms()).collect())
    }

    /// The id of a term, where it is known.
    #[inline]
    pub fn get(&self, term: &str) -> Option<TermId> {
        self.terms.get(term).map(TermId)
    }

    /// The term of an id.
    pub fn term(&self, id: TermId) -> &str {
        self.terms.name(id.0)
    }

    /// All terms in order.
    pub fn terms(&self) -> impl Iterator<Item = &str> {
        self.terms.names()
    }

    /// Number of terms.
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
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
