//! Precision, recall, F1 and accuracy.

use serde::Serialize;

/// The labels of one article: the true ones and the predicted ones, by number, each list ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    /// What it is about.
    pub truth: Vec<usize>,
    /// What was predicted.
    pub predicted: Vec<usize>,
}

impl Outcome {
    /// Whether exactly the true labels were predicted.
    pub fn is_exact(&self) -> bool {
        self.truth == self.predicted
    }
}

/// Right and wrong of one label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TopicScores {
    /// Articles rightly given the label.
    pub true_positives: u64,
    /// Articles wrongly given it.
    pub false_positives: u64,
    /// Articles wrongly denied it.
    pub false_negatives: u64,
}

impl TopicScores {
    /// Articles that have the label.
    pub fn support(&self) -> u64 {
        self.true_positives + self.false_negatives
    }

    /// Share of the articles given the label that have it; `None` where none was given it.
    pub fn precision(&self) -> Option<f64> {
        ratio(self.true_positives, self.true_positives + self.false_positives)
    }

    /// Share of the articles with the label that were given it; `None` where none has it.
    pub fn recall(&self) -> Option<f64> {
        ratio(self.true_positives, self.support())
    }

    /// Harmonic mean of precision and recall, `2tp / (2tp + fp + fn)`; `None` where the label
    /// neither occurs nor was given.
    pub fn f1(&self) -> Option<f64> {
        let hits = 2 * self.true_positives;
        ratio(hits, hits + self.false_positives + self.false_negatives)
    }

    fn add(&mut self, in_truth: bool, in_predicted: bool, times: u64) {
        match (in_truth, in_predicted) {
            (true, true) => self.true_positives += times,
            (false, true) => self.false_positives += times,
            (true, false) => self.false_negatives += times,
            (false, false) => {}
        }
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The scores of a set of articles.
///
/// ```
/// use rubrique::metrics::{Outcome, Scores};
/// let outcomes = [
///     Outcome { truth: vec![0], predicted: vec![0] },
///     Outcome { truth: vec![1], predicted: vec![0] },
/// ];
/// let scores = Scores::new(outcomes.iter(), 2);
/// assert_eq!(scores.accuracy(), Some(0.5));
/// assert_eq!(scores.topics[0].precision(), Some(0.5));
/// assert_eq!(scores.topics[1].precision(), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scores {
    /// By label.
    pub topics: Vec<TopicScores>,
    /// Articles.
    pub articles: u64,
    /// Articles whose labels were predicted exactly.
    pub exact: u64,
}

impl Scores {
    /// Counts outcomes over `labels` labels. Numbers beyond them count for no label, but keep the article
    /// from being exact.
    pub fn new<'o>(outcomes: impl Iterator<Item = &'o Outcome>, labels: usize) -> Self {
        Self::counted(outcomes.map(|outcome| (outcome, 1)), labels)
    }

    /// The same where each outcome occurs a number of times.
    pub fn counted<'o>(outcomes: impl Iterator<Item = (&'o Outcome, u64)>, labels: usize) -> Self {
        let mut scores =
            Self { topics: vec![TopicScores::default(); labels], articles: 0, exact: 0 };
        for (outcome, times) in outcomes {
            scores.articles += times;
            scores.exact += times * u64::from(outcome.is_exact());
            let Outcome { truth, predicted } = outcome;
            for &label in truth.iter().filter(|&&label| label < labels) {
                scores.topics[label].add(true, predicted.contains(&label), times);
            }
            for &label in predicted.iter().filter(|&&l| l < labels && !truth.contains(&l)) {
                scores.topics[label].add(false, true, times);
            }
        }
        scores
    }

    /// Share of articles whose labels were predicted exactly.
    pub fn accuracy(&self) -> Option<f64> {
        ratio(self.exact, self.articles)
    }

    /// F1 of all decisions together.
    pub fn micro_f1(&self) -> Option<f64> {
        let mut all = TopicScores::default();
        for topic in &self.topics {
            all.true_positives += topic.true_positives;
            all.false_positives += topic.false_positives;
            all.false_negatives += topic.false_negatives;
        }
        all.f1()
    }

    /// Mean F1 of the labels for which it is defined.
    pub fn macro_f1(&self) -> Option<f64> {
        let defined: Vec<f64> = self.topics.iter().filter_map(TopicScores::f1).collect();
        (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: scikit-learn 1.7, `f1_score` and `precision_score` on
    /// `y_true = [0, 1, 2, 0, 1, 2]`, `y_pred = [0, 2, 1, 0, 0, 1]` (the example of its documentation): macro F1
    /// 0.2666…, micro F1 0.3333…, macro precision 0.2222….
    #[test]
    fn agrees_with_scikit_learn() {
        let pairs = [(0, 0), (1, 2), (2, 1), (0, 0), (1, 0), (2, 1)];
        let outcomes: Vec<Outcome> =
            pairs.iter().map(|&(t, p)| Outcome { truth: vec![t], predicted: vec![p] }).collect();
        let scores = Scores::new(outcomes.iter(), 3);
        assert!((scores.macro_f1().unwrap() - 0.8 / 3.0).abs() < 1e-12);
        assert!((scores.micro_f1().unwrap() - 1.0 / 3.0).abs() < 1e-12);
        let precision: f64 = scores.topics.iter().filter_map(TopicScores::precision).sum();
        assert!((precision / 3.0 - 2.0 / 9.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_undefined_is_none() {
        let nothing = TopicScores::default();
        assert_eq!((nothing.precision(), nothing.recall(), nothing.f1()), (None, None, None));
        assert_eq!(Scores::new([].iter(), 2).accuracy(), None);
        assert_eq!(Scores::new([].iter(), 2).macro_f1(), None);
    }
}
