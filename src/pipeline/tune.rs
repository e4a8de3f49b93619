//! What is left open is chosen by cross-validation inside the training data.
//!
//! Class counts are integers, so the counts of the articles outside a fold are the counts of all less those
//! of the fold: trying a setting costs no more than taking logarithms and scoring.

use rayon::prelude::*;

use super::settings::{Algorithm, Chosen, TrainSettings, Weighting};
use crate::corpus::stratified_folds;
use crate::error::Result;
use crate::features::{DocumentTermMatrix, Row, TfIdf};
use crate::model::{ClassCounts, Kind, NaiveBayesParams, OutputLayer, RefinedParams, Scorer, Task};
use linfa::ParamGuard;

/// The values that are tried. Measured on press articles and short texts, smoothing matters most.
const ALPHAS: [f64; 6] = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0];
const LENGTH_POWERS: [f64; 3] = [0.5, 0.8, 1.0];
const PENALTIES: [f64; 3] = [0.03, 0.1, 0.3];

/// A training set ready to be fitted: canonical order, selected terms, weighted.
pub(super) struct TrainingSet<'c> {
    pub matrix: &'c DocumentTermMatrix,
    pub members: &'c [Vec<usize>],
    pub classes: usize,
    pub task: Task,
    pub folds: Vec<usize>,
    pub fold_count: usize,
    lengths: Vec<f64>,
    total: ClassCounts,
    of_fold: Vec<ClassCounts>,
}

/// Scores of articles by models that did not see them.
pub(super) struct OutOfFold {
    pub chosen: Chosen,
    scores: Vec<Vec<f64>>,
    /// Calibrated probabilities, the layer too fitted without the article's fold.
    pub probabilities: Vec<Vec<f64>>,
    /// Mean negative log probability of the truth.
    pub log_loss: f64,
}

impl<'c> TrainingSet<'c> {
    pub(super) fn new(
        matrix: &'c DocumentTermMatrix,
        members: &'c [Vec<usize>],
        keys: &[u64],
        classes: usize,
        task: Task,
        settings: &TrainSettings,
    ) -> Self {
        let fold_count = settings.folds;
        let folds = stratified_folds(members, keys, fold_count, settings.seed);
        let total = ClassCounts::count(matrix, members, classes);
        let of_fold = (0..fold_count)
            .into_par_iter()
            .map(|fold| {
                let mut counts = ClassCounts::new(matrix.columns(), classes);
                for i in (0..matrix.rows()).filter(|&i| folds[i] == fold) {
                    counts.add_document(matrix.row(i), &members[i]);
                }
                counts
            })
            .collect();
        let lengths = matrix.iter().map(|row| row.length() as f64).collect();
        Self { matrix, members, classes, task, folds, fold_count, lengths, total, of_fold }
    }

    pub(super) fn counts(&self) -> &ClassCounts {
        &self.total
    }

    /// Whether every fold has articles to be scored and enough others to learn from.
    pub(super) fn can_cross_validate(&self) -> bool {
        self.matrix.rows() >= 2 * self.fold_count
            && self.of_fold.iter().all(|counts| counts.documents() > 0)
    }

    /// Fits on all articles but those of one fold (or on all).
    fn fit_without(
        &self,
        fold: Option<usize>,
        chosen: &Chosen,
        settings: &TrainSettings,
    ) -> Result<Scorer> {
        let rows_outside = || {
            let rows: Vec<usize> =
                (0..self.matrix.rows()).filter(|&i| Some(self.folds[i]) != fold).collect();
            let members: Vec<Vec<usize>> = rows.iter().map(|&i| self.members[i].clone()).collect();
            (self.matrix.select_rows(&rows), members)
        };
        if chosen.algorithm == Algorithm::Gaussian {
            let (matrix, members) = rows_outside();
            let model = settings.gaussian.fit(&matrix, &members, self.classes, self.task)?;
            return Ok(Scorer::Gaussian(model));
        }
        if let Some(penalty) = chosen.penalty {
            let (matrix, members) = rows_outside();
            let params = RefinedParams {
                alpha: chosen.alpha * unit(chosen.algorithm, settings),
                length_power: chosen.length_power,
                penalty,
            };
            return Ok(Scorer::Topics(params.fit(&matrix, &members, self.classes)));
        }
        let Some(fold) = fold else { return fit_counts(&self.total, self.task, chosen, settings) };
        let mut counts = self.total.clone();
        counts.subtract(&self.of_fold[fold])?;
        fit_counts(&counts, self.task, chosen, settings)
    }

