//! Where thresholds lie while a song goes on.

use acetate_audio::units::db_to_amplitude;

use crate::settings::{CompressorSection, DetectorKind};

/// What levels are multiplied by before they meet the threshold, for each step of a hop.
pub(super) struct Thresholds {
    sections: Vec<CompressorSection>,
    step_s: f64,
    /// Time of the first frame of the sound, and steps since.
    begin_s: f64,
    steps: u64,
    /// Factors on amplitudes for the steps of the hop; empty where there are no sections.
    factors: Vec<f64>,
}

impl Thresholds {
    pub(super) fn new(sections: &[CompressorSection], step_s: f64) -> Self {
        Self { sections: sections.to_vec(), step_s, begin_s: 0.0, steps: 0, factors: Vec::new() }
    }

    /// The same for a sound whose first frame is at `begin_s` of the source.
    pub(super) fn begun_at(&mut self, begin_s: f64) {
        self.begin_s = begin_s;
    }

    /// Goes on by a hop of so many steps.
    pub(super) fn next_hop(&mut self, steps: usize) {
        if self.sections.is_empty() {
            return;
        }
        self.factors.clear();
        let (mut offset_db, mut factor) = (0.0, 1.0);
        for step in 0..steps as u64 {
            let time_s = self.begin_s + (self.steps + step) as f64 * self.step_s;
            let now_db = CompressorSection::offset_db(&self.sections, time_s);
            if now_db != offset_db {
                (offset_db, factor) = (now_db, db_to_amplitude(-now_db));
            }
            self.factors.push(factor);
        }
        self.steps += steps as u64;
    }

    /// What a level of a step of the hop is multiplied by.
    pub(super) fn factor(&self, step: usize, kind: DetectorKind) -> f64 {
        let factor = self.factors.get(step).copied().unwrap_or(1.0);
        match kind {
            DetectorKind::Peak => factor,
            DetectorKind::Rms => factor * factor,
        }
    }

    pub(super) fn reset(&mut self) {
        self.steps = 0;
    }
}
