//! MP4 files with AAC inside, box by box: priming, padding, edit lists and lies.

use super::bytes::{atom, noise};
use super::kind::{Kind, ends, fails, sound, warns};

/// Frames of an AAC packet.
const PACKET: u32 = 1024;
const PACKETS: u32 = 20;
const CODED: u64 = (PACKET * PACKETS) as u64;
/// AAC-LC, 44.1 kHz, one channel, silent.
const SILENCE: [u8; 6] = [0x00, 0xC8, 0x00, 0x80, 0x23, 0x80];

fn be(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

/// AAC-LC, 44.1 kHz, one channel (ISO/IEC 14496-3, AudioSpecificConfig).
const LC: &[u8] = &[0x12, 0x08];

/// The description of AAC (ISO/IEC 14496-1 descriptors).
fn esds(specific: &[u8]) -> Vec<u8> {
    let specific = [&[0x05, specific.len() as u8], specific].concat();
    let mut config = vec![0x04, 13 + specific.len() as u8, 0x40, 0x15];
    config.extend([0; 11]);
    config.extend(specific);
    let mut stream = vec![0x03, 3 + config.len() as u8 + 3, 0, 0, 0];
    stream.extend(config);
    stream.extend([0x06, 1, 2]);
    atom(b"esds", &[be(&[0]), stream].concat())
}

/// What varies between the files.
#[derive(Clone)]
struct Mp4 {
    movie_timescale: u32,
    /// Duration in movie time and first frame.
    edit: Option<(u32, i32)>,
    itunes: Option<&'static str>,
    packets: u32,
    packet_bytes: u32,
    chunk_offset: Option<u32>,
    specific: &'static [u8],
}

const PLAIN: Mp4 = Mp4 {
    movie_timescale: 1_000,
    edit: None,
    itunes: None,
    packets: PACKETS,
    packet_bytes: SILENCE.len() as u32,
    chunk_offset: None,
    specific: LC,
};

impl Mp4 {
    fn bytes(&self) -> Vec<u8> {
        let ftyp = atom(b"ftyp", b"M4A \0\0\0\0M4A mp42isom");
        let mdat = atom(b"mdat", &SILENCE.repeat(PACKETS as usize));
        let offset = self.chunk_offset.unwrap_or(ftyp.len() as u32 + 8);
        [ftyp, mdat, self.moov(offset)].concat()
    }

    fn moov(&self, chunk_offset: u32) -> Vec<u8> {
        let frames = self.packets.saturating_mul(PACKET);
        let mvhd = atom(
            b"mvhd",
            &[be(&[0, 0, 0, self.movie_timescale, frames, 0x10000]), vec![0; 76]].concat(),
        );
        let tkhd = atom(b"tkhd", &[be(&[7, 0, 0, 1, 0, frames]), vec![0; 60]].concat());
        let mdhd = atom(b"mdhd", &be(&[0, 0, 0, 44_100, frames, 0]));
        let hdlr = atom(b"hdlr", &[be(&[0, 0]), b"soun".to_vec(), vec![0; 13]].concat());
        let mdia = atom(b"mdia", &[mdhd, hdlr, self.minf(chunk_offset)].concat());
        let edts = self.edit.map_or(Vec::new(), |(duration, from)| {
            let entry =
                [be(&[0, 1, duration]), from.to_be_bytes().to_vec(), be(&[0x10000])].concat();
            atom(b"edts", &atom(b"elst", &entry))
        });
        let trak = atom(b"trak", &[tkhd, edts, mdia].concat());
        atom(b"moov", &[mvhd, trak, self.udta()].concat())
    }

    fn minf(&self, chunk_offset: u32) -> Vec<u8> {
        let entry = [
            be(&[0]),
            vec![0, 0, 0, 1],
            be(&[0, 0]),
            vec![0, 1, 0, 16],
            be(&[0, 44_100 << 16]),
            esds(self.specific),
        ];
        let stsd = atom(b"stsd", &[be(&[0, 1]), atom(b"mp4a", &entry.concat())].concat());
        let stts = atom(b"stts", &be(&[0, 1, self.packets, PACKET]));
        let stsc = atom(b"stsc", &be(&[0, 1, 1, self.packets, 1]));
        let stsz = atom(b"stsz", &be(&[0, self.packet_bytes, self.packets]));
        let stco = atom(b"stco", &be(&[0, 1, chunk_offset]));
        let stbl = atom(b"stbl", &[stsd, stts, stsc, stsz, stco].concat());
        let dinf = atom(b"dinf", &atom(b"dref", &[be(&[0, 1]), atom(b"url ", &be(&[1]))].concat()));
        atom(b"minf", &[atom(b"smhd", &[0; 8]), dinf, stbl].concat())
    }

    fn udta(&self) -> Vec<u8> {
        let Some(text) = self.itunes else { return Vec::new() };
        let name =
            |name: &[u8; 4], text: &str| atom(name, &[be(&[0]), text.as_bytes().to_vec()].concat());
        let data = atom(b"data", &[be(&[1, 0]), text.as_bytes().to_vec()].concat());
        let item = [name(b"mean", "com.apple.iTunes"), name(b"name", "iTunSMPB"), data].concat();
        let hdlr = atom(b"hdlr", &[be(&[0, 0]), b"mdirappl".to_vec(), vec![0; 9]].concat());
        let ilst = atom(b"ilst", &atom(b"----", &item));
        atom(b"udta", &atom(b"meta", &[be(&[0]), hdlr, ilst].concat()))
    }
}

/// Empty boxes inside each other.
fn nest(name: &[u8; 4], depth: u32) -> Vec<u8> {
    (1..=depth).rev().flat_map(|left| [&(8 * left).to_be_bytes()[..], name].concat()).collect()
}

pub(crate) fn all() -> Vec<Kind> {
    let itunes = " 00000000 00000840 000001C0 0000000000004600 00000000 00000000";
    let shorter = " 00000000 00000840 000001C0 0000000000001000 00000000 00000000";
    let lying = " 00000000 FFFFFFFF 000001C0 FFFFFFFFFFFFFFFF 00000000";
    let edited = |movie_timescale, duration, from| {
        Mp4 { movie_timescale, edit: Some((duration, from)), ..PLAIN }.bytes()
    };
    let plain = PLAIN.bytes();
    let moov = plain.windows(4).position(|w| w == b"moov").expect("it is there") - 4;
    vec![
        sound("MP4 without an edit list", PLAIN.bytes(), CODED),
        sound("MP4 with an edit list in milliseconds", edited(1_000, 441, 1_024), CODED - 1_024),
        sound("MP4 with an edit list in frames", edited(44_100, 15_000, 2_112), 15_000),
        sound("MP4 with an edit that begins nowhere", edited(1_000, 441, -1), CODED),
        sound(
            "MP4 with an edit longer than the track",
            edited(44_100, 4_000_000, 1_024),
            CODED - 1_024,
        ),
        warns(
            "MP4 with an edit that begins after the end",
            edited(1_000, 441, i32::MAX),
            CODED,
            "header says 0 frames",
        ),
        fails("MP4 with a movie clock of zero", edited(0, 441, 1_024), "damaged MP4"),
        sound("MP4 with iTunSMPB", Mp4 { itunes: Some(itunes), ..PLAIN }.bytes(), 0x4600),
        warns(
            "MP4 with iTunSMPB that lies",
            Mp4 { itunes: Some(lying), ..PLAIN }.bytes(),
            CODED,
            "header says 0 frames",
        ),
        warns(
            "MP4 with iTunSMPB of a shorter file",
            Mp4 { itunes: Some(shorter), ..PLAIN }.bytes(),
            CODED - 0x840,
            "header says 4096 frames",
        ),
        fails(
            "MP4 with AAC of 5.1",
            Mp4 { specific: &[0x12, 0x30], ..PLAIN }.bytes(),
            "holds AAC of 6 channels",
        ),
        fails(
            "MP4 with AAC of 5.1 that says it is not HE-AAC",
            Mp4 { specific: &[0x12, 0x30, 0x56, 0xE5, 0x00], ..PLAIN }.bytes(),
            "holds AAC of 6 channels",
        ),
        sound(
            "MP4 with iTunSMPB of nonsense",
            Mp4 { itunes: Some("no numbers"), ..PLAIN }.bytes(),
            CODED,
        ),
        ends(
            "MP4 whose sound is beyond its end",
            Mp4 { chunk_offset: Some(1 << 30), ..PLAIN }.bytes(),
        ),
        fails(
            "MP4 with HE-AAC",
            Mp4 { specific: &[0x2B, 0x8A, 0x08, 0x00], ..PLAIN }.bytes(),
            "holds HE-AAC",
        ),
        fails(
            "MP4 with HE-AAC that says so behind plain AAC",
            Mp4 { specific: &[0x13, 0x88, 0x56, 0xE5, 0xA0], ..PLAIN }.bytes(),
            "holds HE-AAC",
        ),
        fails(
            "MP4 with HE-AAC v2",
            Mp4 { specific: &[0xEB, 0x8A, 0x08, 0x00], ..PLAIN }.bytes(),
            "holds HE-AAC",
        ),
        fails(
            "MP4 with AAC of 0 channels",
            Mp4 { specific: &[0x12, 0x00], ..PLAIN }.bytes(),
            "0 channels",
        ),
        ends("MP4 whose sound is its own header", Mp4 { chunk_offset: Some(0), ..PLAIN }.bytes()),
        ends("MP4 of 4 billion packets", Mp4 { packets: u32::MAX, ..PLAIN }.bytes()),
        ends("MP4 of packets of 4 GB", Mp4 { packet_bytes: u32::MAX, ..PLAIN }.bytes()),
        ends("MP4 of packets of 0 bytes", Mp4 { packet_bytes: 0, ..PLAIN }.bytes()),
        fails("MP4 cut before its movie box", plain[..moov].to_vec(), "damaged MP4"),
        ends("MP4 cut in its movie box", plain[..moov + 200].to_vec()),
        fails(
            "MP4 with an empty movie box",
            [plain[..moov].to_vec(), atom(b"moov", &[])].concat(),
            "damaged MP4",
        ),
        ends(
            "MP4 whose movie box is random",
            [plain[..moov].to_vec(), atom(b"moov", &noise(3_000, 31))].concat(),
        ),
        ends("MP4 whose boxes are inside themselves, 20 000 times", {
            let nested = nest(b"moov", 20_000);
            [plain[..moov].to_vec(), nested].concat()
        }),
        ends("MP4 with 20 000 tracks inside each other", {
            [plain[..moov].to_vec(), atom(b"moov", &nest(b"trak", 20_000))].concat()
        }),
        ends("MP4 with 20 000 items inside each other", {
            let nested = nest(b"udta", 20_000);
            [plain[..moov].to_vec(), atom(b"moov", &nested)].concat()
        }),
        ends("MP4 whose boxes are inside themselves", {
            let nested = (0..400).fold(Vec::new(), |inner, _| atom(b"udta", &inner));
            [plain[..moov].to_vec(), atom(b"moov", &nested)].concat()
        }),
        warns(
            "MP4 that lost the end of its sound",
            {
                let file = Mp4 { packets: PACKETS + 10, chunk_offset: Some(0), ..PLAIN };
                let ftyp = atom(b"ftyp", b"M4A \0\0\0\0M4A mp42isom");
                let moov_bytes = file.moov(0).len() as u32;
                let mdat = atom(b"mdat", &SILENCE.repeat(PACKETS as usize));
                [ftyp.clone(), file.moov(ftyp.len() as u32 + moov_bytes + 8), mdat].concat()
            },
            CODED,
            "20480 of 30720",
        ),
    ]
}
