//! Counted articles, and training on them.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use rubrique::pipeline::{CountedCorpus, Skipped, TrainSettings, count_articles, train};

use crate::articles::{Named, articles, label_sets, library};
use crate::data::Data;
use crate::model::Model;
use crate::pool;
use crate::settings::settings;

/// Term counts by article with their labels: no text, no word order. This is what the command line's `train --counts` writes and `merge` reads.
#[pyclass(frozen, module = "rubrique")]
pub struct Counts {
    corpus: CountedCorpus,
    skipped: Skipped,
}

impl Counts {
    fn new(corpus: CountedCorpus) -> Self {
        Self { corpus, skipped: Skipped::default() }
    }

    /// Counts the articles of data.
    pub fn count(
        data: &Bound<'_, PyAny>,
        labels: Option<&Bound<'_, PyAny>>,
        named: &Named,
        settings: &TrainSettings,
    ) -> PyResult<Self> {
        let labels = labels.map(label_sets).transpose()?;
        let articles = articles(Data::read(data)?, labels, named, true, &settings.stop)?;
        let (analyzer, zones) = (settings.analyzer.clone(), settings.zones);
        let count = move || count_articles(articles, &analyzer, zones, &|_| {});
        let (corpus, skipped) = library(pool::run(data.py(), &settings.stop, count)?)?;
        Ok(Self { corpus, skipped })
    }

    /// Trains on a copy of the counts.
    pub fn fit(&self, py: Python<'_>, settings: &TrainSettings) -> PyResult<Model> {
        let (corpus, settings) = (self.corpus.clone(), settings.clone());
        let stop = settings.stop.clone();
        let trained = pool::run(py, &stop, move || train(corpus, &settings))?;
        library(trained).map(Model::new)
    }
}

#[pymethods]
impl Counts {
    /// Reads a file of counts, as the command line writes it.
    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        library(py.detach(|| CountedCorpus::load(&path))).map(Self::new)
    }

    /// Reads counts from the bytes of their file; bytes that were altered are refused.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, data: &[u8]) -> PyResult<Self> {
        let path = PathBuf::from("bytes");
        library(py.detach(|| CountedCorpus::from_bytes(data, &path))).map(Self::new)
    }

    /// The bytes of their file: the same for the same articles, whatever their order or parts.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = library(py.detach(|| self.corpus.clone().to_bytes()))?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Writes the file.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let bytes = library(py.detach(|| self.corpus.clone().to_bytes()))?;
        Ok(py.detach(|| std::fs::write(path, bytes))?)
    }

    /// The articles of both.
    fn merge(&self, py: Python<'_>, other: &Self) -> PyResult<Self> {
        let merged = py.detach(|| self.corpus.clone().merge(other.corpus.clone()));
        let skipped = Skipped {
            unreadable: self.skipped.unreadable + other.skipped.unreadable,
            empty: self.skipped.empty + other.skipped.empty,
        };
        Ok(Self { corpus: library(merged)?, skipped })
    }

    /// Trains on all of them. How they were counted is theirs to say; the settings say how to train.
    #[pyo3(signature = (**settings))]
    fn train(&self, py: Python<'_>, settings: Option<&Bound<'_, PyDict>>) -> PyResult<Model> {
        let mut settings = self::settings(settings)?;
        settings.analyzer = self.corpus.analyzer.clone();
        settings.zones = self.corpus.zones;
        self.fit(py, &settings)
    }

    /// The labels, in order.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.corpus.labels.clone()
    }

    /// How many articles have each label, in the order of the labels.
    #[getter]
    fn label_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.corpus.labels.len()];
        self.corpus.members.iter().flatten().for_each(|&label| counts[label] += 1);
        counts
    }

    /// Articles that could not be counted here: `unreadable`, `empty`.
    #[getter]
    fn skipped<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let skipped = PyDict::new(py);
        skipped.set_item("unreadable", self.skipped.unreadable)?;
        skipped.set_item("empty", self.skipped.empty)?;
        Ok(skipped)
    }

    fn __len__(&self) -> usize {
        self.corpus.articles()
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let read = py.get_type::<Self>().getattr("from_bytes")?;
        Ok((read, (self.to_bytes(py)?,)))
    }

    fn __repr__(&self) -> String {
        let (articles, terms) = (self.corpus.articles(), self.corpus.terms.len());
        format!("Counts({articles} articles, {terms} terms)")
    }
}
