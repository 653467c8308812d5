//! Finding, mending, judging.

use acetate::{DamageKinds, Found, RestoreWish};
use acetate_audio::{Audio, Source};
use acetate_bench::process::own_cpu_s;
use acetate_engine::settings::{RepairEvent, RestoreSettings};
use acetate_engine::{Stage, stages::Restoration};
use clap::ValueEnum;
use serde::Serialize;

use crate::damage::{self, Damaged};
use crate::material::{Excerpt, in_steps};
use crate::score::Scores;
use crate::{Arguments, score};

/// Kinds of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Clicks,
    Crackle,
    Hum,
    Hiss,
    Clipping,
    /// All of them at once.
    All,
}

/// One construction of damage.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) kind: Kind,
    pub(crate) name: &'static str,
    pub(crate) make: fn(&Excerpt, u64) -> Damaged,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] =
        [Self::Clicks, Self::Crackle, Self::Hum, Self::Hiss, Self::Clipping, Self::All];

    /// Length of the excerpts.
    pub(crate) fn seconds(self) -> f64 {
        match self {
            Self::Hum | Self::All => 12.0,
            Self::Clicks | Self::Crackle | Self::Hiss | Self::Clipping => 8.0,
        }
    }

    pub(crate) fn cases(self) -> Vec<Case> {
        let case = |name, make| Case { kind: self, name, make };
        match self {
            Self::Clicks => vec![
                case("300 clicks", |clean, seed| damage::clicks(clean, seed, 300)),
                case("6 clicks", |clean, seed| damage::clicks(clean, seed, 6)),
            ],
            Self::Crackle => vec![
                case("400 impulses a second", |clean, seed| damage::crackle(clean, seed, 400.0)),
                case("100 impulses a second", |clean, seed| damage::crackle(clean, seed, 100.0)),
            ],
            Self::Hum => vec![
                case("hum, -50 dBFS", |clean, seed| damage::hum(clean, seed, -50.0)),
                case("hum, -40 dBFS", |clean, seed| damage::hum(clean, seed, -40.0)),
                case("hum, -30 dBFS", |clean, seed| damage::hum(clean, seed, -30.0)),
            ],
            Self::Hiss => vec![
                case("white, 50 below", |clean, seed| damage::hiss(clean, seed, 50.0, false)),
                case("white, 40 below", |clean, seed| damage::hiss(clean, seed, 40.0, false)),
                case("white, 30 below", |clean, seed| damage::hiss(clean, seed, 30.0, false)),
                case("tape, 50 below", |clean, seed| damage::hiss(clean, seed, 50.0, true)),
                case("tape, 40 below", |clean, seed| damage::hiss(clean, seed, 40.0, true)),
                case("tape, 30 below", |clean, seed| damage::hiss(clean, seed, 30.0, true)),
            ],
            Self::Clipping => vec![
                case("clipped to 7 dB", |clean, _| damage::clipping(clean, 7.0)),
                case("clipped to 12 dB", |clean, _| damage::clipping(clean, 12.0)),
                case("clipped to 20 dB", |clean, _| damage::clipping(clean, 20.0)),
            ],
            Self::All => vec![case("everything", damage::everything)],
        }
    }
}

pub(crate) fn kinds(of: &[Kind]) -> DamageKinds {
    let mut kinds = DamageKinds::NONE;
    for kind in of {
        match kind {
            Kind::Clicks => kinds.clicks = true,
            Kind::Crackle => kinds.crackle = true,
            Kind::Hum => kinds.hum = true,
            Kind::Hiss => kinds.hiss = true,
            Kind::Clipping => kinds.clipping = true,
            Kind::All => kinds = DamageKinds::ALL,
        }
    }
    kinds
}

/// What is found in a sound.
pub(crate) fn plan(sound: &Audio, kinds: DamageKinds, meant_too: bool) -> RestoreSettings {
    let wish = RestoreWish { kinds, meant_too, ..RestoreWish::default() };
    let found = Found::of(&Source::from_audio(sound.clone()), &wish, &mut ());
    found.expect("sound in memory is read").settings
}

/// The places that were damaged, as a plan.
fn told(damaged: &Damaged) -> RestoreSettings {
    let mut plan = RestoreSettings::default();
    plan.clicks.events = damaged
        .clicks
        .iter()
        .map(|click| RepairEvent {
            channels: vec![click.channel],
            start_frame: click.from as u64,
            frames: (click.to - click.from) as u64,
            ..RepairEvent::default()
        })
        .collect();
    plan
}

