//! Model and shard files: one file, self-describing, never trusted.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | magic `rubrique` |
//! | 4 | format version, little endian |
//! | 1 | what it holds: `M` a model, `C` counted articles |
//! | 8 | length of the content before compression |
//! | 32 | SHA-256 of what follows |
//! | rest | zstd of the content in postcard's encoding |

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::classifier::{Classifier, Parts};
use super::counted_corpus::CountedCorpus;
use super::digest::Digest;
use crate::error::{Error, Place, Result};

/// The version of the models that this release writes. Those of every version since the first release are read, newer ones refused.
pub const MODEL_VERSION: u32 = 2;

/// The version of the shards that this release writes, which go by their own numbers. Those of every version since the first release are
/// read, newer ones refused.
pub const SHARD_VERSION: u32 = 3;

/// The oldest versions that are read, those of the first release; what was before was never released.
const OLDEST_MODEL: u32 = 2;
const OLDEST_SHARD: u32 = 3;

const MAGIC: &[u8; 8] = b"rubrique";
const HEADER: usize = 8 + 4 + 1 + 8 + 32;
/// Content longer than this is refused before anything is allocated.
const MOST_BYTES: u64 = 16 << 30;
/// No honest model is packed tighter than this; the smallest files may claim a little more. What is read needs at most about fifty times the
/// memory of its content: an empty list or name is one byte there, and 24 in memory, in a vector that may be half empty.
const MOST_RATIO: u64 = 200;
const LEAST_LIMIT: u64 = 1 << 20;
const LEVEL: i32 = 12;

/// The press model, compiled in, so that it works wherever the binary is run from.
static PRESS: &[u8] = include_bytes!("../../models/presse-fr.rubrique");

impl Classifier {
    /// The ready model for French press: terrorism, money laundering, diplomacy.
    pub fn press() -> Result<Self> {
        Self::from_bytes(PRESS, Path::new("models/presse-fr.rubrique"))
    }

    /// Reads a model file.
    pub fn load(path: &Path) -> Result<Self> {
        Self::from_bytes(&read(path)?, path)
    }

    /// Reads a model from the bytes of its file; `path` is named in errors.
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self> {
        let (mut parts, rest): (Parts, _) = open(bytes, b'M', path)?;
        // A model of before near-duplicates were counted ends with its parts.
        parts.card.near_duplicates = match &rest[..] {
            [] => None,
            rest => postcard::from_bytes(rest).map_err(|error| unreadable(path, &error))?,
        };
        let mut classifier =
            Self::new(parts).map_err(|error| Error::model(path, error.to_string(), TRAIN_AGAIN))?;
        classifier.digest = Some(Digest::of(bytes));
        Ok(classifier)
    }

    /// The bytes of the model's file: the same for the same articles and settings.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        seal(&(&self.parts, self.parts.card.near_duplicates), b'M', MODEL_VERSION)
    }

    /// The digest of the model's file, by which a result can name the model that it comes from: of the file that was read, or, of a
    /// model that was trained here, of the file that [`to_bytes`](Self::to_bytes) gives.
    ///
    /// ```
    /// use rubrique::{Classifier, pipeline::Digest};
    /// let bytes = std::fs::read("models/presse-fr.rubrique")?;
    /// assert_eq!(Classifier::press()?.digest()?, Digest::of(&bytes));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn digest(&self) -> Result<Digest> {
        self.digest.map_or_else(|| Ok(Digest::of(&self.to_bytes()?)), Ok)
    }
}

impl CountedCorpus {
    /// Reads a shard.
    pub fn load(path: &Path) -> Result<Self> {
        Self::from_bytes(&read(path)?, path)
    }

    /// Reads a shard from the bytes of its file; `path` is named in errors.
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self> {
        let (corpus, _): (Self, _) = open(bytes, b'C', path)?;
        if corpus.is_sound() {
            Ok(corpus)
        } else {
            Err(Error::model(path, "the counts contradict each other", COUNT_AGAIN))
        }
    }

    /// The bytes of the shard's file, in canonical form.
    pub fn to_bytes(self) -> Result<Vec<u8>> {
        seal(&self.canonical().0, b'C', SHARD_VERSION)
    }
}

