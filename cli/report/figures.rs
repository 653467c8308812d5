//! The charts of the report.

use acetate_analyzer::{Analysis, Series};
use acetate_engine::settings::BandChannel;
use acetate_engine::{LimiterTrace, Settings};
use acetate_references::Aim;

use super::chart::{Axis, Chart};
use super::html::escape;
use crate::numbers::{number, signed};

/// Range of the spectrum shown below its highest value.
const SPECTRUM_RANGE_DB: f64 = 60.0;
/// Points of a response curve.
const CURVE_POINTS: i32 = 160;

/// A chart with its caption and the keys of its lines.
fn figure(svg: &str, keys: &[(&str, &str)], caption: &str) -> String {
    let keys: String = keys
        .iter()
        .map(|(class, text)| {
            format!("<span class=\"key\"><i class=\"k-{class}\"></i>{text}</span>")
        })
        .collect();
    format!("<figure>{svg}<figcaption>{keys}{}</figcaption></figure>\n", escape(caption))
}

/// Third-octave spectrum before and after, with the aim and its tolerance.
pub(super) fn spectrum(before: &Analysis, after: Option<&Analysis>, aim: Option<&Aim>) -> String {
    let centres = &before.spectrum.third_octave_hz;
    let shown = |analysis: &Analysis| analysis.spectrum.level_db.clone();
    let (first, second) = (shown(before), after.map(shown));
    let aimed = aim.map(|aim| aim_curve(aim, second.as_ref().unwrap_or(&first)));
    let all = first.iter().chain(second.iter().flatten()).flatten().copied();
    let highest = all.fold(f64::NEG_INFINITY, f64::max);
    if !highest.is_finite() {
        return String::new();
    }
    let lowest = highest - SPECTRUM_RANGE_DB;
    let mut chart = Chart::new(Axis::frequency(), Axis::linear(lowest, highest, "dB"), 300.0);
    let points = |levels: &[Option<f64>]| -> Vec<(f64, Option<f64>)> {
        centres
            .iter()
            .copied()
            .zip(levels.iter().map(|level| level.filter(|&db| db > lowest)))
            .collect()
    };
    let mut keys = vec![("before", if after.is_some() { "before" } else { "level" })];
    if let Some(curve) = &aimed {
        let band: Vec<(f64, f64, f64)> = curve
            .iter()
            .zip(centres)
            .filter_map(|(aim, &hz)| {
                aim.map(|(db, tolerance)| (hz, db - tolerance, db + tolerance))
            })
            .collect();
        chart.area("", &band);
        let line: Vec<Option<f64>> = curve.iter().map(|aim| aim.map(|(db, _)| db)).collect();
        chart.line("aim", points(&line).into_iter());
    }
    chart.line("before", points(&first).into_iter());
    if let Some(levels) = &second {
        chart.line("after", points(levels).into_iter());
        keys.push(("after", "after"));
    }
    if aimed.is_some() {
        keys.push(("aim", "aim and its tolerance"));
    }
    let description = format!(
        "Tilt {} dB per octave before, {} after.",
        number(before.spectrum.tilt_db_per_octave, 1),
        number(after.and_then(|after| after.spectrum.tilt_db_per_octave), 1)
    );
    figure(&chart.finish("spectrum", "Spectrum in third octaves", &description), &keys, "")
}

/// The aim at the level of what it is compared with, and its tolerance; nothing where it has no opinion.
fn aim_curve(aim: &Aim, levels: &[Option<f64>]) -> Vec<Option<(f64, f64)>> {
    let excess = aim.tone_excess_db(levels);
    let wanted = aim.tone.iter().zip(excess.iter().zip(levels));
    wanted
        .map(|(wanted, (excess, level))| match (excess, level) {
            (Some(excess), Some(level)) if wanted.weight > 0.0 => {
                Some((level - excess, wanted.tolerance_db.min(12.0)))
            }
            _ => None,
        })
        .collect()
}

