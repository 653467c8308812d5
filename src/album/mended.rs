//! The songs of a record as they are once they are mended.

use acetate_engine::settings::RestoreSettings;

use super::{Album, AlbumError, AlbumRequest};
use crate::observer::Watch;
use crate::restore::{DamageKinds, RestoreMode, RestoreWish, mended};
use crate::{Error, Observer, Song};

impl Album {
    /// The record with its songs mended, where the request wants that ([`RestoreMode::Repair`]): what is decided, rendered and measured from here
    /// on is the mended sound. Each song keeps its name, its tags and the fingerprint of its file; what was found is told song by song and
    /// stands in the plan.
    ///
    /// # Errors
    /// When a song cannot be read again, or the observer stops it.
    pub fn mended(
        mut self,
        request: &AlbumRequest,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        if request.request.restore != RestoreMode::Repair || self.is_mended() {
            return Ok(self);
        }
        let mut repairs = Vec::new();
        let joins: Vec<bool> = self.file.songs.iter().map(|entry| entry.join.is_some()).collect();
        for (index, song) in self.songs.iter_mut().enumerate() {
            let runs_on = [index, index + 1].iter().any(|&at| joins.get(at) == Some(&true));
            let (mended, found) = mended_song(song, runs_on, observer)?;
            *song = mended;
            repairs.push(found);
        }
        self.repairs = repairs;
        Ok(self)
    }

    /// What was mended in a song.
    pub(super) fn repairs(&self, song: usize) -> RestoreSettings {
        self.repairs.get(song).cloned().unwrap_or_default()
    }

    /// Fails where the request wants repairs that were not made.
    pub(super) fn check_mended(&self, request: &AlbumRequest) -> Result<(), AlbumError> {
        match request.request.restore {
            RestoreMode::Repair if !self.is_mended() => Err(AlbumError::NotMended),
            _ => Ok(()),
        }
    }

    fn is_mended(&self) -> bool {
        self.repairs.len() == self.songs.len()
    }
}

/// So near to a song's begin and end nothing is mended as a click, frames: where songs go on in each other, each is seen from one side only.
const EDGE_FRAMES: u64 = 4_096;

/// Leaves what a song may share with the one before or after it.
fn leave_edges(repairs: &mut RestoreSettings, frames: u64) {
    let inside = EDGE_FRAMES..frames.saturating_sub(EDGE_FRAMES);
    repairs.clicks.events.retain(|click| {
        inside.contains(&click.start_frame) && inside.contains(&(click.start_frame + click.frames))
    });
}

/// A song that runs on into another keeps what lies under all of it: what was subtracted from one alone would be a step where they meet.
fn mended_song(
    song: &Song,
    runs_on: bool,
    observer: &mut dyn Observer,
) -> Result<(Song, RestoreSettings), Error> {
    let wish = RestoreWish::default();
    let kinds = DamageKinds {
        hum: wish.kinds.hum && !runs_on,
        hiss: wish.kinds.hiss && !runs_on,
        ..wish.kinds
    };
    let mut found = song.damage(&RestoreWish { kinds, ..wish }, &Watch::new(observer))?;
    leave_edges(&mut found.settings, song.source().frames());
    for line in song.remarks_about(found.untold()) {
        observer.note(&line);
    }
    if found.settings.is_neutral() {
        return Ok((song.clone(), found.settings));
    }
    for line in found.told() {
        observer.note(&format!("{}: {line}", song.short_name()));
    }
    let source =
        mended(song.source(), &found.settings).map_err(|error| Error::read(song.name(), error))?;
    Ok((song.mended(source, observer)?, found.settings))
}
