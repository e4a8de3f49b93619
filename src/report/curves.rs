//! What changes with the number of training articles, and which labels meet.

use serde::Serialize;

use super::score_summary::ScoreSummary;
use crate::metrics::Outcome;
use crate::pipeline::{LearningStep, ModelFacts};

/// Scores of models trained on a part of each fold's training articles.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LearningPoint {
    /// Which part.
    pub share: f64,
    /// Training articles, mean over the folds.
    pub training_articles: f64,
    /// Scores of all articles; `None` where no model could be trained on so few.
    pub summary: Option<ScoreSummary>,
    /// Why no model could be trained.
    pub problem: Option<String>,
}

impl LearningPoint {
    /// The steps, and all training articles last; `outcomes` are those of all.
    pub(super) fn all(
        steps: &[LearningStep],
        models: &[ModelFacts],
        outcomes: &[Outcome],
        labels: usize,
        seed: u64,
    ) -> Vec<Self> {
        if steps.is_empty() {
            return Vec::new();
        }
        let point = |step: &LearningStep| {
            let scored = step.predicted.as_ref().map(|predicted| {
                let outcome = |(all, predicted): (&Outcome, &Vec<usize>)| Outcome {
                    truth: all.truth.clone(),
                    predicted: predicted.clone(),
                };
                let outcomes: Vec<Outcome> = outcomes.iter().zip(predicted).map(outcome).collect();
                ScoreSummary::new(&outcomes, labels, seed)
            });
            Self {
                share: step.share,
                training_articles: step.articles,
                problem: scored.as_ref().err().map(|problem| (*problem).clone()),
                summary: scored.ok(),
            }
        };
        let sum: u64 = models.iter().map(|model| model.articles).sum();
        let whole = Self {
            share: 1.0,
            training_articles: sum as f64 / models.len().max(1) as f64,
            summary: Some(ScoreSummary::new(outcomes, labels, seed)),
            problem: None,
        };
        steps.iter().map(point).chain([whole]).collect()
    }
}

/// In how many articles two labels meet, by pairs of label numbers, the first less than the second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CoOccurrence {
    /// Pairs of labels that meet in the truth or among the labels given, in order: both numbers, articles that truly have both, articles
    /// that were given both.
    pub pairs: Vec<(usize, usize, u64, u64)>,
}

impl CoOccurrence {
    pub(super) fn new(outcomes: &[Outcome], labels: usize) -> Self {
        let mut counts = std::collections::BTreeMap::<(usize, usize), (u64, u64)>::new();
        let mut add = |list: &[usize], is_truth: bool| {
            let known: Vec<usize> = list.iter().copied().filter(|l| *l < labels).collect();
            for (i, &first) in known.iter().enumerate() {
                for &second in &known[i + 1..] {
                    let pair = counts.entry((first.min(second), first.max(second))).or_default();
                    *(if is_truth { &mut pair.0 } else { &mut pair.1 }) += 1;
                }
            }
        };
        for outcome in outcomes {
            add(&outcome.truth, true);
            add(&outcome.predicted, false);
        }
        Self { pairs: counts.into_iter().map(|((a, b), (t, g))| (a, b, t, g)).collect() }
    }
}

/// At most `most` points of a curve, evenly spread, the first and the last among them.
pub(super) fn thinned<P: Clone>(curve: &[P], most: usize) -> Vec<P> {
    if curve.len() <= most {
        return curve.to_vec();
    }
    let at = |i: usize| i * (curve.len() - 1) / (most - 1);
    (0..most).map(|i| curve[at(i)].clone()).collect()
}
