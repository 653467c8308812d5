//! Harmonics of the bass alone, at levels that are asked for: so that small loudspeakers, which do not play it, let its pitch be heard.
//!
//! The bass of the middle of the image, from 25 Hz to a frequency, is taken out by a filter that gives it twice, the second time a
//! quarter of a period late (an analytic signal: a low-pass moved up to the middle of the band, so both are as loud at every
//! frequency). From both follows its envelope e, and its carrier c = b / e, which swings between -1 and 1. Chebyshev polynomials of
//! it, T₂ = 2c² - 1, T₃ = 4c³ - 3c, T₄ = 8c⁴ - 8c² + 1, are cos 2φ, cos 3φ, cos 4φ of its phase φ: of a sine of amplitude A that is
//! e·Tₖ = A cos kφ, the k-th harmonic and nothing else, at any level. (T. J. Rivlin, Chebyshev Polynomials, 2nd ed., 1990, section
//! 1.1; waveshaping by them: M. Le Brun, JAES 27(4), 1979, there with an amplitude that has to be known.)
//!
//! Only what is added is computed: y = x + mix · Σ gₖ e Tₖ(c), alike in both channels. The carrier of several tones is one tone that
//! wanders between them; their sums are heard, as in any distortion.

use std::f64::consts::TAU;

use acetate_audio::units::db_to_amplitude;
use acetate_audio::{Audio, AudioSpec, ChannelRole};

use crate::Stage;
use crate::convolver::{Convolver, Workspace, low_pass_kernel, split_taps};
use crate::moves::{Listener, MoveUnit, Score};
use crate::queue::Queue;
use crate::settings::BassHarmonicsSettings;

/// Where the bass begins: half an octave below the lowest string of a double bass (B0, 31 Hz) the filter is half open.
const LOWEST_HZ: f64 = 25.0;
/// The filter rings for ten periods of this: so its edges are 29 Hz wide.
const RINGS_AT_HZ: f64 = 60.0;
/// Bass more than this below full scale has no carrier: -160 dB.
const NOTHING: f32 = 1e-8;

/// Adds harmonics of the bass. The output is aligned with the input.
pub struct BassHarmonics {
    /// Gains of the second, third and fourth harmonic.
    gains: [f32; 3],
    /// The channels whose mean is listened to and which get what is added.
    front: Vec<usize>,
    convolver: Convolver,
    work: Workspace,
    /// Their mean, and the bass of it with its twin.
    mid: Vec<f32>,
    bass: [Vec<f32>; 2],
    queue: Queue,
    /// Frames that were pushed and are not yet finished.
    pending: usize,
    score: Score,
}

impl BassHarmonics {
    /// Harmonics of these settings; none when they would add nothing.
    pub fn new(settings: &BassHarmonicsSettings, spec: AudioSpec) -> Option<Self> {
        if settings.is_neutral() {
            return None;
        }
        let convolver = Convolver::prompt(&analytic_band(settings.below_hz, spec.sample_rate_hz));
        let BassHarmonicsSettings { second_db, third_db, fourth_db, mix_pct, .. } = *settings;
        let gain = |db: f64| (mix_pct / 100.0 * db_to_amplitude(db)) as f32;
        Some(Self {
            gains: [second_db, third_db, fourth_db].map(gain),
            front: front(spec),
            work: convolver.workspace(),
            mid: vec![0.0; convolver.window_frames()],
            bass: [Vec::new(), Vec::new()],
            queue: Queue::new(spec.channels, convolver.reach_frames()),
            convolver,
            pending: 0,
            score: Score::new(MoveUnit::Added, 1, 1),
        })
    }

    /// Finds what is to be added to the next frames, into the first of `bass`.
    fn find_added(&mut self) {
        let share = 1.0 / self.front.len() as f32;
        self.mid.fill(0.0);
        for &channel in &self.front {
            for (mid, sample) in self.mid.iter_mut().zip(self.queue.plane(channel)) {
                *mid += share * sample;
            }
        }
        self.convolver.filter(&self.mid, &mut self.work, &mut self.bass);
        let [bass, late] = &mut self.bass;
        add_up(self.gains, bass, late);
    }

