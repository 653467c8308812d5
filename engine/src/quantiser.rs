//! Dither and rounding, the last step: its output is what is written, bit for bit.
//!
//! Stretches of at least a tenth of a second in which every sample already lies on the output's grid pass unchanged:
//! digital silence stays silent, and what no stage has touched keeps its bits. Both ends of the sound count as such.

use acetate_audio::{Audio, AudioSpec, PcmBlock, PcmPlanes, SampleFormat, threads};
use multiversion::multiversion;
use rand::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::noise_shaping::shaper;
use crate::peak::largest;
use crate::queue::Queue;
use crate::settings::{DitherKind, OutputSettings};

/// A stretch on the grid must be this long to pass without dither.
const UNTOUCHED_S: f64 = 0.1;

/// Samples nearer to full scale than this many steps reset the shaper's memory, so that clipping cannot wind it up.
const OVERLOAD_STEPS: f64 = 16.0;

/// Samples that are rounded together.
const CHUNK: usize = 256;

/// Order of the longest shaper.
const ORDER_MAX: usize = 9;

/// Rounds to the output's sample format.
pub(crate) struct Quantiser {
    spec: AudioSpec,
    format: SampleFormat,
    steps: f64,
    /// Frames that wait for the end of their stretch.
    waiting: Queue,
    /// Length of the stretch on the grid that ends at the newest frame.
    stretch: usize,
    stretch_min: usize,
    channels: Vec<Channel>,
    seed: u64,
    dither: DitherKind,
    /// Stretches of `waiting` that are decided, in order.
    decided: Vec<Decided>,
    /// Whether each new frame lies on the grid.
    on_grid: Vec<bool>,
    /// Largest sample that came, full scale being 1.
    peak: f32,
}

/// A run of frames and what happens to it.
#[derive(Clone, Copy)]
struct Decided {
    frames: usize,
    untouched: bool,
}

impl Quantiser {
    pub(crate) fn new(settings: &OutputSettings, spec: AudioSpec) -> Self {
        let format = settings.bits.format();
        let mut quantiser = Self {
            spec,
            format,
            steps: f64::from(1u32 << (format.bits() - 1)),
            waiting: Queue::new(spec.channels, 0),
            stretch: 0,
            stretch_min: (UNTOUCHED_S * f64::from(spec.sample_rate_hz)) as usize,
            channels: Vec::new(),
            seed: settings.seed,
            dither: settings.dither,
            decided: Vec::new(),
            on_grid: Vec::new(),
            peak: 0.0,
        };
        quantiser.reset();
        quantiser
    }

    /// Largest error of one sample, full scale being 1: rounding and dither through the noise transfer.
    pub(crate) fn error_max(settings: &OutputSettings, sample_rate_hz: u32) -> f64 {
        let format = settings.bits.format();
        if format == SampleFormat::Float32 {
            return 0.0;
        }
        let own = if settings.dither == DitherKind::None { 0.5 } else { 1.5 };
        let shaper = shaper(settings.dither, format.bits(), sample_rate_hz);
        let transfer = 1.0 + shaper.iter().map(|c| c.abs()).sum::<f64>();
        own * transfer / f64::from(1u32 << (format.bits() - 1))
    }

    /// An empty block to be filled by [`push`](Self::push).
    pub(crate) fn block(&self) -> PcmBlock {
        PcmBlock::new(self.spec, self.format)
    }

    /// Replaces `out` with the frames that are decided.
    pub(crate) fn push(&mut self, block: &Audio, out: &mut PcmBlock) {
        if self.format == SampleFormat::Float32 {
            return copy_floats(block, out);
        }
        let first_new = self.waiting.frames();
        self.waiting.push(block);
        self.peak = block.planes().iter().map(|plane| largest(plane)).fold(self.peak, f32::max);
        self.look_for_grid(first_new);
        self.decided.clear();
        let mut undecided = first_new;
        for frame in 0..self.on_grid.len() {
            undecided += 1;
            if !self.on_grid[frame] {
                self.decide(undecided, false);
                (self.stretch, undecided) = (0, 0);
            } else {
                self.stretch += 1;
                if self.stretch >= self.stretch_min {
                    self.decide(undecided, true);
                    undecided = 0;
                }
            }
        }
        self.round(out);
    }

    /// Replaces `out` with the frames that were still undecided; afterwards the quantiser is as new.
    pub(crate) fn finish(&mut self, out: &mut PcmBlock) {
        self.decided.clear();
        self.decide(self.waiting.frames(), true);
        match self.format {
            SampleFormat::Float32 => copy_floats(&Audio::silence(self.spec, 0), out),
            _ => self.round(out),
        }
        self.reset();
    }

    /// Largest sample that came to be rounded, full scale being 1; 0 where floats are written as they are.
    pub(crate) fn peak(&self) -> f32 {
        self.peak
    }

    /// The most frames that wait for the end of their stretch.
    pub(crate) fn latency_frames(&self) -> usize {
        if self.format == SampleFormat::Float32 { 0 } else { self.stretch_min - 1 }
    }

    pub(crate) fn reset(&mut self) {
        self.peak = 0.0;
        // Before the first frame there was silence.
        self.stretch = self.stretch_min;
        self.waiting.restart(0);
        let shaper = shaper(self.dither, self.format.bits(), self.spec.sample_rate_hz);
        self.channels = (0..self.spec.channels)
            .map(|channel| Channel::new(self.seed, channel as u64, shaper))
            .collect();
    }

