//! Crackle: hundreds of tiny impulses a second, in recordings that have them throughout.
//!
//! Runs of 1 to 8 samples are found by what the models of the music say for them, against the rival that the music's own excitation bursts there;
//! models, finds and repair take turns. Godsill and Rayner (1998), chapters 5 and 9: y = x + d, A x = e, with a variance of e that changes.

mod evidence;
mod gate;
mod judge;

use std::ops::Range;

use acetate_audio::prediction::{BlockModels, Lifting, MODEL_BLOCK, lifted};

use acetate_audio::units::power_to_db;
use judge::Judged;

use super::runs::runs;

/// Order of the models that find.
const ORDER: usize = 32;
/// Turns of models, finds and repair; passes of finds in each.
const TURNS: usize = 3;
const PASSES: usize = 3;
/// Log odds that a run must have when nothing is known, and once the recording has crackle.
const FIRST: f64 = 6.0;
const LATER: f64 = 3.0;
/// Shortest sound that is judged, in blocks of a model.
const SHORTEST_BLOCKS: usize = 8;
/// Variance of a new run.
const VARIANCE_START: f64 = 1e-3;

/// The crackle of a piece.
#[derive(Clone, Debug, Default)]
pub(super) struct Crackle {
    /// In order; they do not meet.
    pub(super) runs: Vec<Range<usize>>,
    /// The sound without it, as good as it is known here.
    pub(super) lifted: Vec<f64>,
}

impl Crackle {
    /// Level of the impulses, dBFS.
    pub(super) fn level_dbfs(&self, sound: &[f64]) -> f64 {
        let samples = self.runs.iter().flat_map(Clone::clone);
        let squares: f64 = samples.map(|n| (sound[n] - self.lifted[n]).powi(2)).sum();
        let count = self.runs.iter().map(Range::len).sum::<usize>().max(1);
        power_to_db((squares / count as f64).max(1e-20))
    }
}

/// The crackle of one channel, where it has any. None of it is looked for where `barred` says so: what clipping breaks is no impulse.
pub(super) fn find(sound: &[f64], barred: &[bool], rate: f64) -> Option<Crackle> {
    if sound.len() < SHORTEST_BLOCKS * MODEL_BLOCK {
        return None;
    }
    let mut crackle = Crackle { runs: Vec::new(), lifted: sound.to_vec() };
    for turn in 0..TURNS {
        let models = BlockModels::of(&crackle.lifted, ORDER, rate, None);
        let limit = if turn == 0 { FIRST } else { LATER };
        let mut hunt = Hunt::new(&models, (sound, barred), &crackle.runs);
        for pass in 0..PASSES {
            if !hunt.find(limit) {
                break;
            }
            if turn + pass == 0 && !gate::may_have_crackle(&hunt.runs, sound, rate) {
                return None;
            }
        }
        let judged = hunt.judged();
        if turn == 0 && !gate::has_crackle(&judged, sound, rate) {
            return None;
        }
        let (runs, estimate) = hunt.keep(&judge::trusted(&judged));
        let how = Lifting { order: ORDER, rate_hz: rate, freedom: None };
        crackle = Crackle { lifted: lifted(sound, &estimate, &runs, how), runs };
    }
    (!crackle.runs.is_empty()).then_some(crackle)
}

/// Finds of one turn.
struct Hunt<'a> {
    models: &'a BlockModels,
    sound: &'a [f64],
    barred: &'a [bool],
    pulls: Vec<f64>,
    runs: Vec<Range<usize>>,
    variances: Vec<f64>,
    added: Vec<f64>,
}

impl<'a> Hunt<'a> {
    fn new(
        models: &'a BlockModels,
        (sound, barred): (&'a [f64], &'a [bool]),
        runs: &[Range<usize>],
    ) -> Self {
        let pulls = models.pull(sound);
        let (variances, added) = (vec![0.0; sound.len()], vec![0.0; sound.len()]);
        let runs = runs.to_vec();
        let mut new = Self { models, sound, barred, pulls, runs, variances, added };
        new.solve();
        new
    }

