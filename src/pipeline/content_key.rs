//! What a text is known by.

use sha2::{Digest, Sha256};
use wide::u8x16;

#[cfg(target_arch = "x86_64")]
use crate::avx512::{self, Bytes};

/// Bytes of a block of the hash.
const HASHED: usize = 64;
/// Bytes that are hashed together, at least. A block of the hash waits for the one before it, and the processor fills the time with what comes
/// next in the text: so they are few.
const ROOM: usize = HASHED;
/// Bytes that are brought to lower case together.
const BLOCK: usize = 64;
/// Bytes that are looked at before them, since characters have several.
const BEFORE: usize = 2;

/// A hash of an article's words in order, blind to case, white space and punctuation, the same on every
/// machine.
pub(super) fn content_key(title: &str, text: &str) -> u64 {
    let mut words = Words {
        hasher: Sha256::new(),
        waiting: [0; ROOM + 2 * BLOCK + HASHED],
        filled: 0,
        ends_word: true,
    };
    for part in [title, text] {
        words.add(part);
    }
    words.hasher.update(&words.waiting[..words.filled]);
    let digest = words.hasher.finalize();
    u64::from_le_bytes(digest[..8].try_into().unwrap_or_default())
}

/// Lower-case words on their way into the hash, a blank behind each.
struct Words {
    hasher: Sha256,
    waiting: [u8; ROOM + 2 * BLOCK + HASHED],
    filled: usize,
    /// Whether the last byte was a blank, or there was none.
    ends_word: bool,
}

impl Words {
    fn add(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if self.filled >= ROOM {
                self.hash_whole_blocks();
            }
            // Other first bytes begin nothing that a block tells.
            if matches!(bytes[at], 0..0x80 | 0xC2 | 0xC3 | 0xC5 | 0xE2) {
                let plain = self.add_plain(text, at);
                at += plain;
                if plain > 0 {
                    continue;
                }
            }
            let Some(c) = text[at..].chars().next() else { break };
            at += c.len_utf8();
            if !c.is_alphanumeric() {
                self.push(b' ');
                continue;
            }
            let mut utf8 = [0; 4];
            for lower in c.to_lowercase() {
                lower.encode_utf8(&mut utf8).bytes().for_each(|byte| self.push(byte));
            }
        }
        self.push(b' ');
    }

    /// Hashes what is there of whole blocks of the hash.
    #[inline]
    fn hash_whole_blocks(&mut self) {
        let whole = self.filled / HASHED * HASHED;
        self.hasher.update(&self.waiting[..whole]);
        self.waiting.copy_within(whole..whole + HASHED, 0);
        self.filled -= whole;
    }

    /// Adds the characters of a block from a place on, up to the first that is [other](Lower::other) or cut off; gives their bytes.
    fn add_plain(&mut self, text: &str, at: usize) -> usize {
        let bytes = text.as_bytes();
        let mut edge = [b' '; BEFORE + BLOCK];
        let around = at.checked_sub(BEFORE).and_then(|start| bytes[start..].first_chunk());
        let around = around.unwrap_or_else(|| {
            let there = &bytes[at..bytes.len().min(at + BLOCK)];
            edge[BEFORE..][..there.len()].copy_from_slice(there);
            &edge
        });
        let block = Lower::of(around);
        let mut plain = (block.other.trailing_zeros() as usize).min(bytes.len() - at);
        while !text.is_char_boundary(at + plain) {
            plain -= 1;
        }
        if plain > 0 {
            self.add_lower(&block, plain);
        }
        plain
    }

    /// Adds so many bytes of a block. What stands behind a second blank is written over it.
    fn add_lower(&mut self, block: &Lower, count: usize) {
        let all = u64::MAX >> (BLOCK - count);
        let mut again = block.blank & (block.blank << 1 | u64::from(self.ends_word)) & all;
        let start = self.filled;
        self.waiting[start..start + BLOCK].copy_from_slice(&block.bytes[..BLOCK]);
        self.filled += count - again.count_ones() as usize;
        for left_out in 1..=again.count_ones() as usize {
            let behind = again.trailing_zeros() as usize + 1;
            self.waiting[start + behind - left_out..][..BLOCK]
                .copy_from_slice(&block.bytes[behind..behind + BLOCK]);
            again &= again - 1;
        }
        self.ends_word = block.blank >> (count - 1) & 1 == 1;
    }

    /// Adds a byte of a word, or the blank that ends one: a second blank is overwritten, without a branch.
    #[inline]
    fn push(&mut self, byte: u8) {
        self.waiting[self.filled] = byte;
        self.filled += usize::from(byte != b' ' || !self.ends_word);
        self.ends_word = byte == b' ';
    }
}

/// A block in lower case.
struct Lower {
    /// Letters and digits; blanks for what stands between words. What is behind the block is of no meaning.
    bytes: [u8; 2 * BLOCK],
    /// Where a blank is, one bit a byte, the first byte lowest.
    blank: u64,
    /// Bytes of characters that are for others to tell.
    other: u64,
}

impl Lower {
    /// Knows ASCII, the letters of U+00C0 to U+00FF and œ, and of marks those of U+2000 to U+203F, «, » and the no-break space: nearly all of
    /// French. Which of them comes next is not foreseen: no branch asks. A character begins with the block.
    fn of(around: &[u8; BEFORE + BLOCK]) -> Self {
        #[cfg(target_arch = "x86_64")]
        if avx512::is_there() {
            // SAFETY: the processor has the instructions.
            #[allow(unsafe_code)]
            return unsafe { Self::by_avx512(around) };
        }
        Self::plainly(around)
    }

