//! Coded sound: containers of packets, through symphonia.

use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use super::decoders::{HE_AAC, PacketDecoder};
use super::identify::{container_of, format_of};
use super::pipeline::{End, Outcome, Pipeline};
use super::placing::{Placing, flac_mask, of_symphonia};
use super::{FrameReader, Input, core_audio, flac_extent, mp4};
use crate::{Audio, BLOCK_FRAMES, ChannelLayout, DecodeError, SourceFormat, SourceWarning};
use crate::{Codec, Container, check_spec};

/// Longest stretch of lost sound that is filled with silence; a longer one is a lying time stamp.
const FILLED_SECONDS_MAX: u64 = 60;

/// Rates up to which AAC may be the plain part of HE-AAC, which has twice the rate (ISO/IEC 14496-3, 4.6.18): nothing
/// but packets taken apart would tell.
pub(super) const AAC_CORE_RATE_HZ_MAX: u32 = 24_000;

/// Frames of the decoded stream that are not sound: what an encoder put before and after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Trim {
    /// Frames to leave out at the beginning.
    pub(super) skip: u64,
    /// Frames that are sound; all of them when `None`.
    pub(super) frames: Option<u64>,
}

impl Trim {
    /// The same for a stream of `coded_frames`, if that is known: what comes after them is padding.
    pub(super) fn within(self, coded_frames: Option<u64>) -> Self {
        let rest = coded_frames.map(|frames| frames.saturating_sub(self.skip));
        let frames = match (self.frames, rest) {
            (Some(frames), Some(rest)) => Some(frames.min(rest)),
            (None, rest) if self.skip > 0 => rest,
            (frames, _) => frames,
        };
        Self { frames, ..self }
    }
}

/// A pass over a container that symphonia reads.
pub(super) struct PacketReader {
    format: SourceFormat,
    pipeline: Pipeline,
    placing: Placing,
    /// Whether time stamps count frames.
    stamps_are_frames: bool,
    /// Decoded frames that did not fit the last block.
    pending: Audio,
    pending_from: usize,
    /// Frames decoded, before trimming.
    decoded_frames: u64,
    trim: Trim,
    found_frames: u64,
    /// Bytes of packets that should be there, and that were (FLAC).
    coded_bytes: Option<u64>,
    seen_bytes: u64,
    damaged: u64,
    lost_frames: u64,
    first_damage_frame: u64,
    cut_short: bool,
    ended: bool,
    /// What is to be said whatever is found.
    notes: Vec<SourceWarning>,
}

