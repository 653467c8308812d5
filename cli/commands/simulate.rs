//! `acetate simulate`: what is left of a song on phones, laptops, in cars and clubs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use acetate::audio::Mono;
use acetate::check::codec::{Lossy, USUAL};
use acetate::text::translation::sheet;
use acetate::translation::System;
use acetate::{
    Error, Input, Observer, SimulateRequest, SimulatedSound, Song, Translation, in_order, players,
    simulated_files, stems_beside, system_named,
};
use clap::Args;
use serde_json::json;

use super::check::{CodecChoice, chosen, codec};
use crate::completing;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print, print_json_line};
use crate::inputs::{InputArguments, Inputs, expand};
use crate::mono::MonoArgument;
use crate::reading::{measure, measure_only, warn};
use crate::result::{CommandResult, FileResult};
use crate::speech::say;

/// Hear a song elsewhere: what phones, laptops, cars and clubs leave of it
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate simulate song.wav                     all systems, what is lost on each\n  acetate simulate song.wav --on phone,car130   these alone\n  acetate simulate song.wav --on earbuds --noise cafe\n  acetate simulate song.wav --system kitchen.json\n  acetate simulate song.wav --stems stems/      which stem disappears where\n  acetate simulate song.wav --on phone,car100 -d heard --true-level\n  acetate simulate album/ --json | jq .files[0].translation.findings\n\nkitchen.json: {\"id\": \"kitchen\", \"hz\": [100, 1000, 10000], \"curve_db\": [-12, 0, -3]}"
)]
pub(crate) struct SimulateArguments {
    #[command(flatten)]
    inputs: InputArguments,
    /// Systems: phone, laptop, bluetooth, tv, car50, car100, car130, club, earbuds, train, headphones, mono, or all [default: all]; and vinyl, cassette
    #[arg(long, value_name = "LIST", value_delimiter = ',', add = completing::systems())]
    on: Vec<String>,
    /// Also a system of one's own: its curve in a file; repeatable
    #[arg(long, value_name = "FILE")]
    system: Vec<PathBuf>,
    /// Lossy codecs to send it through: aac128, ogg160, opus96, mp3_320, sbc328, ..., or none (needs ffmpeg) [default: aac256,ogg160,
    /// with all systems]
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = codec, add = completing::codecs())]
    codec: Option<Vec<CodecChoice>>,
    /// Also try what mastering can do for these systems: what it wins there and costs at home, or why nothing is to be done (each try is
    /// a render)
    #[arg(long = "for", value_name = "LIST", value_delimiter = ',', value_parser = system_of, add = completing::systems())]
    for_systems: Vec<System>,
    /// Noise beside the music on all of them: room, car50, car100, car130, cafe, train
    #[arg(long, value_name = "ID")]
    noise: Option<String>,
    /// Level at the listener on all of them, dB(A)
    #[arg(long, value_name = "DBA", allow_negative_numbers = true, value_parser = level)]
    level: Option<u8>,
    /// Its stems: a folder of files that begin with the song and add up to it; those that disappear are named
    #[arg(long, value_name = "DIR")]
    stems: Option<PathBuf>,
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

/// A level that music is played at.
fn level(text: &str) -> Result<u8, String> {
    let known = text.parse().ok().filter(|level| (30..=120).contains(level));
    known.ok_or_else(|| {
        "it is how loud the music is at the ear, 30 to 120 dB(A): 70 is a living room".to_owned()
    })
}

/// A system by its name, for options that list some.
pub(crate) fn system_of(name: &str) -> Result<System, String> {
    system_named(name).map_err(|error| crate::failure::Failure::from(error).to_string())
}

impl SimulateArguments {
    /// What the options ask for.
    fn request(&self) -> Outcome<SimulateRequest> {
        let level_dba = self.level.map(f64::from);
        let on = SimulateRequest::on(&self.on, &self.system, self.noise.as_deref(), level_dba)?;
        let usual = self.codec.is_none() && self.on.is_empty() && self.system.is_empty();
        let usual = USUAL.into_iter().filter(|_| usual).filter_map(Lossy::named);
        let codecs = chosen(self.codec.as_deref().unwrap_or_default()).chain(usual).collect();
        Ok(SimulateRequest { codecs, for_systems: self.for_systems.clone(), ..on })
    }

