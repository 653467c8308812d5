//! Mastered stems that add up to the master, to the last bit.
//!
//! The mix (the sum of the stems, or what was named as the mix) is mastered as [`Song::master`] does it. Then its chain hears it again
//! and writes down what it decides, and a chain for each stem follows: linear stages work on each stem itself, gains that were decided
//! for the mix multiply every stem. What is no gain (harmonics, the masked limiter's cuts, dither) is divided by energy in cells of
//! time and frequency, and what rounding leaves goes to the loudest stem. A silent stem stays silent.
//!
//! Where one stem causes what the aim asks of the mix, [`Stems::balance`] tells which, and [`Stems::balanced`] changes it.

mod balance;
mod beside;
mod follow;
mod grid;
mod lineup;
mod mastered;
mod mix;
mod opening;
mod page;
mod share;
#[cfg(test)]
mod tests;
mod told;
mod verify;
mod version;
mod ways;
mod work;
mod writing;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use acetate_audio::{Mono, SampleFormat, Source};
use acetate_engine::FloatChain;
use acetate_engine::settings::OutputFormat;
use acetate_files::{EncodeError, PcmFormat};
use serde::Serialize;

use self::follow::Following;
use self::lineup::{Lineup, Placing};
pub use self::mix::{Rest, StemsInMix};
use self::opening::{HELD_BYTES_MAX, common_spec, listed, opened, sum_format, summed};
pub use self::verify::StemLevels;
pub use self::version::StemVersion;
pub use self::ways::{StemWays, Way};
pub use self::work::LimiterWork;
use self::writing::{Complete, StemWriter, each, publish};
pub use self::{beside::stems_beside, mastered::unmastered};
use crate::observer::Watch;
use crate::output::{
    IfExists, MASTERED, NameParts, extension_of, lossy_codec, plain_file, plan as slot,
};
use crate::stems_error::StemsError;
use crate::{Error, Input, Master, Observer, Output, Plan, Request, Song};

/// What the mix has beside its stems is called so.
const REST: &str = "rest";
/// What containers of stems have before their ending: `song.stem.mp4`.
const CONTAINER_SUFFIX: &str = ".stem";
/// Names that mixes have and stems have not.
const MIX_NAMES: [&str; 5] = ["mix", "mixdown", "mixture", "master", "premaster"];

/// The stems of a song, and the song.
#[derive(Clone, Debug)]
pub struct Stems {
    names: Vec<String>,
    files: Vec<Input>,
    lineup: Lineup,
    song: Song,
    /// What the master is named after.
    title: String,
    in_mix: Option<StemsInMix>,
    /// The stem with most energy.
    loudest: usize,
}

/// Where mastered stems go.
#[derive(Clone, Debug, Default)]
pub struct StemsOutput {
    /// The folder of all files; it is made where it is not there.
    pub folder: PathBuf,
    /// A template of names, as of [`NameParts::fill`].
    pub template: Option<String>,
    /// May files be replaced?
    pub replace: bool,
    /// Sums of stems to write beside them.
    pub versions: Vec<StemVersion>,
}

impl StemsOutput {
    /// The usual folder for stems of which this is the first file, or the folder; and what the song is called: as its folder.
    pub fn usual(first: &Path) -> (PathBuf, String) {
        if !first.is_dir() {
            return (first.with_file_name(MASTERED), "mix".to_owned());
        }
        let named = first.canonicalize().ok();
        let name = named.as_deref().and_then(Path::file_name);
        let title = name.map_or_else(|| "mix".to_owned(), |name| name.display().to_string());
        (first.join(MASTERED), title)
    }
}

/// A master and its stems.
#[derive(Debug)]
pub struct StemsMaster {
    /// The master, as [`Song::master`] makes it of the mix.
    pub master: Master,
    /// The stems, and the rest of the mix where there is one.
    pub stems: Vec<StemFile>,
    /// The versions that were asked for.
    pub versions: Vec<StemFile>,
    /// Largest difference of the sum of the written stems from the written master, in steps of its integers: 0. Of floats, which no
    /// grid is common to, in steps of 24 bits.
    pub difference_lsb: f64,
    /// Which stem works the limiter.
    pub work: LimiterWork,
    /// Files of an earlier run in another format, which lie beside those that were written.
    pub outdated: Vec<PathBuf>,
}

/// A written stem or version.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StemFile {
    /// What it is called.
    pub name: String,
    /// Where it is.
    #[serde(rename = "output")]
    pub path: PathBuf,
    /// Is it written in floats, as the master is or because it is above full scale?
    pub is_float: bool,
    /// What it measures, decoded again.
    #[serde(flatten)]
    pub levels: StemLevels,
}

/// Masters stems: reads and measures them, decides for their sum or `mix`, and writes the master and every stem, all or none.
///
/// # Errors
/// When they cannot be read or do not fit together, as [`Song::suggest`] and [`Song::master`], or when a file exists.
pub fn stems(
    files: &[PathBuf],
    mix: Option<&Path>,
    request: &Request,
    output: &StemsOutput,
    observer: &mut dyn Observer,
) -> Result<(Plan, StemsMaster), Error> {
    let stems = Stems::open(files, "mix", mix, request.mono(), observer)?;
    stems.check(request, output)?;
    let plan = stems.song().suggest(request, observer)?;
    let master = stems.master(&plan, request, output, observer)?;
    Ok((plan, master))
}

