//! From settings to a file: rendered, complete under a temporary name, measured, then published.

use std::fs::File;
use std::io::stdout;
use std::path::{Path, PathBuf};

use acetate_analyzer::{Measured, open_and_analyze_heard};
use acetate_audio::{
    AudioSpec, EncodeError, Existing, FileFormat, Mono, OutputFormat, Source, TagWarning, Tags,
    Unpublished, Writer,
};
use acetate_engine::settings::OutputFormat as FormatSetting;
use acetate_engine::{LimiterTrace, Settings, render};
use acetate_references::Target;
use acetate_references::target::MetadataRule;

use crate::failure::{Failure, Outcome};
use crate::interrupt::{Temporary, temporary_folder};
use crate::lossy::{Codec, bitrate_kbps};
use crate::outputs::folder_of;
use crate::pending::Pending;
use crate::progress::{Progress, Stage};
use crate::reading::{because, describe};

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

/// A complete file under a temporary name. Each is watched: until it is dropped an interruption removes it.
#[derive(Debug)]
enum Complete {
    /// Written here.
    Written(Unpublished, Temporary),
    /// Encoded by another program.
    Coded { file: Pending, path: Option<PathBuf>, replace: bool },
}

/// What is to be written where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writing<'a> {
    pub(crate) source: &'a Source,
    pub(crate) settings: &'a Settings,
    pub(crate) target: Option<&'a Target>,
    /// The file; `None` is standard output.
    pub(crate) path: Option<&'a Path>,
    pub(crate) replace: bool,
}

impl Writing<'_> {
    /// Renders, and measures what was written.
    ///
    /// # Errors
    /// When the source cannot be read again or the output cannot be written.
    pub(crate) fn render(self, progress: &Progress) -> Outcome<Rendered> {
        let (file, trace) = match Codec::of(self.settings.output.format) {
            None => {
                let (file, watched, trace) = self.write(progress)?;
                (Complete::Written(file, watched), trace)
            }
            Some(codec) => {
                let (file, trace) = self.encode(codec, progress)?;
                let path = self.path.map(Path::to_owned);
                (Complete::Coded { file, path, replace: self.replace }, trace)
            }
        };
        let after =
            measure_written(file.temporary_path(), &self.name(), self.source.spec().layout.mono())?;
        Ok(Rendered { file, name: self.name(), after, trace })
    }

    fn write(self, progress: &Progress) -> Outcome<(Unpublished, Temporary, LimiterTrace)> {
        let name = self.name();
        let stage = progress.stage("Rendering", &name, Some(self.source.duration_s()));
        let format = self.format();
        let existing = if self.replace { Existing::Replace } else { Existing::Error };
        let cannot = |error: EncodeError| encode_failure(&error).about(&name);
        let tags = self.tags(format, progress)?;
        let mut writer = match self.path {
            Some(path) => {
                make_folder(path)?;
                Writer::create_tagged(path, format, existing, &tags)
            }
            None => Writer::to_stream(Box::new(stdout()), format, &tags),
        }
        .map_err(cannot)?;
        let watched = Temporary::watch(writer.temporary_path());
        let trace = self.fill(&mut writer, &stage)?;
        Ok((writer.close().map_err(cannot)?, watched, trace))
    }

    /// Renders to a plain file and has that encoded.
    fn encode(self, codec: Codec, progress: &Progress) -> Outcome<(Pending, LimiterTrace)> {
        let name = self.name();
        let folder = temporary_folder()?;
        let plain_path = folder.path().join("rendered.wav");
        let mut plain = self.settings.clone();
        plain.output.format = FormatSetting::Wav;
        let writing = Writing { settings: &plain, path: Some(&plain_path), ..self };
        let (file, watched, trace) = writing.write(progress)?;
        let coded = folder.path().join("coded");
        let kbps = bitrate_kbps(&self.settings.output, codec);
        codec
            .encode(file.temporary_path(), self.source.spec(), kbps, &coded)
            .map_err(|why| Failure::failed(why).about(&name))?;
        drop((file, watched));
        let tags = self.tags(writing.format(), progress)?;
        if let Err(warning) = tags.write_to_coded(&coded) {
            progress.note("Note", &format!("{name}: {warning}"));
        }
        let place = match self.path {
            Some(path) => {
                make_folder(path)?;
                folder_of(path).to_owned()
            }
            None => std::env::temp_dir(),
        };
        let cannot = |error| Failure::failed(format!("{name}: cannot be written: {error}"));
        let mut pending = Pending::in_folder(&place).map_err(cannot)?;
        pending.fill(&mut File::open(&coded).map_err(cannot)?).map_err(cannot)?;
        Ok((pending, trace))
    }

    /// What messages call the output.
    fn name(&self) -> String {
        let path = self.path.map(|path| path.display().to_string());
        path.unwrap_or_else(|| "standard output".to_owned())
    }

    fn fill(&self, writer: &mut Writer, stage: &Stage) -> Outcome<LimiterTrace> {
        let name = self.name();
        let rate = f64::from(writer_rate(self.settings, self.source));
        let frames = (self.source.duration_s() * rate).max(1.0);
        let mut failure = None;
        let rendered = render(self.source, self.settings, &mut |block| {
            stage.set(writer.frames() as f64 / frames);
            writer.write(block).map_err(|error| {
                let text = encode_failure(&error).about(&name);
                failure = Some(text);
                WriteFailed
            })
        });
        match (rendered, failure) {
            (_, Some(failure)) => Err(failure),
            (Err(error), None) => Err(because(&error)),
            (Ok(trace), None) => Ok(trace),
        }
    }

    /// The plain file: the output itself, or what an encoder gets.
    fn format(&self) -> OutputFormat {
        let output = &self.settings.output;
        let file = match output.format {
            FormatSetting::Flac => FileFormat::Flac,
            FormatSetting::Aiff => FileFormat::Aiff,
            _ => FileFormat::Wav,
        };
        let sample_rate_hz = writer_rate(self.settings, self.source);
        let spec = AudioSpec { sample_rate_hz, ..self.source.spec() };
        OutputFormat { file, samples: output.bits.format(), spec }
    }

    /// The tags of the source, unless the target wants none.
    ///
    /// # Errors
    /// When the source is no longer what was read.
    fn tags(&self, format: OutputFormat, progress: &Progress) -> Outcome<Tags> {
        let strip = self.target.is_some_and(|target| target.metadata == MetadataRule::Strip);
        let Some(path) = self.source.path().filter(|_| !strip) else { return Ok(Tags::none()) };
        // The tags of another file would be a lie; those of one that is gone, a loss.
        self.source.check_unchanged().map_err(|error| because(&error).about(path.display()))?;
        let (tags, warnings) = Tags::read(path, format.spec.sample_rate_hz);
        let lost = tags.has_wave_chunks() && self.settings.output.format != FormatSetting::Wav;
        for warning in warnings.into_iter().chain(lost.then_some(TagWarning::ChunksDropped)) {
            progress.note("Note", &format!("{}: {warning}", path.display()));
        }
        Ok(tags)
    }
}

