//! The two sides of a cassette.

use thiserror::Error;

/// Silence before the first sound of a side, so that the tape runs when it comes, seconds.
pub const CASSETTE_LEAD_S: f64 = 1.0;
/// Tape left at the end of a side, seconds: lengths of tape scatter.
const SPARE_S: f64 = 30.0;

/// A length of tape that duplicators stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tape {
    /// Both sides together, minutes: the number after the C.
    pub minutes: u32,
}

/// Lengths in stock, minutes.
const STOCK: [u32; 4] = [30, 46, 60, 90];

impl Tape {
    /// How much music a side holds, seconds.
    pub fn side_s(self) -> f64 {
        f64::from(self.minutes) * 30.0 - SPARE_S
    }
}

/// How a record lies on a cassette.
#[derive(Clone, Debug, PartialEq)]
pub struct Cassette {
    /// Songs on side A; the others are on side B.
    pub songs_on_a: usize,
    /// Lengths of both sides with their pauses and the silence before, seconds.
    pub sides_s: [f64; 2],
    /// The shortest tape that holds them.
    pub tape: Tape,
}

/// Why a record does not fit on a cassette.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum CassetteError {
    /// No tape is long enough.
    #[error(
        "side A would last {side_s:.0} s, and a C{tape} holds {holds_s:.0} s a side: leave a song out"
    )]
    TooLong {
        /// The longer side.
        side_s: f64,
        /// The tape asked for, or the longest.
        tape: u32,
        /// What it holds.
        holds_s: f64,
    },
}

/// Breaks the record where side A is the longer one by the least, so that nobody waits at the end of A.
///
/// `ends_s` are the places where each song ends, `starts_s` where it begins, both on the time line of the record; `may_break[i]` says
/// whether a side may end after song `i` (not inside a join). `tape` is what was asked for, else the shortest in stock is chosen.
///
/// # Errors
/// When no allowed break fits on the tape.
pub fn plan_cassette(
    starts_s: &[f64],
    ends_s: &[f64],
    may_break: &[bool],
    tape: Option<Tape>,
) -> Result<Cassette, CassetteError> {
    let last = ends_s.len();
    let side = |from: usize, to: usize| {
        if from == to { 0.0 } else { CASSETTE_LEAD_S + ends_s[to - 1] - starts_s[from] }
    };
    let breaks = (1..=last).filter(|&songs| songs == last || may_break[songs - 1]);
    let sides = breaks.map(|songs| (songs, [side(0, songs), side(songs, last)]));
    let (songs_on_a, sides_s) = sides
        .filter(|(_, [a, b])| a >= b)
        .min_by(|(_, x), (_, y)| x[0].total_cmp(&y[0]))
        .unwrap_or((last, [side(0, last), 0.0]));
    let stock = STOCK.map(|minutes| Tape { minutes });
    let longest = tape.unwrap_or(stock[STOCK.len() - 1]);
    let fits = |tape: &Tape| tape.side_s() >= sides_s[0];
    let chosen = tape.into_iter().chain(stock.into_iter().filter(|_| tape.is_none())).find(fits);
    let too_long = CassetteError::TooLong {
        side_s: sides_s[0],
        tape: longest.minutes,
        holds_s: longest.side_s(),
    };
    chosen.map(|tape| Cassette { songs_on_a, sides_s, tape }).ok_or(too_long)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Songs of these lengths, with 2 s between them.
    fn plan(lengths_s: &[f64], tape: Option<Tape>) -> Result<Cassette, CassetteError> {
        let (mut starts, mut ends, mut at) = (Vec::new(), Vec::new(), 0.0);
        for length_s in lengths_s {
            starts.push(at);
            ends.push(at + length_s);
            at += length_s + 2.0;
        }
        plan_cassette(&starts, &ends, &vec![true; lengths_s.len()], tape)
    }

    #[test]
    fn side_a_is_the_longer_one_by_the_least() {
        let cassette = plan(&[200.0, 180.0, 240.0, 200.0], None).unwrap();
        assert_eq!(cassette.songs_on_a, 3);
        assert_eq!(cassette.sides_s, [625.0, 201.0]);
        let cassette = plan(&[300.0, 300.0, 240.0, 200.0], None).unwrap();
        assert_eq!(cassette.songs_on_a, 2);
    }

    #[test]
    fn the_tape_is_the_next_in_stock_with_half_a_minute_to_spare() {
        let minutes = |side_s: f64| plan(&[side_s - CASSETTE_LEAD_S], None).unwrap().tape.minutes;
        assert_eq!(minutes(870.0), 30);
        assert_eq!(minutes(871.0), 46);
        assert_eq!(minutes(1770.0), 60);
        assert!(matches!(plan(&[2700.0], None), Err(CassetteError::TooLong { tape: 90, .. })));
    }

    #[test]
    fn a_tape_that_was_asked_for_is_kept_to() {
        let c60 = Some(Tape { minutes: 60 });
        assert_eq!(plan(&[300.0, 200.0], c60).unwrap().tape.minutes, 60);
        assert!(matches!(plan(&[1790.0], c60), Err(CassetteError::TooLong { tape: 60, .. })));
    }

    #[test]
    fn a_side_never_ends_inside_a_join() {
        let cassette =
            plan_cassette(&[0.0, 300.0, 600.0], &[300.0, 600.0, 900.0], &[true, false, true], None);
        assert_eq!(cassette.unwrap().songs_on_a, 3);
    }
}
