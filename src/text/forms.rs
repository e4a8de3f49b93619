//! What forms gave, found by their bytes: the one look-up that every chunk of a text costs.

use std::hash::{BuildHasher, RandomState};
use std::hint::select_unpredictable;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use foldhash::quality::FixedState;

#[cfg(target_arch = "x86_64")]
use super::avx512;
use super::context::Context;
use super::lexicon::{BUNDLE, TermNumber};
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

/// Words of a plain form, at most.
#[cfg(target_arch = "x86_64")]
const MOST_WORDS: usize = 3;

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
    pub(super) const TERM: u32 = 24;
    pub(super) const WORDS: u32 = Self::TERM + 1;
    pub(super) const FUNCTION_WORDS: u32 = Self::WORDS + 2;
    pub(super) const IS_WORD: u32 = Self::FUNCTION_WORDS + 2;
    /// What a term holds: its lowest bits, and whether it is a bundle.
    pub(super) const TERM_BITS: u32 = ((1 << Self::TERM) - 1) | BUNDLE;
    /// Set where a form is not plain; the rest is its place among the others.
    const OTHER: u32 = 1 << 31;
    /// Nothing is known of the form, or not here.
    pub(super) const UNKNOWN: Self = Self(u32::MAX);
    /// A number that ends with the form, and neither word nor term: most of what is not plain.
    pub(super) const NUMBER: Self = Self(u32::MAX - 1);

    fn of(terms: &FormTerms) -> Option<Self> {
        let fits = terms.context == Context::Free
            && terms.count < 2
            && terms.first & !Self::TERM_BITS == 0
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

    /// All of it; what is not plain has the highest bit set.
    #[cfg(target_arch = "x86_64")]
    #[inline]
    pub(super) fn bits(self) -> u32 {
        self.0
    }

    #[inline]
    pub(super) fn is_other(self) -> bool {
        self.0 & Self::OTHER != 0
    }

    /// The term, anything where there is none.
    #[inline]
    pub(super) fn term(self) -> u32 {
        self.0 & Self::TERM_BITS
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
    shared: Arc<SharedForms>,
    /// The table as this thread saw it last.
    table: Arc<Table>,
}

/// Forms and their terms, for all threads.
#[derive(Debug)]
pub(super) struct SharedForms {
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

/// What a form is found by: its bytes, filled up with NUL, where it has [`KEY_BYTES`] at most; of a longer one a hash of 120 bits, behind a
/// byte that no text holds. The hashes are seeded anew in every process, so that nobody can make up a text where two forms share one.
/// Beside it stands the hash that gives its place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Key {
    start: u64,
    rest: u64,
    hash: usize,
}

/// Bytes of a form that fit in a key.
const KEY_BYTES: usize = 16;

/// Forms that share a place, in one line of the processor's cache: keys and what they give; 0 where there is none.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Bucket {
    /// Written last.
    starts: [AtomicU64; WAYS],
    rests: [AtomicU64; WAYS],
    plains: [AtomicU32; WAYS],
}

/// Forms in a bucket.
const WAYS: usize = 3;

/// Forms for each bucket, when their number is doubled.
const CROWD: usize = 2;

/// Forms that are looked for at once: so many that there is much to wait for together.
pub(super) const BATCH: usize = 512;

/// What was found for some forms; [`Plain::UNKNOWN`] where they are not known yet, or not found at once.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub plain: [Plain; BATCH],
    pub keys: [Key; BATCH],
}

impl Default for Found {
    fn default() -> Self {
        Self { plain: [Plain::default(); BATCH], keys: [Key::default(); BATCH] }
    }
}

/// What some plain forms in a row come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    pub forms: usize,
    pub terms: usize,
    pub words: usize,
    pub function_words: usize,
}

/// Room for the terms of as many forms, and for what may be written behind them.
pub(super) type Kept = [TermNumber; BATCH + LANES];

/// Terms that are written at once.
pub(super) const LANES: usize = 16;

impl Found {
    /// Takes the plain forms of those from the first to before the last, up to one that is not plain or would make them more words than
    /// so many. Their terms are written to `kept`.
    #[inline]
    pub(super) fn take(&self, forms: Range<usize>, most_words: usize, kept: &mut Kept) -> Taken {
        let plains = &self.plain[forms];
        #[cfg(target_arch = "x86_64")]
        if most_words >= MOST_WORDS * plains.len() && crate::avx512::is_there() {
            // SAFETY: the processor has the instructions.
            #[allow(unsafe_code)]
            return unsafe { avx512::take(plains, kept) };
        }
        take(plains, most_words, kept)
    }
}

