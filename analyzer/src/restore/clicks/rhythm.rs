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
/// Where less than this of all is on the beat, most are damage: then those alone are meant that are nearer to it than an eighth of its time.
const MOST: f64 = 0.3;
const ON_BEAT: f64 = 0.125;

/// Which of these times, in order, are in the rhythm of those around them.
pub(super) fn in_rhythm(times_s: &[f64]) -> Vec<bool> {
    let mut marked = vec![false; times_s.len()];
    let Some(last_s) = times_s.last() else { return marked };
    let mut begin_s = times_s[0];
    while begin_s <= *last_s {
        let from = times_s.partition_point(|&t| t < begin_s);
        let to = times_s.partition_point(|&t| t < begin_s + WINDOW_S);
        if let Some(beat) = rhythm(&times_s[from..to]) {
            let on_beat = times_s[from..to].iter().map(|&t| beat.has(t));
            marked[from..to].iter_mut().zip(on_beat).for_each(|(marked, on)| *marked |= on);
        }
        begin_s += STEP_S;
    }
    marked
}

/// What times fall together at.
#[derive(Clone, Copy)]
struct Beat {
    hz: f64,
    /// Where in its time, as a share of it.
    phase: f64,
    /// How many of the times, in effect, fall together: Rayleigh's test, n R^2.
    together: f64,
    /// R, as a share of all.
    share: f64,
}

impl Beat {
    fn of(times_s: &[f64], hz: f64) -> Self {
        let (mut re, mut im) = (0.0, 0.0);
        for t in times_s {
            let (sin, cos) = libm::sincos(TAU * hz * t);
            (re, im) = (re + cos, im + sin);
        }
        let count = times_s.len() as f64;
        let power = re * re + im * im;
        Self {
            hz,
            phase: libm::atan2(im, re) / TAU,
            together: power / count,
            share: power.sqrt() / count,
        }
    }

    /// Is a find of this time meant?
    fn has(self, time_s: f64) -> bool {
        let turn = self.hz * time_s - self.phase;
        self.share >= MOST || (turn - libm::round(turn)).abs() < ON_BEAT
    }
}

/// The clearest of these.
fn clearest(times_s: &[f64], all_hz: impl Iterator<Item = f64>) -> Option<Beat> {
    all_hz.map(|hz| Beat::of(times_s, hz)).max_by(|a, b| a.together.total_cmp(&b.together))
}

fn rhythm(times_s: &[f64]) -> Option<Beat> {
    if (times_s.len() as f64) < IN_RHYTHM {
        return None;
    }
    let steps = libm::round((BEATS_HZ[1] - BEATS_HZ[0]) / BETWEEN_HZ) as usize;
    let beats = (0..=steps).map(|step| BEATS_HZ[0] + step as f64 * BETWEEN_HZ);
    let beat = clearest(times_s, beats)?;
    let turns = TURNS_HZ.iter().flat_map(|hz| TURN_ERRORS.map(|error| error * hz));
    let turn = clearest(times_s, turns)?;
    (beat.together >= IN_RHYTHM && turn.together < AS_REGULAR * beat.together).then_some(beat)
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
    fn of_drums_among_much_damage_the_drums_alone_are_meant() {
        let mut random = random(3);
        let drums: Vec<f64> = (0..120).map(|k| f64::from(k) / 4.0 + 0.004 * random()).collect();
        let damage: Vec<f64> = (0..700).map(|_| 30.0 * random()).collect();
        let mut all: Vec<(f64, bool)> = drums.iter().map(|&t| (t, true)).collect();
        all.extend(damage.iter().map(|&t| (t, false)));
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let marked = in_rhythm(&all.iter().map(|&(t, _)| t).collect::<Vec<f64>>());
        let of = |is_drum: bool| -> Vec<bool> {
            let own = all.iter().zip(&marked).filter(|((_, drum), _)| *drum == is_drum);
            own.map(|(_, &marked)| marked).collect()
        };
        assert!(of(true).iter().all(|&marked| marked));
        let damage_marked = of(false).iter().filter(|marked| **marked).count();
        assert!((120..320).contains(&damage_marked), "{damage_marked}");
    }

    #[test]
    fn a_scratch_that_comes_with_every_turn_is_none() {
        let turns: Vec<f64> = (0..40).map(|k| f64::from(k) * 1.8).collect();
        assert!(in_rhythm(&turns).iter().all(|&is| !is));
        let two = (0..80).map(|k| 1.8 * f64::from(k / 2) + 0.23 * f64::from(k % 2));
        assert!(in_rhythm(&two.collect::<Vec<f64>>()).iter().all(|&is| !is));
    }
}