/// What the equaliser does.
pub(super) fn equalizer(settings: &Settings, rate_hz: u32) -> String {
    if settings.equalizer.is_neutral() {
        return String::new();
    }
    let rate = f64::from(rate_hz);
    let nyquist = rate / 2.0;
    let frequencies: Vec<f64> = (0..=CURVE_POINTS)
        .map(|index| 20.0 * libm::pow(1000.0, f64::from(index) / f64::from(CURVE_POINTS)))
        .filter(|&hz| hz < nyquist * 0.98)
        .collect();
    let has_side = settings.equalizer.bands.iter().any(|band| band.channel == BandChannel::Side);
    let curve = |channel| -> Vec<(f64, f64)> {
        frequencies
            .iter()
            .map(|&hz| (hz, settings.equalizer.response_db(channel, hz, rate)))
            .collect()
    };
    let (mid, side) = (curve(BandChannel::Mid), curve(BandChannel::Side));
    let values = mid.iter().chain(&side).map(|point| point.1);
    let mut chart = Chart::new(Axis::frequency(), Axis::around(values, 6.0, "dB"), 200.0);
    chart.rule("", 0.0, "");
    chart.line("after", mid.iter().map(|&(hz, db)| (hz, Some(db))));
    let mut keys = vec![("after", if has_side { "mid" } else { "equaliser" })];
    if has_side {
        chart.line("before", side.iter().map(|&(hz, db)| (hz, Some(db))));
        keys.push(("before", "side"));
    }
    let most = mid
        .iter()
        .chain(&side)
        .map(|point| point.1)
        .fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
    let description = format!("The largest change is {} dB.", signed(most, 1));
    figure(&chart.finish("equalizer", "What the equaliser does", &description), &keys, "")
}

/// Short-term loudness over time, before and after.
pub(super) fn loudness(before: &Series, after: Option<&Series>, aim_lufs: Option<f64>) -> String {
    let duration_s = before.step_s * before.short_term_lufs.len() as f64;
    let values =
        || before.short_term_lufs.iter().chain(after.iter().flat_map(|s| &s.short_term_lufs));
    let highest = values().flatten().copied().chain(aim_lufs).fold(f64::NEG_INFINITY, f64::max);
    if !highest.is_finite() {
        return String::new();
    }
    let lowest = values().flatten().copied().fold(highest, f64::min).max(highest - 30.0);
    let y = Axis::around([lowest, highest].into_iter(), 12.0, "LUFS");
    let mut chart = Chart::new(Axis::time(duration_s), y, 220.0);
    let mut keys = vec![("before", if after.is_some() { "before" } else { "loudness of 3 s" })];
    if let Some(lufs) = aim_lufs {
        chart.rule("", lufs, &format!("{lufs:.1} LUFS"));
    }
    chart.line("before thin", thinned(before, &before.short_term_lufs, highest - 30.0));
    if let Some(after) = after {
        chart.line("after", thinned(after, &after.short_term_lufs, highest - 30.0));
        keys.push(("after", "after, loudness of 3 s"));
    }
    figure(
        &chart.finish("loudness", "Loudness over time", "Loudness of three seconds at a time."),
        &keys,
        "",
    )
}

/// At most about 700 points: as many as the chart has columns.
fn thinned(
    series: &Series,
    values: &[Option<f64>],
    lowest: f64,
) -> impl Iterator<Item = (f64, Option<f64>)> {
    let every = values.len().div_ceil(700).max(1);
    let step_s = series.step_s;
    values
        .iter()
        .enumerate()
        .step_by(every)
        .map(move |(index, value)| ((index + 1) as f64 * step_s, value.filter(|&db| db > lowest)))
        .collect::<Vec<_>>()
        .into_iter()
}

