//! Dividing articles for cross-validation.

use crate::hash::{GOLDEN_GAMMA, mix};

/// Gives every article one of `folds` folds: each stratum is spread evenly, and articles with the same
/// `key` (copies of one text) stay together, so that none is tested on its own copy.
///
/// The result depends on the multiset of (stratum, key) and on `seed`, not on the order of the articles.
///
/// ```
/// use rubrique::corpus::stratified_folds;
/// let strata = ["a", "a", "b", "b"];
/// let folds = stratified_folds(&strata, &[1, 2, 3, 4], 2, 0);
/// assert_ne!(folds[0], folds[1]);
/// assert_ne!(folds[2], folds[3]);
/// ```
pub fn stratified_folds<S: Ord>(strata: &[S], keys: &[u64], folds: usize, seed: u64) -> Vec<usize> {
    let drawn = |from: u64| mix(from.wrapping_add(GOLDEN_GAMMA));
    let shuffled = |i: usize| drawn(keys[i] ^ drawn(seed));
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by(|&a, &b| strata[a].cmp(&strata[b]).then_with(|| shuffled(a).cmp(&shuffled(b))));
    let mut fold_of_key = hashbrown::HashMap::<u64, usize>::new();
    let mut out = vec![0; keys.len()];
    let mut next = 0;
    for i in order {
        out[i] = *fold_of_key.entry(keys[i]).or_insert_with(|| {
            next += 1;
            (next - 1) % folds
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_stay_together_and_order_does_not_matter() {
        let strata = [0, 0, 0, 0, 0, 0];
        let keys = [7, 3, 7, 9, 1, 3];
        let folds = stratified_folds(&strata, &keys, 3, 42);
        assert_eq!(folds[0], folds[2]);
        assert_eq!(folds[1], folds[5]);
        let turned: Vec<u64> = keys.iter().rev().copied().collect();
        let back: Vec<usize> =
            stratified_folds(&strata, &turned, 3, 42).into_iter().rev().collect();
        assert_eq!(folds, back);
    }
}
