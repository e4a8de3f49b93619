//! Many inputs, one stream of articles.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

#[cfg(feature = "arrow")]
use super::arrow_table::{ArrowArticles, ColumnTypes};
use super::article::Article;
use super::batch::{Arrangement, Batch, FEW, Rows};
use super::corrections::{Corrections, Review};
use super::csv::CsvArticles;
use super::encoding::{self, missing};
use super::folder;
use super::html::{HtmlPage, looks_like_html};
use super::input_digests::InputDigests;
use super::jsonl::JsonlArticles;
use super::labels::LabelSet;
use super::page::RepeatedBySource;
use crate::error::{Error, Place, Result};
use crate::text::{fold, strip_accents};

/// How an input is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values; the delimiter is found out where it is not given.
    Csv,
    /// Tab-separated values.
    Tsv,
    /// One JSON object a line.
    Jsonl,
    /// One article a file, as plain text.
    Text,
    /// One article a file, as an HTML page.
    Html,
    /// Parquet; only in a build with the feature `arrow`.
    Parquet,
    /// Arrow IPC, a file (Feather, version 2) or a stream; only in a build with the feature `arrow`.
    Arrow,
}

impl Format {
    /// Whether it is read by builds with the feature `arrow` alone.
    pub(super) fn needs_arrow(self) -> bool {
        matches!(self, Self::Parquet | Self::Arrow)
    }

    /// What a file's first bytes tell, where they tell anything.
    fn of_content(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"PAR1") {
            return Some(Self::Parquet);
        }
        let is_arrow = head.starts_with(b"ARROW1") || head.starts_with(&[0xFF; 4]);
        is_arrow.then_some(Self::Arrow)
    }
}

/// The columns that hold an article's parts. `None` means: one of the usual names, in English or French.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnNames {
    /// `id`, `identifiant`, …
    pub id: Option<String>,
    /// `title`, `titre`, `headline`.
    pub title: Option<String>,
    /// `text`, `texte`, `content`, `article`, `body`, …
    pub text: Option<String>,
    /// `labels`, `label`, `category`, `topic`, `rubrique`, …
    pub labels: Option<String>,
    /// `date`, `published`, `pubdate`, `date_publication`, …
    pub date: Option<String>,
    /// `source`, `journal`, `media`, `publisher`, `site`, …
    pub source: Option<String>,
    /// A column of HTML pages, in place of the text; a text that begins like a page is read as one without this.
    pub html: Option<String>,
}

/// How inputs are to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The format; `None` goes by each file's extension.
    pub format: Option<Format>,
    /// The delimiter of CSV; `None` finds it out.
    pub delimiter: Option<u8>,
    /// Column names.
    pub columns: ColumnNames,
    /// Whether a label column must be there.
    pub need_labels: bool,
    /// Whether a row that is broken, or had to be mended, ends the reading with an error.
    pub strict: bool,
    /// Longer articles are not read: they come out with their problem.
    pub max_article_bytes: ArticleBytes,
    /// Whether rows of files with a column `corrected_labels` correct the articles of the same id (and title, where both have one) in
    /// the other inputs instead of being articles a second time. Such files may do without a text; they are read first and kept in memory.
    pub join_corrections: bool,
    /// Whether what is read is digested too ([`Reader::digests`]).
    pub digest_inputs: bool,
}

/// How long an article may be in bytes: its row of a table, its line of JSON or its file, decompressed. 10 MB where nothing else is said,
/// which is more than a long novel.
///
/// ```
/// use rubrique::corpus::ArticleBytes;
/// assert_eq!(ArticleBytes::default().get(), 10_000_000);
/// assert!(ArticleBytes::new(100).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArticleBytes(u32);

impl ArticleBytes {
    /// From 1,000 bytes to 1 GB; an error beyond.
    pub fn new(bytes: u64) -> Result<Self> {
        match u32::try_from(bytes) {
            Ok(bytes @ 1_000..=1_000_000_000) => Ok(Self(bytes)),
            _ => Err(Error::setting("max_article_bytes", bytes, "1,000 to 1,000,000,000")),
        }
    }

    /// The number of bytes.
    pub fn get(self) -> usize {
        self.0 as usize
    }

    /// What is wrong with an article that is longer.
    pub(super) fn exceeded(self) -> String {
        format!("is longer than {} bytes, which --max-article-bytes allows", self.0)
    }
}

impl Default for ArticleBytes {
    fn default() -> Self {
        Self(10_000_000)
    }
}

