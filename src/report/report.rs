//! The numbers of an evaluation, as one value. `metrics.json` is this value.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::corpus::{LabelSet, Status};
use crate::ids::LabelId;
use crate::metrics::{
    CalibrationBin, ConfusionMatrix, Outcome, Scores, bootstrap, calibration_bins,
    expected_calibration_error,
};
use crate::model::{Decision, Task};
use crate::pipeline::Evaluated;

use super::predictions::possible_names;

/// Version of the layout of `metrics.json` and the CSV files beside it.
const FORMAT: u32 = 1;
const DRAWS: usize = 1000;
const BINS: usize = 10;

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
    /// How they were evaluated.
    pub setup: Setup,
}

/// An evaluation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Version of this layout.
    pub format: u32,
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
    /// The sets of possible labels.
    pub sets: Sets,
    /// Articles by status.
    pub statuses: BTreeMap<&'static str, usize>,
    /// Labels of the articles that the model does not know, with their number of articles.
    pub unknown_labels: BTreeMap<String, usize>,
    /// How this was made.
    pub setup: Setup,
    /// Labels in the model's order.
    #[serde(skip)]
    pub labels: Vec<String>,
    /// Which label was taken for which; last row and column: none.
    #[serde(skip)]
    pub confusion: ConfusionMatrix,
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

/// Bounds of the scores over all articles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Accuracy {
    /// Of the accuracy.
    pub accuracy: Option<f64>,
    /// Of the micro F1.
    pub micro_f1: Option<f64>,
    /// Of the macro F1.
    pub macro_f1: Option<f64>,
}

/// Scores of one label; `None` where undefined.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TopicReport {
    /// Share of the articles given the label that have it.
    pub precision: Option<f64>,
    /// Share of the articles with the label that were given it.
    pub recall: Option<f64>,
    /// Their harmonic mean.
    pub f1: Option<f64>,
    /// Articles with the label.
    pub support: u64,
    /// Articles given the label.
    pub predicted: u64,
    /// Least probability at which it is given.
    pub threshold: f64,
    /// Expected calibration error of its probability.
    pub ece: Option<f64>,
    /// Lower 95 % bootstrap bounds.
    pub low: TopicBounds,
    /// Upper 95 % bootstrap bounds.
    pub high: TopicBounds,
}

/// Bounds of one label's scores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct TopicBounds {
    /// Of the precision.
    pub precision: Option<f64>,
    /// Of the recall.
    pub recall: Option<f64>,
    /// Of the F1.
    pub f1: Option<f64>,
}

/// Low and high bounds together.
pub type Bounds = (TopicBounds, TopicBounds);

/// Calibration over all decisions: with one label an article, of the label given; else of every article and topic.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Calibration {
    /// Expected calibration error, 10 bins.
    pub ece: Option<f64>,
    /// The bins.
    pub bins: Vec<CalibrationBin>,
}

/// One article of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its text as it was read.
    pub text: String,
    /// Its true labels.
    pub truth: LabelSet,
    /// The labels it was given, most probable first.
    pub topics: Vec<String>,
    /// Probability by label; empty where nothing was predicted.
    pub probabilities: Vec<f64>,
    /// Probability that exactly these labels are right; `None` where nothing was predicted.
    pub confidence: Option<f64>,
    /// Accept or review.
    pub decision: Decision,
    /// What cannot be ruled out; empty where nothing was predicted.
    pub possible: Vec<String>,
    /// What became of it.
    pub status: Status,
    /// Whether exactly the true labels were given.
    pub exact: bool,
}

