//! What was read of the inputs, and numbers that tell it from everything else.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use blake3::Hasher;
use serde::{Deserialize, Serialize};

use super::folder;
use crate::error::{Error, Result};

/// How much of one input was read, and the BLAKE3 digest of that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputDigest {
    /// The input as it was named; `-` is standard input.
    pub path: String,
    /// Of a folder, how many of its files were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<u64>,
    /// Bytes that were read, as they lie on disk.
    pub bytes: u64,
    /// Whether that was all there was.
    pub whole: bool,
    /// 64 hexadecimal digits: of a file what `b3sum` writes for these bytes; of a folder, the digest of the lines that `b3sum` writes for the
    /// files in the order in which they are read, by their names below the folder.
    pub blake3: String,
}

impl InputDigest {
    /// Whether the file or folder at `path` still begins with what was read, and still ends there if that was all.
    ///
    /// Fails where it cannot be read.
    pub fn holds(&self, path: &Path) -> Result<bool> {
        let Some(count) = self.files else {
            let file = File::open(path).map_err(|e| Error::io(path, e))?;
            let mut hasher = Hasher::new();
            let mut start = file.take(self.bytes);
            let read = copy(&mut start, &mut hasher).map_err(|e| Error::io(path, e))?;
            let mut rest = start.into_inner();
            let ends = !self.whole || matches!(rest.read(&mut [0]), Ok(0));
            return Ok(read == self.bytes && ends && hex(&hasher) == self.blake3);
        };
        if !path.is_dir() {
            return Ok(false);
        }
        let (files, _) = folder::articles(path)?;
        let available = files.len() as u64;
        if available < count || (self.whole && available > count) {
            return Ok(false);
        }
        let mut input = Input::new(path);
        input.begin_folder(available);
        for file in files.iter().take(count as usize) {
            input.begin_file();
            // What cannot be read was not read then.
            if let Ok(mut stream) = File::open(&file.path) {
                let _ = copy(&mut stream, &mut input.file);
            }
            input.end_file(&file.id);
        }
        Ok(hex(&input.hasher) == self.blake3)
    }
}

/// Where reading stands: what was read of the input that is being read, and which one that is.
#[derive(Clone, Debug)]
pub struct ReadSoFar {
    input: usize,
    digest: InputDigest,
}

/// Digests of all inputs of a [`Reader`](super::Reader), which grow while it reads. Copies show the same.
///
/// ```
/// use rubrique::corpus::{ReadOptions, Reader};
/// let options = ReadOptions { digest_inputs: true, ..ReadOptions::default() };
/// let reader = Reader::open(&["data/articles.csv".into()], &options)?;
/// let digests = reader.digests();
/// assert_eq!(reader.count(), 30);
/// let digest = &digests.all()[0];
/// assert!(digest.whole && digest.holds("data/articles.csv".as_ref())?);
/// # Ok::<(), rubrique::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct InputDigests(Option<Arc<Mutex<State>>>);

#[derive(Default)]
struct State {
    inputs: Vec<Input>,
    /// The one whose turn it is.
    current: usize,
}

/// One input as it is read.
struct Input {
    path: PathBuf,
    /// Of the bytes of a file; of a folder, of the lines for its files.
    hasher: Hasher,
    /// Of the bytes of the folder's file that is being read.
    file: Hasher,
    bytes: u64,
    at_end: bool,
    /// Of a folder, how many files were read and how many there are.
    files: Option<(u64, u64)>,
}

impl Input {
    fn new(path: &Path) -> Self {
        let (hasher, file) = (Hasher::new(), Hasher::new());
        Self { path: path.to_owned(), hasher, file, bytes: 0, at_end: false, files: None }
    }

    fn begin_folder(&mut self, files: u64) {
        self.files = Some((0, files));
    }

    /// A file is begun: of a folder, one more, else the input from its beginning.
    fn begin_file(&mut self) {
        if self.files.is_none() {
            *self = Self::new(&self.path);
        }
        self.file.reset();
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.at_end = bytes.is_empty();
        let hasher = if self.files.is_some() { &mut self.file } else { &mut self.hasher };
        hasher.update(bytes);
    }

