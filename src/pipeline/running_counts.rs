//! What articles add up to while they pass: counts by term and label, and a sample of texts. Memory grows with the terms, not with the
//! articles.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashTable};
use rayon::prelude::*;

use super::counted_corpus::CountedCorpus;
use super::text_sample::TextSample;
use crate::features::DocumentTermMatrix;
use crate::model::{ClassCounts, Task, TermCounts};
use crate::text::spelling_feature;

/// Counts of the articles that passed. Those of parts are merged into the counts of the whole, exactly.
#[derive(Debug)]
pub(super) struct RunningCounts {
    pub articles: u64,
    pub without_label: u64,
    with_several: u64,
    pub terms: Numbered,
    pub of_term: Vec<Tally>,
    /// Of pairs of a term and a label what went beyond the room of a [`Pair`].
    spilled: HashMap<(u32, u32), TermCounts, FixedState>,
    /// Keys of further texts by term, where more than two are to be told apart.
    more_texts: HashMap<u32, Vec<u64>, FixedState>,
    pub labels: Numbered,
    /// Articles by label.
    pub of_label: Vec<u64>,
    pub sample: TextSample,
    /// Texts of a term that are told apart, at most.
    most_texts: usize,
}

/// What is known of a term.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub all: TermCounts,
    /// The labels whose articles have it, in the order of their numbers.
    pairs: Vec<Pair>,
    /// The first text that had it.
    first_text: u64,
    /// How many texts have it, as far as matters.
    pub texts: u32,
}

/// Counts of a term in the articles of a label. There are many, and hardly one ever needs more room.
#[derive(Clone, Copy, Debug)]
struct Pair {
    label: u32,
    documents: u32,
    occurrences: u32,
}

impl Tally {
    /// The counts for a label.
    #[inline]
    fn of_label(&mut self, label: u32) -> &mut Pair {
        // No label stands behind the place of its own number: where a term has all labels, that is its place.
        let most = self.pairs.len().min(label as usize);
        let place = match self.pairs.get(most) {
            Some(pair) if pair.label == label => most,
            _ => self.search(label, most),
        };
        &mut self.pairs[place]
    }

    /// The place of a label among the first pairs, where it is made if it is new.
    fn search(&mut self, label: u32, most: usize) -> usize {
        self.pairs[..most].binary_search_by_key(&label, |pair| pair.label).unwrap_or_else(|place| {
            if self.pairs.len() == self.pairs.capacity() {
                // Terms are many, and most have few labels: no room is made for twice as many.
                self.pairs.reserve_exact(self.pairs.len() / 4 + 2);
            }
            self.pairs.insert(place, Pair { label, documents: 0, occurrences: 0 });
            place
        })
    }
}

impl Pair {
    fn counts(self) -> TermCounts {
        let Self { documents, occurrences, .. } = self;
        TermCounts { documents: documents.into(), occurrences: occurrences.into() }
    }

    /// Adds counts; where there is no room for them, everything is given back and the pair begins anew.
    #[inline]
    fn add(&mut self, counts: TermCounts) -> Option<TermCounts> {
        let mut sum = self.counts();
        sum += counts;
        let room = [sum.documents, sum.occurrences].map(u32::try_from);
        let [documents, occurrences] = room.map(Result::unwrap_or_default);
        let fits = room.iter().all(Result::is_ok);
        (self.documents, self.occurrences) = if fits { (documents, occurrences) } else { (0, 0) };
        (!fits).then_some(sum)
    }
}

/// Names under the numbers in which they came.
#[derive(Debug, Default)]
pub(super) struct Numbered {
    numbers: HashTable<u32>,
    pub names: Vec<Box<str>>,
}

/// How names are hashed: in the same way in all parts.
const HASHER: FixedState = FixedState::with_seed(0);

impl Numbered {
    pub(super) fn number<N: AsRef<str> + Into<Box<str>>>(&mut self, name: N) -> u32 {
        let Self { numbers, names } = self;
        let hash = |name: &str| HASHER.hash_one(name);
        let is_it = |&number: &u32| *names[number as usize] == *name.as_ref();
        let hash_of = hash(name.as_ref());
        if let Some(&number) = numbers.find(hash_of, is_it) {
            return number;
        }
        let number = names.len() as u32;
        numbers.insert_unique(hash_of, number, |&number| hash(&names[number as usize]));
        names.push(name.into());
        number
    }
}

impl RunningCounts {
    /// Nothing yet. Of every term `most_texts` texts are told apart at most; `sampled` texts are kept at most.
    pub(super) fn new(most_texts: usize, sampled: usize) -> Self {
        Self {
            articles: 0,
            without_label: 0,
            with_several: 0,
            terms: Numbered::default(),
            of_term: Vec::new(),
            spilled: HashMap::default(),
            more_texts: HashMap::default(),
            labels: Numbered::default(),
            of_label: Vec::new(),
            sample: TextSample::new(sampled),
            most_texts,
        }
    }

