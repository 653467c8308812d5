//! Lossy files: what each codec holds, and an installed ffmpeg that encodes it.

pub mod ffmpeg;

use std::path::Path;

use crate::{AudioSpec, ChannelLayout};

/// A lossy codec in its container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LossyCodec {
    /// What people call it.
    pub name: &'static str,
    /// The encoder of ffmpeg.
    encoder: &'static str,
    /// The container, as ffmpeg calls it.
    muxer: &'static str,
    /// Rates it holds; the first that fits is taken.
    pub rates_hz: &'static [u32],
    /// Layouts it holds, as masks.
    layouts: &'static [u32],
    /// The usual bit rate for music that is delivered, in kbit/s.
    pub usual_kbps: u32,
}

/// Layouts of one and two channels.
const MONO_AND_STEREO: [u32; 2] = [0x004, 0x003];
/// The one layout that Vorbis has for each number of channels (Vorbis I, 4.3.9), and Opus with it (RFC 7845, 5.1.1.2).
const VORBIS_LAYOUTS: [u32; 8] = [0x004, 0x003, 0x007, 0x033, 0x037, 0x03F, 0x70F, 0x63F];
/// Side left and right, and what stands for them in layouts that have one pair of surrounds: back left and right.
const SIDES: (u32, u32) = (0x600, 0x030);

/// MPEG-1 layer III at its three rates (ISO 11172-3).
pub const MP3: LossyCodec = LossyCodec {
    name: "MP3",
    encoder: "libmp3lame",
    muxer: "mp3",
    rates_hz: &[48_000, 44_100, 32_000],
    layouts: &MONO_AND_STEREO,
    usual_kbps: 320,
};
/// Vorbis in Ogg.
pub const VORBIS: LossyCodec = LossyCodec {
    name: "Vorbis",
    encoder: "libvorbis",
    muxer: "ogg",
    rates_hz: &[48_000, 44_100, 32_000],
    layouts: &VORBIS_LAYOUTS,
    usual_kbps: 320,
};
/// Opus in Ogg; it knows one rate for full bandwidth (RFC 6716, 2.1.3).
pub const OPUS: LossyCodec = LossyCodec {
    name: "Opus",
    encoder: "libopus",
    muxer: "opus",
    rates_hz: &[48_000],
    layouts: &VORBIS_LAYOUTS,
    usual_kbps: 192,
};
/// AAC-LC in MP4.
pub const AAC: LossyCodec = LossyCodec {
    name: "AAC",
    encoder: "aac",
    muxer: "ipod",
    rates_hz: &[48_000, 44_100, 32_000],
    // More channels could not be read again, and what cannot be measured is not delivered.
    layouts: &MONO_AND_STEREO,
    usual_kbps: 256,
};

/// Bluetooth's mandatory codec, A2DP; only listened through, never delivered.
pub const SBC: LossyCodec = LossyCodec {
    name: "SBC",
    encoder: "sbc",
    muxer: "sbc",
    rates_hz: &[48_000, 44_100, 32_000],
    layouts: &MONO_AND_STEREO,
    usual_kbps: 328,
};

