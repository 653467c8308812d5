//! The sheet that travels with a master: what is on it, where, with which codes.

use std::fmt::Write as _;

use crate::{Disc, FIRST_PAUSE, Isrc};

/// A table in text: number, start, pause, length, ISRC, title; then the totals and the check sums of the files (name, MD5).
///
/// Times are minutes, seconds and 1/75 s, counted as on the disc, that is with the pause of 2 s before the first track.
pub fn pq_sheet(disc: &Disc, checksums: &[(String, String)]) -> String {
    let mut sheet = String::new();
    write_sheet(disc, checksums, &mut sheet).expect("a string takes everything");
    sheet
}

fn write_sheet(disc: &Disc, checksums: &[(String, String)], out: &mut String) -> std::fmt::Result {
    writeln!(out, "PQ sheet")?;
    let facts = [
        ("Title", disc.text.title.as_str()),
        ("Artist", &disc.text.performer),
        ("UPC/EAN", disc.ean.as_ref().map_or("", |ean| ean.as_str())),
        ("Catalog", &disc.catalog),
        ("Date", &disc.date),
    ];
    for (name, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
        writeln!(out, "{name:<9}{value}")?;
    }
    writeln!(out, "{:<9}{}", "Tracks", disc.tracks.len())?;
    writeln!(out, "{:<9}{}", "Total", disc.end + FIRST_PAUSE)?;
    writeln!(out)?;
    writeln!(out, " #  start     pause     length    copy  ISRC             title")?;
    for (index, track) in disc.tracks.iter().enumerate() {
        let pause = if index == 0 { FIRST_PAUSE } else { track.pause() };
        let length = disc.sound_end(index) - track.start;
        let copy = if track.copy_permitted { "yes" } else { "no" };
        let isrc = track.isrc.as_ref().map_or_else(|| "-".to_owned(), Isrc::printed);
        let title = &track.text.title;
        let start = track.start + FIRST_PAUSE;
        writeln!(
            out,
            "{:>2}  {start}  {pause}  {length}  {copy:<4}  {isrc:<15}  {title}",
            index + 1
        )?;
        for (&place, number) in track.indexes.iter().zip(2..) {
            writeln!(out, "    {}  index {number}", place + FIRST_PAUSE)?;
        }
    }
    writeln!(out, "AA  {}  end", disc.end + FIRST_PAUSE)?;
    if !checksums.is_empty() {
        writeln!(out)?;
    }
    for (name, md5) in checksums {
        writeln!(out, "MD5 {md5}  {name}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Sectors, Text, Track};

    #[test]
    fn the_sheet_counts_the_pause_before_the_first_song() {
        let disc = Disc {
            text: Text::titled("Rooms"),
            tracks: vec![
                Track {
                    text: Text::titled("Run"),
                    isrc: Some(Isrc::parse("DEA122600001").unwrap()),
                    indexes: vec![Sectors(80)],
                    ..Track::default()
                },
                Track {
                    text: Text::titled("Air"),
                    pause_start: Sectors(600),
                    start: Sectors(750),
                    ..Track::default()
                },
            ],
            end: Sectors(1500),
            ..Disc::default()
        };
        let sums = [("rooms.wav".to_owned(), "900150983cd24fb0d6963f7d28e17f72".to_owned())];
        let expected = "\
PQ sheet
Title    Rooms
Tracks   2
Total    00:22:00

 #  start     pause     length    copy  ISRC             title
 1  00:02:00  00:02:00  00:08:00  no    DE-A12-26-00001  Run
    00:03:05  index 2
 2  00:12:00  00:02:00  00:10:00  no    -                Air
AA  00:22:00  end

MD5 900150983cd24fb0d6963f7d28e17f72  rooms.wav
";
        assert_eq!(pq_sheet(&disc, &sums), expected);
    }
}
