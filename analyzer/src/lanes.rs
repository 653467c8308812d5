//! Eight numbers at once: plain loops over whole arrays, which compilers turn into single instructions of any width
//! without changing a bit.

/// How many.
pub(crate) const LANES: usize = 8;
/// Neighbouring numbers.
pub(crate) type Lanes = [f32; LANES];

#[inline(always)]
pub(crate) fn add(mut a: Lanes, b: Lanes) -> Lanes {
    for lane in 0..LANES {
        a[lane] += b[lane];
    }
    a
}

#[inline(always)]
pub(crate) fn sub(mut a: Lanes, b: Lanes) -> Lanes {
    for lane in 0..LANES {
        a[lane] -= b[lane];
    }
    a
}

#[inline(always)]
pub(crate) fn mul(mut a: Lanes, b: Lanes) -> Lanes {
    for lane in 0..LANES {
        a[lane] *= b[lane];
    }
    a
}

#[inline(always)]
pub(crate) fn neg(mut a: Lanes) -> Lanes {
    for value in &mut a {
        *value = -*value;
    }
    a
}

/// The larger of `a` and the magnitude of `b`, lane by lane.
#[inline(always)]
pub(crate) fn larger_magnitude(mut a: Lanes, b: Lanes) -> Lanes {
    for lane in 0..LANES {
        let magnitude = b[lane].abs();
        a[lane] = if magnitude > a[lane] { magnitude } else { a[lane] };
    }
    a
}

/// As many of `values` as there are, then zeros.
#[inline(always)]
pub(crate) fn filled_up(values: &[f32]) -> Lanes {
    let mut lanes = [0.0; LANES];
    lanes[..values.len()].copy_from_slice(values);
    lanes
}
