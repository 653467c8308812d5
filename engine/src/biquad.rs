//! Second-order sections, designed to follow their analogue prototypes up to Nyquist.
//!
//! Poles by impulse invariance, zeros from the squared magnitude at three frequencies: M. Vicanek, "Matched Second Order
//! Digital Filters", 2016. A cut is the inverse of the boost of the same size, so that one undoes the other exactly.

use std::f64::consts::PI;

use acetate_audio::units::db_to_amplitude;
#[cfg(test)]
use acetate_audio::units::power_to_db;

/// Coefficients of H(z) = (b0 + b1 z^-1 + b2 z^-2) / (1 + a1 z^-1 + a2 z^-2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Biquad {
    /// Numerator.
    pub(crate) b: [f64; 3],
    /// Denominator without its leading 1.
    pub(crate) a: [f64; 2],
}

/// Nothing is placed above this share of Nyquist: poles would fold back.
const NYQUIST_SHARE_MAX: f64 = 0.95;

/// Where a shelf is matched when its own frequency lies above, as a share of the sample rate.
const SHELF_MATCH_SHARE_MAX: f64 = 0.45;

/// Keeps zeros off the unit circle, so that the inverse is stable.
const ZEROS_INSIDE: f64 = 1.0 - 1e-13;

impl Biquad {
    /// Passes everything unchanged.
    pub(crate) const IDENTITY: Self = Self { b: [1.0, 0.0, 0.0], a: [0.0, 0.0] };

    /// Power gain at a frequency in radians per sample.
    pub(crate) fn power_at(&self, omega: f64) -> f64 {
        let p1 = libm::pow(libm::sin(omega / 2.0), 2.0);
        let [b0, b1, b2] = self.b;
        let [a1, a2] = self.a;
        power_of(b0, b1, b2, p1) / power_of(1.0, a1, a2, p1)
    }

    /// Gain at a frequency.
    #[cfg(test)]
    pub(crate) fn response_db(&self, freq_hz: f64, sample_rate_hz: f64) -> f64 {
        power_to_db(self.power_at(2.0 * PI * freq_hz / sample_rate_hz))
    }

    /// What undoes this section. Its zeros must lie inside the unit circle.
    fn inverse(self) -> Self {
        let [b0, b1, b2] = self.b;
        let [a1, a2] = self.a;
        Self { b: [1.0 / b0, a1 / b0, a2 / b0], a: [b1 / b0, b2 / b0] }
    }
}

/// |c0 + c1 z^-1 + c2 z^-2|^2 with p1 = sin^2(omega/2), free of cancellation at low frequencies.
fn power_of(c0: f64, c1: f64, c2: f64, p1: f64) -> f64 {
    let sum = c0 + c1 + c2;
    let inner = c0 * c1 + c1 * c2 + 4.0 * c0 * c2;
    sum * sum - 4.0 * inner * p1 + 16.0 * c0 * c2 * p1 * p1
}

/// A bell: `gain_db` at `freq_hz`, 0 dB far from it.
pub(crate) fn bell(freq_hz: f64, gain_db: f64, q: f64, sample_rate_hz: f64) -> Biquad {
    if gain_db < 0.0 {
        return bell(freq_hz, -gain_db, q, sample_rate_hz).inverse();
    }
    let gain = db_to_amplitude(gain_db);
    let power = |w: f64| {
        let shape = (1.0 - w * w) * (1.0 - w * w);
        let skirt = w * w / (q * q);
        (shape + gain * skirt) / (shape + skirt / gain)
    };
    let prototype = Prototype { freq_hz, pole_ratio: 1.0, damping: 0.5 / (gain.sqrt() * q) };
    prototype.matched(1.0, &power, sample_rate_hz)
}

