//! The settings that a given master implies.

use acetate_analyzer::{Analysis, Measured};
use acetate_engine::Settings;
use acetate_references::{Aim, AimError, Profile, References, target};

use crate::fit::{draft, wish_of_records};
use crate::options::{FitOptions, Match};
use crate::surrogate::Surrogate;

/// The settings that predictions alone lead to, without a render: what [`fit`](crate::fit()) starts from, and how the drafted
/// file is expected to measure.
pub fn drafted(measured: &Measured, aim: &Aim, options: &FitOptions) -> (Settings, Analysis) {
    let surrogate = Surrogate::new(measured);
    let before = &measured.analysis;
    let records = wish_of_records(aim, before, options);
    let settings = draft(&surrogate, measured, before, aim, records.as_ref(), options).settings;
    let predicted = surrogate.predict(&settings).to_analysis(before);
    (settings, predicted)
}

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
    let records = wish_of_records(&aim, &mix.analysis, &options);
    Ok(draft(&surrogate, mix, &mix.analysis, &aim, records.as_ref(), &options).settings)
}
