//! Which label was taken for which.

use super::scores::Outcome;

/// Counts of true label against predicted label. The last row and column stand for "none of the topics".
///
/// An article with several labels counts once for every pair of a true label that was missed and a
/// wrong label that was given; labels given rightly stand on the diagonal. Where a label was missed and no wrong
/// one given, it was taken for none, and the other way round. An article that has only labels beyond the known ones has
/// no row, and is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    cells: Vec<Vec<u64>>,
}

impl ConfusionMatrix {
    /// Counts outcomes over `labels` labels.
    pub fn new<'o>(outcomes: impl Iterator<Item = &'o Outcome>, labels: usize) -> Self {
        let mut cells = vec![vec![0; labels + 1]; labels + 1];
        for outcome in outcomes {
            for (truth, predicted) in Self::cells(outcome, labels) {
                cells[truth][predicted] += 1;
            }
        }
        Self { cells }
    }

    /// The cells in which an outcome counts, as pairs of true and predicted label; `labels` stands for none.
    pub fn cells(outcome: &Outcome, labels: usize) -> Vec<(usize, usize)> {
        let known = |list: &[usize]| -> Vec<usize> {
            list.iter().copied().filter(|&l| l < labels).collect()
        };
        let (truth, predicted) = (known(&outcome.truth), known(&outcome.predicted));
        if truth.is_empty() && !outcome.truth.is_empty() {
            return Vec::new();
        }
        if truth.is_empty() && predicted.is_empty() {
            return vec![(labels, labels)];
        }
        let or_none = |mut list: Vec<usize>| {
            if list.is_empty() {
                list.push(labels);
            }
            list
        };
        let missed: Vec<usize> = truth.iter().copied().filter(|l| !predicted.contains(l)).collect();
        let wrong: Vec<usize> = predicted.iter().copied().filter(|l| !truth.contains(l)).collect();
        let right = truth.iter().filter(|l| predicted.contains(l));
        let mut cells: Vec<(usize, usize)> = right.map(|&label| (label, label)).collect();
        if missed.is_empty() && wrong.is_empty() {
            return cells;
        }
        let wrong = or_none(wrong);
        cells.extend(or_none(missed).iter().flat_map(|&t| wrong.iter().map(move |&p| (t, p))));
        cells
    }

    /// Articles with the true label `truth` that were given `predicted`.
    pub fn get(&self, truth: usize, predicted: usize) -> u64 {
        self.cells[truth][predicted]
    }

    /// Rows by true label.
    pub fn rows(&self) -> &[Vec<u64>] {
        &self.cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_its_cell() {
        let outcome = |t: &[usize], p: &[usize]| Outcome { truth: t.into(), predicted: p.into() };
        let outcomes = [
            outcome(&[0], &[0]),
            outcome(&[0], &[1]),
            outcome(&[1], &[]),
            outcome(&[], &[1]),
            outcome(&[], &[]),
            outcome(&[0, 1], &[0]),
            outcome(&[2], &[]),
        ];
        let matrix = ConfusionMatrix::new(outcomes.iter(), 2);
        assert_eq!(matrix.rows(), [vec![2, 1, 0], vec![0, 0, 2], vec![0, 1, 1]]);
    }
}
