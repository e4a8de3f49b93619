//! What a topic is about, in a few words of the user's: a way to start with a rare topic or a new one.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::csv::sniff_delimiter;
use super::encoding::{decode, open_text};
use super::labels::LabelSet;
use super::reader::same_name;
use crate::error::{Error, Place, Result};

/// Words and phrases by topic, each with a weight. Training counts them as articles of their topic.
///
/// ```
/// use rubrique::corpus::TopicTerms;
/// let terms = TopicTerms::new([("tennis", "tournoi", 1), ("tennis", "coupe Davis", 2)])?;
/// assert_eq!(terms.topics().collect::<Vec<_>>(), ["tennis"]);
/// assert_eq!(terms.of("tennis").count(), 2);
/// # Ok::<(), rubrique::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicTerms(BTreeMap<String, BTreeMap<String, u32>>);

/// The weights a term may have.
const WEIGHTS: std::ops::RangeInclusive<i64> = 1..=100;
const WEIGHT_HINT: &str = "a whole number from 1 to 100";

impl TopicTerms {
    /// The terms of these (topic, term, weight).
    pub fn new<'a>(terms: impl IntoIterator<Item = (&'a str, &'a str, u32)>) -> Result<Self> {
        let mut out = Self::default();
        for (topic, term, weight) in terms {
            out.add(topic, term, i64::from(weight))
                .map_err(|(what, hint)| Error::data(what, hint))?;
        }
        Ok(out)
    }

    /// Reads a file: CSV with the columns `topic`, `term` and, where terms weigh differently, `weight`; or TOML, by its extension,
    /// with a table (`term = weight`) or a list of terms for each topic.
    pub fn load(path: &Path) -> Result<Self> {
        let is_toml = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
        let out = if is_toml { Self::from_toml(path)? } else { Self::from_csv(path)? };
        if out.is_empty() {
            return Err(Error::input(Place::file(path), "the file names no term", FORMAT_HINT));
        }
        Ok(out)
    }

    fn from_toml(path: &Path) -> Result<Self> {
        let mut text = String::new();
        open_text(path)?.read_to_string(&mut text).map_err(|e| Error::io(path, e))?;
        let topics: toml::Table = toml::from_str(&text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = text.as_bytes()[..start].iter().filter(|b| **b == b'\n').count() as u64 + 1;
            let place = Place { line: Some(line), ..Place::file(path) };
            Error::input(place, error.message(), FORMAT_HINT)
        })?;
        let mut out = Self::default();
        let refuse = |(what, hint): Problem| Error::input(Place::file(path), what, hint);
        let no_term = |topic: &str| refuse((format!("\"{topic}\" has no terms"), FORMAT_HINT));
        for (topic, terms) in &topics {
            match terms {
                toml::Value::Array(terms) => {
                    for term in terms {
                        let term = term.as_str().ok_or_else(|| no_term(topic))?;
                        out.add(topic, term, 1).map_err(refuse)?;
                    }
                }
                toml::Value::Table(terms) => {
                    for (term, weight) in terms {
                        let weight = weight.as_integer().ok_or_else(|| {
                            refuse((
                                format!("\"{term}\" of {topic} has no whole weight"),
                                WEIGHT_HINT,
                            ))
                        })?;
                        out.add(topic, term, weight).map_err(refuse)?;
                    }
                }
                _ => return Err(no_term(topic)),
            }
        }
        Ok(out)
    }

    fn from_csv(path: &Path) -> Result<Self> {
        let mut bytes = Vec::new();
        open_text(path)?.read_to_end(&mut bytes).map_err(|e| Error::io(path, e))?;
        let text = decode(bytes);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(sniff_delimiter(text.as_bytes()))
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut records = reader.records();
        let header = records.next().and_then(std::result::Result::ok).unwrap_or_default();
        let column = |name: &str| header.iter().position(|cell| same_name(cell, name));
        let needed = |name: &str| {
            column(name).ok_or_else(|| {
                let place = Place { line: Some(1), ..Place::file(path) };
                Error::input(place, format!("there is no column \"{name}\""), FORMAT_HINT)
            })
        };
        let (topic, term, weight) = (needed("topic")?, needed("term")?, column("weight"));
        let mut out = Self::default();
        for record in records {
            let record = record.map_err(|e| {
                let line = e.position().map(csv::Position::line);
                Error::input(Place { line, ..Place::file(path) }, e.to_string(), FORMAT_HINT)
            })?;
            let cell = |at: usize| record.get(at).unwrap_or_default().trim();
            let weight = match weight.map(cell) {
                None | Some("") => Ok(1),
                Some(cell) => cell.parse::<i64>().map_err(|_| {
                    (
                        format!("\"{}\" weighs \"{cell}\"", record.get(term).unwrap_or_default()),
                        WEIGHT_HINT,
                    )
                }),
            };
            weight.and_then(|weight| out.add(cell(topic), cell(term), weight)).map_err(
                |(what, hint)| {
                    let line = record.position().map(csv::Position::line);
                    Error::input(Place { line, ..Place::file(path) }, what, hint)
                },
            )?;
        }
        Ok(out)
    }

    fn add(&mut self, topic: &str, term: &str, weight: i64) -> std::result::Result<(), Problem> {
        let (topic, term) = (topic.trim(), term.trim());
        if LabelSet::parse(topic).names() != [topic] {
            return Err((format!("\"{topic}\" names no topic"), "the name of one label"));
        }
        if term.is_empty() {
            return Err((format!("a term of {topic} is empty"), "a word or a phrase"));
        }
        if !WEIGHTS.contains(&weight) {
            return Err((format!("\"{term}\" of {topic} weighs {weight}"), WEIGHT_HINT));
        }
        let terms = self.0.entry(topic.to_owned()).or_default();
        if terms.insert(term.to_owned(), weight as u32).is_some() {
            return Err((format!("\"{term}\" of {topic} is there twice"), "one weight a term"));
        }
        Ok(())
    }

    /// Whether no topic has terms.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The topics, sorted.
    pub fn topics(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The terms of a topic with their weights, sorted.
    pub fn of(&self, topic: &str) -> impl Iterator<Item = (&str, u32)> {
        self.0.get(topic).into_iter().flatten().map(|(term, weight)| (term.as_str(), *weight))
    }
}

