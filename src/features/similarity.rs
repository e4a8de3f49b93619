//! How alike two documents are, blind to the order of their words.

use std::hint::select_unpredictable;

use super::document_term_matrix::DocumentTermMatrix;
use crate::hash::{GOLDEN_GAMMA, mix};

/// Compares documents as sets of terms, each weighing as much as it is rare. Reordered sentences change nothing, other common words little;
/// the names, places and figures that rewordings of one dispatch share weigh most.
#[derive(Clone, Debug, PartialEq)]
pub struct Similarity {
    /// By term: the weight ln(1 + N / df), above 0.
    weights: Vec<f64>,
}

impl Similarity {
    /// Weighs the terms by the documents of a matrix.
    pub fn new(matrix: &DocumentTermMatrix) -> Self {
        let documents = matrix.rows() as f64;
        let weigh = |df: u64| (1.0 + documents / df.max(1) as f64).ln();
        Self { weights: matrix.document_frequencies().into_iter().map(weigh).collect() }
    }

    /// The sum of the weights of a set of terms.
    pub fn weight(&self, terms: &[u32]) -> f64 {
        terms.iter().map(|&t| self.weights[t as usize]).sum()
    }

    /// The mean of two indices, 0 to 1: the weighted Jaccard index (shared weight over that of all terms of both) and the weighted overlap coefficient
    /// (shared weight over that of the lighter set). The first alone would miss a shortened copy, the second would take any brief on the same event for
    /// one. Terms ascend; two empty sets have nothing in common.
    ///
    /// ```
    /// use rubrique::features::{DocumentTermMatrix, Similarity};
    /// let mut matrix = DocumentTermMatrix::new(4);
    /// matrix.push_row([(0, 1), (1, 1)]);
    /// matrix.push_row([(0, 3), (1, 1), (2, 1), (3, 1)]);
    /// let similarity = Similarity::new(&matrix);
    /// assert_eq!(similarity.of(matrix.row(0).terms, matrix.row(0).terms), 1.0);
    /// // The whole of the first is in the second.
    /// assert!(similarity.of(matrix.row(0).terms, matrix.row(1).terms) > 0.5);
    /// ```
    pub fn of(&self, a: &[u32], b: &[u32]) -> f64 {
        let (mut shared, mut only_a, mut only_b) = (0.0, 0.0, 0.0);
        let (mut i, mut j) = (0, 0);
        while let (Some(&of_a), Some(&of_b)) = (a.get(i), b.get(j)) {
            // Whose term is next is not foreseen: no branch asks. To add 0 changes no sum.
            let weight = self.weights[of_a.min(of_b) as usize];
            let weight_if = |holds| select_unpredictable(holds, weight, 0.0);
            shared += weight_if(of_a == of_b);
            only_a += weight_if(of_a < of_b);
            only_b += weight_if(of_a > of_b);
            i += usize::from(of_a <= of_b);
            j += usize::from(of_a >= of_b);
        }
        only_a += self.weight(&a[i..]);
        only_b += self.weight(&b[j..]);
        if shared == 0.0 {
            return 0.0;
        }
        let jaccard = shared / (shared + only_a + only_b);
        let overlap = shared / (shared + f64::min(only_a, only_b));
        (jaccard + overlap) / 2.0
    }

    /// The signature of a set of terms: position `i` of two signatures is equal with a probability of their weighted Jaccard index, for
    /// each position by itself. MinHash (Broder 1997, "On the resemblance and containment of documents") with exponential
    /// variates instead of uniform ones, which brings in the weights (Chum, Philbin, Zisserman 2008, "Near duplicate image detection:
    /// min-Hash and tf-idf weighting", equation 6). An empty set has `u32::MAX` everywhere.
    pub fn signature(&self, terms: &[u32], length: usize) -> Vec<u32> {
        let mut signature = Signature::new(length);
        for &term in terms {
            let draws = Draws::of(term);
            for position in 0..length {
                signature.take(position, term, draws.at(position), self.weights[term as usize]);
            }
        }
        signature.terms
    }

