//! MP3 and AAC files, which consist of frames alone: nothing but walking through them tells how much sound there is.
//!
//! symphonia estimates it from the bit rate of the first frames and stops there; its decoders are used for the frames.

mod head;
mod info;
mod scan;
mod walk;

use symphonia::core::audio::layouts::{CHANNEL_LAYOUT_MONO, CHANNEL_LAYOUT_STEREO};
use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_MP3};
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

use head::{Head, Kind};
use scan::Scan;
use walk::Walk;

use super::decoders::PacketDecoder;
use super::packets::AAC_CORE_RATE_HZ_MAX;
use super::pipeline::{Decoded, Outcome};
use super::{FrameReader, Input, flac_extent};
use crate::{
    Audio, AudioSpec, BLOCK_FRAMES, ChannelLayout, DecodeError, SourceFormat, SourceWarning,
};
use crate::{Codec, Container};

/// A pass over the frames of a file.
pub(super) struct ElementaryReader {
    format: SourceFormat,
    scan: Scan,
    walk: Walk,
    /// One for each number of channels, with that number.
    decoder: Option<(usize, PacketDecoder)>,
    decoded: Decoded,
    /// Coded frames of sound before and behind what is decoded, and the next of them to be given.
    begin: u64,
    end: u64,
    next: u64,
    /// Which of the kept ranges we are in.
    range: usize,
    damaged: u64,
    damaged_frames: u64,
    first_damage_frame: u64,
    given: u64,
}

/// The reader, or the input untouched when the file is something else.
pub(super) fn open(mut input: Input) -> Result<Result<ElementaryReader, Input>, DecodeError> {
    let whole = input.len();
    let tags = flac_extent::trailing_tag_bytes(&mut input)?;
    input.shorten(tags);
    let mut walk = Walk::new(input);
    let Some(scan) = scan::scan(&mut walk)? else {
        let mut input = walk.into_input();
        input.lengthen_to(whole);
        return Ok(Err(input));
    };
    let walk = Walk::new(walk.into_input());
    let (container, codec) = match scan.kind {
        Kind::Mp3 => (Container::Mp3, Codec::Mp3),
        Kind::Adts => (Container::Adts, Codec::Aac),
    };
    let format = SourceFormat {
        container,
        codec,
        sample_rate_hz: scan.rate_hz,
        bits: None,
        is_float: false,
        lossless: false,
        channels: scan.channels,
        layout: ChannelLayout::usual(scan.channels),
        frames: Some(scan.frames),
    };
    Ok(Ok(ElementaryReader::new(format, scan, walk)))
}

impl ElementaryReader {
    fn new(format: SourceFormat, scan: Scan, walk: Walk) -> Self {
        let packet = Packet::new(0, Timestamp::ZERO, Duration::ZERO, Vec::new());
        let audio = Audio::silence(format.spec(), 0);
        Self {
            decoded: Decoded { packet, audio, outcome: Outcome::Sound },
            decoder: None,
            format,
            scan,
            walk,
            begin: 0,
            end: 0,
            next: 0,
            range: 0,
            damaged: 0,
            damaged_frames: 0,
            first_damage_frame: 0,
            given: 0,
        }
    }

    /// Decodes the next frame of sound; `false` at the end.
    fn decode(&mut self) -> Result<bool, DecodeError> {
        loop {
            let Some(found) = self.walk.next(u64::MAX)? else { return Ok(false) };
            let bytes = self.walk.bytes(&found)?;
            if info::read(bytes, &found.head).is_some() {
                // A stream of its own begins: nothing of the one before belongs into it.
                self.decoder = None;
                continue;
            }
            let payload = bytes.get(found.head.payload_from..).unwrap_or_default();
            let (stamp, duration) = (Timestamp::ZERO, Duration::from(found.head.frames));
            self.decoded.packet = Packet::new(0, stamp, duration, payload);
            self.decode_packet(&found.head)?;
            self.begin = self.end;
            self.end += u64::from(found.head.frames);
            return Ok(true);
        }
    }

