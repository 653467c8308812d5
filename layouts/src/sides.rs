//! Where a record is turned over.

use thiserror::Error;

/// Which songs are on which side.
#[derive(Clone, Debug, PartialEq)]
pub struct SidePlan {
    /// The first song of every side; side A begins with song 0.
    pub first_songs: Vec<usize>,
    /// How loud each side can be cut, dB.
    pub levels_db: Vec<f64>,
}

impl SidePlan {
    /// The level of the side that has least.
    pub fn quietest_db(&self) -> f64 {
        self.levels_db.iter().copied().fold(f64::INFINITY, f64::min)
    }
}

/// Why there is no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SidesError {
    /// Fewer pieces than sides.
    #[error("{pieces} songs or joined groups cannot fill {sides} sides")]
    TooFewPieces {
        /// Songs and groups that must stay whole.
        pieces: usize,
        /// Sides asked for.
        sides: usize,
    },
    /// A side would be longer than a record has room for.
    #[error("the record is too long for {sides} sides: use {more}", more = sides + 2)]
    TooLong {
        /// Sides asked for.
        sides: usize,
    },
}

/// The breaks that leave the quietest side loudest; among those the ones with the greatest sum of levels, then the earliest.
///
/// Order is kept. `may_break[i]` says whether a side may end after song `i` (not inside a join); `level_db(from, to)` is how loud a side
/// of songs `from..to` can be cut, `None` when it does not fit. Asks for every pair once, and finds what trying every plan would find.
///
/// # Errors
/// When there are fewer pieces than sides, or no plan fits.
pub fn plan_sides(
    may_break: &[bool],
    sides: usize,
    level_db: &mut dyn FnMut(usize, usize) -> Option<f64>,
) -> Result<SidePlan, SidesError> {
    let songs = may_break.len();
    // The places between songs where a side can begin or end.
    let mut edges = vec![0];
    edges.extend((1..songs).filter(|&edge| may_break[edge - 1]));
    edges.push(songs);
    let pieces = edges.len() - 1;
    if sides == 0 || pieces < sides {
        return Err(SidesError::TooFewPieces { pieces, sides });
    }
    let levels = Levels::new(&edges, level_db);
    let quietest_db = levels.best(sides, Goal::Quietest).ok_or(SidesError::TooLong { sides })?;
    let chosen = levels.plan(sides, quietest_db.value).ok_or(SidesError::TooLong { sides })?;
    let firsts: Vec<usize> = chosen[..sides].iter().map(|&edge| edges[edge]).collect();
    let level = |pair: &[usize]| levels.of(pair[0], pair[1]).expect("a chosen side fits");
    let levels_db = chosen.windows(2).map(level).collect();
    Ok(SidePlan { first_songs: firsts, levels_db })
}

/// Level of a side from any edge to any later one.
struct Levels {
    edges: usize,
    table: Vec<Option<f64>>,
}

/// What is made as great as it can be.
#[derive(Clone, Copy)]
enum Goal {
    /// The least of the levels.
    Quietest,
    /// Their sum, with none of them below this.
    SumAbove(f64),
}

/// The best way to fill the first sides up to an edge.
#[derive(Clone, Copy)]
struct Best {
    value: f64,
    /// The edge where the last of these sides begins.
    from: usize,
}

impl Levels {
    fn new(edges: &[usize], level_db: &mut dyn FnMut(usize, usize) -> Option<f64>) -> Self {
        let count = edges.len();
        let mut table = vec![None; count * count];
        for from in 0..count {
            for to in from + 1..count {
                table[from * count + to] = level_db(edges[from], edges[to]);
            }
        }
        Self { edges: count, table }
    }

    fn of(&self, from: usize, to: usize) -> Option<f64> {
        self.table[from * self.edges + to]
    }

    fn best(&self, sides: usize, goal: Goal) -> Option<Best> {
        self.rows(sides, goal).last().and_then(|row| row[self.edges - 1])
    }

    /// Row `n` has the best way to fill n + 1 sides up to each edge.
    fn rows(&self, sides: usize, goal: Goal) -> Vec<Vec<Option<Best>>> {
        let step = |before: f64, level: f64| match goal {
            Goal::Quietest => Some(before.min(level)),
            Goal::SumAbove(least) => (level >= least).then_some(before + level),
        };
        let start = match goal {
            Goal::Quietest => f64::INFINITY,
            Goal::SumAbove(_) => 0.0,
        };
        let mut rows: Vec<Vec<Option<Best>>> = Vec::new();
        for side in 0..sides {
            let before = |edge: usize| match side {
                0 => (edge == 0).then_some(start),
                _ => rows[side - 1][edge].map(|best| best.value),
            };
            let best_at = |to: usize| {
                let ways = (0..to).filter_map(|from| {
                    Some(Best { value: step(before(from)?, self.of(from, to)?)?, from })
                });
                ways.reduce(|best, way| if way.value > best.value { way } else { best })
            };
            let row = (0..self.edges).map(best_at).collect();
            rows.push(row);
        }
        rows
    }

