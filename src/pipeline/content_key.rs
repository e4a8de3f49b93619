//! What a text is known by.

use sha2::{Digest, Sha256};

/// Bytes that are hashed together.
const ROOM: usize = 4096;

/// A hash of an article's words in order, blind to case, white space and punctuation, the same on every
/// machine.
pub(super) fn content_key(title: &str, text: &str) -> u64 {
    let mut words = Words { hasher: Sha256::new(), waiting: Vec::with_capacity(ROOM + 64) };
    for part in [title, text] {
        words.add(part);
    }
    words.hasher.update(&words.waiting);
    let digest = words.hasher.finalize();
    u64::from_le_bytes(digest[..8].try_into().unwrap_or_default())
}

/// Lower-case words on their way into the hash, a blank behind each.
struct Words {
    hasher: Sha256,
    waiting: Vec<u8>,
}

impl Words {
    fn add(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if byte.is_ascii() {
                match LOWER[usize::from(byte)] {
                    0 => self.end_word(),
                    lower => self.waiting.push(lower),
                }
                at += 1;
            } else {
                // Begins a character: the bytes before it were whole ones.
                let c = text[at..].chars().next().unwrap_or_default();
                if c.is_alphanumeric() {
                    let mut utf8 = [0; 4];
                    for lower in c.to_lowercase() {
                        self.waiting.extend_from_slice(lower.encode_utf8(&mut utf8).as_bytes());
                    }
                } else {
                    self.end_word();
                }
                at += c.len_utf8();
            }
        }
        self.end_word();
    }

    #[inline]
    fn end_word(&mut self) {
        if self.waiting.last().is_some_and(|&last| last != b' ') {
            self.waiting.push(b' ');
            if self.waiting.len() > ROOM {
                self.hasher.update(&self.waiting);
                self.waiting.clear();
            }
        }
    }
}

/// By ASCII byte: the letter in lower case or the digit; 0 for all that is no part of a word.
const LOWER: [u8; 128] = {
    let mut lower = [0; 128];
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
            title in "\\PC{0,20}", text in "([a-zA-ZéÀŒİΣß0-9 '’\n.«»\u{301}]|\\PC){0,200}", times in 0usize..60
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
