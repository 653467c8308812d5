//! From a level to a gain: D. Giannoulis, M. Massberg, J. Reiss, "Digital Dynamic Range Compressor Design", JAES 60(6),
//! 2012: gain computer in decibels, then smooth decoupled ballistics.

use std::ops::Range;

use acetate_audio::units::{amplitude_to_db, db_to_amplitude};

use super::Plane;
use super::ballistics::{Follower, decay};
use super::law::Law;
use super::thresholds::Thresholds;
use crate::biquad::{self, Biquad};
use crate::peak::largest;
use crate::settings::{CompressorBand, CompressorSettings, DetectorKind};

/// Time constant of the RMS detector.
const RMS_MS: f64 = 5.0;

/// Control steps are at most this share of the fastest attack, and this long.
const STEPS_PER_ATTACK: f64 = 12.0;
const STEP_S_MAX: f64 = 0.000_4;

/// Frames between two gains: a power of two from 1 to 256, the same for all bands.
pub(super) fn control_step(settings: &CompressorSettings, sample_rate_hz: u32) -> usize {
    let attacks = settings.bands.iter().map(|band| band.attack_ms.min(band.release_ms));
    let fastest_s = attacks.fold(f64::INFINITY, f64::min) / 1000.0;
    let longest = (fastest_s / STEPS_PER_ATTACK).min(STEP_S_MAX) * f64::from(sample_rate_hz);
    let exponent = (1..=8).rev().find(|e| f64::from(1u32 << e) <= longest).unwrap_or(0);
    1 << exponent
}

/// The gains of one band, for one hop at a time.
pub(crate) struct BandGain {
    index: usize,
    law: Law,
    link: f64,
    kind: DetectorKind,
    /// Part of the mean power that a step forgets.
    rms_decay: f64,
    sidechain: Option<Biquad>,
    /// One per plane that is listened to.
    ears: Vec<Ear>,
    /// Ballistics of the loudest plane; then, when not fully linked, of each plane.
    followers: Vec<Follower>,
    /// Per follower: gain at the start of the hop and after each step.
    reductions: Vec<Vec<f64>>,
    /// Per plane (one when fully linked): the gain before the hop, then after each step.
    gains: Vec<Vec<f32>>,
}

#[derive(Clone, Default)]
struct Ear {
    filter: [f64; 2],
    mean_power: f64,
    /// Level of each step: amplitude or power.
    levels: Vec<f64>,
}

impl BandGain {
    pub(super) fn new(
        index: usize,
        band: &CompressorBand,
        settings: &CompressorSettings,
        sample_rate_hz: u32,
        step: usize,
        listened: usize,
    ) -> Self {
        let rate = f64::from(sample_rate_hz);
        let step_s = step as f64 / rate;
        let link = settings.link_pct / 100.0;
        let single = settings.crossovers_hz.is_empty();
        let sidechain = settings
            .sidechain_highpass_hz
            .filter(|_| single)
            .map(|freq| biquad::high_pass(freq, std::f64::consts::FRAC_1_SQRT_2, rate));
        let law = Law::new(band);
        let followers = if link < 1.0 && listened > 1 { listened + 1 } else { 1 };
        let start = law.gain(0.0) as f32;
        Self {
            index,
            law,
            link,
            kind: band.detector,
            rms_decay: decay(RMS_MS, step_s),
            sidechain,
            ears: vec![Ear::default(); listened],
            followers: vec![Follower::new(band, step_s); followers],
            reductions: vec![Vec::new(); followers],
            gains: vec![vec![start]; followers.max(2) - 1],
        }
    }

    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// Gain before the hop and after each of its steps, for a plane.
    pub(super) fn gains(&self, plane: usize) -> &[f32] {
        &self.gains[plane.min(self.gains.len() - 1)]
    }

    /// How many planes have gains of their own; one when all share them.
    pub(super) fn plane_count(&self) -> usize {
        self.gains.len()
    }

    /// The gains of [`gains`](Self::gains) by plane.
    pub(super) fn all_gains(&self) -> impl Iterator<Item = &[f32]> {
        self.gains.iter().map(Vec::as_slice)
    }

