//! What is wanted: where the master goes, what it should sound like, how far to go.

mod aimed;
mod taste;

use acetate_audio::Mono;
use acetate_optimizer::{Amounts, Detail, FitOptions, Match};
use acetate_references::aim::Lean;
use acetate_references::style::Style;
use acetate_references::{Profile, Target, target};
use acetate_translation::System;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::check::codec::Lossy;
use crate::collection::Collection;
use crate::fingerprint::fingerprint;
use crate::names::{profile_named, target_named};
use crate::output::{FileWish, NameParts, extension_of};
use crate::restore::RestoreMode;
use crate::{Error, Input, Library, OptionRange};

/// The target when none is asked for.
const DEFAULT_TARGET: &str = "streaming";

/// Everything that can be asked of a master, typed. The default is `streaming` in the nearest style, all the way.
///
/// ```
/// use acetate::Request;
///
/// let request = Request::target("spotify")?.style("pop")?.amount(80.0);
/// request.check()?;
/// # Ok::<(), acetate::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Delivery rules.
    target: Target,
    /// Were they asked for? Without, records decide the loudness too.
    target_asked: bool,
    /// Records to lean to, with weights.
    #[serde(default)]
    references: Vec<Weighted>,
    /// A record to take the tone from instead.
    #[serde(default)]
    tone_of: Option<Profile>,
    /// A record to take the dynamics from instead.
    #[serde(default)]
    dynamics_of: Option<Profile>,
    /// A record to take the width from instead.
    #[serde(default)]
    width_of: Option<Profile>,
    /// A style to lean to where there is no record; `None` is the nearest.
    #[serde(default)]
    style: Option<Style>,
    /// A person's own records: where there is no record and no style, they are among what is known of records.
    #[serde(default)]
    own_records: Collection,
    /// What it leans to beside where it would go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lean: Option<Lean>,
    /// What to take from the records; `None` is tone, dynamics and width, and with a record and no target loudness too.
    #[serde(default)]
    pub take: Option<Match>,
    /// How a file of one channel is counted; `None` is as the target says.
    #[serde(default)]
    pub mono: Option<Mono>,
    /// How far to go, and where to stop. [`FitOptions::take`] and [`FitOptions::output`] follow from the rest of the request.
    #[serde(default)]
    pub options: FitOptions,
    /// The written file.
    #[serde(default)]
    pub file: FileWish,
    /// Lossy codecs after which nothing is to pass full scale: the ceiling goes as low as this song needs for it (with an ffmpeg).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codecs: Vec<Lossy>,
    /// Systems for which it may be changed, where that wins much there and costs little at home.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub for_systems: Vec<System>,
    /// What is done about damage of the mix.
    #[serde(default, skip_serializing_if = "RestoreMode::is_report")]
    pub restore: RestoreMode,
}

/// A record and what it counts for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weighted {
    /// The record.
    pub profile: Profile,
    /// Its weight; only ratios count.
    pub weight: f64,
}

impl Default for Request {
    fn default() -> Self {
        let target = target(DEFAULT_TARGET).expect("it is built in").clone();
        Self { target_asked: false, ..Self::for_target(target) }
    }
}

impl Request {
    /// A master for these delivery rules.
    pub fn for_target(target: Target) -> Self {
        Self {
            target,
            target_asked: true,
            references: Vec::new(),
            tone_of: None,
            dynamics_of: None,
            width_of: None,
            style: None,
            own_records: Collection::default(),
            lean: None,
            take: None,
            mono: None,
            options: FitOptions::default(),
            file: FileWish::default(),
            codecs: Vec::new(),
            for_systems: Vec::new(),
            restore: RestoreMode::default(),
        }
    }

    /// A master for delivery rules by their id, or from a target file.
    ///
    /// # Errors
    /// When there is no such target.
    pub fn target(name: &str) -> Result<Self, Error> {
        Ok(Self::for_target(target_named(name)?))
    }

    /// The same for other rules, as asked for.
    pub fn with_target(self, target: Target) -> Self {
        Self { target, target_asked: true, ..self }
    }

