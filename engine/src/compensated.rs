//! Takes the delay out of a processor that has to wait.

use acetate_audio::{Audio, AudioSpec};

use crate::moves::{Listener, Score};
use crate::stage::Stage;

/// A processor in place whose output comes a fixed number of frames late.
pub trait Causal: Send {
    /// Changes the block in place; what comes out belongs `latency_frames` earlier.
    fn process(&mut self, block: &mut Audio);

    /// The delay.
    fn latency_frames(&self) -> usize;

    /// Forgets the past.
    fn reset(&mut self);

    /// What it decides.
    fn score(&mut self) -> &mut Score;
}

/// Aligns the output of a [`Causal`] with its input: drops as much at the start as it feeds in silence at the end.
pub struct Compensated<P> {
    inner: P,
    scratch: Audio,
    to_skip: usize,
}

impl<P: Causal> Compensated<P> {
    pub(crate) fn around(inner: P, spec: AudioSpec) -> Self {
        let to_skip = inner.latency_frames();
        Self { inner, scratch: Audio::silence(spec, 0), to_skip }
    }

    fn flush(&mut self, out: &mut Audio) {
        self.inner.process(&mut self.scratch);
        let skip = self.to_skip.min(self.scratch.frames());
        self.to_skip -= skip;
        for (to, from) in out.planes_mut().iter_mut().zip(self.scratch.planes()) {
            to.extend_from_slice(&from[skip..]);
        }
    }
}

impl<P: Causal> Stage for Compensated<P> {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        for (to, from) in self.scratch.planes_mut().iter_mut().zip(block.planes()) {
            to.clear();
            to.extend_from_slice(from);
        }
        self.flush(out);
    }

    fn finish(&mut self, out: &mut Audio) {
        self.scratch.resize(0);
        self.scratch.resize(self.inner.latency_frames());
        self.flush(out);
        self.reset();
    }

    fn reset(&mut self) {
        self.inner.reset();
        self.to_skip = self.inner.latency_frames();
    }

    fn latency_frames(&self) -> usize {
        self.inner.latency_frames()
    }
}

impl<P: Causal> Listener for Compensated<P> {
    fn score(&mut self) -> &mut Score {
        self.inner.score()
    }
}
