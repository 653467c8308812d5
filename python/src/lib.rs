//! acetate for Python: songs, plans and masters as objects, documents as JSON text. What is friendly about it is written in Python.

mod array;
mod catalogue;
mod errors;
mod watched;

use std::path::PathBuf;
use std::sync::Arc;

use acetate::audio::Mono;
use acetate::check::CheckRequest;
use acetate::check::codec::Lossy;
use acetate::{Application, Output, Wishes, documents};
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::array::{ArrayBlocks, Samples, loudness_in_place};
use crate::errors::{raised, usage};
use crate::watched::watched;

/// A sound that is about to be read.
#[pyclass(frozen, module = "acetate._acetate")]
struct Opening {
    opening: acetate::Opening,
}

#[pymethods]
impl Opening {
    /// A file.
    #[staticmethod]
    fn file(path: PathBuf) -> Self {
        Self { opening: acetate::Song::opening(path) }
    }

    /// The bytes of a file.
    #[staticmethod]
    fn bytes(name: &str, data: Vec<u8>) -> Self {
        Self { opening: acetate::Song::opening_bytes(name, data) }
    }

    /// Samples: a row a channel. They are copied: the array may change meanwhile.
    #[staticmethod]
    fn samples(name: &str, sample_rate: u32, samples: PyReadonlyArray2<'_, f32>) -> PyResult<Self> {
        let rows = samples.as_array();
        let planes = rows.rows().into_iter().map(|row| row.iter().copied().collect()).collect();
        let opening = acetate::Song::opening_samples(name, sample_rate, planes).map_err(raised)?;
        Ok(Self { opening })
    }

    /// Reads and measures it; `mono` is how a lone channel counts, "single" or "dual".
    #[pyo3(signature = (progress=None, mono="dual"))]
    fn measure(&self, py: Python<'_>, progress: Option<Py<PyAny>>, mono: &str) -> PyResult<Song> {
        let opening = self.opening.clone().mono(mono_named(mono)?);
        let song = watched(py, progress, move |observer| opening.measure(observer))?;
        Ok(Song { song: Arc::new(song) })
    }

    /// Integrated loudness alone, LUFS; `None` of silence and of less than 400 ms.
    #[pyo3(signature = (progress=None, mono="dual"))]
    fn loudness(
        &self,
        py: Python<'_>,
        progress: Option<Py<PyAny>>,
        mono: &str,
    ) -> PyResult<Option<f64>> {
        let opening = self.opening.clone().mono(mono_named(mono)?);
        let lufs = watched(py, progress, move |observer| opening.loudness(observer))?;
        Ok(lufs.map(|lufs| lufs.0))
    }
}

/// A sound that was read and measured.
#[pyclass(frozen, module = "acetate._acetate")]
struct Song {
    song: Arc<acetate::Song>,
}

/// Decided settings, ready to be rendered.
#[pyclass(frozen, module = "acetate._acetate")]
struct Plan {
    plan: Arc<acetate::Plan>,
}

/// A finished master.
#[pyclass(frozen, module = "acetate._acetate")]
struct Master {
    master: acetate::Master,
}

fn text(document: &impl serde::Serialize) -> PyResult<String> {
    serde_json::to_string(document).map_err(|error| usage(&error.to_string()))
}

#[pymethods]
impl Song {
    /// Frames a second.
    #[getter]
    fn sample_rate(&self) -> u32 {
        self.song.source().spec().sample_rate_hz
    }

    /// What was measured (`acetate.analysis/1`).
    fn analysis(&self) -> PyResult<String> {
        text(self.song.analysis())
    }

    /// What a record of this sound is remembered by (`acetate.profile/1`).
    fn profile(&self) -> PyResult<String> {
        text(&self.song.profile())
    }

