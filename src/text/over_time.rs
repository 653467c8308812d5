//! Measures over time, as a chart.

use acetate_analyzer::Measured;

use crate::text::plot;
use acetate_audio::numbers::{clock, number};

/// Columns of a chart.
const COLUMNS: usize = 70;
/// What a loudness chart spans from its top.
const LOUDNESS_SPAN_LU: f64 = 24.0;

/// Loudness, peak and width over time on one screen.
pub fn chart(name: &str, measured: &Measured) -> String {
    let series = &measured.series;
    let mut lines = vec![format!("{name}  {}", measured.analysis.format)];
    let mut part = |title: &str, values: &[Option<f64>], span: Option<f64>, decimals: usize| {
        let columns = highest_of_columns(values);
        let shown = columns.iter().flatten().copied();
        let (low, high) = shown.fold((f64::MAX, f64::MIN), |(low, high), value| {
            (f64::min(low, value), f64::max(high, value))
        });
        if low <= high {
            let [low, high] = [low, high].map(|value| number(Some(value), decimals));
            lines.push(format!("  {title}  {low} to {high}"));
            lines.extend(plot::columns(&columns, span, decimals));
        }
    };
    part("loudness of 3 s, LUFS", &series.short_term_lufs, Some(LOUDNESS_SPAN_LU), 0);
    part("true peak, dBTP", &series.peak_dbtp, Some(LOUDNESS_SPAN_LU), 0);
    part("width (side over mid energy)", &series.width, None, 2);
    let seconds = series.momentary_lufs.len() as f64 * series.step_s;
    lines.push(plot::time_axis(COLUMNS, &clock(seconds)));
    lines.join("\n") + "\n"
}

/// The largest value of each of [`COLUMNS`] stretches of time.
fn highest_of_columns(values: &[Option<f64>]) -> Vec<Option<f64>> {
    let columns = COLUMNS.min(values.len());
    (0..columns)
        .map(|column| {
            let stretch = values.len() * column / columns..values.len() * (column + 1) / columns;
            values[stretch].iter().flatten().copied().reduce(f64::max)
        })
        .collect()
}
