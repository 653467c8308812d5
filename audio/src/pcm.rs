//! Quantised sound: what an encoder writes, bit for bit.

use crate::{Audio, AudioSpec};

/// How a sample is stored in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleFormat {
    /// 16-bit integer.
    Int16,
    /// 24-bit integer.
    Int24,
    /// 32-bit float.
    Float32,
}

impl SampleFormat {
    /// Bits a sample.
    pub fn bits(self) -> u32 {
        match self {
            Self::Int16 => 16,
            Self::Int24 => 24,
            Self::Float32 => 32,
        }
    }
}

/// The samples of a [`PcmBlock`], one plane a channel.
#[derive(Clone, Debug, PartialEq)]
pub enum PcmPlanes {
    /// Integers within the range of their format; full scale is 2^(bits-1).
    Int(Vec<Vec<i32>>),
    /// Floats, full scale ±1.0.
    Float(Vec<Vec<f32>>),
}

/// A block of quantised sound, made by the engine's quantiser and written unchanged by the encoders.
#[derive(Clone, Debug, PartialEq)]
pub struct PcmBlock {
    /// How the samples are to be stored.
    pub format: SampleFormat,
    /// Frames a second.
    pub sample_rate_hz: u32,
    /// The samples.
    pub planes: PcmPlanes,
}

impl PcmBlock {
    /// An empty block.
    pub fn new(spec: AudioSpec, format: SampleFormat) -> Self {
        let planes = match format {
            SampleFormat::Float32 => PcmPlanes::Float(vec![Vec::new(); spec.channels]),
            _ => PcmPlanes::Int(vec![Vec::new(); spec.channels]),
        };
        Self { format, sample_rate_hz: spec.sample_rate_hz, planes }
    }

    /// Number of frames.
    pub fn frames(&self) -> usize {
        match &self.planes {
            PcmPlanes::Int(planes) => planes[0].len(),
            PcmPlanes::Float(planes) => planes[0].len(),
        }
    }

    /// Number of channels.
    pub fn channels(&self) -> usize {
        match &self.planes {
            PcmPlanes::Int(planes) => planes.len(),
            PcmPlanes::Float(planes) => planes.len(),
        }
    }

    /// Replaces the samples with those that a decoder of a file of this format gave.
    pub fn encode_from(&mut self, audio: &Audio) {
        let full_scale = (1u32 << (self.format.bits() - 1)) as f32;
        self.planes = match self.format {
            SampleFormat::Float32 => PcmPlanes::Float(audio.planes().to_vec()),
            _ => {
                // Both are exact: an integer of 24 bits is a float.
                let integers =
                    |plane: &Vec<f32>| plane.iter().map(|&x| (x * full_scale) as i32).collect();
                PcmPlanes::Int(audio.planes().iter().map(integers).collect())
            }
        };
    }

    /// Replaces `audio` with what a decoder of the written file gives.
    pub fn decode_into(&self, audio: &mut Audio) {
        let scale = 1.0 / (1u32 << (self.format.bits() - 1)) as f32;
        for (index, plane) in audio.planes_mut().iter_mut().enumerate() {
            plane.clear();
            match &self.planes {
                PcmPlanes::Int(planes) => {
                    plane.extend(planes[index].iter().map(|&sample| sample as f32 * scale));
                }
                PcmPlanes::Float(planes) => plane.extend_from_slice(&planes[index]),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_decode_to_their_share_of_full_scale() {
        let spec = AudioSpec::new(48_000, 1);
        let mut block = PcmBlock::new(spec, SampleFormat::Int16);
        block.planes = PcmPlanes::Int(vec![vec![-32_768, 0, 16_384]]);
        let mut audio = Audio::silence(spec, 0);
        block.decode_into(&mut audio);
        assert_eq!(audio.channel(0), [-1.0, 0.0, 0.5]);
    }
}
