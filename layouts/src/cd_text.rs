//! CD-Text: what a player shows, in packs of 18 bytes in the lead-in.
//!
//! Layout of the packs from the public description of libburn (`doc/cdtext.txt`) and the recorded experiments of the
//! ddp-reverse-eng project (MIT), section 7 of its `spec/ddp2.md`.

use thiserror::Error;

use crate::{Disc, Isrc, TextField};

/// Bytes of text in a pack.
const PAYLOAD: usize = 12;
/// Bytes of a pack.
pub(crate) const PACK: usize = 18;
/// The sequence number of a pack is one byte.
const PACKS_MAX: usize = 256;
/// The position in a string that a pack can say has four bits.
const POSITION_MAX: usize = 15;
const FIRST_TEXT_TYPE: u8 = 0x80;
const CODES_TYPE: u8 = 0x8E;
const SIZES_TYPE: u8 = 0x8F;
/// Packs that say the sizes.
const SIZES_PACKS: usize = 3;
/// ISO 8859-1.
const CHARACTER_SET: u8 = 0x00;
/// English, in the list of EBU Tech 3264 that CD-Text uses.
const LANGUAGE: u8 = 0x09;
/// CRC-16 of CCITT, x^16 + x^12 + x^5 + 1.
const CRC_POLYNOMIAL: u16 = 0x1021;

/// Why words cannot be CD-Text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CdTextError {
    /// A letter that ISO 8859-1 lacks.
    #[error(
        "{song}: its {field} {text:?} has {letter:?}, which CD-Text (ISO 8859-1) cannot hold: give it a cd_title without it"
    )]
    Letter {
        /// The song, or the record.
        song: String,
        /// Which string.
        field: &'static str,
        /// The string.
        text: String,
        /// The letter.
        letter: char,
    },
    /// More words than a block holds.
    #[error(
        "the titles and names need {packs} packs of CD-Text, of which a disc holds {PACKS_MAX}: shorten them"
    )]
    TooLong {
        /// How many packs.
        packs: usize,
    },
}

/// The packs of a disc, without a header; empty when there are no words to show.
///
/// # Errors
/// When a letter is not in ISO 8859-1, or there are more words than 256 packs hold.
pub fn cd_text(disc: &Disc) -> Result<Vec<u8>, CdTextError> {
    let mut packs = Packs::default();
    for (field, kind) in TextField::ALL.into_iter().zip(FIRST_TEXT_TYPE..) {
        if disc.says(field) {
            packs.add(kind, &strings(disc, field)?);
        }
    }
    if packs.bytes.is_empty() {
        return Ok(Vec::new());
    }
    if disc.ean.is_some() || disc.tracks.iter().any(|track| track.isrc.is_some()) {
        packs.add(CODES_TYPE, &codes(disc));
    }
    let count = packs.count() + SIZES_PACKS;
    if count > PACKS_MAX {
        return Err(CdTextError::TooLong { packs: count });
    }
    packs.add_sizes(disc.tracks.len());
    Ok(packs.bytes)
}

/// The disc's string and each track's.
fn strings(disc: &Disc, field: TextField) -> Result<Vec<Vec<u8>>, CdTextError> {
    let record = latin_1("the record".to_owned(), field, disc.text.get(field))?;
    let mut strings = vec![record];
    for (index, track) in disc.tracks.iter().enumerate() {
        strings.push(latin_1(disc.song(index), field, track.text.get(field))?);
    }
    Ok(strings)
}

/// The product's code, then each recording's.
fn codes(disc: &Disc) -> Vec<Vec<u8>> {
    let ean = disc.ean.as_ref().map_or("", |ean| ean.as_str());
    let isrcs = disc.tracks.iter().map(|track| track.isrc.as_ref().map_or("", Isrc::as_str));
    std::iter::once(ean).chain(isrcs).map(|code| code.as_bytes().to_vec()).collect()
}

fn latin_1(song: String, field: TextField, text: &str) -> Result<Vec<u8>, CdTextError> {
    let byte = |letter: char| u8::try_from(letter).ok().filter(|_| !letter.is_control());
    text.chars()
        .map(|letter| {
            byte(letter).ok_or_else(|| CdTextError::Letter {
                song: song.clone(),
                field: field.name(),
                text: text.to_owned(),
                letter,
            })
        })
        .collect()
}

