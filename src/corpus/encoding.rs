//! Bytes to text, whatever wrote them.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

use encoding_rs_io::DecodeReaderBytesBuilder;

use super::decompression::unpack;
use super::input_digests::InputDigests;
use crate::error::{Error, Place, Result};

/// Cells are UTF-8 or, failing that, what their bytes look like (mostly Windows-1252 in French).
pub(super) fn decode(bytes: Vec<u8>) -> String {
    decode_noting(bytes, &mut None)
}

/// Decodes as [`decode`] does and notes the encoding where it is not UTF-8.
pub(super) fn decode_noting(bytes: Vec<u8>, other: &mut Option<&'static str>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let bytes = error.into_bytes();
            let mut detector =
                chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
            detector.feed(&bytes, true);
            let encoding = detector.guess(Some(b"fr"), chardetng::Utf8Detection::Allow);
            *other = Some(encoding.name());
            encoding.decode_without_bom_handling(&bytes).0.into_owned()
        }
    }
}

/// A page's bytes, in the encoding that it declares where its bytes do not gainsay it, else as [`decode`] finds it.
pub(super) fn decode_html(bytes: Vec<u8>, other: &mut Option<&'static str>) -> String {
    const HEAD: usize = 2048;
    if std::str::from_utf8(&bytes).is_ok() {
        return decode_noting(bytes, other);
    }
    let head = &bytes[..bytes.len().min(HEAD)].to_ascii_lowercase();
    let declared = memchr::memmem::find(head, b"charset=").map(|at| {
        let name = head[at + 8..].iter().skip_while(|b| b"\"' ".contains(b));
        let name: Vec<u8> =
            name.take_while(|b| b.is_ascii_alphanumeric() || b"-_".contains(b)).copied().collect();
        name
    });
    let encoding = declared.and_then(|name| encoding_rs::Encoding::for_label(&name));
    // A page that says UTF-8 and is not is detected.
    match encoding.filter(|encoding| *encoding != encoding_rs::UTF_8) {
        Some(encoding) => {
            *other = Some(encoding.name());
            encoding.decode_without_bom_handling(&bytes).0.into_owned()
        }
        None => decode_noting(bytes, other),
    }
}

/// Reads through gzip and zstd, known by their first bytes, takes off a byte order mark, and turns UTF-16 into
/// UTF-8. Other bytes pass as they are.
pub(super) fn open(
    input: impl Read + Send + 'static,
) -> io::Result<BufReader<Box<dyn Read + Send>>> {
    let input = Prefetched::new(input, PIECE);
    let magic = input.head()[..input.head().len().min(4)].to_owned();
    let input = BufReader::with_capacity(PIECE, input);
    let plain = unpack(input, &magic)?;
    let text = DecodeReaderBytesBuilder::new()
        .bom_override(true)
        .utf8_passthru(true)
        .strip_bom(true)
        .build(plain);
    let text = Prefetched::new(text, SAMPLE);
    Ok(BufReader::with_capacity(SAMPLE, Box::new(text)))
}

/// The first bytes of a stream, and the whole of it.
pub(super) fn look_ahead<R: Read>(input: R, bytes: usize) -> (Vec<u8>, impl Read + use<R>) {
    let input = Prefetched::new(input, bytes);
    (input.head().to_owned(), input)
}

/// Reads through gzip and zstd as [`open`] does, and takes what is in it for no text.
#[cfg(feature = "arrow")]
pub(super) fn open_bytes(
    input: impl Read + Send + 'static,
) -> io::Result<BufReader<Box<dyn Read + Send>>> {
    let input = Prefetched::new(input, 4);
    let magic = input.head().to_owned();
    let plain = unpack(BufReader::with_capacity(1 << 16, input), &magic)?;
    Ok(BufReader::with_capacity(1 << 16, Box::new(Prefetched::new(plain, 8))))
}

