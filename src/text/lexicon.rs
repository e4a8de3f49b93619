//! What one thread has met: forms and what they gave, terms and their numbers.
//!
//! Folding and stemming are slow beside scanning, so they run once for every distinct word; and what a chunk
//! gave is looked up by its bytes, so that most of a text is never tokenized.

use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashTable};

use super::analysis::Desk;
use super::forms::{FormTerms, Forms, Key, SharedForms};

/// The number a [`Lexicon`] gave to a term.
pub type TermNumber = u32;

/// In a sequence of term numbers: a sentence ended here, no n-gram goes across.
pub(crate) const SENTENCE_BREAK: TermNumber = TermNumber::MAX;

/// Set in the number of a bundle: several terms that a form gives together, under one number, so that they are counted at once.
pub(crate) const BUNDLE: TermNumber = 1 << 30;

/// What the surface forms met so far gave, and the terms under their numbers. One for each thread;
/// it only saves time, results do not depend on it.
#[derive(Debug, Default)]
pub struct Lexicon {
    /// What chunks gave, single words among them.
    pub(super) forms: Forms,
    numbers: HashMap<Box<str>, TermNumber, FixedState>,
    terms: Vec<Box<str>>,
    bundles: Bundles,
    /// Where the numbers come from if not from here.
    given: Option<GivenNumbers>,
    ngrams: HashMap<(TermNumber, TermNumber), TermNumber, FixedState>,
    /// Kept between texts, for it is large.
    pub(super) desk: Option<Box<Desk>>,
    /// Where a word is folded.
    pub(super) folded: String,
}

/// Terms that stand together, one list behind the other: of every fifth word of a text they are looked up.
#[derive(Debug, Default)]
struct Bundles {
    numbers: HashTable<TermNumber>,
    terms: Vec<TermNumber>,
    /// Where the terms of each end, by its number without [`BUNDLE`].
    ends: Vec<u32>,
}

const HASHER: FixedState = FixedState::with_seed(0);

impl Bundles {
    /// The number of a bundle, a new one if it was not met before; `None` where there is no room for it.
    fn number(&mut self, bundle: &[TermNumber]) -> Option<TermNumber> {
        let Self { numbers, terms, ends } = self;
        let hash = HASHER.hash_one(bundle);
        if let Some(&number) =
            numbers.find(hash, |&number| listed(terms, ends, number) == Some(bundle))
        {
            return Some(number);
        }
        let end = u32::try_from(terms.len() + bundle.len()).ok()?;
        let number = ends.len() as TermNumber | BUNDLE;
        terms.extend_from_slice(bundle);
        ends.push(end);
        numbers.insert_unique(hash, number, |&number| {
            HASHER.hash_one(listed(terms, ends, number).unwrap_or_default())
        });
        Some(number)
    }

    #[inline]
    fn terms(&self, number: TermNumber) -> Option<&[TermNumber]> {
        listed(&self.terms, &self.ends, number)
    }
}

/// The terms of a bundle; `None` where the number is none of a bundle's.
#[inline]
fn listed<'t>(
    terms: &'t [TermNumber],
    ends: &[u32],
    number: TermNumber,
) -> Option<&'t [TermNumber]> {
    let place = (number ^ BUNDLE) as usize;
    let end = *ends.get(place)?;
    let start = place.checked_sub(1).map_or(0, |before| ends[before]);
    Some(&terms[start as usize..end as usize])
}

/// The numbers that somebody else gave to terms; other terms have none. What forms gave by these numbers is known to all who hold a
/// copy.
#[derive(Clone)]
pub(crate) struct GivenNumbers {
    number_of: Arc<NumberOf>,
    forms: Arc<SharedForms>,
}

type NumberOf = dyn Fn(&str) -> Option<TermNumber> + Send + Sync;

impl GivenNumbers {
    /// Of so many forms at most is remembered what they gave; then all are forgotten.
    pub(crate) fn new(
        number_of: impl Fn(&str) -> Option<TermNumber> + Send + Sync + 'static,
        most: usize,
    ) -> Self {
        Self { number_of: Arc::new(number_of), forms: Arc::new(SharedForms::new(most)) }
    }
}

impl fmt::Debug for GivenNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GivenNumbers")
    }
}

impl Lexicon {
    /// A lexicon whose terms have their numbers already; what has none is no term. Word n-grams are not among them.
    pub(crate) fn closed(given: GivenNumbers) -> Self {
        Self { forms: Forms::of(given.forms.clone()), given: Some(given), ..Self::default() }
    }

    /// The terms that were numbered here, by number.
    pub fn terms(&self) -> &[Box<str>] {
        &self.terms
    }

    /// Forms and n-grams that are remembered, which is what memory grows with.
    pub fn len(&self) -> usize {
        self.forms.len() + self.ngrams.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a term, a new one if it was not met before; `None` where it was to be given and was not.
    pub(super) fn known(&mut self, term: &str) -> Option<TermNumber> {
        match &self.given {
            Some(given) => (given.number_of)(term),
            None => Some(self.number(term)),
        }
    }

    /// The number of a term, a new one if it was not met before.
    fn number(&mut self, term: &str) -> TermNumber {
        if let Some(&number) = self.numbers.get(term) {
            return number;
        }
        let number = self.terms.len() as TermNumber;
        self.terms.push(term.into());
        self.numbers.insert(term.into(), number);
        number
    }

    /// Remembers a form with the terms it gives; what else is known of it is in `terms`, which is given back with them.
    pub(super) fn learn(
        &mut self,
        key: &Key,
        numbers: &[TermNumber],
        terms: FormTerms,
    ) -> FormTerms {
        let several = numbers.len() > 1 && self.given.is_none();
        match several.then(|| self.bundle(numbers)).flatten() {
            Some(bundle) => self.forms.insert(key, &[bundle], terms),
            None => self.forms.insert(key, numbers, terms),
        }
    }

    /// The number under which these terms stand together, if there is room. Bundles among them are opened.
    fn bundle(&mut self, numbers: &[TermNumber]) -> Option<TermNumber> {
        let terms: Vec<TermNumber> = numbers.iter().flat_map(|n| self.opened(n)).copied().collect();
        self.bundles.number(&terms)
    }

    /// The terms that a number stands for.
    #[inline]
    pub(crate) fn opened<'n>(&'n self, number: &'n TermNumber) -> &'n [TermNumber] {
        self.bundles.terms(*number).unwrap_or(std::slice::from_ref(number))
    }

    /// How many bundles there are.
    pub(crate) fn bundles(&self) -> usize {
        self.bundles.ends.len()
    }

    /// Appends the terms of a form to `out`.
    pub(super) fn append_terms(&self, terms: FormTerms, out: &mut Vec<TermNumber>) {
        match terms.count {
            0 => {}
            1 => out.push(terms.first),
            _ => out.extend_from_slice(self.forms.list(terms)),
        }
    }

    /// The number of the n-gram that `next` makes with the n-gram or word `first`.
    pub(crate) fn ngram(&mut self, first: TermNumber, next: TermNumber) -> TermNumber {
        if let Some(&number) = self.ngrams.get(&(first, next)) {
            return number;
        }
        let term = format!("{} {}", self.terms[first as usize], self.terms[next as usize]);
        let number = self.number(&term);
        self.ngrams.insert((first, next), number);
        number
    }
}
