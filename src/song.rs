//! A sound that was read and measured: where every use case begins.

use std::io::Read;
use std::path::Path;
use std::sync::OnceLock;

use acetate_analyzer::restore::DamageKinds;
use acetate_analyzer::{Analysis, Finding, Measured, Severity, codes};
use acetate_audio::{Audio, Mono, Source};
use acetate_files::{SoundFile, TagWarning, Tags, spool};
use acetate_optimizer::SourceRecord;

use crate::opening::{From, Opening};
use crate::samples::check_samples;
use crate::{Error, Observer, Profile};

/// A sound, and what was measured of it.
#[derive(Clone, Debug)]
pub struct Song {
    name: String,
    file: Option<SoundFile>,
    is_stream: bool,
    source: Source,
    measured: Measured,
    pcm_md5: OnceLock<String>,
}

impl Song {
    /// Reads and measures a file: one pass.
    ///
    /// # Errors
    /// When it cannot be read as sound.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::opening(path).measure(&mut ())
    }

    /// A file, or a track of one, that is about to be read under this name.
    pub(crate) fn opening_file(name: String, file: SoundFile) -> Opening {
        Opening::new(name, From::File(file))
    }

    /// The same of a file that is in memory; `name` is what errors and documents call it.
    ///
    /// # Errors
    /// When it cannot be read as sound.
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Self, Error> {
        Self::opening_bytes(name, bytes).measure(&mut ())
    }

    /// Measures sound: one plane of samples a channel, full scale 1.0, in the layout that is usual for their number.
    ///
    /// # Errors
    /// When there are no samples, planes of different lengths, samples that are not finite, or a rate or a number of channels that is
    /// not processed (8 to 384 kHz, 1 to 8 channels).
    pub fn from_samples(
        name: &str,
        sample_rate_hz: u32,
        planes: Vec<Vec<f32>>,
    ) -> Result<Self, Error> {
        Self::opening_samples(name, sample_rate_hz, planes)?.measure(&mut ())
    }

    /// A file that is about to be read.
    pub fn opening(path: impl AsRef<Path>) -> Opening {
        let path = path.as_ref();
        Opening::new(path.display().to_string(), From::File(path.into()))
    }

    /// A file in memory that is about to be read.
    pub fn opening_bytes(name: &str, bytes: Vec<u8>) -> Opening {
        Opening::new(name.to_owned(), From::File(bytes.into()))
    }

    /// A stream (standard input), which is copied to a temporary file first.
    ///
    /// # Errors
    /// When the stream or the copy fails.
    pub fn opening_stream(name: &str, stream: &mut dyn Read) -> Result<Opening, Error> {
        let copy = spool(stream).map_err(|error| Error::read(name, error))?;
        Ok(Opening::new(name.to_owned(), From::Spooled(copy)))
    }

    /// Samples that are about to be measured; see [`Song::from_samples`].
    ///
    /// # Errors
    /// Those of [`Song::from_samples`].
    pub fn opening_samples(
        name: &str,
        sample_rate_hz: u32,
        planes: Vec<Vec<f32>>,
    ) -> Result<Opening, Error> {
        check_samples(name, sample_rate_hz, &planes)?;
        let audio = Audio::from_planes(sample_rate_hz, planes);
        Ok(Self::opening_source(name, Source::from_audio(audio)))
    }

    /// Sound that is about to be measured, wherever it comes from.
    pub(crate) fn opening_source(name: &str, source: Source) -> Opening {
        Opening::new(name.to_owned(), From::Source(source))
    }

    /// The name it was opened by: a path as it was given, most often.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name without folders.
    pub fn short_name(&self) -> &str {
        short(&self.name)
    }

    /// The name without folders and extension, to name outputs after.
    pub fn stem(&self) -> &str {
        let name = self.short_name();
        Path::new(name).file_stem().and_then(|stem| stem.to_str()).unwrap_or(name)
    }

    /// What is kept of this sound to follow it as a record.
    pub fn profile(&self) -> Profile {
        Profile::from_measured(self.stem(), self.measured())
    }

    /// The file; `None` for samples. That of a stream is its temporary copy.
    pub fn file(&self) -> Option<&SoundFile> {
        self.file.as_ref()
    }

    /// Where its file is; `None` for streams and for what is in memory.
    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().filter(|_| !self.is_stream).and_then(SoundFile::path)
    }

    /// The sound.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What was wrong with its file, though it could be read; a line each.
    pub fn flaws(&self) -> impl Iterator<Item = String> {
        self.source.warnings().iter().map(|warning| format!("{}: {warning}", self.name))
    }

    /// How much of its sound is not there, in a line; `None` where it is whole as far as can be told.
    pub fn missing(&self) -> Option<String> {
        self.missing_s().map(|missing_s| missing_text(&self.name, missing_s))
    }

    /// The same, seconds.
    pub(crate) fn missing_s(&self) -> Option<f64> {
        self.source.is_incomplete().then(|| self.source.lost_s())
    }

    /// What is wrong with the recording itself and worth a line while it is worked on, a line each: what damages it, and what is better
    /// mended in the mix. What is good to know is left to an analysis, but for flat tops, which nothing brings back, and for a master
    /// as input, which is most often a mistake.
    ///
    /// Of damage of the kinds in `told` nothing is said: whoever mends it counts it closer.
    pub fn remarks(&self, told: DamageKinds) -> impl Iterator<Item = String> {
        self.remarks_where(move |code| !told.has(code))
    }

    /// Those that are about damage of these kinds.
    pub(crate) fn remarks_about(&self, kinds: DamageKinds) -> impl Iterator<Item = String> {
        self.remarks_where(move |code| kinds.has(code))
    }

    fn remarks_where(&self, is_wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = String> {
        const ALWAYS: [&str; 3] = [codes::CLIPPED, codes::CLIPPED_THEN_LOWERED, codes::LIMITED];
        let is_worth_a_line = |finding: &&Finding| {
            finding.severity > Severity::Info || ALWAYS.contains(&finding.code.as_str())
        };
        let name = self.short_name();
        let findings = self.analysis().findings.iter().filter(is_worth_a_line);
        let findings = findings.filter(move |finding| is_wanted(&finding.code));
        findings.map(move |finding| format!("{name}: {} ({})", finding.sentence(), finding.code))
    }

    /// Everything that was measured.
    pub fn measured(&self) -> &Measured {
        &self.measured
    }

    /// What was measured, as a document.
    pub fn analysis(&self) -> &Analysis {
        &self.measured.analysis
    }

    /// The fingerprint of the decoded samples, from a pass over them when it is asked for first.
    ///
    /// # Errors
    /// When the source cannot be read again.
    pub fn pcm_md5(&self) -> Result<&str, Error> {
        if let Some(md5) = self.pcm_md5.get() {
            return Ok(md5);
        }
        let md5 = self.source.pcm_md5().map_err(|error| Error::read(&self.name, error))?;
        Ok(self.pcm_md5.get_or_init(|| md5))
    }

    /// What a document was made for, where that is known and another sound than this.
    pub(crate) fn made_for_another<'a>(
        &self,
        made_for: Option<&'a SourceRecord>,
    ) -> Result<Option<&'a str>, Error> {
        match made_for.and_then(|source| Some((source, source.pcm_md5.as_deref()?))) {
            Some((source, known)) if known != self.pcm_md5()? => Ok(Some(&source.name)),
            _ => Ok(None),
        }
    }

    /// Expects that a document was made for this sound, as far as that is known.
    pub(crate) fn expect_made_for(&self, made_for: Option<&SourceRecord>) -> Result<(), Error> {
        self.made_for_another(made_for)?.map_or(Ok(()), |other| {
            let (name, made_for) = (self.name().to_owned(), other.to_owned());
            Err(Error::OtherSound { name, made_for })
        })
    }

    /// The same song, with a lone channel heard so; measured again only where that changes something.
    ///
    /// # Errors
    /// When the source cannot be read again.
    pub fn heard(self, mono: Mono) -> Result<Self, Error> {
        if self.analysis().format.mono.is_none_or(|now| now == mono) {
            return Ok(self);
        }
        let source = self.source.heard(mono);
        let mut measured =
            acetate_analyzer::analyze(&source).map_err(|error| Error::read(&self.name, error))?;
        describe(&mut measured.analysis, short(&self.name), &source);
        Ok(Self { source, measured, ..self })
    }

    /// The same song with other sound, which is measured.
    pub(crate) fn with_sound(
        &self,
        source: Source,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        let opening = Self::opening_source(&self.name, source);
        Ok(Self {
            file: self.file.clone(),
            is_stream: self.is_stream,
            ..opening.measure(observer)?
        })
    }

    /// The same song mended: the fingerprint stays that of its file.
    ///
    /// # Errors
    /// When the source cannot be read again.
    pub(crate) fn mended(
        &self,
        source: Source,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        self.pcm_md5()?;
        Ok(Self { pcm_md5: self.pcm_md5.clone(), ..self.with_sound(source, observer)? })
    }

    /// What the file says beside its sound; loop points are moved to `sample_rate_hz`.
    ///
    /// # Errors
    /// When the file is no longer what was read: the tags of another would be a lie.
    pub fn tags(&self, sample_rate_hz: u32) -> Result<(Tags, Vec<TagWarning>), Error> {
        let Some(file) = &self.file else { return Ok((Tags::none(), Vec::new())) };
        self.source.check_unchanged().map_err(|error| Error::read(&self.name, error))?;
        Ok(Tags::read(file.clone(), sample_rate_hz))
    }

    /// Artist and title, as far as the tags know them.
    pub fn title(&self) -> String {
        let Some(file) = &self.file else { return String::new() };
        let (tags, _) = Tags::read(file.clone(), self.source.spec().sample_rate_hz);
        let known = [tags.comment("ARTIST"), tags.comment("TITLE")];
        known.into_iter().flatten().collect::<Vec<_>>().join(" \u{2013} ")
    }
}

impl Song {
    pub(crate) fn new(
        name: String,
        file: Option<SoundFile>,
        is_stream: bool,
        source: Source,
        mut measured: Measured,
    ) -> Self {
        describe(&mut measured.analysis, short(&name), &source);
        Self { name, file, is_stream, source, measured, pcm_md5: OnceLock::new() }
    }
}

fn short(name: &str) -> &str {
    Path::new(name).file_name().and_then(|name| name.to_str()).unwrap_or(name)
}

/// How much of a song is not there, in a line.
pub(crate) fn missing_text(name: &str, missing_s: f64) -> String {
    format!("{name}: {missing_s:.1} s of sound are missing")
}

/// Writes into an analysis what only the file knows.
pub(crate) fn describe(analysis: &mut Analysis, short_name: &str, source: &Source) {
    analysis.file = Some(short_name.to_owned());
    analysis.format.describe(source.format());
}
