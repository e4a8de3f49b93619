//! Where the rows of a batch run go.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use rubrique::corpus::{InputDigests, ReadSoFar};

use super::counts::Counts;
use super::output::Output;
use super::partial::Partial;

/// A stream, which has what it was given, or a file that is resumed where it was interrupted.
pub(super) enum Results {
    Stream(Output),
    File(Box<Partial>),
}

impl Results {
    /// Where they are while they are written.
    pub(super) fn place(&self, output: &Path) -> PathBuf {
        match self {
            // A path of `-` would be told as standard input.
            Self::Stream(_) if output == Path::new("-") => "standard output".into(),
            Self::Stream(_) => output.to_owned(),
            Self::File(partial) => partial.path().to_owned(),
        }
    }

    /// What was written before this run.
    pub(super) fn counts(&self) -> Counts {
        match self {
            Self::Stream(_) => Counts::default(),
            Self::File(partial) => partial.counts(),
        }
    }

    /// Whether nothing was written yet.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Stream(_) => true,
            Self::File(partial) => partial.is_empty(),
        }
    }

    pub(super) fn write(&mut self, rows: &[u8]) -> io::Result<()> {
        match self {
            Self::Stream(out) => {
                out.write_all(rows)?;
                // Whoever reads a pipe gets whole batches as they are done.
                out.flush()
            }
            Self::File(partial) => partial.write(rows),
        }
    }

    /// Makes sure of what was written from time to time.
    pub(super) fn keep_safe(
        &mut self,
        digests: &InputDigests,
        read: Option<&ReadSoFar>,
        counts: &Counts,
    ) -> io::Result<()> {
        match (self, read) {
            (Self::File(partial), Some(read)) if partial.is_due() => {
                partial.save(digests.until(read), counts)
            }
            _ => Ok(()),
        }
    }

    /// All rows are written.
    pub(super) fn complete(self, digests: &InputDigests, counts: &Counts) -> Result<()> {
        match self {
            Self::Stream(out) => out.finish(),
            Self::File(partial) => partial.complete(digests.all(), counts),
        }
    }

    /// The run ends before its time: what was written is kept, for another run where that is possible.
    pub(super) fn interrupt(
        self,
        digests: &InputDigests,
        read: Option<&ReadSoFar>,
        counts: &Counts,
    ) -> Result<Kept> {
        let Self::File(mut partial) = self else { return Ok(Kept::Nothing) };
        let path = partial.path().to_owned();
        // On a full disk this may fail as well; an earlier checkpoint is left then, or none.
        let _ = partial
            .cut()
            .and_then(|()| read.map_or(Ok(()), |read| partial.save(digests.until(read), counts)));
        Ok(match (partial.is_resumable(), partial.saved_rows()) {
            (true, rows) if rows > 0 => Kept::Resumable { rows },
            (false, _) if counts.rows() > 0 => Kept::Rows { rows: counts.rows(), path },
            _ => {
                partial.discard()?;
                Kept::Nothing
            }
        })
    }
}

/// What an interrupted run leaves.
pub(super) enum Kept {
    Nothing,
    /// Rows that another run goes on behind.
    Resumable {
        rows: u64,
    },
    /// Rows of an input that cannot be read again.
    Rows {
        rows: u64,
        path: PathBuf,
    },
}