const ID_NAMES: &[&str] = &["id", "identifiant", "article_id", "doc_id", "docid"];
const TITLE_NAMES: &[&str] = &["title", "titre", "headline"];
const TEXT_NAMES: &[&str] = &["text", "texte", "content", "contenu", "article", "body", "corps"];
const LABEL_NAMES: &[&str] =
    &["labels", "label", "category", "categorie", "topics", "topic", "rubrique", "etiquettes"];
const DATE_NAMES: &[&str] = &[
    "date",
    "published",
    "pubdate",
    "pub_date",
    "published_at",
    "publication_date",
    "date_publication",
    "date_de_publication",
    "publie_le",
];
const SOURCE_NAMES: &[&str] = &["source", "journal", "media", "publisher", "site", "editeur"];
const HTML_NAMES: &[&str] = &["html", "page", "raw_html", "html_content"];
const CORRECTED_NAMES: &[&str] = &["corrected_labels"];

/// Where in a row an article's parts stand, for rows that come from somewhere else than a [`Reader`] too.
///
/// ```
/// use rubrique::Place;
/// use rubrique::corpus::{Parts, ReadOptions};
/// let columns = ["Titre", "Pays", "Corps"].map(str::to_owned);
/// let parts = Parts::find(&columns, &ReadOptions::default(), &Place::file("a table"))?;
/// assert_eq!((parts.title, parts.text), (Some(0), Some(2)));
/// let article = parts.article(["Un accord", "Mali", "Il est signé."].map(str::to_owned).into(), Place::default());
/// assert_eq!(article.text, "Il est signé.");
/// # Ok::<(), rubrique::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// The article's id.
    pub id: Option<usize>,
    /// Its title.
    pub title: Option<usize>,
    /// Its text; `None` in a file that only corrects the articles of others.
    pub text: Option<usize>,
    /// Its topics.
    pub labels: Option<usize>,
    /// Its topics as people corrected them.
    pub corrected: Option<usize>,
    /// The day it appeared.
    pub date: Option<usize>,
    /// Where it appeared.
    pub source: Option<usize>,
    /// Whether the text is HTML whatever it begins with.
    pub html: bool,
}

impl Parts {
    /// Finds the parts among the columns of one input, which errors call `place`. Fails where a column that is named is not there, or none holds the
    /// text or, where they are needed, the labels.
    pub fn find(columns: &[String], options: &ReadOptions, place: &Place) -> Result<Self> {
        let names = &options.columns;
        let given = |name: &Option<String>, what: &str| -> Result<Option<usize>> {
            let Some(name) = name else { return Ok(None) };
            let found = columns.iter().position(|c| c == name);
            let found = found.or_else(|| columns.iter().position(|c| same_name(c, name)));
            found.map(Some).ok_or_else(|| {
                Error::input(
                    Place { column: Some(name.clone()), ..place.clone() },
                    format!("no such {what} column; there are {}", list(columns)),
                    format!("--{what}-column with one of these names"),
                )
            })
        };
        let usual = |names: &[&str]| {
            names.iter().find_map(|name| columns.iter().position(|c| same_name(c, name)))
        };
        let id = given(&names.id, "id")?.or_else(|| usual(ID_NAMES));
        let title = given(&names.title, "title")?.or_else(|| usual(TITLE_NAMES));
        let labels = given(&names.labels, "label")?.or_else(|| usual(LABEL_NAMES));
        let corrected = usual(CORRECTED_NAMES);
        let only_corrects = options.join_corrections && corrected.is_some() && id.is_some();
        let html = given(&names.html, "html")?;
        let text = if only_corrects && !columns.iter().any(|c| names.text.as_ref() == Some(c)) {
            usual(TEXT_NAMES)
        } else {
            given(&names.text, "text")?.or_else(|| usual(TEXT_NAMES))
        };
        let pages = html.or_else(|| usual(HTML_NAMES).filter(|_| text.is_none()));
        let text = pages.or(text);
        if text.is_none() && !only_corrects {
            return Err(Error::input(
                place.clone(),
                format!("no column with the articles' text among {}", list(columns)),
                "--text-column NAME, or --delimiter if the columns were not cut right",
            ));
        }
        if options.need_labels && labels.is_none() && !only_corrects {
            return Err(Error::input(
                place.clone(),
                format!("no column with the labels among {}", list(columns)),
                "--label-column NAME",
            ));
        }
        let date = given(&names.date, "date")?.or_else(|| usual(DATE_NAMES));
        let source = given(&names.source, "source")?.or_else(|| usual(SOURCE_NAMES));
        let html = pages.is_some();
        Ok(Self { id, title, text, labels, corrected, date, source, html })
    }

