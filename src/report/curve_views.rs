//! The charts, each with its numbers.

use super::chart::{Axis, Chart, Mark, Series, Tone};
use super::curves::thinned;
use super::pen::Pen;
use super::report::Report;
use super::summary_view::{name, shown_labels};
use super::topic_report::TopicReport;
use crate::metrics::PrecisionRecallPoint;
use crate::model::{Decision, Task};

/// Points of one curve in a chart, and rows of numbers beside it.
const POINTS: usize = 100;
const ROWS: usize = 12;

pub(super) struct Curves {
    /// Why working points may lie beside their curves; empty where they do not.
    pub note: String,
    pub topics: Vec<TopicCurve>,
    pub calibration: String,
    pub bins: Vec<BinRow>,
    pub coverage: String,
    pub coverage_points: Vec<(String, String, String)>,
    pub learning: String,
    pub learning_rise: String,
    pub learning_rows: Vec<LearningRow>,
}

pub(super) struct TopicCurve {
    pub name: String,
    pub svg: String,
    /// Threshold, precision, recall.
    pub points: Vec<(String, String, String)>,
}

/// Numbers are HTML.
pub(super) struct BinRow {
    pub range: String,
    pub count: String,
    pub mean: String,
    pub observed: String,
}

/// Numbers are HTML.
pub(super) struct LearningRow {
    pub articles: String,
    pub exact: String,
    pub micro: String,
    pub micro_range: String,
    pub macro_f1: String,
    pub macro_range: String,
    pub problem: String,
}

impl Curves {
    pub(super) fn new(report: &Report, pen: Pen) -> Self {
        let topic = |label: usize| {
            let topic = &report.topics[&report.labels[label]];
            TopicCurve {
                name: name(&report.labels[label]),
                svg: precision_recall(topic, label, pen),
                points: thinned(&rising(topic), ROWS)
                    .iter()
                    .map(|p| {
                        let number = |v| pen.language.number(v, 3);
                        (number(p.threshold), number(p.precision), number(p.recall))
                    })
                    .collect(),
            }
        };
        let models = report.models.len();
        Self {
            note: match (report.task, models) {
                (Task::OneLabel, _) => pen.words.curves_one_label.to_owned(),
                (Task::AnyLabels, 2..) => pen.say(pen.words.curves_folds, &[&pen.count(models)]),
                (Task::AnyLabels, _) => String::new(),
            },
            topics: shown_labels(report).into_iter().map(topic).collect(),
            calibration: calibration(report, pen),
            bins: bins(report, pen),
            coverage: coverage(report, pen),
            coverage_points: coverage_points(report, pen),
            learning: learning(report, pen),
            learning_rise: learning_rise(report, pen),
            learning_rows: learning_rows(report, pen),
        }
    }
}

/// Shares from 0 to 1, a tick every fifth.
fn unit<'a>(name: &'a str, format: &'a dyn Fn(f64) -> String) -> Axis<'a> {
    Axis { name, range: (0.0, 1.0), ticks: 6, format }
}

/// The points of a curve at which recall rises: between them precision falls straight down.
fn rising(topic: &TopicReport) -> Vec<PrecisionRecallPoint> {
    let before = [0.0].into_iter().chain(topic.curve.iter().map(|p| p.recall));
    let rises = topic.curve.iter().zip(before).filter(|(point, before)| point.recall > *before);
    rises.map(|(point, _)| *point).collect()
}

fn precision_recall(topic: &TopicReport, label: usize, pen: Pen) -> String {
    let w = pen.words;
    if topic.curve.is_empty() {
        return String::new();
    }
    let tick = |value: f64| pen.language.number(value, 1);
    let points = thinned(&rising(topic), POINTS).iter().map(|p| (p.recall, p.precision)).collect();
    let mut series = vec![Series { mark: Mark::Line, tone: Tone::First, points }];
    if let (Some(recall), Some(precision)) = (topic.recall, topic.precision) {
        let points = vec![(recall, precision)];
        series.push(Series { mark: Mark::Dots(5), tone: Tone::Point, points });
    }
    Chart {
        title: w.curve_chart,
        id: &format!("pr{label}"),
        size: (400, 300),
        x: unit(w.recall, &tick),
        y: unit(w.precision, &tick),
        series,
    }
    .to_svg()
}

