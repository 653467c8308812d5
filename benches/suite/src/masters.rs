//! Masters made by this project, in memory, for benches.

use std::error::Error;
use std::path::{Path, PathBuf};

use acetate_analyzer::{Measured, analyze};
use acetate_audio::{Audio, Source};
use acetate_engine::{Settings, render};
use acetate_optimizer::{Fit, FitOptions, fit};
use acetate_references::Aim;

/// Bytes up to which a file is held in memory: far more than any test file needs.
const MEMORY_LIMIT_BYTES: u64 = 4 << 30;

/// Opens a file.
///
/// # Errors
/// When it cannot be read as sound.
pub fn open(path: &Path) -> Result<Source, Box<dyn Error>> {
    Ok(acetate_files::open(path, MEMORY_LIMIT_BYTES)?)
}

/// The music in a folder, in order of names; only files with `only` in their path, when given.
///
/// # Errors
/// When the folder cannot be read.
pub fn music_in(folder: &Path, only: Option<&str>) -> std::io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "flac" || e == "ogg" || e == "wav"))
        .filter(|path| only.is_none_or(|only| path.to_string_lossy().contains(only)))
        .collect();
    files.sort();
    Ok(files)
}

/// The files that are named and those of the folders that are, in order of names.
pub fn named_files(given: &[PathBuf]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in given {
        match std::fs::read_dir(path) {
            Ok(entries) => files.extend(entries.flatten().map(|entry| entry.path())),
            Err(_) => files.push(path.clone()),
        }
    }
    files.sort();
    files
}

/// Opens a file, or says why it is left out.
pub fn open_or_leave_out(path: &Path) -> Option<Source> {
    open(path).inspect_err(|error| eprintln!("left out {}: {error}", path.display())).ok()
}

/// A master, what led to it, and what it measures.
pub struct Master {
    /// Settings and what explains them.
    pub fit: Fit,
    /// The rendered sound, as a decoder of the file would give it.
    pub sound: Audio,
    /// What it measures.
    pub after: Measured,
}

/// Fits and renders.
///
/// # Errors
/// When the source cannot be read, or an option is out of range.
pub fn master(
    source: &Source,
    before: &Measured,
    aim: &Aim,
    options: &FitOptions,
) -> Result<Master, Box<dyn Error>> {
    let fit = fit(source, before, aim, options, &mut |_| {})?;
    let sound = rendered(source, &fit.settings)?;
    let after = analyze(&Source::from_audio(sound.clone()))?;
    Ok(Master { fit, sound, after })
}

/// The sound that `settings` make of `source`.
///
/// # Errors
/// When the source cannot be read, or a setting is out of range.
pub fn rendered(source: &Source, settings: &Settings) -> Result<Audio, Box<dyn Error>> {
    let mut planes: Vec<Vec<f32>> = vec![Vec::new(); source.spec().channels];
    let mut block = Audio::silence(source.spec(), 0);
    let mut rate_hz = source.spec().sample_rate_hz;
    render::<std::convert::Infallible>(source, settings, &mut |pcm| {
        pcm.decode_into(&mut block);
        rate_hz = pcm.sample_rate_hz;
        for (plane, more) in planes.iter_mut().zip(block.planes()) {
            plane.extend_from_slice(more);
        }
        Ok(())
    })?;
    Ok(Audio::from_planes(rate_hz, planes))
}

/// Writes sound as a float WAV file, for programs that read files.
///
/// # Errors
/// When it cannot be written.
pub fn write_float(sound: &Audio, path: &Path) -> Result<(), Box<dyn Error>> {
    let spec = hound::WavSpec {
        channels: sound.planes().len() as u16,
        sample_rate: sound.spec().sample_rate_hz,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(path, spec)?;
    for frame in 0..sound.frames() {
        for plane in sound.planes() {
            writer.write_sample(plane[frame])?;
        }
    }
    Ok(writer.finalize()?)
}
