//! From a counted corpus to a classifier.

use hashbrown::HashMap;

use super::classifier::{Classifier, Learned, ModelCard, Parts, SetCard, TopicCard};
use super::counted_corpus::CountedCorpus;
use super::near_duplicates::{NearDuplicateCounts, NearDuplicates};
use super::one_pass;
use super::pseudo_articles::count_topic_terms;
use super::settings::{Algorithm, Chosen, TrainSettings, Weighting};
use super::stop::Stop;
use super::tune::{OutOfFold, TrainingSet, Trial, combines};
use crate::error::{Error, Result};
use crate::features::{DocumentTermMatrix, TfIdf};
use crate::ids::{LabelId, TermId};
use crate::metrics::{Outcome, Scores, expected_calibration_error};
use crate::model::{
    ConformalLimits, DecisionRule, OutputLayer, Scorer, Target, Task, best_weighted_f1_threshold,
    fit_threshold, review_limit, share_of,
};
use crate::text::{Analyzer, View};

/// Trains on a corpus. The result depends on the set of articles and the settings alone.
pub fn train(corpus: CountedCorpus, settings: &TrainSettings) -> Result<Classifier> {
    settings.check()?;
    corpus.check_counted_with(&settings.analyzer, settings.zones)?;
    if one_pass::is_for(&corpus, settings) {
        return one_pass::train_counted(&corpus, corpus.task(), settings);
    }
    let (mut corpus, _) = corpus.canonical();
    corpus.keys = NearDuplicates::find(&corpus).join(&corpus.keys);
    let task = corpus.task();
    let (corpus, pseudo) = corpus.aligned(count_topic_terms(settings)?);
    train_canonical(&corpus, &pseudo, task, settings)
}

/// Trains on a corpus that is in canonical form with the keys of near-duplicates joined, or on a part of one whose task is known from the whole, and on pseudo-articles over
/// the same terms and labels.
pub(super) fn train_canonical(
    corpus: &CountedCorpus,
    pseudo: &CountedCorpus,
    task: Task,
    settings: &TrainSettings,
) -> Result<Classifier> {
    if one_pass::is_for(corpus, settings) {
        return one_pass::train_counted(corpus, task, settings);
    }
    check_labels(corpus, task)?;
    settings.targets.check(&corpus.labels, task)?;
    settings.priors.check(corpus.labels.len())?;
    let (frequencies, texts) = corpus.text_frequencies(&corpus.matrix);
    let mut selected = settings.limits.select(&frequencies, texts);
    let told = pseudo.matrix.document_frequencies();
    selected.extend((0..told.len() as u32).map(TermId).filter(|t| told[t.index()] > 0));
    selected.sort_unstable();
    selected.dedup();
    let wanted = wanted_views(settings, task);
    let columns = columns_of(corpus, &selected, &wanted);
    if columns.is_empty() {
        return Err(no_term(corpus.terms.len()));
    }
    let matrix = weighted(corpus, pseudo, &columns, settings);
    let members = [&corpus.members[..], &pseudo.members].concat();
    let set = training_set(corpus, &matrix, &members, &columns, task, settings);
    if !set.can_cross_validate() {
        let words = columns_of(corpus, &columns, &[View::Words]);
        let columns = if words.is_empty() { columns } else { words };
        return train_plain(corpus, pseudo, columns, task, settings);
    }
    let mut trials = if settings.tune { set.tune(settings)? } else { Vec::new() };
    let chosen = trials.first().map_or_else(|| set.fixed(settings), |trial| trial.chosen.clone());
    let views: Option<Vec<View>> = chosen.views.iter().map(|chosen| chosen.view).collect();
    let kept = views.map_or_else(|| columns.clone(), |views| columns_of(corpus, &columns, &views));
    // Without the terms that no chosen view looks at.
    let matrix = if kept.len() == columns.len() {
        matrix
    } else {
        weighted(corpus, pseudo, &kept, settings)
    };
    let set = training_set(corpus, &matrix, &members, &kept, task, settings);
    let best = set.out_of_fold(&chosen, settings)?;
    let tried = trials.len();
    keep_the_best_of_each_kind(&mut trials);
    let (rule, mut card) = decide(&set, &best, corpus, settings);
    card.settings_tried = tried.max(1) as u32;
    card.trials = trials;
    card.label_noise = (task == Task::OneLabel).then(|| best.layer.noise());
    let output = Output { chosen: best.chosen, layer: best.layer, rule, card };
    let words = words(corpus, pseudo, &kept, settings)?;
    finish(words, learned(set, &output.chosen, settings)?, output, settings)
}

