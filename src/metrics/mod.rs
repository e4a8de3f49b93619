//! How good predictions are, with the uncertainty of each number. Stands on nothing.

mod bootstrap;
mod calibration;
mod comparison;
mod confusion_matrix;
mod coverage;
mod divergence;
mod precision_recall;
mod scores;

pub use bootstrap::{Interval, bootstrap, bootstrap_counts};
pub use calibration::{CalibrationBin, calibration_bins, expected_calibration_error};
pub use comparison::{Comparison, Difference, McNemar};
pub use confusion_matrix::ConfusionMatrix;
pub use coverage::{CoveragePoint, coverage_curve};
pub use divergence::{jensen_shannon, population_stability_index};
pub use precision_recall::{PrecisionRecallPoint, average_precision, precision_recall_curve};
pub use scores::{Outcome, Scores, TopicScores};
