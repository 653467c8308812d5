//! The oversampling on which the limiter's constraint lives, computed only where it can matter.

use std::f64::consts::PI;

use acetate_audio::windows::kaiser_window;
use multiversion::multiversion;

use crate::peak::largest;

/// Samples computed at a time.
pub(super) const BLOCK: usize = 16;
/// Length of one polyphase branch.
const TAPS: usize = 32;
/// Samples that an interpolated value looks back, and one less than it looks ahead.
pub(super) const REACH: usize = TAPS / 2;
/// A block and the samples on both sides that its interpolation needs.
pub(super) const SPAN: usize = BLOCK + TAPS;
/// Most values a sample.
pub(super) const PHASES_MAX: usize = 4;
/// Overs are not looked for between samples below this share of the ceiling.
const FAR_BELOW: f32 = 0.6;
/// Kaiser window: about 60 dB of image rejection, flat to 19.5 kHz at 44.1 kHz.
const KAISER_BETA: f64 = 5.65;

/// The values of a block between its samples: one row a phase, row 0 the samples themselves.
pub(super) type Phases = [[f32; BLOCK]; PHASES_MAX];

/// Band-limited interpolation by 2 or 4: a windowed-sinc polyphase filter that keeps the samples as they are.
///
/// Seen from the middle between two samples, the weights of that middle are even, and those of the quarters before and behind it are
/// each other's mirror image: what the two have in common is even, what tells them apart odd. Samples are therefore weighed by sums
/// and differences of two that mirror each other.
#[derive(Clone)]
pub(super) struct Interpolator {
    middle: Weights,
    /// Of a quarter: the even and the odd part.
    quarters: Option<[Weights; 2]>,
}

/// What is weighed by how far it is from the middle between two samples.
#[derive(Clone)]
struct Weights {
    /// Of sample `n + k - REACH + 1` and its mirror image for the value behind `n`.
    taps: [f32; REACH],
    /// What the values of a block give back, by pairs that mirror each other in it: what their sum adds to both samples that mirror each
    /// other around it, and what their difference adds to one and takes from the other (of odd weights the other way round).
    back: Box<[[Mirrored; 2]; BLOCK / 2]>,
}

/// Samples that mirror each other, from the outermost to the one in the middle.
type Mirrored = [f32; SPAN / 2];

impl Weights {
    /// From the weights of the first half of the taps; the other half is their mirror image, times `sign`. Values give back `scale` times
    /// what they take.
    fn new(taps: [f64; REACH], sign: f64, scale: f64) -> Self {
        let tap = |index: i32| match usize::try_from(index) {
            Ok(index) if index < REACH => taps[index],
            Ok(index) if index < TAPS => sign * taps[TAPS - 1 - index],
            _ => 0.0,
        };
        let back = |value: usize| {
            let (value, other) = (value as i32, (BLOCK - 1 - value) as i32);
            [1.0, -1.0].map(|sign| {
                std::array::from_fn(|sample| {
                    let sample = sample as i32;
                    (0.5 * scale * (tap(sample - value) + sign * tap(sample - other))) as f32
                })
            })
        };
        Self { taps: taps.map(|tap| tap as f32), back: Box::new(std::array::from_fn(back)) }
    }

    /// Adds what sums and what differences of values that mirror each other give back.
    #[inline(always)]
    fn give(&self, values: &[f32; BLOCK], by_sums: &mut Mirrored, by_differences: &mut Mirrored) {
        for (i, [sums, differences]) in self.back.iter().enumerate() {
            let (value, other) = (values[i], values[BLOCK - 1 - i]);
            let (sum, difference) = (value + other, value - other);
            for sample in 0..SPAN / 2 {
                by_sums[sample] += sum * sums[sample];
                by_differences[sample] += difference * differences[sample];
            }
        }
    }
}

