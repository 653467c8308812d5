//! Windows over a stream, centred on the middle of equal steps of time.

/// Cuts a stream of one channel into overlapping windows. Step `t` is the time from `t / per_second` to
/// `(t + 1) / per_second`; its window is centred on it, filled up with silence at both ends.
#[derive(Clone, Debug)]
pub(crate) struct Frames {
    rate: u64,
    /// Steps in `seconds` seconds; a pair of integers keeps the steps exact for hours.
    steps: u64,
    seconds: u64,
    length: usize,
    pending: Vec<f32>,
    /// Index in the stream of the first pending sample, less the silence put before it.
    start: i64,
    next: u64,
}

impl Frames {
    /// Windows of `length` samples, `steps` of them in `seconds` seconds.
    pub(crate) fn new(rate: u32, steps: u64, seconds: u64, length: usize) -> Self {
        Self {
            rate: u64::from(rate),
            steps,
            seconds,
            length,
            pending: vec![0.0; length],
            start: -(length as i64),
            next: 0,
        }
    }

    pub(crate) fn push(&mut self, samples: &[f32]) {
        self.pending.extend_from_slice(samples);
    }

    fn edge(&self, step: u64) -> u64 {
        step * self.rate * self.seconds / self.steps
    }

    /// The next whole window, if all of it has arrived.
    pub(crate) fn next_window(&mut self) -> Option<&[f32]> {
        let offset = self.offset();
        if self.pending.len() < offset + self.length {
            return None;
        }
        self.next += 1;
        Some(&self.pending[offset..offset + self.length])
    }

    /// Where the next window begins among the pending samples.
    fn offset(&self) -> usize {
        let centre = (self.edge(self.next) + self.edge(self.next + 1)) / 2;
        (centre as i64 - (self.length / 2) as i64 - self.start) as usize
    }

    /// Puts silence after the end, enough for the windows of every step that has begun.
    pub(crate) fn pad(&mut self) {
        self.pending.extend(std::iter::repeat_n(0.0, 2 * self.length));
    }

    /// Forgets what is before the next window; call when no window is left.
    pub(crate) fn trim(&mut self) {
        let offset = self.offset().min(self.pending.len());
        self.pending.drain(..offset);
        self.start += offset as i64;
    }

    /// Steps that have begun within `frames` samples.
    pub(crate) fn steps_begun(&self, frames: u64) -> u64 {
        (frames * self.steps).div_ceil(self.rate * self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_centred_on_its_step() {
        let mut frames = Frames::new(1_000, 20, 1, 100);
        let ramp: Vec<f32> = (0..1_000).map(|i| i as f32).collect();
        for block in ramp.chunks(7) {
            frames.push(block);
        }
        let first = frames.next_window().unwrap();
        assert_eq!((first[50], first[24]), (25.0, 0.0));
        frames.trim();
        assert_eq!(frames.next_window().unwrap()[50], 75.0);
    }
}