const TRAIN_AGAIN: &str = "a fresh copy of the file, or training the model again";
const COUNT_AGAIN: &str = "a fresh copy of the file, or train --counts again";

/// The bytes of a file, if it begins like one of ours: a device that never ends is not read on.
fn read(path: &Path) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Error::input(Place::file(path), "there is no such file", "another path")
        }
        _ => Error::io(path, error),
    };
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    (&file).take(HEADER as u64).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.starts_with(MAGIC) {
        file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    }
    Ok(bytes)
}

fn seal(content: &impl Serialize, kind: u8, version: u32) -> Result<Vec<u8>> {
    let broken = |error: &dyn std::fmt::Display| Error::data(error.to_string(), "reporting this");
    let plain = postcard::to_stdvec(content).map_err(|e| broken(&e))?;
    let packed = zstd::encode_all(&plain[..], LEVEL).map_err(|e| broken(&e))?;
    let mut out = Vec::with_capacity(HEADER + packed.len());
    let mut write = |bytes: &[u8]| out.write_all(bytes).map_err(|e| broken(&e));
    write(MAGIC)?;
    write(&version.to_le_bytes())?;
    write(&[kind])?;
    write(&(plain.len() as u64).to_le_bytes())?;
    write(&Sha256::digest(&packed))?;
    write(&packed)?;
    Ok(out)
}

fn unreadable(path: &Path, error: &postcard::Error) -> Error {
    Error::model(path, format!("the content cannot be read ({error})"), TRAIN_AGAIN)
}

