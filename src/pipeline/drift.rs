//! How far new articles are from those a model was trained on.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::classifier::{Classifier, ClassifierScratch};
use super::counted_corpus::{CountedCorpus, can_count, count_loaded};
use super::stages::Workers;
use crate::corpus::{Article, Status, parse_date};
use crate::error::{Error, Result};
use crate::metrics::{bootstrap, jensen_shannon, population_stability_index};
use crate::model::Decision;
use crate::text::View;

/// Draws of the bootstrap.
const DRAWS: usize = 500;
/// A population stability index from here on is a shift (see [`population_stability_index`]).
const SHIFT: f64 = 0.25;
/// So many times the unknown terms of the baseline are too many.
const MORE_UNKNOWN: f64 = 1.5;

/// What new articles are compared with.
#[derive(Clone, Debug)]
pub enum Baseline {
    /// The training articles, or others of before.
    Articles(Vec<Article>),
    /// The model's own terms and card, which knows topics and review, and no statuses or unknown terms.
    Model,
}

/// How new articles differ from a baseline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drift {
    /// New articles.
    pub articles: usize,
    /// Articles of the baseline.
    pub baseline: u64,
    /// The numbers: of all new articles first, then by month, then by source, both in order.
    pub rows: Vec<DriftRow>,
}

/// One number of one group of new articles.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DriftRow {
    /// `all`, `month` or `source`.
    pub group: &'static str,
    /// The month as `2026-03`, or the source; empty for all and for articles without one.
    pub name: String,
    /// Articles of the group.
    pub articles: usize,
    /// What is measured.
    pub measure: Measure,
    /// The topic or status that it is measured of; empty otherwise.
    pub label: String,
    /// In the baseline; `None` where it is not known.
    pub baseline: Option<f64>,
    /// In the group; `None` where undefined.
    pub value: Option<f64>,
    /// Lower 95 % bootstrap bound of the value.
    pub low: Option<f64>,
    /// Upper 95 % bootstrap bound.
    pub high: Option<f64>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Share of the different terms of an article, over all articles, that the baseline does not have; of an article of the baseline, that no
    /// other article there has.
    UnknownTerms,
    /// Share of the articles that the model leaves to review, among those it classified.
    Review,
    /// Share of the articles with a topic, by the model, among those it classified; `other` for none.
    Topic,
    /// Share of the articles with a status.
    Status,
    /// Jensen–Shannon divergence of the topics from the baseline's, 0 to 1.
    JensenShannon,
    /// Population stability index of the topics against the baseline's: below 0.1 stable, above 0.25 a shift.
    StabilityIndex,
}

impl Measure {
    /// The name in output files.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownTerms => "unknown_terms",
            Self::Review => "review",
            Self::Topic => "topic",
            Self::Status => "status",
            Self::JensenShannon => "jensen_shannon",
            Self::StabilityIndex => "stability_index",
        }
    }
}

/// What is seen of one article.
#[derive(Clone, Debug)]
struct Seen {
    status: Status,
    /// By topic, then none of them; all false where nothing was predicted.
    topics: Vec<bool>,
    review: bool,
    terms: u64,
    unknown: u64,
}

/// What is known of the baseline.
struct Known {
    articles: u64,
    unknown: Option<f64>,
    review: Option<f64>,
    /// Articles by topic, then with none of them.
    topics: Vec<u64>,
    classified: u64,
    statuses: Option<BTreeMap<Status, u64>>,
}

const STATUSES: [Status; 6] = [
    Status::Ok,
    Status::Empty,
    Status::NoKnownTerms,
    Status::NotFrench,
    Status::TooShort,
    Status::Unreadable,
];

