//! What may be wished for: a few ways to move a master, and how far apart two such moves are to an ear.

use acetate_analyzer::Analysis;
use acetate_references::aim::{Lean, curve_rms_db, taste_ways};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::matching::nearly_mono;

/// What tastes for width differ by, dB of the side: a width of 12 %.
const WIDTH_STD_DB: f64 = 1.0;
/// What tastes for density differ by, percent of the spread of the level.
const DENSITY_STD_PCT: f64 = 10.0;
/// Farthest that a candidate goes along each way, in standard deviations.
const REACH_STD: f64 = 3.0;

/// One step in tone, dB rms, in width, dB of the side (10 %), and in density, percent: about what is heard at once when two masters
/// are compared.
const STEP: [f64; FAMILIES] = [1.0, 0.827_853_703_164_501_4, 15.0];
/// Tone, width, density.
pub(super) const FAMILIES: usize = 3;

/// One way to move a master.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// One standard deviation of what tastes differ by along it.
    pub lean: Lean,
    /// How far it can be gone the other way, in standard deviations; 0 where that is impossible.
    pub low: f64,
    /// How far it can be gone, in standard deviations.
    pub high: f64,
}

/// What may be wished for of one song.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TasteSpace {
    /// The ways; a point of the space says how far it goes along each, in standard deviations.
    pub ways: Vec<Way>,
}

impl TasteSpace {
    /// The ways in which a master of `mix` can be moved: its tone, its width where there is a side, and its density; `compressed` says
    /// whether there is any to be had less of.
    pub fn of(mix: &Analysis, compressed: bool) -> Self {
        let both = |lean| Way { lean, low: -REACH_STD, high: REACH_STD };
        let mut ways: Vec<Way> =
            taste_ways(mix).into_iter().map(|tone_db| both(Lean::of_tone(tone_db))).collect();
        if mix.format.channels == 2 && !nearly_mono(mix) {
            ways.push(both(Lean { width_db: WIDTH_STD_DB, ..Lean::default() }));
        }
        let dense = Lean { density_pct: DENSITY_STD_PCT, ..Lean::default() };
        ways.push(Way { low: if compressed { -REACH_STD } else { 0.0 }, ..both(dense) });
        Self { ways }
    }

    /// What a point of the space leans to.
    pub fn lean(&self, point: &[f64]) -> Lean {
        let mut lean = Lean::default();
        for (way, far) in self.ways.iter().zip(point) {
            for (db, way_db) in lean.tone_db.iter_mut().zip(way.lean.tone_db) {
                *db += far * way_db;
            }
            lean.width_db += far * way.lean.width_db;
            lean.density_pct += far * way.lean.density_pct;
        }
        lean
    }

    /// Whether every number of it is one.
    pub(super) fn is_sound(&self) -> bool {
        let sound = |way: &Way| {
            let lean = &way.lean;
            let mut numbers =
                lean.tone_db.iter().chain([&lean.width_db, &lean.density_pct, &way.low, &way.high]);
            numbers.all(|number| number.abs() <= 100.0) && way.low <= way.high
        };
        self.ways.iter().all(sound)
    }

    /// Whether these are the coordinates of a point of it.
    pub(super) fn holds(&self, point: &[f64]) -> bool {
        point.len() == self.ways.len() && point.iter().all(|far| far.abs() <= 100.0)
    }

    /// Which family each way belongs to, and how many steps a standard deviation of it is.
    pub(super) fn lengths(&self) -> Vec<(usize, f64)> {
        let length = |way: &Way| {
            let Lean { width_db, density_pct, .. } = way.lean;
            if width_db != 0.0 {
                (1, width_db / STEP[1])
            } else if density_pct != 0.0 {
                (2, density_pct / STEP[2])
            } else {
                (0, curve_rms_db(&way.lean.curve_db()) / STEP[0])
            }
        };
        self.ways.iter().map(length).collect()
    }

    /// The nearest point that can be had.
    pub(super) fn reachable(&self, point: &mut [f64]) {
        for (far, way) in point.iter_mut().zip(&self.ways) {
            *far = far.clamp(way.low, way.high);
        }
    }
}
