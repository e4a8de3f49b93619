//! `classify`.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::{Result, bail};
use rubrique::corpus::Status;
use rubrique::ids::LabelId;
use rubrique::model::Decision;
use rubrique::pipeline::{Classified, classify_all, why};
use rubrique::report::{
    OutputFormat, PredictionFormat, PredictionOptions, PredictionWriter, TopicMapping,
};
use rubrique::{Article, Classifier};

use super::Ending;
use super::args::{Classify, OutputFormatName, Shared};
use super::output::Output;
use super::progress;

/// Bad rows named one by one on standard error; the others are counted.
const NAMED: u64 = 10;

pub(super) fn run(args: Classify, shared: &Shared) -> Result<Ending> {
    let classifier = args.model.load()?;
    let reader = args.inputs.open()?;
    let format = PredictionFormat::new(
        reader.columns(),
        reader.text_column(),
        classifier.labels(),
        options(&args)?,
    );
    let mut out = Output::open(&args.output)?;
    let repeated = args.repetition.find(&args.inputs)?;
    let unwritten = |source| {
        // A path of `-` would be told as standard input.
        let is_stdout = args.output.as_os_str() == "-";
        let place = if is_stdout { "standard output".as_ref() } else { args.output.as_path() };
        rubrique::Error::Io { place: rubrique::Place::file(place).into(), source }
    };
    format.write_header(&mut out).map_err(unwritten)?;
    let bar = progress::articles(shared, "classifying");
    let mut tally = Tally::default();
    let start = || Rows { writer: format.writer(Vec::new()), count: 0, tally: Tally::default() };
    let add = |rows: &mut Rows<'_>, article: &mut Article, classified: Classified| {
        let reason = args.explain.map_or_else(String::new, |n| why(&classifier, article, n));
        rows.add(article, &classified, &reason);
    };
    let batches = reader.without_repeated(repeated).into_batches();
    classify_all(&classifier, batches, start, add, |rows| {
        for note in tally.add(rows.tally) {
            bar.suspend(|| eprintln!("{note}"));
        }
        let written = rows.writer.finish().map_err(unwritten)?;
        out.write_all(&written).map_err(unwritten)?;
        bar.inc(rows.count);
        // Whoever reads a pipe gets whole batches as they are done.
        out.flush().map_err(unwritten)
    })?;
    out.finish()?;
    bar.finish_and_clear();
    Ok(tally.tell(&args, shared, &classifier))
}

/// The rows of one batch as they are written.
struct Rows<'f> {
    writer: PredictionWriter<'f, Vec<u8>>,
    count: u64,
    tally: Tally,
}

impl Rows<'_> {
    fn add(&mut self, article: &Article, classified: &Classified, reason: &str) {
        let written = self.writer.write(article, classified, reason);
        written.expect("memory takes all that is written");
        self.count += 1;
        self.tally.count(article, classified);
    }
}

/// What became of the articles.
#[derive(Default)]
struct Tally {
    statuses: BTreeMap<Status, u64>,
    topics: BTreeMap<Vec<LabelId>, u64>,
    review: u64,
    mended: u64,
    encodings: BTreeMap<&'static str, u64>,
    /// What is to be said of single rows; of each status, and of mended rows, the first few.
    notes: Vec<Note>,
}

struct Note {
    /// `None` of a row that was mended.
    status: Option<Status>,
    text: String,
}

impl Tally {
    fn count(&mut self, article: &Article, classified: &Classified) {
        let count = self.statuses.entry(classified.status).or_insert(0);
        *count += 1;
        if let (Some(problem), true) = (&article.problem, *count <= NAMED) {
            let text = format!("warning: {} {problem}", article.place);
            self.notes.push(Note { status: Some(classified.status), text });
        }
        if let Some(encoding) = article.encoding {
            *self.encodings.entry(encoding).or_insert(0) += 1;
        }
        if let Some(what) = &article.mended {
            self.mended += 1;
            if self.mended <= NAMED {
                let text = format!("note: {} {what}", article.place);
                self.notes.push(Note { status: None, text });
            }
        }
        if let Some(prediction) = &classified.prediction {
            match self.topics.get_mut(&prediction.labels) {
                Some(count) => *count += 1,
                None => {
                    self.topics.insert(prediction.labels.clone(), 1);
                }
            }
            self.review += u64::from(classified.decision() == Decision::Review);
        }
    }

    /// Adds what comes behind, and returns what is to be said of it now.
    fn add(&mut self, other: Self) -> Vec<String> {
        let named = |status: Option<Status>| match status {
            Some(status) => self.statuses.get(&status).copied().unwrap_or(0),
            None => self.mended,
        };
        let mut said: BTreeMap<Option<Status>, u64> = BTreeMap::new();
        let mut notes = Vec::new();
        for Note { status, text } in other.notes {
            let said = said.entry(status).or_insert_with(|| named(status));
            *said += 1;
            if *said <= NAMED {
                notes.push(text);
            }
        }
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_insert(0) += count;
        }
        for (topics, count) in other.topics {
            *self.topics.entry(topics).or_insert(0) += count;
        }
        for (encoding, count) in other.encodings {
            *self.encodings.entry(encoding).or_insert(0) += count;
        }
        self.review += other.review;
        self.mended += other.mended;
        notes
    }

    /// Tells it all once the run is done.
    fn tell(&self, args: &Classify, shared: &Shared, classifier: &Classifier) -> Ending {
        if self.mended > NAMED {
            eprintln!("note: {} rows had to be mended", self.mended);
        }
        for (encoding, count) in &self.encodings {
            eprintln!("note: {count} articles are no UTF-8 and were read as {encoding}");
        }
        let all: u64 = self.statuses.values().sum();
        let rejected = all - self.statuses.get(&Status::Ok).unwrap_or(&0);
        if !shared.quiet {
            let model = args.model.name();
            eprintln!("{all} articles classified with {model}; {} to review", self.review);
            let labels = classifier.labels();
            let named = |topics: &Vec<LabelId>| {
                topics.iter().map(|topic| labels[topic.index()].as_str()).collect::<Vec<_>>()
            };
            let topics: BTreeMap<Vec<&str>, u64> =
                self.topics.iter().map(|(topics, count)| (named(topics), *count)).collect();
            for (names, count) in &topics {
                let name = if names.is_empty() { "other".to_owned() } else { names.join(";") };
                eprintln!("  {count:8}  {name}");
            }
        }
        if rejected == 0 {
            return Ending::Done;
        }
        let counts: Vec<String> = self
            .statuses
            .iter()
            .filter(|(status, _)| **status != Status::Ok)
            .map(|(status, count)| format!("{} {count}", status.name()))
            .collect();
        eprintln!("{rejected} articles were not classified: {}", counts.join(", "));
        Ending::Findings
    }
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
