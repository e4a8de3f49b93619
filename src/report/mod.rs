//! Results as files: predictions, metrics and the report that people read. Looks at results, never inside a
//! model.

mod csv;
mod html;
mod predictions;
#[allow(clippy::module_inception)]
mod report;

pub use csv::{write_confusion, write_errors, write_per_topic, write_predictions};
pub use html::write_html;
pub use predictions::{OutputFormat, PredictionWriter};
pub use report::{
    Accuracy, Bounds, Calibration, Case, Report, ReportSource, Setup, TopicBounds, TopicReport,
};
