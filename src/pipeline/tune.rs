//! What is left open is chosen by cross-validation inside the training data.
//!
//! Class counts are integers, so the counts of the articles outside a fold are the counts of all less those
//! of the fold: trying a setting costs no more than taking logarithms and scoring.

use std::borrow::Cow;
use std::sync::Arc;

use linfa::ParamGuard;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::settings::{Algorithm, Chosen, ChosenView, TrainSettings, Weighting};
use crate::corpus::stratified_folds;
use crate::error::Result;
use crate::features::{DocumentTermMatrix, TfIdf};
use crate::ids::TermId;
use crate::model::{
    ClassCounts, Combination, Kind, LeftOut, NaiveBayesParams, NaiveBayesValidParams, OutputLayer,
    RefinedParams, Scorer, Task, view_weights,
};
use crate::text::View;

/// The values that are tried, the likeliest first, where time may be short. Measured on press articles and short texts, smoothing
/// matters most.
const ALPHAS: [f64; 6] = [0.1, 0.3, 1.0, 0.03, 3.0, 0.01];
const LENGTH_POWERS: [f64; 3] = [0.8, 0.5, 1.0];
const PENALTIES: [f64; 3] = [0.1, 0.03, 0.3];

/// Where pseudo-articles are.
const NO_FOLD: usize = usize::MAX;

/// A training set ready to be fitted: canonical order, selected terms, weighted. After the articles come the pseudo-articles, which are in
/// no fold: every model learns from them, and they are never scored.
pub(super) struct TrainingSet<'c> {
    pub members: &'c [Vec<usize>],
    pub articles: usize,
    pub classes: usize,
    pub task: Task,
    pub folds: Vec<usize>,
    pub fold_count: usize,
    /// The counts of all terms.
    total: Arc<ClassCounts>,
    parts: Vec<Part<'c>>,
}

/// The terms of one view, or all terms where they are counted together.
struct Part<'c> {
    view: Option<View>,
    matrix: Cow<'c, DocumentTermMatrix>,
    lengths: Vec<f64>,
    total: Arc<ClassCounts>,
    /// By fold: its articles.
    of_fold: Vec<LeftOut<'c>>,
}

/// Scores of articles by models that did not see them.
pub(super) struct OutOfFold {
    /// The choice, its views weighed.
    pub chosen: Chosen,
    /// The layer that the finished model carries: fitted on all out-of-fold scores.
    pub layer: OutputLayer,
    /// Calibrated probabilities, view weights and layer too fitted without the article's fold.
    pub probabilities: Vec<Vec<f64>>,
    /// Mean negative log probability of the truth.
    pub log_loss: f64,
}

/// Settings that tuning tried, and how they did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The settings.
    pub chosen: Chosen,
    /// Mean negative log probability of the truth, out of fold.
    pub log_loss: f64,
}

impl<'c> TrainingSet<'c> {
    /// `views[t]` is the view of term `t`. Rows beyond the keys of the articles are pseudo-articles.
    pub(super) fn new(
        matrix: &'c DocumentTermMatrix,
        members: &'c [Vec<usize>],
        keys: &[u64],
        classes: usize,
        task: Task,
        views: &[View],
        settings: &TrainSettings,
    ) -> Self {
        let total = Arc::new(ClassCounts::count(matrix, members, classes));
        Self::of_sample(matrix, members, keys, total, |_| 1, task, views, settings)
    }

