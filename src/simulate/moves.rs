//! What mastering can do for other systems, tried out: rendered, measured there and at home, and done only where it pays.

use acetate_analyzer::{Analyzer, BandEnergy, Measured};
use acetate_audio::{Audio, ReadError, Source};
use acetate_engine::settings::{BassHarmonicsSettings, LimiterKind, StereoBand};
use acetate_engine::{RenderError, Settings, prepare};
use acetate_translation::worth::LOST_LU;
use acetate_translation::{
    Answer, BandHeard, Listening, OnSystem, Outcome, System, Translation, changes_at_home,
    translate,
};

use super::needs::Standing;
use crate::observer::Watch;
use crate::{Error, Stage};

/// A move pays when it wins this many points somewhere.
pub(crate) const WON_POINTS: f64 = 20.0;
/// And changes no region at home by more than this, phon.
pub(crate) const HOME_PHON: f64 = 2.0;
/// Regions with less of the loudness at home than this are not missed, percent.
const SHARE_PCT: f64 = 5.0;
/// Levels of the second harmonic that are tried, the softest first; the third and fourth lie 3 and 6 dB below, as the ear expects.
const HARMONICS_DB: [f64; 4] = [-15.0, -12.0, -9.0, -6.0];
/// Widths that are tried, the widest first, percent.
const WIDTHS_PCT: [f64; 3] = [75.0, 50.0, 25.0];

/// What is helped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// A bass line that is not heard.
    Bass,
    /// Loudness that cancels.
    Mono,
}

/// One move that was tried.
#[derive(Clone, Debug)]
pub(crate) struct Help {
    pub(crate) need: Need,
    pub(crate) settings: Settings,
    /// The system on which it wins most.
    pub(crate) system: String,
    pub(crate) place: String,
    /// Percent heard there, or cancelled, before and after.
    pub(crate) there_pct: [f64; 2],
    /// How much quieter all of it is in mono, before and after, LU, where that is what is lost.
    pub(crate) quieter_lu: Option<[f64; 2]>,
    /// The region that it changes most at home.
    pub(crate) home: BandHeard,
}

impl Help {
    /// Points that are won.
    pub(crate) fn won(&self) -> f64 {
        self.need.won(self.there_pct)
    }

    /// What it costs at home, phon.
    pub(crate) fn costs_phon(&self) -> f64 {
        self.home.change_phon.abs()
    }

    pub(crate) fn pays(&self) -> bool {
        self.won() >= WON_POINTS && self.costs_phon() <= HOME_PHON
    }

    /// The stage, as settings call it.
    pub(crate) fn stage(&self) -> &'static str {
        match self.need {
            Need::Bass => "bass_harmonics",
            Need::Mono => "stereo",
        }
    }

    /// What was tried, and whether it is worth it.
    pub(crate) fn told(&self) -> String {
        let done = if self.pays() { "it pays" } else { "it does not pay" };
        format!("{}: {} ({done})", self.stage(), self.text())
    }

    /// Both numbers, in a sentence.
    pub(crate) fn text(&self) -> String {
        let [before, after] = self.there_pct;
        let [low, high] = [self.home.low_hz, self.home.high_hz];
        let change = self.home.change_phon;
        let won = match self.need {
            Need::Bass => {
                format!(
                    "{after:.0} % in place of {before:.0} of the bass notes are heard {}",
                    self.place
                )
            }
            Need::Mono => {
                let cancels = format!(
                    "{after:.0} % in place of {before:.0} of the loudness cancels {}",
                    self.place
                );
                let quieter = self.quieter_lu.map(|[before, after]| {
                    format!(", and all of it is {after:.1} LU quieter in place of {before:.1}")
                });
                cancels + &quieter.unwrap_or_default()
            }
        };
        format!("{won}, for {change:+.1} phon from {low:.0} to {high:.0} Hz at home")
    }
}

/// What came of one need.
#[derive(Clone, Debug)]
pub(crate) enum Attempt {
    /// The move that pays and costs least, or, where none pays, the one that wins most.
    Tried(Box<Help>),
    /// Why nothing is to be done, or can be.
    Told { need: Need, outcome: Outcome, text: String },
}

impl Attempt {
    /// As documents have it, for these systems.
    pub(crate) fn answer(&self, systems: &[System]) -> Answer {
        let (need, outcome, text) = match self {
            Self::Tried(help) if help.pays() => (help.need, Outcome::Pays, help.told()),
            Self::Tried(help) => (help.need, Outcome::DoesNotPay, help.told()),
            Self::Told { need, outcome, text } => (*need, *outcome, text.clone()),
        };
        let systems = systems.iter().map(|system| system.id.clone()).collect();
        Answer { need: need.word().to_owned(), systems, outcome, text }
    }
}

/// What can be done for each need of these systems; a need that none of them can have is left out.
///
/// # Errors
/// When the sound cannot be read again, or the observer stops it.
pub(crate) fn helps(
    name: &str,
    source: &Source,
    settings: &Settings,
    systems: &[System],
    watch: &Watch<'_>,
) -> Result<Vec<Attempt>, Error> {
    let unreadable = |error| Error::read(name, error);
    let before = heard(source, settings, systems).map_err(unreadable)?;
    let mut found = Vec::new();
    for need in [Need::Bass, Need::Mono] {
        match need.standing(&before.found.systems, systems) {
            Standing::Nothing => continue,
            Standing::Told(outcome, text) => found.push(Attempt::Told { need, outcome, text }),
            Standing::Lost => {
                let candidates = need.candidates(settings);
                let best = best(name, source, need, candidates, (&before, systems), watch)?;
                let none = || Attempt::Told {
                    need,
                    outcome: Outcome::DoesNotPay,
                    text: "tried, and nothing that was tried changes it".to_owned(),
                };
                found.push(best.map_or_else(none, |help| Attempt::Tried(Box::new(help))));
            }
        }
    }
    Ok(found)
}

