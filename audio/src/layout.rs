//! Where the loudspeakers of channels stand.
//!
//! Channels are always in the order of WAVE's mask (Microsoft, WAVEFORMATEXTENSIBLE): files with another order are put into
//! it as they are read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a loudspeaker stands. The first eighteen are bits of WAVE's `dwChannelMask`, the others are beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChannelPosition {
    /// 30° left.
    FrontLeft,
    /// 30° right.
    FrontRight,
    /// Ahead.
    FrontCenter,
    /// Low-frequency effects.
    Lfe,
    /// Behind on the left: the left surround where there is no side.
    BackLeft,
    /// Behind on the right: the right surround where there is no side.
    BackRight,
    /// Between left and centre.
    FrontLeftOfCenter,
    /// Between right and centre.
    FrontRightOfCenter,
    /// Straight behind.
    BackCenter,
    /// 90 to 110° left.
    SideLeft,
    /// 90 to 110° right.
    SideRight,
    /// Overhead.
    TopCenter,
    /// Above front left.
    TopFrontLeft,
    /// Above front centre.
    TopFrontCenter,
    /// Above front right.
    TopFrontRight,
    /// Above back left.
    TopBackLeft,
    /// Above back centre.
    TopBackCenter,
    /// Above back right.
    TopBackRight,
    /// Second channel of low-frequency effects; WAVE has no word for it.
    Lfe2,
    /// 60° left; WAVE has no word for it.
    WideLeft,
    /// 60° right; WAVE has no word for it.
    WideRight,
}

use ChannelPosition as At;

/// All positions, in the order of their bits, with their short names.
const POSITIONS: [(At, &str); 21] = [
    (At::FrontLeft, "FL"),
    (At::FrontRight, "FR"),
    (At::FrontCenter, "FC"),
    (At::Lfe, "LFE"),
    (At::BackLeft, "BL"),
    (At::BackRight, "BR"),
    (At::FrontLeftOfCenter, "FLC"),
    (At::FrontRightOfCenter, "FRC"),
    (At::BackCenter, "BC"),
    (At::SideLeft, "SL"),
    (At::SideRight, "SR"),
    (At::TopCenter, "TC"),
    (At::TopFrontLeft, "TFL"),
    (At::TopFrontCenter, "TFC"),
    (At::TopFrontRight, "TFR"),
    (At::TopBackLeft, "TBL"),
    (At::TopBackCenter, "TBC"),
    (At::TopBackRight, "TBR"),
    (At::Lfe2, "LFE2"),
    (At::WideLeft, "WL"),
    (At::WideRight, "WR"),
];

/// Left and right that face each other.
const PAIRS: [[At; 2]; 7] = [
    [At::FrontLeft, At::FrontRight],
    [At::BackLeft, At::BackRight],
    [At::FrontLeftOfCenter, At::FrontRightOfCenter],
    [At::SideLeft, At::SideRight],
    [At::TopFrontLeft, At::TopFrontRight],
    [At::TopBackLeft, At::TopBackRight],
    [At::WideLeft, At::WideRight],
];

/// Bits of WAVE's mask.
const WAVE_BITS: u32 = (1 << 18) - 1;

/// Layouts that have a name.
const NAMES: [(u32, &str); 29] = [
    (0x004, "mono"),
    (0x003, "stereo"),
    (0x00B, "2.1"),
    (0x007, "3.0"),
    (0x103, "3.0(back)"),
    (0x00F, "3.1"),
    (0x107, "4.0"),
    (0x033, "quad"),
    (0x603, "quad(side)"),
    (0x10F, "4.1"),
    (0x037, "5.0"),
    (0x607, "5.0(side)"),
    (0x03F, "5.1"),
    (0x60F, "5.1(side)"),
    (0x707, "6.0"),
    (0x6C3, "6.0(front)"),
    (0x137, "hexagonal"),
    (0x70F, "6.1"),
    (0x13F, "6.1(back)"),
    (0x6CB, "6.1(front)"),
    (0x637, "7.0"),
    (0x6C7, "7.0(front)"),
    (0x63F, "7.1"),
    (0x0FF, "7.1(wide)"),
    (0x6CF, "7.1(wide-side)"),
    (0x2D03F, "5.1.4"),
    (0x2D63F, "7.1.4"),
    (0x501F, "3.1.2"),
    (0x503F, "5.1.2"),
];

impl ChannelPosition {
    /// The bit of the position: that of WAVE's mask, or one beyond.
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// The short name, `FL` for front left.
    pub fn name(self) -> &'static str {
        POSITIONS[self as usize].1
    }
}

/// What a channel counts for in loudness (ITU-R BS.1770-5, tables 3 and 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelRole {
    /// Ahead, behind or above, or of unknown place: weight 1.
    Main,
    /// On the side, 60 to 120° from the front and below 30° of elevation: weight 1.41.
    Surround,
    /// Low-frequency effects: not measured.
    Lfe,
}

