//! Multinomial, complement and Bernoulli Naive Bayes, fitted from [`ClassCounts`].
//!
//! All three score a document by a sum of one weight for each of its terms, so a fitted model is a table
//! of weights ([`TermWeights`]) whatever its kind.

use serde::{Deserialize, Serialize};

use super::class_counts::ClassCounts;
use super::scorer::Task;
use super::term_fit::TermFit;
use crate::error::{Error, Result};
use crate::features::Row;
use crate::ids::{LabelId, TermId};

/// The event model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Term occurrences drawn from one multinomial a class (McCallum and Nigam 1998, "A comparison of event
    /// models for naive Bayes text classification", eq. 5-6).
    #[default]
    Multinomial,
    /// Multinomial estimated from all *other* classes (Rennie et al. 2003, "Tackling the poor assumptions of
    /// naive Bayes text classifiers", eq. 6), without weight normalization or TF-IDF.
    Complement,
    /// Presence and absence of every term (McCallum and Nigam 1998, eq. 2-3).
    Bernoulli,
}

impl Kind {
    /// How often a term that occurs `count` times in a document enters its score.
    #[inline]
    pub(super) fn multiplicity(self, count: u32) -> f64 {
        multiplicity(self == Self::Bernoulli, count)
    }
}

#[inline]
fn multiplicity(presence: bool, count: u32) -> f64 {
    if presence { 1.0 } else { f64::from(count) }
}

/// Class priors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priors {
    /// Shares of the training documents; a class without any counts as half a document, so that it
    /// stays possible.
    #[default]
    Learned,
    /// Every class alike.
    Uniform,
    /// One probability a class, in label order; for several topics, each topic's own probability.
    Given(Vec<f64>),
}

impl Priors {
    /// Checks that there is one probability a class, where they are given.
    pub fn check(&self, classes: usize) -> Result<()> {
        let Self::Given(priors) = self else { return Ok(()) };
        if priors.iter().any(|p| !(*p > 0.0 && *p < 1.0)) {
            return Err(Error::setting("priors", format!("{priors:?}"), "between 0 and 1 each"));
        }
        if priors.len() != classes {
            return Err(Error::data(
                format!("{} priors were given for {classes} labels", priors.len()),
                "one prior a label, in label order",
            ));
        }
        Ok(())
    }

    /// The share of each class; `None` where it is that of the training documents.
    pub fn shares(&self, task: Task, classes: usize) -> Option<Vec<f64>> {
        match (self, task) {
            (Self::Learned, _) => None,
            (Self::Uniform, Task::OneLabel) => Some(vec![1.0 / classes as f64; classes]),
            (Self::Uniform, Task::AnyLabels) => Some(vec![0.5; classes]),
            (Self::Given(priors), Task::AnyLabels) => Some(priors.clone()),
            (Self::Given(priors), Task::OneLabel) => {
                let sum: f64 = priors.iter().sum();
                Some(priors.iter().map(|p| p / sum).collect())
            }
        }
    }
}

/// Unchecked parameters of [`SparseNaiveBayes`]; [`linfa::ParamGuard::check`] makes them valid.
///
/// ```
/// use linfa::ParamGuard;
/// use rubrique::model::{Kind, NaiveBayesParams};
/// assert!(NaiveBayesParams::new(Kind::Multinomial).alpha(0.1).check().is_ok());
/// assert!(NaiveBayesParams::new(Kind::Multinomial).alpha(0.0).check().is_err());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct NaiveBayesParams(pub(super) NaiveBayesValidParams);

/// Checked parameters of [`SparseNaiveBayes`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NaiveBayesValidParams {
    pub(super) kind: Kind,
    pub(super) alpha: f64,
    pub(super) priors: Priors,
    pub(super) reliability: bool,
}

impl NaiveBayesParams {
    /// A model of this kind, with `alpha` 1 and learned priors.
    pub fn new(kind: Kind) -> Self {
        let priors = Priors::default();
        Self(NaiveBayesValidParams { kind, alpha: 1.0, priors, reliability: false })
    }

    /// Additive (Lidstone) smoothing: what is added to every count; above 0.
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.0.alpha = alpha;
        self
    }

    /// Class priors.
    pub fn priors(mut self, priors: Priors) -> Self {
        self.0.priors = priors;
        self
    }

    /// One-vs-rest only: whether each weight is multiplied by the z value of its term's association with
    /// the topic (see [`OneVsRest`](super::OneVsRest)).
    pub fn reliability(mut self, reliability: bool) -> Self {
        self.0.reliability = reliability;
        self
    }
}

