//! The output layer: from scores to probabilities that can be trusted.
//!
//! Naive Bayes scores grow with the length of a document and are far too sure. The layer divides them by a power of
//! the length and then fits one slope, and one intercept a class, to out-of-fold scores (Platt 1999,
//! "Probabilistic outputs for support vector machines"; for classes that exclude each other, temperature and
//! bias: Guo et al. 2017, "On calibration of modern neural networks").

use serde::{Deserialize, Serialize};

use super::naive_bayes::Priors;
use super::scorer::Task;
use super::{log_sum_exp, sigmoid};

/// Turns scores into probabilities: `score / length^power`, then slope and intercept, then softmax with a share of noise (one
/// label) or the logistic function (any labels).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputLayer {
    task: Task,
    length_power: f64,
    slopes: Vec<f64>,
    intercepts: Vec<f64>,
    /// One label: the share of labels that no score explains, spread over all classes.
    noise: f64,
}

impl OutputLayer {
    /// The layer of plain Naive Bayes: scores as they are, plus the log priors.
    pub fn plain(task: Task, log_prior: Vec<f64>) -> Self {
        let slopes = vec![1.0; log_prior.len()];
        Self { task, length_power: 0.0, slopes, intercepts: log_prior, noise: 0.0 }
    }

    /// Fits the layer, for one label an article with one slope and no intercepts where `slope_only` asks for the quicker
    /// half. `scores[i]` and `lengths[i]` belong to document `i`, whose classes `members[i]`
    /// lists; the scores must come from models that did not see the document.
    pub fn fit(
        task: Task,
        length_power: f64,
        scores: &[Vec<f64>],
        lengths: &[f64],
        members: &[Vec<usize>],
        slope_only: bool,
    ) -> Self {
        let classes = scores.first().map_or(0, Vec::len);
        let scaled: Vec<Vec<f64>> = scores
            .iter()
            .zip(lengths)
            .map(|(s, &length)| s.iter().map(|x| x / scale(length, length_power)).collect())
            .collect();
        let (slopes, intercepts, noise) = match task {
            Task::OneLabel => {
                let targets: Vec<usize> =
                    members.iter().map(|m| m.first().copied().unwrap_or(0)).collect();
                let fitted = fit_softmax(&scaled, &targets, classes, slope_only);
                (vec![fitted.slopes[0]; classes], fitted.biases, fitted.noise)
            }
            Task::AnyLabels => {
                let of_topic = |c: usize| {
                    let x: Vec<f64> = scaled.iter().map(|s| s[c]).collect();
                    let y: Vec<bool> = members.iter().map(|m| m.contains(&c)).collect();
                    fit_logistic(&x, &y)
                };
                let (slopes, intercepts) = (0..classes).map(of_topic).unzip();
                (slopes, intercepts, 0.0)
            }
        };
        Self { task, length_power, slopes, intercepts, noise }
    }

    /// The layer for documents among which the classes have other shares than among those it was fitted to, whose classes `members`
    /// lists: odds grow by the factor by which the prior odds do (Saerens, Latinne, Decaestecker 2002, "Adjusting the outputs
    /// of a classifier to new a priori probabilities", eq. 2.4). Priors must be checked.
    pub fn with_priors(mut self, priors: &Priors, members: &[Vec<usize>]) -> Self {
        let Some(wanted) = priors.shares(self.task, self.intercepts.len()) else { return self };
        for (class, (intercept, wanted)) in self.intercepts.iter_mut().zip(wanted).enumerate() {
            let share = share_of(class, members);
            *intercept += match self.task {
                Task::OneLabel => wanted.ln() - share.ln(),
                Task::AnyLabels => log_odds(wanted) - log_odds(share),
            };
        }
        self
    }

