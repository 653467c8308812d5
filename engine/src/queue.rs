//! Planar frames that wait to be processed.

use acetate_audio::{Audio, AudioSpec};

/// Frames in order, taken from the front as they are finished.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    planes: Vec<Vec<f32>>,
}

impl Queue {
    /// A queue that begins with `frames` of silence.
    pub(crate) fn new(channels: usize, frames: usize) -> Self {
        Self { planes: vec![vec![0.0; frames]; channels] }
    }

    pub(crate) fn frames(&self) -> usize {
        self.planes[0].len()
    }

    pub(crate) fn planes(&self) -> &[Vec<f32>] {
        &self.planes
    }

    pub(crate) fn planes_mut(&mut self) -> &mut [Vec<f32>] {
        &mut self.planes
    }

    pub(crate) fn push(&mut self, block: &Audio) {
        for (plane, new) in self.planes.iter_mut().zip(block.planes()) {
            plane.extend_from_slice(new);
        }
    }

    pub(crate) fn push_silence(&mut self, frames: usize) {
        for plane in &mut self.planes {
            plane.resize(plane.len() + frames, 0.0);
        }
    }

    /// Forgets the first frames.
    pub(crate) fn skip(&mut self, frames: usize) {
        for plane in &mut self.planes {
            plane.drain(..frames);
        }
    }

    /// Moves the first frames to the end of `out`.
    pub(crate) fn pop(&mut self, frames: usize, out: &mut Audio) {
        for (plane, out) in self.planes.iter_mut().zip(out.planes_mut()) {
            out.extend(plane.drain(..frames));
        }
    }

    /// Empties the queue, then fills it with `frames` of silence.
    pub(crate) fn restart(&mut self, frames: usize) {
        for plane in &mut self.planes {
            plane.clear();
            plane.resize(frames, 0.0);
        }
    }
}

/// Makes `block` empty, with the rate and channels of `spec`.
pub(crate) fn clear(block: &mut Audio, spec: AudioSpec) {
    if block.spec() == spec {
        block.resize(0);
    } else {
        *block = Audio::silence(spec, 0);
    }
}
