//! A table of bands as a system brings it to the ear.

use acetate_analyzer::BandEnergy;
use acetate_audio::units::db_to_power;

use crate::ear::Ear;
use crate::loudness::LoudnessTable;
use crate::noise::noise;
use crate::system::{Case, Side, System};

/// Frames more than this below the mean count for no level: 10 dB.
const GATE: f64 = 0.1;
/// Frames more than this below the loudest are silence: 70 dB.
const SILENCE: f64 = 1e-7;
/// Half of the transition of the removed sides, as a share of its frequency; the rendered filter has the same.
const TRANSITION: f64 = 0.245;
/// Points of a band at which the gain of the sides is taken.
const POINTS: usize = 4;

/// Power gain of the sides at a frequency.
pub(crate) fn side_gain(side: Side, hz: f64) -> f64 {
    match side {
        Side::Stereo => 1.0,
        Side::Mono => 0.0,
        Side::RemovedBelow { hz: corner } => {
            let place = ((hz / corner - 1.0) / TRANSITION).clamp(-1.0, 1.0);
            let amplitude = 0.5 + 0.5 * libm::sin(std::f64::consts::FRAC_PI_2 * place);
            amplitude * amplitude
        }
        Side::Crossfeed { hz: corner, db } => {
            let left = 1.0 - 2.0 * Side::crossfeed_share(db);
            let square = (hz / corner) * (hz / corner);
            (left * left + square) / (1.0 + square)
        }
    }
}

/// The rows of a table that an ear hears: mid and side alone, which both channels follow from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'a> {
    mid: &'a [f32],
    side: &'a [f32],
    /// Bands of the table, of which the ear hears the first ones.
    width: usize,
    heard: usize,
    pub(crate) count: usize,
    pub(crate) step_s: f64,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(energy: &'a BandEnergy, ear: &Ear) -> Self {
        let BandEnergy { mid, side, frames, step_s, .. } = energy;
        Self { mid, side, width: energy.bands(), heard: ear.len(), count: *frames, step_s: *step_s }
    }

    pub(crate) fn mid(&self, row: usize) -> &'a [f32] {
        &self.mid[row * self.width..row * self.width + self.heard]
    }

    pub(crate) fn side(&self, row: usize) -> &'a [f32] {
        &self.side[row * self.width..row * self.width + self.heard]
    }
}

/// What turns a table's powers into excitation on one of such systems.
#[derive(Clone, Debug)]
pub(crate) struct AtEar {
    /// From the mid's power in a band to its part of the sound field, as the ear takes it.
    mid: Vec<f32>,
    side: Vec<f32>,
    /// The same of the mid in the field alone, SPL.
    field: Vec<f64>,
    side_gain: Vec<f64>,
    /// Power in the field, SPL, of a power of 1.0 of both channels together.
    pub(crate) calibration: f64,
    /// Excitation by the noise.
    pub(crate) masker: Vec<f64>,
    /// Power of the noise in the field.
    pub(crate) noise: Vec<f64>,
}

impl AtEar {
    /// The middle of such systems.
    pub(crate) fn middle(ear: &Ear, rows: Rows<'_>, system: &System) -> Option<Self> {
        Self::new(ear, rows, system, &Case { curve: system.curve(), noise_db: 0.0 })
    }

    /// `None` where the table holds silence.
    pub(crate) fn new(ear: &Ear, rows: Rows<'_>, system: &System, case: &Case) -> Option<Self> {
        let edges = ear.edges_hz().windows(2);
        let gains: Vec<f64> = edges.clone().map(|e| case.curve.power_gain(e[0], e[1])).collect();
        let side_gain: Vec<f64> = edges
            .map(|edge| {
                let point = |point| {
                    let share = (f64::from(point) + 0.5) / POINTS as f64;
                    side_gain(system.side, edge[0] + share * (edge[1] - edge[0]))
                };
                (0..POINTS as u32).map(point).sum::<f64>() / POINTS as f64
            })
            .collect();
        // L² + R² = 2 M² + 2 S².
        let weighted = |gain: &[f64]| -> Vec<f32> {
            let bands = gains.iter().zip(ear.a_weight()).zip(gain);
            bands.map(|((curve, weight), gain)| (2.0 * curve * weight * gain) as f32).collect()
        };
        let ones = vec![1.0; ear.len()];
        let level = gated_mean(rows, &weighted(&ones), &weighted(&side_gain))?;
        let calibration = db_to_power(system.level_dba) / level;
        let density = noise(&system.noise).map(crate::Noise::density_db);
        let mut noise = density.map_or_else(|| vec![0.0; ear.len()], |density| ear.noise(&density));
        noise.iter_mut().for_each(|power| *power *= db_to_power(case.noise_db));
        let brought: Vec<f32> =
            noise.iter().zip(ear.field()).map(|(power, field)| (power * field) as f32).collect();
        let mut masker = vec![0.0; ear.len()];
        ear.excite(&brought, &mut masker);
        let field: Vec<f64> = gains.iter().map(|gain| 2.0 * gain * calibration).collect();
        let to_ear = |gain: &[f64]| -> Vec<f32> {
            let bands = field.iter().zip(ear.field()).zip(gain);
            bands.map(|((level, field), gain)| (level * field * gain) as f32).collect()
        };
        Some(Self {
            mid: to_ear(&ones),
            side: to_ear(&side_gain),
            field,
            side_gain,
            calibration,
            masker: masker.into_iter().map(f64::from).collect(),
            noise,
        })
    }

