//! What an aim asks of a sum, and how much of each decibel is sure.

use acetate_analyzer::Analysis;
use acetate_references::Aim;

use crate::belief::{Prior, covariance};
use crate::fit::wish_of_records;
use crate::options::FitOptions;
use crate::solver::{Matrix, factorise};
use crate::tone::{tone_errors, with_signal};

/// First third octave that counts: 40 Hz, as everywhere.
const FIRST_BAND: usize = 2;
/// What mastering may do to the whole without any stem being the cause: a level, a slope, gentle shapes.
const WHOLE_PRIOR: Prior = Prior { level: 30.0, slope: 0.1, shape: 0.5, reach: 4.0 };
/// Spectra err less than those of two songs where like moments are nearer to each other than moments of one song: by the square of
/// the kinship, since two versions of one performance differ by nothing but what was done; no less than this share.
const ERRORS_MIN: f64 = 0.05;
/// A prediction is known no better than this, dB.
const PREDICTION_ERROR_DB: f64 = 0.1;

/// Differences to be explained.
#[derive(Clone, Debug)]
pub(super) struct Goal {
    /// The third octaves that count.
    pub(super) known: Vec<usize>,
    /// Wanted change of each, dB.
    wanted_db: Vec<f64>,
    /// Cholesky factor of the covariance of what no stem explains.
    factor: Matrix,
}

impl Goal {
    /// What `aim` asks of a sum that measures `now`; `None` where it asks nothing of the tone.
    pub(super) fn new(aim: &Aim, now: &Analysis, options: &FitOptions) -> Option<Self> {
        if !options.take.tone {
            return None;
        }
        let levels = &now.spectrum.level_db;
        let there = with_signal(levels, levels, now);
        let counts = |band: usize| band >= FIRST_BAND && there[band];
        let wish = wish_of_records(aim, now, options)?;
        let share = options.amounts.tone_share();
        let excess = aim.tone_excess_db(levels).into_iter();
        let wanted_db: Vec<Option<f64>> = excess.map(|db| db.map(|db| -share * db)).collect();
        let scale = wish.kinship.map_or(1.0, |kinship| (kinship * kinship).clamp(ERRORS_MIN, 1.0));
        let (known, wanted_db): (Vec<usize>, Vec<f64>) = (wanted_db.into_iter().enumerate())
            .filter_map(|(band, wanted)| Some((band, wanted.filter(|_| counts(band))?)))
            .unzip();
        let errors = tone_errors(now, aim).scaled(scale);
        let mut factor = covariance(WHOLE_PRIOR, &errors, &known, levels.len());
        for band in 0..known.len() {
            factor.row_mut(band)[band] += PREDICTION_ERROR_DB * PREDICTION_ERROR_DB;
        }
        factorise(&mut factor)?;
        (known.len() > 1).then_some(Self { known, wanted_db, factor })
    }

    /// What is missing after a change, in units in which every part is as likely and none has to do with another.
    pub(super) fn missing(&self, change_db: &[f64]) -> Vec<f64> {
        let left = |(index, &wanted): (usize, &f64)| wanted - change_db[self.known[index]];
        self.whitened(self.wanted_db.iter().enumerate().map(left).collect())
    }

    /// What a change does, in the same units.
    pub(super) fn felt(&self, change_db: &[f64]) -> Vec<f64> {
        self.whitened(self.known.iter().map(|&band| change_db[band]).collect())
    }

    /// Solves L x = b.
    fn whitened(&self, mut values: Vec<f64>) -> Vec<f64> {
        for i in 0..values.len() {
            let row = self.factor.row(i);
            let dot: f64 = row[..i].iter().zip(&values).map(|(a, x)| a * x).sum();
            values[i] = (values[i] - dot) / row[i];
        }
        values
    }

    /// The wish for all third octaves.
    pub(super) fn wanted_db(&self, bands: usize) -> Vec<Option<f64>> {
        let mut wanted = vec![None; bands];
        self.known.iter().zip(&self.wanted_db).for_each(|(&band, &db)| wanted[band] = Some(db));
        wanted
    }
}
