//! The page of a restoration: what was found and mended, when, and what was taken away, to see and to hear.

use acetate_analyzer::Measured;
use acetate_audio::units::power_to_db;
use acetate_engine::settings::{RepairEvent, RestoreSettings};
use acetate_optimizer::{SettingsDocument, capital};

use crate::axis::Axis;
use crate::chart::Chart;
use crate::figure::figure;
use crate::html::{escape, number, words};
use crate::listening::Listening;
use crate::moves::moves;
use crate::page::html;
use crate::player::player;
use crate::tables::provenance;

/// Most columns of the spectrogram, and of the bars beside it.
const COLUMNS_MAX: usize = 180;
/// Shades of the spectrogram, and how far each reaches down from the loudest, dB.
const SHADES: usize = 6;
const SHADE_DB: f64 = 8.0;
/// Events that are named, the loudest first.
const NAMED_MAX: usize = 12;
/// What is quieter than this is nothing: the last bit of 24.
const NOTHING_DB: f64 = -144.0;

/// What the page of a restoration is made from.
#[derive(Clone, Copy, Debug)]
pub struct RepairsPage<'a> {
    /// Name of the file.
    pub title: &'a str,
    /// The recording as it was.
    pub before: &'a Measured,
    /// As it is mended.
    pub after: &'a Measured,
    /// What was taken away, as a sound of its own.
    pub removed: &'a Measured,
    /// What was mended.
    pub document: &'a SettingsDocument,
    /// What was looked for, and what was found of it.
    pub found: &'a [(String, String)],
    /// How much of the sound is as it was, where that can be told.
    pub untouched: Option<&'a str>,
    /// What can be heard.
    pub sound: Option<&'a Listening<'a>>,
}

/// The page of a restoration as HTML.
pub fn repairs_page(page: RepairsPage<'_>) -> String {
    let mut body = head(page);
    if let Some(listening) = page.sound {
        body.push_str(&player(listening));
    }
    body.push_str(&moves(page.document));
    body.push_str(&over_time(page));
    body.push_str(&spectrogram(page.removed));
    body.push_str(&loudest(page));
    body.push_str(&provenance(&page.before.analysis, Some(page.document)));
    html(page.title, &body, page.sound.is_some())
}

/// Title, what was found kind by kind, and the numbers of what was taken away.
fn head(page: RepairsPage<'_>) -> String {
    let found: String = page
        .found
        .iter()
        .map(|(kind, line)| format!("<li><b>{}</b>: {}</li>", escape(kind), words(line)))
        .collect();
    let untouched = page.untouched.map_or(String::new(), |line| format!("<p>{}</p>", words(line)));
    format!(
        "<header><p class=\"brand\">acetate</p><h1>{}</h1><p class=\"soft\">{}</p></header>\n\
         <section class=\"verdict met\" aria-labelledby=\"headline\"><h2 id=\"headline\">{}</h2>{untouched}<ul class=\"rules\">{found}</ul><dl class=\"tiles\">{}</dl></section>\n",
        escape(page.title),
        escape(&page.before.analysis.format.to_string()),
        capital(&words(&page.document.summary)),
        tiles(page),
    )
}

fn tiles(page: RepairsPage<'_>) -> String {
    let tile = |name: &str, value: Option<f64>, unit: &str, said: String| {
        format!(
            "<div><dt>{name}</dt><dd><b>{}</b> <span class=\"unit\">{}</span><span class=\"soft\">{said}</span></dd></div>",
            number(value, 1),
            value.map_or("", |_| unit)
        )
    };
    let [before, after, removed] =
        [page.before, page.after, page.removed].map(|sound| &sound.analysis.loudness);
    let too_little = match removed.integrated_lufs {
        Some(_) => String::new(),
        None => "too little to have a loudness".to_owned(),
    };
    let was = |value: Option<f64>| format!("{} before", number(value, 1));
    [
        tile("Taken away, peak", removed.sample_peak_dbfs, "dBFS", String::new()),
        tile("Taken away, loudness", removed.integrated_lufs, "LUFS", too_little),
        tile("Loudness", after.integrated_lufs, "LUFS", was(before.integrated_lufs)),
        tile("Peak", after.sample_peak_dbfs, "dBFS", was(before.sample_peak_dbfs)),
    ]
    .concat()
}

