//! Training in one pass: fixed settings, more articles than are worth keeping.
//!
//! Naive Bayes needs no more of the articles than what they add up to, and that is counted as they go by. Calibration and thresholds need
//! single articles: those of a sample of texts. The models that score the sample's articles have not seen them, nor their copies; for the
//! counts of a fold are taken away from those of all, exactly. Copies are told by their keys; rewordings only among the sample.

use rayon::prelude::*;

use super::classifier::{Classifier, Learned};
use super::content_key::content_key;
use super::counted_corpus::{
    CountedChunk, CountedCorpus, CountedRow, Counter, MOST_FORMS, Skipped, is_blank,
};
use super::near_duplicates::NearDuplicates;
use super::pseudo_articles::count_topic_terms;
use super::running_counts::{RunningCounts, Sampled};
use super::settings::{Algorithm, TrainSettings, Weighting};
use super::spellings::Spellings;
use super::stages::{Workers, in_order};
use super::train::{
    ModelWords, Output, check_label_counts, decide, finish, no_term, plain_output, train, variants,
    wanted_views,
};
use super::tune::TrainingSet;
use crate::corpus::{Article, Batch, LabelSet, Page};
use crate::error::Result;
use crate::features::{CountedTerms, DocumentTermMatrix, Numbered, Scratch, Vectorizer, Words};
use crate::model::{ClassCounts, Task};
use crate::text::{Analyzer, View, parse_spelling, repair, spelling_feature};

/// Texts that calibration and thresholds are fitted to, and the articles up to which training keeps all of them.
const SAMPLE: usize = 10_000;

/// Whether training with these settings needs no more than one pass: nothing is tuned, and nothing but counts goes into the weights.
pub fn trains_in_one_pass(settings: &TrainSettings) -> bool {
    !settings.tune
        && settings.refine != Some(true)
        && settings.algorithm != Algorithm::Gaussian
        && settings.weighting == Weighting::Counts
}

/// Whether counted articles are trained on as if they had gone by.
pub(super) fn is_for(corpus: &CountedCorpus, settings: &TrainSettings) -> bool {
    trains_in_one_pass(settings) && corpus.articles() > SAMPLE
}

/// Trains on counted articles as if they had gone by.
pub(super) fn train_counted(
    corpus: &CountedCorpus,
    task: Task,
    settings: &TrainSettings,
) -> Result<Classifier> {
    fit(RunningCounts::of(corpus, most_texts(settings), SAMPLE), task, settings)
}

