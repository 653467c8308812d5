//! Plain samples in WAVE files, read without a library: the most common input, and a third of symphonia's time.

use super::riff::{Fmt, WaveFile};
use super::unpack::{Layout, unpack};
use super::{FrameReader, Input};
use crate::format::Codec;
use crate::{Audio, BLOCK_FRAMES, DecodeError, SourceFormat, SourceWarning};

/// A pass over the data chunk.
pub(super) struct WaveReader {
    input: Input,
    format: SourceFormat,
    layout: Layout,
    frame_bytes: usize,
    frames_left: u64,
    warnings: Vec<SourceWarning>,
    bytes: Vec<u8>,
}

impl WaveReader {
    pub(super) fn new(
        mut input: Input,
        file: WaveFile,
        layout: Layout,
    ) -> Result<Self, DecodeError> {
        input.seek_to(file.data_from)?;
        let Fmt { channels, sample_rate_hz, frame_bytes, bits, .. } = file.fmt;
        let frames = file.data_bytes / frame_bytes as u64;
        let format = SourceFormat {
            container: file.container,
            codec: Codec::Pcm,
            sample_rate_hz,
            bits: Some(bits),
            is_float: layout.is_float(),
            lossless: true,
            channels,
            frames: Some(frames),
        };
        let warnings = file.warnings;
        let bytes = Vec::new();
        Ok(Self { input, format, layout, frame_bytes, frames_left: frames, warnings, bytes })
    }
}

impl FrameReader for WaveReader {
    fn format(&self) -> &SourceFormat {
        &self.format
    }

    fn read(&mut self, block: &mut Audio) -> Result<(), DecodeError> {
        let frames = self.frames_left.min(BLOCK_FRAMES as u64) as usize;
        self.bytes.resize(frames * self.frame_bytes, 0);
        if self.input.read_up_to(&mut self.bytes)? < self.bytes.len() {
            // It was that long when it was opened.
            return Err(DecodeError::Changed);
        }
        self.frames_left -= frames as u64;
        unpack(&self.bytes, self.layout, block);
        Ok(())
    }

    fn warnings(&self) -> Vec<SourceWarning> {
        self.warnings.clone()
    }
}
