//! The lowest third octaves, from a long transform of the decimated sound.

use acetate_audio::{Audio, AudioSpec};
use multiversion::multiversion;

use super::bins::BinSums;
use super::frames::Frames;
use super::grids::cell_edges;
use super::image::Image;
use super::stft::CELL_ROWS;
use acetate_audio::fourier::Bins;

use super::transform::{Transform, WINDOW_MIN};
use crate::faults::{Floor, HumTrack};
use crate::timeline::Timeline;
use acetate_audio::lanes::{LANES, Lanes, add, mul};

/// Cells below this come from the long transform.
pub(crate) const LOW_BELOW_HZ: f64 = 355.0;
/// The decimated rate is the lowest above this that a power of two gives.
pub(crate) const LOWEST_RATE_HZ: f64 = 2_700.0;
/// Least length of the window; the next power of two is taken: 0.74 s at 44.1 kHz.
const WINDOW_S: f64 = 0.65;
/// Boxes convolved to make the decimation filter. Four leave images of 355 Hz at -67 dB.
const BOXES: usize = 4;

/// Reduces the rate by a whole factor: the filter is a box of that length, convolved with itself three times.
/// Output `m` is centred on input `m * factor`.
#[derive(Clone, Debug)]
pub(crate) struct Decimator {
    taps: Vec<Lanes>,
    pub(crate) factor: usize,
    pending: Vec<f32>,
}

impl Decimator {
    /// The largest power of two that leaves `lowest_rate_hz` or more.
    pub(crate) fn factor_for(sample_rate_hz: u32, lowest_rate_hz: f64) -> usize {
        let mut factor = 1;
        while f64::from(sample_rate_hz) / (2 * factor) as f64 >= lowest_rate_hz {
            factor *= 2;
        }
        factor
    }

    pub(crate) fn new(factor: usize) -> Self {
        let mut taps = vec![1.0f64];
        for _ in 0..BOXES {
            let mut longer = vec![0.0; taps.len() + factor - 1];
            for (start, tap) in taps.iter().enumerate() {
                longer[start..start + factor]
                    .iter_mut()
                    .for_each(|sum| *sum += tap / factor as f64);
            }
            taps = longer;
        }
        let before = taps.len() / 2;
        // Silent taps in front make whole lanes.
        let padding = taps.len().next_multiple_of(LANES) - taps.len();
        let padded = std::iter::repeat_n(0.0, padding).chain(taps.iter().map(|&tap| tap as f32));
        Self {
            taps: padded.collect::<Vec<f32>>().as_chunks().0.to_vec(),
            factor,
            pending: vec![0.0; before + padding],
        }
    }

    /// Appends the outputs that `samples` complete.
    pub(crate) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.pending.extend_from_slice(samples);
        let count = (self.pending.len() + self.factor).saturating_sub(LANES * self.taps.len())
            / self.factor;
        decimate(&self.taps, &self.pending, self.factor, count, out);
        self.pending.drain(..count * self.factor);
    }

    /// Squared magnitude at `freq_hz` of the input.
    pub(crate) fn power_gain(&self, freq_hz: f64, sample_rate_hz: f64) -> f64 {
        let half = std::f64::consts::PI * freq_hz / sample_rate_hz;
        let length = self.factor as f64;
        let one =
            if half == 0.0 { 1.0 } else { libm::sin(half * length) / (length * libm::sin(half)) };
        (0..2 * BOXES).map(|_| one).product()
    }
}

/// Appends `count` outputs, each of the samples from `factor` later on.
#[multiversion(targets("x86_64+avx2"))]
fn decimate(taps: &[Lanes], samples: &[f32], factor: usize, count: usize, out: &mut Vec<f32>) {
    for output in 0..count {
        let chunks = samples[output * factor..].as_chunks().0;
        let mut lanes = [0.0; LANES];
        for (&taps, &samples) in taps.iter().zip(chunks) {
            lanes = add(lanes, mul(taps, samples));
        }
        let [a, b, c, d, e, f, g, h] = lanes;
        out.push(((a + e) + (c + g)) + ((b + f) + (d + h)));
    }
}

/// Collects the low cells, one row each 400 ms.
#[derive(Debug)]
pub(crate) struct LowTrack {
    image: Image,
    decimators: Vec<Decimator>,
    /// Mid and side, or the channels.
    frames: Vec<Frames>,
    low: Vec<Vec<f32>>,
    transform: Transform,
    spectrum: Bins,
    powers: Vec<f32>,
    cells: BinSums,
    row: Vec<f32>,
    rows: Timeline<f32>,
    hum: HumTrack,
    steps: u64,
    seen: u64,
}

/// Low cells of a whole sound.
#[derive(Debug)]
pub(crate) struct LowResult {
    /// Number of cells.
    pub(crate) cells: usize,
    /// `[row][mid cells, side cells]`.
    pub(crate) rows: Vec<f32>,
    /// What is there even when the sound is quiet.
    pub(crate) floor: Floor,
}

