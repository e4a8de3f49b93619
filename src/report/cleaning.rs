//! What was cleaned away from pages, and what the scores would be without.

use std::collections::BTreeMap;

use serde::Serialize;

use super::case::Case;
use super::score_summary::ScoreSummary;
use crate::corpus::Reason;
use crate::metrics::Outcome;
use crate::pipeline::Evaluated;

/// Lines shown of each kind.
const EXAMPLES: usize = 8;

/// What was cleaned away.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Cleaning {
    /// Articles of which something was dropped.
    pub articles: usize,
    /// Lines dropped.
    pub lines: usize,
    /// By kind, in a fixed order; kinds of which there was nothing are left out.
    pub kinds: Vec<CleanedKind>,
    /// Scores of all articles as they were classified, cleaned.
    pub with: ScoreSummary,
    /// Scores of the same model on the same articles with nothing dropped.
    pub without: ScoreSummary,
    /// Articles whose labels are others with nothing dropped.
    pub changed: usize,
}

/// Lines of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CleanedKind {
    /// Which.
    pub reason: Reason,
    /// Lines.
    pub lines: usize,
    /// Articles with such lines.
    pub articles: usize,
    /// The most frequent lines with how often they occur, equals in order.
    #[serde(skip)]
    pub examples: Vec<(String, usize)>,
}

impl Cleaning {
    pub(super) fn new(articles: &[Evaluated], cases: &[Case], labels: usize, seed: u64) -> Self {
        let mut kinds: BTreeMap<Reason, (usize, usize, BTreeMap<&str, usize>)> = BTreeMap::new();
        let mut cleaning = Self::default();
        let mut without = Vec::with_capacity(cases.len());
        for (evaluated, case) in articles.iter().zip(cases) {
            let dropped = &evaluated.page.dropped;
            cleaning.articles += usize::from(!dropped.is_empty());
            cleaning.lines += dropped.len();
            let mut seen = Vec::new();
            for (reason, line) in dropped {
                let (lines, articles, examples) = kinds.entry(*reason).or_default();
                *lines += 1;
                *examples.entry(line).or_default() += 1;
                if !seen.contains(reason) {
                    *articles += 1;
                    seen.push(*reason);
                }
            }
            let mut outcome = case.outcome.clone();
            if let Some(uncleaned) = &evaluated.page.uncleaned {
                let given = uncleaned.prediction.iter().flat_map(|p| &p.labels);
                outcome.predicted = given.map(|label| label.index()).collect();
                outcome.predicted.sort_unstable();
                cleaning.changed += usize::from(outcome.predicted != case.outcome.predicted);
            }
            without.push(outcome);
        }
        let with: Vec<Outcome> = cases.iter().map(|case| case.outcome.clone()).collect();
        cleaning.with = ScoreSummary::new(&with, labels, seed);
        cleaning.without = ScoreSummary::new(&without, labels, seed);
        let kind = |(reason, (lines, articles, examples)): (_, (_, _, BTreeMap<&str, usize>))| {
            let mut examples: Vec<(String, usize)> =
                examples.into_iter().map(|(line, count)| (line.to_owned(), count)).collect();
            examples.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            examples.truncate(EXAMPLES);
            CleanedKind { reason, lines, articles, examples }
        };
        cleaning.kinds = kinds.into_iter().map(kind).collect();
        cleaning
    }
}
