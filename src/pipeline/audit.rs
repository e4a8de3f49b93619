//! What is wrong with a corpus, before a model is trained on it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use rayon::prelude::*;

use super::classifier::{Classified, Classifier, ClassifierScratch, LEAST_WORDS};
use super::counted_corpus::{CountedCorpus, can_count, count_loaded};
use super::near_duplicates::{NearDuplicateCounts, NearDuplicates};
use super::pseudo_articles::count_topic_terms;
use super::settings::TrainSettings;
use super::stages::Workers;
use super::train::train_canonical;
use crate::corpus::{Article, LabelSet, Page, stratified_folds};
use crate::error::{Error, Result};
use crate::features::{Scratch, Vectorizer};
use crate::model::Task;
use crate::text::{Analyzer, foreign_language, repair};

/// What may be wrong with an article, the most useful first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// A model that did not see the article says otherwise.
    LikelyWrongLabel,
    /// Its near-duplicates have other labels.
    LabelConflict,
    /// Its row could not be read.
    Unreadable,
    /// Another article has its id.
    DuplicateId,
    /// Neither title nor text.
    Empty,
    /// Written in another language.
    NotFrench,
    /// Too few words to judge.
    TooShort,
    /// Its characters were damaged on their way, and mended.
    EncodingRepaired,
    /// Other articles are the same text: copied, shortened or reworded.
    NearDuplicate,
}

impl FindingKind {
    /// All kinds, in order.
    pub const ALL: [Self; 9] = [
        Self::LikelyWrongLabel,
        Self::LabelConflict,
        Self::Unreadable,
        Self::DuplicateId,
        Self::Empty,
        Self::NotFrench,
        Self::TooShort,
        Self::EncodingRepaired,
        Self::NearDuplicate,
    ];

    /// The name in output files.
    pub fn name(self) -> &'static str {
        match self {
            Self::LikelyWrongLabel => "likely_wrong_label",
            Self::LabelConflict => "label_conflict",
            Self::Unreadable => "unreadable",
            Self::DuplicateId => "duplicate_id",
            Self::Empty => "empty",
            Self::NotFrench => "not_french",
            Self::TooShort => "too_short",
            Self::EncodingRepaired => "encoding_repaired",
            Self::NearDuplicate => "near_duplicate",
        }
    }
}

/// Something wrong with an article.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// The article, by its place in [`Audit::articles`].
    pub article: usize,
    /// Its place among the findings of its kind, from 1 on.
    pub rank: usize,
    /// Of a likely wrong label, the probability that it is wrong; of a label conflict, the share of the near-duplicates that have other labels; of a
    /// near-duplicate, how like it is to the centre of its cluster. All 0 to 1.
    pub severity: Option<f64>,
    /// The labels that the model or most near-duplicates have instead.
    pub suggested: Option<LabelSet>,
    /// In words.
    pub detail: String,
}

/// The findings of a corpus.
#[derive(Clone, Debug)]
pub struct Audit {
    /// The articles, in input order.
    pub articles: Vec<Article>,
    /// What is wrong with them, by kind, the worst of a kind first.
    pub findings: Vec<Finding>,
    /// By article: its cluster of near-duplicates, numbered from 1 on, the largest first.
    pub clusters: Vec<Option<usize>>,
    /// How many near-duplicates there are.
    pub near_duplicates: NearDuplicateCounts,
    /// Articles whose labels were checked, or why none was.
    pub labels_checked: Result<usize, String>,
}

/// How the labels of a corpus are checked.
#[derive(Clone, Copy, Debug)]
pub enum LabelCheck<'m> {
    /// By models trained on the other folds of so many, with the settings of the audit.
    OutOfFold(usize),
    /// By a finished model, which has not seen the articles.
    By(&'m Classifier),
}

