//! Crackle is lifted off impulse by impulse, many at once; what is not near one stays exactly.

use std::ops::Range;

use acetate_audio::prediction::{Lifting, MODEL_BLOCK, lifted};
use acetate_audio::{Audio, AudioSpec, threads};

use super::spans::{InSpans, Spans};
use crate::settings::{CrackleSettings, joined};

/// Frames that are repaired together, and on either side what their models need: whole blocks of these.
const SPAN: usize = 32 * MODEL_BLOCK;
const AROUND: usize = 4 * MODEL_BLOCK;
/// Orders of the models in turn; the last takes large errors for Student's with 4 degrees of freedom (docs/restore.md).
const ROUGH_ORDER: usize = 32;
const ROUGH_TURNS: usize = 2;
const FINAL_ORDER: usize = 64;
const FREEDOM: f64 = 4.0;

/// The stage that repairs crackle.
pub struct CrackleRepair {
    /// First frame and frame behind the last, channel by channel; they do not meet.
    impulses: Vec<Vec<(u64, u64)>>,
    strength: f64,
    rate_hz: f64,
    spans: Spans,
}

impl CrackleRepair {
    /// `None` when nothing is to be repaired. Settings must have been checked.
    pub fn new(settings: &CrackleSettings, spec: AudioSpec) -> Option<Self> {
        let mut impulses = vec![Vec::new(); spec.channels];
        for section in settings.sections.iter().filter(|section| section.repair) {
            if let Some(impulses) = impulses.get_mut(section.channel) {
                impulses.extend(section.impulses());
            }
        }
        let impulses: Vec<_> = impulses.into_iter().map(joined).collect();
        let any = impulses.iter().any(|impulses| !impulses.is_empty());
        (settings.strength_pct > 0.0 && any).then(|| Self {
            impulses,
            strength: settings.strength_pct / 100.0,
            rate_hz: f64::from(spec.sample_rate_hz),
            spans: Spans::new(spec.channels, SPAN, AROUND, AROUND),
        })
    }

    /// The impulses of a channel in the held sound.
    fn runs(&self, channel: usize, length: usize) -> Vec<Range<usize>> {
        let (begin, impulses) = (self.spans.begin(), &self.impulses[channel]);
        let end = begin + length as u64;
        let first = impulses.partition_point(|impulse| impulse.1 <= begin);
        let here = impulses[first..].iter().take_while(|impulse| impulse.0 < end);
        let place = |frame: u64| frame.clamp(begin, end) - begin;
        here.map(|&(from, to)| place(from) as usize..place(to) as usize).collect()
    }

    fn repaired(&self, plane: &[f32], runs: &[Range<usize>]) -> Vec<f32> {
        let found: Vec<f64> = plane.iter().map(|&x| x.into()).collect();
        let mut now = found.clone();
        let mut how = Lifting { order: ROUGH_ORDER, rate_hz: self.rate_hz, freedom: None };
        for _ in 0..ROUGH_TURNS {
            now = lifted(&found, &now, runs, how);
        }
        (how.order, how.freedom) = (FINAL_ORDER, Some(FREEDOM));
        let now = lifted(&found, &now, runs, how);
        let mixed = |(y, x): (&f64, f64)| (y - self.strength * (y - x)) as f32;
        found.iter().zip(now).map(mixed).collect()
    }
}

impl InSpans for CrackleRepair {
    fn spans(&self) -> &Spans {
        &self.spans
    }

    fn spans_mut(&mut self) -> &mut Spans {
        &mut self.spans
    }

    fn span(&mut self, frames: usize, out: &mut Audio) {
        let planes: Vec<&[f32]> = self.spans.held.planes().collect();
        let from = self.spans.kept();
        let repaired = threads::map(&planes, |channel, plane| {
            let plane = &plane[..plane.len().min(from + frames + AROUND)];
            let runs = self.runs(channel, plane.len());
            let near = |run: &Range<usize>| run.end + AROUND > from && run.start < plane.len();
            if !runs.iter().any(near) {
                return plane[from..from + frames].to_vec();
            }
            self.repaired(plane, &runs)[from..from + frames].to_vec()
        });
        for (out, repaired) in out.planes_mut().iter_mut().zip(repaired) {
            out.extend_from_slice(&repaired);
        }
        self.spans.pass(frames, MODEL_BLOCK);
    }
}