impl LowResult {
    /// The rows: mid cells, then side cells.
    pub(crate) fn each_row(&self) -> Vec<&[f32]> {
        self.rows.chunks_exact((2 * self.cells).max(1)).collect()
    }
}

impl LowTrack {
    pub(crate) fn new(spec: AudioSpec) -> Self {
        let image = Image::new(spec);
        let rate = f64::from(spec.sample_rate_hz);
        let factor = Decimator::factor_for(spec.sample_rate_hz, LOWEST_RATE_HZ);
        let low_rate = rate / factor as f64;
        let length = ((low_rate * WINDOW_S) as usize).next_power_of_two().max(WINDOW_MIN);
        let transform = Transform::new(length);
        let edges: Vec<f64> =
            cell_edges(rate / 2.0).into_iter().take_while(|&edge| edge < LOW_BELOW_HZ).collect();
        let cells = BinSums::new(&edges, low_rate / length as f64, transform.bins());
        let streams = image.channels().len();
        Self {
            decimators: vec![Decimator::new(factor); streams],
            // Windows are counted in samples of the decimated stream; the rate is kept whole by
            // scaling both sides.
            frames: vec![Frames::new(spec.sample_rate_hz, 5 * factor as u64, 2, length); streams],
            low: vec![Vec::new(); streams],
            spectrum: Bins::new(transform.bins()),
            powers: vec![0.0; transform.bins()],
            row: vec![0.0; 2 * cells.len()],
            rows: Timeline::new(2 * cells.len(), CELL_ROWS, |a, b| a + b),
            hum: HumTrack::new(low_rate / length as f64, transform.bins()),
            image,
            transform,
            cells,
            steps: 0,
            seen: 0,
        }
    }

    pub(crate) fn push(&mut self, block: &Audio) {
        self.seen += block.frames() as u64;
        for (stream, channel) in self.image.channels().into_iter().enumerate() {
            self.low[stream].clear();
            self.decimators[stream].push(block.channel(channel), &mut self.low[stream]);
        }
        self.forward();
        while self.step() {}
        self.frames.iter_mut().for_each(Frames::trim);
    }

    /// Hands the decimated channels on as mid and side, or as they are.
    fn forward(&mut self) {
        if self.image == Image::Stereo {
            let (left, right) = self.low.split_at_mut(1);
            for (left, right) in left[0].iter_mut().zip(&mut right[0]) {
                (*left, *right) = (0.5 * (*left + *right), 0.5 * (*left - *right));
            }
        }
        for (frames, low) in self.frames.iter_mut().zip(&self.low) {
            frames.push(low);
        }
    }

    fn step(&mut self) -> bool {
        let cells = self.cells.len();
        let share = 1.0 / self.frames.len() as f32;
        self.row.fill(0.0);
        for stream in 0..self.frames.len() {
            let Some(window) = self.frames[stream].next_window() else { return false };
            self.transform.forward(window, &mut self.spectrum);
            let (first, share) = match self.image {
                Image::Stereo => (stream * cells, 1.0),
                Image::Sum(_) => (0, share),
            };
            for (to, power) in self.powers.iter_mut().zip(self.spectrum.powers()) {
                *to = power * share;
            }
            if stream == 0 {
                self.hum.push(&self.powers);
            }
            let mut sums = [0.0; 64];
            self.cells.sum(&self.powers, &mut sums[..cells]);
            for (row, sum) in self.row[first..first + cells].iter_mut().zip(&sums) {
                *row += sum;
            }
        }
        self.rows.push(&self.row);
        self.steps += 1;
        true
    }

    pub(crate) fn finish(mut self) -> LowResult {
        let factor = self.decimators[0].factor as u64;
        let wanted = self.frames[0].steps_begun(self.seen.div_ceil(factor));
        let silence = vec![0.0; 8 * factor as usize];
        for (decimator, low) in self.decimators.iter_mut().zip(&mut self.low) {
            low.clear();
            decimator.push(&silence, low);
        }
        self.forward();
        self.frames.iter_mut().for_each(Frames::pad);
        while self.steps < wanted && self.step() {}
        LowResult {
            cells: self.cells.len(),
            rows: self.rows.into_means(),
            floor: self.hum.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimation_keeps_place_and_level_of_a_low_sine() {
        let mut decimator = Decimator::new(16);
        let sine = |n: f64| libm::sin(0.011 * n);
        let samples: Vec<f32> = (0..4_096).map(|n| sine(f64::from(n)) as f32).collect();
        let mut out = Vec::new();
        for block in samples.chunks(100) {
            decimator.push(block, &mut out);
        }
        let gain = libm::sqrt(decimator.power_gain(0.011 / std::f64::consts::TAU, 1.0));
        for (m, &value) in out.iter().enumerate().skip(4) {
            let expected = gain * sine(16.0 * m as f64);
            assert!((f64::from(value) - expected).abs() < 1e-5, "{m}: {value} is not {expected}");
        }
    }
}