/// A high shelf: 0 dB far below `freq_hz`, half of `gain_db` at it, all of it far above.
pub(crate) fn high_shelf(freq_hz: f64, gain_db: f64, q: f64, sample_rate_hz: f64) -> Biquad {
    if gain_db < 0.0 {
        return high_shelf(freq_hz, -gain_db, q, sample_rate_hz).inverse();
    }
    let a = db_to_amplitude(gain_db / 2.0);
    let power = |w: f64| a * a * shelf_part(w, a, q) / shelf_part_swapped(w, a, q);
    let prototype = Prototype { freq_hz, pole_ratio: a.sqrt(), damping: 0.5 / q };
    prototype.matched(1.0, &power, sample_rate_hz)
}

/// A low shelf: all of `gain_db` far below `freq_hz`, half of it there, 0 dB far above.
pub(crate) fn low_shelf(freq_hz: f64, gain_db: f64, q: f64, sample_rate_hz: f64) -> Biquad {
    if gain_db < 0.0 {
        return low_shelf(freq_hz, -gain_db, q, sample_rate_hz).inverse();
    }
    let a = db_to_amplitude(gain_db / 2.0);
    let power = |w: f64| a * a * shelf_part_swapped(w, a, q) / shelf_part(w, a, q);
    let prototype = Prototype { freq_hz, pole_ratio: 1.0 / a.sqrt(), damping: 0.5 / q };
    prototype.matched(a * a * a * a, &power, sample_rate_hz)
}

/// |A s^2 + sqrt(A)/Q s + 1|^2 on the imaginary axis.
fn shelf_part(w: f64, a: f64, q: f64) -> f64 {
    let real = 1.0 - a * w * w;
    real * real + a * w * w / (q * q)
}

/// |s^2 + sqrt(A)/Q s + A|^2 on the imaginary axis.
fn shelf_part_swapped(w: f64, a: f64, q: f64) -> f64 {
    let real = a - w * w;
    real * real + a * w * w / (q * q)
}

/// A second-order low-pass; the gain at `freq_hz` is Q.
pub(crate) fn low_pass(freq_hz: f64, q: f64, sample_rate_hz: f64) -> Biquad {
    let power = |w: f64| 1.0 / ((1.0 - w * w) * (1.0 - w * w) + w * w / (q * q));
    Prototype { freq_hz, pole_ratio: 1.0, damping: 0.5 / q }.matched(1.0, &power, sample_rate_hz)
}

/// A second-order high-pass; the gain at `freq_hz` is Q.
pub(crate) fn high_pass(freq_hz: f64, q: f64, sample_rate_hz: f64) -> Biquad {
    let omega = folded(freq_hz, sample_rate_hz);
    let [a1, a2] = poles(omega, 0.5 / q);
    let p1 = libm::pow(libm::sin(omega / 2.0), 2.0);
    let b0 = q * power_of(1.0, a1, a2, p1).sqrt() / (4.0 * p1);
    Biquad { b: [b0, -2.0 * b0, b0], a: [a1, a2] }
}

/// A first-order low-pass, 6 dB per octave.
pub(crate) fn low_pass_first(freq_hz: f64, sample_rate_hz: f64) -> Biquad {
    let omega = folded(freq_hz, sample_rate_hz);
    let nyquist = 1.0 / (1.0 + (PI / omega) * (PI / omega)).sqrt();
    first_order(omega, 1.0, nyquist)
}

/// A first-order high-pass, 6 dB per octave.
pub(crate) fn high_pass_first(freq_hz: f64, sample_rate_hz: f64) -> Biquad {
    let omega = folded(freq_hz, sample_rate_hz);
    let a1 = -libm::exp(-omega);
    let half = libm::sin(omega / 2.0);
    let b0 = (power_of(1.0, a1, 0.0, half * half) / 2.0).sqrt() / (2.0 * half);
    Biquad { b: [b0, -b0, 0.0], a: [a1, 0.0] }
}

/// A first-order tilt: minus half of `gain_db` far below `freq_hz`, plus half far above.
pub(crate) fn tilt(freq_hz: f64, gain_db: f64, sample_rate_hz: f64) -> Biquad {
    if gain_db < 0.0 {
        return tilt(freq_hz, -gain_db, sample_rate_hz).inverse();
    }
    let root = db_to_amplitude(gain_db / 2.0);
    let omega = folded(freq_hz, sample_rate_hz);
    let w = PI / omega;
    let nyquist = ((1.0 + root * root * w * w) / (root * root + w * w)).sqrt();
    first_order(root * omega, 1.0 / root, nyquist)
}

