//! Gaussian Naive Bayes over a few hundred selected TF-IDF columns, by linfa-bayes.

use std::collections::BTreeMap;

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_bayes::{GaussianNb, NaiveBayes};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use super::scorer::Task;
use crate::error::{Error, Result};
use crate::features::{DocumentTermMatrix, Row, TfIdf, select_terms};
use crate::ids::TermId;

/// What a Gaussian model is made with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GaussianParams {
    /// How many terms are selected, 1 to 5,000: the matrix is dense.
    pub columns: u32,
    /// Share of the largest variance that is added to all, as linfa-bayes has it; above 0.
    pub var_smoothing: f64,
}

impl Default for GaussianParams {
    fn default() -> Self {
        Self { columns: 300, var_smoothing: 1e-2 }
    }
}

impl GaussianParams {
    /// Checks the ranges.
    pub fn check(&self) -> Result<()> {
        if !(1..=5000).contains(&self.columns) {
            return Err(Error::setting("columns", self.columns, "1 to 5000"));
        }
        if !(self.var_smoothing > 0.0 && self.var_smoothing.is_finite()) {
            return Err(Error::setting("var_smoothing", self.var_smoothing, "a number above 0"));
        }
        Ok(())
    }

    /// Fits on a matrix; `members[i]` lists the classes of document `i`.
    pub fn fit(
        &self,
        matrix: &DocumentTermMatrix,
        members: &[Vec<usize>],
        classes: usize,
        task: Task,
    ) -> Result<GaussianModel> {
        self.check()?;
        let columns = select_terms(matrix, members, classes, self.columns as usize);
        let selected = matrix.select_columns(&columns);
        let tf_idf = TfIdf::fit(&selected.document_frequencies(), selected.rows());
        let mut dense = Array2::zeros((selected.rows(), columns.len()));
        for (i, row) in selected.iter().enumerate() {
            for (term, weight) in tf_idf.transform(row) {
                dense[(i, term.index())] = weight;
            }
        }
        let params = GaussianNb::<f64, usize>::params().var_smoothing(self.var_smoothing);
        let fit = |targets: Vec<usize>| -> Result<GaussianNb<f64, usize>> {
            Ok(params.fit(&DatasetBase::new(dense.view(), Array1::from(targets)))?)
        };
        let models = match task {
            Task::OneLabel => vec![fit(members.iter().map(|m| m[0]).collect())?],
            Task::AnyLabels => (0..classes)
                .map(|c| fit(members.iter().map(|m| usize::from(m.contains(&c))).collect()))
                .collect::<Result<_>>()?,
        };
        Ok(GaussianModel { task, classes, columns, tf_idf, models })
    }
}

/// A fitted Gaussian model: one over all classes, or one of two classes for each topic.
#[derive(Clone, Debug, PartialEq)]
pub struct GaussianModel {
    task: Task,
    classes: usize,
    columns: Vec<TermId>,
    tf_idf: TfIdf,
    models: Vec<GaussianNb<f64, usize>>,
}

impl GaussianModel {
    /// The selected terms, ascending.
    pub fn columns(&self) -> &[TermId] {
        &self.columns
    }

    /// Number of classes or topics.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Joint log-likelihoods by class, or log-odds by topic, of one document.
    pub fn score(&self, row: Row<'_>, out: &mut [f64]) {
        let mut dense = Array2::zeros((1, self.columns.len()));
        for (column, weight) in self.weights(row) {
            dense[(0, column)] = weight;
        }
        for (i, model) in self.models.iter().enumerate() {
            let joint = model.joint_log_likelihood(dense.view());
            let of = |class: usize| joint.get(&class).map_or(f64::NEG_INFINITY, |scores| scores[0]);
            match self.task {
                Task::OneLabel => out.iter_mut().enumerate().for_each(|(c, o)| *o = of(c)),
                Task::AnyLabels => out[i] = of(1) - of(0),
            }
        }
        // A class unseen in training has no density: it is merely very unlikely, never impossible.
        for score in out {
            *score = score.clamp(-1e6, 1e6);
        }
    }

    /// The document's TF-IDF weights by column.
    fn weights(&self, row: Row<'_>) -> Vec<(usize, f64)> {
        let mut selected = DocumentTermMatrix::new(self.columns.len());
        selected.push_row(row.iter().filter_map(|(term, count)| {
            self.columns.binary_search(&term).ok().map(|column| (column as u32, count))
        }));
        self.tf_idf.transform(selected.row(0)).into_iter().map(|(t, w)| (t.index(), w)).collect()
    }

