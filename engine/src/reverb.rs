//! A little room: a feedback delay network of eight lines.
//!
//! Lines of mutually prime lengths from 23 to 61 ms are mixed by a Householder matrix (Jot & Chaigne, "Digital delay networks for
//! designing artificial reverberators", AES 90, 1991); each ends in a gain and a one-pole low-pass that together give the wanted
//! decay at 1 kHz and at 8 kHz. Two all-passes in front thicken the first echoes. The room hears mostly the middle and answers
//! mostly at the sides.

use std::f64::consts::TAU;

use acetate_audio::units::db_to_amplitude;
use acetate_audio::{Audio, AudioSpec, ChannelRole};

use crate::settings::ReverbSettings;
use crate::stage::Processor;
use crate::svf::{CENTRE_MAX, Pass, SvfState};

const LINES: usize = 8;
/// Lengths before they are made prime.
const LINE_MS: [f64; LINES] = [23.0, 28.7, 33.1, 37.9, 43.3, 48.7, 54.5, 60.7];
/// Lengths of the all-passes in front.
const DIFFUSER_MS: [f64; 2] = [5.3, 8.9];
/// Feedback of the all-passes in front: the inverse golden ratio.
const DIFFUSER_GAIN: f64 = 0.618;
/// Level of the room at 100 %: energy of its answer to an impulse in all channels, mean of the channels.
const FULL_LEVEL_DB: f64 = -24.0;
/// Where the two decay times hold.
const DECAY_HZ: [f64; 2] = [1000.0, 8000.0];
/// What the room hears of mid and side, and how it answers; the squares of the answer add up to one.
const FEED: [f64; 2] = [0.7, 0.3];
const ANSWER: [f64; 2] = [0.4, 0.916_515_138_991_168];
/// Signs with which mid and side enter, and with which the channels listen: rows of a Hadamard matrix, so that they differ.
const SIGNS: [[f64; LINES]; 8] = [
    [1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0],
    [1.0, 1.0, -1.0, -1.0, 1.0, 1.0, -1.0, -1.0],
    [1.0, -1.0, -1.0, 1.0, 1.0, -1.0, -1.0, 1.0],
    [1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0],
    [1.0, -1.0, 1.0, -1.0, -1.0, 1.0, -1.0, 1.0],
    [1.0, 1.0, -1.0, -1.0, -1.0, -1.0, 1.0, 1.0],
    [1.0, -1.0, -1.0, 1.0, -1.0, 1.0, 1.0, -1.0],
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
];
/// Added and taken away again in the feedback: what is below its last digit, 1e-34, becomes zero instead of denormal.
const DENORMAL_GUARD: f64 = 1e-18;

/// Adds a room. The tail ends with the sound: the length does not change. Low-frequency effects get none.
pub struct Reverb {
    level: f64,
    feeds: [Feed; 2],
    network: Network,
    /// How each channel listens to the lines.
    ears: Vec<[f64; LINES]>,
}

impl Reverb {
    /// A room of these settings; none when it would not be heard.
    pub fn new(settings: &ReverbSettings, spec: AudioSpec) -> Option<Self> {
        if settings.is_neutral() {
            return None;
        }
        let rate_hz = f64::from(spec.sample_rate_hz);
        let network = Network::new(settings, rate_hz);
        let ears: Vec<_> = (0..spec.channels).map(|channel| ear(channel, spec)).collect();
        let full = db_to_amplitude(FULL_LEVEL_DB) / response_energy(network.clone(), &ears).sqrt();
        let feed = || Feed::new(settings, rate_hz);
        Some(Self {
            level: settings.mix_pct / 100.0 * full,
            feeds: [feed(), feed()],
            network,
            ears,
        })
    }

    /// What the room hears of one frame.
    fn heard(planes: &[Vec<f32>], frame: usize) -> [f64; 2] {
        match planes {
            [left, right] => {
                let (left, right) = (f64::from(left[frame]), f64::from(right[frame]));
                [0.5 * (left + right), 0.5 * (left - right)]
            }
            _ => {
                let sum: f64 = planes.iter().map(|plane| f64::from(plane[frame])).sum();
                [sum / planes.len() as f64, 0.0]
            }
        }
    }
}

