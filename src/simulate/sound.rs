//! What a song sounds like elsewhere, as files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use acetate_analyzer::{LevelMeter, Levels};
use acetate_audio::{Audio, Blocks, ReadError};
use acetate_engine::Stage as _;
use acetate_files::Existing;
use acetate_translation::{Playback, System, full_scale_spl_db, noise};

use super::SimulateRequest;
use crate::observer::{Watch, WatchedPass};
use crate::output::float_file::FloatFile;
use crate::output::render::make_folder;
use crate::output::{IfExists, place, plan};
use crate::{Error, Input, Observer, Song, Stage};

/// Highest peak of a file at its true level, dBFS; others are lowered when they would pass full scale.
const TRUE_LEVEL_PEAK_DBFS: f64 = -1.0;

/// How simulated sound is written.
#[derive(Clone, Debug, Default)]
pub struct SimulatedSound {
    /// A file a system, in their order ([`simulated_files`]); folders are made where they are not there.
    pub files: Vec<PathBuf>,
    /// As loud beside each other as the systems are, with the noise; otherwise all as loud as the song, and quiet.
    pub true_level: bool,
    /// May it take the place of files that exist?
    pub replace: bool,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenSound {
    /// A file a system, in their order.
    pub files: Vec<PathBuf>,
    /// How much all of them were lowered so that none passes full scale, dB.
    pub lowered_db: f64,
}

/// Where in a folder what several songs sound like goes, a file a system: `song.phone.wav`. All of them are looked at before any work
/// is done; what was found in a folder keeps the folders it has inside it.
///
/// # Errors
/// When a file exists and is not to be replaced, is one of the songs, or is that of two of them.
pub fn simulated_files(
    folder: &Path,
    inputs: &[Input],
    request: &SimulateRequest,
    replace: bool,
) -> Result<Vec<Vec<PathBuf>>, Error> {
    let existing = if replace { IfExists::Replace } else { IfExists::Refuse };
    let mut claimed = BTreeSet::new();
    let mut of_input = |input: &Input| {
        let file = |system: &System| {
            let path = place(input, &format!("{}.{}.wav", input.stem(), system.id), Some(folder));
            plan(path.clone(), existing, inputs)?;
            if !claimed.insert(path.clone()) {
                return Err(Error::Claimed { input: input.name(), path });
            }
            Ok(path)
        };
        request.systems.iter().map(file).collect::<Result<Vec<PathBuf>, Error>>()
    };
    inputs.iter().map(&mut of_input).collect()
}

impl Song {
    /// Writes what the song sounds like on each system, as WAV of 32-bit floats; all are lowered alike where one would pass full
    /// scale. Nothing has its name before all of its file is there.
    ///
    /// # Errors
    /// When the song has more than two channels or cannot be read again, a file exists or cannot be written, or the observer stops it.
    pub fn write_simulated(
        &self,
        request: &SimulateRequest,
        wish: &SimulatedSound,
        observer: &mut dyn Observer,
    ) -> Result<WrittenSound, Error> {
        let watch = Watch::new(observer);
        let files = wish.files.clone();
        let existing = if wish.replace { IfExists::Replace } else { IfExists::Refuse };
        let inputs: Vec<Input> = self.path().map(Input::file).into_iter().collect();
        for file in &files {
            plan(file.clone(), existing, &inputs)?;
        }
        let mut gains_db = Vec::new();
        let mut highest_dbfs = f64::NEG_INFINITY;
        for (index, system) in request.systems.iter().enumerate() {
            let part = Part { index, count: 2 * files.len() };
            let mut meter = LevelMeter::new(self.source().spec());
            let full_scale = wish.true_level.then(|| self.full_scale_spl_db(system)).flatten();
            // At its true level the sound is looked at as if 100 dB SPL were full scale.
            let playback = self.playback(system, full_scale.map(|spl| spl - AT_FULL_SCALE_DB))?;
            self.play(playback, part, &watch, |block| {
                meter.push(&block);
                Ok(())
            })?;
            let levels = meter.finish();
            let gain_db = if wish.true_level { 0.0 } else { self.to_own_loudness_db(levels) };
            if let Some(peak) = levels.true_peak_dbtp {
                highest_dbfs = highest_dbfs.max(peak + gain_db);
            }
            gains_db.push((gain_db, full_scale));
        }
        let lowered_db = match (wish.true_level, highest_dbfs.is_finite()) {
            (_, false) => 0.0,
            (true, true) => highest_dbfs - TRUE_LEVEL_PEAK_DBFS,
            (false, true) => highest_dbfs.max(0.0),
        };
        for (index, (system, file)) in request.systems.iter().zip(&files).enumerate() {
            let (gain_db, full_scale) = gains_db[index];
            let part = Part { index: files.len() + index, count: 2 * files.len() };
            make_folder(file)?;
            let existing = if wish.replace { Existing::Replace } else { Existing::Error };
            let mut writer = FloatFile::new(file, existing, self.source().spec())?;
            let at = full_scale.map(|spl| spl - AT_FULL_SCALE_DB - lowered_db);
            let mut playback = self.playback(system, at)?;
            if !wish.true_level {
                playback = playback.louder(gain_db - lowered_db);
            }
            self.play(playback, part, &watch, |block| writer.write(block))?;
            writer.finish()?.publish()?;
        }
        Ok(WrittenSound { files, lowered_db })
    }

