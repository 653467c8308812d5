//! Options about the written file.

use acetate::engine::settings::{Bits, DitherKind, OutputFormat};
use acetate::output::{BitsWish, FileWish, RateWish};
use clap::{Arg, Args, ValueEnum};

/// Options about the written file.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Output")]
pub(crate) struct FormatArguments {
    /// File format; lossy ones are encoded by an installed ffmpeg [default: as the input if it is lossless, else wav]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<FormatArgument>,
    /// Sample format [default: 24]
    #[arg(long, value_enum, value_name = "BITS")]
    bits: Option<BitsArgument>,
    /// Sample rate in Hz, or keep [default: keep]
    #[arg(long, value_name = "HZ|keep", allow_negative_numbers = true, value_parser = rate)]
    rate: Option<RateArgument>,
    /// Bit rate of lossy formats, in kbit/s [default: mp3 and ogg 320, m4a 256, opus 192]
    #[arg(long, value_name = "KBPS", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(32..=512))]
    bitrate: Option<u32>,
    /// Noise added before rounding [default: tpdf]
    #[arg(long, value_enum, value_name = "KIND")]
    dither: Option<DitherArgument>,
}

/// File formats that are written here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatArgument {
    /// WAV; beyond 4 GB it becomes RF64
    Wav,
    /// FLAC
    Flac,
    /// AIFF
    Aiff,
    /// MP3
    Mp3,
    /// Vorbis in Ogg
    Ogg,
    /// Opus
    Opus,
    /// AAC in MP4
    M4a,
}

/// Sample formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum BitsArgument {
    /// 16-bit integers
    #[value(name = "16")]
    Int16,
    /// 24-bit integers
    #[value(name = "24")]
    Int24,
    /// 32-bit floats
    #[value(name = "32f", alias = "32")]
    Float32,
    /// Those of the source; 24 where it is lossy
    Keep,
}

/// A rate, or that of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RateArgument {
    /// That of the source.
    Keep,
    /// This many frames a second.
    Hz(u32),
}

/// Kinds of dither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DitherArgument {
    /// Plain rounding
    None,
    /// White, triangular
    Tpdf,
    /// Shaped to be less audible
    ShapedLight,
    /// Shaped further
    Shaped,
}

fn rate(text: &str) -> Result<RateArgument, String> {
    if text == "keep" {
        return Ok(RateArgument::Keep);
    }
    match text.parse() {
        Ok(hz @ 8_000..=384_000) => Ok(RateArgument::Hz(hz)),
        _ => Err("it takes keep, or a number from 8000 to 384000 Hz".to_owned()),
    }
}

/// Help of these options where settings exist, which say what the file is to be.
pub(crate) fn as_the_settings(argument: Arg) -> Arg {
    let help = match argument.get_id().as_str() {
        "format" => "File format; lossy ones are encoded by an installed ffmpeg",
        "bits" => "Sample format",
        "rate" => "Sample rate in Hz, or keep",
        "dither" => "Noise added before rounding",
        _ => return argument,
    };
    argument.help(format!("{help} [default: that of the settings]"))
}

impl FormatArguments {
    /// The same as the library has it.
    pub(crate) fn wish(&self) -> FileWish {
        FileWish {
            format: self.format.map(FormatArgument::format),
            bits: self.bits.map(BitsArgument::wish),
            rate: self.rate.map(|rate| match rate {
                RateArgument::Keep => RateWish::Keep,
                RateArgument::Hz(hz) => RateWish::Hz(hz),
            }),
            bitrate_kbps: self.bitrate,
            dither: self.dither.map(DitherArgument::kind),
        }
    }
}

impl FormatArgument {
    fn format(self) -> OutputFormat {
        match self {
            Self::Wav => OutputFormat::Wav,
            Self::Flac => OutputFormat::Flac,
            Self::Aiff => OutputFormat::Aiff,
            Self::Mp3 => OutputFormat::Mp3,
            Self::Ogg => OutputFormat::Ogg,
            Self::Opus => OutputFormat::Opus,
            Self::M4a => OutputFormat::M4a,
        }
    }
}

impl BitsArgument {
    fn wish(self) -> BitsWish {
        match self {
            Self::Int16 => BitsWish::Exactly(Bits::Int16),
            Self::Int24 => BitsWish::Exactly(Bits::Int24),
            Self::Float32 => BitsWish::Exactly(Bits::Float32),
            Self::Keep => BitsWish::Keep,
        }
    }
}

impl DitherArgument {
    fn kind(self) -> DitherKind {
        match self {
            Self::None => DitherKind::None,
            Self::Tpdf => DitherKind::Tpdf,
            Self::ShapedLight => DitherKind::ShapedLight,
            Self::Shaped => DitherKind::Shaped,
        }
    }
}
