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

/// As many of `values` as there are, then zeros.
#[inline(always)]
pub fn filled_up(values: &[f32]) -> Lanes {
    let mut lanes = [0.0; LANES];
    lanes[..values.len()].copy_from_slice(values);
    lanes
}
