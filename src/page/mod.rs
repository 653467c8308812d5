//! The page about a song, a master, or several versions: charts, numbers and a player in one HTML text.

mod elsewhere;
pub(crate) mod sound;

use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};

use acetate_audio::Source;
use acetate_engine::{LimiterTrace, render};
use acetate_references::Aim;
use acetate_references::plain_id;
use acetate_references::target::check::{CodecPeak, Evidence, TargetCheck, check};
use acetate_report::{Page, StemsShown, page};
use acetate_translation::System;

use self::sound::{Sounding, listening};
use crate::check::codec::{self, Lossy};
use crate::{Error, Master, SettingsDocument, Song};
pub use sound::SoundInPage;

/// What a page shows besides its song.
#[derive(Clone, Copy, Debug, Default)]
pub struct PageWish<'a> {
    /// The record, to hear and read beside it.
    pub record: Option<&'a Song>,
    /// Lossy codecs whose peaks are shown; they need a file and an installed ffmpeg.
    pub codecs: &'a [Lossy],
    /// Systems on which it is heard, too, and what is left of it there.
    pub systems: &'a [System],
    /// How much sound it carries.
    pub sound: SoundInPage,
}

impl Song {
    /// A page about what the song is like.
    ///
    /// # Errors
    /// When it cannot be read again.
    pub fn page(&self, wish: PageWish<'_>) -> Result<String, Error> {
        let beside = wish.record.map(|record| sounding("record", record, 0.0));
        let told = elsewhere::told(self.stem(), self.source(), self.measured(), wish.systems)?;
        let mut heard =
            listening(&[sounding("file", self, 0.0)], beside.as_ref(), wish.systems, wish.sound)?;
        told.mark(&mut heard);
        Ok(page(Page {
            title: self.stem(),
            song: &self.title(),
            before: self.measured(),
            after: None,
            document: None,
            verdict: None,
            aim: None,
            record: wish.record.map(Song::measured),
            trace: None,
            codecs: &peaks(wish.codecs, self.source()),
            stems: None,
            elsewhere: &told.rows,
            elsewhere_said: &told.sentences,
            sound: heard.as_ref(),
        }))
    }

    /// A page about a master that was just made of the song; `written` is its sound.
    ///
    /// # Errors
    /// When one of them cannot be read again.
    pub fn page_of_master(
        &self,
        master: &Master,
        written: &Source,
        aim: &Aim,
        wish: PageWish<'_>,
    ) -> Result<String, Error> {
        self.page_of_stems(master, written, aim, wish, None)
    }

    /// The same of a master that has stems.
    pub(crate) fn page_of_stems(
        &self,
        master: &Master,
        written: &Source,
        aim: &Aim,
        wish: PageWish<'_>,
        stems: Option<StemsShown<'_>>,
    ) -> Result<String, Error> {
        let Master { document, verdict, after, trace, .. } = master;
        let told = elsewhere::told(self.stem(), written, after, wish.systems)?;
        let versions = [
            sounding("mix", self, document.settings.input.trim_start_s),
            Sounding {
                name: "master".to_owned(),
                lufs: after.analysis.loudness.integrated_lufs,
                series: &after.series,
                source: written,
                begin_s: 0.0,
            },
        ];
        let beside = wish.record.map(|record| sounding("record", record, 0.0));
        let mut heard = listening(&versions, beside.as_ref(), wish.systems, wish.sound)?;
        told.mark(&mut heard);
        Ok(page(Page {
            title: self.stem(),
            song: &self.title(),
            before: self.measured(),
            after: Some(after),
            document: Some(document),
            verdict: Some(verdict),
            aim: Some(aim),
            record: wish.record.map(Song::measured),
            trace: Some(trace),
            codecs: &peaks(wish.codecs, written),
            stems,
            elsewhere: &told.rows,
            elsewhere_said: &told.sentences,
            sound: heard.as_ref(),
        }))
    }

