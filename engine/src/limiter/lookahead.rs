//! Look-ahead limiting: the gain begins to fall before a peak and is exactly low enough at it.
//!
//! The wanted gain is held as a minimum over a window, released, and smoothed by a kernel that is not negative, sums to 1
//! and spans no more than the window: a mean of values that are all low enough is low enough.

use acetate_audio::units::db_to_amplitude;
use acetate_audio::{Audio, AudioSpec, threads};

use super::interpolator::Interpolator;
use super::windows::{ONE, RunningSum, SlidingMinimum};
use crate::Stage;
use crate::moves::{Listener, MoveUnit, Score};
use crate::peak::largest;
use crate::queue::Queue;
use crate::settings::{LimiterKind, LimiterSettings};

/// Headroom kept for what smoothing and interpolation leave over; what exceeds it is repaired afterwards.
const MARGIN_DB: f64 = 0.005;

/// The gain is low on this many frames on either side of a peak.
const HOLD_FRAMES: usize = 3;

/// Frames that are left out together where nothing comes near the ceiling.
const GATE_FRAMES: usize = 32;

/// Shares of the look-ahead in the three means that make the kernel; unequal, so that their zeros do not coincide.
const KERNEL_SHARES: [f64; 3] = [0.5, 0.3, 0.2];

/// The slow release path of the `transparent` limiter follows the mean reduction with this time constant, ms.
pub const SLOW_ATTACK_MS: f64 = 80.0;
/// The slow release path lets go this many times slower than `limiter.release_ms`.
pub const SLOW_RELEASE_RATIO: f64 = 8.0;

/// The `fast` kind's interpolator and the `transparent` kind's.
const FAST_TAPS: usize = 12;
const FINE_TAPS: usize = 24;
const BETA: f64 = 6.0;

/// The `transparent` and the `fast` limiter.
pub struct Lookahead {
    detector: Detector,
    ceiling: f32,
    queue: Queue,
    /// Largest value in each interval, per channel, for the frames that are newly complete.
    peaks: Vec<Vec<f32>>,
    curve: GainCurve,
    gains: Vec<f32>,
    /// Frames of the queue whose peak is known.
    detected: usize,
    pending: usize,
    /// The gain of every frame.
    score: Score,
}

enum Detector {
    Fast(Interpolator<4>),
    Fine(Interpolator<8>),
}

impl Lookahead {
    /// A limiter that keeps to `ceiling`, an amplitude, in place of the settings' own.
    pub fn new(settings: &LimiterSettings, ceiling: f32, spec: AudioSpec) -> Self {
        let fast = settings.kind == LimiterKind::Fast;
        let detector = if fast {
            Detector::Fast(Interpolator::new(FAST_TAPS, BETA))
        } else {
            Detector::Fine(Interpolator::new(FINE_TAPS, BETA))
        };
        let ceiling = ceiling * db_to_amplitude(-MARGIN_DB) as f32;
        Self {
            queue: Queue::new(spec.channels, detector.before()),
            detector,
            ceiling,
            peaks: vec![Vec::new(); spec.channels],
            curve: GainCurve::new(settings, f64::from(spec.sample_rate_hz), fast),
            gains: Vec::new(),
            detected: 0,
            pending: 0,
            score: Score::new(MoveUnit::Gain, 1, 1),
        }
    }

    /// Finds gains for all frames whose surroundings are there, and gives out those whose gain is final.
    fn advance(&mut self, out: &mut Audio) {
        if self.score.follows() {
            let rows = self.score.rows_left();
            let told = self.score.told(rows).flatten();
            self.gains.extend(told.map(|&gain| gain as f32));
            self.detected += rows;
        } else {
            self.detect();
        }
        self.emit(self.detector.before(), out);
    }

    fn detect(&mut self) {
        let taps = self.detector.taps();
        let ready = (self.queue.frames() + 1).saturating_sub(taps);
        if ready > self.detected {
            let (detector, ceiling, detected) = (&self.detector, self.ceiling, self.detected);
            let queue = &self.queue;
            threads::for_each(&mut self.peaks, |channel, peaks| {
                let plane = &queue.plane(channel)[detected..ready + taps - 1];
                peaks.resize(ready - detected, 0.0);
                detector.peaks(plane, ceiling, peaks);
            });
            for frame in 0..ready - self.detected {
                let peak = self.peaks.iter().map(|peaks| peaks[frame]).fold(0.0, f32::max);
                self.curve.next(wanted(peak, ceiling), &mut self.gains);
            }
            self.detected = ready;
        }
    }

    fn emit(&mut self, before: usize, out: &mut Audio) {
        let frames = self.gains.len().min(self.pending);
        for (plane, out) in self.queue.planes().zip(out.planes_mut()) {
            let input = &plane[before..before + frames];
            out.extend(input.iter().zip(&self.gains).map(|(x, gain)| x * gain));
        }
        self.score.note_column(0, self.gains[..frames].iter().copied().map(f64::from));
        self.gains.drain(..frames);
        self.queue.skip(frames);
        self.detected -= frames;
        self.pending -= frames;
    }
}

