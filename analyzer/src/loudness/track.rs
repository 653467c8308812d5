//! K-weighted energy over time, from which every loudness measure follows.

use std::ops::Range;

use acetate_audio::{Audio, AudioSpec, ChannelRole};

use super::gating::{
    GATING_BLOCKS, SHORT_TERM_BLOCKS, integrated, loudness_of, range, sliding_means, top,
};
use super::k_weighting::{Eight, KState, KSums, KWeighting};

/// Steps of the fine grid in a second. Tech 3341 case 13 fails on a grid of 100 ms by up to 0.45 dB.
const STEPS_PER_SECOND: u64 = 100;
/// Fine steps in a 100 ms block.
const STEPS_PER_BLOCK: usize = 10;
/// Fine steps in the 400 ms of momentary loudness.
const MOMENTARY_STEPS: usize = 40;
/// Fine steps in the 3 s of short-term loudness.
const SHORT_TERM_STEPS: usize = 300;

/// Weight of a channel in loudness (BS.1770-5, tables 3 and 4). A lone channel that is heard from two loudspeakers is two.
pub(crate) fn channel_weight(spec: AudioSpec, index: usize) -> f64 {
    match spec.role(index) {
        ChannelRole::Main if spec.is_dual_mono() => 2.0,
        ChannelRole::Main => 1.0,
        ChannelRole::Surround => 1.41,
        ChannelRole::Lfe => 0.0,
    }
}

/// Collects K-weighted energy of all channels, block by block.
#[derive(Debug)]
pub(crate) struct LoudnessTrack {
    filter: KWeighting,
    rate: u64,
    weights: Vec<f64>,
    /// Channels two by two, with their sums over the unfinished fine step.
    pairs: Vec<(KState<2>, KSums<2>)>,
    /// The last of an odd number of channels.
    last: Option<(KState<1>, KSums<1>)>,
    /// Sum of squares of each channel in the unfinished block, and its frames.
    block_sums: Vec<f64>,
    /// Sum of the products of the first two channels in the unfinished block.
    block_product: f64,
    block_start: u64,
    frame: u64,
    step: u64,
    step_end: u64,
    /// `None` where nobody asks for the loudest moments.
    recent: Option<RecentSteps>,
    /// Mean squares of 100 ms blocks, by channel.
    blocks: Vec<Vec<f64>>,
    products: Vec<f64>,
}

impl LoudnessTrack {
    pub(crate) fn new(spec: AudioSpec) -> Self {
        let rate = u64::from(spec.sample_rate_hz).max(STEPS_PER_SECOND);
        Self {
            filter: KWeighting::new(spec.sample_rate_hz),
            rate,
            weights: (0..spec.channels).map(|index| channel_weight(spec, index)).collect(),
            pairs: vec![(KState::new(), KSums::new()); spec.channels / 2],
            last: (spec.channels % 2 == 1).then(|| (KState::new(), KSums::new())),
            block_sums: vec![0.0; spec.channels],
            block_product: 0.0,
            block_start: 0,
            frame: 0,
            step: 0,
            step_end: rate / STEPS_PER_SECOND,
            recent: Some(RecentSteps::new()),
            blocks: vec![Vec::new(); spec.channels],
            products: Vec::new(),
        }
    }

    /// A track of which nothing but integrated loudness is asked: its loudest moments are silence.
    pub(crate) fn integrated(spec: AudioSpec) -> Self {
        Self { recent: None, ..Self::new(spec) }
    }

    pub(crate) fn push(&mut self, block: &Audio) {
        self.advance(0..block.frames(), |track, part| track.add(block, part));
    }

    /// The same of frames `part` of two channels, read where they lie: `eights` gives any of them. Returns whether all are below `limit`.
    #[inline(always)]
    pub(crate) fn push_eights<I: Iterator<Item = Eight>>(
        &mut self,
        part: Range<usize>,
        limit: f32,
        eights: impl Fn(Range<usize>) -> I,
    ) -> bool {
        let mut within = true;
        self.advance(part, |track, part| {
            if let [(state, sums)] = &mut track.pairs[..] {
                within &= state.add_eights(&track.filter, eights(part), sums, limit);
            }
        });
        within
    }

    /// `add` is called for parts of `frames` that end where fine steps do.
    #[inline(always)]
    fn advance(&mut self, frames: Range<usize>, mut add: impl FnMut(&mut Self, Range<usize>)) {
        let mut start = frames.start;
        while start < frames.end {
            let left_in_step = (self.step_end - self.frame) as usize;
            let end = frames.end.min(start + left_in_step);
            add(self, start..end);
            self.frame += (end - start) as u64;
            start = end;
            while self.frame == self.step_end {
                self.finish_step();
            }
        }
    }

    fn add(&mut self, block: &Audio, part: Range<usize>) {
        for (index, (state, sums)) in self.pairs.iter_mut().enumerate() {
            let planes = [0, 1].map(|side| &block.channel(2 * index + side)[part.clone()]);
            state.add(&self.filter, planes, sums);
        }
        if let Some((state, sums)) = &mut self.last {
            let plane = &block.channel(self.weights.len() - 1)[part];
            state.add(&self.filter, [plane], sums);
        }
    }

    fn finish_step(&mut self) {
        let weighted = self.take_step();
        let start = self.step * self.rate / STEPS_PER_SECOND;
        if let Some(recent) = &mut self.recent {
            recent.push(weighted, self.step_end - start);
        }
        self.step += 1;
        self.step_end = (self.step + 1) * self.rate / STEPS_PER_SECOND;
        if self.step.is_multiple_of(STEPS_PER_BLOCK as u64) {
            self.finish_block();
        }
    }

