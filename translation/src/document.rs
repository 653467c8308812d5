//! The document `acetate.translation/1`: what is left of a sound elsewhere.

use std::collections::BTreeMap;

use acetate_analyzer::Severity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::system::Confidence;

/// The value of [`Translation::schema`].
pub const SCHEMA: &str = "acetate.translation/1";

/// What is left of one sound elsewhere. What does not exist (the bass of a flute) is `None`, written as `null`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Translation {
    /// `acetate.translation/1`.
    pub schema: String,
    /// Name of the file, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// System by system.
    pub systems: Vec<OnSystem>,
    /// Share of the power below 120 Hz that is in the channel for low-frequency effects, percent: what follows is about the others;
    /// `null` where there is none.
    #[serde(default)]
    pub lfe_pct: Option<f64>,
    /// Codec by codec, where any was asked for.
    pub codecs: Vec<AfterCodec>,
    /// What is worth a sentence.
    pub findings: Vec<TranslationFinding>,
    /// What mastering can do for the systems that it was asked for, a need each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
}

/// What mastering can do for systems that it was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// What is to be heard there: `bass_line` or `mono`.
    pub need: String,
    /// The systems.
    pub systems: Vec<String>,
    /// How that ended.
    pub outcome: Outcome,
    /// The same in a sentence, with the numbers.
    pub text: String,
}

/// How an attempt to help other systems ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A move was tried, and pays.
    Pays,
    /// Moves were tried, and none pays.
    DoesNotPay,
    /// Nothing is lost there.
    NothingLost,
    /// There is too little of it to tell.
    TooLittle,
    /// Something is lost that only the mix can mend: nothing was tried.
    InTheMix,
}

impl Translation {
    /// Was there nothing to measure: silence, or less than the 0.4 s that loudness is measured in?
    pub fn is_nothing(&self) -> bool {
        self.systems.iter().all(|system| system.bands.is_empty() && !system.is_silent())
    }
}

/// What is left on one system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OnSystem {
    /// The system's id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Where that is, as sentences have it: `in a car at 50 km/h`.
    pub place: String,
    /// How far to trust what is known of it.
    pub confidence: Confidence,
    /// Level at which it is heard, dB(A).
    pub level_dba: f64,
    /// Id of the noise beside it.
    pub noise: String,
    /// The system's curve at the third octaves 20 Hz to 20 kHz, dB.
    pub curve_db: Vec<f64>,
    /// Loudness region by region; empty of silence.
    pub bands: Vec<BandHeard>,
    /// The bass line; `null` where there is none.
    pub bass: Option<BassHeard>,
    /// What cancels; `null` where both channels are played.
    pub mono: Option<MonoHeard>,
    /// What the noise covers; `null` of silence.
    pub cover: Option<Covered>,
    /// The centre beside the sides; `null` of silence.
    pub centre: Option<Centre>,
    /// What the device's limiter takes back at full volume; `null` where there is none.
    pub limiter: Option<TakenBack>,
    /// Sharp "s" sounds; `null` where there are none.
    pub sibilance: Option<Sharpness>,
    /// Its stems, where they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stems: Vec<StemHeard>,
    /// Nothing here differs from what most records lose on it.
    pub as_most_records: bool,
}

impl OnSystem {
    /// Is a sound silent there, because its channels cancel?
    pub fn is_silent(&self) -> bool {
        self.mono.as_ref().is_some_and(|mono| mono.silent)
    }
}

/// Loudness of one region of the spectrum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BandHeard {
    /// Lower edge.
    pub low_hz: f64,
    /// Upper edge.
    pub high_hz: f64,
    /// Share of the loudness at home, percent.
    pub share_pct: f64,
    /// Change of that share, phon: 10 for twice the share; held within 40.
    pub change_phon: f64,
    /// Less than a tenth of it is left.
    pub gone: bool,
    /// The change is within that of four records in five.
    pub usual: bool,
}

/// What is heard of the bass line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BassHeard {
    /// Steady moments of 0.05 s that are heard at their pitch at home: no notes, of which one has several.
    pub notes: usize,
    /// Of these, heard at their pitch: by the fundamental or two neighbouring harmonics, percent.
    pub heard_pct: f64,
    /// The same on the worse and the better quarter of such systems.
    pub heard_range_pct: [f64; 2],
    /// By the fundamental.
    pub fundamental_pct: f64,
    /// Through harmonics alone.
    pub harmonics_pct: f64,
    /// By one harmonic, as another pitch; not part of `heard_pct`.
    pub octave_pct: f64,
    /// How much quieter its fundamentals are, all notes together, for what the channels have against each other, dB.
    #[serde(default)]
    pub cancelled_db: f64,
    /// How much louder its harmonics would have to be, dB, median of the notes that are lost; `null` where nothing is there to raise.
    pub missing_db: Option<f64>,
    /// Level of its harmonics from 150 to 600 Hz over what else plays there, dB, not below -60.
    pub harmonics_re_rest_db: f64,
}

impl BassHeard {
    /// Fewer moments than this say little about a line, and nothing in percent: two seconds of notes.
    pub const NOTES_MIN: usize = 40;

    /// How long all of its moments are together, seconds.
    pub fn steady_s(&self) -> f64 {
        self.notes as f64 * acetate_analyzer::MOMENT_S
    }

    /// How long they would have to be, seconds.
    pub fn steady_min_s() -> f64 {
        Self::NOTES_MIN as f64 * acetate_analyzer::MOMENT_S
    }

