//! Width: one linear-phase filter on the side; balance; a guard of the correlation; side for what has none.
//!
//! The mid is not touched, so the mono sum stays what it was.

use std::collections::VecDeque;
use std::f64::consts::FRAC_1_SQRT_2;

use acetate_audio::units::db_to_amplitude;
use acetate_audio::{Audio, AudioSpec};

use crate::biquad::{self, Biquad};

use crate::convolver::{split_kernel, split_taps};
use crate::linear_filter::{LinearFilter, Planes};
use crate::moves::{Listener, MoveUnit, Score};
use crate::queue::Queue;
use crate::settings::StereoSettings;
use crate::{Processor, Stage};

/// Width per band and mono-below: S' = S + (h - 1) * S. `None` when nothing changes, or the sound is not stereo.
pub fn width(settings: &StereoSettings, spec: AudioSpec) -> Option<LinearFilter> {
    if settings.width_is_neutral() || !spec.is_stereo() {
        return None;
    }
    let side = side_kernel(settings, f64::from(spec.sample_rate_hz));
    Some(LinearFilter::new(Planes::MidSide, &[None, Some(side)], spec))
}

/// Upper end and side gain of each band, from low to high; mono-below is a band of width 0 under the others.
fn side_gains(settings: &StereoSettings) -> Vec<(f64, f64)> {
    let mono = settings.mono_below_hz;
    let bands = settings
        .bands
        .iter()
        .map(|band| (band.below_hz.unwrap_or(f64::INFINITY), band.width_pct / 100.0));
    let above_mono = bands.filter(|(end, _)| mono.is_none_or(|mono| *end > mono));
    mono.map(|end| (end, 0.0)).into_iter().chain(above_mono).collect()
}

/// The kernel of `h - 1`. Above the last band's end the width stays as it is.
fn side_kernel(settings: &StereoSettings, rate: f64) -> Vec<f64> {
    let bands = side_gains(settings);
    let taps = split_taps(bands[0].0.min(20_000.0), rate);
    let mut kernel = vec![0.0; taps];
    let mut gain_above = 1.0;
    for &(end, gain) in bands.iter().rev() {
        if end == f64::INFINITY {
            kernel[taps / 2] = gain - 1.0;
        } else {
            let low = split_kernel(end, taps, rate);
            kernel.iter_mut().zip(&low).for_each(|(k, l)| *k += (gain - gain_above) * l);
        }
        gain_above = gain;
    }
    kernel
}

/// Raises one channel and lowers the other.
pub struct Balance {
    gains: [f32; 2],
}

impl Balance {
    /// The balance of `settings`; `None` when it changes nothing, or the sound is not stereo.
    pub fn new(settings: &StereoSettings, spec: AudioSpec) -> Option<Self> {
        let half = settings.balance_db / 2.0;
        let gains = [db_to_amplitude(-half) as f32, db_to_amplitude(half) as f32];
        (half != 0.0 && spec.is_stereo()).then_some(Self { gains })
    }
}

impl Processor for Balance {
    fn process(&mut self, block: &mut Audio) {
        for (plane, gain) in block.planes_mut().iter_mut().zip(self.gains) {
            plane.iter_mut().for_each(|sample| *sample *= gain);
        }
    }

    fn reset(&mut self) {}
}

/// Length over which correlation is measured, and how often.
const GUARD_WINDOW_S: f64 = 0.4;
const GUARD_HOPS: usize = 8;

/// Lowers the side where widening has brought the correlation under a limit, at most to what it was before.
///
/// The gain is found for hops of 50 ms from the energies of mid and side over 400 ms around them.
pub struct CorrelationGuard {
    /// Largest side-to-mid energy that keeps the correlation: (1 - r) / (1 + r).
    ratio_max: f64,
    /// What undoes the widest band.
    gain_min: f64,
    hop: usize,
    queue: Queue,
    /// Energies of mid and side of the hops around the queue's first frame.
    energies: VecDeque<[f64; 2]>,
    /// Frames of the queue whose energy is counted.
    counted: usize,
    /// Gain at the start of the queue.
    gain: f64,
    pending: usize,
    /// Gains of the side at the ends of hops.
    score: Score,
}

impl CorrelationGuard {
    /// The guard of `settings`; `None` when nothing is widened, there is no limit, or the sound is not stereo.
    pub fn new(settings: &StereoSettings, spec: AudioSpec) -> Option<Self> {
        let widest = settings.bands.iter().map(|band| band.width_pct / 100.0).fold(1.0, f64::max);
        let limit = settings.min_correlation.filter(|_| widest > 1.0 && spec.is_stereo())?;
        let hop = GUARD_WINDOW_S / GUARD_HOPS as f64 * f64::from(spec.sample_rate_hz);
        Some(Self {
            ratio_max: (1.0 - limit) / (1.0 + limit).max(1e-9),
            gain_min: 1.0 / widest,
            hop: hop as usize,
            queue: Queue::new(2, 0),
            energies: vec![[0.0; 2]; GUARD_HOPS / 2].into(),
            counted: 0,
            gain: 1.0,
            pending: 0,
            score: Score::new(MoveUnit::Gain, hop as usize, 1),
        })
    }

    fn advance(&mut self, out: &mut Audio) {
        while self.counted + self.hop <= self.queue.frames() {
            self.count();
            if self.energies.len() > GUARD_HOPS {
                self.energies.pop_front();
            }
            if self.energies.len() == GUARD_HOPS {
                self.emit(out);
            }
        }
    }