impl Processor for Reverb {
    fn process(&mut self, block: &mut Audio) {
        for frame in 0..block.frames() {
            let [mid, side] = Self::heard(block.planes(), frame);
            let lines = self.network.next([self.feeds[0].next(mid), self.feeds[1].next(side)]);
            for (plane, ear) in block.planes_mut().iter_mut().zip(&self.ears) {
                let answer: f64 = lines.iter().zip(ear).map(|(line, gain)| line * gain).sum();
                plane[frame] = (f64::from(plane[frame]) + self.level * answer) as f32;
            }
        }
    }

    fn reset(&mut self) {
        self.feeds.iter_mut().for_each(Feed::reset);
        self.network.reset();
    }
}

/// Gains with which a channel listens to the lines.
fn ear(channel: usize, spec: AudioSpec) -> [f64; LINES] {
    if spec.role(channel) == ChannelRole::Lfe {
        return [0.0; LINES];
    }
    if spec.is_stereo() {
        let side = if channel == 0 { ANSWER[1] } else { -ANSWER[1] };
        return std::array::from_fn(|k| ANSWER[0] * SIGNS[2][k] + side * SIGNS[3][k]);
    }
    SIGNS[(channel + 2) % SIGNS.len()]
}

/// Energy of the network's answer to an impulse in the mid, mean of the channels that listen.
fn response_energy(mut network: Network, ears: &[[f64; LINES]]) -> f64 {
    let listening = ears.iter().filter(|ear| ear[0] != 0.0).count().max(1);
    let mut energy = 0.0;
    for frame in 0..network.decay_frames {
        let impulse = if frame == 0 { 1.0 } else { 0.0 };
        let lines = network.next([impulse, 0.0]);
        for ear in ears {
            let answer: f64 = lines.iter().zip(ear).map(|(line, gain)| line * gain).sum();
            energy += answer * answer;
        }
    }
    energy / listening as f64
}

/// What stands between the sound and the room.
struct Feed {
    low_cut: Pass,
    high_cut: Pass,
    states: [SvfState; 2],
    predelay: Ring,
}

impl Feed {
    fn new(settings: &ReverbSettings, rate_hz: f64) -> Self {
        let corner = |freq_hz: f64| (freq_hz / rate_hz).min(CENTRE_MAX);
        Self {
            low_cut: Pass::new(corner(settings.low_cut_hz)),
            high_cut: Pass::new(corner(settings.high_cut_hz)),
            states: [SvfState::default(); 2],
            predelay: Ring::new((settings.predelay_ms / 1000.0 * rate_hz) as usize + 1),
        }
    }

    fn next(&mut self, x: f64) -> f64 {
        let thin = self.low_cut.next_high(&mut self.states[0], x);
        let soft = self.high_cut.next_low(&mut self.states[1], thin);
        let late = self.predelay.oldest();
        self.predelay.replace_oldest(soft);
        late
    }

    fn reset(&mut self) {
        self.states = [SvfState::default(); 2];
        self.predelay.clear();
    }
}

/// The eight lines, with their diffusers.
#[derive(Clone)]
struct Network {
    diffusers: [[Ring; DIFFUSER_MS.len()]; 2],
    lines: [Ring; LINES],
    /// Input gain and pole of each line's low-pass.
    gains: [f64; LINES],
    poles: [f64; LINES],
    damped: [f64; LINES],
    /// Time of the decay by 60 dB.
    decay_frames: usize,
}

