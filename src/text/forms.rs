//! What forms gave, found by their bytes: the one look-up that every chunk of a text costs.

use hashbrown::HashMap;

use super::context::Context;

/// The terms that a form gives, be it a word or a chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FormTerms {
    /// The only term, or the place of the first in a list.
    pub first: u32,
    /// How many there are.
    pub count: u16,
    /// How many words it is, stop words among them.
    pub words: u8,
    /// How many of them are function words of French.
    pub function_words: u8,
    /// Whether it is one word and nothing else.
    pub is_word: bool,
    /// Where it gives something else.
    pub context: Context,
}

/// What most chunks give, in 32 bits: one term at most and a word or two, wherever they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Plain(u32);

impl Plain {
    /// Bits of the term; above them the number of terms, of words and of function words.
    const TERM: u32 = 24;
    const WORDS: u32 = Self::TERM + 1;
    const FUNCTION_WORDS: u32 = Self::WORDS + 2;
    /// Set where a chunk is not plain; the rest says where among the others it was found.
    const OTHER: u32 = 1 << 31;

    fn of(terms: &FormTerms) -> Option<Self> {
        let fits = terms.context == Context::Free
            && terms.count < 2
            && terms.first < 1 << Self::TERM
            && terms.words < 4
            && terms.function_words < 4;
        fits.then(|| {
            Self(
                terms.first
                    | u32::from(terms.count) << Self::TERM
                    | u32::from(terms.words) << Self::WORDS
                    | u32::from(terms.function_words) << Self::FUNCTION_WORDS,
            )
        })
    }

    #[inline]
    pub(super) fn is_other(self) -> bool {
        self.0 & Self::OTHER != 0
    }

    /// Its place among the others.
    #[inline]
    pub(super) fn other(self) -> usize {
        (self.0 & !Self::OTHER) as usize
    }

    /// The term, anything where there is none.
    #[inline]
    pub(super) fn term(self) -> u32 {
        self.0 & ((1 << Self::TERM) - 1)
    }

    /// Number of terms.
    #[inline]
    pub(super) fn count(self) -> usize {
        (self.0 >> Self::TERM & 1) as usize
    }

    #[inline]
    pub(super) fn words(self) -> usize {
        (self.0 >> Self::WORDS & 3) as usize
    }

    #[inline]
    pub(super) fn function_words(self) -> usize {
        (self.0 >> Self::FUNCTION_WORDS & 3) as usize
    }
}

/// Forms and their terms.
///
/// The time goes into waiting for memory and into branches that are mispredicted. So there are three places. Short plain forms
/// are looked for in `near`, without a branch, in one entry of a table that stays in the processor's cache; they have it in the
/// order in which they are met, so that the frequent ones do, and those that find their entry taken do without. What is not
/// there is looked for in `short`, many at a time ([`find`](Self::find)), so that the waiting overlaps: forms stand there in the
/// order in which they were met, so that the frequent ones lie close together, and `slots` holds their numbers alone. The few
/// long ones stand in a map.
///
/// No form holds a NUL: it separates chunks.
#[derive(Clone, Debug)]
pub(super) struct Forms {
    near: Vec<Near>,
    /// Number of the form in `short`, 0 where the slot is free. A power of two of slots.
    slots: Vec<u32>,
    /// The first is none: free slots lead to it.
    short: Vec<Form>,
    long: HashMap<Box<str>, FormTerms, foldhash::fast::FixedState>,
}

/// A plain form of at most twelve bytes; all 0 where there is none.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(16))]
struct Near {
    start: u64,
    rest: u32,
    plain: Plain,
}

/// Entries of `near`, once there are any: one megabyte.
const NEAR: usize = 1 << 16;

#[derive(Clone, Copy, Debug, Default)]
#[repr(align(32))]
struct Form {
    key: Key,
    terms: FormTerms,
}

/// A form's bytes, filled up with NUL, which no form holds: no other form has the same.
type Key = [u64; 2];

/// Bytes of a form that fit in a key.
const KEY_BYTES: usize = 16;

/// Forms that are looked for at once.
pub(super) const BATCH: usize = 64;

/// What was found for some forms.
pub(super) struct Found {
    /// Of each the terms if it is plain.
    pub plain: [Plain; BATCH],
    /// Of the others the terms, whatever they are; [`Context::Unknown`] where they are not known yet, or not here.
    pub others: [FormTerms; BATCH],
}

impl Found {
    pub(super) fn new() -> Self {
        Self { plain: [Plain::default(); BATCH], others: [FormTerms::default(); BATCH] }
    }
}

impl Default for Forms {
    fn default() -> Self {
        Self {
            near: vec![Near::default()],
            slots: vec![0; 1 << 10],
            short: vec![Form::default()],
            long: HashMap::default(),
        }
    }
}

