//! A DDP 2.00 fileset, the master of a compact disc that plants take.
//!
//! From the public description of the ddp-reverse-eng project (MIT, `spec/ddp2.md`), not from DCA's own text, which is free under
//! licence only: let the plant confirm.

use std::fmt::Write as _;

use md5::{Digest, Md5};
use thiserror::Error;

use crate::{CdTextError, Disc, FIRST_PAUSE, Sectors, Track, cd_text};

/// The stream of the sound: 150 sectors of silence, then the disc, little-endian, without a header.
pub const IMAGE_FILE: &str = "IMAGE.DAT";
const CD_TEXT_FILE: &str = "CDTEXT.BIN";
const PQ_FILE: &str = "PQDESCR";
/// Characters of the master identifier.
const CATALOG_MAX: usize = 48;

/// Why a disc cannot be a DDP.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DdpError {
    /// Words that CD-Text cannot hold.
    #[error(transparent)]
    CdText(#[from] CdTextError),
    /// A label's number that does not fit.
    #[error(
        "catalog {given:?} is not up to {CATALOG_MAX} characters of plain ASCII, as the master id of a DDP must be"
    )]
    Catalog {
        /// What was given.
        given: String,
    },
}

/// The files of a DDP beside [`IMAGE_FILE`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ddp {
    /// Names and contents, in the order of the check sums.
    files: Vec<(&'static str, Vec<u8>)>,
}

impl Ddp {
    /// Every file with its name, and the check sums of all; `image_md5` is that of [`IMAGE_FILE`], in hexadecimal.
    pub fn files(&self, image_md5: &str) -> Vec<(&'static str, Vec<u8>)> {
        let mut sums = String::new();
        let own = self.files.iter().map(|(name, bytes)| (*name, md5_of(bytes)));
        for (name, md5) in own.chain([(IMAGE_FILE, image_md5.to_owned())]) {
            writeln!(sums, "{md5} *{name}").expect("a string takes everything");
        }
        let sums = ("CHECKSUM.MD5", sums.into_bytes());
        self.files.iter().cloned().chain([sums]).collect()
    }
}

/// The descriptors of a disc, which must have passed [`Disc::check`].
///
/// # Errors
/// When the words are no CD-Text, or the label's number is no master id.
pub fn ddp(disc: &Disc) -> Result<Ddp, DdpError> {
    if disc.catalog.len() > CATALOG_MAX || disc.catalog.chars().any(|c| !(' '..='~').contains(&c)) {
        return Err(DdpError::Catalog { given: disc.catalog.clone() });
    }
    let (text, pq) = (cd_text(disc)?, pq_descriptor(disc));
    let map = map(text.len(), pq.len(), disc.end + FIRST_PAUSE);
    let mut files = vec![("DDPID", identifier(disc)), ("DDPMS", map)];
    if !text.is_empty() {
        files.push((CD_TEXT_FILE, text));
    }
    files.push((PQ_FILE, pq));
    Ok(Ddp { files })
}

