//! What a stage decides by listening: to be read, or to be done to other sound.
//!
//! One chain hears a sum and writes down what its stages decide; others that hear a part of the sum each do the same to
//! it, in lock-step. What is a gain multiplies every part; what is *added* to the sum (harmonics, the masked limiter's
//! residual) belongs to no part, and is there to be read.

use crate::Stage;

/// What the numbers of [`Moves`] are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MoveUnit {
    /// Factors on amplitudes.
    #[default]
    Gain,
    /// Cuts of a bell or of a bin of a spectrum, in dB, never below 0.
    CutDb,
    /// What is added to the sound; full scale is 1.
    Added,
}

/// Decisions of one stage, in order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moves {
    /// What the numbers are.
    pub unit: MoveUnit,
    /// Frames from one row to the next.
    pub step_frames: usize,
    /// Rows at the very beginning that stand before the first frame.
    pub rows_before: usize,
    /// Numbers by what they belong to: a band, a channel, a bin. All columns are of one length.
    pub columns: Vec<Vec<f64>>,
}

impl Moves {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// Forgets the rows.
    pub fn clear(&mut self) {
        self.columns.iter_mut().for_each(Vec::clear);
    }
}

/// A stage that decides by listening.
pub trait Listener: Stage {
    /// What it decides; through this it is told to write that down, or to follow another.
    fn score(&mut self) -> &mut Score;
}

/// What a stage decides, or is told.
pub struct Score {
    mode: Mode,
    moves: Moves,
    /// Rows that were followed.
    followed: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Decides, and keeps nothing.
    Decides,
    /// Decides, and writes it down.
    Records,
    /// Does what it is told.
    Follows,
}

impl Score {
    pub(crate) fn new(unit: MoveUnit, step_frames: usize, width: usize) -> Self {
        let moves = Moves { unit, step_frames, rows_before: 0, columns: vec![Vec::new(); width] };
        Self { mode: Mode::Decides, moves, followed: 0 }
    }

    pub(crate) fn with_rows_before(mut self, rows: usize) -> Self {
        self.moves.rows_before = rows;
        self
    }

    /// From now on the stage writes down what it decides.
    pub fn record(&mut self) {
        self.mode = Mode::Records;
    }

    /// Replaces `moves` with what was decided since the last call.
    pub fn take(&mut self, moves: &mut Moves) {
        let Moves { unit, step_frames, rows_before, columns } = &self.moves;
        moves.columns.resize(columns.len(), Vec::new());
        (moves.unit, moves.step_frames, moves.rows_before) = (*unit, *step_frames, *rows_before);
        std::mem::swap(&mut moves.columns, &mut self.moves.columns);
        self.moves.clear();
    }

    /// From now on the stage decides nothing: with the frames that it hears next it does what another of the same settings
    /// decided when it heard as many.
    ///
    /// # Panics
    /// Later, when there are fewer moves than the frames ask for.
    pub fn follow(&mut self, moves: &Moves) {
        self.mode = Mode::Follows;
        for (own, told) in self.moves.columns.iter_mut().zip(&moves.columns) {
            own.drain(..self.followed.min(own.len()));
            own.extend_from_slice(told);
        }
        self.followed = 0;
    }

    pub(crate) fn records(&self) -> bool {
        self.mode == Mode::Records
    }

    pub(crate) fn follows(&self) -> bool {
        self.mode == Mode::Follows
    }

    /// Writes down a row, when that is wanted.
    pub(crate) fn note(&mut self, row: impl IntoIterator<Item = f64>) {
        if self.records() {
            self.moves.columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        }
    }

    /// Writes down many rows of one column, when that is wanted.
    pub(crate) fn note_column(&mut self, column: usize, values: impl IntoIterator<Item = f64>) {
        if self.records() {
            self.moves.columns[column].extend(values);
        }
    }

    /// Rows that are still to be followed.
    pub(crate) fn rows_left(&self) -> usize {
        self.moves.rows() - self.followed
    }

    /// The next rows to be followed, by column.
    pub(crate) fn told(&mut self, rows: usize) -> impl Iterator<Item = &[f64]> {
        assert!(rows <= self.rows_left(), "a follower hears as many frames as the one it follows");
        let range = self.followed..self.followed + rows;
        self.followed += rows;
        self.moves.columns.iter().map(move |column| &column[range.clone()])
    }

    /// The next row to be followed.
    pub(crate) fn told_row(&mut self) -> impl Iterator<Item = f64> {
        self.told(1).map(|column| column[0])
    }

    /// Forgets what was decided or told.
    pub(crate) fn reset(&mut self) {
        self.moves.clear();
        self.followed = 0;
    }
}
