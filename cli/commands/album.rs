//! `acetate album`: one decision for a whole record, and its layouts.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

use acetate::album::{
    ALBUM_FILE, ALBUM_PAGE_FILE, ALBUM_PLAN_FILE, Album, AlbumDocument, FolderToWrite, Order,
    SuggestedSong,
};
use acetate::audio::numbers::counted;
use acetate::output::{IfExists, expect_writable, write_text};
use acetate::text::record;
use acetate::{Error, RestoreMode, SoundInPage, nearest};
use clap::error::{ContextKind, ErrorKind};
use clap::{CommandFactory as _, Parser};
use serde_json::json;

use crate::album_arguments::{AlbumAction, AlbumArguments, IfExistsArgument};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print};
use crate::progress::Progress;
use crate::reading::remarks;
use crate::result::{CommandResult, FileResult};

/// What to do about a record that is there.
const EXISTS: &str = "-f replaces it, --existing update makes anew what changed";

pub(crate) fn run(arguments: &AlbumArguments, global: &Global) -> Outcome<Exit> {
    if let Some(AlbumAction::Init { folder, order, replace }) = &arguments.action {
        return init(folder, order.order(), *replace, global);
    }
    let progress = global.progress();
    let begun = Instant::now();
    arguments.layouts.output_dir.as_deref().map_or(Ok(()), expect_writable)?;
    let mut watching = progress.watching("record", None);
    let album = Album::open_in(&arguments.files, arguments.order(), &mut watching)?;
    drop(watching);
    let arguments = &with_sound(arguments, &album)?;
    let request = arguments.request()?;
    let name = album.folder.display().to_string();
    progress.timed("Analyzed", &counted(album.songs.len(), "song"), begun);
    let told = request.request.restore.tells();
    if request.request.restore != RestoreMode::Off {
        album.songs.iter().for_each(|song| remarks(song, told, &progress));
    }
    if arguments.suggests_order() {
        return suggest(&album, &name, global);
    }
    let folder = arguments.folder(&album);
    expect_writable(&folder)?;
    let mut watching = progress.watching("record", None);
    let album = album.mended(&request, &mut watching)?;
    drop(watching);
    let plan_file = folder.join(ALBUM_PLAN_FILE);
    let page = arguments.layouts.report.as_ref();
    let page = page.map(|named| named.clone().unwrap_or_else(|| folder.join(ALBUM_PAGE_FILE)));
    let update = arguments.layouts.existing == IfExistsArgument::Update;
    if update && page.is_none() && album.is_current(&request, &folder)? {
        progress.done("Kept", &format!("{} is up to date", plan_file.display()));
        let done = FileResult::done(&name, Exit::Done, json!({ "up_to_date": plan_file }));
        return finish(done, None, global);
    }
    let begun = Instant::now();
    let mut watching = progress.watching("record", None);
    let plan = match update {
        true => album.plan_update(&request, &folder, &mut watching)?,
        false => album.plan(&request, &mut watching)?,
    };
    drop(watching);
    progress.timed("Decided", &counted(album.songs.len(), "song"), begun);
    if global.dry_run {
        let document = plan.document(&album, &request)?;
        let list = album.would_write(&plan, &request, &folder);
        let there = album.in_the_way(&request, &folder);
        say_dry(&list, &there, &progress);
        let files: Vec<_> =
            list.iter().flat_map(|to| to.files.iter().map(|f| to.path.join(f))).collect();
        let fields =
            json!({ "would_write": folder, "files": files, "exist": there, "plan": document });
        return finish(FileResult::done(&name, Exit::Done, fields), Some(&document), global);
    }
    let begun = Instant::now();
    let duration_s =
        plan.record().timeline.frames() as f64 / f64::from(plan.record().timeline.sample_rate_hz);
    let mut watching = progress.watching("record", Some(duration_s));
    let replace =
        arguments.layouts.replace || arguments.layouts.existing != IfExistsArgument::Error;
    let master = match update {
        true => album.update(&plan, &request, &folder, &mut watching),
        false => album.master(&plan, &request, &folder, replace, &mut watching),
    };
    let master = master.map_err(|error| match error {
        Error::Exists { .. } => Failure::refused(&error).next(EXISTS),
        error => error.into(),
    })?;
    drop(watching);
    progress.timed("Rendered", &folder.display().to_string(), begun);
    let kept = master.kept.iter().map(|layout| layout.name().to_owned());
    let taken = master.taken.iter().map(|number| format!("song {number}"));
    let kept: Vec<String> = kept.chain(taken).collect();
    if !kept.is_empty() {
        progress.done("Kept", &kept.join(", "));
    }
    for (layout, line) in &master.layouts {
        progress.done("Layout", &format!("{}: {line}", layout.name()));
    }
    if !master.outdated.is_empty() {
        let names = master.outdated.join(", ");
        progress.note("Note", &format!("{names}: from an earlier run, not made anew"));
    }
    for note in &master.document.notes {
        progress.note("Note", note);
    }
    if let Some(page) = &page {
        let mut watching = progress.watching("report", None);
        let html = album.page(&plan, &request, &master, SoundInPage::Auto, &mut watching)?;
        drop(watching);
        write_text(page, &html, IfExists::Replace)?;
        progress.done("Also", &page.display().to_string());
    }
    let exit = if master.met() || !arguments.strict { Exit::Done } else { Exit::Missed };
    let fields = json!({ "folders": master.folders, "plan_file": master.path, "met": master.met(), "report": page,
                         "plan": master.document });
    finish(FileResult::done(&name, exit, fields), Some(&master.document), global)
}

