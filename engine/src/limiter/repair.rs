//! The last word on the ceiling: finds what still exceeds it between samples, and dips the gain there.
//!
//! Each pass looks 14 times between samples with a long interpolator and through a parabola (and as the standard's own 4x meter does) and takes
//! every over down with a short raised-cosine dip. A dip can lift its neighbourhood by a trace, so a few passes follow,
//! which look only where the one before changed something.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use acetate_audio::units::db_to_amplitude;
use acetate_audio::{Audio, AudioSpec};
use rayon::prelude::*;

use super::annex2;
use super::interpolator::Interpolator;
use crate::Stage;

const PHASES: usize = 16;
const TAPS: usize = 256;
const BETA: f64 = 9.0;

/// A shorter one beside it: near Nyquist, where it lets less through, peaks can be higher for it.
const SHORT_TAPS: usize = 128;
const SHORT_BETA: f64 = 10.0;

/// Phases of the interpolator nearest to a quarter, a half and three quarters of the way.
const QUARTERS: [usize; 3] = [4, 8, 12];

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

/// Frames that are looked at together.
const GROUP_FRAMES: usize = 32;

/// Takes a signal that is at most slightly over a ceiling under it, between samples too.
pub(crate) struct CeilingRepair {
    channels: Vec<Vec<Pass>>,
    planes: Vec<Vec<f32>>,
}

impl CeilingRepair {
    /// A repair that lets nothing exceed `ceiling`, an amplitude that [`working_ceiling`] has lowered.
    pub(crate) fn new(ceiling: f32, spec: AudioSpec) -> Self {
        let interpolators = [(TAPS, BETA), (SHORT_TAPS, SHORT_BETA)]
            .map(|(taps, beta)| Arc::new(Interpolator::overlapping(taps, beta)));
        let rate = f64::from(spec.sample_rate_hz);
        let dips = PASS_WIDTHS.map(|width| dip_shape(width * DIP_S * rate));
        let pass = |(index, dip): (usize, &Arc<[f32]>)| {
            Pass::new(index, ceiling, &interpolators, dip.clone())
        };
        let line = || -> Vec<Pass> { dips.iter().enumerate().map(pass).collect() };
        Self {
            channels: (0..spec.channels).map(|_| line()).collect(),
            planes: vec![Vec::new(); spec.channels],
        }
    }

