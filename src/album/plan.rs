//! A record, decided.

use acetate_optimizer::aim_record;
use acetate_optimizer::album::{RecordPlan, RecordSong, RecordWishes, plan_record};

use super::{Album, AlbumError, AlbumRequest, Layout, disc};
use crate::observer::Watch;
use crate::output::{extension_of, lossy_codec};
use crate::{Error, Observer, Stage};

/// Settings, levels, pauses and places of a whole record, ready to be rendered.
#[derive(Clone, Debug)]
pub struct AlbumPlan {
    pub(crate) record: RecordPlan,
    /// The written files of the layout `streaming`.
    pub(crate) output: acetate_engine::settings::OutputSettings,
    pub(crate) channels: usize,
}

impl AlbumPlan {
    /// What was decided.
    pub fn record(&self) -> &RecordPlan {
        &self.record
    }
}

impl Album {
    /// Decides a record. What a layout cannot hold is found here, before anything is written.
    ///
    /// # Errors
    /// When songs do not go together, what is said of them cannot be, or a layout cannot hold them.
    pub fn plan(
        &self,
        request: &AlbumRequest,
        observer: &mut dyn Observer,
    ) -> Result<AlbumPlan, Error> {
        let wanted = &request.request;
        wanted.check()?;
        disc::check_early(self, request)?;
        let watch = Watch::new(observer);
        let first = self.songs[0].source().format();
        let output = wanted.file.output(None, Some(wanted.delivery()), first)?;
        if lossy_codec(output.format).is_some() {
            return Err(AlbumError::Lossy { format: extension_of(output.format) }.into());
        }
        let channels = first.channels;
        if channels > 2
            && let Some(layout) =
                request.layouts.iter().find(|layout| **layout != Layout::Streaming)
        {
            return Err(AlbumError::Channels { layout: layout.name(), channels }.into());
        }
        let options = wanted.fit_options();
        let sources: Vec<_> =
            self.songs.iter().map(|song| song.source().clone().stopped_by(watch.stop())).collect();
        let songs: Vec<RecordSong<'_>> = (0..self.songs.len())
            .map(|song| RecordSong {
                title: self.title(song),
                source: &sources[song],
                measured: self.songs[song].measured(),
                entry: &self.file.songs[song],
            })
            .collect();
        let wishes = RecordWishes {
            sample_rate_hz: request.wishes.sample_rate_hz.or(output.sample_rate_hz),
            ..request.wishes.clone()
        };
        let mut aim_for = |mix: &acetate_analyzer::Analysis| -> Result<_, Error> {
            let mut aim = wanted.aim(mix)?;
            let target = aim_record(mix, &aim, &options).target;
            if let Some(lufs) = target.and_then(|target| target.integrated_lufs) {
                aim.ceiling_dbtp = wanted.delivery().ceiling_dbtp_at(lufs);
            }
            Ok(aim)
        };
        let mut progress = |share| watch.progress(Stage::Fitting, share);
        let record = plan_record(&songs, &wishes, &options, &mut aim_for, &mut progress);
        if watch.is_stopped() {
            return Err(Error::Cancelled);
        }
        let plan = AlbumPlan { record: record?, output, channels };
        disc::check(self, &plan, request)?;
        Ok(plan)
    }
}
