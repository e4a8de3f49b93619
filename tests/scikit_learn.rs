//! Our numbers against those of scikit-learn, for three cases that `tests/golden/scikit_learn.py` made.

use rubrique::corpus::{Article, LabelSet, Status};
use rubrique::ids::LabelId;
use rubrique::model::{Decision, PossibleLabels, Prediction, Task};
use rubrique::pipeline::{Classified, Evaluated};
use rubrique::report::{Report, ReportSource, Setup};
use serde_json::Value;

fn cases() -> Vec<Value> {
    let golden: Value = serde_json::from_str(include_str!("golden/scikit_learn.json")).unwrap();
    assert!(golden["source"].as_str().unwrap().starts_with("scikit-learn 1."));
    golden["cases"].as_array().unwrap().clone()
}

fn numbers(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(|v| v.as_u64().unwrap() as usize).collect()
}

fn floats(value: &Value) -> Vec<Option<f64>> {
    value.as_array().unwrap().iter().map(Value::as_f64).collect()
}

fn label(number: usize) -> String {
    format!("label{number}")
}

/// The whole way, from predictions to the report.
fn report(case: &Value) -> Report {
    let labels: Vec<String> = (0..case["f1"].as_array().unwrap().len()).map(label).collect();
    let rows = case["truth"].as_array().unwrap().iter().zip(case["given"].as_array().unwrap());
    let rows = rows.zip(case["probabilities"].as_array().unwrap());
    let articles: Vec<Evaluated> = rows
        .map(|((truth, given), probabilities)| {
            let truth = LabelSet::new(numbers(truth).into_iter().map(label));
            let article = Article { labels: Some(truth), ..Article::default() };
            let prediction = Prediction {
                probabilities: floats(probabilities).into_iter().flatten().collect(),
                labels: numbers(given).into_iter().map(|l| LabelId(l as u32)).collect(),
                confidence: 0.5,
                possible: PossibleLabels::default(),
                decision: Decision::Accept,
            };
            let classified = Classified { status: Status::Ok, prediction: Some(prediction) };
            Evaluated::new(article, classified)
        })
        .collect();
    Report::new(ReportSource {
        labels: &labels,
        task: if case["one_label"] == true { Task::OneLabel } else { Task::AnyLabels },
        thresholds: &[],
        articles: &articles,
        models: &[],
        learning_curve: &[],
        second: None,
        near_duplicates: None,
        setup: Setup { seed: 42, ..Setup::default() },
    })
}

fn assert_close(ours: Option<f64>, theirs: Option<f64>, within: f64, what: &str) {
    match (ours, theirs) {
        (Some(a), Some(b)) => assert!((a - b).abs() <= within, "{what}: {a} against {b}"),
        (a, b) => assert_eq!(a, b, "{what}"),
    }
}

#[test]
fn scores_curves_and_calibration_agree() {
    let mut undefined = 0;
    for case in cases() {
        let report = report(&case);
        let name = case["name"].as_str().unwrap();
        let all = [
            ("accuracy", report.accuracy),
            ("micro_f1", report.micro_f1),
            ("macro_f1", report.macro_f1),
        ];
        for (score, ours) in all {
            assert_close(ours, case[score].as_f64(), 1e-12, &format!("{name}: {score}"));
        }
        for (l, topic) in report.labels.iter().map(|l| &report.topics[l]).enumerate() {
            let theirs = |score: &str| floats(&case[score])[l];
            let of_topic = [
                ("precision", topic.precision, 1e-12),
                ("recall", topic.recall, 1e-12),
                ("f1", topic.f1, 1e-12),
                ("average_precision", topic.average_precision, 1e-12),
                ("ece", topic.ece, 1e-12),
            ];
            for (score, ours, within) in of_topic {
                assert_close(ours, theirs(score), within, &format!("{name}: {score} of label {l}"));
                undefined += usize::from(ours.is_none());
            }
            assert_eq!(topic.support, numbers(&case["support"])[l] as u64);
            let theirs: Vec<Vec<Option<f64>>> =
                case["curves"][l].as_array().unwrap().iter().map(floats).collect();
            assert_eq!(topic.curve.len(), theirs.len(), "{name}: points of label {l}");
            for (ours, theirs) in topic.curve.iter().zip(theirs) {
                assert_close(Some(ours.threshold), theirs[0], 1e-12, "threshold");
                assert_close(Some(ours.precision), theirs[1], 1e-12, "precision");
                assert_close(Some(ours.recall), theirs[2], 1e-12, "recall");
            }
        }
    }
    assert!(undefined >= 4, "the third case has scores that are undefined");
}

#[test]
fn confusion_agrees() {
    for case in cases() {
        let report = report(&case);
        let labels = report.labels.len();
        if let Some(rows) = case["confusion"].as_array() {
            for (truth, row) in rows.iter().enumerate() {
                let ours: Vec<usize> =
                    report.confusion.rows()[truth][..labels].iter().map(|&n| n as usize).collect();
                assert_eq!(ours, numbers(row), "label {truth}");
            }
        } else {
            // One table a label: [[true negatives, false positives], [false negatives, true positives]].
            for (l, table) in case["multilabel_confusion"].as_array().unwrap().iter().enumerate() {
                let topic = &report.topics[&label(l)];
                let right = report.confusion.get(l, l);
                let [negative, positive] = [numbers(&table[0]), numbers(&table[1])];
                assert_eq!(right as usize, positive[1], "label {l}");
                assert_eq!((topic.support - right) as usize, positive[0], "label {l}");
                assert_eq!((topic.predicted - right) as usize, negative[1], "label {l}");
                assert_eq!(report.articles, negative.iter().chain(&positive).sum::<usize>());
            }
        }
    }
}

/// Their bounds come from 4,000 draws, ours from 1,000 others: ends of intervals then differ by a few thousandths.
#[test]
fn bootstrap_bounds_agree() {
    let mut compared = 0;
    for case in cases().into_iter().filter(|case| case["bounds"].is_object()) {
        let report = report(&case);
        let topic = &report.topics[&label(0)];
        let (l, h) = (&report.low, &report.high);
        let low = [l.accuracy, l.micro_f1, l.macro_f1, topic.low.f1];
        let high = [h.accuracy, h.micro_f1, h.macro_f1, topic.high.f1];
        for (end, ours) in [("low", low), ("high", high)] {
            for (ours, theirs) in ours.into_iter().zip(floats(&case["bounds"][end])) {
                assert_close(ours, theirs, 0.008, &format!("{}: {end}", case["name"]));
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 16);
}
