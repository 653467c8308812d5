//! The settings that a given master implies.

use acetate_analyzer::Measured;
use acetate_engine::Settings;
use acetate_references::{Aim, AimError, Profile, References, target};

use crate::fit::draft;
use crate::options::{FitOptions, Match};
use crate::surrogate::Surrogate;

/// What would have to be done to `mix` to measure like `master`: a person's work on one song, ready for the rest.
///
/// Loudness and ceiling are the master's. Nothing is rendered: the settings are as exact as predictions are.
///
/// # Errors
/// When the master is silent.
pub fn implied_settings(
    mix: &Measured,
    master: &Measured,
    options: &FitOptions,
) -> Result<Settings, AimError> {
    let profile = Profile::from_analysis("master", &master.analysis);
    let delivery = target("streaming").expect("a built-in target");
    let aim = Aim::from_references(&References::blended(&[(&profile, 1.0)]), delivery)?;
    let options = FitOptions {
        take: Match { loudness: true, ..options.take },
        lufs: master.analysis.loudness.integrated_lufs,
        // A master that passes full scale has no ceiling that the engine would hold.
        ceiling_dbtp: master.analysis.loudness.true_peak_dbtp.map(|peak| peak.clamp(-24.0, 0.0)),
        ..options.clone()
    };
    let surrogate = Surrogate::new(mix);
    Ok(draft(&surrogate, mix, &mix.analysis, &aim, &options).settings)
}
