//! Files to measure on.

use std::error::Error;
use std::path::{Path, PathBuf};

use acetate_audio::{
    Audio, Existing, FileFormat, OutputFormat, PcmBlock, PcmPlanes, SampleFormat, Source, Writer,
};

/// Full scale of 24 bits.
const FULL_SCALE: f32 = 8_388_608.0;
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
        let source = Source::open(file, u64::MAX)?;
        let spec = source.spec();
        if let (44_100, 2, Some(audio)) = (spec.sample_rate_hz, spec.channels, source.audio()) {
            for (all, plane) in planes.iter_mut().zip(audio.planes()) {
                all.extend_from_slice(plane);
            }
        }
    }
    Ok(Audio::from_planes(44_100, planes))
}

/// Writes `frames` of `sound` from `start` on, over and over when it is shorter, as 24 bits.
pub(crate) fn write(
    path: &Path,
    file: FileFormat,
    sound: &Audio,
    start: usize,
    frames: u64,
) -> Result<(), Box<dyn Error>> {
    let (spec, samples) = (sound.spec(), SampleFormat::Int24);
    let mut writer = Writer::create(path, OutputFormat { file, samples, spec }, Existing::Replace)?;
    let mut block = PcmBlock::new(spec, samples);
    let (mut from, mut left) = (start % sound.frames(), frames);
    while left > 0 {
        let count = (sound.frames() - from).min(1 << 15).min(left as usize);
        if let PcmPlanes::Int(planes) = &mut block.planes {
            for (to, plane) in planes.iter_mut().zip(sound.planes()) {
                to.clear();
                let quantised =
                    |x: &f32| (x * FULL_SCALE).round().clamp(-FULL_SCALE, FULL_SCALE - 1.0);
                to.extend(plane[from..from + count].iter().map(|x| quantised(x) as i32));
            }
        }
        writer.write(&block)?;
        from = (from + count) % sound.frames();
        left -= count as u64;
    }
    writer.finish()?;
    Ok(())
}

/// Reads a file to its end.
pub(crate) fn decode(file: &Path) -> Result<(), Box<dyn Error>> {
    let source = Source::open(file, 0)?;
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
