//! What a file says beside its sound: tags, cover art, broadcast and loop chunks. Carried from the source to the output.
//!
//! What describes the loudness or the coding of the old file is left behind: it would be false of the new one.

mod coded;
mod id3;
mod read;
mod rescale;
mod riff_info;
mod stale;
mod vorbis;
mod wave_chunks;

use std::path::Path;

use lofty::id3::v2::Id3v2Tag;
use lofty::picture::{Picture, PictureType};
use thiserror::Error;

use crate::{PcmFormat, SoundFile};
pub(crate) use vorbis::flac_options;
use wave_chunks::WaveChunks;

/// Something that could not be carried over. The sound is not concerned.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TagWarning {
    /// The tags of the source are damaged.
    #[error("tags could not be read ({reason}); the output has none")]
    Unreadable {
        /// What the tag library says.
        reason: String,
    },
    /// Only WAV has a place for the broadcast and loop chunks of the source.
    #[error("broadcast data and loop points were left out, because only WAV holds them")]
    ChunksDropped,
    /// The file was encoded, but does not take tags.
    #[error("tags could not be written ({reason}); the output has none")]
    Unwritable {
        /// What the tag library says.
        reason: String,
    },
    /// Chunks that nothing is known of, or that would not be true of the output.
    #[error("left out of the source's metadata: {}", names.join(", "))]
    LeftOut {
        /// Their names.
        names: Vec<String>,
    },
}

/// Is it a picture of a kind that tags can hold (JPEG, PNG, GIF, BMP, TIFF)?
pub fn is_picture(mut bytes: &[u8]) -> bool {
    Picture::from_reader(&mut bytes).is_ok_and(|picture| picture.mime_type().is_some())
}

/// The tags, pictures and chunks of one source, ready to be written to any format.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tags {
    /// Names as in Vorbis comments, in upper case, and values.
    comments: Vec<(String, String)>,
    /// Kept beside the comments, because it can hold more than they do.
    id3: Option<Id3v2Tag>,
    pictures: Vec<Picture>,
    chunks: WaveChunks,
}

impl Tags {
    /// No tags.
    pub fn none() -> Self {
        Self::default()
    }

    /// Tags that say this: names as in Vorbis comments, in upper case, and values; and a picture of the front, where it is one.
    pub fn of(comments: Vec<(String, String)>, front: Option<&[u8]>) -> Self {
        let mut pictures = Vec::new();
        if let Some(mut picture) = front.and_then(|mut bytes| Picture::from_reader(&mut bytes).ok())
        {
            picture.set_pic_type(PictureType::CoverFront);
            pictures.push(picture);
        }
        Self { comments, pictures, ..Self::default() }
    }

    /// Reads what a file says beside its sound. Loop points and markers are moved to `output_rate_hz`.
    ///
    /// Never fails: what cannot be read is left out, with a warning.
    pub fn read(file: impl Into<SoundFile>, output_rate_hz: u32) -> (Self, Vec<TagWarning>) {
        let file = file.into();
        let mut warnings = Vec::new();
        let mut tags = read::read(&file).unwrap_or_else(|reason| {
            warnings.push(TagWarning::Unreadable { reason });
            Self::none()
        });
        let (chunks, mut names) = WaveChunks::read(&file, output_rate_hz);
        for (name, value) in riff_info::further(chunks.info()) {
            if tags.comments.iter().all(|(known, _)| *known != name) {
                tags.comments.push((name, value));
            }
        }
        tags.chunks = chunks;
        names.extend(crate::decode::metadata_left_out(&file).unwrap_or_default());
        warnings.extend((!names.is_empty()).then_some(TagWarning::LeftOut { names }));
        (tags, warnings)
    }

    /// Names, as in Vorbis comments and in upper case, and values.
    pub fn comments(&self) -> &[(String, String)] {
        &self.comments
    }

    /// The first value of this name, as in [`Tags::comments`].
    pub fn comment(&self, name: &str) -> Option<&str> {
        self.comments.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Number of pictures.
    pub fn pictures(&self) -> usize {
        self.pictures.len()
    }

    /// Writes everything that it can hold into a file that another program encoded: MP3, Ogg Vorbis, Opus or MP4.
    ///
    /// # Errors
    /// When the file does not take them; its sound is as it was.
    pub fn write_to_coded(&self, path: &Path) -> Result<(), TagWarning> {
        coded::write(self, path).map_err(|reason| TagWarning::Unwritable { reason })
    }

    /// Are there broadcast or loop chunks, which only WAV can hold?
    pub fn has_wave_chunks(&self) -> bool {
        !self.chunks.is_empty()
    }

    /// The RIFF chunks that go before the samples.
    pub(crate) fn wave_before(&self, format: PcmFormat) -> Vec<u8> {
        self.chunks.before_samples(format)
    }

    /// The RIFF chunks that go after the samples.
    pub(crate) fn wave_after(&self) -> Vec<u8> {
        let mut bytes = self.chunks.after_samples();
        riff_info::append(&self.comments, self.chunks.info(), &mut bytes);
        wave_chunks::append(b"id3 ", &self.id3_bytes(), &mut bytes);
        bytes
    }

    /// An ID3v2 tag, empty when there is nothing to say.
    pub(crate) fn id3_bytes(&self) -> Vec<u8> {
        id3::bytes(&self.comments, self.id3.as_ref(), &self.pictures)
    }
}
