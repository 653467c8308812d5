//! The player: level-matched, all versions started together, a blind test.

use acetate_analyzer::Series;
use serde_json::json;

use crate::chart::plot_width;
use crate::html::{escape, json_inside_script, number};
use crate::level::overview;
use crate::places::{Excerpts, Place, Version};
use acetate_audio::numbers::clock;

/// The player's controls and data. `series` is the loudness of the song that is drawn.
pub(crate) fn player(excerpts: &Excerpts, series: &Series) -> String {
    let versions = &excerpts.versions;
    let duration_s = series.step_s * series.short_term_lufs.len() as f64;
    let data = json!({
        "versions": versions.iter().enumerate().map(|(index, version)| json!({
            "name": version.name, "lufs": version.lufs,
            "audio": (0..excerpts.places.len()).map(|place| format!("a{index}-{place}")).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "excerpts": excerpts.places.iter().map(|place| json!({
            "at_s": place.at_s, "length_s": place.length_s, "name": place.name,
        })).collect::<Vec<_>>(),
        "px_per_s": plot_width() / duration_s.max(0.1),
    });
    let sound: String = excerpts
        .sound
        .iter()
        .enumerate()
        .flat_map(|(version, places)| {
            places.iter().enumerate().map(move |(place, base64)| {
                format!("<script type=\"text/plain\" id=\"a{version}-{place}\">{base64}</script>\n")
            })
        })
        .collect();
    format!(
        "{HEAD}{}</div>\n{}{TRANSPORT}{}</div>\n{TOOLS}<script type=\"application/json\" id=\"player-data\">{}</script>\n{sound}",
        version_buttons(versions),
        overview(series, &excerpts.places),
        place_buttons(&excerpts.places),
        json_inside_script(&data.to_string())
    )
}

const HEAD: &str = r#"<section id="listen"><h2>Listen</h2>
<noscript><p>The player needs JavaScript; everything else on this page does not.</p></noscript>
<div class="player" id="player" hidden>
<div class="versions" role="group" aria-label="Version">"#;

const TRANSPORT: &str = r#"<div class="row"><button id="k-play" class="play" type="button">Play</button>
<input id="player-position" type="range" min="0" max="1000" value="0" step="1" aria-label="Position">
<span id="player-time">0:00</span>"#;

const TOOLS: &str = r#"<div class="row tools" role="group" aria-label="How to listen">
<button id="k-match" type="button" aria-pressed="true">Match level<kbd>M</kbd></button>
<button id="k-mono" type="button" aria-pressed="false">Mono<kbd>O</kbd></button>
<button id="k-side" type="button" aria-pressed="false">Side<kbd>S</kbd></button>
<button id="k-loop" type="button" aria-pressed="true">Loop<kbd>L</kbd></button>
<button id="k-difference" type="button" aria-pressed="false">Difference<kbd>D</kbd></button>
<button id="k-blind" type="button" aria-pressed="false">Blind test<kbd>B</kbd></button></div>
<div id="blind" hidden>
<p>X is A or B, drawn anew each time. Listen to all three, then say which one X is.</p>
<div class="row"><button id="x-0" type="button">A<kbd>1</kbd></button><button id="x-1" type="button">B<kbd>2</kbd></button><button id="x-2" type="button">X<kbd>3</kbd></button>
<button id="x-is-0" type="button">X is A</button><button id="x-is-1" type="button">X is B</button></div>
<p id="blind-score" aria-live="polite"></p></div>
<p class="soft" id="player-status" role="status" aria-live="polite"></p>
</div></section>
"#;

fn version_buttons(versions: &[Version]) -> String {
    versions
        .iter()
        .enumerate()
        .map(|(index, version)| {
            format!(
                "<button id=\"v{index}\" type=\"button\" aria-pressed=\"{}\"><b>{}</b><kbd>{}</kbd><small>{} LUFS</small></button>",
                index == 0,
                escape(&version.name),
                index + 1,
                number(version.lufs, 1)
            )
        })
        .collect()
}

fn place_buttons(places: &[Place]) -> String {
    if places.len() < 2 {
        return String::new();
    }
    let buttons: String = places
        .iter()
        .enumerate()
        .map(|(index, place)| {
            format!(
                "<button id=\"e{index}\" type=\"button\" aria-pressed=\"{}\">{} <span class=\"soft\">{}</span></button>",
                index == 0,
                place.name,
                clock(place.at_s)
            )
        })
        .collect();
    format!("<span class=\"places\" role=\"group\" aria-label=\"Place\">{buttons}</span>")
}
