//! From the drive to the gain behind the limiter.

use acetate_audio::units::db_to_amplitude;
use acetate_audio::{Audio, AudioSpec};

use super::moves::Mover;
use super::run::{End, latency, reset_stage, run_stage, through};
use crate::Stage;
use crate::edges::Fades;
use crate::limiter::masked::{MaskedLimiter, Tuning};
use crate::limiter::{CeilingRepair, Lookahead, working_ceiling};
use crate::moves::{Listener, Score};
use crate::quantiser::Quantiser;
use crate::queue::{append, clear, copy};
use crate::settings::{LimiterKind, LimiterSettings, Settings};
use crate::trace::{LimiterTrace, TraceRecorder};

/// Everything from the drive to what is rounded.
pub(crate) struct SecondHalf {
    spec: AudioSpec,
    drive_db: f64,
    limiter: Limiter,
    trace: Option<TraceRecorder>,
    fades: Option<Fades>,
    repair: Option<CeilingRepair>,
    output_gain_db: f64,
    block: Audio,
    spare: Audio,
}

impl SecondHalf {
    /// Settings must have been checked.
    pub(crate) fn new(settings: &Settings, spec: AudioSpec) -> Self {
        let limits = settings.limiter.kind != LimiterKind::Off;
        let rounding = Quantiser::error_max(&settings.output, spec.sample_rate_hz);
        let ceiling = working_ceiling(settings.limiter.ceiling_dbtp, rounding);
        Self {
            spec,
            drive_db: settings.drive_db,
            limiter: Limiter::new(&settings.limiter, ceiling, spec),
            trace: limits.then(|| TraceRecorder::new(spec)),
            fades: Fades::new(&settings.fades, spec),
            repair: limits.then(|| CeilingRepair::new(ceiling, spec)),
            output_gain_db: settings.limiter.output_gain_db,
            block: Audio::silence(spec, 0),
            spare: Audio::silence(spec, 0),
        }
    }

    /// Takes a block, and gives the frames that are finished.
    pub(crate) fn push_through(&mut self, block: &Audio, end: End) -> &Audio {
        copy(block, &mut self.block);
        self.run(end);
        &self.block
    }

    fn run(&mut self, end: End) {
        let (block, spare) = (&mut self.block, &mut self.spare);
        amplify(block, self.drive_db);
        if let Some(trace) = &mut self.trace {
            trace.before(block);
        }
        if let Some(limiter) = self.limiter.stage_mut() {
            run_stage(limiter, end, block, spare);
        }
        if let Some(trace) = &mut self.trace {
            trace.after(block);
        }
        through(&mut self.fades, end, block, spare);
        through(&mut self.repair, end, block, spare);
        amplify(block, self.output_gain_db);
    }

    /// What the limiter did; afterwards its trace is empty.
    pub(crate) fn take_trace(&mut self) -> LimiterTrace {
        let mut trace = self.trace.as_mut().map(TraceRecorder::take).unwrap_or_default();
        if let Limiter::Masked(limiter) = &mut self.limiter {
            trace.masked = Some(limiter.take_trace());
        }
        trace
    }

    /// Keeps no trace from now on: it would grow.
    pub(super) fn stop_trace(&mut self) {
        self.trace = None;
    }

    /// Calls `with` for each stage that listens.
    pub(super) fn for_each_score(&mut self, with: &mut dyn FnMut(Mover, &mut Score)) {
        match &mut self.limiter {
            Limiter::Off => {}
            Limiter::Lookahead(limiter) => with(Mover::Limiter, limiter.score()),
            Limiter::Masked(limiter) => {
                with(Mover::Limiter, limiter.leveller_score());
                with(Mover::LimiterResidual, limiter.score());
            }
        }
        if let Some(repair) = &mut self.repair {
            with(Mover::CeilingRepair, repair.score());
        }
    }
}

impl Stage for SecondHalf {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        append(self.push_through(block, End::More), out);
    }

    fn finish(&mut self, out: &mut Audio) {
        clear(&mut self.block, self.spec);
        self.run(End::Last);
        append(&self.block, out);
    }

    fn reset(&mut self) {
        if let Some(limiter) = self.limiter.stage_mut() {
            limiter.reset();
        }
        reset_stage(&mut self.fades);
        reset_stage(&mut self.repair);
        self.for_each_score(&mut |_, score| score.reset());
        self.take_trace();
    }

    fn latency_frames(&self) -> usize {
        let limiter = match &self.limiter {
            Limiter::Off => 0,
            Limiter::Lookahead(limiter) => limiter.latency_frames(),
            Limiter::Masked(limiter) => limiter.latency_frames(),
        };
        limiter + latency(&self.fades) + latency(&self.repair)
    }
}

/// Multiplies every sample, as the drive and the gain behind the limiter do, bit for bit.
pub fn amplify(block: &mut Audio, gain_db: f64) {
    if gain_db != 0.0 {
        let gain = db_to_amplitude(gain_db) as f32;
        block.planes_mut().iter_mut().flatten().for_each(|sample| *sample *= gain);
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

    fn stage_mut(&mut self) -> Option<&mut dyn Stage> {
        match self {
            Self::Off => None,
            Self::Lookahead(limiter) => Some(limiter.as_mut()),
            Self::Masked(limiter) => Some(limiter.as_mut()),
        }
    }
}