    /// The damage of all runs, their variances learnt anew.
    fn solve(&mut self) {
        self.variances.fill(0.0);
        self.runs.iter().for_each(|run| self.variances[run.clone()].fill(VARIANCE_START));
        let equations = self.models.equations(&self.variances);
        for _ in 0..2 {
            self.added = equations.added(&self.pulls, &self.variances);
            equations.learn_variances(&self.added, &self.runs, &mut self.variances);
        }
        self.added = equations.added(&self.pulls, &self.variances);
    }

    fn rest(&self) -> Vec<f64> {
        self.sound.iter().zip(&self.added).map(|(y, added)| y - added).collect()
    }

    /// Adds runs of so much evidence; whether there were any.
    fn find(&mut self, limit: f64) -> bool {
        let mut pulls = self.models.pull(&self.rest());
        self.runs.iter().for_each(|run| pulls[run.clone()].fill(0.0));
        let found = evidence::runs(self.models, &pulls, limit);
        let mut inside: Vec<bool> = vec![false; self.sound.len()];
        let free = |run: &&Range<usize>| !self.barred[(*run).clone()].contains(&true);
        let found: Vec<_> = found.iter().filter(free).collect();
        self.runs
            .iter()
            .chain(found.iter().copied())
            .for_each(|run| inside[run.clone()].fill(true));
        // The ends have no surroundings to be judged by.
        let (edge, count) = (2 * ORDER, inside.len());
        inside[..edge].fill(false);
        inside[count - edge..].fill(false);
        self.runs = runs(count, |n| inside[n]);
        self.solve();
        !found.is_empty()
    }

    fn judged(&self) -> Vec<Judged> {
        judge::judged(self.models, &self.rest(), &self.added, &self.runs, &self.variances)
    }

    /// The runs that are kept, and the sound without their damage.
    fn keep(mut self, kept: &[bool]) -> (Vec<Range<usize>>, Vec<f64>) {
        for (run, _) in self.runs.iter().zip(kept).filter(|(_, kept)| !**kept) {
            self.variances[run.clone()].fill(0.0);
        }
        let mut kept = kept.iter();
        self.runs.retain(|_| kept.next().copied().unwrap_or(false));
        let equations = self.models.equations(&self.variances);
        self.added = equations.added(&self.pulls, &self.variances);
        let estimate = self.rest();
        (self.runs, estimate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 44_100.0;

    fn random(seed: u32) -> impl FnMut() -> f64 {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / 16_777_216.0
        }
    }

    fn music(count: usize) -> Vec<f64> {
        let mut random = random(11);
        let tone = |n: f64| 0.2 * libm::sin(n * 0.03) + 0.1 * libm::sin(n * 0.21);
        (0..count).map(|n| tone(n as f64) + 4e-4 * (random() - 0.5)).collect()
    }

    #[test]
    fn crackle_is_found_and_lifted() {
        let clean = music(3 * 44_100);
        let (mut sound, mut random) = (clean.clone(), random(5));
        for _ in 0..1200 {
            let at = (random() * (sound.len() - 2000) as f64) as usize + 1000;
            for x in &mut sound[at..at + 1 + (random() * 7.0) as usize] {
                *x += 0.04 * (random() - 0.5);
            }
        }
        let found = find(&sound, &vec![false; sound.len()], RATE).expect("it is there throughout");
        let error = |x: &[f64]| x.iter().zip(&clean).map(|(x, c)| (x - c) * (x - c)).sum::<f64>();
        assert!(error(&found.lifted) < 0.1 * error(&sound));
    }

    #[test]
    fn clean_sounds_short_ones_and_a_few_clicks_have_none() {
        assert!(find(&[0.0; 44_100], &[false; 44_100], RATE).is_none());
        assert!(find(&music(500), &[false; 500], RATE).is_none());
        let mut sound = music(2 * 44_100);
        assert!(find(&sound, &vec![false; sound.len()], RATE).is_none());
        (0..8).for_each(|k| sound[4000 + 9001 * k] += 0.1);
        assert!(find(&sound, &vec![false; sound.len()], RATE).is_none());
    }
}
