//! Some texts of many, the same whatever the order in which they pass.

use std::collections::BTreeMap;

use crate::features::DocumentTermMatrix;

/// The texts whose keys are the smallest of all that were added, at most so many, with their labels and counts. Keys are hashes, so that
/// these texts are a random sample; and which they are depends neither on the order of the articles nor on the parts in which
/// they were read.
#[derive(Debug)]
pub(super) struct TextSample {
    most: usize,
    texts: BTreeMap<u64, Vec<SampledArticle>>,
}

/// An article with a key, and how often it was met with just these labels and counts.
#[derive(Debug)]
pub(super) struct SampledArticle {
    /// Numbers of its labels, ascending.
    pub labels: Vec<u32>,
    /// Numbers of its terms, ascending, with their counts.
    pub terms: Vec<(u32, u32)>,
    pub times: u64,
}

impl TextSample {
    pub(super) fn new(most: usize) -> Self {
        Self { most, texts: BTreeMap::new() }
    }

    /// Whether a text with this key would be taken.
    #[inline]
    pub(super) fn wants(&self, key: u64) -> bool {
        self.texts.len() < self.most || self.texts.last_key_value().is_some_and(|(&k, _)| key <= k)
    }

    /// Takes an article if its text belongs to the sample.
    pub(super) fn add(&mut self, key: u64, article: SampledArticle) {
        if !self.wants(key) {
            return;
        }
        let articles = self.texts.entry(key).or_default();
        match articles.iter_mut().find(|a| a.labels == article.labels && a.terms == article.terms) {
            Some(same) => same.times += article.times,
            None => articles.push(article),
        }
        if self.texts.len() > self.most {
            self.texts.pop_last();
        }
    }

    /// Takes what another sample holds, its labels and terms under the numbers that they have here.
    pub(super) fn merge(&mut self, other: Self, labels: &[u32], terms: &[u32]) {
        for (key, articles) in other.texts {
            for article in articles {
                self.add(key, article.renumbered(labels, terms));
            }
        }
    }

    /// Gives the labels other numbers.
    pub(super) fn renumber_labels(&mut self, numbers: &[u32]) {
        for article in self.texts.values_mut().flatten() {
            article.labels.iter_mut().for_each(|label| *label = numbers[*label as usize]);
            article.labels.sort_unstable();
        }
    }

    /// The articles with their keys.
    pub(super) fn into_articles(self) -> impl Iterator<Item = (u64, SampledArticle)> {
        let of_text = |(key, articles): (u64, Vec<_>)| articles.into_iter().map(move |a| (key, a));
        self.texts.into_iter().flat_map(of_text)
    }
}

impl SampledArticle {
    fn renumbered(mut self, labels: &[u32], terms: &[u32]) -> Self {
        self.labels.iter_mut().for_each(|label| *label = labels[*label as usize]);
        self.terms.iter_mut().for_each(|(term, _)| *term = terms[*term as usize]);
        self.labels.sort_unstable();
        self.terms.sort_unstable();
        self
    }

    /// Adds the article to a matrix over some of the terms; `column` says which, and where.
    pub(super) fn push_to(&self, matrix: &mut DocumentTermMatrix, column: &[Option<u32>]) {
        let placed = |&(term, count): &(u32, u32)| Some((column[term as usize]?, count));
        let mut row: Vec<(u32, u32)> = self.terms.iter().filter_map(placed).collect();
        row.sort_unstable();
        matrix.push_row(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(label: u32) -> SampledArticle {
        SampledArticle { labels: vec![label], terms: vec![(0, 1)], times: 1 }
    }

    fn content(sample: TextSample) -> Vec<(u64, u32, u64)> {
        let mut all: Vec<_> =
            sample.into_articles().map(|(key, a)| (key, a.labels[0], a.times)).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn the_smallest_keys_stay_in_any_order_and_any_parts() {
        let articles = [(9, 0), (3, 0), (5, 0), (3, 0), (7, 1), (3, 1), (1, 0)];
        let expected = [(1, 0, 1), (3, 0, 2), (3, 1, 1), (5, 0, 1)];
        for turn in 0..articles.len() {
            for cut in 0..articles.len() {
                let mut turned = articles;
                turned.rotate_left(turn);
                let (first, second) = turned.split_at(cut);
                let [mut one, other] = [first, second].map(|part| {
                    let mut sample = TextSample::new(3);
                    part.iter().for_each(|&(key, label)| sample.add(key, article(label)));
                    sample
                });
                one.merge(other, &[0, 1], &[0]);
                assert_eq!(content(one), expected);
            }
        }
    }
}
