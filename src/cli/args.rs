//! The command line's grammar. Other programs drive these names: they stay.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args as ArgsOf, Parser, Subcommand, ValueEnum};
use rubrique::Classifier;
use rubrique::corpus::{
    ArticleBytes, ColumnNames, Format, InputDigest, ReadOptions, Reader, RepeatedBySource,
    TopicTerms,
};
use rubrique::features::{DocumentLimits, Zones};
use rubrique::model::{GaussianParams, Priors, Target};
use rubrique::pipeline::{Algorithm, Stop, Targets, TrainSettings, Weighting};
use rubrique::report::{Language, TableProfile};
use rubrique::text::{AnalyzerSettings, Numbers, Stemming, StopList, View};

/// Read French press articles, train Naive Bayes, label articles by topic, review the accuracy.
///
/// Data goes to standard output or --output, all talk to standard error. Exit status: 0 done, 1 done with
/// findings (rows that could not be classified), 2 could not run.
#[derive(Parser)]
#[command(name = "rubrique", version, propagate_version = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub shared: Shared,
}

/// Options of every command.
#[derive(ArgsOf)]
pub(crate) struct Shared {
    /// Threads to use [default: all]
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// No progress bar and no summary
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Colours in messages
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Train a model on labelled articles
    Train(Train),
    /// Make one model of parts counted by train --counts
    Merge(Merge),
    /// Take articles out of counts, as if they had never been counted
    Untrain(Untrain),
    /// Label articles by topic
    Classify(Classify),
    /// Measure accuracy on labelled articles and write a report
    Evaluate(Evaluate),
    /// Find what is wrong with a corpus before training: labels, copies, encodings
    Audit(Box<Audit>),
    /// Show why articles get their topics
    Explain(Explain),
    /// Show what a model is made of and how good it is
    Inspect(Inspect),
    /// Sign models, and verify that a model is the one that was signed
    #[command(
        subcommand,
        after_help = "Example:\n  rubrique model verify m.rubrique --key team.pub"
    )]
    Model(Model),
    /// Show what the cleaning of pages keeps and drops, as JSON lines
    Clean(Clean),
    /// Show the tokens and terms of texts, as JSON lines
    Tokenize(Tokenize),
}

/// Inputs of every command that reads articles.
#[derive(ArgsOf)]
pub(crate) struct Inputs {
    /// Files, folders of .txt and .html (or Parquet and Arrow) files, or - for standard input; .gz and .zst are read through
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: Reading,
}

/// How inputs are read.
#[derive(ArgsOf)]
pub(crate) struct Reading {
    /// Format of the inputs [default: by extension]
    #[arg(long, value_enum)]
    pub format: Option<FormatName>,
    /// Delimiter of CSV, one character or "tab" [default: found out]
    #[arg(long, value_parser = parse_delimiter)]
    pub delimiter: Option<u8>,
    /// Column with the article's id
    #[arg(long, value_name = "NAME")]
    pub id_column: Option<String>,
    /// Column with the title
    #[arg(long, value_name = "NAME")]
    pub title_column: Option<String>,
    /// Column with the text
    #[arg(long, value_name = "NAME")]
    pub text_column: Option<String>,
    /// Column with the labels; several in a cell are separated by ;
    #[arg(long, value_name = "NAME")]
    pub label_column: Option<String>,
    /// Column with the day an article appeared
    #[arg(long, value_name = "NAME")]
    pub date_column: Option<String>,
    /// Column with the journal or site it appeared in
    #[arg(long, value_name = "NAME")]
    pub source_column: Option<String>,
    /// End at the first row that is broken or had to be mended
    #[arg(long)]
    pub strict: bool,
    /// Longest article in bytes, decompressed; a longer one comes out as unreadable
    #[arg(long, value_name = "BYTES", value_parser = parse_article_bytes, default_value = "10000000")]
    pub max_article_bytes: ArticleBytes,
    /// Column with HTML pages, in place of the text
    #[arg(long, value_name = "NAME")]
    pub html_column: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum FormatName {
    Csv,
    Tsv,
    Jsonl,
    Text,
    Html,
    Parquet,
    /// Arrow IPC, file (Feather) or stream
    Arrow,
}

fn parse_delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        b"tab" | b"\\t" => Ok(b'\t'),
        _ => Err("one ASCII character, or \"tab\"".to_owned()),
    }
}

