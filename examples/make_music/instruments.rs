//! The players: each function returns one note of one instrument.

use crate::synth::{Biquad, Noise, Oscillator, SweptLowPass, db, decay, gate, render};

/// Bass drum: a sine that falls from `click_hz` to `body_hz`, with a beater.
pub(crate) fn kick(body_hz: f64, click_hz: f64, length_s: f64, velocity: f64) -> Vec<f64> {
    let (mut body, mut noise) = (Oscillator::new(0.0), Noise::new(3));
    let mut beater = Biquad::low_pass(3500.0, 0.7);
    render(length_s * 4.0, |t| {
        let hz = body_hz + (click_hz - body_hz) * decay(t, 0.022);
        let tone = libm::tanh(1.6 * body.sine(hz) * decay(t, length_s));
        velocity * (0.9 * tone + 0.5 * beater.next(noise.next()) * decay(t, 0.004))
    })
}

/// Snare drum: two modes of the skin and the wires.
pub(crate) fn snare(seed: u64, velocity: f64) -> Vec<f64> {
    let (mut low, mut high) = (Oscillator::new(0.0), Oscillator::new(0.25));
    let (mut noise, mut wires) = (Noise::new(seed), Biquad::high_pass(1400.0, 0.8));
    let mut air = Biquad::low_pass(9500.0, 0.7);
    render(0.5, |t| {
        let skin = 0.55 * low.sine(182.0 + 40.0 * decay(t, 0.01)) * decay(t, 0.07)
            + 0.3 * high.sine(331.0) * decay(t, 0.045);
        let rattle =
            air.next(wires.next(noise.next())) * (0.6 * decay(t, 0.11) + 0.4 * decay(t, 0.012));
        velocity * (skin + 0.5 * rattle)
    })
}

/// Hand clap: four short bursts and a room.
pub(crate) fn clap(seed: u64, velocity: f64) -> Vec<f64> {
    let mut noise = Noise::new(seed);
    let (mut band, mut thin) = (Biquad::bell(1300.0, 9.0, 0.9), Biquad::high_pass(750.0, 0.7));
    render(0.4, |t| {
        let bursts: f64 = [0.0, 0.011, 0.021, 0.03]
            .iter()
            .filter(|s| t >= **s)
            .map(|s| decay(t - s, 0.005))
            .sum();
        velocity * 0.3 * thin.next(band.next(noise.next())) * (bursts + 0.5 * decay(t, 0.09))
    })
}

/// Hi-hat: six inharmonic square waves and noise above 7 kHz; `tail_s` 0.03 closed, 0.2 open.
pub(crate) fn hat(seed: u64, tail_s: f64, velocity: f64) -> Vec<f64> {
    const METAL_HZ: [f64; 6] = [1047.0, 1481.0, 1103.0, 1609.0, 2617.0, 2347.0];
    let mut metal: Vec<Oscillator> = (0..6).map(|k| Oscillator::new(f64::from(k) / 6.0)).collect();
    let mut noise = Noise::new(seed);
    let mut thin = [Biquad::high_pass(6800.0, 0.8), Biquad::high_pass(6800.0, 0.8)];
    let mut soft = Biquad::low_pass(14_000.0, 0.6);
    render(tail_s * 6.0, |t| {
        let ring: f64 =
            metal.iter_mut().zip(METAL_HZ).map(|(osc, hz)| osc.pulse(hz * 1.3, 0.5)).sum::<f64>()
                / 6.0;
        let raw = 0.6 * noise.next() + 1.2 * ring;
        let thinned = thin.iter_mut().fold(raw, |x, filter| filter.next(x));
        velocity * 0.6 * soft.next(thinned) * (0.7 * decay(t, tail_s) + 0.3 * decay(t, 0.006))
    })
}

/// Round bass guitar of a saw and a sine an octave of fundamental below its brightness.
pub(crate) fn bass(hz: f64, length_s: f64, velocity: f64) -> Vec<f64> {
    let (mut saw, mut sub) = (Oscillator::new(0.5), Oscillator::new(0.0));
    let mut filter = SweptLowPass::default();
    render(length_s + 0.25, |t| {
        let open = 180.0 + (350.0 + 900.0 * velocity) * decay(t, 0.12);
        let tone = filter.next(0.5 * saw.saw(hz), open, 1.1) + 0.55 * sub.sine(hz);
        velocity * tone * gate(t, 0.004, length_s, 0.04) * (0.75 + 0.25 * decay(t, 0.2))
    })
}

