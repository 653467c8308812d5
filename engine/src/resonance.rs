//! Tames narrow resonances that stay, and leaves partials of notes that go.
//!
//! Frames of about 46 ms, a quarter apart, square-root Hann on both sides. In each frame a bin's excess is its level over the
//! median of the third of an octave on either side; the median does not notice a narrow peak. A frequency is resonant when its
//! excess passes the sensitivity in more than 80 % of the frames, with a memory of ten seconds, which a melody's partials do
//! not; at most four are. There, and only while it is in excess, a share of the excess is taken away, in all channels alike.
//! What is taken is computed as a difference: with no resonance the output is the input, bit for bit.

use std::f64::consts::PI;
use std::sync::Arc;

use acetate_audio::units::{db_to_amplitude, power_to_db};
use acetate_audio::{Audio, AudioSpec};
use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use crate::compensated::{Causal, Compensated};
use crate::moves::{MoveUnit, Score};
use crate::settings::ResonanceSettings;

mod detector;

use detector::Detector;

/// Shortest frame; the next power of two is taken.
const FRAME_S: f64 = 0.040;
/// Frames overlap this often.
const OVERLAP: usize = 4;
/// Time to 63 % of the recovery of a bin.
const RELEASE_S: f64 = 0.080;
/// Cuts below this are none.
const CUT_DB_MIN: f64 = 0.01;

/// Tames narrow resonances. The output is aligned with the input.
pub type ResonanceTamer = Compensated<Tamer>;

impl ResonanceTamer {
    /// A tamer of these settings; none when it would cut nothing.
    pub fn new(settings: &ResonanceSettings, spec: AudioSpec) -> Option<Self> {
        let cuts = settings.enabled && settings.amount_pct > 0.0 && settings.range_db > 0.0;
        cuts.then(|| Self::around(Tamer::new(settings, spec), spec))
    }
}

pub struct Tamer {
    amount: f64,
    range_db: f64,
    release: f64,
    detector: Detector,
    /// Cut of each bin.
    cuts_db: Vec<f64>,
    /// Power of each bin, summed over channels.
    powers: Vec<f64>,
    transforms: Transforms,
    lanes: Vec<Lane>,
    hop: usize,
    /// Frames of the current hop that were heard.
    heard: usize,
    /// Cuts by bin; each row is about the sound around its first frame.
    score: Score,
}

impl Tamer {
    fn new(settings: &ResonanceSettings, spec: AudioSpec) -> Self {
        let rate_hz = f64::from(spec.sample_rate_hz);
        let frame = ((FRAME_S * rate_hz) as usize).next_power_of_two();
        let hop = frame / OVERLAP;
        let hop_s = hop as f64 / rate_hz;
        let transforms = Transforms::new(frame);
        let bins = frame / 2 + 1;
        Self {
            amount: settings.amount_pct / 100.0,
            range_db: settings.range_db,
            release: libm::exp(-hop_s / RELEASE_S),
            detector: Detector::new(settings.sensitivity_db, bins, rate_hz / frame as f64, hop_s),
            cuts_db: vec![0.0; bins],
            powers: vec![0.0; bins],
            lanes: (0..spec.channels).map(|_| Lane::new(frame, hop, bins)).collect(),
            transforms,
            hop,
            heard: 0,
            score: Score::new(MoveUnit::CutDb, hop, bins).with_rows_before(OVERLAP / 2 - 1),
        }
    }

    fn end_hop(&mut self) {
        let follows = self.score.follows();
        self.powers.fill(0.0);
        for lane in &mut self.lanes {
            lane.analyse(&mut self.transforms);
            if follows {
                continue;
            }
            for (power, bin) in self.powers.iter_mut().zip(&lane.spectrum) {
                *power += bin.norm_sqr();
            }
        }
        if follows {
            let told = self.cuts_db.iter_mut().zip(self.score.told_row());
            told.for_each(|(cut_db, told_db)| *cut_db = told_db);
        } else {
            self.decide();
        }
        self.score.note(self.cuts_db.iter().copied());
        let cutting = self.cuts_db.iter().any(|&cut_db| cut_db > 0.0);
        for lane in &mut self.lanes {
            lane.settle();
            if cutting {
                lane.cut(&self.cuts_db, &mut self.transforms);
            }
        }
    }

    /// Finds the cut of each bin from the powers of all channels.
    fn decide(&mut self) {
        let scale = self.transforms.power_scale / self.lanes.len() as f64;
        self.powers.iter_mut().for_each(|power| *power *= scale);
        let excess_db = self.detector.next(&self.powers);
        for (cut_db, excess_db) in self.cuts_db.iter_mut().zip(excess_db) {
            let wanted_db = (self.amount * excess_db).min(self.range_db);
            *cut_db = wanted_db.max(*cut_db * self.release);
            if *cut_db < CUT_DB_MIN {
                *cut_db = 0.0;
            }
        }
    }
}

