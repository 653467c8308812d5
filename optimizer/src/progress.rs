//! What a fit is doing, for whoever waits.

/// What is going on, for a progress line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Progress {
    /// Searching with predictions.
    Fitting,
    /// Rendering to confirm, counted from 1.
    Confirming {
        /// Which render this is.
        render: usize,
        /// Most there can be.
        renders_max: usize,
        /// How much of it is done, 0 to 1.
        share: f64,
    },
}