/// Tight bass: two saws, a pronounced filter envelope and a little drive.
pub(crate) fn tight_bass(hz: f64, length_s: f64, velocity: f64) -> Vec<f64> {
    let (mut one, mut two, mut sub) =
        (Oscillator::new(0.5), Oscillator::new(0.3), Oscillator::new(0.0));
    let mut filter = SweptLowPass::default();
    render(length_s + 0.1, |t| {
        let open = 240.0 + 2600.0 * velocity * decay(t, 0.07);
        let tone = filter.next(one.saw(hz) + 0.7 * two.saw(hz * 1.004), open, 1.6);
        let driven = libm::tanh(0.9 * tone + 0.5 * sub.sine(hz));
        velocity * 0.6 * driven * gate(t, 0.003, length_s, 0.02)
    })
}

/// Electric piano: two-operator frequency modulation, brighter when struck harder.
pub(crate) fn electric_piano(hz: f64, length_s: f64, velocity: f64) -> Vec<f64> {
    let (mut tine, mut carrier_phase) = (Oscillator::new(0.0), 0.0_f64);
    let mut ping = Oscillator::new(0.0);
    render(length_s + 0.5, |t| {
        let index = (0.6 + 1.7 * velocity) * decay(t, 0.35);
        carrier_phase = (carrier_phase + hz / crate::synth::RATE).fract();
        let wobble = index * tine.sine(hz * 1.0007);
        let tone = libm::sin(std::f64::consts::TAU * carrier_phase + wobble);
        let strike = 0.2 * velocity * ping.sine((hz * 13.7).min(9000.0)) * decay(t, 0.05);
        velocity * (tone * decay(t, 1.1) + strike) * gate(t, 0.002, length_s, 0.12)
    })
}

/// Pad: five detuned saws on one side of the picture; `side` chooses the detuning.
pub(crate) fn pad(hz: f64, length_s: f64, bright_hz: f64, side: usize) -> Vec<f64> {
    const CENTS: [[f64; 5]; 2] = [[-11.0, -5.0, 0.5, 6.0, 12.0], [-12.5, -6.5, -0.5, 4.5, 10.5]];
    let mut saws: Vec<Oscillator> = (0..5)
        .map(|k| Oscillator::new((0.137 * (k + 7 * side + 1) as f64 * (hz % 7.0)).fract()))
        .collect();
    let mut filter = Biquad::low_pass(bright_hz, 0.7);
    render(length_s + 0.4, |t| {
        let sum: f64 = saws
            .iter_mut()
            .zip(CENTS[side])
            .map(|(saw, cents)| saw.saw(hz * libm::exp2(cents / 1200.0)))
            .sum();
        0.2 * filter.next(sum) * gate(t, 0.04, length_s, 0.12)
    })
}

/// Singing lead: a pulse with slow width change, delayed vibrato and a closing filter.
pub(crate) fn lead(hz: f64, length_s: f64, velocity: f64) -> Vec<f64> {
    let (mut pulse, mut vibrato, mut width) =
        (Oscillator::new(0.0), Oscillator::new(0.0), Oscillator::new(0.0));
    let mut filter = SweptLowPass::default();
    render(length_s + 0.2, |t| {
        let bend = 0.006 * vibrato.sine(5.4) * ((t - 0.15) / 0.3).clamp(0.0, 1.0);
        let duty = 0.42 + 0.08 * width.sine(0.7);
        let open = (hz * 3.0 + 2200.0 * velocity + 3000.0 * velocity * decay(t, 0.15)).min(9000.0);
        let tone = filter.next(pulse.pulse(hz * (1.0 + bend), duty), open, 0.9);
        velocity * 0.5 * tone * gate(t, 0.012, length_s, 0.06)
    })
}

/// Pluck: two saws through a filter that closes quickly.
pub(crate) fn pluck(hz: f64, velocity: f64) -> Vec<f64> {
    let (mut one, mut two) = (Oscillator::new(0.1), Oscillator::new(0.6));
    let mut filter = SweptLowPass::default();
    render(0.7, |t| {
        let open = hz + (2000.0 + 7000.0 * velocity) * decay(t, 0.06);
        let tone = filter.next(one.saw(hz) + one_octave(&mut two, hz), open, 1.2);
        velocity * db(-8.0) * tone * decay(t, 0.16) * gate(t, 0.002, 0.6, 0.05)
    })
}

fn one_octave(osc: &mut Oscillator, hz: f64) -> f64 {
    0.6 * osc.saw(hz * 2.003)
}
