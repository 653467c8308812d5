//! How loud a sound is on a system, moment by moment and region by region, beside the noise there.

use std::ops::Range;

use crate::ear::Ear;
use crate::heard::{AtEar, Rows};
use crate::loudness::{LoudnessTable, Place};

/// Regions of the spectrum, as people name them, `[low, high]` in Hz.
pub(crate) const REGIONS_HZ: [[f64; 2]; 7] = [
    [20.0, 60.0],
    [60.0, 150.0],
    [150.0, 500.0],
    [500.0, 2_000.0],
    [2_000.0, 5_000.0],
    [5_000.0, 9_000.0],
    [9_000.0, 18_000.0],
];
pub(crate) const REGIONS: usize = REGIONS_HZ.len();

/// Loudness of one row: of each region beside the noise, of the whole without it, and whether any of it is heard.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Moment {
    pub(crate) regions: [f32; REGIONS],
    /// Loudness in a quiet that has no noise at all; 0 where it was not asked for.
    pub(crate) in_quiet: f32,
    pub(crate) audible: bool,
    /// Whole excitation: a level.
    pub(crate) excitation: f32,
}

impl Moment {
    /// Loudness beside the noise, sones.
    pub(crate) fn loudness(&self) -> f32 {
        self.regions.iter().sum()
    }
}

/// Loudness of every row on one system, beside its noise and in a quiet without any.
pub(crate) fn moments(
    ear: &Ear,
    rows: Rows<'_>,
    at_ear: &AtEar,
    beside: &LoudnessTable,
    quiet: &LoudnessTable,
) -> Vec<Moment> {
    let widths: Vec<f32> = (0..ear.len()).map(|band| ear.width_erb(band) as f32).collect();
    let thresholds: Vec<f32> =
        (0..ear.len()).map(|band| ear.threshold(band, at_ear.masker[band]) as f32).collect();
    let regions: Vec<Range<usize>> =
        REGIONS_HZ.iter().map(|[low, high]| ear.within(*low, *high)).collect();
    let mut powers = vec![0.0; ear.len()];
    let mut excitation = vec![0.0; ear.len()];
    (0..rows.count)
        .map(|row| {
            at_ear.excite(ear, rows, row, &mut powers, &mut excitation);
            let mut moment = Moment::default();
            for (sum, bands) in moment.regions.iter_mut().zip(&regions) {
                for band in bands.clone() {
                    let place = Place::of(excitation[band]);
                    *sum += beside.read(band, place) * widths[band];
                    moment.in_quiet += quiet.read(band, place) * widths[band];
                }
            }
            moment.audible = excitation.iter().zip(&thresholds).any(|(e, least)| e >= least);
            moment.excitation = excitation.iter().sum();
            moment
        })
        .collect()
}

/// Share of each region in the loudness of the rows that count.
pub(crate) fn shares(moments: &[Moment], counts: &[bool]) -> [f64; REGIONS] {
    let mut sums = [0.0; REGIONS];
    for (moment, _) in moments.iter().zip(counts).filter(|(_, counts)| **counts) {
        for (sum, region) in sums.iter_mut().zip(&moment.regions) {
            *sum += f64::from(*region);
        }
    }
    let whole: f64 = sums.iter().sum();
    if whole > 0.0 { sums.map(|sum| sum / whole) } else { sums }
}

/// Which rows count: those with at least a fiftieth of the loudness of the loud ones.
pub(crate) fn active(home: &[Moment]) -> Vec<bool> {
    const LEAST: f32 = 0.02;
    /// What has less than this of the loudest is a pause, and no part of the song that percentiles are of.
    const PAUSE: f32 = 0.005;
    let loudness: Vec<f32> = home.iter().map(Moment::loudness).collect();
    let most = loudness.iter().copied().fold(0.0, f32::max);
    let mut heard: Vec<f32> = loudness.iter().copied().filter(|&one| one > PAUSE * most).collect();
    heard.sort_by(f32::total_cmp);
    let loud = heard.get((heard.len() * 95 / 100).min(heard.len().saturating_sub(1)));
    let least = LEAST * loud.copied().unwrap_or(f32::INFINITY);
    loudness.into_iter().map(|one| one > least).collect()
}
