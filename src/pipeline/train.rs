//! From a counted corpus to a classifier.

use hashbrown::HashMap;

use super::classifier::{Classifier, Learned, ModelCard, Parts, TopicCard};
use super::counted_corpus::CountedCorpus;
use super::settings::{Algorithm, Chosen, TrainSettings, Weighting};
use super::tune::{OutOfFold, TrainingSet, fixed};
use crate::error::{Error, Result};
use crate::features::{DocumentTermMatrix, TfIdf};
use crate::ids::TermId;
use crate::metrics::{Outcome, Scores, expected_calibration_error};
use crate::model::{DecisionRule, OutputLayer, Scorer, Task, best_f1_threshold, review_limit};
use crate::text::Analyzer;

/// Trains on a corpus. The result depends on the set of articles and the settings alone.
pub fn train(corpus: CountedCorpus, settings: &TrainSettings) -> Result<Classifier> {
    settings.check()?;
    if corpus.analyzer != settings.analyzer || corpus.zones != settings.zones {
        return Err(Error::data(
            "the articles were counted with other analyzer settings",
            "the settings that the counts were made with",
        ));
    }
    let (corpus, _) = corpus.canonical();
    train_canonical(&corpus, corpus.task(), settings)
}

/// Trains on a corpus that is in canonical form, or on a part of one whose task is known from the whole.
pub(super) fn train_canonical(
    corpus: &CountedCorpus,
    task: Task,
    settings: &TrainSettings,
) -> Result<Classifier> {
    let classes = corpus.labels.len();
    check_labels(corpus, task)?;
    let columns = settings.limits.select(&corpus.matrix.document_frequencies(), corpus.articles());
    if columns.is_empty() {
        return Err(Error::data(
            format!("no term is left of {}", corpus.terms.len()),
            "a smaller --min-df, or more articles",
        ));
    }
    let counts = corpus.matrix.select_columns(&columns);
    let matrix = match settings.weighting {
        // The Gaussian model weighs its own columns.
        Weighting::TfIdf if settings.algorithm != Algorithm::Gaussian => weigh(&counts),
        _ => counts,
    };
    let set = TrainingSet::new(&matrix, &corpus.members, &corpus.keys, classes, task, settings);
    let base = fixed(settings, task);
    let (chosen, layer, rule, card) = if set.can_cross_validate() {
        let (chosen, tried) = set.tune(settings)?;
        let best = set.out_of_fold(&chosen, settings)?;
        let (rule, card) = decide(&set, &best, corpus, settings, tried);
        let layer = set.layer(&best);
        (chosen, layer, rule, card)
    } else {
        // Too few articles to hold any back: plain Naive Bayes posteriors, which are far too sure of themselves,
        // so everything is for review.
        let base = Chosen { penalty: None, reliability: false, length_power: 0.0, ..base };
        let prior = set.fit(&base, settings)?.log_prior();
        let accept_from = review_limit(&[], settings.accept_accuracy);
        let rule = DecisionRule { task, thresholds: vec![0.5; classes], accept_from };
        (base, OutputLayer::plain(task, prior), rule, bare_card(corpus))
    };
    let learned = match set.fit(&chosen, settings)? {
        Scorer::Gaussian(model) => Learned::Gaussian(model),
        Scorer::Topics(model) if chosen.penalty.is_some() => {
            Learned::Refined(set.counts().clone(), model.weights().to_single())
        }
        _ => Learned::Counts(set.counts().clone()),
    };
    Classifier::new(Parts {
        settings: settings.clone(),
        chosen,
        labels: corpus.labels.clone(),
        variants: variants(corpus, &columns)?,
        terms: columns.iter().map(|t| corpus.terms[t.index()].clone()).collect(),
        learned,
        layer,
        rule,
        card,
    })
}

fn check_labels(corpus: &CountedCorpus, task: Task) -> Result<()> {
    let classes = corpus.labels.len();
    let hint = "a column with the labels (--label-column), or articles of more kinds";
    if corpus.articles() == 0 {
        return Err(Error::data("there is no article to learn from", "another input"));
    }
    if classes == 0 {
        return Err(Error::data("no article has a label", hint));
    }
    if task == Task::OneLabel && classes == 1 {
        let what = format!("every article has the same label, \"{}\"", corpus.labels[0]);
        return Err(Error::data(what, hint));
    }
    let full = (0..classes).find(|c| corpus.members.iter().all(|m| m.contains(c)));
    if let Some(label) = full {
        let what = format!("every article is about \"{}\"", corpus.labels[label]);
        return Err(Error::data(what, "articles that are not"));
    }
    Ok(())
}

