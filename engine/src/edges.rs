//! Both ends of the sound: trim, fades; and the removal of a constant offset.

use acetate_audio::{Audio, AudioSpec};

use crate::Processor;
use crate::Stage;
use crate::queue::Queue;
use crate::settings::{FadesSettings, InputSettings};

/// Corner of the high-pass that removes a constant offset.
const DC_CORNER_HZ: f64 = 5.0;

/// A first-order high-pass.
pub struct DcRemoval {
    pole: f64,
    /// Per channel: what the low-pass has learnt of the offset.
    offsets: Vec<f64>,
}

impl DcRemoval {
    /// The filter of `settings`; `None` when it is not asked for.
    pub fn new(settings: &InputSettings, spec: AudioSpec) -> Option<Self> {
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
pub struct Trim {
    start: usize,
    left_to_cut: usize,
    end: End,
    queue: Queue,
}

/// Where the sound ends that is kept.
enum End {
    /// So many frames before the end, which nobody knows yet: that much is held back.
    Before(usize),
    /// After so many frames, of which some are left.
    After { frames: u64, left: u64 },
}

impl Trim {
    /// The cuts of `settings`, of sound of so many frames when that is known; `None` when nothing is cut.
    pub fn new(settings: &InputSettings, spec: AudioSpec, frames: Option<u64>) -> Option<Self> {
        let seconds = |seconds: f64| libm::round(seconds * f64::from(spec.sample_rate_hz)) as usize;
        let (start, end) = (seconds(settings.trim_start_s), seconds(settings.trim_end_s));
        let queue = Queue::new(spec.channels, 0);
        let cuts = start + end > 0;
        let end = match frames {
            None => End::Before(end),
            Some(frames) => {
                let kept = frames.saturating_sub((start + end) as u64);
                End::After { frames: kept, left: kept }
            }
        };
        cuts.then_some(Self { start, left_to_cut: start, end, queue })
    }
}

impl Stage for Trim {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        self.queue.push(block);
        let cut = self.left_to_cut.min(self.queue.frames());
        self.queue.skip(cut);
        self.left_to_cut -= cut;
        match &mut self.end {
            End::Before(end) => self.queue.pop(self.queue.frames().saturating_sub(*end), out),
            End::After { left, .. } => {
                let kept = (*left).min(self.queue.frames() as u64);
                self.queue.pop(kept as usize, out);
                *left -= kept;
                self.queue.restart(0);
            }
        }
    }

    fn finish(&mut self, _: &mut Audio) {
        self.reset();
    }

    fn reset(&mut self) {
        self.queue.restart(0);
        self.left_to_cut = self.start;
        if let End::After { frames, left } = &mut self.end {
            *left = *frames;
        }
    }

    /// Of the frames that are kept.
    fn latency_frames(&self) -> usize {
        match self.end {
            End::Before(end) => end,
            End::After { .. } => 0,
        }
    }
}

/// Fades in and out.
pub struct Fades {
    fade_in: usize,
    fade_out: usize,
    position: usize,
    queue: Queue,
}

impl Fades {
    /// The fades of `settings`; `None` when there are none.
    pub fn new(settings: &FadesSettings, spec: AudioSpec) -> Option<Self> {
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
        self.reset();
    }

    fn reset(&mut self) {
        self.queue.restart(0);
        self.position = 0;
    }

    fn latency_frames(&self) -> usize {
        self.fade_out
    }
}

fn raised_cosine(share: f64) -> f32 {
    (0.5 - 0.5 * libm::cos(std::f64::consts::PI * share)) as f32
}

fn equal_power(share: f64) -> f32 {
    libm::sin(std::f64::consts::FRAC_PI_2 * share.min(1.0)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: AudioSpec = AudioSpec::new(1_000, 1);

    fn cut(settings: &InputSettings, known: bool, frames: usize, block: usize) -> Vec<f32> {
        let count = known.then_some(frames as u64);
        let mut trim = Trim::new(settings, SPEC, count).expect("it cuts");
        let mut out = Audio::silence(SPEC, 0);
        let samples: Vec<f32> = (0..frames).map(|frame| frame as f32).collect();
        for part in samples.chunks(block) {
            trim.push(&Audio::from_planes(SPEC.sample_rate_hz, vec![part.to_vec()]), &mut out);
            if known {
                assert_eq!(trim.queue.frames(), 0, "nothing is held back");
            }
        }
        trim.finish(&mut out);
        out.channel(0).to_vec()
    }

    #[test]
    fn where_the_end_is_known_nothing_waits_for_it() {
        for (trim_start_s, trim_end_s) in [(0.0, 2.5), (0.75, 2.5), (0.75, 0.0), (3.0, 86_400.0)] {
            let settings = InputSettings { trim_start_s, trim_end_s, ..InputSettings::default() };
            for block in [1, 64, 999, 4_000] {
                let waiting = cut(&settings, false, 4_000, block);
                assert_eq!(cut(&settings, true, 4_000, block), waiting, "{settings:?} {block}");
            }
        }
    }
}
