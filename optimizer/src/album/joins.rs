//! Whether one file goes on where another ended: two cuts of one recording.
//!
//! A predictor learnt from the end of the first file is asked for the beginning of the second, and one learnt from the beginning of the
//! second, backwards in time, for the end of the first. Inside a recording both are off as they always are; over a cut to something else
//! they are off by far more. Linear prediction by Burg's method (Burg, "A new analysis technique for time series data", NATO 1968; Kay,
//! Modern Spectral Estimation, 1988, section 7.4).
//!
//! One direction alone, against its error over the whole window, took 4.5 % of places in different songs for joins; both together,
//! against the error near the edge, take none of them (`benches/suite/src/bin/joins.rs`).

/// Frames on each side of a cut that a predictor learns from.
pub const EDGE_FRAMES: usize = 2048;
/// Frames on the other side that it is asked for.
const ASKED_FRAMES: usize = 8;
/// Frames near the edge whose error is the usual one.
const USUAL_FRAMES: usize = 256;
/// Coefficients of the predictor.
const ORDER: usize = 32;
/// Errors this many times as large as usual are no join; from the same bench.
pub const JOIN_SCORE_MAX: f64 = 3.0;
/// A file that ends or begins with a short fade meets nothing, however smoothly two fades touch: the amplitude of its last frames against
/// that of the ones before. Of cuts inside recordings 1 in 500 is below, of edges that are faded over a few milliseconds all.
const FADED: f64 = 0.07;
const FADED_FRAMES: usize = 32;
const BEFORE_FADE: std::ops::Range<usize> = 256..1024;
/// An edge below this is silent, mean square (-90 dB): files do not meet in silence, they end there.
const SILENCE: f64 = 1e-9;

/// How far off prediction is over the meeting of two files, against how far off it is beside it; about 1 inside a recording. `tail` is the
/// end of the first file and `head` the beginning of the second, a plane a channel of at least [`EDGE_FRAMES`]; `None` when an edge is
/// silent, faded or shorter.
///
/// # Panics
/// When the two have different numbers of channels.
pub fn join_score(tail: &[Vec<f32>], head: &[Vec<f32>]) -> Option<f64> {
    assert_eq!(tail.len(), head.len(), "both files have the same channels");
    let from_end = |plane: &Vec<f32>| plane.iter().rev().copied().collect::<Vec<f32>>();
    if is_faded(&tail.iter().map(from_end).collect::<Vec<_>>()) || is_faded(head) {
        return None;
    }
    let scores = tail.iter().zip(head).filter_map(|(tail, head)| channel_score(tail, head));
    scores.reduce(f64::max)
}

/// Whether two files are one recording that was cut.
pub fn is_join(tail: &[Vec<f32>], head: &[Vec<f32>]) -> bool {
    join_score(tail, head).is_some_and(|score| score <= JOIN_SCORE_MAX)
}

/// Whether a sound comes out of nothing in its first frames.
fn is_faded(edge: &[Vec<f32>]) -> bool {
    let power = |frames: std::ops::Range<usize>| {
        let planes = edge.iter().filter_map(|plane| plane.get(frames.clone()));
        let squares = planes.flatten().map(|&sample| f64::from(sample).powi(2));
        squares.sum::<f64>() / frames.len() as f64
    };
    power(0..FADED_FRAMES) < FADED * FADED * power(BEFORE_FADE)
}

fn channel_score(tail: &[f32], head: &[f32]) -> Option<f64> {
    let before = tail[tail.len().checked_sub(EDGE_FRAMES)?..].iter();
    let after = head.get(..EDGE_FRAMES)?.iter();
    let both: Vec<f64> = before.chain(after).map(|&sample| f64::from(sample)).collect();
    let backwards: Vec<f64> = both.iter().rev().copied().collect();
    Some(libm::sqrt(one_way(&both)? * one_way(&backwards)?))
}

