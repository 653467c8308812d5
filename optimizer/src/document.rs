//! The settings document `acetate.settings/1`: what to do, and why.

mod aimed;

use acetate_analyzer::{Analysis, Finding};
use acetate_documents::Fault;
use acetate_engine::Settings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

pub use aimed::{AimRecord, ReferenceRecord, TargetRecord, ToneRecord};

use crate::options::{FitOptions, Match};
use crate::verdict::{Cannot, Verdict, verify};

/// The value of [`SettingsDocument::schema`].
pub const SETTINGS_SCHEMA: &str = "acetate.settings/1";

/// Settings with what explains them. The engine reads `settings` alone: editing anything else cannot change the sound.
///
/// Keys that this version does not know are kept, except inside `settings`, where they are an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SettingsDocument {
    /// `acetate.settings/1`.
    pub schema: String,
    /// One sentence: what is done.
    #[serde(default)]
    pub summary: String,
    /// The sound the settings were made for.
    #[serde(default)]
    pub source: Option<SourceRecord>,
    /// Who made the settings.
    #[serde(default)]
    pub made_by: Option<MadeBy>,
    /// What was aimed for.
    #[serde(default)]
    pub aim: AimRecord,
    /// What to do, in the order of processing.
    pub settings: Settings,
    /// Why, move by move.
    #[serde(default)]
    pub moves: Vec<Move>,
    /// Measured before, predicted, measured after.
    #[serde(default)]
    pub numbers: Numbers,
    /// Remarks about the sound.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// Why the loudness that was asked for could not be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cannot: Option<Cannot>,
    /// Keys of other versions.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A sound, by name and content.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SourceRecord {
    /// Name of the file, without folders.
    pub name: String,
    /// MD5 of the decoded samples.
    pub pcm_md5: Option<String>,
    /// Container.
    pub format: Option<String>,
    /// Frames a second.
    pub sample_rate_hz: u32,
    /// Bits a sample; `null` for lossy codecs.
    pub bits: Option<u32>,
    /// Number of channels.
    pub channels: usize,
    /// Length in seconds.
    pub duration_s: f64,
    /// Size and time of the file when it was measured, where it is to be known again without measuring.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stamp: Option<FileStamp>,
    /// Keys of other versions.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// By what a file is known again without reading it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileStamp {
    /// Its size.
    pub bytes: u64,
    /// When it was last written to, in milliseconds since 1970.
    pub modified_ms: u64,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// Program and command that made a document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MadeBy {
    /// Name of the program.
    pub tool: String,
    /// Its version.
    pub version: String,
    /// Version of the sound: changes whenever rendered bits do.
    pub sound: String,
    /// The command, as typed.
    pub command: Option<String>,
    /// Where all random choices started.
    pub seed: u64,
    /// Keys of other versions.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// How sure a move is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// The measure is far outside its tolerance.
    High,
    /// Outside its tolerance.
    #[default]
    Medium,
    /// A matter of taste, or little sound to measure by.
    Low,
}

/// What became of a move in the settings that are rendered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Rendered as it was suggested.
    #[default]
    Suggested,
    /// Rendered otherwise than it was suggested, or suggested by nobody.
    Edited,
    /// Suggested, and not rendered.
    LeftOut,
}

