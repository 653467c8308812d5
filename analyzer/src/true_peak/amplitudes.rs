//! How often each amplitude of the interpolated waveform occurs, in blocks of 100 ms.

use multiversion::multiversion;

use super::channel::{CHUNK, FourFold};
use crate::peaks::larger;
use crate::timeline::Timeline;
use acetate_audio::lanes::{LANES, add, filled_up, larger_magnitude, mul};

/// Blocks in a second.
const BLOCKS_PER_SECOND: u64 = 10;
/// Mantissa bits that choose a bin: 16 bins to the octave.
const MANTISSA_BITS: u32 = 4;
/// The first of those bins begins at 2^-10, -60.2 dB.
const LOWEST_EXPONENT: i32 = -10;
/// The last one ends at 2^2, +12.04 dB; what is louder is counted there.
const HIGHEST_EXPONENT: i32 = 2;
const PER_OCTAVE: usize = 1 << MANTISSA_BITS;
/// Bins, with one for all that is below 2^-10.
pub(crate) const BINS: usize = 1 + PER_OCTAVE * (HIGHEST_EXPONENT - LOWEST_EXPONENT) as usize;
/// Bits of an `f32` below those that choose the bin.
const SHIFT: u32 = f32::MANTISSA_DIGITS - 1 - MANTISSA_BITS;
/// The chosen bits of 2^-10, less one: bin 0 lies before it.
const BIAS: i32 = ((127 + LOWEST_EXPONENT) << MANTISSA_BITS) - 1;
/// Rows of histograms: 20 minutes of 100 ms, then they are merged.
const ROWS: usize = 12_000;
/// Count tables that take turns, so that equal neighbours do not wait for each other.
const TURNS: usize = 4;
/// A count for every value of a `u8`, so that none has to be checked; those from [`BINS`] on stay zero.
type Counts = [u32; 256];

/// Edges of the bins, one more than bins.
pub(crate) fn edges() -> Vec<f32> {
    let mut edges = vec![0.0];
    let first = ((127 + LOWEST_EXPONENT) as u32) << (f32::MANTISSA_DIGITS - 1);
    edges.extend((0..BINS as u32).map(|bin| f32::from_bits(first + (bin << SHIFT))));
    edges
}

/// Counts the amplitudes of one channel.
#[derive(Clone, Debug)]
pub(crate) struct AmplitudeTrack {
    rate: u64,
    counts: [Counts; TURNS],
    square_sum: f64,
    peak: f32,
    in_block: u64,
    block: u64,
    block_end: u64,
    rows: Timeline<u32>,
    peaks: Timeline<f32>,
    /// Sum of squares and number of points; sums, so that merged rows stay exact.
    powers: Timeline<f64>,
    /// The peak of every block, never merged.
    block_peaks: Vec<f32>,
}

/// Histograms of one channel.
#[derive(Debug)]
pub(crate) struct AmplitudeResult {
    pub(crate) blocks_per_row: usize,
    pub(crate) rows: usize,
    pub(crate) counts: Vec<u32>,
    pub(crate) peak: Vec<f32>,
    pub(crate) power: Vec<f32>,
    pub(crate) block_peaks: Vec<f32>,
}

impl AmplitudeTrack {
    pub(crate) fn new(sample_rate_hz: u32) -> Self {
        let rate = u64::from(sample_rate_hz).max(BLOCKS_PER_SECOND);
        Self {
            rate,
            counts: [[0; 256]; TURNS],
            square_sum: 0.0,
            peak: 0.0,
            in_block: 0,
            block: 0,
            block_end: rate / BLOCKS_PER_SECOND,
            rows: Timeline::new(BINS, ROWS, |a, b| a + b),
            peaks: Timeline::new(1, ROWS, f32::max),
            powers: Timeline::new(2, ROWS, |a, b| a + b),
            block_peaks: Vec::new(),
        }
    }