    /// Decides what to do; `wishes` is JSON, `output` a file whose name decides the format where the wishes do not.
    #[pyo3(signature = (wishes, output=None, progress=None))]
    fn suggest(
        &self,
        py: Python<'_>,
        wishes: &str,
        output: Option<PathBuf>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Plan> {
        let wishes: Wishes =
            acetate::documents::from_text(wishes).map_err(|error| usage(&error.to_string()))?;
        let song = Arc::clone(&self.song);
        let plan = watched(py, progress, move |observer| {
            let request = wishes.request(None)?;
            let heard = (*song).clone().heard(request.mono())?;
            match output {
                Some(path) => heard.suggest_for(&path, &request, observer),
                None => heard.suggest(&request, observer),
            }
        })?;
        Ok(Plan { plan: Arc::new(plan) })
    }

    /// Renders a plan and verifies what was written: a file, or in memory.
    #[pyo3(signature = (plan, output=None, replace=false, progress=None))]
    fn master(
        &self,
        py: Python<'_>,
        plan: &Plan,
        output: Option<PathBuf>,
        replace: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Master> {
        let (song, plan) = (Arc::clone(&self.song), Arc::clone(&plan.plan));
        let master = watched(py, progress, move |observer| {
            let heard = (*song).clone().heard(plan.target().mono)?;
            heard.master(&plan, place(output, replace), observer)
        })?;
        Ok(Master { master })
    }

    /// Renders settings that exist (`acetate.settings/1`), at a loudness of their own where `lufs` is given.
    #[pyo3(signature = (settings, output=None, replace=false, lufs=None, progress=None))]
    fn apply(
        &self,
        py: Python<'_>,
        settings: &str,
        output: Option<PathBuf>,
        replace: bool,
        lufs: Option<f64>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Master> {
        let document = documents::parse_settings("settings", settings).map_err(raised)?;
        let application =
            Application::new("settings", document, acetate::optimizer::Scaling::default(), lufs)
                .map_err(raised)?;
        let song = Arc::clone(&self.song);
        let applied = watched(py, progress, move |observer| {
            let heard = (*song).clone().heard(application.mono())?;
            heard.apply(&application, place(output, replace), observer)
        })?;
        Ok(Master { master: applied.master })
    }

    /// Judges the sound by the rules of targets.
    #[pyo3(signature = (targets, codecs=None, progress=None))]
    fn check(
        &self,
        py: Python<'_>,
        targets: Vec<String>,
        codecs: Option<Vec<String>>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<String> {
        let rules = targets.iter().map(|name| acetate::target_named(name).map_err(raised));
        let known = |name: &String| {
            Lossy::named(name).ok_or_else(|| usage(&format!("there is no codec {name}")))
        };
        let codecs =
            codecs.map(|codecs| codecs.iter().map(known).collect::<PyResult<_>>()).transpose()?;
        let request = CheckRequest {
            targets: rules.collect::<PyResult<_>>()?,
            codecs,
            ..CheckRequest::default()
        };
        let song = Arc::clone(&self.song);
        let checked = watched(py, progress, move |observer| song.check(&request, observer))?;
        text(&serde_json::json!({ "targets": checked.targets, "codecs": checked.codecs }))
    }

    /// What differs in another sound.
    #[pyo3(signature = (other, null=false))]
    fn compare(&self, py: Python<'_>, other: &Self, null: bool) -> PyResult<String> {
        let (song, other) = (Arc::clone(&self.song), Arc::clone(&other.song));
        let compared = watched(py, None, move |_| song.compare(&other, null))?;
        let versions = compared.versions.map(|versions| {
            serde_json::json!({ "delay_s": versions.delay_s, "null_db": versions.null_db })
        });
        text(&serde_json::json!({ "comparison": compared.comparison, "versions": versions }))
    }
}

#[pymethods]
impl Plan {
    /// The settings and why (`acetate.settings/1`).
    fn settings(&self) -> PyResult<String> {
        documents::settings_text(&self.plan.document).map_err(|error| usage(&error.to_string()))
    }
}

#[pymethods]
impl Master {
    /// The settings as they were rendered (`acetate.settings/1`).
    fn settings(&self) -> PyResult<String> {
        documents::settings_text(&self.master.document).map_err(|error| usage(&error.to_string()))
    }

    /// What the written file measures (`acetate.analysis/1`).
    fn analysis(&self) -> PyResult<String> {
        text(&self.master.after.analysis)
    }

    /// Whether it is what was asked for.
    fn verdict(&self) -> PyResult<String> {
        text(&self.master.verdict)
    }

    /// Is everything met that was asked for?
    #[getter]
    fn met(&self) -> bool {
        self.master.met()
    }

    /// What was done, in one sentence.
    #[getter]
    fn done(&self) -> &str {
        &self.master.done
    }

    /// The file, where one was written.
    #[getter]
    fn path(&self) -> Option<PathBuf> {
        self.master.path().map(Into::into)
    }

    /// The settings beside it.
    #[getter]
    fn settings_path(&self) -> Option<PathBuf> {
        self.master.settings_path().map(Into::into)
    }

    /// The file, where it was made in memory.
    fn data<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.master.bytes().map(|bytes| PyBytes::new(py, bytes))
    }
}

/// How a lone channel counts.
fn mono_named(name: &str) -> PyResult<Mono> {
    match name {
        "single" => Ok(Mono::Single),
        "dual" => Ok(Mono::Dual),
        _ => Err(usage(&format!("mono is \"single\" or \"dual\", not \"{name}\""))),
    }
}

fn place(path: Option<PathBuf>, replace: bool) -> Output {
    path.map_or_else(Output::memory, Output::file).replace(replace)
}

/// The samples of a sound file in memory or on the disk, a row a channel, and their rate.
#[pyfunction]
#[pyo3(signature = (data=None, path=None))]
fn read<'py>(
    py: Python<'py>,
    data: Option<Vec<u8>>,
    path: Option<PathBuf>,
) -> PyResult<(Bound<'py, PyArray2<f32>>, u32)> {
    let (planes, rate) = watched(py, None, move |_| {
        let named = |error| acetate::Error::read("the sound", error);
        let file: acetate::files::SoundFile = match (data, path) {
            (Some(bytes), _) => bytes.into(),
            (None, path) => path.unwrap_or_default().as_path().into(),
        };
        let mut reader = acetate::files::Reader::open(file).map_err(named)?;
        let spec = acetate::audio::Blocks::spec(&reader);
        let mut planes: Vec<Vec<f32>> = vec![Vec::new(); spec.channels];
        let mut block = acetate::Audio::silence(spec, 0);
        while reader.next_block(&mut block).map_err(named)? {
            for (plane, new) in planes.iter_mut().zip(block.planes()) {
                plane.extend_from_slice(new);
            }
        }
        Ok((planes, spec.sample_rate_hz))
    })?;
    let frames = planes.first().map_or(0, Vec::len);
    let flat = PyArray1::from_vec(py, planes.concat());
    let shape = [flat.len() / frames.max(1), frames];
    Ok((flat.reshape(shape)?, rate))
}

/// Integrated loudness alone, LUFS, of samples, a row a channel, that are read while they are measured.
#[pyfunction]
#[pyo3(signature = (samples, sample_rate, progress=None, mono="dual"))]
fn loudness(
    py: Python<'_>,
    samples: Samples,
    sample_rate: u32,
    progress: Option<Py<PyAny>>,
    mono: &str,
) -> PyResult<Option<f64>> {
    let mono = mono_named(mono)?;
    // Whoever wants to hear how far it is has time for a copy.
    if progress.is_none()
        && let Some(lufs) = loudness_in_place(py, &samples, sample_rate)?
    {
        return Ok(lufs);
    }
    let mut blocks = ArrayBlocks::new(py, samples, sample_rate, mono);
    let lufs = watched(py, progress, move |observer| {
        let frames = blocks.frames();
        acetate::loudness_of_samples("sound", &mut blocks, frames, observer)
    })?;
    Ok(lufs.map(|lufs| lufs.0))
}

/// The built-in targets: id and name.
#[pyfunction]
fn targets() -> PyResult<String> {
    text(&acetate::targets())
}

#[pymodule]
fn _acetate(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    errors::add(module)?;
    module.add_class::<Opening>()?;
    module.add_class::<Song>()?;
    module.add_class::<Plan>()?;
    module.add_class::<Master>()?;
    module.add_class::<catalogue::Catalogue>()?;
    module.add_function(wrap_pyfunction!(catalogue::totals, module)?)?;
    module.add_function(wrap_pyfunction!(loudness, module)?)?;
    module.add_function(wrap_pyfunction!(read, module)?)?;
    module.add_function(wrap_pyfunction!(targets, module)?)
}
