//! How close one sound is to another: the figures of the matching tables.

use acetate_analyzer::Analysis;

/// Lowest and highest third octave that is compared, Hz.
const COMPARED_HZ: [f64; 2] = [40.0, 16_000.0];

/// A band further than this below the loudest band of its own curve holds no music, dB.
const SIGNAL_RANGE_DB: f64 = 70.0;

/// Root mean square difference of two third-octave curves after loudness alignment, 40 Hz to 16 kHz, dB.
///
/// Each curve is taken relative to its integrated loudness. A band counts where both have signal: below the
/// bandwidth that the analyzer found for both, and within 70 dB of the loudest band of each. `None` when
/// nothing can be compared.
pub fn third_octave_error_db(a: &Analysis, b: &Analysis) -> Option<f64> {
    let curve_a = relative_to_loudness(a)?;
    let curve_b = relative_to_loudness(b)?;
    root_mean_square(curve_a.iter().zip(&curve_b).filter_map(|(x, y)| Some((*x)? - (*y)?)))
}

/// Mean absolute difference of the side-minus-mid levels of two sounds over the wide bands, dB.
pub fn side_minus_mid_error_db(a: &Analysis, b: &Analysis) -> Option<f64> {
    let differences: Vec<f64> = a
        .stereo
        .bands
        .iter()
        .zip(&b.stereo.bands)
        .filter_map(|(x, y)| Some((x.side_minus_mid_db? - y.side_minus_mid_db?).abs()))
        .collect();
    (!differences.is_empty()).then(|| differences.iter().sum::<f64>() / differences.len() as f64)
}

fn relative_to_loudness(analysis: &Analysis) -> Option<Vec<Option<f64>>> {
    let loudness = analysis.loudness.integrated_lufs?;
    let spectrum = &analysis.spectrum;
    let top = spectrum.level_db.iter().flatten().copied().reduce(f64::max)?;
    let bandwidth_hz = analysis.source.bandwidth_hz.unwrap_or(f64::INFINITY);
    let keep = |(hz, level): (&f64, &Option<f64>)| {
        level.filter(|level| {
            (COMPARED_HZ[0]..=COMPARED_HZ[1]).contains(hz)
                && *hz <= bandwidth_hz
                && *level > top - SIGNAL_RANGE_DB
        })
    };
    let levels = spectrum.third_octave_hz.iter().zip(&spectrum.level_db);
    Some(levels.map(|pair| keep(pair).map(|level| level - loudness)).collect())
}

fn root_mean_square(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, n), v| (sum + v * v, n + 1));
    (count > 0).then(|| (sum / f64::from(count)).sqrt())
}

#[cfg(test)]
mod tests {
    use acetate_analyzer::analyze;
    use acetate_audio::{Audio, Source};

    use super::*;

    fn noise(gain: f32, smoothing: f32) -> Analysis {
        let (mut state, mut last) = (1_u32, 0.0_f32);
        let plane: Vec<f32> = (0..48_000 * 6)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let white = (state >> 8) as f32 / (1 << 24) as f32 - 0.5;
                last = smoothing * last + (1.0 - smoothing) * white;
                gain * last
            })
            .collect();
        let audio = Audio::from_planes(48_000, vec![plane.clone(), plane]);
        analyze(&Source::from_audio(audio)).expect("sound in memory").analysis
    }

    #[test]
    fn a_change_of_level_alone_is_no_error() {
        let error = third_octave_error_db(&noise(0.3, 0.0), &noise(0.1, 0.0)).unwrap();
        assert!(error < 0.05, "{error}");
    }

    #[test]
    fn a_duller_sound_is_an_error() {
        let error = third_octave_error_db(&noise(0.3, 0.0), &noise(0.3, 0.7)).unwrap();
        assert!(error > 2.0, "{error}");
    }
}