/// The sink could not write; the reason is kept beside it.
#[derive(Debug, thiserror::Error)]
#[error("the output could not be written")]
struct WriteFailed;

fn writer_rate(settings: &Settings, source: &Source) -> u32 {
    settings.output.sample_rate_hz.unwrap_or(source.spec().sample_rate_hz)
}

/// Outputs may go to a folder that is not there yet.
fn make_folder(path: &Path) -> Outcome<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => std::fs::create_dir_all(folder).map_err(|error| {
            Failure::failed(format!("{}: cannot make the folder: {error}", folder.display()))
        }),
        None => Ok(()),
    }
}

fn encode_failure(error: &EncodeError) -> Failure {
    match error {
        EncodeError::Exists | EncodeError::IsFolder | EncodeError::NoLayout { .. } => {
            Failure::refused(error)
        }
        other => because(other),
    }
}

fn measure_written(temporary: &Path, name: &str, mono: Mono) -> Outcome<Measured> {
    let unreadable = |error| because(&error).about(format!("{name} as written"));
    // One pass, and nothing of it is held: the source is in memory still.
    let (source, mut after) = open_and_analyze_heard(temporary, 0, mono).map_err(unreadable)?;
    let short_name = Path::new(name).file_name().unwrap_or_default().to_string_lossy();
    describe(&mut after.analysis, &short_name, source.format());
    Ok(after)
}

impl Complete {
    fn temporary_path(&self) -> &Path {
        match self {
            Self::Written(file, _) => file.temporary_path(),
            Self::Coded { file, .. } => file.path(),
        }
    }
}

impl Rendered {
    /// Where the file is for now.
    pub(crate) fn path(&self) -> &Path {
        self.file.temporary_path()
    }

    /// Gives the file its name, or sends it to standard output.
    ///
    /// # Errors
    /// When the name was taken meanwhile, the folder refuses, or nobody reads any more.
    pub(crate) fn publish(self) -> Outcome<()> {
        match self.file {
            Complete::Written(file, _watched) => {
                file.publish().map_err(|error| encode_failure(&error).about(self.name))
            }
            Complete::Coded { file, path: Some(path), replace } => file.publish(&path, replace),
            Complete::Coded { file, path: None, .. } => file.send(&mut stdout().lock()),
        }
    }
}
