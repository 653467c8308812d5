//! What was added to some samples of a sound, as equations that are set up once and solved for one guess of variances after the other.

use std::ops::Range;

use multiversion::multiversion;

use super::BlockModels;
use crate::linear::{Envelope, dot};

/// P = AᵀWA on some samples of a sound, whose models it is of.
#[derive(Clone, Debug)]
pub struct Equations {
    /// The samples, in order.
    places: Vec<usize>,
    precisions: Envelope,
}

impl Equations {
    /// For the samples that have a variance.
    pub(super) fn new(models: &BlockModels, variances: &[f64]) -> Self {
        let places: Vec<usize> = (0..variances.len()).filter(|&n| variances[n] > 0.0).collect();
        let width = models.order() + 1;
        let mut first = 0;
        let firsts = places.iter().map(|&n| {
            while n - places[first] >= width {
                first += 1;
            }
            first
        });
        let mut precisions = Envelope::zeros(firsts.collect());
        let mut columns = Vec::with_capacity(places.len() * width);
        places.iter().for_each(|&n| models.append_column(n, &mut columns));
        products(&columns, width, &places, &mut precisions);
        Self { places, precisions }
    }

    /// What was most likely added to y, and 0 where there is no variance: (P + V⁻¹)⁻¹ P y.
    ///
    /// `pulls` is [`BlockModels::pull`] of y; `variances` has the samples that these equations were made for.
    pub fn added(&self, pulls: &[f64], variances: &[f64]) -> Vec<f64> {
        let mut matrix = self.precisions.clone();
        for (row, &n) in self.places.iter().enumerate() {
            matrix.add_to_diagonal(row, 1.0 / variances[n]);
        }
        let values = matrix.solve(self.places.iter().map(|&n| pulls[n]).collect());
        let mut added = vec![0.0; variances.len()];
        self.places.iter().zip(values).for_each(|(&n, value)| added[n] = value);
        added
    }

    /// Gives each run the variance that its damage seems to have: one step of expectation maximisation.
    pub fn learn_variances(&self, added: &[f64], runs: &[Range<usize>], variances: &mut [f64]) {
        for run in runs {
            let row = self.places.partition_point(|&n| n < run.start);
            let each = |n: usize| {
                let precision = self.precisions.diagonal(row + n - run.start);
                added[n] * added[n] + 1.0 / (precision + 1.0 / variances[n])
            };
            let mean = run.clone().map(each).sum::<f64>() / run.len() as f64;
            variances[run.clone()].fill(mean);
        }
    }
}

/// The products of columns that reach each other.
#[multiversion(targets("x86_64+avx2"))]
fn products(columns: &[f64], width: usize, places: &[usize], into: &mut Envelope) {
    let column = |index: usize| &columns[index * width..][..width];
    for row in 0..places.len() {
        let (first, elements) = into.row_mut(row);
        for (element, other) in elements.iter_mut().zip(first..) {
            let apart = places[row] - places[other];
            *element = dot(&column(row)[..width - apart], &column(other)[apart..]);
        }
    }
}
