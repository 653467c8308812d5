//! Whole pieces of music that no record of the statistics is like.

use std::error::Error;
use std::fs;
use std::path::Path;

use acetate_analyzer::Analysis;
use acetate_audio::threads;
use acetate_references::bands::WIDE_BANDS;
use acetate_references::oneshot::{Belief, Boldness, Hearing, Model, Signs, Suspicion};
use acetate_references::style::Kind;
use serde::Serialize;
use serde_json::Value;

use crate::folds::{Case, Figures, figures_of};
use crate::plant::{KINDS, Planter};

/// Seeds of the faults planted in each piece.
const SEEDS: [u64; 3] = [1, 2, 3];

/// Folds of a collection.
const FOLDS: usize = 10;

/// What came of pieces.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Heard {
    pub(crate) pieces: usize,
    pub(crate) unjudged: usize,
    pub(crate) figures: Vec<Figures>,
}

/// What came of all of them, and of those of a collection by a person who has some of the others as own records.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Other {
    pub(crate) all: Heard,
    pub(crate) own: Vec<Own>,
}

/// Whole pieces that belong together.
pub(crate) struct Collection {
    pub(crate) name: String,
    pub(crate) pieces: Vec<Analysis>,
}

/// One collection.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Own {
    pub(crate) name: String,
    /// Own records, at most.
    pub(crate) records: usize,
    pub(crate) without: Heard,
    pub(crate) with: Heard,
    /// A style was learned from them, and is named.
    pub(crate) named: Heard,
}

/// Fewer own records, and all that there are.
const OWN: [usize; 2] = [8, 36];

impl Other {
    pub(crate) fn of(collections: &[Collection], model: &Model) -> Self {
        let all = collections.iter().flat_map(|collection| &collection.pieces);
        let all: Vec<Analysis> = all.cloned().collect();
        let own = |Collection { name, pieces }: &Collection| {
            let without = measure(pieces, |_| model.clone());
            OWN.map(|records| {
                let with = measure_own(pieces, records, |signs| model.with_own(&[signs]));
                let named = measure_own(pieces, records, |signs| {
                    let style = model.of_style(&Kind::Records(vec![signs]));
                    style.unwrap_or_else(|| model.clone())
                });
                Own { name: name.clone(), records, without: without.clone(), with, named }
            })
        };
        Self {
            all: measure(&all, |_| model.clone()),
            own: collections.iter().flat_map(own).collect(),
        }
    }
}

/// Whole pieces of a collection: lines of `acetate analyze --jsonl`.
pub(crate) fn read(path: &Path) -> Result<Collection, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    let analysis = |line: &str| {
        let mut line: Value = serde_json::from_str(line)?;
        serde_json::from_value(line["analysis"].take())
    };
    let mut pieces: Vec<Analysis> = text.lines().map(analysis).collect::<Result<_, _>>()?;
    pieces.retain(|piece| piece.format.duration_s >= 60.0);
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Collection { name, pieces })
}

/// Hears the pieces as they are and with faults, as the program would: what it does not judge it does not touch.
fn measure(pieces: &[Analysis], model: impl Fn(usize) -> Model + Sync) -> Heard {
    let indices: Vec<usize> = (0..pieces.len()).collect();
    let models = threads::map(&indices, |_, &index| model(index));
    let heard =
        threads::map(&indices, |_, &i| Hearing::by(&models[i], &pieces[i], Boldness::Normal));
    let hear = |index: usize, seed: Option<u64>, kind: usize| {
        let (piece, model) = (&pieces[index], &models[index]);
        let planted = seed.map_or([[0.0; WIDE_BANDS]; 2], |seed| {
            let mut planter = Planter::new(1_000 * seed + piece.format.frames % 997);
            planter.fault(&KINDS[kind])
        });
        let signs = Signs::from_analysis(piece).filter(|_| heard[index].unjudged.is_none());
        let judged = signs.map(|signs| model.belief(&signs.bent(&planted[0], &planted[1])));
        let belief = judged.filter(|belief| !model.is_unlike(belief)).unwrap_or_else(nothing);
        Case { planted, belief }
    };
    let clean = threads::map(&indices, |_, &index| hear(index, None, 0));
    let mut figures = Vec::new();
    for (number, kind) in KINDS.iter().enumerate() {
        let cases: Vec<Case> = (SEEDS.iter())
            .flat_map(|&seed| threads::map(&indices, |_, &i| hear(i, Some(seed), number)))
            .collect();
        figures.extend(figures_of(kind, &cases, &clean));
    }
    let unjudged = heard.iter().filter(|heard| heard.unjudged.is_some()).count();
    Heard { pieces: pieces.len(), unjudged, figures }
}

/// The same where a person's own records are others of the collection: those of other folds, `own` of them at most.
fn measure_own(
    pieces: &[Analysis],
    own: usize,
    model: impl Fn(Vec<Signs>) -> Model + Sync,
) -> Heard {
    measure(pieces, |index| {
        let known = (0..pieces.len()).filter(|other| other % FOLDS != index % FOLDS);
        let signs: Vec<Signs> =
            known.filter_map(|other| Signs::from_analysis(&pieces[other])).take(own).collect();
        model(signs)
    })
}

/// Nothing is believed.
fn nothing() -> Belief {
    let none =
        Suspicion { probability: 0.0, mean: [0.0; WIDE_BANDS], range: [[0.0; 2]; WIDE_BANDS] };
    Belief {
        tone: none.clone(),
        density: none,
        off_db: [0.0; WIDE_BANDS],
        other_share: 1.0,
        own_share: 0.0,
        log_density: f64::NEG_INFINITY,
    }
}
