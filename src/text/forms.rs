//! What surface forms gave, found by their bytes: the one look-up that every word of a text costs.

use hashbrown::HashMap;

/// The terms that a surface form gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FormTerms {
    /// The only term, or the place of the first in a list.
    pub first: u32,
    /// How many there are.
    pub count: u32,
}

/// Forms and their terms. Nearly all words are short enough to be kept in the table itself, so that a
/// look-up touches one place in memory; the others stand in a map of their own.
#[derive(Clone, Debug, Default)]
pub(super) struct Forms {
    /// A power of two of them, at most half of them taken.
    slots: Vec<Slot>,
    short: usize,
    long: HashMap<Box<str>, FormTerms, foldhash::fast::FixedState>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    /// The form's bytes with its length in the last; 0 where the slot is free.
    key: u128,
    terms: FormTerms,
}

const FREE: Slot = Slot { key: 0, terms: FormTerms { first: 0, count: 0 } };

/// Bytes of a form that fit in a key beside its length.
const KEY_BYTES: usize = 15;

/// A form in a text, made ready to be looked up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FormKey {
    pub start: usize,
    pub end: usize,
    /// 0 where the form is too long for a key.
    key: u128,
}

impl FormKey {
    /// The form at `start..end` of `text`.
    #[inline]
    pub(super) fn new(text: &str, start: usize, end: usize) -> Self {
        if end - start > KEY_BYTES {
            return Self { start, end, key: 0 };
        }
        Self { start, end, key: key(text.as_bytes(), start, end) }
    }
}

impl Forms {
    /// What `form` gave, where it was met before.
    #[inline]
    pub(super) fn get(&self, form: FormKey, text: &str) -> Option<FormTerms> {
        if form.key == 0 {
            return self.long.get(&text[form.start..form.end]).copied();
        }
        if self.slots.is_empty() {
            return None;
        }
        let slot = &self.slots[self.place(form.key)];
        (slot.key == form.key).then_some(slot.terms)
    }

    /// Remembers a form.
    pub(super) fn insert(&mut self, form: &str, terms: FormTerms) {
        if form.len() > KEY_BYTES {
            self.long.insert(form.into(), terms);
            return;
        }
        if 2 * (self.short + 1) > self.slots.len() {
            self.grow();
        }
        let key = FormKey::new(form, 0, form.len()).key;
        let place = self.place(key);
        self.short += usize::from(self.slots[place].key == 0);
        self.slots[place] = Slot { key, terms };
    }

    /// Number of forms.
    pub(super) fn len(&self) -> usize {
        self.short + self.long.len()
    }

    /// Where `key` stands, or the free slot where it belongs.
    #[inline]
    fn place(&self, key: u128) -> usize {
        let last = self.slots.len() - 1;
        let mut place = hash(key) as usize & last;
        while self.slots[place].key != key && self.slots[place].key != 0 {
            place = (place + 1) & last;
        }
        place
    }

    #[cold]
    fn grow(&mut self) {
        let larger = vec![FREE; (2 * self.slots.len()).max(1 << 10)];
        let taken = std::mem::replace(&mut self.slots, larger);
        for slot in taken.into_iter().filter(|slot| slot.key != 0) {
            let place = self.place(slot.key);
            self.slots[place] = slot;
        }
    }
}

/// A form of at most [`KEY_BYTES`] bytes as one number; no other form has the same.
#[inline]
fn key(bytes: &[u8], start: usize, end: usize) -> u128 {
    let length = end - start;
    let loaded = match bytes[start..].first_chunk() {
        // What the sixteen bytes hold behind the form is masked off.
        Some(&sixteen) => u128::from_le_bytes(sixteen) & ((1 << (8 * length)) - 1),
        None => {
            let mut sixteen = [0; 16];
            sixteen[..length].copy_from_slice(&bytes[start..end]);
            u128::from_le_bytes(sixteen)
        }
    };
    loaded | (length as u128) << (8 * KEY_BYTES)
}

/// Both halves multiplied and folded, as foldhash does. The odd numbers are digits of π.
#[inline]
fn hash(key: u128) -> u64 {
    let low = key as u64 ^ 0x243F_6A88_85A3_08D3;
    let high = (key >> 64) as u64 ^ 0x1319_8A2E_0370_7345;
    let product = u128::from(low) * u128::from(high);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(forms: &Forms, text: &str, end: usize) -> Option<FormTerms> {
        forms.get(FormKey::new(text, 0, end), text)
    }

    #[test]
    fn forms_of_any_length_are_found_again() {
        let mut forms = Forms::default();
        let all: Vec<String> = (1..3000).map(|n| "é1".repeat(n % 17) + &n.to_string()).collect();
        for (n, form) in all.iter().enumerate() {
            assert_eq!(get(&forms, form, form.len()), None);
            forms.insert(form, FormTerms { first: n as u32, count: 1 });
        }
        assert_eq!(forms.len(), all.len());
        for (n, form) in all.iter().enumerate() {
            let text = format!("{form} et la suite du texte");
            let expected = Some(FormTerms { first: n as u32, count: 1 });
            assert_eq!(get(&forms, form, form.len()), expected, "at the end of a text");
            assert_eq!(get(&forms, &text, form.len()), expected, "within one");
        }
    }

    #[test]
    fn a_form_and_its_start_differ() {
        let mut forms = Forms::default();
        forms.insert("a", FormTerms { first: 1, count: 1 });
        forms.insert("a\0", FormTerms { first: 2, count: 1 });
        assert_eq!(get(&forms, "a", 1).unwrap().first, 1);
        assert_eq!(get(&forms, "a\0", 2).unwrap().first, 2);
        assert_eq!(get(&forms, "a\0\0", 3), None);
    }
}
