//! What a limiter does to the energy, from amplitude histograms.

use acetate_analyzer::AmplitudeHistogram;

/// For each channel and block: energy and count above each bin edge, so that clipping at any level is one look-up.
#[derive(Clone, Debug)]
pub(crate) struct PeakTable {
    /// Seconds a block.
    pub(crate) step_s: f64,
    edges: Vec<f64>,
    blocks: usize,
    /// `[channel][block * edges + edge]`: samples at or above the edge, and their energy.
    above: Vec<Vec<Above>>,
    /// `[channel][block]`: largest amplitude.
    peak: Vec<Vec<f64>>,
    /// `[channel][block]`: energy of all samples.
    energy: Vec<Vec<f64>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Above {
    count: f64,
    amplitude: f64,
    energy: f64,
}

/// What clipping takes from a block.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Clipped {
    /// Energy afterwards over energy before.
    pub(crate) kept: f64,
    /// Energy of what is cut off, over energy before.
    pub(crate) residual: f64,
}

impl PeakTable {
    pub(crate) fn new(histogram: &AmplitudeHistogram) -> Self {
        let bins = histogram.bins();
        let edges: Vec<f64> = histogram.edges.iter().map(|&edge| f64::from(edge)).collect();
        let mut above = Vec::new();
        let mut energy = Vec::new();
        for counts in &histogram.counts {
            let mut table = vec![Above::default(); histogram.blocks * (bins + 1)];
            let mut total = vec![0.0; histogram.blocks];
            for block in 0..histogram.blocks {
                let mut sum = Above::default();
                for bin in (0..bins).rev() {
                    let count = f64::from(counts[block * bins + bin]);
                    // The bins are 0.38 dB wide: their middle stands for all that is in them.
                    let middle = (edges[bin] + edges[bin + 1]) / 2.0;
                    sum.count += count;
                    sum.amplitude += count * middle;
                    sum.energy += count * middle * middle;
                    table[block * (bins + 1) + bin] = sum;
                }
                total[block] = sum.energy;
            }
            above.push(table);
            energy.push(total);
        }
        let peak = histogram
            .peak
            .iter()
            .map(|peaks| peaks.iter().map(|&peak| f64::from(peak)).collect())
            .collect();
        Self { step_s: histogram.step_s, edges, blocks: histogram.blocks, above, peak, energy }
    }

    pub(crate) fn blocks(&self) -> usize {
        self.blocks
    }

    /// Largest amplitude of any channel in a block.
    pub(crate) fn peak(&self, block: usize) -> f64 {
        self.peak.iter().fold(0.0, |most, channel| most.max(channel[block]))
    }

    /// What clipping at `level` takes from a block of all channels.
    pub(crate) fn clipped(&self, block: usize, level: f64) -> Clipped {
        if level >= self.peak(block) {
            return Clipped { kept: 1.0, residual: 0.0 };
        }
        let (mut before, mut taken, mut residual) = (0.0, 0.0, 0.0);
        for channel in 0..self.above.len() {
            let above = self.above_level(channel, block, level);
            before += self.energy[channel][block];
            taken += above.energy - above.count * level * level;
            residual += above.energy - 2.0 * level * above.amplitude + above.count * level * level;
        }
        if before <= 0.0 {
            return Clipped { kept: 1.0, residual: 0.0 };
        }
        Clipped { kept: (1.0 - taken / before).max(0.0), residual: (residual / before).max(0.0) }
    }

    /// Count, amplitude and energy above `level`, interpolated within its bin.
    fn above_level(&self, channel: usize, block: usize, level: f64) -> Above {
        let bin =
            self.edges.partition_point(|&edge| edge <= level).clamp(1, self.edges.len() - 1) - 1;
        let row = &self.above[channel][block * self.edges.len()..];
        let (here, next) = (row[bin], row[bin + 1]);
        let share = ((self.edges[bin + 1] - level) / (self.edges[bin + 1] - self.edges[bin]))
            .clamp(0.0, 1.0);
        let middle = (self.edges[bin + 1] + level.max(self.edges[bin])) / 2.0;
        let count = (here.count - next.count) * share;
        Above {
            count: next.count + count,
            amplitude: next.amplitude + count * middle,
            energy: next.energy + count * middle * middle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine_table() -> PeakTable {
        let edges: Vec<f32> = std::iter::once(0.0)
            .chain((0..=192).map(|i| libm::exp2(f64::from(i) / 16.0 - 10.0) as f32))
            .collect();
        let bins = edges.len() - 1;
        let mut counts = vec![0_u32; bins];
        for n in 0..100_000 {
            let value = libm::sin(f64::from(n) * 0.001).abs() as f32;
            counts[edges.partition_point(|&edge| edge <= value) - 1] += 1;
        }
        PeakTable::new(&AmplitudeHistogram {
            step_s: 0.1,
            edges,
            blocks: 1,
            counts: vec![counts],
            peak: vec![vec![1.0]],
            power: vec![vec![0.5]],
        })
    }

    #[test]
    fn clipping_above_the_peak_takes_nothing() {
        assert_eq!(sine_table().clipped(0, 1.0), Clipped { kept: 1.0, residual: 0.0 });
    }

    #[test]
    fn clipping_a_sine_at_half_keeps_the_energy_that_arithmetic_says() {
        // Mean of min(|sin|, 1/2)^2 over the mean of sin^2, with a = asin(1/2).
        let a = std::f64::consts::FRAC_PI_6;
        let inside = (a - libm::sin(2.0 * a) / 2.0) / 2.0;
        let outside = (std::f64::consts::FRAC_PI_2 - a) / 4.0;
        let expected = (inside + outside) / std::f64::consts::FRAC_PI_4;
        let kept = sine_table().clipped(0, 0.5).kept;
        assert!((kept - expected).abs() < 0.003, "{kept} {expected}");
    }

    #[test]
    fn the_lower_the_level_the_more_is_taken() {
        let table = sine_table();
        let kept: Vec<f64> = (1..40).map(|n| table.clipped(0, f64::from(n) / 40.0).kept).collect();
        assert!(kept.windows(2).all(|pair| pair[0] <= pair[1]));
    }
}
