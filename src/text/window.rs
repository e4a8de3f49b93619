//! Sixty-four bytes of text at once: which of them are letters and digits, which are blank. Finding where
//! a word ends is then one count of bits, where a loop over bytes would mispredict its exit at nearly every word.

const WIDTH: usize = 64;

const WORD: u8 = 1;
const BLANK: u8 = 2;
/// Second bytes of `×` and `÷`, the two characters behind the lead byte C3 that are no letters.
const SIGN: u8 = 4;

/// Classes of the bytes from `base` on, one bit a byte, the first byte lowest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    base: usize,
    word: u64,
    blank: u64,
}

/// A piece of a window that begins where the scanner stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    /// Blank bytes first.
    pub blanks: usize,
    /// Bytes of letters and digits behind them.
    pub run: usize,
    /// Whether the run may go on behind the window.
    pub cut: bool,
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
        let mut classes = [0; WIDTH];
        for (class, &byte) in classes.iter_mut().zip(chunk) {
            *class = class_of(byte);
        }
        let word = bits(&classes, WORD);
        let sign = bits(&classes, SIGN);
        // Without its lead byte × ends the run; so do a few rare letters, which the scanner then decodes.
        Self { base, word: word & !(sign >> 1), blank: bits(&classes, BLANK) }
    }

    /// What stands at `position`, or `None` where a new window is due.
    #[inline]
    pub(super) fn view(&self, position: usize) -> Option<View> {
        /// Views that begin late in the window would be cut too often.
        const LATEST: usize = WIDTH - 20;
        let offset = position.wrapping_sub(self.base);
        if offset > LATEST {
            return None;
        }
        let blanks = (self.blank >> offset).trailing_ones() as usize;
        let start = offset + blanks;
        if start >= WIDTH {
            return Some(View { blanks, run: 0, cut: true });
        }
        let run = (self.word >> start).trailing_ones() as usize;
        // A lead byte in the last place may belong to ×.
        Some(View { blanks, run, cut: start + run >= WIDTH - 1 })
    }
}

/// The lead bytes C3 to C5 begin Latin letters, and what follows them is such a letter's second byte. No
/// scan begins inside a character, so that a second byte is only reached behind such a lead.
#[inline]
fn class_of(byte: u8) -> u8 {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let digit = byte.wrapping_sub(b'0') < 10;
    let latin = byte.wrapping_sub(0x80) < 0x40 || byte.wrapping_sub(0xC3) < 3;
    let blank = byte <= b' ';
    let sign = byte & !0x20 == 0x97;
    u8::from(letter | digit | latin) * WORD + u8::from(blank) * BLANK + u8::from(sign) * SIGN
}

/// One bit a class: whether `flag` is set.
#[inline]
fn bits(classes: &[u8; WIDTH], flag: u8) -> u64 {
    /// Brings the lowest bits of eight bytes together in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    const LOWEST: u64 = 0x0101_0101_0101_0101;
    let (eights, _) = classes.as_chunks::<8>();
    eights.iter().enumerate().fold(0, |bits, (place, &eight)| {
        let set = (u64::from_le_bytes(eight) >> flag.trailing_zeros()) & LOWEST;
        bits | (set.wrapping_mul(GATHER) >> 56) << (8 * place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blanks and word bytes at the start of `text`.
    fn view(text: &str) -> (usize, usize, bool) {
        let View { blanks, run, cut } = Window::at(text.as_bytes(), 0).view(0).unwrap();
        (blanks, run, cut)
    }

    #[test]
    fn runs_are_letters_and_digits() {
        assert_eq!(view("accord signé"), (0, 6, false));
        assert_eq!(view(" \n été, hiver"), (3, 5, false));
        assert_eq!(view("G20"), (0, 3, false));
        assert_eq!(view("cœur "), (0, 5, false));
        assert_eq!(view("« oui »"), (0, 0, false));
        assert_eq!(view("l’accord"), (0, 1, false));
        assert_eq!(view("e\u{301}tat"), (0, 1, false), "a combining mark ends it");
    }

    #[test]
    fn signs_that_share_the_lead_of_letters_end_a_run() {
        assert_eq!(view("a×b"), (0, 1, false));
        assert_eq!(view("a÷b"), (0, 1, false));
        assert_eq!(view("×"), (0, 0, false));
    }

    #[test]
    fn what_reaches_the_end_of_the_window_is_cut() {
        assert_eq!(view(&"a".repeat(70)), (0, 64, true));
        assert_eq!(view(&format!("{}×", "a".repeat(63))), (0, 64, true));
        assert_eq!(view("abc"), (0, 3, false), "behind the text all is blank");
        assert_eq!(view(""), (64, 0, true));
    }

    #[test]
    fn a_late_position_needs_a_new_window() {
        let text = "a ".repeat(64);
        let window = Window::at(text.as_bytes(), 10);
        assert!(window.view(10).is_some());
        assert!(window.view(60).is_none());
    }
}