    fn decode_packet(&mut self, head: &Head) -> Result<(), DecodeError> {
        let channels = head.channels;
        let spec = AudioSpec::new(self.format.sample_rate_hz, channels);
        let decoder = match &mut self.decoder {
            Some((of, decoder)) if *of == channels => decoder,
            other => {
                let made = self.scan.decoder(channels, self.format.container)?;
                self.decoded.audio = Audio::silence(spec, 0);
                &mut other.insert((channels, made)).1
            }
        };
        self.decoded.decode(decoder, spec);
        let frames = head.frames as usize;
        let whole = self.decoded.audio.frames() == frames;
        match self.decoded.outcome {
            Outcome::Sound if whole => {}
            Outcome::Failed => {
                let container = self.format.container.name();
                return Err(DecodeError::DecoderFailed { container });
            }
            _ => self.replace_by_silence(frames),
        }
        Ok(())
    }

    fn replace_by_silence(&mut self, frames: usize) {
        if self.damaged == 0 {
            self.first_damage_frame = self.given;
        }
        self.damaged += 1;
        self.damaged_frames += frames as u64;
        self.decoded.audio.resize(frames);
        self.decoded.audio.planes_mut().iter_mut().for_each(|plane| plane.fill(0.0));
    }

    /// Moves what is sound and fits to the end of `block`.
    fn give(&mut self, block: &mut Audio) {
        while let Some(kept) = self.scan.kept.get(self.range) {
            let from = self.next.max(kept.start).max(self.begin);
            let room = (BLOCK_FRAMES - block.frames()) as u64;
            let to = self.end.min(kept.end).min(from.saturating_add(room));
            if from < to {
                let range = (from - self.begin) as usize..(to - self.begin) as usize;
                append(block, &self.decoded.audio, range);
                self.given += to - from;
                self.next = to;
            }
            if self.end < kept.end || block.frames() == BLOCK_FRAMES {
                return;
            }
            self.range += 1;
        }
        self.next = self.end;
    }
}

impl Scan {
    fn decoder(&self, channels: usize, container: Container) -> Result<PacketDecoder, DecodeError> {
        let mut params = AudioCodecParameters::new();
        let codec = match self.kind {
            Kind::Mp3 => CODEC_ID_MP3,
            Kind::Adts => CODEC_ID_AAC,
        };
        let layout = if channels == 1 { CHANNEL_LAYOUT_MONO } else { CHANNEL_LAYOUT_STEREO };
        params.for_codec(codec).with_sample_rate(self.rate_hz).with_channels(layout);
        PacketDecoder::new(&params, container, channels)
    }
}

/// Appends a part of `from`; one channel goes to all.
fn append(block: &mut Audio, from: &Audio, range: std::ops::Range<usize>) {
    let planes = from.planes();
    for (channel, to) in block.planes_mut().iter_mut().enumerate() {
        to.extend_from_slice(&planes[channel.min(planes.len() - 1)][range.clone()]);
    }
}

impl FrameReader for ElementaryReader {
    fn format(&self) -> &SourceFormat {
        &self.format
    }

    fn read(&mut self, block: &mut Audio) -> Result<(), DecodeError> {
        block.resize(0);
        self.give(block);
        while block.frames() < BLOCK_FRAMES && self.given < self.scan.frames {
            if !self.decode()? {
                // It was that long when it was opened.
                return Err(DecodeError::Changed);
            }
            self.give(block);
        }
        Ok(())
    }

    fn warnings(&self) -> Vec<SourceWarning> {
        let mut warnings = self.scan.warnings.clone();
        let sample_rate_hz = self.format.sample_rate_hz;
        if self.format.codec == Codec::Aac && sample_rate_hz <= AAC_CORE_RATE_HZ_MAX {
            warnings.push(SourceWarning::PerhapsHalf { sample_rate_hz });
        }
        if self.damaged > 0 {
            let first_at_s = self.first_damage_frame / u64::from(sample_rate_hz);
            let (count, lost_frames) = (self.damaged, self.damaged_frames);
            warnings.push(SourceWarning::Damaged { count, first_at_s, lost_frames });
        }
        warnings
    }
}
