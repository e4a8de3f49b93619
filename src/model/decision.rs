//! From probabilities to labels: thresholds by topic, and the confidence below which a person should look.
//!
//! Review follows from the confidence alone: it is the probability of an error, and the limit is fitted to the rate of errors that the
//! user accepts. The sets of [`ConformalLimits`] say something else, what could be true instead, and stand beside the decision:
//! sending all documents to review whose set leaves a question open makes the accepted ones hardly better (ARCHITECTURE.md has the figures).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::conformal::{ConformalLimits, lower_limit};
use super::prediction::{Decision, Prediction};
use super::scorer::Task;
use crate::ids::LabelId;

/// The rule of one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecisionRule {
    /// One label or any number.
    pub task: Task,
    /// For any number of topics: the least probability at which each is given.
    pub thresholds: Vec<f64>,
    /// The least confidence that is accepted without review.
    pub accept_from: f64,
    /// What cannot be ruled out.
    pub limits: ConformalLimits,
}

impl DecisionRule {
    /// Gives labels to a document.
    ///
    /// ```
    /// use rubrique::model::{ConformalLimits, Decision, DecisionRule, Task};
    /// let limits =
    ///     ConformalLimits { coverage: 0.9, present_from: vec![0.2, 0.01], absent_to: vec![0.6, 0.3] };
    /// let thresholds = vec![0.4, 0.5];
    /// let rule = DecisionRule { task: Task::AnyLabels, thresholds, accept_from: 0.7, limits };
    /// let prediction = rule.decide(vec![0.95, 0.02]);
    /// assert_eq!(prediction.labels.len(), 1);
    /// assert_eq!(prediction.decision, Decision::Accept);
    /// assert_eq!(prediction.possible.labels.len(), 2);
    /// ```
    pub fn decide(&self, probabilities: Vec<f64>) -> Prediction {
        let mut labels: Vec<LabelId> = match self.task {
            Task::OneLabel => vec![LabelId(super::arg_max(&probabilities) as u32)],
            Task::AnyLabels => (0..probabilities.len())
                .filter(|&c| probabilities[c] >= self.thresholds[c])
                .map(|c| LabelId(c as u32))
                .collect(),
        };
        super::sort_by_probability(&mut labels, &probabilities);
        let confidence = match self.task {
            Task::OneLabel => probabilities[labels[0].index()],
            Task::AnyLabels => probabilities
                .iter()
                .enumerate()
                .map(|(c, p)| if labels.contains(&LabelId(c as u32)) { *p } else { 1.0 - p })
                .product(),
        };
        let decision =
            if confidence >= self.accept_from { Decision::Accept } else { Decision::Review };
        let possible = self.limits.possible(self.task, &probabilities, &labels);
        Prediction { probabilities, labels, confidence, possible, decision }
    }
}

impl DecisionRule {
    /// Whether the parts fit together; a rule from a file is not trusted before.
    pub(crate) fn is_sound(&self, classes: usize) -> bool {
        self.thresholds.len() == classes
            && self.thresholds.iter().chain([&self.accept_from]).all(|p| !p.is_nan())
            && self.limits.is_sound(classes)
    }
}

/// What the threshold of a topic is fitted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// The best F1.
    #[default]
    F1,
    /// At least this precision, and as much recall as it leaves.
    Precision(f64),
    /// At least this recall, and as much precision as it leaves.
    Recall(f64),
}

impl Target {
    pub(crate) fn is_sound(self) -> bool {
        match self {
            Self::F1 => true,
            Self::Precision(share) | Self::Recall(share) => share > 0.0 && share < 1.0,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::F1 => f.write_str("f1"),
            Self::Precision(share) => write!(f, "precision={share}"),
            Self::Recall(share) => write!(f, "recall={share}"),
        }
    }
}

