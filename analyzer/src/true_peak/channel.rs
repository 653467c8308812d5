//! The true peak of one channel.
//!
//! What is measured is the waveform as a windowed sinc of 1536 taps draws it, flat to 0.497 of the rate. It is never summed in
//! full. The waveform is computed with few taps on a four-fold grid everywhere; what these lack near Nyquist is bounded by how
//! much there is near Nyquist, and added where that could matter (`top_band`). A band-limited waveform falls from its
//! largest value no faster than the cosine of the Nyquist frequency, so a point within an eighth of a sample reads at least
//! cos(pi/8) of it, and the parabola through three points at least 0.9915. Only where that could exceed the largest
//! value so far, the top is looked for at 64 points to the sample.

use super::bs1770;
use super::four_fold::{self, FourFoldTaps, HALF};
use super::interpolator::SincTable;
use super::top_band::{CONTEXT, LowPass, STEP, TopBand};
use crate::peaks::{larger, largest};

/// Samples worked on at once; chunks begin at multiples of it, so blocks of any size give the same bits.
pub(crate) const CHUNK: usize = 128;
/// Points to the sample in the last search.
const FINE_PHASES: usize = 64;
/// Taps of the interpolator there, before the top band is added.
const FINE_TAPS: usize = 128;
/// Kaiser parameter of that interpolator: -100 dB of ripple up to 0.475 of the rate.
const FINE_KAISER_BETA: f64 = 10.06;
/// The least that a point of the four-fold grid reads of a top beside it: cos(pi/8), less the few taps' own images.
const GRID_SHARE: f32 = 0.9;
/// By how much the parabola through three points of the grid, and the few taps, can miss a top: this part of the range of the
/// samples around it. A wave at Nyquist that swings by 2 is missed by 0.0085; the taps ripple by 0.003.
const MISSED_OF_RANGE: f32 = 0.0065;
/// Samples on either side whose range counts: as many as the few taps reach, and some.
const RANGE_REACH: usize = 16;
/// A top that is higher by less than this share (0.002 dB) is not looked for: waveforms can be flat for seconds.
const WORTHWHILE: f32 = 1.000_2;

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
    low_pass: LowPass,
    /// What the few taps lack, and what the many lack.
    coarse_top: TopBand,
    fine_top: TopBand,
    /// Samples not yet worked on, with `CONTEXT` before the next chunk.
    pending: Vec<f32>,
    /// The top band of every fourth of them.
    top: Vec<f32>,
    /// Index of the first sample of the next chunk; the first chunk is the silence before the sound.
    position: i64,
    points: Box<[[f32; CHUNK]; 3]>,
    /// The same with what they lacked.
    corrected: Box<[[f32; CHUNK]; 3]>,
    sample_peak: f32,
    /// Largest sample of the chunk before.
    previous: f32,
    peak: f64,
    peak_at: f64,
    bs1770: f32,
    /// How often a top was climbed.
    #[cfg(test)]
    climbs: usize,
}

impl ChannelPeak {
    pub(crate) fn new() -> Self {
        Self {
            fine: SincTable::new(FINE_PHASES, FINE_TAPS, FINE_KAISER_BETA),
            coarse: FourFoldTaps::new(),
            low_pass: LowPass::new(),
            coarse_top: TopBand::new(four_fold::TAPS, four_fold::KAISER_BETA, 1),
            fine_top: TopBand::new(FINE_TAPS, FINE_KAISER_BETA, 4 * STEP),
            pending: vec![0.0; CONTEXT + CHUNK],
            top: Vec::new(),
            position: -(CHUNK as i64),
            points: Box::new([[0.0; CHUNK]; 3]),
            corrected: Box::new([[0.0; CHUNK]; 3]),
            sample_peak: 0.0,
            previous: 0.0,
            peak: 0.0,
            peak_at: 0.0,
            bs1770: 0.0,
            #[cfg(test)]
            climbs: 0,
        }
    }

