//! Results as files: predictions, metrics and the report that people read. Looks at results, never inside a
//! model.
//!
//! # The folder of `evaluate`
//!
//! The formats are stable: columns and keys may be added, none is renamed or taken away without a new format version. CSV is RFC 4180 in UTF-8, with
//! a header; an undefined score is an empty cell in CSV and `null` in JSON, never 0. `tests/golden/evaluate` holds an example of each file.
//!
//! | file | holds |
//! |---|---|
//! | `report.html` | one file for people: no request, readable with scripts off, below 1.5 MB ([`write_html`]) |
//! | `metrics.json` | a [`Report`]: its fields are the keys |
//! | `per_topic.csv` | a row a label: `topic`, `support`, `predicted`, then `precision`, `recall` and `f1`, each with `_low` and `_high`, `threshold`, `ece`, `average_precision` |
//! | `confusion.csv` | a row a true label, a column a label given, `other` last ([`ConfusionMatrix`](crate::metrics::ConfusionMatrix)) |
//! | `predictions.csv` | a row an article, in input order: `id`, `title`, then the judgement |
//! | `errors.csv` | the wrong articles, the most confident first: `id`, `title`, `corrected_labels` (empty, for you), the judgement, `text` |
//! | `corrections.csv` | what the report's page downloads: the columns of `errors.csv`, ticked labels in `corrected_labels`, no `text` |
//!
//! The judgement: `labels` (true) and `predicted`, both separated by `;`, `other` where there are none; `correct` (`yes`, `no`); `confidence`; `p_<label>` for each
//! label; `decision` (`accept`, `review`); `status`; `possible`. Numbers have four decimals.
//!
//! # The keys of `metrics.json`
//!
//! | key | says |
//! |---|---|
//! | `format_version`, `task`, `articles` | of this file (1); `one_label` or `any_labels`; articles evaluated |
//! | `accuracy`, `micro_f1`, `macro_f1` | exact label sets; F1 over all decisions; mean F1 of the labels. `low` and `high` hold their 95 % bounds |
//! | `topics.<name>` | `precision`, `recall`, `f1` with `low` and `high`, `support`, `predicted`, `threshold`, `ece`, `average_precision` |
//! | `calibration` | `ece` over 10 bins, and the `bins` |
//! | `coverage`, `accuracy_at_coverage`, `coverage_curve` | share accepted without review, share of these that is right, and both at every confidence |
//! | `sets`, `statuses`, `unknown_labels` | possible labels; articles by status; labels that the model does not know |
//! | `learning_curve` | with `--cross-validate`: scores by training articles, the last point all of them |
//! | `slices` | scores by `year`, `source`, `length` in words |
//! | `cleaning` | lines dropped by reason; scores `with` cleaning and `without` |
//! | `comparison` | with `--compare`: differences with paired bounds, and the exact McNemar test |
//! | `telling_terms`, `data`, `models`, `setup` | terms by label; the articles as a whole; what each model is; how it was made |

#[cfg(feature = "arrow")]
mod arrow_predictions;
mod audit;
mod audit_page;
mod audit_wording;
mod base;
mod case;
mod chart;
mod cleaning;
mod csv;
mod curve_views;
mod curves;
mod data_card;
mod detail_views;
mod excerpt;
mod html;
mod language;
mod matrix_view;
mod model_comparison;
mod pen;
mod predictions;
#[allow(clippy::module_inception)]
mod report;
mod review_view;
mod score_summary;
mod slices;
mod summary_view;
mod table;
mod topic_mapping;
mod topic_report;
mod wording;

#[cfg(feature = "arrow")]
pub use arrow_predictions::{
    ArrowOutput, ArrowPredictionFile, ArrowPredictionRows, ArrowPredictions,
};
pub use audit::{write_audit, write_drift};
pub use audit_page::{AuditSetup, write_audit_html, write_drift_html};
pub use case::Case;
pub use cleaning::{CleanedKind, Cleaning};
pub use csv::{write_confusion, write_errors, write_per_topic, write_predictions};
pub use curves::{CoOccurrence, LearningPoint};
pub use data_card::{DataCard, NearDuplicates};
pub use html::write_html;
pub use language::Language;
pub use model_comparison::{ModelComparison, SecondModel};
pub use predictions::{OutputFormat, PredictionFormat, PredictionOptions, PredictionWriter};
pub use report::{Calibration, Report, ReportSource, Sets, Setup};
pub use score_summary::{Accuracy, ScoreSummary};
pub use slices::{Slice, Slices};
pub use table::{Cell, Table, TableProfile};
pub use topic_mapping::{OutsideTerm, Relation, TopicMapping};
pub use topic_report::{Bounds, TopicBounds, TopicReport};
