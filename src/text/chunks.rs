//! Cuts a text into chunks: the runs of bytes between blanks and the usual marks that are a token wherever they
//! stand, the dot at the end of a sentence among them. `l'accord`, `porte-parole`, `(AFP`, `3%` and `O.N.U.` are one chunk each.
//!
//! Nearly every chunk gives the same terms wherever it stands, so that chunks can be looked up whole, without
//! tokenizing them again. Where one ends is one bit a byte, found for 64 bytes at once without a branch.

use memchr::memchr;

#[cfg(target_arch = "x86_64")]
use super::avx512;
use super::byte_classes::{WIDTH, classed};

/// Bytes that are cut together.
const BLOCK: usize = 2048;
/// Edges that are written at once.
const STRIDE: usize = 8;

/// The chunks of up to [`BLOCK`] bytes.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// First byte of a chunk and the byte behind it, in turn.
    edges: [u16; BLOCK + WIDTH],
    count: usize,
    /// Whether dots may part chunks.
    has_sentences: bool,
}

impl Default for Block {
    fn default() -> Self {
        Self { edges: [0; BLOCK + WIDTH], count: 0, has_sentences: true }
    }
}

impl Block {
    /// Begins a text. Dots part no sentences where it may hold addresses of mail, which go on over them.
    pub(super) fn begin(&mut self, text: &str) {
        self.has_sentences = memchr(b'@', text.as_bytes()).is_none();
    }

    /// Cuts what begins at `base`, which must be at or behind a separator or the start of the text, and returns where the next
    /// block begins. A chunk that reaches over the end of the block is left to the next one; one that fills a
    /// whole block is given as if it ended with it, so that the caller must look where it really ends.
    #[inline]
    pub(super) fn cut(&mut self, bytes: &[u8], base: usize) -> usize {
        #[cfg(target_arch = "x86_64")]
        if crate::avx512::is_there() {
            // SAFETY: the processor has the instructions.
            #[allow(unsafe_code)]
            return unsafe { avx512::cut(self, bytes, base) };
        }
        self.cut_by(bytes, base, Classes::of, places)
    }

    /// The same, by a function that classes the bytes of a window, and one that writes the places of the bits of a mask into `room`, counted from
    /// `first` on, and anything behind them; it returns how many there are.
    #[inline(always)]
    pub(super) fn cut_by(
        &mut self,
        bytes: &[u8],
        base: usize,
        classes_of: impl Fn(&[u8; WIDTH]) -> Classes,
        places: impl Fn(u64, u16, &mut [u16; WIDTH]) -> usize,
    ) -> usize {
        self.count = 0;
        let length = BLOCK.min(bytes.len() - base);
        let mut before = true;
        let mut letters = last_letters(&bytes[..base]);
        for offset in (0..length).step_by(WIDTH) {
            let from = &bytes[base + offset..];
            let classes = match from.first_chunk() {
                Some(window) => classes_of(window),
                None => {
                    // What is behind the end separates.
                    let mut window = [b' '; WIDTH];
                    window[..from.len()].copy_from_slice(from);
                    classes_of(&window)
                }
            };
            let ends_low = from.get(WIDTH).is_none_or(|&byte| byte <= LAST_LOW);
            let low_behind = classes.low >> 1 | u64::from(ends_low) << (WIDTH - 1);
            let words_before = (1..=LETTERS_BEFORE)
                .fold(u64::MAX, |all, n| all & (classes.letters << n | letters >> (WIDTH - n)));
            let mut separators = classes.separators;
            if self.has_sentences {
                separators |= classes.dots & words_before & low_behind;
            }
            letters = classes.letters;
            let edges = separators ^ (separators << 1 | u64::from(before));
            let room = self.edges[self.count..].first_chunk_mut().expect("room for as many");
            self.count += places(edges, offset as u16, room);
            before = separators >> (WIDTH - 1) == 1;
        }
        if before || base + length == bytes.len() {
            if !before {
                self.push(length);
            }
            return base + length;
        }
        let open = usize::from(self.edges[self.count - 1]);
        if open == 0 {
            self.push(length);
            return base + length;
        }
        self.count -= 1;
        base + open
    }

    fn push(&mut self, edge: usize) {
        self.edges[self.count] = edge as u16;
        self.count += 1;
    }

