//! The way of one input through `master`: every target from one analysis.

use std::path::{Path, PathBuf};
use std::time::Instant;

use acetate_analyzer::Measured;
use acetate_audio::{Mono, Reader};
use acetate_engine::LimiterTrace;
use acetate_optimizer::{Verdict, what_was_done};
use acetate_references::Target;
use acetate_references::target::RuleKind;
use serde_json::json;

use crate::aiming::Wishes;
use crate::audio_format::{FormatArguments, extension_of, unknown_source};
use crate::checking::codec::streamed;
use crate::delivering::{Decision, decide, say_delivery};
use crate::destinations::Destinations;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::inputs::Input;
use crate::lossy::Codec;
use crate::master_page::Made;
use crate::moves_text::{cannot_lines, verdict_line};
use crate::outputs::{NameParts, OutputArguments, Plan, sidecar};
use crate::progress::Progress;
use crate::reading::{Track, because, measure, remarks, warn};
use crate::result::FileResult;
use crate::update::{State, is_same, stamp, state};
use crate::writing::Writing;

/// What is the same for all inputs of a run.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub(crate) wishes: &'a Wishes,
    pub(crate) output: &'a OutputArguments,
    pub(crate) format: &'a FormatArguments,
    pub(crate) strict: bool,
    /// Write a page for each master: beside it, or where named.
    pub(crate) report: Option<&'a Option<PathBuf>>,
    pub(crate) dry_run: bool,
    pub(crate) destinations: Destinations<'a>,
    pub(crate) progress: Progress,
    pub(crate) workers: usize,
    /// One file alone: what codecs do to it is worth a second.
    pub(crate) single: bool,
}

/// Masters one input for all targets; one result a target.
pub(crate) fn master(input: &Input, session: &Session<'_>) -> Vec<FileResult> {
    let mut track = None;
    session
        .wishes
        .targets
        .iter()
        .map(|target| {
            deliver(input, target, session, &mut track)
                .unwrap_or_else(|failure| FileResult::failed(&input.name(), &failure))
        })
        .collect()
}

fn deliver(
    input: &Input,
    target: &Target,
    session: &Session<'_>,
    track: &mut Option<Track>,
) -> Outcome<FileResult> {
    let planned = session.destinations.plan(input, || name(input, target, session))?;
    if let Some(Plan::Skip(path)) = &planned {
        session.progress.note("Skipped", &format!("{} exists", path.display()));
        return Ok(FileResult::done(&input.name(), Exit::Done, json!({ "skipped": path })));
    }
    if let (true, Some(path)) = (session.dry_run, planned.as_ref().map(Plan::path)) {
        session.progress.done("Would", &format!("write {}", path.display()));
        return Ok(FileResult::done(&input.name(), Exit::Done, json!({ "would_write": path })));
    }
    let kept = |path: &Path| {
        session.progress.done("Kept", &format!("{} is up to date", path.display()));
        Ok(FileResult::done(&input.name(), Exit::Done, json!({ "up_to_date": path })))
    };
    let state = match &planned {
        Some(Plan::Update(path)) => Some((path, state(path, input, &session.wishes.md5()))),
        _ => None,
    };
    if let Some((path, State::Current)) = &state {
        return kept(path);
    }
    let mono = session.wishes.mono(target);
    let read = match track.take() {
        Some(track) => track.heard(mono)?,
        None => analyzed(input, mono, session)?,
    };
    let track = track.insert(read);
    if let Some((path, State::Unknown(document))) = state
        && is_same(*document, path, track)?
    {
        return kept(path);
    }
    let path = planned.as_ref().map(Plan::path);
    if let Some(page) = path.and_then(|path| session.report_path(path)) {
        session.destinations.check_beside(&page)?;
    }
    let decision = decided(track, target, path, session)?;
    match path {
        Some(path) => written(track, target, decision, path, session),
        None => piped(track, target, decision, session),
    }
}

/// The default name of the output; the header is enough to know its format.
fn name(input: &Input, target: &Target, session: &Session<'_>) -> Outcome<String> {
    let format = match input.path() {
        Some(path) => {
            let reader = Reader::open(path).map_err(|error| because(&error).about(input.name()))?;
            reader.format().clone()
        }
        None => unknown_source(),
    };
    let output = session.format.output(None, Some(target), &format)?;
    let reference = session.wishes.reference_name();
    let parts = NameParts {
        stem: &input.stem(),
        target: &target.id,
        target_asked: session.wishes.target_asked(),
        reference,
        extension: extension_of(output.format),
    };
    parts.fill(session.output.name.as_deref())
}

fn analyzed(input: &Input, mono: Mono, session: &Session<'_>) -> Outcome<Track> {
    let begun = Instant::now();
    let track = measure(input, session.workers)?.heard(mono)?.hashed()?;
    warn(&track, &session.progress);
    let line = format!("{}  {}", input.name(), track.measured.analysis.format);
    session.progress.timed("Analyzed", &line, begun);
    remarks(&track, &session.progress);
    Ok(track)
}

