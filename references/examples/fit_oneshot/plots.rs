//! The reliability diagram: said and true.

use std::fmt::Write;

use crate::folds::Step;

const SIZE: f64 = 360.0;
const MARGIN: f64 = 46.0;

pub(crate) fn reliability(steps: &[Step]) -> String {
    let x = |pct: f64| MARGIN + pct / 100.0 * SIZE;
    let y = |pct: f64| MARGIN + SIZE - pct / 100.0 * SIZE;
    let whole = SIZE + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {whole} {whole}\" width=\"{whole}\" height=\"{whole}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{whole}\" height=\"{whole}\" fill=\"#fff\"/>\n"
    );
    for pct in [0.0, 20.0, 40.0, 60.0, 80.0, 100.0] {
        let _ = writeln!(
            svg,
            "<path d=\"M{0} {1}H{2}M{3} {1}V{4}\" stroke=\"#ddd\" fill=\"none\"/>\
             <text x=\"{5}\" y=\"{6}\" text-anchor=\"end\">{pct}</text><text x=\"{7}\" y=\"{8}\" text-anchor=\"middle\">{pct}</text>",
            x(0.0),
            y(pct),
            x(100.0),
            x(pct),
            y(pct),
            x(0.0) - 6.0,
            y(pct) + 4.0,
            x(pct),
            y(0.0) + 18.0
        );
    }
    let _ = writeln!(
        svg,
        "<path d=\"M{} {}L{} {}\" stroke=\"#999\" stroke-dasharray=\"4 4\"/>\
         <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">said, %</text>\
         <text x=\"14\" y=\"{}\" transform=\"rotate(-90 14 {})\" text-anchor=\"middle\">true, %</text>",
        x(0.0),
        y(0.0),
        x(100.0),
        y(100.0),
        x(50.0),
        y(0.0) + 36.0,
        y(50.0),
        y(50.0)
    );
    for (index, (family, colour)) in
        [("tone", "#1f6fb4"), ("density", "#c7641a")].iter().enumerate()
    {
        let points: Vec<&Step> = steps.iter().filter(|step| step.family == *family).collect();
        let line: Vec<String> =
            points.iter().map(|s| format!("{:.1},{:.1}", x(s.said_pct), y(s.true_pct))).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\
             <text x=\"{}\" y=\"{}\" fill=\"{colour}\">{family}</text>",
            line.join(" "),
            x(6.0),
            y(93.0 - 6.0 * index as f64)
        );
        for step in points {
            let radius = 2.0 + libm::sqrt(step.cases as f64) / 5.0;
            let _ = writeln!(
                svg,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius:.1}\" fill=\"{colour}\" fill-opacity=\"0.6\"/>",
                x(step.said_pct),
                y(step.true_pct)
            );
        }
    }
    svg.push_str("</svg>\n");
    svg
}
