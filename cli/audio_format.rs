//! The format of the written file: what was asked for, what the target takes, what the source is.

use std::path::Path;

use acetate_audio::{ChannelLayout, Codec as SourceCodec, Container, Source, SourceFormat};
use acetate_engine::settings::{Bits, DitherKind, OutputFormat, OutputSettings};
use acetate_references::Target;
use acetate_references::target::Container as TargetContainer;
use clap::{Args, ValueEnum};

use crate::failure::{Failure, Outcome};
use crate::lossy::Codec;

/// Options about the written file.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Output")]
pub(crate) struct FormatArguments {
    /// File format; lossy ones are encoded by an installed ffmpeg [default: as the input if it is lossless, else wav]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<FormatArgument>,
    /// Sample format [default: 24]
    #[arg(long, value_enum, value_name = "BITS")]
    pub(crate) bits: Option<BitsArgument>,
    /// Sample rate in Hz, or keep [default: keep]
    #[arg(long, value_name = "HZ|keep", value_parser = rate)]
    pub(crate) rate: Option<RateArgument>,
    /// Bit rate of lossy formats, in kbit/s [default: mp3 and ogg 320, m4a 256, opus 192]
    #[arg(long, value_name = "KBPS", value_parser = clap::value_parser!(u32).range(32..=512))]
    pub(crate) bitrate: Option<u32>,
    /// Noise added before rounding [default: tpdf]
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) dither: Option<DitherArgument>,
}

/// File formats that are written here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArgument {
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
pub(crate) enum BitsArgument {
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
pub(crate) enum RateArgument {
    /// That of the source.
    Keep,
    /// This many frames a second.
    Hz(u32),
}

/// Kinds of dither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DitherArgument {
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

impl FormatArguments {
    /// The written file: the options first, then the name given with `-o`, then the target, then the source.
    ///
    /// # Errors
    /// When the name asks for another format than the options, or the format cannot hold the samples.
    pub(crate) fn output(
        &self,
        named: Option<&Path>,
        target: Option<&Target>,
        source: &SourceFormat,
    ) -> Outcome<OutputSettings> {
        let rules = target.map(|target| &target.format);
        let format = match (self.format.map(FormatArgument::format), by_name(named)?) {
            (Some(asked), Some(by_name)) if asked != by_name => {
                let extension = named.and_then(Path::extension).unwrap_or_default();
                return Err(Failure::usage(format!(
                    "--format {} contradicts the name, which ends in .{}",
                    extension_of(asked),
                    extension.display()
                )));
            }
            (Some(format), _) | (None, Some(format)) => format,
            (None, None) => allowed(
                as_source(source),
                &rules.map(|r| containers(&r.containers)).unwrap_or_default(),
            ),
        };
        if let Some(codec) = Codec::of(format) {
            return self.lossy(format, codec, source);
        }
        if source.layout.wave_mask().is_none() {
            let layout = source.layout.name(source.channels);
            let name = extension_of(format);
            return Err(Failure::refused(format!("{name} has no word for this layout: {layout}"))
                .next("bring the channels to a layout of WAVE first"));
        }
        if self.bitrate.is_some() {
            return Err(Failure::usage(format!(
                "{} has no bit rate to choose",
                extension_of(format)
            ))
            .next("--bitrate goes with --format mp3, ogg, opus or m4a"));
        }
        let bits = self.bits.map_or_else(
            || allowed(Bits::Int24, &rules.map(|rules| bits(&rules.bits)).unwrap_or_default()),
            |bits| bits.bits(source),
        );
        if format == OutputFormat::Flac && bits == Bits::Float32 {
            return Err(Failure::usage("FLAC holds integers, not 32-bit floats")
                .next("use --bits 24, or --format wav"));
        }
        let sample_rate_hz = match self.rate {
            Some(RateArgument::Hz(hz)) => Some(hz),
            Some(RateArgument::Keep) => None,
            None => {
                let rates = rules.map(|rules| rules.sample_rates_hz.as_slice()).unwrap_or_default();
                Some(allowed(source.sample_rate_hz, rates))
            }
        };
        let sample_rate_hz = sample_rate_hz.filter(|&hz| hz != source.sample_rate_hz);
        let dither = self.dither.map_or(DitherKind::Tpdf, DitherArgument::kind);
        Ok(OutputSettings { format, bits, sample_rate_hz, dither, ..OutputSettings::default() })
    }
}

impl FormatArguments {
    /// A lossy file: the encoder gets floats, at a rate that it knows.
    fn lossy(
        &self,
        format: OutputFormat,
        codec: Codec,
        source: &SourceFormat,
    ) -> Outcome<OutputSettings> {
        let name = codec.name;
        if codec.layout_for(source.layout, source.channels).is_none() {
            let layout = source.layout.name(source.channels);
            return Err(Failure::refused(format!("{name} cannot hold this layout: {layout}"))
                .next("write wav, flac or aiff"));
        }
        codec.expect_encoder().map_err(|why| {
            Failure::failed(format!("{name} cannot be encoded here: {why}"))
                .next("install it, or write wav, flac or aiff and encode that with a program of your choice")
        })?;
        if self.bits.is_some() || self.dither.is_some() {
            return Err(Failure::usage(format!(
                "{name} has no bits a sample, and needs no dither"
            ))
            .next("--bitrate chooses its quality"));
        }
        let rate_hz = match self.rate {
            Some(RateArgument::Hz(hz)) if !codec.rates_hz.contains(&hz) => {
                let known: Vec<String> = codec.rates_hz.iter().map(u32::to_string).collect();
                return Err(Failure::usage(format!("{name} has no rate of {hz} Hz"))
                    .next(format!("there are {} Hz", known.join(", "))));
            }
            Some(RateArgument::Hz(hz)) => hz,
            Some(RateArgument::Keep) | None => codec.rate_for(source.sample_rate_hz),
        };
        Ok(OutputSettings {
            format,
            bits: Bits::Float32,
            dither: DitherKind::None,
            sample_rate_hz: (rate_hz != source.sample_rate_hz).then_some(rate_hz),
            bitrate_kbps: self.bitrate,
            ..OutputSettings::default()
        })
    }

