//! `acetate stems`: a master, and stems that add up to it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use acetate::audio::numbers::counted;
use acetate::output::{IfExists, page_of, write_text};
use acetate::{
    DamageKinds, Input, PageWish, Plan, Request, StemFile, StemVersion, Stems, StemsMaster,
    StemsOutput, made_by, unmastered,
};
use clap::Args;
use serde_json::json;

use crate::exit::Exit;
use crate::failure::Outcome;
use crate::fit_arguments::FitArguments;
use crate::format_arguments::FormatArguments;
use crate::global::Global;
use crate::inputs::expand;
use crate::invocation;
use crate::progress::Progress;
use crate::reading::{remarks, warn};
use crate::result::{CommandResult, FileResult};
use crate::saying::{say_codecs, say_verdict};
use crate::wishes::requests;

/// Master the sum of stems, and write stems that add up to it
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate stems song/                             song/mastered/: the master and every stem\n  acetate stems song/ --mix mix.wav -t loud       what the mix has beside its stems: rest.loud.wav\n  acetate stems bass.wav drums.wav vocals.wav -d out --also instrumental=-vocals,acapella=vocals\n  acetate stems song/ -r record.flac --balance    as the record; a stem that is too loud is turned down itself"
)]
pub(crate) struct StemsArguments {
    /// The stems: files of one rate that begin together (what is shorter is silent at its end), a .stem.mp4, or a folder of them
    #[arg(required = true, value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
    /// The mix, where it is more than the sum of the stems
    #[arg(long, value_name = "FILE")]
    mix: Option<PathBuf>,
    /// Also write sums of stems: NAME=STEM+STEM, or NAME=-STEM+STEM for all but these
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    also: Vec<StemVersion>,
    /// Change stems that cause what the aim asks for, each by at most 3 dB, instead of the whole mix
    #[arg(long)]
    balance: bool,
    #[command(flatten)]
    fit: FitArguments,
    /// Write into this folder [default: mastered/ in the folder of the stems]
    #[arg(short = 'd', long, value_name = "DIR", help_heading = "Output")]
    output_dir: Option<PathBuf>,
    /// Names of the outputs, from {stem} {target} {reference} {ext}
    #[arg(long, value_name = "TEMPLATE", help_heading = "Output")]
    name: Option<String>,
    /// Replace what exists (never an input)
    #[arg(short = 'f', help_heading = "Output")]
    replace: bool,
    #[command(flatten)]
    format: FormatArguments,
    /// Also write a page with charts and a player beside the master: which stem works the limiter, what was done to which
    #[arg(long, help_heading = "Output")]
    report: bool,
    /// A missed target is exit 3, not a warning
    #[arg(long)]
    strict: bool,
}

pub(crate) fn run(arguments: &StemsArguments, global: &Global) -> Outcome<Exit> {
    let (progress, begun) = (global.progress(), Instant::now());
    let requests = requests(&arguments.fit, &arguments.format.wish())?;
    let same = |a: &Path, b: &Path| a.canonicalize().ok() == b.canonicalize().ok();
    let is_mix = |path: &Path| arguments.mix.as_deref().is_some_and(|mix| same(path, mix));
    let inputs = expand(&arguments.files)?.list;
    let paths = inputs.iter().filter_map(Input::path).filter(|path| !is_mix(path));
    let (files, mastered) = unmastered(paths.map(Path::to_owned).collect());
    for path in mastered {
        progress.note("Skipped", &format!("{} is a mastered stem of acetate", path.display()));
    }
    let (folder, title) = StemsOutput::usual(&arguments.files[0]);
    let mut watching = progress.watching(&title, None);
    let mix = arguments.mix.as_deref();
    let stems = Stems::open(&files, &title, mix, requests[0].mono(), &mut watching)?;
    let output = StemsOutput {
        folder: arguments.output_dir.clone().unwrap_or(folder),
        template: arguments.name.clone(),
        replace: arguments.replace,
        versions: arguments.also.clone(),
    };
    requests.iter().try_for_each(|request| stems.check(request, &output))?;
    let about =
        format!("{}  {}", counted(stems.names().len(), "stem"), stems.song().analysis().format);
    warn(stems.song(), &progress);
    progress.timed("Analyzed", &about, begun);
    remarks(stems.song(), DamageKinds::NONE, &progress);
    for line in stems.in_mix().map(|found| found.lines()).unwrap_or_default() {
        progress.note("Mix", &line);
    }
    let mut results = Vec::new();
    for request in &requests {
        let making = Making { stems: &stems, title: &title, request, output: &output, arguments };
        results.extend(making.run(global)?);
    }
    let result = CommandResult::of("stems", results);
    result.print(global.json, global.jsonl)?;
    Ok(result.exit())
}

