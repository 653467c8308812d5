//! Masters a file as the program does: `cargo run --example embed -- mix.wav master.wav [record.flac]`.

use std::ops::ControlFlow;

use acetate::{Observer, Output, Request, Song, Stage};

/// Writes on standard error how far the work is.
struct Percent;

impl Observer for Percent {
    fn progress(&mut self, stage: Stage, share: f64) -> ControlFlow<()> {
        eprint!("\r{stage:?} {:3.0} %  ", share * 100.0);
        ControlFlow::Continue(())
    }

    fn note(&mut self, text: &str) {
        eprintln!("\r{text}");
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (mix, master, record) = match arguments.as_slice() {
        [mix, master] => (mix, master, None),
        [mix, master, record] => (mix, master, Some(record)),
        _ => return Err("usage: embed MIX MASTER [RECORD]".into()),
    };
    let song = Song::opening(mix).measure(&mut Percent)?;
    let mut request = Request::default();
    if let Some(record) = record {
        request = request.reference(record)?;
    }
    let plan = song.suggest(&request, &mut Percent)?;
    let made = song.master(&plan, Output::file(master), &mut Percent)?;
    eprintln!("\r{}", plan.document.summary);
    println!("{}", made.done);
    Ok(())
}