fn parse_article_bytes(text: &str) -> Result<ArticleBytes, String> {
    let bytes = text.replace('_', "").parse().map_err(|_| "a whole number of bytes".to_owned());
    ArticleBytes::new(bytes?).map_err(|error| error.to_string())
}

impl Inputs {
    /// Opens the inputs.
    pub(crate) fn open(&self) -> Result<Reader> {
        self.open_with(&self.options())
    }

    fn open_with(&self, options: &ReadOptions) -> Result<Reader> {
        let reader = Reader::open(&self.inputs, options)?;
        if reader.passed_over() > 0 {
            eprintln!(
                "note: {} files that are neither .txt nor .html{} are passed over",
                reader.passed_over(),
                if cfg!(feature = "arrow") { " nor of Parquet or Arrow" } else { "" }
            );
        }
        Ok(reader)
    }

    /// Opens the inputs, to be digested as they are read where that is wanted.
    pub(crate) fn open_digested(&self, digest_inputs: bool) -> Result<Reader> {
        self.open_with(&ReadOptions { digest_inputs, ..self.options() })
    }

    /// Opens another input by the same columns, where it has them.
    pub(crate) fn open_other(&self, path: &std::path::Path) -> Result<Reader> {
        Ok(Reader::open(&[path.to_owned()], &self.options())?)
    }

    /// Opens the inputs for their labels: where people have corrected them, as corrected.
    pub(crate) fn open_corrected(&self, need_labels: bool) -> Result<Reader> {
        let options = ReadOptions {
            need_labels,
            join_corrections: true,
            digest_inputs: true,
            ..self.options()
        };
        Ok(Reader::open(&self.inputs, &options)?)
    }

    fn options(&self) -> ReadOptions {
        self.reading.options()
    }
}

impl Reading {
    /// Opens some inputs.
    pub(crate) fn open(&self, inputs: &[PathBuf]) -> Result<Reader> {
        Ok(Reader::open(inputs, &self.options())?)
    }

    fn options(&self) -> ReadOptions {
        ReadOptions {
            format: self.format.map(|format| match format {
                FormatName::Csv => Format::Csv,
                FormatName::Tsv => Format::Tsv,
                FormatName::Jsonl => Format::Jsonl,
                FormatName::Text => Format::Text,
                FormatName::Html => Format::Html,
                FormatName::Parquet => Format::Parquet,
                FormatName::Arrow => Format::Arrow,
            }),
            delimiter: self.delimiter,
            columns: ColumnNames {
                id: self.id_column.clone(),
                title: self.title_column.clone(),
                text: self.text_column.clone(),
                labels: self.label_column.clone(),
                date: self.date_column.clone(),
                source: self.source_column.clone(),
                html: self.html_column.clone(),
            },
            strict: self.strict,
            max_article_bytes: self.max_article_bytes,
            ..ReadOptions::default()
        }
    }
}

/// Furniture that is found by repetition, for commands that look at pages one by one.
#[derive(ArgsOf)]
pub(crate) struct Repetition {
    /// Read the inputs twice, to find lines that stand on page after page of one source and drop them
    #[arg(long)]
    pub find_repeated: bool,
}

impl Repetition {
    /// What stands on page after page of the inputs' sources, where that was asked for, and what was read to find it.
    pub(crate) fn find(&self, inputs: &Inputs) -> Result<(RepeatedBySource, Vec<InputDigest>)> {
        if !self.find_repeated {
            return Ok(Default::default());
        }
        if inputs.inputs.iter().any(|input| input.as_os_str() == "-") {
            bail!("standard input cannot be read twice; try: a file for --find-repeated");
        }
        let options = ReadOptions { digest_inputs: true, ..inputs.options() };
        let reader = Reader::open(&inputs.inputs, &options)?;
        let digests = reader.digests();
        Ok((RepeatedBySource::find(reader)?, digests.all()))
    }
}

/// The model of every command that uses one.
#[derive(ArgsOf)]
pub(crate) struct ModelChoice {
    /// Model file [default: the press model that comes with rubrique]
    #[arg(long, short, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// Refuse a model that the owner of this public key did not sign (MODEL.minisig)
    #[arg(long, value_name = "PUBLIC", requires = "model")]
    pub verify_key: Option<PathBuf>,
}

