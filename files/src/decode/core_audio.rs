//! Apple's channel layouts, in CAF (chunk `chan`) and in AIFF (chunk `CHAN`).
//!
//! Source: Apple, Core Audio Format Specification 1.0, Channel Layout Chunk, and the constants of `CoreAudioBaseTypes.h`.

use super::Input;
use super::placing::Placing;
use crate::ChannelPosition::{
    self, BackCenter, BackLeft, BackRight, FrontCenter, FrontLeft, FrontLeftOfCenter, FrontRight,
    FrontRightOfCenter, Lfe, Lfe2, SideLeft, SideRight, TopBackCenter, TopBackLeft, TopBackRight,
    TopCenter, TopFrontCenter, TopFrontLeft, TopFrontRight, WideLeft, WideRight,
};
use crate::{ChannelLayout, DecodeError};

/// A layout of descriptions, one a channel.
const USE_DESCRIPTIONS: u32 = 0;
/// A layout of a bitmap, whose bits are those of WAVE.
pub(crate) const USE_BITMAP: u32 = 1 << 16;
/// Bytes before the descriptions: tag, bitmap, count.
const HEAD_BYTES: usize = 12;
/// Bytes of a description: label, flags, three coordinates.
const DESCRIPTION_BYTES: usize = 20;
/// Content that is looked at: more descriptions than there may be channels.
pub(super) const LAYOUT_BYTES_MAX: usize = HEAD_BYTES + 32 * DESCRIPTION_BYTES;
/// Chunks that are looked at before giving up.
const CHUNKS_MAX: usize = 1 << 12;

/// The order of the channels of each tag, in labels: left 1, right 2, centre 3, LFE 4, left and right surround 5 and 6, left and
/// right centre 7 and 8, centre surround 9, rear surround left and right 33 and 34.
const TAGS: [(u32, &[u32]); 35] = [
    (101, &[1, 2]),
    (102, &[1, 2]),
    (108, &[1, 2, 5, 6]),
    (109, &[1, 2, 5, 6, 3]),
    (110, &[1, 2, 5, 6, 3, 9]),
    (111, &[1, 2, 33, 34, 3, 9, 5, 6]),
    (113, &[1, 2, 3]),
    (114, &[3, 1, 2]),
    (115, &[1, 2, 3, 9]),
    (116, &[3, 1, 2, 9]),
    (117, &[1, 2, 3, 5, 6]),
    (118, &[1, 2, 5, 6, 3]),
    (119, &[1, 3, 2, 5, 6]),
    (120, &[3, 1, 2, 5, 6]),
    (121, &[1, 2, 3, 4, 5, 6]),
    (122, &[1, 2, 5, 6, 3, 4]),
    (123, &[1, 3, 2, 5, 6, 4]),
    (124, &[3, 1, 2, 5, 6, 4]),
    (125, &[1, 2, 3, 4, 5, 6, 9]),
    (126, &[1, 2, 3, 4, 5, 6, 7, 8]),
    (127, &[3, 7, 8, 1, 2, 5, 6, 4]),
    (128, &[1, 2, 3, 4, 5, 6, 33, 34]),
    (129, &[1, 2, 5, 6, 3, 4, 7, 8]),
    (131, &[1, 2, 9]),
    (132, &[1, 2, 5, 6]),
    (133, &[1, 2, 4]),
    (134, &[1, 2, 4, 9]),
    (135, &[1, 2, 4, 5, 6]),
    (136, &[1, 2, 3, 4]),
    (137, &[1, 2, 3, 4, 9]),
    (138, &[1, 2, 5, 6, 4]),
    (139, &[1, 2, 5, 6, 3, 9]),
    (140, &[1, 2, 5, 6, 3, 33, 34]),
    (141, &[3, 1, 2, 5, 6, 9]),
    (142, &[3, 1, 2, 5, 6, 9, 4]),
];

