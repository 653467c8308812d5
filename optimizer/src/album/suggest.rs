//! An order for the songs of a record, to be thought about: nobody but people applies it.
//!
//! There is no standard. What is said again and again by those who sequence records is kept: what holds attention opens, the calm end
//! closes (and on vinyl lies where the groove is hardest to trace), neighbours neither jump in level nor in colour. Songs that run into each
//! other stay together. The weights are proposed, not fitted.

use acetate_analyzer::Analysis;

use super::groups::{Heard, grouped, hear};
use super::levels::{LevelRule, SPREAD_LU, plan_levels};
use super::pieces::pieces;
use super::record::RecordSong;
use super::record_error::RecordError;
use super::tone::{ToneTogether, plan_tone, tone_away_db};

/// A jump in level that needs no longer pause costs nothing, LU.
const JUMP_FREE_LU: f64 = 6.0;
/// A dB of difference in tone costs as much as so many LU of a jump.
const TONE_LU_PER_DB: f64 = 0.5;
/// So many pieces are tried in every order; more go from each to its nearest, mended by exchanging.
const EXACT_MAX: usize = 13;
/// Exchanges that are tried at most, each over all pairs.
const ROUNDS_MAX: usize = 50;

/// A song in a suggested order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuggestedSong {
    /// Which one, from 0 in the order in which they were given.
    pub song: usize,
    /// Why it comes here.
    pub because: String,
}

/// A piece as an order sees it.
struct Piece {
    songs: std::ops::Range<usize>,
    /// How far its loud parts stay under the loudest, LU.
    under_lu: f64,
    start_lu: f64,
    end_lu: f64,
    away_db: Vec<Option<f64>>,
}

