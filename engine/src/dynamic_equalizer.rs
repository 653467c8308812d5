//! Bells that cut only while their own band is loud, ready before the loud moment comes.
//!
//! Each band hears the input through a band-pass of its own centre and Q. The level is the mean power of the channels in the
//! band, as the peak level of a sine of that power; over the threshold a static curve with a 6 dB knee gives the wanted
//! reduction, smoothed in the log domain after the curve ("smooth decoupled": Giannoulis, Massberg & Reiss, JAES 60(6), 2012,
//! section 3.3). The sound is delayed by the attack time, the detector is not. All channels get the same gain, so the image
//! stays; bands in series share one delay.

use acetate_audio::units::power_to_db;
use acetate_audio::{Audio, AudioSpec};

use crate::compensated::{Causal, Compensated};
use crate::compressor::over_knee_db;
use crate::moves::{MoveUnit, Score};
use crate::settings::DynamicBand;
use crate::svf::{BandPass, Bell, CENTRE_MAX, SvfState};

/// Frames between two changes of gain. At 44.1 kHz 0.18 ms: a third of the shortest attack.
const HOP: usize = 8;
/// Full width of the knee of the static curve.
const KNEE_DB: f64 = 6.0;
/// Reductions below this are none, so that the sound becomes untouched again.
const REDUCTION_DB_MIN: f64 = 1e-5;
/// Stands for silence, -200 dB: its logarithm is finite.
const POWER_FLOOR: f64 = 1e-20;

/// Cuts bands while they are loud. The output is aligned with the input; where nothing is over a threshold it is the input.
pub type DynamicEqualizer = Compensated<Bands>;

impl DynamicEqualizer {
    /// Those of `bands` that can act, in series; none when there are none.
    ///
    /// Bands beyond 0.45 of the rate have nothing to hear and are left out.
    pub fn new(bands: &[DynamicBand], spec: AudioSpec) -> Option<Self> {
        let highest_hz = CENTRE_MAX * f64::from(spec.sample_rate_hz);
        let acts = |band: &&DynamicBand| {
            band.enabled && band.ratio > 1.0 && band.range_db > 0.0 && band.freq_hz <= highest_hz
        };
        let acting: Vec<&DynamicBand> = bands.iter().filter(acts).collect();
        (!acting.is_empty()).then(|| Self::around(Bands::new(&acting, spec), spec))
    }
}

pub struct Bands {
    bands: Vec<Band>,
    /// Rings of the delayed sound, one a channel, a whole number of hops long.
    delayed: Vec<Vec<f32>>,
    at: usize,
    /// Frames of the current hop that were heard.
    heard: usize,
    /// Reductions by band.
    score: Score,
}

impl Bands {
    fn new(settings: &[&DynamicBand], spec: AudioSpec) -> Self {
        let rate_hz = f64::from(spec.sample_rate_hz);
        let hops =
            |band: &DynamicBand| (band.attack_ms / 1000.0 * rate_hz / HOP as f64).ceil() as usize;
        let hops_max = settings.iter().map(|band| hops(band)).max().unwrap_or(0);
        let bands: Vec<Band> =
            settings.iter().map(|band| Band::new(band, spec, hops_max - hops(band))).collect();
        Self {
            score: Score::new(MoveUnit::CutDb, HOP, bands.len()).with_rows_before(hops_max),
            bands,
            delayed: vec![vec![0.0; (hops_max + 1) * HOP]; spec.channels],
            at: 0,
            heard: 0,
        }
    }

    /// Takes frames that lie within one hop.
    fn process_piece(&mut self, planes: &mut [Vec<f32>], start: usize, frames: usize) {
        let listens = !self.score.follows();
        for (channel, plane) in planes.iter_mut().enumerate().filter(|_| listens) {
            let new = &plane[start..start + frames];
            self.bands.iter_mut().for_each(|band| band.hear(channel, self.heard, new));
        }
        for (channel, plane) in planes.iter_mut().enumerate() {
            let sound = &mut plane[start..start + frames];
            sound.swap_with_slice(&mut self.delayed[channel][self.at..self.at + frames]);
            self.bands.iter_mut().for_each(|band| band.cut(channel, sound));
        }
        self.at = (self.at + frames) % self.delayed[0].len();
        self.heard = (self.heard + frames) % HOP;
        if self.heard == 0 {
            self.end_hop();
        }
    }

    fn end_hop(&mut self) {
        if self.score.follows() {
            let told = self.bands.iter_mut().zip(self.score.told_row());
            return told.for_each(|(band, reduction_db)| band.reduce(reduction_db));
        }
        self.bands.iter_mut().for_each(Band::decide);
        self.score.note(self.bands.iter().map(|band| band.reduction_db));
    }
}

impl Causal for Bands {
    fn score(&mut self) -> &mut Score {
        &mut self.score
    }

    fn process(&mut self, block: &mut Audio) {
        let total = block.frames();
        let mut start = 0;
        while start < total {
            let frames = (HOP - self.heard).min(total - start);
            self.process_piece(block.planes_mut(), start, frames);
            start += frames;
        }
    }

    fn latency_frames(&self) -> usize {
        self.delayed[0].len()
    }

