//! What is left of a song elsewhere: on phones, laptops, in cars and clubs, after lossy codecs.

mod codecs;
pub(crate) mod moves;
mod needs;
mod players;
mod rows;
mod sound;
mod stems;
mod systems;

use acetate_analyzer::Measured;
use acetate_audio::{Audio, Source};
use acetate_engine::Settings;
use acetate_translation::{
    Listened, Listening, System, Translation, codes, systems as known, translate,
};

use self::moves::{Attempt, Help, Need, helps};
use crate::check::codec::Lossy;
use crate::observer::{Watch, WatchedPass};
use crate::{Error, Observer, Song, Stage};

pub(crate) use players::heard_at;
pub use players::players;
pub(crate) use rows::rows;
pub use sound::{SimulatedSound, WrittenSound, simulated_files};
pub use systems::{noise_named, system_file, system_named};

/// Where a song is to be heard.
#[derive(Clone, Debug)]
pub struct SimulateRequest {
    /// The systems, in the order in which they are shown.
    pub systems: Vec<System>,
    /// Lossy codecs to send it through; they need its file and an installed ffmpeg.
    pub codecs: Vec<Lossy>,
    /// Systems for which mastering is tried: an answer for each of their needs says what it would win there and cost at home, or why
    /// nothing is to be done. Each try is a render.
    pub for_systems: Vec<System>,
}

impl Default for SimulateRequest {
    /// All systems that are known, and no codec.
    fn default() -> Self {
        Self { systems: known().to_vec(), codecs: Vec::new(), for_systems: Vec::new() }
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
        // Of silence no codec takes anything.
        let has_sound = self.analysis().loudness.integrated_lufs.is_some();
        for (index, codec) in request.codecs.iter().enumerate().filter(|_| has_sound) {
            // An encoder is slow and says nothing meanwhile: each of its steps is told.
            let tell = |share: f64| {
                watch.progress(
                    Stage::Checking,
                    (index as f64 + share) / request.codecs.len() as f64,
                );
            };
            tell(0.0);
            if watch.is_stopped() {
                return Err(Error::Cancelled);
            }
            codecs.push(codecs::after(self, *codec, &tell));
        }
        let mut found = translate(self.measured(), &listened, &request.systems, codecs);
        if has_sound && !request.for_systems.is_empty() {
            let settings = Settings::default();
            let systems = &request.for_systems;
            let helps = helps(self.name(), self.source(), &settings, systems, &watch)?;
            for help in &helps {
                if let Attempt::Tried(help) = help {
                    tell(&mut found, help);
                }
                found.answers.push(help.answer(systems));
            }
        }
        Ok(found)
    }
}

/// Tells a finding what mastering was found to do about it.
fn tell(found: &mut Translation, help: &Help) {
    let code = match help.need {
        Need::Bass => codes::BASS_UNHEARD,
        Need::Mono => codes::CANCELS,
    };
    let of_code = found.findings.iter_mut().find(|finding| finding.code == code);
    let Some(finding) = of_code else { return };
    finding.in_mastering = Some(help.told());
    if help.pays() {
        let what = if help.need == Need::Bass { "bass.heard_pct" } else { "mono.cancelled_pct" };
        let there = (format!("{}.{what}", help.system), help.there_pct);
        let [low, high] = [help.home.low_hz, help.home.high_hz];
        let home = (format!("home.{low:.0}_{high:.0}_hz.phon"), [0.0, help.home.change_phon]);
        finding.step = Some(format!("/settings/{}", help.stage()));
        finding.predicted = [there, home].into();
    }
}

/// What is left of a sound on each system.
///
/// # Errors
/// When it cannot be read again, or the observer stops it.
pub(crate) fn elsewhere(
    name: &str,
    source: &Source,
    measured: &Measured,
    systems: &[System],
    watch: &Watch<'_>,
) -> Result<Translation, Error> {
    let listened = listen(source, systems, watch).map_err(|error| Error::read(name, error))?;
    Ok(translate(measured, &listened, systems, Vec::new()))
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
