//! `classify`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use rubrique::corpus::Batch;
use rubrique::pipeline::{Classified, classify_all, why};
use rubrique::report::{OutputFormat, PredictionOptions, TopicMapping};
use rubrique::{Article, Classifier};

use super::Ending;
use super::args::{Classify, OutputFormatName, Shared};
use super::counts::{Counts, Tally};
use super::interrupt::Interrupt;
use super::manifest::Manifest;
use super::output::{Output, is_file};
use super::partial::{Begun, Partial};
use super::progress;
use super::results::{Kept, Results};
use super::rows::{Gathered, RowFormat};
use super::settings;
use super::upcoming::upcoming;

pub(super) fn run(args: Classify, shared: &Shared) -> Result<Ending> {
    let classifier = args.model.load()?;
    if args.resume {
        check_resumable(&args)?;
    }
    let reader = args.inputs.open_digested(is_file(&args.output))?;
    let format =
        RowFormat::new(args.output_format(), &reader, classifier.labels(), options(&args)?)?;
    let (mut results, repeated) = match open(&args, reader.columns(), &classifier)? {
        Opened::Results(results, repeated) => (results, repeated),
        Opened::Complete(done) => return Ok(tell_complete(&args, &done, shared)),
    };
    let mut counts = results.counts();
    let place = results.place(&args.output);
    let unwritten =
        |source| rubrique::Error::Io { place: rubrique::Place::file(&place).into(), source };
    let mut bytes = format.begin().map_err(unwritten)?;
    if results.is_empty() {
        results.write(&bytes.start().map_err(unwritten)?).map_err(unwritten)?;
    } else if !shared.quiet {
        eprintln!("going on behind row {} of {}", counts.rows(), args.output.display());
    }
    // A run that cannot go on later ends at once.
    let interrupt = match &results {
        Results::File(partial) if partial.is_resumable() => Interrupt::watch()?,
        _ => Interrupt::default(),
    };

    let bar = progress::articles(shared, "classifying");
    let digests = reader.digests();
    let batches = reader.without_repeated(repeated).into_batches();
    let (batches, mut handed_out) =
        upcoming(batches, counts.rows(), digests.clone(), interrupt.clone());
    let start =
        |batch: &Batch| Rows { gathered: format.rows(batch), count: 0, tally: Tally::default() };
    let add = |rows: &mut Rows<'_>, article: &mut Article, classified: Classified| {
        let reason = args.explain.map_or_else(String::new, |n| why(&classifier, article, n));
        rows.add(article, &classified, &reason);
    };
    // What was read for the rows that are written.
    let mut read = None;
    let ended = classify_all(&classifier, batches, start, add, |rows| {
        let written = bytes.add(rows.gathered).map_err(unwritten)?;
        results.write(&written).map_err(unwritten)?;
        read = handed_out.read.next().flatten();
        bar.inc(rows.count);
        for note in counts.add(rows.tally, classifier.labels()) {
            bar.suspend(|| eprintln!("{note}"));
        }
        results.keep_safe(&digests, read.as_ref(), &counts).map_err(unwritten)
    });
    bar.finish_and_clear();
    // Of a run that ends early too, so that what it leaves can be read.
    let last = bytes.finish().and_then(|last| results.write(&last)).map_err(unwritten);
    if ended.is_ok() && !handed_out.was_cut() {
        last?;
        results.complete(&digests, &counts)?;
        counts.tell(&args, shared);
        return Ok(counts.ending());
    }
    let kept = results.interrupt(&digests, read.as_ref(), &counts)?;
    let told = what_is_kept(&args, &kept);
    match (ended, told) {
        (Err(error), Some(told)) => return Err(error).context(told),
        (Err(error), None) => return Err(error.into()),
        (Ok(()), Some(told)) => eprintln!("{told}"),
        (Ok(()), None) => eprintln!("interrupted before the first row"),
    }
    Ok(Ending::Interrupted(interrupt.signal().unwrap_or_default()))
}

