//! What became of the articles, in numbers.

use std::collections::BTreeMap;

use rubrique::Article;
use rubrique::corpus::Status;
use rubrique::ids::LabelId;
use rubrique::model::Decision;
use rubrique::pipeline::Classified;
use serde::{Deserialize, Serialize};

use super::Ending;
use super::args::{Classify, Shared};

/// Bad rows named one by one on standard error; the others are counted.
const NAMED: u64 = 10;

/// Counts of the articles of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub statuses: BTreeMap<Status, u64>,
    /// By topics as they are written, `other` where there are none.
    topics: BTreeMap<String, u64>,
    review: u64,
    mended: u64,
    encodings: BTreeMap<String, u64>,
}

/// Counts of one batch, and what is to be said of single rows; of each status, and of mended rows, the first few.
#[derive(Default)]
pub(super) struct Tally {
    statuses: BTreeMap<Status, u64>,
    topics: BTreeMap<Vec<LabelId>, u64>,
    review: u64,
    mended: u64,
    encodings: BTreeMap<&'static str, u64>,
    notes: Vec<Note>,
}

struct Note {
    /// `None` of a row that was mended.
    status: Option<Status>,
    text: String,
}

impl Tally {
    pub(super) fn count(&mut self, article: &Article, classified: &Classified) {
        let count = self.statuses.entry(classified.status).or_insert(0);
        *count += 1;
        if let (Some(problem), true) = (&article.problem, *count <= NAMED) {
            let text = format!("warning: {} {problem}", article.place);
            self.notes.push(Note { status: Some(classified.status), text });
        }
        if let Some(encoding) = article.encoding {
            *self.encodings.entry(encoding).or_insert(0) += 1;
        }
        if let Some(what) = &article.mended {
            self.mended += 1;
            if self.mended <= NAMED {
                let text = format!("note: {} {what}", article.place);
                self.notes.push(Note { status: None, text });
            }
        }
        if let Some(prediction) = &classified.prediction {
            match self.topics.get_mut(&prediction.labels) {
                Some(count) => *count += 1,
                None => {
                    self.topics.insert(prediction.labels.clone(), 1);
                }
            }
            self.review += u64::from(classified.decision() == Decision::Review);
        }
    }
}

impl Counts {
    /// Adds what comes behind, and returns what is to be said of it now.
    pub(super) fn add(&mut self, tally: Tally, labels: &[String]) -> Vec<String> {
        let named = |status: Option<Status>| match status {
            Some(status) => self.statuses.get(&status).copied().unwrap_or(0),
            None => self.mended,
        };
        let mut said: BTreeMap<Option<Status>, u64> = BTreeMap::new();
        let mut notes = Vec::new();
        for Note { status, text } in tally.notes {
            let said = said.entry(status).or_insert_with(|| named(status));
            *said += 1;
            if *said <= NAMED {
                notes.push(text);
            }
        }
        for (status, count) in tally.statuses {
            *self.statuses.entry(status).or_insert(0) += count;
        }
        for (topics, count) in tally.topics {
            let names: Vec<&str> = topics.iter().map(|t| labels[t.index()].as_str()).collect();
            let name = if names.is_empty() { "other".to_owned() } else { names.join(";") };
            *self.topics.entry(name).or_insert(0) += count;
        }
        for (encoding, count) in tally.encodings {
            *self.encodings.entry(encoding.to_owned()).or_insert(0) += count;
        }
        self.review += tally.review;
        self.mended += tally.mended;
        notes
    }

    /// All articles.
    pub(super) fn rows(&self) -> u64 {
        self.statuses.values().sum()
    }

    /// How a run with these counts ends.
    pub(super) fn ending(&self) -> Ending {
        let classified = self.statuses.get(&Status::Ok).copied().unwrap_or(0);
        if self.rows() == classified { Ending::Done } else { Ending::Findings }
    }

    /// Tells it all once the run is done.
    pub(super) fn tell(&self, args: &Classify, shared: &Shared) {
        if self.mended > NAMED {
            eprintln!("note: {} rows had to be mended", self.mended);
        }
        for (encoding, count) in &self.encodings {
            eprintln!("note: {count} articles are no UTF-8 and were read as {encoding}");
        }
        if !shared.quiet {
            let (all, model) = (self.rows(), args.model.name());
            eprintln!("{all} articles classified with {model}; {} to review", self.review);
            for (names, count) in &self.topics {
                eprintln!("  {count:8}  {names}");
            }
        }
        let rejected = self.statuses.iter().filter(|(status, _)| **status != Status::Ok);
        let counts: Vec<String> =
            rejected.clone().map(|(status, count)| format!("{} {count}", status.name())).collect();
        if !counts.is_empty() {
            let rejected: u64 = rejected.map(|(_, count)| count).sum();
            eprintln!("{rejected} articles were not classified: {}", counts.join(", "));
        }
    }
}
