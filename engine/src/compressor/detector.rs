//! From a level to a gain: D. Giannoulis, M. Massberg, J. Reiss, "Digital Dynamic Range Compressor Design", JAES 60(6),
//! 2012: gain computer in decibels, then smooth decoupled ballistics.

use std::ops::Range;

use acetate_audio::units::{amplitude_to_db, db_to_amplitude, power_to_db};

use super::Plane;
use crate::biquad::{self, Biquad};
use crate::peak::largest;
use crate::settings::{CompressorBand, CompressorSettings, DetectorKind};

/// Time constant of the RMS detector.
const RMS_MS: f64 = 5.0;

/// Auto release: the slow path releases this much slower, and needs this long to be charged.
const SLOW_RELEASE_RATIO: f64 = 4.0;
const SLOW_CHARGE_MS: f64 = 300.0;

/// Reduction below which a detector counts as idle.
const IDLE_DB: f64 = 1e-7;

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
    pub(super) fn follow(&mut self, planes: &[Plane], step: usize) {
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

/// What a step forgets, for a time constant.
fn decay(time_ms: f64, step_s: f64) -> f64 {
    libm::exp(-1000.0 * step_s / time_ms)
}

/// How far a level counts as over the threshold, dB, never below 0, when it is `over_db` above it and the soft knee around the
/// threshold is `knee_db` wide (Giannoulis, Massberg & Reiss, JAES 60(6) 2012, equation 4, for an infinite ratio).
pub fn over_knee_db(over_db: f64, knee_db: f64) -> f64 {
    let into_knee_db = over_db + knee_db / 2.0;
    if into_knee_db <= 0.0 {
        0.0
    } else if into_knee_db < knee_db {
        into_knee_db * into_knee_db / (2.0 * knee_db)
    } else {
        over_db
    }
}

/// Power gain at `freq_hz` of the side-chain's high-pass: a Butterworth prototype of second order, which the digital filter follows.
pub fn sidechain_power_gain(freq_hz: f64, highpass_hz: f64) -> f64 {
    let square = (freq_hz / highpass_hz) * (freq_hz / highpass_hz);
    square * square / (1.0 + square * square)
}

/// The static curve, make-up and mix of a band.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Law {
    threshold_db: f64,
    knee_db: f64,
    slope: f64,
    makeup_db: f64,
    mix: f64,
    /// Amplitude and power below which nothing is reduced.
    quiet: [f64; 2],
    idle_gain: f64,
}

impl Law {
    pub(crate) fn new(band: &CompressorBand) -> Self {
        let onset_db = band.threshold_db - band.knee_db / 2.0;
        let mut law = Self {
            threshold_db: band.threshold_db,
            knee_db: band.knee_db,
            slope: 1.0 - 1.0 / band.ratio,
            makeup_db: band.makeup_db,
            mix: band.mix_pct / 100.0,
            quiet: [db_to_amplitude(onset_db), db_to_amplitude(2.0 * onset_db)],
            idle_gain: 1.0,
        };
        law.idle_gain = 1.0 + law.mix * (db_to_amplitude(law.makeup_db) - 1.0);
        law
    }

    /// Reduction wanted at a level, in dB, never below 0 (equation 4 of the paper).
    pub(crate) fn reduction_db(&self, level_db: f64) -> f64 {
        self.slope * over_knee_db(level_db - self.threshold_db, self.knee_db)
    }

    fn reduction(&self, level: f64, kind: DetectorKind) -> f64 {
        match kind {
            DetectorKind::Peak if level <= self.quiet[0] => 0.0,
            DetectorKind::Rms if level <= self.quiet[1] => 0.0,
            DetectorKind::Peak => self.reduction_db(amplitude_to_db(level)),
            DetectorKind::Rms => self.reduction_db(power_to_db(level)),
        }
    }

    /// Amplitude gain for a smoothed reduction.
    fn gain(&self, reduction_db: f64) -> f64 {
        if reduction_db == 0.0 {
            return self.idle_gain;
        }
        1.0 + self.mix * (db_to_amplitude(self.makeup_db - reduction_db) - 1.0)
    }
}

impl CompressorBand {
    /// Gain of the band, make-up and mix included, once it has settled at a level.
    pub fn static_gain_db(&self, level_db: f64) -> f64 {
        let law = Law::new(self);
        amplitude_to_db(law.gain(law.reduction_db(level_db)))
    }

    /// Time constant of the first of the two smoothers, which holds peaks and lets them go, ms.
    pub fn hold_release_ms(&self) -> f64 {
        decoupled_release_ms(self.attack_ms, self.release_ms)
    }
}

