//! From settings to the record of the rendered file.

use acetate_analyzer::{Analysis, Measured, QUICK_BLOCK_S, gating};
use acetate_audio::units::{amplitude_to_db, db_to_amplitude, db_to_power, power_to_db};
use acetate_engine::Settings;
use acetate_engine::settings::{CompressorSection, LimiterKind};

use super::compression::{Compressed, LevelTrack};
use super::energy::{Energies, EnergyTable, MidSide, level_std_db};
use super::look_ahead::PeakTrack;
use super::peaks::PeakTable;
use super::tone::{CellGains, Levels, ToneTable};
use crate::sections::spread_within_db;

/// How far under the ceiling the masked limiter's energy lies: as if it clipped there.
pub(crate) const MASKED_CEILING_SHARE: f64 = 0.97;

/// Power gain that stands for silence: -100 dB.
const SILENT: f64 = 1e-10;

/// Everything about one sound that predictions need.
#[derive(Clone, Debug)]
pub struct Surrogate<'a> {
    before: &'a Analysis,
    pub(crate) tone: ToneTable,
    energy: EnergyTable,
    pub(crate) track: LevelTrack,
    peaks: PeakTable,
    peak_track: PeakTrack,
    /// Exact K-weighted power of each 100 ms, channels summed with their weights.
    weighted: Vec<f64>,
    pub(super) block_s: f64,
    /// Band of the energy table that each cell of the tone table lies in.
    band_of_cell: Vec<usize>,
    /// Gated mean power of the wide bands of the source.
    wide_before: MidSide,
}

/// What a render is expected to measure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prediction {
    /// Gated loudness, LUFS.
    pub integrated_lufs: Option<f64>,
    /// Loudest 400 ms, LUFS.
    pub momentary_max_lufs: Option<f64>,
    /// Loudest 3 s, LUFS.
    pub short_term_max_lufs: Option<f64>,
    /// Loudness range, LU.
    pub loudness_range_lu: Option<f64>,
    /// True peak, dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// Third-octave levels of the whole, dB.
    pub level_db: Vec<Option<f64>>,
    /// The same of the mid.
    pub mid_level_db: Vec<Option<f64>>,
    /// The same of the side.
    pub side_level_db: Vec<Option<f64>>,
    /// Spread of the level of the mid in each wide band, dB.
    pub level_std_db: Vec<Option<f64>>,
    /// Spread of the level of the whole over blocks of 40 ms, within the sections where there are some, dB.
    pub quick_spread_db: Option<f64>,
    /// By how much compression lets attacks stand out more, dB; `None` without attacks.
    pub attack_change_db: Option<f64>,
    /// Side minus mid in each wide band, dB.
    pub side_minus_mid_db: Vec<Option<f64>>,
    /// Side energy over mid energy.
    pub width: Option<f64>,
    /// Correlation of left and right.
    pub correlation: Option<f64>,
    /// Mean reduction of the compressor while it works, dB.
    pub compression_db: f64,
    /// What the limiter takes off: energy above the ceiling over all energy, dB; `None` when it has nothing to do.
    pub limiting_db: Option<f64>,
}

impl<'a> Surrogate<'a> {
    /// Works out once what does not depend on the settings.
    pub fn new(measured: &'a Measured) -> Self {
        let tables = &measured.tables;
        let loudness = &tables.loudness;
        let blocks = loudness.power.first().map_or(0, Vec::len);
        let mut weighted = vec![0.0; blocks];
        for (channel, weight) in loudness.power.iter().zip(&loudness.channel_weight) {
            weighted.iter_mut().zip(channel).for_each(|(sum, power)| *sum += weight * power);
        }
        let low_hz: Vec<f64> =
            measured.analysis.dynamics.bands.iter().map(|band| band.low_hz).collect();
        let peaks = PeakTable::new(&tables.amplitudes);
        let tone = ToneTable::new(&tables.ltas, f64::from(tables.sample_rate_hz));
        let energy =
            EnergyTable::new(&tables.energy, &tables.ltas, &low_hz, loudness.step_s, blocks);
        let none = MidSide { mid: vec![1.0; energy.bands()], side: vec![1.0; energy.bands()] };
        Self {
            before: &measured.analysis,
            band_of_cell: tone.hz.iter().map(|&hz| energy.band_at(hz)).collect(),
            wide_before: energy.wide(energy.still(), &none),
            tone,
            energy,
            track: LevelTrack::new(&tables.envelope),
            peak_track: PeakTrack::new(&tables.envelope, &peaks, loudness.step_s),
            peaks,
            weighted,
            block_s: loudness.step_s,
        }
    }