    /// Makes an article of its cells, which are as many as the header's.
    pub(super) fn fill(&self, article: &mut Article) {
        let Article { id, title, text, labels, date, source, cells, place, .. } = article;
        // Both keep their memory for the next article.
        match self.text {
            Some(at) => {
                std::mem::swap(text, &mut cells[at]);
                cells[at].clear();
            }
            None => text.clear(),
        }
        let cell = |at: Option<usize>| at.map(|i| cells[i].as_str());
        let filled = |at: Option<usize>| cell(at).map(str::trim).filter(|c| !c.is_empty());
        id.clear();
        match cell(self.id) {
            Some(own) if !own.is_empty() => id.push_str(own),
            _ => id.push_str(&place.record.unwrap_or(0).to_string()),
        }
        title.clear();
        title.push_str(cell(self.title).unwrap_or_default());
        let corrected = filled(self.corrected);
        *labels = corrected.or_else(|| cell(self.labels)).map(LabelSet::parse);
        for (own, cell) in [(date, self.date), (source, self.source)] {
            match (&mut *own, filled(cell)) {
                (Some(own), Some(cell)) => {
                    own.clear();
                    own.push_str(cell);
                }
                (_, cell) => *own = cell.map(str::to_owned),
            }
        }
        if self.html || looks_like_html(text) {
            let page = std::mem::take(text);
            HtmlPage::read(&page).fill(article);
        }
    }

    /// An article of its cells, which are as many as the columns.
    pub fn article(&self, cells: Vec<String>, place: Place) -> Article {
        let mut article = Article { cells, place, ..Article::default() };
        self.fill(&mut article);
        article
    }
}

pub(super) fn same_name(column: &str, name: &str) -> bool {
    let plain = |s: &str| {
        let mut folded = String::new();
        fold(s.trim(), &mut folded);
        strip_accents(&folded).into_owned()
    };
    plain(column) == plain(name)
}

fn list(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().take(20).map(|c| format!("\"{c}\"")).collect();
    quoted.join(", ") + if columns.len() > 20 { ", …" } else { "" }
}

/// One input, opened as far as its columns.
enum Source {
    Csv(Box<CsvArticles>),
    Jsonl(JsonlArticles),
    #[cfg(feature = "arrow")]
    Arrow(Box<ArrowArticles>),
    /// A file that is one article.
    Text {
        path: PathBuf,
        id: String,
        label: Option<String>,
        html: bool,
        most: ArticleBytes,
    },
    /// A file that was one.
    Read {
        html: bool,
    },
    /// Planned, and opened again when its turn comes.
    Later {
        path: PathBuf,
        format: Format,
        /// Of a file of a folder, its path below it.
        id: Option<String>,
    },
}

/// Reads the articles of several inputs, one after the other, in bounded memory.
///
/// What is wrong with one row travels with the row ([`Article::problem`]); an `Err` means that reading cannot
/// go on.
///
/// ```no_run
/// use rubrique::corpus::{ReadOptions, Reader};
/// for article in Reader::open(&["articles.csv.gz".into()], &ReadOptions::default())? {
///     println!("{}", article?.title);
/// }
/// # Ok::<(), rubrique::Error>(())
/// ```
pub struct Reader {
    sources: std::vec::IntoIter<Source>,
    current: Option<Source>,
    columns: Vec<String>,
    text_column: Option<usize>,
    #[cfg(feature = "arrow")]
    fields: Vec<Option<arrow_schema::FieldRef>>,
    arrangement: Arc<Arrangement>,
    repeated: Arc<RepeatedBySource>,
    /// Articles of a batch that are still to be handed out one by one.
    waiting: std::vec::IntoIter<Result<Article>>,
    corrections: Corrections,
    digests: InputDigests,
    /// The first source of each input, and how many sources had their turn.
    starts: Vec<usize>,
    begun: usize,
    options: ReadOptions,
    bytes: u64,
    passed_over: u64,
}

