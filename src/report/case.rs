//! One article of a report.

use crate::corpus::{LabelSet, Status};
use crate::metrics::Outcome;
use crate::model::Decision;
use crate::pipeline::{Evaluated, ExplainedTopic};

use super::predictions::possible_names;

/// One article of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its text as it was read.
    pub text: String,
    /// When it appeared: its column, or what its page prints.
    pub date: Option<String>,
    /// Where it appeared.
    pub source: Option<String>,
    /// Words of the text that cleaning keeps.
    pub words: usize,
    /// Its true labels.
    pub truth: LabelSet,
    /// The labels it was given, most probable first.
    pub topics: Vec<String>,
    /// Probability by label; empty where nothing was predicted.
    pub probabilities: Vec<f64>,
    /// Probability that exactly these labels are right; `None` where nothing was predicted.
    pub confidence: Option<f64>,
    /// Accept or review.
    pub decision: Decision,
    /// What cannot be ruled out; empty where nothing was predicted.
    pub possible: Vec<String>,
    /// What became of it.
    pub status: Status,
    /// Whether exactly the true labels were given.
    pub exact: bool,
    /// The labels by number; a label that the model does not know has the number after the last.
    pub outcome: Outcome,
    /// Why it has its topics, where that was worked out.
    pub reasons: Vec<ExplainedTopic>,
}

impl Case {
    /// Takes an article and its truth over the model's `labels`.
    pub(super) fn new(evaluated: &Evaluated, labels: &[String]) -> Self {
        let Evaluated { article, classified, page, reasons } = evaluated;
        let truth = article.labels.clone().unwrap_or_default();
        let prediction = classified.prediction.as_ref();
        let given: &[_] = prediction.map_or(&[], |p| &p.labels);
        let mut predicted: Vec<usize> = given.iter().map(|l| l.index()).collect();
        predicted.sort_unstable();
        // A label the model does not know can never be predicted: the article is no exact match.
        let number = |name: &String| labels.iter().position(|l| l == name).unwrap_or(labels.len());
        let outcome = Outcome { truth: truth.names().iter().map(number).collect(), predicted };
        let possible = prediction.map_or_else(Vec::new, |p| possible_names(p, labels));
        Self {
            id: article.id.clone(),
            title: article.title.clone(),
            text: article.text.clone(),
            date: article.date.clone().or_else(|| page.date.clone()),
            source: article.source.clone(),
            words: page.words,
            truth,
            topics: given.iter().map(|l| labels[l.index()].clone()).collect(),
            probabilities: prediction.map_or_else(Vec::new, |p| p.probabilities.clone()),
            confidence: prediction.map(|p| p.confidence),
            decision: classified.decision(),
            possible: possible.into_iter().map(str::to_owned).collect(),
            status: classified.status,
            exact: outcome.is_exact(),
            outcome,
            reasons: reasons.clone(),
        }
    }

    /// Whether it truly has a label.
    pub(super) fn has(&self, label: usize) -> bool {
        self.outcome.truth.contains(&label)
    }

    /// Its true labels as a cell of a table.
    pub(super) fn truth_cell(&self) -> String {
        or_other(self.truth.to_cell())
    }

    /// The labels given as a cell.
    pub(super) fn given_cell(&self) -> String {
        or_other(self.topics.join(";"))
    }
}

fn or_other(cell: String) -> String {
    if cell.is_empty() { "other".to_owned() } else { cell }
}