/// The sound with that mended, in the steps of 24 bits.
pub(crate) fn mended(sound: &Audio, plan: &RestoreSettings) -> Audio {
    let Some(mut stage) = Restoration::new(plan, sound.spec()) else { return sound.clone() };
    let mut out = Audio::silence(sound.spec(), 0);
    stage.push(sound, &mut out);
    stage.finish(&mut out);
    for (plane, found) in out.planes_mut().iter_mut().zip(sound.planes()) {
        for (x, found) in plane.iter_mut().zip(found) {
            if x != found {
                *x = in_steps(f64::from(*x)) as f32;
            }
        }
    }
    out
}

/// Stretches of a plan: channel, first and last frame.
fn stretches(plan: &RestoreSettings) -> Vec<(usize, usize, usize)> {
    let events = plan.clicks.events.iter().filter(|event| event.repair);
    let of = |channel: usize, start: u64, frames: u64| {
        (channel, start as usize, (start + frames) as usize)
    };
    events
        .flat_map(|event| {
            event.channels.iter().map(move |&c| of(c, event.start_frame, event.frames))
        })
        .collect()
}

/// Confidence of each event, and whether it is damage.
fn sureness(
    plan: &RestoreSettings,
    is_hit: impl Fn((usize, usize, usize)) -> bool,
) -> Vec<(f64, bool)> {
    let event = |event: &RepairEvent| {
        let (from, to) = (event.start_frame, event.start_frame + event.frames);
        let hit = event.channels.iter().any(|&c| is_hit((c, from as usize, to as usize)));
        (event.confidence, hit)
    };
    plan.clicks.events.iter().map(event).collect()
}

/// Events of one range of confidence.
#[derive(Serialize)]
pub(crate) struct Reliability {
    from: f64,
    events: usize,
    /// Those that are damage.
    damage: usize,
}

/// How often what is so sure is damage.
pub(crate) fn reliability(sure: &[(f64, bool)]) -> Vec<Reliability> {
    const EDGES: [f64; 7] = [0.0, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99];
    let row = |index: usize| {
        let (from, to) = (EDGES[index], EDGES.get(index + 1).copied().unwrap_or(2.0));
        let inside: Vec<bool> =
            sure.iter().filter(|(c, _)| (from..to).contains(c)).map(|(_, hit)| *hit).collect();
        let damage = inside.iter().filter(|hit| **hit).count();
        Reliability { from, events: inside.len(), damage }
    };
    (0..EDGES.len()).map(row).collect()
}

/// The figures of one construction over all songs.
#[derive(Serialize)]
pub(crate) struct Row {
    kind: Kind,
    case: &'static str,
    files: usize,
    gained_db: f64,
    gained_db_min: f64,
    healthy_db_min: f64,
    /// Files in which nothing was found.
    untouched: usize,
    found_pct: Option<[f64; 3]>,
    false_places: Option<f64>,
    /// Processor time of finding and mending, all files together.
    pub(crate) found_cpu_s: f64,
    pub(crate) mended_cpu_s: f64,
    gained_db_each: Vec<f64>,
    #[serde(skip)]
    pub(crate) scores: Scores,
    /// Of clicks that were found: how sure, and whether one was there.
    #[serde(skip)]
    pub(crate) sure: Vec<(f64, bool)>,
}

impl Row {
    pub(crate) fn line(&self) -> String {
        let clicks = self.found_pct.map_or_else(String::new, |[loud, middle, soft]| {
            let wrong = self.false_places.unwrap_or_default();
            format!("  found {loud:.0} / {middle:.0} / {soft:.0} %  false {wrong:.1} a file")
        });
        format!(
            "{:<22} {:2} files  gained {:+6.2} dB (least {:+6.2})  healthy >= {:.0} dB  untouched {}{clicks}  {:.1} + {:.1} s",
            self.case,
            self.files,
            self.gained_db,
            self.gained_db_min,
            self.healthy_db_min,
            self.untouched,
            self.found_cpu_s,
            self.mended_cpu_s
        )
    }
}

/// What that gives, and how much processor time it takes on all threads, seconds.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let begun = own_cpu_s();
    let result = work();
    let taken = own_cpu_s().zip(begun).map_or(0.0, |(now, begun)| now - begun);
    (result, taken)
}

