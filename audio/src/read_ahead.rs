//! Decoding in a thread of its own, some blocks ahead of whoever uses them.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::{Audio, AudioSpec, Blocks, ReadError};

/// Blocks decoded ahead; at stereo about a megabyte in all.
const BLOCKS_AHEAD: usize = 4;

type Decoded = Result<Audio, ReadError>;

/// A pass whose blocks are decoded before they are asked for. Buffers go round: none is allocated after the first few.
#[derive(Debug)]
pub struct ReadAhead {
    spec: AudioSpec,
    decoded: Option<Receiver<Decoded>>,
    spent: SyncSender<Audio>,
    thread: Option<JoinHandle<()>>,
}

impl ReadAhead {
    /// Begins to decode at once.
    pub fn new(blocks: impl Blocks + 'static) -> Self {
        let spec = blocks.spec();
        let (to_user, decoded) = sync_channel(BLOCKS_AHEAD);
        let (spent, from_user) = sync_channel(BLOCKS_AHEAD + 2);
        let thread = std::thread::spawn(move || decode(blocks, &to_user, &from_user));
        Self { spec, decoded: Some(decoded), spent, thread: Some(thread) }
    }
}

/// Until the end, an error, or nobody listens.
fn decode(mut blocks: impl Blocks, to_user: &SyncSender<Decoded>, from_user: &Receiver<Audio>) {
    loop {
        let mut block = from_user.try_recv().unwrap_or_else(|_| Audio::silence(blocks.spec(), 0));
        let decoded = blocks.next_block(&mut block);
        let last = !matches!(decoded, Ok(true));
        if to_user.send(decoded.map(|_| block)).is_err() || last {
            return;
        }
    }
}

impl Blocks for ReadAhead {
    fn spec(&self) -> AudioSpec {
        self.spec
    }

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, ReadError> {
        let received = self.decoded.as_ref().and_then(|decoded| decoded.recv().ok());
        // Nothing comes after the last block, or after an error.
        let mut next = received.unwrap_or_else(|| Ok(Audio::silence(self.spec, 0)))?;
        std::mem::swap(block, &mut next);
        // When the thread is gone, so is the use for the buffer.
        let _ = self.spent.try_send(next);
        Ok(block.frames() > 0)
    }
}

impl Drop for ReadAhead {
    fn drop(&mut self) {
        self.decoded = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported there.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting {
        next: u32,
        end: u32,
        fails: bool,
    }

    impl Blocks for Counting {
        fn spec(&self) -> AudioSpec {
            AudioSpec::new(48_000, 1)
        }

        fn next_block(&mut self, block: &mut Audio) -> Result<bool, ReadError> {
            block.resize(0);
            if self.next == self.end {
                return if self.fails { Err(ReadError::new("no more")) } else { Ok(false) };
            }
            block.planes_mut()[0].push(self.next as f32);
            self.next += 1;
            Ok(true)
        }
    }

    fn numbers(blocks: &mut dyn Blocks) -> Result<Vec<f32>, ReadError> {
        let mut block = Audio::silence(blocks.spec(), 0);
        let mut numbers = Vec::new();
        while blocks.next_block(&mut block)? {
            numbers.extend_from_slice(block.channel(0));
        }
        Ok(numbers)
    }

    #[test]
    fn blocks_come_in_order_and_end_once() {
        let mut ahead = ReadAhead::new(Counting { next: 0, end: 100, fails: false });
        let expected: Vec<f32> = (0..100).map(|i| i as f32).collect();
        assert_eq!(numbers(&mut ahead).unwrap(), expected);
        assert!(numbers(&mut ahead).unwrap().is_empty());
    }

    #[test]
    fn an_error_arrives_after_the_blocks_before_it() {
        let mut ahead = ReadAhead::new(Counting { next: 0, end: 3, fails: true });
        let mut block = Audio::silence(ahead.spec(), 0);
        for _ in 0..3 {
            assert!(ahead.next_block(&mut block).unwrap());
        }
        assert!(ahead.next_block(&mut block).is_err());
    }

    #[test]
    fn a_pass_can_be_given_up_at_any_time() {
        drop(ReadAhead::new(Counting { next: 0, end: u32::MAX, fails: false }));
    }
}