/// Q of each second-order section of a Butterworth filter; an odd order has one first-order section more.
pub(crate) fn butterworth_q(order: u32) -> impl Iterator<Item = f64> {
    let odd = order % 2;
    (0..order / 2).map(move |k| {
        let step = f64::from(2 * k + 1 + odd);
        0.5 / libm::cos(PI * step / f64::from(2 * order))
    })
}

/// Butterworth low- and high-pass of one frequency, and the all-pass that their squares add up to.
pub(crate) struct LinkwitzRiley {
    pub(crate) low: Biquad,
    pub(crate) high: Biquad,
    pub(crate) all_pass: Biquad,
}

/// The parts of a Linkwitz-Riley crossover of 24 dB per octave: each filter is used twice.
///
/// Bilinear, because only that keeps low^2 + high^2 an exact all-pass.
pub(crate) fn linkwitz_riley(freq_hz: f64, sample_rate_hz: f64) -> LinkwitzRiley {
    let t = libm::tan(folded(freq_hz, sample_rate_hz) / 2.0);
    let root2 = std::f64::consts::SQRT_2;
    let scale = 1.0 / (1.0 + root2 * t + t * t);
    let a = [2.0 * (t * t - 1.0) * scale, (1.0 - root2 * t + t * t) * scale];
    let (low, high) = (t * t * scale, scale);
    LinkwitzRiley {
        low: Biquad { b: [low, 2.0 * low, low], a },
        high: Biquad { b: [high, -2.0 * high, high], a },
        all_pass: Biquad { b: [a[1], a[0], 1.0], a },
    }
}

/// One pole, and the gains at 0 and at Nyquist.
fn first_order(pole_omega: f64, gain_dc: f64, gain_nyquist: f64) -> Biquad {
    let a1 = -libm::exp(-pole_omega);
    let (sum, difference) = (gain_dc * (1.0 + a1), gain_nyquist * (1.0 - a1));
    Biquad { b: [(sum + difference) / 2.0, (sum - difference) / 2.0, 0.0], a: [a1, 0.0] }
}

/// An analogue second-order filter, its frequency normalised to `freq_hz`.
struct Prototype {
    freq_hz: f64,
    /// Pole frequency over `freq_hz`.
    pole_ratio: f64,
    damping: f64,
}

impl Prototype {
    /// The section with these poles whose power gain is right at 0, at the filter's frequency, and at Nyquist.
    fn matched(self, at_zero: f64, power: &dyn Fn(f64) -> f64, sample_rate_hz: f64) -> Biquad {
        let to_normal = sample_rate_hz / (2.0 * PI * self.freq_hz);
        let [a1, a2] = poles(folded(self.freq_hz * self.pole_ratio, sample_rate_hz), self.damping);
        let omega =
            (2.0 * PI * self.freq_hz / sample_rate_hz).min(2.0 * PI * SHELF_MATCH_SHARE_MAX);
        let p1 = libm::pow(libm::sin(omega / 2.0), 2.0);
        let (p0, p2) = (1.0 - p1, 4.0 * (1.0 - p1) * p1);
        let b0 = at_zero * (1.0 + a1 + a2) * (1.0 + a1 + a2);
        let b1 = power(PI * to_normal) * (1.0 - a1 + a2) * (1.0 - a1 + a2);
        let wanted = power(omega * to_normal) * power_of(1.0, a1, a2, p1);
        let b2 = (wanted - b0 * p0 - b1 * p1) / p2;
        let (root0, root1) = (b0.sqrt(), b1.sqrt());
        let w = (root0 + root1) / 2.0;
        // Below only for filters so extreme that no zeros inside the unit circle give the middle gain: the nearest that do.
        let b2 = b2.max(-ZEROS_INSIDE * w * w);
        let lead = (w + (w * w + b2).sqrt()) / 2.0;
        Biquad { b: [lead, (root0 - root1) / 2.0, -b2 / (4.0 * lead)], a: [a1, a2] }
    }
}

