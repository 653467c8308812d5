//! The page of a record: what was written, measured song by song, with a player that goes over the transitions.

use std::path::{Path, PathBuf};

use acetate_analyzer::{Analysis, Series, analyze};
use acetate_audio::Source;
use acetate_optimizer::album::{ToneTogether, end_to_end, plan_tone, tone_away_db, weight};
use acetate_report::{Mark, Place, RecordPage, SongTone, record_page};

use super::delivery::Work;
use super::staging::Staging;
use super::{Album, AlbumDocument, AlbumMaster, AlbumPlan, AlbumRequest, Layout};
use crate::observer::Watch;
use crate::page::SoundInPage;
use crate::page::sound::{Sounding, transitions};
use crate::restore::mended_kinds;
use crate::{Error, Observer, Song, Stage};

/// The folder of what is written for the page alone.
const SONGS: &str = "songs";
/// What is heard on each side of a transition, seconds.
const AROUND_S: f64 = 5.0;
/// Sectors of a disc in a second.
const SECTORS_PER_S: f64 = 75.0;

impl Album {
    /// The page of a record that was just written: a table with reasons, its loudness from beginning to end, the tone of each song
    /// against the record, and a player. What it shows is measured on the files of the layout `streaming`; without them the record is
    /// rendered once more, under a temporary name.
    ///
    /// # Errors
    /// When a song or what was written cannot be read again, or the observer stops it.
    pub fn page(
        &self,
        plan: &AlbumPlan,
        request: &AlbumRequest,
        master: &AlbumMaster,
        sound: SoundInPage,
        observer: &mut dyn Observer,
    ) -> Result<String, Error> {
        let watch = Watch::new(observer);
        let folder = master.path.parent().unwrap_or(Path::new(""));
        let again = match request.layouts.contains(&Layout::Streaming) {
            true => None,
            false => Some(Staging::begin(folder, &[SONGS], true)?),
        };
        let paths = match &again {
            None => self.song_files(plan, &folder.join(Layout::Streaming.name())),
            Some(staging) => {
                let before = None;
                let work = Work { album: self, plan, request, staging, watch: &watch, before };
                work.songs_in(SONGS)?
            }
        };
        let mut songs = Vec::new();
        let mut analyses = Vec::new();
        for (path, number) in paths.iter().zip(1..) {
            let read = |error| Error::read(path.display().to_string(), error);
            let source = acetate_files::open(path, 0).map_err(|error| read(error.into()))?;
            let source = source.stopped_by(watch.stop());
            analyses.push(analyze(&source).map_err(read)?.analysis);
            songs.push(source);
            watch.progress(Stage::Verifying, f64::from(number) / (2 * paths.len()) as f64);
        }
        let record = end_to_end(songs);
        let read = |error| Error::read("the record", error);
        let whole = analyze(&record).map_err(read)?;
        watch.progress(Stage::Verifying, 1.0);
        let document = &master.document;
        let tones = self.tones(document, &analyses);
        let heard = transitions(
            &sounding(&record, &whole.series, whole.analysis.loudness.integrated_lufs),
            marks(document),
            around(document),
            sound,
        )?;
        let songs = self.songs.iter().enumerate();
        let remarks =
            songs.flat_map(|(index, song)| song.remarks(mended_kinds(&self.repairs(index))));
        Ok(record_page(RecordPage {
            document,
            series: &whole.series,
            third_octave_hz: &whole.analysis.spectrum.third_octave_hz,
            tones: &tones,
            layouts: &layouts(master, request),
            remarks: &remarks.collect::<Vec<_>>(),
            sound: heard.as_ref(),
        }))
    }

    /// The files of the layout `streaming`.
    pub(super) fn song_files(&self, plan: &AlbumPlan, folder: &Path) -> Vec<PathBuf> {
        (0..self.songs.len()).map(|song| folder.join(self.song_file(plan, song))).collect()
    }

    /// Mixes against the middle of the mixes, masters against that of the masters: what all share is no difference.
    fn tones(&self, document: &AlbumDocument, masters: &[Analysis]) -> Vec<SongTone> {
        let weights: Vec<f64> = document
            .songs
            .iter()
            .map(|song| weight(song.level.under_lu, song.frames as f64))
            .collect();
        let all: Vec<&Analysis> = masters.iter().collect();
        let centre_db = plan_tone(&all, &weights, ToneTogether::default()).centre_db;
        let tone = |(mix, master): (&Song, &Analysis)| SongTone {
            mix_db: tone_away_db(mix.analysis(), &document.centre_db),
            master_db: tone_away_db(master, &centre_db),
        };
        self.songs.iter().zip(masters).map(tone).collect()
    }
}

fn sounding<'a>(record: &'a Source, series: &'a Series, lufs: Option<f64>) -> Sounding<'a> {
    Sounding { name: "master".to_owned(), lufs, series, source: record, begin_s: 0.0 }
}

/// Where each song begins.
fn marks(document: &AlbumDocument) -> Vec<Mark> {
    let rate = f64::from(document.sample_rate_hz);
    let mark = |song: &super::AlbumSong| Mark {
        at_s: song.start_frame as f64 / rate,
        length_s: 0.0,
        name: format!("{} {}", song.number, song.title),
    };
    document.songs.iter().map(mark).collect()
}

/// The end of each song, what is between, and the beginning of the next.
fn around(document: &AlbumDocument) -> Vec<Place> {
    let rate = f64::from(document.sample_rate_hz);
    let end_s = document.frames as f64 / rate;
    let songs = document.songs.windows(2);
    let place = |pair: &[super::AlbumSong]| {
        let next = &pair[1];
        let pause_s = f64::from(next.pause_sector) / SECTORS_PER_S;
        let at_s = (pause_s - AROUND_S).max(0.0);
        let to_s = (next.start_frame as f64 / rate + AROUND_S).min(end_s);
        let name = format!("{} to {}", pair[0].number, next.number);
        Place { at_s, length_s: to_s - at_s, name: name.into() }
    };
    songs.map(place).collect()
}

/// The layouts that were written, and what is said of them.
fn layouts(master: &AlbumMaster, request: &AlbumRequest) -> Vec<(String, String)> {
    let said = |layout: &Layout| {
        let line = master.layouts.iter().find(|(other, _)| other == layout);
        line.map_or_else(String::new, |(_, line)| line.clone())
    };
    request.layouts.iter().map(|layout| (layout.name().to_owned(), said(layout))).collect()
}
