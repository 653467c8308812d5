//! An aim that leans to one side of where it was: what a choice between masters is made of.

use acetate_analyzer::Analysis;

use super::from_style::EVERYTHING;
use super::{Aim, Wanted};
use crate::bands::{THIRD_OCTAVES, shape_db};
use crate::profile::Profile;
use crate::style::wide::{Wide, spread_over_third_octaves};
use crate::style::{Sample, placement, style, styles};

/// Tolerance of a tone that is leant to, dB: no two meters agree better.
const TOLERANCE_DB: f64 = 0.5;
/// Least and greatest lean, dB rms over the wide bands: what is heard at once in a comparison, and what is still the same music.
const LEAN_RMS_DB: [f64; 2] = [1.0, 1.8];

impl Aim {
    /// The same aim with the tone of `mix` moved by `lean_db`, one value a wide band: from where it was wanted, and where nothing
    /// was wanted, from where the mix is. A common gain in `lean_db` changes nothing.
    pub fn leaning(mut self, mix: &Analysis, lean_db: &Wide) -> Self {
        let profile = Profile::from_analysis("mix", mix);
        let shape = shape_db(&profile.spectrum.level_db);
        self.lean_db = Some(*lean_db);
        let lean_db = spread_over_third_octaves(lean_db);
        let moved = |band: usize| {
            let wanted = &self.tone[band];
            let from_db = if wanted.weight > 0.0 { Some(wanted.db) } else { shape[band] };
            from_db.filter(|_| profile.matchable(band)).map(|db| db + lean_db[band])
        };
        let levels: Vec<Option<f64>> = (0..THIRD_OCTAVES).map(moved).collect();
        let leant = |db: &Option<f64>| {
            db.map_or(Wanted::NOTHING, |db| Wanted { db, tolerance_db: TOLERANCE_DB, weight: 1.0 })
        };
        self.tone = shape_db(&levels).iter().map(leant).collect();
        self
    }
}

/// The two ways along which records that are like `mix` differ most, one value a wide band, dB: one the other's opposite.
///
/// The strongest principal component of the style that the mix is likeliest of, a standard deviation far, but at least 1.0 and at
/// most 1.8 dB rms.
pub fn leans(mix: &Analysis) -> [Wide; 2] {
    let placed = placement().place(&Sample::from_analysis(mix));
    let id = if placed.resembles { placed.shares[0].id.as_str() } else { EVERYTHING };
    let tone = &style(id).unwrap_or(&styles()[0]).tone;
    let direction = &tone.components[0];
    let mean = direction.iter().sum::<f64>() / direction.len() as f64;
    let square = |value: &f64| (value - mean) * (value - mean);
    let rms = libm::sqrt(direction.iter().map(square).sum::<f64>() / direction.len() as f64);
    let [least_db, greatest_db] = LEAN_RMS_DB;
    let lean_rms_db = (tone.component_std_db[0] * rms).clamp(least_db, greatest_db);
    let one = direction.map(|value| (value - mean) / rms * lean_rms_db);
    [one, one.map(|db| -db)]
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
        let aim = plain.clone().leaning(&mix, &lean_db);
        let louder = plain.leaning(&mix, &lean_db.map(|db| db + 6.0));
        let between = |aim: &Aim, low: usize, high: usize| aim.tone[low].db - aim.tone[high].db;
        let of_mix = shape_db(&Profile::from_analysis("mix", &mix).spectrum.level_db);
        let (low, high) = (6, 25);
        let moved = between(&aim, low, high) - (of_mix[low].unwrap() - of_mix[high].unwrap());
        assert!((moved - 2.0).abs() < 0.2, "{moved}");
        let same = aim.tone.iter().zip(&louder.tone).all(|(a, b)| (a.db - b.db).abs() < 1e-9);
        assert!(same, "a gain for all is no lean");
    }
}
