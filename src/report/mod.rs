//! Results as files: predictions, metrics and the report that people read. Looks at results, never inside a
//! model.

mod csv;
mod html;
mod predictions;
#[allow(clippy::module_inception)]
mod report;
mod table;
mod topic_mapping;

pub use csv::{write_confusion, write_errors, write_per_topic, write_predictions};
pub use html::write_html;
pub use predictions::{OutputFormat, PredictionOptions, PredictionWriter};
pub use report::{
    Accuracy, Bounds, Calibration, Case, Report, ReportSource, Setup, TopicBounds, TopicReport,
};
pub use table::{Table, TableProfile};
pub use topic_mapping::{OutsideTerm, Relation, TopicMapping};
