//! Memory and time of a very long file.

use std::error::Error;
use std::path::Path;

use acetate_audio::{Audio, SampleFormat};
use acetate_bench::process::run as run_program;
use acetate_files::FileFormat;
use serde::Serialize;

use super::material::write;

/// What the long file needed.
#[derive(Serialize)]
pub(crate) struct Long {
    hours: f64,
    peak_memory_mb: Option<f64>,
    wall_s: f64,
    times_real: f64,
}

pub(crate) fn run(acetate: &Path, hours: f64) -> Result<Long, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("long.wav");
    let frames = (hours * 3_600.0 * 44_100.0) as u64;
    println!("{hours} h as RF64: {:.1} GB in the temporary folder", frames as f64 * 4e-9);
    write(&file, (FileFormat::Wav, SampleFormat::Int16), &fading_tones(), 0, frames)?;
    println!("measured by {}", acetate.display());
    let run = run_program(acetate, ["analyze".as_ref(), "--json".as_ref(), file.as_os_str()])?;
    if !run.status.success() {
        return Err(run.stderr.into());
    }
    let long = Long {
        hours,
        peak_memory_mb: run.peak_memory_mb,
        wall_s: run.wall_s,
        times_real: hours * 3_600.0 / run.wall_s,
    };
    println!(
        "{hours} h: {:.0} MB, {:.1} s, {:.0} times real",
        long.peak_memory_mb.unwrap_or(f64::NAN),
        long.wall_s,
        long.times_real
    );
    Ok(long)
}

/// Seven seconds of tones that fade ten times: every table has something to hold.
fn fading_tones() -> Audio {
    let frames = 7 * 44_100;
    let plane = |freq_hz: f64| -> Vec<f32> {
        (0..frames)
            .map(|n| {
                let fade = 1.0 - f64::from(n % 30_870) / 30_870.0;
                let turns = (f64::from(n) * freq_hz / 44_100.0).fract();
                (0.3 * fade * (std::f64::consts::TAU * turns).sin()) as f32
            })
            .collect()
    };
    Audio::from_planes(44_100, vec![plane(220.0), plane(331.0)])
}