/// Why one thing is done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Move {
    /// What it explains: the `id` of a band, or a stage such as `stereo`, `drive`, `limiter`.
    pub id: String,
    /// What became of it.
    pub mark: Mark,
    /// The setting in words, such as `bell 250 Hz -1.6 dB Q 0.8`.
    pub what: String,
    /// A sentence: what was measured, and what that sounds like.
    pub text: String,
    /// The measure, as a path of the analysis; empty for what no measure asked for.
    pub metric: String,
    /// The part of the spectrum that is meant.
    pub band_hz: Option<[f64; 2]>,
    /// The measure before.
    pub measured: f64,
    /// The measure aimed for.
    pub aim: f64,
    /// How far from it is still good.
    pub tolerance: f64,
    /// The measure that is expected afterwards.
    pub expected: f64,
    /// Unit of the four numbers.
    pub unit: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// How sure it is that something is wrong, 0 to 100, where records were asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certainty_pct: Option<f64>,
    /// Checksum of the setting as it was suggested: with another one it is an edited one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setting_check: Option<String>,
    /// What would be better done in the mix, where that can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_the_mix: Option<String>,
    /// Keys of other versions.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Move {
    /// What stands in place of a setting where nothing is done.
    pub const LEFT_ALONE: &str = "as it is";
    /// The same where something would be done if it were surer or paid more.
    pub const PROPOSED: &str = "proposed, not done";

    /// What is only told: nothing was measured that asked for it.
    pub fn told(id: &str, what: impl Into<String>, text: impl Into<String>) -> Self {
        let (id, what, text) = (id.to_owned(), what.into(), text.into());
        Self { id, what, text, confidence: Confidence::Low, ..Self::default() }
    }

    /// Is it about the record that is followed?
    pub fn is_about_record(&self) -> bool {
        self.id == "record"
    }

    /// Is it what was tried for other systems, done or not?
    pub fn is_for_systems(&self) -> bool {
        self.metric.starts_with("translation.")
            || (self.id == "away" && self.what == Self::PROPOSED)
    }
}

/// Measured before, predicted, measured after: the same record three times.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Numbers {
    /// The source.
    pub before: Option<Analysis>,
    /// What the fit expected of the render.
    pub predicted: Option<Analysis>,
    /// The written file, decoded and measured.
    pub after: Option<Analysis>,
}

/// Why a settings document was not taken.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// Not JSON, or a key is wrong, unknown or missing.
    #[error("settings document, at {path}: {reason}")]
    Document {
        /// Path of the key in the document.
        path: String,
        /// What is wrong there.
        reason: String,
    },
    /// Another kind of document.
    #[error("schema is \"{given}\", a settings document has \"{SETTINGS_SCHEMA}\"")]
    Schema {
        /// The schema it names.
        given: String,
    },
    /// A value in `settings` that the engine cannot do.
    #[error(transparent)]
    Settings(#[from] acetate_engine::SettingsError),
}

impl SettingsDocument {
    /// A document of bare settings.
    pub fn new(settings: Settings) -> Self {
        Self {
            schema: SETTINGS_SCHEMA.to_owned(),
            summary: String::new(),
            source: None,
            made_by: None,
            aim: AimRecord::default(),
            settings,
            moves: Vec::new(),
            numbers: Numbers::default(),
            findings: Vec::new(),
            cannot: None,
            extra: Map::new(),
        }
    }

    /// Reads a settings document.
    ///
    /// # Errors
    /// The path of the key that is wrong, unknown (inside `settings`) or missing; a foreign `schema`.
    pub fn parse(json: &str) -> Result<Self, DocumentError> {
        let value: Value = serde_json::from_str(json).map_err(|error| DocumentError::Document {
            path: "the beginning".to_owned(),
            reason: error.to_string(),
        })?;
        // The schema comes first: a foreign document would fail with a missing key instead.
        match value.get("schema") {
            Some(Value::String(schema)) if schema == SETTINGS_SCHEMA => {}
            Some(given) => return Err(DocumentError::Schema { given: plain(given) }),
            None => return Err(DocumentError::Schema { given: "missing".to_owned() }),
        }
        if let Some(settings) = value.get("settings") {
            acetate_engine::from_value(settings)?;
        }
        acetate_documents::from_value(value)
            .map_err(|Fault { path, reason }| DocumentError::Document { path, reason })
    }

    /// Whether `after` is what the document aimed for; `before` is the source.
    pub fn verdict(&self, before: &Analysis, after: &Analysis) -> Verdict {
        let tone = self.aim.take.iter().any(|taken| taken == "tone");
        let take = Match { tone, loudness: false, ..Match::default() };
        let mut verdict =
            verify(before, after, &self.aim.aim(), &FitOptions { take, ..FitOptions::default() });
        for check in verdict.checks.iter_mut().filter(|check| check.name == "tone") {
            check.advisory = self.aim.style.is_some();
        }
        verdict.cannot.clone_from(&self.cannot);
        verdict
    }

