//! WAVE.

use super::bytes::{chunk, noise, patched};
use super::kind::{Kind, ends, fails, sound, warns};

/// Frames of the plain file.
pub(crate) const FRAMES: u64 = 500;
const GUID_TAIL: &[u8] = b"\0\0\0\0\x10\0\x80\0\0\xAA\0\x38\x9B\x71";

/// The content of a fmt chunk.
pub(super) fn fmt(tag: u16, channels: u16, rate_hz: u32, bits: u16) -> Vec<u8> {
    let frame = u32::from(channels) * u32::from(bits.div_ceil(8));
    let mut bytes = tag.to_le_bytes().to_vec();
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate_hz.to_le_bytes());
    bytes.extend(rate_hz.wrapping_mul(frame).to_le_bytes());
    bytes.extend((frame as u16).to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    bytes
}

fn extensible(channels: u16, rate_hz: u32, bits: u16, valid: u16, sub_format: u16) -> Vec<u8> {
    let mut bytes = fmt(0xFFFE, channels, rate_hz, bits);
    bytes.extend(22u16.to_le_bytes());
    bytes.extend(valid.to_le_bytes());
    bytes.extend(0u32.to_le_bytes());
    bytes.extend(sub_format.to_le_bytes());
    bytes.extend(GUID_TAIL);
    bytes
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"RIFF", &[b"WAVE".to_vec(), chunks.concat()].concat())
}

pub(super) fn wav(fmt: &[u8], data: &[u8]) -> Vec<u8> {
    riff(&[chunk(b"fmt ", fmt), chunk(b"data", data)])
}

/// Samples that are not silent, quiet as floats too.
pub(super) fn data(bytes: usize) -> Vec<u8> {
    noise(bytes, 7).iter().map(|byte| byte & 0x3F).collect()
}

/// Stereo, 16 bits, 44.1 kHz.
pub(crate) fn plain() -> Vec<u8> {
    wav(&fmt(1, 2, 44_100, 16), &data(2_000))
}

pub(crate) fn all() -> Vec<Kind> {
    [depths(), rates_and_channels(), lengths(), chunks(), samples(), nonsense()].concat()
}

fn depths() -> Vec<Kind> {
    let float = |bits: u16| wav(&fmt(3, 2, 48_000, bits), &vec![0; 10 * 2 * usize::from(bits / 8)]);
    let int =
        |bits: u16| wav(&fmt(1, 2, 48_000, bits), &data(10 * 2 * usize::from(bits.div_ceil(8))));
    vec![
        sound("8 bits", int(8), 10),
        sound("16 bits", int(16), 10),
        sound("24 bits", int(24), 10),
        sound("32 bits", int(32), 10),
        sound("64-bit integers", int(64), 10),
        sound("12 bits in two bytes", int(12), 10),
        sound("20 bits in three bytes", int(20), 10),
        sound("1 bit in one byte", int(1), 10),
        fails("0 bits", int(0), "frames are 0 bytes"),
        fails("40 bits", int(40), "40 bits"),
        fails("17 bytes a sample", int(136), "136 bits"),
        sound("32-bit floats", float(32), 10),
        sound("64-bit floats", float(64), 10),
        fails("16-bit floats", float(16), "16 bits a sample as floats"),
        fails("8-bit floats", float(8), "8 bits a sample as floats"),
        sound("extensible 24 bits", wav(&extensible(2, 48_000, 24, 24, 1), &data(60)), 10),
        sound("extensible 20 of 24 bits", wav(&extensible(2, 48_000, 24, 20, 1), &data(60)), 10),
        sound("extensible 24 of 32 bits", wav(&extensible(2, 48_000, 32, 24, 1), &data(80)), 10),
        sound("extensible floats", wav(&extensible(1, 48_000, 32, 32, 3), &[0; 40]), 10),
        sound("extensible with 0 valid bits", wav(&extensible(2, 48_000, 16, 0, 1), &data(40)), 10),
        sound(
            "extensible with more valid bits than bits",
            wav(&extensible(2, 48_000, 16, 99, 1), &data(40)),
            10,
        ),
        fails(
            "extensible of an unknown kind",
            wav(&extensible(2, 48_000, 16, 16, 0x1234), &data(40)),
            "0x1234",
        ),
        fails(
            "extensible tag without its extension",
            wav(&fmt(0xFFFE, 2, 48_000, 16), &data(40)),
            "cannot be decoded",
        ),
        fails("WMA inside WAVE", wav(&fmt(0x161, 2, 48_000, 16), &data(40)), "cannot be decoded"),
        fails("no MP3 inside WAVE", wav(&fmt(0x55, 2, 48_000, 0), &data(40)), "WAVE format 0x0055"),
        sound("A-law", wav(&fmt(6, 1, 8_000, 8), &data(40)), 40),
        sound("mu-law", wav(&fmt(7, 1, 8_000, 8), &data(40)), 40),
    ]
}

