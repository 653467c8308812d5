//! How many dimensions and how many Gaussians: chosen by recordings that were held out.

use acetate_references::style::{
    Mixture, PLACEMENT_SCHEMA, PlacedStyle, Placement, Sample, Space, softmax,
};
use rayon::prelude::*;

use crate::ATTRIBUTION;
use crate::corpus::Track;

/// Folds of the cross-validation.
const FOLDS: usize = 10;
/// Seed of every mixture.
const SEED: u64 = 1;
/// Dimensions tried.
const DIMENSIONS: [usize; 6] = [3, 4, 5, 6, 8, 10];
/// Gaussians tried for each style.
const PARTS: [usize; 5] = [1, 2, 3, 4, 6];
/// Temperatures tried.
const TEMPERATURES: [f64; 6] = [1.0, 1.25, 1.5, 2.0, 3.0, 4.0];
/// Styles that are told apart, and the genre of the recordings behind each.
pub(crate) const STYLES: [(&str, &str); 4] =
    [("pop", "pop"), ("jazz", "jazz"), ("classical", "classical"), ("mixed", "other")];
/// A likelihood this much below the best is as good, nats a recording: the fewest Gaussians win.
const LIKELIHOOD_MARGIN: f64 = 0.1;
/// A log-loss this much above the best is as good, nats: the fewest dimensions win.
const LOSS_MARGIN: f64 = 0.01;
/// Share of unseen recordings that are taken for unlike their own style.
const UNLIKELY: f64 = 0.02;

/// Held-out log-likelihood per recording of one style, by number of Gaussians.
pub(crate) struct Likelihood {
    pub(crate) style: &'static str,
    /// In the order of [`PARTS`]; minus infinity where the fit breaks down.
    pub(crate) by_parts: Vec<(usize, f64)>,
    pub(crate) chosen: usize,
}

/// One number of dimensions, judged.
pub(crate) struct Candidate {
    pub(crate) dimensions: usize,
    pub(crate) temperature: f64,
    /// Log-loss of the shares on held-out recordings, nats.
    pub(crate) log_loss: f64,
    /// Share of held-out recordings placed in their own group, mean over the groups.
    pub(crate) accuracy: f64,
    /// The same among the three labelled genres alone.
    pub(crate) labelled_accuracy: f64,
    pub(crate) likelihoods: Vec<Likelihood>,
    /// Rows: true group; columns: placed; shares of the row.
    pub(crate) confusion: Vec<Vec<f64>>,
    densities: Vec<Vec<f64>>,
}

/// The model and what it was chosen by.
pub(crate) struct Placing {
    pub(crate) model: Placement,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) chosen: usize,
    /// Share of recordings whose likeliest style changes when they are mastered anew, by what was done.
    pub(crate) moved: Vec<(&'static str, f64)>,
}

fn truth(track: &Track) -> usize {
    STYLES.iter().position(|(_, genre)| *genre == track.genre).expect("every genre has a style")
}

pub(crate) fn choose(tracks: &[Track]) -> Placing {
    let candidates: Vec<Candidate> =
        DIMENSIONS.par_iter().map(|&dimensions| candidate(tracks, dimensions)).collect();
    let best = candidates.iter().map(|candidate| candidate.log_loss).fold(f64::INFINITY, f64::min);
    let chosen = candidates
        .iter()
        .position(|candidate| candidate.log_loss <= best + LOSS_MARGIN)
        .unwrap_or(0);
    let model = fit(tracks, &candidates[chosen]);
    let moved = moved(tracks, &model);
    Placing { model, candidates, chosen, moved }
}

