//! From probabilities to labels: thresholds by topic, and the confidence below which a person should look.

use serde::{Deserialize, Serialize};

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
}

impl DecisionRule {
    /// Gives labels to a document.
    ///
    /// ```
    /// use rubrique::model::{Decision, DecisionRule, Task};
    /// let rule = DecisionRule { task: Task::AnyLabels, thresholds: vec![0.4, 0.5], accept_from: 0.7 };
    /// let prediction = rule.decide(vec![0.95, 0.02]);
    /// assert_eq!(prediction.labels.len(), 1);
    /// assert_eq!(prediction.decision, Decision::Accept);
    /// ```
    pub fn decide(&self, probabilities: Vec<f64>) -> Prediction {
        let mut labels: Vec<LabelId> = match self.task {
            Task::OneLabel => vec![LabelId(super::arg_max(&probabilities) as u32)],
            Task::AnyLabels => (0..probabilities.len())
                .filter(|&c| probabilities[c] >= self.thresholds[c])
                .map(|c| LabelId(c as u32))
                .collect(),
        };
        labels.sort_by(|a, b| {
            probabilities[b.index()].total_cmp(&probabilities[a.index()]).then(a.cmp(b))
        });
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
        Prediction { probabilities, labels, confidence, decision }
    }
}

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
    // Of a topic without articles nothing is expected; it is given from even odds on.
    if best > 0.0 { best / 2.0 } else { 0.5 }
}

/// The least confidence such that articles at or above it are right at least at the rate `target`.
///
/// `outcomes` are confidences with whether the labels were right, from predictions out of fold. Above 1 where
/// no confidence reaches the target: then everything is for review.
pub fn review_limit(outcomes: &[(f64, bool)], target: f64) -> f64 {
    let mut sorted = outcomes.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut right = 0usize;
    let mut limit = f64::from(1.0f32.next_up());
    for (i, (confidence, is_right)) in sorted.iter().enumerate() {
        right += usize::from(*is_right);
        let last_of_equals = sorted.get(i + 1).is_none_or(|next| next.0 < *confidence);
        if last_of_equals && right as f64 >= target * (i + 1) as f64 {
            limit = *confidence;
        }
    }
    limit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_probabilities_go_by_label_order() {
        let rule = DecisionRule { task: Task::OneLabel, thresholds: vec![], accept_from: 0.0 };
        assert_eq!(rule.decide(vec![0.4, 0.4, 0.2]).labels, [LabelId(0)]);
        let rule =
            DecisionRule { task: Task::AnyLabels, thresholds: vec![0.3; 3], accept_from: 0.0 };
        let labels = rule.decide(vec![0.5, 0.6, 0.5]).labels;
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
    fn review_starts_where_accuracy_falls_short() {
        let outcomes = [(0.9, true), (0.8, true), (0.7, false), (0.6, true)];
        assert_eq!(review_limit(&outcomes, 1.0), 0.8);
        assert_eq!(review_limit(&outcomes, 0.75), 0.6);
        assert!(review_limit(&[(0.9, false)], 0.9) > 1.0);
    }
}
