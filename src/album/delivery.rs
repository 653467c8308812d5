//! A record rendered, verified and laid out.

use std::fs;
use std::path::{Path, PathBuf};

use acetate_audio::{Audio, PcmBlock};
use acetate_engine::Settings;
use acetate_engine::settings::{OutputFormat, OutputSettings};
use acetate_files::Tags;
use acetate_layouts::{Ean, file_name};
use acetate_optimizer::album::{AlbumDocument, GroupPlan, RecordPlan, render_group};

use super::document::{RECORD_MD5, document};
use super::meters::{Measures, Meters};
use super::sides::{cassette, each_block, render_whole, vinyl};
use super::staging::Staging;
use super::takers::{Takers, format_of};
use super::{ALBUM_PLAN_FILE, Album, AlbumError, AlbumPlan, AlbumRequest, Layout, disc};
use crate::documents::{read_text, readable};
use crate::observer::Watch;
use crate::output::render::came_of;
use crate::output::{IfExists, extension_of, write_text};
use crate::{Error, Observer, Stage};

/// Folders beside the layouts.
const PREVIEW: &str = "preview";
const SINGLES: &str = "singles";
/// What a preview has on each side of a transition, seconds.
const PREVIEW_S: u64 = 5;
/// Fades of the edges of a single that is cut out of a join, ms.
const SINGLE_FADES_MS: (f64, f64) = (5.0, 50.0);

/// A record that was written.
#[derive(Clone, Debug)]
pub struct AlbumMaster {
    /// What was decided, and what came of it.
    pub document: AlbumDocument,
    /// Where the document is.
    pub path: PathBuf,
    /// The folders of the layouts.
    pub folders: Vec<PathBuf>,
    /// A line about each layout that has something to say.
    pub layouts: Vec<(Layout, String)>,
}

impl AlbumMaster {
    /// Does the record measure what was asked for?
    pub fn met(&self) -> bool {
        !self.document.summary.contains("missed")
    }
}

impl AlbumPlan {
    /// The document of a record that is decided and not rendered.
    ///
    /// # Errors
    /// When a song cannot be read again.
    pub fn document(&self, album: &Album, request: &AlbumRequest) -> Result<AlbumDocument, Error> {
        document(album, self, request, None, disc::check(album, self, request)?)
    }
}

impl Album {
    /// Renders a record into `folder`, every layout whole or none, and measures what was written.
    ///
    /// # Errors
    /// When a layout exists and `replace` is not said, a file cannot be written, a song cannot be read again, or the observer stops it.
    pub fn master(
        &self,
        plan: &AlbumPlan,
        request: &AlbumRequest,
        folder: &Path,
        replace: bool,
        observer: &mut dyn Observer,
    ) -> Result<AlbumMaster, Error> {
        let watch = Watch::new(observer);
        let path = folder.join(ALBUM_PLAN_FILE);
        if !replace && path.exists() {
            return Err(Error::Exists { path });
        }
        let notes = disc::check(self, plan, request)?;
        let mut names: Vec<&str> = request.layouts.iter().map(|layout| layout.name()).collect();
        names.extend(request.preview.then_some(PREVIEW));
        names.extend(request.singles.then_some(SINGLES));
        let staging = Staging::begin(folder, &names, replace)?;
        let work = Work { album: self, plan, request, staging: &staging, watch: &watch };
        let mut measures = work.files()?;
        let discs = work.discs(measures.is_none())?;
        measures = measures.or(discs);
        let mut layouts = Vec::new();
        if request.layouts.contains(&Layout::Vinyl) {
            layouts.push((Layout::Vinyl, vinyl(self, plan, request, &staging, &watch)?));
        }
        if request.layouts.contains(&Layout::Cassette) {
            layouts.push((Layout::Cassette, cassette(self, plan, request, &staging, &watch)?));
        }
        if request.singles {
            work.singles()?;
        }
        let document = document(self, plan, request, measures.as_ref(), notes)?;
        let text = readable(&document).map_err(|error| Error::Document {
            name: path.display().to_string(),
            reason: error.to_string(),
        })?;
        let folders = staging.publish()?;
        write_text(&path, &text, if replace { IfExists::Replace } else { IfExists::Refuse })?;
        Ok(AlbumMaster { document, path, folders, layouts })
    }