impl Audit {
    /// Looks at all articles. Likely wrong labels are ranked by self-confidence (Northcutt, Jiang, Chuang 2021, "Confident learning: estimating
    /// uncertainty in dataset labels"): the calibrated probability of the labels as they are, of several topics that of the whole
    /// set, by models that did not see the article. Those are listed whose labels the model would not give. The result is the same for any number of
    /// threads; `progress` is called with the number of articles whose labels were checked.
    pub fn new(
        articles: Vec<Article>,
        settings: &TrainSettings,
        check: LabelCheck<'_>,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Self> {
        settings.check()?;
        if articles.is_empty() {
            return Err(Error::data("there is no article to look at", "another input"));
        }
        let mut findings = text_findings(&articles, settings)?;
        findings.extend(duplicate_ids(&articles));
        let usable: Vec<usize> = (0..articles.len()).filter(|&i| can_count(&articles[i])).collect();
        let loaded: Vec<Article> = usable.iter().map(|&i| articles[i].clone()).collect();
        let corpus = count_loaded(&loaded, &settings.analyzer, settings.zones)?;
        let (mut corpus, order) = corpus.canonical();
        let input: Vec<usize> = order.iter().map(|&i| usable[i]).collect();
        let found = NearDuplicates::find(&corpus);
        corpus.keys = found.join(&corpus.keys);
        let clusters = number_clusters(&found, &input, articles.len());
        findings.extend(near_duplicate_findings(&found, &input, &clusters, &articles));
        findings.extend(label_conflicts(&found, &input, &articles));
        let labels_checked = match judge(&articles, &corpus, &input, settings, check, progress) {
            Ok(judged) => {
                findings.extend(wrong_labels(&articles, &judged));
                Ok(judged.articles.len())
            }
            Err(error) => Err(error.to_string()),
        };
        rank(&mut findings, &clusters);
        let near_duplicates = found.counts();
        Ok(Self { articles, findings, clusters, near_duplicates, labels_checked })
    }

    /// How many findings of each kind there are, all kinds in order.
    pub fn counts(&self) -> Vec<(FindingKind, usize)> {
        let count = |kind| self.findings.iter().filter(|f| f.kind == kind).count();
        FindingKind::ALL.into_iter().map(|kind| (kind, count(kind))).collect()
    }
}

fn finding(kind: FindingKind, article: usize, detail: impl Into<String>) -> Finding {
    let detail = detail.into();
    Finding { kind, article, rank: 0, severity: None, suggested: None, detail }
}

/// By kind, severity, cluster and input order.
fn rank(findings: &mut [Finding], clusters: &[Option<usize>]) {
    findings.sort_by(|a, b| {
        // The members of a cluster stay together, the largest cluster first.
        let cluster = |f: &Finding| match f.kind {
            FindingKind::NearDuplicate | FindingKind::LabelConflict => clusters[f.article],
            _ => None,
        };
        let severity = |f: &Finding| f.severity.unwrap_or(0.0);
        a.kind
            .cmp(&b.kind)
            .then(cluster(a).cmp(&cluster(b)))
            .then(severity(b).total_cmp(&severity(a)))
            .then(a.article.cmp(&b.article))
    });
    let mut rank = 0;
    let mut last = None;
    for finding in findings {
        rank = if last == Some(finding.kind) { rank + 1 } else { 1 };
        last = Some(finding.kind);
        finding.rank = rank;
    }
}

/// What can be said of each text for itself.
fn text_findings(articles: &[Article], settings: &TrainSettings) -> Result<Vec<Finding>> {
    let analyzer = Analyzer::new(settings.analyzer.clone())?;
    let vectorizer = Vectorizer::new(analyzer, settings.zones)?;
    let workers = Workers::<Scratch>::default();
    let of_article = |(at, article): (usize, &Article)| -> Vec<Finding> {
        if let Some(problem) = &article.problem {
            return vec![finding(FindingKind::Unreadable, at, problem)];
        }
        let mut out: Vec<Finding> = encoding_problem(article)
            .map(|detail| finding(FindingKind::EncodingRepaired, at, detail))
            .into_iter()
            .collect();
        let (title, text) = (repair(&article.title), repair(&article.text));
        let page = Page::segment(&title, &text);
        let body = page.body.trim();
        if page.title.is_empty() && body.is_empty() {
            let detail = if text.trim().is_empty() {
                "neither title nor text"
            } else {
                "nothing is left once the page is cleaned"
            };
            out.push(finding(FindingKind::Empty, at, detail));
            return out;
        }
        let judged = if body.is_empty() { page.title } else { body };
        let words = workers.with(|scratch| {
            scratch.trim(400_000);
            vectorizer.count(page.title, &page.body, scratch).words
        });
        if let Some(code) = foreign_language(judged, words.all, words.function) {
            out.push(finding(FindingKind::NotFrench, at, format!("looks like {code}")));
        }
        if words.all < LEAST_WORDS {
            out.push(finding(FindingKind::TooShort, at, format!("{} words", words.all)));
        }
        out
    };
    Ok(articles.par_iter().enumerate().flat_map_iter(of_article).collect())
}

