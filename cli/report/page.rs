//! The page as a whole.

use acetate_analyzer::{Analysis, Measured};
use acetate_engine::LimiterTrace;
use acetate_optimizer::{SettingsDocument, Verdict};
use acetate_references::Aim;
use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::excerpts::{Excerpts, Sounding};
use super::html::escape;
use super::player::player;
use super::{figures, sections};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("player.js");

/// What a report is made from. Everything but the source may be missing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page<'a> {
    /// Name of the song.
    pub(crate) title: &'a str,
    /// The source.
    pub(crate) before: &'a Measured,
    /// The written file.
    pub(crate) after: Option<&'a Measured>,
    /// What was done and why.
    pub(crate) document: Option<&'a SettingsDocument>,
    /// Whether it is what was asked for.
    pub(crate) verdict: Option<&'a Verdict>,
    /// What was aimed for.
    pub(crate) aim: Option<&'a Aim>,
    /// What the limiter did.
    pub(crate) trace: Option<&'a LimiterTrace>,
    /// What can be heard.
    pub(crate) sound: Option<(&'a [Sounding<'a>], &'a Excerpts)>,
}

/// The report as HTML.
pub(crate) fn page(page: Page<'_>) -> String {
    let before = &page.before.analysis;
    let after = page.after.map(|after| &after.analysis);
    let shown = after.unwrap_or(before);
    let target = page.document.and_then(|document| document.aim.target.as_ref());
    let findings = page.document.map_or(&before.findings, |document| &document.findings);
    let mut body = format!("<h1>{}</h1>\n", escape(page.title));
    if let Some(document) = page.document {
        body.push_str(&format!("<p class=\"soft\">{}</p>\n", escape(&document.summary)));
    }
    body.push_str(&sections::strip(before, after, page.verdict));
    if let Some((versions, excerpts)) = page.sound {
        body.push_str(&player(versions, excerpts));
    }
    if let Some(document) = page.document {
        body.push_str(&sections::moves(document));
    }
    body.push_str(&sections::advice(
        findings,
        page.document.map_or(&[], |document| &document.moves),
    ));
    body.push_str("<section><h2>Tone</h2>\n");
    body.push_str(&figures::spectrum(before, after, page.aim));
    if let Some(document) = page.document {
        body.push_str(&figures::equalizer(&document.settings, before.format.sample_rate_hz));
    }
    body.push_str("</section>\n<section><h2>Loudness and limiting</h2>\n");
    let series = page.after.map(|after| &after.series);
    let aim_lufs = target.and_then(|target| target.integrated_lufs);
    body.push_str(&figures::loudness(&page.before.series, series, aim_lufs));
    if let Some(trace) = page.trace {
        body.push_str(&figures::limiting(trace));
        body.push_str(&figures::histogram(trace));
    }
    body.push_str("</section>\n");
    let stereo = figures::stereo(before, after);
    if !stereo.is_empty() {
        body.push_str(&format!("<section><h2>Stereo</h2>\n{stereo}</section>\n"));
    }
    body.push_str(&sections::platforms(shown));
    let predicted = page.document.and_then(|document| document.numbers.predicted.as_ref());
    body.push_str(&sections::numbers(before, predicted, after));
    body.push_str(&sections::provenance(before, page.document));
    document(page.title, &body, page.sound.is_some())
}

/// A page with the player alone.
pub(crate) fn listening_page(
    versions: &[Sounding<'_>],
    excerpts: &Excerpts,
    measured: &[&Analysis],
) -> String {
    let names: Vec<&str> = versions.iter().map(|version| version.name.as_str()).collect();
    let title = names.join(" / ");
    let rows: String = versions
        .iter()
        .zip(measured)
        .map(|(version, analysis)| {
            format!(
                "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                escape(&version.name),
                crate::numbers::number(analysis.loudness.integrated_lufs, 1),
                crate::numbers::number(analysis.loudness.true_peak_dbtp, 1)
            )
        })
        .collect();
    let body = format!(
        "<h1>{}</h1>\n{}<div class=\"wide\"><table id=\"numbers\"><thead><tr><th>version</th><th class=\"n\">LUFS</th><th class=\"n\">dBTP</th></tr></thead><tbody>{rows}</tbody></table></div>\n",
        escape(&title),
        player(versions, excerpts)
    );
    document(&title, &body, true)
}

/// Head and body. Style and script are named by their hashes: nothing else runs, nothing is loaded.
fn document(title: &str, body: &str, with_script: bool) -> String {
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
        let html = document("</title><script>alert(1)</script>", "", false);
        assert!(!html.contains("<script>alert"), "{html}");
    }
}
