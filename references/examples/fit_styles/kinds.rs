//! Kinds of records within a genre: clusters that hold enough records and come out the same when a tenth of them is left out.

use std::collections::BTreeSet;
use std::error::Error;

use acetate_references::style::{Sample, Space, Style};
use linfa::DatasetBase;
use linfa::traits::{Fit, Predict};
use linfa_clustering::KMeans;
use ndarray::Array2;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256Plus;

use crate::corpus::Track;
use crate::placing::STYLES;
use crate::style_of;

/// Folds of the test of stability.
const FOLDS: usize = 10;
/// Seed of every clustering, and how often each begins anew.
const SEED: u64 = 1;
const RUNS: usize = 20;
/// Numbers of clusters that are tried.
const COUNTS: std::ops::RangeInclusive<usize> = 2..=5;
/// Fewest records of a kind.
const RECORDS_MIN: usize = 25;
/// What a kind must have in common with itself over the folds: the mean of Jaccard's index with its nearest cluster
/// (Hennig, 2007, section 3, who calls 0.85 and more highly stable).
const STABLE: f64 = 0.85;
/// A kind is called what it differs in by this much, in standard deviations of its genre; the most two are named.
const WORTH_A_WORD: f64 = 0.5;

/// A number of clusters in a genre, judged.
pub(crate) struct Division {
    pub(crate) genre: &'static str,
    /// Records of each cluster, and its stability.
    pub(crate) clusters: Vec<(usize, f64)>,
    /// Whether it was taken.
    pub(crate) taken: bool,
}

/// Which cluster each point belongs to, and records and stability of each cluster.
type Divided = (Vec<usize>, Vec<(usize, f64)>);

/// What was found.
pub(crate) struct Kinds {
    pub(crate) divisions: Vec<Division>,
    pub(crate) styles: Vec<Style>,
}

/// Divides each genre into as many kinds as hold.
pub(crate) fn find(tracks: &[Track], space: &Space) -> Result<Kinds, Box<dyn Error>> {
    let mut kinds = Kinds { divisions: Vec::new(), styles: Vec::new() };
    for (style, genre) in STYLES {
        let of_genre: Vec<&Track> = tracks.iter().filter(|track| track.genre == genre).collect();
        let samples: Vec<&Sample> = of_genre.iter().map(|track| &track.sample).collect();
        let points: Vec<Vec<f64>> =
            samples.iter().map(|sample| space.coordinates(sample)).collect();
        let mut best: Option<(usize, Vec<usize>, Vec<bool>)> = None;
        for count in COUNTS.filter(|count| count * RECORDS_MIN <= points.len()) {
            let (belongs, clusters) = divided(&points, count)?;
            let holds =
                |&(records, stable): &(usize, f64)| records >= RECORDS_MIN && stable >= STABLE;
            // Small clusters are strange records; large ones that do not hold spoil the division.
            let spoilt =
                clusters.iter().any(|&(records, stable)| records >= RECORDS_MIN && stable < STABLE);
            let kept: Vec<bool> = clusters.iter().map(holds).collect();
            let good = kept.iter().filter(|&&kept| kept).count();
            let before =
                best.as_ref().map_or(1, |(_, _, kept)| kept.iter().filter(|&&kept| kept).count());
            kinds.divisions.push(Division { genre: style, clusters, taken: false });
            if !spoilt && good > before {
                best = Some((kinds.divisions.len() - 1, belongs, kept));
            }
        }
        let Some((division, belongs, kept)) = best else { continue };
        kinds.divisions[division].taken = true;
        let members = |cluster: usize| -> Vec<&Track> {
            let all = of_genre.iter().zip(&belongs);
            all.filter(|(_, of)| **of == cluster).map(|(track, _)| *track).collect()
        };
        let mut names = BTreeSet::new();
        for cluster in (0..kept.len()).filter(|&cluster| kept[cluster]) {
            let members = members(cluster);
            let words = words(&members, &samples);
            let name = format!("{style}, {}", words.join(" and "));
            let mut found = style_of(&format!("{style} {}", words.join(" ")), &members)?;
            found.name = name.clone();
            if !names.insert(name.clone()) {
                return Err(format!("two kinds are called {name}").into());
            }
            println!("{}: {} recordings", found.id, found.records);
            kinds.styles.push(found);
        }
    }
    Ok(kinds)
}

