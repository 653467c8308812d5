//! A record as one stream of samples: groups, and digital silence between them.

use std::ops::Range;

use acetate_audio::{AudioSpec, PcmBlock, PcmPlanes};
use acetate_engine::settings::OutputSettings;
use acetate_engine::{LimiterTrace, RenderError, render};

use super::record::{GroupPlan, RecordPlan};

/// Frames of silence in a block.
const SILENCE_FRAMES: u64 = 1 << 15;

/// Takes blocks of samples.
type Sink<'a, E> = dyn FnMut(&PcmBlock) -> Result<(), E> + 'a;

/// Gives the samples of a group that was rendered before to a sink, and says whether it did: what it does not give is rendered.
pub type Again<'a, E> = dyn FnMut(usize, &mut Sink<'_, E>) -> Result<bool, E> + 'a;

/// Renders a record from its first frame to its last, each group in one run, in bounded memory. `output` says how samples are stored; its
/// rate is that of the record. With `channels` of 2, one channel becomes two that are the same.
///
/// # Errors
/// When a source cannot be read again, or `sink` fails.
pub fn render_record<E>(
    plan: &RecordPlan,
    output: &OutputSettings,
    channels: usize,
    sink: &mut dyn FnMut(&PcmBlock) -> Result<(), E>,
) -> Result<Vec<LimiterTrace>, RenderError<E>> {
    render_record_again(plan, output, channels, &mut |_, _| Ok(false), sink)
}

/// The same, where `again` has the samples of some groups; gives what the limiter did in those that were rendered.
///
/// # Errors
/// As [`render_record`], and when `again` fails.
pub fn render_record_again<E>(
    plan: &RecordPlan,
    output: &OutputSettings,
    channels: usize,
    again: &mut Again<'_, E>,
    sink: &mut dyn FnMut(&PcmBlock) -> Result<(), E>,
) -> Result<Vec<LimiterTrace>, RenderError<E>> {
    let spec = AudioSpec::new(plan.timeline.sample_rate_hz, channels);
    let mut written = 0;
    let mut traces = Vec::new();
    for (index, (group, start)) in plan.groups.iter().zip(&plan.timeline.groups).enumerate() {
        silence(plan.timeline.frame(*start) - written, spec, output, sink)?;
        written = plan.timeline.frame(*start);
        let end = written + group.frames;
        let mut within = |block: &PcmBlock| {
            // At another rate than it was planned at, a group may be a frame longer than its room.
            let room = end.saturating_sub(written).min(block.frames() as u64) as usize;
            written += room as u64;
            if room == block.frames() { sink(block) } else { sink(&part_of(block, 0..room)) }
        };
        if !again(index, &mut within).map_err(RenderError::Sink)? {
            traces.push(render_group(group, output, channels, &mut within)?);
        }
    }
    silence(plan.timeline.frames() - written, spec, output, sink)?;
    Ok(traces)
}

/// Renders one group. A song that stands alone gives the samples that its settings give anywhere.
///
/// # Errors
/// As [`render_record`].
pub fn render_group<E>(
    group: &GroupPlan,
    output: &OutputSettings,
    channels: usize,
    sink: &mut dyn FnMut(&PcmBlock) -> Result<(), E>,
) -> Result<LimiterTrace, RenderError<E>> {
    let mut settings = group.settings.clone();
    settings.output = OutputSettings {
        sample_rate_hz: settings.output.sample_rate_hz,
        seed: settings.output.seed,
        ..output.clone()
    };
    render(&group.source, &settings, &mut |block| {
        if block.channels() < channels { sink(&doubled(block, channels)) } else { sink(block) }
    })
}

/// Some frames of a block.
pub fn part_of(block: &PcmBlock, frames: Range<usize>) -> PcmBlock {
    let planes = match &block.planes {
        PcmPlanes::Int(planes) => {
            PcmPlanes::Int(planes.iter().map(|plane| plane[frames.clone()].to_vec()).collect())
        }
        PcmPlanes::Float(planes) => {
            PcmPlanes::Float(planes.iter().map(|plane| plane[frames.clone()].to_vec()).collect())
        }
    };
    PcmBlock { planes, ..block.clone() }
}

fn doubled(block: &PcmBlock, channels: usize) -> PcmBlock {
    let planes = match &block.planes {
        PcmPlanes::Int(planes) => PcmPlanes::Int(vec![planes[0].clone(); channels]),
        PcmPlanes::Float(planes) => PcmPlanes::Float(vec![planes[0].clone(); channels]),
    };
    PcmBlock { planes, ..block.clone() }
}

fn silence<E>(
    mut frames: u64,
    spec: AudioSpec,
    output: &OutputSettings,
    sink: &mut dyn FnMut(&PcmBlock) -> Result<(), E>,
) -> Result<(), RenderError<E>> {
    let mut block = PcmBlock::new(spec, output.bits.format());
    while frames > 0 {
        let now = frames.min(SILENCE_FRAMES) as usize;
        match &mut block.planes {
            PcmPlanes::Int(planes) => planes.iter_mut().for_each(|plane| plane.resize(now, 0)),
            PcmPlanes::Float(planes) => planes.iter_mut().for_each(|plane| plane.resize(now, 0.0)),
        }
        sink(&block).map_err(RenderError::Sink)?;
        frames -= now as u64;
    }
    Ok(())
}