fn weigh(counts: &DocumentTermMatrix) -> DocumentTermMatrix {
    let tf_idf = TfIdf::fit(&counts.document_frequencies(), counts.rows());
    let mut weighted = DocumentTermMatrix::new(counts.columns());
    for row in counts.iter() {
        weighted.push_row(tf_idf.quantize(row));
    }
    weighted
}

/// Spellings without accents whose own term is unknown, with the term that the accented form gives:
/// the more frequent one where two forms meet, the earlier one among equals.
fn variants(corpus: &CountedCorpus, columns: &[TermId]) -> Result<Vec<(Box<str>, u32)>> {
    let analyzer = Analyzer::new(corpus.analyzer.clone())?;
    let frequencies = corpus.matrix.document_frequencies();
    let mut best: HashMap<&str, TermId> = HashMap::new();
    for (form, term) in &corpus.variants {
        let term = TermId(*term);
        if columns.binary_search(&term).is_err() {
            continue;
        }
        let own = analyzer.terms(form);
        let known = |t: &String| {
            let column = corpus.terms.binary_search_by(|probe| (**probe).cmp(t.as_str()));
            column.is_ok_and(|c| columns.binary_search(&TermId(c as u32)).is_ok())
        };
        if own.len() != 1 || known(&own[0]) {
            continue;
        }
        let rank = |t: TermId| (frequencies[t.index()], std::cmp::Reverse(t));
        let entry = best.entry(form).or_insert(term);
        if rank(term) > rank(*entry) {
            *entry = term;
        }
    }
    let mut out: Vec<(Box<str>, u32)> = best
        .into_iter()
        .filter_map(|(form, term)| {
            columns.binary_search(&term).ok().map(|new| (form.into(), new as u32))
        })
        .collect();
    out.sort_unstable();
    Ok(out)
}

/// Thresholds, review limit and scores from out-of-fold predictions.
fn decide(
    set: &TrainingSet<'_>,
    best: &OutOfFold,
    corpus: &CountedCorpus,
    settings: &TrainSettings,
    tried: usize,
) -> (DecisionRule, ModelCard) {
    let of_class = |c: usize| -> Vec<f64> { best.probabilities.iter().map(|p| p[c]).collect() };
    let thresholds = (0..set.classes).map(|c| best_f1_threshold(&of_class(c))).collect();
    let mut rule = DecisionRule { task: set.task, thresholds, accept_from: 0.0 };
    let mut confidences = Vec::with_capacity(best.probabilities.len());
    let mut outcomes = Vec::with_capacity(best.probabilities.len());
    for (p, truth) in best.probabilities.iter().zip(set.members) {
        let prediction = rule.decide(p.clone());
        let mut predicted: Vec<usize> = prediction.labels.iter().map(|l| l.index()).collect();
        predicted.sort_unstable();
        let outcome = Outcome { truth: truth.clone(), predicted };
        confidences.push((prediction.confidence, outcome.is_exact()));
        outcomes.push(outcome);
    }
    rule.accept_from = review_limit(&confidences, settings.accept_accuracy);
    let accepted = confidences.iter().filter(|c| c.0 >= rule.accept_from).count();
    let scores = Scores::new(outcomes.iter(), set.classes);
    let mut card = bare_card(corpus);
    card.cross_validated = true;
    card.folds = settings.folds as u32;
    card.settings_tried = tried as u32;
    card.accuracy = scores.accuracy();
    card.micro_f1 = scores.micro_f1();
    card.macro_f1 = scores.macro_f1();
    card.log_loss = Some(best.log_loss);
    card.coverage = Some(accepted as f64 / confidences.len().max(1) as f64);
    for (c, (topic, s)) in card.topics.iter_mut().zip(&scores.topics).enumerate() {
        let calibration: Vec<(f64, bool)> =
            of_class(c).into_iter().zip(set.members.iter().map(|m| m.contains(&c))).collect();
        topic.precision = s.precision();
        topic.recall = s.recall();
        topic.f1 = s.f1();
        topic.calibration_error = expected_calibration_error(&calibration);
    }
    (rule, card)
}

fn bare_card(corpus: &CountedCorpus) -> ModelCard {
    let topics = corpus.labels.iter().enumerate().map(|(c, name)| TopicCard {
        name: name.clone(),
        articles: corpus.members.iter().filter(|m| m.contains(&c)).count() as u64,
        ..TopicCard::default()
    });
    ModelCard {
        articles: corpus.articles() as u64,
        without_topic: corpus.members.iter().filter(|m| m.is_empty()).count() as u64,
        topics: topics.collect(),
        ..ModelCard::default()
    }
}