/// Smooth decoupled ballistics (equation 17 of the paper), with a second, slower path for auto release.
#[derive(Clone, Debug)]
struct Follower {
    attack: f64,
    release: f64,
    slow_charge: f64,
    slow_release: Option<f64>,
    held: f64,
    slow: f64,
    smoothed: f64,
}

impl Follower {
    fn new(band: &CompressorBand, step_s: f64) -> Self {
        let release_ms = decoupled_release_ms(band.attack_ms, band.release_ms);
        Self {
            attack: decay(band.attack_ms, step_s),
            release: decay(release_ms, step_s),
            slow_charge: decay(SLOW_CHARGE_MS, step_s),
            slow_release: band.auto_release.then(|| decay(SLOW_RELEASE_RATIO * release_ms, step_s)),
            held: 0.0,
            slow: 0.0,
            smoothed: 0.0,
        }
    }

    fn reset(&mut self) {
        (self.held, self.slow, self.smoothed) = (0.0, 0.0, 0.0);
    }

    fn next(&mut self, wanted_db: f64) -> f64 {
        let mut held = self.release * self.held + (1.0 - self.release) * wanted_db;
        if let Some(release) = self.slow_release {
            let rate = if wanted_db > self.slow { self.slow_charge } else { release };
            self.slow = rate * self.slow + (1.0 - rate) * wanted_db;
            held = held.max(self.slow);
        }
        self.held = held.max(wanted_db);
        self.smoothed = self.attack * self.smoothed + (1.0 - self.attack) * self.held;
        if self.smoothed < IDLE_DB && wanted_db == 0.0 {
            self.reset();
        }
        self.smoothed
    }
}

/// Release of the first smoother such that both together recover 63 % in `release_ms`.
///
/// The attack smoother lags behind the first one; without this a release would last about an attack longer than stated.
fn decoupled_release_ms(attack_ms: f64, release_ms: f64) -> f64 {
    let left = |first_ms: f64| {
        let (a, t) = (attack_ms, release_ms);
        if (first_ms - a).abs() < 1e-9 * a {
            return (1.0 + t / a) * libm::exp(-t / a);
        }
        (first_ms * libm::exp(-t / first_ms) - a * libm::exp(-t / a)) / (first_ms - a)
    };
    let (mut low, mut high) = (release_ms * 1e-3, release_ms);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if left(middle) < libm::exp(-1.0) { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sidechain_filter_follows_its_prototype() {
        let section = biquad::high_pass(120.0, std::f64::consts::FRAC_1_SQRT_2, 44_100.0);
        for freq_hz in [30.0, 120.0, 500.0, 8_000.0] {
            let prototype_db = power_to_db(sidechain_power_gain(freq_hz, 120.0));
            let error_db = section.response_db(freq_hz, 44_100.0) - prototype_db;
            assert!(error_db.abs() < 0.1, "{error_db} dB at {freq_hz} Hz");
        }
    }

    #[test]
    fn both_smoothers_together_recover_63_percent_in_the_release() {
        for (attack_ms, release_ms) in [(20.0, 200.0), (1.0, 50.0), (30.0, 100.0)] {
            let band = CompressorBand { attack_ms, release_ms, ..CompressorBand::default() };
            let hold_ms = band.hold_release_ms();
            // Two one-pole smoothers in series, let go at 1.
            let part = |time_ms: f64| time_ms * libm::exp(-release_ms / time_ms);
            let left = (part(hold_ms) - part(attack_ms)) / (hold_ms - attack_ms);
            assert!((left - libm::exp(-1.0)).abs() < 1e-9, "{attack_ms}, {release_ms} ms: {left}");
        }
    }

    #[test]
    fn an_attack_that_the_search_for_the_release_meets_exactly_is_no_special_case() {
        let middle = |low: f64, high: f64| (low + high) / 2.0;
        let high = middle(0.1, 100.0);
        let attack_ms = middle(middle(middle(0.1, high), high), high);
        let near = decoupled_release_ms(attack_ms * 1.000_001, 100.0);
        let met = decoupled_release_ms(attack_ms, 100.0);
        assert!((met - near).abs() < 1e-3, "{met} and {near} ms");
    }

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

    #[test]
    fn a_knee_joins_nothing_to_everything() {
        assert_eq!(over_knee_db(-3.0, 6.0), 0.0);
        assert_eq!(over_knee_db(3.0, 6.0), 3.0);
        assert_eq!(over_knee_db(0.0, 6.0), 0.75);
        assert_eq!(over_knee_db(2.0, 0.0), 2.0);
    }
}
