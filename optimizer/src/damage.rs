//! How loud before it hurts.

use acetate_engine::{Prepared, RenderError};

use crate::progress::Progress;
use crate::rounding;
use crate::subject::Subject;
use crate::trial::{Settled, measure_levels};
use crate::verdict::Cannot;
use crate::wanted::Level;

/// Renders that may be spent on finding the loudest that stays under the bound.
pub(crate) const RENDERS_MAX: usize = 5;
/// Noise-to-mask gained per decibel of drive, as limiters have it around the bound, dB; only the first step rests on it.
const DAMAGE_PER_DRIVE: f64 = 1.5;
/// What is believed of that when two renders tell it.
const SLOPE: (f64, f64) = (0.75, 5.0);
/// Smallest and largest step down, dB.
const STEP_DB: (f64, f64) = (0.05, 4.0);
/// Steps end this far under the bound, dB.
const INSIDE_DB: f64 = 0.1;

/// What a loudness costs, and which was wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    driven_lufs: f64,
    wanted_lufs: f64,
    cost_db: f64,
}

impl Cost {
    fn of(settled: &Settled, goal: Option<Level>, driven_lufs: f64, cost_db: f64) -> Self {
        let asked = goal.and_then(|goal| match goal {
            Level::Lufs(lufs) => Some(lufs),
            Level::RmsDbfs(_) | Level::TopLufs(_) => None,
        });
        let cannot = settled.cannot.as_ref().map(|cannot| cannot.wanted_lufs);
        let wanted_lufs = asked.or(cannot).unwrap_or(driven_lufs);
        Self { driven_lufs, wanted_lufs, cost_db }
    }

    /// Why the loudness is not had, when `reached_lufs` costs `damage`.
    fn cannot(self, reached_lufs: f64, damage: f64, max_damage_db: f64) -> Cannot {
        let Self { driven_lufs: driven, wanted_lufs, cost_db } = self;
        Cannot {
            wanted_lufs,
            reached_lufs,
            reason: format!(
                "{driven:.1} LUFS would cost {cost_db:.1} dB of noise over mask, more than the {max_damage_db:.1} dB \
                 allowed; {reached_lufs:.1} LUFS costs {damage:.1} dB"
            ),
            lever: match (cost_db + 0.5).ceil() {
                most_db if (wanted_lufs - driven).abs() < 0.05 => {
                    format!("--max-damage {most_db:.0} or --force go on to {driven:.1} LUFS")
                }
                most_db => format!(
                    "--max-damage {most_db:.0} goes on to {driven:.1} LUFS, --force to {wanted_lufs:.1}"
                ),
            },
        }
    }
}

/// Lowers the drive until the damage stays under `max_damage_db`, and says what the wanted loudness would have cost, where that is
/// too much, or was found to be on a medley (`known`).
pub(crate) fn hold_damage(
    subject: &Subject<'_>,
    prepared: &Prepared,
    mut settled: Settled,
    (goal, max_damage_db): (Option<Level>, f64),
    known: Option<Cost>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Settled, Option<Cost>), RenderError> {
    let Some(mut damage) = subject.damage_db(&settled.trace) else { return Ok((settled, None)) };
    if damage <= max_damage_db && known.is_none() {
        return Ok((settled, None));
    }
    let lufs =
        |settled: &Settled| subject.reached(Level::Lufs(0.0), &settled.settings, &settled.levels);
    let here = lufs(&settled)?.map(|driven_lufs| Cost::of(&settled, goal, driven_lufs, damage));
    let cost = known.or(here);
    let mut slope = DAMAGE_PER_DRIVE;
    for render in 1..=RENDERS_MAX {
        if damage <= max_damage_db {
            break;
        }
        let step = ((damage - max_damage_db + INSIDE_DB) / slope).clamp(STEP_DB.0, STEP_DB.1);
        settled.settings.drive_db = rounding::drive(settled.settings.drive_db - step);
        let mut report =
            |share| progress(Progress::Confirming { render, renders_max: RENDERS_MAX, share });
        // Two of them are not held at once.
        settled.kept = None;
        let rendered = measure_levels(subject, prepared, &settled.settings, &mut report)?;
        let now = subject.damage_db(&rendered.trace).unwrap_or(f64::NEG_INFINITY);
        slope = ((damage - now) / step).clamp(SLOPE.0, SLOPE.1);
        damage = now;
        settled.renders += 1;
        settled.levels = rendered.levels;
        settled.trace = rendered.trace;
        settled.kept = rendered.kept;
    }
    if let Some((cost, reached)) = cost.zip(lufs(&settled)?) {
        settled.cannot = Some(cost.cannot(reached, damage, max_damage_db));
    }
    Ok((settled, cost))
}