    fn end_file(&mut self, name: &str) {
        if let Some((read, _)) = &mut self.files {
            *read += 1;
            self.hasher.update(format!("{}  {name}\n", hex(&self.file)).as_bytes());
        }
    }

    fn digest(&self) -> InputDigest {
        InputDigest {
            path: self.path.display().to_string(),
            files: self.files.map(|(read, _)| read),
            bytes: self.bytes,
            whole: self.files.map_or(self.at_end, |(read, all)| read == all),
            blake3: hex(&self.hasher),
        }
    }
}

impl InputDigests {
    pub(super) fn new(inputs: &[PathBuf]) -> Self {
        let inputs = inputs.iter().map(|path| Input::new(path)).collect();
        Self(Some(Arc::new(Mutex::new(State { inputs, current: 0 }))))
    }

    fn lock(&self) -> Option<MutexGuard<'_, State>> {
        let state = self.0.as_ref()?;
        Some(state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// An input is a folder of so many files.
    pub(super) fn begin_folder(&self, input: usize, files: usize) {
        if let Some(mut state) = self.lock() {
            state.inputs[input].begin_folder(files as u64);
        }
    }

    /// It is this input's turn.
    pub(super) fn begin(&self, input: usize) {
        if let Some(mut state) = self.lock() {
            state.current = input;
        }
    }

    /// The input whose turn it is.
    pub(super) fn current(&self) -> usize {
        self.lock().map_or(0, |state| state.current)
    }

    /// Digests what is read of a stream as what is read of an input, from its beginning or, of a folder, from that of one file more.
    pub(super) fn digest<R: Read>(&self, input: usize, stream: R) -> Digested<R> {
        if let Some(mut state) = self.lock() {
            state.inputs[input].begin_file();
        }
        Digested { stream, digests: self.clone(), input, is_read_out: false }
    }

    /// The file that was read is over.
    pub(super) fn end_file(&self, name: &str) {
        if let Some(mut state) = self.lock() {
            let current = state.current;
            state.inputs[current].end_file(name);
        }
    }

    /// Digests a file that is then read here and there.
    pub(super) fn digest_file(&self, input: usize, path: &Path) -> Result<()> {
        if self.0.is_some() {
            let file = File::open(path).map_err(|e| Error::io(path, e))?;
            let copied = io::copy(&mut self.digest(input, file), &mut io::sink());
            copied.map_err(|e| Error::io(path, e))?;
        }
        Ok(())
    }

    fn feed(&self, input: usize, bytes: &[u8]) {
        if let Some(mut state) = self.lock() {
            state.inputs[input].feed(bytes);
        }
    }

    /// Where reading stands; `None` where nothing is digested.
    pub fn so_far(&self) -> Option<ReadSoFar> {
        let state = self.lock()?;
        let input = state.current;
        Some(ReadSoFar { input, digest: state.inputs.get(input)?.digest() })
    }

    /// The digests of what had been read by then, input by input.
    pub fn until(&self, then: &ReadSoFar) -> Vec<InputDigest> {
        let Some(state) = self.lock() else { return Vec::new() };
        let before = state.inputs[..then.input].iter().map(Input::digest);
        before.chain([then.digest.clone()]).collect()
    }

    /// The digests of all inputs, as far as they were read.
    pub fn all(&self) -> Vec<InputDigest> {
        self.lock().map_or_else(Vec::new, |state| state.inputs.iter().map(Input::digest).collect())
    }
}

/// A stream whose bytes are digested as they are read.
pub(super) struct Digested<R: Read> {
    stream: R,
    digests: InputDigests,
    input: usize,
    is_read_out: bool,
}

impl<R: Read> Digested<R> {
    /// The digest is to be that of the whole file, however little of it is wanted.
    pub(super) fn read_out(mut self) -> Self {
        self.is_read_out = self.digests.0.is_some();
        self
    }
}

impl<R: Read> Read for Digested<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        if !buffer.is_empty() {
            self.digests.feed(self.input, &buffer[..read]);
        }
        Ok(read)
    }
}

impl<R: Read> Drop for Digested<R> {
    fn drop(&mut self) {
        if self.is_read_out {
            let _ = io::copy(self, &mut io::sink());
        }
    }
}

