//! Other tools that mend, and how each is run with the settings that served it best.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use acetate_bench::masters::{open, write_float};
use acetate_bench::peers::{finished, python};
use serde::Serialize;

use crate::damage::Damaged;
use crate::material::{Excerpt, in_steps};
use crate::score;
use crate::work::Kind::{self, Clicks, Clipping, Crackle, Hiss, Hum};
use Program::{Cathar, Ffmpeg, Libsonare, Noisereduce, Sox};

/// Longest that a step may take.
const PATIENCE: Duration = Duration::from_secs(150);

/// What a tool is told of the damage, where acetate is told nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Told {
    Nothing,
    /// 50 or 60 Hz, whichever it is.
    Mains,
    /// The level at which tops are cut off.
    Level,
    /// The noise alone, all of it, or how loud it is.
    Noise,
}

/// A program that runs a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    Ffmpeg,
    Sox,
    Cathar,
    Libsonare,
    Noisereduce,
}

/// A tool with its settings: `in.wav` becomes `out.wav`, and `noise.wav` is the noise alone. Of ffmpeg the filter stands here, of libsonare the stage,
/// of noisereduce its settings, of others the command line; what stands in braces is told.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) kinds: &'static [Kind],
    pub(crate) told: Told,
    steps: &'static [(Program, &'static str)],
}

/// A tool that is told nothing.
const fn plain(
    name: &'static str,
    kinds: &'static [Kind],
    steps: &'static [(Program, &'static str)],
) -> Tool {
    Tool { name, kinds, told: Told::Nothing, steps }
}

/// A tool that is told something.
const fn told(
    told: Told,
    name: &'static str,
    kinds: &'static [Kind],
    steps: &'static [(Program, &'static str)],
) -> Tool {
    Tool { name, kinds, told, steps }
}

