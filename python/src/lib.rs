//! rubrique for Python: the same library underneath, so that results are those of the command line.

mod articles;
mod classifying;
mod counts;
mod data;
mod error;
mod evaluation;
mod model;
mod pool;
mod results;
mod settings;
mod strings;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

pyo3::create_exception!(
    rubrique,
    RubriqueError,
    PyValueError,
    "What stops a run: `file`, `record`, `line` and `column` say where, `hint` what to try; each is None where it is not known."
);

/// What `import rubrique` is made of.
#[pymodule]
mod _rubrique {
    use pyo3::prelude::*;
    use pyo3::types::PyDict;

    #[pymodule_export]
    use super::RubriqueError;
    #[pymodule_export]
    use super::counts::Counts;
    #[pymodule_export]
    use super::model::Model;
    #[pymodule_export]
    use super::results::{Prediction, Results, Stream};

    use super::articles::Named;
    use super::error::refused;
    use super::evaluation::{Judged, report};
    use super::settings::settings as read_settings;

    /// Counts labelled articles, for training now or later, here or elsewhere.
    #[pyfunction]
    #[pyo3(signature = (data, labels=None, *, title=None, text=None, label=None, html=None, **settings))]
    fn count(
        data: &Bound<'_, PyAny>,
        labels: Option<&Bound<'_, PyAny>>,
        title: Option<String>,
        text: Option<String>,
        label: Option<String>,
        html: Option<String>,
        settings: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Counts> {
        let named = Named { title, text, label, html, ..Named::default() };
        Counts::count(data, labels, &named, &read_settings(settings)?)
    }

    /// Trains a model on labelled articles.
    #[pyfunction]
    #[pyo3(signature = (data, labels=None, *, title=None, text=None, label=None, html=None, **settings))]
    fn train(
        data: &Bound<'_, PyAny>,
        labels: Option<&Bound<'_, PyAny>>,
        title: Option<String>,
        text: Option<String>,
        label: Option<String>,
        html: Option<String>,
        settings: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Model> {
        let named = Named { title, text, label, html, ..Named::default() };
        let settings = read_settings(settings)?;
        Counts::count(data, labels, &named, &settings)?.fit(data.py(), &settings)
    }

    /// Says how good a model is on labelled articles, or, with `cross_validate`, one trained without each article.
    #[pyfunction]
    #[pyo3(signature = (data, labels=None, *, model=None, cross_validate=None, id=None, title=None, text=None, label=None, html=None, date=None, source=None, **settings))]
    #[expect(clippy::too_many_arguments, reason = "keywords")]
    fn evaluate<'py>(
        data: &Bound<'py, PyAny>,
        labels: Option<&Bound<'py, PyAny>>,
        model: Option<&Bound<'py, Model>>,
        cross_validate: Option<usize>,
        id: Option<String>,
        title: Option<String>,
        text: Option<String>,
        label: Option<String>,
        html: Option<String>,
        date: Option<String>,
        source: Option<String>,
        settings: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let named = Named { id, title, text, label, date, source, html };
        let judged = match (model, cross_validate) {
            (Some(model), None) => {
                if settings.is_some_and(|settings| !settings.is_empty()) {
                    return Err(refused("a finished model takes no settings", "cross_validate="));
                }
                Judged::Model(model.get().0.clone())
            }
            (None, Some(folds)) => Judged::Settings(Box::new(read_settings(settings)?), folds),
            _ => {
                return Err(refused(
                    "there is nothing to evaluate",
                    "either model= or cross_validate=",
                ));
            }
        };
        report(judged, data, labels, &named)
    }

    /// Sets how many threads work, in this process; None: as many as there are cores.
    #[pyfunction]
    #[pyo3(signature = (threads=None))]
    fn set_threads(threads: Option<std::num::NonZeroUsize>) -> PyResult<()> {
        super::pool::set_threads(threads.map_or(0, std::num::NonZeroUsize::get))
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
