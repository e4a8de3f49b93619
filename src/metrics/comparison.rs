//! Two models on the same articles: whether one is better, or only luckier.

use serde::Serialize;

use super::bootstrap::{Interval, bootstrap_counts};
use super::scores::{Outcome, Scores};

/// Who was right on how many articles, with the exact test of McNemar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct McNemar {
    /// Articles that both models labelled exactly right.
    pub both_right: u64,
    /// Articles that only the first did.
    pub only_first_right: u64,
    /// Articles that only the second did.
    pub only_second_right: u64,
    /// Articles that neither did.
    pub both_wrong: u64,
    /// Probability of a division of the articles on which they differ that is as uneven as this, or more so, between equally good models:
    /// the two-sided exact binomial test (McNemar 1947; Fay 2010, "Two-sided exact tests and matching confidence intervals for
    /// discrete data"). `None` where they never differ.
    pub p_value: Option<f64>,
}

impl McNemar {
    /// Counts articles by whether the first and the second model were right.
    ///
    /// ```
    /// use rubrique::metrics::McNemar;
    /// // Of six articles on which they differ, the first is right on one: 2 · (1 + 6) / 2⁶.
    /// let articles = [true, false, false, false, false, false].map(|first| (first, !first));
    /// assert!((McNemar::new(articles).p_value.unwrap() - 0.21875).abs() < 1e-12);
    /// ```
    pub fn new(articles: impl IntoIterator<Item = (bool, bool)>) -> Self {
        let mut counts = Self::default();
        for (first, second) in articles {
            *match (first, second) {
                (true, true) => &mut counts.both_right,
                (true, false) => &mut counts.only_first_right,
                (false, true) => &mut counts.only_second_right,
                (false, false) => &mut counts.both_wrong,
            } += 1;
        }
        let different = counts.only_first_right + counts.only_second_right;
        let fewer = counts.only_first_right.min(counts.only_second_right);
        counts.p_value = (different > 0).then(|| (2.0 * tail(different, fewer)).min(1.0));
        counts
    }
}

/// P(X ≤ k) for X binomial over n tosses of a fair coin, k ≤ n / 2, in logarithms so that nothing overflows.
fn tail(n: u64, k: u64) -> f64 {
    let mut log_term = -(n as f64) * std::f64::consts::LN_2;
    let mut sum = log_term.exp();
    for i in 1..=k {
        log_term += ((n - i + 1) as f64).ln() - (i as f64).ln();
        sum += log_term.exp();
    }
    sum
}

/// One score of two models and how far apart they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Difference {
    /// The first model's score.
    pub first: Option<f64>,
    /// The second's.
    pub second: Option<f64>,
    /// The second's less the first's; `None` where one of them is undefined.
    pub difference: Option<f64>,
    /// Lower 95 % bound of the difference.
    pub low: Option<f64>,
    /// Upper 95 % bound.
    pub high: Option<f64>,
}

/// Two models on the same articles.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Who was right where.
    pub mcnemar: McNemar,
    /// Share of articles with exactly the right labels.
    pub accuracy: Difference,
    /// F1 over all decisions.
    pub micro_f1: Difference,
    /// Mean F1 of the labels.
    pub macro_f1: Difference,
    /// F1 by label.
    pub f1: Vec<Difference>,
}

impl Comparison {
    /// Compares what two models made of the same articles, in the same order, over `labels` labels. Bounds of the differences are those
    /// of the paired bootstrap (Efron and Tibshirani 1993, chapter 16; Koehn 2004, "Statistical significance tests for machine translation
    /// evaluation"): both models are scored on the same draws of articles.
    pub fn new(
        first: &[Outcome],
        second: &[Outcome],
        labels: usize,
        draws: usize,
        seed: u64,
    ) -> Self {
        let pairs: Vec<(&Outcome, &Outcome)> = first.iter().zip(second).collect();
        let mcnemar = McNemar::new(pairs.iter().map(|(a, b)| (a.is_exact(), b.is_exact())));
        let scores = |outcomes: &mut dyn Iterator<Item = (&Outcome, u64)>| {
            let scores = Scores::counted(outcomes, labels);
            let mut values = vec![scores.accuracy(), scores.micro_f1(), scores.macro_f1()];
            values.extend(scores.topics.iter().map(|topic| topic.f1()));
            values
        };
        let subtract = |a: Option<f64>, b: Option<f64>| Some(b? - a?);
        let intervals = bootstrap_counts(&pairs, draws, seed, |sample| {
            let a = scores(&mut sample.iter().map(|((a, _), times)| (*a, *times)));
            let b = scores(&mut sample.iter().map(|((_, b), times)| (*b, *times)));
            a.into_iter().zip(b).map(|(a, b)| subtract(a, b)).collect()
        });
        let a = scores(&mut first.iter().map(|outcome| (outcome, 1)));
        let b = scores(&mut second.iter().map(|outcome| (outcome, 1)));
        let difference = |i: usize| {
            let interval: Option<Interval> = intervals.get(i).copied().flatten();
            Difference {
                first: a[i],
                second: b[i],
                difference: subtract(a[i], b[i]),
                low: interval.map(|b| b.low),
                high: interval.map(|b| b.high),
            }
        };
        Self {
            mcnemar,
            accuracy: difference(0),
            micro_f1: difference(1),
            macro_f1: difference(2),
            f1: (0..labels).map(|label| difference(3 + label)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: scipy 1.17, `binomtest(k, n, 0.5).pvalue`.
    #[test]
    fn the_exact_test_agrees_with_scipy() {
        let p = |first: usize, second: usize| {
            let right = std::iter::repeat_n((true, false), first);
            McNemar::new(right.chain(std::iter::repeat_n((false, true), second))).p_value
        };
        assert!((p(10, 25).unwrap() - 0.016_673_847_800_120_715).abs() < 1e-12);
        assert!((p(40, 31).unwrap() - 0.342_470_998_419_867_94).abs() < 1e-10);
        assert_eq!(p(5, 5), Some(1.0));
        assert_eq!(p(0, 0), None);
        // Far beyond where powers of two can be written.
        assert!(p(3000, 3000).unwrap() > 0.99);
        assert!(p(0, 5000).unwrap() < 1e-300);
    }

    #[test]
    fn a_model_does_not_differ_from_itself_and_a_better_one_does() {
        let outcome =
            |right: bool| Outcome { truth: vec![0], predicted: vec![1 - usize::from(right)] };
        let first: Vec<Outcome> = (0..200).map(|i| outcome(i % 4 != 0)).collect();
        let second: Vec<Outcome> = (0..200).map(|i| outcome(i % 20 != 0)).collect();
        let same = Comparison::new(&first, &first, 2, 200, 1);
        assert_eq!((same.accuracy.difference, same.accuracy.low), (Some(0.0), Some(0.0)));
        assert_eq!(same.mcnemar.p_value, None);
        let better = Comparison::new(&first, &second, 2, 1000, 1);
        assert!((better.accuracy.difference.unwrap() - 0.2).abs() < 1e-12);
        assert!(better.accuracy.low.unwrap() > 0.14 && better.accuracy.high.unwrap() < 0.27);
        assert!(better.mcnemar.p_value.unwrap() < 1e-6);
        // The second label is never true: its precision is 0 for both, and its F1 too.
        assert_eq!(better.f1[1].difference, Some(0.0));
    }
}
