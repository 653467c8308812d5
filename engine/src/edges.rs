//! Both ends of the sound: trim, fades; and the removal of a constant offset.

use acetate_audio::{Audio, AudioSpec};

use crate::Processor;
use crate::Stage;
use crate::queue::Queue;
use crate::settings::{FadesSettings, InputSettings};

/// Corner of the high-pass that removes a constant offset.
const DC_CORNER_HZ: f64 = 5.0;

/// A first-order high-pass.
pub(crate) struct DcRemoval {
    pole: f64,
    /// Per channel: what the low-pass has learnt of the offset.
    offsets: Vec<f64>,
}

impl DcRemoval {
    pub(crate) fn new(settings: &InputSettings, spec: AudioSpec) -> Option<Self> {
        let omega = 2.0 * std::f64::consts::PI * DC_CORNER_HZ / f64::from(spec.sample_rate_hz);
        let pole = 1.0 - libm::exp(-omega);
        settings.remove_dc.then(|| Self { pole, offsets: vec![0.0; spec.channels] })
    }
}

impl Processor for DcRemoval {
    fn process(&mut self, block: &mut Audio) {
        for (plane, offset) in block.planes_mut().iter_mut().zip(&mut self.offsets) {
            for sample in plane {
                let over = f64::from(*sample) - *offset;
                *offset += over * self.pole;
                // Scaled to unity at Nyquist.
                *sample = (over * (1.0 - self.pole / 2.0)) as f32;
            }
        }
    }

    fn reset(&mut self) {
        self.offsets.fill(0.0);
    }
}

/// Cuts both ends.
pub(crate) struct Trim {
    start: usize,
    left_to_cut: usize,
    end: usize,
    queue: Queue,
}

impl Trim {
    pub(crate) fn new(settings: &InputSettings, spec: AudioSpec) -> Option<Self> {
        let frames = |seconds: f64| libm::round(seconds * f64::from(spec.sample_rate_hz)) as usize;
        let (start, end) = (frames(settings.trim_start_s), frames(settings.trim_end_s));
        let queue = Queue::new(spec.channels, 0);
        (start + end > 0).then_some(Self { start, left_to_cut: start, end, queue })
    }
}

impl Stage for Trim {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        self.queue.push(block);
        let cut = self.left_to_cut.min(self.queue.frames());
        self.queue.skip(cut);
        self.left_to_cut -= cut;
        self.queue.pop(self.queue.frames().saturating_sub(self.end), out);
    }

    fn finish(&mut self, _: &mut Audio) {
        self.queue.restart(0);
        self.left_to_cut = self.start;
    }
}

/// Fades in and out.
pub(crate) struct Fades {
    fade_in: usize,
    fade_out: usize,
    position: usize,
    queue: Queue,
}

impl Fades {
    pub(crate) fn new(settings: &FadesSettings, spec: AudioSpec) -> Option<Self> {
        let frames = |ms: f64| libm::round(ms / 1000.0 * f64::from(spec.sample_rate_hz)) as usize;
        let (fade_in, fade_out) = (frames(settings.in_ms), frames(settings.out_ms));
        let queue = Queue::new(spec.channels, 0);
        (fade_in + fade_out > 0).then_some(Self { fade_in, fade_out, position: 0, queue })
    }
}

impl Stage for Fades {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        let (start, first) = (self.position, self.queue.frames());
        self.queue.push(block);
        self.position += block.frames();
        for plane in self.queue.planes_mut() {
            let fading = plane[first..].iter_mut().enumerate();
            for (index, sample) in fading.take(self.fade_in.saturating_sub(start)) {
                *sample *= raised_cosine((start + index) as f64 / self.fade_in as f64);
            }
        }
        self.queue.pop(self.queue.frames().saturating_sub(self.fade_out), out);
    }

    fn finish(&mut self, out: &mut Audio) {
        let frames = self.queue.frames();
        for plane in self.queue.planes_mut() {
            for (index, sample) in plane.iter_mut().enumerate() {
                *sample *= equal_power((frames - index) as f64 / self.fade_out as f64);
            }
        }
        self.queue.pop(frames, out);
        self.position = 0;
    }
}

fn raised_cosine(share: f64) -> f32 {
    (0.5 - 0.5 * libm::cos(std::f64::consts::PI * share)) as f32
}

fn equal_power(share: f64) -> f32 {
    libm::sin(std::f64::consts::FRAC_PI_2 * share.min(1.0)) as f32
}
