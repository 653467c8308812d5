//! `acetate catalogue`: many songs, on many machines, exactly once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use acetate::catalogue::{
    Catalogue, CatalogueOptions, CataloguePlan, Entry, Line, Row, Shard, State, is_address,
    manifest, page, totals,
};
use acetate::files::MEMORY_LIMIT_BYTES;
use acetate::in_order;
use acetate::output::{IfExists, write_text};
use clap::Args;
use serde_json::json;

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::fit_arguments::FitArguments;
use crate::format_arguments::FormatArguments;
use crate::global::{Global, print, print_json_line};
use crate::lookup;
use crate::panic::guarded;
use crate::result::{CommandResult, FileResult};
use crate::speech::say;
use crate::wishes::requests;

/// Master many songs, on one machine or on many, each exactly once
#[derive(Args, Debug)]
#[command(
    after_help = "A master is named for its song, wishes and version of the sound, and never made twice: a run may be killed, repeated, or run\nbeside itself. DIR/ledger has one line of JSON a song.\n\nExamples:\n  acetate catalogue music/ -d out                        each song of a folder\n  acetate catalogue --manifest songs.csv -d out -t spotify\n  acetate catalogue music/ -d out --shard 3/16           the fourth of sixteen machines\n  acetate catalogue music/ -d out -n                     what is still to be done\n  acetate catalogue -d out --report out.html             what has come of it"
)]
pub(crate) struct CatalogueArguments {
    /// Folders and files, or addresses (s3://bucket/songs/)
    #[arg(value_name = "DIR|FILE|ADDRESS")]
    files: Vec<PathBuf>,
    /// Also the songs that this list names, a line each; - is standard input
    #[arg(long, value_name = "LIST|-")]
    files_from: Option<PathBuf>,
    /// Also the songs of this table (JSON lines or CSV): song, references, target, tags, other wishes
    #[arg(long, value_name = "FILE|-")]
    manifest: Option<PathBuf>,
    /// Where masters, their settings and the ledger go: a folder or an address (s3://bucket/masters)
    #[arg(short = 'd', long, value_name = "DIR|ADDRESS")]
    output_dir: PathBuf,
    /// Only part I of N, counted from 0: by a hash of each name, so that lists may grow
    #[arg(long, value_name = "I/N", default_value_t, hide_default_value = true)]
    shard: Shard,
    /// A song that failed so often is left out from then on; a worker that died with it counts half
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000), help_heading = "Limits")]
    attempts: u32,
    /// A song that takes longer has failed
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..), help_heading = "Limits")]
    longest: Option<u64>,
    /// Sound of one song that is held in memory; longer ones are read again for each pass [default: 512 over the number of jobs]
    #[arg(long, value_name = "MB", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..=1_000_000), help_heading = "Limits")]
    memory: Option<u64>,
    #[command(flatten)]
    fit: FitArguments,
    #[command(flatten)]
    format: FormatArguments,
    /// Also write a page about all that the ledger knows; alone, nothing else is done
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    report: Option<PathBuf>,
    /// Replace the page (never a master)
    #[arg(short = 'f', help_heading = "Output")]
    replace: bool,
    /// A missed target is exit 3, not a warning
    #[arg(long)]
    strict: bool,
}