    /// First byte and end of every chunk, counted from where the block begins.
    #[inline]
    pub(super) fn chunks(&self) -> &[[u16; 2]] {
        self.edges[..self.count].as_chunks().0
    }
}

/// The places of the bits of a mask, by a table of the bits of a byte.
#[inline]
fn places(edges: u64, first: u16, room: &mut [u16; WIDTH]) -> usize {
    // The sum of the bits of each byte and those below it, in its place.
    let twos = edges - (edges >> 1 & 0x5555_5555_5555_5555);
    let fours = (twos & 0x3333_3333_3333_3333) + (twos >> 2 & 0x3333_3333_3333_3333);
    let eights = (fours + (fours >> 4)) & 0x0F0F_0F0F_0F0F_0F0F;
    let sums = eights.wrapping_mul(0x0101_0101_0101_0101).to_le_bytes();
    let mut at = 0;
    for (part, (byte, sum)) in edges.to_le_bytes().into_iter().zip(sums).enumerate() {
        // A byte has room for all its bits, for those before it have no more than a bit each.
        let room: &mut [u16; STRIDE] = room[at..].first_chunk_mut().expect("room for as many");
        let first = first + (part * STRIDE) as u16;
        *room = PLACES[usize::from(byte)].map(|place| first + place);
        at = usize::from(sum);
    }
    at
}

/// Where the bits of a byte stand, the lowest first; anything behind the last.
const PLACES: [[u16; STRIDE]; 256] = {
    let mut places = [[0; STRIDE]; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut bit, mut count) = (0, 0);
        while bit < STRIDE {
            if byte >> bit & 1 == 1 {
                places[byte][count] = bit as u16;
                count += 1;
            }
            bit += 1;
        }
        byte += 1;
    }
    places
};

/// Whether a byte parts chunks: blanks and control characters up to the blank, and of the marks of ASCII that neither join a word nor begin anything
/// longer those that are frequent, or cost nothing beside them. Bytes of characters beyond ASCII never do.
#[inline]
pub(super) const fn is_separator(byte: u8) -> bool {
    const fn within(byte: u8, first: u8, last: u8) -> bool {
        byte.wrapping_sub(first) <= last - first
    }
    // Up to blank, ! and "; from ; to ?.
    (byte <= b'"') | (byte == b')') | (byte == b',') | within(byte, b';', b'?')
}

/// A dot parts chunks where so many bytes before it may be of a word, and none of a lower-case one is behind it: those of acronyms,
/// numbers and sites do not. Where it belongs to an abbreviation all the same, the chunk before it is read in its place
/// ([`Context::DotFollows`](super::context::Context::DotFollows)).
const LETTERS_BEFORE: usize = 3;
/// The first letter of ASCII. What is above all those of ASCII, or between them and no letter, may be of a word as well.
pub(super) const FIRST_LETTER: u8 = b'A';
/// What is up to here is no lower-case letter, nor of a character beyond ASCII.
pub(super) const LAST_LOW: u8 = b'Z';

/// Whether a dot behind a chunk may part it from the next one.
pub(super) fn may_end_sentence(chunk: &[u8]) -> bool {
    chunk.last_chunk::<LETTERS_BEFORE>().is_some_and(|last| last.iter().all(|&b| b >= FIRST_LETTER))
}

/// Which bytes before a window may be of a word, as far as they matter; the last one highest.
#[inline]
fn last_letters(bytes: &[u8]) -> u64 {
    let last = bytes.iter().rev().take(LETTERS_BEFORE);
    last.rev().fold(0, |bits, &byte| bits >> 1 | u64::from(byte >= FIRST_LETTER) << (WIDTH - 1))
}

/// Classes of the bytes of a window, one bit a byte, the first byte lowest.
pub(super) struct Classes {
    pub separators: u64,
    pub dots: u64,
    /// From [`FIRST_LETTER`] on.
    pub letters: u64,
    /// Up to [`LAST_LOW`].
    pub low: u64,
}

