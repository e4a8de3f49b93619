//! What Naive Bayes learns from: integer counts of terms by class.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::features::{DocumentTermMatrix, Row};
use crate::ids::TermId;

/// Counts of documents and terms, for each class and for all documents together.
///
/// They are integers, so counts of parts add up to the counts of the whole exactly, in any order, and the
/// counts of a fold can be taken away again. A document may belong to several classes or to none; the
/// counts of "not in class *c*" are the totals less those of *c*. Arrays by term and class are laid out
/// term by term: entry `term * classes + class`.
///
/// ```
/// use rubrique::features::DocumentTermMatrix;
/// use rubrique::model::ClassCounts;
/// let mut matrix = DocumentTermMatrix::new(2);
/// matrix.push_row([(0, 3)]);
/// matrix.push_row([(0, 1), (1, 2)]);
/// let counts = ClassCounts::count(&matrix, &[vec![0], vec![0, 1]], 2);
/// assert_eq!(counts.occurrences(0, 0), 4);
/// assert_eq!(counts.occurrences(1, 1), 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassCounts {
    classes: u32,
    documents: u64,
    class_documents: Vec<u64>,
    term_occurrences: Vec<u64>,
    class_term_occurrences: Vec<u64>,
    term_documents: Vec<u64>,
    class_term_documents: Vec<u64>,
}

/// How often a term occurs, and in how many documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TermCounts {
    pub occurrences: u64,
    pub documents: u64,
}

impl std::ops::AddAssign for TermCounts {
    fn add_assign(&mut self, other: Self) {
        self.occurrences += other.occurrences;
        self.documents += other.documents;
    }
}

impl ClassCounts {
    /// No documents yet, over `terms` terms and `classes` classes.
    pub fn new(terms: usize, classes: usize) -> Self {
        Self {
            classes: classes as u32,
            documents: 0,
            class_documents: vec![0; classes],
            term_occurrences: vec![0; terms],
            class_term_occurrences: vec![0; terms * classes],
            term_documents: vec![0; terms],
            class_term_documents: vec![0; terms * classes],
        }
    }

    /// Counts a matrix; `members[i]` lists the classes of document `i`.
    pub fn count(matrix: &DocumentTermMatrix, members: &[Vec<usize>], classes: usize) -> Self {
        let mut counts = Self::new(matrix.columns(), classes);
        for (row, members) in matrix.iter().zip(members) {
            counts.add_document(row, members);
        }
        counts
    }

    /// Adds one document.
    pub fn add_document(&mut self, row: Row<'_>, members: &[usize]) {
        self.add_documents(row, members, 1);
    }

    /// Adds a document as often as it was met.
    pub fn add_documents(&mut self, row: Row<'_>, members: &[usize], times: u64) {
        self.documents += times;
        for &class in members {
            self.class_documents[class] += times;
        }
        let classes = self.classes();
        for (term, count) in row.iter() {
            let t = term.index();
            let occurrences = u64::from(count) * times;
            self.term_occurrences[t] += occurrences;
            self.term_documents[t] += times;
            for &class in members {
                self.class_term_occurrences[t * classes + class] += occurrences;
                self.class_term_documents[t * classes + class] += times;
            }
        }
    }

    /// Counts that were added up elsewhere, term by term: of each its counts in all documents, and in the classes that have it.
    pub(crate) fn from_terms<'t>(
        documents: u64,
        class_documents: Vec<u64>,
        terms: impl ExactSizeIterator<Item = (TermCounts, &'t [(u32, TermCounts)])>,
    ) -> Self {
        let mut counts = Self::new(terms.len(), class_documents.len());
        let classes = class_documents.len();
        (counts.documents, counts.class_documents) = (documents, class_documents);
        for (t, (all, by_class)) in terms.enumerate() {
            counts.term_occurrences[t] = all.occurrences;
            counts.term_documents[t] = all.documents;
            for &(class, of_class) in by_class {
                let cell = t * classes + class as usize;
                counts.class_term_occurrences[cell] = of_class.occurrences;
                counts.class_term_documents[cell] = of_class.documents;
            }
        }
        counts
    }

