//! Softens sharp s sounds, and nothing else that is bright.
//!
//! Frames of 10 ms, every 5 ms, of the mean of the channels. A frame is sharp when the energy of 5-10 kHz over that of
//! 0.3-3 kHz passes the threshold, when 5-10 kHz is noise (spectral flatness) and is not faint. What is softened is a *run* of
//! sharp frames of 30 to 250 ms that does not die away like a struck cymbal: the sound waits until the run is over, so it is
//! known in whole before its first frame is touched. A bell then takes a share of each frame's excess, in the mid only when
//! there are two channels; where no run is, the output is the input.

use std::sync::Arc;

use acetate_audio::units::power_to_db;
use acetate_audio::{Audio, AudioSpec};
use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use crate::compensated::{Causal, Compensated};
use crate::moves::{MoveUnit, Score};
use crate::settings::DeEsserSettings;
use crate::svf::{Bell, CENTRE_MAX, SvfState};

/// Time between frames; a frame is twice as long.
const HOP_S: f64 = 0.005;
/// Where s sounds are.
const HIGH_HZ: [f64; 2] = [5000.0, 10_000.0];
/// Where voices are.
const LOW_HZ: [f64; 2] = [300.0, 3000.0];
/// Noise has 0.56 (Johnston 1988's measure of a periodogram); tones have next to nothing.
const FLATNESS_MIN: f64 = 0.3;
/// Faintest energy of 5-10 kHz that counts, in dB re a full-scale square wave.
const LEVEL_DB_MIN: f64 = -60.0;
/// Shortest and longest run, in frames: 30 and 250 ms between the centres of first and last.
const RUN_FRAMES: [usize; 2] = [7, 50];
/// A run whose strongest frame is this much above its mean dies away: a hat, no s. A raised-cosine swell has 4.3 dB.
const RUN_CREST_DB_MAX: f64 = 6.0;
/// Time to 63 % of the recovery after a run.
const RELEASE_S: f64 = 0.060;
/// RBJ Q of the bell: -3 dB cuts reach from about 5 to 10 kHz around 7.
const BELL_Q: f64 = 0.9;
/// Hops by which the sound waits: the longest run, the frame that ends it, and the ramp into it.
const WAIT_HOPS: usize = RUN_FRAMES[1] + 2;
/// Frames between two changes of gain within a ramp.
const STEP: usize = 8;
/// Cuts below this are none.
const CUT_DB_MIN: f64 = 1e-3;
/// Stands for silence, -200 dB: its logarithm is finite.
const POWER_FLOOR: f64 = 1e-20;

/// Softens sharp s sounds. The output is aligned with the input.
pub type DeEsser = Compensated<Softener>;

impl DeEsser {
    /// A de-esser of these settings; none when it would cut nothing.
    pub fn new(settings: &DeEsserSettings, spec: AudioSpec) -> Option<Self> {
        let cuts = settings.enabled && settings.amount_pct > 0.0 && settings.range_db > 0.0;
        let hears = f64::from(spec.sample_rate_hz) > 2.0 * HIGH_HZ[0];
        (cuts && hears).then(|| Self::around(Softener::new(settings, spec), spec))
    }
}

pub struct Softener {
    listener: Ear,
    runs: Runs,
    /// Rings of the delayed sound, one a channel, [`WAIT_HOPS`] long.
    delayed: Vec<Vec<f32>>,
    at: usize,
    hop_frames: usize,
    /// Frames of the current hop that were heard.
    heard: usize,
    /// Cuts at the beginning and at the end of the hop that comes out.
    ramp_db: [f64; 2],
    release: f64,
    bell: Bell,
    cut_db: f64,
    states: Vec<SvfState>,
    /// Whether the channels are left and right.
    is_stereo: bool,
    /// Cuts at the ends of hops.
    score: Score,
}

impl Softener {
    fn new(settings: &DeEsserSettings, spec: AudioSpec) -> Self {
        let rate_hz = f64::from(spec.sample_rate_hz);
        let listener = Ear::new(settings.threshold_db, spec);
        let hop_frames = listener.hop_frames;
        Self {
            listener,
            runs: Runs::new(settings),
            delayed: vec![vec![0.0; WAIT_HOPS * hop_frames]; spec.channels],
            at: 0,
            hop_frames,
            heard: 0,
            ramp_db: [0.0; 2],
            release: libm::exp(-HOP_S / RELEASE_S),
            bell: Bell::new(
                (settings.freq_hz / rate_hz).min(CENTRE_MAX),
                BELL_Q,
                settings.range_db,
            ),
            cut_db: 0.0,
            states: vec![SvfState::default(); spec.channels],
            is_stereo: spec.is_stereo(),
            score: Score::new(MoveUnit::CutDb, hop_frames, 1).with_rows_before(WAIT_HOPS - 1),
        }
    }

