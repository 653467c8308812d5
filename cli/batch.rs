//! Several files at once, results in the order the files were named.

use acetate::in_order;

use crate::exit::Exit;
use crate::failure::Outcome;
use crate::global::{Global, print_json_line};
use crate::panic::guarded;
use crate::progress::holding_lines;
use crate::result::{CommandResult, FileResult};
use crate::speech::say;
use acetate::Input;

/// Runs a command over its inputs: what fails is said at once, JSON is printed as asked for; gives how the run ended.
///
/// # Errors
/// When standard output cannot be written.
pub(crate) fn each(
    command: &str,
    inputs: &[Input],
    workers: usize,
    global: &Global,
    work: impl Fn(&Input) -> Vec<FileResult> + Sync,
) -> Outcome<Exit> {
    let mut files: Vec<FileResult> = Vec::new();
    let mut printed = Ok(());
    in_order(
        inputs,
        workers,
        |input| {
            let guarded_work = || {
                guarded(|| Ok(work(input)))
                    .unwrap_or_else(|bug| vec![FileResult::failed(&input.name(), &bug)])
            };
            if workers > 1 { holding_lines(guarded_work) } else { (guarded_work(), Vec::new()) }
        },
        |(results, lines)| {
            lines.iter().for_each(|line| say(line));
            for file in results {
                if let Some(error) = &file.error {
                    say(&format!("acetate: {error}"));
                }
                if global.jsonl && printed.is_ok() {
                    printed = print_json_line(&file);
                }
                files.push(file);
            }
        },
    );
    printed?;
    if inputs.len() > 1 && matches!(command, "master" | "apply") {
        global.progress().done("Total", &totals(&files));
    }
    let result = CommandResult::of(command, files);
    if global.json {
        result.print(global.json, global.jsonl)?;
    }
    Ok(result.exit())
}

/// `57 written, 1 failed: demo.wav: is silent`
fn totals(files: &[FileResult]) -> String {
    let with = |field: &str| files.iter().filter(|file| file.fields.contains_key(field)).count();
    let off_target = |file: &&FileResult| file.fields.get("met") == Some(&false.into());
    let missed = files.iter().filter(off_target).count();
    let failed: Vec<&str> = files.iter().filter_map(|file| file.error.as_deref()).collect();
    let counts = [
        (with("output"), "written"),
        (with("would_write"), "to write"),
        (with("up_to_date"), "up to date"),
        (with("skipped"), "skipped"),
        (missed, "of them off target"),
        (failed.len(), "failed"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let reasons =
        if failed.is_empty() { String::new() } else { format!(": {}", failed.join("; ")) };
    counts.join(", ") + &reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_totals_name_what_failed_and_why() {
        let written = FileResult::done("a.wav", Exit::Done, serde_json::json!({ "output": "a" }));
        let missed = FileResult::done(
            "b.wav",
            Exit::Done,
            serde_json::json!({ "output": "b", "met": false }),
        );
        let failed =
            FileResult::failed("c.wav", &crate::failure::Failure::refused("c.wav: is silent"));
        assert_eq!(
            totals(&[written, missed, failed]),
            "2 written, 1 of them off target, 1 failed: c.wav: is silent"
        );
    }
}
