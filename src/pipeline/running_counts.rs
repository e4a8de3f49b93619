//! What articles add up to while they pass: counts by term and label, and a sample of texts. Memory grows with the terms, not with the
//! articles.

use hashbrown::HashMap;

use super::counted_corpus::CountedCorpus;
use super::text_sample::{SampledArticle, TextSample};
use crate::features::DocumentTermMatrix;
use crate::model::{Task, TermCounts};
use crate::text::spelling_feature;

/// Counts of the articles that passed. Those of parts are merged into the counts of the whole, exactly.
#[derive(Debug)]
pub(super) struct RunningCounts {
    pub articles: u64,
    pub without_label: u64,
    with_several: u64,
    pub terms: Numbered,
    pub of_term: Vec<Tally>,
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
    /// Of the labels whose articles have it, in no order.
    pub by_label: Vec<(u32, TermCounts)>,
    /// Keys of texts that have it: all, or as many as matter.
    texts: Vec<u64>,
}

impl Tally {
    /// In how many texts it occurs, as far as matters.
    pub(super) fn texts(&self) -> u64 {
        self.texts.len() as u64
    }

    #[inline]
    fn of_label(&mut self, label: u32) -> &mut TermCounts {
        let place = self.by_label.iter().position(|(l, _)| *l == label).unwrap_or_else(|| {
            self.by_label.push((label, TermCounts::default()));
            self.by_label.len() - 1
        });
        &mut self.by_label[place].1
    }

    #[inline]
    fn add_text(&mut self, key: u64, most: usize) {
        if self.texts.len() < most && !self.texts.contains(&key) {
            self.texts.push(key);
        }
    }
}

/// Names under the numbers in which they came.
#[derive(Debug, Default)]
pub(super) struct Numbered {
    numbers: HashMap<Box<str>, u32, foldhash::fast::FixedState>,
    pub names: Vec<Box<str>>,
}

impl Numbered {
    pub(super) fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.into());
        self.numbers.insert(name.into(), number);
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
        self.articles += 1;
        self.without_label += u64::from(members.is_empty());
        self.with_several += u64::from(members.len() > 1);
        for &label in &members {
            self.of_label[label as usize] += 1;
        }
        for &(term, count) in terms {
            let counts = TermCounts { occurrences: u64::from(count), documents: 1 };
            let tally = &mut self.of_term[term as usize];
            tally.all += counts;
            for &label in &members {
                *tally.of_label(label) += counts;
            }
            tally.add_text(key, self.most_texts);
        }
        if self.sample.wants(key) {
            let mut terms = terms.to_vec();
            terms.sort_unstable();
            members.sort_unstable();
            self.sample.add(key, SampledArticle { labels: members, terms, times: 1 });
        }
    }

    /// Adds the counts of other articles.
    pub(super) fn merge(&mut self, other: Self) {
        let terms: Vec<u32> = other.terms.names.iter().map(|term| self.term(term)).collect();
        let labels: Vec<u32> = other.labels.names.iter().map(|label| self.label(label)).collect();
        self.articles += other.articles;
        self.without_label += other.without_label;
        self.with_several += other.with_several;
        for (&label, articles) in labels.iter().zip(other.of_label) {
            self.of_label[label as usize] += articles;
        }
        for (&term, theirs) in terms.iter().zip(other.of_term) {
            let tally = &mut self.of_term[term as usize];
            tally.all += theirs.all;
            for (label, counts) in theirs.by_label {
                *tally.of_label(labels[label as usize]) += counts;
            }
            for key in theirs.texts {
                tally.add_text(key, self.most_texts);
            }
        }
        self.sample.merge(other.sample, &labels, &terms);
    }

    /// Adds counts of rows that are no articles.
    pub(super) fn add_rows(&mut self, rows: &CountedCorpus) {
        let terms: Vec<u32> = rows.terms.iter().map(|term| self.term(term)).collect();
        let labels: Vec<u32> = rows.labels.iter().map(|label| self.label(label)).collect();
        for (row, members) in rows.matrix.iter().zip(&rows.members) {
            for (term, count) in row.iter() {
                let counts = TermCounts { occurrences: u64::from(count), documents: 1 };
                let tally = &mut self.of_term[terms[term.index()] as usize];
                tally.all += counts;
                for &label in members {
                    *tally.of_label(labels[label]) += counts;
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
        for (label, _) in self.of_term.iter_mut().flat_map(|tally| &mut tally.by_label) {
            *label = place[*label as usize];
        }
        self.sample.renumber_labels(&place);
        let sorted: Vec<String> =
            order.iter().map(|&number| names[number as usize].to_string()).collect();
        for name in &sorted {
            self.labels.number(name);
        }
        sorted
    }

    /// The articles of the sample over some of the terms: `column` says by number which these are.
    pub(super) fn take_sample(&mut self, columns: usize, column: &[Option<u32>]) -> Sampled {
        let sample = std::mem::replace(&mut self.sample, TextSample::new(0));
        let mut sampled = Sampled {
            matrix: DocumentTermMatrix::new(columns),
            members: Vec::new(),
            keys: Vec::new(),
            times: Vec::new(),
        };
        for (key, article) in sample.into_articles() {
            article.push_to(&mut sampled.matrix, column);
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
