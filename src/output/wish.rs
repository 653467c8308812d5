//! The format of the written file: what was asked for, what the target takes, what the source is.

use std::path::Path;

use acetate_audio::{ChannelLayout, Codec as SourceCodec, Container, SourceFormat};
use acetate_engine::settings::{Bits, DitherKind, OutputFormat, OutputSettings};
use acetate_files::FileFormat;
use acetate_files::lossy::{self, LossyCodec};
use acetate_references::Target;
use acetate_references::target::DeliveredAs;
use serde::{Deserialize, Serialize};

use crate::Error;

/// What is asked of the written file; what is `None` follows from its name, the target and the source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FileWish {
    /// File format; as the source if it is lossless, else WAV.
    pub format: Option<OutputFormat>,
    /// Sample format; 24 bits.
    pub bits: Option<BitsWish>,
    /// Sample rate; the source's where the target takes it.
    pub rate: Option<RateWish>,
    /// Bit rate of a lossy format, in kbit/s.
    pub bitrate_kbps: Option<u32>,
    /// Noise added before rounding; triangular.
    pub dither: Option<DitherKind>,
}

/// Sample formats that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BitsWish {
    /// This one.
    Exactly(Bits),
    /// The smallest that holds all of the source; 24 bits where it is lossy.
    Keep,
}

/// Rates that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateWish {
    /// That of the source.
    Keep,
    /// This many frames a second.
    Hz(u32),
}

impl FileWish {
    /// The written file: the wish first, then its name, then the target, then the source.
    ///
    /// # Errors
    /// When the name asks for another format than the wish, or the format cannot hold the samples.
    pub fn output(
        &self,
        named: Option<&Path>,
        target: Option<&Target>,
        source: &SourceFormat,
    ) -> Result<OutputSettings, Error> {
        let rules = target.map(|target| &target.format);
        let format = match (self.format, by_name(named)?) {
            (Some(asked), Some(by_name)) if asked != by_name => {
                let extension = named.and_then(Path::extension).unwrap_or_default();
                return Err(Error::ContradictsName {
                    asked: extension_of(asked),
                    extension: extension.display().to_string(),
                });
            }
            (Some(format), _) | (None, Some(format)) => format,
            (None, None) => allowed(
                as_source(source),
                &rules.map(|r| containers(&r.containers)).unwrap_or_default(),
            ),
        };
        if let Some(codec) = lossy_codec(format) {
            return self.lossy(format, codec, source);
        }
        if source.layout.wave_mask().is_none() {
            let layout = source.layout.name(source.channels);
            return Err(Error::NoLayout { format: extension_of(format), layout });
        }
        if self.bitrate_kbps.is_some() {
            return Err(Error::NoBitRate { format: extension_of(format) });
        }
        let bits = self.bits.map_or_else(
            || allowed(Bits::Int24, &rules.map(|rules| bits(&rules.bits)).unwrap_or_default()),
            |bits| bits.bits(source),
        );
        if format == OutputFormat::Flac && bits == Bits::Float32 {
            return Err(Error::FlacFloats);
        }
        let sample_rate_hz = match self.rate {
            Some(RateWish::Hz(hz)) => Some(hz),
            Some(RateWish::Keep) => None,
            None => {
                let rates = rules.map(|rules| rules.sample_rates_hz.as_slice()).unwrap_or_default();
                Some(allowed(source.sample_rate_hz, rates))
            }
        };
        let sample_rate_hz = sample_rate_hz.filter(|&hz| hz != source.sample_rate_hz);
        let dither = self.dither.unwrap_or(DitherKind::Tpdf);
        Ok(OutputSettings { format, bits, sample_rate_hz, dither, ..OutputSettings::default() })
    }
}

