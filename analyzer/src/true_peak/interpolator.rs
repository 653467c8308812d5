//! Windowed-sinc interpolation.

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
            sinc(distance) * kaiser(distance / half, beta)
        })
        .collect();
    let sum: f64 = ideal.iter().sum();
    ideal.iter().map(|value| (value / sum) as f32).collect()
}

fn sinc(x: f64) -> f64 {
    let angle = std::f64::consts::PI * x;
    if x == 0.0 { 1.0 } else { libm::sin(angle) / angle }
}

/// Kaiser's window over -1 to 1.
pub(crate) fn kaiser(x: f64, beta: f64) -> f64 {
    if x.abs() > 1.0 { 0.0 } else { bessel_i0(beta * libm::sqrt(1.0 - x * x)) / bessel_i0(beta) }
}

/// Modified Bessel function of the first kind and order zero, by its power series.
fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut sum, mut term, mut k) = (1.0, 1.0, 1.0);
    while term > sum * 1e-17 {
        term *= quarter / (k * k);
        sum += term;
        k += 1.0;
    }
    sum
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

    #[test]
    fn bessel_function_agrees_with_tables() {
        // Abramowitz and Stegun, table 9.8.
        assert!((bessel_i0(1.0) - 1.266_065_877_752_008).abs() < 1e-14);
        assert!((bessel_i0(5.0) - 27.239_871_823_604_44).abs() < 1e-11);
    }
}
