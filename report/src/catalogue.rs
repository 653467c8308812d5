//! The page of a catalogue: how much was done, how loud it was and is, what is furthest off, and everything that failed.

use std::collections::BTreeMap;

use acetate_audio::numbers::counted;

use crate::axis::Axis;
use crate::chart::Chart;
use crate::figure::{Key, figure};
use crate::html::{escape, number, words};
use crate::page::html;

/// Songs that are shown of those that are off target; the ledger has all of them.
const WORST_SHOWN: usize = 50;
/// Failures that are shown with their songs; of what is beyond, the reasons are counted.
const FAILED_SHOWN: usize = 1_000;
/// Width of a bar of the histogram, LU.
const BAR_LU: f64 = 1.0;
/// The quietest and the loudest bar.
const SHOWN_LUFS: (f64, f64) = (-40.0, 0.0);

/// A catalogue as its page shows it.
#[derive(Clone, Copy, Debug)]
pub struct CataloguePage<'a> {
    /// What it is called.
    pub title: &'a str,
    /// Its songs.
    pub songs: &'a [CatalogueSong<'a>],
    /// The version of the sound.
    pub sound: &'a str,
}

/// What became of one song.
#[derive(Clone, Copy, Debug, Default)]
pub struct CatalogueSong<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Why there is no master.
    pub failed: Option<&'a str>,
    /// Id of its delivery rules.
    pub target: &'a str,
    /// Is everything met that was asked for?
    pub met: bool,
    /// Integrated loudness before and after, LUFS.
    pub lufs: [Option<f64>; 2],
    /// True peak of the master, dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// How far it is from what was asked for, in tolerances; what is met is below 1.
    pub off: f64,
    /// What is off, in words.
    pub said: &'a str,
    /// Length, seconds.
    pub duration_s: f64,
    /// What it took, seconds.
    pub seconds: f64,
}

/// The page of a catalogue as HTML.
pub fn catalogue_page(page: CataloguePage<'_>) -> String {
    let body = [head(page), loudness(page), worst(page), failures(page), foot(page)].concat();
    html(page.title, &body, false)
}

fn masters<'a>(page: CataloguePage<'a>) -> impl Iterator<Item = &'a CatalogueSong<'a>> {
    page.songs.iter().filter(|song| song.failed.is_none())
}

/// Totals.
fn head(page: CataloguePage<'_>) -> String {
    let failed = page.songs.len() - masters(page).count();
    let off = masters(page).filter(|song| !song.met).count();
    let (class, mark, headline) = match (failed, off) {
        (0, 0) => ("met", "\u{2713}", "All mastered, all on target".to_owned()),
        (0, off) => ("met", "\u{2713}", format!("All mastered, {off} off target")),
        (failed, _) => ("missed", "\u{2717}", format!("{failed} failed")),
    };
    let hours = |seconds: f64| number(Some(seconds / 3600.0), 1);
    let music_s: f64 = masters(page).map(|song| song.duration_s).sum();
    let work_s: f64 = page.songs.iter().map(|song| song.seconds).sum();
    let tile = |name: &str, value: String, said: String| {
        format!(
            "<div><dt>{name}</dt><dd><b>{value}</b><span class=\"soft\">{said}</span></dd></div>"
        )
    };
    let speed = if work_s > 0.0 {
        format!("{} \u{d7} real time", number(Some(music_s / work_s), 0))
    } else {
        String::new()
    };
    let tiles = [
        tile(
            "Mastered",
            masters(page).count().to_string(),
            format!("of {}", counted(page.songs.len(), "song")),
        ),
        tile("Off target", off.to_string(), "mastered all the same".to_owned()),
        tile("Failed", failed.to_string(), "reasons below".to_owned()),
        tile("Music", hours(music_s), "hours".to_owned()),
        tile("Work", hours(work_s), format!("hours, a worker each; {speed}")),
    ]
    .concat();
    format!(
        "<header><p class=\"brand\">acetate</p><h1>{}</h1></header>\n\
         <section class=\"verdict {class}\" aria-labelledby=\"headline\"><h2 id=\"headline\"><span aria-hidden=\"true\">{mark}</span> {headline}</h2><dl class=\"tiles\">{tiles}</dl></section>\n",
        escape(page.title)
    )
}