    fn full_scale_spl_db(&self, system: &System) -> Option<f64> {
        full_scale_spl_db(&self.measured().tables.energy, system)
    }

    /// What plays it on a system.
    ///
    /// # Errors
    /// When it has more than two channels.
    pub(crate) fn played_by(&self, system: &System) -> Result<Playback, Error> {
        let spec = self.source().spec();
        Playback::new(system, spec).ok_or_else(|| Error::Surround {
            name: self.name().to_owned(),
            channels: spec.channels,
        })
    }

    /// A system, at its true level with the noise where `gain_db` is one.
    fn playback(&self, system: &System, gain_db: Option<f64>) -> Result<Playback, Error> {
        let spec = self.source().spec();
        let playback = self.played_by(system)?;
        let Some((gain_db, full_scale_db)) = gain_db.zip(self.full_scale_spl_db(system)) else {
            return Ok(playback);
        };
        let playback = playback.louder(gain_db);
        Ok(match noise(&system.noise) {
            Some(noise) => playback.beside(noise, gain_db - full_scale_db, spec),
            None => playback,
        })
    }

    /// Gain that makes a sound of these levels as loud as the song.
    fn to_own_loudness_db(&self, levels: Levels) -> f64 {
        let own = self.analysis().loudness.integrated_lufs;
        own.zip(levels.integrated_lufs).map_or(0.0, |(own, there)| own - there)
    }

    fn play(
        &self,
        mut playback: Playback,
        part: Part,
        watch: &Watch<'_>,
        mut take: impl FnMut(Audio) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let unreadable = |error: ReadError| Error::read(self.name(), error);
        let source = self.source();
        let mut blocks = source.blocks().map_err(unreadable)?;
        let frames = source.frames().max(1);
        // The share of the whole work that this pass is.
        let (frames, before) = (frames * part.count as u64, frames * part.index as u64);
        let mut pass = WatchedPass {
            pass: &mut *blocks,
            watch,
            stage: Stage::Rendering,
            frames: Some(frames),
            position: before,
        };
        let mut block = Audio::silence(source.spec(), 0);
        while pass.next_block(&mut block).map_err(unreadable)? {
            let mut out = Audio::silence(source.spec(), 0);
            playback.push(&block, &mut out);
            take(out)?;
        }
        let mut out = Audio::silence(source.spec(), 0);
        playback.finish(&mut out);
        take(out)
    }
}

/// Sound pressure level that full scale stands for before all files are lowered alike.
const AT_FULL_SCALE_DB: f64 = 100.0;

/// One pass of several.
#[derive(Clone, Copy)]
struct Part {
    index: usize,
    count: usize,
}
