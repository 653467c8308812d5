//! The chain in its fixed order, in two halves: what comes before the drive, and what the drive starts.
//!
//! A search for loudness re-runs the second half alone.

use std::mem::swap;

use acetate_audio::units::db_to_amplitude;
use acetate_audio::{Audio, AudioSpec, PcmBlock, PcmPlanes};

use crate::compressor::{Compressor, CompressorTrace};
use crate::edges::{DcRemoval, Fades, Trim};
use crate::equalizer::Equalizer;
use crate::limiter::masked::{MaskedLimiter, Tuning};
use crate::limiter::{CeilingRepair, Lookahead, working_ceiling};
use crate::linear_equalizer::linear_equalizer;
use crate::linear_filter::LinearFilter;
use crate::quantiser::Quantiser;
use crate::queue::clear;
use crate::settings::{LimiterKind, LimiterSettings, Phase, Settings};
use crate::stereo::{Balance, CorrelationGuard, Decorrelator, width};
use crate::trace::{LimiterTrace, TraceRecorder};
use crate::{
    DeEsser, DynamicEqualizer, Processor, Resampler, ResonanceTamer, Reverb, Saturator,
    SettingsError, Stage,
};

/// Everything that `settings` ask for, ready for sound of one rate and channel count.
pub struct Chain {
    first: FirstHalf,
    second: SecondHalf,
    between: Audio,
}

impl Chain {
    /// A chain for sound of this rate and channel count.
    ///
    /// # Errors
    /// When a setting is out of its range.
    pub fn new(settings: &Settings, spec: AudioSpec) -> Result<Self, SettingsError> {
        crate::check_for(settings, spec.sample_rate_hz)?;
        let first = FirstHalf::new(settings, spec);
        let second = SecondHalf::new(settings, first.output_spec());
        let between = Audio::silence(first.output_spec(), 0);
        Ok(Self { first, second, between })
    }

    /// An empty block of the format that comes out.
    pub fn block(&self) -> PcmBlock {
        self.second.block()
    }

    /// Takes the frames of `block` and replaces `out` with the frames that are finished.
    pub fn push(&mut self, block: &Audio, out: &mut PcmBlock) {
        self.between.planes_mut().iter_mut().for_each(Vec::clear);
        self.first.push(block, &mut self.between);
        self.second.push(&self.between, out);
    }

    /// Replaces `out` with the frames that were still withheld; afterwards the chain is as new.
    ///
    /// Returns what the limiter did, and the compressor.
    pub fn finish(&mut self, out: &mut PcmBlock) -> LimiterTrace {
        self.between.planes_mut().iter_mut().for_each(Vec::clear);
        self.first.finish(&mut self.between);
        let compressor = self.first.take_trace();
        LimiterTrace { compressor, ..self.second.finish(&self.between, out) }
    }
}

/// From the input up to and including the change of rate.
pub(crate) struct FirstHalf {
    input: AudioSpec,
    output: AudioSpec,
    trim: Option<Trim>,
    dc_removal: Option<DcRemoval>,
    equalizer: Option<Equalizer>,
    linear_equalizer: [Option<LinearFilter>; 2],
    dynamic_equalizer: Option<DynamicEqualizer>,
    de_esser: Option<DeEsser>,
    resonance: Option<ResonanceTamer>,
    compressor: Option<Compressor>,
    saturator: Option<Saturator>,
    width: Option<LinearFilter>,
    guard: Option<CorrelationGuard>,
    decorrelator: Option<Decorrelator>,
    balance: Option<Balance>,
    reverb: Option<Reverb>,
    resampler: Option<Resampler>,
    block: Audio,
    spare: Audio,
}

impl FirstHalf {
    /// Settings must have been checked.
    pub(crate) fn new(settings: &Settings, spec: AudioSpec) -> Self {
        Self::of_frames(settings, spec, None)
    }