    /// The document as it is written: indented JSON with a newline at the end.
    pub fn to_json(&self) -> String {
        acetate_documents::to_text(self)
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use acetate_references::aim::{Alignment, Wanted};
    use acetate_references::{Aim, Target, target};

    use super::*;

    #[track_caller]
    fn refused(json: &str) -> String {
        SettingsDocument::parse(json).unwrap_err().to_string()
    }

    #[test]
    fn a_written_document_is_read_back() {
        let mut document =
            SettingsDocument::new(Settings { drive_db: 4.317, ..Settings::default() });
        document.moves.push(Move { id: "eq1".to_owned(), measured: 2.4, ..Move::default() });
        assert_eq!(SettingsDocument::parse(&document.to_json()).unwrap(), document);
    }

    #[test]
    fn settings_alone_are_a_document() {
        let json = r#"{"schema":"acetate.settings/1","settings":{"drive_db":3}}"#;
        assert_eq!(SettingsDocument::parse(json).unwrap().settings.drive_db, 3.0);
    }

    #[test]
    fn a_misspelt_setting_is_named_with_its_path() {
        let message = refused(
            r#"{"schema":"acetate.settings/1","settings":{"limiter":{"cieling_dbtp":-1}}}"#,
        );
        assert!(message.contains("settings.limiter.cieling_dbtp"), "{message}");
        assert!(message.contains("ceiling_dbtp"), "{message}");
    }

    #[test]
    fn keys_of_other_versions_are_kept_outside_the_settings() {
        let json = r#"{"schema":"acetate.settings/1","settings":{},"studio":{"room":2},
            "moves":[{"id":"eq1","mood":"calm"}]}"#;
        let again = SettingsDocument::parse(json).unwrap().to_json();
        let value: Value = serde_json::from_str(&again).unwrap();
        assert_eq!(value["studio"]["room"], 2);
        assert_eq!(value["moves"][0]["mood"], "calm");
    }

    #[test]
    fn a_wrong_type_outside_the_settings_is_named_with_its_path() {
        let json = r#"{"schema":"acetate.settings/1","settings":{},"moves":[{"measured":"much"}]}"#;
        assert!(refused(json).contains("moves[0].measured"), "{}", refused(json));
    }

    #[test]
    fn the_tone_of_an_aim_is_read_back_and_judges_the_same() {
        let mut aim = Aim::of_loudness(Some(-14.0), -1.0);
        for (index, band) in aim.tone.iter_mut().enumerate().skip(3) {
            *band = Wanted { db: -0.5 * index as f64, tolerance_db: 1.25, weight: 0.75 };
        }
        aim.alignment = Alignment::LeastChange;
        let record = AimRecord {
            target: Some(TargetRecord {
                integrated_lufs: Some(-14.0),
                true_peak_dbtp: -1.0,
                ..TargetRecord::default()
            }),
            tone: ToneRecord::of(&aim),
            ..AimRecord::default()
        };
        assert_eq!(record.aim(), aim);
        let nothing = AimRecord { tone: ToneRecord::of(&Aim::of_loudness(None, 0.0)), ..record };
        assert_eq!(nothing.tone, None);
    }

    #[test]
    fn the_rules_of_a_target_are_found_again_built_in_or_not() {
        let mut record = TargetRecord::default();
        assert_eq!(record.target(), None);
        record.describe(target("acx").unwrap());
        assert_eq!((record.rules.is_none(), record.target()), (true, target("acx")));
        let own = Target { tolerance_lu: 3.0, ..target("spotify").unwrap().clone() };
        record.describe(&own);
        assert_eq!(record.target(), Some(&own));
    }

    #[test]
    fn a_foreign_document_is_refused_by_its_schema() {
        assert!(refused(r#"{"schema":"acetate.analysis/1"}"#).contains("acetate.analysis/1"));
        assert!(refused(r#"{"settings":{}}"#).contains("missing"));
    }
}