    /// Makes up for what cannot be fitted: the intercept, and for topics the slope, of a class that none of the documents has, and that
    /// would be impossible otherwise. A class takes the mean intercept of the others; a topic is as likely as not at three standard deviations
    /// above the documents' mean score.
    pub fn guess(&mut self, class: usize, scores: &[Vec<f64>], lengths: &[f64]) {
        match self.task {
            Task::OneLabel => {
                let all: f64 = self.intercepts.iter().sum();
                let others = self.intercepts.len().max(2) - 1;
                self.intercepts[class] = (all - self.intercepts[class]) / others as f64;
            }
            Task::AnyLabels => {
                let scaled = scores.iter().zip(lengths);
                let x: Vec<f64> =
                    scaled.map(|(s, &l)| s[class] / scale(l, self.length_power)).collect();
                let (mean, deviation) = mean_and_deviation(&x);
                self.slopes[class] = 2.0 / deviation;
                self.intercepts[class] = -2.0 * (mean / deviation + 3.0);
            }
        }
    }

    /// One label a document: the share of labels that no score explains, spread over all classes.
    pub fn noise(&self) -> f64 {
        self.noise
    }

    /// The power of the length that scores are divided by.
    pub fn length_power(&self) -> f64 {
        self.length_power
    }

    /// The factor on a score of class `class` of a document of this length.
    pub fn factor(&self, class: usize, length: f64) -> f64 {
        self.slopes[class] / scale(length, self.length_power)
    }

    /// What is added to the scaled score of class `class`.
    pub fn intercept(&self, class: usize) -> f64 {
        self.intercepts[class]
    }

    /// The probabilities of one document, in place of its scores. `length` is the sum of its counts.
    pub fn apply(&self, scores: &mut [f64], length: f64) {
        let scale = scale(length, self.length_power);
        for ((score, slope), intercept) in scores.iter_mut().zip(&self.slopes).zip(&self.intercepts)
        {
            *score = *score * (slope / scale) + intercept;
        }
        match self.task {
            Task::AnyLabels => scores.iter_mut().for_each(|s| *s = sigmoid(*s)),
            Task::OneLabel => {
                let total = log_sum_exp(scores);
                let spread = self.noise / scores.len() as f64;
                scores
                    .iter_mut()
                    .for_each(|s| *s = (1.0 - self.noise) * (*s - total).exp() + spread);
            }
        }
    }

    pub(crate) fn is_sound(&self, classes: usize) -> bool {
        self.slopes.len() == classes
            && self.intercepts.len() == classes
            && (0.0..=1.0).contains(&self.length_power)
            && (0.0..=1.0).contains(&self.noise)
            && self.slopes.iter().chain(&self.intercepts).all(|&v| super::is_moderate(v))
    }
}

/// The share of the documents that have the class; none, or all, counts as half a document off, so that its log odds are finite.
pub fn share_of(class: usize, members: &[Vec<usize>]) -> f64 {
    let n = members.len() as f64;
    let having = members.iter().filter(|members| members.contains(&class)).count() as f64;
    having.max(0.5).min(n - 0.5) / n
}

