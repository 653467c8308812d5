//! Planar sound in memory.

use serde::{Deserialize, Serialize};

use crate::{ChannelLayout, ChannelRole, Mono};

/// Highest number of channels that is processed.
pub const CHANNELS_MAX: usize = 8;
/// Lowest sample rate that is processed.
pub const SAMPLE_RATE_HZ_MIN: u32 = 8_000;
/// Highest sample rate that is processed.
pub const SAMPLE_RATE_HZ_MAX: u32 = 384_000;

/// Highest magnitude of a sample, 2^20 or +120 dBFS: no sound has it, squares and sums of it still fit `f32`.
pub const MAGNITUDE_MAX: f32 = (1u32 << 20) as f32;

/// The channel and frame of the first sample that is not finite or above [`MAGNITUDE_MAX`]; `None` where all are sound.
pub fn first_unsound(planes: &[Vec<f32>]) -> Option<(usize, usize)> {
    if planes.iter().all(|plane| all_sound(plane)) {
        return None;
    }
    let unsound = |plane: &Vec<f32>| plane.iter().position(|&sample| !is_sound(sample));
    let planes = planes.iter().enumerate();
    let first = planes.filter_map(|(channel, plane)| Some((unsound(plane)?, channel))).min();
    first.map(|(frame, channel)| (channel, frame))
}

/// Also false for NaN.
fn is_sound(sample: f32) -> bool {
    sample.abs() <= MAGNITUDE_MAX
}

/// Without an early exit inside a chunk, so that it vectorises.
fn all_sound(plane: &[f32]) -> bool {
    plane.chunks(1024).all(|chunk| chunk.iter().fold(true, |sound, &s| sound & is_sound(s)))
}

/// Rate, channel count and layout of a piece of sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioSpec {
    /// Frames a second.
    pub sample_rate_hz: u32,
    /// Number of channels, at least one.
    pub channels: usize,
    /// Where the channels are heard.
    pub layout: ChannelLayout,
}

impl AudioSpec {
    /// Channels in the layout that is usual for their number.
    pub const fn new(sample_rate_hz: u32, channels: usize) -> Self {
        Self { sample_rate_hz, channels, layout: ChannelLayout::usual(channels) }
    }

    /// What channel `index` counts for.
    pub fn role(self, index: usize) -> ChannelRole {
        self.layout.role(index)
    }

    /// The channel that faces channel `index` from the other side, if any.
    pub fn partner(self, index: usize) -> Option<usize> {
        self.layout.partner(index)
    }

    /// Whether there are two channels, and they are left and right.
    pub fn is_stereo(self) -> bool {
        self.channels == 2 && self.layout.begins_with_pair()
    }

    /// Whether a lone channel is heard from two loudspeakers.
    pub fn is_dual_mono(self) -> bool {
        self.channels == 1 && self.layout.mono() == Mono::Dual
    }
}

/// Sound in memory: one plane of `f32` samples a channel, all of the same length.
///
/// Full scale is ±1.0; values beyond it are kept. Every sample is finite: decoding refuses others.
#[derive(Clone, Debug, PartialEq)]
pub struct Audio {
    sample_rate_hz: u32,
    layout: ChannelLayout,
    planes: Vec<Vec<f32>>,
}

impl Audio {
    /// Silence of `frames` frames.
    pub fn silence(spec: AudioSpec, frames: usize) -> Self {
        let AudioSpec { sample_rate_hz, channels, layout } = spec;
        Self { sample_rate_hz, layout, planes: vec![vec![0.0; frames]; channels] }
    }

    /// Sound from one plane a channel, in the layout that is usual for their number.
    ///
    /// # Panics
    /// When there is no plane, or their lengths differ.
    pub fn from_planes(sample_rate_hz: u32, planes: Vec<Vec<f32>>) -> Self {
        let frames = planes.first().expect("sound has at least one channel").len();
        assert!(planes.iter().all(|plane| plane.len() == frames), "planes differ in length");
        let layout = ChannelLayout::usual(planes.len());
        Self { sample_rate_hz, layout, planes }
    }

    /// The same sound with its channels heard elsewhere.
    pub fn with_layout(self, layout: ChannelLayout) -> Self {
        Self { layout, ..self }
    }

    /// Rate, channel count and layout.
    pub fn spec(&self) -> AudioSpec {
        let (sample_rate_hz, channels) = (self.sample_rate_hz, self.planes.len());
        AudioSpec { sample_rate_hz, channels, layout: self.layout }
    }

    /// Number of frames (samples in each channel).
    pub fn frames(&self) -> usize {
        self.planes[0].len()
    }

    /// Length in seconds.
    pub fn duration_s(&self) -> f64 {
        self.frames() as f64 / f64::from(self.sample_rate_hz)
    }

    /// All channels.
    pub fn planes(&self) -> &[Vec<f32>] {
        &self.planes
    }

    /// All channels, to change in place. Whoever changes a length changes all of them.
    pub fn planes_mut(&mut self) -> &mut [Vec<f32>] {
        &mut self.planes
    }

    /// One channel.
    pub fn channel(&self, index: usize) -> &[f32] {
        &self.planes[index]
    }

    /// Cuts or lengthens (with silence) to `frames`.
    pub fn resize(&mut self, frames: usize) {
        for plane in &mut self.planes {
            plane.resize(frames, 0.0);
        }
    }
}