pub(crate) fn run(arguments: &CatalogueArguments, global: &Global) -> Outcome<Exit> {
    let nothing_named = arguments.files.is_empty()
        && arguments.files_from.is_none()
        && arguments.manifest.is_none();
    if nothing_named && arguments.report.is_none() {
        return Err(Failure::usage("no songs are named")
            .next("name a folder, or a list with --manifest or --files-from"));
    }
    let page_exists = |page: &&PathBuf| !arguments.replace && page.exists();
    if let Some(page) = arguments.report.as_ref().filter(page_exists) {
        return Err(Failure::refused(format!("{} exists", page.display())).next("-f replaces it"));
    }
    let workers = global.workers();
    let catalogue = Catalogue::open(&text(&arguments.output_dir)?, options(arguments, workers)?)?;
    let mut exit = Exit::Done;
    if !nothing_named {
        let rows = rows(arguments)?;
        if rows.is_empty() && arguments.shard == Shard::ALL {
            return Err(Failure::usage("there are no songs in what is named"));
        }
        if !global.dry_run {
            catalogue.expect_writable()?;
        }
        let plan = catalogue.plan(rows)?;
        exit = match global.dry_run {
            true => told(&plan, global)?,
            false => worked(&catalogue, &plan, arguments.strict, workers, global)?,
        };
    }
    if let Some(path) = arguments.report.as_ref().filter(|_| !global.dry_run) {
        let (title, lines) = (text(&arguments.output_dir)?, catalogue.lines()?);
        if lines.is_empty() && nothing_named {
            return Err(Failure::usage(format!("{title} is no catalogue: it has no ledger")));
        }
        let existing = if arguments.replace { IfExists::Replace } else { IfExists::Refuse };
        write_text(path, &page(&title, &lines), existing)?;
        global.progress().done("Also", &path.display().to_string());
    }
    Ok(exit)
}

fn options(arguments: &CatalogueArguments, workers: usize) -> Outcome<CatalogueOptions> {
    let requests = requests(&arguments.fit, &arguments.format.wish())?;
    let [usual] = <[_; 1]>::try_from(requests).map_err(|_| {
        Failure::usage("a catalogue has one -t for all songs")
            .next("rows of a manifest may have others")
    })?;
    let each = MEMORY_LIMIT_BYTES / workers.max(1) as u64;
    Ok(CatalogueOptions {
        usual,
        library: lookup::library().ok(),
        shard: arguments.shard,
        attempts: arguments.attempts,
        longest: arguments.longest.map(Duration::from_secs),
        memory_bytes: arguments.memory.map_or(each, |megabytes| megabytes << 20),
    })
}

/// All that is named and falls into the shard.
fn rows(arguments: &CatalogueArguments) -> Outcome<Vec<Row>> {
    let shard = arguments.shard;
    let mut rows = Vec::new();
    let plain = |song: String| Row::Song(Entry::plain(song));
    for named in &arguments.files {
        let name = text(named)?;
        if is_address(&name) && name.ends_with('/') {
            rows.extend(manifest::of_bucket(&name, shard)?);
        } else if named.is_dir() {
            rows.extend(manifest::of_folder(named, shard)?);
        } else if shard.holds(&name) {
            rows.push(plain(name));
        }
    }
    if let Some(list) = &arguments.files_from {
        let names = lookup::list(list, |name, reader| manifest::read_names(name, reader, shard))?;
        rows.extend(names.into_iter().map(plain));
    }
    if let Some(list) = &arguments.manifest {
        rows.extend(lookup::list(list, |name, reader| manifest::read(name, reader, shard))?);
    }
    Ok(rows)
}

fn text(path: &Path) -> Outcome<String> {
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| Failure::usage(format!("{} is not text in UTF-8", path.display())))
}

/// What would be done: for people the counts, for programs the rows that are due, as a manifest.
fn told(plan: &CataloguePlan, global: &Global) -> Outcome<Exit> {
    if global.wants_json() {
        for entry in &plan.due {
            print(&(entry.to_json() + "\n"))?;
        }
        return Ok(Exit::Done);
    }
    let CataloguePlan { due, done, quarantined, wrong } = plan;
    wrong.iter().flat_map(|line| &line.error).for_each(|error| say(&format!("acetate: {error}")));
    let (quarantined, wrong) = (quarantined.len(), wrong.len());
    let rows = if wrong > 0 { format!(", {wrong} wrong rows") } else { String::new() };
    print(&format!("{} to master, {done} done, {quarantined} quarantined{rows}\n", due.len()))?;
    Ok(Exit::Done)
}

