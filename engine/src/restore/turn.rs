//! Mid and side of two channels, as loud as they are.

use multiversion::multiversion;

/// Mid and side of left and right by a rotation, or left and right of mid and side: it is its own inverse. What has nothing in common in two channels is as
/// loud in each part as in each of them.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn turn([left, right]: [&[f32]; 2], [mid, side]: [&mut [f32]; 2]) {
    let both = left.iter().zip(right);
    for ((l, r), (m, s)) in both.zip(mid.iter_mut().zip(side)) {
        *m = std::f32::consts::FRAC_1_SQRT_2 * (l + r);
        *s = std::f32::consts::FRAC_1_SQRT_2 * (l - r);
    }
}

/// The same in memory of its own.
pub(super) fn turned(channels: [&[f32]; 2]) -> [Vec<f32>; 2] {
    let [mut mid, mut side] = channels.map(|channel| vec![0.0; channel.len()]);
    turn(channels, [&mut mid, &mut side]);
    [mid, side]
}
