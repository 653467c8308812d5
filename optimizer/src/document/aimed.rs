//! What was aimed for, as the document has it.

use acetate_references::aim::Alignment;
use acetate_references::aim::Wanted;
use acetate_references::oneshot::Hearing;
use acetate_references::{Aim, Target, target};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::is_false;
use crate::options::Amounts;
use crate::wanted::Level;

/// What was aimed for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AimRecord {
    /// Delivery rules.
    pub target: Option<TargetRecord>,
    /// References and their weights.
    pub references: Vec<ReferenceRecord>,
    /// Style profile, when there was no reference.
    pub style: Option<String>,
    /// What was heard without a reference or a style asked for, how sure it is and what was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hearing: Option<Hearing>,
    /// What was taken: `tone`, `dynamics`, `width`, `loudness`.
    #[serde(rename = "match")]
    pub take: Vec<String>,
    /// How far to go.
    pub amount_pct: Amounts,
    /// The tone aimed for, so that it can be drawn and judged again; absent when the aim had no opinion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tone: Option<ToneRecord>,
    /// Keys of other versions.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The tone of an aim in third octaves, 25 Hz to 16 kHz.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToneRecord {
    /// How a measured curve is brought to its level.
    pub alignment: Alignment,
    /// Level of each band on a curve whose loudness is 0 dB; `null` where the aim has no opinion.
    pub level_db: Vec<Option<f64>>,
    /// How far from it is still good.
    pub tolerance_db: Vec<f64>,
    /// How much each band counts, 0 to 1.
    pub weight: Vec<f64>,
}

impl ToneRecord {
    /// The tone of `aim`, to a hundredth of a decibel.
    pub(crate) fn of(aim: &Aim) -> Option<Self> {
        let hundredths = |value: f64| (value * 100.0).round() / 100.0;
        let each =
            |of: fn(&Wanted) -> f64| aim.tone.iter().map(|band| hundredths(of(band))).collect();
        aim.tone.iter().any(|band| band.weight > 0.0).then(|| Self {
            alignment: aim.alignment,
            level_db: aim
                .tone
                .iter()
                .map(|band| (band.weight > 0.0).then(|| hundredths(band.db)))
                .collect(),
            tolerance_db: each(|band| band.tolerance_db),
            weight: each(|band| band.weight),
        })
    }

    fn wanted(&self) -> Vec<Wanted> {
        let limits = self.tolerance_db.iter().zip(&self.weight);
        let bands = self.level_db.iter().zip(limits);
        bands
            .map(|(level_db, (tolerance_db, weight))| {
                level_db.map_or(Wanted::NOTHING, |db| Wanted {
                    db,
                    tolerance_db: tolerance_db.max(0.01),
                    weight: *weight,
                })
            })
            .collect()
    }
}

impl AimRecord {
    /// What is left of the aim in the document: loudness, ceiling and tone.
    pub fn aim(&self) -> Aim {
        let mut aim = Aim::of_loudness(
            self.target.as_ref().and_then(|target| target.integrated_lufs),
            self.target.as_ref().map_or(0.0, |target| target.true_peak_dbtp),
        );
        let by_rms = self.target.as_ref().filter(|target| target.rms_dbfs.is_some());
        aim.rms_window_dbfs = by_rms.and_then(|target| target.target()?.rms_window_dbfs());
        if let Some(tone) = self.tone.as_ref().filter(|tone| tone.wanted().len() == aim.tone.len())
        {
            aim.tone = tone.wanted();
            aim.alignment = tone.alignment;
        }
        aim
    }
}

/// Delivery rules, with their origin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TargetRecord {
    /// Short name.
    pub id: String,
    /// Nobody asked for it.
    #[serde(skip_serializing_if = "is_false")]
    pub by_default: bool,
    /// Loudness that was aimed for, LUFS.
    pub integrated_lufs: Option<f64>,
    /// RMS level that was aimed for instead, dBFS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rms_dbfs: Option<f64>,
    /// Ceiling, dBTP.
    pub true_peak_dbtp: f64,
    /// All rules of a target that is not built in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Box<Target>>,
    /// Where the rule is written down.
    pub source: Option<String>,
    /// When that was looked up.
    pub checked: Option<String>,
    /// `verified`, `reported` or `custom`.
    pub confidence: Option<String>,
    /// Keys of other versions.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl TargetRecord {
    /// Notes which rules were aimed at and where they come from; the numbers aimed for stay.
    pub fn describe(&mut self, rules: &Target) {
        self.id.clone_from(&rules.id);
        self.source = Some(rules.source.clone());
        self.checked = Some(rules.checked.to_string());
        self.confidence = Some(format!("{:?}", rules.confidence).to_lowercase());
        let built_in = target(&rules.id) == Some(rules);
        self.rules = (!built_in).then(|| Box::new(rules.clone()));
    }

    /// The level that renders are brought to.
    pub fn level(&self) -> Option<Level> {
        let lufs = self.integrated_lufs.map(Level::Lufs);
        lufs.or_else(|| self.rms_dbfs.map(Level::RmsDbfs))
    }

    /// The rules that were aimed at: those in the record, or the built-in ones of that name.
    pub fn target(&self) -> Option<&Target> {
        self.rules.as_deref().or_else(|| target(&self.id))
    }
}

/// A reference and what it counts for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ReferenceRecord {
    /// Name of the profile or file.
    pub id: String,
    /// Share among the references, 0 to 1.
    pub weight: f64,
    /// Keys of other versions.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
