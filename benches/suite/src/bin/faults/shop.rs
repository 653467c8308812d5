//! A folder with songs to master, and what their masters must be.

use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use acetate_bench::process::acetate;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// What a promise that was broken looks like.
pub(crate) type Outcome<T> = Result<T, String>;

/// Songs in the folder.
const SONGS: usize = 6;
const SECONDS: u32 = 6;
const RATE_HZ: u32 = 44_100;

/// Files of a folder by name, with their bytes.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A folder that is removed at the end.
pub(crate) struct Shop {
    root: PathBuf,
    program: PathBuf,
    songs: Files,
    random: Xoshiro256PlusPlus,
}

impl Drop for Shop {
    fn drop(&mut self) {
        // What is left is in the temporary folder of the system anyway.
        let _ = fs::remove_dir_all(&self.root);
    }
}

impl Shop {
    pub(crate) fn new(program: Option<&Path>, seed: u64) -> Outcome<Self> {
        let program = acetate(program)?;
        let root = std::env::temp_dir().join(format!("acetate-faults-{}", std::process::id()));
        fs::create_dir_all(root.join("songs")).map_err(text)?;
        for number in 0..SONGS {
            write_song(&root.join(format!("songs/{number}.wav")), number as u64, SECONDS, 2)?;
        }
        let songs = files(&root.join("songs"))?;
        let random = Xoshiro256PlusPlus::seed_from_u64(seed);
        Ok(Self { root, program, songs, random })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The program, to be run in the folder without anything from outside.
    pub(crate) fn acetate<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).current_dir(&self.root).stdin(Stdio::null());
        command.env_clear().env("HOME", &self.root).env("TMPDIR", &self.root);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run<S: AsRef<OsStr>>(
        &self,
        words: impl IntoIterator<Item = S>,
    ) -> Outcome<Output> {
        self.acetate(words).output().map_err(text)
    }

    /// Runs to the end and expects exit 0; gives the time it took.
    pub(crate) fn finish<S: AsRef<OsStr>>(
        &self,
        words: impl IntoIterator<Item = S>,
    ) -> Outcome<Duration> {
        let begun = Instant::now();
        let output = self.run(words)?;
        expect(output.status.success(), || format!("did not finish: {}", said(&output)))?;
        Ok(begun.elapsed())
    }

    /// A moment within `longest`.
    pub(crate) fn moment(&mut self, longest: Duration) -> Duration {
        longest.mul_f64(self.random.gen_range(0.0..1.0))
    }

    /// Waits for a moment of a run that takes about `whole_run`, or for its end: `true` while it is running.
    ///
    /// When it ends first, `whole_run` is what it took: other programs may use the machine more or less than before.
    pub(crate) fn wait_into(&mut self, run: &mut Child, whole_run: &mut Duration) -> Outcome<bool> {
        const BEYOND: f64 = 1.2;
        let (begun, moment) = (Instant::now(), self.moment(whole_run.mul_f64(BEYOND)));
        while begun.elapsed() < moment {
            if run.try_wait().map_err(text)?.is_some() {
                *whole_run = begun.elapsed();
                return Ok(false);
            }
            sleep(Duration::from_millis(1));
        }
        Ok(true)
    }

    /// The songs are what they were.
    pub(crate) fn check_inputs(&self) -> Outcome<()> {
        let now: Files = files(&self.path("songs"))?;
        expect(now == self.songs, || "an input was changed".to_owned())
    }

    /// Empties the folder of the masters.
    pub(crate) fn clear(&self) -> Outcome<()> {
        match fs::remove_dir_all(self.path("songs/mastered")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.to_string()),
            _ => Ok(()),
        }
    }

    /// The masters and their settings.
    pub(crate) fn masters(&self) -> Outcome<Files> {
        files(&self.path("songs/mastered"))
    }
}

/// Sends a signal to a process that was started here.
pub(crate) fn signal(child: &Child, name: &str) -> Outcome<()> {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).output();
    sent.map(|_| ()).map_err(text)
}

/// An error of the system, as text.
pub(crate) fn text(error: std::io::Error) -> String {
    error.to_string()
}

/// A promise.
pub(crate) fn expect(held: bool, broken: impl FnOnce() -> String) -> Outcome<()> {
    if held { Ok(()) } else { Err(broken()) }
}

/// How a run ended and what it said.
pub(crate) fn said(output: &Output) -> String {
    format!("{}, {}", output.status, String::from_utf8_lossy(&output.stderr).trim())
}

/// Is this the name of a temporary file?
pub(crate) fn is_temporary(name: &str) -> bool {
    name.starts_with(".acetate-") && name.ends_with(".tmp")
}

/// The plain files of a folder; none when it is not there.
pub(crate) fn files(folder: &Path) -> Outcome<Files> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Files::new()) };
    let mut files = Files::new();
    for entry in entries {
        let entry = entry.map_err(text)?;
        if entry.file_type().map_err(text)?.is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            files.insert(name, fs::read(entry.path()).map_err(text)?);
        }
    }
    Ok(files)
}

/// Writes a beat, a chord and some noise, another for each number.
pub(crate) fn write_song(path: &Path, number: u64, seconds: u32, channels: u16) -> Outcome<()> {
    let spec = hound::WavSpec {
        channels,
        sample_rate: RATE_HZ,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).map_err(|error| error.to_string())?;
    let mut random = Xoshiro256PlusPlus::seed_from_u64(number);
    // One second of it is enough: the files differ, and are cheap to make however long.
    let second: Vec<i16> = (0..RATE_HZ * u32::from(channels))
        .map(|index| {
            let time_s = f64::from(index / u32::from(channels)) / f64::from(RATE_HZ);
            let beat = (-20.0 * (time_s % 0.5)).exp() * (TAU * 60.0 * time_s).sin();
            let chord = (TAU * (220.0 + 20.0 * number as f64) * time_s).sin();
            let noise: f64 = random.gen_range(-1.0..1.0);
            (3000.0 * (2.0 * beat + 0.5 * chord + 0.2 * noise)) as i16
        })
        .collect();
    for _ in 0..seconds {
        let mut writer = writer.get_i16_writer(second.len() as u32);
        second.iter().for_each(|&sample| writer.write_sample(sample));
        writer.flush().map_err(|error| error.to_string())?;
    }
    writer.finalize().map_err(|error| error.to_string())
}
