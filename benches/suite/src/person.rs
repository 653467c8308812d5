//! Simulated people for an audition: a hidden wish, and how surely it is followed.
//!
//! Wishes are drawn from other shapes than the model has: shelves of any corner, bells anywhere from 1.5 to 5 kHz, a bump of no use to
//! anybody, wider than the model takes tastes to be.

use acetate_analyzer::{Analysis, analyze};
use acetate_audio::{Audio, AudioSpec, Source};
use acetate_optimizer::{Answer, Audition, Pair, TasteSpace};
use acetate_references::aim::{Lean, curve_rms_db};
use acetate_references::bands::{THIRD_OCTAVES, centre_hz};
use acetate_references::style::wide::{Curve, MODERN_DB};
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

/// First third octave that is heard: 40 Hz.
const HEARD_FROM: usize = 2;

/// How wishes are distributed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct People {
    /// What they are called in tables.
    pub name: &'static str,
    /// Times what tastes are taken to differ by.
    pub spread: f64,
    /// Evenly within bounds in place of normally.
    pub even: bool,
}

/// Tastes as far apart as the model has them, though of other shapes; half as far again; and all equally likely up to a bound.
pub const PEOPLE: [People; 3] = [
    People { name: "usual", spread: 1.0, even: false },
    People { name: "wider", spread: 1.3, even: false },
    People { name: "even", spread: 1.2, even: true },
];

/// How surely a person answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Right in 85 of 100 cases, however far apart the two are; never "the same".
    Steady,
    /// The more surely the more the two differ (logistic), 2 % slips, "the same" for what is as near.
    ByDistance,
}

/// Share of right answers of [`Manner::Steady`].
const RIGHT: f64 = 0.85;
/// Of [`Manner::ByDistance`]: noise in steps squared, threshold of "the same" in units of it, slips.
const NOISE: f64 = 0.5;
const SAME: f64 = 0.35;
const SLIP: f64 = 0.02;
/// One step: dB rms in tone, dB of the side, percent of density.
const STEP: [f64; 3] = [1.0, 0.83, 15.0];

/// Somebody with a wish.
pub struct Person {
    curve_db: Curve,
    width_db: f64,
    density_pct: f64,
    manner: Manner,
    lot: Lot,
}

/// What is missed of a wish.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Missed {
    /// Third octaves, dB rms.
    pub tone_db: f64,
    /// Percent of width.
    pub width_pct: f64,
    /// Percent of the spread of the level.
    pub density_pct: f64,
}

impl Missed {
    /// Within 1 dB and 10 % of width.
    pub fn is_near(&self) -> bool {
        self.tone_db <= 1.0 && self.width_pct <= 10.0
    }
}

struct Lot(Xoshiro256Plus);

impl Lot {
    fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn drawn(&mut self, people: People) -> f64 {
        let unit = if people.even {
            (2.0 * self.uniform() - 1.0) * 3f64.sqrt()
        } else {
            // Twelve uniform numbers are normal enough, and no code of the model's.
            (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
        };
        people.spread * unit
    }
}

impl Person {
    /// Somebody of these people.
    pub fn drawn(people: People, manner: Manner, seed: u64) -> Self {
        let mut lot = Lot(Xoshiro256Plus::seed_from_u64(seed ^ 0xac3a_7e00));
        let octaves = |band: usize, hz: f64| (centre_hz(band) / hz).log2();
        let slope_db = 0.26 * lot.drawn(people);
        let (shelf_hz, shelf_db) = (80.0 * 2.5f64.powf(lot.uniform()), 1.3 * lot.drawn(people));
        let (bell_hz, bell_db) = (1_500.0 * 3.3f64.powf(lot.uniform()), 1.2 * lot.drawn(people));
        let (bump_hz, bump_db) = (100.0 * 100f64.powf(lot.uniform()), 0.6 * lot.drawn(people));
        let bell = |band: usize, hz: f64, width: f64| {
            let away = octaves(band, hz) / width;
            (-0.5 * away * away).exp()
        };
        let curve = |band: usize| {
            let shelf = 1.0 / (1.0 + (3.0 * octaves(band, shelf_hz)).exp());
            slope_db * octaves(band, 1_000.0)
                + shelf_db * shelf
                + bell_db * bell(band, bell_hz, 0.7)
                + bump_db * bell(band, bump_hz, 0.4)
        };
        let curve_db: Curve = std::array::from_fn(curve);
        let heard = &curve_db[HEARD_FROM..];
        let mean_db = heard.iter().sum::<f64>() / heard.len() as f64;
        Self {
            curve_db: curve_db.map(|db| db - mean_db),
            width_db: lot.drawn(people),
            density_pct: (10.0 * lot.drawn(people)).abs(),
            manner,
            lot,
        }
    }

