//! What a stream of frames holds, counted: headers that count for it only advise.

use std::ops::Range;

use super::head::{Head, Kind};
use super::info::{self, Info};
use super::walk::{Found, Walk};
use crate::limits::check_spec;
use crate::{DecodeError, SourceWarning};

/// Bytes before the first frame that are searched; symphonia, which looks for the other kinds, gives up there, too.
const JUNK_BEFORE_MAX: u64 = 1 << 20;

/// A stream with its own tag in front, or the only one.
#[derive(Clone, Debug, Default)]
struct Part {
    info: Option<Info>,
    /// First of its coded frames of sound.
    from: u64,
    /// MPEG frames, tag excluded.
    count: u64,
    bytes: u64,
    /// Whether the end of the file cuts a frame of it.
    is_cut: bool,
}

/// A whole file, walked through once.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    pub(super) kind: Kind,
    pub(super) rate_hz: u32,
    pub(super) channels: usize,
    /// Frames of the decoded stream that are sound.
    pub(super) kept: Vec<Range<u64>>,
    /// Sum of their lengths.
    pub(super) frames: u64,
    pub(super) warnings: Vec<SourceWarning>,
}

/// Walks through a file; `None` when it does not consist of such frames.
pub(super) fn scan(walk: &mut Walk) -> Result<Option<Scan>, DecodeError> {
    let Some(first) = walk.next(JUNK_BEFORE_MAX)? else { return Ok(None) };
    let mut count = Count::new(&first.head);
    let mut next = Some(first);
    while let Some(found) = next {
        count.take(&found, walk)?;
        next = walk.next(u64::MAX)?;
    }
    count.finish(walk).map(Some)
}

struct Count {
    first: Head,
    channels: usize,
    parts: Vec<Part>,
    /// Coded frames of sound up to here, and bytes of the frames they are in.
    position: u64,
    sound_bytes: u64,
    /// Where the number of channels is first another.
    mixed_at: Option<u64>,
}

impl Count {
    fn new(first: &Head) -> Self {
        Self {
            first: *first,
            channels: first.channels,
            parts: vec![Part::default()],
            position: 0,
            sound_bytes: 0,
            mixed_at: None,
        }
    }

    fn take(&mut self, found: &Found, walk: &mut Walk) -> Result<(), DecodeError> {
        let head = &found.head;
        if !head.goes_with(&self.first) {
            return Err(self.changes());
        }
        let info = info::read(walk.bytes(found)?, head);
        if info.is_some() {
            self.parts.push(Part { info, from: self.position, ..Part::default() });
        }
        let part = self.parts.last_mut().expect("there is always a part");
        part.bytes += head.bytes as u64;
        if info.is_some() {
            return Ok(());
        }
        part.count += 1;
        if head.channels != self.channels {
            self.mixed_at = self.mixed_at.or(Some(self.position));
            self.channels = self.channels.max(head.channels);
        }
        self.position += u64::from(head.frames);
        self.sound_bytes += head.bytes as u64;
        Ok(())
    }

    fn changes(&self) -> DecodeError {
        DecodeError::format_changes(self.position, self.first.rate_hz)
    }

    fn finish(mut self, walk: &Walk) -> Result<Scan, DecodeError> {
        self.check_codec()?;
        check_spec(self.first.rate_hz, self.channels)?;
        if let Some(last) = self.parts.last_mut() {
            last.is_cut = walk.partial_bytes > 0;
        }
        // What is before a tag has none of its own.
        self.parts.retain(|part| part.count > 0);
        if self.mixed_at.is_some() && self.channels > 2 {
            return Err(DecodeError::format_changes(
                self.mixed_at.unwrap_or(0),
                self.first.rate_hz,
            ));
        }
        let kept: Vec<_> = self.parts.iter().map(|part| part.kept(&self.first)).collect();
        let frames = kept.iter().map(|range| range.end - range.start).sum();
        let warnings = self.warnings(walk);
        let Head { kind, rate_hz, .. } = self.first;
        Ok(Scan { kind, rate_hz, channels: self.channels, kept, frames, warnings })
    }

