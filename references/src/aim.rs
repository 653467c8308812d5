//! The aim: what the optimizer fits a mix to, band by band, with how exactly and how much it matters.

mod from_references;
mod heard;
mod leaning;
mod taste;
mod usual;

pub use from_references::{AimError, References};
pub use leaning::{Lean, curve_rms_db, leans};
pub use taste::taste_ways;

use std::sync::Arc;

use acetate_analyzer::{SpectrumFrames, ToneEvidence};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bands::{THIRD_OCTAVES, curve_loudness_db};
use crate::oneshot::Hearing;
use crate::reference_use::ReferenceUse;
use crate::target::Target;

/// Side minus mid below which the band is mono for any listener, dB: it is an aim to stay there, not a level to
/// be met.
pub const MONO_BELOW_DB: f64 = -40.0;

/// One wanted value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Wanted {
    /// The value, dB.
    pub db: f64,
    /// Standard deviation within which a difference means nothing, dB; above 0 wherever the weight is.
    pub tolerance_db: f64,
    /// How much it counts, 0 to 1; 0 means that it must not be matched, and the value says nothing.
    pub weight: f64,
}

impl Wanted {
    /// A value that must not be matched.
    pub const NOTHING: Self = Self { db: 0.0, tolerance_db: 1.0, weight: 0.0 };

    /// Deviation of a measured value in tolerances, scaled by the weight; 0 where nothing is wanted.
    pub fn deviation(&self, measured_db: f64) -> f64 {
        if self.weight == 0.0 {
            0.0
        } else {
            self.weight * (measured_db - self.db) / self.tolerance_db
        }
    }
}

/// A low value, a usual one and a high one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UsualRange {
    /// Tenth percentile, or the value less its tolerance.
    pub low: f64,
    /// Median, or the value.
    pub usual: f64,
    /// 90th percentile, or the value plus its tolerance.
    pub high: f64,
}

/// What is wanted of one wide band besides its level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BandAim {
    /// Lower edge, Hz.
    pub low_hz: f64,
    /// Upper edge, Hz.
    pub high_hz: f64,
    /// Standard deviation of the level of the mid over 400 ms blocks, as the analyzer measures it.
    pub level_std: Wanted,
    /// Crest factor.
    pub crest_factor: Wanted,
    /// Side level minus mid level.
    pub side_minus_mid: Wanted,
}

/// The moments of a record, and how much it has to say.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordFrames {
    /// The moments.
    pub frames: Arc<SpectrumFrames>,
    /// Its share in the tone; the shares sum to 1.
    pub tone_share: f64,
    /// Its share in the width; the shares sum to 1.
    pub width_share: f64,
}

/// The style that had a say, and how sure that is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StyleUse {
    /// Its id; the likeliest one when it was found automatically.
    pub id: String,
    /// Whether it was asked for by name.
    pub forced: bool,
    /// Styles that share in the aim, likeliest first; the shares sum to 1.
    pub shares: Vec<ReferenceUse>,
    /// Whether the mix is like anything the styles were fitted to.
    pub resembles: bool,
    /// The same in a sentence.
    pub text: String,
}

/// How a measured curve and an aim are brought to the same level before they are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Alignment {
    /// By loudness, as listeners compare a master with its reference.
    Loudness,
    /// By the level at which the curve needs the least changes. A style says nothing about a single band that
    /// carries the loudness: aligned by loudness, a song that lives on one bass note would seem too quiet
    /// everywhere else.
    LeastChange,
}

/// What to fit to.
///
/// Levels are those of a curve whose loudness is 0 dB ([`curve_loudness_db`]): bring a measured curve to the
/// same level before comparing, as [`Aim::tone_excess_db`] does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Aim {
    /// Mean level of the channels in each third octave, 25 Hz to 16 kHz.
    pub tone: Vec<Wanted>,
    /// More that tells content from mastering, of a single record.
    #[serde(skip)]
    pub tone_evidence: Option<ToneEvidence>,
    /// The moments of the records that have a say in tone or width; empty unless all of those have them.
    #[serde(skip)]
    pub records: Vec<RecordFrames>,
    /// Standard deviation of the level over blocks of 40 ms, of records that have it.
    #[serde(skip)]
    pub quick_spread: Wanted,
    /// Peak of attacks over the level of the 50 ms after them, of records that have it, dB.
    #[serde(skip)]
    pub attack_crest_db: Option<f64>,
    /// How a measured curve is brought to the level of `tone`.
    pub alignment: Alignment,
    /// Side level minus mid level in each third octave.
    pub side_minus_mid: Vec<Wanted>,
    /// Dynamics and width in the nine wide bands.
    pub bands: Vec<BandAim>,
    /// Loudness that the target asks for, LUFS; `None` without a rule.
    pub loudness_lufs: Option<f64>,
    /// Loudness of the references, or the usual one of the style, LUFS.
    pub reference_lufs: Option<f64>,
    /// The window in which the target wants the RMS level, dBFS; `None` without a rule.
    pub rms_window_dbfs: Option<[f64; 2]>,
    /// Highest true peak, dBTP.
    pub ceiling_dbtp: f64,
    /// True peak minus integrated loudness, dB: what is usual in this company.
    pub plr_db: Option<UsualRange>,
    /// Loudness range, LU: what is usual in this company.
    pub loudness_range_lu: Option<UsualRange>,
    /// References that had a say; empty for a style.
    pub references: Vec<ReferenceUse>,
    /// The style that had a say; `None` for references.
    pub style: Option<StyleUse>,
    /// What was heard in the mix; `None` for references.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hearing: Option<Hearing>,
    /// What it leans to beside all that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lean: Option<Lean>,
    /// The tone without the lean; empty where there is none.
    #[serde(skip)]
    pub upright: Vec<Wanted>,
}

