//! Planar sound in memory.

use serde::{Deserialize, Serialize};

/// Rate and channel count of a piece of sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioSpec {
    /// Frames a second.
    pub sample_rate_hz: u32,
    /// Number of channels, at least one.
    pub channels: usize,
}

/// What a loudspeaker channel counts for in loudness (ITU-R BS.1770-5, table 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelRole {
    /// Left, right, centre, or a lone channel: weight 1.
    Front,
    /// A side or rear channel: weight 1.41.
    Surround,
    /// Low-frequency effects: not measured.
    Lfe,
}

impl AudioSpec {
    /// The role of channel `index` in the usual order of its layout (WAVE: FL FR FC LFE BL BR SL SR).
    pub fn role(self, index: usize) -> ChannelRole {
        use ChannelRole::{Front, Lfe, Surround};
        let layout: &[ChannelRole] = match self.channels {
            4 => &[Front, Front, Surround, Surround],
            5 => &[Front, Front, Front, Surround, Surround],
            6 => &[Front, Front, Front, Lfe, Surround, Surround],
            7 => &[Front, Front, Front, Lfe, Surround, Surround, Surround],
            8 => &[Front, Front, Front, Lfe, Surround, Surround, Surround, Surround],
            _ => &[],
        };
        layout.get(index).copied().unwrap_or(Front)
    }
}

/// Sound in memory: one plane of `f32` samples a channel, all of the same length.
///
/// Full scale is ±1.0; values beyond it are kept. Every sample is finite: decoding refuses others.
#[derive(Clone, Debug, PartialEq)]
pub struct Audio {
    sample_rate_hz: u32,
    planes: Vec<Vec<f32>>,
}

impl Audio {
    /// Silence of `frames` frames.
    pub fn silence(spec: AudioSpec, frames: usize) -> Self {
        Self { sample_rate_hz: spec.sample_rate_hz, planes: vec![vec![0.0; frames]; spec.channels] }
    }

    /// Sound from one plane a channel.
    ///
    /// # Panics
    /// When there is no plane, or their lengths differ.
    pub fn from_planes(sample_rate_hz: u32, planes: Vec<Vec<f32>>) -> Self {
        let frames = planes.first().expect("sound has at least one channel").len();
        assert!(planes.iter().all(|plane| plane.len() == frames), "planes differ in length");
        Self { sample_rate_hz, planes }
    }

    /// Rate and channel count.
    pub fn spec(&self) -> AudioSpec {
        AudioSpec { sample_rate_hz: self.sample_rate_hz, channels: self.planes.len() }
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
