//! The Snowball stemmer for French, for words of the letters of French.
//!
//! It gives what the generated stemmer of the crate frostem gives, several times as fast; of what it leaves to that one it says `None`. The rules are those of <https://snowballstem.org/algorithms/french/stemmer.html> (Porter 1980, "An algorithm for suffix
//! stripping", is where their regions come from), as of the release that is pinned in `Cargo.toml`: a new one may change them, and the
//! tests here and in `tests/conformance.rs` hold both against each other.
//!
//! A word is kept with one byte a letter: its character up to U+00FF. `U`, `I` and `Y` are letters that are no vowels where they stand.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::LazyLock;

/// The stem of a word in lower case, or `None` where the word is beyond this stemmer: longer than most, or of other letters.
pub(super) fn stem(word: &str) -> Option<Cow<'_, str>> {
    let word = behind_elision(word);
    let mut letters = Letters::of(word)?;
    letters.mark_consonants();
    let regions = letters.regions();
    if letters.drop_suffix(&regions) {
        letters.soften_end();
    } else {
        letters.drop_residue(&regions);
    }
    letters.undouble();
    letters.unaccent();
    Some(letters.written(word))
}

/// The word without `l'`, `qu'` and the like before it.
fn behind_elision(word: &str) -> &str {
    let elided = match word.as_bytes() {
        [b'c' | b'd' | b'j' | b'l' | b'm' | b'n' | b's' | b't' | b'z', b'\'', _, ..] => 2,
        [b'q', b'u', b'\'', _, ..] => 3,
        _ => 0,
    };
    &word[elided..]
}

/// Letters of the longest word that is stemmed here.
const MOST: usize = 48;
/// Room before the first letter, so that there are always so many to look back on.
const BEFORE: usize = 16;

/// A word in the making. What is so of each letter is one bit, the first letter lowest.
struct Letters {
    /// [`BEFORE`] times 0, then the letters.
    room: [u8; BEFORE + MOST],
    count: usize,
    vowels: u64,
    /// `y` and `q`.
    markers: u64,
    /// Those of two bytes in the word.
    wide: u64,
    /// How many of the first letters are the word's own, small or capital.
    own: usize,
}

/// Where the regions begin that suffixes must be within, in letters: RV, R1 and R2.
struct Regions {
    v: usize,
    one: usize,
    two: usize,
}

impl Letters {
    fn of(word: &str) -> Option<Self> {
        let mut room = [0; BEFORE + MOST];
        let (mut count, mut vowels, mut markers, mut wide) = (0, 0, 0, 0);
        let mut bytes = word.bytes();
        while let Some(byte) = bytes.next() {
            let letter = match byte {
                b'a'..=b'z' | b'\'' | b'-' => byte,
                // From à to ÿ; the second byte is the letter's code without its highest bits. ë and ï are parted from what is before them
                // by a letter of their own: they are rare.
                0xC3 => match bytes.next()? | 0x40 {
                    E_TREMA | I_TREMA => return None,
                    letter @ 0xE0.. => letter,
                    _ => return None,
                },
                _ => return None,
            };
            *room.get_mut(BEFORE + count)? = letter;
            vowels |= u64::from(is_vowel(letter)) << count;
            markers |= u64::from(matches!(letter, b'y' | b'q')) << count;
            wide |= u64::from(!letter.is_ascii()) << count;
            count += 1;
        }
        Some(Self { room, count, vowels, markers, wide, own: count })
    }

    fn letters(&self) -> &[u8] {
        &self.room[BEFORE..BEFORE + self.count]
    }

    fn is_vowel_at(&self, place: usize) -> bool {
        self.vowels >> place & 1 == 1
    }

    fn ends_with(&self, end: &[u8]) -> bool {
        self.letters().ends_with(end)
    }

    /// Puts other letters in the place of those from `start` on.
    fn replace(&mut self, start: usize, end: &[u8]) {
        self.own = self.own.min(start);
        self.count = start + end.len();
        self.room[BEFORE + start..][..end.len()].copy_from_slice(end);
        let vowels = end.iter().enumerate().fold(0, |v, (at, &l)| v | u64::from(is_vowel(l)) << at);
        self.vowels = self.vowels & ((1 << start) - 1) | vowels << start;
    }

