//! Where the spectrum ends, and whether it ends in a cliff.

use acetate_audio::units::power_to_db;

use crate::statistics::percentile;

/// Width of the bins after smoothing.
const STEP_HZ: f64 = 150.0;
/// Signal stands this far above the lowest level that follows it.
const ABOVE_FLOOR_DB: f64 = 12.0;
/// Levels this far below the loudest step are no signal.
const RANGE_DB: f64 = 85.0;
/// A cliff falls at least this far...
const CLIFF_DB: f64 = 18.0;
/// An end without even this much of a fall is no end: the signal fades into what follows.
const EDGE_DB: f64 = 12.0;
/// ...within this share of its frequency, a twelfth of an octave.
const CLIFF_WIDTH: f64 = 0.06;
/// Lossy codecs cut between these frequencies.
const CUT_HZ: std::ops::RangeInclusive<f64> = 9_000.0..=20_100.0;
/// Nothing but a floor above: the level there varies less than this from the lowest.
const STOP_BAND_DB: f64 = 14.0;

/// The upper end of a spectrum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Bandwidth {
    /// Highest frequency with signal; `None` of silence.
    pub(crate) top_hz: Option<f64>,
    /// The spectrum ends as lossy codecs leave it.
    pub(crate) cliff: bool,
    /// How far it falls there.
    pub(crate) fall_db: f64,
}

/// Finds the upper end of the mean power of bins `bin_hz` apart.
pub(crate) fn bandwidth(bins: &[f64], bin_hz: f64) -> Bandwidth {
    let per_step = (libm::round(STEP_HZ / bin_hz) as usize).max(1);
    let step_hz = per_step as f64 * bin_hz;
    let levels: Vec<f64> = bins
        .chunks_exact(per_step)
        .map(|chunk| power_to_db(chunk.iter().sum::<f64>().max(1e-22)))
        .collect();
    let loudest = levels.iter().copied().fold(f64::MIN, f64::max);
    let Some(edge) = last_edge(&levels).filter(|_| loudest > -150.0) else {
        return Bandwidth::default();
    };
    let width = |step: usize| ((CLIFF_WIDTH * (step + 1) as f64) as usize).max(2);
    let fall_db = fall(&levels, edge, width(edge));
    let top = if fall_db >= EDGE_DB {
        edge
    } else {
        levels.iter().rposition(|&level| level > loudest - RANGE_DB).unwrap_or(edge)
    };
    let top_hz = (top + 1) as f64 * step_hz;
    let nyquist = (bins.len() - 1) as f64 * bin_hz;
    let cliff = CUT_HZ.contains(&top_hz)
        && top_hz < 0.96 * nyquist
        && fall_db >= CLIFF_DB
        && stop_band_is_flat(&levels[(top + width(top)).min(levels.len() - 1)..]);
    let top_hz = if top_hz > 0.96 * nyquist { nyquist } else { top_hz };
    Bandwidth { top_hz: Some(top_hz), cliff, fall_db }
}

/// The last step that stands above the lowest level after it; the last of all when nothing falls.
fn last_edge(levels: &[f64]) -> Option<usize> {
    let mut floor = f64::MAX;
    for (index, &level) in levels.iter().enumerate().rev() {
        if floor < f64::MAX && level > floor + ABOVE_FLOOR_DB {
            return Some(index);
        }
        floor = floor.min(level);
    }
    levels.len().checked_sub(1)
}

/// How far the level falls around step `top`.
fn fall(levels: &[f64], top: usize, width: usize) -> f64 {
    let before = &levels[top.saturating_sub(width)..=top];
    let after = &levels[(top + 1).min(levels.len() - 1)..(top + 1 + width).min(levels.len())];
    let high = percentile(before, 0.5).unwrap_or(0.0);
    let low = after.iter().copied().fold(f64::MAX, f64::min);
    (high - low).max(0.0)
}

fn stop_band_is_flat(levels: &[f64]) -> bool {
    match (percentile(levels, 0.1), percentile(levels, 0.9)) {
        (Some(low), Some(high)) => high - low < STOP_BAND_DB,
        _ => false,
    }
}