    /// The edges of the best plan whose sides all reach `quietest_db`.
    fn plan(&self, sides: usize, quietest_db: f64) -> Option<Vec<usize>> {
        let rows = self.rows(sides, Goal::SumAbove(quietest_db));
        let mut edges = vec![self.edges - 1];
        for row in rows.iter().rev() {
            edges.push(row[*edges.last()?]?.from);
        }
        edges.reverse();
        Some(edges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Level of a side: the room it leaves, as for steady sound; `None` over 30 minutes.
    fn level_of(minutes: &[f64], loudness_db: &[f64], from: usize, to: usize) -> Option<f64> {
        let length: f64 = minutes[from..to].iter().sum();
        let power: f64 = (from..to).map(|i| minutes[i] * 10f64.powf(loudness_db[i] / 10.0)).sum();
        (length < 30.0).then(|| 10.0 * ((30.0 - length) / power).log10())
    }

    /// Every way to break: the quietest side, then the sum of levels.
    fn exhaustive(
        may_break: &[bool],
        sides: usize,
        level: &dyn Fn(usize, usize) -> Option<f64>,
    ) -> Option<[f64; 2]> {
        let songs = may_break.len();
        let mut best: Option<[f64; 2]> = None;
        for mask in 0u32..1 << (songs - 1) {
            let breaks = (1..songs).filter(|edge| mask >> (edge - 1) & 1 == 1);
            let mut edges = vec![0];
            edges.extend(breaks);
            edges.push(songs);
            let allowed = edges[1..edges.len() - 1].iter().all(|&edge| may_break[edge - 1]);
            if edges.len() != sides + 1 || !allowed {
                continue;
            }
            let levels: Option<Vec<f64>> =
                edges.windows(2).map(|pair| level(pair[0], pair[1])).collect();
            let Some(levels) = levels else { continue };
            let quietest = levels.iter().copied().fold(f64::INFINITY, f64::min);
            let found = [quietest, levels.iter().sum()];
            if best.is_none_or(|best| {
                found[0] > best[0] || (found[0] == best[0] && found[1] > best[1])
            }) {
                best = Some(found);
            }
        }
        best
    }

    proptest! {
        #[test]
        fn the_plan_is_the_one_that_trying_all_of_them_finds(
            songs in prop::collection::vec((1.0..9.0f64, -6.0..0.0f64, prop::bool::weighted(0.8)), 1..12),
            sides in 1usize..5,
        ) {
            let minutes: Vec<f64> = songs.iter().map(|song| song.0).collect();
            let loudness_db: Vec<f64> = songs.iter().map(|song| song.1).collect();
            let may_break: Vec<bool> = songs.iter().map(|song| song.2).collect();
            let level = |from: usize, to: usize| level_of(&minutes, &loudness_db, from, to);
            let plan = plan_sides(&may_break, sides, &mut { level });
            match exhaustive(&may_break, sides, &level) {
                None => prop_assert!(plan.is_err()),
                Some([quietest, sum]) => {
                    let plan = plan.unwrap();
                    prop_assert_eq!(plan.quietest_db(), quietest);
                    let planned: f64 = plan.levels_db.iter().sum();
                    // Summed in another order.
                    prop_assert!((planned - sum).abs() < 1e-9);
                }
            }
        }
    }

    #[test]
    fn equal_songs_are_shared_out_equally() {
        let minutes = [4.0; 10];
        let level = |from, to| level_of(&minutes, &[0.0; 10], from, to);
        let plan = plan_sides(&[true; 10], 2, &mut { level }).unwrap();
        assert_eq!(plan.first_songs, [0, 5]);
    }

    #[test]
    fn a_join_is_never_broken() {
        let minutes = [4.0; 4];
        let level = |from, to| level_of(&minutes, &[0.0; 4], from, to);
        let plan = plan_sides(&[true, false, true, true], 2, &mut { level }).unwrap();
        assert_ne!(plan.first_songs, [0, 2]);
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let minutes = [20.0; 4];
        let level = |from, to| level_of(&minutes, &[0.0; 4], from, to);
        let error = plan_sides(&[true; 4], 2, &mut { level }).unwrap_err();
        assert_eq!(error.to_string(), "the record is too long for 2 sides: use 4");
        let error = plan_sides(&[false; 4], 2, &mut { level }).unwrap_err();
        assert_eq!(error, SidesError::TooFewPieces { pieces: 1, sides: 2 });
    }
}