    /// Puts other letters in the place of an end, if the word has it and it is within a region, or `else_by` where it is not.
    fn replace_end(
        &mut self,
        end: &[u8],
        region: usize,
        by: &[u8],
        else_by: Option<&[u8]>,
    ) -> bool {
        if !self.ends_with(end) {
            return false;
        }
        let start = self.count - end.len();
        let is_within = start >= region;
        match else_by {
            _ if is_within => self.replace(start, by),
            Some(other) => self.replace(start, other),
            None => {}
        }
        is_within
    }

    /// Takes off what begins at `start`, if it is within a region.
    fn drop_within(&mut self, region: usize, start: usize) -> bool {
        let is_within = start >= region;
        if is_within {
            self.count = start;
        }
        is_within
    }

    /// Writes in capitals what looks like a vowel and is none.
    fn mark_consonants(&mut self) {
        let vowels = self.vowels;
        let letters = &mut self.room[BEFORE..BEFORE + self.count];
        // Most words have no place where this may be so.
        let mut places = vowels & vowels >> 1 & vowels >> 2 | self.markers | self.markers >> 1;
        while places != 0 {
            let place = places.trailing_zeros() as usize;
            places &= places - 1;
            let next = |n: usize| letters.get(place + n).copied().unwrap_or(0);
            let (this, second) = (letters[place], next(1));
            let is_before_vowel = is_vowel(next(2));
            let marked = match second {
                b'u' | b'i' if is_vowel(this) && is_before_vowel => place + 1,
                b'y' if is_vowel(this) => place + 1,
                _ if this == b'y' && is_vowel(second) => place,
                b'u' if this == b'q' => place + 1,
                _ => continue,
            };
            letters[marked].make_ascii_uppercase();
            self.vowels &= !(1 << marked);
        }
    }

    fn regions(&self) -> Regions {
        let letters = self.letters();
        let (vowels, consonants) = (self.vowels, !self.vowels & ((1 << self.count) - 1));
        // The place behind the first one of these from a place on, or the end of the word.
        let behind = |these: u64, from: usize| {
            let rest = these >> from;
            if rest == 0 { self.count } else { from + rest.trailing_zeros() as usize + 1 }
        };
        let v = match letters {
            [_, _, _, ..] if vowels & 0b11 == 0b11 => 3,
            [b'p', b'a', b'r', ..] | [b'c', b'o', b'l', ..] | [b't', b'a', b'p', ..] => 3,
            [b'n', b'i', ..] if self.is_vowel_at(2) => 3,
            _ => behind(vowels, 1),
        };
        let one = behind(consonants, behind(vowels, 0));
        let two = behind(consonants, behind(vowels, one));
        Regions { v, one, two }
    }

    /// Takes off a suffix of nouns, adjectives or adverbs, or the ending of a verb. Some of the former are changed and leave the word to
    /// the latter. Returns whether there was one.
    fn drop_suffix(&mut self, regions: &Regions) -> bool {
        self.drop_standard_suffix(regions)
            || self.drop_ending_of_ir(regions)
            || self.drop_ending_of_verb(regions)
    }

    fn drop_standard_suffix(&mut self, regions: &Regions) -> bool {
        let &Regions { v, one, two } = regions;
        let Some((rule, start)) = STANDARD.longest(self, 0) else { return false };
        match rule {
            Standard::Drop => return self.drop_within(two, start),
            Standard::Ation => {
                if !self.drop_within(two, start) {
                    return false;
                }
                self.replace_end(b"ic", two, b"", Some(b"iqU"));
            }
            Standard::By(by) => {
                if start < two {
                    return false;
                }
                self.replace(start, by);
            }
            Standard::Ement => {
                if !self.drop_within(v, start) {
                    return false;
                }
                if self.replace_end(b"iv", two, b"", None) {
                    self.replace_end(b"at", two, b"", None);
                } else if self.ends_with(b"eus") {
                    self.drop_euse(self.count - 3, regions);
                } else if !self.replace_end(b"abl", two, b"", None)
                    && !self.replace_end(b"iqU", two, b"", None)
                    && !self.replace_end(b"i\xE8r", v, b"i", None)
                {
                    self.replace_end(b"I\xE8r", v, b"i", None);
                }
            }
            Standard::Ite => {
                if !self.drop_within(two, start) {
                    return false;
                }
                if self.ends_with(b"abil") {
                    self.replace_end(b"abil", two, b"", Some(b"abl"));
                } else if self.ends_with(b"ic") {
                    self.replace_end(b"ic", two, b"", Some(b"iqU"));
                } else {
                    self.replace_end(b"iv", two, b"", None);
                }
            }
            Standard::If => {
                if !self.drop_within(two, start) {
                    return false;
                }
                if self.replace_end(b"at", two, b"", None) {
                    self.replace_end(b"ic", two, b"", Some(b"iqU"));
                }
            }
            Standard::Eaux => self.replace(start, b"eau"),
            Standard::Aux => {
                if start < one {
                    return false;
                }
                self.replace(start, b"al");
            }
            Standard::Oux => {
                let before = self.letters()[..start].last();
                if !before.is_some_and(|before| b"bhjlnp".contains(before)) {
                    return false;
                }
                self.replace(start, b"ou");
            }
            Standard::Euse => return self.drop_euse(start, regions),
            Standard::Issement => {
                let is_behind_consonant = start > 0 && !self.is_vowel_at(start - 1);
                return is_behind_consonant && self.drop_within(one, start);
            }
            // Adverbs, whose endings may be those of a verb.
            Standard::Amment | Standard::Emment => {
                if start >= v {
                    let by: &[u8] = if rule == Standard::Amment { b"ant" } else { b"ent" };
                    self.replace(start, by);
                }
                return false;
            }
            Standard::Ment => {
                if start > v && self.is_vowel_at(start - 1) {
                    self.count = start;
                }
                return false;
            }
        }
        true
    }

