//! The channels at 2 kHz, where the lines of the mains are.

use acetate_audio::windows::{kaiser_beta, kaiser_window};

use crate::true_peak::sinc;

/// Rate that is left, at least.
const RATE_HZ: f64 = 2000.0;
/// Half length of the filter, in steps of the lower rate; and its corner as a share of that rate.
const HALF_LENGTH: usize = 8;
const CORNER: f64 = 0.45;
/// Stop band, dB.
const STOP_DB: f64 = 80.0;

/// The filter that goes before one in `step` samples: its middle is that sample, it passes what is steady as it is.
pub(in crate::restore) fn lowering(step: usize) -> Vec<f64> {
    let half = HALF_LENGTH * step;
    let beta = kaiser_beta(STOP_DB);
    let tap = |n: isize| {
        let sinc = sinc(2.0 * CORNER * n as f64 / step as f64);
        sinc * kaiser_window(n as f64 / half as f64, beta)
    };
    let taps: Vec<f64> = (-(half as isize)..=half as isize).map(tap).collect();
    let sum: f64 = taps.iter().sum();
    taps.iter().map(|tap| tap / sum).collect()
}

/// Sound at the lower rate: a value for each step, the first at the first frame.
#[derive(Clone, Debug)]
pub(in crate::restore) struct Lowered {
    pub(super) planes: Vec<Vec<f64>>,
    pub(super) rate: f64,
    pub(super) start_frame: u64,
    pub(super) frames: u64,
    step: usize,
    taps: Vec<f64>,
    /// What the next values need.
    pending: Vec<Vec<f32>>,
}

impl Lowered {
    pub(in crate::restore) fn new(sample_rate_hz: u32, channels: usize) -> Self {
        let rate = f64::from(sample_rate_hz);
        let step = ((rate / RATE_HZ) as usize).max(1);
        let taps = lowering(step);
        let half = taps.len() / 2;
        Self {
            planes: vec![Vec::new(); channels],
            rate: rate / step as f64,
            start_frame: 0,
            frames: 0,
            step,
            taps,
            pending: vec![vec![0.0; half]; channels],
        }
    }

    pub(in crate::restore) fn push(&mut self, planes: &[Vec<f32>]) {
        self.frames += planes[0].len() as u64;
        for ((pending, new), plane) in self.pending.iter_mut().zip(planes).zip(&mut self.planes) {
            pending.extend_from_slice(new);
            let mut start = 0;
            while start + self.taps.len() <= pending.len() {
                let sum =
                    self.taps.iter().zip(&pending[start..]).map(|(tap, &x)| tap * f64::from(x));
                plane.push(sum.sum());
                start += self.step;
            }
            pending.drain(..start.min(pending.len()));
        }
    }

    /// Silence follows.
    pub(in crate::restore) fn end(&mut self) {
        let frames = self.frames;
        let silence = vec![vec![0.0; self.taps.len() / 2]; self.planes.len()];
        self.push(&silence);
        self.frames = frames;
    }

    /// The next section: what was pending stays.
    pub(in crate::restore) fn next(&mut self) -> Self {
        let mut next = self.clone();
        next.start_frame += self.frames;
        next.frames = 0;
        next.planes.iter_mut().for_each(Vec::clear);
        next
    }

    /// Pieces of this length; the last one is up to a half longer or shorter.
    pub(super) fn pieces(&self, seconds: f64) -> Vec<Self> {
        let (length, all) = ((seconds * self.rate) as usize, self.planes[0].len());
        let count = ((all + length / 2) / length).max(1);
        let piece = |index: usize| {
            let (from, last) = (index * length, index + 1 == count);
            let to = if last { all } else { from + length };
            let start = (from * self.step) as u64;
            let end = if last { self.frames } else { (to * self.step) as u64 };
            Self {
                planes: self.planes.iter().map(|plane| plane[from..to].to_vec()).collect(),
                start_frame: self.start_frame + start,
                frames: end.saturating_sub(start),
                ..self.clone()
            }
        };
        (0..count).map(piece).collect()
    }

    pub(in crate::restore) fn seconds(&self) -> f64 {
        self.planes[0].len() as f64 / self.rate
    }

    pub(super) fn mono(&self) -> Vec<f64> {
        let share = 1.0 / self.planes.len() as f64;
        let sum = |n: usize| share * self.planes.iter().map(|plane| plane[n]).sum::<f64>();
        (0..self.planes[0].len()).map(sum).collect()
    }
}