/// How a file with a single channel is heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mono {
    /// From one loudspeaker, as the text of BS.1770-5 counts one channel.
    #[default]
    Single,
    /// From two loudspeakers at once, as players do it: 3.01 LU louder.
    Dual,
}

/// The positions of the channels of a piece of sound, in the order of their bits. Channels beyond the known positions have
/// none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ChannelLayout {
    mask: u32,
    #[serde(default)]
    mono: Mono,
}

impl ChannelLayout {
    /// What is taken where a file says nothing: that of WAVE and FLAC for this number of channels (RFC 9639, 9.1.3; beyond
    /// them nothing is known).
    pub const fn usual(channels: usize) -> Self {
        let mask = match channels {
            1 => 0x004,
            2 => 0x003,
            3 => 0x007,
            4 => 0x033,
            5 => 0x037,
            6 => 0x03F,
            7 => 0x70F,
            8 => 0x63F,
            _ => 0,
        };
        Self { mask, mono: Mono::Single }
    }

    /// From a mask of WAVE or FLAC; one of zero says nothing. Of too many bits the lowest count, as Microsoft has it; channels
    /// beyond the bits have no position. A lone channel on the left is mono: several programs mark it so.
    pub fn from_mask(mask: u32, channels: usize) -> Self {
        Self::from_bits(mask & WAVE_BITS, channels)
    }

    fn from_bits(bits: u32, channels: usize) -> Self {
        if bits == 0 || channels == 1 {
            return Self::usual(channels);
        }
        let mut left = bits;
        let mut kept = 0;
        for _ in 0..channels {
            let lowest = left & left.wrapping_neg();
            kept |= lowest;
            left ^= lowest;
        }
        Self { mask: kept, mono: Mono::Single }
    }

    /// From positions in the order of a file, and the order in which that file's channels become ours; `None` when two are the
    /// same.
    pub fn from_positions(positions: &[ChannelPosition]) -> Option<(Self, Vec<usize>)> {
        let mut order: Vec<usize> = (0..positions.len()).collect();
        order.sort_by_key(|&index| positions[index]);
        let mask = positions.iter().fold(0, |mask, position| mask | position.bit());
        let distinct = mask.count_ones() as usize == positions.len();
        distinct.then(|| (Self::from_bits(mask, positions.len()), order))
    }

    /// The same layout, with a lone channel heard so.
    pub fn heard(self, mono: Mono) -> Self {
        Self { mono, ..self }
    }

    /// How a lone channel is heard.
    pub fn mono(self) -> Mono {
        self.mono
    }

    /// One bit for each position; the lowest eighteen are those of WAVE.
    pub fn mask(self) -> u32 {
        self.mask
    }

    /// The mask as WAVE and FLAC write it; `None` when they have no word for one of the positions.
    pub fn wave_mask(self) -> Option<u32> {
        (self.mask & !WAVE_BITS == 0).then_some(self.mask)
    }

    /// Where channel `index` is heard, if that is known.
    pub fn position(self, index: usize) -> Option<ChannelPosition> {
        let mut present =
            POSITIONS.iter().map(|(position, _)| *position).filter(|&at| self.has(at));
        present.nth(index)
    }

    /// Whether there is a channel at this position.
    pub fn has(self, position: ChannelPosition) -> bool {
        self.mask & position.bit() != 0
    }

    /// What channel `index` counts for. `Back` left and right are the surrounds at 110° in layouts without a side, and stand at
    /// 135° beside one (BS.2051, systems B and I).
    pub fn role(self, index: usize) -> ChannelRole {
        match self.position(index) {
            Some(At::Lfe | At::Lfe2) => ChannelRole::Lfe,
            Some(At::SideLeft | At::SideRight | At::WideLeft | At::WideRight) => {
                ChannelRole::Surround
            }
            Some(At::BackLeft) if !self.has(At::SideLeft) => ChannelRole::Surround,
            Some(At::BackRight) if !self.has(At::SideRight) => ChannelRole::Surround,
            _ => ChannelRole::Main,
        }
    }

    /// Whether the first two channels are the left and right of one pair.
    pub fn begins_with_pair(self) -> bool {
        PAIRS.iter().any(|pair| [0, 1].map(|index| self.position(index)) == pair.map(Some))
    }

    /// The channel that faces channel `index` from the other side, if any.
    pub fn partner(self, index: usize) -> Option<usize> {
        let position = self.position(index)?;
        let partner = PAIRS.iter().find_map(|pair| match position {
            _ if position == pair[0] => Some(pair[1]),
            _ if position == pair[1] => Some(pair[0]),
            _ => None,
        })?;
        self.has(partner).then(|| (self.mask & (partner.bit() - 1)).count_ones() as usize)
    }

