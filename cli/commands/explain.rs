//! `acetate explain`: the long text for a finding, a metric or a setting.

use acetate::explained;
use clap::{Args, Command};

use crate::completing;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print, print_json};
use crate::suggestion::did_you_mean;
use acetate::text::table::{Align, Table, WIDTH, wrap};

/// Long text for a finding, a metric or a setting
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate explain D101\n  acetate explain lufs\n  acetate explain limiter noise\n  acetate explain limiter.ceiling_dbtp\n  acetate explain            everything there is"
)]
pub(crate) struct ExplainArguments {
    /// Code, term or setting
    #[arg(value_name = "CODE|TERM", add = completing::terms())]
    term: Vec<String>,
}

pub(crate) fn run(
    arguments: &ExplainArguments,
    program: &Command,
    global: &Global,
) -> Outcome<Exit> {
    if arguments.term.is_empty() {
        return list(program, global);
    }
    // A label of several words needs no quotes.
    let term = arguments.term.join(" ");
    let text = find(&term, program).ok_or_else(|| {
        let known: Vec<String> = explained().collect();
        let hint = did_you_mean(&term, known.iter().map(String::as_str));
        Failure::usage(format!("nothing is known about \"{term}\"{hint}"))
            .next("acetate explain lists everything")
    })?;
    if global.wants_json() {
        print_json(&serde_json::json!({ "term": term, "text": text }))?;
    } else {
        let paragraphs: Vec<String> = text.lines().map(|line| wrap(line, WIDTH, "")).collect();
        print(&(paragraphs.join("\n") + "\n"))?;
    }
    Ok(Exit::Done)
}

/// What the library says about a term, or the help about an option.
fn find(term: &str, program: &Command) -> Option<String> {
    acetate::explain(term).or_else(|| option(term.trim(), program))
}

/// What the help says about a command, or an option of the commands that have it.
fn option(wanted: &str, program: &Command) -> Option<String> {
    let wanted = wanted.trim_start_matches('-').replace(['_', ' '], "-").to_lowercase();
    if let Some(command) = program.find_subcommand(&wanted) {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        return Some(format!("acetate {wanted}: {about}. acetate help {wanted} says more."));
    }
    let has =
        |command: &&clap::Command| command.get_arguments().any(|o| o.get_long() == Some(&wanted));
    let commands: Vec<&clap::Command> = program.get_subcommands().filter(has).collect();
    let owner = commands.first().copied().or_else(|| Some(program).filter(has))?;
    let help = owner.get_arguments().find(|o| o.get_long() == Some(&wanted))?.get_help()?;
    let names: Vec<&str> = commands.iter().map(|command| command.get_name()).collect();
    let whose = if names.is_empty() { "every command".to_owned() } else { names.join(", ") };
    Some(format!("--{wanted} ({whose}): {help}."))
}

/// Every word with the beginning of what is said about it; codes come last.
fn list(program: &Command, global: &Global) -> Outcome<Exit> {
    let mut names: Vec<String> = explained().collect();
    names.sort_by_key(|name| (is_code(name), name.contains('.')));
    if global.wants_json() {
        print_json(&names)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[("word", Align::Left), ("what it is", Align::Left)]);
    for name in names {
        let text = find(&name, program).unwrap_or_default();
        let own = format!("settings.{name}: ");
        let text = text.strip_prefix(&own).unwrap_or(&text);
        let first = text.split(['\n']).next().unwrap_or_default().to_owned();
        table.row([name, first]);
    }
    print(&(table.lines().join("\n") + "\n"))?;
    Ok(Exit::Done)
}

/// `S204`, `D101`.
fn is_code(name: &str) -> bool {
    name.len() == 4 && name[1..].bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::arguments::Arguments;

    #[test]
    fn options_and_commands_are_explained_by_their_help() {
        let program = Arguments::command();
        assert!(find("--max-eq", &program).is_some_and(|text| text.contains("master")));
        assert!(find("analyze", &program).is_some());
        assert!(find("nonsense", &program).is_none());
    }
}