    /// Leans to a record: a sound file or a profile file. Several are blended.
    ///
    /// A sound file is measured here, and nobody can watch or stop that: `Song::opening(path).profile(&mut observer)`
    /// ([`Opening::profile`](crate::Opening::profile)) can be, for [`Request::reference_profile`].
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn reference(self, name: &str) -> Result<Self, Error> {
        let profile = profile_named(name, None)?;
        Ok(self.reference_profile(profile, 1.0))
    }

    /// Leans to a record of a library, a sound file or a profile file, with a weight.
    ///
    /// # Errors
    /// When it is not there, or cannot be read.
    pub fn reference_in(self, library: &Library, name: &str, weight: f64) -> Result<Self, Error> {
        let profile = profile_named(name, Some(library))?;
        Ok(self.reference_profile(profile, weight))
    }

    /// Leans to a record that was measured already.
    pub fn reference_profile(mut self, profile: Profile, weight: f64) -> Self {
        self.references.push(Weighted { profile, weight });
        self
    }

    /// The same without any record.
    pub fn without_records(mut self) -> Self {
        self.references.clear();
        Self { tone_of: None, dynamics_of: None, width_of: None, ..self }
    }

    /// Takes the tone from this record, whatever the others are.
    pub fn tone_of(self, profile: Profile) -> Self {
        Self { tone_of: Some(profile), ..self }
    }

    /// Takes the dynamics from this record, whatever the others are.
    pub fn dynamics_of(self, profile: Profile) -> Self {
        Self { dynamics_of: Some(profile), ..self }
    }

    /// Takes the width from this record, whatever the others are.
    pub fn width_of(self, profile: Profile) -> Self {
        Self { width_of: Some(profile), ..self }
    }

    /// How far to go in everything, in percent (0 to 150).
    pub fn amount(mut self, percent: f64) -> Self {
        self.options.amounts.all = percent;
        self
    }

    /// Loudness in place of the target's, in LUFS (-60 to 0).
    pub fn lufs(mut self, lufs: f64) -> Self {
        self.options.lufs = Some(lufs);
        self
    }

    /// True-peak ceiling in place of the target's, in dBTP (-20 to 0).
    pub fn ceiling_dbtp(mut self, ceiling_dbtp: f64) -> Self {
        self.options.ceiling_dbtp = Some(ceiling_dbtp);
        self
    }

    /// How finely the equaliser follows a record.
    pub fn detail(mut self, detail: Detail) -> Self {
        self.options.detail = detail;
        self
    }

    /// Delivery rules of the master.
    pub fn delivery(&self) -> &Target {
        &self.target
    }

    /// Were the delivery rules asked for?
    pub fn target_asked(&self) -> bool {
        self.target_asked
    }

    /// Is there a record, whole or for one aspect?
    pub fn has_reference(&self) -> bool {
        self.records().next().is_some()
    }

    /// Was a style chosen?
    pub fn has_style(&self) -> bool {
        self.style.is_some()
    }

    /// The name of the first record, to name outputs after.
    pub fn reference_name(&self) -> Option<&str> {
        self.records().next().map(|profile| profile.id.as_str())
    }

    /// The usual name of the master of `input`, or that of a template; the header of the file is enough to know its format.
    ///
    /// # Errors
    /// When the file cannot be opened as sound, cannot be written so, or the template has a field that there is none of.
    pub fn output_name(&self, input: &Input, template: Option<&str>) -> Result<String, Error> {
        let format = input.format()?;
        let parts = NameParts {
            stem: &input.stem(),
            target: &self.target.id,
            target_asked: self.target_asked,
            reference: self.reference_name(),
            extension: extension_of(self.file.output(None, Some(&self.target), &format)?.format),
        };
        parts.fill(template)
    }

    fn records(&self) -> impl Iterator<Item = &Profile> {
        let aspects = [&self.tone_of, &self.dynamics_of, &self.width_of].into_iter().flatten();
        self.references.iter().map(|reference| &reference.profile).chain(aspects)
    }

    /// How a file of one channel is counted.
    pub fn mono(&self) -> Mono {
        self.mono.unwrap_or(self.target.mono)
    }