impl Aim {
    /// An aim that wants nothing of the sound: only the loudness and ceiling of the target.
    pub fn of_target(target: &Target) -> Self {
        Self {
            rms_window_dbfs: target.rms_window_dbfs(),
            ..Self::of_loudness(target.integrated_lufs, target.true_peak_dbtp)
        }
    }

    /// An aim that wants nothing of the sound but a loudness, if any, and a ceiling.
    pub fn of_loudness(loudness_lufs: Option<f64>, ceiling_dbtp: f64) -> Self {
        Self {
            tone: vec![Wanted::NOTHING; THIRD_OCTAVES],
            tone_evidence: None,
            records: Vec::new(),
            quick_spread: Wanted::NOTHING,
            attack_crest_db: None,
            alignment: Alignment::Loudness,
            side_minus_mid: vec![Wanted::NOTHING; THIRD_OCTAVES],
            bands: Vec::new(),
            loudness_lufs,
            reference_lufs: None,
            rms_window_dbfs: None,
            ceiling_dbtp,
            plr_db: None,
            loudness_range_lu: None,
            references: Vec::new(),
            style: None,
            hearing: None,
            lean: None,
            upright: Vec::new(),
        }
    }

    /// Measured level less wanted level in each third octave after bringing the curve to the level of the aim,
    /// dB; `None` where nothing is wanted or nothing was measured.
    pub fn tone_excess_db(&self, levels_db: &[Option<f64>]) -> Vec<Option<f64>> {
        let loudness_db = curve_loudness_db(levels_db);
        let excess = |(level_db, wanted): (&Option<f64>, &Wanted)| match (*level_db, loudness_db) {
            (Some(level_db), Some(loudness_db)) if wanted.weight > 0.0 => {
                Some(level_db - loudness_db - wanted.db)
            }
            _ => None,
        };
        let mut excess_db: Vec<Option<f64>> =
            levels_db.iter().zip(&self.tone).map(excess).collect();
        if self.alignment == Alignment::LeastChange {
            let shift_db = self.middle(&excess_db);
            excess_db.iter_mut().flatten().for_each(|excess_db| *excess_db -= shift_db);
        }
        excess_db
    }

    /// Weighted median of the excess: as much of what counts lies above as below; 0 of nothing.
    fn middle(&self, excess_db: &[Option<f64>]) -> f64 {
        let mut known: Vec<(f64, f64)> = (excess_db.iter().zip(&self.tone))
            .filter_map(|(excess_db, wanted)| {
                Some(((*excess_db)?, wanted.weight / wanted.tolerance_db))
            })
            .collect();
        known.sort_by(|a, b| a.0.total_cmp(&b.0));
        let half = known.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
        let mut below = 0.0;
        for (excess_db, weight) in known {
            below += weight;
            if below >= half {
                return excess_db;
            }
        }
        0.0
    }

    /// Root mean square of the deviations of a curve, in tolerances, weighted; `None` when there is nothing to
    /// compare. Below 1 the curve lies inside the tolerance.
    pub fn tone_distance(&self, levels_db: &[Option<f64>]) -> Option<f64> {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (excess_db, wanted) in self.tone_excess_db(levels_db).iter().zip(&self.tone) {
            if let Some(excess_db) = excess_db {
                let deviation = excess_db / wanted.tolerance_db;
                sum += wanted.weight * deviation * deviation;
                weights += wanted.weight;
            }
        }
        (weights > 0.0).then(|| libm::sqrt(sum / weights))
    }
}
