//! Compression in one to four bands, written as what it adds: y = x + sum of (gain - 1) * band.
//!
//! Where no gain moves the sound is untouched, bit for bit. Gains are found on a control grid of a few frames and joined
//! by straight lines.

mod ballistics;
mod detector;
mod guard;
mod law;
mod split;
mod thresholds;
mod trace;

use acetate_audio::{Audio, AudioSpec, threads};

use crate::Stage;
use crate::moves::{Listener, MoveUnit, Score};
use crate::queue::Queue;
use crate::settings::{CompressorChannel, CompressorSettings};
use detector::BandGain;
pub use law::{over_knee_db, sidechain_power_gain};
use split::Split;
use thresholds::Thresholds;
pub use trace::CompressorTrace;
use trace::Recorder;

/// The compressor.
pub struct Compressor {
    layout: Layout,
    split: Split,
    queue: Queue,
    pending: usize,
    step: usize,
    /// One per plane that is worked on: its input and bands.
    planes: Vec<Plane>,
    /// One per band that is not neutral.
    bands: Vec<BandGain>,
    thresholds: Thresholds,
    /// Where what is taken away is wanted for a report.
    recorder: Option<Recorder>,
    /// Gains after each step: by band, and within it by plane where those differ.
    score: Score,
}

/// Which planes are compressed, and which are listened to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Every channel, listening to all.
    Channels,
    /// The mid, listening to itself.
    Mid,
    /// The side, listening to the mid.
    Side,
}

/// One plane and its bands, for one hop.
pub(crate) struct Plane {
    /// The hop with its surroundings.
    window: Vec<f32>,
    /// Bands of the hop, from low to high.
    bands: Vec<Vec<f32>>,
    /// What compression adds.
    added: Vec<f32>,
    state: split::State,
}

impl Compressor {
    /// The compressor of `settings`; `None` when it changes nothing.
    pub fn new(settings: &CompressorSettings, spec: AudioSpec) -> Option<Self> {
        if settings.is_neutral() {
            return None;
        }
        let layout = match settings.channel {
            CompressorChannel::Stereo => Layout::Channels,
            CompressorChannel::Mid if spec.is_stereo() => Layout::Mid,
            CompressorChannel::Side if spec.is_stereo() => Layout::Side,
            CompressorChannel::Mid if spec.channels == 1 => Layout::Channels,
            // There is no mid or side to compress.
            CompressorChannel::Mid | CompressorChannel::Side => return None,
        };
        let split = Split::new(settings, f64::from(spec.sample_rate_hz));
        let plane_count = layout.plane_count(spec.channels);
        let planes: Vec<_> = (0..plane_count).map(|_| Plane::new(&split)).collect();
        let step = detector::control_step(settings, spec.sample_rate_hz);
        let listened = layout.listened(plane_count).len();
        let bands = settings.bands.iter().enumerate().filter(|(_, band)| !band.is_neutral());
        let bands: Vec<BandGain> = bands
            .map(|(index, band)| {
                BandGain::new(index, band, settings, spec.sample_rate_hz, step, listened)
            })
            .collect();
        let queue = Queue::new(spec.channels, split.reach_frames());
        let recorder = Recorder::new(settings.bands.len(), step, spec.sample_rate_hz);
        let width = bands.iter().map(BandGain::plane_count).sum();
        let score = Score::new(MoveUnit::Gain, step, width);
        let step_s = step as f64 / f64::from(spec.sample_rate_hz);
        let thresholds = Thresholds::new(&settings.sections, step_s);
        let recorder = Some(recorder);
        Some(Self {
            recorder,
            score,
            thresholds,
            layout,
            split,
            queue,
            pending: 0,
            step,
            planes,
            bands,
        })
    }

    /// The same for a sound whose first frame is at `begin_s` of the source: sections are counted from there.
    pub fn begun_at(mut self, begin_s: f64) -> Self {
        self.thresholds.begun_at(begin_s);
        self
    }

    /// What the bands took away since the beginning; afterwards the trace is empty.
    pub fn take_trace(&mut self) -> CompressorTrace {
        self.recorder.as_mut().map(Recorder::take).unwrap_or_default()
    }

    /// Keeps no trace from now on.
    pub(crate) fn stop_trace(&mut self) {
        self.recorder = None;
    }

    fn hop(&mut self, out: &mut Audio) {
        let hop = self.split.hop_frames();
        let frames = hop.min(self.pending);
        self.layout.gather(&self.queue, self.split.window_frames(), &mut self.planes);
        let split = &self.split;
        threads::for_each(&mut self.planes, |_, plane| split.run(plane));
        if self.score.follows() {
            let mut told = self.score.told(hop / self.step);
            self.bands.iter_mut().for_each(|band| band.obey(&mut told));
        } else {
            self.decide(frames);
        }
        let (split, bands, step) = (&self.split, &self.bands, self.step);
        threads::for_each(&mut self.planes, |index, plane| plane.sum_up(split, bands, index, step));
        self.layout.add(&self.queue, split.reach_frames(), frames, &self.planes, out);
        self.queue.skip(hop.min(self.queue.frames()));
        self.pending -= frames;
    }

