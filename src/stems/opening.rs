//! From files to stems that fit together, and to their sum.

use std::path::Path;
use std::sync::Arc;

use acetate_audio::{Audio, AudioSpec, Blocks, Mono, ReadError, Source, SourceFormat};
use acetate_files::{FirstPass, MEMORY_LIMIT_BYTES};

use super::lineup::Lineup;
use crate::observer::{Watch, WatchedPass};
use crate::stems_error::StemsError;
use crate::{Error, Song, Stage};

/// Reads a stem to its end, of which nothing is held.
pub(super) fn opened(path: &Path, watch: &Watch<'_>) -> Result<Source, Error> {
    let name = path.display().to_string();
    let mut pass = FirstPass::open(path, 0).map_err(|error| Error::read(&name, error))?;
    let frames = pass.format().frames;
    let stage = Stage::Measuring;
    let mut watched = WatchedPass { pass: &mut pass, watch, stage, frames, position: 0 };
    let mut block = Audio::silence(watched.spec(), 0);
    let next = |pass: &mut WatchedPass<'_, '_>, block: &mut Audio| {
        pass.next_block(block).map_err(|error| Error::read(&name, error))
    };
    while next(&mut watched, &mut block)? {}
    pass.finish().map_err(|error| Error::read(&name, error))
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

/// The sum of the stems, held where it is small enough; and which of them has most energy.
pub(super) fn summed(lineup: &Lineup) -> Result<(Source, usize), ReadError> {
    let mut pass = lineup.pass()?;
    let bytes = lineup.frames * lineup.spec.channels as u64 * 4;
    let mut kept = (bytes <= MEMORY_LIMIT_BYTES / 2).then(|| Audio::silence(lineup.spec, 0));
    let mut energies = vec![0.0; lineup.parts()];
    while pass.next()? {
        for (energy, part) in energies.iter_mut().zip(&pass.parts) {
            let samples = part.planes().iter().flatten();
            *energy += samples.map(|&x| f64::from(x) * f64::from(x)).sum::<f64>();
        }
        let planes = kept.iter_mut().flat_map(|kept| kept.planes_mut());
        planes.zip(pass.whole.planes()).for_each(|(kept, new)| kept.extend_from_slice(new));
    }
    // As the first stem, so that stems of one format make a master of it.
    let SourceFormat { container, codec, .. } = *lineup.stems[0].format();
    let memory = SourceFormat::of_memory(lineup.spec, lineup.frames);
    let format = SourceFormat { container, codec, ..memory };
    let loudest = (0..energies.len()).max_by(|&a, &b| energies[a].total_cmp(&energies[b]));
    let source = Source::from_origin(format, Vec::new(), Arc::new(lineup.clone()), kept);
    Ok((source, loudest.unwrap_or(0)))
}
