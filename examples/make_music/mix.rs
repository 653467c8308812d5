//! "Slow Ferry": 110 beats a minute, A minor. Four quiet bars, six full ones, a last chord.
//!
//! Left as it came off the desk: no bus processing beyond a boomy, dull balance, peaks at -6.8 dBFS.

use crate::instruments::{bass, electric_piano, hat, kick, lead, pad, snare};
use crate::mixer::{Stereo, ping_pong, reverb};
use crate::synth::{Biquad, Noise, db, hz};

pub(crate) const BEAT_S: f64 = 60.0 / 110.0;
pub(crate) const SECONDS: f64 = 22.9;
pub(crate) const FULL_FROM_BAR: usize = 4;
const BARS: usize = 10;

/// Chords of the bars: Am9, Fmaj7, Cmaj9, G6, twice and a half; the last bar of the list rings out.
const CHORDS: [[f64; 4]; 11] = [
    [57.0, 64.0, 67.0, 71.0],
    [53.0, 60.0, 64.0, 69.0],
    [55.0, 60.0, 64.0, 71.0],
    [55.0, 59.0, 64.0, 67.0],
    [57.0, 64.0, 67.0, 72.0],
    [53.0, 60.0, 64.0, 69.0],
    [55.0, 60.0, 64.0, 71.0],
    [55.0, 59.0, 62.0, 69.0],
    [53.0, 60.0, 64.0, 69.0],
    [55.0, 59.0, 62.0, 67.0],
    [57.0, 64.0, 67.0, 71.0],
];
const ROOTS: [f64; 11] = [33.0, 29.0, 36.0, 31.0, 33.0, 29.0, 36.0, 31.0, 29.0, 31.0, 33.0];

/// Bar, beat, note, beats held, velocity.
const MELODY: [(usize, f64, f64, f64, f64); 44] = [
    (0, 0.5, 76.0, 1.0, 0.6),
    (0, 1.5, 74.0, 0.5, 0.5),
    (0, 2.0, 72.0, 1.5, 0.6),
    (1, 0.5, 69.0, 0.5, 0.5),
    (1, 1.0, 72.0, 0.5, 0.55),
    (1, 1.5, 74.0, 0.5, 0.6),
    (1, 2.0, 72.0, 1.8, 0.6),
    (2, 0.0, 76.0, 0.75, 0.7),
    (2, 0.75, 79.0, 0.75, 0.75),
    (2, 1.5, 76.0, 0.5, 0.6),
    (2, 2.0, 74.0, 1.8, 0.6),
    (3, 0.5, 71.0, 0.5, 0.55),
    (3, 1.0, 74.0, 0.5, 0.65),
    (3, 1.5, 76.0, 1.0, 0.7),
    (3, 3.0, 79.0, 0.9, 0.8),
    (4, 0.0, 81.0, 0.75, 0.95),
    (4, 0.75, 79.0, 0.75, 0.85),
    (4, 1.5, 76.0, 0.5, 0.8),
    (4, 2.0, 72.0, 0.5, 0.75),
    (4, 2.5, 74.0, 0.5, 0.8),
    (4, 3.0, 76.0, 0.9, 0.85),
    (5, 0.0, 77.0, 0.75, 0.9),
    (5, 0.75, 76.0, 0.75, 0.8),
    (5, 1.5, 72.0, 0.9, 0.8),
    (5, 2.5, 69.0, 0.5, 0.7),
    (5, 3.0, 72.0, 0.9, 0.8),
    (6, 0.0, 79.0, 0.75, 0.95),
    (6, 0.75, 76.0, 0.75, 0.8),
    (6, 1.5, 79.0, 0.5, 0.85),
    (6, 2.0, 84.0, 1.0, 1.0),
    (6, 3.0, 83.0, 0.5, 0.9),
    (6, 3.5, 79.0, 0.5, 0.8),
    (7, 0.0, 81.0, 0.75, 0.95),
    (7, 0.75, 79.0, 0.75, 0.85),
    (7, 1.5, 74.0, 1.4, 0.8),
    (7, 3.0, 71.0, 0.5, 0.75),
    (7, 3.5, 74.0, 0.5, 0.8),
    (8, 0.0, 81.0, 1.0, 0.95),
    (8, 1.0, 84.0, 1.0, 1.0),
    (8, 2.0, 83.0, 0.5, 0.9),
    (8, 2.5, 81.0, 1.4, 0.85),
    (9, 0.0, 79.0, 1.5, 0.9),
    (9, 2.0, 74.0, 1.9, 0.8),
    (10, 0.0, 76.0, 2.5, 0.6),
];