impl LossyCodec {
    /// The ending that a program knows its files by, where they have no mark of their own.
    pub fn extension(self) -> Option<&'static str> {
        (self.muxer == SBC.muxer).then_some("sbc")
    }

    /// Decodes what nothing here does, into a WAV file of 16 bits.
    ///
    /// # Errors
    /// Why it did not work.
    pub fn decode(self, coded: &Path, wav: &Path) -> Result<(), String> {
        ffmpeg::convert(coded, None, &["-c:a", "pcm_s16le", "-f", "wav"], wav)
    }

    /// The rate to encode sound of `rate_hz` at: the same, the one it is a multiple of, or the highest.
    pub fn rate_for(self, rate_hz: u32) -> u32 {
        let same = self.rates_hz.iter().find(|&&known| known == rate_hz);
        let divides = || self.rates_hz.iter().find(|&&known| rate_hz.is_multiple_of(known));
        same.or_else(divides).copied().unwrap_or(self.rates_hz[0])
    }

    /// The layout in which it holds a sound: the same, or the one that calls the only pair of surrounds `back`.
    pub fn layout_for(self, layout: ChannelLayout, channels: usize) -> Option<ChannelLayout> {
        let mask = layout.mask();
        let renamed = (mask & !SIDES.0) | SIDES.1;
        let only_sides = mask & SIDES.0 == SIDES.0 && mask & SIDES.1 == 0;
        let masks = [Some(mask), Some(renamed).filter(|_| only_sides)];
        let held = masks.into_iter().flatten().find(|mask| self.layouts.contains(mask))?;
        (held.count_ones() as usize == channels).then(|| ChannelLayout::from_mask(held, channels))
    }

    /// Is there an encoder here?
    ///
    /// # Errors
    /// Why not.
    pub fn expect_encoder(self) -> Result<(), String> {
        ffmpeg::expect_encoder(self.encoder)
    }

    /// The encoder, with its version.
    pub fn encoder(self) -> Option<String> {
        ffmpeg::version().map(|version| format!("ffmpeg {version} {}", self.encoder))
    }

    /// Encodes `wav`, which is heard so, at a bit rate in kbit/s.
    ///
    /// # Errors
    /// Why it did not work.
    pub fn encode(
        self,
        wav: &Path,
        spec: AudioSpec,
        kbps: u32,
        output: &Path,
    ) -> Result<(), String> {
        self.encode_part(wav, spec, kbps, None, output)
    }

    /// The same of a part: where it begins and how long it is, in seconds.
    ///
    /// # Errors
    /// Why it did not work.
    pub fn encode_part(
        self,
        wav: &Path,
        spec: AudioSpec,
        kbps: u32,
        part: Option<[f64; 2]>,
        output: &Path,
    ) -> Result<(), String> {
        self.expect_encoder()?;
        let rate = format!("{kbps}k");
        let mut options = vec!["-c:a", self.encoder, "-b:a", &rate, "-f", self.muxer];
        let held = self.layout_for(spec.layout, spec.channels);
        let renamed = held.filter(|held| held.mask() != spec.layout.mask()).map(|held| {
            let indices: Vec<String> = (0..spec.channels).map(|index| index.to_string()).collect();
            format!("channelmap={}:{}", indices.join("|"), held.name(spec.channels))
        });
        if let Some(map) = &renamed {
            options.extend(["-af", map.as_str()]);
        }
        ffmpeg::convert(wav, part, &options, output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_codec_holds_its_own_layouts_and_calls_a_lone_pair_of_sides_back() {
        let held = |codec: LossyCodec, mask: u32| {
            let channels = mask.count_ones() as usize;
            let layout = ChannelLayout::from_mask(mask, channels);
            codec.layout_for(layout, channels).map(ChannelLayout::mask)
        };
        assert_eq!(held(OPUS, 0x03F), Some(0x03F));
        assert_eq!(held(OPUS, 0x60F), Some(0x03F));
        assert_eq!(held(VORBIS, 0x603), Some(0x033));
        assert_eq!(held(OPUS, 0x63F), Some(0x63F));
        assert_eq!([held(VORBIS, 0x10F), held(OPUS, 0x00B), held(OPUS, 0x637)], [None; 3]);
        assert_eq!([held(MP3, 0x003), held(MP3, 0x004)], [Some(0x003), Some(0x004)]);
        assert_eq!([held(MP3, 0x007), held(MP3, 0x00C), held(AAC, 0x03F)], [None; 3]);
    }

    #[test]
    fn sound_keeps_its_rate_or_the_one_it_is_a_multiple_of() {
        assert_eq!(
            [44_100, 88_200, 96_000, 22_050].map(|hz| MP3.rate_for(hz)),
            [44_100, 44_100, 48_000, 48_000]
        );
        assert_eq!(OPUS.rate_for(44_100), 48_000);
    }
}
