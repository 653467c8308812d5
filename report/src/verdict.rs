//! The head of the page: what it is about, and the verdict in one look.

use acetate_analyzer::Analysis;
use acetate_optimizer::{Check, SettingsDocument, Verdict};

use acetate_audio::numbers::{frequency, signed};
use acetate_references::target::check::{Outcome, TargetCheck};

use crate::html::{escape, number, words};
use crate::nearness::nearness;
use crate::wording;

/// What the head needs to know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'a> {
    pub(crate) title: &'a str,
    /// Artist and title, as the file's tags have them.
    pub(crate) song: &'a str,
    pub(crate) before: &'a Analysis,
    pub(crate) after: Option<&'a Analysis>,
    pub(crate) document: Option<&'a SettingsDocument>,
    pub(crate) verdict: Option<&'a Verdict>,
    /// Distance of the source's tone from the aim, dB rms.
    pub(crate) tone_before_db: Option<f64>,
    /// Noise-to-mask ratio of the limiting, dB.
    pub(crate) damage_db: Option<f64>,
}

/// Title, verdict and the numbers that matter most.
pub(crate) fn head(head: Head<'_>) -> String {
    let shown = head.after.unwrap_or(head.before);
    let file = shown.file.as_deref().unwrap_or("sound");
    let mut lines = vec![escape(file), words(&shown.format.to_string().replace("  ", " \u{b7} "))];
    if !head.song.is_empty() {
        lines.insert(0, escape(head.song));
    }
    format!(
        "<header><p class=\"brand\">acetate</p><h1>{}</h1><p class=\"soft\">{}</p></header>\n{}",
        escape(head.title),
        lines.join(" \u{b7} "),
        verdict(head)
    )
}

fn verdict(head: Head<'_>) -> String {
    let (class, mark, headline) = headline(head);
    let mut text = Vec::new();
    if let Some(document) = head.document {
        text.push(format!("<p>{}</p>", words(&document.summary)));
        let near = head.verdict.and_then(|verdict| nearness(document, verdict));
        text.extend(near.map(|near| format!("<p class=\"near\">{}</p>", words(&near))));
        if let Some(cannot) =
            document.cannot.as_ref().or(head.verdict.and_then(|v| v.cannot.as_ref()))
        {
            text.push(format!("<p class=\"no\">{}.</p>", words(&cannot.reason)));
        }
        text.push(format!("<p class=\"soft\">{}</p>", aim(document)));
    }
    format!(
        "<section class=\"verdict {class}\" aria-labelledby=\"headline\"><h2 id=\"headline\"><span aria-hidden=\"true\">{mark}</span> {headline}</h2>{}<dl class=\"tiles\">{}</dl>{}</section>\n",
        text.concat(),
        tiles(head),
        head.verdict.and_then(|verdict| verdict.delivery.as_ref()).map_or_else(String::new, rules)
    )
}

fn headline(head: Head<'_>) -> (&'static str, &'static str, &'static str) {
    match (head.document, head.verdict) {
        (Some(document), Some(verdict)) if verdict.met() && document.moves.is_empty() => {
            ("met", "\u{2713}", "Nothing to do")
        }
        (Some(_), Some(verdict)) if verdict.met() => ("met", "\u{2713}", "On target"),
        (Some(_), Some(verdict)) if verdict.delivered() => {
            ("met", "\u{2713}", "On target, tone not as near as asked")
        }
        (Some(_), Some(_)) => ("missed", "\u{2717}", "Off target"),
        (Some(_), None) => ("", "\u{2022}", "Suggested, not rendered"),
        (None, _) => ("", "\u{2022}", "As it is"),
    }
}

/// The rules of the target that were not simply met, and how many were.
fn rules(judged: &TargetCheck) -> String {
    let class = |outcome| match outcome {
        Outcome::Fail => Some("no"),
        Outcome::Warn | Outcome::Notice | Outcome::NotChecked => Some("soft"),
        Outcome::Pass | Outcome::Known => None,
    };
    let shown = judged.checks.iter().filter_map(|rule| Some((class(rule.outcome)?, rule)));
    let items: String = shown
        .map(|(class, rule)| {
            let mark = if class == "no" { "\u{2717} " } else { "" };
            let (code, text) = (escape(&rule.code), words(&rule.text));
            format!("<li class=\"{class}\">{mark}<code>{code}</code> {text}</li>")
        })
        .collect();
    format!("<p>Rules of {}.</p><ul class=\"rules\">{items}</ul>", escape(&judged.tally()))
}

