//! Other meters: ffmpeg's ebur128, and a small program around libebur128 that is built on the spot.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use acetate_audio::{Audio, Source};
use acetate_bench::process::run;
use serde::Serialize;

/// The program around libebur128.
const PROGRAM: &str = include_str!("../../../c/ebur128.c");

/// What a meter reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Readings {
    pub(crate) integrated_lufs: Option<f64>,
    pub(crate) loudness_range_lu: Option<f64>,
    pub(crate) true_peak_dbtp: Option<f64>,
}

/// The arguments with which ffmpeg measures a file.
pub(crate) fn ffmpeg_arguments(file: &Path) -> Vec<String> {
    let file = file.to_string_lossy();
    ["-nostdin", "-nostats", "-hide_banner", "-i", &*file, "-filter_complex", "ebur128=peak=true"]
        .into_iter()
        .chain(["-f", "null", "-"])
        .map(str::to_owned)
        .collect()
}

/// What ffmpeg reads; `None` when it is not there or cannot read the file. Its numbers have one decimal.
pub(crate) fn ffmpeg(file: &Path) -> Option<Readings> {
    let run = run("ffmpeg", ffmpeg_arguments(file)).ok()?;
    let summary = run.stderr.rsplit_once("Summary:")?.1;
    let number = |name: &str| -> Option<f64> {
        let line = summary.lines().map(str::trim).find(|line| line.starts_with(name))?;
        line[name.len()..].split_whitespace().next()?.parse().ok().filter(|x: &f64| x.is_finite())
    };
    // A loudness of -70 is its word for none.
    Some(Readings {
        integrated_lufs: number("I:").filter(|&lufs| lufs > -70.0),
        loudness_range_lu: number("LRA:"),
        true_peak_dbtp: number("Peak:"),
    })
}

/// The program around libebur128.
pub(crate) struct LibEbur128 {
    program: PathBuf,
    folder: tempfile::TempDir,
}

impl LibEbur128 {
    /// Builds it; `None`, and a line that says so, where there is no compiler or no library.
    pub(crate) fn build() -> Result<Option<Self>, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let source = folder.path().join("ebur128.c");
        std::fs::write(&source, PROGRAM)?;
        let program = folder.path().join("ebur128");
        let built = Command::new("cc")
            .args(["-O2".as_ref(), source.as_os_str(), "-o".as_ref(), program.as_os_str()])
            .args(["-lebur128", "-lm"])
            .output();
        if built.is_ok_and(|built| built.status.success()) {
            return Ok(Some(Self { program, folder }));
        }
        println!("SKIPPED: libebur128 (no compiler, or no library to build against)");
        Ok(None)
    }

    /// Decoded sound as the program reads it: interleaved floats.
    pub(crate) fn samples(&self, source: &Source) -> Result<Samples, Box<dyn Error>> {
        let path = self.folder.path().join("samples.f32");
        let mut file = BufWriter::new(File::create(&path)?);
        let mut pass = source.blocks()?;
        let mut block = Audio::silence(source.spec(), 0);
        while pass.next_block(&mut block)? {
            for frame in 0..block.frames() {
                for plane in block.planes() {
                    file.write_all(&plane[frame].to_le_bytes())?;
                }
            }
        }
        file.flush()?;
        let spec = source.spec();
        Ok(Samples { path, arguments: [u64::from(spec.sample_rate_hz), spec.channels as u64] })
    }

    /// A run over samples; its output.
    pub(crate) fn run(&self, samples: &Samples) -> Result<String, Box<dyn Error>> {
        let output = Command::new(&self.program)
            .args(samples.arguments.map(|number| number.to_string()))
            .stdin(Stdio::from(File::open(&samples.path)?))
            .output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// What it reads.
    pub(crate) fn read(&self, samples: &Samples) -> Result<Readings, Box<dyn Error>> {
        let text = self.run(samples)?;
        let numbers: Vec<Option<f64>> = text
            .split_whitespace()
            .map(|number| number.parse().ok().filter(|number: &f64| number.is_finite()))
            .collect();
        let [integrated_lufs, loudness_range_lu, true_peak_dbtp] = numbers[..] else {
            return Ok(Readings::default());
        };
        Ok(Readings { integrated_lufs, loudness_range_lu, true_peak_dbtp })
    }
}

/// Sound that the program around libebur128 can read.
pub(crate) struct Samples {
    path: PathBuf,
    arguments: [u64; 2],
}