/// Packs as they are put together.
#[derive(Default)]
struct Packs {
    bytes: Vec<u8>,
    /// Packs of each type from 0x80 on.
    counts: [u8; 16],
}

impl Packs {
    fn count(&self) -> usize {
        self.bytes.len() / PACK
    }

    /// One type: its strings one after another, each with a zero at its end, cut into twelves.
    fn add(&mut self, kind: u8, strings: &[Vec<u8>]) {
        // The track and the place in its string of every byte.
        let mut text = Vec::new();
        for (track, string) in strings.iter().enumerate() {
            let ended = string.iter().copied().chain([0]);
            text.extend(ended.enumerate().map(|(position, byte)| (track, position, byte)));
        }
        for part in text.chunks(PAYLOAD) {
            let (track, position, _) = part[0];
            let mut payload = [0; PAYLOAD];
            for (out, &(_, _, byte)) in payload.iter_mut().zip(part) {
                *out = byte;
            }
            self.push(kind, track as u8, position.min(POSITION_MAX) as u8, payload);
        }
    }

    /// What the block holds: character set, tracks, packs of each type, last sequence number, language.
    fn add_sizes(&mut self, tracks: usize) {
        let last = self.count() + SIZES_PACKS - 1;
        self.counts[usize::from(SIZES_TYPE - FIRST_TEXT_TYPE)] = SIZES_PACKS as u8;
        let mut sizes = [0; PAYLOAD * SIZES_PACKS];
        sizes[..4].copy_from_slice(&[CHARACTER_SET, 1, tracks as u8, 0]);
        sizes[4..20].copy_from_slice(&self.counts);
        sizes[20] = last as u8;
        sizes[28] = LANGUAGE;
        for (number, part) in sizes.as_chunks::<PAYLOAD>().0.iter().enumerate() {
            self.push(SIZES_TYPE, number as u8, 0, *part);
        }
    }

    fn push(&mut self, kind: u8, track: u8, position: u8, payload: [u8; PAYLOAD]) {
        let sequence = self.count() as u8;
        if kind != SIZES_TYPE {
            self.counts[usize::from(kind - FIRST_TEXT_TYPE)] =
                self.counts[usize::from(kind - FIRST_TEXT_TYPE)].saturating_add(1);
        }
        let begin = self.bytes.len();
        self.bytes.extend([kind, track, sequence, position]);
        self.bytes.extend(payload);
        let crc = crc(&self.bytes[begin..]);
        self.bytes.extend(crc.to_be_bytes());
    }
}

