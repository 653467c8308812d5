//! From settings to a complete file without a name, measured as it will be read.

use std::fs::File;
use std::io::{Write, sink};
use std::path::{Path, PathBuf};

use acetate_analyzer::{Measured, analyze_blocks};
use acetate_audio::{AudioSpec, Mono, Source};
use acetate_engine::settings::OutputFormat;
use acetate_engine::{LimiterTrace, RenderError, Settings, render};
use acetate_files::lossy::LossyCodec;
use acetate_files::{
    EncodeError, Existing, FileFormat, FirstPass, PcmFormat, SoundFile, TagWarning, Tags,
    Unpublished, Writer,
};
use acetate_optimizer::Kept;
use acetate_references::Target;
use acetate_references::target::MetadataRule;

use crate::observer::{Watch, WatchedPass};
use crate::output::naming::folder_of;
use crate::output::pending::Pending;
use crate::output::temporary::{Temporary, temporary_folder};
use crate::output::wish::{lossy_codec, plain_file};
use crate::song::describe;
use crate::{Error, Song, Stage};

/// A rendered file that has not got its name yet; dropped, it is removed.
#[derive(Debug)]
pub(crate) struct Rendered {
    file: Complete,
    name: String,
    /// What the file measures, decoded again.
    pub(crate) after: Measured,
    /// What the limiter did.
    pub(crate) trace: LimiterTrace,
}

/// A complete file under a temporary name, or in memory. What is on a disk is watched: an interruption removes it.
#[derive(Debug)]
enum Complete {
    /// Written here.
    Written { file: Unpublished, _watched: Option<Temporary> },
    /// Encoded by another program.
    Coded(Pending),
}

/// What is to be rendered, and in whose folder the temporary file belongs.
#[derive(Clone, Copy)]
pub(crate) struct Rendering<'a, 'w> {
    pub(crate) song: &'a Song,
    pub(crate) settings: &'a Settings,
    pub(crate) target: Option<&'a Target>,
    pub(crate) place: Placing<'a>,
    /// A render that may be the same, and need not be made again then.
    pub(crate) kept: Option<&'a Kept>,
    pub(crate) watch: &'a Watch<'w>,
}

/// Where the file is made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Placing<'a> {
    /// Beside the name it will have.
    Beside { path: &'a Path, replace: bool },
    /// In the system's temporary folder: it will go to a stream, or nowhere.
    Temporary,
    /// In memory.
    Memory,
}

impl Rendering<'_, '_> {
    /// Renders, and measures what was written.
    pub(crate) fn render(self) -> Result<Rendered, Error> {
        let (file, trace) = match lossy_codec(self.settings.output.format) {
            None => self.write()?,
            Some(codec) => {
                let (file, trace) = self.encode(codec)?;
                (Complete::Coded(file), trace)
            }
        };
        let after = self.measure(&file)?;
        Ok(Rendered { file, name: self.name(), after, trace })
    }

    fn write(self) -> Result<(Complete, LimiterTrace), Error> {
        let format = self.format();
        let tags = self.tags(format)?;
        let cannot = |reason: EncodeError| Error::Encode { name: self.name(), reason };
        let mut writer = match self.place {
            Placing::Beside { path, replace } => {
                make_folder(path)?;
                let existing = if replace { Existing::Replace } else { Existing::Error };
                Writer::create_tagged(path, format, existing, &tags)
            }
            Placing::Temporary => Writer::to_stream(Box::new(sink()), format, &tags),
            Placing::Memory => Writer::to_memory(format, &tags),
        }
        .map_err(cannot)?;
        let watched = writer.temporary_path().map(Temporary::watch);
        let trace = self.fill(&mut writer)?;
        let file = writer.close().map_err(cannot)?;
        Ok((Complete::Written { file, _watched: watched }, trace))
    }

