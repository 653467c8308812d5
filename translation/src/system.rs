//! Where music is played: a curve, what becomes of the sides, the device's own processing, level and noise.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::curve::{Curve, THIRD_OCTAVES_HZ};
use crate::medium::Medium;
use crate::system_error::SystemError;

/// The value of [`System::schema`].
pub const SYSTEM_SCHEMA: &str = "acetate.system/1";
/// Levels beyond this are mistakes of typing.
const LEVEL_DB_MAX: f64 = 100.0;
/// Frequencies of a curve.
const HZ: std::ops::RangeInclusive<f64> = 1.0..=100_000.0;
/// Levels at which music is played, dB(A).
const LEVEL_DBA: std::ops::RangeInclusive<f64> = 30.0..=120.0;

/// How far to trust what is said about a system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// From several measurements that agree on how much they differ.
    Measured,
    /// From one measurement, or repeated by others.
    Reported,
    /// Nothing was found: a reasoned guess.
    #[default]
    Assumed,
}

impl Confidence {
    /// The word, as documents have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Reported => "reported",
            Self::Assumed => "assumed",
        }
    }
}

/// What becomes of the difference between the channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Side {
    /// It is played.
    #[default]
    Stereo,
    /// There is one loudspeaker, or both play the sum.
    Mono,
    /// It is played above a frequency only: one loudspeaker has all of the bass.
    RemovedBelow {
        /// That frequency, where half of its amplitude is left.
        hz: f64,
    },
    /// Each ear hears some of the other channel, through a low-pass of first order: y = L + g LP(R - L).
    Crossfeed {
        /// Corner of the low-pass.
        hz: f64,
        /// How far the other channel lies below at low frequencies, dB.
        db: f64,
    },
}

impl Side {
    /// Share of the other channel that crosses over at 0 Hz: 1 / (1 + 10^(dB/20)).
    pub fn crossfeed_share(db: f64) -> f64 {
        1.0 / (1.0 + acetate_audio::units::db_to_amplitude(db))
    }
}

/// What a device does to whatever it plays at full volume.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Gain before its limiter, dB.
    pub boost_db: f64,
    /// Fourth-order high-pass before it, Hz.
    pub high_pass_hz: f64,
}

/// One way of hearing music. The curves are dB relative to the mean of 500 Hz to 2 kHz.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// `acetate.system/1`.
    #[serde(default = "own_schema")]
    pub schema: String,
    /// Short name: `phone`.
    pub id: String,
    /// What people call it; the id where nothing is said.
    #[serde(default)]
    pub name: String,
    /// Where that is, as sentences have it: `in a car at 50 km/h`; `on` and the name where nothing is said.
    #[serde(default)]
    pub place: String,
    /// Frequencies of the curve's points; the third octaves 20 Hz to 20 kHz where nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hz: Vec<f64>,
    /// The middle of such systems.
    pub curve_db: Vec<f64>,
    /// What a quarter of them stays below; the middle where nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub p25_db: Vec<f64>,
    /// What a quarter of them stays above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub p75_db: Vec<f64>,
    /// What becomes of the difference between the channels.
    #[serde(default)]
    pub side: Side,
    /// What the device does at full volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// What a record or a tape does beside that, to be heard; the measures leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medium: Option<Medium>,
    /// Level at the listener, gated, A-weighted.
    #[serde(default = "level_dba")]
    pub level_dba: f64,
    /// Id of the noise around it.
    #[serde(default = "noise")]
    pub noise: String,
    /// How far to trust it.
    #[serde(default)]
    pub confidence: Confidence,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
    /// When that was looked up.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub checked: String,
}

fn own_schema() -> String {
    SYSTEM_SCHEMA.to_owned()
}

fn level_dba() -> f64 {
    75.0
}

fn noise() -> String {
    "room".to_owned()
}

/// One of several such systems.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) curve: Curve,
    /// How much louder its noise is than the stated one.
    pub(crate) noise_db: f64,
}

impl System {
    /// Reads and checks a document.
    ///
    /// # Errors
    /// When it is no such document, or its curve has holes, too few points, or levels that are no decibels.
    pub fn parse(json: &str) -> Result<Self, SystemError> {
        let value: Value =
            serde_json::from_str(json).map_err(|error| SystemError::of_text(&error))?;
        let mut system: Self =
            acetate_documents::from_value(value).map_err(|fault| SystemError::of_fault(&fault))?;
        if system.name.is_empty() {
            system.name.clone_from(&system.id);
        }
        if system.place.is_empty() {
            system.place = format!("on {}", system.name);
        }
        system.check()?;
        Ok(system)
    }

