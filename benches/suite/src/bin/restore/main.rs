//! Repairs against damage that is made here, so that the truth is known, on any folder of music.
//!
//! Each kind of damage is put into excerpts of every song; what is found and mended is compared with what was there. Songs as they are, and
//! sounds that only look like damage, must be left alone. Figures and constructions: docs/restore.md.

#![allow(
    clippy::disallowed_methods,
    reason = "damage that is made for a measurement need not be the same bits everywhere"
)]

mod beside;
mod damage;
mod hard;
mod material;
mod score;
mod speed;
mod tools;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;

use acetate_bench::provenance::Provenance;
use acetate_bench::report::write_json;
use clap::Parser;
use serde::Serialize;

use beside::{PeerLeft, PeerRow, Present};
use hard::Bed;
use material::Excerpt;
use speed::Speed;
use work::{Kind, Left, Reliability, Row};

#[derive(Parser)]
pub(crate) struct Arguments {
    /// Files and folders of music that damage is made in.
    #[arg(required = true)]
    music: Vec<PathBuf>,
    /// Finished recordings that must be left alone; those of `music` where none are named.
    #[arg(long)]
    clean: Vec<PathBuf>,
    /// Only these kinds of damage.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Kind>,
    /// Say what happens in every file.
    #[arg(long)]
    pub(crate) each: bool,
    /// Mend what was damaged, where it was: how far repairs alone go.
    #[arg(long)]
    pub(crate) told: bool,
    /// Leave out the songs that must be left alone.
    #[arg(long)]
    no_clean: bool,
    /// Let other tools mend the same damage, those that are there; those in Python where `ACETATE_PEERS_PYTHON` names one.
    #[arg(long)]
    peers: bool,
    /// Leave out how long it takes.
    #[arg(long)]
    no_speed: bool,
    /// Where the random places come from.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where to write the result as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Serialize)]
struct Report {
    bench: &'static str,
    provenance: Provenance,
    songs: Vec<String>,
    rows: Vec<Row>,
    clean: Vec<Left>,
    hard: Vec<Left>,
    /// Of clicks, in damaged, clean and hard sounds together.
    reliability: Vec<Reliability>,
    speed: Vec<Speed>,
    peers: Option<Peers>,
}

/// Other tools: which are there, the same damage, and songs as they are.
#[derive(Serialize)]
struct Peers {
    programs: Vec<Present>,
    rows: Vec<PeerRow>,
    clean: Vec<PeerLeft>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let kinds = if arguments.only.is_empty() { Kind::ALL.to_vec() } else { arguments.only.clone() };
    let songs = material::songs(&arguments.music);
    if songs.is_empty() {
        eprintln!("there is no music");
        return ExitCode::from(2);
    }
    let look = || Peers { programs: beside::present(), rows: Vec::new(), clean: Vec::new() };
    let mut peers = arguments.peers.then(look);
    let mut rows = Vec::new();
    for &kind in &kinds {
        for case in kind.cases() {
            let excerpts = songs.iter().map(|song| song.excerpt(kind.seconds()));
            let excerpts: Vec<Excerpt> = excerpts.collect();
            let row = work::row(case, &excerpts, &arguments);
            println!("{}", row.line());
            if let Some(peers) = &mut peers {
                let tools = beside::rows(case, &row, &excerpts, &arguments, &peers.programs);
                peers.rows.extend(tools);
            }
            rows.push(row);
        }
    }
    let (mut clean, mut hard) = (Vec::new(), Vec::new());
    if !arguments.no_clean {
        let named = if arguments.clean.is_empty() { &arguments.music } else { &arguments.clean };
        let excerpts: Vec<Excerpt> =
            material::songs(named).iter().map(|song| song.as_it_is(30.0)).collect();
        clean.extend(excerpts.iter().map(|sound| work::left(sound, &kinds)));
        work::say("clean", &clean, arguments.each);
        if let Some(peers) = &mut peers {
            peers.clean = beside::left(&excerpts, &kinds, &peers.programs);
        }
        let (wet, dry) = (hard::sounds(Bed::Noise), hard::sounds(Bed::Silence));
        for (wet, dry) in wet.iter().zip(&dry) {
            hard.push(work::left_hard(wet, dry, &kinds));
        }
        work::say("hard", &hard, arguments.each);
    }
    let lefts = clean.iter().chain(&hard).map(|left: &Left| &left.sure);
    let sure: Vec<(f64, bool)> =
        rows.iter().map(|row: &Row| &row.sure).chain(lefts).flatten().copied().collect();
    let reliability = work::reliability(&sure);
    println!("{}", serde_json::to_string(&reliability).unwrap_or_default());
    let timed = !arguments.no_speed;
    let speed = if timed { speed::speed(&songs[0], &kinds) } else { Vec::new() };
    let songs = songs.into_iter().map(|song| song.name).collect();
    let provenance = Provenance::here();
    let report = Report {
        bench: "restore",
        provenance,
        songs,
        rows,
        clean,
        hard,
        reliability,
        speed,
        peers,
    };
    match write_json(arguments.json.as_deref(), &report) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
