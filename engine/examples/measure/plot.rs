//! Line charts as SVG, by hand: no script, no fonts but the reader's own.

use std::fmt::Write;

/// One line of a chart.
pub(crate) struct Line<'a> {
    pub(crate) name: &'a str,
    pub(crate) points: Vec<(f64, f64)>,
}

/// An axis: title, range, marks, and whether equal ratios are equally far apart.
pub(crate) struct Axis<'a> {
    pub(crate) title: &'a str,
    pub(crate) range: (f64, f64),
    pub(crate) marks: &'a [f64],
    pub(crate) logarithmic: bool,
}

impl Axis<'_> {
    /// Position from 0 to 1.
    fn share(&self, value: f64) -> f64 {
        let (low, high) = self.range;
        if self.logarithmic {
            (value / low).ln() / (high / low).ln()
        } else {
            (value - low) / (high - low)
        }
    }
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;

/// Okabe and Ito's colours, which people with any colour vision can tell apart.
const COLOURS: [&str; 7] =
    ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];
const DASHES: [&str; 3] = ["", "6 3", "2 3"];

/// A chart with a title, as the text of an SVG file.
pub(crate) fn chart(title: &str, x: &Axis, y: &Axis, lines: &[Line]) -> String {
    let at_x = |value: f64| LEFT + x.share(value) * (WIDTH - LEFT - RIGHT);
    let at_y = |value: f64| {
        let share = y.share(value).clamp(-0.02, 1.02);
        HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"20\" font-size=\"15\">{title}</text>\n"
    );
    for &mark in x.marks {
        let px = at_x(mark);
        let _ = writeln!(
            svg,
            "<path d=\"M{px:.1} {TOP}V{:.1}\" stroke=\"#ddd\"/><text x=\"{px:.1}\" y=\"{:.1}\" \
             text-anchor=\"middle\">{}</text>",
            HEIGHT - BOTTOM,
            HEIGHT - BOTTOM + 16.0,
            short(mark)
        );
    }
    for &mark in y.marks {
        let py = at_y(mark);
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {py:.1}H{:.1}\" stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{:.1}\" \
             text-anchor=\"end\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            py + 4.0,
            short(mark)
        );
    }
    for (index, line) in lines.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        let dash = DASHES[index % DASHES.len()];
        let points: Vec<String> = line
            .points
            .iter()
            .map(|&(px, py)| format!("{:.1},{:.1}", at_x(px), at_y(py)))
            .collect();
        let _ = writeln!(
            svg,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" stroke-dasharray=\"{dash}\" \
             points=\"{}\"/>\n<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\" text-anchor=\"end\">{}</text>",
            points.join(" "),
            WIDTH - RIGHT - 4.0,
            TOP + 14.0 * (index + 1) as f64,
            line.name
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n\
         <text x=\"14\" y=\"{:.1}\" text-anchor=\"middle\" transform=\"rotate(-90 14 {:.1})\">{}</text>\n</svg>",
        LEFT + (WIDTH - LEFT - RIGHT) / 2.0,
        HEIGHT - 10.0,
        x.title,
        HEIGHT / 2.0,
        HEIGHT / 2.0,
        y.title
    );
    svg
}

fn short(mark: f64) -> String {
    if mark.abs() >= 1000.0 { format!("{}k", mark / 1000.0) } else { format!("{mark}") }
}
