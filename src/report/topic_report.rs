//! The scores of one label.

use serde::Serialize;

use super::case::Case;
use crate::metrics::{
    Interval, PrecisionRecallPoint, TopicScores, average_precision, expected_calibration_error,
    precision_recall_curve,
};

/// Scores of one label; `None` where undefined.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TopicReport {
    /// Share of the articles given the label that have it.
    pub precision: Option<f64>,
    /// Share of the articles with the label that were given it.
    pub recall: Option<f64>,
    /// Their harmonic mean.
    pub f1: Option<f64>,
    /// Articles with the label.
    pub support: u64,
    /// Articles given the label.
    pub predicted: u64,
    /// Least probability at which it is given.
    pub threshold: f64,
    /// Expected calibration error of its probability.
    pub ece: Option<f64>,
    /// Average precision: what its probability is worth at every threshold together.
    pub average_precision: Option<f64>,
    /// Lower 95 % bootstrap bounds.
    pub low: TopicBounds,
    /// Upper 95 % bootstrap bounds.
    pub high: TopicBounds,
    /// Precision and recall at every threshold; articles that were not classified count as probability 0.
    #[serde(skip)]
    pub curve: Vec<PrecisionRecallPoint>,
}

/// Bounds of one label's scores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct TopicBounds {
    /// Of the precision.
    pub precision: Option<f64>,
    /// Of the recall.
    pub recall: Option<f64>,
    /// Of the F1.
    pub f1: Option<f64>,
}

/// Low and high bounds together.
pub type Bounds = (TopicBounds, TopicBounds);

impl TopicBounds {
    /// One end of the intervals of precision, recall and F1.
    pub(super) fn ends(intervals: &[Option<Interval>], end: impl Fn(&Interval) -> f64) -> Self {
        let at = |i: usize| intervals[i].as_ref().map(&end);
        Self { precision: at(0), recall: at(1), f1: at(2) }
    }
}

impl TopicReport {
    pub(super) fn new(
        cases: &[Case],
        label: usize,
        scores: &TopicScores,
        threshold: f64,
        bounds: Bounds,
    ) -> Self {
        let unjudged = cases.iter().filter(|c| c.probabilities.is_empty());
        let mut decisions = Self::decisions(cases, label);
        let ece = expected_calibration_error(&decisions);
        decisions.extend(unjudged.map(|case| (0.0, case.has(label))));
        let curve = precision_recall_curve(&decisions);
        Self {
            precision: scores.precision(),
            recall: scores.recall(),
            f1: scores.f1(),
            support: scores.support(),
            predicted: scores.true_positives + scores.false_positives,
            threshold,
            ece,
            average_precision: average_precision(&curve),
            low: bounds.0,
            high: bounds.1,
            curve,
        }
    }

    /// The label's probability and truth for every article that was classified.
    pub(super) fn decisions(cases: &[Case], label: usize) -> Vec<(f64, bool)> {
        let judged = cases.iter().filter(|c| !c.probabilities.is_empty());
        judged.map(|case| (case.probabilities[label], case.has(label))).collect()
    }
}