impl Stems {
    /// Reads stems, and measures their sum, which is called `title`; or `mix`, where it is named.
    ///
    /// # Errors
    /// When one cannot be read, or they do not fit together.
    pub fn open(
        files: &[PathBuf],
        title: &str,
        mix: Option<&Path>,
        mono: Mono,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        let (list, mix) = listed(files, mix)?;
        let mut sources = Vec::new();
        {
            let watch = Watch::new(observer);
            let mut held_bytes_max = HELD_BYTES_MAX;
            for (name, path, file) in list {
                if mix.is_none() && MIX_NAMES.contains(&name.to_lowercase().as_str()) {
                    return Err(StemsError::LooksLikeMix { name: path }.into());
                }
                sources.push((name, opened(&path, file, &mut held_bytes_max, &watch)?));
            }
        }
        let mix = mix.map(|(name, file)| Song::opening_file(name, file).mono(mono));
        let mix = mix.map(|mix| mix.measure(observer)).transpose()?;
        let mut stems = Self::of(sources, title, mix, mono, observer)?;
        stems.files = files.iter().map(Input::file).collect();
        Ok(stems)
    }

    /// The same of sound that was opened already: names and sources.
    ///
    /// # Errors
    /// Those of [`Stems::open`].
    pub fn of(
        stems: Vec<(String, Source)>,
        title: &str,
        mix: Option<Song>,
        mono: Mono,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        let spec = common_spec(&stems, mix.as_ref(), mono)?;
        let (mut names, sources): (Vec<String>, Vec<Source>) = stems.into_iter().unzip();
        let frames = sources.iter().map(Source::frames).max().unwrap_or(0);
        let placing = Placing::default();
        let mut lineup = Lineup {
            stems: sources,
            spec,
            frames,
            placing,
            mix: None,
            has_rest: false,
            moves: Vec::new(),
        };
        let unreadable = |error| Error::read(title, error);
        let summed = summed(&lineup, sum_format(&lineup)).map_err(unreadable)?;
        if let Some(stem) = summed.mix_among() {
            return Err(StemsError::IsTheMix { name: names[stem].clone() }.into());
        }
        for (one, other) in summed.copies() {
            let (one, other) = (&names[one], &names[other]);
            observer
                .note(&format!("{one} and {other} are the very same sound, which counts twice"));
        }
        let (sum, loudest) = (summed.source.clone(), summed.loudest());
        let (song, in_mix) = match mix {
            Some(mix) => {
                let in_mix = mix::lay(&mut lineup, &sum, &mix)?;
                (mix, Some(in_mix))
            }
            None => (Song::opening_source(title, sum).mono(mono).measure(observer)?, None),
        };
        if lineup.has_rest {
            names.push(REST.to_owned());
        }
        let mut seen = BTreeSet::new();
        if let Some(name) = names.iter().find(|name| !seen.insert(name.to_lowercase())) {
            return Err(StemsError::SameName { name: name.clone() }.into());
        }
        let title = if in_mix.is_some() { song.stem() } else { title };
        let title = title.strip_suffix(CONTAINER_SUFFIX).unwrap_or(title).to_owned();
        Ok(Self { names, files: Vec::new(), lineup, song, title, in_mix, loudest })
    }

    /// What is mastered: the sum of the stems, or the mix. [`Song::suggest`] decides about it.
    pub fn song(&self) -> &Song {
        &self.song
    }

    /// The names of the stems, the rest of the mix last.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How the stems lie in the mix, where it was named.
    pub fn in_mix(&self) -> Option<&StemsInMix> {
        self.in_mix.as_ref()
    }

    /// Makes sure that a master and its stems can be written so: to be asked before there is a plan.
    ///
    /// # Errors
    /// When the format is lossy, a version names what is no stem, or a file exists and is not to be replaced.
    pub fn check(&self, request: &Request, output: &StemsOutput) -> Result<(), Error> {
        self.chosen(&output.versions)?;
        let source = self.song.source().format();
        let format = request.file.output(None, Some(request.delivery()), source)?.format;
        self.paths(format, request, output).map(|_| ())
    }

    /// The files that [`Stems::master`] would write, the master first. One that turns out to be above full scale is a WAV.
    ///
    /// # Errors
    /// Those of [`Stems::check`].
    pub fn would_write(
        &self,
        plan: &Plan,
        request: &Request,
        output: &StemsOutput,
    ) -> Result<Vec<PathBuf>, Error> {
        let (master, paths) = self.paths(plan.document.settings.output.format, request, output)?;
        Ok(std::iter::once(master).chain(paths).collect())
    }

    /// Which stems are in each version.
    fn chosen(&self, versions: &[StemVersion]) -> Result<Vec<Vec<usize>>, Error> {
        let chosen = versions.iter().map(|version| version.chosen(&self.names));
        Ok(chosen.collect::<Result<_, StemsError>>()?)
    }

