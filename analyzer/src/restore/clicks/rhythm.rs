//! Do finds come in the rhythm of music? Damage strikes at any time, drums on the beat.

use std::f64::consts::TAU;

/// Finds are judged together in windows of this length, and these steps, seconds.
const WINDOW_S: f64 = 30.0;
const STEP_S: f64 = 15.0;
/// Beats and their parts, a second; between two frequencies a window turns by half.
const BEATS_HZ: [f64; 2] = [1.0, 12.0];
const BETWEEN_HZ: f64 = 0.5 / WINDOW_S;
/// In rhythm are so many finds, in effect, that random ones are so in one of 500 windows: e^-12 for each of its 330 frequencies that differ.
const IN_RHYTHM: f64 = 12.0;
/// Turns a second of records, and how exactly: a scratch comes again with each, and it is as regular at its multiples.
const TURNS_HZ: [f64; 3] = [100.0 / 180.0, 0.75, 78.26 / 60.0];
const TURN_ERRORS: [f64; 5] = [0.99, 0.995, 1.0, 1.005, 1.01];
const AS_REGULAR: f64 = 0.8;

/// Which of these times, in order, are in the rhythm of those around them.
pub(super) fn in_rhythm(times_s: &[f64]) -> Vec<bool> {
    let mut marked = vec![false; times_s.len()];
    let Some(last_s) = times_s.last() else { return marked };
    let mut begin_s = times_s[0];
    while begin_s <= *last_s {
        let from = times_s.partition_point(|&t| t < begin_s);
        let to = times_s.partition_point(|&t| t < begin_s + WINDOW_S);
        if has_rhythm(&times_s[from..to]) {
            marked[from..to].fill(true);
        }
        begin_s += STEP_S;
    }
    marked
}

fn has_rhythm(times_s: &[f64]) -> bool {
    if (times_s.len() as f64) < IN_RHYTHM {
        return false;
    }
    let steps = libm::round((BEATS_HZ[1] - BEATS_HZ[0]) / BETWEEN_HZ) as usize;
    let beats = (0..=steps).map(|step| BEATS_HZ[0] + step as f64 * BETWEEN_HZ);
    let beat = beats.map(|hz| together(times_s, hz)).fold(0.0, f64::max);
    let turns = TURNS_HZ.iter().flat_map(|hz| TURN_ERRORS.map(|error| error * hz));
    let turn = turns.map(|hz| together(times_s, hz)).fold(0.0, f64::max);
    beat >= IN_RHYTHM && turn < AS_REGULAR * beat
}

/// How many of these times, in effect, fall together at a frequency: Rayleigh's test, n R^2.
fn together(times_s: &[f64], hz: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for t in times_s {
        let (sin, cos) = libm::sincos(TAU * hz * t);
        (re, im) = (re + cos, im + sin);
    }
    (re * re + im * im) / times_s.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(seed: u32) -> impl FnMut() -> f64 {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / 16_777_216.0
        }
    }

    #[test]
    fn drums_are_in_rhythm_and_damage_is_not() {
        let mut random = random(7);
        // Sixteenths at 94 a minute, half of them struck, 8 ms early or late.
        let grid = (0..200).map(|k| f64::from(k) * 60.0 / 94.0 / 4.0);
        let drums: Vec<f64> = grid.filter(|_| random() < 0.5).collect();
        let drums: Vec<f64> = drums.iter().map(|t| t + 0.016 * (random() - 0.5)).collect();
        assert!(in_rhythm(&drums).iter().all(|&is| is));
        for count in [5, 40, 400] {
            let mut damage: Vec<f64> = (0..count).map(|_| 30.0 * random()).collect();
            damage.sort_by(f64::total_cmp);
            assert!(in_rhythm(&damage).iter().all(|&is| !is), "{count}");
        }
        assert!(in_rhythm(&[]).is_empty());
    }

    #[test]
    fn a_scratch_that_comes_with_every_turn_is_none() {
        let turns: Vec<f64> = (0..40).map(|k| f64::from(k) * 1.8).collect();
        assert!(in_rhythm(&turns).iter().all(|&is| !is));
        let two = (0..80).map(|k| 1.8 * f64::from(k / 2) + 0.23 * f64::from(k % 2));
        assert!(in_rhythm(&two.collect::<Vec<f64>>()).iter().all(|&is| !is));
    }
}
