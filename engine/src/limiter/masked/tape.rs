//! The input that is still needed, and what is added to it.

use acetate_audio::Audio;

use crate::moves::Score;

/// Sound from an absolute hop on; hops before the first one are silent.
pub(super) struct Tape {
    hop: usize,
    /// Hops kept behind the last one that came out.
    history: i64,
    pub(super) planes: Vec<Vec<f32>>,
    pub(super) residuals: Vec<Vec<f32>>,
    /// Absolute hop of the first sample held.
    origin: i64,
    /// Next hop to be searched for overs.
    pub(super) scanned: i64,
    /// Next frame of sound to come out.
    pub(super) emitted: i64,
    /// Frames of sound that came in.
    pub(super) received: i64,
}

impl Tape {
    pub(super) fn new(hop: usize, history: usize, channels: usize) -> Self {
        let silence = vec![vec![0.0; history * hop]; channels];
        Self {
            hop,
            history: history as i64,
            residuals: silence.clone(),
            planes: silence,
            origin: -(history as i64),
            scanned: 0,
            emitted: 0,
            received: 0,
        }
    }

    /// Index into the planes of the first sample of an absolute hop.
    pub(super) fn index(&self, hop: i64) -> usize {
        usize::try_from(hop - self.origin).expect("the hop is still held") * self.hop
    }

    /// Index into the planes of an absolute sample.
    pub(super) fn sample_index(&self, sample: i64) -> usize {
        usize::try_from(sample - self.origin * self.hop as i64).expect("the sample is still held")
    }

    /// Complete hops that came in, given the samples that must follow them.
    pub(super) fn hops_followed_by(&self, samples: usize) -> i64 {
        let held = self.planes[0].len().saturating_sub(samples);
        self.origin + (held / self.hop) as i64
    }

    pub(super) fn push(&mut self, block: &Audio) {
        for (plane, new) in self.planes.iter_mut().zip(block.planes()) {
            plane.extend_from_slice(new);
        }
        self.received += block.frames() as i64;
    }

    /// Lets silence follow the sound.
    pub(super) fn push_silence(&mut self, samples: usize) {
        for plane in &mut self.planes {
            plane.resize(plane.len() + samples, 0.0);
        }
    }

    /// Lets out everything before an absolute hop, and forgets what is no longer looked back on.
    pub(super) fn emit(&mut self, until_hop: i64, score: &mut Score, out: &mut Audio) {
        let until = (until_hop * self.hop as i64).min(self.received);
        let base = self.origin * self.hop as i64;
        if until <= self.emitted {
            return;
        }
        let range = (self.emitted - base) as usize..(until - base) as usize;
        let planes = self.planes.iter().zip(&self.residuals).zip(out.planes_mut());
        for (channel, ((plane, residual), out)) in planes.enumerate() {
            let settled = residual.len().clamp(range.start, range.end);
            let residual = residual.get(range.start..settled).unwrap_or_default();
            let (changed, same) = plane[range.clone()].split_at(residual.len());
            // Adding nothing would turn -0.0 into 0.0.
            out.extend(
                changed.iter().zip(residual).map(|(&x, &d)| if d == 0.0 { x } else { x + d }),
            );
            out.extend_from_slice(same);
            let added = residual.iter().copied().map(f64::from);
            score.note_column(channel, added.chain(same.iter().map(|_| 0.0)));
        }
        self.emitted = until;
        let keep_from = (until.div_euclid(self.hop as i64) - self.history).max(self.origin);
        let drop = self.index(keep_from);
        for plane in self.planes.iter_mut().chain(&mut self.residuals) {
            plane.drain(..drop.min(plane.len()));
        }
        self.origin = keep_from;
    }
}