    /// The articles of the matrix are a sample of many more, whose counts `total` are. Article `i` of the sample was met `times(i)` times
    /// among them; the models that score a fold have seen none of those.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn of_sample(
        matrix: &'c DocumentTermMatrix,
        members: &'c [Vec<usize>],
        keys: &[u64],
        total: Arc<ClassCounts>,
        times: impl Fn(usize) -> u64 + Sync,
        task: Task,
        views: &[View],
        settings: &TrainSettings,
    ) -> Self {
        let (fold_count, classes) = (settings.folds, total.classes());
        let articles = keys.len();
        let mut folds = stratified_folds(&members[..articles], keys, fold_count, settings.seed);
        folds.resize(matrix.rows(), NO_FOLD);
        let rows_of = |fold| (0..articles).filter(|&i| folds[i] == fold).collect();
        let rows: Vec<Vec<usize>> = (0..fold_count).map(rows_of).collect();
        let parts = separate(views, task, settings)
            .into_par_iter()
            .map(|(view, columns)| {
                let (matrix, total) = match view {
                    None => (Cow::Borrowed(matrix), total.clone()),
                    Some(_) => (
                        Cow::Owned(matrix.select_columns(&columns)),
                        Arc::new(total.select(&columns)),
                    ),
                };
                let left_out = |rows: &Vec<usize>| LeftOut::new(&matrix, rows, members, &times);
                let of_fold = rows.par_iter().map(left_out).collect();
                let lengths = matrix.iter().map(|row| row.length() as f64).collect();
                Part { view, matrix, lengths, total, of_fold }
            })
            .collect();
        Self { members, articles, classes, task, folds, fold_count, total, parts }
    }

    /// Whether every fold has articles to be scored and enough others to learn from.
    pub(super) fn can_cross_validate(&self) -> bool {
        self.articles >= 2 * self.fold_count
            && (0..self.fold_count).all(|fold| self.folds.contains(&fold))
    }

    fn part(&self, view: Option<View>) -> &Part<'c> {
        self.parts.iter().find(|part| part.view == view).unwrap_or(&self.parts[0])
    }

    /// The counts that the finished model is fitted to.
    pub(super) fn into_counts(self) -> ClassCounts {
        drop(self.parts);
        Arc::unwrap_or_clone(self.total)
    }

    /// Fits one view on the articles themselves, where counts do not suffice: on all but those of one fold, or on all. `None` where they do.
    fn fit_articles(
        &self,
        without: Option<usize>,
        chosen: &Chosen,
        view: &ChosenView,
        settings: &TrainSettings,
    ) -> Option<Result<Scorer>> {
        let part = self.part(view.view);
        let rows_outside = || {
            let rows: Vec<usize> =
                (0..part.matrix.rows()).filter(|&i| Some(self.folds[i]) != without).collect();
            let members: Vec<Vec<usize>> = rows.iter().map(|&i| self.members[i].clone()).collect();
            let articles = rows.partition_point(|&i| i < self.articles);
            (part.matrix.select_rows(&rows), members, articles)
        };
        if view.algorithm == Algorithm::Gaussian {
            let (matrix, members, _) = rows_outside();
            let model = settings.gaussian.fit(&matrix, &members, self.classes, self.task);
            return Some(model.map(Scorer::Gaussian));
        }
        let penalty = chosen.penalty?;
        let (matrix, members, articles) = rows_outside();
        let params = RefinedParams {
            alpha: view.alpha * unit(view.algorithm, settings),
            length_power: chosen.length_power,
            penalty,
        };
        Some(Ok(Scorer::Topics(params.fit(&matrix, &members, articles, self.classes))))
    }

    /// The finished model's weights, where they do not follow from counts.
    pub(super) fn fit(&self, chosen: &Chosen, settings: &TrainSettings) -> Result<Scorer> {
        settings.stop.check()?;
        let view = &chosen.views[0];
        self.fit_articles(None, chosen, view, settings).unwrap_or_else(|| {
            fit_view(&self.part(view.view).total, self.task, chosen, view, settings)
        })
    }

    /// The scores of the articles of a fold, one behind the other, by one view of all others.
    fn scores_of_fold(
        &self,
        fold: usize,
        chosen: &Chosen,
        view: &ChosenView,
        settings: &TrainSettings,
    ) -> Result<Vec<f64>> {
        settings.stop.check()?;
        let part = self.part(view.view);
        let Some(scorer) = self.fit_articles(Some(fold), chosen, view, settings) else {
            let params = params(chosen, view, settings)?;
            return part.of_fold[fold].scores(&params, self.task, &part.total);
        };
        let scorer = scorer?;
        let mut scores = vec![0.0; self.classes];
        let mut out = Vec::new();
        for i in (0..self.articles).filter(|&i| self.folds[i] == fold) {
            scorer.score(part.matrix.row(i), &mut scores);
            out.extend_from_slice(&scores);
        }
        Ok(out)
    }

    /// Scores every article by the models of the other folds: all classes of the first view, then those of the next.
    fn scores(&self, chosen: &Chosen, settings: &TrainSettings) -> Result<Vec<Vec<f64>>> {
        let mut out = vec![Vec::with_capacity(self.classes * chosen.views.len()); self.articles];
        for view in &chosen.views {
            let of_folds = (0..self.fold_count)
                .into_par_iter()
                .map(|fold| self.scores_of_fold(fold, chosen, view, settings))
                .collect::<Result<Vec<_>>>()?;
            let mut next: Vec<_> =
                of_folds.iter().map(|scores| scores.chunks_exact(self.classes)).collect();
            for (out, &fold) in out.iter_mut().zip(&self.folds) {
                out.extend_from_slice(next[fold].next().unwrap_or_default());
            }
        }
        Ok(out)
    }

    /// Scores every article out of fold, weighs the views and calibrates, every fold by what the others say.
    pub(super) fn out_of_fold(
        &self,
        chosen: &Chosen,
        settings: &TrainSettings,
    ) -> Result<OutOfFold> {
        let scores = self.scores(chosen, settings)?;
        let all: Vec<usize> = (0..self.articles).collect();
        let (probabilities, (weights, layer)) = rayon::join(
            || self.calibrated(chosen, &scores, settings, false),
            || self.output(chosen, &scores, &self.lengths(chosen), &all, settings, false),
        );
        let log_loss = self.log_loss(&probabilities);
        let mut chosen = chosen.clone();
        for (view, weight) in chosen.views.iter_mut().zip(weights) {
            view.weight = weight;
        }
        Ok(OutOfFold { chosen, layer, probabilities, log_loss })
    }

    fn calibrated(
        &self,
        chosen: &Chosen,
        scores: &[Vec<f64>],
        settings: &TrainSettings,
        slope_only: bool,
    ) -> Vec<Vec<f64>> {
        let lengths = self.lengths(chosen);
        let layers: Vec<(Vec<f64>, OutputLayer)> = (0..self.fold_count)
            .into_par_iter()
            .map(|fold| {
                let others: Vec<usize> =
                    (0..scores.len()).filter(|&i| self.folds[i] != fold).collect();
                self.output(chosen, scores, &lengths, &others, settings, slope_only)
            })
            .collect();
        let probabilities = scores.iter().zip(&lengths).zip(&self.folds);
        probabilities
            .map(|((scores, &length), &fold)| {
                let (weights, layer) = &layers[fold];
                let mut p = combined(scores, weights);
                layer.apply(&mut p, length);
                p
            })
            .collect()
    }

    /// The weights of the views and the output layer, fitted to some rows of out-of-fold scores.
    fn output(
        &self,
        chosen: &Chosen,
        scores: &[Vec<f64>],
        lengths: &[f64],
        rows: &[usize],
        settings: &TrainSettings,
        slope_only: bool,
    ) -> (Vec<f64>, OutputLayer) {
        let power = chosen.length_power;
        let weights = if chosen.views.len() == 1 {
            vec![1.0]
        } else {
            let scaled = |&i: &usize| -> Vec<f64> {
                let divisor = lengths[i].max(1.0).powf(power);
                scores[i].iter().map(|s| s / divisor).collect()
            };
            let scaled: Vec<Vec<f64>> = rows.iter().map(scaled).collect();
            let targets: Vec<usize> = rows.iter().map(|&i| self.members[i][0]).collect();
            view_weights(&scaled, &targets, self.classes)
        };
        let scores: Vec<Vec<f64>> = rows.iter().map(|&i| combined(&scores[i], &weights)).collect();
        let lengths: Vec<f64> = rows.iter().map(|&i| lengths[i]).collect();
        let members: Vec<Vec<usize>> = rows.iter().map(|&i| self.members[i].clone()).collect();
        let mut layer = OutputLayer::fit(self.task, power, &scores, &lengths, &members, slope_only);
        if !slope_only {
            // Tuning compares settings on the articles as they are.
            layer = layer.with_priors(&settings.priors, &members);
        }
        for class in (0..self.classes).filter(|&c| self.is_only_told(c)) {
            layer.guess(class, &scores, &lengths);
        }
        (weights, layer)
    }

    /// Whether the class is known by its topic terms alone: no article has it.
    pub(super) fn is_only_told(&self, class: usize) -> bool {
        let (articles, pseudo) = self.members.split_at(self.articles);
        let has = |members: &Vec<usize>| members.contains(&class);
        pseudo.iter().any(has) && !articles.iter().any(has)
    }

    /// The lengths of the articles in the terms of the chosen views.
    fn lengths(&self, chosen: &Chosen) -> Vec<f64> {
        let mut lengths = vec![0.0; self.articles];
        let mut counted = Vec::new();
        for view in &chosen.views {
            if counted.contains(&view.view) {
                continue;
            }
            counted.push(view.view);
            for (sum, length) in lengths.iter_mut().zip(&self.part(view.view).lengths) {
                *sum += length;
            }
        }
        lengths
    }

    fn log_loss(&self, probabilities: &[Vec<f64>]) -> f64 {
        let log = |p: f64| p.max(1e-15).ln();
        let sum: f64 = probabilities
            .iter()
            .zip(self.members)
            .map(|(p, members)| match self.task {
                Task::OneLabel => -log(p[members[0]]),
                Task::AnyLabels => p
                    .iter()
                    .enumerate()
                    .map(|(c, &p)| -log(if members.contains(&c) { p } else { 1.0 - p }))
                    .sum(),
            })
            .sum();
        sum / probabilities.len() as f64
    }

    /// Tries what the settings leave open, each view for itself and then the views together: all that was tried, the best
    /// first (least log loss; the earlier one among equals).
    pub(super) fn tune(&self, settings: &TrainSettings) -> Result<Vec<Trial>> {
        let mut trials = Vec::new();
        let mut budget = settings.time_budget.unwrap_or(f64::INFINITY);
        let mut stages = self.parts.len() + usize::from(combines(settings.algorithm, self.task));
        // Each stage may use its share of what is left.
        let mut share = |budget: f64| {
            stages -= 1;
            budget / (stages + 1) as f64
        };
        // By view: the best model of each kind, the better kind first.
        let mut best = Vec::new();
        for part in &self.parts {
            let candidates = candidates(settings, self.task, part.view);
            let affordable = self.affordable(candidates, share(budget), settings, &mut budget);
            let mut of_part = self.try_all(affordable, settings)?;
            of_part.sort_by(|a, b| a.log_loss.total_cmp(&b.log_loss));
            let mut kinds: Vec<ChosenView> = Vec::new();
            for trial in &of_part {
                let view = &trial.chosen.views[0];
                if kinds.iter().all(|kind| kind.algorithm != view.algorithm) {
                    kinds.push(view.clone());
                }
            }
            best.push(kinds);
            trials.extend(of_part);
        }
        if combines(settings.algorithm, self.task) {
            let together = combinations(&best, settings.views.is_some()).into_iter().map(|views| {
                let chosen = Chosen { views, ..fixed(settings, self.task, &[None]) };
                (chosen, length_powers(settings))
            });
            let affordable =
                self.affordable(together.collect(), share(budget), settings, &mut budget);
            let together = self.try_all(affordable, settings)?;
            if settings.views.is_some() && !together.is_empty() {
                // Views that were asked for are all taken.
                trials.clear();
            }
            trials.extend(together);
        }
        trials.sort_by(|a, b| a.log_loss.total_cmp(&b.log_loss));
        Ok(trials)
    }

    /// The candidates that `seconds` suffice for, at least the first; what they cost is taken off the budget.
    fn affordable(
        &self,
        mut candidates: Vec<(Chosen, Vec<f64>)>,
        seconds: f64,
        settings: &TrainSettings,
        budget: &mut f64,
    ) -> Vec<(Chosen, Vec<f64>)> {
        let mut spent = 0.0;
        let mut kept = 0;
        for (chosen, powers) in &candidates {
            let cost = self.seconds(chosen, powers.len(), settings);
            if kept > 0 && spent + cost > seconds {
                break;
            }
            spent += cost;
            kept += 1;
        }
        candidates.truncate(kept);
        *budget = (*budget - spent).max(0.0);
        candidates
    }

    /// About how long one core takes to try a candidate: its operations by the time each took on one core of an AMD EPYC in 2026. A
    /// clock would give another model on every run.
    fn seconds(&self, chosen: &Chosen, powers: usize, settings: &TrainSettings) -> f64 {
        const WEIGHT: f64 = 4e-9;
        const CORRECTION: f64 = 2e-7;
        const CALIBRATION: f64 = 6e-7;
        let folds = settings.folds as f64 * self.classes as f64;
        let views = chosen.views.len() as f64;
        let fitting: f64 = chosen
            .views
            .iter()
            .map(|view| {
                let part = self.part(view.view);
                let cells = part.matrix.entries() as f64;
                match chosen.penalty {
                    Some(_) => cells * CORRECTION,
                    None => (cells + part.matrix.columns() as f64) * WEIGHT,
                }
            })
            .sum();
        let calibrating = powers as f64 * self.articles as f64 * views * views * CALIBRATION;
        folds * (fitting + calibrating)
    }

    /// Tries settings, each with several length powers.
    fn try_all(
        &self,
        candidates: Vec<(Chosen, Vec<f64>)>,
        settings: &TrainSettings,
    ) -> Result<Vec<Trial>> {
        let trials = candidates
            .into_par_iter()
            .map(|(chosen, powers)| {
                let scores = self.scores(&chosen, settings)?;
                let trials = powers.into_par_iter().map(|length_power| {
                    let chosen = Chosen { length_power, ..chosen.clone() };
                    // Classes' intercepts would shift all choices alike, at many times the cost.
                    let log_loss =
                        self.log_loss(&self.calibrated(&chosen, &scores, settings, true));
                    Trial { chosen, log_loss }
                });
                Ok(trials.collect::<Vec<_>>())
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(trials.into_iter().flatten().collect())
    }

    /// What is used where nothing is tuned: every view.
    pub(super) fn fixed(&self, settings: &TrainSettings) -> Chosen {
        let views: Vec<Option<View>> = self.parts.iter().map(|part| part.view).collect();
        fixed(settings, self.task, &views)
    }
}

/// The terms of each view that has a Naive Bayes of its own; all terms together for several topics and for event models that do
/// not combine.
fn separate(
    views: &[View],
    task: Task,
    settings: &TrainSettings,
) -> Vec<(Option<View>, Vec<TermId>)> {
    let columns = |wanted: &dyn Fn(View) -> bool| -> Vec<TermId> {
        let all = views.iter().enumerate();
        all.filter(|(_, view)| wanted(**view)).map(|(t, _)| TermId(t as u32)).collect()
    };
    let apart: Vec<(Option<View>, Vec<TermId>)> = View::ALL
        .into_iter()
        .map(|view| (Some(view), columns(&|v| v == view)))
        .filter(|(_, columns)| !columns.is_empty())
        .collect();
    if apart.len() > 1 && combines(settings.algorithm, task) {
        apart
    } else {
        vec![(None, columns(&|_| true))]
    }
}

/// Whether models of several views are joined.
pub(super) fn combines(algorithm: Algorithm, task: Task) -> bool {
    task == Task::OneLabel && !matches!(algorithm, Algorithm::Gaussian | Algorithm::Bernoulli)
}

/// Scores of all views, joined by their weights.
fn combined(scores: &[f64], weights: &[f64]) -> Vec<f64> {
    let classes = scores.len() / weights.len();
    let sum = |c: usize| scores[c..].iter().step_by(classes).zip(weights).map(|(s, w)| s * w).sum();
    (0..classes).map(sum).collect()
}

/// Models to join, two or more: the first view and any of the others, each by its better kind of model or by both kinds. Given
/// `all`, no view is left out.
fn combinations(best: &[Vec<ChosenView>], all: bool) -> Vec<Vec<ChosenView>> {
    let Some((first, others)) = best.split_first() else { return Vec::new() };
    let mut out = Vec::new();
    for picks in 0..1usize << others.len() {
        let picked = others.iter().enumerate().filter(|(i, _)| picks >> i & 1 == 1);
        let views: Vec<&Vec<ChosenView>> =
            std::iter::once(first).chain(picked.map(|(_, view)| view)).collect();
        if all && views.len() < best.len() {
            continue;
        }
        for kinds in 1..=2 {
            let models: Vec<ChosenView> =
                views.iter().flat_map(|view| view.iter().take(kinds)).cloned().collect();
            if models.len() > 1 && !out.contains(&models) {
                out.push(models);
            }
        }
    }
    out
}

/// What is used where nothing is tuned.
fn fixed(settings: &TrainSettings, task: Task, views: &[Option<View>]) -> Chosen {
    let algorithm = match (settings.algorithm, task) {
        (Algorithm::Auto, Task::AnyLabels) => Algorithm::Multinomial,
        (Algorithm::Auto, Task::OneLabel) => Algorithm::Complement,
        (named, _) => named,
    };
    let gaussian = algorithm == Algorithm::Gaussian;
    let refined = can_weigh_by_z(algorithm, task) && settings.refine == Some(true);
    let alpha = settings.alpha.unwrap_or(0.1);
    let weight = 1.0 / views.len() as f64;
    let view = |&view: &Option<View>| ChosenView { view, algorithm, alpha, weight };
    Chosen {
        views: views.iter().map(view).collect(),
        penalty: refined.then(|| settings.penalty.unwrap_or(PENALTIES[0])),
        length_power: if gaussian { 0.0 } else { settings.length_power.unwrap_or(0.8) },
        reliability: can_weigh_by_z(algorithm, task) && settings.reliability.unwrap_or(true),
    }
}

fn can_weigh_by_z(algorithm: Algorithm, task: Task) -> bool {
    task == Task::AnyLabels && !matches!(algorithm, Algorithm::Gaussian | Algorithm::Bernoulli)
}

fn length_powers(settings: &TrainSettings) -> Vec<f64> {
    settings.length_power.map_or_else(|| LENGTH_POWERS.to_vec(), |power| vec![power])
}

/// The settings to try for one view, each with the length powers to try it with.
fn candidates(settings: &TrainSettings, task: Task, view: Option<View>) -> Vec<(Chosen, Vec<f64>)> {
    let base = fixed(settings, task, &[view]);
    if !settings.tune || settings.algorithm == Algorithm::Gaussian {
        return vec![(base.clone(), vec![base.length_power])];
    }
    let algorithms = match (settings.algorithm, task) {
        (Algorithm::Auto, Task::OneLabel) => vec![Algorithm::Multinomial, Algorithm::Complement],
        (Algorithm::Auto, Task::AnyLabels) => vec![Algorithm::Multinomial],
        (named, _) => vec![named],
    };
    let alphas = settings.alpha.map_or_else(|| ALPHAS.to_vec(), |alpha| vec![alpha]);
    let with = |algorithm, alpha| vec![ChosenView { view, algorithm, alpha, weight: 1.0 }];
    let mut out = Vec::new();
    for algorithm in algorithms {
        let refinable = can_weigh_by_z(algorithm, task);
        if refinable && settings.refine != Some(false) {
            let penalties =
                settings.penalty.map_or_else(|| PENALTIES.to_vec(), |penalty| vec![penalty]);
            for penalty in penalties {
                let views = with(algorithm, base.views[0].alpha);
                let chosen = Chosen { views, penalty: Some(penalty), ..base.clone() };
                out.push((chosen, vec![base.length_power]));
            }
        }
        if refinable && settings.refine == Some(true) {
            continue;
        }
        let reliabilities = match settings.reliability {
            _ if !refinable => vec![false],
            Some(fixed) => vec![fixed],
            None => vec![true, false],
        };
        for &reliability in &reliabilities {
            for &alpha in &alphas {
                let views = with(algorithm, alpha);
                let chosen = Chosen { views, reliability, penalty: None, ..base.clone() };
                out.push((chosen, length_powers(settings)));
            }
        }
    }
    out
}

/// What a count of one weighs.
fn unit(algorithm: Algorithm, settings: &TrainSettings) -> f64 {
    match settings.weighting {
        Weighting::TfIdf if algorithm != Algorithm::Bernoulli => TfIdf::UNIT,
        _ => 1.0,
    }
}

/// Fits one view on its counts.
fn fit_view(
    counts: &ClassCounts,
    task: Task,
    chosen: &Chosen,
    view: &ChosenView,
    settings: &TrainSettings,
) -> Result<Scorer> {
    let params = params(chosen, view, settings)?;
    Ok(match task {
        Task::OneLabel => Scorer::Classes(params.fit_counts(counts)?),
        Task::AnyLabels => Scorer::Topics(params.fit_one_vs_rest(counts)?),
    })
}

fn params(
    chosen: &Chosen,
    view: &ChosenView,
    settings: &TrainSettings,
) -> Result<NaiveBayesValidParams> {
    let kind = match view.algorithm {
        Algorithm::Complement => Kind::Complement,
        Algorithm::Bernoulli => Kind::Bernoulli,
        _ => Kind::Multinomial,
    };
    NaiveBayesParams::new(kind)
        .alpha(view.alpha * unit(view.algorithm, settings))
        .priors(settings.priors.clone())
        .reliability(chosen.reliability)
        .check()
}

/// Fits a model on the counts of all its terms; `views[t]` is the view of term `t`.
pub(super) fn fit_counts(
    counts: &ClassCounts,
    task: Task,
    chosen: &Chosen,
    views: &[View],
    settings: &TrainSettings,
) -> Result<Scorer> {
    if let [view] = &chosen.views[..] {
        return fit_view(counts, task, chosen, view, settings);
    }
    let mut models = Vec::new();
    for view in &chosen.views {
        let of_view = |t: &usize| view.view.is_none_or(|view| views[*t] == view);
        let terms = (0..counts.terms()).filter(of_view);
        let columns: Vec<TermId> = terms.map(|t| TermId(t as u32)).collect();
        let model = params(chosen, view, settings)?.fit_counts(&counts.select(&columns))?;
        models.push((view.weight, model, columns));
    }
    let models = models.iter().map(|(weight, model, columns)| (*weight, model, &columns[..]));
    Ok(Scorer::Combined(Combination::new(counts.terms(), counts.classes(), models)))
}
