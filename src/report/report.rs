//! The numbers of an evaluation, as one value. `metrics.json` is this value.

use std::collections::BTreeMap;

use serde::Serialize;

use super::case::Case;
use super::cleaning::Cleaning;
use super::curves::{CoOccurrence, LearningPoint, thinned};
use super::data_card::{DataCard, NearDuplicates};
use super::model_comparison::{ModelComparison, SecondModel};
use super::score_summary::{Accuracy, DRAWS};
use super::slices::Slices;
use super::topic_report::{Bounds, TopicBounds, TopicReport};
use crate::ids::LabelId;
use crate::metrics::{
    CalibrationBin, ConfusionMatrix, CoveragePoint, Outcome, Scores, bootstrap_counts,
    calibration_bins, coverage_curve, expected_calibration_error,
};
use crate::model::{Decision, Task};
use crate::pipeline::{Evaluated, LearningStep, ModelFacts, Split, TellingTerm, telling_terms};

/// Version of the layout of `metrics.json` and the CSV files beside it.
const FORMAT_VERSION: u32 = 1;
const BINS: usize = 10;
/// Points of a curve in `metrics.json` and in charts.
const POINTS: usize = 100;
/// Telling terms told of each topic.
const TERMS: usize = 15;

/// What was evaluated, and how, in words for the reader.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Setup {
    /// The command line.
    pub command: String,
    /// The inputs.
    pub inputs: Vec<String>,
    /// The model file, or how models were trained.
    pub model: String,
    /// Folds of the cross-validation; `None` where a finished model was evaluated.
    pub folds: Option<usize>,
    /// How articles were held out, where not by folds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
    /// Seed of folds and bootstrap.
    pub seed: u64,
    /// Version of rubrique.
    pub version: String,
}

/// What a report is made of.
pub struct ReportSource<'e> {
    /// Label names of the model.
    pub labels: &'e [String],
    /// One label an article, or any number.
    pub task: Task,
    /// Least probability at which each label is given.
    pub thresholds: &'e [f64],
    /// The articles, in input order.
    pub articles: &'e [Evaluated],
    /// The model, or that of each fold.
    pub models: &'e [ModelFacts],
    /// What smaller parts of the training articles give, the smallest first; empty without cross-validation.
    pub learning_curve: &'e [LearningStep],
    /// Another model to compare with.
    pub second: Option<SecondModel<'e>>,
    /// How many of the articles are nearly the same as others, where that was looked for.
    pub near_duplicates: Option<NearDuplicates>,
    /// How they were evaluated.
    pub setup: Setup,
}

/// An evaluation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Version of this layout.
    pub format_version: u32,
    /// One label an article, or any number.
    pub task: Task,
    /// Articles evaluated.
    pub articles: usize,
    /// Share of articles with exactly the right labels.
    pub accuracy: Option<f64>,
    /// F1 over all decisions.
    pub micro_f1: Option<f64>,
    /// Mean F1 of the labels; with one label an article, over all labels.
    pub macro_f1: Option<f64>,
    /// Lower 95 % bootstrap bounds.
    pub low: Accuracy,
    /// Upper 95 % bootstrap bounds.
    pub high: Accuracy,
    /// By label.
    pub topics: BTreeMap<String, TopicReport>,
    /// Whether probabilities mean what they say.
    pub calibration: Calibration,
    /// Share of articles accepted without review.
    pub coverage: Option<f64>,
    /// Share of the accepted ones with exactly the right labels.
    pub accuracy_at_coverage: Option<f64>,
    /// Accuracy against coverage, at most 100 points.
    pub coverage_curve: Vec<CoveragePoint>,
    /// The sets of possible labels.
    pub sets: Sets,
    /// Articles by status.
    pub statuses: BTreeMap<&'static str, usize>,
    /// Labels of the articles that the model does not know, with their number of articles.
    pub unknown_labels: BTreeMap<String, usize>,
    /// Scores by the number of training articles, all of them last; empty without cross-validation.
    pub learning_curve: Vec<LearningPoint>,
    /// Scores by year, source and length.
    pub slices: Slices,
    /// What was cleaned away, and scores without cleaning.
    pub cleaning: Cleaning,
    /// Another model on the same articles.
    pub comparison: Option<ModelComparison>,
    /// The terms that say most for each label.
    pub telling_terms: BTreeMap<String, Vec<TellingTerm>>,
    /// The articles as a whole.
    pub data: DataCard,
    /// The model, or that of each fold.
    pub models: Vec<ModelFacts>,
    /// How this was made.
    pub setup: Setup,
    /// Labels in the model's order.
    #[serde(skip)]
    pub labels: Vec<String>,
    /// Which label was taken for which; last row and column: none.
    #[serde(skip)]
    pub confusion: ConfusionMatrix,
    /// Which labels meet in one article.
    #[serde(skip)]
    pub co_occurrence: CoOccurrence,
    /// Article by article, in input order.
    #[serde(skip)]
    pub cases: Vec<Case>,
}

