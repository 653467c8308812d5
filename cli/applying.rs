//! The way of one input through `apply`.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use acetate::audio::numbers::number;
use acetate::optimizer::{MadeBy, Mark};
use acetate::output::{Destinations, Output, page_of};
use acetate::page::record_beside;
use acetate::{Application, Applied, Input, Master, Song, made_by, mended_kinds};
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
use crate::saying::say_delivery;

/// What is the same for all inputs of a run.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub(crate) application: &'a Application,
    /// Write a page for each master: beside it, or where named.
    pub(crate) report: Option<&'a Option<PathBuf>>,
    /// The settings come from ears, not from reading: say what they do.
    pub(crate) says_done: bool,
    pub(crate) output: &'a OutputArguments,
    pub(crate) strict: bool,
    pub(crate) dry_run: bool,
    pub(crate) destinations: Destinations<'a>,
    pub(crate) progress: Progress,
    pub(crate) workers: usize,
}

/// Renders one input.
pub(crate) fn apply(input: &Input, session: &Session<'_>) -> FileResult {
    session.run(input).unwrap_or_else(|failure| FileResult::failed(&input.name(), &failure))
}

impl Session<'_> {
    fn run(&self, input: &Input) -> Outcome<FileResult> {
        let Self { destinations, dry_run, progress, .. } = self;
        let dues = Dues { destinations, dry_run: *dry_run, progress };
        let name = || self.application.output_name(input, self.output.name.as_deref());
        let due = match dues.of(input, name, || self.today(input))? {
            ControlFlow::Break(result) => return Ok(result),
            ControlFlow::Continue(due) => due,
        };
        let song = measure(input, self.workers, self.application.mono(), progress)?;
        let path = match dues.place(due, input, &song)? {
            ControlFlow::Break(result) => return Ok(result),
            ControlFlow::Continue(path) => path,
        };
        warn(&song, progress);
        let mended = mended_kinds(&self.application.document().settings.restore);
        remarks(&song, mended, progress);
        let path = path.as_deref();
        if let Some(page) = path.and_then(|path| self.page_path(path)) {
            self.destinations.check_beside(&page)?;
        }
        self.render(input, &song, path)
    }

    /// What would be written into the settings today.
    fn today(&self, input: &Input) -> MadeBy {
        let command = invocation::for_input(&input.short_name());
        let seed = self.application.document().settings.output.seed;
        made_by(Some(command), seed, &self.application.md5())
    }

    fn render(&self, input: &Input, song: &Song, path: Option<&Path>) -> Outcome<FileResult> {
        let begun = Instant::now();
        let mut application = self.application.clone();
        application.command = Some(invocation::for_input(&input.short_name()));
        let output = match path {
            Some(path) => self.destinations.output(path),
            None => Output::stdout(),
        };
        let shown = path.map_or_else(|| "-".to_owned(), |path| path.display().to_string());
        let mut watching = self.progress.watching(&shown, Some(song.source().duration_s()));
        let Applied { master, on_aim } = song.apply(&application, output, &mut watching)?;
        drop(watching);
        if let Some(cannot) = &master.document.cannot {
            self.progress.note("Reason", &cannot.reason);
        }
        let line = format!("{shown}  {}", master.after.analysis.format);
        self.progress.timed("Rendered", &line, begun);
        self.say_measured(&master, on_aim);
        let delivery = &master.verdict.delivery;
        if let Some(judged) = delivery {
            say_delivery("Rules", judged, &self.progress);
        }
        self.say_changes(&master);
        if self.says_done {
            self.progress.done("Done", &master.done);
        }
        if let Some(settings) = master.settings_path() {
            self.progress.done("Also", &settings.display().to_string());
        }
        let met = on_aim && delivery.as_ref().is_none_or(|judged| judged.ok);
        let page = path.and_then(|path| Some((path, self.page_path(path)?)));
        if let Some((output, page)) = &page {
            let aim = &master.document.aim.aim();
            let document = &master.document;
            let record = song.path().and_then(|path| record_beside(path, document));
            let record = record.as_deref();
            let made = Made { song, output, aim, master: &master, record, on: &[] };
            made.write_page(page, self.workers, &self.progress)?;
        }
        let exit = if (met && master.whole) || !self.strict { Exit::Done } else { Exit::Missed };
        let report = page.map(|(_, page)| page);
        let fields = json!({ "output": shown, "met": met, "delivery": delivery, "report": report,
            "moves": master.document.moves, "after": master.after.analysis });
        Ok(FileResult::done(&input.name(), exit, fields))
    }

    /// Where the page about an output goes, when it was asked for.
    fn page_path(&self, output: &Path) -> Option<PathBuf> {
        self.report.map(|named| page_of(named.as_deref(), output))
    }

    /// Which moves are not as they were suggested.
    fn say_changes(&self, master: &Master) {
        let named = |mark: Mark, word: &str| {
            let moves = master.document.moves.iter();
            let ids: Vec<&str> =
                moves.filter(|step| step.mark == mark).map(|step| step.id.as_str()).collect();
            (!ids.is_empty()).then(|| format!("{word}: {}", ids.join(", ")))
        };
        let changes = [named(Mark::Edited, "edited"), named(Mark::LeftOut, "left out")];
        let text: Vec<String> = changes.into_iter().flatten().collect();
        if !text.is_empty() {
            self.progress.done("Moves", &text.join("   "));
        }
    }

    /// Says what was measured, and what was aimed at where that is something else.
    fn say_measured(&self, master: &Master, on_aim: bool) {
        let loudness = &master.after.analysis.loudness;
        let target = master.document.aim.target.as_ref();
        let text = format!(
            "{} LUFS   {} dBTP",
            number(loudness.integrated_lufs, 2),
            number(loudness.true_peak_dbtp, 2)
        );
        match (on_aim, target.and_then(|target| target.integrated_lufs)) {
            (true, _) => self.progress.done("Measured", &text),
            (false, Some(aim)) => {
                self.progress.note("Measured", &format!("{text}   ({})", self.off_aim(aim)));
            }
            (false, None) => self.progress.note("Measured", &text),
        }
    }

    /// What to say when the loudness is not the one that was aimed at.
    fn off_aim(&self, aim_lufs: f64) -> String {
        if self.application.lufs().is_some() {
            return format!("{aim_lufs:.1} LUFS was asked for");
        }
        format!(
            "the settings aimed at {aim_lufs:.1} LUFS; --lufs {aim_lufs} solves the drive again"
        )
    }
}
