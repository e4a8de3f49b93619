//! One pass over French text: from bytes to [`Token`]s, without allocating.
//!
//! The scanner works on the text as it was written. Letters may be composed or decomposed, an
//! apostrophe may be any of four characters, soft hyphens and zero-width characters may stand inside a
//! word: all of that stays inside the token's span, and [`fold`](super::normalizer::fold) takes it away
//! from the token's text later. Conventions follow the French Universal Dependencies treebanks: `l'` and
//! `-t-il` are tokens of their own, `aujourd'hui`, `porte-parole` and `80 000` are one token each,
//! `20h45` is three.

use super::elision::{eq_ignore_case, is_clitic, is_elided, is_whole_compound};
use super::normalizer::compose;
use super::token::{Token, TokenKind};
use super::window::Window;

/// Iterates over the tokens of a text, in order, without overlap.
///
/// ```
/// use rubrique::text::tokenize;
/// let text = "L’accord, a-t-il dit, n’est pas signé.";
/// let words: Vec<&str> = tokenize(text).map(|t| t.surface(text)).collect();
/// assert_eq!(words, ["L’", "accord", ",", "a", "-t-il", "dit", ",", "n’", "est", "pas", "signé", "."]);
/// ```
pub fn tokenize(text: &str) -> Tokens<'_> {
    tokenize_from(text, 0)
}

/// The tokens from `start` on, where a token must begin.
pub(super) fn tokenize_from(text: &str, start: usize) -> Tokens<'_> {
    let bytes = text.as_bytes();
    let mut window = Window::at(bytes, start);
    let position = window.fill(start);
    Tokens { text, bytes, position, word_end: usize::MAX, window }
}

/// The iterator behind [`tokenize`].
#[derive(Clone, Debug)]
pub struct Tokens<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// Behind the plain tokens of the window.
    position: usize,
    /// Where the last word ended that was not plain: only there may a pronoun follow.
    word_end: usize,
    window: Window,
}

/// What a byte may begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Space,
    Letter,
    Digit,
    Mark,
    /// The first byte of a character beyond ASCII.
    Wide,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Mark; 256];
    let mut b = 0;
    while b < 256 {
        classes[b] = match b as u8 {
            0..=b' ' | 0x7F => Class::Space,
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            0x80.. => Class::Wide,
            _ => Class::Mark,
        };
        b += 1;
    }
    classes
};

/// What may go on with a word: apostrophes, hyphens and dots, what stands in addresses, and all that
/// must be decoded.
const MAY_JOIN: [bool; 256] = {
    let mut joins = [false; 256];
    let mut b = 0;
    while b < 256 {
        joins[b] = matches!(
            b as u8,
            b'\'' | b'-' | b'.' | b'@' | b':' | b'/' | b'(' | b'&' | b'~' | b'+' | b'_' | 0x80..
        );
        b += 1;
    }
    joins
};

impl Iterator for Tokens<'_> {
    type Item = Token;

    #[inline]
    fn next(&mut self) -> Option<Token> {
        loop {
            if let Some(token) = self.window.next_plain() {
                return Some(token);
            }
            if self.window.is_spent(self.position) {
                if self.position >= self.bytes.len() {
                    return None;
                }
                self.window = Window::at(self.bytes, self.position);
                self.position = self.window.fill(self.position);
                continue;
            }
            let token = self.rare(self.position);
            if !self.window.is_spent(self.position) {
                self.position = self.window.fill(self.position);
            }
            if token.is_some() {
                return token;
            }
        }
    }
}

impl<'t> Tokens<'t> {
    /// What begins at `start` where it is not plain. `None` at the end and for what is as good as a space.
    fn rare(&mut self, start: usize) -> Option<Token> {
        let &byte = self.bytes.get(start)?;
        match CLASSES[byte as usize] {
            Class::Space => {
                self.position += 1;
                None
            }
            Class::Letter => Some(self.word(start, self.window.run_end(start))),
            Class::Digit => Some(self.number(start)),
            Class::Mark => Some(self.mark(start, 1)),
            Class::Wide => {
                let c = self.char_at(start);
                if is_word_char(c) {
                    Some(self.word(start, self.window.run_end(start)))
                } else if is_space(c) || is_invisible(c) {
                    self.position += c.len_utf8();
                    None
                } else {
                    Some(self.mark(start, c.len_utf8()))
                }
            }
        }
    }

    #[inline]
    fn token(&mut self, start: usize, end: usize, kind: TokenKind) -> Token {
        self.position = end;
        if kind == TokenKind::Word {
            self.word_end = end;
        }
        Token { start, end, kind }
    }

    #[inline]
    fn char_at(&self, at: usize) -> char {
        self.text[at..].chars().next().unwrap_or(' ')
    }

    fn char_at_or_space(&self, at: usize) -> char {
        if at < self.bytes.len() { self.char_at(at) } else { ' ' }
    }