    /// Refuses by name what the decoder would refuse, or take for something else.
    fn check_codec(&self) -> Result<(), DecodeError> {
        let codec = match (self.first.kind, self.channels, self.first.blocks) {
            (Kind::Mp3, ..) | (_, 1 | 2, 1) => return Ok(()),
            (_, 0, _) => "AAC whose channels are told elsewhere".to_owned(),
            (_, 1 | 2, _) => "AAC with several blocks a frame".to_owned(),
            (_, channels, _) => format!("AAC of {channels} channels"),
        };
        Err(DecodeError::UnsupportedCodec { codec })
    }

    fn warnings(&self, walk: &Walk) -> Vec<SourceWarning> {
        let mut warnings = Vec::new();
        let [mut short, mut long] = [(0, 0); 2];
        for part in &self.parts {
            let Some(promised) = part.promised(&self.first) else { continue };
            let range = part.kept(&self.first);
            let found = range.end - range.start;
            let sum = if promised > found { &mut short } else { &mut long };
            if promised != found {
                *sum = (sum.0 + promised, sum.1 + found);
            }
        }
        let all = self.parts.iter().map(|part| part.kept(&self.first));
        let all_found: u64 = all.map(|range| range.end - range.start).sum();
        if short.0 > 0 {
            let lost = short.0 - short.1;
            let (promised_frames, found_frames) = (all_found + lost, all_found);
            warnings.push(SourceWarning::Truncated { promised_frames, found_frames });
        }
        if long.1 > 0 {
            let (promised_frames, found_frames) = (all_found - (long.1 - long.0), all_found);
            warnings.push(SourceWarning::LongerThanPromised { promised_frames, found_frames });
        }
        if self.parts.len() > 1 {
            warnings.push(SourceWarning::Joined { streams: self.parts.len() as u64 });
        }
        if let Some(frame) = self.mixed_at {
            let at_s = frame / u64::from(self.first.rate_hz);
            warnings.push(SourceWarning::MonoMixed { at_s });
        }
        if walk.junk_bytes > 0 {
            let lost = u128::from(walk.junk_bytes) * u128::from(self.position)
                / u128::from(self.sound_bytes.max(1));
            warnings.push(SourceWarning::Undecodable {
                bytes: walk.junk_bytes,
                // What a header misses is not counted twice.
                lost_frames: u64::try_from(lost)
                    .unwrap_or(u64::MAX)
                    .saturating_sub(short.0 - short.1),
            });
        }
        if walk.partial_bytes > 0 {
            warnings.push(SourceWarning::PartialFrame { bytes: walk.partial_bytes });
        }
        warnings
    }
}

impl Part {
    /// Whether its tag was made for what is there: then the padding it tells is there, too.
    fn is_as_promised(&self, info: &Info) -> bool {
        // Some writers count the tag itself.
        let counts_itself = !self.is_cut && info.bytes.is_none_or(|bytes| bytes <= self.bytes);
        info.count == Some(self.count) || (info.count == Some(self.count + 1) && counts_itself)
    }

    /// Its coded frames that are sound.
    fn kept(&self, head: &Head) -> Range<u64> {
        let end = self.from + self.count * u64::from(head.frames);
        let info = self.info.unwrap_or_default();
        let padding = if self.is_as_promised(&info) { info.padding } else { 0 };
        let begin = (self.from + info.delay).min(end);
        begin..end.saturating_sub(padding).max(begin)
    }

    /// Frames of sound that its tag promises.
    fn promised(&self, head: &Head) -> Option<u64> {
        let info = self.info?;
        let range = self.kept(head);
        if self.is_as_promised(&info) {
            return Some(range.end - range.start);
        }
        let coded = info.count? * u64::from(head.frames);
        // A lie about the end says nothing about the padding.
        Some(coded.saturating_sub(info.delay))
    }
}
