//! `inspect`.

use std::io::{BufWriter, Write, stdout};

use anyhow::Result;
use rubrique::Classifier;
use serde::Serialize;

use super::Ending;
use super::args::Inspect;
use super::train::summary;

/// Of what `--json` writes.
const FORMAT_VERSION: u32 = 1;

#[derive(Serialize)]
struct Card<'c> {
    format_version: u32,
    digest: rubrique::pipeline::Digest,
    labels: &'c [String],
    task: rubrique::model::Task,
    terms: usize,
    settings: &'c rubrique::pipeline::TrainSettings,
    chosen: &'c rubrique::pipeline::Chosen,
    rule: &'c rubrique::model::DecisionRule,
    card: &'c rubrique::pipeline::ModelCard,
    near_duplicates: Option<rubrique::pipeline::NearDuplicateCounts>,
    top_terms: std::collections::BTreeMap<&'c str, Vec<(String, f64)>>,
}

pub(super) fn run(args: Inspect) -> Result<Ending> {
    let classifier = match &args.model {
        Some(path) => Classifier::load(path)?,
        None => Classifier::press()?,
    };
    let top = classifier.top_terms(args.terms);
    let mut out = BufWriter::new(stdout().lock());
    if args.json {
        let card = Card {
            format_version: FORMAT_VERSION,
            digest: classifier.digest()?,
            labels: classifier.labels(),
            task: classifier.task(),
            terms: classifier.vocabulary().len(),
            settings: classifier.settings(),
            chosen: classifier.chosen(),
            rule: classifier.rule(),
            card: classifier.card(),
            near_duplicates: classifier.card().near_duplicates,
            top_terms: classifier.labels().iter().map(String::as_str).zip(top).collect(),
        };
        writeln!(out, "{}", serde_json::to_string_pretty(&card)?)?;
        out.flush()?;
        return Ok(Ending::Done);
    }
    writeln!(out, "SHA-256 of the file: {}", classifier.digest()?)?;
    write!(out, "{}", summary(&classifier))?;
    let rule = classifier.rule();
    writeln!(out, "accepted without review from a confidence of {:.3} on", rule.accept_from)?;
    writeln!(out, "{}", settings_line(&classifier))?;
    for line in topic_terms(&classifier) {
        writeln!(out, "{line}")?;
    }
    for ((name, terms), threshold) in classifier.labels().iter().zip(top).zip(&rule.thresholds) {
        let names: Vec<String> = terms.into_iter().map(|(term, _)| term).collect();
        let given = match classifier.task() {
            rubrique::model::Task::AnyLabels => {
                let target = classifier.settings().targets.of(name);
                format!(" (given from {threshold:.3} on, for {target})")
            }
            rubrique::model::Task::OneLabel => String::new(),
        };
        writeln!(out, "{name}{given}: {}", names.join(", "))?;
    }
    out.flush()?;
    Ok(Ending::Done)
}

/// What the model was told of its topics, a line a topic.
fn topic_terms(classifier: &Classifier) -> Vec<String> {
    let settings = classifier.settings();
    let line = |topic: &str| {
        let named = |(term, weight): (&str, u32)| {
            if weight == 1 { term.to_owned() } else { format!("{term} ×{weight}") }
        };
        let terms: Vec<String> = settings.topic_terms.of(topic).map(named).collect();
        format!("told of {topic} (as {} articles): {}", settings.pseudo_articles, terms.join(", "))
    };
    settings.topic_terms.topics().map(line).collect()
}

fn settings_line(classifier: &Classifier) -> String {
    let settings = classifier.settings();
    let analyzer = &settings.analyzer;
    let zones = settings.zones;
    format!(
        "text: {}; word n-grams to {}; character n-grams {}; zones {}-{}-{}; terms of {} articles or more",
        match analyzer.stemming {
            rubrique::text::Stemming::Stem => rubrique::text::STEMMER_VERSION,
            rubrique::text::Stemming::None => "no stemming",
        },
        analyzer.word_ngrams,
        analyzer.char_ngrams.map_or_else(|| "none".to_owned(), |(a, b)| format!("{a}-{b}")),
        zones.title,
        zones.lead,
        zones.rest,
        settings.limits.min_df,
    )
}