    /// Finds whether each frame from `first` on lies on the grid, in all channels.
    fn look_for_grid(&mut self, first: usize) {
        self.on_grid.clear();
        self.on_grid.resize(self.waiting.frames() - first, true);
        for plane in self.waiting.planes() {
            keep_on_grid(&mut self.on_grid, &plane[first..], self.steps as f32);
        }
    }

    fn decide(&mut self, frames: usize, untouched: bool) {
        match self.decided.last_mut() {
            Some(last) if last.untouched == untouched => last.frames += frames,
            _ => self.decided.push(Decided { frames, untouched }),
        }
    }

    fn round(&mut self, out: &mut PcmBlock) {
        let PcmPlanes::Int(planes) = &mut out.planes else { unreachable!("an integer format") };
        let (steps, dither, decided) = (self.steps, self.dither, &self.decided);
        let total = decided.iter().map(|run| run.frames).sum::<usize>();
        let waiting = &self.waiting;
        threads::for_each_pair(planes, &mut self.channels, |index, output, channel| {
            output.clear();
            let mut rest = &waiting.plane(index)[..total];
            for run in decided {
                let (now, later) = rest.split_at(run.frames);
                if run.untouched {
                    channel.pass(now, steps, output);
                } else {
                    channel.round(now, steps, dither, output);
                }
                rest = later;
            }
        });
        self.waiting.skip(total);
    }
}

fn copy_floats(block: &Audio, out: &mut PcmBlock) {
    let PcmPlanes::Float(planes) = &mut out.planes else { unreachable!("a float format") };
    for (plane, input) in planes.iter_mut().zip(block.planes()) {
        plane.clear();
        plane.extend_from_slice(input);
    }
}

/// Random numbers and shaper of one channel.
struct Channel {
    random: Xoshiro256PlusPlus,
    shaper: &'static [f64],
    /// The last errors, newest first.
    errors: [f64; ORDER_MAX],
}

impl Channel {
    fn new(seed: u64, channel: u64, shaper: &'static [f64]) -> Self {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        // Channels draw from stretches of the generator that are 2^128 numbers apart.
        (0..channel).for_each(|_| random.jump());
        Self { random, shaper, errors: [0.0; ORDER_MAX] }
    }

    fn pass(&mut self, input: &[f32], steps: f64, output: &mut Vec<i32>) {
        self.errors = [0.0; ORDER_MAX];
        output.extend(input.iter().map(|&x| (f64::from(x) * steps) as i32));
    }

    fn round(&mut self, input: &[f32], steps: f64, dither: DitherKind, output: &mut Vec<i32>) {
        match (dither, self.shaper.is_empty()) {
            (DitherKind::None, _) => {
                output.extend(input.iter().map(|&x| to_step(f64::from(x) * steps, steps)));
            }
            (_, true) => {
                let start = output.len();
                output.resize(start + input.len(), 0);
                let mut noise = [0.0; CHUNK];
                for (input, output) in input.chunks(CHUNK).zip(output[start..].chunks_mut(CHUNK)) {
                    noise[..input.len()].fill_with(|| triangular(&mut self.random));
                    to_steps(input, &noise, steps, output);
                }
            }
            (_, false) => output.extend(input.iter().map(|&x| {
                let x = f64::from(x) * steps;
                let shaped: f64 = self.shaper.iter().zip(&self.errors).map(|(c, e)| c * e).sum();
                let wanted = x + shaped;
                let step = to_step(wanted + triangular(&mut self.random), steps);
                let overloaded = x.abs() > steps - OVERLOAD_STEPS;
                let error = if overloaded { 0.0 } else { f64::from(step) - wanted };
                self.errors.copy_within(..ORDER_MAX - 1, 1);
                self.errors[0] = error;
                step
            })),
        }
    }
}

/// Leaves `on_grid` true where `x` is on the grid of `steps` a unit.
#[multiversion(targets("x86_64+avx+avx2", "x86_64+avx"))]
fn keep_on_grid(on_grid: &mut [bool], x: &[f32], steps: f32) {
    for (on_grid, x) in on_grid.iter_mut().zip(x) {
        // Exact: a power of two only moves the exponent.
        let scaled = x * steps;
        *on_grid &= (scaled == scaled.trunc()) & (scaled >= -steps) & (scaled < steps);
    }
}

/// The nearest steps to sound and noise.
#[multiversion(targets("x86_64+avx+avx2", "x86_64+avx"))]
fn to_steps(x: &[f32], noise: &[f64], steps: f64, output: &mut [i32]) {
    for ((output, x), noise) in output.iter_mut().zip(x).zip(noise) {
        *output = to_step(f64::from(*x) * steps + noise, steps);
    }
}

/// The nearest step within the format.
#[inline(always)]
fn to_step(value: f64, steps: f64) -> i32 {
    ((value + 0.5).floor()).clamp(-steps, steps - 1.0) as i32
}

/// Triangular noise from -1 to 1: the sum of two uniform ones.
fn triangular(random: &mut Xoshiro256PlusPlus) -> f64 {
    let bits = random.next_u64();
    let sum = ((bits >> 32) + (bits & 0xffff_ffff)) as i64;
    sum as f64 * (1.0 / 4_294_967_296.0) - 1.0
}
