//! One harmonic, shifted to 0 Hz, and its amplitude as it drifts.

use acetate_audio::units::amplitude_to_db;
use acetate_audio::windows::hann;

use super::phase::Turned;
use crate::statistics::middle;

/// Values of a line in a second.
pub(super) const RATE_HZ: f64 = 20.0;
/// An amplitude drifts by this share of itself in a second, and is followed in so many rounds.
pub(super) const DRIFT: f64 = 0.04;
pub(super) const ROUNDS: usize = 6;
/// Steps in which amplitudes are written down, seconds; a whole number of values.
pub(super) const KNOT_S: f64 = 0.5;
/// Noise is the mean over so many values, then the largest of so many, times the values that say the same.
const NOISE_MEAN: usize = 9;
const NOISE_LARGEST: usize = 5;
const NOISE_FACTOR: f64 = 3.0;
const NOISE_FLOOR: f64 = 1e-14;
/// Power below this share of what was followed is absence; over so many values.
const ABSENT: f64 = 0.1;
const ABSENT_MEAN: usize = 5;
/// Presence is judged over this many values.
const PRESENCE_MEAN: usize = 40;

/// A complex amplitude.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Complex {
    pub(super) re: f64,
    pub(super) im: f64,
}

impl Complex {
    pub(super) fn power(self) -> f64 {
        self.re * self.re + self.im * self.im
    }

    pub(super) fn less(self, other: Self) -> Self {
        Self { re: self.re - other.re, im: self.im - other.im }
    }

    pub(super) fn plus(self, other: Self, share: f64) -> Self {
        Self { re: self.re + share * other.re, im: self.im + share * other.im }
    }

    pub(super) fn times(self, other: Self) -> Self {
        Self {
            re: self.re * other.re - self.im * other.im,
            im: self.re * other.im + self.im * other.re,
        }
    }
}

/// A demodulated harmonic.
pub(super) struct Line {
    pub(super) values: Vec<Complex>,
}

/// What was followed of a line.
pub(super) struct Followed {
    pub(super) values: Vec<Complex>,
    pub(super) variances: Vec<f64>,
    found: Vec<Complex>,
    mean: Complex,
    /// The mean over its own uncertainty, as a power.
    pub(super) significance: f64,
    /// The mean over what moves about it, as a power.
    pub(super) steadiness: f64,
    /// Share of the time in which there is hardly anything.
    pub(super) absent: f64,
}

impl Line {
    /// The first `count` harmonics of a phase, each low-passed by a Hann window of two values' length.
    pub(super) fn all(sound: &[f64], turned: &Turned, count: usize) -> Vec<Self> {
        let hop = turned.hop;
        let hann: Vec<f64> = (0..=2 * hop).map(|n| hann(n, 2 * hop)).collect();
        let scale = 2.0 / hann.iter().sum::<f64>();
        // The sound turned back by one harmonic after the other; silence around it.
        let silence = vec![Complex::default(); hop];
        let mut back = silence.clone();
        back.extend(sound.iter().map(|x| Complex { re: scale * x, im: 0.0 }));
        back.extend(silence);
        let mut next = || {
            for (x, turn) in back[hop..].iter_mut().zip(&turned.turns) {
                *x = x.times(Complex { re: turn.re, im: -turn.im });
            }
            let value = |start: usize| {
                let mut total = Complex::default();
                for (x, weight) in back[start..].iter().zip(&hann) {
                    total = total.plus(*x, *weight);
                }
                total
            };
            Self { values: (0..sound.len()).step_by(hop).map(value).collect() }
        };
        (0..count).map(|_| next()).collect()
    }

    /// What moves in the line besides `mean`, value by value.
    pub(super) fn noise(&self, mean: &[Complex]) -> Vec<f64> {
        let squares: Vec<f64> =
            self.values.iter().zip(mean).map(|(z, c)| z.less(*c).power()).collect();
        let means = running(&squares, NOISE_MEAN, |window| {
            window.iter().sum::<f64>() / window.len() as f64
        });
        let largest =
            running(&means, NOISE_LARGEST, |window| window.iter().copied().fold(0.0, f64::max));
        largest.into_iter().map(|noise| NOISE_FACTOR * noise + NOISE_FLOOR).collect()
    }

