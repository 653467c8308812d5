//! What becomes of attacks: how much of their peak is lost, and what is heard before them.

use acetate_audio::Audio;
use serde::Serialize;

use super::{percentile, power_db};

/// Pre-echo is looked for above this; below it periods are longer than the 5 ms that are looked at, Hz.
const HIGH_HZ: f64 = 1_000.0;
/// Envelope step, s.
const STEP_S: f64 = 0.001;
/// An onset rises by this within [`RISE_S`] above the mean of the time before, dB.
const RISE_DB: f64 = 9.0;
const RISE_S: f64 = 0.005;
const BEFORE_S: f64 = 0.030;
/// Time in which no second onset is looked for, s.
const APART_S: f64 = 0.100;
/// Onsets below this are left out, dB FS.
const QUIETEST_DB: f64 = -40.0;
/// The attack, and the body that follows it, s.
const ATTACK_S: f64 = 0.005;
const BODY_S: f64 = 0.050;

/// Attacks, compared with the reference. `None` when the reference has none.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Transients {
    /// Number of onsets in the reference.
    pub onsets: usize,
    /// Median loss of attack peak over body level, dB.
    pub loss_median_db: Option<f64>,
    /// Loss that one onset in ten passes, dB.
    pub loss_p90_db: Option<f64>,
    /// Mean over the onsets of what was added above 1 kHz in the 5 ms before each, relative to the 5 ms after, dB.
    pub pre_echo_db: Option<f64>,
    /// The same for the worst onset, dB.
    pub pre_echo_worst_db: Option<f64>,
}

/// Compares the attacks of an output with those of its (level-matched) reference.
pub fn transients(reference: &Audio, output: &Audio) -> Transients {
    let rate = f64::from(reference.spec().sample_rate_hz);
    let samples = |seconds: f64| ((seconds * rate) as usize).max(1);
    let onsets = onsets(reference, samples(STEP_S));
    let (high_reference, high_output) = (high_passed(reference), high_passed(output));
    let (mut losses, mut echoes) = (Vec::new(), Vec::new());
    for &onset in &onsets {
        let body = (onset + samples(ATTACK_S), onset + samples(ATTACK_S + BODY_S));
        if body.1 > reference.frames() || onset < samples(ATTACK_S) {
            continue;
        }
        let attack = (onset, body.0);
        let crest = |audio| power_db(peak(audio, attack).powi(2) / power(audio, body).max(1e-12));
        losses.push(crest(reference) - crest(output));
        let before = (onset - samples(ATTACK_S), onset);
        let added = power_of_difference(&high_reference, &high_output, before);
        echoes.push(added / power(&high_reference, attack).max(1e-12));
    }
    let mean_echo = echoes.iter().sum::<f64>() / echoes.len().max(1) as f64;
    Transients {
        onsets: losses.len(),
        loss_median_db: percentile(&mut losses, 0.5),
        loss_p90_db: percentile(&mut losses, 0.9),
        pre_echo_db: (!echoes.is_empty()).then(|| power_db(mean_echo)),
        pre_echo_worst_db: percentile(&mut echoes, 1.0).map(power_db),
    }
}

/// First samples of the attacks: where the energy of a millisecond rises far above that of the 30 ms before.
fn onsets(audio: &Audio, step: usize) -> Vec<usize> {
    let count = audio.frames() / step;
    let energies: Vec<f64> = (0..count).map(|i| power(audio, (i * step, (i + 1) * step))).collect();
    let (before, rise, apart) = (BEFORE_S / STEP_S, RISE_S / STEP_S, APART_S / STEP_S);
    let (before, rise, apart) = (before as usize, rise as usize, apart as usize);
    let mut found: Vec<usize> = Vec::new();
    let mut next = before;
    while next + rise < count {
        let past = energies[next - before..next].iter().sum::<f64>() / before as f64;
        let coming = energies[next..next + rise].iter().copied().fold(0.0, f64::max);
        let rises = power_db(energies[next] / past.max(1e-12)) > RISE_DB / 2.0;
        if power_db(coming) > QUIETEST_DB && power_db(coming / past.max(1e-12)) > RISE_DB && rises {
            found.push(next * step);
            next += apart;
        } else {
            next += 1;
        }
    }
    found
}