impl PacketReader {
    pub(super) fn new(mut input: Input) -> Result<Self, DecodeError> {
        let trim = mp4::trim(&mut input)?;
        let caf_layout = core_audio::caf_layout(&mut input)?;
        let coded_bytes = flac_extent::coded_bytes(&mut input)?;
        if coded_bytes.is_some() {
            // A tag after the last frame would cost that frame: its end is only sure at the end of the file.
            let tags = flac_extent::trailing_tag_bytes(&mut input)?;
            input.shorten(tags);
        }
        input.seek_to(0)?;
        let mut demuxer = probe(input)?;
        let flac_mask = flac_mask(&mut *demuxer);
        let container = container_of(demuxer.format_info().format)?;
        let track = audio_track(&*demuxer)?;
        let track_id = track.id;
        let params = track
            .codec_params
            .as_ref()
            .and_then(|params| params.audio())
            .ok_or(DecodeError::NotAudio)?;
        let mut format = format_of(container, params, track.num_frames)?;
        check_spec(format.sample_rate_hz, format.channels)?;
        let mut notes = Vec::new();
        let tracks = demuxer.tracks().iter().filter(|track| is_audio(track)).count();
        if tracks > 1 {
            notes.push(SourceWarning::OtherTracks { tracks: tracks as u64 });
        }
        let trim = match (container, format.codec) {
            (Container::Mp4, _) => {
                let checked = trim.map(|trim| trim.checked(format.frames, format.sample_rate_hz));
                let (trim, note) = checked.unwrap_or_default();
                notes.extend(note);
                trim
            }
            // symphonia's own trimming of Opus also cuts at pages in the middle.
            (_, Codec::Opus) => Trim { skip: u64::from(track.delay.unwrap_or(0)), frames: None },
            _ => Trim::default(),
        };
        let trim = trim.within(format.frames);
        format.frames = trim.frames.or(format.frames);
        let threads = if matches!(format.codec, Codec::Flac | Codec::Alac) { threads() } else { 1 };
        let decoders = (0..threads)
            .map(|_| PacketDecoder::new(params, container, format.channels))
            .collect::<Result<Vec<_>, _>>()?;
        let placing = match (format.codec, flac_mask, caf_layout) {
            (Codec::Flac, Some(mask), _) => {
                Some(ChannelLayout::from_mask(mask, format.channels).into())
            }
            (Codec::Pcm, _, Some(content)) => core_audio::placing_of(&content, format.channels),
            (Codec::Pcm, ..) => of_symphonia(params.channels.as_ref(), format.channels),
            _ => decoders
                .first()
                .and_then(|decoder| of_symphonia(decoder.channels(params), format.channels)),
        };
        let placing = placing.unwrap_or_else(|| Placing::usual(format.channels));
        format.layout = placing.layout;
        let base = track.time_base;
        let rate = format.sample_rate_hz;
        let stamps_are_frames =
            base.is_some_and(|base| base.numer.get() == 1 && base.denom.get() == rate);
        Ok(Self {
            pending: Audio::silence(format.spec(), 0),
            pending_from: 0,
            placing,
            stamps_are_frames,
            decoded_frames: 0,
            trim,
            found_frames: 0,
            coded_bytes: coded_bytes.filter(|_| container == Container::Flac),
            seen_bytes: 0,
            damaged: 0,
            lost_frames: 0,
            first_damage_frame: 0,
            cut_short: false,
            ended: false,
            notes,
            pipeline: Pipeline::new(demuxer, track_id, decoders, format.spec()),
            format,
        })
    }

    /// Puts the sound of one packet into `pending`; at the end, sets `ended`.
    fn decode_packet(&mut self) -> Result<(), DecodeError> {
        self.pending.resize(0);
        self.pending_from = 0;
        let Some(decoded) = self.pipeline.next() else {
            return self.end();
        };
        std::mem::swap(&mut self.pending, &mut decoded.audio);
        self.placing.arrange(&mut self.pending);
        let outcome = decoded.outcome;
        let (stamp, duration) = (decoded.packet.pts.get(), decoded.packet.dur.get());
        self.seen_bytes += decoded.packet.data.len() as u64;
        let lost_frames = self.lost_before(stamp);
        if lost_frames > 0 {
            self.lost_frames += lost_frames;
            self.count_damage();
        }
        match outcome {
            Outcome::Sound => {}
            Outcome::Damaged => {
                self.count_damage();
                let frames = if self.stamps_are_frames { duration } else { 0 };
                let frames = frames.min(u64::from(self.format.sample_rate_hz));
                self.lost_frames += frames;
                self.pending.resize(frames as usize);
                self.pending.planes_mut().iter_mut().for_each(|plane| plane.fill(0.0));
            }
            Outcome::OtherFormat => return Err(self.format_changes()),
            Outcome::Failed => return Err(self.decoder_failed()),
        }
        insert_silence(&mut self.pending, lost_frames as usize);
        self.decoded_frames += self.pending.frames() as u64;
        self.trim_pending();
        Ok(())
    }

    fn end(&mut self) -> Result<(), DecodeError> {
        self.ended = true;
        match self.pipeline.take_end() {
            End::Whole => Ok(()),
            End::CutShort => {
                self.cut_short = true;
                Ok(())
            }
            End::OtherFormat => Err(self.format_changes()),
            End::Failed => Err(self.decoder_failed()),
            End::Io(error) => Err(DecodeError::Io(error)),
        }
    }

    fn format_changes(&self) -> DecodeError {
        if self.format.codec == Codec::Aac && self.decoded_frames == 0 {
            // The container says what comes out of HE-AAC, the packets are its plain part.
            return DecodeError::UnsupportedCodec { codec: HE_AAC.to_owned() };
        }
        DecodeError::format_changes(self.found_frames, self.format.sample_rate_hz)
    }

    fn decoder_failed(&self) -> DecodeError {
        DecodeError::DecoderFailed { container: self.format.container.name() }
    }

