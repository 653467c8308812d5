//! Do a few components say more about an unseen recording than the mean does?

use acetate_references::bands::WIDE_BANDS;
use acetate_references::style::{Known, Manifold, Sample, choose_components};

/// Folds of the cross-validation.
const FOLDS: usize = 10;

/// What held-out recordings of one style say.
pub(crate) struct Validation {
    /// The style.
    pub(crate) style: String,
    /// Its recordings.
    pub(crate) records: usize,
    /// Number of components chosen.
    pub(crate) components: usize,
    /// Error of predicting a band from the others with 0, 1, ... components, dB rms.
    pub(crate) prediction_db: Vec<f64>,
    /// Distance of a recording from the mean curve, dB rms.
    pub(crate) mean_db: f64,
    /// Distance from the nearest point of the manifold, dB rms.
    pub(crate) nearest_db: f64,
    /// Share of band levels within one tolerance of the nearest point.
    pub(crate) within: f64,
}

pub(crate) fn validate(style: &str, samples: &[Sample]) -> Validation {
    let tones: Vec<Known> = samples.iter().map(|sample| sample.tone_db).collect();
    let (components, prediction_db) = choose_components(&tones);
    let (mut mean, mut nearest, mut within, mut count) = (0.0, 0.0, 0.0, 0.0);
    for fold in 0..FOLDS {
        let (held_out, training): (Vec<_>, Vec<_>) =
            tones.iter().enumerate().partition(|(index, _)| index % FOLDS == fold);
        let training: Vec<Known> = training.into_iter().map(|(_, tone)| *tone).collect();
        let Ok(manifold) = Manifold::fit(&training, components) else { continue };
        for (_, tone) in held_out {
            let point = manifold.nearest(tone);
            for band in (0..WIDE_BANDS).filter(|&band| manifold.weight[band] > 0.0) {
                let Some(level_db) = tone[band] else { continue };
                let off = level_db - point[band];
                mean += (level_db - manifold.mean_db[band]).powi(2);
                nearest += off * off;
                within += f64::from(u8::from(off.abs() <= manifold.residual_std_db[band]));
                count += 1.0;
            }
        }
    }
    Validation {
        style: style.to_owned(),
        records: samples.len(),
        components,
        prediction_db,
        mean_db: f64::sqrt(mean / count),
        nearest_db: f64::sqrt(nearest / count),
        within: within / count,
    }
}