/// MD5 in hexadecimal.
fn md5_of(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A record of fixed width, blank at first.
struct Record {
    bytes: Vec<u8>,
}

impl Record {
    fn new(bytes: usize) -> Self {
        Self { bytes: vec![b' '; bytes] }
    }

    fn text(mut self, offset: usize, text: &str) -> Self {
        self.bytes[offset..offset + text.len()].copy_from_slice(text.as_bytes());
        self
    }

    fn number(self, offset: usize, width: usize, number: u64) -> Self {
        self.text(offset, &format!("{number:>width$}"))
    }
}

fn identifier(disc: &Disc) -> Vec<u8> {
    Record::new(128)
        .text(0, "DDP 2.00")
        .text(8, disc.ean.as_ref().map_or("", |ean| ean.as_str()))
        .text(38, &disc.catalog)
        .text(87, "CD")
        .bytes
}

/// One packet a stream: CD-Text, PQ descriptor, sound.
fn map(cd_text_bytes: usize, pq_bytes: usize, sectors: Sectors) -> Vec<u8> {
    let packet = |stream: &str, length: usize, file: &str| {
        let packet = Record::new(128).text(0, "VVVM").text(4, stream);
        packet.number(14, 8, length as u64).text(71, "017").text(74, file)
    };
    let mut map = Vec::new();
    if cd_text_bytes > 0 {
        map.extend(packet("S0", cd_text_bytes, CD_TEXT_FILE).text(30, "CDTEXT").bytes);
    }
    map.extend(packet("S0", pq_bytes, PQ_FILE).text(30, "PQ DESCR").bytes);
    let sound = packet("D0", sectors.0 as usize, IMAGE_FILE).text(22, "00000000").text(38, "DA");
    map.extend(sound.text(40, "70").number(46, 4, u64::from(FIRST_PAUSE.0)).bytes);
    map
}

/// One packet an index, between the lead-in and the lead-out, which all writers repeat.
fn pq_descriptor(disc: &Disc) -> Vec<u8> {
    let packet = |track: &str, index: usize, time: Sectors, control: &str| {
        let packet = Record::new(64).text(0, "VVVS").text(4, track).text(6, &format!("{index:02}"));
        packet.text(10, &time.digits()).text(16, control)
    };
    let ean = disc.ean.as_ref().map_or("", |ean| ean.as_str());
    let mut pq = packet("00", 0, Sectors(0), "01").text(32, ean).bytes;
    for (position, track) in disc.tracks.iter().enumerate() {
        let number = format!("{:02}", position + 1);
        let control = if track.copy_permitted { "21" } else { "01" };
        let isrc = track.isrc.as_ref().map_or("", |isrc| isrc.as_str());
        for (index, time) in indexes(track, position == 0) {
            // On the pause and on the start: the places where plants look for it.
            let isrc = if index < 2 { isrc } else { "" };
            pq.extend(packet(&number, index, time, control).text(20, isrc).bytes);
        }
    }
    for _ in 0..2 {
        pq.extend(packet("AA", 1, disc.end + FIRST_PAUSE, "01").bytes);
    }
    pq
}

/// Numbers and absolute times of a track's indexes; the first track's pause is the silence before the sound.
fn indexes(track: &Track, first: bool) -> Vec<(usize, Sectors)> {
    let pause = if first { Some(Sectors(0)) } else { None };
    let pause = pause.or((track.pause() > Sectors(0)).then_some(track.pause_start + FIRST_PAUSE));
    let later = std::iter::once(track.start).chain(track.indexes.iter().copied());
    let later = later.map(|place| place + FIRST_PAUSE).enumerate().map(|(n, time)| (n + 1, time));
    pause.map(|time| (0, time)).into_iter().chain(later).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ean, Isrc, Text};

    /// The disc of ddp-reverse-eng's `spec/ddp2.md`, section 1, whose fileset stands there as cue2ddp writes it.
    fn published_example() -> Disc {
        Disc {
            ean: Some(Ean::parse("0123456789012").unwrap()),
            tracks: vec![
                Track { isrc: Some(Isrc::parse("USABC1234567").unwrap()), ..Track::default() },
                Track { pause_start: Sectors(600), start: Sectors(750), ..Track::default() },
            ],
            end: Sectors(1500),
            ..Disc::default()
        }
    }

    fn file(disc: &Disc, name: &str) -> Vec<u8> {
        let files = ddp(disc).unwrap().files("00112233445566778899aabbccddeeff");
        files.into_iter().find(|(other, _)| *other == name).unwrap().1
    }

    fn lines(bytes: &[u8], width: usize) -> Vec<String> {
        let text =
            |record: &[u8]| String::from_utf8(record.to_vec()).unwrap().trim_end().to_owned();
        bytes.chunks(width).map(text).collect()
    }

    #[test]
    fn the_pq_descriptor_is_that_of_the_published_example() {
        let pq = file(&published_example(), "PQDESCR");
        let expected = [
            "VVVS0000  00000001              0123456789012",
            "VVVS0100  00000001  USABC1234567",
            // cue2ddp gives the code on the first packet alone.
            "VVVS0101  00020001  USABC1234567",
            "VVVS0200  00100001",
            "VVVS0201  00120001",
            "VVVSAA01  00220001",
            "VVVSAA01  00220001",
        ];
        assert_eq!(lines(&pq, 64), expected);
        assert_eq!(pq.len(), 448);
    }

    #[test]
    fn the_map_names_every_stream_with_its_length() {
        let mut disc = published_example();
        disc.text = Text::titled("Rooms");
        let expected = [
            "VVVMS0             126        CDTEXT                                   017CDTEXT.BIN",
            "VVVMS0             448        PQ DESCR                                 017PQDESCR",
            "VVVMD0            165000000000        DA70     150                     017IMAGE.DAT",
        ];
        assert_eq!(lines(&file(&disc, "DDPMS"), 128), expected);
        assert_eq!(file(&disc, "CDTEXT.BIN").len(), 126);
    }

    #[test]
    fn the_identifier_has_the_code_the_master_id_and_the_kind_of_disc() {
        let disc = Disc { catalog: "TTB-001".to_owned(), ..published_example() };
        let id = file(&disc, "DDPID");
        assert_eq!(id.len(), 128);
        assert_eq!(&id[..21], b"DDP 2.000123456789012");
        assert_eq!(&id[38..45], b"TTB-001");
        assert_eq!(&id[87..89], b"CD");
        assert!(id[89..].iter().all(|&byte| byte == b' '));
    }

    #[test]
    fn check_sums_cover_every_file_of_the_set() {
        let sums = String::from_utf8(file(&published_example(), "CHECKSUM.MD5")).unwrap();
        let names: Vec<&str> = sums.lines().map(|line| line.split_once(" *").unwrap().1).collect();
        assert_eq!(names, ["DDPID", "DDPMS", "PQDESCR", "IMAGE.DAT"]);
        assert!(sums.ends_with("00112233445566778899aabbccddeeff *IMAGE.DAT\n"));
        assert_eq!(md5_of(b"abc"), "900150983cd24fb0d6963f7d28e17f72");
    }

    #[test]
    fn a_long_or_foreign_catalog_number_is_refused() {
        for catalog in ["x".repeat(49), "Nº 1".to_owned()] {
            let disc = Disc { catalog, ..published_example() };
            assert!(matches!(ddp(&disc), Err(DdpError::Catalog { .. })));
        }
    }
}