    /// Takes the gains of a hop from another compressor.
    pub(super) fn obey<'a>(&mut self, told: &mut impl Iterator<Item = &'a [f64]>) {
        for (gains, told) in self.gains.iter_mut().zip(told) {
            let last = gains[gains.len() - 1];
            gains.clear();
            gains.push(last);
            gains.extend(told.iter().map(|&gain| gain as f32));
        }
    }

    pub(super) fn reset(&mut self) {
        let start = self.law.gain(0.0) as f32;
        for ear in &mut self.ears {
            (ear.filter, ear.mean_power) = ([0.0; 2], 0.0);
        }
        self.followers.iter_mut().for_each(Follower::reset);
        self.gains.iter_mut().for_each(|gains| {
            gains.clear();
            gains.push(start);
        });
    }

    /// Listens to a hop and finds how much is to be taken away.
    pub(super) fn follow(&mut self, planes: &[Plane], step: usize, thresholds: &Thresholds) {
        for (ear, plane) in self.ears.iter_mut().zip(planes) {
            let input = &plane.bands[self.index];
            match self.kind {
                DetectorKind::Peak => ear.peaks(input, step, self.sidechain),
                DetectorKind::Rms => ear.powers(input, step, self.sidechain, self.rms_decay),
            }
        }
        let steps = self.ears[0].levels.len();
        for (index, follower) in self.followers.iter_mut().enumerate() {
            let reductions = &mut self.reductions[index];
            reductions.clear();
            for step in 0..steps {
                let level = match index {
                    0 => self.ears.iter().map(|ear| ear.levels[step]).fold(0.0, f64::max),
                    own => self.ears[own - 1].levels[step],
                };
                let level = level * thresholds.factor(step, self.kind);
                reductions.push(follower.next(self.law.reduction(level, self.kind)));
            }
        }
    }

    /// Reductions of the hop in dB, per follower: of the loudest plane, then of each.
    pub(super) fn reductions_mut(&mut self) -> &mut [Vec<f64>] {
        &mut self.reductions
    }

    /// Largest reduction of some steps of the hop over all planes, mix included and make-up not, in dB.
    pub(super) fn largest_reduction_db(&self, steps: Range<usize>) -> f64 {
        let largest = (0..self.gains.len())
            .flat_map(|plane| steps.clone().map(move |step| (plane, step)))
            .map(|(plane, step)| joined_db(&self.reductions, self.link, plane, step))
            .fold(0.0, f64::max);
        -amplitude_to_db(1.0 + self.law.mix * (db_to_amplitude(-largest) - 1.0))
    }

    /// Turns the reductions of the hop into gains.
    pub(super) fn settle(&mut self) {
        let Self { gains, reductions, law, link, .. } = self;
        for (plane, gains) in gains.iter_mut().enumerate() {
            let last = gains[gains.len() - 1];
            gains.clear();
            gains.push(last);
            let steps = 0..reductions[0].len();
            gains.extend(
                steps.map(|step| law.gain(joined_db(reductions, *link, plane, step)) as f32),
            );
        }
    }
}

/// Reduction of a plane at a step: the linked one, and as far as planes are not linked its own.
fn joined_db(reductions: &[Vec<f64>], link: f64, plane: usize, step: usize) -> f64 {
    let linked = reductions[0][step];
    reductions.get(plane + 1).map_or(linked, |own| link * linked + (1.0 - link) * own[step])
}

impl Ear {
    fn peaks(&mut self, input: &[f32], step: usize, sidechain: Option<Biquad>) {
        self.levels.clear();
        let filter = &mut self.filter;
        self.levels.extend(input.chunks_exact(step).map(|chunk| match sidechain {
            None => f64::from(largest(chunk)),
            Some(section) => {
                chunk.iter().fold(0.0, |max: f64, x| max.max(filtered(section, filter, *x).abs()))
            }
        }));
    }

    fn powers(&mut self, input: &[f32], step: usize, sidechain: Option<Biquad>, decay: f64) {
        self.levels.clear();
        for chunk in input.chunks_exact(step) {
            let energy: f64 = match sidechain {
                None => chunk.iter().map(|&x| f64::from(x) * f64::from(x)).sum(),
                Some(section) => chunk
                    .iter()
                    .map(|&x| {
                        let y = filtered(section, &mut self.filter, x);
                        y * y
                    })
                    .sum(),
            };
            self.mean_power = decay * self.mean_power + (1.0 - decay) * energy / step as f64;
            self.levels.push(self.mean_power);
        }
    }
}

fn filtered(section: Biquad, state: &mut [f64; 2], x: f32) -> f64 {
    let x = f64::from(x);
    let y = section.b[0] * x + state[0];
    state[0] = section.b[1] * x + state[1] - section.a[0] * y;
    state[1] = section.b[2] * x - section.a[1] * y;
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_attack_takes_at_least_twelve_gains() {
        for attack_ms in [0.1, 1.0, 5.0, 100.0] {
            let band = |attack_ms| CompressorBand { attack_ms, ..CompressorBand::default() };
            let bands = vec![band(200.0), band(attack_ms)];
            let settings = CompressorSettings { bands, ..CompressorSettings::default() };
            let longest = (attack_ms / 12.0 * 44.1).min(0.4 * 44.1);
            let step = control_step(&settings, 44_100);
            assert!(step == 1 || step as f64 <= longest, "{attack_ms} ms: {step} frames");
            assert!(2.0 * step as f64 > longest, "{attack_ms} ms: {step} frames");
        }
    }
}
