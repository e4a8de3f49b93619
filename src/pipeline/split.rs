//! Which articles models are trained on, and which they are judged on.

use hashbrown::HashMap;
use jiff::civil::Date;
use serde::Serialize;

use super::counted_corpus::CountedCorpus;
use crate::corpus::stratified_folds;
use crate::error::{Error, Result};

/// How articles are held out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// So many folds, drawn by content and spread evenly over the labels: every article is judged once, by a model trained on the other folds.
    Folds(usize),
    /// A fifth, drawn as folds are: it is judged by a model trained on the rest.
    RandomFifth,
    /// Forward chaining: by date in one block more than this; each block but the first is judged by a model trained on all earlier ones.
    TimeBlocks(usize),
    /// The newest fifth is judged by a model trained on the rest.
    NewestFifth,
}

/// Rows of a corpus: those a model learns from, and those it is judged on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub train: Vec<usize>,
    pub test: Vec<usize>,
}

/// A fifth is held out.
const PARTS: usize = 5;

impl Split {
    /// Checks the number of folds or blocks.
    pub(super) fn check(self) -> Result<()> {
        match self {
            Self::Folds(n) | Self::TimeBlocks(n) if !(2..=20).contains(&n) => {
                Err(Error::setting("cross-validate", n, "2 to 20 folds"))
            }
            _ => Ok(()),
        }
    }

    /// Into how many parts articles are divided.
    pub(super) fn parts(self) -> usize {
        match self {
            Self::Folds(folds) => folds,
            Self::TimeBlocks(blocks) => blocks + 1,
            Self::RandomFifth | Self::NewestFifth => PARTS,
        }
    }

    /// Whether articles are held out by their dates.
    pub fn is_by_time(self) -> bool {
        matches!(self, Self::TimeBlocks(_) | Self::NewestFifth)
    }

    /// The turns, for a corpus in canonical form whose near-duplicates share their keys. `dates` are those of its articles; by time, articles
    /// without one are in no turn, articles of one day are on one side, and near-duplicates are where the latest of them is, so that
    /// no model learns from what appeared later than all it is judged on.
    pub(super) fn turns(
        self,
        corpus: &CountedCorpus,
        dates: &[Option<Date>],
        seed: u64,
    ) -> Result<Vec<Turn>> {
        match self {
            Self::Folds(folds) => {
                let fold_of = stratified_folds(&corpus.members, &corpus.keys, folds, seed);
                Ok((0..folds)
                    .map(|fold| turn(&fold_of, |of| of != fold, |of| of == fold))
                    .collect())
            }
            Self::RandomFifth => {
                let part_of = stratified_folds(&corpus.members, &corpus.keys, PARTS, seed);
                Ok(vec![turn(&part_of, |part| part != 0, |part| part == 0)])
            }
            Self::TimeBlocks(blocks) => {
                let block_of = blocks_of(&corpus.keys, dates, blocks + 1)?;
                let turns = (1..=blocks)
                    .map(|block| turn(&block_of, |of| of < block, |of| of == block))
                    .filter(|turn| !turn.test.is_empty())
                    .collect();
                Ok(turns)
            }
            Self::NewestFifth => {
                let block_of = blocks_of(&corpus.keys, dates, PARTS)?;
                let newest =
                    block_of.iter().filter(|&&of| of < UNDATED).max().copied().unwrap_or(0);
                Ok(vec![turn(&block_of, |of| of < newest, |of| of == newest)])
            }
        }
    }
}

fn turn(part_of: &[usize], train: impl Fn(usize) -> bool, test: impl Fn(usize) -> bool) -> Turn {
    let rows = |wanted: &dyn Fn(usize) -> bool| -> Vec<usize> {
        (0..part_of.len()).filter(|&row| wanted(part_of[row])).collect()
    };
    Turn {
        train: rows(&|part| part != UNDATED && train(part)),
        test: rows(&|part| part != UNDATED && test(part)),
    }
}

/// The block of an article without a date.
const UNDATED: usize = usize::MAX;

/// Blocks of about equal size by date, the oldest first.
fn blocks_of(keys: &[u64], dates: &[Option<Date>], blocks: usize) -> Result<Vec<usize>> {
    // Of near-duplicates, the date of the latest.
    let mut latest: HashMap<u64, Date, foldhash::fast::FixedState> = HashMap::default();
    for (key, date) in keys.iter().zip(dates) {
        let Some(date) = *date else { continue };
        let known = latest.entry(*key).or_insert(date);
        *known = (*known).max(date);
    }
    let date_of = |row: usize| dates[row].and_then(|_| latest.get(&keys[row]).copied());
    let mut order: Vec<(Date, usize)> =
        (0..keys.len()).filter_map(|row| Some((date_of(row)?, row))).collect();
    order.sort_unstable();
    let mut block_of = vec![UNDATED; keys.len()];
    let mut before = 0;
    for day in order.chunk_by(|a, b| a.0 == b.0) {
        for &(_, row) in day {
            block_of[row] = before * blocks / order.len();
        }
        before += day.len();
    }
    let used = block_of.iter().filter(|&&block| block != UNDATED);
    if used.clone().min() == used.max() {
        let dated = order.len();
        return Err(Error::data(
            format!(
                "{dated} articles with a date are too few, or of too few days, to be split by time"
            ),
            "--date-column with dates such as 2026-03-05 or 5 mars 2026, or --split random",
        ));
    }
    Ok(block_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(days: &[i8]) -> Vec<Option<Date>> {
        days.iter().map(|&day| Date::new(2026, 3, day).ok()).collect()
    }

    #[test]
    fn blocks_follow_time_and_days_and_copies_stay_whole() {
        let keys: Vec<u64> = (0..10).collect();
        let days = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        assert_eq!(blocks_of(&keys, &dates(&days), 5).unwrap(), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
        // One day is one block.
        let days = [1, 1, 1, 1, 1, 1, 2, 2, 2, 3];
        assert_eq!(blocks_of(&keys, &dates(&days), 5).unwrap(), [0, 0, 0, 0, 0, 0, 3, 3, 3, 4]);
        // A copy of the tenth day takes the first one along; 0 is no day of March.
        let mut keys = keys;
        keys[0] = keys[9];
        let days = [1, 0, 3, 4, 5, 6, 7, 8, 9, 10];
        let found = blocks_of(&keys, &dates(&days), 3).unwrap();
        assert_eq!(found[1], UNDATED);
        assert_eq!(found[0], found[9]);
        assert_eq!(found[9], 2);
        assert!(blocks_of(&keys, &dates(&[5; 10]), 3).is_err());
        assert!(blocks_of(&keys, &dates(&[0; 10]), 3).is_err());
    }
}
