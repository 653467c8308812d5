//! Test signals, renders in memory, and measurements that share nothing with the engine.

use std::f64::consts::{PI, TAU};

use acetate_audio::{Audio, PcmPlanes, Source};
use acetate_engine::render;
use acetate_engine::settings::{Bits, Settings};
use realfft::RealFftPlanner;

pub(crate) const RATE: f64 = 44_100.0;

/// The same sound on both channels.
pub(crate) fn stereo(plane: Vec<f32>) -> Audio {
    Audio::from_planes(RATE as u32, vec![plane.clone(), plane])
}

pub(crate) fn from_fn(frames: usize, f: impl Fn(f64) -> f64) -> Vec<f32> {
    (0..frames).map(|n| f(n as f64) as f32).collect()
}

pub(crate) fn sine(freq_hz: f64, amplitude: f64, frames: usize) -> Vec<f32> {
    from_fn(frames, |n| amplitude * (TAU * freq_hz / RATE * n).sin())
}

/// White noise, uniform between -1 and 1.
pub(crate) fn noise(frames: usize, seed: u64) -> Vec<f32> {
    let mut state = seed;
    let next = |_| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f64 / f64::from(1 << 23) - 1.0) as f32
    };
    (0..frames).map(next).collect()
}

/// Settings that write floats, changed.
pub(crate) fn float(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Settings::default();
    settings.output.bits = Bits::Float32;
    change(&mut settings);
    settings
}

/// The first channel of what is written, full scale 1.
pub(crate) fn rendered(settings: &Settings, audio: Audio) -> Vec<f64> {
    let mut all = Vec::new();
    render(&Source::from_audio(audio), settings, &mut |block| {
        let steps = f64::from(1u32 << (block.format.bits() - 1));
        match &block.planes {
            PcmPlanes::Int(planes) => all.extend(planes[0].iter().map(|&x| f64::from(x) / steps)),
            PcmPlanes::Float(planes) => all.extend(planes[0].iter().map(|&x| f64::from(x))),
        }
        Ok::<(), std::convert::Infallible>(())
    })
    .expect("settings are valid");
    all
}

pub(crate) fn db(amplitude: f64) -> f64 {
    20.0 * amplitude.log10()
}

/// Power of each bin; a sine of amplitude 1 gives 1 in a window of `x`'s length without a window function.
pub(crate) fn powers(x: &[f64]) -> Vec<f64> {
    let forward = RealFftPlanner::<f64>::new().plan_fft_forward(x.len());
    let mut spectrum = forward.make_output_vec();
    forward.process(&mut x.to_vec(), &mut spectrum).expect("lengths come from the plan");
    let scale = 2.0 / x.len() as f64;
    spectrum.iter().map(|bin| bin.norm_sqr() * scale * scale).collect()
}

/// Mean spectrum over Hann windows of 4096 samples, as a power density relative to white noise of variance 1.
pub(crate) fn density(x: &[f64]) -> Vec<f64> {
    const SIZE: usize = 4096;
    let hann: Vec<f64> =
        (0..SIZE).map(|n| 0.5 - 0.5 * (TAU * n as f64 / SIZE as f64).cos()).collect();
    let energy: f64 = hann.iter().map(|w| w * w).sum();
    let mut sum = vec![0.0; SIZE / 2 + 1];
    let windows = x.chunks_exact(SIZE);
    let count = windows.len() as f64;
    for window in windows {
        let shaped: Vec<f64> = window.iter().zip(&hann).map(|(x, w)| x * w).collect();
        let scale = (SIZE as f64 / 2.0) * (SIZE as f64 / 2.0) / energy / count;
        sum.iter_mut().zip(powers(&shaped)).for_each(|(sum, power)| *sum += power * scale);
    }
    sum
}

/// True peak at 16 times the rate, by a Blackman-windowed sinc over 200 samples, in dBTP.
pub(crate) fn true_peak_db(plane: &[f64]) -> f64 {
    const REACH: usize = 100;
    let tap = |k: usize, phase: usize| {
        let t = k as f64 - (REACH as f64 - 1.0) - phase as f64 / 16.0;
        let u = PI * t / REACH as f64;
        let window = 0.42 + 0.5 * u.cos() + 0.08 * (2.0 * u).cos();
        if t == 0.0 { 1.0 } else { (PI * t).sin() / (PI * t) * window }
    };
    let phases: Vec<Vec<f64>> =
        (1..16).map(|phase| (0..2 * REACH).map(|k| tap(k, phase)).collect()).collect();
    let mut padded = vec![0.0; REACH];
    padded.extend_from_slice(plane);
    padded.resize(padded.len() + REACH, 0.0);
    let largest = padded.iter().fold(0.0f64, |max, x| max.max(x.abs()));
    let mut peak = largest;
    for around in padded.windows(2 * REACH) {
        let near = around[REACH - 2..REACH + 2].iter().fold(0.0f64, |max, x| max.max(x.abs()));
        if near > 0.6 * largest {
            for taps in &phases {
                let value: f64 = taps.iter().zip(around).map(|(tap, x)| tap * x).sum();
                peak = peak.max(value.abs());
            }
        }
    }
    db(peak)
}
