//! The player: level-matched, all versions started together, one waveform, a blind test.

use serde_json::json;

use acetate_audio::numbers::clock;

use crate::html::{escape, json_inside_script, number};
use crate::listening::{Listening, Timeline, Version, matching_gains_db};
use crate::places::Place;
use crate::wave::{WAVE_WIDTH, duration_s, peak, wave};

/// Lines of the versions, in their order; a record has that of the aim.
const CLASSES: [&str; 4] = ["before", "after", "side", "faint"];

/// Who goes to a mark hears this much of what is before it, seconds.
const BEFORE_MARK_S: f64 = 5.0;

/// The player's controls and data.
pub(crate) fn player(listening: &Listening<'_>) -> String {
    let Listening { song, record, .. } = listening;
    let classes = classes(listening);
    let waves: String = listening
        .timelines()
        .enumerate()
        .map(|(index, timeline)| {
            let first = if index == 0 { 0 } else { song.versions.len() };
            let marks = if index == 0 { listening.marks.as_slice() } else { &[] };
            wave(timeline, index, first, &classes[first..], marks)
        })
        .collect();
    format!(
        "{HEAD}{}</div>\n{SEEK}{waves}</div>\n{TRANSPORT}{}{TOOLS}{}{STATUS}<script type=\"application/json\" id=\"player-data\">{}</script>\n{}",
        version_buttons(listening, &classes),
        place_buttons(&song.places) + &mark_buttons(listening),
        blind(&song.versions),
        json_inside_script(&data(listening).to_string()),
        sound(song, record.as_ref())
    )
}

