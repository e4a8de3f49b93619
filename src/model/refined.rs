//! Topics against the rest, by Naive Bayes in two rounds with corrected weights.
//!
//! Plain Naive Bayes counts every term as if it stood alone, so words that come together count twice. Three steps
//! mend that, and fold into one weight a term and topic, so that classifying costs what plain Naive Bayes costs:
//!
//! 1. A first round with reliability-weighted log-ratios, scored by leaving each document out of its own counts.
//! 2. A second round on documents weighted by how badly the first one predicted them, in the manner of boosting
//!    (Elkan 1997, "Boosting and naive Bayesian learning").
//! 3. A correction of each term's weight that maximises the penalised conditional likelihood of the labels, given
//!    both rounds' scores: generative weights, discriminatively adjusted (Raina et al. 2003, "Classification with
//!    hybrid generative/discriminative models"; Zaidi et al. 2013, "Alleviating naive Bayes attribute independence
//!    assumption by attribute weighting").

use super::calibration::fit_logistic;
use super::class_counts::ClassCounts;
use super::logistic::{self, SparseRows};
use super::naive_bayes::TermWeights;
use super::one_vs_rest::{OneVsRest, learned_prior_odds, z_of_cells};
use super::sigmoid;
use crate::features::{DocumentTermMatrix, Row, TfIdf};

/// Weights of the second round are whole thousandths, so that counts stay integers.
const UNIT: f64 = 1000.0;
/// Documents that were predicted well still count this much.
const LEAST_WEIGHT: f64 = 0.02;

/// Parameters of the refined model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RefinedParams {
    /// Smoothing, above 0.
    pub alpha: f64,
    /// Power of the length that scores are divided by.
    pub length_power: f64,
    /// Penalty on the corrections, above 0: the larger, the closer to Naive Bayes.
    pub penalty: f64,
}

impl RefinedParams {
    /// Fits every topic against the rest. `members[i]` lists the topics of document `i`. Rows from `documents` on are pseudo-documents:
    /// what is told of a topic, not seen. They count in both rounds; they are not scored, so that nothing is fitted to how well
    /// they are predicted.
    ///
    /// Scores must be divided by `length^length_power`; they are log-odds up to a constant then.
    pub fn fit(
        &self,
        matrix: &DocumentTermMatrix,
        members: &[Vec<usize>],
        documents: usize,
        topics: usize,
    ) -> OneVsRest {
        let features = Features::new(matrix, documents, self.length_power);
        let by_topic: Vec<Vec<f64>> = (0..topics)
            .map(|topic| {
                let y: Vec<bool> = members.iter().map(|m| m.contains(&topic)).collect();
                self.fit_topic(matrix, &features, &y)
            })
            .collect();
        let mut weights = TermWeights::new(matrix.columns(), topics);
        // Stored in single precision; rounded here, so that a model read back is the same model.
        weights.fill(|t, c| f64::from(by_topic[c][t] as f32));
        let counts = ClassCounts::count(matrix, members, topics);
        OneVsRest { log_prior_odds: learned_prior_odds(&counts), weights }
    }

    fn fit_topic(&self, matrix: &DocumentTermMatrix, features: &Features, y: &[bool]) -> Vec<f64> {
        let seen = &y[..features.rows.len()];
        let even = vec![UNIT as u64; y.len()];
        let first = Round::fit(matrix, y, &even, self.alpha);
        let scores = first.left_out_scores(matrix, y, &even, features);
        if !seen.contains(&true) && y.contains(&true) {
            // Nothing to correct by: only how the documents spread tells what a large score is.
            let round = Column::new(scores, first.weights(y));
            return round.weights.iter().map(|w| w / round.deviation).collect();
        }
        let (slope, intercept) = fit_logistic(&scores, seen);
        let mut surprise: Vec<u64> = scores
            .iter()
            .zip(seen)
            .map(|(s, &y)| {
                let p = sigmoid(slope * s + intercept);
                let miss = if y { 1.0 - p } else { p };
                (UNIT * (miss + LEAST_WEIGHT)).round() as u64
            })
            .collect();
        surprise.resize(y.len(), UNIT as u64);
        let second = Round::fit(matrix, y, &surprise, self.alpha);
        let rounds = [
            Column::new(scores, first.weights(y)),
            Column::new(second.left_out_scores(matrix, y, &surprise, features), second.weights(y)),
        ];
        let corrections = self.correct(features, &rounds, seen);
        let terms = matrix.columns();
        (0..terms)
            .map(|t| {
                let of_rounds: f64 = rounds
                    .iter()
                    .enumerate()
                    .map(|(r, round)| corrections[terms + r] * round.weights[t] / round.deviation)
                    .sum();
                of_rounds + corrections[t] * features.scale[t]
            })
            .collect()
    }

