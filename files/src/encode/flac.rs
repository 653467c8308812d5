//! FLAC out, in a thread of its own: encoding is the dearest stage, and overlaps with rendering.

use std::io::BufWriter;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use acetate_audio::threads;
use flac_codec::encode::FlacChannelWriter;

use super::{Encoder, PcmFormat, Sink, wave_mask};
use crate::tags::flac_options;
use crate::{ChannelLayout, EncodeError, PcmBlock, PcmPlanes, SampleFormat, Tags};

/// Blocks that may wait for the encoder.
const QUEUE_BLOCKS: usize = 8;

type FlacWriter = FlacChannelWriter<BufWriter<Sink>>;

/// Encodes here, or hands blocks to a thread beside this one.
pub(super) enum FlacEncoder {
    Here(Box<FlacWriter>),
    Beside(Beside),
}

impl FlacEncoder {
    pub(super) fn new(file: Sink, format: PcmFormat, tags: &Tags) -> Result<Self, EncodeError> {
        if format.samples == SampleFormat::Float32 {
            let what = "32-bit float samples".to_string();
            return Err(EncodeError::CannotHold { container: "FLAC", what });
        }
        let mask = wave_mask(format, "FLAC")?;
        // Without a word about it, the layout is the usual one (RFC 9639, 9.1.3).
        let unusual =
            Some(mask).filter(|&m| m != ChannelLayout::usual(format.spec.channels).mask());
        let writer = FlacChannelWriter::new(
            BufWriter::with_capacity(1 << 16, file),
            flac_options(tags, unusual),
            format.spec.sample_rate_hz,
            format.samples.bits(),
            format.spec.channels as u8,
            None,
        )
        .map_err(refused)?;
        // There are no threads in WebAssembly, and none to spare where one is all.
        if cfg!(target_family = "wasm") || threads::count() == 1 {
            return Ok(Self::Here(Box::new(writer)));
        }
        Ok(Self::Beside(Beside::new(writer)))
    }
}

impl Encoder for FlacEncoder {
    fn write(&mut self, block: &PcmBlock) -> Result<(), EncodeError> {
        let PcmPlanes::Int(planes) = &block.planes else {
            unreachable!("the format was checked when the file was begun");
        };
        match self {
            Self::Here(writer) => writer.write(planes).map_err(refused),
            Self::Beside(thread) => thread.write(planes),
        }
    }

    fn finish(self: Box<Self>) -> Result<(), EncodeError> {
        match *self {
            Self::Here(writer) => writer.finalize().map_err(refused),
            Self::Beside(mut thread) => thread.join(),
        }
    }
}

/// The thread that encodes.
pub(super) struct Beside {
    queue: Option<SyncSender<Vec<Vec<i32>>>>,
    /// Planes that the thread is done with.
    spent: Receiver<Vec<Vec<i32>>>,
    thread: Option<JoinHandle<Result<(), EncodeError>>>,
}

impl Beside {
    fn new(writer: FlacWriter) -> Self {
        let (queue, blocks) = sync_channel(QUEUE_BLOCKS);
        let (recycle, spent) = sync_channel(QUEUE_BLOCKS + 2);
        let thread = std::thread::spawn(move || encode(writer, &blocks, &recycle));
        Self { queue: Some(queue), spent, thread: Some(thread) }
    }

    fn write(&mut self, planes: &[Vec<i32>]) -> Result<(), EncodeError> {
        let mut copy = self.spent.try_recv().unwrap_or_else(|_| vec![Vec::new(); planes.len()]);
        for (to, from) in copy.iter_mut().zip(planes) {
            to.clear();
            to.extend_from_slice(from);
        }
        let queue = self.queue.as_ref().expect("open until the end");
        // The thread ends early only with an error, which joining gives.
        if queue.send(copy).is_err() { self.join() } else { Ok(()) }
    }

    /// Waits for the thread, which has ended or is about to.
    fn join(&mut self) -> Result<(), EncodeError> {
        self.queue = None;
        let thread = self.thread.take().expect("the thread is joined once");
        thread.join().unwrap_or_else(|_| Err(EncodeError::Flac("the encoder failed".into())))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn encode(
    mut writer: FlacWriter,
    blocks: &Receiver<Vec<Vec<i32>>>,
    recycle: &SyncSender<Vec<Vec<i32>>>,
) -> Result<(), EncodeError> {
    for planes in blocks {
        writer.write(&planes).map_err(refused)?;
        // Nobody wants them back when the other side is gone.
        let _ = recycle.try_send(planes);
    }
    writer.finalize().map_err(refused)
}

fn refused(error: flac_codec::Error) -> EncodeError {
    match error {
        flac_codec::Error::Io(error) => EncodeError::Write(error),
        other => EncodeError::Flac(other.to_string()),
    }
}