impl Forms {
    /// Looks for forms; `start` and `end` of each count from `base` on. What is not found is [`Context::Unknown`], and may still be
    /// found by [`get`](Self::get).
    #[inline]
    pub(super) fn find(&self, text: &str, base: usize, spans: &[[u16; 2]], found: &mut Found) {
        let bytes = text.as_bytes();
        let last = self.near.len() - 1;
        let mut missed = [0; BATCH];
        let mut misses = 0;
        let plain = found.plain.iter_mut().zip(spans).enumerate();
        for (place, (plain, &[start, end])) in plain {
            let key = key(bytes, base + usize::from(start), base + usize::from(end));
            let near = &self.near[hash(key) as usize & last];
            let is_near = (near.start == key[0]) & (u64::from(near.rest) == key[1]);
            *plain = near.plain;
            missed[misses & (BATCH - 1)] = place as u8;
            misses += usize::from(!is_near);
        }
        self.find_far(bytes, base, spans, &missed[..misses.min(BATCH)], found);
    }

    /// Looks for the forms that are not near.
    #[inline]
    fn find_far(
        &self,
        bytes: &[u8],
        base: usize,
        spans: &[[u16; 2]],
        missed: &[u8],
        found: &mut Found,
    ) {
        let last = self.slots.len() - 1;
        let mut keys = [NO_KEY; BATCH];
        let mut numbers = [0; BATCH];
        for ((key, number), &place) in keys.iter_mut().zip(&mut numbers).zip(missed) {
            let [start, end] = spans[usize::from(place)];
            if usize::from(end - start) <= KEY_BYTES {
                *key = self::key(bytes, base + usize::from(start), base + usize::from(end));
            }
            *number = self.slots[hash(*key) as usize & last];
        }
        for (other, ((key, &number), &place)) in keys.iter().zip(&numbers).zip(missed).enumerate() {
            let form = &self.short[number as usize];
            let is_found = form.key == *key;
            let mut terms = form.terms;
            terms.context = if is_found { terms.context } else { Context::Unknown };
            found.plain[usize::from(place)] =
                Plain::of(&terms).unwrap_or(Plain(Plain::OTHER | other as u32));
            found.others[other] = terms;
        }
    }

    /// What a form gave, where it was met before.
    pub(super) fn get(&self, form: &str) -> Option<FormTerms> {
        if form.len() > KEY_BYTES {
            return self.long.get(form).copied();
        }
        let number = self.slots[self.slot(key(form.as_bytes(), 0, form.len()))];
        (number > 0).then(|| self.short[number as usize].terms)
    }

    /// Remembers a form that was not met before.
    pub(super) fn insert(&mut self, form: &str, terms: FormTerms) {
        debug_assert!(!form.contains('\0'));
        if form.len() > KEY_BYTES {
            self.long.insert(form.into(), terms);
            return;
        }
        if 4 * self.short.len() > 3 * self.slots.len() {
            self.grow();
        }
        let key = key(form.as_bytes(), 0, form.len());
        let slot = self.slot(key);
        self.slots[slot] = self.short.len() as u32;
        self.short.push(Form { key, terms });
        if let (Some(plain), Ok(rest)) = (Plain::of(&terms), u32::try_from(key[1])) {
            self.insert_near(key, Near { start: key[0], rest, plain });
        }
    }

    fn insert_near(&mut self, key: Key, form: Near) {
        if self.near.len() < NEAR {
            self.near = vec![Near::default(); NEAR];
        }
        let near = &mut self.near[hash(key) as usize & (NEAR - 1)];
        if near.start == 0 {
            *near = form;
        }
    }

    /// Number of forms.
    pub(super) fn len(&self) -> usize {
        self.short.len() - 1 + self.long.len()
    }

    /// The slot that leads to `key`, or the free one that would.
    fn slot(&self, key: Key) -> usize {
        let last = self.slots.len() - 1;
        let mut slot = hash(key) as usize & last;
        while self.slots[slot] != 0 && self.short[self.slots[slot] as usize].key != key {
            slot = (slot + 1) & last;
        }
        slot
    }

    /// Twice the slots. Forms take them in their order again, so that the first ones stand where they are looked for first.
    #[cold]
    fn grow(&mut self) {
        self.slots = vec![0; 2 * self.slots.len()];
        for number in 1..self.short.len() {
            let slot = self.slot(self.short[number].key);
            self.slots[slot] = number as u32;
        }
    }
}

/// No form has this key: it is no UTF-8.
const NO_KEY: Key = [u64::MAX; 2];

