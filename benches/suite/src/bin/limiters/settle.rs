//! Brings a limiter's output to a loudness and a true peak.

use acetate_analyzer::{LevelMeter, Levels};
use acetate_audio::Audio;
use acetate_audio::units::db_to_amplitude;

use crate::material::Goal;
use crate::rivals::Rival;

/// Loudness is met when it is this near, LU.
const TOLERANCE_LU: f64 = 0.05;
const RENDERS_MAX: usize = 12;
/// The most a limiter is asked for, dB; beyond it the loudness counts as out of reach.
const DRIVE_DB_MAX: f64 = 40.0;
/// Slopes that a secant believes, LU a dB.
const SLOPE: std::ops::RangeInclusive<f64> = 0.15..=1.2;

/// An output at the wanted loudness, and what went into the limiter at the same scale.
pub(crate) struct Settled {
    pub(crate) drive_db: f64,
    pub(crate) lufs: f64,
    pub(crate) renders: usize,
    pub(crate) driven: Audio,
    pub(crate) output: Audio,
}

/// Drives a limiter until its output, scaled to the ceiling, reaches the goal. `None` when it cannot, when it need not
/// limit for that, or when it is not there.
pub(crate) fn settle(
    rival: &dyn Rival,
    audio: &Audio,
    goal: Goal,
    ceiling_dbtp: f64,
) -> Option<Settled> {
    let before = levels(audio);
    let (lufs, at_ceiling_db) = (before.integrated_lufs?, ceiling_dbtp - before.true_peak_dbtp?);
    match goal {
        Goal::Lufs(wanted) => reach(rival, audio, lufs, wanted, ceiling_dbtp),
        Goal::LouderThanAtCeiling(by) => {
            reach(rival, audio, lufs, lufs + at_ceiling_db + by, ceiling_dbtp)
        }
        Goal::PeakOverCeiling(by) => drive(rival, audio, at_ceiling_db + by, ceiling_dbtp),
    }
}

fn reach(
    rival: &dyn Rival,
    audio: &Audio,
    lufs: f64,
    wanted: f64,
    ceiling_dbtp: f64,
) -> Option<Settled> {
    let mut drive_db = wanted - lufs + 0.5;
    let mut last: Option<(f64, f64)> = None;
    for renders in 1..=RENDERS_MAX {
        let settled = drive(rival, audio, drive_db, ceiling_dbtp)?;
        let reached = settled.lufs;
        if (reached - wanted).abs() <= TOLERANCE_LU {
            return Some(Settled { renders, ..settled });
        }
        let slope = match last {
            Some((drive, level)) => {
                ((reached - level) / (drive_db - drive)).clamp(*SLOPE.start(), *SLOPE.end())
            }
            None => 0.8,
        };
        last = Some((drive_db, reached));
        drive_db += (wanted - reached) / slope;
        if drive_db > DRIVE_DB_MAX {
            return None;
        }
    }
    None
}

/// One render. A limiter that works leaves peaks at the ceiling; scaling is the same as another ceiling and another drive.
fn drive(rival: &dyn Rival, audio: &Audio, drive_db: f64, ceiling_dbtp: f64) -> Option<Settled> {
    let driven = scaled(audio, drive_db);
    let limited = rival.limit(&driven, db_to_amplitude(ceiling_dbtp) as f32)?;
    if levels(&driven).true_peak_dbtp? <= ceiling_dbtp {
        return None;
    }
    let found = levels(&limited);
    let scale_db = ceiling_dbtp - found.true_peak_dbtp?;
    let (driven, output) = (scaled(&driven, scale_db), scaled(&limited, scale_db));
    let lufs = found.integrated_lufs? + scale_db;
    Some(Settled { drive_db, lufs, renders: 1, driven, output })
}

fn levels(audio: &Audio) -> Levels {
    let mut meter = LevelMeter::new(audio.spec());
    meter.push(audio);
    meter.finish()
}

fn scaled(audio: &Audio, gain_db: f64) -> Audio {
    let gain = db_to_amplitude(gain_db) as f32;
    let mut out = audio.clone();
    for sample in out.planes_mut().iter_mut().flatten() {
        *sample *= gain;
    }
    out
}
