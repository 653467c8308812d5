//! Charts as SVG: readable without script, testable as text.

use std::fmt::Write;

use crate::report::html::escape;

/// Size of the drawing; the page scales it.
const WIDTH: f64 = 720.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 28.0;

/// One direction of a chart.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    logarithmic: bool,
    ticks: Vec<(f64, String)>,
    label: &'static str,
}

impl Axis {
    /// Frequencies, logarithmic, from 20 Hz to 20 kHz.
    pub(crate) fn frequency() -> Self {
        let ticks = [
            (20.0, "20"),
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
        Self { low: 20.0, high: 20_000.0, logarithmic: true, ticks, label: "Hz" }
    }

    /// A linear axis with round ticks, wide enough for `values`.
    pub(crate) fn around(
        values: impl Iterator<Item = f64>,
        least_span: f64,
        label: &'static str,
    ) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| value.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            (low, high) = (0.0, least_span);
        }
        let missing = (least_span - (high - low)).max(0.0) / 2.0;
        Self::linear(low - missing, high + missing, label)
    }

    /// A linear axis from `low` to `high`, extended to the next ticks.
    pub(crate) fn linear(low: f64, high: f64, label: &'static str) -> Self {
        let step = tick_step(high - low);
        let (first, last) = ((low / step).floor() as i64, (high / step).ceil() as i64);
        let decimals = if step < 1.0 { 1 } else { 0 };
        let ticks = (first..=last)
            .map(|index| (index as f64 * step, format!("{:.decimals$}", index as f64 * step)))
            .collect();
        Self {
            low: first as f64 * step,
            high: last as f64 * step,
            logarithmic: false,
            ticks,
            label,
        }
    }

    /// Time from the beginning, in minutes and seconds.
    pub(crate) fn time(duration_s: f64) -> Self {
        let steps = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0];
        let step = steps.into_iter().find(|step| duration_s / step <= 9.0).unwrap_or(7200.0);
        let count = (duration_s / step).floor() as u64;
        let ticks = (0..=count)
            .map(|index| (index as f64 * step, (index as f64 * step) as u64))
            .map(|(at_s, whole)| (at_s, format!("{}:{:02}", whole / 60, whole % 60)))
            .collect();
        Self { low: 0.0, high: duration_s.max(0.001), logarithmic: false, ticks, label: "" }
    }

    /// Where a value lies, 0 to 1.
    fn share(&self, value: f64) -> f64 {
        if self.logarithmic {
            libm::log(value / self.low) / libm::log(self.high / self.low)
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }
}

/// A step of 1, 2 or 5 times a power of ten that gives four to nine ticks.
fn tick_step(span: f64) -> f64 {
    let mut step = 0.1;
    for factor in [2.0, 2.5, 2.0].into_iter().cycle().take(24) {
        if span / step <= 8.0 {
            break;
        }
        step *= factor;
    }
    step
}

/// A chart that is being drawn.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    x: Axis,
    y: Axis,
    height: f64,
    body: String,
}