/// How many songs are how loud, before and after.
fn loudness(page: CataloguePage<'_>) -> String {
    let bars = |which: usize| {
        let mut bars: BTreeMap<i64, f64> = BTreeMap::new();
        for lufs in masters(page).filter_map(|song| song.lufs[which]) {
            let shown = lufs.clamp(SHOWN_LUFS.0, SHOWN_LUFS.1 - BAR_LU);
            *bars.entry((shown / BAR_LU).floor() as i64).or_default() += 1.0;
        }
        bars
    };
    let (before, after) = (bars(0), bars(1));
    let most = before.values().chain(after.values()).copied().fold(0.0, f64::max);
    if most == 0.0 {
        return String::new();
    }
    let used = || before.keys().chain(after.keys()).map(|&bar| bar as f64 * BAR_LU);
    let (low, high) =
        (used().fold(SHOWN_LUFS.1, f64::min), used().fold(SHOWN_LUFS.0, f64::max) + BAR_LU);
    let (low, high) = (low - 1.0, high + 1.0);
    let mut chart = Chart::new(Axis::linear(low, high), Axis::linear(0.0, most), 240.0);
    for (bar, count) in &after {
        let from = *bar as f64 * BAR_LU;
        chart.bar("", (from + 0.06, from + BAR_LU - 0.06), 0.0, *count);
    }
    let mut steps: Vec<(f64, f64, Option<f64>)> = Vec::new();
    let mut at = low;
    while at < high {
        let count = before.get(&((at / BAR_LU).floor() as i64)).copied().unwrap_or(0.0);
        steps.push((at, at + BAR_LU, Some(count)));
        at += BAR_LU;
    }
    chart.steps("before", &steps);
    let mean = |which: usize| {
        let all: Vec<f64> = masters(page).filter_map(|song| song.lufs[which]).collect();
        number((!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64), 1)
    };
    let caption = format!(
        "Songs by their integrated loudness, a bar each LU; what is quieter than {} LUFS stands in the first. Mean before {} LUFS, after {} LUFS.",
        number(Some(SHOWN_LUFS.0), 0),
        mean(0),
        mean(1)
    );
    let keys: [Key; 2] = [("before", "before".into()), ("after", "after".into())];
    let svg = chart.finish("loudness", "How many songs are how loud, before and after", &caption);
    format!(
        "<section><h2>Loudness</h2>\n{}</section>\n",
        figure("Songs by loudness", "LUFS", &keys, &svg, &caption)
    )
}

/// What is furthest from what was asked for.
fn worst(page: CataloguePage<'_>) -> String {
    let mut off: Vec<&CatalogueSong<'_>> = masters(page).filter(|song| !song.met).collect();
    if off.is_empty() {
        return String::new();
    }
    off.sort_by(|a, b| b.off.total_cmp(&a.off).then(a.name.cmp(b.name)));
    let row = |song: &&CatalogueSong<'_>| {
        let cell = |value: Option<f64>| format!("<td class=\"n\">{}</td>", number(value, 1));
        format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td>{}{}{}<td class=\"soft\">{}</td></tr>",
            escape(song.name),
            escape(song.target),
            cell(song.lufs[0]),
            cell(song.lufs[1]),
            cell(song.true_peak_dbtp),
            words(song.said)
        )
    };
    let rows: String = off.iter().take(WORST_SHOWN).map(row).collect();
    let more = match off.len().saturating_sub(WORST_SHOWN) {
        0 => String::new(),
        more => format!("<p class=\"soft\">And {more} that are nearer.</p>"),
    };
    format!(
        "<section><h2>Furthest from target</h2><div class=\"table\"><table id=\"worst\"><thead><tr><th scope=\"col\">song</th><th scope=\"col\">target</th><th scope=\"col\" class=\"n\">before <span class=\"unit\">LUFS</span></th><th scope=\"col\" class=\"n\">after <span class=\"unit\">LUFS</span></th><th scope=\"col\" class=\"n\">peak <span class=\"unit\">dBTP</span></th><th scope=\"col\">what is off</th></tr></thead><tbody>{rows}</tbody></table></div>{more}</section>\n"
    )
}

