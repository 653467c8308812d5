//! The limiter of a device at full volume: high-pass, boost, and how much of the boost it takes back.

use acetate_audio::{Audio, AudioSpec, ChannelRole};
use multiversion::multiversion;

use crate::document::TakenBack;
use crate::system::Device;

/// Devices that are listened to at once.
const SLOTS: usize = 4;
/// Values side by side: each device twice, for the channels of a pair.
const LANES: usize = 2 * SLOTS;
type Lanes = [f64; LANES];
/// Length of a block whose peak is limited.
const BLOCKS_PER_SECOND: f64 = 1_000.0;
/// Blocks that the limiter looks ahead, and holds.
const LOOKAHEAD: usize = 4;
/// Time in which the gain comes back by 1 - 1/e, in blocks.
const RELEASE_BLOCKS: f64 = 60.0;
/// Peaks below are pauses, which no limiter is asked about: -60 dBFS.
const PAUSE: f64 = 1e-3;
/// Widths of the histogram's cells, dB.
const CELL_DB: f64 = 0.05;
const CELLS: usize = 1_000;
/// Reduction from here on is acting, dB.
const ACTING_DB: f64 = 0.5;
/// Qualities of the two sections of a fourth-order Butterworth filter.
const QUALITIES: [f64; 2] = [0.541_196_100_146_197, 1.306_562_964_876_376_4];

/// What a device's limiter takes back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reduction {
    pub(crate) mean_db: f64,
    pub(crate) p95_db: f64,
    /// Share of the time, 0 to 1.
    pub(crate) acting: f64,
}

impl Reduction {
    /// The same of what a device makes louder.
    pub(crate) fn of(self, device: Device) -> TakenBack {
        TakenBack {
            boost_db: device.boost_db,
            mean_db: self.mean_db,
            p95_db: self.p95_db,
            acting_pct: 100.0 * self.acting,
        }
    }
}

/// High-passes of all devices side by side, over one pair of channels.
#[derive(Clone, Debug)]
struct Bank {
    sections: [Section; 2],
}

/// One section, transposed direct form II.
#[derive(Clone, Debug)]
struct Section {
    b: [Lanes; 3],
    a: [Lanes; 2],
    state: [Lanes; 2],
}

impl Section {
    /// High-pass by the bilinear transform, a corner for each device.
    fn new(corners_hz: [f64; SLOTS], quality: f64, rate_hz: f64) -> Self {
        let zero = [0.0; LANES];
        let mut section = Self { b: [zero; 3], a: [zero; 2], state: [zero; 2] };
        for lane in 0..LANES {
            let corner = corners_hz[lane / 2].min(0.45 * rate_hz);
            let k = libm::tan(std::f64::consts::PI * corner / rate_hz);
            let norm = 1.0 / (1.0 + k / quality + k * k);
            section.b[0][lane] = norm;
            section.b[1][lane] = -2.0 * norm;
            section.b[2][lane] = norm;
            section.a[0][lane] = 2.0 * (k * k - 1.0) * norm;
            section.a[1][lane] = (1.0 - k / quality + k * k) * norm;
        }
        section
    }

    #[inline(always)]
    fn step(&mut self, x: Lanes) -> Lanes {
        let mut y = [0.0; LANES];
        for lane in 0..LANES {
            y[lane] = self.b[0][lane] * x[lane] + self.state[0][lane];
            self.state[0][lane] =
                self.b[1][lane] * x[lane] - self.a[0][lane] * y[lane] + self.state[1][lane];
            self.state[1][lane] = self.b[2][lane] * x[lane] - self.a[1][lane] * y[lane];
        }
        y
    }
}

/// The largest magnitude of each lane after the filters.
#[multiversion(targets("x86_64+avx2"))]
fn largest(bank: &mut Bank, left: &[f32], right: &[f32]) -> Lanes {
    let mut top = [0.0f64; LANES];
    // Held apart, states stay in registers.
    let [mut first, mut second] = bank.sections.clone();
    for (&left, &right) in left.iter().zip(right) {
        let pair = [f64::from(left), f64::from(right)];
        let y = second.step(first.step(std::array::from_fn(|lane| pair[lane % 2])));
        for lane in 0..LANES {
            let magnitude = y[lane].abs();
            top[lane] = if magnitude > top[lane] { magnitude } else { top[lane] };
        }
    }
    bank.sections = [first, second];
    top
}

/// The gain of one device's limiter over time.
#[derive(Clone, Debug)]
struct Gain {
    boost: f64,
    /// The last peaks, as gains that would be needed.
    needed: [f64; 2 * LOOKAHEAD + 1],
    gain: f64,
    histogram: Vec<u64>,
    sum_db: f64,
    blocks: u64,
}

impl Gain {
    fn new(device: Device) -> Self {
        Self {
            boost: acetate_audio::units::db_to_amplitude(device.boost_db),
            needed: [1.0; 2 * LOOKAHEAD + 1],
            gain: 1.0,
            histogram: vec![0; CELLS],
            sum_db: 0.0,
            blocks: 0,
        }
    }

