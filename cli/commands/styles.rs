//! `acetate styles`: what records of a kind have in common, built in and learnt from one's own, and what a person likes.

use acetate::audio::numbers::number;
use acetate::references::Taste;
use acetate::references::style::{Percentiles, Style, styles};
use acetate::text::table::{Align, Table, WIDTH, wrap};
use clap::Args;
use serde_json::{Value, json};

use crate::completing;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::global::{Global, print, print_json};
use crate::lookup;

/// List the styles that --style takes, built in and your own, and your tastes
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate styles                                  all, with the records behind each\n  acetate styles jazz                             one: how loud, how dynamic, how wide\n  acetate master song.wav --style jazz            judge by it\n  acetate references fit records/ --name mine     learn one from your own records"
)]
pub(crate) struct StylesArguments {
    /// Only this one
    #[arg(value_name = "ID|FILE", add = completing::styles())]
    style: Option<String>,
}

pub(crate) fn run(arguments: &StylesArguments, global: &Global) -> Outcome<Exit> {
    let library = lookup::library().ok();
    if let Some(name) = &arguments.style {
        if let Some(taste) = acetate::taste_named(name, library.as_ref())? {
            return show_taste(&taste, global);
        }
        return show(&acetate::style_named(name, library.as_ref())?, global);
    }
    let mut all: Vec<(Style, bool)> = styles().iter().map(|style| (style.clone(), false)).collect();
    let mut tastes = Vec::new();
    if let Some(library) = library {
        for id in library.style_ids().map_err(acetate::Error::from)? {
            match library.style(&id) {
                Ok(style) => all.push((style, true)),
                Err(error) => global.progress().note("Skipped", &error.to_string()),
            }
        }
        for id in library.taste_ids().map_err(acetate::Error::from)? {
            match library.taste(&id) {
                Ok(taste) => tastes.push(taste),
                Err(error) => global.progress().note("Skipped", &error.to_string()),
            }
        }
    }
    if global.wants_json() {
        let list: Vec<Value> = all
            .iter()
            .map(|(style, own)| as_json(style, *own))
            .chain(tastes.iter().map(taste_as_json))
            .collect();
        print_json(&list)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[
        ("id", Align::Left),
        ("records", Align::Right),
        ("LUFS", Align::Right),
        ("PLR dB", Align::Right),
        ("LRA LU", Align::Right),
        ("name", Align::Left),
    ]);
    for (style, own) in &all {
        let name = if *own { format!("{} (your own)", style.name) } else { style.name.clone() };
        table.row([
            style.id.clone(),
            style.records.to_string(),
            number(Some(style.integrated_lufs.p50), 1),
            number(Some(style.plr_db.p50), 1),
            number(Some(style.loudness_range_lu.p50), 1),
            name,
        ]);
    }
    for taste in tastes {
        let [records, lufs, plr, range] = ["-"; 4].map(str::to_owned);
        table.row([taste.id, records, lufs, plr, range, format!("{} (your taste)", taste.name)]);
    }
    print(&(table.lines().join("\n") + "\n"))?;
    Ok(Exit::Done)
}

fn as_json(style: &Style, own: bool) -> Value {
    json!({
        "id": style.id, "name": style.name, "own": own, "records": style.records,
        "integrated_lufs": style.integrated_lufs, "plr_db": style.plr_db, "loudness_range_lu": style.loudness_range_lu,
        "standard_error_db": style.standard_error_db, "source": style.source,
    })
}

fn taste_as_json(taste: &Taste) -> Value {
    let style = taste.style.as_ref().map(|style| &style.id);
    json!({
        "id": taste.id, "name": taste.name, "own": true, "lean": taste.lean, "style": style, "source": taste.source,
    })
}

fn show_taste(taste: &Taste, global: &Global) -> Outcome<Exit> {
    if global.wants_json() {
        print_json(taste)?;
        return Ok(Exit::Done);
    }
    let style = taste.style.as_ref().map_or("as the mix needs", |style| &style.id);
    let lines = [
        format!("{}  {} (your taste)", global.paint().bold(&taste.id), taste.name),
        format!("  style      {style}"),
        wrap(&format!("  source     {}", taste.source), WIDTH, "             "),
    ];
    print(&(lines.join("\n") + "\n"))?;
    Ok(Exit::Done)
}

fn show(style: &Style, global: &Global) -> Outcome<Exit> {
    if global.wants_json() {
        print_json(style)?;
        return Ok(Exit::Done);
    }
    let range = |values: &Percentiles, unit: &str| {
        let [low, middle, high] =
            [values.p25, values.p50, values.p75].map(|value| number(Some(value), 1));
        format!("{middle} {unit}, half of them from {low} to {high}")
    };
    let lines = [
        format!("{}  {}", global.paint().bold(&style.id), style.name),
        format!(
            "  records    {} (mean curve sure to {:.1} dB)",
            style.records, style.standard_error_db
        ),
        format!("  loudness   {}", range(&style.integrated_lufs, "LUFS")),
        format!("  peaks      {} over it", range(&style.plr_db, "dB")),
        format!("  range      {}", range(&style.loudness_range_lu, "LU")),
        wrap(&format!("  source     {}", style.source), WIDTH, "             "),
    ];
    print(&(lines.join("\n") + "\n"))?;
    Ok(Exit::Done)
}
