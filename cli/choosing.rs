//! `master --choices`: three settings, and a page to hear them blind.

use std::fs::create_dir_all;
use std::path::Path;

use acetate::output::{IfExists, Slot, place, plan, write_text};
use acetate::{Choice, Error, Input, Request, SoundInPage, made_by};
use serde_json::{Map, Value, json};

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, json_text, print_json};
use crate::invocation;
use crate::output_arguments::OutputArguments;
use crate::reading::{measure, warn};

/// The page beside the settings.
const PAGE: &str = "choices.html";

/// Where the settings of a choice say how it differs, in `made_by`.
pub(crate) const WORDS: &str = "choice";

/// The folder of the choices for a song of this file name.
pub(crate) fn folder_name(song: &str) -> String {
    format!("{song}.choices")
}

fn settings_name(letter: char) -> String {
    format!("{letter}.settings.json")
}

/// Writes the choices for one song into a folder beside it.
///
/// # Errors
/// When there is not one song, one target and no record, or as `suggest` and `master`.
pub(crate) fn choose(
    inputs: &[Input],
    requests: &[Request],
    output: &OutputArguments,
    global: &Global,
) -> Outcome<Exit> {
    let ([input], [request]) = (inputs, requests) else {
        return Err(Failure::usage("--choices is about one song and one target")
            .next("name one file, and -t once"));
    };
    if request.has_reference() {
        return Err(Failure::usage("--choices are for songs without a record, and -r names one")
            .next("leave out -r, or --choices"));
    }
    let existing = if output.replace { IfExists::Replace } else { IfExists::Refuse };
    let folder = place(input, &folder_name(&input.short_name()), output.output_dir.as_deref());
    let due = |name: &str| match plan(folder.join(name), existing, inputs) {
        Ok(Slot::Write(path) | Slot::Skip(path) | Slot::Update(path)) => Ok(path),
        Err(error @ Error::Exists { .. }) => Err(Failure::from(error).next("-f replaces it")),
        Err(error) => Err(Failure::from(error)),
    };
    let page = due(PAGE)?;
    let progress = global.progress();
    if global.dry_run {
        progress.done("Would", &format!("write three settings and {}", page.display()));
        return Ok(Exit::Done);
    }
    let song = measure(input, 1, request.mono(), &progress)?;
    warn(&song, &progress);
    let mut watching = progress.watching(&input.name(), None);
    let mut choices = song.choices(request, &mut watching)?;
    let html = song.choices_page(&shown(&choices, &folder), SoundInPage::Auto, &mut watching)?;
    drop(watching);
    create_dir_all(&folder).map_err(|reason| Error::Folder { path: folder.clone(), reason })?;
    let command = invocation::for_input(&input.short_name());
    for choice in &mut choices {
        let seed = request.options.seed;
        let mut made = made_by(Some(command.clone()), seed, &request.md5());
        made.extra.insert(WORDS.to_owned(), choice.words.as_str().into());
        choice.plan.document.made_by = Some(made);
        let path = due(&settings_name(choice.letter))?;
        write_text(&path, &json_text(&choice.plan.document)?, existing)?;
        progress.done("Wrote", &path.display().to_string());
    }
    write_text(&page, &html.unwrap_or_default(), existing)?;
    progress.done("Wrote", &page.display().to_string());
    if global.wants_json() {
        let words: Map<String, Value> = choices
            .iter()
            .map(|choice| (choice.letter.into(), choice.words.as_str().into()))
            .collect();
        print_json(&json!({ "choices": folder, "page": page, "words": words }))?;
    }
    let settings = folder.join(settings_name('A'));
    progress.note(
        "Next",
        &format!(
            "open the page, choose by ear, then: acetate pick {} (or B, or C)",
            settings.display()
        ),
    );
    Ok(Exit::Done)
}

/// The choices as their page has them: whoever has chosen reads there what makes that the master.
fn shown(choices: &[Choice], folder: &Path) -> Vec<Choice> {
    let shown = choices.iter().cloned().map(|mut choice| {
        let settings = folder.join(settings_name(choice.letter));
        choice.words =
            format!("{}. To make it the master: acetate pick {}", choice.words, settings.display());
        choice
    });
    shown.collect()
}
