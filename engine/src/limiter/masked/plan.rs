//! Which frames may carry a residual, and how long runs of them are cut.

/// Frames a piece has at most, overlaps not counted (0.74 s): small enough for a core's cache.
const PIECE_FRAMES: i64 = 64;
/// Frames that a piece shares with the next on each side of the cut; a residual's influence is gone after three or four.
pub(super) const OVERLAP_FRAMES: i64 = 4;
/// Hops beyond a frame that must have come in before it is planned (the threshold of a segment of four frames looks at two).
pub(super) const LEAD_HOPS: i64 = 3;

/// A run of frames of one channel that is solved at once. Frame `t` covers the hops `t-1` and `t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) channel: usize,
    pub(super) first: i64,
    pub(super) last: i64,
    /// Fades in over the first hop of this frame.
    pub(super) fade_in: Option<i64>,
    /// Fades out over the first hop of this frame.
    pub(super) fade_out: Option<i64>,
}

/// Turns the overs of one channel, hop by hop, into pieces.
#[derive(Clone, Debug)]
pub(super) struct Planner {
    padding: i64,
    /// Next hop to be told.
    hop: i64,
    /// Last hop with an over, if any.
    last_over: Option<i64>,
    run: Option<Run>,
}

/// Active frames without a gap, not all of them planned.
#[derive(Clone, Copy, Debug)]
struct Run {
    first: i64,
    /// The frame from which nothing is planned yet: the first, or a cut.
    from: i64,
}

impl Planner {
    pub(super) fn new(padding: usize) -> Self {
        Self { padding: padding as i64, hop: 0, last_over: None, run: None }
    }

    /// Takes the next hop: does it have an over?
    pub(super) fn advance(&mut self, over: bool, mut emit: impl FnMut(Piece)) {
        let hop = self.hop;
        if over {
            // Frames hop and hop + 1 reach it.
            let first = hop - self.padding;
            self.close_before(first, &mut emit);
            self.run.get_or_insert(Run { first, from: first });
            self.last_over = Some(hop);
        }
        self.hop += 1;
        self.cut(&mut emit);
        // No later over can reach the run any more, and what its last frame looks at has come in.
        self.close_before(self.hop - self.padding - LEAD_HOPS, &mut emit);
    }

    /// The sound has ended.
    pub(super) fn finish(&mut self, mut emit: impl FnMut(Piece)) {
        self.close_before(i64::MAX, &mut emit);
    }

    /// The first hop that a piece still to come may change.
    pub(super) fn undecided_hop(&self) -> i64 {
        let first_frame = self.run.map_or(self.hop - self.padding, |run| run.from);
        first_frame - 1
    }

    fn last_frame(&self) -> Option<i64> {
        self.last_over.map(|hop| hop + 1 + self.padding)
    }

    /// Plans the rest of the run if it ends before a frame with at least one inactive frame between.
    fn close_before(&mut self, frame: i64, emit: &mut impl FnMut(Piece)) {
        let (Some(run), Some(last)) = (self.run, self.last_frame()) else { return };
        if last + 1 < frame {
            emit(run.piece(last, None));
            self.run = None;
        }
    }

    /// Plans a piece as soon as the run is long enough and what it overlaps has come in.
    fn cut(&mut self, emit: &mut impl FnMut(Piece)) {
        let (Some(run), Some(last)) = (self.run, self.last_frame()) else { return };
        let cut = run.from + PIECE_FRAMES;
        let end = cut + OVERLAP_FRAMES - 1;
        if last >= end && self.hop > end + LEAD_HOPS {
            emit(run.piece(end, Some(cut)));
            self.run = Some(Run { from: cut, ..run });
        }
    }
}

impl Run {
    fn piece(self, last: i64, fade_out: Option<i64>) -> Piece {
        let fade_in = (self.from > self.first).then_some(self.from);
        Piece {
            channel: 0,
            first: fade_in.map_or(self.first, |cut| cut - OVERLAP_FRAMES),
            last,
            fade_in,
            fade_out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(overs: impl Iterator<Item = bool>) -> Vec<Piece> {
        let (mut planner, mut found) = (Planner::new(1), Vec::new());
        for over in overs {
            let before = planner.undecided_hop();
            planner.advance(over, |piece| {
                assert!(piece.fade_in.unwrap_or(piece.first) > before, "changes what was let out");
                found.push(piece);
            });
        }
        planner.finish(|piece| found.push(piece));
        found
    }

    #[test]
    fn a_lone_over_frees_the_frames_that_reach_it_and_one_on_each_side() {
        let whole = Piece { channel: 0, first: 9, last: 12, fade_in: None, fade_out: None };
        assert_eq!(pieces((0..40).map(|hop| hop == 10)), [whole]);
    }

    #[test]
    fn overs_with_an_inactive_frame_between_are_separate() {
        assert_eq!(pieces((0..40).map(|hop| hop == 10 || hop == 14)).len(), 1);
        assert_eq!(pieces((0..40).map(|hop| hop == 10 || hop == 15)).len(), 2);
    }

    #[test]
    fn a_run_without_gaps_is_cut_into_pieces_that_overlap() {
        let found = pieces((0..1000).map(|hop| hop >= 3));
        assert!(found.len() > 10);
        assert_eq!((found[0].first, found[0].fade_in), (2, None));
        assert_eq!(found.last().unwrap().fade_out, None);
        for pair in found.windows(2) {
            assert_eq!(pair[0].fade_out, pair[1].fade_in);
            assert_eq!(pair[0].last - pair[1].first + 1, 2 * OVERLAP_FRAMES);
            assert!(pair[0].last - pair[0].first < PIECE_FRAMES + 2 * OVERLAP_FRAMES);
        }
    }
}
