//! What is measured, one function a processor.

mod level;
mod tone;

pub(crate) use level::{compressor, dither, limiter};
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
    pub(crate) bound: &'static str,
}

/// One chart.
pub(crate) struct Picture {
    pub(crate) name: &'static str,
    pub(crate) caption: &'static str,
    pub(crate) svg: String,
}

fn row(
    processor: &'static str,
    what: impl Into<String>,
    result: String,
    bound: &'static str,
) -> Row {
    Row { processor, what: what.into(), result, bound }
}
