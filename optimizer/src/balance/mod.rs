//! Which stem causes what an aim asks for, and by how much it would have to change.
//!
//! An equaliser on the whole mix lowers everything in its band because one stem is too loud there. Where the stems are known, the
//! spectrum of their sum follows from their powers and from what they have in common, at any level and filter of each
//! ([`CrossSpectrum`]); so the difference from the aim is explained by as few changes of stems as pay, and what is left is the
//! mix's. Differences are weighed by how well they are known, as in the belief of a fit, with a prior for what mastering does to
//! the whole: a slope and gentle shapes are nobody's fault (Rasmussen & Williams 2006, section 2.7, of explicit basis functions).

mod goal;
mod mixture;
mod search;
mod spared;

use acetate_analyzer::{CrossSpectrum, Measured};
use acetate_engine::Settings;
use acetate_engine::settings::{EqualizerBand, FilterType};
use acetate_references::Aim;
use serde::Serialize;

use self::goal::Goal;
use self::mixture::{Mixture, Turn};
use self::spared::spared;
use crate::equalizer::Shape;
use crate::options::FitOptions;
use crate::rounding;
use crate::surrogate::Surrogate;

/// A stem is moved by at most this, in level and equaliser together, dB; rounding of what is dialled in may add 0.05.
pub const STEM_MOVE_DB_MAX: f64 = 3.0;

/// What changes of stems would do for an aim.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Balance {
    /// The changes, the weightiest first; none where no stem is the cause.
    pub moves: Vec<StemMove>,
    /// What the aim asks of each third octave of the sum, dB; `None` where nothing is asked.
    pub wanted_db: Vec<Option<f64>>,
    /// What the changes do to each of them.
    pub change_db: Vec<f64>,
    /// Moves of the whole mix that become smaller by them.
    pub spared: Vec<SparedMove>,
}

/// A change of one stem.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StemMove {
    /// Which stem.
    pub stem: usize,
    /// Change of its level, dB; 0 where it keeps its level.
    pub level_db: f64,
    /// Filters on it alone, two at most.
    pub bands: Vec<EqualizerBand>,
}

/// A move of the whole mix that is smaller, or not needed, once stems are changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SparedMove {
    /// The band of the settings.
    pub id: String,
    /// Its frequency.
    pub freq_hz: f64,
    /// What all bands of the settings do there, dB.
    pub gain_db: f64,
    /// What would be left of that, dB.
    pub left_db: f64,
}

impl SparedMove {
    /// By how much smaller it becomes, dB.
    pub fn spares_db(&self) -> f64 {
        self.gain_db.abs() - self.left_db.abs()
    }

    /// Is nothing worth a band left of it?
    pub fn is_gone(&self) -> bool {
        self.left_db.abs() < NOTHING_LEFT_DB.max(NOTHING_LEFT * self.gain_db.abs())
    }
}

/// A band of less is none, dB; and so is one of which no more than this share is left.
const NOTHING_LEFT_DB: f64 = 0.3;
const NOTHING_LEFT: f64 = 0.2;

/// Whether `aim` asks anything of the tone of a sum that measures so: without, [`balance`] has nothing to explain.
pub fn asks_for_tone(measured: &Measured, aim: &Aim, options: &FitOptions) -> bool {
    Goal::new(aim, &measured.analysis, options).is_some()
}

/// Explains what `aim` asks of the sum of stems by changes of the first `movable` of them; the others are what is in the mix beside
/// them. `planned` are the settings that would be used without.
pub fn balance(
    cross: &CrossSpectrum,
    movable: usize,
    measured: &Measured,
    aim: &Aim,
    options: &FitOptions,
    planned: &Settings,
) -> Balance {
    let surrogate = Surrogate::new(measured);
    let mixture = Mixture::new(cross, &surrogate.tone);
    let Some(goal) = Goal::new(aim, &measured.analysis, options) else {
        return Balance::default();
    };
    let turns = search::search(&mixture, movable, &goal);
    let mut moves: Vec<StemMove> = Vec::new();
    for turn in &turns {
        let known = moves.iter().position(|step| step.stem == turn.stem);
        let at = known.unwrap_or_else(|| {
            moves.push(StemMove { stem: turn.stem, level_db: 0.0, bands: Vec::new() });
            moves.len() - 1
        });
        moves[at].add(turn);
    }
    let rounded: Vec<Turn> = moves.iter().flat_map(StemMove::turns).collect();
    let change_db = mixture.change_db(&rounded);
    let wanted_db = goal.wanted_db(change_db.len());
    let spared = if moves.is_empty() {
        Vec::new()
    } else {
        spared(&surrogate, measured, aim, options, planned, &change_db)
    };
    Balance { moves, wanted_db, change_db, spared }
}

impl StemMove {
    /// Adds a turn, as a person would dial it in.
    fn add(&mut self, turn: &Turn) {
        match &turn.band {
            None => self.level_db = rounding::to_step(turn.level_db, 0.05),
            Some(band) => {
                let kind = match band.shape {
                    Shape::Bell => FilterType::Bell,
                    Shape::LowShelf => FilterType::LowShelf,
                    Shape::HighShelf => FilterType::HighShelf,
                    Shape::Tilt => FilterType::Tilt,
                };
                self.bands.push(EqualizerBand {
                    id: format!("eq{}", self.bands.len() + 1),
                    kind,
                    freq_hz: rounding::to_three_digits(band.freq_hz),
                    gain_db: rounding::to_step(band.gain_db, 0.05),
                    q: rounding::to_step(band.q, 0.01),
                    ..EqualizerBand::default()
                });
            }
        }
    }

    fn turns(&self) -> Vec<Turn> {
        let mut turns = vec![Turn::level(self.stem, self.level_db)];
        turns.extend(self.bands.iter().map(|band| Turn::of_band(self.stem, band)));
        turns
    }
}
