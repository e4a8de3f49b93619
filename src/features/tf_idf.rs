//! Term frequency times inverse document frequency.

use serde::{Deserialize, Serialize};

use super::document_term_matrix::Row;
use crate::ids::TermId;

/// Smooth inverse document frequencies, `ln((1 + n) / (1 + df)) + 1`, and rows of unit length: the weighting
/// of scikit-learn's `TfidfTransformer` with its defaults, which follows Salton and Buckley 1988,
/// "Term-weighting approaches in automatic text retrieval".
///
/// ```
/// use rubrique::features::{DocumentTermMatrix, TfIdf};
/// let mut matrix = DocumentTermMatrix::new(2);
/// matrix.push_row([(0, 1), (1, 1)]);
/// matrix.push_row([(0, 1)]);
/// let tf_idf = TfIdf::fit(&matrix.document_frequencies(), matrix.rows());
/// let row = tf_idf.transform(matrix.row(0));
/// assert!(row[1].1 > row[0].1);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TfIdf {
    idf: Vec<f64>,
}

impl TfIdf {
    /// Fits on document frequencies over `documents` documents.
    pub fn fit(document_frequencies: &[u64], documents: usize) -> Self {
        let n = documents as f64;
        let idf = document_frequencies
            .iter()
            .map(|&df| ((1.0 + n) / (1.0 + df as f64)).ln() + 1.0)
            .collect();
        Self { idf }
    }

    /// The inverse document frequencies by term.
    pub fn idf(&self) -> &[f64] {
        &self.idf
    }

    /// The weights of one document in whole thousandths, at least 1 each: what models count when they
    /// weigh by TF-IDF.
    pub fn quantize(&self, row: Row<'_>) -> Vec<(u32, u32)> {
        let thousandths = |w: f64| ((w * Self::UNIT).round() as u32).max(1);
        self.transform(row).into_iter().map(|(t, w)| (t.0, thousandths(w))).collect()
    }

    /// A weight of 1 in [`quantize`](Self::quantize)'s counts.
    pub const UNIT: f64 = 1000.0;

    /// The weights of one document, scaled to Euclidean length 1.
    pub fn transform(&self, row: Row<'_>) -> Vec<(TermId, f64)> {
        let mut weights: Vec<(TermId, f64)> =
            row.iter().map(|(t, c)| (t, f64::from(c) * self.idf[t.index()])).collect();
        let norm = weights.iter().map(|(_, w)| w * w).sum::<f64>().sqrt();
        if norm > 0.0 {
            for (_, w) in &mut weights {
                *w /= norm;
            }
        }
        weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::DocumentTermMatrix;

    /// Source: `TfidfTransformer().fit_transform([[3, 0, 1], [2, 0, 0], [3, 0, 0], [4, 0, 0], [3, 2, 0], [3, 0, 2]])`
    /// in the scikit-learn user guide, section "Tf–idf term weighting": first row 0.8515, 0, 0.5243.
    #[test]
    fn agrees_with_scikit_learn() {
        let mut matrix = DocumentTermMatrix::new(3);
        for row in [[3, 0, 1], [2, 0, 0], [3, 0, 0], [4, 0, 0], [3, 2, 0], [3, 0, 2]] {
            matrix.push_row(
                row.into_iter().enumerate().filter(|r| r.1 > 0).map(|(t, c)| (t as u32, c)),
            );
        }
        let tf_idf = TfIdf::fit(&matrix.document_frequencies(), matrix.rows());
        let row = tf_idf.transform(matrix.row(0));
        assert!((row[0].1 - 0.8515).abs() < 5e-5 && (row[1].1 - 0.5243).abs() < 5e-5, "{row:?}");
    }
}
