//! Whether one file goes on where another ended: two cuts of one recording.
//!
//! A predictor learnt from the end of the first file is asked for the beginning of the second. Inside a recording it is off as it
//! always is; over a cut to something else it is off by far more. Linear prediction by Burg's method (Burg, "A new analysis technique
//! for time series data", NATO 1968; Kay, Modern Spectral Estimation, 1988, section 7.4).

/// Frames at the end of the first file that the predictor learns from.
pub const TAIL_FRAMES: usize = 2048;
/// Frames at the beginning of the second that it is asked for.
const HEAD_FRAMES: usize = 8;
/// Coefficients of the predictor.
const ORDER: usize = 32;
/// Errors this many times as large as before are no join; found with `benches/suite/src/bin/joins.rs`.
pub const JOIN_SCORE_MAX: f64 = 6.0;
/// An edge below this is silent, mean square (-90 dB): files do not meet in silence, they end there.
const SILENCE: f64 = 1e-9;

/// How far off the prediction from the end of one file is over the beginning of the next, against how far off it is inside the first;
/// about 1 inside a recording. The planes are the channels of both; `None` when an edge is silent or too short.
///
/// # Panics
/// When the two have different numbers of channels.
pub fn join_score(tail: &[Vec<f32>], head: &[Vec<f32>]) -> Option<f64> {
    assert_eq!(tail.len(), head.len(), "both files have the same channels");
    let scores = tail.iter().zip(head).filter_map(|(tail, head)| channel_score(tail, head));
    scores.reduce(f64::max)
}

/// Whether two files are one recording that was cut.
pub fn is_join(tail: &[Vec<f32>], head: &[Vec<f32>]) -> bool {
    join_score(tail, head).is_some_and(|score| score <= JOIN_SCORE_MAX)
}

fn channel_score(tail: &[f32], head: &[f32]) -> Option<f64> {
    let tail = &tail[tail.len().checked_sub(TAIL_FRAMES)?..];
    let head = head.get(..HEAD_FRAMES)?;
    let over: Vec<f64> = tail.iter().chain(head).map(|&sample| f64::from(sample)).collect();
    let (inside, beyond) = over.split_at(TAIL_FRAMES);
    if mean_square(&inside[TAIL_FRAMES - HEAD_FRAMES * ORDER..]) < SILENCE
        || mean_square(beyond) == 0.0
    {
        return None;
    }
    let predictor = burg(inside);
    let error = |at: usize| {
        let past = over[at - ORDER..at].iter().rev();
        over[at] + past.zip(&predictor).map(|(x, a)| a * x).sum::<f64>()
    };
    let errors = |range: std::ops::Range<usize>| {
        let errors: Vec<f64> = range.map(error).collect();
        mean_square(&errors)
    };
    let own = errors(ORDER..TAIL_FRAMES).max(SILENCE * SILENCE);
    Some(libm::sqrt(errors(TAIL_FRAMES..over.len()) / own))
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
        let whole = sound(0, 5000);
        let (tail, head) = whole.split_at(4000);
        let score = join_score(&[tail.to_vec()], &[head.to_vec()]).unwrap();
        assert!(score < 2.0, "{score}");
    }

    #[test]
    fn another_place_of_the_same_sound_is_not_a_join() {
        let (tail, head) = (sound(0, 4000), sound(4057, 1000));
        assert!(!is_join(&[tail], &[head]));
    }

    #[test]
    fn silence_meets_nothing() {
        let (silence, sound) = (vec![0.0; 4000], sound(0, 4000));
        assert_eq!(join_score(std::slice::from_ref(&silence), std::slice::from_ref(&sound)), None);
        assert_eq!(join_score(&[sound], &[silence]), None);
    }

    #[test]
    fn a_file_shorter_than_the_predictor_s_window_meets_nothing() {
        assert_eq!(join_score(&[sound(0, 100)], &[sound(100, 100)]), None);
    }

    #[test]
    fn burg_learns_a_sine_to_its_last_digits() {
        let x: Vec<f64> = (0..500).map(|n| (0.2 * f64::from(n)).sin()).collect();
        let a = burg(&x);
        let predicted = -x[468..500].iter().rev().zip(&a).map(|(x, a)| x * a).sum::<f64>();
        assert!((predicted - (0.2_f64 * 500.0).sin()).abs() < 1e-3, "{predicted}");
    }
}
