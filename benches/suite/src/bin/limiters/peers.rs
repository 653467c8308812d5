//! Limiters of other programs, run as programs.

use std::io::Write;
use std::process::{Command, Stdio};

use acetate_audio::Audio;

use crate::rivals::Rival;

/// The Python with `libsonare` and `matchering`, if any.
const PYTHON_VARIABLE: &str = "ACETATE_PEERS_PYTHON";
const SCRIPT: &str = include_str!("peers.py");
/// Largest delay that is looked for, samples.
const DELAY_MAX: usize = 4096;

/// The peers that are installed.
pub(crate) fn peers() -> Vec<Box<dyn Rival>> {
    let mut found: Vec<Box<dyn Rival>> = Vec::new();
    if Command::new("ffmpeg").arg("-version").stdout(Stdio::null()).status().is_ok() {
        found.push(Box::new(Ffmpeg {
            name: "ffmpeg alimiter 4x",
            filter: |rate, ceiling| {
                let wide = 4 * rate;
                format!("aresample={wide},alimiter=limit={ceiling}:attack=5:release=50:level=0:latency=1,aresample={rate}")
            },
        }));
        found.push(Box::new(Ffmpeg {
            name: "ffmpeg apsyclip",
            filter: |_, ceiling| format!("apsyclip=clip={ceiling}:level=0"),
        }));
    }
    if let Ok(python) = std::env::var(PYTHON_VARIABLE) {
        for (name, kind) in [
            ("libsonare truePeakLimiter", "maximizer.truePeakLimiter"),
            ("libsonare maximizer", "maximizer.maximizer"),
            ("matchering limiter", "matchering"),
        ] {
            found.push(Box::new(Python { name, kind, python: python.clone() }));
        }
    }
    found
}

struct Ffmpeg {
    name: &'static str,
    filter: fn(u32, f32) -> String,
}

impl Rival for Ffmpeg {
    fn name(&self) -> &str {
        self.name
    }

    fn limit(&self, driven: &Audio, ceiling: f32) -> Option<Audio> {
        let spec = driven.spec();
        let filter = (self.filter)(spec.sample_rate_hz, ceiling);
        let (rate, channels) = (spec.sample_rate_hz.to_string(), spec.channels.to_string());
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-f", "f32le", "-ar", &rate, "-ac", &channels, "-i", "-"]);
        command.args(["-af", &filter, "-f", "f32le", "-ar", &rate, "-"]);
        run(command, driven)
    }
}

struct Python {
    name: &'static str,
    kind: &'static str,
    python: String,
}

impl Rival for Python {
    fn name(&self) -> &str {
        self.name
    }

    fn limit(&self, driven: &Audio, ceiling: f32) -> Option<Audio> {
        if driven.spec().channels != 2 {
            return None;
        }
        let mut command = Command::new(&self.python);
        let rate = driven.spec().sample_rate_hz.to_string();
        command.args(["-c", SCRIPT, self.kind, &rate, &ceiling.to_string()]);
        run(command, driven)
    }
}

/// Sends interleaved floats through a program, and takes its delay out.
fn run(mut command: Command, driven: &Audio) -> Option<Audio> {
    let spec = driven.spec();
    let mut bytes = Vec::with_capacity(driven.frames() * spec.channels * 4);
    for frame in 0..driven.frames() {
        for plane in driven.planes() {
            bytes.extend(plane[frame].to_le_bytes());
        }
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let mut input = child.stdin.take()?;
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let output = child.wait_with_output().ok()?;
    let written = writer.join().ok()?;
    if !output.status.success() || written.is_err() {
        return None;
    }
    let mut planes = vec![Vec::with_capacity(driven.frames()); spec.channels];
    for (i, sample) in output.stdout.chunks_exact(4).enumerate() {
        planes[i % spec.channels].push(f32::from_le_bytes(sample.try_into().ok()?));
    }
    let delay = delay(driven.channel(0), &planes[0]);
    for plane in &mut planes {
        plane.drain(..delay.min(plane.len()));
        plane.resize(driven.frames(), 0.0);
    }
    Some(Audio::from_planes(spec.sample_rate_hz, planes))
}

/// The delay at which an output agrees best with its input, in the middle of the piece.
fn delay(input: &[f32], output: &[f32]) -> usize {
    let length = 16_384.min(input.len() / 2);
    let start = (input.len() - length) / 2;
    let agreement = |delay: usize| -> f64 {
        let delayed = output.get(start + delay..).unwrap_or_default();
        input[start..start + length]
            .iter()
            .zip(delayed)
            .map(|(&x, &y)| f64::from(x) * f64::from(y))
            .sum()
    };
    (0..DELAY_MAX).max_by(|&a, &b| agreement(a).total_cmp(&agreement(b))).unwrap_or(0)
}
