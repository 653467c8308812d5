//! Clicks are taken away; what was not damaged within them stays nearly as it is, and what is outside exactly.

use acetate_audio::prediction::{BESIDE_REACH, Freeing, free, free_beside};
use acetate_audio::{Audio, AudioSpec, threads};

use crate::settings::ClickSettings;

use super::spans::{InSpans, Spans};

/// Frames that are repaired together.
const SPAN: usize = 1 << 15;
/// Of the repair that is heard; RESTORE: order 512 over 3000 samples on each side.
const FINAL: Freeing =
    Freeing { order: 512, context: 3000, rounds: 5, smooth: 15, damage_order: 2 };
/// Of the one that clears the surroundings of others.
const ROUGH: Freeing = Freeing { order: 64, context: 1024, rounds: 4, smooth: 15, damage_order: 2 };
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
    spans: Spans,
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
            spans: Spans::new(spec.channels, SPAN, BEFORE, AFTER),
        })
    }

    /// The held sound with these stretches roughly repaired, one after the other.
    fn cleared(&self, stretches: &[Stretch]) -> Vec<Vec<f64>> {
        let channels: Vec<usize> = (0..self.spans.held.channels()).collect();
        threads::map(&channels, |_, &channel| {
            let own = stretches.iter().filter(|stretch| stretch.channel == channel);
            let mut sound: Vec<f64> =
                self.spans.held.plane(channel).iter().map(|&x| f64::from(x)).collect();
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

    /// The other one of two channels, where it is whole around a stretch.
    fn beside(&self, stretch: &Stretch, near: &[Stretch]) -> Option<usize> {
        let other = (self.spans.held.channels() == 2).then(|| 1 - stretch.channel)?;
        let reach = BESIDE_REACH as u64;
        let broken = near.iter().any(|near| {
            let meet = near.from < stretch.to + reach && stretch.from < near.to + reach;
            near.channel == other && meet
        });
        (!broken).then_some(other)
    }

    /// Where a stretch is in the held sound.
    fn within(&self, stretch: Stretch) -> (usize, usize) {
        (self.spans.place(stretch.from), self.spans.place(stretch.to))
    }
}

impl InSpans for ClickRepair {
    fn spans(&self) -> &Spans {
        &self.spans
    }

    fn spans_mut(&mut self) -> &mut Spans {
        &mut self.spans
    }

    fn span(&mut self, frames: usize, out: &mut Audio) {
        let end = self.spans.position() + frames as u64;
        let stretches = &self.stretches[self.next..];
        let here = stretches.partition_point(|stretch| stretch.from < end);
        let after = stretches.partition_point(|s| s.from < end + FINAL.context as u64);
        if here > 0 {
            let rough = self.cleared(&stretches[..after]);
            // Those before this span are repaired; they may reach into it.
            let before = self.stretches[..self.next]
                .partition_point(|s| s.from + LONGEST as u64 <= self.spans.position());
            let near = &self.stretches[before..self.next + after];
            let repaired = threads::map(&stretches[..here], |_, stretch| {
                let (from, to) = self.within(*stretch);
                let sound = &rough[stretch.channel];
                let low = from.saturating_sub(FINAL.context);
                let high = sound.len().min(to + FINAL.context);
                let mut around = sound[low..high].to_vec();
                let found = &self.spans.held.plane(stretch.channel)[from..to];
                around[from - low..to - low]
                    .iter_mut()
                    .zip(found)
                    .for_each(|(x, &y)| *x = y.into());
                let freed = match self.beside(stretch, near) {
                    Some(other) => {
                        free_beside(&around, &rough[other][low..high], from - low, to - low, FINAL)
                    }
                    None => free(&around, from - low, to - low, FINAL),
                };
                freed.samples
            });
            for (stretch, samples) in stretches[..here].iter().zip(repaired) {
                let from = self.spans.place(stretch.from);
                let plane =
                    self.spans.held.planes_mut().nth(stretch.channel).expect("it is one of them");
                for (sample, was) in plane[from..].iter_mut().zip(samples) {
                    let found = f64::from(*sample);
                    *sample = (found - self.strength * (found - was)) as f32;
                }
            }
        }
        self.next += here;
        self.spans.copy(frames, out);
        self.spans.pass(frames, 1);
    }

    fn ends(&mut self) {
        // What lies beyond the end of the sound is not there.
        let end = self.spans.end();
        self.stretches.retain(|stretch| stretch.from < end);
    }

    fn begins(&mut self) {
        self.next = 0;
    }
}
