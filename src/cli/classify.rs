//! `classify`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use rubrique::corpus::Status;
use rubrique::pipeline::{classify_all, why};
use rubrique::report::{OutputFormat, PredictionOptions, PredictionWriter, TopicMapping};

use super::Ending;
use super::args::{Classify, OutputFormatName, Shared};
use super::output::Output;
use super::progress;

/// Bad rows named one by one on standard error; the others are counted.
const NAMED: u64 = 10;

pub(super) fn run(args: Classify, shared: &Shared) -> Result<Ending> {
    let classifier = args.model.load()?;
    let reader = args.inputs.open()?;
    let mut writer = PredictionWriter::new(
        Output::open(&args.output)?,
        reader.columns(),
        reader.text_column(),
        classifier.labels(),
        options(&args)?,
    )?;
    let repeated = args.repetition.find(&args.inputs)?;
    let articles = reader.map(|article| article.map(|article| repeated.without(article)));
    let bar = progress::articles(shared, "classifying");
    let mut statuses: BTreeMap<Status, u64> = BTreeMap::new();
    let mut topics: BTreeMap<Vec<String>, u64> = BTreeMap::new();
    let mut review = 0;
    let mut mended = 0;
    let mut encodings: BTreeMap<&str, u64> = BTreeMap::new();
    let reason = |article: &_, classified| {
        let reason = args.explain.map_or_else(String::new, |n| why(&classifier, article, n));
        (classified, reason)
    };
    let unwritten = |source| {
        // A path of `-` would be told as standard input.
        let is_stdout = args.output.as_os_str() == "-";
        let place = if is_stdout { "standard output".as_ref() } else { args.output.as_path() };
        rubrique::Error::Io { place: rubrique::Place::file(place).into(), source }
    };
    classify_all(&classifier, articles, reason, |batch| {
        for (article, (classified, reason)) in &batch {
            writer.write(article, classified, reason).map_err(unwritten)?;
            let count = statuses.entry(classified.status).or_insert(0);
            *count += 1;
            if let (Some(problem), true) = (&article.problem, *count <= NAMED) {
                bar.suspend(|| eprintln!("warning: {} {problem}", article.place));
            }
            if let Some(encoding) = article.encoding {
                *encodings.entry(encoding).or_insert(0) += 1;
            }
            if let Some(what) = &article.mended {
                mended += 1;
                if mended <= NAMED {
                    bar.suspend(|| eprintln!("note: {} {what}", article.place));
                }
            }
            if classified.status == Status::Ok {
                let names = classifier.topics(classified).into_iter().map(str::to_owned);
                *topics.entry(names.collect()).or_insert(0) += 1;
                review += u64::from(classified.decision() == rubrique::model::Decision::Review);
            }
        }
        bar.inc(batch.len() as u64);
        // Whoever reads a pipe gets whole batches as they are done.
        writer.flush().map_err(unwritten)
    })?;
    writer.finish().with_context(|| args.output.display().to_string())?.finish()?;
    bar.finish_and_clear();
    if mended > NAMED {
        eprintln!("note: {mended} rows had to be mended");
    }
    for (encoding, count) in &encodings {
        eprintln!("note: {count} articles are no UTF-8 and were read as {encoding}");
    }
    let all: u64 = statuses.values().sum();
    let rejected = all - statuses.get(&Status::Ok).unwrap_or(&0);
    if !shared.quiet {
        eprintln!("{all} articles classified with {}; {review} to review", args.model.name());
        for (names, count) in &topics {
            let name = if names.is_empty() { "other".to_owned() } else { names.join(";") };
            eprintln!("  {count:8}  {name}");
        }
    }
    if rejected > 0 {
        let counts: Vec<String> = statuses
            .iter()
            .filter(|(status, _)| **status != Status::Ok)
            .map(|(status, count)| format!("{} {count}", status.name()))
            .collect();
        eprintln!("{rejected} articles were not classified: {}", counts.join(", "));
        return Ok(Ending::Findings);
    }
    Ok(Ending::Done)
}

/// How the results are to be written.
fn options(args: &Classify) -> Result<PredictionOptions> {
    let format = match args.output_format {
        OutputFormatName::Csv => OutputFormat::Csv,
        OutputFormatName::Jsonl if args.tables.excel || args.tables.output_delimiter.is_some() => {
            bail!("--excel and --output-delimiter are for CSV; try: --output-format csv")
        }
        OutputFormatName::Jsonl => OutputFormat::Jsonl,
    };
    let profile = args.tables.profile();
    let mapping = match &args.mapping {
        Some(path) if path.as_os_str() == "default" => Some(TopicMapping::press()),
        Some(path) => Some(TopicMapping::load(path)?),
        None => None,
    };
    let why = args.explain.is_some();
    Ok(PredictionOptions { format, profile, keep_text: args.keep_text, why, mapping })
}
