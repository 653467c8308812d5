//! Cuts of one recording are found, and places that do not belong together are not taken for one.
//!
//! Takes any folder of music. Every song is cut at random places where it sounds: those are joins. Ends and beginnings at random places
//! of different songs, and of two places of one song at least a second apart, are none; nor are the edges of the files as they are.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use acetate_bench::masters::{named_files, open_or_leave_out};
use acetate_bench::provenance::Provenance;
use acetate_bench::report::write_json;
use acetate_optimizer::album::{EDGE_FRAMES, JOIN_SCORE_MAX, join_score};
use clap::Parser;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::Serialize;

/// Shares to be reached.
const FOUND_MIN: f64 = 0.99;
const FALSE_MAX: f64 = 0.02;
/// Tries to find a place that sounds.
const TRIES_MAX: usize = 100;

#[derive(Parser)]
struct Arguments {
    /// Files and folders of music.
    #[arg(required = true)]
    music: Vec<PathBuf>,
    /// Places of each kind.
    #[arg(long, default_value_t = 600)]
    places: usize,
    /// Where the random places come from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to write the result as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// A song in memory.
struct Song {
    name: String,
    sample_rate_hz: u32,
    planes: Vec<Vec<f32>>,
}

#[derive(Serialize)]
struct Report {
    bench: &'static str,
    provenance: Provenance,
    songs: Vec<String>,
    score_max: f64,
    kinds: Vec<Kind>,
}

/// Places of one kind.
#[derive(Serialize)]
struct Kind {
    name: &'static str,
    places: usize,
    /// Share that is taken for a join.
    taken: f64,
    /// Scores at the 1st, 5th, 50th, 95th and 99th percentile.
    score_percentiles: Vec<f64>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let songs: Vec<Song> =
        named_files(&arguments.music).iter().filter_map(|path| open(path)).collect();
    if songs.len() < 2 {
        eprintln!("needs two songs at least");
        return ExitCode::from(2);
    }
    let mut random = Xoshiro256PlusPlus::seed_from_u64(arguments.seed);
    let mut kind = |name, pick: &dyn Fn(&mut Xoshiro256PlusPlus) -> Option<f64>| {
        let mut scores: Vec<f64> =
            (0..arguments.places).filter_map(|_| pick(&mut random)).collect();
        scores.sort_by(f64::total_cmp);
        let taken = scores.iter().filter(|&&score| score <= JOIN_SCORE_MAX).count();
        let last = scores.len().saturating_sub(1) as f64;
        let at =
            |share: f64| scores.get((last * share).round() as usize).copied().unwrap_or(f64::NAN);
        let kind = Kind {
            name,
            places: scores.len(),
            taken: taken as f64 / scores.len().max(1) as f64,
            score_percentiles: [0.01, 0.05, 0.5, 0.95, 0.99].map(at).to_vec(),
        };
        println!(
            "{name:<24} {:4} places, {:5.1} % taken for a join, scores {:.2?}",
            kind.places,
            100.0 * kind.taken,
            kind.score_percentiles
        );
        kind
    };
    let mut kinds = vec![
        kind("cuts of one recording", &|random| {
            sounding(random, |random| {
                let song = &songs[random.gen_range(0..songs.len())];
                let cut = place(song, random);
                score(song, cut, song, cut)
            })
        }),
        kind("different songs", &|random| {
            sounding(random, |random| {
                let (one, other) = two_songs(&songs, random)?;
                score(one, place(one, random), other, place(other, random))
            })
        }),
        kind("two places of one song", &|random| {
            sounding(random, |random| {
                let song = &songs[random.gen_range(0..songs.len())];
                let (end, begin) = (place(song, random), place(song, random));
                (end.abs_diff(begin) > song.sample_rate_hz as usize)
                    .then(|| score(song, end, song, begin))?
            })
        }),
    ];
    kinds.push(kind("ends and beginnings of files", &|random| {
        sounding(random, |random| {
            let (one, other) = two_songs(&songs, random)?;
            score(one, one.planes[0].len(), other, 0)
        })
    }));
    let reached =
        kinds[0].taken >= FOUND_MIN && kinds[1..].iter().all(|kind| kind.taken <= FALSE_MAX);
    let report = Report {
        bench: "joins",
        provenance: Provenance::here(),
        songs: songs.into_iter().map(|song| song.name).collect(),
        score_max: JOIN_SCORE_MAX,
        kinds,
    };
    if let Err(error) = write_json(arguments.json.as_deref(), &report) {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    if reached { ExitCode::SUCCESS } else { ExitCode::from(3) }
}

fn open(path: &Path) -> Option<Song> {
    let source = open_or_leave_out(path)?;
    let audio = source.audio()?;
    Some(Song {
        name: path.file_name()?.to_string_lossy().into_owned(),
        sample_rate_hz: audio.spec().sample_rate_hz,
        planes: audio.planes().to_vec(),
    })
}

/// Two different songs of one format; `None` where chance had others.
fn two_songs<'a>(
    songs: &'a [Song],
    random: &mut Xoshiro256PlusPlus,
) -> Option<(&'a Song, &'a Song)> {
    let (one, other) =
        (&songs[random.gen_range(0..songs.len())], &songs[random.gen_range(0..songs.len())]);
    let alike = one.sample_rate_hz == other.sample_rate_hz
        && one.planes.len() == other.planes.len()
        && one.name != other.name;
    alike.then_some((one, other))
}

/// A frame with room for what is looked at on both sides.
fn place(song: &Song, random: &mut Xoshiro256PlusPlus) -> usize {
    random.gen_range(EDGE_FRAMES..song.planes[0].len() - EDGE_FRAMES)
}

/// The first score of a few tries: where it is silent there is none.
fn sounding(
    random: &mut Xoshiro256PlusPlus,
    pick: impl Fn(&mut Xoshiro256PlusPlus) -> Option<f64>,
) -> Option<f64> {
    (0..TRIES_MAX).find_map(|_| pick(random))
}

fn score(one: &Song, end: usize, other: &Song, begin: usize) -> Option<f64> {
    let tail: Vec<Vec<f32>> =
        one.planes.iter().map(|plane| plane[end - EDGE_FRAMES..end].to_vec()).collect();
    let head: Vec<Vec<f32>> =
        other.planes.iter().map(|plane| plane[begin..begin + EDGE_FRAMES].to_vec()).collect();
    join_score(&tail, &head)
}
