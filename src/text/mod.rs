//! French text: from characters to terms. Knows nothing of files, labels or models.

mod analysis;
mod analyzer;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod byte_classes;
mod chunks;
mod context;
mod elision;
mod forms;
mod language;
mod lexicon;
mod normalizer;
mod numbers;
mod prefetch;
mod sentences;
mod snowball;
mod spelling;
mod stemmer;
mod stop_words;
mod token;
mod tokenizer;
mod window;
mod word_classes;

pub use analyzer::{Analyzer, AnalyzerSettings, Numbers, StopList, View};
pub(crate) use byte_classes::{WIDTH, classed};
pub(crate) use language::foreign_language;
pub use language::language;
pub(crate) use lexicon::SENTENCE_BREAK;
pub(crate) use lexicon::{BUNDLE, GivenNumbers};
pub use lexicon::{Lexicon, TermNumber};
pub(crate) use normalizer::fold_without_accents;
pub use normalizer::{fold, repair, strip_accents};
pub(crate) use numbers::MONTHS;
pub use sentences::sentences;
pub(crate) use spelling::{parse_spelling, spelling_feature};
pub use stemmer::{STEMMER_VERSION, Stemmer, Stemming};
pub use stop_words::{FRENCH as FRENCH_STOP_WORDS, StopWords};
pub use token::{Token, TokenKind};
pub use tokenizer::{Tokens, tokenize};
pub use word_classes::{DIVISIONS as CLASS_DIVISIONS, WORD_CLASSES_VERSION, WordClasses};
