//! Hiss is lowered where nothing but it is: gains from neighbourhoods, averaged over three lengths of windows.
//!
//! Power subtraction over a neighbourhood as a pilot (persistent empirical Wiener: Siedenburg and Dorfler 2012; neighbourhoods: Yu, Mallat and Bacry
//! 2008), then Wiener gains from the pilot's power. Hiss is as loud in the side of a stereo sound as in its mid, music seldom is: each has a mask
//! of its own. Of other sounds all channels have one, so that nothing wanders between them.

use multiversion::multiversion;

use acetate_audio::fourier::{Bins, RealFourier};
use acetate_audio::units::{db_to_amplitude, db_to_power};
use acetate_audio::windows::hann;
use acetate_audio::{Audio, AudioSpec, threads};

use crate::settings::HissSettings;

use super::spans::{InSpans, Spans};
use super::turn::turned;

/// Lengths of windows at 44.1 and 48 kHz; results are averaged.
const WINDOWS: [usize; 3] = [1024, 2048, 4096];
const OVERLAP: usize = 4;
/// Frames that are worked on together.
const SPAN: usize = 1 << 16;
/// Oversubtraction of the pilot: with so many neighbours hardly a cell of hiss alone exceeds it, and what is left does not twitter (docs/restore.md).
const OVERSUBTRACTION: f32 = 2.0;
/// Neighbours of a cell on either side, of the pilot in time and frequency, and of the gain in time.
const PILOT_TIME: usize = 4;
const PILOT_BINS: usize = 2;
const GAIN_TIME: usize = 1;

/// The stage that lowers hiss.
pub struct HissReduction {
    windows: Vec<Window>,
    least: f32,
    spans: Spans,
    around: usize,
}

/// One length of windows.
struct Window {
    fourier: RealFourier,
    shape: Vec<f32>,
    /// One over the power of the hiss, bin by bin.
    inverse_floor: Vec<f32>,
}

impl HissReduction {
    /// `None` when nothing is to be lowered. Settings must have been checked.
    pub fn new(settings: &HissSettings, spec: AudioSpec) -> Option<Self> {
        if settings.reduction_db == 0.0 || settings.points.is_empty() {
            return None;
        }
        let rate = f64::from(spec.sample_rate_hz);
        let windows: Vec<Window> = WINDOWS
            .iter()
            .map(|&length| Window::new(RealFourier::length_at(length, rate), settings, rate))
            .collect();
        let longest = windows.iter().map(|window| window.shape.len()).max().unwrap_or(0);
        // The windows that reach a sample, and their neighbours.
        let around = 2 * longest + (PILOT_TIME + GAIN_TIME) * longest / OVERLAP;
        Some(Self {
            windows,
            least: db_to_amplitude(-settings.reduction_db) as f32,
            spans: Spans::new(spec.channels, SPAN, around, around),
            around,
        })
    }
}

impl Window {
    fn new(length: usize, settings: &HissSettings, rate: f64) -> Self {
        let fourier = RealFourier::new(length);
        // Its square, four times overlapped, is one; white noise has its own variance in every bin, once scaled by the length.
        let shape =
            (0..length).map(|n| (hann(n, length) * 2.0 / OVERLAP as f64).sqrt() as f32).collect();
        let floor = |bin: usize| {
            let hz = (bin as f64 * rate / length as f64).max(20.0);
            let variance = db_to_power(floor_db(settings, hz));
            // The sum of the squared window is the hop.
            let power = variance * (length / OVERLAP) as f64;
            (1.0 / power.max(1e-20)) as f32
        };
        let inverse_floor = (0..fourier.bins()).map(floor).collect();
        Self { fourier, shape, inverse_floor }
    }

    /// `frames` samples of each channel from `from` on, the hiss in them lowered; so many channels have a mask together.
    fn lower(
        &self,
        planes: &[&[f32]],
        from: usize,
        frames: usize,
        around: usize,
        least: f32,
        alike: usize,
    ) -> Vec<Vec<f32>> {
        let (length, hop) = (self.shape.len(), self.shape.len() / OVERLAP);
        // Silence before the beginning, in whole hops.
        let before = from.min(around);
        let lead = length.max(around - before).next_multiple_of(length);
        let begin = (from - before) / length * length;
        let end = planes[0].len().min(from + frames + around);
        let mut work = self.fourier.workspace();
        let count = (lead + end - begin) / hop + 1;
        let mut spectra: Vec<Vec<Bins>> = Vec::with_capacity(planes.len());
        let mut padded = Vec::new();
        for plane in planes {
            padded.clear();
            padded.resize(lead, 0.0);
            padded.extend_from_slice(&plane[begin..end]);
            padded.resize(count * hop + length, 0.0);
            let window = |index: usize| {
                let mut bins = Bins::new(self.fourier.bins());
                self.fourier.forward_windowed(
                    &padded[index * hop..],
                    &self.shape,
                    &mut bins,
                    &mut work,
                );
                bins
            };
            spectra.push((0..count).map(window).collect());
        }
        let masks: Vec<_> = spectra.chunks(alike).map(|those| self.gains(those, least)).collect();
        let mut samples = vec![0.0; length];
        spectra
            .iter_mut()
            .enumerate()
            .map(|(channel, spectra)| {
                padded.fill(0.0);
                let gains = &masks[channel / alike];
                for (index, (bins, gains)) in spectra.iter_mut().zip(gains).enumerate() {
                    for ((re, im), gain) in bins.re.iter_mut().zip(&mut bins.im).zip(gains) {
                        *re *= gain;
                        *im *= gain;
                    }
                    self.fourier.inverse(bins, &mut samples, &mut work);
                    let to = &mut padded[index * hop..][..length];
                    for ((to, x), shape) in to.iter_mut().zip(&samples).zip(&self.shape) {
                        *to += x * shape / length as f32;
                    }
                }
                padded[lead + from - begin..][..frames].to_vec()
            })
            .collect()
    }

