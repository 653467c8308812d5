//! `acetate simulate`: what is left of a song on phones, laptops, in cars and clubs.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use acetate::check::codec::{Lossy, USUAL};
use acetate::text::translation::sheet;
use acetate::translation::System;
use acetate::{
    Input, Observer, SimulateRequest, SimulatedSound, Song, Translation, in_order, noise_named,
    system_file, system_named,
};
use clap::Args;
use serde_json::json;

use super::check::{CodecChoice, chosen, codec};
use crate::completing;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print, print_json_line};
use crate::inputs::InputArguments;
use crate::mono::MonoArgument;
use crate::reading::{measure, warn};
use crate::result::{CommandResult, FileResult};
use crate::speech::say;

/// Hear a song elsewhere: what phones, laptops, cars and clubs leave of it
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate simulate song.wav                     all systems, what is lost on each\n  acetate simulate song.wav --on phone,car130   these alone\n  acetate simulate song.wav --on earbuds --noise cafe\n  acetate simulate song.wav --system kitchen.json\n  acetate simulate song.wav --on phone,car100 -d heard --true-level\n  acetate simulate album/ --json | jq .files[0].translation.findings\n\nkitchen.json: {\"id\": \"kitchen\", \"hz\": [100, 1000, 10000], \"curve_db\": [-12, 0, -3]}"
)]
pub(crate) struct SimulateArguments {
    #[command(flatten)]
    inputs: InputArguments,
    /// Systems: phone, laptop, bluetooth, tv, car50, car100, car130, club, earbuds, train, headphones, mono, or all [default: all]
    #[arg(long, value_name = "LIST", value_delimiter = ',', add = completing::systems())]
    on: Vec<String>,
    /// Also a system of one's own: its curve in a file; repeatable
    #[arg(long, value_name = "FILE")]
    system: Vec<PathBuf>,
    /// Lossy codecs to send it through: aac128, ogg160, opus96, mp3_320, sbc328, ..., or none (needs ffmpeg) [default: aac256,ogg160,
    /// with all systems]
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = codec, add = completing::codecs())]
    codec: Option<Vec<CodecChoice>>,
    /// Noise beside the music on all of them: room, car50, car100, car130, cafe, train
    #[arg(long, value_name = "ID")]
    noise: Option<String>,
    /// Level at the listener on all of them, dB(A)
    #[arg(long, value_name = "DBA", value_parser = clap::value_parser!(u8).range(30..=120))]
    level: Option<u8>,
    /// Write what it sounds like there into this folder: song.phone.wav, ..., all as loud as the song
    #[arg(short = 'd', long, value_name = "DIR", help_heading = "Output")]
    output_dir: Option<PathBuf>,
    /// As loud as it is there, with the noise beside it
    #[arg(long, requires = "output_dir", help_heading = "Output")]
    true_level: bool,
    /// Replace what exists (never the input)
    #[arg(short = 'f', requires = "output_dir", help_heading = "Output")]
    replace: bool,
    #[command(flatten)]
    mono: MonoArgument,
}

/// A system by its name, for options that list some.
pub(crate) fn system_of(name: &str) -> Result<System, String> {
    system_named(name).map_err(|error| crate::failure::Failure::from(error).to_string())
}

