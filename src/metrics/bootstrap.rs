//! How far a score may be off by chance.

use rand::Rng;
use rand::SeedableRng;
use rand_pcg::Pcg64;
use serde::Serialize;

/// A 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// 2.5th percentile.
    pub low: f64,
    /// 97.5th percentile.
    pub high: f64,
}

/// Percentile bootstrap (Efron and Tibshirani 1993, chapter 13): draws articles with replacement `draws` times and
/// computes the same statistics each time. For each statistic, the interval that holds 95 % of its values; `None`
/// where it was undefined in more than half of the draws. The same seed gives the same intervals.
pub fn bootstrap<T>(
    articles: &[T],
    draws: usize,
    seed: u64,
    statistics: impl Fn(&[&T]) -> Vec<Option<f64>>,
) -> Vec<Option<Interval>> {
    if articles.is_empty() {
        return statistics(&[]).iter().map(|_| None).collect();
    }
    let mut rng = Pcg64::seed_from_u64(seed);
    let mut values: Vec<Vec<f64>> = Vec::new();
    let mut sample = Vec::with_capacity(articles.len());
    for _ in 0..draws {
        sample.clear();
        sample.extend((0..articles.len()).map(|_| &articles[rng.random_range(0..articles.len())]));
        let drawn = statistics(&sample);
        values.resize(drawn.len(), Vec::new());
        for (list, value) in values.iter_mut().zip(drawn) {
            list.extend(value);
        }
    }
    values
        .into_iter()
        .map(|mut list| {
            (2 * list.len() > draws).then(|| {
                list.sort_by(f64::total_cmp);
                Interval { low: percentile(&list, 0.025), high: percentile(&list, 0.975) }
            })
        })
        .collect()
}

/// The same as [`bootstrap`] with fewer sums: articles that are alike are interchangeable, so the statistics get each distinct article with the
/// number of times it was drawn, in order.
pub fn bootstrap_counts<T: Ord>(
    articles: &[T],
    draws: usize,
    seed: u64,
    statistics: impl Fn(&[(&T, u64)]) -> Vec<Option<f64>>,
) -> Vec<Option<Interval>> {
    let mut distinct: Vec<&T> = articles.iter().collect();
    distinct.sort();
    distinct.dedup();
    let kinds: Vec<usize> =
        articles.iter().map(|article| distinct.binary_search(&article).unwrap_or(0)).collect();
    bootstrap(&kinds, draws, seed, |sample| {
        let mut counts: Vec<(&T, u64)> = distinct.iter().map(|kind| (*kind, 0)).collect();
        for &&kind in sample {
            counts[kind].1 += 1;
        }
        statistics(&counts)
    })
}

/// Linear interpolation between the closest ranks.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len() - 1) as f64;
    let (below, above) = (at.floor() as usize, at.ceil() as usize);
    sorted[below] + (at - at.floor()) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean of n values has standard error σ/√n: for 400 coin tosses 0.025, so the interval is about
    /// ±1.96 · 0.025 wide.
    #[test]
    fn the_interval_of_a_mean_is_as_wide_as_theory_says() {
        let tosses: Vec<f64> = (0..400).map(|i| f64::from(i % 2)).collect();
        let mean = |s: &[&f64]| vec![Some(s.iter().copied().sum::<f64>() / s.len() as f64), None];
        let intervals = bootstrap(&tosses, 2000, 1, mean);
        let interval = intervals[0].unwrap();
        assert!((interval.low - 0.451).abs() < 0.006, "{interval:?}");
        assert!((interval.high - 0.549).abs() < 0.006, "{interval:?}");
        assert_eq!(intervals[1], None);
        assert_eq!(bootstrap(&tosses, 2000, 1, mean)[0], Some(interval));
        let tosses: Vec<u64> = (0..400).map(|i| i % 2).collect();
        let counted = bootstrap_counts(&tosses, 2000, 1, |sample| {
            vec![Some(sample.iter().map(|(toss, n)| *toss * n).sum::<u64>() as f64 / 400.0)]
        });
        assert_eq!(counted[0], Some(interval));
    }
}
