//! The rules of the compact disc (IEC 60908), and what pressing plants accept.

use std::collections::HashMap;

use thiserror::Error;

use crate::{Disc, FIRST_PAUSE, Sectors};

/// Tracks of a disc (IEC 60908).
const TRACKS_MAX: usize = 99;
/// The highest number of an index in a track (IEC 60908).
const INDEX_MAX: usize = 99;
/// A track is at least this long, from its start to the next one's (IEC 60908).
const TRACK_MIN: Sectors = Sectors::from_seconds(4);
/// Plants refuse longer discs: 79:57.
const DISC_MAX: Sectors = Sectors::from_seconds(79 * 60 + 57);
/// Every plant presses discs up to here: 74:00, what the first standard allowed.
const DISC_SAFE: Sectors = Sectors::from_seconds(74 * 60);

/// Why a disc cannot be made. Each names the song, the value and the rule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DiscError {
    /// Nothing to put on it.
    #[error("a disc needs at least one song")]
    Empty,
    /// More tracks than the numbers have digits for.
    #[error("{found} songs are more than the {TRACKS_MAX} tracks that a CD can have")]
    TooManyTracks {
        /// How many.
        found: usize,
    },
    /// A short track.
    #[error(
        "{song} lasts {length} (min:s:1/75 s) to the next start, a CD track at least {TRACK_MIN}: join it to its neighbour or leave it out"
    )]
    ShortTrack {
        /// The song.
        song: String,
        /// Its length.
        length: Sectors,
    },
    /// A long disc.
    #[error(
        "the record lasts {length} (min:s:1/75 s), a CD at most {DISC_MAX}: leave a song out, or make two discs"
    )]
    LongDisc {
        /// The length.
        length: Sectors,
    },
    /// A place that lies before the one it should follow.
    #[error("{song} begins at {place}, before {limit}, where it cannot")]
    OutOfOrder {
        /// The song.
        song: String,
        /// Where it begins.
        place: Sectors,
        /// The first place where it may.
        limit: Sectors,
    },
    /// An index outside its track, or not after the one before.
    #[error(
        "{song} has index {number} at {place}, which is not between {after} and the end of the track at {end}"
    )]
    IndexOutside {
        /// The song.
        song: String,
        /// Number of the index.
        number: usize,
        /// Where it is.
        place: Sectors,
        /// The index before it.
        after: Sectors,
        /// Where the track ends.
        end: Sectors,
    },
    /// More indexes than there are numbers.
    #[error("{song} has {found} indexes, more than {INDEX_MAX}")]
    TooManyIndexes {
        /// The song.
        song: String,
        /// How many.
        found: usize,
    },
    /// A code that two songs have.
    #[error("{song} has ISRC {isrc}, which {other} has already: a code belongs to one recording")]
    IsrcTwice {
        /// The later song.
        song: String,
        /// The code.
        isrc: String,
        /// The earlier song.
        other: String,
    },
}

/// What a plant may complain about.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DiscWarning {
    /// Longer than every plant accepts.
    #[error("the record lasts {length}: not every plant presses more than {DISC_SAFE}, ask yours")]
    LongDisc {
        /// The length.
        length: Sectors,
    },
    /// Some songs have codes, others not.
    #[error("{song} has no ISRC, others have: nobody will be paid for it")]
    IsrcMissing {
        /// The song.
        song: String,
    },
}

