//! Measures every processor on its sound and writes `measurements.md` with its pictures:
//! `cargo run --release -p acetate-engine --example measure -- docs`.

#![allow(clippy::disallowed_methods, reason = "test signals and pictures")]

mod plot;
mod signal;
mod subjects;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use subjects::Row;

fn main() -> std::io::Result<ExitCode> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "docs".into());
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("pictures"))?;
    let mut page = String::from(
        "# Measurements\n\nEvery figure and picture on this page is made by `docs/scripts/measurements`, which runs the engine on \
         test signals, measures what comes out, and fails when a figure is not what is asked. Stereo, 44.1 kHz. Each figure is \
         asserted by a test of the engine too.\n\nTrue peaks of files as written, of hard signals and of real music, by two \
         meters that share nothing with the engine: `benches/results/render_checks.json`, made by `render_checks`; by sincs of 1025 and 4097 taps: `benches/results/true_peak.json`, made by `true_peak`. Speed: \
         `benches/results/render_speed.json`, made by `render_speed`.\n\n| processor | measured | result | asked |\n\
         |---|---|---|---|\n",
    );
    let subjects = [
        subjects::equalizer(),
        subjects::compressor(),
        subjects::crossovers(),
        subjects::stereo(),
        subjects::saturator(),
        subjects::resampler(),
        subjects::limiter(),
        subjects::dither(),
    ];
    let mut all_kept = true;
    for row in subjects.iter().flat_map(|subject| &subject.rows) {
        let Row { processor, what, result, asked, kept } = row;
        page += &format!("| {processor} | {what} | {result} | {asked} |\n");
        if !kept {
            println!("{processor}, {what}: {result}, asked {asked}");
            all_kept = false;
        }
    }
    for subject in subjects {
        for picture in subject.pictures {
            let file = format!("pictures/{}.svg", picture.name);
            fs::write(folder.join(&file), picture.svg)?;
            page += &format!("\n![{}]({file})\n", picture.caption);
        }
    }
    fs::write(folder.join("measurements.md"), page)?;
    Ok(if all_kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
