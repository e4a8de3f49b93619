//! Why an article has its topics, in its own words.

use std::collections::BTreeMap;

use serde::Serialize;

use super::classifier::{Classifier, ClassifierScratch};
use crate::corpus::{Article, Page, Status};
use crate::ids::TermId;
use crate::model::explain;
use crate::text::{fold, repair, sentences, tokenize};

/// Why one topic has its score: `offset` and the values of all terms add up to `score`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedTopic {
    /// The topic.
    pub topic: String,
    /// Its probability.
    pub probability: f64,
    /// Whether the article was given it.
    pub given: bool,
    /// The score on the scale of log-odds.
    pub score: f64,
    /// What comes from no term: the model's constant.
    pub offset: f64,
    /// All terms of the article, the strongest first.
    pub terms: Vec<ExplainedTerm>,
    /// The sentences that say most for the topic, best first, three at most.
    pub sentences: Vec<ExplainedSentence>,
}

/// What one term adds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedTerm {
    /// The term as the model knows it.
    pub term: String,
    /// The forms in which it stands in the article.
    pub forms: Vec<String>,
    /// Its weighted count.
    pub count: u32,
    /// What it adds: above 0 for the topic, below against.
    pub value: f64,
}

/// A sentence and what its terms add together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedSentence {
    /// The sentence.
    pub text: String,
    /// Each term's value shared out over its occurrences.
    pub value: f64,
}

const SENTENCES: usize = 3;

/// Explains every topic of an article, the most probable first; or says why nothing was predicted.
pub fn explain_article(
    classifier: &Classifier,
    article: &Article,
) -> Result<Vec<ExplainedTopic>, Status> {
    let (title, text) = (repair(&article.title), repair(&article.text));
    let page = Page::segment(&title, &text);
    let matrix = classifier.row(article, &page, &mut ClassifierScratch::default())?;
    let prediction = classifier.predict(&matrix);
    let parts = &classifier.parts;
    let explanations = explain(&classifier.scorer, &parts.layer, classifier.task(), matrix.row(0));
    let occurrences = Occurrences::find(classifier, &page);

    let mut topics: Vec<ExplainedTopic> = explanations
        .into_iter()
        .map(|explanation| {
            let label = explanation.label;
            let values: BTreeMap<TermId, f64> =
                explanation.contributions.iter().map(|c| (c.term, c.value)).collect();
            let terms = explanation
                .contributions
                .iter()
                .map(|c| ExplainedTerm {
                    term: classifier.vocabulary.term(c.term).to_owned(),
                    forms: occurrences.forms(c.term),
                    count: c.count,
                    value: c.value,
                })
                .collect();
            ExplainedTopic {
                topic: parts.labels[label.index()].clone(),
                probability: prediction.probabilities[label.index()],
                given: prediction.labels.contains(&label),
                score: explanation.score,
                offset: explanation.offset,
                terms,
                sentences: occurrences.best_sentences(&values),
            }
        })
        .collect();
    topics.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    Ok(topics)
}

/// A one-line reason for each topic that was given, or for the nearest one: the `most` strongest terms with what they
/// add.
pub fn why(classifier: &Classifier, article: &Article, most: usize) -> String {
    let Ok(topics) = explain_article(classifier, article) else { return String::new() };
    let any_given = topics.iter().any(|t| t.given);
    let shown = topics.iter().enumerate().filter(|(i, t)| t.given || (!any_given && *i == 0));
    let reasons: Vec<String> = shown
        .map(|(_, topic)| {
            let terms: Vec<String> = topic
                .terms
                .iter()
                .take(most)
                .map(|t| {
                    let form = t.forms.first().unwrap_or(&t.term);
                    format!("{form} {:+.2}", t.value)
                })
                .collect();
            format!("{}: {}", topic.topic, terms.join(", "))
        })
        .collect();
    reasons.join(" | ")
}

/// Where the terms of an article stand.
struct Occurrences {
    forms: BTreeMap<TermId, BTreeMap<String, usize>>,
    sentences: Vec<(String, Vec<TermId>)>,
}

impl Occurrences {
    fn find(classifier: &Classifier, page: &Page<'_>) -> Self {
        let mut found = Self { forms: BTreeMap::new(), sentences: Vec::new() };
        for piece in [page.title, &page.body] {
            for range in sentences(piece) {
                let sentence = &piece[range];
                let terms = found.read(classifier, sentence);
                found.sentences.push((sentence.to_owned(), terms));
            }
        }
        found
    }

    /// The known terms of a sentence, one for every occurrence; their forms are noted.
    fn read(&mut self, classifier: &Classifier, sentence: &str) -> Vec<TermId> {
        let analyzer = classifier.analyzer();
        let mut terms = Vec::new();
        let mut folded = String::new();
        for token in tokenize(sentence) {
            let Some(term) = analyzer.term(sentence, &token, &mut folded) else { continue };
            let Some(id) = classifier.vocabulary.get(&term) else { continue };
            fold(token.surface(sentence), &mut folded);
            *self.forms.entry(id).or_default().entry(folded.clone()).or_default() += 1;
            terms.push(id);
        }
        terms
    }

    /// The forms of a term, the most frequent first, equals in order.
    fn forms(&self, term: TermId) -> Vec<String> {
        let Some(counts) = self.forms.get(&term) else { return Vec::new() };
        let mut forms: Vec<(&String, &usize)> = counts.iter().collect();
        forms.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        forms.into_iter().map(|(form, _)| form.clone()).collect()
    }

    fn best_sentences(&self, values: &BTreeMap<TermId, f64>) -> Vec<ExplainedSentence> {
        let times = |term: &TermId| self.forms[term].values().sum::<usize>().max(1) as f64;
        let mut best: Vec<ExplainedSentence> = self
            .sentences
            .iter()
            .map(|(text, terms)| ExplainedSentence {
                text: text.clone(),
                value: terms.iter().map(|t| values.get(t).unwrap_or(&0.0) / times(t)).sum(),
            })
            .filter(|sentence| sentence.value > 0.0)
            .collect();
        best.sort_by(|a, b| b.value.total_cmp(&a.value));
        best.truncate(SENTENCES);
        best
    }
}
