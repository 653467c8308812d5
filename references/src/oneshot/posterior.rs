//! What is wrong with a mix, by Bayes: a sum over kinds of records and sets of faults, each in closed form.
//!
//! A mix is y = r + d: a record r of some kind, a Gaussian, and faults d of some families, Gaussians too. For each kind and
//! each set of families y is Gaussian, which gives the evidence; the mean of d is D (C + D)^-1 (y - m) (Bishop, "Pattern
//! Recognition and Machine Learning", 2006, section 2.3.3).

use acetate_audio::linear::{Matrix, factorise, substitute, substitute_back};

use super::certainty::Line;
use super::model::{MOVED, Model, Origin, Point, density_covariance, tone_covariance};
use crate::bands::WIDE_BANDS;
use crate::signs::{Nine, Signs};
use crate::style::mixture::Gaussian;

/// What is believed of one mix.
#[derive(Clone, Debug, PartialEq)]
pub struct Belief {
    /// Tone that is too much (positive) or too little, dB.
    pub tone: Suspicion,
    /// How much more the levels vary than they should, in tens of natural logarithms of their spread.
    pub density: Suspicion,
    /// How far the mix lies from what records like it measure, tone in dB.
    pub off_db: Nine,
    /// How much of the belief rests on the wide parts: on nothing in particular; 0 to 1.
    pub other_share: f64,
    /// How much of it rests on a person's own records; 0 to 1.
    pub own_share: f64,
    /// Log-density of the mix as it is, faults and all, nats.
    pub log_density: f64,
}

/// One family of faults.
#[derive(Clone, Debug, PartialEq)]
pub struct Suspicion {
    /// Probability that anything is wrong, 0 to 1: how often that is so when the model says what it does.
    pub probability: f64,
    /// Expected fault, band by band; what is to be taken away.
    pub mean: Nine,
    /// Ranges that hold the fault nine times of ten, if there is one.
    pub range: [[f64; 2]; WIDE_BANDS],
}

/// One kind of records with one set of faults.
struct State<'a> {
    kind: &'a Gaussian,
    origin: Origin,
    /// The covariance of the faults of tone, where tone is wrong, and of density.
    tone: Option<&'a Matrix>,
    density: Option<&'a Matrix>,
    /// Cholesky factor of C + D, and (C + D)^-1 (y - m).
    factor: Matrix,
    solved: Vec<f64>,
    /// First the logarithm of the evidence, then its share.
    weight: f64,
}

/// A state with less than this of the evidence does not shape the ranges.
const COUNTS: f64 = 1e-3;

impl Model {
    /// What is wrong with a mix of these signs.
    pub fn belief(&self, signs: &Signs) -> Belief {
        self.belief_of(&self.axes.point(signs))
    }

    fn belief_of(&self, point: &Point) -> Belief {
        let sizes: Vec<(f64, Matrix)> = (self.faults.tone_sizes.iter())
            .map(|size| (size.share, tone_covariance(size.std_db)))
            .collect();
        let density = density_covariance();
        let mut states = Vec::new();
        for (index, kind) in self.mixture.parts.iter().enumerate() {
            let covariance = kind.covariance_of(&point.of);
            let origin = self.origin(index);
            for (tone_share, tone) in self.tones(&sizes) {
                for (density_share, density) in self.densities(&density) {
                    let faults = (tone, density);
                    let mut state = State::new(kind, origin, faults, covariance.clone(), point);
                    state.weight += libm::log(kind.weight * tone_share * density_share);
                    states.push(state);
                }
            }
        }
        let log_density = normalise(&mut states);
        let sum = |of: &dyn Fn(&State) -> f64| states.iter().map(|s| s.weight * of(s)).sum::<f64>();
        let one_if = |yes: bool| f64::from(u8::from(yes));
        Belief {
            tone: suspicion(&states, 0, self.faults.tone_certainty, |state| state.tone),
            density: suspicion(&states, WIDE_BANDS, self.faults.density_certainty, |state| {
                state.density
            }),
            off_db: std::array::from_fn(|band| sum(&|s| point.values[band] - s.kind.mean[band])),
            other_share: sum(&|state| one_if(state.origin == Origin::Other)),
            own_share: sum(&|state| one_if(state.origin == Origin::Own)),
            log_density,
        }
    }

    /// Right, and wrong by each size.
    fn tones<'a>(&self, sizes: &'a [(f64, Matrix)]) -> Vec<(f64, Option<&'a Matrix>)> {
        let share = self.faults.tone_share;
        let wrong = sizes.iter().map(|(size, covariance)| (share * size, Some(covariance)));
        std::iter::once((1.0 - share, None)).chain(wrong).collect()
    }

    fn densities<'a>(&self, density: &'a Matrix) -> [(f64, Option<&'a Matrix>); 2] {
        let share = self.faults.density_share;
        [(1.0 - share, None), (share, Some(density))]
    }
}

