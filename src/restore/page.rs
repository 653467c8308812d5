//! The page of a restoration.

use acetate_analyzer::{Measured, analyze};
use acetate_audio::Source;
use acetate_audio::units::db_to_amplitude;
use acetate_engine::settings::RestoreSettings;
use acetate_report::{Mark, RepairsPage, repairs_page};

use super::weighted::weighted;
use super::{Found, Restored, mended};
use crate::observer::Watch;
use crate::page::SoundInPage;
use crate::page::sound::{Sounding, listening};
use crate::{Error, Observer, Song, Stage};

/// Most clicks that are drawn on the waveform: of those that fall together one stands for all.
const MARKS_MAX: f64 = 500.0;

impl Song {
    /// The page of what was found in this song and mended: before, after and what was taken away to hear, when it was, and its spectrogram.
    ///
    /// # Errors
    /// When the song cannot be read again, or the observer stops it.
    pub fn repairs_page(
        &self,
        found: &Found,
        restored: &Restored,
        sound: SoundInPage,
        observer: &mut dyn Observer,
    ) -> Result<String, Error> {
        let watch = Watch::new(observer);
        let cannot = |error| Error::read(self.name(), error);
        let plan = &restored.document.settings.restore;
        let source = self.source().clone().stopped_by(watch.stop());
        let after = mended(&source, plan).map_err(cannot)?;
        let gain = room(restored);
        let before_heard = weighted(vec![(source.clone(), gain)]);
        let after_heard = weighted(vec![(after.clone(), gain)]);
        let removed_heard = weighted(vec![(source.clone(), gain), (after.clone(), -gain)]);
        watch.progress(Stage::Verifying, 0.0);
        let difference = weighted(vec![(source.clone(), 1.0), (after.clone(), -1.0)]);
        let taken = analyze(&difference).map_err(cannot)?;
        watch.progress(Stage::Verifying, 0.5);
        let versions = [
            heard("before", self.measured(), &before_heard),
            heard("mended", &restored.after, &after_heard),
            // Nothing is brought to its loudness, and it is not turned up.
            Sounding { lufs: None, ..heard("removed", &taken, &removed_heard) },
        ];
        let mut listening = listening(&versions, None, &[], sound)?;
        if let Some(listening) = &mut listening {
            listening.marks = marks(plan, &source);
        }
        let untouched = restored.changed.as_ref().map(|changed| changed.line());
        Ok(repairs_page(RepairsPage {
            title: self.stem(),
            before: self.measured(),
            after: &restored.after,
            removed: &taken,
            document: &restored.document,
            found: &found.lines,
            untouched: untouched.as_deref(),
            sound: listening.as_ref(),
        }))
    }
}

/// The gain at which what is mended fits under full scale: rebuilt tops go beyond, and the sound of a page has 16 bits.
fn room(restored: &Restored) -> f32 {
    let peak_dbfs = restored.after.analysis.loudness.sample_peak_dbfs.unwrap_or(0.0);
    db_to_amplitude(-peak_dbfs.max(0.0)) as f32
}

/// Where clicks are, as they are drawn.
fn marks(plan: &RestoreSettings, source: &Source) -> Vec<Mark> {
    let rate_hz = f64::from(source.spec().sample_rate_hz);
    let apart_s = source.duration_s() / MARKS_MAX;
    let mut marks: Vec<Mark> = Vec::new();
    for event in plan.clicks.events.iter().filter(|event| event.repair) {
        let at_s = event.start_frame as f64 / rate_hz;
        if marks.last().is_none_or(|last| at_s - last.at_s >= apart_s) {
            marks.push(Mark { at_s, length_s: 0.0, name: String::new() });
        }
    }
    marks
}

fn heard<'a>(name: &str, of: &'a Measured, source: &'a Source) -> Sounding<'a> {
    let (name, lufs) = (name.to_owned(), of.analysis.loudness.integrated_lufs);
    Sounding { name, lufs, series: &of.series, source, begin_s: 0.0 }
}
