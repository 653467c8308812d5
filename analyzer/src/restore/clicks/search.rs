//! The search itself: loud suspicions first, each repaired before the next are looked for.

use std::collections::HashSet;
use std::ops::Range;

use acetate_audio::prediction::{Freed, Freeing, free};
use acetate_audio::units::amplitude_to_db;

use super::Clicks;
use super::gates::{copies, flat_tops, is_periodic, rise};
use super::heard::{Heard, LOWER_ORDER};

/// What an error must be to be suspicious, in multiples of its limit, in the order of the passes.
const PASSES: [f64; 4] = [4.0, 2.0, 1.0, 1.0];
/// Longest click, seconds; the ends of long ones are joined up to this gap.
const LONGEST_S: f64 = 0.004;
const JOINED_S: f64 = 0.0025;
/// Shortest stretch that is freed, seconds, and samples beyond the suspicious ones.
const SHORTEST_S: f64 = 0.001;
const BEYOND: usize = 6;
/// Where so large a share of what strikes at this multiple of the limit is damage, it is that which strikes; below it is the music (docs/restore.md).
const STRIKING: f64 = 2.0;
const SHARE_SURE: f64 = 0.6;
/// Of the freeing that judges, at the lower rate, too, and of the one that clears the way for the next pass.
const JUDGING: Freeing =
    Freeing { order: 48, context: 1024, rounds: 3, smooth: 15, damage_order: 2 };
const JUDGING_BELOW: Freeing = Freeing { order: LOWER_ORDER, context: 2048, ..JUDGING };
const CLEARING: Freeing =
    Freeing { order: 64, context: 1024, rounds: 4, smooth: 15, damage_order: 2 };
/// A stretch grows by so many seconds where its first or last samples are still damaged by more than this many deviations of the prediction error; up to
/// this length.
const GROWTH_S: f64 = 0.000_5;
const EDGE: usize = 6;
const EDGE_DEVIATIONS: f64 = 4.0;
const LONGEST_GROWN_S: f64 = 0.005;
/// Most frames of one event, as its settings have it.
const EVENT_MAX: usize = 2048;
/// More damages than this are not compared with each other.
const COMPARED_MAX: usize = 1000;
/// Confidence of a find that is just worth it, and over how many decibels doubt falls to a third.
const LEAST_CONFIDENCE: f64 = 0.4;
const DOUBT_DB: f64 = 3.0;

/// What freeing a stretch must be worth.
#[derive(Clone, Copy, Debug)]
pub(in crate::restore) struct Worth {
    /// An error this many scales large is suspicious.
    suspicious: f64,
    /// Energy taken away over the variance of the prediction error, as an amplitude.
    gain: f64,
    /// It is asked for times the rise of an attack to this power.
    rise_power: f64,
    /// So many times must the error's energy fall.
    fall: f64,
    /// The same at a quarter of the rate, where that is listened to.
    fall_below: Option<f64>,
}

impl Worth {
    /// In a recording of which nothing is known.
    pub(super) const STRICT: Self =
        Self { suspicious: 7.0, gain: 15.0, rise_power: 2.0, fall: 20.0, fall_below: None };
    /// In one that has clicks.
    pub(super) const CLOSE: Self =
        Self { suspicious: 7.0, gain: 6.0, rise_power: 1.5, fall: 6.0, fall_below: Some(3.0) };
    /// In one that is full of them.
    pub(super) const CLOSEST: Self =
        Self { suspicious: 6.0, gain: 8.0, rise_power: 1.5, fall: 4.5, fall_below: Some(2.5) };
}

/// A click.
#[derive(Clone, Debug)]
pub(in crate::restore) struct Spot {
    pub(in crate::restore) from: usize,
    pub(in crate::restore) to: usize,
    pub(in crate::restore) peak_dbfs: f64,
    pub(in crate::restore) confidence: f64,
    /// The part of it that is not the find's own: how much of what strikes in the piece is damage.
    pub(in crate::restore) share: f64,
    /// Whether the other channel of two has something there, too.
    pub(in crate::restore) echoed: bool,
}

/// Finds that are less sure than this are no reason to look closer.
pub(super) const LIKELY: f64 = 0.5;

/// Nobody hears what is less than half a step of 16 bits.
const FAINT_DBFS: f64 = -96.0;

pub(super) struct Search<'a> {
    found: &'a [f64],
    rate: f64,
    flat: Vec<bool>,
    long_enough: bool,
}

