//! Coded sound: containers of packets, through symphonia.

use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::core::audio::{Audio as _, GenericAudioBufferRef};
use symphonia::core::codecs::audio::well_known as codec_id;
use symphonia::core::codecs::audio::{
    AudioCodecId, AudioCodecParameters, AudioDecoder, AudioDecoderOptions,
};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::well_known as format_id;
use symphonia::core::formats::{FormatId, FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use super::{FrameReader, Input};
use crate::format::{Codec, Container, check_spec};
use crate::{Audio, BLOCK_FRAMES, DecodeError, SourceFormat, SourceWarning};

/// A pass over a container that symphonia reads.
pub(super) struct PacketReader {
    format: SourceFormat,
    demuxer: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track_id: u32,
    /// Decoded frames that did not fit the last block.
    pending: Audio,
    pending_from: usize,
    found_frames: u64,
    damaged: u64,
    first_damage_frame: u64,
    cut_short: bool,
    ended: bool,
}

impl PacketReader {
    pub(super) fn new(input: Input) -> Result<Self, DecodeError> {
        let demuxer = probe(input)?;
        let container = container_of(demuxer.format_info().format)?;
        let track = audio_track(&*demuxer)?;
        let track_id = track.id;
        let frames = track.num_frames;
        let params = track
            .codec_params
            .as_ref()
            .and_then(|params| params.audio())
            .ok_or(DecodeError::NotAudio)?
            .clone();
        let format = format_of(container, &params, frames)?;
        check_spec(format.sample_rate_hz, format.channels)?;
        let decoder = make_decoder(&params, container)?;
        Ok(Self {
            pending: Audio::silence(format.spec(), 0),
            pending_from: 0,
            format,
            demuxer,
            decoder,
            track_id,
            found_frames: 0,
            damaged: 0,
            first_damage_frame: 0,
            cut_short: false,
            ended: false,
        })
    }

    /// Decodes one packet into `pending`; at the end, sets `ended`.
    fn decode_packet(&mut self) -> Result<(), DecodeError> {
        let container = self.format.container.name();
        let guarded = catch_unwind(AssertUnwindSafe(|| self.decode_packet_unguarded()));
        guarded.unwrap_or(Err(DecodeError::DecoderFailed { container }))
    }

    fn decode_packet_unguarded(&mut self) -> Result<(), DecodeError> {
        let packet = match self.demuxer.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => {
                self.ended = true;
                return Ok(());
            }
            Err(Error::ResetRequired) => {
                return Err(DecodeError::FormatChanges { frame: self.found_frames });
            }
            Err(Error::IoError(error)) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
                return Err(DecodeError::Io(error));
            }
            Err(_) => {
                self.cut_short = true;
                self.ended = true;
                return Ok(());
            }
        };
        if packet.track_id != self.track_id {
            return Ok(());
        }
        match self.decoder.decode(&packet) {
            Ok(buffer) => {
                let spec = buffer.spec();
                let same = spec.rate() == self.format.sample_rate_hz
                    && spec.channels().count() == self.format.channels;
                if !same {
                    return Err(DecodeError::FormatChanges { frame: self.found_frames });
                }
                copy_planes(&buffer, &mut self.pending);
                self.pending_from = 0;
                self.found_frames += self.pending.frames() as u64;
            }
            Err(Error::IoError(_) | Error::DecodeError(_)) => self.count_damage(),
            Err(Error::ResetRequired) => {
                return Err(DecodeError::FormatChanges { frame: self.found_frames });
            }
            Err(_) => {
                return Err(DecodeError::DecoderFailed { container: self.format.container.name() });
            }
        }
        Ok(())
    }

    fn count_damage(&mut self) {
        if self.damaged == 0 {
            self.first_damage_frame = self.found_frames;
        }
        self.damaged += 1;
    }

    /// Moves as many pending frames as fit to the end of `block`.
    fn move_pending(&mut self, block: &mut Audio) {
        let count = (self.pending.frames() - self.pending_from).min(BLOCK_FRAMES - block.frames());
        let range = self.pending_from..self.pending_from + count;
        for (to, from) in block.planes_mut().iter_mut().zip(self.pending.planes()) {
            to.extend_from_slice(&from[range.clone()]);
        }
        self.pending_from += count;
    }
}

