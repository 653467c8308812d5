//! Sums of spectral bins over bands.

/// The bins of each band, with the share of the first and last that belongs to it.
#[derive(Clone, Debug)]
pub(crate) struct BinSums {
    ranges: Vec<BinRange>,
}

#[derive(Clone, Copy, Debug)]
struct BinRange {
    first: usize,
    last: usize,
    first_share: f32,
    last_share: f32,
}

impl BinSums {
    /// Bands between neighbouring `edges_hz`, of a transform whose bins are `bin_hz` apart; bin `k` spans
    /// `(k - 0.5, k + 0.5)` times that.
    pub(crate) fn new(edges_hz: &[f64], bin_hz: f64, bins: usize) -> Self {
        let ranges =
            edges_hz.windows(2).map(|edge| range(edge[0] / bin_hz, edge[1] / bin_hz, bins));
        Self { ranges: ranges.collect() }
    }

    /// Number of bands.
    pub(crate) fn len(&self) -> usize {
        self.ranges.len()
    }

    /// Sum of `powers` over each band, into `sums`.
    pub(crate) fn sum(&self, powers: &[f32], sums: &mut [f32]) {
        for (sum, range) in sums.iter_mut().zip(&self.ranges) {
            *sum = range.sum(powers);
        }
    }
}

fn range(low: f64, high: f64, bins: usize) -> BinRange {
    let last_bin = bins - 1;
    let first = (libm::floor(low + 0.5) as usize).min(last_bin);
    let last = (libm::floor(high + 0.5) as usize).min(last_bin);
    if first == last {
        return BinRange { first, last, first_share: (high - low) as f32, last_share: 0.0 };
    }
    // The lowest bin is 0 Hz alone: half of its span does not exist.
    let first_share = if low <= 0.0 { 1.0 } else { first as f64 + 0.5 - low };
    let top = high - (last as f64 - 0.5);
    // The highest one is the Nyquist frequency: a band that ends there has all of it.
    let last_share = if last == last_bin && top >= 0.5 - 1e-9 { 1.0 } else { top };
    BinRange { first, last, first_share: first_share as f32, last_share: last_share as f32 }
}

impl BinRange {
    fn sum(&self, powers: &[f32]) -> f32 {
        if self.first == self.last {
            return self.first_share * powers[self.first];
        }
        let inner = &powers[self.first + 1..self.last];
        let mut lanes = [0.0f32; 8];
        let chunks = inner.chunks_exact(8);
        let mut sum = self.first_share * powers[self.first] + self.last_share * powers[self.last];
        for &power in chunks.remainder() {
            sum += power;
        }
        for chunk in chunks {
            for lane in 0..8 {
                lanes[lane] += chunk[lane];
            }
        }
        sum + lanes.iter().sum::<f32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_that_touch_share_out_every_bin_once() {
        let edges = [0.0, 33.0, 41.0, 180.0, 2_222.2, 22_050.0];
        let sums = BinSums::new(&edges, 22_050.0 / 2_048.0, 2_049);
        let powers: Vec<f32> = (0..2_049).map(|bin| 1.0 + (bin % 7) as f32).collect();
        let mut out = [0.0; 5];
        sums.sum(&powers, &mut out);
        let (total, expected) = (out.iter().sum::<f32>(), powers.iter().sum::<f32>());
        assert!((total / expected - 1.0).abs() < 1e-5, "{total} is not {expected}");
    }
}