/// What was possible for the articles that were classified; `None` where none was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Sets {
    /// Share of articles of which nothing that is true was ruled out.
    pub covered: Option<f64>,
    /// Mean number of possible labels; none of the topics counts as one.
    pub size: Option<f64>,
    /// Share of articles with a single possible answer.
    pub single: Option<f64>,
}

/// Calibration over all decisions: with one label an article, of the label given; else of every article and topic.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Calibration {
    /// Expected calibration error, 10 bins.
    pub ece: Option<f64>,
    /// The bins.
    pub bins: Vec<CalibrationBin>,
}

impl Report {
    /// Works out all numbers.
    pub fn new(source: ReportSource<'_>) -> Self {
        let ReportSource { labels, task, thresholds, articles, setup, .. } = source;
        let seed = setup.seed;
        let cases: Vec<Case> = articles.iter().map(|a| Case::new(a, labels)).collect();
        let mut unknown_labels = BTreeMap::new();
        let mut statuses = BTreeMap::new();
        for case in &cases {
            for name in case.truth.names().iter().filter(|name| !labels.contains(name)) {
                *unknown_labels.entry(name.clone()).or_insert(0) += 1;
            }
            *statuses.entry(case.status.name()).or_insert(0) += 1;
        }
        let outcomes: Vec<Outcome> = cases.iter().map(|case| case.outcome.clone()).collect();
        let scores = Scores::new(outcomes.iter(), labels.len());
        let (low, high, topic_bounds) = bounds(&outcomes, labels.len(), seed);
        let topics = labels.iter().enumerate().map(|(i, name)| {
            let threshold = thresholds.get(i).copied().unwrap_or(0.0);
            (
                name.clone(),
                TopicReport::new(&cases, i, &scores.topics[i], threshold, topic_bounds[i]),
            )
        });
        let topics = topics.collect();
        let judged = || cases.iter().filter_map(|c| Some((c.confidence?, c.exact)));
        let decisions: Vec<(f64, bool)> = match task {
            Task::OneLabel => judged().collect(),
            Task::AnyLabels => {
                let on = |label| TopicReport::decisions(&cases, label);
                (0..labels.len()).flat_map(on).collect()
            }
        };
        let accepted: Vec<&Case> =
            cases.iter().filter(|c| c.decision == Decision::Accept).collect();
        let right = accepted.iter().filter(|c| c.exact).count();
        let curve = coverage_curve(&judged().collect::<Vec<_>>(), cases.len());
        let all = Accuracy::of(|i| [scores.accuracy(), scores.micro_f1(), scores.macro_f1()][i]);
        let terms = telling_terms(source.models, TERMS);
        Self {
            format_version: FORMAT_VERSION,
            task,
            articles: cases.len(),
            accuracy: all.accuracy,
            micro_f1: all.micro_f1,
            macro_f1: all.macro_f1,
            low,
            high,
            topics,
            calibration: Calibration {
                ece: expected_calibration_error(&decisions),
                bins: calibration_bins(&decisions, BINS),
            },
            coverage: share(accepted.len(), cases.len()),
            accuracy_at_coverage: share(right, accepted.len()),
            coverage_curve: thinned(&curve, POINTS),
            sets: sets(articles, &cases),
            statuses,
            unknown_labels,
            learning_curve: LearningPoint::all(
                source.learning_curve,
                source.models,
                &outcomes,
                labels.len(),
                seed,
            ),
            slices: Slices::new(&cases, labels.len(), seed),
            cleaning: Cleaning::new(articles, &cases, labels.len(), seed),
            comparison: source
                .second
                .map(|second| ModelComparison::new(&cases, labels, &second, seed)),
            telling_terms: labels.iter().cloned().zip(terms).collect(),
            data: DataCard::new(&cases, source.near_duplicates),
            models: source.models.to_vec(),
            setup,
            labels: labels.to_vec(),
            confusion: ConfusionMatrix::new(outcomes.iter(), labels.len()),
            co_occurrence: CoOccurrence::new(&outcomes, labels.len()),
            cases,
        }
    }

