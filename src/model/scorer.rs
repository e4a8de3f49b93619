//! Any fitted model, seen as what scores a document.

use serde::{Deserialize, Serialize};

use super::combination::Combination;
use super::gaussian::GaussianModel;
use super::naive_bayes::{SparseNaiveBayes, TermWeights};
use super::one_vs_rest::OneVsRest;
use crate::features::Row;

/// What the training labels ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Exactly one label a document.
    OneLabel,
    /// Any number of topics a document, none included.
    AnyLabels,
}

/// A fitted model of any kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Scorer {
    /// Classes that exclude each other.
    Classes(SparseNaiveBayes),
    /// The same, over several views.
    Combined(Combination),
    /// Topics, each against the rest.
    Topics(OneVsRest),
    /// Dense Gaussian model, of either task.
    Gaussian(GaussianModel),
}

impl Scorer {
    /// Number of classes or topics.
    pub fn classes(&self) -> usize {
        self.term_weights().map_or_else(
            || if let Self::Gaussian(model) = self { model.classes() } else { 0 },
            TermWeights::classes,
        )
    }

    /// The table of weights of a model on counts.
    pub fn term_weights(&self) -> Option<&TermWeights> {
        match self {
            Self::Classes(model) => Some(model.weights()),
            Self::Combined(model) => Some(model.weights()),
            Self::Topics(model) => Some(model.weights()),
            Self::Gaussian(_) => None,
        }
    }

    /// Rounds its weights as [`TermWeights::round`] does.
    pub fn round(&mut self) {
        match self {
            Self::Classes(model) => model.weights.round(),
            Self::Combined(model) => model.weights.round(),
            Self::Topics(model) => model.weights.round(),
            Self::Gaussian(_) => {}
        }
    }

    /// Log priors by class, or log prior odds by topic. The Gaussian scores hold them already.
    pub fn log_prior(&self) -> Vec<f64> {
        match self {
            Self::Classes(model) => model.class_log_prior().to_vec(),
            Self::Combined(model) => model.class_log_prior().to_vec(),
            Self::Topics(model) => model.log_prior_odds().to_vec(),
            Self::Gaussian(model) => vec![0.0; model.classes()],
        }
    }

    /// The scores of one document without priors, written over `out`.
    #[inline]
    pub fn score(&self, row: Row<'_>, out: &mut [f64]) {
        match self {
            Self::Classes(model) => model.weights().score(row, out),
            Self::Combined(model) => model.weights().score(row, out),
            Self::Topics(model) => model.weights().score(row, out),
            Self::Gaussian(model) => model.score(row, out),
        }
    }
}
