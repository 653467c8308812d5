//! What an interval is looked at with.

use acetate_audio::units::db_to_amplitude;

use super::super::annex2;
use super::super::interpolator::{GROUP_FRAMES, Interpolator, SomePhases, grouped_values};
use super::near_nyquist::{Corrections, NearNyquist, SEGMENT_FRAMES};
use crate::peak::{larger, largest};

pub(super) const PHASES: usize = 16;
pub(super) const TAPS: usize = 128;
const BETA: f64 = 10.0;

/// Phases of the interpolator nearest to a half of the way, and to a quarter and three quarters.
const HALF: usize = 8;
const QUARTERS: [usize; 2] = [4, 12];

/// A dip goes this much deeper than the over it removes.
const DIP_EXTRA_DB: f64 = 0.01;

/// Part of the ceiling below which a value at half a sample's distance cannot hide an over: cos(pi/4), a full-band sine.
const HALF_SAMPLE_SHARE: f32 = 0.70;
/// The same at the distance from the nearest of the five values around it, at most 1/7 of a sample: cos(pi/7).
const QUARTER_SAMPLE_SHARE: f32 = 0.90;

/// Between its five values a wave can rise by this part of the range of the samples around it, twice what a sine does: where a
/// waveform is flat, none of its points has to be looked at closely.
const RISE_OF_RANGE: f32 = 0.1;
/// Samples on either side whose range counts.
const RANGE_REACH: usize = 16;

/// A plain interpolator, and what long ones add to it.
pub(super) struct Eyes {
    interpolator: Interpolator<PHASES>,
    half: SomePhases<1>,
    quarters: SomePhases<2>,
    near_nyquist: NearNyquist,
    /// The sine by which a correction counts in each phase.
    shares: [f32; PHASES],
}

/// Frames in a row that are looked at.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// The first of them.
    pub(super) position: u64,
    /// At most [`SEGMENT_FRAMES`].
    pub(super) frames: usize,
    /// Samples from [`Eyes::before`] frames before the first, `TAPS - 1` more than fill a segment.
    pub(super) x: &'a [f32],
    /// The slow values that [`NearNyquist::needed`] names.
    pub(super) slow: &'a [f32],
}

impl Eyes {
    pub(super) fn new() -> Self {
        let interpolator = Interpolator::overlapping(TAPS, BETA);
        let (half, quarters) = (interpolator.only([HALF]), interpolator.only(QUARTERS));
        let share = |phase: usize| {
            let time = (phase as f64 - 1.0) / (PHASES - 2) as f64;
            libm::sin(std::f64::consts::PI * time) as f32
        };
        Self {
            interpolator,
            half,
            quarters,
            near_nyquist: NearNyquist::new(TAPS / 2, BETA),
            shares: std::array::from_fn(share),
        }
    }

    /// Samples before the first frame of a view.
    pub(super) fn before(&self) -> usize {
        self.interpolator.before()
    }

    pub(super) fn near_nyquist(&self) -> &NearNyquist {
        &self.near_nyquist
    }

    /// Calls `found` with each interval that has a peak above the ceiling, and the depth of the dip it needs.
    pub(super) fn find_overs(
        &self,
        view: View<'_>,
        ceiling: f32,
        mut found: impl FnMut(usize, f32),
    ) {
        let unseen = self.near_nyquist.growth() * largest(view.slow);
        let x = &view.x[..SEGMENT_FRAMES + TAPS - 1];
        if largest(x) * self.interpolator.growth() + unseen <= ceiling {
            return;
        }
        let mut corrections = None;
        for start in (0..view.frames).step_by(GROUP_FRAMES) {
            let group = Group {
                x: &x[start..start + GROUP_FRAMES + TAPS - 1],
                frames: GROUP_FRAMES.min(view.frames - start),
                start,
                odd: !(view.position + start as u64).is_multiple_of(2),
            };
            let [middles] = self.half.values(group.x);
            let standard = standard_peaks(group.x);
            let highest = (0..group.frames).fold(0.0f32, |max, frame| {
                larger(larger(max, self.edges(&group, frame)), middles[frame].abs())
            });
            let harmless = highest + unseen <= HALF_SAMPLE_SHARE * ceiling;
            if harmless && largest(&standard[..group.frames]) <= ceiling {
                continue;
            }
            let corrections = corrections
                .get_or_insert_with(|| self.near_nyquist.corrections(view.position, view.slow));
            self.look(&group, corrections, (&middles, &standard), ceiling, |frame, peak| {
                let gain = ceiling / peak * db_to_amplitude(-DIP_EXTRA_DB) as f32;
                found(start + frame, 1.0 - gain);
            });
        }
    }

