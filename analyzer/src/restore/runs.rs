//! Stretches of neighbouring samples that have something in common.

use std::ops::Range;

/// The longest runs of `0..count` in which every number is so, in their order.
pub(super) fn runs(count: usize, is: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    for n in (0..count).filter(|&n| is(n)) {
        match all.last_mut() {
            Some(last) if last.end == n => last.end += 1,
            _ => all.push(n..n + 1),
        }
    }
    all
}