/// What is wrong, and what to try.
type Problem = (String, &'static str);

const FORMAT_HINT: &str = "CSV with the columns topic, term, weight, or TOML such as: tennis = [\"tournoi\", \"coupe Davis\"]";

#[cfg(test)]
mod tests {
    use super::*;

    fn load(name: &str, content: &str) -> Result<TopicTerms> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        TopicTerms::load(&path)
    }

    #[test]
    fn every_format_gives_the_same_terms() {
        let expected = TopicTerms::new([
            ("terrorism", "attentat", 2),
            ("terrorism", "mise en examen", 1),
            ("vélo", "étape", 1),
        ])
        .unwrap();
        let toml = "vélo = [\"étape\"]\n[terrorism]\nattentat = 2\n\"mise en examen\" = 1\n";
        // A bare key of TOML is ASCII.
        let toml = toml.replace("vélo", "\"vélo\"");
        assert_eq!(load("a.toml", &toml).unwrap(), expected);
        let csv =
            "topic,term,weight\nvélo,étape,\nterrorism,attentat,2\nterrorism,mise en examen,1\n";
        assert_eq!(load("a.csv", csv).unwrap(), expected);
        assert_eq!(load("a.csv", &csv.replace(',', ";")).unwrap(), expected);
        let plain = load("a.csv", "term,topic\nétape,vélo\n").unwrap();
        assert_eq!(plain.of("vélo").collect::<Vec<_>>(), [("étape", 1)]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (name, content, parts) in [
            ("a.csv", "topic,term\nvélo,étape\nvélo,étape\n", &["line 3", "twice"][..]),
            ("a.csv", "topic,term,weight\nvélo,étape,0\n", &["line 2", "weighs 0", "1 to 100"]),
            ("a.csv", "topic,term,weight\nvélo,étape,lourd\n", &["line 2", "lourd"]),
            ("a.csv", "topic,term\nother,étape\n", &["line 2", "\"other\" names no topic"]),
            ("a.csv", "topic,term\nvélo, \n", &["line 2", "empty"]),
            ("a.csv", "topic,mot\nvélo,étape\n", &["line 1", "\"term\""]),
            ("a.csv", "topic,term\n", &["no term"]),
            ("a.toml", "velo = 3\n", &["velo", "no terms"]),
            ("a.toml", "[velo]\n\ntour = \n", &["line 3"]),
            ("a.toml", "[velo]\ntour = 1.5\n", &["tour", "no whole weight"]),
        ] {
            let error = load(name, content).unwrap_err().to_string();
            assert!(parts.iter().all(|part| error.contains(part)), "{content}: {error}");
            assert!(error.contains(name) && error.contains("try: "), "{error}");
        }
    }
}
