//! The last word on the ceiling: finds what still exceeds it between samples, and dips the gain there.
//!
//! Each pass looks 14 times between samples with a long interpolator and through a parabola (and as the standard's own 4x
//! meter does) and takes every over down with a short raised-cosine dip. A dip can lift its neighbourhood by a trace, so a
//! few passes follow, which look only where the one before changed something.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use acetate_audio::units::db_to_amplitude;
use acetate_audio::{Audio, AudioSpec};
use rayon::prelude::*;

use super::annex2;
use super::interpolator::{GROUP_FRAMES, Interpolator, SomePhases, grouped_values};
use crate::Stage;
use crate::peak::largest;

const PHASES: usize = 16;
const TAPS: usize = 256;
const BETA: f64 = 9.0;

/// Frames on either side of an interval that its values depend on.
const REACH: usize = TAPS / 2;

/// A shorter one beside it: near Nyquist, where it lets less through, peaks can be higher for it.
const SHORT_TAPS: usize = 128;
const SHORT_BETA: f64 = 10.0;

/// Phases of the interpolator nearest to a half of the way, and to a quarter and three quarters.
const HALF: usize = 8;
const QUARTERS: [usize; 2] = [4, 12];

/// Distance kept from the ceiling: what meters with other interpolators may read differently.
const METERS_DIFFER_DB: f64 = 0.035;

/// Half width of a dip in the first pass.
const DIP_S: f64 = 0.000_35;

/// How much wider it is in each pass: a wide dip is nearly a constant gain, which cannot lift anything.
const PASS_WIDTHS: [f64; 8] = [1.0, 1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 8.0];

/// A dip goes this much deeper than the over it removes.
const DIP_EXTRA_DB: f64 = 0.01;

/// Part of the ceiling below which a value at half a sample's distance cannot hide an over: cos(pi/4), a full-band sine.
const HALF_SAMPLE_SHARE: f32 = 0.70;
/// The same at the distance from the nearest of the five values around it, at most 1/7 of a sample: cos(pi/7).
const QUARTER_SAMPLE_SHARE: f32 = 0.90;

/// Takes a signal that is at most slightly over a ceiling under it, between samples too.
pub(crate) struct CeilingRepair {
    lines: Vec<Line>,
}

impl CeilingRepair {
    /// A repair that lets nothing exceed `ceiling`, an amplitude that [`working_ceiling`] has lowered.
    pub(crate) fn new(ceiling: f32, spec: AudioSpec) -> Self {
        let eyes = Arc::new(Eyes::new());
        let rate = f64::from(spec.sample_rate_hz);
        let dips = PASS_WIDTHS.map(|width| dip_shape(width * DIP_S * rate));
        let line = |_| Line::new(ceiling, &eyes, &dips);
        Self { lines: (0..spec.channels).map(line).collect() }
    }
}

impl Stage for CeilingRepair {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        let planes = block.planes().par_iter().zip(out.planes_mut());
        self.lines.par_iter_mut().zip(planes).for_each(|(line, (plane, out))| {
            line.push(plane);
            line.advance(out);
        });
    }

    fn finish(&mut self, out: &mut Audio) {
        self.lines.par_iter_mut().zip(out.planes_mut()).for_each(|(line, out)| {
            line.push_silence();
            line.advance(out);
            line.reset();
        });
    }
}

/// The ceiling to work with, as an amplitude, so that the one asked for holds after rounding and for any meter.
///
/// Rounding errors of at most `rounding_max` (full scale is 1) can add up between samples.
pub(crate) fn working_ceiling(ceiling_dbtp: f64, rounding_max: f64) -> f32 {
    let growth = Interpolator::<PHASES>::overlapping(TAPS, BETA).growth();
    let headroom = f64::from(growth) * rounding_max;
    (db_to_amplitude(ceiling_dbtp - METERS_DIFFER_DB) - headroom).max(0.0) as f32
}

