//! The relatives of WAVE: RF64, BW64, RIFX, Wave64.

use super::bytes::{chunk, iff_chunk, patched};
use super::kind::{Kind, fails, sound, warns};
use super::wav_kinds::{FRAMES, data, fmt, plain, wav};

pub(crate) fn rf64(name: &[u8; 4], data_bytes: u64, data: &[u8]) -> Vec<u8> {
    let mut ds64 = 0u64.to_le_bytes().to_vec();
    ds64.extend(data_bytes.to_le_bytes());
    ds64.extend([0; 12]);
    let chunks =
        [chunk(b"ds64", &ds64), chunk(b"fmt ", &fmt(1, 2, 48_000, 16)), chunk(b"data", data)];
    let file = chunk(name, &[b"WAVE".to_vec(), chunks.concat()].concat());
    let at = file.len() - data.len() - 4;
    patched(patched(file, 4, &[0xFF; 4]), at, &[0xFF; 4])
}

/// What writers that know nothing of RF64 put before that many bytes of samples.
pub(crate) fn wrapped_header(data_bytes: u64) -> Vec<u8> {
    let header = wav(&fmt(1, 2, 48_000, 16), &[]);
    patched(header, 40, &(data_bytes as u32).to_le_bytes())
}

/// WAVE with the high byte first, one channel.
fn rifx(tag: u16, bits: u16, data: &[u8]) -> Vec<u8> {
    let (rate, frame_bytes) = (48_000u32, bits / 8);
    let fmt = [
        &tag.to_be_bytes()[..],
        &1u16.to_be_bytes(),
        &rate.to_be_bytes(),
        &(rate * u32::from(frame_bytes)).to_be_bytes(),
        &frame_bytes.to_be_bytes(),
        &bits.to_be_bytes(),
    ];
    let body = [b"WAVE".to_vec(), iff_chunk(b"fmt ", &fmt.concat()), iff_chunk(b"data", data)];
    iff_chunk(b"RIFX", &body.concat())
}

fn w64(chunk_bytes: impl Fn(u64) -> u64) -> Vec<u8> {
    let tail = b"\xF3\xAC\xD3\x11\x8C\xD1\x00\xC0\x4F\x8E\xDB\x8A";
    let part = |name: &[u8; 4], content: &[u8]| {
        let mut bytes = [&name[..], tail].concat();
        bytes.extend(chunk_bytes(content.len() as u64 + 24).to_le_bytes());
        bytes.extend(content);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    };
    let body = [part(b"fmt ", &fmt(1, 2, 48_000, 16)), part(b"data", &data(40))].concat();
    let mut file = b"riff\x2E\x91\xCF\x11\xA5\xD6\x28\xDB\x04\xC1\x00\x00".to_vec();
    file.extend((body.len() as u64 + 40).to_le_bytes());
    file.extend([&b"wave"[..], tail].concat());
    [file, body].concat()
}

pub(crate) fn all() -> Vec<Kind> {
    vec![
        sound("RF64", rf64(b"RF64", 40, &data(40)), 10),
        sound("BW64", rf64(b"BW64", 40, &data(40)), 10),
        warns("RF64 that claims 2^60 bytes", rf64(b"RF64", 1 << 60, &data(40)), 10, "cut short"),
        warns("RF64 that claims 2^64-1 bytes", rf64(b"RF64", u64::MAX, &data(40)), 10, "cut short"),
        sound("RF64 that claims 0 bytes", rf64(b"RF64", 0, &data(40)), 10),
        sound("RF64 without ds64", patched(plain(), 0, b"RF64"), FRAMES),
        sound("W64", w64(|bytes| bytes), 10),
        fails("W64 with chunks of length 0", w64(|_| 0), "too short"),
        fails("W64 with chunks of length 2^64-1", w64(|_| u64::MAX), "no data chunk"),
        fails("RIFF that is a video", patched(plain(), 8, b"AVI "), "not a sound file"),
        sound("RIFX", rifx(1, 16, &[0x12, 0x34].repeat(200)), 200),
        sound("RIFX of floats", rifx(3, 32, &0.25f32.to_be_bytes().repeat(200)), 200),
        fails("RIFX of floats that are none", rifx(3, 32, &[0x7F, 0xC0, 0, 0]), "not a finite"),
        warns("RIFX cut short", rifx(1, 16, &[1; 400])[..244].to_vec(), 100, "100 of 200"),
        fails("RIFF named RIFX", patched(plain(), 0, b"RIFX"), "damaged WAV"),
    ]
}
