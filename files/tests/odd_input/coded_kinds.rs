//! FLAC, AIFF, MP3, AAC, Opus and what pretends to be them.

use acetate_audio::{AudioSpec, PcmBlock, PcmPlanes, SampleFormat};
use acetate_files::{FileFormat, PcmFormat, Tags, Writer};

use super::bytes::{find, iff_chunk, noise, ogg_page, patched};
use super::kind::{Kind, ends, fails, sound, warns};

/// Frames of the files that our own writer makes.
const FRAMES: usize = 20_000;

/// A file of our own writer.
pub(crate) fn written(file: FileFormat, samples: SampleFormat) -> Vec<u8> {
    let spec = AudioSpec::new(44_100, 2);
    let mut block = PcmBlock::new(spec, samples);
    let plane = |seed: u32| -> Vec<i32> {
        noise(FRAMES, seed).iter().map(|&byte| (i32::from(byte) - 128) * 64).collect()
    };
    block.planes = match samples {
        SampleFormat::Float32 => PcmPlanes::Float(vec![vec![0.25; FRAMES]; 2]),
        _ => PcmPlanes::Int(vec![plane(1), plane(2)]),
    };
    let format = PcmFormat { file, samples, spec };
    let sink = Box::new(std::io::sink());
    let mut writer = Writer::to_stream(sink, format, &Tags::none()).expect("it can be held");
    writer.write(&block).expect("there is room");
    let closed = writer.close().expect("there is room");
    std::fs::read(closed.temporary_path().expect("it is on a disk")).expect("it was just written")
}

pub(crate) fn all() -> Vec<Kind> {
    [flac(), aiff(), mpeg(), opus(), pretenders()].concat()
}

fn flac() -> Vec<Kind> {
    let file = || written(FileFormat::Flac, SampleFormat::Int16);
    let frames = FRAMES as u64;
    let len = file().len();
    let zeroed = |bytes: usize| patched(file(), len / 2, &vec![0; bytes]);
    // STREAMINFO begins after the magic and its header: block sizes 4, frame sizes 6, then rate, channels, bits, total.
    let streaminfo = |at: usize, new: &[u8]| patched(file(), 8 + at, new);
    let last_metadata = patched(file(), 4, &[0x80]);
    vec![
        sound("FLAC", file(), frames),
        sound("FLAC of 24 bits", written(FileFormat::Flac, SampleFormat::Int24), frames),
        warns("FLAC with 64 bytes zeroed", zeroed(64), frames, "damaged"),
        warns("FLAC with a quarter zeroed", zeroed(len / 4), frames, "damaged"),
        warns("FLAC cut at two thirds", file()[..len * 2 / 3].to_vec(), 12_288, "cut short"),
        warns(
            "FLAC that lost its last frame's end",
            file()[..len - 1].to_vec(),
            16_384,
            "cut short",
        ),
        warns(
            "FLAC that promises twice the frames",
            streaminfo(14, &40_000u32.to_be_bytes()),
            frames,
            "20000 of 40000",
        ),
        warns(
            "FLAC that promises half the frames",
            streaminfo(14, &10_000u32.to_be_bytes()),
            frames,
            "header says 10000",
        ),
        warns("FLAC that promises 2^36 frames", streaminfo(13, &[0xFF; 5]), frames, "cut short"),
        sound("FLAC that promises no number of frames", streaminfo(14, &[0; 4]), frames),
        warns(
            "FLAC of unknown length, cut",
            streaminfo(14, &[0; 4])[..len * 2 / 3].to_vec(),
            12_288,
            "could not be decoded",
        ),
        fails("FLAC of 0 Hz", streaminfo(10, &[0, 0, 0x02]), "damaged FLAC"),
        fails("FLAC cut in its first block", file()[..30].to_vec(), "damaged FLAC"),
        fails("FLAC magic alone", b"fLaC".to_vec(), "damaged FLAC"),
        fails(
            "FLAC magic, then random bytes",
            [b"fLaC".to_vec(), noise(20_000, 3)].concat(),
            "damaged FLAC",
        ),
        fails(
            "FLAC whose frames are random bytes",
            {
                let start = find(&file(), &[0xFF, 0xF8]);
                [file()[..start].to_vec(), noise(20_000, 9)].concat()
            },
            "damaged FLAC",
        ),
        ends("FLAC whose first block claims to be the last", last_metadata),
        ends("FLAC whose first block claims 16 MB", patched(file(), 5, &[0xFF; 3])),
        sound(
            "FLAC after an ID3 tag",
            [b"ID3\x04\0\0\0\0\0\x0A0123456789".to_vec(), file()].concat(),
            frames,
        ),
        warns(
            "FLAC with random bytes after its end",
            [file(), noise(3_000, 4)].concat(),
            16_384,
            "cut short",
        ),
        sound(
            "FLAC with an ID3v1 tag at its end",
            [file(), b"TAG".to_vec(), vec![b' '; 125]].concat(),
            frames,
        ),
        sound(
            "FLAC with an APE tag at its end",
            {
                let footer =
                    [b"APETAGEX".to_vec(), vec![0xD0, 7, 0, 0, 32, 0, 0, 0], vec![0; 16]].concat();
                [file(), footer].concat()
            },
            frames,
        ),
        ends("FLAC with every 499th byte changed", {
            let mut bytes = file();
            bytes.iter_mut().skip(50).step_by(499).for_each(|byte| *byte ^= 0x10);
            bytes
        }),
    ]
}

