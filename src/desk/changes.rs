//! What is to be different of a plan, as a page says it.

use acetate_optimizer::{Amounts, Scaling};
use serde::Deserialize;

/// Shares of a plan in percent, moves that are left out, a loudness in place of its own; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Changes {
    /// How far to go in everything, 0 to 150 %.
    pub amount_pct: Option<f64>,
    /// How far the equaliser goes, 0 to 150 %.
    pub tone_pct: Option<f64>,
    /// How far the compressor goes, 0 to 150 %.
    pub dynamics_pct: Option<f64>,
    /// How far the stereo stage goes, 0 to 150 %.
    pub width_pct: Option<f64>,
    /// Moves to leave out, by their ids.
    pub skip: Vec<String>,
    /// Loudness to end at, LUFS.
    pub lufs: Option<f64>,
}

impl Changes {
    /// How the settings are scaled.
    pub(super) fn scaling(&self) -> Scaling {
        let usual = Amounts::default();
        Scaling {
            amounts: Amounts {
                all: self.amount_pct.unwrap_or(usual.all),
                tone: self.tone_pct.unwrap_or(usual.tone),
                dynamics: self.dynamics_pct.unwrap_or(usual.dynamics),
                width: self.width_pct.unwrap_or(usual.width),
            },
            skip: self.skip.clone(),
            ..Scaling::default()
        }
    }

    /// Does the plan stay as it is?
    pub(super) fn is_none(&self) -> bool {
        self.lufs.is_none() && self.scaling().is_neutral()
    }
}