fn calibration(report: &Report, pen: Pen) -> String {
    let w = pen.words;
    let tick = |value: f64| pen.language.percent(value, 0);
    let bins = report.calibration.bins.iter();
    let points: Vec<(f64, f64)> =
        bins.filter_map(|b| Some((b.mean_probability?, b.observed?))).collect();
    let diagonal = vec![(0.0, 0.0), (1.0, 1.0)];
    Chart {
        title: w.calibration_chart,
        id: "reliability",
        size: (480, 360),
        x: unit(w.mean_probability, &tick),
        y: unit(w.came_true, &tick),
        series: vec![
            Series { mark: Mark::Line, tone: Tone::Guide, points: diagonal },
            Series { mark: Mark::Line, tone: Tone::First, points: points.clone() },
            Series { mark: Mark::Dots(4), tone: Tone::First, points },
        ],
    }
    .to_svg()
}

fn bins(report: &Report, pen: Pen) -> Vec<BinRow> {
    let bins = &report.calibration.bins;
    let width = 1.0 / bins.len().max(1) as f64;
    let row = |b: &crate::metrics::CalibrationBin| BinRow {
        range: format!(
            "{}–{}",
            pen.language.number(b.from * 100.0, 0),
            pen.language.percent(b.from + width, 0)
        ),
        count: pen.language.count(b.count),
        mean: pen.share(b.mean_probability, pen.words.empty_bin),
        observed: pen.share(b.observed, pen.words.empty_bin),
    };
    bins.iter().map(row).collect()
}

fn coverage(report: &Report, pen: Pen) -> String {
    let w = pen.words;
    let tick = |value: f64| pen.language.percent(value, 0);
    // From where the curve no longer depends on a handful of articles.
    let steady = report.coverage_curve.iter().filter(|p| p.coverage >= 0.02);
    let points: Vec<(f64, f64)> = steady.map(|p| (p.coverage, p.accuracy)).collect();
    let lowest = points.iter().map(|p| p.1).fold(1.0, f64::min);
    let bottom = (((lowest - 0.01) * 20.0).floor() / 20.0).clamp(0.0, 0.9);
    let mut series = vec![Series { mark: Mark::Line, tone: Tone::First, points }];
    if let (Some(coverage), Some(accuracy)) = (report.coverage, report.accuracy_at_coverage) {
        let points = vec![(coverage, accuracy.max(bottom))];
        series.push(Series { mark: Mark::Dots(5), tone: Tone::Point, points });
    }
    Chart {
        title: w.coverage,
        id: "risk",
        size: (480, 360),
        x: unit(w.coverage_axis, &tick),
        y: Axis { name: w.accuracy_axis, range: (bottom, 1.0), ticks: 6, format: &tick },
        series,
    }
    .to_svg()
}

/// Accuracy at every tenth of the articles, and at the working point.
fn coverage_points(report: &Report, pen: Pen) -> Vec<(String, String, String)> {
    let curve = &report.coverage_curve;
    let accepted = report.cases.iter().filter(|case| case.decision == Decision::Accept);
    let working = accepted.filter_map(|case| case.confidence).min_by(f64::total_cmp);
    let mut rows: Vec<(f64, f64, f64)> = (1..=10)
        .filter_map(|tenth| {
            let wanted = f64::from(tenth) / 10.0;
            let nearest = curve.iter().min_by(|a, b| {
                (a.coverage - wanted).abs().total_cmp(&(b.coverage - wanted).abs())
            })?;
            Some((nearest.coverage, nearest.accuracy, nearest.confidence))
        })
        .collect();
    if let (Some(coverage), Some(accuracy), Some(confidence)) =
        (report.coverage, report.accuracy_at_coverage, working)
    {
        rows.push((coverage, accuracy, confidence));
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.total_cmp(&b.2)));
    rows.dedup();
    let written = |(coverage, accuracy, confidence): (f64, f64, f64)| {
        (pen.percent(coverage), pen.percent(accuracy), pen.language.number(confidence, 3))
    };
    rows.into_iter().map(written).collect()
}