    /// One label each, or any number: what the labels themselves say.
    pub(super) fn task(&self) -> Task {
        let one_each = self.articles > 0 && self.without_label == 0 && self.with_several == 0;
        if one_each { Task::OneLabel } else { Task::AnyLabels }
    }

    /// The number of a term.
    pub(super) fn term<N: AsRef<str> + Into<Box<str>>>(&mut self, term: N) -> u32 {
        let number = self.terms.number(term);
        if number as usize == self.of_term.len() {
            self.of_term.push(Tally::default());
        }
        number
    }

    fn label(&mut self, label: &str) -> u32 {
        let number = self.labels.number(label);
        if number as usize == self.of_label.len() {
            self.of_label.push(0);
        }
        number
    }

    /// Adds an article: the key of its text, its labels, its terms by their numbers here with their counts.
    pub(super) fn add<'l>(
        &mut self,
        key: u64,
        labels: impl IntoIterator<Item = &'l String>,
        terms: &[(u32, u32)],
    ) {
        let mut members: Vec<u32> = labels.into_iter().map(|name| self.label(name)).collect();
        members.sort_unstable();
        self.articles += 1;
        self.without_label += u64::from(members.is_empty());
        self.with_several += u64::from(members.len() > 1);
        for &label in &members {
            self.of_label[label as usize] += 1;
        }
        for &(term, count) in terms {
            let counts = TermCounts::of(count, 1);
            self.of_term[term as usize].all += counts;
            for &label in &members {
                self.add_to_pair(term, label, counts);
            }
            self.add_text(term, key);
        }
        self.sample.add(key, &members, terms);
    }

    #[inline]
    fn add_to_pair(&mut self, term: u32, label: u32, counts: TermCounts) {
        let pair = self.of_term[term as usize].of_label(label);
        if let Some(full) = pair.add(counts) {
            *self.spilled.entry((term, label)).or_default() += full;
        }
    }

    #[inline]
    fn add_text(&mut self, term: u32, key: u64) {
        let tally = &mut self.of_term[term as usize];
        if tally.texts as usize >= self.most_texts || (tally.texts > 0 && tally.first_text == key) {
            return;
        }
        if tally.texts == 0 {
            tally.first_text = key;
        } else if self.most_texts > 2 {
            let more = self.more_texts.entry(term).or_default();
            if more.contains(&key) {
                return;
            }
            more.push(key);
        }
        tally.texts += 1;
    }

    /// Adds the counts of other articles.
    pub(super) fn merge(&mut self, mut other: Self) {
        let labels: Vec<u32> = other.labels.names.iter().map(|label| self.label(label)).collect();
        self.articles += other.articles;
        self.without_label += other.without_label;
        self.with_several += other.with_several;
        for (&label, articles) in labels.iter().zip(other.of_label) {
            self.of_label[label as usize] += articles;
        }
        let names = std::mem::take(&mut other.terms).names.into_iter();
        let mut terms = Vec::with_capacity(names.len());
        for (name, theirs) in names.zip(other.of_term) {
            let (number, term) = (terms.len() as u32, self.term(name));
            terms.push(term);
            let mine = &mut self.of_term[term as usize];
            mine.all += theirs.all;
            if mine.pairs.is_empty() {
                mine.pairs = theirs.pairs;
                renumber(&mut mine.pairs, &labels);
            } else {
                for pair in theirs.pairs {
                    self.add_to_pair(term, labels[pair.label as usize], pair.counts());
                }
            }
            let more = other.more_texts.remove(&number).unwrap_or_default();
            if theirs.texts as usize == self.most_texts {
                // Enough, whichever they are.
                self.of_term[term as usize].texts = theirs.texts;
            } else if theirs.texts > 0 {
                self.add_text(term, theirs.first_text);
                more.into_iter().for_each(|key| self.add_text(term, key));
            }
        }
        for ((term, label), counts) in other.spilled {
            let pair = (terms[term as usize], labels[label as usize]);
            *self.spilled.entry(pair).or_default() += counts;
        }
        self.sample.merge(other.sample, &labels, &terms);
    }

    /// Adds counts of rows that are no articles.
    pub(super) fn add_rows(&mut self, rows: &CountedCorpus) {
        let terms: Vec<u32> = rows.terms.iter().map(|term| self.term(&**term)).collect();
        let labels: Vec<u32> = rows.labels.iter().map(|label| self.label(label)).collect();
        for (row, members) in rows.matrix.iter().zip(&rows.members) {
            for (term, count) in row.iter() {
                let (term, counts) = (terms[term.index()], TermCounts::of(count, 1));
                self.of_term[term as usize].all += counts;
                for &label in members {
                    self.add_to_pair(term, labels[label], counts);
                }
            }
        }
    }

    /// What counted articles add up to.
    pub(super) fn of(corpus: &CountedCorpus, most_texts: usize, sampled: usize) -> Self {
        let mut counts = Self::new(most_texts, sampled);
        // Labels that none of these articles has, too: they may be a part of the corpus.
        for label in &corpus.labels {
            counts.label(label);
        }
        for term in &corpus.terms {
            counts.term(&**term);
        }
        for (form, term) in &corpus.spellings.forms {
            counts.term(spelling_feature(form, &corpus.terms[*term as usize]));
        }
        let mut terms = Vec::new();
        for i in 0..corpus.articles() {
            terms.clear();
            terms.extend(corpus.matrix.row(i).iter().map(|(term, count)| (term.0, count)));
            let spelled = corpus.spellings.matrix.row(i);
            let behind = corpus.terms.len() as u32;
            terms.extend(spelled.iter().map(|(form, _)| (behind + form.0, 1)));
            counts.add(
                corpus.keys[i],
                corpus.members[i].iter().map(|&l| &corpus.labels[l]),
                &terms,
            );
        }
        counts
    }

    /// Numbers the labels anew, by their names' order, and gives these.
    pub(super) fn sort_labels(&mut self) -> Vec<String> {
        let names = std::mem::take(&mut self.labels).names;
        let mut order: Vec<u32> = (0..names.len() as u32).collect();
        order.sort_unstable_by_key(|&number| &names[number as usize]);
        let mut place = vec![0; names.len()];
        for (at, &number) in order.iter().enumerate() {
            place[number as usize] = at as u32;
        }
        self.of_label = order.iter().map(|&number| self.of_label[number as usize]).collect();
        self.of_term.iter_mut().for_each(|tally| renumber(&mut tally.pairs, &place));
        let spilled = std::mem::take(&mut self.spilled).into_iter();
        self.spilled =
            spilled.map(|((term, label), n)| ((term, place[label as usize]), n)).collect();
        self.sample.renumber_labels(&place);
        let sorted: Vec<String> =
            order.iter().map(|&number| names[number as usize].to_string()).collect();
        for name in &sorted {
            self.labels.number(&**name);
        }
        sorted
    }

    /// Takes out the counts of some terms, in their order, with those of rows that are no articles among them; `rows` are the documents of
    /// these and `class_documents` those of all labels, which must be [sorted](Self::sort_labels).
    pub(super) fn take_counts(
        &mut self,
        terms: &[u32],
        rows: u64,
        class_documents: Vec<u64>,
    ) -> ClassCounts {
        let of_term = std::mem::take(&mut self.of_term);
        let mut counts = ClassCounts::without_terms(self.articles + rows, class_documents);
        let tallies = || terms.iter().map(|&number| (number, &of_term[number as usize]));
        counts.reserve(terms.len(), tallies().map(|(_, tally)| tally.pairs.len()).sum());
        for (number, tally) in tallies() {
            let with_spilled = |pair: &Pair| {
                let mut counts = pair.counts();
                if !self.spilled.is_empty() {
                    counts += self.spilled.get(&(number, pair.label)).copied().unwrap_or_default();
                }
                (pair.label, counts)
            };
            counts.push_term(tally.all, tally.pairs.iter().map(with_spilled));
        }
        counts
    }

    /// The articles of the sample over some of the terms: `column` says by number which these are.
    pub(super) fn take_sample(&mut self, columns: usize, column: &[Option<u32>]) -> Sampled {
        let sample = std::mem::replace(&mut self.sample, TextSample::new(0));
        let articles: Vec<_> = sample.into_articles().collect();
        let rows: Vec<_> = articles.par_iter().map(|(_, article)| article.row(column)).collect();
        let mut sampled = Sampled {
            matrix: DocumentTermMatrix::new(columns),
            members: Vec::new(),
            keys: Vec::new(),
            times: Vec::new(),
        };
        for ((key, article), row) in articles.into_iter().zip(rows) {
            sampled.matrix.push_row(row);
            sampled.members.push(article.labels.iter().map(|&label| label as usize).collect());
            sampled.keys.push(key);
            sampled.times.push(article.times);
        }
        sampled
    }
}

/// Gives the labels of pairs other numbers.
fn renumber(pairs: &mut [Pair], numbers: &[u32]) {
    pairs.iter_mut().for_each(|pair| pair.label = numbers[pair.label as usize]);
    pairs.sort_unstable_by_key(|pair| pair.label);
}

/// Articles of a sample.
pub(super) struct Sampled {
    pub matrix: DocumentTermMatrix,
    pub members: Vec<Vec<usize>>,
    pub keys: Vec<u64>,
    pub times: Vec<u64>,
}
