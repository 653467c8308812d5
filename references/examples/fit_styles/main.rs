//! Fits the built-in styles to the statistics of commercial recordings, and shows how well they hold on
//! recordings they have not seen.
//!
//! ```text
//! cargo run --release -p acetate-references --example fit_styles -- ../shared/data/commercial_tracks.csv
//! ```
//!
//! After `fit_oneshot`, of whose model the styles are shares.
//!
//! Writes `references/data/styles.json` and `references/data/placement.json` (what is shipped), and
//! `docs/styles.md`, `docs/styles.json` and `docs/styles/*.svg` (what it was chosen by). Everything is seeded:
//! the same CSV gives the same files.

mod conversion;
mod corpus;
mod kinds;
mod placing;
mod plots;
mod report;
mod tones;

use std::error::Error;
use std::fs;
use std::path::Path;

use acetate_references::oneshot::{Signs, model};
use acetate_references::style::{Sample, Style, StyleError, fit_style};
use serde_json::Value;

use corpus::Track;

/// Whom the shipped models are owed to.
const ATTRIBUTION: &str = "fitted to the analysis data published with ai-mastering/phaselimiter, MIT licence, \
                           copyright 2020 Shin Fukuse";

/// Loudness above which a recording counts as loud, LUFS.
const LOUD_ABOVE_LUFS: f64 = -12.0;

/// Decimals of the shipped numbers: a ten-thousandth of a dB.
const DECIMALS: f64 = 1e4;

/// A style and the recordings it is fitted to.
struct Group {
    name: &'static str,
    belongs: fn(&Track) -> bool,
}

const GROUPS: [Group; 6] = [
    Group { name: "pop", belongs: |track| track.genre == "pop" },
    Group { name: "jazz", belongs: |track| track.genre == "jazz" },
    Group { name: "classical", belongs: |track| track.genre == "classical" },
    Group { name: "mixed", belongs: |track| track.genre == "other" },
    Group {
        name: "loud",
        belongs: |track| track.sample.integrated_lufs.is_some_and(|lufs| lufs > LOUD_ABOVE_LUFS),
    },
    Group { name: "all", belongs: |_| true },
];

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: fit_styles TRACKS.csv")?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (data, docs) = (root.join("data"), root.join("../docs"));
    let tracks = corpus::read(Path::new(&path))?;
    println!("{} recordings", tracks.len());

    let conversion = conversion::check(&tracks);
    let mut styles =
        GROUPS.iter().map(|group| fit(group, &tracks)).collect::<Result<Vec<_>, _>>()?;
    let all = styles.last().ok_or("no style")?.clone();
    let tones: Vec<_> =
        GROUPS.iter().map(|group| tones::validate(group.name, &members(group, &tracks))).collect();
    let placing = placing::choose(&tracks);
    let kinds = kinds::find(&tracks, &placing.model.space)?;
    styles.extend(kinds.styles.iter().cloned());

    fs::create_dir_all(docs.join("styles"))?;
    write_json(&data.join("styles.json"), serde_json::to_value(&styles)?)?;
    write_json(&data.join("placement.json"), serde_json::to_value(&placing.model)?)?;
    write_json(&docs.join("styles.json"), report::document(&conversion, &tones, &placing, &kinds))?;
    fs::write(
        docs.join("styles.md"),
        report::text(&styles, &conversion, &tones, &placing, &kinds),
    )?;
    for style in &styles {
        fs::write(docs.join(format!("styles/{}.svg", style.id)), plots::curve(style))?;
    }
    fs::write(docs.join("styles/components.svg"), plots::components(&all, &tracks))?;
    Ok(())
}

fn members(group: &Group, tracks: &[Track]) -> Vec<Sample> {
    tracks.iter().filter(|track| (group.belongs)(track)).map(|track| track.sample.clone()).collect()
}

/// A style of some recordings, with how they lie in the shipped model of records, which is fitted first (`fit_oneshot`).
fn style_of(name: &str, tracks: &[&Track]) -> Result<Style, StyleError> {
    let samples: Vec<Sample> = tracks.iter().map(|track| track.sample.clone()).collect();
    let signs: Vec<Signs> = tracks.iter().filter_map(|track| track.signs.clone()).collect();
    let style = fit_style(name, ATTRIBUTION, &samples)?;
    Ok(Style { kind: Some(model().shares_of(&signs)), ..style })
}

fn fit(group: &Group, tracks: &[Track]) -> Result<Style, Box<dyn Error>> {
    let tracks: Vec<&Track> = tracks.iter().filter(|track| (group.belongs)(track)).collect();
    let style = style_of(group.name, &tracks)?;
    println!(
        "{}: {} recordings, {} components",
        style.id,
        style.records,
        style.tone.components.len()
    );
    Ok(style)
}

fn write_json(path: &Path, mut value: Value) -> Result<(), Box<dyn Error>> {
    round(&mut value);
    let mut text = serde_json::to_string_pretty(&value)?;
    text.push('\n');
    fs::write(path, text)?;
    Ok(())
}

/// Rounds every number of a document, so that a shipped file does not hang on the last bits of a platform.
fn round(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            let rounded = number.as_f64().map(|number| (number * DECIMALS).round() / DECIMALS);
            *value = rounded.map_or(Value::Null, Value::from);
        }
        Value::Array(values) => values.iter_mut().for_each(round),
        Value::Object(map) => map.values_mut().for_each(round),
        _ => {}
    }
}
