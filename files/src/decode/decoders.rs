//! From packets to planar samples: symphonia's decoders, and Opus.

use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::core::audio::{Audio as _, Channels, GenericAudioBufferRef};
use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_OPUS};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::packet::Packet;

use super::identify::codec_name;
use super::opus::OpusPackets;
use crate::Container;
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
        let unsupported = || DecodeError::UnsupportedCodec { codec: unsupported_name(params) };
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

    /// The channels of the sound that it gives: what the codec itself says, where it does.
    pub(super) fn channels<'a>(&'a self, params: &'a AudioCodecParameters) -> Option<&'a Channels> {
        match self {
            Self::Symphonia(decoder) => {
                decoder.codec_params().channels.as_ref().or(params.channels.as_ref())
            }
            // Put into the order of WAVE as it is decoded.
            Self::Opus(_) => params.channels.as_ref(),
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
pub(super) fn unsupported_name(params: &AudioCodecParameters) -> String {
    match params.codec {
        CODEC_ID_AAC => aac_name(params),
        codec => codec_name(codec),
    }
}

/// Name of HE-AAC, whichever way a file says so.
pub(super) const HE_AAC: &str = "HE-AAC";

/// What an AudioSpecificConfig describes (ISO/IEC 14496-3, 1.6.2.1): type, rate and channels, in five bits and twice four.
fn aac_name(params: &AudioCodecParameters) -> String {
    let channels = params.channels.as_ref().map_or(0, |channels| channels.count());
    let config = params.extra_data.as_deref().unwrap_or_default();
    let kind = config.first().map_or(2, |byte| byte >> 3);
    // Spectral band replication (5, 29), or the sync word behind plain AAC with the bit that announces it: many encoders
    // write the word to say that there is none.
    let announces = |word: &[u8]| word.starts_with(&[0x56, 0xE5]) && word[2] & 0x80 != 0;
    let announced = config.windows(3).skip(2).any(announces);
    match (kind, channels) {
        (5 | 29, _) => HE_AAC.to_owned(),
        _ if announced => HE_AAC.to_owned(),
        (2, 3..) => format!("AAC of {channels} channels"),
        (1, _) => "AAC of the Main profile".to_owned(),
        (3, _) => "AAC of the SSR profile".to_owned(),
        (4, _) => "AAC of the LTP profile".to_owned(),
        (23, _) => "AAC-LD".to_owned(),
        (39, _) => "AAC-ELD".to_owned(),
        (42, _) => "xHE-AAC".to_owned(),
        _ => "an extension of AAC".to_owned(),
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
