//! What most records lose on each system, from the nine-band levels of commercial tracks: writes `translation/data/usual.json`.
//!
//! The table is `commercial_tracks.csv` (MIT licence, copyright 2020 Shin Fukuse, from the analysis data of ai-mastering/phaselimiter):
//! K-weighted mean levels of mid and side in nine bands of equal ERB width. Each track is taken for a steady sound whose power density
//! runs in straight lines, in dB over the logarithm of frequency, through the middles of these bands.
//!
//! `cargo run -p acetate-translation --example usual -- commercial_tracks.csv > translation/data/usual.json`

#![allow(clippy::disallowed_methods, reason = "a program for the desk, not for every platform")]

use std::collections::BTreeMap;

use acetate_analyzer::{BandEnergy, k_weighting};
use acetate_translation::{Curve, regions, systems};

/// Edges of the bands of the statistics.
const WIDE_HZ: [f64; 10] =
    [20.0, 148.0, 392.0, 795.0, 1_458.0, 2_550.0, 4_349.0, 7_314.0, 12_199.0, 22_050.0];
/// Levels near this are the floor of the statistics.
const FLOOR_DB: f64 = -68.0;

fn main() {
    let path = std::env::args().nth(1).expect("name commercial_tracks.csv");
    let text = std::fs::read_to_string(path).expect("the table can be read");
    let mut lines = text.lines();
    let heading: Vec<&str> = lines.next().expect("a heading").split(',').collect();
    let column = |name: String| heading.iter().position(|one| *one == name).expect("a column");
    let columns: Vec<[usize; 2]> = (1..=9)
        .map(|band| ["mid", "side"].map(|part| column(format!("band{band}_{part}_db"))))
        .collect();
    let edges = edges_hz();
    let tracks: Vec<BandEnergy> = lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let levels = |part: usize| -> Vec<f64> {
                columns.iter().map(|pair| cells[pair[part]].parse().unwrap_or(FLOOR_DB)).collect()
            };
            let [mid, side] = [0, 1].map(|part| powers(&levels(part), &edges));
            BandEnergy {
                edges_hz: edges.clone(),
                step_s: 0.05,
                frames: 1,
                mid,
                side,
                ..BandEnergy::default()
            }
        })
        .collect();
    let mut found: BTreeMap<&str, Vec<[f64; 2]>> = BTreeMap::new();
    for system in systems() {
        let changes: Vec<Vec<f64>> = tracks
            .iter()
            .map(|track| regions(track, system).iter().map(|band| band.change_phon).collect())
            .collect();
        let region = |index: usize| {
            let mut all: Vec<f64> =
                changes.iter().filter_map(|track| track.get(index).copied()).collect();
            all.sort_by(f64::total_cmp);
            [0.1, 0.9]
                .map(|share| (10.0 * all[(share * (all.len() - 1) as f64) as usize]).round() / 10.0)
        };
        found.insert(&system.id, (0..7).map(region).collect());
    }
    let rows: Vec<String> = found
        .iter()
        .map(|(id, regions)| {
            let pairs: Vec<String> =
                regions.iter().map(|[low, high]| format!("[{low:.1}, {high:.1}]")).collect();
            format!("    \"{id}\": [{}]", pairs.join(", "))
        })
        .collect();
    println!("{{\n  \"systems\": {{\n{}\n  }}\n}}", rows.join(",\n"));
}

/// Edges half an ERB apart, from 20 Hz on.
fn edges_hz() -> Vec<f64> {
    let rate = |hz: f64| 21.4 * (1.0 + 0.004_37 * hz).log10();
    let hz = |erb: f64| (10f64.powf(erb / 21.4) - 1.0) / 0.004_37;
    let steps = ((rate(18_000.0) - rate(20.0)) / 0.5) as usize;
    (0..=steps).map(|step| hz(rate(20.0) + 0.5 * step as f64)).collect()
}

/// Powers of the narrow bands from K-weighted levels of the wide ones.
fn powers(levels_db: &[f64], edges: &[f64]) -> Vec<f32> {
    let weight_db = |hz: f64| 10.0 * k_weighting(hz).log10();
    let middles: Vec<f64> = WIDE_HZ.windows(2).map(|edge| (edge[0] * edge[1]).sqrt()).collect();
    // A curve stops at -70 dB, and densities lie below: all of them are drawn higher, which changes no share.
    const RAISED_DB: f64 = 100.0;
    let density: Vec<f64> = levels_db
        .iter()
        .zip(WIDE_HZ.windows(2))
        .zip(&middles)
        .map(|((level, edge), middle)| {
            RAISED_DB + level - weight_db(*middle) - 10.0 * (edge[1] - edge[0]).log10()
        })
        .collect();
    let curve = Curve::new(&middles, &density);
    let pairs = edges.windows(2);
    pairs.map(|edge| (curve.power_gain(edge[0], edge[1]) * (edge[1] - edge[0])) as f32).collect()
}
