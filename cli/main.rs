//! The `acetate` program: arguments, files, progress, tables, JSON. The sound is the library's.

#[cfg(test)]
mod advice;
mod album_arguments;
mod applying;
mod arguments;
mod batch;
mod choosing;
mod commands;
mod completing;
mod config;
mod curve;
mod due;
mod exit;
mod failure;
mod fit_arguments;
mod format_arguments;
mod global;
mod inputs;
mod interrupt;
mod invocation;
mod lookup;
mod master_page;
mod mastering;
mod mono;
mod output_arguments;
mod panic;
mod progress;
mod reading;
mod restoring;
mod result;
mod saying;
mod speech;
mod suggestion;
mod terminal;
mod today;
mod wishes;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches};
use clap_complete::CompleteEnv;

use crate::arguments::{Arguments, Command};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::Global;
use crate::progress::ProgressMode;
use crate::result::CommandResult;
use crate::speech::say;

fn main() -> ExitCode {
    panic::silence();
    CompleteEnv::with_factory(Arguments::command).complete();
    let typed: Vec<OsString> = std::env::args_os().collect();
    if typed_option(&typed, &["--progress=json"]) || typed_pair(&typed, "--progress", "json") {
        speech::speak_json();
    }
    let mut command = Arguments::command();
    command.build();
    let matches = match command.clone().try_get_matches_from(&typed) {
        Ok(matches) => matches,
        Err(error) => return wrong_usage(&error, None, &typed).into(),
    };
    let (line, file) = match config::extended(&command, &matches, &typed) {
        Ok(Some((line, file))) => (line, Some(file)),
        Ok(None) => (typed, None),
        Err(failure) => return stopped(&failure, &typed).into(),
    };
    let parsed = command.clone().try_get_matches_from(&line).and_then(|matches| {
        invocation::remember(&command, &matches);
        Arguments::from_arg_matches(&matches)
    });
    match parsed {
        Ok(arguments) => run(arguments).into(),
        Err(error) => wrong_usage(&error, file.as_deref(), &line).into(),
    }
}

fn run(arguments: Arguments) -> Exit {
    let Arguments { command, global } = arguments;
    if global.progress == ProgressMode::Json {
        speech::speak_json();
    }
    let name = command.name();
    if let Some(folder) = &global.library {
        lookup::name_library(folder);
    }
    let ended = interrupt::watch()
        .and_then(|()| global.start_threads())
        .and_then(|()| panic::guarded(|| dispatch(command, &global)));
    ended.unwrap_or_else(|failure| {
        say(&format!("acetate: {failure}"));
        // Standard output that cannot be written has been reported already.
        let _ = CommandResult::stopped(name, &failure).print(global.json, global.jsonl);
        failure.exit()
    })
}

fn dispatch(command: Command, global: &Global) -> Outcome<Exit> {
    match command {
        Command::Analyze(arguments) => commands::analyze::run(&arguments, global),
        Command::Suggest(arguments) => commands::suggest::run(&arguments, global),
        Command::Master(arguments) => commands::master::run(&arguments, global),
        Command::Album(arguments) => commands::album::run(&arguments, global),
        Command::Apply(arguments) => commands::apply::run(&arguments, global),
        Command::Pick(arguments) => commands::pick::run(&arguments, global),
        Command::Audition(arguments) => commands::audition::run(&arguments, global),
        Command::Stems(arguments) => commands::stems::run(&arguments, global),
        Command::Restore(arguments) => commands::restore::run(&arguments, global),
        Command::Catalogue(arguments) => commands::catalogue::run(&arguments, global),
        Command::Check(arguments) => commands::check::run(&arguments, global),
        Command::Compare(arguments) => commands::compare::run(&arguments, global),
        Command::Simulate(arguments) => commands::simulate::run(&arguments, global),
        Command::Doctor(_) => commands::doctor::run(global),
        Command::Explain(arguments) => {
            commands::explain::run(&arguments, &Arguments::command(), global)
        }
        #[cfg(feature = "serve")]
        Command::Serve(arguments) => commands::serve::run(&arguments, global),
        Command::Report(arguments) => commands::report::run(&arguments, global),
        Command::Listen(arguments) => commands::listen::run(&arguments, global),
        Command::References(arguments) => commands::references::run(&arguments, global),
        Command::Config(arguments) => {
            commands::config::run(&arguments, Arguments::command(), global)
        }
        Command::Export(arguments) => commands::export::run(&arguments, global),
        Command::Schema(arguments) => commands::schema::run(&arguments),
        Command::Targets(arguments) => commands::targets::run(&arguments, global),
        Command::Styles(arguments) => commands::styles::run(&arguments, global),
        Command::Completions(arguments) => commands::completions::run(&arguments),
        Command::Man(arguments) => commands::man::run(&arguments, Arguments::command()),
    }
}

