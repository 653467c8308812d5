//! Files to measure on.

use std::error::Error;
use std::path::{Path, PathBuf};

use acetate_audio::{Audio, PcmBlock, PcmPlanes, SampleFormat};
use acetate_files::{Existing, FileFormat, PcmFormat, Writer};

/// Files longer than this many seconds take a while to write.
const LONG_S: u64 = 3_600;
/// File names that are taken for sound.
const EXTENSIONS: [&str; 11] =
    ["flac", "wav", "ogg", "opus", "mp3", "m4a", "aiff", "aifc", "aif", "caf", "mka"];

/// The sound files under a folder, sorted.
pub(crate) fn sounds(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
            if path.is_dir() {
                folders.push(path);
            } else if EXTENSIONS.contains(&extension.as_str()) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The sound of the files at 44.1 kHz in two channels, one after the other.
pub(crate) fn joined(files: &[PathBuf]) -> Result<Audio, Box<dyn Error>> {
    let mut planes = vec![Vec::new(); 2];
    for file in files {
        let source = acetate_files::open(file, u64::MAX)?;
        let spec = source.spec();
        if let (44_100, 2, Some(audio)) = (spec.sample_rate_hz, spec.channels, source.audio()) {
            for (all, plane) in planes.iter_mut().zip(audio.planes()) {
                all.extend_from_slice(plane);
            }
        }
    }
    Ok(Audio::from_planes(44_100, planes))
}

/// Writes `frames` of `sound` from `start` on, over and over when it is shorter; says how far it is when that takes long.
pub(crate) fn write(
    path: &Path,
    (file, samples): (FileFormat, SampleFormat),
    sound: &Audio,
    start: usize,
    frames: u64,
) -> Result<(), Box<dyn Error>> {
    let spec = sound.spec();
    let (mut from, mut left) = (start % sound.frames(), frames);
    let needed = sound.frames().min(from + frames as usize);
    let sound = quantised(sound, samples, needed);
    let mut writer = Writer::create(path, PcmFormat { file, samples, spec }, Existing::Replace)?;
    let mut block = PcmBlock::new(spec, samples);
    let long = frames > LONG_S * u64::from(spec.sample_rate_hz);
    while left > 0 {
        let count = (sound[0].len() - from).min(1 << 15).min(left as usize);
        if let PcmPlanes::Int(planes) = &mut block.planes {
            for (to, plane) in planes.iter_mut().zip(&sound) {
                to.clear();
                to.extend_from_slice(&plane[from..from + count]);
            }
        }
        writer.write(&block)?;
        from = (from + count) % sound[0].len();
        let tenths = |left: u64| 10 * (frames - left) / frames;
        if long && tenths(left) < tenths(left - count as u64) {
            println!("{} % are written", 10 * tenths(left - count as u64));
        }
        left -= count as u64;
    }
    writer.finish()?;
    Ok(())
}

/// The first `frames` as integers of 16 or 24 bits.
fn quantised(sound: &Audio, samples: SampleFormat, frames: usize) -> Vec<Vec<i32>> {
    let full_scale: f32 = if samples == SampleFormat::Int16 { 32_768.0 } else { 8_388_608.0 };
    let integer = |x: &f32| (x * full_scale).round().clamp(-full_scale, full_scale - 1.0) as i32;
    sound.planes().iter().map(|plane| plane[..frames].iter().map(integer).collect()).collect()
}

/// Reads a file to its end.
pub(crate) fn decode(file: &Path) -> Result<(), Box<dyn Error>> {
    let source = acetate_files::open(file, 0)?;
    println!("{} frames", source.frames());
    Ok(())
}

/// The middle of some numbers; 0 of none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        count => 0.5 * (values[(count - 1) / 2] + values[count / 2]),
    }
}