impl Interpolator {
    /// An interpolator by `factor`, 2 or 4.
    pub(super) fn new(factor: usize) -> Self {
        assert!(factor == 2 || factor == PHASES_MAX, "interpolation by {factor}");
        let branch = |fraction: f64| {
            let mut taps = [0.0f64; TAPS];
            for (k, tap) in taps.iter_mut().enumerate() {
                let t = fraction - (k as f64 - (REACH as f64 - 1.0));
                *tap = libm::sin(PI * t) / (PI * t) * kaiser_window(t / REACH as f64, KAISER_BETA);
            }
            let sum: f64 = taps.iter().sum();
            taps.map(|tap| tap / sum)
        };
        let part = |taps: [f64; TAPS], sign: f64| {
            let half = |k: usize| 0.5 * (taps[k] + sign * taps[TAPS - 1 - k]);
            Weights::new(std::array::from_fn(half), sign, 1.0 / factor as f64)
        };
        let quarters = || [1.0, -1.0].map(|sign| part(branch(0.25), sign));
        Self { middle: part(branch(0.5), 1.0), quarters: (factor == 4).then(quarters) }
    }

    /// Values a sample.
    pub(super) fn factor(&self) -> usize {
        if self.quarters.is_some() { 4 } else { 2 }
    }

    /// The values of the block that begins [`REACH`] samples into `span`.
    pub(super) fn up(&self, span: &[f32; SPAN], phases: &mut Phases) {
        match &self.quarters {
            Some(quarters) => up_four(&self.middle, quarters, span, phases),
            None => up_two(&self.middle, span, phases),
        }
    }

    /// Does an interpolated value in `samples` samples exceed a ceiling? `signal` begins [`REACH`] samples before them and ends
    /// [`SPAN`] after.
    ///
    /// Blocks far below the ceiling are not interpolated: what rises by more than that between samples is left to the repair.
    pub(super) fn exceeds(&self, signal: &[f32], samples: usize, ceiling: f32) -> bool {
        (0..samples).step_by(BLOCK).any(|start| {
            let span: &[f32; SPAN] = signal[start..].first_chunk().expect("signal has margins");
            let loudest = largest(&span[REACH - 1..REACH + BLOCK + 1]);
            loudest > FAR_BELOW * ceiling && {
                let mut phases = Phases::default();
                self.up(span, &mut phases);
                phases[..self.factor()].iter().flatten().any(|value| value.abs() > ceiling)
            }
        })
    }

    /// Adds the transpose of [`up`](Self::up), divided by the factor, to `span`.
    pub(super) fn down(&self, phases: &Phases, span: &mut [f32; SPAN]) {
        match &self.quarters {
            Some(quarters) => down_four(&self.middle, quarters, phases, span),
            None => down_two(&self.middle, phases, span),
        }
    }
}

/// Two blocks whose samples are as far from the middle behind each sample, one before and one after it.
#[inline(always)]
fn mirrored(span: &[f32; SPAN], k: usize) -> [&[f32; BLOCK]; 2] {
    [k + 1, TAPS - k].map(|from| span[from..].first_chunk().expect("span covers the taps"))
}

#[multiversion(targets("x86_64+avx2"))]
fn up_two(middle: &Weights, span: &[f32; SPAN], phases: &mut Phases) {
    phases[0].copy_from_slice(&span[REACH..REACH + BLOCK]);
    let mut middles = [0.0f32; BLOCK];
    for (k, &tap) in middle.taps.iter().enumerate() {
        let [before, after] = mirrored(span, k);
        for i in 0..BLOCK {
            middles[i] += tap * (before[i] + after[i]);
        }
    }
    phases[1] = middles;
}

#[multiversion(targets("x86_64+avx2"))]
fn up_four(middle: &Weights, [even, odd]: &[Weights; 2], span: &[f32; SPAN], phases: &mut Phases) {
    phases[0].copy_from_slice(&span[REACH..REACH + BLOCK]);
    let (mut middles, mut common, mut apart) = ([0.0f32; BLOCK], [0.0f32; BLOCK], [0.0f32; BLOCK]);
    for k in 0..REACH {
        let [before, after] = mirrored(span, k);
        let (middle, even, odd) = (middle.taps[k], even.taps[k], odd.taps[k]);
        for i in 0..BLOCK {
            let (sum, difference) = (before[i] + after[i], before[i] - after[i]);
            middles[i] += middle * sum;
            common[i] += even * sum;
            apart[i] += odd * difference;
        }
    }
    phases[2] = middles;
    for i in 0..BLOCK {
        phases[1][i] = common[i] + apart[i];
        phases[3][i] = common[i] - apart[i];
    }
}