    /// The wrong articles, the most confident error first, equals in input order.
    pub fn errors(&self) -> Vec<&Case> {
        let mut errors: Vec<&Case> = self.cases.iter().filter(|c| !c.exact).collect();
        errors.sort_by(|a, b| b.confidence.unwrap_or(0.0).total_cmp(&a.confidence.unwrap_or(0.0)));
        errors
    }

    /// The right articles that the model would have a person look at, the least confident first, equals in input order.
    pub fn doubtful(&self) -> Vec<&Case> {
        let is_doubtful = |case: &&Case| case.exact && case.decision == Decision::Review;
        let mut doubtful: Vec<&Case> = self.cases.iter().filter(is_doubtful).collect();
        doubtful
            .sort_by(|a, b| a.confidence.unwrap_or(0.0).total_cmp(&b.confidence.unwrap_or(0.0)));
        doubtful
    }
}

pub(super) fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn sets(articles: &[Evaluated], cases: &[Case]) -> Sets {
    let (mut covered, mut single, mut size, mut judged) = (0, 0, 0, 0);
    for (evaluated, case) in articles.iter().zip(cases) {
        let Some(prediction) = &evaluated.classified.prediction else { continue };
        let truth: Vec<LabelId> = case.outcome.truth.iter().map(|&c| LabelId(c as u32)).collect();
        judged += 1;
        covered += usize::from(prediction.possible.admit(&truth));
        single += usize::from(prediction.possible.is_single());
        size += case.possible.len();
    }
    Sets {
        covered: share(covered, judged),
        size: share(size, judged),
        single: share(single, judged),
    }
}

