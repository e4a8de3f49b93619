//! Errors of the library as Python exceptions.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::RubriqueError;

/// Options of the command line that the library's messages name, and what they are called here.
const OPTIONS: [(&str, &str); 8] = [
    ("train --counts", "rubrique.count"),
    ("--date-column", "date="),
    ("--label-column", "label="),
    ("--min-articles", "min_df="),
    ("--model", "model="),
    ("--source-column", "source="),
    ("--target", "targets="),
    ("--text-column", "text="),
];

/// A message of the library as it is for Python.
fn for_python(message: &str) -> String {
    let replace = |message: String, (option, name)| message.replace(option, name);
    OPTIONS.into_iter().fold(message.to_owned(), replace)
}

/// The exception that an error of the library becomes. Where it is known, it says where: `file`, `record`, `line`, `column`; and `hint` says
/// what to try.
pub fn raised(error: &rubrique::Error) -> PyErr {
    use rubrique::Error::{Data, Input, Io, Linfa, Model, Setting};
    let raised = RubriqueError::new_err(for_python(&error.to_string()));
    let (place, hint) = match error {
        Io { place, .. } => (Some(place), None),
        Input { place, hint, .. } | Model { place, hint, .. } => (Some(place), Some(hint.as_str())),
        Data { hint, .. } => (None, Some(hint.as_str())),
        Setting { range, .. } => (None, Some(*range)),
        Linfa(_) => (None, None),
    };
    Python::attach(|py| {
        let value = raised.value(py);
        let file = place.map(|p| p.file.display().to_string());
        // An exception takes attributes; were it ever not to, its message says the same.
        let _ = value.setattr("file", file);
        let _ = value.setattr("record", place.and_then(|p| p.record));
        let _ = value.setattr("line", place.and_then(|p| p.line));
        let _ = value.setattr("column", place.and_then(|p| p.column.clone()));
        let _ = value.setattr("hint", hint.map(for_python));
    });
    raised
}

/// What an argument should have been.
pub fn refused(what: impl std::fmt::Display, hint: impl std::fmt::Display) -> PyErr {
    raised(&rubrique::Error::Data { what: what.to_string(), hint: hint.to_string() })
}

/// What went wrong with Arrow's data.
pub fn arrow(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}
