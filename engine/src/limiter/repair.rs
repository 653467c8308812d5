//! The last word on the ceiling: finds what still exceeds it between samples, and dips the gain there.
//!
//! Each pass looks 14 times between samples and through a parabola, as sincs of 128 to 4096 taps see the waveform and
//! as the standard's own 4x meter does, and takes every over down with a short raised-cosine dip. A dip can lift its
//! neighbourhood by a trace, so more passes follow, which look only where the one before changed something. What is near
//! Nyquist rings for long: a value between samples then hangs on a thousand of them, and a dip of thirty hardly moves it.
//! Later passes therefore dip wider, the last about as wide as the longest sinc.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use acetate_audio::units::db_to_amplitude;
use acetate_audio::{Audio, AudioSpec, threads};

use crate::Stage;
use crate::moves::{Listener, MoveUnit, Score};
use crate::queue::Queue;
use eyes::{Eyes, View};
use held::Held;
use near_nyquist::{NearNyquist, REACH, SEGMENT_FRAMES};

mod eyes;
mod held;
mod near_nyquist;

/// Silence before the first frame, so that every interval has surroundings.
const LEAD: usize = 2 * REACH;

/// Distance kept from the ceiling: what meters with other interpolators may read differently.
const METERS_DIFFER_DB: f64 = 0.035;

/// Half width of a dip in the first pass.
const DIP_S: f64 = 0.000_35;

/// How much wider it is in each pass: a wide dip is nearly a constant gain, which cannot lift anything.
const PASS_WIDTHS: [f64; 11] = [1.0, 1.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 64.0, 128.0];

/// The next pass looks as far from a change as that can move a value by this share of full scale, 0.004 dB: the weights of
/// a sinc fall with the distance, and what is changed can have the sign of every one of them.
const MOVED: f64 = 0.000_4;
/// And at least this far.
const LOOK_AGAIN_MIN: usize = 128;

/// Room for more dips at a time than limited music asks for, so that none has to be made while sound is heard.
const ROOM: usize = 1024;

/// Takes a signal that is at most slightly over a ceiling under it, between samples too.
pub struct CeilingRepair {
    lines: Vec<Line>,
    /// The gain of every frame by channel.
    score: Score,
    /// What waits for gains that another repair finds.
    following: Queue,
}

impl CeilingRepair {
    /// A repair that lets nothing exceed `ceiling`, an amplitude that [`working_ceiling`] has lowered.
    pub fn new(ceiling: f32, spec: AudioSpec) -> Self {
        let eyes = Arc::new(Eyes::new());
        let rate = f64::from(spec.sample_rate_hz);
        let dips = PASS_WIDTHS.map(|width| dip_shape((width * DIP_S * rate).min(REACH as f64)));
        let line = |_| Line::new(ceiling, &eyes, &dips);
        Self {
            lines: (0..spec.channels).map(line).collect(),
            score: Score::new(MoveUnit::Gain, 1, spec.channels),
            following: Queue::new(spec.channels, 0),
        }
    }

    fn advance(&mut self, out: &mut Audio) {
        let records = self.score.records();
        threads::for_each_pair(&mut self.lines, out.planes_mut(), |_, line, out| {
            line.advance(records, out);
        });
        for (channel, line) in self.lines.iter_mut().enumerate() {
            self.score.note_column(channel, line.given_gains.drain(..));
        }
    }

    /// Lets out the frames whose gains another repair has told.
    fn obey(&mut self, out: &mut Audio) {
        let frames = self.score.rows_left();
        let planes = self.following.planes().zip(out.planes_mut());
        for ((plane, out), gains) in planes.zip(self.score.told(frames)) {
            out.extend(plane.iter().zip(gains).map(|(x, &gain)| (f64::from(*x) * gain) as f32));
        }
        self.following.skip(frames);
    }
}

