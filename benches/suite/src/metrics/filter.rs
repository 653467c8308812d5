//! The reference through the time-invariant filter that brings it nearest to the output: equalisation is no damage.

use acetate_audio::Audio;
use realfft::RealFftPlanner;
use realfft::num_complex::Complex32;

use super::frames::Frames;

/// Taps of the filter: 0.37 s at 44.1 kHz, half before and half after.
const TAPS: usize = 16_384;
/// Power that keeps empty bins at rest, relative to the mean of all bins.
const REGULAR: f32 = 1e-9;

/// Mid and side of the reference through a filter each, and mid and side of the output; other channels as they are.
///
/// The filters are the least-squares ones (cross spectrum over power spectrum, Bendat & Piersol, Random Data, 4th ed. 2010,
/// eq. 6.37), so that any equaliser of any phase and any width is forgiven, and what moves in time is not.
///
/// # Panics
/// When lengths or channel counts differ.
pub fn filter_match(reference: &Audio, output: &Audio) -> (Audio, Audio) {
    assert_eq!(reference.spec(), output.spec(), "reference and output are of different kinds");
    assert_eq!(reference.frames(), output.frames(), "reference and output differ in length");
    let rate_hz = reference.spec().sample_rate_hz;
    let (reference, output) = (mid_and_side(reference), mid_and_side(output));
    let filtered = reference.iter().zip(&output).map(|(x, y)| convolve(x, &transfer(x, y)));
    (Audio::from_planes(rate_hz, filtered.collect()), Audio::from_planes(rate_hz, output))
}

fn mid_and_side(audio: &Audio) -> Vec<Vec<f32>> {
    let [left, right] = audio.planes() else { return audio.planes().to_vec() };
    let both = || left.iter().zip(right);
    vec![both().map(|(l, r)| 0.5 * (l + r)).collect(), both().map(|(l, r)| 0.5 * (l - r)).collect()]
}

/// Impulse response from `x` to `y`, its middle at `TAPS / 2`.
fn transfer(x: &[f32], y: &[f32]) -> Vec<f32> {
    let inverse = RealFftPlanner::<f32>::new().plan_fft_inverse(TAPS);
    let mut frames = Frames::new(TAPS);
    let (mut of_x, mut of_y) = (frames.spectrum(), frames.spectrum());
    let mut cross = frames.spectrum();
    let mut power = vec![0.0f32; cross.len()];
    for start in (0..x.len()).step_by(TAPS / 2) {
        frames.transform(x, start, &mut of_x);
        frames.transform(y, start, &mut of_y);
        for (bin, (x, y)) in of_x.iter().zip(&of_y).enumerate() {
            cross[bin] += x.conj() * y;
            power[bin] += x.norm_sqr();
        }
    }
    let least = REGULAR * power.iter().sum::<f32>() / power.len() as f32 + f32::MIN_POSITIVE;
    let mut gains: Vec<Complex32> =
        cross.iter().zip(&power).map(|(cross, power)| cross / (power + least)).collect();
    gains[0].im = 0.0;
    gains[TAPS / 2].im = 0.0;
    let mut response = inverse.make_output_vec();
    inverse.process(&mut gains, &mut response).expect("lengths are those of the plan");
    response.rotate_right(TAPS / 2);
    response.iter_mut().for_each(|tap| *tap /= TAPS as f32);
    response
}

/// `x` through a filter whose middle tap is at no delay.
fn convolve(x: &[f32], response: &[f32]) -> Vec<f32> {
    let size = 2 * TAPS;
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
    let spectrum_of = |values: &[f32]| {
        let mut padded = vec![0.0; size];
        padded[..values.len()].copy_from_slice(values);
        let mut spectrum = forward.make_output_vec();
        forward.process(&mut padded, &mut spectrum).expect("lengths are those of the plan");
        spectrum
    };
    let gains = spectrum_of(response);
    let mut out = vec![0.0; x.len() + size];
    for (index, block) in x.chunks(TAPS).enumerate() {
        let mut spectrum = spectrum_of(block);
        spectrum.iter_mut().zip(&gains).for_each(|(bin, gain)| *bin *= gain / size as f32);
        let mut filtered = inverse.make_output_vec();
        inverse.process(&mut spectrum, &mut filtered).expect("lengths are those of the plan");
        let at = index * TAPS;
        out[at..at + size].iter_mut().zip(&filtered).for_each(|(out, value)| *out += value);
    }
    out[TAPS / 2..TAPS / 2 + x.len()].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::quality;

    fn noise(frames: usize) -> Vec<f32> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        (0..frames).map(|_| 0.1 * next()).collect()
    }

    /// A one-pole low-pass with a delay of its own.
    fn smoothed(x: &[f32]) -> Vec<f32> {
        let mut state = 0.0;
        x.iter()
            .map(|value| {
                state += 0.2 * (value - state);
                state
            })
            .collect()
    }

    fn stereo(left: Vec<f32>, right: Vec<f32>) -> Audio {
        Audio::from_planes(44_100, vec![left, right])
    }

    #[test]
    fn an_equaliser_is_forgiven_whatever_its_phase() {
        let (left, right) = (noise(120_000), noise(130_000)[10_000..].to_vec());
        let reference = stereo(left.clone(), right.clone());
        let output = stereo(smoothed(&left), smoothed(&right));
        let (filtered, output) = filter_match(&reference, &output);
        assert!(quality(&filtered, &output).noise_to_mask.mean_db < -40.0);
    }

    #[test]
    fn clipping_is_not_forgiven() {
        let left = noise(120_000);
        let clipped: Vec<f32> = left.iter().map(|value| value.clamp(-0.05, 0.05)).collect();
        let reference = stereo(left.clone(), left);
        let (filtered, output) = filter_match(&reference, &stereo(clipped.clone(), clipped));
        assert!(quality(&filtered, &output).noise_to_mask.mean_db > -25.0);
    }
}
