//! From files to stems that fit together, and to their sum.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use acetate_audio::{Audio, AudioSpec, Blocks, Mono, ReadError, Source, SourceFormat};
use acetate_files::{FirstPass, MEMORY_LIMIT_BYTES, SoundFile, SoundTracks};
use serde_json::Value;

use super::CONTAINER_SUFFIX;
use super::lineup::Lineup;
use crate::observer::{Watch, WatchedPass};
use crate::stems_error::StemsError;
use crate::{Error, Input, Song, Stage};

/// Sound tracks of a container of stems: the mix, then four stems.
const CONTAINER_TRACKS: usize = 5;

/// The stems of a container, by name, and its mix.
struct Container {
    stems: Vec<(String, SoundFile)>,
    mix: SoundFile,
}

impl Container {
    /// The container that a file is; `None` where it is a stem.
    fn of(path: &Path) -> Result<Option<Self>, Error> {
        let tracks = SoundTracks::of(&path.into());
        let tracks = tracks.map_err(|error| Error::read(path.display().to_string(), error))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
        let called_so = stem.ends_with(CONTAINER_SUFFIX);
        let name = || path.display().to_string();
        match tracks.count() {
            CONTAINER_TRACKS.. => {}
            0 | 1 if called_so => return Err(StemsError::NoStemsInside { name: name() }.into()),
            0 | 1 => return Ok(None),
            _ if called_so || tracks.stem_text.is_some() => {}
            count => return Err(StemsError::SeveralTracks { name: name(), count }.into()),
        }
        let track = |index: usize| SoundFile::Track(path.into(), index);
        let text = tracks.stem_text.as_deref().unwrap_or_default();
        let names = names_in(text, tracks.names.get(1..).unwrap_or_default());
        let stems = names.into_iter().enumerate().map(|(index, name)| (name, track(index + 1)));
        Ok(Some(Self { stems: stems.collect(), mix: track(0) }))
    }
}

/// What the stems of a container are called: by its text, by their tracks, each once, or by number.
fn names_in(text: &str, tracks: &[String]) -> Vec<String> {
    let told: Value = serde_json::from_str(text).unwrap_or_default();
    let mut names: Vec<String> = Vec::new();
    for (index, track) in tracks.iter().enumerate() {
        let told = told["stems"][index]["name"].as_str().unwrap_or_default().trim();
        let name = if told.is_empty() { track } else { told };
        // A name is a part of a file's name.
        let name: String =
            name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        let taken = names.iter().any(|known| known.eq_ignore_ascii_case(&name));
        let number = index + 1;
        names.push(match name.trim_matches('-') {
            "" => format!("stem-{number}"),
            name if taken => format!("{name}-{number}"),
            name => name.to_owned(),
        });
    }
    names
}

/// A stem that is about to be read: its name, what errors call it, and where it is.
type Listed = (String, String, SoundFile);
/// The mix that is about to be read: its name, and where it is.
type ListedMix = Option<(String, SoundFile)>;

/// The stems that files stand for, and the mix with its name: a container of stems stands for those in it, and has its own mix.
pub(super) fn listed(
    files: &[PathBuf],
    mix: Option<&Path>,
) -> Result<(Vec<Listed>, ListedMix), Error> {
    let mut mix = mix.map(|mix| (mix.display().to_string(), mix.into()));
    let mut list = Vec::new();
    for path in files {
        let input = Input::file(path);
        match Container::of(path)? {
            None => list.push((input.stem(), input.name(), path.into())),
            Some(_) if files.len() > 1 => {
                return Err(StemsError::ContainerAmongStems { name: input.name() }.into());
            }
            Some(container) => {
                mix = mix.or(Some((input.name(), container.mix)));
                let of = |(name, file)| (name, input.name(), file);
                list.extend(container.stems.into_iter().map(of));
            }
        }
    }
    Ok((list, mix))
}

/// Decoded stems are held in memory up to this size together; they are read several times.
pub(super) const HELD_BYTES_MAX: u64 = MEMORY_LIMIT_BYTES / 4;

/// Reads a stem to its end, and holds it where it is not larger than `held_bytes_max`; of that is taken what it holds.
pub(super) fn opened(
    name: &str,
    file: SoundFile,
    held_bytes_max: &mut u64,
    watch: &Watch<'_>,
) -> Result<Source, Error> {
    let mut pass =
        FirstPass::open(file, *held_bytes_max).map_err(|error| Error::read(name, error))?;
    let frames = pass.format().frames;
    let stage = Stage::Measuring;
    let mut watched = WatchedPass { pass: &mut pass, watch, stage, frames, position: 0 };
    let mut block = Audio::silence(watched.spec(), 0);
    let next = |pass: &mut WatchedPass<'_, '_>, block: &mut Audio| {
        pass.next_block(block).map_err(|error| Error::read(name, error))
    };
    while next(&mut watched, &mut block)? {}
    let source = pass.finish().map_err(|error| Error::read(name, error))?;
    source.warnings().iter().for_each(|warning| watch.note(&format!("{name}: {warning}")));
    let held = source.audio().map_or(0, |audio| audio.frames() * audio.planes().len() * 4);
    *held_bytes_max = held_bytes_max.saturating_sub(held as u64);
    Ok(source)
}

