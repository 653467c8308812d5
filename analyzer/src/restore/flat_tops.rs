//! Clipping: a channel's top that is held, at any level, each side by itself.

use super::damage::ClippedSection;

/// Samples this close to the top are at it: one step of 16 bits, so that clipping survives being lowered and rounded.
const EQUAL: f64 = 1.01 / 32_768.0;
/// So many samples at the top, and so many runs of three and more of them.
const SAMPLES: usize = 8;
const RUNS: usize = 2;
const RUN_SAMPLES: usize = 3;
/// The waveform bends at both ends of a run by at least this many times [`EQUAL`]; a smooth crest that is as flat bends by two.
const CORNER: f64 = 5.0;
/// Quieter tops are music between few steps: -46 dBFS.
const LEAST: f64 = 0.005;
/// A piece of which more is at its top than this is meant to be so: fuzz, square waves.
const SHARE_MAX: f64 = 0.08;

/// One side's tops in a piece.
struct Tops {
    level: f64,
    samples: usize,
    places: usize,
}

/// What is clipped in a piece of one channel that begins at `start_frame`; `core` is what counts of `sound`.
pub(super) fn find(sound: &[f64], channel: usize, start_frame: u64) -> Option<ClippedSection> {
    let [upper, lower] = [1.0, -1.0].map(|side| tops(sound, side));
    if upper.is_none() && lower.is_none() {
        return None;
    }
    let both = || upper.iter().chain(&lower);
    let samples: usize = both().map(|tops| tops.samples).sum();
    Some(ClippedSection {
        channel,
        start_frame,
        frames: sound.len() as u64,
        upper: upper.as_ref().map(|tops| tops.level as f32),
        lower: lower.as_ref().map(|tops| -tops.level as f32),
        places: both().map(|tops| tops.places as u64).sum(),
        meant: samples as f64 > SHARE_MAX * sound.len() as f64,
    })
}

fn tops(sound: &[f64], side: f64) -> Option<Tops> {
    let top = sound.iter().fold(0.0, |top: f64, x| top.max(side * x));
    if top < LEAST {
        return None;
    }
    let at_top = |x: f64| side * x >= top - EQUAL;
    let (mut level, mut samples, mut runs, mut places) = (top, 0, 0, 0);
    let mut n = 0;
    while n < sound.len() {
        if !at_top(sound[n]) {
            n += 1;
            continue;
        }
        let from = n;
        while n < sound.len() && at_top(sound[n]) {
            level = level.min(side * sound[n]);
            n += 1;
        }
        samples += n - from;
        places += 1;
        runs += usize::from(n - from >= RUN_SAMPLES && has_corners(sound, from, n));
    }
    (samples >= SAMPLES && runs >= RUNS).then_some(Tops { level, samples, places })
}

/// Does the waveform bend where the run begins and where it ends?
fn has_corners(sound: &[f64], from: usize, to: usize) -> bool {
    if from < 2 || to + 1 >= sound.len() {
        return false;
    }
    let bend = |a: f64, b: f64, c: f64| (a - 2.0 * b + c).abs();
    let left = bend(sound[from - 1], sound[from], sound[from + 1]);
    let right = bend(sound[to - 2], sound[to - 1], sound[to]);
    left.min(right) >= CORNER * EQUAL
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sines(level: f64) -> Vec<f64> {
        let sines = |n: f64| 0.5 * libm::sin(n * 0.05) + 0.3 * libm::sin(n * 0.171);
        (0..20_000).map(|n| sines(f64::from(n)).clamp(-level, 2.0)).collect()
    }

    #[test]
    fn a_side_that_is_cut_off_is_found_and_the_other_is_not() {
        let section = find(&sines(0.7), 1, 5).unwrap();
        assert!(
            (section.lower.unwrap() + 0.7).abs() < 1e-4 && section.upper.is_none(),
            "{section:?}"
        );
        assert!(!section.meant && section.places > 3);
    }

    #[test]
    fn crests_are_not_cut_off_however_slow() {
        assert_eq!(find(&sines(2.0), 0, 0), None);
        let steps = |n: i32| (0.4 * libm::sin(f64::from(n) * 0.007) * 32_768.0).round() / 32_768.0;
        assert_eq!(find(&(0..44_100).map(steps).collect::<Vec<f64>>(), 0, 0), None);
        assert_eq!(find(&[0.0; 1000], 0, 0), None);
    }

    #[test]
    fn a_square_wave_is_meant() {
        let square: Vec<f64> = (0..8000).map(|n| if n % 100 < 50 { 0.4 } else { -0.4 }).collect();
        assert!(find(&square, 0, 0).unwrap().meant);
    }
}