impl Reader {
    /// Opens the inputs: files, folders, or `-` for standard input. Fails when one is missing or has no
    /// column that holds text.
    pub fn open(inputs: &[PathBuf], options: &ReadOptions) -> Result<Self> {
        let mut sources = Vec::new();
        let mut columns: Vec<String> = Vec::new();
        let mut text_column = None;
        let mut bytes = 0;
        let mut passed_over = 0;
        let mut reviews = Vec::new();
        let most = options.max_article_bytes;
        let mut starts = Vec::new();
        let digests =
            if options.digest_inputs { InputDigests::new(inputs) } else { InputDigests::default() };
        #[cfg(feature = "arrow")]
        let mut types = ColumnTypes::default();
        let mut add = |source: &Source| {
            let _places = place_columns(
                source.columns(),
                source.text_column(),
                &mut columns,
                &mut text_column,
            );
            #[cfg(feature = "arrow")]
            types.add(&_places, source.arrow_fields());
        };
        for (input, path) in inputs.iter().enumerate() {
            starts.push(sources.len());
            if path == Path::new("-") {
                if let Some(Format::Text | Format::Html) = options.format {
                    refuse_unlabelled_text(path, options)?;
                    let html = options.format == Some(Format::Html);
                    let id = "-".to_owned();
                    let source = Source::Text { path: path.clone(), id, label: None, html, most };
                    add(&source);
                    sources.push(source);
                    continue;
                }
                let stream = digests.digest(input, std::io::stdin());
                let source = Self::open_stream(stream, path, options.format, options)?;
                add(&source);
                if options.join_corrections && source.review().is_some() {
                    reviews.push(source);
                } else {
                    sources.push(source);
                }
                continue;
            }
            let meta = std::fs::metadata(path).map_err(|e| missing(path, e))?;
            if meta.is_dir() {
                let (files, others) = folder::articles(path)?;
                passed_over += others;
                if files.is_empty() {
                    return Err(Error::input(
                        Place::file(path),
                        if cfg!(feature = "arrow") {
                            "the folder holds no .txt or .html file, and none of Parquet or Arrow"
                        } else {
                            "the folder holds no .txt or .html file"
                        },
                        "the path of a CSV or JSON lines file",
                    ));
                }
                digests.begin_folder(input, files.len());
                for file in files {
                    bytes += file.bytes;
                    let (path, id, label, format) = (file.path, file.id, file.label, file.format);
                    if format.needs_arrow() {
                        add(&Self::open_file(&path, format, options)?);
                        sources.push(Source::Later { path, format, id: Some(id) });
                        continue;
                    }
                    let html = [Some(format), options.format].contains(&Some(Format::Html));
                    let source = Source::Text { path, id, label, html, most };
                    add(&source);
                    sources.push(source);
                }
                continue;
            }
            bytes += meta.len();
            let format = options.format.map_or_else(|| format_of_file(path), Ok)?;
            if let Format::Text | Format::Html = format {
                refuse_unlabelled_text(path, options)?;
                let html = format == Format::Html;
                let id = path.display().to_string();
                let source = Source::Text { path: path.clone(), id, label: None, html, most };
                add(&source);
                sources.push(source);
                continue;
            }
            // What is read from its end is digested when its turn comes.
            let source = if format == Format::Parquet {
                Self::open_file(path, format, options)?
            } else {
                let file = File::open(path).map_err(|e| Error::io(path, e))?;
                Self::open_stream(digests.digest(input, file), path, Some(format), options)?
            };
            add(&source);
            if options.join_corrections && source.review().is_some() {
                reviews.push(source);
                continue;
            }
            // A named pipe can be read only once: it stays open.
            sources.push(if meta.is_file() {
                Source::Later { path: path.clone(), format, id: None }
            } else {
                source
            });
        }
        if text_column.is_none() && !inputs.is_empty() {
            return Err(Error::input(
                Place::file(&inputs[0]),
                "it corrects labels of articles, and no input holds the articles",
                "naming the file with the articles too",
            ));
        }
        let mut reader = Self {
            sources: sources.into_iter(),
            current: None,
            columns,
            text_column,
            #[cfg(feature = "arrow")]
            fields: types.into_fields(),
            arrangement: Arc::default(),
            repeated: Arc::default(),
            waiting: Vec::new().into_iter(),
            corrections: Corrections::default(),
            digests,
            starts,
            begun: 0,
            options: options.clone(),
            bytes,
            passed_over,
        };
        for source in reviews {
            reader.read_review(source)?;
        }
        Ok(reader)
    }