    fn drop_euse(&mut self, start: usize, regions: &Regions) -> bool {
        if start >= regions.two {
            self.count = start;
        } else if start >= regions.one {
            self.replace(start, b"eux");
        }
        start >= regions.one
    }

    fn drop_ending_of_ir(&mut self, regions: &Regions) -> bool {
        let found = OF_IR.longest(self, regions.v);
        let Some(((), start)) = found else { return false };
        let is_dropped = start > regions.v && !self.is_vowel_at(start - 1);
        if is_dropped {
            self.count = start;
        }
        is_dropped
    }

    fn drop_ending_of_verb(&mut self, regions: &Regions) -> bool {
        let Some((rule, start)) = OF_VERBS.longest(self, regions.v) else { return false };
        let before = &self.letters()[..start];
        let start = match rule {
            Verb::Drop => start,
            Verb::Ions if start >= regions.two => start,
            Verb::Ions => return false,
            // The `e` that keeps a `g` soft.
            Verb::WithE if before.ends_with(b"e") && start > regions.v => start - 1,
            Verb::WithE => start,
            Verb::Ais => {
                let is_noun = matches!(before, [_, b'a', b'l'])
                    || before.ends_with(b"\xE9pl")
                    || before.ends_with(b"auv");
                if is_noun {
                    return false;
                }
                start
            }
        };
        self.count = start;
        true
    }

    /// What is left of a suffix may end in a letter that is written otherwise before others.
    fn soften_end(&mut self) {
        match self.letters() {
            [.., b'Y'] => self.replace(self.count - 1, b"i"),
            [.., C_CEDILLA] => self.replace(self.count - 1, b"c"),
            _ => {}
        }
    }

    /// Takes off the plural and a few endings where there was no other suffix.
    fn drop_residue(&mut self, regions: &Regions) {
        if let [.., before, b's'] = self.letters()
            && !matches!(*before, b'a' | b'i' | b'o' | b's' | b'u' | E_GRAVE)
        {
            self.count -= 1;
        }
        let Some((rule, start)) = RESIDUES.longest(self, regions.v) else { return };
        match rule {
            Residue::Drop => self.count = start,
            Residue::Ion => {
                let is_dropped = start >= regions.two
                    && start > regions.v
                    && matches!(self.letters()[start - 1], b's' | b't');
                if is_dropped {
                    self.count = start;
                }
            }
            Residue::Ier => self.replace(start, b"i"),
        }
    }

    fn undouble(&mut self) {
        if [&b"enn"[..], b"onn", b"ett", b"ell", b"eill"].iter().any(|end| self.ends_with(end)) {
            self.count -= 1;
        }
    }

    /// The accent of the last vowel, where a consonant is behind it.
    fn unaccent(&mut self) {
        let vowels = self.vowels & ((1 << self.count) - 1);
        let Some(last) = vowels.checked_ilog2() else { return };
        let place = last as usize;
        if place + 1 < self.count && matches!(self.letters()[place], E_ACUTE | E_GRAVE) {
            self.own = self.own.min(place);
            self.room[BEFORE + place] = b'e';
        }
    }

