//! Files that appear whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

/// Somewhere to write: standard output, or a file that is written beside its final name and renamed when
/// it is complete.
pub(crate) enum Output {
    Stdout(BufWriter<io::Stdout>),
    File {
        temporary: BufWriter<NamedTempFile>,
        path: PathBuf,
    },
    /// A pipe or device, which a file must not take the place of.
    Special(BufWriter<File>),
}

impl Output {
    /// Opens it before the long work, so that a folder that is missing or closed is told at once.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Stdout(BufWriter::with_capacity(1 << 16, io::stdout())));
        }
        // A link stays a link: the file it leads to is replaced.
        let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if let Ok(meta) = path.metadata() {
            if meta.is_dir() {
                anyhow::bail!(
                    "{}: this is a folder; try: the name of a file in it",
                    path.display()
                );
            }
            if !meta.is_file() {
                let hint =
                    || format!("{}: it cannot be written; try: another file", path.display());
                let file = File::options().write(true).open(path).with_context(hint)?;
                return Ok(Self::Special(BufWriter::with_capacity(1 << 16, file)));
            }
        }
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
        let folder = parent.unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".rubrique-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any new file: the user's umask decides.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let temporary = builder.tempfile_in(folder).with_context(|| {
            format!("{}: nothing can be written there; try: another --output", path.display())
        })?;
        let temporary = BufWriter::with_capacity(1 << 18, temporary);
        Ok(Self::File { temporary, path: path.to_owned() })
    }

    /// Completes it: a file gets its name.
    pub(crate) fn finish(self) -> Result<()> {
        match self {
            Self::Stdout(mut out) => out.flush().context("standard output"),
            Self::Special(mut out) => Ok(out.flush()?),
            Self::File { temporary, path } => {
                let named = || path.display().to_string();
                let temporary = temporary.into_inner().map_err(|e| e.into_error());
                let temporary = temporary.with_context(named)?;
                let file: &File = temporary.as_file();
                file.sync_all().with_context(named)?;
                temporary.persist(&path).map_err(|e| e.error).with_context(named)?;
                Ok(())
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::Special(out) => out.write(bytes),
            Self::File { temporary, .. } => temporary.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::Special(out) => out.flush(),
            Self::File { temporary, .. } => temporary.flush(),
        }
    }
}

/// Whether the output is a file, or will be: no stream, pipe or device.
pub(crate) fn is_file(path: &Path) -> bool {
    path != Path::new("-") && path.metadata().map_or(true, |meta| meta.is_file())
}

/// Writes a whole file at once.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut output = Output::open(path)?;
    output.write_all(bytes).with_context(|| path.display().to_string())?;
    output.finish()
}
