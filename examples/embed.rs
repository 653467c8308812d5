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

/// Masters `mix` into the new file `master`, after `record` where there is one; says what was done.
pub fn master(mix: &str, master: &str, record: Option<&str>) -> Result<String, acetate::Error> {
    let song = Song::opening(mix).measure(&mut Percent)?;
    let mut request = Request::default();
    if let Some(record) = record {
        request = request.reference(record)?;
    }
    let plan = song.suggest(&request, &mut Percent)?;
    let made = song.master(&plan, Output::file(master), &mut Percent)?;
    Ok(made.done)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.as_slice() {
        [mix, out] => master(mix, out, None)?,
        [mix, out, record] => master(mix, out, Some(record))?,
        _ => return Err("usage: embed MIX MASTER [RECORD]".into()),
    };
    println!("{done}");
    Ok(())
}
