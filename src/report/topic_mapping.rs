//! What topics are called elsewhere: IPTC Media Topics, GDELT themes, FATF offences.

use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Place, Result};

/// How an outside term and a topic relate, as in SKOS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// They mean the same.
    Exact,
    /// The outside term means more.
    Broader,
    /// The outside term means less.
    Narrower,
}

/// One outside term.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutsideTerm {
    /// The topic it belongs to.
    pub topic: String,
    /// The scheme, which is also the name of the output column.
    pub scheme: String,
    /// The term's code in its scheme.
    pub code: String,
    /// What the scheme calls it.
    pub label: String,
    /// How it relates to the topic.
    pub relation: Relation,
}

/// A mapping of topics to the terms of other schemes, with its version.
///
/// ```
/// use rubrique::report::TopicMapping;
/// let mapping = TopicMapping::press();
/// assert_eq!(mapping.schemes(), ["iptc", "gdelt", "fatf"]);
/// assert_eq!(mapping.codes("iptc", &["terrorism", "diplomacy"]), ["medtop:20000103", "medtop:20000639", "broader medtop:20000638"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicMapping {
    /// The mapping's version.
    pub version: String,
    terms: Vec<OutsideTerm>,
}

impl TopicMapping {
    /// The mapping of the press model's topics, `models/topic-mapping.toml`.
    pub fn press() -> Self {
        let text = include_str!("../../models/topic-mapping.toml");
        toml::from_str(text).unwrap_or_else(|_| Self { version: String::new(), terms: Vec::new() })
    }

    /// Reads a mapping file: TOML, written as that of the press model.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
        toml::from_str(&text).map_err(|error| {
            let what = format!("is no mapping of topics: {}", error.message());
            Error::input(Place::file(path), what, "a file like models/topic-mapping.toml")
        })
    }

    /// The schemes, in the order in which they first appear.
    pub fn schemes(&self) -> Vec<&str> {
        let mut schemes: Vec<&str> = Vec::new();
        for term in &self.terms {
            if !schemes.contains(&term.scheme.as_str()) {
                schemes.push(&term.scheme);
            }
        }
        schemes
    }

    /// The codes of one scheme for some topics, in the order of the topics; how a code relates stands before it unless they
    /// mean the same.
    pub fn codes<T: AsRef<str>>(&self, scheme: &str, topics: &[T]) -> Vec<String> {
        let mut codes: Vec<String> = Vec::new();
        for topic in topics {
            let is_of_topic = |t: &&OutsideTerm| t.scheme == scheme && t.topic == topic.as_ref();
            for term in self.terms.iter().filter(is_of_topic) {
                let code = match term.relation {
                    Relation::Exact => term.code.clone(),
                    Relation::Broader => format!("broader {}", term.code),
                    Relation::Narrower => format!("narrower {}", term.code),
                };
                if !codes.contains(&code) {
                    codes.push(code);
                }
            }
        }
        codes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_press_mapping_is_read_and_sound() {
        let mapping = TopicMapping::press();
        assert!(!mapping.version.is_empty());
        for term in &mapping.terms {
            assert!(["diplomacy", "money_laundering", "terrorism"].contains(&term.topic.as_str()));
            assert!(!term.code.contains(';') && !term.label.is_empty(), "{term:?}");
        }
        assert!(mapping.codes("iptc", &["other"]).is_empty());
    }

    #[test]
    fn a_file_that_is_no_mapping_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.toml");
        std::fs::write(&path, "version = 1").unwrap();
        assert!(TopicMapping::load(&path).unwrap_err().to_string().contains("no mapping"));
    }
}
