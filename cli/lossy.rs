//! Lossy files: which codec a format means, what it holds, and who encodes it.

use std::path::Path;

use acetate_engine::settings::{OutputFormat, OutputSettings};

use crate::ffmpeg;

/// A codec in its container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Codec {
    /// What people call it.
    pub(crate) name: &'static str,
    /// The encoder of ffmpeg.
    encoder: &'static str,
    /// The container, as ffmpeg calls it.
    muxer: &'static str,
    /// Rates it holds; the first that fits is taken.
    pub(crate) rates_hz: &'static [u32],
    /// The usual bit rate for music that is delivered.
    usual_kbps: u32,
}

/// MPEG-1 layer III at its three rates (ISO 11172-3).
pub(crate) const MP3: Codec = Codec {
    name: "MP3",
    encoder: "libmp3lame",
    muxer: "mp3",
    rates_hz: &[48_000, 44_100, 32_000],
    usual_kbps: 320,
};
/// Vorbis in Ogg.
pub(crate) const VORBIS: Codec = Codec {
    name: "Vorbis",
    encoder: "libvorbis",
    muxer: "ogg",
    rates_hz: &[48_000, 44_100, 32_000],
    usual_kbps: 320,
};
/// Opus in Ogg; it knows one rate for full bandwidth (RFC 6716, 2.1.3).
pub(crate) const OPUS: Codec =
    Codec { name: "Opus", encoder: "libopus", muxer: "opus", rates_hz: &[48_000], usual_kbps: 192 };
/// AAC-LC in MP4.
pub(crate) const AAC: Codec = Codec {
    name: "AAC",
    encoder: "aac",
    muxer: "ipod",
    rates_hz: &[48_000, 44_100, 32_000],
    usual_kbps: 256,
};

impl Codec {
    /// The codec of an output format; `None` when that is lossless.
    pub(crate) fn of(format: OutputFormat) -> Option<Self> {
        match format {
            OutputFormat::Mp3 => Some(MP3),
            OutputFormat::Ogg => Some(VORBIS),
            OutputFormat::Opus => Some(OPUS),
            OutputFormat::M4a => Some(AAC),
            OutputFormat::Wav | OutputFormat::Flac | OutputFormat::Aiff => None,
        }
    }

    /// The rate to encode sound of `rate_hz` at: the same, the one it is a multiple of, or the highest.
    pub(crate) fn rate_for(self, rate_hz: u32) -> u32 {
        let same = self.rates_hz.iter().find(|&&known| known == rate_hz);
        let divides = || self.rates_hz.iter().find(|&&known| rate_hz.is_multiple_of(known));
        same.or_else(divides).copied().unwrap_or(self.rates_hz[0])
    }

    /// Is there an encoder here? `Err` says why not.
    pub(crate) fn expect_encoder(self) -> Result<(), String> {
        ffmpeg::expect_encoder(self.encoder)
    }

    /// The encoder, with its version.
    pub(crate) fn encoder(self) -> Option<String> {
        ffmpeg::version().map(|version| format!("ffmpeg {version} {}", self.encoder))
    }

    /// Encodes `wav`; `Err` says why it did not work.
    pub(crate) fn encode(self, wav: &Path, kbps: u32, output: &Path) -> Result<(), String> {
        self.expect_encoder()?;
        let rate = format!("{kbps}k");
        ffmpeg::convert(wav, &["-c:a", self.encoder, "-b:a", &rate, "-f", self.muxer], output)
    }
}

/// The bit rate of an output in a lossy codec.
pub(crate) fn bitrate_kbps(output: &OutputSettings, codec: Codec) -> u32 {
    output.bitrate_kbps.unwrap_or(codec.usual_kbps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_keeps_its_rate_or_the_one_it_is_a_multiple_of() {
        assert_eq!(
            [44_100, 88_200, 96_000, 22_050].map(|hz| MP3.rate_for(hz)),
            [44_100, 44_100, 48_000, 48_000]
        );
        assert_eq!(OPUS.rate_for(44_100), 48_000);
    }
}
