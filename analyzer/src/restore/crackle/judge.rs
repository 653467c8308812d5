//! Was something added, or did the music's own excitation burst there?

use std::ops::Range;

use acetate_audio::linear::{factorise, substitute};
use acetate_audio::prediction::BlockModels;

use super::LATER;
use super::evidence::prior;

/// Lengths of bursts of excitation, and how far from a run they may lie, samples.
const BURSTS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];
const REACH: usize = 4;
/// Samples about a run in which bursts are looked for.
const AROUND: usize = 72;
/// Log odds, before it is seen, that the excitation bursts.
const BURST_PRIOR: f64 = -15.0;
/// Of the sure runs, by how much damage beats a burst.
const SURE: f64 = 8.0;
/// Runs louder than this share of the sure ones must be sure: music grows loud, crackle does not.
const LOUD_SHARE: f64 = 0.98;
/// So many sure runs say how loud crackle is.
const SURE_LEAST: usize = 20;
/// A run this long has the prior of one impulse.
const ONE_IMPULSE: f64 = 6.0;

/// A run and what speaks for it.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) run: Range<usize>,
    /// Log odds of damage.
    pub(super) damage: f64,
    /// By how much a burst of excitation would explain it.
    pub(super) burst: f64,
    /// Energy of the damage.
    energy: f64,
}

impl Judged {
    /// Whether damage beats a burst of this prior by more than `limit`.
    pub(super) fn is_damage(&self, burst_prior: f64, limit: f64) -> bool {
        self.damage - (self.burst + burst_prior).max(0.0) > limit
    }

    /// The same with the prior of a burst.
    pub(super) fn is_likely(&self, limit: f64) -> bool {
        self.is_damage(BURST_PRIOR, limit)
    }

    fn is_sure(&self) -> bool {
        self.damage - self.burst > SURE
    }
}

/// Each run, the others standing. `rest` is the sound without what was `added`.
pub(super) fn judged(
    models: &BlockModels,
    rest: &[f64],
    added: &[f64],
    runs: &[Range<usize>],
    variances: &[f64],
) -> Vec<Judged> {
    let (errors, pulls) = (models.errors(rest), models.pull(rest));
    let of = |run: &Range<usize>| {
        let damage = &added[run.clone()];
        Judged {
            run: run.clone(),
            damage: odds(models, run, damage, &pulls, variances[run.start]),
            burst: burst(models, &errors, run, damage),
            energy: damage.iter().map(|d| d * d).sum(),
        }
    };
    runs.iter().map(of).collect()
}

fn odds(
    models: &BlockModels,
    run: &Range<usize>,
    damage: &[f64],
    pulls: &[f64],
    variance: f64,
) -> f64 {
    let places: Vec<usize> = run.clone().collect();
    let mut matrix = models.precisions(&places);
    let length = places.len();
    let back =
        |i: usize| -> f64 { (0..length).map(|j| matrix.row(i.max(j))[i.min(j)] * damage[j]).sum() };
    let pulled: Vec<f64> = (0..length).map(|i| pulls[run.start + i] + back(i)).collect();
    for n in 0..length {
        matrix.row_mut(n)[n] += 1.0 / variance;
    }
    let Some(determinant) = factorise(&mut matrix) else { return f64::NEG_INFINITY };
    let solved = substitute(&matrix, pulled);
    let explained: f64 = solved.iter().map(|x| x * x).sum();
    let cost = determinant + length as f64 * libm::log(variance);
    0.5 * explained - 0.5 * cost + prior() * (length as f64 / ONE_IMPULSE).max(1.0)
}

/// How much more a burst explains with the damage put back than without it.
fn burst(models: &BlockModels, errors: &[f64], run: &Range<usize>, damage: &[f64]) -> f64 {
    let start = run.start.saturating_sub(AROUND);
    let end = errors.len().min(run.end + AROUND + models.order());
    let mut now = errors[start..end].to_vec();
    let squared = |errors: &[f64]| -> Vec<f64> {
        let weighted = errors.iter().zip(&models.weights()[start..end]);
        weighted.map(|(e, weight)| e * e * weight).collect()
    };
    let without = squared(&now);
    for (n, value) in run.clone().zip(damage) {
        for m in n..end.min(n + models.order() + 1) {
            now[m - start] += models.filter(m)[m - n] * value;
        }
    }
    let at = run.start - start;
    likeliest(&squared(&now), at, run.len()) - likeliest(&without, at, run.len())
}

/// Log likelihood ratio of the burst near a run that explains these errors best: half of E - m - m ln (E/m).
fn likeliest(squares: &[f64], at: usize, length: usize) -> f64 {
    let mut sums = vec![0.0; squares.len() + 1];
    for (n, square) in squares.iter().enumerate() {
        sums[n + 1] = sums[n] + square;
    }
    let mut best: f64 = 0.0;
    for burst in BURSTS {
        let first = (at + 1).saturating_sub(REACH + burst);
        let last = (at + length + REACH).min((squares.len() + 1).saturating_sub(burst));
        for start in first..last {
            let (energy, m) = (sums[start + burst] - sums[start], burst as f64);
            if energy > m {
                best = best.max(0.5 * (energy - m - m * libm::log(energy / m)));
            }
        }
    }
    best
}

/// Which runs stay.
pub(super) fn trusted(all: &[Judged]) -> Vec<bool> {
    let mut sure: Vec<f64> = all
        .iter()
        .filter(|judged| judged.is_likely(LATER) && judged.is_sure())
        .map(|judged| judged.energy)
        .collect();
    let mut loud = f64::INFINITY;
    if sure.len() > SURE_LEAST {
        sure.sort_by(f64::total_cmp);
        loud = sure[((sure.len() - 1) as f64 * LOUD_SHARE) as usize];
    }
    let stays =
        |judged: &Judged| judged.is_likely(LATER) && (judged.is_sure() || judged.energy < loud);
    all.iter().map(stays).collect()
}
