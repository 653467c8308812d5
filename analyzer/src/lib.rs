//! Sound in, numbers out: loudness, true peak, spectrum, dynamics, stereo image, faults of the source.
//!
//! [`analyze`] measures a [`Source`](acetate_audio::Source) in one pass over its blocks and gives
//! [`Measured`]: the document [`Analysis`], the [`Tables`] from which a rendered file can be predicted,
//! and the [`Series`] over time. [`LevelMeter`] measures loudness and peaks alone.

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
mod bands;
pub mod codes;
mod compare;
mod conveyor;
mod dynamics;
mod explain;
mod faults;
mod finding;
mod findings;
mod levels;
mod loudness;
mod moments;
mod over_time;
mod peaks;
mod series;
mod source;
mod spectrum;
mod statistics;
mod stereo;
mod tables;
mod tamed;
mod timeline;
mod true_peak;
mod waveform;
#[cfg(feature = "witness")]
mod witness;

pub use align::{Alignment, align, null_db};
pub use analysis::{
    Analysis, Dynamics, DynamicsBand, Format, HumLine, Loudness, SCHEMA, SourceQuality, Spectrum,
    SpectrumFrames, Stereo, StereoBand, ToneEvidence,
};
#[doc(hidden)]
pub use analyzer::Part;
pub use analyzer::{
    Analyzer, Measured, analyze, analyze_pass, open_and_analyze, open_and_analyze_heard,
};
pub use compare::{BandDifference, Comparison, MeasureDifference, compare};
pub use explain::{explain, explained};
pub use finding::{Finding, Severity};
pub use levels::{LevelMeter, Levels};
pub use loudness::{LoudnessMeter, gating};
pub use series::Series;
pub use spectrum::tilt;
pub use tables::{AmplitudeHistogram, BandEnergy, Envelope, FineSpectrum, LoudnessBlocks, Tables};
pub use true_peak::{TruePeak, TruePeakMeter};
#[cfg(feature = "witness")]
pub use witness::{SecondOpinion, Witnessed, second_opinion};
