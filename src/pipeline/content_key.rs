//! What a text is known by.

use sha2::{Digest, Sha256};

/// Bytes that are hashed together.
const ROOM: usize = 4096;
/// Bytes that a character gives at most, in lower case, and the blank behind it.
const MARGIN: usize = 16;

/// A hash of an article's words in order, blind to case, white space and punctuation, the same on every
/// machine.
pub(super) fn content_key(title: &str, text: &str) -> u64 {
    let mut words =
        Words { hasher: Sha256::new(), waiting: [0; ROOM + MARGIN], filled: 0, last: b' ' };
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
    waiting: [u8; ROOM + MARGIN],
    filled: usize,
    last: u8,
}

impl Words {
    fn add(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.filled > ROOM {
                self.hasher.update(&self.waiting[..self.filled]);
                self.filled = 0;
            }
            if byte.is_ascii() {
                self.push(LOWER[usize::from(byte)]);
                at += 1;
                continue;
            }
            // Nearly all that is left of French is a letter with an accent: U+00C0 to U+00FF.
            if let (0xC3, Some(&second)) = (byte, bytes.get(at + 1)) {
                at += 2;
                // × and ÷ are no letters.
                if second & 0xDF == 0x97 {
                    self.push(b' ');
                } else {
                    self.push(byte);
                    self.push(if second < 0x9F { second | 0x20 } else { second });
                }
                continue;
            }
            let c = text[at..].chars().next().unwrap_or_default();
            at += c.len_utf8();
            if is_mark(c) || !c.is_alphanumeric() {
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

    /// Adds a byte of a word, or the blank that ends one: a second blank is overwritten, without a branch.
    #[inline]
    fn push(&mut self, byte: u8) {
        self.waiting[self.filled] = byte;
        self.filled += usize::from(byte != b' ' || self.last != b' ');
        self.last = byte;
    }
}

/// Whether it is one of the marks beyond ASCII that texts are full of: the general punctuation of Unicode, and « and ».
fn is_mark(c: char) -> bool {
    matches!(c, '\u{2000}'..='\u{206F}' | '\u{A0}' | '«' | '»')
}

/// By ASCII byte: the letter in lower case or the digit; a blank for all that is no part of a word.
const LOWER: [u8; 128] = {
    let mut lower = [b' '; 128];
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_alphanumeric() {
            lower[byte as usize] = (byte as u8).to_ascii_lowercase();
        }
        byte += 1;
    }
    lower
};

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
