//! Makes `examples/mix.flac`, `examples/reference.flac`, the stems of `examples/stems` and the songs of `examples/record`: original
//! pieces, the same bytes in every run.
//!
//! `cargo run --release --example make_music [FOLDER]`

mod instruments;
mod mix;
mod mixer;
mod record;
mod reference;
mod stems;
mod synth;

use std::path::{Path, PathBuf};

use flac_codec::encode::{FlacSampleWriter, Options};
use mixer::Stereo;
use synth::Noise;

const SAMPLE_RATE_HZ: u32 = synth::RATE as u32;
const CHANNELS: u8 = 2;
/// Two pieces of 24 bits would be twice the three megabytes that a clone should not exceed.
const BITS: u32 = 16;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "examples".to_owned());
    let folder = Path::new(&folder);
    write(&folder.join("mix.flac"), &mix::slow_ferry())?;
    write(&folder.join("reference.flac"), &reference::signal_fire())?;
    let stems = folder.join("stems");
    std::fs::create_dir_all(&stems)?;
    for (name, stem) in stems::slow_ferry() {
        write(&stems.join(format!("{name}.flac")), &stem)?;
    }
    let record = folder.join("record");
    std::fs::create_dir_all(&record)?;
    let lighthouse = ["01 Lighthouse, day.flac", "02 Lighthouse, night.flac"];
    let lighthouse = lighthouse.map(|name| record.join(name));
    write_cut(&lighthouse, &record::lighthouse(), record::LIGHTHOUSE_CUT)?;
    write(&record.join("03 Low Tide.flac"), &record::low_tide())?;
    Ok(())
}

/// Writes one piece.
fn write(path: &Path, sound: &Stereo) -> Result<(), Box<dyn std::error::Error>> {
    write_samples(path, &dithered(sound))
}

/// Writes one piece as two files that meet at a frame.
fn write_cut(
    paths: &[PathBuf; 2],
    sound: &Stereo,
    frame: usize,
) -> Result<(), Box<dyn std::error::Error>> {
    let samples = dithered(sound);
    let (first, second) = samples.split_at(frame * usize::from(CHANNELS));
    write_samples(&paths[0], first)?;
    write_samples(&paths[1], second)
}

/// With triangular dither of two steps peak to peak.
fn dithered(sound: &Stereo) -> Vec<i32> {
    let full_scale = f64::from(1_u32 << (BITS - 1));
    let mut dither = Noise::new(1);
    sound
        .left
        .iter()
        .zip(&sound.right)
        .flat_map(|(left, right)| [left, right])
        .map(|x| (x * full_scale + 0.5 * (dither.next() + dither.next())).round())
        .map(|x| x.clamp(-full_scale, full_scale - 1.0) as i32)
        .collect()
}

fn write_samples(path: &Path, samples: &[i32]) -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::best().no_padding().overwrite();
    let total = Some(samples.len() as u64);
    let mut writer =
        FlacSampleWriter::create(path, options, SAMPLE_RATE_HZ, BITS, CHANNELS, total)?;
    writer.write(samples)?;
    writer.finalize()?;
    let frames = samples.len() / usize::from(CHANNELS);
    println!("{}: {:.1} s", path.display(), frames as f64 / synth::RATE);
    Ok(())
}