impl Stage for CeilingRepair {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        if self.score.follows() {
            self.following.push(block);
            return self.obey(out);
        }
        self.lines.iter_mut().zip(block.planes()).for_each(|(line, plane)| line.push(plane));
        self.advance(out);
    }

    fn finish(&mut self, out: &mut Audio) {
        if self.score.follows() {
            self.obey(out);
        } else {
            self.lines.iter_mut().for_each(Line::push_silence);
            self.advance(out);
        }
        self.reset();
    }

    fn reset(&mut self) {
        self.lines.iter_mut().for_each(Line::reset);
        self.following.restart(0);
    }

    fn latency_frames(&self) -> usize {
        self.lines[0].latency_frames()
    }
}

impl Listener for CeilingRepair {
    fn score(&mut self) -> &mut Score {
        &mut self.score
    }
}

/// The ceiling to work with, as an amplitude, so that the one asked for holds after rounding and for any meter.
///
/// Rounding errors of at most `rounding_max` (full scale is 1) can add up between samples.
pub fn working_ceiling(ceiling_dbtp: f64, rounding_max: f64) -> f32 {
    let headroom = near_nyquist::sinc_growth() * rounding_max;
    (db_to_amplitude(ceiling_dbtp - METERS_DIFFER_DB) - headroom).max(0.0) as f32
}

/// One side of a raised cosine of this half width in frames, from its top.
fn dip_shape(half_width: f64) -> Arc<[f32]> {
    let half = half_width.max(8.0);
    let value = |i: usize| 0.5 + 0.5 * libm::cos(std::f64::consts::PI * i as f64 / half);
    (0..half as usize).map(|i| value(i) as f32).collect()
}

/// One channel. Its frames stay where they are while one pass after the other goes over them, each behind the one before.
///
/// Positions are counted from the start of the silence that stands before the first frame.
struct Line {
    ceiling: f32,
    eyes: Arc<Eyes>,
    passes: Vec<Pass>,
    held: Held,
    /// Where the sound ends for now; behind that there is silence.
    sound_end: u64,
    /// What one pass changed, for the next.
    changed: Vec<Change>,
    /// The gain of a stretch that is being dipped.
    gain: Vec<f32>,
    /// The gains of what was given out last, where they are wanted.
    given_gains: Vec<f64>,
}

impl Line {
    fn new(ceiling: f32, eyes: &Arc<Eyes>, dips: &[Arc<[f32]>]) -> Self {
        let mut line = Self {
            ceiling,
            eyes: Arc::clone(eyes),
            passes: dips.iter().map(|dip| Pass::new(Arc::clone(dip))).collect(),
            held: Held::new(),
            sound_end: 0,
            changed: Vec::with_capacity(ROOM),
            gain: Vec::with_capacity(2 * REACH),
            given_gains: Vec::new(),
        };
        line.reset();
        line
    }

    fn reset(&mut self) {
        self.held.reset(LEAD);
        self.sound_end = LEAD as u64;
        self.passes.iter_mut().for_each(Pass::reset);
    }

    fn push(&mut self, plane: &[f32]) {
        self.held.x.extend_from_slice(plane);
        self.sound_end += plane.len() as u64;
    }

    /// As much silence as the passes stay behind.
    fn push_silence(&mut self) {
        self.held.x.resize(self.held.x.len() + self.latency_frames(), 0.0);
    }

    /// Every pass looks as far ahead as its eyes reach, and gives out what no dip can reach any more.
    fn latency_frames(&self) -> usize {
        self.passes.iter().map(|pass| REACH + pass.lag()).sum()
    }

