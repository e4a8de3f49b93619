//! What articles add up to while they pass: counts by term and label, and a sample of texts. Memory grows with the terms, not with the
//! articles.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use rayon::prelude::*;

use super::counted_corpus::CountedCorpus;
use super::text_sample::TextSample;
use crate::features::{DocumentTermMatrix, Numbered};
use crate::model::{ClassCounts, Task, TermCounts};
use crate::text::spelling_feature;

/// Counts of the articles that passed. Those of parts are merged into the counts of the whole, exactly.
#[derive(Debug)]
pub(super) struct RunningCounts {
    pub articles: u64,
    pub without_label: u64,
    with_several: u64,
    pub terms: Numbered,
    of_term: Vec<Tally>,
    /// By term: what most articles need not look at.
    rest: Vec<Rest>,
    /// By term: whether as many texts have it as are told apart.
    has_enough_texts: Vec<bool>,
    /// Of pairs of a term and a label, or of a term and [`ALL`], what went beyond the room of a [`Pair`].
    spilled: HashMap<(u32, u32), TermCounts, FixedState>,
    /// Keys of further texts by term, where more than two are to be told apart.
    more_texts: HashMap<u32, Vec<u64>, FixedState>,
    pub labels: Numbered,
    /// Articles by label.
    of_label: Vec<u64>,
    pub sample: TextSample,
    /// Texts of a term that are told apart, at most.
    most_texts: usize,
}

/// Labels whose counts stand in the tally itself: in most corpora all, or the most frequent ones, for they come first.
const FEW: usize = 3;

/// What every article that has a term adds to. Terms are many and come in no order: what stands in half a cache line is soon found.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(32))]
struct Tally {
    all: Pair,
    /// By number of the first labels: their counts.
    few: [Pair; FEW],
}

/// What else is known of a term.
#[derive(Clone, Debug, Default)]
struct Rest {
    /// The other labels whose articles have it, in the order of their numbers, with their counts.
    more: Vec<(u32, Pair)>,
    /// The first text that had it.
    first_text: u64,
    /// How many texts have it, as far as matters.
    texts: u32,
}

/// In place of a label: all articles.
const ALL: u32 = u32::MAX;

/// Counts of a term in the articles of a label. There are many, and hardly one ever needs more room.
#[derive(Clone, Copy, Debug, Default)]
struct Pair {
    documents: u32,
    occurrences: u32,
}

fn of_label(pairs: &mut Vec<(u32, Pair)>, label: u32) -> &mut Pair {
    // No label stands further back than its number says, and where a term has all labels, just there.
    let most = pairs.len().min(label as usize - FEW);
    let place = match pairs.get(most) {
        Some((other, _)) if *other == label => most,
        _ => pairs[..most].binary_search_by_key(&label, |pair| pair.0).unwrap_or_else(|place| {
            if pairs.len() == pairs.capacity() {
                // Terms are many, and most have few labels: no room is made for twice as many.
                pairs.reserve_exact(pairs.len() / 4 + 2);
            }
            pairs.insert(place, (label, Pair::default()));
            place
        }),
    };
    &mut pairs[place].1
}

impl Pair {
    fn counts(self) -> TermCounts {
        let Self { documents, occurrences } = self;
        TermCounts { documents: documents.into(), occurrences: occurrences.into() }
    }

