//! The fingerprint of decoded sound: the same for the same samples, whatever container they came in.

use md5::{Digest, Md5};

use crate::{Audio, SourceFormat};

/// Integers of at most this size survive the way through `f32`.
const EXACT_BITS: u32 = 24;

/// MD5 of samples, computed while they pass by.
///
/// Lossless integers of up to 24 bits give the MD5 that FLAC files carry (RFC 9639, 8.2): interleaved, little-endian,
/// signed, in as few bytes as the bits need. Everything else (floats, longer integers, lossy codecs) is hashed as
/// interleaved little-endian `f32`.
#[derive(Clone, Debug)]
pub struct PcmMd5 {
    md5: Md5,
    /// Bits of the integers; `None` for floats.
    bits: Option<u32>,
    bytes: Vec<u8>,
}

impl PcmMd5 {
    /// A fingerprint of sound of this format.
    pub fn new(format: &SourceFormat) -> Self {
        let is_integer = format.lossless && !format.is_float;
        let bits = format.bits.filter(|&bits| is_integer && bits <= EXACT_BITS);
        Self { md5: Md5::new(), bits, bytes: Vec::new() }
    }

    /// Adds the next block.
    pub fn update(&mut self, block: &Audio) {
        let planes = block.planes();
        match self.bits {
            None => interleave(planes, &mut self.bytes, f32::to_le_bytes),
            Some(bits) => {
                let scale = (1u32 << (bits - 1)) as f32;
                let integer = move |sample: f32| ((sample * scale) as i32).to_le_bytes();
                match bits.div_ceil(8) {
                    1 => interleave(planes, &mut self.bytes, |s| [integer(s)[0]]),
                    2 => interleave(planes, &mut self.bytes, |s| [integer(s)[0], integer(s)[1]]),
                    _ => interleave(planes, &mut self.bytes, |s| {
                        let [low, middle, high, _] = integer(s);
                        [low, middle, high]
                    }),
                }
            }
        }
        self.md5.update(&self.bytes);
    }

    /// The fingerprint: 32 hexadecimal digits, in lower case.
    pub fn finish(self) -> String {
        self.md5.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn interleave<const N: usize>(
    planes: &[Vec<f32>],
    bytes: &mut Vec<u8>,
    to_bytes: impl Fn(f32) -> [u8; N],
) {
    bytes.resize(planes.len() * planes[0].len() * N, 0);
    for (channel, plane) in planes.iter().enumerate() {
        let places = bytes.as_chunks_mut::<N>().0.iter_mut().skip(channel).step_by(planes.len());
        for (place, &sample) in places.zip(plane) {
            *place = to_bytes(sample);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AudioSpec, Codec};

    fn fingerprint(bits: Option<u32>, is_float: bool, planes: Vec<Vec<f32>>) -> String {
        let spec = AudioSpec::new(48_000, planes.len());
        let mut format = SourceFormat::of_memory(spec, planes[0].len() as u64);
        (format.bits, format.is_float, format.codec) = (bits, is_float, Codec::Flac);
        let mut md5 = PcmMd5::new(&format);
        md5.update(&Audio::from_planes(48_000, planes));
        md5.finish()
    }

    fn of_bytes(bytes: &[u8]) -> String {
        Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn integers_are_hashed_as_flac_hashes_them() {
        let planes = || vec![vec![-1.0, 0.5], vec![0.25, -0.25]];
        let sixteen = [0, 0x80, 0, 0x20, 0, 0x40, 0, 0xE0];
        assert_eq!(fingerprint(Some(16), false, planes()), of_bytes(&sixteen));
        let twenty = [0, 0, 0xF8, 0, 0, 2, 0, 0, 4, 0, 0, 0xFE];
        assert_eq!(fingerprint(Some(20), false, planes()), of_bytes(&twenty));
        assert_eq!(fingerprint(Some(8), false, planes()), of_bytes(&[0x80, 0x20, 0x40, 0xE0]));
    }

    #[test]
    fn floats_and_long_integers_are_hashed_as_floats() {
        let bytes: Vec<u8> = [0.1f32, -2.5].iter().flat_map(|s| s.to_le_bytes()).collect();
        for (bits, is_float) in [(Some(32), true), (Some(32), false), (None, false)] {
            assert_eq!(fingerprint(bits, is_float, vec![vec![0.1, -2.5]]), of_bytes(&bytes));
        }
    }
}
