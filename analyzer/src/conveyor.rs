//! Blocks on their way past several tracks, with every thread busy.
//!
//! Each track takes the blocks in order; which thread it runs on, and how far it is ahead of the others, is left to
//! whoever is free. So no thread waits at the end of a block, and no bit depends on how many there are.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use acetate_audio::{Audio, AudioSpec, Blocks, ReadError, threads};

use crate::tamed::tame;

/// Something that listens to blocks.
pub(crate) trait Listen: Send {
    fn listen(&mut self, block: &Audio);
}

/// Blocks that may wait for the slowest track, for each thread.
const BLOCKS_A_THREAD: usize = 2;

/// Plays the whole pass to all `tracks`, on all threads of the pool.
///
/// # Errors
/// When the pass fails.
pub(crate) fn run<T: Listen>(pass: &mut dyn Blocks, tracks: Vec<T>) -> Result<Vec<T>, ReadError> {
    let threads = threads::count();
    let spec = pass.spec();
    let belt = Belt {
        state: Mutex::new(State {
            pass: Some(pass),
            ended: false,
            abandoned: false,
            error: None,
            blocks: VecDeque::new(),
            passed: 0,
            room: BLOCKS_A_THREAD * threads,
            spare: Vec::new(),
            tracks: tracks.into_iter().map(|track| Place { track: Some(track), next: 0 }).collect(),
        }),
        changed: Condvar::new(),
        spec,
    };
    // Threads of the pool join in when they are free; this one could do it all alone.
    if threads == 1 {
        belt.work();
    } else {
        rayon::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|_| belt.work());
            }
            belt.work();
        });
    }
    let state = belt.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    let every = "every track is put back";
    match state.error {
        Some(error) => Err(error),
        None => Ok(state.tracks.into_iter().map(|place| place.track.expect(every)).collect()),
    }
}

struct Belt<'a, T> {
    state: Mutex<State<'a, T>>,
    changed: Condvar,
    spec: AudioSpec,
}

struct State<'a, T> {
    /// Taken by whoever is decoding.
    pass: Option<&'a mut dyn Blocks>,
    /// Nothing more is decoded.
    ended: bool,
    /// A thread panicked.
    abandoned: bool,
    error: Option<ReadError>,
    /// Blocks that some track still needs.
    blocks: VecDeque<Arc<Audio>>,
    /// Blocks before those.
    passed: usize,
    /// Most blocks at a time.
    room: usize,
    /// Buffers to decode into.
    spare: Vec<Audio>,
    tracks: Vec<Place<T>>,
}

struct Place<T> {
    /// Taken by whoever runs it.
    track: Option<T>,
    /// The block that comes next.
    next: usize,
}

enum Job<'a, T> {
    Decode(&'a mut dyn Blocks, Option<Audio>),
    Listen { index: usize, track: T, block: Arc<Audio> },
}

