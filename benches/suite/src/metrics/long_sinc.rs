//! True peak by a long windowed sinc in double precision: the witness of meter and limiter, with the code of neither.

use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

/// Points to the sample where every value is computed.
const GRID: usize = 4;
/// Points to the sample where the largest are looked at again.
const FINE: usize = 64;
/// A parabola through three neighbouring points of the grid misses the top of a wave below Nyquist by at most
/// 0.85 %.
const PARABOLA_SHARE: f64 = 0.991;
/// Length of a transform.
const BLOCK: usize = 1 << 15;

/// A sinc under a Kaiser window.
#[derive(Clone, Copy, Debug)]
pub struct LongSinc {
    /// Samples on either side of a point: 512 for 1025 taps.
    pub half: usize,
    /// Kaiser's parameter.
    pub beta: f64,
}

/// 1025 taps, flat to 0.496 of the rate.
pub const SINC_1025: LongSinc = LongSinc { half: 512, beta: 9.0 };
/// 4097 taps, flat to 0.499 of the rate.
pub const SINC_4097: LongSinc = LongSinc { half: 2048, beta: 9.0 };

impl LongSinc {
    /// The weight of a sample `t` samples away.
    fn weight(self, t: f64) -> f64 {
        let share = t / self.half as f64;
        if share.abs() >= 1.0 {
            return 0.0;
        }
        let angle = std::f64::consts::PI * t;
        let sinc = if t == 0.0 { 1.0 } else { angle.sin() / angle };
        sinc * bessel_i0(self.beta * (1.0 - share * share).sqrt()) / bessel_i0(self.beta)
    }

    /// Weights of the samples from `half - 1` before to `half` after, for a point `fraction` after its sample.
    fn row(self, fraction: f64) -> Vec<f64> {
        let weight = |k: usize| self.weight(fraction + self.half as f64 - 1.0 - k as f64);
        let row: Vec<f64> = (0..2 * self.half).map(weight).collect();
        let sum: f64 = row.iter().sum();
        row.iter().map(|weight| weight / sum).collect()
    }

    /// Largest magnitude of the waveform through these samples, silence before and after them.
    pub fn peak(self, plane: &[f32]) -> f64 {
        let mut padded = vec![0.0f64; 2 * self.half];
        padded.extend(plane.iter().map(|&x| f64::from(x)));
        padded.resize(padded.len() + 2 * self.half, 0.0);
        let mut summits = Summits::default();
        self.grid(&padded, |at, values| summits.look(at, values));
        let rows: Vec<Vec<f64>> =
            (0..FINE).map(|phase| self.row(phase as f64 / FINE as f64)).collect();
        summits.found.sort_by(|a, b| b.1.total_cmp(&a.1));
        let mut peak = summits.highest;
        for (at, vertex) in summits.found {
            if vertex > peak * PARABOLA_SHARE {
                peak = peak.max(self.climb(&rows, &padded, at));
            }
        }
        peak
    }

    /// Every value of the grid that has all its samples, in order, in overlapping stretches.
    fn grid(self, padded: &[f64], mut look: impl FnMut(usize, &[f64])) {
        let mut planner = RealFftPlanner::<f64>::new();
        let (forward, inverse) = (planner.plan_fft_forward(BLOCK), planner.plan_fft_inverse(BLOCK));
        let spectra: Vec<Vec<Complex<f64>>> = (1..GRID)
            .map(|phase| {
                let mut row = self.row(phase as f64 / GRID as f64);
                row.reverse();
                row.resize(BLOCK, 0.0);
                let mut spectrum = forward.make_output_vec();
                forward.process(&mut row, &mut spectrum).expect("lengths agree");
                spectrum
            })
            .collect();
        let span = 2 * self.half;
        let step = BLOCK - span;
        let mut start = 0;
        while start + span < padded.len() {
            let mut block: Vec<f64> = padded[start..padded.len().min(start + BLOCK)].to_vec();
            let count = block.len() - span;
            block.resize(BLOCK, 0.0);
            // The value after sample `first + n` ends with sample `start + n + span - 1`.
            let first = start + self.half - 1;
            let mut values = vec![0.0; GRID * count];
            for n in 0..count {
                values[GRID * n] = padded[first + n];
            }
            let mut spectrum = forward.make_output_vec();
            forward.process(&mut block, &mut spectrum).expect("lengths agree");
            for (phase, row) in spectra.iter().enumerate() {
                let mut product: Vec<_> = spectrum.iter().zip(row).map(|(a, b)| a * b).collect();
                let mut out = inverse.make_output_vec();
                let last = product.len() - 1;
                (product[0].im, product[last].im) = (0.0, 0.0);
                inverse.process(&mut product, &mut out).expect("lengths agree");
                for n in 0..count {
                    values[GRID * n + phase + 1] = out[n + span - 1] / BLOCK as f64;
                }
            }
            look(GRID * first, &values);
            // One sample twice, so that every inner point has both neighbours.
            start += step - 2;
        }
    }