    /// The letters as text: a part of `word`, where they are its own.
    fn written<'w>(&self, word: &'w str) -> Cow<'w, str> {
        let own = self.own.min(self.count);
        let own_bytes = own + (self.wide & ((1 << own) - 1)).count_ones() as usize;
        let start = &word[..own_bytes];
        if own == self.count {
            return Cow::Borrowed(start);
        }
        let rest =
            self.letters()[own..].iter().map(|&letter| char::from(letter.to_ascii_lowercase()));
        Cow::Owned(start.chars().chain(rest).collect())
    }
}

const C_CEDILLA: u8 = 0xE7;
const E_ACUTE: u8 = 0xE9;
const E_GRAVE: u8 = 0xE8;
const E_TREMA: u8 = 0xEB;
const I_TREMA: u8 = 0xEF;

fn is_vowel(letter: u8) -> bool {
    VOWELS[usize::from(letter)]
}

const VOWELS: [bool; 256] = {
    let (vowels, mut is_vowel) =
        (b"aeiouy\xE0\xE2\xE8\xE9\xEA\xEB\xEE\xEF\xF4\xF9\xFB", [false; 256]);
    let mut at = 0;
    while at < vowels.len() {
        is_vowel[vowels[at] as usize] = true;
        at += 1;
    }
    is_vowel
};

/// What becomes of the suffixes of nouns, adjectives and adverbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standard {
    Drop,
    Ation,
    By(&'static [u8]),
    Ement,
    Ite,
    If,
    Eaux,
    Aux,
    Oux,
    Euse,
    Issement,
    Amment,
    Emment,
    Ment,
}

/// What becomes of the endings of verbs but those of *finir*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Drop,
    Ions,
    WithE,
    Ais,
}

/// What becomes of the last endings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Residue {
    Drop,
    Ion,
    Ier,
}

static STANDARD: LazyLock<Suffixes<Standard>> = LazyLock::new(|| {
    Suffixes::new(&[
        ("iqUe ance able isme iste iqUes ances ables ismes istes eux", Standard::Drop),
        ("atrice ateur ation atrices ateurs ations", Standard::Ation),
        ("logie logies", Standard::By(b"log")),
        ("usion ution usions utions", Standard::By(b"u")),
        ("ence ences", Standard::By(b"ent")),
        ("eaux", Standard::Eaux),
        ("aux", Standard::Aux),
        ("oux", Standard::Oux),
        ("if ive ifs ives", Standard::If),
        ("ité ités", Standard::Ite),
        ("euse euses", Standard::Euse),
        ("issement issements", Standard::Issement),
        ("ement ements", Standard::Ement),
        ("amment", Standard::Amment),
        ("emment", Standard::Emment),
        ("ment ments", Standard::Ment),
    ])
});

static OF_IR: LazyLock<Suffixes<()>> = LazyLock::new(|| {
    Suffixes::new(&[
        ("i ie ies ir is it ît îmes îtes", ()),
        ("ira irai iras irez irons iront irent irais irait irions iriez iraIent", ()),
        ("isse isses issent issez issons issais issait issions issiez issaIent", ()),
        ("issant issante issants issantes", ()),
    ])
});

static OF_VERBS: LazyLock<Suffixes<Verb>> = LazyLock::new(|| {
    Suffixes::new(&[
        ("ions", Verb::Ions),
        ("é ée ées és èrent er ez iez eais", Verb::Drop),
        ("era erai eras erez erons eront erais erait erions eriez eraIent", Verb::Drop),
        ("a ai as ât âmes âtes ait aIent", Verb::WithE),
        ("ant ante ants antes asse asses assent assiez assions", Verb::WithE),
        ("ais aise aises", Verb::Ais),
    ])
});

static RESIDUES: LazyLock<Suffixes<Residue>> = LazyLock::new(|| {
    Suffixes::new(&[
        ("e", Residue::Drop),
        ("ion", Residue::Ion),
        ("ier ière Ier Ière", Residue::Ier),
    ])
});

/// Suffixes and what becomes of them.
struct Suffixes<R> {
    /// The longest first.
    suffixes: Vec<Suffix<R>>,
    /// Those that may end a word by its last letters: for each of them, by its lowest bits, a set of places.
    with: [[u64; LETTERS]; LAST],
}

struct Suffix<R> {
    /// The last letter lowest.
    letters: u128,
    length: usize,
    rule: R,
}

/// Lowest bits that tell letters apart, more or less, in number of letters.
const LETTERS: usize = 32;
/// Last letters that are looked at first.
const LAST: usize = 3;

