//! `acetate stems`: a master, and stems that add up to it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use acetate::text::moves::verdict_line;
use acetate::{Input, Request, StemFile, StemVersion, Stems, StemsMaster, StemsOutput, made_by};
use clap::Args;
use serde_json::json;

use crate::exit::Exit;
use crate::failure::Outcome;
use crate::fit_arguments::FitArguments;
use crate::format_arguments::FormatArguments;
use crate::global::Global;
use crate::inputs::expand;
use crate::invocation;
use crate::result::{CommandResult, FileResult};
use crate::saying::{cannot_lines, say_delivery};
use crate::wishes::requests;

/// Master the sum of stems, and write stems that add up to it
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate stems song/                             song/mastered/: the master and every stem\n  acetate stems song/ --mix mix.wav -t loud       what the mix has beside its stems: rest.loud.wav\n  acetate stems bass.wav drums.wav vocals.wav -d out --also instrumental=-vocals,acapella=vocals"
)]
pub(crate) struct StemsArguments {
    /// The stems: files of one length and rate that begin together, or a folder of them
    #[arg(required = true, value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
    /// The mix, where it is more than the sum of the stems
    #[arg(long, value_name = "FILE")]
    mix: Option<PathBuf>,
    /// Also write sums of stems: NAME=STEM+STEM, or NAME=-STEM+STEM for all but these
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    also: Vec<StemVersion>,
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
    let files: Vec<PathBuf> = paths.map(Path::to_owned).collect();
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
    let about = format!("{} stems  {}", files.len(), stems.song().analysis().format);
    progress.timed("Analyzed", &about, begun);
    for line in stems.in_mix().map(|found| found.lines()).unwrap_or_default() {
        progress.note("Mix", &line);
    }
    let mut results = Vec::new();
    for request in &requests {
        results.extend(master(&stems, &title, request, &output, arguments.strict, global)?);
    }
    let result = CommandResult::of("stems", results);
    result.print(global.json, global.jsonl)?;
    Ok(result.exit())
}

fn master(
    stems: &Stems,
    title: &str,
    request: &Request,
    output: &StemsOutput,
    strict: bool,
    global: &Global,
) -> Outcome<Vec<FileResult>> {
    let (progress, begun) = (global.progress(), Instant::now());
    let mut watching = progress.watching(title, None);
    let mut plan = stems.song().suggest(request, &mut watching)?;
    let command = invocation::for_input(title);
    plan.document.made_by = Some(made_by(Some(command), request.options.seed, &request.md5()));
    progress.timed("Fitted", &format!("{}: {}", plan.target().id, plan.document.summary), begun);
    if global.dry_run {
        progress.done("Would", &format!("write to {}", output.folder.display()));
        return Ok(vec![FileResult::done(
            title,
            Exit::Done,
            json!({ "would_write": output.folder }),
        )]);
    }
    let begun = Instant::now();
    let made = stems.master(&plan, request, output, &mut watching)?;
    drop(watching);
    let path = made.master.path().unwrap_or(&output.folder);
    progress.timed("Rendered", &path.display().to_string(), begun);
    for file in made.stems.iter().chain(&made.versions) {
        progress.done("Also", &file.line());
    }
    progress.done("Sum", &made.sum_line());
    if let Some(line) = made.limiter_line() {
        progress.done("Limiter", &line);
    }
    let verdict = &made.master.verdict;
    let word = if verdict.met() { "Verified" } else { "Missed" };
    progress.done(word, &verdict_line(verdict, progress.paint()));
    if let Some(cannot) = &plan.document.cannot {
        cannot_lines(cannot, &progress);
    }
    if let Some(judged) = &verdict.delivery {
        say_delivery("Rules", judged, &progress);
    }
    progress.done("Done", &made.master.done);
    Ok(results(title, &made, strict))
}

fn results(title: &str, made: &StemsMaster, strict: bool) -> Vec<FileResult> {
    let exit = if made.master.met() || !strict { Exit::Done } else { Exit::Missed };
    let master = json!({ "output": made.master.path(), "settings": made.master.settings_path(), "verdict": made.master.verdict,
        "difference_lsb": made.difference_lsb, "limiter_work": made.work, "done": made.master.done });
    let stem = |file: &StemFile| FileResult::done(&file.name, Exit::Done, json!(file));
    let stems = made.stems.iter().chain(&made.versions).map(stem);
    std::iter::once(FileResult::done(title, exit, master)).chain(stems).collect()
}