/// One by one. Whether a form gives a term is as good as a coin's toss: a branch on it would be mispredicted at every other one, so that
/// its term is always written and only sometimes kept.
#[inline]
fn take(plains: &[Plain], most_words: usize, kept: &mut Kept) -> Taken {
    let mut taken = Taken::default();
    for &plain in plains {
        if plain.is_other() | (taken.words + plain.words() > most_words) {
            break;
        }
        kept[taken.terms % BATCH] = plain.term();
        taken.forms += 1;
        taken.terms += plain.count();
        taken.words += plain.words();
        taken.function_words += plain.function_words();
    }
    taken
}

impl Default for Forms {
    fn default() -> Self {
        Self::of(Arc::new(SharedForms::new(usize::MAX)))
    }
}

impl Forms {
    /// What one thread has of the forms of all.
    pub(super) fn of(shared: Arc<SharedForms>) -> Self {
        let table = shared.lock().table.clone();
        Self { shared, table }
    }

    /// Goes on with the table as it is now, before a text is read: keys that were made before are of no use from then on.
    #[inline]
    pub(super) fn look_again(&mut self) {
        if self.shared.version.load(Ordering::Acquire) != self.table.version {
            self.table = self.shared.lock().table.clone();
        }
    }

    /// Looks for forms in a text from `base` on, from where `start` and `end` of each count. What is [`Plain::UNKNOWN`] then may still
    /// be found by [`get`](Self::get), under its key among those of `found`.
    pub(super) fn find(&self, text: &str, base: usize, spans: &[[u16; 2]], found: &mut Found) {
        let (buckets, seeds) = (&*self.table.buckets, self.table.seeds);
        let bytes = &text.as_bytes()[base..];
        let Found { plain, keys } = found;
        for (key, &[start, end]) in keys.iter_mut().zip(spans) {
            *key = Key::within(bytes, start.into(), end.into(), seeds);
            prefetch(&buckets[key.hash & (buckets.len() - 1)]);
        }
        for (plain, key) in plain.iter_mut().zip(&keys[..spans.len()]) {
            *plain = buckets[key.hash & (buckets.len() - 1)].find_at_once(key);
        }
    }

    /// What a form is found by until [`look_again`](Self::look_again) is called.
    pub(super) fn key(&self, form: &str) -> Key {
        debug_assert!(!form.is_empty() && !form.contains('\0'));
        self.table.key(form)
    }

    /// What a form gave, where it was met before.
    pub(super) fn get(&self, key: &Key) -> Option<FormTerms> {
        let plain = self.table.find(key);
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

    /// Remembers a form with the terms it gives; what else is known of it is in `terms`, which is given back with them.
    pub(super) fn insert(
        &mut self,
        key: &Key,
        numbers: &[TermNumber],
        terms: FormTerms,
    ) -> FormTerms {
        let mut latest = self.shared.lock();
        if latest.count == self.shared.most {
            let version = latest.table.version + 1;
            *latest = Latest { table: Arc::new(Table::new(version)), count: 0 };
            self.shared.version.store(version, Ordering::Release);
        }
        if !Arc::ptr_eq(&latest.table.others, &self.table.others) {
            // All was forgotten since this thread looked: until it does so again it knows the old ones, and the key is of theirs.
            return self.terms(self.table.keep(numbers, terms));
        }
        if latest.count == CROWD * latest.table.buckets.len() {
            latest.table = Arc::new(latest.table.twice());
            self.shared.version.store(latest.table.version, Ordering::Release);
        }
        if latest.table.version != self.table.version {
            self.table = latest.table.clone();
        }
        let mut plain = self.table.find(key);
        if plain == Plain::UNKNOWN {
            plain = self.table.keep(numbers, terms);
            self.table.put(key, plain);
            latest.count += 1;
        }
        self.terms(plain)
    }

    /// Number of forms.
    pub(super) fn len(&self) -> usize {
        self.shared.lock().count
    }
}

impl SharedForms {
    /// Remembers so many forms at most.
    pub(super) fn new(most: usize) -> Self {
        let latest = Mutex::new(Latest { table: Arc::new(Table::new(0)), count: 0 });
        Self { latest, version: AtomicUsize::new(0), most }
    }

