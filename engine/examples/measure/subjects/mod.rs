//! What is measured, one function a processor.

mod crossover;
mod level;
mod limiter;
mod tone;

pub(crate) use crossover::crossovers;
pub(crate) use level::{compressor, dither};
pub(crate) use limiter::limiter;
pub(crate) use tone::{equalizer, resampler, saturator, stereo};

/// Rows of the table and pictures of one processor.
pub(crate) struct Subject {
    pub(crate) rows: Vec<Row>,
    pub(crate) pictures: Vec<Picture>,
}

/// One measurement.
pub(crate) struct Row {
    pub(crate) processor: &'static str,
    pub(crate) what: String,
    pub(crate) result: String,
    pub(crate) asked: String,
    /// Whether the result is what is asked.
    pub(crate) kept: bool,
}

/// One chart.
pub(crate) struct Picture {
    pub(crate) name: &'static str,
    pub(crate) caption: &'static str,
    pub(crate) svg: String,
}

/// A figure that may be `most` at most.
fn at_most(
    processor: &'static str,
    what: impl Into<String>,
    value: f64,
    most: f64,
    decimals: usize,
    unit: &str,
) -> Row {
    Row {
        processor,
        what: what.into(),
        result: format!("{value:.decimals$} {unit}"),
        asked: format!("\u{2264} {most} {unit}"),
        kept: value <= most,
    }
}

/// A figure that may differ from `wanted` by a share.
fn within(
    processor: &'static str,
    what: impl Into<String>,
    value: f64,
    wanted: f64,
    share_pct: f64,
    unit: &str,
) -> Row {
    Row {
        processor,
        what: what.into(),
        result: format!("{value:.4} {unit}"),
        asked: format!("{wanted} {unit} \u{b1} {share_pct} %"),
        kept: (value / wanted - 1.0).abs() <= share_pct / 100.0,
    }
}
