//! From terms to numbers: vocabulary, counts, matrices. Knows text, but no labels' names, files or models.

mod document_term_matrix;
mod ngrams;
mod numbered;
mod selection;
mod similarity;
mod tf_idf;
mod vectorizer;
mod vocabulary;

pub use document_term_matrix::{DocumentTermMatrix, Row};
pub(crate) use numbered::Numbered;
pub use selection::select_terms;
pub(crate) use similarity::EarlyDraws;
pub use similarity::Similarity;
pub use tf_idf::TfIdf;
pub use vectorizer::{CountedTerms, Scratch, Vectorizer, Words, Zones};
pub use vocabulary::{DocumentLimits, Vocabulary};
