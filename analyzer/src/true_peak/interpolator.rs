//! Windowed-sinc interpolation.

use acetate_audio::windows::kaiser_window;

/// A low-pass sinc at the Nyquist frequency under a Kaiser window, sampled `phases` times between samples.
///
/// The value at sample `n` plus `phase / phases` is the sum of `taps[phase][k] * x[n + 1 - taps / 2 + k]`.
#[derive(Clone, Debug)]
pub(crate) struct SincTable {
    /// `[phase][tap]`, each phase summing to 1.
    pub(crate) rows: Vec<Vec<f32>>,
}

impl SincTable {
    pub(crate) fn new(phases: usize, taps: usize, kaiser_beta: f64) -> Self {
        let rows = (0..phases).map(|phase| row(phase as f64 / phases as f64, taps, kaiser_beta));
        Self { rows: rows.collect() }
    }
}

fn row(offset: f64, taps: usize, beta: f64) -> Vec<f32> {
    let half = (taps / 2) as f64;
    let ideal: Vec<f64> = (0..taps)
        .map(|tap| {
            let distance = tap as f64 + 1.0 - half - offset;
            sinc(distance) * kaiser_window(distance / half, beta)
        })
        .collect();
    let sum: f64 = ideal.iter().sum();
    ideal.iter().map(|value| (value / sum) as f32).collect()
}

/// sin(pi x) / (pi x).
pub(crate) fn sinc(x: f64) -> f64 {
    let angle = std::f64::consts::PI * x;
    if x == 0.0 { 1.0 } else { libm::sin(angle) / angle }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phase_zero_is_the_sample_itself() {
        let table = SincTable::new(4, 24, 5.0);
        for (tap, &value) in table.rows[0].iter().enumerate() {
            let expected = if tap == 11 { 1.0 } else { 0.0 };
            assert!((value - expected).abs() < 1e-7, "tap {tap} is {value}");
        }
    }
}