    /// Lets every pass go as far as it can, and appends to `out` what the last one has left behind.
    fn advance(&mut self, records: bool, out: &mut Vec<f32>) {
        if records {
            self.held.record();
        }
        self.held.extend_slow(self.eyes.near_nyquist());
        let mut end = self.held.end();
        let first = &mut self.passes[0];
        first.todo.clear();
        first.todo.push_back(first.looked..self.sound_end + REACH as u64);
        for pass in &mut self.passes {
            pass.todo.extend(self.changed.drain(..).map(|change| change.seen_from(pass.looked)));
            let look_end = end.saturating_sub(REACH as u64).max(pass.looked);
            pass.look(look_end, &self.held, &self.eyes, self.ceiling);
            end = look_end.saturating_sub(pass.lag() as u64).max(pass.given);
            pass.apply(end, &mut self.held, &mut self.gain, &mut self.changed);
            for change in &self.changed {
                self.held.refresh(&change.range, self.eyes.near_nyquist());
            }
        }
        self.changed.clear();
        let given = (end - self.held.base) as usize;
        // Silence before the sound and after it stays here.
        let silent = (LEAD as u64).saturating_sub(self.held.base) as usize;
        let surplus = end.saturating_sub(self.sound_end) as usize;
        let sound = silent.min(given)..given - surplus;
        out.extend_from_slice(&self.held.x[sound.clone()]);
        if records {
            let gains = self.held.gains();
            self.given_gains.extend_from_slice(&gains[sound]);
        }
        self.held.release(end);
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
        let (todo, dips) = (VecDeque::with_capacity(ROOM), VecDeque::with_capacity(ROOM));
        Self { dip, looked: 0, given: 0, todo, dips }
    }

    fn reset(&mut self) {
        (self.looked, self.given) = (REACH as u64, 0);
        self.todo.clear();
        self.dips.clear();
    }

    /// Frames between the next interval and the last final frame: dips reach back, and so do the sincs.
    fn lag(&self) -> usize {
        self.dip.len().max(REACH)
    }

    /// Looks at the intervals below `end`.
    fn look(&mut self, end: u64, held: &Held, eyes: &Eyes, ceiling: f32) {
        while let Some(range) = self.todo.front().cloned() {
            let stop = range.end.min(end);
            let mut position = range.start.max(self.looked);
            while position < stop {
                let frames = (stop - position).min(SEGMENT_FRAMES as u64) as usize;
                let view = View {
                    position,
                    frames,
                    x: held.frames_from(position - eyes.before() as u64),
                    slow: held.slow(NearNyquist::needed(position, frames)),
                };
                let found = |frame: usize, depth: f32| {
                    self.dips.push_back(Dip { left: position + frame as u64, depth });
                };
                eyes.find_overs(view, ceiling, found);
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
    fn apply(&mut self, end: u64, held: &mut Held, gain: &mut Vec<f32>, changed: &mut Vec<Change>) {
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
            let base = held.base;
            held.dip((start - base) as usize..(stop - base) as usize, gain);
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

/// Frames that a pass has changed.
struct Change {
    range: Range<u64>,
    /// The sum of what the gain was lowered by.
    area: f64,
}

impl Change {
    /// The intervals that it can have moved, from `looked` on.
    fn seen_from(&self, looked: u64) -> Range<u64> {
        let reach = self.area / (std::f64::consts::PI * MOVED);
        let reach = (reach as u64).clamp(LOOK_AGAIN_MIN as u64, REACH as u64);
        self.range.start.saturating_sub(reach).max(looked)..self.range.end + reach
    }
}

/// Adds the frames that `gain` changes to `changed`; those near each other become one range.
fn note(start: u64, gain: &[f32], changed: &mut Vec<Change>) {
    for (index, gain) in gain.iter().enumerate().filter(|(_, gain)| **gain < 1.0) {
        let position = start + index as u64;
        let lowered = 1.0 - f64::from(*gain);
        match changed.last_mut() {
            Some(change) if position <= change.range.end + LOOK_AGAIN_MIN as u64 => {
                change.range.end = position + 1;
                change.area += lowered;
            }
            _ => changed.push(Change { range: position..position + 1, area: lowered }),
        }
    }
}

#[cfg(test)]
mod tests;