    /// Are these too few moments for percentages, and for a finding?
    pub fn is_few(&self) -> bool {
        self.notes < Self::NOTES_MIN
    }
}

/// What cancels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MonoHeard {
    /// Share of the loudness at home that lies where 10 dB and more cancel; `null` where only the bass is mono.
    pub cancelled_pct: Option<f64>,
    /// How much quieter all of it is, LU: loudness of the sound less that of its mid on both channels; `null` where only the bass is mono.
    pub lost_lu: Option<f64>,
    /// All of it is gone: what is left, if anything, lies below -70 LUFS, where loudness is not measured (BS.1770); what else there
    /// would be to say of the system is `null` then.
    #[serde(default)]
    pub silent: bool,
    /// Region by region, as far as they are mono.
    pub bands: Vec<MonoBand>,
    /// Where most of it cancels, seconds.
    pub at_s: Vec<f64>,
    /// The range in which most of it cancels.
    pub range_hz: Option<[f64; 2]>,
    /// What is lost of the low end, where that is 4 dB and more of what the system plays and the song has; `null` otherwise.
    #[serde(default)]
    pub lows: Option<LostLows>,
}

/// What is lost of the lows where both channels of them come out of one loudspeaker.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LostLows {
    /// Lower edge of what is lost.
    pub low_hz: f64,
    /// Upper edge.
    pub high_hz: f64,
    /// How much quieter it is than both channels, dB.
    pub loss_db: f64,
}

/// One region in mono.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MonoBand {
    /// Lower edge.
    pub low_hz: f64,
    /// Upper edge.
    pub high_hz: f64,
    /// Power in mono over that of both channels, dB: -3.01 for channels that have nothing in common.
    pub loss_db: f64,
    /// Share of the region's loudness that cancels, percent.
    pub cancelled_pct: f64,
}

/// What noise covers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Covered {
    /// Id of the noise.
    pub noise: String,
    /// Share of the time in which less than a quarter of the loudness is left, percent.
    pub drowned_pct: f64,
    /// Share of the time in which nothing is heard.
    pub inaudible_pct: f64,
    /// Loudness that is left, of all.
    pub kept_pct: f64,
    /// How far below the loud moments those begin that drown, dB; `null` where none does.
    pub window_db: Option<f64>,
    /// Passages of a second and more that drown, from and to.
    pub at_s: Vec<[f64; 2]>,
    /// Share of the time that drowns in these passages; what `drowned_pct` is more are moments shorter than that.
    #[serde(default)]
    pub passages_pct: f64,
    /// The last of them runs to the end: the song fades out.
    pub fades_out: bool,
}

/// The centre beside everything else.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Centre {
    /// Speech intelligibility index (ANSI S3.5-1997), 0 to 1: 0.45 is poor, 0.75 good.
    pub sii: f64,
}

/// What a limiter takes back.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TakenBack {
    /// What the device makes everything louder by, dB.
    pub boost_db: f64,
    /// Of that taken back again, on average, dB.
    pub mean_db: f64,
    /// In the loudest twentieth of the time.
    pub p95_db: f64,
    /// Share of the time in which half a decibel and more is taken, percent.
    pub acting_pct: f64,
}

/// Sharp "s" sounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sharpness {
    /// How many there are.
    pub sounds: usize,
    /// Their loudness over what is beside them, more than at home, phon.
    pub change_phon: f64,
}

/// One stem beside all the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StemHeard {
    /// What it is called.
    pub name: String,
    /// Its share of the loudness at home, percent.
    pub share_pct: f64,
    /// Loudness that is left of it beside all the others, of what it has at home, percent; what the system takes from everything is no
    /// loss.
    #[serde(default)]
    pub left_pct: f64,
    /// Share of its time in which less than a quarter of its loudness is left, beside what the system takes from everything, percent.
    pub lost_pct: f64,
    /// It is lost most of the time, and was heard: what is left is soft, though the pitch of its notes may still be made out.
    pub gone: bool,
}

/// A sound after a lossy codec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AfterCodec {
    /// Name and bit rate: `aac128`.
    pub codec: String,
    /// The encoder that was used.
    pub encoder: Option<String>,
    /// Why it could not be tried; the other fields are `null` then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_tried: Option<String>,
    /// True peak once decoded.
    pub true_peak_dbtp: Option<f64>,
    /// Places where samples lie above full scale.
    pub overs: Option<u64>,
    /// The first of them, seconds.
    pub first_over_s: Option<f64>,
    /// Noise to mask, dB, mean over bands and time: below -10 hardly heard.
    pub nmr_db: Option<f64>,
    /// Share of the time in which a band's noise passes its mask by 1.5 dB, percent.
    pub heard_pct: Option<f64>,
    /// Highest frequency that is left, Hz.
    pub bandwidth_hz: Option<f64>,
}

/// One thing worth saying.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TranslationFinding {
    /// `M121` to `M127` about the mix, `D321` and `D322` about delivery.
    pub code: String,
    /// Whom it concerns.
    pub severity: Severity,
    /// One sentence with the numbers.
    pub text: String,
    /// What to do in the mix.
    pub in_the_mix: String,
    /// What mastering can do, and what it costs; `null` where it can do nothing.
    pub in_mastering: Option<String>,
    /// Systems it is about, or codecs.
    pub on: Vec<String>,
    /// What would help and pays, where it was tried: the stage, as a JSON pointer into settings.
    #[serde(default, rename = "move", skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What that move changes, before and after, by what is measured: `phone.bass.heard_pct`, and at home `home.150_500_hz.phon`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub predicted: BTreeMap<String, [f64; 2]>,
}
