//! An article to its term counts.

use std::hint::select_unpredictable;

use serde::{Deserialize, Serialize};

use super::ngrams::push_ngrams;
use crate::error::{Error, Result};
use crate::text::{
    Analyzer, BUNDLE, GivenNumbers, Lexicon, SENTENCE_BREAK, TermNumber, View, parse_spelling,
};

/// How much an occurrence counts by where it stands. A headline says more of the topic than the last paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zones {
    /// Weight of the title, 0 to 100.
    pub title: u32,
    /// Weight of the first words of the text, 0 to 100.
    pub lead: u32,
    /// How many words these are.
    pub lead_words: u32,
    /// Weight of the rest, 0 to 100.
    pub rest: u32,
}

impl Zones {
    /// Every occurrence counts once.
    pub const FLAT: Self = Self { title: 1, lead: 1, lead_words: 60, rest: 1 };
}

impl Default for Zones {
    /// 2-2-1 with a lead of 60 words. Cross-validated on one newspaper's articles, 5-3-1, 3-2-1 and 2-2-1 are level
    /// (micro F1 0.850, 0.851, 0.849) and flat weights behind (0.837); on articles of other papers than those of the
    /// training, heavy titles lose (see `models/README.md`).
    fn default() -> Self {
        Self { title: 2, lead: 2, lead_words: 60, rest: 1 }
    }
}

impl Zones {
    /// Checks that the weights are in their range and not all 0.
    pub fn check(&self) -> Result<()> {
        let weights = [self.title, self.lead, self.rest];
        if weights.iter().any(|&w| w > 100) || weights == [0; 3] {
            let value = format!("{}-{}-{}", self.title, self.lead, self.rest);
            return Err(Error::setting("zones", value, "three weights of 0 to 100, not all 0"));
        }
        Ok(())
    }
}

/// Counts the terms of articles by one [`Analyzer`] and one set of [`Zones`].
#[derive(Clone, Debug)]
pub struct Vectorizer {
    analyzer: Analyzer,
    zones: Zones,
}

/// What one thread keeps between articles.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Terms met so far.
    pub lexicon: Lexicon,
    sequence: Vec<TermNumber>,
    grams: Vec<TermNumber>,
    counter: Counter,
}

/// Counts by number, nearly all of them 0, and the numbers of those that are not.
#[derive(Debug, Default)]
struct Counter {
    of_terms: Vec<u32>,
    of_bundles: Vec<u32>,
    touched: Vec<TermNumber>,
    /// Where the terms are listed that bundles are opened to.
    opened: Vec<TermNumber>,
}

/// The words of one article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// In title and text.
    pub all: usize,
    /// Those of them that are function words of French.
    pub function: usize,
}

/// The terms of one article by their [`Lexicon`] numbers, in no particular order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountedTerms {
    /// Each term once, with its weighted count.
    pub terms: Vec<(TermNumber, u32)>,
    /// Its words.
    pub words: Words,
}

impl Vectorizer {
    /// A vectorizer; fails when the zones are out of range.
    pub fn new(analyzer: Analyzer, zones: Zones) -> Result<Self> {
        zones.check()?;
        Ok(Self { analyzer, zones })
    }

    /// Its analyzer.
    pub fn analyzer(&self) -> &Analyzer {
        &self.analyzer
    }

    /// Its zones.
    pub fn zones(&self) -> Zones {
        self.zones
    }

    /// Counts the terms of an article.
    pub fn count(&self, title: &str, body: &str, scratch: &mut Scratch) -> CountedTerms {
        let mut counter = std::mem::take(&mut scratch.counter);
        let words = self.read(title, body, scratch, |lexicon, numbers, weight| {
            counter.add(lexicon, numbers, weight);
        });
        let terms = counter.take(&scratch.lexicon);
        scratch.counter = counter;
        CountedTerms { terms, words }
    }

    /// Reads an article zone by zone: `add` is given the terms of each with what an occurrence there weighs, never 0.
    #[inline]
    pub(crate) fn read(
        &self,
        title: &str,
        body: &str,
        scratch: &mut Scratch,
        mut add: impl FnMut(&Lexicon, &[TermNumber], u32),
    ) -> Words {
        let Zones { title: of_title, lead, lead_words, rest } = self.zones;
        let Scratch { lexicon, sequence, grams, .. } = scratch;
        let mut words = Words::default();
        for (text, lead_words, lead, rest) in
            [(title, 0, of_title, of_title), (body, lead_words as usize, lead, rest)]
        {
            sequence.clear();
            let analysis = self.analyzer.analyze(text, lexicon, lead_words, sequence);
            words.all += analysis.words;
            words.function += analysis.function_words;
            let (lead_part, rest_part) = sequence.split_at(analysis.lead_end);
            for (part, weight) in [(lead_part, lead), (rest_part, rest)] {
                if weight > 0 && !part.is_empty() {
                    add(lexicon, part, weight);
                    if self.analyzer.settings().word_ngrams > 1 {
                        self.find_ngrams(part, lexicon, grams);
                        add(lexicon, grams, weight);
                    }
                }
            }
        }
        words
    }

