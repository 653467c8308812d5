//! Line charts as SVG, by hand: no script, no fonts but the reader's own.

use std::fmt::Write;

/// One line of a chart.
pub(crate) struct Line {
    /// What the legend calls it; a line without a name is not in it.
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
    pub(crate) kind: Kind,
}

/// What a line stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Measured or rendered: solid, in a colour of its own.
    Measured,
    /// What is wanted of it: dotted and dark, over the others.
    Wanted,
}

impl Line {
    pub(crate) fn measured(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Self { name: name.into(), points, kind: Kind::Measured }
    }

    pub(crate) fn wanted(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Self { name: name.into(), points, kind: Kind::Wanted }
    }
}

/// An axis: title with its unit, range, marks, and whether equal ratios are equally far apart.
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

const WIDTH: f64 = 800.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 66.0;
const BOTTOM: f64 = 54.0;
const BASE: f64 = HEIGHT - BOTTOM;
/// Room a letter of the legend takes.
const LETTER: f64 = 6.4;

/// Okabe and Ito's colours, which people with any colour vision can tell apart.
const COLOURS: [&str; 6] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
const WANTED: &str = "#222";

/// A chart with a title, as the text of an SVG file.
pub(crate) fn chart(title: &str, x: &Axis, y: &Axis, lines: &[Line]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"#222\">\n<title>{title}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <clipPath id=\"plot\"><rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{}\" height=\"{}\"/></clipPath>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"16\">{title}</text>\n",
        WIDTH - LEFT - RIGHT,
        BASE - TOP
    );
    grid(&mut svg, x, y);
    let (measured, wanted): (Vec<_>, Vec<_>) =
        lines.iter().partition(|line| line.kind == Kind::Measured);
    let mut legend_x = LEFT;
    let colours = (0..measured.len()).map(|index| COLOURS[index % COLOURS.len()]);
    // Thinner and thinner, so that one that covers another leaves it to be seen.
    let widths = ["3", "2.2", "1.5"].into_iter().chain(std::iter::repeat("1.5"));
    let styled = measured
        .iter()
        .zip(colours)
        .zip(widths)
        .map(|((line, colour), width)| (line, colour, width, ""));
    for (line, colour, width, dash) in
        styled.chain(wanted.iter().map(|line| (line, WANTED, "1.2", "2 4")))
    {
        let pen = format!(
            "fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-dasharray=\"{dash}\""
        );
        let _ = writeln!(
            svg,
            "<polyline clip-path=\"url(#plot)\" {pen} points=\"{}\"/>",
            line.points.iter().map(|point| place(x, y, *point)).collect::<Vec<_>>().join(" ")
        );
        if !line.name.is_empty() {
            let _ = writeln!(
                svg,
                "<path {pen} d=\"M{legend_x:.0} 46h22\"/><text x=\"{:.0}\" y=\"50\">{}</text>",
                legend_x + 28.0,
                line.name
            );
            legend_x += 46.0 + LETTER * line.name.chars().count() as f64;
        }
    }
    svg + "</svg>\n"
}

fn place(x: &Axis, y: &Axis, (px, py): (f64, f64)) -> String {
    // Far outside is as good as anywhere outside: the plot is clipped.
    format!("{:.1},{:.1}", at_x(x, px), at_y(y, py).clamp(-HEIGHT, 2.0 * HEIGHT))
}

fn at_x(x: &Axis, value: f64) -> f64 {
    LEFT + x.share(value) * (WIDTH - LEFT - RIGHT)
}

fn at_y(y: &Axis, value: f64) -> f64 {
    BASE - y.share(value) * (BASE - TOP)
}

/// Marks with their figures, the frame, and the titles of both axes.
fn grid(svg: &mut String, x: &Axis, y: &Axis) {
    let right = WIDTH - RIGHT;
    for &mark in x.marks {
        let px = at_x(x, mark);
        let _ = writeln!(
            svg,
            "<path d=\"M{px:.1} {TOP}V{BASE}\" stroke=\"#ddd\"/><text x=\"{px:.1}\" y=\"{:.1}\" \
             text-anchor=\"middle\">{}</text>",
            BASE + 17.0,
            short(mark)
        );
    }
    for &mark in y.marks {
        let py = at_y(y, mark);
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {py:.1}H{right}\" stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{:.1}\" \
             text-anchor=\"end\">{}</text>",
            LEFT - 7.0,
            py + 4.0,
            short(mark)
        );
    }
    let (middle, height) = ((LEFT + right) / 2.0, (TOP + BASE) / 2.0);
    let _ = writeln!(
        svg,
        "<rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"#888\"/>\n\
         <text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n\
         <text x=\"18\" y=\"{height:.1}\" text-anchor=\"middle\" transform=\"rotate(-90 18 {height:.1})\">{}</text>",
        right - LEFT,
        BASE - TOP,
        HEIGHT - 14.0,
        x.title,
        y.title
    );
}

fn short(mark: f64) -> String {
    // A typographic minus lines up with the digits.
    let text = if mark.abs() >= 1000.0 { format!("{}k", mark / 1000.0) } else { format!("{mark}") };
    text.replace('-', "\u{2212}")
}
