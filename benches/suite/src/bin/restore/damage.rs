//! Damage of every kind, and where it is.

use std::f64::consts::{PI, TAU};

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::material::{Excerpt, in_steps};

/// A damaged excerpt, and where that was done: places of stretches, loudness classes of clicks.
#[derive(Clone)]
pub(crate) struct Damaged {
    pub(crate) sound: Excerpt,
    /// Clicks: channel, first and last frame, class (0 loud, 1 middle, 2 soft).
    pub(crate) clicks: Vec<Planted>,
    /// Nominal frequency of hum.
    pub(crate) mains_hz: Option<u32>,
}

/// A click that was planted.
#[derive(Clone, Copy)]
pub(crate) struct Planted {
    pub(crate) channel: usize,
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) class: usize,
}

fn random(seed: u64, name: &str) -> Xoshiro256PlusPlus {
    let hash =
        name.bytes().fold(seed, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    Xoshiro256PlusPlus::seed_from_u64(hash)
}

fn normal(random: &mut Xoshiro256PlusPlus) -> f64 {
    (0..12).map(|_| random.gen_range(-0.5..0.5)).sum()
}

fn rounded(mut sound: Excerpt) -> Excerpt {
    sound.planes.iter_mut().flatten().for_each(|x| *x = in_steps(*x));
    sound
}

/// So many clicks: lobes with undershoot, bursts, damped rings; 0.1 to 3 ms; 6 to 36 dB below the peak; left, right or both.
pub(crate) fn clicks(clean: &Excerpt, seed: u64, count: usize) -> Damaged {
    let mut random = random(seed, &clean.name);
    let (mut sound, mut planted) = (clean.clone(), Vec::new());
    let (rate, peak) = (f64::from(clean.rate_hz), clean.peak());
    let both = clean.planes.len();
    for _ in 0..count {
        let below_db = random.gen_range(6.0..36.0);
        let level = peak * 10f64.powf(-below_db / 20.0);
        let count = (rate * 1e-3 * 10f64.powf(random.gen_range(-1.0..0.477))).max(3.0) as usize;
        let shape = shape(&mut random, count);
        let at = random.gen_range(2000..clean.frames() - 2000 - count);
        let side = random.gen_range(0..3usize);
        let sign = if random.gen_bool(0.5) { level } else { -level };
        for channel in 0..both {
            if both == 2 && side < 2 && side != channel {
                continue;
            }
            for (n, x) in shape.iter().enumerate() {
                sound.planes[channel][at + n] += sign * x;
            }
            let class = ((below_db - 6.0) / 10.0) as usize;
            planted.push(Planted { channel, from: at, to: at + count, class: class.min(2) });
        }
    }
    Damaged { sound: rounded(sound), clicks: planted, mains_hz: None }
}

/// A click of peak 1.
fn shape(random: &mut Xoshiro256PlusPlus, count: usize) -> Vec<f64> {
    let kind = random.gen_range(0..3);
    // Turns in the whole length: a ring of 1.5 to 9 kHz.
    let cycles = random.gen_range(0.034..0.2) * count as f64;
    let lobe = random.gen_range(0.25..0.6);
    let mut shape: Vec<f64> = (0..count)
        .map(|n| {
            let t = (n as f64 + 0.5) / count as f64;
            match kind {
                0 if t < lobe => (PI * t / lobe).sin(),
                0 => -0.35 * (PI * (t - lobe) / (1.0 - lobe)).sin(),
                // Some samples of a burst are as they were.
                1 if random.gen_bool(0.6) => 0.0,
                1 => normal(random) * (-2.0 * t).exp(),
                _ => (TAU * cycles * t).cos() * (-4.0 * t).exp(),
            }
        })
        .collect();
    let peak = shape.iter().fold(1e-9, |peak: f64, x| peak.max(x.abs()));
    shape.iter_mut().for_each(|x| *x /= peak);
    shape
}

/// Tiny impulses, so many a second and channel: 1 to 8 samples of noise, -48 to -26 dBFS.
pub(crate) fn crackle(clean: &Excerpt, seed: u64, per_second: f64) -> Damaged {
    let mut random = random(seed, &clean.name);
    let mut sound = clean.clone();
    let count = (per_second * clean.frames() as f64 / f64::from(clean.rate_hz)) as usize;
    for plane in &mut sound.planes {
        for _ in 0..count {
            let length = random.gen_range(1..=8);
            let level = 10f64.powf(random.gen_range(-48.0..-26.0) / 20.0);
            let at = random.gen_range(0..clean.frames() - length);
            for x in &mut plane[at..at + length] {
                *x += level * normal(&mut random);
            }
        }
    }
    Damaged { sound: rounded(sound), clicks: Vec::new(), mains_hz: None }
}

/// 50 or 60 Hz that wanders by 0.1 Hz, with eight harmonics that breathe, at a level in dBFS.
pub(crate) fn hum(clean: &Excerpt, seed: u64, level_dbfs: f64) -> Damaged {
    let mut random = random(seed, &clean.name);
    let rate = f64::from(clean.rate_hz);
    let nominal = if random.gen_bool(0.5) { 50.0 } else { 60.0 };
    let (wander, start) = (random.gen_range(0.02..0.06), random.gen_range(0.0..TAU));
    let lines: Vec<[f64; 4]> = (1..=8)
        .map(|k| {
            let level = 10f64.powf(random.gen_range(-14.0..0.0) / 20.0) / f64::from(k).sqrt();
            [
                level,
                random.gen_range(0.0..TAU),
                random.gen_range(0.03..0.15),
                random.gen_range(0.0..TAU),
            ]
        })
        .collect();
    let mut phase = 0.0;
    let mut hum: Vec<f64> = (0..clean.frames())
        .map(|n| {
            let t = n as f64 / rate;
            phase += TAU * (nominal + 0.1 * (TAU * wander * t + start).sin()) / rate;
            let line = |(k, [level, turn, speed, begin]): (usize, &[f64; 4])| {
                let breath = 1.0 + 0.15 * (TAU * speed * t + begin).sin();
                level * breath * ((k + 1) as f64 * phase + turn).sin()
            };
            lines.iter().enumerate().map(line).sum()
        })
        .collect();
    let rms = (hum.iter().map(|x| x * x).sum::<f64>() / hum.len() as f64).sqrt();
    let gain = 10f64.powf(level_dbfs / 20.0) / rms;
    hum.iter_mut().for_each(|x| *x *= gain);
    let mut sound = clean.clone();
    for plane in &mut sound.planes {
        let share = random.gen_range(0.7..1.0);
        plane.iter_mut().zip(&hum).for_each(|(x, hum)| *x += share * hum);
    }
    Damaged { sound: rounded(sound), clicks: Vec::new(), mains_hz: Some(nominal as u32) }
}

/// White noise, or that of tape (1/f below 1 kHz, rising above 8), so many dB below the music.
pub(crate) fn hiss(clean: &Excerpt, seed: u64, below_db: f64, tape: bool) -> Damaged {
    let mut random = random(seed, &clean.name);
    let power = |plane: &[f64]| plane.iter().map(|x| x * x).sum::<f64>() / plane.len() as f64;
    let music =
        clean.planes.iter().map(|plane| power(plane)).sum::<f64>() / clean.planes.len() as f64;
    let mut sound = clean.clone();
    for plane in &mut sound.planes {
        let mut noise: Vec<f64> = plane.iter().map(|_| normal(&mut random)).collect();
        if tape {
            shelves(&mut noise, f64::from(clean.rate_hz));
        }
        let gain = (music / power(&noise)).sqrt() * 10f64.powf(-below_db / 20.0);
        plane.iter_mut().zip(&noise).for_each(|(x, noise)| *x += gain * noise);
    }
    Damaged { sound: rounded(sound), clicks: Vec::new(), mains_hz: None }
}

/// More below 1 kHz and above 8 kHz: a leaky integral and a difference are added.
fn shelves(noise: &mut [f64], rate: f64) {
    let (mut low, mut before) = (0.0, 0.0);
    let slow = 1.0 - (-TAU * 300.0 / rate).exp();
    for x in noise {
        low += slow * (*x - low);
        let rising = *x - before;
        before = *x;
        *x += 3.0 * low + 0.5 * rising;
    }
}

/// Clipped on both sides to this ratio of signal to distortion, in dB.
pub(crate) fn clipping(clean: &Excerpt, sdr_db: f64) -> Damaged {
    let samples = || clean.planes.iter().flatten();
    let power: f64 = samples().map(|x| x * x).sum();
    let distortion = |level: f64| -> f64 {
        samples().map(|x| (x.abs() - level).max(0.0)).map(|over| over * over).sum()
    };
    let (mut low, mut high) = (0.0, clean.peak());
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        let sdr = 10.0 * (power / distortion(middle).max(1e-30)).log10();
        if sdr < sdr_db { low = middle } else { high = middle }
    }
    let level = in_steps(high);
    let mut sound = clean.clone();
    sound.planes.iter_mut().flatten().for_each(|x| *x = x.clamp(-level, level));
    Damaged { sound: rounded(sound), clicks: Vec::new(), mains_hz: None }
}

/// All of it.
pub(crate) fn everything(clean: &Excerpt, seed: u64) -> Damaged {
    let clipped = clipping(clean, 20.0).sound;
    let hummed = hum(&clipped, seed, -40.0).sound;
    let hissing = hiss(&hummed, seed, 50.0, true).sound;
    clicks(&hissing, seed, 300)
}
