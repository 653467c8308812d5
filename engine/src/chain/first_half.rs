//! From the input up to and including the change of rate.

use acetate_audio::{Audio, AudioSpec};

use super::moves::Mover;
use super::run::{End, in_place, latency, reset_processor, reset_stage, through};
use crate::compressor::{Compressor, CompressorTrace};
use crate::edges::{DcRemoval, Trim};
use crate::equalizer::Equalizer;
use crate::linear_equalizer::linear_equalizer;
use crate::linear_filter::LinearFilter;
use crate::moves::{Listener, Score};
use crate::queue::{append, clear, copy};
use crate::settings::{Phase, Settings};
use crate::stages::{
    BassHarmonics, DeEsser, DynamicEqualizer, Resampler, ResonanceTamer, Restoration, Reverb,
    Saturator,
};
use crate::stereo::{Balance, CorrelationGuard, Decorrelator, width};
use crate::{Stage, resampled_frames};

/// Everything before the drive.
pub(crate) struct FirstHalf {
    input: AudioSpec,
    output: AudioSpec,
    restoration: Option<Restoration>,
    trim: Option<Trim>,
    dc_removal: Option<DcRemoval>,
    equalizer: Option<Equalizer>,
    linear_equalizer: [Option<LinearFilter>; 2],
    dynamic_equalizer: Option<DynamicEqualizer>,
    de_esser: Option<DeEsser>,
    resonance: Option<ResonanceTamer>,
    compressor: Option<Compressor>,
    bass_harmonics: Option<BassHarmonics>,
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
            restoration: Restoration::new(&settings.restore, spec),
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
            compressor: Compressor::new(&settings.compressor, spec)
                .map(|compressor| compressor.begun_at(settings.input.trim_start_s)),
            bass_harmonics: BassHarmonics::new(&settings.bass_harmonics, spec),
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
        through(&mut self.restoration, end, block, spare);
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
        through(&mut self.bass_harmonics, end, block, spare);
        through(&mut self.saturator, end, block, spare);
        through(&mut self.width, end, block, spare);
        through(&mut self.guard, end, block, spare);
        in_place(&mut self.decorrelator, end, block);
        in_place(&mut self.balance, end, block);
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

    /// Keeps no trace from now on: it would grow.
    pub(super) fn stop_trace(&mut self) {
        self.compressor.iter_mut().for_each(Compressor::stop_trace);
    }

    /// Calls `with` for each stage that listens.
    pub(super) fn for_each_score(&mut self, with: &mut dyn FnMut(Mover, &mut Score)) {
        let mut with = |mover, stage: Option<&mut dyn Listener>| {
            if let Some(stage) = stage {
                with(mover, stage.score());
            }
        };
        with(Mover::DynamicEqualizer, self.dynamic_equalizer.as_mut().map(listener));
        with(Mover::DeEsser, self.de_esser.as_mut().map(listener));
        with(Mover::Resonance, self.resonance.as_mut().map(listener));
        with(Mover::Compressor, self.compressor.as_mut().map(listener));
        with(Mover::BassHarmonics, self.bass_harmonics.as_mut().map(listener));
        with(Mover::Saturator, self.saturator.as_mut().map(listener));
        with(Mover::CorrelationGuard, self.guard.as_mut().map(listener));
    }
}

fn listener<L: Listener>(stage: &mut L) -> &mut dyn Listener {
    stage
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

    fn reset(&mut self) {
        reset_stage(&mut self.restoration);
        reset_stage(&mut self.trim);
        reset_processor(&mut self.dc_removal);
        reset_processor(&mut self.equalizer);
        self.linear_equalizer.iter_mut().for_each(reset_stage);
        reset_stage(&mut self.dynamic_equalizer);
        reset_stage(&mut self.de_esser);
        reset_stage(&mut self.resonance);
        reset_stage(&mut self.compressor);
        reset_stage(&mut self.bass_harmonics);
        reset_stage(&mut self.saturator);
        reset_stage(&mut self.width);
        reset_stage(&mut self.guard);
        reset_processor(&mut self.decorrelator);
        reset_processor(&mut self.reverb);
        reset_stage(&mut self.resampler);
        self.for_each_score(&mut |_, score| score.reset());
        self.take_trace();
    }

    fn latency_frames(&self) -> usize {
        let before = latency(&self.restoration)
            + latency(&self.trim)
            + self.linear_equalizer.iter().map(latency).sum::<usize>()
            + latency(&self.dynamic_equalizer)
            + latency(&self.de_esser)
            + latency(&self.resonance)
            + latency(&self.compressor)
            + latency(&self.bass_harmonics)
            + latency(&self.saturator)
            + latency(&self.width)
            + latency(&self.guard);
        let (from_hz, to_hz) = (self.input.sample_rate_hz, self.output.sample_rate_hz);
        match &self.resampler {
            None => before,
            // What is withheld before it may be half a frame more once it is converted.
            Some(resampler) => {
                let before = resampled_frames(before as u64, from_hz, to_hz) as usize + 1;
                before + resampler.latency_frames()
            }
        }
    }
}
