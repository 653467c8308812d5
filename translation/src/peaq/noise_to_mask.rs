//! PEAQ-basic's total noise-to-mask ratio and relatively disturbed frames.

use acetate_audio::fourier::{Bins, RealFourier, RealWorkspace};
use acetate_audio::{Audio, threads};
use serde::Serialize;

use super::ear::{BANDS, Ear, FRAME, HOP};

/// A frame counts as disturbed when a band's noise passes its mask by this, dB (BS.1387: RelDistFrames).
const DISTURBED_DB: f64 = 1.5;
/// Frames in which no sample passes this are left out: nothing plays.
const SILENCE: f32 = 3e-4;

/// Noise-to-mask ratio of magnitudes: blind to phase; slow gain changes count as noise.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct NoiseToMask {
    /// Total NMR_B, dB: mean over bands, frames and channels of noise over mask. Below -20 transparent, above -10 likely heard.
    pub mean_db: f64,
    /// Frames with a band more than 1.5 dB over its mask, percent.
    pub disturbed_frames_percent: f64,
}

/// 10 log10, of something that may be nothing: no less than -100 dB.
fn power_db(ratio: f64) -> f64 {
    10.0 * libm::log10(ratio.max(1e-10))
}

/// NMR of an output against its reference, which is aligned and as loud.
pub fn noise_to_mask(reference: &Audio, output: &Audio) -> NoiseToMask {
    let ear = Ear::new(reference.spec().sample_rate_hz);
    let pairs: Vec<_> = reference.planes().iter().zip(output.planes()).collect();
    let (mut sum, mut disturbed, mut count) = (0.0, 0usize, 0usize);
    for frames in threads::map(&pairs, |_, (x, y)| channel(&ear, x, y)) {
        for frame in frames {
            count += 1;
            sum += frame.mean;
            disturbed += usize::from(power_db(frame.largest) >= DISTURBED_DB);
        }
    }
    let count = count.max(1) as f64;
    NoiseToMask {
        mean_db: power_db(sum / count),
        disturbed_frames_percent: 100.0 * disturbed as f64 / count,
    }
}

/// Noise over mask in one frame: mean and largest over the bands.
struct FrameRatio {
    mean: f64,
    largest: f64,
}

fn channel(ear: &Ear, reference: &[f32], output: &[f32]) -> Vec<FrameRatio> {
    let mut frames = Frames::new();
    let bins = frames.fourier.bins();
    let (mut x, mut y) = (Bins::new(bins), Bins::new(bins));
    let (mut x_bins, mut y_bins) = (vec![0.0; bins], vec![0.0; bins]);
    let mut memory = [0.0; BANDS];
    let mut found = Vec::new();
    for start in (0..reference.len().saturating_sub(HOP)).step_by(HOP) {
        frames.transform(reference, start, &mut x);
        frames.transform(output, start, &mut y);
        ear.bins(&x, &mut x_bins);
        ear.bins(&y, &mut y_bins);
        let mask = ear.mask(&ear.excitation(&ear.bands(&x_bins), &mut memory));
        for (x, y) in x_bins.iter().zip(&mut y_bins) {
            let difference = libm::sqrt(*x) - libm::sqrt(*y);
            *y = difference * difference;
        }
        let noise = ear.bands(&y_bins);
        let end = reference.len().min(start + FRAME);
        if reference[start..end].iter().any(|sample| sample.abs() > SILENCE) {
            let ratios = noise.iter().zip(&mask).map(|(noise, mask)| noise / mask);
            let (sum, largest) = ratios.fold((0.0, 0.0f64), |(sum, top), r| (sum + r, top.max(r)));
            found.push(FrameRatio { mean: sum / BANDS as f64, largest });
        }
    }
    found
}

/// Hann-windowed transforms of a frame.
struct Frames {
    window: Vec<f32>,
    held: Vec<f32>,
    fourier: RealFourier,
    work: RealWorkspace,
}

impl Frames {
    fn new() -> Self {
        let fourier = RealFourier::new(FRAME);
        let turn = 2.0 * std::f64::consts::PI / FRAME as f64;
        let hann = |t: usize| (0.5 - 0.5 * libm::cos(turn * t as f64)) as f32;
        Self {
            window: (0..FRAME).map(hann).collect(),
            held: vec![0.0; FRAME],
            work: fourier.workspace(),
            fourier,
        }
    }

    /// The spectrum of the signal from `start` on; beyond its end there is silence.
    fn transform(&mut self, signal: &[f32], start: usize, out: &mut Bins) {
        let held = &signal[start.min(signal.len())..signal.len().min(start + FRAME)];
        self.held.fill(0.0);
        self.held[..held.len()].copy_from_slice(held);
        self.fourier.forward_windowed(&self.held, &self.window, out, &mut self.work);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 48_000;

    fn noise(seed: u32, level: f32) -> Vec<f32> {
        let mut state = seed;
        (0..RATE as usize)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                level * ((state >> 8) as f32 / (1 << 23) as f32 - 1.0)
            })
            .collect()
    }

    fn with_added(level_db: f64) -> NoiseToMask {
        let added = libm::pow(10.0, level_db / 20.0) as f32;
        let reference = noise(1, 0.3);
        let output = reference.iter().zip(noise(7, 0.3)).map(|(x, n)| x + added * n).collect();
        noise_to_mask(
            &Audio::from_planes(RATE, vec![reference]),
            &Audio::from_planes(RATE, vec![output]),
        )
    }

    #[test]
    fn equal_signals_have_no_noise() {
        assert!(with_added(-300.0).mean_db <= -80.0);
        assert_eq!(with_added(-300.0).disturbed_frames_percent, 0.0);
    }

    #[test]
    fn ten_db_more_noise_is_ten_db_more_ratio() {
        let (quiet, loud) = (with_added(-40.0), with_added(-30.0));
        assert!((loud.mean_db - quiet.mean_db - 10.0).abs() < 0.2);
    }

    #[test]
    fn noise_in_noise_is_hidden_by_the_mask_offset() {
        // Magnitudes see half of an independent noise; the offset is 3 to 6.75 dB, spreading raises the mask a little.
        let at_minus_20 = with_added(-20.0).mean_db;
        assert!((-21.0..-15.0).contains(&at_minus_20), "{at_minus_20}");
    }

    #[test]
    fn noise_in_a_gap_of_the_spectrum_is_heard() {
        let tone = |hz: f64, level: f64| -> Vec<f32> {
            let step = 2.0 * std::f64::consts::PI * hz / f64::from(RATE);
            (0..RATE as usize).map(|t| (level * libm::sin(step * t as f64)) as f32).collect()
        };
        let reference = tone(500.0, 0.5);
        let near: Vec<f32> = reference.iter().zip(tone(540.0, 0.002)).map(|(x, n)| x + n).collect();
        let far: Vec<f32> =
            reference.iter().zip(tone(7_000.0, 0.002)).map(|(x, n)| x + n).collect();
        let audio = |plane: Vec<f32>| Audio::from_planes(RATE, vec![plane]);
        let near = noise_to_mask(&audio(reference.clone()), &audio(near));
        let far = noise_to_mask(&audio(reference), &audio(far));
        assert_eq!(near.disturbed_frames_percent, 0.0);
        assert!(far.disturbed_frames_percent > 90.0);
        assert!(far.mean_db > near.mean_db + 20.0);
    }
}