/// Frequency in radians per sample, kept below Nyquist.
fn folded(freq_hz: f64, sample_rate_hz: f64) -> f64 {
    (2.0 * PI * freq_hz / sample_rate_hz).min(PI * NYQUIST_SHARE_MAX)
}

/// Denominator with the impulse-invariant poles of s^2 + 2 damping s + 1.
fn poles(omega: f64, damping: f64) -> [f64; 2] {
    let a2 = libm::exp(-2.0 * damping * omega);
    let turn = if damping <= 1.0 {
        libm::cos((1.0 - damping * damping).sqrt() * omega)
    } else {
        libm::cosh((damping * damping - 1.0).sqrt() * omega)
    };
    [-2.0 * libm::exp(-damping * omega) * turn, a2]
}

#[cfg(test)]
mod tests {
    use realfft::num_complex::Complex;

    use super::*;

    const RATE: f64 = 44_100.0;

    /// Largest distance from the analogue prototype over 20 Hz to 20 kHz.
    fn error_db(section: Biquad, analogue: impl Fn(f64) -> f64) -> f64 {
        (0..=300)
            .map(|i| 20.0 * libm::pow(1000.0, f64::from(i) / 300.0))
            .map(|f| (section.response_db(f, RATE) - power_to_db(analogue(f))).abs())
            .fold(0.0, f64::max)
    }

    #[track_caller]
    fn check_bell(freq_hz: f64, gain_db: f64, q: f64, tolerance_db: f64) {
        let gain = db_to_amplitude(gain_db);
        let error = error_db(bell(freq_hz, gain_db, q, RATE), |f| {
            let w = f / freq_hz;
            let shape = (1.0 - w * w) * (1.0 - w * w);
            (shape + gain * w * w / (q * q)) / (shape + w * w / (gain * q * q))
        });
        assert!(error < tolerance_db, "bell {freq_hz} Hz {gain_db} dB Q {q}: {error:.3} dB");
    }

    #[track_caller]
    fn check_high_shelf(freq_hz: f64, gain_db: f64, q: f64, tolerance_db: f64) {
        let a = db_to_amplitude(gain_db / 2.0);
        let error = error_db(high_shelf(freq_hz, gain_db, q, RATE), |f| {
            let w = f / freq_hz;
            a * a * shelf_part(w, a, q) / shelf_part_swapped(w, a, q)
        });
        assert!(error < tolerance_db, "shelf {freq_hz} Hz {gain_db} dB: {error:.3} dB");
    }

    #[test]
    fn bells_follow_their_prototype() {
        check_bell(1000.0, 6.0, 1.0, 0.009);
        check_bell(5000.0, 6.0, 1.0, 0.16);
        check_bell(10_000.0, 6.0, 0.7, 0.48);
        check_bell(15_000.0, 6.0, 1.0, 0.70);
        check_bell(15_000.0, -12.0, 1.0, 1.2);
    }

    #[test]
    fn high_shelves_follow_their_prototype() {
        check_high_shelf(8000.0, 4.0, 0.707, 0.05);
        check_high_shelf(10_000.0, 6.0, 0.707, 0.13);
        check_high_shelf(12_000.0, 3.0, 0.707, 0.11);
    }

    #[test]
    fn low_shelves_and_pass_filters_follow_their_prototype() {
        let a = db_to_amplitude(2.0);
        let error = error_db(low_shelf(120.0, 4.0, 0.707, RATE), |f| {
            let w = f / 120.0;
            a * a * shelf_part_swapped(w, a, 0.707) / shelf_part(w, a, 0.707)
        });
        assert!(error < 0.001, "{error}");
        for freq in [100.0, 1000.0, 2000.0, 6000.0] {
            let w: f64 = freq / 2000.0;
            let power = 1.0 / ((1.0 - w * w) * (1.0 - w * w) + w * w / (0.707 * 0.707));
            let error = low_pass(2000.0, 0.707, RATE).response_db(freq, RATE) - power_to_db(power);
            assert!(error.abs() < 0.2, "{freq} Hz: {error}");
        }
        let error = error_db(high_pass(30.0, 0.707, RATE), |f| {
            let w = f / 30.0;
            w * w * w * w / ((1.0 - w * w) * (1.0 - w * w) + w * w / (0.707 * 0.707))
        });
        assert!(error < 0.001, "{error}");
    }

