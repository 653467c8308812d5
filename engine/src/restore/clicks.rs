//! Clicks are taken away; what was not damaged within them stays nearly as it is, and what is outside exactly.

use acetate_audio::prediction::{Freeing, free};
use acetate_audio::{Audio, AudioSpec, threads};

use crate::Stage;
use crate::queue::Queue;
use crate::settings::ClickSettings;

/// Frames that are repaired together.
const SPAN: usize = 1 << 15;
/// Of the repair that is heard; RESTORE: order 512 over 3000 samples on each side.
const FINAL: Freeing = Freeing { order: 512, context: 3000, rounds: 5, smooth: 15 };
/// Of the one that clears the surroundings of others.
const ROUGH: Freeing = Freeing { order: 64, context: 1024, rounds: 4, smooth: 15 };
/// Frames before a span that stay for its models, and after it that must be there.
const BEFORE: usize = FINAL.context + ROUGH.context;
const AFTER: usize = 2 * FINAL.context + LONGEST;
/// Most frames of one event.
const LONGEST: usize = 2048;

/// One channel's stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    channel: usize,
    from: u64,
    to: u64,
}

/// The stage that repairs clicks.
pub struct ClickRepair {
    stretches: Vec<Stretch>,
    /// The first that is not repaired.
    next: usize,
    strength: f64,
    /// What is not let out, and `kept` frames before it that were.
    held: Queue,
    kept: usize,
    /// Frame that comes out next.
    position: u64,
    channels: usize,
}

impl ClickRepair {
    /// `None` when nothing is to be repaired. Settings must have been checked.
    pub fn new(settings: &ClickSettings, spec: AudioSpec) -> Option<Self> {
        let repaired = settings.events.iter().filter(|event| event.repair);
        let mut stretches: Vec<Stretch> = repaired
            .flat_map(|event| {
                let (from, to) = (event.start_frame, event.start_frame + event.frames);
                let channels = event.channels.iter().filter(|&&c| c < spec.channels);
                channels.map(move |&channel| Stretch { channel, from, to })
            })
            .collect();
        stretches.sort_by_key(|stretch| (stretch.from, stretch.to, stretch.channel));
        stretches.dedup();
        (!settings.is_neutral() && !stretches.is_empty()).then(|| Self {
            stretches,
            next: 0,
            strength: settings.strength_pct / 100.0,
            held: Queue::new(spec.channels, 0),
            kept: 0,
            position: 0,
            channels: spec.channels,
        })
    }

    /// Repairs what begins in the next `frames`, and lets them out.
    fn span(&mut self, frames: usize, out: &mut Audio) {
        let end = self.position + frames as u64;
        let stretches = &self.stretches[self.next..];
        let here = stretches.partition_point(|stretch| stretch.from < end);
        let near = stretches.partition_point(|s| s.from < end + FINAL.context as u64);
        if here > 0 {
            let rough = self.cleared(&stretches[..near]);
            let begin = self.position - self.kept as u64;
            let repaired = threads::map(&stretches[..here], |_, stretch| {
                let (from, to) = self.within(*stretch);
                let sound = &rough[stretch.channel];
                let low = from.saturating_sub(FINAL.context);
                let high = sound.len().min(to + FINAL.context);
                let mut around = sound[low..high].to_vec();
                let found = &self.held.plane(stretch.channel)[from..to];
                around[from - low..to - low]
                    .iter_mut()
                    .zip(found)
                    .for_each(|(x, &y)| *x = y.into());
                free(&around, from - low, to - low, FINAL).samples
            });
            for (stretch, samples) in stretches[..here].iter().zip(repaired) {
                let from = (stretch.from - begin) as usize;
                let plane = self.held.planes_mut().nth(stretch.channel).expect("it is one of them");
                for (sample, was) in plane[from..].iter_mut().zip(samples) {
                    let found = f64::from(*sample);
                    *sample = (found - self.strength * (found - was)) as f32;
                }
            }
        }
        self.next += here;
        for (out, plane) in out.planes_mut().iter_mut().zip(self.held.planes()) {
            out.extend_from_slice(&plane[self.kept..self.kept + frames]);
        }
        self.position = end;
        let done = (self.kept + frames).saturating_sub(BEFORE);
        self.kept = self.kept + frames - done;
        self.held.skip(done);
    }

    /// The held sound with these stretches roughly repaired, one after the other.
    fn cleared(&self, stretches: &[Stretch]) -> Vec<Vec<f64>> {
        let channels: Vec<usize> = (0..self.channels).collect();
        threads::map(&channels, |_, &channel| {
            let own = stretches.iter().filter(|stretch| stretch.channel == channel);
            let mut own = own.peekable();
            if own.peek().is_none() {
                return Vec::new();
            }
            let mut sound: Vec<f64> =
                self.held.plane(channel).iter().map(|&x| f64::from(x)).collect();
            for stretch in own {
                let (from, to) = self.within(*stretch);
                if from < to {
                    let freed = free(&sound, from, to, ROUGH);
                    sound[from..to].copy_from_slice(&freed.samples);
                }
            }
            sound
        })
    }

    /// Where a stretch is in the held sound.
    fn within(&self, stretch: Stretch) -> (usize, usize) {
        let begin = self.position - self.kept as u64;
        let frames = self.held.frames();
        let place = |frame: u64| (frame.saturating_sub(begin) as usize).min(frames);
        (place(stretch.from), place(stretch.to))
    }
}

impl Stage for ClickRepair {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        self.held.push(block);
        while self.held.frames() >= self.kept + SPAN + AFTER {
            self.span(SPAN, out);
        }
    }

    fn finish(&mut self, out: &mut Audio) {
        while self.held.frames() > self.kept {
            let end = self.position + (self.held.frames() - self.kept) as u64;
            // What lies beyond the end of the sound is not there.
            self.stretches.retain(|stretch| stretch.from < end);
            self.span(SPAN.min(self.held.frames() - self.kept), out);
        }
        self.reset();
    }

    fn reset(&mut self) {
        self.held.restart(0);
        (self.next, self.kept, self.position) = (0, 0, 0);
    }

    fn latency_frames(&self) -> usize {
        SPAN + AFTER
    }
}