    /// What is missed of the wish by a master that leans so.
    pub fn missed(&self, lean: &Lean) -> Missed {
        let lean_db = lean.curve_db();
        let width_pct = |db: f64| 100.0 * 10f64.powf(db / 20.0);
        Missed {
            tone_db: curve_rms_db(&std::array::from_fn(|band| lean_db[band] - self.curve_db[band])),
            width_pct: (width_pct(lean.width_db) - width_pct(self.width_db)).abs(),
            density_pct: (lean.density_pct - self.density_pct).abs(),
        }
    }

    /// Half of the squared distance to the wish, in steps.
    fn far(&self, lean: &Lean) -> f64 {
        let missed = self.missed(lean);
        let width_db = lean.width_db - self.width_db;
        let steps = [missed.tone_db / STEP[0], width_db / STEP[1], missed.density_pct / STEP[2]];
        steps.iter().map(|steps| steps * steps / 2.0).sum()
    }

    /// What is answered about a pair, and whether that is the one that is nearer.
    pub fn answer(&mut self, space: &TasteSpace, pair: &Pair) -> (Answer, bool) {
        let nearer = self.far(&space.lean(&pair.second)) - self.far(&space.lean(&pair.first));
        let better = if nearer > 0.0 { Answer::First } else { Answer::Second };
        let worse = if nearer > 0.0 { Answer::Second } else { Answer::First };
        let drawn = self.lot.uniform();
        let answer = match self.manner {
            Manner::Steady => {
                if drawn < RIGHT {
                    better
                } else {
                    worse
                }
            }
            Manner::ByDistance if self.lot.uniform() < SLIP => {
                if drawn < 0.5 {
                    better
                } else {
                    worse
                }
            }
            Manner::ByDistance => {
                let odds = nearer.abs() / NOISE;
                let right = 1.0 / (1.0 + (SAME - odds).exp());
                let wrong = 1.0 / (1.0 + (SAME + odds).exp());
                match drawn {
                    drawn if drawn < right => better,
                    drawn if drawn < right + wrong => worse,
                    _ => Answer::Same,
                }
            }
        };
        (answer, answer == better)
    }
}

/// How the pairs are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// The pair that tells most.
    Telling,
    /// Any pair.
    ByLot,
}

/// What is missed after no answer, after one, and so on; the answers that were right, and those that were given.
pub fn sit(
    space: &TasteSpace,
    person: &mut Person,
    asking: Asking,
    answers: usize,
    seed: u64,
) -> (Vec<Missed>, [usize; 2]) {
    let mut audition = Audition::new(space.clone(), seed);
    let mut missed = vec![person.missed(&Lean::default())];
    let mut given = [0; 2];
    for _ in 0..answers {
        let pair = match asking {
            Asking::Telling => audition.next_pair().expect("a stereo mix has pairs to tell apart"),
            Asking::ByLot => audition.random_pair(),
        };
        let (answer, right) = person.answer(space, &pair);
        given[0] += usize::from(right);
        given[1] += usize::from(answer != Answer::Same);
        audition.answer(pair, answer);
        missed.push(person.missed(&audition.lean()));
    }
    (missed, given)
}

/// The space of a mix of modern tone in stereo.
pub fn usual_space() -> TasteSpace {
    let silence = Audio::silence(AudioSpec::new(48_000, 2), 48_000);
    let mut mix: Analysis =
        analyze(&Source::from_audio(silence)).expect("it is in memory").analysis;
    let levels: Vec<Option<f64>> = MODERN_DB.iter().map(|db| Some(db - 20.0)).collect();
    mix.spectrum.level_db.clone_from(&levels);
    mix.spectrum.side_level_db = levels.iter().map(|db| db.map(|db| db - 9.0)).collect();
    mix.spectrum.mid_level_db = levels;
    assert_eq!(mix.spectrum.level_db.len(), THIRD_OCTAVES);
    TasteSpace::of(&mix, false)
}
