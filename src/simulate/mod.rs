//! What is left of a song elsewhere: on phones, laptops, in cars and clubs, after lossy codecs.

mod codecs;
mod rows;
mod sound;
mod systems;

use acetate_audio::{Audio, Source};
use acetate_translation::{Listened, Listening, System, Translation, systems as known, translate};

use crate::check::codec::Lossy;
use crate::observer::{Watch, WatchedPass};
use crate::{Error, Observer, Song, Stage};

pub(crate) use rows::rows;
pub use sound::{SimulatedSound, WrittenSound};
pub use systems::{noise_named, system_file, system_named};

/// Where a song is to be heard.
#[derive(Clone, Debug)]
pub struct SimulateRequest {
    /// The systems, in the order in which they are shown.
    pub systems: Vec<System>,
    /// Lossy codecs to send it through; they need its file and an installed ffmpeg.
    pub codecs: Vec<Lossy>,
}

impl Default for SimulateRequest {
    /// All systems that are known, and no codec.
    fn default() -> Self {
        Self { systems: known().to_vec(), codecs: Vec::new() }
    }
}

/// What is left of a song elsewhere: the same as [`Song::simulate`].
///
/// # Errors
/// When the song cannot be read again, or the observer stops it.
pub fn simulate(
    song: &Song,
    request: &SimulateRequest,
    observer: &mut dyn Observer,
) -> Result<Translation, Error> {
    song.simulate(request, observer)
}

impl Song {
    /// Measures what is left of the song on each system, from the tables of its analysis and one more pass for its bass line and its
    /// peaks, and of what the codecs do to it; nothing is rendered. What could not be tried is said to be so.
    ///
    /// # Errors
    /// When the song cannot be read again, or the observer stops it.
    pub fn simulate(
        &self,
        request: &SimulateRequest,
        observer: &mut dyn Observer,
    ) -> Result<Translation, Error> {
        let watch = Watch::new(observer);
        let listened = listen(self.source(), &request.systems, &watch)
            .map_err(|error| Error::read(self.name(), error))?;
        let mut codecs = Vec::new();
        for (index, codec) in request.codecs.iter().enumerate() {
            watch.progress(Stage::Checking, index as f64 / request.codecs.len() as f64);
            if watch.is_stopped() {
                return Err(Error::Cancelled);
            }
            codecs.push(codecs::after(self, *codec));
        }
        Ok(translate(self.measured(), &listened, &request.systems, codecs))
    }
}

/// The pass.
fn listen(
    source: &Source,
    systems: &[System],
    watch: &Watch<'_>,
) -> Result<Listened, acetate_audio::ReadError> {
    let mut blocks = source.blocks()?;
    let mut pass = WatchedPass {
        pass: &mut *blocks,
        watch,
        stage: Stage::Measuring,
        frames: Some(source.frames()),
        position: 0,
    };
    let mut listening = Listening::new(source.spec(), systems);
    let mut block = Audio::silence(source.spec(), 0);
    while acetate_audio::Blocks::next_block(&mut pass, &mut block)? {
        listening.push(&block);
    }
    Ok(listening.finish())
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;

    fn song(frames: usize) -> Song {
        let tone = |n: usize| 0.3 * (std::f32::consts::TAU * 50.0 * n as f32 / 44_100.0).sin();
        let plane: Vec<f32> = (0..frames).map(tone).collect();
        Song::from_samples("song", 44_100, vec![plane.clone(), plane]).unwrap()
    }

    #[test]
    fn a_song_is_heard_on_every_known_system() {
        let request = SimulateRequest::default();
        let found = simulate(&song(200_000), &request, &mut ()).unwrap();
        assert_eq!(found.systems.len(), known().len());
        assert!(found.findings.iter().any(|finding| finding.code == "M121"));
    }

    #[test]
    fn an_observer_can_stop_it() {
        struct Stops;
        impl Observer for Stops {
            fn progress(&mut self, _: Stage, _: f64) -> ControlFlow<()> {
                ControlFlow::Break(())
            }
        }
        let song = song(200_000);
        let stopped = simulate(&song, &SimulateRequest::default(), &mut Stops);
        assert!(matches!(stopped, Err(Error::Cancelled)));
    }
}