/// The content and the bytes after it.
fn open<T: DeserializeOwned>(bytes: &[u8], kind: u8, path: &Path) -> Result<(T, Vec<u8>)> {
    let refuse = |what: &str, hint: &str| Err(Error::model(path, what, hint));
    let Some((magic, rest)) = bytes.split_at_checked(8) else {
        return refuse("the file is too short to be a model", TRAIN_AGAIN);
    };
    if magic != MAGIC {
        return refuse("this is no file of rubrique", "the path of a model or of a shard");
    }
    if bytes.len() < HEADER {
        return refuse("the file is cut short", TRAIN_AGAIN);
    }
    if rest[4] != kind {
        return match kind {
            b'M' => refuse(
                "this is a shard of counts, not a model",
                "rubrique merge to make a model of it",
            ),
            _ => {
                refuse("this is a model, not a shard of counts", "a file written by train --counts")
            }
        };
    }
    let version = u32::from_le_bytes(rest[..4].try_into().unwrap_or_default());
    let (oldest, newest, again) = match kind {
        b'M' => (OLDEST_MODEL, MODEL_VERSION, TRAIN_AGAIN),
        _ => (OLDEST_SHARD, SHARD_VERSION, COUNT_AGAIN),
    };
    if version < oldest {
        let what = format!("format version {version} was never released and is not read");
        return refuse(&what, again);
    }
    if version > newest {
        let what =
            format!("format version {version} is not known; this release reads up to {newest}");
        return refuse(&what, "a newer release of rubrique");
    }
    let length = u64::from_le_bytes(rest[5..13].try_into().unwrap_or_default());
    let (digest, packed) = rest[13..].split_at(32);
    if Sha256::digest(packed).as_slice() != digest {
        return refuse(
            "the file is cut short or was altered: its checksum does not fit",
            TRAIN_AGAIN,
        );
    }
    if length > MOST_BYTES || length > LEAST_LIMIT.max(packed.len() as u64 * MOST_RATIO) {
        return refuse("the file claims to be larger than any model", TRAIN_AGAIN);
    }
    // Into so many bytes at once: whatever the frames of zstd claim, no window is allocated for them.
    let unpacked = zstd::bulk::decompress(packed, length as usize).ok();
    let Some(plain) = unpacked.filter(|plain| plain.len() as u64 == length) else {
        return refuse("the content does not have the length that the header says", TRAIN_AGAIN);
    };
    let (content, rest) =
        postcard::take_from_bytes(&plain).map_err(|error| unreadable(path, &error))?;
    Ok((content, rest.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ConformalLimits, OutputLayer, Task};
    use crate::pipeline::classifier::Learned;

    fn golden(name: &str) -> Parts {
        if name == "press" {
            return Classifier::press().unwrap().parts;
        }
        let path = format!("tests/golden/formats/model-{MODEL_VERSION}-{name}.rubrique");
        Classifier::load(Path::new(&path)).unwrap().parts
    }

    /// What is said of a model whose parts were altered and sealed with the right checksum; `None` where it loads.
    fn refused(name: &str, alter: impl FnOnce(&mut Parts)) -> Option<String> {
        let mut parts = golden(name);
        alter(&mut parts);
        let none: Option<u8> = None;
        let bytes = seal(&(&parts, none), b'M', MODEL_VERSION).unwrap();
        let read = Classifier::from_bytes(&bytes, Path::new("m.rubrique"));
        read.err().map(|error| error.to_string())
    }

    #[test]
    fn parts_must_fit_each_other() {
        for name in ["topics", "one-label", "gaussian"] {
            assert_eq!(refused(name, |_| {}), None, "as it is");
            let labels = refused(name, |parts| parts.labels.push("more".to_owned()));
            assert!(labels.unwrap().contains("labels and calibration do not fit"));
            let terms = refused(name, |parts| parts.terms.swap(0, 1));
            assert!(terms.unwrap().contains("the terms are not in order"));
            let index = refused(name, |parts| parts.variants.push(("mot".into(), u32::MAX)));
            assert!(index.unwrap().contains("the spellings do not fit"));
            let none = refused(name, |parts| parts.chosen.views.clear());
            assert!(none.unwrap().contains("no weights"));
            assert!(refused(name, |parts| drop(parts.terms.pop())).is_some());
            let thresholds = refused(name, |parts| parts.rule.thresholds.clear());
            assert!(thresholds.is_some());
        }
    }

    #[test]
    fn numbers_must_be_numbers() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            for name in ["topics", "one-label", "gaussian"] {
                let intercepts = refused(name, |parts| {
                    let task = parts.rule.task;
                    parts.layer = OutputLayer::plain(task, vec![number; parts.labels.len()]);
                });
                assert!(intercepts.is_some(), "{name}: {number}");
            }
            let weight = refused("press", |parts| match &mut parts.learned {
                Learned::Refined(_, weights) => weights[0] = number as f32,
                _ => panic!("the press model is refined"),
            });
            assert!(weight.is_some(), "{number}");
            let view = refused("one-label", |parts| parts.chosen.views[0].weight = number);
            assert!(view.is_some(), "{number}");
        }
        assert!(refused("topics", |parts| parts.rule.accept_from = f64::NAN).is_some());
        let limits = |parts: &mut Parts| {
            let classes = parts.labels.len();
            let nan = vec![f64::NAN; classes];
            parts.rule.limits =
                ConformalLimits { present_from: nan.clone(), absent_to: nan, coverage: 0.9 };
        };
        assert!(refused("topics", limits).is_some());
    }

    #[test]
    fn counts_must_be_those_of_documents() {
        // More documents outside of a topic hold a term than there are outside of it.
        let altered = refused("topics", |parts| {
            let Learned::Counts(counts) = &mut parts.learned else { panic!("it has counts alone") };
            let mut bytes = postcard::to_stdvec(&*counts).unwrap();
            let (classes, documents): (u32, u64) = postcard::from_bytes(&bytes).unwrap();
            assert!(classes < 128 && documents < 128 && documents > 1, "one byte each");
            bytes[1] = 1;
            *counts = postcard::from_bytes(&bytes).unwrap();
        });
        assert!(altered.unwrap().contains("counts, terms and labels do not fit"));
        assert_eq!(golden("topics").rule.task, Task::AnyLabels);
    }

    /// A shard with a term or a label twice is none that was counted.
    #[test]
    fn names_of_a_shard_stand_once() {
        let path = Path::new("tests/golden/formats/shard-3.counts");
        let refused = |alter: fn(&mut CountedCorpus)| {
            let mut corpus = CountedCorpus::load(path).unwrap();
            alter(&mut corpus);
            let bytes = seal(&corpus, b'C', SHARD_VERSION).unwrap();
            CountedCorpus::from_bytes(&bytes, path).is_err()
        };
        assert!(!refused(|_| ()));
        assert!(refused(|corpus| corpus.terms[1] = corpus.terms[0].clone()));
        assert!(refused(|corpus| corpus.labels[1] = corpus.labels[0].clone()));
    }
}
