//! The page as a whole.

use acetate_analyzer::{Analysis, Measured};
use acetate_engine::LimiterTrace;
use acetate_optimizer::{SettingsDocument, Verdict, damage_db, tone_error_db};
use acetate_references::Aim;
use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use crate::elsewhere::{Elsewhere, elsewhere};
use crate::html::{escape, number};
use crate::level::{Levels, level};
use crate::listening::Listening;
use crate::player::player;
use crate::stems::{StemsShown, stems};
use crate::tables::Numbers;
use crate::verdict::{Head, head};
use crate::{image, moves, playback, tables, tone};
use acetate_references::target::check::CodecPeak;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("player.js");

/// Noise-to-mask below this is no noise, dB.
const DAMAGE_SHOWN_DB: f64 = -100.0;

/// What a report is made from. Everything but the source may be missing.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Name of the file.
    pub title: &'a str,
    /// Artist and title, as the tags have them; may be empty.
    pub song: &'a str,
    /// The source.
    pub before: &'a Measured,
    /// The written file.
    pub after: Option<&'a Measured>,
    /// What was done and why.
    pub document: Option<&'a SettingsDocument>,
    /// Whether it is what was asked for.
    pub verdict: Option<&'a Verdict>,
    /// What was aimed for.
    pub aim: Option<&'a Aim>,
    /// The record that was leant to, where there is just one and its file is there.
    pub record: Option<&'a Measured>,
    /// What compressor and limiter did.
    pub trace: Option<&'a LimiterTrace>,
    /// Peaks after codecs, by name.
    pub codecs: &'a [CodecPeak],
    /// Its stems, where it is a sum of them.
    pub stems: Option<StemsShown<'a>>,
    /// What is left of it on other systems, and sentences about that.
    pub elsewhere: &'a [Elsewhere],
    /// The sentences.
    pub elsewhere_said: &'a [String],
    /// What can be heard.
    pub sound: Option<&'a Listening<'a>>,
}

/// The report as HTML.
pub fn page(page: Page<'_>) -> String {
    let before = &page.before.analysis;
    let after = page.after.map(|after| &after.analysis);
    let shown = after.unwrap_or(before);
    let document = page.document;
    let series = page.after.map(|after| &after.series);
    let target = document.and_then(|document| document.aim.target.as_ref());
    let (findings, steps) = document.map_or((&before.findings, &[][..]), |document| {
        (&document.findings, document.moves.as_slice())
    });
    let duration_s = before.format.duration_s;
    let mut body = head(Head {
        title: page.title,
        song: page.song,
        before,
        after,
        document,
        verdict: page.verdict,
        tone_before_db: page.aim.and_then(|aim| tone_error_db(aim, before)),
        damage_db: page
            .trace
            .and_then(|trace| damage_db(trace, duration_s))
            .filter(|&damage_db| damage_db > DAMAGE_SHOWN_DB),
    });
    if let Some(listening) = page.sound {
        body.push_str(&player(listening));
    }
    if let Some(document) = document {
        body.push_str(&moves::moves(document));
    }
    body.push_str(&moves::advice(findings, steps));
    body.push_str(&tone::tone(
        before,
        after,
        page.aim,
        document.map(|document| &document.settings),
    ));
    body.push_str(&level(Levels {
        before: &page.before.series,
        after: series,
        aim_lufs: target.and_then(|target| target.integrated_lufs),
        trace: page.trace,
        compressor: document.map(|document| &document.settings.compressor),
    }));
    if let Some(shown) = &page.stems {
        body.push_str(&stems(shown));
    }
    body.push_str(&image::image(before, after));
    body.push_str(&elsewhere(page.elsewhere, page.elsewhere_said));
    body.push_str(&playback::platforms(shown));
    body.push_str(&tables::codecs(page.codecs, target.map(|target| target.true_peak_dbtp)));
    let predicted = document.and_then(|document| document.numbers.predicted.as_ref());
    body.push_str(&tables::numbers(&Numbers {
        before,
        predicted,
        after,
        aim: page.aim,
        aim_lufs: target.and_then(|target| target.integrated_lufs),
        record: page.record.map(|record| &record.analysis),
    }));
    body.push_str(&tables::provenance(before, document));
    html(page.title, &body, page.sound.is_some())
}

