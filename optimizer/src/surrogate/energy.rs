//! Energy of mid and side over time, and what filters make of it.

use acetate_analyzer::{BandEnergy, FineSpectrum};
use acetate_audio::units::power_to_db;

use super::tone::CellGains;

/// Band energies with what does not depend on the settings worked out.
#[derive(Clone, Debug)]
pub(crate) struct EnergyTable {
    bands: usize,
    frames: usize,
    mid: Vec<f32>,
    side: Vec<f32>,
    k_weight: Vec<f64>,
    gate: Vec<f32>,
    /// For each band, the fine cells inside and their share of its energy: mid and side.
    members: Vec<Vec<(usize, f64, f64)>>,
    /// First band of each wide band, and the end of the last.
    wide: Vec<usize>,
    /// Block of 100 ms that each frame belongs to.
    block_of: Vec<usize>,
    blocks: usize,
    base: Energies,
}

/// Powers over time after filters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Energies {
    /// K-weighted power of each block, mid and side together.
    pub(crate) weighted: Vec<f64>,
    /// The same without weighting.
    pub(crate) flat: Vec<f64>,
    /// `[wide band][block]`, mid.
    pub(crate) wide_mid: Vec<Vec<f64>>,
    /// Gated mean power of each wide band.
    pub(crate) mean_mid: Vec<f64>,
    /// The same of the side.
    pub(crate) mean_side: Vec<f64>,
    /// How much of each block counts in the gated spectrum, times its power.
    pub(crate) gated: Vec<f64>,
}

impl EnergyTable {
    pub(crate) fn new(
        energy: &BandEnergy,
        fine: &FineSpectrum,
        wide_low_hz: &[f64],
        block_s: f64,
        blocks: usize,
    ) -> Self {
        let bands = energy.bands();
        let centres = energy.centres_hz();
        let wide = wide_low_hz
            .iter()
            .map(|&low| centres.partition_point(|&centre| centre < low))
            .chain([bands])
            .collect();
        let members =
            (0..bands).map(|band| members(fine, energy.edges_hz[band], energy.edges_hz[band + 1]));
        let block_of = (0..energy.frames)
            .map(|frame| {
                let at_s = (frame as f64 + 0.5) * energy.step_s;
                ((at_s / block_s) as usize).min(blocks.saturating_sub(1))
            })
            .collect();
        let mut table = Self {
            bands,
            frames: energy.frames,
            mid: energy.mid.clone(),
            side: energy.side.clone(),
            k_weight: energy.k_weight.clone(),
            gate: energy.gate.clone(),
            members: members.collect(),
            wide,
            block_of,
            blocks,
            base: Energies::default(),
        };
        let cells = fine.mid.len();
        let none = CellGains { mid: vec![1.0; cells], side: vec![1.0; cells] };
        table.base = table.after(&none);
        table
    }

    /// Powers without any filter.
    pub(crate) fn base(&self) -> &Energies {
        &self.base
    }

    /// Powers after filters with these gains.
    pub(crate) fn after(&self, gains: &CellGains) -> Energies {
        let (mid_gain, side_gain) = self.band_gains(gains);
        let wide_count = self.wide.len() - 1;
        let mut out = Energies {
            weighted: vec![0.0; self.blocks],
            flat: vec![0.0; self.blocks],
            wide_mid: vec![vec![0.0; self.blocks]; wide_count],
            mean_mid: vec![0.0; wide_count],
            mean_side: vec![0.0; wide_count],
            gated: vec![0.0; self.blocks],
        };
        if self.blocks == 0 {
            return out;
        }
        for frame in 0..self.frames {
            let row = frame * self.bands..(frame + 1) * self.bands;
            let (mid, side) = (&self.mid[row.clone()], &self.side[row]);
            let block = self.block_of[frame];
            let gate = f64::from(self.gate[frame]);
            let (mut weighted, mut flat) = (0.0, 0.0);
            for wide in 0..wide_count {
                let (mut wide_mid, mut wide_side, mut wide_weighted) = (0.0, 0.0, 0.0);
                for band in self.wide[wide]..self.wide[wide + 1] {
                    let m = f64::from(mid[band]) * mid_gain[band];
                    let s = f64::from(side[band]) * side_gain[band];
                    wide_mid += m;
                    wide_side += s;
                    wide_weighted += self.k_weight[band] * (m + s);
                }
                flat += wide_mid + wide_side;
                weighted += wide_weighted;
                out.wide_mid[wide][block] += wide_mid;
                out.mean_mid[wide] += gate * wide_mid;
                out.mean_side[wide] += gate * wide_side;
            }
            out.weighted[block] += weighted;
            out.flat[block] += flat;
            out.gated[block] += gate * flat;
        }
        out
    }

