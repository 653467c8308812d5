//! Resonances: a narrow band that rings whatever is played.
//!
//! A note stands out of its neighbours while it is played; a resonance of a room, a cabinet or a microphone does so nearly always.

use acetate_audio::units::power_to_db;

use crate::band_result::BandResult;
use crate::statistics::percentile_of_sorted;

/// Where a narrow peak is harsh.
const HARSH_HZ: std::ops::Range<f64> = 1_500.0..9_500.0;
/// Neighbours it is held against: bands of half an ERB, the second and the third on both sides.
const NEIGHBOURS: [usize; 2] = [2, 3];
/// Moments this far below the loud ones say nothing, as a ratio of powers.
const QUIET: f64 = 1e-3;
const LOUD_SHARE: f64 = 0.95;
/// Moments that are looked at.
const MOMENTS_MAX: usize = 1_000;
const MOMENTS_MIN: usize = 40;
/// How far it stands out at three of four moments, and at half of them, dB, and how far the middle half of them may be apart: a note that
/// is held stands out by anything. Of 29 recordings that are known to be right none has more than 4.4 at three of four.
const NEARLY_ALWAYS_DB: f64 = 5.5;
pub(crate) const RESONANCE_DB: f64 = 7.0;
const APART_DB_MAX: f64 = 6.0;
/// What usually stands out by more is a tone that is held, not a resonance, dB.
const TONE_DB: f64 = 20.0;
/// Bands below are digital silence.
const SILENT: f64 = 1e-14;

/// A narrow band that rings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Resonance {
    pub(crate) freq_hz: f64,
    /// How far it usually stands above its neighbours.
    pub(crate) over_db: f64,
}

/// The strongest resonance of the mid, if there is one.
pub(crate) fn resonance(bands: &BandResult, edges_hz: &[f64]) -> Option<Resonance> {
    let count = edges_hz.len() - 1;
    let density_db = |(band, power): (usize, &f32)| {
        power_to_db((f64::from(*power) + SILENT) / (edges_hz[band + 1] - edges_hz[band]))
    };
    let levels: Vec<Vec<f64>> = loud_rows(&bands.tables[2], count)?
        .into_iter()
        .map(|row| row.iter().enumerate().map(density_db).collect())
        .collect();
    let middle_hz = |band: usize| libm::sqrt(edges_hz[band] * edges_hz[band + 1]);
    let [_, far] = NEIGHBOURS;
    (far..count.saturating_sub(far))
        .filter(|&band| HARSH_HZ.contains(&middle_hz(band)))
        .filter_map(|band| {
            rings_by_db(&levels, band)
                .map(|over_db| Resonance { freq_hz: middle_hz(band), over_db })
        })
        .max_by(|a, b| a.over_db.total_cmp(&b.over_db))
}

/// How far a band usually stands above its neighbours, where it does so nearly always.
fn rings_by_db(levels: &[Vec<f64>], band: usize) -> Option<f64> {
    let over_db = |row: &Vec<f64>| {
        let beside = NEIGHBOURS.iter().map(|&by| row[band - by] + row[band + by]);
        row[band] - beside.sum::<f64>() / (2 * NEIGHBOURS.len()) as f64
    };
    let mut over: Vec<f64> = levels.iter().map(over_db).collect();
    over.sort_by(f64::total_cmp);
    let [nearly_always_db, usual_db, seldom_db] =
        [0.25, 0.5, 0.75].map(|share| percentile_of_sorted(&over, share));
    let nearly_always_db = nearly_always_db?;
    let rings = nearly_always_db >= NEARLY_ALWAYS_DB
        && (RESONANCE_DB..TONE_DB).contains(&usual_db?)
        && seldom_db? - nearly_always_db <= APART_DB_MAX;
    usual_db.filter(|_| rings)
}

/// Some of the rows that are loud enough to tell.
fn loud_rows(table: &[f32], count: usize) -> Option<Vec<&[f32]>> {
    let power = |row: &[f32]| row.iter().map(|&power| f64::from(power)).sum::<f64>();
    let step = (table.len() / count).div_ceil(MOMENTS_MAX).max(1);
    let rows: Vec<(f64, &[f32])> =
        table.chunks_exact(count).step_by(step).map(|row| (power(row), row)).collect();
    let mut powers: Vec<f64> = rows.iter().map(|(power, _)| *power).collect();
    powers.sort_by(f64::total_cmp);
    let quiet = percentile_of_sorted(&powers, LOUD_SHARE)? * QUIET;
    let loud: Vec<&[f32]> =
        rows.into_iter().filter(|(power, _)| *power > quiet).map(|(_, row)| row).collect();
    (loud.len() >= MOMENTS_MIN).then_some(loud)
}
