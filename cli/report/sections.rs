//! The parts of the page that are words and numbers.

use acetate_analyzer::{Analysis, Finding};
use acetate_optimizer::{Move, SettingsDocument, Verdict};
use acetate_references::target::{Delivered, consequences};

use super::html::escape;
use crate::numbers::{clock, duration, number, rate, signed};

/// The verdict in one look.
pub(super) fn strip(
    before: &Analysis,
    after: Option<&Analysis>,
    verdict: Option<&Verdict>,
) -> String {
    let shown = after.unwrap_or(before);
    let state = |name: &str| match verdict.and_then(|verdict| verdict.check(name)) {
        Some(check) if check.met => "<span class=\"ok\">met</span>".to_owned(),
        Some(check) => {
            format!("<span class=\"no\">missed, aim {}</span>", number(Some(check.aim), 1))
        }
        None => String::new(),
    };
    let was = |value: Option<f64>, decimals| match after {
        Some(_) => format!("<span>was {}</span>", number(value, decimals)),
        None => String::new(),
    };
    let (loudness, old) = (&shown.loudness, &before.loudness);
    let cells = [
        (
            number(loudness.integrated_lufs, 1),
            "LUFS",
            state("loudness"),
            was(old.integrated_lufs, 1),
        ),
        (
            number(loudness.true_peak_dbtp, 1),
            "dBTP",
            state("true_peak"),
            was(old.true_peak_dbtp, 1),
        ),
        (
            number(loudness.loudness_range_lu, 1),
            "LU range",
            String::new(),
            was(old.loudness_range_lu, 1),
        ),
        (number(loudness.plr_db, 1), "dB peak to loudness", String::new(), was(old.plr_db, 1)),
        (number(shown.stereo.width, 2), "width", String::new(), was(before.stereo.width, 2)),
    ];
    let cells: String = cells
        .iter()
        .map(|(value, unit, state, was)| {
            format!("<div><b>{value}</b><span>{unit}</span>{was}{state}</div>")
        })
        .collect();
    format!("<div class=\"strip\">{cells}</div>\n")
}

/// What was done, as cards.
pub(super) fn moves(document: &SettingsDocument) -> String {
    if document.moves.is_empty() {
        return "<section><h2>What was done</h2><p>Nothing: the mix is where it should be.</p></section>\n".to_owned();
    }
    let cards: String = document.moves.iter().map(card).collect();
    format!("<section><h2>What was done</h2><ul class=\"cards\">{cards}</ul></section>\n")
}

fn card(step: &Move) -> String {
    let show = |value| if step.unit == "dB" { signed(value, 1) } else { number(Some(value), 1) };
    format!(
        "<li><h3>{}</h3><p>{}</p><p class=\"num\">{} measured, {} aimed for, {} expected ({})</p></li>",
        escape(&step.what),
        escape(&step.text),
        show(step.measured),
        show(step.aim),
        show(step.expected),
        escape(&step.unit)
    )
}

/// What is better done elsewhere.
pub(super) fn advice(findings: &[Finding], moves: &[Move]) -> String {
    let mut items: Vec<String> = findings
        .iter()
        .map(|finding| {
            let places: Vec<String> =
                finding.at_s.iter().take(6).map(|&at_s| clock(at_s)).collect();
            let at = if places.is_empty() {
                String::new()
            } else {
                format!(" At {}.", places.join(", "))
            };
            format!(
                "<li><h3>{}</h3><p>{}{at}</p><p>{}</p></li>",
                escape(&finding.code),
                escape(&finding.text),
                escape(&finding.advice)
            )
        })
        .collect();
    let in_the_mix = moves.iter().filter_map(|step| step.in_the_mix.as_ref());
    items.extend(
        in_the_mix.map(|text| format!("<li><h3>In the mix</h3><p>{}</p></li>", escape(text))),
    );
    if items.is_empty() {
        return String::new();
    }
    format!(
        "<section><h2>Better in the mix</h2><ul class=\"cards\">{}</ul></section>\n",
        items.concat()
    )
}

