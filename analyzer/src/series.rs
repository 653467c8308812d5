//! Measures over time, for plots.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Loudness, peak, width and correlation over time; one value a step, `None` where undefined.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// Seconds from one value to the next; value `i` belongs to the time `(i + 1) * step_s`.
    pub step_s: f64,
    /// Loudness of the 400 ms before.
    pub momentary_lufs: Vec<Option<f64>>,
    /// Loudness of the 3 s before.
    pub short_term_lufs: Vec<Option<f64>>,
    /// Largest interpolated amplitude of the step.
    pub peak_dbtp: Vec<Option<f64>>,
    /// Side energy over mid energy of the step.
    pub width: Vec<Option<f64>>,
    /// Correlation of left and right of the step.
    pub correlation: Vec<Option<f64>>,
}
