//! The part of a sample by which one version of a sound is late against another.
//!
//! A delay turns the phase of the cross-spectrum in proportion to frequency: the straight line through zero, each frequency weighed
//! by its coherence, is the likeliest delay, and its error is known (Piersol, IEEE Trans. ASSP 29(3), 1981; Carter, Proc. IEEE 75(2),
//! 1987, eq. 21).

use std::f64::consts::TAU;

use acetate_audio::windows::hann;
use acetate_audio::{ReadError, Source};
use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

use crate::align::{PROBE_FRAMES, TimeAlignment, loudest_place, mono, planes};

/// Frames of a transform; they overlap by half.
const FRAME: usize = 4096;
/// Squared coherence below which a frequency tells nothing: so many transforms of two noises have some by chance.
const COHERENCE_MIN: f64 = 0.3;
/// Squared coherence is never taken for nearer to 1 than this: rounding.
const NOISE_MIN: f64 = 1e-6;
/// A delay of fewer standard errors is none.
const SURE: f64 = 5.0;

/// How much later than by the whole frames of `alignment` the `second` sound is, in frames, -0.5 to 0.5: from three seconds around
/// the loudest place of the first. 0 where that is not sure; `None` where they have nothing in common there.
///
/// # Errors
/// When a source cannot be read.
pub fn fine_delay(
    first: &Source,
    second: &Source,
    alignment: &TimeAlignment,
) -> Result<Option<f64>, ReadError> {
    let start = loudest_place(first)?.max(alignment.delay_frames.min(0).unsigned_abs());
    let read = if first.spec().channels == second.spec().channels { planes } else { mono };
    let one = read(first, start, PROBE_FRAMES)?;
    let other = read(second, start.saturating_add_signed(alignment.delay_frames), PROBE_FRAMES)?;
    let mut bins = vec![Bin::default(); FRAME / 2 + 1];
    let mut transforms = 0;
    for (channel, (one, other)) in one.iter().zip(&other).enumerate() {
        let upside_down = alignment.inverted != alignment.inverted_channels.contains(&channel);
        transforms += add_spectra(one, other, if upside_down { -1.0 } else { 1.0 }, &mut bins);
    }
    let (mut sum, mut weights) = (0.0, 0.0);
    for (bin, Bin { cross, one, other }) in bins.iter().enumerate() {
        let turn = TAU * bin as f64 / FRAME as f64;
        let coherence = cross.norm_sqr() / (one * other).max(f64::MIN_POSITIVE);
        if coherence > COHERENCE_MIN {
            let weight = coherence / (1.0 - coherence).max(NOISE_MIN);
            sum += weight * turn * libm::atan2(cross.im, cross.re);
            weights += weight * turn * turn;
        }
    }
    if weights == 0.0 {
        return Ok(None);
    }
    let (late, error) = (sum / weights, 1.0 / libm::sqrt(2.0 * f64::from(transforms) * weights));
    Ok(Some(if late.abs() > SURE * error { late.clamp(-0.5, 0.5) } else { 0.0 }))
}

/// Sums over transforms at one frequency.
#[derive(Clone, Copy, Default)]
struct Bin {
    /// Of the first times the conjugate of the second.
    cross: Complex<f64>,
    one: f64,
    other: f64,
}

/// Adds the spectra of two planes under a Hann window; gives how many transforms it were.
fn add_spectra(one: &[f32], other: &[f32], sign: f64, sums: &mut [Bin]) -> u32 {
    let transform = RealFftPlanner::<f64>::new().plan_fft_forward(FRAME);
    let window: Vec<f64> = (0..FRAME).map(|n| hann(n, FRAME)).collect();
    let spectrum = |samples: &[f32]| {
        let mut faded: Vec<f64> =
            samples.iter().zip(&window).map(|(&x, window)| window * f64::from(x)).collect();
        let mut out = transform.make_output_vec();
        transform.process(&mut faded, &mut out).expect("the buffers were made for this transform");
        out
    };
    let mut transforms = 0;
    for from in (0..=one.len() - FRAME).step_by(FRAME / 2) {
        let range = from..from + FRAME;
        let (one, other) = (spectrum(&one[range.clone()]), spectrum(&other[range]));
        for (sum, (one, other)) in sums.iter_mut().zip(one.iter().zip(&other)) {
            sum.cross += one * other.conj() * sign;
            sum.one += one.norm_sqr();
            sum.other += other.norm_sqr();
        }
        transforms += 1;
    }
    transforms
}

#[cfg(test)]
mod tests {
    use acetate_audio::Audio;

    use super::*;
    use crate::align;

    /// Noise below a third of the rate, sampled `late` frames later: sums of sines.
    fn sound(late: f64, sign: f64) -> Source {
        let plane = |channel: f64| -> Vec<f32> {
            let sample = |frame: usize| {
                let at = frame as f64 - late;
                let sines = (1..40).map(|k| {
                    let k = f64::from(k);
                    let pace = 0.0481 * k + 0.0007 * k * k % 0.9 + 0.01 * channel;
                    libm::sin(pace * at + k * k + channel)
                });
                (sign * 0.02 * sines.sum::<f64>()) as f32
            };
            (0..90_000).map(sample).collect()
        };
        Source::from_audio(Audio::from_planes(44_100, vec![plane(0.0), plane(1.0)]))
    }

    #[test]
    fn a_delay_of_part_of_a_frame_is_found_whatever_the_polarity() {
        for late in [0.0, 0.25, -0.4, 17.3] {
            for sign in [1.0, -1.0] {
                let (first, second) = (sound(0.0, 1.0), sound(late, sign));
                let found = align(&first, &second).unwrap().unwrap();
                let fine = fine_delay(&first, &second, &found).unwrap().unwrap();
                let total = found.delay_frames as f64 + fine;
                assert!((total - late).abs() < 0.01, "{total} is not {late}");
            }
        }
    }
}
