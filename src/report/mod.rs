//! Results as files: predictions, metrics and the report that people read. Looks at results, never inside a
//! model.

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
pub use predictions::{OutputFormat, PredictionOptions, PredictionWriter};
pub use report::{Calibration, Report, ReportSource, Sets, Setup};
pub use score_summary::{Accuracy, ScoreSummary};
pub use slices::{Slice, Slices};
pub use table::{Table, TableProfile};
pub use topic_mapping::{OutsideTerm, Relation, TopicMapping};
pub use topic_report::{Bounds, TopicBounds, TopicReport};