    /// How far attacks of the sound stand out, dB.
    pub(crate) fn attack_crest_db(&self) -> Option<f64> {
        self.before.dynamics.attack_crest_db
    }

    /// What the sound becomes on its way to the limiter and through it.
    pub(super) fn pass(&self, settings: &Settings) -> Passed {
        let equalized = self.tone.equalizer_gains(settings);
        // The compressors listen to the equaliser's output; width comes behind them.
        let highpass_hz = settings.compressor.sidechain_highpass_hz;
        let heard = self.energy.heard(self.energy.band_gains(&equalized), highpass_hz);
        let gains = self.tone.widened(equalized, &settings.stereo);
        let band_gains = self.energy.band_gains(&gains);
        let energies = self.energy.after(&band_gains, &heard);
        let mut peak_gain = energies.peak_gain.clone();
        let shift_db: Vec<f64> =
            energies.heard_gain.iter().map(|&gain| power_to_db(gain.max(SILENT))).collect();
        let compressor = self.compress(settings, &shift_db);
        let drive = db_to_amplitude(settings.drive_db);
        peak_gain
            .iter_mut()
            .zip(&compressor.peak_gain)
            .for_each(|(gain, c)| *gain *= c * drive * drive);
        let limited = self.limit(settings, &peak_gain);
        let after_filters: Vec<f64> = compressor
            .power_gain
            .iter()
            .zip(&limited.kept)
            .map(|(compressor, kept)| compressor * drive * drive * kept)
            .collect();
        Passed { gains, band_gains, energies, compressor, limited, after_filters }
    }

    /// What `settings` are expected to give.
    pub fn predict(&self, settings: &Settings) -> Prediction {
        let Passed { gains, band_gains, energies, compressor, limited, after_filters } =
            self.pass(settings);
        let power = self.loudness_power(&energies, &after_filters);
        let means = self.energy.means(&after_filters);
        let mut prediction = self.spectrum(&self.tone.changes_db(&self.moved(gains, &means)));
        prediction.integrated_lufs = gating::integrated_lufs(&[&power]);
        prediction.loudness_range_lu = gating::range_lu(&[&power]);
        prediction.momentary_max_lufs = gating::momentary_max_lufs(&power);
        prediction.short_term_max_lufs = gating::short_term_max_lufs(&power);
        prediction.true_peak_dbtp = limited.peak_dbtp;
        prediction.limiting_db = limited.residual_db;
        prediction.compression_db = compressor.mean_reduction_db;
        prediction.attack_change_db = self.track.attack_change_db(&compressor.step_gain_db);
        let powers = self.quick_powers(&energies, &compressor.step_gain_db, &limited.kept);
        prediction.quick_spread_db = spread_within_db(&powers, &settings.compressor.sections);
        self.describe_dynamics(&energies, &after_filters, &mut prediction);
        self.describe_image(&self.energy.wide(&means, &band_gains), &mut prediction);
        prediction
    }

    /// The static gains times what gains that move do to each band: one that sounds while the gain is low loses more.
    fn moved(&self, mut gains: CellGains, means: &MidSide) -> CellGains {
        let still = self.energy.still();
        let factor = |mean: f64, still: f64| if still > 0.0 { mean / still } else { 1.0 };
        for (cell, &band) in self.band_of_cell.iter().enumerate() {
            gains.mid[cell] *= factor(means.mid[band], still.mid[band]);
            gains.side[cell] *= factor(means.side[band], still.side[band]);
        }
        gains
    }