pub(crate) fn row(case: Case, excerpts: &[Excerpt], arguments: &Arguments) -> Row {
    let (mut found_cpu_s, mut mended_cpu_s) = (0.0, 0.0);
    let (mut scores, mut untouched) = (Scores::default(), 0);
    let (mut found, mut wrong, mut sure) = ([0.0; 3], 0, Vec::new());
    for clean in excerpts {
        let damaged = (case.make)(clean, arguments.seed);
        let sound = damaged.sound.audio();
        let looked = || plan(&sound, kinds(&[case.kind]), true);
        let (plan, cpu_s) = timed(|| if arguments.told { told(&damaged) } else { looked() });
        found_cpu_s += cpu_s;
        let (out, cpu_s) = timed(|| mended(&sound, &plan));
        mended_cpu_s += cpu_s;
        let (gain, kept) = scores.push(clean, &damaged, out.planes());
        let (shares, none) = score::hits(&damaged.clicks, &stretches(&plan));
        if arguments.each {
            let shares = shares.map(|share| (100.0 * share).round());
            println!(
                "  {:<28} {gain:+6.2} dB  healthy {kept:.0}  found {shares:?}  false {none}",
                clean.name
            );
            if case.kind == Kind::Clicks {
                let left = score::remains(clean, &damaged, out.planes(), &stretches(&plan));
                println!(
                    "    of {:.1} % left: missed {:.1}, beyond {:.1}, within {:.1}",
                    left.missed_pct + left.beyond_pct + left.within_pct,
                    left.missed_pct,
                    left.beyond_pct,
                    left.within_pct
                );
            }
        }
        untouched += usize::from(plan.is_neutral());
        found.iter_mut().zip(shares).for_each(|(sum, share)| *sum += share);
        wrong += none;
        sure.extend(sureness(&plan, |stretch| score::is_hit(&damaged.clicks, stretch)));
    }
    let files = excerpts.len();
    let has_clicks = case.kind == Kind::Clicks;
    Row {
        kind: case.kind,
        case: case.name,
        files,
        gained_db: scores.gained_db,
        gained_db_min: scores.gained_db_min,
        healthy_db_min: scores.healthy_db_min.unwrap_or(score::IDENTICAL_DB),
        untouched,
        found_pct: has_clicks.then(|| found.map(|sum| 100.0 * sum / files as f64)),
        false_places: has_clicks.then(|| wrong as f64 / files as f64),
        found_cpu_s,
        mended_cpu_s,
        gained_db_each: scores.gained_db_each.clone(),
        scores,
        sure: if has_clicks { sure } else { Vec::new() },
    }
}

/// A sound that is to be left alone, and what was done to it.
#[derive(Serialize)]
pub(crate) struct Left {
    name: String,
    /// Places that were mended.
    clicks: usize,
    /// Impulses that were lifted.
    crackle: usize,
    hum: bool,
    hiss: bool,
    /// Sections of which tops were rebuilt.
    clipping: usize,
    /// Signal to what was changed, dB; 200 is identical.
    untouched_db: f64,
    #[serde(skip)]
    pub(crate) sure: Vec<(f64, bool)>,
}

pub(crate) fn left(sound: &Excerpt, of: &[Kind]) -> Left {
    let audio = sound.audio();
    let plan = plan(&audio, kinds(of), false);
    let out = mended(&audio, &plan);
    Left {
        name: sound.name.clone(),
        clicks: plan.clicks.events.iter().filter(|event| event.repair).count(),
        crackle: plan.crackle.sections.iter().map(|section| section.at.len()).sum(),
        hum: !plan.hum.is_neutral(),
        hiss: !plan.hiss.is_neutral(),
        clipping: plan.clipping.sections.iter().filter(|section| section.repair).count(),
        untouched_db: score::untouched_db(sound, out.planes()),
        sure: sureness(&plan, |_| false),
    }
}

/// The same of a hard sound: on a bed of noise, which is hiss, and for hiss without one.
pub(crate) fn left_hard(wet: &Excerpt, dry: &Excerpt, of: &[Kind]) -> Left {
    let of = |kind: Kind| of.contains(&kind) || of.contains(&Kind::All);
    let others = [Kind::Clicks, Kind::Crackle, Kind::Hum, Kind::Clipping];
    let others: Vec<Kind> = others.into_iter().filter(|&kind| of(kind)).collect();
    let mut left = left(wet, &others);
    if of(Kind::Hiss) {
        let hissing = self::left(dry, &[Kind::Hiss]);
        left.hiss = hissing.hiss;
        left.untouched_db = left.untouched_db.min(hissing.untouched_db);
    }
    left
}

pub(crate) fn say(name: &str, all: &[Left], each: bool) {
    let touched = all.iter().filter(|left| left.untouched_db < 200.0);
    let places: usize = all.iter().map(|left| left.clicks).sum();
    println!(
        "{name}: {} of {} files touched, clicks at {places} places",
        touched.clone().count(),
        all.len()
    );
    for left in all.iter().filter(|left| each || left.untouched_db < 200.0) {
        println!(
            "  {:<28} clicks {:3}  crackle {}  hum {}  hiss {}  clipped {}  {:.0} dB",
            left.name,
            left.clicks,
            left.crackle,
            left.hum,
            left.hiss,
            left.clipping,
            left.untouched_db
        );
    }
}
