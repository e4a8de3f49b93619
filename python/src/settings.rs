//! Settings of training by keyword: the names and values that the library has for them.

use std::path::PathBuf;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rubrique::corpus::TopicTerms;
use rubrique::pipeline::TrainSettings;
use serde_json::{Map, Value, json};

use crate::articles::library;
use crate::error::{raised, refused};

/// Groups whose settings are given by their own names.
const GROUPS: [&str; 2] = ["analyzer", "limits"];

/// The settings that these keywords make of the defaults.
pub fn settings(given: Option<&Bound<'_, PyDict>>) -> PyResult<TrainSettings> {
    let mut all = object(&TrainSettings::default())?;
    let mut topic_terms = TopicTerms::default();
    let mut given = given.map_or_else(|| Ok(Map::new()), from_python)?;
    if let Some(terms) = given.remove("topic_terms") {
        topic_terms = read_topic_terms(terms)?;
    }
    let named: Vec<String> = given.keys().cloned().collect();
    for (name, value) in given {
        let value = plain(&name, value)?;
        if let Some(place) = place_of(&name, &mut all) {
            *place = value;
        } else {
            let names: Vec<String> = names(&all).collect();
            let what = format!("there is no setting \"{name}\"; there are {}", names.join(", "));
            return Err(PyTypeError::new_err(what));
        }
    }
    let read = serde_json::from_value::<TrainSettings>(Value::Object(all.clone()));
    let mut settings = read.map_err(|error| wrong(&named, &all, &error))?;
    settings.topic_terms = topic_terms;
    // Characters and classes are counted where training may look at them, as on the command line.
    let counts = |view| settings.views.as_ref().map_or(settings.tune, |v| v.contains(&view));
    if !counts(rubrique::text::View::Characters) {
        settings.analyzer.char_ngrams = None;
    }
    if !counts(rubrique::text::View::Classes) {
        settings.analyzer.word_classes = false;
    }
    library(settings.check())?;
    Ok(settings)
}

/// Settings as a dictionary of Python's, under the names by which they are given.
pub fn to_python<'py>(py: Python<'py>, settings: &TrainSettings) -> PyResult<Bound<'py, PyAny>> {
    let mut all = object(settings)?;
    for group in GROUPS {
        if let Some(Value::Object(group)) = all.remove(group) {
            all.extend(group);
        }
    }
    loads(py, &Value::Object(all))
}

/// A value of JSON as Python has it.
pub fn loads<'py>(py: Python<'py>, value: &impl serde::Serialize) -> PyResult<Bound<'py, PyAny>> {
    let text = serde_json::to_string(value).map_err(|error| refused(error, "reporting this"))?;
    py.import("json")?.call_method1("loads", (text,))
}

fn object(settings: &TrainSettings) -> PyResult<Map<String, Value>> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(object)) => Ok(object),
        other => Err(refused(format!("{other:?}"), "reporting this")),
    }
}

fn from_python(given: &Bound<'_, PyDict>) -> PyResult<Map<String, Value>> {
    let py = given.py();
    // Numbers of NumPy's and paths are told as what they stand for.
    let kwargs = PyDict::new(py);
    kwargs.set_item("default", py.import("rubrique._plain")?.getattr("plain")?)?;
    let text: String =
        py.import("json")?.call_method("dumps", (given,), Some(&kwargs))?.extract()?;
    serde_json::from_str(&text).map_err(|error| refused(error, "finite numbers"))
}

/// Where a setting stands.
fn place_of<'a>(name: &str, all: &'a mut Map<String, Value>) -> Option<&'a mut Value> {
    if GROUPS.contains(&name) {
        return None;
    }
    let group = GROUPS.into_iter().find(|group| all[*group].get(name).is_some());
    match group {
        Some(group) => all.get_mut(group)?.get_mut(name),
        None => all.get_mut(name),
    }
}

