//! What a text is known by.

use sha2::{Digest, Sha256};

/// Bytes that are hashed together.
const ROOM: usize = 4096;
/// Bytes that are read together.
const BLOCK: usize = 128;
/// Bytes that a block gives at most: a character of two bytes has a small letter of three at most, or of several characters.
const MOST: usize = 4 * BLOCK;

/// A hash of an article's words in order, blind to case, white space and punctuation, the same on every
/// machine.
pub(super) fn content_key(title: &str, text: &str) -> u64 {
    let mut words =
        Words { hasher: Sha256::new(), waiting: [0; ROOM + MOST], filled: 0, last: b' ' };
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
    waiting: [u8; ROOM + MOST],
    filled: usize,
    last: u8,
}

impl Words {
    fn add(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            if self.filled > ROOM {
                self.hasher.update(&self.waiting[..self.filled]);
                self.filled = 0;
            }
            let mut end = rest.len().min(BLOCK);
            while !rest.is_char_boundary(end) {
                end -= 1;
            }
            let (block, behind) = rest.split_at(end);
            rest = behind;
            let mut lower = [b' '; BLOCK];
            if lower_usual(block.as_bytes(), &mut lower) {
                lower[..end].iter().for_each(|&byte| self.push(byte));
            } else {
                block.chars().for_each(|c| self.push_char(c));
            }
        }
        self.push(b' ');
    }

    /// Adds a byte of a word, or the blank that ends one: a second blank is overwritten, without a branch.
    #[inline]
    fn push(&mut self, byte: u8) {
        self.waiting[self.filled] = byte;
        self.filled += usize::from((byte != b' ') | (self.last != b' '));
        self.last = byte;
    }

    fn push_char(&mut self, c: char) {
        if is_mark(c) || !c.is_alphanumeric() {
            self.push(b' ');
            return;
        }
        let mut utf8 = [0; 4];
        for lower in c.to_lowercase() {
            lower.encode_utf8(&mut utf8).bytes().for_each(|byte| self.push(byte));
        }
    }
}

/// Writes whole characters in small letters, byte for byte, with blanks for all that is no part of a word. Tells whether that could be
/// done: whether all are ASCII, letters from U+00C0 to U+00FF, guillemets, no-break spaces or of the general punctuation of Unicode, as
/// nearly all of French is. There is no branch on what they are.
fn lower_usual(block: &[u8], lower: &mut [u8; BLOCK]) -> bool {
    // What stands before each byte, and before that.
    let mut behind = [0; BLOCK + 2];
    behind[2..block.len() + 2].copy_from_slice(block);
    let (before, last) = (&behind[1..], &behind[..]);
    let mut is_odd = false;
    for (((lower, &b), &a), &z) in lower.iter_mut().zip(block).zip(before).zip(last) {
        let small = b | 0x20;
        let is_letter = small.wrapping_sub(b'a') < 26;
        let is_digit = b.wrapping_sub(b'0') < 10;
        let is_second = a == 0xC3;
        let is_sign = is_second & (small == 0xB7);
        let is_mark = (a == 0xC2) & ((b == 0xA0) | (b == 0xAB) | (b == 0xBB))
            | (a == 0xE2) & ((b == 0x80) | (b == 0x81))
            | (z == 0xE2) & ((a == 0x80) | (a == 0x81) & (b < 0xB0));
        let begins_usual = (b == 0xC2) | (b == 0xC3) | (b == 0xE2);
        is_odd |= (b >= 0x80) & !begins_usual & !is_mark & (!is_second | is_sign);
        let kept = if is_letter | is_second & (b < 0x9F) { small } else { b };
        let is_word = is_letter | is_digit | is_second | (b == 0xC3);
        *lower = if is_word { kept } else { b' ' };
    }
    !is_odd
}

/// Whether it is one of the marks beyond ASCII that texts are full of: the general punctuation of Unicode, and « and ».
fn is_mark(c: char) -> bool {
    matches!(c, '\u{2000}'..='\u{206F}' | '\u{A0}' | '«' | '»')
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
            title in "\\PC{0,20}", text in "([a-zA-ZéÀŒİΣßÞ×÷ÿŸªº0-9 '’\n.«»\u{301}]|\\PC){0,200}", times in 0usize..60
        ) {
            let text = text.repeat(times);
            prop_assert_eq!(content_key(&title, &text), plainly(&title, &text));
        }
    }

    #[test]
    fn case_blanks_and_marks_do_not_count() {
        let key = content_key("Un accord", "Signé à l'Élysée.");
        assert_eq!(key, content_key("UN ACCORD", "« SIGNÉ »  à l’ÉLYSÉE"));
        assert_ne!(key, content_key("Un accord", "Signée à l'Élysée."));
    }
}
