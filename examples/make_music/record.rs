//! The record of `examples/record`: "Lighthouse", which is cut in two while it sounds, and "Low Tide", a quiet piece.
//!
//! Left as they came off the desk, small enough for a clone: electric piano, bass and a few drums.

use crate::instruments::{bass, electric_piano, hat, kick, lead};
use crate::mixer::{Stereo, reverb};
use crate::synth::{db, hz};

const BEAT_S: f64 = 60.0 / 96.0;
/// Length of "Lighthouse", and where it is cut: in the middle of its bars, on no sector of a disc.
const LIGHTHOUSE_S: f64 = 12.6;
pub(crate) const LIGHTHOUSE_CUT: usize = 275_123;
const LOW_TIDE_S: f64 = 6.5;

/// Dm9, Gm7, Bbmaj7, A7.
const CHORDS: [[f64; 4]; 4] = [
    [57.0, 60.0, 65.0, 76.0],
    [58.0, 62.0, 65.0, 69.0],
    [57.0, 62.0, 65.0, 70.0],
    [55.0, 61.0, 64.0, 69.0],
];
const ROOTS: [f64; 4] = [38.0, 31.0, 34.0, 33.0];
/// Bar, beat, note, beats held.
const TUNE: [(usize, f64, f64, f64); 9] = [
    (0, 1.0, 77.0, 0.8),
    (0, 2.0, 76.0, 0.9),
    (1, 0.5, 74.0, 1.2),
    (1, 2.5, 70.0, 1.0),
    (2, 1.0, 74.0, 0.8),
    (2, 2.0, 77.0, 1.5),
    (3, 0.0, 76.0, 1.2),
    (3, 2.0, 73.0, 0.9),
    (4, 0.0, 74.0, 1.0),
];

/// Five bars, with drums from the third on.
pub(crate) fn lighthouse() -> Stereo {
    let mut keys = Stereo::silence(LIGHTHOUSE_S);
    let mut rest = Stereo::silence(LIGHTHOUSE_S);
    for bar in 0..5 {
        let at = |beat: f64| 0.1 + (4.0 * bar as f64 + beat) * BEAT_S;
        let chord = CHORDS[bar % 4];
        for (beat, velocity) in [(0.0, 0.7), (2.5, 0.5)] {
            for (string, &note) in chord.iter().enumerate() {
                let pan = -0.4 + 0.27 * string as f64;
                let struck = electric_piano(hz(note), 1.8 * BEAT_S, velocity);
                keys.add(&struck, at(beat) + 0.006 * string as f64, pan, 0.2);
            }
        }
        rest.add(&bass(hz(ROOTS[bar % 4]), 2.0 * BEAT_S, 0.8), at(0.0), 0.0, 0.6);
        rest.add(&bass(hz(ROOTS[bar % 4] + 7.0), BEAT_S, 0.6), at(2.5), 0.0, 0.6);
        if bar >= 2 {
            for beat in [0.0, 2.0] {
                rest.add(&kick(48.0, 170.0, 0.15, 0.9), at(beat), 0.0, 0.7);
            }
            for beat in 0..4 {
                let note = hat(beat as u64 + 3, 0.03, 0.35);
                rest.add(&note, at(f64::from(beat) + 0.5), 0.3, 0.4);
            }
        }
    }
    for (bar, beat, note, beats) in TUNE {
        let sung = lead(hz(note), beats * BEAT_S, 0.6);
        keys.add(&sung, 0.1 + (4.0 * bar as f64 + beat) * BEAT_S, 0.1, 0.14);
    }
    finished(keys, &rest, LIGHTHOUSE_S, -7.5)
}

/// Two bars and a last chord, soft.
pub(crate) fn low_tide() -> Stereo {
    let mut keys = Stereo::silence(LOW_TIDE_S);
    let mut rest = Stereo::silence(LOW_TIDE_S);
    for bar in 0..3 {
        let at = 0.2 + 3.0 * bar as f64 * BEAT_S;
        for (string, &note) in CHORDS[(bar * 2) % 4].iter().enumerate() {
            let struck = electric_piano(hz(note - 5.0), 2.6 * BEAT_S, 0.4);
            keys.add(&struck, at + 0.02 * string as f64, 0.3 - 0.2 * string as f64, 0.2);
        }
        rest.add(&bass(hz(ROOTS[(bar * 2) % 4] - 5.0), 2.5 * BEAT_S, 0.5), at, 0.0, 0.5);
    }
    finished(keys, &rest, LOW_TIDE_S, -16.0)
}

/// Some room, a fade at the end, and this peak.
fn finished(keys: Stereo, rest: &Stereo, seconds: f64, peak_db: f64) -> Stereo {
    let room = reverb(&keys, 1.2);
    let mut mix = keys;
    mix.add_bus(rest, 1.0);
    mix.add_bus(&room, 0.2);
    mix.ride(|t| ((seconds - t) / 1.0).clamp(0.0, 1.0).powi(2));
    let gain = db(peak_db) / mix.peak();
    mix.ride(|_| gain);
    mix
}