fn rates_and_channels() -> Vec<Kind> {
    let rate = |hz: u32| wav(&fmt(1, 1, hz, 16), &data(20));
    let channels = |count: u16| wav(&fmt(1, count, 48_000, 16), &data(20 * usize::from(count)));
    let block = |bytes: u16| patched(plain(), 32, &bytes.to_le_bytes());
    vec![
        sound("8 kHz", rate(8_000), 10),
        sound("11.025 kHz", rate(11_025), 10),
        sound("384 kHz", rate(384_000), 10),
        sound("an odd rate", rate(44_099), 10),
        fails("0 Hz", rate(0), "0 Hz"),
        fails("1 Hz", rate(1), "outside 8000 to 384000 Hz"),
        fails("7999 Hz", rate(7_999), "7999 Hz"),
        fails("768 kHz", rate(768_000), "768000 Hz"),
        fails("4 GHz", rate(u32::MAX), "4294967295 Hz"),
        sound("mono", channels(1), 10),
        sound("three channels", channels(3), 10),
        sound("5.1", channels(6), 10),
        sound("eight channels", channels(8), 10),
        fails("0 channels", channels(0), "0 channels"),
        fails("nine channels", channels(9), "9 channels, more than 8"),
        fails("65535 channels", patched(plain(), 22, &[0xFF, 0xFF]), "65535 channels"),
        sound("frame length of zero, which follows from the rest", block(0), FRAMES),
        fails("frame length that is no multiple of the channels", block(5), "16 bits"),
        fails("frame length of one byte for two channels", block(1), "16 bits"),
        fails("frame length of 65535", block(65_535), "16 bits"),
        sound(
            "24 bits stated, four bytes each",
            wav(&patched(fmt(1, 2, 48_000, 24), 12, &[8, 0]), &data(80)),
            10,
        ),
        sound("byte rate of zero", patched(plain(), 28, &[0; 4]), FRAMES),
        sound("byte rate of nonsense", patched(plain(), 28, &[0xFF; 4]), FRAMES),
    ]
}

/// A whole file with that many bytes of samples.
fn riff_of(bytes: usize) -> Vec<u8> {
    wav(&fmt(1, 2, 44_100, 16), &data(bytes))
}

fn lengths() -> Vec<Kind> {
    let length = |bytes: u32| patched(plain(), 40, &bytes.to_le_bytes());
    let riff_length = |bytes: u32| patched(plain(), 4, &bytes.to_le_bytes());
    let cut = |end: usize| plain()[..end].to_vec();
    vec![
        sound("plain", plain(), FRAMES),
        sound("one frame", wav(&fmt(1, 2, 44_100, 16), &data(4)), 1),
        sound("no frames", wav(&fmt(1, 2, 44_100, 16), &[]), 0),
        sound("length 0 although samples follow", length(0), FRAMES),
        sound("length 2^32-1", length(u32::MAX), FRAMES),
        sound("both lengths 2^32-1", patched(length(u32::MAX), 4, &[0xFF; 4]), FRAMES),
        sound("both lengths 0", patched(length(0), 4, &[0; 4]), FRAMES),
        sound("RIFF length of zero", riff_length(0), FRAMES),
        sound("RIFF length too small", riff_length(40), FRAMES),
        sound("RIFF length too large", riff_length(1 << 30), FRAMES),
        warns("length ten times too large", length(20_000), FRAMES, "500 of 5000 frames"),
        warns("length of 2 GB", length(0x7FFF_FFFF), FRAMES, "cut short"),
        warns("length of almost 4 GB", length(0xF000_0000), FRAMES, "cut short"),
        warns(
            "length half of what is there",
            length(1_000),
            FRAMES,
            "header says 250 frames, the data hold 500",
        ),
        warns("length of half a frame", length(2), FRAMES, "header says 0 frames"),
        warns(
            "both lengths half of what is there",
            patched(length(1_000), 4, &1_036u32.to_le_bytes()),
            FRAMES / 2,
            "1000 bytes could not be decoded",
        ),
        warns(
            "lengths of a recorder that lost power a while after it wrote them",
            {
                let file = wav(&fmt(1, 2, 8_000, 16), &data(80_000));
                patched(patched(file, 40, &1_000u32.to_le_bytes()), 4, &1_036u32.to_le_bytes())
            },
            20_000,
            "header says 250 frames",
        ),
        warns("samples that are no whole frame", riff_of(1_001), 250, "incomplete (1 bytes)"),
        warns("cut in the middle of a frame", cut(1_043), 249, "incomplete (3 bytes)"),
        warns("cut between frames", cut(1_044), 250, "250 of 500"),
        warns("cut right after the header", cut(44), 0, "0 of 500"),
        fails("cut in the header of the data chunk", cut(42), "no data chunk"),
        fails("cut in the fmt chunk", cut(30), "too short"),
        fails("cut after the fmt chunk", cut(36), "no data chunk"),
        fails("twelve bytes", cut(12), "no fmt chunk"),
        fails("eleven bytes", cut(11), "not a sound file"),
        fails("one byte", cut(1), "not a sound file"),
        fails("zero bytes", Vec::new(), "empty (0 bytes)"),
    ]
}

