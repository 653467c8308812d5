//! Loudness against damage: what each further decibel costs, before it is paid.

mod dynamics;

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};

use acetate_analyzer::LevelMeter;
use acetate_audio::units::{Decibels, db_to_amplitude};
use acetate_audio::{Audio, Source, threads};
use acetate_engine::limiter::masked::{MaskedLimiter, Tuning};
use acetate_engine::{Prepared, RenderError, Settings, Stage, prepare};
use acetate_translation::{DeviceMeter, system};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::dynamics::{Envelope, gain_modulation_db, transient_loss_db};
use crate::loudness::solve_drive;
use crate::surrogate::Surrogate;

/// One loudness and its cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CurvePoint {
    /// Gain before the limiter.
    pub drive_db: f64,
    /// Loudness that came out.
    pub integrated_lufs: Option<f64>,
    /// Noise-to-mask ratio of what the limiter changed, on the scale of PEAQ; `null` when it changed nothing.
    pub noise_to_mask_db: Option<f64>,
    /// What attacks lost: peak of 5 ms over the level of the 50 ms after, input minus output, median; `null` without attacks.
    pub transient_loss_db: Option<f64>,
    /// How far the gain of the limiter strays from its mean, over 20 ms at a time: root mean square.
    pub gain_modulation_db: f64,
    /// Of the loudness that a laptop adds at full volume, what its limiter takes back, mean over the song, dB; `null` of silence.
    pub laptop_takes_db: Option<f64>,
}

/// The device whose limiter is asked: most laptops make everything louder, and end in one.
const LAPTOP: &str = "laptop";

/// Below this nothing was changed, dB.
const NOTHING_DB: f64 = -100.0;

/// Renders `settings` with the masked limiter at half its work, driven to about each of `lufs`: the loudness that came out
/// and what it cost, in the order of `lufs`.
///
/// # Errors
/// When the source cannot be read again, or a setting is out of range.
pub fn loudness_curve(
    source: &Source,
    measured: &acetate_analyzer::Measured,
    settings: &Settings,
    lufs: &[f64],
    progress: &(dyn Fn(f64) + Sync),
) -> Result<Vec<CurvePoint>, RenderError> {
    let surrogate = Surrogate::new(measured);
    let prepared = prepare(source, settings)?;
    let done = AtomicUsize::new(0);
    let points = threads::map(lufs, |_, &wanted| {
        let drive_db = solve_drive(&surrogate, settings, wanted);
        let point = point(&prepared, settings.limiter.ceiling_dbtp, drive_db);
        let count = done.fetch_add(1, Ordering::Relaxed) + 1;
        progress(count as f64 / lufs.len() as f64);
        point
    });
    points.into_iter().collect()
}

fn point(prepared: &Prepared, ceiling_dbtp: f64, drive_db: f64) -> Result<CurvePoint, RenderError> {
    let spec = prepared.spec();
    let ceiling = Decibels(ceiling_dbtp).to_amplitude() as f32;
    let mut limiter = MaskedLimiter::new(spec, ceiling, Tuning::draft());
    let mut meter = LevelMeter::new(spec);
    let mut input = Envelope::new(spec.sample_rate_hz);
    let mut output = input.clone();
    let laptop = system(LAPTOP).and_then(|system| system.device);
    let mut laptop = laptop.map(|device| DeviceMeter::new(spec, device));
    let drive = db_to_amplitude(drive_db) as f32;
    let (mut driven, mut out) = (Audio::silence(spec, 0), Audio::silence(spec, 0));
    let mut frames = 0;
    prepared.for_each_block::<RenderError<Infallible>>(&mut |block| {
        frames += block.frames();
        for (driven, plane) in driven.planes_mut().iter_mut().zip(block.planes()) {
            driven.clear();
            driven.extend(plane.iter().map(|sample| sample * drive));
        }
        out.planes_mut().iter_mut().for_each(Vec::clear);
        limiter.push(&driven, &mut out);
        meter.push(&out);
        laptop.iter_mut().for_each(|laptop| laptop.push(&out));
        input.push(&driven);
        output.push(&out);
        Ok(())
    })?;
    out.planes_mut().iter_mut().for_each(Vec::clear);
    limiter.finish(&mut out);
    meter.push(&out);
    laptop.iter_mut().for_each(|laptop| laptop.push(&out));
    output.push(&out);
    let duration_s = frames as f64 / f64::from(spec.sample_rate_hz);
    let damage = limiter.take_trace().damage(duration_s).0;
    Ok(CurvePoint {
        drive_db,
        integrated_lufs: meter.finish().integrated_lufs,
        noise_to_mask_db: (damage > NOTHING_DB).then_some(damage),
        transient_loss_db: transient_loss_db(&input, &output),
        gain_modulation_db: gain_modulation_db(&input, &output),
        laptop_takes_db: laptop.and_then(DeviceMeter::finish).map(|taken| taken.mean_db),
    })
}
