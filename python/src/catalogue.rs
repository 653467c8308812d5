//! Catalogues: rows of a manifest in, lines of the ledger out, as JSON.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use acetate::catalogue::{
    Catalogue as Works, CatalogueOptions, Entry, Line, Row, Shard, is_address, manifest, page,
};
use acetate::{Error, Wishes};
use pyo3::prelude::*;

use crate::errors::usage;
use crate::text;
use crate::watched::watched;

/// A place where the masters of many songs are kept, each made once.
#[pyclass(frozen, module = "acetate._acetate")]
pub(crate) struct Catalogue {
    works: Arc<Works>,
    shard: Shard,
}

fn lines(lines: &[Line]) -> Vec<String> {
    lines.iter().map(Line::to_json).collect()
}

#[pymethods]
impl Catalogue {
    /// Opens a folder or an address; `wishes` is JSON and holds for all songs.
    #[new]
    #[pyo3(signature = (place, wishes="{}", shard=None, attempts=3, longest_s=None, memory_mb=None))]
    fn new(
        py: Python<'_>,
        place: String,
        wishes: &str,
        shard: Option<&str>,
        attempts: u32,
        longest_s: Option<f64>,
        memory_mb: Option<u64>,
    ) -> PyResult<Self> {
        let wishes: Wishes =
            acetate::documents::from_text(wishes).map_err(|error| usage(&error.to_string()))?;
        let shard: Shard =
            shard.map_or(Ok(Shard::ALL), str::parse).map_err(|error| usage(&error))?;
        let longest = longest_s.map(Duration::try_from_secs_f64).transpose();
        let longest = longest.map_err(|error| usage(&format!("longest_s: {error}")))?;
        let works = watched(py, None, move |_| {
            let usual = CatalogueOptions::default();
            let memory_bytes = memory_mb.map_or(usual.memory_bytes, |megabytes| megabytes << 20);
            let request = wishes.request(None)?;
            let options = CatalogueOptions {
                usual: request,
                shard,
                attempts,
                longest,
                memory_bytes,
                ..usual
            };
            Works::open(&place, options)
        })?;
        Ok(Self { works: Arc::new(works), shard })
    }

    /// What is to be done of a manifest: rows as JSON that are due, how many are done, lines of what is left out, lines of wrong rows.
    ///
    /// `rows` is the text of a manifest; without it, `source` is a manifest, a folder or an address that ends in `/`.
    #[pyo3(signature = (source, rows=None))]
    fn plan(
        &self,
        py: Python<'_>,
        source: String,
        rows: Option<String>,
    ) -> PyResult<(Vec<String>, usize, Vec<String>, Vec<String>)> {
        let (works, shard) = (Arc::clone(&self.works), self.shard);
        let plan = watched(py, None, move |_| {
            works.expect_writable()?;
            let listed = match rows {
                Some(rows) => manifest::read(&source, &mut rows.as_bytes(), shard)?,
                None => read(&source, shard)?,
            };
            works.plan(listed)
        })?;
        let due = plan.due.iter().map(Entry::to_json).collect();
        Ok((due, plan.done, lines(&plan.quarantined), lines(&plan.wrong)))
    }

    /// Masters the song of a row; gives its line. What goes wrong is in the line.
    #[pyo3(signature = (row, progress=None))]
    fn master(&self, py: Python<'_>, row: &str, progress: Option<Py<PyAny>>) -> PyResult<String> {
        let entry = Entry::parse(row).map_err(|reason| usage(&format!("the row {reason}")))?;
        let works = Arc::clone(&self.works);
        let line = watched(py, progress, move |observer| match works.left_out(&entry)? {
            Some(line) => Ok(line),
            None => works.master_watched(&entry, observer),
        })?;
        Ok(line.to_json())
    }

    /// The last line of every song that the ledger knows.
    fn lines(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let works = Arc::clone(&self.works);
        Ok(lines(&watched(py, None, move |_| works.lines())?))
    }

    /// The page about all that the ledger knows, as HTML.
    fn page(&self, py: Python<'_>, title: String) -> PyResult<String> {
        let works = Arc::clone(&self.works);
        watched(py, None, move |_| Ok(page(&title, &works.lines()?)))
    }
}

fn read(source: &str, shard: Shard) -> Result<Vec<Row>, Error> {
    if is_address(source) && source.ends_with('/') {
        return manifest::of_bucket(source, shard);
    }
    if Path::new(source).is_dir() {
        return manifest::of_folder(Path::new(source), shard);
    }
    let cannot = |error| Error::Document {
        name: source.to_owned(),
        reason: format!("cannot read: {error}"),
    };
    manifest::read(source, &mut std::fs::File::open(source).map_err(cannot)?, shard)
}

/// What lines of a ledger say together (`acetate.catalogue/1` in, counts and seconds out).
#[pyfunction]
pub(crate) fn totals(lines: Vec<String>) -> PyResult<String> {
    let lines: Vec<Line> = lines
        .iter()
        .map(|line| acetate::documents::from_text(line).map_err(|error| usage(&error.to_string())))
        .collect::<PyResult<_>>()?;
    text(&acetate::catalogue::totals(&lines))
}