fn peak(audio: &Audio, (from, to): (usize, usize)) -> f64 {
    let largest = |plane: &Vec<f32>| plane[from..to].iter().fold(0.0f32, |top, x| top.max(x.abs()));
    f64::from(audio.planes().iter().map(largest).fold(0.0, f32::max))
}

fn power(audio: &Audio, (from, to): (usize, usize)) -> f64 {
    let samples = audio.planes().iter().flat_map(|plane| &plane[from..to]);
    let sum: f64 = samples.map(|&x| f64::from(x) * f64::from(x)).sum();
    sum / ((to - from) * audio.planes().len()) as f64
}

/// What is heard as a smeared attack: everything above [`HIGH_HZ`] (second-order Butterworth, bilinear).
fn high_passed(audio: &Audio) -> Audio {
    let k = libm::tan(std::f64::consts::PI * HIGH_HZ / f64::from(audio.spec().sample_rate_hz));
    let norm = 1.0 / (1.0 + std::f64::consts::SQRT_2 * k + k * k);
    let (a1, a2) =
        (2.0 * (k * k - 1.0) * norm, (1.0 - std::f64::consts::SQRT_2 * k + k * k) * norm);
    let mut out = audio.clone();
    for plane in out.planes_mut() {
        let (mut s1, mut s2) = (0.0, 0.0);
        for sample in plane {
            let x = f64::from(*sample) * norm;
            let y = x + s1;
            s1 = -2.0 * x - a1 * y + s2;
            s2 = x - a2 * y;
            *sample = y as f32;
        }
    }
    out
}

fn power_of_difference(a: &Audio, b: &Audio, (from, to): (usize, usize)) -> f64 {
    let mut sum = 0.0;
    for (a, b) in a.planes().iter().zip(b.planes()) {
        for (a, b) in a[from..to].iter().zip(&b[from..to]) {
            sum += (f64::from(*a) - f64::from(*b)).powi(2);
        }
    }
    sum / ((to - from) * a.planes().len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 48_000;

    /// Four strokes: a loud click of 3 ms, then a decaying tone.
    fn strokes(attack: f32) -> Audio {
        let sample = |t: usize| {
            let s = (t % 12_000) as f64 / 48_000.0;
            let tone =
                0.2 * libm::sin(2.0 * std::f64::consts::PI * 400.0 * s) * libm::exp(-20.0 * s);
            let lead = if t % 12_000 < 150 { attack } else { 1.0 };
            if t < 12_000 { 0.0 } else { tone as f32 * lead }
        };
        Audio::from_planes(RATE, vec![(0..60_000).map(sample).collect()])
    }

    #[test]
    fn strokes_are_found_where_they_begin() {
        let found = onsets(&strokes(3.0), 48);
        assert_eq!(found.len(), 4);
        for (i, onset) in found.iter().enumerate() {
            assert!(onset.abs_diff((i + 1) * 12_000) <= 48, "onset {i} at {onset}");
        }
    }

    #[test]
    fn attacks_of_half_the_size_are_six_db_lost() {
        let found = transients(&strokes(3.0), &strokes(1.5));
        assert!((found.loss_median_db.unwrap() - 6.02).abs() < 0.1);
        assert_eq!(transients(&strokes(3.0), &strokes(3.0)).loss_median_db, Some(0.0));
    }

    #[test]
    fn what_is_added_before_an_attack_is_pre_echo() {
        let clean = strokes(3.0);
        let mut echoed = clean.clone();
        for stroke in 1..5 {
            for i in 1..100 {
                echoed.planes_mut()[0][stroke * 12_000 - i] +=
                    if i % 2 == 0 { 0.001 } else { -0.001 };
            }
        }
        let found = transients(&clean, &echoed);
        let body = transients(&clean, &clean);
        assert!(body.pre_echo_db.unwrap() <= -100.0);
        assert!((-60.0..-40.0).contains(&found.pre_echo_db.unwrap()), "{:?}", found.pre_echo_db);
    }
}
