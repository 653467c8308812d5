//! Streams whose headers say less, more, or something else than what is there, and streams joined with `cat`.

use super::bytes::{chunk, noise, ogg_page, patched};
use super::coded_kinds::{adts_frame, mp3_frame, opus_head, written};
use super::kind::{Kind, ends, fails, sound, warns};
use super::wav_kinds;

/// Frames of sound in an MP3 frame, and in one of MPEG 2.
const MP3: u64 = 1152;

pub(crate) fn all() -> Vec<Kind> {
    [lengths(), tags(), joined_mp3(), damaged(), adts(), chains(), joined_files()].concat()
}

/// The first four bytes of a frame of silence, and its length.
fn frame_of(head: [u8; 4], bytes: usize) -> Vec<u8> {
    [head.to_vec(), vec![0; bytes - 4]].concat()
}

/// 320, 128 and 64 kbit/s, 44.1 kHz, stereo.
fn at_320() -> Vec<u8> {
    frame_of([0xFF, 0xFB, 0xE0, 0x00], 1044)
}

fn at_64() -> Vec<u8> {
    frame_of([0xFF, 0xFB, 0x50, 0x00], 208)
}

fn mono() -> Vec<u8> {
    patched(mp3_frame(), 3, &[0xC0])
}

/// 128 kbit/s, 48 kHz.
fn at_48_khz() -> Vec<u8> {
    frame_of([0xFF, 0xFB, 0x94, 0x00], 384)
}

/// A tag frame that counts the frames behind it, with LAME's delays where there are some.
fn info(count: u32, delays: Option<(u32, u32)>) -> Vec<u8> {
    let mut frame = mp3_frame();
    frame = patched(frame, 36, b"Info\0\0\0\x01");
    frame = patched(frame, 44, &count.to_be_bytes());
    match delays {
        Some((delay, padding)) => {
            let both = (delay << 12 | padding).to_be_bytes();
            patched(patched(frame, 48, b"LAME3.100"), 48 + 21, &both[1..])
        }
        None => frame,
    }
}

fn vbri(count: u32) -> Vec<u8> {
    let frame = patched(mp3_frame(), 36, b"VBRI\0\x01");
    patched(frame, 50, &count.to_be_bytes())
}

fn lengths() -> Vec<Kind> {
    let with = |tag: Vec<u8>| [tag, mp3_frame().repeat(20)].concat();
    let frames = 20 * MP3;
    vec![
        sound(
            "MP3 of a variable bit rate without a tag",
            [at_64(), at_320(), mp3_frame()].concat().repeat(20),
            60 * MP3,
        ),
        sound(
            "MP3 whose bit rate drops after a while",
            [at_320().repeat(20), at_64().repeat(200)].concat(),
            220 * MP3,
        ),
        sound("MP3 whose tag is right", with(info(20, None)), frames),
        warns("MP3 that counts no frames", with(info(0, None)), frames, "header says 0 frames"),
        warns(
            "MP3 that counts half its frames",
            with(info(10, None)),
            frames,
            "header says 11520 frames, the data hold 23040",
        ),
        warns("MP3 that counts too many", with(info(40, None)), frames, "23040 of 46080"),
        sound("MP3 whose tag counts itself", with(info(21, None)), frames),
        warns("MP3 whose VBRI tag counts too few", with(vbri(5)), frames, "header says 5760"),
        sound(
            "MP3 with LAME's delay and padding",
            with(info(20, Some((576, 1_000)))),
            frames - 576 - 529 - (1_000 - 529),
        ),
        warns(
            "MP3 cut short, with LAME's padding of the end it lost",
            with(info(30, Some((576, 1_000)))),
            frames - 576 - 529,
            "cut short",
        ),
        warns(
            "MP3 that ends in a part of a frame",
            with(info(20, None))[..417 * 21 - 100].to_vec(),
            19 * MP3,
            "cut short",
        ),
        warns(
            "MP3 without a tag that ends in a part of a frame",
            mp3_frame().repeat(20)[..417 * 20 - 100].to_vec(),
            19 * MP3,
            "incomplete (317 bytes)",
        ),
        sound("one MP3 frame", mp3_frame(), MP3),
        fails(
            "MP3 of layer II",
            frame_of([0xFF, 0xFD, 0x90, 0x00], 417).repeat(9),
            "MPEG audio of layer I or II",
        ),
        sound(
            "MP3 inside WAVE",
            {
                let fmt = [&[0x55, 0, 2, 0][..], &44_100u32.to_le_bytes(), &[0; 4], &[1, 0, 0, 0]]
                    .concat();
                let data = chunk(b"data", &mp3_frame().repeat(20));
                chunk(b"RIFF", &[b"WAVE".to_vec(), chunk(b"fmt ", &fmt), data].concat())
            },
            frames,
        ),
    ]
}

fn id3v1() -> Vec<u8> {
    [b"TAG".to_vec(), vec![b' '; 125]].concat()
}

fn id3v2() -> Vec<u8> {
    b"ID3\x04\0\0\0\0\0\x0A0123456789".to_vec()
}

fn tags() -> Vec<Kind> {
    let file = || mp3_frame().repeat(20);
    let frames = 20 * MP3;
    let ape = [b"APETAGEX".to_vec(), vec![0xD0, 7, 0, 0, 32, 0, 0, 0], vec![0; 16]].concat();
    vec![
        sound("MP3 with zeros at its end", [file(), vec![0; 5_000]].concat(), frames),
        sound("MP3 with an ID3v1 tag", [file(), id3v1()].concat(), frames),
        sound("MP3 with an APE tag", [file(), ape.clone()].concat(), frames),
        sound("MP3 with an APE and an ID3v1 tag", [file(), ape, id3v1()].concat(), frames),
        sound("MP3 with two ID3v2 tags", [id3v2(), id3v2(), file()].concat(), frames),
        sound(
            "MP3 files with their tags between them",
            [id3v2(), file(), id3v1(), id3v2(), file(), id3v1()].concat(),
            2 * frames,
        ),
    ]
}