    /// As [`FirstHalf::new`], for so many frames: where the end is known, cutting it needs no memory.
    pub(crate) fn of_frames(settings: &Settings, spec: AudioSpec, frames: Option<u64>) -> Self {
        let rate = settings.output.sample_rate_hz.unwrap_or(spec.sample_rate_hz);
        let resampler = Resampler::new(spec, rate);
        let dynamics = &settings.dynamic_equalizer;
        let linear = settings.equalizer.phase == Phase::Linear;
        Self {
            input: spec,
            output: AudioSpec { sample_rate_hz: rate, ..spec },
            trim: Trim::new(&settings.input, spec, frames),
            dc_removal: DcRemoval::new(&settings.input, spec),
            equalizer: if linear { None } else { Equalizer::new(&settings.equalizer, spec) },
            linear_equalizer: if linear {
                linear_equalizer(&settings.equalizer, spec)
            } else {
                [None, None]
            },
            dynamic_equalizer: DynamicEqualizer::new(&dynamics.bands, spec),
            de_esser: DeEsser::new(&dynamics.de_esser, spec),
            resonance: ResonanceTamer::new(&dynamics.resonance, spec),
            compressor: Compressor::new(&settings.compressor, spec),
            saturator: Saturator::new(&settings.saturator, spec),
            width: width(&settings.stereo, spec),
            guard: CorrelationGuard::new(&settings.stereo, spec),
            decorrelator: Decorrelator::new(&settings.stereo, spec),
            balance: Balance::new(&settings.stereo, spec),
            reverb: Reverb::new(&settings.reverb, spec),
            resampler,
            block: Audio::silence(spec, 0),
            spare: Audio::silence(spec, 0),
        }
    }

    pub(crate) fn output_spec(&self) -> AudioSpec {
        self.output
    }

    fn run(&mut self, end: End, out: &mut Audio) {
        let (block, spare) = (&mut self.block, &mut self.spare);
        through(&mut self.trim, end, block, spare);
        in_place(&mut self.dc_removal, end, block);
        in_place(&mut self.equalizer, end, block);
        for filter in &mut self.linear_equalizer {
            through(filter, end, block, spare);
        }
        through(&mut self.dynamic_equalizer, end, block, spare);
        through(&mut self.de_esser, end, block, spare);
        through(&mut self.resonance, end, block, spare);
        through(&mut self.compressor, end, block, spare);
        through(&mut self.saturator, end, block, spare);
        through(&mut self.width, end, block, spare);
        through(&mut self.guard, end, block, spare);
        in_place(&mut self.decorrelator, end, block);
        if let Some(balance) = &self.balance {
            balance.process(block);
        }
        in_place(&mut self.reverb, end, block);
        let Some(resampler) = &mut self.resampler else { return append(block, out) };
        resampler.push(block, out);
        if end == End::Last {
            resampler.finish(out);
        }
    }

    /// What the compressor did; afterwards its trace is empty.
    pub(crate) fn take_trace(&mut self) -> CompressorTrace {
        self.compressor.as_mut().map(Compressor::take_trace).unwrap_or_default()
    }
}

impl Stage for FirstHalf {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        copy(block, &mut self.block);
        self.run(End::More, out);
    }

    fn finish(&mut self, out: &mut Audio) {
        clear(&mut self.block, self.input);
        self.run(End::Last, out);
    }
}

/// From the drive to the quantiser.
pub(crate) struct SecondHalf {
    drive: f32,
    limiter: Limiter,
    trace: Option<TraceRecorder>,
    fades: Option<Fades>,
    repair: Option<CeilingRepair>,
    quantiser: Quantiser,
    block: Audio,
    spare: Audio,
    last: PcmBlock,
}

impl SecondHalf {
    /// Settings must have been checked.
    pub(crate) fn new(settings: &Settings, spec: AudioSpec) -> Self {
        let limits = settings.limiter.kind != LimiterKind::Off;
        let quantiser = Quantiser::new(&settings.output, spec);
        let rounding = Quantiser::error_max(&settings.output, spec.sample_rate_hz);
        let ceiling = working_ceiling(settings.limiter.ceiling_dbtp, rounding);
        Self {
            drive: db_to_amplitude(settings.drive_db) as f32,
            limiter: Limiter::new(&settings.limiter, ceiling, spec),
            trace: limits.then(|| TraceRecorder::new(spec)),
            fades: Fades::new(&settings.fades, spec),
            repair: limits.then(|| CeilingRepair::new(ceiling, spec)),
            last: quantiser.block(),
            quantiser,
            block: Audio::silence(spec, 0),
            spare: Audio::silence(spec, 0),
        }
    }

