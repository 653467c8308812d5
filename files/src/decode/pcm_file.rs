//! Plain samples in a file, read without a library: the most common input, at a third of symphonia's time.

use super::placing::Placing;
use super::unpack::{Layout, Order, unpack};
use super::{FrameReader, Input};
use crate::{Audio, BLOCK_FRAMES, DecodeError, SourceFormat, SourceWarning};
use crate::{Codec, Container};

/// How the samples of a file are stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct SampleFields {
    pub(super) channels: usize,
    pub(super) sample_rate_hz: u32,
    /// Bits of a sample that carry sound.
    pub(super) bits: u32,
    pub(super) frame_bytes: usize,
    pub(super) layout: Layout,
    pub(super) order: Order,
}

/// Where the samples of a file are.
#[derive(Clone, Debug)]
pub(super) struct PcmFile {
    pub(super) container: Container,
    pub(super) fields: SampleFields,
    pub(super) placing: Placing,
    pub(super) data_from: u64,
    /// Bytes that are there.
    pub(super) data_bytes: u64,
    /// Where further samples are, and how many bytes of them.
    pub(super) further: Vec<(u64, u64)>,
    pub(super) warnings: Vec<SourceWarning>,
}

/// A pass over the samples.
pub(super) struct PcmFileReader {
    input: Input,
    format: SourceFormat,
    fields: SampleFields,
    placing: Placing,
    frames_left: u64,
    /// Where further frames are, and how many, the last first.
    further: Vec<(u64, u64)>,
    warnings: Vec<SourceWarning>,
    bytes: Vec<u8>,
}

impl PcmFileReader {
    pub(super) fn new(mut input: Input, file: PcmFile) -> Result<Self, DecodeError> {
        input.seek_to(file.data_from)?;
        let fields = file.fields;
        let frames_of = |bytes: u64| bytes / fields.frame_bytes as u64;
        let frames_left = frames_of(file.data_bytes);
        let further: Vec<_> =
            file.further.iter().rev().map(|&(from, bytes)| (from, frames_of(bytes))).collect();
        let frames = frames_left + further.iter().map(|(_, frames)| frames).sum::<u64>();
        let codec = if fields.layout.is_g711() { Codec::G711 } else { Codec::Pcm };
        let format = SourceFormat {
            container: file.container,
            codec,
            sample_rate_hz: fields.sample_rate_hz,
            bits: Some(fields.bits).filter(|_| codec.is_lossless()),
            is_float: fields.layout.is_float(),
            lossless: codec.is_lossless(),
            channels: fields.channels,
            layout: file.placing.layout,
            frames: Some(frames),
        };
        let PcmFile { warnings, placing, .. } = file;
        let bytes = Vec::new();
        Ok(Self { input, format, fields, placing, frames_left, further, warnings, bytes })
    }
}

impl FrameReader for PcmFileReader {
    fn format(&self) -> &SourceFormat {
        &self.format
    }

    fn read(&mut self, block: &mut Audio) -> Result<(), DecodeError> {
        while self.frames_left == 0
            && let Some((from, frames)) = self.further.pop()
        {
            self.input.seek_to(from)?;
            self.frames_left = frames;
        }
        let frames = self.frames_left.min(BLOCK_FRAMES as u64) as usize;
        self.bytes.resize(frames * self.fields.frame_bytes, 0);
        if self.input.read_up_to(&mut self.bytes)? < self.bytes.len() {
            // It was that long when it was opened.
            return Err(DecodeError::Changed);
        }
        self.frames_left -= frames as u64;
        unpack(&self.bytes, self.fields.layout, self.fields.order, block);
        self.placing.arrange(block);
        Ok(())
    }

    fn warnings(&self) -> Vec<SourceWarning> {
        self.warnings.clone()
    }
}
