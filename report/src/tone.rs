//! Tone: spectrum, distance from the aim, what the equaliser does.

use acetate_analyzer::Analysis;
use acetate_engine::Settings;
use acetate_engine::settings::{BandChannel, EqualizerBand};
use acetate_optimizer::tone_error_db;
use acetate_references::Aim;

use crate::axis::Axis;
use crate::chart::Chart;
use crate::figure::{Key, figure, first_line, side_by_side};
use crate::html::{number, signed};

/// Range of the spectrum shown below its highest value: at most, and at least.
const SPECTRUM_RANGE_DB: [f64; 2] = [60.0, 24.0];
/// What lies outside may be as low as it is: subsonic, or cut off by a lossy codec. It sets no scale.
const SCALE_HZ: std::ops::RangeInclusive<f64> = 40.0..=12_500.0;
/// A tolerance wider than this is drawn no wider.
const TOLERANCE_SHOWN_DB: f64 = 12.0;
/// Largest distance from the aim that is drawn at its place.
const DISTANCE_SHOWN_DB: f64 = 20.0;
/// Points of a response curve.
const CURVE_POINTS: i32 = 160;

/// Levels in third octaves; `None` where nothing was measured.
type Curve = Vec<Option<f64>>;

/// The section on tone.
pub(crate) fn tone(
    before: &Analysis,
    after: Option<&Analysis>,
    aim: Option<&Aim>,
    settings: Option<&Settings>,
) -> String {
    let curves = Curves::of(before, after, aim);
    let mut body = spectrum(&curves);
    let mut pair = distance(&curves);
    if let Some(settings) = settings {
        pair.push_str(&equalizer(settings, before.format.sample_rate_hz));
    }
    let both = pair.matches("<figure>").count() == 2;
    body.push_str(&if both { side_by_side("two", "Distance and equaliser", &pair) } else { pair });
    body.push_str(&values(&curves));
    format!("<section><h2>Tone</h2>\n{body}</section>\n")
}

/// The curves of the section, all at the loudness of what is shown.
struct Curves {
    centres_hz: Vec<f64>,
    before: Curve,
    after: Option<Curve>,
    /// Wanted level and its tolerance.
    aim: Option<Vec<Option<(f64, f64)>>>,
    /// Distance from the aim before and after.
    excess: Option<(Curve, Option<Curve>)>,
    /// Distance of the whole from the aim before and after, dB rms.
    error_db: (Option<f64>, Option<f64>),
    tilt: (Option<f64>, Option<f64>),
}

impl Curves {
    fn of(before: &Analysis, after: Option<&Analysis>, aim: Option<&Aim>) -> Self {
        let lufs = |analysis: &Analysis| analysis.loudness.integrated_lufs;
        // At equal loudness only the tone differs.
        let shift_db = after.and_then(|after| Some(lufs(after)? - lufs(before)?)).unwrap_or(0.0);
        let first: Curve =
            before.spectrum.level_db.iter().map(|level| level.map(|db| db + shift_db)).collect();
        let second = after.map(|after| after.spectrum.level_db.clone());
        let aim = aim.filter(|aim| aim.tone.iter().any(|band| band.weight > 0.0));
        let shown = second.as_ref().unwrap_or(&first);
        Self {
            centres_hz: before.spectrum.third_octave_hz.clone(),
            aim: aim.map(|aim| aim_curve(aim, shown)),
            excess: aim.map(|aim| {
                (
                    aim.tone_excess_db(&first),
                    second.as_ref().map(|levels| aim.tone_excess_db(levels)),
                )
            }),
            error_db: (
                aim.and_then(|aim| tone_error_db(aim, before)),
                aim.zip(after).and_then(|(aim, after)| tone_error_db(aim, after)),
            ),
            before: first,
            after: second,
            tilt: (
                before.spectrum.tilt_db_per_octave,
                after.and_then(|after| after.spectrum.tilt_db_per_octave),
            ),
        }
    }

    /// Where the scale of the spectrum ends below.
    fn lowest_db(&self, highest_db: f64) -> f64 {
        let aim: Curve = self.aim.iter().flatten().map(|band| band.map(|(db, _)| db)).collect();
        let curves = [Some(&self.before), self.after.as_ref(), Some(&aim)];
        let levels = curves.into_iter().flatten().flat_map(|curve| self.points(curve));
        let scale = levels.filter(|(hz, _)| SCALE_HZ.contains(hz)).filter_map(|(_, db)| db);
        let [most, least] = SPECTRUM_RANGE_DB;
        scale.fold(highest_db - least, f64::min).max(highest_db - most)
    }