impl Report {
    /// Works out all numbers.
    pub fn new(source: ReportSource<'_>) -> Self {
        let ReportSource { labels, task, thresholds, articles, setup } = source;
        let mut unknown_labels = BTreeMap::new();
        let mut statuses = BTreeMap::new();
        let mut outcomes = Vec::with_capacity(articles.len());
        let mut cases = Vec::with_capacity(articles.len());
        let (mut covered, mut single) = (0, 0);
        for Evaluated { article, classified } in articles {
            let truth = article.labels.clone().unwrap_or_default();
            let number = |name: &String| labels.iter().position(|l| l == name);
            for name in truth.names().iter().filter(|n| number(n).is_none()) {
                *unknown_labels.entry(name.clone()).or_insert(0) += 1;
            }
            *statuses.entry(classified.status.name()).or_insert(0) += 1;
            let given: &[_] = classified.prediction.as_ref().map_or(&[], |p| &p.labels);
            let mut predicted: Vec<usize> = given.iter().map(|l| l.index()).collect();
            predicted.sort_unstable();
            // A label the model does not know can never be predicted: the article is no exact match.
            let known_truth =
                truth.names().iter().map(|n| number(n).unwrap_or(labels.len())).collect();
            let outcome = Outcome { truth: known_truth, predicted };
            if let Some(prediction) = &classified.prediction {
                let truth: Vec<LabelId> =
                    outcome.truth.iter().map(|&c| LabelId(c as u32)).collect();
                covered += usize::from(prediction.possible.admit(&truth));
                single += usize::from(prediction.possible.is_single());
            }
            let prediction = classified.prediction.as_ref();
            let possible = prediction.map_or_else(Vec::new, |p| possible_names(p, labels));
            cases.push(Case {
                id: article.id.clone(),
                title: article.title.clone(),
                text: article.text.clone(),
                truth,
                topics: given.iter().map(|l| labels[l.index()].clone()).collect(),
                probabilities: classified
                    .prediction
                    .as_ref()
                    .map_or_else(Vec::new, |p| p.probabilities.clone()),
                confidence: classified.prediction.as_ref().map(|p| p.confidence),
                decision: classified.decision(),
                possible: possible.into_iter().map(str::to_owned).collect(),
                status: classified.status,
                exact: outcome.is_exact(),
            });
            outcomes.push(outcome);
        }
        let scores = Scores::new(outcomes.iter(), labels.len());
        let (low, high, topic_bounds) = bounds(&outcomes, labels.len(), setup.seed);
        let has = |case: &Case, name: &str| case.truth.names().iter().any(|n| n == name);
        let decisions_on = |label: usize| -> Vec<(f64, bool)> {
            let judged = cases.iter().filter(|c| !c.probabilities.is_empty());
            judged.map(|c| (c.probabilities[label], has(c, &labels[label]))).collect()
        };
        let topics = labels
            .iter()
            .enumerate()
            .map(|(i, name)| {
                let s = scores.topics[i];
                let topic = TopicReport {
                    precision: s.precision(),
                    recall: s.recall(),
                    f1: s.f1(),
                    support: s.support(),
                    predicted: s.true_positives + s.false_positives,
                    threshold: thresholds.get(i).copied().unwrap_or(0.0),
                    ece: expected_calibration_error(&decisions_on(i)),
                    low: topic_bounds[i].0,
                    high: topic_bounds[i].1,
                };
                (name.clone(), topic)
            })
            .collect();
        let decisions: Vec<(f64, bool)> = match task {
            Task::OneLabel => cases.iter().filter_map(|c| Some((c.confidence?, c.exact))).collect(),
            Task::AnyLabels => (0..labels.len()).flat_map(decisions_on).collect(),
        };
        let accepted: Vec<&Case> =
            cases.iter().filter(|c| c.decision == Decision::Accept).collect();
        let share = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
        let judged = cases.iter().filter(|c| c.confidence.is_some()).count();
        let sets = Sets {
            covered: share(covered, judged),
            size: share(cases.iter().map(|c| c.possible.len()).sum(), judged),
            single: share(single, judged),
        };
        Self {
            format: FORMAT,
            articles: cases.len(),
            accuracy: scores.accuracy(),
            micro_f1: scores.micro_f1(),
            macro_f1: scores.macro_f1(),
            low,
            high,
            topics,
            calibration: Calibration {
                ece: expected_calibration_error(&decisions),
                bins: calibration_bins(&decisions, BINS),
            },
            coverage: share(accepted.len(), cases.len()),
            accuracy_at_coverage: share(
                accepted.iter().filter(|c| c.exact).count(),
                accepted.len(),
            ),
            sets,
            statuses,
            unknown_labels,
            setup,
            labels: labels.to_vec(),
            confusion: ConfusionMatrix::new(outcomes.iter(), labels.len()),
            cases,
        }
    }

    /// The wrong articles, the most confident error first, equals in input order.
    pub fn errors(&self) -> Vec<&Case> {
        let mut errors: Vec<&Case> = self.cases.iter().filter(|c| !c.exact).collect();
        errors.sort_by(|a, b| b.confidence.unwrap_or(0.0).total_cmp(&a.confidence.unwrap_or(0.0)));
        errors
    }
}

/// Bootstrap bounds of the scores over all articles and of each label's.
fn bounds(outcomes: &[Outcome], labels: usize, seed: u64) -> (Accuracy, Accuracy, Vec<Bounds>) {
    let intervals = bootstrap(outcomes, DRAWS, seed, |sample| {
        let scores = Scores::new(sample.iter().copied(), labels);
        let mut values = vec![scores.accuracy(), scores.micro_f1(), scores.macro_f1()];
        for topic in &scores.topics {
            values.extend([topic.precision(), topic.recall(), topic.f1()]);
        }
        values
    });
    let low = |i: usize| intervals.get(i).copied().flatten().map(|b| b.low);
    let high = |i: usize| intervals.get(i).copied().flatten().map(|b| b.high);
    let all = |at: &dyn Fn(usize) -> Option<f64>| Accuracy {
        accuracy: at(0),
        micro_f1: at(1),
        macro_f1: at(2),
    };
    let topic = |at: &dyn Fn(usize) -> Option<f64>, i: usize| TopicBounds {
        precision: at(3 + 3 * i),
        recall: at(4 + 3 * i),
        f1: at(5 + 3 * i),
    };
    let topics = (0..labels).map(|i| (topic(&low, i), topic(&high, i))).collect();
    (all(&low), all(&high), topics)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Article;
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
        Evaluated {
            article,
            classified: Classified { status: Status::Ok, prediction: Some(prediction) },
        }
    }

    fn report(articles: &[Evaluated]) -> Report {
        let labels = ["a", "b"].map(str::to_owned);
        Report::new(ReportSource {
            labels: &labels,
            task: Task::AnyLabels,
            thresholds: &[0.5, 0.4],
            articles,
            setup: Setup::default(),
        })
    }

    /// Worked by hand: `a` has tp 2, fp 1, fn 0; `b` has tp 1, fp 0, fn 1.
    #[test]
    fn the_numbers_follow_from_the_outcomes() {
        use Decision::{Accept, Review};
        let unreadable = Evaluated {
            article: Article { labels: Some(LabelSet::parse("b")), ..Article::default() },
            classified: Classified { status: Status::Unreadable, prediction: None },
        };
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
