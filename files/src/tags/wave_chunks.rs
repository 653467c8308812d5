//! Chunks of WAVE files that go from WAV to WAV: broadcast extension (EBU Tech 3285), iXML, cart (AES46), sampler loops and cue
//! points, and what else is true of any sound. The others are named.

use crate::SoundFile;

use super::rescale::Rates;
use crate::PcmFormat;
use crate::decode::{SideChunk, side_chunks};

/// Chunks of identity, written before the samples as EBU Tech 3285 has it.
const BEFORE: [&[u8; 4]; 3] = [b"bext", b"iXML", b"cart"];
/// Chunks that are true of the master as well: instrument, XMP.
const TRUE_STILL: [&[u8; 4]; 2] = [b"inst", b"_PMX"];
/// Chunks that are made anew, that tags are read from, or that say nothing.
const NOT_MISSED: [&[u8; 4]; 14] = [
    b"fmt ", b"data", b"ds64", b"fact", b"id3 ", b"ID3 ", b"LIST", b"JUNK", b"junk", b"PAD ",
    b"FLLR", b"PEAK", b"levl", b"minf",
];
/// Chunks that count frames.
const LOOPS: [&[u8; 4]; 2] = [b"smpl", b"cue "];

/// Offsets in a bext chunk (EBU Tech 3285 v2, 2.3).
const BEXT_TIME_REFERENCE: usize = 338;
const BEXT_VERSION: usize = 346;
const BEXT_LOUDNESS: usize = 412;
const BEXT_CODING_HISTORY: usize = 602;
/// What says that a loudness field is not set.
const BEXT_LOUDNESS_UNSET: u16 = 0x7FFF;
/// The version that brought the loudness fields.
const BEXT_VERSION_LOUDNESS: u16 = 2;

/// The chunks of one source, ready to be written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct WaveChunks {
    chunks: Vec<SideChunk>,
}

impl WaveChunks {
    /// Reads the chunks of a WAVE file (none of any other), moved to the new rate; also the names of those left out.
    pub(super) fn read(file: &SoundFile, output_rate_hz: u32) -> (Self, Vec<String>) {
        // A file that cannot be read fails where its sound is read.
        let Ok((mut chunks, rate_hz)) = side_chunks(file) else {
            return (Self::default(), Vec::new());
        };
        let mut left_out: Vec<String> = Vec::new();
        chunks.retain(|chunk| {
            let kept = !chunk.bytes.is_empty()
                && (is_identity(chunk) || is_loops(chunk) || is_info(chunk));
            let name = String::from_utf8_lossy(&chunk.name).trim_end().to_owned();
            if !kept && !NOT_MISSED.contains(&&chunk.name) && !left_out.contains(&name) {
                left_out.push(name);
            }
            kept
        });
        for chunk in &mut chunks {
            move_to_rate(chunk, rate_hz, output_rate_hz);
        }
        (Self { chunks }, left_out)
    }

    /// The fields of a LIST INFO chunk, by name.
    pub(super) fn info(&self) -> impl Iterator<Item = ([u8; 4], &[u8])> {
        let lists = self.chunks.iter().filter(|chunk| is_info(chunk));
        lists.flat_map(|list| InfoFields { rest: &list.bytes[4..] })
    }

    /// Whether nothing is there that only WAV holds.
    pub(super) fn is_empty(&self) -> bool {
        self.chunks.iter().all(is_info)
    }

    pub(super) fn before_samples(&self, format: PcmFormat) -> Vec<u8> {
        let mut bytes = Vec::new();
        for chunk in self.chunks.iter().filter(|chunk| BEFORE.contains(&&chunk.name)) {
            let mut content = chunk.bytes.clone();
            if chunk.name == *b"bext" && content.len() >= BEXT_CODING_HISTORY {
                append_coding_history(&mut content, format);
            }
            append(&chunk.name, &content, &mut bytes);
        }
        bytes
    }