/// Help and version go to standard output; a wrong command line is one line on standard error, exit 2.
///
/// `file` is the configuration that added to what was typed, which was right without it.
fn wrong_usage(error: &clap::Error, file: Option<&Path>, typed: &[OsString]) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = error.print();
            Exit::Done
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if !wants_json(typed) => {
            let _ = error.print();
            Exit::Usage
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            stopped(&Failure::usage("there is no command").next("acetate help lists them"), typed)
        }
        _ => {
            let whose = file.map(|file| format!("{}: ", file.display())).unwrap_or_default();
            let forgotten = forgotten_command(error).unwrap_or_default();
            let what = format!("{whose}{}{forgotten}", usage_line(&error.to_string()));
            stopped(&Failure::usage(what), typed)
        }
    }
}

/// A run that ends before there are arguments: one line, and the envelope where JSON was asked for.
fn stopped(failure: &Failure, typed: &[OsString]) -> Exit {
    say(&format!("acetate: {failure}"));
    let commands = Arguments::command();
    let known =
        |word: &&OsString| word.to_str().is_some_and(|w| commands.find_subcommand(w).is_some());
    let name = typed.iter().skip(1).find(known).map(|word| word.to_string_lossy());
    // There is nobody else to tell.
    let _ = CommandResult::stopped(&name.unwrap_or_default(), failure)
        .print(typed_option(typed, &["--json"]), typed_option(typed, &["--jsonl"]));
    failure.exit()
}

fn wants_json(typed: &[OsString]) -> bool {
    speech::speaks_json() || typed_option(typed, &["--json", "--jsonl"])
}

/// What stands before `--`.
fn options(typed: &[OsString]) -> impl Iterator<Item = &OsString> {
    typed.iter().take_while(|word| *word != "--")
}

fn typed_option(typed: &[OsString], names: &[&str]) -> bool {
    options(typed).any(|word| names.iter().any(|name| word == name))
}

fn typed_pair(typed: &[OsString], name: &str, value: &str) -> bool {
    options(typed).zip(options(typed).skip(1)).any(|(a, b)| a == name && b == value)
}

/// What to type when a file stands where the command should.
fn forgotten_command(error: &clap::Error) -> Option<String> {
    match error.get(ContextKind::InvalidSubcommand)? {
        ContextValue::String(name) if Path::new(name).exists() => {
            let name = invocation::quoted(name.clone());
            Some(format!("; a file needs a command: acetate master {name}"))
        }
        _ => None,
    }
}

/// clap's paragraphs on one line: the message, its tips, and where help is.
fn usage_line(rendered: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for line in rendered.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(tip) = line.strip_prefix("tip: ") {
            parts.push(format!("; {tip}"));
        } else if let Some(usage) = line.strip_prefix("Usage: ") {
            parts.push(format!("; usage: {usage}"));
        } else if line.starts_with("For more information") {
            parts.push("; --help says more".to_owned());
        } else {
            let message = line.strip_prefix("error: ").unwrap_or(line);
            parts.push(format!(" {message}"));
        }
    }
    parts.concat().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_wrong_command_line_is_one_line_with_the_way_out() {
        let error = Arguments::try_parse_from(["acetate", "analyze", "a.wav", "--jsn"]);
        let line = usage_line(&error.unwrap_err().to_string());
        assert!(line.contains("--jsn") && line.contains("--json"), "{line}");
        assert!(line.ends_with("--help says more") && !line.contains('\n'), "{line}");
    }
}
