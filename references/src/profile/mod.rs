//! What a record measures, without its sound: some 30 kB that can be kept, shared and aimed at.

mod blend;
mod limits;
mod matchable;
mod measure;

pub use blend::blend;
pub use matchable::{Unmatchable, Why};

use std::sync::Arc;

use acetate_analyzer::{SpectrumFrames, ToneEvidence};
use acetate_documents::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::frames::{StoredFrames, as_stored};
use crate::limits::OutOfRange;

/// The `schema` of a profile document.
pub const PROFILE_SCHEMA: &str = "acetate.profile/1";

/// What a record measures (`acetate.profile/1`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// Always `acetate.profile/1`.
    pub schema: String,
    /// Name for the command line: lower case, digits and hyphens.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Whatever a person files it under.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What it was made from.
    pub source: ProfileSource,
    /// What the numbers mean, for whoever reads the file without this program.
    pub definition: Definition,
    /// Loudness and what goes with it.
    pub loudness: ProfileLoudness,
    /// Long-term spectrum.
    pub spectrum: ProfileSpectrum,
    /// Dynamics and width in the nine wide bands.
    pub bands: Vec<ProfileBand>,
    /// Correlation of left and right, -1 to 1; `None` unless stereo.
    pub correlation: Option<f64>,
    /// Side energy over mid energy; `None` unless stereo.
    pub width: Option<f64>,
    /// Peak of the first 5 ms over the level of the next 50 ms at attacks, median, dB.
    pub attack_crest_db: Option<f64>,
    /// Attacks found in a second.
    pub attacks_per_s: Option<f64>,
}

/// What a profile was made from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProfileSource {
    /// Length, seconds; the sum for a blend.
    pub duration_s: f64,
    /// Sample rate, Hz; the highest for a blend.
    pub sample_rate_hz: u32,
    /// Channels; the most for a blend.
    pub channels: usize,
    /// Codec of the file, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codec: Option<String>,
    /// Highest frequency with signal, Hz.
    pub bandwidth_hz: Option<f64>,
    /// Whether the spectrum ends as lossy codecs leave it.
    pub lossy_suspected: bool,
    /// Profiles and weights it was blended from; empty for a measured one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blended_from: Vec<crate::ReferenceUse>,
}

/// Definitions, stored with the numbers: importing a curve of another kind is the commonest mistake.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Definition {
    /// What a level of the spectrum is.
    pub level: String,
    /// What the spread of the spectrum is.
    pub spread: String,
    /// What the numbers of a wide band are.
    pub bands: String,
}

impl Default for Definition {
    fn default() -> Self {
        Self {
            level: "power mean over the loudness-gated windows, mean of the channels, dB re full scale, \
                    per third octave (IEC 61260 base 10); mid = (L+R)/2, side = (L-R)/2"
                .into(),
            spread: "95th percentile less median of the level over the gated windows, dB; error: standard error of the \
                     level, from how moments of 2 s differ, dB"
                .into(),
            bands: "6 ERB wide; standard deviation and K-weighted log-mean of the level over 400 ms blocks \
                    every 100 ms within 20 dB of the mean"
                .into(),
        }
    }
}

/// Loudness of a record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProfileLoudness {
    /// Integrated loudness, LUFS.
    pub integrated_lufs: Option<f64>,
    /// Loudness range, LU.
    pub loudness_range_lu: Option<f64>,
    /// True peak, dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// True peak minus integrated loudness, dB.
    pub plr_db: Option<f64>,
    /// True peak minus short-term loudness, median, dB.
    pub psr_db: Option<f64>,
}

/// Long-term spectrum of a record, one value a third octave.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProfileSpectrum {
    /// Nominal centres, Hz.
    pub third_octave_hz: Vec<f64>,
    /// Mean of the channels, dB re full scale; `None` without signal.
    pub level_db: Vec<Option<f64>>,
    /// Mid, dB re full scale; all `None` unless stereo.
    pub mid_level_db: Vec<Option<f64>>,
    /// Side, dB re full scale; all `None` unless stereo.
    pub side_level_db: Vec<Option<f64>>,
    /// How much the level moves, dB.
    pub spread_db: Vec<Option<f64>>,
    /// Standard error of the level, dB; empty in profiles from before it was measured.
    #[serde(default)]
    pub error_db: Vec<Option<f64>>,
    /// More that tells content from mastering; absent in blends and in profiles from before it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<ToneEvidence>,
    /// Spectra of its moments, which like can be compared with like by. In memory all, in a file a few that stand for them;
    /// absent in blends and in profiles from before they were kept.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "as_stored")]
    #[schemars(with = "Option<StoredFrames>")]
    pub frames: Option<Arc<SpectrumFrames>>,
    /// Bands that must not be matched, and why.
    pub unmatchable: Vec<Unmatchable>,
}

/// Dynamics and width of one wide band.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProfileBand {
    /// Lower edge, Hz.
    pub low_hz: f64,
    /// Upper edge, Hz.
    pub high_hz: f64,
    /// Crest factor, dB.
    pub crest_factor_db: Option<f64>,
    /// Standard deviation of the level of the mid, dB.
    pub level_std_db: Option<f64>,
    /// The same over 50 ms; absent in profiles from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quick_level_std_db: Option<f64>,
    /// Standard deviation of the level of the side, dB.
    pub side_level_std_db: Option<f64>,
    /// K-weighted log-mean of the mid, dB re full scale.
    pub mid_log_mean_db: Option<f64>,
    /// K-weighted log-mean of the side, dB re full scale.
    pub side_log_mean_db: Option<f64>,
    /// Side level minus mid level, from power means, dB.
    pub side_minus_mid_db: Option<f64>,
    /// Standard error of the same, dB.
    #[serde(default)]
    pub side_minus_mid_error_db: Option<f64>,
    /// Correlation of left and right.
    pub correlation: Option<f64>,
}

impl Profile {
    /// Reads a profile document.
    ///
    /// # Errors
    /// The path of the key that is wrong or missing; a foreign `schema`; curves of another length; numbers that
    /// no sound has.
    pub fn parse(json: &str) -> Result<Self, ProfileError> {
        let profile: Self = acetate_documents::from_text(json)
            .map_err(|Fault { path, reason }| ProfileError::Document { path, reason })?;
        profile.validated()
    }

    /// The document as it is stored: indented, with a line feed at the end.
    pub fn to_json(&self) -> String {
        acetate_documents::to_text(self)
    }

    /// Whether a third octave may be matched.
    pub fn matchable(&self, band: usize) -> bool {
        let hz = crate::bands::THIRD_OCTAVE_HZ[band];
        self.spectrum.level_db[band].is_some()
            && !self
                .spectrum
                .unmatchable
                .iter()
                .any(|unmatchable| unmatchable.third_octave_hz == hz)
    }
}

/// Why a profile was not taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// Not JSON, cut short, or a key is wrong or missing.
    #[error("profile document, at {path}: {reason}")]
    Document {
        /// Path of the key in the document.
        path: String,
        /// What is wrong there.
        reason: String,
    },
    /// Another kind of document, or a newer one.
    #[error("schema is \"{given}\", this version reads \"{PROFILE_SCHEMA}\"")]
    Schema {
        /// The schema it names.
        given: String,
    },
    /// A curve of another length.
    #[error("{path} has {given} values, it must have {expected}")]
    Length {
        /// The key.
        path: &'static str,
        /// Values found.
        given: usize,
        /// Values needed.
        expected: usize,
    },
    /// A number that no sound has.
    #[error("profile document: {0}")]
    OutOfRange(#[from] OutOfRange),
}
