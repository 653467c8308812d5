//! `acetate restore`: mend what is broken, and leave the rest bit for bit.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use acetate::audio::Mono;
use acetate::output::{Destinations, IfExists, Output, is_one_place, page_of, sidecar, write_text};
use acetate::{
    Found, Input, KIND_NAMES, RestoreWish, SettingsDocument, Song, SoundInPage, made_by,
};
use clap::Args;
use serde_json::json;

use crate::batch::each;
use crate::due::Dues;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::format_arguments::FormatArguments;
use crate::global::Global;
use crate::inputs::expand;
use crate::output_arguments::OutputArguments;
use crate::progress::Progress;
use crate::reading::{measure, warn};
use crate::result::FileResult;
use crate::{invocation, lookup};

/// Mend clicks, crackle, hum, hiss and clipping, and leave the rest as it is
#[derive(Args, Debug)]
#[command(
    mut_arg("bits", |bits| bits.help("Sample format [default: keep; 32f where tops were rebuilt]")),
    mut_arg("dither", |dither| dither.help("Noise added before rounding [default: none]")),
    mut_arg("name", |name| name.help("Name of the output, from {stem} {ext} [default: {stem}.restored.{ext}]")),
    after_help = "Examples:\n  acetate restore tape.wav -n                      say what would be mended\n  acetate restore tape.wav                         tape.restored.wav, and its plan beside it\n  acetate restore tape.wav --removed away.wav      hear what was taken away\n  acetate restore tape.wav --report                a page: when, and what was taken away\n  acetate restore tape.wav --plan tape.restored.wav.settings.json -f   the plan, edited\n  acetate restore vinyl/ -d mended --only clicks --strength 80"
)]
pub(crate) struct RestoreArguments {
    /// Audio files or folders
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only these kinds of damage
    #[arg(long, value_name = "KIND,..", value_delimiter = ',', value_parser = KIND_NAMES, help_heading = "Taste")]
    only: Vec<String>,
    /// Share of the damage that is taken away, in %
    #[arg(long, value_name = "PCT", default_value_t = 100, allow_negative_numbers = true, value_parser = clap::value_parser!(u8).range(0..=100), help_heading = "Taste")]
    strength: u8,
    /// How far hiss is lowered where nothing else is, in dB
    #[arg(long, value_name = "DB", default_value_t = 12, allow_negative_numbers = true, value_parser = clap::value_parser!(u8).range(0..=30), help_heading = "Taste")]
    hiss_db: u8,
    /// Mend what may be meant, too: tops where more than 8 % are cut off
    #[arg(long, help_heading = "Taste")]
    meant_too: bool,
    /// Mend what these settings name, perhaps edited, instead of what is found
    #[arg(long, value_name = "SETTINGS", conflicts_with = "only")]
    plan: Option<PathBuf>,
    /// Also write what was taken away to FILE, as 32-bit floats
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    removed: Option<PathBuf>,
    /// Also write a page: when, what was taken away to see and to hear; beside the file or to =FILE
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, help_heading = "Output")]
    report: Option<Option<PathBuf>>,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    format: FormatArguments,
}

/// What is the same for all inputs of a run.
struct Session<'a> {
    wish: RestoreWish,
    planned: Option<SettingsDocument>,
    arguments: &'a RestoreArguments,
    dry_run: bool,
    destinations: Destinations<'a>,
    progress: Progress,
    workers: usize,
}

pub(crate) fn run(arguments: &RestoreArguments, global: &Global) -> Outcome<Exit> {
    let inputs = expand(&arguments.files)?;
    arguments.output.expect_outputs(inputs.list.len())?;
    arguments.output.expect_no_terminal()?;
    arguments.output.expect_page(arguments.report.as_ref(), inputs.list.len())?;
    if inputs.list.len() > 1 && (arguments.removed.is_some() || arguments.plan.is_some()) {
        return Err(Failure::usage(
            "--removed and --plan are about one file, and there are several",
        ));
    }
    let wish = RestoreWish {
        strength_pct: f64::from(arguments.strength),
        hiss_db: f64::from(arguments.hiss_db),
        meant_too: arguments.meant_too,
        file: arguments.format.wish(),
        removed: arguments.removed.clone(),
        replace_removed: arguments.output.replace,
        ..RestoreWish::default()
    };
    let planned = arguments.plan.as_deref().map(lookup::settings).transpose()?;
    let mut protected = inputs.list.clone();
    protected.extend(arguments.plan.as_ref().map(Input::file));
    let naming = arguments.output.naming();
    let session = Session {
        wish: wish.only(&arguments.only)?,
        planned,
        arguments,
        dry_run: global.dry_run,
        destinations: Destinations::new(&naming, &protected),
        progress: global.progress(),
        workers: if inputs.list.len() > 1 { global.workers() } else { 1 },
    };
    each("restore", &inputs.list, session.workers, global, |input| {
        vec![session.run(input).unwrap_or_else(|f| FileResult::failed(&input.name(), &f))]
    })
}

