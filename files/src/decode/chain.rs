//! Several files in one, read one after another.

use super::{FrameReader, Input, open_one};
use crate::{Audio, ChannelLayout, DecodeError, SourceFormat, SourceWarning};

/// A pass over all parts of a file.
pub(super) struct ChainReader {
    whole: Input,
    parts: Vec<(u64, u64)>,
    /// Which of them is being read.
    index: usize,
    inner: Box<dyn FrameReader>,
    format: SourceFormat,
    /// Sound of a part with fewer channels.
    narrow: Audio,
    given: u64,
    /// Of the parts before.
    warnings: Vec<SourceWarning>,
}

impl ChainReader {
    /// Opens each part once for what it says of itself.
    pub(super) fn new(mut whole: Input, mut parts: Vec<(u64, u64)>) -> Result<Self, DecodeError> {
        let mut warnings = Vec::new();
        let mut formats: Vec<SourceFormat> = Vec::new();
        for (index, &(from, to)) in parts.iter().enumerate() {
            match open_one(whole.window(from, to)?) {
                Ok(reader) => formats.push(reader.format().clone()),
                Err(error) if index == 0 => return Err(error),
                Err(_) => {
                    let bytes = whole.len() - from;
                    warnings.push(SourceWarning::Undecodable { bytes, lost_frames: 0 });
                    whole.shorten(bytes);
                    break;
                }
            }
        }
        parts.truncate(formats.len());
        if parts.len() > 1 {
            warnings.push(SourceWarning::Joined { streams: parts.len() as u64 });
        }
        let mut format = formats[0].clone();
        format.frames = formats.iter().map(|format| format.frames).sum();
        if format.channels != common_channels(&formats) {
            format.channels = common_channels(&formats);
            format.layout = ChannelLayout::usual(format.channels);
        }
        if format.bits.is_some() {
            format.bits = formats.iter().filter_map(|format| format.bits).max();
        }
        let (from, to) = parts[0];
        let inner = open_one(whole.window(from, to)?)?;
        let narrow = Audio::silence(inner.format().spec(), 0);
        Ok(Self { whole, parts, index: 0, inner, format, narrow, given: 0, warnings })
    }

    /// Goes to the next part; `false` when there is none.
    fn advance(&mut self) -> Result<bool, DecodeError> {
        let rate_hz = self.format.sample_rate_hz;
        let before_s = (self.given / u64::from(rate_hz)).saturating_sub(self.part_s());
        for warning in self.inner.warnings() {
            SourceWarning::merge(&mut self.warnings, warning.later_by(before_s));
        }
        let Some(&(from, to)) = self.parts.get(self.index + 1) else { return Ok(false) };
        self.index += 1;
        self.inner = open_one(self.whole.window(from, to)?)?;
        let spec = self.inner.format().spec();
        let same = self.format.spec();
        let fits = (spec.channels, spec.layout) == (same.channels, same.layout)
            || (spec.channels == 1 && self.format.channels == 2);
        if spec.sample_rate_hz != rate_hz || !fits {
            return Err(DecodeError::format_changes(self.given, rate_hz));
        }
        if spec.channels != self.narrow.spec().channels {
            let at_s = self.given / u64::from(rate_hz);
            SourceWarning::merge(&mut self.warnings, SourceWarning::MonoMixed { at_s });
        }
        self.narrow = Audio::silence(spec, 0);
        Ok(true)
    }

    /// Length of the part being read, in whole seconds.
    fn part_s(&self) -> u64 {
        self.inner.format().frames.unwrap_or(0) / u64::from(self.format.sample_rate_hz)
    }
}

/// Stereo where mono and stereo are mixed; else what the first has.
fn common_channels(formats: &[SourceFormat]) -> usize {
    let first = formats[0].channels;
    let mixed = first == 1 && formats.iter().any(|format| format.channels == 2);
    if mixed { 2 } else { first }
}

impl FrameReader for ChainReader {
    fn format(&self) -> &SourceFormat {
        &self.format
    }

    fn read(&mut self, block: &mut Audio) -> Result<(), DecodeError> {
        loop {
            if self.narrow.spec().channels == self.format.channels {
                self.inner.read(block)?;
            } else {
                self.inner.read(&mut self.narrow)?;
                for plane in block.planes_mut() {
                    plane.clear();
                    plane.extend_from_slice(self.narrow.channel(0));
                }
            }
            self.given += block.frames() as u64;
            if block.frames() > 0 || !self.advance()? {
                return Ok(());
            }
        }
    }

    fn warnings(&self) -> Vec<SourceWarning> {
        self.warnings.clone()
    }
}
