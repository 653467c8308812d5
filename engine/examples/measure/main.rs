//! Measures every processor on its sound and writes `measurements.md` with its pictures:
//! `cargo run --release -p acetate-engine --example measure -- docs`.

#![allow(clippy::disallowed_methods, reason = "test signals and pictures")]

mod plot;
mod signal;
mod subjects;

use std::fs;
use std::path::Path;

use subjects::Row;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "docs".into());
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("pictures"))?;
    let mut page = String::from(
        "# Measurements\n\nEvery figure and picture on this page is made by `docs/scripts/measurements`, which runs the engine on \
         test signals and measures what comes out. Stereo, 44.1 kHz.\n\n| processor | measured | result | bound |\n|---|---|---|---|\n",
    );
    let subjects = [
        subjects::equalizer(),
        subjects::compressor(),
        subjects::stereo(),
        subjects::saturator(),
        subjects::resampler(),
        subjects::limiter(),
        subjects::dither(),
    ];
    for row in subjects.iter().flat_map(|subject| &subject.rows) {
        let Row { processor, what, result, bound } = row;
        page += &format!("| {processor} | {what} | {result} | {bound} |\n");
    }
    for subject in subjects {
        for picture in subject.pictures {
            let file = format!("pictures/{}.svg", picture.name);
            fs::write(folder.join(&file), picture.svg)?;
            page += &format!("\n![{}]({file})\n", picture.caption);
        }
    }
    fs::write(folder.join("measurements.md"), page)
}