fn log_odds(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

fn scale(length: f64, power: f64) -> f64 {
    if power == 0.0 { 1.0 } else { length.max(1.0).powf(power) }
}

/// Slope and intercept of `P(y) = σ(a·x + b)` by Newton's method with step halving, on the smoothed targets
/// of Platt 1999 (section 2.2). The slope is kept from turning the score around.
pub(super) fn fit_logistic(x: &[f64], y: &[bool]) -> (f64, f64) {
    let positives = y.iter().filter(|&&y| y).count() as f64;
    let negatives = y.len() as f64 - positives;
    let (mean, deviation) = mean_and_deviation(x);
    let z: Vec<f64> = x.iter().map(|x| (x - mean) / deviation).collect();
    let high = (positives + 1.0) / (positives + 2.0);
    let low = 1.0 / (negatives + 2.0);
    let targets: Vec<f64> = y.iter().map(|&y| if y { high } else { low }).collect();
    let loss = |a: f64, b: f64| -> f64 {
        z.iter().zip(&targets).map(|(z, t)| softplus(a * z + b) - t * (a * z + b)).sum()
    };
    let (mut a, mut b) = (0.0, ((positives + 1.0) / (negatives + 1.0)).ln());
    let mut current = loss(a, b);
    for _ in 0..100 {
        let (mut ga, mut gb, mut haa, mut hab, mut hbb) = (0.0, 0.0, 1e-9, 0.0, 1e-9);
        for (z, t) in z.iter().zip(&targets) {
            let p = sigmoid(a * z + b);
            let (g, h) = (p - t, p * (1.0 - p));
            ga += g * z;
            gb += g;
            haa += h * z * z;
            hab += h * z;
            hbb += h;
        }
        let determinant = haa * hbb - hab * hab;
        if determinant.abs() < 1e-300 {
            break;
        }
        let (da, db) = ((hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant);
        let mut step = 1.0;
        let mut next = loss(a - da, b - db);
        // A loss that is no number is no gain either.
        let improves = |next: f64| next.total_cmp(&current).is_le();
        while !improves(next) && step > 1e-10 {
            step /= 2.0;
            next = loss(a - step * da, b - step * db);
        }
        if !improves(next) {
            break;
        }
        (a, b) = (a - step * da, b - step * db);
        let gained = current - next;
        current = next;
        if gained < 1e-10 * (1.0 + current.abs()) {
            break;
        }
    }
    if a < 0.0 {
        // Scores that run against the truth say nothing: the share of the topic remains.
        return (0.0, ((positives + 1.0) / (negatives + 1.0)).ln());
    }
    (a / deviation, b - a * mean / deviation)
}

/// What [`fit_softmax`] finds.
pub(super) struct Softmax {
    /// One slope a view, 0 or more.
    pub slopes: Vec<f64>,
    /// One bias a class.
    pub biases: Vec<f64>,
    /// Share of the documents whose label no score explains.
    pub noise: f64,
}

/// Fits `P(c) = (1 − ε) softmax(Σ slope · score + bias) + ε / classes` by turns: Newton on each slope, on the biases steps by
/// the bound of Böhning 1992 ("Multinomial logistic regression algorithm"), which never overshoot, and on ε and each
/// document's share in it one step of expectation maximisation. A few labels that are wrong, or that only a reader
/// understands, would otherwise make all probabilities less sure than they should be (Bootkrajang and Kabán 2012,
/// "Label-noise robust logistic regression and its applications").
///
/// `scores[i]` holds the scores of document `i`, all classes of the first view, then those of the next.
pub(super) fn fit_softmax(
    scores: &[Vec<f64>],
    targets: &[usize],
    classes: usize,
    slopes_only: bool,
) -> Softmax {
    let n = scores.len() as f64;
    let views = scores.first().map_or(1, |s| s.len() / classes.max(1));
    if classes < 2 || scores.is_empty() {
        return Softmax { slopes: vec![1.0; views], biases: vec![0.0; classes], noise: 0.0 };
    }
    let (z, units) = standardised(scores, classes, views);
    let z = abreast(&z, views * classes);
    let mut slopes = vec![1.0 / views as f64; views];
    let mut biases = vec![0.0; classes];
    let mut noise = LEAST_NOISE;
    // One observation's worth of pull towards equal classes keeps a class without articles finite.
    let ridge = 1.0;
    let [mut logits, mut p] = [0; 2].map(|_| vec![[0.0; ABREAST]; classes]);
    let mut previous = f64::INFINITY;
    // A view that stands alone may not vanish.
    let least = if views == 1 { 1e-6 } else { 0.0 };
    for _ in 0..200 {
        let mut loss = 0.0;
        for view in 0..views {
            let (mut gs, mut hs) = (0.0, 1e-9);
            let moves_biases = !slopes_only && view + 1 == views;
            let mut gb: Vec<f64> = biases.iter().map(|b| ridge * b).collect();
            let mut unexplained = 0.0;
            loss = 0.0;
            for (z, targets) in z.chunks_exact(views * classes).zip(targets.chunks(ABREAST)) {
                add_up(z, &slopes, &biases, &mut logits);
                softmax(&logits, &mut p);
                let z = &z[view * classes..(view + 1) * classes];
                let [mut mean, mut square] = [[0.0; ABREAST]; 2];
                for (p, z) in p.iter().zip(z) {
                    for i in 0..ABREAST {
                        mean[i] += p[i] * z[i];
                        square[i] += p[i] * z[i] * z[i];
                    }
                }
                let mut shares = [0.0; ABREAST];
                for (i, &target) in targets.iter().enumerate() {
                    let explained = (1.0 - noise) * p[target][i];
                    let all = explained + noise / classes as f64;
                    let share = explained / all;
                    unexplained += 1.0 - share;
                    loss -= all.ln();
                    gs += share * (mean[i] - z[target][i]);
                    hs += share * (square[i] - mean[i] * mean[i]);
                    p[target][i] -= 1.0;
                    shares[i] = share;
                }
                if moves_biases {
                    for (g, p) in gb.iter_mut().zip(&p) {
                        (0..ABREAST).for_each(|i| *g += shares[i] * p[i]);
                    }
                }
            }
            let most = slopes[view].max(0.1);
            slopes[view] = (slopes[view] - (gs / hs).clamp(-0.5 * most, 2.0 * most)).max(least);
            noise = (unexplained / n).clamp(LEAST_NOISE, MOST_NOISE);
            if moves_biases {
                for (b, g) in biases.iter_mut().zip(&gb) {
                    *b -= g / (0.5 * n + ridge);
                }
            }
        }
        loss += 0.5 * ridge * biases.iter().map(|b| b * b).sum::<f64>();
        if (previous - loss).abs() < 1e-7 * (1.0 + loss.abs()) {
            break;
        }
        previous = loss;
    }
    let slopes = slopes.iter().zip(units).map(|(slope, unit)| slope / unit).collect();
    Softmax { slopes, biases, noise }
}

/// No label is ever quite certain, and a layer that took most labels for noise would learn nothing.
const LEAST_NOISE: f64 = 1e-4;
const MOST_NOISE: f64 = 0.2;

/// Documents whose sums are added up side by side: one sum has to wait for itself, several need not wait for each other.
const ABREAST: usize = 4;

/// Rows of numbers, so many at a time side by side: the first numbers of all of them, then the second ones. The last are filled up with zeros.
fn abreast(rows: &[f64], length: usize) -> Vec<[f64; ABREAST]> {
    let mut out = Vec::with_capacity(rows.len().div_ceil(ABREAST));
    for rows in rows.chunks(ABREAST * length) {
        let number = |row: usize, place: usize| rows.get(row * length + place).copied();
        out.extend(
            (0..length)
                .map(|place| std::array::from_fn(|row| number(row, place).unwrap_or_default())),
        );
    }
    out
}

/// The logits of documents: of each class the scores of all views by their slopes, and the bias.
fn add_up(z: &[[f64; ABREAST]], slopes: &[f64], biases: &[f64], logits: &mut [[f64; ABREAST]]) {
    logits.fill([-0.0; ABREAST]);
    for (slope, z) in slopes.iter().zip(z.chunks_exact(logits.len())) {
        for (logits, z) in logits.iter_mut().zip(z) {
            logits.iter_mut().zip(z).for_each(|(logit, z)| *logit += slope * z);
        }
    }
    for (logits, bias) in logits.iter_mut().zip(biases) {
        logits.iter_mut().for_each(|logit| *logit += bias);
    }
}

/// Writes `exp(x - ln(Σ exp(x)))` over `p`. The maximum is taken out first, so that nothing overflows.
fn softmax(x: &[[f64; ABREAST]], p: &mut [[f64; ABREAST]]) {
    let mut max = [f64::NEG_INFINITY; ABREAST];
    for x in x {
        max.iter_mut().zip(x).for_each(|(max, x)| *max = if x > max { *x } else { *max });
    }
    let mut sum = [0.0; ABREAST];
    for x in x {
        (0..ABREAST).for_each(|i| sum[i] += (x[i] - max[i]).exp());
    }
    let total: [f64; ABREAST] = std::array::from_fn(|i| max[i] + sum[i].ln());
    for (p, x) in p.iter_mut().zip(x) {
        (0..ABREAST).for_each(|i| p[i] = (x[i] - total[i]).exp());
    }
}

/// Each view's scores centred, so that one slope serves all documents, and scaled, so that it starts near 1; and the scales. Document
/// stands behind document.
fn standardised(scores: &[Vec<f64>], classes: usize, views: usize) -> (Vec<f64>, Vec<f64>) {
    let mut z = scores.concat();
    let mut units = vec![1.0; views];
    for (view, unit) in units.iter_mut().enumerate() {
        let place = view * classes..(view + 1) * classes;
        let of_view = |z: &mut Vec<f64>, change: &mut dyn FnMut(&mut [f64])| {
            z.chunks_exact_mut(views * classes).for_each(|z| change(&mut z[place.clone()]));
        };
        of_view(&mut z, &mut |z| {
            let mean = z.iter().sum::<f64>() / classes as f64;
            z.iter_mut().for_each(|x| *x -= mean);
        });
        let mut all = Vec::with_capacity(scores.len() * classes);
        of_view(&mut z, &mut |z| all.extend_from_slice(z));
        *unit = mean_and_deviation(&all).1;
        of_view(&mut z, &mut |z| z.iter_mut().for_each(|x| *x /= *unit));
    }
    (z, units)
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

pub(super) fn mean_and_deviation(x: &[f64]) -> (f64, f64) {
    let n = x.len().max(1) as f64;
    let mean = x.iter().sum::<f64>() / n;
    let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    (mean, if variance > 0.0 { variance.sqrt() } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logistic_law_is_found_again() {
        // Scores on a grid, with labels at the frequencies that σ(2x − 1) gives.
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for i in -20..=20 {
            let score = f64::from(i) / 10.0;
            let positives = (1000.0 * sigmoid(2.0 * score - 1.0)).round() as usize;
            for j in 0..1000 {
                x.push(score);
                y.push(j < positives);
            }
        }
        let (a, b) = fit_logistic(&x, &y);
        assert!((a - 2.0).abs() < 0.02 && (b + 1.0).abs() < 0.02, "{a} {b}");
    }

    #[test]
    fn a_softmax_law_is_found_again() {
        let (mut scores, mut targets) = (Vec::new(), Vec::new());
        for i in -10..=10 {
            let s = vec![f64::from(i), 0.0, -f64::from(i) / 2.0];
            let logits = [0.3 * s[0], 0.3 * s[1] + 1.0, 0.3 * s[2]];
            let total = log_sum_exp(&logits);
            for (c, logit) in logits.iter().enumerate() {
                for _ in 0..(3000.0 * (logit - total).exp()).round() as usize {
                    scores.push(s.clone());
                    targets.push(c);
                }
            }
        }
        let Softmax { slopes, biases, noise } = fit_softmax(&scores, &targets, 3, false);
        assert!((slopes[0] - 0.3).abs() < 0.01, "{slopes:?}");
        assert!(noise < 0.01, "{noise}");
        assert!((biases[1] - biases[0] - 1.0).abs() < 0.03, "{biases:?}");
    }

    #[test]
    fn hopeless_data_stays_finite() {
        for (x, y) in [
            (vec![1.0, 1.0], vec![true, false]),
            (vec![1.0, 2.0], vec![false, false]),
            (vec![-1.0, 1.0], vec![true, false]),
            (vec![], vec![]),
        ] {
            let (a, b) = fit_logistic(&x, &y);
            assert!(a.is_finite() && b.is_finite() && a >= 0.0, "{x:?} {a} {b}");
        }
    }
}