impl NaiveBayesValidParams {
    pub(super) fn check(&self) -> Result<()> {
        if !(self.alpha > 0.0 && self.alpha.is_finite()) {
            return Err(Error::setting("alpha", self.alpha, "a number above 0"));
        }
        if let Priors::Given(priors) = &self.priors
            && priors.iter().any(|p| !(*p > 0.0 && *p < 1.0))
        {
            return Err(Error::setting("priors", format!("{priors:?}"), "between 0 and 1 each"));
        }
        Ok(())
    }

    /// Fits a model of classes that exclude each other.
    pub fn fit_counts(&self, counts: &ClassCounts) -> Result<SparseNaiveBayes> {
        let classes = counts.classes();
        if classes == 0 || counts.documents() == 0 {
            return Err(Error::data("there is nothing to learn from", "labelled articles"));
        }
        let class_log_prior = self.class_log_prior(counts)?;
        let weights = TermFit::new(self, Task::OneLabel, counts.totals())?.all_weights(counts);
        let labels = (0..classes as u32).map(LabelId).collect();
        Ok(SparseNaiveBayes { kind: self.kind, labels, class_log_prior, weights })
    }

    fn class_log_prior(&self, counts: &ClassCounts) -> Result<Vec<f64>> {
        let classes = counts.classes();
        // Rennie et al. leave the prior out; so does scikit-learn's ComplementNB.
        if self.kind == Kind::Complement && classes > 1 && self.priors == Priors::Learned {
            return Ok(vec![0.0; classes]);
        }
        match &self.priors {
            Priors::Learned => Ok((0..classes)
                .map(|c| {
                    let documents = (counts.class_documents(c) as f64).max(0.5);
                    (documents / counts.documents() as f64).ln()
                })
                .collect()),
            Priors::Uniform => Ok(vec![-(classes as f64).ln(); classes]),
            Priors::Given(priors) if priors.len() == classes => {
                let sum: f64 = priors.iter().sum();
                Ok(priors.iter().map(|p| (p / sum).ln()).collect())
            }
            Priors::Given(priors) => Err(Error::data(
                format!("{} priors were given for {classes} classes", priors.len()),
                "one prior a label, in label order",
            )),
        }
    }
}

/// One weight for each term and class, and one constant for each class. A document's score is the constant
/// plus, for each of its terms, count times weight (Bernoulli: the weight once).
#[derive(Clone, Debug, PartialEq)]
pub struct TermWeights {
    classes: usize,
    pub(super) constant: Vec<f64>,
    /// Term by term: the weights of all classes side by side.
    pub(super) weights: Vec<f64>,
    pub(super) presence: bool,
}

impl TermWeights {
    pub(super) fn new(terms: usize, classes: usize) -> Self {
        Self {
            classes,
            constant: vec![0.0; classes],
            weights: vec![0.0; terms * classes],
            presence: false,
        }
    }

    pub(super) fn fill(&mut self, weight: impl Fn(usize, usize) -> f64) {
        for (t, of_term) in self.weights.chunks_exact_mut(self.classes).enumerate() {
            for (c, w) in of_term.iter_mut().enumerate() {
                *w = weight(t, c);
            }
        }
    }

    /// Adds `factor` times a table over the terms `columns`.
    pub(super) fn add(&mut self, factor: f64, part: &Self, columns: &[TermId]) {
        self.presence = part.presence;
        for (sum, constant) in self.constant.iter_mut().zip(&part.constant) {
            *sum += factor * constant;
        }
        for (t, column) in columns.iter().enumerate() {
            let start = column.index() * self.classes;
            for (sum, weight) in self.weights[start..].iter_mut().zip(part.of_term(t)) {
                *sum += factor * weight;
            }
        }
    }

    pub(super) fn from_weights(weights: Vec<f64>, terms: usize, classes: usize) -> Option<Self> {
        let fits = Some(weights.len()) == terms.checked_mul(classes)
            && weights.iter().all(|w| w.is_finite());
        fits.then(|| Self { weights, ..Self::new(0, classes) })
    }

    /// Whether sums of the weights are numbers, whatever the document.
    pub(crate) fn is_sound(&self) -> bool {
        self.weights.iter().chain(&self.constant).all(|&w| super::is_moderate(w))
    }

