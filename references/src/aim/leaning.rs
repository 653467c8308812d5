//! An aim that leans to one side of where it was: what a choice between masters is made of.

use acetate_analyzer::Analysis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::usual::EVERYTHING;
use super::{Aim, Wanted};
use crate::bands::{THIRD_OCTAVES, shape_db};
use crate::profile::Profile;
use crate::style::wide::{Curve, Wide, spread_over_third_octaves};
use crate::style::{Sample, Style, placement, style, styles};

/// Tolerance of a tone that is leant to, dB: no two meters agree better.
const TOLERANCE_DB: f64 = 0.5;
/// Least and greatest lean, dB rms over the wide bands: what is heard at once in a comparison, and what is still the same music.
const LEAN_RMS_DB: [f64; 2] = [1.0, 1.8];

/// Tolerance of a spread that is leant to, dB: it was asked for.
const SPREAD_TOLERANCE_DB: f64 = 0.1;

/// What a master leans to beside where it would go. The default is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Lean {
    /// Change of the tone, one value a wide band, dB (-12 to 12); a common gain changes nothing.
    pub tone_db: Wide,
    /// Change of the level of the side, dB (-6 to 6): 0.83 dB is a width of 110 %.
    pub width_db: f64,
    /// By how much less the level varies, percent of its spread (-50 to 50); below 0 more is left of it than would be.
    pub density_pct: f64,
}

impl Lean {
    /// A lean of the tone alone.
    pub fn of_tone(tone_db: Wide) -> Self {
        Self { tone_db, ..Self::default() }
    }

    /// Both together.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            tone_db: std::array::from_fn(|band| self.tone_db[band] + other.tone_db[band]),
            width_db: self.width_db + other.width_db,
            density_pct: self.density_pct + other.density_pct,
        }
    }

    /// The width that the side is given, percent of what it would have.
    pub fn width_pct(&self) -> f64 {
        100.0 * libm::exp10(self.width_db / 20.0)
    }

    /// The change of the tone in third octaves, dB; its mean from 40 Hz on is 0.
    pub fn curve_db(&self) -> Curve {
        let curve_db = spread_over_third_octaves(&self.tone_db);
        let heard = &curve_db[HEARD_FROM..];
        let mean_db = heard.iter().sum::<f64>() / heard.len() as f64;
        curve_db.map(|db| db - mean_db)
    }
}

/// First third octave that a lean is judged in: 40 Hz.
pub(super) const HEARD_FROM: usize = 2;

/// Root mean square of a curve from 40 Hz on, dB: how far apart two tones are when it is their difference.
pub fn curve_rms_db(curve_db: &Curve) -> f64 {
    let heard = &curve_db[HEARD_FROM..];
    libm::sqrt(heard.iter().map(|db| db * db).sum::<f64>() / heard.len() as f64)
}

impl Aim {
    /// The same aim with the tone of `mix` moved by `lean`: from where it was wanted, and where nothing was wanted, from where the
    /// mix is. A common gain in its tone changes nothing. So is the spread of the levels; the width is left to the fit.
    pub fn leaning(mut self, mix: &Analysis, lean: &Lean) -> Self {
        let profile = Profile::from_analysis("mix", mix);
        let shape = shape_db(&profile.spectrum.level_db);
        let lean_db = spread_over_third_octaves(&lean.tone_db);
        let moved = |band: usize| {
            let wanted = &self.tone[band];
            let from_db = if wanted.weight > 0.0 { Some(wanted.db) } else { shape[band] };
            from_db.filter(|_| profile.matchable(band)).map(|db| db + lean_db[band])
        };
        let levels: Vec<Option<f64>> = (0..THIRD_OCTAVES).map(moved).collect();
        let leant = |db: &Option<f64>| {
            db.map_or(Wanted::NOTHING, |db| Wanted { db, tolerance_db: TOLERANCE_DB, weight: 1.0 })
        };
        let leant = shape_db(&levels).iter().map(leant).collect();
        self.upright = std::mem::replace(&mut self.tone, leant);
        if lean.density_pct != 0.0 {
            self.lean_spread(mix, 1.0 - lean.density_pct / 100.0);
        }
        self.lean = Some(*lean);
        self
    }