    /// Moves the sums of the step into the block and returns their weighted sum.
    fn take_step(&mut self) -> f64 {
        let mut weighted = 0.0;
        let mut channel = 0;
        let mut take = |square: f64| {
            self.block_sums[channel] += square;
            weighted += square * self.weights[channel];
            channel += 1;
        };
        for (index, (state, sums)) in self.pairs.iter_mut().enumerate() {
            state.quiet();
            sums.square.into_iter().for_each(&mut take);
            if index == 0 {
                self.block_product += sums.product;
            }
            *sums = KSums::new();
        }
        if let Some((state, sums)) = &mut self.last {
            state.quiet();
            sums.square.into_iter().for_each(&mut take);
            *sums = KSums::new();
        }
        weighted
    }

    fn finish_block(&mut self) {
        let frames = (self.frame - self.block_start).max(1) as f64;
        for (blocks, sum) in self.blocks.iter_mut().zip(&mut self.block_sums) {
            blocks.push(*sum / frames);
            *sum = 0.0;
        }
        self.products.push(std::mem::take(&mut self.block_product) / frames);
        self.block_start = self.frame;
    }

    pub(crate) fn finish(self) -> LoudnessResult {
        let weighted = weighted(&self.blocks, &self.weights);
        LoudnessResult {
            momentary_max: self.recent.as_ref().map_or(0.0, |recent| recent.momentary_max),
            short_term_max: self.recent.as_ref().map_or(0.0, |recent| recent.short_term_max),
            gating_blocks: sliding_means(&weighted, GATING_BLOCKS),
            short_term_blocks: sliding_means(&weighted, SHORT_TERM_BLOCKS),
            weights: self.weights,
            blocks: self.blocks,
            products: self.products,
        }
    }
}

/// Power of each block over all channels, each counting for its weight.
pub(crate) fn weighted(blocks: &[Vec<f64>], weights: &[f64]) -> Vec<f64> {
    let count = blocks.first().map_or(0, Vec::len);
    let weighted =
        |block| blocks.iter().zip(weights).map(|(plane, weight)| plane[block] * weight).sum();
    (0..count).map(weighted).collect()
}

/// The last 3 s in fine steps, and the loudest windows so far.
#[derive(Debug)]
struct RecentSteps {
    sums: Vec<f64>,
    frames: Vec<u64>,
    seen: usize,
    momentary_max: f64,
    short_term_max: f64,
}

impl RecentSteps {
    fn new() -> Self {
        Self {
            sums: vec![0.0; SHORT_TERM_STEPS],
            frames: vec![0; SHORT_TERM_STEPS],
            seen: 0,
            momentary_max: 0.0,
            short_term_max: 0.0,
        }
    }

    fn push(&mut self, sum: f64, frames: u64) {
        let place = self.seen % SHORT_TERM_STEPS;
        self.sums[place] = sum;
        self.frames[place] = frames;
        self.seen += 1;
        if self.seen >= MOMENTARY_STEPS {
            let first = (self.seen - MOMENTARY_STEPS) % SHORT_TERM_STEPS;
            let power = self.mean(first, MOMENTARY_STEPS);
            self.momentary_max = self.momentary_max.max(power);
        }
        if self.seen >= SHORT_TERM_STEPS {
            let power = self.mean(self.seen % SHORT_TERM_STEPS, SHORT_TERM_STEPS);
            self.short_term_max = self.short_term_max.max(power);
        }
    }

    /// Mean square of `length` steps from place `first` on, around the ring. Summed anew each time: a
    /// running sum would drift over hours.
    fn mean(&self, first: usize, length: usize) -> f64 {
        let to_end = length.min(SHORT_TERM_STEPS - first);
        let (head, tail) = (first..first + to_end, 0..length - to_end);
        let sum = total(&self.sums[head.clone()]) + total(&self.sums[tail.clone()]);
        let frames = self.frames[head].iter().sum::<u64>() + self.frames[tail].iter().sum::<u64>();
        sum / frames.max(1) as f64
    }
}

/// Sum in four lanes, which need not wait for each other.
fn total(values: &[f64]) -> f64 {
    let (fours, rest) = values.as_chunks::<4>();
    let mut lanes = [0.0; 4];
    for four in fours {
        for (lane, value) in lanes.iter_mut().zip(four) {
            *lane += value;
        }
    }
    lanes.iter().chain(rest).sum()
}

/// K-weighted energy of a whole sound.
#[derive(Clone, Debug)]
pub(crate) struct LoudnessResult {
    momentary_max: f64,
    short_term_max: f64,
    /// Weighted power of 400 ms every 100 ms.
    pub(crate) gating_blocks: Vec<f64>,
    /// Weighted power of 3 s every 100 ms.
    pub(crate) short_term_blocks: Vec<f64>,
    /// Weight of each channel.
    pub(crate) weights: Vec<f64>,
    /// Mean square of each channel in consecutive blocks of 100 ms.
    pub(crate) blocks: Vec<Vec<f64>>,
    /// Mean product of the first two channels in the same blocks.
    pub(crate) products: Vec<f64>,
}

impl LoudnessResult {
    pub(crate) fn integrated_lufs(&self) -> Option<f64> {
        integrated(&self.gating_blocks)
    }

    pub(crate) fn range_lu(&self) -> Option<f64> {
        range(&self.short_term_blocks)
    }

    pub(crate) fn top_lufs(&self) -> Option<f64> {
        top(&self.short_term_blocks)
    }

    pub(crate) fn momentary_max_lufs(&self) -> Option<f64> {
        loudness_of(self.momentary_max)
    }

    pub(crate) fn short_term_max_lufs(&self) -> Option<f64> {
        loudness_of(self.short_term_max)
    }
}