    /// The same signature, sooner: `early` has the [`early_draws`](Self::early_draws) of the terms, or of those that many sets have. Of hundreds of
    /// draws at a position the least wins, and where a term does not draw early it hardly ever does.
    pub(crate) fn signature_by(
        &self,
        terms: &[u32],
        length: usize,
        early: &[Option<EarlyDraws>],
    ) -> Vec<u32> {
        let mut signature = Signature::new(length);
        // Of all positions but one in e^6 the least draw is below this.
        let reach = 6.0 / self.weight(terms);
        for &term in terms {
            let weight = self.weights[term as usize];
            match early[term as usize].as_ref().filter(|_| reach * weight <= EARLY) {
                Some(early) => {
                    for (&variate, &position) in early.variates.iter().zip(&early.positions) {
                        if variate > reach {
                            break;
                        }
                        signature.take_variate(usize::from(position), term, variate);
                    }
                }
                None => {
                    let draws = Draws::of(term);
                    let least = draw_of(1.0 - reach * weight * (1.0 + 1e-9));
                    for position in 0..length {
                        let draw = draws.number(position);
                        if draw >= least {
                            signature.take(position, term, uniform(draw), weight);
                        }
                    }
                }
            }
        }
        for position in 0..length {
            // What was passed over may be the least after all; rounding must not decide.
            if signature.least[position] > reach * (1.0 - 1e-9) {
                signature.least[position] = f64::INFINITY;
                for &term in terms {
                    let uniform = Draws::of(term).at(position);
                    signature.take(position, term, uniform, self.weights[term as usize]);
                }
            }
        }
        signature.terms
    }

    /// Where a term draws early in signatures of this length, and what.
    pub(crate) fn early_draws(&self, term: u32, length: u16) -> EarlyDraws {
        let (draws, least) = (Draws::of(term), draw_of(1.0 - EARLY));
        let weight = self.weights[term as usize];
        let mut early: Vec<(u64, u16)> = (0..length)
            .map(|position| (draws.number(usize::from(position)), position))
            .filter(|(draw, _)| *draw >= least)
            .collect();
        early.sort_unstable_by(|a, b| b.cmp(a));
        let variates = early.iter().map(|&(draw, _)| variate(uniform(draw), weight)).collect();
        let positions = early.iter().map(|&(_, position)| position).collect();
        EarlyDraws { variates, positions }
    }
}

/// A term draws early where its uniform variate is at most so much below 1.
const EARLY: f64 = 0.1;

/// The positions at which a term draws early, the earliest first, and its exponential variates there: they are the same in every set.
pub(crate) struct EarlyDraws {
    variates: Box<[f64]>,
    positions: Box<[u16]>,
}

/// What a term draws at the positions of signatures.
#[derive(Clone, Copy)]
struct Draws(u64);

impl Draws {
    fn of(term: u32) -> Self {
        Self(mix(u64::from(term) + 1))
    }

    #[inline]
    fn number(self, position: usize) -> u64 {
        mix(self.0.wrapping_add(GOLDEN_GAMMA.wrapping_mul(position as u64 + 1)))
    }

    #[inline]
    fn at(self, position: usize) -> f64 {
        uniform(self.number(position))
    }
}

