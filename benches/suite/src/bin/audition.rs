//! How near an audition comes to the hidden wishes of simulated people, answer by answer.

#![allow(
    clippy::disallowed_methods,
    reason = "a bench renders nothing that must be the same bits everywhere"
)]

use std::error::Error;
use std::path::PathBuf;

use acetate_bench::person::{Asking, Manner, Missed, PEOPLE, People, Person, sit, usual_space};
use acetate_bench::provenance::Provenance;
use acetate_bench::report::write_json;
use acetate_optimizer::TasteSpace;
use clap::Parser;
use rayon::prelude::*;
use serde::Serialize;

/// Answers that are looked at.
const ANSWERS: usize = 12;

/// Sits through auditions with simulated people and prints how near the end is to their wishes.
#[derive(Parser)]
struct Arguments {
    /// People of each kind.
    #[arg(long, default_value_t = 400)]
    runs: u64,
    /// First seed; the constants of the model were chosen below 100000.
    #[arg(long, default_value_t = 100_000)]
    first: u64,
    /// Only these people.
    #[arg(long)]
    people: Option<String>,
    /// Where the JSON goes.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Where the tables go, as Markdown.
    #[arg(long)]
    page: Option<PathBuf>,
}

#[derive(Serialize)]
struct Report {
    made: Provenance,
    runs: u64,
    first_seed: u64,
    rows: Vec<Row>,
}

/// People of one kind, asked in one way.
#[derive(Serialize)]
struct Row {
    people: &'static str,
    answers: &'static str,
    asked: &'static str,
    /// Right ones of the answers that name one of the two, percent.
    right_pct: f64,
    /// Within 1 dB and 10 % after so many answers, percent of the people.
    near_pct: Vec<f64>,
    /// Within 1 dB, whatever the width.
    tone_near_pct: Vec<f64>,
    /// Within 10 % of width, whatever the tone.
    width_near_pct: Vec<f64>,
    /// Mean of what is missed.
    tone_db: Vec<f64>,
    width_pct: Vec<f64>,
    density_pct: Vec<f64>,
}

