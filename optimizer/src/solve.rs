//! The drive that gives a level, with trials: on a medley, which one render of the song then confirms; on a song itself where it is short.

use acetate_engine::settings::LimiterKind;
use acetate_engine::{Prepared, RenderError, Settings};

use crate::confirm::{self, Near, PATIENT_LU, settle_from};
use crate::damage::{self, Cost, hold_damage};
use crate::loudness::solve_drive;
use crate::options::FitOptions;
use crate::progress::Progress;
use crate::subject::Subject;
use crate::surrogate::Surrogate;
use crate::trade::{Eased, ease};
use crate::trial::{Rendered, Settled};
use crate::wanted::Level;

/// Does the limiter take so much that the loudness hangs on it?
pub(crate) fn limits(surrogate: &Surrogate, settings: &Settings) -> bool {
    let mut unlimited = settings.clone();
    unlimited.limiter.kind = LimiterKind::Off;
    let lufs = |settings: &Settings| surrogate.predict(settings).integrated_lufs;
    let taken_lu = lufs(&unlimited).zip(lufs(settings)).map_or(0.0, |(free, held)| free - held);
    taken_lu > TAKEN_LU
}

/// Less than this, and predictions of the loudness are right within what a verdict allows, LU.
const TAKEN_LU: f64 = 0.05;

/// What was solved with trials.
pub(crate) struct Solved {
    pub(crate) settled: Settled,
    /// What the wanted loudness would cost, where that is too much.
    cost: Option<Cost>,
    /// The song before the drive.
    prepared: Prepared,
    pub(crate) eased: Option<Eased>,
}

/// The drive that gives the level, as far as the damage allows; where it is missed because of a move, with less of that move, when that
/// is louder. `first` may have been rendered already.
pub(crate) fn solve(
    trial: &Subject<'_>,
    song: &Subject<'_>,
    first: (Settings, Option<Rendered>),
    level: Option<Level>,
    options: &FitOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Solved, RenderError> {
    let solved = bring(trial, song, first, level, options, progress)?;
    let Some(cannot) = &solved.settled.cannot else { return Ok(solved) };
    let shortfall_lu = cannot.wanted_lufs - cannot.reached_lufs;
    let eased = ease(song.surrogate, &solved.settled.settings, shortfall_lu);
    let Some((mut settings, eased)) = eased else { return Ok(solved) };
    if let Some(Level::Lufs(lufs)) = level {
        settings.drive_db = solve_drive(song.surrogate, &settings, lufs);
    }
    let louder = bring(trial, song, (settings, None), level, options, &mut |_| {})?;
    let lufs = |solved: &Solved| solved.settled.levels.integrated_lufs;
    let gained = lufs(&louder).zip(lufs(&solved));
    let worth = gained.is_some_and(|(louder, before)| louder > before + GAINED_LU);
    let renders = louder.settled.renders + solved.settled.renders;
    let mut kept = if worth { Solved { eased: Some(eased), ..louder } } else { solved };
    kept.settled.renders = renders;
    Ok(kept)
}

/// Brings settings to the level, as far as the damage allows.
fn bring(
    trial: &Subject<'_>,
    song: &Subject<'_>,
    (settings, rendered): (Settings, Option<Rendered>),
    level: Option<Level>,
    options: &FitOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Solved, RenderError> {
    let whole = song.prepare(&settings)?;
    let part = match trial.is_whole() {
        true => None,
        false => Some(trial.prepare(&settings)?),
    };
    let (trial, prepared, near) = match &part {
        Some(part) => (trial.with(&whole, part), part, Near::ToBeConfirmed),
        None => (*trial, &whole, Near::Exactly),
    };
    let settled = settle_from(&trial, prepared, settings, rendered, level, near, progress)?;
    let (settled, cost) = match options.force {
        true => (settled, None),
        false => {
            let goal = (level, options.max_damage_db);
            hold_damage(&trial, prepared, settled, goal, None, &mut further(progress))?
        }
    };
    Ok(Solved { settled, cost, prepared: whole, eased: None })
}

/// Renders the song with what was solved on its medley, and more often where it is off.
pub(crate) fn confirm_on(
    song: &Subject<'_>,
    solved: Solved,
    level: Option<Level>,
    options: &FitOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Settled, RenderError> {
    let Solved { settled: Settled { settings, cannot, .. }, cost, prepared, .. } = solved;
    let bounded = cannot.is_some();
    let goal = level.filter(|_| !bounded);
    let max_damage_db = if options.force { f64::INFINITY } else { options.max_damage_db };
    let near = Near::AsWanted { max_damage_db };
    let mut settled = settle_from(song, &prepared, settings, None, goal, near, progress)?;
    if let Some(level) = level.filter(|_| bounded) {
        let missed = level.of(&settled.levels).filter(|lufs| level.wanted() - lufs > PATIENT_LU);
        settled.cannot = missed.map(|reached| confirm::cannot(level, reached));
    }
    if options.force {
        return Ok(settled);
    }
    let cost = cost.filter(|_| settled.cannot.is_some());
    let mut further = further(progress);
    let goal = (level, options.max_damage_db);
    let held = hold_damage(song, &prepared, settled, goal, cost, &mut further)?;
    Ok(held.0)
}

/// The progress of holding the damage, after that of settling the loudness.
fn further(progress: &mut dyn FnMut(Progress)) -> impl FnMut(Progress) + '_ {
    move |step| {
        progress(match step {
            Progress::Confirming { render, renders_max, share } => Progress::Confirming {
                render: confirm::RENDERS_MAX + render,
                renders_max: confirm::RENDERS_MAX + renders_max,
                share,
            },
            Progress::Fitting => Progress::Fitting,
        });
    }
}

/// A move gives way when that brings this much loudness, LU.
const GAINED_LU: f64 = 0.3;

/// Most renders to settle the loudness and to hold the damage.
pub(crate) fn solve_max(options: &FitOptions) -> usize {
    let damage = if options.force { 0 } else { damage::RENDERS_MAX };
    confirm::RENDERS_MAX + damage
}