impl<R: Copy> Suffixes<R> {
    fn new(groups: &[(&'static str, R)]) -> Self {
        let suffix = |text: &str, rule| {
            let letters = text.chars().fold(0, |all, letter| all << 8 | letter as u128);
            Suffix { letters, length: text.chars().count(), rule }
        };
        let of_group = |&(texts, rule): &(&'static str, R)| {
            texts.split(' ').map(move |text| suffix(text, rule))
        };
        let mut suffixes: Vec<Suffix<R>> = groups.iter().flat_map(of_group).collect();
        suffixes.sort_by_key(|suffix| Reverse(suffix.length));
        let mut with = [[0; LETTERS]; LAST];
        for (place, suffix) in suffixes.iter().enumerate() {
            for (at, sets) in with.iter_mut().enumerate() {
                let letter = (suffix.letters >> (8 * at)) as usize % LETTERS;
                // A suffix that is shorter does with any letter there.
                let is_open = at >= suffix.length;
                for (_, set) in sets.iter_mut().enumerate().filter(|(l, _)| is_open || *l == letter)
                {
                    *set |= 1 << place;
                }
            }
        }
        Self { suffixes, with }
    }

    /// What becomes of the longest suffix that begins at `region` or behind, and where it begins.
    fn longest(&self, word: &Letters, region: usize) -> Option<(R, usize)> {
        let end: &[u8; BEFORE] = word.room[..BEFORE + word.count].last_chunk()?;
        let end = u128::from_be_bytes(*end);
        let most = word.count.saturating_sub(region);
        let sets = self.with.iter().enumerate();
        let mut places = sets.fold(u64::MAX, |places, (at, sets)| {
            places & sets[(end >> (8 * at)) as usize % LETTERS]
        });
        while places != 0 {
            let Suffix { letters, length, rule } = self.suffixes[places.trailing_zeros() as usize];
            if (end ^ letters) << (128 - 8 * length) == 0 && length <= most {
                return Some((rule, word.count - length));
            }
            places &= places - 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn assert_stem(word: &str) {
        let snowball = frostem::Stemmer::new(frostem::Algorithm::French);
        if let Some(stem) = stem(word) {
            assert_eq!(stem, snowball.stem(word), "{word}");
        }
    }

    #[test]
    fn words_are_stemmed() {
        for (word, expected) in [
            ("", ""),
            ("a", "a"),
            ("accords", "accord"),
            ("continuellement", "continuel"),
            ("d'accord", "accord"),
            ("quittaient", "quitt"),
            ("royaux", "royal"),
            ("finissait", "fin"),
        ] {
            assert_eq!(stem(word).as_deref(), Some(expected), "{word}");
            assert_stem(word);
        }
        for beyond in ["noël", "haïti", "G", "straße", "ж", &"a".repeat(MOST + 1)] {
            assert_eq!(stem(beyond), None, "{beyond}");
        }
        assert!(stem(&"é".repeat(MOST)).is_some());
    }

    /// Every suffix behind beginnings that have it within every region or without.
    #[test]
    fn every_suffix_is_stemmed_as_by_snowball() {
        fn texts<R>(of: &Suffixes<R>) -> Vec<String> {
            let text = |suffix: &Suffix<R>| {
                let letters = suffix.letters.to_be_bytes();
                let letters = letters[BEFORE - suffix.length..].iter().map(|&b| char::from(b));
                letters.collect::<String>().to_lowercase()
            };
            of.suffixes.iter().map(text).collect()
        }
        let suffixes =
            [texts(&STANDARD), texts(&OF_IR), texts(&OF_VERBS), texts(&RESIDUES)].concat();
        let mut inner = vec![String::new()];
        inner.extend(
            ["iv", "ativ", "ic", "icat", "abil", "iqu", "abl", "eus", "ièr", "yèr", "e"]
                .map(str::to_owned),
        );
        inner.extend(suffixes.iter().cloned());
        let starts = [
            "", "a", "b", "ab", "ba", "p", "par", "col", "tap", "ni", "nia", "ou", "oui", "pal",
            "épl", "auv", "bab", "babab", "bababab", "ress", "nation", "quel", "gagn", "hiér", "y",
            "voy", "plaç", "mang", "enn", "bij", "t", "bross",
        ];
        for start in starts {
            for middle in &inner {
                for end in &suffixes {
                    assert_stem(&format!("{start}{middle}{end}"));
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_word_is_stemmed_as_by_snowball(
            word in "[a-zàâæçéèêëîïôöùûüÿœ'-]{0,20}",
            vowels in "[aeiouyéèëïq'lnst]{0,12}",
        ) {
            assert_stem(&word);
            assert_stem(&vowels);
        }
    }
}
