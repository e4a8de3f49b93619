//! What a topic's precision and recall would be at every threshold.

use serde::Serialize;

/// Precision and recall of giving the label from one probability on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PrecisionRecallPoint {
    /// The label is given from this probability on, 0 to 1.
    pub threshold: f64,
    /// Share of those given the label that have it.
    pub precision: f64,
    /// Share of those with the label that are given it.
    pub recall: f64,
}

/// The precision-recall curve: one point for every distinct probability, the highest threshold first, so that recall rises from
/// point to point. Each prediction is a probability and whether the label is true. Empty where the label is never true: recall is
/// undefined then.
///
/// ```
/// use rubrique::metrics::{average_precision, precision_recall_curve};
/// let curve = precision_recall_curve(&[(0.1, false), (0.4, false), (0.35, true), (0.8, true)]);
/// assert_eq!((curve[2].threshold, curve[2].precision, curve[2].recall), (0.35, 2.0 / 3.0, 1.0));
/// assert!((average_precision(&curve).unwrap() - 0.8333).abs() < 1e-4);
/// ```
pub fn precision_recall_curve(predictions: &[(f64, bool)]) -> Vec<PrecisionRecallPoint> {
    let positives = predictions.iter().filter(|p| p.1).count();
    if positives == 0 {
        return Vec::new();
    }
    let mut sorted = predictions.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut given, mut right) = (0usize, 0usize);
    let mut curve = Vec::new();
    for ties in sorted.chunk_by(|a, b| a.0 == b.0) {
        given += ties.len();
        right += ties.iter().filter(|p| p.1).count();
        curve.push(PrecisionRecallPoint {
            threshold: ties[0].0,
            precision: right as f64 / given as f64,
            recall: right as f64 / positives as f64,
        });
    }
    curve
}

/// Average precision: the sum over the curve's points of precision times the step in recall, without interpolation (as
/// scikit-learn's `average_precision_score`). `None` for an empty curve.
pub fn average_precision(curve: &[PrecisionRecallPoint]) -> Option<f64> {
    let before = [0.0].into_iter().chain(curve.iter().map(|p| p.recall));
    let steps = curve.iter().zip(before).map(|(p, before)| p.precision * (p.recall - before));
    (!curve.is_empty()).then(|| steps.sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_are_one_point_and_no_positive_is_no_curve() {
        let curve = precision_recall_curve(&[(0.5, true), (0.5, false), (0.2, true)]);
        let points: Vec<(f64, f64)> = curve.iter().map(|p| (p.recall, p.precision)).collect();
        assert_eq!(points, [(0.5, 0.5), (1.0, 2.0 / 3.0)]);
        let curve = precision_recall_curve(&[(0.5, false)]);
        assert_eq!((curve.len(), average_precision(&curve)), (0, None));
    }
}