fn finish(result: FileResult, document: Option<&AlbumDocument>, global: &Global) -> Outcome<Exit> {
    let exit = result.exit;
    if global.wants_json() {
        CommandResult::of("album", vec![result]).print(global.json, global.jsonl)?;
        return Ok(exit);
    }
    if let Some(document) = document.filter(|_| !global.quiet) {
        print(&record::table(document))?;
    }
    Ok(exit)
}

/// Prints an order to be thought about.
fn suggest(album: &Album, name: &str, global: &Global) -> Outcome<Exit> {
    let order = album.suggest_order()?;
    let line = |(place, song): (usize, &SuggestedSong)| {
        let title = album.title(song.song);
        format!("{:>3}  {title} (now {}): {}", place + 1, song.song + 1, song.because)
    };
    let lines: Vec<String> = order.iter().enumerate().map(line).collect();
    if !global.wants_json() {
        print(&(lines.join("\n") + "\n"))?;
        return Ok(Exit::Done);
    }
    let songs: Vec<_> = order
        .iter()
        .map(|song| json!({ "song": song.song + 1, "title": album.title(song.song), "because": song.because }))
        .collect();
    finish(FileResult::done(name, Exit::Done, json!({ "order": songs })), None, global)
}

/// What would be written, folder by folder, and what is there already.
fn say_dry(list: &[FolderToWrite], there: &[PathBuf], progress: &Progress) {
    for to in list {
        let what = format!("write {}: {}", to.path.display(), to.files.join(", "));
        progress.done("Would", &what);
    }
    if let Some(first) = there.first() {
        let more = match there.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        progress.note("Exists", &format!("{}{more}; {EXISTS}", first.display()));
    }
}

/// Writes what is known of a folder of songs, to be filled in.
fn init(folder: &Path, order: Order, replace: bool, global: &Global) -> Outcome<Exit> {
    if !folder.is_dir() {
        return Err(Failure::usage(format!("{} is no folder", folder.display()))
            .next("acetate album init DIR writes DIR/album.toml"));
    }
    let path = folder.join(ALBUM_FILE);
    if path.exists() && !replace {
        return Err(Failure::refused(format!("{} exists", path.display())).next("-f replaces it"));
    }
    let progress = global.progress();
    let mut watching = progress.watching("record", None);
    let mut album = Album::found(folder, order, &mut watching)?;
    drop(watching);
    album.say_joins()?;
    let text = album.file_text();
    if global.dry_run {
        print(&text)?;
        return Ok(Exit::Done);
    }
    let existing = if replace { IfExists::Replace } else { IfExists::Refuse };
    write_text(&path, &text, existing)?;
    progress.done("Wrote", &path.display().to_string());
    Ok(Exit::Done)
}

/// The options that the record's file gives, where none were typed.
fn with_sound(arguments: &AlbumArguments, album: &Album) -> Outcome<AlbumArguments> {
    if album.file.sound.is_empty() {
        return Ok(arguments.clone());
    }
    let mut line: Vec<OsString> = std::env::args_os().collect();
    if let Some(command) = line.iter().position(|word| word == "album") {
        line.remove(command);
    }
    let typed: Vec<String> = line.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    for (key, value) in &album.file.sound {
        let option = format!("--{}", key.replace('_', "-"));
        let short = format!("-{}", key.chars().next().unwrap_or('-'));
        let is_typed = |word: &String| {
            word == &option
                || word.starts_with(&format!("{option}="))
                || (matches!(key.as_str(), "target" | "reference")
                    && word.starts_with(&short)
                    && !word.starts_with("--"))
        };
        if typed.iter().any(is_typed) {
            continue;
        }
        line.push(option.into());
        match value.as_bool() {
            Some(true) => {}
            Some(false) => drop(line.pop()),
            None => line.push(plain(&value.to_string()).into()),
        }
    }
    let file = album.folder.join(ALBUM_FILE);
    let wrong = |error: clap::Error| {
        let text = |kind| error.get(kind).map(ToString::to_string);
        let said = error.to_string();
        let said = said.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let what = match (error.kind(), text(ContextKind::InvalidArg)) {
            (ErrorKind::UnknownArgument, Some(option)) => {
                let (key, options) = (option.trim_start_matches('-').to_owned(), Again::command());
                let longs = options.get_arguments().filter_map(|argument| argument.get_long());
                let near = nearest(&key, longs);
                let near = near.map_or(String::new(), |near| format!("; did you mean {near:?}?"));
                format!("there is no option {key:?}{near}")
            }
            _ => text(ContextKind::ValidValue)
                .map_or_else(|| said.to_owned(), |known| format!("{said}; there are {known}")),
        };
        Failure::usage(format!("{}: [sound]: {what}", file.display()))
    };
    Ok(Again::try_parse_from(line).map_err(wrong)?.album)
}

/// The command line once more, with what the record's file says.
#[derive(Parser)]
struct Again {
    #[command(flatten)]
    album: AlbumArguments,
    #[command(flatten)]
    _global: Global,
}

/// A value of TOML as it is typed: without quotes; a list with commas.
fn plain(value: &str) -> String {
    value.trim_matches(['[', ']']).replace(['"', ' '], "")
}