impl Causal for Tamer {
    fn score(&mut self) -> &mut Score {
        &mut self.score
    }

    fn process(&mut self, block: &mut Audio) {
        let total = block.frames();
        let mut start = 0;
        while start < total {
            let frames = (self.hop - self.heard).min(total - start);
            for (lane, plane) in self.lanes.iter_mut().zip(block.planes_mut()) {
                lane.exchange(self.heard, &mut plane[start..start + frames]);
            }
            start += frames;
            self.heard = (self.heard + frames) % self.hop;
            if self.heard == 0 {
                self.end_hop();
            }
        }
    }

    fn latency_frames(&self) -> usize {
        OVERLAP * self.hop
    }

    fn reset(&mut self) {
        self.detector.reset();
        self.cuts_db.fill(0.0);
        self.lanes.iter_mut().for_each(Lane::reset);
        self.heard = 0;
    }
}

/// What all channels share.
struct Transforms {
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
    window: Vec<f64>,
    windowed: Vec<f64>,
    scratch: Vec<Complex<f64>>,
    /// Turns squared bins into the mean power of a sine.
    power_scale: f64,
    /// Undoes the gain of the transforms and of the overlapping windows.
    synthesis_scale: f64,
}

impl Transforms {
    fn new(frame: usize) -> Self {
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(frame);
        let inverse = planner.plan_fft_inverse(frame);
        let scratch = forward.get_scratch_len().max(inverse.get_scratch_len());
        // Hann windows a quarter apart add up to half their number.
        let synthesis_scale = 2.0 / (OVERLAP * frame) as f64;
        let window: Vec<f64> =
            (0..frame).map(|n| libm::sin(PI * n as f64 / frame as f64)).collect();
        let sum: f64 = window.iter().sum();
        Self {
            forward,
            inverse,
            windowed: vec![0.0; frame],
            scratch: vec![Complex::default(); scratch],
            power_scale: 2.0 / (sum * sum),
            synthesis_scale,
            window,
        }
    }
}

/// One channel.
struct Lane {
    /// The latest frame, and the hop that is being heard behind it.
    sound: Vec<f32>,
    spectrum: Vec<Complex<f64>>,
    /// What will be added to the sound of the latest frame.
    added: Vec<f64>,
    hop: usize,
}

impl Lane {
    fn new(frame: usize, hop: usize, bins: usize) -> Self {
        Self {
            sound: vec![0.0; frame + hop],
            spectrum: vec![Complex::default(); bins],
            added: vec![0.0; frame],
            hop,
        }
    }

    /// Takes new sound and gives what left the frame.
    fn exchange(&mut self, heard: usize, samples: &mut [f32]) {
        let frame = self.added.len();
        let leaving = self.added[heard..].iter();
        self.sound[frame + heard..frame + heard + samples.len()].copy_from_slice(samples);
        for ((sample, old), added) in samples.iter_mut().zip(&self.sound[heard..]).zip(leaving) {
            *sample = (f64::from(*old) + added) as f32;
        }
    }

    /// Moves the frame on by a hop and transforms it.
    fn analyse(&mut self, transforms: &mut Transforms) {
        self.sound.copy_within(self.hop.., 0);
        let Transforms { forward, window, windowed, scratch, .. } = transforms;
        for ((to, from), weight) in windowed.iter_mut().zip(&self.sound).zip(&*window) {
            *to = f64::from(*from) * weight;
        }
        forward
            .process_with_scratch(windowed, &mut self.spectrum, scratch)
            .expect("lengths are the transform's own");
    }

    /// Moves what is to be added on by a hop.
    fn settle(&mut self) {
        let kept = self.added.len() - self.hop;
        self.added.copy_within(self.hop.., 0);
        self.added[kept..].fill(0.0);
    }

    fn cut(&mut self, cuts_db: &[f64], transforms: &mut Transforms) {
        let Transforms { inverse, window, windowed, scratch, synthesis_scale, .. } = transforms;
        for (bin, cut_db) in self.spectrum.iter_mut().zip(cuts_db) {
            let gain = if *cut_db > 0.0 { db_to_amplitude(-cut_db) - 1.0 } else { 0.0 };
            *bin *= gain * *synthesis_scale;
        }
        inverse
            .process_with_scratch(&mut self.spectrum, windowed, scratch)
            .expect("lengths are the transform's own");
        for ((sum, sample), weight) in self.added.iter_mut().zip(windowed).zip(&*window) {
            *sum += *sample * weight;
        }
    }

    fn reset(&mut self) {
        self.sound.fill(0.0);
        self.added.fill(0.0);
    }
}

/// Level of a bin, finite for silence.
fn level_db(power: f64) -> f64 {
    power_to_db(power + 1e-20)
}

#[cfg(test)]
mod tests;
