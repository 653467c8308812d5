//! Hum is subtracted line by line: one phase for all of them, amplitudes that drift.

use std::f64::consts::TAU;

use acetate_audio::{Audio, AudioSpec};

use crate::Stage;
use crate::queue::append;
use crate::settings::{HumSection, HumSettings};

/// The stage that takes hum away. It holds nothing back.
pub struct HumRemoval {
    sections: Vec<HumSection>,
    /// Turns of the fundamental up to each step of the section that is being played.
    turns: Vec<f64>,
    now: usize,
    strength: f64,
    rate: f64,
    position: u64,
}

impl HumRemoval {
    /// `None` when nothing is to be taken away. Settings must have been checked.
    pub fn new(settings: &HumSettings, spec: AudioSpec) -> Option<Self> {
        let usable = |section: &&HumSection| {
            section.repair && !section.track_hz.is_empty() && !section.lines.is_empty()
        };
        let mut sections: Vec<HumSection> =
            settings.sections.iter().filter(usable).cloned().collect();
        sections.sort_by_key(|section| section.start_frame);
        for section in &mut sections {
            section.lines.retain(|line| line.channel < spec.channels && !line.cos.is_empty());
        }
        (settings.strength_pct > 0.0 && !sections.is_empty()).then(|| {
            let mut new = Self {
                sections,
                turns: Vec::new(),
                now: 0,
                strength: settings.strength_pct / 100.0,
                rate: f64::from(spec.sample_rate_hz),
                position: 0,
            };
            new.begin(0);
            new
        })
    }

    /// Begins a section.
    fn begin(&mut self, section: usize) {
        self.now = section;
        self.turns.clear();
        if let Some(section) = self.sections.get(section) {
            let mut turned = 0.0;
            for hz in &section.track_hz {
                self.turns.push(turned);
                turned += hz * section.step_s;
            }
        }
    }

    fn subtract(&self, frame: u64, index: usize, planes: &mut [Vec<f32>]) {
        let section = &self.sections[self.now];
        let seconds = (frame - section.start_frame) as f64 / self.rate;
        let step = ((seconds / section.step_s) as usize).min(self.turns.len() - 1);
        let turns =
            self.turns[step] + section.track_hz[step] * (seconds - step as f64 * section.step_s);
        let (sin, cos) = libm::sincos(TAU * (turns - turns.floor()));
        let place = seconds / section.line_step_s;
        let (knot, share) = (place as usize, place - place.floor());
        let (mut harmonic, mut re, mut im) = (1, cos, sin);
        for line in &section.lines {
            if line.harmonic < harmonic {
                (harmonic, re, im) = (1, cos, sin);
            }
            while harmonic < line.harmonic {
                (re, im) = (re * cos - im * sin, re * sin + im * cos);
                harmonic += 1;
            }
            let value = between(&line.cos, knot, share) * re + between(&line.sin, knot, share) * im;
            let sample = &mut planes[line.channel][index];
            *sample = (f64::from(*sample) - self.strength * value) as f32;
        }
    }
}

fn between(values: &[f64], knot: usize, share: f64) -> f64 {
    let last = values.len().saturating_sub(1);
    let at = |n: usize| values.get(n.min(last)).copied().unwrap_or(0.0);
    at(knot) + share * (at(knot + 1) - at(knot))
}

impl Stage for HumRemoval {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        let begins = out.frames();
        append(block, out);
        for index in begins..out.frames() {
            let frame = self.position;
            self.position += 1;
            while let Some(section) = self.sections.get(self.now) {
                if frame < section.start_frame + section.frames {
                    if frame >= section.start_frame {
                        self.subtract(frame, index, out.planes_mut());
                    }
                    break;
                }
                self.begin(self.now + 1);
            }
        }
    }

    fn finish(&mut self, _: &mut Audio) {
        self.reset();
    }

    fn reset(&mut self) {
        self.position = 0;
        self.begin(0);
    }

    fn latency_frames(&self) -> usize {
        0
    }
}
