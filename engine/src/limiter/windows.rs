//! Sliding windows over gains: what smooths them without ever raising one.

use std::collections::VecDeque;

/// Gains are integers of this unit: sums of them are exact, so that an untouched stretch keeps a gain of exactly 1.
pub(super) const ONE: u32 = 1 << 30;

/// The minimum of the last few values.
pub(super) struct SlidingMinimum {
    length: u64,
    position: u64,
    /// Rising values with their positions: those that can still become the minimum.
    rising: VecDeque<(u64, u32)>,
}

impl SlidingMinimum {
    pub(super) fn new(length: usize) -> Self {
        let rising = VecDeque::with_capacity(length + 1);
        Self { length: length as u64, position: 0, rising }
    }

    pub(super) fn next(&mut self, value: u32) -> u32 {
        while self.rising.back().is_some_and(|&(_, last)| last >= value) {
            self.rising.pop_back();
        }
        self.rising.push_back((self.position, value));
        self.position += 1;
        if self.rising.front().is_some_and(|&(at, _)| at + self.length < self.position) {
            self.rising.pop_front();
        }
        self.rising.front().map_or(value, |&(_, lowest)| lowest)
    }

    pub(super) fn reset(&mut self) {
        self.rising.clear();
        self.position = 0;
    }
}

/// The exact sum of the last few values; before the first one they all were [`ONE`] times `unit`.
pub(super) struct RunningSum {
    ring: Vec<u64>,
    position: usize,
    sum: u64,
    fresh: bool,
}

impl RunningSum {
    pub(super) fn new(length: usize) -> Self {
        Self { ring: vec![0; length], position: 0, sum: 0, fresh: true }
    }

    /// How many values are summed.
    pub(super) fn len(&self) -> usize {
        self.ring.len()
    }

    pub(super) fn next(&mut self, value: u64) -> u64 {
        if self.fresh {
            // The past is taken to be like the first value, which is a gain of 1 before any peak.
            self.ring.fill(value);
            self.sum = value * self.ring.len() as u64;
            self.fresh = false;
            return self.sum;
        }
        self.sum = self.sum - self.ring[self.position] + value;
        self.ring[self.position] = value;
        self.position += 1;
        if self.position == self.ring.len() {
            self.position = 0;
        }
        self.sum
    }

    pub(super) fn reset(&mut self) {
        self.position = 0;
        self.fresh = true;
    }
}
