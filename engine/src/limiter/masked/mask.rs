//! How much of a residual the signal itself hides.

use std::f64::consts::PI;

use acetate_audio::fourier::{Bins, RealFourier, RealWorkspace};
use acetate_audio::lanes::LANES;

use super::bins::{entropy, look_at, mask, total};

/// Most bands a model has.
const BANDS_MAX: usize = 128;
/// Width of a band, ERB rates (Glasberg & Moore 1990).
const BAND_ERB: f64 = 0.5;
/// Masking falls by this towards lower frequencies, dB an ERB.
const SLOPE_DOWN_DB: f64 = 22.0;
/// Masking falls by this towards higher frequencies, dB an ERB.
const SLOPE_UP_DB: f64 = 10.0;
/// Full scale is played back at this level, dB SPL.
const FULL_SCALE_DB_SPL: f64 = 100.0;
/// A frame hides nothing that begins this far above the frames around it (5 to 20 ms of backward masking), power ratio.
const NEIGHBOUR_LIMIT: f32 = 4.0;
/// The neighbours lower a threshold by no more than this, power ratio.
const NEIGHBOUR_FLOOR: f32 = 0.03;
/// Two channels' thresholds differ by no more than this, power ratio, so that a residual cannot stand alone on one side; or by no
/// more than all that the two hide differs, where the sound itself stands on one side.
const PARTNER_LIMIT: f32 = 4.0;
/// Beside a channel that hides this much more, power ratio, there is no partner: the sound stands alone, and so may its residual.
const ALONE: f32 = 100.0;

/// Masking thresholds of segments of one length, per half-ERB band, as power a coefficient of an orthonormal transform.
pub(super) struct MaskModel {
    length: usize,
    window: Vec<f32>,
    fourier: RealFourier,
    /// First bin of each band, and the number of bins at the end.
    edges: Vec<usize>,
    /// Of what the bands below mask in the band before, what is left in this one.
    rise: Vec<f32>,
    /// The same of the bands above, and of the band behind.
    fall: Vec<f32>,
    /// Share of a bin in each band.
    share: Vec<f32>,
    quiet: Vec<f32>,
}

/// Working memory of one thread.
pub(super) struct MaskScratch {
    spectrum: Bins,
    fourier: RealWorkspace,
    powers: Vec<f32>,
    logarithms: Vec<f32>,
    /// By band, filled up to whole lanes: power, mean of the logarithms of the bins, what is masked in the band itself.
    band_powers: Vec<f32>,
    band_logarithms: Vec<f32>,
    maskers: Vec<f32>,
}

impl MaskModel {
    /// The model for segments of `length` samples at a rate, looked at through a sine window of twice that.
    pub(super) fn new(length: usize, sample_rate_hz: u32) -> Self {
        let sine = |t: usize| libm::sin(PI / (2 * length) as f64 * (t as f64 + 0.5)) as f32;
        let hz = |bin: usize| bin as f64 * f64::from(sample_rate_hz) / (2 * length) as f64;
        let band = |bin: usize| (erb_rate(hz(bin)) / BAND_ERB) as usize;
        let edges: Vec<usize> =
            (0..=length).filter(|&k| k == 0 || k == length || band(k) != band(k - 1)).collect();
        let bands = edges.len() - 1;
        assert!(bands <= BANDS_MAX, "{bands} bands");
        let place = |index: usize| band(edges[index]) as f64 * BAND_ERB;
        // What is left of masking on the way from one band to the other, dB an ERB.
        let kept = |one: usize, other: usize, slope_db: f64| {
            let apart = other < bands;
            if apart { power(-slope_db * (place(other) - place(one))) as f32 } else { 0.0 }
        };
        let centre_hz = |index: usize| 0.5 * (hz(edges[index]) + hz(edges[index + 1]));
        Self {
            length,
            window: (0..2 * length).map(sine).collect(),
            fourier: RealFourier::new(2 * length),
            rise: (0..bands).map(|i| kept(i.saturating_sub(1), i, SLOPE_UP_DB)).collect(),
            fall: (0..bands).map(|i| kept(i, i + 1, SLOPE_DOWN_DB)).collect(),
            share: (0..bands).map(|i| 1.0 / (edges[i + 1] - edges[i]) as f32).collect(),
            quiet: (0..bands).map(|i| power(quiet_db_fs(centre_hz(i))) as f32).collect(),
            edges,
        }
    }

    /// Samples in a segment.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Number of bands.
    pub(super) fn bands(&self) -> usize {
        self.quiet.len()
    }

    /// First bin of each band, and the number of bins at the end.
    pub(super) fn edges(&self) -> &[usize] {
        &self.edges
    }

    /// Working memory for [`threshold`](Self::threshold).
    pub(super) fn scratch(&self) -> MaskScratch {
        let by_band = || vec![1.0; self.bands().next_multiple_of(LANES)];
        MaskScratch {
            spectrum: Bins::new(self.fourier.bins()),
            fourier: self.fourier.workspace(),
            powers: vec![0.0; self.length],
            logarithms: vec![0.0; self.length],
            band_powers: by_band(),
            band_logarithms: by_band(),
            maskers: by_band(),
        }
    }

