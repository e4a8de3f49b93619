//! Results that a run may be interrupted in, and go on with.
//!
//! While a run works, rows go to `OUT.partial`, and `OUT.checkpoint.json` says how far they are sure: synced to disk, together with what was
//! read for them. At the end come, in this order, a checkpoint that says so, the file's final name, the manifest, and the end of the
//! checkpoint; whoever finds a checkpoint can go on from there, whenever the run before was killed.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rubrique::corpus::InputDigest;

use super::counts::Counts;
use super::manifest::{Manifest, OutputDigest, beside, with_ending};

/// A checkpoint is due after so long, and sooner after so many bytes, if saving them takes no more than this part of the time.
const LONGEST: Duration = Duration::from_secs(1);
const MANY_BYTES: u64 = 1 << 19;
const PART: u32 = 100;

/// How a run begins.
pub(crate) enum Begun {
    /// With rows to write.
    Open(Box<Partial>),
    /// All was done before.
    Complete(Box<Manifest>),
}

/// The results of a run as far as they are.
pub(crate) struct Partial {
    names: Names,
    file: File,
    hasher: blake3::Hasher,
    /// The run, as it was when it was last made sure of.
    run: Manifest,
    /// Whether its inputs can be read a second time.
    is_resumable: bool,
    saved: Instant,
    saved_bytes: u64,
    saved_rows: u64,
    /// How long it took.
    saving: Duration,
}

/// The files of one output.
struct Names {
    output: PathBuf,
    partial: PathBuf,
    checkpoint: PathBuf,
    manifest: PathBuf,
}

impl Names {
    fn of(output: &Path) -> Self {
        // A link stays a link: the file it leads to is replaced.
        let output = output.canonicalize().unwrap_or_else(|_| output.to_owned());
        Self {
            partial: with_ending(&output, ".partial"),
            checkpoint: with_ending(&output, ".checkpoint.json"),
            manifest: beside(&output),
            output,
        }
    }

    /// Opens the file with the rows so far, for this run alone.
    fn open(&self, create: bool) -> Result<File> {
        let told = || {
            let output = self.output.display();
            format!("{output}: nothing can be written there; try: another --output")
        };
        loop {
            let mut options = File::options();
            options.read(true).write(true).create(create);
            let file = options.open(&self.partial).with_context(told)?;
            if let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
                bail!(
                    "{}: another run is writing it; try: another --output, or wait until it is done",
                    self.output.display()
                );
            }
            // The other run may have given it its final name meanwhile.
            if is_at(&file, &self.partial) {
                return Ok(file);
            }
        }
    }

    /// Gives results that are complete their name, and ends what is left to do.
    fn complete(&self, mut run: Manifest) -> Result<Manifest> {
        // A manifest of earlier results must not stand beside these.
        remove(&self.manifest)?;
        if self.partial.exists() {
            fs::rename(&self.partial, &self.output)
                .with_context(|| self.output.display().to_string())?;
            sync_folder(&self.output);
        }
        for output in &mut run.outputs {
            output.path = self.output.display().to_string();
        }
        run.save(&self.manifest).with_context(|| self.manifest.display().to_string())?;
        remove(&self.checkpoint)?;
        Ok(run)
    }
}

impl Partial {
    /// Begins results, in place of what an earlier run may have left.
    pub(crate) fn begin(output: &Path, run: Manifest, is_resumable: bool) -> Result<Self> {
        let names = Names::of(output);
        let file = names.open(true)?;
        // First: it must not speak of a file that begins anew.
        remove(&names.checkpoint)?;
        file.set_len(0).with_context(|| names.partial.display().to_string())?;
        sync_folder(&names.partial);
        Ok(Self::new(names, file, blake3::Hasher::new(), run, is_resumable))
    }

    fn new(
        names: Names,
        file: File,
        hasher: blake3::Hasher,
        run: Manifest,
        is_resumable: bool,
    ) -> Self {
        let (saved, saved_bytes, saved_rows) = (Instant::now(), hasher.count(), run.rows);
        let saving = Duration::ZERO;
        Self { names, file, hasher, run, is_resumable, saved, saved_bytes, saved_rows, saving }
    }

    /// Goes on with what an earlier run left, where it left anything; `inputs` are the paths of what is read.
    pub(crate) fn resume(output: &Path, run: Manifest, inputs: &[PathBuf]) -> Result<Begun> {
        let names = Names::of(output);
        // Before anything is looked at, so that no other run is at work on it.
        let file = names.partial.exists().then(|| names.open(false)).transpose()?;
        let Some(mut before) = Manifest::load(&names.checkpoint)? else {
            if let Some(done) = finished(&names, &run, inputs)? {
                return Ok(Begun::Complete(done.into()));
            }
            eprintln!(
                "note: there is nothing to resume beside {}; this begins with the first row",
                output.display()
            );
            drop(file);
            return Ok(Begun::Open(Self::begin(output, run, true)?.into()));
        };
        let refuse = |what: &str, hint: &str| -> Result<Begun> {
            bail!(
                "{}: the interrupted run cannot be resumed: {what}; try: {hint}without --resume, which begins with the first row",
                output.display()
            )
        };
        let changes = before.changes(&run);
        if !changes.is_empty() {
            return refuse(&changes.join(", "), "the same command as before, or ");
        }
        let written = before.outputs.first().cloned();
        let written = written.context("the checkpoint names no output")?;
        if before.finished.is_some() {
            if file.is_none() && !is(&names.output, &written) {
                return refuse("its results have changed or are gone", "");
            }
            return Ok(Begun::Complete(names.complete(before)?.into()));
        }
        ensure!(before.inputs.len() <= inputs.len(), "the checkpoint has more inputs");
        for (digest, path) in before.inputs.iter().zip(inputs) {
            if !digest.holds(path)? {
                let what = format!("{} has changed since", digest.path);
                return refuse(&what, "the input as it was, or ");
            }
        }
        let Some(mut file) = file else {
            return refuse(&format!("{} is gone", names.partial.display()), "");
        };
        let told = || names.partial.display().to_string();
        let mut hasher = blake3::Hasher::new();
        let read = hasher.update_reader((&mut file).take(written.bytes));
        read.with_context(told)?;
        if OutputDigest::new(&names.partial, &hasher).blake3 != written.blake3 {
            return refuse(&format!("{} has changed since", names.partial.display()), "");
        }
        file.set_len(written.bytes).with_context(told)?;
        file.seek(SeekFrom::Start(written.bytes)).with_context(told)?;
        before.resumed += 1;
        Ok(Begun::Open(Self::new(names, file, hasher, before, true).into()))
    }

