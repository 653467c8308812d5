//! The library from outside, as `examples/embed.rs` uses it: the same bytes as the program's.

use std::ops::ControlFlow;

use acetate::{Observer, Output, Request, Song, Stage};

use crate::program::Studio;

#[path = "../../examples/embed.rs"]
#[allow(dead_code, reason = "its main is for cargo run")]
mod example;

#[test]
fn ten_lines_master_a_file_as_the_program_does() {
    let studio = Studio::with_mix();
    studio.run(&["master", "mix.wav", "-o", "program.wav"]).exit(0);
    let path = |name: &str| studio.path(name).display().to_string();
    let done = example::master(&path("mix.wav"), &path("library.wav"), None).unwrap();
    assert!(done.ends_with('.'), "{done}");
    let bytes = |name: &str| std::fs::read(studio.path(name)).unwrap();
    assert!(bytes("program.wav") == bytes("library.wav"), "the masters differ");
    assert!(studio.path("library.wav.settings.json").exists());
    // What exists is not replaced.
    let again = example::master(&path("mix.wav"), &path("library.wav"), None);
    assert!(matches!(again, Err(acetate::Error::Encode { .. })), "{again:?}");
}

#[test]
fn bytes_become_the_bytes_that_a_file_becomes() {
    let studio = Studio::with_mix();
    studio.run(&["master", "mix.wav", "-t", "loud", "-o", "program.flac"]).exit(0);
    let bytes = std::fs::read(studio.path("mix.wav")).unwrap();
    let song = Song::from_bytes("mix.wav", bytes).unwrap();
    let mut request = Request::target("loud").unwrap();
    request.file.format = Some(acetate::engine::settings::OutputFormat::Flac);
    let plan = song.suggest(&request, &mut ()).unwrap();
    let master = song.master(&plan, Output::memory(), &mut ()).unwrap();
    let program = std::fs::read(studio.path("program.flac")).unwrap();
    assert!(master.bytes() == Some(&program[..]), "the masters differ");
}

#[test]
fn the_name_of_a_master_is_its_format_and_a_plan_is_for_its_own_song() {
    let studio = Studio::with_mix();
    let song = Song::opening(studio.path("mix.wav")).measure(&mut ()).unwrap();
    let plan = song.suggest(&Request::default(), &mut ()).unwrap();
    let begins = [("m.flac", b"fLaC"), ("m.wav", b"RIFF"), ("m.aiff", b"FORM")];
    for (name, magic) in begins {
        let path = studio.path(name);
        let master = song.master(&plan, Output::file(&path), &mut ()).unwrap();
        assert_eq!(&std::fs::read(&path).unwrap()[..4], magic, "{name}");
        let format = format!("{:?}", master.document.settings.output.format).to_lowercase();
        assert_eq!(Some(&*format), name.strip_prefix("m."), "{name}");
    }
    assert!(song.master(&plan, Output::file(studio.path("m.xyz")), &mut ()).is_err());
    let other = Song::from_samples("other", 48_000, vec![vec![0.1; 96_000]]).unwrap();
    let refused = other.master(&plan, Output::memory(), &mut ());
    assert!(matches!(refused, Err(acetate::Error::OtherSound { .. })), "{refused:?}");
}

/// Stops with the second step of a search.
struct StopInside(usize);

impl Observer for StopInside {
    fn progress(&mut self, stage: Stage, _: f64) -> ControlFlow<()> {
        self.0 += usize::from(stage == Stage::Fitting);
        if self.0 > 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[test]
fn a_stop_inside_a_search_is_cancelled_and_no_failure() {
    let studio = Studio::with_mix();
    let song = Song::opening(studio.path("mix.wav")).measure(&mut ()).unwrap();
    let loud = Request::target("loud").unwrap();
    let stopped = song.suggest(&loud, &mut StopInside(0));
    assert!(matches!(stopped, Err(acetate::Error::Cancelled)), "{stopped:?}");
    assert!(matches!(acetate::album::Album::open(&[], &mut ()), Err(acetate::Error::Album(_))));
}

#[test]
fn a_song_is_never_replaced_by_its_master() {
    let studio = Studio::with_mix();
    let path = studio.path("mix.wav");
    let before = std::fs::read(&path).unwrap();
    let song = Song::opening(&path).measure(&mut ()).unwrap();
    let plan = song.suggest(&Request::target("loud").unwrap(), &mut ()).unwrap();
    let spelt = studio.path("there");
    std::fs::create_dir(&spelt).unwrap();
    for own in [path.clone(), spelt.join("../mix.wav")] {
        let refused = song.master(&plan, Output::file(own).replace(true), &mut ());
        assert!(matches!(refused, Err(acetate::Error::IsInput { .. })), "{refused:?}");
    }
    assert!(std::fs::read(&path).unwrap() == before, "the mix has changed");
}

/// Stops at the first step of a stage.
struct StopAt(Stage);

impl Observer for StopAt {
    fn progress(&mut self, stage: Stage, _: f64) -> ControlFlow<()> {
        if stage == self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[test]
fn work_can_be_stopped_at_every_stage_and_leaves_nothing() {
    let studio = Studio::with_mix();
    let stopped = |error: Option<acetate::Error>| matches!(error, Some(acetate::Error::Cancelled));
    let opening = || Song::opening(studio.path("mix.wav"));
    assert!(stopped(opening().measure(&mut StopAt(Stage::Measuring)).err()));
    let song = opening().measure(&mut ()).unwrap();
    let request = Request::target("loud").unwrap();
    assert!(stopped(song.suggest(&request, &mut StopAt(Stage::Fitting)).err()));
    let plan = song.suggest(&request, &mut ()).unwrap();
    let before = studio.names();
    for stage in [Stage::Rendering, Stage::Verifying] {
        let output = Output::file(studio.path("master.wav"));
        assert!(stopped(song.master(&plan, output, &mut StopAt(stage)).err()), "{stage:?}");
        assert_eq!(studio.names(), before, "{stage:?} left something");
    }
}

#[test]
fn samples_that_are_no_sound_are_refused_with_what_is_wrong() {
    let said = |rate_hz: u32, planes: Vec<Vec<f32>>| {
        Song::from_samples("x", rate_hz, planes).unwrap_err().to_string()
    };
    assert!(said(48_000, vec![]).contains("0 channels"));
    assert!(said(48_000, vec![vec![]]).contains("no samples"));
    assert!(said(48_000, vec![vec![0.0; 9], vec![0.0; 8]]).contains("channel 2 has 8 samples"));
    assert!(said(4_000, vec![vec![0.0; 9]]).contains("4000 Hz is outside"));
    assert!(said(48_000, vec![vec![0.0, f32::NAN]]).contains("channel 1, frame 1"));
    assert!(said(48_000, vec![vec![0.0; 9]; 9]).contains("9 channels"));
}
