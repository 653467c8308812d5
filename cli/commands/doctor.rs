//! `acetate doctor`: what this program can do here, and whether its meters are right.

use std::f64::consts::TAU;

use acetate::analyzer::analyze;
use acetate::audio::units::db_to_amplitude;
use acetate::audio::{Audio, Source};
use clap::Args;
use serde_json::json;

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::global::{Global, print, print_json};
use acetate::files::lossy::{AAC, LossyCodec, MP3, OPUS, VORBIS, ffmpeg};

/// What this program can do here, and a test of its meters
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  acetate doctor\n  acetate doctor --json")]
pub(crate) struct DoctorArguments {}

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    ok: bool,
    needed: bool,
    text: String,
}

pub(crate) fn run(global: &Global) -> Outcome<Exit> {
    let mut findings = vec![
        fact(
            "version",
            format!("acetate {}, sound {}", env!("CARGO_PKG_VERSION"), acetate::engine::SOUND),
        ),
        fact("threads", global.workers().to_string()),
        fact("reads", "WAV RF64 W64 AIFF CAF FLAC ALAC MP3 AAC Vorbis Opus".to_owned()),
        fact("writes", "WAV RF64 AIFF FLAC".to_owned()),
        ffmpeg_itself(),
    ];
    findings.extend([MP3, VORBIS, OPUS, AAC].map(encoder));
    findings.extend(meters()?);
    let broken = findings.iter().any(|finding| finding.needed && !finding.ok);
    let exit = if broken { Exit::Failed } else { Exit::Done };
    if global.wants_json() {
        let list: Vec<_> = findings
            .iter()
            .map(|finding| json!({ "what": finding.what, "ok": finding.ok, "text": finding.text }))
            .collect();
        print_json(&json!({
            "schema": crate::result::SCHEMA, "command": "doctor", "ok": !broken, "exit": exit, "files": [], "findings": list,
        }))?;
        return Ok(exit);
    }
    let paint = global.paint();
    for Finding { what, ok, needed, text } in &findings {
        let word = match (ok, needed) {
            (true, _) => paint.good("ok"),
            (false, true) => paint.bad("wrong"),
            (false, false) => paint.warn("absent"),
        };
        print(&format!("{what:<12} {text}  {word}\n"))?;
    }
    Ok(exit)
}

fn fact(what: &'static str, text: String) -> Finding {
    Finding { what, ok: true, needed: true, text }
}

/// Needed for lossy codecs only.
fn ffmpeg_itself() -> Finding {
    let version = ffmpeg::version();
    let text = version.unwrap_or("not installed: check says \"not checked\" about lossy codecs");
    Finding { what: "ffmpeg", ok: version.is_some(), needed: false, text: text.to_owned() }
}

/// Lossy formats are encoded by an installed program.
fn encoder(codec: LossyCodec) -> Finding {
    let available = codec.expect_encoder();
    let by = codec.encoder().unwrap_or_default();
    let text = available.clone().map_or_else(|why| why, |()| format!("written by {by}"));
    Finding { what: codec.name, ok: available.is_ok(), needed: false, text }
}

/// Sounds whose measures are known from the standards' formulas.
fn meters() -> Outcome<Vec<Finding>> {
    // EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS for 20 s reads -23.0 LUFS.
    let sine = measured(1000.0, 48_000, 20, db_to_amplitude(-23.0), 0.0)?;
    // EBU Tech 3341, case 16: a sine at a quarter of the rate, 45 degrees: samples 3 dB below its peak of -6 dBTP.
    let between = measured(12_000.0, 48_000, 2, 0.5, TAU / 8.0)?;
    Ok(vec![
        reading("loudness", sine.0, -23.0, 0.1, 0.1, "LUFS"),
        reading("true peak", between.1, -6.0, 0.4, 0.2, "dBTP"),
    ])
}

/// Loudness and true peak of a stereo sine.
fn measured(
    freq_hz: f64,
    rate_hz: u32,
    seconds: u32,
    amplitude: f64,
    phase: f64,
) -> Outcome<(Option<f64>, Option<f64>)> {
    let plane: Vec<f32> = (0..seconds * rate_hz)
        .map(|frame| {
            let angle = TAU * freq_hz * f64::from(frame) / f64::from(rate_hz) + phase;
            (amplitude * libm::sin(angle)) as f32
        })
        .collect();
    let source = Source::from_audio(Audio::from_planes(rate_hz, vec![plane.clone(), plane]));
    let analysis = analyze(&source).map_err(Failure::failed)?.analysis;
    Ok((analysis.loudness.integrated_lufs, analysis.loudness.true_peak_dbtp))
}

fn reading(
    what: &'static str,
    value: Option<f64>,
    expected: f64,
    below: f64,
    above: f64,
    unit: &str,
) -> Finding {
    let ok = value.is_some_and(|value| (expected - below..=expected + above).contains(&value));
    let shown = value.map_or_else(|| "nothing".to_owned(), |value| format!("{value:.2}"));
    Finding { what, ok, needed: true, text: format!("{shown} {unit} where {expected:.1} is right") }
}
