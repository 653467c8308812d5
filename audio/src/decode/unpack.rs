//! Interleaved bytes of a file to planar samples.

use crate::Audio;

/// How one sample is stored, little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Eight bits, unsigned, silence at 128.
    Unsigned8,
    Int16,
    Int24,
    Int32,
    Int64,
    Float32,
    Float64,
}

impl Layout {
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Unsigned8 => 1,
            Self::Int16 => 2,
            Self::Int24 => 3,
            Self::Int32 | Self::Float32 => 4,
            Self::Int64 | Self::Float64 => 8,
        }
    }

    pub(super) fn is_float(self) -> bool {
        matches!(self, Self::Float32 | Self::Float64)
    }
}

/// Replaces `block` with the samples in `bytes`, a whole number of frames. Integers become their share of full scale,
/// exactly for up to 24 bits.
pub(super) fn unpack(bytes: &[u8], layout: Layout, block: &mut Audio) {
    const SCALE_32: f32 = 1.0 / 2_147_483_648.0;
    block.resize(bytes.len() / layout.bytes() / block.planes().len());
    let planes = block.planes_mut();
    match layout {
        Layout::Unsigned8 => {
            deinterleave(bytes, planes, |[byte]: [u8; 1]| (f32::from(byte) - 128.0) / 128.0);
        }
        Layout::Int16 => {
            deinterleave(bytes, planes, |b| f32::from(i16::from_le_bytes(b)) / 32_768.0);
        }
        Layout::Int24 => deinterleave(bytes, planes, |[low, middle, high]: [u8; 3]| {
            i32::from_le_bytes([0, low, middle, high]) as f32 * SCALE_32
        }),
        Layout::Int32 => {
            deinterleave(bytes, planes, |b| i32::from_le_bytes(b) as f32 * SCALE_32);
        }
        Layout::Int64 => deinterleave(bytes, planes, |b| {
            i64::from_le_bytes(b) as f32 * (1.0 / 9_223_372_036_854_775_808.0)
        }),
        Layout::Float32 => deinterleave(bytes, planes, f32::from_le_bytes),
        Layout::Float64 => deinterleave(bytes, planes, |b| f64::from_le_bytes(b) as f32),
    }
}

fn deinterleave<const N: usize>(
    bytes: &[u8],
    planes: &mut [Vec<f32>],
    to_sample: impl Fn([u8; N]) -> f32,
) {
    let samples = bytes.as_chunks::<N>().0;
    match planes {
        [only] => {
            for (to, &from) in only.iter_mut().zip(samples) {
                *to = to_sample(from);
            }
        }
        [left, right] => {
            let pairs = samples.as_chunks::<2>().0;
            for ((l, r), pair) in left.iter_mut().zip(right).zip(pairs) {
                *l = to_sample(pair[0]);
                *r = to_sample(pair[1]);
            }
        }
        many => {
            let channels = many.len();
            for (channel, plane) in many.iter_mut().enumerate() {
                for (to, from) in
                    plane.iter_mut().zip(samples.iter().skip(channel).step_by(channels))
                {
                    *to = to_sample(*from);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AudioSpec;

    #[track_caller]
    fn check(layout: Layout, channels: usize, bytes: &[u8], expected: &[&[f32]]) {
        let mut block = Audio::silence(AudioSpec { sample_rate_hz: 48_000, channels }, 7);
        unpack(bytes, layout, &mut block);
        assert_eq!(block.planes(), expected, "{layout:?}");
    }

    #[test]
    fn the_ends_and_the_middle_of_every_layout_are_exact() {
        check(Layout::Unsigned8, 1, &[0, 128, 192], &[&[-1.0, 0.0, 0.5]]);
        check(Layout::Int16, 2, &[0, 0x80, 0, 0x40], &[&[-1.0], &[0.5]]);
        check(Layout::Int24, 2, &[0, 0, 0x80, 0, 0, 0x40], &[&[-1.0], &[0.5]]);
        check(Layout::Int24, 1, &[1, 0, 0], &[&[1.0 / 8_388_608.0]]);
        check(Layout::Int32, 1, &[0, 0, 0, 0xC0], &[&[-0.5]]);
        check(Layout::Int64, 1, &[0, 0, 0, 0, 0, 0, 0, 0x80], &[&[-1.0]]);
        check(Layout::Float32, 1, &4.5f32.to_le_bytes(), &[&[4.5]]);
        check(Layout::Float64, 1, &(-0.25f64).to_le_bytes(), &[&[-0.25]]);
    }

    #[test]
    fn channels_beyond_two_keep_their_order() {
        check(Layout::Int16, 3, &[0, 0, 0, 0x40, 0, 0x80], &[&[0.0], &[0.5], &[-1.0]]);
    }
}
