//! Several topics an article, or none: for each topic a two-class Naive Bayes against all other articles, over
//! the same counts.

use super::class_counts::ClassCounts;
use super::naive_bayes::{NaiveBayesValidParams, Priors, TermWeights};
use super::scorer::Task;
use super::term_fit::TermFit;
use crate::error::{Error, Result};

/// One log-odds score a topic: `ln P(d | topic) − ln P(d | not topic)`.
///
/// With *reliability* on, each term's log-ratio is multiplied by `|ln OR| / se(ln OR)`, where OR is the odds
/// ratio of the term's document frequencies inside and outside the topic with 0.5 added to each cell
/// (Haldane 1956; Agresti, *Categorical Data Analysis*, section 3.1.1): chance differences of rare terms fade, steady
/// ones count more. Scores are then no longer likelihood ratios, and need the output layer.
#[derive(Clone, Debug, PartialEq)]
pub struct OneVsRest {
    pub(super) log_prior_odds: Vec<f64>,
    pub(super) weights: TermWeights,
}

impl NaiveBayesValidParams {
    /// Fits one topic against the rest, for every topic.
    pub fn fit_one_vs_rest(&self, counts: &ClassCounts) -> Result<OneVsRest> {
        if counts.documents() == 0 {
            return Err(Error::data("there is nothing to learn from", "labelled articles"));
        }
        let log_prior_odds = self.log_prior_odds(counts)?;
        let weights = TermFit::new(self, Task::AnyLabels, counts.totals())?.all_weights(counts);
        Ok(OneVsRest { log_prior_odds, weights })
    }

    fn log_prior_odds(&self, counts: &ClassCounts) -> Result<Vec<f64>> {
        match &self.priors {
            Priors::Learned => Ok(learned_prior_odds(counts)),
            Priors::Uniform => Ok(vec![0.0; counts.classes()]),
            Priors::Given(priors) if priors.len() == counts.classes() => {
                Ok(priors.iter().map(|p| (p / (1.0 - p)).ln()).collect())
            }
            Priors::Given(priors) => Err(Error::data(
                format!("{} priors were given for {} topics", priors.len(), counts.classes()),
                "one prior a topic, in label order",
            )),
        }
    }
}

/// A topic of no article, or of all, counts as half an article off, so that it stays possible.
pub(super) fn learned_prior_odds(counts: &ClassCounts) -> Vec<f64> {
    let n = counts.documents() as f64;
    (0..counts.classes())
        .map(|c| {
            let inside = (counts.class_documents(c) as f64).clamp(0.5, n - 0.5);
            (inside / (n - inside)).ln()
        })
        .collect()
}

/// `|ln OR| / se` of a term in `inside` of `size` documents of a topic and in `outside` of the `rest`.
pub(super) fn z_of_cells(inside: u64, size: u64, outside: u64, rest: u64) -> f64 {
    let (a, b) = (inside as f64 + 0.5, (size - inside) as f64 + 0.5);
    let (c, d) = (outside as f64 + 0.5, (rest - outside) as f64 + 0.5);
    let log_odds_ratio = (a * d / (b * c)).ln();
    log_odds_ratio.abs() / (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt()
}

impl OneVsRest {
    /// A model of weights that were found otherwise, laid out term by term; `None` where their number does not fit the
    /// counts or one of them is no number.
    pub fn from_weights(counts: &ClassCounts, weights: Vec<f64>) -> Option<Self> {
        let log_prior_odds = learned_prior_odds(counts);
        let weights = TermWeights::from_weights(weights, counts.terms(), counts.classes())?;
        Some(Self { log_prior_odds, weights })
    }

    /// Weights by term and topic.
    pub fn weights(&self) -> &TermWeights {
        &self.weights
    }

    /// `ln P(topic) − ln P(not topic)` by topic.
    pub fn log_prior_odds(&self) -> &[f64] {
        &self.log_prior_odds
    }
}
