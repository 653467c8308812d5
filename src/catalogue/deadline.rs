//! A bound on the time that one song may take.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::{Observer, Stage};

/// Stops work on a song when its time is up; besides that, someone else watches.
pub(super) struct Deadline<'a> {
    begun: Instant,
    longest: Option<Duration>,
    passed: bool,
    observer: &'a mut dyn Observer,
}

impl<'a> Deadline<'a> {
    pub(super) fn new(longest: Option<Duration>, observer: &'a mut dyn Observer) -> Self {
        Self { begun: Instant::now(), longest, passed: false, observer }
    }

    /// Since the song began.
    pub(super) fn seconds(&self) -> f64 {
        (self.begun.elapsed().as_secs_f64() * 1000.0).round() / 1000.0
    }

    /// Is it this that stopped the work?
    pub(super) fn has_passed(&self) -> bool {
        self.passed
    }
}

impl Observer for Deadline<'_> {
    fn progress(&mut self, stage: Stage, share: f64) -> ControlFlow<()> {
        if self.longest.is_some_and(|longest| self.begun.elapsed() > longest) {
            self.passed = true;
            return ControlFlow::Break(());
        }
        self.observer.progress(stage, share)
    }

    fn note(&mut self, text: &str) {
        self.observer.note(text);
    }
}
