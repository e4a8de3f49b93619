//! Sixty-four bytes of text at once. Most tokens are plain: words between blanks, commas, full stops. Their
//! edges are found for the whole window by a few operations on bit masks, and then taken one by one without a
//! branch on what they are, where a loop over bytes would mispredict its exit at nearly every word.
//!
//! The first thing that is not plain stops the window: there the scanner's rules decide.

use super::byte_classes::{ByteClasses, WIDTH};
use super::token::{Token, TokenKind};

/// Classes of the bytes from `base` on, one bit a byte, the first byte lowest, and the plain tokens that are
/// still to be taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    base: usize,
    /// Where in the window the next one is due: at its end, or before the word that it cuts.
    end: usize,
    /// Letters and digits.
    word: u64,
    /// Marks that are a token of one byte wherever they begin a token.
    mark: u64,
    /// Neither of these, and no blank.
    other: u64,
    /// What may go on with the word before it.
    joint: u64,
    /// Dots before a blank.
    stop: u64,
    /// A word that begins here is a number, or the hour's mark in `h30`.
    number: u64,
    /// First and last bytes of the plain tokens.
    starts: u64,
    lasts: u64,
}

impl Window {
    /// The window that begins at `base`, which must not be inside a character. Behind the end of the
    /// text all is blank.
    #[inline]
    pub(super) fn at(bytes: &[u8], base: usize) -> Self {
        let rest = bytes.get(base..).unwrap_or(&[]);
        match rest.first_chunk::<WIDTH>() {
            Some(chunk) => Self::of(chunk, base),
            None => {
                let mut chunk = [0; WIDTH];
                chunk[..rest.len()].copy_from_slice(rest);
                Self::of(&chunk, base)
            }
        }
    }

    #[inline]
    fn of(chunk: &[u8; WIDTH], base: usize) -> Self {
        let ByteClasses { word, blank, mark, joint, dot, digit, hour, sign } =
            ByteClasses::of(chunk);
        // Without its lead byte × ends the run; so do a few rare letters, which the scanner then decodes.
        let word = word & !(sign >> 1);
        let other = !(word | blank | mark);
        Self {
            base,
            end: WIDTH,
            word,
            mark,
            other,
            joint: joint | other,
            stop: dot & blank >> 1,
            number: digit | hour & digit >> 1 & digit >> 2,
            starts: 0,
            lasts: 0,
        }
    }

    /// Whether `position` is behind what this window shows.
    #[inline]
    pub(super) fn is_spent(&self, position: usize) -> bool {
        position - self.base >= self.end
    }

    /// Finds the plain tokens from `position` on and returns where they stop: before what is not plain, or
    /// where the next window is due.
    #[inline]
    pub(super) fn fill(&mut self, position: usize) -> usize {
        let offset = position - self.base;
        let ahead = u64::MAX << offset;
        let word = self.word & ahead;
        let starts = word & !(word << 1);
        let behind = word << 1 & !word;
        // No abbreviation has six letters: the dot behind so many is a full stop.
        let two = word & word << 1;
        let four = two & two << 2;
        let six = four & two << 4;
        let joined = behind & self.joint & !(self.stop & six << 1);
        let last = |starts: u64| 1 << (63 - (starts | 1).leading_zeros());
        // Words up to the first that is joined to something; that one is not plain.
        let up_to_joined = starts & below(joined);
        let joined_start = if joined == 0 { 0 } else { last(up_to_joined) };
        let events = joined_start | starts & self.number | self.other & ahead;
        // A lead byte in the last place may belong to ×.
        let cut_start = if word >> (WIDTH - 1) == 0 { 0 } else { last(starts) };
        let stop = (events | cut_start).trailing_zeros() as usize;
        // A word longer than the window is left to the scanner.
        if events == 0 && stop > 0 {
            self.end = stop;
        }
        let plain = below(events | cut_start);
        let mark = self.mark & ahead;
        self.starts = (starts | mark) & plain;
        self.lasts = (word & !(word >> 1) | mark) & plain;
        self.base + stop
    }

    /// Takes the next plain token.
    #[inline]
    pub(super) fn next_plain(&mut self) -> Option<Token> {
        if self.starts == 0 {
            return None;
        }
        let first = self.starts.trailing_zeros();
        let last = self.lasts.trailing_zeros();
        self.starts &= self.starts - 1;
        self.lasts &= self.lasts.wrapping_sub(1);
        let kind = if self.mark >> first & 1 == 1 { TokenKind::Mark } else { TokenKind::Word };
        Some(Token { start: self.base + first as usize, end: self.base + last as usize + 1, kind })
    }

    /// How far the run of letters and digits that begins at `position` is known to reach.
    #[inline]
    pub(super) fn run_end(&self, position: usize) -> usize {
        let offset = position - self.base;
        let run = (self.word >> offset).trailing_ones() as usize;
        // A lead byte in the last place may belong to ×.
        if offset + run < WIDTH { position + run } else { position }
    }
}

/// All bits below the lowest of `bits`.
#[inline]
fn below(bits: u64) -> u64 {
    (bits & bits.wrapping_neg()).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The plain tokens of the window at the start of `text`, and what it leaves.
    fn plain(text: &str) -> (String, &str) {
        let mut window = Window::at(text.as_bytes(), 0);
        let end = window.fill(0);
        let tokens: Vec<&str> =
            std::iter::from_fn(|| window.next_plain()).map(|t| t.surface(text)).collect();
        (tokens.join("|"), &text[end.min(text.len())..])
    }

    #[test]
    fn words_and_marks_are_plain() {
        assert_eq!(plain("accord signé"), ("accord|signé".into(), ""));
        assert_eq!(plain(" \n été, \"hiver\"!"), ("été|,|\"|hiver|\"|!".into(), ""));
        assert_eq!(plain("le G20 (cœur)"), ("le|G20|(|cœur|)".into(), ""));
        assert_eq!(plain("avant de décider. Elle"), ("avant|de|décider|.|Elle".into(), ""));
        assert_eq!(plain(""), ("".into(), ""));
    }

    #[test]
    fn what_takes_a_rule_stops_the_window() {
        for rest in [
            "l’accord",
            "d'été",
            "a-t-il",
            "8 mai",
            "h30",
            "dépt. 2",
            "n° 5",
            "été.fr",
            "« oui",
            "-il",
            "#mot",
            "e\u{301}tat",
            "a×b",
            "÷ 2",
            "\u{7F}",
            "ami(e)s",
            "R&D",
            "мир",
        ] {
            assert_eq!(plain(&format!("on, {rest}")), ("on|,".into(), rest));
        }
    }

    #[test]
    fn a_word_that_reaches_the_end_of_the_window_is_left() {
        let blanks = " ".repeat(50);
        for word in ["a".repeat(14), "a".repeat(20), format!("{}×", "a".repeat(13))] {
            let text = format!("{blanks}{word}");
            assert_eq!(plain(&text), ("".into(), &*word), "{word}");
        }
        let text = format!("{blanks}{} ", "a".repeat(13));
        assert_eq!(plain(&text).0, "a".repeat(13));
    }
}
