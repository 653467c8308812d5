//! How far the samples of a WAVE file reach: its lengths only advise, what is there decides.

use super::Input;
use super::riff::{self, UNKNOWN_32, USUAL, Walk, WaveFile};
use crate::Container;
use crate::{DecodeError, SourceWarning};

/// Files behind one another that are told apart.
const PARTS_MAX: usize = 4096;
/// Data chunks that are read one after another.
const DATA_CHUNKS_MAX: usize = 4096;

impl WaveFile {
    /// The same with the extent of its samples, whose first chunk has the stated length.
    pub(super) fn located(mut self, walk: &mut Walk<'_>, stated: u64) -> Result<Self, DecodeError> {
        let there = walk.input.len().saturating_sub(self.data_from);
        // Streams say 0 or 2^32-1; writers without RF64 let the length wrap around at 4 GB.
        let to_the_end = stated == 0 || (UNKNOWN_32 - 64..=UNKNOWN_32).contains(&stated);
        let wrapped = self.container == Container::Wav && there > UNKNOWN_32;
        let is_open = to_the_end || wrapped;
        self.data_bytes = if is_open { there } else { stated.min(there) };
        if !is_open && !walk.is_w64 {
            self.look_behind(walk, there)?;
        }
        let frame_bytes = self.frame_bytes();
        let found_frames = self.all_frames();
        let promised_frames = stated / frame_bytes;
        if !to_the_end && promised_frames > found_frames {
            self.warnings.push(SourceWarning::Truncated { promised_frames, found_frames });
        } else if !to_the_end && (wrapped || self.data_bytes > stated) {
            self.warnings.push(SourceWarning::LongerThanPromised { promised_frames, found_frames });
        }
        if !self.further.is_empty() {
            let streams = 1 + self.further.len() as u64;
            self.warnings.push(SourceWarning::Joined { streams });
        }
        let partial = self.data_bytes % frame_bytes;
        if partial != 0 {
            self.warnings.push(SourceWarning::PartialFrame { bytes: partial });
        }
        Ok(self)
    }

    fn frame_bytes(&self) -> u64 {
        self.fmt.frame_bytes.max(1) as u64
    }

    fn all_frames(&self) -> u64 {
        let further = self.further.iter().map(|(_, bytes)| bytes);
        further.chain([&self.data_bytes]).map(|bytes| bytes / self.frame_bytes()).sum()
    }

    /// Looks at what follows the first samples: chunks, more samples, or samples that the length forgets.
    fn look_behind(&mut self, walk: &mut Walk<'_>, there: u64) -> Result<(), DecodeError> {
        let end = self.data_from + self.data_bytes;
        walk.after_odd = self.data_bytes % 2 == 1;
        walk.position = end + u64::from(walk.after_odd);
        let rest = walk.input.len().saturating_sub(walk.position);
        if rest < self.frame_bytes().max(8) {
            return Ok(());
        }
        if !walk.is_at_end_of_samples()? {
            let second = self.frame_bytes() * u64::from(self.fmt.sample_rate_hz);
            if walk.riff_end()? > walk.position || rest >= second {
                self.data_bytes = there;
            } else {
                let lost_frames = rest / self.frame_bytes();
                self.warnings.push(SourceWarning::Undecodable { bytes: rest, lost_frames });
            }
            return Ok(());
        }
        while self.further.len() < DATA_CHUNKS_MAX
            && let Some(chunk) = walk.next()?
            && chunk.name != *b"RIFF"
        {
            let there = walk.input.len().saturating_sub(chunk.from);
            let bytes = chunk.bytes.min(there);
            if chunk.name == *b"data" && bytes >= self.frame_bytes() {
                self.further.push((chunk.from, bytes));
            }
        }
        Ok(())
    }
}

impl Walk<'_> {
    /// Whether what is here may be there instead of samples: a chunk, a tag, another file, or zeros.
    fn is_at_end_of_samples(&mut self) -> Result<bool, DecodeError> {
        if !self.next_is_no_chunk()? {
            return Ok(true);
        }
        // One byte earlier where a pad byte is missing.
        let mut head = [0; 64];
        self.input.seek_to(self.position - u64::from(self.after_odd))?;
        let count = self.input.read_up_to(&mut head)?;
        let head = &head[..count];
        let known = |at: &[u8]| {
            USUAL.iter().any(|name| at.starts_with(name))
                || [&b"ID3"[..], b"TAG", b"APETAGEX", b"RIFF"]
                    .iter()
                    .any(|name| at.starts_with(name))
        };
        Ok(known(head) || head.get(1..).is_some_and(known) || head.iter().all(|&byte| byte == 0))
    }

    /// Where the whole file says it ends; everything where it says nothing of use.
    fn riff_end(&mut self) -> Result<u64, DecodeError> {
        let mut head = [0; 8];
        self.input.seek_to(0)?;
        self.input.read_up_to(&mut head)?;
        let bytes = u64::from(self.order.u32(*head.last_chunk().expect("8 bytes")));
        let says = (1..UNKNOWN_32).contains(&bytes);
        Ok(if says { 8 + bytes } else { u64::MAX })
    }
}

/// Where further RIFF files begin behind the first.
pub(super) fn joined(input: &mut Input) -> Result<Vec<u64>, DecodeError> {
    let mut begins = Vec::new();
    let mut begin = 0;
    // A file whose header is damaged is somebody else's to refuse.
    while let Ok(file) = riff::parse(&mut input.window(begin, input.len())?, Container::Wav)
        && begins.len() < PARTS_MAX
        && let Some(next) = next_file(input, begin, &file)?
    {
        begins.push(next);
        begin = next;
    }
    Ok(begins)
}

/// Where the chunks after the samples end in another file.
fn next_file(input: &mut Input, begin: u64, file: &WaveFile) -> Result<Option<u64>, DecodeError> {
    let mut window = input.window(begin, input.len())?;
    let mut walk = Walk::new(&mut window, Container::Wav)?;
    walk.position = file.data_from.saturating_add(file.data_bytes);
    walk.after_odd = file.data_bytes % 2 == 1;
    walk.position += u64::from(walk.after_odd);
    while let Ok(Some(chunk)) = walk.next() {
        if chunk.name == *b"RIFF" {
            let mut form = [0; 4];
            walk.input.seek_to(chunk.from)?;
            walk.input.read_up_to(&mut form)?;
            return Ok((form == *b"WAVE").then_some(begin + chunk.from - 8));
        }
    }
    Ok(None)
}
