//! Trial renders: the second half of the chain, listened to.

use std::convert::Infallible;
use std::sync::Arc;

use acetate_analyzer::{Analyzer, LevelMeter, Levels, Measured};
use acetate_audio::{Audio, AudioSpec};
use acetate_engine::{LimiterTrace, Prepared, RenderError, Settings, finish_float};

use crate::kept::{Keeper, Kept};
use crate::subject::Subject;
use crate::verdict::Cannot;

/// Settings whose render was measured.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The settings, with the drive that gave the loudness.
    pub settings: Settings,
    /// What the last render measured.
    pub levels: Levels,
    /// How many renders it took.
    pub renders: usize,
    /// Why the loudness could not be had.
    pub cannot: Option<Cannot>,
    /// What the limiter did in the last render.
    pub trace: LimiterTrace,
    /// The last render, where it was to be kept.
    pub kept: Option<Arc<Kept>>,
}

/// What a render measured, what the limiter did in it, and its samples where they are kept.
#[derive(Clone)]
pub(crate) struct Rendered {
    pub(crate) levels: Levels,
    pub(crate) trace: LimiterTrace,
    pub(crate) kept: Option<Arc<Kept>>,
}

/// Renders the second half and measures loudness and peaks, before dither: what that changes is far below both.
pub(crate) fn measure_levels(
    subject: &Subject<'_>,
    prepared: &Prepared,
    settings: &Settings,
    report: &mut dyn FnMut(f64),
) -> Result<Rendered, RenderError> {
    each_block(subject, prepared, settings, report, &mut |_| ())
}

/// Renders the second half and measures everything, before dither.
pub(crate) fn measure_all(
    subject: &Subject<'_>,
    prepared: &Prepared,
    settings: &Settings,
    report: &mut dyn FnMut(f64),
) -> Result<(Measured, Rendered), RenderError> {
    let mut analyzer = Analyzer::new(prepared.spec());
    let rendered =
        each_block(subject, prepared, settings, report, &mut |block| analyzer.push(block))?;
    Ok((analyzer.finish(), rendered))
}

fn each_block(
    subject: &Subject<'_>,
    prepared: &Prepared,
    settings: &Settings,
    report: &mut dyn FnMut(f64),
    listen: &mut dyn FnMut(&Audio),
) -> Result<Rendered, RenderError> {
    let spec: AudioSpec = prepared.spec();
    let frames = subject.source.frames().max(1) as f64;
    let mut meter = LevelMeter::new(spec);
    let mut keeper = Keeper::new(subject.keeps_bytes);
    let mut heard = 0_u64;
    let trace = finish_float::<Infallible>(prepared, settings, &mut |block| {
        keeper.push(block);
        meter.push(block);
        listen(block);
        heard += block.frames() as u64;
        report((heard as f64 / frames).min(1.0));
        Ok(())
    })?;
    let kept = keeper.finish(subject.source, settings, &trace).map(Arc::new);
    Ok(Rendered { levels: meter.finish(), trace, kept })
}
