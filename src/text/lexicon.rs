//! What one thread has met: forms and what they gave, terms and their numbers.
//!
//! Folding and stemming are slow beside scanning, so they run once for every distinct word; and what a chunk
//! gave is looked up by its bytes, so that most of a text is never tokenized.

use std::fmt;
use std::sync::Arc;

use hashbrown::HashMap;

use super::analysis::Desk;
use super::forms::{FormTerms, Forms};

/// The number a [`Lexicon`] gave to a term.
pub type TermNumber = u32;

/// In a sequence of term numbers: a sentence ended here, no n-gram goes across.
pub(crate) const SENTENCE_BREAK: TermNumber = TermNumber::MAX;

/// What the surface forms met so far gave, and the terms under their numbers. One for each thread;
/// it only saves time, results do not depend on it.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    /// What chunks gave that all threads know, single words among them; none where a thread is by itself.
    shared: Option<Arc<Forms>>,
    /// What the others gave.
    own: Forms,
    numbers: HashMap<Box<str>, TermNumber, foldhash::fast::FixedState>,
    terms: Vec<Box<str>>,
    /// Where the numbers come from if not from here.
    given: Option<GivenNumbers>,
    ngrams: HashMap<(TermNumber, TermNumber), TermNumber, foldhash::fast::FixedState>,
    /// Kept between texts, for it is large.
    pub(super) desk: Option<Box<Desk>>,
    /// Where a word is folded.
    pub(super) folded: String,
}

/// The numbers that somebody else gave to terms; other terms have none.
#[derive(Clone)]
pub(crate) struct GivenNumbers(pub Arc<NumberOf>);

type NumberOf = dyn Fn(&str) -> Option<TermNumber> + Send + Sync;

impl fmt::Debug for GivenNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GivenNumbers")
    }
}

impl Lexicon {
    /// A lexicon whose terms have their numbers already; what has none is no term. Word n-grams are not among them.
    pub(crate) fn closed(given: GivenNumbers) -> Self {
        Self { given: Some(given), ..Self::default() }
    }

    /// A lexicon of the same kind that has met nothing.
    pub(crate) fn emptied(&self) -> Self {
        Self { given: self.given.clone(), ..Self::default() }
    }

    /// Makes what one thread has learned known to all; beyond `most` forms it is forgotten. They must have the same given numbers.
    pub(crate) fn share(lexicons: &mut [&mut Self], most: usize) {
        debug_assert!(lexicons.iter().all(|lexicon| lexicon.given.is_some()));
        let shared = lexicons.iter_mut().filter_map(|lexicon| lexicon.shared.take());
        // The others' claims to it end here, so that it need not be copied.
        let mut shared = shared.reduce(|one, _| one).unwrap_or_default();
        let all = Arc::make_mut(&mut shared);
        for lexicon in lexicons.iter() {
            all.absorb(&lexicon.own);
        }
        if all.len() > most {
            *all = Forms::default();
        }
        for lexicon in lexicons {
            lexicon.own = Forms::beside(&shared);
            lexicon.shared = Some(shared.clone());
        }
    }

    /// The terms that were numbered here, by number.
    pub fn terms(&self) -> &[Box<str>] {
        &self.terms
    }

    /// Forms remembered by this thread, which is what its memory grows with.
    pub fn len(&self) -> usize {
        self.own.len() + self.ngrams.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a term, a new one if it was not met before; `None` where it was to be given and was not.
    pub(super) fn known(&mut self, term: &str) -> Option<TermNumber> {
        match &self.given {
            Some(given) => given.0(term),
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

    /// The forms that most chunks are among.
    #[inline]
    pub(super) fn usual(&self) -> &Forms {
        self.shared.as_deref().unwrap_or(&self.own)
    }

    /// What is known of a form that is not among the usual ones, or was not found there at once.
    pub(super) fn form(&self, form: &str) -> Option<FormTerms> {
        self.own.get(form).or_else(|| self.shared.as_ref()?.get(form))
    }

    /// Remembers a form with the terms it gives.
    pub(super) fn learn(
        &mut self,
        form: &str,
        numbers: &[TermNumber],
        terms: FormTerms,
    ) -> FormTerms {
        self.own.insert(form, numbers, terms)
    }

    /// Appends the terms of a form to `out`.
    pub(super) fn append_terms(&self, terms: FormTerms, out: &mut Vec<TermNumber>) {
        match (terms.count, &self.shared) {
            (0, _) => {}
            (1, _) => out.push(terms.first),
            (_, Some(shared)) if !self.own.has_list(terms) => {
                out.extend_from_slice(shared.list(terms));
            }
            _ => out.extend_from_slice(self.own.list(terms)),
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