/// Renders each candidate, the mildest first, until one pays.
fn best(
    name: &str,
    source: &Source,
    need: Need,
    candidates: Vec<Settings>,
    (before, systems): (&Heard, &[System]),
    watch: &Watch<'_>,
) -> Result<Option<Help>, Error> {
    let mut best: Option<Help> = None;
    let count = candidates.len();
    for (index, settings) in candidates.into_iter().enumerate() {
        watch.progress(Stage::Fitting, index as f64 / count as f64);
        if watch.is_stopped() {
            return Err(Error::Cancelled);
        }
        let after = heard(source, &settings, systems).map_err(|error| Error::read(name, error))?;
        let Some(help) = need.help(settings, before, &after) else { continue };
        let pays = help.pays();
        if pays || best.as_ref().is_none_or(|best| help.won() > best.won()) {
            best = Some(help);
        }
        // The next ones cost more.
        if pays {
            break;
        }
    }
    Ok(best)
}

/// A sound after settings, and what is left of it elsewhere.
struct Heard {
    found: Translation,
    energy: BandEnergy,
}

/// Everything before the drive decides it: systems are heard at their own levels.
fn heard(source: &Source, settings: &Settings, systems: &[System]) -> Result<Heard, RenderError> {
    let mut settings = settings.clone();
    settings.limiter.kind = LimiterKind::Off;
    let prepared = prepare(source, &settings)?;
    let spec = prepared.spec();
    let (mut analyzer, mut listening) = (Analyzer::new(spec), Listening::new(spec, systems));
    prepared.for_each_block::<ReadError>(&mut |block: &Audio| {
        analyzer.push(block);
        listening.push(block);
        Ok(())
    })?;
    let measured: Measured = analyzer.finish();
    let found = translate(&measured, &listening.finish(), systems, Vec::new());
    Ok(Heard { found, energy: measured.tables.energy })
}

impl Need {
    /// As documents have it.
    fn word(self) -> &'static str {
        match self {
            Self::Bass => "bass_line",
            Self::Mono => "mono",
        }
    }

    fn pct(self, there: &OnSystem) -> Option<f64> {
        match self {
            Self::Bass => there.bass.as_ref().map(|bass| bass.heard_pct),
            Self::Mono => there.mono.as_ref().and_then(|mono| mono.cancelled_pct),
        }
    }

    /// Points that are won from before to after.
    fn won(self, [before, after]: [f64; 2]) -> f64 {
        match self {
            Self::Bass => after - before,
            Self::Mono => before - after,
        }
    }

    /// The settings that are tried, the mildest first.
    fn candidates(self, settings: &Settings) -> Vec<Settings> {
        let changed = |change: &dyn Fn(&mut Settings)| {
            let mut settings = settings.clone();
            change(&mut settings);
            settings
        };
        let harmonics = |&second_db: &f64| {
            changed(&|settings| {
                settings.bass_harmonics = BassHarmonicsSettings {
                    enabled: true,
                    second_db,
                    third_db: second_db - 3.0,
                    fourth_db: second_db - 6.0,
                    ..BassHarmonicsSettings::default()
                };
            })
        };
        let narrower = |&pct: &f64| {
            changed(&|settings| {
                let bands = &mut settings.stereo.bands;
                if bands.is_empty() {
                    bands.push(StereoBand { below_hz: None, width_pct: 100.0 });
                }
                bands.iter_mut().for_each(|band| band.width_pct *= pct / 100.0);
            })
        };
        match self {
            Self::Bass => HARMONICS_DB.iter().map(harmonics).collect(),
            Self::Mono => WIDTHS_PCT.iter().map(narrower).collect(),
        }
    }

    fn help(self, settings: Settings, before: &Heard, after: &Heard) -> Option<Help> {
        let both = before.found.systems.iter().zip(&after.found.systems);
        let helped = both
            .filter_map(|(before, after)| Some((before, [self.pct(before)?, self.pct(after)?])));
        let (there, there_pct) = helped.max_by(|a, b| self.won(a.1).total_cmp(&self.won(b.1)))?;
        let mut home = changes_at_home(&before.energy, &after.energy);
        home.retain(|region| region.share_pct >= SHARE_PCT);
        let home =
            home.into_iter().max_by(|a, b| a.change_phon.abs().total_cmp(&b.change_phon.abs()))?;
        let quieter_lu = |of: &Heard| {
            let of = of.found.systems.iter().find(|system| system.id == there.id)?;
            of.mono.as_ref()?.lost_lu
        };
        let quieter_lu = quieter_lu(before).zip(quieter_lu(after)).map(<[f64; 2]>::from);
        Some(Help {
            need: self,
            settings,
            quieter_lu: quieter_lu.filter(|[before, _]| self == Self::Mono && *before >= LOST_LU),
            system: there.id.clone(),
            place: there.place.clone(),
            there_pct,
            home,
        })
    }
}