    /// Counts a chunk that begins at sample `position`, as far as it lies before `frames`.
    pub(crate) fn count(&mut self, position: u64, chunk: &FourFold<'_>, frames: u64) {
        let length = frames.saturating_sub(position).min(CHUNK as u64) as usize;
        let mut start = 0;
        while start < length {
            let left = (self.block_end - (position + start as u64)) as usize;
            let end = length.min(start + left);
            self.count_points(&chunk.samples[start..end]);
            for row in chunk.points {
                self.count_points(&row[start..end]);
            }
            self.in_block += 4 * (end - start) as u64;
            if end == start + left {
                self.finish_block();
            }
            start = end;
        }
    }

    fn count_points(&mut self, points: &[f32]) {
        let mut bins = [0u8; CHUNK];
        let bins = &mut bins[..points.len()];
        let summary = choose_bins(points, bins);
        self.square_sum += summary.square_sum;
        self.peak = larger(self.peak, summary.peak);
        let [first, second, third, fourth] = &mut self.counts;
        let (turns, rest) = bins.as_chunks::<TURNS>();
        for &[a, b, c, d] in turns {
            first[usize::from(a)] += 1;
            second[usize::from(b)] += 1;
            third[usize::from(c)] += 1;
            fourth[usize::from(d)] += 1;
        }
        for &bin in rest {
            first[usize::from(bin)] += 1;
        }
    }

    fn finish_block(&mut self) {
        let mut row = [0u32; BINS];
        for counts in &mut self.counts {
            for (sum, count) in row.iter_mut().zip(counts.iter_mut()) {
                *sum += std::mem::take(count);
            }
        }
        self.rows.push(&row);
        self.peaks.push(&[self.peak]);
        self.powers.push(&[self.square_sum, self.in_block as f64]);
        self.block_peaks.push(self.peak);
        (self.square_sum, self.peak, self.in_block) = (0.0, 0.0, 0);
        self.block += 1;
        self.block_end = (self.block + 1) * self.rate / BLOCKS_PER_SECOND;
    }

    /// Histograms of all blocks; the last one may be shorter.
    pub(crate) fn finish(mut self) -> AmplitudeResult {
        if self.in_block > 0 {
            self.finish_block();
        }
        let power = self.powers.into_rows();
        AmplitudeResult {
            blocks_per_row: self.rows.per_row(),
            rows: self.rows.len(),
            counts: self.rows.into_rows(),
            peak: self.peaks.into_rows(),
            power: power.chunks_exact(2).map(|row| (row[0] / row[1].max(1.0)) as f32).collect(),
            block_peaks: self.block_peaks,
        }
    }
}

/// Peak and energy of some points.
struct Summary {
    peak: f32,
    square_sum: f64,
}

#[multiversion(targets("x86_64+avx2"))]
fn choose_bins(points: &[f32], bins: &mut [u8]) -> Summary {
    let bins = &mut bins[..points.len()];
    for (point, bin) in points.iter().zip(bins.iter_mut()) {
        let bits = (point.to_bits() & 0x7fff_ffff) as i32;
        *bin = ((bits >> SHIFT) - BIAS).clamp(0, BINS as i32 - 1) as u8;
    }
    let (chunks, rest) = points.as_chunks();
    let rest = filled_up(rest);
    let (mut peak, mut squares) = (larger_magnitude([0.0; LANES], rest), mul(rest, rest));
    for &chunk in chunks {
        peak = larger_magnitude(peak, chunk);
        squares = add(squares, mul(chunk, chunk));
    }
    Summary {
        peak: peak.into_iter().fold(0.0, larger),
        square_sum: squares.iter().map(|&square| f64::from(square)).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_amplitude_falls_between_the_edges_of_its_bin() {
        let edges = edges();
        assert_eq!(edges.len(), BINS + 1);
        assert_eq!((edges[1], edges[BINS]), (0.000_976_562_5, 4.0));
        let points: Vec<f32> = (0..120).map(|i| 1e-5 * 1.1f32.powi(i)).collect();
        let mut bins = vec![0; points.len()];
        choose_bins(&points, &mut bins);
        for (point, bin) in points.iter().zip(bins) {
            let bin = usize::from(bin);
            let inside = edges[bin] <= *point && *point < edges[bin + 1];
            assert!(inside || (bin == BINS - 1 && *point >= 4.0), "{point} in bin {bin}");
        }
    }
}
