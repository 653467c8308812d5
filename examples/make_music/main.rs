//! Makes `examples/mix.flac` and `examples/reference.flac`: two original pieces, the same bytes in every run.
//!
//! `cargo run --release --example make_music [FOLDER]`

mod instruments;
mod mix;
mod mixer;
mod reference;
mod synth;

use std::path::Path;

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
    Ok(())
}

/// Writes with triangular dither of two steps peak to peak.
fn write(path: &Path, sound: &Stereo) -> Result<(), Box<dyn std::error::Error>> {
    let full_scale = f64::from(1_u32 << (BITS - 1));
    let mut dither = Noise::new(1);
    let samples: Vec<i32> = sound
        .left
        .iter()
        .zip(&sound.right)
        .flat_map(|(left, right)| [left, right])
        .map(|x| (x * full_scale + 0.5 * (dither.next() + dither.next())).round())
        .map(|x| x.clamp(-full_scale, full_scale - 1.0) as i32)
        .collect();
    let options = Options::best().no_padding().overwrite();
    let total = Some(samples.len() as u64);
    let mut writer =
        FlacSampleWriter::create(path, options, SAMPLE_RATE_HZ, BITS, CHANNELS, total)?;
    writer.write(&samples)?;
    writer.finalize()?;
    println!("{}: {:.1} s", path.display(), sound.left.len() as f64 / synth::RATE);
    Ok(())
}