/// One delivery of the stems.
struct Making<'a> {
    stems: &'a Stems,
    title: &'a str,
    request: &'a Request,
    output: &'a StemsOutput,
    arguments: &'a StemsArguments,
}

impl Making<'_> {
    fn run(&self, global: &Global) -> Outcome<Vec<FileResult>> {
        let Self { title, request, output, arguments, .. } = *self;
        let (progress, begun) = (global.progress(), Instant::now());
        let mut watching = progress.watching(title, None);
        let whole = self.stems.song().suggest(request, &mut watching)?;
        let balance = self.stems.balance(&whole, &mut watching)?;
        let changed = if arguments.balance && !balance.moves.is_empty() {
            Some(self.stems.balanced(&balance.moves, &mut watching)?)
        } else {
            None
        };
        let stems = changed.as_ref().unwrap_or(self.stems);
        let mut plan = match &changed {
            Some(changed) => changed.song().suggest(request, &mut watching)?,
            None => whole.clone(),
        };
        let ways = stems.ways(balance, &whole, &plan);
        plan.document.made_by =
            Some(made_by(Some(invocation::for_input(title)), request.options.seed, &request.md5()));
        ways.note_in(&mut plan.document);
        let fitted = format!("{}: {}", plan.target().id, plan.document.summary);
        progress.timed("Fitted", &fitted, begun);
        for line in ways.lines() {
            progress.note("Balance", &line);
        }
        if arguments.balance && !ways.applied {
            progress.note("Balance", ways.nothing());
        }
        if global.dry_run {
            let files = stems.would_write(&plan, request, output)?;
            for path in &files {
                progress.done("Would", &format!("write {}", path.display()));
            }
            let would = json!({ "would_write": output.folder, "files": files, "balance": ways });
            return Ok(vec![FileResult::done(title, Exit::Done, would)]);
        }
        let begun = Instant::now();
        let made = stems.master(&plan, request, output, &mut watching)?;
        drop(watching);
        let page = arguments.report.then(|| stems.page(&plan, &made, &ways, PageWish::default()));
        let page = page.transpose()?;
        let path = made.master.path().unwrap_or(&output.folder);
        progress.timed("Rendered", &path.display().to_string(), begun);
        say(&made, &plan, &progress);
        let page = page.map(|html| (page_of(None, path), html));
        if let Some((page, html)) = &page {
            write_text(page, html, IfExists::Replace)?;
            progress.done("Also", &page.display().to_string());
        }
        let exit = if made.master.met() || !arguments.strict { Exit::Done } else { Exit::Missed };
        let master = json!({ "output": made.master.path(), "settings": made.master.settings_path(), "verdict": made.master.verdict,
            "difference_lsb": made.difference_lsb, "limiter_work": made.work, "balance": ways, "report": page.map(|(path, _)| path), "done": made.master.done });
        let stem = |file: &StemFile| FileResult::done(&file.name, Exit::Done, json!(file));
        let stems = made.stems.iter().chain(&made.versions).map(stem);
        Ok(std::iter::once(FileResult::done(title, exit, master)).chain(stems).collect())
    }
}

/// What was written, and how it is.
fn say(made: &StemsMaster, plan: &Plan, progress: &Progress) {
    for file in made.stems.iter().chain(&made.versions) {
        progress.done("Also", &file.line());
    }
    progress.done("Sum", &made.sum_line());
    if let Some(line) = made.limiter_line() {
        progress.done("Limiter", &line);
    }
    say_verdict(plan, &made.master.verdict, progress);
    if let Some(path) = made.master.path() {
        say_codecs(path, plan, &made.master.after, progress);
    }
    for path in &made.outdated {
        let what = format!("{} is of an earlier run in another format", path.display());
        progress.note("Note", &what);
    }
    progress.done("Done", &made.master.done);
}
