//! What the model says of one document.

use serde::{Deserialize, Serialize};

use super::conformal::PossibleLabels;
use crate::ids::LabelId;

/// Whether a person should look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Confident enough.
    Accept,
    /// Below the confidence that the model's own accuracy asks for, or not classified at all.
    Review,
}

impl Decision {
    /// The name in output files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Review => "review",
        }
    }
}

/// Probabilities, the topics that follow from them, and how sure that is.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Calibrated probability of each label, 0 to 1, in label order. One label a document: they sum to 1.
    pub probabilities: Vec<f64>,
    /// The labels given, most probable first, equals in label order.
    pub labels: Vec<LabelId>,
    /// Probability that exactly these labels are right, 0 to 1; topics are taken as independent.
    pub confidence: f64,
    /// What cannot be ruled out.
    pub possible: PossibleLabels,
    /// Whether to accept or review.
    pub decision: Decision,
}