    /// Coefficients of the terms, of the rounds' scores, and the intercept.
    fn correct(&self, features: &Features, rounds: &[Column; 2], y: &[bool]) -> Vec<f64> {
        let terms = features.scale.len();
        let mut rows = SparseRows::new();
        for (i, row) in features.rows.iter().enumerate() {
            let of_rounds = rounds
                .iter()
                .enumerate()
                .map(|(r, round)| ((terms + r) as u32, round.standardised(i)));
            let intercept = ((terms + rounds.len()) as u32, 1.0);
            rows.push_row(row.iter().copied().chain(of_rounds).chain([intercept]));
        }
        let mut penalty = vec![self.penalty; terms + rounds.len()];
        penalty.push(1e-6);
        logistic::fit(&rows, y, &penalty)
    }
}

/// What all topics share: the documents, without pseudo-documents, as the correction sees them.
struct Features {
    /// By document: terms with `count · scale / length^power`.
    rows: Vec<Vec<(u32, f64)>>,
    /// By term: inverse document frequency, over the mean length of the rows, so that the same
    /// penalty means the same on every corpus.
    scale: Vec<f64>,
    /// By document: what scores are divided by.
    divisors: Vec<f64>,
}

impl Features {
    fn new(matrix: &DocumentTermMatrix, documents: usize, length_power: f64) -> Self {
        let idf = TfIdf::fit(&matrix.document_frequencies(), matrix.rows());
        let divisor = |row: Row<'_>| (row.length() as f64).max(1.0).powf(length_power);
        let divisors: Vec<f64> = matrix.iter().take(documents).map(divisor).collect();
        let mut rows: Vec<Vec<(u32, f64)>> = matrix
            .iter()
            .zip(&divisors)
            .map(|(row, divisor)| {
                let value = |count: u32, t: u32| f64::from(count) / divisor * idf.idf()[t as usize];
                row.iter().map(|(t, count)| (t.0, value(count, t.0))).collect()
            })
            .collect();
        let norm = |row: &Vec<(u32, f64)>| row.iter().map(|(_, v)| v * v).sum::<f64>().sqrt();
        let mean = rows.iter().map(norm).sum::<f64>() / rows.len().max(1) as f64;
        let unit = if mean > 0.0 { mean } else { 1.0 };
        rows.iter_mut().flatten().for_each(|(_, v)| *v /= unit);
        let scale = idf.idf().iter().map(|idf| idf / unit).collect();
        Self { rows, scale, divisors }
    }
}

/// One round's scores by document, to be standardised, and its weights by term.
struct Column {
    scores: Vec<f64>,
    weights: Vec<f64>,
    mean: f64,
    deviation: f64,
}

impl Column {
    fn new(scores: Vec<f64>, weights: Vec<f64>) -> Self {
        let (mean, deviation) = super::calibration::mean_and_deviation(&scores);
        Self { scores, weights, mean, deviation }
    }

    fn standardised(&self, i: usize) -> f64 {
        (self.scores[i] - self.mean) / self.deviation
    }
}

/// Weighted counts of one topic and its rest.
struct Round {
    alpha: f64,
    /// Occurrences inside and outside, by term, and of all terms.
    inside: Vec<u64>,
    outside: Vec<u64>,
    all_inside: u64,
    all_outside: u64,
    /// Documents that hold the term, unweighted.
    documents_inside: Vec<u64>,
    documents_outside: Vec<u64>,
}

impl Round {
    fn fit(matrix: &DocumentTermMatrix, y: &[bool], weights: &[u64], alpha: f64) -> Self {
        let zeros = || vec![0u64; matrix.columns()];
        let mut round = Self {
            alpha: alpha * UNIT,
            inside: zeros(),
            outside: zeros(),
            all_inside: 0,
            all_outside: 0,
            documents_inside: zeros(),
            documents_outside: zeros(),
        };
        for ((row, &y), &weight) in matrix.iter().zip(y).zip(weights) {
            let (counts, all, documents) = if y {
                (&mut round.inside, &mut round.all_inside, &mut round.documents_inside)
            } else {
                (&mut round.outside, &mut round.all_outside, &mut round.documents_outside)
            };
            for (term, count) in row.iter() {
                let weighted = weight * u64::from(count);
                counts[term.index()] += weighted;
                documents[term.index()] += 1;
                *all += weighted;
            }
        }
        round
    }

