//! How far apart two distributions are.

/// The Jensen–Shannon divergence of two distributions given as counts over the same classes, to base 2: 0 for equal ones, 1 where nothing is
/// shared (Lin 1991, "Divergence measures based on the Shannon entropy", equation 3.1 with equal weights). `None` where one has no counts.
///
/// ```
/// use rubrique::metrics::jensen_shannon;
/// assert_eq!(jensen_shannon(&[2, 2], &[1, 1]), Some(0.0));
/// assert_eq!(jensen_shannon(&[3, 0], &[0, 5]), Some(1.0));
/// assert_eq!(jensen_shannon(&[0, 0], &[0, 5]), None);
/// ```
pub fn jensen_shannon(a: &[u64], b: &[u64]) -> Option<f64> {
    let (a, b) = (shares(a)?, shares(b)?);
    let term = |p: f64, mean: f64| if p > 0.0 { p * (p / mean).log2() } else { 0.0 };
    let sum: f64 = a
        .iter()
        .zip(&b)
        .map(|(&p, &q)| {
            let mean = (p + q) / 2.0;
            (term(p, mean) + term(q, mean)) / 2.0
        })
        .sum();
    Some(sum.clamp(0.0, 1.0))
}

/// The population stability index of a distribution against a baseline, both as counts over the same classes: the sum of (q - p) ln(q / p), half a
/// count added to each class so that none is empty (Siddiqi 2006, "Credit risk scorecards", chapter 6, where less than 0.1 is called
/// stable and more than 0.25 a shift). `None` where one has no counts.
///
/// ```
/// use rubrique::metrics::population_stability_index;
/// assert_eq!(population_stability_index(&[10, 20], &[10, 20]), Some(0.0));
/// assert!(population_stability_index(&[50, 50], &[90, 10]).is_some_and(|index| index > 0.25));
/// ```
pub fn population_stability_index(baseline: &[u64], now: &[u64]) -> Option<f64> {
    let half = |counts: &[u64]| -> Option<Vec<f64>> {
        let sum: u64 = counts.iter().sum();
        let all = sum as f64 + 0.5 * counts.len() as f64;
        (sum > 0).then(|| counts.iter().map(|&c| (c as f64 + 0.5) / all).collect())
    };
    let (p, q) = (half(baseline)?, half(now)?);
    Some(p.iter().zip(&q).map(|(p, q)| (q - p) * (q / p).ln()).sum())
}

fn shares(counts: &[u64]) -> Option<Vec<f64>> {
    let sum: u64 = counts.iter().sum();
    (sum > 0).then(|| counts.iter().map(|&c| c as f64 / sum as f64).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked by hand: p = (1/2, 1/2), q = (1, 0), mean (3/4, 1/4).
    #[test]
    fn divergences_are_those_of_the_papers() {
        let expected =
            0.5 * (0.5 * (2.0f64 / 3.0).log2() + 0.5 * 2f64.log2()) + 0.5 * (4.0f64 / 3.0).log2();
        assert!((jensen_shannon(&[1, 1], &[4, 0]).unwrap() - expected).abs() < 1e-12);
        assert_eq!(jensen_shannon(&[4, 0], &[1, 1]), jensen_shannon(&[1, 1], &[4, 0]));
        // (0.5 + 0.5) / 2 = 1/2 and (1.5 / 4, 2.5 / 4).
        let expected =
            (0.375 - 0.5) * (0.375f64 / 0.5).ln() + (0.625 - 0.5) * (0.625f64 / 0.5).ln();
        let found = population_stability_index(&[5, 5], &[1, 2]).unwrap();
        assert!((found - expected).abs() < 1e-12);
        assert_eq!(population_stability_index(&[], &[]), None);
    }
}