    /// Reads a file with corrections to its end.
    fn read_review(&mut self, mut source: Source) -> Result<()> {
        let Some(review) = source.review() else { return Ok(()) };
        self.arrange_for(&source);
        while let Some(rows) = source.next_rows(&self.digests)? {
            let corrections = &mut self.corrections;
            let arrangement = &self.arrangement;
            rows.try_for_each(|article| {
                let corrected = article.cells.get(review.corrected);
                let is_correction = corrected.is_some_and(|cell| !cell.trim().is_empty());
                arrangement.arrange(article);
                corrections.add(std::mem::take(article), is_correction, review);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// The columns of the inputs together, in the order in which they first appear.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Which of the columns holds the text, where one does.
    pub fn text_column(&self) -> Option<usize> {
        self.text_column
    }

    /// The types that the columns have in Parquet and Arrow; `None` for text: of other inputs, and where inputs do not agree.
    #[cfg(feature = "arrow")]
    pub fn arrow_fields(&self) -> &[Option<arrow_schema::FieldRef>] {
        &self.fields
    }

    /// The size of the files in bytes, as they lie on disk; 0 for standard input.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The files of folders that are no articles by their names.
    pub fn passed_over(&self) -> u64 {
        self.passed_over
    }

    /// Digests of what is read; empty where that was not asked for.
    pub fn digests(&self) -> InputDigests {
        self.digests.clone()
    }

    /// Opens a file of Parquet or Arrow.
    fn open_file(path: &Path, format: Format, options: &ReadOptions) -> Result<Source> {
        #[cfg(feature = "arrow")]
        if format == Format::Parquet {
            return Ok(Source::Arrow(Box::new(ArrowArticles::open_parquet(path, options)?)));
        }
        let file = File::open(path).map_err(|e| missing(path, e))?;
        Self::open_stream(file, path, Some(format), options)
    }

    fn open_stream(
        stream: impl Read + Send + 'static,
        path: &Path,
        format: Option<Format>,
        options: &ReadOptions,
    ) -> Result<Source> {
        if format.is_none() {
            let (head, stream) = encoding::look_ahead(stream, 6);
            return Self::open_known(stream, path, Format::of_content(&head), options);
        }
        Self::open_known(stream, path, format, options)
    }

    /// Opens a stream that is Arrow only where the format says so.
    fn open_known(
        stream: impl Read + Send + 'static,
        path: &Path,
        format: Option<Format>,
        options: &ReadOptions,
    ) -> Result<Source> {
        if let Some(format) = format.filter(|format| format.needs_arrow()) {
            return open_arrow(stream, path, format, options);
        }
        let mut stream = encoding::open(stream).map_err(|e| Error::io(path, e))?;
        let format = match format {
            Some(format) => format,
            None => sniff(&mut stream).map_err(|e| Error::io(path, e))?,
        };
        Ok(match format {
            Format::Csv | Format::Tsv => {
                let tab = (format == Format::Tsv).then_some(b'\t');
                Source::Csv(Box::new(CsvArticles::open(
                    stream,
                    path,
                    options.delimiter.or(tab),
                    options,
                )?))
            }
            Format::Jsonl => Source::Jsonl(JsonlArticles::open(stream, path, options)?),
            Format::Text | Format::Html => {
                let id = path.display().to_string();
                let html = format == Format::Html;
                Source::Text {
                    path: path.to_owned(),
                    id,
                    label: None,
                    html,
                    most: options.max_article_bytes,
                }
            }
            Format::Parquet | Format::Arrow => return Err(not_built(path)),
        })
    }

    /// Makes the next source current; false when there is none.
    fn advance(&mut self) -> Result<bool> {
        let Some(source) = self.sources.next() else { return Ok(false) };
        let input = self.starts.partition_point(|start| *start <= self.begun) - 1;
        self.begun += 1;
        self.digests.begin(input);
        let source = match source {
            Source::Later { path, format, id } if format.needs_arrow() => {
                self.digests.digest_file(input, &path)?;
                if let Some(id) = id {
                    self.digests.end_file(&id);
                }
                Self::open_file(&path, format, &self.options)?
            }
            Source::Later { path, format, .. } => {
                let file = File::open(&path).map_err(|e| Error::io(&path, e))?;
                let file = self.digests.digest(input, file);
                Self::open_stream(file, &path, Some(format), &self.options)?
            }
            source => source,
        };
        self.arrange_for(&source);
        self.current = Some(source);
        Ok(true)
    }

    /// Settles where the cells of a source go.
    fn arrange_for(&mut self, source: &Source) {
        let own = source.columns().to_vec();
        let text = source.text_column();
        let places = place_columns(&own, text, &mut self.columns, &mut self.text_column);
        let is_straight =
            places.len() == self.columns.len() && places.iter().enumerate().all(|(i, &p)| i == p);
        self.arrangement = Arc::new(Arrangement {
            places: (!is_straight).then_some(places),
            width: self.columns.len(),
            strict: self.options.strict,
            repeated: self.repeated.clone(),
        });
    }

    /// Leaves these lines out of the texts.
    pub fn without_repeated(mut self, repeated: RepeatedBySource) -> Self {
        self.repeated = Arc::new(repeated);
        self
    }

    /// The articles in batches, which whoever works on them may take apart: of tables, that is most of the reading.
    pub fn into_batches(mut self) -> impl Iterator<Item = Result<Batch>> + Send {
        std::iter::from_fn(move || {
            // Corrections are joined to the articles in their order, and what was begun one by one is ended so.
            if self.corrections.is_empty() && self.waiting.as_slice().is_empty() {
                return self.read_on();
            }
            let few: Vec<Result<Article>> = self.by_ref().take(FEW).collect();
            (!few.is_empty()).then(|| Ok(Batch::from(few)))
        })
    }

    /// The next articles as the sources have them.
    fn read_on(&mut self) -> Option<Result<Batch>> {
        loop {
            let rows = match &mut self.current {
                Some(source) => source.next_rows(&self.digests),
                None => Ok(None),
            };
            match rows {
                Ok(Some(rows)) => {
                    let arrangement = Some(self.arrangement.clone());
                    return Some(Ok(Batch { rows, arrangement }));
                }
                Ok(None) => match self.advance() {
                    Ok(true) => {}
                    Ok(false) => return None,
                    Err(error) => return Some(Err(error)),
                },
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl Iterator for Reader {
    type Item = Result<Article>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(article) = self.waiting.next() {
                return Some(article.map(|mut article| {
                    self.corrections.apply(&mut article);
                    article
                }));
            }
            match self.read_on() {
                Some(Ok(batch)) => self.waiting = batch.into_articles().into_iter(),
                Some(Err(error)) => return Some(Err(error)),
                None => return self.corrections.next_unjoined().map(Ok),
            }
        }
    }
}

impl Source {
    fn columns(&self) -> &[String] {
        match self {
            Self::Csv(source) => source.columns(),
            Self::Jsonl(source) => source.columns(),
            #[cfg(feature = "arrow")]
            Self::Arrow(source) => source.columns(),
            Self::Text { html, .. } | Self::Read { html } => file_columns(*html),
            Self::Later { .. } => &[],
        }
    }

    fn text_column(&self) -> Option<usize> {
        match self {
            Self::Csv(source) => source.parts().text,
            Self::Jsonl(source) => source.parts().text,
            #[cfg(feature = "arrow")]
            Self::Arrow(source) => source.parts().text,
            Self::Text { html, .. } | Self::Read { html } => file_text(*html),
            Self::Later { .. } => None,
        }
    }

    /// The types of its columns, where it has any.
    #[cfg(feature = "arrow")]
    fn arrow_fields(&self) -> Option<&[arrow_schema::FieldRef]> {
        match self {
            Self::Arrow(source) => Some(source.fields()),
            _ => None,
        }
    }

    /// Where a file with corrections has them.
    fn review(&self) -> Option<Review> {
        let parts = match self {
            Self::Csv(source) => source.parts(),
            Self::Jsonl(source) => source.parts(),
            #[cfg(feature = "arrow")]
            Self::Arrow(source) => source.parts(),
            Self::Text { .. } | Self::Read { .. } | Self::Later { .. } => return None,
        };
        Some(Review {
            corrected: parts.corrected?,
            has_ids: parts.id.is_some(),
            has_texts: parts.text.is_some(),
        })
    }

    /// The next rows; `None` at the end.
    fn next_rows(&mut self, digests: &InputDigests) -> Result<Option<Rows>> {
        match self {
            Self::Csv(source) => Ok(source.next_rows()?.map(Rows::Csv)),
            #[cfg(feature = "arrow")]
            Self::Arrow(source) => Ok(source.next_rows()?.map(Rows::Arrow)),
            Self::Jsonl(source) => {
                let articles: Vec<_> = source.take(FEW).collect();
                Ok((!articles.is_empty()).then_some(Rows::Articles(articles)))
            }
            Self::Text { path, id, label, html, most } => {
                let article = read_text(path, id, label.as_deref(), *html, *most, digests);
                digests.end_file(id);
                *self = Self::Read { html: *html };
                Ok(Some(Rows::Articles(vec![Ok(article)])))
            }
            Self::Read { .. } | Self::Later { .. } => Ok(None),
        }
    }
}

/// Where each column of one input goes among the columns of all, which grow by those that are new. Columns go by name,
/// the second of a name to the second of that name, so that none is lost; the text goes to the text, whatever
/// its name.
fn place_columns(
    names: &[String],
    text: Option<usize>,
    columns: &mut Vec<String>,
    text_column: &mut Option<usize>,
) -> Vec<usize> {
    let mut places: Vec<usize> = Vec::with_capacity(names.len());
    let own_text = *text_column;
    for (at, name) in names.iter().enumerate() {
        let place = match own_text {
            Some(place) if Some(at) == text => Some(place),
            _ => (0..columns.len())
                .find(|i| columns[*i] == *name && own_text != Some(*i) && !places.contains(i)),
        };
        places.push(place.unwrap_or_else(|| {
            columns.push(name.clone());
            columns.len() - 1
        }));
        if Some(at) == text && text_column.is_none() {
            *text_column = places.last().copied();
        }
    }
    places
}

/// A folder tells its articles' labels, a file on its own does not.
fn refuse_unlabelled_text(path: &Path, options: &ReadOptions) -> Result<()> {
    if options.need_labels {
        return Err(Error::input(
            Place::file(path),
            "a text file on its own has no label",
            "a folder with one folder of .txt or .html files a label, or a CSV file",
        ));
    }
    Ok(())
}

/// The columns of an article that is a file of its own; a page says its title and date.
fn file_columns(html: bool) -> &'static [String] {
    static COLUMNS: LazyLock<[Vec<String>; 2]> = LazyLock::new(|| {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        [own(&["id", "text"]), own(&["id", "title", "date", "text"])]
    });
    &COLUMNS[usize::from(html)]
}

/// Which of these is the text.
fn file_text(html: bool) -> Option<usize> {
    Some(if html { 3 } else { 1 })
}

fn read_text(
    path: &Path,
    id: &str,
    label: Option<&str>,
    html: bool,
    most: ArticleBytes,
    digests: &InputDigests,
) -> Article {
    let mut bytes = Vec::new();
    let read = encoding::open_digested(path, digests, digests.current()).and_then(|stream| {
        stream.take(most.get() as u64 + 1).read_to_end(&mut bytes).map_err(|e| Error::io(path, e))
    });
    // One bad file of a folder stops no batch.
    let problem = match read {
        Err(error) => Some(format!("cannot be read ({error})")),
        Ok(_) if bytes.len() > most.get() => Some(most.exceeded()),
        Ok(_) => None,
    };
    if problem.is_some() {
        bytes.clear();
    }
    let mut encoding = None;
    let text = if html {
        encoding::decode_html(bytes, &mut encoding)
    } else {
        encoding::decode_noting(bytes, &mut encoding)
    };
    let mut article = Article {
        problem,
        id: id.to_owned(),
        text,
        encoding,
        labels: label.map(LabelSet::parse),
        place: Place::file(path),
        ..Article::default()
    };
    if html || looks_like_html(&article.text) {
        HtmlPage::read(&article.text).fill(&mut article);
    }
    article.cells = vec![id.to_owned(), String::new()];
    if html {
        let date = article.date.clone().unwrap_or_default();
        article.cells = vec![id.to_owned(), article.title.clone(), date, String::new()];
    }
    article
}

/// The format that a file's name tells or, where it does not, its first bytes.
fn format_of_file(path: &Path) -> Result<Format> {
    format_of(path).or_else(|error| {
        let mut head = Vec::new();
        // Of a pipe, they would be gone.
        let is_file = path.metadata().is_ok_and(|meta| meta.is_file());
        let file = if is_file { File::open(path).ok() } else { None };
        let _ = file.map(|file| file.take(6).read_to_end(&mut head));
        Format::of_content(&head).ok_or(error)
    })
}

/// Opens a stream of Arrow.
#[cfg(feature = "arrow")]
fn open_arrow(
    stream: impl Read + Send + 'static,
    path: &Path,
    format: Format,
    options: &ReadOptions,
) -> Result<Source> {
    if format == Format::Parquet {
        return Err(Error::input(
            Place::file(path),
            "Parquet is read from its end, which a stream has not reached",
            "a file, or a stream of Arrow IPC",
        ));
    }
    let stream = encoding::open_bytes(stream).map_err(|e| Error::io(path, e))?;
    Ok(Source::Arrow(Box::new(ArrowArticles::open_stream(stream, path, options)?)))
}

#[cfg(not(feature = "arrow"))]
fn open_arrow(
    _: impl Read + Send + 'static,
    path: &Path,
    _: Format,
    _: &ReadOptions,
) -> Result<Source> {
    Err(not_built(path))
}

/// What a build without the feature `arrow` says of what only the others read.
fn not_built(path: &Path) -> Error {
    Error::input(
        Place::file(path),
        "this is Parquet or Arrow, which this build of rubrique does not read",
        "a build with the feature arrow: cargo install --path .",
    )
}

/// The format that a file's name tells, compression aside.
fn format_of(path: &Path) -> Result<Format> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = name.trim_end_matches(".gz").trim_end_matches(".zst");
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("csv") => Ok(Format::Csv),
        Some("tsv" | "tab") => Ok(Format::Tsv),
        Some("jsonl" | "ndjson" | "json") => Ok(Format::Jsonl),
        Some("txt" | "text") => Ok(Format::Text),
        Some("html" | "htm" | "xhtml") => Ok(Format::Html),
        Some("parquet") => Ok(Format::Parquet),
        Some("arrow" | "arrows" | "feather") => Ok(Format::Arrow),
        _ => Err(Error::input(
            Place::file(path),
            "the name does not tell the format",
            "--format csv, tsv, jsonl, text, html, parquet or arrow",
        )),
    }
}

/// JSON lines begin with a brace, all else is taken for CSV.
fn sniff(stream: &mut BufReader<impl Read>) -> std::io::Result<Format> {
    let start = stream.fill_buf()?;
    let first = start.iter().find(|b| !b.is_ascii_whitespace());
    Ok(if first == Some(&b'{') { Format::Jsonl } else { Format::Csv })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(
        names: &[&str],
        text: usize,
        columns: &mut Vec<String>,
        text_column: &mut Option<usize>,
    ) -> Vec<usize> {
        let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
        place_columns(&names, Some(text), columns, text_column)
    }

    #[test]
    fn no_column_is_lost_where_names_meet() {
        let (mut columns, mut text) = (Vec::new(), None);
        assert_eq!(
            places(&["id", "note", "text", "note"], 2, &mut columns, &mut text),
            [0, 1, 2, 3]
        );
        assert_eq!(text, Some(2));
        // The text under another name, one of the two notes, a new column.
        assert_eq!(places(&["texte", "note", "pays"], 0, &mut columns, &mut text), [2, 1, 4]);
        // A column that is called text and is not the text.
        assert_eq!(places(&["corps", "text"], 0, &mut columns, &mut text), [2, 5]);
        assert_eq!(columns, ["id", "note", "text", "note", "pays", "text"]);
        // Asked again, every input finds its places where they were.
        assert_eq!(places(&["corps", "text"], 0, &mut columns, &mut text), [2, 5]);
        assert_eq!(columns.len(), 6);
    }

    #[test]
    fn formats_go_by_extension_under_compression() {
        let format = |name: &str| format_of(Path::new(name)).ok();
        assert_eq!(format("a/b.CSV.gz"), Some(Format::Csv));
        assert_eq!(format("b.tsv"), Some(Format::Tsv));
        assert_eq!(format("b.jsonl.zst"), Some(Format::Jsonl));
        assert_eq!(format("b.txt"), Some(Format::Text));
        assert_eq!(format("b.gz"), None);
        assert_eq!(format("csv"), None);
    }

    #[test]
    fn usual_names_are_found_in_any_case_with_or_without_accents() {
        let columns = ["Identifiant", "TITRE", "Corps", "Étiquettes", "Publié_le", "Média"]
            .map(str::to_owned);
        let parts = Parts::find(&columns, &ReadOptions::default(), &Place::file("a.csv")).unwrap();
        assert_eq!(
            (parts.id, parts.title, parts.text, parts.labels),
            (Some(0), Some(1), Some(2), Some(3))
        );
        assert_eq!((parts.date, parts.source), (Some(4), Some(5)));
        let cells = ["7", "T", "Texte.", "a;b", " 2024-05-03 ", " "].map(str::to_owned);
        let article = parts.article(cells.into(), Place::default());
        assert_eq!((article.date.as_deref(), article.source), (Some("2024-05-03"), None));
    }
}
