//! `rubrique` reads French press articles, trains Naive Bayes classifiers and labels articles by topic.
//!
//! The pipeline, floor by floor; each stands only on those named before it:
//!
//! 1. [`text`] turns characters into terms: tokens with byte spans, folding, stop words, stems.
//! 2. [`corpus`] reads articles from CSV, JSON lines and folders, and takes scraped pages apart.
//! 3. [`features`] counts terms: vocabulary, sparse document-term matrix, TF-IDF, selection.
//! 4. [`model`] learns from integer counts: multinomial, complement, Bernoulli and Gaussian Naive Bayes, one label
//!    an article or any number of topics, with calibrated probabilities and exact explanations.
//! 5. [`metrics`] says how good predictions are, with intervals.
//! 6. [`pipeline`] puts the stages together, in parallel, in order and in bounded memory.
//! 7. [`report`] writes what people and programs read.
//!
//! Train on a corpus, then classify:
//!
//! ```
//! use rubrique::corpus::{ReadOptions, Reader};
//! use rubrique::pipeline::{TrainSettings, count_articles, train};
//! use rubrique::Article;
//!
//! let settings = TrainSettings::default();
//! let articles = Reader::open(&["data/corpus.csv".into()], &ReadOptions::default())?;
//! let (corpus, _skipped) = count_articles(articles, &settings.analyzer, settings.zones, &|_| {})?;
//! let classifier = train(corpus, &settings)?;
//!
//! let article = Article::new(
//!     "Les ambassadeurs rappelés après la rupture des négociations",
//!     "Les deux ministres des Affaires étrangères n'ont pas signé le traité ; chaque capitale a convoqué l'ambassadeur \
//!      de l'autre pays, et la médiation des Nations unies est suspendue.",
//! );
//! let classified = classifier.classify(&article);
//! assert_eq!(classifier.topics(&classified), ["diplomacy"]);
//! # Ok::<(), rubrique::Error>(())
//! ```
//!
//! Results depend on the articles and the settings alone: not on threads, shards or the order of the input.

#[cfg(target_arch = "x86_64")]
mod avx512;
pub mod corpus;
mod error;
pub mod features;
mod hash;
pub mod ids;
pub mod metrics;
pub mod model;
pub mod pipeline;
pub mod report;
pub mod text;

pub use corpus::Article;
pub use error::{Error, Place, Result};
pub use pipeline::Classifier;

/// The README's examples are compiled as doc tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
