//! Harmonics: a smooth curve at four or eight times the rate, antialiased twice.
//!
//! The curve is f(v) = v / √(1 + v²). Its antiderivative F(v) = √(1 + v²) makes antiderivative antialiasing (Parker, Zavalishin
//! & Le Bivic, DAFx-16; Bilbao, Esqueda, Parker & Välimäki, IEEE SPL 24(7), 2017) free of its usual singularity:
//! (F(v₁) - F(v₀)) / (v₁ - v₀) = (v₁ + v₀) / (F(v₁) + F(v₀)). One square root and one division a sample, no table, no logarithm.
//!
//! Only what the curve *adds* is computed and brought back to the base rate: y = x + mix · (curve(x) - x). Quiet sound passes
//! unchanged, and the filters of the detour never touch the direct sound.

use acetate_audio::units::db_to_amplitude;
use acetate_audio::{Audio, AudioSpec, threads};

use crate::compensated::{Causal, Compensated};
use crate::moves::{MoveUnit, Score};
use crate::oversample::{CHUNK, Oversampler};
use crate::settings::SaturatorSettings;

/// Drive (times offset) above which the oversampling is doubled: harmonics then reach twice as far.
const HOT_DRIVE: f64 = 2.0;
/// Rates up to this are oversampled in full; at higher ones the room above hearing does part of the work.
const BASE_RATE_HZ_MAX: u32 = 50_000;
/// Frequency around which the emphasis turns.
const EMPHASIS_HZ: f64 = 1000.0;
/// High-pass on what an offset curve adds.
const DC_BLOCK_HZ: f64 = 5.0;

/// Adds harmonics. The output is aligned with the input.
pub type Saturator = Compensated<Lanes>;

impl Saturator {
    /// A saturator of these settings; none when it would add nothing.
    pub fn new(settings: &SaturatorSettings, spec: AudioSpec) -> Option<Self> {
        if settings.is_neutral() {
            return None;
        }
        let lane = || Lane::new(settings, spec.sample_rate_hz);
        let lanes: Vec<Lane> = (0..spec.channels).map(|_| lane()).collect();
        let score = Score::new(MoveUnit::Added, 1, spec.channels);
        let score = score.with_rows_before(lanes[0].oversampler.latency_frames());
        Some(Self::around(Lanes { lanes, score }, spec))
    }
}

/// All channels, and what is added to them.
pub struct Lanes {
    lanes: Vec<Lane>,
    score: Score,
}

impl Causal for Lanes {
    fn score(&mut self) -> &mut Score {
        &mut self.score
    }

    fn process(&mut self, block: &mut Audio) {
        let Self { lanes, score } = self;
        if score.follows() {
            lanes.iter_mut().zip(block.planes_mut()).for_each(|(lane, plane)| lane.delay(plane));
            // What is added to a sum is nobody's part of it.
            score.reset();
            return;
        }
        let records = score.records();
        threads::for_each_pair(lanes, block.planes_mut(), |_, lane, plane| {
            lane.process(plane, records);
        });
        for (channel, lane) in lanes.iter_mut().enumerate() {
            score.note_column(channel, lane.recorded.drain(..));
        }
    }

    fn latency_frames(&self) -> usize {
        self.lanes[0].oversampler.latency_frames()
    }

    fn reset(&mut self) {
        self.lanes.iter_mut().for_each(Lane::reset);
    }
}

/// One channel.
struct Lane {
    mix: f64,
    oversampler: Oversampler,
    curve: Curve,
    emphasis: Option<[Tilt; 2]>,
    dc_block: Option<DcBlock>,
    /// The direct sound, waiting for what the curve adds.
    direct: Vec<f32>,
    added: Vec<f64>,
    /// What was added in this block, where that is to be written down.
    recorded: Vec<f64>,
}

impl Lane {
    fn new(settings: &SaturatorSettings, sample_rate_hz: u32) -> Self {
        let curve = Curve::new(db_to_amplitude(settings.drive_db), settings.bias_pct / 100.0);
        let oversampler = Oversampler::new(doublings(&curve, sample_rate_hz));
        let emphasis = (settings.emphasis_db != 0.0).then(|| {
            [settings.emphasis_db, -settings.emphasis_db].map(|db| Tilt::new(db, sample_rate_hz))
        });
        Self {
            mix: settings.mix_pct / 100.0,
            direct: vec![0.0; oversampler.latency_frames() + CHUNK],
            oversampler,
            emphasis,
            dc_block: (curve.bias != 0.0).then(|| DcBlock::new(sample_rate_hz)),
            curve,
            added: vec![0.0; CHUNK],
            recorded: Vec::new(),
        }
    }

    fn process(&mut self, plane: &mut [f32], records: bool) {
        for chunk in plane.chunks_mut(CHUNK) {
            self.find_added(chunk);
            if records {
                let mix = self.mix;
                self.recorded.extend(self.added[..chunk.len()].iter().map(|added| mix * added));
            }
            self.add(chunk);
        }
    }