    /// The largest magnitude within an eighth of a sample of a point of the grid.
    fn climb(self, rows: &[Vec<f64>], padded: &[f64], at: usize) -> f64 {
        let value = |fine: isize| -> f64 {
            let sample = fine.div_euclid(FINE as isize) as usize;
            let row = &rows[fine.rem_euclid(FINE as isize) as usize];
            let first = sample + 1 - self.half;
            row.iter().zip(&padded[first..]).map(|(weight, x)| weight * x).sum::<f64>().abs()
        };
        let mut centre = (at * FINE / GRID) as isize;
        let mut best = value(centre);
        for step in [4, 2, 1] {
            let from = centre;
            for fine in [from - step, from + step] {
                let here = value(fine);
                if here > best {
                    (best, centre) = (here, fine);
                }
            }
        }
        best
    }
}

/// Local maxima of the grid that may be the highest.
#[derive(Default)]
struct Summits {
    highest: f64,
    found: Vec<(usize, f64)>,
}

impl Summits {
    fn look(&mut self, at: usize, values: &[f64]) {
        for (index, three) in values.windows(3).enumerate() {
            let [left, top, right] = [0, 1, 2].map(|i| three[i] * three[1].signum());
            if top < left || top < right {
                continue;
            }
            let bend = 2.0 * top - left - right;
            let slope = right - left;
            let vertex = if bend > 0.0 { top + slope * slope / (8.0 * bend) } else { top };
            if vertex > PARABOLA_SHARE * self.highest {
                self.found.push((at + index + 1, vertex));
            }
            self.highest = self.highest.max(top);
        }
    }
}

/// The modified Bessel function of order zero.
fn bessel_i0(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..100 {
        let factor = x / f64::from(2 * k);
        term *= factor * factor;
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_at_0_49_of_the_rate_reads_its_amplitude() {
        for sinc in [SINC_1025, SINC_4097] {
            for turn in [0.013, 0.2503, 0.49] {
                let fade = |n: usize| {
                    let edge = (n as f64).min(29_999.0 - n as f64);
                    0.5 - 0.5 * (std::f64::consts::PI * (edge / 9000.0).min(1.0)).cos()
                };
                let plane: Vec<f32> = (0..30_000)
                    .map(|n| {
                        (fade(n) * 0.5 * (std::f64::consts::TAU * turn * n as f64).sin()) as f32
                    })
                    .collect();
                let error_db = 20.0 * (sinc.peak(&plane) / 0.5).log10();
                assert!(error_db.abs() < 0.003, "{turn}: {error_db}");
            }
        }
    }

    #[test]
    fn the_search_finds_what_every_point_in_turn_shows() {
        let mut state = 3u32;
        let plane: Vec<f32> = (0..300)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / 8_388_608.0 - 1.0
            })
            .collect();
        let sinc = SINC_1025;
        let mut highest = 0.0f64;
        for fine in 0..FINE * 420 {
            let (sample, phase) = (fine / FINE, fine % FINE);
            let row = sinc.row(phase as f64 / FINE as f64);
            // Sample 0 of this count lies 60 before the plane.
            let value = (0..plane.len())
                .filter_map(|n| {
                    let k = (n as isize + 60) - sample as isize + sinc.half as isize - 1;
                    row.get(k as usize).map(|weight| weight * f64::from(plane[n]))
                })
                .sum::<f64>();
            highest = highest.max(value.abs());
        }
        assert!((sinc.peak(&plane) / highest - 1.0).abs() < 1e-9);
    }
}
