//! One song: from its bytes to a master that has its name.

use std::path::Path;

use acetate_engine::settings::OutputFormat;
use acetate_files::Reader;
use serde_json::json;

use super::content::{beside, master_name};
use super::deadline::Deadline;
use super::entry::Entry;
use super::fetch::{Fetched, fetch, sha256_of};
use super::line::{Levels, Line, State};
use super::orders::Prepared;
use super::run::Catalogue;
use super::store::{Created, placing, stands};
use crate::documents::settings_text;
use crate::master::Judged;
use crate::observer::Watch;
use crate::output::render::{Rendered, Rendering};
use crate::{Error, Song, made_by};

/// What is beside a master, by the endings of their names.
const SETTINGS: &str = "settings.json";
const LINE: &str = "song.json";

impl Catalogue {
    /// Reads a song and notes that work on it begins.
    pub(super) fn begin(
        &self,
        entry: &Entry,
        order: &str,
        fetched: &mut Option<Fetched>,
    ) -> Result<(), Error> {
        let stamp = fetched.insert(fetch(&entry.song)?).stamp.clone();
        self.add(&Line {
            order: order.to_owned(),
            stamp: Some(stamp),
            ..Line::new(&entry.name, State::Begun)
        })
    }

    /// The line of a song that was mastered, now or before; `about` writes into it what the row says.
    pub(super) fn mastered(
        &self,
        entry: &Entry,
        fetched: &Fetched,
        deadline: &mut Deadline<'_>,
        about: &dyn Fn(Line, &Deadline<'_>) -> Line,
    ) -> Result<Line, Error> {
        let prepared = self.orders.request(&entry.wishes)?;
        let format = output_format(entry, fetched, &prepared)?;
        let name = master_name(&fetched.sha256, &prepared.wishes, format);
        if self.store.has(&name)? {
            return Ok(about(self.line_there(&name, fetched)?, deadline));
        }
        let request = &prepared.request;
        let opening = Song::opening_file(entry.name.clone(), fetched.path.as_path().into());
        let opening =
            opening.memory_limit_bytes(self.options.memory_bytes / 2).mono(request.mono());
        let song = opening.measure(deadline)?;
        let mut plan = song.suggest(request, deadline)?;
        plan.document.made_by = Some(made_by(None, request.options.seed, &request.md5()));
        let place = self.store.place(&name);
        let watch = Watch::new(deadline);
        let (settings, target) = (&plan.document.settings, Some(plan.target()));
        let rendering = Rendering {
            song: &song,
            settings,
            target,
            place: placing(place.as_ref()),
            kept: None,
            watch: &watch,
        };
        let mut rendered = match rendering.render() {
            Ok(rendered) => rendered,
            // A song of the same bytes was quicker.
            Err(error) if stands(&error) => {
                return Ok(about(self.line_there(&name, fetched)?, deadline));
            }
            Err(error) => return Err(error),
        };
        // Rendered anywhere, it is called what it will be.
        rendered.after.analysis.file = name.rsplit('/').next().map(str::to_owned);
        let Judged { mut document, verdict, done } = song.judged(&plan, &rendered);
        if fetched.is_copy()
            && let Some(source) = &mut document.source
        {
            source.stamp = None;
        }
        let line = Line {
            output: Some(name.clone()),
            target: Some(plan.target().id.clone()),
            met: Some(verdict.met() && !song.source().is_incomplete()),
            missing_s: song.missing_s(),
            done: Some(done),
            duration_s: Some(song.source().duration_s()),
            before: Some(Levels::of(song.analysis())),
            after: Some(Levels::of(&rendered.after.analysis)),
            verdict: Some(json!(verdict)),
            findings: song.analysis().findings.iter().map(|finding| finding.code.clone()).collect(),
            input_sha256: Some(fetched.sha256.clone()),
            pcm_md5: Some(song.pcm_md5()?.to_owned()),
            output_sha256: Some(sha256_of_rendered(&rendered)?),
            ..Line::new(&entry.name, State::Done)
        };
        let line = about(line, deadline);
        let cannot = |reason: serde_json::Error| Error::Document {
            name: name.clone(),
            reason: reason.to_string(),
        };
        // What is told about it first, the master last: whoever sees a master finds all of it.
        let settings = settings_text(&document).map_err(cannot)?;
        self.store.create(&beside(&name, SETTINGS), settings.as_bytes())?;
        self.store.create(&beside(&name, LINE), (line.to_json() + "\n").as_bytes())?;
        match self.store.publish(&name, rendered)? {
            Created::Made => Ok(line),
            Created::Stood => Ok(Line { state: State::There, ..line }),
        }
    }

    /// The line of a master that was there, as it was written then.
    fn line_there(&self, name: &str, fetched: &Fetched) -> Result<Line, Error> {
        let bytes = self.store.read(&beside(name, LINE))?.unwrap_or_default();
        let written: Line =
            acetate_documents::from_text(&String::from_utf8_lossy(&bytes)).unwrap_or_default();
        Ok(Line {
            state: State::There,
            output: Some(name.to_owned()),
            input_sha256: Some(fetched.sha256.clone()),
            schema: Line::new("", State::There).schema,
            ..written
        })
    }
}

/// The format of the master, from the header of the song.
fn output_format(
    entry: &Entry,
    fetched: &Fetched,
    prepared: &Prepared,
) -> Result<OutputFormat, Error> {
    let path: &Path = &fetched.path;
    let reader = Reader::open(path).map_err(|error| Error::read(&entry.name, error))?;
    let request = &prepared.request;
    Ok(request.file.output(None, Some(request.delivery()), reader.format())?.format)
}

fn sha256_of_rendered(rendered: &Rendered) -> Result<String, Error> {
    let path = rendered.path().expect("it is rendered into a file");
    let cannot = |error| Error::read(path.display().to_string(), error);
    sha256_of(&mut std::fs::File::open(path).map_err(cannot)?).map_err(cannot)
}
