//! The interpolator printed in ITU-R BS.1770-5, annex 2: what a plain true-peak meter sees at four times the rate.

/// Taps of a phase.
pub(crate) const TAPS: usize = 12;

/// Coefficients by tap and phase, as printed.
#[rustfmt::skip]
pub(super) const TABLE: [[f32; 4]; TAPS] = [
    [ 0.001_708_984_4, -0.029_174_805, -0.018_920_898, -0.008_300_781],
    [ 0.010_986_328,    0.029_296_875,  0.033_081_055,  0.014_892_578],
    [-0.019_653_32,    -0.051_757_812, -0.058_227_54,  -0.026_611_328],
    [ 0.033_203_125,    0.089_111_33,   0.101_562_5,    0.047_607_422],
    [-0.059_448_242,   -0.166_503_9,   -0.200_317_38,  -0.102_294_92],
    [ 0.137_329_1,      0.465_087_9,    0.779_785_16,   0.972_167_97],
    [ 0.972_167_97,     0.779_785_16,   0.465_087_9,    0.137_329_1],
    [-0.102_294_92,    -0.200_317_38,  -0.166_503_9,   -0.059_448_242],
    [ 0.047_607_422,    0.101_562_5,    0.089_111_33,   0.033_203_125],
    [-0.026_611_328,   -0.058_227_54,  -0.051_757_812, -0.019_653_32],
    [ 0.014_892_578,    0.033_081_055,  0.029_296_875,  0.010_986_328],
    [-0.008_300_781,   -0.018_920_898, -0.029_174_805,  0.001_708_984_4],
];

/// Largest magnitude of the four values that twelve samples give.
#[cfg(test)]
pub(crate) fn peak(x: &[f32]) -> f32 {
    let mut sums = [0.0f32; 4];
    for (taps, x) in TABLE.iter().zip(&x[..TAPS]) {
        for (sum, tap) in sums.iter_mut().zip(taps) {
            *sum += tap * x;
        }
    }
    sums.iter().fold(0.0, |max, sum| max.max(sum.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_its_own_mirror_image_and_passes_a_constant() {
        for (tap, phases) in TABLE.iter().enumerate() {
            for (phase, coefficient) in phases.iter().enumerate() {
                assert_eq!(*coefficient, TABLE[TAPS - 1 - tap][3 - phase], "{tap}, {phase}");
            }
        }
        // As printed, it does so to a quarter of a decibel.
        for phase in 0..4 {
            let sum: f32 = TABLE.iter().map(|phases| phases[phase]).sum();
            assert!((sum - 1.0).abs() < 0.03, "{phase}: {sum}");
        }
    }
}
