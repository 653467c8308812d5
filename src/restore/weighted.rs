//! Sounds of one format, each with a gain, as one: what was taken away is the difference of two.

use std::sync::Arc;

use acetate_audio::{Audio, AudioSpec, Blocks, Origin, ReadError, Source, SourceFormat};

use super::feed::Feed;

/// The sum of `parts`, each times its gain, as long as the shortest.
///
/// # Panics
/// When there is none.
pub(super) fn weighted(parts: Vec<(Source, f32)>) -> Source {
    let first = parts.first().expect("there is a sound").0.clone();
    let format = first.format().clone();
    Source::from_origin(format, Vec::new(), Arc::new(Weighted { parts }), None).stopped_with(&first)
}

#[derive(Debug)]
struct Weighted {
    parts: Vec<(Source, f32)>,
}

impl Origin for Weighted {
    fn blocks(&self, _: &SourceFormat) -> Result<Box<dyn Blocks>, ReadError> {
        let feed = |(source, gain): &(Source, f32)| Ok((Feed::new(source.blocks()?), *gain));
        let feeds = self.parts.iter().map(feed).collect::<Result<_, ReadError>>()?;
        Ok(Box::new(WeightedBlocks { feeds, spec: self.parts[0].0.spec() }))
    }

    fn check_unchanged(&self) -> Result<(), ReadError> {
        self.parts.iter().try_for_each(|(source, _)| source.check_unchanged())
    }
}

struct WeightedBlocks {
    feeds: Vec<(Feed, f32)>,
    spec: AudioSpec,
}

impl Blocks for WeightedBlocks {
    fn spec(&self) -> AudioSpec {
        self.spec
    }

    fn next_block(&mut self, block: &mut Audio) -> Result<bool, ReadError> {
        let mut frames = usize::MAX;
        for (feed, _) in &mut self.feeds {
            frames = frames.min(feed.fill()?);
        }
        if block.spec() != self.spec {
            *block = Audio::silence(self.spec, 0);
        }
        block.resize(0);
        block.resize(frames);
        for (feed, gain) in &mut self.feeds {
            for (channel, sum) in block.planes_mut().iter_mut().enumerate() {
                for (sum, sample) in sum.iter_mut().zip(feed.plane(channel)) {
                    *sum += *gain * sample;
                }
            }
            feed.take(frames);
        }
        Ok(frames > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_away_is_the_difference_sample_by_sample() {
        let plane = |offset: f32| (0..10_000).map(|n| n as f32 * 1e-4 + offset).collect::<Vec<_>>();
        let sound = |offset| Source::from_audio(Audio::from_planes(44_100, vec![plane(offset)]));
        let removed = weighted(vec![(sound(0.5), 2.0), (sound(0.0), -2.0)]);
        let mut pass = removed.blocks().unwrap();
        let mut block = Audio::silence(removed.spec(), 0);
        let mut frames = 0;
        while pass.next_block(&mut block).unwrap() {
            assert!(block.channel(0).iter().all(|&sample| (sample - 1.0).abs() < 1e-6));
            frames += block.frames();
        }
        assert_eq!(frames, 10_000);
    }
}
