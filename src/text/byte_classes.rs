//! Classes of sixty-four bytes at once, one bit a byte. The bytes are turned into eight masks, one for each of
//! their bits; a class is then a few logical operations for all bytes together, without a branch or a table.

/// Bytes that are classed together.
pub(super) const WIDTH: usize = 64;

/// One mask a class, the first byte lowest.
#[derive(Clone, Copy, Debug)]
pub(super) struct ByteClasses {
    /// Letters and digits of ASCII; lead bytes C3 to C5, which begin Latin letters; second bytes of any
    /// character.
    pub word: u64,
    /// Blanks and control characters of ASCII, without U+007F.
    pub blank: u64,
    /// Marks of ASCII that begin nothing longer.
    pub mark: u64,
    /// Those of them that may go on with a word.
    pub joint: u64,
    pub dot: u64,
    pub digit: u64,
    /// `h` and `H`.
    pub hour: u64,
    /// Second bytes of × and ÷, the two characters behind the lead byte C3 that are no letters.
    pub sign: u64,
}

impl ByteClasses {
    #[inline]
    pub(super) fn of(chunk: &[u8; WIDTH]) -> Self {
        let planes = Planes::of(chunk);
        let [b0, b1, b2, b3, b4, _, b6, b7] = planes.0;
        let digit = planes.matching(b'0', 0xF0) & !(b3 & (b2 | b1));
        let letter = !b7 & b6 & (b4 | b3 | b2 | b1 | b0) & !(b4 & b3 & (b2 | b1 & b0));
        let lead = planes.matching(0xC0, 0xF8) & (b2 ^ b1 & b0) & !(b2 & b1);
        let second = b7 & !b6;
        let word = letter | digit | lead | second;
        let blank = planes.matching(0, 0xE0) | planes.is(b' ');
        let ruled = planes.any(b"-@#~\x7F");
        let dot = planes.is(b'.');
        Self {
            word,
            blank,
            mark: !b7 & !(word | blank | ruled),
            joint: dot | planes.any(b"':/(&+_"),
            dot,
            digit,
            hour: planes.any(b"hH"),
            sign: planes.any(&[0x97, 0xB7]),
        }
    }
}

/// Bit `i` of every byte of the chunk, one mask a bit, from the lowest on.
#[derive(Clone, Copy)]
struct Planes([u64; 8]);

impl Planes {
    #[inline]
    fn of(chunk: &[u8; WIDTH]) -> Self {
        let (eights, _) = chunk.as_chunks::<8>();
        let mut rows = [0; 8];
        for (row, &eight) in rows.iter_mut().zip(eights) {
            *row = transposed_bits(u64::from_le_bytes(eight));
        }
        Self(transposed_bytes(rows))
    }

    /// Where this byte stands.
    #[inline]
    fn is(&self, byte: u8) -> u64 {
        self.matching(byte, 0xFF)
    }

    /// Where one of these bytes stands.
    #[inline]
    fn any<const N: usize>(&self, bytes: &[u8; N]) -> u64 {
        bytes.iter().fold(0, |found, &byte| found | self.is(byte))
    }

    /// Where a byte stands that has these bits where `decided` has ones.
    #[inline]
    fn matching(&self, byte: u8, decided: u8) -> u64 {
        let mut mask = u64::MAX;
        for (bit, plane) in self.0.iter().enumerate() {
            if decided >> bit & 1 == 1 {
                mask &= if byte >> bit & 1 == 1 { *plane } else { !plane };
            }
        }
        mask
    }
}

/// Eight rows of eight bits become columns.
#[inline]
fn transposed_bits(mut bits: u64) -> u64 {
    for (shift, above) in
        [(7, 0x00AA_00AA_00AA_00AA), (14, 0x0000_CCCC_0000_CCCC), (28, 0x0000_0000_F0F0_F0F0)]
    {
        let changed = (bits ^ bits >> shift) & above;
        bits ^= changed ^ changed << shift;
    }
    bits
}

/// Byte `j` of row `i` becomes byte `i` of row `j`.
#[inline]
fn transposed_bytes(mut rows: [u64; 8]) -> [u64; 8] {
    for (distance, kept) in
        [(4, 0x0000_0000_FFFF_FFFF), (2, 0x0000_FFFF_0000_FFFF), (1, 0x00FF_00FF_00FF_00FF_u64)]
    {
        for i in (0..8).filter(|i| i & distance == 0) {
            let shift = 8 * distance as u32;
            let changed = (rows[i] >> shift ^ rows[i + distance]) & kept;
            rows[i + distance] ^= changed;
            rows[i] ^= changed << shift;
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_in_its_classes_wherever_it_stands() {
        for byte in 0..=255u8 {
            for place in [0, 7, 8, 33, 63] {
                let mut chunk = [b' '; WIDTH];
                chunk[place] = byte;
                let classes = ByteClasses::of(&chunk);
                let latin = matches!(byte, 0x80..=0xBF | 0xC3..=0xC5);
                let mark = byte.is_ascii_punctuation();
                for (name, mask, expected) in [
                    ("word", classes.word, byte.is_ascii_alphanumeric() || latin),
                    ("mark", classes.mark, mark && !b"-@#~".contains(&byte)),
                    ("joint", classes.joint, b"'.:/(&+_".contains(&byte)),
                    ("dot", classes.dot, byte == b'.'),
                    ("digit", classes.digit, byte.is_ascii_digit()),
                    ("hour", classes.hour, byte == b'h' || byte == b'H'),
                    ("sign", classes.sign, byte == 0x97 || byte == 0xB7),
                    ("no blank", !classes.blank, byte > b' '),
                ] {
                    assert_eq!(mask, u64::from(expected) << place, "{name} {byte:#x} at {place}");
                }
            }
        }
    }
}
