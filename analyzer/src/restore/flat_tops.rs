//! Clipping: a channel's top that is held, at any level, each side by itself.

use std::ops::Range;

use super::damage::ClippedSection;
use super::runs::runs;

/// One step of 16 bits.
const STEP: f64 = 1.0 / 32_768.0;
/// What was cut off lies on so many steps below the top at least, and on so many at most: lowered, and rounded with triangular noise, it is spread over
/// four, the highest of them seldom reached.
const STEPS_LEAST: usize = 1;
const STEPS_MOST: usize = 4;
/// A step belongs to the pile that has at least this share of the samples of its fullest one.
const PILE_SHARE: f64 = 0.1;
/// A wide pile is so many times as high as what lies as far below it.
const PILE_HEIGHT: usize = 4;
/// So many samples at the top, and so many runs of three and more of them.
const SAMPLES: usize = 8;
const RUNS: usize = 2;
const RUN_SAMPLES: usize = 3;
/// The waveform bends at both ends of a run by at least so many steps for each that the pile is deep; a smooth crest that is as flat bends by two.
const CORNER: f64 = 5.0;
const CORNER_EACH: f64 = 2.5;
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
        share: samples as f64 / sound.len() as f64,
        meant: false,
    })
}

/// Decides for the channels of a piece together whether they are meant to be cut off: one song is not mended on one side alone.
pub(super) fn decide(sections: &mut [&mut ClippedSection]) {
    let mean = sections.iter().map(|section| section.share).sum::<f64>() / sections.len() as f64;
    sections.iter_mut().for_each(|section| section.meant = mean > SHARE_MAX);
}

/// Which samples are at the levels of a section, or within `near` of one that is.
pub(super) fn around(sound: &[f64], section: &ClippedSection, near: usize) -> Vec<bool> {
    let upper = section.upper.map_or(f64::INFINITY, f64::from);
    let lower = section.lower.map_or(f64::NEG_INFINITY, f64::from);
    let mut inside = vec![false; sound.len()];
    for (n, _) in sound.iter().enumerate().filter(|(_, x)| **x >= upper || **x <= lower) {
        inside[n.saturating_sub(near)..sound.len().min(n + near + 1)].fill(true);
    }
    inside
}

fn tops(sound: &[f64], side: f64) -> Option<Tops> {
    let top = sound.iter().fold(0.0, |top: f64, x| top.max(side * x));
    if top < LEAST {
        return None;
    }
    let depth = depth(sound, side, top);
    let lowest = top - (depth as f64 + 0.01) * STEP;
    let corner = CORNER.max(CORNER_EACH * depth as f64) * STEP;
    let (mut level, mut samples, mut held, mut places) = (top, 0, 0, 0);
    for run in runs(sound.len(), |n| side * sound[n] >= lowest) {
        level = sound[run.clone()].iter().fold(level, |level, x| level.min(side * x));
        samples += run.len();
        places += 1;
        held += usize::from(run.len() >= RUN_SAMPLES && has_corners(sound, &run, corner));
    }
    (samples >= SAMPLES && held >= RUNS).then_some(Tops { level, samples, places })
}

/// How many steps below the top what was cut off reaches.
fn depth(sound: &[f64], side: f64, top: f64) -> usize {
    let mut counts = [0; 2 * STEPS_MOST + 2];
    for x in sound {
        let steps = libm::round((top - side * x) / STEP) as usize;
        if let Some(count) = counts.get_mut(steps) {
            *count += 1;
        }
    }
    let fullest = (0..STEPS_MOST).max_by_key(|&step| counts[step]).unwrap_or(0);
    let in_pile = |step: &usize| counts[*step] as f64 >= PILE_SHARE * counts[fullest] as f64;
    let end = (fullest..STEPS_MOST).take_while(in_pile).last().unwrap_or(fullest);
    let (pile, below) = (&counts[..=end], &counts[end + 2..]);
    let below = below.iter().take(end + 1).sum::<usize>();
    if pile.iter().sum::<usize>() < SAMPLES.max(PILE_HEIGHT * below) {
        return STEPS_LEAST;
    }
    // Noise that spread it reaches, now and then, a step further: such a sample within a top would hold it down.
    if end > 0 { end + 1 } else { STEPS_LEAST }
}

/// Does the waveform bend by `least` where the run begins and where it ends?
fn has_corners(sound: &[f64], run: &Range<usize>, least: f64) -> bool {
    if run.start < 2 || run.end + 1 >= sound.len() {
        return false;
    }
    let bend = |at: usize| (sound[at - 1] - 2.0 * sound[at] + sound[at + 1]).abs();
    bend(run.start).min(bend(run.end - 1)) >= least
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
        assert!(!meant(std::slice::from_ref(&section)) && section.places > 3);
    }

    #[test]
    fn tops_that_were_lowered_and_rounded_with_noise_are_found_whole() {
        let mut state = 5u32;
        let mut random = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / 16_777_216.0
        };
        let clipped = sines(0.7);
        let round = |x: &f64| (0.631 * x / STEP + random() - random()).round() * STEP;
        let lowered: Vec<f64> = clipped.iter().map(round).collect();
        let level = f64::from(find(&lowered, 0, 0).unwrap().lower.unwrap());
        let cut = |x: &f64| *x <= -0.7 + 1e-9;
        let missed = clipped.iter().zip(&lowered).filter(|(was, now)| cut(was) && **now > level);
        let all = clipped.iter().filter(|x| cut(x)).count();
        assert!(missed.count() * 200 < all, "{all}");
        let taken = clipped.iter().zip(&lowered).filter(|(was, now)| !cut(was) && **now <= level);
        assert!(taken.count() * 100 < all, "{all}");
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
        let square = find(&square, 0, 0).unwrap();
        assert!(meant(std::slice::from_ref(&square)));
        let hardly = ClippedSection { share: 0.01, ..square.clone() };
        assert!(meant(&[square.clone(), hardly.clone()]), "half of all is a square");
        let light = ClippedSection { share: 0.1, ..square };
        assert!(!meant(&[light, hardly]), "both channels are one song");
    }

    /// Whether the channels of a piece are meant to be so.
    fn meant(sections: &[ClippedSection]) -> bool {
        let mut sections = sections.to_vec();
        decide(&mut sections.iter_mut().collect::<Vec<_>>());
        sections.iter().all(|section| section.meant)
    }
}