/// Bootstrap bounds of the scores over all articles and of each label's.
fn bounds(outcomes: &[Outcome], labels: usize, seed: u64) -> (Accuracy, Accuracy, Vec<Bounds>) {
    let intervals = bootstrap_counts(outcomes, DRAWS, seed, |sample| {
        let scores = Scores::counted(sample.iter().map(|(o, times)| (*o, *times)), labels);
        let mut values = vec![scores.accuracy(), scores.micro_f1(), scores.macro_f1()];
        for topic in &scores.topics {
            values.extend([topic.precision(), topic.recall(), topic.f1()]);
        }
        values
    });
    let of_topic = |i: usize| &intervals[3 + 3 * i..6 + 3 * i];
    let topics = (0..labels).map(|i| {
        (TopicBounds::ends(of_topic(i), |b| b.low), TopicBounds::ends(of_topic(i), |b| b.high))
    });
    (
        Accuracy::ends(&intervals, |b| b.low),
        Accuracy::ends(&intervals, |b| b.high),
        topics.collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::{Article, LabelSet, Status};
    use crate::model::{PossibleLabels, Prediction};
    use crate::pipeline::Classified;

    fn judged(
        id: &str,
        truth: &str,
        given: &[u32],
        confidence: f64,
        decision: Decision,
    ) -> Evaluated {
        let article = Article {
            id: id.to_owned(),
            labels: Some(LabelSet::parse(truth)),
            ..Article::default()
        };
        let prediction = Prediction {
            probabilities: (0..2).map(|l| if given.contains(&l) { 0.9 } else { 0.1 }).collect(),
            labels: given.iter().map(|&l| LabelId(l)).collect(),
            confidence,
            possible: PossibleLabels {
                labels: given.iter().map(|&l| LabelId(l)).collect(),
                certain: vec![],
                none: true,
            },
            decision,
        };
        let classified = Classified { status: Status::Ok, prediction: Some(prediction) };
        Evaluated::new(article, classified)
    }

    fn report(articles: &[Evaluated]) -> Report {
        let labels = ["a", "b"].map(str::to_owned);
        Report::new(ReportSource {
            labels: &labels,
            task: Task::AnyLabels,
            thresholds: &[0.5, 0.4],
            articles,
            models: &[],
            learning_curve: &[],
            second: None,
            near_duplicates: None,
            setup: Setup::default(),
        })
    }

    /// Worked by hand: `a` has tp 2, fp 1, fn 0; `b` has tp 1, fp 0, fn 1.
    #[test]
    fn the_numbers_follow_from_the_outcomes() {
        use Decision::{Accept, Review};
        let unreadable = Evaluated::new(
            Article { labels: Some(LabelSet::parse("b")), ..Article::default() },
            Classified { status: Status::Unreadable, prediction: None },
        );
        let report = report(&[
            judged("1", "a", &[0], 0.9, Accept),
            judged("2", "b;a", &[1, 0], 0.8, Accept),
            judged("3", "", &[0], 0.7, Accept),
            judged("4", "", &[], 0.6, Review),
            judged("5", "c", &[], 0.95, Review),
            unreadable,
        ]);
        assert_eq!(report.articles, 6);
        assert_eq!(report.accuracy, Some(3.0 / 6.0));
        let (a, b) = (&report.topics["a"], &report.topics["b"]);
        assert_eq!(
            (a.precision, a.recall, a.support, a.predicted),
            (Some(2.0 / 3.0), Some(1.0), 2, 3)
        );
        assert_eq!((b.precision, b.recall, b.support, b.predicted), (Some(1.0), Some(0.5), 2, 1));
        assert_eq!(a.f1, Some(0.8));
        assert_eq!(b.threshold, 0.4);
        assert!((report.macro_f1.unwrap() - (0.8 + 2.0 / 3.0) / 2.0).abs() < 1e-12);
        assert_eq!(report.micro_f1, Some(6.0 / 8.0));
        assert_eq!(report.coverage, Some(3.0 / 6.0));
        assert_eq!(report.accuracy_at_coverage, Some(2.0 / 3.0));
        assert_eq!(report.unknown_labels, BTreeMap::from([("c".to_owned(), 1)]));
        assert_eq!(report.statuses, BTreeMap::from([("ok", 5), ("unreadable", 1)]));
        // The sets of `3` and `4` admit the truth, as do those of `1` and `2`; only empty ones are single.
        assert_eq!(report.sets.covered, Some(4.0 / 5.0));
        assert_eq!(report.sets.size, Some(9.0 / 5.0));
        assert_eq!(report.sets.single, Some(2.0 / 5.0));
        // The most confident error first; what was not judged last.
        let errors: Vec<&str> = report.errors().iter().map(|case| case.id.as_str()).collect();
        assert_eq!(errors, ["5", "3", ""]);
        // `a`: three at 0.9 of which two are right, two at 0.1 of which none is: 3/5 · 0.2333 + 2/5 · 0.1.
        assert!((report.topics["a"].ece.unwrap() - 0.18).abs() < 1e-12);
    }

    #[test]
    fn what_is_undefined_is_null_in_json() {
        let report = report(&[judged("1", "", &[], 0.9, Decision::Review)]);
        let json = serde_json::to_value(&report).unwrap();
        assert!(json["topics"]["a"]["f1"].is_null());
        assert!(json["macro_f1"].is_null());
        assert!(json["accuracy_at_coverage"].is_null());
        assert_eq!(json["coverage"], 0.0);
        assert_eq!(json["accuracy"], 1.0);
    }
}
