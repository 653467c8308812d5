//! Sound in, numbers out: loudness, true peak, spectrum, dynamics, stereo image, faults of the source.
//!
//! It is: [`analyze`], which measures a [`Source`](acetate_audio::Source) in one pass over its blocks and gives [`Measured`]: the
//! document [`Analysis`], the [`Tables`] from which a rendered file can be predicted, and the [`Series`] over time; meters for
//! sound that arrives in blocks ([`Analyzer`], [`LevelMeter`], [`LoudnessMeter`], [`TruePeakMeter`]); loudness of several
//! programmes as one ([`gating`]); a second opinion by a meter that shares no code (`second_opinion`). It is not: a processor or a
//! judge of taste. It changes no sample, and shares nothing with the limiter that it is the witness of.
//!
//! ```
//! use acetate_analyzer::analyze;
//! use acetate_audio::{Audio, Source};
//!
//! let tone = |frame: usize| 0.5 * (std::f32::consts::TAU * 997.0 * frame as f32 / 48_000.0).sin();
//! let plane: Vec<f32> = (0..96_000).map(tone).collect();
//! let measured = analyze(&Source::from_audio(Audio::from_planes(48_000, vec![plane.clone(), plane])))?;
//! let loudness = &measured.analysis.loudness;
//! assert!((loudness.integrated_lufs.unwrap_or_default() + 6.0).abs() < 0.1);
//! assert!((loudness.true_peak_dbtp.unwrap_or_default() + 6.0).abs() < 0.1);
//! for finding in &measured.analysis.findings {
//!     println!("{}", finding.text);
//! }
//! # Ok::<(), acetate_audio::ReadError>(())
//! ```

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        reason = "test signals need not be the same bits everywhere"
    )
)]

mod align;
mod analysis;
mod analyzer;
mod assemble;
mod band_result;
mod bands;
mod bass_line;
mod bass_note;
pub mod codes;
mod compare;
mod conveyor;
mod cross;
mod dynamics;
mod explain;
mod faults;
mod finding;
mod findings;
mod fine_delay;
mod level_meter;
mod levels;
mod loudness;
mod moments;
mod over_time;
mod peaks;
mod polarity;
mod quick_spread;
pub mod restore;
mod series;
mod source;
mod spectrum;
mod statistics;
mod stereo;
mod syllables;
mod tables;
mod tamed;
mod timeline;
mod true_peak;
mod waveform;
#[cfg(feature = "witness")]
mod witness;

pub use align::{TimeAlignment, align, null_db};
pub use analysis::{
    Analysis, Dynamics, DynamicsBand, Format, HumLine, Loudness, SCHEMA, SourceQuality, Spectrum,
    SpectrumFrames, Stereo, StereoBand, Syllables, ToneEvidence,
};
#[doc(hidden)]
pub use analyzer::Part;
pub use analyzer::{Analyzer, Measured, analyze, analyze_blocks};
pub use bass_line::{BassMeter, MIDS_HZ, MOMENT_S};
pub use bass_note::{BassLine, BassNote, PARTIALS, Partials};
pub use compare::{BandDifference, Comparison, MeasureDifference, compare};
pub use cross::{CrossMeter, CrossSpectrum};
pub use explain::{explain, explained};
pub use finding::{Finding, Severity};
pub use fine_delay::fine_delay;
pub use level_meter::LevelMeter;
pub use levels::Levels;
pub use loudness::{LoudnessMeter, StereoLoudness, StereoView, gating, k_weighting};
pub use polarity::Polarity;
pub use quick_spread::{QUICK_BLOCK_S, quick_powers, quick_spread_db};
pub use series::Series;
pub use spectrum::tilt;
pub use statistics::weighted_mean;
pub use tables::{AmplitudeHistogram, BandEnergy, Envelope, FineSpectrum, LoudnessBlocks, Tables};
pub use true_peak::{TruePeak, TruePeakMeter};
#[cfg(feature = "witness")]
pub use witness::{SecondOpinion, Witnessed, second_opinion};
