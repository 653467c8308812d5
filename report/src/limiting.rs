//! What compressor and limiter took away, over time and how often.

use acetate_engine::settings::CompressorSettings;
use acetate_engine::{CompressorTrace, LimiterTrace};

use acetate_audio::numbers::frequency;

use crate::axis::Axis;
use crate::chart::Chart;
use crate::figure::{Key, figure};
use crate::html::number;

/// At most as many points over time as a chart has columns.
const POINTS_MAX: usize = 600;
/// What is lowered by less is as it was.
const TOUCHED_DB: f32 = 0.1;
/// Lines of the compressor's bands, from low to high.
const BAND_LINES: [&str; 4] = ["before", "after", "side", "aim"];

/// Gain reduction of the compressor over time, a line for each band; nothing where there was none.
pub(crate) fn compression(
    trace: &CompressorTrace,
    settings: Option<&CompressorSettings>,
) -> String {
    let largest = |points: &Vec<f32>| points.iter().copied().fold(0.0f32, f32::max);
    let most = trace.gain_reduction_db.iter().map(largest).fold(0.0f32, f32::max);
    let count = trace.gain_reduction_db.iter().map(Vec::len).max().unwrap_or(0);
    if trace.hop_s <= 0.0 || count == 0 {
        return String::new();
    }
    if most < TOUCHED_DB {
        return "<p>The compressor had nothing to do.</p>\n".to_owned();
    }
    let every = count.div_ceil(POINTS_MAX / 2).max(1);
    let y = Axis::linear(-f64::from(most).max(1.0), 0.0);
    let mut chart = Chart::new(Axis::time(count as f64 * trace.hop_s), y, 300.0);
    let crossovers = settings.map_or(&[][..], |settings| settings.crossovers_hz.as_slice());
    let bands = trace.gain_reduction_db.len();
    let mut keys: Vec<Key> = Vec::new();
    for (band, points) in trace.gain_reduction_db.iter().enumerate() {
        let class = BAND_LINES[if bands == 1 { 1 } else { band % BAND_LINES.len() }];
        let hop_s = every as f64 * trace.hop_s;
        let middle_s = |index: usize| (index as f64 + 0.5) * hop_s;
        let reduction = |hops: &[f32]| -f64::from(hops.iter().copied().fold(0.0f32, f32::max));
        let line = points.chunks(every).enumerate();
        chart.line(class, line.map(|(index, hops)| (middle_s(index), Some(reduction(hops)))));
        if bands > 1 {
            keys.push((class, band_name(band, bands, crossovers).into()));
        }
    }
    let all = || trace.gain_reduction_db.iter().flatten();
    let mean_db = all().map(|&db| f64::from(db)).sum::<f64>() / all().count().max(1) as f64;
    let text = format!(
        "At most {} dB, {} dB on average. Make-up gain is not counted.",
        number(Some(f64::from(most)), 1),
        number(Some(mean_db), 1)
    );
    figure(
        "Compressor gain",
        "dB",
        &keys,
        &chart.finish("compression", "Gain reduction of the compressor over time", &text),
        &text,
    )
}

fn band_name(band: usize, bands: usize, crossovers_hz: &[f64]) -> String {
    let at = |index: usize| crossovers_hz.get(index).map(|&hz| frequency(hz));
    let below = band.checked_sub(1).and_then(at);
    match (below, at(band)) {
        (None, Some(high)) if band == 0 => format!("below {high}"),
        (Some(low), Some(high)) => format!("{low} to {high}"),
        (Some(low), None) if band + 1 == bands => format!("above {low}"),
        _ => format!("band {}", band + 1),
    }
}

/// How much the limiter lowered the highest peak, over time and how often.
pub(crate) fn limiting(trace: &LimiterTrace) -> String {
    let most = trace.gain_reduction_db.iter().copied().fold(0.0f32, f32::max);
    if trace.hop_s <= 0.0 || most < TOUCHED_DB {
        return "<p>The limiter had nothing to do.</p>\n".to_owned();
    }
    over_time(trace, most) + &histogram(trace, most)
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
        "By the limiter, at most {} dB; {TOUCHED_DB} dB or more in {share_pct:.0} % of the time.",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_band_of_the_compressor_has_its_line_and_its_name() {
        let trace = CompressorTrace {
            hop_s: 0.05,
            gain_reduction_db: vec![vec![1.0; 400], vec![2.0; 400], vec![0.5; 400]],
        };
        let settings = CompressorSettings {
            crossovers_hz: vec![120.0, 2500.0],
            ..CompressorSettings::default()
        };
        let html = compression(&trace, Some(&settings));
        assert_eq!(html.matches("class=\"line").count(), 3, "{html}");
        for name in ["below 120 Hz", "120 Hz to 2.5 kHz", "above 2.5 kHz", "At most 2.0 dB"] {
            assert!(html.contains(name), "{name}");
        }
    }

    #[test]
    fn a_compressor_that_did_nothing_is_said_to_have_done_nothing_and_none_is_not_mentioned() {
        let idle = CompressorTrace { hop_s: 0.05, gain_reduction_db: vec![vec![0.0; 100]] };
        assert!(compression(&idle, None).contains("nothing to do"));
        assert!(compression(&CompressorTrace::default(), None).is_empty());
    }
}