    /// Lets levels vary by `share` of what they would.
    fn lean_spread(&mut self, mix: &Analysis, share: f64) {
        self.quick_spread.db *= share;
        for (aim, measured) in self.bands.iter_mut().zip(&mix.dynamics.bands) {
            let wanted = aim.level_std;
            aim.level_std = measured.level_std_db.map_or(wanted, |measured_db| {
                let within = |db: f64| {
                    db.clamp(wanted.db - wanted.tolerance_db, wanted.db + wanted.tolerance_db)
                };
                let left_db = if wanted.weight > 0.0 { within(measured_db) } else { measured_db };
                Wanted { db: share * left_db, tolerance_db: SPREAD_TOLERANCE_DB, weight: 1.0 }
            });
        }
    }
}

/// The two ways along which records that are like `mix` differ most, one value a wide band, dB: one the other's opposite.
///
/// The strongest principal component of the style that the mix is likeliest of, a standard deviation far, but at least 1.0 and at
/// most 1.8 dB rms.
pub fn leans(mix: &Analysis) -> [Wide; 2] {
    let tone = &likeliest(mix).tone;
    let direction = &tone.components[0];
    let mean = direction.iter().sum::<f64>() / direction.len() as f64;
    let square = |value: &f64| (value - mean) * (value - mean);
    let rms = libm::sqrt(direction.iter().map(square).sum::<f64>() / direction.len() as f64);
    let [least_db, greatest_db] = LEAN_RMS_DB;
    let lean_rms_db = (tone.component_std_db[0] * rms).clamp(least_db, greatest_db);
    let one = direction.map(|value| (value - mean) / rms * lean_rms_db);
    [one, one.map(|db| -db)]
}

/// The style that the mix is likeliest of.
pub(super) fn likeliest(mix: &Analysis) -> &'static Style {
    let placed = placement().place(&Sample::from_analysis(mix));
    let id = if placed.resembles { placed.shares[0].id.as_str() } else { EVERYTHING };
    style(id).unwrap_or(&styles()[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::target;
    use crate::test_sounds::shaped;

    fn rms_db(lean_db: &Wide) -> f64 {
        (lean_db.iter().map(|db| db * db).sum::<f64>() / lean_db.len() as f64).sqrt()
    }

    #[test]
    fn the_two_leans_are_opposite_audible_and_still_the_same_music() {
        let mix = shaped(&[Some(-20.0); THIRD_OCTAVES]);
        let [one, other] = leans(&mix);
        assert!(one.iter().zip(&other).all(|(a, b)| a + b == 0.0));
        assert!((1.0 - 1e-9..=1.8 + 1e-9).contains(&rms_db(&one)), "{one:?}");
    }

    #[test]
    fn an_aim_that_leans_wants_the_mix_moved_so_and_no_change_of_level() {
        let mix = shaped(&[Some(-20.0); THIRD_OCTAVES]);
        let plain = Aim::of_target(target("streaming").unwrap());
        let lean_db = [5.0, 5.0, 5.0, 4.0, 4.0, 4.0, 3.0, 3.0, 3.0];
        let aim = plain.clone().leaning(&mix, &Lean::of_tone(lean_db));
        let louder = plain.leaning(&mix, &Lean::of_tone(lean_db.map(|db| db + 6.0)));
        let between = |aim: &Aim, low: usize, high: usize| aim.tone[low].db - aim.tone[high].db;
        let of_mix = shape_db(&Profile::from_analysis("mix", &mix).spectrum.level_db);
        let (low, high) = (6, 25);
        let moved = between(&aim, low, high) - (of_mix[low].unwrap() - of_mix[high].unwrap());
        assert!((moved - 2.0).abs() < 0.2, "{moved}");
        let same = aim.tone.iter().zip(&louder.tone).all(|(a, b)| (a.db - b.db).abs() < 1e-9);
        assert!(same, "a gain for all is no lean");
    }
}
