//! The engine's own band-limited interpolator. The true-peak meter of the analyzer shares nothing with it.

use multiversion::multiversion;

use crate::convolver::sinc;
use crate::peak::larger;
use acetate_audio::windows::kaiser_window;

/// Values between samples: a Kaiser-windowed sinc in `PHASES` positions around the interval from a sample to the next.
pub(crate) struct Interpolator<const PHASES: usize> {
    /// One entry a tap, holding all phases.
    table: Vec<[f32; PHASES]>,
    /// How much larger than the largest sample a value between samples can be.
    growth: f32,
}

impl<const PHASES: usize> Interpolator<PHASES> {
    /// An interpolator over `taps` samples, an even number, that begins each interval at its sample.
    pub(crate) fn new(taps: usize, beta: f64) -> Self {
        Self::at(taps, beta, |phase| phase as f64 / PHASES as f64)
    }

    /// An interpolator that begins a step before each interval's first sample and ends at its last, so that every inner
    /// value has two neighbours.
    pub(crate) fn overlapping(taps: usize, beta: f64) -> Self {
        Self::at(taps, beta, |phase| (phase as f64 - 1.0) / (PHASES - 2) as f64)
    }

    fn at(taps: usize, beta: f64, position: impl Fn(usize) -> f64) -> Self {
        assert!(taps.is_multiple_of(2), "as many samples before a point as after it");
        let half = (taps / 2) as f64;
        let tap = |k: usize, phase: usize| {
            let t = k as f64 - (half - 1.0) - position(phase);
            sinc(t) * kaiser_window((t / half).abs().min(1.0), beta)
        };
        let sums: [f64; PHASES] =
            std::array::from_fn(|phase| (0..taps).map(|k| tap(k, phase)).sum());
        let table: Vec<[f32; PHASES]> = (0..taps)
            .map(|k| std::array::from_fn(|phase| (tap(k, phase) / sums[phase]) as f32))
            .collect();
        let growth_of = |phase: usize| table.iter().map(|taps| taps[phase].abs()).sum::<f32>();
        let growth = (0..PHASES).map(growth_of).fold(1.0, f32::max);
        Self { table, growth }
    }

    /// Samples one value is made of.
    pub(crate) fn taps(&self) -> usize {
        self.table.len()
    }

    /// Samples before the sample at which an interval begins.
    pub(crate) fn before(&self) -> usize {
        self.table.len() / 2 - 1
    }

    /// Upper bound of a value between samples of at most 1.
    pub(crate) fn growth(&self) -> f32 {
        self.growth
    }

    /// Largest magnitude in each interval from sample `i + before` up to the next, for `i` in `0..peaks.len()`.
    ///
    /// `x` has `taps - 1` samples more than there are intervals.
    pub(crate) fn peaks(&self, x: &[f32], peaks: &mut [f32]) {
        assert_eq!(x.len(), peaks.len() + self.taps() - 1);
        let mut fours = peaks.chunks_exact_mut(4);
        let mut start = 0;
        for four in &mut fours {
            four.copy_from_slice(&four_peaks(&self.table, &x[start..]));
            start += 4;
        }
        for peak in fours.into_remainder() {
            *peak = largest(all_phases(&self.table, &x[start..]));
            start += 1;
        }
    }

    /// All values of the interval in the middle of `x`, which has as many samples as there are taps.
    pub(crate) fn values(&self, x: &[f32]) -> [f32; PHASES] {
        all_phases(&self.table, x)
    }

    /// Some of the phases, for many intervals in a row.
    pub(crate) fn only<const N: usize>(&self, phases: [usize; N]) -> SomePhases<N> {
        let table = self.table.iter().map(|taps| phases.map(|phase| taps[phase])).collect();
        SomePhases { table }
    }
}

/// Intervals in a row whose values are computed together: their sums stay in registers.
pub(crate) const GROUP_FRAMES: usize = 32;

/// Some phases of an interpolator.
pub(crate) struct SomePhases<const N: usize> {
    table: Vec<[f32; N]>,
}

impl SomePhases<1> {
    /// One phase of any filter: weights of the values from the first on.
    pub(crate) fn from_taps(taps: &[f32]) -> Self {
        Self { table: taps.iter().map(|&tap| [tap]).collect() }
    }
}

