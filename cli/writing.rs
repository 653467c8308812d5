//! From settings to a file: rendered, complete under a temporary name, measured, then published.

use std::io::stdout;
use std::path::Path;

use acetate_analyzer::{Measured, analyze};
use acetate_audio::{
    AudioSpec, EncodeError, Existing, FileFormat, MEMORY_LIMIT_BYTES, OutputFormat, Source, Tags,
    Unpublished, Writer,
};
use acetate_engine::settings::OutputFormat as FormatSetting;
use acetate_engine::{LimiterTrace, Settings, render};
use acetate_references::Target;
use acetate_references::target::MetadataRule;

use crate::failure::{Failure, Outcome};
use crate::interrupt::Temporary;
use crate::progress::{Progress, Stage};
use crate::reading::{because, describe};

/// A rendered file that has not got its name yet; dropped, it is removed.
#[derive(Debug)]
pub(crate) struct Rendered {
    file: Unpublished,
    name: String,
    // Dropped last: until then an interruption removes the file.
    _watched: Temporary,
    /// What the file measures, decoded again.
    pub(crate) after: Measured,
    /// What the limiter did.
    pub(crate) trace: LimiterTrace,
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
        let name = self.name();
        let stage = progress.stage("Rendering", &name, Some(self.source.duration_s()));
        let format = self.format()?;
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
        let file = writer.close().map_err(cannot)?;
        let after = measure_written(file.temporary_path(), &name)?;
        Ok(Rendered { file, name, _watched: watched, after, trace })
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

    fn format(&self) -> Outcome<OutputFormat> {
        let output = &self.settings.output;
        let file = match output.format {
            FormatSetting::Wav => FileFormat::Wav,
            FormatSetting::Flac => FileFormat::Flac,
            FormatSetting::Aiff => FileFormat::Aiff,
            other => {
                let word = crate::audio_format::extension_of(other);
                return Err(Failure::usage(format!(
                    "settings.output.format: {word} cannot be written"
                ))
                .next("use wav, flac or aiff, and convert it with an encoder of your choice"));
            }
        };
        let sample_rate_hz = writer_rate(self.settings, self.source);
        let spec = AudioSpec { sample_rate_hz, channels: self.source.spec().channels };
        Ok(OutputFormat { file, samples: output.bits.format(), spec })
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
        for warning in warnings {
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
        EncodeError::Exists | EncodeError::IsFolder => Failure::refused(error),
        other => because(other),
    }
}

fn measure_written(temporary: &Path, name: &str) -> Outcome<Measured> {
    let unreadable = |error| because(&error).about(format!("{name} as written"));
    let source = Source::open(temporary, MEMORY_LIMIT_BYTES).map_err(unreadable)?;
    let mut after = analyze(&source).map_err(unreadable)?;
    let short_name = Path::new(name).file_name().unwrap_or_default().to_string_lossy();
    describe(&mut after.analysis, &short_name, source.format());
    Ok(after)
}

impl Rendered {
    /// Gives the file its name, or sends it to standard output.
    ///
    /// # Errors
    /// When the name was taken meanwhile, the folder refuses, or nobody reads any more.
    pub(crate) fn publish(self) -> Outcome<()> {
        self.file.publish().map_err(|error| encode_failure(&error).about(self.name))
    }
}