impl Session<'_> {
    fn run(&self, input: &Input) -> Outcome<FileResult> {
        let Self { destinations, progress, wish, .. } = self;
        let dues = Dues { destinations, dry_run: false, progress };
        let template = self.arguments.output.name.as_deref();
        let name = || wish.output_name(input, template);
        let command = invocation::for_input(&input.short_name());
        let today = || made_by(Some(command.clone()), 1, &wish.md5());
        let due = match dues.of(input, name, today)? {
            ControlFlow::Break(result) => return Ok(result),
            ControlFlow::Continue(due) => due,
        };
        self.expect_apart(due.path())?;
        if let Some(removed) = &wish.removed {
            destinations.check_beside(removed)?;
        }
        let song = measure(input, self.workers, Mono::Dual, progress)?;
        let path = match dues.place(due, input, &song)? {
            ControlFlow::Break(result) => return Ok(result),
            ControlFlow::Continue(path) => path,
        };
        warn(&song, progress);
        let begun = Instant::now();
        let mut watching = progress.watching(&input.name(), None);
        let found = match &self.planned {
            Some(document) => song.planned_repairs(document)?,
            None => song.find_damage(wish, &mut watching)?,
        };
        drop(watching);
        let line = format!("{}  {}", input.name(), song.analysis().format);
        progress.timed(if self.planned.is_some() { "Planned" } else { "Searched" }, &line, begun);
        for (kind, line) in &found.lines {
            progress.done(kind, line);
        }
        let path = match (path, &self.arguments.output.output) {
            (Some(usual), None) => Some(wish.place(usual, &found.settings)),
            (path, _) => path,
        };
        self.expect_apart(path.as_deref())?;
        for path in path.iter().chain(&self.page(path.as_deref())) {
            destinations.check_beside(path)?;
        }
        let shown = path.as_ref().map_or_else(|| "-".to_owned(), |p| p.display().to_string());
        if found.settings.is_neutral() {
            let left = !found.settings.clipping.sections.is_empty();
            let why = match wish.strength_pct {
                0.0 => "--strength 0 leaves all of it",
                _ if left => "tops are left (--meant-too rebuilds them)",
                _ => "nothing to mend",
            };
            progress.note("Kept", &format!("{}: {why}, nothing written", input.name()));
            return Ok(FileResult::done(&input.name(), Exit::Done, json!({ "found": found })));
        }
        if self.dry_run {
            progress.done("Would", &format!("write {shown}"));
            let also = self.beside(path.as_deref());
            for also in &also {
                progress.done("Also", &also.display().to_string());
            }
            let would = json!({ "would_write": shown, "would_also_write": also, "found": found });
            return Ok(FileResult::done(&input.name(), Exit::Done, would));
        }
        self.mend(&song, &found, path.as_deref(), command)
    }

    /// All that is written beside the mended file.
    fn beside(&self, output: Option<&Path>) -> Vec<PathBuf> {
        let settings = output.map(|output| sidecar(output, "settings.json"));
        settings.into_iter().chain(self.wish.removed.clone()).chain(self.page(output)).collect()
    }

    /// Expects that no two files of this run have one place.
    fn expect_apart(&self, output: Option<&Path>) -> Outcome<()> {
        let beside = self.beside(output);
        let all: Vec<&Path> =
            output.into_iter().chain(beside.iter().map(PathBuf::as_path)).collect();
        let twice =
            (1..all.len()).find(|&n| all[..n].iter().any(|path| is_one_place(path, all[n])));
        match twice {
            None => Ok(()),
            Some(n) => Err(Failure::usage(format!(
                "{} is named for two of the files that would be written",
                all[n].display()
            ))
            .next("the mended file, its settings, --removed and --report need a name each")),
        }
    }

    /// Where the page goes, when it was asked for.
    fn page(&self, output: Option<&Path>) -> Option<PathBuf> {
        let (named, output) = (self.arguments.report.as_ref()?, output?);
        Some(page_of(named.as_deref(), output))
    }

    fn mend(
        &self,
        song: &Song,
        found: &Found,
        path: Option<&Path>,
        command: String,
    ) -> Outcome<FileResult> {
        let (progress, begun) = (&self.progress, Instant::now());
        let output = path.map_or_else(Output::stdout, |path| self.destinations.output(path));
        let shown = path.map_or_else(|| "-".to_owned(), |path| path.display().to_string());
        let wish = RestoreWish { command: Some(command), ..self.wish.clone() };
        let mut watching = progress.watching(&shown, Some(song.source().duration_s()));
        let restored = song.restore(&found.settings, &wish, output, &mut watching)?;
        drop(watching);
        let line = format!("{shown}  {}", restored.after.analysis.format);
        progress.timed("Mended", &line, begun);
        if let Some(changed) = &restored.changed {
            progress.done("Untouched", &changed.line());
        }
        for also in restored.settings.iter().chain(&wish.removed) {
            progress.done("Also", &also.display().to_string());
        }
        let page = self.page(path);
        if let Some(page) = &page {
            let mut watching = progress.watching("report", None);
            let html = song.repairs_page(found, &restored, SoundInPage::Auto, &mut watching)?;
            drop(watching);
            write_text(page, &html, IfExists::Replace)?;
            progress.done("Also", &page.display().to_string());
        }
        let fields = json!({ "output": shown, "found": found, "changed": restored.changed,
            "settings": restored.settings, "removed": wish.removed, "report": page });
        Ok(FileResult::done(song.name(), Exit::Done, fields))
    }
}