    /// Each level at its frequency.
    fn points<'a>(
        &'a self,
        levels: &'a [Option<f64>],
    ) -> impl Iterator<Item = (f64, Option<f64>)> + 'a {
        self.centres_hz.iter().copied().zip(levels.iter().copied())
    }
}

/// The aim at the level of what it is compared with, and its tolerance; nothing where it has no opinion.
fn aim_curve(aim: &Aim, levels: &[Option<f64>]) -> Vec<Option<(f64, f64)>> {
    let excess = aim.tone_excess_db(levels);
    aim.tone
        .iter()
        .zip(excess.iter().zip(levels))
        .map(|(wanted, (excess, level))| match (excess, level) {
            (Some(excess), Some(level)) if wanted.weight > 0.0 => {
                Some((level - excess, wanted.tolerance_db.min(TOLERANCE_SHOWN_DB)))
            }
            _ => None,
        })
        .collect()
}

/// Third-octave spectrum before and after, with the aim and its tolerance.
fn spectrum(curves: &Curves) -> String {
    let all = curves.before.iter().chain(curves.after.iter().flatten()).flatten().copied();
    let highest = all.fold(f64::NEG_INFINITY, f64::max);
    if !highest.is_finite() {
        return "<p>There is no sound to measure.</p>\n".to_owned();
    }
    let y = Axis::linear(curves.lowest_db(highest), highest);
    let lowest = y.low();
    let mut chart = Chart::new(Axis::frequency(), y, 260.0);
    let visible = |curve: &[Option<f64>]| -> Curve {
        curve.iter().map(|level| level.filter(|&db| db > lowest)).collect()
    };
    let mut keys: Vec<Key> = Vec::new();
    if let Some(aim) = &curves.aim {
        let band: Vec<(f64, f64, f64)> = aim
            .iter()
            .zip(&curves.centres_hz)
            .filter_map(|(aim, &hz)| {
                aim.map(|(db, tolerance)| (hz, db - tolerance, db + tolerance))
            })
            .collect();
        chart.area("", &band);
        let line: Curve = aim.iter().map(|aim| aim.map(|(db, _)| db)).collect();
        chart.line("aim", curves.points(&visible(&line)));
        keys.push(("aim", "aim and tolerance".into()));
    }
    chart.line(first_line(curves.after.is_some()).0, curves.points(&visible(&curves.before)));
    keys.push(first_line(curves.after.is_some()));
    if let Some(levels) = &curves.after {
        chart.line("after", curves.points(&visible(levels)));
        keys.push(("after", "master".into()));
    }
    let (first, second) = curves.tilt;
    let tilt = match (first, second) {
        (Some(first), Some(second)) => {
            format!(
                "Tilt {} dB per octave before, {} after.",
                number(Some(first), 1),
                number(Some(second), 1)
            )
        }
        (Some(first), None) => format!("Tilt {} dB per octave.", number(Some(first), 1)),
        _ => String::new(),
    };
    let equal = if curves.after.is_some() { "All at the loudness of the master. " } else { "" };
    let text = format!("{equal}{tilt}");
    figure(
        "Spectrum",
        "dB in third octaves",
        &keys,
        &chart.finish("spectrum", "Spectrum in third octaves", &text),
        &text,
    )
}

/// How far each third octave is from the aim, before and after.
fn distance(curves: &Curves) -> String {
    let (Some((before, after)), Some(aim)) = (&curves.excess, &curves.aim) else {
        return String::new();
    };
    let clamp = |db: f64| db.clamp(-DISTANCE_SHOWN_DB, DISTANCE_SHOWN_DB);
    let shown = |curve: &[Option<f64>]| -> Curve { curve.iter().map(|db| db.map(clamp)).collect() };
    let (first, second) = (shown(before), after.as_deref().map(shown));
    let values = first.iter().chain(second.iter().flatten()).flatten().copied();
    let span = values.fold(6.0, |most: f64, db| most.max(db.abs()));
    let mut chart = Chart::new(Axis::frequency(), Axis::linear(-span, span), 300.0);
    let band: Vec<(f64, f64, f64)> = aim
        .iter()
        .zip(&curves.centres_hz)
        .filter_map(|(aim, &hz)| aim.map(|(_, tolerance)| (hz, -tolerance, tolerance)))
        .collect();
    chart.area("", &band);
    chart.line(first_line(curves.after.is_some()).0, curves.points(&first));
    let mut keys: Vec<Key> = vec![first_line(second.is_some())];
    if let Some(levels) = &second {
        chart.line("after", curves.points(levels));
        keys.push(("after", "master".into()));
    }
    chart.rule(0.0, "aim");
    let text = match curves.error_db {
        (Some(before), Some(after)) => format!(
            "Root mean square, weighted: {} dB before, {} dB after.",
            number(Some(before), 1),
            number(Some(after), 1)
        ),
        (before, _) => format!("Root mean square, weighted: {} dB.", number(before, 1)),
    };
    figure(
        "Distance from the aim",
        "dB",
        &keys,
        &chart.finish("distance", "Distance from the aim in third octaves", &text),
        &text,
    )
}

