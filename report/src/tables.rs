//! The tables: codecs, all numbers, provenance.

use acetate_analyzer::{Analysis, tilt};
use acetate_optimizer::SettingsDocument;
use acetate_references::Aim;
use acetate_references::aim::{UsualRange, Wanted};

use crate::figure::folding;
use crate::html::{escape, number};
use acetate_audio::numbers::{duration, rate};
use acetate_references::target::check::CodecPeak;

/// What lossy codecs do to the peaks, if that was asked for.
pub(crate) fn codecs(peaks: &[CodecPeak], ceiling_dbtp: Option<f64>) -> String {
    let rows: String = peaks
        .iter()
        .map(|peak| {
            let text = match (&peak.not_checked, peak.true_peak_dbtp) {
                (Some(why), _) => format!("not checked: {}", escape(why)),
                (None, peak_dbtp) => {
                    let limit = ceiling_dbtp.unwrap_or(0.0);
                    let (class, word) = match peak_dbtp.is_some_and(|peak_dbtp| peak_dbtp > limit) {
                        true => ("no", "\u{2717} over"),
                        false => ("ok", "\u{2713} under"),
                    };
                    format!("<span class=\"{class}\">{word} {} dBTP</span>", number(Some(limit), 1))
                }
            };
            let value = number(peak.true_peak_dbtp, 2);
            format!(
                "<tr><th scope=\"row\">{}</th><td class=\"n\">{value}</td><td>{text}</td></tr>",
                escape(&peak.codec)
            )
        })
        .collect();
    let body = if rows.is_empty() {
        "<p>Not checked. <code>acetate report --codec aac256,opus128</code> encodes, decodes and measures.</p>".to_owned()
    } else {
        format!(
            "<div class=\"table\"><table id=\"codecs\"><thead><tr><th scope=\"col\">codec</th><th scope=\"col\" class=\"n\">true peak, dBTP</th><th scope=\"col\">after decoding</th></tr></thead><tbody>{rows}</tbody></table></div>"
        )
    };
    format!("<section><h2>After lossy codecs</h2>{body}</section>\n")
}

/// What the columns of the numbers are made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers<'a> {
    pub(crate) before: &'a Analysis,
    pub(crate) predicted: Option<&'a Analysis>,
    pub(crate) after: Option<&'a Analysis>,
    pub(crate) aim: Option<&'a Aim>,
    /// Loudness that was aimed for in the end.
    pub(crate) aim_lufs: Option<f64>,
    pub(crate) record: Option<&'a Analysis>,
}

/// One row: a measure, where it is found, and what is aimed for.
struct Measure {
    name: &'static str,
    unit: &'static str,
    decimals: usize,
    of: fn(&Analysis) -> Option<f64>,
    aim: fn(&Aim) -> Option<UsualRange>,
}

const fn measure(
    name: &'static str,
    unit: &'static str,
    decimals: usize,
    of: fn(&Analysis) -> Option<f64>,
) -> Measure {
    Measure { name, unit, decimals, of, aim: |_| None }
}

impl Measure {
    const fn aiming(self, aim: fn(&Aim) -> Option<UsualRange>) -> Self {
        Self { aim, ..self }
    }
}

const MEASURES: [Measure; 14] = [
    measure("Integrated loudness", "LUFS", 2, |a| a.loudness.integrated_lufs)
        .aiming(|aim| aim.loudness_lufs.map(exactly)),
    measure("Loudness range", "LU", 1, |a| a.loudness.loudness_range_lu)
        .aiming(|aim| aim.loudness_range_lu.map(not_negative)),
    measure("Loudest 3 s", "LUFS", 1, |a| a.loudness.short_term_max_lufs),
    measure("Loudest 0.4 s", "LUFS", 1, |a| a.loudness.momentary_max_lufs),
    measure("True peak", "dBTP", 2, |a| a.loudness.true_peak_dbtp).aiming(|aim| {
        let high = aim.ceiling_dbtp;
        Some(UsualRange { low: f64::NEG_INFINITY, usual: high, high })
    }),
    measure("Sample peak", "dBFS", 2, |a| a.loudness.sample_peak_dbfs),
    measure("Peak to loudness", "dB", 1, |a| a.loudness.plr_db)
        .aiming(|aim| aim.plr_db.map(not_negative)),
    measure("Crest factor", "dB", 1, |a| a.dynamics.crest_factor_db),
    measure("Attacks", "dB", 1, |a| a.dynamics.attack_crest_db),
    measure("Tilt", "dB/octave", 1, |a| a.spectrum.tilt_db_per_octave).aiming(|aim| {
        let wanted = |band: &Wanted| (band.weight > 0.0).then_some(band.db);
        tilt(&aim.tone.iter().map(wanted).collect::<Vec<_>>()).map(exactly)
    }),
    measure("Correlation", "", 2, |a| a.stereo.correlation),
    measure("Width", "", 2, |a| a.stereo.width),
    measure("Balance", "dB", 1, |a| a.stereo.balance_db),
    measure("Mono loss", "LU", 1, |a| a.stereo.mono_loss_lu),
];

fn exactly(value: f64) -> UsualRange {
    UsualRange { low: value, usual: value, high: value }
}

