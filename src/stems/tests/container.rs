//! Containers of stems, built box by box, and stems of different kinds beside each other.

use std::fs;

use super::*;

const FRAMES: usize = 2 * RATE_HZ as usize;

fn be(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

fn atom(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
}

/// A track of 16-bit samples in two channels, all of them in one chunk (ISO/IEC 14496-12, 8.3 to 8.7).
fn track(id: u32, chunk_offset: u32) -> Vec<u8> {
    let frames = FRAMES as u32;
    let tkhd = atom(b"tkhd", &[be(&[7, 0, 0, id, 0, frames]), vec![0; 60]].concat());
    let mdhd = atom(b"mdhd", &be(&[0, 0, 0, RATE_HZ, frames, 0]));
    let hdlr = atom(b"hdlr", &[be(&[0, 0]), b"soun".to_vec(), vec![0; 13]].concat());
    let entry =
        [be(&[0]), vec![0, 0, 0, 1], be(&[0, 0]), vec![0, 2, 0, 16], be(&[0, RATE_HZ << 16])];
    let stsd = atom(b"stsd", &[be(&[0, 1]), atom(b"sowt", &entry.concat())].concat());
    let tables = [
        stsd,
        atom(b"stts", &be(&[0, 1, frames, 1])),
        atom(b"stsc", &be(&[0, 1, 1, frames, 1])),
        atom(b"stsz", &be(&[0, 4, frames])),
        atom(b"stco", &be(&[0, 1, chunk_offset])),
    ];
    let stbl = atom(b"stbl", &tables.concat());
    let dinf = atom(b"dinf", &atom(b"dref", &[be(&[0, 1]), atom(b"url ", &be(&[1]))].concat()));
    let minf = atom(b"minf", &[atom(b"smhd", &[0; 8]), dinf, stbl].concat());
    let title = atom(b"udta", &atom(b"name", format!("Track {id}").as_bytes()));
    atom(b"trak", &[tkhd, atom(b"mdia", &[mdhd, hdlr, minf].concat()), title].concat())
}

/// A file of several tracks, with this text in its `stem` box.
fn container(tracks: &[Vec<i16>], text: &str) -> Vec<u8> {
    let ftyp = atom(b"ftyp", b"M4A \0\0\0\0M4A mp42isom");
    let samples: Vec<u8> = tracks.iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
    let from = ftyp.len() as u32 + 8;
    let traks: Vec<u8> = (0..tracks.len() as u32)
        .flat_map(|index| track(index + 1, from + index * 4 * FRAMES as u32))
        .collect();
    let mvhd = [be(&[0, 0, 0, RATE_HZ, FRAMES as u32, 0x10000]), vec![0; 76]].concat();
    let udta = atom(b"udta", &atom(b"stem", text.as_bytes()));
    let moov = atom(b"moov", &[atom(b"mvhd", &mvhd), traks, udta].concat());
    [ftyp, atom(b"mdat", &samples), moov].concat()
}

/// Two channels of a tone of a pitch of its own, 16 bits.
fn tone(index: usize) -> Vec<i16> {
    let sample = |frame: usize| {
        let pace = 0.011 * (index + 1) as f64;
        let swell = libm::sin(frame as f64 * 0.00007 * (index + 1) as f64);
        (4_000.0 * swell * libm::sin(pace * frame as f64)) as i16
    };
    (0..FRAMES).flat_map(|frame| [sample(frame), sample(frame + 9)]).collect()
}

#[test]
fn a_container_of_stems_is_its_mix_and_its_four_stems() {
    let stems = [0, 1, 2, 3].map(tone);
    let sum = (0..2 * FRAMES).map(|at| stems.iter().map(|stem| stem[at]).sum()).collect();
    let tracks = [vec![sum], stems.to_vec()].concat();
    let text = r#"{"stems":[{"name":"Drums"},{"name":"Synth / Pad"},{"name":"synth / pad"},{}]}"#;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("night.stem.mp4");
    fs::write(&path, container(&tracks, text)).unwrap();
    let stems = Stems::open(std::slice::from_ref(&path), "mix", None, Mono::Dual, &mut ()).unwrap();
    assert_eq!(stems.names(), ["Drums", "Synth---Pad", "synth---pad-3", "Track-5"]);
    assert_eq!(stems.in_mix().unwrap().rest, Rest::Nothing);
    let out = folder.path().join("out");
    let output = StemsOutput { folder: out.clone(), ..StemsOutput::default() };
    let request = Request::target("loud").unwrap();
    let plan = stems.song().suggest(&request, &mut ()).unwrap();
    let made = stems.master(&plan, &request, &output, &mut ()).unwrap();
    assert_eq!((made.difference_lsb, made.stems.len()), (0.0, 4));
    assert!(made.master.path().unwrap().ends_with("night.loud.wav"), "{:?}", made.master.path());

    // Without its text the tracks are called as they call themselves; two tracks are a mix and a stem, where the name says so.
    let two = folder.path().join("two.stem.mp4");
    fs::write(&two, container(&[tone(0), tone(1)], "{}")).unwrap();
    let of_two = Stems::open(std::slice::from_ref(&two), "mix", None, Mono::Dual, &mut ());
    let strange = of_two.unwrap_err().to_string();
    assert!(strange.contains("do not sound like it"), "{strange}");
    fs::write(&two, container(&[tone(1), tone(1)], "{}")).unwrap();
    let of_two = Stems::open(std::slice::from_ref(&two), "mix", None, Mono::Dual, &mut ()).unwrap();
    assert_eq!(of_two.names(), ["Track-2"]);
    let film = folder.path().join("film.mp4");
    fs::copy(&two, &film).unwrap();
    let text = fs::read(&two).unwrap();
    let at = text.windows(4).position(|four| four == b"stem").unwrap();
    fs::write(&film, [&text[..at], b"free", &text[at + 4..]].concat()).unwrap();
    let unsaid = Stems::open(&[film], "mix", None, Mono::Dual, &mut ()).unwrap_err();
    assert!(unsaid.to_string().contains("holds 2 sound tracks"), "{unsaid}");
    let one = folder.path().join("one.stem.mp4");
    fs::write(&one, container(&[tone(0)], "{}")).unwrap();
    let none = Stems::open(&[one], "mix", None, Mono::Dual, &mut ()).unwrap_err();
    assert!(none.to_string().contains("holds one sound track"), "{none}");

    let other = folder.path().join("other.wav");
    fs::copy(made.master.path().unwrap(), &other).unwrap();
    let beside = Stems::open(&[path, other], "mix", None, Mono::Dual, &mut ()).unwrap_err();
    assert!(beside.to_string().contains("name it alone"), "{beside}");
}

/// Writes a stem of so many frames, channels, and bits.
fn write(path: &Path, frames: usize, channels: u16, bits: u16) {
    let spec = hound::WavSpec {
        channels,
        sample_rate: RATE_HZ,
        bits_per_sample: bits,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    let full_scale = f64::from(1 << (bits - 1));
    for frame in 0..frames {
        let x = 0.2 * full_scale * libm::sin(frame as f64 * 0.003 * f64::from(bits));
        (0..channels).for_each(|_| writer.write_sample(x as i32).unwrap());
    }
    writer.finalize().unwrap();
}

#[test]
fn stems_of_other_lengths_word_lengths_and_one_channel_begin_together() {
    let folder = TempDir::new().unwrap();
    let kinds = [("short", 60_000, 2, 16), ("long", 120_000, 1, 24), ("eight", 90_000, 2, 8)];
    let files = kinds.map(|(name, frames, channels, bits)| {
        let path = folder.path().join(format!("{name}.wav"));
        write(&path, frames, channels, bits);
        path
    });
    let stems = Stems::open(&files, "song", None, Mono::Dual, &mut ()).unwrap();
    let source = stems.song().source();
    assert_eq!((source.frames(), source.spec().channels), (120_000, 2));
    let out = folder.path().join("out");
    let output = StemsOutput { folder: out, ..StemsOutput::default() };
    let plan = planned(&stems);
    let made = stems.master(&plan, &Request::default(), &output, &mut ()).unwrap();
    assert_eq!(made.difference_lsb, 0.0);
    for file in &made.stems {
        assert_eq!(decoded(&file.path).iter().map(Vec::len).collect::<Vec<_>>(), [120_000; 2]);
    }
    let (short, long) = (decoded(&made.stems[0].path), decoded(&made.stems[1].path));
    assert!(short[0][61_500..].iter().all(|&x| x == 0.0), "nothing after the end of a stem");
    // But for its share of the dither, which every channel has its own of.
    let alike = long[0].iter().zip(&long[1]).all(|(left, right)| (left - right).abs() < 1e-3);
    assert!(alike && long[0][..9].iter().any(|&x| x != 0.0));
}