    /// Power of each 40 ms after filters, compression and what the limiter keeps.
    fn quick_powers(&self, energies: &Energies, step_gain_db: &[f32], kept: &[f64]) -> Vec<f64> {
        let filtered = ratio(&energies.flat, &self.energy.base().flat);
        let compressed = self.track.quick_gain(step_gain_db);
        self.track
            .quick_power()
            .iter()
            .enumerate()
            .map(|(index, power)| {
                let block = ((index as f64 + 0.5) * QUICK_BLOCK_S / self.block_s) as usize;
                let of = |gains: &[f64], index: usize| gains.get(index).copied().unwrap_or(1.0);
                power * of(&filtered, block) * of(kept, block) * of(&compressed, index)
            })
            .collect()
    }

    /// The envelope is of the whole sound: several bands are taken as their mean effect on it.
    fn compress(&self, settings: &Settings, shift_db: &[f64]) -> Compressed {
        let bands = &settings.compressor.bands;
        let still = vec![1.0; shift_db.len()];
        let mut all = Compressed {
            power_gain: still.clone(),
            peak_gain: still,
            mean_reduction_db: 0.0,
            step_gain_db: vec![0.0; self.track.steps()],
        };
        let share = 1.0 / bands.len().max(1) as f64;
        let over_threshold_db = self.over_thresholds(&settings.compressor.sections, shift_db);
        for band in bands.iter().filter(|band| !band.is_neutral()) {
            let one = self.track.compress(band, &over_threshold_db, self.block_s);
            let multiply = |all: &mut Vec<f64>, one: &[f64]| {
                all.iter_mut().zip(one).for_each(|(all, one)| *all *= libm::pow(*one, share));
            };
            multiply(&mut all.power_gain, &one.power_gain);
            multiply(&mut all.peak_gain, &one.peak_gain);
            let steps = all.step_gain_db.iter_mut().zip(&one.step_gain_db);
            steps.for_each(|(all, one)| *all += share as f32 * one);
            all.mean_reduction_db = all.mean_reduction_db.max(one.mean_reduction_db);
        }
        all
    }

    /// What each block's level is changed by before it meets the threshold of the bands: filters, and what its section's lies lower.
    fn over_thresholds(&self, sections: &[CompressorSection], shift_db: &[f64]) -> Vec<f64> {
        let lower_db = |block: usize| {
            CompressorSection::offset_db(sections, (block as f64 + 0.5) * self.block_s)
        };
        shift_db.iter().enumerate().map(|(block, db)| db - lower_db(block)).collect()
    }

    fn limit(&self, settings: &Settings, gain: &[f64]) -> Limited {
        let ceiling = db_to_amplitude(settings.limiter.ceiling_dbtp);
        let kind = settings.limiter.kind;
        let mut kept = vec![1.0; gain.len()];
        let (mut peak, mut residual, mut total) = (0.0_f64, 0.0, 0.0);
        for block in 0..self.peaks.blocks() {
            let at = ((block as f64 + 0.5) * self.peaks.step_s / self.block_s) as usize;
            let Some(&power) = gain.get(at.min(gain.len().saturating_sub(1))) else { continue };
            let amplitude = libm::sqrt(power);
            peak = peak.max(self.peaks.peak(block) * amplitude);
            if kind == LimiterKind::Off || amplitude == 0.0 {
                continue;
            }
            let share = if kind == LimiterKind::Masked { MASKED_CEILING_SHARE } else { 1.0 };
            let clipped = self.peaks.clipped(block, ceiling * share / amplitude);
            if at < kept.len() {
                kept[at] = clipped.kept;
            }
            residual += clipped.residual * power * self.energy.base().flat.get(at).unwrap_or(&0.0);
            total += power * self.energy.base().flat.get(at).unwrap_or(&0.0);
        }
        if matches!(kind, LimiterKind::Transparent | LimiterKind::Fast) {
            kept = self.peak_track.kept(&settings.limiter, gain);
        }
        let limited_peak = if kind == LimiterKind::Off { peak } else { peak.min(ceiling) };
        let behind_db = settings.limiter.output_gain_db;
        kept.iter_mut().for_each(|kept| *kept *= db_to_power(behind_db));
        Limited {
            kept,
            peak_dbtp: (peak > 0.0).then(|| amplitude_to_db(limited_peak) + behind_db),
            residual_db: (residual > 0.0).then(|| power_to_db(residual / total)),
        }
    }

