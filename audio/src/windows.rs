//! Windows: that of Hann for spectra, and that of Kaiser, the knob between steepness and depth of a windowed-sinc filter.
//!
//! J. F. Kaiser, "Nonrecursive digital filter design using the I0-sinh window function", ISCAS 1974.

/// Sample `n` of a Hann window of `length` samples, periodic: its shifts by a half add up to 1.
///
/// F. J. Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform", Proc. IEEE 66(1), 1978, eq. 27.
pub fn hann(n: usize, length: usize) -> f64 {
    0.5 - 0.5 * libm::cos(std::f64::consts::TAU * n as f64 / length as f64)
}

/// Shape for a stop band `attenuation_db` deep; holds above 50 dB.
pub fn kaiser_beta(attenuation_db: f64) -> f64 {
    0.1102 * (attenuation_db - 8.7)
}

/// Number of taps for a stop band `attenuation_db` deep and a transition of `width` (share of the sample rate).
pub fn taps_for(attenuation_db: f64, width: f64) -> usize {
    ((attenuation_db - 7.95) / (2.285 * std::f64::consts::TAU * width)).ceil() as usize
}

/// Kaiser's window at `position` from 0 (centre) to 1 (end), which may be on either side; 0 beyond.
pub fn kaiser_window(position: f64, beta: f64) -> f64 {
    if position.abs() > 1.0 {
        return 0.0;
    }
    bessel_i0(beta * libm::sqrt(1.0 - position * position)) / bessel_i0(beta)
}

/// Modified Bessel function of order zero: Σ ((x/2)^k / k!)².
fn bessel_i0(x: f64) -> f64 {
    let quarter = 0.25 * x * x;
    let (mut term, mut sum, mut k) = (1.0, 1.0, 1.0);
    while term > 1e-18 * sum {
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
    fn the_bessel_function_agrees_with_tables() {
        for (x, wanted) in
            [(0.0, 1.0), (1.0, 1.266_065_877_752_008_4), (10.0, 2_815.716_628_466_254)]
        {
            assert!((bessel_i0(x) / wanted - 1.0).abs() < 1e-14, "I0({x})");
        }
    }

    #[test]
    fn the_window_falls_from_one_to_the_edge() {
        assert_eq!(kaiser_window(0.0, 14.0), 1.0);
        assert!(kaiser_window(0.5, 14.0) > kaiser_window(0.9, 14.0));
        assert!((kaiser_window(-1.0, 14.0) * bessel_i0(14.0) - 1.0).abs() < 1e-12);
        assert_eq!(kaiser_window(1.1, 14.0), 0.0);
    }
}