/// A page with the player alone; `measured` has the versions that files are of, and the record last; `systems` has what is left of the
/// last of them on those that it is heard on, with sentences about that.
pub fn listening_page(
    listening: &Listening<'_>,
    measured: &[&Measured],
    (systems, sentences): (&[Elsewhere], &[String]),
) -> String {
    let versions = listening.timelines().flat_map(|timeline| &timeline.versions);
    let names: Vec<&str> = versions.map(|version| version.name.as_str()).collect();
    let there = elsewhere(systems, sentences);
    with_numbers(&names.join(" / "), listening, measured, &[], &there)
}

/// The same under a title of its own, without other systems; `words` (name of a version, what it is) stay folded until one was chosen by
/// ear.
pub fn named_listening_page(
    title: &str,
    listening: &Listening<'_>,
    measured: &[&Measured],
    words: &[(String, String)],
) -> String {
    with_numbers(title, listening, measured, words, "")
}

fn with_numbers(
    title: &str,
    listening: &Listening<'_>,
    measured: &[&Measured],
    words: &[(String, String)],
    there: &str,
) -> String {
    let records = listening.record.iter().flat_map(|record| &record.versions);
    // Versions on other systems come after those that were measured, and have a table of their own.
    let own = measured.len() - records.clone().count().min(measured.len());
    let versions = listening.song.versions.iter().take(own).chain(records);
    let cells = |analysis: &Analysis| -> String {
        let loudness = &analysis.loudness;
        [loudness.integrated_lufs, loudness.true_peak_dbtp, loudness.loudness_range_lu]
            .map(|value| format!("<td class=\"n\">{}</td>", number(value, 1)))
            .concat()
    };
    let rows: String = versions
        .zip(measured)
        .map(|(version, measured)| {
            format!(
                "<tr><th scope=\"row\">{}</th>{}</tr>",
                escape(&version.name),
                cells(&measured.analysis)
            )
        })
        .collect();
    let told: String = words
        .iter()
        .map(|(name, words)| format!("<dt>{}</dt><dd>{}</dd>", escape(name), escape(words)))
        .collect();
    let told = if told.is_empty() {
        told
    } else {
        format!(
            "<section><details id=\"words\"><summary>What is what, once you have chosen</summary><dl>{told}</dl></details></section>\n"
        )
    };
    let body = format!(
        "<header><p class=\"brand\">acetate</p><h1>{}</h1></header>\n{}{told}<section><h2>Numbers</h2><div class=\"table\"><table id=\"numbers\"><thead><tr><th scope=\"col\">version</th><th scope=\"col\" class=\"n\">LUFS</th><th scope=\"col\" class=\"n\">dBTP</th><th scope=\"col\" class=\"n\">range, LU</th></tr></thead><tbody>{rows}</tbody></table></div></section>\n{there}<footer><p>Made by acetate {}. This page loads nothing and sends nothing.</p></footer>\n",
        escape(title),
        player(listening),
        env!("CARGO_PKG_VERSION")
    );
    html(title, &body, true)
}

/// Head and body. Style and script are named by their hashes: nothing else runs, nothing is loaded.
pub(crate) fn html(title: &str, body: &str, with_script: bool) -> String {
    let hash = |text: &str| format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text)));
    let (script, script_rule) = if with_script {
        (format!("<script>{SCRIPT}</script>\n"), format!("; script-src {}", hash(SCRIPT)))
    } else {
        (String::new(), String::new())
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}{script_rule}; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n{script}</body>\n</html>\n",
        hash(STYLE),
        escape(title)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_stays_small() {
        assert!(SCRIPT.len() <= 15 * 1024, "{} bytes", SCRIPT.len());
        assert!(!SCRIPT.contains("</script") && !SCRIPT.contains("http"));
    }

    #[test]
    fn a_hostile_title_is_text_everywhere() {
        let html = html("</title><script>alert(1)</script>", "", false);
        assert!(!html.contains("<script>alert"), "{html}");
    }
}
