//! The way of one input through `master`: every target from one analysis.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use acetate::System;
use acetate::audio::numbers::counted;
use acetate::optimizer::MadeBy;
use acetate::output::{Destinations, Output, page_of};
use acetate::{Input, Master, Plan, Request, RestoreMode, Song, made_by};
use serde_json::json;

use crate::due::Dues;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::invocation;
use crate::master_page::Made;
use crate::output_arguments::OutputArguments;
use crate::progress::Progress;
use crate::reading::{measure, remarks, warn};
use crate::result::FileResult;
use crate::saying::{say_codecs, say_verdict};

/// What is the same for all inputs of a run.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    /// One a target.
    pub(crate) requests: &'a [Request],
    pub(crate) output: &'a OutputArguments,
    pub(crate) strict: bool,
    /// Write a page for each master: beside it, or where named.
    pub(crate) report: Option<&'a Option<PathBuf>>,
    /// Systems on which that page has the master, too.
    pub(crate) on: &'a [System],
    /// The first record, where it is a sound file.
    pub(crate) record: Option<PathBuf>,
    pub(crate) dry_run: bool,
    pub(crate) destinations: Destinations<'a>,
    pub(crate) progress: Progress,
    pub(crate) workers: usize,
    /// One file alone: what codecs do to it is worth a second.
    pub(crate) single: bool,
}

/// Masters one input for all targets; one result a target.
pub(crate) fn master(input: &Input, session: &Session<'_>) -> Vec<FileResult> {
    let mut song = None;
    session
        .requests
        .iter()
        .map(|request| {
            deliver(input, request, session, &mut song)
                .unwrap_or_else(|failure| FileResult::failed(&input.name(), &failure))
        })
        .collect()
}

fn deliver(
    input: &Input,
    request: &Request,
    session: &Session<'_>,
    song: &mut Option<Song>,
) -> Outcome<FileResult> {
    let Session { destinations, dry_run, progress, .. } = session;
    let dues = Dues { destinations, dry_run: *dry_run, progress };
    let name = || request.output_name(input, session.output.name.as_deref());
    let due = match dues.of(input, name, || today(input, request))? {
        ControlFlow::Break(result) => return Ok(result),
        ControlFlow::Continue(due) => due,
    };
    let read = match song.take() {
        Some(song) => song.heard(request.mono())?,
        None => analyzed(input, request, session)?,
    };
    let song = song.insert(read);
    let path = match dues.place(due, input, song)? {
        ControlFlow::Break(result) => return Ok(result),
        ControlFlow::Continue(path) => path,
    };
    let path = path.as_deref();
    if let Some(page) = path.and_then(|path| session.report_path(path)) {
        session.destinations.check_beside(&page)?;
    }
    let plan = decided(input, song, request, path, session)?;
    match path {
        Some(path) => written(input, song, &plan, path, session),
        None => piped(input, song, &plan, session),
    }
}

/// What would be written into the settings today.
fn today(input: &Input, request: &Request) -> MadeBy {
    let command = invocation::for_input(&input.short_name());
    made_by(Some(command), request.options.seed, &request.md5())
}

fn analyzed(input: &Input, request: &Request, session: &Session<'_>) -> Outcome<Song> {
    let begun = Instant::now();
    let song = measure(input, session.workers, request.mono(), &session.progress)?;
    warn(&song, &session.progress);
    let line = format!("{}  {}", input.name(), song.analysis().format);
    session.progress.timed("Analyzed", &line, begun);
    if request.restore != RestoreMode::Off {
        remarks(&song, request.restore.tells(), &session.progress);
    }
    Ok(song)
}

fn decided(
    input: &Input,
    song: &Song,
    request: &Request,
    path: Option<&Path>,
    session: &Session<'_>,
) -> Outcome<Plan> {
    let begun = Instant::now();
    let mut watching = session.progress.watching(&input.name(), None);
    let mut plan = match path {
        Some(path) => song.plan_master(path, request, &mut watching)?,
        None => song.suggest(request, &mut watching)?,
    };
    drop(watching);
    plan.document.made_by = Some(today(input, request));
    let moves = match plan.document.moves.len() {
        0 => plan.document.summary.clone(),
        count => format!("{} (acetate suggest shows why)", counted(count, "move")),
    };
    session.progress.timed("Fitted", &format!("{}: {moves}", plan.target().id), begun);
    let record = plan.document.moves.iter().filter(|step| step.is_about_record());
    record.for_each(|step| session.progress.note("Record", &step.text));
    let tried = plan.document.moves.iter().filter(|step| step.is_for_systems());
    tried.for_each(|step| session.progress.note("For", &step.text));
    Ok(plan)
}

fn written(
    input: &Input,
    song: &Song,
    plan: &Plan,
    path: &Path,
    session: &Session<'_>,
) -> Outcome<FileResult> {
    let begun = Instant::now();
    let duration_s = song.source().duration_s();
    let shown = path.display().to_string();
    let mut watching = session.progress.watching(&shown, Some(duration_s));
    let master = song.master(plan, session.destinations.output(path), &mut watching)?;
    drop(watching);
    let speed = duration_s / begun.elapsed().as_secs_f64();
    let line = format!("{shown}  {}  ({speed:.0}x real time)", master.after.analysis.format);
    session.progress.timed("Rendered", &line, begun);
    say_verdict(plan, &master.verdict, &session.progress);
    if let Some(settings) = master.settings_path() {
        session.progress.done("Also", &settings.display().to_string());
    }
    if session.single {
        say_codecs(path, plan, &master.after, &session.progress);
    }
    let report = session.report(song, path, plan, &master)?;
    session.progress.done("Done", &master.done);
    Ok(FileResult::done(
        &input.name(),
        session.exit(master.met()),
        json!({ "target": plan.target().id, "output": path, "settings": master.settings_path(), "report": report,
                "done": master.done, "met": master.verdict.met(), "verdict": master.verdict,
                "numbers": master.document.numbers }),
    ))
}

fn piped(input: &Input, song: &Song, plan: &Plan, session: &Session<'_>) -> Outcome<FileResult> {
    let mut watching = session.progress.watching("standard output", None);
    let master = song.master(plan, Output::stdout(), &mut watching)?;
    drop(watching);
    say_verdict(plan, &master.verdict, &session.progress);
    let fields = json!({ "target": plan.target().id, "output": "-", "verdict": master.verdict });
    Ok(FileResult::done(&input.name(), session.exit(master.met()), fields))
}

impl Session<'_> {
    /// Where the page about a master goes, when it was asked for.
    fn report_path(&self, output: &Path) -> Option<PathBuf> {
        self.report.map(|named| page_of(named.as_deref(), output))
    }

    /// The page about a master, when it was asked for; gives where it is.
    fn report(
        &self,
        song: &Song,
        output: &Path,
        plan: &Plan,
        master: &Master,
    ) -> Outcome<Option<PathBuf>> {
        let Some(path) = self.report_path(output) else { return Ok(None) };
        let record = self.record.as_deref();
        let made = Made { song, output, aim: plan.aim(), master, record, on: self.on };
        made.write_page(&path, self.workers, &self.progress)?;
        Ok(Some(path))
    }

    fn exit(&self, met: bool) -> Exit {
        if met || !self.strict { Exit::Done } else { Exit::Missed }
    }
}
