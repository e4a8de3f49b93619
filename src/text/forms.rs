//! What forms gave, found by their bytes: the one look-up that every chunk of a text costs.

use std::hash::{BuildHasher, RandomState};
use std::hint::select_unpredictable;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use foldhash::quality::FixedState;

use super::context::Context;
use super::lexicon::TermNumber;
use super::prefetch::prefetch;

/// The terms that a form gives, be it a word or a chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FormTerms {
    /// The only term, or the place of a list.
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

/// What [`Plain::NUMBER`] gives.
const NUMBER: FormTerms = FormTerms {
    first: 0,
    count: 0,
    words: 0,
    function_words: 0,
    is_word: false,
    context: Context::NumberEnd,
};

/// What a form gives, in 32 bits. Most are plain: one term at most and a word or two, wherever they stand. The terms of the others
/// are kept elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Plain(u32);

impl Plain {
    /// Bits of the term; above them the number of terms, of words and of function words.
    const TERM: u32 = 24;
    const WORDS: u32 = Self::TERM + 1;
    const FUNCTION_WORDS: u32 = Self::WORDS + 2;
    const IS_WORD: u32 = Self::FUNCTION_WORDS + 2;
    /// Set where a form is not plain; the rest is its place among the others.
    const OTHER: u32 = 1 << 31;
    /// Nothing is known of the form, or not here.
    pub(super) const UNKNOWN: Self = Self(u32::MAX);
    /// A number that ends with the form, and neither word nor term: most of what is not plain.
    pub(super) const NUMBER: Self = Self(u32::MAX - 1);

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
                    | u32::from(terms.function_words) << Self::FUNCTION_WORDS
                    | u32::from(terms.is_word) << Self::IS_WORD,
            )
        })
    }

    #[inline]
    pub(super) fn is_other(self) -> bool {
        self.0 & Self::OTHER != 0
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

/// Forms and their terms, for all threads that hold a copy: what one of them learns all of them find.
///
/// The time goes into waiting for memory and into branches that are mispredicted. So forms are looked for many at a time
/// ([`find`](Self::find)): the cache lines of all of them are asked for before the first is looked at, and what is found there is told
/// without a branch. A form stands in a bucket of one cache line, or behind it where that is full. Nobody waits to look: entries are
/// only ever added, and a table that became too small is replaced as a whole.
///
/// No form is empty or holds a NUL: it separates chunks.
#[derive(Clone, Debug)]
pub(super) struct Forms {
    shared: Arc<Shared>,
    /// The table as this thread saw it last.
    table: Arc<Table>,
}

#[derive(Debug)]
struct Shared {
    latest: Mutex<Latest>,
    /// The version of the latest table.
    version: AtomicUsize,
    /// How many forms are remembered at most: then all are forgotten.
    most: usize,
}

#[derive(Debug)]
struct Latest {
    table: Arc<Table>,
    count: usize,
}

#[derive(Debug)]
struct Table {
    version: usize,
    /// A power of two.
    buckets: Box<[Bucket]>,
    /// What forms give that are not plain; the next table's too, unless all is forgotten.
    others: Arc<boxcar::Vec<Other>>,
    /// Where keys have their places. Nobody can make up words that crowd, for they are drawn anew.
    seeds: [u64; 2],
}

/// What a form gives that is not plain.
#[derive(Debug)]
struct Other {
    terms: FormTerms,
    /// Its terms, where it has several.
    list: Box<[TermNumber]>,
}

/// What a form is found by: its bytes, filled up with NUL, where it has [`KEY_BYTES`] at most; of a longer one a hash of 88 bits, behind a
/// byte that no text holds. That any two forms of a million share one is less likely than 1 in 10¹⁴; the hashes are seeded anew in every
/// process, so that nobody can make up a text where two do. Beside it stands the hash that gives its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(align(16))]
struct Key {
    start: u64,
    rest: u32,
    hash: u32,
}

/// Bytes of a form that fit in a key.
const KEY_BYTES: usize = 12;

/// A form and what it gives; 0 where there is none.
#[derive(Debug, Default)]
#[repr(align(16))]
struct Entry {
    start: AtomicU64,
    /// The rest of the key, and above it what the form gives. Written first.
    rest: AtomicU64,
}

/// Forms that share a place, in one line of the processor's cache.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Bucket([Entry; 4]);

/// Forms for each bucket, when their number is doubled.
const CROWD: usize = 3;

/// Forms that are looked for at once: so many that there is much to wait for together.
pub(super) const BATCH: usize = 512;

/// What was found for some forms; [`Plain::UNKNOWN`] where they are not known yet, or not found at once.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub plain: [Plain; BATCH],
    keys: [Key; BATCH],
}

