//! The scores of some articles with their intervals.

use serde::Serialize;

use crate::metrics::{Interval, Outcome, Scores, bootstrap_counts};

/// Draws of every bootstrap in a report.
pub(super) const DRAWS: usize = 1000;

/// Scores over all labels; `None` where undefined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Accuracy {
    /// Share of articles with exactly the right labels.
    pub accuracy: Option<f64>,
    /// F1 over all decisions.
    pub micro_f1: Option<f64>,
    /// Mean F1 of the labels.
    pub macro_f1: Option<f64>,
}

/// Scores of some articles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct ScoreSummary {
    /// Articles.
    pub articles: usize,
    /// The scores.
    #[serde(flatten)]
    pub scores: Accuracy,
    /// Lower 95 % bootstrap bounds.
    pub low: Accuracy,
    /// Upper 95 % bootstrap bounds.
    pub high: Accuracy,
}

impl ScoreSummary {
    /// Scores outcomes over `labels` labels.
    pub(super) fn new(outcomes: &[Outcome], labels: usize, seed: u64) -> Self {
        let all = |scores: &Scores| vec![scores.accuracy(), scores.micro_f1(), scores.macro_f1()];
        let intervals = bootstrap_counts(outcomes, DRAWS, seed, |sample| {
            all(&Scores::counted(sample.iter().map(|(o, times)| (*o, *times)), labels))
        });
        let scores = all(&Scores::new(outcomes.iter(), labels));
        Self {
            articles: outcomes.len(),
            scores: Accuracy::of(|i| scores[i]),
            low: Accuracy::ends(&intervals, |b| b.low),
            high: Accuracy::ends(&intervals, |b| b.high),
        }
    }
}

impl Accuracy {
    /// From accuracy, micro and macro F1 by number.
    pub(super) fn of(at: impl Fn(usize) -> Option<f64>) -> Self {
        Self { accuracy: at(0), micro_f1: at(1), macro_f1: at(2) }
    }

    /// One end of intervals in the same order.
    pub(super) fn ends(intervals: &[Option<Interval>], end: impl Fn(&Interval) -> f64) -> Self {
        Self::of(|i| intervals.get(i).copied().flatten().map(|b| end(&b)))
    }
}
