//! `acetate pick`: the choice that was made by ear becomes the master.

use std::path::{Path, PathBuf};

use acetate::optimizer::Scaling;
use acetate::output::{Destinations, folder_of, unknown_source};
use acetate::{Application, Input};
use clap::Args;
use serde_json::Value;

use crate::applying::{Session, apply};
use crate::batch::each;
use crate::choosing::{WORDS, folder_name};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::format_arguments::FormatArguments;
use crate::global::Global;
use crate::lookup;
use crate::output_arguments::OutputArguments;

/// Make the master of a choice that `master --choices` offered
#[derive(Args, Debug)]
#[command(
    mut_args(crate::format_arguments::as_the_settings),
    after_help = "Examples:\n  acetate master song.wav --choices               three to pick from, blind: song.wav.choices/\n  acetate pick song.wav.choices/B.settings.json   the master of B, beside the song\n  acetate pick song.wav.choices/B.settings.json elsewhere/song.wav"
)]
pub(crate) struct PickArguments {
    /// Settings of the choice
    #[arg(value_name = "CHOICE")]
    choice: PathBuf,
    /// The song, where it is not beside the folder of the choices any more
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    format: FormatArguments,
    /// A missed target is exit 3, not a warning
    #[arg(long)]
    strict: bool,
}

pub(crate) fn run(arguments: &PickArguments, global: &Global) -> Outcome<Exit> {
    if let Some(folder) = choices_beside(&arguments.choice) {
        return Err(no_choice(&folder));
    }
    let is_page = arguments.choice.extension().is_some_and(|extension| extension == "html");
    if is_page || (!arguments.choice.is_file() && arguments.choice.as_os_str() != "-") {
        return Err(no_choice(&arguments.choice));
    }
    let planned = lookup::settings(&arguments.choice)?;
    let song = match &arguments.file {
        Some(file) => file.clone(),
        None => {
            let name = planned.source.as_ref().map(|source| source.name.clone());
            let folder = folder_of(&arguments.choice);
            let above = match folder.parent() {
                Some(above) if folder != Path::new(".") => above,
                _ => Path::new(".."),
            };
            let beside = above.join(name.unwrap_or_default());
            let missing = || {
                Failure::usage(format!(
                    "{}: its song is not beside the folder of the choices",
                    arguments.choice.display()
                ))
                .next("name the song after the choice")
            };
            Some(beside).filter(|path| path.is_file()).ok_or_else(missing)?
        }
    };
    let made = planned.made_by.as_ref().and_then(|made| made.extra.get(WORDS));
    let words = made.and_then(Value::as_str).map(str::to_owned);
    let name = arguments.choice.display().to_string();
    let mut application = Application::new(&name, planned, Scaling::default(), None)?;
    // What was heard is the choice on this song; on another it would be something else.
    application.only_same_sound = true;
    application.file = arguments.format.wish();
    arguments.output.expect_no_terminal()?;
    if let Some(named) = &arguments.output.output {
        application.file.output(Some(named), None, &unknown_source())?;
    }
    let input = Input::file(song);
    let protected = [input.clone(), Input::file(&arguments.choice)];
    let naming = arguments.output.naming();
    let session = Session {
        application: &application,
        report: None,
        says_done: true,
        output: &arguments.output,
        strict: arguments.strict,
        dry_run: global.dry_run,
        destinations: Destinations::new(&naming, &protected),
        progress: global.progress(),
        workers: 1,
    };
    let exit = each("pick", &protected[..1], session.workers, global, |input| {
        vec![apply(input, &session)]
    })?;
    if let Some(words) = words.filter(|_| exit == Exit::Done) {
        global.progress().done("Picked", &words);
    }
    Ok(exit)
}

/// The folder of the choices for a song, where the song was typed in place of one of them.
fn choices_beside(song: &Path) -> Option<PathBuf> {
    let name = folder_name(&song.file_name()?.to_string_lossy());
    Some(song.with_file_name(name)).filter(|folder| folder.is_dir())
}

/// `B` and the folder of the choices are what people type first: the files that may be meant are named.
fn no_choice(typed: &Path) -> Failure {
    let meant: Vec<String> = meant(typed).iter().map(|path| path.display().to_string()).collect();
    let what = match (typed.is_dir(), typed.is_file()) {
        (true, _) => format!("{} is the folder of several choices", typed.display()),
        (_, true) => format!("{} is the page to listen on, no choice", typed.display()),
        _ => format!("{} is no choice that is there", typed.display()),
    };
    Failure::usage(what).next(match meant.as_slice() {
        [] => "name its settings, such as song.wav.choices/B.settings.json".to_owned(),
        [one] => format!("acetate pick {one}"),
        several => format!("one of {}", several.join(", ")),
    })
}

/// Settings of choices in a folder of them, or of that letter in the folders of choices here.
fn meant(typed: &Path) -> Vec<PathBuf> {
    let letter = typed.to_string_lossy().to_uppercase();
    let (folder, name) = match (typed.is_dir(), typed.is_file()) {
        (true, _) => (typed.to_owned(), "*.settings.json".to_owned()),
        (_, true) => (folder_of(typed).to_owned(), "*.settings.json".to_owned()),
        _ => (PathBuf::from("*.choices"), format!("{letter}.settings.json")),
    };
    let found = glob::glob(&folder.join(name).to_string_lossy()).map(|paths| paths.flatten());
    found.map(Iterator::collect).unwrap_or_default()
}