    /// Excitation of one row; `powers` is room to work in.
    pub(crate) fn excite(
        &self,
        ear: &Ear,
        rows: Rows<'_>,
        row: usize,
        powers: &mut [f32],
        excitation: &mut [f32],
    ) {
        self.bring(rows, row, powers);
        ear.excite(powers, excitation);
    }

    /// Powers of one row as the ear takes them.
    pub(crate) fn bring(&self, rows: Rows<'_>, row: usize, powers: &mut [f32]) {
        let mid = rows.mid(row).iter().zip(&self.mid);
        let side = rows.side(row).iter().zip(&self.side);
        for (power, ((mid, mid_gain), (side, side_gain))) in powers.iter_mut().zip(mid.zip(side)) {
            *power = mid * mid_gain + side * side_gain;
        }
    }

    /// From the mid's power in a band to excitation there.
    pub(crate) fn mid_to_ear(&self, band: usize) -> f64 {
        f64::from(self.mid[band])
    }

    /// From the mid's power in a band to power in the field, SPL.
    pub(crate) fn mid_to_field(&self, band: usize) -> f64 {
        self.field[band]
    }

    /// Power gain of the side over that of the mid.
    pub(crate) fn side_gain(&self, band: usize) -> f64 {
        self.side_gain[band]
    }

    /// How loud everything is beside the noise.
    pub(crate) fn loudness(&self, ear: &Ear) -> LoudnessTable {
        LoudnessTable::new(ear, &self.masker)
    }
}

/// Mean power over the rows that are not much quieter than it, each band weighted.
fn gated_mean(rows: Rows<'_>, mid: &[f32], side: &[f32]) -> Option<f64> {
    let sum = |powers: &[f32], weights: &[f32]| -> f32 {
        powers.iter().zip(weights).map(|(power, weight)| power * weight).sum()
    };
    let powers: Vec<f64> = (0..rows.count)
        .map(|row| f64::from(sum(rows.mid(row), mid) + sum(rows.side(row), side)))
        .collect();
    let most = powers.iter().copied().fold(0.0, f64::max);
    let mean = |least: f64| {
        let loud = powers.iter().copied().filter(|&power| power > least);
        let (sum, count) = loud.fold((0.0, 0u64), |(sum, count), power| (sum + power, count + 1));
        (count > 0).then(|| sum / count as f64)
    };
    let ungated = mean(most * SILENCE)?;
    mean(ungated * GATE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossfeed_leaves_the_stated_distance_between_the_channels_of_a_low_left_tone() {
        let side = Side::Crossfeed { hz: 700.0, db: 4.5 };
        // L alone: M = S = L/2; with g on the other side, (M' + S') / (M' - S') is their distance.
        let amplitude = libm::sqrt(side_gain(side, 1.0));
        let distance_db = 20.0 * libm::log10((1.0 + amplitude) / (1.0 - amplitude));
        assert!((distance_db - 4.5).abs() < 0.01, "{distance_db}");
        assert!(side_gain(side, 20_000.0) > 0.99);
    }

    #[test]
    fn removed_sides_are_half_there_at_their_frequency() {
        let side = Side::RemovedBelow { hz: 400.0 };
        assert_eq!(side_gain(side, 200.0), 0.0);
        assert!((side_gain(side, 400.0) - 0.25).abs() < 1e-12);
        assert_eq!(side_gain(side, 3_000.0), 1.0);
    }
}
