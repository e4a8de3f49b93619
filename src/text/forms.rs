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

/// Forms and their terms. Nearly all are short enough to be kept with their terms; the others stand in a map
/// of their own.
///
/// The time goes into waiting for memory, so that what is often needed must lie close together: forms stand in the order in
/// which they were met, which is nearly that of falling frequency, and the table that finds them holds their
/// numbers alone. Many forms are looked for at once ([`find`](Self::find)), so that the waiting overlaps.
#[derive(Clone, Debug)]
pub(super) struct Forms {
    /// Number of the form in `short`, 0 where the slot is free. A power of two of slots.
    slots: Vec<u32>,
    /// The first is none: free slots lead to it.
    short: Vec<Form>,
    long: HashMap<Box<str>, FormTerms, foldhash::fast::FixedState>,
}

#[derive(Clone, Copy, Debug, Default)]
#[repr(align(32))]
struct Form {
    key: Key,
    terms: FormTerms,
}

/// A form's bytes with its length in the last; no other form has the same, and none is 0.
type Key = [u64; 2];

/// Bytes of a form that fit in a key beside its length.
const KEY_BYTES: usize = 15;

/// Forms that are looked for at once.
pub(super) const BATCH: usize = 64;

impl Default for Forms {
    fn default() -> Self {
        Self { slots: vec![0; 1 << 10], short: vec![Form::default()], long: HashMap::default() }
    }
}

impl Forms {
    /// Looks for forms where they stand if nothing stood there before them; `start` and `end` of each count from `base` on.
    /// What is not found so is [`Context::Unknown`], and may still be found by [`get`](Self::get).
    #[inline]
    pub(super) fn find(
        &self,
        text: &str,
        base: usize,
        spans: &[[u16; 2]],
        found: &mut [FormTerms; BATCH],
    ) {
        let bytes = text.as_bytes();
        let last = self.slots.len() - 1;
        let mut keys = [NO_KEY; BATCH];
        let mut numbers = [0; BATCH];
        for ((key, number), &[start, end]) in keys.iter_mut().zip(&mut numbers).zip(spans) {
            let (start, end) = (base + usize::from(start), base + usize::from(end));
            if end - start <= KEY_BYTES {
                *key = self::key(bytes, start, end);
            }
            *number = self.slots[hash(*key) as usize & last];
        }
        let looked_for = found.iter_mut().zip(&keys).zip(&numbers).take(spans.len());
        for ((terms, key), &number) in looked_for {
            let form = &self.short[number as usize];
            *terms = form.terms;
            terms.context = if form.key == *key { form.terms.context } else { Context::Unknown };
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

/// No form of [`KEY_BYTES`] has this key: its length is beyond them.
const NO_KEY: Key = [u64::MAX; 2];

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
                let mut found = [terms(u32::MAX); BATCH];
                forms.find(&text, 1, &[[1, 1 + form.len() as u16]], &mut found);
                if found[0].context != Context::Unknown {
                    assert_eq!(found[0], terms(n as u32));
                    at_once += 1;
                }
            }
        }
        let short = all.iter().filter(|form| form.len() <= KEY_BYTES).count();
        assert!(at_once > short, "more than half are found where they are looked for first");
    }

    #[test]
    fn a_form_and_its_start_differ() {
        let mut forms = Forms::default();
        forms.insert("a", terms(1));
        forms.insert("a\0", terms(2));
        assert_eq!(forms.get("a"), Some(terms(1)));
        assert_eq!(forms.get("a\0"), Some(terms(2)));
        assert_eq!(forms.get("a\0\0"), None);
    }
}
