//! French text: from characters to terms. Knows nothing of files, labels or models.

mod analyzer;
mod byte_classes;
mod elision;
mod forms;
mod language;
mod normalizer;
mod sentences;
mod stemmer;
mod stop_words;
mod token;
mod tokenizer;
mod window;
mod word_classes;

pub(crate) use analyzer::SENTENCE_BREAK;
pub use analyzer::{Analyzer, AnalyzerSettings, Lexicon, Numbers, StopList, TermNumber, View};
pub use language::language;
pub use normalizer::{fold, repair, strip_accents};
pub use sentences::sentences;
pub use stemmer::{STEMMER_VERSION, Stemmer, Stemming};
pub use stop_words::{FRENCH as FRENCH_STOP_WORDS, StopWords};
pub use token::{Token, TokenKind};
pub use tokenizer::{Tokens, tokenize};
pub use word_classes::{DIVISIONS as CLASS_DIVISIONS, WORD_CLASSES_VERSION, WordClasses};
