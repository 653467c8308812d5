//! Running the program on small files of its own.

use std::f64::consts::TAU;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A folder for one test, and the program run inside it.
pub struct Studio {
    folder: TempDir,
}

impl Studio {
    pub fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// A studio with a 24-bit stereo mix called `mix.wav`.
    pub fn with_mix() -> Self {
        let studio = Self::new();
        studio.mix("mix.wav");
        studio
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes four seconds of something like music.
    pub fn mix(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        write_mix(&path, 44_100, hound::SampleFormat::Int, 24);
        path
    }

    /// The program, to be run in the folder, without anything from outside.
    pub fn command(&self) -> Command {
        self.alone(Command::new(env!("CARGO_BIN_EXE_acetate")))
    }

    /// Runs a line as a shell does, in the folder, with the program in its path; gives what it said.
    pub fn shell(&self, line: &str) -> Run {
        let program = Path::new(env!("CARGO_BIN_EXE_acetate"));
        let mut path = program.parent().unwrap().as_os_str().to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let mut shell = self.alone(Command::new("sh"));
        Run::new(shell.env("PATH", path).args(["-c", line]).output().unwrap())
    }

    fn alone(&self, mut command: Command) -> Command {
        command.current_dir(self.folder.path());
        for name in ["NO_COLOR", "CLICOLOR_FORCE", "ACETATE_CONFIG", "ACETATE_LIBRARY"] {
            command.env_remove(name);
        }
        command
            .env("HOME", self.folder.path())
            .env("XDG_DATA_HOME", self.folder.path().join("data"));
        command
    }

    /// Runs the program; gives what it said.
    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::new(self.command().args(arguments).output().unwrap())
    }

    /// Runs the program with bytes on standard input.
    pub fn run_with(&self, arguments: &[&str], stdin: Vec<u8>) -> Run {
        Run::new(self.command().args(arguments).write_stdin(stdin).output().unwrap())
    }

    /// The names in the folder, sorted.
    pub fn names(&self) -> Vec<String> {
        names_in(self.folder.path())
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&self.read(name)).unwrap()
    }
}

/// The names in a folder, sorted; none when it is not there.
pub fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What one run of the program gave.
pub struct Run {
    pub code: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Run {
    fn new(output: Output) -> Self {
        Self {
            code: output.status.code().expect("ended by itself"),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Expects an exit code.
    #[track_caller]
    pub fn exit(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stderr, self.text());
        self
    }

    /// Expects exactly one line on standard error that contains `part`.
    #[track_caller]
    pub fn one_line(self, part: &str) -> Self {
        assert_eq!(self.stderr.lines().count(), 1, "{}", self.stderr);
        assert!(self.stderr.starts_with("acetate: "), "{}", self.stderr);
        assert!(self.stderr.contains(part), "{:?} is not in {}", part, self.stderr);
        self
    }

    /// The analysis of the only file.
    pub fn analysis(&self) -> Value {
        let result = self.json();
        assert_eq!(result["files"].as_array().map(Vec::len), Some(1), "{result}");
        result["files"][0]["analysis"].clone()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

/// Four seconds of a beat, a bass, a chord and some air; -20 LUFS or so.
pub fn write_mix(path: &Path, sample_rate_hz: u32, sample_format: hound::SampleFormat, bits: u16) {
    write_seconds(path, 4, sample_rate_hz, sample_format, bits);
}

/// A minute of the same.
pub fn write_long_mix(path: &Path) {
    write_seconds(path, 60, 44_100, hound::SampleFormat::Int, 16);
}

fn write_seconds(
    path: &Path,
    seconds: u32,
    sample_rate_hz: u32,
    sample_format: hound::SampleFormat,
    bits: u16,
) {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: sample_rate_hz,
        bits_per_sample: bits,
        sample_format,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    let mut noise = Noise(1);
    for frame in 0..seconds * sample_rate_hz {
        let time_s = f64::from(frame) / f64::from(sample_rate_hz);
        for side in [-1.0, 1.0] {
            let sample = voice(time_s, side, &mut noise);
            match sample_format {
                hound::SampleFormat::Float => writer.write_sample(sample as f32).unwrap(),
                hound::SampleFormat::Int => {
                    let full_scale = f64::from(1u32 << (bits - 1));
                    writer.write_sample((sample * full_scale).round() as i32).unwrap();
                }
            }
        }
    }
    writer.finalize().unwrap();
}

fn voice(time_s: f64, side: f64, noise: &mut Noise) -> f64 {
    let beat_s = time_s % 0.5;
    let kick = 0.22
        * (-18.0 * beat_s).exp()
        * (TAU * (48.0 * beat_s + 3.0 * (1.0 - (-40.0 * beat_s).exp()))).sin();
    let hat = 0.03 * (-60.0 * ((time_s + 0.25) % 0.5)).exp() * noise.next();
    let bass = 0.08 * (TAU * 55.0 * time_s).sin();
    let chord: f64 = [220.0, 277.18, 329.63, 880.0, 2637.0]
        .iter()
        .enumerate()
        .map(|(index, hz)| {
            let pan = 1.0 + side * if index % 2 == 0 { 0.4 } else { -0.4 };
            0.02 * pan * (TAU * hz * time_s + index as f64).sin()
        })
        .sum();
    kick + hat + bass + chord + 0.002 * noise.next()
}

/// A small generator of uniform numbers in -1 to 1 (Lehmer, modulus 2^31 - 1).
pub struct Noise(pub u64);

impl Noise {
    pub fn next(&mut self) -> f64 {
        self.0 = self.0 * 48_271 % 0x7fff_ffff;
        self.0 as f64 / f64::from(0x4000_0000) - 1.0
    }
}

/// A WAV of whole numbers.
#[derive(Clone, Copy, Debug)]
pub struct Wav {
    pub rate_hz: u32,
    pub channels: u16,
    pub bits: u16,
    pub frames: u32,
}

impl Wav {
    /// Stereo at 44.1 kHz in 24 bits.
    pub fn seconds(seconds: f64) -> Self {
        let rate_hz = 44_100;
        let frames = (seconds * f64::from(rate_hz)) as u32;
        Self { rate_hz, channels: 2, bits: 24, frames }
    }

    /// Writes what `value` gives for a channel at a time in seconds, full scale being 1.
    pub fn write(self, path: &Path, mut value: impl FnMut(u16, f64) -> f64) {
        let spec = hound::WavSpec {
            channels: self.channels,
            sample_rate: self.rate_hz,
            bits_per_sample: self.bits,
            sample_format: hound::SampleFormat::Int,
        };
        let top = f64::from((1u32 << (self.bits - 1)) - 1);
        let mut writer = hound::WavWriter::create(path, spec).unwrap();
        for frame in 0..self.frames {
            let time_s = f64::from(frame) / f64::from(self.rate_hz);
            for channel in 0..self.channels {
                let whole = (top * value(channel, time_s).clamp(-1.0, 1.0)).round();
                writer.write_sample(whole as i32).unwrap();
            }
        }
        writer.finalize().unwrap();
    }
}

/// The samples of a WAV file, as they are stored.
pub fn samples(path: &Path) -> Vec<i64> {
    let mut reader = hound::WavReader::open(path).unwrap();
    match reader.spec().sample_format {
        hound::SampleFormat::Int => {
            reader.samples::<i32>().map(|sample| i64::from(sample.unwrap())).collect()
        }
        hound::SampleFormat::Float => {
            reader.samples::<f32>().map(|sample| i64::from(sample.unwrap().to_bits())).collect()
        }
    }
}