    /// The threshold that a segment and half of it on either side set for themselves, by band; and their perceptual entropy, nepers (how far all bins
    /// together stand above it; Johnston, IEEE JSAC 6(2), 1988): what a transform describes well has little.
    pub(super) fn threshold(
        &self,
        signal: &[f32],
        out: &mut [f32],
        scratch: &mut MaskScratch,
    ) -> f32 {
        let MaskScratch { spectrum, fourier, powers, logarithms, .. } = scratch;
        self.fourier.forward_windowed(signal, &self.window, spectrum, fourier);
        look_at(spectrum, 1.0 / self.length as f32, powers, logarithms);
        let bands = self.edges.windows(2).zip(&self.share);
        let described = scratch.band_powers.iter_mut().zip(&mut scratch.band_logarithms);
        for ((edge, share), (power, logarithm)) in bands.zip(described) {
            let bins = edge[0]..edge[1];
            *power = total(&powers[bins.clone()]);
            *logarithm = share * total(&logarithms[bins]);
        }
        mask(&scratch.band_powers, &scratch.band_logarithms, &self.share, &mut scratch.maskers);
        self.spread(&scratch.maskers, out);
        for ((&threshold, &quiet), edge) in out.iter().zip(&self.quiet).zip(self.edges.windows(2)) {
            let factor = 1.0 / threshold.max(quiet);
            powers[edge[0]..edge[1]].iter_mut().for_each(|power| *power *= factor);
        }
        entropy(powers)
    }

    /// What all bands mask together, as power a bin: what each masks falls off by so much from band to band.
    fn spread(&self, maskers: &[f32], out: &mut [f32]) {
        let mut below = 0.0;
        for ((out, &masker), &kept) in out.iter_mut().zip(maskers).zip(&self.rise) {
            below = kept * below + masker;
            *out = below;
        }
        let mut above = 0.0;
        let bands = out.iter_mut().zip(maskers).zip(self.fall.iter().zip(&self.share));
        for ((out, &masker), (&kept, &share)) in bands.rev() {
            above *= kept;
            *out = share * (*out + above);
            above += masker;
        }
    }

    /// Energy that a threshold hides, all bands together.
    pub(super) fn hidden(&self, threshold: &[f32]) -> f32 {
        threshold
            .iter()
            .zip(self.edges.windows(2))
            .map(|(&t, edge)| t * (edge[1] - edge[0]) as f32)
            .sum()
    }

    /// Mean over the bands of residual power over threshold.
    pub(super) fn noise_to_mask(&self, energies: &[f32], masks: &[f32]) -> f32 {
        let ratio = |((&energy, &mask), edge): ((&f32, &f32), &[usize])| {
            energy / (mask * (edge[1] - edge[0]) as f32)
        };
        let sum: f32 = energies.iter().zip(masks).zip(self.edges.windows(2)).map(ratio).sum();
        sum / masks.len() as f32
    }

    /// Lowers a frame's threshold where its neighbours in time or the partner channel would let the residual be heard.
    ///
    /// What can not be heard at all is allowed in any case.
    pub(super) fn guard(
        &self,
        own: &[f32],
        before: &[f32],
        after: &[f32],
        partner: Option<&[f32]>,
        out: &mut [f32],
    ) {
        let partner = partner.and_then(|partner| {
            let balance = self.hidden(own) / self.hidden(partner);
            (balance < ALONE).then_some((partner, PARTNER_LIMIT.max(balance)))
        });
        for (band, threshold) in out.iter_mut().enumerate() {
            let around = NEIGHBOUR_LIMIT * (before[band] + after[band]);
            let mut limit = own[band].min(around.max(NEIGHBOUR_FLOOR * own[band]));
            if let Some((partner, difference)) = partner {
                limit = limit.min(difference * partner[band]);
            }
            *threshold = limit.max(self.quiet[band]);
        }
    }
}

/// The ERB-rate scale of Glasberg & Moore 1990, eq. 4.
fn erb_rate(hz: f64) -> f64 {
    21.4 * libm::log10(1.0 + 0.004_37 * hz)
}

/// Threshold in quiet (Terhardt 1979) as a level of an MDCT coefficient, dB FS.
fn quiet_db_fs(hz: f64) -> f64 {
    let khz = (hz / 1e3).max(0.02);
    let steep = khz.min(15.0);
    let db_spl = 3.64 * libm::pow(khz, -0.8) - 6.5 * libm::exp(-0.6 * (khz - 3.3) * (khz - 3.3))
        + 1e-3 * steep * steep * steep * steep;
    db_spl - FULL_SCALE_DB_SPL
}

/// 10^(dB/10).
fn power(db: f64) -> f64 {
    libm::exp(db * std::f64::consts::LN_10 / 10.0)
}