/// An AIFF file of 16-bit mono from its common chunk's fields.
fn aiff_of(channels: u16, frames: u32, bits: u16, rate: [u8; 10], samples: usize) -> Vec<u8> {
    let mut common = channels.to_be_bytes().to_vec();
    common.extend(frames.to_be_bytes());
    common.extend(bits.to_be_bytes());
    common.extend(rate);
    let data = [vec![0; 8], vec![1; samples]].concat();
    let chunks = [iff_chunk(b"COMM", &common), iff_chunk(b"SSND", &data)].concat();
    iff_chunk(b"FORM", &[b"AIFF".to_vec(), chunks].concat())
}

const RATE_44100: [u8; 10] = [0x40, 0x0E, 0xAC, 0x44, 0, 0, 0, 0, 0, 0];

fn aiff() -> Vec<Kind> {
    let file = || written(FileFormat::Aiff, SampleFormat::Int24);
    let frames = FRAMES as u64;
    vec![
        sound("AIFF of 16 bits", written(FileFormat::Aiff, SampleFormat::Int16), frames),
        sound("AIFF of 24 bits", file(), frames),
        sound("AIFF-C of floats", written(FileFormat::Aiff, SampleFormat::Float32), frames),
        warns("AIFF cut in the middle", file()[..60_054].to_vec(), 10_000, "cut short"),
        fails("AIFF cut in its header", file()[..30].to_vec(), "no whole COMM chunk"),
        fails("AIFF of 0 Hz", aiff_of(1, 100, 16, [0; 10], 200), "0 Hz"),
        fails(
            "AIFF of infinite rate",
            aiff_of(1, 100, 16, [0x7F, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], 200),
            "0 Hz",
        ),
        fails(
            "AIFF of negative rate",
            aiff_of(1, 100, 16, [0xC0, 0x0E, 0xAC, 0x44, 0, 0, 0, 0, 0, 0], 200),
            "0 Hz",
        ),
        fails("AIFF of 0 channels", aiff_of(0, 100, 16, RATE_44100, 200), "0 channels"),
        fails("AIFF of 300 channels", aiff_of(300, 100, 16, RATE_44100, 60_000), "300 channels"),
        fails("AIFF of 0 bits", aiff_of(1, 100, 0, RATE_44100, 200), "0 bits"),
        fails("AIFF of 99 bits", aiff_of(1, 100, 99, RATE_44100, 2_000), "99 bits"),
        warns(
            "AIFF that promises 4 billion frames",
            aiff_of(1, u32::MAX, 16, RATE_44100, 200),
            100,
            "cut short",
        ),
        warns(
            "AIFF that promises no frames",
            aiff_of(1, 0, 16, RATE_44100, 200),
            100,
            "header says 0 frames",
        ),
        fails("AIFF without chunks", iff_chunk(b"FORM", b"AIFF"), "no whole COMM chunk"),
    ]
}

/// An MP3 frame of silence: MPEG 1 layer III, 128 kbit/s, 44.1 kHz, stereo, all side information zero.
pub(crate) fn mp3_frame() -> Vec<u8> {
    [vec![0xFF, 0xFB, 0x90, 0x00], vec![0; 413]].concat()
}

/// An ADTS frame of silence: AAC-LC, 44.1 kHz, one channel.
pub(crate) fn adts_frame() -> Vec<u8> {
    let payload = [0x00, 0xC8, 0x00, 0x80, 0x23, 0x80];
    let length = payload.len() + 7;
    let mut frame =
        vec![0xFF, 0xF1, 0x50, 0x40, (length >> 3) as u8, (length << 5) as u8 | 0x1F, 0xFC];
    frame.extend(payload);
    frame
}