/// One side of a raised cosine of this half width in frames, from its top.
fn dip_shape(half_width: f64) -> Arc<[f32]> {
    let half = half_width.max(8.0);
    let value = |i: usize| 0.5 + 0.5 * libm::cos(std::f64::consts::PI * i as f64 / half);
    (0..half as usize).map(|i| value(i) as f32).collect()
}

/// Largest magnitude among the values, and of the parabola through the largest and its neighbours.
fn summit(values: &[f32; PHASES]) -> f32 {
    let at =
        (1..PHASES).fold(0, |best, i| if values[i].abs() > values[best].abs() { i } else { best });
    let top = values[at].abs();
    if at == 0 || at == PHASES - 1 {
        return top;
    }
    let sign = values[at].signum();
    let (left, right) = (sign * values[at - 1], sign * values[at + 1]);
    let bend = 2.0 * top - left - right;
    if bend > 0.0 { top + (right - left) * (right - left) / (8.0 * bend) } else { top }
}

/// What an interval is looked at with.
struct Eyes {
    long: Interpolator<PHASES>,
    short: Interpolator<PHASES>,
    half: SomePhases<1>,
    quarters: SomePhases<2>,
}

impl Eyes {
    fn new() -> Self {
        let long = Interpolator::overlapping(TAPS, BETA);
        let short = Interpolator::overlapping(SHORT_TAPS, SHORT_BETA);
        let (half, quarters) = (long.only([HALF]), long.only(QUARTERS));
        Self { long, short, half, quarters }
    }

    /// Calls `found` with each interval of a group that has a peak above the ceiling, and the depth of the dip it needs.
    ///
    /// `x` begins `before` samples before the group, and ends as many after it.
    fn find_overs(&self, x: &[f32], ceiling: f32, mut found: impl FnMut(usize, f32)) {
        if largest(x) * self.long.growth() <= ceiling {
            return;
        }
        let frames = x.len() + 1 - TAPS;
        let mut filled = [0.0; GROUP_FRAMES + TAPS - 1];
        let x = if frames < GROUP_FRAMES {
            filled[..x.len()].copy_from_slice(x);
            &filled
        } else {
            x
        };
        let [middles] = self.half.values(x);
        // The samples at both ends of each interval, and the value half way.
        let before = self.long.before();
        let near: [f32; GROUP_FRAMES] = std::array::from_fn(|frame| {
            let edges = x[before + frame].abs().max(x[before + frame + 1].abs());
            edges.max(middles[frame].abs())
        });
        // The standard's few taps let images of what is near Nyquist through: it can read high where nothing is.
        let start = REACH - annex2::TAPS / 2;
        let around = &x[start..start + annex2::TAPS + GROUP_FRAMES - 1];
        let values = grouped_values(&annex2::TABLE, around);
        let standard: [f32; GROUP_FRAMES] = std::array::from_fn(|frame| {
            values.iter().fold(0.0, |max, phase| phase[frame].abs().max(max))
        });
        let near_max = largest(&near[..frames]);
        if near_max <= HALF_SAMPLE_SHARE * ceiling && largest(&standard[..frames]) <= ceiling {
            return;
        }
        let [first, third] = self.quarters.values(x);
        for frame in 0..frames {
            let nearest = near[frame].max(first[frame].abs()).max(third[frame].abs());
            let close = near[frame] > HALF_SAMPLE_SHARE * ceiling
                && nearest > QUARTER_SAMPLE_SHARE * ceiling;
            let fine = if close { self.peak(&x[frame..frame + TAPS]) } else { 0.0 };
            let peak = fine.max(standard[frame]);
            if peak > ceiling {
                let gain = ceiling / peak * db_to_amplitude(-DIP_EXTRA_DB) as f32;
                found(frame, 1.0 - gain);
            }
        }
    }

