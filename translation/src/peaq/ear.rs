//! The FFT-based ear model of PEAQ's basic version.
//!
//! ITU-R BS.1387 as explained by P. Kabal, "An Examination and Interpretation of ITU-R BS.1387: Perceptual Evaluation of
//! Audio Quality", McGill University, 2002/2003, sections 2 and 3. Frames are 2048 samples at any rate; the standard knows 48 kHz only.

use acetate_audio::fourier::Bins;

/// Samples a frame.
pub(super) const FRAME: usize = 2048;
/// Samples from one frame to the next.
pub(super) const HOP: usize = FRAME / 2;
/// Quarter-Bark bands.
pub(super) const BANDS: usize = 109;
/// Listening level of a full-scale sine, dB SPL.
const FULL_SCALE_DB_SPL: f64 = 92.0;
const LOWEST_HZ: f64 = 80.0;
const HIGHEST_HZ: f64 = 18_000.0;
const BAND_BARK: f64 = 0.25;
/// Least energy in a band, so that logarithms stay finite.
const ENERGY_MIN: f64 = 1e-12;
/// Exponent in which spread excitations add up.
const SPREADING_EXPONENT: f64 = 0.4;
/// Time constants of the excitation's decay, s: at 100 Hz, and the shortest.
const DECAY_100_HZ_S: f64 = 0.030;
const DECAY_MIN_S: f64 = 0.008;

/// What a rate's frames are heard with.
pub(super) struct Ear {
    /// Power factor of each bin: playback level, outer and middle ear.
    bin_weights: Vec<f64>,
    /// First bin and the shares of the bins in each band.
    groups: Vec<(usize, Vec<f64>)>,
    internal_noise: Vec<f64>,
    centres_hz: Vec<f64>,
    spreading_norm: Vec<f64>,
    /// Mask below excitation, power ratio.
    mask_offsets: Vec<f64>,
    decays: Vec<f64>,
}

fn bark(hz: f64) -> f64 {
    7.0 * libm::asinh(hz / 650.0)
}

fn hz(bark: f64) -> f64 {
    650.0 * libm::sinh(bark / 7.0)
}

fn power(db: f64) -> f64 {
    libm::pow(10.0, db / 10.0)
}

/// Outer and middle ear, dB (Kabal eq. 6).
fn ear_db(hz: f64) -> f64 {
    let khz = (hz / 1000.0).max(1e-3);
    -0.6 * 3.64 * libm::pow(khz, -0.8) + 6.5 * libm::exp(-0.6 * (khz - 3.3) * (khz - 3.3))
        - 1e-3 * libm::pow(khz, 3.6)
}

impl Ear {
    pub(super) fn new(sample_rate_hz: u32) -> Self {
        let rate = f64::from(sample_rate_hz);
        let bin_hz = rate / FRAME as f64;
        // A full-scale sine peaks at FRAME/4 through a Hann window.
        let level = power(FULL_SCALE_DB_SPL) / libm::pow(FRAME as f64 / 4.0, 2.0);
        let edge_hz =
            |band: usize| hz((bark(LOWEST_HZ) + band as f64 * BAND_BARK).min(bark(HIGHEST_HZ)));
        let centres_hz: Vec<f64> = (0..BANDS)
            .map(|band| hz(0.5 * (bark(edge_hz(band)) + bark(edge_hz(band + 1)))))
            .collect();
        let decay = |&centre: &f64| {
            let seconds = DECAY_MIN_S + 100.0 / centre * (DECAY_100_HZ_S - DECAY_MIN_S);
            libm::exp(-(HOP as f64) / (rate * seconds))
        };
        let mut ear = Self {
            bin_weights: (0..=FRAME / 2)
                .map(|k| level * power(ear_db(k as f64 * bin_hz)))
                .collect(),
            groups: (0..BANDS)
                .map(|band| group(edge_hz(band), edge_hz(band + 1), bin_hz))
                .collect(),
            internal_noise: centres_hz
                .iter()
                .map(|f| power(1.456 * libm::pow(f / 1000.0, -0.8)))
                .collect(),
            decays: centres_hz.iter().map(decay).collect(),
            mask_offsets: (0..BANDS).map(|band| power(mask_offset_db(band))).collect(),
            centres_hz,
            spreading_norm: vec![1.0; BANDS],
        };
        ear.spreading_norm = ear.spread(&[1.0; BANDS]);
        ear
    }

    /// Heard power of each bin.
    pub(super) fn bins(&self, spectrum: &Bins, out: &mut [f64]) {
        for ((out, power), weight) in out.iter_mut().zip(spectrum.powers()).zip(&self.bin_weights) {
            *out = weight * f64::from(power);
        }
    }

    /// Power of each band.
    pub(super) fn bands(&self, bins: &[f64]) -> [f64; BANDS] {
        std::array::from_fn(|band| {
            let (first, shares) = &self.groups[band];
            let sum: f64 =
                bins[(*first).min(bins.len())..].iter().zip(shares).map(|(b, s)| b * s).sum();
            sum.max(ENERGY_MIN)
        })
    }

