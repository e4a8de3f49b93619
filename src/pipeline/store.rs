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
/// No honest model is packed tighter than this; small files may claim up to the least limit.
const MOST_RATIO: u64 = 200;
const LEAST_LIMIT: u64 = 64 << 20;
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

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Error::input(Place::file(path), "there is no such file", "another path")
        }
        _ => Error::io(path, error),
    })
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
    let mut plain = Vec::new();
    let unpacked = zstd::Decoder::new(packed)
        .and_then(|decoder| decoder.take(length.saturating_add(1)).read_to_end(&mut plain));
    if unpacked.is_err() || plain.len() as u64 != length {
        return refuse("the content does not have the length that the header says", TRAIN_AGAIN);
    }
    let (content, rest) =
        postcard::take_from_bytes(&plain).map_err(|error| unreadable(path, &error))?;
    Ok((content, rest.to_vec()))
}
