//! From an input to sound and what was measured of it.

use std::error::Error;
use std::io::{IsTerminal, stdin};

use acetate_analyzer::{
    Analysis, Finding, Measured, Severity, analyze, codes, open_and_analyze_heard,
};
use acetate_audio::{MEMORY_LIMIT_BYTES, Mono, Source, SourceFormat};

use crate::failure::{Failure, Outcome};
use crate::inputs::Input;
use crate::progress::Progress;

/// An input that was read and measured.
#[derive(Debug)]
pub(crate) struct Track {
    pub(crate) input: Input,
    pub(crate) source: Source,
    pub(crate) measured: Measured,
    /// Fingerprint of the decoded samples; there after [`Track::hashed`].
    pub(crate) pcm_md5: Option<String>,
}

impl Track {
    /// The same track, with a lone channel heard so; measured again only where that changes something.
    ///
    /// # Errors
    /// When the source cannot be read again.
    pub(crate) fn heard(self, mono: Mono) -> Outcome<Self> {
        let format = &self.measured.analysis.format;
        if format.mono.is_none_or(|now| now == mono) {
            return Ok(self);
        }
        let source = self.source.heard(mono);
        let name = self.input.name();
        let mut measured = analyze(&source).map_err(|error| because(&error).about(&name))?;
        describe(&mut measured.analysis, &self.input.short_name(), source.format());
        Ok(Self { source, measured, ..self })
    }

    /// The same track with the hash of its samples.
    ///
    /// # Errors
    /// When the source cannot be read again.
    pub(crate) fn hashed(mut self) -> Outcome<Self> {
        self.pcm_md5 =
            Some(self.source.pcm_md5().map_err(|error| because(&error).about(self.input.name()))?);
        Ok(self)
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Says what was wrong with a file that could be read nevertheless.
pub(crate) fn warn(track: &Track, progress: &Progress) {
    for warning in track.source.warnings() {
        progress.note("Note", &format!("{}: {warning}", track.input.name()));
    }
    if track.source.is_incomplete() {
        let lost_s = track.source.lost_s();
        progress.note(
            "Warning",
            &format!("{}: {lost_s:.1} s of sound are missing", track.input.name()),
        );
    }
}

/// Says what is wrong with the recording itself, a line each: what damages it, and what is better mended in the mix.
pub(crate) fn remarks(track: &Track, progress: &Progress) {
    let name = track.input.short_name();
    for finding in
        track.measured.analysis.findings.iter().filter(|finding| is_worth_a_line(finding))
    {
        progress.note("Note", &format!("{name}: {} ({})", finding.sentence(), finding.code));
    }
}

/// Remarks that are good to know are left to `analyze`, but for flat tops, which nothing brings back, and for a master as
/// input, which is most often a mistake.
fn is_worth_a_line(finding: &Finding) -> bool {
    const ALWAYS: [&str; 3] = [codes::CLIPPED, codes::CLIPPED_THEN_LOWERED, codes::LIMITED];
    finding.severity > Severity::Info || ALWAYS.contains(&finding.code.as_str())
}

/// Opens an input as sound; `workers` files share the memory.
///
/// # Errors
/// When it cannot be read or decoded.
pub(crate) fn open(input: &Input, workers: usize) -> Outcome<Source> {
    open_within(input, memory_bytes(workers))
}

fn open_within(input: &Input, memory_bytes: u64) -> Outcome<Source> {
    let opened = match input {
        Input::File { path, .. } => Source::open(path, memory_bytes),
        Input::Stdin if stdin().is_terminal() => {
            return Err(Failure::usage("standard input is the terminal")
                .next("name a file, or pipe sound into acetate"));
        }
        Input::Stdin => Source::from_stream(&mut stdin().lock(), memory_bytes),
    };
    opened.map_err(|error| because(&error).about(input.name()))
}

/// Decoded sound that one of `workers` files may hold in memory: half, for what a fit makes of it is held beside it
/// (`acetate_engine::prepare`).
fn memory_bytes(workers: usize) -> u64 {
    MEMORY_LIMIT_BYTES / 2 / workers.max(1) as u64
}

/// Opens and measures an input, and holds its sound when it fits; `workers` files share the memory. A lone channel is heard from two
/// loudspeakers: see [`Track::heard`].
///
/// # Errors
/// When it cannot be read or decoded.
pub(crate) fn measure(input: &Input, workers: usize) -> Outcome<Track> {
    measure_within(input, memory_bytes(workers), Mono::Dual)
}

/// Opens and measures an input whose sound is not wanted any more: block by block, nothing is held.
///
/// # Errors
/// When it cannot be read or decoded.
pub(crate) fn measure_only(input: &Input, mono: Mono) -> Outcome<Track> {
    measure_within(input, 0, mono)
}

fn measure_within(input: &Input, memory_bytes: u64, mono: Mono) -> Outcome<Track> {
    let (source, mut measured) = match input {
        Input::File { path, .. } => open_and_analyze_heard(path, memory_bytes, mono),
        Input::Stdin => {
            let source = open_within(input, memory_bytes)?.heard(mono);
            analyze(&source).map(|measured| (source, measured))
        }
    }
    .map_err(|error| because(&error).about(input.name()))?;
    describe(&mut measured.analysis, &input.short_name(), source.format());
    Ok(Track { input: input.clone(), source, measured, pcm_md5: None })
}

/// Writes into the analysis what only the file knows.
pub(crate) fn describe(analysis: &mut Analysis, name: &str, format: &SourceFormat) {
    analysis.file = Some(name.to_owned());
    analysis.format.container = word(&format.container);
    analysis.format.codec = word(&format.codec);
    analysis.format.bits = format.bits;
}

/// The name of an enum's variant as documents write it.
fn word(value: &impl serde::Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

/// An error of a library with its causes, on one line.
pub(crate) fn because(error: &dyn Error) -> Failure {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    Failure::failed(text)
}