impl Default for Found {
    fn default() -> Self {
        Self { plain: [Plain::default(); BATCH], keys: [Key::default(); BATCH] }
    }
}

impl Default for Forms {
    fn default() -> Self {
        Self::bounded(usize::MAX)
    }
}

impl Forms {
    /// Remembers so many forms at most.
    pub(super) fn bounded(most: usize) -> Self {
        let table = Arc::new(Table::new(0));
        let latest = Mutex::new(Latest { table: table.clone(), count: 0 });
        Self { shared: Arc::new(Shared { latest, version: AtomicUsize::new(0), most }), table }
    }

    /// Looks for forms in a text from `base` on, from where `start` and `end` of each count. What is [`Plain::UNKNOWN`] then may still
    /// be found by [`get`](Self::get).
    pub(super) fn find(&mut self, text: &str, base: usize, spans: &[[u16; 2]], found: &mut Found) {
        if self.shared.version.load(Ordering::Acquire) != self.table.version {
            self.table = self.shared.lock().table.clone();
        }
        let table = &*self.table;
        let bytes = &text.as_bytes()[base..];
        let Found { plain, keys } = found;
        for (key, &[start, end]) in keys.iter_mut().zip(spans) {
            *key = table.key_within(bytes, start.into(), end.into());
            prefetch(table.bucket(key));
        }
        for (plain, key) in plain.iter_mut().zip(&keys[..spans.len()]) {
            *plain = table.bucket(key).find_at_once(key);
        }
    }

    /// What a form gave, where it was met before.
    pub(super) fn get(&self, form: &str) -> Option<FormTerms> {
        let plain = self.table.find(self.table.key(form.as_bytes()));
        (plain != Plain::UNKNOWN).then(|| self.terms(plain))
    }

    /// All that is known of what a form gives.
    #[inline]
    pub(super) fn terms(&self, plain: Plain) -> FormTerms {
        if plain == Plain::NUMBER {
            return NUMBER;
        }
        if plain.is_other() {
            return self.table.others[(plain.0 & !Plain::OTHER) as usize].terms;
        }
        FormTerms {
            first: plain.term(),
            count: plain.count() as u16,
            words: plain.words() as u8,
            function_words: plain.function_words() as u8,
            is_word: plain.0 >> Plain::IS_WORD & 1 == 1,
            context: Context::Free,
        }
    }

    /// The terms of a form that has several.
    #[inline]
    pub(super) fn list(&self, terms: FormTerms) -> &[TermNumber] {
        &self.table.others[terms.first as usize].list
    }

    /// Remembers a form with the terms it gives; what else is known of it is in `terms`, which is given back with them. `None` where
    /// there was no room: all was forgotten.
    pub(super) fn insert(
        &self,
        form: &str,
        numbers: &[TermNumber],
        terms: FormTerms,
    ) -> Option<FormTerms> {
        debug_assert!(!form.is_empty() && !form.contains('\0'));
        let mut latest = self.shared.lock();
        if latest.count == self.shared.most {
            self.shared.replace(&mut latest, Table::new);
            latest.count = 0;
        }
        // What this table gives is not looked for in another's list.
        if !Arc::ptr_eq(&latest.table.others, &self.table.others) {
            return None;
        }
        let key = self.table.key(form.as_bytes());
        let known = latest.table.find(key);
        if known != Plain::UNKNOWN {
            return Some(self.terms(known));
        }
        if latest.count == CROWD * latest.table.buckets.len() {
            let twice = latest.table.twice();
            self.shared.replace(&mut latest, |_| twice);
        }
        let plain = latest.table.keep(numbers, terms);
        latest.table.put(key, plain);
        latest.count += 1;
        Some(self.terms(plain))
    }

