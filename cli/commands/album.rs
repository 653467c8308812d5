//! `acetate album`: one decision for a whole record, and its layouts.

use std::ffi::OsString;
use std::path::Path;
use std::time::Instant;

use acetate::SoundInPage;
use acetate::album::{
    ALBUM_FILE, ALBUM_PAGE_FILE, ALBUM_PLAN_FILE, Album, AlbumDocument, SuggestedSong,
};
use acetate::output::{IfExists, write_text};
use acetate::text::record;
use clap::Parser;
use serde_json::json;

use crate::album_arguments::{AlbumArguments, IfExistsArgument};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print};
use crate::result::{CommandResult, FileResult};

pub(crate) fn run(arguments: &AlbumArguments, global: &Global) -> Outcome<Exit> {
    if let [word, folder] = &arguments.files[..]
        && word.as_os_str() == "init"
    {
        return init(folder, arguments, global);
    }
    let progress = global.progress();
    let begun = Instant::now();
    let mut watching = progress.watching("record", None);
    let album = Album::open_in(&arguments.files, arguments.order(), &mut watching)?;
    drop(watching);
    let arguments = &with_sound(arguments, &album)?;
    let request = arguments.request()?;
    let name = album.folder.display().to_string();
    progress.timed("Analyzed", &format!("{} songs", album.songs.len()), begun);
    if arguments.suggests_order() {
        return suggest(&album, &name, global);
    }
    let folder = arguments.folder(&album);
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
    let plan = album.plan(&request, &mut watching)?;
    drop(watching);
    progress.timed("Decided", &format!("{} songs", album.songs.len()), begun);
    if global.dry_run {
        let document = plan.document(&album, &request)?;
        let fields = json!({ "would_write": folder, "plan": document });
        return finish(FileResult::done(&name, Exit::Done, fields), Some(&document), global);
    }
    let begun = Instant::now();
    let duration_s =
        plan.record().timeline.frames() as f64 / f64::from(plan.record().timeline.sample_rate_hz);
    let mut watching = progress.watching("record", Some(duration_s));
    let replace =
        arguments.layouts.replace || arguments.layouts.existing != IfExistsArgument::Error;
    let master = match update {
        true => album.update(&plan, &request, &folder, &mut watching)?,
        false => album.master(&plan, &request, &folder, replace, &mut watching)?,
    };
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

/// Writes what is known of a folder of songs, to be filled in.
fn init(folder: &Path, arguments: &AlbumArguments, global: &Global) -> Outcome<Exit> {
    if !folder.is_dir() {
        return Err(Failure::usage(format!("{} is no folder", folder.display()))
            .next("acetate album init DIR writes DIR/album.toml"));
    }
    let path = folder.join(ALBUM_FILE);
    let replace = arguments.layouts.replace;
    if path.exists() && !replace {
        return Err(Failure::refused(format!("{} exists", path.display())).next("-f replaces it"));
    }
    let progress = global.progress();
    let mut watching = progress.watching("record", None);
    let mut album = Album::found(folder, arguments.order(), &mut watching)?;
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
    let wrong = |error: clap::Error| {
        let text = error.to_string();
        let text = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        Failure::usage(format!("{}: [sound]: {text}", album.folder.join(ALBUM_FILE).display()))
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
