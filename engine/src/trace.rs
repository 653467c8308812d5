//! What the limiter did, over time: for reports.

use acetate_audio::units::{amplitude_to_db, power_to_db};
use acetate_audio::{Audio, AudioSpec};

use crate::compressor::CompressorTrace;
use crate::limiter::masked::MaskedTrace;
use crate::peak::largest;
use crate::queue::Queue;

/// Length of one point of the trace.
const HOP_S: f64 = 0.05;

/// What the limiter took away, in hops of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LimiterTrace {
    /// Length of a hop in seconds; 0 when there was no limiter.
    pub hop_s: f64,
    /// Per hop: how much lower the largest sample is, in dB, never below 0.
    pub gain_reduction_db: Vec<f32>,
    /// Per hop: level of the difference between input and output, in dB re full scale; minus infinity where they are equal.
    pub residual_db: Vec<f32>,
    /// How near the difference came to the masking threshold; only of the masked limiter.
    pub masked: Option<MaskedTrace>,
    /// What the compressor took away before; empty when there was none.
    pub compressor: CompressorTrace,
    /// Largest sample before it was rounded, full scale being 1: integers end there. 0 where floats were written.
    pub rounded_peak: f32,
}

impl LimiterTrace {
    /// Most that a peak was lowered, dB; 0 without a limiter.
    pub fn reduction_db_max(&self) -> f64 {
        f64::from(self.gain_reduction_db.iter().copied().fold(0.0, f32::max))
    }
}

/// Compares what goes into the limiter with what comes out.
pub(crate) struct TraceRecorder {
    hop: usize,
    waiting: Queue,
    frames: usize,
    largest_before: f32,
    largest_after: f32,
    residual: f64,
    trace: LimiterTrace,
}

impl TraceRecorder {
    pub(crate) fn new(spec: AudioSpec) -> Self {
        let hop = (HOP_S * f64::from(spec.sample_rate_hz)) as usize;
        let hop_s = hop as f64 / f64::from(spec.sample_rate_hz);
        Self {
            hop,
            waiting: Queue::new(spec.channels, 0),
            frames: 0,
            largest_before: 0.0,
            largest_after: 0.0,
            residual: 0.0,
            trace: LimiterTrace { hop_s, ..LimiterTrace::default() },
        }
    }

    pub(crate) fn before(&mut self, block: &Audio) {
        self.waiting.push(block);
    }

    pub(crate) fn after(&mut self, block: &Audio) {
        let mut start = 0;
        while start < block.frames() {
            let end = block.frames().min(start + self.hop - self.frames);
            self.compare(block, start, end);
            self.frames += end - start;
            if self.frames == self.hop {
                self.close();
            }
            start = end;
        }
        self.waiting.skip(block.frames());
    }

    /// The trace so far; afterwards the recorder is as new.
    pub(crate) fn take(&mut self) -> LimiterTrace {
        if self.frames > 0 {
            self.close();
        }
        self.waiting.restart(0);
        let empty = LimiterTrace { hop_s: self.trace.hop_s, ..LimiterTrace::default() };
        std::mem::replace(&mut self.trace, empty)
    }

    fn compare(&mut self, block: &Audio, start: usize, end: usize) {
        for (before, after) in self.waiting.planes().zip(block.planes()) {
            let (before, after) = (&before[start..end], &after[start..end]);
            if before == after {
                let same = largest(before);
                self.largest_before = self.largest_before.max(same);
                self.largest_after = self.largest_after.max(same);
                continue;
            }
            self.largest_before = self.largest_before.max(largest(before));
            self.largest_after = self.largest_after.max(largest(after));
            let differences = before.iter().zip(after).map(|(x, y)| f64::from(y - x));
            self.residual += differences.map(|d| d * d).sum::<f64>();
        }
    }

    fn close(&mut self) {
        let reduction = amplitude_to_db(f64::from(self.largest_before))
            - amplitude_to_db(f64::from(self.largest_after));
        let reduction = if self.largest_after > 0.0 { reduction.max(0.0) } else { 0.0 };
        let samples = (self.frames * self.waiting.channels()) as f64;
        self.trace.gain_reduction_db.push(reduction as f32);
        self.trace.residual_db.push(power_to_db(self.residual / samples) as f32);
        (self.frames, self.largest_before, self.largest_after, self.residual) = (0, 0.0, 0.0, 0.0);
    }
}