    /// The weight of every term.
    fn weights(&self, y: &[bool]) -> Vec<f64> {
        let size = y.iter().filter(|&&y| y).count() as u64;
        let totals = self.log_totals(self.all_inside, self.all_outside);
        (0..self.inside.len())
            .map(|t| {
                let cells = (self.documents_inside[t], self.documents_outside[t]);
                let z = z_of_cells(cells.0, size, cells.1, y.len() as u64 - size);
                z * self.log_ratio(self.inside[t], self.outside[t], totals)
            })
            .collect()
    }

    fn log_totals(&self, inside: u64, outside: u64) -> f64 {
        let smoothing = self.alpha * self.inside.len() as f64;
        (inside as f64 + smoothing).ln() - (outside as f64 + smoothing).ln()
    }

    fn log_ratio(&self, inside: u64, outside: u64, totals: f64) -> f64 {
        (inside as f64 + self.alpha).ln() - (outside as f64 + self.alpha).ln() - totals
    }

    /// The score of every document by the counts of all others: its own counts are taken out first.
    fn left_out_scores(
        &self,
        matrix: &DocumentTermMatrix,
        y: &[bool],
        weights: &[u64],
        features: &Features,
    ) -> Vec<f64> {
        let size = y.iter().filter(|&&y| y).count() as u64;
        let rest = y.len() as u64 - size;
        let score = |i: usize, row: Row<'_>| -> f64 {
            let own = weights[i] * row.length();
            let (mine, other) = (u64::from(y[i]), u64::from(!y[i]));
            let totals =
                self.log_totals(self.all_inside - mine * own, self.all_outside - other * own);
            row.iter()
                .map(|(term, count)| {
                    let t = term.index();
                    let weighted = weights[i] * u64::from(count);
                    let inside = self.inside[t] - mine * weighted;
                    let outside = self.outside[t] - other * weighted;
                    let z = z_of_cells(
                        self.documents_inside[t] - mine,
                        size - mine,
                        self.documents_outside[t] - other,
                        rest - other,
                    );
                    f64::from(count) * z * self.log_ratio(inside, outside, totals)
                })
                .sum()
        };
        let divisors = features.divisors.iter().enumerate();
        divisors.map(|(i, divisor)| score(i, matrix.row(i)) / divisor).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: RefinedParams = RefinedParams { alpha: 0.1, length_power: 0.8, penalty: 0.1 };

    /// Twenty documents of two topics, told apart by terms 0 and 1 over the noise of 2 to 5, then pseudo-documents of the
    /// first topic that hold term 6.
    fn fit(pseudo: usize) -> OneVsRest {
        fit_documents(pseudo, 20)
    }

    /// The same, of which so many are taken for documents.
    fn fit_documents(pseudo: usize, documents: usize) -> OneVsRest {
        let mut matrix = DocumentTermMatrix::new(8);
        let mut members = Vec::new();
        for i in 0..20u32 {
            matrix.push_row([(i % 2, 1 + i % 3), (2 + i % 4, 2)]);
            members.push(vec![(i % 2) as usize]);
        }
        for _ in 0..pseudo {
            matrix.push_row([(6, 1)]);
            members.push(vec![0]);
        }
        PARAMS.fit(&matrix, &members, documents, 2)
    }

    #[test]
    fn pseudo_documents_count_and_are_not_fitted_to() {
        let (without, with) = (fit(0), fit(5));
        let weight = |model: &OneVsRest, t: usize| model.weights().of_term(t)[0];
        assert_eq!(weight(&without, 6), weight(&without, 7), "nothing is known of either");
        assert!(weight(&with, 6) > 1.0, "{}", weight(&with, 6));
        // As documents they would be predicted, and the corrections fitted to that.
        let documents = fit_documents(5, 25);
        assert_ne!(with.weights().of_term(0), documents.weights().of_term(0));
        for (t, sign) in [(0, 1.0), (1, -1.0)] {
            assert!(weight(&without, t) * sign > 1.0 && weight(&with, t) * sign > 1.0, "term {t}");
        }
    }

    #[test]
    fn a_topic_of_pseudo_documents_alone_has_its_first_weights() {
        let mut matrix = DocumentTermMatrix::new(3);
        for i in 0..6 {
            matrix.push_row([(0, 1 + i % 2), (1, 1)]);
        }
        matrix.push_row([(2, 1)]);
        let members = [vec![Vec::new(); 6], vec![vec![0]]].concat();
        let model = PARAMS.fit(&matrix, &members, 6, 1);
        let weights: Vec<f64> = (0..3).map(|t| model.weights().of_term(t)[0]).collect();
        assert!(weights[2] > 0.0 && weights[0] < 0.0 && weights[1] < 0.0, "{weights:?}");
    }
}