    #[inline]
    fn byte_at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b' ')
    }

    /// The end of the run of letters and digits that starts at `at`.
    #[inline]
    fn run_end(&self, mut at: usize) -> usize {
        loop {
            let byte = self.byte_at(at);
            match CLASSES[byte as usize] {
                Class::Letter | Class::Digit => at += 1,
                Class::Wide => {
                    if byte == 0xC3 && !matches!(self.bytes[at + 1], 0x97 | 0xB7) {
                        at += 2;
                        continue;
                    }
                    // Typographic marks and spaces, without decoding them.
                    match self.bytes[at..] {
                        [0xE2, 0x80, 0x90..=0xBF, ..] | [0xC2, 0xA0 | 0xAB | 0xBB, ..] => {
                            return at;
                        }
                        _ => {}
                    }
                    let c = self.char_at(at);
                    if !is_word_char(c) && !is_invisible(c) {
                        return at;
                    }
                    at += c.len_utf8();
                }
                _ => return at,
            }
        }
    }

    /// The length of the apostrophe at `at`, or 0.
    #[inline]
    fn apostrophe(&self, at: usize) -> usize {
        match self.byte_at(at) {
            b'\'' => 1,
            // U+2019, U+02BC, U+FF07
            0xE2 if self.bytes[at..].starts_with(&[0xE2, 0x80, 0x99]) => 3,
            0xCA if self.byte_at(at + 1) == 0xBC => 2,
            0xEF if self.bytes[at..].starts_with(&[0xEF, 0xBC, 0x87]) => 3,
            _ => 0,
        }
    }

    /// The length of the hyphen at `at`, or 0.
    #[inline]
    fn hyphen(&self, at: usize) -> usize {
        match self.byte_at(at) {
            b'-' => 1,
            // U+2010, U+2011
            0xE2 if matches!(self.bytes[at..], [_, 0x80, 0x90 | 0x91, ..]) => 3,
            _ => 0,
        }
    }

    #[inline]
    fn is_word_at(&self, at: usize) -> bool {
        match CLASSES[self.byte_at(at) as usize] {
            Class::Letter | Class::Digit => true,
            Class::Wide => is_word_char(self.char_at(at)),
            _ => false,
        }
    }

    fn is_letter_at(&self, at: usize) -> bool {
        at < self.bytes.len() && {
            let c = self.char_at(at);
            c.is_alphabetic() && is_word_char(c)
        }
    }

    /// A token that begins with a letter; `known` is how far its run of letters is known to reach.
    fn word(&mut self, start: usize, known: usize) -> Token {
        let end = self.run_end(known);
        if self.byte_at(start) | 0x20 == b'h' && self.is_hour_tail(start, end) {
            return self.token(start, start + 1, TokenKind::Word);
        }
        let next = self.byte_at(end);
        // n°
        if next == 0xC2
            && self.byte_at(end + 1) == 0xB0
            && matches!(&self.text[start..end], "n" | "N")
        {
            return self.token(start, end + 2, TokenKind::Abbreviation);
        }
        if MAY_JOIN[next as usize] {
            return self.joined_word(start, end);
        }
        self.token(start, end, TokenKind::Word)
    }

    /// A word whose run of letters ends at `end` in a character that may go on with it.
    fn joined_word(&mut self, start: usize, mut end: usize) -> Token {
        if matches!(self.byte_at(end), b'.' | b'-' | b':' | b'@' | b'_' | b'+')
            && let Some(token) = self.address(start, end)
        {
            return token;
        }
        if self.byte_at(end) == b'.' {
            if let Some(token) = self.dotted(start, end) {
                return token;
            }
            return self.token(start, end, TokenKind::Word);
        }
        loop {
            let apostrophe = self.apostrophe(end);
            if apostrophe > 0 {
                match self.after_apostrophe(start, end, apostrophe) {
                    After::Elided => {
                        return self.token(start, end + apostrophe, TokenKind::Elision);
                    }
                    After::Whole(whole) => end = whole,
                    After::Ends => return self.token(start, end, TokenKind::Word),
                }
                continue;
            }
            let hyphen = self.hyphen(end);
            if hyphen > 0 {
                match self.after_hyphen(start, end, hyphen) {
                    Some(whole) => end = whole,
                    None => return self.token(start, end, TokenKind::Word),
                }
                continue;
            }
            match self.byte_at(end) {
                // R&D: short things only, or every pair of words would be one.
                b'&' if self.is_letter_at(end + 1)
                    && letters_of(&self.text[start..end]).count() <= 2 =>
                {
                    end = self.run_end(end + 1);
                }
                b'/' if self.is_unit_ratio(start, end) => end = self.run_end(end + 1),
                // spécial(e)s, ami(e)
                b'(' => match self.optional_ending(end) {
                    Some(whole) => end = whole,
                    None => return self.token(start, end, TokenKind::Word),
                },
                // étudiant·e·s
                0xC2 if self.char_at(end) == '·' && self.is_letter_at(end + 2) => {
                    end = self.run_end(end + 2);
                }
                // A word broken off, in transcripts of speech.
                b'~' => {
                    let whole = self.run_end(end + 1);
                    return self.token(start, whole, TokenKind::Word);
                }
                b'_' if self.is_word_at(end + 1) => end = self.run_end(end + 1),
                _ => return self.token(start, end, TokenKind::Word),
            }
        }
    }

    fn after_apostrophe(&self, start: usize, end: usize, apostrophe: usize) -> After {
        let after = end + apostrophe;
        let word = &self.text[start..end];
        if !self.is_word_at(after) {
            // l'« accord », d'"urgence": an opening quote may stand between.
            let elided = is_elided(word) && after < self.bytes.len() && {
                let c = self.char_at(after);
                matches!(c, '«' | '"' | '“' | '‘' | '(' | '[' | '\'' | '*' | '_' | '~')
                    || (c.is_whitespace() && apostrophe > 0)
            };
            return if elided || (is_elided(word) && after == self.bytes.len()) {
                After::Elided
            } else {
                After::Ends
            };
        }
        let elided = is_elided(word);
        if elided && !matches!(word, "c" | "C" | "l" | "L" | "N" | "M") {
            return After::Elided;
        }
        let next_end = self.run_end(after);
        let next = &self.text[after..next_end];
        let lower = |pattern: &str, s: &str| eq_ignore_case(s, pattern);
        // c'est-à-dire
        if self.byte_at(next_end) == b'-' && lower("c", word) && lower("est", next) {
            let rest = &self.text[next_end..];
            for dire in ["-à-dire", "-a\u{300}-dire", "-a-dire"] {
                if let Some(tail) = rest.get(..dire.len())
                    && lower(dire, tail)
                {
                    return After::Whole(next_end + dire.len());
                }
            }
        }
        // « l'on » is one word of politeness, where « l'on » and « on » mean the same.
        if next.len() == 2 && lower("l", word) && lower("on", next) && self.hyphen(next_end) == 0 {
            return After::Whole(next_end);
        }
        // N'Djamena, N'Golo, M'Bala: negation and pronouns elide before a vowel only.
        if word.len() == 1 && matches!(word, "N" | "M") {
            let composed = compose(next);
            let mut letters = composed.chars();
            let first = letters.next();
            let capital = first.is_some_and(char::is_uppercase);
            let consonant = first.is_some_and(|c| !is_vowel_or_h(c));
            let goes_on = letters.next().is_some_and(char::is_alphabetic);
            if capital && consonant && goes_on {
                return After::Whole(next_end);
            }
        }
        if elided { After::Elided } else { After::Whole(next_end) }
    }

    /// The end of the compound that goes on behind the hyphen at `end`, unless a pronoun follows.
    fn after_hyphen(&self, start: usize, end: usize, hyphen: usize) -> Option<usize> {
        let next = end + hyphen;
        if !self.is_word_at(next) {
            return None;
        }
        let next_end = self.run_end(next);
        if self.clitic_end(end).is_some() && !is_whole_compound(&self.text[start..next_end]) {
            return None;
        }
        // d'un côté « ce jour-là », de l'autre « celui-là »
        if is_deictic(&self.text[next..next_end])
            && self.hyphen(next_end) == 0
            && !keeps_deictic(&self.text[start..end])
        {
            return None;
        }
        Some(next_end)
    }

    /// `h30` in `20 h30`, `h` in `12h-14h`: the hour's mark, not the start of a word.
    fn is_hour_tail(&self, start: usize, end: usize) -> bool {
        let minutes = &self.bytes[start + 1..end];
        let stands_alone = match minutes {
            [] => self.hyphen(end) > 0,
            [tens, ones] => tens.is_ascii_digit() && ones.is_ascii_digit(),
            _ => false,
        };
        stands_alone && {
            let before = self.text[..start].trim_end_matches([' ', '\u{A0}', '\u{202F}']);
            before.ends_with(|c: char| c.is_ascii_digit())
        }
    }

    /// The end of the pronouns that start with the hyphen at `at`: `-t-il`, `-le-moi` gives `-le`.
    fn clitic_end(&self, at: usize) -> Option<usize> {
        let hyphen = self.hyphen(at);
        if hyphen == 0 {
            return None;
        }
        let first = at + hyphen;
        let mut first_end = self.run_end(first);
        // -t-il, -t'il
        if first_end - first == 1 && self.byte_at(first).eq_ignore_ascii_case(&b't') {
            let link = self.hyphen(first_end).max(self.apostrophe(first_end));
            let pronoun = first_end + link;
            let pronoun_end = self.run_end(pronoun);
            let is_subject = link > 0
                && ["il", "elle", "on", "ils", "elles", "en", "y"]
                    .iter()
                    .any(|p| self.text[pronoun..pronoun_end].eq_ignore_ascii_case(p));
            return (is_subject && self.hyphen(pronoun_end) == 0).then_some(pronoun_end);
        }
        // m'en in « va-m'en », l'y: elided pronouns between.
        if self.apostrophe(first_end) > 0 {
            let word = &self.text[first..first_end];
            let elided = ["m", "t", "l"].iter().any(|p| word.eq_ignore_ascii_case(p));
            let link = first_end + self.apostrophe(first_end);
            let pronoun_end = self.run_end(link);
            let closes =
                ["en", "y"].iter().any(|p| self.text[link..pronoun_end].eq_ignore_ascii_case(p));
            return (elided && closes).then_some(link);
        }
        if !is_clitic(&self.text[first..first_end]) {
            return None;
        }
        let own_end = first_end;
        // Choisy-le-Roi: what follows the pronouns must not go on with the compound.
        for _ in 0..MOST_PRONOUNS {
            let hyphen = self.hyphen(first_end);
            if hyphen == 0 || !self.is_word_at(first_end + hyphen) {
                break;
            }
            let next_end = self.run_end(first_end + hyphen);
            let next = &self.text[first_end + hyphen..next_end];
            if !is_clitic(next) && !is_deictic(next) {
                return None;
            }
            first_end = next_end;
        }
        Some(own_end)
    }

    /// `km/h`, the one ratio that is written and read as a word.
    fn is_unit_ratio(&self, start: usize, end: usize) -> bool {
        if !self.is_letter_at(end + 1) {
            return false;
        }
        let next_end = self.run_end(end + 1);
        matches!(
            (&self.text[start..end], &self.text[end + 1..next_end]),
            ("km" | "kilomètres" | "kilome\u{300}tres", "h" | "heure")
        )
    }

    /// `(e)`, `(s)`, `(ne)s` directly behind a word: its other gender or number.
    fn optional_ending(&self, open: usize) -> Option<usize> {
        let inside = open + 1;
        let inside_end = self.run_end(inside);
        let ending = &self.text[inside..inside_end];
        let known = ["e", "s", "es", "x", "ne", "le", "nt"];
        (self.byte_at(inside_end) == b')' && known.iter().any(|k| ending.eq_ignore_ascii_case(k)))
            .then(|| {
                let after = inside_end + 1;
                let tail = self.run_end(after);
                if self.text[after..tail].eq_ignore_ascii_case("s") { tail } else { after }
            })
    }

    /// A URL or an e-mail address that starts with the word `start..end`.
    fn address(&mut self, start: usize, end: usize) -> Option<Token> {
        let word = &self.text[start..end];
        let rest = &self.text[end..];
        let is_url = (rest.starts_with("://") && is_scheme(word))
            || (rest.starts_with('.')
                && word.eq_ignore_ascii_case("www")
                && self.is_word_at(end + 1));
        if is_url {
            let stop = self.url_end(end);
            return Some(self.token(start, stop, TokenKind::Url));
        }
        if !matches!(self.byte_at(end), b'@' | b'.' | b'-' | b'_' | b'+') {
            return None;
        }
        // nom.prenom@exemple.fr: what may stand in the local part, then @, then a host with a dot.
        let local = rest
            .bytes()
            .take(LONGEST_LOCAL_PART)
            .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+')))?;
        if rest.as_bytes()[local] != b'@' {
            return None;
        }
        let host = &rest[local + 1..];
        let host_length = host
            .bytes()
            .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')))
            .unwrap_or(host.len());
        // With its accent as a character of its own behind it, the last letter is none of ASCII.
        let is_accented = host[host_length..].starts_with(is_combining);
        let host_length = host_length - usize::from(is_accented && host_length > 0);
        let host = host[..host_length].trim_end_matches(['.', '-']);
        let stop = end + local + 1 + host.len();
        let is_host = host.contains('.')
            && host.starts_with(|c: char| c.is_ascii_alphanumeric())
            && !self.is_word_at(stop);
        is_host.then(|| self.token(start, stop, TokenKind::Email))
    }

    /// Acronyms and abbreviations that the dot at `end` belongs to, and site names.
    fn dotted(&mut self, start: usize, end: usize) -> Option<Token> {
        let word = &self.text[start..end];
        if let Some(letter) = only_letter(word)
            && letter.is_alphabetic()
        {
            // O.N.U., U.S.A, R.E.M.
            let mut stop = end;
            let mut letters = 1;
            while self.byte_at(stop) == b'.' {
                let letter_end = self.run_end(stop + 1);
                if self.is_letter_at(stop + 1)
                    && only_letter(&self.text[stop + 1..letter_end]).is_some()
                {
                    stop = letter_end;
                    letters += 1;
                } else {
                    break;
                }
            }
            if letters >= 2 {
                // R.I.Ma
                if self.byte_at(stop) == b'.' {
                    stop += 1;
                }
                return Some(self.token(start, stop, TokenKind::Acronym));
            }
            if letter.is_uppercase() {
                return Some(self.initial(start, end));
            }
            // c.-à-d., the short form of c'est-à-dire
            let rest = &self.text[end..];
            let tail = [".-à-d", ".-a\u{300}-d", ".-a-d"].iter().find_map(|t| rest.strip_prefix(t));
            if let Some(rest) = tail.filter(|_| word == "c") {
                let stop = self.bytes.len() - rest.len() + usize::from(rest.starts_with('.'));
                return Some(self.token(start, stop, TokenKind::Abbreviation));
            }
        }
        let composed =
            if end - start <= 2 * LONGEST_ABBREVIATION { compose(word) } else { "".into() };
        if is_abbreviation(&composed) || (is_numbered(&composed) && self.number_follows(end + 1)) {
            return Some(self.token(start, end + 1, TokenKind::Abbreviation));
        }
        if self.byte_at(end + 1) <= b' ' {
            return None;
        }
        if let Some(stop) = self.inclusive_end(end) {
            return Some(self.token(start, stop, TokenKind::Word));
        }
        // lemonde.fr, rec.arts.movies: a site's name has a known ending and no capital behind the dot.
        let mut stop = end;
        for _ in 0..MOST_HOST_LABELS {
            if self.byte_at(stop) != b'.' || !self.char_at_or_space(stop + 1).is_lowercase() {
                break;
            }
            stop = self.run_end(stop + 1);
        }
        let ending = self.text[start..stop].rsplit('.').next().unwrap_or("");
        let has_path = self.byte_at(stop) == b'/' && self.is_word_at(stop + 1);
        let is_site = stop > end
            && (is_site_ending(ending)
                || (has_path && matches!(ending, "co" | "io" | "ly" | "uk")));
        if has_path && is_site {
            stop = self.url_end(stop);
        }
        is_site.then(|| self.token(start, stop, TokenKind::Url))
    }

    /// The end of a URL that is known to reach at least to `at`; the marks of the sentence around it stay out.
    fn url_end(&self, at: usize) -> usize {
        let mut stop = at + url_length(&self.text[at..]);
        while stop > at
            && matches!(self.bytes[stop - 1], b'.' | b',' | b';' | b':' | b'!' | b'?' | b')')
        {
            stop -= 1;
        }
        stop
    }

    /// Whether a number stands behind the blanks at `at`.
    fn number_follows(&self, at: usize) -> bool {
        self.text[at..].trim_start().starts_with(|c: char| c.is_ascii_digit())
    }

    /// The end of the feminine and plural endings behind the dot at `at`: `étudiant.e.s`.
    fn inclusive_end(&self, at: usize) -> Option<usize> {
        let ending_end = self.run_end(at + 1);
        if !matches!(
            &self.text[at + 1..ending_end],
            "e" | "es" | "ne" | "nes" | "rice" | "rices" | "trice" | "trices" | "euse" | "euses"
        ) {
            return None;
        }
        let plural = ending_end + 1;
        if self.byte_at(ending_end) == b'.'
            && self.byte_at(plural) == b's'
            && self.run_end(plural) == plural + 1
        {
            return Some(plural + 1);
        }
        Some(ending_end)
    }

    /// `M.`, `J.`, `J.-C.`, `R.-G.`: a capital with its dot.
    fn initial(&mut self, start: usize, end: usize) -> Token {
        let mut stop = end + 1;
        let hyphen = self.hyphen(stop);
        if hyphen > 0 {
            let letter = stop + hyphen;
            let letter_end = self.run_end(letter);
            let next = &self.text[letter..letter_end];
            if only_letter(next).is_some_and(char::is_uppercase) && self.byte_at(letter_end) == b'.'
            {
                stop = letter_end + 1;
            }
        }
        self.token(start, stop, TokenKind::Abbreviation)
    }

    /// A token that begins with a digit.
    fn number(&mut self, start: usize) -> Token {
        let mut end = self.digits_end(start);
        // 1 000 000: groups of three behind a space of any kind.
        if end - start <= 3 {
            while let Some(group_end) = self.group_of_three(end) {
                end = group_end;
            }
        }
        // 3,5  12.4  10'000  25/01/06  1971-72  4-3
        loop {
            let byte = self.byte_at(end);
            let mark = match byte {
                b'.' | b',' | b'/' | b'-' => 1,
                0xE2 | b'\'' | 0xCA | 0xEF => self.apostrophe(end).max(self.hyphen(end)),
                _ => 0,
            };
            if mark == 0 || CLASSES[self.byte_at(end + mark) as usize] != Class::Digit {
                break;
            }
            end = self.digits_end(end + mark);
        }
        if self.hyphen(end) > 0 && self.is_letter_at(end + self.hyphen(end)) {
            // 4-temps
            let whole = self.run_end(end + self.hyphen(end));
            if self.clitic_end(end).is_none() {
                return self.token(start, whole, TokenKind::Word);
            }
        }
        if !self.is_letter_at(end) {
            return self.token(start, end, TokenKind::Number);
        }
        let letters_end = self.run_end(end);
        let letters = &self.text[end..letters_end];
        if is_ordinal_ending(&compose(letters)) {
            return self.token(start, letters_end, TokenKind::Number);
        }
        // 20h45, 12km, 35m2: the number stands alone; 3D, 4G, 5e: one name.
        let is_hour = letters.chars().next().is_some_and(|c| matches!(c, 'h' | 'H'))
            && letters[1..].bytes().all(|b| b.is_ascii_digit());
        if is_hour || is_unit(letters) {
            return self.token(start, end, TokenKind::Number);
        }
        self.token(start, letters_end, TokenKind::Word)
    }

    fn digits_end(&self, mut at: usize) -> usize {
        while self.byte_at(at).is_ascii_digit() {
            at += 1;
        }
        at
    }

    fn group_of_three(&self, at: usize) -> Option<usize> {
        let space = match self.byte_at(at) {
            b' ' => 1,
            0xC2 | 0xE2 if is_space(self.char_at(at)) => self.char_at(at).len_utf8(),
            _ => return None,
        };
        let end = self.digits_end(at + space);
        (end - at - space == 3).then_some(end)
    }

    /// A mark of `length` bytes at `start`, or what it begins: a pronoun, a mention, a negative number.
    fn mark(&mut self, start: usize, length: usize) -> Token {
        if matches!(self.bytes[start], b',' | b'.' | b'"' | b')' | b';') {
            return self.token(start, start + 1, TokenKind::Mark);
        }
        if start == self.word_end && self.hyphen(start) > 0 {
            if let Some(end) = self.clitic_end(start) {
                self.word_end = end;
                return self.token(start, end, TokenKind::Clitic);
            }
            let after = start + self.hyphen(start);
            let end = self.run_end(after);
            if is_deictic(&self.text[after..end]) {
                return self.token(start, end, TokenKind::Clitic);
            }
        }
        match self.bytes[start] {
            b'@' if self.is_letter_at(start + 1) => {
                let end = self.handle_end(start + 1);
                self.token(start, end, TokenKind::Mention)
            }
            b'#' if self.is_letter_at(start + 1) => {
                let end = self.handle_end(start + 1);
                self.token(start + 1, end, TokenKind::Hashtag)
            }
            b'-' if !self.follows_text(start) && self.byte_at(start + 1).is_ascii_digit() => {
                let number = self.number(start + 1);
                self.token(start, number.end, number.kind)
            }
            b'~' if self.is_letter_at(start + 1) => {
                let end = self.run_end(start + 1);
                self.token(start, end, TokenKind::Word)
            }
            // n°, °C
            0xC2 if self.char_at(start) == '°' && self.byte_at(start + 2) == b'C' => {
                self.token(start, start + 3, TokenKind::Mark)
            }
            _ => self.token(start, start + length, TokenKind::Mark),
        }
    }

    fn follows_text(&self, at: usize) -> bool {
        at > 0 && !matches!(self.bytes[at - 1], b' ' | b'(' | b'\n' | b'\t')
    }

    fn handle_end(&self, mut at: usize) -> usize {
        loop {
            at = self.run_end(at);
            if self.byte_at(at) == b'_' && self.is_word_at(at + 1) {
                at += 1;
            } else {
                return at;
            }
        }
    }
}