    /// Renders to a plain file and has that encoded.
    fn encode(self, codec: LossyCodec) -> Result<(Pending, LimiterTrace), Error> {
        let folder = temporary_folder()?;
        let plain_path = folder.path().join("rendered.wav");
        let mut plain = self.settings.clone();
        plain.output.format = OutputFormat::Wav;
        let place = Placing::Beside { path: &plain_path, replace: false };
        let (file, trace) = Rendering { settings: &plain, place, ..self }.write()?;
        let coded = folder.path().join("coded");
        let kbps = self.settings.output.bitrate_kbps.unwrap_or(codec.usual_kbps);
        let wav = file.on_disk().expect("it was written into a folder");
        codec
            .encode(wav, self.song.source().spec(), kbps, &coded)
            .map_err(|reason| Error::Encoder { name: self.name(), reason })?;
        drop(file);
        let tags = self.tags(PcmFormat { file: FileFormat::Wav, ..self.format() })?;
        if let Err(warning) = tags.write_to_coded(&coded) {
            self.watch.note(&format!("{}: {warning}", self.name()));
        }
        let place = match self.place {
            Placing::Beside { path, .. } => {
                make_folder(path)?;
                folder_of(path).to_owned()
            }
            _ => std::env::temp_dir(),
        };
        let cannot = |reason| Error::Write { path: PathBuf::from(self.name()), reason };
        let mut pending = Pending::in_folder(&place).map_err(cannot)?;
        pending.fill(&mut File::open(&coded).map_err(cannot)?).map_err(cannot)?;
        Ok((pending, trace))
    }

    /// What messages call the output.
    fn name(&self) -> String {
        match self.place {
            Placing::Beside { path, .. } => path.display().to_string(),
            Placing::Temporary => "the output".to_owned(),
            Placing::Memory => format!("the master of {}", self.song.short_name()),
        }
    }

    fn fill(&self, writer: &mut Writer) -> Result<LimiterTrace, Error> {
        let same = |kept: &&Kept| kept.is_of(self.song.source(), self.settings);
        match self.kept.filter(same) {
            Some(kept) => self.copy(kept, writer),
            None => self.make(writer),
        }
    }

    fn copy(&self, kept: &Kept, writer: &mut Writer) -> Result<LimiterTrace, Error> {
        kept.write(self.settings, &mut |share, block| {
            self.watch.progress(Stage::Rendering, share);
            if self.watch.is_stopped() {
                return Err(Error::Cancelled);
            }
            writer.write(block).map_err(|reason| Error::Encode { name: self.name(), reason })
        })
    }

    fn make(&self, writer: &mut Writer) -> Result<LimiterTrace, Error> {
        let source = self.song.source().clone().stopped_by(self.watch.stop());
        let rate = f64::from(output_rate_hz(self.settings, &source));
        let frames = (source.duration_s() * rate).max(1.0);
        let rendered = render(&source, self.settings, &mut |block| {
            self.watch.progress(Stage::Rendering, writer.frames() as f64 / frames);
            writer.write(block).map_err(|reason| Error::Encode { name: self.name(), reason })
        });
        came_of(rendered, self.song.name(), self.watch)
    }

    /// The plain file: the output itself, or what an encoder gets.
    fn format(&self) -> PcmFormat {
        let output = &self.settings.output;
        let source = self.song.source();
        let sample_rate_hz = output_rate_hz(self.settings, source);
        let spec = AudioSpec { sample_rate_hz, ..source.spec() };
        PcmFormat { file: plain_file(output.format), samples: output.bits.format(), spec }
    }

    /// The tags of the source, unless the target wants none.
    fn tags(&self, format: PcmFormat) -> Result<Tags, Error> {
        let strip = self.target.is_some_and(|target| target.metadata == MetadataRule::Strip);
        if strip || self.song.file().is_none() {
            return Ok(Tags::none());
        }
        let (tags, warnings) = self.song.tags(format.spec.sample_rate_hz)?;
        let lost = tags.has_wave_chunks() && self.settings.output.format != OutputFormat::Wav;
        for warning in warnings.into_iter().chain(lost.then_some(TagWarning::ChunksDropped)) {
            self.watch.note(&format!("{}: {warning}", self.song.name()));
        }
        Ok(tags)
    }

