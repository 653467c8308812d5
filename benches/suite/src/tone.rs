//! Distances between the measures of two sounds.

use acetate_analyzer::Analysis;

/// Third octaves whose centre lies in this range count, Hz.
const RANGE_HZ: [f64; 2] = [39.0, 16_500.0];
/// A third octave more than this below the loudest one of its sound holds no signal, dB.
const SIGNAL_DB: f64 = 60.0;

/// How far one sound's measures are from another's.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Distance {
    /// Third-octave levels after loudness alignment, rms over the bands where both have signal, dB.
    pub tone_rms_db: f64,
    /// The largest of those differences, dB.
    pub tone_max_db: f64,
    /// How many third octaves that are.
    pub bands: usize,
    /// Side minus mid in the wide bands, mean absolute difference, dB; `None` without a side.
    pub side_minus_mid_db: Option<f64>,
    /// Side minus mid in the seven octaves from 250 Hz on, rms of the differences, dB; `None` without a side.
    pub width_octaves_db: Option<f64>,
    /// Crest factor in the wide bands, mean absolute difference, dB.
    pub crest_db: Option<f64>,
    /// Spread of the level in the wide bands, mean absolute difference, dB.
    pub level_std_db: Option<f64>,
    /// Loudness, LU: the first minus the second.
    pub loudness_lu: Option<f64>,
}

/// Distance of `sound` from `reference`, where the mix it was made of and the reference both have signal.
///
/// The level between the two is aligned by the mean over the bands that count, which is the alignment with the least error.
pub fn distance(sound: &Analysis, reference: &Analysis, mix: &Analysis) -> Distance {
    let here = signal(mix);
    let there = signal(reference);
    let differences: Vec<f64> = (0..here.len())
        .filter(|&band| here[band] && there[band])
        .filter_map(|band| {
            Some(sound.spectrum.level_db[band]? - reference.spectrum.level_db[band]?)
        })
        .collect();
    let mean = differences.iter().sum::<f64>() / differences.len().max(1) as f64;
    let square: f64 = differences.iter().map(|db| (db - mean) * (db - mean)).sum();
    Distance {
        tone_rms_db: (square / differences.len().max(1) as f64).sqrt(),
        tone_max_db: differences.iter().fold(0.0, |most, db| f64::max(most, (db - mean).abs())),
        bands: differences.len(),
        side_minus_mid_db: mean_absolute(
            sound.stereo.bands.iter().map(|band| band.side_minus_mid_db),
            reference.stereo.bands.iter().map(|band| band.side_minus_mid_db),
        ),
        width_octaves_db: width_octaves_db(sound, reference),
        crest_db: mean_absolute(
            sound.dynamics.bands.iter().map(|band| band.crest_factor_db),
            reference.dynamics.bands.iter().map(|band| band.crest_factor_db),
        ),
        level_std_db: mean_absolute(
            sound.dynamics.bands.iter().map(|band| band.level_std_db),
            reference.dynamics.bands.iter().map(|band| band.level_std_db),
        ),
        loudness_lu: sound
            .loudness
            .integrated_lufs
            .zip(reference.loudness.integrated_lufs)
            .map(|(sound, reference)| sound - reference),
    }
}

fn signal(analysis: &Analysis) -> Vec<bool> {
    let spectrum = &analysis.spectrum;
    let loudest =
        spectrum.level_db.iter().flatten().fold(f64::NEG_INFINITY, |most, &db| most.max(db));
    let bandwidth = analysis.source.bandwidth_hz.unwrap_or(f64::INFINITY);
    spectrum
        .level_db
        .iter()
        .zip(&spectrum.third_octave_hz)
        .map(|(level, &hz)| {
            level.is_some_and(|level| level > loudest - SIGNAL_DB)
                && (RANGE_HZ[0]..=RANGE_HZ[1]).contains(&hz)
                && hz < bandwidth
        })
        .collect()
}

/// First third octave of the octave around 250 Hz.
const OCTAVES_FROM: usize = 9;
/// Third octaves of an octave.
const OCTAVE: usize = 3;
/// Beyond this a side or a mid is as good as alone, dB.
const IMAGE_RANGE_DB: f64 = 40.0;

/// Side minus mid in octaves, those around 250 Hz to 8 kHz and what there is of the one around 16 kHz.
fn octaves_side_minus_mid_db(sound: &Analysis) -> Option<Vec<f64>> {
    let spectrum = &sound.spectrum;
    let parts = spectrum.mid_level_db.get(OCTAVES_FROM..)?.chunks(OCTAVE);
    let power = |levels: &[Option<f64>]| -> f64 {
        levels.iter().flatten().map(|db| 10.0_f64.powf(db / 10.0)).sum()
    };
    let ratio = |(mid, side): (&[Option<f64>], &[Option<f64>])| {
        let ratio_db = 10.0 * ((power(side) + 1e-14) / (power(mid) + 1e-14)).log10();
        ratio_db.clamp(-IMAGE_RANGE_DB, IMAGE_RANGE_DB)
    };
    Some(parts.zip(spectrum.side_level_db[OCTAVES_FROM..].chunks(OCTAVE)).map(ratio).collect())
}

fn width_octaves_db(sound: &Analysis, reference: &Analysis) -> Option<f64> {
    let (sound, reference) =
        (octaves_side_minus_mid_db(sound)?, octaves_side_minus_mid_db(reference)?);
    let square: f64 = sound.iter().zip(&reference).map(|(a, b)| (a - b) * (a - b)).sum();
    Some((square / sound.len().max(1) as f64).sqrt())
}

/// A side that far below the mid is silence on either side: they agree.
const SILENT_SIDE_DB: f64 = -45.0;

fn mean_absolute(
    one: impl Iterator<Item = Option<f64>>,
    other: impl Iterator<Item = Option<f64>>,
) -> Option<f64> {
    let differences: Vec<f64> = one
        .zip(other)
        .filter_map(|(one, other)| {
            Some((one?.max(SILENT_SIDE_DB) - other?.max(SILENT_SIDE_DB)).abs())
        })
        .collect();
    (!differences.is_empty()).then(|| differences.iter().sum::<f64>() / differences.len() as f64)
}