    /// Finds the gains of a hop, of which so many frames are sound.
    fn decide(&mut self, frames: usize) {
        let listened = self.layout.listened(self.planes.len());
        let (step, listen, thresholds) = (self.step, &self.planes[listened], &mut self.thresholds);
        thresholds.next_hop(self.split.hop_frames() / step);
        threads::for_each(&mut self.bands, |_, band| band.follow(listen, step, thresholds));
        guard::limit_differences(&mut self.bands, self.split.band_count());
        self.bands.iter_mut().for_each(BandGain::settle);
        if let Some(recorder) = &mut self.recorder {
            recorder.record(&self.bands, frames);
        }
        let gains = self.bands.iter().flat_map(BandGain::all_gains);
        for (column, gains) in gains.enumerate() {
            self.score.note_column(column, gains[1..].iter().copied().map(f64::from));
        }
    }
}

impl Listener for Compressor {
    fn score(&mut self) -> &mut Score {
        &mut self.score
    }
}

impl Stage for Compressor {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        self.queue.push(block);
        self.pending += block.frames();
        while self.queue.frames() >= self.split.window_frames() {
            self.hop(out);
        }
    }

    fn finish(&mut self, out: &mut Audio) {
        while self.pending > 0 {
            let missing = self.split.window_frames().saturating_sub(self.queue.frames());
            self.queue.push_silence(missing);
            self.hop(out);
        }
        self.reset();
    }

    fn reset(&mut self) {
        self.pending = 0;
        self.queue.restart(self.split.reach_frames());
        self.thresholds.reset();
        self.bands.iter_mut().for_each(BandGain::reset);
        self.planes.iter_mut().for_each(|plane| plane.state.reset());
    }

    fn latency_frames(&self) -> usize {
        self.split.window_frames() - self.split.reach_frames() - 1
    }
}

impl Plane {
    fn new(split: &Split) -> Self {
        let hop = split.hop_frames();
        Self {
            window: vec![0.0; split.window_frames()],
            bands: vec![Vec::with_capacity(hop); split.band_count()],
            added: vec![0.0; hop],
            state: split.state(),
        }
    }

    /// Sums (gain - 1) * band over the bands.
    fn sum_up(&mut self, split: &Split, bands: &[BandGain], index: usize, step: usize) {
        split.start_sum(&self.window, &self.bands, &mut self.added);
        for band in bands {
            let gains = band.gains(index);
            let input = &self.bands[band.index()];
            let steps = self.added.chunks_exact_mut(step).zip(input.chunks_exact(step));
            for ((added, input), ends) in steps.zip(gains.windows(2)) {
                add_step(added, input, ends[0], ends[1]);
            }
        }
    }
}

/// Adds (gain - 1) * input to `added`, the gain walking from `start` (exclusive) to `end` (inclusive).
fn add_step(added: &mut [f32], input: &[f32], start: f32, end: f32) {
    if start == 1.0 && end == 1.0 {
        return;
    }
    let slope = (end - start) / added.len() as f32;
    let first = start - 1.0;
    for (i, (added, x)) in added.iter_mut().zip(input).enumerate() {
        *added += (first + slope * (i + 1) as f32) * x;
    }
}

impl Layout {
    fn plane_count(self, channels: usize) -> usize {
        match self {
            Self::Channels => channels,
            Self::Mid => 1,
            Self::Side => 2,
        }
    }

    fn listened(self, plane_count: usize) -> std::ops::Range<usize> {
        match self {
            Self::Channels | Self::Mid => 0..plane_count,
            Self::Side => 1..2,
        }
    }

    fn gather(self, input: &Queue, window: usize, planes: &mut [Plane]) {
        let mix = |plane: &mut Plane, sign: f32| {
            for ((out, l), r) in plane.window.iter_mut().zip(input.plane(0)).zip(input.plane(1)) {
                *out = (l + sign * r) * 0.5;
            }
        };
        match self {
            Self::Channels => {
                for (plane, input) in planes.iter_mut().zip(input.planes()) {
                    plane.window.copy_from_slice(&input[..window]);
                }
            }
            Self::Mid => mix(&mut planes[0], 1.0),
            Self::Side => {
                mix(&mut planes[0], -1.0);
                mix(&mut planes[1], 1.0);
            }
        }
    }

    fn add(self, input: &Queue, reach: usize, frames: usize, planes: &[Plane], out: &mut Audio) {
        for (channel, (input, out)) in input.planes().zip(out.planes_mut()).enumerate() {
            let (plane, sign) = match self {
                Self::Channels => (&planes[channel], 1.0),
                Self::Side if channel == 1 => (&planes[0], -1.0),
                Self::Mid | Self::Side => (&planes[0], 1.0),
            };
            let input = &input[reach..reach + frames];
            out.extend(input.iter().zip(&plane.added).map(|(x, added)| x + sign * added));
        }
    }
}
