//! Clicks: single events of at most 1.5 ms that stand alone in the high frequencies.
//!
//! The third difference of the samples is small in music, whose spectrum falls, and large in a click. An
//! attack is large too, but rings on; the edges of a synthesised wave are large, but come again.

use std::collections::VecDeque;

use multiversion::multiversion;

use super::PLACES;
use crate::peaks::{larger, largest};

/// Segments in a second.
const SEGMENTS_PER_SECOND: f64 = 1_000.0;
/// Segments on each side that must be quieter.
const AROUND: usize = 40;
/// Segments next to the click that may belong to it.
const SPILL: usize = 1;
/// How far the third difference of a click stands above everything around it.
const PROMINENCE: f32 = 10.0;
/// Least third difference: that of a single sample at -23 dBFS. Synthetic sounds and mallets begin with
/// smaller ones, as prominent as a click.
const LEAST: f32 = 0.2;
/// After an attack there is more treble than before by more than this.
const ATTACK_RATIO: f32 = 4.0;
/// Segments before and after that are compared.
const SIDES: usize = 10;
/// What is louder than before by this within `AROUND` segments was begun, not interrupted: a beater and its drum.
const BEGINS_RATIO: f32 = 2.0;

/// Samples before the one at which a third difference ends.
const REACH: usize = 3;
/// Differences taken side by side.
const LANES: usize = 8;

/// Looks for clicks in one channel.
#[derive(Clone, Debug)]
pub(crate) struct ClickTrack {
    segment_samples: usize,
    /// Samples not yet in a whole segment, and the `REACH` before them.
    pending: Vec<f32>,
    /// Largest third difference of the last segments.
    segments: VecDeque<f32>,
    /// Largest magnitude of the same.
    levels: VecDeque<f32>,
    segment: u64,
    clicks: u64,
    at_frames: Vec<u64>,
}

