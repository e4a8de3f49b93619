//! Topic terms as training counts them: rows of a matrix, as if they were articles of their topic.

use std::collections::BTreeMap;

use super::counted_corpus::{CountedChunk, CountedCorpus, CountedRow, Counter};
use super::settings::TrainSettings;
use crate::corpus::LabelSet;
use crate::error::{Error, Result};
use crate::features::{CountedTerms, Scratch, Vectorizer, Words, Zones};
use crate::text::{Analyzer, TermNumber, View};

/// Counts the topic terms of the settings: for each topic so many equal rows as they say, each with all its terms by their weights. Words of
/// phrases count each for itself, and together where the analyzer makes n-grams of words.
pub(super) fn count_topic_terms(settings: &TrainSettings) -> Result<CountedCorpus> {
    let analyzer = Analyzer::new(settings.analyzer.clone())?.telling_spellings();
    // A phrase stands in no zone: its weight is the user's.
    let vectorizer = Vectorizer::new(analyzer, Zones::FLAT)?;
    let mut scratch = Scratch::default();
    let mut rows = Vec::new();
    for topic in settings.topic_terms.topics() {
        let mut row: BTreeMap<TermNumber, u32> = BTreeMap::new();
        for (phrase, weight) in settings.topic_terms.of(topic) {
            let counted = vectorizer.count("", phrase, &mut scratch);
            // A stop word may leave the class it belongs to, which says nothing.
            let words = |(t, _): &(TermNumber, u32)| {
                View::of(&scratch.lexicon.terms()[*t as usize]) == View::Words
            };
            if !counted.terms.iter().any(words) {
                let what = format!("nothing is left of \"{phrase}\", a term of {topic}");
                return Err(Error::data(what, "a phrase with a word that is no stop word"));
            }
            for (term, count) in counted.terms {
                *row.entry(term).or_default() += weight * count;
            }
        }
        let terms: Vec<(TermNumber, u32)> = row.into_iter().collect();
        for _ in 0..settings.pseudo_articles {
            let counted = CountedTerms { terms: terms.clone(), words: Words::default() };
            rows.push(CountedRow { counted, labels: LabelSet::new([topic]), key: 0 });
        }
    }
    let chunk =
        CountedChunk { terms: scratch.lexicon.terms().to_vec(), rows, skipped: Default::default() };
    let mut counter = Counter::new(&settings.analyzer, Zones::FLAT)?;
    counter.add(chunk)?;
    Ok(counter.finish().0)
}