fn candidate(tracks: &[Track], dimensions: usize) -> Candidate {
    let likelihoods: Vec<Likelihood> =
        (0..STYLES.len()).map(|style| likelihood(tracks, dimensions, style)).collect();
    let parts: Vec<usize> = likelihoods.iter().map(|likelihood| likelihood.chosen).collect();
    let densities = held_out_densities(tracks, dimensions, &parts);
    let loss = |temperature: f64| log_loss(tracks, &densities, temperature);
    let temperature =
        TEMPERATURES.into_iter().min_by(|&a, &b| loss(a).total_cmp(&loss(b))).unwrap_or(1.0);
    let confusion = confusion(tracks, &densities, STYLES.len());
    let labelled = self::confusion(tracks, &densities, STYLES.len() - 1);
    let diagonal = |confusion: &[Vec<f64>]| {
        (0..confusion.len()).map(|style| confusion[style][style]).sum::<f64>()
            / confusion.len() as f64
    };
    Candidate {
        dimensions,
        temperature,
        log_loss: loss(temperature),
        accuracy: diagonal(&confusion),
        labelled_accuracy: diagonal(&labelled),
        likelihoods,
        confusion,
        densities,
    }
}

/// Space and the points of one style, both without a fold; and the points of that fold.
fn split(
    tracks: &[Track],
    dimensions: usize,
    fold: usize,
) -> Option<(Space, Vec<usize>, Vec<usize>)> {
    let (held_out, training): (Vec<usize>, Vec<usize>) =
        (0..tracks.len()).partition(|index| index % FOLDS == fold);
    let samples: Vec<&Sample> = training.iter().map(|&index| &tracks[index].sample).collect();
    Some((Space::fit(&samples, dimensions)?, training, held_out))
}

fn points(tracks: &[Track], space: &Space, indices: &[usize], style: usize) -> Vec<Vec<f64>> {
    let of_style = indices.iter().filter(|&&index| truth(&tracks[index]) == style);
    of_style.map(|&index| space.coordinates(&tracks[index].sample)).collect()
}

fn likelihood(tracks: &[Track], dimensions: usize, style: usize) -> Likelihood {
    let mean = |parts: usize| -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for fold in 0..FOLDS {
            let Some((space, training, held_out)) = split(tracks, dimensions, fold) else {
                return f64::NEG_INFINITY;
            };
            let Some(mixture) =
                Mixture::fit(&points(tracks, &space, &training, style), parts, SEED)
            else {
                return f64::NEG_INFINITY;
            };
            for point in points(tracks, &space, &held_out, style) {
                sum += mixture.log_density(&point);
                count += 1.0;
            }
        }
        sum / count
    };
    let by_parts: Vec<(usize, f64)> = PARTS.par_iter().map(|&parts| (parts, mean(parts))).collect();
    let best = by_parts.iter().map(|(_, log)| *log).fold(f64::NEG_INFINITY, f64::max);
    let chosen = by_parts.iter().find(|(_, log)| *log >= best - LIKELIHOOD_MARGIN);
    Likelihood { style: STYLES[style].0, chosen: chosen.map_or(1, |chosen| chosen.0), by_parts }
}

/// Log-density of each recording under each style, fitted without its fold.
fn held_out_densities(tracks: &[Track], dimensions: usize, parts: &[usize]) -> Vec<Vec<f64>> {
    let mut densities = vec![vec![f64::NEG_INFINITY; STYLES.len()]; tracks.len()];
    for fold in 0..FOLDS {
        let Some((space, training, held_out)) = split(tracks, dimensions, fold) else { continue };
        for (style, &parts) in parts.iter().enumerate() {
            let Some(mixture) =
                Mixture::fit(&points(tracks, &space, &training, style), parts, SEED)
            else {
                continue;
            };
            for &index in &held_out {
                densities[index][style] =
                    mixture.log_density(&space.coordinates(&tracks[index].sample));
            }
        }
    }
    densities
}

/// Mean negative logarithm of the share of the true group; groups count equally.
fn log_loss(tracks: &[Track], densities: &[Vec<f64>], temperature: f64) -> f64 {
    let mut sums = [(0.0, 0.0); STYLES.len()];
    for (track, densities) in tracks.iter().zip(densities) {
        let style = truth(track);
        sums[style].0 -= libm::log(softmax(densities, temperature)[style].max(1e-12));
        sums[style].1 += 1.0;
    }
    sums.iter().map(|(sum, count)| sum / count).sum::<f64>() / STYLES.len() as f64
}