    /// The same as [`plainly`](Self::plainly), and what says so there.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn by_avx512(around: &[u8; BEFORE + BLOCK]) -> Self {
        let at = |by: usize| Bytes::load(around[by..].first_chunk().expect("a block"));
        let [first, before, byte] = [at(0), at(1), at(2)];
        let folded = byte.with(0x20);
        let beyond = !byte.upto(0x7F);
        let is_first = !byte.within(0x80, 0xBF);
        let latin = before.is(0xC3) & !folded.is(0xB7);
        let oe = before.is(0xC5) & byte.is(0x93);
        let mark = before.is(0xE2) & byte.is(0x80)
            | first.is(0xE2)
            | before.is(0xC2) & (byte.is(0xA0) | byte.with(0x10).is(0xBB));
        let letter = folded.within(b'a', b'z') | byte.within(b'0', b'9') | beyond;
        let blank = mark | byte.is(0xE2) | byte.is(0xC2) | !letter;
        let same = oe | byte.is(0x9F) | !byte.upto(0xBF);
        let out = folded.or_where(same, byte).or_where(blank, Bytes::splat(b' '));
        let mut bytes = [0; 2 * BLOCK];
        bytes[..BLOCK].copy_from_slice(&out.to_array());
        Self { bytes, blank, other: !(latin | oe | mark | is_first) }
    }

    fn plainly(around: &[u8; BEFORE + BLOCK]) -> Self {
        let mut lower = Self { bytes: [0; 2 * BLOCK], blank: 0, other: 0 };
        let [firsts, befores, bytes] = [0, 1, 2].map(|by| around[by..].as_chunks::<16>().0);
        for (part, to) in lower.bytes.as_chunks_mut::<16>().0[..BLOCK / 16].iter_mut().enumerate() {
            let (first, before) = (u8x16::new(firsts[part]), u8x16::new(befores[part]));
            let byte = u8x16::new(bytes[part]);
            let folded = byte | splat(0x20);
            let is_first = !is(byte & splat(0xC0), 0x80);
            // The second byte of a letter that is not × or ÷; and that of œ.
            let latin = is(before, 0xC3) & !is(folded, 0xB7);
            let oe = is(before, 0xC5) & is(byte, 0x93);
            // The bytes behind the first of a mark.
            let mark = is(before, 0xE2) & is(byte, 0x80)
                | is(first, 0xE2)
                | is(before, 0xC2) & (is(byte, 0xA0) | is(byte | splat(0x10), 0xBB));
            let beyond = byte.simd_ge(splat(0x80));
            let letter = within(folded, b'a', b'z') | within(byte, b'0', b'9') | beyond;
            let blank = mark | is(byte, 0xE2) | is(byte, 0xC2) | !letter;
            // First bytes stay as they are, ß and œ too.
            let same = oe | is(byte, 0x9F) | byte.simd_ge(splat(0xC0));
            let out = blank.select(splat(b' '), byte | splat(0x20) & !same);
            let other = !(latin | oe | mark | is_first);
            lower.blank |= u64::from(blank.to_bitmask()) << (16 * part);
            lower.other |= u64::from(other.to_bitmask()) << (16 * part);
            *to = out.to_array();
        }
        lower
    }
}

#[inline]
fn splat(byte: u8) -> u8x16 {
    u8x16::splat(byte)
}

#[inline]
fn is(bytes: u8x16, byte: u8) -> u8x16 {
    bytes.simd_eq(splat(byte))
}

/// Where one of the bytes from the first to the last stands.
#[inline]
fn within(bytes: u8x16, first: u8, last: u8) -> u8x16 {
    (bytes - splat(first)).simd_le(splat(last - first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Word by word, as the rule says it.
    fn plainly(title: &str, text: &str) -> u64 {
        let mut hasher = Sha256::new();
        for word in [title, text].iter().flat_map(|s| s.split(|c: char| !c.is_alphanumeric())) {
            if !word.is_empty() {
                let lower: String = word.chars().flat_map(char::to_lowercase).collect();
                hasher.update(lower + " ");
            }
        }
        u64::from_le_bytes(hasher.finalize()[..8].try_into().unwrap())
    }

    proptest! {
        #[test]
        fn a_key_is_the_hash_of_the_words(
            title in "\\PC{0,20}", text in "([a-zA-ZéÀŒİΣßÞ×÷ÿŸªº€œ\u{200B}\u{2060}0-9 '’\n.«»\u{301}]|\\PC){0,200}", times in 0usize..60
        ) {
            let text = text.repeat(times);
            prop_assert_eq!(content_key(&title, &text), plainly(&title, &text));
        }
    }

    #[cfg(target_arch = "x86_64")]
    proptest! {
        #[test]
        fn blocks_are_the_same_by_avx512(text in "(\\PC|[éÀŒœß×÷ÿ’«»\u{A0}€ .a-zA-Z0-9]){66}") {
            let around = text.as_bytes().first_chunk().unwrap();
            let (plain, block) = (Lower::plainly(around), Lower::of(around));
            prop_assert_eq!(&plain.bytes[..BLOCK], &block.bytes[..BLOCK]);
            prop_assert_eq!((plain.blank, plain.other), (block.blank, block.other));
        }
    }

    #[test]
    fn case_blanks_and_marks_do_not_count() {
        let key = content_key("Un accord", "Signé à l'Élysée.");
        assert_eq!(key, content_key("UN ACCORD", "« SIGNÉ »  à l’ÉLYSÉE"));
        assert_ne!(key, content_key("Un accord", "Signée à l'Élysée."));
        // Nothing is there yet that a blank could follow.
        assert_eq!(content_key("", "  Un accord"), content_key("Un", "accord"));
    }
}
