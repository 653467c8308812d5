//! How much sharper the sharp "s" sounds of a song are on a system.

use crate::ear::Ear;
use crate::heard::{AtEar, Rows};
use crate::loudness::LoudnessTable;

/// Where an "s" is, and what it is heard against.
const SHARP_HZ: [f64; 2] = [5_000.0, 9_000.0];
const BESIDE_HZ: [f64; 2] = [1_000.0, 4_000.0];

/// Loudness of the sharp sounds over that beside them, all places together; `None` where there are none.
pub(crate) fn sharpness(
    ear: &Ear,
    rows: Rows<'_>,
    at_ear: &AtEar,
    table: &LoudnessTable,
    at_s: &[f64],
) -> Option<f64> {
    let [sharp, beside] = [SHARP_HZ, BESIDE_HZ].map(|[low, high]| ear.within(low, high));
    let (mut powers, mut excitation) = (vec![0.0; ear.len()], vec![0.0; ear.len()]);
    let mut sums = [0.0; 2];
    for at in at_s {
        let row = (at / rows.step_s) as usize;
        if row >= rows.count {
            continue;
        }
        at_ear.excite(ear, rows, row, &mut powers, &mut excitation);
        for (sum, bands) in sums.iter_mut().zip([&sharp, &beside]) {
            let loudness = |band| f64::from(table.at(band, excitation[band])) * ear.width_erb(band);
            *sum += bands.clone().map(loudness).sum::<f64>();
        }
    }
    (sums[0] > 0.0 && sums[1] > 0.0).then(|| sums[0] / sums[1])
}