impl Chart {
    /// An empty chart with its grid.
    pub(crate) fn new(x: Axis, y: Axis, height: f64) -> Self {
        let mut chart = Self { x, y, height, body: String::new() };
        chart.grid();
        chart
    }

    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let across = self.x.share(x).clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT);
        let up = self.y.share(y).clamp(0.0, 1.0) * (self.height - TOP - BOTTOM);
        (LEFT + across, self.height - BOTTOM - up)
    }

    fn grid(&mut self) {
        for (value, text) in self.y.ticks.clone() {
            let (_, y) = self.at(self.x.low, value);
            self.push(format_args!(
                r#"<line class="grid" x1="{LEFT}" x2="{}" y1="{y:.1}" y2="{y:.1}"/><text class="tick" x="{}" y="{:.1}" text-anchor="end">{text}</text>"#,
                WIDTH - RIGHT, LEFT - 6.0, y + 3.5
            ));
        }
        for (value, text) in self.x.ticks.clone() {
            let (x, _) = self.at(value, self.y.low);
            self.push(format_args!(
                r#"<line class="grid" x1="{x:.1}" x2="{x:.1}" y1="{TOP}" y2="{:.1}"/><text class="tick" x="{x:.1}" y="{:.1}" text-anchor="middle">{text}</text>"#,
                self.height - BOTTOM, self.height - BOTTOM + 15.0
            ));
        }
        let labels = [
            (self.y.label, 2.0, TOP, "start"),
            (self.x.label, WIDTH - RIGHT, self.height - 1.0, "end"),
        ];
        for (label, x, y, anchor) in labels.into_iter().filter(|(label, ..)| !label.is_empty()) {
            self.push(format_args!(
                r#"<text class="tick" x="{x}" y="{y}" text-anchor="{anchor}">{label}</text>"#
            ));
        }
    }

    /// A line through the points that exist; a missing one breaks it.
    pub(crate) fn line(&mut self, class: &str, points: impl Iterator<Item = (f64, Option<f64>)>) {
        let mut path = String::new();
        let mut drawing = false;
        for (x, value) in points {
            let Some(value) = value.filter(|value| value.is_finite()) else {
                drawing = false;
                continue;
            };
            let (x, y) = self.at(x, value);
            let _ = write!(path, "{}{x:.1} {y:.1}", if drawing { "L" } else { "M" });
            drawing = true;
        }
        self.push(format_args!(r#"<path class="line {class}" d="{path}"/>"#));
    }

    /// The area between two lines.
    pub(crate) fn area(&mut self, class: &str, points: &[(f64, f64, f64)]) {
        let upper = points.iter().map(|&(x, _, high)| self.at(x, high));
        let lower = points.iter().rev().map(|&(x, low, _)| self.at(x, low));
        let path: Vec<String> = upper.chain(lower).map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        if !path.is_empty() {
            self.push(format_args!(r#"<path class="area {class}" d="M{}Z"/>"#, path.join("L")));
        }
    }

    /// A bar from the lower edge to `value`, between two places.
    pub(crate) fn bar(&mut self, class: &str, from: f64, to: f64, base: f64, value: f64) {
        let ((left, top), (right, bottom)) =
            (self.at(from, value.max(base)), self.at(to, value.min(base)));
        self.push(format_args!(
            r#"<rect class="bar {class}" x="{left:.1}" y="{top:.1}" width="{:.1}" height="{:.1}"/>"#,
            (right - left).max(0.5), (bottom - top).max(0.5)
        ));
    }

    /// A horizontal rule across the chart, with a word.
    pub(crate) fn rule(&mut self, class: &str, value: f64, text: &str) {
        let (_, y) = self.at(self.x.low, value);
        self.push(format_args!(
            r#"<line class="rule {class}" x1="{LEFT}" x2="{}" y1="{y:.1}" y2="{y:.1}"/><text class="tick" x="{}" y="{:.1}" text-anchor="end">{}</text>"#,
            WIDTH - RIGHT, WIDTH - RIGHT - 4.0, y - 4.0, escape(text)
        ));
    }

    fn push(&mut self, part: std::fmt::Arguments<'_>) {
        let _ = self.body.write_fmt(part);
        self.body.push('\n');
    }

    /// The drawing, with a name and a sentence for those who do not see it.
    pub(crate) fn finish(self, id: &str, title: &str, description: &str) -> String {
        format!(
            r#"<svg viewBox="0 0 {WIDTH} {}" role="img" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{}</title><desc id="{id}-d">{}</desc>
{}</svg>"#,
            self.height,
            escape(title),
            escape(description),
            self.body
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_enclose_the_values() {
        let axis = Axis::around([-61.2, -18.4].into_iter(), 10.0, "dB");
        assert_eq!((axis.low, axis.high), (-70.0, -10.0));
        assert!((4..=9).contains(&axis.ticks.len()));
        let narrow = Axis::around([0.1, 0.2].into_iter(), 1.0, "");
        assert!(narrow.low <= -0.35 && narrow.high >= 0.65, "{narrow:?}");
    }

    #[test]
    fn a_missing_point_breaks_the_line() {
        let mut chart = Chart::new(Axis::frequency(), Axis::linear(-10.0, 0.0, "dB"), 200.0);
        chart.line("a", [(20.0, Some(0.0)), (100.0, None), (20_000.0, Some(-10.0))].into_iter());
        let svg = chart.finish("c", "A & B", "");
        assert!(svg.contains(r#"d="M46.0 10.0M708.0 172.0""#), "{svg}");
        assert!(svg.contains("A &amp; B"));
    }
}