fn chunks() -> Vec<Kind> {
    let fmt = || chunk(b"fmt ", &fmt(1, 2, 44_100, 16));
    let data = || chunk(b"data", &data(40));
    let lying = |name: &[u8; 4], length: u32| [&name[..], &length.to_le_bytes()].concat();
    let unpadded = [b"odd!".to_vec(), vec![3, 0, 0, 0, b'a', b'b', b'c']].concat();
    vec![
        sound("samples before the format", riff(&[data(), fmt()]), 10),
        sound(
            "a chunk of odd length before the samples",
            riff(&[chunk(b"JUNK", &[1; 27]), fmt(), data()]),
            10,
        ),
        sound(
            "a chunk of odd length without its pad byte",
            riff(&[fmt(), unpadded.clone(), data()]),
            10,
        ),
        sound("a pad byte missing before the format", riff(&[unpadded, fmt(), data()]), 10),
        sound(
            "unknown chunks around the samples",
            riff(&[
                chunk(b"abcd", &[1]),
                fmt(),
                chunk(b"efgh", &[]),
                data(),
                chunk(b"ijkl", &[2; 9]),
            ]),
            10,
        ),
        sound(
            "a huge LIST chunk",
            riff(&[fmt(), chunk(b"LIST", &vec![b'x'; 3_000_000]), data()]),
            10,
        ),
        sound(
            "an 18-byte format",
            riff(&[
                chunk(b"fmt ", &[super::wav_kinds::fmt(1, 2, 44_100, 16), vec![0, 0]].concat()),
                data(),
            ]),
            10,
        ),
        sound(
            "a format with trailing bytes",
            riff(&[
                chunk(b"fmt ", &[super::wav_kinds::fmt(1, 2, 44_100, 16), vec![9; 500]].concat()),
                data(),
            ]),
            10,
        ),
        fails(
            "a 14-byte format",
            riff(&[chunk(b"fmt ", &super::wav_kinds::fmt(1, 2, 44_100, 16)[..14]), data()]),
            "0 bits",
        ),
        fails("an empty format", riff(&[chunk(b"fmt ", &[]), data()]), "too short"),
        sound(
            "two formats, of which the first counts",
            riff(&[fmt(), chunk(b"fmt ", &super::wav_kinds::fmt(1, 1, 8_000, 8)), data()]),
            10,
        ),
        warns(
            "two data chunks",
            riff(&[fmt(), data(), chunk(b"LIST", b"INFO"), chunk(b"data", &[1; 400])]),
            110,
            "2 recordings",
        ),
        fails("a format alone", riff(&[fmt()]), "no data chunk"),
        fails("samples alone", riff(&[data()]), "no fmt chunk"),
        fails(
            "a chunk that claims 4 GB",
            riff(&[lying(b"LIST", u32::MAX), fmt(), data()]),
            "no fmt chunk",
        ),
        fails("a format that claims 4 GB", riff(&[lying(b"fmt ", u32::MAX), data()]), "is"),
        sound(
            "twenty thousand empty chunks",
            riff(&[vec![b'a'; 0], fmt(), chunk(b"tiny", &[]).repeat(20_000), data()]),
            10,
        ),
        sound(
            "seventy thousand chunks before the samples",
            riff(&[fmt(), chunk(b"tiny", &[1; 3]).repeat(70_000), data()]),
            10,
        ),
        warns(
            "bytes after the end",
            [plain(), noise(333, 3)].concat(),
            FRAMES,
            "333 bytes could not be decoded",
        ),
        sound("zeros after the end", [plain(), vec![0; 333]].concat(), FRAMES),
        sound(
            "an ID3v1 tag after the end",
            [plain(), b"TAG".to_vec(), vec![b' '; 125]].concat(),
            FRAMES,
        ),
        sound(
            "an ID3 tag before everything",
            [b"ID3\x04\0\0\0\0\0\x0A0123456789".to_vec(), plain()].concat(),
            FRAMES,
        ),
        ends(
            "an ID3 tag that claims to be longer than the file",
            [b"ID3\x04\0\0\x7F\x7F\x7F\x7F".to_vec(), plain()].concat(),
        ),
        warns("two files in one", [plain(), plain()].concat(), 2 * FRAMES, "2 recordings"),
    ]
}