    /// Are all its values in their ranges?
    ///
    /// # Errors
    /// When one is not.
    pub fn check(&self) -> Result<(), SystemError> {
        let plain = |c: char| c.is_alphanumeric() || c == '-';
        if self.id.is_empty() || !self.id.chars().all(plain) {
            return Err(SystemError::Id);
        }
        let hz = self.points_hz();
        let mut last = 0.0;
        for &given in hz {
            if !HZ.contains(&given) || given <= last {
                return Err(SystemError::Frequency { given });
            }
            last = given;
        }
        check_levels("curve_db", &self.curve_db, hz)?;
        for (key, levels) in [("p25_db", &self.p25_db), ("p75_db", &self.p75_db)] {
            if !levels.is_empty() {
                check_levels(key, levels, hz)?;
            }
        }
        SystemError::within("level_dba", self.level_dba, LEVEL_DBA)?;
        match self.side {
            Side::Stereo | Side::Mono => {}
            Side::RemovedBelow { hz } => SystemError::within("side.hz", hz, 40.0..=4_000.0)?,
            Side::Crossfeed { hz, db } => {
                SystemError::within("side.hz", hz, 100.0..=4_000.0)?;
                SystemError::within("side.db", db, 0.0..=30.0)?;
            }
        }
        if let Some(device) = self.device {
            SystemError::within("device.boost_db", device.boost_db, 0.0..=24.0)?;
            SystemError::within("device.high_pass_hz", device.high_pass_hz, 10.0..=1_000.0)?;
        }
        self.medium.as_ref().map_or(Ok(()), Medium::check)?;
        if crate::noise(&self.noise).is_none() {
            let known: BTreeSet<&str> =
                crate::noises().iter().map(|noise| noise.id.as_str()).collect();
            return Err(SystemError::Noise {
                given: self.noise.clone(),
                known: known.into_iter().collect::<Vec<_>>().join(", "),
            });
        }
        Ok(())
    }

    /// Frequencies of the points.
    fn points_hz(&self) -> &[f64] {
        if self.hz.is_empty() { &THIRD_OCTAVES_HZ } else { &self.hz }
    }

    /// The middle of such systems.
    pub fn curve(&self) -> Curve {
        Curve::new(self.points_hz(), &self.curve_db)
    }

    /// The middle of such systems; then the worse and the better ones, with more and with less noise, where that is known.
    pub(crate) fn cases(&self) -> Vec<Case> {
        let spread_db = crate::noise(&self.noise).map_or(0.0, |noise| noise.spread_db);
        let case = |levels: &[f64], noise_db: f64| {
            let levels = if levels.is_empty() { &self.curve_db } else { levels };
            Case { curve: Curve::new(self.points_hz(), levels), noise_db }
        };
        let all = [
            case(&self.curve_db, 0.0),
            case(&self.p25_db, spread_db),
            case(&self.p75_db, -spread_db),
        ];
        let is_known = spread_db > 0.0 || !(self.p25_db.is_empty() && self.p75_db.is_empty());
        all.into_iter().take(if is_known { 3 } else { 1 }).collect()
    }
}

fn check_levels(key: &'static str, levels: &[f64], hz: &[f64]) -> Result<(), SystemError> {
    if levels.len() < SystemError::POINTS_MIN {
        return Err(SystemError::TooFew { key, given: levels.len() });
    }
    if levels.len() != hz.len() {
        return Err(SystemError::Length { key, given: levels.len(), wanted: hz.len() });
    }
    let wrong =
        levels.iter().zip(hz).find(|(level, _)| !(-LEVEL_DB_MAX..=LEVEL_DB_MAX).contains(*level));
    match wrong {
        Some((&given, &hz)) => Err(SystemError::Level { key, given, hz }),
        None => Ok(()),
    }
}

/// The systems that are known, in the order in which they are shown.
pub fn systems() -> &'static [System] {
    static SYSTEMS: OnceLock<Vec<System>> = OnceLock::new();
    SYSTEMS.get_or_init(|| {
        acetate_documents::from_text(include_str!("../data/systems.json"))
            .expect("a test reads the shipped systems")
    })
}