#[cfg(test)]
mod tests {
    use super::super::lapped::tests::noise;
    use super::*;

    const HOP: usize = 512;

    fn model() -> MaskModel {
        MaskModel::new(HOP, 48_000)
    }

    fn threshold_of(signal: &[f32]) -> Vec<f32> {
        let model = model();
        let mut out = vec![0.0; model.bands()];
        model.threshold(signal, &mut out, &mut model.scratch());
        out
    }

    fn tone(amplitude: f64) -> Vec<f32> {
        (0..2 * HOP)
            .map(|t| (amplitude * (2.0 * PI * 1000.0 / 48_000.0 * t as f64).sin()) as f32)
            .collect()
    }

    fn band_of(hz: f64) -> usize {
        let bin = (hz / 48_000.0 * (2 * HOP) as f64) as usize;
        model().edges.partition_point(|&edge| edge <= bin) - 1
    }

    #[test]
    fn masking_follows_the_level_of_the_masker() {
        let (loud, quiet) = (threshold_of(&tone(0.5)), threshold_of(&tone(0.05)));
        let band = band_of(1000.0);
        assert!((loud[band] / quiet[band] - 100.0).abs() < 1.0);
    }

    #[test]
    fn noise_has_more_perceptual_entropy_than_a_tone_and_silence_has_none() {
        let model = model();
        let mut out = vec![0.0; model.bands()];
        let mut entropy = |signal: &[f32]| model.threshold(signal, &mut out, &mut model.scratch());
        let noise: Vec<f32> = noise(2 * HOP).iter().map(|x| 0.5 * x).collect();
        assert!(entropy(&vec![0.0; 2 * HOP]).abs() < 1e-3);
        let tone = entropy(&tone(0.5));
        assert!(tone > 0.0 && entropy(&noise) > 2.0 * tone, "{tone}, {}", entropy(&noise));
    }

    #[test]
    fn what_is_masked_falls_off_with_the_distance_in_erb() {
        let model = model();
        let bands = model.bands();
        let erb = |band: usize| {
            let hz = model.edges[band] as f64 * 48_000.0 / (2 * HOP) as f64;
            (erb_rate(hz) / BAND_ERB).floor() * BAND_ERB
        };
        for masker in [0, 3, 30, bands - 1] {
            let (mut maskers, mut out) = (vec![0.0; bands], vec![0.0; bands]);
            maskers[masker] = 1.0;
            model.spread(&maskers, &mut out);
            for (band, &masked) in out.iter().enumerate() {
                let distance = erb(band) - erb(masker);
                let slope = if distance < 0.0 { -SLOPE_DOWN_DB } else { SLOPE_UP_DB };
                let bins = (model.edges[band + 1] - model.edges[band]) as f64;
                let wanted = power(-slope * distance) / bins;
                assert!(
                    (f64::from(masked) / wanted - 1.0).abs() < 1e-4 || wanted < 1e-30,
                    "{band}"
                );
            }
        }
    }

    #[test]
    fn the_ear_is_keenest_around_three_kilohertz() {
        let quiet = |hz| quiet_db_fs(hz);
        assert!(quiet(3300.0) < quiet(1000.0) && quiet(3300.0) < quiet(8000.0));
        // 3.37 and -4.98 dB SPL by Terhardt's equation.
        assert!((quiet(1000.0) - quiet(3300.0) - 8.35).abs() < 0.01);
    }

    #[test]
    fn masking_spreads_further_up_than_down() {
        let threshold = threshold_of(&tone(0.5));
        assert!(threshold[band_of(1600.0)] > 10.0 * threshold[band_of(600.0)]);
    }

    #[test]
    fn a_frame_before_an_attack_hides_no_more_than_the_quiet_before_it() {
        let model = model();
        let bands = model.bands();
        let (loud, silent, mut out) = (vec![1.0; bands], vec![0.0; bands], vec![0.0; bands]);
        model.guard(&loud, &silent, &silent, None, &mut out);
        assert!(out.iter().all(|&t| t <= 0.03));
        let mut gap = loud.clone();
        gap[band_of(1000.0)] = 0.0;
        model.guard(&loud, &silent, &loud, Some(&gap), &mut out);
        assert!(out[band_of(1000.0)] < 1e-9);
        model.guard(&loud, &silent, &loud, None, &mut out);
        assert!(out.iter().all(|&t| t == 1.0));
    }

    #[test]
    fn beside_a_channel_that_is_quieter_throughout_a_residual_may_stand_alone_as_the_sound_does() {
        let model = model();
        let bands = model.bands();
        let (loud, mut out) = (vec![1.0; bands], vec![0.0; bands]);
        for quieter in [0.0, 1e-4, 1e-1] {
            model.guard(&loud, &loud, &loud, Some(&vec![quieter; bands]), &mut out);
            assert!(out.iter().all(|&t| (t - 1.0).abs() < 1e-3), "{quieter}");
        }
    }
}
