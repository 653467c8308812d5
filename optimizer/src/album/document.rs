//! The document `acetate.album-plan/1`: what was decided for a record, for every song with its reasons, and what came of it.

use acetate_engine::Settings;
use acetate_engine::settings::{EqualizerBand, RestoreSettings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::levels::{Anchor, LevelRule};
use crate::document::{MadeBy, TargetRecord};

/// The value of [`AlbumDocument::schema`].
pub const ALBUM_PLAN_SCHEMA: &str = "acetate.album-plan/1";

/// Everything decided for a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlbumDocument {
    /// `acetate.album-plan/1`.
    pub schema: String,
    /// Title of the record; empty when nobody named one.
    pub title: String,
    /// Who made it.
    pub artist: String,
    /// What was decided, in one sentence.
    pub summary: String,
    /// Which program and which sound.
    pub made_by: MadeBy,
    /// What it was made for.
    pub target: TargetRecord,
    /// How levels were decided.
    pub levels: LevelRule,
    /// What was brought to the target's loudness.
    pub anchor: Anchor,
    /// The furthest that a song stays under the others, LU.
    pub max_spread_lu: f64,
    /// How much of a song's excess in tone is eased, percent.
    pub tone_together_pct: f64,
    /// Top of the loudest song in the master, LUFS: what further songs are placed against.
    pub loudest_top_lufs: f64,
    /// By how much the record was lowered for a song that could not follow, LU.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lowered_lu: f64,
    /// Whether nothing had to be moved between the songs.
    pub finished: bool,
    /// Frames a second of the record.
    pub sample_rate_hz: u32,
    /// Length in frames of that rate.
    pub frames: u64,
    /// What every song does: the settings of the record's middle, without level.
    pub common: Settings,
    /// The middle of the record's tone in third octaves (25 Hz to 16 kHz), dB.
    pub centre_db: Vec<Option<f64>>,
    /// Songs that run into each other, and songs that stand alone: each is rendered in one run.
    pub groups: Vec<AlbumGroup>,
    /// The songs in their order.
    pub songs: Vec<AlbumSong>,
    /// Loudness of the whole record as measured, LUFS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integrated_lufs: Option<f64>,
    /// True peak of the whole record as measured, dBTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub true_peak_dbtp: Option<f64>,
    /// What somebody should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

/// What is rendered in one run: one gain, one limiter, one dither.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlbumGroup {
    /// Numbers of its songs, from 1.
    pub songs: Vec<usize>,
    /// Where it begins on the time line, frames.
    pub start_frame: u64,
    /// Length of its sound, frames.
    pub frames: u64,
    /// Its loudness as measured, LUFS; that of its song where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master_lufs: Option<f64>,
    /// What is done to it. A song that stands alone is `acetate apply` of these, once it is mended.
    pub settings: Settings,
    /// What songs get alone before they fade into each other; nothing where none do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before_fades: Vec<BeforeFade>,
}

/// What a song gets alone before it fades into the next, or the one before into it: its own level and tone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BeforeFade {
    /// Its number, from 1.
    pub song: usize,
    /// Gain, dB.
    pub gain_db: f64,
    /// Filters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bands: Vec<EqualizerBand>,
}

/// A song of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlbumSong {
    /// Its place, from 1.
    pub number: usize,
    /// Its title.
    pub title: String,
    /// The mix.
    pub file: String,
    /// Fingerprint of the mix's sound.
    pub pcm_md5: String,
    /// Fingerprint of the written file's sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master_md5: Option<String>,
    /// Code of the recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isrc: Option<String>,
    /// How it follows the song before.
    pub before_it: AlbumStart,
    /// Where its file begins on the time line, frames.
    pub start_frame: u64,
    /// Length of its file, frames.
    pub frames: u64,
    /// Where it begins on a disc, sectors of 1/75 s from the first sound.
    pub start_sector: u32,
    /// Where the pause before it begins.
    pub pause_sector: u32,
    /// How loud.
    pub level: AlbumLevel,
    /// In which tone.
    pub tone: AlbumTone,
    /// What was mended in the mix before everything else.
    #[serde(default, skip_serializing_if = "RestoreSettings::is_neutral")]
    pub restore: RestoreSettings,
}

/// How a song follows the one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlbumStart {
    /// In which way.
    pub kind: StartKind,
    /// Length of the pause or the crossfade, seconds.
    pub seconds: f64,
    /// Why.
    pub because: String,
}

/// In which way a song follows the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StartKind {
    /// After silence.
    Gap,
    /// As the same recording.
    Join,
    /// While the one before fades.
    Crossfade,
}

/// How loud a song is on a record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlbumLevel {
    /// Loudness of the mix, LUFS.
    pub mix_lufs: Option<f64>,
    /// Loudness of its loud parts (95th percentile of 3 s), LUFS.
    pub mix_top_lufs: Option<f64>,
    /// How far its loud parts are to stay under the loudest song's, LU.
    pub under_lu: f64,
    /// Loudness of the master as measured, LUFS.
    pub master_lufs: Option<f64>,
    /// Loudness of its loud parts in the master as measured, LUFS.
    pub master_top_lufs: Option<f64>,
    /// True peak of the master as measured, dBTP.
    pub master_dbtp: Option<f64>,
    /// Why it stands there.
    pub because: String,
}

/// The tone of a song against its record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlbumTone {
    /// How far it is from the middle of the record, root mean square over the third octaves, dB.
    pub distance_db: f64,
    /// Its third octaves less those of the middle, dB.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub away_db: Vec<Option<f64>>,
    /// What it does alone, in words: `ok`, or its moves.
    pub own: String,
    /// Why.
    pub because: String,
}