impl<'a> State<'a> {
    fn new(
        kind: &'a Gaussian,
        origin: Origin,
        (tone, density): (Option<&'a Matrix>, Option<&'a Matrix>),
        mut covariance: Matrix,
        point: &Point,
    ) -> Self {
        for (first, fault) in [(0, tone), (WIDE_BANDS, density)] {
            let Some(fault) = fault else { continue };
            for row in 0..WIDE_BANDS {
                let sums = &mut covariance.row_mut(first + row)[first..=first + row];
                sums.iter_mut().zip(fault.row(row)).for_each(|(sum, add)| *sum += add);
            }
        }
        let log_determinant =
            factorise(&mut covariance).expect("a sum of covariances is positive definite");
        let q: Vec<f64> =
            point.of.iter().zip(&point.values).map(|(&of, value)| value - kind.mean[of]).collect();
        let white = substitute(&covariance, q);
        let distance: f64 = white.iter().map(|value| value * value).sum();
        let normalisation = point.of.len() as f64 * libm::log(std::f64::consts::TAU);
        let weight = -0.5 * (distance + log_determinant + normalisation);
        let solved = substitute_back(&covariance, white);
        Self { kind, origin, tone, density, factor: covariance, solved, weight }
    }

    /// Mean and variance of the fault in a band; `first` is where its family begins.
    fn fault(&self, fault: &Matrix, first: usize, band: usize) -> (f64, f64) {
        let row = fault.row(band);
        let mean = row.iter().zip(&self.solved[first..]).map(|(d, x)| d * x).sum();
        let mut column = vec![0.0; self.solved.len()];
        column[first..first + WIDE_BANDS].copy_from_slice(row);
        let explained: f64 = substitute(&self.factor, column).iter().map(|v| v * v).sum();
        (mean, (row[band] - explained).max(1e-9))
    }
}

/// Makes shares of logarithms; gives the logarithm of their sum.
fn normalise(states: &mut [State]) -> f64 {
    let largest = states.iter().map(|state| state.weight).fold(f64::NEG_INFINITY, f64::max);
    let mut total = 0.0;
    for state in states.iter_mut() {
        state.weight = libm::exp(state.weight - largest);
        total += state.weight;
    }
    states.iter_mut().for_each(|state| state.weight /= total);
    largest + libm::log(total)
}

fn suspicion<'a>(
    states: &[State<'a>],
    first: usize,
    certainty: Line,
    family: impl Fn(&State<'a>) -> Option<&'a Matrix>,
) -> Suspicion {
    debug_assert!(first + WIDE_BANDS <= MOVED, "faults move tone and density");
    let wrong: Vec<(&State, &Matrix)> =
        states.iter().filter_map(|state| Some((state, family(state)?))).collect();
    let probability = wrong.iter().map(|(state, _)| state.weight).sum::<f64>();
    let mut mean = [0.0; WIDE_BANDS];
    let mut range = [[0.0; 2]; WIDE_BANDS];
    for band in 0..WIDE_BANDS {
        let mut parts = Vec::new();
        for (state, fault) in &wrong {
            let row = fault.row(band);
            let part: f64 = row.iter().zip(&state.solved[first..]).map(|(d, x)| d * x).sum();
            mean[band] += state.weight * part;
            if state.weight > COUNTS * probability {
                let (mean, variance) = state.fault(fault, first, band);
                parts.push([state.weight, mean, libm::sqrt(variance)]);
            }
        }
        range[band] = [0.05, 0.95].map(|share| quantile(&parts, share));
    }
    Suspicion { probability: certainty.right(probability), mean, range }
}

/// Where a share of a mixture of normal distributions lies below; each is weight, mean and deviation.
fn quantile(parts: &[[f64; 3]], share: f64) -> f64 {
    let total: f64 = parts.iter().map(|[weight, ..]| weight).sum();
    let below = |x: f64| {
        let each = |[weight, mean, std]: &[f64; 3]| {
            weight * 0.5 * libm::erfc((mean - x) / (std * std::f64::consts::SQRT_2))
        };
        parts.iter().map(each).sum::<f64>() / total
    };
    let reach = |sign: f64| parts.iter().map(move |[_, mean, std]| mean + sign * 6.0 * std);
    let mut low = reach(-1.0).fold(0.0, f64::min);
    let mut high = reach(1.0).fold(0.0, f64::max);
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if below(middle) < share { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}