/// Ways of hearing music that few do, and that are only heard where they are asked for: vinyl and cassette.
pub fn opt_in_systems() -> &'static [System] {
    static SYSTEMS: OnceLock<Vec<System>> = OnceLock::new();
    SYSTEMS.get_or_init(|| {
        acetate_documents::from_text(include_str!("../data/opt_in.json"))
            .expect("a test reads the shipped systems")
    })
}

/// The known system of that id, opt-in or not.
pub fn system(id: &str) -> Option<&'static System> {
    systems().iter().chain(opt_in_systems()).find(|system| system.id == id)
}

/// What others are compared with: flat, both channels, in a quiet room.
pub fn at_home() -> System {
    System {
        schema: own_schema(),
        id: "home".to_owned(),
        name: "at home".to_owned(),
        place: "at home".to_owned(),
        hz: Vec::new(),
        curve_db: vec![0.0; THIRD_OCTAVES_HZ.len()],
        p25_db: Vec::new(),
        p75_db: Vec::new(),
        side: Side::Stereo,
        device: None,
        medium: None,
        level_dba: level_dba(),
        noise: noise(),
        confidence: Confidence::Assumed,
        source: Vec::new(),
        checked: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_systems_are_sound_and_say_where_they_come_from() {
        for system in systems().iter().chain(opt_in_systems()) {
            system.check().unwrap_or_else(|error| panic!("{}: {error}", system.id));
            assert!(!system.source.is_empty() && !system.checked.is_empty(), "{}", system.id);
            assert!(!system.name.is_empty());
            // Relative to the mean of 500 Hz to 2 kHz: within what rounding to whole decibels and a draughtsman leave.
            let mean: f64 = system.curve_db[14..=20].iter().sum::<f64>() / 7.0;
            assert!(mean.abs() < 1.5, "{}: {mean}", system.id);
        }
        assert_eq!((systems().len(), opt_in_systems().len()), (12, 2));
    }

    #[track_caller]
    fn refused(json: &str, said: &str) {
        let error = System::parse(json).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
        assert!(!error.contains('\n'));
    }

    #[test]
    fn a_curve_with_holes_infinities_or_one_point_is_refused() {
        refused(
            r#"{"id":"a","hz":[100,200,300],"curve_db":[0,null,0]}"#,
            "curve_db[1] is null, and a number is wanted; a curve looks like {",
        );
        refused(r#"{"id":"a","hz":[100,200,300],"curve_db":[0,1e999,0]}"#, "curve_db");
        refused(r#"{"id":"a","hz":[100,200,300],"curve_db":[0,400,0]}"#, "400 dB at 200 Hz");
        refused(r#"{"id":"a","hz":[100],"curve_db":[0]}"#, "3 points or more");
        refused(r#"{"id":"a","curve_db":[0,0,0]}"#, "3 levels for 31 frequencies");
        refused(r#"{"id":"a","hz":[100,90,300],"curve_db":[0,0,0]}"#, "90 Hz");
        refused(r#"{"id":"a b","hz":[100,200,300],"curve_db":[0,0,0]}"#, "id");
        refused(r#"{"id":"a","hz":[1,2,3],"curve_db":[0,0,0],"noise":"sea"}"#, "no noise sea");
        refused(r#"{"id":"a","hz":[1,2,3],"curve_db":[0,0,0],"level_dba":300}"#, "level_dba");
        refused("{}", "has no id;");
        refused("", "is empty;");
        refused("[1]", "a curve looks like");
        refused(r#"{"id":"a","curve":[0]}"#, "has a key curve, which no system has");
        refused(r#"{"id":"a","hz":"low","curve_db":[0,0,0]}"#, "hz is string \"low\", and a list");
        refused(r#"{"id":"a","side":{"kind":"left"},"curve_db":[0,0,0]}"#, "side");
        refused("no json", "is not JSON: line 1, column 2");
        refused(r#"{"id":"a","hz":[1,2,3],"curve_db":[0,0,0]} {}"#, "is not JSON: line 1");
    }

    #[test]
    fn a_short_document_is_enough() {
        let json = r#"{"id":"kitchen","hz":[100,1000,10000],"curve_db":[-12,0,-3]}"#;
        let system = System::parse(json).unwrap();
        assert_eq!(
            (system.name.as_str(), system.side, system.cases().len()),
            ("kitchen", Side::Stereo, 1)
        );
        assert_eq!(System::parse(&serde_json::to_string(&system).unwrap()).unwrap(), system);
    }
}
