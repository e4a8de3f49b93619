//! The stages put together: count, train, classify, evaluate, store. The only home of rayon.

mod audit;
mod classifier;
mod classify;
mod content_key;
mod counted_corpus;
mod digest;
mod drift;
mod evaluate;
mod explain;
mod judged;
mod model_facts;
mod near_duplicates;
mod one_pass;
mod pseudo_articles;
mod running_counts;
mod settings;
mod spellings;
mod split;
mod stages;
mod stop;
mod store;
mod text_frequencies;
mod text_sample;
mod train;
mod tune;
mod untrain;

pub use audit::{Audit, Finding, FindingKind, LabelCheck};
pub use classifier::{Classified, Classifier, ClassifierScratch, ModelCard, SetCard, TopicCard};
pub use classify::{batches_of, classify_all, read_batches};
pub use counted_corpus::{CountedCorpus, Skipped, count_articles, count_loaded};
pub use digest::Digest;
pub use drift::{Baseline, Drift, DriftRow, Measure};
pub use evaluate::{
    CrossValidated, LearningStep, classify_evaluated, cross_validate, evaluate, hold_out,
};
pub use explain::{ExplainedSentence, ExplainedTerm, ExplainedTopic, explain_article, why};
pub use judged::{Evaluated, PageDetails};
pub use model_facts::{ModelFacts, TellingTerm, telling_terms};
pub use near_duplicates::{Cluster, NearDuplicateCounts, NearDuplicates};
pub use one_pass::{train_in_one_pass, trains_in_one_pass};
pub use settings::{Algorithm, Chosen, ChosenView, Targets, TrainSettings, Weighting};
pub use spellings::Spellings;
pub use split::Split;
pub use stop::Stop;
pub use store::{MODEL_VERSION, SHARD_VERSION};
pub use train::train;
pub use tune::Trial;
