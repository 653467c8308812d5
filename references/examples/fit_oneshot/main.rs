//! Fits the model of records that a one-shot is judged by, and measures it.
//!
//! ```text
//! cargo run --release -p acetate-references --example fit_oneshot -- ../shared/data/commercial_tracks.csv [PIECES...]
//! ```
//!
//! Writes `references/data/oneshot.json`, `docs/oneshot.md`, `docs/oneshot.json` and a picture into
//! `docs/oneshot`. PIECES are collections of whole
//! pieces of other music, each the lines of `acetate analyze --jsonl`.

mod corpus;
mod folds;
mod pieces;
mod plant;
mod plots;
mod report;

use std::error::Error;
use std::fs;
use std::path::Path;

use acetate_references::oneshot::{FitChoices, Signs, fit};
use serde_json::json;

use crate::pieces::Other;

/// Where the statistics come from.
const SOURCE: &str = "statistics of commercial recordings published with ai-mastering/phaselimiter, MIT licence, copyright 2020 \
                      Shin Fukuse";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let table = arguments.next().ok_or("fit_oneshot TABLE [PIECES...]")?;
    let collections =
        arguments.map(|path| pieces::read(Path::new(&path))).collect::<Result<Vec<_>, _>>()?;
    let records = corpus::read(Path::new(&table))?;
    let choices = FitChoices::default();
    let signs: Vec<Signs> = records.iter().map(|record| record.signs.clone()).collect();
    let model = fit(&signs, SOURCE, &choices);
    let mut json = serde_json::to_string(&model)?;
    json.push('\n');
    fs::write("references/data/oneshot.json", json)?;
    // The lines of certainty have two numbers each: those of all records are used in every fold.
    let choices = FitChoices { faults: model.faults.clone(), ..choices };
    let measured = folds::measure(&records, &choices);
    println!("{:?}", model.faults);
    for figures in &measured.figures {
        println!("{figures} range {:4.1} %", figures.range_holds_pct);
    }
    let other = Other::of(&collections, &model);
    for measured in std::iter::once(&other.all).chain(other.own.iter().map(|own| &own.with)) {
        println!("{} pieces, {} not judged", measured.pieces, measured.unjudged);
        measured.figures.iter().for_each(|figures| println!("{figures}"));
    }
    fs::create_dir_all("docs/oneshot")?;
    fs::write("docs/oneshot/reliability.svg", plots::reliability(&measured.reliability))?;
    fs::write("docs/oneshot.md", report::report(&measured, &other))?;
    let document = json!({ "records": measured, "other_music": other });
    fs::write("docs/oneshot.json", serde_json::to_string_pretty(&document)? + "\n")?;
    Ok(())
}
