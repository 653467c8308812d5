//! Sharp "s" sounds: short noise from 5 to 10 kHz that drowns the body of the voice.
//!
//! An "s" is noise, flat over its band, lasts 60 to 250 ms and stands between vowels, whose energy lies from 0.3
//! to 3 kHz. A cymbal is as bright but rings on; a closed hi-hat is over in one step of the table.

use acetate_audio::units::{db_to_power, power_to_db};

use super::PLACES;
use crate::band_result::BandResult;

/// Where the energy of an "s" lies.
const SHARP_HZ: std::ops::Range<f64> = 5_000.0..10_000.0;
/// Where the energy of a voice lies otherwise.
const BODY_HZ: std::ops::Range<f64> = 300.0..3_000.0;
/// Sharp over body energy from here on is too much: a de-essed voice stays well below.
const SHARP_DB: f64 = -3.0;
/// The steps around an "s" are less sharp than it by this.
const STANDS_OUT_DB: f64 = 9.0;
/// The sharp energy is at most this far below the mean level of the sound: quiet ones disturb nobody.
const LOUD_DB: f64 = -8.0;
/// Geometric over arithmetic mean of the power density: noise has 0.5 and more, tones hardly any.
const FLATNESS: f64 = 0.3;
/// Steps of 50 ms that an "s" fills, under windows of 93 ms.
const STEPS: std::ops::RangeInclusive<usize> = 2..=5;
/// Steps on each side that are compared; one between them may belong to it.
const SIDES: usize = 3;
/// Steps below are silence: -70 dB.
const SILENT: f64 = 1e-7;

/// Powers of one step.
#[derive(Clone, Copy)]
struct Step {
    /// Sharp over body energy.
    ratio_db: f64,
    /// It could be part of an "s".
    sharp: bool,
}

/// Where the sharp "s" sounds of the mid are, in seconds. None where the table is coarser than 50 ms (sounds over
/// twenty minutes).
pub(crate) fn sibilants(bands: &BandResult, edges_hz: &[f64], step_s: f64) -> Vec<f64> {
    if bands.steps_per_row > 1 {
        return Vec::new();
    }
    let steps = steps(bands, edges_hz);
    let mut at_s = Vec::new();
    let mut start = 0;
    while start < steps.len() && at_s.len() < PLACES {
        let length = steps[start..].iter().take_while(|step| step.sharp).count();
        if STEPS.contains(&length) && stands_out(&steps, start, start + length) {
            at_s.push((start as f64 + 0.5 * length as f64) * step_s);
        }
        start += length.max(1);
    }
    at_s
}

fn steps(bands: &BandResult, edges_hz: &[f64]) -> Vec<Step> {
    let count = edges_hz.len() - 1;
    let within = |range: &std::ops::Range<f64>| -> Vec<usize> {
        (0..count).filter(|&band| range.contains(&edges_hz[band])).collect()
    };
    let (sharp, body) = (within(&SHARP_HZ), within(&BODY_HZ));
    let widths: Vec<f64> = sharp.iter().map(|&band| edges_hz[band + 1] - edges_hz[band]).collect();
    let sum = |row: &[f32], members: &[usize]| -> f64 {
        members.iter().map(|&band| f64::from(row[band])).sum()
    };
    let rows = bands.tables[2].chunks_exact(count);
    let totals: Vec<f64> =
        rows.clone().map(|row| row.iter().map(|&power| f64::from(power)).sum()).collect();
    let heard: Vec<f64> = totals.iter().copied().filter(|&total| total > SILENT).collect();
    let Some(mean) = crate::statistics::mean(&heard) else { return Vec::new() };
    let loud = mean * db_to_power(LOUD_DB);
    rows.map(|row| {
        let (sharp_power, body_power) = (sum(row, &sharp), sum(row, &body));
        let ratio_db =
            power_to_db((sharp_power + SILENT * SILENT) / (body_power + SILENT * SILENT));
        let noisy = || flatness(sharp.iter().zip(&widths).map(|(&b, w)| f64::from(row[b]) / w));
        Step { ratio_db, sharp: ratio_db > SHARP_DB && sharp_power > loud && noisy() > FLATNESS }
    })
    .collect()
}

/// Geometric over arithmetic mean.
fn flatness(densities: impl Iterator<Item = f64>) -> f64 {
    let (mut logs, mut sum, mut count) = (0.0, 0.0, 0.0);
    for density in densities {
        logs += libm::log(density.max(1e-30));
        sum += density;
        count += 1.0;
    }
    if sum > 0.0 { libm::exp(logs / count) * count / sum } else { 0.0 }
}

/// Both sides of `start..end` are there and much less sharp than its sharpest step.
fn stands_out(steps: &[Step], start: usize, end: usize) -> bool {
    let before = start.saturating_sub(SIDES + 1)..start.saturating_sub(1);
    let after = (end + 1).min(steps.len())..(end + 1 + SIDES).min(steps.len());
    let sharpest = |range: std::ops::Range<usize>| {
        steps[range].iter().map(|step| step.ratio_db).fold(f64::MIN, f64::max)
    };
    let top = sharpest(start..end);
    !before.is_empty()
        && !after.is_empty()
        && sharpest(before) < top - STANDS_OUT_DB
        && sharpest(after) < top - STANDS_OUT_DB
}
