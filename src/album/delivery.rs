//! A record rendered, verified and laid out.

use std::fs;
use std::path::{Path, PathBuf};

use acetate_audio::{Audio, PcmBlock};
use acetate_files::Tags;
use acetate_layouts::Ean;
use acetate_optimizer::album::{AlbumDocument, RecordPlan};

use super::before::Before;
use super::document::{RECORD_MD5, document};
use super::meters::{Measures, Meters};
use super::sides::{cassette, render_rest, vinyl};
use super::staging::Staging;
use super::takers::Takers;
use super::{ALBUM_PLAN_FILE, Album, AlbumError, AlbumPlan, AlbumRequest, Layout, disc};
use crate::documents::{read_text, readable};
use crate::observer::Watch;
use crate::{Error, Observer};

/// Folders beside the layouts.
pub(super) const PREVIEW: &str = "preview";
pub(super) const SINGLES: &str = "singles";
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
    /// Layouts that were there already and stayed as they were.
    pub kept: Vec<Layout>,
    /// Songs that were not rendered again, for their samples were there: their numbers from 1.
    pub taken: Vec<usize>,
    /// Folders of an earlier run that this one did not make, and that were made of something else.
    pub outdated: Vec<&'static str>,
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
        let path = folder.join(ALBUM_PLAN_FILE);
        if !replace && path.exists() {
            return Err(Error::Exists { path });
        }
        self.deliver(plan, request, folder, replace, None, observer)
    }

    /// Brings what is in `folder` up to date: layouts in which nothing changed stay, in the others only songs that changed are rendered,
    /// where the samples of the others are there still, as they were written.
    ///
    /// # Errors
    /// When a file cannot be written, a song cannot be read again, or the observer stops it.
    pub fn update(
        &self,
        plan: &AlbumPlan,
        request: &AlbumRequest,
        folder: &Path,
        observer: &mut dyn Observer,
    ) -> Result<AlbumMaster, Error> {
        let before = Before::find(self, plan, folder)?;
        self.deliver(plan, request, folder, true, before.as_ref(), observer)
    }

    fn deliver(
        &self,
        plan: &AlbumPlan,
        request: &AlbumRequest,
        folder: &Path,
        replace: bool,
        before: Option<&Before>,
        observer: &mut dyn Observer,
    ) -> Result<AlbumMaster, Error> {
        let watch = Watch::new(observer);
        let path = folder.join(ALBUM_PLAN_FILE);
        let notes = disc::check(self, plan, request)?;
        let prints = self.layout_fingerprints(plan, request)?;
        let outdated = self.outdated(plan, request, folder)?;
        let stays = |layout: &Layout| {
            before.is_some_and(|before| before.stays(self, plan, *layout, &prints))
        };
        let (kept, due): (Vec<Layout>, Vec<Layout>) =
            request.layouts.iter().partition(|l| stays(l));
        let rest = AlbumRequest { layouts: due, ..request.clone() };
        let mut names: Vec<&str> = rest.layouts.iter().map(|layout| layout.name()).collect();
        names.extend(request.preview.then_some(PREVIEW));
        names.extend(request.singles.then_some(SINGLES));
        let mut staging = Staging::begin(folder, &names, replace)?;
        let work =
            Work { album: self, plan, request: &rest, staging: &staging, watch: &watch, before };
        let laid = work.lay_out(request, &kept, folder);
        let (measures, layouts) = laid.map_err(|error| staging.in_its_place(error))?;
        let mut document = document(self, plan, request, measures.as_ref(), notes)?;
        let extra = &mut document.made_by.extra;
        Before::write(before, self, plan, &rest, &staging, prints, extra)?;
        self.keep_settled(plan, request, extra)?;
        let text = readable(&document).map_err(|error| Error::Document {
            name: path.display().to_string(),
            reason: error.to_string(),
        })?;
        staging.file(ALBUM_PLAN_FILE, &text)?;
        let mut folders = staging.publish()?;
        folders.retain(|path| path.is_dir());
        folders.extend(kept.iter().map(|layout| folder.join(layout.name())));
        let taken = before.map_or_else(Vec::new, |before| before.taken(plan));
        Ok(AlbumMaster { document, path, folders, layouts, kept, taken, outdated })
    }

    /// Whether `folder` holds this very record: the same songs, the same wishes, the same version of the sound, every layout.
    ///
    /// # Errors
    /// When a song cannot be read again.
    pub fn is_current(&self, request: &AlbumRequest, folder: &Path) -> Result<bool, Error> {
        let Ok(text) = read_text(&folder.join(ALBUM_PLAN_FILE)) else { return Ok(false) };
        let Ok(document) = acetate_documents::from_text::<AlbumDocument>(&text) else {
            return Ok(false);
        };
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

    pub(super) fn cover(&self) -> Result<Option<Vec<u8>>, Error> {
        let Some(name) = &self.file.cover else { return Ok(None) };
        let path = self.folder.join(name);
        match fs::read(&path) {
            Ok(bytes) if acetate_files::is_picture(&bytes) => Ok(Some(bytes)),
            Ok(_) => Err(AlbumError::Cover { path }.into()),
            Err(_) => Err(AlbumError::Missing { song: "cover".to_owned(), path }.into()),
        }
    }

    /// What the tags of a song's file say.
    pub(super) fn tags(&self, song: usize, cover: Option<&[u8]>) -> Tags {
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

/// What was measured, and lines about layouts.
type Laid = (Option<Measures>, Vec<(Layout, String)>);

/// A record on its way into its layouts.
pub(super) struct Work<'a, 'w> {
    pub(super) album: &'a Album,
    pub(super) plan: &'a AlbumPlan,
    pub(super) request: &'a AlbumRequest,
    pub(super) staging: &'a Staging,
    pub(super) watch: &'a Watch<'w>,
    /// What was written before and can be taken again.
    pub(super) before: Option<&'a Before>,
}

impl Work<'_, '_> {
    pub(super) fn record(&self) -> &RecordPlan {
        &self.plan.record
    }

    /// Everything that is due, measured as it was written, with what is to be said of layouts.
    fn lay_out(
        &self,
        request: &AlbumRequest,
        kept: &[Layout],
        folder: &Path,
    ) -> Result<Laid, Error> {
        self.files()?;
        let streaming = Layout::Streaming;
        let measures = match request.layouts.contains(&streaming) {
            true if kept.contains(&streaming) => {
                Some(self.measure(&folder.join(streaming.name()))?)
            }
            true => Some(self.measure(&self.staging.path(streaming.name()))?),
            false => None,
        };
        let discs = self.discs(measures.is_none())?;
        let (album, plan, staging) = (self.album, self.plan, self.staging);
        let mut layouts = Vec::new();
        if self.request.layouts.contains(&Layout::Vinyl) {
            layouts.push((Layout::Vinyl, vinyl(album, plan, request, staging, self.watch)?));
        }
        if self.request.layouts.contains(&Layout::Cassette) {
            layouts.push((Layout::Cassette, cassette(album, plan, request, staging, self.watch)?));
        }
        if request.singles {
            self.singles()?;
        }
        Ok((measures.or(discs), layouts))
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
        render_rest(
            &record,
            &output,
            2,
            &mut |group, sink| {
                self.before
                    .map_or(Ok(false), |before| before.disc_group(&record, &output, group, sink))
            },
            &mut both,
            self.watch,
        )?;
        takers.finish()?;
        disc::finish(self.album, self.plan, self.request, self.staging)?;
        Ok(measured.then(|| meters.finish()))
    }
}
