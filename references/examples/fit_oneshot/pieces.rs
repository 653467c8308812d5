//! Whole pieces of music that no record of the statistics is like.

use std::error::Error;
use std::fs;
use std::path::Path;

use acetate_analyzer::Analysis;
use acetate_audio::threads;
use acetate_references::bands::WIDE_BANDS;
use acetate_references::oneshot::{Belief, Boldness, Hearing, Model, Signs, Suspicion};
use serde::Serialize;

use crate::folds::{Case, Figures, figures_of};
use crate::plant::{KINDS, Planter};

/// Seeds of the faults planted in each piece.
const SEEDS: [u64; 3] = [1, 2, 3];

/// What came of them.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Other {
    pub(crate) pieces: usize,
    pub(crate) unjudged: usize,
    pub(crate) figures: Vec<Figures>,
}

/// Hears the pieces as they are and with faults, as the program would: what it does not judge it does not touch.
pub(crate) fn measure(path: &Path, model: &Model) -> Result<Other, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    let pieces: Vec<Analysis> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let long: Vec<&Analysis> =
        pieces.iter().filter(|piece| piece.format.duration_s >= 60.0).collect();
    let hear = |piece: &Analysis, seed: Option<u64>, kind: usize| {
        let heard = Hearing::by(model, piece, Boldness::Normal);
        let planted = seed.map_or([[0.0; WIDE_BANDS]; 2], |seed| {
            let mut planter = Planter::new(1_000 * seed + piece.format.frames % 997);
            planter.fault(&KINDS[kind])
        });
        let signs = Signs::from_analysis(piece).filter(|_| heard.unjudged.is_none());
        let judged = signs.map(|signs| model.belief(&signs.bent(&planted[0], &planted[1])));
        let belief = judged.filter(|belief| !model.is_unlike(belief)).unwrap_or_else(nothing);
        Case { planted, belief }
    };
    let clean = threads::map(&long, |_, piece| hear(piece, None, 0));
    let mut figures = Vec::new();
    for (index, kind) in KINDS.iter().enumerate() {
        let cases: Vec<Case> = (SEEDS.iter())
            .flat_map(|&seed| threads::map(&long, |_, piece| hear(piece, Some(seed), index)))
            .collect();
        figures.extend(figures_of(kind, &cases, &clean));
    }
    let unjudged = long
        .iter()
        .filter(|piece| Hearing::by(model, piece, Boldness::Normal).unjudged.is_some())
        .count();
    Ok(Other { pieces: long.len(), unjudged, figures })
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
        log_density: f64::NEG_INFINITY,
    }
}