/// How much the limiter lowered the highest peak, over time, and how often.
pub(super) fn limiting(trace: &LimiterTrace) -> String {
    let most = trace.gain_reduction_db.iter().copied().fold(0.0f32, f32::max);
    if trace.hop_s <= 0.0 || most < 0.05 {
        return "<p>The limiter had nothing to do.</p>\n".to_owned();
    }
    let count = trace.gain_reduction_db.len();
    let every = count.div_ceil(700).max(1);
    let duration_s = count as f64 * trace.hop_s;
    let most_db = f64::from(most);
    let mut chart = Chart::new(Axis::time(duration_s), Axis::linear(-most_db, 0.0, "dB"), 160.0);
    for (index, hops) in trace.gain_reduction_db.chunks(every).enumerate() {
        let reduction_db = f64::from(hops.iter().copied().fold(0.0f32, f32::max));
        if reduction_db >= 0.05 {
            let from_s = (index * every) as f64 * trace.hop_s;
            chart.bar("after", from_s, from_s + every as f64 * trace.hop_s, 0.0, -reduction_db);
        }
    }
    let active = trace.gain_reduction_db.iter().filter(|&&db| db >= 0.1).count();
    let share_pct = 100.0 * active as f64 / count.max(1) as f64;
    let text =
        format!("At most {most_db:.1} dB, and 0.1 dB or more in {share_pct:.0} % of the time.");
    figure(&chart.finish("limiting", "Peak reduction over time", &text), &[], &text)
}

/// How often each depth of limiting occurs.
pub(super) fn histogram(trace: &LimiterTrace) -> String {
    const EDGES_DB: [f32; 9] = [0.1, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 60.0];
    let count = trace.gain_reduction_db.len();
    if count == 0 || trace.gain_reduction_db.iter().all(|&db| db < 0.1) {
        return String::new();
    }
    let rows: String = EDGES_DB
        .windows(2)
        .map(|edges| {
            let within =
                trace.gain_reduction_db.iter().filter(|&&db| db >= edges[0] && db < edges[1]);
            let share_pct = 100.0 * within.count() as f64 / count as f64;
            let range = if edges[1] > 50.0 {
                format!("over {}", edges[0])
            } else {
                format!("{} to {}", edges[0], edges[1])
            };
            format!("<tr><td>{range} dB</td><td class=\"n\">{share_pct:.1} %</td></tr>")
        })
        .collect();
    format!(
        "<details><summary>How often, by depth</summary><table><thead><tr><th>peaks lowered by</th><th class=\"n\">share of the time</th></tr></thead><tbody>{rows}</tbody></table></details>\n"
    )
}

/// Side against mid and correlation, band by band.
pub(super) fn stereo(before: &Analysis, after: Option<&Analysis>) -> String {
    let bands = &before.stereo.bands;
    if bands.is_empty() {
        return String::new();
    }
    let level = |analysis: &Analysis| -> Vec<Option<f64>> {
        analysis.stereo.bands.iter().map(|band| band.side_minus_mid_db).collect()
    };
    let (first, second) = (level(before), after.map(level));
    let values = first.iter().chain(second.iter().flatten()).flatten().copied();
    let mut chart = Chart::new(
        Axis::frequency(),
        Axis::around(values.map(|db| db.max(-40.0)), 12.0, "dB"),
        200.0,
    );
    let middle = |index: usize| (bands[index].low_hz.max(20.0) * bands[index].high_hz).sqrt();
    let points = |levels: &[Option<f64>]| -> Vec<(f64, Option<f64>)> {
        levels
            .iter()
            .enumerate()
            .take(bands.len())
            .map(|(index, db)| (middle(index), *db))
            .collect()
    };
    let mut keys = vec![("before", if after.is_some() { "before" } else { "side against mid" })];
    chart.line("before", points(&first).into_iter());
    if let Some(levels) = &second {
        chart.line("after", points(levels).into_iter());
        keys.push(("after", "after, side against mid"));
    }
    let text = format!(
        "Correlation {} before, {} after.",
        number(before.stereo.correlation, 2),
        number(after.and_then(|after| after.stereo.correlation), 2)
    );
    figure(&chart.finish("stereo", "Width per band", &text), &keys, &text)
}
