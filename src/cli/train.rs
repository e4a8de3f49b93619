//! `train` and `merge`.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use rubrique::Classifier;
use rubrique::corpus::Reader;
use rubrique::model::{Target, Task};
use rubrique::pipeline::{
    CountedCorpus, Skipped, TrainSettings, count_articles, train_in_one_pass, trains_in_one_pass,
};

use super::Ending;
use super::args::{Merge, Shared, Train};
use super::manifest::{Manifest, beside, read_whole, settings_of};
use super::output::{Output, write_file};
use super::problems::Problems;
use super::progress;

/// Below this, a topic's scores are chance and its model knows names rather than the notion.
const FEW_ARTICLES: u64 = 30;

pub(super) fn train(args: Train, shared: &Shared) -> Result<Ending> {
    let settings = args.training.settings()?;
    let run = Manifest::begin("train", settings_of(&settings)?);
    let reader = args.inputs.open_corrected(true)?;
    let digests = reader.digests();
    // Opened before the work, so that hours are not lost on a folder that cannot be written.
    for target in [&args.model, &args.counts].into_iter().flatten() {
        drop(Output::open(target)?);
    }
    if let (Some(target), None, true) = (&args.model, &args.counts, args.add_to.is_empty())
        && trains_in_one_pass(&settings)
    {
        return one_pass(reader, &settings, target, run, shared);
    }
    let earlier = args.add_to.iter().map(|path| earlier(path, &settings));
    let earlier = earlier.collect::<Result<Vec<_>>>()?;
    let bar = progress::articles(shared, "counting");
    let problems = Problems::default();
    let articles = reader.inspect(|article| article.iter().for_each(|a| problems.note(a)));
    let (mut corpus, skipped) =
        count_articles(articles, &settings.analyzer, settings.zones, &|n| bar.set_position(n))?;
    bar.finish_and_clear();
    problems.report();
    report_skipped(skipped);
    let read = corpus.articles() as u64 + skipped.unreadable + skipped.empty;
    for earlier in earlier {
        corpus = corpus.merge(earlier)?;
    }
    let mut inputs = digests.all();
    for path in &args.add_to {
        inputs.push(read_whole(path)?);
    }
    if let Some(target) = &args.counts {
        let (articles, terms) = (corpus.articles(), corpus.terms.len());
        write_file(target, &corpus.clone().to_bytes()?)?;
        run.clone().write_beside(&beside(target), inputs.clone(), read, &[target])?;
        if !shared.quiet {
            eprintln!("{articles} articles with {terms} terms counted into {}", target.display());
        }
    }
    if let Some(target) = &args.model {
        fit(corpus, &settings, target, shared)?;
        run.write_beside(&beside(target), inputs, read, &[target])?;
    }
    Ok(ending(skipped))
}

/// Counts the articles as they are read and keeps a sample of them.
fn one_pass(
    reader: Reader,
    settings: &TrainSettings,
    target: &Path,
    run: Manifest,
    shared: &Shared,
) -> Result<Ending> {
    let digests = reader.digests();
    let read = AtomicU64::new(0);
    let bar = progress::articles(shared, "counting");
    let problems = Problems::default();
    let (classifier, skipped) = train_in_one_pass(
        reader.into_batches(),
        settings,
        |article| problems.note(article),
        &|n| {
            read.store(n, Ordering::Relaxed);
            bar.set_position(n);
        },
    )?;
    bar.finish_and_clear();
    problems.report();
    report_skipped(skipped);
    write_model(&classifier, target, shared)?;
    run.write_beside(&beside(target), digests.all(), read.into_inner(), &[target])?;
    Ok(ending(skipped))
}

/// A shard that articles are to be added to: refused before they are counted where they would be counted otherwise.
fn earlier(path: &Path, settings: &TrainSettings) -> Result<CountedCorpus> {
    let corpus = CountedCorpus::load(path)?;
    let fits = corpus.check_counted_with(&settings.analyzer, settings.zones);
    fits.with_context(|| format!("{} cannot be added to", path.display()))?;
    Ok(corpus)
}

pub(super) fn merge(args: Merge, shared: &Shared) -> Result<Ending> {
    let mut settings = args.training.settings()?;
    let mut corpus: Option<CountedCorpus> = None;
    for path in &args.shards {
        let part = CountedCorpus::load(path)?;
        corpus = Some(match corpus {
            None => part,
            Some(whole) => {
                whole.merge(part).with_context(|| format!("{} cannot be merged", path.display()))?
            }
        });
    }
    let corpus = corpus.context("there is no shard to merge")?;
    // The shards say how they were counted; the options say how to train.
    settings.analyzer = corpus.analyzer.clone();
    settings.zones = corpus.zones;
    let run = Manifest::begin("merge", settings_of(&settings)?);
    let articles = corpus.articles() as u64;
    fit(corpus, &settings, &args.model, shared)?;
    let shards = args.shards.iter().map(|path| read_whole(path)).collect::<Result<_>>()?;
    run.write_beside(&beside(&args.model), shards, articles, &[&args.model])?;
    Ok(Ending::Done)
}

fn fit(
    corpus: CountedCorpus,
    settings: &TrainSettings,
    target: &Path,
    shared: &Shared,
) -> Result<()> {
    write_model(&rubrique::pipeline::train(corpus, settings)?, target, shared)
}