    fn simulate(&self, input: &Input, session: &Session<'_>) -> Outcome<Simulated> {
        let Session { request, global, workers, .. } = session;
        let progress = global.progress();
        let song = measure(input, *workers, self.mono(), &progress)?;
        let mut watching = progress.watching(song.name(), None);
        let lain = song.compare_stems(&session.stems, &mut watching)?;
        lain.iter().for_each(|line| progress.note("Stems", line));
        let mut translation = song.simulate(request, &mut watching)?;
        song.find_lost_stems(&session.stems, &request.systems, &mut translation);
        let mut written = Vec::new();
        if let Some(files) = session.files.get(input) {
            written = self.write(&song, files, session, &mut watching)?;
        }
        Ok(Simulated { song, translation, written })
    }

    /// Where sound is to be written, before any work is done.
    fn files(
        &self,
        inputs: &[Input],
        request: &SimulateRequest,
    ) -> Outcome<BTreeMap<Input, Vec<PathBuf>>> {
        let Some(folder) = &self.output_dir else { return Ok(BTreeMap::new()) };
        let files = simulated_files(folder, inputs, request, self.replace).map_err(|error| {
            let claimed = matches!(error, Error::Claimed { .. });
            let failure = Failure::from(error);
            if claimed { failure.next("give each song a folder of its own") } else { failure }
        })?;
        Ok(inputs.iter().cloned().zip(files).collect())
    }

    /// The stems, measured.
    fn stems(&self, inputs: &Inputs, global: &Global) -> Outcome<Vec<Song>> {
        let Some(folder) = &self.stems else { return Ok(Vec::new()) };
        if inputs.list.len() != 1 {
            return Err(Failure::usage("--stems are of one song, and several are named"));
        }
        let progress = global.progress();
        let found = expand(std::slice::from_ref(folder))?.list;
        let (stems, left_out) = stems_beside(&inputs.list[0], &found)?;
        left_out.iter().for_each(|line| progress.note("Skipped", line));
        stems.iter().map(|stem| measure_only(stem, self.mono(), &progress)).collect()
    }

    /// How a file of one channel is counted: it is played on two loudspeakers.
    fn mono(&self) -> Mono {
        self.mono.asked().unwrap_or(Mono::Dual)
    }

    /// Says which of the codecs that were asked for could not be tried, and how the run ends then.
    fn exit(&self, name: &str, translation: &Translation) -> Exit {
        let untried = |codec: &acetate::translation::AfterCodec| {
            codec
                .not_tried
                .as_ref()
                .map(|reason| format!("{} was not tried: {reason}", codec.codec))
        };
        let untried: Vec<String> = translation.codecs.iter().filter_map(untried).collect();
        if self.codec.is_none() || untried.is_empty() {
            return Exit::Done;
        }
        say(&format!("acetate: {name}: {}", untried.join("; ")));
        Exit::Failed
    }

    /// Writes what it sounds like there.
    fn write(
        &self,
        song: &Song,
        files: &[PathBuf],
        session: &Session<'_>,
        observer: &mut dyn Observer,
    ) -> Outcome<Vec<PathBuf>> {
        let wish = SimulatedSound {
            files: files.to_vec(),
            true_level: self.true_level,
            replace: self.replace,
        };
        let progress = session.global.progress();
        if session.global.dry_run {
            let would = |file: &PathBuf| format!("write {}", file.display());
            files.iter().for_each(|file| progress.done("Would", &would(file)));
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
    /// Where sound is written, of each input.
    files: BTreeMap<Input, Vec<PathBuf>>,
    stems: Vec<Song>,
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
    let request = arguments.request()?;
    let files = arguments.files(&inputs.list, &request)?;
    let stems = arguments.stems(&inputs, global)?;
    let session = Session { request, files, stems, global, workers };
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
                        arguments.exit(&name, translation),
                        json!({
                            "translation": translation,
                            "players": players(&song.analysis().loudness),
                            "written": written,
                        }),
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
