//! Fitting Naive Bayes term by term: the weights of a term follow from its own counts and from what all terms add up to.

use super::class_counts::{ClassCounts, TermCounts, TermRow, Totals};
use super::naive_bayes::{Kind, NaiveBayesValidParams, TermWeights};
use super::one_vs_rest::z_of_cells;
use super::scorer::Task;
use crate::error::{Error, Result};
use crate::features::DocumentTermMatrix;

/// What the weights of every term have in common.
pub(super) struct TermFit<'p> {
    params: &'p NaiveBayesValidParams,
    task: Task,
    totals: Totals,
    /// Logarithms of the smoothed number of occurrences of all terms, in a class and in all documents that are not in it.
    log_inside: Vec<f64>,
    log_outside: Vec<f64>,
}

impl<'p> TermFit<'p> {
    pub(super) fn new(
        params: &'p NaiveBayesValidParams,
        task: Task,
        totals: Totals,
    ) -> Result<Self> {
        if totals.documents == 0 {
            return Err(Error::data("there is nothing to learn from", "labelled articles"));
        }
        let smoothing = params.alpha * totals.terms as f64;
        let log = |occurrences: u64| (occurrences as f64 + smoothing).ln();
        let inside = &totals.class_occurrences;
        let log_inside = inside.iter().map(|&inside| log(inside)).collect();
        let log_outside = inside.iter().map(|inside| log(totals.occurrences - inside)).collect();
        Ok(Self { params, task, totals, log_inside, log_outside })
    }

    /// The weights of all terms.
    pub(super) fn all_weights(&self, counts: &ClassCounts) -> TermWeights {
        let mut weights = TermWeights::new(counts.terms(), counts.classes());
        weights.presence = self.params.kind == Kind::Bernoulli;
        weights.constant = self.constants(|term, row| counts.read_term(term, row));
        let mut row = TermRow::new(counts.classes());
        let of_terms = weights.weights.chunks_exact_mut(counts.classes());
        for (term, of_term) in of_terms.enumerate() {
            counts.read_term(term, &mut row);
            self.weigh(&row, of_term);
        }
        weights
    }

    /// Writes the weights of one term, by class. Most terms are in few classes: the logarithm that the others share is taken once.
    fn weigh(&self, row: &TermRow, weights: &mut [f64]) {
        let alpha = self.params.alpha;
        let log = |occurrences: u64| (occurrences as f64 + alpha).ln();
        let (log_none, log_all) = (log(0), log(row.total.occurrences));
        let log_inside = |n: u64| if n == 0 { log_none } else { log(n) };
        let log_outside = |n: u64| if n == 0 { log_all } else { log(row.total.occurrences - n) };
        let of_classes = row.by_class.iter().map(|of_class| of_class.occurrences);
        let of_classes = weights.iter_mut().zip(of_classes).enumerate();
        match (self.params.kind, self.task) {
            (Kind::Bernoulli, _) => {
                for (class, weight) in weights.iter_mut().enumerate() {
                    *weight = self.presence(class, row, true).0;
                    if self.task == Task::AnyLabels {
                        *weight -= self.presence(class, row, false).0;
                    }
                }
            }
            (Kind::Multinomial, Task::OneLabel) => {
                for (class, (weight, n)) in of_classes {
                    *weight = log_inside(n) - self.log_inside[class];
                }
            }
            (Kind::Complement, Task::OneLabel) => {
                for (class, (weight, n)) in of_classes {
                    *weight = self.log_outside[class] - log_outside(n);
                }
            }
            // With two classes, the complement of one is the other: multinomial and complement agree.
            (Kind::Multinomial | Kind::Complement, Task::AnyLabels) => {
                for (class, (weight, n)) in of_classes {
                    let inside = log_inside(n) - self.log_inside[class];
                    *weight = inside - (log_outside(n) - self.log_outside[class]);
                }
            }
        }
        if self.params.reliability && self.task == Task::AnyLabels {
            for ((weight, of_class), &size) in
                weights.iter_mut().zip(&row.by_class).zip(&self.totals.class_documents)
            {
                let outside = row.total.documents - of_class.documents;
                let rest = self.totals.documents - size;
                *weight *= z_of_cells(of_class.documents, size, outside, rest);
            }
        }
    }

    /// The weight of a term's presence in documents that are in the class, or in those that are not, and the logarithm of its absence.
    fn presence(&self, class: usize, row: &TermRow, is_inside: bool) -> (f64, f64) {
        let (inside, size) = (row.by_class[class].documents, self.totals.class_documents[class]);
        let (having, documents) = if is_inside {
            (inside, size)
        } else {
            (row.total.documents - inside, self.totals.documents - size)
        };
        let total = documents as f64 + 2.0 * self.params.alpha;
        let present = having as f64 + self.params.alpha;
        let log_absent = ((total - present) / total).ln();
        ((present / total).ln() - log_absent, log_absent)
    }

    /// What every document scores by class: for presence and absence, what the absence of all terms does. `read` writes the counts of
    /// a term.
    fn constants(&self, read: impl Fn(usize, &mut TermRow)) -> Vec<f64> {
        let classes = self.totals.class_documents.len();
        let mut inside = vec![0.0; classes];
        if self.params.kind != Kind::Bernoulli {
            return inside;
        }
        let mut outside = vec![0.0; classes];
        let mut row = TermRow::new(classes);
        for term in 0..self.totals.terms {
            read(term, &mut row);
            for class in 0..classes {
                inside[class] += self.presence(class, &row, true).1;
                outside[class] += self.presence(class, &row, false).1;
            }
        }
        if self.task == Task::AnyLabels {
            inside.iter_mut().zip(&outside).for_each(|(inside, outside)| *inside -= outside);
        }
        inside
    }
}

