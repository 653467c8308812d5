//! Excerpts of music, in the steps of 24 bits.

use std::path::PathBuf;

use acetate_audio::Audio;
use acetate_bench::masters::{named_files, open_or_leave_out};

/// Steps of full scale.
const STEPS: f64 = 8_388_608.0;
/// Peak of an excerpt that damage is put into: -6 dBFS.
const PEAK: f64 = 0.501_187_233_627_272_2;

/// A song in memory.
pub(crate) struct Song {
    pub(crate) name: String,
    pub(crate) sound: Audio,
}

/// A piece of sound.
#[derive(Clone)]
pub(crate) struct Excerpt {
    pub(crate) name: String,
    pub(crate) rate_hz: u32,
    pub(crate) planes: Vec<Vec<f64>>,
}

/// The songs that are named; what cannot be read is left out, and so is what is too short.
pub(crate) fn songs(named: &[PathBuf]) -> Vec<Song> {
    let open = |path: &PathBuf| {
        let is_sound = path.extension().is_some_and(|e| e == "flac" || e == "ogg" || e == "wav");
        let source = if is_sound { open_or_leave_out(path)? } else { return None };
        let sound = source.audio()?.clone();
        let name = path.file_stem()?.to_string_lossy().into_owned();
        (sound.duration_s() > 13.0 && sound.spec().channels <= 2).then_some(Song { name, sound })
    };
    named_files(named).iter().filter_map(open).collect()
}

impl Song {
    /// The middle of the song, its peak at -6 dBFS.
    pub(crate) fn excerpt(&self, seconds: f64) -> Excerpt {
        let mut excerpt = self.as_it_is(seconds);
        let samples = excerpt.planes.iter().flatten();
        let gain = PEAK / samples.fold(1e-6, |peak: f64, x| peak.max(x.abs()));
        excerpt.planes.iter_mut().flatten().for_each(|x| *x = in_steps(*x * gain));
        excerpt
    }

    /// The middle of the song.
    pub(crate) fn as_it_is(&self, seconds: f64) -> Excerpt {
        let rate_hz = self.sound.spec().sample_rate_hz;
        let frames = self.sound.frames().min((seconds * f64::from(rate_hz)) as usize);
        let start = (self.sound.frames() - frames) / 2;
        let cut =
            |plane: &Vec<f32>| plane[start..start + frames].iter().map(|&x| x.into()).collect();
        Excerpt {
            name: self.name.clone(),
            rate_hz,
            planes: self.sound.planes().iter().map(cut).collect(),
        }
    }
}

impl Excerpt {
    pub(crate) fn audio(&self) -> Audio {
        let plane = |plane: &Vec<f64>| plane.iter().map(|&x| x as f32).collect();
        Audio::from_planes(self.rate_hz, self.planes.iter().map(plane).collect())
    }

    pub(crate) fn frames(&self) -> usize {
        self.planes[0].len()
    }

    /// Its beginning.
    pub(crate) fn until(&self, frames: usize) -> Self {
        let cut = |plane: &Vec<f64>| plane[..frames].to_vec();
        let planes = self.planes.iter().map(cut).collect();
        Self { name: self.name.clone(), rate_hz: self.rate_hz, planes }
    }

    pub(crate) fn peak(&self) -> f64 {
        self.planes.iter().flatten().fold(1e-9, |peak: f64, x| peak.max(x.abs()))
    }
}

/// As a file of 24 bits has it.
pub(crate) fn in_steps(x: f64) -> f64 {
    (x * STEPS).round().clamp(-STEPS, STEPS - 1.0) / STEPS
}
