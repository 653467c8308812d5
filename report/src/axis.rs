//! The two directions of a chart.

/// One direction of a chart.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    logarithmic: bool,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// Frequencies, logarithmic, from 20 Hz to 20 kHz.
    pub(crate) fn frequency() -> Self {
        let ticks = [
            (20.0, "20 Hz"),
            (50.0, "50"),
            (100.0, "100"),
            (200.0, "200"),
            (500.0, "500"),
            (1e3, "1k"),
            (2e3, "2k"),
            (5e3, "5k"),
            (1e4, "10k"),
            (2e4, "20k"),
        ];
        let ticks = ticks.map(|(hz, text)| (hz, text.to_owned())).to_vec();
        Self { low: 20.0, high: 20_000.0, logarithmic: true, ticks }
    }

    /// A linear axis with round ticks, wide enough for `values` and at least `least_span`.
    pub(crate) fn around(values: impl Iterator<Item = f64>, least_span: f64) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| value.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            (low, high) = (0.0, least_span);
        }
        let missing = (least_span - (high - low)).max(0.0) / 2.0;
        Self::linear(low - missing, high + missing)
    }

    /// A linear axis from `low` to `high`, extended to the next ticks.
    pub(crate) fn linear(low: f64, high: f64) -> Self {
        let step = tick_step(high - low);
        // A hair inside: a value that is a tick but for its last bit needs no further one.
        let hair = 1e-9 * (high - low).abs();
        let first = ((low + hair) / step).floor() as i64;
        let last = ((high - hair) / step).ceil() as i64;
        let decimals = usize::from(step < 1.0);
        let ticks = (first..=last)
            .map(|index| {
                (
                    index as f64 * step,
                    acetate_audio::numbers::number(Some(index as f64 * step), decimals),
                )
            })
            .collect();
        Self { low: first as f64 * step, high: last as f64 * step, logarithmic: false, ticks }
    }

    /// Time from the beginning, in minutes and seconds.
    pub(crate) fn time(duration_s: f64) -> Self {
        let steps = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0];
        let step = steps.into_iter().find(|step| duration_s / step <= 9.0).unwrap_or(7200.0);
        let count = (duration_s / step).floor() as u64;
        let ticks = (0..=count)
            .map(|index| index as f64 * step)
            .map(|at_s| (at_s, acetate_audio::numbers::clock(at_s)))
            .collect();
        Self { low: 0.0, high: duration_s.max(0.001), logarithmic: false, ticks }
    }

    /// The same axis with a unit behind its highest tick.
    pub(crate) fn in_unit(mut self, unit: &str) -> Self {
        if let Some((_, text)) = self.ticks.last_mut() {
            *text = format!("{text} {unit}");
        }
        self
    }

    pub(crate) fn low(&self) -> f64 {
        self.low
    }

    pub(crate) fn ticks(&self) -> &[(f64, String)] {
        &self.ticks
    }

    /// Where a value lies, 0 to 1.
    pub(crate) fn share(&self, value: f64) -> f64 {
        if self.logarithmic {
            libm::log(value / self.low) / libm::log(self.high / self.low)
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }
}

/// A step of 1, 2 or 5 times a power of ten that gives at most seven intervals.
fn tick_step(span: f64) -> f64 {
    let mut step = 0.1;
    for factor in [2.0, 2.5, 2.0].into_iter().cycle().take(24) {
        if span / step <= 7.0 {
            break;
        }
        step *= factor;
    }
    step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_enclose_the_values() {
        let axis = Axis::around([-61.2, -18.4].into_iter(), 10.0);
        assert_eq!((axis.low, axis.high), (-70.0, -10.0));
        assert!((4..=8).contains(&axis.ticks.len()));
        let narrow = Axis::around([0.1, 0.2].into_iter(), 1.0);
        assert!(narrow.low <= -0.35 && narrow.high >= 0.65, "{narrow:?}");
        assert_eq!(Axis::linear(-1.0, 1.0).ticks.len(), 5, "{:?}", Axis::linear(-1.0, 1.0));
    }
}
