//! Profiles of many files.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use acetate_audio::threads;
use acetate_references::Profile;

use crate::{Error, Song};

/// Measures files on all cores and calls `done` after each, from any thread; the results are in the order of the
/// files. A file that cannot be read does not stop the others.
///
/// Sound is read block by block: memory does not grow with the length of the files. As many files are measured at
/// once as rayon has threads; the threads that wait for them are of their own, for one of rayon's that waits for a
/// part of its file would begin another file meanwhile.
pub fn measure_files(
    files: &[PathBuf],
    done: impl Fn(&Path) + Sync,
) -> Vec<Result<Profile, Error>> {
    measure_each(files, |file| Song::opening(file).profile(&mut ()), done)
}

/// Makes something of each file on all cores, with `measure`, and calls `done` after each, from any thread; the results are
/// in the order of the files.
///
/// As many files are measured at once as there are threads to work with, and on threads of their own.
pub fn measure_each<T: Send>(
    files: &[PathBuf],
    measure: impl Fn(&Path) -> T + Sync,
    done: impl Fn(&Path) + Sync,
) -> Vec<T> {
    if threads::count() == 1 {
        let measured = |file: &PathBuf| {
            let result = measure(file);
            done(file);
            result
        };
        return files.iter().map(measured).collect();
    }
    let mut results: Vec<Option<T>> = files.iter().map(|_| None).collect();
    let work = Mutex::new(files.iter().zip(&mut results));
    let next = || work.lock().expect("no thread panics while it takes a file").next();
    std::thread::scope(|scope| {
        for _ in 0..threads::count().min(files.len()) {
            scope.spawn(|| {
                while let Some((file, result)) = next() {
                    *result = Some(measure(file));
                    done(file);
                }
            });
        }
    });
    results.into_iter().map(|result| result.expect("every file was taken")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A 16-bit mono WAVE file of two seconds of a rough tone.
    fn write_wave(path: &Path) {
        let samples: Vec<u8> = (0..88_200_i32)
            .flat_map(|frame| (((frame * 37) % 2000 - 1000) as i16 * 8).to_le_bytes())
            .collect();
        let mut bytes = b"RIFF".to_vec();
        bytes.extend((36 + samples.len() as u32).to_le_bytes());
        bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x44\xac\0\0\x88\x58\x01\0\x02\0\x10\0data");
        bytes.extend((samples.len() as u32).to_le_bytes());
        bytes.extend(samples);
        std::fs::write(path, bytes).unwrap();
    }

    #[test]
    fn a_file_that_is_no_sound_does_not_stop_the_others_and_progress_counts_it() {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<PathBuf> =
            ["a.wav", "b.wav", "c.wav"].map(|name| folder.path().join(name)).into();
        write_wave(&files[0]);
        std::fs::write(&files[1], "no sound").unwrap();
        write_wave(&files[2]);
        let finished = AtomicUsize::new(0);
        let profiles = measure_files(&files, |_| {
            finished.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(finished.into_inner(), 3);
        let names: Vec<Option<&str>> = profiles
            .iter()
            .map(|result| result.as_ref().ok().map(|profile| profile.id.as_str()))
            .collect();
        assert_eq!(names, [Some("a"), None, Some("c")]);
        let measured = profiles[0].as_ref().unwrap();
        assert_eq!(measured.source.codec.as_deref(), Some("pcm"));
        assert!(measured.loudness.integrated_lufs.is_some() && measured.matchable(16));
        assert_eq!(measured.spectrum.level_db, profiles[2].as_ref().unwrap().spectrum.level_db);
    }
}