/// Fits the finished model on everything.
fn learned(set: TrainingSet<'_>, chosen: &Chosen, settings: &TrainSettings) -> Result<Learned> {
    if chosen.penalty.is_none() && settings.algorithm != Algorithm::Gaussian {
        return Ok(Learned::Counts(set.into_counts()));
    }
    Ok(match set.fit(chosen, settings)? {
        Scorer::Gaussian(model) => Learned::Gaussian(model),
        Scorer::Topics(model) => Learned::Refined(set.into_counts(), model.weights().to_single()),
        _ => Learned::Counts(set.into_counts()),
    })
}

pub(super) fn no_term(all: usize) -> Error {
    let hint = "a smaller --min-articles, or more articles";
    Error::data(format!("no term is left of {all}"), hint)
}

/// The views that training may look at.
pub(super) fn wanted_views(settings: &TrainSettings, task: Task) -> Vec<View> {
    match &settings.views {
        Some(views) => views.clone(),
        None if settings.tune && combines(settings.algorithm, task) => View::ALL.to_vec(),
        None => vec![View::Words],
    }
}

fn columns_of(corpus: &CountedCorpus, columns: &[TermId], views: &[View]) -> Vec<TermId> {
    let of_view = |t: &&TermId| views.contains(&View::of(&corpus.terms[t.index()]));
    columns.iter().filter(of_view).copied().collect()
}

/// The counts of some terms as the model counts them, the pseudo-articles after the articles.
fn weighted(
    corpus: &CountedCorpus,
    pseudo: &CountedCorpus,
    columns: &[TermId],
    settings: &TrainSettings,
) -> DocumentTermMatrix {
    let mut counts = corpus.matrix.select_columns(columns);
    for row in pseudo.matrix.select_columns(columns).iter() {
        counts.push_row(row.iter().map(|(t, c)| (t.0, c)));
    }
    match settings.weighting {
        // The Gaussian model weighs its own columns.
        Weighting::TfIdf if settings.algorithm != Algorithm::Gaussian => weigh(&counts),
        _ => counts,
    }
}

fn training_set<'c>(
    corpus: &CountedCorpus,
    matrix: &'c DocumentTermMatrix,
    members: &'c [Vec<usize>],
    columns: &[TermId],
    task: Task,
    settings: &TrainSettings,
) -> TrainingSet<'c> {
    let views: Vec<View> = columns.iter().map(|t| View::of(&corpus.terms[t.index()])).collect();
    let classes = corpus.labels.len();
    TrainingSet::new(matrix, members, &corpus.keys, classes, task, &views, settings)
}

/// Of the trials, best first, keeps the best of each kind of model.
fn keep_the_best_of_each_kind(trials: &mut Vec<Trial>) {
    let mut seen = Vec::new();
    trials.retain(|trial| {
        let views: Vec<_> = trial.chosen.views.iter().map(|v| (v.view, v.algorithm)).collect();
        let kind = (views, trial.chosen.reliability, trial.chosen.penalty.is_some());
        let is_new = !seen.contains(&kind);
        if is_new {
            seen.push(kind);
        }
        is_new
    });
}

/// Too few articles to hold any back: plain Naive Bayes posteriors, which are far too sure of themselves, so everything
/// is for review.
fn train_plain(
    corpus: &CountedCorpus,
    pseudo: &CountedCorpus,
    columns: Vec<TermId>,
    task: Task,
    settings: &TrainSettings,
) -> Result<Classifier> {
    let settings = TrainSettings { views: Some(vec![View::Words]), ..settings.clone() };
    let matrix = weighted(corpus, pseudo, &columns, &settings);
    let members = [&corpus.members[..], &pseudo.members].concat();
    let set = training_set(corpus, &matrix, &members, &columns, task, &settings);
    let output = plain_output(&set, corpus, &settings)?;
    let words = words(corpus, pseudo, &columns, &settings)?;
    finish(words, learned(set, &output.chosen, &settings)?, output, &settings)
}