/// A uniform variate above 0, at most 1.
#[inline]
fn uniform(draw: u64) -> f64 {
    ((draw >> 11) + 1) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// The exponential variate of a term of this weight.
#[inline]
fn variate(uniform: f64, weight: f64) -> f64 {
    -uniform.ln() / weight
}

/// A number that is not above any that gives this variate, or a larger one.
fn draw_of(uniform: f64) -> u64 {
    // The conversion saturates: below 0, all numbers do.
    ((uniform * (1u64 << 53) as f64) as u64).saturating_sub(2) << 11
}

/// The least draw at each position so far, and whose it is.
struct Signature {
    least: Vec<f64>,
    terms: Vec<u32>,
}

impl Signature {
    fn new(length: usize) -> Self {
        Self { least: vec![f64::INFINITY; length], terms: vec![u32::MAX; length] }
    }

    #[inline]
    fn take(&mut self, position: usize, term: u32, uniform: f64, weight: f64) {
        // -ln(u) is at least 1 - u: most logarithms need not be taken.
        if 1.0 - uniform < self.least[position] * weight {
            self.take_variate(position, term, variate(uniform, weight));
        }
    }

    /// Which of two is less is not foreseen: no branch asks.
    #[inline]
    fn take_variate(&mut self, position: usize, term: u32, variate: f64) {
        let (least, of_least) = (&mut self.least[position], &mut self.terms[position]);
        let is_less = variate < *least;
        *least = select_unpredictable(is_less, variate, *least);
        *of_least = select_unpredictable(is_less, term, *of_least);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    /// Worked by hand: four documents, so weights ln(1 + 4/4), ln(1 + 4/2), ln(1 + 4/1) by document frequency.
    #[test]
    fn rare_terms_weigh_more() {
        let mut matrix = DocumentTermMatrix::new(4);
        for row in [&[0, 1][..], &[0, 1, 2], &[0], &[0, 3]] {
            matrix.push_row(row.iter().map(|&t| (t, 1)));
        }
        let similarity = Similarity::new(&matrix);
        let (common, twice, once) = (2f64.ln(), 3f64.ln(), 5f64.ln());
        assert!((similarity.weight(&[0, 1, 2]) - (common + twice + once)).abs() < 1e-12);
        let shared = common + twice;
        let expected = (shared / (shared + once) + 1.0) / 2.0;
        assert!((similarity.of(&[0, 1], &[0, 1, 2]) - expected).abs() < 1e-12);
        assert_eq!(similarity.of(&[0, 1], &[0, 1, 2]), similarity.of(&[0, 1, 2], &[0, 1]));
        assert_eq!(similarity.of(&[1], &[3]), 0.0);
        assert_eq!(similarity.of(&[], &[]), 0.0);
    }

    #[test]
    fn signatures_agree_as_often_as_the_weighted_jaccard_index_says() {
        let mut matrix = DocumentTermMatrix::new(60);
        matrix.push_row((0..40).map(|t| (t, 1)));
        matrix.push_row((20..60).map(|t| (t, 1)));
        for t in 0..30 {
            matrix.push_row([(t, 1)]);
        }
        let similarity = Similarity::new(&matrix);
        let (a, b) = (matrix.row(0).terms, matrix.row(1).terms);
        let shared: Vec<u32> = (20..40).collect();
        let all: Vec<u32> = (0..60).collect();
        let jaccard = similarity.weight(&shared) / similarity.weight(&all);
        let length = 4000;
        let (a, b) = (similarity.signature(a, length), similarity.signature(b, length));
        let equal = a.iter().zip(&b).filter(|(a, b)| a == b).count() as f64 / length as f64;
        // Four standard errors of a binomial share.
        let error = (jaccard * (1.0 - jaccard) / length as f64).sqrt();
        assert!((equal - jaccard).abs() < 4.0 * error, "{equal} for {jaccard}");
        assert_eq!(similarity.signature(&[], 2), [u32::MAX; 2]);
    }

    proptest! {
        /// Whichever terms have their early draws known, and however short or long the sets are.
        #[test]
        fn known_early_draws_change_no_signature(
            sets in vec(btree_set(0u32..400, 0..120), 1..20), known in vec(any::<bool>(), 400)
        ) {
            let mut matrix = DocumentTermMatrix::new(400);
            sets.iter().for_each(|set| matrix.push_row(set.iter().map(|&t| (t, 1))));
            let similarity = Similarity::new(&matrix);
            let early: Vec<Option<EarlyDraws>> = (0u32..)
                .zip(known)
                .map(|(term, is_known)| is_known.then(|| similarity.early_draws(term, 96)))
                .collect();
            for row in matrix.iter() {
                let plain = similarity.signature(row.terms, 96);
                prop_assert_eq!(similarity.signature_by(row.terms, 96, &early), plain);
            }
        }
    }
}
