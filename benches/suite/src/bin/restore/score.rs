//! How near what was mended is to what was there.

use crate::damage::{Damaged, Planted};
use crate::material::Excerpt;

/// Where nothing differs at all.
const IDENTICAL_DB: f64 = 200.0;

fn db(ratio: f64) -> f64 {
    10.0 * ratio.max(1e-20).log10()
}

/// Squared errors of two sounds against the truth, over the samples that `counts` says.
fn errors(
    clean: &Excerpt,
    other: &[Vec<f32>],
    counts: impl Fn(usize, usize) -> bool,
) -> (f64, f64) {
    let (mut signal, mut error) = (0.0, 0.0);
    for (channel, (clean, other)) in clean.planes.iter().zip(other).enumerate() {
        for (frame, (x, y)) in clean.iter().zip(other).enumerate() {
            if counts(channel, frame) {
                signal += x * x;
                error += (x - f64::from(*y)) * (x - f64::from(*y));
            }
        }
    }
    (signal, error)
}

/// Gain in signal-to-distortion ratio where the damage is, dB.
pub(crate) fn gained_db(clean: &Excerpt, damaged: &Damaged, mended: &[Vec<f32>]) -> f64 {
    let counts = |c: usize, n: usize| damaged.sound.planes[c][n] != clean.planes[c][n];
    let before = damaged.sound.audio();
    let (_, found) = errors(clean, before.planes(), counts);
    let (_, left) = errors(clean, mended, counts);
    db(found / left.max(1e-20))
}

/// Samples this near to damage belong to it: a repair begins and ends there.
const NEAR: usize = 100;

/// Signal-to-distortion ratio of the samples that are nowhere near damage, dB.
pub(crate) fn healthy_db(clean: &Excerpt, damaged: &Damaged, mended: &[Vec<f32>]) -> f64 {
    let far: Vec<Vec<bool>> = clean.planes.iter().zip(&damaged.sound.planes).map(far).collect();
    let (signal, error) = errors(clean, mended, |c, n| far[c][n]);
    if error == 0.0 { IDENTICAL_DB } else { db(signal / error) }
}

/// Which samples of a channel are far from all damage.
fn far((clean, damaged): (&Vec<f64>, &Vec<f64>)) -> Vec<bool> {
    let mut far = vec![true; clean.len()];
    for n in (0..clean.len()).filter(|&n| clean[n] != damaged[n]) {
        far[n.saturating_sub(NEAR)..clean.len().min(n + NEAR + 1)].fill(false);
    }
    far
}

/// Distortion of a sound that should have been left alone, as a ratio in dB.
pub(crate) fn untouched_db(clean: &Excerpt, mended: &[Vec<f32>]) -> f64 {
    let (signal, error) = errors(clean, mended, |_, _| true);
    if error == 0.0 { IDENTICAL_DB } else { db(signal / error) }
}

/// Is there a planted click in a stretch of a channel?
pub(crate) fn is_hit(planted: &[Planted], (channel, from, to): (usize, usize, usize)) -> bool {
    planted.iter().any(|click| click.channel == channel && from < click.to && click.from < to)
}

/// Which planted clicks were found, by class; and how many finds are none.
pub(crate) fn hits(planted: &[Planted], found: &[(usize, usize, usize)]) -> ([f64; 3], usize) {
    let overlap = |click: &Planted, stretch: &(usize, usize, usize)| {
        stretch.0 == click.channel && stretch.1 < click.to && click.from < stretch.2
    };
    let mut shares = [0.0; 3];
    for (class, share) in shares.iter_mut().enumerate() {
        let all: Vec<&Planted> = planted.iter().filter(|click| click.class == class).collect();
        let hit = all.iter().filter(|click| found.iter().any(|s| overlap(click, s))).count();
        *share = hit as f64 / all.len().max(1) as f64;
    }
    let wrong = found.iter().filter(|s| !planted.iter().any(|click| overlap(click, s))).count();
    (shares, wrong)
}
