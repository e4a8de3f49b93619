//! Another model on the same articles.

use std::collections::BTreeMap;

use serde::Serialize;

use super::case::Case;
use super::score_summary::DRAWS;
use crate::metrics::{Comparison, Difference, McNemar, Outcome};
use crate::pipeline::Classified;

/// Another model's labels for the articles of a report.
pub struct SecondModel<'e> {
    /// Its name for the reader.
    pub name: String,
    /// Its label names.
    pub labels: &'e [String],
    /// What it said, by article.
    pub classified: &'e [Classified],
}

/// Two models on the same articles.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelComparison {
    /// The second model.
    pub model: String,
    /// Who was right on how many articles.
    pub mcnemar: McNemar,
    /// Exactly right labels.
    pub accuracy: Difference,
    /// F1 over all decisions.
    pub micro_f1: Difference,
    /// Mean F1 of the labels.
    pub macro_f1: Difference,
    /// F1 by label, of all labels that either model knows.
    pub topics: BTreeMap<String, Difference>,
    /// By article: the labels that the second model gave.
    #[serde(skip)]
    pub given: Vec<Vec<String>>,
    /// By article: whether they were exactly right.
    #[serde(skip)]
    pub exact: Vec<bool>,
}

impl ModelComparison {
    /// Scores both models over the labels that either of them knows: a label that one does not know it can never give.
    pub(super) fn new(
        cases: &[Case],
        labels: &[String],
        second: &SecondModel<'_>,
        seed: u64,
    ) -> Self {
        let mut all = labels.to_vec();
        all.extend(second.labels.iter().filter(|name| !labels.contains(name)).cloned());
        let number = |name: &String| all.iter().position(|l| l == name).unwrap_or(all.len());
        let numbers = |names: &[String]| {
            let mut numbers: Vec<usize> = names.iter().map(number).collect();
            numbers.sort_unstable();
            numbers
        };
        let outcome = |case: &Case, given: &[String]| Outcome {
            truth: numbers(case.truth.names()),
            predicted: numbers(given),
        };
        let given: Vec<Vec<String>> = second
            .classified
            .iter()
            .map(|classified| {
                let labels = classified.prediction.iter().flat_map(|p| &p.labels);
                labels.map(|label| second.labels[label.index()].clone()).collect()
            })
            .collect();
        let ours: Vec<Outcome> = cases.iter().map(|case| outcome(case, &case.topics)).collect();
        let theirs: Vec<Outcome> = cases.iter().zip(&given).map(|(c, g)| outcome(c, g)).collect();
        let Comparison { mcnemar, accuracy, micro_f1, macro_f1, f1 } =
            Comparison::new(&ours, &theirs, all.len(), DRAWS, seed);
        Self {
            model: second.name.clone(),
            mcnemar,
            accuracy,
            micro_f1,
            macro_f1,
            topics: all.into_iter().zip(f1).collect(),
            exact: theirs.iter().map(Outcome::is_exact).collect(),
            given,
        }
    }
}
