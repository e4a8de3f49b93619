//! Several views of a document, each with a Naive Bayes of its own, joined by one weight a view.
//!
//! Words, their characters and their classes are not independent of each other, so their likelihoods must not be
//! multiplied as if they were: each view's log-likelihood is raised to a power of its own. The powers are fitted to
//! out-of-fold scores by conditional likelihood (Raina, Shen, Ng, McCallum 2003, "Classification with hybrid
//! generative/discriminative models", section 3, with one parameter a region of the document).

use super::calibration::fit_softmax;
use super::naive_bayes::{SparseNaiveBayes, TermWeights};
use crate::ids::TermId;

/// A fitted model over several views. The views' weights are folded into one weight a term and class, so that scoring
/// costs what it costs over one view.
#[derive(Clone, Debug, PartialEq)]
pub struct Combination {
    class_log_prior: Vec<f64>,
    pub(super) weights: TermWeights,
}

impl Combination {
    /// Joins models, each with its weight and the terms of its view among all `terms`.
    pub fn new<'m>(
        terms: usize,
        classes: usize,
        models: impl IntoIterator<Item = (f64, &'m SparseNaiveBayes, &'m [TermId])>,
    ) -> Self {
        let mut weights = TermWeights::new(terms, classes);
        let mut class_log_prior = vec![0.0; classes];
        for (weight, model, columns) in models {
            weights.add(weight, model.weights(), columns);
            class_log_prior = model.class_log_prior().to_vec();
        }
        Self { class_log_prior, weights }
    }

    /// Log priors by class.
    pub fn class_log_prior(&self) -> &[f64] {
        &self.class_log_prior
    }

    /// The table of weights.
    pub fn weights(&self) -> &TermWeights {
        &self.weights
    }
}

/// Weights of the views, 0 or more, adding up to 1. `scores[i]` holds the scores of document `i` divided by its length's power,
/// all classes of the first view, then those of the next; `targets[i]` is its class.
pub fn view_weights(scores: &[Vec<f64>], targets: &[usize], classes: usize) -> Vec<f64> {
    let mut weights = fit_softmax(scores, targets, classes, false).slopes;
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 {
        weights.iter_mut().for_each(|w| *w /= sum);
    } else {
        let even = 1.0 / weights.len() as f64;
        weights.fill(even);
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_of_noise_weighs_little() {
        let (mut scores, mut targets) = (Vec::new(), Vec::new());
        for i in 0..200 {
            let target = i % 2;
            // The first view is right nine times of ten, the second one half of the time.
            let right = if i % 10 < 9 { 1.0 } else { -1.0 };
            let told = if target == 0 { right } else { -right };
            let noise = if (i / 2) % 2 == 0 { 1.0 } else { -1.0 };
            scores.push(vec![told, -told, noise, -noise]);
            targets.push(target);
        }
        let weights = view_weights(&scores, &targets, 2);
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(weights[0] > 0.9, "{weights:?}");
    }
}
