//! Reading through gzip and zstd, as far as an honest file goes.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is compressed may unpack to this many times its size. The articles of `data/` unpack to 2.2 to 3.4 times theirs, zeros to a thousand
/// times (gzip) and more (zstd). So does one set of articles written again and again, if the window of zstd holds it: such a file must be
/// unpacked first.
const MOST_RATIO: u64 = 200;
/// Up to here, in bytes, nothing is asked: small files may be as uniform as they like.
const FREE: u64 = 64 << 20;

/// Reads through gzip or zstd, known by the first bytes of the stream; other bytes pass as they are.
///
/// A stream that unpacks to far more than any text would ends with an error.
pub(super) fn unpack(
    packed: BufReader<impl Read + Send + 'static>,
    head: &[u8],
) -> io::Result<Box<dyn Read + Send>> {
    let count = Arc::new(AtomicU64::new(0));
    let counted = Counted { packed, count: count.clone() };
    Ok(if head.starts_with(&[0x1F, 0x8B]) {
        Box::new(Limited::new(flate2::bufread::MultiGzDecoder::new(counted), count))
    } else if head.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
        Box::new(Limited::new(zstd::Decoder::with_buffer(counted)?, count))
    } else {
        Box::new(counted.packed)
    })
}

/// A stream that tells how much of it was used.
struct Counted<R> {
    packed: BufReader<R>,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.packed.read(buffer)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.packed.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.packed.consume(bytes);
        self.count.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// What a decoder gives, until it is too much for what it took.
struct Limited<D> {
    decoder: D,
    taken: Arc<AtomicU64>,
    given: u64,
}

impl<D> Limited<D> {
    fn new(decoder: D, taken: Arc<AtomicU64>) -> Self {
        Self { decoder, taken, given: 0 }
    }
}

impl<D: Read> Read for Limited<D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(buffer)?;
        self.given += read as u64;
        if self.given > FREE && self.given / MOST_RATIO > self.taken.load(Ordering::Relaxed) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, Bomb));
        }
        Ok(read)
    }
}

/// Why the rest of a stream is not read.
#[derive(Debug)]
struct Bomb;

impl fmt::Display for Bomb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "it unpacks to more than {MOST_RATIO} times its size, as no articles do; try: unpacking it first (gunzip, unzstd), if it is \
             meant to be so"
        )
    }
}

impl std::error::Error for Bomb {}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    fn gzip(bytes: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        bytes.for_each(|bytes| gzip.write_all(&bytes).unwrap());
        gzip.finish().unwrap()
    }

    fn zstd(bytes: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
        let mut zstd = zstd::Encoder::new(Vec::new(), 1).unwrap();
        bytes.for_each(|bytes| zstd.write_all(&bytes).unwrap());
        zstd.finish().unwrap()
    }

    /// Bytes that were read, and the error at the end if there was one.
    fn read(packed: Vec<u8>) -> (u64, Option<io::Error>) {
        let head = packed[..4].to_vec();
        let mut plain = unpack(BufReader::new(Cursor::new(packed)), &head).unwrap();
        let mut count = 0;
        let mut buffer = vec![0; 1 << 16];
        loop {
            match plain.read(&mut buffer) {
                Ok(0) => return (count, None),
                Ok(read) => count += read as u64,
                Err(error) => return (count, Some(error)),
            }
        }
    }

    #[test]
    fn bombs_end_with_an_error_and_texts_do_not() {
        let megabytes = |n: usize| std::iter::repeat_n(vec![0; 1 << 20], n);
        for bomb in [gzip(megabytes(300)), zstd(megabytes(300))] {
            let (read, error) = read(bomb);
            assert!(read < 2 * FREE, "{read}");
            assert!(error.unwrap().to_string().contains("200 times its size"));
        }
        // Little, however it was packed; and much of what repeats itself as texts do.
        let articles = std::fs::read("data/corpus.csv").unwrap();
        let again = || std::iter::repeat_n(articles.clone(), 80);
        for (packed, length) in [
            (gzip(megabytes(60)), 60 << 20),
            (zstd(megabytes(60)), 60 << 20),
            (gzip(again()), 80 * articles.len() as u64),
            (zstd(again()), 80 * articles.len() as u64),
        ] {
            let (read, error) = read(packed);
            assert_eq!((read, error.map(|e| e.to_string())), (length, None));
        }
    }
}
