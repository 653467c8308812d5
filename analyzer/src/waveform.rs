//! What the samples themselves say: envelope, offset, silence, correlation.

use std::ops::Range;

use acetate_audio::{Audio, AudioSpec};
use multiversion::multiversion;

use crate::peaks::larger;
use crate::spectrum::Image;
use crate::timeline::Timeline;
use acetate_audio::lanes::{LANES, Lanes, add, filled_up, larger_magnitude, mul};

/// Steps of the envelope in a second.
const STEPS_PER_SECOND: u64 = 1_000;
/// Steps in a block of 100 ms.
const STEPS_PER_BLOCK: u64 = 100;
/// Rows of the envelope: 17 minutes of 1 ms, then they are merged.
const ENVELOPE_ROWS: usize = 1 << 20;

/// Sums over a block of 100 ms of two channels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct PairSums {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) product: f64,
}

/// Collects what needs no filter.
#[derive(Debug)]
pub(crate) struct WaveformTrack {
    image: Image,
    rate: u64,
    /// Samples of the step that has begun.
    pending: Vec<Vec<f32>>,
    frame: u64,
    step: u64,
    step_start: u64,
    step_end: u64,
    peak: f32,
    square: f64,
    pair: PairSums,
    envelope_peak: Timeline<f32>,
    envelope_power: Timeline<f32>,
    pairs: Vec<PairSums>,
    /// Sum and square sum of every channel.
    channels: Vec<ChannelSums>,
    first_sound: Option<u64>,
    last_sound: u64,
}

/// Sums over one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct ChannelSums {
    pub(crate) sum: f64,
    pub(crate) square: f64,
    pub(crate) peak: f32,
}

/// What the samples of a whole sound say.
#[derive(Debug)]
pub(crate) struct WaveformResult {
    pub(crate) frames: u64,
    pub(crate) steps_per_row: usize,
    pub(crate) envelope_peak: Vec<f32>,
    pub(crate) envelope_power: Vec<f32>,
    /// Blocks of 100 ms, the last one perhaps shorter; empty unless there are two channels.
    pub(crate) pairs: Vec<PairSums>,
    pub(crate) channels: Vec<ChannelSums>,
    /// First frame that is not digital silence; `None` when all is.
    pub(crate) first_sound: Option<u64>,
    pub(crate) last_sound: u64,
}

impl WaveformTrack {
    pub(crate) fn new(spec: AudioSpec) -> Self {
        let rate = u64::from(spec.sample_rate_hz).max(STEPS_PER_SECOND);
        Self {
            image: Image::new(spec),
            rate,
            pending: vec![Vec::new(); spec.channels],
            frame: 0,
            step: 0,
            step_start: 0,
            step_end: rate / STEPS_PER_SECOND,
            peak: 0.0,
            square: 0.0,
            pair: PairSums::default(),
            envelope_peak: Timeline::new(1, ENVELOPE_ROWS, f32::max),
            envelope_power: Timeline::new(1, ENVELOPE_ROWS, |a, b| a + b),
            pairs: Vec::new(),
            channels: vec![ChannelSums::default(); spec.channels],
            first_sound: None,
            last_sound: 0,
        }
    }

    /// Steps are summed whole, so that it does not matter where the sound is cut into blocks.
    pub(crate) fn push(&mut self, block: &Audio) {
        let mut start = 0;
        while start < block.frames() {
            let waiting = self.pending[0].len();
            let left = (self.step_end - self.frame) as usize - waiting;
            let end = block.frames().min(start + left);
            if waiting > 0 || end < start + left {
                for (pending, plane) in self.pending.iter_mut().zip(block.planes()) {
                    pending.extend_from_slice(&plane[start..end]);
                }
            }
            if end == start + left {
                if waiting > 0 {
                    self.take_pending();
                } else {
                    self.add(block.planes(), start..end);
                }
                self.finish_step();
            }
            start = end;
        }
    }

    fn take_pending(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        self.add(&pending, 0..pending[0].len());
        self.pending = pending;
        self.pending.iter_mut().for_each(Vec::clear);
    }