    /// What people call it: `5.1(side)`, or the positions one by one.
    pub fn name(self, channels: usize) -> String {
        let whole = self.mask.count_ones() as usize == channels;
        let known = NAMES.iter().find(|(mask, _)| whole && *mask == self.mask);
        if let Some((_, name)) = known {
            return (*name).to_owned();
        }
        let names: Vec<&str> =
            (0..channels).map(|index| self.position(index).map_or("?", At::name)).collect();
        names.join("+")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ChannelRole::{Lfe, Main, Surround};

    #[track_caller]
    fn check_roles(mask: u32, name: &str, roles: &[ChannelRole]) {
        let layout = ChannelLayout::from_mask(mask, roles.len());
        let found: Vec<ChannelRole> = (0..roles.len()).map(|index| layout.role(index)).collect();
        assert_eq!((layout.name(roles.len()).as_str(), &found[..]), (name, roles));
        assert_eq!(layout.mask(), mask);
    }

    #[test]
    fn a_channel_counts_for_what_its_position_counts() {
        check_roles(0x003, "stereo", &[Main, Main]);
        check_roles(0x00B, "2.1", &[Main, Main, Lfe]);
        check_roles(0x103, "3.0(back)", &[Main, Main, Main]);
        check_roles(0x00F, "3.1", &[Main, Main, Main, Lfe]);
        check_roles(0x107, "4.0", &[Main, Main, Main, Main]);
        check_roles(0x033, "quad", &[Main, Main, Surround, Surround]);
        check_roles(0x10F, "4.1", &[Main, Main, Main, Lfe, Main]);
        check_roles(0x037, "5.0", &[Main, Main, Main, Surround, Surround]);
        check_roles(0x607, "5.0(side)", &[Main, Main, Main, Surround, Surround]);
        check_roles(0x03F, "5.1", &[Main, Main, Main, Lfe, Surround, Surround]);
        check_roles(0x707, "6.0", &[Main, Main, Main, Main, Surround, Surround]);
        check_roles(0x70F, "6.1", &[Main, Main, Main, Lfe, Main, Surround, Surround]);
        check_roles(0x637, "7.0", &[Main, Main, Main, Main, Main, Surround, Surround]);
        check_roles(0x63F, "7.1", &[Main, Main, Main, Lfe, Main, Main, Surround, Surround]);
        check_roles(0x503F, "5.1.2", &[Main, Main, Main, Lfe, Surround, Surround, Main, Main]);
        check_roles(0x00C, "FC+LFE", &[Main, Lfe]);
    }

    #[test]
    fn a_mask_that_does_not_fit_the_channels_is_read_as_far_as_it_goes() {
        assert_eq!(ChannelLayout::from_mask(0, 6), ChannelLayout::usual(6));
        assert_eq!(ChannelLayout::from_mask(0x8000_0000, 2), ChannelLayout::usual(2));
        assert_eq!(ChannelLayout::from_mask(0x3F, 2), ChannelLayout::usual(2));
        assert_eq!(ChannelLayout::from_mask(0x1, 1), ChannelLayout::usual(1));
        let partly = ChannelLayout::from_mask(0x00B, 5);
        assert_eq!(partly.name(5), "FL+FR+LFE+?+?");
        assert_eq!([2, 3].map(|index| partly.role(index)), [Lfe, Main]);
    }

    #[test]
    fn positions_in_any_order_become_a_mask_and_say_where_each_channel_goes() {
        let film =
            [At::FrontCenter, At::FrontLeft, At::FrontRight, At::SideLeft, At::SideRight, At::Lfe];
        let (layout, order) = ChannelLayout::from_positions(&film).unwrap();
        assert_eq!((layout.mask(), order), (0x60F, vec![1, 2, 0, 5, 3, 4]));
        assert_eq!(ChannelLayout::from_positions(&[At::FrontLeft, At::FrontLeft]), None);
    }

    #[test]
    fn left_and_right_face_each_other_wherever_they_are() {
        let partners = |mask: u32, channels: usize| -> Vec<Option<usize>> {
            let layout = ChannelLayout::from_mask(mask, channels);
            (0..channels).map(|index| layout.partner(index)).collect()
        };
        assert_eq!(partners(0x003, 2), [Some(1), Some(0)]);
        assert_eq!(partners(0x10F, 5), [Some(1), Some(0), None, None, None]);
        assert_eq!(partners(0x037, 5), [Some(1), Some(0), None, Some(4), Some(3)]);
        assert_eq!(
            partners(0x63F, 8),
            [Some(1), Some(0), None, None, Some(5), Some(4), Some(7), Some(6)]
        );
        assert_eq!(partners(0x004, 1), [None]);
        assert_eq!(partners(0x501, 3), [None, None, None]);
    }

    #[test]
    fn only_left_and_right_of_one_pair_are_stereo() {
        assert!(ChannelLayout::usual(2).begins_with_pair());
        assert!(ChannelLayout::from_mask(0x600, 2).begins_with_pair());
        assert!(!ChannelLayout::from_mask(0x00C, 2).begins_with_pair());
        assert!(!ChannelLayout::from_mask(0x005, 2).begins_with_pair());
    }
}
