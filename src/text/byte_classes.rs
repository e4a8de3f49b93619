//! Classes of sixty-four bytes at once, one bit a byte: sixteen bytes side by side are compared by one instruction each, without a
//! branch or a table.

use wide::i8x16;

/// Bytes that are classed together.
pub(crate) const WIDTH: usize = 64;

/// Sixteen bytes side by side; what is told of each is all ones or nothing.
#[derive(Clone, Copy)]
pub(crate) struct Sixteen(i8x16);

impl Sixteen {
    /// Where this byte stands.
    #[inline]
    pub(crate) fn is(self, byte: u8) -> i8x16 {
        self.0.simd_eq(i8x16::splat(byte as i8))
    }

    /// Where one of these bytes stands.
    #[inline]
    pub(crate) fn any<const N: usize>(self, bytes: &[u8; N]) -> i8x16 {
        bytes.iter().fold(i8x16::ZERO, |found, &byte| found | self.is(byte))
    }

    /// Where one of the bytes from the first to the last stands, both of ASCII or both beyond it: they are compared with their sign.
    #[inline]
    pub(crate) fn within(self, first: u8, last: u8) -> i8x16 {
        let least = i8x16::splat(first as i8);
        let most = i8x16::splat(last as i8);
        !(self.0.simd_lt(least) | self.0.simd_gt(most))
    }

    /// Letters of ASCII in lower case; no other byte becomes a letter.
    #[inline]
    fn lower(self) -> Self {
        Self(self.0 | i8x16::splat(0x20))
    }
}

/// What is told of every byte, one bit each, the first byte lowest; one mask for each of the classes.
#[inline]
pub(crate) fn classed<const N: usize>(
    window: &[u8; WIDTH],
    classes: impl Fn(Sixteen) -> [i8x16; N],
) -> [u64; N] {
    let mut masks = [0; N];
    let (sixteens, _) = window.as_chunks::<16>();
    for (part, &sixteen) in sixteens.iter().enumerate() {
        let bytes = Sixteen(i8x16::new(sixteen.map(|byte| byte as i8)));
        for (mask, class) in masks.iter_mut().zip(classes(bytes)) {
            *mask |= u64::from(class.to_bitmask() as u16) << (16 * part);
        }
    }
    masks
}

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
    pub(super) fn of(window: &[u8; WIDTH]) -> Self {
        let [word, blank, ruled, joint, dot, digit, hour, sign] = classed(window, |bytes| {
            let digit = bytes.within(b'0', b'9');
            let letter = bytes.lower().within(b'a', b'z');
            let latin = bytes.within(0xC3, 0xC5) | bytes.within(0x80, 0xBF);
            let dot = bytes.is(b'.');
            [
                letter | digit | latin,
                bytes.within(0, b' '),
                bytes.any(b"-@#~\x7F") | bytes.within(0x80, 0xFF),
                dot | bytes.any(b"':/(&+_"),
                dot,
                digit,
                bytes.lower().is(b'h'),
                bytes.any(&[0x97, 0xB7]),
            ]
        });
        Self { word, blank, mark: !(word | blank | ruled), joint, dot, digit, hour, sign }
    }
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