    /// A page about a master that exists: the song it was made of, its settings, and the file itself where it is there.
    ///
    /// # Errors
    /// When one of them cannot be read again.
    pub fn page_of_settings(
        &self,
        document: &SettingsDocument,
        after: Option<&Self>,
        wish: PageWish<'_>,
    ) -> Result<String, Error> {
        let last = after.unwrap_or(self);
        let told = elsewhere::told(last.stem(), last.source(), last.measured(), wish.systems)?;
        let mut versions = vec![sounding("mix", self, document.settings.input.trim_start_s)];
        versions.extend(after.map(|after| sounding("master", after, 0.0)));
        let beside = wish.record.map(|record| sounding("record", record, 0.0));
        let mut heard = listening(&versions, beside.as_ref(), wish.systems, wish.sound)?;
        told.mark(&mut heard);
        // What the limiter did is in no file: it is done again, and nothing kept.
        let trace = render(self.source(), &document.settings, &mut |_| Ok::<(), Infallible>(()))
            .map_err(|error| Error::read(self.name(), error))?;
        let codecs = peaks(wish.codecs, after.unwrap_or(self).source());
        let verdict = after.map(|after| {
            let mut verdict = document.verdict(self.analysis(), after.analysis());
            verdict.delivery = delivery(document, after, &trace, &codecs);
            verdict
        });
        Ok(page(Page {
            title: self.stem(),
            song: &self.title(),
            before: self.measured(),
            after: after.map(Song::measured),
            document: Some(document),
            verdict: verdict.as_ref(),
            aim: Some(&document.aim.aim()),
            record: wish.record.map(Song::measured),
            trace: Some(&trace),
            codecs: &codecs,
            stems: None,
            elsewhere: &told.rows,
            elsewhere_said: &told.sentences,
            sound: heard.as_ref(),
        }))
    }
}

/// A page to hear versions of one song against each other, the last of them on other systems, too, and against other music; `None`
/// when no sound is wanted.
///
/// # Errors
/// When one of them cannot be read again, or the last has more than two channels and is to be heard on systems.
pub fn listening_page(
    versions: &[Song],
    record: Option<&Song>,
    systems: &[System],
    sound: SoundInPage,
) -> Result<Option<String>, Error> {
    if let Some(last) = versions.last() {
        systems.iter().try_for_each(|system| last.played_by(system).map(drop))?;
    }
    let song: Vec<Sounding<'_>> =
        versions.iter().map(|song| sounding(song.stem(), song, 0.0)).collect();
    let beside = record.map(|record| sounding(record.stem(), record, 0.0));
    let Some(heard) = listening(&song, beside.as_ref(), systems, sound)? else { return Ok(None) };
    let measured: Vec<_> = versions.iter().chain(record).map(Song::measured).collect();
    let told = versions
        .last()
        .map(|last| elsewhere::told(last.stem(), last.source(), last.measured(), systems));
    let told = told.transpose()?.unwrap_or_default();
    let there = (told.rows.as_slice(), told.sentences.as_slice());
    Ok(Some(acetate_report::listening_page(&heard, &measured, there)))
}

/// The same of versions of one song of this name, with words about each to be read once one was chosen.
pub(crate) fn named_listening_page(
    title: &str,
    versions: &[Song],
    words: &[(String, String)],
    sound: SoundInPage,
) -> Result<Option<String>, Error> {
    let song: Vec<Sounding<'_>> =
        versions.iter().map(|song| sounding(song.stem(), song, 0.0)).collect();
    let Some(heard) = listening(&song, None, &[], sound)? else { return Ok(None) };
    let measured: Vec<_> = versions.iter().map(Song::measured).collect();
    Ok(Some(acetate_report::named_listening_page(title, &heard, &measured, words)))
}

/// The record that settings lean to: the sound file of its name beside the source, where there was just one record.
pub fn record_beside(source: &Path, document: &SettingsDocument) -> Option<PathBuf> {
    let [reference] = document.aim.references.as_slice() else { return None };
    let is_record = |path: &PathBuf| {
        let stem = path.file_stem().map(|stem| plain_id(&stem.to_string_lossy()));
        stem.as_deref() == Some(reference.id.as_str())
            && path.file_name() != source.file_name()
            && crate::inputs::is_sound(path)
    };
    let files = fs::read_dir(crate::output::folder_of(source)).ok()?;
    files.filter_map(|entry| Some(entry.ok()?.path())).filter(is_record).min()
}

/// A version for the player; `begin_s` of its beginning are not in the other versions.
fn sounding<'a>(name: &str, song: &'a Song, begin_s: f64) -> Sounding<'a> {
    Sounding {
        name: name.to_owned(),
        lufs: song.analysis().loudness.integrated_lufs,
        series: &song.measured().series,
        source: song.source(),
        begin_s,
    }
}

/// The rules that the settings were made for, judged on the file that they made.
fn delivery(
    document: &SettingsDocument,
    after: &Song,
    trace: &LimiterTrace,
    codecs: &[CodecPeak],
) -> Option<TargetCheck> {
    let target = document.aim.target.as_ref()?.target()?;
    let evidence = Evidence {
        warnings: after.source().warnings(),
        codecs,
        limiting_db: Some(trace.reduction_db_max()),
        ..Evidence::default()
    };
    Some(check(after.analysis(), target, evidence))
}

/// What each codec does to the peaks of a file.
fn peaks(codecs: &[Lossy], sound: &Source) -> Vec<CodecPeak> {
    sound.path().map_or_else(Vec::new, |path| codec::peaks(codecs, path, None))
}