/// Divides points, and does it again without each tenth of them.
fn divided(points: &[Vec<f64>], count: usize) -> Result<Divided, Box<dyn Error>> {
    let all: Vec<usize> = (0..points.len()).collect();
    let belongs = clustered(points, &all, count)?;
    let mut stable = vec![0.0; count];
    for fold in 0..FOLDS {
        let training: Vec<usize> =
            all.iter().copied().filter(|index| index % FOLDS != fold).collect();
        let again = clustered(points, &training, count)?;
        for (cluster, stable) in stable.iter_mut().enumerate() {
            let jaccard = |other: usize| {
                let both = |a: bool, b: bool| (a && b, a || b);
                let pairs =
                    belongs.iter().zip(&again).map(|(&a, &b)| both(a == cluster, b == other));
                let (shared, either) = pairs.fold((0.0, 0.0), |(shared, either), (and, or)| {
                    (shared + f64::from(u8::from(and)), either + f64::from(u8::from(or)))
                });
                shared / f64::max(either, 1.0)
            };
            *stable += (0..count).map(jaccard).fold(0.0, f64::max) / FOLDS as f64;
        }
    }
    let records = |cluster| belongs.iter().filter(|&&of| of == cluster).count();
    let clusters =
        stable.iter().enumerate().map(|(cluster, &stable)| (records(cluster), stable)).collect();
    Ok((belongs, clusters))
}

/// The nearest centre of each point, of centres that are learnt from some of them.
fn clustered(
    points: &[Vec<f64>],
    training: &[usize],
    count: usize,
) -> Result<Vec<usize>, Box<dyn Error>> {
    let dimensions = points.first().map_or(0, Vec::len);
    let array = |rows: &[usize]| {
        Array2::from_shape_fn((rows.len(), dimensions), |(row, column)| points[rows[row]][column])
    };
    let data = DatasetBase::from(array(training));
    let model = KMeans::params_with_rng(count, Xoshiro256Plus::seed_from_u64(SEED))
        .n_runs(RUNS)
        .max_n_iterations(300)
        .tolerance(1e-6)
        .fit(&data)?;
    let all: Vec<usize> = (0..points.len()).collect();
    Ok(model.predict(&array(&all)).to_vec())
}

/// What a measure is called when it is higher, when it is lower, and what it is.
type Measure = (&'static str, &'static str, fn(&Sample) -> Option<f64>);

const MEASURES: [Measure; 4] = [
    ("full", "lean", |sample| sample.tone_db[0]),
    ("bright", "dark", |sample| mean(&sample.tone_db[5..8])),
    ("wide", "narrow", |sample| mean(&sample.side_minus_mid_db[2..7])),
    ("dynamic", "dense", |sample| mean(&sample.level_std_db)),
];

/// What a kind differs in from its genre, the most first; at least one word.
fn words(members: &[&Track], genre: &[&Sample]) -> Vec<&'static str> {
    let mut differs: Vec<(f64, &'static str)> = MEASURES
        .iter()
        .map(|(higher, lower, of)| {
            let all: Vec<f64> = genre.iter().filter_map(|sample| of(sample)).collect();
            let own: Vec<f64> = members.iter().filter_map(|track| of(&track.sample)).collect();
            let centre = average(&all);
            let std =
                average(&all.iter().map(|value| (value - centre).powi(2)).collect::<Vec<_>>())
                    .sqrt();
            let by = (average(&own) - centre) / std.max(1e-9);
            (by.abs(), if by > 0.0 { *higher } else { *lower })
        })
        .collect();
    differs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let named = differs.iter().take(2).filter(|(by, _)| *by >= WORTH_A_WORD).count().max(1);
    differs[..named].iter().map(|(_, word)| *word).collect()
}

fn mean(values: &[Option<f64>]) -> Option<f64> {
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    (2 * known.len() >= values.len()).then(|| average(&known))
}

fn average(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
