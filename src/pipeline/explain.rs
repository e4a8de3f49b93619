//! Why an article has its topics, in its own words.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;

use super::classifier::{Classifier, ClassifierScratch};
use crate::corpus::{Article, Page, Status};
use crate::ids::TermId;
use crate::model::explain;
use crate::text::{View, fold, repair, sentences, tokenize};

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

/// What one word adds, with everything that the model sees in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedTerm {
    /// The word's term, or the word itself if it is a stop word that counts by its characters alone.
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
    /// The words that say most for the topic, as byte ranges of the sentence, in order.
    #[serde(skip)]
    pub marks: Vec<Range<usize>>,
}

impl ExplainedTopic {
    /// Keeps the best sentence, and the `most` strongest terms for the topic and as many against it.
    pub fn shortened(mut self, most: usize) -> Self {
        self.sentences.truncate(1);
        let (mut pro, mut contra) = (0, 0);
        self.terms.retain(|term| {
            let count = if term.value > 0.0 { &mut pro } else { &mut contra };
            *count += 1;
            *count <= most
        });
        self
    }
}

const SENTENCES: usize = 3;
/// A word of a sentence is marked that adds at least this share of what the sentence's strongest one does.
const MARKED: f64 = 0.2;

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
    let reading = Reading::of(classifier, &page);

    let mut topics: Vec<ExplainedTopic> = explanations
        .into_iter()
        .map(|explanation| {
            let label = explanation.label;
            let values: BTreeMap<TermId, f64> =
                explanation.contributions.iter().map(|c| (c.term, c.value)).collect();
            let mut terms = reading.words(&values);
            // Terms that are no part of one word: word n-grams.
            terms.extend(explanation.contributions.iter().filter(|c| !reading.holds(c.term)).map(
                |c| ExplainedTerm {
                    term: classifier.vocabulary.term(c.term).to_owned(),
                    forms: Vec::new(),
                    count: c.count,
                    value: c.value,
                },
            ));
            terms.sort_by(|a, b| {
                b.value.abs().total_cmp(&a.value.abs()).then_with(|| a.term.cmp(&b.term))
            });
            ExplainedTopic {
                topic: parts.labels[label.index()].clone(),
                probability: prediction.probabilities[label.index()],
                given: prediction.labels.contains(&label),
                score: explanation.score,
                offset: explanation.offset,
                terms,
                sentences: reading.best_sentences(&values),
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

/// The words of an article as the model saw them. Whatever a word gives the model, its stem, its classes and its characters, is
/// told as the word's own.
struct Reading {
    sentences: Vec<(String, Vec<Word>)>,
    /// By feature: the weights of all its occurrences.
    weights: BTreeMap<TermId, f64>,
}

/// One word where it stands.
struct Word {
    /// The name under which it is told: its term, or itself if it is a stop word.
    name: String,
    form: String,
    /// Where it stands in its sentence.
    span: Range<usize>,
    /// Weight of its zone.
    weight: u32,
    features: Vec<TermId>,
}

impl Reading {
    fn of(classifier: &Classifier, page: &Page<'_>) -> Self {
        let zones = classifier.vectorizer.zones();
        let mut reading = Self { sentences: Vec::new(), weights: BTreeMap::new() };
        reading.read(classifier, page.title, |_| zones.title);
        reading.read(classifier, &page.body, |words| {
            if words < zones.lead_words as usize { zones.lead } else { zones.rest }
        });
        reading
    }

    /// Reads one piece of the article; `weight` is a word's, by the number of words before it.
    fn read(&mut self, classifier: &Classifier, piece: &str, weight: impl Fn(usize) -> u32) {
        let analyzer = classifier.analyzer();
        let mut folded = String::new();
        let mut words = 0;
        for range in sentences(piece) {
            let sentence = &piece[range];
            let mut found = Vec::new();
            for token in tokenize(sentence) {
                let weight = weight(words);
                words += usize::from(token.kind.is_lexical());
                let features = analyzer.features(sentence, &token, &mut folded);
                let name = match features.first() {
                    Some(term) if View::of(term) == View::Words => term.clone(),
                    _ => folded.clone(),
                };
                let known = |feature: &String| classifier.vocabulary.get(feature);
                let features: Vec<TermId> = features.iter().filter_map(known).collect();
                if features.is_empty() {
                    continue;
                }
                for feature in &features {
                    *self.weights.entry(*feature).or_default() += f64::from(weight);
                }
                fold(token.surface(sentence), &mut folded);
                let span = token.start..token.end;
                found.push(Word { name, form: folded.clone(), span, weight, features });
            }
            self.sentences.push((sentence.to_owned(), found));
        }
    }

    fn holds(&self, feature: TermId) -> bool {
        self.weights.contains_key(&feature)
    }

    /// A word's part of what its features add: each feature is shared out over its occurrences by their weight.
    fn value(&self, word: &Word, values: &BTreeMap<TermId, f64>) -> f64 {
        let share = |feature: &TermId| {
            let all = self.weights[feature];
            let value = values.get(feature).copied().unwrap_or(0.0);
            if all > 0.0 { value * f64::from(word.weight) / all } else { 0.0 }
        };
        word.features.iter().map(share).sum()
    }

    /// The words with what they add, all forms and occurrences together.
    fn words(&self, values: &BTreeMap<TermId, f64>) -> Vec<ExplainedTerm> {
        let mut by_name: BTreeMap<&str, (BTreeMap<&str, usize>, u32, f64)> = BTreeMap::new();
        for word in self.sentences.iter().flat_map(|(_, words)| words) {
            let (forms, count, value) = by_name.entry(&word.name).or_default();
            *forms.entry(&word.form).or_default() += 1;
            *count += word.weight;
            *value += self.value(word, values);
        }
        let told = |(name, (forms, count, value)): (&str, (BTreeMap<&str, usize>, u32, f64))| {
            let mut forms: Vec<(&str, usize)> = forms.into_iter().collect();
            // The most frequent first, equals in order.
            forms.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
            let forms = forms.into_iter().map(|(form, _)| form.to_owned()).collect();
            ExplainedTerm { term: name.to_owned(), forms, count, value }
        };
        by_name.into_iter().map(told).collect()
    }

    fn best_sentences(&self, values: &BTreeMap<TermId, f64>) -> Vec<ExplainedSentence> {
        let mut best: Vec<ExplainedSentence> = self
            .sentences
            .iter()
            .map(|(text, words)| {
                let value = |word: &Word| self.value(word, values);
                let strongest = words.iter().map(value).fold(0.0, f64::max);
                let is_marked = |word: &&Word| strongest > 0.0 && value(word) >= MARKED * strongest;
                ExplainedSentence {
                    text: text.clone(),
                    value: words.iter().map(value).sum(),
                    marks: words.iter().filter(is_marked).map(|word| word.span.clone()).collect(),
                }
            })
            .filter(|sentence| sentence.value > 0.0)
            .collect();
        best.sort_by(|a, b| b.value.total_cmp(&a.value));
        best.truncate(SENTENCES);
        best
    }
}
