//! A stretch of a song, as it is and as settings make it sound: what is heard while they are still being chosen.

use acetate_analyzer::LevelMeter;
use acetate_audio::{Audio, BLOCK_FRAMES};
use acetate_engine::{FloatChain, Stage};
use acetate_report::Place;

use crate::page::sound::cut;
use crate::{Application, Error, Song};

/// A stretch of sound, and how loud it is.
#[derive(Clone, Debug)]
pub struct Excerpt {
    /// The sound.
    pub audio: Audio,
    /// Its integrated loudness, LUFS; `None` where it is too quiet or too short to have one.
    pub integrated_lufs: Option<f64>,
}

impl Excerpt {
    fn of(audio: Audio) -> Self {
        let mut meter = LevelMeter::new(audio.spec());
        meter.push(&audio);
        Self { integrated_lufs: meter.finish().integrated_lufs, audio }
    }

    /// What the settings make of it, without dither: the stages begin with it, and the drive stays that of the whole song.
    ///
    /// # Errors
    /// When a setting cannot be used at its rate.
    pub fn mastered(&self, application: &Application) -> Result<Self, Error> {
        let settings = &application.document().settings;
        let wrong = |error: &dyn std::fmt::Display| Error::Document {
            name: application.name.clone(),
            reason: error.to_string(),
        };
        let spec = self.audio.spec();
        let mut chain = FloatChain::new(settings, spec).map_err(|error| wrong(&error))?;
        let mut out = Audio::silence(chain.output_spec(), 0);
        let mut block = Audio::silence(spec, 0);
        for from in (0..self.audio.frames()).step_by(BLOCK_FRAMES) {
            let to = self.audio.frames().min(from + BLOCK_FRAMES);
            for (part, all) in block.planes_mut().iter_mut().zip(self.audio.planes()) {
                part.clear();
                part.extend_from_slice(&all[from..to]);
            }
            chain.push(&block, &mut out);
        }
        chain.finish(&mut out);
        Ok(Self::of(out))
    }
}

impl Song {
    /// The sound from `begin_s` on, `length_s` seconds of it or what there is.
    ///
    /// # Errors
    /// When the song cannot be read again.
    pub fn excerpt(&self, begin_s: f64, length_s: f64) -> Result<Excerpt, Error> {
        let place = Place { at_s: begin_s.max(0.0), length_s, name: "".into() };
        let mut parts =
            cut(self.source(), 0.0, &[place]).map_err(|error| Error::read(self.name(), error))?;
        Ok(Excerpt::of(parts.pop().expect("one place was asked for")))
    }

    /// The highest sample peak of any channel in each of `columns` stretches of equal length, full scale 1.0.
    ///
    /// # Errors
    /// When the song cannot be read again.
    pub fn waveform(&self, columns: usize) -> Result<Vec<f32>, Error> {
        let cannot = |error| Error::read(self.name(), error);
        let mut peaks = vec![0.0f32; columns];
        let frames = self.source().frames().max(1);
        let mut pass = self.source().blocks().map_err(cannot)?;
        let mut block = Audio::silence(self.source().spec(), 0);
        let mut position = 0u64;
        while pass.next_block(&mut block).map_err(cannot)? {
            for plane in block.planes() {
                for (frame, sample) in (position..).zip(plane) {
                    let column = u128::from(frame) * columns as u128 / u128::from(frames);
                    if let Some(peak) = peaks.get_mut(column as usize) {
                        *peak = peak.max(sample.abs());
                    }
                }
            }
            position += block.frames() as u64;
        }
        Ok(peaks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;

    fn song() -> Song {
        let sine = |index: usize| 0.2 * libm::sinf(index as f32 * 0.05);
        let loud_later =
            |index: usize| if index < 240_000 { 0.5 * sine(index) } else { sine(index) };
        Song::from_samples("mix", 48_000, vec![(0..480_000).map(loud_later).collect(); 2]).unwrap()
    }

    #[test]
    fn an_excerpt_is_the_frames_asked_for_and_no_more_than_there_are() {
        let song = song();
        let all = song.source().audio().unwrap().clone();
        let part = song.excerpt(5.0, 2.0).unwrap();
        assert_eq!(part.audio.planes()[0], all.planes()[0][240_000..336_000]);
        assert_eq!(song.excerpt(9.5, 2.0).unwrap().audio.frames(), 24_000);
        assert_eq!(song.excerpt(20.0, 2.0).unwrap().integrated_lufs, None);
    }

    #[test]
    fn an_excerpt_is_mastered_as_long_as_it_is_and_as_loud_as_the_song_becomes() {
        let song = song();
        let plan = song.suggest(&Request::default(), &mut ()).unwrap();
        let part = song.excerpt(5.0, 4.0).unwrap();
        let mastered = part.mastered(&Application::of(plan.document.clone())).unwrap();
        assert_eq!(mastered.audio.frames(), part.audio.frames());
        let gain_db = mastered.integrated_lufs.unwrap() - part.integrated_lufs.unwrap();
        let drive_db = plan.document.settings.drive_db;
        assert!((gain_db - drive_db).abs() < 0.2, "{gain_db} for {drive_db} dB");
    }

    #[test]
    fn the_waveform_has_the_peak_of_each_stretch() {
        let peaks = song().waveform(4).unwrap();
        assert!((peaks[0] - 0.1).abs() < 1e-3 && (peaks[3] - 0.2).abs() < 1e-3, "{peaks:?}");
    }
}