    /// Rows that are written already, and what they were.
    pub(crate) fn counts(&self) -> Counts {
        self.run.counts.clone().unwrap_or_default()
    }

    /// Whether nothing is written yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.hasher.count() == 0
    }

    /// The rows that another run need not write again.
    pub(crate) fn saved_rows(&self) -> u64 {
        self.saved_rows
    }

    /// Whether another run can go on with it.
    pub(crate) fn is_resumable(&self) -> bool {
        self.is_resumable
    }

    /// The file with the rows so far.
    pub(crate) fn path(&self) -> &Path {
        &self.names.partial
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        Ok(())
    }

    /// Whether it is time to [`save`](Self::save).
    pub(crate) fn is_due(&self) -> bool {
        let since = self.saved.elapsed();
        let is_much = self.hasher.count() - self.saved_bytes >= MANY_BYTES;
        self.is_resumable && (since >= LONGEST || is_much && since >= PART * self.saving)
    }

    /// Makes sure of all that was written, with what was read for it.
    pub(crate) fn save(&mut self, inputs: Vec<InputDigest>, counts: &Counts) -> io::Result<()> {
        if !self.is_resumable {
            return Ok(());
        }
        let began = Instant::now();
        self.sync(inputs, counts)?;
        self.run.save(&self.names.checkpoint)?;
        self.saving = began.elapsed();
        (self.saved, self.saved_bytes) = (Instant::now(), self.hasher.count());
        self.saved_rows = self.run.rows;
        Ok(())
    }

    fn sync(&mut self, inputs: Vec<InputDigest>, counts: &Counts) -> io::Result<()> {
        self.file.sync_data()?;
        self.run.inputs = inputs;
        self.run.rows = counts.rows();
        self.run.counts = Some(counts.clone());
        self.run.outputs = vec![OutputDigest::new(&self.names.partial, &self.hasher)];
        Ok(())
    }

    /// All rows are written: the file gets its name.
    pub(crate) fn complete(mut self, inputs: Vec<InputDigest>, counts: &Counts) -> Result<()> {
        self.run.finish();
        let saved = match self.is_resumable {
            true => self.save(inputs, counts),
            false => self.sync(inputs, counts),
        };
        saved.with_context(|| self.names.partial.display().to_string())?;
        self.names.complete(self.run).map(drop)
    }

    /// Takes off what a write that failed may have left.
    pub(crate) fn cut(&mut self) -> io::Result<()> {
        self.file.set_len(self.hasher.count())
    }

    /// Leaves nothing behind of a run that wrote no row.
    pub(crate) fn discard(self) -> Result<()> {
        remove(&with_ending(&self.names.checkpoint, ".new"))?;
        remove(&self.names.checkpoint)?;
        remove(&self.names.partial)
    }
}

/// The manifest beside results that are those of this run, all of them.
fn finished(names: &Names, run: &Manifest, inputs: &[PathBuf]) -> Result<Option<Manifest>> {
    // A manifest that cannot be read is no reason not to begin.
    let Ok(Some(done)) = Manifest::load(&names.manifest) else { return Ok(None) };
    let is_same = done.command == run.command
        && done.changes(run).is_empty()
        && done.inputs.len() == inputs.len()
        && done.outputs.first().is_some_and(|written| is(&names.output, written));
    if !is_same {
        return Ok(None);
    }
    for (digest, path) in done.inputs.iter().zip(inputs) {
        if !digest.holds(path)? {
            return Ok(None);
        }
    }
    Ok(Some(done))
}

/// Whether a file is the one that was written.
fn is(path: &Path, written: &OutputDigest) -> bool {
    let found = OutputDigest::of(path);
    found.is_ok_and(|found| (found.bytes, &found.blake3) == (written.bytes, &written.blake3))
}

/// Whether a file that was opened by this name still has it.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let known = |meta: &fs::Metadata| (meta.dev(), meta.ino());
        matches!((file.metadata(), fs::metadata(path)), (Ok(a), Ok(b)) if known(&a) == known(&b))
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| path.display().to_string())
        }
        _ => Ok(()),
    }
}

/// Makes sure of the names in a file's folder, where the system has a way to.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
        let _ = folder.sync_all();
    }
}
