//! Trial renders: the second half of the chain, listened to.

use std::convert::Infallible;

use acetate_analyzer::{Analyzer, LevelMeter, Levels, Measured};
use acetate_audio::{Audio, AudioSpec, PcmBlock};
use acetate_engine::{LimiterTrace, Prepared, RenderError, Settings, finish};

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
}

/// What a render measured, and what the limiter did in it.
pub(crate) type Rendered = (Levels, LimiterTrace);

/// Renders the second half and measures loudness and peaks of the quantised sound.
pub(crate) fn measure_levels(
    prepared: &Prepared,
    settings: &Settings,
    frames: u64,
    report: &mut dyn FnMut(f64),
) -> Result<(Levels, LimiterTrace), RenderError> {
    let mut meter = LevelMeter::new(prepared.spec());
    let trace = each_block(prepared, settings, frames, report, &mut |block| meter.push(block))?;
    Ok((meter.finish(), trace))
}

/// Renders the second half and measures everything of the quantised sound.
pub(crate) fn measure_all(
    prepared: &Prepared,
    settings: &Settings,
    frames: u64,
    report: &mut dyn FnMut(f64),
) -> Result<(Measured, Rendered), RenderError> {
    let mut analyzer = Analyzer::new(prepared.spec());
    let mut meter = LevelMeter::new(prepared.spec());
    let trace = each_block(prepared, settings, frames, report, &mut |block| {
        analyzer.push(block);
        meter.push(block);
    })?;
    Ok((analyzer.finish(), (meter.finish(), trace)))
}

fn each_block(
    prepared: &Prepared,
    settings: &Settings,
    frames: u64,
    report: &mut dyn FnMut(f64),
    listen: &mut dyn FnMut(&Audio),
) -> Result<LimiterTrace, RenderError> {
    let spec: AudioSpec = prepared.spec();
    let mut decoded = Audio::silence(spec, 0);
    let mut heard = 0_u64;
    finish::<Infallible>(prepared, settings, &mut |pcm: &PcmBlock| {
        pcm.decode_into(&mut decoded);
        listen(&decoded);
        heard += decoded.frames() as u64;
        report((heard as f64 / frames.max(1) as f64).min(1.0));
        Ok(())
    })
}
