//! A prediction as a record: what is not predicted is absent, never what it was before.

use acetate_analyzer::{Analysis, Format, Levels, SourceQuality, Spectrum, tilt};
use acetate_audio::units::{db_to_power, power_to_db};
use acetate_engine::Settings;

use super::predict::Prediction;

/// A constant offset with a larger share of the power than this is most of what the crest and the image measure;
/// it is taken out, and by how much each channel had of it is not known.
const OFFSET_SHARE_MAX: f64 = 0.01;
/// A side this far below the mid is made by limiting as much as by the mix, dB: 13 dB off were seen.
const SIDE_KNOWN_DB: f64 = -20.0;

impl Prediction {
    /// True peak minus loudness, dB.
    pub fn plr_db(&self) -> Option<f64> {
        Some(self.true_peak_dbtp? - self.integrated_lufs?)
    }

    /// The prediction as a record of the same shape. Every measure is either predicted or absent.
    pub fn to_analysis(&self, before: &Analysis) -> Analysis {
        let mut after = before.clone();
        after.file = None;
        after.findings.clear();
        after.source = SourceQuality::default();
        after.format = Format { container: None, codec: None, bits: None, ..after.format };
        self.put_loudness(before, &mut after);
        self.put_spectrum(before, &mut after);
        self.put_dynamics(before, &mut after);
        self.put_image(before, &mut after);
        after
    }

    fn put_loudness(&self, before: &Analysis, after: &mut Analysis) {
        let was = &before.loudness;
        let change_db = self.true_peak_dbtp.zip(was.true_peak_dbtp).map(|(now, was)| now - was);
        // What is limited has its peaks at the ceiling, whichever way they are read; what is not is shifted.
        let shifted = |was: Option<f64>| match self.limiting_db {
            Some(_) => self.true_peak_dbtp,
            None => Some(was? + change_db?),
        };
        let loudness = &mut after.loudness;
        loudness.integrated_lufs = self.integrated_lufs;
        loudness.momentary_max_lufs = self.momentary_max_lufs;
        loudness.short_term_max_lufs = self.short_term_max_lufs;
        loudness.loudness_range_lu = self.loudness_range_lu;
        loudness.true_peak_dbtp = self.true_peak_dbtp;
        loudness.true_peak_bs1770_dbtp = shifted(was.true_peak_bs1770_dbtp);
        loudness.sample_peak_dbfs = shifted(was.sample_peak_dbfs);
        loudness.plr_db = self.plr_db();
        loudness.true_peak_at_s = None;
        loudness.psr_db = None;
        loudness.psr_p10_db = None;
    }

    fn put_spectrum(&self, before: &Analysis, after: &mut Analysis) {
        after.spectrum = Spectrum {
            third_octave_hz: before.spectrum.third_octave_hz.clone(),
            level_db: self.level_db.clone(),
            mid_level_db: self.mid_level_db.clone(),
            side_level_db: self.side_level_db.clone(),
            tilt_db_per_octave: tilt(&self.level_db),
            spread_db: vec![None; before.spectrum.spread_db.len()],
            error_db: Vec::new(),
            evidence: None,
            frames: None,
        };
    }

    fn put_dynamics(&self, before: &Analysis, after: &mut Analysis) {
        let dynamics = &mut after.dynamics;
        dynamics.attack_crest_db = None;
        dynamics.attack_crest_p90_db = None;
        dynamics.attacks_per_s = None;
        dynamics.top_fifth_crest_db = None;
        dynamics.syllables = None;
        for (band, std) in dynamics.bands.iter_mut().zip(&self.level_std_db) {
            band.level_std_db = *std;
            band.crest_factor_db = None;
            band.quick_level_std_db = None;
            band.side_level_std_db = None;
            band.mid_log_mean_db = None;
            band.side_log_mean_db = None;
        }
        dynamics.crest_factor_db = self.crest_factor_db(before, after.loudness.sample_peak_dbfs);
    }

    /// The crest before, plus what the peak rises by, less what the power does.
    fn crest_factor_db(&self, before: &Analysis, sample_peak_dbfs: Option<f64>) -> Option<f64> {
        let was_dbfs = before.loudness.sample_peak_dbfs?;
        let power_change_db = power_db(&self.level_db)? - power_db(&before.spectrum.level_db)?;
        let crest_db = before.dynamics.crest_factor_db.filter(|_| !has_offset(before))?;
        Some(crest_db + (sample_peak_dbfs? - was_dbfs) - power_change_db)
    }