    /// Whether `folder` holds this very record: the same songs, the same wishes, the same version of the sound, every layout.
    ///
    /// # Errors
    /// When a song cannot be read again.
    pub fn is_current(&self, request: &AlbumRequest, folder: &Path) -> Result<bool, Error> {
        let Ok(text) = read_text(&folder.join(ALBUM_PLAN_FILE)) else { return Ok(false) };
        let Ok(document) = serde_json::from_str::<AlbumDocument>(&text) else { return Ok(false) };
        let there = request.layouts.iter().all(|layout| folder.join(layout.name()).is_dir());
        let made = &document.made_by;
        let wishes = made.extra.get(RECORD_MD5).and_then(|md5| md5.as_str());
        let mut same = there
            && made.sound == acetate_engine::SOUND
            && document.songs.len() == self.songs.len()
            && wishes == Some(self.fingerprint(request).as_str());
        for (song, record) in self.songs.iter().zip(&document.songs) {
            same = same && song.pcm_md5()? == record.pcm_md5;
        }
        Ok(same)
    }

    /// The name of a song's file.
    pub(super) fn song_file(&self, plan: &AlbumPlan, song: usize) -> String {
        file_name(song + 1, self.title(song), extension_of(plan.output.format))
    }

    fn cover(&self) -> Result<Option<Vec<u8>>, Error> {
        let Some(name) = &self.file.cover else { return Ok(None) };
        let path = self.folder.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(_) => Err(AlbumError::Missing { song: "cover".to_owned(), path }.into()),
        }
    }

    /// What the tags of a song's file say.
    fn tags(&self, song: usize, cover: Option<&[u8]>) -> Tags {
        let (file, entry) = (&self.file, &self.file.songs[song]);
        let artist = entry.artist.clone().or_else(|| file.artist.clone());
        let isrc = entry.isrc.as_deref().map(|isrc| isrc.replace('-', "").to_uppercase());
        let barcode = file.upc.as_deref().and_then(|upc| Ean::parse(upc).ok());
        let said = [
            ("TITLE", Some(self.title(song).to_owned())),
            ("ARTIST", artist),
            ("ALBUMARTIST", file.artist.clone()),
            ("ALBUM", file.title.clone()),
            ("TRACKNUMBER", Some((song + 1).to_string())),
            ("TRACKTOTAL", Some(self.songs.len().to_string())),
            ("DISCNUMBER", Some("1".to_owned())),
            ("DATE", file.date.clone()),
            ("GENRE", file.genre.clone()),
            ("COMPOSER", entry.composer.clone()),
            ("LYRICIST", entry.songwriter.clone()),
            ("ARRANGER", entry.arranger.clone()),
            ("ISRC", isrc),
            ("BARCODE", barcode.map(|ean| ean.to_string())),
            ("CATALOGNUMBER", file.catalog.clone()),
        ];
        let comments = said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Tags::of(comments.collect(), cover)
    }
}

/// A record on its way into its layouts.
pub(super) struct Work<'a, 'w> {
    pub(super) album: &'a Album,
    pub(super) plan: &'a AlbumPlan,
    pub(super) request: &'a AlbumRequest,
    pub(super) staging: &'a Staging,
    pub(super) watch: &'a Watch<'w>,
}

impl Work<'_, '_> {
    fn record(&self) -> &RecordPlan {
        &self.plan.record
    }

    /// The layout `streaming` and the previews, in one run; what the songs measure.
    fn files(&self) -> Result<Option<Measures>, Error> {
        let wants = self.request.layouts.contains(&Layout::Streaming);
        if !wants && !self.request.preview {
            return Ok(None);
        }
        let record = self.record();
        let rate = record.timeline.sample_rate_hz;
        let format = format_of(&self.plan.output, rate, self.plan.channels);
        let mut takers = Takers::default();
        let mut paths = Vec::new();
        if wants {
            let cover = self.album.cover()?;
            for song in 0..record.songs.len() {
                let path = self
                    .staging
                    .path(Layout::Streaming.name())
                    .join(self.album.song_file(self.plan, song));
                let tags = self.album.tags(song, cover.as_deref());
                takers.sound(&path, format, &tags, record.timeline.file(song), 0)?;
                paths.push(path);
            }
        }
        if self.request.preview {
            for song in 1..record.songs.len() {
                let at = record.timeline.file(song).start;
                let around = PREVIEW_S * u64::from(rate);
                let range = at.saturating_sub(around)..(at + around).min(record.timeline.frames());
                let (before, title) = (self.album.title(song - 1), self.album.title(song));
                let name = file_name(song, &format!("{before} - {title}"), "wav");
                let output =
                    OutputSettings { format: OutputFormat::Wav, ..self.plan.output.clone() };
                let format = format_of(&output, rate, self.plan.channels);
                takers.sound(
                    &self.staging.path(PREVIEW).join(name),
                    format,
                    &Tags::none(),
                    range,
                    0,
                )?;
            }
        }
        let take = &mut |block: &PcmBlock| takers.take(block);
        render_whole(record, &self.plan.output, self.plan.channels, take, self.watch)?;
        takers.finish()?;
        if wants { self.measure(&paths).map(Some) } else { Ok(None) }
    }

