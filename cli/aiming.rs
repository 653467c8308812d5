//! From what was asked for to an aim: targets, references, options of a fit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use acetate_analyzer::Analysis;
use acetate_audio::Mono;
use acetate_optimizer::{Amounts, Detail, FitOptions, Match};
use acetate_references::{Aim, Profile, References, Target};
use md5::{Digest, Md5};
use serde_json::{Value, json};

use crate::failure::{Failure, Outcome};
use crate::fit_arguments::{
    AimArguments, Aspect, DetailArgument, FitArguments, LimiterArgument, TasteArguments,
};
use crate::lookup;
use crate::mono::MonoArgument;
use crate::reading::hex;

/// What the target is when none is asked for.
const DEFAULT_TARGET: &str = "streaming";

/// Everything that is the same for all files of a run.
#[derive(Clone, Debug)]
pub(crate) struct Wishes {
    /// The deliveries; at least one.
    pub(crate) targets: Vec<Target>,
    /// The references, with weights.
    references: Vec<(Profile, f64)>,
    tone: Option<Profile>,
    dynamics: Option<Profile>,
    width: Option<Profile>,
    style: String,
    target_asked: bool,
    md5: String,
    /// The first reference, where it is a sound file.
    record: Option<PathBuf>,
    mono: MonoArgument,
    /// What the fit may do.
    options: FitOptions,
}

impl Wishes {
    /// Looks up and measures what the arguments name.
    ///
    /// # Errors
    /// When a target, reference or style is not there or not readable.
    pub(crate) fn new(arguments: &FitArguments) -> Outcome<Self> {
        let AimArguments { target, reference, ref_tone, ref_dynamics, ref_width, style, .. } =
            &arguments.aim;
        let named =
            if target.is_empty() { vec![DEFAULT_TARGET.to_owned()] } else { target.clone() };
        let targets = named.iter().map(|name| lookup::target(name)).collect::<Outcome<_>>()?;
        let one = |name: &Option<String>| name.as_deref().map(lookup::profile).transpose();
        let references = reference
            .iter()
            .map(|text| lookup::weighted(text))
            .map(|(name, weight)| Ok((lookup::profile(name)?, weight)))
            .collect::<Outcome<_>>()?;
        let mut wishes = Self {
            target_asked: !target.is_empty(),
            md5: String::new(),
            record: reference.first().and_then(|text| lookup::sound_of(text)),
            targets,
            references,
            tone: one(ref_tone)?,
            dynamics: one(ref_dynamics)?,
            width: one(ref_width)?,
            style: if style.eq_ignore_ascii_case("auto") { "auto".into() } else { style.clone() },
            mono: arguments.aim.mono,
            options: options(arguments),
        };
        wishes.md5 = wishes.fingerprint()?;
        Ok(wishes)
    }

    /// Is there a reference, whole or for one aspect?
    pub(crate) fn has_reference(&self) -> bool {
        !self.references.is_empty()
            || self.tone.is_some()
            || self.dynamics.is_some()
            || self.width.is_some()
    }

    /// The name of the first reference, to name outputs after.
    pub(crate) fn reference_name(&self) -> Option<&str> {
        let aspects = [&self.tone, &self.dynamics, &self.width];
        let first = self.references.first().map(|(profile, _)| profile);
        first.or_else(|| aspects.into_iter().flatten().next()).map(|profile| profile.id.as_str())
    }

    /// The sound of the first reference, where it is a file.
    pub(crate) fn record(&self) -> Option<&Path> {
        self.record.as_deref()
    }

    /// A fingerprint of targets, references and style: it changes when one of their files does.
    pub(crate) fn md5(&self) -> String {
        self.md5.clone()
    }

    /// Was a target asked for?
    pub(crate) fn target_asked(&self) -> bool {
        self.target_asked
    }

    /// What the fingerprint is of: the documents as they are published, so that it does not depend on names in this code.
    fn fingerprint(&self) -> Outcome<String> {
        let aspects = [&self.tone, &self.dynamics, &self.width].into_iter().flatten();
        let profiles = self.references.iter().map(|(profile, _)| profile).chain(aspects);
        let mut documents: Vec<Value> = profiles.map(|profile| json!(profile)).collect();
        documents.extend(self.targets.iter().map(|target| json!(target)));
        documents.push(match self.style.as_str() {
            "auto" => json!("auto"),
            name => json!(lookup::style(name)?),
        });
        if let Some(mono) = self.mono.asked() {
            documents.push(json!(mono));
        }
        Ok(fingerprint(&Value::Array(documents)))
    }

    /// How a file of one channel is counted for a target.
    pub(crate) fn mono(&self, target: &Target) -> Mono {
        self.mono.for_target(target)
    }

    /// What the fit may do.
    pub(crate) fn options(&self) -> &FitOptions {
        &self.options
    }

