//! A labelled corpus as training sees it: term counts by article, no text, no word order.

use std::collections::BTreeSet;

use hashbrown::HashMap;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::classify::{BATCH_ARTICLES, read_batches};
use super::content_key::content_key;
use super::spellings::Spellings;
use super::stages::{Workers, in_order};
use crate::corpus::{Article, LabelSet, Page};
use crate::error::{Error, Result};
use crate::features::{CountedTerms, DocumentTermMatrix, Scratch, Vectorizer, Zones};
use crate::model::Task;
use crate::text::{Analyzer, AnalyzerSettings, View, parse_spelling, repair};

/// Counted articles with their labels. This is what `train --counts` writes and `merge` reads.
///
/// In canonical form ([`canonical`](Self::canonical)) terms and labels are sorted and articles ordered by their content, so
/// that it depends on the set of articles alone, not on the order or the parts in which they were counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CountedCorpus {
    /// What the terms were made with; only equal ones can be merged.
    pub analyzer: AnalyzerSettings,
    /// Weights of the zones, already in the counts.
    pub zones: Zones,
    /// The terms, by column of the matrix.
    pub terms: Vec<Box<str>>,
    /// Weighted counts by article.
    pub matrix: DocumentTermMatrix,
    /// Label names, by number.
    pub labels: Vec<String>,
    /// The labels of each article, ascending.
    pub members: Vec<Vec<usize>>,
    /// A hash of each article's text: copies have the same. Once near-duplicates are known, all of a cluster have the smallest of theirs
    /// (see [`NearDuplicates::join`](super::NearDuplicates::join)).
    pub keys: Vec<u64>,
    /// Spellings without accents of accented words.
    pub spellings: Spellings,
}

/// Articles that could not be counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Rows that could not be read.
    pub unreadable: u64,
    /// Neither title nor text.
    pub empty: u64,
}