    /// The counts of the terms `columns` alone.
    pub fn select(&self, columns: &[TermId]) -> Self {
        let by_term = |of: &[u64]| columns.iter().map(|t| of[t.index()]).collect();
        let classes = self.classes();
        let by_class = |of: &[u64]| {
            let cells = |t: &TermId| &of[t.index() * classes..(t.index() + 1) * classes];
            columns.iter().flat_map(cells).copied().collect()
        };
        Self {
            classes: self.classes,
            documents: self.documents,
            class_documents: self.class_documents.clone(),
            term_occurrences: by_term(&self.term_occurrences),
            class_term_occurrences: by_class(&self.class_term_occurrences),
            term_documents: by_term(&self.term_documents),
            class_term_documents: by_class(&self.class_term_documents),
        }
    }

    /// Adds the counts of other documents.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.combine(other, u64::checked_add)
    }

    /// Takes away the counts of documents that were counted before.
    pub fn subtract(&mut self, other: &Self) -> Result<()> {
        self.combine(other, u64::checked_sub)
    }

    fn combine(&mut self, other: &Self, op: fn(u64, u64) -> Option<u64>) -> Result<()> {
        let misfit = || {
            Error::data(
                "the counts of these documents do not belong to those of the others",
                "counts made with the same vocabulary and labels",
            )
        };
        if self.classes != other.classes || self.terms() != other.terms() {
            return Err(misfit());
        }
        self.documents = op(self.documents, other.documents).ok_or_else(misfit)?;
        for (mine, theirs) in [
            (&mut self.class_documents, &other.class_documents),
            (&mut self.term_occurrences, &other.term_occurrences),
            (&mut self.class_term_occurrences, &other.class_term_occurrences),
            (&mut self.term_documents, &other.term_documents),
            (&mut self.class_term_documents, &other.class_term_documents),
        ] {
            for (a, &b) in mine.iter_mut().zip(theirs) {
                *a = op(*a, b).ok_or_else(misfit)?;
            }
        }
        Ok(())
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes as usize
    }

    /// Number of terms.
    pub fn terms(&self) -> usize {
        self.term_occurrences.len()
    }

    /// Number of documents.
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// Documents in a class.
    pub fn class_documents(&self, class: usize) -> u64 {
        self.class_documents[class]
    }

    /// Occurrences of a term in all documents.
    #[inline]
    pub fn total_occurrences(&self, term: usize) -> u64 {
        self.term_occurrences[term]
    }

    /// Occurrences of a term in a class.
    #[inline]
    pub fn occurrences(&self, term: usize, class: usize) -> u64 {
        self.class_term_occurrences[term * self.classes() + class]
    }

    /// Documents that hold a term.
    #[inline]
    pub fn total_document_frequency(&self, term: usize) -> u64 {
        self.term_documents[term]
    }

    /// Documents of a class that hold a term.
    #[inline]
    pub fn document_frequency(&self, term: usize, class: usize) -> u64 {
        self.class_term_documents[term * self.classes() + class]
    }

    /// Whether the arrays have the sizes they must have, and their counts can be those of documents; counts from a file are not trusted
    /// before.
    pub(crate) fn is_sound(&self) -> bool {
        let (terms, classes) = (self.terms(), self.classes());
        let occurrences = self.term_occurrences.iter().try_fold(0u64, |sum, &n| sum.checked_add(n));
        occurrences.is_some()
            && self.documents > 0
            && self.class_documents.len() == classes
            && self.term_documents.len() == terms
            && self.class_term_occurrences.len() == terms * classes
            && self.class_term_documents.len() == terms * classes
            && self.class_documents.iter().all(|&n| n <= self.documents)
            && (0..terms).all(|t| {
                self.term_documents[t] <= self.documents
                    && (0..classes).all(|c| {
                        self.occurrences(t, c) <= self.term_occurrences[t]
                            && self.document_frequency(t, c) <= self.term_documents[t]
                            && self.document_frequency(t, c) <= self.class_documents[c]
                            && self.term_documents[t] - self.document_frequency(t, c)
                                <= self.documents - self.class_documents[c]
                    })
            })
    }
}
