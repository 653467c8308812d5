//! Loudness over time, and what compressor and limiter did to it.

use acetate_analyzer::Series;
use acetate_engine::LimiterTrace;
use acetate_engine::settings::CompressorSettings;

use crate::axis::Axis;
use crate::chart::Chart;
use crate::figure::{Key, figure, first_line, side_by_side};
use crate::limiting::{compression, limiting};

/// At most as many points over time as a chart has columns.
const POINTS_MAX: usize = 600;
/// Range of the loudness shown below its highest value.
pub(crate) const LOUDNESS_RANGE_LU: f64 = 30.0;

/// Loudness over time, as the charts of the section need it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Levels<'a> {
    pub(crate) before: &'a Series,
    pub(crate) after: Option<&'a Series>,
    pub(crate) aim_lufs: Option<f64>,
    pub(crate) trace: Option<&'a LimiterTrace>,
    pub(crate) compressor: Option<&'a CompressorSettings>,
}

/// The section on loudness, compression and limiting.
pub(crate) fn level(levels: Levels<'_>) -> String {
    let mut body = loudness(levels);
    if let Some(trace) = levels.trace {
        let charts = compression(&trace.compressor, levels.compressor) + &limiting(trace);
        if charts.contains("<figure>") {
            body.push_str(&side_by_side("three", "Compressor and limiter", &charts));
        } else {
            body.push_str(&charts);
        }
    }
    if body.is_empty() {
        return body;
    }
    format!("<section><h2>Loudness and dynamics</h2>\n{body}</section>\n")
}

/// Highest and lowest loudness worth drawing; `None` of silence.
fn range(series: &[&Series], others: Option<f64>) -> Option<(f64, f64)> {
    let values = || series.iter().flat_map(|series| &series.short_term_lufs).flatten().copied();
    let highest = values().chain(others).fold(f64::NEG_INFINITY, f64::max);
    let lowest = values().chain(others).fold(highest, f64::min).max(highest - LOUDNESS_RANGE_LU);
    highest.is_finite().then_some((lowest, highest))
}

fn duration_s(series: &Series) -> f64 {
    series.step_s * series.short_term_lufs.len() as f64
}

/// Short-term loudness over time, before and after.
fn loudness(levels: Levels<'_>) -> String {
    let Levels { before, after, aim_lufs, .. } = levels;
    let all: Vec<&Series> = [Some(before), after].into_iter().flatten().collect();
    let Some((lowest, highest)) = range(&all, aim_lufs) else { return String::new() };
    let y = Axis::around([lowest, highest].into_iter(), 10.0);
    let mut chart = Chart::new(Axis::time(duration_s(before)), y, 200.0);
    chart.line(first_line(after.is_some()).0, thinned(before, lowest));
    let mut keys: Vec<Key> = vec![first_line(after.is_some())];
    if let Some(after) = after {
        chart.line("after", thinned(after, lowest));
        keys.push(("after", "master".into()));
    }
    if let Some(lufs) = aim_lufs {
        chart.rule(lufs, &format!("aim {lufs:.1}, for the whole"));
    }
    let text =
        "Each point is the loudness of the three seconds around it (short-term, EBU Tech 3341).";
    figure(
        "Loudness over time",
        "LUFS",
        &keys,
        &chart.finish("loudness", "Loudness over time", text),
        text,
    )
}

/// Not more points than the chart can show, each at the middle of its three seconds.
pub(crate) fn thinned(
    series: &Series,
    lowest: f64,
) -> impl Iterator<Item = (f64, Option<f64>)> + use<> {
    let every = series.short_term_lufs.len().div_ceil(POINTS_MAX).max(1);
    let step_s = series.step_s;
    series
        .short_term_lufs
        .iter()
        .enumerate()
        .step_by(every)
        .map(move |(index, value)| {
            let middle_s = (index + 1) as f64 * step_s - 1.5;
            (middle_s.max(0.0), value.filter(|&lufs| lufs >= lowest - 1e-9))
        })
        .collect::<Vec<_>>()
        .into_iter()
}
