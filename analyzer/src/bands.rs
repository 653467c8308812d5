//! The nine wide bands, summed from the narrow ones.

use acetate_audio::AudioSpec;

use crate::band_result::BandResult;
use crate::loudness::k_weighting::KWeighting;
use crate::moments::Moments;
use crate::spectrum::grids::{narrow_edges, wide_bands};
use crate::spectrum::{Image, STEPS_PER_SECOND};

/// Points of a narrow band at which the K-weighting is taken.
const WEIGHT_POINTS: usize = 8;

/// Places of mid and side among the four parts.
const MID: usize = 2;
const SIDE: usize = 3;

/// Power of the wide bands in each row of the band table.
pub(crate) struct WideBands {
    /// `[low, high]` of each.
    pub(crate) edges: Vec<[f64; 2]>,
    /// `[left, right, mid, side][band][row]`; mid alone where there are not two channels.
    power: [Vec<Vec<f64>>; 4],
    /// The same for mid and side, K-weighted.
    weighted: [Vec<Vec<f64>>; 2],
    gate: Vec<f32>,
    /// Seconds a row.
    row_s: f64,
}

/// Mean power gain of the K-weighting over each narrow band.
pub(crate) fn band_weights(sample_rate_hz: u32) -> Vec<f64> {
    let rate = f64::from(sample_rate_hz);
    let filter = KWeighting::new(sample_rate_hz);
    narrow_edges(rate / 2.0)
        .windows(2)
        .map(|edge| {
            let step = (edge[1] - edge[0]) / WEIGHT_POINTS as f64;
            let points = (0..WEIGHT_POINTS).map(|point| edge[0] + (point as f64 + 0.5) * step);
            points.map(|freq| filter.power_gain(freq, rate)).sum::<f64>() / WEIGHT_POINTS as f64
        })
        .collect()
}

impl WideBands {
    pub(crate) fn new(spec: AudioSpec, table: &BandResult, gate: &[f32]) -> Self {
        let nyquist = f64::from(spec.sample_rate_hz) / 2.0;
        let edges = wide_bands(nyquist);
        let narrow = narrow_edges(nyquist);
        let members: Vec<std::ops::Range<usize>> = edges
            .iter()
            .map(|[low, high]| {
                let inside = |edge: &f64| *edge < high * 0.999_999;
                let first = narrow.iter().position(|edge| *edge >= low * 0.999_999).unwrap_or(0);
                first..narrow[..narrow.len() - 1].iter().filter(|edge| inside(edge)).count()
            })
            .collect();
        let ones = vec![1.0; narrow.len() - 1];
        let weights = band_weights(spec.sample_rate_hz);
        let sum = |part: usize, weights: &[f64]| sums(&table.tables[part], &members, weights);
        let stereo = Image::new(spec) == Image::Stereo;
        let part = |part: usize, weights: &[f64]| {
            if stereo || part == 2 { sum(part, weights) } else { Vec::new() }
        };
        Self {
            power: [0, 1, 2, 3].map(|index| part(index, &ones)),
            weighted: [2, 3].map(|index| part(index, &weights)),
            gate: gate.to_vec(),
            row_s: table.steps_per_row as f64 / STEPS_PER_SECOND as f64,
            edges,
        }
    }

    /// Mean power of left, right, mid and side in `band` over the rows that count.
    pub(crate) fn gated_power(&self, band: usize) -> [f64; 4] {
        let total: f64 = self.gate.iter().map(|&gate| f64::from(gate)).sum();
        [0, 1, 2, 3].map(|part| {
            let Some(rows) = self.power[part].get(band) else { return 0.0 };
            let sum: f64 =
                rows.iter().zip(&self.gate).map(|(power, &gate)| power * f64::from(gate)).sum();
            if total > 0.0 { sum / total } else { 0.0 }
        })
    }

    /// Standard error of side minus mid in `band`, dB.
    pub(crate) fn side_minus_mid_error_db(&self, band: usize) -> Option<f64> {
        let moments = |part: usize| {
            let rows = self.power[part].get(band)?.iter().copied();
            Some(Moments::new(rows, self.gate.iter().map(|&gate| f64::from(gate)), self.row_s))
        };
        moments(SIDE)?.of_ratio(&moments(MID)?)?.standard_error()
    }

    /// K-weighted power of the mid (0) or side (1) in `band`, by row.
    pub(crate) fn weighted(&self, part: usize, band: usize) -> Option<&[f64]> {
        self.weighted[part].get(band).map(Vec::as_slice)
    }
}

fn sums(table: &[f32], members: &[std::ops::Range<usize>], weights: &[f64]) -> Vec<Vec<f64>> {
    let rows = table.chunks_exact(weights.len());
    let mut sums = vec![Vec::with_capacity(rows.len()); members.len()];
    for row in rows {
        for (sums, members) in sums.iter_mut().zip(members) {
            let values = row[members.clone()].iter().zip(&weights[members.clone()]);
            sums.push(values.map(|(&power, weight)| f64::from(power) * weight).sum());
        }
    }
    sums
}