/// A suspicion that passed the gates, and how much louder it is after it.
#[derive(Clone, Copy)]
struct Suspect {
    from: usize,
    to: usize,
    rise: f64,
}

impl<'a> Search<'a> {
    pub(super) fn new(found: &'a [f64], rate: f64) -> Self {
        let long_enough = found.len() > 4 * JUDGING.order;
        Self { found, rate, flat: flat_tops(found), long_enough }
    }

    /// All clicks of at least this worth.
    pub(super) fn run(&self, worth: Worth) -> Clicks {
        if !self.long_enough {
            return Clicks::default();
        }
        let mut sound = self.found.to_vec();
        let mut spots: Vec<(usize, usize, f64)> = Vec::new();
        let mut refused: HashSet<(usize, usize)> = HashSet::new();
        let mut heard = Heard::of(self.found, self.rate, worth.fall_below.is_some());
        let mut changed = false;
        let striking = self.striking(&heard, STRIKING * worth.suspicious);
        for (pass, multiple) in PASSES.into_iter().enumerate() {
            if pass + 1 == PASSES.len() && !changed {
                break;
            }
            if changed {
                heard = Heard::of(&sound, self.rate, worth.fall_below.is_some());
                refused.clear();
                changed = false;
            }
            for suspect in self.suspects(&heard, &sound, multiple * worth.suspicious) {
                let (from, to) = (suspect.from, suspect.to);
                if !refused.insert((from, to)) {
                    continue;
                }
                let freed = free(&sound, from, to, JUDGING);
                let lower = || worth_below(&heard, from, to, suspect.rise, worth);
                let Some(surplus) = surplus(&freed, suspect.rise, worth).or_else(lower) else {
                    continue;
                };
                let (from, to, judged) = self.grown(&sound, from, to, freed);
                let cleared = free(&sound, from, to, CLEARING);
                // A model that ran away leaves the stretch as it was.
                let ran_away = cleared.energy_after >= cleared.energy_before;
                let freed = if ran_away { judged } else { cleared };
                sound[from..to].copy_from_slice(&freed.samples);
                spots.push((from, to, surplus));
                changed = true;
            }
        }
        let spots = merged(spots);
        let damages: Vec<Vec<f64>> = spots
            .iter()
            .map(|&(from, to, _)| (from..to).map(|n| self.found[n] - sound[n]).collect())
            .collect();
        let played =
            if spots.len() < COMPARED_MAX { copies(&damages) } else { vec![false; spots.len()] };
        let share = (spots.len() as f64 / (SHARE_SURE * striking as f64)).min(1.0);
        let left = spots.iter().zip(&played).filter(|(_, played)| **played);
        let left = left.map(|(&(from, to, _), _)| from..to).collect();
        let all = spots.iter().zip(&damages).zip(&played).filter(|(_, played)| !**played);
        let found = all
            .map(|((&(from, to, surplus), damage), _)| {
                let peak = damage.iter().fold(0.0, |peak: f64, x| peak.max(x.abs()));
                let doubt = (1.0 - LEAST_CONFIDENCE)
                    * libm::exp(-amplitude_to_db(surplus.max(1.0)) / DOUBT_DB);
                Spot {
                    from,
                    to,
                    peak_dbfs: amplitude_to_db(peak.max(1e-7)),
                    confidence: (1.0 - doubt) * share,
                    share,
                    echoed: false,
                }
            })
            .filter(|spot| spot.peak_dbfs > FAINT_DBFS)
            .collect();
        Clicks { found, played: left }
    }

    /// Places that strike, the two ends of a long one counted once.
    fn striking(&self, heard: &Heard, limit: f64) -> usize {
        let (mut count, mut end) = (0, None);
        for (from, to) in heard.levels[0].suspicions(limit) {
            let apart = end.is_none_or(|end| from > end + (JOINED_S * self.rate) as usize);
            count += usize::from(apart);
            end = Some(to);
        }
        count
    }

