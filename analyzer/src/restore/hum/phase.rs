//! The common phase of all harmonics, from a first track to a fraction of a turn.

use std::f64::consts::TAU;

use acetate_audio::fourier::{Bins, RealFourier};
use acetate_audio::windows::hann;

use super::line::{Complex, Line, RATE_HZ, weighted_mean};

/// First track: windows and hops, seconds; reach and step of the frequency, Hz; how far it moves from window to window.
const WINDOW_S: f64 = 4.0;
const HOP_S: f64 = 0.5;
const REACH_HZ: f64 = 0.35;
const STEP_HZ: f64 = 0.01;
const MOVE_HZ: f64 = 0.02;
const MOVES: usize = 6;
/// What is beside a line, Hz from it.
const BESIDE_HZ: [f64; 2] = [2.0, 7.0];
/// Refining: how far the error moves from window to window, Hz; windows overlap, so that they say the same by this share; one line's say.
const ERROR_MOVE_HZ: f64 = 0.012;
const ERROR_MOVES: usize = 4;
const NEW_SHARE: f64 = 0.3;
const SAY_MAX: f64 = 400.0;
/// Smoothing of tracks, in windows, and of the agreed phase, in values.
const TRACK_SMOOTH: f64 = 1.5;
const ERROR_SMOOTH: f64 = 1.0;
const PHASE_SMOOTH: f64 = 8.0;
/// Following that agrees on the phase.
const AGREEING_DRIFT: f64 = 0.15;
const AGREEING_ROUNDS: usize = 4;
/// Steps in which the frequency is written down, seconds, and digits of it.
pub(super) const KNOT_S: f64 = 0.25;
const KNOT_DIGITS: f64 = 1e6;

/// Range, step and windows of one refinement.
#[derive(Clone, Copy)]
pub(super) struct Refining {
    pub(super) span_hz: f64,
    pub(super) step_hz: f64,
    pub(super) seconds: f64,
}

/// The phase of the fundamental at every value of the lowered sound, radians.
pub(super) struct Phase {
    values: Vec<f64>,
    rate: f64,
    track_hz: Vec<f64>,
}

/// The fundamental at every value of the lowered sound: harmonics are its powers.
pub(super) struct Turned {
    pub(super) turns: Vec<Complex>,
    /// Values of the sound for one value of a line.
    pub(super) hop: usize,
}

impl Phase {
    /// The fundamental itself.
    pub(super) fn turned(&self) -> Turned {
        let turn = |phase: &f64| {
            let (im, re) = libm::sincos(*phase);
            Complex { re, im }
        };
        Turned { turns: self.values.iter().map(turn).collect(), hop: self.hop() }
    }

    /// Values of the sound for one value of a line.
    fn hop(&self) -> usize {
        (self.rate / RATE_HZ) as usize
    }

    /// Mean frequency in each step of [`KNOT_S`].
    pub(super) fn track_hz(&self) -> Vec<f64> {
        self.track_hz.clone()
    }

    /// The likeliest frequency over time of a harmonic series near `nominal_hz`: Viterbi on the log likelihood of windows of 4 s.
    pub(super) fn tracked(sound: &[f64], rate: f64, nominal_hz: f64, harmonics: usize) -> Self {
        let window = ((WINDOW_S * rate) as usize).min(sound.len());
        let hop = (HOP_S * rate) as usize;
        let fourier = RealFourier::new((4 * window).next_power_of_two());
        let (mut bins, mut work) = (Bins::new(fourier.bins()), fourier.workspace());
        let hann: Vec<f64> = (0..window).map(|n| hann(n, window)).collect();
        let count = 2 * libm::round(REACH_HZ / STEP_HZ) as usize + 1;
        let frequency = |index: usize| nominal_hz - REACH_HZ + STEP_HZ * index as f64;
        let bin = |hz: f64| libm::round(hz * fourier.length() as f64 / rate) as usize;
        let numbers: Vec<usize> = (1..=harmonics)
            .filter(|&k| k as f64 * (nominal_hz + REACH_HZ) + BESIDE_HZ[1] + 1.0 < rate / 2.0)
            .collect();
        let mut padded = vec![0.0f32; fourier.length()];
        let mut scores = Vec::new();
        let starts: Vec<usize> = (0..=sound.len() - window).step_by(hop).collect();
        for &start in &starts {
            for (to, (x, window)) in padded.iter_mut().zip(sound[start..].iter().zip(&hann)) {
                *to = (x * window) as f32;
            }
            fourier.forward(&padded, &mut bins, &mut work);
            let powers: Vec<f64> = bins.powers().map(f64::from).collect();
            let mut score = vec![0.0; count];
            for &k in &numbers {
                let middle = k as f64 * nominal_hz;
                let below = &powers[bin(middle - BESIDE_HZ[1])..bin(middle - BESIDE_HZ[0])];
                let above = &powers[bin(middle + BESIDE_HZ[0])..bin(middle + BESIDE_HZ[1])];
                let beside = (below.iter().sum::<f64>() + above.iter().sum::<f64>())
                    / (below.len() + above.len()) as f64;
                for (index, score) in score.iter_mut().enumerate() {
                    let power = powers[bin(k as f64 * frequency(index))];
                    *score += libm::log1p(power / (beside + 1e-20));
                }
            }
            scores.push(score);
        }
        let cost = |steps: f64| (steps * STEP_HZ / MOVE_HZ) * (steps * STEP_HZ / MOVE_HZ);
        let path = likeliest(&scores, MOVES, 1.0, &cost);
        let track: Vec<f64> = path.into_iter().map(frequency).collect();
        let track = smoothed(&track, TRACK_SMOOTH);
        let middles: Vec<f64> = starts.iter().map(|&start| (start + window / 2) as f64).collect();
        let mut phase = Self { values: vec![0.0; sound.len()], rate, track_hz: Vec::new() };
        phase.turn(&middles, &track);
        phase
    }

