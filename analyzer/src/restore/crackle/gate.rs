//! Has the recording crackle at all?

use std::ops::Range;

use super::FIRST;
use super::judge::Judged;
use crate::statistics::middle;

/// Crackle: so many runs a second in half of the quarters of a second. Music has at most 12, hats 36, 37 clicks a second 32; 400 impulses a second
/// 96 and more (docs/restore.md).
const RUNS_HZ: f64 = 50.0;
const QUARTERS_HZ: usize = 4;
/// Quarters that are quieter than this, as mean power, are silence.
const SILENT: f64 = 9.313_225_746_154_785e-10;
/// At least this share of the runs is short, samples: hats and plucks have long ones (0.01 to 0.05), crackle short ones (0.33 and more).
const SHORT: usize = 4;
const SHORT_SHARE: f64 = 0.2;
/// No more than this share, beyond chance, comes in equal steps: pulses of a pitch do.
const PERIODIC_SHARE: f64 = 0.35;
/// Steps, in samples and in seconds; how exact they are; how many runs further they are looked for.
const STEP_LEAST: usize = 30;
const STEP_S: f64 = 0.03;
const STEP_ERROR: usize = 2;
const STEP_RUNS: usize = 40;
/// Chance: the same runs, each moved by up to this, so many times.
const MOVED_S: f64 = 1.0 / 300.0;
const MOVES: usize = 4;
/// The least share that is not chance.
const ROOM: f64 = 0.05;

/// The first pass finds at least this share of all runs.
const FIRST_SHARE: f64 = 0.5;

/// Whether the runs of the first pass are so many that it is worth going on.
pub(super) fn may_have_crackle(runs: &[Range<usize>], sound: &[f64], rate: f64) -> bool {
    let starts: Vec<usize> = runs.iter().map(|run| run.start).collect();
    runs_hz(&starts, sound, rate) >= FIRST_SHARE * RUNS_HZ
}

pub(super) fn has_crackle(all: &[Judged], sound: &[f64], rate: f64) -> bool {
    let likely: Vec<&Judged> = all.iter().filter(|judged| judged.is_likely(FIRST)).collect();
    let starts: Vec<usize> = likely.iter().map(|judged| judged.run.start).collect();
    let short = likely.iter().filter(|judged| judged.run.len() <= SHORT).count();
    if runs_hz(&starts, sound, rate) < RUNS_HZ || (short as f64) < SHORT_SHARE * likely.len() as f64
    {
        return false;
    }
    let own = in_equal_steps(&starts, rate);
    let chance = (0..MOVES).map(|move_| in_equal_steps(&moved(&starts, move_, rate), rate));
    let chance = chance.sum::<f64>() / MOVES as f64;
    (own - chance) / (1.0 - chance).max(ROOM) <= PERIODIC_SHARE
}

/// Runs a second in the quarter of a second that has as many as the middle one, silence left out.
fn runs_hz(starts: &[usize], sound: &[f64], rate: f64) -> f64 {
    let length = (rate as usize / QUARTERS_HZ).max(1);
    let mut counts = vec![0.0; sound.len() / length];
    for start in starts {
        if let Some(count) = counts.get_mut(start / length) {
            *count += QUARTERS_HZ as f64;
        }
    }
    let power = |quarter: &[f64]| quarter.iter().map(|x| x * x).sum::<f64>() / length as f64;
    let quarters = counts.iter().zip(sound.chunks_exact(length));
    let mut heard: Vec<f64> =
        quarters.filter(|(_, quarter)| power(quarter) > SILENT).map(|(count, _)| *count).collect();
    if heard.is_empty() { 0.0 } else { middle(&mut heard) }
}

/// Share of the runs that stand in a row of three with equal steps.
fn in_equal_steps(starts: &[usize], rate: f64) -> f64 {
    let longest = (STEP_S * rate) as usize;
    let near = |at: usize| {
        let low = at.saturating_sub(STEP_ERROR);
        let first = starts.partition_point(|&start| start < low);
        starts.get(first).is_some_and(|&start| start <= at + STEP_ERROR)
    };
    let mut hit = vec![false; starts.len()];
    for (index, &start) in starts.iter().enumerate() {
        for (further, &later) in starts[index + 1..].iter().enumerate().take(STEP_RUNS) {
            let step = later - start;
            if step <= STEP_LEAST || step >= longest {
                continue;
            }
            if near(later + step) || start.checked_sub(step).is_some_and(near) {
                hit[index] = true;
                hit[index + 1 + further] = true;
            }
        }
    }
    hit.iter().filter(|hit| **hit).count() as f64 / hit.len().max(1) as f64
}

/// The runs, each moved a little: by a linear congruence (Numerical Recipes), so that the same sound gives the same.
fn moved(starts: &[usize], seed: usize, rate: f64) -> Vec<usize> {
    let reach = (MOVED_S * rate) as u64;
    let mut state = seed as u32 + 1;
    let by = |&start: &usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let shift = (u64::from(state >> 8) * 2 * reach) >> 24;
        (start + shift as usize).saturating_sub(reach as usize)
    };
    let mut moved: Vec<usize> = starts.iter().map(by).collect();
    moved.sort_unstable();
    moved
}