/// Masters what is due; what is quarantined is told, and does not fail the run again.
fn worked(
    catalogue: &Catalogue,
    plan: &CataloguePlan,
    strict: bool,
    workers: usize,
    global: &Global,
) -> Outcome<Exit> {
    let mut told = Told { strict, global, lines: Vec::new(), files: Vec::new(), printed: Ok(()) };
    plan.wrong.iter().chain(&plan.quarantined).cloned().for_each(|line| told.take(line));
    let master = |entry: &Entry| {
        let bug = |bug: Failure| Line {
            song: entry.name.clone(),
            state: State::Failed,
            error: Some(bug.to_string()),
            ..Line::default()
        };
        guarded(|| Ok(catalogue.master(entry))).unwrap_or_else(bug)
    };
    in_order(&plan.due, workers, master, |line| told.take(line));
    told.finish(plan.done)
}

/// What was told of the songs so far.
struct Told<'a> {
    strict: bool,
    global: &'a Global,
    /// Without what only a page needs.
    lines: Vec<Line>,
    files: Vec<FileResult>,
    printed: Outcome<()>,
}

impl Told<'_> {
    fn take(&mut self, line: Line) {
        let progress = self.global.progress();
        let (song, error) = (&line.song, line.error.as_deref().unwrap_or_default());
        let done = line.done.as_deref().unwrap_or_default();
        match line.state {
            State::Done => progress.done("Mastered", &format!("{song}: {done}")),
            State::There => progress.done("There", song),
            State::Quarantined => progress.note("Left out", &format!("{song}: {error}")),
            State::Begun | State::Failed => say(&format!("acetate: {error}")),
        }
        line.missing().iter().for_each(|missing| progress.note("Warning", missing));
        if self.global.wants_json() {
            let file = result(&line, self.strict);
            if self.global.jsonl && self.printed.is_ok() {
                self.printed = print_json_line(&file);
            }
            if self.global.json {
                self.files.push(file);
            }
        }
        let Line { song, state, met, duration_s, seconds, .. } = line;
        self.lines.push(Line { song, state, met, duration_s, seconds, ..Line::default() });
    }

    /// The totals, and how the run ended.
    fn finish(self, done: usize) -> Outcome<Exit> {
        self.printed?;
        let totals = totals(&self.lines);
        let there = self.lines.iter().filter(|line| line.state == State::There).count();
        let left = self.lines.iter().filter(|line| line.state == State::Quarantined).count();
        let counts = [
            (totals.mastered - there, "mastered"),
            (there, "there already"),
            (done, "done before"),
            (totals.off_target, "off target"),
            (totals.failed - left, "failed"),
            (left, "left out, having failed too often"),
        ];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        self.global.progress().done("Total", &counts.join(", "));
        if self.global.json {
            CommandResult::of("catalogue", self.files).print(true, false)?;
        }
        let before = (done > 0).then_some(Exit::Done);
        let exits = self.lines.iter().map(|line| exit(line, self.strict));
        let exits: Vec<Exit> = exits.chain(before).collect();
        Ok(Exit::of_all(&exits))
    }
}

fn exit(line: &Line, strict: bool) -> Exit {
    match line.state {
        State::Begun | State::Failed => Exit::Failed,
        State::Done | State::There if strict && line.met == Some(false) => Exit::Missed,
        State::Done | State::There | State::Quarantined => Exit::Done,
    }
}

/// The line of a song as results of this program are: what it was given, whether it went well, and the rest.
fn result(line: &Line, strict: bool) -> FileResult {
    let mut fields = json!(line);
    for known in ["song", "error"] {
        fields.as_object_mut().and_then(|fields| fields.remove(known));
    }
    let result = FileResult::done(&line.song, exit(line, strict), fields);
    FileResult { ok: result.ok && line.state.is_done(), error: line.error.clone(), ..result }
}
