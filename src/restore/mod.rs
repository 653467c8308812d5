//! What is broken in a recording is found, and mended: everything else stays as it is.

mod changed;
mod error;
mod feed;
mod found;
mod kinds;
mod mended;
mod page;
mod places;
mod search;
mod weighted;
mod wish;

use std::path::{Path, PathBuf};

use acetate_analyzer::Measured;
use acetate_audio::units::amplitude_to_db;
use acetate_engine::Settings;
use acetate_engine::settings::RestoreSettings;
use acetate_optimizer::{SettingsDocument, repair_moves};

pub use acetate_analyzer::restore::DamageKinds;
pub use changed::Changed;
pub use error::RestoreError;
pub use found::Found;
pub use kinds::mended_kinds;
pub(crate) use mended::mended;
pub use wish::{KIND_NAMES, RestoreMode, RestoreWish};

use crate::observer::Watch;
use crate::output::publish::publish;
use crate::output::render::Rendered;
use crate::{Error, Observer, Output, Song, made_by};

/// A restored file that was written, and what became of its samples.
#[derive(Debug)]
pub struct Restored {
    /// The settings that make it again: what was broken, event by event.
    pub document: SettingsDocument,
    /// What the file measures, decoded again.
    pub after: Measured,
    /// What is not as it was; `None` of a lossy file, in which nothing is.
    pub changed: Option<Changed>,
    /// The file; `None` for a stream or memory.
    pub path: Option<PathBuf>,
    /// Its settings file.
    pub settings: Option<PathBuf>,
    /// The file, when it was made in memory.
    pub bytes: Option<Vec<u8>>,
}

/// Finds what is broken in a song and mends it in one go: [`Song::find_damage`], then [`Song::restore`]. `None` where nothing is: then
/// nothing is written.
///
/// # Errors
/// Those of both.
pub fn restore(
    song: &Song,
    wish: &RestoreWish,
    output: Output,
    observer: &mut dyn Observer,
) -> Result<Option<Restored>, Error> {
    let found = song.find_damage(wish, observer)?;
    if found.settings.is_neutral() {
        return Ok(None);
    }
    song.restore(&found.settings, wish, output, observer).map(Some)
}

impl Song {
    /// Looks for damage, in one pass (two where there are clipped tops) and in bounded memory, and says what is to be done about it.
    ///
    /// # Errors
    /// When the song cannot be read again, or the observer stops it.
    pub fn find_damage(
        &self,
        wish: &RestoreWish,
        observer: &mut dyn Observer,
    ) -> Result<Found, Error> {
        self.damage(wish, &Watch::new(observer))
    }

    /// The same, for a use case that is watched already.
    pub(crate) fn damage(&self, wish: &RestoreWish, watch: &Watch<'_>) -> Result<Found, Error> {
        let source = self.source().clone().stopped_by(watch.stop());
        search::search(&source, wish, watch).map_err(|error| Error::read(self.name(), error))
    }

    /// The repairs of settings that were made for this song, perhaps edited.
    ///
    /// # Errors
    /// When they were made for another sound: the places of its damage mean nothing here. And when a repair lies beyond this one.
    pub fn planned_repairs(&self, document: &SettingsDocument) -> Result<Found, Error> {
        self.expect_own_repairs(document)?;
        Ok(Found::planned(document.settings.restore.clone()))
    }

    /// Expects that the places of repairs, where there are any, are in this sound, and were found in it.
    pub(crate) fn expect_own_repairs(&self, document: &SettingsDocument) -> Result<(), Error> {
        let restore = &document.settings.restore;
        let places = restore.clicks.events.len()
            + restore.crackle.sections.len()
            + restore.clipping.sections.len();
        let made_for = document.source.as_ref().filter(|_| places > 0);
        self.expect_made_for(made_for)?;
        places::expect_within(self, restore).map_err(Error::from)
    }

    /// Mends what a plan names, verifies the file that was written, and gives it its name only then.
    ///
    /// # Errors
    /// When the plan is out of its ranges or names a place beyond this sound (that it was found in it is not looked at: it may be written by
    /// hand), what is rebuilt goes beyond full scale and integers were asked for, the song cannot be read again, the
    /// output cannot be written or exists, or the observer stops it.
    pub fn restore(
        &self,
        plan: &RestoreSettings,
        wish: &RestoreWish,
        output: Output,
        observer: &mut dyn Observer,
    ) -> Result<Restored, Error> {
        places::expect_within(self, plan)?;
        let watch = Watch::new(observer);
        let settings = Settings {
            restore: plan.clone(),
            output: wish.whole_file(plan, output.path())?.output(
                output.path(),
                None,
                self.source().format(),
            )?,
            ..Settings::default()
        };
        let rendered = self.render(&settings, None, &output, &watch)?;
        if let Err(over) = self.expect_room(&settings, &rendered, &output) {
            // What hum or hiss held back by a hair is told; what was asked for cannot be without it.
            if wish.file.bits.is_some() || !plan.clipping.is_neutral() {
                return Err(over.into());
            }
            watch.note(&format!("{over}: it is cut off there, and 32-bit floats hold it"));
        }
        let removed = wish.removed();
        let changed = changed::compare(self, &settings, &rendered, removed, &watch)?;
        let (changed, removed) = (changed.changed, changed.removed);
        let mut document = SettingsDocument::new(settings);
        document.summary = found::summary(plan);
        document.moves = repair_moves(plan);
        document.numbers.before = Some(self.analysis().clone());
        document.numbers.after = Some(rendered.after.analysis.clone());
        let mut record = self.record()?;
        record.stamp = crate::output::stamp(self);
        document.source = Some(record);
        document.made_by = Some(made_by(wish.command.clone(), 1, &wish.md5()));
        let after = rendered.after.clone();
        let path = output.path().map(Path::to_owned);
        let published = publish(rendered, output, &document)?;
        if let Some(removed) = removed {
            removed.publish()?;
        }
        let (settings, bytes) = (published.settings, published.bytes);
        Ok(Restored { document, after, changed, path, settings, bytes })
    }

    /// Expects that what was rendered to integers did not go beyond them.
    ///
    /// # Errors
    /// When it did: how far.
    pub(crate) fn expect_room(
        &self,
        settings: &Settings,
        rendered: &Rendered,
        output: &Output,
    ) -> Result<(), RestoreError> {
        let over_db = amplitude_to_db(f64::from(rendered.trace.rounded_peak).max(1.0));
        if over_db <= 0.0 {
            return Ok(());
        }
        let name =
            output.path().map_or_else(|| self.name().to_owned(), |path| path.display().to_string());
        let bits = settings.output.bits.format().bits();
        Err(RestoreError::OverFullScale { name, over_db, bits })
    }
}
