//! Articles whose labels are known, classified: by a finished model, or out of fold.

use rayon::prelude::*;

use super::classifier::{Classified, Classifier, ClassifierScratch};
use super::classify::classify_all;
use super::counted_corpus::{can_count, count_loaded};
use super::near_duplicates::{NearDuplicateCounts, NearDuplicates};
use super::pseudo_articles::count_topic_terms;
use super::settings::TrainSettings;
use super::stages::Workers;
use super::train::train_canonical;
use crate::corpus::{Article, Status, stratified_folds};
use crate::error::{Error, Result};
use crate::model::Task;

/// An article with the truth about it and what was made of it.
#[derive(Clone, Debug)]
pub struct Evaluated {
    /// The article; its labels are the truth.
    pub article: Article,
    /// What the model said.
    pub classified: Classified,
}

/// Classifies labelled articles by a finished model, in input order. `progress` is called with the number of articles
/// done.
pub fn evaluate(
    classifier: &Classifier,
    articles: impl Iterator<Item = Result<Article>> + Send,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Vec<Evaluated>> {
    let mut all = Vec::new();
    classify_all(
        classifier,
        articles,
        |_, classified| classified,
        |batch| {
            all.extend(
                batch.into_iter().map(|(article, classified)| Evaluated { article, classified }),
            );
            progress(all.len() as u64);
            Ok(())
        },
    )?;
    if all.is_empty() {
        return Err(Error::data("there is no article to evaluate", "another input"));
    }
    Ok(all)
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
    /// In input order.
    pub articles: Vec<Evaluated>,
}

/// Trains on all folds but one and classifies that one, for each of `folds` folds. Everything is redone in
/// every fold: vocabulary, tuning, calibration and thresholds never see the articles they are judged on.
/// Copies and rewordings of a text stay on one side.
pub fn cross_validate(
    articles: Vec<Article>,
    settings: &TrainSettings,
    folds: usize,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<CrossValidated> {
    settings.check()?;
    if !(2..=20).contains(&folds) {
        return Err(Error::setting("cross-validate", folds, "2 to 20 folds"));
    }
    let usable: Vec<usize> = (0..articles.len()).filter(|&i| can_count(&articles[i])).collect();
    let loaded: Vec<Article> = usable.iter().map(|&i| articles[i].clone()).collect();
    if loaded.len() < 2 * folds {
        return Err(Error::data(
            format!("{} articles are too few for {folds} folds", loaded.len()),
            "fewer folds or more articles",
        ));
    }
    let corpus = count_loaded(&loaded, &settings.analyzer, settings.zones)?;
    let task = corpus.task();
    let (mut corpus, order) = corpus.canonical();
    let near_duplicates = NearDuplicates::find(&corpus);
    corpus.keys = near_duplicates.join(&corpus.keys);
    let (corpus, pseudo) = corpus.aligned(count_topic_terms(settings)?);
    let fold_of = stratified_folds(&corpus.members, &corpus.keys, folds, settings.seed);
    let mut results: Vec<Classified> = articles
        .iter()
        .map(|a| {
            let status = if a.problem.is_some() { Status::Unreadable } else { Status::Empty };
            Classified { status, prediction: None }
        })
        .collect();
    let mut thresholds = vec![0.0; corpus.labels.len()];
    let mut done = 0;
    for fold in 0..folds {
        let inside: Vec<usize> = (0..order.len()).filter(|&i| fold_of[i] == fold).collect();
        let outside: Vec<usize> = (0..order.len()).filter(|&i| fold_of[i] != fold).collect();
        let classifier = train_canonical(&corpus.select(&outside), &pseudo, task, settings)?;
        for (mean, threshold) in thresholds.iter_mut().zip(&classifier.rule().thresholds) {
            *mean += threshold / folds as f64;
        }
        let workers = Workers::<ClassifierScratch>::default();
        let judged: Vec<(usize, Classified)> = inside
            .par_iter()
            .map(|&i| {
                let input = usable[order[i]];
                let classified =
                    workers.with(|scratch| classifier.classify_with(&articles[input], scratch));
                (input, classified)
            })
            .collect();
        for (input, classified) in judged {
            results[input] = classified;
        }
        done += inside.len() as u64;
        progress(done);
    }
    let articles = articles
        .into_iter()
        .zip(results)
        .map(|(article, classified)| Evaluated { article, classified })
        .collect();
    let near_duplicates = near_duplicates.counts();
    Ok(CrossValidated { labels: corpus.labels, task, thresholds, near_duplicates, articles })
}
