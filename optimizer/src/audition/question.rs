//! The pair that is asked next.

use super::Pair;
use super::listeners::{Compared, Listeners, Lot};
use super::space::TasteSpace;

/// Listeners that a question is weighed with.
const ASKED: usize = 384;
/// Differences that are tried beside those along a single way.
const TRIED: usize = 40;
/// How far apart the two are, in steps: what is heard at once, and up to what is hardly the same taste any more.
const APART_STEPS: [f64; 3] = [1.5, 2.1, 2.8];
/// Nearer ones than this are not told apart.
const AUDIBLE_STEPS: f64 = 1.2;

/// A lot for one question of an audition.
fn lot(seed: u64, question: usize) -> Lot {
    Lot::new(seed ^ (question as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// The pair around the middle of what is known whose answer tells most; `None` where none can be told apart.
pub(super) fn most_telling(
    space: &TasteSpace,
    listeners: &Listeners,
    seed: u64,
    question: usize,
) -> Option<Pair> {
    let mut lot = lot(seed, question);
    let middle = listeners.middle(space);
    let few = listeners.few(ASKED, &mut lot);
    let along =
        |way: usize| (0..space.ways.len()).map(|at| f64::from(u8::from(at == way))).collect();
    let mut directions: Vec<Vec<f64>> = (0..space.ways.len()).map(along).collect();
    for _ in 0..TRIED {
        let (one, other) = (lot.index(few.count()), lot.index(few.count()));
        let ends = few.wish(one).iter().zip(few.wish(other));
        directions.push(ends.map(|(one, other)| one - other).collect());
    }
    let mut best: Option<(f64, Pair)> = None;
    for direction in &directions {
        for apart in APART_STEPS {
            let Some(pair) = pair(space, &middle, direction, apart) else { continue };
            let told = few.told_bits(&Compared::new(space, &pair));
            if best.as_ref().is_none_or(|(most, _)| told > *most) {
                best = Some((told, pair));
            }
        }
    }
    best.map(|(_, pair)| blind(pair, &mut lot))
}

/// A pair around the middle of the space, in any direction.
pub(super) fn by_lot(space: &TasteSpace, seed: u64, question: usize) -> Pair {
    let mut lot = lot(seed, question);
    let middle = vec![0.0; space.ways.len()];
    loop {
        let direction: Vec<f64> = space.ways.iter().map(|_| lot.normal()).collect();
        if let Some(pair) = pair(space, &middle, &direction, APART_STEPS[1]) {
            return blind(pair, &mut lot);
        }
    }
}

/// Which of the two is A says nothing.
fn blind(pair: Pair, lot: &mut Lot) -> Pair {
    let Pair { first, second } = pair;
    if lot.uniform() < 0.5 { Pair { first, second } } else { Pair { first: second, second: first } }
}

/// Two points on either side of `middle`, as far apart as that, as far as they can be had; `None` where that is too near.
fn pair(space: &TasteSpace, middle: &[f64], direction: &[f64], apart: f64) -> Option<Pair> {
    let lengths = space.lengths();
    let steps = |difference: &mut dyn Iterator<Item = f64>| {
        let square = |(difference, (_, length)): (f64, &(usize, f64))| {
            let steps = difference * length;
            steps * steps
        };
        libm::sqrt(difference.zip(&lengths).map(square).sum::<f64>())
    };
    let whole = steps(&mut direction.iter().copied());
    if whole < 1e-6 {
        return None;
    }
    let at = |share: f64| {
        let ways = middle.iter().zip(direction);
        let mut point: Vec<f64> =
            ways.map(|(middle, way)| middle + share * apart / whole * way).collect();
        space.reachable(&mut point);
        point
    };
    let (first, second) = (at(0.5), at(-0.5));
    let left = steps(&mut first.iter().zip(&second).map(|(a, b)| a - b));
    (left >= AUDIBLE_STEPS).then_some(Pair { first, second })
}
