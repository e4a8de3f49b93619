//! Bytes to text, whatever wrote them.

use std::io::{self, BufReader, Read};

use encoding_rs_io::DecodeReaderBytesBuilder;

/// Cells are UTF-8 or, failing that, what their bytes look like (mostly Windows-1252 in French).
pub(super) fn decode(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let bytes = error.into_bytes();
            let mut detector =
                chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
            detector.feed(&bytes, true);
            let encoding = detector.guess(Some(b"fr"), chardetng::Utf8Detection::Allow);
            encoding.decode_without_bom_handling(&bytes).0.into_owned()
        }
    }
}

/// Reads through gzip and zstd, known by their first bytes, takes off a byte order mark, and turns UTF-16 into
/// UTF-8. Other bytes pass as they are.
pub(super) fn open(
    input: impl Read + Send + 'static,
) -> io::Result<BufReader<Box<dyn Read + Send>>> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let magic = peek(&mut input)?;
    let plain: Box<dyn Read + Send> = if magic.starts_with(&[0x1F, 0x8B]) {
        Box::new(flate2::bufread::MultiGzDecoder::new(input))
    } else if magic.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
        Box::new(zstd::Decoder::with_buffer(input)?)
    } else {
        Box::new(input)
    };
    let text = DecodeReaderBytesBuilder::new()
        .bom_override(true)
        .utf8_passthru(true)
        .strip_bom(true)
        .build(plain);
    Ok(BufReader::with_capacity(1 << 20, Box::new(text)))
}

/// The first bytes without taking them; a pipe may give them one by one.
fn peek(input: &mut BufReader<impl Read>) -> io::Result<Vec<u8>> {
    use std::io::BufRead;
    Ok(input.fill_buf()?.iter().take(4).copied().collect())
}
