//! The chain from text to terms: tokenize, fold, drop stop words, stem. Every setting is in
//! [`AnalyzerSettings`], which a model carries, so that training and use cannot differ.
//!
//! Folding and stemming are slow beside scanning, so they run once for every distinct surface form:
//! a [`Lexicon`] remembers what each form gave.

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::forms::{FormTerms, Forms};
use super::normalizer::{fold, strip_accents};
use super::stemmer::{Stemmer, Stemming};
use super::stop_words::StopWords;
use super::token::{Token, TokenKind};
use super::tokenizer::tokenize;
use crate::error::{Error, Result};

/// Which words are left out of the features.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StopList {
    /// The French function words of [`StopWords::french`].
    #[default]
    French,
    /// None.
    None,
    /// A list of one's own.
    Own(Vec<String>),
}

/// What becomes of numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Numbers {
    /// They are no features.
    #[default]
    Drop,
    /// They become their class: `<année>`, `<pourcentage>`, `<montant>`, `<heure>`, `<nombre>`.
    Class,
}

/// Everything that decides which terms a text gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalyzerSettings {
    /// Stemming of words.
    pub stemming: Stemming,
    /// Whether terms keep their accents (`péché` and `pêche` differ).
    pub accents: bool,
    /// Words left out.
    pub stop_words: StopList,
    /// Longest word n-gram, 1 to 3. n-grams run over the words that are kept, within a sentence.
    pub word_ngrams: u8,
    /// Shortest and longest character n-gram within words, 3 to 6; `None` for no character n-grams.
    pub char_ngrams: Option<(u8, u8)>,
    /// What becomes of numbers.
    pub numbers: Numbers,
    /// Words of fewer characters are left out, 1 to 20.
    pub min_length: u8,
}

impl Default for AnalyzerSettings {
    fn default() -> Self {
        Self {
            stemming: Stemming::default(),
            accents: true,
            stop_words: StopList::default(),
            word_ngrams: 1,
            char_ngrams: None,
            numbers: Numbers::default(),
            min_length: 2,
        }
    }
}

impl AnalyzerSettings {
    /// Checks that every setting is in its range.
    pub fn check(&self) -> Result<()> {
        if !(1..=3).contains(&self.word_ngrams) {
            return Err(Error::setting("word_ngrams", self.word_ngrams, "1 to 3"));
        }
        if let Some((shortest, longest)) = self.char_ngrams
            && (!(3..=6).contains(&shortest) || !(shortest..=6).contains(&longest))
        {
            let value = format!("{shortest}-{longest}");
            return Err(Error::setting("char_ngrams", value, "a range within 3-6"));
        }
        if !(1..=20).contains(&self.min_length) {
            return Err(Error::setting("min_length", self.min_length, "1 to 20"));
        }
        Ok(())
    }
}

/// Turns text into terms. Immutable, shared by all threads.
///
/// ```
/// use rubrique::text::{Analyzer, AnalyzerSettings};
/// let analyzer = Analyzer::new(AnalyzerSettings::default())?;
/// let terms = analyzer.terms("L’accord d’extradition a été signé par l’O.N.U.");
/// assert_eq!(terms, ["accord", "extradit", "sign", "onu"]);
/// # Ok::<(), rubrique::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Analyzer {
    settings: AnalyzerSettings,
    stop_words: StopWords,
    stemmer: Stemmer,
    /// Unaccented spellings, and the term that their accented form gives.
    variants: HashMap<Box<str>, Box<str>, foldhash::fast::FixedState>,
}

/// The number a [`Lexicon`] gave to a term.
pub type TermNumber = u32;

/// In a sequence of term numbers: a sentence ended here, no n-gram goes across.
pub(crate) const SENTENCE_BREAK: TermNumber = TermNumber::MAX;

/// What the surface forms met so far gave, and the terms under their numbers. One for each thread;
/// it only saves time, results do not depend on it.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    forms: Forms,
    lists: Vec<TermNumber>,
    numbers: HashMap<Box<str>, TermNumber, foldhash::fast::FixedState>,
    terms: Vec<Box<str>>,
    ngrams: HashMap<(TermNumber, TermNumber), TermNumber, foldhash::fast::FixedState>,
    variants: Vec<(Box<str>, TermNumber)>,
}

