//! What tells talk from music: levels that come and go with the syllables, and pauses between them.
//!
//! Speech moves at 4 Hz, deeply, and falls silent between words (Scheirer and Slaney, "Construction and evaluation of a robust
//! multifeature speech/music discriminator", ICASSP 1997). Looked at is the power of the mid from 392 Hz to 4.3 kHz in steps of
//! 50 ms, over its own mean of 1 s.

use crate::analysis::Syllables;
use crate::band_result::BandResult;
use crate::bands::WideBands;
use crate::spectrum::STEPS_PER_SECOND;
use crate::statistics::mean;

/// First and last wide band that carries syllables.
const BANDS: std::ops::RangeInclusive<usize> = 2..=5;
/// Steps in the window in which syllables are looked for: 2 s.
const WINDOW: usize = 2 * STEPS_PER_SECOND as usize;
/// The rates of syllables, Hz, and all rates they are compared with: half-cycles of the window.
const SYLLABLES_HZ: std::ops::RangeInclusive<f64> = 2.5..=6.0;
/// Windows this far below the mean power say nothing: -30 dB.
const FAINT: f64 = 1e-3;
/// A step of less than half of the mean of its second is a pause.
const PAUSE: f64 = 0.5;

/// Measures the movement of syllables; `None` of less than 10 s, or where steps are not kept.
pub(crate) fn syllables(bands: &BandResult, wide: &WideBands) -> Option<Syllables> {
    let rows = |band| wide.weighted(0, band).filter(|_| bands.steps_per_row == 1);
    let count = rows(*BANDS.start())?.len();
    if count < 5 * WINDOW {
        return None;
    }
    let mut power = vec![0.0; count];
    for row in BANDS.filter_map(rows) {
        power.iter_mut().zip(row).for_each(|(sum, power)| *sum += power);
    }
    let least = FAINT * mean(&power)?;
    let heard = power.chunks_exact(WINDOW).filter(|window| mean(window).is_some_and(|m| m > least));
    let (mut windows, mut pauses, mut depth) = (0.0, 0.0, 0.0);
    for window in heard {
        windows += 1.0;
        depth += syllable_depth(window);
        let halves = window.chunks_exact(WINDOW / 2);
        pauses += halves.map(pause_share).sum::<f64>() / 2.0;
    }
    (windows > 0.0).then(|| Syllables { depth: depth / windows, pause_share: pauses / windows })
}

fn pause_share(second: &[f64]) -> f64 {
    let mean = second.iter().sum::<f64>() / second.len() as f64;
    second.iter().filter(|&&power| power < PAUSE * mean).count() as f64 / second.len() as f64
}

/// Root mean square of what the amplitude moves at the rates of syllables, over its mean.
fn syllable_depth(window: &[f64]) -> f64 {
    let amplitude: Vec<f64> = window.iter().map(|power| libm::sqrt(*power)).collect();
    let mean = amplitude.iter().sum::<f64>() / amplitude.len() as f64;
    if mean <= 0.0 {
        return 0.0;
    }
    let length_s = window.len() as f64 / STEPS_PER_SECOND as f64;
    let mut energy = 0.0;
    for cycles in 1..window.len() / 2 {
        if !SYLLABLES_HZ.contains(&(cycles as f64 / length_s)) {
            continue;
        }
        let angle = std::f64::consts::TAU * cycles as f64 / window.len() as f64;
        let (mut re, mut im) = (0.0, 0.0);
        for (step, amplitude) in amplitude.iter().enumerate() {
            let phase = angle * step as f64;
            re += (amplitude - mean) * libm::cos(phase);
            im += (amplitude - mean) * libm::sin(phase);
        }
        energy += 2.0 * (re * re + im * im) / (window.len() * window.len()) as f64;
    }
    libm::sqrt(energy) / mean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_that_comes_and_goes_four_times_a_second_is_deep_and_an_even_one_is_not() {
        let moving = |hz: f64| -> Vec<f64> {
            let at = |step: usize| 1.0 + libm::sin(std::f64::consts::TAU * hz * step as f64 / 20.0);
            (0..WINDOW).map(|step| at(step) * at(step)).collect()
        };
        assert!((syllable_depth(&moving(4.0)) - libm::sqrt(0.5)).abs() < 1e-9);
        assert!(syllable_depth(&moving(1.0)) < 1e-9);
        assert!(syllable_depth(&vec![1.0; WINDOW]) < 1e-12);
    }

    #[test]
    fn half_of_a_stammer_is_pauses() {
        let stammer: Vec<f64> = (0..20).map(|step| f64::from(u8::from(step % 2 == 0))).collect();
        assert!((pause_share(&stammer) - 0.5).abs() < 1e-12);
        assert!(pause_share(&[1.0; 20]) < 1e-12);
    }
}