/// What was aimed for, in one line.
fn aim(document: &SettingsDocument) -> String {
    let aim = &document.aim;
    let mut parts = Vec::new();
    if let Some(target) = &aim.target {
        let loudness = match (target.integrated_lufs, target.rms_dbfs) {
            (Some(lufs), _) => format!("{} LUFS", number(Some(lufs), 1)),
            (None, Some(dbfs)) => format!("{} dBFS RMS", number(Some(dbfs), 1)),
            (None, None) => "loudness kept".to_owned(),
        };
        let like = if aim.take.iter().any(|taken| taken == "loudness") && !aim.references.is_empty()
        {
            ", but as loud as the reference"
        } else {
            ""
        };
        parts.push(format!(
            "{}{like}: {loudness}, ceiling {} dBTP",
            escape(&target.id),
            number(Some(target.true_peak_dbtp), 1)
        ));
    }
    parts.extend(
        aim.references.iter().map(|reference| format!("reference {}", escape(&reference.id))),
    );
    parts.extend(aim.style.iter().map(|style| format!("style {}", escape(style))));
    format!("Aim: {}", parts.join(" \u{b7} "))
}

/// One number with its name.
struct Tile {
    name: &'static str,
    value: String,
    unit: &'static str,
    was: Option<String>,
    state: String,
}

fn tiles(head: Head<'_>) -> String {
    let shown = head.after.unwrap_or(head.before);
    let tile = |name, of: fn(&Analysis) -> Option<f64>, decimals, unit, check: &str| Tile {
        name,
        value: number(of(shown), decimals),
        unit,
        was: head.after.map(|_| number(of(head.before), decimals)),
        state: state(head.verdict, check),
    };
    let mut tiles = vec![
        tile("Loudness", |a| a.loudness.integrated_lufs, 1, "LUFS", "loudness"),
        tile("True peak", |a| a.loudness.true_peak_dbtp, 1, "dBTP", "true_peak"),
    ];
    if let Some(rms) = head.verdict.and_then(|verdict| verdict.check("rms")) {
        tiles.push(Tile {
            name: "RMS",
            value: number(rms.measured, 1),
            unit: "dBFS",
            was: Some(number(head.before.rms_dbfs(), 1)),
            state: state(head.verdict, "rms"),
        });
    }
    if let Some(tone) = head.verdict.and_then(|verdict| verdict.check("tone")) {
        tiles.push(Tile {
            name: match head.document {
                Some(document) if !document.aim.references.is_empty() => "From the record",
                Some(document) if document.aim.style.is_some() => "From the style",
                _ => "From the aim",
            },
            value: number(tone.measured, 1),
            unit: "dB in tone",
            was: head.tone_before_db.map(|db| number(Some(db), 1)),
            state: tone_state(tone),
        });
    }
    tiles.push(tile("Peak to loudness", |a| a.loudness.plr_db, 1, "dB", ""));
    tiles.push(tile("Loudness range", |a| a.loudness.loudness_range_lu, 1, "LU", ""));
    if shown.format.is_stereo() {
        let said = shown.stereo.width.map(|width| plain(wording::width(width)));
        tiles.push(Tile {
            state: said.unwrap_or_default(),
            ..tile("Width", |a| a.stereo.width, 2, "", "")
        });
    }
    if let Some(damage_db) = head.damage_db {
        tiles.push(Tile {
            name: "Noise to mask",
            value: number(Some(damage_db), 0),
            unit: "dB",
            was: None,
            state: plain(wording::noise_to_mask(damage_db)),
        });
    }
    tiles.iter().map(Tile::html).collect()
}

/// Whether the aim's own tolerance holds the tone, and where it is worst.
fn tone_state(tone: &Check) -> String {
    let good = number(Some(tone.tolerance), 1);
    let (class, text) = match (tone.met, tone.advisory) {
        (true, _) => ("ok", format!("\u{2713} within {good}")),
        (false, true) => ("soft", format!("the style varies by {good}")),
        // A master only comes nearer to a record: that is no failure.
        (false, false) => ("soft", format!("asked for {good}")),
    };
    let worst = tone.worst.map_or_else(String::new, |worst| {
        let text = format!("worst {} {}", frequency(worst.freq_hz), signed(worst.excess_db, 1));
        format!("<span class=\"soft\">{}</span>", words(&text))
    });
    format!("<span class=\"{class}\">{}</span>{worst}", words(&text))
}

/// A word for a number, without a judgement.
fn plain(word: &str) -> String {
    format!("<span class=\"said\">{word}</span>")
}

fn state(verdict: Option<&Verdict>, name: &str) -> String {
    let Some(check) = verdict.and_then(|verdict| verdict.check(name)) else { return String::new() };
    let aim = number(Some(check.aim), 1);
    let wanted = if name == "true_peak" { format!("at most {aim}") } else { format!("aim {aim}") };
    match check.met {
        true => format!("<span class=\"ok\">\u{2713} {wanted}</span>"),
        false => format!("<span class=\"no\">\u{2717} missed, {wanted}</span>"),
    }
}

impl Tile {
    fn html(&self) -> String {
        let was = self
            .was
            .as_ref()
            .map_or_else(String::new, |was| format!("<span class=\"soft\">was {was}</span>"));
        format!(
            "<div><dt>{}</dt><dd><b>{}</b> <span class=\"unit\">{}</span>{was}{}</dd></div>",
            self.name, self.value, self.unit, self.state
        )
    }
}
