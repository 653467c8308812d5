//! The document of a target, the built-in ones, and reading a person's own.

use std::sync::OnceLock;

use acetate_audio::{Mono, SAMPLE_RATE_HZ_MAX, SAMPLE_RATE_HZ_MIN};
use acetate_documents::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Date;

/// The `schema` of a target document.
pub const TARGET_SCHEMA: &str = "acetate.target/1";

/// What a number in a rule means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// To be met within the tolerance.
    Target,
    /// Not to be exceeded; below is fine.
    Limit,
    /// What players turn it to: aimed at, and no file is refused for another one.
    Playback,
    /// What is usual there: aimed at, and nothing happens to another one.
    Usual,
    /// Nothing is asked for.
    None,
}

/// How far a rule can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Confidence")]
pub enum Certainty {
    /// Stated by whoever makes the rule.
    Verified,
    /// Measured or repeated by others.
    Reported,
    /// A choice, of this project or of the person who wrote the file.
    Custom,
}

/// A file format that a target takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Container")]
pub enum DeliveredAs {
    /// RIFF WAVE or RF64.
    Wav,
    /// FLAC.
    Flac,
    /// AIFF.
    Aiff,
    /// MPEG layer 3.
    Mp3,
}

/// What the delivered file must look like. An empty list asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FormatRule {
    /// Containers that are taken, the preferred one first.
    pub containers: Vec<DeliveredAs>,
    /// Sample rates that are taken, in Hz, the preferred one first; empty keeps the rate of the source.
    pub sample_rates_hz: Vec<u32>,
    /// Word lengths that are taken, the preferred one first.
    pub bits: Vec<u16>,
    /// Whether reducing the word length must be dithered.
    pub dither: bool,
}

/// What happens to tags and pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MetadataRule {
    /// Kept, less what mastering made untrue (ReplayGain).
    #[default]
    Keep,
    /// Dropped: the distributor supplies its own.
    Strip,
}

/// A rule that is neither loudness, nor peak, nor format.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
pub enum ExtraRule {
    /// One channel, or two identical ones.
    Mono {},
    /// No side signal below a frequency.
    LowEndMono {
        /// Upper end of the mono region, Hz.
        below_hz: f64,
    },
    /// The limiter may take no more than this.
    LimitingAtMost {
        /// Largest gain reduction, dB.
        reduction_db: f64,
    },
    /// RMS of the whole file lies in a window.
    RmsBetween {
        /// Lower end, dBFS.
        low_dbfs: f64,
        /// Upper end, dBFS.
        high_dbfs: f64,
    },
    /// Noise between the words or notes.
    NoiseFloorAtMost {
        /// Highest noise floor, dBFS.
        level_dbfs: f64,
    },
    /// Peaks must be lower when the programme is louder than a level.
    LowerPeakWhenLouder {
        /// Loudness above which it applies, LUFS.
        than_lufs: f64,
        /// Ceiling then, dBTP.
        true_peak_dbtp: f64,
    },
    /// The loudest track of an album is brought to this, the others keep their distance to it.
    AlbumLoudest {
        /// Loudness of that track, LUFS.
        integrated_lufs: f64,
    },
    /// Speech is brought to this instead.
    Speech {
        /// Loudness of speech, LUFS.
        integrated_lufs: f64,
    },
    /// No clipping after a lossy codec.
    NoClipsAfter {
        /// Codec and bit rate, as `check --codec` names them.
        codec: String,
    },
    /// A side of a record holds no more than this at full level.
    SideLengthAtMost {
        /// The record, as in `12-inch 33 rpm`.
        record: String,
        /// Longest recommended side, minutes.
        minutes: f64,
    },
    /// Sharp "s" sounds are looked for.
    SibilanceCheck {},
}

/// Delivery rules of one place (`acetate.target/1`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Always `acetate.target/1`.
    pub schema: String,
    /// Short name for the command line: lower case, digits and hyphens.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Integrated loudness, LUFS (BS.1770-5); `None` where there is no rule.
    pub integrated_lufs: Option<f64>,
    /// What the loudness means.
    pub loudness_rule: RuleKind,
    /// Deviation from the loudness that passes a check, LU.
    pub tolerance_lu: f64,
    /// Highest true peak, dBTP.
    pub true_peak_dbtp: f64,
    /// Format of the file.
    #[serde(default)]
    pub format: FormatRule,
    /// How a file of one channel is counted: `dual`, as players play it on two loudspeakers, or `single`, as the rule's own text
    /// counts one channel.
    #[serde(default = "on_two_loudspeakers")]
    pub mono: Mono,
    /// Tags and pictures.
    #[serde(default)]
    pub metadata: MetadataRule,
    /// Everything else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<ExtraRule>,
    /// A sentence on what to expect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where the rule is written down.
    pub source: String,
    /// When that was looked up.
    pub checked: Date,
    /// How far to trust it.
    pub confidence: Certainty,
}

impl Target {
    /// Reads a target document.
    ///
    /// # Errors
    /// The path of the key that is wrong, unknown or missing; a foreign `schema`; values that contradict
    /// each other.
    pub fn parse(json: &str) -> Result<Self, TargetError> {
        let target: Self = acetate_documents::from_text(json)
            .map_err(|Fault { path, reason }| TargetError::Document { path, reason })?;
        target.validated()
    }

