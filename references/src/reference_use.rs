//! Whose say counted how much.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A reference that had a say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReferenceUse {
    /// Its id.
    pub id: String,
    /// Its share, 0 to 1; the shares sum to 1.
    pub weight: f64,
}