    /// The largest magnitude in the interval in the middle of `x`, between samples.
    fn peak(&self, x: &[f32]) -> f32 {
        let margin = (TAPS - SHORT_TAPS) / 2;
        let long = summit(&self.long.values(x));
        long.max(summit(&self.short.values(&x[margin..margin + SHORT_TAPS])))
    }
}

/// One channel. Its frames stay where they are while one pass after the other goes over them, each behind the one before.
///
/// Positions are counted from the start of the silence that stands before the first frame.
struct Line {
    ceiling: f32,
    eyes: Arc<Eyes>,
    passes: Vec<Pass>,
    /// Frames that are not given out yet, beginning at `base`.
    x: Vec<f32>,
    base: u64,
    /// Where the sound ends for now; behind that there is silence.
    sound_end: u64,
    /// What one pass changed, for the next.
    changed: Vec<Range<u64>>,
    /// The gain of a stretch that is being dipped.
    gain: Vec<f32>,
}

impl Line {
    fn new(ceiling: f32, eyes: &Arc<Eyes>, dips: &[Arc<[f32]>]) -> Self {
        let mut line = Self {
            ceiling,
            eyes: Arc::clone(eyes),
            passes: dips.iter().map(|dip| Pass::new(Arc::clone(dip))).collect(),
            x: Vec::new(),
            base: 0,
            sound_end: 0,
            changed: Vec::new(),
            gain: Vec::new(),
        };
        line.reset();
        line
    }

    /// The first frame stands `TAPS` frames from the start: silence before it, so that every interval has surroundings.
    fn reset(&mut self) {
        self.x.clear();
        self.x.resize(TAPS, 0.0);
        (self.base, self.sound_end) = (0, TAPS as u64);
        self.passes.iter_mut().for_each(Pass::reset);
    }

    fn push(&mut self, plane: &[f32]) {
        self.x.extend_from_slice(plane);
        self.sound_end += plane.len() as u64;
    }

    /// As much silence as the passes stay behind.
    fn push_silence(&mut self) {
        let delay: usize = self.passes.iter().map(|pass| REACH + pass.lag()).sum();
        self.x.resize(self.x.len() + delay, 0.0);
    }

    /// Lets every pass go as far as it can, and appends to `out` what the last one has left behind.
    fn advance(&mut self, out: &mut Vec<f32>) {
        let mut end = self.base + self.x.len() as u64;
        let first = &mut self.passes[0];
        first.todo.clear();
        first.todo.push_back(first.looked..self.sound_end + REACH as u64);
        for pass in &mut self.passes {
            pass.todo.extend(self.changed.drain(..).map(|range| {
                range.start.saturating_sub(REACH as u64).max(pass.looked)..range.end + REACH as u64
            }));
            let look_end = end.saturating_sub(REACH as u64).max(pass.looked);
            pass.look(look_end, &self.x, self.base, &self.eyes, self.ceiling);
            end = look_end.saturating_sub(pass.lag() as u64).max(pass.given);
            pass.apply(end, &mut self.x, self.base, &mut self.gain, &mut self.changed);
        }
        self.changed.clear();
        let given = (end - self.base) as usize;
        // Silence before the sound and after it stays here.
        let silent = (TAPS as u64).saturating_sub(self.base) as usize;
        let surplus = end.saturating_sub(self.sound_end) as usize;
        out.extend_from_slice(&self.x[silent.min(given)..given - surplus]);
        self.x.drain(..given);
        self.base = end;
    }
}

/// One look over a line.
struct Pass {
    dip: Arc<[f32]>,
    /// The next interval to look at, and the first frame whose gain is not final.
    looked: u64,
    given: u64,
    /// Intervals that have to be looked at.
    todo: VecDeque<Range<u64>>,
    /// Intervals around which the gain dips, from left to right.
    dips: VecDeque<Dip>,
}

/// A dip around the interval after `left`.
#[derive(Clone, Copy)]
struct Dip {
    left: u64,
    depth: f32,
}