/// Plain posteriors, which nothing calibrates.
pub(super) fn plain_output(
    set: &TrainingSet<'_>,
    corpus: &CountedCorpus,
    settings: &TrainSettings,
) -> Result<Output> {
    let base = set.fixed(settings);
    let chosen = Chosen { penalty: None, reliability: false, length_power: 0.0, ..base };
    let prior = set.fit(&chosen, settings)?.log_prior();
    let accept_from = review_limit(&[], settings.accept_accuracy);
    let limits = ConformalLimits::none(settings.coverage, set.classes);
    let thresholds = vec![0.5; set.classes];
    let rule = DecisionRule { task: set.task, thresholds, accept_from, limits };
    let layer = OutputLayer::plain(set.task, prior);
    Ok(Output { chosen, layer, rule, card: bare_card(corpus, settings) })
}

/// What follows from the out-of-fold scores.
pub(super) struct Output {
    pub chosen: Chosen,
    pub layer: OutputLayer,
    pub rule: DecisionRule,
    pub card: ModelCard,
}

/// The words of a model.
pub(super) struct ModelWords {
    pub labels: Vec<String>,
    pub terms: Vec<Box<str>>,
    pub variants: Vec<(Box<str>, u32)>,
}

/// Puts the finished classifier together.
pub(super) fn finish(
    words: ModelWords,
    learned: Learned,
    output: Output,
    settings: &TrainSettings,
) -> Result<Classifier> {
    let Output { chosen, layer, rule, card } = output;
    let has = |view: View| words.terms.iter().any(|term| View::of(term) == view);
    let mut settings = TrainSettings { stop: Stop::default(), ..settings.clone() };
    // What no chosen view looks at need not be worked out for every new article.
    settings.analyzer.word_classes &= has(View::Classes);
    settings.analyzer.char_ngrams = settings.analyzer.char_ngrams.filter(|_| has(View::Characters));
    let ModelWords { labels, terms, variants } = words;
    Classifier::new(Parts { settings, chosen, labels, variants, terms, learned, layer, rule, card })
}

fn check_labels(corpus: &CountedCorpus, task: Task) -> Result<()> {
    let has = |c: usize| corpus.members.iter().filter(|m| m.contains(&c)).count();
    let by_label: Vec<u64> = (0..corpus.labels.len()).map(|c| has(c) as u64).collect();
    check_label_counts(corpus.articles() as u64, &corpus.labels, &by_label, task)
}

/// Checks that there is something to tell apart; `by_label` are the articles of each label.
pub(super) fn check_label_counts(
    articles: u64,
    labels: &[String],
    by_label: &[u64],
    task: Task,
) -> Result<()> {
    let classes = labels.len();
    let hint = "a column with the labels (--label-column), or articles of more kinds";
    if articles == 0 {
        return Err(Error::data("there is no article to learn from", "another input"));
    }
    if classes == 0 {
        return Err(Error::data("no article has a label", hint));
    }
    if task == Task::OneLabel && classes == 1 {
        let what = format!("every article has the same label, \"{}\"", labels[0]);
        return Err(Error::data(what, hint));
    }
    if let Some(label) = by_label.iter().position(|&n| n == articles) {
        let what = format!("every article is about \"{}\"", labels[label]);
        return Err(Error::data(what, "articles that are not"));
    }
    Ok(())
}

fn weigh(counts: &DocumentTermMatrix) -> DocumentTermMatrix {
    let tf_idf = TfIdf::fit(&counts.document_frequencies(), counts.rows());
    let mut weighted = DocumentTermMatrix::new(counts.columns());
    for row in counts.iter() {
        weighted.push_row(tf_idf.quantize(row));
    }
    weighted
}

/// The words of the model that the terms `columns` make. As terms do, spellings of too few texts stay out, unless the topic terms have
/// them.
fn words(
    corpus: &CountedCorpus,
    pseudo: &CountedCorpus,
    columns: &[TermId],
    settings: &TrainSettings,
) -> Result<ModelWords> {
    let all = corpus.matrix.document_frequencies();
    let frequencies: Vec<u64> = columns.iter().map(|t| all[t.index()]).collect();
    let (texts, _) = corpus.text_frequencies(&corpus.spellings.matrix);
    let told = pseudo.spellings.matrix.document_frequencies();
    let kept = corpus.spellings.forms.iter().zip(texts.iter().zip(&told));
    let spellings = kept
        .filter(|(_, (texts, told))| **texts >= settings.limits.min_df || **told > 0)
        .filter_map(|((form, term), _)| {
            Some((&**form, columns.binary_search(&TermId(*term)).ok()? as u32))
        });
    let terms: Vec<Box<str>> = columns.iter().map(|t| corpus.terms[t.index()].clone()).collect();
    let analyzer = Analyzer::new(corpus.analyzer.clone())?;
    let variants = variants(&analyzer, &terms, &frequencies, spellings);
    Ok(ModelWords { labels: corpus.labels.clone(), terms, variants })
}