impl<const N: usize> SomePhases<N> {
    /// The values in each of the intervals from sample `before` on, by phase.
    ///
    /// `x` has `taps - 1` samples more than there are intervals.
    pub(crate) fn values(&self, x: &[f32]) -> [[f32; GROUP_FRAMES]; N] {
        assert_eq!(x.len(), self.table.len() + GROUP_FRAMES - 1);
        grouped_values(&self.table, x)
    }
}

#[multiversion(targets("x86_64+avx+avx2", "x86_64+avx"))]
pub(super) fn grouped_values<const N: usize>(
    table: &[[f32; N]],
    x: &[f32],
) -> [[f32; GROUP_FRAMES]; N] {
    let mut sums = [[0.0f32; GROUP_FRAMES]; N];
    for (taps, x) in table.iter().zip(x.windows(GROUP_FRAMES)) {
        for (sums, tap) in sums.iter_mut().zip(taps) {
            for (sum, x) in sums.iter_mut().zip(x) {
                *sum += tap * x;
            }
        }
    }
    sums
}

fn largest<const PHASES: usize>(values: [f32; PHASES]) -> f32 {
    values.iter().fold(0.0, |max, value| larger(max, value.abs()))
}

#[multiversion(targets("x86_64+avx+avx2", "x86_64+avx"))]
fn all_phases<const PHASES: usize>(table: &[[f32; PHASES]], x: &[f32]) -> [f32; PHASES] {
    let mut sums = [0.0f32; PHASES];
    for (taps, x) in table.iter().zip(x) {
        for (sum, tap) in sums.iter_mut().zip(taps) {
            *sum += tap * x;
        }
    }
    sums
}

#[multiversion(targets("x86_64+avx+avx2", "x86_64+avx"))]
fn four_peaks<const PHASES: usize>(table: &[[f32; PHASES]], x: &[f32]) -> [f32; 4] {
    let mut sums = [[0.0f32; PHASES]; 4];
    let x = &x[..table.len() + 3];
    for (k, taps) in table.iter().enumerate() {
        for (offset, sums) in sums.iter_mut().enumerate() {
            let x = x[k + offset];
            for (sum, tap) in sums.iter_mut().zip(taps) {
                *sum += tap * x;
            }
        }
    }
    sums.map(largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_is_followed_between_its_samples() {
        let interpolator = Interpolator::<8>::new(32, 6.0);
        for freq in [0.01f64, 0.1, 0.2, 0.4] {
            let x: Vec<f32> = (0..200)
                .map(|n| libm::sin(2.0 * std::f64::consts::PI * freq * f64::from(n) + 0.3) as f32)
                .collect();
            let mut peaks = vec![0.0; x.len() - 31];
            interpolator.peaks(&x, &mut peaks);
            let highest = peaks.iter().fold(0.0f32, |max, p| max.max(*p));
            // A crest may lie between two of the eight phases; the window lets a thousandth pass.
            let lowest = libm::cos(std::f64::consts::PI * freq / 8.0) as f32 - 0.001;
            assert!((lowest..1.001).contains(&highest), "{freq}: {highest}");
        }
    }

    #[test]
    fn every_phase_passes_the_band_in_which_music_is_loud() {
        let interpolator = Interpolator::<8>::new(32, 6.0);
        for freq in [0.01f64, 0.1, 0.25, 0.35] {
            for phase in 0..8 {
                let turn = |k: usize| {
                    let frames = k as f64 - interpolator.before() as f64 - phase as f64 / 8.0;
                    2.0 * std::f64::consts::PI * freq * frames
                };
                let taps =
                    || interpolator.table.iter().map(|taps| f64::from(taps[phase])).enumerate();
                let re: f64 = taps().map(|(k, tap)| tap * libm::cos(turn(k))).sum();
                let im: f64 = taps().map(|(k, tap)| tap * libm::sin(turn(k))).sum();
                let error = libm::hypot(re - 1.0, im);
                assert!(error < 0.001, "{freq}, phase {phase}: {error}");
            }
        }
    }
}
