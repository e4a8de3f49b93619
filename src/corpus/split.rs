//! Dividing articles for cross-validation.

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
    let shuffled = |i: usize| mix(keys[i] ^ mix(seed));
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

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators").
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
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
