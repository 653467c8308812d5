//! Charts as SVG: readable without script, testable as text.

use std::fmt::Write;
use std::ops::Range;

use crate::axis::Axis;
use crate::html::{escape, words};

/// Width of the drawing; the page scales it, and enlarges its letters on narrow screens.
const WIDTH: f64 = 680.0;
/// Left edge of the plot.
const LEFT: f64 = 50.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 30.0;
/// Room that the word of a dot takes, such as `eq11`.
const WORD_WIDTH: f64 = 36.0;
const WORD_HEIGHT: f64 = 14.0;
/// Room that the number of a song takes.
const MARK_WIDTH: f64 = 22.0;

/// A chart that is being drawn.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    x: Axis,
    y: Axis,
    height: f64,
    body: String,
    /// Where the words of dots stand: the next one keeps clear of them.
    words_at: Vec<(f64, f64)>,
}

/// Width of the plot itself.
const fn plot_width() -> f64 {
    WIDTH - LEFT - RIGHT
}

impl Chart {
    /// An empty chart with its grid.
    pub(crate) fn new(x: Axis, y: Axis, height: f64) -> Self {
        let mut chart = Self { x, y, height, body: String::new(), words_at: Vec::new() };
        chart.grid();
        chart
    }

    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let across = self.x.share(x).clamp(0.0, 1.0) * plot_width();
        let up = self.y.share(y).clamp(0.0, 1.0) * (self.height - TOP - BOTTOM);
        (LEFT + across, self.height - BOTTOM - up)
    }

    fn grid(&mut self) {
        let (right, bottom) = (WIDTH - RIGHT, self.height - BOTTOM);
        for (value, text) in self.y.ticks().to_vec() {
            let (_, y) = self.at(self.x.low(), value);
            self.push(format_args!(
                r#"<path class="grid" d="M{LEFT} {y:.1}H{right}"/><text class="tick" x="{}" y="{:.1}" text-anchor="end">{}</text>"#,
                LEFT - 7.0, y + 4.0, words(&text)
            ));
        }
        for (value, text) in self.x.ticks().to_vec() {
            let (x, _) = self.at(value, self.y.low());
            // The outer ones stay inside the drawing, and clear of the other axis.
            let (anchor, shift) = match x {
                x if x > right - 12.0 => ("end", RIGHT - 2.0),
                x if x < LEFT + 12.0 => ("start", 0.0),
                _ => ("middle", 0.0),
            };
            self.push(format_args!(
                r#"<path class="grid" d="M{x:.1} {TOP}V{bottom}"/><text class="tick" x="{:.1}" y="{:.1}" text-anchor="{anchor}">{text}</text>"#,
                x + shift, bottom + 20.0
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

    /// One level for each interval, joined where the intervals meet.
    pub(crate) fn steps(&mut self, class: &str, intervals: &[(f64, f64, Option<f64>)]) {
        let ends = intervals.iter().flat_map(|&(from, to, value)| [(from, value), (to, value)]);
        self.line(class, ends.collect::<Vec<_>>().into_iter());
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

    /// A bar from `base` to `value`, between two places.
    pub(crate) fn bar(&mut self, class: &str, (from, to): (f64, f64), base: f64, value: f64) {
        let ((left, top), (right, bottom)) =
            (self.at(from, value.max(base)), self.at(to, value.min(base)));
        self.push(format_args!(
            r#"<rect class="bar {class}" x="{left:.1}" y="{top:.1}" width="{:.1}" height="{:.1}"/>"#,
            (right - left).max(0.5), (bottom - top).max(0.5)
        ));
    }

    /// Fields of one shade, each over a range of places and one of values.
    pub(crate) fn fields(&mut self, class: &str, fields: &[(Range<f64>, Range<f64>)]) {
        let mut path = String::new();
        for (places, values) in fields {
            let (left, bottom) = self.at(places.start, values.start);
            let (right, top) = self.at(places.end, values.end);
            let _ = write!(path, "M{left:.1} {top:.1}H{right:.1}V{bottom:.1}H{left:.1}z");
        }
        self.push(format_args!(r#"<path class="field {class}" d="{path}"/>"#));
    }

    /// A horizontal rule across the chart, with a word.
    pub(crate) fn rule(&mut self, value: f64, text: &str) {
        let (_, y) = self.at(self.x.low(), value);
        let right = WIDTH - RIGHT;
        self.push(format_args!(
            r#"<path class="rule" d="M{LEFT} {y:.1}H{right}"/><text class="tick" x="{}" y="{:.1}" text-anchor="end">{}</text>"#,
            right - 4.0, if y < TOP + 16.0 { y + 15.0 } else { y - 5.0 }, words(text)
        ));
    }

    /// A vertical rule with a word at its top; without one where the one before has no room left.
    pub(crate) fn mark(&mut self, x: f64, text: &str) {
        let (x, _) = self.at(x, self.y.low());
        let bottom = self.height - BOTTOM;
        self.push(format_args!(r#"<path class="rule" d="M{x:.1} {TOP}V{bottom}"/>"#));
        let top = TOP + 11.0;
        let free = self.words_at.iter().all(|&(word_x, _)| (word_x - x).abs() >= MARK_WIDTH);
        if free && !text.is_empty() {
            self.words_at.push((x, top));
            self.push(format_args!(
                r#"<text class="tick name" x="{:.1}" y="{top:.1}">{}</text>"#,
                x + 4.0,
                escape(text)
            ));
        }
    }

    /// A dot with a word beside it.
    pub(crate) fn dot(&mut self, class: &str, x: f64, value: f64, text: &str) {
        let (x, y) = self.at(x, value);
        let middle = (self.height - BOTTOM + TOP) / 2.0;
        // Above in the upper half, below in the lower; where another word stands, on the other side or further off.
        let (above, below) = (y - 9.0, y + 18.0);
        let further = if y < middle { -WORD_HEIGHT } else { WORD_HEIGHT };
        let (first, other) = if y < middle { (above, below) } else { (below, above) };
        let free = |word_y: &f64| {
            self.words_at.iter().all(|&(word_x, taken_y)| {
                (word_x - x).abs() >= WORD_WIDTH || (taken_y - word_y).abs() >= WORD_HEIGHT
            })
        };
        let places = [first, other, first + further, other - further];
        let word_y = places.into_iter().find(free).unwrap_or(first);
        self.words_at.push((x, word_y));
        let anchor = if x > WIDTH - RIGHT - 30.0 { "end" } else { "middle" };
        self.push(format_args!(
            r#"<circle class="dot {class}" cx="{x:.1}" cy="{y:.1}" r="4"/><text class="tick name" x="{x:.1}" y="{:.1}" text-anchor="{anchor}">{}</text>"#,
            word_y, escape(text)
        ));
    }

    fn push(&mut self, part: std::fmt::Arguments<'_>) {
        let _ = self.body.write_fmt(part);
        self.body.push('\n');
    }

    /// The drawing, with a name and a sentence for those who do not see it.
    pub(crate) fn finish(self, id: &str, title: &str, description: &str) -> String {
        format!(
            r#"<svg id="{id}" viewBox="0 0 {WIDTH} {}" role="img" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{}</title><desc id="{id}-d">{}</desc>
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
    fn a_missing_point_breaks_the_line() {
        let mut chart = Chart::new(Axis::frequency(), Axis::linear(-10.0, 0.0), 200.0);
        chart.line("a", [(20.0, Some(0.0)), (100.0, None), (20_000.0, Some(-10.0))].into_iter());
        let svg = chart.finish("c", "A & B", "");
        assert!(svg.contains(r#"d="M50.0 14.0M664.0 170.0""#), "{svg}");
        assert!(svg.contains("A &amp; B"));
    }
}