impl Lexicon {
    /// The terms by number.
    pub fn terms(&self) -> &[Box<str>] {
        &self.terms
    }

    /// Accented forms met so far: their spelling without accents and the term they gave.
    pub fn variants(&self) -> &[(Box<str>, TermNumber)] {
        &self.variants
    }

    /// Forms remembered, which is what its memory grows with.
    pub fn len(&self) -> usize {
        self.forms.len() + self.ngrams.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a term, a new one if it was not met before.
    pub fn number(&mut self, term: &str) -> TermNumber {
        if let Some(&number) = self.numbers.get(term) {
            return number;
        }
        let number = self.terms.len() as TermNumber;
        self.terms.push(term.into());
        self.numbers.insert(term.into(), number);
        number
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

impl Analyzer {
    /// An analyzer with these settings, once they are checked.
    pub fn new(settings: AnalyzerSettings) -> Result<Self> {
        settings.check()?;
        let stop_words = match &settings.stop_words {
            StopList::French => StopWords::french(),
            StopList::None => StopWords::new([]),
            StopList::Own(words) => StopWords::new(words.iter().map(String::as_str)),
        };
        let stemmer = Stemmer::new(settings.stemming);
        Ok(Self { settings, stop_words, stemmer, variants: HashMap::default() })
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &AnalyzerSettings {
        &self.settings
    }

    /// Teaches unaccented spellings: where a text writes the form without accents, it gives the term.
    pub(crate) fn with_variants<'v>(
        mut self,
        variants: impl IntoIterator<Item = (&'v str, &'v str)>,
    ) -> Self {
        self.variants = variants.into_iter().map(|(f, t)| (f.into(), t.into())).collect();
        self
    }

    /// The terms of a text in order, n-grams left aside.
    pub fn terms(&self, text: &str) -> Vec<String> {
        let mut folded = String::new();
        tokenize(text).filter_map(|token| self.term(text, &token, &mut folded)).collect()
    }

    /// The term of one token, or `None` where it gives no feature. `folded` is left holding the folded
    /// form.
    pub fn term(&self, text: &str, token: &Token, folded: &mut String) -> Option<String> {
        match token.kind {
            TokenKind::Number if self.settings.numbers == Numbers::Class => {
                Some(number_class(text, token).to_owned())
            }
            kind if kind.is_lexical() => self.word_term(token.surface(text), kind, folded),
            _ => None,
        }
    }

    fn word_term(&self, surface: &str, kind: TokenKind, folded: &mut String) -> Option<String> {
        fold(surface, folded);
        if kind == TokenKind::Acronym {
            folded.retain(|c| c != '.');
            return Some(folded.clone());
        }
        if folded.chars().count() < self.settings.min_length.into()
            || self.stop_words.contains(folded)
        {
            return None;
        }
        let has_letter = folded.chars().any(char::is_alphabetic);
        if !has_letter {
            return None;
        }
        if let Some(term) = self.variants.get(folded.as_str()) {
            return Some(term.clone().into());
        }
        let stem = self.stemmer.stem(folded);
        Some(if self.settings.accents {
            stem.into_owned()
        } else {
            strip_accents(&stem).into_owned()
        })
    }

    /// Appends the term numbers of `text` to `out`, with a break after every sentence when n-grams
    /// are wanted, and returns where in `out` the first `lead_words` words of the text end.
    pub(crate) fn analyze(
        &self,
        text: &str,
        lexicon: &mut Lexicon,
        lead_words: usize,
        out: &mut Vec<TermNumber>,
    ) -> Analysis {
        let mut words = 0;
        let mut lead_end = None;
        let breaks = self.settings.word_ngrams > 1;
        let classes = self.settings.numbers == Numbers::Class;
        for token in tokenize(text) {
            if token.kind.is_lexical() {
                if words == lead_words {
                    lead_end = Some(out.len());
                }
                words += 1;
                let terms = match lexicon.forms.get(text, token.start, token.end) {
                    Some(terms) => terms,
                    None => self.learn(token.surface(text), token.kind, lexicon),
                };
                match (terms.first, terms.count as usize) {
                    (_, 0) => {}
                    (number, 1) => out.push(number),
                    (first, count) => {
                        out.extend_from_slice(&lexicon.lists[first as usize..][..count]);
                    }
                }
            } else if token.kind == TokenKind::Number && classes {
                let number = lexicon.number(number_class(text, &token));
                out.push(number);
            } else if breaks && matches!(token.surface(text), "." | "!" | "?" | ";" | ":" | "…") {
                out.push(SENTENCE_BREAK);
            }
        }
        Analysis { words, lead_end: lead_end.unwrap_or(out.len()) }
    }

    /// Works out what a new surface form gives: its term and its character n-grams.
    #[cold]
    fn learn(&self, surface: &str, kind: TokenKind, lexicon: &mut Lexicon) -> FormTerms {
        let first = lexicon.lists.len() as u32;
        let mut folded = String::new();
        if let Some(term) = self.word_term(surface, kind, &mut folded) {
            let number = lexicon.number(&term);
            lexicon.lists.push(number);
            if !folded.is_ascii() {
                let unaccented = strip_accents(&folded);
                if unaccented != folded {
                    lexicon.variants.push((unaccented.as_ref().into(), number));
                }
            }
            if let Some((shortest, longest)) = self.settings.char_ngrams {
                for gram in char_ngrams(&folded, shortest.into(), longest.into()) {
                    let number = lexicon.number(&gram);
                    lexicon.lists.push(number);
                }
            }
        }
        let mut terms = FormTerms { first, count: lexicon.lists.len() as u32 - first };
        if terms.count == 1 {
            // A single term needs no list.
            terms.first = lexicon.lists.pop().expect("one was pushed");
        }
        // The surface decides alone: only acronyms hold dots, words and hashtags are treated alike.
        lexicon.forms.insert(surface, terms);
        terms
    }
}

/// What [`Analyzer::analyze`] found beside the terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Analysis {
    /// Words of the text, stop words among them.
    pub words: usize,
    /// Where in the output the lead ends.
    pub lead_end: usize,
}

/// The n-grams of `word` with a boundary mark on both sides: `‹acc`, `acco`, …, `ord›`. They are marked
/// with a leading `~`, so that none is taken for a word.
fn char_ngrams(word: &str, shortest: usize, longest: usize) -> impl Iterator<Item = String> {
    let padded: Vec<char> =
        std::iter::once('‹').chain(word.chars()).chain(std::iter::once('›')).collect();
    (shortest..=longest).flat_map(move |n| {
        let grams: Vec<String> = padded
            .windows(n)
            .map(|w| std::iter::once('~').chain(w.iter().copied()).collect())
            .collect();
        grams
    })
}

/// The class of a number, from what stands around it.
fn number_class(text: &str, number: &Token) -> &'static str {
    let surface = number.surface(text);
    let after = text[number.end..].trim_start_matches([' ', '\u{A0}', '\u{202F}', '\u{2009}']);
    let next: String = after.chars().take_while(|c| c.is_alphanumeric()).collect();
    let is_money = |word: &str| {
        let word = word.trim_end_matches('s');
        matches!(
            word,
            "euro"
                | "dollar"
                | "franc"
                | "dirham"
                | "dinar"
                | "livre"
                | "FCFA"
                | "CFA"
                | "EUR"
                | "USD"
        )
    };
    if after.starts_with('%') || next == "pour" && after.starts_with("pour cent") {
        return "<pourcentage>";
    }
    let scaled = ["million", "millions", "milliard", "milliards", "M", "Md", "Mds", "k", "K"];
    let unit = match next.as_str() {
        word if scaled.contains(&word) => after[word.len()..]
            .trim_start()
            .trim_start_matches("de ")
            .trim_start_matches("d'")
            .trim_start_matches("d’"),
        _ => after,
    };
    let unit_word: String = unit.chars().take_while(|c| c.is_alphanumeric()).collect();
    if unit.starts_with(['€', '$', '£']) || is_money(&unit_word) {
        return "<montant>";
    }
    if (next.starts_with('h') && next[1..].bytes().all(|b| b.is_ascii_digit()))
        || next.starts_with("heure")
    {
        return "<heure>";
    }
    let year = surface.len() == 4 && (surface.starts_with("19") || surface.starts_with("20"));
    if year && surface.bytes().all(|b| b.is_ascii_digit()) { "<année>" } else { "<nombre>" }
}