    /// Takes frames that lie within one step of one hop.
    fn process_piece(&mut self, planes: &mut [Vec<f32>], start: usize, frames: usize) {
        if !self.score.follows() {
            self.listener.collect(planes, start, self.heard, frames);
        }
        for (plane, ring) in planes.iter_mut().zip(&mut self.delayed) {
            plane[start..start + frames].swap_with_slice(&mut ring[self.at..self.at + frames]);
        }
        if self.heard.is_multiple_of(STEP) {
            self.follow_ramp();
        }
        match planes {
            [left, right] if self.is_stereo => {
                let pieces = (&mut left[start..start + frames], &mut right[start..start + frames]);
                cut_mid(&self.bell, &mut self.states[0], pieces.0, pieces.1);
            }
            _ => {
                for (plane, state) in planes.iter_mut().zip(&mut self.states) {
                    cut(&self.bell, state, &mut plane[start..start + frames]);
                }
            }
        }
        self.at = (self.at + frames) % self.delayed[0].len();
        self.heard = (self.heard + frames) % self.hop_frames;
        if self.heard == 0 {
            self.end_hop();
        }
    }

    fn follow_ramp(&mut self) {
        let share = self.heard as f64 / self.hop_frames as f64;
        let cut_db = self.ramp_db[0] + share * (self.ramp_db[1] - self.ramp_db[0]);
        if cut_db != self.cut_db {
            self.cut_db = cut_db;
            self.bell.set_cut_db(cut_db);
        }
    }

    fn end_hop(&mut self) {
        let cut_db = match self.score.follows() {
            true => self.score.told_row().sum(),
            false => self.decide(),
        };
        self.score.note([cut_db]);
        self.ramp_db = [self.ramp_db[1], cut_db];
    }

    /// The cut at the end of the hop that comes out next.
    fn decide(&mut self) -> f64 {
        let frame = self.listener.listen();
        let decided_db = self.runs.next(frame);
        let released_db = self.ramp_db[1] * self.release;
        decided_db.max(if released_db < CUT_DB_MIN { 0.0 } else { released_db })
    }
}

fn cut_mid(bell: &Bell, state: &mut SvfState, left: &mut [f32], right: &mut [f32]) {
    for (left, right) in left.iter_mut().zip(right) {
        let (l, r) = (f64::from(*left), f64::from(*right));
        let added = bell.next_added(state, 0.5 * (l + r));
        *left = (l + added) as f32;
        *right = (r + added) as f32;
    }
}

fn cut(bell: &Bell, state: &mut SvfState, samples: &mut [f32]) {
    for sample in samples {
        let x = f64::from(*sample);
        *sample = (x + bell.next_added(state, x)) as f32;
    }
}

impl Causal for Softener {
    fn score(&mut self) -> &mut Score {
        &mut self.score
    }

    fn process(&mut self, block: &mut Audio) {
        let total = block.frames();
        let mut start = 0;
        while start < total {
            let to_step = STEP - self.heard % STEP;
            let frames = to_step.min(self.hop_frames - self.heard).min(total - start);
            self.process_piece(block.planes_mut(), start, frames);
            start += frames;
        }
    }

    fn latency_frames(&self) -> usize {
        self.delayed[0].len()
    }

    fn reset(&mut self) {
        self.listener.sound.fill(0.0);
        self.runs.reset();
        self.delayed.iter_mut().for_each(|ring| ring.fill(0.0));
        (self.at, self.heard) = (0, 0);
        (self.ramp_db, self.cut_db) = ([0.0; 2], 0.0);
        self.bell.set_cut_db(0.0);
        self.states.fill(SvfState::default());
    }
}

/// What a frame sounds like.
#[derive(Clone, Copy, Default)]
struct Frame {
    /// How far it is over the threshold; zero when it is not sharp.
    excess_db: f64,
    /// Energy of 5-10 kHz.
    high: f64,
}

/// Measures frames of the mean of all channels.
struct Ear {
    threshold_db: f64,
    hop_frames: usize,
    /// The last hop and the current one.
    sound: Vec<f64>,
    window: Vec<f64>,
    windowed: Vec<f64>,
    transform: Arc<dyn RealToComplex<f64>>,
    spectrum: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
    high: std::ops::Range<usize>,
    low: std::ops::Range<usize>,
    channel_share: f64,
    /// Turns squared bins into mean power.
    power_scale: f64,
}

