//! The songs of a record as files: the layout `streaming`, previews, singles.

use std::fs;
use std::path::{Path, PathBuf};

use acetate_audio::{AudioSpec, PcmBlock};
use acetate_engine::Settings;
use acetate_engine::settings::{OutputFormat, OutputSettings};
use acetate_files::Tags;
use acetate_layouts::file_name;
use acetate_optimizer::album::{GroupPlan, render_group};

use super::delivery::{PREVIEW, SINGLES, Work};
use super::meters::{Measures, Meters};
use super::sides::{each_block, render_rest, render_whole};
use super::takers::{Takers, format_of};
use super::{Album, AlbumPlan, Layout};
use crate::output::render::came_of;
use crate::output::{extension_of, lossy_codec};
use crate::{Error, Stage};

/// What a preview has on each side of a transition, seconds.
const PREVIEW_S: u64 = 5;
/// Fades of the edges of a single that is cut out of a join, ms.
const SINGLE_FADES_MS: (f64, f64) = (5.0, 50.0);

impl Album {
    /// The name of a song's file.
    pub(super) fn song_file(&self, plan: &AlbumPlan, song: usize) -> String {
        file_name(song + 1, self.title(song), extension_of(plan.output.format))
    }

    /// The name of the file around the beginning of a song, which is not the first.
    pub(super) fn preview_file(&self, song: usize) -> String {
        file_name(song, &format!("{} - {}", self.title(song - 1), self.title(song)), "wav")
    }
}

impl Work<'_, '_> {
    /// The layout `streaming` and the previews, in one run.
    pub(super) fn files(&self) -> Result<(), Error> {
        let wants = self.request.layouts.contains(&Layout::Streaming);
        if !wants && !self.request.preview {
            return Ok(());
        }
        let record = self.record();
        let mut takers = Takers::default();
        if wants {
            self.take_songs(Layout::Streaming.name(), &mut takers)?;
        }
        if self.request.preview {
            self.take_previews(&mut takers)?;
        }
        let take = &mut |block: &PcmBlock| takers.take(block);
        let output = &self.plan.output;
        render_rest(
            record,
            output,
            self.plan.channels,
            &mut |group, sink| {
                self.before.map_or(Ok(false), |before| before.song_group(self.plan, group, sink))
            },
            take,
            self.watch,
        )?;
        takers.finish()?;
        if wants { self.complete(Layout::Streaming.name()) } else { Ok(()) }
    }

    /// The songs alone, in one of the folders that are being made.
    pub(super) fn songs_in(&self, folder: &str) -> Result<Vec<PathBuf>, Error> {
        let mut takers = Takers::default();
        self.take_songs(folder, &mut takers)?;
        let take = &mut |block: &PcmBlock| takers.take(block);
        let (record, output) = (self.record(), &self.plan.output);
        render_whole(record, output, self.plan.channels, take, self.watch)?;
        takers.finish()?;
        self.complete(folder)?;
        Ok(self.album.song_files(self.plan, &self.staging.path(folder)))
    }

    fn take_songs(&self, folder: &str, takers: &mut Takers) -> Result<(), Error> {
        let record = self.record();
        let rate = record.timeline.sample_rate_hz;
        let format = format_of(&self.plan.output, rate, self.plan.channels);
        let cover = self.album.cover()?;
        for song in 0..record.songs.len() {
            let tags = self.album.tags(song, cover.as_deref());
            let path = self.plain_path(folder, song);
            takers.sound(&path, format, &tags, record.timeline.file(song), 0)?;
        }
        Ok(())
    }

    fn take_previews(&self, takers: &mut Takers) -> Result<(), Error> {
        let record = self.record();
        let rate = record.timeline.sample_rate_hz;
        let output = OutputSettings { format: OutputFormat::Wav, ..self.plan.output.clone() };
        let format = format_of(&output, rate, self.plan.channels);
        for song in 1..record.songs.len() {
            let at = record.timeline.file(song).start;
            let around = PREVIEW_S * u64::from(rate);
            let range = at.saturating_sub(around)..(at + around).min(record.timeline.frames());
            let path = self.staging.path(PREVIEW).join(self.album.preview_file(song));
            takers.sound(&path, format, &Tags::none(), range, 0)?;
        }
        Ok(())
    }

