//! The noise floor, and whether it is hiss.

use acetate_audio::units::{db_to_power, power_to_db};

use crate::band_result::BandResult;
use crate::statistics::{mean, percentile_of_sorted, standard_deviation};

/// The quietest rows that are taken for the floor.
const FLOOR_SHARE: f64 = 0.05;
/// Windows below are digital silence.
const SILENT: f64 = 1e-15;
/// Hiss is looked for between these frequencies.
const HISS_HZ: std::ops::Range<f64> = 2_000.0..12_000.0;
/// Hiss is as steady as noise in windows of 50 ms is.
const STEADY_DB: f64 = 1.5;
/// Geometric over arithmetic mean of the power density: 1 for white noise.
const FLATNESS: f64 = 0.5;
/// Least share of the floor's power that lies in the treble: white noise has nearly half of it there.
const TREBLE_SHARE: f64 = 0.25;
/// A pause is this far below the mean power; without pauses noise cannot be told from the music.
const PAUSE_DB: f64 = -20.0;
/// Rows needed to judge.
const LEAST_ROWS: usize = 4;

/// The floor of a sound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Noise {
    /// Level of the quietest twentieth of the windows of 50 ms.
    pub(crate) floor_db: Option<f64>,
    /// The floor is steady and flat in the treble.
    pub(crate) hiss: bool,
}

/// Looks at the quietest rows of the band table.
pub(crate) fn noise(bands: &BandResult, edges_hz: &[f64]) -> Noise {
    let count = edges_hz.len() - 1;
    let [_, _, mid, side] = &bands.tables;
    let total = |row: usize| -> f64 {
        let sum = |table: &[f32]| -> f64 {
            table
                .get(row * count..(row + 1) * count)
                .map_or(0.0, |row| row.iter().map(|&power| f64::from(power)).sum())
        };
        sum(mid) + sum(side)
    };
    let mut rows: Vec<(f64, usize)> =
        (0..bands.rows).map(|row| (total(row), row)).filter(|(power, _)| *power > SILENT).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let powers: Vec<f64> = rows.iter().map(|(power, _)| *power).collect();
    let Some(floor) = percentile_of_sorted(&powers, FLOOR_SHARE) else { return Noise::default() };
    let quiet = ((rows.len() as f64 * FLOOR_SHARE) as usize).max(LEAST_ROWS).min(rows.len());
    let quiet: Vec<usize> = rows[..quiet].iter().map(|(_, row)| *row).collect();
    let table = |row: usize, band: usize| {
        f64::from(mid[row * count + band])
            + side.get(row * count + band).map_or(0.0, |&power| f64::from(power))
    };
    let treble: Vec<usize> = (0..count).filter(|&band| HISS_HZ.contains(&edges_hz[band])).collect();
    let whole: f64 = quiet.iter().map(|&row| total(row)).sum();
    let in_treble: f64 = quiet
        .iter()
        .flat_map(|&row| treble.iter().map(move |&band| (row, band)))
        .map(|(row, band)| table(row, band))
        .sum();
    let pause = mean(&powers).is_some_and(|mean| floor < mean * db_to_power(PAUSE_DB));
    let hiss = pause
        && quiet.len() >= LEAST_ROWS
        && in_treble > TREBLE_SHARE * whole
        && is_hiss(&quiet, &treble, edges_hz, table);
    Noise { floor_db: Some(power_to_db(floor)), hiss }
}

fn is_hiss(
    rows: &[usize],
    treble: &[usize],
    edges_hz: &[f64],
    power: impl Fn(usize, usize) -> f64,
) -> bool {
    let levels: Vec<f64> = rows
        .iter()
        .map(|&row| {
            power_to_db(treble.iter().map(|&band| power(row, band)).sum::<f64>().max(SILENT))
        })
        .collect();
    let densities: Vec<f64> = treble
        .iter()
        .map(|&band| {
            let mean = rows.iter().map(|&row| power(row, band)).sum::<f64>() / rows.len() as f64;
            mean / (edges_hz[band + 1] - edges_hz[band])
        })
        .collect();
    let arithmetic = densities.iter().sum::<f64>() / densities.len().max(1) as f64;
    if arithmetic <= 0.0 {
        return false;
    }
    let log_mean = densities.iter().map(|density| libm::log(density.max(1e-30))).sum::<f64>()
        / densities.len() as f64;
    libm::exp(log_mean) / arithmetic > FLATNESS
        && standard_deviation(&levels).is_some_and(|spread| spread < STEADY_DB)
}