    /// Number of forms.
    pub(super) fn len(&self) -> usize {
        self.shared.lock().count
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes another table the latest one.
    fn replace(&self, latest: &mut Latest, table: impl FnOnce(usize) -> Table) {
        let version = latest.table.version + 1;
        latest.table = Arc::new(Table { version, ..table(version) });
        self.version.store(version, Ordering::Release);
    }
}

impl Table {
    fn new(version: usize) -> Self {
        let seeds = [1, 2].map(|number| RandomState::new().hash_one(number));
        Self { version, buckets: buckets(1 << 8), others: Arc::default(), seeds }
    }

    /// The same forms in twice the buckets.
    #[cold]
    fn twice(&self) -> Self {
        let twice = Self {
            version: self.version,
            buckets: buckets(2 * self.buckets.len()),
            others: self.others.clone(),
            seeds: self.seeds,
        };
        for entry in self.buckets.iter().flat_map(|bucket| &bucket.0) {
            let (start, rest, plain) = entry.load();
            if start != 0 {
                twice.put(self.key_of(start, rest), plain);
            }
        }
        twice
    }

    fn keep(&self, numbers: &[TermNumber], terms: FormTerms) -> Plain {
        let place = self.others.count() as u32;
        let first = match *numbers {
            [] => 0,
            // A single term needs no list.
            [only] => only,
            _ => place,
        };
        let terms = FormTerms { first, count: numbers.len() as u16, ..terms };
        if terms == NUMBER {
            return Plain::NUMBER;
        }
        Plain::of(&terms).unwrap_or_else(|| {
            let list = if numbers.len() > 1 { numbers.into() } else { Box::default() };
            self.others.push(Other { terms, list });
            Plain(Plain::OTHER | place)
        })
    }

    /// Puts a form that is not here where there is room. Only one thread may do so at a time.
    fn put(&self, key: Key, plain: Plain) {
        let free = self.from_place(&key).find_map(|bucket| {
            bucket.0.iter().find(|entry| entry.is_free())
        });
        free.expect("a quarter of the places is free").store(&key, plain);
    }

    /// What a form gives.
    fn find(&self, key: Key) -> Plain {
        for bucket in self.from_place(&key) {
            let plain = bucket.find(&key);
            if plain != Plain::UNKNOWN || !bucket.is_full() {
                return plain;
            }
        }
        Plain::UNKNOWN
    }

    /// The bucket of a form, and those behind it.
    fn from_place(&self, key: &Key) -> impl Iterator<Item = &Bucket> {
        let (before, from) = self.buckets.split_at(self.place(key));
        from.iter().chain(before)
    }

    /// Where the bucket of a form is.
    #[inline]
    fn place(&self, key: &Key) -> usize {
        key.hash as usize & (self.buckets.len() - 1)
    }

    #[inline]
    fn bucket(&self, key: &Key) -> &Bucket {
        &self.buckets[self.place(key)]
    }

    /// Hashed as foldhash does it: both parts multiplied and folded.
    #[inline]
    fn key_of(&self, start: u64, rest: u32) -> Key {
        let [of_start, of_rest] = self.seeds;
        let product = u128::from(start ^ of_start) * u128::from(u64::from(rest) ^ of_rest);
        Key { start, rest, hash: (product ^ product >> 64) as u32 }
    }

    /// The key of the form that stands at `start..end`.
    #[inline]
    fn key_within(&self, bytes: &[u8], start: usize, end: usize) -> Key {
        let length = end - start;
        let (start, rest) = match bytes[start..].first_chunk() {
            Some(sixteen) if length <= KEY_BYTES => first_bytes(sixteen, length),
            _ => parts_of(&bytes[start..end]),
        };
        self.key_of(start, rest)
    }