    #[test]
    fn a_cut_undoes_the_boost() {
        for f in [30.0, 1000.0, 9000.0, 19_000.0] {
            let both = |boost: Biquad, cut: Biquad| {
                let sum = boost.response_db(f, RATE) + cut.response_db(f, RATE);
                assert!(sum.abs() < 1e-10, "{sum}");
            };
            both(bell(15_000.0, 12.0, 1.0, RATE), bell(15_000.0, -12.0, 1.0, RATE));
            both(high_shelf(9000.0, 5.0, 0.7, RATE), high_shelf(9000.0, -5.0, 0.7, RATE));
            both(low_shelf(90.0, 5.0, 0.7, RATE), low_shelf(90.0, -5.0, 0.7, RATE));
            both(tilt(1000.0, 5.0, RATE), tilt(1000.0, -5.0, RATE));
        }
    }

    #[test]
    fn butterworth_sections_are_down_three_db_at_the_corner() {
        for order in 1..=8 {
            let mut db: f64 = butterworth_q(order)
                .map(|q| low_pass(500.0, q, RATE).response_db(500.0, RATE))
                .sum();
            if order % 2 == 1 {
                db += low_pass_first(500.0, RATE).response_db(500.0, RATE);
            }
            assert!((db + 3.0103).abs() < 0.02, "order {order}: {db}");
        }
    }

    #[test]
    fn linkwitz_riley_squares_add_up_to_an_all_pass() {
        let at = |section: Biquad, omega: f64| {
            let z = |k: f64| Complex::new(libm::cos(k * omega), -libm::sin(k * omega));
            let [b0, b1, b2] = section.b;
            let [a1, a2] = section.a;
            (z(1.0) * b1 + z(2.0) * b2 + b0) / (z(1.0) * a1 + z(2.0) * a2 + 1.0)
        };
        for freq in [40.0, 120.0, 2500.0, 9000.0] {
            let parts = linkwitz_riley(freq, RATE);
            for i in 1..300 {
                let omega = PI * f64::from(i) / 300.0;
                let (low, high) = (at(parts.low, omega), at(parts.high, omega));
                let sum = low * low + high * high;
                assert!(power_to_db(sum.norm_sqr()).abs() < 1e-9, "{freq} Hz: {sum}");
                assert!((sum - at(parts.all_pass, omega)).norm() < 1e-9, "{freq} Hz");
            }
        }
    }

    #[test]
    fn a_tilt_turns_around_its_frequency() {
        let tilt = tilt(1000.0, 4.0, RATE);
        assert!((tilt.response_db(1.0, RATE) + 2.0).abs() < 0.01);
        assert!(tilt.response_db(1000.0, RATE).abs() < 0.05);
        assert!((tilt.response_db(20_000.0, RATE) - 2.0).abs() < 0.1);
    }

    #[test]
    fn every_section_is_stable_at_every_rate() {
        for rate in [8000.0, 44_100.0, 384_000.0] {
            for freq in [5.0, 100.0, 3900.0, 22_000.0, 190_000.0] {
                for gain in [-30.0, -3.0, 3.0, 30.0] {
                    for q in [0.1, 1.0, 10.0] {
                        let sections = [
                            bell(freq, gain, q, rate),
                            low_shelf(freq, gain, q, rate),
                            high_shelf(freq, gain, q, rate),
                            low_pass(freq, q, rate),
                            high_pass(freq, q, rate),
                            tilt(freq, gain, rate),
                        ];
                        for section in sections {
                            let [a1, a2] = section.a;
                            let stable = a2 < 1.0 && a1.abs() < 1.0 + a2;
                            assert!(stable, "{freq} Hz {gain} dB Q {q} at {rate}: {section:?}");
                        }
                    }
                }
            }
        }
    }
}