/// Where the rows go, and what is left out of the texts.
enum Opened {
    Results(Results, rubrique::corpus::RepeatedBySource),
    Complete(Box<Manifest>),
}

fn open(args: &Classify, columns: &[String], classifier: &Classifier) -> Result<Opened> {
    // Before the inputs are read, whatever it will be: what cannot be written is told at once.
    let stream = Some(Output::open(&args.output)?).filter(|_| !is_file(&args.output));
    let (repeated, repeated_in) = args.repetition.find(&args.inputs)?;
    if let Some(stream) = stream {
        return Ok(Opened::Results(Results::Stream(stream), repeated));
    }
    let settings = settings::of_classify(args, columns, &repeated_in)?;
    let run = Manifest::begin("classify", settings).with_model(&args.model.name(), classifier)?;
    let inputs = &args.inputs.inputs;
    let begun = if args.resume {
        Partial::resume(&args.output, run, inputs)?
    } else {
        let is_resumable = inputs.iter().all(|path| can_be_read_again(path))
            && !args.output_format().is_columnar();
        Begun::Open(Partial::begin(&args.output, run, is_resumable)?.into())
    };
    Ok(match begun {
        Begun::Open(partial) => Opened::Results(Results::File(partial), repeated),
        Begun::Complete(done) => Opened::Complete(done),
    })
}

/// Refuses what could not be gone on with.
fn check_resumable(args: &Classify) -> Result<()> {
    if !is_file(&args.output) {
        bail!("--resume: only what is written to a file can be resumed; try: --output FILE");
    }
    if args.output_format().is_columnar() {
        bail!(
            "--resume: {} is to be Parquet or Arrow, whose end describes all of it and cannot be written twice; try: --output-format csv, or without --resume",
            args.output.display()
        );
    }
    for path in &args.inputs.inputs {
        if path == Path::new("-") {
            bail!("--resume: standard input cannot be read a second time; try: a file");
        }
        // What is missing is told by whoever opens it.
        if path.exists() && !can_be_read_again(path) {
            bail!(
                "--resume: {} is a pipe or device, which cannot be read a second time; try: a file",
                path.display()
            );
        }
    }
    Ok(())
}

fn can_be_read_again(path: &Path) -> bool {
    path != Path::new("-") && path.metadata().is_ok_and(|meta| meta.is_file() || meta.is_dir())
}

/// Nothing is left to do.
fn tell_complete(args: &Classify, done: &Manifest, shared: &Shared) -> Ending {
    if !shared.quiet {
        eprintln!("{} is complete: {} articles", args.output.display(), done.rows);
    }
    done.counts.as_ref().map_or(Ending::Done, Counts::ending)
}

/// What an interrupted run leaves, and what can be done with it.
fn what_is_kept(args: &Classify, kept: &Kept) -> Option<String> {
    let output = args.output.display();
    match kept {
        Kept::Nothing => None,
        Kept::Resumable { rows } => Some(format!(
            "{output}: interrupted behind row {rows} (the same command with --resume goes on from there)"
        )),
        Kept::Rows { rows, path } => Some(format!(
            "{output}: interrupted behind row {rows} (the rows so far are in {})",
            path.display()
        )),
    }
}

/// The rows of one batch as they are written.
struct Rows<'f> {
    gathered: Gathered<'f>,
    count: u64,
    tally: Tally,
}

impl Rows<'_> {
    fn add(&mut self, article: &Article, classified: &Classified, reason: &str) {
        self.gathered.add(article, classified, reason);
        self.count += 1;
        self.tally.count(article, classified);
    }
}

/// How the results are to be written.
fn options(args: &Classify) -> Result<PredictionOptions> {
    let format = match args.output_format() {
        OutputFormatName::Csv => OutputFormat::Csv,
        _ if args.tables.excel || args.tables.output_delimiter.is_some() => {
            bail!("--excel and --output-delimiter are for CSV; try: --output-format csv")
        }
        _ => OutputFormat::Jsonl,
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
