//! Where everything lies on a record, in sectors of 1/75 s that every layout shares.

use acetate_layouts::Sectors;

/// Sectors in a second.
const SECTORS_PER_S: u64 = 75;

/// A group of songs that run into each other, or one song.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Length of its sound, frames.
    pub frames: u64,
    /// Where its songs begin in it, frames; the first at 0.
    pub cuts: Vec<u64>,
    /// Digital silence before it, frames.
    pub silence: u64,
}

/// A song on the time line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlacedSong {
    /// Its group.
    pub group: usize,
    /// Where the silence before it begins; `start` where there is none.
    pub pause_start: Sectors,
    /// Where it begins.
    pub start: Sectors,
}

/// The whole record. Between groups, and from the end of a group to the next sector, there is digital silence.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// Frames a second.
    pub sample_rate_hz: u32,
    /// Where each group begins.
    pub groups: Vec<Sectors>,
    /// Every song.
    pub songs: Vec<PlacedSong>,
    /// Where the record ends.
    pub end: Sectors,
}

impl Timeline {
    /// Lays out groups one after another: every group begins on the sector nearest to where it should, and a cut inside a group moves
    /// to the sector before it (at most 13.3 ms), which moves no sound.
    pub fn new(sample_rate_hz: u32, pieces: &[Piece]) -> Self {
        let mut timeline =
            Self { sample_rate_hz, groups: Vec::new(), songs: Vec::new(), end: Sectors(0) };
        let mut end_frame = 0;
        for (group, piece) in pieces.iter().enumerate() {
            let pause_start = timeline.sector_from(end_frame);
            // Nothing before the first song: players wait on their own.
            let silence = if group == 0 { 0 } else { piece.silence };
            let start = timeline.nearest(end_frame + silence).max(pause_start);
            let start_frame = timeline.frame(start);
            for (song, &cut) in piece.cuts.iter().enumerate() {
                let start = timeline.sector_before(start_frame + cut).max(start);
                let pause_start = if song == 0 { pause_start } else { start };
                timeline.songs.push(PlacedSong { group, pause_start, start });
            }
            timeline.groups.push(start);
            end_frame = start_frame + piece.frames;
        }
        timeline.end = timeline.sector_from(end_frame);
        timeline
    }

    /// The frame at which a sector begins: exact at rates that 75 divides, else the nearest.
    pub fn frame(&self, place: Sectors) -> u64 {
        (u64::from(place.0) * self.rate() * 2 + SECTORS_PER_S) / (2 * SECTORS_PER_S)
    }

    /// Frames of the record.
    pub fn frames(&self) -> u64 {
        self.frame(self.end)
    }

    /// The frames of a song's file: from its start to the next one's, so that files end to end are the record.
    pub fn file(&self, song: usize) -> std::ops::Range<u64> {
        let end = self.songs.get(song + 1).map_or(self.end, |next| next.start);
        self.frame(self.songs[song].start)..self.frame(end)
    }

    fn rate(&self) -> u64 {
        u64::from(self.sample_rate_hz)
    }

    /// The first sector that begins at or after a frame.
    fn sector_from(&self, frame: u64) -> Sectors {
        let sector = self.sector_before(frame);
        if self.frame(sector) < frame { Sectors(sector.0 + 1) } else { sector }
    }

    /// The last sector that begins at or before a frame.
    fn sector_before(&self, frame: u64) -> Sectors {
        let mut sector = Sectors((frame * SECTORS_PER_S / self.rate()) as u32 + 1);
        while self.frame(sector) > frame {
            sector.0 -= 1;
        }
        sector
    }

    fn nearest(&self, frame: u64) -> Sectors {
        let (before, after) = (self.sector_before(frame), self.sector_from(frame));
        if frame - self.frame(before) <= self.frame(after) - frame { before } else { after }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_group_begins_on_a_sector_and_a_cut_moves_to_the_one_before() {
        let piece = |frames, cuts: &[u64], silence| Piece { frames, cuts: cuts.to_vec(), silence };
        let pieces = [piece(44_100 * 10 + 1, &[0], 0), piece(88_200 * 5, &[0, 200_000], 88_200)];
        let timeline = Timeline::new(44_100, &pieces);
        assert_eq!(timeline.songs[0].start, Sectors(0));
        assert_eq!(timeline.songs[1].pause_start, Sectors(751));
        assert_eq!(timeline.songs[1].start, Sectors(900));
        // 200 000 / 588 = 340.1.
        assert_eq!(timeline.songs[2].start, Sectors(900 + 340));
        assert_eq!(timeline.songs[2].pause_start, timeline.songs[2].start);
        assert_eq!(timeline.end, Sectors(900 + 750));
    }

    proptest! {
        #[test]
        fn files_end_to_end_are_the_record_at_every_rate(
            lengths in prop::collection::vec((1_000u64..500_000, 0u64..200_000, 0.0..1.0f64), 1..12),
            rate in prop::sample::select(vec![32_000u32, 44_100, 48_000, 88_200, 96_000]),
        ) {
            let pieces: Vec<Piece> = lengths
                .iter()
                .map(|&(frames, silence, cut)| {
                    Piece { frames, cuts: vec![0, (frames as f64 * cut) as u64], silence }
                })
                .collect();
            let timeline = Timeline::new(rate, &pieces);
            let mut at = 0;
            for song in 0..timeline.songs.len() {
                let file = timeline.file(song);
                prop_assert_eq!(file.start, at);
                prop_assert!(file.end >= file.start);
                at = file.end;
            }
            prop_assert_eq!(at, timeline.frames());
            // No group reaches into the next, and no sound is before its song by more than a sector.
            for (group, piece) in pieces.iter().enumerate() {
                let start = timeline.frame(timeline.groups[group]);
                let next = timeline.groups.get(group + 1).copied().unwrap_or(timeline.end);
                prop_assert!(start + piece.frames <= timeline.frame(next));
                let cut = start + piece.cuts[1];
                let placed = timeline.frame(timeline.songs[2 * group + 1].start);
                prop_assert!(placed <= cut && cut - placed < u64::from(rate) / 75 + 1);
            }
        }
    }
}
