//! What symphonia found, in our words.

use symphonia::core::codecs::audio::well_known as codec_id;
use symphonia::core::codecs::audio::{AudioCodecId, AudioCodecParameters};
use symphonia::core::formats::FormatId;
use symphonia::core::formats::well_known as format_id;

use crate::{ChannelLayout, DecodeError, SourceFormat};
use crate::{Codec, Container};

pub(super) fn format_of(
    container: Container,
    params: &AudioCodecParameters,
    frames: Option<u64>,
) -> Result<SourceFormat, DecodeError> {
    let codec = codec_of(params.codec)
        .ok_or_else(|| DecodeError::UnsupportedCodec { codec: codec_name(params.codec) })?;
    let channels = params.channels.as_ref().map_or(0, |channels| channels.count());
    Ok(SourceFormat {
        container,
        codec,
        sample_rate_hz: params.sample_rate.unwrap_or(0),
        bits: if codec.is_lossless() { bits_of(params) } else { None },
        is_float: is_float(params.codec),
        lossless: codec.is_lossless(),
        channels,
        layout: ChannelLayout::usual(channels),
        frames: frames.filter(|&frames| frames > 0),
    })
}

fn bits_of(params: &AudioCodecParameters) -> Option<u32> {
    match params.codec {
        codec_id::CODEC_ID_PCM_F32LE | codec_id::CODEC_ID_PCM_F32BE => Some(32),
        codec_id::CODEC_ID_PCM_F64LE | codec_id::CODEC_ID_PCM_F64BE => Some(64),
        // The sixth byte of the magic cookie (Apple, ALACMagicCookieDescription).
        codec_id::CODEC_ID_ALAC => params.extra_data.as_ref()?.get(5).map(|&bits| u32::from(bits)),
        _ => params.bits_per_sample,
    }
}

pub(super) fn container_of(format: FormatId) -> Result<Container, DecodeError> {
    Ok(match format {
        format_id::FORMAT_ID_WAVE => Container::Wav,
        format_id::FORMAT_ID_AIFF => Container::Aiff,
        format_id::FORMAT_ID_CAF => Container::Caf,
        format_id::FORMAT_ID_MP1 | format_id::FORMAT_ID_MP2 | format_id::FORMAT_ID_MP3 => {
            Container::Mp3
        }
        format_id::FORMAT_ID_ADTS => Container::Adts,
        format_id::FORMAT_ID_OGG => Container::Ogg,
        format_id::FORMAT_ID_FLAC => Container::Flac,
        format_id::FORMAT_ID_ISOMP4 => Container::Mp4,
        format_id::FORMAT_ID_MKV => Container::Matroska,
        _ => return Err(DecodeError::NotAudio),
    })
}

fn codec_of(codec: AudioCodecId) -> Option<Codec> {
    Some(match codec {
        codec_id::CODEC_ID_FLAC => Codec::Flac,
        codec_id::CODEC_ID_ALAC => Codec::Alac,
        codec_id::CODEC_ID_MP3 => Codec::Mp3,
        codec_id::CODEC_ID_AAC => Codec::Aac,
        codec_id::CODEC_ID_VORBIS => Codec::Vorbis,
        codec_id::CODEC_ID_OPUS => Codec::Opus,
        codec_id::CODEC_ID_PCM_ALAW | codec_id::CODEC_ID_PCM_MULAW => Codec::G711,
        codec_id::CODEC_ID_ADPCM_MS
        | codec_id::CODEC_ID_ADPCM_IMA_WAV
        | codec_id::CODEC_ID_ADPCM_IMA_QT => Codec::Adpcm,
        _ if codec_name(codec).starts_with("PCM") => Codec::Pcm,
        _ => return None,
    })
}

fn is_float(codec: AudioCodecId) -> bool {
    matches!(
        codec,
        codec_id::CODEC_ID_PCM_F32LE
            | codec_id::CODEC_ID_PCM_F32BE
            | codec_id::CODEC_ID_PCM_F64LE
            | codec_id::CODEC_ID_PCM_F64BE
    )
}

/// The codec's name where symphonia knows a decoder; its own numbering otherwise.
pub(super) fn codec_name(codec: AudioCodecId) -> String {
    match codec {
        codec_id::CODEC_ID_AC3 | codec_id::CODEC_ID_EAC3 => return "Dolby Digital (AC-3)".into(),
        codec_id::CODEC_ID_MP1 => return "MPEG layer I".into(),
        codec_id::CODEC_ID_MP2 => return "MPEG layer II".into(),
        codec_id::CODEC_ID_WMA => return "Windows Media Audio".into(),
        codec_id::CODEC_ID_SPEEX => return "Speex".into(),
        codec_id::CODEC_ID_WAVPACK => return "WavPack".into(),
        _ => {}
    }
    match symphonia::default::get_codecs().get_audio_decoder(codec) {
        Some(decoder) => decoder.codec.info.long_name.to_string(),
        None => format!("an unknown codec ({codec})"),
    }
}