impl Stage for Lookahead {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        self.queue.push(block);
        self.pending += block.frames();
        self.advance(out);
    }

    fn finish(&mut self, out: &mut Audio) {
        self.queue.push_silence(self.curve.delay_frames() + self.detector.taps());
        self.advance(out);
        assert_eq!(self.pending, 0, "all frames come out");
        self.reset();
    }

    fn reset(&mut self) {
        self.queue.restart(self.detector.before());
        self.curve.reset();
        self.gains.clear();
        (self.detected, self.pending) = (0, 0);
    }

    fn latency_frames(&self) -> usize {
        self.detector.taps() - 1 - self.detector.before() + self.curve.delay_frames()
    }
}

impl Listener for Lookahead {
    fn score(&mut self) -> &mut Score {
        &mut self.score
    }
}

impl Detector {
    fn before(&self) -> usize {
        match self {
            Self::Fast(interpolator) => interpolator.before(),
            Self::Fine(interpolator) => interpolator.before(),
        }
    }

    fn taps(&self) -> usize {
        match self {
            Self::Fast(interpolator) => interpolator.taps(),
            Self::Fine(interpolator) => interpolator.taps(),
        }
    }

    /// The peak of each interval; 0 where it is surely below the ceiling.
    fn peaks(&self, x: &[f32], ceiling: f32, peaks: &mut [f32]) {
        match self {
            Self::Fast(interpolator) => gated_peaks(interpolator, x, ceiling, peaks),
            Self::Fine(interpolator) => gated_peaks(interpolator, x, ceiling, peaks),
        }
    }
}

fn gated_peaks<const PHASES: usize>(
    interpolator: &Interpolator<PHASES>,
    x: &[f32],
    ceiling: f32,
    peaks: &mut [f32],
) {
    let reach = interpolator.taps() - 1;
    let harmless = ceiling / interpolator.growth();
    for (index, peaks) in peaks.chunks_mut(GATE_FRAMES).enumerate() {
        let start = index * GATE_FRAMES;
        let x = &x[start..start + peaks.len() + reach];
        if largest(x) <= harmless {
            peaks.fill(0.0);
        } else {
            interpolator.peaks(x, peaks);
        }
    }
}

/// The gain that brings a peak to the ceiling, rounded down.
fn wanted(peak: f32, ceiling: f32) -> u32 {
    if peak <= ceiling { ONE } else { (f64::from(ceiling / peak) * f64::from(ONE)) as u32 }
}

/// From wanted gains to a smooth one that is nowhere higher.
struct GainCurve {
    minimum: SlidingMinimum,
    fast: f64,
    fast_release: f64,
    slow: Option<Slow>,
    means: [RunningSum; 3],
    total: f64,
    /// Frames until the first gain that counts comes out.
    delay: usize,
    skipped: usize,
}

struct Slow {
    gain: f64,
    attack: f64,
    release: f64,
}

impl GainCurve {
    fn new(settings: &LimiterSettings, rate: f64, fast: bool) -> Self {
        let lookahead = settings.lookahead_ms / 1000.0 * rate;
        let means = KERNEL_SHARES.map(|share| RunningSum::new((share * lookahead) as usize + 1));
        let span = means.iter().map(|mean| mean.len() - 1).sum::<usize>() + 1;
        let step = |time_ms: f64| 1.0 - libm::exp(-1000.0 / (time_ms * rate));
        let slow = Slow {
            gain: 1.0,
            attack: step(SLOW_ATTACK_MS),
            release: step(SLOW_RELEASE_RATIO * settings.release_ms),
        };
        Self {
            minimum: SlidingMinimum::new(span + 2 * HOLD_FRAMES),
            fast: 1.0,
            fast_release: step(settings.release_ms),
            slow: (!fast).then_some(slow),
            total: means.iter().map(|mean| mean.len() as f64).product::<f64>() * f64::from(ONE),
            means,
            delay: span - 1 + HOLD_FRAMES,
            skipped: 0,
        }
    }

    fn delay_frames(&self) -> usize {
        self.delay
    }

    fn next(&mut self, wanted: u32, gains: &mut Vec<f32>) {
        let lowest = self.minimum.next(wanted);
        let released = self.release(lowest);
        let sum = self.means.iter_mut().fold(u64::from(released), |sum, mean| mean.next(sum));
        if self.skipped < self.delay {
            self.skipped += 1;
        } else {
            gains.push((sum as f64 / self.total) as f32);
        }
    }

    /// Lets the gain rise again, slowly, and more slowly after sustained reduction.
    fn release(&mut self, lowest: u32) -> u32 {
        if lowest == ONE && self.fast == 1.0 && self.slow.as_ref().is_none_or(|s| s.gain == 1.0) {
            return ONE;
        }
        let limit = f64::from(lowest) / f64::from(ONE);
        self.fast = settled(self.fast + (1.0 - self.fast) * self.fast_release).min(limit);
        let mut gain = self.fast;
        if let Some(slow) = &mut self.slow {
            let rate = if limit < slow.gain { slow.attack } else { slow.release };
            slow.gain = settled(slow.gain + (limit - slow.gain) * rate);
            gain = gain.min(slow.gain);
        }
        (gain * f64::from(ONE)) as u32
    }

    fn reset(&mut self) {
        self.minimum.reset();
        self.fast = 1.0;
        if let Some(slow) = &mut self.slow {
            slow.gain = 1.0;
        }
        self.means.iter_mut().for_each(RunningSum::reset);
        self.skipped = 0;
    }
}

/// A gain that has come this close to 1 is 1.
fn settled(gain: f64) -> f64 {
    if gain > 1.0 - 1e-6 { 1.0 } else { gain }
}
