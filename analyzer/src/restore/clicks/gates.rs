//! What looks like a click and is none.

use super::errors::{FLOOR, ORDER};
use crate::statistics::middle;

/// Before and after an attack this long is compared, seconds, this far away.
const RISES_S: [f64; 2] = [0.005, 0.020];
const RISE_AWAY_S: f64 = 0.0015;
/// A fall counts by this power of it: drums die away, too.
const FALL_POWER: f64 = 0.5;
/// How far from a place the same excitation is looked for, seconds: the lowest pitch, 22 Hz.
const PITCH_S: f64 = 0.045;
/// The same: correlation, and energy between these shares.
const SAME: f64 = 0.8;
const SAME_ENERGY: std::ops::Range<f64> = 0.15..6.0;
/// Steps are equal that differ by no more than so many samples, and by this share.
const STEP_ERROR: usize = 3;
const STEP_DRIFT: f64 = 0.01;
/// At half of these multiples of a step it comes again, and so often at least: the two other edges of one click are not enough.
const STEPS: [isize; 6] = [-3, -2, -1, 1, 2, 3];
const AGAIN: usize = 2;
/// Copies: correlation, shares of length and energy, and how many of them.
const COPY: f64 = 0.97;
const COPY_LENGTH: f64 = 0.6;
const COPY_ENERGY: std::ops::Range<f64> = 0.9..1.11;
const COPIES: usize = 3;
/// The same as a share of all: among very many clicks some are alike by chance.
const COPIES_SHARE: f64 = 0.1;
/// Samples this close to the top are at it, three steps of 16 bits: lowered and rounded with noise, clipping is spread so far; music does not reach its very top again and again.
const AT_TOP: f64 = 9.2e-5;
const TOPS: usize = 4;
/// Tops below this are quiet music between few steps.
const TOP_LEAST: f64 = 0.005;

/// How much louder it is after a place than before, or before than after, in the excitation, the treble or the waveform: 1 and more.
pub(super) fn rise(forward: &[f64], sound: &[f64], at: usize, rate: f64) -> f64 {
    let away = (RISE_AWAY_S * rate) as usize;
    let treble = |n: usize| sound[n] - 3.0 * sound[n - 1] + 3.0 * sound[n - 2] - sound[n - 3];
    let mut largest: f64 = 1.0;
    let mut values = Vec::new();
    let mut median = |range: std::ops::Range<usize>, of: &dyn Fn(usize) -> f64| {
        values.clear();
        values.extend(range.filter(|&n| n >= 3).map(|n| of(n).abs()));
        (!values.is_empty()).then(|| middle(&mut values))
    };
    let excitation = |n: usize| forward[n];
    let waveform = |n: usize| sound[n];
    let heard: [&dyn Fn(usize) -> f64; 3] = [&excitation, &treble, &waveform];
    for of in heard {
        for seconds in RISES_S {
            let long = (seconds * rate) as usize;
            let end = at.saturating_sub(away);
            let before = median(end.saturating_sub(long)..end, of);
            let begin = (at + away).min(sound.len());
            let after = median(begin..sound.len().min(begin + long), of);
            if let (Some(before), Some(after)) = (before, after) {
                largest = largest.max(after / (before + FLOOR));
                // What stops at once was cut off.
                largest = largest.max(libm::pow(before / (after + FLOOR), FALL_POWER));
            }
        }
    }
    largest
}

/// Does the same excitation come again nearby, in equal steps? Pulses of a pitch, edges of a synthesised wave.
pub(super) fn is_periodic(both: &[f64], from: usize, to: usize, rate: f64) -> bool {
    let reach = ((to - from) / 2).max(8);
    let far = (PITCH_S * rate) as usize;
    let at = (from + to) / 2;
    let (start, end) = (at.saturating_sub(far), both.len().saturating_sub(reach + 1).min(at + far));
    if at < reach || at + reach >= both.len() {
        return false;
    }
    let patch = &both[at - reach..=at + reach];
    let own: f64 = patch.iter().map(|x| x * x).sum();
    // Where it comes again: the best place of each, counted from here.
    let mut again: Vec<(isize, f64)> = Vec::new();
    for middle in start.max(reach)..end {
        if middle.abs_diff(at) <= 2 * reach {
            continue;
        }
        let other = &both[middle - reach..=middle + reach];
        let energy: f64 = other.iter().map(|x| x * x).sum();
        if !SAME_ENERGY.contains(&(energy / own.max(1e-30))) {
            continue;
        }
        let like: f64 = other.iter().zip(patch).map(|(a, b)| a * b).sum();
        let like = like.abs() / (energy * own).sqrt();
        if like > SAME {
            let step = middle as isize - at as isize;
            match again.last_mut() {
                Some(last) if (step - last.0) as usize <= reach => {
                    if like > last.1 {
                        *last = (step, like);
                    }
                }
                _ => again.push((step, like)),
            }
        }
    }
    let near = |a: isize, b: isize| {
        (a - b).unsigned_abs() <= STEP_ERROR + (STEP_DRIFT * b.unsigned_abs() as f64) as usize
    };
    again.iter().any(|&(step, _)| {
        let multiples = STEPS.map(|k| k * step);
        let possible = || multiples.iter().filter(|m| m.unsigned_abs() < far - reach);
        let there = possible().filter(|&&m| again.iter().any(|&(other, _)| near(other, m))).count();
        there >= AGAIN && 2 * there >= possible().count()
    })
}

/// Which of these damages have several copies among the others: they were played.
pub(super) fn copies(damages: &[Vec<f64>]) -> Vec<bool> {
    let energies: Vec<f64> = damages.iter().map(|d| d.iter().map(|x| x * x).sum()).collect();
    let is_copy = |i: usize, j: usize| {
        let (a, b) = (&damages[i], &damages[j]);
        let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
        if (short.len() as f64) < COPY_LENGTH * long.len() as f64
            || !COPY_ENERGY.contains(&(energies[i] / energies[j].max(1e-30)))
        {
            return false;
        }
        let limit = COPY * (energies[i] * energies[j]).sqrt();
        long.windows(short.len())
            .any(|window| window.iter().zip(short).map(|(x, y)| x * y).sum::<f64>().abs() > limit)
    };
    let enough = COPIES.max((COPIES_SHARE * damages.len() as f64) as usize);
    (0..damages.len())
        .map(|i| (0..damages.len()).filter(|&j| j != i && is_copy(i, j)).count() >= enough)
        .collect()
}

/// Samples at a level where the channel is cut off, and what is near them. What reaches full scale is counted on both sides together.
pub(super) fn flat_tops(sound: &[f64]) -> Vec<bool> {
    let mut near = vec![false; sound.len()];
    for side in [1.0, -1.0] {
        let top = sound.iter().fold(0.0, |top: f64, x| top.max(side * x));
        if top >= TOP_LEAST {
            mark(sound, |x| side * x >= top - AT_TOP, &mut near);
        }
    }
    mark(sound, |x| x.abs() >= 1.0 - AT_TOP, &mut near);
    near
}

/// Marks samples that are at a top, where there are enough of them, and what is near.
fn mark(sound: &[f64], is_at_top: impl Fn(f64) -> bool, near: &mut [bool]) {
    let places: Vec<usize> = (0..sound.len()).filter(|&n| is_at_top(sound[n])).collect();
    if places.len() < TOPS {
        return;
    }
    for n in places {
        near[n.saturating_sub(ORDER)..sound.len().min(n + ORDER + 1)].fill(true);
    }
}