impl Disc {
    /// Holds the disc against the rules; what is allowed but unwise comes back as warnings.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self) -> Result<Vec<DiscWarning>, DiscError> {
        if self.tracks.is_empty() {
            return Err(DiscError::Empty);
        }
        if self.tracks.len() > TRACKS_MAX {
            return Err(DiscError::TooManyTracks { found: self.tracks.len() });
        }
        for index in 0..self.tracks.len() {
            self.check_places(index)?;
        }
        self.check_codes()?;
        if self.end + FIRST_PAUSE > DISC_MAX {
            return Err(DiscError::LongDisc { length: self.end + FIRST_PAUSE });
        }
        Ok(self.warnings())
    }

    fn check_places(&self, index: usize) -> Result<(), DiscError> {
        let track = &self.tracks[index];
        let song = || self.song(index);
        let limit = match index.checked_sub(1) {
            None => Sectors(0),
            Some(before) => self.tracks[before].start,
        };
        let place = track.pause_start;
        let first_is_late = index == 0 && place > limit;
        if place < limit || track.start < place || first_is_late {
            return Err(DiscError::OutOfOrder { song: song(), place, limit });
        }
        let end = self.track_end(index);
        let length = Sectors(end.0.saturating_sub(track.start.0));
        if length < TRACK_MIN {
            return Err(DiscError::ShortTrack { song: song(), length });
        }
        if track.indexes.len() + 1 > INDEX_MAX {
            return Err(DiscError::TooManyIndexes { song: song(), found: track.indexes.len() + 1 });
        }
        let (mut after, end) = (track.start, self.sound_end(index));
        for (&place, number) in track.indexes.iter().zip(2..) {
            if place <= after || place >= end {
                return Err(DiscError::IndexOutside { song: song(), number, place, after, end });
            }
            after = place;
        }
        Ok(())
    }

    fn check_codes(&self) -> Result<(), DiscError> {
        let mut seen = HashMap::new();
        for (index, track) in self.tracks.iter().enumerate() {
            let Some(isrc) = &track.isrc else { continue };
            if let Some(other) = seen.insert(isrc, index) {
                let (song, other) = (self.song(index), self.song(other));
                return Err(DiscError::IsrcTwice { song, isrc: isrc.to_string(), other });
            }
        }
        Ok(())
    }

    fn warnings(&self) -> Vec<DiscWarning> {
        let mut warnings = Vec::new();
        if self.end + FIRST_PAUSE > DISC_SAFE {
            warnings.push(DiscWarning::LongDisc { length: self.end + FIRST_PAUSE });
        }
        if self.tracks.iter().any(|track| track.isrc.is_some()) {
            let without = (0..self.tracks.len()).filter(|&index| self.tracks[index].isrc.is_none());
            let missing = |index| DiscWarning::IsrcMissing { song: self.song(index) };
            warnings.extend(without.map(missing));
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Isrc, Text, Track};

    fn disc(starts: &[u32], end: u32) -> Disc {
        let track = |(number, &start): (usize, &u32)| Track {
            text: Text::titled(&format!("No {}", number + 1)),
            pause_start: Sectors(start),
            start: Sectors(start),
            ..Track::default()
        };
        let tracks = starts.iter().enumerate().map(track).collect();
        Disc { tracks, end: Sectors(end), ..Disc::default() }
    }

    #[test]
    fn a_track_of_four_seconds_passes_and_one_sector_less_does_not() {
        assert_eq!(disc(&[0, 300], 600).check(), Ok(vec![]));
        let error = disc(&[0, 300], 599).check().unwrap_err();
        assert_eq!(
            error,
            DiscError::ShortTrack { song: "song 2 \"No 2\"".to_owned(), length: Sectors(299) }
        );
        assert!(error.to_string().contains("00:03:74"), "{error}");
    }

    #[test]
    fn a_disc_has_one_to_ninety_nine_tracks() {
        let starts: Vec<u32> = (0..100).map(|index| index * 300).collect();
        assert!(disc(&starts[..99], 99 * 300).check().is_ok());
        let error = disc(&starts, 100 * 300).check();
        assert_eq!(error, Err(DiscError::TooManyTracks { found: 100 }));
        assert_eq!(disc(&[], 0).check(), Err(DiscError::Empty));
    }

    #[test]
    fn a_disc_ends_at_79_57_and_is_warned_of_from_74_00_on() {
        let longest = DISC_MAX - FIRST_PAUSE;
        assert!(matches!(
            disc(&[0], longest.0).check().unwrap()[..],
            [DiscWarning::LongDisc { .. }]
        ));
        assert!(matches!(disc(&[0], longest.0 + 1).check(), Err(DiscError::LongDisc { .. })));
        assert_eq!(disc(&[0], (DISC_SAFE - FIRST_PAUSE).0).check(), Ok(vec![]));
    }

    #[test]
    fn a_code_twice_is_named_with_both_songs() {
        let mut disc = disc(&[0, 300], 600);
        for track in &mut disc.tracks {
            track.isrc = Some(Isrc::parse("DEA122600001").unwrap());
        }
        let error = disc.check().unwrap_err().to_string();
        assert!(error.contains("song 2") && error.contains("song 1"), "{error}");
    }

    #[test]
    fn indexes_lie_in_their_track_and_in_order() {
        let mut disc = disc(&[0, 600], 1200);
        disc.tracks[0].indexes = vec![Sectors(100), Sectors(200)];
        assert!(disc.check().is_ok());
        disc.tracks[0].indexes = vec![Sectors(200), Sectors(200)];
        assert!(matches!(disc.check(), Err(DiscError::IndexOutside { number: 3, .. })));
        disc.tracks[0].indexes = vec![Sectors(600)];
        assert!(matches!(disc.check(), Err(DiscError::IndexOutside { number: 2, .. })));
    }

    #[test]
    fn songs_follow_each_other() {
        assert!(matches!(disc(&[0, 600, 300], 900).check(), Err(DiscError::ShortTrack { .. })));
        assert!(matches!(disc(&[1], 900).check(), Err(DiscError::OutOfOrder { .. })));
    }
}