/// What is given back to samples that mirror each other around the middle behind a block: to both alike, and to one what is taken
/// from the other.
struct Given {
    alike: Mirrored,
    against: Mirrored,
}

impl Given {
    const NOTHING: Self = Self { alike: [0.0; SPAN / 2], against: [0.0; SPAN / 2] };

    /// Gives back the values of a block by even weights.
    #[inline(always)]
    fn even(&mut self, weights: &Weights, values: &[f32; BLOCK]) {
        weights.give(values, &mut self.alike, &mut self.against);
    }

    /// Gives back the values of a block by odd weights.
    #[inline(always)]
    fn odd(&mut self, weights: &Weights, values: &[f32; BLOCK]) {
        weights.give(values, &mut self.against, &mut self.alike);
    }

    /// Adds all of it, and `scale` times the samples' own.
    #[inline(always)]
    fn add_to(&self, span: &mut [f32; SPAN], own: &[f32; BLOCK], scale: f32) {
        // The middle behind a block is the sample at `SPAN / 2`; it is its own mirror image, and counts once.
        let (before, after) = span[1..].split_at_mut(SPAN / 2);
        let given = self.alike.iter().zip(&self.against);
        for (sample, (alike, against)) in before.iter_mut().zip(given.clone()) {
            *sample += alike + against;
        }
        for (sample, (alike, against)) in after.iter_mut().rev().zip(given) {
            *sample += alike - against;
        }
        for (sample, own) in span[REACH..].iter_mut().zip(own) {
            *sample += scale * own;
        }
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn down_two(middle: &Weights, phases: &Phases, span: &mut [f32; SPAN]) {
    let mut given = Given::NOTHING;
    given.even(middle, &phases[1]);
    given.add_to(span, &phases[0], 0.5);
}

#[multiversion(targets("x86_64+avx2"))]
fn down_four(
    middle: &Weights,
    [even, odd]: &[Weights; 2],
    phases: &Phases,
    span: &mut [f32; SPAN],
) {
    let [own, first, half, third] = phases;
    let mut given = Given::NOTHING;
    given.even(middle, half);
    given.even(even, &std::array::from_fn(|i| first[i] + third[i]));
    given.odd(odd, &std::array::from_fn(|i| first[i] - third[i]));
    given.add_to(span, own, 0.25);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp<const N: usize>(seed: usize) -> [f32; N] {
        std::array::from_fn(|i| ((i * 37 + seed * 11) % 23) as f32 / 11.5 - 1.0)
    }

    #[test]
    fn a_sine_is_interpolated_to_its_own_values() {
        let interpolator = Interpolator::new(4);
        for frequency in [0.01, 0.1, 0.3, 0.43] {
            let sine = |t: f64| (2.0 * PI * frequency * t).sin();
            let span = std::array::from_fn(|i| sine(i as f64 - REACH as f64) as f32);
            let mut phases = Phases::default();
            interpolator.up(&span, &mut phases);
            for (p, row) in phases.iter().enumerate() {
                for (n, &value) in row.iter().enumerate() {
                    let wanted = sine(n as f64 + p as f64 / 4.0);
                    assert!(
                        (f64::from(value) - wanted).abs() < 0.003,
                        "{frequency}: {value} {wanted}"
                    );
                }
            }
        }
    }

    #[test]
    fn down_is_the_transpose_of_up_over_the_factor() {
        for factor in [2, 4] {
            let interpolator = Interpolator::new(factor);
            let (span, values): ([f32; SPAN], [f32; BLOCK * PHASES_MAX]) = (ramp(1), ramp(2));
            let mut weights = Phases::default();
            for (p, row) in weights.iter_mut().enumerate().take(factor) {
                row.copy_from_slice(&values[p * BLOCK..(p + 1) * BLOCK]);
            }
            let (mut phases, mut back) = (Phases::default(), [0.0; SPAN]);
            interpolator.up(&span, &mut phases);
            interpolator.down(&weights, &mut back);
            let product = |a: &[f32], b: &[f32]| -> f64 {
                a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
            };
            let forth: f64 = (0..factor).map(|p| product(&phases[p], &weights[p])).sum();
            let adjoint = product(&span, &back) * factor as f64;
            assert!((forth - adjoint).abs() < 1e-4, "{forth} and {adjoint}");
        }
    }
}
