//! Sound that is worked on span by span, with what came before and after each.

use acetate_audio::Audio;

use crate::Stage;
use crate::queue::Queue;

/// Frames that wait, in spans of one length, and how much of their surroundings a span needs.
pub(super) struct Spans {
    /// What is not let out, and [`Spans::kept`] frames before it that were.
    pub(super) held: Queue,
    kept: usize,
    position: u64,
    length: usize,
    before: usize,
    after: usize,
}

impl Spans {
    pub(super) fn new(channels: usize, length: usize, before: usize, after: usize) -> Self {
        Self { held: Queue::new(channels, 0), kept: 0, position: 0, length, before, after }
    }

    /// Where the next span begins in the held frames.
    pub(super) fn kept(&self) -> usize {
        self.kept
    }

    /// Frame of the sound at which the held ones begin.
    pub(super) fn begin(&self) -> u64 {
        self.position - self.kept as u64
    }

    /// Frame of the sound at which they end.
    pub(super) fn end(&self) -> u64 {
        self.begin() + self.held.frames() as u64
    }

    /// Frame of the sound at which the next span begins.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Where a frame of the sound is in the held ones, the nearest end where it is none of them.
    pub(super) fn place(&self, frame: u64) -> usize {
        (frame.saturating_sub(self.begin()) as usize).min(self.held.frames())
    }

    /// Length of the next span, while more is to come.
    pub(super) fn ready(&self) -> Option<usize> {
        (self.held.frames() >= self.kept + self.length + self.after).then_some(self.length)
    }

    /// Length of the next span when nothing more comes.
    pub(super) fn left(&self) -> Option<usize> {
        let frames = self.held.frames() - self.kept;
        (frames > 0).then(|| frames.min(self.length))
    }

    /// The next `frames` as they are held go out; of what stays behind, a multiple of `whole` is forgotten.
    pub(super) fn pass(&mut self, frames: usize, whole: usize) {
        let done = (self.kept + frames).saturating_sub(self.before);
        let done = done - done % whole;
        // More than came may go: what stayed behind to make a multiple.
        self.kept = self.kept + frames - done;
        self.position += frames as u64;
        self.held.skip(done);
    }

    /// Appends the next `frames` to `out` as they are held.
    pub(super) fn copy(&self, frames: usize, out: &mut Audio) {
        for (out, plane) in out.planes_mut().iter_mut().zip(self.held.planes()) {
            out.extend_from_slice(&plane[self.kept..self.kept + frames]);
        }
    }

    pub(super) fn reset(&mut self) {
        self.held.restart(0);
        (self.kept, self.position) = (0, 0);
    }

    pub(super) fn latency_frames(&self) -> usize {
        self.length + self.after
    }
}

/// What works on sound span by span; as a stage it takes and gives blocks of any length.
pub(super) trait InSpans: Send {
    fn spans(&self) -> &Spans;

    fn spans_mut(&mut self) -> &mut Spans;

    /// Lets the next `frames` out.
    fn span(&mut self, frames: usize, out: &mut Audio);

    /// All sound has come.
    fn ends(&mut self) {}

    /// Other sound begins.
    fn begins(&mut self) {}
}

impl<T: InSpans> Stage for T {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        // A long block goes in span by span: what is held is what each of them works on.
        let frames = block.frames();
        let length = self.spans().length;
        for start in (0..frames).step_by(length) {
            self.spans_mut().held.push_part(block, start..frames.min(start + length));
            while let Some(frames) = self.spans().ready() {
                self.span(frames, out);
            }
        }
    }

    fn finish(&mut self, out: &mut Audio) {
        self.ends();
        while let Some(frames) = self.spans().left() {
            self.span(frames, out);
        }
        self.reset();
    }

    fn reset(&mut self) {
        self.spans_mut().reset();
        self.begins();
    }

    fn latency_frames(&self) -> usize {
        self.spans().latency_frames()
    }
}