    pub(crate) fn block(&self) -> PcmBlock {
        self.quantiser.block()
    }

    pub(crate) fn push(&mut self, block: &Audio, out: &mut PcmBlock) {
        copy(block, &mut self.block);
        self.run(End::More);
        self.quantiser.push(&self.block, out);
    }

    pub(crate) fn finish(&mut self, block: &Audio, out: &mut PcmBlock) -> LimiterTrace {
        copy(block, &mut self.block);
        self.run(End::Last);
        self.quantiser.push(&self.block, out);
        self.quantiser.finish(&mut self.last);
        append_pcm(&self.last, out);
        let mut trace = self.trace.as_mut().map(TraceRecorder::take).unwrap_or_default();
        if let Limiter::Masked(limiter) = &mut self.limiter {
            trace.masked = Some(limiter.take_trace());
        }
        trace
    }

    fn run(&mut self, end: End) {
        let (block, spare) = (&mut self.block, &mut self.spare);
        if self.drive != 1.0 {
            let planes = block.planes_mut().iter_mut().flatten();
            planes.for_each(|sample| *sample *= self.drive);
        }
        if let Some(trace) = &mut self.trace {
            trace.before(block);
        }
        match &mut self.limiter {
            Limiter::Off => {}
            Limiter::Lookahead(limiter) => run_stage(limiter.as_mut(), end, block, spare),
            Limiter::Masked(limiter) => run_stage(limiter.as_mut(), end, block, spare),
        }
        if let Some(trace) = &mut self.trace {
            trace.after(block);
        }
        through(&mut self.fades, end, block, spare);
        through(&mut self.repair, end, block, spare);
    }
}

/// The limiter that was asked for.
enum Limiter {
    Off,
    Lookahead(Box<Lookahead>),
    Masked(Box<MaskedLimiter>),
}

impl Limiter {
    fn new(settings: &LimiterSettings, ceiling: f32, spec: AudioSpec) -> Self {
        match settings.kind {
            LimiterKind::Off => Self::Off,
            LimiterKind::Transparent | LimiterKind::Fast => {
                Self::Lookahead(Box::new(Lookahead::new(settings, ceiling, spec)))
            }
            LimiterKind::Masked => {
                let limiter = MaskedLimiter::new(spec, ceiling, Tuning::default());
                Self::Masked(Box::new(limiter))
            }
        }
    }
}

/// Whether more sound follows a block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    More,
    Last,
}

/// Runs `block` through a stage, when there is one.
fn through<S: Stage>(stage: &mut Option<S>, end: End, block: &mut Audio, spare: &mut Audio) {
    if let Some(stage) = stage {
        run_stage(stage, end, block, spare);
    }
}

/// Runs `block` through a stage; `spare` lends its memory.
fn run_stage(stage: &mut dyn Stage, end: End, block: &mut Audio, spare: &mut Audio) {
    clear(spare, block.spec());
    stage.push(block, spare);
    if end == End::Last {
        stage.finish(spare);
    }
    swap(block, spare);
}

fn in_place<P: Processor>(processor: &mut Option<P>, end: End, block: &mut Audio) {
    let Some(processor) = processor else { return };
    if block.frames() > 0 {
        processor.process(block);
    }
    if end == End::Last {
        processor.reset();
    }
}

fn copy(block: &Audio, to: &mut Audio) {
    clear(to, block.spec());
    append(block, to);
}

pub(crate) fn append(block: &Audio, out: &mut Audio) {
    for (out, plane) in out.planes_mut().iter_mut().zip(block.planes()) {
        out.extend_from_slice(plane);
    }
}

fn append_pcm(block: &PcmBlock, out: &mut PcmBlock) {
    match (&block.planes, &mut out.planes) {
        (PcmPlanes::Int(planes), PcmPlanes::Int(outs)) => {
            outs.iter_mut().zip(planes).for_each(|(out, plane)| out.extend_from_slice(plane));
        }
        (PcmPlanes::Float(planes), PcmPlanes::Float(outs)) => {
            outs.iter_mut().zip(planes).for_each(|(out, plane)| out.extend_from_slice(plane));
        }
        _ => unreachable!("blocks of one quantiser have one format"),
    }
}