impl FileWish {
    /// A lossy file: the encoder gets floats, at a rate that it knows.
    fn lossy(
        &self,
        format: OutputFormat,
        codec: LossyCodec,
        source: &SourceFormat,
    ) -> Result<OutputSettings, Error> {
        if codec.layout_for(source.layout, source.channels).is_none() {
            let layout = source.layout.name(source.channels);
            return Err(Error::NoLayout { format: codec.name, layout });
        }
        codec.expect_encoder().map_err(|reason| Error::NoEncoder { codec: codec.name, reason })?;
        if self.bits.is_some() || self.dither.is_some() {
            return Err(Error::NoBits { codec: codec.name });
        }
        let rate_hz = match self.rate {
            Some(RateWish::Hz(hz)) if !codec.rates_hz.contains(&hz) => {
                let (codec, known_hz) = (codec.name, codec.rates_hz);
                return Err(Error::NoRate { codec, given_hz: hz, known_hz });
            }
            Some(RateWish::Hz(hz)) => hz,
            Some(RateWish::Keep) | None => codec.rate_for(source.sample_rate_hz),
        };
        Ok(OutputSettings {
            format,
            bits: Bits::Float32,
            dither: DitherKind::None,
            sample_rate_hz: (rate_hz != source.sample_rate_hz).then_some(rate_hz),
            bitrate_kbps: self.bitrate_kbps,
            ..OutputSettings::default()
        })
    }

    /// Existing output settings, changed by the wish and by the name.
    ///
    /// # Errors
    /// As [`FileWish::output`].
    pub fn change(
        &self,
        settings: &OutputSettings,
        named: Option<&Path>,
        source: &SourceFormat,
    ) -> Result<OutputSettings, Error> {
        let asked = self.format.or(by_name(named)?);
        let format = asked.unwrap_or(settings.format);
        let whole = Self { format: Some(format), ..self.clone() };
        let changed = whole.output(named, None, source)?;
        // Between lossless and lossy nothing of the old format means anything.
        if lossy_codec(format).is_some() != lossy_codec(settings.format).is_some() {
            return Ok(OutputSettings { seed: settings.seed, ..changed });
        }
        let sample_rate_hz = match (self.rate, lossy_codec(format)) {
            (Some(_), _) => changed.sample_rate_hz,
            (None, Some(_)) => settings.sample_rate_hz.or(changed.sample_rate_hz),
            (None, None) => settings.sample_rate_hz,
        };
        Ok(OutputSettings {
            format,
            sample_rate_hz,
            bits: if self.bits.is_some() { changed.bits } else { settings.bits },
            dither: if self.dither.is_some() { changed.dither } else { settings.dither },
            bitrate_kbps: self.bitrate_kbps.or(settings.bitrate_kbps),
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

/// The format that a name asks for.
pub(crate) fn by_name(path: Option<&Path>) -> Result<Option<OutputFormat>, Error> {
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
        _ => Err(Error::UnknownExtension { path: path.to_owned(), extension }),
    }
}

fn containers(list: &[DeliveredAs]) -> Vec<OutputFormat> {
    list.iter()
        .filter_map(|container| match container {
            DeliveredAs::Wav => Some(OutputFormat::Wav),
            DeliveredAs::Flac => Some(OutputFormat::Flac),
            DeliveredAs::Aiff => Some(OutputFormat::Aiff),
            // Sound is made lossy only when that is asked for.
            DeliveredAs::Mp3 => None,
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
pub fn unknown_source() -> SourceFormat {
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

/// The file that is written here: of a lossy format the plain one that its encoder gets.
pub(crate) fn plain_file(format: OutputFormat) -> FileFormat {
    match format {
        OutputFormat::Flac => FileFormat::Flac,
        OutputFormat::Aiff => FileFormat::Aiff,
        _ => FileFormat::Wav,
    }
}

/// The usual ending of names of files in a format.
pub fn extension_of(format: OutputFormat) -> &'static str {
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

impl BitsWish {
    fn bits(self, source: &SourceFormat) -> Bits {
        match self {
            Self::Exactly(bits) => bits,
            Self::Keep => match source.bits {
                _ if source.is_float => Bits::Float32,
                Some(..=16) => Bits::Int16,
                Some(25..) => Bits::Float32,
                _ => Bits::Int24,
            },
        }
    }
}

/// The lossy codec of an output format; `None` when that is lossless.
pub fn lossy_codec(format: OutputFormat) -> Option<LossyCodec> {
    match format {
        OutputFormat::Mp3 => Some(lossy::MP3),
        OutputFormat::Ogg => Some(lossy::VORBIS),
        OutputFormat::Opus => Some(lossy::OPUS),
        OutputFormat::M4a => Some(lossy::AAC),
        OutputFormat::Wav | OutputFormat::Flac | OutputFormat::Aiff => None,
    }
}