impl Pass {
    fn new(dip: Arc<[f32]>) -> Self {
        Self { dip, looked: 0, given: 0, todo: VecDeque::new(), dips: VecDeque::new() }
    }

    fn reset(&mut self) {
        (self.looked, self.given) = (REACH as u64, 0);
        self.todo.clear();
        self.dips.clear();
    }

    /// Frames between the next interval and the last final frame: dips reach back, and so does the interpolator.
    fn lag(&self) -> usize {
        self.dip.len().max(REACH)
    }

    /// Looks at the intervals below `end`.
    fn look(&mut self, end: u64, x: &[f32], base: u64, eyes: &Eyes, ceiling: f32) {
        while let Some(range) = self.todo.front().cloned() {
            let stop = range.end.min(end);
            let mut position = range.start.max(self.looked);
            while position < stop {
                let frames = (stop - position).min(GROUP_FRAMES as u64) as usize;
                let at = (position - base) as usize - eyes.long.before();
                let found = |frame: usize, depth: f32| {
                    self.dips.push_back(Dip { left: position + frame as u64, depth });
                };
                eyes.find_overs(&x[at..at + frames + TAPS - 1], ceiling, found);
                position += frames as u64;
            }
            self.looked = self.looked.max(stop);
            if range.end > end {
                break;
            }
            self.todo.pop_front();
        }
        self.looked = self.looked.max(end);
    }

    /// Applies the dips below `end`, and notes which frames they change.
    fn apply(
        &mut self,
        end: u64,
        x: &mut [f32],
        base: u64,
        gain: &mut Vec<f32>,
        changed: &mut Vec<Range<u64>>,
    ) {
        let reach = self.dip.len() as u64;
        let mut first = 0;
        while first < self.dips.len() {
            // A stretch: dips that touch each other.
            let start = (self.dips[first].left + 1).saturating_sub(reach).max(self.given);
            let mut stretch_end = start;
            let mut next = first;
            while next < self.dips.len() && self.dips[next].left < stretch_end + reach {
                stretch_end = self.dips[next].left + 1 + reach;
                next += 1;
            }
            let stop = stretch_end.min(end);
            if start >= stop {
                break;
            }
            gain.clear();
            gain.resize((stop - start) as usize, 1.0);
            for dip in self.dips.range(first..next) {
                dip.shape(&self.dip, start, gain);
            }
            let x = &mut x[(start - base) as usize..(stop - base) as usize];
            x.iter_mut().zip(&*gain).for_each(|(x, gain)| *x *= gain);
            note(start, gain, changed);
            first = next;
        }
        self.given = end;
        let over = |dip: &Dip| dip.left + 1 + reach <= end;
        while self.dips.front().is_some_and(over) {
            self.dips.pop_front();
        }
    }
}

impl Dip {
    /// Lowers the gains, which begin at `start`, where they are higher.
    fn shape(self, shape: &[f32], start: u64, gains: &mut [f32]) {
        for (offset, shape) in shape.iter().enumerate() {
            let gain = 1.0 - self.depth * shape;
            for position in
                [self.left.checked_sub(offset as u64), Some(self.left + 1 + offset as u64)]
            {
                let index = position.and_then(|position| position.checked_sub(start));
                if let Some(slot) = index.and_then(|index| gains.get_mut(index as usize)) {
                    *slot = slot.min(gain);
                }
            }
        }
    }
}

/// Adds the frames that `gain` changes to `changed`; those near each other become one range.
fn note(start: u64, gain: &[f32], changed: &mut Vec<Range<u64>>) {
    for (index, _) in gain.iter().enumerate().filter(|(_, gain)| **gain < 1.0) {
        let position = start + index as u64;
        match changed.last_mut() {
            Some(range) if position <= range.end + TAPS as u64 => range.end = position + 1,
            _ => changed.push(position..position + 1),
        }
    }
}

#[cfg(test)]
mod tests;
