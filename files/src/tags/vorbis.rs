//! Vorbis comments and pictures out: the tags of FLAC files, written with the header.

use flac_codec::encode::Options;
use flac_codec::metadata::{Picture as FlacPicture, PictureType, VorbisComment};
use lofty::picture::{Picture, PictureInformation};

use super::Tags;
use crate::decode::FLAC_MASK;

/// FLAC counts the bytes of a block with 24 bits; the fields beside the picture take some of them.
const PICTURE_BYTES_MAX: usize = (1 << 24) - (1 << 12);

/// The kinds of picture in the order of their numbers (RFC 9639, 8.8).
const KINDS: [PictureType; 21] = [
    PictureType::Other,
    PictureType::Png32x32,
    PictureType::GeneralFileIcon,
    PictureType::FrontCover,
    PictureType::BackCover,
    PictureType::LinerNotes,
    PictureType::MediaLabel,
    PictureType::LeadArtist,
    PictureType::Artist,
    PictureType::Conductor,
    PictureType::Band,
    PictureType::Composer,
    PictureType::Lyricist,
    PictureType::RecordingLocation,
    PictureType::DuringRecording,
    PictureType::DuringPerformance,
    PictureType::ScreenCapture,
    PictureType::Fish,
    PictureType::Illustration,
    PictureType::BandLogo,
    PictureType::PublisherLogo,
];

/// The encoder's options with everything a FLAC file can say.
pub(crate) fn flac_options(tags: &Tags, channel_mask: Option<u32>) -> Options {
    let mut options = Options::default();
    let mask = channel_mask.map(|mask| format!("{FLAC_MASK}={mask:#06X}").replace("0X", "0x"));
    if !tags.comments.is_empty() || mask.is_some() {
        let valid = |name: &str| {
            !name.is_empty() && name.bytes().all(|b| (0x20..0x7E).contains(&b) && b != b'=')
        };
        let fields = tags.comments.iter().filter(|(name, _)| valid(name));
        let fields = fields.map(|(name, value)| format!("{name}={value}")).chain(mask).collect();
        options = options.comment(VorbisComment { fields, ..VorbisComment::default() });
    }
    for picture in tags.pictures.iter().filter(|p| p.data().len() <= PICTURE_BYTES_MAX) {
        options = options.picture(flac_picture(picture));
    }
    options
}

fn flac_picture(picture: &Picture) -> FlacPicture {
    // Zero where the size is not known, as the format says.
    let size = PictureInformation::from_picture(picture).unwrap_or_default();
    let kind = usize::from(picture.pic_type().as_u8());
    FlacPicture {
        picture_type: KINDS.get(kind).copied().unwrap_or(PictureType::Other),
        media_type: picture.mime_type().map_or(String::new(), |mime| mime.as_str().to_string()),
        description: picture.description().unwrap_or_default().to_string(),
        width: size.width,
        height: size.height,
        color_depth: size.color_depth,
        colors_used: std::num::NonZero::new(size.num_colors),
        data: picture.data().to_vec(),
    }
}