/// All of them.
pub(crate) const TOOLS: &[Tool] = &[
    plain("ffmpeg adeclick", &[Clicks, Crackle], &[(Ffmpeg, "adeclick")]),
    plain("ffmpeg adeclick, overlap-save", &[Clicks, Crackle], &[(Ffmpeg, "adeclick=m=s")]),
    plain("libsonare declick", &[Clicks], &[(Libsonare, r#"{"stage":"declick"}"#)]),
    plain("cathar declick (5)", &[Clicks], &[(Cathar, "declick in.wav -o out.wav -t 5")]),
    plain(
        "libsonare decrackle (0.02)",
        &[Crackle],
        &[(Libsonare, r#"{"stage":"decrackle","threshold":0.02}"#)],
    ),
    plain(
        "libsonare decrackle, wavelets",
        &[Crackle],
        &[(Libsonare, r#"{"stage":"decrackle","mode":"waveletShrinkage"}"#)],
    ),
    plain("cathar decrackle", &[Crackle], &[(Cathar, "decrackle in.wav -o out.wav")]),
    told(Told::Mains, "ffmpeg notches 2 Hz wide", &[Hum], &[(Ffmpeg, "{ffmpeg_notches}")]),
    told(
        Told::Mains,
        "sox notches 1 Hz wide",
        &[Hum],
        &[(Sox, "in.wav -e floating-point -b 32 out.wav {sox_notches}")],
    ),
    told(
        Told::Mains,
        "libsonare dehum",
        &[Hum],
        &[(Libsonare, r#"{"stage":"dehum","fundamentalHz":{mains},"harmonics":8}"#)],
    ),
    told(
        Told::Mains,
        "libsonare dehum (q 100)",
        &[Hum],
        &[(Libsonare, r#"{"stage":"dehum","fundamentalHz":{mains},"harmonics":8,"q":100}"#)],
    ),
    told(
        Told::Mains,
        "cathar dehum, adaptive",
        &[Hum],
        &[(Cathar, "dehum in.wav -o out.wav -f {mains} -n 8 --adaptive")],
    ),
    plain("ffmpeg afftdn", &[Hiss], &[(Ffmpeg, "afftdn")]),
    told(Told::Noise, "ffmpeg afftdn, floor told", &[Hiss], &[(Ffmpeg, "afftdn=nf={floor}")]),
    told(
        Told::Noise,
        "sox noisered (0.05)",
        &[Hiss],
        &[
            (Sox, "noise.wav -n noiseprof noise.profile"),
            (Sox, "in.wav -e floating-point -b 32 out.wav noisered noise.profile 0.05"),
        ],
    ),
    told(Told::Noise, "noisereduce", &[Hiss], &[(Noisereduce, "{}")]),
    told(
        Told::Noise,
        "noisereduce, by 12 dB",
        &[Hiss],
        &[(Noisereduce, r#"{"n_fft":2048,"prop_decrease":0.749,"n_std_thresh_stationary":0}"#)],
    ),
    plain("libsonare denoise", &[Hiss], &[(Libsonare, r#"{"stage":"denoise"}"#)]),
    plain(
        "libsonare denoise, by 12 dB",
        &[Hiss],
        &[(
            Libsonare,
            r#"{"stage":"denoise","nFft":4096,"hopLength":1024,"reductionDb":12,"noiseEstimationQuantile":0.02,"speechPresenceGain":false}"#,
        )],
    ),
    plain("ffmpeg adeclip", &[Clipping], &[(Ffmpeg, "adeclip")]),
    told(
        Told::Level,
        "libsonare declip",
        &[Clipping],
        &[(Libsonare, r#"{"stage":"declip","clipThreshold":{level}}"#)],
    ),
    told(
        Told::Level,
        "cathar declip (SPADE)",
        &[Clipping],
        &[(Cathar, "declip in.wav -o out.wav -t {level}")],
    ),
];

impl Program {
    pub(crate) const ALL: [Self; 5] =
        [Self::Ffmpeg, Self::Sox, Self::Cathar, Self::Libsonare, Self::Noisereduce];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ffmpeg => "ffmpeg",
            Self::Sox => "sox",
            Self::Cathar => "cathar",
            Self::Libsonare => "libsonare",
            Self::Noisereduce => "noisereduce",
        }
    }

    /// A line with its version.
    ///
    /// # Errors
    /// A line on what is missing.
    pub(crate) fn version(self) -> Result<String, String> {
        let mut command = match self {
            Self::Libsonare | Self::Noisereduce => {
                let script = format!(
                    "import {0}, importlib.metadata as m; print(m.version('{0}'))",
                    self.name()
                );
                python(&script)?
            }
            Self::Ffmpeg => with(Command::new(self.name()), ["-version"]),
            Self::Sox | Self::Cathar => with(Command::new(self.name()), ["--version"]),
        };
        let run = command.output().map_err(|error| error.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if !run.status.success() {
            return Err(text(&run.stderr).lines().last().unwrap_or("failed").to_owned());
        }
        // `ffmpeg version 5.1 Copyright ...`, `sox: SoX v14.4.2`: words with a digit are versions.
        let out = text(&run.stdout);
        let is_version = |word: &&str| word.contains(|c: char| c.is_ascii_digit());
        Ok(out.split_whitespace().find(is_version).unwrap_or(&out).to_owned())
    }

    /// One step, in a folder.
    fn run(self, step: &str, folder: &Path) -> Result<(), String> {
        let words = step.split_whitespace();
        let mut command = match self {
            Self::Ffmpeg => {
                let before = ["-v", "error", "-y", "-i", "in.wav", "-af"];
                with(
                    Command::new("ffmpeg"),
                    before.into_iter().chain([step, "-c:a", "pcm_f32le", "out.wav"]),
                )
            }
            Self::Sox => with(Command::new("sox"), words),
            Self::Cathar => with(Command::new("cathar"), ["--no-banner"].into_iter().chain(words)),
            Self::Libsonare => {
                with(python(include_str!("../../peers/repair.py"))?, ["in.wav", "out.wav", step])
            }
            Self::Noisereduce => with(
                python(include_str!("../../peers/noisereduce.py"))?,
                ["in.wav", "out.wav", "noise.wav", step],
            ),
        };
        finished(command.current_dir(folder), PATIENCE)
    }
}

fn with<'a>(mut command: Command, words: impl IntoIterator<Item = &'a str>) -> Command {
    command.args(words);
    command
}

/// What may be told of a sound.
pub(crate) struct Truth {
    mains_hz: u32,
    level: f64,
    noise: Option<Excerpt>,
}

impl Truth {
    /// Of damage that was made.
    pub(crate) fn of(clean: &Excerpt, damaged: &Damaged) -> Self {
        let mut noise = damaged.sound.clone();
        for (noise, clean) in noise.planes.iter_mut().zip(&clean.planes) {
            noise.iter_mut().zip(clean).for_each(|(x, clean)| *x -= clean);
        }
        // A little less, so that what is cut off there is above it.
        let level = damaged.sound.peak() * 0.9999;
        Self { mains_hz: damaged.mains_hz.unwrap_or(50), level, noise: Some(noise) }
    }

    /// Of a sound that has none: 50 Hz, tops near full scale.
    pub(crate) const NONE: Self = Self { mains_hz: 50, level: 0.98, noise: None };

    /// What stands for the words in braces.
    fn words(&self) -> [(&'static str, String); 5] {
        let lines = |line: fn(u32) -> String, between: &str| {
            (1..=8).map(|k| line(k * self.mains_hz)).collect::<Vec<_>>().join(between)
        };
        let floor_dbfs = self.noise.as_ref().map_or(-50.0, score::level_dbfs);
        [
            ("{mains}", self.mains_hz.to_string()),
            ("{level}", format!("{:.6}", self.level)),
            // ffmpeg takes no other.
            ("{floor}", format!("{:.1}", floor_dbfs.clamp(-80.0, -20.0))),
            ("{sox_notches}", lines(|hz| format!("bandreject {hz} 1h"), " ")),
            ("{ffmpeg_notches}", lines(|hz| format!("bandreject=f={hz}:t=h:w=2:r=f64"), ",")),
        ]
    }
}

impl Tool {
    /// Programs that it needs.
    pub(crate) fn programs(&self) -> impl Iterator<Item = Program> {
        self.steps.iter().map(|(program, _)| *program)
    }

    /// The sound with that mended, in the steps of 24 bits and not late; it may be shorter than it was.
    ///
    /// # Errors
    /// A line on what went wrong.
    pub(crate) fn mended(&self, sound: &Excerpt, truth: &Truth) -> Result<Vec<Vec<f32>>, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let path = |name: &str| folder.path().join(name);
        let write = |sound: &Excerpt, name| {
            write_float(&sound.audio(), &path(name)).map_err(|error| error.to_string())
        };
        write(sound, "in.wav")?;
        if let Some(noise) = truth.noise.as_ref().filter(|_| self.told == Told::Noise) {
            write(noise, "noise.wav")?;
        }
        let words = truth.words();
        for (program, step) in self.steps {
            let fill = |step: String, (word, told): &(&str, String)| step.replace(word, told);
            program.run(&words.iter().fold((*step).to_owned(), fill), folder.path())?;
        }
        let source = open(&path("out.wav")).map_err(|error| error.to_string())?;
        let out = source.audio().ok_or("too long")?;
        if out.planes().len() != sound.planes.len() || out.spec().sample_rate_hz != sound.rate_hz {
            return Err("came out with other channels or at another rate".to_owned());
        }
        let late = delay(&sound.planes[0], &out.planes()[0]);
        let plane = |plane: &Vec<f32>| {
            let frames = plane.iter().skip(late).take(sound.frames());
            frames.map(|&x| in_steps(x.into()) as f32).collect()
        };
        Ok(out.planes().iter().map(plane).collect())
    }
}

/// Largest delay that is looked for, samples.
const DELAY_MAX: usize = 4096;
/// Length of what is compared, samples.
const COMPARED: usize = 16_384;

/// The delay at which an output is nearest to its input, in the middle of the piece: cross-correlation less half the energy of the output there.
fn delay(input: &[f64], output: &[f32]) -> usize {
    let length = COMPARED.min(input.len() / 2);
    let start = (input.len() - length) / 2;
    let input = &input[start..start + length];
    let nearness = |delay: usize| -> f64 {
        let delayed = output.get(start + delay..).unwrap_or_default();
        let pairs = input.iter().zip(delayed).map(|(x, &y)| (x, f64::from(y)));
        pairs.map(|(x, y)| x * y - 0.5 * y * y).sum()
    };
    (0..DELAY_MAX).rev().max_by(|&a, &b| nearness(a).total_cmp(&nearness(b))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_output_is_found_late_by_as_much() {
        let noise = |n: usize| ((n * n) as f64 * 0.7).sin();
        let input: Vec<f64> = (0..60_000).map(noise).collect();
        for late in [0, 1, 1102, 4000] {
            let quieter = input.iter().map(|x| 0.9 * *x as f32);
            let output: Vec<f32> = std::iter::repeat_n(0.0, late).chain(quieter).collect();
            assert_eq!(delay(&input, &output), late);
        }
    }
}