    fn find_ngrams(
        &self,
        sequence: &[TermNumber],
        lexicon: &mut Lexicon,
        grams: &mut Vec<TermNumber>,
    ) {
        let is_word = |number: &TermNumber| {
            *number == SENTENCE_BREAK || {
                let term = &lexicon.terms()[*number as usize];
                View::of(term) == View::Words && parse_spelling(term).is_none()
            }
        };
        let terms = sequence.iter().flat_map(|number| lexicon.opened(number));
        let words: Vec<TermNumber> = terms.copied().filter(is_word).collect();
        let longest = usize::from(self.analyzer.settings().word_ngrams);
        grams.clear();
        push_ngrams(&words, longest, SENTENCE_BREAK, lexicon, grams);
    }
}

impl Counter {
    #[inline]
    fn add(&mut self, lexicon: &Lexicon, numbers: &[TermNumber], weight: u32) {
        self.of_terms.resize(lexicon.terms().len(), 0);
        self.of_bundles.resize(lexicon.bundles(), 0);
        let mut touched = self.touched.len();
        self.touched.resize(touched + numbers.len(), 0);
        for &number in numbers {
            if number == SENTENCE_BREAK {
                continue;
            }
            // Neither is foreseen, whether a number is a bundle's nor whether it was met before: one that was is written over.
            let counts = select_unpredictable(
                number & BUNDLE == 0,
                self.of_terms.as_mut_slice(),
                self.of_bundles.as_mut_slice(),
            );
            let count = &mut counts[(number & !BUNDLE) as usize];
            self.touched[touched] = number;
            touched += usize::from(*count == 0);
            *count = count.saturating_add(weight);
        }
        self.touched.truncate(touched);
    }

    fn take(&mut self, lexicon: &Lexicon) -> Vec<(TermNumber, u32)> {
        let Self { of_terms, of_bundles, touched, opened } = self;
        for bundle in touched.extract_if(.., |number| *number & BUNDLE != 0) {
            let count = std::mem::take(&mut of_bundles[(bundle & !BUNDLE) as usize]);
            for &term in lexicon.opened(&bundle) {
                let sum = &mut of_terms[term as usize];
                if *sum == 0 {
                    opened.push(term);
                }
                *sum = sum.saturating_add(count);
            }
        }
        let count_of = |number| (number, std::mem::take(&mut of_terms[number as usize]));
        touched.drain(..).chain(opened.drain(..)).map(count_of).collect()
    }
}

impl Scratch {
    /// For terms whose numbers are given.
    pub(crate) fn closed(numbers: GivenNumbers) -> Self {
        Self { lexicon: Lexicon::closed(numbers), ..Self::default() }
    }

    /// Forgets all forms and terms once there are more than `most`, so that memory stays bounded. Given numbers are forgotten as well.
    pub fn trim(&mut self, most: usize) -> bool {
        let full = self.lexicon.len() > most;
        if full {
            self.lexicon = Lexicon::default();
            self.counter = Counter::default();
        }
        full
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::AnalyzerSettings;

    fn counts(
        zones: Zones,
        settings: AnalyzerSettings,
        title: &str,
        body: &str,
    ) -> Vec<(String, u32)> {
        let vectorizer = Vectorizer::new(Analyzer::new(settings).unwrap(), zones).unwrap();
        let mut scratch = Scratch::default();
        let counted = vectorizer.count(title, body, &mut scratch);
        let mut named: Vec<(String, u32)> = counted
            .terms
            .iter()
            .map(|&(n, c)| (scratch.lexicon.terms()[n as usize].to_string(), c))
            .collect();
        named.sort();
        named
    }

    #[test]
    fn zones_weigh_occurrences() {
        let zones = Zones { title: 5, lead: 3, lead_words: 3, rest: 1 };
        let got = counts(zones, AnalyzerSettings::default(), "Banque", "banque fermée hier banque");
        assert_eq!(got, [("banqu".into(), 5 + 3 + 1), ("ferm".into(), 3)]);
    }

    #[test]
    fn word_ngrams_skip_stop_words_and_stay_in_their_sentence() {
        let settings = AnalyzerSettings { word_ngrams: 3, ..AnalyzerSettings::default() };
        let got = counts(Zones::FLAT, settings, "", "La lutte contre le blanchiment. Banque.");
        let terms: Vec<&str> = got.iter().map(|(t, _)| t.as_str()).collect();
        assert_eq!(terms, ["banqu", "blanchiment", "lutt", "lutt blanchiment"]);
        let settings = AnalyzerSettings {
            word_ngrams: 2,
            char_ngrams: Some((6, 6)),
            word_classes: true,
            ..AnalyzerSettings::default()
        };
        let got = counts(Zones::FLAT, settings, "", "La lutte contre le blanchiment. Banque.");
        let grams: Vec<&str> =
            got.iter().map(|(t, _)| t.as_str()).filter(|t| t.contains(' ')).collect();
        assert_eq!(grams, ["lutt blanchiment"], "characters and classes make no n-grams");
    }
}
