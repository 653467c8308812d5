//! Turns steady tones down where nothing could hide what the limiter would have to change.
//!
//! Whatever a limiter does, it changes at least the energy that stands above the ceiling: clipping is the nearest signal that keeps it. Where
//! that energy comes near all that the masking thresholds together hide, for a tenth of a second, the change is heard. Turning down
//! slowly is heard less, but of steady tones only; of music it is heard more (`docs/limiter.md`). Everywhere else the gain is exactly 1.

use std::collections::VecDeque;

use acetate_audio::{Audio, AudioSpec};

use super::Tuning;
use super::mask::{MaskModel, MaskScratch};
use crate::Stage;
use crate::limiter::windows::{ONE, RunningSum, SlidingMinimum};
use crate::moves::{Listener, MoveUnit, Score};
use crate::peak::largest;
use crate::queue::Queue;

/// Energies are summed over this many hops on either side (0.1 s in all).
const AROUND_HOPS: usize = 4;
/// The gain is a mean of means over this many hops (0.13 s each), and lowest over both.
const MEAN_HOPS: usize = 11;
/// Hops that decisions look back and ahead.
const PAST_HOPS: usize = 2 * AROUND_HOPS;
const FUTURE_HOPS: usize = AROUND_HOPS + 5;
/// Frames that a long segment is as long as.
const LONG_FRAMES: usize = 4;
/// This share of the energy above the ceiling stands where the sound is steady.
const STEADY_SHARE: f32 = 0.75;
/// The least that a sound masks of its own energy, all bands together: 14.5 dB below it.
const LEAST_MASKED: f32 = 0.035;
/// The lowest gain (-20 dB), and the halvings with which a gain is found.
const GAIN_MIN: f32 = 0.1;
const HALVINGS: usize = 14;

/// The leveller as a stage; all channels get one gain.
pub(super) struct Leveller {
    ceiling: f32,
    tuning: Tuning,
    hop: usize,
    frame: Ear,
    long: Ear,
    /// [`PAST_HOPS`], and what has not come out.
    queue: Queue,
    /// By channel, the complete hops of the queue.
    hops: Vec<VecDeque<Hop>>,
    curve: Curve,
    pending: usize,
    /// The gain of every frame.
    score: Score,
}

/// What is known of a hop of one channel; but for the peak, when it was asked for.
#[derive(Clone, Copy, Default)]
struct Hop {
    peak: f32,
    energies: Option<Energies>,
    /// Of the frame that begins with the hop.
    heard: Option<Heard>,
    steady: Option<bool>,
}

#[derive(Clone, Copy)]
struct Energies {
    all: f32,
    /// Above the ceiling.
    over: f32,
}

/// What the ear makes of a frame.
#[derive(Clone, Copy)]
struct Heard {
    /// Energy that the thresholds hide.
    hidden: f32,
    entropy: f32,
}

struct Ear {
    mask: MaskModel,
    scratch: MaskScratch,
    thresholds: Vec<f32>,
}

impl Leveller {
    /// A leveller for a limiter of this ceiling and hop.
    pub(super) fn new(spec: AudioSpec, hop: usize, ceiling: f32, tuning: Tuning) -> Self {
        Self {
            ceiling,
            tuning,
            hop,
            frame: Ear::new(hop, spec),
            long: Ear::new(LONG_FRAMES * hop, spec),
            queue: Queue::new(spec.channels, PAST_HOPS * hop),
            hops: vec![VecDeque::from([Hop::default(); PAST_HOPS]); spec.channels],
            curve: Curve::new(),
            pending: 0,
            score: Score::new(MoveUnit::Gain, 1, 1),
        }
    }

    fn advance(&mut self, out: &mut Audio) {
        if self.score.follows() {
            return self.obey(out);
        }
        let complete = self.queue.frames() / self.hop;
        for (hops, plane) in self.hops.iter_mut().zip(self.queue.planes()) {
            for hop in plane.chunks_exact(self.hop).skip(hops.len()) {
                hops.push_back(Hop { peak: largest(hop), ..Hop::default() });
            }
        }
        for index in PAST_HOPS + self.curve.waiting..complete.saturating_sub(FUTURE_HOPS) {
            let gains = (0..self.hops.len()).map(|channel| self.gain(channel, index));
            let gain = gains.fold(1.0, f32::min);
            self.curve.push(gain);
        }
        while self.pending > 0
            && let Some((from, to)) = self.curve.pop()
        {
            self.emit(from, to, out);
        }
    }

    /// Lets out the frames whose gain another leveller has told.
    fn obey(&mut self, out: &mut Audio) {
        let frames = self.score.rows_left();
        for gains in self.score.told(frames) {
            for (plane, out) in self.queue.planes().zip(out.planes_mut()) {
                let input = &plane[PAST_HOPS * self.hop..];
                out.extend(input.iter().zip(gains).map(|(x, &gain)| x * gain as f32));
            }
        }
        self.pending -= frames;
        self.queue.skip(frames);
    }