    fn hop(&mut self, out: &mut Audio) {
        let hop = self.convolver.hop_frames();
        let frames = hop.min(self.pending);
        let follows = self.score.follows();
        if follows {
            // What is added to a sum is nobody's part of it.
            self.score.reset();
        } else {
            self.find_added();
            let added = self.bass[0][..frames].iter().map(|&added| f64::from(added));
            self.score.note_column(0, added);
        }
        let reach = self.convolver.reach_frames();
        for (channel, (input, out)) in self.queue.planes().zip(out.planes_mut()).enumerate() {
            let start = out.len();
            out.extend_from_slice(&input[reach..reach + frames]);
            if !follows && self.front.contains(&channel) {
                let added = out[start..].iter_mut().zip(&self.bass[0]);
                added.for_each(|(sample, added)| *sample += added);
            }
        }
        self.queue.skip(hop.min(self.queue.frames()));
        self.pending -= frames;
    }
}

/// Replaces the bass by what is added: `late` is it a quarter of a period later.
fn add_up([second, third, fourth]: [f32; 3], bass: &mut [f32], late: &[f32]) {
    for (bass, late) in bass.iter_mut().zip(late) {
        let envelope = (*bass * *bass + late * late).sqrt();
        if envelope < NOTHING {
            *bass = 0.0;
            continue;
        }
        let carrier = *bass / envelope;
        let square = carrier * carrier;
        let harmonics = second * (2.0 * square - 1.0)
            + third * carrier * (4.0 * square - 3.0)
            + fourth * (8.0 * square * (square - 1.0) + 1.0);
        *bass = envelope * harmonics;
    }
}

/// The pair in front, with which every layout begins; the one channel of mono.
fn front(spec: AudioSpec) -> Vec<usize> {
    let full = (0..spec.channels).filter(|&index| spec.role(index) != ChannelRole::Lfe);
    full.take(2).collect()
}

/// Kernels of a band and of the same a quarter of a period late: a low-pass of half its width, moved to its middle.
fn analytic_band(below_hz: f64, sample_rate_hz: u32) -> [Vec<f64>; 2] {
    let rate_hz = f64::from(sample_rate_hz);
    let middle_hz = 0.5 * (LOWEST_HZ + below_hz);
    let taps = split_taps(RINGS_AT_HZ, rate_hz);
    let low_pass = low_pass_kernel(below_hz - middle_hz, taps, rate_hz);
    let moved = |of: fn(f64) -> f64| -> Vec<f64> {
        let middle = (taps / 2) as f64;
        let turn = |index: usize| TAU * middle_hz / rate_hz * (index as f64 - middle);
        low_pass.iter().enumerate().map(|(index, tap)| 2.0 * tap * of(turn(index))).collect()
    };
    [moved(libm::cos), moved(libm::sin)]
}

impl Stage for BassHarmonics {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        self.queue.push(block);
        self.pending += block.frames();
        while self.queue.frames() >= self.convolver.window_frames() {
            self.hop(out);
        }
    }

    fn finish(&mut self, out: &mut Audio) {
        let window = self.convolver.window_frames();
        while self.pending > 0 {
            self.queue.push_silence(window.saturating_sub(self.queue.frames()));
            self.hop(out);
        }
        self.reset();
    }

    fn reset(&mut self) {
        self.queue.restart(self.convolver.reach_frames());
        self.pending = 0;
    }

    fn latency_frames(&self) -> usize {
        self.convolver.window_frames() - self.convolver.reach_frames() - 1
    }
}

impl Listener for BassHarmonics {
    fn score(&mut self) -> &mut Score {
        &mut self.score
    }
}

#[cfg(test)]
mod tests;
