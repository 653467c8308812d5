//! How intelligible the centre is beside the sides and the noise.
//!
//! ANSI S3.5-1997: signal over noise in each third octave from -15 to +15 dB, weighted by its importance for speech. The centre's
//! power is what the mid has more than the side: when the sides are independent of each other they have as much in both. It is the
//! centre, not the voice.

use crate::ear::{Ear, level_db};
use crate::heard::{AtEar, Rows};

/// Importance of the third octaves 160 Hz to 8 kHz (ANSI S3.5-1997, table 3).
const IMPORTANCE: [(f64, f64); 18] = [
    (160.0, 0.0083),
    (200.0, 0.0095),
    (250.0, 0.0150),
    (315.0, 0.0289),
    (400.0, 0.0440),
    (500.0, 0.0578),
    (630.0, 0.0653),
    (800.0, 0.0711),
    (1_000.0, 0.0818),
    (1_250.0, 0.0844),
    (1_600.0, 0.0882),
    (2_000.0, 0.0898),
    (2_500.0, 0.0868),
    (3_150.0, 0.0844),
    (4_000.0, 0.0771),
    (5_000.0, 0.0527),
    (6_300.0, 0.0364),
    (8_000.0, 0.0185),
];
/// Half of a third octave, as a ratio.
const HALF: f64 = 1.122_018_454;
/// Rows taken together, 0.4 s.
const ROWS: usize = 8;
/// Pieces more than this below the mean count for nothing: 10 dB; those more than 70 dB below the loudest are silence.
const GATE: f64 = 0.1;
const SILENCE: f64 = 1e-7;

/// Speech intelligibility index of the centre, 0 to 1; `None` of silence.
pub(crate) fn intelligibility(ear: &Ear, rows: Rows<'_>, at_ear: &AtEar) -> Option<f64> {
    let bands: Vec<std::ops::Range<usize>> = IMPORTANCE
        .iter()
        .map(|(hz, _)| {
            let within = ear.within(hz / HALF, hz * HALF);
            if within.is_empty() { ear.band_of(*hz)..ear.band_of(*hz) + 1 } else { within }
        })
        .collect();
    let pieces: Vec<(f64, f64)> =
        (0..rows.count).step_by(ROWS).map(|first| piece(rows, first, at_ear, &bands)).collect();
    let most = pieces.iter().map(|(power, _)| *power).fold(0.0, f64::max);
    let mean = mean_of(&pieces, SILENCE * most, |(power, _)| *power)?;
    mean_of(&pieces, GATE * mean, |(_, index)| *index)
}

/// Mean over the pieces with more power than that.
fn mean_of(pieces: &[(f64, f64)], least: f64, of: fn(&(f64, f64)) -> f64) -> Option<f64> {
    let heard = pieces.iter().filter(|(power, _)| *power > least);
    let (sum, count) = heard.fold((0.0, 0u64), |(sum, count), piece| (sum + of(piece), count + 1));
    (count > 0).then(|| sum / count as f64)
}

/// Power and index of one piece of time.
fn piece(
    rows: Rows<'_>,
    first: usize,
    at_ear: &AtEar,
    bands: &[std::ops::Range<usize>],
) -> (f64, f64) {
    let until = rows.count.min(first + ROWS);
    let count = (until - first).max(1) as f64;
    let (mut power, mut index) = (0.0, 0.0);
    for ((_, importance), bands) in IMPORTANCE.iter().zip(bands) {
        let (mut centre, mut rest, mut noise) = (0.0, 0.0, 0.0);
        for band in bands.clone() {
            let mid: f64 = (first..until).map(|row| f64::from(rows.mid(row)[band])).sum();
            let side: f64 = (first..until).map(|row| f64::from(rows.side(row)[band])).sum();
            let field = at_ear.mid_to_field(band) / count;
            centre += field * (mid - side).max(0.0);
            rest += field * (side.min(mid) + side * at_ear.side_gain(band));
            noise += at_ear.noise[band];
        }
        power += centre + rest;
        let over_db = level_db(centre + 1e-12) - level_db(rest + noise + 1e-9);
        index += importance * ((over_db + 15.0) / 30.0).clamp(0.0, 1.0);
    }
    (power, index)
}