    /// Adds another; where there is no room for both, this is given back and the other is left.
    #[inline]
    fn add(&mut self, other: Self) -> Option<TermCounts> {
        let documents = self.documents.checked_add(other.documents);
        let occurrences = self.occurrences.checked_add(other.occurrences);
        if let (Some(documents), Some(occurrences)) = (documents, occurrences) {
            *self = Self { documents, occurrences };
            return None;
        }
        Some(std::mem::replace(self, other).counts())
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
            rest: Vec::new(),
            has_enough_texts: Vec::new(),
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
    pub(super) fn term(&mut self, term: &str) -> u32 {
        let number = self.terms.number(term);
        if number as usize == self.of_term.len() {
            self.of_term.push(Tally::default());
            self.rest.push(Rest::default());
            self.has_enough_texts.push(self.most_texts == 0);
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
            let counts = Pair { documents: 1, occurrences: count };
            self.add_to_pair(term, ALL, counts);
            for &label in &members {
                self.add_to_pair(term, label, counts);
            }
            if !self.has_enough_texts[term as usize] {
                self.add_text(term, key);
            }
        }
        self.sample.add(key, &members, terms);
    }

    #[inline]
    fn add_to_pair(&mut self, term: u32, label: u32, counts: Pair) {
        let tally = &mut self.of_term[term as usize];
        let pair = match label {
            ALL => &mut tally.all,
            _ => match tally.few.get_mut(label as usize) {
                Some(pair) => pair,
                None => of_label(&mut self.rest[term as usize].more, label),
            },
        };
        if let Some(full) = pair.add(counts) {
            *self.spilled.entry((term, label)).or_default() += full;
        }
    }

    fn add_text(&mut self, term: u32, key: u64) {
        let rest = &mut self.rest[term as usize];
        if self.has_enough_texts[term as usize] || (rest.texts > 0 && rest.first_text == key) {
            return;
        }
        if rest.texts == 0 {
            rest.first_text = key;
        } else if self.most_texts > 2 {
            let more = self.more_texts.entry(term).or_default();
            if more.contains(&key) {
                return;
            }
            more.push(key);
        }
        rest.texts += 1;
        self.has_enough_texts[term as usize] = rest.texts as usize >= self.most_texts;
    }

    /// The labels that have a term, with their counts, in the order of their numbers.
    fn pairs(&self, term: u32) -> impl Iterator<Item = (u32, Pair)> {
        let few = (0..).zip(self.of_term[term as usize].few);
        let more = self.rest[term as usize].more.iter().copied();
        few.filter(|(_, pair)| pair.documents > 0).chain(more)
    }

    /// The counts of a pair of a term and a label, or of a term and [`ALL`], with what went beyond its room.
    fn with_spilled(&self, term: u32, label: u32, pair: Pair) -> TermCounts {
        let mut counts = pair.counts();
        if !self.spilled.is_empty() {
            counts += self.spilled.get(&(term, label)).copied().unwrap_or_default();
        }
        counts
    }

    /// Counts of a term in all articles.
    pub(super) fn total(&self, term: u32) -> TermCounts {
        self.with_spilled(term, ALL, self.of_term[term as usize].all)
    }

    /// How many texts have a term, as far as matters.
    pub(super) fn texts(&self, term: u32) -> u32 {
        self.rest[term as usize].texts
    }

    /// Adds the counts of other articles.
    pub(super) fn merge(&mut self, mut other: Self) {
        let labels: Vec<u32> = other.labels.names().map(|label| self.label(label)).collect();
        self.articles += other.articles;
        self.without_label += other.without_label;
        self.with_several += other.with_several;
        for (&label, articles) in labels.iter().zip(&other.of_label) {
            self.of_label[label as usize] += articles;
        }
        let mut terms = Vec::with_capacity(other.terms.len());
        for (number, name) in (0..).zip(other.terms.names()) {
            let term = self.term(name);
            terms.push(term);
            self.add_to_pair(term, ALL, other.of_term[number as usize].all);
            for (label, pair) in other.pairs(number) {
                self.add_to_pair(term, labels[label as usize], pair);
            }
            let theirs = &other.rest[number as usize];
            let more = other.more_texts.remove(&number).unwrap_or_default();
            if other.has_enough_texts[number as usize] {
                // Enough, whichever they are.
                self.rest[term as usize].texts = theirs.texts;
                self.has_enough_texts[term as usize] = true;
            } else if theirs.texts > 0 {
                self.add_text(term, theirs.first_text);
                more.into_iter().for_each(|key| self.add_text(term, key));
            }
        }
        for ((term, label), counts) in other.spilled {
            let label = if label == ALL { ALL } else { labels[label as usize] };
            *self.spilled.entry((terms[term as usize], label)).or_default() += counts;
        }
        self.sample.merge(other.sample, &labels, &terms);
    }

    /// Adds counts of rows that are no articles.
    pub(super) fn add_rows(&mut self, rows: &CountedCorpus) {
        let terms: Vec<u32> = rows.terms.iter().map(|term| self.term(term)).collect();
        let labels: Vec<u32> = rows.labels.iter().map(|label| self.label(label)).collect();
        for (row, members) in rows.matrix.iter().zip(&rows.members) {
            for (term, count) in row.iter() {
                let term = terms[term.index()];
                let counts = Pair { documents: 1, occurrences: count };
                self.add_to_pair(term, ALL, counts);
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
            counts.term(term);
        }
        for (form, term) in &corpus.spellings.forms {
            counts.term(&spelling_feature(form, &corpus.terms[*term as usize]));
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

    /// Takes out the counts of some terms, in their order, with those of `rows` documents that are no articles; and numbers the labels anew,
    /// as `labels` gives their names. `class_documents` are the documents of each of these.
    pub(super) fn take_counts(
        &mut self,
        terms: &[u32],
        labels: &[String],
        rows: u64,
        class_documents: Vec<u64>,
    ) -> ClassCounts {
        let place: Vec<u32> = (self.labels.names())
            .map(|name| labels.binary_search_by(|label| (**label).cmp(name)).unwrap_or(0) as u32)
            .collect();
        self.sample.renumber_labels(&place);
        let mut counts = ClassCounts::without_terms(self.articles + rows, class_documents);
        counts.reserve(terms.len(), terms.iter().map(|&term| self.pairs(term).count()).sum());
        let mut pairs = Vec::new();
        for &term in terms {
            pairs.clear();
            pairs.extend(self.pairs(term).map(|(label, pair)| {
                (place[label as usize], self.with_spilled(term, label, pair))
            }));
            pairs.sort_unstable_by_key(|pair| pair.0);
            counts.push_term(self.total(term), pairs.drain(..));
        }
        (self.of_term, self.rest) = Default::default();
        counts
    }

    /// The labels in the order of their names, each with its articles.
    pub(super) fn sorted_labels(&self) -> (Vec<String>, Vec<u64>) {
        let names = self.labels.names().map(str::to_owned);
        let mut labels: Vec<(String, u64)> = names.zip(self.of_label.iter().copied()).collect();
        labels.sort_unstable();
        labels.into_iter().unzip()
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

/// Articles of a sample.
pub(super) struct Sampled {
    pub matrix: DocumentTermMatrix,
    pub members: Vec<Vec<usize>>,
    pub keys: Vec<u64>,
    pub times: Vec<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_map, btree_set, vec};
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    type Article = (u64, BTreeSet<u32>, BTreeMap<u32, u32>);

    /// Names do not come in the order of their numbers.
    fn name(number: u32) -> String {
        format!("{}", number * 7 % 10)
    }

    fn passed<'a>(
        articles: impl IntoIterator<Item = &'a Article>,
        most_texts: usize,
    ) -> RunningCounts {
        let mut counts = RunningCounts::new(most_texts, 0);
        for (key, labels, terms) in articles {
            let labels: Vec<String> = labels.iter().map(|&label| name(label)).collect();
            let numbered = terms.iter().map(|(&term, &count)| (counts.term(&name(term)), count));
            let terms: Vec<(u32, u32)> = numbered.collect();
            counts.add(*key, &labels, &terms);
        }
        counts
    }

    /// The counts of all terms by name, and how many texts have them.
    fn content(mut counts: RunningCounts) -> (ClassCounts, Vec<String>, Vec<u32>) {
        let (labels, of_label) = counts.sorted_labels();
        let mut numbers: Vec<u32> = (0..counts.terms.len() as u32).collect();
        numbers.sort_by_key(|&number| counts.terms.name(number).to_owned());
        let texts = numbers.iter().map(|&number| counts.texts(number)).collect();
        (counts.take_counts(&numbers, &labels, 0, of_label), labels, texts)
    }

    fn articles() -> impl Strategy<Value = Vec<Article>> {
        // Counts of which a pair has room for one or two.
        let terms =
            btree_map(0u32..10, prop_oneof![1u32..5, Just(u32::MAX / 2), Just(u32::MAX)], 0..6);
        vec((0u64..6, btree_set(0u32..10, 0..4), terms), 1..40)
    }

    proptest! {
        #[test]
        fn parts_add_up_to_what_plain_counting_gives(
            articles in articles(), cut in any::<prop::sample::Index>(), most_texts in 0usize..5
        ) {
            let cut = cut.index(articles.len());
            let whole = content(passed(&articles, most_texts));
            let mut merged = passed(&articles[cut..], most_texts);
            merged.merge(passed(&articles[..cut], most_texts));
            prop_assert_eq!(&content(merged), &whole);
            prop_assert_eq!(&content(passed(articles.iter().rev(), most_texts)), &whole);

            let (counts, labels, texts) = whole;
            let terms: BTreeSet<String> =
                articles.iter().flat_map(|a| a.2.keys()).map(|&term| name(term)).collect();
            for (t, term) in terms.iter().enumerate() {
                let having = || articles.iter().filter_map(|(key, labels, terms)| {
                    Some((key, labels, *terms.iter().find(|(t, _)| name(**t) == *term)?.1))
                });
                let sum = |of: &dyn Fn(&BTreeSet<u32>) -> bool| {
                    having().filter(|a| of(a.1)).map(|a| u64::from(a.2)).sum::<u64>()
                };
                prop_assert_eq!(counts.total_occurrences(t), sum(&|_| true));
                prop_assert_eq!(counts.total_document_frequency(t), having().count() as u64);
                for (l, label) in labels.iter().enumerate() {
                    let is_of = |of: &BTreeSet<u32>| of.iter().any(|&l| name(l) == *label);
                    prop_assert_eq!(counts.occurrences(t, l), sum(&is_of));
                    let documents = having().filter(|a| is_of(a.1)).count() as u64;
                    prop_assert_eq!(counts.document_frequency(t, l), documents);
                }
                let keys: BTreeSet<&u64> = having().map(|a| a.0).collect();
                prop_assert_eq!(texts[t] as usize, keys.len().min(most_texts));
            }
        }
    }
}