    /// The songs alone, as plain files in one of the folders that are being made.
    pub(super) fn songs_in(&self, folder: &str) -> Result<Vec<PathBuf>, Error> {
        let record = self.record();
        let format =
            format_of(&self.plan.output, record.timeline.sample_rate_hz, self.plan.channels);
        let mut takers = Takers::default();
        let mut paths = Vec::new();
        for song in 0..record.songs.len() {
            let path = self.staging.path(folder).join(self.album.song_file(self.plan, song));
            takers.sound(&path, format, &Tags::none(), record.timeline.file(song), 0)?;
            paths.push(path);
        }
        let take = &mut |block: &PcmBlock| takers.take(block);
        render_whole(record, &self.plan.output, self.plan.channels, take, self.watch)?;
        takers.finish()?;
        Ok(paths)
    }

    /// What files measure, each, in their groups and end to end, as they were written.
    fn measure(&self, paths: &[PathBuf]) -> Result<Measures, Error> {
        let mut meters = Meters::new(self.record(), self.plan.channels);
        let mut md5 = Vec::new();
        for (path, song) in paths.iter().zip(1..) {
            md5.push(each_block(path, &mut |block| {
                meters.push(block);
                Ok(())
            })?);
            self.watch.progress(Stage::Verifying, song as f64 / paths.len() as f64);
        }
        Ok(Measures { md5, ..meters.finish() })
    }

    /// Every disc in one run; what its songs measure, when that is asked for.
    fn discs(&self, measured: bool) -> Result<Option<Measures>, Error> {
        if !disc::wants_disc(self.request) {
            return Ok(None);
        }
        let output = disc::disc_output(self.plan);
        let record = match self.record().timeline.sample_rate_hz {
            disc::DISC_RATE_HZ => self.record().clone(),
            _ => self.record().at_rate(disc::DISC_RATE_HZ),
        };
        let mut takers = Takers::default();
        disc::begin(self.album, self.plan, self.request, self.staging, &mut takers)?;
        let mut meters = Meters::new(&record, 2);
        let mut decoded = Audio::silence(meters.spec, 0);
        let mut both = |block: &PcmBlock| {
            if measured {
                block.decode_into(&mut decoded);
                meters.push(&decoded);
            }
            takers.take(block)
        };
        render_whole(&record, &output, 2, &mut both, self.watch)?;
        takers.finish()?;
        disc::finish(self.album, self.plan, self.request, self.staging)?;
        Ok(measured.then(|| meters.finish()))
    }

    /// Songs that are joined to others, each for itself with clean edges; the others as they are.
    fn singles(&self) -> Result<(), Error> {
        let record = self.record();
        let rate = record.timeline.sample_rate_hz;
        let cover = self.album.cover()?;
        let format = format_of(&self.plan.output, rate, self.plan.channels);
        for (song, decided) in record.songs.iter().enumerate() {
            let group = &record.groups[decided.group];
            let settings = self.single(song, group);
            let alone = GroupPlan { settings, ..group.clone() };
            let path = self.staging.path(SINGLES).join(self.album.song_file(self.plan, song));
            let tags = self.album.tags(song, cover.as_deref());
            let mut takers = Takers::default();
            takers.sound(&path, format, &tags, 0..u64::MAX, 0)?;
            let take = &mut |block: &PcmBlock| takers.take(block);
            let rendered = render_group(&alone, &self.plan.output, self.plan.channels, take);
            came_of(rendered, self.album.title(song), self.watch)?;
            takers.finish()?;
        }
        Ok(())
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