/// Spellings without accents whose own term is unknown, with the term that the accented form gives: the more frequent one where two
/// forms meet, the earlier one among equals. `frequencies` are the terms'; `spellings` come with a term's place.
pub(super) fn variants<'s>(
    analyzer: &Analyzer,
    terms: &[Box<str>],
    frequencies: &[u64],
    spellings: impl Iterator<Item = (&'s str, u32)>,
) -> Vec<(Box<str>, u32)> {
    let is_known = |term: &str| terms.binary_search_by(|probe| (**probe).cmp(term)).is_ok();
    let rank = |term: u32| (frequencies[term as usize], std::cmp::Reverse(term));
    let mut best: HashMap<&str, u32> = HashMap::new();
    for (form, term) in spellings {
        let own = analyzer.terms(form);
        if own.len() != 1 || is_known(&own[0]) {
            continue;
        }
        let entry = best.entry(form).or_insert(term);
        if rank(term) > rank(*entry) {
            *entry = term;
        }
    }
    let mut out: Vec<(Box<str>, u32)> =
        best.into_iter().map(|(form, term)| (form.into(), term)).collect();
    out.sort_unstable();
    out
}

/// Thresholds, review limit and scores from out-of-fold predictions.
pub(super) fn decide(
    set: &TrainingSet<'_>,
    best: &OutOfFold,
    corpus: &CountedCorpus,
    settings: &TrainSettings,
) -> (DecisionRule, ModelCard) {
    let articles = &corpus.members;
    let of_class = |c: usize| -> Vec<(f64, bool)> {
        let truth = articles.iter().map(|m| m.contains(&c));
        best.probabilities.iter().map(|p| p[c]).zip(truth).collect()
    };
    let wanted = settings.priors.shares(set.task, set.classes);
    let threshold = |c: usize| {
        if set.is_only_told(c) {
            return (0.5, false);
        }
        match settings.targets.of(&corpus.labels[c]) {
            Target::F1 => {
                // Under other priors each article stands for more or fewer of its kind.
                let (inside, outside) = wanted.as_ref().map_or((1.0, 1.0), |wanted| {
                    let share = share_of(c, articles);
                    (wanted[c] / share, (1.0 - wanted[c]) / (1.0 - share))
                });
                let weigh = |(p, truth)| (p, if truth { inside } else { outside });
                let weighted = of_class(c).into_iter().map(weigh).collect();
                (best_weighted_f1_threshold(weighted), true)
            }
            target => fit_threshold(target, &of_class(c)),
        }
    };
    let (thresholds, reached): (Vec<f64>, Vec<bool>) = (0..set.classes).map(threshold).unzip();
    let limits = limits(set, best, settings, |_| true);
    let mut rule = DecisionRule { task: set.task, thresholds, accept_from: 0.0, limits };
    let mut confidences = Vec::with_capacity(best.probabilities.len());
    let mut outcomes = Vec::with_capacity(best.probabilities.len());
    for (p, truth) in best.probabilities.iter().zip(set.members) {
        let prediction = rule.decide(p.clone());
        let mut predicted: Vec<usize> = prediction.labels.iter().map(|l| l.index()).collect();
        predicted.sort_unstable();
        let outcome = Outcome { truth: truth.clone(), predicted };
        confidences.push((prediction.confidence, outcome.is_exact()));
        outcomes.push(outcome);
    }
    rule.accept_from = review_limit(&confidences, settings.accept_accuracy);
    let accepted = confidences.iter().filter(|c| c.0 >= rule.accept_from).count();
    let scores = Scores::new(outcomes.iter(), set.classes);
    let mut card = bare_card(corpus, settings);
    card.cross_validated = true;
    card.folds = settings.folds as u32;
    card.accuracy = scores.accuracy();
    card.micro_f1 = scores.micro_f1();
    card.macro_f1 = scores.macro_f1();
    card.log_loss = Some(best.log_loss);
    card.coverage = Some(accepted as f64 / confidences.len().max(1) as f64);
    for (c, (topic, s)) in card.topics.iter_mut().zip(&scores.topics).enumerate() {
        topic.precision = s.precision();
        topic.recall = s.recall();
        topic.f1 = s.f1();
        topic.calibration_error = expected_calibration_error(&of_class(c));
        topic.target_reached = (topic.target != Target::F1).then_some(reached[c]);
    }
    measure_sets(set, best, &rule, settings, &mut card);
    (rule, card)
}

