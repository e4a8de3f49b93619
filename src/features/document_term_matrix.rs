//! Term counts by document, sparse.

use serde::{Deserialize, Serialize};

use crate::ids::TermId;

/// A matrix of documents by terms in compressed sparse row form, with integer counts.
///
/// Row `i` stands in `starts[i]..starts[i + 1]`; within a row, terms ascend and no count is 0.
///
/// ```
/// use rubrique::features::DocumentTermMatrix;
/// let mut matrix = DocumentTermMatrix::new(3);
/// matrix.push_row([(0, 2), (2, 1)]);
/// matrix.push_row([(2, 4)]);
/// assert_eq!(matrix.rows(), 2);
/// assert_eq!(matrix.document_frequencies(), [1, 0, 2]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentTermMatrix {
    columns: u32,
    starts: Vec<u64>,
    terms: Vec<u32>,
    counts: Vec<u32>,
}

/// One document: terms and how often each occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row<'m> {
    /// Term ids, ascending.
    pub terms: &'m [u32],
    /// Their counts.
    pub counts: &'m [u32],
}

impl<'m> Row<'m> {
    /// The terms with their counts.
    pub fn iter(self) -> impl Iterator<Item = (TermId, u32)> + 'm {
        self.terms.iter().zip(self.counts).map(|(&term, &count)| (TermId(term), count))
    }

    /// The sum of the counts.
    pub fn length(self) -> u64 {
        self.counts.iter().map(|&c| u64::from(c)).sum()
    }
}

impl DocumentTermMatrix {
    /// A matrix without documents, over `columns` terms.
    pub fn new(columns: usize) -> Self {
        Self { columns: columns as u32, starts: vec![0], terms: Vec::new(), counts: Vec::new() }
    }

    /// Adds a document; terms must ascend.
    pub fn push_row(&mut self, row: impl IntoIterator<Item = (u32, u32)>) {
        for (term, count) in row {
            debug_assert!(term < self.columns && count > 0);
            self.terms.push(term);
            self.counts.push(count);
        }
        self.starts.push(self.terms.len() as u64);
    }

    /// Number of documents.
    pub fn rows(&self) -> usize {
        // A matrix from a file that holds nothing at all has not even the first start, and is found unsound for it.
        self.starts.len().saturating_sub(1)
    }

    /// Number of terms.
    #[inline]
    pub fn columns(&self) -> usize {
        self.columns as usize
    }

    /// Number of counts that are not 0.
    pub fn entries(&self) -> usize {
        self.terms.len()
    }

    /// One document.
    #[inline]
    pub fn row(&self, i: usize) -> Row<'_> {
        let range = self.starts[i] as usize..self.starts[i + 1] as usize;
        Row { terms: &self.terms[range.clone()], counts: &self.counts[range] }
    }

    /// All documents in order.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.rows()).map(|i| self.row(i))
    }

    /// In how many documents each term occurs.
    pub fn document_frequencies(&self) -> Vec<u64> {
        let mut frequencies = vec![0; self.columns()];
        for &term in &self.terms {
            frequencies[term as usize] += 1;
        }
        frequencies
    }

    /// The documents `rows`, in that order.
    pub fn select_rows(&self, rows: &[usize]) -> Self {
        let mut out = Self::new(self.columns());
        for &i in rows {
            let row = self.row(i);
            out.terms.extend_from_slice(row.terms);
            out.counts.extend_from_slice(row.counts);
            out.starts.push(out.terms.len() as u64);
        }
        out
    }

    /// The terms `columns` (ascending), numbered anew from 0.
    pub fn select_columns(&self, columns: &[TermId]) -> Self {
        let mut renumbered = vec![u32::MAX; self.columns()];
        for (new, old) in columns.iter().enumerate() {
            renumbered[old.index()] = new as u32;
        }
        let mut out = Self::new(columns.len());
        for row in self.iter() {
            out.push_row(
                row.iter().map(|(t, c)| (renumbered[t.index()], c)).filter(|&(t, _)| t != u32::MAX),
            );
        }
        out
    }

    /// Terms by documents: row `t` holds the documents that have term `t`, ascending, with their counts.
    pub fn transposed(&self) -> Self {
        let mut starts = vec![0; self.columns() + 1];
        for &term in &self.terms {
            starts[term as usize + 1] += 1;
        }
        for t in 0..self.columns() {
            starts[t + 1] += starts[t];
        }
        let mut next = starts.clone();
        let [mut documents, mut counts] = [0; 2].map(|zero| vec![zero; self.entries()]);
        for (document, row) in self.iter().enumerate() {
            for (term, count) in row.iter() {
                let place = next[term.index()] as usize;
                (documents[place], counts[place]) = (document as u32, count);
                next[term.index()] += 1;
            }
        }
        Self { columns: self.rows() as u32, starts, terms: documents, counts }
    }

    /// Whether the parts fit together; a matrix from a file is not trusted before.
    pub(crate) fn is_sound(&self) -> bool {
        let ends = self.starts.first() == Some(&0)
            && self.starts.last() == Some(&(self.terms.len() as u64))
            && self.terms.len() == self.counts.len()
            && self.starts.is_sorted();
        ends && self.iter().all(|row| {
            row.terms.windows(2).all(|w| w[0] < w[1])
                && row.terms.last().is_none_or(|&t| t < self.columns)
                && !row.counts.contains(&0)
        })
    }
}