fn classes(listening: &Listening<'_>) -> Vec<&'static str> {
    let versions = listening.song.versions.len();
    let line = |index: usize| if versions == 1 { "after" } else { CLASSES[index % CLASSES.len()] };
    (0..versions).map(line).chain(listening.record.iter().map(|_| "aim")).collect()
}

/// What the script needs to know.
fn data(listening: &Listening<'_>) -> serde_json::Value {
    let all = || {
        let lines = listening.timelines().enumerate();
        lines.flat_map(|(line, timeline)| timeline.versions.iter().map(move |v| (line, v)))
    };
    let gains_db = matching_gains_db(&all().map(|(_, version)| version.lufs).collect::<Vec<_>>());
    json!({
        "versions": all().zip(gains_db).enumerate().map(|(index, ((line, version), gain_db))| json!({
            "name": version.name, "line": line, "lufs": version.lufs, "match_db": gain_db,
            "peak": peak(version.series),
            "audio": (0..version.sound.len()).map(|place| format!("a{index}-{place}")).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "lines": listening.timelines().map(|timeline| json!({
            "px_per_s": WAVE_WIDTH / duration_s(timeline), "duration_s": duration_s(timeline),
            "places": timeline.places.iter().map(|place| json!({
                "at_s": place.at_s, "length_s": place.length_s,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "marks": listening.marks.iter().map(|mark| (mark.at_s - BEFORE_MARK_S).max(0.0)).collect::<Vec<_>>(),
    })
}

/// The sound, each piece in an element of its own.
fn sound(song: &Timeline<'_>, record: Option<&Timeline<'_>>) -> String {
    let mut text = String::new();
    let versions = song.versions.iter().chain(record.into_iter().flat_map(|line| &line.versions));
    for (index, version) in versions.enumerate() {
        for (place, base64) in version.sound.iter().enumerate() {
            text.push_str(&format!("<script type=\"text/plain\" id=\"a{index}-{place}\">"));
            text.push_str(base64);
            text.push_str("</script>\n");
        }
    }
    text
}

const HEAD: &str = r#"<section id="listen"><h2>Listen</h2>
<noscript><p>The player needs JavaScript; everything else on this page does not.</p></noscript>
<div class="player" id="player" hidden>
<div class="versions" id="versions" role="group" aria-label="Version">"#;

const SEEK: &str = r#"<div class="seek" id="seek" role="slider" tabindex="0" aria-label="Position" aria-valuemin="0" aria-valuemax="0" aria-valuenow="0">"#;

const TRANSPORT: &str = r#"<div class="row controls"><button id="k-play" class="play" type="button">Play</button>
<span id="player-time">0:00</span>"#;

const TOOLS: &str = r#"
<div class="tools" role="group" aria-label="How to listen">
<button id="k-match" type="button" aria-pressed="true">Match level<kbd>M</kbd></button>
<button id="k-mono" type="button" aria-pressed="false">Mono<kbd>O</kbd></button>
<button id="k-side" type="button" aria-pressed="false">Side<kbd>S</kbd></button>
<button id="k-loop" type="button" aria-pressed="true">Loop<kbd>L</kbd></button>
<button id="k-difference" type="button" aria-pressed="false">Difference<kbd>D</kbd></button>
<button id="k-blind" type="button" aria-pressed="false">Blind test<kbd>B</kbd></button></div></div>
"#;

const STATUS: &str = r#"<p class="soft" id="player-status" role="status" aria-live="polite"></p>
</div></section>
"#;

/// The blind test of the first two versions.
fn blind(versions: &[Version<'_>]) -> String {
    let [a, b, ..] = versions else { return String::new() };
    let (a, b) = (escape(&a.name), escape(&b.name));
    format!(
        r#"<div id="blind" hidden><p>X is A or B, drawn anew for each answer. Levels stay matched.</p>
<div class="row" role="group" aria-label="What to hear"><button id="x-0" type="button" aria-pressed="false">A <span class="soft">{a}</span><kbd>1</kbd></button><button id="x-1" type="button" aria-pressed="false">B <span class="soft">{b}</span><kbd>2</kbd></button><button id="x-2" type="button" aria-pressed="false">X<kbd>3</kbd></button>
<span class="answers"><button id="x-is-0" type="button">X is A</button><button id="x-is-1" type="button">X is B</button></span></div>
<p id="blind-score" aria-live="polite"></p></div>
"#
    )
}

fn version_buttons(listening: &Listening<'_>, classes: &[&str]) -> String {
    let versions = listening.timelines().flat_map(|timeline| &timeline.versions);
    versions
        .zip(classes)
        .enumerate()
        .map(|(index, (version, class))| {
            format!(
                "<button id=\"v{index}\" class=\"v-{class}\" type=\"button\" aria-pressed=\"{}\"><b>{}</b><kbd>{}</kbd><small>{}</small></button>",
                index == 0,
                escape(&version.name),
                index + 1,
                version.lufs.map_or_else(
                    || "as it is".to_owned(),
                    |lufs| format!("{} LUFS", number(Some(lufs), 1))
                )
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
                escape(&place.name),
                clock(place.at_s)
            )
        })
        .collect();
    format!("<span class=\"places\" role=\"group\" aria-label=\"Place\">{buttons}</span>")
}

/// Where all of it can be heard: a way to each mark but the beginning.
fn mark_buttons(listening: &Listening<'_>) -> String {
    if listening.song.places.len() > 1 {
        return String::new();
    }
    let marks = listening
        .marks
        .iter()
        .enumerate()
        .filter(|(_, mark)| mark.at_s > 0.0 && !mark.name.is_empty());
    let buttons: String = marks
        .map(|(index, mark)| {
            format!(
                "<button id=\"t{index}\" type=\"button\">{} <span class=\"soft\">{}</span></button>",
                escape(&mark.name),
                clock(mark.at_s)
            )
        })
        .collect();
    if buttons.is_empty() {
        return buttons;
    }
    format!("<span class=\"places\" role=\"group\" aria-label=\"Moment\">{buttons}</span>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::{places, whole};
    use acetate_analyzer::Series;

    fn series(seconds: usize) -> Series {
        let steps = 10 * seconds;
        let level = |step: usize| Some(-10.0 - (step % 90) as f64 / 10.0);
        Series {
            step_s: 0.1,
            momentary_lufs: (0..steps).map(level).collect(),
            short_term_lufs: (0..steps).map(level).collect(),
            peak_dbtp: (0..steps).map(level).collect(),
            ..Series::default()
        }
    }

    fn version<'a>(name: &str, lufs: f64, series: &'a Series, places: &[Place]) -> Version<'a> {
        let sound = places.iter().map(|_| "ZkxhQw==".to_owned()).collect();
        Version { name: name.to_owned(), lufs: Some(lufs), series, begin_s: 0.0, sound }
    }

    #[test]
    fn a_record_is_the_last_button_at_matched_loudness_in_a_time_of_its_own() {
        let (long, short) = (series(100), series(20));
        let (song, record) = (places(&long, 100.0), whole(20.0));
        let versions =
            vec![version("mix", -20.0, &long, &song), version("master", -12.0, &long, &song)];
        let listening = Listening {
            song: Timeline { versions, places: song },
            record: Some(Timeline {
                versions: vec![version("record", -9.0, &short, &record)],
                places: record,
            }),
            marks: Vec::new(),
        };
        let data = data(&listening);
        assert_eq!(data["versions"][2]["line"], 1);
        assert_eq!(data["versions"][2]["match_db"], -11.0);
        assert_eq!(data["lines"][0]["places"].as_array().unwrap().len(), 3);
        assert_eq!(data["lines"][1]["duration_s"], 20.0);
        let html = player(&listening);
        for part in
            ["id=\"v2\" class=\"v-aim\"", "id=\"wave1\"", "id=\"w2\"", "id=\"a2-0\"", "id=\"a0-2\""]
        {
            assert!(html.contains(part), "{part}");
        }
    }

    #[test]
    fn a_hostile_name_is_text_in_buttons_and_data() {
        let series = series(10);
        let name = "</script><img src=x onerror=alert(1)>";
        let versions = vec![
            version(name, -20.0, &series, &whole(10.0)),
            version(name, -12.0, &series, &whole(10.0)),
        ];
        let song = Timeline { versions, places: whole(10.0) };
        let html = player(&Listening { song, record: None, marks: Vec::new() });
        assert!(!html.contains("<img") && html.contains("&lt;img src=x"));
        assert_eq!(html.matches("</script>").count(), 3, "data and two sounds");
    }
}
