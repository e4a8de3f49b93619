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
        while at < bytes.len() {
            if self.filled > ROOM {
                self.hasher.update(&self.waiting[..self.filled]);
                self.filled = 0;
            }
            at += self.add_plain(&bytes[at..]);
            let Some(c) = text[at..].chars().next() else { break };
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

    /// Adds the ASCII characters and the letters of U+00C0 to U+00FF, which are nearly all that is left of French, up to the first other
    /// character, and no more than there is room for; gives their bytes. Which of them comes next is not foreseen: tables tell, not branches.
    fn add_plain(&mut self, bytes: &[u8]) -> usize {
        let (mut filled, mut last) = (self.filled, self.last);
        let mut table = &PLAIN;
        let mut done = 0;
        for &byte in bytes.iter().take(ROOM + 1 - filled) {
            let lower = table[usize::from(byte)];
            if lower == OTHER {
                break;
            }
            table = if byte == LEAD { &LETTERS } else { &PLAIN };
            self.waiting[filled] = lower;
            filled += usize::from(lower != b' ' || last != b' ');
            last = lower;
            done += 1;
        }
        if done > 0 && bytes[done - 1] == LEAD {
            // × and ÷, which are no letters, or no more room.
            done -= 1;
            filled -= 1;
            last = match filled {
                0 => self.last,
                _ => self.waiting[filled - 1],
            };
        }
        (self.filled, self.last) = (filled, last);
        done
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

/// The first byte of U+00C0 to U+00FF.
const LEAD: u8 = 0xC3;
/// In a table: a byte of a character that is for others to tell.
const OTHER: u8 = 0;

/// By the first byte of a character: an ASCII letter in lower case or a digit, a blank for other ASCII characters.
const PLAIN: [u8; 256] = {
    let mut table = [OTHER; 256];
    let mut byte = 0;
    while byte < 128 {
        let is_of_word = (byte as u8).is_ascii_alphanumeric();
        table[byte] = if is_of_word { (byte as u8).to_ascii_lowercase() } else { b' ' };
        byte += 1;
    }
    table[LEAD as usize] = LEAD;
    table
};

/// By the byte behind [`LEAD`]: that of the letter in lower case; × and ÷ are no letters.
const LETTERS: [u8; 256] = {
    let mut table = [OTHER; 256];
    let mut byte: u8 = 0x80;
    while byte < 0xC0 {
        if byte & 0xDF != 0x97 {
            table[byte as usize] = if byte < 0x9F { byte | 0x20 } else { byte };
        }
        byte += 1;
    }
    table
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
