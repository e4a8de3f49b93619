//! Scores of parts of the articles: where the model is weaker than the whole tells.

use std::collections::BTreeMap;

use serde::Serialize;

use super::case::Case;
use super::score_summary::ScoreSummary;
use crate::metrics::Outcome;

/// Parts shown of one kind; the smaller ones are put together.
const MOST: usize = 30;
/// Lengths in words at which articles are told apart.
const LENGTHS: [usize; 5] = [25, 100, 250, 500, 1000];

/// Scores of the articles by what they have in common. A kind is empty where nothing is known of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Slices {
    /// By year of the date.
    pub year: Vec<Slice>,
    /// By source, the most frequent first.
    pub source: Vec<Slice>,
    /// By number of words that cleaning keeps.
    pub length: Vec<Slice>,
}

/// Articles that have something in common.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Slice {
    /// What: the year, the source, or `100-249`; `None` where it is not known.
    pub name: Option<String>,
    /// How many kinds are put together in this one, which has no name of its own.
    pub put_together: usize,
    /// Their scores.
    #[serde(flatten)]
    pub summary: ScoreSummary,
}

impl Slices {
    pub(super) fn new(cases: &[Case], labels: usize, seed: u64) -> Self {
        let slice = |name: Option<String>, put_together: usize, cases: Vec<&Case>| {
            let outcomes: Vec<Outcome> = cases.iter().map(|c| c.outcome.clone()).collect();
            Slice { name, put_together, summary: ScoreSummary::new(&outcomes, labels, seed) }
        };
        let year = |case: &Case| case.date.as_deref().and_then(year_of).map(|y| y.to_string());
        let years = grouped(cases, year);
        let (mut large, mut small) = (grouped(cases, |case| case.source.clone()), Vec::new());
        large.sort_by_key(|(_, cases)| std::cmp::Reverse(cases.len()));
        if large.len() > MOST {
            small = large.split_off(MOST - 1);
        }
        let mut source: Vec<Slice> =
            large.into_iter().map(|(name, cases)| slice(name, 0, cases)).collect();
        if !small.is_empty() {
            let kinds = small.len();
            let cases = small.into_iter().flat_map(|(_, cases)| cases).collect();
            source.push(slice(None, kinds, cases));
        }
        let length = grouped(cases, |case| Some(LENGTHS.partition_point(|&l| l <= case.words)));
        let mut slices = Self {
            year: years.into_iter().rev().take(MOST).map(|(n, c)| slice(n, 0, c)).collect(),
            source,
            length: length
                .into_iter()
                .map(|(bucket, cases)| slice(bucket.map(length_name), 0, cases))
                .collect(),
        };
        slices.year.reverse();
        // Of one kind alone there is nothing to compare, unless it has a name.
        for kind in [&mut slices.year, &mut slices.source] {
            if kind.iter().all(|slice| slice.name.is_none()) {
                kind.clear();
            }
        }
        slices
    }
}

fn grouped<K: Ord>(
    cases: &[Case],
    key: impl Fn(&Case) -> Option<K>,
) -> Vec<(Option<K>, Vec<&Case>)> {
    let mut groups: BTreeMap<Option<K>, Vec<&Case>> = BTreeMap::new();
    for case in cases {
        groups.entry(key(case)).or_default().push(case);
    }
    groups.into_iter().collect()
}

fn length_name(bucket: usize) -> String {
    match bucket {
        0 => format!("0-{}", LENGTHS[0] - 1),
        b if b < LENGTHS.len() => format!("{}-{}", LENGTHS[b - 1], LENGTHS[b] - 1),
        _ => format!("{}+", LENGTHS[LENGTHS.len() - 1]),
    }
}

/// The year of a date as people and programs write it: `2019-05-03`, `3 mai 2019`, `03/05/2019`, `20190503T1000Z`. The first four
/// digits that can be a year, alone or at the start of a date without marks.
pub(super) fn year_of(date: &str) -> Option<u16> {
    let runs = date.split(|c: char| !c.is_ascii_digit());
    let year = |run: &str| {
        let candidate = matches!(run.len(), 4 | 8 | 12 | 14).then(|| &run[..4])?;
        candidate.parse().ok().filter(|year| (1600..2200).contains(year))
    };
    runs.filter_map(year).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_is_found_in_dates_of_any_style() {
        for date in ["2019-05-03", "3 mai 2019", "03/05/2019", "20190503T101500Z", "20190503"] {
            assert_eq!(year_of(date), Some(2019), "{date}");
        }
        assert_eq!(year_of("05/03/19"), None);
        assert_eq!(year_of("12345678"), None);
        assert_eq!(year_of("édition du soir"), None);
    }
}
