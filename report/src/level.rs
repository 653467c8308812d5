//! Loudness and limiting over time.

use acetate_analyzer::Series;
use acetate_engine::LimiterTrace;

use crate::axis::Axis;
use crate::chart::Chart;
use crate::figure::{Key, figure, first_line};
use crate::html::number;
use crate::places::Place;

/// At most as many points over time as a chart has columns.
const POINTS_MAX: usize = 600;
/// Range of the loudness shown below its highest value.
const LOUDNESS_RANGE_LU: f64 = 30.0;
/// Peaks that are lowered by less are as they were.
const TOUCHED_DB: f32 = 0.1;

/// Loudness over time, as the charts of the section need it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Levels<'a> {
    pub(crate) before: &'a Series,
    pub(crate) after: Option<&'a Series>,
    pub(crate) aim_lufs: Option<f64>,
    pub(crate) trace: Option<&'a LimiterTrace>,
}

/// The section on loudness and limiting.
pub(crate) fn level(levels: Levels<'_>) -> String {
    let mut body = loudness(levels);
    if let Some(trace) = levels.trace {
        body.push_str(&limiting(trace));
    }
    if body.is_empty() {
        return body;
    }
    format!("<section><h2>Loudness and limiting</h2>\n{body}</section>\n")
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
    let mut chart = Chart::new(Axis::time(duration_s(before)), y, 280.0);
    if let Some(lufs) = aim_lufs {
        chart.rule(lufs, &format!("aim {lufs:.1}, for the whole"));
    }
    chart.line(first_line(after.is_some()).0, thinned(before, lowest));
    let mut keys: Vec<Key> = vec![first_line(after.is_some())];
    if let Some(after) = after {
        chart.line("after", thinned(after, lowest));
        keys.push(("after", "master"));
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
fn thinned(series: &Series, lowest: f64) -> impl Iterator<Item = (f64, Option<f64>)> {
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

/// The whole song in one look, with the places that can be heard and the player's position.
pub(crate) fn overview(series: &Series, places: &[Place]) -> String {
    let Some((lowest, highest)) = range(&[series], None) else { return String::new() };
    let y = Axis::linear(lowest - 2.0, highest).bare();
    let mut chart = Chart::new(Axis::time(duration_s(series)), y, 120.0);
    if places.len() > 1 {
        for place in places {
            chart.stretch((place.at_s, place.at_s + place.length_s), place.name);
        }
    }
    let points: Vec<(f64, f64, f64)> = thinned(series, lowest)
        .map(|(at_s, lufs)| (at_s, lowest - 2.0, lufs.unwrap_or(lowest - 2.0)))
        .collect();
    chart.area("level", &points);
    chart.playhead("playhead");
    chart.finish("overview", "The song and the places that can be heard", "Loudness over time.")
}

/// How much the limiter lowered the highest peak, over time and how often.
fn limiting(trace: &LimiterTrace) -> String {
    let most = trace.gain_reduction_db.iter().copied().fold(0.0f32, f32::max);
    if trace.hop_s <= 0.0 || most < TOUCHED_DB {
        return "<p>The limiter had nothing to do.</p>\n".to_owned();
    }
    format!("<div class=\"two\">{}{}</div>\n", over_time(trace, most), histogram(trace, most))
}

fn over_time(trace: &LimiterTrace, most: f32) -> String {
    let count = trace.gain_reduction_db.len();
    let every = count.div_ceil(POINTS_MAX).max(1);
    let duration_s = count as f64 * trace.hop_s;
    let most_db = f64::from(most);
    let mut chart = Chart::new(Axis::time(duration_s), Axis::linear(-most_db.max(1.0), 0.0), 300.0);
    for (index, hops) in trace.gain_reduction_db.chunks(every).enumerate() {
        let reduction = hops.iter().copied().fold(0.0f32, f32::max);
        if reduction >= TOUCHED_DB {
            let hop_s = every as f64 * trace.hop_s;
            let from_s = index as f64 * hop_s;
            chart.bar("after", (from_s, from_s + hop_s), 0.0, -f64::from(reduction));
        }
    }
    let touched = trace.gain_reduction_db.iter().filter(|&&db| db >= TOUCHED_DB).count();
    let share_pct = 100.0 * touched as f64 / count.max(1) as f64;
    let text = format!(
        "At most {} dB; {TOUCHED_DB} dB or more in {share_pct:.0} % of the time.",
        number(Some(most_db), 1)
    );
    figure(
        "Peak reduction",
        "dB",
        &[],
        &chart.finish("limiting", "Peak reduction by the limiter over time", &text),
        &text,
    )
}

/// How often each depth of limiting occurs.
fn histogram(trace: &LimiterTrace, most: f32) -> String {
    let step_db = if most > 8.0 { 1.0 } else { 0.5 };
    let bins = (f64::from(most) / step_db).ceil().max(1.0) as usize;
    let mut counts = vec![0usize; bins];
    for &db in trace.gain_reduction_db.iter().filter(|&&db| db >= TOUCHED_DB) {
        let bin = ((f64::from(db) / step_db) as usize).min(bins - 1);
        counts[bin] += 1;
    }
    let share_pct = |count: usize| 100.0 * count as f64 / trace.gain_reduction_db.len() as f64;
    let highest = counts.iter().copied().map(share_pct).fold(1.0, f64::max);
    let x = Axis::linear(0.0, (bins as f64 * step_db).max(2.0)).in_unit("dB");
    let mut chart = Chart::new(x, Axis::linear(0.0, highest), 300.0);
    for (bin, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let from_db = bin as f64 * step_db;
        let gap_db = 0.06 * step_db;
        chart.bar("after", (from_db + gap_db, from_db + step_db - gap_db), 0.0, share_pct(count));
    }
    let text = format!("Share of the time by depth, in steps of {step_db} dB.");
    figure(
        "How often, by depth",
        "% of the time",
        &[],
        &chart.finish("histogram", "Histogram of the peak reduction", &text),
        &text,
    )
}
