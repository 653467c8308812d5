//! Loop points and cue markers count frames: at another rate they count others.
//!
//! Source: Microsoft/IBM RIFF 1.0 and its revision 3 (`smpl`, `cue `, `ltxt`).

/// A ratio of sample rates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rates {
    pub(super) from_hz: u32,
    pub(super) to_hz: u32,
}

impl Rates {
    fn frames(self, frames: u32) -> u32 {
        let from = u64::from(self.from_hz.max(1));
        let moved = (u64::from(frames) * u64::from(self.to_hz) + from / 2) / from;
        u32::try_from(moved).unwrap_or(u32::MAX)
    }

    fn at(self, bytes: &mut [u8], at: usize) {
        if let Some(field) = bytes.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<4>()) {
            *field = self.frames(u32::from_le_bytes(*field)).to_le_bytes();
        }
    }

    /// A `smpl` chunk: the length of a sample in nanoseconds, and loops of 24 bytes with begin and end.
    pub(super) fn sampler(self, bytes: &mut [u8]) {
        if let Some(field) = bytes.get_mut(8..).and_then(|rest| rest.first_chunk_mut::<4>()) {
            let nanoseconds = (1_000_000_000 + self.to_hz / 2) / self.to_hz.max(1);
            *field = nanoseconds.to_le_bytes();
        }
        for entry in bytes.get_mut(36..).unwrap_or_default().chunks_exact_mut(24) {
            self.at(entry, 8);
            self.at(entry, 12);
        }
    }

    /// A `cue ` chunk: points of 24 bytes with a place in the playlist's order and one in the samples.
    pub(super) fn cues(self, bytes: &mut [u8]) {
        for entry in bytes.get_mut(4..).unwrap_or_default().chunks_exact_mut(24) {
            self.at(entry, 4);
            self.at(entry, 20);
        }
    }

    /// The labels of cue points; of them, `ltxt` has a length.
    pub(super) fn labels(self, bytes: &mut [u8]) {
        let mut at = 4;
        while let Some(head) = bytes.get(at..at + 8) {
            let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
            if head.starts_with(b"ltxt") && length >= 8 {
                self.at(bytes, at + 12);
            }
            at = at.saturating_add(8).saturating_add(length.next_multiple_of(2));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOUBLE: Rates = Rates { from_hz: 48_000, to_hz: 96_000 };

    fn words(values: &[u32]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    #[test]
    fn loops_markers_and_their_lengths_move_with_the_rate() {
        let mut smpl = words(&[0, 0, 20_833, 60, 0, 0, 0, 1, 0, 1, 0, 100, 200, 0, 0]);
        DOUBLE.sampler(&mut smpl);
        assert_eq!(smpl, words(&[0, 0, 10_417, 60, 0, 0, 0, 1, 0, 1, 0, 200, 400, 0, 0]));
        let mut cue = words(&[1, 7, 300, 0, 0, 0, 300]);
        DOUBLE.cues(&mut cue);
        assert_eq!(cue, words(&[1, 7, 600, 0, 0, 0, 600]));
        let label = [&b"adtllabl\x05\0\0\0\x01\0\0\0a\0"[..], b"ltxt\x08\0\0\0", &words(&[1, 50])];
        let mut labels = label.concat();
        DOUBLE.labels(&mut labels);
        assert_eq!(labels[labels.len() - 4..], words(&[100]));
    }

    #[test]
    fn damaged_chunks_do_no_harm() {
        for length in 0..70 {
            DOUBLE.sampler(&mut vec![0xFF; length]);
            DOUBLE.cues(&mut vec![0xFF; length]);
            DOUBLE.labels(&mut vec![0xFF; length]);
        }
    }
}
