//! Ten folds: faults planted in records that the model has not seen.

use std::collections::BTreeMap;

use acetate_audio::threads;
use acetate_references::bands::WIDE_BANDS;
use acetate_references::oneshot::{
    Belief, Boldness, FitChoices, Model, Nine, Signs, Suspicion, fit_once,
};
use serde::Serialize;

use crate::corpus::Record;
use crate::plant::{KINDS, Kind, Planter};

const FOLDS: usize = 10;
/// Seed of the planted faults.
const SEED: u64 = 19;

/// What came of one kind of planted faults, for one family.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figures {
    pub(crate) kind: String,
    pub(crate) family: &'static str,
    /// Root mean square of what was planted: dB, or tens of natural logarithms.
    pub(crate) planted: f64,
    pub(crate) rule: &'static str,
    /// Root mean square of what is left, over what was planted.
    pub(crate) left_pct: f64,
    pub(crate) made_worse_pct: f64,
    /// Records without a planted fault that are touched.
    pub(crate) touched_pct: f64,
    /// How often the ranges of nine in ten hold the planted fault.
    pub(crate) range_holds_pct: f64,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, family, planted, rule, left_pct, made_worse_pct, touched_pct, .. } = self;
        write!(
            f,
            "{kind:26} {family:8} {planted:4.1} {rule:8} left {left_pct:5.1} % worse {made_worse_pct:4.1} % touched {touched_pct:4.1} %"
        )
    }
}

/// A step of the reliability diagram.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Step {
    pub(crate) family: &'static str,
    pub(crate) said_pct: f64,
    pub(crate) true_pct: f64,
    pub(crate) cases: usize,
}

/// All that was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measured {
    pub(crate) records: usize,
    pub(crate) figures: Vec<Figures>,
    /// The same where the genre of each recording is named.
    pub(crate) in_style: Vec<Figures>,
    pub(crate) reliability: Vec<Step>,
}

/// One case: what was planted and what is believed.
pub(crate) struct Case {
    pub(crate) planted: [Nine; 2],
    pub(crate) belief: Belief,
}

pub(crate) fn measure(records: &[Record], choices: &FitChoices) -> Measured {
    let folds: Vec<usize> = (0..FOLDS).collect();
    let known = |fold: usize| {
        let others = records.iter().enumerate().filter(move |(index, _)| index % FOLDS != fold);
        others.map(|(_, record)| record)
    };
    let models = threads::map(&folds, |_, &fold| {
        let known: Vec<Signs> = known(fold).map(|record| record.signs.clone()).collect();
        fit_once(&known, "a fold", choices)
    });
    let (figures, [clean, spoiled]) =
        planted(records, |index, signs| models[index % FOLDS].belief(signs));
    let steps = reliability(&clean, &spoiled, choices);
    let styles: Vec<BTreeMap<&str, Model>> = threads::map(&folds, |_, &fold| {
        let model_of = |genre: &'static str| {
            let of = known(fold).filter(|record| record.genre == genre);
            let of: Vec<Signs> = of.map(|record| record.signs.clone()).collect();
            let style = models[fold].of_style(&models[fold].shares_of(&of));
            (genre, style.expect("each genre has records in each fold"))
        };
        GENRES.into_iter().map(model_of).collect()
    });
    let (in_style, _) = planted(records, |index, signs| {
        styles[index % FOLDS][&*records[index].genre].belief(signs)
    });
    Measured { records: records.len(), figures, in_style, reliability: steps }
}

/// The genres that recordings are labelled with.
const GENRES: [&str; 4] = ["pop", "jazz", "classical", "other"];

/// Figures of every kind of faults, and the cases without any and with those of the second kind.
fn planted(
    records: &[Record],
    belief: impl Fn(usize, &Signs) -> Belief + Sync,
) -> (Vec<Figures>, [Vec<Case>; 2]) {
    let indices: Vec<usize> = (0..records.len()).collect();
    let clean = threads::map(&indices, |_, &index| Case {
        planted: [[0.0; WIDE_BANDS]; 2],
        belief: belief(index, &records[index].signs),
    });
    let mut figures = Vec::new();
    let mut spoiled = Vec::new();
    for kind in &KINDS {
        let mut planter = Planter::new(SEED);
        let faults: Vec<[Nine; 2]> = records.iter().map(|_| planter.fault(kind)).collect();
        let cases = threads::map(&indices, |_, &index| {
            let planted = faults[index];
            let bent = records[index].signs.bent(&planted[0], &planted[1]);
            Case { planted, belief: belief(index, &bent) }
        });
        figures.extend(figures_of(kind, &cases, &clean));
        spoiled.push(cases);
    }
    (figures, [clean, spoiled.swap_remove(1)])
}