    /// Makes sure that every number is in its range.
    ///
    /// # Errors
    /// The first that is not, with its range.
    pub fn check(&self) -> Result<(), Error> {
        let options = &self.options;
        let Amounts { all, tone, dynamics, width } = options.amounts;
        let mut numbers = vec![
            (OptionRange::AMOUNT, "amount", all),
            (OptionRange::AMOUNT, "tone", tone),
            (OptionRange::AMOUNT, "dynamics", dynamics),
            (OptionRange::AMOUNT, "width", width),
            (OptionRange::SHARE, "reverb", options.reverb_pct),
            (OptionRange::SHARE, "saturation", options.saturation_pct),
            (OptionRange::MAX_EQ, "max_eq", options.max_eq_db),
            (OptionRange::MAX_DAMAGE, "max_damage", options.max_damage_db),
        ];
        numbers.extend(options.lufs.map(|lufs| (OptionRange::LUFS, "lufs", lufs)));
        if let Some(lean) = &self.lean {
            numbers.extend(lean.tone_db.map(|db| (OptionRange::LEAN, "lean", db)));
            numbers.push((OptionRange::LEAN_WIDTH, "lean in width", lean.width_db));
            numbers.push((OptionRange::LEAN_DENSITY, "lean in density", lean.density_pct));
        }
        numbers.extend(options.ceiling_dbtp.map(|dbtp| (OptionRange::CEILING, "ceiling", dbtp)));
        numbers.into_iter().try_for_each(|(range, option, given)| range.check(option, given))
    }

    /// A fingerprint of target, records, style and how mono is heard: it changes when one of their files does.
    ///
    /// It is of the documents as they are published, so that it does not depend on names in this code.
    pub fn md5(&self) -> String {
        let mut documents: Vec<Value> = self.records().map(|profile| json!(profile)).collect();
        documents.push(json!(self.target));
        documents.push(self.style.as_ref().map_or_else(|| json!("auto"), |style| json!(style)));
        if self.style.is_none() && !self.has_reference() && !self.own_records.is_empty() {
            documents.push(json!(self.own_records.md5()));
        }
        documents.extend(self.lean.map(|lean| json!({ "lean": lean })));
        documents.extend(self.mono.map(|mono| json!(mono)));
        documents.extend(self.codecs.iter().map(|codec| json!(codec)));
        documents.extend(self.for_systems.iter().map(|system| json!(system)));
        fingerprint(&Value::Array(documents))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_survives_json_and_names_what_is_out_of_range() {
        let request = Request::target("spotify").unwrap().style("pop").unwrap().lufs(-11.0);
        let again: Request = serde_json::from_value(json!(request)).unwrap();
        assert_eq!(again, request);
        assert!(request.check().is_ok());
        let wrong = request.amount(151.0).check().unwrap_err().to_string();
        assert_eq!(wrong, "amount is 151: it takes 0 to 150 %");
    }

    #[test]
    fn own_records_count_where_nothing_else_is_said() {
        let mix = crate::Song::from_samples("mix", 48_000, vec![vec![0.1; 48_000]]).unwrap();
        let record = Profile::from_measured("record", mix.measured());
        let plain = Request::default();
        let among = plain.clone().among_own_records(vec![record]);
        assert_ne!(among.md5(), plain.md5());
        assert_eq!(among.clone().style("pop").unwrap().md5(), plain.style("pop").unwrap().md5());
        let again: Request = serde_json::from_value(json!(among)).unwrap();
        assert_eq!(again.md5(), among.md5());
    }

    #[test]
    fn loudness_comes_from_the_record_where_no_target_was_asked_for() {
        let mix = crate::Song::from_samples("mix", 48_000, vec![vec![0.1; 48_000]]).unwrap();
        let record = Profile::from_measured("record", mix.measured());
        let taken = |request: Request| {
            request.reference_profile(record.clone(), 1.0).fit_options().take.loudness
        };
        assert!(taken(Request::default()));
        assert!(!taken(Request::target("spotify").unwrap()));
    }
}
