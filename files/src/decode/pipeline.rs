//! Packets, demuxed and decoded in batches: on several threads where packets do not depend on each other.
//!
//! Threads of our own rather than rayon's: a reader may be waited for inside a rayon pool, whose threads would then all
//! wait for each other.

use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use symphonia::core::errors::Error;
use symphonia::core::formats::FormatReader;
use symphonia::core::packet::Packet;

use super::decoders::PacketDecoder;
use crate::{Audio, AudioSpec};

/// Packets in a batch; of FLAC about three seconds of sound.
const BATCH_PACKETS: usize = 32;
/// Coded bytes after which a batch is closed early.
const BATCH_BYTES: usize = 1 << 22;

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Sound,
    /// It cannot be decoded; those after it can.
    Damaged,
    /// Its rate or channel count is another.
    OtherFormat,
    /// The decoder failed for good.
    Failed,
}

/// Why there are no more packets.
#[derive(Debug)]
pub(super) enum End {
    Whole,
    CutShort,
    OtherFormat,
    Failed,
    Io(io::Error),
}

/// A packet, and the sound in it.
pub(super) struct Decoded {
    pub(super) packet: Packet,
    pub(super) audio: Audio,
    pub(super) outcome: Outcome,
}

/// Packets of one track, in order, decoded.
pub(super) struct Pipeline {
    demux: Demux,
    /// One for each thread.
    decoders: Vec<PacketDecoder>,
    spec: AudioSpec,
    /// Packets of the next batch.
    queued: Vec<Packet>,
    /// The batch that is being given out.
    batch: Vec<Decoded>,
    given: usize,
    /// Buffers of batches before.
    spent: Vec<Audio>,
}

struct Demux {
    demuxer: Box<dyn FormatReader>,
    track_id: u32,
    end: Option<End>,
}

impl Pipeline {
    pub(super) fn new(
        demuxer: Box<dyn FormatReader>,
        track_id: u32,
        decoders: Vec<PacketDecoder>,
        spec: AudioSpec,
    ) -> Self {
        Self {
            demux: Demux { demuxer, track_id, end: None },
            decoders,
            spec,
            queued: Vec::new(),
            batch: Vec::new(),
            given: 0,
            spent: Vec::new(),
        }
    }

    /// The next packet; `None` at the end, whose kind [`Pipeline::take_end`] tells.
    pub(super) fn next(&mut self) -> Option<&mut Decoded> {
        if self.given == self.batch.len() {
            self.decode_batch();
        }
        self.given += 1;
        self.batch.get_mut(self.given - 1)
    }

    /// Why there was no next packet.
    pub(super) fn take_end(&mut self) -> End {
        self.demux.end.replace(End::Whole).unwrap_or(End::Whole)
    }

    fn decode_batch(&mut self) {
        self.spent.extend(self.batch.drain(..).map(|decoded| decoded.audio));
        self.given = 0;
        if self.queued.is_empty() {
            self.demux.fill(&mut self.queued);
        }
        for packet in self.queued.drain(..) {
            let audio = self.spent.pop().unwrap_or_else(|| Audio::silence(self.spec, 0));
            self.batch.push(Decoded { packet, audio, outcome: Outcome::Damaged });
        }
        let spec = self.spec;
        if let [only] = &mut self.decoders[..] {
            self.batch.iter_mut().for_each(|decoded| decoded.decode(only, spec));
            return;
        }
        let work = Mutex::new(self.batch.iter_mut());
        let (first, others) = self.decoders.split_first_mut().expect("there is a decoder");
        std::thread::scope(|scope| {
            for decoder in others {
                scope.spawn(|| decode_all(&work, decoder, spec));
            }
            // Meanwhile.
            self.demux.fill(&mut self.queued);
            decode_all(&work, first, spec);
        });
    }
}

/// Takes packets until none is left.
fn decode_all<'a>(
    work: &Mutex<impl Iterator<Item = &'a mut Decoded>>,
    decoder: &mut PacketDecoder,
    spec: AudioSpec,
) {
    // Decoding catches its own panics, so the lock is never poisoned by half a step.
    let next = || work.lock().unwrap_or_else(PoisonError::into_inner).next();
    while let Some(decoded) = next() {
        decoded.decode(decoder, spec);
    }
}

impl Decoded {
    pub(super) fn decode(&mut self, decoder: &mut PacketDecoder, spec: AudioSpec) {
        self.audio.resize(0);
        let audio = &mut self.audio;
        let decoding = AssertUnwindSafe(|| decoder.decode(&self.packet, spec, audio));
        self.outcome = match catch_unwind(decoding) {
            Ok(Ok(())) => Outcome::Sound,
            Ok(Err(Error::IoError(_) | Error::DecodeError(_))) => Outcome::Damaged,
            Ok(Err(Error::ResetRequired)) => Outcome::OtherFormat,
            Ok(Err(_)) | Err(_) => Outcome::Failed,
        };
    }
}

impl Demux {
    /// Reads packets of our track until there are enough, or no more.
    fn fill(&mut self, packets: &mut Vec<Packet>) {
        let mut bytes = 0;
        while self.end.is_none() && packets.len() < BATCH_PACKETS && bytes < BATCH_BYTES {
            match catch_unwind(AssertUnwindSafe(|| self.demuxer.next_packet())) {
                Ok(Ok(Some(packet))) if packet.track_id != self.track_id => {}
                Ok(Ok(Some(packet))) => {
                    bytes += packet.data.len();
                    packets.push(packet);
                }
                Ok(Ok(None)) => self.end = Some(End::Whole),
                Ok(Err(error)) => self.end = Some(end_of(error)),
                Err(_) => self.end = Some(End::Failed),
            }
        }
    }
}

fn end_of(error: Error) -> End {
    match error {
        Error::ResetRequired => End::OtherFormat,
        Error::IoError(error) if error.kind() != ErrorKind::UnexpectedEof => End::Io(error),
        _ => End::CutShort,
    }
}
