//! Articles taken out of counts, as if they had never been counted.
//!
//! Counts are kept by article, and an article is known by a hash of its words; so that what is left after one is taken away is exactly what
//! counting all others gives, byte for byte. Of a model the same cannot be said: its thresholds, its calibration and its choice of terms
//! were fitted to all articles at once.

use std::collections::{BTreeMap, BTreeSet};

use super::content_key::content_key;
use super::counted_corpus::CountedCorpus;
use super::near_duplicates::NearDuplicates;
use super::spellings::Spellings;
use crate::corpus::Article;
use crate::features::DocumentTermMatrix;
use crate::ids::TermId;
use crate::text::repair;

impl CountedCorpus {
    /// The key that an article has once it is counted (see [`keys`](Self::keys)): a hash of its title's and its text's words in order, blind to
    /// case, white space and punctuation.
    pub fn key_of(article: &Article) -> u64 {
        content_key(&repair(&article.title), &repair(&article.text))
    }

    /// The articles that have one of these keys, by key; copies of one text are several. Keys that no article has are left out.
    pub fn articles_by_key(&self, keys: &BTreeSet<u64>) -> BTreeMap<u64, Vec<usize>> {
        let mut found: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for (article, key) in self.keys.iter().enumerate().filter(|(_, key)| keys.contains(key)) {
            found.entry(*key).or_default().push(article);
        }
        found
    }

    /// The other articles that are near-duplicates of some of these, ascending: shortened, reworded or changed copies, which have keys of
    /// their own.
    pub fn near_duplicates_of(&self, articles: &BTreeSet<usize>) -> Vec<usize> {
        let clusters = NearDuplicates::find(self).clusters.into_iter().map(|c| c.articles);
        let touched = clusters.filter(|cluster| cluster.iter().any(|i| articles.contains(i)));
        let mut others: Vec<usize> = touched.flatten().filter(|i| !articles.contains(i)).collect();
        others.sort_unstable();
        others
    }

    /// The corpus without some of its articles, in canonical form: equal to what counting the others alone gives. Terms, labels and spellings
    /// that no other article has are gone.
    ///
    /// ```
    /// use std::collections::BTreeSet;
    /// use rubrique::Article;
    /// use rubrique::pipeline::{CountedCorpus, TrainSettings, count_loaded};
    ///
    /// let settings = TrainSettings::default();
    /// let count = |articles: &[Article]| count_loaded(articles, &settings.analyzer, settings.zones);
    /// let kept = Article::new("Un accord signé à Rabat", "Les deux ministres ont signé le traité.");
    /// let erased = Article::new("Le procès d'Anselme Roquebrune", "Il est jugé pour blanchiment.");
    ///
    /// let counts = count(&[kept.clone(), erased.clone()])?;
    /// let found = counts.articles_by_key(&BTreeSet::from([CountedCorpus::key_of(&erased)]));
    /// let without = counts.without(&found.into_values().flatten().collect());
    /// assert_eq!(without, count(&[kept])?);
    /// # Ok::<(), rubrique::Error>(())
    /// ```
    pub fn without(&self, articles: &BTreeSet<usize>) -> Self {
        let rest: Vec<usize> = (0..self.articles()).filter(|i| !articles.contains(i)).collect();
        let kept = self.select(&rest);
        let (matrix, columns) = without_empty_columns(&kept.matrix);
        let (forms, places) = without_empty_columns(&kept.spellings.matrix);
        let column = places_by_old(&columns, kept.matrix.columns());
        let labels: Vec<usize> =
            kept.members.iter().flatten().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let label = |old: &usize| labels.binary_search(old).unwrap_or(0);
        let spelling = |place: &TermId| kept.spellings.forms[place.index()].clone();
        let spellings = Spellings { forms: places.iter().map(spelling).collect(), matrix: forms };
        let out = Self {
            terms: columns.iter().map(|t| kept.terms[t.index()].clone()).collect(),
            labels: labels.iter().map(|&l| kept.labels[l].clone()).collect(),
            members: kept.members.iter().map(|m| m.iter().map(label).collect()).collect(),
            spellings: spellings.with_columns(&column),
            matrix,
            ..kept
        };
        out.canonical().0
    }
}

/// The matrix without the columns that no row has, and those that are left.
fn without_empty_columns(matrix: &DocumentTermMatrix) -> (DocumentTermMatrix, Vec<TermId>) {
    let frequencies = matrix.document_frequencies();
    let columns: Vec<TermId> = (0..matrix.columns() as u32)
        .map(TermId)
        .filter(|column| frequencies[column.index()] > 0)
        .collect();
    (matrix.select_columns(&columns), columns)
}

/// By old column: its new place. Columns that are gone have none that means anything.
fn places_by_old(columns: &[TermId], all: usize) -> Vec<u32> {
    let mut places = vec![0; all];
    for (new, old) in columns.iter().enumerate() {
        places[old.index()] = new as u32;
    }
    places
}