    fn lock(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
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
            version: self.version + 1,
            buckets: buckets(2 * self.buckets.len()),
            others: self.others.clone(),
            seeds: self.seeds,
        };
        for (start, rest, plain) in self.buckets.iter().flat_map(Bucket::entries) {
            twice.put(&Key::new(start, rest, self.seeds), plain);
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
    fn put(&self, key: &Key, plain: Plain) {
        let mut place = key.hash;
        // A third of the places is free.
        while !self.bucket(place).put(key, plain) {
            place = place.wrapping_add(1);
        }
    }

    /// What a form gives.
    fn find(&self, key: &Key) -> Plain {
        let mut place = key.hash;
        loop {
            let bucket = self.bucket(place);
            let plain = bucket.find(key);
            if plain != Plain::UNKNOWN || !bucket.is_full() {
                return plain;
            }
            place = place.wrapping_add(1);
        }
    }

    /// The bucket at a place; the first one is behind the last.
    #[inline]
    fn bucket(&self, place: usize) -> &Bucket {
        &self.buckets[place & (self.buckets.len() - 1)]
    }

    fn key(&self, form: &str) -> Key {
        let (start, rest) = parts_of(form.as_bytes());
        Key::new(start, rest, self.seeds)
    }
}

fn buckets(count: usize) -> Box<[Bucket]> {
    std::iter::repeat_with(Bucket::default).take(count).collect()
}

impl Bucket {
    /// What a form gives; unknown too where several keys start like its own, so that looking takes few steps.
    #[inline]
    fn find_at_once(&self, key: &Key) -> Plain {
        let [second, third] =
            [1, 2].map(|at: usize| self.starts[at].load(Ordering::Acquire) == key.start);
        let at = select_unpredictable(third, 2, usize::from(second));
        select_unpredictable(self.holds(at, key), self.plain(at), Plain::UNKNOWN)
    }

    fn find(&self, key: &Key) -> Plain {
        let at = (0..WAYS).find(|&at| self.holds(at, key));
        at.map_or(Plain::UNKNOWN, |at| self.plain(at))
    }

    #[inline]
    fn holds(&self, at: usize, key: &Key) -> bool {
        // Whoever sees the start of a key sees what was written before it.
        let start = self.starts[at].load(Ordering::Acquire);
        (start == key.start) & (self.rests[at].load(Ordering::Relaxed) == key.rest)
    }

    #[inline]
    fn plain(&self, at: usize) -> Plain {
        Plain(self.plains[at].load(Ordering::Relaxed))
    }

    fn is_free(&self, at: usize) -> bool {
        self.starts[at].load(Ordering::Acquire) == 0
    }

    /// They are filled in order.
    fn is_full(&self) -> bool {
        !self.is_free(WAYS - 1)
    }

    /// Puts a form where there is room; says whether there was.
    fn put(&self, key: &Key, plain: Plain) -> bool {
        let Some(at) = (0..WAYS).find(|&at| self.is_free(at)) else { return false };
        self.rests[at].store(key.rest, Ordering::Relaxed);
        self.plains[at].store(plain.0, Ordering::Relaxed);
        self.starts[at].store(key.start, Ordering::Release);
        true
    }

    /// Parts of the keys, and what the forms give.
    fn entries(&self) -> impl Iterator<Item = (u64, u64, Plain)> {
        let taken = (0..WAYS).take_while(|&at| !self.is_free(at));
        taken.map(|at| {
            let [start, rest] =
                [&self.starts, &self.rests].map(|part| part[at].load(Ordering::Relaxed));
            (start, rest, self.plain(at))
        })
    }
}

impl Key {
    /// Hashed as foldhash does it: both parts multiplied and folded.
    #[inline]
    fn new(start: u64, rest: u64, seeds: [u64; 2]) -> Self {
        let product = u128::from(start ^ seeds[0]) * u128::from(rest ^ seeds[1]);
        Self { start, rest, hash: (product ^ product >> 64) as usize }
    }