    fn key(&self, form: &[u8]) -> Key {
        let (start, rest) = parts_of(form);
        self.key_of(start, rest)
    }
}

fn buckets(count: usize) -> Box<[Bucket]> {
    std::iter::repeat_with(Bucket::default).take(count).collect()
}

impl Bucket {
    /// What a form gives; unknown too where several keys start like its own, so that looking takes few steps.
    #[inline]
    fn find_at_once(&self, key: &Key) -> Plain {
        let [starts_first, starts_second, starts_third] =
            [1, 2, 3].map(|at| usize::from(self.0[at].start.load(Ordering::Acquire) == key.start));
        self.0[(starts_first | starts_second << 1 | 3 * starts_third) & 3].plain_of(key)
    }

    fn find(&self, key: &Key) -> Plain {
        let found = self.0.iter().map(|entry| entry.plain_of(key));
        found.fold(Plain::UNKNOWN, |found, plain| if plain == Plain::UNKNOWN { found } else { plain })
    }

    /// They are filled in order.
    fn is_full(&self) -> bool {
        !self.0[3].is_free()
    }
}

impl Entry {
    /// Both parts of the key, and what the form gives.
    #[inline]
    fn load(&self) -> (u64, u32, Plain) {
        // Whoever sees the start of a key sees what was written before it.
        let start = self.start.load(Ordering::Acquire);
        let rest = self.rest.load(Ordering::Relaxed);
        (start, rest as u32, Plain((rest >> 32) as u32))
    }

    #[inline]
    fn plain_of(&self, key: &Key) -> Plain {
        let (start, rest, plain) = self.load();
        let is_it = (start == key.start) & (rest == key.rest);
        select_unpredictable(is_it, plain, Plain::UNKNOWN)
    }

    fn store(&self, key: &Key, plain: Plain) {
        self.rest.store(u64::from(key.rest) | u64::from(plain.0) << 32, Ordering::Relaxed);
        self.start.store(key.start, Ordering::Release);
    }

    fn is_free(&self) -> bool {
        self.start.load(Ordering::Relaxed) == 0
    }
}

/// What a key has of a form of so many bytes; what the sixteen hold behind the form is masked off.
#[inline]
fn first_bytes(sixteen: &[u8; 16], length: usize) -> (u64, u32) {
    let (eights, _) = sixteen.as_chunks::<8>();
    let (start, rest) = KEPT[length];
    (u64::from_le_bytes(eights[0]) & start, u64::from_le_bytes(eights[1]) as u32 & rest)
}

/// The same of any form.
#[inline(never)]
fn parts_of(form: &[u8]) -> (u64, u32) {
    static HASHES: LazyLock<[FixedState; 2]> = LazyLock::new(|| {
        [1, 2].map(|number| FixedState::with_seed(RandomState::new().hash_one(number)))
    });
    if form.len() > KEY_BYTES {
        let [start, rest] = HASHES.each_ref().map(|hash| hash.hash_one(form));
        return (start | 0xFF << 56, rest as u32);
    }
    let mut sixteen = [0; 16];
    sixteen[..form.len()].copy_from_slice(form);
    first_bytes(&sixteen, form.len())
}

/// The first bytes of a key, as many as the index says.
const KEPT: [(u64, u32); KEY_BYTES + 1] = {
    let mut kept = [(u64::MAX, u32::MAX); KEY_BYTES + 1];
    let mut length = 0;
    while length < KEY_BYTES {
        let first: u128 = (1 << (8 * length)) - 1;
        kept[length] = (first as u64, (first >> 64) as u32);
        length += 1;
    }
    kept
};

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(first: u32) -> FormTerms {
        FormTerms { first, count: 1, ..ONE_WORD }
    }

    const ONE_WORD: FormTerms = FormTerms {
        first: 0,
        count: 0,
        words: 1,
        function_words: 0,
        is_word: false,
        context: Context::Free,
    };