    /// The window in which RMS must lie, dBFS, where there is one.
    pub fn rms_window_dbfs(&self) -> Option<[f64; 2]> {
        self.rules.iter().find_map(|rule| match *rule {
            ExtraRule::RmsBetween { low_dbfs, high_dbfs } => Some([low_dbfs, high_dbfs]),
            _ => None,
        })
    }

    /// The most that a limiter may take, dB, where there is a rule.
    pub fn limiting_db_max(&self) -> Option<f64> {
        self.rules.iter().find_map(|rule| match *rule {
            ExtraRule::LimitingAtMost { reduction_db } => Some(reduction_db),
            _ => None,
        })
    }

    /// The frequency below which there may be no side, Hz, where there is one.
    pub fn mono_below_hz(&self) -> Option<f64> {
        self.rules.iter().find_map(|rule| match *rule {
            ExtraRule::LowEndMono { below_hz } => Some(below_hz),
            _ => None,
        })
    }

    /// The ceiling of a master of this loudness, dBTP.
    pub fn ceiling_dbtp_at(&self, lufs: f64) -> f64 {
        let lower = self.rules.iter().filter_map(|rule| match *rule {
            ExtraRule::LowerPeakWhenLouder { than_lufs, true_peak_dbtp } if lufs > than_lufs => {
                Some(true_peak_dbtp)
            }
            _ => None,
        });
        lower.fold(self.true_peak_dbtp, f64::min)
    }

    fn validated(self) -> Result<Self, TargetError> {
        if self.schema != TARGET_SCHEMA {
            return Err(TargetError::Schema { given: self.schema });
        }
        let wants_loudness = self.loudness_rule != RuleKind::None;
        if wants_loudness != self.integrated_lufs.is_some() {
            return Err(TargetError::LoudnessRule { id: self.id, rule: self.loudness_rule });
        }
        let lufs = self.integrated_lufs.unwrap_or(LUFS_MAX);
        check_range("integrated_lufs", lufs, LUFS_MIN, LUFS_MAX)?;
        check_range("true_peak_dbtp", self.true_peak_dbtp, CEILING_MIN_DBTP, CEILING_MAX_DBTP)?;
        check_range("tolerance_lu", self.tolerance_lu, 0.0, TOLERANCE_MAX_LU)?;
        for &rate_hz in &self.format.sample_rates_hz {
            let (min, max) = (f64::from(SAMPLE_RATE_HZ_MIN), f64::from(SAMPLE_RATE_HZ_MAX));
            check_range("format.sample_rates_hz", f64::from(rate_hz), min, max)?;
        }
        for &bits in &self.format.bits {
            check_range("format.bits", f64::from(bits), BITS_MIN, BITS_MAX)?;
        }
        Ok(self)
    }
}

/// Most places play mono on two loudspeakers.
fn on_two_loudspeakers() -> Mono {
    Mono::Dual
}

/// Shortest word that is delivered.
const BITS_MIN: f64 = 16.0;
/// Longest.
const BITS_MAX: f64 = 32.0;
/// Quietest loudness a target may ask for, LUFS: the absolute gate of BS.1770 is where loudness ends.
const LUFS_MIN: f64 = -70.0;
/// Loudest, LUFS.
const LUFS_MAX: f64 = 0.0;
/// Lowest ceiling that makes sense, dBTP.
const CEILING_MIN_DBTP: f64 = -20.0;
/// Full scale: above it every player clips.
const CEILING_MAX_DBTP: f64 = 0.0;
/// Widest tolerance that still is a rule, LU.
const TOLERANCE_MAX_LU: f64 = 10.0;

fn check_range(path: &'static str, given: f64, min: f64, max: f64) -> Result<(), TargetError> {
    if (min..=max).contains(&given) {
        Ok(())
    } else {
        Err(TargetError::OutOfRange { path, given, min, max })
    }
}

/// Why a target document was not taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// Not JSON, or a key is wrong, unknown or missing.
    #[error("target document, at {path}: {reason}")]
    Document {
        /// Path of the key in the document.
        path: String,
        /// What is wrong there.
        reason: String,
    },
    /// Another kind of document.
    #[error("schema is \"{given}\", a target has \"{TARGET_SCHEMA}\"")]
    Schema {
        /// The schema it names.
        given: String,
    },
    /// A loudness without a rule, or a rule without a loudness.
    #[error(
        "target \"{id}\": loudness_rule {rule:?} and integrated_lufs contradict each other; \
         give a loudness with \"target\", \"limit\", \"playback\" or \"usual\", none with \"none\""
    )]
    LoudnessRule {
        /// The target.
        id: String,
        /// Its rule.
        rule: RuleKind,
    },
    /// A number outside what can be delivered.
    #[error("{path} is {given}, it must lie between {min} and {max}")]
    OutOfRange {
        /// The key.
        path: &'static str,
        /// Its value.
        given: f64,
        /// Smallest allowed.
        min: f64,
        /// Largest allowed.
        max: f64,
    },
}

/// The built-in targets, in the order a list shows them.
pub fn targets() -> &'static [Target] {
    static TARGETS: OnceLock<Vec<Target>> = OnceLock::new();
    TARGETS.get_or_init(|| {
        acetate_documents::from_text(include_str!("../../data/targets.json"))
            .expect("a test reads the shipped targets")
    })
}

/// The built-in target of that id.
pub fn target(id: &str) -> Option<&'static Target> {
    let id = crate::name::plain_id(id);
    targets().iter().find(|target| target.id == id)
}

#[cfg(test)]
mod tests;
