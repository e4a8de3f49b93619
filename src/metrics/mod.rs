//! How good predictions are, with the uncertainty of each number. Stands on nothing.

mod bootstrap;
mod calibration;
mod confusion_matrix;
mod scores;

pub use bootstrap::{Interval, bootstrap};
pub use calibration::{CalibrationBin, calibration_bins, expected_calibration_error};
pub use confusion_matrix::ConfusionMatrix;
pub use scores::{Outcome, Scores, TopicScores};
