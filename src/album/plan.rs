//! A record, decided.

use std::path::Path;

use acetate_audio::{Source, SourceFormat};
use acetate_engine::settings::OutputSettings;
use acetate_optimizer::album::{
    JoinWord, Known, RecordPlan, RecordSong, RecordWishes, SuggestedSong, common_rate_hz,
    find_joins, plan_record, suggest_order,
};
use acetate_optimizer::{FitOptions, aim_record};

use super::room::{Kept, ROUNDS_MAX};
use super::{Album, AlbumError, AlbumRequest, Layout, disc};
use crate::observer::Watch;
use crate::{Error, Observer, Stage};

/// Settings, levels, pauses and places of a whole record, ready to be rendered.
#[derive(Clone, Debug)]
pub struct AlbumPlan {
    pub(crate) record: RecordPlan,
    /// The written files of the layout `streaming`.
    pub(crate) output: OutputSettings,
    pub(crate) channels: usize,
}

impl AlbumPlan {
    /// What was decided.
    pub fn record(&self) -> &RecordPlan {
        &self.record
    }
}

impl Album {
    /// What the mixes are like as files: the first, at the rate of the record, with as many bits as any of them.
    fn likeness(&self) -> SourceFormat {
        let formats = || self.songs.iter().map(|song| song.source().format());
        let rates: Vec<u32> = formats().map(|format| format.sample_rate_hz).collect();
        let most = formats().max_by_key(|format| (format.is_float, format.bits));
        let (bits, is_float) = most.map_or((None, false), |format| (format.bits, format.is_float));
        let first = self.songs[0].source().format().clone();
        SourceFormat { sample_rate_hz: common_rate_hz(&rates), bits, is_float, ..first }
    }

    fn sources(&self) -> Vec<Source> {
        self.songs.iter().map(|song| song.source().clone()).collect()
    }

    /// The songs as a plan takes them.
    fn record_songs<'a>(&'a self, sources: &'a [Source]) -> Vec<RecordSong<'a>> {
        let song = |song: usize| RecordSong {
            title: self.title(song),
            source: &sources[song],
            measured: self.songs[song].measured(),
            entry: &self.file.songs[song],
        };
        (0..self.songs.len()).map(song).collect()
    }

    /// An order to be thought about; nothing is changed.
    ///
    /// # Errors
    /// When a song cannot be read again, or is silent.
    pub fn suggest_order(&self) -> Result<Vec<SuggestedSong>, Error> {
        let sources = self.sources();
        Ok(suggest_order(&self.record_songs(&sources))?)
    }

    /// Says of every song that goes on where the one before ended that it does: for the record's file.
    ///
    /// # Errors
    /// As [`Album::suggest_order`].
    pub fn say_joins(&mut self) -> Result<(), Error> {
        let sources = self.sources();
        let joins = find_joins(&self.record_songs(&sources))?;
        for (entry, joined) in self.file.songs.iter_mut().zip(joins) {
            entry.join = joined.then_some(JoinWord::Gapless);
        }
        Ok(())
    }

    /// Decides a record. What a layout cannot hold is found here, before anything is written. Songs that are to be lossy are encoded to see
    /// how far their peaks have to stay under the ceiling.
    ///
    /// # Errors
    /// When songs do not go together, what is said of them cannot be, a layout cannot hold them, or an encoder fails.
    pub fn plan(
        &self,
        request: &AlbumRequest,
        observer: &mut dyn Observer,
    ) -> Result<AlbumPlan, Error> {
        self.plan_again(request, None, observer)
    }

    /// The same for a record that is brought up to date: what was settled in `folder` for the very same songs and wishes is taken from
    /// there.
    ///
    /// # Errors
    /// As [`Album::plan`].
    pub fn plan_update(
        &self,
        request: &AlbumRequest,
        folder: &Path,
        observer: &mut dyn Observer,
    ) -> Result<AlbumPlan, Error> {
        self.plan_again(request, Some(folder), observer)
    }

    fn plan_again(
        &self,
        request: &AlbumRequest,
        folder: Option<&Path>,
        observer: &mut dyn Observer,
    ) -> Result<AlbumPlan, Error> {
        let wanted = &request.request;
        wanted.check()?;
        self.check_mended(request)?;
        disc::check_early(self, request)?;
        let watch = Watch::new(observer);
        let like = self.likeness();
        let output = wanted.file.output(None, Some(wanted.delivery()), &like)?;
        let channels = like.channels;
        if channels > 2
            && let Some(layout) =
                request.layouts.iter().find(|layout| **layout != Layout::Streaming)
        {
            return Err(AlbumError::Channels { layout: layout.name(), channels }.into());
        }
        let known = match folder {
            Some(folder) => self.known_in(&output, channels, request, folder)?,
            None => None,
        };
        let is_known = known.is_some();
        let stored = Stored { output, channels };
        let mut options = wanted.fit_options();
        let mut plan = self.decided(request, &options, known, &stored, &watch)?;
        let kept = Kept::of(&plan);
        for _ in 0..if is_known { 0 } else { ROUNDS_MAX } {
            if !self.make_room(&plan, request, kept, &mut options, &watch)? {
                break;
            }
            plan = self.decided(request, &options, None, &stored, &watch)?;
        }
        disc::check(self, &plan, request)?;
        Ok(plan)
    }

    fn decided(
        &self,
        request: &AlbumRequest,
        options: &FitOptions,
        known: Option<Known>,
        stored: &Stored,
        watch: &Watch<'_>,
    ) -> Result<AlbumPlan, Error> {
        let wanted = &request.request;
        let Stored { output, channels } = stored.clone();
        let sources: Vec<_> =
            self.songs.iter().map(|song| song.source().clone().stopped_by(watch.stop())).collect();
        let songs = self.record_songs(&sources);
        let wishes = RecordWishes {
            sample_rate_hz: request.wishes.sample_rate_hz.or(output.sample_rate_hz),
            known,
            ..request.wishes.clone()
        };
        let mut aim_for = |mix: &acetate_analyzer::Analysis| -> Result<_, Error> {
            let mut aim = wanted.aim(mix)?;
            let target = aim_record(mix, &aim, options).target;
            if let Some(lufs) = target.and_then(|target| target.integrated_lufs) {
                aim.ceiling_dbtp = wanted.delivery().ceiling_dbtp_at(lufs);
            }
            Ok(aim)
        };
        let mut progress = |share| watch.progress(Stage::Fitting, share);
        let record = plan_record(&songs, &wishes, options, &mut aim_for, &mut progress);
        if watch.is_stopped() {
            return Err(Error::Cancelled);
        }
        Ok(AlbumPlan { record: record?, output, channels })
    }
}

/// How samples are stored.
#[derive(Clone)]
struct Stored {
    output: OutputSettings,
    channels: usize,
}
