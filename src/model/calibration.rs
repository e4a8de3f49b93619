//! The output layer: from scores to probabilities that can be trusted.
//!
//! Naive Bayes scores grow with the length of a document and are far too sure. The layer divides them by a power of
//! the length and then fits one slope, and one intercept a class, to out-of-fold scores (Platt 1999,
//! "Probabilistic outputs for support vector machines"; for classes that exclude each other, temperature and
//! bias: Guo et al. 2017, "On calibration of modern neural networks").

use serde::{Deserialize, Serialize};

use super::scorer::Task;
use super::{log_sum_exp, sigmoid};

/// Turns scores into probabilities: `score / length^power`, then slope and intercept, then softmax (one
/// label) or the logistic function (any labels).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputLayer {
    task: Task,
    length_power: f64,
    slopes: Vec<f64>,
    intercepts: Vec<f64>,
}

impl OutputLayer {
    /// The layer of plain Naive Bayes: scores as they are, plus the log priors.
    pub fn plain(task: Task, log_prior: Vec<f64>) -> Self {
        Self { task, length_power: 0.0, slopes: vec![1.0; log_prior.len()], intercepts: log_prior }
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
        let (slopes, intercepts) = match task {
            Task::OneLabel => {
                let targets: Vec<usize> =
                    members.iter().map(|m| m.first().copied().unwrap_or(0)).collect();
                let (slope, biases) = fit_softmax(&scaled, &targets, classes, slope_only);
                (vec![slope; classes], biases)
            }
            Task::AnyLabels => (0..classes)
                .map(|c| {
                    let x: Vec<f64> = scaled.iter().map(|s| s[c]).collect();
                    let y: Vec<bool> = members.iter().map(|m| m.contains(&c)).collect();
                    fit_logistic(&x, &y)
                })
                .unzip(),
        };
        Self { task, length_power, slopes, intercepts }
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
        for (class, score) in scores.iter_mut().enumerate() {
            *score = *score * self.factor(class, length) + self.intercepts[class];
        }
        match self.task {
            Task::AnyLabels => scores.iter_mut().for_each(|s| *s = sigmoid(*s)),
            Task::OneLabel => {
                let total = log_sum_exp(scores);
                scores.iter_mut().for_each(|s| *s = (*s - total).exp());
            }
        }
    }

    pub(crate) fn is_sound(&self, classes: usize) -> bool {
        self.slopes.len() == classes
            && self.intercepts.len() == classes
            && self.length_power.is_finite()
            && self.slopes.iter().chain(&self.intercepts).all(|v| v.is_finite())
    }
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

/// Temperature (as a slope) and one bias a class, by turns: Newton on the slope, and on the biases steps by
/// the bound of Böhning 1992 ("Multinomial logistic regression algorithm"), which never overshoot.
fn fit_softmax(
    scores: &[Vec<f64>],
    targets: &[usize],
    classes: usize,
    slope_only: bool,
) -> (f64, Vec<f64>) {
    let n = scores.len() as f64;
    if classes < 2 || scores.is_empty() {
        return (1.0, vec![0.0; classes]);
    }
    // Centred, so that one slope serves all documents; scaled, so that it starts near 1.
    let centred: Vec<Vec<f64>> = scores
        .iter()
        .map(|s| {
            let mean = s.iter().sum::<f64>() / classes as f64;
            s.iter().map(|x| x - mean).collect()
        })
        .collect();
    let all: Vec<f64> = centred.iter().flatten().copied().collect();
    let unit = mean_and_deviation(&all).1;
    let z: Vec<Vec<f64>> = centred.iter().map(|s| s.iter().map(|x| x / unit).collect()).collect();
    let mut slope = 1.0;
    let mut biases = vec![0.0; classes];
    // One observation's worth of pull towards equal classes keeps a class without articles finite.
    let ridge = 1.0;
    let mut logits = vec![0.0; classes];
    let mut previous = f64::INFINITY;
    for _ in 0..200 {
        let (mut loss, mut gs, mut hs) = (0.0, 0.0, 1e-9);
        let mut gb: Vec<f64> = biases.iter().map(|b| ridge * b).collect();
        for (z, &target) in z.iter().zip(targets) {
            for c in 0..classes {
                logits[c] = slope * z[c] + biases[c];
            }
            let total = log_sum_exp(&logits);
            loss += total - logits[target];
            let (mut mean, mut square) = (0.0, 0.0);
            for c in 0..classes {
                let p = (logits[c] - total).exp();
                mean += p * z[c];
                square += p * z[c] * z[c];
                gb[c] += p - f64::from(u8::from(c == target));
            }
            gs += mean - z[target];
            hs += square - mean * mean;
        }
        loss += 0.5 * ridge * biases.iter().map(|b| b * b).sum::<f64>();
        slope = (slope - (gs / hs).clamp(-0.5 * slope.max(0.1), 2.0 * slope.max(0.1))).max(1e-6);
        if !slope_only {
            for (b, g) in biases.iter_mut().zip(&gb) {
                *b -= g / (0.5 * n + ridge);
            }
        }
        if (previous - loss).abs() < 1e-7 * (1.0 + loss.abs()) {
            break;
        }
        previous = loss;
    }
    (slope / unit, biases)
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
        let (slope, biases) = fit_softmax(&scores, &targets, 3, false);
        assert!((slope - 0.3).abs() < 0.01, "{slope}");
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