fn names(all: &Map<String, Value>) -> impl Iterator<Item = String> {
    let own = all.keys().filter(|name| !GROUPS.contains(&name.as_str()));
    let grouped = GROUPS.iter().flat_map(|group| all[*group].as_object()).flat_map(Map::keys);
    let mut names: Vec<String> = own.chain(grouped).cloned().collect();
    names.sort_unstable();
    names.into_iter()
}

/// Which of the settings has a value that it cannot have.
fn wrong(named: &[String], all: &Map<String, Value>, error: &serde_json::Error) -> PyErr {
    let defaults = object(&TrainSettings::default()).unwrap_or_default();
    for name in named {
        let (mut all, mut one) = (all.clone(), defaults.clone());
        if let (Some(value), Some(place)) = (place_of(name, &mut all), place_of(name, &mut one)) {
            *place = value.clone();
            if let Err(error) = serde_json::from_value::<TrainSettings>(Value::Object(one)) {
                return refused(format!("{name} cannot be {value}: {error}"), "another value");
            }
        }
    }
    refused(error, "other settings")
}

/// A value as people write it, as the library stores it.
fn plain(name: &str, value: Value) -> PyResult<Value> {
    Ok(match (name, value) {
        ("priors", Value::Array(shares)) => json!({ "given": shares }),
        ("stop_words", Value::Array(words)) => json!({ "own": words }),
        ("zones", Value::Array(weights)) => match &weights[..] {
            [title, lead, rest] => {
                let words = rubrique::features::Zones::default().lead_words;
                json!({ "title": title, "lead": lead, "lead_words": words, "rest": rest })
            }
            _ => return Err(refused("zones are three weights", "[2, 2, 1] for title, lead, rest")),
        },
        ("targets", Value::Object(by_topic)) => {
            let by_topic = by_topic.into_iter().map(|(topic, t)| Ok((topic, target(&t)?)));
            let by_topic: Map<String, Value> = by_topic.collect::<PyResult<_>>()?;
            json!({ "default": "f1", "by_topic": by_topic })
        }
        ("targets", one) => json!({ "default": target(&one)?, "by_topic": {} }),
        (_, value) => value,
    })
}

/// `f1`, `precision=0.9` or `recall=0.95`.
fn target(value: &Value) -> PyResult<Value> {
    let text = value.as_str().unwrap_or_default();
    let share = |share: &str| share.parse::<f64>().ok();
    match text.split_once('=').map(|(kind, s)| (kind, share(s))) {
        None if text == "f1" => Ok(json!("f1")),
        Some((kind @ ("precision" | "recall"), Some(share))) => Ok(json!({ kind: share })),
        _ => Err(refused(format!("{value} is no target"), "f1, precision=0.9 or recall=0.95")),
    }
}

/// A file, or topics with their terms: a list of them, or each with its weight.
fn read_topic_terms(value: Value) -> PyResult<TopicTerms> {
    let wrong =
        || refused("topic_terms are topics with their terms", "{\"cycling\": [\"peloton\"]}");
    if let Value::String(path) = value {
        return library(TopicTerms::load(&PathBuf::from(path)));
    }
    let mut all: Vec<(String, String, u32)> = Vec::new();
    for (topic, terms) in value.as_object().ok_or_else(wrong)? {
        match terms {
            Value::Array(terms) => {
                for term in terms {
                    all.push((topic.clone(), term.as_str().ok_or_else(wrong)?.to_owned(), 1));
                }
            }
            Value::Object(terms) => {
                for (term, weight) in terms {
                    let weight = weight.as_u64().and_then(|w| u32::try_from(w).ok());
                    all.push((topic.clone(), term.clone(), weight.ok_or_else(wrong)?));
                }
            }
            _ => return Err(wrong()),
        }
    }
    let terms = all.iter().map(|(topic, term, weight)| (&**topic, &**term, *weight));
    TopicTerms::new(terms).map_err(|error| raised(&error))
}
