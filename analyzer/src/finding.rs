//! Remarks about a sound: a code, how grave, where, and what to do.

use acetate_audio::numbers::clock;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whom a finding concerns.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know; nothing is wrong.
    Info,
    /// Better solved in the mix than in mastering.
    Mix,
    /// Likely a fault; mastering goes on.
    Warning,
    /// The recording is damaged or unusable as it is.
    Error,
}

/// One remark. `M` codes are about the mix, `S` codes about the source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable code, such as `S201`; [`explain`](crate::explain) has the long text.
    pub code: String,
    /// Whom it concerns.
    pub severity: Severity,
    /// One sentence with the numbers.
    pub text: String,
    /// The value that was measured, in the unit that the text names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<f64>,
    /// The value at which the finding begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// Where, in seconds from the start; at most 32 places, empty when it concerns the whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at_s: Vec<f64>,
    /// What to do about it.
    pub advice: String,
}

impl Finding {
    /// What, where first, and what to do, on one line.
    pub fn sentence(&self) -> String {
        let at = match self.at_s.as_slice() {
            [] => String::new(),
            [only] => format!(" at {}", clock(*only)),
            [first, ..] => format!(", first at {}", clock(*first)),
        };
        let text = self.text.trim_end_matches('.');
        if self.advice.is_empty() {
            format!("{text}{at}")
        } else {
            format!("{text}{at}; {}", self.advice)
        }
    }
}