impl Network {
    fn new(settings: &ReverbSettings, rate_hz: f64) -> Self {
        let line = |ms: f64| Ring::new(prime_from((ms / 1000.0 * rate_hz) as usize));
        let lines = LINE_MS.map(line);
        let filters = lines.each_ref().map(|line| damping(line.len(), settings, rate_hz));
        let diffusers = || DIFFUSER_MS.map(line);
        Self {
            diffusers: [diffusers(), diffusers()],
            lines,
            gains: filters.map(|[gain, _]| gain),
            poles: filters.map(|[_, pole]| pole),
            damped: [0.0; LINES],
            decay_frames: (settings.decay_s * rate_hz) as usize,
        }
    }

    /// Feeds mid and side; gives what leaves the lines.
    fn next(&mut self, heard: [f64; 2]) -> [f64; LINES] {
        let mut fed = heard;
        for (x, diffusers) in fed.iter_mut().zip(&mut self.diffusers) {
            *x = diffusers.iter_mut().fold(*x, |x, ring| all_pass(ring, x));
        }
        for (k, damped) in self.damped.iter_mut().enumerate() {
            let old = self.lines[k].oldest();
            *damped =
                self.gains[k] * old + self.poles[k] * *damped + DENORMAL_GUARD - DENORMAL_GUARD;
        }
        let shared = self.damped.iter().sum::<f64>() * (2.0 / LINES as f64);
        for (k, line) in self.lines.iter_mut().enumerate() {
            let input = FEED[0] * SIGNS[0][k] * fed[0] + FEED[1] * SIGNS[1][k] * fed[1];
            line.replace_oldest(self.damped[k] - shared + input);
        }
        self.damped
    }

    fn reset(&mut self) {
        self.diffusers.iter_mut().flatten().for_each(Ring::clear);
        self.lines.iter_mut().for_each(Ring::clear);
        self.damped = [0.0; LINES];
    }
}

/// Schroeder's all-pass (JAES 10(3), 1962).
fn all_pass(ring: &mut Ring, x: f64) -> f64 {
    let old = ring.oldest();
    let kept = x + DIFFUSER_GAIN * old;
    ring.replace_oldest(kept);
    old - DIFFUSER_GAIN * kept
}

/// Input gain and pole of y = gain · x + pole · y₋₁ that lose 60 dB in the decay times at [`DECAY_HZ`].
fn damping(frames: usize, settings: &ReverbSettings, rate_hz: f64) -> [f64; 2] {
    let gain_in = |decay_s: f64| db_to_amplitude(-60.0 * frames as f64 / (decay_s * rate_hz));
    let middle = gain_in(settings.decay_s);
    let high = gain_in(settings.decay_s * settings.high_ratio_pct / 100.0);
    let cosines = DECAY_HZ.map(|freq_hz| libm::cos((TAU * freq_hz / rate_hz).min(TAU / 2.0)));
    // |H|² is gain² / (1 - 2 pole cos + pole²); its ratio at the two frequencies gives the pole.
    let ratio = (high / middle) * (high / middle);
    let half = (cosines[0] - ratio * cosines[1]) / (1.0 - ratio);
    let pole = if ratio < 1.0 && half > 1.0 { half - (half * half - 1.0).sqrt() } else { 0.0 };
    [middle * (1.0 - 2.0 * pole * cosines[0] + pole * pole).sqrt(), pole]
}

/// The smallest prime from `n` on.
fn prime_from(n: usize) -> usize {
    let is_prime = |n: usize| (2..).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d));
    (n.max(2)..).find(|n| is_prime(*n)).expect("there is always another prime")
}

/// A delay of its whole length.
#[derive(Clone)]
struct Ring {
    samples: Vec<f64>,
    at: usize,
}

impl Ring {
    fn new(frames: usize) -> Self {
        Self { samples: vec![0.0; frames], at: 0 }
    }

    fn len(&self) -> usize {
        self.samples.len()
    }

    fn oldest(&self) -> f64 {
        self.samples[self.at]
    }

    fn replace_oldest(&mut self, x: f64) {
        self.samples[self.at] = x;
        self.at += 1;
        if self.at == self.samples.len() {
            self.at = 0;
        }
    }

    fn clear(&mut self) {
        self.samples.fill(0.0);
        self.at = 0;
    }
}

#[cfg(test)]
mod tests;
