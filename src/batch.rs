//! Several files at once, results in the order of the files.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Works on `items` with up to `workers` threads and gives each result to `emit` in the order of the items, as soon
/// as it and all before it are there.
///
/// Threads of its own and not rayon's: a file that waits for its inner parallel work must not pick up another file,
/// or more than `workers` files would be in memory at once. While many items wait, each thread keeps to itself, which saves the
/// handing over; only the last ones share all threads.
pub fn in_order<T: Sync, R: Send>(
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