    /// Writes the master, every stem and the versions; they get their names when all of them are complete and add up.
    ///
    /// # Errors
    /// When the plan asks for a lossy format, a version names what is no stem, a file exists or cannot be written, a stem cannot be
    /// read again, or the observer stops it.
    pub fn master(
        &self,
        plan: &Plan,
        request: &Request,
        output: &StemsOutput,
        observer: &mut dyn Observer,
    ) -> Result<StemsMaster, Error> {
        let settings = &plan.document.settings;
        let chosen = self.chosen(&output.versions)?;
        let (master_path, paths) = self.paths(settings.output.format, request, output)?;
        std::fs::create_dir_all(&output.folder)
            .map_err(|reason| Error::Folder { path: output.folder.clone(), reason })?;
        let watch = Watch::new(observer);
        let place = Output::file(&master_path).replace(output.replace);
        let rendered = self.song.render(settings, Some(plan.target()), &place, &watch)?;
        let format = self.format(plan)?;
        let begin = |path: &PathBuf| StemWriter::begin(path, format, output.replace);
        let mut writers: Vec<StemWriter> = paths.iter().map(begin).collect::<Result<_, _>>()?;
        let following = Following {
            lineup: &self.lineup,
            name: self.song.name(),
            settings,
            master: rendered.sound_file(),
            fallback: self.loudest,
            versions: &chosen,
            watch: &watch,
        };
        let work = following.write(&mut writers)?;
        // Each waits for the disk: side by side.
        let complete: Vec<Complete> = each(writers, StemWriter::close)?;
        let files: Vec<_> = complete.iter().map(Complete::sound_file).collect();
        let stems = self.names.len();
        let as_written = (format.spec, format.samples);
        let verified = verify::verify(rendered.sound_file(), &files, stems, as_written, &watch)?;
        let difference_lsb = verified.difference_lsb;
        if format.samples != SampleFormat::Float32 && difference_lsb != 0.0 {
            let bits = format.samples.bits();
            return Err(StemsError::DoNotAddUp { difference_lsb, bits }.into());
        }
        let written = self.outputs(output).zip(&complete).zip(verified.levels);
        let mut stem_files: Vec<StemFile> = written
            .map(|((name, file), levels)| StemFile {
                name: name.to_owned(),
                path: file.path.clone(),
                is_float: file.is_float,
                levels,
            })
            .collect();
        let versions = stem_files.split_off(stems);
        let published = publish(complete)?;
        let plan = &mastered::noted(plan, request, &published);
        let master = self.song.finish_master(plan, rendered, place).inspect_err(|_| {
            published.iter().for_each(|path| drop(std::fs::remove_file(path)));
        })?;
        let outdated = mastered::outdated(&master_path, &published);
        Ok(StemsMaster { master, stems: stem_files, versions, difference_lsb, work, outdated })
    }

    /// What is written beside the master: the stems, then the versions.
    fn outputs<'a>(&'a self, output: &'a StemsOutput) -> impl Iterator<Item = &'a str> {
        let versions = output.versions.iter().map(|version| &version.name);
        self.names.iter().chain(versions).map(String::as_str)
    }

    /// Where the master goes, and all others; none of them is there, unless it is to be replaced.
    fn paths(
        &self,
        format: OutputFormat,
        request: &Request,
        output: &StemsOutput,
    ) -> Result<(PathBuf, Vec<PathBuf>), Error> {
        let extension = extension_of(format);
        if lossy_codec(format).is_some() {
            return Err(StemsError::Lossy { format: extension }.into());
        }
        let if_exists = if output.replace { IfExists::Replace } else { IfExists::Refuse };
        let mut taken = BTreeSet::new();
        let mut path = |stem: &str| -> Result<PathBuf, Error> {
            let parts = NameParts {
                stem,
                target: &request.delivery().id,
                target_asked: request.target_asked(),
                reference: request.reference_name(),
                extension,
            };
            let path = output.folder.join(parts.fill(output.template.as_deref())?);
            if !taken.insert(path.clone()) {
                return Err(StemsError::SameFile { name: stem.to_owned(), path }.into());
            }
            // The other ways around what exists are not for many files that belong together.
            slot(path, if_exists, &self.files).map(|slot| slot.path().to_owned()).map_err(|error| {
                match error {
                    Error::Exists { path } => writing::cannot(&path, EncodeError::Exists),
                    error => error,
                }
            })
        };
        let paths = self.outputs(output).map(&mut path).collect::<Result<_, Error>>()?;
        Ok((path(&self.title)?, paths))
    }

    /// The format of the master, which is that of the stems.
    fn format(&self, plan: &Plan) -> Result<PcmFormat, Error> {
        let settings = &plan.document.settings;
        let chain = FloatChain::new(settings, self.lineup.spec);
        let chain = chain
            .map_err(|reason| Error::Settings { name: self.song.name().to_owned(), reason })?;
        let file = plain_file(settings.output.format);
        let (samples, spec) = (settings.output.bits.format(), chain.output_spec());
        Ok(PcmFormat { file, samples, spec })
    }
}