    /// For each selected term, what its value adds to each score (see [`score`](Self::score)), constants
    /// left aside. Found by taking the term's own density: presence and absence both speak.
    pub fn contributions(&self, row: Row<'_>) -> Vec<(TermId, Vec<f64>)> {
        let weights: BTreeMap<usize, f64> = self.weights(row).into_iter().collect();
        let densities: Vec<BTreeMap<usize, ClassDensity>> =
            self.models.iter().map(|m| canonical(m).unwrap_or_default().class_info).collect();
        let density = |model: usize, class: usize, column: usize| {
            let x = weights.get(&column).copied().unwrap_or(0.0);
            densities[model].get(&class).map_or(0.0, |d| {
                let (mean, variance) = (d.theta[column], d.sigma[column]);
                -0.5 * ((x - mean).powi(2) / variance + variance.ln())
            })
        };
        (0..self.columns.len())
            .map(|column| {
                let of_column = match self.task {
                    Task::OneLabel => (0..self.classes).map(|c| density(0, c, column)).collect(),
                    Task::AnyLabels => (0..self.classes)
                        .map(|c| density(c, 1, column) - density(c, 0, column))
                        .collect(),
                };
                (self.columns[column], of_column)
            })
            .collect()
    }

    /// Whether the parts fit together over a vocabulary of `terms`; a model from a file is not trusted before.
    fn is_sound(&self, terms: usize) -> bool {
        let n = self.columns.len();
        let (models, most) = match self.task {
            Task::OneLabel => (1, self.classes),
            Task::AnyLabels => (self.classes, 2),
        };
        let is_density = |d: &ClassDensity| {
            d.theta.len() == n
                && d.sigma.len() == n
                && d.prior > 0.0
                && d.prior <= 1.0
                && d.theta.iter().all(|&mean| super::is_moderate(mean))
                && d.sigma.iter().all(|&variance| variance >= 1e-50 && super::is_moderate(variance))
        };
        self.models.len() == models
            && self.tf_idf.idf().len() == n
            && self.tf_idf.idf().iter().all(|&idf| idf >= 0.0 && super::is_moderate(idf))
            && self.columns.windows(2).all(|w| w[0] < w[1])
            && self.columns.last().is_none_or(|t| t.index() < terms)
            && self.models.iter().all(|m| {
                canonical(m).is_ok_and(|c| {
                    !c.class_info.is_empty()
                        && c.class_info.keys().all(|&class| class < most)
                        && c.class_info.values().all(is_density)
                })
            })
    }

    pub(crate) fn checked(self, terms: usize) -> Option<Self> {
        self.is_sound(terms).then_some(self)
    }
}

/// The fields of linfa-bayes' model with its classes in order: what is written to a file must not depend on
/// the order of a `HashMap`.
#[derive(Default, Serialize, Deserialize)]
struct Canonical {
    class_info: BTreeMap<usize, ClassDensity>,
}

#[derive(Serialize, Deserialize)]
struct ClassDensity {
    class_count: usize,
    prior: f64,
    theta: Array1<f64>,
    sigma: Array1<f64>,
}

fn canonical(model: &GaussianNb<f64, usize>) -> Result<Canonical> {
    postcard::to_stdvec(model)
        .and_then(|bytes| postcard::from_bytes(&bytes))
        .map_err(|error| Error::Linfa(error.to_string()))
}

#[derive(Serialize, Deserialize)]
struct Stored {
    task: Task,
    classes: usize,
    columns: Vec<TermId>,
    tf_idf: TfIdf,
    models: Vec<Canonical>,
}

impl Serialize for GaussianModel {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let models = self.models.iter().map(canonical).collect::<Result<Vec<_>>>();
        Stored {
            task: self.task,
            classes: self.classes,
            columns: self.columns.clone(),
            tf_idf: self.tf_idf.clone(),
            models: models.map_err(serde::ser::Error::custom)?,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for GaussianModel {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Stored { task, classes, columns, tf_idf, models } = Stored::deserialize(deserializer)?;
        let models = models
            .iter()
            .map(|m| postcard::to_stdvec(m).and_then(|bytes| postcard::from_bytes(&bytes)))
            .collect::<Result<Vec<GaussianNb<f64, usize>>, _>>()
            .map_err(serde::de::Error::custom)?;
        Ok(Self { task, classes, columns, tf_idf, models })
    }
}