/// The key of a form, of its first [`KEY_BYTES`] bytes where it is longer.
#[inline]
fn key(bytes: &[u8], start: usize, end: usize) -> Key {
    let length = (end - start).min(KEY_BYTES);
    let loaded = match bytes[start..].first_chunk() {
        // What the sixteen bytes hold behind the form is masked off.
        Some(&sixteen) => u128::from_le_bytes(sixteen) & KEPT[length],
        None => {
            let mut sixteen = [0; 16];
            sixteen[..length].copy_from_slice(&bytes[start..start + length]);
            u128::from_le_bytes(sixteen)
        }
    };
    [loaded as u64, (loaded >> 64) as u64]
}

/// The lowest bytes of a key, as many as the index says.
const KEPT: [u128; KEY_BYTES + 1] = {
    let mut kept = [u128::MAX; KEY_BYTES + 1];
    let mut length = 0;
    while length < KEY_BYTES {
        kept[length] = (1 << (8 * length)) - 1;
        length += 1;
    }
    kept
};

/// Both halves multiplied and folded, as foldhash does. The odd numbers are digits of π.
#[inline]
fn hash([low, high]: Key) -> u64 {
    let low = low ^ 0x243F_6A88_85A3_08D3;
    let high = high ^ 0x1319_8A2E_0370_7345;
    let product = u128::from(low) * u128::from(high);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(first: u32) -> FormTerms {
        FormTerms { first, count: 1, words: 1, ..FormTerms::default() }
    }

    #[test]
    fn forms_of_any_length_are_found_again() {
        let mut forms = Forms::default();
        let all: Vec<String> = (1..3000).map(|n| "é1".repeat(n % 17) + &n.to_string()).collect();
        for (n, form) in all.iter().enumerate() {
            assert_eq!(forms.get(form), None);
            forms.insert(form, terms(n as u32));
        }
        assert_eq!(forms.len(), all.len());
        let mut at_once = 0;
        for (n, form) in all.iter().enumerate() {
            assert_eq!(forms.get(form), Some(terms(n as u32)));
            // At the end of a text and within one.
            for text in [format!(", {form}"), format!(", {form} et la suite du texte")] {
                let mut found = Found::new();
                forms.find(&text, 1, &[[1, 1 + form.len() as u16]], &mut found);
                let plain = found.plain[0];
                let is_known = !plain.is_other() || {
                    assert_eq!(plain.other(), 0);
                    found.others[0].context != Context::Unknown
                };
                if is_known {
                    assert_eq!((plain.term(), plain.count(), plain.words()), (n as u32, 1, 1));
                    at_once += 1;
                }
            }
        }
        let short = all.iter().filter(|form| form.len() <= KEY_BYTES).count();
        assert!(at_once > short, "more than half are found where they are looked for first");
    }

    /// What is not plain is told as it is, and what is not known as well.
    #[test]
    fn other_forms_are_found_among_the_others() {
        let mut forms = Forms::default();
        let bound = FormTerms { context: Context::Bound, ..terms(3) };
        let several = FormTerms { count: 2, ..terms(4) };
        let large = terms(1 << 24);
        forms.insert("oui", terms(2));
        forms.insert("www.exemple.fr", bound);
        forms.insert("porte-parole", several);
        forms.insert("loin", large);
        let text = "porte-parole oui inconnu www.exemple.fr loin";
        let mut spans = Vec::new();
        let mut at = 0;
        for word in text.split(' ') {
            spans.push([at, at + word.len() as u16]);
            at += word.len() as u16 + 1;
        }
        let mut found = Found::new();
        forms.find(text, 0, &spans, &mut found);
        let other =
            |i: usize| found.plain[i].is_other().then(|| found.others[found.plain[i].other()]);
        assert_eq!(other(0), Some(several));
        assert_eq!((other(1), found.plain[1].term()), (None, 2));
        assert_eq!(other(2).map(|terms| terms.context), Some(Context::Unknown));
        assert_eq!(other(3), Some(bound));
        assert_eq!(other(4), Some(large));
    }

    #[test]
    fn a_form_and_its_start_differ() {
        let mut forms = Forms::default();
        let long = "abcdefghijklmnopq";
        for (n, length) in (1..=long.len()).enumerate() {
            assert_eq!(forms.get(&long[..length]), None);
            forms.insert(&long[..length], terms(n as u32));
        }
        for (n, length) in (1..=long.len()).enumerate() {
            let mut found = Found::new();
            forms.find(long, 0, &[[0, length as u16]], &mut found);
            let plain = found.plain[0];
            assert!(plain.is_other() || plain.term() == n as u32, "{length} bytes");
            assert_eq!(forms.get(&long[..length]), Some(terms(n as u32)));
        }
    }
}
