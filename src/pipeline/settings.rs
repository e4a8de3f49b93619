//! Everything a training run can be told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::stop::Stop;
use crate::corpus::TopicTerms;
use crate::error::{Error, Result};
use crate::features::{DocumentLimits, Zones};
use crate::model::{GaussianParams, Priors, Target, Task};
use crate::text::{AnalyzerSettings, View};

/// Which model is fitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// The kind that cross-validation inside the training data prefers.
    #[default]
    Auto,
    /// Multinomial Naive Bayes.
    Multinomial,
    /// Complement Naive Bayes.
    Complement,
    /// Bernoulli Naive Bayes.
    Bernoulli,
    /// Gaussian Naive Bayes on selected TF-IDF columns.
    Gaussian,
}

impl Algorithm {
    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Multinomial => "multinomial",
            Self::Complement => "complement",
            Self::Bernoulli => "bernoulli",
            Self::Gaussian => "gaussian",
        }
    }
}

/// What the model counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weighting {
    /// Occurrences.
    #[default]
    Counts,
    /// TF-IDF in thousandths, so that counts stay integers and merge exactly.
    TfIdf,
}

/// What the thresholds of the topics are fitted for. With one label an article there are none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Targets {
    /// Of the topics that are not named.
    pub default: Target,
    /// By topic.
    pub by_topic: BTreeMap<String, Target>,
}

impl Targets {
    /// The target of one topic.
    pub fn of(&self, topic: &str) -> Target {
        self.by_topic.get(topic).copied().unwrap_or(self.default)
    }

    /// Checks that the articles have the topics that are named.
    pub(super) fn check(&self, labels: &[String], task: Task) -> Result<()> {
        if task == Task::OneLabel && *self != Self::default() {
            return Err(Error::data(
                "every article has one label: it gets the most probable one, and no threshold is fitted to a target",
                "training without --target, or articles with several topics or none",
            ));
        }
        match self.by_topic.keys().find(|name| !labels.contains(name)) {
            None => Ok(()),
            Some(name) => {
                let what = format!("the target names \"{name}\", which no article is about");
                Err(Error::data(what, format!("one of {}", labels.join(", "))))
            }
        }
    }
}

/// How to train. Every field has a default that suits press articles; `None` means: found by
/// cross-validation inside the training data, or a fixed default when `tune` is off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainSettings {
    /// From text to terms.
    pub analyzer: AnalyzerSettings,
    /// What the model looks at: all of these views, or, with `None`, those that tuning prefers where each article has one
    /// label, and words elsewhere. Views that the analyzer does not make are not there.
    pub views: Option<Vec<View>>,
    /// Weights of title, lead and rest.
    pub zones: Zones,
    /// Which terms enter the vocabulary. Near-duplicates count as one document, and what too few have is in no part of the model.
    pub limits: DocumentLimits,
    /// What topics are about in the user's words, counted as articles of the topics. They are in every fold's training, are never
    /// scored, and their terms are in the vocabulary whatever the limits.
    pub topic_terms: TopicTerms,
    /// As how many articles a topic's terms count, 1 to 100. Cross-validated on one newspaper's articles with 25 on the rarest of three
    /// topics, its F1 was 0.41 without terms and 0.37, 0.39, 0.46, 0.44 with 3, 5, 10 and 20 pseudo-articles; log loss fell steadily.
    pub pseudo_articles: u32,
    /// Counts or TF-IDF.
    pub weighting: Weighting,
    /// Kind of model.
    pub algorithm: Algorithm,
    /// Smoothing, above 0.
    pub alpha: Option<f64>,
    /// Power of the length that scores are divided by, 0 to 1.
    pub length_power: Option<f64>,
    /// Several topics only: weights multiplied by their z value.
    pub reliability: Option<bool>,
    /// Several topics only: a second round and corrected weights (see [`RefinedParams`](crate::model::RefinedParams)), which take most of the
    /// time of a training; without tuning, only where they are asked for.
    pub refine: Option<bool>,
    /// Penalty on the corrections, above 0.
    pub penalty: Option<f64>,
    /// The shares that the classes have where the model will be used: probabilities and thresholds are moved from the training shares to
    /// these. The scores on the card, and the limit for review, stay those of the training articles.
    pub priors: Priors,
    /// The Gaussian model's own parameters.
    pub gaussian: GaussianParams,
    /// Whether what is `None` is tuned.
    pub tune: bool,
    /// About how many seconds of one core tuning may take, above 0; what it would try last is left out. The time is reckoned from the
    /// size of the corpus, not taken from a clock, so that the result is the same on every machine. `None`: as long as it takes.
    pub time_budget: Option<f64>,
    /// Folds of the inner cross-validation, 2 to 20.
    pub folds: usize,
    /// Seed of the division into folds.
    pub seed: u64,
    /// Share of accepted articles that should be right, 0 to 1: sets the confidence below which
    /// `decision` is `review`.
    pub accept_accuracy: f64,
    /// What the thresholds are fitted for.
    pub targets: Targets,
    /// Coverage of the sets of possible labels, above 0 and below 1 (see [`ConformalLimits`](crate::model::ConformalLimits)).
    pub coverage: f64,
    /// Ends a training early, with an error: it is looked at before every model that cross-validation fits.
    #[serde(skip)]
    pub stop: Stop,
}

