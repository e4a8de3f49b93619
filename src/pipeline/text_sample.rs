//! Some texts of many, the same whatever the order in which they pass.

use std::collections::BTreeMap;

/// The texts whose keys are the smallest of all that were added, at most so many, with their labels and counts. Keys are hashes, so that
/// these texts are a random sample; and which they are depends neither on the order of the articles nor on the parts in which
/// they were read.
#[derive(Debug)]
pub(super) struct TextSample {
    most: usize,
    texts: BTreeMap<u64, Vec<SampledArticle>>,
}

/// An article with a key, and how often it was met with just these labels and counts, in the order in which they came. A text that comes again
/// brings its terms in the same order, so that it is known without sorting.
#[derive(Debug)]
pub(super) struct SampledArticle {
    /// Numbers of its labels, ascending.
    pub labels: Vec<u32>,
    /// Numbers of its terms with their counts.
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

    /// Takes an article if its text belongs to the sample: its labels, which ascend, and its terms with their counts.
    #[inline]
    pub(super) fn add(&mut self, key: u64, labels: &[u32], terms: &[(u32, u32)]) {
        if self.wants(key) {
            self.take(key, labels, terms, 1);
        }
    }

    fn take(&mut self, key: u64, labels: &[u32], terms: &[(u32, u32)], times: u64) {
        let articles = self.texts.entry(key).or_default();
        match articles.iter_mut().find(|a| a.labels == labels && a.terms == terms) {
            Some(same) => same.times += times,
            None => articles.push(SampledArticle {
                labels: labels.to_vec(),
                terms: terms.to_vec(),
                times,
            }),
        }
        if self.texts.len() > self.most {
            self.texts.pop_last();
        }
    }

    /// Takes what another sample holds, its labels and terms under the numbers that they have here.
    pub(super) fn merge(&mut self, other: Self, labels: &[u32], terms: &[u32]) {
        for (key, articles) in other.texts {
            for mut article in articles {
                if self.wants(key) {
                    article.labels.iter_mut().for_each(|label| *label = labels[*label as usize]);
                    article.labels.sort_unstable();
                    article.terms.iter_mut().for_each(|(term, _)| *term = terms[*term as usize]);
                    self.take(key, &article.labels, &article.terms, article.times);
                }
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

    /// The articles with their keys, each once.
    pub(super) fn into_articles(self) -> impl Iterator<Item = (u64, SampledArticle)> {
        self.texts.into_iter().flat_map(|(key, mut articles)| {
            if articles.len() > 1 {
                // The same terms may have come in another order.
                articles.iter_mut().for_each(|article| article.terms.sort_unstable());
                articles.sort_unstable_by(|a, b| (&a.labels, &a.terms).cmp(&(&b.labels, &b.terms)));
                articles.dedup_by(|next, kept| {
                    let is_same = next.labels == kept.labels && next.terms == kept.terms;
                    kept.times += if is_same { next.times } else { 0 };
                    is_same
                });
            }
            articles.into_iter().map(move |article| (key, article))
        })
    }
}

impl SampledArticle {
    /// The article as a row over some of the terms; `column` says which, and where.
    pub(super) fn row(&self, column: &[Option<u32>]) -> Vec<(u32, u32)> {
        let placed = |&(term, count): &(u32, u32)| Some((column[term as usize]?, count));
        let mut row: Vec<(u32, u32)> = self.terms.iter().filter_map(placed).collect();
        row.sort_unstable();
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
                    part.iter().for_each(|&(key, label)| sample.add(key, &[label], &[(0, 1)]));
                    sample
                });
                one.merge(other, &[0, 1], &[0]);
                assert_eq!(content(one), expected);
            }
        }
    }

    #[test]
    fn an_article_is_the_same_with_its_terms_in_another_order() {
        let mut sample = TextSample::new(3);
        sample.add(1, &[0], &[(0, 1), (1, 2)]);
        sample.add(1, &[0], &[(0, 2), (1, 1)]);
        let mut other = TextSample::new(3);
        // Under other numbers: what is 0 here is 1 there.
        other.add(1, &[0], &[(0, 2), (1, 1)]);
        other.add(1, &[0], &[(0, 1), (1, 2)]);
        sample.merge(other, &[0], &[1, 0]);
        let articles: Vec<_> = sample.into_articles().map(|(_, a)| (a.terms, a.times)).collect();
        assert_eq!(articles, [(vec![(0, 1), (1, 2)], 2), (vec![(0, 2), (1, 1)], 2)]);
    }
}