/// What the equaliser does, with each band at its place.
fn equalizer(settings: &Settings, rate_hz: u32) -> String {
    if settings.equalizer.is_neutral() {
        return String::new();
    }
    let rate = f64::from(rate_hz);
    let frequencies: Vec<f64> = (0..=CURVE_POINTS)
        .map(|index| 20.0 * libm::pow(1000.0, f64::from(index) / f64::from(CURVE_POINTS)))
        .filter(|&hz| hz < rate * 0.49)
        .collect();
    let bands: Vec<&EqualizerBand> =
        settings.equalizer.bands.iter().filter(|band| !band.is_neutral()).collect();
    let has_side = bands.iter().any(|band| band.channel == BandChannel::Side);
    let response = |channel, hz| settings.equalizer.response_db(channel, hz, rate);
    let curve = |channel| -> Vec<(f64, Option<f64>)> {
        frequencies.iter().map(|&hz| (hz, Some(response(channel, hz)))).collect()
    };
    let (mid, side) = (curve(BandChannel::Mid), curve(BandChannel::Side));
    let gains = || mid.iter().chain(&side).filter_map(|point| point.1);
    let span = gains().fold(3.0, |most: f64, db| most.max(db.abs())) + 0.5;
    let mut chart = Chart::new(Axis::frequency(), Axis::linear(-span, span), 300.0);
    chart.rule(0.0, "");
    for band in &bands {
        let alone = frequencies.iter().map(|&hz| (hz, Some(band.response_db(hz, rate))));
        chart.line("faint", alone);
    }
    let mut keys: Vec<Key> =
        vec![("after", if has_side { "mid".into() } else { "all bands".into() })];
    if has_side {
        chart.line("side", side.iter().copied());
        keys.push(("side", "side".into()));
    }
    chart.line("after", mid.iter().copied());
    keys.push(("faint", "one band".into()));
    for band in &bands {
        let on_side = band.channel == BandChannel::Side;
        let channel = if on_side { BandChannel::Side } else { BandChannel::Mid };
        let class = if on_side { "side" } else { "after" };
        chart.dot(class, band.freq_hz, response(channel, band.freq_hz), &band.id);
    }
    let most = gains().fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
    let text = format!("The largest change is {} dB.", signed(most, 1));
    figure(
        "Equaliser",
        "dB",
        &keys,
        &chart.finish("equalizer", "What the equaliser does", &text),
        &text,
    )
}

/// The curves as a table, for those who want the values or cannot see the chart.
fn values(curves: &Curves) -> String {
    let mut columns: Vec<(&str, Curve)> =
        vec![(if curves.after.is_some() { "mix" } else { "file" }, curves.before.clone())];
    columns.extend(curves.after.clone().map(|after| ("master", after)));
    if let Some(aim) = &curves.aim {
        columns.push(("aim", aim.iter().map(|aim| aim.map(|(db, _)| db)).collect()));
        columns.push(("tolerance", aim.iter().map(|aim| aim.map(|(_, db)| db)).collect()));
    }
    let heads: String = columns
        .iter()
        .map(|(name, _)| format!("<th scope=\"col\" class=\"n\">{name}</th>"))
        .collect();
    let rows: String = curves
        .centres_hz
        .iter()
        .enumerate()
        .map(|(index, &hz)| {
            let cells: String = columns
                .iter()
                .map(|(_, curve)| {
                    format!(
                        "<td class=\"n\">{}</td>",
                        number(curve.get(index).copied().flatten(), 1)
                    )
                })
                .collect();
            format!(
                "<tr><th scope=\"row\">{}</th>{cells}</tr>",
                acetate_audio::numbers::frequency(hz)
            )
        })
        .collect();
    format!(
        "<details><summary>Third octaves as a table (dB)</summary><div class=\"table\"><table id=\"thirds\"><thead><tr><th scope=\"col\">centre</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div></details>\n"
    )
}
