//! Articles whose labels are known, classified: by a finished model, or out of fold.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rayon::prelude::*;

use super::classifier::{Classified, Classifier, ClassifierScratch};
use super::classify::{batches_of, classify_all};
use super::counted_corpus::{CountedCorpus, can_count, count_loaded};
use super::judged::{Evaluated, explain_doubtful, page_details};
use super::model_facts::ModelFacts;
use super::near_duplicates::{NearDuplicateCounts, NearDuplicates};
use super::pseudo_articles::count_topic_terms;
use super::settings::TrainSettings;
use super::split::{Split, Turn};
use super::stages::Workers;
use super::train::train_canonical;
use crate::corpus::{Article, Status, parse_date, stratified_folds};
use crate::error::{Error, Result};
use crate::model::Task;

/// Classifies labelled articles by a finished model, in input order. `progress` is called with the number of articles
/// done.
pub fn evaluate(
    classifier: &Classifier,
    articles: impl Iterator<Item = Result<Article>> + Send,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Vec<Evaluated>> {
    let mut all = Vec::new();
    let workers = Workers::<ClassifierScratch>::default();
    classify_all(
        classifier,
        batches_of(articles),
        |_| Vec::new(),
        |batch, article, classified| {
            let page = workers.with(|scratch| page_details(classifier, article, scratch));
            let article = std::mem::take(article);
            batch.push(Evaluated { page, ..Evaluated::new(article, classified) });
        },
        |batch| {
            all.extend(batch);
            progress(all.len() as u64);
            Ok(())
        },
    )?;
    if all.is_empty() {
        return Err(Error::data("there is no article to evaluate", "another input"));
    }
    explain_doubtful(classifier, &mut all.iter_mut().collect::<Vec<_>>());
    Ok(all)
}

/// What another model says of the same articles, in their order.
pub fn classify_evaluated(classifier: &Classifier, articles: &[Evaluated]) -> Vec<Classified> {
    let workers = Workers::<ClassifierScratch>::default();
    let classify = |evaluated: &Evaluated| {
        workers.with(|scratch| classifier.classify_with(&evaluated.article, scratch))
    };
    articles.par_iter().map(classify).collect()
}

/// What cross-validation gives: every article judged by a model that was trained without it.
#[derive(Clone, Debug)]
pub struct CrossValidated {
    /// Label names.
    pub labels: Vec<String>,
    /// One label an article, or any number.
    pub task: Task,
    /// By label: the mean threshold of the folds' models; 0 for one label an article.
    pub thresholds: Vec<f64>,
    /// Near-duplicates among the articles: each cluster was in one fold.
    pub near_duplicates: NearDuplicateCounts,
    /// The articles that were judged and those that cannot be, in input order.
    pub articles: Vec<Evaluated>,
    /// Articles that were left out because their date is not known; 0 where dates do not matter.
    pub undated: usize,
    /// The folds' models.
    pub models: Vec<ModelFacts>,
    /// Smaller parts of each fold's training articles, the smallest first; empty where none was wanted.
    pub learning_curve: Vec<LearningStep>,
}

/// What models say that were trained on a part of each fold's training articles.
#[derive(Clone, Debug, PartialEq)]
pub struct LearningStep {
    /// Which part.
    pub share: f64,
    /// Training articles, mean over the folds.
    pub articles: f64,
    /// By article, in input order: the numbers of the labels it was given by the model of its fold, ascending; none where it was not
    /// classified. Or why a model could not be trained.
    pub predicted: Result<Vec<Vec<usize>>, String>,
}

/// The parts of the learning curve, in eighths.
const EIGHTHS: [usize; 3] = [1, 2, 4];

/// Trains on all folds but one and classifies that one, for each of `folds` folds. Everything is redone in
/// every fold: vocabulary, tuning, calibration and thresholds never see the articles they are judged on.
/// Copies and rewordings of a text stay on one side. For the `learning_curve` the same articles are also judged by models trained on an eighth, a quarter
/// and a half of the training articles.
pub fn cross_validate(
    articles: Vec<Article>,
    settings: &TrainSettings,
    folds: usize,
    learning_curve: bool,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<CrossValidated> {
    hold_out(articles, settings, Split::Folds(folds), learning_curve, progress)
}

/// Judges articles as [`cross_validate`] does, by models that were trained on those that a [`Split`] gives them. Articles that the split never
/// holds out are left out of the result.
pub fn hold_out(
    articles: Vec<Article>,
    settings: &TrainSettings,
    split: Split,
    learning_curve: bool,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<CrossValidated> {
    settings.check()?;
    split.check()?;
    let usable: Vec<usize> = (0..articles.len()).filter(|&i| can_count(&articles[i])).collect();
    let loaded: Vec<Article> = usable.iter().map(|&i| articles[i].clone()).collect();
    let parts = split.parts();
    if loaded.len() < 2 * parts {
        return Err(Error::data(
            format!("{} articles are too few for {parts} folds", loaded.len()),
            "fewer folds or more articles",
        ));
    }
    let dates: Vec<Option<Date>> =
        loaded.iter().map(|article| parse_date(article.date.as_deref()?)).collect();
    let corpus = count_loaded(&loaded, &settings.analyzer, settings.zones)?;
    let task = corpus.task();
    let (mut corpus, order) = corpus.canonical();
    let near_duplicates = NearDuplicates::find(&corpus);
    corpus.keys = near_duplicates.join(&corpus.keys);
    let (corpus, pseudo) = corpus.aligned(count_topic_terms(settings)?);
    let dates: Vec<Option<Date>> = order.iter().map(|&i| dates[i]).collect();
    let undated = dates.iter().filter(|date| split.is_by_time() && date.is_none()).count();
    let turns = split.turns(&corpus, &dates, settings.seed)?;
    let mut is_kept = vec![true; articles.len()];
    usable.iter().for_each(|&i| is_kept[i] = false);
    turns.iter().flat_map(|turn| &turn.test).for_each(|&i| is_kept[usable[order[i]]] = true);
    let unusable = |article: Article| {
        let unreadable = article.problem.is_some();
        let status = if unreadable { Status::Unreadable } else { Status::Empty };
        Evaluated::new(article, Classified { status, prediction: None })
    };
    let mut articles: Vec<Evaluated> = articles.into_iter().map(unusable).collect();
    let mut steps: Vec<LearningStep> = if learning_curve {
        let step = |&eighths: &usize| LearningStep {
            share: eighths as f64 / 8.0,
            articles: 0.0,
            predicted: Ok(vec![Vec::new(); articles.len()]),
        };
        EIGHTHS.iter().map(step).collect()
    } else {
        Vec::new()
    };
    let mut models = Vec::new();
    let mut done = 0;
    for Turn { train: outside, test: inside } in &turns {
        let fit = |rows: &[usize]| train_canonical(&corpus.select(rows), &pseudo, task, settings);
        let classifier = fit(outside)?;
        let inputs: BTreeSet<usize> = inside.iter().map(|&i| usable[order[i]]).collect();
        let mut judged: Vec<&mut Evaluated> = articles
            .iter_mut()
            .enumerate()
            .filter_map(|(i, evaluated)| inputs.contains(&i).then_some(evaluated))
            .collect();
        let workers = Workers::<ClassifierScratch>::default();
        judged.par_iter_mut().for_each(|evaluated| {
            workers.with(|scratch| {
                let article = &evaluated.article;
                evaluated.classified = classifier.classify_with(article, scratch);
                evaluated.page = page_details(&classifier, article, scratch);
            });
        });
        explain_doubtful(&classifier, &mut judged);
        // Parts within parts, drawn by content and spread over the labels as folds are.
        let eighth_of = eighths(&corpus, outside, settings.seed);
        for (step, eighths) in steps.iter_mut().zip(EIGHTHS) {
            let part = outside.iter().zip(&eighth_of).filter(|(_, eighth)| **eighth < eighths);
            let part: Vec<usize> = part.map(|(i, _)| *i).collect();
            step.articles += part.len() as f64 / turns.len() as f64;
            match (fit(&part), &mut step.predicted) {
                (Ok(classifier), Ok(predicted)) => {
                    let judged: Vec<&Evaluated> = inputs.iter().map(|&i| &articles[i]).collect();
                    let given = given_labels(&classifier, &judged);
                    inputs.iter().zip(given).for_each(|(&i, labels)| predicted[i] = labels);
                }
                (Err(error), predicted @ Ok(_)) => *predicted = Err(error.to_string()),
                (_, Err(_)) => {}
            }
        }
        models.push(ModelFacts::of(&classifier));
        done += inside.len() as u64;
        progress(done);
    }
    let mean = |label: usize| models.iter().map(|m| m.thresholds[label]).sum::<f64>();
    let thresholds = (0..corpus.labels.len()).map(|l| mean(l) / turns.len() as f64).collect();
    let labels = corpus.labels;
    keep(&mut articles, &is_kept);
    for predicted in steps.iter_mut().flat_map(|step| &mut step.predicted) {
        keep(predicted, &is_kept);
    }
    Ok(CrossValidated {
        labels,
        task,
        thresholds,
        near_duplicates: near_duplicates.counts(),
        articles,
        undated,
        models,
        learning_curve: steps,
    })
}

/// Keeps those of the items that are to be kept.
fn keep<T>(items: &mut Vec<T>, is_kept: &[bool]) {
    let mut kept = is_kept.iter();
    items.retain(|_| kept.next().copied().unwrap_or(false));
}

/// Which eighth each of the articles is in.
fn eighths(corpus: &CountedCorpus, rows: &[usize], seed: u64) -> Vec<usize> {
    let members: Vec<&[usize]> = rows.iter().map(|&i| &corpus.members[i][..]).collect();
    let keys: Vec<u64> = rows.iter().map(|&i| corpus.keys[i]).collect();
    // Another seed than that of the folds, whose order the articles would otherwise keep.
    stratified_folds(&members, &keys, 8, !seed)
}

fn given_labels(classifier: &Classifier, articles: &[&Evaluated]) -> Vec<Vec<usize>> {
    let workers = Workers::<ClassifierScratch>::default();
    let given = |evaluated: &&Evaluated| {
        let classified =
            workers.with(|scratch| classifier.classify_with(&evaluated.article, scratch));
        let labels = classified.prediction.map_or_else(Vec::new, |p| p.labels);
        let mut labels: Vec<usize> = labels.iter().map(|label| label.index()).collect();
        labels.sort_unstable();
        labels
    };
    articles.par_iter().map(given).collect()
}
