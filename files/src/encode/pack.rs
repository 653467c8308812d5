//! Planar samples to the interleaved bytes of a file.

use crate::{PcmBlock, PcmPlanes};

/// Order of the bytes of one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

/// Replaces `bytes` with the samples of `block`, interleaved.
pub(super) fn pack(block: &PcmBlock, order: ByteOrder, bytes: &mut Vec<u8>) {
    let width = block.format.bits() as usize / 8;
    bytes.clear();
    bytes.resize(block.frames() * block.channels() * width, 0);
    match (&block.planes, width, order) {
        (PcmPlanes::Int(planes), 2, ByteOrder::Little) => {
            interleave(planes, bytes, |s| (s as i16).to_le_bytes());
        }
        (PcmPlanes::Int(planes), 2, ByteOrder::Big) => {
            interleave(planes, bytes, |s| (s as i16).to_be_bytes());
        }
        (PcmPlanes::Int(planes), _, ByteOrder::Little) => interleave(planes, bytes, |s| {
            let [low, middle, high, _] = s.to_le_bytes();
            [low, middle, high]
        }),
        (PcmPlanes::Int(planes), _, ByteOrder::Big) => interleave(planes, bytes, |s| {
            let [_, high, middle, low] = s.to_be_bytes();
            [high, middle, low]
        }),
        (PcmPlanes::Float(planes), _, ByteOrder::Little) => {
            interleave(planes, bytes, f32::to_le_bytes);
        }
        (PcmPlanes::Float(planes), _, ByteOrder::Big) => {
            interleave(planes, bytes, f32::to_be_bytes);
        }
    }
}

fn interleave<T: Copy, const N: usize>(
    planes: &[Vec<T>],
    bytes: &mut [u8],
    to_bytes: impl Fn(T) -> [u8; N],
) {
    match planes {
        [only] => {
            for (to, &sample) in bytes.as_chunks_mut::<N>().0.iter_mut().zip(only) {
                *to = to_bytes(sample);
            }
        }
        // Both at once: a third faster than one strided pass a channel.
        [left, right] => {
            let pairs = bytes.as_chunks_mut::<N>().0.as_chunks_mut::<2>().0;
            for ((to, &l), &r) in pairs.iter_mut().zip(left).zip(right) {
                *to = [to_bytes(l), to_bytes(r)];
            }
        }
        many => {
            for (channel, plane) in many.iter().enumerate() {
                let places = bytes.as_chunks_mut::<N>().0.iter_mut().skip(channel);
                for (to, &sample) in places.step_by(many.len()).zip(plane) {
                    *to = to_bytes(sample);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AudioSpec, SampleFormat};

    fn check_int(format: SampleFormat, planes: Vec<Vec<i32>>, order: ByteOrder, expected: &[u8]) {
        let spec = AudioSpec::new(48_000, planes.len());
        let mut block = PcmBlock::new(spec, format);
        block.planes = PcmPlanes::Int(planes);
        let mut bytes = vec![9; 3];
        pack(&block, order, &mut bytes);
        assert_eq!(bytes, expected);
    }

    #[test]
    fn samples_alternate_between_channels_in_the_order_of_bytes_asked_for() {
        let stereo = || vec![vec![0x0102, -1], vec![0x0304, -2]];
        let little = [2, 1, 4, 3, 0xff, 0xff, 0xfe, 0xff];
        let big = [1, 2, 3, 4, 0xff, 0xff, 0xff, 0xfe];
        check_int(SampleFormat::Int16, stereo(), ByteOrder::Little, &little);
        check_int(SampleFormat::Int16, stereo(), ByteOrder::Big, &big);
        let mono = || vec![vec![0x01_02_03, -8_388_608]];
        check_int(SampleFormat::Int24, mono(), ByteOrder::Little, &[3, 2, 1, 0, 0, 0x80]);
        check_int(SampleFormat::Int24, mono(), ByteOrder::Big, &[1, 2, 3, 0x80, 0, 0]);
        let three = vec![vec![1], vec![2], vec![3]];
        check_int(SampleFormat::Int24, three, ByteOrder::Big, &[0, 0, 1, 0, 0, 2, 0, 0, 3]);
    }
}
