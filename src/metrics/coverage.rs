//! How right the most confident predictions are, however many of them are taken.

use serde::Serialize;

/// The articles predicted with at least some confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CoveragePoint {
    /// Least confidence that is accepted, 0 to 1.
    pub confidence: f64,
    /// Share of all articles that are accepted.
    pub coverage: f64,
    /// Share of the accepted ones that are right.
    pub accuracy: f64,
}

/// Accuracy against coverage (the risk-coverage curve of El-Yaniv and Wiener 2010, "On the foundations of noise-free selective
/// classification", with accuracy for risk): one point for every distinct confidence, the most confident first. Each prediction is a
/// confidence and whether it was right; `articles` counts those without a prediction too, which no confidence accepts.
///
/// ```
/// use rubrique::metrics::coverage_curve;
/// let curve = coverage_curve(&[(0.9, true), (0.6, false)], 4);
/// assert_eq!((curve[1].coverage, curve[1].accuracy), (0.5, 0.5));
/// ```
pub fn coverage_curve(predictions: &[(f64, bool)], articles: usize) -> Vec<CoveragePoint> {
    let mut sorted = predictions.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut accepted, mut right) = (0usize, 0usize);
    let mut curve = Vec::new();
    for ties in sorted.chunk_by(|a, b| a.0 == b.0) {
        accepted += ties.len();
        right += ties.iter().filter(|p| p.1).count();
        curve.push(CoveragePoint {
            confidence: ties[0].0,
            coverage: accepted as f64 / articles.max(accepted) as f64,
            accuracy: right as f64 / accepted as f64,
        });
    }
    curve
}
