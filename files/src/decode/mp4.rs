//! Where the sound of an MP4 file begins and ends: encoders put priming frames before it and padding after it.
//!
//! Sources: ISO/IEC 14496-12 (edit lists, 8.6.6); Apple Technical Note TN2258 for `iTunSMPB`.

use super::Input;
use super::packets::Trim;
use crate::{DecodeError, SourceWarning};

/// Boxes that are looked at before giving up.
const BOXES_MAX: usize = 1 << 14;
/// Boxes inside each other that are followed; what is looked for is at most seven deep.
const DEPTH_MAX: usize = 12;
/// Content of a box that is read into memory.
const CONTENT_BYTES_MAX: u64 = 4096;

/// A box's kind and the extent of its content.
#[derive(Clone, Copy)]
pub(super) struct Atom {
    pub(super) kind: [u8; 4],
    pub(super) from: u64,
    pub(super) to: u64,
}

/// What was found in the movie box.
#[derive(Debug, Default)]
struct Timing {
    movie_timescale: u32,
    track_timescale: u32,
    is_sound: bool,
    /// Duration in movie time, and first frame in track time.
    edits: Vec<(u64, u64)>,
    /// The first sound track: timescale and edits.
    found: Option<(u32, Vec<(u64, u64)>)>,
    /// Priming, padding and frames.
    itunes: Option<(u64, u64)>,
}

/// The part of the first sound track that is sound; `None` when the file is not MP4 or does not say.
pub(super) fn trim(input: &mut Input) -> Result<Option<Mp4Trim>, DecodeError> {
    let mut beginning = [0; 8];
    input.seek_to(0)?;
    if input.read_up_to(&mut beginning)? < 8 || &beginning[4..] != b"ftyp" {
        return Ok(None);
    }
    let mut timing = Timing::default();
    let file = Atom { kind: *b"file", from: 0, to: input.len() };
    walk(input, file, &mut timing, &mut 0, 0)?;
    timing.close_track();
    Ok(timing.trim())
}

impl Timing {
    /// Notes a track when it was the first with sound.
    fn close_track(&mut self) {
        if self.is_sound && self.found.is_none() {
            self.found = Some((self.track_timescale, std::mem::take(&mut self.edits)));
        }
        self.is_sound = false;
        self.edits.clear();
    }

    fn trim(&self) -> Option<Mp4Trim> {
        if let Some((skip, frames)) = self.itunes {
            let trim = Trim { skip, frames: Some(frames) };
            return Some(Mp4Trim { trim, is_edit: false, is_in_order: true });
        }
        let (timescale, edits) = self.found.as_ref()?;
        let (&(_, skip), &(last_duration, last)) = (edits.first()?, edits.last()?);
        // A coarse movie clock (often 1 ms or 1/600 s) cannot tell the last frame; the track's own length then does.
        let exact = self.movie_timescale >= *timescale && self.movie_timescale > 0;
        let in_track = |duration: u64| {
            let frames = u128::from(duration) * u128::from(*timescale);
            (frames / u128::from(self.movie_timescale.max(1))) as u64
        };
        // Edits that follow each other, by the clock that tells them.
        let slack = in_track(2) + 1;
        let is_in_order = edits.windows(2).all(|pair| {
            let [(duration, begin), (_, next)] = [pair[0], pair[1]];
            begin.saturating_add(in_track(duration)).abs_diff(next) <= slack
        });
        let end = last.saturating_add(in_track(last_duration));
        let frames = (exact && last_duration > 0).then(|| end.saturating_sub(skip));
        let trim = if is_in_order { Trim { skip, frames } } else { Trim::default() };
        Some(Mp4Trim { trim, is_edit: true, is_in_order })
    }
}

/// Frames that an encoder may put before and after the sound: two packets of the longest kind.
const PRIMING_FRAMES_MAX: u64 = 4_096;

/// What a file says of its beginning and end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mp4Trim {
    trim: Trim,
    /// By an edit list, which may be meant to hide sound; else by iTunes, which tells what the encoder added.
    is_edit: bool,
    /// Whether its parts follow each other; else they are all played in the order of the file.
    is_in_order: bool,
}

impl Mp4Trim {
    /// What of it is to be believed of a track of that many frames, and what is to be said about it.
    pub(super) fn checked(
        self,
        coded: Option<u64>,
        sample_rate_hz: u32,
    ) -> (Trim, Option<SourceWarning>) {
        if !self.is_in_order {
            return (Trim::default(), Some(SourceWarning::EditsIgnored));
        }
        let Some(coded_frames) = coded else { return (self.trim, None) };
        let trim = self.trim.within(coded);
        let kept = trim.frames.unwrap_or(coded_frames);
        let hidden = coded_frames.saturating_sub(kept);
        let used = |trim: Trim| {
            let found_frames = coded_frames - trim.skip;
            let promised_frames = self.trim.frames.unwrap_or(kept).min(kept);
            (trim, Some(SourceWarning::LongerThanPromised { promised_frames, found_frames }))
        };
        if kept == 0 && coded_frames > 0 {
            return used(Trim::default());
        }
        let end = hidden.saturating_sub(trim.skip);
        if !self.is_edit && trim.skip.max(end) > PRIMING_FRAMES_MAX {
            let skip = if trim.skip > PRIMING_FRAMES_MAX { 0 } else { trim.skip };
            return used(Trim { skip, frames: Some(coded_frames - skip) });
        }
        let is_meant = self.is_edit && hidden > u64::from(sample_rate_hz) / 2;
        (trim, is_meant.then_some(SourceWarning::LeftOutByEdit { frames: hidden, coded_frames }))
    }
}

