//! The articles as a whole.

use std::collections::BTreeSet;

use serde::Serialize;

use super::case::Case;
use super::slices::year_of;

/// What the articles are like.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DataCard {
    /// Articles about none of the topics.
    pub without_topic: usize,
    /// Articles about several topics.
    pub with_several: usize,
    /// First and last year; `None` where no date is known.
    pub years: Option<(u16, u16)>,
    /// Articles whose year is not known.
    pub undated: usize,
    /// Different sources.
    pub sources: usize,
    /// Words of the article in the middle, by what cleaning keeps; `None` without articles.
    pub median_words: Option<usize>,
    /// Nearly the same articles; `None` where they were not looked for.
    pub near_duplicates: Option<NearDuplicates>,
}

/// Articles that are nearly the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NearDuplicates {
    /// Groups of two articles or more that are nearly the same.
    pub clusters: usize,
    /// Articles in these groups.
    pub articles: usize,
}

impl DataCard {
    pub(super) fn new(cases: &[Case], near_duplicates: Option<NearDuplicates>) -> Self {
        let years: Vec<u16> =
            cases.iter().filter_map(|case| year_of(case.date.as_deref()?)).collect();
        let mut words: Vec<usize> = cases.iter().map(|case| case.words).collect();
        words.sort_unstable();
        let sources: BTreeSet<&String> = cases.iter().filter_map(|c| c.source.as_ref()).collect();
        Self {
            without_topic: cases.iter().filter(|case| case.truth.is_empty()).count(),
            with_several: cases.iter().filter(|case| case.truth.names().len() > 1).count(),
            years: years.iter().min().copied().zip(years.iter().max().copied()),
            undated: cases.len() - years.len(),
            sources: sources.len(),
            median_words: words.get(words.len() / 2).copied(),
            near_duplicates,
        }
    }
}
