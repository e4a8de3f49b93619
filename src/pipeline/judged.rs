//! A labelled article with what a model made of it, and why: what reports are made of.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::classifier::{Classified, Classifier, ClassifierScratch};
use super::explain::{ExplainedTopic, explain_article};
use crate::corpus::{Article, Page, Reason};
use crate::model::Decision;
use crate::text::repair;

/// Terms kept for a topic, and against it.
const TERMS: usize = 6;
/// Topics explained of one article.
const TOPICS: usize = 4;
/// Articles explained at most, errors and doubtful ones, of what one model judged: more than any report shows.
const MOST_ERRORS: usize = 2000;
const MOST_DOUBTFUL: usize = 1000;

/// An article with the truth about it and what was made of it.
#[derive(Clone, Debug)]
pub struct Evaluated {
    /// The article; its labels are the truth.
    pub article: Article,
    /// What the model said.
    pub classified: Classified,
    /// What was seen of its page.
    pub page: PageDetails,
    /// Why it has its topics, for wrong and doubtful articles: the topics given and the true ones, or else the most probable one; each
    /// shortened to its strongest terms and best sentence. Of very many articles, only the most confident errors and the most doubtful ones are
    /// explained.
    pub reasons: Vec<ExplainedTopic>,
}

/// What was seen of an article's page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageDetails {
    /// The day it appeared as its page prints it, `2016-04-23`.
    pub date: Option<String>,
    /// Words of the text that is kept, between white space.
    pub words: usize,
    /// The lines that cleaning dropped.
    pub dropped: Vec<(Reason, String)>,
    /// What the same model says with nothing dropped; `None` where nothing was.
    pub uncleaned: Option<Classified>,
}

impl Evaluated {
    /// An article and what was said of it, without page or reasons.
    pub fn new(article: Article, classified: Classified) -> Self {
        Self { article, classified, page: PageDetails::default(), reasons: Vec::new() }
    }

    /// Whether exactly the true labels were given; `labels` are the model's.
    fn is_right(&self, labels: &[String]) -> bool {
        let given: BTreeSet<&String> = self.given().map(|label| &labels[label]).collect();
        given == self.truth().collect()
    }

    fn given(&self) -> impl Iterator<Item = usize> + '_ {
        let labels = self.classified.prediction.iter().flat_map(|p| &p.labels);
        labels.map(|label| label.index())
    }

    fn truth(&self) -> impl Iterator<Item = &String> {
        self.article.labels.iter().flat_map(|labels| labels.names())
    }

    fn confidence(&self) -> f64 {
        self.classified.prediction.as_ref().map_or(0.0, |p| p.confidence)
    }
}

/// Looks at an article's page, and classifies it once more with nothing dropped where something was.
pub(super) fn page_details(
    classifier: &Classifier,
    article: &Article,
    scratch: &mut ClassifierScratch,
) -> PageDetails {
    let (title, text) = (repair(&article.title), repair(&article.text));
    let page = Page::segment(&title, &text);
    let mut uncleaned =
        || classifier.classify_page(article, &Page::uncleaned(&title, &text), scratch);
    PageDetails {
        words: page.body.split_whitespace().count(),
        dropped: page.dropped.iter().map(|d| (d.reason, d.text.to_owned())).collect(),
        uncleaned: (!page.dropped.is_empty()).then(&mut uncleaned),
        date: page.date,
    }
}

/// Explains those of the articles that one model judged and that people will want to see: errors, the most confident first, and doubtful
/// ones, the least confident first.
pub(super) fn explain_doubtful(classifier: &Classifier, judged: &mut [&mut Evaluated]) {
    let labels = classifier.labels();
    let (mut wrong, mut doubtful) = (Vec::new(), Vec::new());
    for (i, evaluated) in judged.iter().enumerate() {
        if !evaluated.is_right(labels) {
            wrong.push((i, evaluated.confidence()));
        } else if evaluated.classified.decision() == Decision::Review {
            doubtful.push((i, evaluated.confidence()));
        }
    }
    wrong.sort_by(|a, b| b.1.total_cmp(&a.1));
    doubtful.sort_by(|a, b| a.1.total_cmp(&b.1));
    let worth = wrong.iter().take(MOST_ERRORS).chain(doubtful.iter().take(MOST_DOUBTFUL));
    let worth: BTreeSet<usize> = worth.map(|(i, _)| *i).collect();
    let chosen = judged.iter_mut().enumerate().filter(|(i, _)| worth.contains(i));
    let mut chosen: Vec<&mut Evaluated> = chosen.map(|(_, evaluated)| &mut **evaluated).collect();
    chosen.par_iter_mut().for_each(|evaluated| evaluated.reasons = reasons(classifier, evaluated));
}

fn reasons(classifier: &Classifier, evaluated: &Evaluated) -> Vec<ExplainedTopic> {
    let Ok(topics) = explain_article(classifier, &evaluated.article) else { return Vec::new() };
    let is_true = |topic: &ExplainedTopic| evaluated.truth().any(|name| *name == topic.topic);
    let any = topics.iter().any(|topic| topic.given || is_true(topic));
    topics
        .into_iter()
        .enumerate()
        .filter(|(i, topic)| topic.given || is_true(topic) || (!any && *i == 0))
        .take(TOPICS)
        .map(|(_, topic)| topic.shortened(TERMS))
        .collect()
}
