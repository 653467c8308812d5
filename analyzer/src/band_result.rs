//! What the bands of a sound were over time.

/// Tables of a whole sound.
#[derive(Debug)]
pub(crate) struct BandResult {
    /// Steps of 50 ms in a row.
    pub(crate) steps_per_row: usize,
    pub(crate) rows: usize,
    /// Left, right, mid, side: `[row * bands + band]`; only mid where there are not two channels.
    pub(crate) tables: [Vec<f32>; 4],
    /// Blocks of 400 ms in a cell row.
    pub(crate) blocks_per_row: usize,
    /// `[row][mid cells, side cells]`.
    pub(crate) cells: Vec<f32>,
    /// Power of every bin, mid and side, over the whole.
    pub(crate) bins: Vec<f64>,
    /// Distance of the bins.
    pub(crate) bin_hz: f64,
    /// Largest envelope of each wide band of the mid, in the rows of the tables.
    pub(crate) wide_peaks: Vec<f32>,
}