/// What is believed of a family.
pub(crate) type Of = fn(&Belief) -> &Suspicion;

/// The families: name, and what is believed of each.
pub(crate) const FAMILIES: [(&str, Of); 2] =
    [("tone", |belief| &belief.tone), ("density", |belief| &belief.density)];

/// What is done when: by certainty alone, and as the program does it.
fn rules() -> Vec<(&'static str, f64, f64)> {
    let of = |boldness: Boldness| {
        (boldness.name(), boldness.thresholds()[0], boldness.other_share_max())
    };
    let program = [Boldness::Bold, Boldness::Normal, Boldness::Careful].map(of);
    std::iter::once(("P > 0.8", 0.8, f64::INFINITY)).chain(program).collect()
}

/// The figures of each family that was planted, at each boldness.
pub(crate) fn figures_of(kind: &Kind, cases: &[Case], clean: &[Case]) -> Vec<Figures> {
    let mut figures = Vec::new();
    for (family, (name, of)) in FAMILIES.iter().enumerate() {
        let power: f64 = cases.iter().map(|case| square(&case.planted[family])).sum();
        if power == 0.0 {
            continue;
        }
        let held: f64 =
            cases.iter().map(|case| held(&case.planted[family], of(&case.belief))).sum();
        for (rule, least, other_max) in rules() {
            let done =
                |belief: &Belief| of(belief).probability > least && belief.other_share < other_max;
            let (mut left, mut worse) = (0.0, 0.0);
            for case in cases {
                let rest = left_of(&case.planted[family], of(&case.belief), done(&case.belief));
                left += rest;
                worse += f64::from(u8::from(rest > square(&case.planted[family]) + 1e-9));
            }
            let touched = clean.iter().filter(|case| done(&case.belief)).count();
            figures.push(Figures {
                kind: kind.name.into(),
                family: name,
                planted: libm::sqrt(power / cases.len() as f64),
                rule,
                left_pct: 100.0 * libm::sqrt(left / power),
                made_worse_pct: 100.0 * worse / cases.len() as f64,
                touched_pct: 100.0 * touched as f64 / clean.len() as f64,
                range_holds_pct: 100.0 * held / cases.len() as f64,
            });
        }
    }
    figures
}

fn square(values: &Nine) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>() / WIDE_BANDS as f64
}

fn left_of(planted: &Nine, suspicion: &Suspicion, done: bool) -> f64 {
    let done = f64::from(u8::from(done));
    square(&std::array::from_fn(|band| planted[band] - done * suspicion.mean[band]))
}

/// Share of the bands whose range holds what was planted.
fn held(planted: &Nine, suspicion: &Suspicion) -> f64 {
    let inside = |band: &usize| {
        let [low, high] = suspicion.range[*band];
        (low..=high).contains(&planted[*band])
    };
    (0..WIDE_BANDS).filter(inside).count() as f64 / WIDE_BANDS as f64
}

/// Steps of certainty, percent.
const STEPS: [[f64; 2]; 7] = [
    [0.0, 10.0],
    [10.0, 25.0],
    [25.0, 50.0],
    [50.0, 70.0],
    [70.0, 85.0],
    [85.0, 95.0],
    [95.0, 100.1],
];

/// How often something was planted, by how sure the model was, with faults as frequent as it takes them to be.
///
/// Clean cases and cases with both families planted are weighed so that faults are as frequent; what is neither (one family
/// alone) is not among them.
fn reliability(clean: &[Case], spoiled: &[Case], choices: &FitChoices) -> Vec<Step> {
    let shares = [choices.faults.tone_share, choices.faults.density_share];
    let mut steps = Vec::new();
    for (family, (name, of)) in FAMILIES.iter().enumerate() {
        for [low, high] in STEPS {
            let inside = |case: &&Case| {
                let pct = 100.0 * of(&case.belief).probability;
                (low..high).contains(&pct)
            };
            let (right, wrong): (Vec<&Case>, Vec<&Case>) =
                (clean.iter().filter(inside).collect(), spoiled.iter().filter(inside).collect());
            let weighed =
                [(1.0 - shares[family]) * right.len() as f64, shares[family] * wrong.len() as f64];
            let total = weighed[0] + weighed[1];
            if total == 0.0 {
                continue;
            }
            let pct = |cases: &[&Case]| {
                cases.iter().map(|case| 100.0 * of(&case.belief).probability).sum::<f64>()
            };
            let said = (1.0 - shares[family]) * pct(&right) + shares[family] * pct(&wrong);
            steps.push(Step {
                family: name,
                said_pct: said / total,
                true_pct: 100.0 * weighed[1] / total,
                cases: right.len() + wrong.len(),
            });
        }
    }
    steps
}
