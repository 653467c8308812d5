//! The frames of a channel that are not given out yet, and their slow values.

use std::ops::Range;

use super::near_nyquist::{LOW_HALF, NearNyquist, STEP};

/// Frames from `base` on, and a slow value for every eighth of them.
pub(super) struct Held {
    pub(super) x: Vec<f32>,
    pub(super) base: u64,
    slow: Vec<f32>,
    /// Which slow value is the first; slow value `i` stands at frame `8 i`.
    slow_first: u64,
    /// By what each frame was multiplied, as far as that is wanted.
    gains: Vec<f64>,
}

impl Held {
    pub(super) fn new() -> Self {
        Self { x: Vec::new(), base: 0, slow: Vec::new(), slow_first: 0, gains: Vec::new() }
    }

    /// Begins anew with this much silence.
    pub(super) fn reset(&mut self, silence: usize) {
        self.x.clear();
        self.x.resize(silence, 0.0);
        self.base = 0;
        // The first of them would reach back before the silence.
        self.slow.clear();
        self.slow.resize(LOW_HALF / STEP, 0.0);
        self.slow_first = 0;
        self.gains.clear();
    }

    /// Remembers by what the frames are multiplied.
    pub(super) fn record(&mut self) {
        self.gains.resize(self.x.len(), 1.0);
    }

    /// By what the frames were multiplied, when that is recorded.
    pub(super) fn gains(&self) -> &[f64] {
        &self.gains
    }

    /// Multiplies frames, counted from the first that is held.
    pub(super) fn dip(&mut self, frames: Range<usize>, gains: &[f32]) {
        if let Some(recorded) = self.gains.get_mut(frames.clone()) {
            recorded.iter_mut().zip(gains).for_each(|(gain, by)| *gain *= f64::from(*by));
        }
        self.x[frames].iter_mut().zip(gains).for_each(|(x, gain)| *x *= gain);
    }

    /// One behind the last frame.
    pub(super) fn end(&self) -> u64 {
        self.base + self.x.len() as u64
    }

    /// Frames from `start` on.
    pub(super) fn frames_from(&self, start: u64) -> &[f32] {
        &self.x[(start - self.base) as usize..]
    }

    /// Slow values.
    pub(super) fn slow(&self, range: Range<u64>) -> &[f32] {
        &self.slow[(range.start - self.slow_first) as usize..(range.end - self.slow_first) as usize]
    }

    /// Computes the slow values of frames that have come.
    pub(super) fn extend_slow(&mut self, near_nyquist: &NearNyquist) {
        loop {
            let index = self.slow_first + self.slow.len() as u64;
            let Some(value) = self.slow_value(index, near_nyquist) else { break };
            self.slow.push(value);
        }
    }

    /// Computes them again where frames have changed; those that reach back to what was given out are not needed any more.
    pub(super) fn refresh(&mut self, changed: &Range<u64>, near_nyquist: &NearNyquist) {
        let step = STEP as u64;
        let first = changed.start.saturating_sub(LOW_HALF as u64) / step;
        let last = (changed.end + LOW_HALF as u64) / step;
        for index in first.max(self.slow_first)..=last {
            let value = self.slow_value(index, near_nyquist);
            let slot = self.slow.get_mut((index - self.slow_first) as usize);
            if let (Some(value), Some(slot)) = (value, slot) {
                *slot = value;
            }
        }
    }

    fn slow_value(&self, index: u64, near_nyquist: &NearNyquist) -> Option<f32> {
        let start = (index * STEP as u64).checked_sub(self.base + LOW_HALF as u64)? as usize;
        Some(near_nyquist.slow(self.x.get(start..start + 2 * LOW_HALF + 1)?))
    }

    /// Lets the frames before `end` go.
    pub(super) fn release(&mut self, end: u64) {
        let given = (end - self.base) as usize;
        self.x.drain(..given);
        self.gains.drain(..given.min(self.gains.len()));
        self.base = end;
        let slow_first = (end / STEP as u64).min(self.slow_first + self.slow.len() as u64);
        self.slow.drain(..(slow_first - self.slow_first) as usize);
        self.slow_first = slow_first;
    }
}
