//! A static linear-phase filter on channels, or on mid and side, written as what it adds: y = x + k * x.
//!
//! So a plane without a kernel is untouched, and the transform's rounding is as small as the change is.

use std::sync::Arc;

use acetate_audio::{Audio, AudioSpec, threads};

use crate::Stage;
use crate::convolver::{Convolver, Workspace};
use crate::queue::Queue;

/// The planes that kernels belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planes {
    /// One kernel a channel.
    Channels,
    /// One for the mid, one for the side.
    MidSide,
}

/// The filter.
pub struct LinearFilter {
    planes: Planes,
    reach: usize,
    window: usize,
    hop: usize,
    lanes: Vec<Lane>,
    queue: Queue,
    /// Frames that were pushed and are not yet finished.
    pending: usize,
}

/// One plane and what is added to it; nothing without a convolver.
struct Lane {
    filter: Option<(Arc<Convolver>, Workspace)>,
    input: Vec<f32>,
    added: [Vec<f32>; 1],
}

impl LinearFilter {
    /// A filter from one kernel a plane, all of one odd length. `None` stands for a plane that stays as it is.
    pub(crate) fn new(planes: Planes, kernels: &[Option<Vec<f64>>], spec: AudioSpec) -> Self {
        let lanes: Vec<Lane> = kernels.iter().map(|kernel| Lane::new(kernel.as_ref())).collect();
        let any = lanes.iter().find_map(|lane| lane.filter.as_ref());
        let (convolver, _) = any.expect("some plane is filtered");
        let (reach, window) = (convolver.reach_frames(), convolver.window_frames());
        let (queue, hop) = (Queue::new(spec.channels, reach), convolver.hop_frames());
        Self { planes, reach, window, hop, lanes, queue, pending: 0 }
    }

    /// A filter from what mid and side become, as impulse responses of one odd length whose middle is time zero; channels that are no
    /// pair become what the mid does.
    ///
    /// # Panics
    /// When the lengths differ or are even.
    pub fn from_responses(mid: &[f64], side: &[f64], spec: AudioSpec) -> Self {
        let less_itself = |response: &[f64]| {
            let mut kernel = response.to_vec();
            kernel[response.len() / 2] -= 1.0;
            Some(kernel)
        };
        if spec.is_stereo() {
            Self::new(Planes::MidSide, &[less_itself(mid), less_itself(side)], spec)
        } else {
            Self::new(Planes::Channels, &vec![less_itself(mid); spec.channels], spec)
        }
    }

    fn hop(&mut self, out: &mut Audio) {
        let frames = self.hop.min(self.pending);
        let (planes, window, input) = (self.planes, self.window, &self.queue);
        threads::for_each(&mut self.lanes, |index, lane| lane.run(planes, index, input, window));
        for (channel, (input, out)) in input.planes().zip(out.planes_mut()).enumerate() {
            let input = &input[self.reach..self.reach + frames];
            let start = out.len();
            out.extend_from_slice(input);
            let out = &mut out[start..];
            match planes {
                Planes::Channels => self.lanes[channel].add(out, 1.0),
                Planes::MidSide => {
                    self.lanes[0].add(out, 1.0);
                    self.lanes[1].add(out, if channel == 0 { 1.0 } else { -1.0 });
                }
            }
        }
        self.queue.skip(self.hop.min(self.queue.frames()));
        self.pending -= frames;
    }
}

impl Lane {
    fn new(kernel: Option<&Vec<f64>>) -> Self {
        let filter = kernel.map(|kernel| {
            let convolver = Arc::new(Convolver::new(std::slice::from_ref(kernel)));
            let work = convolver.workspace();
            (convolver, work)
        });
        Self { filter, input: Vec::new(), added: [Vec::new()] }
    }

    fn run(&mut self, planes: Planes, index: usize, input: &Queue, window: usize) {
        let Some((convolver, work)) = &mut self.filter else { return };
        match planes {
            Planes::Channels => {
                convolver.filter(&input.plane(index)[..window], work, &mut self.added)
            }
            Planes::MidSide => {
                let sign = if index == 0 { 1.0 } else { -1.0 };
                let (left, right) = (&input.plane(0)[..window], &input.plane(1)[..window]);
                self.input.clear();
                self.input.extend(left.iter().zip(right).map(|(l, r)| (l + sign * r) * 0.5));
                convolver.filter(&self.input, work, &mut self.added);
            }
        }
    }

    fn add(&self, out: &mut [f32], sign: f32) {
        if self.filter.is_some() {
            out.iter_mut().zip(&self.added[0]).for_each(|(out, added)| *out += sign * added);
        }
    }
}

impl Stage for LinearFilter {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        self.queue.push(block);
        self.pending += block.frames();
        while self.queue.frames() >= self.window {
            self.hop(out);
        }
    }

    fn finish(&mut self, out: &mut Audio) {
        while self.pending > 0 {
            self.queue.push_silence(self.window.saturating_sub(self.queue.frames()));
            self.hop(out);
        }
        self.reset();
    }

    fn reset(&mut self) {
        self.queue.restart(self.reach);
        self.pending = 0;
    }

    fn latency_frames(&self) -> usize {
        self.window - self.reach - 1
    }
}