/// How far the scanner looks ahead. Without these limits, long chains such as `a.b.c…` would be read again
/// from each of their words.
const LONGEST_LOCAL_PART: usize = 64;
const MOST_HOST_LABELS: usize = 8;
const MOST_PRONOUNS: usize = 3;

/// Bytes of the longest word of [`is_abbreviation`], at least. A [`Window`] takes the dot behind a longer word for
/// the end of a sentence.
pub(super) const LONGEST_ABBREVIATION: usize = 5;

/// How a word goes on behind its apostrophe.
enum After {
    /// The word and its apostrophe are a token.
    Elided,
    /// The word reaches to this byte.
    Whole(usize),
    /// The word ended before the apostrophe.
    Ends,
}

#[inline]
fn is_space(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// Characters without width or ink: they vanish from the words they stand in.
#[inline]
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

/// Letters, digits and the marks that combine with them. Unicode takes the apostrophe U+02BC for a letter;
/// here it is an apostrophe.
#[inline]
fn is_word_char(c: char) -> bool {
    (c.is_alphanumeric() && c != '\u{02BC}') || is_combining(c)
}

/// The characters of a word without the marks that combine with them and without the invisible ones.
fn letters_of(word: &str) -> impl Iterator<Item = char> {
    word.chars().filter(|&c| !is_combining(c) && !is_invisible(c))
}

/// The letter of a word that has no other.
fn only_letter(word: &str) -> Option<char> {
    let mut letters = letters_of(word);
    let first = letters.next()?;
    letters.next().is_none().then_some(first)
}

/// Marks written over or under the letter before.
#[inline]
pub(super) fn is_combining(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{20D0}'..='\u{20FF}')
}

fn is_vowel_or_h(c: char) -> bool {
    c.to_lowercase().next().is_some_and(|c| {
        matches!(
            c,
            'a' | 'e'
                | 'i'
                | 'o'
                | 'u'
                | 'y'
                | 'h'
                | 'à'
                | 'â'
                | 'é'
                | 'è'
                | 'ê'
                | 'ë'
                | 'î'
                | 'ï'
                | 'ô'
                | 'û'
                | 'ù'
                | 'œ'
                | 'æ'
        )
    })
}

/// What points at the noun before it: `ce jour-là`, `cette fois-ci`.
fn is_deictic(word: &str) -> bool {
    matches!(word, "là" | "LÀ" | "la\u{300}" | "LA\u{300}" | "ci" | "CI")
}

/// Pronouns and adverbs that are one word with `-ci` or `-là` behind them.
fn keeps_deictic(word: &str) -> bool {
    ["celui", "celle", "ceux", "celles", "jusque", "par", "de"]
        .iter()
        .any(|d| word.eq_ignore_ascii_case(d))
}

fn is_scheme(word: &str) -> bool {
    ["http", "https", "ftp"].iter().any(|s| word.eq_ignore_ascii_case(s))
}

fn url_length(rest: &str) -> usize {
    rest.find(|c: char| {
        is_space(c) || matches!(c, '<' | '>' | '"' | '«' | '»' | '“' | '”' | '’' | '(')
    })
    .unwrap_or(rest.len())
}

fn is_site_ending(ending: &str) -> bool {
    matches!(
        ending,
        "fr" | "com"
            | "org"
            | "net"
            | "be"
            | "ch"
            | "ca"
            | "lu"
            | "ma"
            | "dz"
            | "tn"
            | "sn"
            | "ml"
            | "lb"
            | "eu"
            | "info"
            | "gouv"
            | "tv"
            | "movies"
    )
}

/// Short forms that keep their dot. Those that often end a sentence (etc.) are not here.
fn is_abbreviation(word: &str) -> bool {
    matches!(
        word,
        "MM" | "Mr"
            | "Mrs"
            | "Dr"
            | "Pr"
            | "St"
            | "Ste"
            | "Mgr"
            | "Me"
            | "art"
            | "av"
            | "apr"
            | "bd"
            | "boul"
            | "cf"
            | "Cf"
            | "chap"
            | "coll"
            | "dép"
            | "éd"
            | "ed"
            | "env"
            | "fig"
            | "hab"
            | "ibid"
            | "janv"
            | "févr"
            | "juill"
            | "oct"
            | "nov"
            | "déc"
            | "p"
            | "pp"
            | "tél"
    )
}

/// Whether a dot behind the word may be its own, whatever stands behind that: that of an abbreviation or of an acronym that goes on.
pub(super) fn keeps_dot(word: &str) -> bool {
    let is_short = word.len() <= 2 * LONGEST_ABBREVIATION;
    word.contains('.')
        || only_letter(word).is_some()
        || word.eq_ignore_ascii_case("www")
        || is_short && (is_abbreviation(&compose(word)) || is_numbered(word))
}

/// Short forms only where a number follows: `al. 2`, `sept. 2019`. Elsewhere they are words.
pub(super) fn is_numbered(word: &str) -> bool {
    matches!(
        &*compose(word),
        "al" | "avr" | "ch" | "fév" | "jan" | "juil" | "n" | "no" | "No" | "sept" | "t" | "vol"
    )
}

/// `1er`, `24e`, `2ème`, `1ère`.
fn is_ordinal_ending(letters: &str) -> bool {
    [
        "er", "re", "ère", "ere", "e", "è", "ème", "eme", "nd", "nde", "d", "ers", "res", "es",
        "èmes", "o",
    ]
    .iter()
    .any(|o| eq_ignore_case(letters, o))
}

fn is_unit(letters: &str) -> bool {
    matches!(
        letters,
        "km" | "m"
            | "cm"
            | "mm"
            | "kg"
            | "g"
            | "mg"
            | "l"
            | "L"
            | "ha"
            | "m2"
            | "m²"
            | "km2"
            | "km²"
            | "min"
            | "s"
            | "h"
            | "kWh"
            | "MW"
            | "GW"
            | "M"
            | "Md"
            | "Mds"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use TokenKind::*;

    /// The tokens of `text` with one space between.
    fn tokens(text: &str) -> String {
        let words: Vec<&str> = tokenize(text).map(|t| t.surface(text)).collect();
        words.join(" ")
    }

    fn kinds(text: &str) -> Vec<TokenKind> {
        tokenize(text).map(|t| t.kind).collect()
    }

    /// Each row: the text, and its tokens with one space between.
    fn assert_rows(rows: &[(&str, &str)]) {
        for (text, expected) in rows {
            assert_eq!(tokens(text), *expected, "{text}");
            // What a newspaper prints, where the row is typed on a keyboard.
            let printed = text.replace('\'', "’");
            assert_eq!(tokens(&printed), expected.replace('\'', "’"), "{printed}");
        }
    }

    #[test]
    fn spaces_of_any_width_part_words_and_marks() {
        for space in ["\u{A0}", "\u{202F}", "\u{2009}", "\t", "\r\n", "  "] {
            let text = format!("«{space}Le traité{space}» est signé{space}!");
            assert_eq!(tokens(&text), "« Le traité » est signé !", "{space:?}");
        }
        assert_rows(&[
            ("“Oui”—dit…non–si", "“ Oui ” — dit … non – si"),
            ("(accord),[traité];pacte:fin", "( accord ) , [ traité ] ; pacte : fin"),
            ("Lyon.Paris", "Lyon . Paris"),
        ]);
    }

    #[test]
    fn four_apostrophes_are_one() {
        for apostrophe in ["'", "’", "\u{2BC}", "\u{FF07}"] {
            let text = format!("l{apostrophe}accord d{apostrophe}aujourd{apostrophe}hui");
            let expected = format!("l{apostrophe} accord d{apostrophe} aujourd{apostrophe}hui");
            assert_eq!(tokens(&text), expected);
            assert_eq!(kinds(&text), [Elision, Word, Elision, Word]);
        }
    }

    #[test]
    fn elisions_are_cut() {
        assert_rows(&[
            (
                "c'est d'ici j'ai l'eau m'a n'a s'est t'a z'avez ç'a",
                "c' est d' ici j' ai l' eau m' a n' a s' est t' a z' avez ç' a",
            ),
            (
                "qu'il jusqu'à lorsqu'on puisqu'elle quoiqu'un",
                "qu' il jusqu' à lorsqu' on puisqu' elle quoiqu' un",
            ),
            ("L'ÉTAT D'URGENCE QU'IL JUSQU'À", "L' ÉTAT D' URGENCE QU' IL JUSQU' À"),
            ("l'« union », d'“espoir”, qu'« hier »", "l' « union » , d' “ espoir ” , qu' « hier »"),
            ("l'\"union\" d'(autres)", "l' \" union \" d' ( autres )"),
            ("l'11-Septembre d'1,5 million", "l' 11-Septembre d' 1,5 million"),
            ("l'O.N.U. l'île d'où", "l' O.N.U. l' île d' où"),
        ]);
    }

    #[test]
    fn some_words_keep_their_apostrophe() {
        for word in [
            "aujourd'hui",
            "Aujourd'hui",
            "AUJOURD'HUI",
            "prud'hommes",
            "prud'homal",
            "presqu'île",
            "quelqu'un",
            "quelqu'une",
            "Quelqu'un",
            "c'est-à-dire",
            "C'EST-À-DIRE",
            "c'est-a-dire",
            "O'Brien",
            "N'Djamena",
            "N'DJAMENA",
            "N'Golo",
            "M'Bala",
            "grand'mère",
            "grand'place",
            "entr'ouvert",
            "entr'acte",
            "main-d'œuvre",
            "Val-d'Oise",
            "chef-d'œuvre",
            "p'tit",
            "l'on",
        ] {
            let text = format!("dit {word} hier");
            assert_rows(&[(&text, &text)]);
            assert_eq!(kinds(&text), [Word; 3], "{text}");
        }
        assert_rows(&[
            ("n'a N'est M'a N'Y", "n' a N' est M' a N' Y"),
            ("d'Artagnan", "d' Artagnan"),
        ]);
    }

    #[test]
    fn inverted_pronouns_are_cut() {
        assert_rows(&[
            ("a-t-il dit-on est-ce rend-il", "a -t-il dit -on est -ce rend -il"),
            ("A-T-IL DIT-ON EST-CE", "A -T-IL DIT -ON EST -CE"),
            ("va-t-elle, puis-je, vas-y, prends-en", "va -t-elle , puis -je , vas -y , prends -en"),
            ("donnez-le-moi, allez-vous-en", "donnez -le -moi , allez -vous -en"),
            ("qu'est-ce que c'est", "qu' est -ce que c' est"),
            ("va-t'en", "va -t'en"),
            ("ce jour-là, cette fois-ci", "ce jour -là , cette fois -ci"),
            ("dit\u{2011}il", "dit \u{2011}il"),
        ]);
        assert_eq!(kinds("y a-t-il"), [Word, Word, Clitic]);
    }

    #[test]
    fn compounds_stay_whole() {
        for word in [
            "celui-ci",
            "celles-là",
            "rendez-vous",
            "RENDEZ-VOUS",
            "États-Unis",
            "vice-premier",
            "Al-Qaïda",
            "porte-parole",
            "peut-être",
            "vis-à-vis",
            "là-bas",
            "jusque-là",
            "moi-même",
            "week-end",
            "Choisy-le-Roi",
            "Aix-en-Provence",
            "Saint-Germain-en-Laye",
            "cessez-le-feu",
            "Abou-Bakr",
            "Tel-Aviv",
            "quatre-vingt-dix",
            "Covid-19",
            "G5-Sahel",
            "F-16",
            "11-Septembre",
            "franco-allemand",
            "quant-à-soi",
        ] {
            assert_eq!(tokens(word), word);
            assert_eq!(kinds(word), [Word], "{word}");
        }
        assert_rows(&[("mot- -mot", "mot - - mot"), ("Lyon – Turin", "Lyon – Turin")]);
    }

    #[test]
    fn decomposed_letters_and_invisible_characters_stay_in_their_word() {
        assert_rows(&[
            ("l'e\u{301}tat s'est re\u{301}uni", "l' e\u{301}tat s' est re\u{301}uni"),
            ("ga\u{AD}ran\u{200B}tie\u{FEFF}s ici", "ga\u{AD}ran\u{200B}tie\u{FEFF}s ici"),
            ("ce jour-la\u{300}", "ce jour -la\u{300}"),
            ("\u{FEFF}Titre", "Titre"),
            ("a×b", "a × b"),
            ("œuvre Œdipe ex æquo", "œuvre Œdipe ex æquo"),
        ]);
        let long = "e\u{301}".repeat(200);
        assert_eq!(tokens(&format!("{long} fin")), format!("{long} fin"));
        let long = "é".repeat(200);
        assert_eq!(tokens(&format!("{long}, fin")), format!("{long} , fin"));
    }

    #[test]
    fn acronyms_keep_their_dots() {
        assert_rows(&[
            ("l'O.N.U. et l'U.E. ont", "l' O.N.U. et l' U.E. ont"),
            ("C.N.R.S, U.S.A", "C.N.R.S , U.S.A"),
            ("TRACFIN, BCIJ.", "TRACFIN , BCIJ ."),
            ("R&D, H&M, G20, 5G, iPhone", "R&D , H&M , G20 , 5G , iPhone"),
        ]);
        assert_eq!(kinds("O.N.U. U.S.A"), [Acronym, Acronym]);
    }

    #[test]
    fn numbers_are_one_token_with_their_separators() {
        for number in [
            "1 000 000",
            "1\u{A0}000\u{A0}000",
            "1\u{202F}000",
            "1.000.000",
            "10'000",
            "3,5",
            "49.3",
            "25/12/2015",
            "2010-2020",
            "10-15",
            "1er",
            "2e",
            "3ème",
            "1ère",
            "2",
        ] {
            assert_eq!(tokens(number), number);
            assert_eq!(kinds(number), [Number], "{number}");
        }
        assert_rows(&[
            ("3,5 % et 20%", "3,5 % et 20 %"),
            ("12,4 M€, 10€, $10", "12,4 M € , 10 € , $ 10"),
            ("10h00, 20 h 45, 8h", "10 h 00 , 20 h 45 , 8 h"),
            ("12h-14h, 20 h30", "12 h - 14 h , 20 h 30"),
            ("23 avril 2016 - 10h00", "23 avril 2016 - 10 h 00"),
            ("-5 °C, +3,2", "-5 °C , + 3,2"),
            ("50km, 15ha, 3D", "50 km , 15 ha , 3D"),
            ("en 2015. 2016,", "en 2015 . 2016 ,"),
            ("2010–2020", "2010 – 2020"),
        ]);
    }

    #[test]
    fn abbreviations_keep_their_dot_and_sentences_theirs() {
        assert_rows(&[
            ("M. Kone, MM. Ba et Sy", "M. Kone , MM. Ba et Sy"),
            ("Mme Ba, Mgr. Sy, Dr. Ly", "Mme Ba , Mgr. Sy , Dr. Ly"),
            ("n° 5, N°12, art. 421-1, al. 2", "n° 5 , N° 12 , art. 421-1 , al. 2"),
            ("J.-P. Ba, av. J.-C.", "J.-P. Ba , av. J.-C."),
            ("en sept. 2019, ils sont sept. Fin.", "en sept. 2019 , ils sont sept . Fin ."),
            ("c.-à-d. demain", "c.-à-d. demain"),
            ("Il est parti. Elle reste.", "Il est parti . Elle reste ."),
            ("Trois... non", "Trois . . . non"),
        ]);
        assert_eq!(kinds("M. art. n°"), [Abbreviation; 3]);
    }

    #[test]
    fn addresses_mentions_and_hashtags() {
        let rows = [
            ("https://exemple.fr/a-b?c=1&d=2", Url),
            ("www.exemple.org/été", Url),
            ("exemple.fr", Url),
            ("exemple.com/page/2", Url),
            ("t.co/x1", Url),
            ("jean.dupont@exemple.fr", Email),
            ("prenom_nom+liste@exemple-1.gouv.fr", Email),
            ("@ministre_fr", Mention),
        ];
        for (address, kind) in rows {
            for text in [address.to_owned(), format!("({address}).")] {
                let found: Vec<Token> = tokenize(&text).filter(|t| t.kind != Mark).collect();
                assert_eq!(found.len(), 1, "{text}");
                assert_eq!((found[0].surface(&text), found[0].kind), (address, kind), "{text}");
            }
        }
        assert_rows(&[("#Élection2022 #paix", "Élection2022 paix"), ("C#, # 3", "C # , # 3")]);
        assert_eq!(kinds("#paix"), [Hashtag]);
        assert_rows(&[("fin.Alors il", "fin . Alors il"), ("et/ou, km/h", "et / ou , km/h")]);
    }

    #[test]
    fn endings_of_both_genders_stay_with_their_word() {
        for word in ["étudiant·e·s", "étudiant.e.s", "salarié.e", "ami(e)s", "directeur.rice.s"]
        {
            let text = format!("les {word} ici");
            assert_eq!(tokens(&text), text);
        }
    }

    #[test]
    fn the_window_sees_no_abbreviation() {
        for word in
            "MM Mr Mrs Mgr boul chap coll dép env janv févr juill ibid tél sept juil".split(' ')
        {
            assert!(word.len() <= LONGEST_ABBREVIATION, "{word}");
        }
    }

    #[test]
    fn a_place_in_the_text_does_not_matter() {
        let piece = "L’accord d’Al-Qaïda, a-t-il dit à M. Kone le 1er mai, n’est pas signé : 3,5 % à l’O.N.U. ";
        let expected = tokens(piece);
        for blanks in 0..130 {
            let text = format!("{}{piece}", " ".repeat(blanks));
            assert_eq!(tokens(&text), expected, "behind {blanks} blanks");
        }
    }
}