/// Goes through the boxes of `parent` and those inside it that lead to timing.
fn walk(
    input: &mut Input,
    parent: Atom,
    timing: &mut Timing,
    seen: &mut usize,
    depth: usize,
) -> Result<(), DecodeError> {
    if depth > DEPTH_MAX {
        return Ok(());
    }
    let depth = depth + 1;
    let mut position = parent.from;
    while let Some(atom) = read_atom(input, position, parent.to)? {
        *seen += 1;
        if *seen > BOXES_MAX {
            return Ok(());
        }
        position = atom.to;
        match &atom.kind {
            b"trak" => {
                timing.close_track();
                walk(input, atom, timing, seen, depth)?;
            }
            b"moov" | b"mdia" | b"edts" | b"udta" | b"ilst" => {
                walk(input, atom, timing, seen, depth)?
            }
            // A full box: four bytes of version and flags, then boxes. QuickTime leaves them out.
            b"meta" => walk(input, Atom { from: atom.from + 4, ..atom }, timing, seen, depth)?,
            b"mvhd" | b"mdhd" | b"hdlr" | b"elst" | b"----" => {
                let content = content(input, atom)?;
                note(&atom.kind, &content, timing);
            }
            _ => {}
        }
    }
    Ok(())
}

pub(super) fn read_atom(input: &mut Input, at: u64, end: u64) -> Result<Option<Atom>, DecodeError> {
    let mut head = [0; 16];
    if at.saturating_add(8) > end {
        return Ok(None);
    }
    input.seek_to(at)?;
    let count = input.read_up_to(&mut head)?;
    let [a, b, c, d, e, f, g, h, long @ ..] = head;
    let (size, header) = match u32::from_be_bytes([a, b, c, d]) {
        0 => (end - at, 8),
        1 if count == 16 => (u64::from_be_bytes(long), 16),
        size => (u64::from(size), 8),
    };
    let to = at.saturating_add(size);
    let whole = count >= 8 && size >= header && to <= end;
    Ok(whole.then_some(Atom { kind: [e, f, g, h], from: at + header, to }))
}

fn content(input: &mut Input, atom: Atom) -> Result<Vec<u8>, DecodeError> {
    let mut bytes = vec![0; (atom.to - atom.from).min(CONTENT_BYTES_MAX) as usize];
    input.seek_to(atom.from)?;
    let count = input.read_up_to(&mut bytes)?;
    bytes.truncate(count);
    Ok(bytes)
}

fn note(kind: &[u8; 4], content: &[u8], timing: &mut Timing) {
    let is_long = content.first() == Some(&1);
    match kind {
        // Version and flags, then two times of 4 or 8 bytes, then the timescale.
        b"mvhd" => timing.movie_timescale = u32_at(content, if is_long { 20 } else { 12 }),
        b"mdhd" => timing.track_timescale = u32_at(content, if is_long { 20 } else { 12 }),
        b"hdlr" => timing.is_sound |= content.get(8..12) == Some(b"soun"),
        b"elst" if timing.edits.is_empty() => timing.edits = edits(content, is_long),
        b"----" => timing.itunes = timing.itunes.or_else(|| itunes_gapless(content)),
        _ => {}
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |b| u32::from_be_bytes(*b))
}

/// The edits that show media; an empty one (media time -1) only delays it.
fn edits(content: &[u8], is_long: bool) -> Vec<(u64, u64)> {
    let entry_bytes = if is_long { 20 } else { 12 };
    let count = u32_at(content, 4) as usize;
    let entries = content.get(8..).unwrap_or_default().chunks_exact(entry_bytes).take(count);
    let shown = entries.filter_map(|entry| {
        let (duration, media_time) = if is_long {
            let (duration, rest) = entry.split_first_chunk::<8>()?;
            (u64::from_be_bytes(*duration), i64::from_be_bytes(*rest.first_chunk()?))
        } else {
            let media_time = u32_at(entry, 4) as i32;
            (u64::from(u32_at(entry, 0)), i64::from(media_time))
        };
        Some((duration, u64::try_from(media_time).ok()?))
    });
    shown.collect()
}

/// Priming frames and frames of sound in a `----` box: " 00000000 00000840 000001CA 00000000003F31F6 ...".
fn itunes_gapless(content: &[u8]) -> Option<(u64, u64)> {
    let name = content.windows(8).position(|window| window == b"iTunSMPB")?;
    let text: String = content[name + 8..].iter().map(|&byte| char::from(byte)).collect();
    let data = text.find("data")?;
    let fields: Vec<u64> = text[data + 4..]
        .split(|c: char| !c.is_ascii_hexdigit())
        .filter(|field| matches!(field.len(), 8 | 16))
        .map_while(|field| u64::from_str_radix(field, 16).ok())
        .collect();
    let [_, priming, _, frames, ..] = fields[..] else { return None };
    (frames > 0).then_some((priming, frames))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn itunes_tells_priming_and_frames_in_hexadecimal() {
        let mut content =
            b"....mean....com.apple.iTunes....name....iTunSMPB....data\0\0\0\x01\0\0\0\0".to_vec();
        content.extend(b" 00000000 00000840 000001CA 00000000003F31F6 00000000");
        assert_eq!(itunes_gapless(&content), Some((0x840, 0x3F_31F6)));
    }

    #[test]
    fn an_empty_edit_is_passed_over() {
        let mut content = vec![0; 4];
        content.extend(2u32.to_be_bytes());
        for (duration, media_time) in [(100u32, -1i32), (1600, 1024)] {
            content.extend(duration.to_be_bytes());
            content.extend(media_time.to_be_bytes());
            content.extend([0, 1, 0, 0]);
        }
        assert_eq!(edits(&content, false), [(1600, 1024)]);
    }
}