    /// The gain at which a channel has no more above the ceiling around a hop than it hides.
    fn gain(&mut self, channel: usize, index: usize) -> f32 {
        let around = index - AROUND_HOPS..index + AROUND_HOPS + 1;
        let hops = &self.hops[channel];
        let peak = hops.range(around.clone()).map(|hop| hop.peak).fold(0.0, f32::max);
        if peak <= self.ceiling {
            return 1.0;
        }
        let (mut all, mut over) = (0.0, 0.0);
        for index in around.clone() {
            let energies = self.energies(channel, index);
            all += energies.all;
            over += energies.over;
        }
        let share = self.tuning.level_above;
        if over <= share * LEAST_MASKED * all {
            return 1.0;
        }
        let hidden: f32 = around.clone().map(|index| self.heard(channel, index).hidden).sum();
        if over <= share * hidden || !self.steady(channel, around.clone(), over) {
            return 1.0;
        }
        let samples = &self.queue.plane(channel)[around.start * self.hop..around.end * self.hop];
        let (mut low, mut high) = (GAIN_MIN, 1.0);
        for _ in 0..HALVINGS {
            let gain = 0.5 * (low + high);
            let enough = self.over(samples, gain) <= share * hidden * gain * gain;
            *(if enough { &mut low } else { &mut high }) = gain;
        }
        low
    }

    /// The energy that stands above the ceiling at a gain.
    fn over(&self, samples: &[f32], gain: f32) -> f32 {
        let over = |x: &f32| (gain * x.abs() - self.ceiling).max(0.0);
        samples.iter().map(over).map(|over| over * over).sum()
    }

    /// Does most of what is above the ceiling stand where long segments describe the sound better than frames?
    fn steady(&mut self, channel: usize, hops: std::ops::Range<usize>, over: f32) -> bool {
        let mut steady = 0.0;
        for index in hops {
            if self.hops[channel][index].peak > self.ceiling && self.steady_at(channel, index) {
                steady += self.energies(channel, index).over;
            }
        }
        steady > STEADY_SHARE * over
    }

    fn steady_at(&mut self, channel: usize, index: usize) -> bool {
        if let Some(steady) = self.hops[channel][index].steady {
            return steady;
        }
        let first = index - LONG_FRAMES / 2;
        let frames = first..first + LONG_FRAMES;
        let entropy: f32 = frames.map(|index| self.heard(channel, index).entropy).sum();
        // The segment begins half a hop behind the window of its first frame, and has half its length around it.
        let start = first * self.hop + self.hop / 2 - LONG_FRAMES / 2 * self.hop;
        let long = self.long.hear(&self.queue.plane(channel)[start..]);
        let steady = long.entropy < self.tuning.level_steady * entropy;
        self.hops[channel][index].steady = Some(steady);
        steady
    }

    fn energies(&mut self, channel: usize, index: usize) -> Energies {
        let hop = self.hops[channel][index];
        hop.energies.unwrap_or_else(|| {
            let samples = &self.queue.plane(channel)[index * self.hop..][..self.hop];
            let over = if hop.peak > self.ceiling { self.over(samples, 1.0) } else { 0.0 };
            let energies = Energies { all: samples.iter().map(|x| x * x).sum(), over };
            self.hops[channel][index].energies = Some(energies);
            energies
        })
    }

    fn heard(&mut self, channel: usize, index: usize) -> Heard {
        let signal = &self.queue.plane(channel)[index * self.hop..];
        let hop = &mut self.hops[channel][index];
        *hop.heard.get_or_insert_with(|| self.frame.hear(signal))
    }

    /// Lets the next hop out with a gain that moves from one value to another.
    fn emit(&mut self, from: f32, to: f32, out: &mut Audio) {
        let frames = self.hop.min(self.pending);
        let step = (to - from) / self.hop as f32;
        for (plane, out) in self.queue.planes().zip(out.planes_mut()) {
            let input = &plane[PAST_HOPS * self.hop..][..frames];
            if from == 1.0 && to == 1.0 {
                out.extend_from_slice(input);
            } else {
                out.extend(input.iter().enumerate().map(|(i, x)| x * (from + step * i as f32)));
            }
        }
        let gains = (0..frames).map(|i| f64::from(from + step * i as f32));
        self.score.note_column(0, gains);
        self.pending -= frames;
        self.queue.skip(self.hop);
        for hops in &mut self.hops {
            hops.pop_front();
        }
    }
}

impl Stage for Leveller {
    fn push(&mut self, block: &Audio, out: &mut Audio) {
        self.queue.push(block);
        self.pending += block.frames();
        self.advance(out);
    }

    fn finish(&mut self, out: &mut Audio) {
        self.queue.push_silence((Curve::DELAY_HOPS + FUTURE_HOPS + 2) * self.hop);
        self.advance(out);
        assert_eq!(self.pending, 0, "all frames come out");
        self.reset();
    }

    fn reset(&mut self) {
        self.pending = 0;
        self.queue.restart(PAST_HOPS * self.hop);
        self.hops.fill(VecDeque::from([Hop::default(); PAST_HOPS]));
        self.curve = Curve::new();
    }