fn decided(
    track: &Track,
    target: &Target,
    path: Option<&Path>,
    session: &Session<'_>,
) -> Outcome<Decision> {
    let begun = Instant::now();
    let mut options = session.wishes.options().clone();
    options.output = session.format.output(path, Some(target), track.source.format())?;
    let decision = decide(track, target, session.wishes, options, &session.progress)?;
    let moves = match decision.document.moves.len() {
        0 => decision.document.summary.clone(),
        1 => "1 move (acetate suggest shows why)".to_owned(),
        count => format!("{count} moves (acetate suggest shows why)"),
    };
    session.progress.timed("Fitted", &format!("{}: {moves}", target.id), begun);
    Ok(decision)
}

fn written(
    track: &Track,
    target: &Target,
    mut decision: Decision,
    path: &Path,
    session: &Session<'_>,
) -> Outcome<FileResult> {
    let begun = Instant::now();
    let replace = session.destinations.replaces();
    let settings = decision.document.settings.clone();
    let writing = Writing {
        source: &track.source,
        settings: &settings,
        target: Some(target),
        path: Some(path),
        replace,
    };
    let rendered = writing.render(&session.progress)?;
    let after = rendered.after.analysis.clone();
    let made = (rendered.after.clone(), rendered.trace.clone());
    let format = after.format.to_string();
    let verdict = decision.verdict(&track.measured.analysis, target, &rendered);
    decision.document.numbers.after = Some(after);
    if let Some(source) = &mut decision.document.source {
        source.stamp = stamp(track);
    }
    let document_path = session.destinations.publish(rendered, path, &decision.document)?;
    let speed = track.source.duration_s() / begun.elapsed().as_secs_f64();
    let line = format!("{}  {format}  ({speed:.0}x real time)", path.display());
    session.progress.timed("Rendered", &line, begun);
    session.judged(&decision, &verdict);
    let done =
        what_was_done(&decision.document, &track.measured.analysis, &made.0.analysis, &verdict);
    if let Some(settings) = &document_path {
        session.progress.done("Also", &settings.display().to_string());
    }
    if session.single
        && target.loudness_rule == RuleKind::Playback
        && Codec::of(settings.output.format).is_none()
        && let Some(line) = streamed(path, &made.0)
    {
        session.progress.done("Codecs", &line);
    }
    let report = session.report(track, path, &decision, &verdict, &made)?;
    session.progress.done("Done", &done);
    let exit = session.exit(verdict.met() && !track.source.is_incomplete());
    Ok(FileResult::done(
        &track.input.name(),
        exit,
        json!({ "target": target.id, "output": path, "settings": document_path, "report": report, "done": done,
                "met": verdict.met(), "verdict": verdict,
                "numbers": decision.document.numbers }),
    ))
}

fn piped(
    track: &Track,
    target: &Target,
    decision: Decision,
    session: &Session<'_>,
) -> Outcome<FileResult> {
    let settings = &decision.document.settings;
    let writing = Writing {
        source: &track.source,
        settings,
        target: Some(target),
        path: None,
        replace: false,
    };
    let rendered = writing.render(&session.progress)?;
    let verdict = decision.verdict(&track.measured.analysis, target, &rendered);
    rendered.publish()?;
    session.judged(&decision, &verdict);
    let exit = session.exit(verdict.met() && !track.source.is_incomplete());
    let fields = json!({ "target": target.id, "output": "-", "verdict": verdict });
    Ok(FileResult::done(&track.input.name(), exit, fields))
}

impl Session<'_> {
    fn judged(&self, decision: &Decision, verdict: &Verdict) {
        let line = verdict_line(verdict, self.progress.paint());
        if verdict.met() {
            self.progress.done("Verified", &line);
        } else {
            // All but the tone of a record, to which a master only comes nearer.
            let word = if verdict.delivered() { "Nearer" } else { "Missed" };
            self.progress.note(word, &line);
        }
        if let Some(cannot) = &decision.fit.cannot {
            cannot_lines(cannot, &self.progress);
        }
        if let Some(judged) = &verdict.delivery {
            say_delivery("Rules", judged, &self.progress);
        }
    }

    /// Where the page about a master goes, when it was asked for.
    fn report_path(&self, output: &Path) -> Option<PathBuf> {
        self.report.map(|named| named.clone().unwrap_or_else(|| sidecar(output, "html")))
    }

    /// The page about a master, when it was asked for; gives where it is.
    fn report(
        &self,
        track: &Track,
        output: &Path,
        decision: &Decision,
        verdict: &Verdict,
        (after, trace): &(Measured, LimiterTrace),
    ) -> Outcome<Option<PathBuf>> {
        let Some(path) = self.report_path(output) else { return Ok(None) };
        let made = Made {
            track,
            output,
            document: &decision.document,
            verdict,
            aim: &decision.aim,
            after,
            trace,
            record: self.wishes.record(),
        };
        made.write_page(&path, self.workers, &self.progress)?;
        Ok(Some(path))
    }

    fn exit(&self, met: bool) -> Exit {
        if met || !self.strict { Exit::Done } else { Exit::Missed }
    }
}
