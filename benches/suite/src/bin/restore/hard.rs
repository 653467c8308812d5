//! Twelve healthy sounds that look like damage, synthesised: 8 s each, two channels.

use std::f64::consts::TAU;

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::material::{Excerpt, in_steps};

const RATE: f64 = 44_100.0;
const FRAMES: usize = 8 * 44_100;

/// One voice at a time, in mono until it is widened.
type Plane = Vec<f64>;

fn random(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

fn noise(random: &mut Xoshiro256PlusPlus) -> f64 {
    random.gen_range(-1.0..1.0)
}

/// A bed of soft noise, so that nothing begins out of digital silence.
fn bed(level: f64) -> Plane {
    let mut random = random(99);
    let mut low = 0.0;
    (0..FRAMES)
        .map(|_| {
            low += 0.1 * (noise(&mut random) - low);
            level * low
        })
        .collect()
}

/// Adds `voice(seconds since)` at each time.
fn strike(
    plane: &mut Plane,
    times: &[f64],
    length_s: f64,
    voice: &mut dyn FnMut(usize, f64) -> f64,
) {
    for (index, time) in times.iter().enumerate() {
        let start = (time * RATE) as usize;
        for n in 0..(length_s * RATE) as usize {
            let Some(x) = plane.get_mut(start + n) else { break };
            *x += voice(index, n as f64 / RATE);
        }
    }
}

fn times(seed: u64, count: usize) -> Vec<f64> {
    let mut random = random(seed);
    (0..count).map(|_| random.gen_range(0.3..7.6)).collect()
}

fn castanets() -> Plane {
    let mut plane = bed(0.01);
    let mut random = random(1);
    strike(&mut plane, &times(1, 60), 0.06, &mut |index, t| {
        let hz = 1800.0 + 40.0 * (index % 7) as f64;
        (0.3 * (TAU * hz * t).sin() + 0.2 * noise(&mut random)) * (-t / 0.006).exp()
    });
    plane
}

fn claves() -> Plane {
    let mut plane = bed(0.01);
    strike(&mut plane, &times(2, 30), 0.2, &mut |index, t| {
        let (hz, decay) = if index % 2 == 0 { (2500.0, 0.03) } else { (430.0, 0.012) };
        0.5 * (TAU * hz * t).sin() * (-t / decay).exp()
    });
    plane
}

fn hats() -> Plane {
    let mut plane = bed(0.01);
    let mut random = random(3);
    let mut before = 0.0;
    let grid: Vec<f64> = (0..60).map(|k| 0.3 + 0.12 * f64::from(k)).collect();
    strike(&mut plane, &grid, 0.05, &mut |_, t| {
        let now = noise(&mut random);
        let high = now - before;
        before = now;
        0.25 * high * (-t / 0.008).exp()
    });
    plane
}

/// Karplus and Strong.
fn plucks() -> Plane {
    let mut plane = bed(0.003);
    let mut random = random(4);
    for (index, time) in times(4, 40).into_iter().enumerate() {
        let period = 90 + 23 * (index % 9);
        let mut string: Vec<f64> = (0..period).map(|_| 0.4 * noise(&mut random)).collect();
        for n in 0..(0.7 * RATE) as usize {
            let at = n % period;
            let x = string[at];
            string[at] = 0.996 * 0.5 * (x + string[(at + 1) % period]);
            if let Some(out) = plane.get_mut((time * RATE) as usize + n) {
                *out += x;
            }
        }
    }
    plane
}

fn square_lead() -> Plane {
    let mut phase = 0.0;
    (0..FRAMES)
        .map(|n| {
            let t = n as f64 / RATE;
            let hz = 220.0 * 2f64.powf(f64::from([0, 3, 7, 5][(t * 2.0) as usize % 4]) / 12.0);
            phase = (phase + hz / RATE) % 1.0;
            if phase < 0.5 { 0.3 } else { -0.3 }
        })
        .collect()
}

fn click_track() -> Plane {
    let mut plane = bed(0.005);
    let grid: Vec<f64> = (0..15).map(|k| 0.4 + 0.5 * f64::from(k)).collect();
    strike(&mut plane, &grid, 0.02, &mut |index, t| {
        let hz = if index % 4 == 0 { 1600.0 } else { 1000.0 };
        if t < 0.004 { 0.6 * (TAU * hz * t).sin() } else { 0.0 }
    });
    plane
}

/// Single samples, on purpose, over a pad.
fn glitch_beat() -> Plane {
    let mut plane: Plane =
        (0..FRAMES).map(|n| 0.1 * (TAU * 110.0 * n as f64 / RATE).sin()).collect();
    for k in 0..56 {
        let at = ((0.3 + 0.125 * f64::from(k)) * RATE) as usize;
        plane[at] += if k % 4 == 0 { 0.6 } else { 0.3 };
    }
    plane
}

fn bass() -> Plane {
    let mut plane = bed(0.003);
    let starts: Vec<f64> = (0..14).map(|k| 0.3 + 0.53 * f64::from(k)).collect();
    strike(&mut plane, &starts, 0.5, &mut |_, t| {
        let tones = [(49.0, 0.4), (98.0, 0.2), (147.0, 0.12), (196.0, 0.05)];
        let sum: f64 = tones.iter().map(|(hz, level)| level * (TAU * hz * t).sin()).sum();
        sum * (-t / 0.35).exp() * (1.0 - (-t / 0.001).exp())
    });
    plane
}

/// Notes of 50 and 100 Hz that come and go.
fn organ() -> Plane {
    let mut plane = bed(0.01);
    let starts: Vec<f64> = (0..4).map(|k| 0.2 + 1.9 * f64::from(k)).collect();
    strike(&mut plane, &starts, 1.8, &mut |index, t| {
        let base = if index % 2 == 0 { 50.0 } else { 100.0 };
        let gate = (t / 0.05).min(1.0) * ((1.8 - t) / 0.1).clamp(0.0, 1.0);
        let stops = [(1.0, 0.2), (2.0, 0.15), (3.0, 0.1), (4.0, 0.08), (6.0, 0.04)];
        gate * stops.iter().map(|(k, level)| level * (TAU * base * k * t).sin()).sum::<f64>()
    });
    plane
}

fn fuzz() -> Plane {
    let mut random = random(10);
    (0..FRAMES)
        .map(|n| {
            let t = n as f64 / RATE;
            let hz = 82.4 * 2f64.powf(f64::from([0, 5, 7, 3][(t * 1.5) as usize % 4]) / 12.0);
            let string = (TAU * hz * t).sin() + 0.5 * (TAU * 1.498 * hz * t).sin();
            0.3 * (12.0 * string).tanh() + 0.0005 * noise(&mut random)
        })
        .collect()
}

fn cymbals() -> Plane {
    let mut plane = bed(0.005);
    let mut random = random(11);
    let mut before = 0.0;
    strike(&mut plane, &[0.4, 2.3, 4.2, 6.1], 1.9, &mut |_, t| {
        let now = noise(&mut random);
        let high = now - 0.9 * before;
        before = now;
        0.2 * high * (1.0 - (-t / 0.3).exp()) * (-t / 1.2).exp()
    });
    plane
}

fn rain_with_piano() -> Plane {
    let mut random = random(12);
    let mut plane: Plane = (0..FRAMES).map(|_| 0.01 * noise(&mut random)).collect();
    for _ in 0..4000 {
        let at = random.gen_range(0..FRAMES - 40);
        let level = 0.02 * random.gen_range(0.0..1.0f64).powi(2);
        for n in 0..30 {
            plane[at + n] += level * noise(&mut random) * (-(n as f64) / 8.0).exp();
        }
    }
    strike(&mut plane, &times(12, 16), 1.5, &mut |index, t| {
        let hz = 196.0 * 2f64.powf((index * 5 % 24) as f64 / 12.0);
        let tones: f64 =
            (1..6).map(|k| (TAU * hz * f64::from(k) * t).sin() / f64::from(k * k)).sum();
        0.15 * tones * (-t / 0.5).exp() * (1.0 - (-t / 0.002).exp())
    });
    plane
}

/// A sound, its name, and the level of its bed.
type Named = (&'static str, fn() -> Plane, f64);

/// What lies under them all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bed {
    /// Soft noise, so that nothing begins out of digital silence.
    Noise,
    /// Nothing: a bed of steady noise is hiss, whoever laid it.
    Silence,
}

/// All of them.
pub(crate) fn sounds(bed: Bed) -> Vec<Excerpt> {
    let all: [Named; 12] = [
        ("castanets", castanets, 0.01),
        ("claves and rim shots", claves, 0.01),
        ("closed hats", hats, 0.01),
        ("plucked onsets", plucks, 0.003),
        ("square lead", square_lead, 0.0),
        ("click track", click_track, 0.005),
        ("glitch beat", glitch_beat, 0.0),
        ("49 Hz bass", bass, 0.003),
        ("organ at 50 and 100 Hz", organ, 0.01),
        ("fuzz guitar", fuzz, 0.0),
        ("cymbal wash", cymbals, 0.005),
        ("rain with piano", rain_with_piano, 0.0),
    ];
    let widened = |(name, make, level): Named| {
        let mut plane = make();
        if bed == Bed::Silence {
            plane.iter_mut().zip(self::bed(level)).for_each(|(x, under)| *x -= under);
        }
        let other = |n: usize| 0.8 * plane[n] + 0.15 * plane[n.saturating_sub(31)];
        let right = (0..FRAMES).map(|n| in_steps(other(n))).collect();
        let left = plane.iter().map(|&x| in_steps(x)).collect();
        Excerpt { name: name.to_owned(), rate_hz: RATE as u32, planes: vec![left, right] }
    };
    all.into_iter().map(widened).collect()
}