/// Opens a file, or standard input for `-`, as text: decompressed, without byte order mark, UTF-16 as UTF-8.
pub fn open_text(path: &Path) -> Result<BufReader<Box<dyn Read + Send>>> {
    open_digested(path, &InputDigests::default(), 0)
}

/// Opens as [`open_text`] does what is an input, or a file of one.
pub(super) fn open_digested(
    path: &Path,
    digests: &InputDigests,
    input: usize,
) -> Result<BufReader<Box<dyn Read + Send>>> {
    let opened = if path == Path::new("-") {
        open(digests.digest(input, io::stdin()))
    } else {
        let file = File::open(path).map_err(|e| missing(path, e))?;
        open(digests.digest(input, file).read_out())
    };
    opened.map_err(|e| Error::io(path, e))
}

/// What to say of a path that cannot be opened.
pub(super) fn missing(path: &Path, error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::NotFound {
        return Error::input(Place::file(path), "there is no such file or folder", "another path");
    }
    Error::io(path, error)
}

/// How much of a stream is at hand for finding out its delimiter and columns.
const SAMPLE: usize = 1 << 20;
/// How much is read at once, from the first byte on: a digest is quickest where what it is given begins at such multiples.
const PIECE: usize = 1 << 16;

/// A stream whose first bytes are read at once: pipes and decompressors hand them out in pieces, however large
/// the buffer, and a sample must not end at the first of these. An error on the way is kept for its turn.
struct Prefetched<R> {
    head: Cursor<Vec<u8>>,
    failed: Option<io::Error>,
    rest: R,
}

impl<R: Read> Prefetched<R> {
    fn new(mut rest: R, bytes: usize) -> Self {
        let mut head = Vec::new();
        let failed = rest.by_ref().take(bytes as u64).read_to_end(&mut head).err();
        Self { head: Cursor::new(head), failed, rest }
    }

    fn head(&self) -> &[u8] {
        self.head.get_ref()
    }
}

impl<R: Read> Read for Prefetched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.head.read(buffer)?;
        if read > 0 || buffer.is_empty() {
            return Ok(read);
        }
        // Given back early: every input of a run may be open at once.
        self.head = Cursor::default();
        self.failed.take().map_or_else(|| self.rest.read(buffer), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, Write};

    /// Hands out one byte at a time, as a slow pipe may, and fails at the end.
    struct Slow(Vec<u8>, usize, bool);

    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.get(self.1) {
                Some(&byte) if !buffer.is_empty() => {
                    buffer[0] = byte;
                    self.1 += 1;
                    Ok(1)
                }
                None if self.2 => Err(io::ErrorKind::UnexpectedEof.into()),
                _ => Ok(0),
            }
        }
    }

    fn read(bytes: Vec<u8>) -> String {
        let mut text = String::new();
        open(Slow(bytes, 0, false)).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn compression_and_byte_order_marks_are_known_on_a_slow_pipe() {
        let text = "id;texte\n1;déjà vu\n";
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        assert_eq!(read(gzip.finish().unwrap()), text);
        assert_eq!(read(zstd::encode_all(text.as_bytes(), 1).unwrap()), text);
        assert_eq!(read([b"\xEF\xBB\xBF", text.as_bytes()].concat()), text);
        let utf_16: Vec<u8> =
            std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(utf_16), text);
        assert_eq!(read(Vec::new()), "");
    }

    #[test]
    fn the_sample_is_whole_and_an_error_waits_for_its_turn() {
        let sample = "un,deux\ntrois,quatre\n";
        let mut stream = open(Slow(sample.into(), 0, true)).unwrap();
        assert_eq!(stream.fill_buf().unwrap(), sample.as_bytes());
        let mut text = String::new();
        assert!(stream.read_to_string(&mut text).is_err());
        assert_eq!(text, sample);
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_taken_for_windows_1252() {
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode("L’été, à Genève : 3 000 €");
        assert_eq!(decode(bytes.into_owned()), "L’été, à Genève : 3 000 €");
        assert_eq!(decode("déjà".as_bytes().to_vec()), "déjà");
    }
}
