//! Planar frames that wait to be processed.

use std::ops::Range;

use acetate_audio::{Audio, AudioSpec};

/// Frames in order, taken from the front as they are finished.
///
/// What is taken stays in memory until more has been taken than is left: so each frame is moved about once, however
/// small the steps.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    planes: Vec<Vec<f32>>,
    /// Frames of `planes` that were taken.
    taken: usize,
}

impl Queue {
    /// A queue that begins with `frames` of silence.
    pub(crate) fn new(channels: usize, frames: usize) -> Self {
        Self { planes: vec![vec![0.0; frames]; channels], taken: 0 }
    }

    pub(crate) fn frames(&self) -> usize {
        self.planes[0].len() - self.taken
    }

    pub(crate) fn channels(&self) -> usize {
        self.planes.len()
    }

    pub(crate) fn plane(&self, channel: usize) -> &[f32] {
        &self.planes[channel][self.taken..]
    }

    pub(crate) fn planes(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.planes.iter().map(|plane| &plane[self.taken..])
    }

    pub(crate) fn planes_mut(&mut self) -> impl ExactSizeIterator<Item = &mut [f32]> {
        let taken = self.taken;
        self.planes.iter_mut().map(move |plane| &mut plane[taken..])
    }

    /// Both planes of stereo sound.
    pub(crate) fn pair_mut(&mut self) -> [&mut [f32]; 2] {
        let [left, right] = &mut self.planes[..] else { unreachable!("stereo") };
        [&mut left[self.taken..], &mut right[self.taken..]]
    }

    pub(crate) fn push(&mut self, block: &Audio) {
        self.push_part(block, 0..block.frames());
    }

    /// Appends some frames of a block.
    pub(crate) fn push_part(&mut self, block: &Audio, frames: Range<usize>) {
        self.make_room(frames.len());
        for (plane, new) in self.planes.iter_mut().zip(block.planes()) {
            plane.extend_from_slice(&new[frames.clone()]);
        }
    }

    pub(crate) fn push_silence(&mut self, frames: usize) {
        self.make_room(frames);
        for plane in &mut self.planes {
            plane.resize(plane.len() + frames, 0.0);
        }
    }

    /// Makes room for new frames, and at once for as many taken ones as there can be: so memory has its size when the queue
    /// has once been at its longest.
    fn make_room(&mut self, new: usize) {
        if self.taken >= self.frames() {
            self.planes.iter_mut().for_each(|plane| drop(plane.drain(..self.taken)));
            self.taken = 0;
        }
        let wanted = 2 * (self.frames() + new);
        for plane in &mut self.planes {
            plane.reserve(wanted.saturating_sub(plane.len()));
        }
    }

    /// Forgets the first frames.
    pub(crate) fn skip(&mut self, frames: usize) {
        assert!(frames <= self.frames(), "{frames} of {} frames", self.frames());
        self.taken += frames;
    }

    /// Moves the first frames to the end of `out`.
    pub(crate) fn pop(&mut self, frames: usize, out: &mut Audio) {
        for (plane, out) in self.planes().zip(out.planes_mut()) {
            out.extend_from_slice(&plane[..frames]);
        }
        self.skip(frames);
    }

    /// Empties the queue, then fills it with `frames` of silence.
    pub(crate) fn restart(&mut self, frames: usize) {
        for plane in &mut self.planes {
            plane.clear();
            plane.resize(frames, 0.0);
        }
        self.taken = 0;
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

/// Makes `to` the same sound.
pub(crate) fn copy(block: &Audio, to: &mut Audio) {
    clear(to, block.spec());
    append(block, to);
}

/// Adds the frames of a block to the end of `out`.
pub(crate) fn append(block: &Audio, out: &mut Audio) {
    for (out, plane) in out.planes_mut().iter_mut().zip(block.planes()) {
        out.extend_from_slice(plane);
    }
}