/// The limits of what is possible, from the out-of-fold predictions for some articles.
fn limits(
    set: &TrainingSet<'_>,
    best: &OutOfFold,
    settings: &TrainSettings,
    wanted: impl Fn(usize) -> bool,
) -> ConformalLimits {
    let articles = (0..best.probabilities.len())
        .filter(|&i| wanted(i))
        .map(|i| (&best.probabilities[i][..], &set.members[i][..]));
    ConformalLimits::fit(set.task, settings.coverage, set.classes, articles)
}

/// How sets do on articles that their limits do not come from: those of each fold, with limits from the others.
fn measure_sets(
    set: &TrainingSet<'_>,
    best: &OutOfFold,
    rule: &DecisionRule,
    settings: &TrainSettings,
    card: &mut ModelCard,
) {
    let (mut covered, mut size, mut single) = (0, 0, 0);
    let mut present = vec![0; set.classes];
    let mut absent = vec![0; set.classes];
    for fold in 0..set.fold_count {
        let limits = limits(set, best, settings, |i| set.folds[i] != fold);
        let rule = DecisionRule { limits, ..rule.clone() };
        for i in (0..best.probabilities.len()).filter(|&i| set.folds[i] == fold) {
            let members = &set.members[i];
            let prediction = rule.decide(best.probabilities[i].clone());
            let possible = &prediction.possible;
            size += possible.labels.len() + usize::from(possible.none);
            single += usize::from(possible.is_single());
            let truth: Vec<LabelId> = members.iter().map(|&c| LabelId(c as u32)).collect();
            covered += usize::from(possible.admit(&truth));
            for c in 0..set.classes {
                let label = LabelId(c as u32);
                if truth.contains(&label) {
                    present[c] += usize::from(possible.labels.contains(&label));
                } else {
                    absent[c] += usize::from(!possible.certain.contains(&label));
                }
            }
        }
    }
    let articles = best.probabilities.len();
    let share = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
    card.sets = Some(SetCard {
        stated: settings.coverage,
        covered: covered as f64 / articles as f64,
        size: size as f64 / articles as f64,
        single: single as f64 / articles as f64,
    });
    for (c, topic) in card.topics.iter_mut().enumerate() {
        let with = topic.articles as usize;
        topic.covered = share(present[c], with);
        topic.absence_covered = match set.task {
            Task::OneLabel => None,
            Task::AnyLabels => share(absent[c], articles - with),
        };
    }
}

fn bare_card(corpus: &CountedCorpus, settings: &TrainSettings) -> ModelCard {
    let (texts, _) = corpus.text_frequencies(&corpus.matrix);
    // A card tells no more of the articles than the model does.
    let travels = |word: &&str| {
        let column = corpus.terms.binary_search_by(|term| (**term).cmp(*word));
        column.is_ok_and(|column| texts[column] >= settings.limits.min_df)
    };
    let story = |c| corpus.story_words(c).into_iter().filter(travels).map(str::to_owned).collect();
    let topics = corpus.labels.iter().enumerate().map(|(c, name)| TopicCard {
        name: name.clone(),
        articles: corpus.members.iter().filter(|m| m.contains(&c)).count() as u64,
        target: settings.targets.of(name),
        story: story(c),
        ..TopicCard::default()
    });
    ModelCard {
        articles: corpus.articles() as u64,
        without_topic: corpus.members.iter().filter(|m| m.is_empty()).count() as u64,
        topics: topics.collect(),
        near_duplicates: Some(NearDuplicateCounts::of_keys(&corpus.keys)),
        ..ModelCard::default()
    }
}