fn row(
    space: &TasteSpace,
    people: People,
    manner: Manner,
    asking: Asking,
    seeds: std::ops::Range<u64>,
) -> Row {
    let sat: Vec<(Vec<Missed>, [usize; 2])> = seeds
        .into_par_iter()
        .map(|seed| {
            let mut person = Person::drawn(people, manner, seed);
            sit(space, &mut person, asking, ANSWERS, seed)
        })
        .collect();
    let count = sat.len() as f64;
    let mean = |of: &dyn Fn(&Missed) -> f64| -> Vec<f64> {
        (0..=ANSWERS)
            .map(|answers| sat.iter().map(|(missed, _)| of(&missed[answers])).sum::<f64>() / count)
            .map(|value| (1e3 * value).round() / 1e3)
            .collect()
    };
    let share =
        |holds: &dyn Fn(&Missed) -> bool| mean(&|missed| if holds(missed) { 100.0 } else { 0.0 });
    let [right, given] =
        sat.iter().fold([0; 2], |[right, given], (_, [r, g])| [right + r, given + g]);
    Row {
        people: people.name,
        answers: if manner == Manner::Steady { "right in 85 of 100" } else { "by distance" },
        asked: if asking == Asking::Telling { "most telling" } else { "by lot" },
        right_pct: (1e3 * right as f64 / given as f64).round() / 10.0,
        near_pct: share(&Missed::is_near),
        tone_near_pct: share(&|missed| missed.tone_db <= 1.0),
        width_near_pct: share(&|missed| missed.width_pct <= 10.0),
        tone_db: mean(&|missed| missed.tone_db),
        width_pct: mean(&|missed| missed.width_pct),
        density_pct: mean(&|missed| missed.density_pct),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let space = usual_space();
    let mut rows = Vec::new();
    let wanted =
        |people: &&People| arguments.people.as_deref().is_none_or(|name| name == people.name);
    for &people in PEOPLE.iter().filter(wanted) {
        for manner in [Manner::Steady, Manner::ByDistance] {
            for asking in [Asking::Telling, Asking::ByLot] {
                let seeds = arguments.first..arguments.first + arguments.runs;
                let row = row(&space, people, manner, asking, seeds);
                println!("{}", line(&row));
                rows.push(row);
            }
        }
    }
    if let Some(page) = &arguments.page {
        std::fs::write(page, markdown(&rows, arguments.runs))?;
    }
    let report = Report {
        made: Provenance::here(),
        runs: arguments.runs,
        first_seed: arguments.first,
        rows,
    };
    Ok(write_json(arguments.out.as_deref(), &report)?)
}

fn line(row: &Row) -> String {
    let few = |values: &[f64]| {
        [0, 2, 4, 5, 6, 8, 10, 12].map(|answers| format!("{:.0}", values[answers])).join(" ")
    };
    format!(
        "{} | {} | {} | right {:.0} | near {} | tone {} | width {} | 8: {:.2} dB {:.1} % density {:.1}",
        row.people,
        row.answers,
        row.asked,
        row.right_pct,
        few(&row.near_pct),
        few(&row.tone_near_pct),
        few(&row.width_near_pct),
        row.tone_db[8],
        row.width_pct[8],
        row.density_pct[8]
    )
}

/// What stands before the tables.
const PROSE: &str = "# An audition, measured

This page is written by `cargo run --profile quick -p acetate-bench --bin audition -- --out benches/results/audition.json --page docs/audition.md`.

A wish is a point in a space of few ways to move a master: three directions of tone (the principal components of a slope, a bass shelf, a
bell of presence and the directions of the likeliest style, together about 1.1 dB rms over the third octaves), the width (1 dB of
the side, 12 %), the density (10 % of the spread of the level). A listener prefers the nearer of two points, the more surely the more
they differ (Bradley & Terry, 1952; ties after Rao & Kupper, 1967), with slips; how far they differ for that, how little is \"the same\", how
much each family counts and how often it slips are not known either. Belief is 4096 possible listeners, weighted by the answers. The next pair is
that of some 130 whose answer is expected to tell most bits about the listener (Houlsby et al., 2011), 1.5 to 2.8 steps apart, a step
being 1 dB rms, 10 % of width or 15 % of density. The settings are the mean of the wishes.

## Who is asked

Simulated people with a hidden wish of other shapes than the model has: a slope, a shelf of any corner from 80 to 200 Hz, a bell anywhere
from 1.5 to 5 kHz, a bump of less than an octave anywhere, which no answer can tell about; width and density. *usual* differ about as much as the model takes
them to, *wider* 1.3 times as much, *even* up to a bound of 2.1 standard deviations, all of it as likely. They answer either *right in 85 of 100* cases, however much
the two differ, never \"the same\"; or *by distance*: a logistic curve, \"the same\" for what is as near, 2 % slips. Near is within 1 dB rms of
the third octaves from 40 Hz on and within 10 % of width. No constant was chosen by these figures: they were set before the first run, of which seeds below 100000 were
looked at; those of the tables begin there.

An answer that is right in 85 of 100 cases holds at most 0.39 bits, eight of them 3.1: that is what there is to find a wish in three
directions of tone, width and density with. Answers that are surer where the difference is larger hold more.

";

/// How many people of a hundred should be near after how many answers.
const WANTED: (f64, usize) = (80.0, 8);

/// Who is near less often than is wanted.
fn missed(rows: &[Row]) -> String {
    let (pct, answers) = WANTED;
    let fewer = |row: &&Row| row.asked == "most telling" && row.near_pct[answers] < pct;
    let told: Vec<String> = rows
        .iter()
        .filter(fewer)
        .map(|row| {
            format!("{} who answer {} ({:.1} %)", row.people, row.answers, row.near_pct[answers])
        })
        .collect();
    match told.is_empty() {
        true => String::new(),
        false => format!(
            "\nWanted are 80 of 100 people near after eight answers. Fewer are, with the most telling pairs: {}.\n",
            told.join(", ")
        ),
    }
}

/// A figure of a row, answer by answer.
type Column = fn(&Row) -> &[f64];

/// The columns of the tables: how many answers.
const COLUMNS: [usize; 13] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

fn markdown(rows: &[Row], runs: u64) -> String {
    let mut text = PROSE.to_owned();
    text += &format!(
        "{runs} people of each kind (`--runs {runs}`). No answer is the mix as it would be mastered anyway.\n"
    );
    text += &missed(rows);
    let tables: [(&str, Column, usize); 6] = [
        ("Near: within 1 dB and 10 %, percent of the people", |row| &row.near_pct[..], 0),
        ("Tone within 1 dB, percent of the people", |row| &row.tone_near_pct[..], 0),
        ("Width within 10 %, percent of the people", |row| &row.width_near_pct[..], 0),
        ("Tone: mean distance, dB rms", |row| &row.tone_db[..], 2),
        ("Width: mean distance, %", |row| &row.width_pct[..], 1),
        ("Density: mean distance, % of the spread of the level", |row| &row.density_pct[..], 1),
    ];
    let header = COLUMNS.map(|answers| answers.to_string()).join(" | ");
    for (title, of, digits) in tables {
        text += &format!(
            "\n## {title}\n\n| people | answers | pairs | right | {header} |\n|---|---|---|{}\n",
            "---:|".repeat(14)
        );
        for row in rows {
            let values =
                COLUMNS.map(|answers| format!("{:.digits$}", of(row)[answers])).join(" | ");
            text += &format!(
                "| {} | {} | {} | {:.0} % | {values} |\n",
                row.people, row.answers, row.asked, row.right_pct
            );
        }
    }
    text
}
