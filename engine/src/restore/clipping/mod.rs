//! Clipped tops are rebuilt; every sample that was not clipped stays as it is.

mod frames;
mod known;
mod solver;

pub use known::KnownTops;

use acetate_audio::{Audio, AudioSpec, threads};

use super::spans::{InSpans, Spans};
use crate::settings::{ClippedSection, ClippingSettings};
use solver::Solver;

/// Frames that are looked at together, and what is read on either side of what is clipped.
const SPAN: usize = 1 << 16;
const AROUND: usize = solver::WINDOW;
/// Clipped samples this close are rebuilt in one go.
const TOGETHER: usize = solver::WINDOW;

/// The stage that rebuilds tops.
pub struct ClippingRepair {
    sections: Vec<ClippedSection>,
    strength: f64,
    spans: Spans,
    solver: Solver,
}

/// A stretch of one channel, or of both of a stereo sound, that is rebuilt in one go, within the held sound.
struct Task {
    /// Its channel, or the first of both.
    first: usize,
    from: usize,
    to: usize,
}

impl ClippingRepair {
    /// `None` when nothing is to be rebuilt. Settings must have been checked.
    pub fn new(settings: &ClippingSettings, spec: AudioSpec) -> Option<Self> {
        let repaired = settings.sections.iter().filter(|section| section.repair);
        let sections: Vec<ClippedSection> =
            repaired.filter(|section| section.channel < spec.channels).cloned().collect();
        (settings.strength_pct > 0.0 && !sections.is_empty()).then(|| Self {
            sections,
            strength: settings.strength_pct / 100.0,
            spans: Spans::new(spec.channels, SPAN, AROUND, AROUND),
            solver: Solver::new(),
        })
    }

    /// Which of the held samples of a channel are clipped.
    fn bounds(&self, channel: usize) -> Bounds {
        let plane = self.spans.held.plane(channel);
        let mut sides = vec![0i8; plane.len()];
        for section in self.sections.iter().filter(|section| section.channel == channel) {
            let place = |frame: u64| self.spans.place(frame);
            let (from, to) =
                (place(section.start_frame), place(section.start_frame + section.frames));
            for (side, &x) in sides[from..to].iter_mut().zip(&plane[from..to]) {
                let x = f64::from(x);
                if section.upper.is_some_and(|upper| x >= upper) {
                    *side = 1;
                } else if section.lower.is_some_and(|lower| x <= lower) {
                    *side = -1;
                }
            }
        }
        Bounds { sides }
    }
}

/// Of each sample, on which side it is clipped: 1, -1, or 0 where it is not.
struct Bounds {
    sides: Vec<i8>,
}

impl Bounds {
    fn is_clipped(&self, at: usize) -> bool {
        self.sides[at] != 0
    }

    fn side(&self, at: usize) -> i8 {
        self.sides[at]
    }
}

impl InSpans for ClippingRepair {
    fn spans(&self) -> &Spans {
        &self.spans
    }

    fn spans_mut(&mut self) -> &mut Spans {
        &mut self.spans
    }

    fn span(&mut self, frames: usize, out: &mut Audio) {
        let held = &self.spans.held;
        let (from, to) = (self.spans.kept(), self.spans.kept() + frames);
        let bounds: Vec<Bounds> =
            (0..held.channels()).map(|channel| self.bounds(channel)).collect();
        // Both channels of a stereo sound together.
        let together = if held.channels() == 2 { 2 } else { 1 };
        let mut tasks = Vec::new();
        for (index, bounds) in bounds.chunks(together).enumerate() {
            let mut last: Option<Task> = None;
            for n in (from..to).filter(|&n| bounds.iter().any(|bounds| bounds.is_clipped(n))) {
                match &mut last {
                    Some(task) if n - task.to < TOGETHER => task.to = n + 1,
                    _ => {
                        tasks.extend(last.take());
                        last = Some(Task { first: index * together, from: n, to: n + 1 });
                    }
                }
            }
            tasks.extend(last);
        }
        let rebuilt = threads::map(&tasks, |_, task| {
            let (low, high) =
                (task.from.saturating_sub(AROUND), (task.to + AROUND).min(held.frames()));
            let channels = task.first..task.first + together;
            let sounds: Vec<&[f32]> =
                channels.map(|channel| &held.plane(channel)[low..high]).collect();
            let side = |channel: usize, n: usize| bounds[task.first + channel].side(low + n);
            let mut whole = self.solver.solve(&sounds, &side);
            whole.iter_mut().for_each(|sound| {
                sound.drain(..task.from - low);
            });
            whole
        });
        let begins = out.frames();
        self.spans.copy(frames, out);
        for (task, sounds) in tasks.iter().zip(rebuilt) {
            for (channel, samples) in (task.first..).zip(sounds) {
                let plane = &mut out.planes_mut()[channel][begins..];
                let clipped = |n: &usize| bounds[channel].is_clipped(*n);
                for n in (task.from..task.to).filter(clipped) {
                    let sample = &mut plane[n - from];
                    *sample += (self.strength * f64::from(samples[n - task.from] - *sample)) as f32;
                }
            }
        }
        self.spans.pass(frames, 1);
    }
}
