//! The tables: platforms, codecs, all numbers, provenance.

use acetate_analyzer::Analysis;
use acetate_optimizer::SettingsDocument;
use acetate_references::target::{Delivered, PlatformConsequence, consequences};

use crate::html::{escape, number, signed, words};
use acetate_audio::numbers::{duration, rate};
use acetate_references::target::check::CodecPeak;

/// What the platforms' players will do to it.
pub(crate) fn platforms(shown: &Analysis) -> String {
    let loudness = &shown.loudness;
    let (Some(integrated_lufs), Some(true_peak_dbtp)) =
        (loudness.integrated_lufs, loudness.true_peak_dbtp)
    else {
        return String::new();
    };
    let delivered = Delivered { integrated_lufs, true_peak_dbtp, album_lufs: None };
    let rows: String = consequences(delivered).iter().map(platform).collect();
    format!(
        "<section><h2>On the platforms</h2><table id=\"platforms\"><thead><tr><th scope=\"col\">player</th><th scope=\"col\" class=\"n\">gain, dB</th><th scope=\"col\" class=\"n\">heard at, LUFS</th></tr></thead><tbody>{rows}</tbody></table></section>\n"
    )
}

fn platform(player: &PlatformConsequence) -> String {
    format!(
        "<tr><th scope=\"row\"><span class=\"pair\"><span>{} <span class=\"soft\">{}</span></span><span class=\"what\">{}</span></span></th><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
        escape(&player.platform),
        escape(&player.mode),
        words(&player.text),
        signed(player.gain_db, 1),
        number(Some(player.played_lufs), 1)
    )
}

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
            "<table id=\"codecs\"><thead><tr><th scope=\"col\">codec</th><th scope=\"col\" class=\"n\">true peak, dBTP</th><th scope=\"col\">after decoding</th></tr></thead><tbody>{rows}</tbody></table>"
        )
    };
    format!("<section><h2>After lossy codecs</h2>{body}</section>\n")
}

/// A measure: its name, unit, where it is found, and its decimals.
type Measure = (&'static str, &'static str, fn(&Analysis) -> Option<f64>, usize);

const MEASURES: [Measure; 14] = [
    ("Integrated loudness", "LUFS", |a| a.loudness.integrated_lufs, 2),
    ("Loudness range", "LU", |a| a.loudness.loudness_range_lu, 1),
    ("Loudest 3 s", "LUFS", |a| a.loudness.short_term_max_lufs, 1),
    ("Loudest 0.4 s", "LUFS", |a| a.loudness.momentary_max_lufs, 1),
    ("True peak", "dBTP", |a| a.loudness.true_peak_dbtp, 2),
    ("Sample peak", "dBFS", |a| a.loudness.sample_peak_dbfs, 2),
    ("Peak to loudness", "dB", |a| a.loudness.plr_db, 1),
    ("Crest factor", "dB", |a| a.dynamics.crest_factor_db, 1),
    ("Attacks", "dB", |a| a.dynamics.attack_crest_db, 1),
    ("Tilt", "dB/octave", |a| a.spectrum.tilt_db_per_octave, 1),
    ("Correlation", "", |a| a.stereo.correlation, 2),
    ("Width", "", |a| a.stereo.width, 2),
    ("Balance", "dB", |a| a.stereo.balance_db, 1),
    ("Mono loss", "LU", |a| a.stereo.mono_loss_lu, 1),
];

/// Every number, before, as predicted, and after.
pub(crate) fn numbers(
    before: &Analysis,
    predicted: Option<&Analysis>,
    after: Option<&Analysis>,
) -> String {
    let first = if after.is_some() || predicted.is_some() { "mix" } else { "file" };
    let columns: Vec<(&str, &str, &Analysis)> =
        [(first, "", Some(before)), ("predicted", " opt", predicted), ("master", "", after)]
            .into_iter()
            .filter_map(|(name, class, analysis)| Some((name, class, analysis?)))
            .collect();
    let heads: String = columns
        .iter()
        .map(|(name, class, _)| format!("<th scope=\"col\" class=\"n{class}\">{name}</th>"))
        .collect();
    let rows: String = MEASURES
        .iter()
        .map(|(name, unit, of, decimals)| {
            let cells: String = columns
                .iter()
                .map(|(_, class, analysis)| {
                    format!("<td class=\"n{class}\">{}</td>", number(of(analysis), *decimals))
                })
                .collect();
            format!(
                "<tr><th scope=\"row\">{name} <span class=\"unit\">{unit}</span></th>{cells}</tr>"
            )
        })
        .collect();
    format!(
        "<section><h2>Numbers</h2><table id=\"numbers\"><thead><tr><th scope=\"col\">measure</th>{heads}</tr></thead><tbody>{rows}</tbody></table></section>\n"
    )
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