/// The error over the middle of `both` sides against the error before it.
fn one_way(both: &[f64]) -> Option<f64> {
    let known = &both[..EDGE_FRAMES];
    let asked = EDGE_FRAMES..EDGE_FRAMES + ASKED_FRAMES;
    let near = EDGE_FRAMES - USUAL_FRAMES..EDGE_FRAMES;
    if mean_square(&known[near.clone()]) < SILENCE || mean_square(&both[asked.clone()]) == 0.0 {
        return None;
    }
    let predictor = burg(known);
    let errors = |range: std::ops::Range<usize>| {
        let error = |at: usize| {
            let past = both[at - ORDER..at].iter().rev();
            both[at] + past.zip(&predictor).map(|(x, a)| a * x).sum::<f64>()
        };
        let errors: Vec<f64> = range.map(error).collect();
        mean_square(&errors)
    };
    Some(libm::sqrt(errors(asked) / errors(near).max(SILENCE * SILENCE)))
}

fn mean_square(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>() / values.len().max(1) as f64
}

/// Coefficients `a` of the predictor: x[n] is about -Σ a[k] x[n-1-k].
fn burg(x: &[f64]) -> Vec<f64> {
    let (mut forward, mut backward) = (x.to_vec(), x.to_vec());
    let mut a: Vec<f64> = Vec::with_capacity(ORDER);
    for order in 0..ORDER {
        let pairs = || forward[order + 1..].iter().zip(&backward[order..x.len() - 1]);
        let cross: f64 = pairs().map(|(f, b)| f * b).sum();
        let power: f64 = pairs().map(|(f, b)| f * f + b * b).sum();
        let reflection = if power > 0.0 { -2.0 * cross / power } else { 0.0 };
        for n in (order + 1..x.len()).rev() {
            let (f, b) = (forward[n], backward[n - 1]);
            forward[n] = f + reflection * b;
            backward[n] = b + reflection * f;
        }
        let mirrored: Vec<f64> = a.iter().rev().copied().collect();
        for (a, mirrored) in a.iter_mut().zip(mirrored) {
            *a += reflection * mirrored;
        }
        a.push(reflection);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two tones and a little noise, as music has.
    fn sound(from: usize, frames: usize) -> Vec<f32> {
        let mut state = 7_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / f64::from(1 << 24) - 0.5
        };
        (0..from + frames)
            .map(|n| {
                let t = n as f64;
                let noise = noise();
                (0.3 * (0.031 * t).sin() + 0.2 * (0.17 * t).sin() + 0.001 * noise) as f32
            })
            .skip(from)
            .collect()
    }

    #[test]
    fn a_recording_that_was_cut_is_found() {
        let whole = sound(0, 8000);
        let (tail, head) = whole.split_at(4000);
        let score = join_score(&[tail.to_vec()], &[head.to_vec()]).unwrap();
        assert!(score < 2.0, "{score}");
    }

    #[test]
    fn another_place_of_the_same_sound_is_not_a_join() {
        let (tail, head) = (sound(0, 4000), sound(4057, 4000));
        assert!(!is_join(&[tail], &[head]));
    }

    #[test]
    fn two_short_fades_that_touch_are_no_join() {
        let (mut tail, mut head) = (sound(0, 4000), sound(4000, 4000));
        for frame in 0..400 {
            let gain = frame as f32 / 400.0;
            tail[3999 - frame] *= gain;
            head[frame] *= gain;
        }
        assert_eq!(join_score(&[tail], &[head]), None);
    }

    #[test]
    fn silence_meets_nothing() {
        let (silence, sound) = (vec![0.0; 4000], sound(0, 4000));
        assert_eq!(join_score(std::slice::from_ref(&silence), std::slice::from_ref(&sound)), None);
        assert_eq!(join_score(&[sound], &[silence]), None);
    }

    #[test]
    fn a_file_shorter_than_the_predictor_s_window_meets_nothing() {
        assert_eq!(join_score(&[sound(0, 100)], &[sound(100, 4000)]), None);
        assert_eq!(join_score(&[sound(0, 4000)], &[sound(4000, 100)]), None);
    }

    #[test]
    fn burg_learns_a_sine_to_its_last_digits() {
        let x: Vec<f64> = (0..500).map(|n| (0.2 * f64::from(n)).sin()).collect();
        let a = burg(&x);
        let predicted = -x[468..500].iter().rev().zip(&a).map(|(x, a)| x * a).sum::<f64>();
        assert!((predicted - (0.2_f64 * 500.0).sin()).abs() < 1e-3, "{predicted}");
    }
}