    /// Excitation of a frame; `memory` has the decaying excitation of the frames before.
    pub(super) fn excitation(&self, bands: &[f64; BANDS], memory: &mut [f64]) -> [f64; BANDS] {
        let noisy: [f64; BANDS] = std::array::from_fn(|i| bands[i] + self.internal_noise[i]);
        let spread = self.spread(&noisy);
        std::array::from_fn(|i| {
            let value = spread[i] / self.spreading_norm[i];
            memory[i] = self.decays[i] * memory[i] + (1.0 - self.decays[i]) * value;
            value.max(memory[i])
        })
    }

    /// Noise power that the excitation hides, by band.
    pub(super) fn mask(&self, excitation: &[f64; BANDS]) -> [f64; BANDS] {
        std::array::from_fn(|i| excitation[i] / self.mask_offsets[i])
    }

    /// Spreading across bands with level-dependent upper slopes (Kabal section 2.7).
    fn spread(&self, bands: &[f64; BANDS]) -> Vec<f64> {
        let down = libm::pow(power(-27.0 * BAND_BARK), SPREADING_EXPONENT);
        let mut out = vec![0.0; BANDS];
        for (masker, &energy) in bands.iter().enumerate() {
            let level_db = 10.0 * libm::log10(energy);
            let slope_db = -24.0 - 230.0 / self.centres_hz[masker] + 0.2 * level_db;
            let up = power(slope_db.min(0.0) * BAND_BARK);
            let below = power(-27.0 * BAND_BARK);
            // Normalised so that a masker keeps its energy.
            let sum_down = (1.0 - libm::pow(below, (masker + 1) as f64)) / (1.0 - below);
            let steps_up = (BANDS - masker) as f64;
            let sum_up =
                if up < 1.0 { (1.0 - libm::pow(up, steps_up)) / (1.0 - up) } else { steps_up };
            let peak = libm::pow(energy / (sum_down + sum_up - 1.0), SPREADING_EXPONENT);
            let up = libm::pow(up, SPREADING_EXPONENT);
            let mut value = peak;
            for out in &mut out[masker..] {
                *out += value;
                value *= up;
            }
            let mut value = peak * down;
            for out in out[..masker].iter_mut().rev() {
                *out += value;
                value *= down;
            }
        }
        out.iter().map(|&sum| libm::pow(sum, 1.0 / SPREADING_EXPONENT)).collect()
    }
}

/// Mask below excitation, dB (Kabal eq. 73).
fn mask_offset_db(band: usize) -> f64 {
    let distance = band as f64 * BAND_BARK;
    if distance <= 12.0 { 3.0 } else { 0.25 * distance }
}

/// First bin of a band, and the share of each bin that lies in it.
fn group(from_hz: f64, to_hz: f64, bin_hz: f64) -> (usize, Vec<f64>) {
    let bin = |hz: f64| libm::floor(hz / bin_hz + 0.5) as usize;
    let first = bin(from_hz);
    let share = |k: usize| {
        let (low, high) = ((k as f64 - 0.5) * bin_hz, (k as f64 + 0.5) * bin_hz);
        ((high.min(to_hz) - low.max(from_hz)) / bin_hz).max(0.0)
    };
    (first, (first..=bin(to_hz)).map(share).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_share_out_every_bin_between_80_hz_and_18_khz() {
        let ear = Ear::new(48_000);
        let mut shares = vec![0.0; FRAME / 2 + 1];
        for (first, group) in &ear.groups {
            for (k, share) in group.iter().enumerate() {
                shares[first + k] += share;
            }
        }
        for (k, share) in shares.iter().enumerate() {
            let inside = k as f64 * 48_000.0 / FRAME as f64;
            if (100.0..17_900.0).contains(&inside) {
                assert!((share - 1.0).abs() < 1e-9, "bin {k} counts {share}");
            }
        }
    }

    #[test]
    fn a_tone_excites_its_own_band_most_and_higher_ones_more_than_lower_ones() {
        let ear = Ear::new(48_000);
        let mut bands = [ENERGY_MIN; BANDS];
        bands[50] = power(70.0);
        let excitation = ear.excitation(&bands, &mut [0.0; BANDS]);
        assert!((0..BANDS).all(|i| excitation[i] <= excitation[50]));
        assert!(excitation[58] > 10.0 * excitation[42]);
    }

    #[test]
    fn excitation_outlives_its_cause() {
        let ear = Ear::new(48_000);
        let (mut loud, mut memory) = ([ENERGY_MIN; BANDS], [0.0; BANDS]);
        loud[20] = power(80.0);
        ear.excitation(&loud, &mut memory);
        let after = ear.excitation(&[ENERGY_MIN; BANDS], &mut memory);
        assert!(after[20] > 1e3 * ear.excitation(&[ENERGY_MIN; BANDS], &mut [0.0; BANDS])[20]);
    }
}