/// A topic's threshold, and whether it reaches the target, from out-of-fold probabilities with the truth.
///
/// - F1: [`best_f1_threshold`], which no case can fail.
/// - Precision: the lowest threshold with a precision of at least the target. The precision of `r` right cases among the `n`
///   at or above a threshold is taken as the lesser of `r / n` and `(r + 1) / (n + 2)`, what Laplace's rule of succession expects of the next case:
///   so 0.9 takes 8 cases in a row that are right, and a few lucky ones at the top do not pass for certainty. Where no threshold
///   reaches the target, the one of the best precision so taken, the higher one among equals.
/// - Recall: the highest threshold that a new case of the topic is at or above with a probability of at least the target: the
///   `⌈(n + 1) · target⌉`-th largest probability of the topic's `n` cases, the conformal limit of
///   [`ConformalLimits`]. With too few of them for that, the least of their probabilities.
///
/// Equal probabilities always fall on one side.
pub fn fit_threshold(target: Target, cases: &[(f64, bool)]) -> (f64, bool) {
    match target {
        Target::F1 => {
            let probabilities: Vec<f64> = cases.iter().map(|case| case.0).collect();
            (best_f1_threshold(&probabilities), true)
        }
        Target::Precision(target) => precision_threshold(target, cases),
        Target::Recall(target) => {
            let of_topic: Vec<f64> = cases.iter().filter(|case| case.1).map(|c| c.0).collect();
            let least = of_topic.iter().copied().min_by(f64::total_cmp);
            match lower_limit(of_topic, target) {
                Some(threshold) => (threshold, true),
                None => (least.unwrap_or(EVEN_ODDS), false),
            }
        }
    }
}

fn precision_threshold(target: f64, cases: &[(f64, bool)]) -> (f64, bool) {
    let mut lowest = None;
    let mut best = (0.0, EVEN_ODDS);
    for (probability, right, n) in from_the_top(cases) {
        let (right, n) = (right as f64, n as f64);
        let precision = (right / n).min((right + 1.0) / (n + 2.0));
        if precision >= target {
            lowest = Some(probability);
        }
        if precision > best.0 {
            best = (precision, probability);
        }
    }
    lowest.map_or((best.1, false), |threshold| (threshold, true))
}

/// Every probability, the highest first, with how many cases at or above it are right and how many there are.
fn from_the_top(cases: &[(f64, bool)]) -> impl Iterator<Item = (f64, usize, usize)> {
    let mut sorted = cases.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut right = 0;
    (0..sorted.len()).filter_map(move |i| {
        right += usize::from(sorted[i].1);
        let last_of_equals = sorted.get(i + 1).is_none_or(|next| next.0 < sorted[i].0);
        last_of_equals.then_some((sorted[i].0, right, i + 1))
    })
}

/// From here on a topic is given of which nothing is known.
const EVEN_ODDS: f64 = 0.5;

/// The threshold that maximises expected F1 under calibrated probabilities: half the best expected F1 (Lipton,
/// Elkan, Narayanaswamy 2014, "Thresholding classifiers to maximize F1 score", theorem 1). It uses
/// the probabilities alone, so it stays steady where a topic has few articles.
pub fn best_f1_threshold(probabilities: &[f64]) -> f64 {
    best_weighted_f1_threshold(probabilities.iter().map(|&p| (p, 1.0)).collect())
}

/// The same where documents count by a weight, the second of each pair: as many as they stand for.
pub fn best_weighted_f1_threshold(mut weighted: Vec<(f64, f64)>) -> f64 {
    weighted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let all: f64 = weighted.iter().map(|(p, weight)| p * weight).sum();
    let (mut expected_hits, mut given) = (0.0, 0.0);
    let mut best: f64 = 0.0;
    for (p, weight) in weighted {
        expected_hits += p * weight;
        given += weight;
        best = best.max(2.0 * expected_hits / (given + all));
    }
    if best > 0.0 { best / 2.0 } else { EVEN_ODDS }
}

