//! Blocks on their way through the stages that are there.

use std::mem::swap;

use acetate_audio::Audio;

use crate::queue::clear;
use crate::{Processor, Stage};

/// Whether more sound follows a block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    More,
    Last,
}

/// Runs `block` through a stage, when there is one.
pub(super) fn through<S: Stage>(
    stage: &mut Option<S>,
    end: End,
    block: &mut Audio,
    spare: &mut Audio,
) {
    if let Some(stage) = stage {
        run_stage(stage, end, block, spare);
    }
}

/// Runs `block` through a stage; `spare` lends its memory.
pub(super) fn run_stage(stage: &mut dyn Stage, end: End, block: &mut Audio, spare: &mut Audio) {
    clear(spare, block.spec());
    stage.push(block, spare);
    if end == End::Last {
        stage.finish(spare);
    }
    swap(block, spare);
}

pub(super) fn in_place<P: Processor>(processor: &mut Option<P>, end: End, block: &mut Audio) {
    let Some(processor) = processor else { return };
    if block.frames() > 0 {
        processor.process(block);
    }
    if end == End::Last {
        processor.reset();
    }
}

pub(super) fn reset_stage<S: Stage>(stage: &mut Option<S>) {
    stage.iter_mut().for_each(Stage::reset);
}

pub(super) fn reset_processor<P: Processor>(processor: &mut Option<P>) {
    processor.iter_mut().for_each(Processor::reset);
}

/// Latency of a stage, when there is one.
pub(super) fn latency<S: Stage>(stage: &Option<S>) -> usize {
    stage.as_ref().map_or(0, Stage::latency_frames)
}