/// Where the recordings of each of the first `styles` groups are placed among those groups.
fn confusion(tracks: &[Track], densities: &[Vec<f64>], styles: usize) -> Vec<Vec<f64>> {
    let mut counts = vec![vec![0.0; styles]; styles];
    for (track, densities) in tracks.iter().zip(densities) {
        if let Some(row) = counts.get_mut(truth(track)) {
            let placed =
                (0..styles).max_by(|&a, &b| densities[a].total_cmp(&densities[b])).unwrap_or(0);
            row[placed] += 1.0;
        }
    }
    for row in &mut counts {
        let total: f64 = row.iter().sum();
        row.iter_mut().for_each(|count| *count /= total);
    }
    counts
}

fn fit(tracks: &[Track], candidate: &Candidate) -> Placement {
    let samples: Vec<&Sample> = tracks.iter().map(|track| &track.sample).collect();
    let space = Space::fit(&samples, candidate.dimensions)
        .expect("there are more recordings than dimensions");
    let everything: Vec<usize> = (0..tracks.len()).collect();
    let styles = (candidate.likelihoods.iter().enumerate())
        .map(|(style, likelihood)| {
            let points = points(tracks, &space, &everything, style);
            let mut own: Vec<f64> = (tracks.iter().zip(&candidate.densities))
                .filter(|(track, _)| truth(track) == style)
                .map(|(_, densities)| densities[style])
                .collect();
            own.sort_by(f64::total_cmp);
            PlacedStyle {
                id: STYLES[style].0.to_owned(),
                records: points.len(),
                mixture: Mixture::fit(&points, likelihood.chosen, SEED)
                    .expect("the cross-validation fitted it"),
                unlikely_below: own[(UNLIKELY * own.len() as f64) as usize],
                usual: own[own.len() / 2],
            }
        })
        .collect();
    Placement {
        schema: PLACEMENT_SCHEMA.to_owned(),
        source: ATTRIBUTION.to_owned(),
        space,
        temperature: candidate.temperature,
        styles,
    }
}

/// What mastering does to a recording, as far as the features see it.
fn mastered(sample: &Sample, tilt_db: f64, movement: f64, width_db: f64) -> Sample {
    let mut mastered = sample.clone();
    for band in 0..mastered.tone_db.len() {
        let along = band as f64 / 4.0 - 1.0;
        mastered.tone_db[band] = mastered.tone_db[band].map(|db| db + tilt_db * along);
        mastered.level_std_db[band] = mastered.level_std_db[band].map(|db| db * movement);
        mastered.side_minus_mid_db[band] = mastered.side_minus_mid_db[band].map(|db| db + width_db);
    }
    mastered
}

fn moved(tracks: &[Track], model: &Placement) -> Vec<(&'static str, f64)> {
    let likeliest =
        |sample: &Sample| model.place(sample).shares.first().map(|share| share.id.clone());
    let share = |tilt_db: f64, movement: f64, width_db: f64| {
        let changed = |track: &&Track| {
            likeliest(&track.sample)
                != likeliest(&mastered(&track.sample, tilt_db, movement, width_db))
        };
        tracks.iter().filter(changed).count() as f64 / tracks.len() as f64
    };
    vec![
        ("tilted by 2 dB towards the highs at both ends", share(2.0, 1.0, 0.0)),
        ("tilted by 2 dB towards the lows at both ends", share(-2.0, 1.0, 0.0)),
        ("compressed: levels move a tenth less", share(0.0, 0.9, 0.0)),
        ("widened by 1 dB", share(0.0, 1.0, 1.0)),
        ("all of it: tilted up, compressed, widened", share(2.0, 0.9, 1.0)),
    ]
}