    /// The larger of the samples at both ends of an interval.
    fn edges(&self, group: &Group<'_>, frame: usize) -> f32 {
        let at = self.before() + frame;
        larger(group.x[at].abs(), group.x[at + 1].abs())
    }

    /// Calls `over` with each interval of a group whose peak is above the ceiling, and that peak.
    fn look(
        &self,
        group: &Group<'_>,
        corrections: &Corrections,
        (middles, standard): (&[f32; GROUP_FRAMES], &[f32; GROUP_FRAMES]),
        ceiling: f32,
        mut over: impl FnMut(usize, f32),
    ) {
        let [first, third] = self.quarters.values(group.x);
        for frame in 0..group.frames {
            let correction = group.correction(corrections, frame);
            let value = |value: f32, phase: usize| {
                let share = self.shares[phase];
                correction.iter().fold(0.0f32, |max, c| larger(max, (value + share * c).abs()))
            };
            let near = larger(self.edges(group, frame), value(middles[frame], HALF));
            let quarters =
                larger(value(first[frame], QUARTERS[0]), value(third[frame], QUARTERS[1]));
            let nearest = larger(near, quarters);
            let close = near > HALF_SAMPLE_SHARE * ceiling
                && nearest > QUARTER_SAMPLE_SHARE * ceiling
                && nearest
                    + RISE_OF_RANGE
                        * (group.range(self.before() + frame) + 2.0 * largest(&correction))
                    > ceiling;
            let fine =
                if close { self.peak(&group.x[frame..frame + TAPS], correction) } else { 0.0 };
            let peak = larger(fine, standard[frame]);
            if peak > ceiling {
                over(frame, peak);
            }
        }
    }

    /// The largest magnitude in the interval in the middle of `x`, between samples, under either correction.
    fn peak(&self, x: &[f32], corrections: [f32; 2]) -> f32 {
        let values = self.interpolator.values(x);
        corrections.iter().fold(0.0, |max, correction| {
            let corrected = std::array::from_fn(|i| values[i] + self.shares[i] * correction);
            larger(max, summit(&corrected))
        })
    }
}

/// Intervals that are computed side by side.
struct Group<'a> {
    x: &'a [f32],
    frames: usize,
    /// The first of them in its segment.
    start: usize,
    /// Whether that is an odd sample.
    odd: bool,
}

impl Group<'_> {
    /// The range of the samples around one.
    fn range(&self, at: usize) -> f32 {
        let around = &self.x[at - RANGE_REACH..=at + RANGE_REACH];
        let (low, high) =
            around.iter().fold((f32::MAX, f32::MIN), |(low, high), &x| (low.min(x), high.max(x)));
        high - low
    }

    /// The lowest and the highest correction for an interval.
    fn correction(&self, corrections: &Corrections, frame: usize) -> [f32; 2] {
        let at = self.start + frame;
        let sign = if self.odd == frame.is_multiple_of(2) { -1.0 } else { 1.0 };
        [sign * corrections.lowest[at], sign * corrections.highest[at]]
    }
}

/// What the standard's few taps read: they let images of what is near Nyquist through, and can read high where nothing is.
fn standard_peaks(x: &[f32]) -> [f32; GROUP_FRAMES] {
    let start = TAPS / 2 - annex2::TAPS / 2;
    let around = &x[start..start + annex2::TAPS + GROUP_FRAMES - 1];
    let values = grouped_values(&annex2::TABLE, around);
    std::array::from_fn(|frame| {
        values.iter().fold(0.0, |max, phase| larger(max, phase[frame].abs()))
    })
}

/// Largest magnitude among the values, and of the parabola through the largest and its neighbours.
pub(super) fn summit(values: &[f32; PHASES]) -> f32 {
    let at =
        (1..PHASES).fold(0, |best, i| if values[i].abs() > values[best].abs() { i } else { best });
    let top = values[at].abs();
    if at == 0 || at == PHASES - 1 {
        return top;
    }
    let sign = values[at].signum();
    let (left, right) = (sign * values[at - 1], sign * values[at + 1]);
    let bend = 2.0 * top - left - right;
    if bend > 0.0 { top + (right - left) * (right - left) / (8.0 * bend) } else { top }
}
