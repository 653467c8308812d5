//! Small drawings beside each other on one sheet.

use std::fmt::Write as _;

/// An SVG of drawings of `size` (width and height), `row` of them in a row.
pub fn sheet(
    drawings: impl ExactSizeIterator<Item = String>,
    size: [f64; 2],
    row: usize,
) -> String {
    let rows = drawings.len().div_ceil(row);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"sans-serif\" font-size=\"10\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        size[0] * row as f64,
        size[1] * rows as f64
    );
    for (index, drawing) in drawings.enumerate() {
        let (x, y) = ((index % row) as f64 * size[0], (index / row) as f64 * size[1]);
        let _ = writeln!(svg, "<g transform=\"translate({x} {y})\">{drawing}</g>");
    }
    svg + "</svg>\n"
}