    /// The key of the form that stands at `start..end`.
    #[inline]
    fn within(bytes: &[u8], start: usize, end: usize, seeds: [u64; 2]) -> Self {
        let length = end - start;
        let sixteen = bytes.get(start..start + KEY_BYTES).and_then(<[u8]>::first_chunk);
        let (start, rest) = match sixteen {
            Some(sixteen) if length <= KEY_BYTES => first_bytes(sixteen, length),
            _ => parts_of(&bytes[start..end]),
        };
        Self::new(start, rest, seeds)
    }
}

/// What a key has of a form of so many bytes; what the sixteen hold behind the form is masked off.
#[inline]
fn first_bytes(sixteen: &[u8; KEY_BYTES], length: usize) -> (u64, u64) {
    let (eights, _) = sixteen.as_chunks::<8>();
    let (start, rest) = KEPT[length];
    (u64::from_le_bytes(eights[0]) & start, u64::from_le_bytes(eights[1]) & rest)
}

/// The same of any form.
#[inline(never)]
fn parts_of(form: &[u8]) -> (u64, u64) {
    static HASHES: LazyLock<[FixedState; 2]> = LazyLock::new(|| {
        [1, 2].map(|number| FixedState::with_seed(RandomState::new().hash_one(number)))
    });
    if form.len() > KEY_BYTES {
        let [start, rest] = HASHES.each_ref().map(|hash| hash.hash_one(form));
        return (start | 0xFF << 56, rest);
    }
    let mut sixteen = [0; KEY_BYTES];
    sixteen[..form.len()].copy_from_slice(form);
    first_bytes(&sixteen, form.len())
}

/// The first bytes of a key, as many as the index says.
const KEPT: [(u64, u64); KEY_BYTES + 1] = {
    let mut kept = [(u64::MAX, u64::MAX); KEY_BYTES + 1];
    let mut length = 0;
    while length < KEY_BYTES {
        let first: u128 = (1 << (8 * length)) - 1;
        kept[length] = (first as u64, (first >> 64) as u64);
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

    fn get(forms: &Forms, form: &str) -> Option<FormTerms> {
        forms.get(&forms.key(form))
    }

    fn insert(
        forms: &mut Forms,
        form: &str,
        numbers: &[TermNumber],
        terms: FormTerms,
    ) -> FormTerms {
        let key = forms.key(form);
        forms.insert(&key, numbers, terms)
    }

    const ONE_WORD: FormTerms = FormTerms {
        first: 0,
        count: 0,
        words: 1,
        function_words: 0,
        is_word: false,
        context: Context::Free,
    };

    proptest::proptest! {
        /// Sixteen at once or one by one, and where the words end.
        #[test]
        fn forms_are_taken_up_to_the_first_other(
            forms in proptest::collection::vec((0u32..9, 0u16..2, 0u8..4, 0u8..4, 0..40), 0..200),
            most_words in 0usize..700,
        ) {
            let plains: Vec<Plain> = (forms.iter())
                .map(|&(first, count, words, function_words, other)| {
                    let first = first | if first % 2 == 0 { BUNDLE } else { 0 };
                    let terms = FormTerms { first, count, words, function_words, ..ONE_WORD };
                    if other == 0 { Plain::NUMBER } else { Plain::of(&terms).unwrap() }
                })
                .collect();
            let mut found = Found::default();
            found.plain[..plains.len()].copy_from_slice(&plains);
            for most_words in [most_words, usize::MAX] {
                let mut kept = [0; BATCH + LANES];
                let taken = found.take(0..plains.len(), most_words, &mut kept);
                let (plains, rest) = plains.split_at(taken.forms);
                let fits = |plain: &Plain| taken.words + plain.words() <= most_words;
                proptest::prop_assert!(rest.first().is_none_or(|p| p.is_other() || !fits(p)));
                proptest::prop_assert!(!plains.iter().any(|plain| plain.is_other()));
                let given = plains.iter().filter(|plain| plain.count() > 0);
                let terms: Vec<u32> = given.map(|plain| plain.term()).collect();
                proptest::prop_assert_eq!(&kept[..taken.terms], &terms[..]);
                let words: usize = plains.iter().map(|plain| plain.words()).sum();
                proptest::prop_assert!(words == taken.words && words <= most_words);
                let function_words: usize = plains.iter().map(|plain| plain.function_words()).sum();
                proptest::prop_assert_eq!(function_words, taken.function_words);
                proptest::prop_assert_eq!(take(plains, usize::MAX, &mut kept), taken);
            }
        }
    }

    #[test]
    fn forms_of_any_length_are_found_again() {
        let mut forms = Forms::default();
        let all: Vec<String> = (1..3000).map(|n| "é1".repeat(n % 17) + &n.to_string()).collect();
        for (n, form) in all.iter().enumerate() {
            assert_eq!(get(&forms, form), None);
            insert(&mut forms, form, &[n as u32], ONE_WORD);
        }
        assert_eq!(forms.len(), all.len());
        let mut at_once = 0;
        for (n, form) in all.iter().enumerate() {
            assert_eq!(get(&forms, form), Some(terms(n as u32)));
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
        insert(&mut forms, "oui", &[2], ONE_WORD);
        insert(&mut forms, "www.exemple.fr", &[3], bound);
        insert(&mut forms, "porte-parole", &[4, 5], ONE_WORD);
        insert(&mut forms, "loin", &[1 << 24], ONE_WORD);
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

    /// What threads learn at the same time is known to all of them, each form once.
    #[test]
    fn threads_share_what_they_learn() {
        // Miri, which looks for races, takes its time; the table grows all the same.
        const COUNT: u32 = if cfg!(miri) { 600 } else { 3000 };
        let forms = Forms::default();
        let form = |n: u32| format!("{}{n}", ["mot", "constitutionnellement"][n as usize % 2]);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let mut forms = forms.clone();
                scope.spawn(move || {
                    for n in (0..COUNT).map(|n| (n + COUNT / 6 * thread) % COUNT) {
                        // Every third has a list.
                        let numbers = &[n, n + 1][..1 + usize::from(n % 3 == 0)];
                        let given = insert(&mut forms, &form(n), numbers, ONE_WORD);
                        assert_eq!(get(&forms, &form(n)), Some(given));
                        match numbers {
                            [only] => assert_eq!(given, terms(*only)),
                            _ => assert_eq!(forms.list(given), numbers),
                        }
                    }
                });
            }
        });
        assert_eq!(forms.len(), COUNT as usize);
    }

    /// What one thread found is not taken for what another has learned since all was forgotten.
    #[test]
    fn all_is_forgotten_at_once() {
        let mut one = Forms::of(Arc::new(SharedForms::new(2)));
        let mut two = one.clone();
        let several = insert(&mut one, "porte-parole", &[4, 5], ONE_WORD);
        assert_eq!(insert(&mut two, "porte-parole", &[4, 5], ONE_WORD), several);
        let others = insert(&mut two, "avant-hier", &[6, 7], ONE_WORD);
        assert_eq!(two.list(others), [6, 7]);
        // There is no room for a third.
        let more = insert(&mut two, "vice-président", &[8, 9], ONE_WORD);
        assert_eq!(
            (two.list(more), get(&two, "vice-président"), two.len()),
            (&[8, 9][..], None, 0)
        );
        assert_eq!(one.list(get(&one, "porte-parole").unwrap()), [4, 5]);
        let mut found = Found::default();
        for forms in [&mut one, &mut two] {
            forms.look_again();
            forms.find("loin porte-parole", 0, &[[0, 4], [5, 17]], &mut found);
            assert!(found.plain[1] == Plain::UNKNOWN);
            assert_eq!(insert(forms, "loin", &[8], ONE_WORD), terms(8));
        }
        assert_eq!(one.len(), 1);
    }

    #[test]
    fn a_form_and_its_start_differ() {
        let mut forms = Forms::default();
        let long = "abcdefghijklmnopq";
        for (n, length) in (1..=long.len()).enumerate() {
            assert_eq!(get(&forms, &long[..length]), None);
            insert(&mut forms, &long[..length], &[n as u32], ONE_WORD);
        }
        for (n, length) in (1..=long.len()).enumerate() {
            let mut found = Found::default();
            forms.find(long, 0, &[[0, length as u16]], &mut found);
            let plain = found.plain[0];
            assert!(plain == Plain::UNKNOWN || plain.term() == n as u32, "{length} bytes");
            assert_eq!(get(&forms, &long[..length]), Some(terms(n as u32)));
        }
    }
}