/// Documents that are left out of a fit, to be scored by it.
pub(crate) struct LeftOut<'m> {
    /// Terms by document.
    matrix: DocumentTermMatrix,
    members: Vec<&'m [usize]>,
    /// How often each was met.
    times: Vec<u64>,
    lengths: Vec<u64>,
}

impl<'m> LeftOut<'m> {
    /// The documents `rows` of a matrix, whose classes `members` lists; document `i` was met `times(i)` times.
    pub(crate) fn new(
        matrix: &DocumentTermMatrix,
        rows: &[usize],
        members: &'m [Vec<usize>],
        times: impl Fn(usize) -> u64,
    ) -> Self {
        Self {
            matrix: matrix.select_rows(rows).transposed(),
            members: rows.iter().map(|&i| &members[i][..]).collect(),
            times: rows.iter().map(|&i| times(i)).collect(),
            lengths: rows.iter().map(|&i| matrix.row(i).length()).collect(),
        }
    }

    /// The scores of the documents without priors, one behind the other, by the model of all documents but these: what is counted in `all` less
    /// what they count themselves. The model is never there as a whole: a term's weights are found, added to the scores of the
    /// documents that have it, and forgotten.
    pub(crate) fn scores(
        &self,
        params: &NaiveBayesValidParams,
        task: Task,
        all: &ClassCounts,
    ) -> Result<Vec<f64>> {
        let classes = all.classes();
        let mut totals = all.totals();
        for ((members, &times), length) in self.members.iter().zip(&self.times).zip(&self.lengths) {
            totals.subtract(times, length * times, members);
        }
        let fit = TermFit::new(params, task, totals)?;
        let read = |term: usize, row: &mut TermRow| {
            all.read_term(term, row);
            for (document, count) in self.matrix.row(term).iter() {
                let i = document.index();
                row.subtract(TermCounts::of(count, self.times[i]), self.members[i]);
            }
        };
        let mut scores = fit.constants(read).repeat(self.members.len());
        let mut row = TermRow::new(classes);
        let mut weights = vec![0.0; classes];
        for term in 0..all.terms() {
            let documents = self.matrix.row(term);
            if documents.terms.is_empty() {
                continue;
            }
            read(term, &mut row);
            fit.weigh(&row, &mut weights);
            for (document, count) in documents.iter() {
                let times = params.kind.multiplicity(count);
                let scores = &mut scores[document.index() * classes..][..classes];
                scores.iter_mut().zip(&weights).for_each(|(s, weight)| *s += times * weight);
            }
        }
        Ok(scores)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_map, btree_set, vec};
    use proptest::prelude::*;

    use super::super::naive_bayes::NaiveBayesParams;
    use super::*;

    const TERMS: usize = 8;
    const CLASSES: usize = 3;

    /// Terms with their counts, and classes.
    type Document = (Vec<(u32, u32)>, Vec<usize>);

    fn counts_of(rows: &[Document]) -> ClassCounts {
        let mut matrix = DocumentTermMatrix::new(TERMS);
        rows.iter().for_each(|(terms, _)| matrix.push_row(terms.iter().copied()));
        let members: Vec<Vec<usize>> = rows.iter().map(|(_, members)| members.clone()).collect();
        ClassCounts::count(&matrix, &members, CLASSES)
    }

    proptest! {
        /// Term by term, the documents of a fold score what the model that is fitted to all others gives them, bit for bit.
        #[test]
        fn a_fold_is_scored_by_the_model_of_the_rest(
            documents in vec((
                btree_map(0..TERMS as u32, 1u32..40, 0..5),
                btree_set(0..CLASSES, 0..3),
                1..4usize,
                any::<bool>(),
            ), 1..20),
            kind in prop::sample::select(vec![Kind::Multinomial, Kind::Complement, Kind::Bernoulli]),
            task in prop::sample::select(vec![Task::OneLabel, Task::AnyLabels]),
            reliability in any::<bool>(),
        ) {
            let mut matrix = DocumentTermMatrix::new(TERMS);
            let (mut all, mut rest, mut fold) = (Vec::new(), Vec::new(), Vec::new());
            let mut members = Vec::new();
            for (i, (terms, classes, times, is_left_out)) in documents.iter().enumerate() {
                let terms: Vec<(u32, u32)> = terms.iter().map(|(&t, &c)| (t, c)).collect();
                matrix.push_row(terms.iter().copied());
                members.push(classes.iter().copied().collect::<Vec<usize>>());
                let met = vec![(terms, members[i].clone()); *times];
                if *is_left_out {
                    fold.push(i);
                } else {
                    rest.extend(met.clone());
                }
                all.extend(met);
            }
            let params = NaiveBayesParams::new(kind).reliability(reliability).0;
            let left_out = LeftOut::new(&matrix, &fold, &members, |i| documents[i].2 as u64);
            let scores = left_out.scores(&params, task, &counts_of(&all));
            if rest.is_empty() {
                prop_assert!(scores.is_err());
                return Ok(());
            }
            let rest = counts_of(&rest);
            let model = TermFit::new(&params, task, rest.totals()).unwrap().all_weights(&rest);
            let mut expected = vec![0.0; CLASSES * fold.len()];
            for (&i, scores) in fold.iter().zip(expected.chunks_exact_mut(CLASSES)) {
                model.score(matrix.row(i), scores);
            }
            let bits = |scores: &[f64]| scores.iter().map(|s| s.to_bits()).collect::<Vec<u64>>();
            prop_assert_eq!(bits(&scores.unwrap()), bits(&expected));
        }
    }
}