    /// K-weighted power of each block afterwards: the exact one times what the table says changed.
    fn loudness_power(&self, energies: &Energies, after_filters: &[f64]) -> Vec<f64> {
        ratio(&energies.weighted, &self.energy.base().weighted)
            .iter()
            .zip(&self.weighted)
            .zip(after_filters)
            .map(|((ratio, exact), gain)| ratio * exact * gain)
            .collect()
    }

    fn spectrum(&self, changes: &Levels) -> Prediction {
        let shifted = |levels: &[Option<f64>], changes: &[f64]| {
            levels
                .iter()
                .zip(changes)
                .map(|(level, change)| level.map(|level| level + change))
                .collect()
        };
        let spectrum = &self.before.spectrum;
        Prediction {
            level_db: shifted(&spectrum.level_db, &changes.sum),
            mid_level_db: shifted(&spectrum.mid_level_db, &changes.mid),
            side_level_db: shifted(&spectrum.side_level_db, &changes.side),
            ..Prediction::default()
        }
    }

    fn describe_dynamics(&self, energies: &Energies, gain: &[f64], prediction: &mut Prediction) {
        let base = self.energy.base();
        let still = vec![1.0; gain.len()];
        for (wide, band) in self.before.dynamics.bands.iter().enumerate() {
            let moved = level_std_db(&energies.wide_mid[wide], gain);
            let unmoved = level_std_db(&base.wide_mid[wide], &still);
            prediction.level_std_db.push(match (band.level_std_db, moved, unmoved) {
                (Some(exact), Some(moved), Some(unmoved)) => {
                    Some((exact + moved - unmoved).max(0.0))
                }
                (exact, _, _) => exact,
            });
        }
    }

    fn describe_image(&self, after: &MidSide, prediction: &mut Prediction) {
        let before = &self.wide_before;
        for (wide, band) in self.before.stereo.bands.iter().enumerate() {
            let change = relative(after.side[wide], after.mid[wide])
                .zip(relative(before.side[wide], before.mid[wide]))
                .map(|(after, before)| after - before);
            prediction
                .side_minus_mid_db
                .push(band.side_minus_mid_db.zip(change).map(|(exact, change)| exact + change));
        }
        let total = |parts: &[f64]| parts.iter().sum::<f64>();
        let width_after = total(&after.side) / total(&after.mid);
        let width_before = total(&before.side) / total(&before.mid);
        let stereo = &self.before.stereo;
        prediction.width = stereo.width.map(|width| {
            if width_before > 0.0 { width * width_after / width_before } else { width }
        });
        let alike = |width: f64| (1.0 - width) / (1.0 + width);
        prediction.correlation = stereo.correlation.zip(stereo.width).zip(prediction.width).map(
            |((exact, before), after)| (exact + alike(after) - alike(before)).clamp(-1.0, 1.0),
        );
    }
}

/// A sound on its way, as tables have it.
pub(super) struct Passed {
    /// Static power gain of each cell and of each band.
    pub(super) gains: CellGains,
    pub(super) band_gains: MidSide,
    energies: Energies,
    compressor: Compressed,
    limited: Limited,
    /// Power gain of each block of time.
    pub(super) after_filters: Vec<f64>,
}

struct Limited {
    kept: Vec<f64>,
    peak_dbtp: Option<f64>,
    residual_db: Option<f64>,
}

fn ratio(after: &[f64], before: &[f64]) -> Vec<f64> {
    after
        .iter()
        .zip(before)
        .map(|(&after, &before)| if before > 0.0 && after > 0.0 { after / before } else { 1.0 })
        .collect()
}

fn relative(side: f64, mid: f64) -> Option<f64> {
    (side > 0.0 && mid > 0.0).then(|| power_to_db(side / mid))
}