/// What was done to the characters of an article, or is lost.
fn encoding_problem(article: &Article) -> Option<String> {
    let mut out = Vec::new();
    if let Some(encoding) = article.encoding {
        out.push(format!("the bytes are no UTF-8; read as {encoding}"));
    }
    let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    for text in [&article.title, &article.text] {
        if let Cow::Owned(repaired) = repair(text)
            && let Some((before, after)) = first_difference(text, &repaired)
        {
            out.push(format!("« {before} » read as « {after} »"));
            break;
        }
    }
    let texts = || article.title.chars().chain(article.text.chars());
    let lost = texts().filter(|c| *c == '\u{FFFD}').count();
    if lost > 0 {
        out.push(format!("{lost} characters are lost (U+FFFD)"));
    }
    let control = texts().filter(|c| is_control(*c)).count();
    if control > 0 {
        out.push(format!("{control} control characters"));
    }
    (!out.is_empty()).then(|| out.join("; "))
}

/// The words around the first place where two texts differ.
fn first_difference(before: &str, after: &str) -> Option<(String, String)> {
    let words =
        |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
    let (before, after) = (words(before), words(after));
    let at = before.iter().zip(&after).position(|(a, b)| a != b)?;
    let short = |word: &String| word.chars().take(30).collect();
    Some((short(&before[at]), short(&after[at])))
}

/// Articles whose id was there before. The number of a record, which stands in for a missing id, may come in every file.
fn duplicate_ids(articles: &[Article]) -> Vec<Finding> {
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut out = Vec::new();
    let is_number = |a: &Article| a.place.record.is_some_and(|record| record.to_string() == a.id);
    for (at, article) in articles.iter().enumerate().filter(|(_, a)| !a.id.is_empty()) {
        let earlier = *first.entry(&article.id).or_insert(at);
        let other = &articles[earlier];
        let told_apart = article.place.file != other.place.file;
        if earlier == at || (told_apart && is_number(article) && is_number(other)) {
            continue;
        }
        let detail = format!("{} has this id too", other.place);
        out.push(finding(FindingKind::DuplicateId, at, detail));
    }
    out
}

/// Numbers the clusters, the largest first, equals by their first article in input order; by article.
fn number_clusters(found: &NearDuplicates, input: &[usize], articles: usize) -> Vec<Option<usize>> {
    let mut order: Vec<(usize, usize, usize)> = found
        .clusters
        .iter()
        .enumerate()
        .map(|(at, cluster)| {
            let first = cluster.articles.iter().map(|&i| input[i]).min().unwrap_or(0);
            (usize::MAX - cluster.articles.len(), first, at)
        })
        .collect();
    order.sort_unstable();
    let mut clusters = vec![None; articles];
    for (number, &(_, _, at)) in order.iter().enumerate() {
        for &i in &found.clusters[at].articles {
            clusters[input[i]] = Some(number + 1);
        }
    }
    clusters
}

fn near_duplicate_findings(
    found: &NearDuplicates,
    input: &[usize],
    clusters: &[Option<usize>],
    articles: &[Article],
) -> Vec<Finding> {
    let mut out = Vec::new();
    for cluster in &found.clusters {
        let centre = cluster.similarities.iter().position(|s| *s == 1.0).unwrap_or(0);
        let centre = &articles[input[cluster.articles[centre]]];
        for (&i, &similarity) in cluster.articles.iter().zip(&cluster.similarities) {
            let article = input[i];
            let number = clusters[article].unwrap_or_default();
            let size = cluster.articles.len();
            let detail = if std::ptr::eq(&articles[article], centre) {
                format!("one of {size} in cluster {number}; the others are most like it")
            } else {
                format!("one of {size} in cluster {number}; most like {}", centre.id)
            };
            let severity = Some(similarity);
            out.push(Finding { severity, ..finding(FindingKind::NearDuplicate, article, detail) });
        }
    }
    out
}

/// Near-duplicates whose labels are not those of most of their cluster, or of which no labels have most.
fn label_conflicts(found: &NearDuplicates, input: &[usize], articles: &[Article]) -> Vec<Finding> {
    let mut out = Vec::new();
    for cluster in &found.clusters {
        let labelled: Vec<(usize, &LabelSet)> = cluster
            .articles
            .iter()
            .filter_map(|&i| Some((input[i], articles[input[i]].labels.as_ref()?)))
            .collect();
        let mut by_labels: BTreeMap<&LabelSet, usize> = BTreeMap::new();
        labelled.iter().for_each(|(_, labels)| *by_labels.entry(labels).or_default() += 1);
        if by_labels.len() < 2 {
            continue;
        }
        let most = by_labels.iter().find(|(_, count)| 2 * **count > labelled.len());
        let told: Vec<String> = by_labels
            .iter()
            .map(|(labels, count)| format!("{} {count}", labels.or_other()))
            .collect();
        for (article, labels) in &labelled {
            if most.is_some_and(|(most, _)| most == labels) {
                continue;
            }
            let others = labelled.len() - by_labels[labels];
            out.push(Finding {
                severity: Some(others as f64 / labelled.len() as f64),
                suggested: most.map(|(most, _)| (*most).clone()),
                ..finding(
                    FindingKind::LabelConflict,
                    *article,
                    format!("labels of these near-duplicates: {}", told.join(", ")),
                )
            });
        }
    }
    out
}