    /// Frames that a FLAC demuxer left out before this packet, because they were damaged. Silence keeps their place.
    fn lost_before(&self, stamp: i64) -> u64 {
        if self.format.codec != Codec::Flac || !self.stamps_are_frames {
            return 0;
        }
        let stamp = u64::try_from(stamp).unwrap_or(0);
        let lost = stamp.saturating_sub(self.decoded_frames);
        let most = FILLED_SECONDS_MAX * u64::from(self.format.sample_rate_hz);
        if lost <= most { lost } else { 0 }
    }

    fn count_damage(&mut self) {
        if self.damaged == 0 {
            self.first_damage_frame = self.found_frames;
        }
        self.damaged += 1;
    }

    /// Leaves out of `pending` what is not sound.
    fn trim_pending(&mut self) {
        let count = self.pending.frames() as u64;
        let before = self.decoded_frames - count;
        let skip = self.trim.skip.saturating_sub(before).min(count);
        self.pending_from = skip as usize;
        let mut kept = count - skip;
        if let Some(frames) = self.trim.frames {
            kept = kept.min(frames.saturating_sub(self.found_frames));
            self.pending.resize((skip + kept) as usize);
        }
        self.found_frames += kept;
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

    /// What the end of the file tells.
    fn length_warning(&self) -> Option<SourceWarning> {
        let found_frames = self.found_frames;
        let promised_frames = self.format.frames.unwrap_or(found_frames);
        let lost_bytes = self.coded_bytes.map_or(0, |bytes| bytes.saturating_sub(self.seen_bytes));
        if found_frames > promised_frames {
            Some(SourceWarning::LongerThanPromised { promised_frames, found_frames })
        } else if found_frames < promised_frames {
            Some(SourceWarning::Truncated { promised_frames, found_frames })
        } else if lost_bytes > 0 && self.damaged == 0 {
            let lost = u128::from(lost_bytes) * u128::from(found_frames)
                / u128::from(self.seen_bytes.max(1));
            let lost_frames = u64::try_from(lost).unwrap_or(u64::MAX);
            Some(SourceWarning::Undecodable { bytes: lost_bytes, lost_frames })
        } else if self.cut_short {
            Some(SourceWarning::EndsEarly)
        } else {
            None
        }
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
        let mut warnings = self.notes.clone();
        let rate_hz = self.format.sample_rate_hz;
        if self.format.codec == Codec::Aac && rate_hz <= AAC_CORE_RATE_HZ_MAX {
            warnings.push(SourceWarning::PerhapsHalf { sample_rate_hz: rate_hz });
        }
        if self.damaged > 0 {
            let first_at_s = self.first_damage_frame / u64::from(self.format.sample_rate_hz);
            let (count, lost_frames) = (self.damaged, self.lost_frames);
            warnings.push(SourceWarning::Damaged { count, first_at_s, lost_frames });
        }
        warnings.extend(self.length_warning().filter(|_| self.ended));
        warnings
    }
}

/// Threads for packets that do not depend on each other: half of all there are, since the others have work with what is
/// decoded; more than four outrun the demuxer.
fn threads() -> usize {
    (acetate_audio::threads::count() / 2).clamp(1, 4)
}

fn probe(input: Input) -> Result<Box<dyn FormatReader>, DecodeError> {
    let mut hint = Hint::new();
    if let Some(extension) = input.extension() {
        hint.with_extension(extension);
    }
    let probing = AssertUnwindSafe(|| {
        let options = MediaSourceStreamOptions { buffer_len: 1 << 17 };
        let stream = MediaSourceStream::new(Box::new(input), options);
        let (format, meta) = (FormatOptions::default(), MetadataOptions::default());
        symphonia::default::get_probe().probe(&hint, stream, format, meta)
    });
    match catch_unwind(probing) {
        Ok(Ok(demuxer)) => Ok(demuxer),
        Ok(Err(Error::IoError(error))) if error.kind() != ErrorKind::UnexpectedEof => {
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

fn is_audio(track: &Track) -> bool {
    track.codec_params.as_ref().is_some_and(|params| params.audio().is_some())
}

fn insert_silence(audio: &mut Audio, frames: usize) {
    if frames > 0 {
        for plane in audio.planes_mut() {
            plane.splice(0..0, std::iter::repeat_n(0.0, frames));
        }
    }
}