    /// The weights in single precision, term by term.
    pub fn to_single(&self) -> Vec<f32> {
        self.weights.iter().map(|&w| w as f32).collect()
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The weights of one term, by class.
    #[inline]
    pub fn of_term(&self, term: usize) -> &[f64] {
        &self.weights[term * self.classes..][..self.classes]
    }

    /// The constants by class.
    pub fn constant(&self) -> &[f64] {
        &self.constant
    }

    /// How often an occurrence count enters the sum.
    #[inline]
    pub fn multiplicity(&self, count: u32) -> f64 {
        multiplicity(self.presence, count)
    }

    /// Rounds the weights to multiples of 2⁻³⁶. Sums of them with counts are then exact below 2¹⁷, and so the same in any
    /// order: scores can be added up as words come, and equal those of a sorted row bit for bit.
    pub fn round(&mut self) {
        const UNIT: f64 = (1u64 << 36) as f64;
        for weight in &mut self.weights {
            *weight = (*weight * UNIT).round() / UNIT;
        }
    }

    /// Whether a document's scores are the sum of what its occurrences add.
    pub fn is_additive(&self) -> bool {
        !self.presence
    }

    /// Adds what occurrences of terms add, each `times` over, to the scores in `out` (length: classes).
    #[inline]
    pub fn add_occurrences(&self, terms: &[u32], times: u32, out: &mut [f64]) {
        let times = f64::from(times);
        match out {
            [_] => self.add_few::<1>(terms, times, out),
            [_, _] => self.add_few::<2>(terms, times, out),
            [_, _, _] => self.add_few::<3>(terms, times, out),
            [_, _, _, _] => self.add_few::<4>(terms, times, out),
            _ => {
                for &term in terms {
                    for (score, weight) in out.iter_mut().zip(self.of_term(term as usize)) {
                        *score += times * weight;
                    }
                }
            }
        }
    }

    /// With the number of classes known, their sums stay in registers.
    fn add_few<const N: usize>(&self, terms: &[u32], times: f64, out: &mut [f64]) {
        let weights = self.weights.as_chunks::<N>().0;
        let mut sums = [0.0; N];
        for &term in terms {
            for (sum, weight) in sums.iter_mut().zip(&weights[term as usize]) {
                *sum += weight;
            }
        }
        for (score, sum) in out.iter_mut().zip(sums) {
            *score += times * sum;
        }
    }

    /// The scores of one document, written over `out` (length: classes).
    #[inline]
    pub fn score(&self, row: Row<'_>, out: &mut [f64]) {
        out.copy_from_slice(&self.constant);
        for (term, count) in row.iter() {
            let times = self.multiplicity(count);
            for (score, weight) in out.iter_mut().zip(self.of_term(term.index())) {
                *score += times * weight;
            }
        }
    }
}

/// A fitted Naive Bayes model over classes that exclude each other.
///
/// It implements [`linfa_bayes::NaiveBayes`] and [`linfa::traits::PredictInplace`] , so it
/// stands in for linfa-bayes' dense models.
#[derive(Clone, Debug, PartialEq)]
pub struct SparseNaiveBayes {
    pub(super) kind: Kind,
    pub(super) labels: Vec<LabelId>,
    pub(super) class_log_prior: Vec<f64>,
    pub(super) weights: TermWeights,
}

impl SparseNaiveBayes {
    /// The event model.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Log prior by class.
    pub fn class_log_prior(&self) -> &[f64] {
        &self.class_log_prior
    }

    /// Weights by term and class: for the multinomial model, `ln P(term | class)`.
    pub fn weights(&self) -> &TermWeights {
        &self.weights
    }

    /// The joint log-likelihood of one document and each class, `ln P(class) + Σ count · weight`.
    pub fn joint_log_likelihood(&self, row: Row<'_>) -> Vec<f64> {
        let mut scores = vec![0.0; self.labels.len()];
        self.weights.score(row, &mut scores);
        for (score, prior) in scores.iter_mut().zip(&self.class_log_prior) {
            *score += prior;
        }
        scores
    }

    /// The posterior probability of each class, by log-sum-exp.
    pub fn predict_proba(&self, row: Row<'_>) -> Vec<f64> {
        let mut joint = self.joint_log_likelihood(row);
        let total = super::log_sum_exp(&joint);
        for score in &mut joint {
            *score = (*score - total).exp();
        }
        joint
    }
}