/// Suggests an order: the loudest piece opens, the quietest closes, between them the way with the smallest jumps in level and tone.
///
/// # Errors
/// When a song cannot be read again, is silent, or says what cannot be.
pub fn suggest_order(songs: &[RecordSong<'_>]) -> Result<Vec<SuggestedSong>, RecordError> {
    let list = listed(songs)?;
    let order = ordered(&list);
    let mut suggested = Vec::new();
    for (place, &at) in order.iter().enumerate() {
        let piece = &list[at];
        let because = match place {
            0 => "the loudest opens".to_owned(),
            _ => {
                let before = &list[order[place - 1]];
                let jump_lu = piece.start_lu - before.end_lu;
                let tone_db = tone_db(before, piece);
                let close = if place + 1 == order.len() { "the quietest closes; " } else { "" };
                format!("{close}enters {jump_lu:+.0} LU, {tone_db:.0} dB away in tone")
            }
        };
        for song in piece.songs.clone() {
            let goes_on = "it goes on where the song before ends".to_owned();
            let because = if song == piece.songs.start { because.clone() } else { goes_on };
            suggested.push(SuggestedSong { song, because });
        }
    }
    Ok(suggested)
}

fn listed(songs: &[RecordSong<'_>]) -> Result<Vec<Piece>, RecordError> {
    let heard = songs.iter().map(hear).collect::<Result<Vec<Heard>, RecordError>>()?;
    let follows = grouped(songs, &heard)?;
    let pieces = pieces(songs, &heard, &follows)?;
    let levels = pieces.iter().map(|piece| piece.level(songs)).collect::<Result<Vec<_>, _>>()?;
    let places = plan_levels(&levels, LevelRule::Natural, SPREAD_LU);
    let analyses: Vec<&Analysis> =
        pieces.iter().map(|piece| &piece.measured(songs).analysis).collect();
    let tone = plan_tone(&analyses, &vec![1.0; analyses.len()], ToneTogether::default());
    let piece = |index: usize| {
        let (edges, level) = (&pieces[index].edges, &levels[index]);
        let under_lu = places[index].under_lu;
        Piece {
            songs: pieces[index].songs.clone(),
            under_lu,
            start_lu: edges.start_db - level.top_lufs - under_lu,
            end_lu: edges.end_db - level.top_lufs - under_lu,
            away_db: tone_away_db(analyses[index], &tone.centre_db),
        }
    };
    Ok((0..pieces.len()).map(piece).collect())
}

/// Root mean square over the third octaves that both have.
fn tone_db(one: &Piece, other: &Piece) -> f64 {
    let both = one.away_db.iter().zip(&other.away_db);
    let squares: Vec<f64> = both.filter_map(|(a, b)| Some(((*a)? - (*b)?).powi(2))).collect();
    (squares.iter().sum::<f64>() / squares.len().max(1) as f64).sqrt()
}

/// What it costs to go from one piece to another.
fn cost(from: &Piece, to: &Piece) -> f64 {
    let jump_lu = ((to.start_lu - from.end_lu).abs() - JUMP_FREE_LU).max(0.0);
    jump_lu + TONE_LU_PER_DB * tone_db(from, to)
}

fn ordered(pieces: &[Piece]) -> Vec<usize> {
    let louder = |a: &usize, b: &usize| pieces[*a].under_lu.total_cmp(&pieces[*b].under_lu);
    let all = 0..pieces.len();
    let Some(first) = all.clone().min_by(louder) else { return Vec::new() };
    let Some(last) = all.clone().filter(|&piece| piece != first).max_by(louder) else {
        return vec![first];
    };
    let between: Vec<usize> = all.filter(|&piece| piece != first && piece != last).collect();
    let costs: Vec<Vec<f64>> =
        pieces.iter().map(|from| pieces.iter().map(|to| cost(from, to)).collect()).collect();
    let way = if between.len() <= EXACT_MAX {
        cheapest(&costs, first, &between, last)
    } else {
        mended(&costs, first, &between, last)
    };
    [vec![first], way, vec![last]].concat()
}

/// The cheapest way from `first` over all `between` to `last`: dynamic programming over sets (Held and Karp, 1962).
fn cheapest(costs: &[Vec<f64>], first: usize, between: &[usize], last: usize) -> Vec<usize> {
    let count = between.len();
    if count == 0 {
        return Vec::new();
    }
    // For each set of visited pieces and the one that was visited last: what it cost, and the one before.
    let mut best = vec![vec![(f64::INFINITY, usize::MAX); count]; 1 << count];
    for end in 0..count {
        best[1 << end][end] = (costs[first][between[end]], usize::MAX);
    }
    for set in 1..1usize << count {
        for end in (0..count).filter(|end| set & (1 << end) != 0) {
            let (so_far, _) = best[set][end];
            for next in (0..count).filter(|next| set & (1 << next) == 0) {
                let cost = so_far + costs[between[end]][between[next]];
                let found = &mut best[set | (1 << next)][next];
                if cost < found.0 {
                    *found = (cost, end);
                }
            }
        }
    }
    let mut set = (1 << count) - 1;
    let whole = |end: usize| best[set][end].0 + costs[between[end]][last];
    let mut end = (0..count).min_by(|&a, &b| whole(a).total_cmp(&whole(b))).expect("one ends it");
    let mut way = Vec::new();
    while end != usize::MAX {
        way.push(between[end]);
        let before = best[set][end].1;
        set &= !(1 << end);
        end = before;
    }
    way.reverse();
    way
}

/// From each to its nearest; then pieces change places as long as that is cheaper.
fn mended(costs: &[Vec<f64>], first: usize, between: &[usize], last: usize) -> Vec<usize> {
    let mut left = between.to_vec();
    let mut way = Vec::new();
    let mut now = first;
    while let Some(place) =
        (0..left.len()).min_by(|&a, &b| costs[now][left[a]].total_cmp(&costs[now][left[b]]))
    {
        now = left.remove(place);
        way.push(now);
    }
    let whole = |way: &[usize]| {
        let stops: Vec<usize> = [&[first], way, &[last]].concat();
        stops.windows(2).map(|two| costs[two[0]][two[1]]).sum::<f64>()
    };
    let mut price = whole(&way);
    for _ in 0..ROUNDS_MAX {
        let before = price;
        for one in 0..way.len() {
            for other in one + 1..way.len() {
                way.swap(one, other);
                let now = whole(&way);
                if now < price {
                    price = now;
                } else {
                    way.swap(one, other);
                }
            }
        }
        if price >= before {
            break;
        }
    }
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(number: usize, under_lu: f64, start_lu: f64, end_lu: f64, tone_db: f64) -> Piece {
        let songs = number..number + 1;
        Piece { songs, under_lu, start_lu, end_lu, away_db: vec![Some(tone_db); 3] }
    }

    #[test]
    fn the_loudest_opens_the_quietest_closes_and_colours_change_little_between() {
        let pieces = [
            piece(0, 4.0, -10.0, -10.0, 0.0),
            piece(1, 1.0, -4.0, -4.0, 6.0),
            piece(2, 0.0, -3.0, -3.0, 6.0),
            piece(3, 2.0, -4.0, -4.0, 3.0),
        ];
        let order = ordered(&pieces);
        assert_eq!((order[0], order[3]), (2, 0));
        assert_eq!(order, [2, 1, 3, 0], "from 6 dB over 3 dB to 0, not there and back");
    }

    #[test]
    fn the_quick_way_of_long_records_is_close_to_the_cheapest() {
        let pieces: Vec<Piece> = (0..12)
            .map(|at| {
                let value = ((at * 7 + 3) % 12) as f64;
                piece(at, value / 3.0, -value, -((at * 5 % 12) as f64), ((at * 11) % 7) as f64)
            })
            .collect();
        let costs: Vec<Vec<f64>> =
            pieces.iter().map(|from| pieces.iter().map(|to| cost(from, to)).collect()).collect();
        let between: Vec<usize> = (1..11).collect();
        let whole = |way: Vec<usize>| {
            let stops = [vec![0], way, vec![11]].concat();
            stops.windows(2).map(|two| costs[two[0]][two[1]]).sum::<f64>()
        };
        let (exact, quick) =
            (whole(cheapest(&costs, 0, &between, 11)), whole(mended(&costs, 0, &between, 11)));
        assert!(exact <= quick && quick <= 1.5 * exact + 1.0, "{exact} {quick}");
    }
}
