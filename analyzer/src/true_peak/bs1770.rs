//! The example interpolator of ITU-R BS.1770-5, annex 2: four phases of twelve taps.

use multiversion::multiversion;

use crate::peaks::larger;

/// Taps of a phase.
pub(crate) const TAPS: usize = 12;
/// The first two phases of the table; the third is the second reversed, the fourth the first reversed.
#[expect(clippy::excessive_precision, reason = "the digits of the standard")]
const PHASES: [[f32; TAPS]; 2] = [
    [
        0.001_708_984_375,
        0.010_986_328_125,
        -0.019_653_320_312_5,
        0.033_203_125,
        -0.059_448_242_187_5,
        0.137_329_101_562_5,
        0.972_167_968_75,
        -0.102_294_921_875,
        0.047_607_421_875,
        -0.026_611_328_125,
        0.014_892_578_125,
        -0.008_300_781_25,
    ],
    [
        -0.029_174_804_687_5,
        0.029_296_875,
        -0.051_757_812_5,
        0.089_111_328_125,
        -0.166_503_906_25,
        0.465_087_890_625,
        0.779_785_156_25,
        -0.200_317_382_812_5,
        0.101_562_5,
        -0.058_227_539_062_5,
        0.033_081_054_687_5,
        -0.018_920_898_437_5,
    ],
];
/// Half of a phase.
const HALF: usize = TAPS / 2;

/// Even and odd parts of the phases: a phase and its reverse give `even + odd` and `even - odd`, the
/// larger magnitude of which is `|even| + |odd|`. That halves the multiplications.
const fn parts(sign: f32) -> [[f32; HALF]; 2] {
    let mut parts = [[0.0; HALF]; 2];
    let mut phase = 0;
    while phase < 2 {
        let mut tap = 0;
        while tap < HALF {
            parts[phase][tap] = 0.5 * (PHASES[phase][tap] + sign * PHASES[phase][TAPS - 1 - tap]);
            tap += 1;
        }
        phase += 1;
    }
    parts
}

/// No phase reads more than this times the largest of its twelve samples: the magnitudes of the taps add up
/// to 1.434 in the first and 2.023 in the second.
pub(crate) const GAIN_MAX: f32 = 2.03;

const EVEN: [[f32; HALF]; 2] = parts(1.0);
const ODD: [[f32; HALF]; 2] = parts(-1.0);

/// Values computed side by side.
const LANES: usize = 16;

/// Largest magnitude of the four phases at the positions whose twelve samples lie in `samples`: there are
/// `samples.len() - 11` of them, a multiple of 16.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn largest(samples: &[f32]) -> f32 {
    let mut largest = [0.0f32; LANES];
    let mut start = 0;
    while start + LANES + TAPS - 1 <= samples.len() {
        let window = &samples[start..start + LANES + TAPS - 1];
        let mut even = [[0.0f32; LANES]; 2];
        let mut odd = [[0.0f32; LANES]; 2];
        for tap in 0..HALF {
            let near = &window[tap..tap + LANES];
            let far = &window[TAPS - 1 - tap..TAPS - 1 - tap + LANES];
            for lane in 0..LANES {
                let sum = near[lane] + far[lane];
                let difference = near[lane] - far[lane];
                for phase in 0..2 {
                    even[phase][lane] += EVEN[phase][tap] * sum;
                    odd[phase][lane] += ODD[phase][tap] * difference;
                }
            }
        }
        for lane in 0..LANES {
            let [first, second] =
                [0, 1].map(|phase| even[phase][lane].abs() + odd[phase][lane].abs());
            largest[lane] = larger(largest[lane], larger(first, second));
        }
        start += LANES;
    }
    largest.into_iter().fold(0.0, larger)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folded_form_is_the_four_phases_of_the_table() {
        let samples: Vec<f32> =
            (0..LANES + TAPS - 1).map(|i| libm::sin(f64::from(i as u32) * 1.7) as f32).collect();
        let mut expected = 0.0f64;
        for window in samples.windows(TAPS) {
            for phase in PHASES {
                let value = |order: &dyn Fn(usize) -> usize| -> f64 {
                    (0..TAPS).map(|tap| f64::from(phase[tap] * window[order(tap)])).sum()
                };
                expected = expected.max(value(&|tap| tap).abs());
                expected = expected.max(value(&|tap| TAPS - 1 - tap).abs());
            }
        }
        assert!((f64::from(largest(&samples)) - expected).abs() < 1e-6);
    }
}
