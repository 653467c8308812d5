//! A stretch of a song, as it is and as settings make it sound: what is heard while they are still being chosen.

use acetate_analyzer::LevelMeter;
use acetate_audio::Audio;
use acetate_audio::units::db_to_amplitude;
use acetate_engine::settings::CompressorSection;
use acetate_engine::{FloatChain, Stage};
use acetate_report::{Place, loudest};

use crate::page::sound::cut;
use crate::{Application, Error, Song};

/// A stretch of sound, and how loud it is.
#[derive(Clone, Debug)]
pub struct Excerpt {
    /// The sound.
    pub audio: Audio,
    /// Where it begins in the song, s.
    pub begin_s: f64,
    /// Its integrated loudness, LUFS; `None` where it is too quiet or too short to have one.
    pub integrated_lufs: Option<f64>,
}

impl Excerpt {
    pub(crate) fn of(audio: Audio, begin_s: f64) -> Self {
        let mut meter = LevelMeter::new(audio.spec());
        meter.push(&audio);
        Self { integrated_lufs: meter.finish().integrated_lufs, audio, begin_s }
    }

    /// What the settings make of it, without dither: the stages begin with it, and the drive stays that of the whole song.
    ///
    /// # Errors
    /// When a setting cannot be used at its rate.
    pub fn mastered(&self, application: &Application) -> Result<Self, Error> {
        let mut settings = application.document().settings.clone();
        let stretch = (self.begin_s, self.audio.duration_s());
        let sections = &mut settings.compressor.sections;
        *sections = CompressorSection::of_stretches(sections, &[stretch]);
        let wrong = |error: &dyn std::fmt::Display| Error::Document {
            name: application.name.clone(),
            reason: error.to_string(),
        };
        let mut chain =
            FloatChain::new(&settings, self.audio.spec()).map_err(|error| wrong(&error))?;
        let mut out = Audio::silence(chain.output_spec(), 0);
        chain.push(&self.audio, &mut out);
        chain.finish(&mut out);
        Ok(Self::of(out, self.begin_s))
    }
}

impl Song {
    /// The sound from `begin_s` on, `length_s` seconds of it or what there is.
    ///
    /// # Errors
    /// When the song cannot be read again.
    pub fn excerpt(&self, begin_s: f64, length_s: f64) -> Result<Excerpt, Error> {
        let begin_s = begin_s.max(0.0);
        let place = Place { at_s: begin_s, length_s, name: "".into() };
        let mut parts =
            cut(self.source(), 0.0, &[place]).map_err(|error| Error::read(self.name(), error))?;
        Ok(Excerpt::of(parts.pop().expect("one place was asked for"), begin_s))
    }

    /// The highest true peak in each of `columns` stretches of equal length, full scale 1.0, as it was measured: nothing is read again.
    pub fn waveform(&self, columns: usize) -> Vec<f32> {
        let steps = &self.measured().series.peak_dbtp;
        let place = |column: usize| (column * steps.len() / columns).min(steps.len());
        let peak = |column: usize| {
            let (from, to) = (place(column), place(column + 1));
            let stretch = &steps[from..to.max(from + 1).min(steps.len())];
            let loudest = stretch.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
            db_to_amplitude(loudest) as f32
        };
        (0..columns).map(peak).collect()
    }

    /// Where its loudest stretch of `length_s` begins, in whole seconds.
    pub fn loudest_s(&self, length_s: f64) -> f64 {
        loudest(&self.measured().series, length_s, self.source().duration_s())
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
        let peaks = song().waveform(4);
        assert!((peaks[0] - 0.1).abs() < 1e-3 && (peaks[2] - 0.2).abs() < 1e-3, "{peaks:?}");
    }

    #[test]
    fn the_loudest_stretch_is_where_it_is_loud_and_a_short_song_is_all_of_it() {
        assert!((5.0..=7.0).contains(&song().loudest_s(3.0)));
        assert_eq!(song().loudest_s(12.0), 0.0);
    }
}