    pub(super) fn fit(&self, chosen: &Chosen, settings: &TrainSettings) -> Result<Scorer> {
        self.fit_without(None, chosen, settings)
    }

    /// Scores every article by the model of the other folds.
    fn scores(&self, chosen: &Chosen, settings: &TrainSettings) -> Result<Vec<Vec<f64>>> {
        let scorers: Vec<Scorer> = (0..self.fold_count)
            .into_par_iter()
            .map(|fold| self.fit_without(Some(fold), chosen, settings))
            .collect::<Result<_>>()?;
        let score = |(i, row): (usize, Row<'_>)| {
            let mut scores = vec![0.0; self.classes];
            scorers[self.folds[i]].score(row, &mut scores);
            scores
        };
        Ok(self.matrix.iter().enumerate().map(score).collect())
    }

    /// Scores every article out of fold and calibrates the scores, every fold by a layer fitted on the others.
    pub(super) fn out_of_fold(
        &self,
        chosen: &Chosen,
        settings: &TrainSettings,
    ) -> Result<OutOfFold> {
        let scores = self.scores(chosen, settings)?;
        let probabilities = self.calibrated(chosen, &scores, false);
        let log_loss = self.log_loss(&probabilities);
        Ok(OutOfFold { chosen: chosen.clone(), scores, probabilities, log_loss })
    }

    fn calibrated(&self, chosen: &Chosen, scores: &[Vec<f64>], slope_only: bool) -> Vec<Vec<f64>> {
        let mut probabilities = vec![Vec::new(); scores.len()];
        for fold in 0..self.fold_count {
            let others: Vec<usize> = (0..scores.len()).filter(|&i| self.folds[i] != fold).collect();
            let layer = self.layer_of(chosen, scores, &others, slope_only);
            for i in (0..scores.len()).filter(|&i| self.folds[i] == fold) {
                let mut p = scores[i].clone();
                layer.apply(&mut p, self.lengths[i]);
                probabilities[i] = p;
            }
        }
        probabilities
    }

    fn layer_of(
        &self,
        chosen: &Chosen,
        scores: &[Vec<f64>],
        rows: &[usize],
        slope_only: bool,
    ) -> OutputLayer {
        let scores: Vec<Vec<f64>> = rows.iter().map(|&i| scores[i].clone()).collect();
        let lengths: Vec<f64> = rows.iter().map(|&i| self.lengths[i]).collect();
        let members: Vec<Vec<usize>> = rows.iter().map(|&i| self.members[i].clone()).collect();
        let power = chosen.length_power;
        OutputLayer::fit(self.task, power, &scores, &lengths, &members, slope_only)
    }

