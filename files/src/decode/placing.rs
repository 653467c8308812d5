//! Which channel of a file is heard where, as each container says it.

use symphonia::core::audio::{ChannelLabel, Channels, Position};
use symphonia::core::formats::FormatReader;
use symphonia::core::meta::RawValue;

use crate::{Audio, ChannelLayout, ChannelPosition};

/// The comment in which FLAC files keep a layout that is not the usual one (RFC 9639, 8.6.2).
pub(crate) const FLAC_MASK: &str = "WAVEFORMATEXTENSIBLE_CHANNEL_MASK";

/// The layout of a file, and how its channels get into our order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placing {
    pub(super) layout: ChannelLayout,
    /// The channel of the file that becomes each of ours; empty where they are in order.
    order: Vec<usize>,
}

impl Placing {
    /// For a file that says nothing.
    pub(super) fn usual(channels: usize) -> Self {
        ChannelLayout::usual(channels).into()
    }

    /// For a file whose channels stand so, in its own order; `None` when two stand at one place.
    pub(super) fn of_positions(positions: &[ChannelPosition]) -> Option<Self> {
        let (layout, mut order) = ChannelLayout::from_positions(positions)?;
        if order.is_sorted() {
            order.clear();
        }
        Some(Self { layout, order })
    }

    /// Puts the channels of a block into our order.
    pub(super) fn arrange(&self, block: &mut Audio) {
        if self.order.is_empty() {
            return;
        }
        let mut given: Vec<Vec<f32>> = block.planes_mut().iter_mut().map(std::mem::take).collect();
        for (plane, &from) in block.planes_mut().iter_mut().zip(&self.order) {
            *plane = std::mem::take(&mut given[from]);
        }
    }
}

impl From<ChannelLayout> for Placing {
    fn from(layout: ChannelLayout) -> Self {
        Self { layout, order: Vec::new() }
    }
}

/// What symphonia says. Its decoders give positioned channels in the order of the positions, and labelled ones in that of the
/// file; the positions are numbered as ours.
pub(super) fn of_symphonia(channels: Option<&Channels>, count: usize) -> Option<Placing> {
    let positions: Option<Vec<ChannelPosition>> = match channels? {
        Channels::Positioned(positions) => positions.iter().map(position).collect(),
        Channels::Custom(labels) => labels
            .iter()
            .map(|label| match label {
                ChannelLabel::Positioned(at) => position(*at),
                _ => None,
            })
            .collect(),
        _ => None,
    };
    let positions = positions?;
    // A lone channel is marked as left.
    let counts = positions.len() == count && count > 1;
    counts.then(|| Placing::of_positions(&positions))?
}

fn position(at: Position) -> Option<ChannelPosition> {
    use ChannelPosition as Our;
    Some(match at {
        Position::FRONT_LEFT => Our::FrontLeft,
        Position::FRONT_RIGHT => Our::FrontRight,
        Position::FRONT_CENTER => Our::FrontCenter,
        Position::LFE1 => Our::Lfe,
        Position::REAR_LEFT => Our::BackLeft,
        Position::REAR_RIGHT => Our::BackRight,
        Position::FRONT_LEFT_CENTER => Our::FrontLeftOfCenter,
        Position::FRONT_RIGHT_CENTER => Our::FrontRightOfCenter,
        Position::REAR_CENTER => Our::BackCenter,
        Position::SIDE_LEFT => Our::SideLeft,
        Position::SIDE_RIGHT => Our::SideRight,
        Position::TOP_CENTER => Our::TopCenter,
        Position::TOP_FRONT_LEFT => Our::TopFrontLeft,
        Position::TOP_FRONT_CENTER => Our::TopFrontCenter,
        Position::TOP_FRONT_RIGHT => Our::TopFrontRight,
        Position::TOP_REAR_LEFT => Our::TopBackLeft,
        Position::TOP_REAR_CENTER => Our::TopBackCenter,
        Position::TOP_REAR_RIGHT => Our::TopBackRight,
        Position::LFE2 => Our::Lfe2,
        Position::FRONT_LEFT_WIDE => Our::WideLeft,
        Position::FRONT_RIGHT_WIDE => Our::WideRight,
        _ => return None,
    })
}

/// The mask in the comments of a FLAC stream.
pub(super) fn flac_mask(demuxer: &mut dyn FormatReader) -> Option<u32> {
    let mut metadata = demuxer.metadata();
    let revision = metadata.skip_to_latest()?;
    let tracks = revision.per_track.iter().flat_map(|track| &track.metadata.tags);
    revision.media.tags.iter().chain(tracks).find_map(|tag| {
        let RawValue::String(text) = &tag.raw.value else { return None };
        tag.raw.key.eq_ignore_ascii_case(FLAC_MASK).then(|| mask_of(text))?
    })
}

/// `0x10F`, as the RFC writes it, or without the prefix.
fn mask_of(text: &str) -> Option<u32> {
    let text = text.trim();
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_go_where_their_positions_are_in_the_mask() {
        use ChannelPosition::{FrontCenter, FrontLeft, FrontRight, Lfe};
        let placing = Placing::of_positions(&[FrontCenter, Lfe, FrontLeft, FrontRight]).unwrap();
        let mut block =
            Audio::from_planes(48_000, vec![vec![3.0], vec![4.0], vec![1.0], vec![2.0]]);
        placing.arrange(&mut block);
        assert_eq!(block.planes(), [[1.0], [2.0], [3.0], [4.0]]);
        assert_eq!(placing.layout.mask(), 0x00F);
    }

    #[test]
    fn the_mask_of_a_comment_is_hexadecimal() {
        assert_eq!(
            [mask_of("0x10F"), mask_of(" 0X60f "), mask_of("3F")],
            [Some(0x10F), Some(0x60F), Some(0x3F)]
        );
        assert_eq!(mask_of("5.1"), None);
    }
}
