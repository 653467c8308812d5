//! A guard against cracks in the spectrum: neighbouring bands are never reduced very differently.

use super::detector::BandGain;

/// How far the reductions of neighbouring bands may lie apart; what is more is not taken away.
const DIFFERENCE_DB_MAX: f64 = 3.0;

/// Limits what each of the acting `bands` takes away by what its neighbours do, of `count` bands in all; a band that does
/// not act counts as 0 dB.
pub(super) fn limit_differences(bands: &mut [BandGain], count: usize) {
    for at in 0..bands.len() {
        limit(bands, at, at.checked_sub(1), bands[at].index() > 0);
    }
    for at in (0..bands.len()).rev() {
        limit(bands, at, Some(at + 1), bands[at].index() + 1 < count);
    }
}

/// Limits the band at `at` by its neighbour at `other`, if that acts; `exists`: whether there is a neighbour at all.
fn limit(bands: &mut [BandGain], at: usize, other: Option<usize>, exists: bool) {
    let index = bands[at].index();
    let acts =
        |&other: &usize| bands.get(other).is_some_and(|band| band.index().abs_diff(index) == 1);
    let Some(other) = other.filter(acts) else {
        if exists {
            let own = bands[at].reductions_mut().iter_mut().flatten();
            own.for_each(|own| *own = own.min(DIFFERENCE_DB_MAX));
        }
        return;
    };
    let [band, neighbour] = bands.get_disjoint_mut([at, other]).expect("two bands");
    for (own, other) in band.reductions_mut().iter_mut().zip(neighbour.reductions_mut()) {
        own.iter_mut()
            .zip(other)
            .for_each(|(own, other)| *own = own.min(*other + DIFFERENCE_DB_MAX));
    }
}