fn hex(hasher: &Hasher) -> String {
    hasher.finalize().to_hex().to_string()
}

/// Digests a stream to its end; how many bytes that was.
fn copy(stream: &mut impl Read, hasher: &mut Hasher) -> io::Result<u64> {
    let before = hasher.count();
    hasher.update_reader(stream)?;
    Ok(hasher.count() - before)
}

#[cfg(test)]
mod tests {
    use super::super::{ReadOptions, Reader};
    use super::*;

    fn digests(inputs: &[PathBuf]) -> Vec<InputDigest> {
        let options = ReadOptions { digest_inputs: true, ..ReadOptions::default() };
        let reader = Reader::open(inputs, &options).unwrap();
        let digests = reader.digests();
        assert!(reader.map(Result::unwrap).count() > 0);
        digests.all()
    }

    #[test]
    fn a_file_is_digested_as_it_lies_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv.zst");
        let mut bytes = zstd::encode_all("id,text\n1,déjà vu\n".as_bytes(), 1).unwrap();
        std::fs::write(&path, &bytes).unwrap();
        let digest = digests(std::slice::from_ref(&path)).remove(0);
        assert_eq!(digest.blake3, blake3::hash(&bytes).to_hex().as_str());
        assert_eq!((digest.bytes, digest.whole, digest.files), (bytes.len() as u64, true, None));
        assert!(digest.holds(&path).unwrap());
        let start = InputDigest { whole: false, ..digest.clone() };

        // More behind it is all right only where it is not known to be all.
        bytes.push(0);
        std::fs::write(&path, &bytes).unwrap();
        assert!(!digest.holds(&path).unwrap());
        assert!(start.holds(&path).unwrap());
        bytes[5] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert!(!start.holds(&path).unwrap());
        std::fs::write(&path, &bytes[..5]).unwrap();
        assert!(!start.holds(&path).unwrap());
    }

    #[test]
    fn a_folder_is_digested_as_the_lines_of_b3sum() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
        write("a.txt", b"un");
        // A file that cannot be unpacked is digested whole all the same.
        let broken = [&[0x1F, 0x8B, 8, 9][..], &[7; 300_000]].concat();
        write("b.txt.gz", &broken);
        write("notes.md", b"is no article");
        let path = folder.path().to_owned();
        let digest = digests(std::slice::from_ref(&path)).remove(0);
        let lines = format!(
            "{}  a.txt\n{}  b.txt.gz\n",
            blake3::hash(b"un").to_hex(),
            blake3::hash(&broken).to_hex()
        );
        assert_eq!(digest.blake3, blake3::hash(lines.as_bytes()).to_hex().as_str());
        assert_eq!((digest.files, digest.bytes, digest.whole), (Some(2), 300_006, true));
        assert!(digest.holds(&path).unwrap());

        write("c.txt", b"trois");
        assert!(!digest.holds(&path).unwrap(), "one more");
        assert!(InputDigest { whole: false, ..digest.clone() }.holds(&path).unwrap());
        std::fs::rename(path.join("a.txt"), path.join("aa.txt")).unwrap();
        assert!(!InputDigest { whole: false, ..digest }.holds(&path).unwrap(), "another name");
    }

    #[test]
    fn what_was_read_by_then_stays_what_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a.csv", "b.csv"].map(|name| folder.path().join(name));
        let large = format!("id,text\n{}", "1,un deux trois quatre\n".repeat(200_000));
        std::fs::write(&paths[0], &large).unwrap();
        std::fs::write(&paths[1], "id,text\n2,deux\n").unwrap();
        let options = ReadOptions { digest_inputs: true, ..ReadOptions::default() };
        let reader = Reader::open(&paths, &options).unwrap();
        let digests = reader.digests();
        let mut seen = Vec::new();
        for batch in reader.into_batches() {
            batch.unwrap();
            seen.push(digests.so_far().unwrap());
        }
        let first = digests.until(&seen[0]);
        assert!(first.len() == 1 && !first[0].whole && first[0].holds(&paths[0]).unwrap());
        assert!(first[0].bytes < large.len() as u64 / 2);
        assert_eq!(digests.until(seen.last().unwrap()), digests.all());
        assert!(digests.all().iter().all(|digest| digest.whole));
    }
}
