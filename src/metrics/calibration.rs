//! Whether probabilities mean what they say.

use serde::Serialize;

/// The predictions whose probability fell into one interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CalibrationBin {
    /// Lower end; the upper end is the next bin's.
    pub from: f64,
    /// Predictions in the bin.
    pub count: u64,
    /// Their mean probability; `None` in an empty bin.
    pub mean_probability: Option<f64>,
    /// The share that came true; `None` in an empty bin.
    pub observed: Option<f64>,
}

/// Sorts predictions into `bins` intervals of equal width, the last one closed.
pub fn calibration_bins(predictions: &[(f64, bool)], bins: usize) -> Vec<CalibrationBin> {
    let mut sums = vec![(0u64, 0.0f64, 0u64); bins];
    for &(p, came_true) in predictions {
        let bin = ((p * bins as f64) as usize).min(bins - 1);
        sums[bin].0 += 1;
        sums[bin].1 += p;
        sums[bin].2 += u64::from(came_true);
    }
    sums.into_iter()
        .enumerate()
        .map(|(i, (count, p, came_true))| CalibrationBin {
            from: i as f64 / bins as f64,
            count,
            mean_probability: (count > 0).then(|| p / count as f64),
            observed: (count > 0).then(|| came_true as f64 / count as f64),
        })
        .collect()
}

/// Expected calibration error over 10 bins: the mean distance of probability and observed share, weighted
/// by count (Naeini, Cooper, Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian binning").
/// `None` without predictions.
///
/// ```
/// use rubrique::metrics::expected_calibration_error;
/// let ece = expected_calibration_error(&[(0.75, true), (0.75, false)]);
/// assert_eq!(ece, Some(0.25));
/// ```
pub fn expected_calibration_error(predictions: &[(f64, bool)]) -> Option<f64> {
    let n = predictions.len() as f64;
    (!predictions.is_empty()).then(|| {
        calibration_bins(predictions, 10)
            .iter()
            .filter_map(|b| Some(b.count as f64 / n * (b.mean_probability? - b.observed?).abs()))
            .sum()
    })
}