/// A window of what is never below nothing.
fn not_negative(range: UsualRange) -> UsualRange {
    UsualRange { low: range.low.max(0.0), ..range }
}

/// An aim in a cell: a number, a window, or a limit.
fn wanted(range: Option<UsualRange>, decimals: usize) -> String {
    let Some(UsualRange { low, usual, high }) = range else { return number(None, decimals) };
    let text = |value| number(Some(value), decimals);
    match (low.is_finite(), high - low < 0.1) {
        (false, _) => format!("\u{2264} {}", text(high)),
        (true, true) => text(usual),
        (true, false) => format!("{} to {}", text(low), text(high)),
    }
}

/// Every number: before, as predicted, after, what was aimed for, and the record's own.
pub(crate) fn numbers(numbers: &Numbers<'_>) -> String {
    let Numbers { before, predicted, after, .. } = *numbers;
    let aim = numbers.aim.cloned().map(|mut aim| {
        aim.loudness_lufs = numbers.aim_lufs.or(aim.loudness_lufs);
        aim
    });
    let first = if after.is_some() || predicted.is_some() { "mix" } else { "file" };
    let columns: Vec<(&str, &str, &Analysis)> =
        [(first, "", Some(before)), ("predicted", " opt", predicted), ("master", "", after)]
            .into_iter()
            .filter_map(|(name, class, analysis)| Some((name, class, analysis?)))
            .collect();
    let head =
        |name: &str, class: &str| format!("<th scope=\"col\" class=\"n{class}\">{name}</th>");
    let cell = |text: &str, class: &str| format!("<td class=\"n{class}\">{text}</td>");
    let mut heads: String = columns.iter().map(|(name, class, _)| head(name, class)).collect();
    heads.extend(aim.iter().map(|_| head("aim", "")));
    heads.extend(numbers.record.iter().map(|_| head("record", "")));
    let rows: String = MEASURES
        .iter()
        .map(|measure| {
            let value = |analysis| number((measure.of)(analysis), measure.decimals);
            let mut cells: String =
                columns.iter().map(|(_, class, analysis)| cell(&value(analysis), class)).collect();
            cells.extend(aim.iter().map(|aim| cell(&wanted((measure.aim)(aim), 1), " soft")));
            cells.extend(numbers.record.iter().map(|record| cell(&value(record), "")));
            format!(
                "<tr><th scope=\"row\">{} <span class=\"unit\">{}</span></th>{cells}</tr>",
                measure.name, measure.unit
            )
        })
        .collect();
    let table = format!(
        "<div class=\"table\"><table id=\"numbers\"><thead><tr><th scope=\"col\">measure</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    );
    format!("<section>{}</section>\n", folding("Numbers", &table))
}

/// Where it comes from.
pub(crate) fn provenance(before: &Analysis, document: Option<&SettingsDocument>) -> String {
    let format = &before.format;
    let mut lines = vec![(
        "Source",
        format!(
            "{}, {}, {}, {}",
            escape(before.file.as_deref().unwrap_or("sound")),
            duration(format.duration_s),
            rate(format.sample_rate_hz),
            format.channels_text()
        ),
    )];
    if let Some(source) = document.and_then(|document| document.source.as_ref()) {
        lines.extend(
            source
                .pcm_md5
                .as_ref()
                .map(|md5| ("MD5 of its samples", format!("<code>{}</code>", escape(md5)))),
        );
    }
    if let Some(target) = document.and_then(|document| document.aim.target.as_ref())
        && let Some(origin) = &target.source
    {
        let checked = target
            .checked
            .as_ref()
            .map_or_else(String::new, |day| format!(", looked up {}", escape(day)));
        lines.push(("Target", format!("{}: {}{checked}", escape(&target.id), escape(origin))));
    }
    match document.and_then(|document| document.made_by.as_ref()) {
        Some(made) => {
            lines.extend(
                made.command
                    .as_ref()
                    .map(|command| ("Command", format!("<code>{}</code>", escape(command)))),
            );
            let tool =
                format!("{} {}, sound {}, seed {}", made.tool, made.version, made.sound, made.seed);
            lines.push(("Made by", escape(&tool)));
        }
        None => lines.push(("Made by", format!("acetate {}", env!("CARGO_PKG_VERSION")))),
    }
    let lines: String = lines
        .iter()
        .map(|(name, text)| format!("<div><dt>{name}</dt><dd>{text}</dd></div>"))
        .collect();
    format!("<footer><dl>{lines}</dl><p>This page loads nothing and sends nothing.</p></footer>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aim_is_a_number_a_window_or_a_limit() {
        assert_eq!(wanted(Some(exactly(-14.0)), 1), "\u{2212}14.0");
        assert_eq!(wanted(Some(UsualRange { low: 7.0, usual: 8.0, high: 9.0 }), 1), "7.0 to 9.0");
        let ceiling = UsualRange { low: f64::NEG_INFINITY, usual: -1.0, high: -1.0 };
        assert_eq!(wanted(Some(ceiling), 1), "\u{2264} \u{2212}1.0");
        assert_eq!(wanted(None, 1), "\u{2013}");
    }
}
