//! Words that a shell completes with, looked up when it asks: targets, styles, records of the library, terms, settings.

use std::ffi::OsStr;

use acetate::engine::parameters::PARAMETERS;
use acetate::references::style::styles as built_in_styles;
use acetate::references::target::targets as built_in_targets;
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};

use crate::lookup::library;
use acetate::check::codec::Lossy;

/// A word, and what it stands for.
type Word = (String, Option<String>);

/// Ids of targets, or a target file.
pub(crate) fn targets() -> ArgValueCompleter {
    let words =
        || built_in_targets().iter().map(|t| (t.id.clone(), Some(t.name.clone()))).collect();
    or_files(words)
}

/// Ids of the library, or a sound file.
pub(crate) fn references() -> ArgValueCompleter {
    or_files(records)
}

/// Ids of the library alone.
pub(crate) fn library_ids() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| begun(records(), current))
}

/// Styles, built in or of the library, and its tastes.
pub(crate) fn styles() -> ArgValueCompleter {
    let words = || {
        let own = library().and_then(|library| {
            library.style_and_taste_ids().map_err(crate::failure::Failure::failed)
        });
        let built_in = built_in_styles().iter().map(|style| style.id.clone());
        std::iter::once("auto".to_owned())
            .chain(built_in)
            .chain(own.unwrap_or_default())
            .map(|id| (id, None))
            .collect::<Vec<Word>>()
    };
    ArgValueCompleter::new(move |current: &OsStr| begun(words(), current))
}

/// Codes, terms and settings that can be explained.
pub(crate) fn terms() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        begun(acetate::explained().map(|name| (name, None)).collect(), current)
    })
}

/// Settings with an equals sign behind them.
pub(crate) fn assignments() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let knobs = PARAMETERS.iter().filter(|knob| !knob.key.contains("[]"));
        let words = knobs.map(|knob| (format!("{}=", knob.key), Some(knob.doc.to_owned())));
        begun(words.collect(), current)
    })
}

/// Lossy codecs; after a comma, another one.
pub(crate) fn codecs() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let names = Lossy::names().chain(["none"]);
        begun(names.map(|name| (name.to_owned(), None)).collect(), current)
    })
}

/// Systems; after a comma, another one.
pub(crate) fn systems() -> ArgValueCompleter {
    let words = || {
        let systems = acetate::translation::systems().iter();
        systems.map(|system| (system.id.clone(), Some(system.name.clone()))).collect()
    };
    ArgValueCompleter::new(move |current: &OsStr| begun(words(), current))
}

fn records() -> Vec<Word> {
    let list = library().ok().and_then(|library| library.list().ok());
    let profiles = list.map(|list| list.profiles).unwrap_or_default();
    profiles.into_iter().map(|profile| (profile.id, Some(profile.name))).collect()
}

fn or_files(words: impl Fn() -> Vec<Word> + Send + Sync + 'static) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| {
        let mut found = begun(words(), current);
        found.extend(PathCompleter::file().complete(current));
        found
    })
}

/// The words that begin with what was typed.
fn begun(words: Vec<Word>, current: &OsStr) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy();
    let fitting = words.into_iter().filter(|(word, _)| word.starts_with(&*current));
    fitting.map(|(word, help)| CompletionCandidate::new(word).help(help.map(Into::into))).collect()
}
