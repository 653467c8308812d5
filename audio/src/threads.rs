//! Whether work is spread over threads, and the few shapes in which it is.
//!
//! Results never depend on the choice: each item is worked on alone, and what comes out is put together in order.

use std::cell::Cell;

use rayon::prelude::*;

/// Which threads may work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Threads {
    /// Those of rayon's pool.
    #[default]
    All,
    /// The caller's alone: nothing waits for another thread, or starts one.
    None,
}

thread_local! {
    static CHOSEN: Cell<Threads> = const { Cell::new(Threads::All) };
}

impl Threads {
    /// Does `work`, in which everything of everything here keeps to this choice.
    pub fn run<T>(self, work: impl FnOnce() -> T) -> T {
        let _restore = Restore(CHOSEN.replace(self));
        work()
    }
}

/// Puts the choice back, after a panic too.
struct Restore(Threads);

impl Drop for Restore {
    fn drop(&mut self) {
        CHOSEN.set(self.0);
    }
}

/// How many threads there are to work with.
pub fn count() -> usize {
    if alone() { 1 } else { rayon::current_num_threads() }
}

/// WebAssembly has no threads: without the choice, nothing of rayon is built into a page.
#[inline(always)]
fn alone() -> bool {
    cfg!(target_family = "wasm") || CHOSEN.get() == Threads::None
}

/// Does `work` on each item; each is worth a thread.
pub fn for_each<T: Send>(items: &mut [T], work: impl Fn(usize, &mut T) + Send + Sync) {
    if alone() {
        items.iter_mut().enumerate().for_each(|(index, item)| work(index, item));
    } else {
        let items = items.par_iter_mut().with_max_len(1).enumerate();
        items.for_each(|(index, item)| work(index, item));
    }
}

/// Does `work` on each pair of items, as far as the shorter list goes.
pub fn for_each_pair<A: Send, B: Send>(
    firsts: &mut [A],
    seconds: &mut [B],
    work: impl Fn(usize, &mut A, &mut B) + Send + Sync,
) {
    if alone() {
        let pairs = firsts.iter_mut().zip(seconds).enumerate();
        pairs.for_each(|(index, (first, second))| work(index, first, second));
    } else {
        let pairs = firsts.par_iter_mut().with_max_len(1).zip(seconds).enumerate();
        pairs.for_each(|(index, (first, second))| work(index, first, second));
    }
}

/// Does `work` on pieces of `length` values, with a workspace that `workspace` makes; `together` of them are worth a thread.
pub fn for_each_piece<T: Send, W>(
    values: &mut [T],
    length: usize,
    together: usize,
    workspace: impl Fn() -> W + Send + Sync,
    work: impl Fn(&mut W, usize, &mut [T]) + Send + Sync,
) {
    if alone() {
        let mut space = workspace();
        let pieces = values.chunks_mut(length).enumerate();
        pieces.for_each(|(index, piece)| work(&mut space, index, piece));
    } else {
        let pieces = values.par_chunks_mut(length).enumerate().with_min_len(together);
        pieces.for_each_init(workspace, |space, (index, piece)| work(space, index, piece));
    }
}

/// What `work` makes of each item, in order, with a workspace that `workspace` makes; each item is worth a thread.
pub fn map_with<T: Sync, R: Send, W>(
    items: &[T],
    workspace: impl Fn() -> W + Send + Sync,
    work: impl Fn(&mut W, usize, &T) -> R + Send + Sync,
) -> Vec<R> {
    if alone() {
        let mut space = workspace();
        items.iter().enumerate().map(|(index, item)| work(&mut space, index, item)).collect()
    } else {
        let items = items.par_iter().with_max_len(1).enumerate();
        items.map_init(workspace, |space, (index, item)| work(space, index, item)).collect()
    }
}

/// What `work` makes of each item, in order; each item is worth a thread.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(usize, &T) -> R + Send + Sync) -> Vec<R> {
    map_with(items, || (), |(), index, item| work(index, item))
}

/// Does both, and gives what they gave.
pub fn join<A: Send, B: Send>(
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B + Send,
) -> (A, B) {
    if alone() { (first(), second()) } else { rayon::join(first, second) }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::thread::{self, ThreadId};

    use super::*;

    #[test]
    fn without_threads_all_work_is_done_here_and_in_order() {
        let seen: Mutex<Vec<(usize, ThreadId)>> = Mutex::default();
        let see = |index| seen.lock().unwrap().push((index, thread::current().id()));
        Threads::None.run(|| {
            assert_eq!(count(), 1);
            for_each(&mut [0; 3], |index, _| see(index));
            for_each_pair(&mut [0; 3], &mut [0; 3], |index, _, _| see(index));
            for_each_piece(&mut [0; 6], 2, 1, || (), |(), index, _| see(index));
            map(&[0; 3], |index, _| see(index));
            join(|| see(0), || see(1));
        });
        let here = thread::current().id();
        let indices = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1];
        assert_eq!(seen.into_inner().unwrap(), indices.map(|index| (index, here)));
    }

    #[test]
    fn what_comes_out_does_not_depend_on_the_choice() {
        let squares = || map(&(0..1000).collect::<Vec<u64>>(), |index, item| index as u64 * item);
        assert_eq!(squares(), Threads::None.run(squares));
        assert_eq!(join(|| 1, || 2), Threads::None.run(|| join(|| 1, || 2)));
    }

    #[test]
    fn the_choice_ends_with_its_work() {
        let inside = Threads::None.run(|| Threads::All.run(|| CHOSEN.get()));
        assert_eq!((inside, CHOSEN.get()), (Threads::All, Threads::All));
    }
}