impl Default for TrainSettings {
    fn default() -> Self {
        Self {
            analyzer: AnalyzerSettings {
                char_ngrams: Some((3, 5)),
                word_classes: true,
                ..AnalyzerSettings::default()
            },
            views: None,
            zones: Zones::default(),
            limits: DocumentLimits::default(),
            topic_terms: TopicTerms::default(),
            pseudo_articles: 10,
            weighting: Weighting::default(),
            algorithm: Algorithm::default(),
            alpha: None,
            length_power: None,
            reliability: None,
            refine: None,
            penalty: None,
            priors: Priors::default(),
            gaussian: GaussianParams::default(),
            tune: true,
            time_budget: None,
            folds: 5,
            seed: 42,
            accept_accuracy: 0.95,
            targets: Targets::default(),
            coverage: 0.95,
            stop: Stop::default(),
        }
    }
}

impl TrainSettings {
    /// Checks that every setting is in its range.
    pub fn check(&self) -> Result<()> {
        self.analyzer.check()?;
        self.zones.check()?;
        self.limits.check()?;
        if self.views.as_ref().is_some_and(Vec::is_empty) {
            return Err(Error::setting("views", "none", "words, characters, classes"));
        }
        self.gaussian.check()?;
        if !(1..=100).contains(&self.pseudo_articles) {
            return Err(Error::setting("pseudo_articles", self.pseudo_articles, "1 to 100"));
        }
        if self.alpha.is_some_and(|a| !(a > 0.0 && a.is_finite())) {
            return Err(Error::setting("alpha", self.alpha.unwrap_or(0.0), "a number above 0"));
        }
        if self.length_power.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
            let power = self.length_power.unwrap_or(0.0);
            return Err(Error::setting("length_power", power, "0 to 1"));
        }
        if self.penalty.is_some_and(|p| !(p > 0.0 && p.is_finite())) {
            return Err(Error::setting("penalty", self.penalty.unwrap_or(0.0), "a number above 0"));
        }
        if self.time_budget.is_some_and(|t| !(t > 0.0 && t.is_finite())) {
            let seconds = self.time_budget.unwrap_or(0.0);
            return Err(Error::setting("time_budget", seconds, "a number of seconds above 0"));
        }
        if !(2..=20).contains(&self.folds) {
            return Err(Error::setting("folds", self.folds, "2 to 20"));
        }
        if !(0.0..=1.0).contains(&self.accept_accuracy) {
            return Err(Error::setting("accept_accuracy", self.accept_accuracy, "0 to 1"));
        }
        let targets = &self.targets;
        if let Some(target) =
            targets.by_topic.values().chain([&targets.default]).find(|t| !t.is_sound())
        {
            let range = "f1, precision=P or recall=R with numbers above 0 and below 1";
            return Err(Error::setting("target", target, range));
        }
        if !(self.coverage > 0.0 && self.coverage < 1.0) {
            return Err(Error::setting("coverage", self.coverage, "above 0 and below 1"));
        }
        Ok(())
    }
}

/// What a training run settled on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chosen {
    /// What the model looks at, at least one.
    pub views: Vec<ChosenView>,
    /// Power of the length that scores are divided by.
    pub length_power: f64,
    /// Whether weights are multiplied by their z value.
    pub reliability: bool,
    /// Penalty of the corrections of a refined model; `None` for a plain one.
    pub penalty: Option<f64>,
}

/// The Naive Bayes of one view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChosenView {
    /// Which terms; `None`: all of them together.
    pub view: Option<View>,
    /// Kind of model, never [`Algorithm::Auto`].
    pub algorithm: Algorithm,
    /// Smoothing.
    pub alpha: f64,
    /// The view's share in the score; the shares of all views add up to 1.
    pub weight: f64,
}

impl std::fmt::Display for Chosen {
    /// In words, for people: `complement on words (alpha 0.3, weight 0.41) + …`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, view) in self.views.iter().enumerate() {
            let join = if i == 0 { "" } else { " + " };
            write!(f, "{join}{}", view.algorithm.name())?;
            if let Some(name) = view.view {
                let name = match name {
                    View::Words => "words",
                    View::Characters => "characters",
                    View::Classes => "word classes",
                };
                write!(f, " on {name}")?;
            }
            write!(f, " (alpha {}", view.alpha)?;
            if self.views.len() > 1 {
                write!(f, ", weight {:.2}", view.weight)?;
            }
            write!(f, ")")?;
        }
        write!(f, ", scores over length^{}", self.length_power)?;
        match self.penalty {
            Some(penalty) => write!(f, ", two rounds, weights corrected (penalty {penalty})"),
            None if self.reliability => write!(f, ", weights by reliability"),
            None => Ok(()),
        }
    }
}
