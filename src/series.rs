//! Measures over time for programs: rows of comma-separated values, and a document.

use acetate_analyzer::{Measured, Series};
use serde::Serialize;

use crate::csv::{cell, quoted};

/// Name and version of the document.
const SCHEMA: &str = "acetate.series/1";
/// The columns of [`rows`].
pub const HEADING: &str =
    "file,time_s,momentary_lufs,short_term_lufs,peak_dbtp,width,correlation\n";

/// `acetate.series/1`.
#[derive(Debug, Serialize)]
pub struct SeriesDocument<'a> {
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(flatten)]
    series: &'a Series,
}

/// The series of a file as a document.
pub fn document(measured: &Measured) -> SeriesDocument<'_> {
    SeriesDocument {
        schema: SCHEMA,
        file: measured.analysis.file.as_deref(),
        series: &measured.series,
    }
}

/// A row each step, without a heading.
pub fn rows(name: &str, series: &Series) -> String {
    let name = quoted(name);
    let at = |values: &[Option<f64>], step: usize| cell(values.get(step).copied().flatten());
    (0..series.momentary_lufs.len())
        .map(|step| {
            let time_s = (step + 1) as f64 * series.step_s;
            format!(
                "{name},{},{},{},{},{},{}\n",
                cell(Some(time_s)),
                at(&series.momentary_lufs, step),
                at(&series.short_term_lufs, step),
                at(&series.peak_dbtp, step),
                at(&series.width, step),
                at(&series.correlation, step),
            )
        })
        .collect()
}
