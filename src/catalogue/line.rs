//! What is known of one song after work on it: a line of the ledger.

use acetate_analyzer::Analysis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::song::missing_text;

/// Name and version of a line.
const SCHEMA: &str = "acetate.catalogue/1";

/// What became of a song.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Work has begun; where nothing follows, the worker died, or is at it still.
    #[default]
    Begun,
    /// It was mastered.
    Done,
    /// Its master was there: made by another worker, an earlier run, or from another file with the same sound.
    There,
    /// It could not be mastered; a later run tries again.
    Failed,
    /// It failed too often, and is left out until it changes.
    Quarantined,
}

impl State {
    /// Is there a master?
    pub fn is_done(self) -> bool {
        matches!(self, Self::Done | Self::There)
    }
}

/// By what a song is known again without reading it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stamp {
    /// Length of the file.
    pub bytes: u64,
    /// Its time, in milliseconds since 1970; of files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified_ms: Option<u64>,
    /// The store's name for this very content; of objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

/// How loud something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Levels {
    /// Integrated loudness, LUFS.
    pub integrated_lufs: Option<f64>,
    /// True peak, dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// Loudness range, LU.
    pub loudness_range_lu: Option<f64>,
    /// Peak to loudness, dB.
    pub plr_db: Option<f64>,
}

impl Levels {
    pub(super) fn of(analysis: &Analysis) -> Self {
        let loudness = &analysis.loudness;
        let short = |value: Option<f64>| value.map(|value| (value * 1000.0).round() / 1000.0);
        Self {
            integrated_lufs: short(loudness.integrated_lufs),
            true_peak_dbtp: short(loudness.true_peak_dbtp),
            loudness_range_lu: short(loudness.loudness_range_lu),
            plr_db: short(loudness.plr_db),
        }
    }
}

/// `acetate.catalogue/1`: one song, on one line of JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Line {
    /// `acetate.catalogue/1`.
    pub schema: String,
    /// What the song is called in its list.
    pub song: String,
    /// What became of it.
    pub state: State,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// A fingerprint of what was wished for.
    pub order: String,
    /// The version of the sound.
    pub sound: String,
    /// By what the song is known again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stamp: Option<Stamp>,
    /// The master, from the folder of the catalogue; its settings are beside it (`.settings.json`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Id of the delivery rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Is everything met that was asked for?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub met: Option<bool>,
    /// Sound that the song's file should have and has not, seconds; its master is whole with silence in its place, and is never met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_s: Option<f64>,
    /// What was done, in one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<String>,
    /// Length of the song, seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<f64>,
    /// What the song measures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Levels>,
    /// What its master measures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Levels>,
    /// Whether the master is what was asked for, and what the target takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Value>,
    /// Codes of what was found in the song.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
    /// SHA-256 of the song's file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_sha256: Option<String>,
    /// MD5 of its decoded samples, as FLAC has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pcm_md5: Option<String>,
    /// SHA-256 of the master.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_sha256: Option<String>,
    /// How long it took, seconds.
    pub seconds: f64,
    /// What its row has beside wishes.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub tags: Map<String, Value>,
}

impl Line {
    /// How much of the song is not there, in a line; `None` where it is whole as far as can be told.
    pub fn missing(&self) -> Option<String> {
        self.missing_s.map(|missing_s| missing_text(&self.song, missing_s))
    }

    /// A line about a song.
    pub(super) fn new(song: &str, state: State) -> Self {
        Self { schema: SCHEMA.to_owned(), song: song.to_owned(), state, ..Self::default() }
    }

    /// The line as text, without its end.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a line has keys that are text")
    }
}
