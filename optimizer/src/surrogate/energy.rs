//! Energy of mid and side over time, and what filters make of it.

use acetate_analyzer::{BandEnergy, FineSpectrum};
use acetate_audio::units::power_to_db;
use acetate_engine::sidechain_power_gain;

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
    /// Largest envelope of each wide band in each frame.
    wide_peak: Vec<f32>,
    /// Middle of each band.
    centres_hz: Vec<f64>,
    /// For each band, the fine cells inside and their share of its energy: mid and side.
    members: Vec<Vec<(usize, f64, f64)>>,
    /// First band of each wide band, and the end of the last.
    wide: Vec<usize>,
    /// Block of 100 ms that each frame belongs to.
    block_of: Vec<usize>,
    blocks: usize,
    base: Energies,
    still: MidSide,
}

/// One value of the mid and one of the side for each band.
#[derive(Clone, Debug, Default)]
pub(crate) struct MidSide {
    pub(crate) mid: Vec<f64>,
    pub(crate) side: Vec<f64>,
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
    /// Power gain of the peaks in each block.
    pub(crate) peak_gain: Vec<f64>,
    /// The same of the peaks that a detector behind a high-pass hears.
    pub(crate) heard_gain: Vec<f64>,
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
            wide_peak: energy.wide_peak.clone(),
            centres_hz: centres,
            members: members.collect(),
            wide,
            block_of,
            blocks,
            base: Energies::default(),
            still: MidSide::default(),
        };
        let none = MidSide { mid: vec![1.0; bands], side: vec![1.0; bands] };
        table.base = table.after(&none, &none);
        table.still = table.means(&vec![1.0; blocks]);
        table
    }

    /// Number of bands.
    pub(crate) fn bands(&self) -> usize {
        self.bands
    }

    /// Powers without any filter.
    pub(crate) fn base(&self) -> &Energies {
        &self.base
    }

    /// Gated mean power of each band without any change of level.
    pub(crate) fn still(&self) -> &MidSide {
        &self.still
    }

    /// Power gains, as the detector of a side-chain behind a high-pass has them of sound that comes to it with `gains`.
    pub(crate) fn heard(&self, mut gains: MidSide, highpass_hz: Option<f64>) -> MidSide {
        let Some(cutoff_hz) = highpass_hz else { return gains };
        let bands = gains.mid.iter_mut().zip(&mut gains.side).zip(&self.centres_hz);
        for ((mid, side), &hz) in bands {
            let passed = sidechain_power_gain(hz, cutoff_hz);
            *mid *= passed;
            *side *= passed;
        }
        gains
    }

    /// Powers after filters with the power gains `gains`, and of what a detector hears, which has its own.
    pub(crate) fn after(&self, gains: &MidSide, heard: &MidSide) -> Energies {
        let wide_count = self.wide.len() - 1;
        let mut out = Energies {
            weighted: vec![0.0; self.blocks],
            flat: vec![0.0; self.blocks],
            wide_mid: vec![vec![0.0; self.blocks]; wide_count],
            peak_gain: vec![1.0; self.blocks],
            heard_gain: vec![1.0; self.blocks],
        };
        if self.blocks == 0 {
            return out;
        }
        let mut peaks = vec![PeakPowers::default(); self.blocks];
        for frame in 0..self.frames {
            let row = frame * self.bands..(frame + 1) * self.bands;
            let (mid, side) = (&self.mid[row.clone()], &self.side[row]);
            let block = self.block_of[frame];
            for wide in 0..wide_count {
                let mut sums = WideSums::default();
                for band in self.wide[wide]..self.wide[wide + 1] {
                    let (mid, side) = (f64::from(mid[band]), f64::from(side[band]));
                    let (m, s) = (mid * gains.mid[band], side * gains.side[band]);
                    sums.before += mid + side;
                    sums.mid += m;
                    sums.side += s;
                    sums.weighted += self.k_weight[band] * (m + s);
                    sums.heard += mid * heard.mid[band] + side * heard.side[band];
                }
                out.weighted[block] += sums.weighted;
                out.flat[block] += sums.mid + sums.side;
                out.wide_mid[wide][block] += sums.mid;
                peaks[block].add(self.wide_peak[frame * wide_count + wide], &sums);
            }
        }
        for (block, peaks) in peaks.iter().enumerate().filter(|(_, peaks)| peaks.before > 0.0) {
            out.peak_gain[block] = peaks.after / peaks.before;
            out.heard_gain[block] = peaks.heard / peaks.before;
        }
        out
    }

    /// Gated mean power of each band when the blocks are changed by `gain`.
    pub(crate) fn means(&self, gain: &[f64]) -> MidSide {
        let mut means = MidSide { mid: vec![0.0; self.bands], side: vec![0.0; self.bands] };
        if self.blocks == 0 {
            return means;
        }
        for frame in 0..self.frames {
            let factor = f64::from(self.gate[frame]) * gain[self.block_of[frame]];
            let row = frame * self.bands..(frame + 1) * self.bands;
            let add = |means: &mut Vec<f64>, powers: &[f32]| {
                means.iter_mut().zip(powers).for_each(|(sum, &p)| *sum += factor * f64::from(p));
            };
            add(&mut means.mid, &self.mid[row.clone()]);
            add(&mut means.side, &self.side[row]);
        }
        means
    }

    /// Mid and side of the wide bands, when the bands have these means and these gains on top.
    pub(crate) fn wide(&self, means: &MidSide, gains: &MidSide) -> MidSide {
        let sums = |means: &[f64], gains: &[f64]| {
            let sum = |ends: &[usize]| {
                (ends[0]..ends[1]).map(|band| means[band] * gains[band]).sum::<f64>()
            };
            self.wide.windows(2).map(sum).collect()
        };
        MidSide { mid: sums(&means.mid, &gains.mid), side: sums(&means.side, &gains.side) }
    }

    /// The band that a frequency lies in.
    pub(crate) fn band_at(&self, hz: f64) -> usize {
        let above = self.centres_hz.partition_point(|&centre| centre < hz);
        let below = above.saturating_sub(1);
        let above = above.min(self.bands.saturating_sub(1));
        let nearer = hz * hz < self.centres_hz[below] * self.centres_hz[above];
        if nearer { below } else { above }
    }

    /// Mean power gain of each ERB band, weighted with the energy inside it.
    pub(crate) fn band_gains(&self, gains: &CellGains) -> MidSide {
        let (mid, side) = self
            .members
            .iter()
            .map(|members| {
                members.iter().fold((0.0, 0.0), |(mid, side), &(cell, on_mid, on_side)| {
                    (mid + on_mid * gains.mid[cell], side + on_side * gains.side[cell])
                })
            })
            .unzip();
        MidSide { mid, side }
    }
}

/// Powers of a wide band in a frame.
#[derive(Default)]
struct WideSums {
    before: f64,
    mid: f64,
    side: f64,
    weighted: f64,
    heard: f64,
}

/// Squared peaks of a block, as if those of its wide bands fell together.
#[derive(Clone, Copy, Default)]
struct PeakPowers {
    before: f64,
    after: f64,
    heard: f64,
}

impl PeakPowers {
    /// Adds the peak of a wide band: it changes as the power of the band does.
    fn add(&mut self, peak: f32, sums: &WideSums) {
        if sums.before > 0.0 {
            let square = f64::from(peak) * f64::from(peak);
            self.before += square;
            self.after += square * (sums.mid + sums.side) / sums.before;
            self.heard += square * sums.heard / sums.before;
        }
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
