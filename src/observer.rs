//! Whoever watches long work: told how far it is and what is worth knowing, and free to stop it.

use std::ops::ControlFlow;
use std::sync::Mutex;

use acetate_audio::{Audio, AudioSpec, Blocks, Cancelled, ReadError, Stop};

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// Reading and measuring a sound.
    Measuring,
    /// Searching settings, and rendering to confirm them.
    Fitting,
    /// Solving a drive again.
    Settling,
    /// Rendering to a file.
    Rendering,
    /// Measuring the file that was written.
    Verifying,
    /// Looking for damage.
    Searching,
    /// Sending a file through lossy codecs.
    Checking,
}

impl Stage {
    /// Its name, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Measuring => "measuring",
            Self::Fitting => "fitting",
            Self::Settling => "settling",
            Self::Rendering => "rendering",
            Self::Verifying => "verifying",
            Self::Searching => "searching",
            Self::Checking => "checking",
        }
    }
}

/// Watches one use case at a time. The functions are called from one thread after the other, never from two at once.
///
/// `()` watches nothing.
pub trait Observer: Send {
    /// Work goes on: `share` of `stage` is done, 0 to 1, and never less than before in the same stage of one song; an album, stems and
    /// [`Song::choices`](crate::Song::choices) go through stages once for each of their sounds. A stage may end before its share is 1, where
    /// less was to do than could have been. [`ControlFlow::Break`] stops the work within a block of sound or a step of a search, which
    /// then ends with [`Error::Cancelled`](crate::Error::Cancelled) and leaves nothing.
    fn progress(&mut self, stage: Stage, share: f64) -> ControlFlow<()> {
        let _ = (stage, share);
        ControlFlow::Continue(())
    }

    /// Something that is worth knowing and no error.
    fn note(&mut self, text: &str) {
        let _ = text;
    }
}

impl Observer for () {}

/// An observer that several parts of a use case talk to, and the switch that it works.
pub(crate) struct Watch<'a> {
    observer: Mutex<(&'a mut dyn Observer, Option<Stage>, f64)>,
    stop: Stop,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(observer: &'a mut dyn Observer) -> Self {
        Self { observer: Mutex::new((observer, None, 0.0)), stop: Stop::default() }
    }

    /// The switch: what reads sound stops when it is off.
    pub(crate) fn stop(&self) -> Stop {
        self.stop.clone()
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.is_stopped()
    }

    /// Tells how far a stage is; what would run backwards is not told.
    pub(crate) fn progress(&self, stage: Stage, share: f64) {
        let Ok(mut watched) = self.observer.lock() else { return };
        let share = share.clamp(0.0, 1.0);
        if watched.1 == Some(stage) && share < watched.2 {
            return;
        }
        (watched.1, watched.2) = (Some(stage), share);
        if watched.0.progress(stage, share).is_break() {
            self.stop.stop();
        }
    }

    pub(crate) fn note(&self, text: &str) {
        if let Ok(mut watched) = self.observer.lock() {
            watched.0.note(text);
        }
    }
}

/// A pass that is watched: `frames` are expected.
pub(crate) struct WatchedPass<'a, 'w> {
    pub(crate) pass: &'a mut dyn Blocks,
    pub(crate) watch: &'a Watch<'w>,
    pub(crate) stage: Stage,
    pub(crate) frames: Option<u64>,
    pub(crate) position: u64,
}

impl Blocks for WatchedPass<'_, '_> {
    fn spec(&self) -> AudioSpec {
        self.pass.spec()
    }

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, ReadError> {
        let any = self.pass.next_block(block)?;
        self.position += block.frames() as u64;
        if let Some(frames) = self.frames {
            self.watch.progress(self.stage, self.position as f64 / frames.max(1) as f64);
        }
        if self.watch.is_stopped() { Err(Cancelled.into()) } else { Ok(any) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Shares(Vec<f64>);

    impl Observer for Shares {
        fn progress(&mut self, _: Stage, share: f64) -> ControlFlow<()> {
            self.0.push(share);
            if share >= 0.9 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }

    #[test]
    fn progress_never_runs_backwards_and_a_break_stops_what_reads() {
        let mut shares = Shares(Vec::new());
        let watch = Watch::new(&mut shares);
        for share in [0.1, 0.5, 0.3, 0.6] {
            watch.progress(Stage::Rendering, share);
        }
        watch.progress(Stage::Verifying, 0.2);
        assert!(!watch.is_stopped());
        watch.progress(Stage::Verifying, 1.5);
        assert!(watch.stop().is_stopped());
        assert_eq!(shares.0, [0.1, 0.5, 0.6, 0.2, 1.0]);
    }
}