    pub(super) fn after_samples(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let behind = |chunk: &&SideChunk| is_loops(chunk) || TRUE_STILL.contains(&&chunk.name);
        for chunk in self.chunks.iter().filter(behind) {
            append(&chunk.name, &chunk.bytes, &mut bytes);
        }
        bytes
    }
}

fn is_identity(chunk: &SideChunk) -> bool {
    BEFORE.contains(&&chunk.name) || TRUE_STILL.contains(&&chunk.name)
}

fn is_info(chunk: &SideChunk) -> bool {
    chunk.name == *b"LIST" && chunk.bytes.starts_with(b"INFO")
}

/// Fields of a list: name, length, text.
struct InfoFields<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for InfoFields<'a> {
    type Item = ([u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = self.rest.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        let text = rest.get(..length)?;
        self.rest = rest.get(length.next_multiple_of(2)..).unwrap_or_default();
        Some((*name, text))
    }
}

/// Moves what counts frames to another rate.
fn move_to_rate(chunk: &mut SideChunk, from_hz: u32, to_hz: u32) {
    let rates = Rates { from_hz, to_hz };
    match &chunk.name {
        b"bext" => refresh_bext(&mut chunk.bytes, from_hz, to_hz),
        _ if from_hz == to_hz => {}
        b"smpl" => rates.sampler(&mut chunk.bytes),
        b"cue " => rates.cues(&mut chunk.bytes),
        b"LIST" if chunk.bytes.starts_with(b"adtl") => rates.labels(&mut chunk.bytes),
        _ => {}
    }
}

fn is_loops(chunk: &SideChunk) -> bool {
    LOOPS.contains(&&chunk.name) || (chunk.name == *b"LIST" && chunk.bytes.starts_with(b"adtl"))
}

/// Appends a chunk with its pad byte; nothing when it is empty.
pub(super) fn append(name: &[u8; 4], content: &[u8], bytes: &mut Vec<u8>) {
    if content.is_empty() {
        return;
    }
    bytes.extend(name);
    bytes.extend((content.len() as u32).to_le_bytes());
    bytes.extend(content);
    if content.len() % 2 == 1 {
        bytes.push(0);
    }
}

/// Moves the time stamp to the new rate, and unsets the loudness of the old sound.
fn refresh_bext(bytes: &mut [u8], rate_hz: u32, output_rate_hz: u32) {
    if bytes.len() < BEXT_CODING_HISTORY {
        return;
    }
    let time = &mut bytes[BEXT_TIME_REFERENCE..BEXT_VERSION];
    let frames = u64::from_le_bytes(time.try_into().expect("eight bytes"));
    let moved = u128::from(frames) * u128::from(output_rate_hz) / u128::from(rate_hz.max(1));
    time.copy_from_slice(&u64::try_from(moved).unwrap_or(frames).to_le_bytes());
    let version = u16::from_le_bytes([bytes[BEXT_VERSION], bytes[BEXT_VERSION + 1]]);
    if version >= BEXT_VERSION_LOUDNESS {
        for field in bytes[BEXT_LOUDNESS..BEXT_LOUDNESS + 10].chunks_exact_mut(2) {
            field.copy_from_slice(&BEXT_LOUDNESS_UNSET.to_le_bytes());
        }
    }
}

/// Adds the line that says what was done last (EBU R 98).
fn append_coding_history(content: &mut Vec<u8>, format: PcmFormat) {
    while content.len() > BEXT_CODING_HISTORY && content.last() == Some(&0) {
        content.pop();
    }
    let mode = match format.spec.channels {
        1 => "mono",
        2 => "stereo",
        _ => "multichannel",
    };
    let (rate, bits) = (format.spec.sample_rate_hz, format.samples.bits());
    let line = format!("A=PCM,F={rate},W={bits},M={mode},T=acetate\r\n");
    content.extend(line.as_bytes());
}