/// Rate and channels of the whole: those of the mix, or of the stem with most channels.
pub(super) fn common_spec(
    stems: &[(String, Source)],
    mix: Option<&Song>,
    mono: Mono,
) -> Result<AudioSpec, StemsError> {
    let all = stems.iter().map(|(name, source)| (name.as_str(), source.spec()));
    let mixed = mix.map(|mix| (mix.name(), mix.source().spec()));
    let widest = all.clone().rev().max_by_key(|(_, spec)| spec.channels);
    let (first, wanted) = mixed.or(widest).ok_or(StemsError::None)?;
    for (name, spec) in all {
        if spec.sample_rate_hz != wanted.sample_rate_hz {
            return Err(StemsError::Rate {
                name: name.to_owned(),
                given_hz: spec.sample_rate_hz,
                first: first.to_owned(),
                wanted_hz: wanted.sample_rate_hz,
            });
        }
        if spec.channels != wanted.channels && (spec.channels != 1 || wanted.channels != 2) {
            return Err(StemsError::Channels {
                name: name.to_owned(),
                given: spec.channels,
                first: first.to_owned(),
                wanted: wanted.channels,
            });
        }
    }
    Ok(AudioSpec { layout: wanted.layout.heard(mono), ..wanted })
}

/// The format of the sum: as the first stem, so that stems of one format make a master of it.
pub(super) fn sum_format(lineup: &Lineup) -> SourceFormat {
    let SourceFormat { container, codec, .. } = *lineup.stems[0].format();
    let memory = SourceFormat::of_memory(lineup.spec, lineup.frames);
    SourceFormat { container, codec, ..memory }
}

/// The sum of stems, and what a pass over them tells.
pub(super) struct Summed {
    /// The sum, held where it is small enough.
    pub(super) source: Source,
    /// Energy of each stem.
    energies: Vec<f64>,
    /// What each has in common with the sum.
    products: Vec<f64>,
    energy_of_sum: f64,
}

/// Likeness (correlation) at which a stem is what the others add up to: two recordings of one source are less alike.
const SAME_AS_OTHERS: f64 = 0.99;

impl Summed {
    /// The stem with most energy.
    pub(super) fn loudest(&self) -> usize {
        let all = 0..self.energies.len();
        let louder = |a: &usize, b: &usize| self.energies[*a].total_cmp(&self.energies[*b]);
        all.max_by(louder).unwrap_or(0)
    }

    /// Pairs of stems that are the very same sound.
    pub(super) fn copies(&self) -> Vec<(usize, usize)> {
        let same = |a: usize, b: usize| {
            self.energies[a] > 0.0
                && self.energies[a] == self.energies[b]
                && self.products[a] == self.products[b]
        };
        let stems = self.energies.len();
        let pairs = (0..stems).flat_map(|b| (0..b).map(move |a| (a, b)));
        pairs.filter(|&(a, b)| same(a, b)).collect()
    }

    /// The stem that sounds like the sum of the others: the mix, under another name.
    pub(super) fn mix_among(&self) -> Option<usize> {
        let copies = self.copies();
        let likeness = |stem: usize| {
            let (own, product) = (self.energies[stem], self.products[stem]);
            let others = self.energy_of_sum - 2.0 * product + own;
            (product - own) / (own * others).max(f64::MIN_POSITIVE).sqrt()
        };
        let stems = 0..self.energies.len();
        let is_copy = |stem: usize| copies.iter().any(|&(a, b)| a == stem || b == stem);
        stems
            .filter(|&stem| self.energies.len() > 2 && !is_copy(stem))
            .find(|&stem| likeness(stem) > SAME_AS_OTHERS)
    }
}

/// The sum of the stems.
pub(super) fn summed(lineup: &Lineup, format: SourceFormat) -> Result<Summed, ReadError> {
    let mut pass = lineup.pass()?;
    let bytes = lineup.frames * lineup.spec.channels as u64 * 4;
    let mut kept = (bytes <= MEMORY_LIMIT_BYTES / 2).then(|| Audio::silence(lineup.spec, 0));
    let (mut energies, mut products) = (vec![0.0; lineup.parts()], vec![0.0; lineup.parts()]);
    let mut energy_of_sum = 0.0;
    let product = |one: &Audio, other: &Audio| -> f64 {
        let pairs = one.planes().iter().flatten().zip(other.planes().iter().flatten());
        pairs.map(|(&x, &y)| f64::from(x) * f64::from(y)).sum()
    };
    while pass.next()? {
        for ((energy, shared), part) in energies.iter_mut().zip(&mut products).zip(&pass.parts) {
            *energy += product(part, part);
            *shared += product(part, &pass.whole);
        }
        energy_of_sum += product(&pass.whole, &pass.whole);
        let planes = kept.iter_mut().flat_map(|kept| kept.planes_mut());
        planes.zip(pass.whole.planes()).for_each(|(kept, new)| kept.extend_from_slice(new));
    }
    let source = Source::from_origin(format, Vec::new(), Arc::new(lineup.clone()), kept);
    Ok(Summed { source, energies, products, energy_of_sum })
}