/// Shortest bar of what is counted a minute, and shortest column of the spectrogram, seconds.
const BAR_S: f64 = 1.0;
const COLUMN_S: f64 = 0.05;

/// Seconds of a column, no fewer than `least_s`, and how many there are.
fn columns(duration_s: f64, least_s: f64) -> (f64, usize) {
    let steps = [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0];
    let fits = |step: &f64| *step >= least_s && duration_s / step <= COLUMNS_MAX as f64;
    let step_s = steps.into_iter().find(fits);
    let step_s = step_s.unwrap_or(duration_s / COLUMNS_MAX as f64);
    (step_s, ((duration_s / step_s).ceil() as usize).max(1))
}

/// Clicks and impulses of crackle that are mended, a minute, over time; nothing where there are none.
fn over_time(page: RepairsPage<'_>) -> String {
    let format = &page.before.analysis.format;
    let times = impulses_s(&page.document.settings.restore, f64::from(format.sample_rate_hz));
    if times.is_empty() {
        return String::new();
    }
    let (step_s, count) = columns(format.duration_s, BAR_S);
    let mut counts = vec![0.0; count];
    for at_s in &times {
        counts[((at_s / step_s) as usize).min(count - 1)] += 1.0;
    }
    let a_minute = |count: f64| count * 60.0 / step_s;
    let most = counts.iter().copied().fold(0.0, f64::max);
    let mut chart =
        Chart::new(Axis::time(format.duration_s), Axis::linear(0.0, a_minute(most)), 180.0);
    for (column, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
        let from = column as f64 * step_s;
        let to = (from + step_s).min(format.duration_s);
        chart.bar("", (from, to), 0.0, a_minute(count));
    }
    let whole = times.len() as f64 * 60.0 / format.duration_s.max(1.0);
    let text = format!(
        "{} clicks and impulses in all, {whole:.1} a minute. Each bar stands for {step_s:.0} s.",
        times.len()
    );
    let svg = chart.finish("events", "Clicks and crackle a minute", &text);
    format!(
        "<section><h2>When</h2>\n{}</section>\n",
        figure("Clicks and crackle", "a minute", &[], &svg, &text)
    )
}

/// When clicks and impulses of crackle that are mended begin, seconds.
fn impulses_s(plan: &RestoreSettings, rate_hz: f64) -> Vec<f64> {
    let clicks = plan.clicks.events.iter().filter(|event| event.repair);
    let sections = plan.crackle.sections.iter().filter(|section| section.repair);
    let crackle = sections.flat_map(|section| section.impulses().map(|(from, _)| from));
    clicks.map(|event| event.start_frame).chain(crackle).map(|at| at as f64 / rate_hz).collect()
}

/// What was taken away over time and frequency: the loudest moment of each column, in shades of 8 dB.
fn spectrogram(removed: &Measured) -> String {
    let energy = &removed.tables.energy;
    let (bands, duration_s) = (energy.bands(), removed.analysis.format.duration_s);
    let (step_s, count) = columns(duration_s, COLUMN_S);
    let mut powers = vec![0.0f64; count * bands];
    for frame in 0..energy.frames {
        let column = ((frame as f64 * energy.step_s / step_s) as usize).min(count - 1);
        for band in 0..bands {
            let at = frame * bands + band;
            let power = f64::from(energy.mid[at]) + f64::from(energy.side[at]);
            let cell = &mut powers[column * bands + band];
            *cell = cell.max(power);
        }
    }
    let most = powers.iter().copied().fold(0.0, f64::max);
    if most <= 0.0 || power_to_db(most) < NOTHING_DB {
        return String::new();
    }
    let shade = |power: f64| {
        let below_db = power_to_db(most) - power_to_db(power.max(f64::MIN_POSITIVE));
        SHADES.checked_sub(1 + (below_db / SHADE_DB) as usize)
    };
    let mut chart = Chart::new(Axis::time(duration_s), Axis::frequency(), 300.0);
    let mut fields = vec![Vec::new(); SHADES];
    for band in 0..bands {
        let band_hz = energy.edges_hz[band]..energy.edges_hz[band + 1];
        let row: Vec<Option<usize>> =
            (0..count).map(|column| shade(powers[column * bands + band])).collect();
        let mut from = 0;
        for run in row.chunk_by(|a, b| a == b) {
            let to = from + run.len();
            if let Some(shade) = run[0] {
                let ends_s = from as f64 * step_s..(to as f64 * step_s).min(duration_s);
                fields[shade].push((ends_s, band_hz.clone()));
            }
            from = to;
        }
    }
    for (shade, fields) in fields.iter().enumerate().filter(|(_, fields)| !fields.is_empty()) {
        chart.fields(&format!("shade{shade}"), fields);
    }
    let text = format!(
        "The darkest is {} dB a band, each shade {SHADE_DB:.0} dB less. Music in it would show as lines that follow the melody.",
        number(Some(power_to_db(most)), 0)
    );
    let svg = chart.finish("removed", "What was taken away, over time and frequency", &text);
    format!(
        "<section><h2>What was taken away</h2>\n{}</section>\n",
        figure("Spectrogram", "loudest moment of each column", &[], &svg, &text)
    )
}

