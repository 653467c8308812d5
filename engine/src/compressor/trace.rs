//! What the compressor did, over time: for reports.

use super::detector::BandGain;

/// Length of one point of the trace.
const HOP_S: f64 = 0.05;

/// What each band took away, in hops of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CompressorTrace {
    /// Length of a hop in seconds; 0 when there was no compressor.
    pub hop_s: f64,
    /// Per band of the settings, from low to high, and per hop: the largest gain reduction in any channel, in dB, never
    /// below 0. Mix is counted, make-up is not: it is what the meter of a compressor shows.
    pub gain_reduction_db: Vec<Vec<f32>>,
}

/// Writes down the gains that were used.
pub(super) struct Recorder {
    step: usize,
    /// Control steps a point.
    steps: usize,
    counted: usize,
    largest_db: Vec<f64>,
    trace: CompressorTrace,
}

impl Recorder {
    pub(super) fn new(bands: usize, step: usize, sample_rate_hz: u32) -> Self {
        let rate = f64::from(sample_rate_hz);
        let steps = ((HOP_S * rate / step as f64) as usize).max(1);
        let hop_s = (steps * step) as f64 / rate;
        let trace = CompressorTrace { hop_s, gain_reduction_db: vec![Vec::new(); bands] };
        Self { step, steps, counted: 0, largest_db: vec![0.0; bands], trace }
    }

    /// Takes the hop of `frames` that the bands have just settled.
    pub(super) fn record(&mut self, bands: &[BandGain], frames: usize) {
        let total = frames.div_ceil(self.step);
        let mut start = 0;
        while start < total {
            let end = total.min(start + self.steps - self.counted);
            for band in bands {
                let largest = &mut self.largest_db[band.index()];
                *largest = largest.max(band.largest_reduction_db(start..end));
            }
            self.counted += end - start;
            if self.counted == self.steps {
                self.close();
            }
            start = end;
        }
    }

    fn close(&mut self) {
        for (points, largest) in self.trace.gain_reduction_db.iter_mut().zip(&mut self.largest_db) {
            points.push(*largest as f32);
            *largest = 0.0;
        }
        self.counted = 0;
    }

    /// The trace so far; afterwards the recorder is as new.
    pub(super) fn take(&mut self) -> CompressorTrace {
        if self.counted > 0 {
            self.close();
        }
        let hop_s = self.trace.hop_s;
        let gain_reduction_db = vec![Vec::new(); self.largest_db.len()];
        std::mem::replace(&mut self.trace, CompressorTrace { hop_s, gain_reduction_db })
    }
}
