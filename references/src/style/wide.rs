//! Between third octaves and the nine wide bands in which commercial recordings were measured.
//!
//! A wide band holds K-weighted power; a third octave holds plain power. The way down is an integral. The way
//! up needs what lies inside a wide band: the shape of a template curve, bent until it integrates to the nine
//! powers again.

use std::sync::OnceLock;

use acetate_audio::units::{db_to_power, power_to_db};

use acetate_analyzer::k_weighting;

use crate::bands::{
    THIRD_OCTAVES, WIDE_BANDS, WIDE_EDGES_HZ, centre_hz, interpolate, shape_db, slices,
};

/// A curve of third octaves that all have a level, dB.
pub type Curve = [f64; THIRD_OCTAVES];

/// One value a wide band.
pub type Wide = [f64; WIDE_BANDS];

/// Power mean less log-mean of a level over 400 ms blocks within 20 dB of their mean, per squared standard
/// deviation of the block levels, 1/dB. A normal distribution of levels would have ln(10)/20 = 0.115; the
/// levels of music are skewed to the quiet side. Fitted by `examples/fit_styles` so that the nine bands of 568
/// recordings sum to their integrated loudness: 0.4 LU rms, against 2.9 with 0.115 (docs/styles.md).
pub const POWER_PER_VARIANCE: f64 = 0.055;

/// Where the correction of a template is given, Hz: the centres of the wide bands, the lowest being where
/// K-weighting leaves most of its power.
const NODE_HZ: Wide = [77.0, 241.0, 558.0, 1076.0, 1928.0, 3330.0, 5640.0, 9446.0, 13_971.0];

/// Rounds of correcting the template; the error shrinks at least by half in each.
const ROUNDS: usize = 40;

/// Share of the K-weighted power of each third octave in each wide band.
fn weights() -> &'static [[f64; THIRD_OCTAVES]; WIDE_BANDS] {
    static WEIGHTS: OnceLock<[[f64; THIRD_OCTAVES]; WIDE_BANDS]> = OnceLock::new();
    WEIGHTS.get_or_init(|| {
        let mut weights = [[0.0; THIRD_OCTAVES]; WIDE_BANDS];
        for (hz, third, share) in (0..THIRD_OCTAVES)
            .flat_map(|third| slices(third).map(move |(hz, share)| (hz, third, share)))
        {
            weights[wide_band_at(hz)][third] += share * k_weighting(hz);
        }
        weights
    })
}

/// The wide band a frequency lies in; the last one for anything above.
fn wide_band_at(hz: f64) -> usize {
    let upper_edges = &WIDE_EDGES_HZ[1..];
    upper_edges.partition_point(|&edge| edge <= hz).min(WIDE_BANDS - 1)
}

/// K-weighted level of each wide band, dB re the loudness of the whole curve; `None` where no third octave
/// that counts has a level.
///
/// `counts` says which third octaves hold signal. A wide band that misses more than half of its
/// template's power is `None`.
pub fn wide_levels_db(
    levels_db: &[Option<f64>],
    counts: impl Fn(usize) -> bool,
) -> [Option<f64>; WIDE_BANDS] {
    let shape = shape_db(levels_db);
    let level = |third: usize| shape.get(third).copied().flatten().filter(|_| counts(third));
    std::array::from_fn(|wide| {
        let (mut power, mut present, mut expected) = (0.0, 0.0, 0.0);
        for (third, weight) in weights()[wide].iter().enumerate() {
            let usual = weight * db_to_power(MODERN_DB[third]);
            expected += usual;
            if let Some(level_db) = level(third) {
                power += weight * db_to_power(level_db);
                present += usual;
            }
        }
        (present >= 0.5 * expected && power > 0.0).then(|| power_to_db(power))
    })
}

fn integrate(curve_db: &Curve) -> Wide {
    std::array::from_fn(|wide| {
        let powers =
            curve_db.iter().zip(&weights()[wide]).map(|(db, weight)| weight * db_to_power(*db));
        power_to_db(powers.sum())
    })
}

