//! How loud before it hurts.

use acetate_audio::Source;
use acetate_engine::{LimiterTrace, Prepared, RenderError};

use crate::progress::Progress;
use crate::rounding;
use crate::trial::{Settled, measure_levels};
use crate::verdict::Cannot;

/// Renders that may be spent on finding the loudest that stays under the bound.
pub(crate) const RENDERS_MAX: usize = 5;
/// Noise-to-mask gained per decibel of drive, as limiters have it around the bound, dB; only the first step rests on it.
const DAMAGE_PER_DRIVE: f64 = 1.5;
/// Smallest and largest step down, dB.
const STEP_DB: (f64, f64) = (0.2, 4.0);

/// Noise-to-mask ratio of what the limiter changed, on the scale of PEAQ, in dB; `None` for limiters without a mask.
pub fn damage_db(trace: &LimiterTrace, duration_s: f64) -> Option<f64> {
    trace.masked.as_ref().map(|masked| masked.damage(duration_s).0)
}

/// Lowers the drive until the damage stays under `max_damage_db`, and says what the wanted loudness would have cost.
pub(crate) fn hold_damage(
    source: &Source,
    prepared: &Prepared,
    mut settled: Settled,
    max_damage_db: f64,
    progress: &mut dyn FnMut(Progress),
) -> Result<Settled, RenderError> {
    let duration_s = source.frames() as f64 / f64::from(source.spec().sample_rate_hz);
    let Some(cost_db) = damage_db(&settled.trace, duration_s) else { return Ok(settled) };
    let driven_lufs = settled.levels.integrated_lufs;
    let wanted_lufs = settled.cannot.as_ref().map(|cannot| cannot.wanted_lufs).or(driven_lufs);
    let mut damage = cost_db;
    for render in 1..=RENDERS_MAX {
        if damage <= max_damage_db {
            break;
        }
        let step = ((damage - max_damage_db) / DAMAGE_PER_DRIVE).clamp(STEP_DB.0, STEP_DB.1);
        settled.settings.drive_db = rounding::drive(settled.settings.drive_db - step);
        let mut report =
            |share| progress(Progress::Confirming { render, renders_max: RENDERS_MAX, share });
        let (levels, trace) =
            measure_levels(prepared, &settled.settings, source.frames(), &mut report)?;
        damage = damage_db(&trace, duration_s).unwrap_or(f64::NEG_INFINITY);
        settled.renders += 1;
        settled.levels = levels;
        settled.trace = trace;
    }
    if let (true, Some(driven), Some(wanted), Some(reached)) =
        (cost_db > max_damage_db, driven_lufs, wanted_lufs, settled.levels.integrated_lufs)
    {
        settled.cannot = Some(Cannot {
            wanted_lufs: wanted,
            reached_lufs: reached,
            reason: format!(
                "{driven:.1} LUFS would cost {cost_db:.1} dB of noise over mask, more than the {max_damage_db:.1} dB \
                 allowed; {reached:.1} LUFS costs {damage:.1} dB"
            ),
            lever: format!(
                "--max-damage {:.0} or --force go on to {driven:.1} LUFS",
                (cost_db + 0.5).ceil()
            ),
        });
    }
    Ok(settled)
}
