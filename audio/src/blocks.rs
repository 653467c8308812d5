//! Sound that arrives block by block, and why it may stop.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use thiserror::Error;

use crate::{Audio, AudioSpec};

/// Most frames in one block.
pub const BLOCK_FRAMES: usize = 1 << 15;

/// A pass over sound, block by block.
pub trait Blocks: Send {
    /// Rate and channel count of every block.
    fn spec(&self) -> AudioSpec;

    /// Replaces `block` with the next frames, at most [`BLOCK_FRAMES`]; `false` (and an empty block) at the end.
    ///
    /// # Errors
    /// When the sound cannot be read on, or holds a sample that is not finite.
    fn next_block(&mut self, block: &mut Audio) -> Result<bool, ReadError>;
}

/// Why sound could not be read on. The reason belongs to whoever reads: `DecodeError` of `acetate-files`, [`Cancelled`], or an
/// error of one's own.
#[derive(Debug)]
pub struct ReadError(Box<dyn Error + Send + Sync>);

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The causes are those of the reason.
impl Error for ReadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl ReadError {
    /// An error with this reason.
    pub fn new(reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(reason.into())
    }

    /// The reason, when it is one of this kind.
    pub fn reason<E: Error + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }

    /// The reason itself.
    pub fn into_reason(self) -> Box<dyn Error + Send + Sync> {
        self.0
    }

    /// Did whoever asked for the work stop it?
    pub fn is_cancelled(&self) -> bool {
        self.reason::<Cancelled>().is_some()
    }
}

/// The work was stopped by whoever asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("stopped")]
pub struct Cancelled;

impl Cancelled {
    /// Is it the reason of this error?
    pub fn is_behind(error: &(dyn Error + 'static)) -> bool {
        let read = error.downcast_ref::<ReadError>();
        error.is::<Self>()
            || read.is_some_and(ReadError::is_cancelled)
            || error.source().is_some_and(Self::is_behind)
    }
}

impl From<Cancelled> for ReadError {
    fn from(cancelled: Cancelled) -> Self {
        Self::new(cancelled)
    }
}

/// A switch that stops every pass over the sounds it was given to. Clones are the same switch.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Stops them, for good.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Is it thrown?
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A pass that ends with [`Cancelled`] once its switch is thrown.
pub(crate) struct Stoppable {
    pub(crate) pass: Box<dyn Blocks>,
    pub(crate) stop: Stop,
}

impl Blocks for Stoppable {
    fn spec(&self) -> AudioSpec {
        self.pass.spec()
    }

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, ReadError> {
        if self.stop.is_stopped() { Err(Cancelled.into()) } else { self.pass.next_block(block) }
    }
}