fn learning(report: &Report, pen: Pen) -> String {
    let w = pen.words;
    let known = || report.learning_curve.iter().filter_map(|p| Some((p, p.summary.as_ref()?)));
    if known().count() == 0 {
        return String::new();
    }
    let score = |value: f64| pen.language.number(value, 2);
    let articles = |value: f64| pen.count(value.round() as usize);
    let most = report.learning_curve.iter().map(|p| p.training_articles).fold(1.0, f64::max);
    let mut series = Vec::new();
    let (mut bottom, mut top) = (1.0f64, 0.0f64);
    // Whiskers beside each other, so that both are seen.
    for (tone, aside, of) in [
        (
            Tone::Second,
            0.004,
            (|a| a.macro_f1) as fn(&super::score_summary::Accuracy) -> Option<f64>,
        ),
        (Tone::First, -0.004, |a| a.micro_f1),
    ] {
        let (mut line, mut whiskers) = (Vec::new(), Vec::new());
        for (point, summary) in known() {
            let x = point.training_articles + aside * most;
            if let Some(y) = of(&summary.scores) {
                line.push((x, y));
                let (low, high) = (of(&summary.low).unwrap_or(y), of(&summary.high).unwrap_or(y));
                whiskers.extend([(x, low), (x, high)]);
                (bottom, top) = (bottom.min(low), top.max(high));
            }
        }
        series.push(Series { mark: Mark::Whiskers, tone, points: whiskers });
        series.push(Series { mark: Mark::Line, tone, points: line.clone() });
        series.push(Series { mark: Mark::Dots(4), tone, points: line });
    }
    let bottom = ((bottom - 0.02) * 10.0).floor().max(0.0) / 10.0;
    let top = ((top + 0.01) * 10.0).ceil().min(10.0) / 10.0;
    Chart {
        title: w.learning,
        id: "learned",
        size: (480, 360),
        x: Axis {
            name: w.training_articles,
            range: (0.0, most * 1.04),
            ticks: 5,
            format: &articles,
        },
        y: Axis { name: w.f1, range: (bottom, top.max(bottom + 0.1)), ticks: 6, format: &score },
        series,
    }
    .to_svg()
}

fn learning_rise(report: &Report, pen: Pen) -> String {
    let micro = |back: usize| {
        let at = report.learning_curve.len().checked_sub(back)?;
        report.learning_curve[at].summary.as_ref()?.scores.micro_f1
    };
    match (micro(2), micro(1)) {
        (Some(half), Some(whole)) => {
            let points = pen.language.signed((whole - half) * 100.0, 1);
            pen.say(pen.words.learning_rise, &[&points])
        }
        _ => String::new(),
    }
}

fn learning_rows(report: &Report, pen: Pen) -> Vec<LearningRow> {
    let why = pen.words.undefined_all;
    let row = |point: &super::curves::LearningPoint| {
        let summary = point.summary.unwrap_or_default();
        let (scores, low, high) = (summary.scores, summary.low, summary.high);
        LearningRow {
            articles: pen.count(point.training_articles.round() as usize),
            exact: pen.share(scores.accuracy, why),
            micro: pen.score(scores.micro_f1, why),
            micro_range: pen.range(low.micro_f1, high.micro_f1),
            macro_f1: pen.score(scores.macro_f1, why),
            macro_range: pen.range(low.macro_f1, high.macro_f1),
            problem: match &point.problem {
                Some(problem) => pen.say(pen.words.not_trained, &[problem]),
                None => String::new(),
            },
        }
    };
    report.learning_curve.iter().map(row).collect()
}