    fn push(&mut self, peak: f64, release: f64) {
        self.needed.rotate_left(1);
        self.needed[2 * LOOKAHEAD] = 1.0 / (peak * self.boost).max(1.0);
        let needed = self.needed.iter().copied().fold(1.0, f64::min);
        let released = 1.0 - (1.0 - self.gain) * release;
        self.gain = if needed < released { needed } else { released };
        if peak > PAUSE {
            let reduction_db = -acetate_audio::units::amplitude_to_db(self.gain);
            self.histogram[((reduction_db / CELL_DB) as usize).min(CELLS - 1)] += 1;
            self.sum_db += reduction_db;
            self.blocks += 1;
        }
    }

    fn finish(&self) -> Option<Reduction> {
        let blocks = Some(self.blocks).filter(|&blocks| blocks > 0)? as f64;
        let mut counted = 0.0;
        let p95 = self.histogram.iter().position(|&count| {
            counted += count as f64;
            counted >= 0.95 * blocks
        });
        let acting: u64 = self.histogram[(ACTING_DB / CELL_DB) as usize..].iter().sum();
        Some(Reduction {
            mean_db: self.sum_db / blocks,
            p95_db: p95.unwrap_or(0) as f64 * CELL_DB,
            acting: acting as f64 / blocks,
        })
    }
}

/// Listens for what the limiters of up to four devices would do.
#[derive(Debug)]
pub(crate) struct LimiterMeter {
    pairs: Vec<[usize; 2]>,
    banks: Vec<Bank>,
    gains: Vec<Gain>,
    block_frames: usize,
    release: f64,
    /// Largest magnitudes of the block that is being filled, and its length so far.
    top: [f64; SLOTS],
    filled: usize,
}

impl LimiterMeter {
    /// A meter of at most four devices.
    pub(crate) fn new(spec: AudioSpec, devices: &[Device]) -> Self {
        let devices = &devices[..devices.len().min(SLOTS)];
        let rate_hz = f64::from(spec.sample_rate_hz);
        let mut corners_hz = [100.0; SLOTS];
        for (corner, device) in corners_hz.iter_mut().zip(devices) {
            *corner = device.high_pass_hz;
        }
        let heard: Vec<usize> =
            (0..spec.channels).filter(|&index| spec.role(index) != ChannelRole::Lfe).collect();
        let pairs: Vec<[usize; 2]> =
            heard.chunks(2).map(|pair| [pair[0], pair[pair.len() - 1]]).collect();
        let bank = Bank { sections: QUALITIES.map(|q| Section::new(corners_hz, q, rate_hz)) };
        Self {
            banks: vec![bank; pairs.len()],
            pairs,
            gains: devices.iter().map(|&device| Gain::new(device)).collect(),
            block_frames: libm::round(rate_hz / BLOCKS_PER_SECOND).max(1.0) as usize,
            release: libm::exp(-1.0 / RELEASE_BLOCKS),
            top: [0.0; SLOTS],
            filled: 0,
        }
    }

    /// Listens on.
    pub(crate) fn push(&mut self, block: &Audio) {
        if self.gains.is_empty() {
            return;
        }
        let mut from = 0;
        while from < block.frames() {
            let until = block.frames().min(from + self.block_frames - self.filled);
            for (pair, bank) in self.pairs.iter().zip(&mut self.banks) {
                let [left, right] = pair.map(|channel| &block.channel(channel)[from..until]);
                let top = largest(bank, left, right);
                for (slot, kept) in self.top.iter_mut().enumerate() {
                    *kept = kept.max(top[2 * slot]).max(top[2 * slot + 1]);
                }
            }
            self.filled += until - from;
            from = until;
            if self.filled == self.block_frames {
                self.end_block();
            }
        }
    }

    fn end_block(&mut self) {
        for (gain, &peak) in self.gains.iter_mut().zip(&self.top) {
            gain.push(peak, self.release);
        }
        self.top = [0.0; SLOTS];
        self.filled = 0;
    }

    /// What each device's limiter takes back; `None` of silence.
    pub(crate) fn finish(mut self) -> Vec<Option<Reduction>> {
        if self.filled > 0 {
            self.end_block();
        }
        self.gains.iter().map(Gain::finish).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_scale_sine_loses_the_boost_and_one_of_low_bass_does_not() {
        let tone = |hz: f64| {
            let sample = |n: usize| (std::f64::consts::TAU * hz * n as f64 / 48_000.0).sin() as f32;
            let plane: Vec<f32> = (0..96_000).map(sample).collect();
            Audio::from_planes(48_000, vec![plane.clone(), plane])
        };
        let devices = [
            Device { boost_db: 6.0, high_pass_hz: 100.0 },
            Device { boost_db: 2.0, high_pass_hz: 200.0 },
        ];
        let reductions = |hz: f64| {
            let audio = tone(hz);
            let mut meter = LimiterMeter::new(audio.spec(), &devices);
            meter.push(&audio);
            meter.finish()
        };
        let [laptop, phone] = reductions(1_000.0)[..] else { panic!("two devices") };
        assert!((laptop.unwrap().mean_db - 6.0).abs() < 0.1, "{laptop:?}");
        assert!((phone.unwrap().mean_db - 2.0).abs() < 0.1, "{phone:?}");
        let low = reductions(40.0)[0].unwrap();
        assert!(low.p95_db < 0.3, "{low:?}");
    }
}
