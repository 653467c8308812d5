//! A stereo desk: panning, sends, echo, reverb and what is on the master bus.

use crate::synth::{Biquad, RATE, db};

/// Two channels of the same length.
#[derive(Clone)]
pub(crate) struct Stereo {
    pub(crate) left: Vec<f64>,
    pub(crate) right: Vec<f64>,
}

impl Stereo {
    pub(crate) fn silence(seconds: f64) -> Self {
        let frames = (seconds * RATE) as usize;
        Self { left: vec![0.0; frames], right: vec![0.0; frames] }
    }

    /// Adds a note at `start_s`; `pan` -1 left to 1 right, constant power.
    pub(crate) fn add(&mut self, note: &[f64], start_s: f64, pan: f64, gain: f64) {
        let turn = (pan + 1.0) * std::f64::consts::FRAC_PI_4;
        add_scaled(&mut self.left, note, start_s, gain * libm::cos(turn));
        add_scaled(&mut self.right, note, start_s, gain * libm::sin(turn));
    }

    pub(crate) fn add_bus(&mut self, bus: &Self, gain: f64) {
        add_scaled(&mut self.left, &bus.left, 0.0, gain);
        add_scaled(&mut self.right, &bus.right, 0.0, gain);
    }

    pub(crate) fn filter(&mut self, filter: &Biquad) {
        for channel in [&mut self.left, &mut self.right] {
            let mut filter = filter.clone();
            channel.iter_mut().for_each(|x| *x = filter.next(*x));
        }
    }

    /// Applies a gain that follows time.
    pub(crate) fn ride(&mut self, mut gain: impl FnMut(f64) -> f64) {
        for (n, (left, right)) in self.left.iter_mut().zip(&mut self.right).enumerate() {
            let gain = gain(n as f64 / RATE);
            *left *= gain;
            *right *= gain;
        }
    }

    pub(crate) fn peak(&self) -> f64 {
        self.left.iter().chain(&self.right).fold(0.0, |peak: f64, x| peak.max(x.abs()))
    }

    /// Scales the difference of the channels above `from_hz`.
    pub(crate) fn widen(&mut self, from_hz: f64, width: f64) {
        let mut high = Biquad::high_pass(from_hz, 0.6);
        for (left, right) in self.left.iter_mut().zip(&mut self.right) {
            let more = (width - 1.0) * high.next((*left - *right) / 2.0);
            *left += more;
            *right -= more;
        }
    }

    /// Takes the difference of the channels away below `below_hz`.
    pub(crate) fn centre_lows(&mut self, below_hz: f64) {
        let mut keep = Biquad::high_pass(below_hz, 0.7);
        for (left, right) in self.left.iter_mut().zip(&mut self.right) {
            let (mid, side) = ((*left + *right) / 2.0, keep.next((*left - *right) / 2.0));
            (*left, *right) = (mid + side, mid - side);
        }
    }
}

fn add_scaled(channel: &mut [f64], note: &[f64], start_s: f64, gain: f64) {
    let start = (start_s * RATE) as usize;
    for (to, from) in channel.iter_mut().skip(start).zip(note) {
        *to += gain * from;
    }
}

/// Echo that crosses sides, damped at each repeat.
pub(crate) fn ping_pong(dry: &Stereo, delay_s: f64, feedback: f64) -> Stereo {
    let delay = (delay_s * RATE) as usize;
    let mut wet = dry.clone();
    let (mut soft_left, mut soft_right) =
        (Biquad::low_pass(4200.0, 0.6), Biquad::low_pass(4200.0, 0.6));
    for n in 0..wet.left.len() {
        let (left, right) = match n.checked_sub(delay) {
            Some(past) => (wet.right[past], wet.left[past]),
            None => (0.0, 0.0),
        };
        wet.left[n] = dry.left[n] + feedback * soft_left.next(left);
        wet.right[n] = dry.right[n] + feedback * soft_right.next(right);
    }
    wet.add_bus(dry, -1.0);
    wet
}

