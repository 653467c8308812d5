//! Eight numbers at once: plain loops over whole arrays, which compilers turn into single instructions of any width
//! without changing a bit.

/// How many.
pub const LANES: usize = 8;
/// Neighbouring numbers.
pub type Lanes = [f32; LANES];

/// Sums.
#[inline(always)]
pub fn add(mut a: Lanes, b: Lanes) -> Lanes {
    for lane in 0..LANES {
        a[lane] += b[lane];
    }
    a
}

/// Differences.
#[inline(always)]
pub fn sub(mut a: Lanes, b: Lanes) -> Lanes {
    for lane in 0..LANES {
        a[lane] -= b[lane];
    }
    a
}

/// Products.
#[inline(always)]
pub fn mul(mut a: Lanes, b: Lanes) -> Lanes {
    for lane in 0..LANES {
        a[lane] *= b[lane];
    }
    a
}

/// Negatives.
#[inline(always)]
pub fn neg(mut a: Lanes) -> Lanes {
    for value in &mut a {
        *value = -*value;
    }
    a
}

/// The larger of `a` and the magnitude of `b`, lane by lane.
#[inline(always)]
pub fn larger_magnitude(mut a: Lanes, b: Lanes) -> Lanes {
    for lane in 0..LANES {
        let magnitude = b[lane].abs();
        a[lane] = if magnitude > a[lane] { magnitude } else { a[lane] };
    }
    a
}

/// Logarithms to base 2 of positive normal numbers, off by at most 2e-7 or that share of them.
///
/// The mantissa around 1 by the series of the inverse hyperbolic tangent (Abramowitz & Stegun 1964, eq. 4.1.27).
#[inline(always)]
pub fn log2(values: Lanes) -> Lanes {
    /// 2 / ln 2 over 1, 3, 5, 7 and 9.
    const SERIES: [f32; 5] = {
        const ALL: f64 = 2.0 * std::f64::consts::LOG2_E;
        [ALL as f32, (ALL / 3.0) as f32, (ALL / 5.0) as f32, (ALL / 7.0) as f32, (ALL / 9.0) as f32]
    };
    /// The bits of the square root of one half: mantissas lie between it and its double.
    const HALVED: u32 = 0x3F35_04F3;
    let mut logarithms = [0.0; LANES];
    for lane in 0..LANES {
        let above = values[lane].to_bits().wrapping_sub(HALVED);
        let exponent = (above as i32 >> 23) as f32;
        let mantissa = f32::from_bits((above & 0x007F_FFFF) + HALVED);
        let s = (mantissa - 1.0) / (mantissa + 1.0);
        let s2 = s * s;
        let tail = SERIES[1] + s2 * (SERIES[2] + s2 * (SERIES[3] + s2 * SERIES[4]));
        logarithms[lane] = exponent + (s * SERIES[0] + s * (s2 * tail));
    }
    logarithms
}

/// Powers of 2 with exponents from -120 to 120, off by at most 3e-7 of them.
///
/// The fraction, at most one half, by the series of the exponential function (Abramowitz & Stegun 1964, eq. 4.2.1).
#[inline(always)]
pub fn exp2(exponents: Lanes) -> Lanes {
    /// Powers of ln 2 over factorials, from the first on.
    const SERIES: [f32; 6] = {
        const X: f64 = std::f64::consts::LN_2;
        const X3: f64 = X * X * X;
        [
            X as f32,
            (X * X / 2.0) as f32,
            (X3 / 6.0) as f32,
            (X3 * X / 24.0) as f32,
            (X3 * X * X / 120.0) as f32,
            (X3 * X3 / 720.0) as f32,
        ]
    };
    /// Added and taken away again, it leaves a whole number; its last bits are that number.
    const ROUNDER: f32 = 12_582_912.0;
    let mut powers = [0.0; LANES];
    for lane in 0..LANES {
        let rounded = exponents[lane] + ROUNDER;
        let x = exponents[lane] - (rounded - ROUNDER);
        let tail = SERIES[3] + x * (SERIES[4] + x * SERIES[5]);
        let fraction = 1.0 + x * (SERIES[0] + x * (SERIES[1] + x * (SERIES[2] + x * tail)));
        powers[lane] = f32::from_bits(fraction.to_bits().wrapping_add(rounded.to_bits() << 23));
    }
    powers
}

/// The sum of eight numbers, in pairs.
#[inline(always)]
pub fn sum(values: Lanes) -> f32 {
    let [a, b, c, d, e, f, g, h] = values;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// As many of `values` as there are, then zeros.
#[inline(always)]
pub fn filled_up(values: &[f32]) -> Lanes {
    let mut lanes = [0.0; LANES];
    lanes[..values.len()].copy_from_slice(values);
    lanes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_and_powers_are_those_of_double_precision() {
        for step in -4_000..4_000_i32 {
            let value = libm::exp2(f64::from(step) / 33.3) as f32;
            let exact = libm::log2(f64::from(value));
            let [got, ..] = log2([value; LANES]);
            assert!((f64::from(got) - exact).abs() < 2e-7 * exact.abs().max(1.0), "log2 {value}");
            let exponent = step as f32 / 33.5;
            let exact = libm::exp2(f64::from(exponent));
            let [got, ..] = exp2([exponent; LANES]);
            assert!((f64::from(got) / exact - 1.0).abs() < 3e-7, "2^{exponent}: {got} {exact}");
        }
        assert_eq!(log2([1.0, 2.0, 0.5, 1024.0, 1.0, 1.0, 1.0, 1.0])[..4], [0.0, 1.0, -1.0, 10.0]);
        assert_eq!(
            exp2([0.0, 1.0, -3.0, 10.0, 0.0, 0.0, 0.0, 0.0])[..4],
            [1.0, 2.0, 0.125, 1024.0]
        );
    }

    #[test]
    fn a_sum_is_that_of_all() {
        assert_eq!(sum([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0]), 255.0);
    }
}
