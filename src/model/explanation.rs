//! Why a document has its score: what each term adds.

use serde::Serialize;

use super::calibration::OutputLayer;
use super::scorer::{Scorer, Task};
use crate::features::Row;
use crate::ids::{LabelId, TermId};

/// What one term adds to a label's score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Contribution {
    /// The term.
    pub term: TermId,
    /// Its weighted count in the document.
    pub count: u32,
    /// What it adds, on the scale of log-odds: above 0 speaks for the label, below against.
    pub value: f64,
}

/// A label's score taken apart: `offset` and all contributions add up to `score`.
///
/// The score is the log-odds of the topic; where labels exclude each other, it is the label's logit less the mean
/// logit of all labels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The label.
    pub label: LabelId,
    /// The whole score.
    pub score: f64,
    /// What does not come from any term of the document.
    pub offset: f64,
    /// By term, the largest absolute value first, equals by term.
    pub contributions: Vec<Contribution>,
}

/// Explains the scores of every label.
pub fn explain(scorer: &Scorer, layer: &OutputLayer, task: Task, row: Row<'_>) -> Vec<Explanation> {
    let classes = scorer.classes();
    let length = row.length() as f64;
    let factors: Vec<f64> = (0..classes).map(|c| layer.factor(c, length)).collect();
    let centre = |values: &mut [f64]| {
        if task == Task::OneLabel {
            let mean = values.iter().sum::<f64>() / classes as f64;
            values.iter_mut().for_each(|v| *v -= mean);
        }
    };
    let mut scores = vec![0.0; classes];
    scorer.score(row, &mut scores);
    for (c, score) in scores.iter_mut().enumerate() {
        *score = *score * factors[c] + layer.intercept(c);
    }
    centre(&mut scores);

    let mut by_class: Vec<Vec<Contribution>> = vec![Vec::new(); classes];
    let mut add = |term: TermId, count: u32, mut values: Vec<f64>| {
        for (value, factor) in values.iter_mut().zip(&factors) {
            *value *= factor;
        }
        centre(&mut values);
        for (list, value) in by_class.iter_mut().zip(values) {
            list.push(Contribution { term, count, value });
        }
    };
    match scorer {
        Scorer::Gaussian(model) => {
            for (term, values) in model.contributions(row) {
                let at = row.terms.binary_search(&term.0);
                add(term, at.map_or(0, |i| row.counts[i]), values);
            }
        }
        Scorer::Classes(_) | Scorer::Combined(_) | Scorer::Topics(_) => {
            if let Some(weights) = scorer.term_weights() {
                for (term, count) in row.iter() {
                    let times = weights.multiplicity(count);
                    let values = weights.of_term(term.index()).iter().map(|w| times * w).collect();
                    add(term, count, values);
                }
            }
        }
    }
    by_class
        .into_iter()
        .enumerate()
        .map(|(c, mut contributions)| {
            let sum: f64 = contributions.iter().map(|c| c.value).sum();
            contributions
                .sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()).then(a.term.cmp(&b.term)));
            let (label, score) = (LabelId(c as u32), scores[c]);
            Explanation { label, score, offset: score - sum, contributions }
        })
        .collect()
}