    fn run(&mut self, block: Option<&Audio>, out: &mut Audio) {
        let channels = self.channels.par_iter_mut().zip(&mut self.planes).enumerate();
        channels.for_each(|(channel, (passes, plane))| {
            plane.clear();
            if let Some(block) = block {
                plane.extend_from_slice(block.channel(channel));
            }
            let mut changed = Changed::Everything;
            for pass in passes {
                changed = pass.run(plane, changed, block.is_none());
            }
        });
        for (plane, out) in self.planes.iter().zip(out.planes_mut()) {
            out.extend_from_slice(plane);
        }
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

impl Stage for CeilingRepair {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        self.run(Some(block), out);
    }

    fn finish(&mut self, out: &mut Audio) {
        self.run(None, out);
        self.channels.iter_mut().flatten().for_each(Pass::reset);
    }
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

/// Where a pass has changed the frames it gave out.
enum Changed {
    Everything,
    Ranges(Vec<Range<u64>>),
}

/// One look over one channel. Positions are counted from the first frame ever pushed.
struct Pass {
    first: bool,
    ceiling: f32,
    interpolator: Arc<Interpolator<PHASES>>,
    short: Arc<Interpolator<PHASES>>,
    dip: Arc<[f32]>,
    /// Frames that are still needed, beginning at `base`, with the gain found for each.
    x: Vec<f32>,
    gain: Vec<f32>,
    base: u64,
    /// The next interval to look at, and the next frame to give out.
    looked: u64,
    given: u64,
    /// Intervals that have to be looked at.
    todo: VecDeque<Range<u64>>,
    middles: Vec<f32>,
}

impl Pass {
    fn new(
        index: usize,
        ceiling: f32,
        interpolators: &[Arc<Interpolator<PHASES>>; 2],
        dip: Arc<[f32]>,
    ) -> Self {
        let mut pass = Self {
            first: index == 0,
            ceiling,
            interpolator: interpolators[0].clone(),
            short: interpolators[1].clone(),
            dip,
            x: Vec::new(),
            gain: Vec::new(),
            base: 0,
            looked: 0,
            given: 0,
            todo: VecDeque::new(),
            middles: vec![0.0; GROUP_FRAMES],
        };
        pass.reset();
        pass
    }

    /// The first frame stands `TAPS` frames from the start: silence before it, so that every interval has surroundings.
    fn reset(&mut self) {
        self.x.clear();
        self.x.resize(TAPS, 0.0);
        self.gain.clear();
        self.gain.resize(TAPS, 1.0);
        (self.base, self.looked, self.given) = (0, (TAPS / 2) as u64, TAPS as u64);
        self.todo.clear();
    }

    /// Takes the frames of `plane` and leaves in it those that are finished.
    fn run(&mut self, plane: &mut Vec<f32>, changed: Changed, last: bool) -> Changed {
        let arrived = self.base + self.x.len() as u64;
        let real_end = arrived + plane.len() as u64;
        self.x.extend_from_slice(plane);
        if last {
            self.x.resize(self.x.len() + TAPS + 2 * self.dip.len(), 0.0);
        }
        self.gain.resize(self.x.len(), 1.0);
        self.note(changed, real_end);
        let end = self.base + self.x.len() as u64;
        let ahead = (TAPS / 2).max(self.dip.len() + 1);
        let look_end = end.saturating_sub(ahead as u64).max(self.looked);
        self.look(look_end);
        let give_end = if last {
            real_end
        } else {
            look_end.saturating_sub(self.dip.len() as u64).max(self.given)
        };
        let ranges = self.give(give_end, plane);
        self.forget();
        Changed::Ranges(ranges)
    }

    /// Notes which intervals the changed frames can have lifted.
    fn note(&mut self, changed: Changed, real_end: u64) {
        let reach = (TAPS / 2) as u64;
        match changed {
            Changed::Everything if self.first => {
                self.todo.clear();
                self.todo.push_back(self.looked..real_end + reach);
            }
            Changed::Everything => {}
            Changed::Ranges(ranges) => {
                let widened =
                    ranges.iter().map(|r| (r.start - reach).max(self.looked)..r.end + reach);
                self.todo.extend(widened);
            }
        }
    }

    /// Looks at the intervals below `end`.
    fn look(&mut self, end: u64) {
        while let Some(range) = self.todo.front().cloned() {
            let start = range.start.max(self.looked);
            let stop = range.end.min(end);
            let mut position = start;
            while position < stop {
                let group_end = (position + GROUP_FRAMES as u64).min(stop);
                self.look_at_group(position, (group_end - position) as usize);
                position = group_end;
            }
            self.looked = self.looked.max(stop);
            if range.end > end {
                break;
            }
            self.todo.pop_front();
        }
        self.looked = self.looked.max(end);
    }

    fn look_at_group(&mut self, position: u64, frames: usize) {
        let before = self.interpolator.before();
        let at = (position - self.base) as usize - before;
        let x = &self.x[at..at + frames + TAPS - 1];
        let largest = x.iter().fold(0.0f32, |max, x| max.max(x.abs()));
        if largest * self.interpolator.growth() <= self.ceiling {
            return;
        }
        self.middles.resize(frames, 0.0);
        self.interpolator.phase(QUARTERS[1], x, &mut self.middles);
        for frame in 0..frames {
            let edges = &self.x[at + before + frame..];
            let near = edges[0].abs().max(edges[1].abs()).max(self.middles[frame].abs());
            if near > HALF_SAMPLE_SHARE * self.ceiling {
                self.look_closely(position + frame as u64);
            }
        }
    }

    fn look_closely(&mut self, position: u64) {
        let at = (position - self.base) as usize - self.interpolator.before();
        let x = &self.x[at..at + TAPS];
        let edges = x[self.interpolator.before()].abs().max(x[TAPS / 2].abs());
        let quarters = QUARTERS
            .map(|phase| self.interpolator.value(phase, x).abs())
            .into_iter()
            .fold(edges, f32::max);
        if quarters <= QUARTER_SAMPLE_SHARE * self.ceiling {
            return;
        }
        let margin = (TAPS - SHORT_TAPS) / 2;
        let long = summit(&self.interpolator.values(x));
        let fine = long.max(summit(&self.short.values(&x[margin..margin + SHORT_TAPS])));
        let plain = annex2::peak(&x[TAPS / 2 - annex2::TAPS / 2..]);
        let peak = fine.max(plain);
        if peak > self.ceiling {
            let gain = self.ceiling / peak * db_to_amplitude(-DIP_EXTRA_DB) as f32;
            self.dip(position, 1.0 - gain);
        }
    }

    /// Lowers the gain around the interval after `position` by `depth`.
    fn dip(&mut self, position: u64, depth: f32) {
        let left = (position - self.base) as usize;
        for (offset, shape) in self.dip.iter().enumerate() {
            let gain = 1.0 - depth * shape;
            if let Some(index) = left.checked_sub(offset) {
                self.gain[index] = self.gain[index].min(gain);
            }
            if let Some(slot) = self.gain.get_mut(left + 1 + offset) {
                *slot = slot.min(gain);
            }
        }
    }

    /// Replaces `plane` with the frames up to `end`, and says which of them changed.
    fn give(&mut self, end: u64, plane: &mut Vec<f32>) -> Vec<Range<u64>> {
        let (from, to) = ((self.given - self.base) as usize, (end - self.base) as usize);
        plane.clear();
        plane.extend(self.x[from..to].iter().zip(&self.gain[from..to]).map(|(x, gain)| x * gain));
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for (index, _) in self.gain[from..to].iter().enumerate().filter(|(_, gain)| **gain < 1.0) {
            let position = self.given + index as u64;
            match ranges.last_mut() {
                Some(range) if position <= range.end + TAPS as u64 => range.end = position + 1,
                _ => ranges.push(position..position + 1),
            }
        }
        self.given = end;
        ranges
    }

    /// Drops the frames that no interval needs any more.
    fn forget(&mut self) {
        let needed = self.given.min(self.looked).saturating_sub(TAPS as u64);
        let count = needed.saturating_sub(self.base) as usize;
        self.x.drain(..count);
        self.gain.drain(..count);
        self.base += count as u64;
    }
}