impl Classes {
    #[inline]
    fn of(window: &[u8; WIDTH]) -> Self {
        let [separators, dots, letters, low] = classed(window, |bytes| {
            [
                bytes.within(0, b'"') | bytes.any(b"),") | bytes.within(b';', b'?'),
                bytes.is(b'.'),
                bytes.within(FIRST_LETTER, 0x7F) | bytes.within(0x80, 0xFF),
                bytes.within(0, LAST_LOW),
            ]
        });
        Self { separators, dots, letters, low }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(text: &str) -> Vec<&str> {
        let bytes = text.as_bytes();
        let (mut block, mut out, mut at) = (Block::default(), Vec::new(), 0);
        block.begin(text);
        while at < bytes.len() {
            let next = block.cut(bytes, at);
            assert!(next > at, "every block moves on");
            for &[start, end] in block.chunks() {
                out.push(&text[at + usize::from(start)..at + usize::from(end)]);
            }
            at = next;
        }
        out
    }

    #[test]
    fn bytes_are_in_their_classes_wherever_they_stand() {
        for byte in 0..=255u8 {
            let expected = byte <= b' ' || b"!\"),;<=>?".contains(&byte);
            for place in [0, 7, 8, 33, 63] {
                let mut window = [b'a'; WIDTH];
                window[place] = byte;
                let classes = Classes::of(&window);
                assert_eq!(classes.separators, u64::from(expected) << place, "{byte:#x}");
                assert_eq!(is_separator(byte), expected, "{byte:#x}");
                assert_eq!(classes.dots >> place & 1 == 1, byte == b'.', "{byte:#x}");
                assert_eq!(classes.letters >> place & 1 == 1, byte >= b'A', "{byte:#x}");
                assert_eq!(classes.low >> place & 1 == 1, byte <= b'Z', "{byte:#x}");
            }
        }
    }

    #[test]
    fn chunks_are_what_stands_between() {
        assert_eq!(chunks(""), [""; 0]);
        assert_eq!(chunks(" \n,"), [""; 0]);
        assert_eq!(
            chunks("L'accord (AFP), «\u{A0}signé\u{A0}»: 3,5 %"),
            ["L'accord", "(AFP", "«\u{A0}signé\u{A0}»:", "3", "5", "%"]
        );
        assert_eq!(
            chunks("La fin.Le début de l'été. À l'O.N.U. M. Ba, 3.5, site.fr et la suite."),
            [
                "La", "fin", "Le", "début", "de", "l'été", "À", "l'O.N.U.", "M.", "Ba", "3.5",
                "site.fr", "et", "la", "suite"
            ]
        );
        assert_eq!(chunks("Awa.Ba@exemple.fr. Fin."), ["Awa.Ba@exemple.fr.", "Fin."]);
    }

    proptest::proptest! {
        /// By whatever instructions there are, and by the table.
        #[test]
        fn chunks_are_cut_alike(text in "([a-zA-Z0-9éÀ’\u{A0}]{0,9}[ .,;:!?()\"'@<>=\n-]{0,3}){0,400}") {
            let (mut block, mut plain) = (Block::default(), Block::default());
            block.begin(&text);
            plain.begin(&text);
            let mut at = 0;
            while at < text.len() {
                let next = block.cut(text.as_bytes(), at);
                let expected = plain.cut_by(text.as_bytes(), at, Classes::of, places);
                proptest::prop_assert_eq!(next, expected);
                proptest::prop_assert_eq!(block.chunks(), plain.chunks());
                at = next;
            }
        }
    }

    #[test]
    fn chunks_are_the_same_wherever_blocks_end() {
        let piece = "Le traité, signé hier, entre en vigueur à l'Élysée. ";
        for blanks in [0, 1, 50, 63, 64, 1000, 2030, 2040, 2047, 2048, 2049] {
            let text = format!("{}{}", " ".repeat(blanks), piece.repeat(200));
            let expected: Vec<&str> =
                text.split([' ', ',', '.']).filter(|c| !c.is_empty()).collect();
            assert_eq!(chunks(&text), expected, "behind {blanks} blanks");
        }
    }

    #[test]
    fn a_chunk_that_fills_a_block_is_given_in_parts() {
        let text = format!("mot {} fin", "a".repeat(3 * BLOCK));
        assert_eq!(chunks(&text).concat(), text.replace(' ', ""));
        assert_eq!(chunks(&text)[0], "mot");
        assert_eq!(chunks(&text).last(), Some(&"fin"));
    }
}