fn write_model(classifier: &Classifier, target: &Path, shared: &Shared) -> Result<()> {
    write_file(target, &classifier.to_bytes()?)?;
    if !shared.quiet {
        eprint!("{}", summary(classifier));
        eprintln!("model written to {}", target.display());
    }
    Ok(())
}

fn report_skipped(skipped: Skipped) {
    for (count, what) in [(skipped.unreadable, "unreadable"), (skipped.empty, "empty")] {
        if count > 0 {
            eprintln!("warning: {count} articles left out: {what}");
        }
    }
}

fn ending(skipped: Skipped) -> Ending {
    if skipped == Skipped::default() { Ending::Done } else { Ending::Findings }
}

/// What was learned and how good it is, for people.
pub(super) fn summary(classifier: &Classifier) -> String {
    use std::fmt::Write;
    let (card, chosen) = (classifier.card(), classifier.chosen());
    let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"));
    let mut out = String::new();
    let kind = match classifier.task() {
        Task::OneLabel => "one label an article",
        Task::AnyLabels => "any number of topics an article",
    };
    let _ = writeln!(
        out,
        "{} articles, {} terms, {} labels, {kind}",
        card.articles,
        classifier.vocabulary().len(),
        card.topics.len()
    );
    if let Some(counts) = card.near_duplicates.filter(|counts| counts.clusters > 0) {
        let _ = writeln!(
            out,
            "{} of the articles are near-duplicates, in {} clusters; each cluster is in one fold",
            counts.articles, counts.clusters
        );
    }
    let _ = writeln!(out, "Naive Bayes: {chosen}");
    if card.settings_tried > 1 {
        let _ = writeln!(out, "best of {} settings by out-of-fold log loss:", card.settings_tried);
        for trial in &card.trials {
            let _ = writeln!(out, "  {:.4}  {}", trial.log_loss, trial.chosen);
        }
    }
    if card.cross_validated {
        let _ = writeln!(
            out,
            "out of {} folds: exact {}, micro F1 {}, macro F1 {}; {} accepted without review",
            card.folds,
            number(card.accuracy),
            number(card.micro_f1),
            number(card.macro_f1),
            card.coverage.map_or_else(|| "–".to_owned(), |c| format!("{:.0} %", c * 100.0)),
        );
    } else {
        let _ = writeln!(
            out,
            "warning: too few articles to cross-validate; nothing is known of its accuracy"
        );
    }
    let width = card.topics.iter().map(|t| t.name.chars().count()).max().unwrap_or(0).max(5);
    let _ = writeln!(out, "  {:width$}  articles  precision  recall     F1", "label");
    for topic in &card.topics {
        let _ = writeln!(
            out,
            "  {:width$}  {:8}  {:>9}  {:>6}  {:>5}",
            topic.name,
            topic.articles,
            number(topic.precision),
            number(topic.recall),
            number(topic.f1)
        );
    }
    if classifier.task() == Task::AnyLabels {
        let _ = writeln!(out, "  {:width$}  {:8}", "(none)", card.without_topic);
    }
    if let Some(sets) = &card.sets {
        let _ = writeln!(
            out,
            "possible labels, each with a coverage of {}: out of fold {:.1} % of the articles have all that is true among \
             theirs; {:.2} on average, {:.0} % with a single answer",
            sets.stated,
            sets.covered * 100.0,
            sets.size,
            sets.single * 100.0
        );
    }
    for (topic, threshold) in card.topics.iter().zip(&classifier.rule().thresholds) {
        let (name, target) = (&topic.name, topic.target);
        let _ = match (topic.target_reached, target) {
            (Some(true), _) => {
                writeln!(out, "{name} is given from {threshold:.3} on, for {target}")
            }
            (Some(false), Target::Precision(_)) => writeln!(
                out,
                "warning: {name} does not reach {target} out of fold; it is given from {threshold:.3} on, where precision is best"
            ),
            (Some(false), _) => writeln!(
                out,
                "warning: {} articles on {name} are too few to promise {target}; it is given from {threshold:.3} on, as all of them were",
                topic.articles
            ),
            (None, _) => Ok(()),
        };
    }
    for topic in card.topics.iter().filter(|t| t.articles < FEW_ARTICLES) {
        if topic.articles == 0 {
            let name = &topic.name;
            let _ = writeln!(
                out,
                "warning: {name} has no article; it is known by its topic terms alone, and its probabilities are guesses"
            );
            continue;
        }
        let _ = writeln!(
            out,
            "warning: {} has only {} articles; {FEW_ARTICLES} or more are needed to learn a topic",
            topic.name, topic.articles
        );
    }
    for topic in card.topics.iter().filter(|t| !t.story.is_empty()) {
        let shown: Vec<&str> = topic.story.iter().take(6).map(String::as_str).collect();
        let _ = writeln!(
            out,
            "warning: most articles of {} share {} words that hardly occur elsewhere ({}{}); they may be one story, and the \
             model knows its names rather than the topic",
            topic.name,
            topic.story.len(),
            shown.join(", "),
            if shown.len() < topic.story.len() { ", …" } else { "" }
        );
    }
    out
}
