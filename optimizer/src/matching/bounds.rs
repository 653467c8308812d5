//! How far the bands may go, over frequency.

use acetate_analyzer::Analysis;
use acetate_audio::units::power_to_db;
use acetate_references::Aim;

/// Points of the grid on which bounds are kept: 12 to the octave, 20 Hz to 20 kHz.
pub(crate) const POINTS: usize = 121;

/// Frequencies of the grid.
pub(crate) fn grid_hz() -> Vec<f64> {
    (0..POINTS).map(|point| libm::exp10(1.301 + point as f64 / 40.0)).collect()
}

/// Octaves from one point of the grid to the next.
pub(crate) const STEP_OCTAVES: f64 = 0.083_048_202_372_184_06;

/// Between these, a cut may go further and further, as a low cut does.
const LOW_CUT_HZ: (f64, f64) = (45.0, 80.0);
/// How deep a low cut may go at its end, as a multiple of the bound.
const LOW_CUT_SHARE: f64 = 2.0;
/// A third octave this far under the loudest gets the least bound, and this much louder the whole.
const SILENT_DB: f64 = 60.0;
const RISE_DB: f64 = 20.0;
const LEAST_SHARE: f64 = 0.25;

/// A sum this near to its bound is within it, dB; that of the side above the bass may be less exact.
const EXACT_DB: f64 = 0.05;
const SIDE_EXACT_DB: f64 = 2.0;

/// The bass stays where it is: below this the side is never raised.
pub(crate) const SIDE_FROM_HZ: f64 = 120.0;
/// A side this far under its mid is no image: nothing to widen. From here on a decibel more of it may be raised by a decibel.
const NO_SIDE_DB: f64 = -46.0;
/// A side may be lowered by this multiple of the bound: a narrow record is narrow, and mono loses nothing by it.
pub(crate) const NARROWER_SHARE: f64 = 2.5;
/// A side is not raised beyond this over its mid: mono would lose it.
const WIDEST_DB: f64 = 1.0;
/// A third octave this far under the loudest has no image to care for.
const FAINT_DB: f64 = 55.0;

/// Most boost and most cut, at frequencies of one's choice.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    pub(crate) up_db: Vec<f64>,
    pub(crate) down_db: Vec<f64>,
    /// Nearer than this to a bound is within it.
    pub(crate) exact_db: Vec<f64>,
}

/// Bounds for bands on everything: less boost where there is hardly any signal, deeper cuts below the bass.
pub(crate) fn tone_bounds(now: &Analysis, max_db: f64, hz: &[f64]) -> Bounds {
    let levels: Vec<f64> = filled(&now.spectrum.level_db);
    let loudest = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let up = |&hz: &f64| {
        let under = interpolated(&levels, hz) - loudest;
        max_db * ((under + SILENT_DB) / RISE_DB).clamp(LEAST_SHARE, 1.0)
    };
    let down = |&hz: &f64| {
        let (low, high) = LOW_CUT_HZ;
        let depth = (libm::log2(high / hz) / libm::log2(high / low)).clamp(0.0, 1.0);
        max_db * (1.0 + (LOW_CUT_SHARE - 1.0) * depth)
    };
    Bounds {
        up_db: hz.iter().map(up).collect(),
        down_db: hz.iter().map(down).collect(),
        exact_db: vec![EXACT_DB; hz.len()],
    }
}

/// Bounds for bands on the side alone, relative to the mid: none up in the bass, none where there is hardly a side, and not
/// beyond what mono bears.
pub(crate) fn side_bounds(now: &Analysis, max_db: f64, hz: &[f64]) -> Bounds {
    let spectrum = &now.spectrum;
    let ratio = smoothed(&side_minus_mid_db(now));
    let levels = filled(&spectrum.level_db);
    let loudest = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let up = |&hz: &f64| {
        let ratio_db = interpolated(&ratio, hz);
        let there = (ratio_db - NO_SIDE_DB).clamp(0.0, max_db);
        let bass = (max_db * libm::log2(hz / SIDE_FROM_HZ)).clamp(0.0, max_db);
        let room = (WIDEST_DB - ratio_db).max(0.0);
        let faint = interpolated(&levels, hz) < loudest - FAINT_DB;
        if faint { 0.0 } else { there.min(bass).min(room) }
    };
    let exact = |&hz: &f64| if hz < SIDE_FROM_HZ { EXACT_DB } else { SIDE_EXACT_DB };
    Bounds {
        up_db: hz.iter().map(up).collect(),
        down_db: vec![NARROWER_SHARE * max_db; hz.len()],
        exact_db: hz.iter().map(exact).collect(),
    }
}

/// An image from 250 Hz on this far under its middle, mean over the third octaves, is nearly mono, dB.
const NEARLY_MONO_DB: f64 = -28.0;
/// First third octave of an image: 250 Hz.
const IMAGE_FROM: usize = 10;

/// Whether there is hardly a side that could be raised: raising what little there is would widen noise and leakage.
pub(crate) fn nearly_mono(now: &Analysis) -> bool {
    let levels = filled(&now.spectrum.level_db);
    let loudest = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let ratios: Vec<f64> = (side_minus_mid_db(now).into_iter().zip(levels).skip(IMAGE_FROM))
        .filter(|(_, level)| *level > loudest - FAINT_DB)
        .map(|(ratio, _)| ratio)
        .collect();
    now.format.channels == 2 && ratios.iter().sum::<f64>() < NEARLY_MONO_DB * ratios.len() as f64
}

