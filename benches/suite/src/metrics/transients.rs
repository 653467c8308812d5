//! What becomes of attacks: how much of them is lost, and what is heard before them.
//!
//! *Pre-echo* is what the output has in the 5 ms before an onset that its input has not. Three things are therefore left out that a
//! plain difference would count: a change of gain (the best gain up to 1 for those 5 ms and each channel is taken out first; to be
//! turned down before a peak is gain modulation, measured elsewhere), the onset's own beginning (the 5 ms end 1 ms, the resolution
//! of the onsets, before it), and onsets without a quiet before them: where the input is above the ceiling in those 5 ms, what is cut off
//! there belongs there; where its treble does not rise by 9 dB, what is added hides as everywhere else. The reference must have the level at which untouched sound is equal.

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

/// Time between what counts as before an onset and the onset, s.
const GUARD_S: f64 = 0.001;
/// The input is over where it passes the largest sample of the output by this, ratio (0.1 dB).
const OVER: f32 = 1.0116;

/// Attacks, compared with the reference. `None` when the reference has none.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Transients {
    /// Number of onsets in the reference.
    pub onsets: usize,
    /// Median loss of attack peak over body level, dB.
    pub loss_median_db: Option<f64>,
    /// Loss that one onset in ten passes, dB.
    pub loss_p90_db: Option<f64>,
    /// Median loss of the attack's power over the body's, dB: what a peak meter does not see.
    pub power_loss_median_db: Option<f64>,
    /// Onsets with a quiet before them: no over, and less treble.
    pub quiet_onsets: usize,
    /// Mean over those of what was added above 1 kHz in the 5 ms before, relative to the 5 ms after the onset, dB.
    pub pre_echo_db: Option<f64>,
    /// What one of those onsets in ten passes, dB.
    pub pre_echo_p90_db: Option<f64>,
}

/// Compares the attacks of an output with those of its reference, which is at the level at which untouched sound is equal.
pub fn transients(reference: &Audio, output: &Audio) -> Transients {
    let rate = f64::from(reference.spec().sample_rate_hz);
    let samples = |seconds: f64| ((seconds * rate) as usize).max(1);
    let onsets = onsets(reference, samples(STEP_S));
    let (high_reference, high_output) = (high_passed(reference), high_passed(output));
    let ceiling = OVER * peak(output, (0, output.frames())) as f32;
    let (mut losses, mut power_losses, mut echoes) = (Vec::new(), Vec::new(), Vec::new());
    for &onset in &onsets {
        let body = (onset + samples(ATTACK_S), onset + samples(ATTACK_S + BODY_S));
        if body.1 > reference.frames() || onset < samples(ATTACK_S + GUARD_S) {
            continue;
        }
        let attack = (onset, body.0);
        let over_body = |value: f64, audio| power_db(value / power(audio, body).max(1e-12));
        let crest = |audio| over_body(peak(audio, attack).powi(2), audio);
        let weight = |audio| over_body(power(audio, attack), audio);
        losses.push(crest(reference) - crest(output));
        power_losses.push(weight(reference) - weight(output));
        let before = (onset - samples(ATTACK_S + GUARD_S), onset - samples(GUARD_S));
        let attack_power = power(&high_reference, attack).max(1e-12);
        let rises = power_db(attack_power / power(&high_reference, before).max(1e-12)) > RISE_DB;
        if rises && peak(reference, (before.0, onset)) <= f64::from(ceiling) {
            let added = power_added(&high_reference, &high_output, before);
            echoes.push(added / attack_power);
        }
    }
    let mean_echo = echoes.iter().sum::<f64>() / echoes.len().max(1) as f64;
    Transients {
        onsets: losses.len(),
        loss_median_db: percentile(&mut losses, 0.5),
        loss_p90_db: percentile(&mut losses, 0.9),
        power_loss_median_db: percentile(&mut power_losses, 0.5),
        quiet_onsets: echoes.len(),
        pre_echo_db: (!echoes.is_empty()).then(|| power_db(mean_echo)),
        pre_echo_p90_db: percentile(&mut echoes, 0.9).map(power_db),
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

/// Power of what a stretch of an output has beyond its input: the difference to the input times the best gain up to 1.
fn power_added(input: &Audio, output: &Audio, (from, to): (usize, usize)) -> f64 {
    let mut added = 0.0;
    for (x, y) in input.planes().iter().zip(output.planes()) {
        let pairs = || x[from..to].iter().zip(&y[from..to]).map(|(&x, &y)| (x.into(), y.into()));
        let product: f64 = pairs().map(|(x, y): (f64, f64)| x * y).sum();
        let energy: f64 = pairs().map(|(x, _): (f64, f64)| x * x).sum();
        let gain = if energy > 0.0 { (product / energy).clamp(0.0, 1.0) } else { 1.0 };
        added += pairs().map(|(x, y): (f64, f64)| (y - gain * x).powi(2)).sum::<f64>();
    }
    added / ((to - from) * input.planes().len()) as f64
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
            for i in 50..150 {
                echoed.planes_mut()[0][stroke * 12_000 - i] +=
                    if i % 2 == 0 { 0.001 } else { -0.001 };
            }
        }
        let found = transients(&clean, &echoed);
        let body = transients(&clean, &clean);
        assert!(body.pre_echo_db.unwrap() <= -100.0);
        assert!((-60.0..-40.0).contains(&found.pre_echo_db.unwrap()), "{:?}", found.pre_echo_db);
    }

    /// The strokes with something else done to the 10 ms before each.
    fn changed_before(clean: &Audio, change: impl Fn(usize, f32) -> f32) -> Audio {
        let mut changed = clean.clone();
        for stroke in 1..5 {
            for i in stroke * 12_000 - 480..stroke * 12_000 {
                let sample = &mut changed.planes_mut()[0][i];
                *sample = change(i, *sample);
            }
        }
        changed
    }

    /// Strokes over a steady 3 kHz tone.
    fn strokes_over_a_tone(amplitude: f32) -> Audio {
        let mut audio = strokes(3.0);
        for (i, sample) in audio.planes_mut()[0].iter_mut().enumerate() {
            *sample += amplitude * libm::sinf(i as f32 * std::f32::consts::FRAC_PI_8);
        }
        audio
    }

    #[test]
    fn to_be_turned_down_is_no_pre_echo_and_to_be_turned_up_is() {
        let clean = strokes_over_a_tone(0.02);
        let quieter = transients(&clean, &changed_before(&clean, |_, x| 0.7 * x));
        let louder = transients(&clean, &changed_before(&clean, |_, x| 1.4 * x));
        assert!(quieter.pre_echo_db.unwrap() < -60.0, "{quieter:?}");
        assert!(louder.pre_echo_db.unwrap() > -40.0, "{louder:?}");
    }

    #[test]
    fn a_peak_that_is_clipped_before_an_attack_is_not_its_pre_echo() {
        // A small click above the tone 3 ms before each stroke, and everything clipped below it.
        let click = |i, x| if i % 12_000 == 11_856 { 0.05 } else { x };
        let clean = changed_before(&strokes_over_a_tone(0.02), click);
        let mut clipped = clean.clone();
        clipped.planes_mut()[0].iter_mut().for_each(|x| *x = x.clamp(-0.04, 0.04));
        assert_eq!(transients(&clean, &clipped).quiet_onsets, 0);
        assert!(transients(&clean, &clean).quiet_onsets > 0);
    }
}