fn floats(values: &[f32]) -> Vec<u8> {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    wav(&fmt(3, 2, 48_000, 32), &bytes)
}

fn doubles(values: &[f64]) -> Vec<u8> {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    wav(&fmt(3, 1, 48_000, 64), &bytes)
}

fn samples() -> Vec<Kind> {
    let late = |value: f32| {
        let mut values = vec![0.0; 200_000];
        values[150_001] = value;
        floats(&values)
    };
    vec![
        fails("a NaN", floats(&[0.0, 0.0, f32::NAN, 0.0]), "channel 1, frame 1"),
        fails("an infinity", floats(&[0.0, f32::INFINITY]), "channel 2, frame 0"),
        fails("a negative infinity, late", late(f32::NEG_INFINITY), "channel 2, frame 75000"),
        fails(
            "a NaN with another sign and payload",
            floats(&[f32::from_bits(0xFFC0_1234), 0.0]),
            "not a finite",
        ),
        fails("integers marked as floats", floats(&[2.0e9, 0.0]), "mis-scaled"),
        fails("the largest float", floats(&[f32::MAX, 0.0]), "mis-scaled"),
        sound("floats at +60 dBFS", floats(&[1000.0, -1000.0]), 1),
        sound("denormals", floats(&[1.0e-40, -1.0e-45]), 1),
        sound("minus zero", floats(&[-0.0, -0.0]), 1),
        fails("a NaN of 64 bits", doubles(&[0.0, f64::NAN]), "channel 1, frame 1"),
        fails("a double beyond any float", doubles(&[1.0e300]), "frame 0"),
        sound("a double below any float", doubles(&[1.0e-300]), 1),
        sound(
            "full-scale square wave",
            wav(&fmt(1, 1, 48_000, 16), &[0, 0x80, 0xFF, 0x7F].repeat(500)),
            1_000,
        ),
        sound("all samples the same", wav(&fmt(1, 1, 48_000, 16), &[0, 0x40].repeat(500)), 500),
        sound("digital silence", wav(&fmt(1, 2, 48_000, 24), &[0; 6_000]), 1_000),
    ]
}

fn nonsense() -> Vec<Kind> {
    vec![
        fails("random bytes", noise(20_000, 1), "not a sound file"),
        fails("a text", "The quick brown fox. ".repeat(60).into_bytes(), "not a sound file"),
        fails("zeros", vec![0; 50_000], "not a sound file"),
        fails("ones", vec![0xFF; 50_000], "not a sound file"),
        fails("a ZIP", [b"PK\x03\x04".to_vec(), noise(5_000, 2)].concat(), "not a sound file"),
        fails("a PDF", [b"%PDF-1.7\n".to_vec(), noise(5_000, 4)].concat(), "not a sound file"),
        fails(
            "a PNG",
            [b"\x89PNG\r\n\x1a\n".to_vec(), noise(5_000, 5)].concat(),
            "not a sound file",
        ),
        fails(
            "an HTML error page",
            b"<!DOCTYPE html><html><body>404</body></html>".repeat(9).to_vec(),
            "not a sound file",
        ),
        fails(
            "a program",
            [b"\x7FELF\x02\x01\x01\0".to_vec(), noise(5_000, 6)].concat(),
            "not a sound file",
        ),
        fails(
            "RIFF header, then random bytes",
            [plain()[..12].to_vec(), noise(5_000, 8)].concat(),
            "is a damaged WAV",
        ),
        ends("a WAV with every 97th byte changed", {
            let mut bytes = plain();
            bytes.iter_mut().skip(13).step_by(97).for_each(|byte| *byte ^= 0x55);
            bytes
        }),
    ]
}