fn mpeg() -> Vec<Kind> {
    let mp3 = |frames: usize| mp3_frame().repeat(frames);
    let tag = b"ID3\x04\0\0\0\0\0\x0A0123456789".to_vec();
    vec![
        sound("MP3 without any tag", mp3(20), 20 * 1152),
        sound("MP3 after an ID3 tag", [tag.clone(), mp3(20)].concat(), 20 * 1152),
        ends("MP3 cut in a frame", mp3(20)[..417 * 19 + 100].to_vec()),
        ends("MP3 with random bytes in its middle", [mp3(10), noise(1_000, 5), mp3(10)].concat()),
        ends("MP3 with random bytes before it", [noise(3_000, 6), mp3(20)].concat()),
        ends("MP3 whose side information is random", {
            let frame = [vec![0xFF, 0xFB, 0x90, 0x00], noise(413, 11)].concat();
            frame.repeat(30)
        }),
        fails("an ID3 tag alone", tag, "not a sound file"),
        fails("one MP3 frame header", vec![0xFF, 0xFB, 0x90, 0x00], "not a sound file"),
        sound("AAC in ADTS", adts_frame().repeat(40), 40 * 1024),
        warns(
            "AAC in ADTS at half rate, as HE-AAC looks",
            patched(adts_frame(), 2, &[0x5C]).repeat(40),
            40 * 1024,
            "HE-AAC",
        ),
        ends("AAC in ADTS with random payloads", {
            let frame = [adts_frame()[..7].to_vec(), noise(6, 12)].concat();
            frame.repeat(40)
        }),
        ends("AAC in ADTS, cut", adts_frame().repeat(40)[..500].to_vec()),
    ]
}

/// An Ogg Opus file of `packets` packets of 20 ms; its last page says where the sound ends.
fn opus_of(head: &[u8], packets: usize, end: u64) -> Vec<u8> {
    // Configuration 31: CELT, full band, 20 ms; one frame; nothing coded, which decodes as concealment of silence.
    let packet: &[u8] = &[31 << 3];
    let tags = b"OpusTags\x04\0\0\0test\0\0\0\0".to_vec();
    [
        ogg_page(2, 0, 0, &[head]),
        ogg_page(0, 0, 1, &[&tags]),
        ogg_page(4, end, 2, &vec![packet; packets]),
    ]
    .concat()
}

pub(crate) fn opus_head(channels: u8, family: u8) -> Vec<u8> {
    let mut head = b"OpusHead\x01".to_vec();
    head.push(channels);
    head.extend(312u16.to_le_bytes());
    head.extend(44_100u32.to_le_bytes());
    head.extend([0, 0, family]);
    head
}

fn opus() -> Vec<Kind> {
    let file = || opus_of(&opus_head(1, 0), 50, 40_312);
    let multi = |table: &[u8]| opus_of(&[opus_head(3, 1), table.to_vec()].concat(), 10, 9_600);
    vec![
        sound("Opus, trimmed at both ends", file(), 40_000),
        ends("Opus cut in its last page", file()[..file().len() - 20].to_vec()),
        ends("Opus that ends beyond its packets", opus_of(&opus_head(2, 0), 10, 1 << 40)),
        ends("Opus that ends before it begins", opus_of(&opus_head(2, 0), 10, 5)),
        ends("Opus with a wrong checksum", patched(file(), 22, &[1, 2, 3, 4])),
        ends("Opus of three channels in one stream family", opus_of(&opus_head(3, 0), 10, 9_600)),
        ends("Opus of 0 channels", opus_of(&opus_head(0, 0), 10, 9_600)),
        ends("Opus of 255 channels", opus_of(&opus_head(255, 255), 10, 9_600)),
        ends("Opus with a mapping to no stream", multi(&[1, 1, 0, 9, 200])),
        ends("Opus with more coupled streams than streams", multi(&[1, 9, 0, 1, 2])),
        ends("Opus without its mapping", multi(&[])),
        ends("Opus with random packets", {
            let random = noise(200, 13);
            let packet: &[u8] = &random;
            [
                ogg_page(2, 0, 0, &[&opus_head(2, 0)]),
                ogg_page(0, 0, 1, &[b"OpusTags\0\0\0\0\0\0\0\0"]),
                ogg_page(4, 9_600, 2, &[packet; 10]),
            ]
            .concat()
        }),
    ]
}

fn pretenders() -> Vec<Kind> {
    let magics: [(&'static str, &[u8]); 8] = [
        ("Ogg magic, then random bytes", b"OggS"),
        ("CAF magic, then random bytes", b"caff\0\x01\0\0"),
        ("Matroska magic, then random bytes", b"\x1A\x45\xDF\xA3"),
        ("AIFF magic, then random bytes", b"FORM\0\0\x10\0AIFF"),
        ("AIFF-C magic, then random bytes", b"FORM\0\0\x10\0AIFC"),
        ("MP4 magic, then random bytes", b"\0\0\0\x20ftypM4A "),
        ("ADTS sync, then random bytes", b"\xFF\xF1"),
        ("WavPack, which is not read", b"wvpk"),
    ];
    magics
        .into_iter()
        .map(|(name, magic)| ends(name, [magic.to_vec(), noise(9_000, 21)].concat()))
        .collect()
}
