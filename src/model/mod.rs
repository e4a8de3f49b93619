//! Naive Bayes on sparse counts: fitting, scores, calibrated probabilities, decisions, sets of possible labels, explanations.
//! Knows no strings, files or French.

mod calibration;
mod class_counts;
mod combination;
mod conformal;
mod decision;
mod explanation;
mod gaussian;
mod linfa;
mod logistic;
mod naive_bayes;
mod one_vs_rest;
mod prediction;
mod refined;
mod scorer;
mod term_fit;

pub use calibration::{OutputLayer, share_of};
pub use class_counts::ClassCounts;
pub(crate) use class_counts::TermCounts;
pub use combination::{Combination, view_weights};
pub use conformal::{ConformalLimits, PossibleLabels};
pub use decision::{
    DecisionRule, Target, best_f1_threshold, best_weighted_f1_threshold, fit_threshold,
    review_limit,
};
pub use explanation::{Contribution, Explanation, explain};
pub use gaussian::{GaussianModel, GaussianParams};
pub use naive_bayes::{
    Kind, NaiveBayesParams, NaiveBayesValidParams, Priors, SparseNaiveBayes, TermWeights,
};
pub use one_vs_rest::OneVsRest;
pub use prediction::{Decision, Prediction};
pub use refined::RefinedParams;
pub use scorer::{Scorer, Task};
pub(crate) use term_fit::LeftOut;

use crate::ids::LabelId;

/// Whether a parameter from a file is a number that can be squared, multiplied by others like it and added up, and is a number still.
fn is_moderate(x: f64) -> bool {
    x.abs() <= 1e50
}

/// The most probable label first; equals in label order.
fn sort_by_probability(labels: &mut [LabelId], probabilities: &[f64]) {
    labels.sort_by(|a, b| {
        probabilities[b.index()].total_cmp(&probabilities[a.index()]).then(a.cmp(b))
    });
}

/// `ln(Σ exp(x))` without overflow: the maximum is taken out first.
pub(crate) fn log_sum_exp(x: &[f64]) -> f64 {
    let max = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if max == f64::NEG_INFINITY {
        return max;
    }
    max + x.iter().map(|v| (v - max).exp()).sum::<f64>().ln()
}

/// The place of the largest value; the first one among equals.
pub(crate) fn arg_max(x: &[f64]) -> usize {
    let mut best = 0;
    for (i, v) in x.iter().enumerate() {
        if *v > x[best] {
            best = i;
        }
    }
    best
}

/// `1 / (1 + exp(-x))`, exact at both ends.
pub(crate) fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}