impl ClickTrack {
    pub(crate) fn new(sample_rate_hz: u32) -> Self {
        Self {
            segment_samples: (libm::round(f64::from(sample_rate_hz) / SEGMENTS_PER_SECOND)
                as usize)
                .max(8),
            pending: vec![0.0; REACH],
            segments: VecDeque::with_capacity(2 * AROUND + 2),
            levels: VecDeque::with_capacity(2 * AROUND + 2),
            segment: 0,
            clicks: 0,
            at_frames: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, samples: &[f32]) {
        let length = self.segment_samples;
        self.pending.extend_from_slice(samples);
        let mut start = 0;
        while start + REACH + length <= self.pending.len() {
            let samples = &self.pending[start..start + REACH + length];
            let (difference, level) = (largest_third_difference(samples), largest(samples));
            self.segment(difference, level);
            start += length;
        }
        self.pending.drain(..start);
    }

    fn segment(&mut self, difference: f32, level: f32) {
        self.segments.push_back(difference);
        self.levels.push_back(level);
        self.segment += 1;
        if self.segments.len() > 2 * AROUND + 1 {
            self.segments.pop_front();
            self.levels.pop_front();
        }
        if self.segments.len() == 2 * AROUND + 1 {
            self.judge();
        }
    }

    /// Decides about the middle segment.
    fn judge(&mut self) {
        let middle = self.segments[AROUND];
        if middle < LEAST
            || middle < self.segments[AROUND - 1]
            || middle <= self.segments[AROUND + 1]
        {
            return;
        }
        let others = self
            .segments
            .iter()
            .enumerate()
            .filter(|(index, _)| index.abs_diff(AROUND) > SPILL)
            .map(|(_, &value)| value)
            .fold(0.0, f32::max);
        if middle > PROMINENCE * others && !self.is_attack() && !self.begins() {
            self.clicks += 1;
            if self.at_frames.len() < PLACES {
                let segment = self.segment - 1 - AROUND as u64;
                self.at_frames.push(segment * self.segment_samples as u64);
            }
        }
    }

    fn is_attack(&self) -> bool {
        let largest = |offset: fn(usize) -> usize| {
            (SPILL + 1..=SPILL + SIDES)
                .map(|distance| self.segments[offset(distance)])
                .fold(0.0, f32::max)
        };
        let (before, after) =
            (largest(|distance| AROUND - distance), largest(|distance| AROUND + distance));
        // Without any treble before, only the prominence can tell.
        before > 1e-6 && after > ATTACK_RATIO * before
    }

    /// Whether what follows is much louder than what was before.
    fn begins(&self) -> bool {
        let loudest =
            |range: std::ops::Range<usize>| self.levels.range(range).copied().fold(0.0, larger);
        loudest(AROUND + 1 + SPILL..2 * AROUND + 1) > BEGINS_RATIO * loudest(0..AROUND - SPILL)
    }

    /// Number of clicks, and where the first of them are.
    pub(crate) fn finish(self) -> (u64, Vec<u64>) {
        (self.clicks, self.at_frames)
    }
}

/// Largest magnitude of the third differences that end in `samples` after the first [`REACH`].
#[multiversion(targets("x86_64+avx2"))]
fn largest_third_difference(samples: &[f32]) -> f32 {
    let count = samples.len() - REACH;
    let difference = |end: usize| {
        let [a, b, c, d] = [samples[end], samples[end + 1], samples[end + 2], samples[end + 3]];
        (d - a + 3.0 * (b - c)).abs()
    };
    let mut lanes = [0.0f32; LANES];
    let whole = count - count % LANES;
    for start in (0..whole).step_by(LANES) {
        let near: &[f32; LANES + REACH] =
            samples[start..start + LANES + REACH].try_into().expect("as long as it says");
        for lane in 0..LANES {
            let (a, b, c, d) = (near[lane], near[lane + 1], near[lane + 2], near[lane + 3]);
            lanes[lane] = larger(lanes[lane], (d - a + 3.0 * (b - c)).abs());
        }
    }
    (whole..count).map(difference).chain(lanes).fold(0.0, larger)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(samples: &[f32]) -> u64 {
        let mut track = ClickTrack::new(44_100);
        samples.chunks(1_000).for_each(|block| track.push(block));
        track.finish().0
    }

    fn music() -> Vec<f32> {
        let tone = |n: f64, freq: f64| libm::sin(std::f64::consts::TAU * freq / 44_100.0 * n);
        (0..88_200)
            .map(|n| (0.3 * tone(f64::from(n), 220.0) + 0.1 * tone(f64::from(n), 2_500.0)) as f32)
            .collect()
    }

    #[test]
    fn a_click_is_found_where_it_is() {
        let mut samples = music();
        assert_eq!(count(&samples), 0);
        for (offset, height) in [0.2, 0.5, 0.4, 0.1].into_iter().enumerate() {
            samples[40_000 + offset] += height;
        }
        let mut track = ClickTrack::new(44_100);
        track.push(&samples);
        let (clicks, at) = track.finish();
        assert_eq!(clicks, 1);
        assert!(at[0].abs_diff(40_000) < 100, "{at:?}");
    }

    #[test]
    fn the_edges_of_a_square_wave_are_no_clicks() {
        let square: Vec<f32> =
            (0..88_200).map(|n| if (n / 400) % 2 == 0 { 0.4 } else { -0.4 }).collect();
        assert_eq!(count(&square), 0);
    }

    #[test]
    fn the_beater_that_begins_a_drum_is_no_click() {
        let mut samples: Vec<f32> = music().iter().map(|sample| 0.3 * sample).collect();
        for (offset, height) in [0.2, 0.5, 0.4, 0.1].into_iter().enumerate() {
            samples[40_000 + offset] += height;
        }
        assert_eq!(count(&samples), 1);
        for n in 0..8_000 {
            let drum = libm::sin(f64::from(n) * 0.01) * libm::exp(f64::from(n) * -4e-4);
            samples[40_100 + n as usize] += (0.6 * drum) as f32;
        }
        assert_eq!(count(&samples), 0);
    }

    #[test]
    fn an_attack_that_rings_on_is_no_click() {
        let mut samples = music();
        for n in 0..4_000 {
            let ring = libm::sin(f64::from(n) * 1.3) * libm::exp(f64::from(n) * -1e-3);
            samples[40_000 + n as usize] += (0.5 * ring) as f32;
        }
        assert_eq!(count(&samples), 0);
    }
}