    /// Turns on with these frequencies at these places.
    fn turn(&mut self, places: &[f64], hz: &[f64]) {
        let mut turned = 0.0;
        let mut between = Between::new(places, hz);
        for (n, phase) in self.values.iter_mut().enumerate() {
            turned += TAU * between.at(n as f64) / self.rate;
            *phase += turned;
        }
    }

    /// The error of the frequency in overlapping windows, from all lines, each moment weighted by how quiet the music is there.
    pub(super) fn refine(&mut self, sound: &[f64], harmonics: usize, how: Refining) {
        let lines = Line::all(sound, &self.turned(), harmonics);
        let values = lines[0].values.len();
        let window = ((how.seconds * RATE_HZ) as usize).min(values);
        let starts: Vec<usize> = (0..=values - window).step_by((RATE_HZ / 2.0) as usize).collect();
        let reach = libm::round(how.span_hz / how.step_hz) as usize;
        let error = |index: usize| how.step_hz * (index as f64 - reach as f64);
        let mut scores = vec![vec![0.0; 2 * reach + 1]; starts.len()];
        for (k, line) in (1..).zip(&lines) {
            let inverse: Vec<f64> = line.values.iter().map(|z| z.power() + 1e-12).collect();
            let mean = weighted_mean(&line.values, &inverse);
            let noise = line.noise(&vec![mean; values]);
            let weighted: Vec<(Complex, f64)> = (line.values.iter().zip(&noise))
                .map(|(z, noise)| (Complex::default().plus(*z, 1.0 / noise), 1.0 / noise))
                .collect();
            for index in 0..=2 * reach {
                let turns: Vec<Complex> = (0..window)
                    .map(|n| {
                        let t = (n as f64 - window as f64 / 2.0) / RATE_HZ;
                        let (sin, cos) = libm::sincos(-TAU * f64::from(k) * error(index) * t);
                        Complex { re: cos, im: sin }
                    })
                    .collect();
                for (score, &start) in scores.iter_mut().zip(&starts) {
                    let (mut sum, mut weight) = (Complex::default(), 0.0);
                    for ((z, inverse), turn) in weighted[start..].iter().zip(&turns) {
                        sum = sum.plus(z.times(*turn), 1.0);
                        weight += inverse;
                    }
                    score[index] += (sum.power() / weight).min(SAY_MAX);
                }
            }
        }
        let cost = |steps: f64| {
            let moved = steps * how.step_hz / ERROR_MOVE_HZ;
            0.5 * moved * moved
        };
        let path = likeliest(&scores, ERROR_MOVES, NEW_SHARE, &cost);
        let errors: Vec<f64> = path.into_iter().map(error).collect();
        let hop = self.hop() as f64;
        let middles: Vec<f64> =
            starts.iter().map(|&start| (start as f64 + window as f64 / 2.0) * hop).collect();
        self.turn(&middles, &smoothed(&errors, ERROR_SMOOTH));
    }

    /// What all significant lines say of the phase, harmonic k as k² of its certainty.
    pub(super) fn agree(&mut self, sound: &[f64], harmonics: usize) {
        let mut sums = Vec::<(f64, f64)>::new();
        for (k, line) in (1u32..).zip(Line::all(sound, &self.turned(), harmonics)) {
            let followed = line.follow(AGREEING_DRIFT, AGREEING_ROUNDS);
            let mean = weighted_mean(&followed.values, &followed.variances);
            sums.resize(followed.values.len(), (0.0, 0.0));
            let mut last = 0.0;
            for ((c, variance), sums) in
                followed.values.iter().zip(&followed.variances).zip(&mut sums)
            {
                let turned = c.times(Complex { re: mean.re, im: -mean.im });
                let angle = libm::atan2(turned.im, turned.re);
                let angle = angle + TAU * libm::round((last - angle) / TAU);
                last = angle;
                if c.power() > 9.0 * variance {
                    let trust = f64::from(k * k) * c.power() / (variance + 1e-3 * c.power());
                    sums.0 += trust * angle / f64::from(k);
                    sums.1 += trust;
                }
            }
        }
        if sums.iter().all(|sums| sums.1 <= 0.0) {
            return;
        }
        let (angles, trusts): (Vec<f64>, Vec<f64>) = sums.into_iter().unzip();
        let (angles, trusts) = (smoothed(&angles, PHASE_SMOOTH), smoothed(&trusts, PHASE_SMOOTH));
        let agreed: Vec<f64> = angles.iter().zip(&trusts).map(|(a, t)| a / (t + 1e-9)).collect();
        let places: Vec<f64> = (0..agreed.len()).map(|n| (n * self.hop()) as f64).collect();
        let mut between = Between::new(&places, &agreed);
        for (n, phase) in self.values.iter_mut().enumerate() {
            *phase += between.at(n as f64);
        }
    }