    /// The amplitude as a random walk: Kalman filter, and smoother of Rauch, Tung and Striebel (1965).
    pub(super) fn follow(&self, drift: f64, rounds: usize) -> Followed {
        let median = |of: &dyn Fn(&Complex) -> f64| {
            middle(&mut self.values.iter().map(of).collect::<Vec<f64>>())
        };
        let start = Complex { re: median(&|z| z.re), im: median(&|z| z.im) };
        let mut values = vec![start; self.values.len()];
        let (mut variances, mut noise) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            noise = self.noise(&values);
            let power = weighted_mean(&values, &noise).power().max(1e-12);
            (values, variances) = self.smooth(&noise, power * drift * drift / RATE_HZ);
        }
        let mean = weighted_mean(&values, &noise);
        let weight: f64 = noise.iter().map(|noise| 1.0 / noise).sum();
        let spread: f64 =
            values.iter().zip(&noise).map(|(c, noise)| c.less(mean).power() / noise).sum();
        let powers: Vec<f64> = self.values.iter().map(|z| z.power()).collect();
        let powers = running(&powers, ABSENT_MEAN, |window| {
            window.iter().sum::<f64>() / window.len() as f64
        });
        let absent = powers.iter().zip(&values).filter(|(p, c)| **p < ABSENT * c.power()).count();
        Followed {
            mean,
            significance: mean.power() * weight,
            steadiness: mean.power() / (spread / weight + 1e-20),
            absent: absent as f64 / values.len() as f64,
            found: self.values.clone(),
            values,
            variances,
        }
    }

    fn smooth(&self, noise: &[f64], drift: f64) -> (Vec<Complex>, Vec<f64>) {
        let count = noise.len();
        let (mut values, mut variances) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let (mut now, mut variance) = (Complex::default(), 1.0);
        let mut predicted = Vec::with_capacity(count);
        for (z, noise) in self.values.iter().zip(noise) {
            let before = variance + drift;
            let gain = before / (before + noise);
            predicted.push((now, before));
            now = now.plus(z.less(now), gain);
            variance = (1.0 - gain) * before;
            values.push(now);
            variances.push(variance);
        }
        for n in (0..count.saturating_sub(1)).rev() {
            let (ahead, before) = predicted[n + 1];
            let gain = variances[n] / before;
            values[n] = values[n].plus(values[n + 1].less(ahead), gain);
            variances[n] += gain * gain * (variances[n + 1] - before);
        }
        (values, variances)
    }
}

impl Followed {
    pub(super) fn level_dbfs(&self) -> f64 {
        amplitude_to_db(self.mean.power().sqrt().max(1e-10))
    }

    /// Amplitudes at the knots: of the cosine and of the sine, as far as the hum is there.
    pub(super) fn knots(&self, presence: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let step = (KNOT_S * RATE_HZ) as usize;
        let digits = |x: f64| (x * 1e8).round() / 1e8;
        let knots = self.values.iter().zip(presence).step_by(step);
        knots.map(|(c, there)| (digits(there * c.re), digits(-there * c.im))).unzip()
    }
}

/// Of each value, 1 where taking the lines away leaves less than there was, 0 where it leaves more: hum starts and stops with its evidence.
pub(super) fn presence<'a>(lines: impl Iterator<Item = &'a Followed>) -> Vec<f64> {
    let mut gain: Vec<f64> = Vec::new();
    for line in lines {
        gain.resize(line.values.len(), 0.0);
        let scale = 1.0 / line.mean.power().max(1e-20);
        for (n, gain) in gain.iter_mut().enumerate() {
            let (z, c) = (line.found[n], line.values[n]);
            // The gain in power, counted by how far the line stands out of what else is there.
            let left = z.less(c).power();
            *gain += (z.power() - left) / (left + c.power()) * (scale * c.power()).min(1.0);
        }
    }
    let mean = running(&gain, PRESENCE_MEAN, |window| window.iter().sum::<f64>());
    let there: Vec<f64> = mean.iter().map(|gain| if *gain > 0.0 { 1.0 } else { 0.0 }).collect();
    running(&there, (RATE_HZ / 2.0) as usize, |window| {
        window.iter().sum::<f64>() / window.len() as f64
    })
}

pub(super) fn weighted_mean(values: &[Complex], noise: &[f64]) -> Complex {
    let (mut sum, mut weight) = (Complex::default(), 0.0);
    for (c, noise) in values.iter().zip(noise) {
        sum = sum.plus(*c, 1.0 / noise);
        weight += 1.0 / noise;
    }
    Complex { re: sum.re / weight, im: sum.im / weight }
}

/// What `of` makes of the neighbours of each value, fewer of them at the ends.
fn running(values: &[f64], width: usize, of: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let (before, after) = (width / 2, width.div_ceil(2));
    (0..values.len())
        .map(|n| of(&values[n.saturating_sub(before)..values.len().min(n + after)]))
        .collect()
}