/// Articles with what models say that did not see them.
struct Judged {
    labels: Vec<String>,
    task: Task,
    /// By their places in the input.
    articles: Vec<(usize, Classified)>,
}

fn judge(
    articles: &[Article],
    corpus: &CountedCorpus,
    input: &[usize],
    settings: &TrainSettings,
    check: LabelCheck<'_>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Judged> {
    let labelled: Vec<usize> =
        (0..input.len()).filter(|&i| articles[input[i]].labels.is_some()).collect();
    if labelled.is_empty() {
        return Err(Error::data(
            "no article has labels",
            "a column with the labels (--label-column)",
        ));
    }
    let classify = |classifier: &Classifier, rows: &[usize]| -> Vec<(usize, Classified)> {
        let workers = Workers::<ClassifierScratch>::default();
        let classified = |&row: &usize| {
            let article = &articles[input[labelled[row]]];
            let classified = workers.with(|scratch| classifier.classify_with(article, scratch));
            (input[labelled[row]], classified)
        };
        rows.par_iter().map(classified).collect()
    };
    let all: Vec<usize> = (0..labelled.len()).collect();
    let folds = match check {
        LabelCheck::By(classifier) => {
            let articles = classify(classifier, &all);
            progress(articles.len() as u64);
            let labels = classifier.labels().to_vec();
            return Ok(Judged { labels, task: classifier.task(), articles });
        }
        LabelCheck::OutOfFold(folds) => folds,
    };
    if !(2..=20).contains(&folds) {
        return Err(Error::setting("cross-validate", folds, "2 to 20 folds"));
    }
    if labelled.len() < 2 * folds {
        return Err(Error::data(
            format!("{} labelled articles are too few for {folds} folds", labelled.len()),
            "more articles, or --model",
        ));
    }
    let corpus = corpus.select(&labelled);
    let task = corpus.task();
    let (corpus, pseudo) = corpus.aligned(count_topic_terms(settings)?);
    let fold_of = stratified_folds(&corpus.members, &corpus.keys, folds, settings.seed);
    let mut judged = Vec::new();
    for fold in 0..folds {
        let (inside, outside): (Vec<usize>, Vec<usize>) =
            all.iter().partition(|&&row| fold_of[row] == fold);
        let classifier = train_canonical(&corpus.select(&outside), &pseudo, task, settings)?;
        judged.extend(classify(&classifier, &inside));
        progress(judged.len() as u64);
    }
    Ok(Judged { labels: corpus.labels, task, articles: judged })
}

/// Articles whose labels the model would not give.
fn wrong_labels(articles: &[Article], judged: &Judged) -> Vec<Finding> {
    let known: BTreeSet<&String> = judged.labels.iter().collect();
    let mut out = Vec::new();
    for (article, classified) in &judged.articles {
        let (Some(prediction), Some(given)) = (&classified.prediction, &articles[*article].labels)
        else {
            continue;
        };
        let names = prediction.labels.iter().map(|label| judged.labels[label.index()].clone());
        let suggested = LabelSet::new(names);
        if suggested == *given || !given.names().iter().all(|name| known.contains(name)) {
            continue;
        }
        let probabilities = judged.labels.iter().zip(&prediction.probabilities);
        let confidence: f64 = match judged.task {
            // None of the labels is no answer of such a model.
            Task::OneLabel => {
                probabilities.filter(|(name, _)| given.names().contains(name)).map(|(_, p)| p).sum()
            }
            Task::AnyLabels => probabilities
                .map(|(name, p)| if given.names().contains(name) { *p } else { 1.0 - p })
                .product(),
        };
        let detail = format!(
            "{} has a probability of {confidence:.3}; the model says {} ({:.3})",
            given.or_other(),
            suggested.or_other(),
            prediction.confidence
        );
        out.push(Finding {
            severity: Some((1.0 - confidence).clamp(0.0, 1.0)),
            suggested: Some(suggested),
            ..finding(FindingKind::LikelyWrongLabel, *article, detail)
        });
    }
    out
}
