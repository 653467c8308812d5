//! Distortion with every gain change forgiven, and the gain changes on their own.

use acetate_audio::Audio;
use realfft::num_complex::Complex32;
use serde::Serialize;

use super::frames::Frames;
use super::power_db;

const FRAME: usize = 1024;
const HOP: usize = FRAME / 4;
/// Frames over which one gain is fitted (23 ms at 44.1 kHz).
const FRAMES_A_GAIN: usize = 3;
/// A band's own power hides noise this far below it, dB.
const OWN_OFFSET_DB: f64 = 6.0;
/// Masking falls by this an ERB: towards lower bands, towards higher ones, dB.
const SLOPES_DB: (f64, f64) = (24.0, 12.0);
/// Nothing below this is heard: level of a coefficient, dB FS.
const FLOOR_DB_FS: f64 = -96.0;

/// Distortion and pumping.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Distortion {
    /// Noise-to-mask ratio after the best real gain of each band and moment is taken out, dB.
    pub noise_to_mask_db: f64,
    /// How much those gains move around their mean, dB rms, weighted by energy.
    pub gain_modulation_db: f64,
}

/// Splits the difference into gain changes by band (pumping) and the rest (distortion).
pub fn distortion(reference: &Audio, output: &Audio) -> Distortion {
    let rate = f64::from(reference.spec().sample_rate_hz);
    let bands = Bands::new(rate);
    let mut sums = Sums::default();
    for (x, y) in reference.planes().iter().zip(output.planes()) {
        channel(&bands, x, y, &mut sums);
    }
    let variance =
        sums.squares / sums.weight.max(1e-30) - (sums.gains / sums.weight.max(1e-30)).powi(2);
    Distortion {
        noise_to_mask_db: power_db(sums.ratios / sums.count.max(1.0)),
        gain_modulation_db: libm::sqrt(variance.max(0.0)),
    }
}

#[derive(Default)]
struct Sums {
    ratios: f64,
    count: f64,
    weight: f64,
    gains: f64,
    squares: f64,
}

/// Bands of one ERB (Glasberg & Moore 1990).
struct Bands {
    edges: Vec<usize>,
    floor: f64,
}

impl Bands {
    fn new(rate: f64) -> Self {
        let erb = |k: usize| {
            libm::floor(21.4 * libm::log10(1.0 + 0.004_37 * k as f64 * rate / FRAME as f64))
        };
        let edges =
            (1..=FRAME / 2).filter(|&k| k == 1 || k == FRAME / 2 || erb(k) != erb(k - 1)).collect();
        // A full-scale sine peaks at FRAME/4 through a Hann window.
        let floor = libm::pow(10.0, FLOOR_DB_FS / 10.0) * libm::pow(FRAME as f64 / 4.0, 2.0);
        Self { edges, floor }
    }

    fn count(&self) -> usize {
        self.edges.len() - 1
    }

    /// Threshold of each band from the power of all.
    fn threshold(&self, powers: &[f64]) -> Vec<f64> {
        let factor = |db: f64| libm::pow(10.0, -db / 10.0);
        let (down, up) = (factor(SLOPES_DB.0), factor(SLOPES_DB.1));
        let mut out = powers.to_vec();
        for band in 1..out.len() {
            out[band] = out[band].max(out[band - 1] * up);
        }
        for band in (1..out.len()).rev() {
            out[band - 1] = out[band - 1].max(out[band] * down);
        }
        out.iter().map(|power| power * factor(OWN_OFFSET_DB) + self.floor).collect()
    }
}

fn channel(bands: &Bands, reference: &[f32], output: &[f32], sums: &mut Sums) {
    let mut frames = Frames::new(FRAME);
    let mut x: Vec<_> = (0..FRAMES_A_GAIN).map(|_| frames.spectrum()).collect();
    let mut y = x.clone();
    let group = FRAMES_A_GAIN * HOP;
    for start in (0..reference.len().saturating_sub(FRAME + group)).step_by(group) {
        for i in 0..FRAMES_A_GAIN {
            frames.transform(reference, start + i * HOP, &mut x[i]);
            frames.transform(output, start + i * HOP, &mut y[i]);
        }
        let fits: Vec<Fit> =
            bands.edges.windows(2).map(|edge| fit(&x, &y, edge[0]..edge[1])).collect();
        let powers: Vec<f64> = fits.iter().map(|fit| fit.power).collect();
        if powers.iter().sum::<f64>() < bands.floor * bands.count() as f64 * 10.0 {
            continue;
        }
        let threshold = bands.threshold(&powers);
        for (fit, threshold) in fits.iter().zip(&threshold) {
            sums.ratios += fit.rest / threshold / bands.count() as f64;
            let gain_db = power_db(fit.gain * fit.gain);
            if fit.gain > 0.0 && fit.power > bands.floor {
                sums.weight += fit.power;
                sums.gains += fit.power * gain_db;
                sums.squares += fit.power * gain_db * gain_db;
            }
        }
        sums.count += 1.0;
    }
}

/// The best real gain of a band, the band's power and that of what the gain does not explain.
struct Fit {
    gain: f64,
    power: f64,
    rest: f64,
}

fn fit(x: &[Vec<Complex32>], y: &[Vec<Complex32>], bins: std::ops::Range<usize>) -> Fit {
    let (mut product, mut x_power, mut y_power) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        for (x, y) in x[bins.clone()].iter().zip(&y[bins.clone()]) {
            product += f64::from((x.conj() * y).re);
            x_power += f64::from(x.norm_sqr());
            y_power += f64::from(y.norm_sqr());
        }
    }
    let gain = if x_power > 0.0 { product / x_power } else { 1.0 };
    let frames = x.len() as f64;
    Fit { gain, power: x_power / frames, rest: (y_power - gain * product).max(0.0) / frames }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 44_100;

    fn tones(gain: impl Fn(f64) -> f64) -> Audio {
        let sample = |t: usize| {
            let s = t as f64 / f64::from(RATE);
            let sum: f64 = [220.0, 880.0, 3000.0]
                .iter()
                .map(|hz| libm::sin(2.0 * std::f64::consts::PI * hz * s))
                .sum();
            (0.2 * sum * gain(s)) as f32
        };
        Audio::from_planes(RATE, vec![(0..2 * RATE as usize).map(sample).collect()])
    }

    #[test]
    fn a_slow_gain_change_is_modulation_but_no_distortion() {
        let swing_db = |s: f64| 2.0 * libm::sin(2.0 * std::f64::consts::PI * 2.0 * s);
        let pumped = distortion(&tones(|_| 1.0), &tones(|s| libm::pow(10.0, swing_db(s) / 20.0)));
        // A swing of 2 dB is 1.41 dB rms.
        assert!((pumped.gain_modulation_db - 1.41).abs() < 0.05, "{}", pumped.gain_modulation_db);
        assert!(pumped.noise_to_mask_db < -20.0, "{}", pumped.noise_to_mask_db);
    }

    #[test]
    fn clipping_is_distortion_more_than_modulation() {
        let clean = tones(|_| 1.0);
        let mut clipped = clean.clone();
        for sample in &mut clipped.planes_mut()[0] {
            *sample = sample.clamp(-0.3, 0.3);
        }
        let found = distortion(&clean, &clipped);
        assert!(found.noise_to_mask_db > 0.0, "{}", found.noise_to_mask_db);
        assert_eq!(distortion(&clean, &clean).gain_modulation_db, 0.0);
    }
}
