//! Plots as SVG text.

use std::fmt::Write;

use acetate_references::bands::{THIRD_OCTAVE_HZ, THIRD_OCTAVES};
use acetate_references::style::Style;

use crate::corpus::Track;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
const MARGIN: f64 = 50.0;

/// A frame in data coordinates.
struct Frame {
    x: [f64; 2],
    y: [f64; 2],
}

impl Frame {
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let along = |value: f64, [low, high]: [f64; 2]| (value - low) / (high - low);
        let across = MARGIN + along(x, self.x) * (WIDTH - 2.0 * MARGIN);
        (across, HEIGHT - MARGIN - along(y, self.y) * (HEIGHT - 2.0 * MARGIN))
    }

    fn points(&self, points: impl Iterator<Item = (f64, f64)>) -> String {
        let mut text = String::new();
        for (x, y) in points {
            let (x, y) = self.at(x, y);
            let _ = write!(text, "{x:.1},{y:.1} ");
        }
        text.trim_end().to_owned()
    }

    fn start(&self, title: &str, ticks_x: &[(f64, String)], ticks_y: &[f64], unit: &str) -> String {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
             font-size=\"12\">\n<title>{title}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
             <text x=\"{MARGIN}\" y=\"24\" font-size=\"15\">{title}</text>\n"
        );
        for (x, label) in ticks_x {
            let ((x, low), (_, high)) = (self.at(*x, self.y[0]), self.at(*x, self.y[1]));
            let _ = writeln!(
                svg,
                "<path d=\"M{x:.1} {low:.1}V{high:.1}\" stroke=\"#ddd\"/><text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>",
                low + 18.0
            );
        }
        for y in ticks_y {
            let ((left, at), (right, _)) = (self.at(self.x[0], *y), self.at(self.x[1], *y));
            let _ = writeln!(
                svg,
                "<path d=\"M{left:.1} {at:.1}H{right:.1}\" stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{y:.0} {unit}</text>",
                left - 6.0,
                at + 4.0
            );
        }
        svg
    }
}

/// The curve of a style with its spread (light) and the tolerance around the manifold (dark).
pub(crate) fn curve(style: &Style) -> String {
    let frame = Frame { x: [1.35, 4.25], y: [-60.0, 0.0] };
    let labels = [31.5, 63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16_000.0];
    let ticks: Vec<(f64, String)> =
        labels.iter().map(|hz| (libm::log10(*hz), label(*hz))).collect();
    let levels = [0.0, -10.0, -20.0, -30.0, -40.0, -50.0, -60.0];
    let title = format!("{}: {} recordings, third octaves re loudness", style.name, style.records);
    let mut svg = frame.start(&title, &ticks, &levels, "dB");
    let (middle, spread, tolerance) = (style.curve_db(), style.spread_db(), style.tolerance_db());
    let aimed_at: Vec<usize> =
        (0..THIRD_OCTAVES).filter(|&band| style.weight(band) > 0.0).collect();
    let x = |band: usize| libm::log10(THIRD_OCTAVE_HZ[band]);
    let mut area = |width: &[f64; THIRD_OCTAVES], colour: &str| {
        let up = aimed_at.iter().map(|&band| (x(band), middle[band] + width[band]));
        let down = aimed_at.iter().rev().map(|&band| (x(band), middle[band] - width[band]));
        let _ = writeln!(
            svg,
            "<polygon points=\"{}\" fill=\"{colour}\"/>",
            frame.points(up.chain(down))
        );
    };
    area(&spread, "#d6e8f5");
    area(&tolerance, "#a9cfe8");
    let line = frame.points(aimed_at.iter().map(|&band| (x(band), middle[band])));
    let _ = writeln!(
        svg,
        "<polyline points=\"{line}\" fill=\"none\" stroke=\"#0072b2\" stroke-width=\"2\"/>\n</svg>"
    );
    svg
}

fn label(hz: f64) -> String {
    if hz >= 1000.0 { format!("{}k", hz / 1000.0) } else { format!("{hz}") }
}

/// The recordings along the first two components of all of them.
pub(crate) fn components(all: &Style, tracks: &[Track]) -> String {
    let coordinates = |track: &Track| {
        let point = all.tone.projection(&track.sample.tone_db);
        let along = |component: usize| -> f64 {
            (all.tone.components[component].iter().zip(point).zip(all.tone.mean_db))
                .map(|((direction, level), mean)| direction * (level - mean))
                .sum()
        };
        (along(0), along(1))
    };
    let frame = Frame { x: [-45.0, 30.0], y: [-20.0, 25.0] };
    let ticks: Vec<(f64, String)> =
        [-40.0, -20.0, 0.0, 20.0].map(|x| (x, format!("{x:.0} dB"))).into();
    let title = "568 recordings: first (across) and second (up) component of tone";
    let mut svg = frame.start(title, &ticks, &[-20.0, -10.0, 0.0, 10.0, 20.0], "dB");
    let genres =
        [("other", "#999999"), ("jazz", "#d55e00"), ("classical", "#009e73"), ("pop", "#0072b2")];
    for (row, (genre, colour)) in genres.into_iter().enumerate() {
        for track in tracks.iter().filter(|track| track.genre == genre) {
            let (x, y) = coordinates(track);
            let (x, y) = frame.at(x, y);
            let _ = writeln!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\" fill-opacity=\"0.6\"/>"
            );
        }
        let (x, y) = (WIDTH - 120.0, 60.0 + 18.0 * row as f64);
        let _ = writeln!(
            svg,
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"5\" fill=\"{colour}\"/><text x=\"{}\" y=\"{}\">{genre}</text>",
            x + 12.0,
            y + 4.0
        );
    }
    svg.push_str("</svg>\n");
    svg
}