/// Highest sample of the mix, dBFS.
pub(crate) const PEAK_DBFS: f64 = -6.8;

/// The whole mix.
pub(crate) fn slow_ferry() -> Stereo {
    let (keys, strings, tune) = (keys(), strings(), tune());
    let drums = drums();
    let mut send = Stereo::silence(SECONDS);
    for (bus, gain) in [(&keys, 0.3), (&strings, 0.35), (&tune, 0.35), (&drums, 0.08)] {
        send.add_bus(bus, gain);
    }
    let mut master = drums;
    for bus in [&low_end(), &keys, &strings, &tune] {
        master.add_bus(bus, 1.0);
    }
    master.add_bus(&ping_pong(&tune, 0.75 * BEAT_S, 0.35), 0.5);
    master.add_bus(&reverb(&send, 1.6), 0.25);
    desk().iter().for_each(|filter| master.filter(filter));
    master.ride(last_fade);
    let gain = db(PEAK_DBFS) / master.peak();
    master.ride(|_| gain);
    master
}

/// The boomy, dull balance.
pub(crate) fn desk() -> [Biquad; 3] {
    [Biquad::low_shelf(100.0, 0.5), Biquad::bell(220.0, 3.0, 0.8), Biquad::high_shelf(8000.0, -2.0)]
}

/// Gain of the last fade.
pub(crate) fn last_fade(t: f64) -> f64 {
    ((SECONDS - t) / 1.2).clamp(0.0, 1.0).powi(2)
}

fn time(bar: usize, beat: f64) -> f64 {
    0.05 + (4.0 * bar as f64 + beat) * BEAT_S
}

pub(crate) fn drums() -> Stereo {
    let mut bus = Stereo::silence(SECONDS);
    let mut hand = Noise::new(11);
    for bar in 0..BARS {
        let full = bar >= FULL_FROM_BAR;
        let kicks: &[f64] = if full { &[0.0, 1.5, 2.0, 3.25] } else { &[0.0, 2.5] };
        for &beat in kicks {
            let velocity = (if full { 1.0 } else { 0.7 }) - 0.15 * beat.fract();
            bus.add(&kick(49.0, 190.0, 0.16, velocity), time(bar, beat), 0.0, 0.85);
        }
        let loudness = if full { 0.95 } else { 0.4 };
        for beat in [1.0, 3.0] {
            let velocity = loudness * (1.0 + 0.06 * hand.next());
            bus.add(&snare(bar as u64 * 2 + 21, velocity), time(bar, beat), 0.0, 0.75);
        }
        if full && bar % 2 == 1 {
            for (ghost, velocity) in [(2.75, 0.25), (3.5, 0.35), (3.75, 0.5)] {
                bus.add(&snare(bar as u64 + 77, velocity), time(bar, ghost), 0.0, 0.6);
            }
        }
        hats(&mut bus, bar, full, &mut hand);
    }
    bus.add(&kick(49.0, 190.0, 0.2, 0.9), time(BARS, 0.0), 0.0, 0.85);
    bus
}