/// Everything that has no master, and why.
fn failures(page: CataloguePage<'_>) -> String {
    let mut failed: Vec<(&str, &str)> =
        page.songs.iter().filter_map(|song| Some((song.name, song.failed?))).collect();
    if failed.is_empty() {
        return String::new();
    }
    failed.sort_unstable();
    // What is said of one song begins with its name, as a rule.
    let reason = |&(name, said): &(&str, &str)| {
        said.strip_prefix(name).map_or(said, |rest| rest.trim_start_matches(": ")).to_owned()
    };
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for one in &failed {
        *reasons.entry(reason(one)).or_default() += 1;
    }
    let mut reasons: Vec<(String, usize)> = reasons.into_iter().collect();
    reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let counted: String = reasons
        .iter()
        .take(WORST_SHOWN)
        .map(|(reason, count)| format!("<li>{count} \u{d7} {}</li>", words(reason)))
        .collect();
    let rows: String = failed
        .iter()
        .take(FAILED_SHOWN)
        .map(|one| {
            format!(
                "<tr><th scope=\"row\">{}</th><td class=\"soft\">{}</td></tr>",
                escape(one.0),
                words(&reason(one))
            )
        })
        .collect();
    let more = match failed.len().saturating_sub(FAILED_SHOWN) {
        0 => String::new(),
        more => format!("<p class=\"soft\">And {more} more, which the ledger has.</p>"),
    };
    format!(
        "<section><h2>Failed</h2><ul class=\"rules\">{counted}</ul><div class=\"table\"><table id=\"failed\"><thead><tr><th scope=\"col\">song</th><th scope=\"col\">reason</th></tr></thead><tbody>{rows}</tbody></table></div>{more}</section>\n"
    )
}

fn foot(page: CataloguePage<'_>) -> String {
    format!(
        "<footer><p>Made by acetate {}, sound {}. This page loads nothing and sends nothing.</p></footer>\n",
        env!("CARGO_PKG_VERSION"),
        escape(page.sound)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_counts_shows_and_names_everything() {
        let good = CatalogueSong {
            name: "good.wav",
            target: "cd",
            met: true,
            lufs: [Some(-20.0), Some(-14.0)],
            duration_s: 3600.0,
            seconds: 36.0,
            ..CatalogueSong::default()
        };
        let off = CatalogueSong {
            name: "off.wav",
            met: false,
            off: 3.0,
            said: "loudness -9 of -8",
            ..good
        };
        let failed = CatalogueSong {
            name: "<b>.wav",
            failed: Some("<b>.wav: is silent"),
            ..CatalogueSong::default()
        };
        let songs = [good, off, failed];
        let html = catalogue_page(CataloguePage { title: "Songs", songs: &songs, sound: "1" });
        for said in [
            "1 failed",
            "<b>2</b><span class=\"soft\">of 3 songs",
            "Mean before \u{2212}20.0 LUFS, after \u{2212}14.0 LUFS",
            "off.wav",
            "1 \u{d7} is silent",
            "&lt;b&gt;.wav",
        ] {
            assert!(html.contains(said), "{said} is missing in\n{html}");
        }
        assert!(!html.contains("<b>.wav") && !html.contains("id=\"worst\"><thead></thead>"));
    }
}