impl FrameReader for PacketReader {
    fn format(&self) -> &SourceFormat {
        &self.format
    }

    fn read(&mut self, block: &mut Audio) -> Result<(), DecodeError> {
        block.resize(0);
        loop {
            self.move_pending(block);
            if block.frames() == BLOCK_FRAMES || self.ended {
                return Ok(());
            }
            self.decode_packet()?;
        }
    }

    fn warnings(&self) -> Vec<SourceWarning> {
        let mut warnings = Vec::new();
        if self.damaged > 0 {
            let first_at_s = self.first_damage_frame / u64::from(self.format.sample_rate_hz);
            warnings.push(SourceWarning::Damaged { count: self.damaged, first_at_s });
        }
        let promised_frames = self.format.frames.unwrap_or(self.found_frames);
        let found_frames = self.found_frames;
        if self.ended && found_frames < promised_frames && self.damaged == 0 {
            warnings.push(SourceWarning::Truncated { promised_frames, found_frames });
        } else if self.ended && found_frames > promised_frames {
            warnings.push(SourceWarning::LongerThanPromised { promised_frames, found_frames });
        } else if self.cut_short && self.damaged == 0 {
            warnings.push(SourceWarning::Truncated {
                promised_frames: found_frames.max(promised_frames),
                found_frames,
            });
        }
        warnings
    }
}

fn probe(input: Input) -> Result<Box<dyn FormatReader>, DecodeError> {
    let mut hint = Hint::new();
    if let Some(extension) = input.extension() {
        hint.with_extension(extension);
    }
    let probing = AssertUnwindSafe(|| {
        let options = MediaSourceStreamOptions { buffer_len: 1 << 17, ..Default::default() };
        let stream = MediaSourceStream::new(Box::new(input), options);
        symphonia::default::get_probe().probe(
            &hint,
            stream,
            FormatOptions::default(),
            MetadataOptions::default(),
        )
    });
    match catch_unwind(probing) {
        Ok(Ok(demuxer)) => Ok(demuxer),
        Ok(Err(Error::IoError(error))) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            Err(DecodeError::Io(error))
        }
        Ok(Err(_)) => Err(DecodeError::NotAudio),
        Err(_) => Err(DecodeError::DecoderFailed { container: "file's" }),
    }
}

fn audio_track(demuxer: &dyn FormatReader) -> Result<&Track, DecodeError> {
    demuxer
        .default_track(TrackType::Audio)
        .or_else(|| demuxer.first_track(TrackType::Audio))
        .ok_or(DecodeError::NotAudio)
}

fn make_decoder(
    params: &AudioCodecParameters,
    container: Container,
) -> Result<Box<dyn AudioDecoder>, DecodeError> {
    let making = AssertUnwindSafe(|| {
        symphonia::default::get_codecs().make_audio_decoder(params, &AudioDecoderOptions::default())
    });
    match catch_unwind(making) {
        Ok(Ok(decoder)) => Ok(decoder),
        Ok(Err(_)) => Err(DecodeError::UnsupportedCodec { codec: codec_name(params.codec) }),
        Err(_) => Err(DecodeError::DecoderFailed { container: container.name() }),
    }
}

fn format_of(
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

fn container_of(format: FormatId) -> Result<Container, DecodeError> {
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
fn codec_name(codec: AudioCodecId) -> String {
    match codec {
        codec_id::CODEC_ID_OPUS => return "Opus".into(),
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

/// Replaces `audio` with the buffer's samples, integers scaled by a power of two.
fn copy_planes(buffer: &GenericAudioBufferRef<'_>, audio: &mut Audio) {
    audio.resize(buffer.frames());
    if let GenericAudioBufferRef::S32(integers) = buffer {
        // Left-aligned: exact for up to 24 significant bits.
        const SCALE: f32 = 1.0 / 2_147_483_648.0;
        for (to, from) in audio.planes_mut().iter_mut().zip(integers.iter_planes()) {
            for (to, &from) in to.iter_mut().zip(from) {
                *to = from as f32 * SCALE;
            }
        }
    } else {
        buffer.copy_to_slice_planar::<f32, _>(audio.planes_mut());
    }
}
