//! Stems beside each other, aligned at zero, and what they are parts of.

use acetate_audio::{
    Audio, AudioSpec, BLOCK_FRAMES, Blocks, Origin, ReadError, Source, SourceFormat, threads,
};

use acetate_optimizer::StemMove;

use super::balance::Changes;

/// The stems of a song as they lie in its mix.
#[derive(Clone, Debug)]
pub(super) struct Lineup {
    pub(super) stems: Vec<Source>,
    /// Rate and channels of all that comes out.
    pub(super) spec: AudioSpec,
    pub(super) frames: u64,
    /// How the stems are moved to lie as in the mix.
    pub(super) placing: Placing,
    /// The mix, where it is not just the sum.
    pub(super) mix: Option<Source>,
    /// Is what the mix has beside the stems a part of its own, the last?
    pub(super) has_rest: bool,
    /// How stems are changed on top of that.
    pub(super) moves: Vec<StemMove>,
}

/// How stems are moved: all alike.
#[derive(Clone, Debug, Default)]
pub(super) struct Placing {
    /// Frames by which they are late.
    pub(super) delay_frames: i64,
    /// Factors by channel; none is 1.
    pub(super) gains: Vec<f32>,
}

impl Lineup {
    /// How many parts the whole has.
    pub(super) fn parts(&self) -> usize {
        self.stems.len() + usize::from(self.has_rest)
    }

    /// A new pass from the first frame.
    pub(super) fn pass(&self) -> Result<Pass, ReadError> {
        let feed = |source: &Source| Ok(Feed::new(source.blocks()?, &self.placing));
        let feeds = self.stems.iter().map(feed).collect::<Result<_, ReadError>>()?;
        let still = Placing::default();
        let mix = self.mix.as_ref();
        let mix =
            mix.map(|mix| Ok::<_, ReadError>(Feed::new(mix.blocks()?, &still))).transpose()?;
        Ok(Pass {
            feeds,
            mix,
            left: self.frames,
            has_rest: self.has_rest,
            sum: Vec::new(),
            changes: Changes::new(&self.moves, self.spec),
            difference: vec![Vec::new(); self.spec.channels],
            whole: Audio::silence(self.spec, 0),
            parts: vec![Audio::silence(self.spec, 0); self.parts()],
        })
    }
}

/// The sum of the stems can be read as often as they can.
impl Origin for Lineup {
    fn blocks(&self, _: &SourceFormat) -> Result<Box<dyn Blocks>, ReadError> {
        Ok(Box::new(self.pass()?))
    }

    fn check_unchanged(&self) -> Result<(), ReadError> {
        self.stems.iter().try_for_each(Source::check_unchanged)
    }
}

/// A pass over the whole and its parts in step.
pub(super) struct Pass {
    feeds: Vec<Feed>,
    mix: Option<Feed>,
    left: u64,
    has_rest: bool,
    sum: Vec<f64>,
    changes: Changes,
    /// By how much the changes make the sum another, by channel.
    difference: Vec<Vec<f64>>,
    /// The mix, or the sum of the stems.
    pub(super) whole: Audio,
    /// The stems, and what the mix has beside them.
    pub(super) parts: Vec<Audio>,
}

impl Pass {
    /// Goes on to the next frames; `false`, and nothing, at the end.
    pub(super) fn next(&mut self) -> Result<bool, ReadError> {
        let frames = self.left.min(BLOCK_FRAMES as u64) as usize;
        self.left -= frames as u64;
        threads::for_each_pair(&mut self.feeds, &mut self.parts, |_, feed, part| {
            feed.failed = feed.fill(frames, part).err();
        });
        if let Some(error) = self.feeds.iter_mut().find_map(|feed| feed.failed.take()) {
            return Err(error);
        }
        let stems = self.feeds.len();
        if let Some(mix) = &mut self.mix {
            mix.fill(frames, &mut self.whole)?;
        }
        for channel in 0..self.whole.planes().len() {
            self.sum.clear();
            self.sum.resize(frames, 0.0);
            for part in &self.parts[..stems] {
                let pairs = self.sum.iter_mut().zip(part.channel(channel));
                pairs.for_each(|(sum, &x)| *sum += f64::from(x));
            }
            let whole = &mut self.whole.planes_mut()[channel];
            if self.mix.is_none() {
                whole.clear();
                whole.extend(self.sum.iter().map(|&sum| sum as f32));
            }
            if self.has_rest {
                let rest = &mut self.parts[stems].planes_mut()[channel];
                rest.clear();
                let pairs = whole.iter().zip(&self.sum);
                rest.extend(pairs.map(|(&whole, sum)| (f64::from(whole) - sum) as f32));
            }
        }
        if !self.changes.is_empty() {
            self.changes.make(&mut self.parts[..stems], &mut self.difference);
            for (whole, difference) in self.whole.planes_mut().iter_mut().zip(&self.difference) {
                let pairs = whole.iter_mut().zip(difference);
                pairs.for_each(|(whole, difference)| {
                    *whole = (f64::from(*whole) + difference) as f32
                });
            }
        }
        Ok(frames > 0)
    }
}

impl Blocks for Pass {
    fn spec(&self) -> AudioSpec {
        self.whole.spec()
    }

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, ReadError> {
        let any = self.next()?;
        std::mem::swap(block, &mut self.whole);
        Ok(any)
    }
}

/// A pass of which so many frames are taken as are wanted: silence before its beginning and after its end.
pub(super) struct Feed {
    pass: Box<dyn Blocks>,
    block: Audio,
    /// First frame of `block` that was not taken.
    at: usize,
    /// Frames of silence that still come first.
    lead: u64,
    /// Frames that are still to be left out.
    skip: u64,
    gains: Vec<f32>,
    ended: bool,
    failed: Option<ReadError>,
}

impl Feed {
    pub(super) fn new(pass: Box<dyn Blocks>, placing: &Placing) -> Self {
        let block = Audio::silence(pass.spec(), 0);
        let (lead, skip) = (-placing.delay_frames.min(0), placing.delay_frames.max(0));
        Self {
            pass,
            block,
            at: 0,
            lead: lead as u64,
            skip: skip as u64,
            gains: placing.gains.clone(),
            ended: false,
            failed: None,
        }
    }

    /// Replaces `out` with the next frames; one channel goes to all of `out`.
    pub(super) fn fill(&mut self, frames: usize, out: &mut Audio) -> Result<(), ReadError> {
        let silence = self.lead.min(frames as u64);
        self.lead -= silence;
        out.resize(0);
        out.resize(silence as usize);
        while out.frames() < frames && !self.ended {
            if self.at == self.block.frames() {
                self.ended = !self.pass.next_block(&mut self.block)?;
                let skipped = self.skip.min(self.block.frames() as u64);
                self.skip -= skipped;
                self.at = skipped as usize;
                continue;
            }
            let count = (self.block.frames() - self.at).min(frames - out.frames());
            let last = self.block.planes().len() - 1;
            for (channel, out) in out.planes_mut().iter_mut().enumerate() {
                let from = &self.block.channel(channel.min(last))[self.at..self.at + count];
                match self.gains.get(channel) {
                    None => out.extend_from_slice(from),
                    Some(gain) => out.extend(from.iter().map(|x| gain * x)),
                }
            }
            self.at += count;
        }
        out.resize(frames);
        Ok(())
    }
}
