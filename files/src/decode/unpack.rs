//! Interleaved bytes of a file to planar samples.

use crate::Audio;

/// How one sample is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Eight bits, unsigned, silence at 128.
    Unsigned8,
    /// Eight bits, signed.
    Signed8,
    Int16,
    Int24,
    Int32,
    Int64,
    Float32,
    Float64,
    /// Eight bits, ITU-T G.711 A-law.
    ALaw,
    /// Eight bits, ITU-T G.711 mu-law.
    MuLaw,
}

/// Order of the bytes of one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    pub(super) fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    pub(super) fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }
}

impl Layout {
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Unsigned8 | Self::Signed8 | Self::ALaw | Self::MuLaw => 1,
            Self::Int16 => 2,
            Self::Int24 => 3,
            Self::Int32 | Self::Float32 => 4,
            Self::Int64 | Self::Float64 => 8,
        }
    }

    pub(super) fn is_float(self) -> bool {
        matches!(self, Self::Float32 | Self::Float64)
    }

    pub(super) fn is_g711(self) -> bool {
        matches!(self, Self::ALaw | Self::MuLaw)
    }
}

/// Replaces `block` with the samples in `bytes`, a whole number of frames. Integers become their share of full scale,
/// exactly for up to 24 bits.
pub(super) fn unpack(bytes: &[u8], layout: Layout, order: Order, block: &mut Audio) {
    block.resize(bytes.len() / layout.bytes() / block.planes().len());
    let planes = block.planes_mut();
    match order {
        Order::Little => unpack_little(bytes, layout, planes),
        Order::Big => unpack_big(bytes, layout, planes),
    }
}

const SCALE_16: f32 = 1.0 / 32_768.0;
const SCALE_32: f32 = 1.0 / 2_147_483_648.0;
const SCALE_64: f32 = 1.0 / 9_223_372_036_854_775_808.0;

fn unpack_little(bytes: &[u8], layout: Layout, planes: &mut [Vec<f32>]) {
    match layout {
        Layout::Int16 => {
            deinterleave(bytes, planes, |b| f32::from(i16::from_le_bytes(b)) * SCALE_16)
        }
        Layout::Int24 => deinterleave(bytes, planes, |[low, middle, high]: [u8; 3]| {
            i32::from_le_bytes([0, low, middle, high]) as f32 * SCALE_32
        }),
        Layout::Int32 => deinterleave(bytes, planes, |b| i32::from_le_bytes(b) as f32 * SCALE_32),
        Layout::Int64 => deinterleave(bytes, planes, |b| i64::from_le_bytes(b) as f32 * SCALE_64),
        Layout::Float32 => deinterleave(bytes, planes, f32::from_le_bytes),
        Layout::Float64 => deinterleave(bytes, planes, |b| f64::from_le_bytes(b) as f32),
        _ => unpack_bytes(bytes, layout, planes),
    }
}

fn unpack_big(bytes: &[u8], layout: Layout, planes: &mut [Vec<f32>]) {
    match layout {
        Layout::Int16 => {
            deinterleave(bytes, planes, |b| f32::from(i16::from_be_bytes(b)) * SCALE_16)
        }
        Layout::Int24 => deinterleave(bytes, planes, |[high, middle, low]: [u8; 3]| {
            i32::from_be_bytes([high, middle, low, 0]) as f32 * SCALE_32
        }),
        Layout::Int32 => deinterleave(bytes, planes, |b| i32::from_be_bytes(b) as f32 * SCALE_32),
        Layout::Int64 => deinterleave(bytes, planes, |b| i64::from_be_bytes(b) as f32 * SCALE_64),
        Layout::Float32 => deinterleave(bytes, planes, f32::from_be_bytes),
        Layout::Float64 => deinterleave(bytes, planes, |b| f64::from_be_bytes(b) as f32),
        _ => unpack_bytes(bytes, layout, planes),
    }
}

/// Layouts of one byte, which have no order.
fn unpack_bytes(bytes: &[u8], layout: Layout, planes: &mut [Vec<f32>]) {
    let to_sample: fn(u8) -> f32 = match layout {
        Layout::Signed8 => |byte| f32::from(byte as i8) / 128.0,
        Layout::ALaw => |byte| f32::from(a_law(byte)) * SCALE_16,
        Layout::MuLaw => |byte| f32::from(mu_law(byte)) * SCALE_16,
        _ => |byte| (f32::from(byte) - 128.0) / 128.0,
    };
    deinterleave(bytes, planes, |[byte]: [u8; 1]| to_sample(byte));
}

/// ITU-T G.711, table 1a: every second bit is inverted; sign, segment, step.
fn a_law(byte: u8) -> i16 {
    let code = byte ^ 0x55;
    let step = i16::from(code & 0x0F) * 2 + 1;
    let magnitude = match i16::from(code >> 4 & 7) {
        0 => step,
        segment => (step + 32) << (segment - 1),
    };
    if code & 0x80 != 0 { magnitude * 8 } else { -magnitude * 8 }
}

/// ITU-T G.711, table 2a: every bit is inverted; sign, segment, step, less a bias of 33 half steps.
fn mu_law(byte: u8) -> i16 {
    let code = !byte;
    let segment = code >> 4 & 7;
    let magnitude = ((i16::from(code & 0x0F) * 2 + 33) << segment) - 33;
    if code & 0x80 != 0 { -magnitude * 4 } else { magnitude * 4 }
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
                let places = samples.iter().skip(channel).step_by(channels);
                for (to, from) in plane.iter_mut().zip(places) {
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
        let mut block = Audio::silence(AudioSpec::new(48_000, channels), 7);
        unpack(bytes, layout, Order::Little, &mut block);
        assert_eq!(block.planes(), expected, "{layout:?}");
        let width = layout.bytes();
        let reversed: Vec<u8> =
            bytes.chunks(width).flat_map(|sample| sample.iter().rev().copied()).collect();
        unpack(&reversed, layout, Order::Big, &mut block);
        assert_eq!(block.planes(), expected, "{layout:?}, big-endian");
    }

    #[test]
    fn the_ends_and_the_middle_of_every_layout_are_exact_in_both_orders() {
        check(Layout::Unsigned8, 1, &[0, 128, 192], &[&[-1.0, 0.0, 0.5]]);
        check(Layout::Signed8, 1, &[0x80, 0, 0x40], &[&[-1.0, 0.0, 0.5]]);
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

    #[test]
    fn g711_has_the_largest_and_smallest_values_of_its_tables() {
        // Tables 1a and 2a: largest 4032 of 4096 and 8031 of 8192, smallest 1 and 0.
        assert_eq!([a_law(0xAA), a_law(0x2A), a_law(0xD5)], [32_256, -32_256, 8]);
        assert_eq!([mu_law(0x80), mu_law(0x00), mu_law(0xFF)], [32_124, -32_124, 0]);
    }
}
