//! Opus (RFC 6716, RFC 7845), through a decoder in plain Rust without a C toolchain.
//!
//! Of the four such decoders in the registry, `opus-rs` is the one that agrees with libopus (to the rounding of
//! libopus' 16 bits) and is fast (180 times real time); `mousiki` 0.2 differs audibly, `opus-decoder` 0.1 takes as long as
//! the music, and `symphonia-adapter-libopus` needs a C compiler and cmake on every machine that builds.

use opus_rs::multistream::{ChannelMappingTable, MultistreamDecoder};
use symphonia::core::errors::Error;
use symphonia::core::packet::Packet;

use crate::Audio;
use crate::units::db_to_amplitude;

/// The rate that Opus decodes to, whatever went in.
const RATE_HZ: i32 = 48_000;
/// Frames of the longest packet, 120 ms (RFC 6716, 2.1.4).
const PACKET_FRAMES_MAX: usize = 5_760;
/// What a mapping says of a channel that no stream fills.
const SILENT: u8 = 255;
/// Bytes of an identification header without a channel mapping (RFC 7845, 5.1).
const HEAD_BYTES: usize = 19;

/// Decodes the packets of one Opus track.
pub(super) struct OpusPackets {
    decoder: MultistreamDecoder,
    channels: usize,
    gain: f32,
    interleaved: Vec<f32>,
}

impl OpusPackets {
    /// From the identification header; `None` when it is damaged or asks for more than RFC 7845 defines.
    pub(super) fn new(head: &[u8], channels: usize) -> Option<Self> {
        if !head.starts_with(b"OpusHead") || head.len() < HEAD_BYTES {
            return None;
        }
        let count = u8::try_from(channels).ok()?;
        let mut table = match (head[18], channels) {
            (0, 1 | 2) => ChannelMappingTable {
                channels: count,
                stream_count: 1,
                coupled_count: count - 1,
                mapping: (0..count).collect(),
            },
            (1, _) => ChannelMappingTable::parse(1, count, &head[HEAD_BYTES..])?,
            _ => return None,
        };
        let decoded = u16::from(table.stream_count) + u16::from(table.coupled_count);
        let sound = table.stream_count > 0
            && table.coupled_count <= table.stream_count
            && table.mapping.iter().all(|&slot| slot == SILENT || u16::from(slot) < decoded);
        if !sound {
            return None;
        }
        table.mapping = to_wave_order(&table.mapping, head[18]);
        let decoder = MultistreamDecoder::new(RATE_HZ, table).ok()?;
        // Output gain in dB, eight bits after the point.
        let gain_db = f64::from(i16::from_le_bytes([head[16], head[17]])) / 256.0;
        let gain = db_to_amplitude(gain_db) as f32;
        Some(Self { decoder, channels, gain, interleaved: vec![0.0; PACKET_FRAMES_MAX * channels] })
    }

    pub(super) fn decode(&mut self, packet: &Packet, audio: &mut Audio) -> Result<(), Error> {
        let decoded = self.decoder.decode(&packet.data, PACKET_FRAMES_MAX, &mut self.interleaved);
        let frames = decoded.map_err(Error::DecodeError)?.min(PACKET_FRAMES_MAX);
        audio.resize(frames);
        let kept = &self.interleaved[..frames * self.channels];
        for (channel, plane) in audio.planes_mut().iter_mut().enumerate() {
            for (sample, frame) in plane.iter_mut().zip(kept.chunks_exact(self.channels)) {
                *sample = frame[channel] * self.gain;
            }
        }
        Ok(())
    }
}

/// From the channel order of Vorbis, which Opus uses for more than two channels (RFC 7845, 5.1.1.2), to that of WAVE.
fn to_wave_order(mapping: &[u8], family: u8) -> Vec<u8> {
    let order: &[usize] = match (family, mapping.len()) {
        (1, 3) => &[0, 2, 1],
        (1, 5) => &[0, 2, 1, 3, 4],
        (1, 6) => &[0, 2, 1, 5, 3, 4],
        (1, 7) => &[0, 2, 1, 6, 5, 3, 4],
        (1, 8) => &[0, 2, 1, 7, 5, 6, 3, 4],
        _ => return mapping.to_vec(),
    };
    order.iter().map(|&index| mapping[index]).collect()
}
