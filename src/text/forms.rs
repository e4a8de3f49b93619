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
    /// Where it gives something else.
    pub context: Context,
}

/// Forms and their terms. Nearly all words are short enough to be kept with their terms; the others stand in
/// a map of their own.
///
/// The time goes into waiting for memory, so that what is often needed must lie close together. Forms stand in
/// the order in which they were met, which is nearly that of falling frequency; the table that finds them
/// holds their numbers alone.
#[derive(Clone, Debug)]
pub(super) struct Forms {
    /// Number of the form in `short`, 0 where the slot is free. A power of two of slots, at most half of
    /// them taken.
    slots: Vec<u32>,
    /// The first is none: free slots lead to it.
    short: Vec<Form>,
    long: HashMap<Box<str>, FormTerms, foldhash::fast::FixedState>,
}

#[derive(Clone, Copy, Debug)]
struct Form {
    key: Key,
    terms: FormTerms,
}

/// A form's bytes with its length in the last; no other form has the same, and none is 0.
type Key = [u64; 2];

/// Bytes of a form that fit in a key beside its length.
const KEY_BYTES: usize = 15;

impl Default for Forms {
    fn default() -> Self {
        let none = Form { key: [0; 2], terms: FormTerms::default() };
        Self { slots: vec![0; 1 << 10], short: vec![none], long: HashMap::default() }
    }
}

impl Forms {
    /// What the form at `start..end` of `text` gave, where it was met before.
    #[inline]
    pub(super) fn get(&self, text: &str, start: usize, end: usize) -> Option<FormTerms> {
        if end - start > KEY_BYTES {
            return self.long.get(&text[start..end]).copied();
        }
        let key = key(text.as_bytes(), start, end);
        let mut place = hash(key) as usize;
        loop {
            let number = self.slots[place & (self.slots.len() - 1)] as usize;
            let form = &self.short[number];
            if form.key == key {
                return Some(form.terms);
            }
            if number == 0 {
                return None;
            }
            place += 1;
        }
    }

    /// Remembers a form that was not met before.
    pub(super) fn insert(&mut self, form: &str, terms: FormTerms) {
        if form.len() > KEY_BYTES {
            self.long.insert(form.into(), terms);
            return;
        }
        if 2 * self.short.len() > self.slots.len() {
            self.grow();
        }
        let key = key(form.as_bytes(), 0, form.len());
        self.number(key, self.short.len());
        self.short.push(Form { key, terms });
    }

    /// Number of forms.
    pub(super) fn len(&self) -> usize {
        self.short.len() - 1 + self.long.len()
    }

    /// Leads `key` to `number`.
    fn number(&mut self, key: Key, number: usize) {
        let last = self.slots.len() - 1;
        let mut place = hash(key) as usize & last;
        while self.slots[place] != 0 {
            place = (place + 1) & last;
        }
        self.slots[place] = number as u32;
    }

    #[cold]
    fn grow(&mut self) {
        self.slots = vec![0; 2 * self.slots.len()];
        for number in 1..self.short.len() {
            self.number(self.short[number].key, number);
        }
    }
}

/// The key of a form of at most [`KEY_BYTES`] bytes.
#[inline]
fn key(bytes: &[u8], start: usize, end: usize) -> Key {
    let length = end - start;
    let loaded = match bytes[start..].first_chunk() {
        // What the sixteen bytes hold behind the form is masked off.
        Some(&sixteen) => u128::from_le_bytes(sixteen) & KEPT[length],
        None => {
            let mut sixteen = [0; 16];
            sixteen[..length].copy_from_slice(&bytes[start..end]);
            u128::from_le_bytes(sixteen)
        }
    };
    [loaded as u64, (loaded >> 64) as u64 | (length as u64) << 56]
}

/// The lowest bytes of a key, as many as the index says.
const KEPT: [u128; KEY_BYTES + 1] = {
    let mut kept = [0; KEY_BYTES + 1];
    let mut length = 0;
    while length <= KEY_BYTES {
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

    fn get(forms: &Forms, text: &str, end: usize) -> Option<FormTerms> {
        forms.get(text, 0, end)
    }

    #[test]
    fn forms_of_any_length_are_found_again() {
        let mut forms = Forms::default();
        let all: Vec<String> = (1..3000).map(|n| "é1".repeat(n % 17) + &n.to_string()).collect();
        for (n, form) in all.iter().enumerate() {
            assert_eq!(get(&forms, form, form.len()), None);
            forms.insert(form, terms(n as u32));
        }
        assert_eq!(forms.len(), all.len());
        for (n, form) in all.iter().enumerate() {
            let text = format!("{form} et la suite du texte");
            let expected = Some(terms(n as u32));
            assert_eq!(get(&forms, form, form.len()), expected, "at the end of a text");
            assert_eq!(get(&forms, &text, form.len()), expected, "within one");
        }
    }

    #[test]
    fn a_form_and_its_start_differ() {
        let mut forms = Forms::default();
        forms.insert("a", terms(1));
        forms.insert("a\0", terms(2));
        assert_eq!(get(&forms, "a", 1).unwrap().first, 1);
        assert_eq!(get(&forms, "a\0", 2).unwrap().first, 2);
        assert_eq!(get(&forms, "a\0\0", 3), None);
    }
}