    /// Adds a step, or the last part of one: `range` of the planes.
    fn add(&mut self, planes: &[Vec<f32>], range: Range<usize>) {
        let mut any = 0.0f32;
        for (index, sums) in self.channels.iter_mut().enumerate() {
            let here = summarize(&planes[index][range.clone()]);
            sums.sum += here.sum;
            sums.square += here.square;
            sums.peak = larger(sums.peak, here.peak);
            any = larger(any, here.peak);
            if self.image.looks_at(index) {
                self.peak = larger(self.peak, here.peak);
                self.square += here.square;
            }
            if index == 0 {
                self.pair.left += here.square;
            } else if index == 1 {
                self.pair.right += here.square;
            }
        }
        if self.image == Image::Stereo {
            self.pair.product += product(&planes[0][range.clone()], &planes[1][range.clone()]);
        }
        if any > 0.0 {
            self.mark_sound(planes, &range);
        }
        self.frame += range.len() as u64;
    }

    /// Remembers the first and last frame that is not digital silence.
    fn mark_sound(&mut self, planes: &[Vec<f32>], range: &Range<usize>) {
        let sounds = |frame: &usize| planes.iter().any(|plane| plane[*frame] != 0.0);
        let at = |frame: usize| self.frame + (frame - range.start) as u64;
        if self.first_sound.is_none() {
            self.first_sound = range.clone().find(sounds).map(at);
        }
        if let Some(last) = range.clone().rev().find(sounds) {
            self.last_sound = self.frame + (last - range.start) as u64;
        }
    }

    fn finish_step(&mut self) {
        let points = (self.frame - self.step_start) * self.image.channels().len() as u64;
        self.envelope_peak.push(&[self.peak]);
        self.envelope_power.push(&[(self.square / points.max(1) as f64) as f32]);
        (self.peak, self.square) = (0.0, 0.0);
        self.step += 1;
        self.step_start = self.frame;
        self.step_end = (self.step + 1) * self.rate / STEPS_PER_SECOND;
        if self.step.is_multiple_of(STEPS_PER_BLOCK) && self.image == Image::Stereo {
            self.pairs.push(std::mem::take(&mut self.pair));
        }
    }

    pub(crate) fn finish(mut self) -> WaveformResult {
        if !self.pending[0].is_empty() {
            self.take_pending();
            self.finish_step();
        }
        if self.image == Image::Stereo && self.pair != PairSums::default() {
            self.pairs.push(self.pair);
        }
        WaveformResult {
            frames: self.frame,
            steps_per_row: self.envelope_peak.per_row(),
            envelope_peak: self.envelope_peak.into_rows(),
            envelope_power: self.envelope_power.into_means(),
            pairs: self.pairs,
            channels: self.channels,
            first_sound: self.first_sound,
            last_sound: self.last_sound,
        }
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn summarize(samples: &[f32]) -> ChannelSums {
    let (chunks, rest) = samples.as_chunks();
    let rest = filled_up(rest);
    let (mut peak, mut square, mut sum) =
        (larger_magnitude([0.0; LANES], rest), mul(rest, rest), rest);
    for &chunk in chunks {
        peak = larger_magnitude(peak, chunk);
        square = add(square, mul(chunk, chunk));
        sum = add(sum, chunk);
    }
    ChannelSums {
        sum: total(&sum),
        square: total(&square),
        peak: peak.into_iter().fold(0.0, larger),
    }
}

/// Sum of the products.
#[multiversion(targets("x86_64+avx2"))]
fn product(left: &[f32], right: &[f32]) -> f64 {
    let ((left, left_rest), (right, right_rest)) = (left.as_chunks(), right.as_chunks());
    let mut product = mul(filled_up(left_rest), filled_up(right_rest));
    for (&left, &right) in left.iter().zip(right) {
        product = add(product, mul(left, right));
    }
    total(&product)
}

fn total(lanes: &Lanes) -> f64 {
    lanes.iter().map(|&lane| f64::from(lane)).sum()
}