fn joined_mp3() -> Vec<Kind> {
    let one = || [info(20, Some((576, 1_000))), mp3_frame().repeat(20)].concat();
    let alone = 20 * MP3 - 576 - 529 - (1_000 - 529);
    let both = |first: Vec<u8>, second: Vec<u8>| [first.repeat(20), second.repeat(20)].concat();
    vec![
        warns("three MP3 files, joined", one().repeat(3), 3 * alone, "3 recordings"),
        warns(
            "an MP3 file with a tag and one without, joined",
            [one(), mp3_frame().repeat(20)].concat(),
            40 * MP3 - 576 - 529,
            "header says",
        ),
        warns("mono MP3, then stereo", both(mono(), mp3_frame()), 40 * MP3, "mono and stereo"),
        warns("stereo MP3, then mono", both(mp3_frame(), mono()), 40 * MP3, "first at 0 s"),
        fails("MP3 of 44.1, then of 48 kHz", both(mp3_frame(), at_48_khz()), "at 0.5 s"),
        fails(
            "MP3 of 48, then of 44.1 kHz, with tags",
            [at_48_khz().repeat(20), one()].concat(),
            "frame 23040",
        ),
    ]
}

fn damaged() -> Vec<Kind> {
    let around = |bytes: Vec<u8>| [mp3_frame().repeat(20), bytes, mp3_frame().repeat(20)].concat();
    let broken = patched(mp3_frame(), 4, &[0xFF; 40]);
    vec![
        warns(
            "MP3 with nonsense in its middle",
            around(noise(4_000, 5)),
            40 * MP3,
            "4000 bytes could not be decoded",
        ),
        warns(
            "MP3 with a broken frame in its middle",
            around(broken.repeat(3)),
            43 * MP3,
            "3 damaged parts",
        ),
        ends("MP3 whose frames all lie about their length", {
            frame_of([0xFF, 0xFB, 0xE0, 0x00], 700).repeat(30)
        }),
    ]
}

fn adts() -> Vec<Kind> {
    let mono = || adts_frame().repeat(20);
    let six = patched(adts_frame(), 2, &[0x51, 0x80]);
    let at_48_khz = patched(adts_frame(), 2, &[0x4C]);
    let four_blocks = patched(adts_frame(), 6, &[0xFF]);
    vec![
        sound("AAC in ADTS with zeros at its end", [mono(), vec![0; 999]].concat(), 20 * 1024),
        sound("AAC in ADTS with ID3 tags between", [mono(), id3v2(), mono()].concat(), 40 * 1024),
        warns(
            "AAC in ADTS with nonsense in its middle",
            [mono(), noise(500, 5), mono()].concat(),
            40 * 1024,
            "500 bytes could not be decoded",
        ),
        fails("AAC in ADTS of 5.1", six.repeat(20), "AAC of 6 channels"),
        fails("AAC in ADTS of four blocks a frame", four_blocks.repeat(20), "several blocks"),
        fails("AAC of 44.1, then of 48 kHz", [mono(), at_48_khz.repeat(20)].concat(), "at 0.5 s"),
    ]
}

/// An Ogg Opus stream of ten packets of 20 ms.
fn opus(channels: u8) -> Vec<u8> {
    let packet: &[u8] = &[31 << 3];
    [
        ogg_page(2, 0, 0, &[&opus_head(channels, 0)]),
        ogg_page(0, 0, 1, &[b"OpusTags\x04\0\0\0test\0\0\0\0"]),
        ogg_page(4, 9_600, 2, &[packet; 10]),
    ]
    .concat()
}

fn chains() -> Vec<Kind> {
    let frames = 9_600 - 312;
    vec![
        warns("Opus of three links", opus(2).repeat(3), 3 * frames, "3 recordings"),
        warns("Opus, mono then stereo", [opus(1), opus(2)].concat(), 2 * frames, "first at 0 s"),
        warns("Opus, stereo then mono", [opus(2), opus(1)].concat(), 2 * frames, "mono and stereo"),
        warns(
            "Opus, then the first page of another stream",
            [opus(2), ogg_page(2, 0, 0, &[&opus_head(2, 0)])].concat(),
            frames,
            "could not be decoded",
        ),
    ]
}

fn joined_files() -> Vec<Kind> {
    use acetate_audio::SampleFormat;
    use acetate_files::FileFormat;
    let flac = || written(FileFormat::Flac, SampleFormat::Int16);
    let aiff = || written(FileFormat::Aiff, SampleFormat::Int24);
    let wav = wav_kinds::plain;
    vec![
        warns("two FLAC files in one", flac().repeat(2), 40_000, "2 recordings"),
        warns("two AIFF files in one", aiff().repeat(2), 40_000, "2 recordings"),
        warns("three WAV files in one", wav().repeat(3), 3 * wav_kinds::FRAMES, "3 recordings"),
        fails(
            "WAV files of two rates in one",
            [wav(), patched(wav(), 24, &48_000u32.to_le_bytes())].concat(),
            "(frame 500)",
        ),
        warns(
            "a WAV file, and the beginning of another",
            [wav(), wav()[..30].to_vec()].concat(),
            wav_kinds::FRAMES,
            "could not be decoded",
        ),
    ]
}