impl ModelChoice {
    pub(crate) fn load(&self) -> Result<Classifier> {
        Ok(match (&self.model, &self.verify_key) {
            (Some(path), Some(key)) => super::model::load_signed(path, key)?,
            (Some(path), None) => Classifier::load(path)?,
            (None, _) => Classifier::press()?,
        })
    }

    pub(crate) fn name(&self) -> String {
        self.model.as_ref().map_or_else(
            || "the press model (presse-fr)".to_owned(),
            |path| format!("model {}", path.display()),
        )
    }
}

/// How CSV is written.
#[derive(ArgsOf)]
pub(crate) struct Tables {
    /// Write CSV that a French Excel opens: semicolons, byte order mark, CRLF, decimal commas, no formulas
    #[arg(long)]
    pub excel: bool,
    /// Delimiter of the results [default: comma, or semicolon with --excel]
    #[arg(long, value_name = "CHAR", value_parser = parse_delimiter)]
    pub output_delimiter: Option<u8>,
}

impl Tables {
    pub(crate) fn profile(&self) -> TableProfile {
        let profile = if self.excel { TableProfile::excel() } else { TableProfile::default() };
        TableProfile { delimiter: self.output_delimiter.unwrap_or(profile.delimiter), ..profile }
    }
}

/// How to train.
#[derive(ArgsOf)]
#[command(next_help_heading = "Training")]
pub(crate) struct Training {
    /// Kind of Naive Bayes; auto lets cross-validation choose
    #[arg(long, value_enum, default_value_t = AlgorithmName::Auto)]
    pub algorithm: AlgorithmName,
    /// Smoothing added to every count [default: tuned]
    #[arg(long)]
    pub alpha: Option<f64>,
    /// Divide scores by this power of the article's length, 0 to 1 [default: tuned]
    #[arg(long, value_name = "POWER")]
    pub length_power: Option<f64>,
    /// Several topics: multiply weights by the z value of their term [default: tuned]
    #[arg(long, value_name = "BOOL")]
    pub reliability: Option<bool>,
    /// Several topics: a second round and corrected weights [default: tuned]
    #[arg(long, value_name = "BOOL")]
    pub refine: Option<bool>,
    /// Penalty on the corrections of a refined model [default: tuned]
    #[arg(long)]
    pub penalty: Option<f64>,
    /// Shares of the classes where the model will be used: learned from the articles, uniform, or one probability a label in label order (0.1,0.7,0.2)
    #[arg(long, default_value = "learned", value_parser = parse_priors)]
    pub priors: Priors,
    /// Count TF-IDF weights instead of occurrences
    #[arg(long)]
    pub tf_idf: bool,
    /// Columns of the Gaussian model
    #[arg(long, value_name = "N", default_value_t = GaussianParams::default().columns)]
    pub gaussian_columns: u32,
    /// Do not tune: fixed settings where none are given
    ///
    /// Plain Naive Bayes, calibrated; --refine true for the refined model. More than 10,000 articles are counted in one pass, in
    /// memory that grows with the vocabulary alone, and calibrated on a sample of 10,000 texts; rewordings of one text are looked for
    /// in the sample only.
    #[arg(long)]
    pub no_tune: bool,
    /// Let tuning take about this many seconds of one core, reckoned from the size of the corpus
    #[arg(long, value_name = "SECONDS")]
    pub time_budget: Option<f64>,
    /// Seed of the division into folds
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// Folds of the inner cross-validation
    #[arg(long, value_name = "K", default_value_t = 5)]
    pub folds: usize,
    /// Share of the accepted articles that should be right; the others are for review
    #[arg(long, value_name = "SHARE", default_value_t = 0.95)]
    pub accept_accuracy: f64,
    /// What the thresholds of topics are fitted for, commas between: f1, precision=0.9 or recall=0.95, for all topics or for one
    /// (terrorism:recall=0.95) [default: f1]
    #[arg(long = "target", value_delimiter = ',', value_name = "TARGET", value_parser = parse_target)]
    pub targets: Vec<(Option<String>, Target)>,
    /// Coverage of the labels that are called possible: of the articles with a label, the share for which it is not ruled out
    #[arg(long, value_name = "SHARE", default_value_t = 0.95)]
    pub coverage: f64,
    /// Words and phrases that say what topics are about, counted as articles of them: CSV (topic, term, weight) or TOML
    #[arg(long, value_name = "FILE")]
    pub topic_terms: Option<PathBuf>,
    /// As how many articles a topic's terms count
    #[arg(long, value_name = "N", default_value_t = TrainSettings::default().pseudo_articles)]
    pub pseudo_articles: u32,
    #[command(flatten)]
    pub counting: Counting,
    /// Least number of articles a term occurs in, copies and rewordings counting as one: what fewer have, such as the names of a single
    /// article, does not get into the model
    #[arg(long, visible_alias = "min-df", value_name = "N", default_value_t = DocumentLimits::default().min_df)]
    pub min_articles: u64,
    /// Largest share of the articles a term occurs in, counted likewise
    #[arg(long, value_name = "SHARE", default_value_t = 1.0)]
    pub max_df: f64,
}