/// The loudest clicks; nothing where there are none.
fn loudest(page: RepairsPage<'_>) -> String {
    let rate_hz = f64::from(page.before.analysis.format.sample_rate_hz);
    let plan = &page.document.settings.restore;
    let mut events: Vec<&RepairEvent> =
        plan.clicks.events.iter().filter(|event| event.repair).collect();
    if events.is_empty() {
        return String::new();
    }
    let all = events.len();
    events.sort_by(|a, b| b.peak_dbfs.total_cmp(&a.peak_dbfs));
    events.truncate(NAMED_MAX);
    let row = |event: &&RepairEvent| {
        let channels: Vec<String> =
            event.channels.iter().map(|channel| (channel + 1).to_string()).collect();
        format!(
            "<tr><th scope=\"row\"><code>{}</code></th><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{:.0} %</td></tr>",
            escape(&event.id),
            moment(event.start_frame as f64 / rate_hz),
            channels.join(", "),
            number(Some(event.frames as f64 / rate_hz * 1e3), 2),
            number(Some(event.peak_dbfs), 1),
            event.confidence * 100.0
        )
    };
    let rows: String = events.iter().map(row).collect();
    let which = match all {
        1 => "The one that there is.".to_owned(),
        all if all <= NAMED_MAX => format!("All {all}."),
        all => format!("{NAMED_MAX} of {all}; the settings hold all of them."),
    };
    format!(
        "<section><h2>The loudest clicks</h2><p class=\"soft\">{which} Delete one there, or set its <code>repair</code> to <code>false</code>, and it stays.</p><div class=\"table\"><table id=\"clicks\"><thead><tr><th scope=\"col\">click</th><th scope=\"col\" class=\"n\">at</th><th scope=\"col\" class=\"n\">channel</th><th scope=\"col\" class=\"n\">ms</th><th scope=\"col\" class=\"n\">dBFS</th><th scope=\"col\" class=\"n\">sure</th></tr></thead><tbody>{rows}</tbody></table></div></section>\n"
    )
}

/// Minutes and seconds to the hundredth.
fn moment(at_s: f64) -> String {
    let minutes = (at_s / 60.0).floor();
    format!("{minutes:.0}:{:05.2}", at_s - 60.0 * minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_round_and_bounded() {
        assert_eq!(columns(30.0, BAR_S), (1.0, 30));
        assert_eq!(columns(30.0, COLUMN_S), (0.2, 150));
        assert_eq!(columns(240.0, COLUMN_S), (2.0, 120));
        assert_eq!(columns(0.2, BAR_S), (1.0, 1));
        for hours in [5.0, 150.0] {
            assert!(columns(hours * 3600.0, COLUMN_S).1 <= COLUMNS_MAX, "{hours} hours");
        }
    }

    #[test]
    fn what_is_left_out_is_not_counted() {
        let mut plan = RestoreSettings::default();
        let event = |start_frame, repair| RepairEvent { start_frame, repair, ..Default::default() };
        plan.clicks.events = vec![event(44_100, true), event(50_000, false)];
        assert_eq!(impulses_s(&plan, 44_100.0), [1.0]);
    }
}