/// Trains on articles as they are read, with settings that [suffice with one pass](trains_in_one_pass). The model is the one that
/// [`train`] gives for the same articles counted before, byte for byte. Memory grows with the vocabulary, not with the
/// articles. `note` is called with every article that could not be read, in their order; `progress` with the number of articles done.
pub fn train_in_one_pass(
    batches: impl Iterator<Item = Result<Batch>> + Send,
    settings: &TrainSettings,
    mut note: impl FnMut(&Article) + Send,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<(Classifier, Skipped)> {
    settings.check()?;
    let analyzer = Analyzer::new(settings.analyzer.clone())?.telling_spellings();
    let vectorizer = Vectorizer::new(analyzer, settings.zones)?;
    let workers = Workers::<Option<Worker>>::default();
    let mut skipped = Skipped::default();
    let mut done = 0;
    let count = |worker: &mut Option<Worker>, batch: Batch| {
        let worker = worker.get_or_insert_with(|| Worker::new(most_texts(settings)));
        let mut passed = Passed::default();
        let read = batch.try_for_each(|article| {
            worker.add(&vectorizer, article, &mut passed);
            Ok(())
        });
        (passed, read)
    };
    in_order(batches, &workers, count, |(passed, read)| {
        read?;
        passed.unreadable.iter().for_each(&mut note);
        skipped.unreadable += passed.unreadable.len() as u64;
        skipped.empty += passed.empty;
        done += passed.articles;
        progress(done);
        Ok(())
    })?;
    let parts: Vec<RunningCounts> =
        workers.into_inner().into_par_iter().flatten().map(|worker| worker.counts).collect();
    let counts = parts.into_iter().reduce(|mut all, part| {
        all.merge(part);
        all
    });
    let counts = counts.unwrap_or_else(|| RunningCounts::new(most_texts(settings), SAMPLE));
    let classifier = if counts.articles > SAMPLE as u64 {
        let task = counts.task();
        fit(counts, task, settings)
    } else {
        train(counted(counts, settings)?, settings)
    };
    Ok((classifier?, skipped))
}

/// The articles themselves, where the sample holds all of them.
fn counted(counts: RunningCounts, settings: &TrainSettings) -> Result<CountedCorpus> {
    let mut counter = Counter::new(&settings.analyzer, settings.zones)?;
    let labels: Vec<String> = counts.labels.names().map(str::to_owned).collect();
    let terms = counts.terms.names().map(Box::from).collect();
    let mut rows = Vec::new();
    for (key, article) in counts.sample.into_articles() {
        let names = article.labels.iter().map(|&label| &*labels[label as usize]);
        let counted = CountedTerms { terms: article.terms.clone(), words: Words::default() };
        let row = CountedRow { counted, labels: LabelSet::new(names), key };
        rows.extend(std::iter::repeat_n(row, article.times as usize));
    }
    let chunk = CountedChunk { terms, rows, skipped: Skipped::default() };
    counter.add(chunk)?;
    Ok(counter.finish().0)
}

/// Texts that must be told apart.
fn most_texts(settings: &TrainSettings) -> usize {
    settings.limits.min_df as usize
}

/// What became of the articles of a batch.
#[derive(Default)]
struct Passed {
    articles: u64,
    unreadable: Vec<Article>,
    empty: u64,
}

/// What one thread counts.
struct Worker {
    scratch: Scratch,
    /// By number in the lexicon: the number among the counts.
    numbers: Vec<u32>,
    counts: RunningCounts,
}

impl Worker {
    fn new(most_texts: usize) -> Self {
        let counts = RunningCounts::new(most_texts, SAMPLE);
        Self { scratch: Scratch::default(), numbers: Vec::new(), counts }
    }

    fn add(&mut self, vectorizer: &Vectorizer, article: &mut Article, passed: &mut Passed) {
        passed.articles += 1;
        if article.problem.is_some() {
            passed.unreadable.push(std::mem::take(article));
            return;
        }
        let (title, text) = (repair(&article.title), repair(&article.text));
        let page = Page::segment(&title, &text);
        if is_blank(&page) {
            passed.empty += 1;
            return;
        }
        if self.scratch.trim(MOST_FORMS) {
            self.numbers.clear();
        }
        let mut terms = vectorizer.count(page.title, &page.body, &mut self.scratch).terms;
        let known = self.scratch.lexicon.terms();
        for term in &known[self.numbers.len()..] {
            self.numbers.push(self.counts.term(term));
        }
        for (term, _) in &mut terms {
            *term = self.numbers[*term as usize];
        }
        let labels = article.labels.iter().flat_map(|labels| labels.names());
        self.counts.add(content_key(&title, &text), labels, &terms);
    }
}

/// Fits a model to what articles added up to.
fn fit(mut counts: RunningCounts, task: Task, settings: &TrainSettings) -> Result<Classifier> {
    let pseudo = count_topic_terms(settings)?;
    let is_kept = kept_terms(&mut counts, &pseudo, settings);
    counts.add_rows(&pseudo);
    let (labels, of_label) = counts.sorted_labels();
    check_label_counts(counts.articles, &labels, &of_label, task)?;
    settings.targets.check(&labels, task)?;
    settings.priors.check(labels.len())?;
    let names = std::mem::take(&mut counts.terms);
    let chosen = ChosenTerms::new(&names, &is_kept, &wanted_views(settings, task))?;
    let total = class_counts(&mut counts, &chosen.numbers, &pseudo, &labels, &of_label);
    let terms = &chosen.terms;
    let frequencies: Vec<u64> =
        (0..terms.len()).map(|t| total.total_document_frequency(t)).collect();
    let analyzer = Analyzer::new(settings.analyzer.clone())?;
    let variants = variants(&analyzer, terms, &frequencies, chosen.spellings());

    let sampled = counts.take_sample(terms.len(), &chosen.columns(names.len()));
    let (corpus, times) = sample_corpus(sampled, terms, &labels, settings);
    let (matrix, members) = with_pseudo_articles(&corpus, &pseudo);
    let views: Vec<View> = terms.iter().map(|term| View::of(term)).collect();
    let times = |i: usize| times.get(i).copied().unwrap_or(1);
    let keys = &corpus.keys;
    let set = TrainingSet::of_sample(
        &matrix,
        &members,
        keys,
        total.into(),
        times,
        task,
        &views,
        settings,
    );
    let mut output = if set.can_cross_validate() {
        let best = set.out_of_fold(&set.fixed(settings), settings)?;
        let (rule, mut card) = decide(&set, &best, &corpus, settings);
        card.settings_tried = 1;
        card.label_noise = (task == Task::OneLabel).then(|| best.layer.noise());
        Output { chosen: best.chosen, layer: best.layer, rule, card }
    } else {
        plain_output(&set, &corpus, settings)?
    };
    let card = &mut output.card;
    card.articles = counts.articles;
    card.without_topic = counts.without_label;
    for (topic, &articles) in card.topics.iter_mut().zip(&of_label) {
        topic.articles = articles;
    }
    // Only the sample was searched for them.
    card.near_duplicates = None;
    let words = ModelWords { labels, terms: terms.clone(), variants };
    finish(words, Learned::Counts(set.into_counts()), output, settings)
}

/// Which terms, and which spellings, go into the model, by their numbers: those within the limits, and those of the topic terms.
fn kept_terms(
    counts: &mut RunningCounts,
    pseudo: &CountedCorpus,
    settings: &TrainSettings,
) -> Vec<bool> {
    let most = (settings.limits.max_df * counts.articles as f64).floor() as u64;
    let is_within = |term: u32| {
        u64::from(counts.texts(term)) >= settings.limits.min_df
            && counts.total(term).documents <= most
    };
    let mut is_kept: Vec<bool> = (0..counts.terms.len() as u32).map(is_within).collect();
    let forms = pseudo.spellings.forms.iter();
    let spellings =
        forms.map(|(form, term)| spelling_feature(form, &pseudo.terms[*term as usize]).into());
    for told in pseudo.terms.iter().cloned().chain(spellings) {
        let number = counts.term(&told) as usize;
        is_kept.resize(counts.terms.len(), false);
        is_kept[number] = true;
    }
    is_kept
}

/// The terms of the model, in order, and what its spellings may be.
struct ChosenTerms<'n> {
    terms: Vec<Box<str>>,
    /// Their numbers among the counts.
    numbers: Vec<u32>,
    /// Features that are spellings.
    spelled: Vec<&'n str>,
}