    /// One mask for these channels, window by window.
    fn gains(&self, spectra: &[Vec<Bins>], least: f32) -> Vec<Vec<f32>> {
        let count = spectra[0].len();
        let share = 1.0 / spectra.len() as f32;
        let powers: Vec<Vec<f32>> = (0..count)
            .map(|index| {
                let mut sum = vec![0.0; self.inverse_floor.len()];
                for channel in spectra {
                    sum.iter_mut()
                        .zip(channel[index].powers())
                        .for_each(|(sum, power)| *sum += power);
                }
                sum.iter_mut()
                    .zip(&self.inverse_floor)
                    .for_each(|(sum, floor)| *sum *= share * floor);
                sum
            })
            .collect();
        let wide: Vec<Vec<f32>> = powers.iter().map(|powers| over_bins(powers)).collect();
        let mut mean = vec![0.0; self.inverse_floor.len()];
        let mut pilot = powers;
        for (index, powers) in pilot.iter_mut().enumerate() {
            mean_of(&wide, index, PILOT_TIME, &mut mean);
            subtract(&mean, powers);
        }
        let mut gains = wide;
        for (index, gains) in gains.iter_mut().enumerate() {
            mean_of(&pilot, index, GAIN_TIME, gains);
            wiener(gains, least);
        }
        gains
    }
}

/// Powers over the floor become those of the pilot, by the mean power about each.
#[multiversion(targets("x86_64+avx2"))]
fn subtract(near: &[f32], powers: &mut [f32]) {
    for (power, near) in powers.iter_mut().zip(near) {
        let near = if *near > 1e-9 { *near } else { 1e-9 };
        let gain = 1.0 - OVERSUBTRACTION / near;
        let gain = if gain > 0.0 { gain } else { 0.0 };
        *power *= gain * gain;
    }
}

/// Powers over the floor become gains.
#[multiversion(targets("x86_64+avx2"))]
fn wiener(ratios: &mut [f32], least: f32) {
    for ratio in ratios {
        let gain = *ratio / (1.0 + *ratio);
        *ratio = if gain > least { gain } else { least };
    }
}

/// Means over neighbouring bins; the ends go on as they are.
#[multiversion(targets("x86_64+avx2"))]
fn over_bins(powers: &[f32]) -> Vec<f32> {
    const WIDTH: usize = 2 * PILOT_BINS + 1;
    let mut ends = Vec::with_capacity(powers.len() + WIDTH - 1);
    ends.resize(PILOT_BINS, powers[0]);
    ends.extend_from_slice(powers);
    ends.resize(powers.len() + WIDTH - 1, powers[powers.len() - 1]);
    ends.windows(WIDTH).map(|near| near.iter().sum::<f32>() / WIDTH as f32).collect()
}

/// Means over neighbouring windows; the ends go on as they are.
#[multiversion(targets("x86_64+avx2"))]
fn mean_of(rows: &[Vec<f32>], index: usize, reach: usize, mean: &mut [f32]) {
    mean.fill(0.0);
    let share = 1.0 / (2 * reach + 1) as f32;
    for near in 0..=2 * reach {
        let row = &rows[(index + near).saturating_sub(reach).min(rows.len() - 1)];
        mean.iter_mut().zip(row).for_each(|(mean, x)| *mean += share * x);
    }
}

/// The floor at a frequency: straight lines over its logarithm, the ends go on as they are.
fn floor_db(settings: &HissSettings, hz: f64) -> f64 {
    let points = &settings.points;
    let after = points.partition_point(|point| point.freq_hz <= hz);
    match (after.checked_sub(1).map(|before| &points[before]), points.get(after)) {
        (Some(low), Some(high)) => {
            let share = libm::log(hz / low.freq_hz) / libm::log(high.freq_hz / low.freq_hz);
            low.floor_db + share * (high.floor_db - low.floor_db)
        }
        (Some(point), None) | (None, Some(point)) => point.floor_db,
        (None, None) => -200.0,
    }
}

impl InSpans for HissReduction {
    fn spans(&self) -> &Spans {
        &self.spans
    }

    fn spans_mut(&mut self) -> &mut Spans {
        &mut self.spans
    }

    fn span(&mut self, frames: usize, out: &mut Audio) {
        // A whole number of hops of every window has been let out before.
        let planes: Vec<&[f32]> = self.spans.held.planes().collect();
        let (from, around, least) = (self.spans.kept(), self.around, self.least);
        let lower = |window: &Window, planes: &[&[f32]], alike: usize| {
            window.lower(planes, from, frames, around, least, alike)
        };
        let sums = if let [left, right] = planes[..] {
            let parts = turned([left, right]);
            let parts = [&parts[0][..], &parts[1][..]];
            threads::map(&self.windows, |_, window| {
                let lowered = lower(window, &parts, 1);
                turned([&lowered[0], &lowered[1]]).into()
            })
        } else {
            threads::map(&self.windows, |_, window| lower(window, &planes, planes.len()))
        };
        let share = 1.0 / self.windows.len() as f32;
        for (channel, out) in out.planes_mut().iter_mut().enumerate() {
            for n in 0..frames {
                let sum: f32 = sums.iter().map(|sums| sums[channel][n]).sum();
                out.push(sum * share);
            }
        }
        // Windows keep their places.
        self.spans.pass(frames, self.windows[self.windows.len() - 1].shape.len());
    }
}