    fn put_image(&self, before: &Analysis, after: &mut Analysis) {
        let stereo = &mut after.stereo;
        stereo.width = self.width.filter(|_| !has_offset(before));
        stereo.correlation = self.correlation.filter(|_| !has_offset(before));
        stereo.correlation_p5 = None;
        stereo.balance_db = None;
        stereo.mono_loss_lu = None;
        for (band, level) in stereo.bands.iter_mut().zip(&self.side_minus_mid_db) {
            band.side_minus_mid_db = *level;
            band.correlation = None;
            band.side_minus_mid_error_db = None;
            band.balance_db = None;
            band.mono_loss_db = None;
        }
    }

    /// The record of a render of `settings`; what a prediction says nothing sure about is absent.
    pub(crate) fn predicted(&self, before: &Analysis, settings: &Settings) -> Analysis {
        let mut record = self.to_analysis(before);
        if self.limiting_db.is_some() {
            forget_faint_sides(&mut record);
        }
        if settings.saturator.enabled || settings.bass_harmonics.enabled || settings.reverb.enabled
        {
            forget_the_sound(&mut record);
        }
        let format = &mut record.format;
        let rate_hz = settings.output.sample_rate_hz.unwrap_or(format.sample_rate_hz);
        format.frames = (format.duration_s * f64::from(rate_hz)).round() as u64;
        format.sample_rate_hz = rate_hz;
        record
    }

    /// The same, with the levels that a render of these very settings measured in place of the predicted ones.
    pub(crate) fn confirmed(
        &self,
        before: &Analysis,
        settings: &Settings,
        levels: &Levels,
    ) -> Analysis {
        let mut record = self.predicted(before, settings);
        let loudness = &mut record.loudness;
        loudness.integrated_lufs = levels.integrated_lufs;
        loudness.momentary_max_lufs = levels.momentary_max_lufs;
        loudness.short_term_max_lufs = levels.short_term_max_lufs;
        loudness.loudness_range_lu = levels.loudness_range_lu;
        loudness.true_peak_dbtp = levels.true_peak_dbtp;
        loudness.true_peak_bs1770_dbtp = levels.true_peak_bs1770_dbtp;
        loudness.sample_peak_dbfs = levels.sample_peak_dbfs;
        let peak = levels.true_peak_dbtp.zip(levels.integrated_lufs);
        loudness.plr_db = peak.map(|(peak, lufs)| peak - lufs);
        let crest = levels.sample_peak_dbfs.zip(levels.rms_dbfs);
        record.dynamics.crest_factor_db = crest.map(|(peak, rms)| peak - rms);
        record
    }
}

/// Power of all third octaves together; `None` without any.
fn power_db(level_db: &[Option<f64>]) -> Option<f64> {
    let power: f64 = level_db.iter().flatten().map(|&db| db_to_power(db)).sum();
    (power > 0.0).then(|| power_to_db(power))
}

/// Whether a constant offset carries a part of the power that counts.
fn has_offset(before: &Analysis) -> bool {
    let level_db = before.loudness.sample_peak_dbfs.zip(before.dynamics.crest_factor_db);
    let power = level_db.map_or(0.0, |(peak, crest)| db_to_power(peak - crest));
    before.source.dc_offset * before.source.dc_offset > OFFSET_SHARE_MAX * power
}

/// Sides that are hardly there cannot be predicted: nothing is said of them.
pub(crate) fn forget_faint_sides(record: &mut Analysis) {
    let spectrum = &mut record.spectrum;
    for (side, mid) in spectrum.side_level_db.iter_mut().zip(&spectrum.mid_level_db) {
        *side = side.filter(|side| mid.is_some_and(|mid| side - mid > SIDE_KNOWN_DB));
    }
    for band in &mut record.stereo.bands {
        band.side_minus_mid_db = band.side_minus_mid_db.filter(|&db| db > SIDE_KNOWN_DB);
    }
}

/// Saturation and reverberation are not predicted.
fn forget_the_sound(record: &mut Analysis) {
    let spectrum = &mut record.spectrum;
    for levels in [&mut spectrum.level_db, &mut spectrum.mid_level_db, &mut spectrum.side_level_db]
    {
        levels.iter_mut().for_each(|level| *level = None);
    }
    spectrum.tilt_db_per_octave = None;
    record.dynamics.crest_factor_db = None;
    record.dynamics.bands.iter_mut().for_each(|band| band.level_std_db = None);
    record.stereo.bands.iter_mut().for_each(|band| band.side_minus_mid_db = None);
    record.stereo.width = None;
    record.stereo.correlation = None;
}