impl SimulateArguments {
    /// What the options ask for.
    fn request(&self) -> Outcome<SimulateRequest> {
        let own = self.system.iter().map(|path| system_file(path));
        let own = own.collect::<Result<Vec<System>, _>>()?;
        let mut systems = Vec::new();
        for name in &self.on {
            match name.as_str() {
                "all" => systems.extend(SimulateRequest::default().systems),
                name => systems.push(system_named(name)?),
            }
        }
        if self.on.is_empty() && own.is_empty() {
            systems = SimulateRequest::default().systems;
        }
        let mut ids = HashSet::new();
        systems.retain(|system| ids.insert(system.id.clone()));
        for system in own {
            if !ids.insert(system.id.clone()) {
                return Err(Failure::usage(format!("there are two systems called {}", system.id))
                    .next("give the one of --system another id"));
            }
            systems.push(system);
        }
        let noise = self.noise.as_deref().map(noise_named).transpose()?;
        for system in &mut systems {
            system.noise = noise.clone().unwrap_or_else(|| system.noise.clone());
            system.level_dba = self.level.map_or(system.level_dba, f64::from);
        }
        let usual = self.codec.is_none() && self.on.is_empty() && self.system.is_empty();
        let usual = USUAL.into_iter().filter(|_| usual).filter_map(Lossy::named);
        let codecs = chosen(self.codec.as_deref().unwrap_or_default()).chain(usual).collect();
        Ok(SimulateRequest { systems, codecs })
    }

    fn simulate(&self, input: &Input, session: &Session<'_>) -> Outcome<Simulated> {
        let Session { request, global, workers } = session;
        let progress = global.progress();
        let song = measure(input, *workers, self.mono.asked().unwrap_or_default(), &progress)?;
        let mut watching = progress.watching(song.name(), None);
        let translation = song.simulate(request, &mut watching)?;
        let mut written = Vec::new();
        if let Some(folder) = &self.output_dir {
            written = self.write(&song, folder, session, &mut watching)?;
        }
        Ok(Simulated { song, translation, written })
    }

    /// Writes what it sounds like there.
    fn write(
        &self,
        song: &Song,
        folder: &Path,
        session: &Session<'_>,
        observer: &mut dyn Observer,
    ) -> Outcome<Vec<PathBuf>> {
        let wish = SimulatedSound {
            folder: folder.to_owned(),
            true_level: self.true_level,
            replace: self.replace,
        };
        let progress = session.global.progress();
        if session.global.dry_run {
            let files = wish.files(song.name(), &session.request);
            files
                .iter()
                .for_each(|file| progress.done("Would", &format!("write {}", file.display())));
            return Ok(Vec::new());
        }
        let written = song.write_simulated(&session.request, &wish, observer)?;
        written.files.iter().for_each(|file| progress.done("Wrote", &file.display().to_string()));
        if written.lowered_db >= 0.05 && !self.true_level {
            let lowered = format!(
                "all {:.1} dB quieter than the song, so that none clips",
                written.lowered_db
            );
            progress.note("Note", &lowered);
        }
        Ok(written.files)
    }
}

/// What is the same for all files.
struct Session<'a> {
    request: SimulateRequest,
    global: &'a Global,
    workers: usize,
}

/// One file, and what is left of it.
struct Simulated {
    song: Song,
    translation: Translation,
    written: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &SimulateArguments, global: &Global) -> Outcome<Exit> {
    let inputs = arguments.inputs.expand()?;
    let workers = if inputs.single { 1 } else { global.workers() };
    let session = Session { request: arguments.request()?, global, workers };
    let mut files = Vec::new();
    let mut printed = Ok(());
    in_order(
        &inputs.list,
        workers,
        |input| (input.name(), arguments.simulate(input, &session)),
        |(name, simulated)| {
            let file = match &simulated {
                Ok(Simulated { song, translation, written }) => {
                    warn(song, &global.progress());
                    if !global.wants_json() && printed.is_ok() {
                        printed =
                            print(&sheet(&name, song.analysis(), translation, global.paint()));
                    }
                    FileResult::done(
                        &name,
                        Exit::Done,
                        json!({ "translation": translation, "written": written }),
                    )
                }
                Err(failure) => {
                    say(&format!("acetate: {failure}"));
                    FileResult::failed(&name, failure)
                }
            };
            if global.jsonl && printed.is_ok() {
                printed = print_json_line(&file);
            }
            files.push(file);
        },
    );
    printed?;
    let result = CommandResult::of("simulate", files);
    result.print(global.json, false)?;
    Ok(result.exit())
}