    fn reset(&mut self) {
        self.delayed.iter_mut().for_each(|ring| ring.fill(0.0));
        self.bands.iter_mut().for_each(Band::reset);
        (self.at, self.heard) = (0, 0);
    }
}

struct Band {
    detector: BandPass,
    detector_states: Vec<SvfState>,
    /// Power of each frame of the hop, summed over channels.
    powers: [f64; HOP],
    /// Turns the sum of powers into the square of a sine's amplitude.
    power_scale: f64,
    curve: Curve,
    smoother: Smoother,
    /// Reductions waiting for their sound; only bands faster than the slowest have any.
    waiting: Vec<f64>,
    waiting_at: usize,
    bell: Bell,
    bell_states: Vec<SvfState>,
    reduction_db: f64,
}

impl Band {
    fn new(settings: &DynamicBand, spec: AudioSpec, hops_to_wait: usize) -> Self {
        let rate_hz = f64::from(spec.sample_rate_hz);
        let centre = settings.freq_hz / rate_hz;
        let hop_s = HOP as f64 / rate_hz;
        Self {
            detector: BandPass::new(centre, settings.q),
            detector_states: vec![SvfState::default(); spec.channels],
            powers: [0.0; HOP],
            power_scale: 1.0 / spec.channels as f64,
            curve: Curve::new(settings),
            smoother: Smoother::new(settings.attack_ms, settings.release_ms, hop_s),
            waiting: vec![0.0; hops_to_wait],
            waiting_at: 0,
            bell: Bell::new(centre, settings.q, settings.range_db),
            bell_states: vec![SvfState::default(); spec.channels],
            reduction_db: 0.0,
        }
    }

    fn hear(&mut self, channel: usize, offset: usize, samples: &[f32]) {
        let state = &mut self.detector_states[channel];
        for (power, sample) in self.powers[offset..].iter_mut().zip(samples) {
            let band = self.detector.next(state, f64::from(*sample));
            *power += band * band;
        }
    }

    /// Ends a hop: the reduction for the hop that comes out next.
    fn decide(&mut self) {
        let power = self.powers.iter().copied().fold(POWER_FLOOR, f64::max);
        self.powers = [0.0; HOP];
        let wanted_db = self.curve.reduction_db(power_to_db(power * self.power_scale));
        let mut reduction_db = self.smoother.next(wanted_db);
        if !self.waiting.is_empty() {
            std::mem::swap(&mut reduction_db, &mut self.waiting[self.waiting_at]);
            self.waiting_at = (self.waiting_at + 1) % self.waiting.len();
        }
        self.reduce(reduction_db);
    }

    fn reduce(&mut self, reduction_db: f64) {
        if reduction_db != self.reduction_db {
            self.reduction_db = reduction_db;
            self.bell.set_cut_db(reduction_db);
        }
    }

    fn cut(&mut self, channel: usize, samples: &mut [f32]) {
        let state = &mut self.bell_states[channel];
        for sample in samples {
            let x = f64::from(*sample);
            *sample = (x + self.bell.next_added(state, x)) as f32;
        }
    }

    fn reset(&mut self) {
        self.detector_states.fill(SvfState::default());
        self.bell_states.fill(SvfState::default());
        self.powers = [0.0; HOP];
        self.smoother.reset();
        self.waiting.fill(0.0);
        self.waiting_at = 0;
        self.reduction_db = 0.0;
        self.bell.set_cut_db(0.0);
    }
}

/// How much is taken away at which level.
struct Curve {
    threshold_db: f64,
    /// 1 - 1/ratio.
    slope: f64,
    range_db: f64,
}

impl Curve {
    fn new(settings: &DynamicBand) -> Self {
        Self {
            threshold_db: settings.threshold_db,
            slope: 1.0 - 1.0 / settings.ratio,
            range_db: settings.range_db,
        }
    }

    fn reduction_db(&self, level_db: f64) -> f64 {
        let over_db = over_knee_db(level_db - self.threshold_db, KNEE_DB);
        (self.slope * over_db).min(self.range_db)
    }
}

/// Smooth decoupled: an instant rise that falls with the release, then the attack.
struct Smoother {
    attack: f64,
    release: f64,
    held_db: f64,
    smooth_db: f64,
}

impl Smoother {
    /// Times to 63 % of a step.
    fn new(attack_ms: f64, release_ms: f64, step_s: f64) -> Self {
        let coefficient = |time_ms: f64| libm::exp(-step_s * 1000.0 / time_ms);
        Self {
            attack: coefficient(attack_ms),
            release: coefficient(release_ms),
            held_db: 0.0,
            smooth_db: 0.0,
        }
    }

    fn next(&mut self, wanted_db: f64) -> f64 {
        self.held_db = wanted_db.max(wanted_db + self.release * (self.held_db - wanted_db));
        self.smooth_db = self.held_db + self.attack * (self.smooth_db - self.held_db);
        if self.smooth_db < REDUCTION_DB_MIN { 0.0 } else { self.smooth_db }
    }

    fn reset(&mut self) {
        (self.held_db, self.smooth_db) = (0.0, 0.0);
    }
}

#[cfg(test)]
mod tests;
