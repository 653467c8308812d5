//! "Signal Fire": 128 beats a minute, E minor, four to the floor. One bar of introduction, four full ones.
//!
//! Finished: tight low end, bright, wide, glued by a bus compressor and limited to about -10 LUFS.

use crate::instruments::{clap, hat, kick, lead, pad, pluck, snare, tight_bass};
use crate::mixer::{Stereo, compress, limit, ping_pong, reverb};
use crate::synth::{Biquad, db, decay, hz};

const BEAT_S: f64 = 60.0 / 128.0;
const SECONDS: f64 = 10.1;
const FULL_FROM_BAR: usize = 1;
const BARS: usize = 5;
/// Level into the limiter that brings the piece to -10 LUFS.
const DRIVE_DB: f64 = 4.9;
const CEILING_DBTP: f64 = -1.0;

/// Em, Cmaj7, G, Dsus2.
const CHORDS: [[f64; 4]; 4] = [
    [52.0, 59.0, 64.0, 67.0],
    [52.0, 60.0, 64.0, 71.0],
    [50.0, 59.0, 62.0, 67.0],
    [50.0, 57.0, 64.0, 69.0],
];
const ROOTS: [f64; 4] = [40.0, 36.0, 43.0, 38.0];

/// Bar of the four, beat, note, beats held.
const HOOK: [(usize, f64, f64, f64); 16] = [
    (0, 0.0, 76.0, 0.7),
    (0, 1.5, 79.0, 0.4),
    (0, 2.0, 83.0, 0.9),
    (0, 3.0, 81.0, 0.4),
    (0, 3.5, 79.0, 0.4),
    (1, 0.5, 76.0, 0.9),
    (1, 2.0, 72.0, 0.4),
    (1, 2.5, 74.0, 0.4),
    (1, 3.0, 76.0, 0.9),
    (2, 0.0, 74.0, 0.7),
    (2, 1.5, 79.0, 0.4),
    (2, 2.0, 78.0, 0.9),
    (2, 3.0, 74.0, 0.9),
    (3, 0.5, 76.0, 1.2),
    (3, 2.0, 78.0, 0.9),
    (3, 3.0, 74.0, 0.8),
];

/// The finished piece.
pub(crate) fn signal_fire() -> Stereo {
    let (chords, arpeggio, hook) = (chords(), arpeggio(), hook());
    let drums = drums();
    let mut send = Stereo::silence(SECONDS);
    for (bus, gain) in [(&chords, 0.3), (&arpeggio, 0.5), (&hook, 0.4), (&drums, 0.06)] {
        send.add_bus(bus, gain);
    }
    let mut master = drums;
    for bus in [&low_end(), &chords, &arpeggio, &hook] {
        master.add_bus(bus, 1.0);
    }
    master.add_bus(&ping_pong(&arpeggio, 0.75 * BEAT_S, 0.4), 0.6);
    master.add_bus(&ping_pong(&hook, 0.5 * BEAT_S, 0.3), 0.4);
    master.add_bus(&reverb(&send, 1.3), 0.3);
    finish(&mut master);
    master
}

fn finish(master: &mut Stereo) {
    for filter in [
        Biquad::high_pass(28.0, 0.7),
        Biquad::bell(280.0, -2.0, 0.8),
        Biquad::high_shelf(6000.0, 4.0),
    ] {
        master.filter(&filter);
    }
    master.centre_lows(140.0);
    master.widen(500.0, 1.35);
    compress(master, -14.0, 1.8, 0.02, 0.15);
    master.ride(|_| db(DRIVE_DB));
    limit(master, db(CEILING_DBTP), 0.002, 0.06);
    master.ride(|t| ((SECONDS - t) / 1.0).clamp(0.0, 1.0).powi(2));
}

fn time(bar: usize, beat: f64) -> f64 {
    0.03 + (4.0 * bar as f64 + beat) * BEAT_S
}

fn drums() -> Stereo {
    let mut bus = Stereo::silence(SECONDS);
    for bar in 0..BARS {
        let full = bar >= FULL_FROM_BAR;
        for beat in 0..4 {
            let velocity = if full { 1.0 } else { 0.75 };
            bus.add(&kick(54.0, 260.0, 0.11, velocity), time(bar, f64::from(beat)), 0.0, 0.8);
        }
        for beat in [1.0, 3.0] {
            bus.add(&clap(bar as u64 + 3, 0.9), time(bar, beat), 0.0, if full { 1.2 } else { 0.6 });
            if full {
                bus.add(&snare(bar as u64 + 31, 0.7), time(bar, beat), 0.0, 0.6);
            }
        }
        hats(&mut bus, bar, full);
    }
    bus.add(&kick(54.0, 260.0, 0.15, 1.0), time(BARS, 0.0), 0.0, 0.8);
    bus.add(&hat(9, 0.3, 0.9), time(BARS, 0.0), 0.2, 0.6);
    bus
}