    /// The phase as it is written down: a mean frequency for each step, rounded so that nothing adds up.
    pub(super) fn in_steps(&self) -> Self {
        let count = self.values.len();
        let knot = KNOT_S * self.rate;
        let steps = libm::ceil((count - 1) as f64 / knot) as usize;
        let phase_at = |place: f64| {
            let n = (place as usize).min(count - 2);
            self.values[n] + (place - n as f64) * (self.values[n + 1] - self.values[n])
        };
        // Turned from the first value on; what it was there is a part of every line's amplitude.
        let (begin, mut reached) = (self.values[0], 0.0);
        let mut track_hz = Vec::with_capacity(steps.max(1));
        for step in 0..steps.max(1) {
            let wanted = phase_at((step + 1) as f64 * knot) - begin;
            let hz = libm::round((wanted - reached) / (TAU * KNOT_S) * KNOT_DIGITS) / KNOT_DIGITS;
            reached += TAU * KNOT_S * hz;
            track_hz.push(hz);
        }
        let (mut step, mut before) = (0, 0.0);
        let values = (0..count)
            .map(|n| {
                let seconds = n as f64 / self.rate;
                while seconds >= (step + 1) as f64 * KNOT_S && step + 1 < track_hz.len() {
                    before += TAU * KNOT_S * track_hz[step];
                    step += 1;
                }
                before + TAU * track_hz[step] * (seconds - step as f64 * KNOT_S)
            })
            .collect();
        Self { values, rate: self.rate, track_hz }
    }
}

/// Straight lines between values at places; the ends go on as they are.
struct Between<'a> {
    places: &'a [f64],
    values: &'a [f64],
    next: usize,
}

impl<'a> Between<'a> {
    fn new(places: &'a [f64], values: &'a [f64]) -> Self {
        Self { places, values, next: 0 }
    }

    /// The value at a place, not before the last one that was asked for.
    fn at(&mut self, place: f64) -> f64 {
        while self.next < self.places.len() && self.places[self.next] <= place {
            self.next += 1;
        }
        match self.next {
            0 => self.values[0],
            n if n == self.places.len() => self.values[n - 1],
            n => {
                let (from, to) = (self.places[n - 1], self.places[n]);
                let share = (place - from) / (to - from);
                self.values[n - 1] + share * (self.values[n] - self.values[n - 1])
            }
        }
    }
}

/// The path of the largest sum of scores less the cost of its moves (Viterbi 1967).
fn likeliest(
    scores: &[Vec<f64>],
    reach: usize,
    share: f64,
    cost: &dyn Fn(f64) -> f64,
) -> Vec<usize> {
    let costs: Vec<f64> = (0..=reach).map(|steps| cost(steps as f64)).collect();
    let mut best = scores[0].clone();
    let mut from: Vec<Vec<usize>> = Vec::new();
    for row in &scores[1..] {
        let states = best.len();
        let origin = |to: usize| {
            let near = to.saturating_sub(reach)..states.min(to + reach + 1);
            let worth = |state: usize| best[state] - costs[state.abs_diff(to)];
            near.max_by(|&a, &b| worth(a).total_cmp(&worth(b))).expect("it is near itself")
        };
        let origins: Vec<usize> = (0..states).map(origin).collect();
        best = (0..states)
            .map(|to| best[origins[to]] - costs[origins[to].abs_diff(to)] + share * row[to])
            .collect();
        from.push(origins);
    }
    let last = (0..best.len()).max_by(|&a, &b| best[a].total_cmp(&best[b])).unwrap_or(0);
    let mut path = vec![last];
    for origins in from.iter().rev() {
        path.push(origins[path[path.len() - 1]]);
    }
    path.reverse();
    path
}

/// Gaussian means of this deviation; the ends go on as they are.
fn smoothed(values: &[f64], deviation: f64) -> Vec<f64> {
    let reach = libm::ceil(4.0 * deviation) as isize;
    let weight = |k: isize| libm::exp(-0.5 * (k as f64 / deviation) * (k as f64 / deviation));
    let sum: f64 = (-reach..=reach).map(weight).sum();
    let last = values.len() as isize - 1;
    let at = |n: isize| values[n.clamp(0, last) as usize];
    let mean = |n: isize| (-reach..=reach).map(|k| weight(k) * at(n + k)).sum::<f64>() / sum;
    (0..=last).map(mean).collect()
}
