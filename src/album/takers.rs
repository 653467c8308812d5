//! One stream of samples into many files: each takes its frames.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use acetate_audio::{AudioSpec, PcmBlock, PcmPlanes, SampleFormat};
use acetate_engine::settings::OutputSettings;
use acetate_files::{Existing, PcmFormat, Tags, Writer};
use acetate_optimizer::album::part_of;

use crate::Error;
use crate::output::plain_file;

/// Files that take their frames of a record.
#[derive(Default)]
pub(super) struct Takers {
    list: Vec<Taker>,
    position: u64,
}

struct Taker {
    range: Range<u64>,
    to: To,
    path: PathBuf,
}

enum To {
    Sound(Box<Writer>),
    /// Samples of 16 bits without a header, little-endian.
    Raw(BufWriter<File>),
}

/// The written file of these settings.
pub(super) fn format_of(output: &OutputSettings, rate: u32, channels: usize) -> PcmFormat {
    let (file, samples) = (plain_file(output.format), output.bits.format());
    PcmFormat { file, samples, spec: AudioSpec::new(rate, channels) }
}

impl Takers {
    /// A sound file for some frames, after `lead` frames of silence.
    pub(super) fn sound(
        &mut self,
        path: &Path,
        format: PcmFormat,
        tags: &Tags,
        range: Range<u64>,
        lead: u64,
    ) -> Result<(), Error> {
        let cannot = |reason| Error::Encode { name: path.display().to_string(), reason };
        let created = Writer::create_tagged(path, format, Existing::Error, tags);
        let mut writer = created.map_err(cannot)?;
        if lead > 0 {
            writer.write(&silence(format, lead)).map_err(cannot)?;
        }
        let (to, path) = (To::Sound(Box::new(writer)), path.to_owned());
        self.list.push(Taker { range, to, path });
        Ok(())
    }

    /// Samples without a header for some frames, after `lead` frames of silence.
    pub(super) fn raw(&mut self, path: &Path, range: Range<u64>, lead: u64) -> Result<(), Error> {
        let cannot = |reason| Error::Write { path: path.to_owned(), reason };
        let mut file = BufWriter::new(File::create_new(path).map_err(cannot)?);
        // Two channels of two bytes.
        file.write_all(&vec![0; lead as usize * 4]).map_err(cannot)?;
        self.list.push(Taker { range, to: To::Raw(file), path: path.to_owned() });
        Ok(())
    }

    /// A WAV of 16 bits and two channels for some frames, with the plain header of 44 bytes that every burner and sheet counts from.
    pub(super) fn plain_wav(
        &mut self,
        path: &Path,
        rate: u32,
        range: Range<u64>,
    ) -> Result<(), Error> {
        // A disc is far below the 4 GB that this header can say.
        let bytes = ((range.end - range.start) * 4) as u32;
        let cannot = |reason| Error::Write { path: path.to_owned(), reason };
        let mut file = BufWriter::new(File::create_new(path).map_err(cannot)?);
        let mut header = b"RIFF".to_vec();
        header.extend((bytes + 36).to_le_bytes());
        header.extend(b"WAVEfmt ");
        // Size of the description, PCM, two channels.
        header.extend(16_u32.to_le_bytes());
        header.extend([1, 0, 2, 0]);
        header.extend(rate.to_le_bytes());
        header.extend((rate * 4).to_le_bytes());
        // Bytes of a frame, bits of a sample.
        header.extend([4, 0, 16, 0]);
        header.extend(b"data");
        header.extend(bytes.to_le_bytes());
        file.write_all(&header).map_err(cannot)?;
        self.list.push(Taker { range, to: To::Raw(file), path: path.to_owned() });
        Ok(())
    }

    /// The next frames of the record.
    pub(super) fn take(&mut self, block: &PcmBlock) -> Result<(), Error> {
        let begin = self.position;
        let end = begin + block.frames() as u64;
        self.position = end;
        for taker in &mut self.list {
            let (from, to) = (taker.range.start.max(begin), taker.range.end.min(end));
            if from >= to {
                continue;
            }
            let whole = from == begin && to == end;
            let frames = (from - begin) as usize..(to - begin) as usize;
            if whole { taker.put(block)? } else { taker.put(&part_of(block, frames))? }
        }
        Ok(())
    }

    /// Completes every file.
    pub(super) fn finish(self) -> Result<(), Error> {
        self.list.into_iter().try_for_each(Taker::finish)
    }
}

impl Taker {
    fn put(&mut self, block: &PcmBlock) -> Result<(), Error> {
        match &mut self.to {
            To::Sound(writer) => writer
                .write(block)
                .map_err(|reason| Error::Encode { name: self.path.display().to_string(), reason }),
            To::Raw(file) => file
                .write_all(&interleaved(block))
                .map_err(|reason| Error::Write { path: self.path.clone(), reason }),
        }
    }

    fn finish(self) -> Result<(), Error> {
        match self.to {
            To::Sound(writer) => writer
                .finish()
                .map_err(|reason| Error::Encode { name: self.path.display().to_string(), reason }),
            To::Raw(file) => {
                let synced = file.into_inner().map_err(|error| error.into_error());
                synced
                    .and_then(|file| file.sync_all())
                    .map_err(|reason| Error::Write { path: self.path, reason })
            }
        }
    }
}

/// 16-bit samples in the order of a disc.
fn interleaved(block: &PcmBlock) -> Vec<u8> {
    let PcmPlanes::Int(planes) = &block.planes else { return Vec::new() };
    let mut bytes = Vec::with_capacity(block.frames() * planes.len() * 2);
    for frame in 0..block.frames() {
        for plane in planes {
            bytes.extend((plane[frame] as i16).to_le_bytes());
        }
    }
    bytes
}

fn silence(format: PcmFormat, frames: u64) -> PcmBlock {
    let mut block = PcmBlock::new(format.spec, format.samples);
    let frames = frames as usize;
    block.planes = match format.samples {
        SampleFormat::Float32 => PcmPlanes::Float(vec![vec![0.0; frames]; format.spec.channels]),
        _ => PcmPlanes::Int(vec![vec![0; frames]; format.spec.channels]),
    };
    block
}