    /// Lets the sound pass as late as if something were added.
    fn delay(&mut self, plane: &mut [f32]) {
        self.added.fill(0.0);
        plane.chunks_mut(CHUNK).for_each(|chunk| self.add(chunk));
    }

    fn find_added(&mut self, chunk: &[f32]) {
        let added = &mut self.added[..chunk.len()];
        for (to, from) in added.iter_mut().zip(chunk) {
            *to = f64::from(*from);
        }
        if let Some([before, _]) = &mut self.emphasis {
            before.process(added);
        }
        let curve = &mut self.curve;
        self.oversampler.process(added, |samples| curve.replace_by_residual(samples));
        if let Some([_, after]) = &mut self.emphasis {
            after.process(added);
        }
        if let Some(dc_block) = &mut self.dc_block {
            dc_block.process(added);
        }
    }

    fn add(&mut self, chunk: &mut [f32]) {
        let latency = self.oversampler.latency_frames();
        self.direct[latency..latency + chunk.len()].copy_from_slice(chunk);
        for ((sample, direct), added) in chunk.iter_mut().zip(&self.direct).zip(&self.added) {
            *sample = (f64::from(*direct) + self.mix * *added) as f32;
        }
        self.direct.copy_within(chunk.len()..chunk.len() + latency, 0);
    }

    fn reset(&mut self) {
        self.oversampler.reset();
        self.curve.restart();
        self.emphasis.iter_mut().flatten().for_each(|tilt| tilt.state = 0.0);
        self.dc_block.iter_mut().for_each(|block| block.state = 0.0);
        self.direct.fill(0.0);
    }
}

/// Number of doublings of the rate that keep aliases inaudible.
fn doublings(curve: &Curve, sample_rate_hz: u32) -> usize {
    let hot = curve.drive * (1.0 + curve.bias) > HOT_DRIVE;
    let full = if hot { 3 } else { 2 };
    let spare = match sample_rate_hz {
        0..=BASE_RATE_HZ_MAX => 0,
        _ if sample_rate_hz <= 2 * BASE_RATE_HZ_MAX => 1,
        _ => 2,
    };
    (full - spare).max(1)
}

/// y = (f(d (x + b)) - f(d b)) / (d f'(d b)): slope one at rest, whatever drive d and bias b.
struct Curve {
    drive: f64,
    bias: f64,
    /// f(d b).
    rest: f64,
    /// 1 / (d f'(d b)).
    scale: f64,
    input: f64,
    driven: f64,
    integral: f64,
}

impl Curve {
    fn new(drive: f64, bias: f64) -> Self {
        let v = drive * bias;
        let root = (1.0 + v * v).sqrt();
        Self {
            drive,
            bias,
            rest: (v + v) / (root + root),
            scale: root * root * root / drive,
            input: 0.0,
            driven: v,
            integral: root,
        }
    }

    fn restart(&mut self) {
        *self = Self::new(self.drive, self.bias);
    }

    /// Replaces samples by (curve - identity), both averaged between neighbours: half a sample late.
    fn replace_by_residual(&mut self, samples: &mut [f64]) {
        let (mut x0, mut v0, mut f0) = (self.input, self.driven, self.integral);
        for sample in samples {
            let x = *sample;
            let v = self.drive * (x + self.bias);
            let f = (1.0 + v * v).sqrt();
            *sample = ((v + v0) / (f + f0) - self.rest) * self.scale - 0.5 * (x + x0);
            (x0, v0, f0) = (x, v, f);
        }
        (self.input, self.driven, self.integral) = (x0, v0, f0);
    }
}

/// First-order tilt, bilinear: -half of `tilt_db` at zero, +half at the top, unity at [`EMPHASIS_HZ`].
/// H(s) = (a s + 1) / (s + a); the opposite tilt is its exact inverse.
struct Tilt {
    b: [f64; 2],
    a: f64,
    state: f64,
}

impl Tilt {
    fn new(tilt_db: f64, sample_rate_hz: u32) -> Self {
        let a = db_to_amplitude(tilt_db / 2.0);
        let k = libm::tan(std::f64::consts::PI * EMPHASIS_HZ / f64::from(sample_rate_hz));
        let norm = 1.0 + a * k;
        Self { b: [(a + k) / norm, (k - a) / norm], a: (a * k - 1.0) / norm, state: 0.0 }
    }

    fn process(&mut self, samples: &mut [f64]) {
        for sample in samples {
            let y = self.b[0] * *sample + self.state;
            self.state = self.b[1] * *sample - self.a * y;
            *sample = y;
        }
    }
}

/// First-order high-pass at [`DC_BLOCK_HZ`].
struct DcBlock {
    coefficient: f64,
    state: f64,
}

impl DcBlock {
    fn new(sample_rate_hz: u32) -> Self {
        let turn = std::f64::consts::TAU * DC_BLOCK_HZ / f64::from(sample_rate_hz);
        Self { coefficient: 1.0 - libm::exp(-turn), state: 0.0 }
    }

    fn process(&mut self, samples: &mut [f64]) {
        for sample in samples {
            self.state += self.coefficient * (*sample - self.state);
            *sample -= self.state;
        }
    }
}

#[cfg(test)]
mod tests;
