//! The waveform under the player: peaks, and the loudness inside them, mirrored as a sound editor shows them.

use std::fmt::Write;

use acetate_analyzer::Series;
use acetate_audio::units::db_to_amplitude;

use crate::html::escape;
use crate::listening::{Mark, Timeline, Version};

/// Width of the drawing; the page stretches it.
pub(crate) const WAVE_WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 100.0;
/// Most points of an outline.
const POINTS_MAX: usize = 450;

/// The waveforms of a timeline, one over the other, of which the player shows one; places and its position above them.
/// `classes` are the colours of the versions, the first of which has the number `first`.
pub(crate) fn wave(
    timeline: &Timeline<'_>,
    index: usize,
    first: usize,
    classes: &[&str],
    marks: &[Mark],
) -> String {
    let duration_s = duration_s(timeline);
    let at = |s: f64| s / duration_s * WAVE_WIDTH;
    let mut body = String::new();
    if timeline.places.len() > 1 || timeline.places.iter().any(|p| p.length_s < duration_s - 1.0) {
        for (number, place) in timeline.places.iter().enumerate() {
            let _ = writeln!(
                body,
                r#"<rect class="place" id="p{index}-{number}" x="{:.1}" y="0" width="{:.1}" height="{HEIGHT}"/>"#,
                at(place.at_s),
                at(place.length_s).max(2.0)
            );
        }
    }
    for mark in marks {
        let name = escape(&mark.name);
        let _ = match mark.length_s > 0.0 {
            true => writeln!(
                body,
                r#"<rect class="lost" x="{:.1}" y="0" width="{:.1}" height="{HEIGHT}"><title>{name}</title></rect>"#,
                at(mark.at_s),
                at(mark.length_s).max(2.0)
            ),
            false => writeln!(
                body,
                r#"<path class="mark" d="M{:.1} 0V{HEIGHT}"><title>{name}</title></path>"#,
                at(mark.at_s)
            ),
        };
    }
    let _ = writeln!(body, r#"<g transform="translate(0 {0}) scale(1 {0})">"#, HEIGHT / 2.0);
    for ((offset, version), class) in timeline.versions.iter().enumerate().zip(classes) {
        let shape = Shape::of(version, duration_s);
        let _ = writeln!(
            body,
            r#"<g id="w{}" class="wave {class}"><path class="peaks" d="{}"/><path d="{}"/></g>"#,
            first + offset,
            shape.outline(&shape.peaks),
            shape.outline(&shape.loudness)
        );
    }
    format!(
        r#"<svg id="wave{index}" viewBox="0 0 {WAVE_WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">{body}</g>
<path class="playhead" id="head{index}" d="M0 0V{HEIGHT}"/></svg>
"#
    )
}

/// Length of the time that all versions have in common.
pub(crate) fn duration_s(timeline: &Timeline<'_>) -> f64 {
    let left_s = |version: &Version<'_>| {
        version.series.step_s * version.series.peak_dbtp.len() as f64 - version.begin_s
    };
    let shortest = timeline.versions.iter().map(left_s).fold(f64::INFINITY, f64::min);
    let heard = timeline.places.iter().map(|place| place.at_s + place.length_s);
    heard.fold(if shortest.is_finite() { shortest } else { 0.1 }, f64::max).max(0.1)
}

/// Highest amplitude of a version; 1 is full scale.
pub(crate) fn peak(series: &Series) -> f64 {
    series.peak_dbtp.iter().flatten().map(|&db| db_to_amplitude(db)).fold(0.0, f64::max)
}

/// Amplitudes over time, as shares of the highest.
struct Shape {
    /// Seconds a point, and seconds of the drawing.
    step_s: f64,
    duration_s: f64,
    peaks: Vec<f64>,
    loudness: Vec<f64>,
}

impl Shape {
    fn of(version: &Version<'_>, duration_s: f64) -> Self {
        let Version { series, begin_s, .. } = version;
        let skipped = (begin_s / series.step_s.max(1e-9)).round() as usize;
        let steps = series.peak_dbtp.len().saturating_sub(skipped);
        let every = steps.div_ceil(POINTS_MAX).max(1);
        let highest = peak(series).max(1e-9);
        let points = |levels: &[Option<f64>]| -> Vec<f64> {
            let amplitude = |db: &Option<f64>| db.map_or(0.0, db_to_amplitude) / highest;
            let levels = &levels[skipped.min(levels.len())..];
            levels
                .chunks(every)
                .map(|chunk| chunk.iter().map(amplitude).fold(0.0, f64::max))
                .collect()
        };
        let peaks = points(&series.peak_dbtp);
        let mut loudness = points(&series.momentary_lufs);
        // The loudness of bass-heavy sound is below, that of bright sound can be above its peaks.
        loudness.iter_mut().zip(&peaks).for_each(|(inner, outer)| *inner = inner.min(*outer));
        Self { step_s: every as f64 * series.step_s, duration_s, peaks, loudness }
    }

    /// A mirrored outline.
    fn outline(&self, amplitudes: &[f64]) -> String {
        let x = |index: usize| {
            ((index as f64 + 0.5) * self.step_s / self.duration_s * WAVE_WIDTH).min(WAVE_WIDTH)
        };
        let mut path = String::from("M0 0");
        for (index, amplitude) in amplitudes.iter().enumerate() {
            let _ = write!(path, "L{:.1} {:.3}", x(index), -amplitude);
        }
        for (index, amplitude) in amplitudes.iter().enumerate().rev() {
            let _ = write!(path, "L{:.1} {:.3}", x(index), amplitude);
        }
        path.push('Z');
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::whole;

    #[test]
    fn a_waveform_fills_its_height_at_the_highest_peak_and_leaves_out_what_was_cut_off() {
        let level = |step: usize| Some(if step < 20 { 0.0 } else { -12.0 });
        let series = Series {
            step_s: 0.1,
            peak_dbtp: (0..100).map(level).collect(),
            momentary_lufs: (0..100).map(|step| level(step).map(|db| db - 10.0)).collect(),
            ..Series::default()
        };
        let version = |begin_s| Version {
            name: "mix".to_owned(),
            lufs: None,
            series: &series,
            begin_s,
            sound: Vec::new(),
        };
        let all = Shape::of(&version(0.0), 10.0);
        assert_eq!((all.peaks.len(), all.peaks[0]), (100, 1.0));
        assert!((all.peaks[50] - 0.251).abs() < 1e-3 && all.loudness[50] < all.peaks[50]);
        let cut = Shape::of(&version(2.0), 8.0);
        assert!(cut.peaks.len() == 80 && cut.peaks.iter().all(|&peak| peak < 0.3));
        let timeline = Timeline { versions: vec![version(2.0)], places: whole(8.0) };
        let mark = |at_s, length_s| Mark { at_s, length_s, name: "a < b".to_owned() };
        let svg = wave(&timeline, 0, 0, &["after"], &[mark(2.0, 4.0), mark(7.0, 0.0)]);
        let stretch =
            r#"<rect class="lost" x="250.0" y="0" width="500.0" height="100"><title>a &lt; b"#;
        assert!(svg.contains(stretch) && svg.contains(r#"<path class="mark" d="M875.0 0V100">"#));
        assert!((duration_s(&timeline) - 8.0).abs() < 1e-9 && !svg.contains("NaN"), "{svg}");
    }
}