    /// The stretch with all of its damage: a smooth lobe shows in the prediction error where it begins and ends alone.
    fn grown(
        &self,
        sound: &[f64],
        from: usize,
        to: usize,
        mut freed: Freed,
    ) -> (usize, usize, Freed) {
        let (mut from, mut to) = (from, to);
        let step = ((GROWTH_S * self.rate) as usize).max(EDGE);
        let longest = (LONGEST_GROWN_S * self.rate) as usize;
        loop {
            let limit = EDGE_DEVIATIONS * EDGE_DEVIATIONS * freed.variance;
            let damage = |n: usize| sound[n] - freed.samples[n - from];
            let power = |range: Range<usize>| {
                let count = range.len().max(1) as f64;
                range.map(|n| damage(n) * damage(n)).sum::<f64>() / count
            };
            let edge = EDGE.min(to - from);
            let before = power(from..from + edge) > limit && from > 0;
            let after = power(to - edge..to) > limit && to < sound.len();
            let wider_from = if before { from.saturating_sub(step) } else { from };
            let wider_to = if after { (to + step).min(sound.len()) } else { to };
            if (wider_from, wider_to) == (from, to)
                || wider_to - wider_from > longest
                || self.is_flat(wider_from, wider_to)
            {
                return (from, to, freed);
            }
            (from, to) = (wider_from, wider_to);
            freed = free(sound, from, to, JUDGING);
        }
    }

    /// Suspicions that pass the gates; the two ends of one long click are joined.
    fn suspects(&self, heard: &Heard, sound: &[f64], limit: f64) -> Vec<Suspect> {
        let longest = (LONGEST_S * self.rate) as usize;
        let gap = (JOINED_S * self.rate) as usize;
        let mut heard_at: Vec<(usize, usize)> = Vec::new();
        for level in &heard.levels {
            for (from, to) in level.suspicions(limit) {
                let (at, end) = (from * level.step, (to * level.step).min(sound.len()));
                let usable = at + 1 < end && end - at <= longest && !self.is_flat(at, end);
                if usable && !is_periodic(&level.errors.both, from, to, level.rate) {
                    heard_at.push((at, end));
                }
            }
        }
        heard_at.sort_unstable();
        let mut all: Vec<Suspect> = Vec::new();
        for (from, to) in heard_at {
            let rise = rise(heard.forward(), sound, (from + to) / 2, self.rate);
            let from = from.saturating_sub(1);
            match all.last_mut() {
                Some(last)
                    if 5 * (to.max(last.to) - last.from) < 4 * longest
                        && from.saturating_sub(last.to) < gap =>
                {
                    (last.to, last.rise) = (to.max(last.to), last.rise.min(rise));
                }
                _ => all.push(Suspect { from, to, rise }),
            }
        }
        let shortest = (SHORTEST_S * self.rate) as usize;
        for suspect in &mut all {
            suspect.to = (suspect.to + BEYOND).max(suspect.from + shortest).min(sound.len());
            suspect.from = suspect.from.min(suspect.to - 1);
        }
        all.retain(|suspect| !self.is_flat(suspect.from, suspect.to));
        all
    }

    fn is_flat(&self, from: usize, to: usize) -> bool {
        self.flat[from..to].contains(&true)
    }
}

/// How many times over what is asked for freeing a stretch is worth, as an amplitude; `None` when it is not.
fn surplus(freed: &Freed, rise: f64, worth: Worth) -> Option<f64> {
    let taken = (freed.energy_before - freed.energy_after).max(0.0);
    let gain = (taken / freed.variance).sqrt();
    let asked = worth.gain * libm::pow(rise, worth.rise_power);
    let fall = freed.energy_before / (worth.fall * freed.energy_after.max(1e-30));
    (gain > asked && fall > 1.0).then(|| (gain / asked).min(fall.sqrt()))
}

/// What freeing a stretch is worth at the lower rate, where a smooth lobe is most of what is not predicted.
fn worth_below(heard: &Heard, from: usize, to: usize, rise: f64, worth: Worth) -> Option<f64> {
    let super::heard::Level { sound, step, .. } = heard.levels.get(1)?;
    let worth = Worth { fall: worth.fall_below?, ..worth };
    let (from, to) = (from / step, to.div_ceil(*step).min(sound.len()));
    let long_enough = to > from + 1 && sound.len() > 4 * JUDGING_BELOW.order;
    long_enough.then(|| surplus(&free(sound, from, to, JUDGING_BELOW), rise, worth))?
}

/// Stretches that touch are one.
fn merged(mut spots: Vec<(usize, usize, f64)>) -> Vec<(usize, usize, f64)> {
    spots.sort_by_key(|spot| (spot.0, spot.1));
    let mut all: Vec<(usize, usize, f64)> = Vec::with_capacity(spots.len());
    for (from, to, surplus) in spots {
        match all.last_mut() {
            Some(last) if from <= last.1 + 2 && to.max(last.1) - last.0 <= EVENT_MAX => {
                (last.1, last.2) = (last.1.max(to), last.2.max(surplus))
            }
            _ => all.push((from, to, surplus)),
        }
    }
    all
}
