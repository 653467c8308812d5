//! Does a file meet the rules of a target?

mod baseline;
pub mod codec;
pub mod csv;
pub mod github;
pub mod junit;
pub mod sarif;

use std::path::Path;

use acetate_analyzer::{SecondOpinion, second_opinion};
use acetate_audio::Mono;
pub use acetate_references::target::check::{
    CodecPeak, Evidence, Outcome, RuleCheck, TargetCheck, check,
};
use acetate_references::{Target, target};
use tempfile::TempDir;

pub use self::baseline::Baseline;
use self::codec::Lossy;
use crate::observer::Watch;
use crate::output::{Output, temporary_folder, write_audio};
use crate::{Error, Input, Observer, Song, Stage};

/// What to judge a file by.
#[derive(Clone, Debug, Default)]
pub struct CheckRequest {
    /// Delivery rules.
    pub targets: Vec<Target>,
    /// Lossy codecs that were asked for; `None` is those that listeners meet most, as warnings.
    pub codecs: Option<Vec<Lossy>>,
    /// How a file of one channel is counted; `None` is as each target says.
    pub mono: Option<Mono>,
    /// Measure with a second meter, too.
    pub witness: bool,
}

impl CheckRequest {
    /// The codecs asked for, or the usual ones; and those that the targets have rules about.
    fn all_codecs(&self) -> Vec<Lossy> {
        let usual = || codec::USUAL.into_iter().filter_map(Lossy::named).collect();
        let mut codecs = self.codecs.clone().unwrap_or_else(usual);
        for codec in self.targets.iter().flat_map(codec::of_target) {
            if !codecs.contains(&codec) {
                codecs.push(codec);
            }
        }
        codecs
    }
}

/// One file and all its targets, ready to be shown.
#[derive(Clone, Debug)]
pub struct FileCheck {
    /// The file as named.
    pub input: String,
    /// Why it could not be measured, if it could not.
    pub error: Option<String>,
    /// Target by target.
    pub targets: Vec<TargetCheck>,
    /// The file after lossy codecs.
    pub codecs: Vec<CodecPeak>,
    /// The file by a second meter, which shares no code with ours; where it was asked for.
    pub witness: Option<SecondOpinion>,
}

impl FileCheck {
    /// A file that could not be checked.
    pub fn failed(input: &str, error: &str) -> Self {
        let (input, error) = (input.to_owned(), Some(error.to_owned()));
        Self { input, error, targets: Vec::new(), codecs: Vec::new(), witness: None }
    }

    /// The rules that are broken, with their targets.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &RuleCheck)> {
        self.with(Outcome::Fail)
    }

    /// The checks that came out so, with their targets.
    pub fn with(&self, outcome: Outcome) -> impl Iterator<Item = (&str, &RuleCheck)> {
        self.targets.iter().flat_map(move |target| {
            let checks = target.checks.iter().filter(move |check| check.outcome == outcome);
            checks.map(|check| (target.target.as_str(), check))
        })
    }
}

/// The rules a file is judged by when none are named: those it was made for, or those of streaming.
pub fn own_targets(input: &Input) -> Vec<Target> {
    let document = input.own_settings();
    let record = document.as_ref().and_then(|document| document.aim.target.as_ref());
    let made_for = record.and_then(|record| record.target());
    made_for.or_else(|| target("streaming")).cloned().into_iter().collect()
}

impl Song {
    /// Judges the song by the rules of each target. Lossy codecs need its file and an installed ffmpeg; what could not be checked is
    /// said to be so.
    ///
    /// # Errors
    /// When the song cannot be read again, or the observer stops it.
    pub fn check(
        &self,
        request: &CheckRequest,
        observer: &mut dyn Observer,
    ) -> Result<FileCheck, Error> {
        let watch = Watch::new(observer);
        let codecs = request.all_codecs();
        let asked = request.codecs.as_deref().unwrap_or_default();
        let asked: Vec<&str> = asked.iter().map(|codec| codec.name()).collect();
        let mut measured = Vec::new();
        let copy = self.as_file(&codecs)?;
        let copy = copy.as_ref().map(|folder| folder.path().join(COPY));
        // Without a file, the codec says itself that there is none.
        let path = self.source().path().or(copy.as_deref()).unwrap_or(Path::new(""));
        for (index, codec) in codecs.iter().enumerate() {
            watch.progress(Stage::Checking, index as f64 / codecs.len() as f64);
            if watch.is_stopped() {
                return Err(Error::Cancelled);
            }
            measured.push(codec.peak(path));
        }
        let mut song = self.clone();
        let mut targets = Vec::new();
        for target in &request.targets {
            song = song.heard(request.mono.unwrap_or(target.mono))?;
            let evidence = Evidence {
                warnings: song.source().warnings(),
                codecs: &measured,
                asked: &asked,
                ..Evidence::default()
            };
            targets.push(check(song.analysis(), target, evidence));
        }
        let opinion = || second_opinion(song.source()).map_err(|e| Error::read(self.name(), e));
        let witness = if request.witness { Some(opinion()?) } else { None };
        let input = self.name().to_owned();
        Ok(FileCheck { input, error: None, targets, codecs: measured, witness })
    }

    /// A folder with a copy of a sound that is in memory alone, for codecs that are there to read it; `None` where none is needed.
    fn as_file(&self, codecs: &[Lossy]) -> Result<Option<TempDir>, Error> {
        let is_needed = self.source().path().is_none();
        let is_read = codecs.iter().any(|codec| codec.can_encode().is_ok());
        let Some(audio) = self.source().audio().filter(|_| is_needed && is_read) else {
            return Ok(None);
        };
        let folder = temporary_folder()?;
        write_audio(audio, Output::file(folder.path().join(COPY)))?;
        Ok(Some(folder))
    }
}

/// What the copy of a sound in memory is called.
const COPY: &str = "sound.wav";
