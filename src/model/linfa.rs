//! The seam to linfa: our sparse matrix as records, our parameters behind `ParamGuard`, our models behind
//! linfa's and linfa-bayes' traits.

use std::collections::HashMap;

use linfa::dataset::{AsSingleTargets, DatasetBase, Label, Records};
use linfa::traits::{Fit, PredictInplace};
use linfa::{Float, ParamGuard};
use linfa_bayes::NaiveBayes;
use ndarray::{Array1, ArrayView2, Axis};

use super::class_counts::ClassCounts;
use super::naive_bayes::{NaiveBayesParams, NaiveBayesValidParams, SparseNaiveBayes};
use crate::error::{Error, Result};
use crate::features::DocumentTermMatrix;
use crate::ids::LabelId;

impl Records for DocumentTermMatrix {
    type Elem = u32;

    fn nsamples(&self) -> usize {
        self.rows()
    }

    fn nfeatures(&self) -> usize {
        self.columns()
    }
}

impl Label for LabelId {}

impl ParamGuard for NaiveBayesParams {
    type Checked = NaiveBayesValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&Self::Checked> {
        self.0.check()?;
        Ok(&self.0)
    }

    fn check(self) -> Result<Self::Checked> {
        self.0.check()?;
        Ok(self.0)
    }
}

/// Fits on one label a document. The labels must be numbered from 0 without gaps.
///
/// ```
/// use linfa::DatasetBase;
/// use linfa::traits::{Fit, Predict};
/// use ndarray::array;
/// use rubrique::features::DocumentTermMatrix;
/// use rubrique::ids::LabelId;
/// use rubrique::model::{Kind, NaiveBayesParams};
///
/// let mut matrix = DocumentTermMatrix::new(2);
/// matrix.push_row([(0, 2)]);
/// matrix.push_row([(1, 3)]);
/// let data = DatasetBase::new(matrix, array![LabelId(0), LabelId(1)]);
/// let model = NaiveBayesParams::new(Kind::Multinomial).fit(&data)?;
/// assert_eq!(model.predict(&data), array![LabelId(0), LabelId(1)]);
/// # Ok::<(), rubrique::Error>(())
/// ```
impl<T> Fit<DocumentTermMatrix, T, Error> for NaiveBayesValidParams
where
    T: AsSingleTargets<Elem = LabelId>,
{
    type Object = SparseNaiveBayes;

    fn fit(&self, dataset: &DatasetBase<DocumentTermMatrix, T>) -> Result<SparseNaiveBayes> {
        let targets = dataset.targets.as_single_targets();
        let classes = targets.iter().map(|label| label.index() + 1).max().unwrap_or(0);
        let members: Vec<Vec<usize>> = targets.iter().map(|label| vec![label.index()]).collect();
        self.fit_counts(&ClassCounts::count(&dataset.records, &members, classes))
    }
}

impl PredictInplace<DocumentTermMatrix, Array1<LabelId>> for SparseNaiveBayes {
    fn predict_inplace<'a>(&'a self, x: &'a DocumentTermMatrix, y: &mut Array1<LabelId>) {
        assert_eq!(x.rows(), y.len(), "one target a document");
        for (row, target) in x.iter().zip(y.iter_mut()) {
            *target = self.labels[super::arg_max(&self.joint_log_likelihood(row))];
        }
    }

    fn default_target(&self, x: &DocumentTermMatrix) -> Array1<LabelId> {
        Array1::default(x.rows())
    }
}

/// The dense interface of linfa-bayes. Its provided `predict_proba` overflows on long documents; the
/// model's own [`SparseNaiveBayes::predict_proba`] does not.
impl<F: Float> NaiveBayes<'_, F, LabelId> for SparseNaiveBayes {
    fn joint_log_likelihood(&self, x: ArrayView2<F>) -> HashMap<&LabelId, Array1<F>> {
        let presence = self.kind == super::Kind::Bernoulli;
        let mut joint: HashMap<&LabelId, Array1<F>> = HashMap::new();
        for (class, label) in self.labels.iter().enumerate() {
            let constant = self.class_log_prior[class] + self.weights.constant[class];
            let scores = x.map_axis(Axis(1), |row| {
                let sum: f64 = row
                    .iter()
                    .enumerate()
                    .filter(|(_, x)| **x != F::zero())
                    .map(|(term, x)| {
                        let times = if presence { 1.0 } else { x.to_f64().unwrap_or(0.0) };
                        times * self.weights.of_term(term)[class]
                    })
                    .sum();
                F::cast(constant + sum)
            });
            joint.insert(label, scores);
        }
        joint
    }
}