/// The curve that has the fine shape of `template_db` and the K-weighted levels `wide_db` in the wide bands.
pub fn third_octaves_db(wide_db: &Wide, template_db: &Curve) -> Curve {
    let mut correction_db = [0.0; WIDE_BANDS];
    let mut curve_db = *template_db;
    for _ in 0..ROUNDS {
        let reached_db = integrate(&curve_db);
        for (correction, (wanted, reached)) in
            correction_db.iter_mut().zip(wide_db.iter().zip(reached_db))
        {
            *correction += wanted - reached;
        }
        for (third, level_db) in curve_db.iter_mut().enumerate() {
            *level_db =
                template_db[third] + interpolate(&NODE_HZ, &correction_db, centre_hz(third));
        }
    }
    curve_db
}

/// Values of the wide bands at the third octaves, for what is smooth over frequency (spreads, weights).
pub fn spread_over_third_octaves(wide: &Wide) -> Curve {
    std::array::from_fn(|third| interpolate(&NODE_HZ, wide, centre_hz(third)))
}

/// The wide band that a third octave lies in.
pub fn wide_band_of(third: usize) -> usize {
    wide_band_at(centre_hz(third))
}

/// Third-octave power-mean levels of present-day pop and rock re 1 kHz, dB: the fine shape inside the wide bands
/// of every built-in style. A synthesis (568 commercial recordings, an independent average of 150 mixes): to be
/// trusted within 1 dB from 200 Hz to 10 kHz and within 3 dB outside.
pub const MODERN_DB: Curve = [
    -8.0, -4.0, -1.0, 2.0, 4.0, 4.5, 4.0, 3.0, 2.2, 1.8, 1.4, 1.1, 0.9, 0.8, 0.5, 0.3, 0.0, -0.5,
    -1.1, -1.8, -2.6, -3.7, -4.8, -5.8, -6.7, -7.2, -7.9, -9.4, -13.0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(given: f64, expected: f64, tolerance: f64) {
        assert!((given - expected).abs() <= tolerance, "{given} is not {expected} +- {tolerance}");
    }

    fn known(curve_db: &Curve) -> Vec<Option<f64>> {
        curve_db.iter().map(|&db| Some(db)).collect()
    }

    #[test]
    fn the_wide_bands_hold_all_of_the_loudness() {
        let wide = wide_levels_db(&known(&MODERN_DB), |_| true);
        let power: f64 = wide.iter().map(|level_db| db_to_power(level_db.unwrap())).sum();
        near(power_to_db(power), 0.0, 1e-9);
    }

    #[test]
    fn a_curve_made_of_wide_bands_integrates_to_them_again() {
        // The medians of the jazz recordings: far from the template in every band.
        let wide = [-6.0, -4.5, -6.2, -11.5, -14.7, -18.0, -21.0, -22.0, -27.0];
        let back = integrate(&third_octaves_db(&wide, &MODERN_DB));
        for (back, wide) in back.iter().zip(wide) {
            near(*back, wide, 0.01);
        }
    }

    #[test]
    fn a_curve_survives_the_way_down_and_up_when_it_is_the_template() {
        let shape: Vec<f64> = shape_db(&known(&MODERN_DB)).into_iter().flatten().collect();
        let wide = wide_levels_db(&known(&MODERN_DB), |_| true).map(Option::unwrap);
        for (third, level_db) in third_octaves_db(&wide, &MODERN_DB).iter().enumerate() {
            near(*level_db, shape[third], 1e-6);
        }
    }

    #[test]
    fn pink_noise_rises_with_the_width_of_the_bands_and_the_weighting() {
        // Equal third octaves: the power of a wide band is the integral of the weighting over log frequency.
        let integral = |low: f64, high: f64| {
            let steps = 10_000;
            let octaves = libm::log2(high / low);
            let at = |step: usize| low * libm::exp2(octaves * (step as f64 + 0.5) / steps as f64);
            octaves * (0..steps).map(|step| k_weighting(at(step))).sum::<f64>() / steps as f64
        };
        let wide = wide_levels_db(&[Some(0.0); THIRD_OCTAVES], |_| true).map(Option::unwrap);
        let expected = power_to_db(integral(4349.0, 7314.0) / integral(795.0, 1458.0));
        near(wide[6] - wide[3], expected, 0.05);
    }

    #[test]
    fn a_band_without_most_of_its_signal_has_no_level() {
        let wide = wide_levels_db(&known(&MODERN_DB), |third| third < 26);
        assert!(wide[8].is_none() && wide[6].is_some());
    }
}
