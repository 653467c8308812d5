//! Which stem works the limiter.

use acetate_engine::LimiterTrace;
use serde::Serialize;

use super::share::Region;

/// Length of a hop, as of [`LimiterTrace`].
const HOP_S: f64 = 0.05;
/// Reductions below this count for nothing, dB.
const REDUCTION_DB_MIN: f32 = 0.1;

/// Which stem works the limiter: over time, in hops of equal length.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LimiterWork {
    /// Length of a hop in seconds.
    pub hop_s: f64,
    /// Per hop: how much lower the limiter made the largest sample, in dB.
    pub reduction_db: Vec<f32>,
    /// By stem, per hop: its share of what makes the sum's largest sample so large. Shares add up to one; what pulls it down has none.
    pub peak_share: Vec<Vec<f32>>,
    /// By stem, per hop: its share of the energy of what no gain explains: harmonics, the masked limiter's cuts, dither.
    pub remainder_share: Vec<Vec<f32>>,
}

impl LimiterWork {
    /// Share of a stem in the peaks that were limited, each counted by its reduction; `None` where nothing was limited.
    pub fn of(&self, stem: usize) -> Option<f64> {
        let (mut sum, mut total) = (0.0, 0.0);
        for (&db, &share) in self.reduction_db.iter().zip(&self.peak_share[stem]) {
            if db >= REDUCTION_DB_MIN {
                sum += f64::from(db) * f64::from(share);
                total += f64::from(db);
            }
        }
        (total > 0.0).then(|| sum / total)
    }
}

/// Finds it out while the stems pass.
pub(super) struct Listening {
    hop: usize,
    frames: usize,
    largest: f64,
    shares: Vec<f32>,
    energies: Vec<f64>,
    work: LimiterWork,
}

impl Listening {
    pub(super) fn new(stems: usize, sample_rate_hz: u32) -> Self {
        let hop = (HOP_S * f64::from(sample_rate_hz)) as usize;
        let none = vec![Vec::new(); stems];
        Self {
            hop,
            frames: 0,
            largest: 0.0,
            shares: vec![0.0; stems],
            energies: vec![0.0; stems],
            work: LimiterWork {
                hop_s: hop as f64 / f64::from(sample_rate_hz),
                reduction_db: Vec::new(),
                peak_share: none.clone(),
                remainder_share: none,
            },
        }
    }

    pub(super) fn hear(&mut self, region: &Region) {
        for frame in 0..region.target[0].len() {
            for channel in 0..region.target.len() {
                let parts = || region.stems.iter().map(|stem| stem.part[channel][frame]);
                let sum: f64 = parts().map(f64::from).sum();
                if sum.abs() > self.largest {
                    self.largest = sum.abs();
                    let pushes = |part: f32| (f64::from(part) * sum.signum()).max(0.0);
                    let all: f64 = parts().map(pushes).sum();
                    for (share, part) in self.shares.iter_mut().zip(parts()) {
                        *share = (pushes(part) / all) as f32;
                    }
                }
                for (energy, stem) in self.energies.iter_mut().zip(&region.stems) {
                    *energy += f64::from(stem.share[channel][frame]).powi(2);
                }
            }
            self.frames += 1;
            if self.frames == self.hop {
                self.close();
            }
        }
    }

    /// What was found; the limiter says what it took away.
    pub(super) fn finish(mut self, trace: &LimiterTrace) -> LimiterWork {
        if self.frames > 0 {
            self.close();
        }
        self.work.reduction_db.clone_from(&trace.gain_reduction_db);
        self.work
    }

    fn close(&mut self) {
        let total: f64 = self.energies.iter().sum();
        for stem in 0..self.shares.len() {
            self.work.peak_share[stem].push(self.shares[stem]);
            let share = if total > 0.0 { self.energies[stem] / total } else { 0.0 };
            self.work.remainder_share[stem].push(share as f32);
        }
        (self.frames, self.largest) = (0, 0.0);
        self.shares.fill(0.0);
        self.energies.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::share::Portion;
    use super::*;

    #[test]
    fn whoever_makes_the_peaks_that_are_limited_works_the_limiter() {
        let portion = |level: f32| {
            // One peak in each of two hops of 50 ms.
            let mut part = vec![0.1 * level; 100];
            (part[10], part[60]) = (level, level);
            Portion { part: vec![part], share: vec![vec![0.5 * level; 100]] }
        };
        let region =
            Region { target: vec![vec![0.0; 100]], stems: vec![portion(0.6), portion(0.2)] };
        let mut listening = Listening::new(2, 1_000);
        listening.hear(&region);
        let gain_reduction_db = vec![3.0, 0.0];
        let work = listening.finish(&LimiterTrace { gain_reduction_db, ..LimiterTrace::default() });
        assert!(
            (work.of(0).unwrap() - 0.75).abs() < 1e-6 && (work.of(1).unwrap() - 0.25).abs() < 1e-6
        );
        assert!((work.remainder_share[0][1] - 0.9).abs() < 1e-6, "{:?}", work.remainder_share);
        // A stem that pulls a peak down does not work the limiter.
        let region =
            Region { target: vec![vec![0.0; 100]], stems: vec![portion(0.6), portion(-0.2)] };
        let mut listening = Listening::new(2, 1_000);
        listening.hear(&region);
        let trace = LimiterTrace { gain_reduction_db: vec![3.0, 0.0], ..LimiterTrace::default() };
        let pulled = listening.finish(&trace);
        assert_eq!((pulled.of(0), pulled.of(1)), (Some(1.0), Some(0.0)));
        let idle = LimiterWork { reduction_db: vec![0.0; 2], ..work };
        assert_eq!(idle.of(0), None);
    }
}