/// The least confidence such that articles at or above it are right at least at the rate `target`.
///
/// `outcomes` are confidences with whether the labels were right, from predictions out of fold. Above 1 where
/// no confidence reaches the target: then everything is for review.
pub fn review_limit(outcomes: &[(f64, bool)], target: f64) -> f64 {
    from_the_top(outcomes)
        .filter(|&(_, right, n)| right as f64 >= target * n as f64)
        .last()
        .map_or(f64::from(1.0f32.next_up()), |(confidence, ..)| confidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_probabilities_go_by_label_order() {
        let rule = |task, thresholds: Vec<f64>| {
            let limits = ConformalLimits::none(0.95, 3);
            DecisionRule { task, thresholds, accept_from: 0.0, limits }
        };
        let one = rule(Task::OneLabel, vec![]);
        assert_eq!(one.decide(vec![0.4, 0.4, 0.2]).labels, [LabelId(0)]);
        let any = rule(Task::AnyLabels, vec![0.3; 3]);
        let labels = any.decide(vec![0.5, 0.6, 0.5]).labels;
        assert_eq!(labels, [LabelId(1), LabelId(0), LabelId(2)]);
    }

    #[test]
    fn the_threshold_is_half_the_expected_f1() {
        // Certain probabilities: expected F1 is 1.
        assert_eq!(best_f1_threshold(&[1.0, 1.0, 0.0]), 0.5);
        // p = 0.2 everywhere: giving all has expected F1 2·0.2n/(n + 0.2n) = 1/3.
        assert!((best_f1_threshold(&[0.2; 50]) - 1.0 / 6.0).abs() < 1e-12);
        assert_eq!(best_f1_threshold(&[]), 0.5);
        // A weight of 2 is two documents.
        let twice = best_weighted_f1_threshold(vec![(0.3, 1.0), (0.8, 2.0)]);
        assert_eq!(twice, best_f1_threshold(&[0.8, 0.3, 0.8]));
    }

    #[test]
    fn precision_is_reached_by_enough_cases_and_as_low_as_it_goes() {
        // Nine right at 0.9, a wrong and a right one at 0.8, a wrong one at 0.7.
        let mut cases = vec![(0.9, true); 9];
        cases.extend([(0.8, false), (0.8, true), (0.7, false)]);
        // 10/11 stands for (10 + 1)/13 = 0.846; 10/12 for 11/14 = 0.786.
        assert_eq!(fit_threshold(Target::Precision(0.84), &cases), (0.8, true));
        assert_eq!(fit_threshold(Target::Precision(0.9), &cases), (0.9, true));
        assert_eq!(fit_threshold(Target::Precision(0.78), &cases), (0.7, true));
        // Out of reach: nine in a row stand for 10/11.
        assert_eq!(fit_threshold(Target::Precision(0.95), &cases), (0.9, false));
        // Of the next case much may be expected, but none was right.
        assert_eq!(fit_threshold(Target::Precision(0.1), &[(0.9, false)]), (0.5, false));
        assert_eq!(fit_threshold(Target::Precision(0.9), &[]), (0.5, false));
    }

    #[test]
    fn recall_is_reached_as_high_as_it_goes() {
        let mut cases: Vec<(f64, bool)> = (1..=9).map(|i| (f64::from(i) / 10.0, true)).collect();
        cases.extend([(0.95, false), (0.05, false)]);
        // ⌈10 · 0.8⌉ = 8: the eighth largest.
        assert_eq!(fit_threshold(Target::Recall(0.8), &cases), (0.2, true));
        assert_eq!(fit_threshold(Target::Recall(0.9), &cases), (0.1, true));
        // Nine cases cannot promise more than 9/10.
        assert_eq!(fit_threshold(Target::Recall(0.91), &cases), (0.1, false));
        assert_eq!(fit_threshold(Target::Recall(0.5), &[(0.3, false)]), (0.5, false));
    }

    #[test]
    fn review_starts_where_accuracy_falls_short() {
        let outcomes = [(0.9, true), (0.8, true), (0.7, false), (0.6, true)];
        assert_eq!(review_limit(&outcomes, 1.0), 0.8);
        assert_eq!(review_limit(&outcomes, 0.75), 0.6);
        assert!(review_limit(&[(0.9, false)], 0.9) > 1.0);
    }
}
