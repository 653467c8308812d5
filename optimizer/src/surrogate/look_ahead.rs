//! Look-ahead limiters on the envelope alone.

use acetate_analyzer::Envelope;
use acetate_audio::units::db_to_amplitude;
use acetate_engine::limiter::{SLOW_ATTACK_MS, SLOW_RELEASE_RATIO};
use acetate_engine::settings::{LimiterKind, LimiterSettings};

use super::peaks::PeakTable;

/// The envelope as a limiter sees it.
#[derive(Clone, Debug)]
pub(crate) struct PeakTrack {
    step_s: f64,
    per_block: usize,
    peak: Vec<f32>,
    power: Vec<f32>,
    /// Interpolated peak over sample peak of each block.
    between_samples: Vec<f64>,
}

impl PeakTrack {
    /// For blocks of `block_s` seconds; `peaks` are the interpolated ones.
    pub(crate) fn new(envelope: &Envelope, peaks: &PeakTable, block_s: f64) -> Self {
        let steps = |seconds: f64| (seconds / envelope.step_s.max(1e-9)).round().max(1.0) as usize;
        let (per_row, per_block) = (steps(peaks.step_s), steps(block_s));
        let of_rows: Vec<f64> = envelope
            .peak
            .chunks(per_row)
            .take(peaks.blocks())
            .enumerate()
            .map(|(row, sampled)| {
                let largest = f64::from(sampled.iter().copied().fold(0.0, f32::max));
                if largest > 0.0 { (peaks.peak(row) / largest).max(1.0) } else { 1.0 }
            })
            .collect();
        let blocks = envelope.peak.len().div_ceil(per_block);
        let of_block = |block: usize| of_rows.get(block * per_block / per_row).copied();
        Self {
            between_samples: (0..blocks).map(|block| of_block(block).unwrap_or(1.0)).collect(),
            step_s: envelope.step_s,
            per_block,
            peak: envelope.peak.clone(),
            power: envelope.power.clone(),
        }
    }

    /// Share of the energy of each block that a limiter keeps when the block comes in changed by the power gain `gain`.
    ///
    /// The engine's law on a grid of 1 ms: the wanted gain is held as a minimum over the look-ahead, released on two paths,
    /// and smoothed by a mean over the look-ahead.
    pub(crate) fn kept(&self, limiter: &LimiterSettings, gain: &[f64]) -> Vec<f64> {
        let ceiling = db_to_amplitude(limiter.ceiling_dbtp);
        let window = (limiter.lookahead_ms * 1e-3 / self.step_s).round().max(1.0) as usize;
        let wanted = self.wanted(ceiling, gain);
        let mut released = Release::new(limiter, self.step_s);
        let mut held = vec![1.0_f32; wanted.len()];
        for (step, held) in held.iter_mut().enumerate() {
            let ahead = &wanted[step..(step + window).min(wanted.len())];
            *held = released.next(ahead.iter().copied().fold(1.0, f32::min));
        }
        self.energy_kept(&held, window, gain.len())
    }

    /// The gain that brings each step to the ceiling.
    fn wanted(&self, ceiling: f64, gain: &[f64]) -> Vec<f32> {
        let mut wanted = vec![1.0_f32; self.peak.len()];
        let blocks = wanted.chunks_mut(self.per_block).zip(self.peak.chunks(self.per_block));
        for ((wanted, peaks), (gain, between)) in blocks.zip(gain.iter().zip(&self.between_samples))
        {
            let limit = (ceiling / (gain.sqrt() * between)) as f32;
            for (wanted, &peak) in wanted.iter_mut().zip(peaks) {
                if peak > limit {
                    *wanted = limit / peak;
                }
            }
        }
        wanted
    }

    fn energy_kept(&self, held: &[f32], window: usize, blocks: usize) -> Vec<f64> {
        let mut kept = Vec::with_capacity(blocks);
        let mut sum = window as f64;
        let mut step = 0;
        for powers in self.power.chunks(self.per_block).take(blocks) {
            let (mut before, mut after) = (0.0, 0.0);
            for &power in powers {
                sum += f64::from(held[step])
                    - f64::from(if step < window { 1.0 } else { held[step - window] });
                let gain = sum / window as f64;
                before += f64::from(power);
                after += f64::from(power) * gain * gain;
                step += 1;
            }
            kept.push(if before > 0.0 { after / before } else { 1.0 });
        }
        kept.resize(blocks, 1.0);
        kept
    }
}

/// Lets the gain rise again, more slowly after sustained reduction.
struct Release {
    fast: f64,
    fast_rate: f64,
    slow: f64,
    slow_rates: Option<[f64; 2]>,
}

impl Release {
    fn new(limiter: &LimiterSettings, step_s: f64) -> Self {
        let rate = |ms: f64| 1.0 - libm::exp(-1e3 * step_s / ms);
        let slow = [rate(SLOW_ATTACK_MS), rate(SLOW_RELEASE_RATIO * limiter.release_ms)];
        Self {
            fast: 1.0,
            fast_rate: rate(limiter.release_ms),
            slow: 1.0,
            slow_rates: (limiter.kind != LimiterKind::Fast).then_some(slow),
        }
    }

    fn next(&mut self, lowest: f32) -> f32 {
        let limit = f64::from(lowest);
        self.fast = (self.fast + (1.0 - self.fast) * self.fast_rate).min(limit);
        if let Some([attack, release]) = self.slow_rates {
            let rate = if limit < self.slow { attack } else { release };
            self.slow += (limit - self.slow) * rate;
        }
        self.fast.min(self.slow) as f32
    }
}

#[cfg(test)]
mod tests {
    use acetate_analyzer::AmplitudeHistogram;

    use super::*;

    fn track(peaks: Vec<f32>) -> PeakTrack {
        let power = peaks.iter().map(|peak| peak * peak / 2.0).collect();
        let envelope = Envelope { step_s: 1e-3, peak: peaks, power };
        let silent =
            AmplitudeHistogram { step_s: 0.1, edges: vec![0.0, 1.0], ..Default::default() };
        PeakTrack::new(&envelope, &PeakTable::new(&silent), 0.1)
    }

    fn limiter() -> LimiterSettings {
        LimiterSettings {
            kind: LimiterKind::Transparent,
            ceiling_dbtp: 0.0,
            ..LimiterSettings::default()
        }
    }

    #[test]
    fn what_stays_below_the_ceiling_is_kept() {
        let kept = track(vec![0.9; 1_000]).kept(&limiter(), &[1.0; 10]);
        assert!(kept.iter().all(|kept| (kept - 1.0).abs() < 1e-9), "{kept:?}");
    }

    #[test]
    fn a_steady_level_twice_too_high_is_halved() {
        let kept = track(vec![1.0; 1_000]).kept(&limiter(), &[4.0; 10]);
        assert!((kept[5] - 0.25).abs() < 1e-6, "{kept:?}");
    }

    #[test]
    fn one_peak_costs_the_energy_around_it_and_is_forgotten() {
        let mut peaks = vec![0.5; 1_000];
        peaks[450] = 2.0;
        let kept = track(peaks).kept(&limiter(), &[1.0; 10]);
        assert_eq!(kept[3], 1.0);
        assert!(kept[4] < kept[5] && kept[5] < kept[6] && kept[6] < kept[9], "{kept:?}");
        assert!(kept[4] < 0.9 && kept[9] > 0.95, "{kept:?}");
    }
}