impl<'a, T: Listen> Belt<'a, T> {
    /// Does what there is to do until all is done.
    fn work(&self) {
        let _guard = Abandon(self);
        while let Some(job) = self.take() {
            match job {
                Job::Decode(pass, spare) => {
                    let mut block = spare.unwrap_or_else(|| Audio::silence(self.spec, 0));
                    let decoded = pass.next_block(&mut block);
                    tame(&mut block);
                    self.lock().put_block(pass, decoded.map(|more| more.then_some(block)));
                }
                Job::Listen { index, mut track, block } => {
                    track.listen(&block);
                    self.lock().put_track(index, track, block);
                }
            }
            self.changed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<'a, T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job; waits for one as long as there may be one.
    fn take(&self) -> Option<Job<'a, T>> {
        let mut state = self.lock();
        loop {
            let job = state.decode_ahead().or_else(|| state.furthest_behind());
            if job.is_some() || state.is_done() {
                return job;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<'a, T> State<'a, T> {
    fn decode_ahead(&mut self) -> Option<Job<'a, T>> {
        if self.ended || self.blocks.len() >= self.room {
            return None;
        }
        self.pass.take().map(|pass| Job::Decode(pass, self.spare.pop()))
    }

    /// The first of the idle tracks that have heard least.
    fn furthest_behind(&mut self) -> Option<Job<'a, T>> {
        let here = self.passed + self.blocks.len();
        let (index, place) = self
            .tracks
            .iter_mut()
            .enumerate()
            .filter(|(_, place)| place.track.is_some() && place.next < here)
            .min_by_key(|(_, place)| place.next)?;
        let block = Arc::clone(&self.blocks[place.next - self.passed]);
        Some(Job::Listen { index, track: place.track.take()?, block })
    }

    fn put_block(&mut self, pass: &'a mut dyn Blocks, decoded: Result<Option<Audio>, ReadError>) {
        match decoded {
            Ok(Some(block)) => self.blocks.push_back(Arc::new(block)),
            Ok(None) => self.ended = true,
            Err(error) => (self.ended, self.error) = (true, Some(error)),
        }
        self.pass = Some(pass);
    }

    fn put_track(&mut self, index: usize, track: T, block: Arc<Audio>) {
        drop(block);
        self.tracks[index].track = Some(track);
        self.tracks[index].next += 1;
        let heard_by_all = self.tracks.iter().map(|place| place.next).min().unwrap_or(0);
        while self.passed < heard_by_all {
            self.passed += 1;
            // Another thread may still be letting go of it: then it is not used again.
            self.spare.extend(self.blocks.pop_front().and_then(Arc::into_inner));
        }
    }

    /// Whether nothing is left to do, or nothing will be done with it.
    fn is_done(&self) -> bool {
        let end = self.passed + self.blocks.len();
        let all_heard = self.tracks.iter().all(|place| place.next == end);
        self.abandoned || self.error.is_some() || (self.ended && all_heard)
    }
}

/// Sends the others home when a thread panics: they would wait for it for ever.
struct Abandon<'b, 'a, T: Listen>(&'b Belt<'a, T>);

impl<T: Listen> Drop for Abandon<'_, '_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut state = self.0.lock();
            state.abandoned = true;
            self.0.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use acetate_audio::{BLOCK_FRAMES, Source};

    use super::*;

    /// As many blocks, each of one value: its number.
    fn counting(blocks: usize) -> Source {
        let plane = (0..blocks * BLOCK_FRAMES).map(|frame| (frame / BLOCK_FRAMES) as f32);
        Source::from_audio(Audio::from_planes(48_000, vec![plane.collect()]))
    }

    /// A pass with an error where it would have ended.
    struct Failing(Box<dyn Blocks>);

    impl Blocks for Failing {
        fn spec(&self) -> AudioSpec {
            self.0.spec()
        }

        fn next_block(&mut self, block: &mut Audio) -> Result<bool, ReadError> {
            if self.0.next_block(block)? { Ok(true) } else { Err(ReadError::new("changed")) }
        }
    }

    /// Writes down what it hears; some tracks are slow, one may panic.
    struct Notes {
        slow: bool,
        panics_at: Option<f32>,
        heard: Vec<f32>,
    }

    impl Listen for Notes {
        fn listen(&mut self, block: &Audio) {
            let value = block.channel(0)[0];
            assert_ne!(Some(value), self.panics_at, "as asked");
            if self.slow {
                std::thread::yield_now();
            }
            self.heard.push(value);
        }
    }

    fn played(
        threads: usize,
        pass: &mut dyn Blocks,
        panics_at: Option<f32>,
    ) -> Result<Vec<Notes>, ReadError> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let notes = |index| Notes {
            slow: index % 2 == 0,
            panics_at: panics_at.filter(|_| index == 2),
            heard: Vec::new(),
        };
        pool.install(|| run(pass, (0..5).map(notes).collect()))
    }

    #[test]
    fn every_track_hears_every_block_in_order_on_any_number_of_threads() {
        let expected: Vec<f32> = (0..60).map(|value| value as f32).collect();
        for threads in 1..=4 {
            let mut pass = counting(60).blocks().unwrap();
            for track in played(threads, &mut *pass, None).unwrap() {
                assert_eq!(track.heard, expected, "{threads} threads");
            }
        }
    }

    #[test]
    fn an_error_ends_the_pass() {
        for threads in 1..=3 {
            let mut pass = Failing(counting(20).blocks().unwrap());
            assert!(played(threads, &mut pass, None).is_err());
        }
    }

    #[test]
    fn a_panic_on_one_thread_keeps_no_other_waiting() {
        for threads in 1..=3 {
            let mut pass = counting(50).blocks().unwrap();
            let playing = || played(threads, &mut *pass, Some(17.0));
            let playing = std::panic::AssertUnwindSafe(playing);
            assert!(std::panic::catch_unwind(playing).is_err());
        }
    }
}
