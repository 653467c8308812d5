//! Sounds made from formulas.

use std::f64::consts::TAU;

/// Frames a second of all of them.
pub(crate) const RATE: u32 = 44_100;
/// Length of most, seconds.
const LENGTH_S: f64 = 12.0;
/// Amplitude of the bass.
pub(crate) const BASS: f64 = 0.22;

/// Left and right.
pub(crate) type Stereo = [Vec<f32>; 2];

fn frames(seconds: f64) -> usize {
    (seconds * f64::from(RATE)) as usize
}

fn both(plane: Vec<f32>) -> Stereo {
    [plane.clone(), plane]
}

fn made(of: impl Fn(f64) -> f64) -> Vec<f32> {
    (0..frames(LENGTH_S)).map(|frame| of(frame as f64 / f64::from(RATE)) as f32).collect()
}

/// White noise of this seed, from -1 to 1.
fn white(seed: u32, count: usize) -> Vec<f64> {
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1u32 << 23) - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// One pole at a frequency.
fn low_passed(noise: &[f64], hz: f64) -> Vec<f64> {
    let pole = libm::exp(-TAU * hz / f64::from(RATE));
    let mut state = 0.0;
    noise
        .iter()
        .map(|sample| {
            state = pole * state + (1.0 - pole) * sample;
            state
        })
        .collect()
}

/// Noise that falls by about 3 dB an octave.
fn pink(seed: u32, count: usize) -> Vec<f64> {
    let noise = white(seed, count);
    let parts = [(40.0, 12.0), (400.0, 4.0), (4_000.0, 1.3)];
    let parts = parts.map(|(hz, gain)| (low_passed(&noise, hz), gain));
    (0..count).map(|n| parts.iter().map(|(part, gain)| gain * part[n]).sum::<f64>()).collect()
}

/// Sounds added.
pub(crate) fn mixed(sounds: &[Stereo]) -> Stereo {
    let mut sum = sounds[0].clone();
    for sound in &sounds[1..] {
        for (sum, plane) in sum.iter_mut().zip(sound) {
            sum.iter_mut().zip(plane).for_each(|(sum, sample)| *sum += sample);
        }
    }
    sum
}

/// A sound times a gain.
pub(crate) fn scaled(sound: &Stereo, gain: f32) -> Stereo {
    sound.clone().map(|plane| plane.into_iter().map(|sample| gain * sample).collect())
}

/// One bass note of a fundamental and harmonics 2, 3, ... at levels in dB re it, at its time within the note.
fn note(hz: f64, harmonics_db: &[f64], time_s: f64, length_s: f64) -> f64 {
    let fade = (time_s / 0.02).min((length_s - time_s) / 0.02).clamp(0.0, 1.0);
    let harmonics = harmonics_db.iter().enumerate().map(|(index, db)| {
        libm::pow(10.0, db / 20.0) * (TAU * hz * (index + 2) as f64 * time_s).sin()
    });
    BASS * fade * ((TAU * hz * time_s).sin() + harmonics.sum::<f64>())
}

/// A line of notes of a second each, in the centre.
pub(crate) fn bass(harmonics_db: &[f64]) -> Stereo {
    const LINE_HZ: [f64; 4] = [41.2, 49.0, 55.0, 61.7];
    both(made(|time| {
        let hz = LINE_HZ[time as usize % LINE_HZ.len()];
        note(hz, harmonics_db, time % 1.0, 1.0)
    }))
}

/// One note all the time.
pub(crate) fn held_bass(hz: f64, harmonics_db: &[f64]) -> Stereo {
    both(made(|time| note(hz, harmonics_db, time, LENGTH_S)))
}

/// A sine in the centre.
pub(crate) fn tone(hz: f64, amplitude: f64) -> Stereo {
    both(made(|time| amplitude * (TAU * hz * time).sin()))
}