/// What the platforms' players will do to it.
pub(super) fn platforms(shown: &Analysis) -> String {
    let loudness = &shown.loudness;
    let (Some(integrated_lufs), Some(true_peak_dbtp)) =
        (loudness.integrated_lufs, loudness.true_peak_dbtp)
    else {
        return String::new();
    };
    let delivered = Delivered { integrated_lufs, true_peak_dbtp, album_lufs: None };
    let rows: String = consequences(delivered)
        .iter()
        .map(|player| {
            format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>",
                escape(&player.platform), escape(&player.mode), signed(player.gain_db, 1),
                number(Some(player.played_lufs), 1), escape(&player.text)
            )
        })
        .collect();
    format!(
        "<section><h2>On the platforms</h2><div class=\"wide\"><table><thead><tr><th>platform</th><th>setting</th><th class=\"n\">gain dB</th><th class=\"n\">heard at LUFS</th><th>what happens</th></tr></thead><tbody>{rows}</tbody></table></div></section>\n"
    )
}

/// Every number, before and after.
pub(super) fn numbers(
    before: &Analysis,
    predicted: Option<&Analysis>,
    after: Option<&Analysis>,
) -> String {
    type Measure = (&'static str, fn(&Analysis) -> Option<f64>, usize);
    const MEASURES: [Measure; 14] = [
        ("integrated loudness, LUFS", |a| a.loudness.integrated_lufs, 2),
        ("loudness range, LU", |a| a.loudness.loudness_range_lu, 1),
        ("loudest 3 s, LUFS", |a| a.loudness.short_term_max_lufs, 1),
        ("loudest 0.4 s, LUFS", |a| a.loudness.momentary_max_lufs, 1),
        ("true peak, dBTP", |a| a.loudness.true_peak_dbtp, 2),
        ("sample peak, dBFS", |a| a.loudness.sample_peak_dbfs, 2),
        ("peak to loudness, dB", |a| a.loudness.plr_db, 1),
        ("crest factor, dB", |a| a.dynamics.crest_factor_db, 1),
        ("attacks, dB", |a| a.dynamics.attack_crest_db, 1),
        ("tilt, dB per octave", |a| a.spectrum.tilt_db_per_octave, 1),
        ("correlation", |a| a.stereo.correlation, 2),
        ("width", |a| a.stereo.width, 2),
        ("balance, dB", |a| a.stereo.balance_db, 1),
        ("mono loss, LU", |a| a.stereo.mono_loss_lu, 1),
    ];
    let columns: Vec<(&str, &Analysis)> =
        [("before", Some(before)), ("predicted", predicted), ("after", after)]
            .into_iter()
            .filter_map(|(name, analysis)| analysis.map(|analysis| (name, analysis)))
            .collect();
    let heads: String =
        columns.iter().map(|(name, _)| format!("<th class=\"n\">{name}</th>")).collect();
    let rows: String = MEASURES
        .iter()
        .map(|(name, of, decimals)| {
            let cells: String = columns
                .iter()
                .map(|(_, analysis)| {
                    format!("<td class=\"n\">{}</td>", number(of(analysis), *decimals))
                })
                .collect();
            format!("<tr><th scope=\"row\">{name}</th>{cells}</tr>")
        })
        .collect();
    format!(
        "<section><h2>Numbers</h2><div class=\"wide\"><table id=\"numbers\"><thead><tr><th>measure</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div></section>\n"
    )
}

/// Where it comes from.
pub(super) fn provenance(before: &Analysis, document: Option<&SettingsDocument>) -> String {
    let format = &before.format;
    let mut lines = vec![format!(
        "{}, {}, {}, {} channels",
        escape(before.file.as_deref().unwrap_or("sound")),
        duration(format.duration_s),
        rate(format.sample_rate_hz),
        format.channels
    )];
    if let Some(source) = document.and_then(|document| document.source.as_ref()) {
        lines.extend(
            source.pcm_md5.as_ref().map(|md5| format!("fingerprint of the source {}", escape(md5))),
        );
    }
    if let Some(made) = document.and_then(|document| document.made_by.as_ref()) {
        lines.extend(
            made.command.as_ref().map(|command| format!("<code>{}</code>", escape(command))),
        );
        lines.push(format!(
            "{} {}, sound {}, seed {}",
            escape(&made.tool),
            escape(&made.version),
            escape(&made.sound),
            made.seed
        ));
    } else {
        lines.push(format!("acetate {}", env!("CARGO_PKG_VERSION")));
    }
    format!("<footer>{}</footer>\n", lines.join("<br>"))
}