    /// One pass over what was written, of which nothing is held: the source is in memory still.
    fn measure(&self, file: &Complete) -> Result<Measured, Error> {
        let name = self.name();
        let as_written = |error| Error::read(format!("{name} as written"), error);
        let mono: Mono = self.song.source().spec().layout.mono();
        let mut pass = FirstPass::open(file.sound_file(), 0).map_err(as_written)?.heard(mono);
        let (frames, watch) = (pass.format().frames, self.watch);
        let stage = Stage::Verifying;
        let mut watched = WatchedPass { pass: &mut pass, watch, stage, frames, position: 0 };
        let mut after = analyze_blocks(&mut watched)
            .map_err(|error| Error::read(format!("{name} as written"), error))?;
        let source = pass.finish().map_err(as_written)?;
        let short_name = Path::new(&name).file_name().unwrap_or_default().to_string_lossy();
        describe(&mut after.analysis, &short_name, &source);
        Ok(after)
    }
}

/// What came of rendering the sound of this name.
pub(crate) fn came_of<T>(
    rendered: Result<T, RenderError<Error>>,
    name: &str,
    watch: &Watch<'_>,
) -> Result<T, Error> {
    match rendered {
        _ if watch.is_stopped() => Err(Error::Cancelled),
        Ok(done) => Ok(done),
        Err(RenderError::Sink(error)) => Err(error),
        Err(RenderError::Settings(reason)) => {
            Err(Error::Settings { name: name.to_owned(), reason })
        }
        Err(error) => Err(Error::read(name, error)),
    }
}

fn output_rate_hz(settings: &Settings, source: &Source) -> u32 {
    settings.output.sample_rate_hz.unwrap_or(source.spec().sample_rate_hz)
}

/// Outputs may go to a folder that is not there yet.
pub(crate) fn make_folder(path: &Path) -> Result<(), Error> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => std::fs::create_dir_all(folder)
            .map_err(|reason| Error::Folder { path: folder.to_owned(), reason }),
        None => Ok(()),
    }
}

impl Complete {
    fn sound_file(&self) -> SoundFile {
        match self {
            Self::Written { file, .. } => {
                file.sound_file().expect("it is a file or in memory, never a sink of ours")
            }
            Self::Coded(file) => file.path().into(),
        }
    }

    fn on_disk(&self) -> Option<&Path> {
        match self {
            Self::Written { file, .. } => file.temporary_path(),
            Self::Coded(file) => Some(file.path()),
        }
    }
}

impl Rendered {
    /// The file, to be read.
    pub(crate) fn sound_file(&self) -> SoundFile {
        self.file.sound_file()
    }

    /// Where the file is for now; `None` in memory.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.file.on_disk()
    }

    /// Gives the file the name it was made beside.
    pub(crate) fn give_name(self, path: &Path, replace: bool) -> Result<(), Error> {
        match self.file {
            Complete::Written { file, .. } => {
                file.publish().map_err(|reason| Error::Encode { name: self.name, reason })
            }
            Complete::Coded(file) => file.publish(path, replace),
        }
    }

    /// Sends the file to a stream.
    pub(crate) fn send(self, mut stream: Box<dyn Write + Send>) -> Result<(), Error> {
        let Some(path) = self.path() else {
            let cannot = |reason| Error::Write { path: "the output".into(), reason };
            return stream.write_all(&self.into_bytes()?).map_err(cannot);
        };
        let cannot = |reason| Error::Write { path: PathBuf::from("the output"), reason };
        let mut file = File::open(path).map_err(cannot)?;
        std::io::copy(&mut file, &mut stream).map_err(cannot)?;
        stream.flush().map_err(cannot)
    }

    /// All of the file.
    pub(crate) fn into_bytes(self) -> Result<Vec<u8>, Error> {
        let cannot = |reason| Error::Write { path: PathBuf::from(&self.name), reason };
        match self.file {
            Complete::Coded(file) => std::fs::read(file.path()).map_err(cannot),
            Complete::Written { file, .. } => match file.temporary_path() {
                Some(path) => std::fs::read(path).map_err(cannot),
                None => Ok(file.into_bytes().unwrap_or_default()),
            },
        }
    }
}