    /// The aim for one mix and one target.
    ///
    /// # Errors
    /// When the references cannot be aimed at.
    pub(crate) fn aim(&self, mix: &Analysis, target: &Target) -> Outcome<Aim> {
        if !self.has_reference() {
            return match self.style.as_str() {
                "auto" => Ok(Aim::from_nearest_style(mix, target)),
                name => Ok(Aim::from_style(&lookup::style(name)?, mix, target)),
            };
        }
        let whole: Vec<(&Profile, f64)> =
            self.references.iter().map(|(profile, weight)| (profile, *weight)).collect();
        let mut references = References::blended(&whole);
        if let Some(profile) = &self.tone {
            references = references.with_tone_of(profile);
        }
        if let Some(profile) = &self.dynamics {
            references = references.with_dynamics_of(profile);
        }
        if let Some(profile) = &self.width {
            references = references.with_width_of(profile);
        }
        Aim::from_references(&references, target).map_err(Failure::usage)
    }
}

/// Keys that say where something comes from, and nothing of what is to be done.
const ORIGIN: [&str; 6] = ["schema", "name", "note", "source", "checked", "confidence"];

/// A hash of a document: without its origin and what is empty, keys in the order of the alphabet.
pub(crate) fn fingerprint(document: &Value) -> String {
    fn plain(value: &Value) -> Value {
        match value {
            Value::Array(entries) => entries.iter().map(plain).collect(),
            Value::Object(fields) => {
                let sorted: BTreeMap<&String, Value> = fields
                    .iter()
                    .filter(|(key, value)| !ORIGIN.contains(&key.as_str()) || value.is_object())
                    .map(|(key, value)| (key, plain(value)))
                    .filter(|(_, value)| !says_nothing(value))
                    .collect();
                json!(sorted)
            }
            other => other.clone(),
        }
    }
    hex(&Md5::digest(plain(document).to_string()))
}

/// What a field that is added later says of documents that know nothing of it.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(entries) => entries.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn options(arguments: &FitArguments) -> FitOptions {
    let limits = &arguments.limits;
    FitOptions {
        take: take(&arguments.aim),
        amounts: amounts(&arguments.taste),
        max_eq_db: limits.max_eq,
        detail: match limits.detail {
            DetailArgument::Broad => Detail::Broad,
            DetailArgument::Medium => Detail::Medium,
            DetailArgument::Fine => Detail::Fine,
        },
        thorough: limits.thorough,
        seed: limits.seed,
        max_damage_db: limits.max_damage,
        force: limits.force,
        limiter: limits.limiter.kind(),
        lufs: arguments.aim.lufs,
        ceiling_dbtp: arguments.aim.ceiling,
        reverb_pct: arguments.taste.reverb.unwrap_or(0.0),
        saturation_pct: arguments.taste.saturation.unwrap_or(0.0),
        ..FitOptions::default()
    }
}

/// With a reference and no target, loudness is taken from the reference too.
fn take(aim: &AimArguments) -> Match {
    match &aim.take {
        Some(list) => Match {
            tone: list.contains(&Aspect::Tone),
            dynamics: list.contains(&Aspect::Dynamics),
            width: list.contains(&Aspect::Width),
            loudness: list.contains(&Aspect::Loudness),
        },
        None => Match {
            loudness: !aim.reference.is_empty() && aim.target.is_empty(),
            ..Match::default()
        },
    }
}

/// The amounts, in percent.
pub(crate) fn amounts(taste: &TasteArguments) -> Amounts {
    Amounts {
        all: taste.amount.unwrap_or(100.0),
        tone: taste.tone.unwrap_or(100.0),
        dynamics: taste.dynamics.unwrap_or(100.0),
        width: taste.width.unwrap_or(100.0),
    }
}

impl LimiterArgument {
    fn kind(self) -> acetate_engine::settings::LimiterKind {
        use acetate_engine::settings::LimiterKind;
        match self {
            Self::Transparent => LimiterKind::Transparent,
            Self::Masked => LimiterKind::Masked,
            Self::Fast => LimiterKind::Fast,
            Self::Off => LimiterKind::Off,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hash is what finished masters have in their settings: with another one, all of them are rendered again.
    #[test]
    fn a_rename_in_the_code_does_not_change_the_fingerprint() {
        let text = r#"{ "schema": "acetate.target/1", "id": "mine", "name": "Mine", "integrated_lufs": -12.0,
            "loudness_rule": "target", "tolerance_lu": 0.5, "true_peak_dbtp": -1.0, "source": "me",
            "checked": "2026-11-20", "confidence": "custom" }"#;
        let target = Target::parse(text).unwrap();
        let hash = |target: &Target| fingerprint(&json!([target, "auto"]));
        assert_eq!(hash(&target), "c26daa3134796718048fce11c306b0b6");
        let mut other = target.clone();
        other.checked = "2026-11-28".parse().unwrap();
        other.note = Some("looked up again".to_owned());
        assert_eq!(hash(&other), hash(&target), "nothing else is done");
        other.integrated_lufs = Some(-11.0);
        assert_ne!(hash(&other), hash(&target));
    }
}