/// CRC-16 of CCITT from zero, all bits turned.
fn crc(bytes: &[u8]) -> u16 {
    let step = |crc: u16, _| {
        let shifted = crc << 1;
        if crc & 0x8000 == 0 { shifted } else { shifted ^ CRC_POLYNOMIAL }
    };
    !bytes.iter().fold(0, |crc, &byte| (0..8).fold(crc ^ (u16::from(byte) << 8), step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ean, Sectors, Text, Track};

    fn disc(titles: &[&str]) -> Disc {
        let track = |title: &&str| Track { text: Text::titled(title), ..Track::default() };
        let tracks = titles.iter().map(track).collect();
        Disc { text: Text::titled("Record"), tracks, end: Sectors(600), ..Disc::default() }
    }

    #[test]
    fn the_packs_are_those_that_cue2ddp_wrote_for_the_same_words() {
        // Recorded by ddp-reverse-eng (MIT), exp/011-cdtext-cue/ddpinfo-e.txt.
        let recorded = "
            80 00 00 00 44 69 73 63 20 54 69 74 6C 65 00 54 A7 14
            80 01 01 01 72 61 63 6B 20 4F 6E 65 00 54 72 61 8C 65
            80 02 02 03 63 6B 20 54 77 6F 00 00 00 00 00 00 E6 B6
            81 00 03 00 44 69 73 63 20 50 65 72 66 6F 72 6D E3 18
            81 00 04 0C 65 72 00 50 65 72 66 20 4F 6E 65 00 33 B1
            81 02 05 00 50 65 72 66 20 54 77 6F 00 00 00 00 1B 61
            82 00 06 00 44 69 73 63 20 57 72 69 74 65 72 00 22 B0
            82 01 07 00 57 72 69 74 65 72 20 4F 6E 65 00 00 22 44
            8F 00 08 00 00 01 02 00 03 03 02 00 00 00 00 00 F8 8B
            8F 01 09 00 00 00 00 00 00 00 00 03 0A 00 00 00 36 1B
            8F 02 0A 00 00 00 00 00 09 00 00 00 00 00 00 00 87 ED";
        let recorded: Vec<u8> =
            recorded.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
        let text = |title: &str, performer: &str, songwriter: &str| Text {
            title: title.to_owned(),
            performer: performer.to_owned(),
            songwriter: songwriter.to_owned(),
            ..Text::default()
        };
        let track = |text| Track { text, ..Track::default() };
        let disc = Disc {
            text: text("Disc Title", "Disc Performer", "Disc Writer"),
            tracks: vec![
                track(text("Track One", "Perf One", "Writer One")),
                track(text("Track Two", "Perf Two", "")),
            ],
            ..Disc::default()
        };
        assert_eq!(cd_text(&disc).unwrap(), recorded);
    }

    #[test]
    fn letters_of_western_europe_are_one_byte_each() {
        let packs = cd_text(&disc(&["Äther", "Été"])).unwrap();
        assert!(packs.contains(&0xC4) && packs.contains(&0xC9));
    }

    #[test]
    fn a_letter_that_the_disc_lacks_is_an_error_that_names_the_song() {
        let error = cd_text(&disc(&["Run", "Łódź"])).unwrap_err();
        assert!(error.to_string().starts_with("song 2 \"Łódź\": its title"), "{error}");
        assert!(matches!(error, CdTextError::Letter { letter: 'Ł', .. }));
        // A tab alone would mean "as the track before", 0x80 to 0x9F are control characters of ISO 8859-1.
        assert!(cd_text(&disc(&["\t"])).is_err());
        assert!(cd_text(&disc(&["\u{85}"])).is_err());
    }

    #[test]
    fn more_than_two_hundred_and_fifty_six_packs_are_an_error() {
        let long = "x".repeat(80);
        let titles: Vec<&str> = (0..40).map(|_| long.as_str()).collect();
        let error = cd_text(&disc(&titles)).unwrap_err();
        assert!(matches!(error, CdTextError::TooLong { packs: 274 }), "{error}");
    }

    #[test]
    fn a_full_block_counts_to_its_last_number() {
        // 253 packs of text: the most there can be.
        let long = "x".repeat(83);
        let mut titles = vec![long.as_str(); 36];
        titles.truncate(36);
        let packs = cd_text(&disc(&titles)).unwrap();
        assert_eq!(packs.len() / PACK, 36 * 7 + 1 + 3);
        assert_eq!(packs[packs.len() - PACK + 2], 255);
    }

    #[test]
    fn codes_come_after_the_words() {
        let mut disc = disc(&["One"]);
        disc.ean = Some(Ean::parse("4006381333931").unwrap());
        disc.tracks[0].isrc = Some(Isrc::parse("DEA122600001").unwrap());
        let packs = cd_text(&disc).unwrap();
        let kinds: Vec<u8> = packs.chunks(PACK).map(|pack| pack[0]).collect();
        assert_eq!(kinds, [0x80, 0x8E, 0x8E, 0x8E, 0x8F, 0x8F, 0x8F]);
        assert_eq!(&packs[PACK + 4..PACK + 16], b"400638133393");
    }

    #[test]
    fn a_disc_without_words_has_no_packs() {
        assert_eq!(
            cd_text(&Disc { tracks: vec![Track::default()], ..Disc::default() }),
            Ok(vec![])
        );
    }

    #[test]
    fn the_check_sum_of_the_standard_s_nine_digits_is_the_known_one() {
        // CRC-16/XMODEM of "123456789" is 31C3.
        assert_eq!(!crc(b"123456789"), 0x31C3);
    }
}
