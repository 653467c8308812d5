//! What noise covers: moments that drown in it, and how much quieter than the loud ones they may be before they do.

use crate::balance::Moment;
use crate::document::Covered;
use crate::ear::level_db;

/// A moment drowns when less than this of its loudness is left beside the noise.
const DROWNED: f64 = 0.25;
/// Drowned moments closer than this belong together; runs shorter than the second are not told of.
const BRIDGE_S: f64 = 0.5;
const RUN_S_MIN: f64 = 1.0;
/// Runs told of.
const RUNS: usize = 32;
/// Pieces of a decibel in which the level is sought at which moments drown.
const CELL_DB: f64 = 1.0;
/// How far down it is sought.
const WINDOW_DB_MAX: usize = 60;
/// Moments of a level that speak for it.
const SPEAK_MIN: usize = 3;

/// What the noise of a system covers, of the rows that count.
pub(crate) fn covered(noise: &str, moments: &[Moment], counts: &[bool], step_s: f64) -> Covered {
    let active = || moments.iter().zip(counts).filter(|(_, counts)| **counts).map(|(one, _)| one);
    let count = active().count().max(1) as f64;
    let drowned: Vec<bool> =
        moments.iter().zip(counts).map(|(one, counts)| *counts && kept(one) < DROWNED).collect();
    let sum = |of: fn(&Moment) -> f32| -> f64 { active().map(|one| f64::from(of(one))).sum() };
    let in_quiet = sum(|one| one.in_quiet);
    let pct = |found: usize| 100.0 * found as f64 / count;
    let at_s = runs_s(&drowned, step_s);
    Covered {
        noise: noise.to_owned(),
        drowned_pct: drowned_pct(moments, counts),
        inaudible_pct: pct(active().filter(|one| !one.audible).count()),
        kept_pct: if in_quiet > 0.0 { 100.0 * sum(Moment::loudness) / in_quiet } else { 0.0 },
        window_db: window_db(active(), kept),
        fades_out: fades_out(&at_s, counts, step_s),
        passages_pct: pct(within(&at_s, &drowned, step_s)),
        at_s,
    }
}

/// Share of the time that drowns, of the rows that count, percent.
pub(crate) fn drowned_pct(moments: &[Moment], counts: &[bool]) -> f64 {
    let active = moments.iter().zip(counts).filter(|(_, counts)| **counts);
    let (drowned, count) = active.fold((0u64, 0u64), |(drowned, count), (one, _)| {
        (drowned + u64::from(kept(one) < DROWNED), count + 1)
    });
    100.0 * drowned as f64 / count.max(1) as f64
}

/// Loudness that is left of a moment beside the noise, as a share.
fn kept(one: &Moment) -> f64 {
    f64::from(one.loudness()) / f64::from(one.in_quiet).max(1e-9)
}

/// How far below the loud moments those lie that drown; `None` where none does.
fn window_db<'a>(
    active: impl Iterator<Item = &'a Moment>,
    kept: impl Fn(&Moment) -> f64,
) -> Option<f64> {
    let levels: Vec<(f64, bool)> =
        active.map(|one| (level_db(f64::from(one.excitation)), kept(one) < DROWNED)).collect();
    let mut sorted: Vec<f64> = levels.iter().map(|(level, _)| *level).collect();
    sorted.sort_by(f64::total_cmp);
    let loud = *sorted.get((sorted.len() * 95 / 100).min(sorted.len().checked_sub(1)?))?;
    let mut cells = vec![(0usize, 0usize); WINDOW_DB_MAX];
    for (level, drowned) in &levels {
        if let Some(cell) = cells.get_mut(((loud - level).max(0.0) / CELL_DB) as usize) {
            cell.0 += 1;
            cell.1 += usize::from(*drowned);
        }
    }
    let drowns = |cell: &(usize, usize)| cell.0 >= SPEAK_MIN && 2 * cell.1 > cell.0;
    cells.iter().position(drowns).map(|below| below as f64 * CELL_DB)
}

/// Where moments drown, from and to.
fn runs_s(drowned: &[bool], step_s: f64) -> Vec<[f64; 2]> {
    let mut runs: Vec<[f64; 2]> = Vec::new();
    for (row, _) in drowned.iter().enumerate().filter(|(_, drowned)| **drowned) {
        let [from, to] = [row, row + 1].map(|row| row as f64 * step_s);
        match runs.last_mut() {
            Some(run) if from - run[1] <= BRIDGE_S => run[1] = to,
            _ => runs.push([from, to]),
        }
    }
    runs.retain(|run| run[1] - run[0] >= RUN_S_MIN);
    runs.truncate(RUNS);
    runs
}

/// How many drowned rows lie within runs.
fn within(runs: &[[f64; 2]], drowned: &[bool], step_s: f64) -> usize {
    let rows = |run: &[f64; 2]| run.map(|edge| libm::round(edge / step_s) as usize);
    let count = |[from, to]: [usize; 2]| drowned[from..to].iter().filter(|gone| **gone).count();
    runs.iter().map(|run| count(rows(run))).sum()
}

/// Does the last run reach the last moment that counts, but for a second?
fn fades_out(runs: &[[f64; 2]], counts: &[bool], step_s: f64) -> bool {
    let end = counts.iter().rposition(|counts| *counts).map_or(0.0, |row| row as f64 * step_s);
    runs.last().is_some_and(|run| run[1] >= end - RUN_S_MIN && run[0] > 0.0)
}
