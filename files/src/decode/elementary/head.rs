//! Headers of the frames that MP3 and AAC files consist of.
//!
//! Sources: ISO/IEC 11172-3, 2.4.1.3 and 13818-3 (MPEG audio); ISO/IEC 14496-3, 1.A.3.2 (ADTS).

/// Bytes that tell a frame of either kind.
pub(super) const HEAD_BYTES: usize = 7;

/// Bit rates of layer III in kbit/s by index; index 0 is "free", 15 is forbidden.
const MPEG1_KBPS: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG2_KBPS: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
/// Rates of MPEG 1; halved for MPEG 2, quartered for MPEG 2.5.
const MPEG_RATES_HZ: [u32; 3] = [44_100, 48_000, 32_000];
/// Rates of AAC by index (ISO/IEC 14496-3, table 1.18).
const AAC_RATES_HZ: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350,
];
/// Frames in a block of AAC.
const AAC_BLOCK_FRAMES: u32 = 1024;
/// Bytes of an ADTS header without a checksum, and of the checksum.
const ADTS_BYTES: usize = 7;
const ADTS_CHECKSUM_BYTES: usize = 2;

/// The kinds of stream that consist of frames alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// MPEG layer III.
    Mp3,
    /// AAC in ADTS.
    Adts,
}

/// What the header of one frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) kind: Kind,
    pub(super) rate_hz: u32,
    /// 0 where AAC tells elsewhere.
    pub(super) channels: usize,
    /// Frames of sound in it.
    pub(super) frames: u32,
    /// Its length with the header.
    pub(super) bytes: usize,
    /// Where the decoder's part of it begins.
    pub(super) payload_from: usize,
    /// Where layer III has its side information, and how long that is.
    pub(super) side_info: (usize, usize),
    /// Blocks of AAC in it, 1 in nearly every file.
    pub(super) blocks: u32,
}

impl Head {
    /// The header at the beginning of `bytes`, if there is one.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xFF, second, ..] if second & 0xF6 == 0xF0 => Self::adts(bytes.first_chunk()?),
            [0xFF, second, ..] if second & 0xE0 == 0xE0 => Self::mpeg(*bytes.first_chunk()?),
            _ => None,
        }
    }

    fn mpeg([_, second, third, fourth]: [u8; 4]) -> Option<Self> {
        let version = second >> 3 & 3;
        let layer_iii = second >> 1 & 3 == 1;
        if version == 1 || !layer_iii {
            return None;
        }
        let is_mpeg1 = version == 3;
        let table = if is_mpeg1 { MPEG1_KBPS } else { MPEG2_KBPS };
        let kbps = *table.get(usize::from(third >> 4)).filter(|&&kbps| kbps > 0)?;
        let shift = [2, 0, 1, 0][usize::from(version)];
        let rate_hz = MPEG_RATES_HZ.get(usize::from(third >> 2 & 3))? >> shift;
        let granules = if is_mpeg1 { 2 } else { 1 };
        let padding = usize::from(third >> 1 & 1);
        let is_mono = fourth >> 6 == 3;
        let side_info_from = if second & 1 == 0 { 6 } else { 4 };
        let side_info_bytes = match (is_mpeg1, is_mono) {
            (true, false) => 32,
            (true, true) | (false, false) => 17,
            (false, true) => 9,
        };
        Some(Self {
            kind: Kind::Mp3,
            rate_hz,
            channels: if is_mono { 1 } else { 2 },
            frames: 576 * granules,
            bytes: 72_000 * granules as usize * kbps / rate_hz as usize + padding,
            payload_from: 0,
            side_info: (side_info_from, side_info_bytes),
            blocks: 1,
        })
    }

    fn adts(bytes: &[u8; HEAD_BYTES]) -> Option<Self> {
        let [_, second, third, fourth, fifth, sixth, seventh] = *bytes;
        let rate_hz = *AAC_RATES_HZ.get(usize::from(third >> 2 & 15))?;
        let channels = match (third & 1) << 2 | fourth >> 6 {
            7 => 8,
            count => usize::from(count),
        };
        let length =
            usize::from(fourth & 3) << 11 | usize::from(fifth) << 3 | usize::from(sixth >> 5);
        let checksum = if second & 1 == 0 { ADTS_CHECKSUM_BYTES } else { 0 };
        let payload_from = ADTS_BYTES + checksum;
        let blocks = u32::from(seventh & 3) + 1;
        (length > payload_from).then_some(Self {
            kind: Kind::Adts,
            rate_hz,
            channels,
            frames: AAC_BLOCK_FRAMES * blocks,
            bytes: length,
            payload_from,
            side_info: (0, 0),
            blocks,
        })
    }

    /// Whether both can be frames of one stream, mono and stereo mixed as they may be.
    pub(super) fn goes_with(&self, other: &Self) -> bool {
        (self.kind, self.rate_hz, self.frames / self.blocks)
            == (other.kind, other.rate_hz, other.frames / other.blocks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_the_standard() {
        let bytes = |head: [u8; 4]| Head::parse(&head).map(|head| (head.bytes, head.frames));
        assert_eq!(bytes([0xFF, 0xFB, 0x90, 0x00]), Some((417, 1152)));
        assert_eq!(bytes([0xFF, 0xFB, 0x92, 0x00]), Some((418, 1152)));
        // MPEG 2, 64 kbit/s, 22.05 kHz, and MPEG 2.5, 8 kbit/s, 8 kHz.
        assert_eq!(bytes([0xFF, 0xF3, 0x80, 0x00]), Some((208, 576)));
        assert_eq!(bytes([0xFF, 0xE3, 0x18, 0xC0]), Some((72, 576)));
        // Free rate, forbidden rate, layer II.
        assert_eq!(bytes([0xFF, 0xFB, 0x00, 0x00]), None);
        assert_eq!(bytes([0xFF, 0xFB, 0xF0, 0x00]), None);
        assert_eq!(bytes([0xFF, 0xFD, 0x90, 0x00]), None);
    }

    #[test]
    fn adts_tells_rate_channels_and_length() {
        let head = Head::parse(&[0xFF, 0xF1, 0x50, 0x40, 0x01, 0xBF, 0xFC]).expect("a header");
        assert_eq!((head.rate_hz, head.channels, head.bytes), (44_100, 1, 13));
        assert_eq!((head.payload_from, head.frames), (7, 1024));
    }
}
