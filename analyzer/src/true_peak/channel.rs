//! The true peak of one channel.
//!
//! The waveform is computed on a four-fold grid everywhere. Whatever its largest value is, a band-limited
//! waveform falls from there no faster than the cosine of the Nyquist frequency, so a point of that grid
//! within an eighth of a sample reads at least cos(pi/8) of it. Only grid points above that share of the
//! largest value so far are looked at again, with a long interpolator, 64 points to the sample.

use super::bs1770;
use super::four_fold::{self, FourFoldTaps, HALF};
use super::interpolator::SincTable;
use crate::peaks::{larger, largest};

/// Samples worked on at once; chunks begin at multiples of it, so blocks of any size give the same bits.
pub(crate) const CHUNK: usize = 128;
/// Points to the sample in the last search.
const FINE_PHASES: usize = 64;
/// Taps of the long interpolator.
const FINE_TAPS: usize = 128;
/// Kaiser parameter of the long interpolator: -100 dB of ripple up to 0.475 of the rate.
const FINE_KAISER_BETA: f64 = 10.06;
/// cos(pi/8), less the four-fold grid's own error.
const CANDIDATE_SHARE: f32 = 0.924 * 0.97;
/// Samples that must be there before and after a chunk.
const CONTEXT: usize = FINE_TAPS / 2;

/// Interpolated points of a chunk: the samples themselves, then a quarter, a half, three quarters later.
pub(crate) struct FourFold<'a> {
    pub(crate) samples: &'a [f32],
    pub(crate) points: &'a [[f32; CHUNK]; 3],
    /// Largest magnitude of the samples.
    pub(crate) peak: f32,
}

/// Searches one channel for its true peak.
#[derive(Clone, Debug)]
pub(crate) struct ChannelPeak {
    fine: SincTable,
    coarse: FourFoldTaps,
    /// Samples not yet worked on, with `CONTEXT` before the next chunk.
    pending: Vec<f32>,
    /// Index of the first sample of the next chunk.
    position: u64,
    points: Box<[[f32; CHUNK]; 3]>,
    sample_peak: f32,
    /// Largest sample of the chunk before.
    previous: f32,
    peak: f64,
    peak_at: f64,
    bs1770: f32,
}

impl ChannelPeak {
    pub(crate) fn new() -> Self {
        Self {
            fine: SincTable::new(FINE_PHASES, FINE_TAPS, FINE_KAISER_BETA),
            coarse: FourFoldTaps::new(),
            pending: vec![0.0; CONTEXT],
            position: 0,
            points: Box::new([[0.0; CHUNK]; 3]),
            sample_peak: 0.0,
            previous: 0.0,
            peak: 0.0,
            peak_at: 0.0,
            bs1770: 0.0,
        }
    }

