//! How good a model is.

use std::sync::Arc;

use pyo3::prelude::*;
use rubrique::pipeline::{Evaluated, ModelFacts, Stop, TrainSettings, cross_validate, evaluate};
use rubrique::report::{NearDuplicates, Report, ReportSource, Setup};
use rubrique::{Article, Classifier, Error};

use crate::articles::{Named, articles, label_sets, library};
use crate::classifying::Worker;
use crate::data::Data;
use crate::{pool, settings};

/// What is evaluated: a finished model, or settings that are trained with in each fold.
pub enum Judged {
    Model(Arc<Worker>),
    Settings(Box<TrainSettings>, usize),
}

/// The report on labelled articles, as `metrics.json` has it.
pub fn report<'py>(
    judged: Judged,
    data: &Bound<'py, PyAny>,
    labels: Option<&Bound<'py, PyAny>>,
    named: &Named,
) -> PyResult<Bound<'py, PyAny>> {
    let labels = labels.map(label_sets).transpose()?;
    let stop = match &judged {
        Judged::Model(_) => Stop::default(),
        Judged::Settings(settings, _) => settings.stop.clone(),
    };
    let articles = articles(Data::read(data)?, labels, named, true, &stop)?;
    let report = pool::run(data.py(), &stop, move || match judged {
        Judged::Model(model) => of_model(&model.classifier, articles),
        Judged::Settings(settings, folds) => of_folds(&settings, folds, articles),
    })?;
    settings::loads(data.py(), &library(report)?)
}

fn of_model(
    classifier: &Classifier,
    articles: impl Iterator<Item = Result<Article, Error>> + Send,
) -> Result<Report, Error> {
    let evaluated: Vec<Evaluated> = evaluate(classifier, articles, &|_| {})?;
    Ok(Report::new(ReportSource {
        labels: classifier.labels(),
        task: classifier.task(),
        thresholds: &classifier.rule().thresholds,
        articles: &evaluated,
        models: &[ModelFacts::of(classifier)],
        learning_curve: &[],
        second: None,
        near_duplicates: None,
        setup: setup("a finished model", None, classifier.settings().seed),
    }))
}

fn of_folds(
    settings: &TrainSettings,
    folds: usize,
    articles: impl Iterator<Item = Result<Article, Error>> + Send,
) -> Result<Report, Error> {
    let articles: Vec<Article> = articles.collect::<Result<_, _>>()?;
    let validated = cross_validate(articles, settings, folds, false, &|_| {})?;
    Ok(Report::new(ReportSource {
        labels: &validated.labels,
        task: validated.task,
        thresholds: &validated.thresholds,
        articles: &validated.articles,
        models: &validated.models,
        learning_curve: &validated.learning_curve,
        second: None,
        near_duplicates: Some(NearDuplicates {
            clusters: validated.near_duplicates.clusters as usize,
            articles: validated.near_duplicates.articles as usize,
        }),
        setup: setup("a model trained for each fold", Some(folds), settings.seed),
    }))
}

fn setup(model: &str, folds: Option<usize>, seed: u64) -> Setup {
    Setup {
        command: "rubrique.evaluate".to_owned(),
        model: model.to_owned(),
        folds,
        seed,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..Setup::default()
    }
}