/// The layout in the content of a channel layout chunk; `None` where it says nothing that is understood, or of another number of
/// channels.
pub(super) fn placing_of(content: &[u8], channels: usize) -> Option<Placing> {
    let word = |at: usize| Some(u32::from_be_bytes(*content.get(at..)?.first_chunk()?));
    let labels: Vec<u32> = match word(0)? {
        USE_BITMAP => {
            let mask = word(4)?;
            let fits = mask.count_ones() as usize == channels;
            return fits.then(|| ChannelLayout::from_mask(mask, channels).into());
        }
        USE_DESCRIPTIONS => {
            let count = word(8)? as usize;
            let descriptions = content.get(HEAD_BYTES..)?.chunks_exact(DESCRIPTION_BYTES);
            let label = |d: &[u8]| u32::from_be_bytes([d[0], d[1], d[2], d[3]]);
            descriptions.take(count).map(label).collect()
        }
        tag => TAGS.iter().find(|(number, _)| *number == tag >> 16)?.1.to_vec(),
    };
    if labels.len() != channels || channels < 2 {
        return None;
    }
    // Beside rear surrounds, the surrounds are at the side.
    let has_rear = labels.contains(&33);
    let positions: Option<Vec<_>> = labels.iter().map(|&label| position(label, has_rear)).collect();
    Placing::of_positions(&positions?)
}

fn position(label: u32, has_rear: bool) -> Option<ChannelPosition> {
    Some(match label {
        1 => FrontLeft,
        2 => FrontRight,
        3 => FrontCenter,
        4 => Lfe,
        5 if has_rear => SideLeft,
        6 if has_rear => SideRight,
        5 | 33 => BackLeft,
        6 | 34 => BackRight,
        7 => FrontLeftOfCenter,
        8 => FrontRightOfCenter,
        9 => BackCenter,
        10 => SideLeft,
        11 => SideRight,
        12 => TopCenter,
        13 => TopFrontLeft,
        14 => TopFrontCenter,
        15 => TopFrontRight,
        16 => TopBackLeft,
        17 => TopBackCenter,
        18 => TopBackRight,
        35 => WideLeft,
        36 => WideRight,
        37 => Lfe2,
        _ => return None,
    })
}

/// The content of the channel layout chunk of a CAF file; `None` when there is none, or the file is not CAF.
pub(super) fn caf_layout(input: &mut Input) -> Result<Option<Vec<u8>>, DecodeError> {
    let mut head = [0; 12];
    input.seek_to(0)?;
    if input.read_up_to(&mut head[..8])? < 8 || &head[..4] != b"caff" {
        return Ok(None);
    }
    let mut position = 8;
    for _ in 0..CHUNKS_MAX {
        input.seek_to(position)?;
        if input.read_up_to(&mut head)? < head.len() {
            break;
        }
        let [a, b, c, d, size @ ..] = head;
        // The last chunk of sound may be of unknown length: -1.
        let Ok(bytes) = u64::try_from(i64::from_be_bytes(size)) else { break };
        if &[a, b, c, d] == b"chan" {
            let mut content = vec![0; bytes.min(LAYOUT_BYTES_MAX as u64) as usize];
            let count = input.read_up_to(&mut content)?;
            content.truncate(count);
            return Ok(Some(content));
        }
        position = position.saturating_add(12).saturating_add(bytes);
        if position >= input.len() {
            break;
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(tag: u32, bitmap: u32, labels: &[u32]) -> Vec<u8> {
        let mut content = Vec::new();
        for word in [tag, bitmap, labels.len() as u32] {
            content.extend(word.to_be_bytes());
        }
        for label in labels {
            content.extend(label.to_be_bytes());
            content.extend([0; 16]);
        }
        content
    }

    #[track_caller]
    fn check(content: &[u8], channels: usize, mask: Option<u32>) {
        assert_eq!(placing_of(content, channels).map(|placing| placing.layout.mask()), mask);
    }

    #[test]
    fn tags_bitmaps_and_descriptions_give_a_mask() {
        check(&layout((124 << 16) | 6, 0, &[]), 6, Some(0x03F));
        check(&layout((128 << 16) | 8, 0, &[]), 8, Some(0x63F));
        check(&layout((136 << 16) | 4, 0, &[]), 4, Some(0x00F));
        check(&layout(USE_BITMAP, 0x10F, &[]), 5, Some(0x10F));
        check(&layout(0, 0, &[1, 2, 3, 4, 10, 11]), 6, Some(0x60F));
        check(&layout(0, 0, &[3, 1, 2]), 3, Some(0x007));
    }

    #[test]
    fn a_layout_of_another_number_of_channels_says_nothing() {
        check(&layout((124 << 16) | 6, 0, &[]), 5, None);
        check(&layout(USE_BITMAP, 0x10F, &[]), 6, None);
        check(&layout(0, 0, &[1, 2]), 3, None);
        check(&layout(0, 0, &[1, 1]), 2, None);
        check(&layout(0, 0, &[1, 2, 400]), 3, None);
        check(&[0; 3], 2, None);
    }
}
