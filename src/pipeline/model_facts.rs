//! What a report tells of a model.

use std::collections::BTreeMap;

use serde::Serialize;

use super::classifier::Classifier;

/// Telling terms kept of one model.
const TERMS: usize = 60;

/// How a model was made and what it looks at.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ModelFacts {
    /// Articles it was trained on.
    pub articles: u64,
    /// Terms it knows.
    pub terms: usize,
    /// What training settled on, in words.
    pub chosen: String,
    /// Combinations of settings that were tried.
    pub settings_tried: u32,
    /// Confidence from which its labels are accepted without review.
    pub accept_from: f64,
    /// By label: the least probability at which it is given; 0 for one label an article.
    pub thresholds: Vec<f64>,
    /// By label: the terms that say most for it, best first (see [`Classifier::top_terms`]).
    #[serde(skip)]
    pub telling_terms: Vec<Vec<(String, f64)>>,
}

impl ModelFacts {
    /// Takes them from a model.
    pub fn of(classifier: &Classifier) -> Self {
        let card = classifier.card();
        Self {
            articles: card.articles,
            terms: classifier.vocabulary().len(),
            chosen: classifier.chosen().to_string(),
            settings_tried: card.settings_tried,
            accept_from: classifier.rule().accept_from,
            thresholds: classifier.rule().thresholds.clone(),
            telling_terms: classifier.top_terms(TERMS),
        }
    }
}

/// A term that says much for a label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TellingTerm {
    /// The term.
    pub term: String,
    /// What it adds to the score of an average article of the label, mean over the models; a model that does not have it among its telling
    /// terms counts as 0.
    pub value: f64,
    /// Models that have it among their telling terms.
    pub models: usize,
}

/// By label: the `most` terms that say most for it over all of the models, best first, equals by term.
pub fn telling_terms(models: &[ModelFacts], most: usize) -> Vec<Vec<TellingTerm>> {
    let labels = models.iter().map(|m| m.telling_terms.len()).max().unwrap_or(0);
    (0..labels)
        .map(|label| {
            let mut sums: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
            for (term, value) in models.iter().flat_map(|m| &m.telling_terms[label]) {
                let (sum, count) = sums.entry(term).or_default();
                *sum += value;
                *count += 1;
            }
            let mean = |(term, (sum, count)): (&str, (f64, usize))| TellingTerm {
                term: term.to_owned(),
                value: sum / models.len() as f64,
                models: count,
            };
            let mut terms: Vec<TellingTerm> = sums.into_iter().map(mean).collect();
            terms.retain(|term| term.value > 0.0);
            terms.sort_by(|a, b| b.value.total_cmp(&a.value));
            terms.truncate(most);
            terms
        })
        .collect()
}
