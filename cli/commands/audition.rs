//! `acetate audition`: which of two, a few times, until the master is what is liked.

use std::io::{BufRead, IsTerminal, stdin};
use std::path::PathBuf;

use acetate::library::IfExists as Kept;
use acetate::optimizer::Answer;
use acetate::output::{IfExists, expect_writable, place, write_text};
use acetate::text::moves::sheet;
use acetate::{AuditionFolder, Request, Sitting, Song, made_by};
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::fit_arguments::FitArguments;
use crate::format_arguments::FormatArguments;
use crate::global::{Global, json_text, print, print_json};
use crate::inputs::expand;
use crate::invocation;
use crate::lookup;
use crate::progress::Progress;
use crate::reading::{measure, warn};
use crate::speech::say;
use crate::wishes::requests;

/// Find your taste: a few blind choices between two, and settings that follow
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  acetate audition song.wav                    asks which of two, five to eight times: song.wav.audition/\n  acetate audition song.wav --keep mine        and keeps what you like: acetate master other.wav --style mine\n  acetate pick song.wav.audition/settings.json the master of it, beside the song\n  acetate audition song.wav --step             without a terminal: writes the pair, and\n  acetate audition song.wav --answer a         answers it and writes the next"
)]
pub(crate) struct AuditionArguments {
    /// The mix
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Keep what you like under this name, for --style
    #[arg(long, value_name = "NAME")]
    keep: Option<String>,
    /// Go on when enough is known, to be surer
    #[arg(long)]
    more: bool,
    /// Write the pair that is to be heard, and ask nothing
    #[arg(long)]
    step: bool,
    /// Answer the pair that was written, write the next, and ask nothing
    #[arg(long, value_enum, value_name = "WHICH")]
    answer: Option<AnswerArgument>,
    #[command(flatten)]
    fit: FitArguments,
    #[command(flatten)]
    format: FormatArguments,
    /// Folder for the pairs and the answers [default: beside the mix]
    #[arg(short = 'd', long, value_name = "DIR", help_heading = "Output")]
    output_dir: Option<PathBuf>,
    /// Begin anew: earlier answers are forgotten, and a taste of the name is replaced
    #[arg(short = 'f', help_heading = "Output")]
    replace: bool,
}

impl AuditionArguments {
    /// What becomes of a taste that has the name already.
    fn kept(&self) -> Kept {
        if self.replace { Kept::Replace } else { Kept::Refuse }
    }
}

/// An answer on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AnswerArgument {
    /// A is better
    A,
    /// B is better
    B,
    /// They are equal, or cannot be told apart
    Same,
    /// Take the last answer back
    Undo,
}

/// What a person said.
enum Said {
    Answer(AnswerArgument),
    End,
    Quit,
}

pub(crate) fn run(arguments: &AuditionArguments, global: &Global) -> Outcome<Exit> {
    let inputs = expand(std::slice::from_ref(&arguments.file))?;
    let [input] = inputs.list.as_slice() else {
        return Err(Failure::usage("audition takes one song").next("name one file"));
    };
    let asks = !arguments.step && arguments.answer.is_none();
    if asks && !stdin().is_terminal() && !global.dry_run {
        return Err(Failure::usage(
            "audition asks which of two you like, and standard input is no terminal",
        )
        .next("--step writes the first pair, --answer a|b|same|undo goes on"));
    }
    let requests = requests(&arguments.fit, &arguments.format.wish())?;
    let [request] = requests.as_slice() else {
        return Err(Failure::usage("audition takes one target").next("give -t once"));
    };
    let name = format!("{}.audition", input.short_name());
    let folder = AuditionFolder::at(place(input, &name, arguments.output_dir.as_deref()));
    if let Some(name) = &arguments.keep {
        let free = lookup::library()?.expect_free_for_taste(name, arguments.kept());
        free.map_err(|error| Failure::refused(error).next("--keep takes another name"))?;
    }
    expect_writable(folder.path())?;
    let progress = global.progress();
    if global.dry_run {
        progress
            .done("Would", &format!("write pairs and settings into {}", folder.path().display()));
        return Ok(Exit::Done);
    }
    let song = measure(input, 1, request.mono(), &progress)?;
    warn(&song, &progress);
    let begun = folder.state().exists() && !arguments.replace;
    let mut sitting = if begun {
        let again = |error| Failure::from(error).next("-f begins anew, -d names another folder");
        folder.open(&song, request).map_err(again)?
    } else {
        song.audition(request)?
    };
    if let Some(answer) = arguments.answer {
        if !begun {
            return Err(Failure::usage("no pair was heard yet").next("--step writes the first"));
        }
        take(&mut sitting, answer)?;
    }
    let mut audition = Session { arguments, song, request, folder, sitting, progress, global };
    audition.ask(asks)
}

/// One audition, and where it is told.
struct Session<'a> {
    arguments: &'a AuditionArguments,
    song: Song,
    request: &'a Request,
    folder: AuditionFolder,
    sitting: Sitting,
    progress: Progress,
    global: &'a Global,
}