    fn count(&mut self) {
        let (left, right) = (self.queue.plane(0), self.queue.plane(1));
        let range = self.counted..self.counted + self.hop;
        let mut energy = [0.0; 2];
        for (l, r) in left[range.clone()].iter().zip(&right[range]) {
            let (mid, side) = (f64::from(l + r), f64::from(l - r));
            energy[0] += mid * mid;
            energy[1] += side * side;
        }
        self.energies.push_back(energy);
        self.counted += self.hop;
    }

    /// The gain of the side that keeps the correlation.
    fn decide(&self) -> f64 {
        let sum = |part: usize| self.energies.iter().map(|energy| energy[part]).sum::<f64>();
        let (mid, side) = (sum(0), sum(1));
        let allowed = if side > 0.0 { (self.ratio_max * mid / side).sqrt() } else { 1.0 };
        allowed.clamp(self.gain_min, 1.0)
    }

    /// Gives out one hop, its gain a line from the last to the one wanted now.
    fn emit(&mut self, out: &mut Audio) {
        let wanted = match self.score.follows() {
            true => self.score.told_row().sum(),
            false => self.decide(),
        };
        self.score.note([wanted]);
        let frames = self.hop.min(self.pending);
        let slope = (wanted - self.gain) / self.hop as f64;
        let [left, right] = self.queue.pair_mut();
        for (i, (l, r)) in left[..frames].iter_mut().zip(&mut right[..frames]).enumerate() {
            let gain = self.gain + slope * (i + 1) as f64;
            if gain != 1.0 {
                let change = (0.5 * (gain - 1.0)) as f32 * (*l - *r);
                (*l, *r) = (*l + change, *r - change);
            }
        }
        self.queue.pop(frames, out);
        self.queue.skip(self.hop - frames);
        self.counted -= self.hop;
        self.pending -= frames;
        self.gain = wanted;
    }
}

impl Stage for CorrelationGuard {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        self.queue.push(block);
        self.pending += block.frames();
        self.advance(out);
    }

    fn finish(&mut self, out: &mut Audio) {
        while self.pending > 0 {
            self.queue.push_silence(self.hop);
            self.advance(out);
        }
        self.reset();
    }

    fn reset(&mut self) {
        self.queue.restart(0);
        self.energies.clear();
        self.energies.resize(GUARD_HOPS / 2, [0.0; 2]);
        (self.counted, self.gain, self.pending) = (0, 1.0, 0);
    }

    fn latency_frames(&self) -> usize {
        GUARD_HOPS / 2 * self.hop - 1
    }
}

impl Listener for CorrelationGuard {
    fn score(&mut self) -> &mut Score {
        &mut self.score
    }
}

/// Corner below which nothing is decorrelated.
const DECORRELATE_ABOVE_HZ: f64 = 600.0;
/// Level of the decorrelated feed at 100 %.
const DECORRELATE_MAX_DB: f64 = -12.0;
/// Delays of the all-pass sections; no two share a common period.
const ALL_PASS_MS: [f64; 6] = [0.67, 1.13, 1.71, 2.39, 3.07, 3.89];
const ALL_PASS_GAIN: f64 = 0.5;

/// Feeds decorrelated mid into the side: L + d, R - d. The mono sum does not change.
///
/// All-passes in series after M. R. Schroeder, "Natural sounding artificial reverberation", JAES 10(3), 1962.
pub struct Decorrelator {
    gain: f64,
    high_pass: Biquad,
    state: [f64; 2],
    lines: Vec<Vec<f64>>,
    positions: Vec<usize>,
}

impl Decorrelator {
    /// The feed of `settings`; `None` when there is none, or the sound is not stereo.
    pub fn new(settings: &StereoSettings, spec: AudioSpec) -> Option<Self> {
        let rate = f64::from(spec.sample_rate_hz);
        let frames = |ms: f64| (ms / 1000.0 * rate).max(1.0) as usize;
        (settings.decorrelate_pct > 0.0 && spec.is_stereo()).then(|| Self {
            gain: settings.decorrelate_pct / 100.0 * db_to_amplitude(DECORRELATE_MAX_DB),
            high_pass: biquad::high_pass(DECORRELATE_ABOVE_HZ, FRAC_1_SQRT_2, rate),
            state: [0.0; 2],
            lines: ALL_PASS_MS.iter().map(|&ms| vec![0.0; frames(ms)]).collect(),
            positions: vec![0; ALL_PASS_MS.len()],
        })
    }

    fn next(&mut self, mid: f64) -> f64 {
        let Biquad { b, a } = self.high_pass;
        let mut x = b[0] * mid + self.state[0];
        self.state = [b[1] * mid + self.state[1] - a[0] * x, b[2] * mid - a[1] * x];
        for (line, position) in self.lines.iter_mut().zip(&mut self.positions) {
            let delayed = line[*position];
            let fed = x - ALL_PASS_GAIN * delayed;
            line[*position] = fed;
            x = delayed + ALL_PASS_GAIN * fed;
            *position = (*position + 1) % line.len();
        }
        self.gain * x
    }
}

impl Processor for Decorrelator {
    fn process(&mut self, block: &mut Audio) {
        let [left, right] = block.planes_mut() else { unreachable!("stereo") };
        for (l, r) in left.iter_mut().zip(right) {
            let added = self.next(0.5 * (f64::from(*l) + f64::from(*r))) as f32;
            (*l, *r) = (*l + added, *r - added);
        }
    }

    fn reset(&mut self) {
        self.state = [0.0; 2];
        self.lines.iter_mut().for_each(|line| line.fill(0.0));
        self.positions.fill(0);
    }
}