    /// Mean power gain of each ERB band, weighted with the energy inside it.
    fn band_gains(&self, gains: &CellGains) -> (Vec<f64>, Vec<f64>) {
        self.members
            .iter()
            .map(|members| {
                members.iter().fold((0.0, 0.0), |(mid, side), &(cell, on_mid, on_side)| {
                    (mid + on_mid * gains.mid[cell], side + on_side * gains.side[cell])
                })
            })
            .unzip()
    }
}

/// Fine cells between two frequencies, with their shares of the energy there.
fn members(fine: &FineSpectrum, low: f64, high: f64) -> Vec<(usize, f64, f64)> {
    let edges = &fine.edges_hz;
    let cells = edges.len().saturating_sub(1);
    let mut members: Vec<(usize, f64, f64)> = (0..cells)
        .map(|cell| {
            let inside = high.min(edges[cell + 1]) - low.max(edges[cell]);
            (cell, inside / (edges[cell + 1] - edges[cell]))
        })
        .filter(|(_, share)| *share > 1e-9)
        .map(|(cell, share)| (cell, share * fine.mid[cell], share * fine.side[cell]))
        .collect();
    if members.is_empty() && cells > 0 {
        // Beyond the cells at either end: the nearest cell stands for it.
        let nearest = if high <= edges[0] { 0 } else { cells - 1 };
        members.push((nearest, 1.0, 1.0));
    }
    let count = members.len() as f64;
    for part in 0..2 {
        let value = |m: &(usize, f64, f64)| if part == 0 { m.1 } else { m.2 };
        let sum: f64 = members.iter().map(value).sum();
        for member in &mut members {
            let share = if sum > 0.0 { value(member) / sum } else { 1.0 / count };
            if part == 0 {
                member.1 = share;
            } else {
                member.2 = share;
            }
        }
    }
    members
}

/// Standard deviation in dB of 400 ms powers made of 100 ms powers, among those within 20 dB of their mean.
pub(crate) fn level_std_db(power: &[f64], gain: &[f64]) -> Option<f64> {
    const BLOCKS: usize = 4;
    const WINDOW_DB: f64 = 20.0;
    let after: Vec<f64> = power.iter().zip(gain).map(|(power, gain)| power * gain).collect();
    let levels: Vec<f64> = after
        .windows(BLOCKS)
        .map(|window| window.iter().sum::<f64>() / BLOCKS as f64)
        .filter(|&power| power > 0.0)
        .map(power_to_db)
        .collect();
    let power_mean = power_to_db(
        levels.iter().map(|&db| acetate_audio::units::db_to_power(db)).sum::<f64>()
            / levels.len().max(1) as f64,
    );
    let near: Vec<f64> =
        levels.into_iter().filter(|level| *level > power_mean - WINDOW_DB).collect();
    if near.len() < 2 {
        return None;
    }
    let mean = near.iter().sum::<f64>() / near.len() as f64;
    let square = near.iter().map(|level| (level - mean) * (level - mean)).sum::<f64>();
    Some((square / near.len() as f64).sqrt())
}
