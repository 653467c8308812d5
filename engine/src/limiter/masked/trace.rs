//! Where it hurts: the noise-to-mask ratio over time.

use acetate_audio::units::Decibels;

/// Frames that are averaged into one entry of the trace (93 ms).
const FRAMES_AN_ENTRY: i64 = 8;
/// Quietest figure given: nothing was changed.
const NOTHING: f64 = 1e-10;
/// PEAQ's noise-to-mask ratio from this one, dB: slope and offset, by eye over six excerpts at five loudnesses from -13 to -5 LUFS
/// (within 3 dB from -40 to -6 dB but for one excerpt, 5 dB; `docs/limiter.md`).
const PEAQ: (f64, f64) = (1.27, 5.0);

/// Noise-to-mask ratio by time: power of what the limiter changed over the masking threshold of its input, averaged over half-ERB
/// bands and channels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MaskedTrace {
    /// Time from one entry to the next, s.
    pub entry_s: f64,
    /// Mean power ratio in each entry, 0 where nothing was changed; ends with the last change.
    pub ratios: Vec<f32>,
}

impl MaskedTrace {
    pub(super) fn new(hop_s: f64) -> Self {
        Self { entry_s: hop_s * FRAMES_AN_ENTRY as f64, ratios: Vec::new() }
    }

    pub(super) fn add(&mut self, frame: i64, ratio: f32) {
        let entry = frame.max(0) as usize / FRAMES_AN_ENTRY as usize;
        if entry >= self.ratios.len() {
            self.ratios.resize(entry + 1, 0.0);
        }
        self.ratios[entry] += ratio / FRAMES_AN_ENTRY as f32;
    }

    /// Mean over a sound of this length.
    pub fn mean(&self, duration_s: f64) -> Decibels {
        let sum: f64 = self.ratios.iter().map(|&ratio| f64::from(ratio)).sum();
        Decibels::from_power((sum * self.entry_s / duration_s.max(self.entry_s)).max(NOTHING))
    }

    /// The damage in words everybody knows: about what PEAQ-basic would give as its total noise-to-mask ratio for a sound of this length.
    ///
    /// Below -20 dB nothing is heard, above -10 dB it is likely to be.
    pub fn damage(&self, duration_s: f64) -> Decibels {
        self.mean(duration_s) * PEAQ.0 + Decibels(PEAQ.1)
    }

    /// The worst entry and when it begins, s; `None` when nothing was changed.
    pub fn worst(&self) -> Option<(f64, Decibels)> {
        let (entry, &ratio) = self.ratios.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
        Some((entry as f64 * self.entry_s, Decibels::from_power(f64::from(ratio).max(NOTHING))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_changed_dilutes_the_mean_but_not_the_worst() {
        let mut trace = MaskedTrace::new(0.0125);
        for frame in 16..24 {
            trace.add(frame, 0.1);
        }
        assert_eq!(trace.ratios.len(), 3);
        let (when, worst) = trace.worst().unwrap();
        assert!((when - 0.2).abs() < 1e-9);
        assert!((worst.0 + 10.0).abs() < 1e-4);
        assert!((trace.mean(1.0).0 + 20.0).abs() < 1e-4);
    }

    #[test]
    fn untouched_sound_is_not_damaged() {
        let trace = MaskedTrace::new(0.0125);
        assert!(trace.damage(3.0).0 < -100.0);
        assert_eq!(trace.worst(), None);
    }
}