    /// The layer that the finished model carries: fitted on all out-of-fold scores.
    pub(super) fn layer(&self, out_of_fold: &OutOfFold) -> OutputLayer {
        let all: Vec<usize> = (0..self.matrix.rows()).collect();
        self.layer_of(&out_of_fold.chosen, &out_of_fold.scores, &all, false)
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

    /// Tries what the settings leave open: the best choice (least log loss; the earlier one among equals) and how many
    /// were tried.
    pub(super) fn tune(&self, settings: &TrainSettings) -> Result<(Chosen, usize)> {
        let candidates = candidates(settings, self.task);
        if let [(only, powers)] = &candidates[..]
            && powers.len() == 1
        {
            return Ok((only.clone(), 1));
        }
        let trials = candidates
            .into_par_iter()
            .map(|(chosen, powers)| {
                let scores = self.scores(&chosen, settings)?;
                let trials = powers.into_par_iter().map(|length_power| {
                    let chosen = Chosen { length_power, ..chosen.clone() };
                    // Classes' intercepts would shift all choices alike, at many times the cost.
                    let log_loss = self.log_loss(&self.calibrated(&chosen, &scores, true));
                    (chosen, log_loss)
                });
                Ok(trials.collect::<Vec<_>>())
            })
            .collect::<Result<Vec<_>>>()?;
        let tried = trials.iter().map(Vec::len).sum();
        let best = trials.into_iter().flatten().min_by(|a, b| a.1.total_cmp(&b.1));
        let chosen = best.map_or_else(|| fixed(settings, self.task), |(chosen, _)| chosen);
        Ok((chosen, tried))
    }
}

/// What is used where nothing is tuned.
pub(super) fn fixed(settings: &TrainSettings, task: Task) -> Chosen {
    let algorithm = match settings.algorithm {
        Algorithm::Auto => Algorithm::Multinomial,
        named => named,
    };
    let gaussian = algorithm == Algorithm::Gaussian;
    let refined = can_weigh_by_z(algorithm, task) && settings.refine.unwrap_or(true);
    Chosen {
        algorithm,
        penalty: refined.then(|| settings.penalty.unwrap_or(PENALTIES[1])),
        alpha: settings.alpha.unwrap_or(0.1),
        length_power: if gaussian { 0.0 } else { settings.length_power.unwrap_or(0.8) },
        reliability: can_weigh_by_z(algorithm, task) && settings.reliability.unwrap_or(true),
    }
}

fn can_weigh_by_z(algorithm: Algorithm, task: Task) -> bool {
    task == Task::AnyLabels && !matches!(algorithm, Algorithm::Gaussian | Algorithm::Bernoulli)
}

/// The settings to try, each with the length powers to try it with.
fn candidates(settings: &TrainSettings, task: Task) -> Vec<(Chosen, Vec<f64>)> {
    let base = fixed(settings, task);
    let open = settings.tune && base.algorithm != Algorithm::Gaussian;
    if !open {
        return vec![(base.clone(), vec![base.length_power])];
    }
    let algorithms = match (settings.algorithm, task) {
        (Algorithm::Auto, Task::OneLabel) => vec![Algorithm::Multinomial, Algorithm::Complement],
        (Algorithm::Auto, Task::AnyLabels) => vec![Algorithm::Multinomial],
        (named, _) => vec![named],
    };
    let alphas = settings.alpha.map_or_else(|| ALPHAS.to_vec(), |alpha| vec![alpha]);
    let powers = settings.length_power.map_or_else(|| LENGTH_POWERS.to_vec(), |power| vec![power]);
    let mut out = Vec::new();
    for algorithm in algorithms {
        let refinable = can_weigh_by_z(algorithm, task);
        if refinable && settings.refine != Some(false) {
            let penalties =
                settings.penalty.map_or_else(|| PENALTIES.to_vec(), |penalty| vec![penalty]);
            for penalty in penalties {
                let chosen = Chosen { algorithm, penalty: Some(penalty), ..base.clone() };
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
                let chosen =
                    Chosen { algorithm, alpha, reliability, penalty: None, ..base.clone() };
                out.push((chosen, powers.clone()));
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

/// Fits a model on counts.
pub(super) fn fit_counts(
    counts: &ClassCounts,
    task: Task,
    chosen: &Chosen,
    settings: &TrainSettings,
) -> Result<Scorer> {
    let kind = match chosen.algorithm {
        Algorithm::Complement => Kind::Complement,
        Algorithm::Bernoulli => Kind::Bernoulli,
        _ => Kind::Multinomial,
    };
    let params = NaiveBayesParams::new(kind)
        .alpha(chosen.alpha * unit(chosen.algorithm, settings))
        .priors(settings.priors.clone())
        .reliability(chosen.reliability)
        .check()?;
    Ok(match task {
        Task::OneLabel => Scorer::Classes(params.fit_counts(counts)?),
        Task::AnyLabels => Scorer::Topics(params.fit_one_vs_rest(counts)?),
    })
}