/// What plays above: a chord from 700 Hz on and soft noise above 3 kHz, in the centre.
pub(crate) fn bed() -> Stereo {
    let noise = white(5, frames(LENGTH_S));
    let low = low_passed(&noise, 3_000.0);
    let chord = made(|time| {
        let tones = [740.0, 932.0, 1_108.0, 1_480.0];
        tones.iter().map(|hz| 0.03 * (TAU * hz * time).sin()).sum()
    });
    let bright = noise.iter().zip(&low).map(|(all, low)| 0.03 * (all - low));
    both(chord.iter().zip(bright).map(|(tone, noise)| tone + noise as f32).collect())
}

/// Noise from 150 to 600 Hz in the centre.
pub(crate) fn noise_in_the_low_mids(gain: f64) -> Stereo {
    let noise = white(9, frames(LENGTH_S));
    let below = |hz| low_passed(&low_passed(&noise, hz), hz);
    let (high, low) = (below(600.0), below(150.0));
    both(high.iter().zip(&low).map(|(high, low)| (8.0 * gain * (high - low)) as f32).collect())
}

/// A chord from 200 to 400 Hz, upside down on the right.
pub(crate) fn anti_phase_pad() -> Stereo {
    let chord = made(|time| {
        let tones = [196.0, 247.0, 294.0, 392.0];
        tones.iter().map(|hz| 0.05 * (TAU * hz * time).sin()).sum()
    });
    [chord.clone(), chord.into_iter().map(|sample| -sample).collect()]
}

/// Noises that have nothing in common.
pub(crate) fn independent_noises() -> Stereo {
    [3, 4].map(|seed| {
        pink(seed, frames(2.5 * LENGTH_S)).into_iter().map(|n| (0.1 * n) as f32).collect()
    })
}

/// Noise in the centre, and two others as strong on the sides.
pub(crate) fn centre_and_sides() -> Stereo {
    let count = frames(LENGTH_S);
    let [centre, left, right] = [11, 12, 13].map(|seed| pink(seed, count));
    let add = |side: Vec<f64>| {
        centre.iter().zip(side).map(|(centre, side)| (0.1 * (centre + side)) as f32).collect()
    };
    [add(left), add(right)]
}

/// Half a minute of noise with a melody, of which the first 8 s are quieter by this.
pub(crate) fn quiet_for_8_s_of_32(down_db: f64) -> Stereo {
    let noise = pink(21, frames(32.0));
    let gain = |frame: usize| {
        if frame < frames(8.0) { libm::pow(10.0, -down_db / 20.0) } else { 1.0 }
    };
    both(noise.iter().enumerate().map(|(n, sample)| (0.1 * gain(n) * sample) as f32).collect())
}

/// The same with the right channel upside down.
pub(crate) fn inverted(sound: &Stereo) -> Stereo {
    let [left, right] = sound.clone();
    [left, right.into_iter().map(|sample| -sample).collect()]
}

/// Music with a fairly wide image: a centre 6 dB above two independent sides.
pub(crate) fn wide_music() -> Stereo {
    let count = frames(LENGTH_S);
    let [centre, left, right] = [31, 32, 33].map(|seed| pink(seed, count));
    let add = |side: Vec<f64>| {
        centre.iter().zip(side).map(|(centre, side)| (0.1 * (centre + 0.5 * side)) as f32).collect()
    };
    [add(left), add(right)]
}

/// A voice: vowels of tones, and eight times an "s" of noise from 5 to 9 kHz.
pub(crate) fn voice_with_sharp_sounds() -> Stereo {
    let noise = white(41, frames(LENGTH_S));
    let below = |hz| low_passed(&low_passed(&noise, hz), hz);
    let (high, low) = (below(9_000.0), below(5_000.0));
    both(
        (0..noise.len())
            .map(|frame| {
                let time = frame as f64 / f64::from(RATE);
                let within = (time - 0.6).rem_euclid(1.4);
                let is_sharp = within < 0.15;
                let vowel = [220.0, 440.0, 660.0, 880.0, 1_320.0, 2_640.0];
                let vowel: f64 = vowel.iter().map(|hz| 0.03 * (TAU * hz * time).sin()).sum();
                let sharp = 0.4 * (high[frame] - low[frame]);
                (if is_sharp { sharp } else { vowel }) as f32
            })
            .collect(),
    )
}
