//! The stereo image: width and correlation, band by band.

use acetate_analyzer::{Analysis, StereoBand};

use crate::axis::Axis;
use crate::chart::Chart;
use crate::figure::{Key, figure, first_line, side_by_side};
use crate::html::number;

/// Sides below this are nothing.
const SIDE_SHOWN_DB: f64 = -40.0;

/// The section on the stereo image; empty for mono.
pub(crate) fn image(before: &Analysis, after: Option<&Analysis>) -> String {
    if before.stereo.bands.is_empty() {
        return String::new();
    }
    let width = Measure {
        id: "width",
        heading: "Width",
        unit: "side against mid, dB",
        of: |band| band.side_minus_mid_db.map(|db| db.max(SIDE_SHOWN_DB)),
        least_span: Some(12.0),
    };
    let correlation = Measure {
        id: "correlation",
        heading: "Correlation",
        unit: "1 is mono",
        of: |band| band.correlation,
        least_span: None,
    };
    let change = |of: fn(&Analysis) -> Option<f64>| match after {
        Some(after) => format!("{} before, {} after", number(of(before), 2), number(of(after), 2)),
        None => number(of(before), 2),
    };
    let text = format!("Width of the whole: {}.", change(|a| a.stereo.width));
    let width = width.chart(before, after, &text);
    let text = format!("Correlation of the whole: {}.", change(|a| a.stereo.correlation));
    let correlation = correlation.chart(before, after, &text);
    format!(
        "<section><h2>Stereo</h2>\n{}</section>\n",
        side_by_side("two", "Width and correlation", &(width + &correlation))
    )
}

/// One thing that is known of every band.
struct Measure {
    id: &'static str,
    heading: &'static str,
    unit: &'static str,
    of: fn(&StereoBand) -> Option<f64>,
    /// `None`: from -1 to 1.
    least_span: Option<f64>,
}

impl Measure {
    fn chart(&self, before: &Analysis, after: Option<&Analysis>, text: &str) -> String {
        let intervals = |analysis: &Analysis| -> Vec<(f64, f64, Option<f64>)> {
            let bands = analysis.stereo.bands.iter();
            bands.map(|band| (band.low_hz.max(20.0), band.high_hz, (self.of)(band))).collect()
        };
        let (first, second) = (intervals(before), after.map(intervals));
        let values = first.iter().chain(second.iter().flatten()).filter_map(|band| band.2);
        let y = match self.least_span {
            Some(span) => Axis::around(values, span),
            None => Axis::linear(-1.0, 1.0),
        };
        let mut chart = Chart::new(Axis::frequency(), y, 300.0);
        if self.least_span.is_none() {
            chart.rule(0.0, "");
        }
        chart.steps(first_line(second.is_some()).0, &first);
        let mut keys: Vec<Key> = vec![first_line(second.is_some())];
        if let Some(second) = &second {
            chart.steps("after", second);
            keys.push(("after", "master".into()));
        }
        let title = format!("{} per band", self.heading);
        figure(self.heading, self.unit, &keys, &chart.finish(self.id, &title, text), text)
    }
}
