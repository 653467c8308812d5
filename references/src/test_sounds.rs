//! Analyses of sounds that nobody played, for tests.

use acetate_analyzer::{
    Analysis, Dynamics, DynamicsBand, Format, Loudness, SCHEMA, SourceQuality, Spectrum, Stereo,
    StereoBand,
};

use crate::bands::{THIRD_OCTAVE_HZ, THIRD_OCTAVES, WIDE_BANDS, WIDE_EDGES_HZ};

/// An analysis that measured nothing, of 44.1 kHz stereo.
pub(crate) fn silence() -> Analysis {
    Analysis {
        schema: SCHEMA.into(),
        file: None,
        format: Format { sample_rate_hz: 44_100, channels: 2, ..Format::default() },
        loudness: Loudness::default(),
        dynamics: Dynamics::default(),
        spectrum: Spectrum {
            third_octave_hz: THIRD_OCTAVE_HZ.to_vec(),
            level_db: vec![None; THIRD_OCTAVES],
            mid_level_db: vec![None; THIRD_OCTAVES],
            side_level_db: vec![None; THIRD_OCTAVES],
            spread_db: vec![None; THIRD_OCTAVES],
            ..Spectrum::default()
        },
        stereo: Stereo::default(),
        source: SourceQuality::default(),
        findings: Vec::new(),
    }
}

/// Mono content on two channels whose third octaves fall by 1 dB each, with nothing above `bandwidth_hz`.
pub(crate) fn falling(bandwidth_hz: f64) -> Analysis {
    let level =
        |band: usize| Some(-20.0 - band as f64).filter(|_| THIRD_OCTAVE_HZ[band] <= bandwidth_hz);
    let mut analysis = shaped(&std::array::from_fn(level));
    analysis.source.bandwidth_hz = Some(bandwidth_hz);
    analysis
}

/// A steady stereo sound of that spectrum, its side 8 dB below its mid, its level moving by 5 dB.
pub(crate) fn shaped(level_db: &[Option<f64>; THIRD_OCTAVES]) -> Analysis {
    let mut analysis = silence();
    analysis.source.bandwidth_hz = Some(22_050.0);
    analysis.loudness.integrated_lufs =
        crate::bands::curve_loudness_db(level_db).map(|db| db + 3.01 - 0.691);
    analysis.spectrum.level_db = level_db.to_vec();
    analysis.spectrum.mid_level_db = level_db.iter().map(|db| db.map(|db| db - 0.64)).collect();
    analysis.spectrum.side_level_db = level_db.iter().map(|db| db.map(|db| db - 8.64)).collect();
    for band in 0..WIDE_BANDS {
        let (low_hz, high_hz) = (WIDE_EDGES_HZ[band], WIDE_EDGES_HZ[band + 1]);
        analysis.dynamics.bands.push(DynamicsBand {
            low_hz,
            high_hz,
            crest_factor_db: Some(12.0),
            level_std_db: Some(5.0),
            quick_level_std_db: None,
            side_level_std_db: Some(5.0),
            mid_log_mean_db: Some(-30.0),
            side_log_mean_db: Some(-38.0),
        });
        analysis.stereo.bands.push(StereoBand {
            low_hz,
            high_hz,
            correlation: Some(0.7),
            side_minus_mid_db: Some(-8.0),
            ..StereoBand::default()
        });
    }
    analysis
}