    /// Listens on; `observe` sees every chunk that got its context.
    pub(crate) fn push(&mut self, samples: &[f32], mut observe: impl FnMut(u64, FourFold<'_>)) {
        self.pending.extend_from_slice(samples);
        self.low_pass.extend(&self.pending, &mut self.top);
        let mut done = 0;
        while self.pending.len() - done >= CHUNK + 2 * CONTEXT {
            let peak = self.chunk(done);
            if let Ok(position) = u64::try_from(self.position) {
                let samples = &self.pending[done + CONTEXT..done + CONTEXT + CHUNK];
                observe(position, FourFold { samples, points: &self.points, peak });
            }
            self.position += CHUNK as i64;
            done += CHUNK;
        }
        self.pending.drain(..done);
        self.top.drain(..done / STEP);
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
        let top = largest(&self.top[TopBand::around((done + CONTEXT) / STEP, CHUNK)]);
        let lacking = top * self.coarse_top.growth();
        if (larger(samples, between) + lacking) / GRID_SHARE > self.worthwhile() {
            self.search(done, lacking);
        }
        samples
    }

    /// What a top must exceed to be looked for.
    fn worthwhile(&self) -> f32 {
        self.peak as f32 * WORTHWHILE
    }

    /// Refines every local maximum of the four-fold grid that could be the peak; the grid lacks at most `lacking`.
    fn search(&mut self, done: usize, lacking: f32) {
        self.corrected.copy_from_slice(&*self.points);
        let corrects = lacking > (WORTHWHILE - 1.0) * self.peak as f32;
        if corrects {
            self.coarse_top.correct(&self.top, (done + CONTEXT) / STEP, &mut self.corrected);
        }
        for index in 0..4 * CHUNK {
            let here = self.coarse_point(done, index as isize);
            if here.abs() <= self.worthwhile() * GRID_SHARE {
                continue;
            }
            let around = [-1, 1].map(|step| self.coarse_point(done, index as isize + step));
            let summit = vertex(here, around);
            let could_be = summit.map(|summit| summit + self.missed(done, index));
            if could_be.is_some_and(|could_be| could_be > self.worthwhile()) {
                self.refine(done, index, corrects);
            }
        }
    }

    /// By how much the parabola can miss a top of the waveform near a point of the grid.
    fn missed(&self, done: usize, index: usize) -> f32 {
        let at = done + CONTEXT + index / 4;
        let around = &self.pending[at - RANGE_REACH..=at + RANGE_REACH];
        let (low, high) =
            around.iter().fold((f32::MAX, f32::MIN), |(low, high), &x| (low.min(x), high.max(x)));
        MISSED_OF_RANGE * (high - low)
    }

    /// Point `index` of the four-fold grid; outside the chunk zero, which makes its edges candidates.
    fn coarse_point(&self, done: usize, index: isize) -> f32 {
        if !(0..4 * CHUNK as isize).contains(&index) {
            return 0.0;
        }
        let (sample, phase) = (index as usize / 4, index as usize % 4);
        match phase {
            0 => self.pending[done + CONTEXT + sample],
            _ => self.corrected[phase - 1][sample],
        }
    }

    /// Climbs to the top around a point of the four-fold grid in steps of 4, 2 and 1 fine points.
    fn refine(&mut self, done: usize, index: usize, corrects: bool) {
        #[cfg(test)]
        {
            self.climbs += 1;
        }
        let quarter = FINE_PHASES / 4;
        let first = (done + CONTEXT) / STEP;
        // Slow enough to be the same an eighth of a sample away.
        let top = if corrects { self.fine_top.at(&self.top, first, index) } else { 0.0 };
        // The sine of the distance from the sample of that point.
        let share = |at: isize| {
            let turns = (at - (index / 4 * FINE_PHASES) as isize) as f64 / FINE_PHASES as f64;
            top * libm::sin(std::f64::consts::PI * turns)
        };
        let value = |at: isize| (self.fine_point(done, at) + share(at)).abs();
        let mut best_at = (index * quarter) as isize;
        let mut best = value(best_at);
        for step in [4, 2, 1] {
            let centre = best_at;
            for at in [centre - step, centre + step] {
                let value = value(at);
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

    /// The value at `at` sixty-fourths of a sample after the first of the chunk.
    fn fine_point(&self, done: usize, at: isize) -> f64 {
        let sample = at.div_euclid(FINE_PHASES as isize);
        let row = &self.fine.rows[at.rem_euclid(FINE_PHASES as isize) as usize];
        let first = (done + CONTEXT + 1) as isize + sample - (FINE_TAPS / 2) as isize;
        let window = &self.pending[first as usize..first as usize + FINE_TAPS];
        dot(row, window)
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

/// The top of the parabola through a point and its neighbours, as a magnitude; `None` where the point is below one of them.
fn vertex(here: f32, around: [f32; 2]) -> Option<f32> {
    let [left, right] = around.map(|value| value * here.signum());
    let top = here.abs();
    if top < left || top < right {
        return None;
    }
    let bend = 2.0 * top - left - right;
    let slope = right - left;
    Some(if bend > 0.0 { top + slope * slope / (8.0 * bend) } else { top })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn climbs(frames: usize, f: impl Fn(f64) -> f64) -> usize {
        let plane: Vec<f32> = (0..frames).map(|n| f(n as f64) as f32).collect();
        let mut peak = ChannelPeak::new();
        peak.push(&plane, |_, _| {});
        peak.finish(|_, _| {});
        peak.climbs
    }

    #[test]
    fn a_flat_waveform_is_climbed_only_where_it_bends() {
        let step = climbs(200_000, |n| if n < 1000.0 { 0.0 } else { 0.9 });
        let clipped = climbs(200_000, |n| (6.0 * libm::sin(0.01 * n)).clamp(-0.8, 0.8));
        let square = climbs(200_000, |n| 0.8 * libm::sin(0.01 * n).signum());
        println!("{step} climbs after a step, {clipped} on a clipped sine, {square} on a square");
        assert!(step < 2_000 && clipped < 20_000 && square < 20_000, "{step}, {clipped}, {square}");
    }
}