fn hats(bus: &mut Stereo, bar: usize, full: bool, hand: &mut Noise) {
    let steps = if full { 16 } else { 8 };
    for step in 0..steps {
        let beat = 4.0 * f64::from(step) / f64::from(steps);
        let accent = if beat.fract() == 0.0 {
            0.55
        } else if beat.fract() == 0.5 {
            0.8
        } else {
            0.3
        };
        let open = full && step == 14;
        let velocity = accent * (if full { 1.0 } else { 0.5 }) * (1.0 + 0.15 * hand.next());
        let swing = if step % 2 == 1 { 0.012 } else { 0.0 } + 0.002 * (1.0 + hand.next());
        let tail_s = if open { 0.12 } else { 0.032 };
        bus.add(&hat(step as u64 + 5, tail_s, velocity), time(bar, beat) + swing, 0.25, 0.6);
    }
}

pub(crate) fn low_end() -> Stereo {
    let mut bus = Stereo::silence(SECONDS);
    for (bar, root) in ROOTS.into_iter().enumerate().take(BARS) {
        let quiet = [(0.0, 0.0, 2.2, 0.6), (2.5, 7.0, 1.2, 0.5)];
        let full = [
            (0.0, 0.0, 1.2, 1.0),
            (1.5, 0.0, 0.4, 0.8),
            (2.0, 12.0, 0.4, 0.85),
            (2.5, 7.0, 0.6, 0.7),
            (3.25, 0.0, 0.3, 0.8),
            (3.5, 10.0, 0.4, 0.75),
        ];
        let notes: &[(f64, f64, f64, f64)] = if bar < FULL_FROM_BAR { &quiet } else { &full };
        for &(beat, up, beats, velocity) in notes {
            let note = bass(hz(root + up), beats * BEAT_S, velocity);
            bus.add(&note, time(bar, beat) + 0.004, 0.0, 0.62);
        }
    }
    bus.add(&bass(hz(ROOTS[BARS]), 1.3, 0.7), time(BARS, 0.0), 0.0, 0.62);
    bus
}

pub(crate) fn keys() -> Stereo {
    let mut bus = Stereo::silence(SECONDS);
    for (bar, chord) in CHORDS.iter().enumerate() {
        let hits: &[(f64, f64, f64)] = match bar {
            0..FULL_FROM_BAR => &[(0.0, 1.6, 0.6), (2.5, 1.2, 0.45)],
            FULL_FROM_BAR..BARS => {
                &[(0.0, 0.7, 0.8), (0.75, 0.4, 0.55), (1.5, 0.8, 0.7), (2.75, 0.9, 0.65)]
            }
            _ => &[(0.0, 2.4, 0.6)],
        };
        for &(beat, beats, velocity) in hits {
            for (k, &note) in chord.iter().enumerate() {
                let strum = 0.007 * k as f64;
                let pan = -0.45 + 0.3 * k as f64;
                let struck =
                    electric_piano(hz(note), beats * BEAT_S, velocity * (1.0 - 0.08 * k as f64));
                bus.add(&struck, time(bar, beat) + strum, pan, 0.19);
            }
        }
    }
    bus
}

pub(crate) fn strings() -> Stereo {
    let mut bus = Stereo::silence(SECONDS);
    for (bar, chord) in CHORDS.iter().enumerate().take(BARS).skip(FULL_FROM_BAR - 1) {
        let swell = if bar < FULL_FROM_BAR { 0.04 } else { 0.12 };
        for &note in &chord[1..] {
            for (side, pan) in [(0, -0.9), (1, 0.9)] {
                let held = pad(hz(note), 3.9 * BEAT_S, 4500.0, side);
                bus.add(&held, time(bar, 0.0), pan, swell);
            }
        }
    }
    bus
}

pub(crate) fn tune() -> Stereo {
    let mut bus = Stereo::silence(SECONDS);
    for (bar, beat, note, beats, velocity) in MELODY {
        let sung = lead(hz(note), 0.92 * beats * BEAT_S, velocity);
        bus.add(&sung, time(bar, beat) + 0.008, -0.1, 0.27);
    }
    bus
}