/// Counts the articles of a stream. `progress` is called with the number of articles done.
pub fn count_articles(
    articles: impl Iterator<Item = Result<Article>> + Send,
    analyzer: &AnalyzerSettings,
    zones: Zones,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<(CountedCorpus, Skipped)> {
    let mut counter = Counter::new(analyzer, zones)?;
    let mut done = 0;
    let vectorizer = counter.vectorizer.clone();
    let workers = Workers::<Scratch>::default();
    let count = |scratch: &mut Scratch, batch: Vec<Article>| {
        (count_chunk(&vectorizer, scratch, &batch), batch.len() as u64)
    };
    in_order(read_batches(articles), &workers, count, |(chunk, articles)| {
        counter.add(chunk)?;
        done += articles;
        progress(done);
        Ok(())
    })?;
    Ok(counter.finish())
}

/// Counts articles that are in memory, in their order: row `i` is article `i`. None may be unreadable or empty.
pub fn count_loaded(
    articles: &[Article],
    analyzer: &AnalyzerSettings,
    zones: Zones,
) -> Result<CountedCorpus> {
    let mut counter = Counter::new(analyzer, zones)?;
    let workers = Workers::<Scratch>::default();
    let vectorizer = &counter.vectorizer;
    let count = |chunk| workers.with(|scratch| count_chunk(vectorizer, scratch, chunk));
    let chunks: Vec<CountedChunk> = articles.par_chunks(BATCH_ARTICLES).map(count).collect();
    for chunk in chunks {
        counter.add(chunk)?;
    }
    let (corpus, skipped) = counter.finish();
    if skipped != Skipped::default() {
        return Err(Error::data("an article without text cannot be a row", "leaving it out first"));
    }
    Ok(corpus)
}

/// Whether counting keeps the article: it could be read, and something is left once its page is cleaned.
pub(super) fn can_count(article: &Article) -> bool {
    let (title, text) = (repair(&article.title), repair(&article.text));
    article.problem.is_none() && !is_blank(&Page::segment(&title, &text))
}

pub(super) fn is_blank(page: &Page<'_>) -> bool {
    page.title.is_empty() && page.body.trim().is_empty()
}

/// What one chunk of articles gave: rows in a lexicon of its own.
pub(super) struct CountedChunk {
    pub terms: Vec<Box<str>>,
    pub rows: Vec<CountedRow>,
    pub skipped: Skipped,
}

#[derive(Clone)]
pub(super) struct CountedRow {
    pub counted: CountedTerms,
    pub labels: LabelSet,
    pub key: u64,
}

fn count_chunk(vectorizer: &Vectorizer, scratch: &mut Scratch, chunk: &[Article]) -> CountedChunk {
    scratch.trim(MOST_FORMS);
    let mut skipped = Skipped::default();
    let mut local: HashMap<u32, u32, foldhash::fast::FixedState> = HashMap::default();
    let mut terms = Vec::new();
    let mut rows = Vec::with_capacity(chunk.len());
    for article in chunk {
        if article.problem.is_some() {
            skipped.unreadable += 1;
            continue;
        }
        let (title, text) = (repair(&article.title), repair(&article.text));
        let page = Page::segment(&title, &text);
        if is_blank(&page) {
            skipped.empty += 1;
            continue;
        }
        let mut counted = vectorizer.count(page.title, &page.body, scratch);
        for (number, _) in &mut counted.terms {
            *number = *local.entry(*number).or_insert_with(|| {
                terms.push(scratch.lexicon.terms()[*number as usize].clone());
                terms.len() as u32 - 1
            });
        }
        let key = content_key(&title, &text);
        rows.push(CountedRow { counted, labels: article.labels.clone().unwrap_or_default(), key });
    }
    CountedChunk { terms, rows, skipped }
}

/// Forms that a worker remembers at most.
pub(super) const MOST_FORMS: usize = 1 << 21;

/// Collects chunks into one corpus, in input order.
pub(super) struct Counter {
    vectorizer: Vectorizer,
    numbers: HashMap<Box<str>, u32, foldhash::fast::FixedState>,
    terms: Vec<Box<str>>,
    rows: Vec<CountedRow>,
    skipped: Skipped,
}

impl Counter {
    pub(super) fn new(analyzer: &AnalyzerSettings, zones: Zones) -> Result<Self> {
        Ok(Self {
            vectorizer: Vectorizer::new(
                Analyzer::new(analyzer.clone())?.telling_spellings(),
                zones,
            )?,
            numbers: HashMap::default(),
            terms: Vec::new(),
            rows: Vec::new(),
            skipped: Skipped::default(),
        })
    }

    pub(super) fn add(&mut self, chunk: CountedChunk) -> Result<()> {
        let mut global = Vec::with_capacity(chunk.terms.len());
        for term in chunk.terms {
            let next = self.terms.len() as u32;
            if next == u32::MAX {
                return Err(Error::data(
                    "the corpus has more than four billion distinct terms",
                    "fewer n-grams, or parts with train --counts",
                ));
            }
            let number = *self.numbers.entry(term).or_insert_with_key(|term| {
                self.terms.push(term.clone());
                next
            });
            global.push(number);
        }
        for mut row in chunk.rows {
            for (number, _) in &mut row.counted.terms {
                *number = global[*number as usize];
            }
            self.rows.push(row);
        }
        self.skipped.unreadable += chunk.skipped.unreadable;
        self.skipped.empty += chunk.skipped.empty;
        Ok(())
    }

    /// Sorts terms and labels; articles stay in input order.
    pub(super) fn finish(self) -> (CountedCorpus, Skipped) {
        let names: BTreeSet<&String> =
            self.rows.iter().flat_map(|row| row.labels.names()).collect();
        let labels: Vec<String> = names.into_iter().cloned().collect();
        let mut order: Vec<u32> = (0..self.terms.len() as u32).collect();
        order.sort_by(|&a, &b| self.terms[a as usize].cmp(&self.terms[b as usize]));
        let spelling = |number: u32| parse_spelling(&self.terms[number as usize]);
        let (spelled, order): (Vec<u32>, Vec<u32>) =
            order.into_iter().partition(|&number| spelling(number).is_some());
        let terms: Vec<Box<str>> = order.iter().map(|&n| self.terms[n as usize].clone()).collect();
        // The place of a term among the terms, of a spelling among the spellings.
        let mut place = vec![0; self.terms.len()];
        for (at, &number) in order.iter().enumerate() {
            place[number as usize] = at as u32;
        }
        let mut forms: Vec<((Box<str>, u32), u32)> = spelled
            .iter()
            .filter_map(|&number| Some((spelling(number)?, number)))
            .map(|((form, term), number)| {
                let column = terms.binary_search_by(|probe| (**probe).cmp(term));
                ((form.into(), column.unwrap_or(0) as u32), number)
            })
            .collect();
        forms.sort_unstable();
        let mut is_spelling = vec![false; self.terms.len()];
        for (at, (_, number)) in forms.iter().enumerate() {
            place[*number as usize] = at as u32;
            is_spelling[*number as usize] = true;
        }
        let forms: Vec<(Box<str>, u32)> = forms.into_iter().map(|(form, _)| form).collect();
        let mut matrix = DocumentTermMatrix::new(terms.len());
        let mut spellings = Spellings { matrix: DocumentTermMatrix::new(forms.len()), forms };
        let (mut members, mut keys) = (Vec::new(), Vec::new());
        for row in self.rows {
            let (spelled, counted): (Vec<_>, Vec<_>) =
                row.counted.terms.into_iter().partition(|&(t, _)| is_spelling[t as usize]);
            let placed = |(t, count): (u32, u32)| (place[t as usize], count);
            let mut counted: Vec<(u32, u32)> = counted.into_iter().map(placed).collect();
            let mut spelled: Vec<(u32, u32)> =
                spelled.into_iter().map(|(t, _)| placed((t, 1))).collect();
            counted.sort_unstable();
            spelled.sort_unstable();
            matrix.push_row(counted);
            spellings.matrix.push_row(spelled);
            let label = |name: &String| labels.binary_search(name).unwrap_or(0);
            members.push(row.labels.names().iter().map(label).collect());
            keys.push(row.key);
        }
        let corpus = CountedCorpus {
            analyzer: self.vectorizer.analyzer().settings().clone(),
            zones: self.vectorizer.zones(),
            terms,
            matrix,
            labels,
            members,
            keys,
            spellings,
        };
        (corpus, self.skipped)
    }
}

impl CountedCorpus {
    /// Articles.
    pub fn articles(&self) -> usize {
        self.matrix.rows()
    }

    /// One label each, or any number: what the labels themselves say.
    pub fn task(&self) -> Task {
        if !self.members.is_empty() && self.members.iter().all(|m| m.len() == 1) {
            Task::OneLabel
        } else {
            Task::AnyLabels
        }
    }

    /// The same corpus with its articles in an order that depends on their content alone, and that order.
    pub fn canonical(self) -> (Self, Vec<usize>) {
        let mut order: Vec<usize> = (0..self.articles()).collect();
        order.sort_by(|&a, &b| {
            self.keys[a]
                .cmp(&self.keys[b])
                .then_with(|| self.members[a].cmp(&self.members[b]))
                .then_with(|| self.matrix.row(a).cmp(&self.matrix.row(b)))
                .then_with(|| self.spellings.matrix.row(a).cmp(&self.spellings.matrix.row(b)))
        });
        let corpus = self.select(&order);
        (corpus, order)
    }

    /// Words that at least half of a label's articles share and that hardly occur elsewhere (nine in ten of the articles that hold them are the
    /// label's, and of the others at most one in fifty does): the names of a story, of which the label's articles may be mostly made, and which
    /// a model then learns instead of the topic. A topic has a word or two of the kind that are its own; so fewer than three count as
    /// none, as do those of fewer than ten articles. The most shared first.
    pub fn story_words(&self, label: usize) -> Vec<&str> {
        let is_member = |i: &usize| self.members[*i].contains(&label);
        let articles: Vec<usize> = (0..self.articles()).filter(is_member).collect();
        let (inside, rest) = (articles.len() as u64, (self.articles() - articles.len()) as u64);
        if inside < 10 {
            return Vec::new();
        }
        let of_label = self.matrix.select_rows(&articles).document_frequencies();
        let of_all = self.matrix.document_frequencies();
        let is_name = |t: &usize| {
            let (own, all) = (of_label[*t], of_all[*t]);
            let term = &self.terms[*t];
            2 * own >= inside
                && 10 * own >= 9 * all
                && 50 * (all - own) <= rest
                && View::of(term) == View::Words
                && !term.contains(' ')
        };
        let mut names: Vec<usize> = (0..self.terms.len()).filter(is_name).collect();
        names.sort_by_key(|&t| std::cmp::Reverse(of_label[t]));
        if names.len() < 3 { Vec::new() } else { names.iter().map(|&t| &*self.terms[t]).collect() }
    }

    /// The articles `rows`, in that order, over the same terms and labels.
    pub fn select(&self, rows: &[usize]) -> Self {
        Self {
            matrix: self.matrix.select_rows(rows),
            members: rows.iter().map(|&i| self.members[i].clone()).collect(),
            keys: rows.iter().map(|&i| self.keys[i]).collect(),
            spellings: self.spellings.select(rows),
            analyzer: self.analyzer.clone(),
            zones: self.zones,
            terms: self.terms.clone(),
            labels: self.labels.clone(),
        }
    }

    /// The union of two corpora, in canonical form.
    pub fn merge(self, other: Self) -> Result<Self> {
        self.check_counted_with(&other.analyzer, other.zones)?;
        let (mut merged, other) = self.aligned(other);
        for row in other.matrix.iter() {
            merged.matrix.push_row(row.iter().map(|(t, c)| (t.0, c)));
        }
        for row in other.spellings.matrix.iter() {
            merged.spellings.matrix.push_row(row.iter().map(|(form, c)| (form.0, c)));
        }
        merged.members.extend(other.members);
        merged.keys.extend(other.keys);
        Ok(merged.canonical().0)
    }

    /// Checks that the articles were counted by these settings; an error names those that differ.
    pub fn check_counted_with(&self, analyzer: &AnalyzerSettings, zones: Zones) -> Result<()> {
        let named = |analyzer: &AnalyzerSettings, zones: Zones| serde_json::json!({ "zones": zones, "analyzer": analyzer });
        let (mine, others) = (named(&self.analyzer, self.zones), named(analyzer, zones));
        let mut different: Vec<&str> = Vec::new();
        for group in ["zones", "analyzer"] {
            let settings = mine[group].as_object().into_iter().flatten();
            different.extend(
                settings
                    .filter(|(name, value)| others[group][name] != **value)
                    .map(|(name, _)| if group == "zones" { group } else { name.as_str() }),
            );
        }
        different.dedup();
        if different.is_empty() {
            return Ok(());
        }
        Err(Error::data(
            format!("the articles were counted with different settings ({})", different.join(", ")),
            "train --counts with the same options for every part",
        ))
    }

    /// Both corpora over the terms, labels and spellings of both. Articles stay in their order.
    pub(super) fn aligned(self, other: Self) -> (Self, Self) {
        fn union<T: Ord + Clone>(a: &[T], b: &[T]) -> Vec<T> {
            a.iter().chain(b).collect::<BTreeSet<_>>().into_iter().cloned().collect()
        }
        let terms = union(&self.terms, &other.terms);
        let labels = union(&self.labels, &other.labels);
        let [first, second] = [self, other].map(|part| {
            // Nothing is new to it: its numbers stay.
            if part.terms.len() == terms.len() && part.labels.len() == labels.len() {
                return part;
            }
            let column: Vec<u32> =
                part.terms.iter().map(|t| terms.binary_search(t).unwrap_or(0) as u32).collect();
            let label: Vec<usize> =
                part.labels.iter().map(|l| labels.binary_search(l).unwrap_or(0)).collect();
            let mut matrix = DocumentTermMatrix::new(terms.len());
            for row in part.matrix.iter() {
                matrix.push_row(row.iter().map(|(t, c)| (column[t.index()], c)));
            }
            let members = part.members.iter().map(|m| m.iter().map(|&l| label[l]).collect());
            Self {
                matrix,
                members: members.collect(),
                terms: terms.clone(),
                labels: labels.clone(),
                spellings: part.spellings.with_columns(&column),
                ..part
            }
        });
        let (mut first, mut second) = (first, second);
        [first.spellings, second.spellings] = first.spellings.aligned(second.spellings);
        (first, second)
    }

    /// Whether the parts fit together; a shard from a file is not trusted before.
    pub(super) fn is_sound(&self) -> bool {
        let n = self.articles();
        self.analyzer.check().is_ok()
            && self.zones.check().is_ok()
            && self.matrix.columns() == self.terms.len()
            && self.matrix.is_sound()
            && self.members.len() == n
            && self.keys.len() == n
            // Each once.
            && self.terms.windows(2).all(|w| w[0] < w[1])
            && self.labels.windows(2).all(|w| w[0] < w[1])
            && self.members.iter().flatten().all(|&l| l < self.labels.len())
            && self.members.iter().all(|m| m.windows(2).all(|w| w[0] < w[1]))
            && self.spellings.is_sound(n, self.terms.len())
    }
}