impl Ear {
    fn new(threshold_db: f64, spec: AudioSpec) -> Self {
        let rate_hz = f64::from(spec.sample_rate_hz);
        let hop_frames = (HOP_S * rate_hz).round() as usize;
        let length = 2 * hop_frames;
        let turn = |n: usize| std::f64::consts::TAU * (n as f64 + 0.5) / length as f64;
        let window: Vec<f64> = (0..length).map(|n| 0.5 - 0.5 * libm::cos(turn(n))).collect();
        let transform = RealFftPlanner::new().plan_fft_forward(length);
        let bin =
            |freq_hz: f64| ((freq_hz / rate_hz * length as f64).ceil() as usize).min(hop_frames);
        let energy: f64 = window.iter().map(|w| w * w).sum();
        Self {
            threshold_db,
            hop_frames,
            sound: vec![0.0; length],
            windowed: vec![0.0; length],
            spectrum: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            transform,
            high: bin(HIGH_HZ[0])..bin(HIGH_HZ[1]),
            low: bin(LOW_HZ[0])..bin(LOW_HZ[1]),
            channel_share: 1.0 / spec.channels as f64,
            power_scale: 2.0 / (energy * length as f64),
            window,
        }
    }

    fn collect(&mut self, planes: &[Vec<f32>], start: usize, heard: usize, frames: usize) {
        let at = self.hop_frames + heard;
        let sound = &mut self.sound[at..at + frames];
        sound.fill(0.0);
        for plane in planes {
            for (sum, sample) in sound.iter_mut().zip(&plane[start..start + frames]) {
                *sum += self.channel_share * f64::from(*sample);
            }
        }
    }

    fn listen(&mut self) -> Frame {
        for ((to, from), weight) in self.windowed.iter_mut().zip(&self.sound).zip(&self.window) {
            *to = from * weight;
        }
        self.sound.copy_within(self.hop_frames.., 0);
        self.transform
            .process_with_scratch(&mut self.windowed, &mut self.spectrum, &mut self.scratch)
            .expect("lengths are the transform's own");
        let power = |bins: &[Complex<f64>]| bins.iter().map(Complex::norm_sqr).sum::<f64>();
        let bins = &self.spectrum[self.high.clone()];
        let high = power(bins) * self.power_scale;
        let low = power(&self.spectrum[self.low.clone()]) * self.power_scale;
        let excess_db = power_to_db(high / low.max(POWER_FLOOR)) - self.threshold_db;
        let loud = high > 0.0 && power_to_db(high) > LEVEL_DB_MIN;
        if loud && excess_db > 0.0 && flatness(bins) > FLATNESS_MIN {
            Frame { excess_db, high }
        } else {
            Frame { excess_db: 0.0, high }
        }
    }
}

/// Geometric over arithmetic mean of the power; 1 for a flat spectrum.
fn flatness(bins: &[Complex<f64>]) -> f64 {
    let count = bins.len() as f64;
    let mean = bins.iter().map(Complex::norm_sqr).sum::<f64>() / count;
    let log_mean =
        bins.iter().map(|bin| power_to_db(bin.norm_sqr() / mean + POWER_FLOOR)).sum::<f64>();
    acetate_audio::units::db_to_power(log_mean / count)
}

/// Tells runs that are an s from everything else.
struct Runs {
    amount: f64,
    range_db: f64,
    frames: [Frame; WAIT_HOPS],
    cuts_db: [f64; WAIT_HOPS],
    at: usize,
    length: usize,
}

impl Runs {
    fn new(settings: &DeEsserSettings) -> Self {
        Self {
            amount: settings.amount_pct / 100.0,
            range_db: settings.range_db,
            frames: [Frame::default(); WAIT_HOPS],
            cuts_db: [0.0; WAIT_HOPS],
            at: 0,
            length: 0,
        }
    }

    /// Takes the newest frame; gives the cut of the one [`WAIT_HOPS`] - 2 frames before it, which is decided by now.
    fn next(&mut self, frame: Frame) -> f64 {
        if frame.excess_db > 0.0 {
            self.length += 1;
        } else {
            self.end_run();
        }
        self.frames[self.at] = frame;
        self.cuts_db[self.at] = 0.0;
        self.at = (self.at + 1) % WAIT_HOPS;
        self.cuts_db[(self.at + 1) % WAIT_HOPS]
    }

    /// The run before the newest frame is over.
    fn end_run(&mut self) {
        let length = std::mem::take(&mut self.length);
        if !(RUN_FRAMES[0]..=RUN_FRAMES[1]).contains(&length) {
            return;
        }
        let index = |age: usize| (self.at + WAIT_HOPS - age) % WAIT_HOPS;
        let energies = (1..=length).map(|age| self.frames[index(age)].high);
        let (sum, most) = energies.fold((0.0, 0.0_f64), |(sum, most), e| (sum + e, most.max(e)));
        if power_to_db(most * length as f64 / sum) > RUN_CREST_DB_MAX {
            return;
        }
        for age in 1..=length {
            let excess_db = self.frames[index(age)].excess_db;
            self.cuts_db[index(age)] = (self.amount * excess_db).min(self.range_db);
        }
    }

    fn reset(&mut self) {
        self.frames = [Frame::default(); WAIT_HOPS];
        self.cuts_db = [0.0; WAIT_HOPS];
        (self.at, self.length) = (0, 0);
    }
}

#[cfg(test)]
mod tests;