    #[test]
    fn forms_of_any_length_are_found_again() {
        let mut forms = Forms::default();
        let all: Vec<String> = (1..3000).map(|n| "é1".repeat(n % 17) + &n.to_string()).collect();
        for (n, form) in all.iter().enumerate() {
            assert_eq!(forms.get(form), None);
            forms.insert(form, &[n as u32], ONE_WORD);
        }
        assert_eq!(forms.len(), all.len());
        let mut at_once = 0;
        for (n, form) in all.iter().enumerate() {
            assert_eq!(forms.get(form), Some(terms(n as u32)));
            // At the end of a text and within one.
            for text in [format!(", {form}"), format!(", {form} et la suite du texte")] {
                let mut found = Found::default();
                forms.find(&text, 1, &[[1, 1 + form.len() as u16]], &mut found);
                if found.plain[0] != Plain::UNKNOWN {
                    assert_eq!(forms.terms(found.plain[0]), terms(n as u32));
                    at_once += 1;
                }
            }
        }
        assert!(at_once > all.len(), "more than half are found where they are looked for first");
    }

    /// What is not plain is told as it is, and what is not known as well.
    #[test]
    fn other_forms_are_found_among_the_others() {
        let mut forms = Forms::default();
        let bound = FormTerms { context: Context::Bound, ..ONE_WORD };
        forms.insert("oui", &[2], ONE_WORD);
        forms.insert("www.exemple.fr", &[3], bound);
        forms.insert("porte-parole", &[4, 5], ONE_WORD);
        forms.insert("loin", &[1 << 24], ONE_WORD);
        let text = "porte-parole oui inconnu www.exemple.fr loin";
        let mut spans = Vec::new();
        let mut at = 0;
        for word in text.split(' ') {
            spans.push([at, at + word.len() as u16]);
            at += word.len() as u16 + 1;
        }
        let mut found = Found::default();
        forms.find(text, 0, &spans, &mut found);
        let plain = |i: usize| (found.plain[i].is_other(), forms.terms(found.plain[i]));
        let (is_other, several) = plain(0);
        assert!(is_other);
        assert_eq!(forms.list(several), [4, 5]);
        assert_eq!(plain(1), (false, terms(2)));
        assert_eq!(found.plain[2], Plain::UNKNOWN);
        assert_eq!(plain(3), (true, FormTerms { first: 3, count: 1, ..bound }));
        assert_eq!(plain(4), (true, terms(1 << 24)));
    }

    /// What threads learn by themselves is known to all of them in the end, lists of terms too.
    #[test]
    fn what_others_know_is_taken_over() {
        let mut all = Forms::default();
        all.insert("porte-parole", &[4, 5], ONE_WORD);
        let (mut one, mut two) = (Forms::beside(&all), Forms::beside(&all));
        let long = "constitutionnellement";
        one.insert("avant-hier", &[6, 7], ONE_WORD);
        one.insert(long, &[8], ONE_WORD);
        for n in 0..2000 {
            two.insert(&format!("mot{n}"), &[n], ONE_WORD);
        }
        two.insert("vice-président", &[9, 10], ONE_WORD);
        two.insert(long, &[8], ONE_WORD);
        let terms = two.get("vice-président").unwrap();
        assert!(two.has_list(terms) && !two.has_list(all.get("porte-parole").unwrap()));
        assert_eq!(two.list(terms), [9, 10]);
        for part in [&one, &two, &one] {
            all.absorb(part);
        }
        assert_eq!(all.len(), 2004);
        for (form, list) in
            [("porte-parole", [4, 5]), ("avant-hier", [6, 7]), ("vice-président", [9, 10])]
        {
            assert_eq!(all.list(all.get(form).unwrap()), list);
        }
        for n in 0..2000 {
            assert_eq!(all.get(&format!("mot{n}")), Some(self::terms(n)));
        }
        assert_eq!(all.get(long), Some(self::terms(8)));
    }

    #[test]
    fn a_form_and_its_start_differ() {
        let mut forms = Forms::default();
        let long = "abcdefghijklmnopq";
        for (n, length) in (1..=long.len()).enumerate() {
            assert_eq!(forms.get(&long[..length]), None);
            forms.insert(&long[..length], &[n as u32], ONE_WORD);
        }
        for (n, length) in (1..=long.len()).enumerate() {
            let mut found = Found::default();
            forms.find(long, 0, &[[0, length as u16]], &mut found);
            let plain = found.plain[0];
            assert!(plain == Plain::UNKNOWN || plain.term() == n as u32, "{length} bytes");
            assert_eq!(forms.get(&long[..length]), Some(terms(n as u32)));
        }
    }
}
