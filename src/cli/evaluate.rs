//! `evaluate`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rubrique::Classifier;
use rubrique::corpus::Article;
use rubrique::pipeline::{ModelFacts, Split, classify_evaluated, evaluate, hold_out};
use rubrique::report::{
    Language, NearDuplicates, Report, ReportSource, SecondModel, Setup, Table, TableProfile,
    write_confusion, write_errors, write_html, write_per_topic, write_predictions,
};

use super::Ending;
use super::args::{Evaluate, Shared, SplitName};
use super::manifest::{Manifest, settings_of};
use super::output::Output;
use super::progress;
use super::settings::Settings;

pub(super) fn run(args: Evaluate, shared: &Shared) -> Result<Ending> {
    if args.compare.is_some() && (args.cross_validate.is_some() || args.split.is_some()) {
        bail!(
            "--compare: a finished model may have been trained on the articles that cross-validation holds out, so the comparison would flatter it; \
             try: --model M1 --compare M2 on articles that neither has seen"
        );
    }
    let mut run = Manifest::begin("evaluate", Settings::new());
    let reader = args.inputs.open_corrected(true)?;
    let digests = reader.digests();
    std::fs::create_dir_all(&args.report).with_context(|| {
        format!("{}: the folder cannot be made; try: another --report", args.report.display())
    })?;
    let bar = progress::articles(shared, "evaluating");
    let tick = |n| bar.set_position(n);
    let setup = Setup {
        command: command_line(),
        inputs: args.inputs.inputs.iter().map(|p| p.display().to_string()).collect(),
        model: String::new(),
        folds: args.cross_validate,
        split: None,
        seed: args.training.seed,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let split = match (args.split, args.cross_validate) {
        (None, None) => None,
        (Some(SplitName::Time), Some(blocks)) => Some(Split::TimeBlocks(blocks)),
        (Some(SplitName::Time), None) => Some(Split::NewestFifth),
        (Some(SplitName::Random), None) => Some(Split::RandomFifth),
        (Some(SplitName::Random) | None, Some(folds)) => Some(Split::Folds(folds)),
    };
    let mut undated = 0;
    let report = if let Some(split) = split {
        let settings = args.training.settings()?;
        run.settings = settings_of(&settings)?;
        run.settings.insert("division".to_owned(), serde_json::to_value(split)?);
        let articles = reader.collect::<Result<Vec<Article>, _>>()?;
        let validated = hold_out(articles, &settings, split, !args.no_learning_curve, &tick)?;
        undated = validated.undated;
        Report::new(ReportSource {
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
            setup: Setup {
                model: split_in_words(split),
                // Plain folds are what the number of folds says.
                split: Some(split).filter(|split| !matches!(split, Split::Folds(_))),
                ..setup
            },
        })
    } else {
        let classifier = args.model.load()?;
        run = run.with_model(&args.model.name(), &classifier)?;
        let second = args.compare.as_deref().map(Classifier::load).transpose()?;
        let evaluated = evaluate(&classifier, reader, &tick)?;
        let classified = second.as_ref().map(|second| classify_evaluated(second, &evaluated));
        let second = second.as_ref().zip(args.compare.as_ref()).zip(classified.as_ref());
        Report::new(ReportSource {
            labels: classifier.labels(),
            task: classifier.task(),
            thresholds: &classifier.rule().thresholds,
            articles: &evaluated,
            models: &[ModelFacts::of(&classifier)],
            learning_curve: &[],
            second: second.map(|((second, path), classified)| SecondModel {
                name: path.display().to_string(),
                labels: second.labels(),
                classified,
            }),
            near_duplicates: None,
            setup: Setup { model: args.model.name(), ..setup },
        })
    };
    bar.finish_and_clear();
    let language = args.lang.language();
    run.settings.insert("excel".to_owned(), args.tables.excel.into());
    let files = write_folder(&report, language, args.tables.profile(), &args.report)?;
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let articles = report.articles as u64;
    run.write_beside(&args.report.join("manifest.json"), digests.all(), articles, &files)?;
    if !shared.quiet {
        print_summary(&report, &args.report);
    }
    for (label, count) in &report.unknown_labels {
        eprintln!(
            "warning: {count} articles have the label \"{label}\", which the model does not know"
        );
    }
    let unclassified: usize =
        report.statuses.iter().filter(|(name, _)| **name != "ok").map(|(_, count)| count).sum();
    if unclassified > 0 {
        eprintln!(
            "warning: {unclassified} articles were not classified; they count as given no label"
        );
    }
    if undated > 0 {
        eprintln!(
            "warning: {undated} articles have no date that can be read; they were neither learned from nor judged"
        );
    }
    let clean = report.unknown_labels.is_empty() && unclassified == 0 && undated == 0;
    Ok(if clean { Ending::Done } else { Ending::Findings })
}

/// How the models came about.
fn split_in_words(split: Split) -> String {
    match split {
        Split::Folds(_) => "a model trained for each fold".to_owned(),
        Split::RandomFifth => "a model trained on four fifths, drawn at random".to_owned(),
        Split::TimeBlocks(blocks) => {
            format!("for each of {blocks} blocks of time, a model trained on all earlier articles")
        }
        Split::NewestFifth => "a model trained on all but the newest fifth".to_owned(),
    }
}

fn write_folder(
    report: &Report,
    language: Language,
    profile: TableProfile,
    folder: &Path,
) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut file = |name: &str, write: &dyn Fn(&mut Output) -> Result<()>| -> Result<()> {
        let path = folder.join(name);
        let mut out = Output::open(&path)?;
        write(&mut out).with_context(|| path.display().to_string())?;
        out.finish()?;
        files.push(path);
        Ok(())
    };
    file("report.html", &|out| Ok(write_html(report, language, out)?))?;
    file("metrics.json", &|out| {
        serde_json::to_writer_pretty(&mut *out, report)?;
        Ok(out.write_all(b"\n")?)
    })?;
    type Fill<'f> = &'f dyn Fn(&mut Table<&mut Output>) -> io::Result<()>;
    let mut table = |name: &str, fill: Fill| {
        file(name, &|out| Ok(Table::write(out, profile, |table| fill(table))?))
    };
    table("per_topic.csv", &|table| write_per_topic(report, table))?;
    table("confusion.csv", &|table| write_confusion(report, table))?;
    table("predictions.csv", &|table| write_predictions(report, table))?;
    table("errors.csv", &|table| write_errors(report, table))?;
    Ok(files)
}

fn print_summary(report: &Report, folder: &Path) {
    let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"));
    eprintln!(
        "{} articles: exact {}, micro F1 {}, macro F1 {}, ECE {}",
        report.articles,
        number(report.accuracy),
        number(report.micro_f1),
        number(report.macro_f1),
        number(report.calibration.ece),
    );
    let width = report.labels.iter().map(|l| l.chars().count()).max().unwrap_or(0).max(5);
    eprintln!("  {:width$}  articles  precision  recall     F1   95 % interval", "label");
    for name in &report.labels {
        let t = &report.topics[name];
        eprintln!(
            "  {name:width$}  {:8}  {:>9}  {:>6}  {:>5}   {} – {}",
            t.support,
            number(t.precision),
            number(t.recall),
            number(t.f1),
            number(t.low.f1),
            number(t.high.f1),
        );
    }
    eprintln!("report: {}", folder.join("report.html").display());
}

/// The command line as it was typed, words with spaces quoted.
pub(super) fn command_line() -> String {
    let quoted = |word: String| if word.contains(' ') { format!("'{word}'") } else { word };
    let words = std::env::args().skip(1).map(quoted);
    ["rubrique".to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ")
}