impl<'n> ChosenTerms<'n> {
    /// Of all terms those that are kept and of a view that is looked at.
    fn new(names: &'n Numbered, is_kept: &[bool], views: &[View]) -> Result<Self> {
        let mut kept: Vec<u32> = (0..names.len() as u32).filter(|&n| is_kept[n as usize]).collect();
        let name = |n: u32| names.name(n);
        kept.sort_unstable_by_key(|&n| name(n));
        let (spelled, numbers): (Vec<u32>, Vec<u32>) =
            kept.into_iter().partition(|&n| parse_spelling(name(n)).is_some());
        let numbers: Vec<u32> =
            numbers.into_iter().filter(|&n| views.contains(&View::of(name(n)))).collect();
        if numbers.is_empty() {
            return Err(no_term(names.len()));
        }
        Ok(Self {
            terms: numbers.iter().map(|&n| name(n).into()).collect(),
            spelled: spelled.into_iter().map(name).collect(),
            numbers,
        })
    }

    /// By number among the counts: the column of the term.
    fn columns(&self, all: usize) -> Vec<Option<u32>> {
        let mut columns = vec![None; all];
        for (column, &number) in self.numbers.iter().enumerate() {
            columns[number as usize] = Some(column as u32);
        }
        columns
    }

    /// The spellings of these terms, each with its term's column.
    fn spellings(&self) -> impl Iterator<Item = (&str, u32)> {
        self.spelled.iter().filter_map(|feature| {
            let (form, term) = parse_spelling(feature)?;
            let column = self.terms.binary_search_by(|probe| (**probe).cmp(term)).ok()?;
            Some((form, column as u32))
        })
    }
}

/// Takes out the counts that the model is fitted to: those of all articles and of the topic terms.
fn class_counts(
    counts: &mut RunningCounts,
    terms: &[u32],
    pseudo: &CountedCorpus,
    labels: &[String],
    of_label: &[u64],
) -> ClassCounts {
    let mut class_documents = of_label.to_vec();
    for &label in pseudo.members.iter().flatten() {
        class_documents[labels.binary_search(&pseudo.labels[label]).unwrap_or(0)] += 1;
    }
    counts.take_counts(terms, labels, pseudo.articles() as u64, class_documents)
}

/// The sample in canonical order, near-duplicates under one key, and how often each article was met.
fn sample_corpus(
    sampled: Sampled,
    terms: &[Box<str>],
    labels: &[String],
    settings: &TrainSettings,
) -> (CountedCorpus, Vec<u64>) {
    let Sampled { matrix, members, keys, times } = sampled;
    // The model's spellings are those of all articles; the sample needs none.
    let mut spellings = Spellings { forms: Vec::new(), matrix: DocumentTermMatrix::new(0) };
    keys.iter().for_each(|_| spellings.matrix.push_row([]));
    let corpus = CountedCorpus {
        analyzer: settings.analyzer.clone(),
        zones: settings.zones,
        terms: terms.to_vec(),
        matrix,
        labels: labels.to_vec(),
        members,
        keys,
        spellings,
    };
    let (mut corpus, order) = corpus.canonical();
    corpus.keys = NearDuplicates::find(&corpus).join(&corpus.keys);
    (corpus, order.into_iter().map(|i| times[i]).collect())
}

/// The rows of the corpus, and behind them those of the pseudo-articles.
fn with_pseudo_articles(
    corpus: &CountedCorpus,
    pseudo: &CountedCorpus,
) -> (DocumentTermMatrix, Vec<Vec<usize>>) {
    let (mut matrix, mut members) = (corpus.matrix.clone(), corpus.members.clone());
    let column: Vec<Option<u32>> = (pseudo.terms.iter())
        .map(|term| corpus.terms.binary_search(term).ok().map(|place| place as u32))
        .collect();
    for (row, labels) in pseudo.matrix.iter().zip(&pseudo.members) {
        matrix.push_row(row.iter().filter_map(|(t, count)| Some((column[t.index()]?, count))));
        let place = |&l: &usize| corpus.labels.binary_search(&pseudo.labels[l]).unwrap_or(0);
        members.push(labels.iter().map(place).collect());
    }
    (matrix, members)
}