    /// Existing output settings, changed by the options and by the name given with `-o`.
    ///
    /// # Errors
    /// As [`FormatArguments::output`].
    pub(crate) fn change(
        &self,
        settings: &OutputSettings,
        named: Option<&Path>,
        source: &Source,
    ) -> Outcome<OutputSettings> {
        let asked = self.format.map(FormatArgument::format).or(by_name(named)?);
        let format = asked.unwrap_or(settings.format);
        let whole = Self { format: Some(FormatArgument::of(format)), ..self.clone() };
        let changed = whole.output(named, None, source.format())?;
        // Between lossless and lossy nothing of the old format means anything.
        if Codec::of(format).is_some() != Codec::of(settings.format).is_some() {
            return Ok(OutputSettings { seed: settings.seed, ..changed });
        }
        let sample_rate_hz = match (self.rate, Codec::of(format)) {
            (Some(_), _) => changed.sample_rate_hz,
            (None, Some(_)) => settings.sample_rate_hz.or(changed.sample_rate_hz),
            (None, None) => settings.sample_rate_hz,
        };
        Ok(OutputSettings {
            format,
            sample_rate_hz,
            bits: if self.bits.is_some() { changed.bits } else { settings.bits },
            dither: if self.dither.is_some() { changed.dither } else { settings.dither },
            bitrate_kbps: self.bitrate.or(settings.bitrate_kbps),
            seed: settings.seed,
        })
    }
}

/// What is preferred, if it is allowed; the first that is allowed otherwise. An empty list allows everything.
fn allowed<T: Copy + PartialEq>(preferred: T, list: &[T]) -> T {
    if list.contains(&preferred) { preferred } else { list.first().copied().unwrap_or(preferred) }
}

fn as_source(source: &SourceFormat) -> OutputFormat {
    match (source.container, source.codec) {
        (_, SourceCodec::Flac) => OutputFormat::Flac,
        (Container::Aiff, SourceCodec::Pcm) => OutputFormat::Aiff,
        _ => OutputFormat::Wav,
    }
}

fn by_name(path: Option<&Path>) -> Outcome<Option<OutputFormat>> {
    let Some(path) = path.filter(|path| path.as_os_str() != "-") else { return Ok(None) };
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    match extension.as_str() {
        "wav" | "wave" | "bwf" | "rf64" => Ok(Some(OutputFormat::Wav)),
        "flac" => Ok(Some(OutputFormat::Flac)),
        "aif" | "aiff" | "aifc" => Ok(Some(OutputFormat::Aiff)),
        "mp3" => Ok(Some(OutputFormat::Mp3)),
        "ogg" | "oga" => Ok(Some(OutputFormat::Ogg)),
        "opus" => Ok(Some(OutputFormat::Opus)),
        "m4a" | "mp4" => Ok(Some(OutputFormat::M4a)),
        _ => Err(Failure::usage(format!("{}: .{extension} cannot be written", path.display()))
            .next("name it .wav, .flac, .aiff, .mp3, .ogg, .opus or .m4a")),
    }
}

fn containers(list: &[TargetContainer]) -> Vec<OutputFormat> {
    list.iter()
        .filter_map(|container| match container {
            TargetContainer::Wav => Some(OutputFormat::Wav),
            TargetContainer::Flac => Some(OutputFormat::Flac),
            TargetContainer::Aiff => Some(OutputFormat::Aiff),
            // Sound is made lossy only when that is asked for.
            TargetContainer::Mp3 => None,
        })
        .collect()
}

fn bits(list: &[u16]) -> Vec<Bits> {
    list.iter()
        .filter_map(|bits| match bits {
            16 => Some(Bits::Int16),
            24 => Some(Bits::Int24),
            32 => Some(Bits::Float32),
            _ => None,
        })
        .collect()
}

/// What is taken for the format of a stream before it is read.
pub(crate) fn unknown_source() -> SourceFormat {
    SourceFormat {
        container: Container::Wav,
        codec: SourceCodec::Pcm,
        sample_rate_hz: 48_000,
        bits: None,
        is_float: false,
        lossless: true,
        channels: 2,
        layout: ChannelLayout::usual(2),
        frames: None,
    }
}

/// The usual ending of names of files in a format.
pub(crate) fn extension_of(format: OutputFormat) -> &'static str {
    match format {
        OutputFormat::Wav => "wav",
        OutputFormat::Flac => "flac",
        OutputFormat::Aiff => "aiff",
        OutputFormat::Mp3 => "mp3",
        OutputFormat::Ogg => "ogg",
        OutputFormat::Opus => "opus",
        OutputFormat::M4a => "m4a",
    }
}

impl FormatArgument {
    fn of(format: OutputFormat) -> Self {
        match format {
            OutputFormat::Wav => Self::Wav,
            OutputFormat::Flac => Self::Flac,
            OutputFormat::Aiff => Self::Aiff,
            OutputFormat::Mp3 => Self::Mp3,
            OutputFormat::Ogg => Self::Ogg,
            OutputFormat::Opus => Self::Opus,
            OutputFormat::M4a => Self::M4a,
        }
    }

    pub(crate) fn format(self) -> OutputFormat {
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
    /// What is kept is the smallest format that holds all of the source.
    fn bits(self, source: &SourceFormat) -> Bits {
        match self {
            Self::Keep => match source.bits {
                _ if source.is_float => Bits::Float32,
                Some(..=16) => Bits::Int16,
                Some(25..) => Bits::Float32,
                _ => Bits::Int24,
            },
            Self::Int16 => Bits::Int16,
            Self::Int24 => Bits::Int24,
            Self::Float32 => Bits::Float32,
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
