//! What was found to be wrong with a file that could be read nevertheless.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Something wrong with a file that could be read nevertheless.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SourceWarning {
    /// The header promises more than there is.
    #[error(
        "file is cut short: {found_frames} of {promised_frames} frames are there; export it again if the end is missing"
    )]
    Truncated {
        /// Frames the header promises.
        promised_frames: u64,
        /// Frames that are there.
        found_frames: u64,
    },
    /// The header promises less than there is.
    #[error("header says {promised_frames} frames, the data hold {found_frames}; all were used")]
    LongerThanPromised {
        /// Frames the header promises.
        promised_frames: u64,
        /// Frames that are there.
        found_frames: u64,
    },
    /// AAC of a low rate: it may be the plain part of HE-AAC.
    #[error(
        "AAC of {sample_rate_hz} Hz may be HE-AAC, of which only the lower half is read; convert it to WAV or FLAC first"
    )]
    PerhapsHalf {
        /// The rate.
        sample_rate_hz: u32,
    },
    /// Some packets could not be decoded.
    #[error(
        "{count} damaged parts, the first near {first_at_s} s, were replaced by silence; export the file again"
    )]
    Damaged {
        /// How many packets.
        count: u64,
        /// Where the first was, in whole seconds.
        first_at_s: u64,
        /// Frames that are silent in their place.
        lost_frames: u64,
    },
    /// Bytes after the last whole frame.
    #[error("last frame is incomplete ({bytes} bytes) and was left out")]
    PartialFrame {
        /// How many bytes.
        bytes: u64,
    },
    /// Bytes that no frame accounts for.
    #[error("{bytes} bytes could not be decoded and were left out; export the file again")]
    Undecodable {
        /// How many bytes.
        bytes: u64,
        /// About as many frames, by the length of the others; 0 when they may be no sound at all.
        lost_frames: u64,
    },
    /// Several streams in one file, as `cat` makes them.
    #[error("file is {streams} recordings one after another; all were used")]
    Joined {
        /// How many.
        streams: u64,
    },
    /// Mono and stereo in one file.
    #[error(
        "file changes between mono and stereo, first at {at_s} s; what is mono was put on both channels"
    )]
    MonoMixed {
        /// Where it changes first, in whole seconds.
        at_s: u64,
    },
    /// An edit list that hides sound, as cutting without coding again makes it.
    #[error(
        "edit list leaves out {frames} of {coded_frames} frames, as in every player; export the file again if they are wanted"
    )]
    LeftOutByEdit {
        /// Frames that are in the file and not heard.
        frames: u64,
        /// Frames in the file.
        coded_frames: u64,
    },
    /// An edit list that plays parts in an order of its own.
    #[error(
        "edit list plays parts in an order of its own; all of the file was used, in its own order"
    )]
    EditsIgnored,
    /// Further sound tracks.
    #[error("file has {tracks} sound tracks; the first was used")]
    OtherTracks {
        /// How many, the one that is used included.
        tracks: u64,
    },
    /// The container breaks off.
    #[error("file breaks off before its container ends; export it again if the end is missing")]
    EndsEarly,
}

impl SourceWarning {
    /// The same of sound that begins some seconds later.
    pub fn later_by(self, seconds: u64) -> Self {
        match self {
            Self::Damaged { count, first_at_s, lost_frames } => {
                Self::Damaged { count, first_at_s: first_at_s + seconds, lost_frames }
            }
            Self::MonoMixed { at_s } => Self::MonoMixed { at_s: at_s + seconds },
            other => other,
        }
    }

    /// Adds a warning of a later part to those of the parts before: one of each kind is enough.
    pub fn merge(all: &mut Vec<Self>, later: Self) {
        let kind = std::mem::discriminant(&later);
        match all.iter_mut().find(|warning| std::mem::discriminant(&**warning) == kind) {
            Some(earlier) => earlier.add(&later),
            None => all.push(later),
        }
    }

    fn add(&mut self, later: &Self) {
        match (self, later) {
            (
                Self::Truncated { promised_frames, found_frames }
                | Self::LongerThanPromised { promised_frames, found_frames },
                Self::Truncated { promised_frames: promised, found_frames: found }
                | Self::LongerThanPromised { promised_frames: promised, found_frames: found },
            ) => {
                *promised_frames = promised_frames.saturating_add(*promised);
                *found_frames = found_frames.saturating_add(*found);
            }
            (
                Self::Damaged { count, lost_frames, .. },
                Self::Damaged { count: more, lost_frames: lost, .. },
            ) => {
                *count += more;
                *lost_frames = lost_frames.saturating_add(*lost);
            }
            (
                Self::Undecodable { bytes, lost_frames },
                Self::Undecodable { bytes: more, lost_frames: lost },
            ) => {
                *bytes += more;
                *lost_frames = lost_frames.saturating_add(*lost);
            }
            (Self::PartialFrame { bytes }, Self::PartialFrame { bytes: more }) => *bytes += more,
            (Self::Joined { streams }, Self::Joined { streams: more }) => *streams += more - 1,
            _ => {}
        }
    }

    /// Frames of sound that should be there and are not, as far as that can be told.
    pub fn lost_frames(&self) -> u64 {
        match self {
            Self::Truncated { promised_frames, found_frames } => {
                promised_frames.saturating_sub(*found_frames)
            }
            Self::Damaged { lost_frames, .. } | Self::Undecodable { lost_frames, .. } => {
                *lost_frames
            }
            _ => 0,
        }
    }
}
