//! How sure a wish is known.

use acetate_references::aim::curve_rms_db;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::listeners::Listeners;
use super::space::TasteSpace;

/// A tone this near to the wish is it, dB rms over the third octaves, and a width, percent.
const WITHIN: (f64, f64) = (1.0, 10.0);
/// The share that a range leaves out above.
const RANGE_SHARE: f64 = 0.9;

/// How far a setting is from the wish, as far as is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reach {
    /// Expected distance.
    pub expected: f64,
    /// Nine times of ten it is no more than this.
    pub at_most: f64,
}

/// How sure a wish is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Certainty {
    /// Distance of the tone, dB rms over the third octaves.
    pub tone_db: Reach,
    /// Distance of the width, percent.
    pub width_pct: Reach,
    /// Distance of the density, percent of the spread of the level.
    pub density_pct: Reach,
    /// How likely the tone is within 1 dB of the wish and the width within 10 %, percent.
    pub within_pct: f64,
}

/// How far `point` is from what the listeners wish for.
pub(super) fn of(space: &TasteSpace, listeners: &Listeners, point: &[f64]) -> Certainty {
    let here = space.lean(point);
    let here_db = here.curve_db();
    let (mut tone, mut width, mut density, mut within) = (Vec::new(), Vec::new(), Vec::new(), 0.0);
    for (wish, weight) in listeners.wishes().filter(|(_, weight)| *weight > 1e-9) {
        let wish = space.lean(wish);
        let wish_db = wish.curve_db();
        let off_db = curve_rms_db(&std::array::from_fn(|band| wish_db[band] - here_db[band]));
        let off_pct = (wish.width_pct() - here.width_pct()).abs();
        tone.push((off_db, weight));
        width.push((off_pct, weight));
        density.push(((wish.density_pct - here.density_pct).abs(), weight));
        if off_db <= WITHIN.0 && off_pct <= WITHIN.1 {
            within += 100.0 * weight;
        }
    }
    Certainty {
        tone_db: reach(tone),
        width_pct: reach(width),
        density_pct: reach(density),
        within_pct: within,
    }
}

fn reach(mut distances: Vec<(f64, f64)>) -> Reach {
    distances.sort_by(|one, other| one.0.total_cmp(&other.0));
    let total: f64 = distances.iter().map(|(_, weight)| weight).sum();
    let expected =
        distances.iter().map(|(distance, weight)| distance * weight).sum::<f64>() / total;
    let mut sum = 0.0;
    let beyond = distances.iter().find(|(_, weight)| {
        sum += weight;
        sum >= RANGE_SHARE * total
    });
    Reach { expected, at_most: beyond.map_or(0.0, |(distance, _)| *distance) }
}

impl std::fmt::Display for Certainty {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { tone_db, width_pct, within_pct, .. } = self;
        write!(
            out,
            "tone within {:.1} dB (nine times of ten {:.1}), width within {:.0} % ({:.0}); {within_pct:.0} % sure of 1 dB and 10 %",
            tone_db.expected, tone_db.at_most, width_pct.expected, width_pct.at_most
        )
    }
}
