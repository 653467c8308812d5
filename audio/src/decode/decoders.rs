//! From packets to planar samples: symphonia's decoders, and Opus.

use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::core::audio::{Audio as _, GenericAudioBufferRef};
use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_OPUS};
use symphonia::core::codecs::audio::{
    AudioCodecId, AudioCodecParameters, AudioDecoder, AudioDecoderOptions,
};
use symphonia::core::errors::Error;
use symphonia::core::packet::Packet;

use super::identify::codec_name;
use super::opus::OpusPackets;
use crate::format::Container;
use crate::{Audio, AudioSpec, DecodeError};

/// A decoder of one track's packets.
pub(super) enum PacketDecoder {
    Symphonia(Box<dyn AudioDecoder>),
    Opus(OpusPackets),
}

impl PacketDecoder {
    pub(super) fn new(
        params: &AudioCodecParameters,
        container: Container,
        channels: usize,
    ) -> Result<Self, DecodeError> {
        let unsupported =
            || DecodeError::UnsupportedCodec { codec: unsupported_name(params.codec) };
        if params.codec == CODEC_ID_OPUS {
            let head = params.extra_data.as_deref().unwrap_or_default();
            return OpusPackets::new(head, channels).map(Self::Opus).ok_or_else(unsupported);
        }
        let making = AssertUnwindSafe(|| {
            let options = AudioDecoderOptions::default();
            symphonia::default::get_codecs().make_audio_decoder(params, &options)
        });
        match catch_unwind(making) {
            Ok(Ok(decoder)) => Ok(Self::Symphonia(decoder)),
            Ok(Err(_)) => Err(unsupported()),
            Err(_) => Err(DecodeError::DecoderFailed { container: container.name() }),
        }
    }

    /// Replaces `audio` with the packet's samples; `ResetRequired` when they are of another kind than `spec`.
    pub(super) fn decode(
        &mut self,
        packet: &Packet,
        spec: AudioSpec,
        audio: &mut Audio,
    ) -> Result<(), Error> {
        match self {
            Self::Symphonia(decoder) => {
                let buffer = decoder.decode(packet)?;
                let rate = buffer.spec().rate();
                if rate != spec.sample_rate_hz || buffer.num_planes() != spec.channels {
                    return Err(Error::ResetRequired);
                }
                copy_planes(&buffer, audio);
                Ok(())
            }
            Self::Opus(decoder) => decoder.decode(packet, audio),
        }
    }
}

/// The codec's name where the plain kind of it is decoded, but not this one.
pub(super) fn unsupported_name(codec: AudioCodecId) -> String {
    match codec {
        CODEC_ID_AAC => "HE-AAC or another extension of AAC".into(),
        _ => codec_name(codec),
    }
}

/// Replaces `audio` with the buffer's samples, integers scaled by a power of two.
fn copy_planes(buffer: &GenericAudioBufferRef<'_>, audio: &mut Audio) {
    if let GenericAudioBufferRef::S32(integers) = buffer {
        // Left-aligned: exact for up to 24 significant bits.
        const SCALE: f32 = 1.0 / 2_147_483_648.0;
        for (to, from) in audio.planes_mut().iter_mut().zip(integers.iter_planes()) {
            to.clear();
            to.extend(from.iter().map(|&from| from as f32 * SCALE));
        }
    } else {
        audio.resize(buffer.frames());
        buffer.copy_to_slice_planar::<f32, _>(audio.planes_mut());
    }
}
