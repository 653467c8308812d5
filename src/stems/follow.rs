//! The master's chain hears the mix and writes down what it decides; a chain for each stem follows it.

use acetate_audio::{Audio, threads};
use acetate_engine::{ChainMoves, FloatChain, LimiterTrace, Settings, SettingsError, Stage as _};
use acetate_files::{FirstPass, SoundFile};

use super::grid::Grid;
use super::lineup::{Feed, Lineup, Placing};
use super::share::{Region, Sharer};
use super::work::{LimiterWork, Listening};
use super::writing::StemWriter;
use crate::observer::Watch;
use crate::{Error, Stage};

/// What is rendered, and where it goes.
pub(super) struct Following<'a, 'w> {
    pub(super) lineup: &'a Lineup,
    /// What errors call the sound.
    pub(super) name: &'a str,
    pub(super) settings: &'a Settings,
    /// The master as it was written.
    pub(super) master: SoundFile,
    /// The stem that gets what is left where all are silent.
    pub(super) fallback: usize,
    /// Which stems are in each version.
    pub(super) versions: &'a [Vec<usize>],
    pub(super) watch: &'a Watch<'w>,
}

/// What receives the stems and versions of a pass.
struct Desk<'a> {
    grid: Grid,
    listening: Listening,
    versions: &'a [Vec<usize>],
    version: Vec<Vec<f64>>,
    /// Stems first, then versions.
    writers: &'a mut [StemWriter],
}

impl Following<'_, '_> {
    /// Writes the stems, then the versions, each to its writer.
    pub(super) fn write(self, writers: &mut [StemWriter]) -> Result<LimiterWork, Error> {
        let Self { lineup, settings, .. } = self;
        let chain = || FloatChain::new(settings, lineup.spec);
        let mut whole = chain().map_err(|reason| self.wrong(reason))?;
        whole.record_moves();
        let spec = whole.output_spec();
        let silence = Audio::silence(spec, 0);
        let follower = |_| Ok((chain()?, silence.clone()));
        let followers: Result<Vec<_>, SettingsError> = (0..lineup.parts()).map(follower).collect();
        let mut followers = followers.map_err(|reason| self.wrong(reason))?;
        let mut written = self.open_master()?;
        let (mut out, mut target) = (silence.clone(), silence);
        let mut sharer = Sharer::new(lineup.parts(), spec.channels);
        let format = settings.output.bits.format();
        let mut desk = Desk {
            grid: Grid::new(format, lineup.parts(), spec.channels, self.fallback),
            listening: Listening::new(lineup.parts(), spec.sample_rate_hz),
            versions: self.versions,
            version: vec![Vec::new(); spec.channels],
            writers,
        };
        let unreadable = |error| Error::read(self.name, error);
        let mut pass = lineup.pass().map_err(unreadable)?;
        let (mut moves, mut frames) = (ChainMoves::default(), 0);
        let mut more = true;
        while more {
            more = pass.next().map_err(unreadable)?;
            out.resize(0);
            run(&mut whole, &pass.whole, more, &mut out);
            whole.take_moves(&mut moves);
            threads::for_each_pair(&mut followers, &mut pass.parts, |_, (chain, out), part| {
                chain.follow(&moves);
                run(chain, part, more, out);
            });
            written.fill(out.frames(), &mut target).map_err(unreadable)?;
            let parts: Vec<Audio> = followers.iter_mut().map(|(_, out)| taken(out)).collect();
            desk.take(sharer.push(&target, &parts))?;
            frames += pass.whole.frames() as u64;
            self.watch.progress(Stage::Rendering, frames as f64 / lineup.frames.max(1) as f64);
            if self.watch.is_stopped() {
                return Err(Error::Cancelled);
            }
        }
        desk.take(sharer.finish())?;
        let trace: LimiterTrace = whole.take_trace();
        Ok(desk.listening.finish(&trace))
    }

    fn open_master(&self) -> Result<Feed, Error> {
        let pass = FirstPass::open(self.master.clone(), 0);
        let pass = pass.map_err(|error| Error::read("the master as written", error))?;
        Ok(Feed::new(Box::new(pass), &Placing::default()))
    }

    fn wrong(&self, reason: SettingsError) -> Error {
        Error::Settings { name: self.name.to_owned(), reason }
    }
}

fn run(chain: &mut FloatChain, block: &Audio, more: bool, out: &mut Audio) {
    if more { chain.push(block, out) } else { chain.finish(out) }
}

fn taken(audio: &mut Audio) -> Audio {
    std::mem::replace(audio, Audio::silence(audio.spec(), 0))
}

impl Desk<'_> {
    fn take(&mut self, mut region: Region) -> Result<(), Error> {
        if region.target[0].is_empty() {
            return Ok(());
        }
        self.grid.settle(&mut region);
        self.listening.hear(&region);
        let stems = &self.grid.values;
        let (writers, for_versions) = self.writers.split_at_mut(stems.len());
        for (writer, values) in writers.iter_mut().zip(stems) {
            writer.write(values)?;
        }
        for (writer, chosen) in for_versions.iter_mut().zip(self.versions) {
            for (channel, sum) in self.version.iter_mut().enumerate() {
                sum.clear();
                sum.resize(region.target[0].len(), 0.0);
                for &stem in chosen {
                    let pairs = sum.iter_mut().zip(&stems[stem][channel]);
                    pairs.for_each(|(sum, value)| *sum += value);
                }
            }
            writer.write(&self.version)?;
        }
        Ok(())
    }
}