/// Reverberation of a feedback delay network: eight lines mixed by a Householder matrix (Jot & Chaigne 1991).
pub(crate) fn reverb(dry: &Stereo, decay_s: f64) -> Stereo {
    const DELAYS: [usize; 8] = [1031, 1187, 1327, 1499, 1693, 1889, 2129, 2389];
    let frames = dry.left.len();
    let mut wet = Stereo { left: vec![0.0; frames], right: vec![0.0; frames] };
    let mut lines: Vec<Vec<f64>> = DELAYS.iter().map(|frames| vec![0.0; *frames]).collect();
    let gains = DELAYS.map(|frames| db(-60.0 * frames as f64 / (decay_s * RATE)));
    let mut damped = [0.0; 8];
    let mut thin = [Biquad::high_pass(250.0, 0.7), Biquad::high_pass(250.0, 0.7)];
    for n in 0..frames {
        for (k, line) in lines.iter().enumerate() {
            damped[k] += 0.55 * (gains[k] * line[n % DELAYS[k]] - damped[k]);
        }
        let mean = damped.iter().sum::<f64>() / 4.0;
        let input = [thin[0].next(dry.left[n]), thin[1].next(dry.right[n])];
        for (k, line) in lines.iter_mut().enumerate() {
            line[n % DELAYS[k]] = damped[k] - mean + input[k % 2];
        }
        wet.left[n] = damped[0] - damped[2] + damped[4] - damped[6];
        wet.right[n] = damped[1] - damped[3] + damped[5] - damped[7];
    }
    wet
}

/// Bus compressor: feed-forward on the louder channel, knee-less, times to 63 %.
pub(crate) fn compress(
    sound: &mut Stereo,
    threshold_db: f64,
    ratio: f64,
    attack_s: f64,
    release_s: f64,
) {
    let (attack, release) =
        (1.0 - libm::exp(-1.0 / (attack_s * RATE)), 1.0 - libm::exp(-1.0 / (release_s * RATE)));
    let mut reduction_db = 0.0;
    for (left, right) in sound.left.iter_mut().zip(&mut sound.right) {
        let level_db = 20.0 * libm::log10(left.abs().max(right.abs()).max(1e-6));
        let wanted_db = (level_db - threshold_db).max(0.0) * (1.0 - 1.0 / ratio);
        let speed = if wanted_db > reduction_db { attack } else { release };
        reduction_db += speed * (wanted_db - reduction_db);
        let gain = db(-reduction_db);
        *left *= gain;
        *right *= gain;
    }
}

/// Look-ahead limiter: the smallest gain of a window, averaged over the window, so no sample passes the ceiling,
/// nor any of the three points interpolated between each two samples.
pub(crate) fn limit(sound: &mut Stereo, ceiling: f64, lookahead_s: f64, release_s: f64) {
    let window = (lookahead_s * RATE) as usize;
    let frames = sound.left.len();
    let release = 1.0 - libm::exp(-1.0 / (release_s * RATE));
    let peaks = [dense_peaks(&sound.left), dense_peaks(&sound.right)];
    let need: Vec<f64> = peaks[0]
        .iter()
        .zip(&peaks[1])
        .map(|(left, right)| ceiling / left.max(*right).max(ceiling))
        .collect();
    let mut gain = 1.0_f64;
    let held: Vec<f64> = (0..frames + window)
        .map(|n| {
            let ahead = &need[n.saturating_sub(window).min(frames)..(n + 1).min(frames)];
            let least = ahead.iter().copied().fold(1.0, f64::min);
            gain = least.min(gain + release * (1.0 - gain));
            gain
        })
        .collect();
    for n in 0..frames {
        let smooth = held[n..=n + window].iter().sum::<f64>() / (window + 1) as f64;
        sound.left[n] *= smooth;
        sound.right[n] *= smooth;
    }
}

/// The largest of each sample and the quarter points before and after it (Hann-windowed sinc of 24 taps).
fn dense_peaks(channel: &[f64]) -> Vec<f64> {
    const HALF: usize = 12;
    let kernels: Vec<[f64; 2 * HALF]> = [0.25, 0.5, 0.75].map(interpolator).to_vec();
    let mut peaks: Vec<f64> = channel.iter().map(|x| x.abs()).collect();
    for n in HALF..channel.len() - HALF {
        let around = &channel[n + 1 - HALF..=n + HALF];
        for kernel in &kernels {
            let between: f64 = around.iter().zip(kernel).map(|(x, h)| x * h).sum();
            peaks[n] = peaks[n].max(between.abs());
            peaks[n + 1] = peaks[n + 1].max(between.abs());
        }
    }
    peaks
}

/// Weights of the 24 samples around a point `fraction` after the twelfth.
fn interpolator(fraction: f64) -> [f64; 24] {
    use std::f64::consts::PI;
    std::array::from_fn(|k| {
        let distance = k as f64 - 11.0 - fraction;
        let window = 0.5 + 0.5 * libm::cos(PI * distance / 12.5);
        window * libm::sin(PI * distance) / (PI * distance)
    })
}