/// Whether the records of `aim` have hardly a side.
pub(crate) fn nearly_mono_record(aim: &Aim) -> bool {
    let known = || aim.side_minus_mid.iter().skip(IMAGE_FROM).filter(|wanted| wanted.weight > 0.0);
    let (sum, count) = (known().map(|wanted| wanted.db).sum::<f64>(), known().count());
    aim.style.is_none() && count > 0 && sum < NEARLY_MONO_DB * count as f64
}

/// Side minus mid in each third octave; as good as mono where there is no side.
pub(crate) fn side_minus_mid_db(now: &Analysis) -> Vec<f64> {
    const MONO_DB: f64 = -100.0;
    let spectrum = &now.spectrum;
    let pairs = spectrum.side_level_db.iter().zip(&spectrum.mid_level_db);
    let mut ratios: Vec<f64> =
        pairs.map(|(side, mid)| side.zip(*mid).map_or(MONO_DB, |(side, mid)| side - mid)).collect();
    ratios.resize(spectrum.level_db.len(), MONO_DB);
    ratios
}

/// Mean over five third octaves.
fn smoothed(values: &[f64]) -> Vec<f64> {
    let last = values.len() as isize - 1;
    let at = |band: isize| values[band.clamp(0, last) as usize];
    (0..=last).map(|band| (-2..=2).map(|step| at(band + step)).sum::<f64>() / 5.0).collect()
}

/// Levels with silence in place of none.
fn filled(levels: &[Option<f64>]) -> Vec<f64> {
    let silence = power_to_db(1e-20);
    levels.iter().map(|level| level.unwrap_or(silence)).collect()
}

/// A third-octave curve at a frequency, straight over log frequency and held beyond the ends.
pub(crate) fn interpolated(curve: &[f64], hz: f64) -> f64 {
    let place = (10.0 * libm::log10(hz) - 14.0).clamp(0.0, curve.len() as f64 - 1.0);
    let below = place as usize;
    let above = (below + 1).min(curve.len() - 1);
    curve[below] + (place - below as f64) * (curve[above] - curve[below])
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A sound of pink noise, its side `side_db` under its mid.
    pub(crate) fn sound(side_db: f64) -> Analysis {
        let spec = acetate_audio::AudioSpec::new(48_000, 2);
        let silence = acetate_audio::Audio::silence(spec, 48_000);
        let source = acetate_audio::Source::from_audio(silence);
        let mut now = acetate_analyzer::analyze(&source).unwrap().analysis;
        let bands = now.spectrum.third_octave_hz.len();
        now.spectrum.level_db = vec![Some(-20.0); bands];
        now.spectrum.mid_level_db = vec![Some(-20.0); bands];
        now.spectrum.side_level_db = vec![Some(-20.0 + side_db); bands];
        now
    }

    #[test]
    fn the_side_is_never_raised_in_the_bass() {
        let hz = grid_hz();
        let bounds = side_bounds(&sound(-10.0), 12.0, &hz);
        for (hz, up) in hz.iter().zip(&bounds.up_db) {
            assert_eq!(*up > 0.0, *hz > SIDE_FROM_HZ, "{hz} Hz: {up}");
        }
    }

    #[test]
    fn what_is_no_side_is_not_raised_and_a_wide_one_not_beyond_its_mid() {
        let at_1_khz = |side_db: f64| side_bounds(&sound(side_db), 12.0, &[1_000.0]).up_db[0];
        assert_eq!(at_1_khz(-50.0), 0.0);
        assert!((at_1_khz(-40.0) - 6.0).abs() < 1e-9);
        assert!((at_1_khz(-3.0) - 4.0).abs() < 1e-9);
        assert_eq!(at_1_khz(3.0), 0.0);
    }

    #[test]
    fn a_mix_with_hardly_a_side_is_nearly_mono() {
        assert!(nearly_mono(&sound(-35.0)) && !nearly_mono(&sound(-20.0)));
        let mut now = sound(-10.0);
        now.spectrum.side_level_db = vec![None; now.spectrum.level_db.len()];
        assert!(nearly_mono(&now), "both channels are the same");
    }

    #[test]
    fn cuts_go_deeper_below_the_bass_and_boosts_less_far_in_silence() {
        let mut now = sound(-10.0);
        now.spectrum.level_db[20] = Some(-79.0);
        let hz = [40.0, 100.0, now.spectrum.third_octave_hz[20]];
        let bounds = tone_bounds(&now, 12.0, &hz);
        assert_eq!(bounds.down_db, [24.0, 12.0, 12.0]);
        assert_eq!(bounds.up_db[..2], [12.0, 12.0]);
        assert!((bounds.up_db[2] - 3.0).abs() < 0.2, "{bounds:?}");
    }

    #[test]
    fn the_grid_is_as_fine_as_it_says() {
        let hz = grid_hz();
        assert!((hz[0] - 20.0).abs() < 0.01 && (hz[POINTS - 1] - 20_000.0).abs() < 10.0);
        assert!((libm::log2(hz[1] / hz[0]) - STEP_OCTAVES).abs() < 1e-12);
    }
}