/// From text to counts.
#[derive(ArgsOf)]
pub(crate) struct Counting {
    /// Bring words to their stem
    #[arg(long, value_enum, default_value_t = StemmingName::Stem)]
    pub stemming: StemmingName,
    /// Take the accents off all terms
    #[arg(long)]
    pub no_accents: bool,
    /// Stop words: french, none, or a file with one word a line
    #[arg(long, default_value = "french", value_name = "LIST")]
    pub stop_words: String,
    /// Longest word n-gram, 1 to 3
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub ngrams: u8,
    /// What the model looks at, commas between: words, characters (n-grams within words), classes (of words that keep the
    /// same company) [default: by tuning where articles have one label each, else words]
    #[arg(long, value_delimiter = ',', value_name = "VIEW")]
    pub views: Option<Vec<ViewName>>,
    /// Lengths of character n-grams
    #[arg(long, value_name = "RANGE", default_value = "3-5", value_parser = parse_range)]
    pub char_ngrams: (u8, u8),
    /// What becomes of numbers
    #[arg(long, value_enum, default_value_t = NumbersName::Drop)]
    pub numbers: NumbersName,
    /// Least length of a word in characters
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub min_length: u8,
    /// Weights of title, lead and rest
    #[arg(long, value_name = "T-L-R", default_value = "2-2-1", value_parser = parse_zones)]
    pub zones: Zones,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum AlgorithmName {
    Auto,
    Multinomial,
    Complement,
    Bernoulli,
    Gaussian,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ViewName {
    Words,
    Characters,
    Classes,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum StemmingName {
    None,
    Stem,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum NumbersName {
    Drop,
    Class,
}

fn parse_priors(text: &str) -> Result<Priors, String> {
    match text {
        "learned" => Ok(Priors::Learned),
        "uniform" => Ok(Priors::Uniform),
        list => list
            .split(',')
            .map(|p| p.trim().parse::<f64>().map_err(|_| format!("\"{p}\" is no probability")))
            .collect::<Result<_, _>>()
            .map(Priors::Given),
    }
}

/// `recall=0.95`, or `terrorism:recall=0.95` for one topic.
fn parse_target(text: &str) -> Result<(Option<String>, Target), String> {
    let (topic, target) = match text.rsplit_once(':') {
        Some((topic, target)) => (Some(topic.trim().to_owned()), target),
        None => (None, text),
    };
    let target = match target.trim().split_once('=') {
        None if target.trim() == "f1" => Some(Target::F1),
        Some(("precision", share)) => share.parse().ok().map(Target::Precision),
        Some(("recall", share)) => share.parse().ok().map(Target::Recall),
        _ => None,
    };
    let target = target.ok_or("f1, precision=0.9 or recall=0.95, after a topic and : or not")?;
    Ok((topic, target))
}

fn parse_range(text: &str) -> Result<(u8, u8), String> {
    let parts = text.split_once('-').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    parts.ok_or_else(|| "two numbers, such as 3-5".to_owned())
}

fn parse_zones(text: &str) -> Result<Zones, String> {
    let weights: Option<Vec<u32>> = text.split('-').map(|w| w.parse().ok()).collect();
    match weights.as_deref() {
        Some(&[title, lead, rest]) => Ok(Zones { title, lead, rest, ..Zones::default() }),
        _ => Err("three weights, such as 2-2-1".to_owned()),
    }
}

impl Training {
    pub(crate) fn settings(&self) -> Result<TrainSettings> {
        let settings = TrainSettings {
            analyzer: self.counting.analyzer(!self.no_tune)?,
            views: self.counting.views(),
            zones: self.counting.zones,
            limits: DocumentLimits { min_df: self.min_articles, max_df: self.max_df },
            topic_terms: match &self.topic_terms {
                Some(path) => TopicTerms::load(path)?,
                None => TopicTerms::default(),
            },
            pseudo_articles: self.pseudo_articles,
            weighting: if self.tf_idf { Weighting::TfIdf } else { Weighting::Counts },
            algorithm: match self.algorithm {
                AlgorithmName::Auto => Algorithm::Auto,
                AlgorithmName::Multinomial => Algorithm::Multinomial,
                AlgorithmName::Complement => Algorithm::Complement,
                AlgorithmName::Bernoulli => Algorithm::Bernoulli,
                AlgorithmName::Gaussian => Algorithm::Gaussian,
            },
            alpha: self.alpha,
            length_power: self.length_power,
            reliability: self.reliability,
            refine: self.refine,
            penalty: self.penalty,
            priors: self.priors.clone(),
            gaussian: GaussianParams {
                columns: self.gaussian_columns,
                ..GaussianParams::default()
            },
            tune: !self.no_tune,
            time_budget: self.time_budget,
            folds: self.folds,
            seed: self.seed,
            accept_accuracy: self.accept_accuracy,
            targets: self.targets(),
            coverage: self.coverage,
            stop: Stop::default(),
        };
        settings.check()?;
        Ok(settings)
    }

    fn targets(&self) -> Targets {
        let mut targets = Targets::default();
        for (topic, target) in &self.targets {
            match topic {
                None => targets.default = *target,
                Some(topic) => _ = targets.by_topic.insert(topic.clone(), *target),
            }
        }
        targets
    }
}

impl Counting {
    fn views(&self) -> Option<Vec<View>> {
        let named = |name: &ViewName| match name {
            ViewName::Words => View::Words,
            ViewName::Characters => View::Characters,
            ViewName::Classes => View::Classes,
        };
        self.views.as_ref().map(|names| names.iter().map(named).collect())
    }

    /// What articles are counted by; `open` where tuning may yet take any view.
    fn analyzer(&self, open: bool) -> Result<AnalyzerSettings> {
        let counts = |view| self.views.as_ref().map_or(open, |views| views.contains(&view));
        let stop_words = match self.stop_words.as_str() {
            "french" => StopList::French,
            "none" => StopList::None,
            path => match std::fs::read_to_string(path) {
                Ok(list) => StopList::Own(list.split_whitespace().map(str::to_owned).collect()),
                Err(error) => bail!("{path}: {error}; try: french, none, or a file of words"),
            },
        };
        Ok(AnalyzerSettings {
            stemming: match self.stemming {
                StemmingName::None => Stemming::None,
                StemmingName::Stem => Stemming::Stem,
            },
            accents: !self.no_accents,
            stop_words,
            word_ngrams: self.ngrams,
            char_ngrams: counts(ViewName::Characters).then_some(self.char_ngrams),
            word_classes: counts(ViewName::Classes),
            numbers: match self.numbers {
                NumbersName::Drop => Numbers::Drop,
                NumbersName::Class => Numbers::Class,
            },
            min_length: self.min_length,
        })
    }
}

#[derive(ArgsOf)]
#[command(after_help = "Examples:
  rubrique train data/corpus.csv --model topics.rubrique
  rubrique train articles.tsv --label-column category --algorithm complement --model m.rubrique
  rubrique train part1.csv --counts part1.counts   # then: rubrique merge part*.counts --model m.rubrique
  rubrique train new.csv --add-to old.counts --model m.rubrique --counts all.counts")]
pub(crate) struct Train {
    #[command(flatten)]
    pub inputs: Inputs,
    /// Where the model is written
    #[arg(long, short, value_name = "OUT", required_unless_present = "counts")]
    pub model: Option<PathBuf>,
    /// Write term counts by article (no text, no word order), for merge or --add-to; with --model beside it
    #[arg(long, value_name = "OUT")]
    pub counts: Option<PathBuf>,
    /// Counts of earlier articles, written by --counts: the inputs are added to them
    #[arg(long, value_name = "SHARD")]
    pub add_to: Vec<PathBuf>,
    #[command(flatten)]
    pub training: Training,
}

#[derive(ArgsOf)]
#[command(after_help = "Example:
  rubrique merge part1.counts part2.counts --model m.rubrique

The model has the same bytes as one trained on all articles at once with the same options. How
articles were counted (stemming, n-grams, zones, …) stands in the shards; such options are ignored here.")]
pub(crate) struct Merge {
    /// Parts written by train --counts
    #[arg(required = true, value_name = "SHARD")]
    pub shards: Vec<PathBuf>,
    /// Where the model is written
    #[arg(long, short, value_name = "OUT")]
    pub model: PathBuf,
    #[command(flatten)]
    pub training: Training,
}

#[derive(ArgsOf)]
#[command(after_help = "Example:
  rubrique untrain all.counts --remove erase.csv --counts rest.counts
  rubrique merge rest.counts --model m.rubrique

The counts that are left, and so the model, have the same bytes as if the articles had never been seen. An article is found by its
words, wherever it stands in the shards; copies go with it. Exit status 1 when one was not found. A model alone cannot be untrained.")]
pub(crate) struct Untrain {
    /// Counts written by train --counts; several are read as one
    #[arg(required = true, value_name = "SHARD")]
    pub shards: Vec<PathBuf>,
    /// Articles to take out, in any format that train reads
    #[arg(long, required = true, num_args = 1.., value_name = "INPUT")]
    pub remove: Vec<PathBuf>,
    /// Of these, only the articles with the ids in this file, an id a line
    #[arg(long, value_name = "FILE")]
    pub ids: Option<PathBuf>,
    /// Take out their near-duplicates too: shortened, reworded or changed copies
    #[arg(long)]
    pub near_duplicates: bool,
    /// Where the counts that are left are written
    #[arg(long, value_name = "OUT")]
    pub counts: PathBuf,
    #[command(flatten)]
    pub reading: Reading,
}

/// Commands on model files.
#[derive(Subcommand)]
pub(crate) enum Model {
    /// Make a pair of keys: a secret one to sign with, a public one to verify with
    Keygen(Keygen),
    /// Write a signature beside a model, in minisign's format
    Sign(Sign),
    /// Check a model against its signature: exit 0 good, 1 bad, 2 not checked
    Verify(Verify),
}

#[derive(ArgsOf)]
#[command(after_help = "Example:
  rubrique model keygen --key team.key --public-key team.pub

Keys of minisign do as well, and minisign reads these.")]
pub(crate) struct Keygen {
    /// Where the secret key is written
    #[arg(long, value_name = "SECRET")]
    pub key: PathBuf,
    /// Where the public key is written
    #[arg(long, value_name = "PUBLIC")]
    pub public_key: PathBuf,
    /// Read the passphrase from the first line of a file instead of asking for it
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// A secret key without a passphrase: whoever has the file can sign
    #[arg(long, conflicts_with = "passphrase_file")]
    pub no_passphrase: bool,
}

#[derive(ArgsOf)]
#[command(after_help = "Example:
  rubrique model sign m.rubrique --key team.key      # writes m.rubrique.minisig")]
pub(crate) struct Sign {
    /// Model file
    #[arg(value_name = "MODEL")]
    pub model: PathBuf,
    /// Secret key, of model keygen or of minisign
    #[arg(long, value_name = "SECRET")]
    pub key: PathBuf,
    /// Read the passphrase from the first line of a file instead of asking for it
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Where the signature is written [default: MODEL.minisig]
    #[arg(long, value_name = "OUT")]
    pub signature: Option<PathBuf>,
}

#[derive(ArgsOf)]
#[command(after_help = "Examples:
  rubrique model verify m.rubrique --key team.pub
  minisign -Vm m.rubrique -p team.pub                # the same with minisign")]
pub(crate) struct Verify {
    /// Model file
    #[arg(value_name = "MODEL")]
    pub model: PathBuf,
    /// Public key: a file, or the key itself
    #[arg(long, value_name = "PUBLIC")]
    pub key: PathBuf,
    /// The signature [default: MODEL.minisig]
    #[arg(long, value_name = "FILE")]
    pub signature: Option<PathBuf>,
}

#[derive(ArgsOf)]
#[command(after_help = "Examples:
  rubrique classify data/articles.csv --output topics.csv
  rubrique classify news.jsonl.gz --model m.rubrique --output-format jsonl --output topics.jsonl
  rubrique classify news.jsonl.gz --output topics.csv --resume
  zcat news.csv.gz | rubrique classify - | cut -d, -f1,4

While it runs, rows go to OUT.partial, and OUT.checkpoint.json says how far they are sure; OUT appears when it is complete, with
OUT.manifest.json (what was read, by which model and settings, and how many rows had which status). A run that was interrupted, by a signal
(exit status 130 or 143), a full disk or a power cut, goes on with --resume, to the same bytes.")]
pub(crate) struct Classify {
    #[command(flatten)]
    pub inputs: Inputs,
    #[command(flatten)]
    pub repetition: Repetition,
    #[command(flatten)]
    pub model: ModelChoice,
    /// Where the results are written; - is standard output
    #[arg(long, short, value_name = "OUT", default_value = "-")]
    pub output: PathBuf,
    /// Go on where an interrupted run of the same command was
    #[arg(long)]
    pub resume: bool,
    /// Format of the results [default: parquet or arrow where the name of OUT says so, else csv]
    #[arg(long, value_enum)]
    pub output_format: Option<OutputFormatName>,
    /// Write the articles' text too
    #[arg(long)]
    pub keep_text: bool,
    #[command(flatten)]
    pub tables: Tables,
    /// Add what the topics are called elsewhere (IPTC, GDELT, FATF): "default", or a file like models/topic-mapping.toml
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Add a column with the N terms that say most for and against each topic given
    #[arg(long, value_name = "N")]
    pub explain: Option<usize>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum SplitName {
    Time,
    Random,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum OutputFormatName {
    Csv,
    Jsonl,
    Parquet,
    /// An Arrow IPC file (Feather)
    Arrow,
    /// An Arrow IPC stream
    Arrows,
}

impl Classify {
    /// The format of the results: the one that was asked for, or the one that the output's name tells.
    pub(crate) fn output_format(&self) -> OutputFormatName {
        let ending = self.output.extension().unwrap_or_default().to_ascii_lowercase();
        self.output_format.unwrap_or(match ending.to_str() {
            Some("parquet") => OutputFormatName::Parquet,
            Some("arrow" | "feather") => OutputFormatName::Arrow,
            Some("arrows") => OutputFormatName::Arrows,
            _ => OutputFormatName::Csv,
        })
    }
}

impl OutputFormatName {
    /// Whether rows are written as columns.
    pub(crate) fn is_columnar(self) -> bool {
        matches!(self, Self::Parquet | Self::Arrow | Self::Arrows)
    }
}

#[derive(ArgsOf)]
#[command(after_help = "Examples:
  rubrique evaluate test.csv --model m.rubrique --report report/
  rubrique evaluate data/corpus.csv --cross-validate 5 --report report/
  rubrique evaluate data/corpus.csv --split time --report report/
  rubrique evaluate test.csv --model m.rubrique --compare old.rubrique --lang fr --report report/

The folder gets report.html, metrics.json, per_topic.csv, confusion.csv, predictions.csv, errors.csv and manifest.json.")]
pub(crate) struct Evaluate {
    #[command(flatten)]
    pub inputs: Inputs,
    #[command(flatten)]
    pub model: ModelChoice,
    /// Train and score out of fold, in K folds, instead of using a model
    #[arg(long, value_name = "K", conflicts_with = "model")]
    pub cross_validate: Option<usize>,
    /// Train on some of the articles and score on others, by date or at random: alone, the newest (or a random) fifth is held out; with
    /// --cross-validate K, time means K blocks after a first one, each judged by a model trained on all earlier articles
    #[arg(long, value_enum, conflicts_with = "model")]
    pub split: Option<SplitName>,
    /// Folder for the report
    #[arg(long, value_name = "DIR")]
    pub report: PathBuf,
    /// Language of report.html
    #[arg(long, value_enum, default_value_t = LanguageName::En)]
    pub lang: LanguageName,
    #[command(flatten)]
    pub tables: Tables,
    /// Another model, compared with the first on the same articles
    #[arg(long, value_name = "M2")]
    pub compare: Option<PathBuf>,
    /// Do not train on parts of the folds to see what more articles would bring; halves the time of --cross-validate
    #[arg(long)]
    pub no_learning_curve: bool,
    #[command(flatten)]
    pub training: Training,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum LanguageName {
    En,
    Fr,
}

impl LanguageName {
    pub(crate) fn language(self) -> Language {
        match self {
            Self::En => Language::English,
            Self::Fr => Language::French,
        }
    }
}

#[derive(ArgsOf)]
#[command(after_help = "Examples:
  rubrique audit corpus.csv --output audit.csv
  rubrique train corpus.csv audit.csv --model m.rubrique   # with audit.csv's column corrected_labels filled in
  rubrique audit new.csv --drift corpus.csv --model m.rubrique --output drift.csv

One row a finding, the most useful first: labels that are likely wrong (out of fold, most probably wrong first), near-duplicates whose
labels differ, rows that cannot be read, ids met twice, articles that are empty, not French or too short, encodings that were mended,
near-duplicates by cluster. Exit status 1 when there is any; with --drift, when topics or unknown terms have shifted.")]
pub(crate) struct Audit {
    #[command(flatten)]
    pub inputs: Inputs,
    /// Check labels by this model, which has not seen the articles [default: by models trained out of fold]; with --drift, the model that looks
    /// at both [default: the press model]
    #[arg(long, short, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// Folds of the label check
    #[arg(long, value_name = "K", default_value_t = 5)]
    pub cross_validate: usize,
    /// Compare the articles with these earlier ones, or with a model and what it was trained on: unknown terms, topics, review and statuses,
    /// by month and source, instead of looking for what is wrong with them
    #[arg(long, value_name = "BASELINE")]
    pub drift: Option<PathBuf>,
    /// Write a page too: a file that ends in .html, or a folder for audit.html beside audit.csv (drift.html and drift.csv with --drift)
    #[arg(long, value_name = "DIR|FILE")]
    pub report: Option<PathBuf>,
    /// Language of the page
    #[arg(long, value_enum, default_value_t = LanguageName::En)]
    pub lang: LanguageName,
    /// Where the findings are written; - is standard output, and nothing where --report is a folder
    #[arg(long, short, value_name = "OUT")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub tables: Tables,
    #[command(flatten)]
    pub training: Training,
}

#[derive(ArgsOf)]
#[command(after_help = "Examples:
  rubrique explain article.txt
  rubrique explain data/articles.csv --json | head -1")]
pub(crate) struct Explain {
    #[command(flatten)]
    pub inputs: Inputs,
    #[command(flatten)]
    pub model: ModelChoice,
    /// JSON lines with all terms
    #[arg(long)]
    pub json: bool,
    /// Terms shown for each topic
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub terms: usize,
}

#[derive(ArgsOf)]
#[command(after_help = "Example:
  rubrique inspect models/presse-fr.rubrique")]
pub(crate) struct Inspect {
    /// Model file [default: the press model that comes with rubrique]
    #[arg(value_name = "MODEL")]
    pub model: Option<PathBuf>,
    /// The same as JSON
    #[arg(long)]
    pub json: bool,
    /// Terms shown for each topic
    #[arg(long, value_name = "N", default_value_t = 15)]
    pub terms: usize,
}

#[derive(ArgsOf)]
#[command(after_help = "Example:
  rubrique clean page.txt")]
pub(crate) struct Clean {
    #[command(flatten)]
    pub inputs: Inputs,
    #[command(flatten)]
    pub repetition: Repetition,
}

#[derive(ArgsOf)]
#[command(after_help = "Examples:
  echo \"L'accord a été signé.\" | rubrique tokenize -
  rubrique tokenize texts.jsonl")]
pub(crate) struct Tokenize {
    /// Files of JSON lines ({\"text\": …}) or of text, a text a line; - for standard input
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Terms as this model sees them [default: the default settings]
    #[arg(long, short, value_name = "FILE")]
    pub model: Option<PathBuf>,
}