impl Session<'_> {
    /// Asks until enough is known, or writes one pair.
    fn ask(&mut self, asks: bool) -> Outcome<Exit> {
        let mut end = false;
        loop {
            self.folder.keep(&self.sitting)?;
            if end || (self.sitting.is_done() && !self.arguments.more) {
                return self.finish();
            }
            let mut watching = self.progress.watching(self.song.name(), None);
            let pair =
                self.folder.write_pair(&self.song, &self.sitting, self.request, &mut watching)?;
            drop(watching);
            let Some([first, second]) = pair else { return self.finish() };
            let (number, all) = (self.sitting.answered() + 1, self.sitting.asked_for());
            let files = format!("{} and {}", first.display(), second.display());
            self.progress.note("Listen", &format!("pair {number} of {all}: {files}"));
            if !asks {
                if self.global.wants_json() {
                    print_json(&json!({
                        "pair": [first, second], "answered": number - 1, "asked_for": all, "done": false,
                        "certainty": self.sitting.certainty(),
                    }))?;
                }
                let song = invocation::quoted(self.arguments.file.display().to_string());
                let next = format!("acetate audition {song} --answer a (or b, same, undo)");
                self.progress.note("Next", &next);
                return Ok(Exit::Done);
            }
            match said(number)? {
                Said::Answer(answer) => match take(&mut self.sitting, answer) {
                    Ok(()) => {}
                    Err(failure) => say(&format!("acetate: {failure}")),
                },
                Said::End => end = true,
                Said::Quit => {
                    self.progress.note("Kept", "the same command goes on from here");
                    return Ok(Exit::Done);
                }
            }
        }
    }

    /// The settings that the answers lead to.
    fn finish(&self) -> Outcome<Exit> {
        let Self { arguments, song, folder, sitting, progress, global, .. } = self;
        folder.clear()?;
        let request = sitting.request(self.request);
        let mut watching = progress.watching(song.name(), None);
        let mut plan = song.suggest(&request, &mut watching)?;
        drop(watching);
        let command = invocation::for_input(song.short_name());
        let made = made_by(Some(command), request.options.seed, &request.md5());
        plan.document.made_by = Some(made);
        let settings = folder.settings();
        write_text(&settings, &json_text(&plan.document)?, IfExists::Replace)?;
        let (words, certainty) = (sitting.words(), sitting.certainty());
        if global.wants_json() {
            print_json(&json!({
                "settings": settings, "answered": sitting.answered(), "done": true, "words": words,
                "certainty": certainty, "lean": sitting.audition.lean(),
            }))?;
        } else {
            print(&sheet(&plan.document, global.paint()))?;
        }
        progress.done("Liked", &words);
        progress.done("Sure", &certainty.to_string());
        progress.done("Wrote", &settings.display().to_string());
        if let Some(name) = &arguments.keep {
            let taste = sitting.taste(name, self.request);
            let path = lookup::library()?.add_taste(&taste, arguments.kept()).map_err(|error| {
                Failure::refused(error)
                    .next("the same command with another --keep goes on from the answers")
            })?;
            progress.done("Kept", &format!("{}  {}", taste.id, path.display()));
            progress.note("Next", &format!("acetate master other.wav --style {}", taste.id));
        }
        progress.note("Next", &format!("acetate pick {}", settings.display()));
        Ok(Exit::Done)
    }
}

/// Takes an answer, or takes one back.
fn take(sitting: &mut Sitting, answer: AnswerArgument) -> Outcome<()> {
    let taken = match answer {
        AnswerArgument::A => sitting.answer(Answer::First),
        AnswerArgument::B => sitting.answer(Answer::Second),
        AnswerArgument::Same => sitting.answer(Answer::Same),
        AnswerArgument::Undo => sitting.undo(),
    };
    if taken { Ok(()) } else { Err(Failure::usage("there is no answer to take back")) }
}

/// What a person types about a pair; the end of the input is a pause.
fn said(number: usize) -> Outcome<Said> {
    let ended = if number > 1 { ", [u]ndo, [e]nd here" } else { "" };
    say(&format!("which do you like? [a], [b], the [s]ame{ended}, [q]uit and go on later"));
    for line in stdin().lock().lines() {
        let line =
            line.map_err(|error| Failure::failed(format!("cannot read what is typed: {error}")))?;
        return Ok(match line.trim().to_lowercase().as_str() {
            "a" | "1" => Said::Answer(AnswerArgument::A),
            "b" | "2" => Said::Answer(AnswerArgument::B),
            "s" | "same" | "=" => Said::Answer(AnswerArgument::Same),
            "u" | "undo" => Said::Answer(AnswerArgument::Undo),
            "e" | "end" if number > 1 => Said::End,
            "q" | "quit" => Said::Quit,
            _ => {
                say("a, b, s, u, e or q");
                continue;
            }
        });
    }
    Ok(Said::Quit)
}