    /// A song's file as it is rendered: the file itself, or what an encoder gets.
    fn plain_path(&self, folder: &str, song: usize) -> PathBuf {
        let path = self.staging.path(folder).join(self.album.song_file(self.plan, song));
        match lossy_codec(self.plan.output.format) {
            Some(_) => path.with_extension("plain.wav"),
            None => path,
        }
    }

    /// Has the songs of a folder encoded, where they are to be lossy.
    fn complete(&self, folder: &str) -> Result<(), Error> {
        let cover = self.album.cover()?;
        for song in 0..self.album.songs.len() {
            self.encode(folder, song, cover.as_deref())?;
            if self.watch.is_stopped() {
                return Err(Error::Cancelled);
            }
        }
        Ok(())
    }

    fn encode(&self, folder: &str, song: usize, cover: Option<&[u8]>) -> Result<(), Error> {
        let output = &self.plan.output;
        let Some(codec) = lossy_codec(output.format) else { return Ok(()) };
        let path = self.staging.path(folder).join(self.album.song_file(self.plan, song));
        let plain = self.plain_path(folder, song);
        let spec = AudioSpec::new(self.record().timeline.sample_rate_hz, self.plan.channels);
        let kbps = output.bitrate_kbps.unwrap_or(codec.usual_kbps);
        let name = || self.album.title(song).to_owned();
        codec
            .encode(&plain, spec, kbps, &path)
            .map_err(|reason| Error::Encoder { name: name(), reason })?;
        if let Err(warning) = self.album.tags(song, cover).write_to_coded(&path) {
            self.watch.note(&format!("{}: {warning}", name()));
        }
        fs::remove_file(&plain).map_err(|reason| Error::Write { path: plain, reason })
    }

    /// What the songs in a folder measure, each, in their groups and end to end, as they were written.
    pub(super) fn measure(&self, folder: &Path) -> Result<Measures, Error> {
        let paths = self.album.song_files(self.plan, folder);
        let mut meters = Meters::new(self.record(), self.plan.channels);
        let mut md5 = Vec::new();
        for (path, song) in paths.iter().zip(1..) {
            md5.push(each_block(path, &mut |block| {
                meters.push_of_song(block);
                Ok(())
            })?);
            meters.next_song();
            self.watch.progress(Stage::Verifying, song as f64 / paths.len() as f64);
        }
        Ok(Measures { md5, ..meters.finish() })
    }

    /// Songs that are joined to others, each for itself with clean edges; the others as they are.
    pub(super) fn singles(&self) -> Result<(), Error> {
        let record = self.record();
        let rate = record.timeline.sample_rate_hz;
        let cover = self.album.cover()?;
        let format = format_of(&self.plan.output, rate, self.plan.channels);
        for (song, decided) in record.songs.iter().enumerate() {
            let group = &record.groups[decided.group];
            let settings = self.single(song, group);
            let alone = GroupPlan { settings, ..group.clone() };
            let tags = self.album.tags(song, cover.as_deref());
            let mut takers = Takers::default();
            takers.sound(&self.plain_path(SINGLES, song), format, &tags, 0..u64::MAX, 0)?;
            let take = &mut |block: &PcmBlock| takers.take(block);
            let rendered = render_group(&alone, &self.plan.output, self.plan.channels, take);
            came_of(rendered, self.album.title(song), self.watch)?;
            takers.finish()?;
        }
        self.complete(SINGLES)
    }

    /// The settings of a group, trimmed to one of its songs.
    fn single(&self, song: usize, group: &GroupPlan) -> Settings {
        let timeline = &self.record().timeline;
        let rate = f64::from(timeline.sample_rate_hz);
        let start = timeline.frame(timeline.groups[self.record().songs[song].group]);
        let file = timeline.file(song);
        let mut settings = group.settings.clone();
        if song > group.songs.start {
            settings.input.trim_start_s += (file.start - start) as f64 / rate;
            settings.fades.in_ms = SINGLE_FADES_MS.0;
        }
        if song + 1 < group.songs.end {
            settings.input.trim_end_s += (start + group.frames - file.end) as f64 / rate;
            settings.fades.out_ms = SINGLE_FADES_MS.1;
        }
        settings
    }
}
