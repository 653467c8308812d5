//! Width: one linear-phase filter on the side. The mid is not touched, so the mono sum stays what it was.

use acetate_audio::units::db_to_amplitude;
use acetate_audio::{Audio, AudioSpec};

use crate::Stage;
use crate::convolver::{Convolver, Workspace, low_pass_kernel, split_taps};
use crate::queue::Queue;
use crate::settings::StereoSettings;

/// Width per band and mono-below, as what has to be added to the side: S' = S + (h - 1) * S.
pub(crate) struct Width {
    convolver: Convolver,
    work: Workspace,
    queue: Queue,
    side: Vec<f32>,
    added: [Vec<f32>; 1],
    /// Frames that were pushed and are not yet finished.
    pending: usize,
}

impl Width {
    /// The width of `settings`; `None` when it changes nothing, or the sound is not stereo.
    pub(crate) fn new(settings: &StereoSettings, spec: AudioSpec) -> Option<Self> {
        if settings.width_is_neutral() || spec.channels != 2 {
            return None;
        }
        let convolver = Convolver::new(&[side_kernel(settings, f64::from(spec.sample_rate_hz))]);
        Some(Self {
            work: convolver.workspace(),
            queue: Queue::new(2, convolver.reach_frames()),
            side: vec![0.0; convolver.window_frames()],
            added: [Vec::with_capacity(convolver.window_frames())],
            pending: 0,
            convolver,
        })
    }

    fn hop(&mut self, out: &mut Audio) {
        let hop = self.convolver.hop_frames();
        let frames = hop.min(self.pending);
        let [left, right] = self.queue.planes() else { unreachable!("stereo") };
        for ((side, l), r) in self.side.iter_mut().zip(left).zip(right) {
            *side = (l - r) * 0.5;
        }
        self.convolver.filter(&self.side, &mut self.work, &mut self.added);
        let reach = self.convolver.reach_frames();
        for (plane, (input, sign)) in out.planes_mut().iter_mut().zip([(left, 1.0), (right, -1.0)])
        {
            let input = &input[reach..reach + frames];
            plane.extend(input.iter().zip(&self.added[0]).map(|(x, d)| x + sign * d));
        }
        self.queue.skip(hop.min(self.queue.frames()));
        self.pending -= frames;
    }
}

impl Stage for Width {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        self.queue.push(block);
        self.pending += block.frames();
        while self.queue.frames() >= self.convolver.window_frames() {
            self.hop(out);
        }
    }

    fn finish(&mut self, out: &mut Audio) {
        while self.pending > 0 {
            let missing = self.convolver.window_frames().saturating_sub(self.queue.frames());
            self.queue.push_silence(missing);
            self.hop(out);
        }
        self.queue.restart(self.convolver.reach_frames());
    }
}

/// Upper end and side gain of each band, from low to high; mono-below is a band of width 0 under the others.
fn side_gains(settings: &StereoSettings) -> Vec<(f64, f64)> {
    let mono = settings.mono_below_hz;
    let bands = settings
        .bands
        .iter()
        .map(|band| (band.below_hz.unwrap_or(f64::INFINITY), band.width_pct / 100.0));
    let above_mono = bands.filter(|(end, _)| mono.is_none_or(|mono| *end > mono));
    mono.map(|end| (end, 0.0)).into_iter().chain(above_mono).collect()
}

/// The kernel of `h - 1`. Above the last band's end the width stays as it is.
fn side_kernel(settings: &StereoSettings, rate: f64) -> Vec<f64> {
    let bands = side_gains(settings);
    let taps = split_taps(bands[0].0.min(20_000.0), rate);
    let mut kernel = vec![0.0; taps];
    let mut gain_above = 1.0;
    for &(end, gain) in bands.iter().rev() {
        if end == f64::INFINITY {
            kernel[taps / 2] = gain - 1.0;
        } else {
            let low = low_pass_kernel(end, taps, rate);
            kernel.iter_mut().zip(&low).for_each(|(k, l)| *k += (gain - gain_above) * l);
        }
        gain_above = gain;
    }
    kernel
}

/// Raises one channel and lowers the other.
pub(crate) struct Balance {
    gains: [f32; 2],
}

impl Balance {
    /// The balance of `settings`; `None` when it changes nothing, or the sound is not stereo.
    pub(crate) fn new(settings: &StereoSettings, spec: AudioSpec) -> Option<Self> {
        let half = settings.balance_db / 2.0;
        let gains = [db_to_amplitude(-half) as f32, db_to_amplitude(half) as f32];
        (half != 0.0 && spec.channels == 2).then_some(Self { gains })
    }

    pub(crate) fn process(&self, block: &mut Audio) {
        for (plane, gain) in block.planes_mut().iter_mut().zip(self.gains) {
            plane.iter_mut().for_each(|sample| *sample *= gain);
        }
    }
}
