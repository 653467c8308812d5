//! Arrays of Python as sound that is read where it lies, or block by block: nothing is copied whole.

use acetate::analyzer::{StereoLoudness, StereoView};
use acetate::audio::{
    BLOCK_FRAMES, Blocks, ChannelLayout, Mono, ReadError, SAMPLE_RATE_HZ_MAX, SAMPLE_RATE_HZ_MIN,
};
use acetate::{Audio, AudioSpec};
use numpy::ndarray::{ArrayView2, Axis, s};
use numpy::{Element, PyArray2, PyArrayMethods, PyReadonlyArray2};
use pyo3::prelude::*;

/// Samples of either width, a row a channel.
#[derive(FromPyObject)]
pub(crate) enum Samples {
    Single(Py<PyArray2<f32>>),
    Double(Py<PyArray2<f64>>),
}

/// Frames that are measured before Python is asked whether it wants to stop: about a millisecond of work.
const FRAMES_AT_ONCE: usize = 1 << 17;

/// Integrated loudness of two channels, read where they lie and without holding the interpreter; `None` where that cannot be: they are to
/// be copied then, block by block.
pub(crate) fn loudness_in_place(
    py: Python<'_>,
    samples: &Samples,
    sample_rate_hz: u32,
) -> PyResult<Option<Option<f64>>> {
    match samples {
        Samples::Single(array) => {
            let Ok(array) = array.bind(py).try_readonly() else { return Ok(None) };
            measured(py, &array, sample_rate_hz, StereoView::Frames32, StereoView::Planes32)
        }
        Samples::Double(array) => {
            let Ok(array) = array.bind(py).try_readonly() else { return Ok(None) };
            measured(py, &array, sample_rate_hz, StereoView::Frames64, StereoView::Planes64)
        }
    }
}

fn measured<'a, T: Element>(
    py: Python<'_>,
    array: &'a PyReadonlyArray2<'_, T>,
    sample_rate_hz: u32,
    frames: fn(&'a [[T; 2]]) -> StereoView<'a>,
    planes: fn([&'a [T]; 2]) -> StereoView<'a>,
) -> PyResult<Option<Option<f64>>> {
    let view = array.as_array();
    if view.nrows() != 2 || !(SAMPLE_RATE_HZ_MIN..=SAMPLE_RATE_HZ_MAX).contains(&sample_rate_hz) {
        return Ok(None);
    }
    let mut meter = StereoLoudness::new(sample_rate_hz);
    let mut hear = |parts: &mut dyn Iterator<Item = StereoView<'a>>| {
        for part in parts {
            if !py.detach(|| meter.push(part)) {
                return Ok(false);
            }
            py.check_signals()?;
        }
        Ok::<bool, PyErr>(true)
    };
    let rows = [0, 1].map(|row| view.index_axis_move(Axis(0), row).to_slice());
    let heard = match (view.reversed_axes().to_slice(), rows) {
        (Some(all), _) => hear(&mut all.as_chunks().0.chunks(FRAMES_AT_ONCE).map(frames)),
        (None, [Some(left), Some(right)]) => {
            let parts = left.chunks(FRAMES_AT_ONCE).zip(right.chunks(FRAMES_AT_ONCE));
            hear(&mut parts.map(|(left, right)| planes([left, right])))
        }
        _ => Ok(false),
    };
    Ok(heard?.then(|| meter.finish().map(|lufs| lufs.0)))
}

/// A pass over an array: the interpreter is held while a block is copied.
pub(crate) struct ArrayBlocks {
    /// Taken when the pass is dropped.
    samples: Option<Samples>,
    spec: AudioSpec,
    frames: usize,
    position: usize,
}

impl ArrayBlocks {
    pub(crate) fn new(py: Python<'_>, samples: Samples, sample_rate_hz: u32, mono: Mono) -> Self {
        let shape = match &samples {
            Samples::Single(array) => array.bind(py).dims(),
            Samples::Double(array) => array.bind(py).dims(),
        };
        let (channels, frames) = (shape[0], shape[1]);
        let layout = ChannelLayout::usual(channels).heard(mono);
        let spec = AudioSpec { sample_rate_hz, channels, layout };
        Self { samples: Some(samples), spec, frames, position: 0 }
    }

    pub(crate) fn frames(&self) -> u64 {
        self.frames as u64
    }
}

impl Blocks for ArrayBlocks {
    fn spec(&self) -> AudioSpec {
        self.spec
    }

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, ReadError> {
        let (start, end) = (self.position, self.frames.min(self.position + BLOCK_FRAMES));
        let place = Place { shape: (self.spec.channels, self.frames), start, end };
        match &self.samples {
            Some(Samples::Single(array)) => place.copy(array, block, |sample| sample)?,
            Some(Samples::Double(array)) => place.copy(array, block, |sample| sample as f32)?,
            None => {}
        }
        self.position = end;
        Ok(end > start)
    }
}

impl Drop for ArrayBlocks {
    /// Let go of with the interpreter held: otherwise the array would live until the package is called again.
    fn drop(&mut self) {
        let samples = self.samples.take();
        Python::try_attach(|_| drop(samples));
    }
}

/// Frames `start` to `end` of an array of this shape.
struct Place {
    shape: (usize, usize),
    start: usize,
    end: usize,
}

impl Place {
    fn copy<T: Element + Copy>(
        &self,
        array: &Py<PyArray2<T>>,
        block: &mut Audio,
        convert: impl Fn(T) -> f32 + Copy,
    ) -> Result<(), ReadError> {
        Python::attach(|py| {
            let array =
                array.bind(py).try_readonly().map_err(|_| "the array is being written to")?;
            let view = array.as_array();
            // It can be resized under the call.
            if view.dim() != self.shape {
                return Err("the array changed its shape".into());
            }
            planes(view.slice(s![.., self.start..self.end]), block.planes_mut(), convert);
            Ok(())
        })
        .map_err(|reason: Box<dyn std::error::Error + Send + Sync>| ReadError::new(reason))
    }
}

/// Converts rows into planes; neighbours in memory are read together, whichever way they lie.
fn planes<T: Copy>(
    rows: ArrayView2<'_, T>,
    planes: &mut [Vec<f32>],
    convert: impl Fn(T) -> f32 + Copy,
) {
    planes.iter_mut().for_each(Vec::clear);
    if let ([left, right], Some(frames)) = (&mut *planes, rows.t().as_slice()) {
        let (frames, _) = frames.as_chunks::<2>();
        left.extend(frames.iter().map(|frame| convert(frame[0])));
        right.extend(frames.iter().map(|frame| convert(frame[1])));
        return;
    }
    for (row, plane) in rows.rows().into_iter().zip(planes) {
        match row.as_slice() {
            Some(row) => plane.extend(row.iter().map(|&sample| convert(sample))),
            None => plane.extend(row.iter().map(|&sample| convert(sample))),
        }
    }
}
