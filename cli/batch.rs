//! Several files at once, results in the order the files were named.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

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

/// Works on `items` with up to `workers` threads and gives each result to `emit` in the order of the items, as soon
/// as it and all before it are there.
///
/// Threads of its own and not rayon's: a file that waits for its inner parallel work must not pick up another file,
/// or more than `workers` files would be in memory at once. While many items wait, each thread keeps to itself, which saves the
/// handing over; only the last ones share all threads.
pub(crate) fn in_order<T: Sync, R: Send>(
    items: &[T],
    workers: usize,
    work: impl Fn(&T) -> R + Sync,
    emit: impl FnMut(R) + Send,
) {
    if items.len() > 1 {
        keep_freed_memory();
    }
    let workers = workers.clamp(1, items.len().max(1));
    let alone = if workers > 1 { items.len().saturating_sub(2 * workers) } else { 0 };
    let next = AtomicUsize::new(0);
    let queue = Mutex::new(Queue { waiting: BTreeMap::new(), due: 0, emit });
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let one_thread = || rayon::ThreadPoolBuilder::new().num_threads(1).build().ok();
                // Without it, all share the same threads.
                let own = (alone > 0).then(one_thread).flatten();
                while let Some((index, item)) = take(&next, items) {
                    let result = match &own {
                        Some(own) if index < alone => own.install(|| work(item)),
                        _ => work(item),
                    };
                    queue.lock().expect("no worker panics").give(index, result);
                }
            });
        }
    });
}

/// Freed blocks up to this size stay in the program, and twice this much at the end of each heap.
const KEPT_BYTES: usize = 16 << 20;

/// Keeps the memory of a file for the next one. glibc gives it back to the system, which clears it page by page when it is
/// taken again: a sixth of the processor time of short files. A large block that was freed raises its bounds for good
/// (mallopt(3), M_MMAP_THRESHOLD); this one is never touched, and other allocators take no notice.
fn keep_freed_memory() {
    drop(black_box(Vec::<u8>::with_capacity(KEPT_BYTES)));
}

fn take<'a, T>(next: &AtomicUsize, items: &'a [T]) -> Option<(usize, &'a T)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    items.get(index).map(|item| (index, item))
}

struct Queue<R, F: FnMut(R)> {
    waiting: BTreeMap<usize, R>,
    due: usize,
    emit: F,
}

impl<R, F: FnMut(R)> Queue<R, F> {
    fn give(&mut self, index: usize, result: R) {
        self.waiting.insert(index, result);
        while let Some(result) = self.waiting.remove(&self.due) {
            (self.emit)(result);
            self.due += 1;
        }
    }
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

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..20).collect();
        let mut seen = Vec::new();
        let slow_first = |&item: &u64| {
            thread::sleep(std::time::Duration::from_millis(if item % 4 == 0 { 5 } else { 0 }));
            item
        };
        in_order(&items, 4, slow_first, |item| seen.push(item));
        assert_eq!(seen, items);
        in_order(&[], 4, slow_first, |_| panic!("there is nothing"));
    }
}
