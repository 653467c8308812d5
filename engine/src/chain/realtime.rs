//! The chain for sound that is heard while it is made.

use acetate_audio::{Audio, AudioSpec, Threads};

use super::FloatChain;
use crate::queue::Queue;
use crate::settings::{LimiterKind, Settings};
use crate::{SettingsError, Stage};

/// Seconds of loud noise beyond the latency with which every buffer gets its size: stages let out hops of different lengths,
/// and those must have coincided.
const PRIMING_S: f64 = 3.0;
/// Its level: far over every threshold and ceiling.
const PRIMING_LEVEL: f32 = 4.0;

/// The sound of [`FloatChain`], in place and always [`latency_frames`](Self::latency_frames) late, for blocks of any size.
///
/// It works on the caller's thread, and allocates nothing in [`process`](Self::process).
///
/// ```
/// use acetate_audio::{Audio, AudioSpec};
/// use acetate_engine::{RealtimeChain, Settings, settings::LimiterKind};
///
/// let mut settings = Settings::default();
/// settings.limiter.kind = LimiterKind::Fast;
/// let spec = AudioSpec::new(48_000, 2);
/// let mut chain = RealtimeChain::new(&settings, spec, 512)?;
/// let mut block = Audio::silence(spec, 512);
/// chain.process(&mut block);
/// assert_eq!(block.frames(), 512);
/// # Ok::<(), acetate_engine::SettingsError>(())
/// ```
pub struct RealtimeChain {
    chain: FloatChain,
    block_frames_max: usize,
    /// A part of a block that is larger than that.
    part: Audio,
    out: Audio,
    /// What came out and is not late enough yet.
    waiting: Queue,
}

impl RealtimeChain {
    /// A chain for sound of this rate and channel count; larger blocks than `block_frames_max` are worked on in parts.
    ///
    /// Takes as long as [`latency_frames`](Self::latency_frames) and three seconds of sound need.
    ///
    /// A linear-phase equaliser, width by bands and long look-aheads are heard that much later: some settings take a second. What the stages do
    /// is told by a [`FloatChain`] of the same settings alone ([`FloatChain::record_moves`]): this one keeps no trace, which would grow.
    ///
    /// # Errors
    /// When a setting is out of its range, or needs more of the future than can be waited for: the masked limiter (which plans have unless
    /// another is asked for; `transparent` and `fast` can be live), a trim, or another rate of the output.
    ///
    /// # Panics
    /// Without a channel. Blocks must have the rate and the channels of `spec`, and finite samples: a NaN goes round in the filters until
    /// [`reset`](Self::reset).
    pub fn new(
        settings: &Settings,
        spec: AudioSpec,
        block_frames_max: usize,
    ) -> Result<Self, SettingsError> {
        refuse_what_cannot_be_live(settings, spec)?;
        let mut chain = FloatChain::new(settings, spec)?;
        chain.stop_trace();
        let latency = chain.latency_frames();
        let mut new = Self {
            chain,
            block_frames_max: block_frames_max.max(1),
            part: Audio::silence(spec, 0),
            out: Audio::silence(spec, 0),
            waiting: Queue::new(spec.channels, latency),
        };
        new.prime(spec);
        new.reset();
        Ok(new)
    }

    /// How late the output is.
    pub fn latency_frames(&self) -> usize {
        self.chain.latency_frames()
    }

    /// Replaces the block by the sound that is due. Allocates nothing.
    ///
    /// A sample that is no finite number counts as silence: filters would never forget it.
    pub fn process(&mut self, block: &mut Audio) {
        Threads::None.run(|| {
            let mut start = 0;
            while start < block.frames() {
                let end = block.frames().min(start + self.block_frames_max);
                self.process_part(block, start, end);
                start = end;
            }
        });
    }

    /// Forgets the past: the next block is treated as the first.
    pub fn reset(&mut self) {
        self.chain.reset();
        self.waiting.restart(self.chain.latency_frames());
    }

    fn process_part(&mut self, block: &mut Audio, start: usize, end: usize) {
        for (part, plane) in self.part.planes_mut().iter_mut().zip(block.planes()) {
            part.clear();
            part.extend(plane[start..end].iter().map(|x| if x.is_finite() { *x } else { 0.0 }));
        }
        self.out.resize(0);
        self.chain.push(&self.part, &mut self.out);
        self.waiting.push(&self.out);
        for (plane, due) in block.planes_mut().iter_mut().zip(self.waiting.planes()) {
            plane[start..end].copy_from_slice(&due[..end - start]);
        }
        self.waiting.skip(end - start);
    }

    /// Lets noise through, so that every buffer grows to its size.
    fn prime(&mut self, spec: AudioSpec) {
        let frames = self.latency_frames() + (PRIMING_S * f64::from(spec.sample_rate_hz)) as usize;
        let mut state = 1u32;
        let mut block = Audio::silence(spec, self.block_frames_max);
        for _ in 0..frames.div_ceil(self.block_frames_max) {
            for sample in block.planes_mut().iter_mut().flatten() {
                // Numerical Recipes' linear congruence.
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *sample = PRIMING_LEVEL * ((state >> 8) as f32 / 8_388_608.0 - 1.0);
            }
            self.process(&mut block);
        }
    }
}

fn refuse_what_cannot_be_live(settings: &Settings, spec: AudioSpec) -> Result<(), SettingsError> {
    let input = &settings.input;
    let path = if settings.limiter.kind == LimiterKind::Masked {
        "settings.limiter.kind"
    } else if !settings.restore.is_neutral() {
        "settings.restore"
    } else if input.trim_start_s > 0.0 {
        "settings.input.trim_start_s"
    } else if input.trim_end_s > 0.0 {
        "settings.input.trim_end_s"
    } else if settings.output.sample_rate_hz.is_some_and(|rate| rate != spec.sample_rate_hz) {
        "settings.output.sample_rate_hz"
    } else {
        return Ok(());
    };
    Err(SettingsError::NotLive { path })
}
