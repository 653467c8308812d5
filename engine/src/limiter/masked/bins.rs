//! What the bins of a segment tell of it: their powers, what each band masks in itself, and the perceptual entropy.

use acetate_audio::fourier::Bins;
use acetate_audio::lanes::{LANES, Lanes, add, exp2, log2, sum};
use multiversion::multiversion;

/// A tone masks noise this far below it, dB (Painter & Spanias 2000, section IV).
const TONE_OFFSET_DB: f32 = 14.5;
/// Noise masks noise this far below it, dB.
const NOISE_OFFSET_DB: f32 = 6.0;
/// Spectral flatness at which a band counts as a tone, dB.
const TONE_FLATNESS_DB: f32 = 15.0;
/// Power below which a bin counts as empty (keeps logarithms finite).
const EMPTY: f32 = 1e-20;
/// Decibels in a doubling of power.
const DB_DOUBLED: f32 = 10.0 * std::f32::consts::LOG10_2;

/// Powers of the bins of a spectrum, and their logarithms to base 2.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn look_at(spectrum: &Bins, scale: f32, powers: &mut [f32], logarithms: &mut [f32]) {
    let parts = spectrum.re.as_chunks::<LANES>().0.iter().zip(spectrum.im.as_chunks::<LANES>().0);
    let found = powers.as_chunks_mut::<LANES>().0.iter_mut().zip(logarithms.as_chunks_mut().0);
    for ((re, im), (powers, logarithms)) in parts.zip(found) {
        for lane in 0..LANES {
            powers[lane] = (re[lane] * re[lane] + im[lane] * im[lane]) * scale + EMPTY;
        }
        *logarithms = log2(*powers);
    }
}

/// The sum of some values: of eights side by side, then of the rest.
pub(super) fn total(values: &[f32]) -> f32 {
    let (eights, rest) = values.as_chunks::<LANES>();
    let rest: f32 = rest.iter().sum();
    if eights.is_empty() {
        rest
    } else {
        sum(eights.iter().fold([0.0; LANES], |a, b| add(a, *b))) + rest
    }
}

/// What each band's power masks in its own band: less when it is tonal, when the mean of the logarithms of its bins is far below that of
/// their mean.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn mask(powers: &[f32], logarithms: &[f32], shares: &[f32], maskers: &mut [f32]) {
    let eights = powers.as_chunks::<LANES>().0.iter().zip(logarithms.as_chunks::<LANES>().0);
    let eights = eights.zip(shares.chunks(LANES)).zip(maskers.as_chunks_mut::<LANES>().0);
    for (((powers, logarithms), shares), maskers) in eights {
        let mut means: Lanes = [1.0; LANES];
        for (mean, (power, share)) in means.iter_mut().zip(powers.iter().zip(shares)) {
            *mean = power * share;
        }
        let means = log2(means);
        let mut offsets = [0.0; LANES];
        for lane in 0..LANES {
            let flatness_db = DB_DOUBLED * (means[lane] - logarithms[lane]);
            let tonality = (flatness_db / TONE_FLATNESS_DB).clamp(0.0, 1.0);
            let offset_db = NOISE_OFFSET_DB + tonality * (TONE_OFFSET_DB - NOISE_OFFSET_DB);
            offsets[lane] = -offset_db / DB_DOUBLED;
        }
        let masked = exp2(offsets);
        for lane in 0..LANES {
            maskers[lane] = powers[lane] * masked[lane];
        }
    }
}

/// The perceptual entropy of bins of these powers over their thresholds, nepers.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn entropy(ratios: &[f32]) -> f32 {
    let mut doublings = [0.0; LANES];
    for ratios in ratios.as_chunks::<LANES>().0 {
        doublings = add(doublings, log2(ratios.map(|ratio| 1.0 + ratio)));
    }
    std::f32::consts::LN_2 * sum(doublings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_masks_more_than_a_tone_of_its_energy() {
        let masked_db = |bins: &[f32]| {
            let (power, share) = (total(bins), 1.0 / bins.len() as f32);
            let logarithms: f32 = bins.iter().map(|bin| libm::log2f(*bin)).sum();
            let mut maskers = [0.0; LANES];
            mask(&[power; LANES], &[share * logarithms; LANES], &[share; LANES], &mut maskers);
            10.0 * libm::log10f(maskers[0] / power)
        };
        let mut tone = [1e-9; 16];
        tone[5] = 1.0;
        assert!((masked_db(&[0.3; 16]) + NOISE_OFFSET_DB).abs() < 1e-3);
        assert!((masked_db(&tone) + TONE_OFFSET_DB).abs() < 1e-3);
    }
}