fn hats(bus: &mut Stereo, bar: usize, full: bool) {
    for step in 0..16_u8 {
        let beat = f64::from(step) / 4.0;
        let (tail_s, velocity) = match step % 4 {
            2 if full => (0.07, 0.8),
            2 => (0.03, 0.5),
            0 => (0.02, 0.35),
            _ => (0.022, 0.45),
        };
        if full || step % 2 == 0 {
            let pan = if step % 2 == 0 { 0.25 } else { -0.4 };
            bus.add(&hat(u64::from(step) + 40, tail_s, velocity), time(bar, beat), pan, 0.6);
        }
    }
}

fn low_end() -> Stereo {
    let mut bus = Stereo::silence(SECONDS);
    for bar in 0..BARS {
        let root = ROOTS[bar % 4];
        for step in 0..8_u8 {
            let beat = f64::from(step) / 2.0;
            let up = if step == 7 {
                7.0
            } else if step % 4 == 3 {
                12.0
            } else {
                0.0
            };
            let velocity =
                if bar >= FULL_FROM_BAR { 0.9 } else { 0.45 } - 0.15 * f64::from(step % 2);
            bus.add(
                &tight_bass(hz(root + up), 0.38 * BEAT_S, velocity),
                time(bar, beat),
                0.0,
                0.55,
            );
        }
    }
    bus.add(&tight_bass(hz(ROOTS[0]), 1.0, 0.8), time(BARS, 0.0), 0.0, 0.55);
    bus.ride(duck);
    bus
}

fn chords() -> Stereo {
    let mut bus = Stereo::silence(SECONDS);
    for bar in 0..=BARS {
        let full = bar >= FULL_FROM_BAR;
        let (bright_hz, gain) = if full { (7500.0, 0.16) } else { (1500.0, 0.11) };
        let beats = if bar == BARS { 1.5 } else { 3.95 };
        for &note in &CHORDS[bar % 4] {
            for (side, pan) in [(0, -0.95), (1, 0.95)] {
                bus.add(&pad(hz(note), beats * BEAT_S, bright_hz, side), time(bar, 0.0), pan, gain);
                bus.add(
                    &pad(hz(note + 12.0), beats * BEAT_S, bright_hz, 1 - side),
                    time(bar, 0.0),
                    pan,
                    0.4 * gain,
                );
            }
        }
    }
    bus.ride(duck);
    bus
}

/// Gives way to the bass drum on every beat.
fn duck(t: f64) -> f64 {
    let since_beat = (t - 0.03).rem_euclid(BEAT_S);
    1.0 - 0.65 * decay(since_beat, 0.11)
}

fn arpeggio() -> Stereo {
    let mut bus = Stereo::silence(SECONDS);
    for bar in 0..BARS {
        for step in 0..16_usize {
            let note = CHORDS[bar % 4][(step * 3) % 4] + if step % 8 < 4 { 12.0 } else { 24.0 };
            let velocity = [0.9, 0.45, 0.6, 0.5][step % 4];
            let pan = if step % 2 == 0 { -0.6 } else { 0.6 };
            bus.add(&pluck(hz(note), velocity), time(bar, step as f64 / 4.0), pan, 0.22);
        }
    }
    bus
}

fn hook() -> Stereo {
    let mut bus = Stereo::silence(SECONDS);
    for bar in FULL_FROM_BAR..BARS {
        for (_, beat, note, beats) in HOOK.into_iter().filter(|(of_four, ..)| *of_four == bar % 4) {
            let held = beats * BEAT_S;
            bus.add(&lead(hz(note), held, 0.9), time(bar, beat), 0.0, 0.34);
            bus.add(&lead(hz(note + 12.05), held, 0.6), time(bar, beat) + 0.012, 0.4, 0.08);
        }
    }
    bus.add(&lead(hz(76.0), 0.8, 0.9), time(BARS, 0.0), 0.0, 0.34);
    bus
}