    fn latency_frames(&self) -> usize {
        // A hop goes out when the gain of the next is known, and it is known when what it looks ahead to is complete.
        (FUTURE_HOPS + Curve::DELAY_HOPS + 2) * self.hop - 1
    }
}

impl Listener for Leveller {
    fn score(&mut self) -> &mut Score {
        &mut self.score
    }
}

impl Ear {
    fn new(length: usize, spec: AudioSpec) -> Self {
        let mask = MaskModel::new(length, spec.sample_rate_hz);
        Self { scratch: mask.scratch(), thresholds: vec![0.0; mask.bands()], mask }
    }

    fn hear(&mut self, signal: &[f32]) -> Heard {
        let signal = &signal[..2 * self.mask.length()];
        let entropy = self.mask.threshold(signal, &mut self.thresholds, &mut self.scratch);
        Heard { entropy, hidden: self.mask.hidden(&self.thresholds) }
    }
}

/// From the gain that each hop needs to a smooth one that is nowhere higher, and exactly 1 where all around is.
struct Curve {
    minimum: SlidingMinimum,
    means: [RunningSum; 2],
    /// Hops whose gain was pushed and has not come out.
    waiting: usize,
    gains: VecDeque<f32>,
}

impl Curve {
    /// Gains are smoothed to the middle of the minimum and the means.
    const DELAY_HOPS: usize = 2 * (MEAN_HOPS - 1);

    fn new() -> Self {
        Self {
            // One more: a hop moves from its gain to the next one's.
            minimum: SlidingMinimum::new(Self::DELAY_HOPS + 2),
            means: std::array::from_fn(|_| RunningSum::new(MEAN_HOPS)),
            waiting: 0,
            gains: VecDeque::new(),
        }
    }

    fn push(&mut self, gain: f32) {
        let held = self.minimum.next((f64::from(gain) * f64::from(ONE)) as u32);
        let sum = self.means.iter_mut().fold(u64::from(held), |sum, mean| mean.next(sum));
        self.waiting += 1;
        if self.waiting > Self::DELAY_HOPS {
            let count = self.means.iter().map(RunningSum::len).product::<usize>() as f64;
            self.gains.push_back((sum as f64 / (count * f64::from(ONE))) as f32);
        }
    }

    /// The gains at the beginning and at the end of the next hop.
    fn pop(&mut self) -> Option<(f32, f32)> {
        let (&from, &to) = (self.gains.front()?, self.gains.get(1)?);
        self.gains.pop_front();
        self.waiting -= 1;
        Some((from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::super::lapped::tests::noise;
    use super::*;

    const SPEC: AudioSpec = AudioSpec::new(44_100, 1);
    const CEILING: f32 = 0.5;

    fn levelled(input: &Audio, block: usize) -> Audio {
        let mut leveller = Leveller::new(SPEC, 512, CEILING, Tuning::default());
        let mut out = Audio::silence(SPEC, 0);
        for samples in input.channel(0).chunks(block) {
            leveller.push(&Audio::from_planes(44_100, vec![samples.to_vec()]), &mut out);
        }
        leveller.finish(&mut out);
        out
    }

    fn sound(sample: impl Fn(f64) -> f64) -> Audio {
        let plane = (0..88_200).map(|t| sample(f64::from(t) / 44_100.0) as f32).collect();
        Audio::from_planes(44_100, vec![plane])
    }

    fn tone(hz: f64) -> impl Fn(f64) -> f64 {
        move |s| libm::sin(std::f64::consts::TAU * hz * s)
    }

    #[test]
    fn a_steady_tone_far_above_the_ceiling_is_turned_down_evenly() {
        let input = sound(|s| 1.5 * tone(220.0)(s));
        let output = levelled(&input, 4096);
        let gains: Vec<f32> = (20_000..60_000)
            .filter(|&i| input.channel(0)[i].abs() > 0.5)
            .map(|i| output.channel(0)[i] / input.channel(0)[i])
            .collect();
        let (low, high) = gains.iter().fold((1.0f32, 0.0f32), |(l, h), &g| (l.min(g), h.max(g)));
        assert!((0.33..0.5).contains(&low) && high - low < 0.02, "{low} to {high}");
    }

    #[test]
    fn noise_strokes_and_quiet_tones_pass_bit_for_bit() {
        let noise = noise(88_200).into_iter().map(|x| 1.5 * x).collect();
        let stroke = |s: f64| 3.0 * tone(2_000.0)(s % 0.25) * libm::exp(-200.0 * (s % 0.25));
        let noise = Audio::from_planes(44_100, vec![noise]);
        for input in [noise, sound(stroke), sound(|s| 0.51 * tone(220.0)(s))] {
            assert!(levelled(&input, 4096) == input);
        }
    }

    #[test]
    fn block_size_does_not_matter() {
        let input = sound(|s| tone(330.0)(s) * (0.2 + s));
        let whole = levelled(&input, 88_200);
        assert!(whole != input);
        assert!(levelled(&input, 777) == whole);
    }
}