impl Drift {
    /// Compares articles with a baseline, both as the same model sees them. The result is the same for any number of threads.
    pub fn new(
        articles: &[Article],
        baseline: &Baseline,
        classifier: &Classifier,
        seed: u64,
    ) -> Result<Self> {
        if articles.is_empty() {
            return Err(Error::data("there is no article to compare", "another input"));
        }
        let counted = count(articles, classifier)?;
        let (known, seen) = match baseline {
            Baseline::Model => {
                let is_known = |term: &str| classifier.vocabulary().get(term).is_some();
                let unknown = unknown_terms(&counted, |_, term| !is_known(term));
                (of_card(classifier), look(articles, classifier, &counted, &unknown))
            }
            Baseline::Articles(earlier) => {
                let before = count(earlier, classifier)?;
                let frequencies = before.corpus.matrix.document_frequencies();
                let alone = unknown_terms(&before, |column, _| frequencies[column] == 1);
                let known = of_seen(&look(earlier, classifier, &before, &alone));
                let is_new =
                    |term: &str| before.corpus.terms.binary_search_by(|t| (**t).cmp(term)).is_err();
                let unknown = unknown_terms(&counted, |_, term| is_new(term));
                (known, look(articles, classifier, &counted, &unknown))
            }
        };
        let mut rows = Vec::new();
        let all: Vec<&Seen> = seen.iter().collect();
        rows.extend(measure("all", "", &all, &known, classifier, seed));
        let month = |article: &Article| {
            let date = parse_date(article.date.as_deref()?)?;
            Some(format!("{:04}-{:02}", date.year(), date.month()))
        };
        let source = |article: &Article| article.source.clone();
        type NameOf<'f> = &'f dyn Fn(&Article) -> Option<String>;
        for (group, name_of) in [("month", &month as NameOf<'_>), ("source", &source)] {
            let mut groups: BTreeMap<String, Vec<&Seen>> = BTreeMap::new();
            for (article, seen) in articles.iter().zip(&seen) {
                groups.entry(name_of(article).unwrap_or_default()).or_default().push(seen);
            }
            // Where no article has a month or a source, there is nothing to compare.
            if groups.keys().any(|name| !name.is_empty()) {
                let of_group = |(name, seen): (&String, &Vec<&Seen>)| {
                    measure(group, name, seen, &known, classifier, seed)
                };
                let measured: Vec<Vec<DriftRow>> = groups.par_iter().map(of_group).collect();
                rows.extend(measured.into_iter().flatten());
            }
        }
        Ok(Self { articles: articles.len(), baseline: known.articles, rows })
    }

    /// The numbers of all new articles that say that they are not like the baseline.
    pub fn shifts(&self) -> Vec<&DriftRow> {
        let is_shift = |row: &&DriftRow| {
            let (Some(value), low) = (row.value, row.low.unwrap_or(0.0)) else { return false };
            match row.measure {
                Measure::StabilityIndex => value >= SHIFT,
                Measure::UnknownTerms => row
                    .baseline
                    .is_some_and(|before| value >= MORE_UNKNOWN * before && low > before),
                _ => false,
            }
        };
        self.rows.iter().filter(|row| row.group == "all").filter(is_shift).collect()
    }
}

/// Articles with their rows of counts, where they have one.
struct Counted {
    corpus: CountedCorpus,
    row_of: Vec<Option<usize>>,
}

fn count(articles: &[Article], classifier: &Classifier) -> Result<Counted> {
    let mut loaded = Vec::new();
    let row_of = articles.iter().map(|article| {
        can_count(article).then(|| {
            loaded.push(article.clone());
            loaded.len() - 1
        })
    });
    let row_of: Vec<Option<usize>> = row_of.collect();
    let settings = classifier.settings();
    let corpus = count_loaded(&loaded, &settings.analyzer, settings.zones)?;
    Ok(Counted { corpus, row_of })
}

/// By column: whether it is a word, and an unknown one.
fn unknown_terms(counted: &Counted, is_unknown: impl Fn(usize, &str) -> bool) -> Vec<Option<bool>> {
    let of_term = |(column, term): (usize, &str)| {
        (View::of(term) == View::Words).then(|| is_unknown(column, term))
    };
    counted.corpus.terms.iter().map(|term| &**term).enumerate().map(of_term).collect()
}

fn look(
    articles: &[Article],
    classifier: &Classifier,
    counted: &Counted,
    unknown: &[Option<bool>],
) -> Vec<Seen> {
    let workers = Workers::<ClassifierScratch>::default();
    let see = |(article, row): (&Article, &Option<usize>)| -> Seen {
        let classified = workers.with(|scratch| classifier.classify_with(article, scratch));
        let mut topics = vec![false; classifier.labels().len() + 1];
        if let Some(prediction) = &classified.prediction {
            prediction.labels.iter().for_each(|label| topics[label.index()] = true);
            let none = topics.len() - 1;
            topics[none] = prediction.labels.is_empty();
        }
        let terms = row.iter().flat_map(|&row| counted.corpus.matrix.row(row).terms);
        let words: Vec<bool> = terms.filter_map(|&term| unknown[term as usize]).collect();
        Seen {
            status: classified.status,
            topics,
            review: classified.decision() == Decision::Review,
            terms: words.len() as u64,
            unknown: words.iter().filter(|is_unknown| **is_unknown).count() as u64,
        }
    };
    articles.par_iter().zip(&counted.row_of).map(see).collect()
}

fn of_card(classifier: &Classifier) -> Known {
    let card = classifier.card();
    let mut topics: Vec<u64> = card.topics.iter().map(|topic| topic.articles).collect();
    topics.push(card.without_topic);
    Known {
        articles: card.articles,
        unknown: None,
        review: card.coverage.map(|accepted| 1.0 - accepted),
        topics,
        classified: card.articles,
        statuses: None,
    }
}

fn of_seen(seen: &[Seen]) -> Known {
    let all: Vec<&Seen> = seen.iter().collect();
    let mut statuses = BTreeMap::new();
    seen.iter().for_each(|s| *statuses.entry(s.status).or_default() += 1);
    Known {
        articles: seen.len() as u64,
        unknown: unknown_share(&all),
        review: review_share(&all),
        topics: topic_counts(&all),
        classified: all.iter().filter(|s| s.status == Status::Ok).count() as u64,
        statuses: Some(statuses),
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn unknown_share(seen: &[&Seen]) -> Option<f64> {
    ratio(seen.iter().map(|s| s.unknown).sum(), seen.iter().map(|s| s.terms).sum())
}

fn review_share(seen: &[&Seen]) -> Option<f64> {
    let classified = || seen.iter().filter(|s| s.status == Status::Ok);
    ratio(classified().filter(|s| s.review).count() as u64, classified().count() as u64)
}

fn topic_counts(seen: &[&Seen]) -> Vec<u64> {
    let classes = seen.first().map_or(0, |s| s.topics.len());
    (0..classes).map(|c| seen.iter().filter(|s| s.topics[c]).count() as u64).collect()
}

/// Everything that is measured of a group, with intervals.
fn measure(
    group: &'static str,
    name: &str,
    seen: &[&Seen],
    known: &Known,
    classifier: &Classifier,
    seed: u64,
) -> Vec<DriftRow> {
    let values = |seen: &[&Seen]| -> Vec<Option<f64>> {
        let topics = topic_counts(seen);
        let classified = seen.iter().filter(|s| s.status == Status::Ok).count() as u64;
        let mut out = vec![unknown_share(seen), review_share(seen)];
        out.push(jensen_shannon(&known.topics, &topics));
        out.push(population_stability_index(&known.topics, &topics));
        out.extend(topics.iter().map(|&count| ratio(count, classified)));
        let of = |status| seen.iter().filter(|s| s.status == status).count() as u64;
        out.extend(STATUSES.iter().map(|&status| ratio(of(status), seen.len() as u64)));
        out
    };
    let intervals = bootstrap(seen, DRAWS, seed, |sample| {
        let sample: Vec<&Seen> = sample.iter().map(|seen| **seen).collect();
        values(&sample)
    });
    let mut what = vec![
        (Measure::UnknownTerms, String::new(), known.unknown),
        (Measure::Review, String::new(), known.review),
        (Measure::JensenShannon, String::new(), None),
        (Measure::StabilityIndex, String::new(), None),
    ];
    let names = classifier.labels().iter().cloned().chain(["other".to_owned()]);
    what.extend(
        names
            .zip(&known.topics)
            .map(|(name, &count)| (Measure::Topic, name, ratio(count, known.classified))),
    );
    what.extend(STATUSES.iter().map(|status| {
        let before = known
            .statuses
            .as_ref()
            .and_then(|statuses| ratio(statuses.get(status).copied().unwrap_or(0), known.articles));
        (Measure::Status, status.name().to_owned(), before)
    }));
    let mut rows: Vec<DriftRow> = what
        .into_iter()
        .zip(values(seen))
        .zip(intervals)
        .map(|(((measure, label, baseline), value), interval)| DriftRow {
            group,
            name: name.to_owned(),
            articles: seen.len(),
            measure,
            label,
            baseline,
            value,
            low: interval.filter(|_| value.is_some()).map(|i| i.low),
            high: interval.filter(|_| value.is_some()).map(|i| i.high),
        })
        .collect();
    // One label an article: none of them is no answer; and statuses that nobody has say nothing.
    rows.retain(|row| {
        let is_never = row.value == Some(0.0) && row.baseline.is_none_or(|before| before == 0.0);
        let may_miss = row.measure == Measure::Status || row.label == "other";
        !(may_miss && is_never)
    });
    rows.sort_by_key(|row| row.measure);
    rows
}