    /// Listens on; `observe` sees every chunk that got its context.
    pub(crate) fn push(&mut self, samples: &[f32], mut observe: impl FnMut(u64, FourFold<'_>)) {
        self.pending.extend_from_slice(samples);
        let mut done = 0;
        while self.pending.len() - done >= CHUNK + 2 * CONTEXT {
            let peak = self.chunk(done);
            let samples = &self.pending[done + CONTEXT..done + CONTEXT + CHUNK];
            observe(self.position, FourFold { samples, points: &self.points, peak });
            self.position += CHUNK as u64;
            done += CHUNK;
        }
        self.pending.drain(..done);
    }

    /// Ends the sound with silence, so that the ringing after the last sample counts too.
    pub(crate) fn finish(&mut self, observe: impl FnMut(u64, FourFold<'_>)) {
        self.push(&[0.0; CHUNK + 2 * CONTEXT], observe);
    }

    /// Works on the chunk after `done` samples; its largest sample.
    fn chunk(&mut self, done: usize) -> f32 {
        let around = &self.pending[done..done + CHUNK + 2 * CONTEXT];
        let between =
            four_fold::interpolate(&self.coarse, &around[CONTEXT + 1 - HALF..], &mut self.points);
        let samples = largest(&around[CONTEXT..CONTEXT + CHUNK]);
        self.sample_peak = larger(self.sample_peak, samples);
        // Its taps reach back into the chunk before, whose largest sample is known.
        let reached = larger(samples, self.previous);
        if reached * bs1770::GAIN_MAX > self.bs1770 {
            let standard = &around[CONTEXT + 1 - bs1770::TAPS..CONTEXT + CHUNK];
            self.bs1770 = larger(self.bs1770, bs1770::largest(standard));
        }
        self.previous = samples;
        if f64::from(larger(samples, between)) > self.peak * f64::from(CANDIDATE_SHARE) {
            self.search(done);
        }
        samples
    }

    /// Refines every local maximum of the four-fold grid that could be the peak.
    fn search(&mut self, done: usize) {
        for index in 0..4 * CHUNK {
            let here = self.coarse_point(done, index as isize).abs();
            if f64::from(here) > self.peak * f64::from(CANDIDATE_SHARE)
                && here >= self.coarse_point(done, index as isize - 1).abs()
                && here >= self.coarse_point(done, index as isize + 1).abs()
            {
                self.refine(done, index);
            }
        }
    }

    /// Point `index` of the four-fold grid; outside the chunk zero, which makes its edges candidates.
    fn coarse_point(&self, done: usize, index: isize) -> f32 {
        if !(0..4 * CHUNK as isize).contains(&index) {
            return 0.0;
        }
        let (sample, phase) = (index as usize / 4, index as usize % 4);
        match phase {
            0 => self.pending[done + CONTEXT + sample],
            _ => self.points[phase - 1][sample],
        }
    }

    /// Climbs to the top around a point of the four-fold grid in steps of 4, 2 and 1 fine points.
    fn refine(&mut self, done: usize, index: usize) {
        let quarter = (FINE_PHASES / 4) as isize;
        let mut best_at = index as isize * quarter;
        let mut best = self.fine_point(done, best_at);
        for step in [4, 2, 1] {
            let centre = best_at;
            for at in [centre - step, centre + step] {
                let value = self.fine_point(done, at);
                if value > best {
                    (best, best_at) = (value, at);
                }
            }
        }
        if best > self.peak {
            self.peak = best;
            self.peak_at = self.position as f64 + best_at as f64 / FINE_PHASES as f64;
        }
    }

    /// Magnitude at `at` sixty-fourths of a sample after the first of the chunk.
    fn fine_point(&self, done: usize, at: isize) -> f64 {
        let sample = at.div_euclid(FINE_PHASES as isize);
        let row = &self.fine.rows[at.rem_euclid(FINE_PHASES as isize) as usize];
        let first = (done + CONTEXT + 1) as isize + sample - (FINE_TAPS / 2) as isize;
        let window = &self.pending[first as usize..first as usize + FINE_TAPS];
        dot(row, window).abs()
    }

    /// Largest sample magnitude.
    pub(crate) fn sample_peak(&self) -> f64 {
        f64::from(self.sample_peak)
    }

    /// Largest magnitude of the waveform; never less than a sample, which is on it.
    pub(crate) fn peak(&self) -> f64 {
        self.peak.max(self.sample_peak())
    }

    /// Where that is, in frames from the start.
    pub(crate) fn peak_at(&self) -> f64 {
        self.peak_at
    }

    /// What BS.1770's example interpolator reads.
    pub(crate) fn bs1770(&self) -> f64 {
        f64::from(self.bs1770)
    }
}

/// Sum of products in eight lanes, always in the same order.
fn dot(row: &[f32], window: &[f32]) -> f64 {
    let mut lanes = [0.0f64; 8];
    for (row, window) in row.chunks_exact(8).zip(window.chunks_exact(8)) {
        for lane in 0..8 {
            lanes[lane] += f64::from(row[lane]) * f64::from(window[lane]);
        }
    }
    lanes.iter().sum()
}
